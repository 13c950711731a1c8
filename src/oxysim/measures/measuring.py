"""``measure``: what a study reads from a simulation's result."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import xarray as xr

from oxysim import units
from oxysim.arrays import FloatArray
from oxysim.checks import choice, flag, instance, number, refused, require_seed, sequence
from oxysim.checks import name as checked_name
from oxysim.errors import InputError
from oxysim.measures.instrument_model import Instrument
from oxysim.measures.instrument_names import INSTRUMENTS, instrument
from oxysim.measures.readings import NoiseKey, read

if TYPE_CHECKING:
    import pandas as pd


class Measurable(Protocol):
    """What a result must offer to be measured (see ``oxysim.simulation.results.result.Result``).

    >>> from oxysim import Dyad, Routine, simulate
    >>> result: Measurable = simulate(Dyad(), Routine.empty(), "1 h")
    >>> result.caregivers
    ('mother',)
    """

    @property
    def caregivers(self) -> tuple[str, ...]:
        """The caregivers' names."""
        ...

    def __getitem__(self, name: str) -> xr.DataArray:
        """A variable by full name at the output times, dims (dyad, time)."""
        ...

    def values_at(self, name: str, times: FloatArray) -> FloatArray:
        """A variable at any times, shape (n, n_times), or an error that says what to save."""
        ...

    def means_before(self, name: str, times: FloatArray, minutes: float) -> FloatArray:
        """Its means over so many minutes before each time, shape (n, n_times), or an error that
        says what to save.
        """
        ...

    def levels_at(self, member: str, channel: str, times: FloatArray) -> FloatArray:
        """The level of an input channel at each time, shape (n, n_times)."""
        ...

    def ages_at(self, times: FloatArray) -> FloatArray:
        """The infants' ages at each time, minutes, shape (n, n_times)."""
        ...


def measure(
    result: Measurable, name: str | Instrument, member: str = "caregiver", at: Any = None, *,
    seed: int = 0, occasion: str = "", noise: bool = True,
) -> xr.DataArray:  # fmt: skip
    """What a study reads from a result with one instrument.

    Parameters
    ----------
    result : what :func:`simulate` returned; it must hold the instrument's variables.
    name : the instrument (see :func:`instrument_table`), or one of yours (:func:`user_instrument`).
    member : a caregiver's name or "infant"; "caregiver" is the first caregiver.
    at : one time or a list of times: a clock time of the first day ("10:45"), a time after its
        midnight ("34 h"), or a number of minutes as ``result.time`` has them. Default: every output
        time.
    seed : key of the noise.
    occasion : the visit. Sessions of a crossover must have different names, or they share their
        luck. Samples of one occasion on one day share their visit noise.
    noise : False gives the expected readings.

    Returns
    -------
    DataArray (dyad, time) in the instrument's unit, as :func:`read` describes.

    Raises
    ------
    UnknownNameError : no such instrument, member or variable in the result.
    InputError : the member cannot be measured so; a time (or a window before it) outside the
        simulation, or between two outputs of a result that was read from a file; a seed, occasion
        or noise that is none.

    >>> import oxysim as ox
    >>> day = ox.Routine.empty() + ox.NasalSpray("24 IU", at="10:00")
    >>> result = ox.simulate(ox.Dyad(), day, "3 h")
    >>> float(ox.measure(result, "saliva_oxytocin", at="10:01", noise=False)[0, 0].round(1))
    13023.7
    """
    tool = instrument(name)
    if not hasattr(result, "values_at"):
        raise refused(result, "result", "a Result, as simulate returns it")
    # the noise is the person's: "caregiver" and "mother" have to read alike
    person = person_measured(tool, member, result.caregivers)
    noise_key = (
        NoiseKey(require_seed(seed), person, _occasion(occasion)) if flag(noise, "noise") else None
    )
    # raises by the variable's name where the result does not hold it
    series = [result[full_name] for full_name in tool.reads(person, result.caregivers)]
    outputs = np.asarray(series[0]["time"].values, dtype=float)
    times = (
        outputs if at is None else np.array([_moment(time) for time in _listed(at)], dtype=float)
    )
    parts = values_read(result, tool, person, times)
    dyads = np.asarray(series[0]["dyad"].values)
    # most instruments read one variable, and take it without a list around it
    reading = read(tool, parts[0] if len(parts) == 1 else parts, dyads.tolist(), times, noise_key)
    return reading.assign_attrs(member=person)


def person_measured(tool: Instrument, member: str, caregivers: Sequence[str]) -> str:
    """The full name of who is measured ("caregiver" is the first of the `caregivers`).

    Raises
    ------
    UnknownNameError : no such member. InputError : the instrument is not for that member.

    >>> person_measured(instrument("epds"), "caregiver", ("mother", "father"))
    'mother'
    """
    member = choice(member, "member", ("caregiver", "infant", *caregivers))
    # every other name is a caregiver's, whatever it is
    kind = "infant" if member == "infant" else "caregiver"
    if kind not in tool.members:
        raise InputError(
            f"instrument {tool.name!r} measures the {tool.owner}; found member {member!r}"
        )
    return caregivers[0] if member == "caregiver" else member


def values_read(
    result: Measurable, tool: Instrument, person: str, times: FloatArray
) -> list[FloatArray]:
    """What an instrument reads of a person at some times, in the order in which ``expected`` takes
    it, each of shape (n, n_times).

    Parameters
    ----------
    person : by full name ("mother", "infant").
    times : minutes since 00:00 of the first simulated day.

    Raises
    ------
    InputError, UnknownNameError : as of :func:`measure`.

    >>> import oxysim as ox
    >>> result = ox.simulate(ox.Dyad(), ox.Routine.empty(), "10 min")
    >>> (values,) = values_read(result, instrument("epds"), "mother", np.array([480.0]))
    >>> values.shape
    (1, 1)
    """
    names = tool.reads(person, result.caregivers)
    # means of the course itself, and not of its outputs, which may lie far apart
    if tool.window:
        parts = [result.means_before(name, times, tool.window) for name in names]
    else:
        parts = [result.values_at(name, times) for name in names]
    parts += [result.levels_at(person, channel, times) for channel in tool.inputs]
    return parts + ([result.ages_at(times)] if tool.by_age else [])


def instrument_table(instruments: Iterable[Instrument] = ()) -> pd.DataFrame:
    """Every instrument, one row each: unit, what it reads, noise, limits, source and note.

    Parameters
    ----------
    instruments : those of a user, whose rows come after the others.

    >>> "saliva_oxytocin" in set(instrument_table()["instrument"])
    True
    """
    import pandas as pd

    listed = sequence(instruments, "instruments", _instrument, of="instruments", least=0)

    # the columns are units and sizes as a methods section lists them
    table = [
        {
            "instrument": tool.name,
            "unit": units.plain_unit(tool.unit),
            "owner": tool.owner,
            "reads": ", ".join(tool.quantities),
            "noise": tool.noise.kind,
            "visit_noise": tool.noise.occasion,
            "sample_noise": tool.noise.sample,
            "trait_noise": tool.noise.trait,
            "floor_noise": tool.noise.floor,
            "lloq": tool.lloq,
            "uloq": tool.uloq,
            "rounding": tool.rounding,
            "low": tool.low,
            "high": tool.high,
            "matrix": tool.matrix,
            "source": tool.source,
            "status": tool.status,
            "note": tool.note,
        }
        for tool in (*INSTRUMENTS.values(), *listed)
    ]
    return pd.DataFrame(table)


def _instrument(value: Any, label: str) -> Instrument:
    return instrument(instance(value, label, Instrument, "an Instrument"))


def _listed(at: Any) -> Sequence[Any]:
    listed = at if isinstance(at, list | tuple | np.ndarray | range) else [at]
    return sequence(listed, "at", lambda time, _: time, of="times, at least one time")


def _moment(value: Any) -> float:
    # a bare number is as `result.time` has it; a text needs its unit
    if isinstance(value, int | float | np.number) and not isinstance(value, bool):
        return number(value, "at")
    if units.is_clock(value):
        return units.clock(value, "at")
    return units.duration(value, "at", positive=False)


def _occasion(value: Any) -> str:
    """The name of a visit; an empty one where there is but one."""
    return value if isinstance(value, str) and not value else checked_name(value, "occasion")
