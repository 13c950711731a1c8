"""What a sweep's figure draws: one outcome of a result, which of its runs have a value, and what it
is called.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import xarray as xr

from oxysim import checks
from oxysim.arrays import IntArray
from oxysim.errors import InputError, OxysimError, unknown_name
from oxysim.plots.courses.drawn_course import as_drawn
from oxysim.plots.style import label_text, sentence, unit_text, words
from oxysim.plots.sweeps.sweep_axis import SCATTERED, SweepAxis, is_time, sweep_axis
from oxysim.simulation.results.outcomes import outcome as as_outcome
from oxysim.simulation.results.result import Result
from oxysim.simulation.results.run_status import RunStatus
from oxysim.sweeps.axes import axis_name

GOOD, FAILED, NOT_MADE, NO_VALUE = 0, 1, 2, 3
STATES = {FAILED: "failed", NOT_MADE: "not made", NO_VALUE: "no value"}
"""Why a run has nothing to draw -> how the legend says so."""

SHARE = "share"
"""The unit of a share of dyads, such as of those who are rescued."""

_OWN_UNIT = ("time above", "time of maximum", "area")
_ABOUT_RUNS = ("status", "reason")


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
    """

    values: xr.DataArray
    state: xr.DataArray
    label: str
    note: str = ""
    is_change: bool = False
    is_share: bool = False

    def wrapped(self, width: int) -> str:
        """Label and note in lines of at most `width` letters."""
        return "\n".join([*textwrap.wrap(self.label, width), *textwrap.wrap(self.note, width)])

    def state_of_runs(self) -> IntArray:
        """The state of each run: that of its worst moment where the outcome has
        moments of its own.
        """
        time_dims = [dim for dim in self.state.dims if is_time(str(dim))]
        return np.asarray(self.state.max(time_dims).values)

    def over_dyads(self, dyad: int | str | None, named: Sequence[str | None] = ()) -> Swept:
        """One dyad, or the mean or median over those that came through; as it is where "dyad" is
        `named` as an axis.

        Raises
        ------
        InputError : no such dyad, or nothing to summarise.
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
        kind = dyad if dyad is not None else "median" if n > 1 else numbers[0]
        if not isinstance(kind, str):
            if (
                isinstance(kind, bool)
                or not isinstance(kind, int | np.integer)
                or kind not in numbers
            ):
                raise checks.refused(dyad, "dyad", f"one of dyads {numbers[0]} to {numbers[-1]}")
            return replace(self, values=self.values.sel(dyad=kind), state=self.state.sel(dyad=kind))
        if kind not in ("mean", "median"):
            raise checks.refused(dyad, "dyad", "a dyad's number, 'mean' or 'median'")
        good = (self.state == GOOD).sum("dyad")
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
        full = axis_name(checks.name(name, "axis"))
        if full not in axis_names:
            raise unknown_name("axis", name, axis_names, "of this outcome")
        return sweep_axis(self.values, full)

    def sorted_along(self, axes: Sequence[SweepAxis]) -> Swept:
        """The same with the places of each of `axes` in ascending order."""
        order = {
            axis.dim: np.argsort(axis.places, kind="stable")
            for axis in axes
            if not axis.is_scattered
        }
        return replace(self, values=self.values.isel(order), state=self.state.isel(order))


def read_outcome(
    result: Any, outcome: str | None, label: str | None = None, *, as_course: bool = False
) -> Swept:
    """The outcome of a result: what a sweep returned, one variable of it, or the result of a
    simulation; that `as_course` where lines go along its time, so that they go as it went between
    its outputs.

    Raises
    ------
    UnknownNameError : no such outcome (the nearest are named). InputError : not a result, several
        outcomes and none chosen, a status that was averaged, no unit and no `label`, or nothing
        with a value.
    """
    if outcome is not None:
        checks.name(outcome, "outcome")
    if isinstance(result, Result):
        if outcome is None:
            raise InputError("outcome: name a variable of this result, such as 'caregiver.epds'")
        values = as_drawn(result, outcome) if as_course else result[outcome]
        status = xr.where(
            result.dataset["status"] == RunStatus.OK.text, RunStatus.OK, RunStatus.FAILED
        )
    elif isinstance(result, xr.Dataset):
        values = result[_outcome_of(result, outcome)]
        status = result["status"] if "status" in result else None
    elif isinstance(result, xr.DataArray):
        names = [str(result.attrs.get("outcome", result.name)), str(result.name)]
        if outcome is not None and not _is_name_of(outcome, *names):
            raise unknown_name("outcome", outcome, names[:1], "in this array")
        values, status = result, None
    else:
        raise checks.refused(result, "result", "what sweep() returns, or one of its variables")
    if label is not None:
        label_text(label, "label")
    if values.dtype.kind not in "biuf":
        raise InputError(f"outcome: expected numbers; {values.name!r} holds {values.dtype}")
    values = values.astype(float).compute()  # once, where it lies in a store
    state = _state(values, None if status is None else status.compute())
    if not (state == GOOD).any():
        raise InputError(f"outcome {values.name!r}: no run has a value{_first_reason(result)}")
    values_of_good = values.where(state == GOOD)
    has_unit_of_share = values.attrs.get("units") == SHARE
    low, high = float(values_of_good.min()), float(values_of_good.max())
    return Swept(
        values_of_good,
        state,
        label or _label(values),
        is_change=_statistic(values).startswith("change"),
        # what bears the unit but leaves 0 to 1 keeps the colours of its own extremes
        is_share=has_unit_of_share and low >= 0 and high <= 1,
    )


def axes_in_roles(
    swept: Swept, names: Mapping[str, str | None], needed: Sequence[str], dims: Sequence[str] = ()
) -> dict[str, SweepAxis]:
    """The axes of a figure: those that were named and, for the `needed` ones, the next that is
    free.

    Parameters
    ----------
    names : role ("x", "y", "hue", "over") -> name, or None where it was left open.
    dims : dimensions that the figure takes up otherwise.

    Raises
    ------
    UnknownNameError : no such axis. InputError : one named twice, none left for a role, dimensions
    left over.
    """
    axes = {role: swept.axis(name) for role, name in names.items() if name is not None}
    open_roles = [role for role in names if role in needed and role not in axes]
    for role, name in zip(
        open_roles, _free(swept, [axis.name for axis in axes.values()], dims), strict=False
    ):
        axes[role] = swept.axis(name)
    axis_names = [axis.name for axis in axes.values()]
    for role, axis in axes.items():
        if axis.dim in dims:
            raise InputError(
                f"{role}: the figure is over {axis.dim!r}, so that {axis.name!r} cannot be an axis"
                " of it too"
            )
    if len(set(axis_names)) < len(axis_names):
        raise InputError(
            f"axes: expected a different one for each of {', '.join(axes)}; found"
            f" {', '.join(axis_names)}"
        )
    missing = [role for role in needed if role not in axes]
    if missing:
        has = ", ".join(f"{dim} ({size})" for dim, size in swept.values.sizes.items()) or "none"
        raise InputError(
            f"{missing[0]}: this outcome has too few axes for this figure; its dimensions are:"
            f" {has}"
        )
    covered = {*dims, *(axis.dim for axis in axes.values())}
    open_dims = [
        str(dim) for dim, size in swept.values.sizes.items() if size > 1 and dim not in covered
    ]
    if open_dims:
        raise InputError(
            f"dimension {open_dims[0]!r} ({swept.values.sizes[open_dims[0]]} values) is not"
            f" {' or '.join(names)}: name it as one of these, or choose a value first, as in"
            f" result.isel({{{open_dims[0]!r}: -1}})"
        )
    return {role: axes[role] for role in names if role in axes}


def laid_out(swept: Swept, axes: Sequence[SweepAxis], dims: Sequence[str] = ()) -> Swept:
    """The values with the axes' dimensions in that order, then `dims`; what has one value only is
    dropped.
    """
    order = list(dict.fromkeys([axis.dim for axis in axes] + list(dims)))
    single = [dim for dim in swept.values.dims if dim not in order]
    values, state = (
        array.squeeze(single, drop=True).transpose(*order) for array in (swept.values, swept.state)
    )
    return replace(swept, values=values, state=state)


def runs_text(counts: Any, n: int) -> str:
    """How many of `n` there are: "50", "48 of 50", or "31 to 48 of 50" where it differs."""
    low, high = int(np.nanmin(counts)), int(np.nanmax(counts))
    if low == high:
        return str(n) if low == n else f"{low} of {n}"
    return f"{low} to {high} of {n}"


# ---------------------------------------------------------------------- reading
def _outcome_of(result: xr.Dataset, outcome: str | None) -> str:
    """The name of the variable that holds an outcome, which may be given as its text
    ("caregiver.epds: final").
    """
    texts = {
        str(name): str(variable.attrs.get("outcome", name))
        for name, variable in result.data_vars.items()
    }
    texts = {name: text for name, text in texts.items() if name not in _ABOUT_RUNS}
    if outcome is None and len(texts) == 1:
        return next(iter(texts))
    if outcome is None:
        raise InputError(
            "outcome: name one of"
            f" {', '.join(map(repr, texts.values())) or 'those kept; there are none'}"
        )
    for name, text in texts.items():
        if _is_name_of(outcome, text, name):
            return name
    raise unknown_name("outcome", outcome, texts.values(), "in this result")


def _is_name_of(asked: Any, text: str, name: str) -> bool:
    """Whether an outcome was asked for by its text, in any of its forms, or by a name that its
    variable has or had.
    """
    # without what file systems refuse
    earlier = text.replace(": ", " ", 1).replace(":", ".").replace("/", " per ")
    if asked in (text, name, earlier):
        return True
    try:
        return as_outcome(asked).text == text
    except OxysimError:
        return False


def _state(values: xr.DataArray, status: xr.DataArray | None) -> xr.DataArray:
    state = xr.where(np.isfinite(values), GOOD, NO_VALUE)
    if status is not None:
        if status.dtype.kind not in "iu":
            raise InputError(
                "status: it was averaged, so that failed runs cannot be told any more. Give the"
                " result as sweep() returned it and summarise dyads with dyad='mean', or give one"
                " variable, averaged, as a DataArray"
            )
        state = state.where(status != RunStatus.NOT_DONE, NOT_MADE)
        state = state.where(status != RunStatus.FAILED, FAILED)
    return state.transpose(*values.dims).astype(int)


def _first_reason(result: Any) -> str:
    if isinstance(result, Result):
        return f"; first reason: {next(iter(result.reasons.values()), 'none given')}"
    if isinstance(result, xr.Dataset) and "reason" in result:
        reasons = [str(text) for text in result["reason"].values.ravel().tolist() if text]
        return f"; first reason: {reasons[0]}" if reasons else ""
    return ""


def _statistic(values: xr.DataArray) -> str:
    return str(values.attrs.get("outcome", "")).partition(": ")[2]


def _label(values: xr.DataArray) -> str:
    if "units" not in values.attrs or values.name is None:
        raise InputError(
            "label: the values carry no name and unit; give one, such as label='EPDS above 13"
            " (fraction of all)', or keep them, as in result.mean('seed', keep_attrs=True)"
        )
    text = str(values.attrs.get("outcome", values.name))
    variable, _, statistic = text.partition(": ")
    member, _, rest = variable.partition(".")
    unit = str(values.attrs["units"])
    if not any(unit_word in statistic for unit_word in _OWN_UNIT):
        unit = unit_text(variable, unit)
    title = sentence(f"{member} {words(rest)}".strip())
    return f"{title}{', ' * bool(statistic)}{statistic} ({unit})"


def _free(swept: Swept, taken: Sequence[str], dims: Sequence[str]) -> list[str]:
    """Names that no role has taken yet, in order: dimensions of more than one value; what was
    varied along a sample.
    """
    covered = {*dims, *({swept.axis(name).dim for name in taken} - set(SCATTERED))}
    free_names = []
    for dim, size in swept.values.sizes.items():
        if dim == "run" and "axis" in swept.values.coords and dim not in dims:
            raise InputError(
                "axes: the runs of a one-at-a-time design have no common axis; use"
                " plots.one_at_a_time"
            )
        if dim in SCATTERED and dim not in dims:
            names_of_dim = [
                str(name)
                for name, coordinate in swept.values.coords.items()
                if coordinate.dims == (dim,)
            ]
            names_of_dim.sort(key=lambda name: -_pull(swept, name, str(dim)))
            free_names += [name for name in names_of_dim if name not in taken] or [str(dim)]
        elif size > 1 and dim not in covered:
            free_names.append(str(dim))
    return free_names


def _pull(swept: Swept, name: str, dim: str) -> float:
    """The share of an outcome's variance over the runs of a sample that goes with one coordinate:
    that of the means of its classes, ten of equal size or one a text (the correlation ratio), to
    order axes by what moves the outcome.
    """
    along = swept.values[name].values
    values = swept.values.mean([d for d in swept.values.dims if d != dim]).values
    finite = np.isfinite(values)
    if finite.sum() < 2 or not np.ptp(values[finite]) > 0:
        return 0.0
    if along.dtype.kind in "if":
        inner = np.quantile(along[finite], np.linspace(0, 1, min(11, finite.sum() + 1))[1:-1])
        classes = np.searchsorted(inner, along[finite])
    else:
        classes = np.unique(along[finite].astype(str), return_inverse=True)[1]
    n = np.bincount(classes)
    means = np.bincount(classes, values[finite])[n > 0] / n[n > 0]
    mean = values[finite].mean()
    return float((n[n > 0] * (means - mean) ** 2).sum() / ((values[finite] - mean) ** 2).sum())
