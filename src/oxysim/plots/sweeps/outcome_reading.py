"""Reading an outcome to be drawn: from what a sweep returned, one variable of it, or the result of
a simulation.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from oxysim import checks
from oxysim.errors import InputError, OxysimError, unknown_name
from oxysim.plots.courses.drawn_course import as_drawn
from oxysim.plots.style import label_text, sentence, unit_text, words
from oxysim.plots.sweeps.swept import FAILED, GOOD, NO_VALUE, NOT_MADE, Swept
from oxysim.simulation.results.outcomes import outcome as as_outcome
from oxysim.simulation.results.result import Result
from oxysim.simulation.results.run_status import RunStatus

SHARE = "share"
"""The unit of a share of dyads, such as of those who are rescued."""

# statistics whose unit is not that of their variable: minutes, a moment, a product with time
_WITH_OWN_UNIT = ("time above", "time of maximum", "area")
_ABOUT_RUNS = ("status", "reason")  # variables of a result that are no outcome


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

    >>> import xarray as xr
    >>> doses = xr.DataArray([8.0, 24.0, 40.0], dims="dose", attrs={"units": "IU"})
    >>> about = {"name": "caregiver.epds", "attrs": {"units": "EPDS"}}
    >>> epds = xr.DataArray([10.0, 9.0, 8.5], {"dose": doses}, **about)
    >>> swept = read_outcome(epds, None)
    >>> swept.label, swept.state.values.tolist()
    ('Caregiver EPDS (points)', [0, 0, 0])
    """
    if outcome is not None:
        checks.name(outcome, "outcome")
    if isinstance(result, Result):
        if outcome is None:
            raise InputError("outcome: name a variable of this result, such as 'caregiver.epds'")
        values = as_drawn(result, outcome) if as_course else result[outcome]
        # a simulation says in words what a sweep says in numbers
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
    # an empty figure would not say why
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
    # by its text in any form, or by the name that its variable has or had
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
    # a run that came through may have no value: a share of nobody, a time that was never reached
    state = xr.where(np.isfinite(values), GOOD, NO_VALUE)
    if status is not None:
        if status.dtype.kind not in "iu":
            raise InputError(
                "status: it was averaged, so that failed runs cannot be told any more. Give the"
                " result as sweep() returned it and summarise dyads with dyad='mean', or give one"
                " variable, averaged, as a DataArray"
            )
        # what the runner says goes before what the numbers say
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
    # an outcome such as "time above" has minutes, not its variable's unit
    if not any(unit_word in statistic for unit_word in _WITH_OWN_UNIT):
        unit = unit_text(variable, unit)
    title = sentence(f"{member} {words(rest)}".strip())
    return f"{title}{', ' * bool(statistic)}{statistic} ({unit})"
