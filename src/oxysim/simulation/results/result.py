"""What a simulation returns: labelled values with units, inputs, the realised schedule, status and
provenance.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from oxysim.arrays import BoolArray, FloatArray
from oxysim.errors import InputError, unknown_name
from oxysim.model import registry
from oxysim.simulation.equations.system import variable_rows
from oxysim.simulation.results import reading
from oxysim.simulation.results.course_readings import CourseReadings
from oxysim.simulation.results.result_file import read_result, write_result
from oxysim.simulation.results.run_status import RunStatus
from oxysim.simulation.run import PreparedRun
from oxysim.texts import Described, age_text, counted, listed

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class Result(Described, CourseReadings):
    """The outcome of one :func:`simulate`.

    Attributes
    ----------
    dataset : xarray.Dataset with one variable a name ("mother.cortisol", dims dyad, time, attrs
        units and long_name), inputs that ever leave their level of rest
        ("input.mother.skin_contact"), ``status`` and ``reason`` by dyad, coordinates ``dyad`` (its
        number), ``time`` (min since 00:00 of the first simulated day, so time modulo 1440 is the
        clock) and ``infant_age`` (min at that midnight).
    bouts : ``schedule``, or the function that lays it out.
    record : ``provenance``, or the function that works it out.
    run : what was run, for what is asked between its outputs; None for a result that was read from
    a file.

    >>> import oxysim as ox
    >>> result = ox.simulate(ox.Dyad(), ox.Routine.typical(), "1 h", save="30 min")
    >>> result.time.tolist(), result.ok.tolist()
    ([480.0, 510.0, 540.0], [True])
    """

    dataset: xr.Dataset
    bouts: pd.DataFrame | Callable[[], pd.DataFrame]
    record: Mapping[str, Any] | Callable[[], Mapping[str, Any]]
    run: PreparedRun | None = field(default=None, repr=False)

    @functools.cached_property
    def schedule(self) -> pd.DataFrame:
        """The realised schedule, one row a bout and channel; column ``dyad`` is -1 where all share
        it.

        It is laid out when it is first read: for many dyads over weeks that takes longer than to
        simulate them.

        >>> import oxysim as ox
        >>> result = ox.simulate(ox.Dyad(), ox.Routine.typical(), "1 h", save="30 min")
        >>> result.schedule["dyad"].unique().tolist()
        [-1]
        """
        return self.bouts() if callable(self.bouts) else self.bouts

    @functools.cached_property
    def provenance(self) -> Mapping[str, Any]:
        """Version, engine, tolerances, seed, window, changed parameters, edges: what the result
        rests on. It is worked out when it is first read.

        >>> import oxysim as ox
        >>> result = ox.simulate(ox.Dyad(), ox.Routine.typical(), "1 h", save="30 min")
        >>> result.provenance["engine"]
        'scipy'
        """
        return self.record() if callable(self.record) else self.record

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """What it is, for print and notebooks."""
        low, high = (reading.clock_and_day(end) for end in (self.time[0], self.time[-1]))
        ages = np.unique(self.dataset["infant_age"].values)
        channels = [
            name.removeprefix("input.")
            for name in map(str, self.dataset.data_vars)
            if name.startswith("input.")
        ]
        pairs: list[tuple[str, object]] = [
            (
                "of",
                (
                    f"{counted(self.dataset.sizes['dyad'], 'dyad')}"
                    f" ({', '.join((*self.caregivers, 'infant'))})"
                ),
            ),
            (
                "infant",
                " to ".join(
                    age_text(age) for age in dict.fromkeys((float(ages[0]), float(ages[-1])))
                ),
            ),
            ("from", f"{low} to {high}, {counted(len(self.time), 'output')}"),
            (counted(len(self.variables), "variable"), listed(self.variables)),
            ("inputs", listed(channels) if channels else "at rest"),
            ("engine", str(self.provenance.get("engine", "unknown"))),
        ]
        failed = len(self.reasons)
        pairs += (
            [("failed", f"{counted(failed, 'dyad')}: {next(iter(self.reasons.values()))}")]
            if failed
            else []
        )
        pairs += [("between outputs", "nothing: read from a file")] if self.run is None else []
        return "Result", pairs

    # ----------------------------------------------------------------- reading
    @property
    def caregivers(self) -> tuple[str, ...]:
        """The caregivers' names, in order.

        >>> import oxysim as ox
        >>> result = ox.simulate(ox.Dyad(), ox.Routine.typical(), "1 h", save="30 min")
        >>> result.caregivers
        ('mother',)
        """
        if self.run is not None:
            return self.run.who.caregivers
        return tuple(self.provenance["caregivers"])

    @property
    def time(self) -> FloatArray:
        """Output times, minutes since 00:00 of the first simulated day.

        >>> import oxysim as ox
        >>> result = ox.simulate(ox.Dyad(), ox.Routine.typical(), "1 h", save="30 min")
        >>> result.time.tolist()
        [480.0, 510.0, 540.0]
        """
        return np.asarray(self.dataset["time"].values, dtype=float)

    @property
    def ok(self) -> BoolArray:
        """Which dyads came through, shape (n_dyads,).

        >>> import oxysim as ox
        >>> result = ox.simulate(ox.Dyad(), ox.Routine.typical(), "1 h", save="30 min")
        >>> result.ok.tolist()
        [True]
        """
        return np.asarray(self.dataset["status"].values == RunStatus.OK.text)

    @property
    def reasons(self) -> dict[int, str]:
        """Dyad number -> why it failed, for those that did.

        >>> import oxysim as ox
        >>> result = ox.simulate(ox.Dyad(), ox.Routine.typical(), "1 h", save="30 min")
        >>> result.reasons
        {}
        """
        text = self.dataset["reason"].values
        return {
            int(d): str(r)
            for d, r, good in zip(self.dataset["dyad"].values, text, self.ok, strict=True)
            if not good
        }

    def __getitem__(self, name: str) -> xr.DataArray:
        """One variable by name, dims (dyad, time); "caregiver." stands for the first caregiver."""
        prefix, _, rest = str(name).partition(".")
        # As everywhere in the library, "caregiver" alone is the first one.
        full = f"{self.caregivers[0]}.{rest}" if prefix == "caregiver" else str(name)
        if full not in self.dataset.data_vars:
            names = [str(k) for k in self.dataset.data_vars if k not in ("status", "reason")]
            hint = (
                "in this result (was it among variables=?)"
                if full in variable_rows(self.caregivers)
                else ""
            )
            raise unknown_name("variable", name, names, hint)
        return self.dataset[full]

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the variables that were kept.

        >>> import oxysim as ox
        >>> result = ox.simulate(ox.Dyad(), ox.Routine.typical(), "1 h", save="30 min")
        >>> result.variables[:2]
        ('mother.nasal_depot', 'mother.nasal_residue_fast')
        """
        return tuple(
            str(k)
            for k in self.dataset.data_vars
            if "time" in self.dataset[k].dims and not str(k).startswith("input.")
        )

    def inputs(self, member: str) -> xr.Dataset:
        """The input channels of a member that ever left their level of rest, dims (dyad, time) or
        (time,).

        >>> import oxysim as ox
        >>> result = ox.simulate(ox.Dyad(), ox.Routine.typical(), "1 h", save="30 min")
        >>> "feeding" in result.inputs("infant")
        False
        """
        (name,) = registry.members_named(member, self.caregivers, member)[:1]
        start = f"input.{name}."
        chosen = [str(k) for k in self.dataset.data_vars if str(k).startswith(start)]
        return self.dataset[chosen].rename({k: k.removeprefix(start) for k in chosen})

    # -------------------------------------------------------------- converting
    def to_xarray(self) -> xr.Dataset:
        """The variables with a dimension for the member: ``member`` for what caregivers and infant
        both have, ``caregiver`` for what only caregivers have, none for what only the infant has.

        >>> import oxysim as ox
        >>> result = ox.simulate(ox.Dyad(), ox.Routine.typical(), "1 h", save="30 min")
        >>> dict(result.to_xarray().sizes)
        {'dyad': 1, 'time': 3, 'caregiver': 1, 'member': 2}
        """
        by_quantity: dict[str, xr.DataArray] = {}
        by_name: dict[str, dict[str, xr.DataArray]] = {}
        for full in self.variables:
            member, _, rest = full.partition(".")
            by_name.setdefault(rest, {})[member] = self.dataset[full]
        for rest, of_members in by_name.items():
            if set(of_members) == {"infant"}:
                by_quantity[rest] = of_members["infant"]
                continue
            # What caregivers alone have would be not a number for the infant in every row.
            dim = "member" if "infant" in of_members else "caregiver"
            if dim == "member" and len(of_members) <= len(self.caregivers):
                raise InputError(
                    f"to_xarray: {rest!r} was kept for {sorted(of_members)} only; keep it for all"
                    " members or none"
                )
            by_quantity[rest] = xr.concat(
                list(of_members.values()),
                dim=xr.IndexVariable(dim, list(of_members)),
                combine_attrs="override",
            )
        return xr.Dataset(by_quantity, attrs={k: json.dumps(v) for k, v in self.provenance.items()})

    def to_pandas(self) -> pd.DataFrame:
        """A long table: one row a dyad and time, one column a variable.

        >>> import oxysim as ox
        >>> result = ox.simulate(ox.Dyad(), ox.Routine.typical(), "1 h", save="30 min")
        >>> len(result.to_pandas())
        3
        """
        return self.dataset[list(self.variables)].to_dataframe().reset_index()

    def save(self, path: str | Path) -> Path:
        """Write everything to a NetCDF file, with a digest of it; :meth:`load` reads it back the
        same.

        Raises
        ------
        InputError : no path of a file, or its folder is missing or cannot be written.

        >>> import oxysim as ox, pathlib, tempfile
        >>> result = ox.simulate(ox.Dyad(), ox.Routine.typical(), "10 min")
        >>> file = result.save(pathlib.Path(tempfile.mkdtemp()) / "ten_minutes.nc")
        >>> ox.Result.load(file).dataset.identical(result.dataset)
        True
        """
        return write_result(self.dataset, self.schedule, self.provenance, path)

    @classmethod
    def load(cls, path: str | Path) -> Result:
        """Read a result written by :meth:`save`.

        Raises
        ------
        InputError : no such file, no result, or one that was changed or damaged since it was saved.
        """
        return cls(*read_result(path))
