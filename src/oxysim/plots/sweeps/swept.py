"""What a sweep's figure draws: one outcome of a result, which of its runs have a value, and what it
is called.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr

from oxysim import checks
from oxysim.arrays import IntArray
from oxysim.errors import InputError, unknown_name
from oxysim.plots.dyad_numbers import is_dyad_number
from oxysim.plots.sweeps.sweep_axis import SweepAxis, is_time, sweep_axis
from oxysim.sweeps.axes import axis_name

# Where several moments or runs share one mark, the largest of their states decides what it says.
GOOD, FAILED, NOT_MADE, NO_VALUE = 0, 1, 2, 3
STATES = {FAILED: "failed", NOT_MADE: "not made", NO_VALUE: "no value"}
"""Why a run has nothing to draw -> how the legend says so."""


@dataclass(frozen=True, eq=False)
class Swept:
    """One outcome of a sweep.

    Attributes
    ----------
    values : NaN where a run has no value.
    state : of the same shape: ``GOOD``, ``FAILED``, ``NOT_MADE`` or ``NO_VALUE``.
    label : quantity and unit. note : what it was summarised over, empty for nothing.
    is_change : whether it is a difference, for which zero is the middle.
    is_share : whether it is a share, whose colours run from 0 to 1 whatever was found.

    >>> values = xr.DataArray([10.0, float("nan")], dims="dose")
    >>> swept = Swept(values, xr.DataArray([GOOD, FAILED], dims="dose"), "Caregiver EPDS (points)")
    >>> swept.wrapped(14).splitlines()
    ['Caregiver EPDS', '(points)']
    """

    values: xr.DataArray
    state: xr.DataArray
    label: str
    note: str = ""
    is_change: bool = False
    is_share: bool = False

    def wrapped(self, width: int) -> str:
        """Label and note in lines of at most `width` letters.

        >>> values = xr.DataArray([10.0, 9.0], dims="dose")
        >>> state = xr.DataArray([GOOD, GOOD], dims="dose")
        >>> Swept(values, state, "Mother EPDS (points)", note="median of 40 dyads").wrapped(20)
        'Mother EPDS (points)\\nmedian of 40 dyads'
        """
        return "\n".join([*textwrap.wrap(self.label, width), *textwrap.wrap(self.note, width)])

    def state_of_runs(self) -> IntArray:
        """The state of each run: that of its worst moment where the outcome has
        moments of its own.
        """
        # a run that failed at one moment failed
        time_dims = [dim for dim in self.state.dims if is_time(str(dim))]
        return np.asarray(self.state.max(time_dims).values)

    def over_dyads(self, dyad: int | str | None, named: Sequence[str | None] = ()) -> Swept:
        """One dyad, or the mean or median over those that came through; as it is where "dyad" is
        `named` as an axis.

        Raises
        ------
        InputError : no such dyad, or nothing to summarise.

        >>> values = xr.DataArray([10.0, 9.0, 20.0], {"dyad": [0, 1, 2]})
        >>> state = xr.DataArray([GOOD, GOOD, GOOD], {"dyad": [0, 1, 2]})
        >>> middle = Swept(values, state, "Mother EPDS (points)").over_dyads(None)
        >>> float(middle.values), middle.note
        (10.0, 'median of 3 dyads')
        """
        if "dyad" not in self.values.dims or "dyad" in named:
            if dyad is not None:
                why = (
                    "is an axis of this figure"
                    if "dyad" in named
                    else "is no dimension of this outcome"
                )
                raise InputError(
                    f"dyad: nothing to choose or summarise, as 'dyad' {why}; found {dyad!r}"
                )
            return self
        n = self.values.sizes["dyad"]
        numbers = self.values["dyad"].values.tolist()
        # of several dyads the median, which a few of high scores do not move
        usual = "median" if n > 1 else numbers[0]
        kind = usual if dyad is None else dyad
        if not isinstance(kind, str):
            if not is_dyad_number(kind, numbers):
                raise checks.refused(dyad, "dyad", f"one of dyads {numbers[0]} to {numbers[-1]}")
            return replace(self, values=self.values.sel(dyad=kind), state=self.state.sel(dyad=kind))
        if kind not in ("mean", "median"):
            raise checks.refused(dyad, "dyad", "a dyad's number, 'mean' or 'median'")
        good = (self.state == GOOD).sum("dyad")
        # over those that came through: skipna leaves the others out, and the note counts them
        middle = getattr(self.values, kind)("dyad", skipna=True)
        # where no dyad has a value, the state of the first stands for all
        state = self.state.isel(dyad=0, drop=True).where(good == 0, GOOD).astype(int)
        note = f"{kind} of {runs_text(good.where(good > 0).values, n)} dyads"
        return replace(self, values=middle, state=state, note=note)

    def axis(self, name: str) -> SweepAxis:
        """The axis called `name`: a dimension, or a coordinate along one.

        Raises
        ------
        UnknownNameError : there is none.
        """
        axis_names = {str(dim) for dim in self.values.dims}
        axis_names |= {
            str(key) for key, coordinate in self.values.coords.items() if coordinate.ndim == 1
        }
        # an edge may be written with or without blanks around its arrow
        full = axis_name(checks.name(name, "axis"))
        if full not in axis_names:
            raise unknown_name("axis", name, axis_names, "of this outcome")
        return sweep_axis(self.values, full)


def laid_out(
    swept: Swept, axes: Sequence[SweepAxis], dims: Sequence[str] = ()
) -> tuple[Swept, list[SweepAxis]]:
    """The values with the axes' dimensions in that order, each ascending, then `dims`, and the axes
    as they lie then; what has one value only is dropped.

    >>> import xarray as xr
    >>> doses = xr.DataArray([24.0, 8.0], dims="dose", attrs={"units": "IU"})
    >>> hours = xr.DataArray([6.0, 12.0], dims="every", attrs={"units": "h"})
    >>> axes = {"dose": doses, "every": hours}
    >>> about = {"name": "caregiver.epds", "attrs": {"units": "EPDS"}}
    >>> epds = xr.DataArray([[9.0, 9.5], [8.0, 8.7]], axes, ("dose", "every"), **about)
    >>> from oxysim.plots.sweeps.outcome_reading import read_outcome
    >>> swept = read_outcome(epds, None)
    >>> ordered, (dose, every) = laid_out(swept, [swept.axis("dose"), swept.axis("every")])
    >>> dose.places.tolist(), ordered.values[:, 0].values.tolist()
    ([8.0, 24.0], [8.0, 9.0])
    """
    # a sweep may name its values in any order; lines and cells go from the lowest to the highest
    ascending = {
        axis.dim: np.argsort(axis.places, kind="stable") for axis in axes if not axis.is_scattered
    }
    order = list(dict.fromkeys([axis.dim for axis in axes] + list(dims)))
    single = [dim for dim in swept.values.dims if dim not in order]
    values, state = (
        array.isel(ascending).squeeze(single, drop=True).transpose(*order)
        for array in (swept.values, swept.state)
    )
    ordered = replace(swept, values=values, state=state)
    return ordered, [ordered.axis(axis.name) for axis in axes]


def runs_text(counts: Any, n: int) -> str:
    """How many of `n` there are: "50", "48 of 50", or "31 to 48 of 50" where it differs.

    >>> runs_text([50, 50], 50), runs_text([31, 48], 50)
    ('50', '31 to 48 of 50')
    """
    low, high = int(np.nanmin(counts)), int(np.nanmax(counts))
    if low == high:
        return str(n) if low == n else f"{low} of {n}"
    return f"{low} to {high} of {n}"
