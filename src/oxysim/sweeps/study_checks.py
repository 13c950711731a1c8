"""Checks of a study's arguments by themselves: kinds, names, lengths, ages; nothing is computed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from oxysim import units
from oxysim.arrays import FloatArray
from oxysim.checks import refused
from oxysim.errors import InputError, about, shown
from oxysim.families import MAXIMAL_AGE
from oxysim.families.named_values import parameter_values
from oxysim.model.registry import parameter_row
from oxysim.model.value_ranges import Implausible, implausible_parameters
from oxysim.population.members import Members, Who
from oxysim.schedule import Intervention, Routine, Schedule, Window, as_schedule
from oxysim.simulation.engines import ENGINES
from oxysim.simulation.scipy_engine import Solver
from oxysim.sweeps.axis_targets import (
    AGE,
    EDGE,
    FIELD,
    PARAMETER,
    BoundAxis,
    checked_positions,
)
from oxysim.sweeps.sweep_design import ONE_AT_A_TIME, SweepDesign

LARGEST_NUMBER_OF_EDGES = 1000
"""Names of edges that can be given at once; the model has fewer."""

_KINDS: Mapping[str, tuple[Any, str]] = {
    "who": (Who, "a Dyad, a Family, a Population or Members of one"),
    "design": (SweepDesign | None, "a SweepDesign such as grid({...})"),
    "routine": (Routine, "a Routine such as Routine.typical()"),
    "interventions": (Mapping, "name -> intervention"),
    "scale": (Mapping, "edge -> multiplier"),
    "solver": (Solver | None, "a Solver or None"),
    "usual_day": (Routine | None, "a Routine or None"),
    "engine": (str, f"one of {', '.join(ENGINES)}"),
    "cut": (str | Sequence, "names of edges"),
    "sample": (str, 'a time with its unit such as "5 min"'),
}
"""Field of a study -> its kind, and how an error calls that."""

# A name stands in front of a dot in axes ("spray.dose"), so it holds none itself.
_NAME = re.compile(r"[a-z][a-z0-9_]*")

# Ages on an axis count whole days; a time such as "5 months" may fall short of one by rounding.
_ROUNDING_DAYS = 1e-9


def require_kinds(study: object) -> None:
    """Raise ``InputError`` where a field of a study is of another kind than its own.

    >>> from types import SimpleNamespace
    >>> require_kinds(SimpleNamespace(who="mother"))
    Traceback (most recent call last):
    ...
    oxysim.errors.InputError: who: expected a Dyad, a Family, a Population or Members of one; ...
    """
    for field_name, (kind, expected) in _KINDS.items():
        value = getattr(study, field_name)
        if not isinstance(value, kind):
            raise refused(value, field_name, expected)


def taken_names(members: Sequence[str]) -> tuple[str, ...]:
    """Names that no intervention may have, as they begin the names of other axes.

    >>> "mother" in taken_names(("mother", "infant"))
    True
    """
    return (
        "caregiver",
        *members,
        "start",
        "edge",
        "seed",
        "infant_age",
        "dyad",
        "population",
        "member",
    )


def require_names(interventions: Mapping[str, object], cut: Any, taken: Sequence[str]) -> None:
    """Raise ``InputError`` where an intervention's name is none, or more edges are cut than any
    model has.

    >>> from oxysim import NasalSpray
    >>> spray = NasalSpray("24 IU", at="10:00")
    >>> require_names({"Spray": spray}, cut=(), taken=("seed",))
    Traceback (most recent call last):
    ...
    oxysim.errors.InputError: interventions: expected short names such as 'spray', ...
    """
    for name, intervention in interventions.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name) or name in taken:
            raise InputError(
                f"interventions: expected short names such as 'spray', other than"
                f" {', '.join(taken)}; found {shown(name)}",
                key=("interventions",),
            )
        if not isinstance(intervention, Intervention):
            raise InputError(
                f"interventions: expected an intervention as {name!r}; found {shown(intervention)}"
            )
    if not isinstance(cut, str) and len(cut) > LARGEST_NUMBER_OF_EDGES:
        raise refused(f"{len(cut)} of them", "cut", "names of edges", as_text=True)


def require_lengths(scale: Mapping[str, Any], n_families: int) -> None:
    """Raise ``InputError`` where an edge has neither one multiplier nor one a family.

    >>> require_lengths({"reward -> depression": [0.5, 1.0]}, n_families=3)
    Traceback (most recent call last):
    ...
    oxysim.errors.InputError: edge 'reward -> depression': expected one multiplier or 3; ...
    """
    # One number holds for all families, whatever their number.
    for name, multiplier in scale.items():
        if np.ndim(multiplier) and np.shape(multiplier) != (n_families,):
            raise InputError(
                f"edge {name!r}: expected one multiplier or {n_families}; found shape"
                f" {np.shape(multiplier)}"
            )


def require_young(ages: FloatArray, window: tuple[float, float], who: str) -> None:
    """Raise ``InputError`` where the oldest infant outgrows the model.

    Parameters
    ----------
    ages : at the first simulated day, minutes.
    window : start and end of the runs, minutes since 00:00 of that day.
    who : the oldest infant, as the error calls it.

    >>> require_young(np.array([30 * units.MONTH]), (0.0, 9 * units.MONTH), "the oldest infant")
    Traceback (most recent call last):
    ...
    oxysim.errors.InputError: duration: the oldest infant would be 39.0 months old at the end; ...
    """
    at_end = float(np.max(ages)) + window[1]
    # A day's grace: the age is that at 00:00, and a run may begin late on the last day.
    if at_end > MAXIMAL_AGE + units.DAY:
        raise InputError(
            f"duration: {who} would be {at_end / units.MONTH:.1f} months old at the end;"
            " the model holds up to 36 months"
        )


def require_day(routine: Routine, window: Window) -> None:
    """Raise ``ScheduleError`` where activities of a routine cannot stand together: it is laid out
    over the first day of a window, before any run is made.

    >>> require_day(Routine.typical(), Window(0.0, 1440.0, ("mother",), 0))
    """
    Schedule(routine).realise(
        window.start,
        min(window.stop, window.start + units.DAY),
        caregivers=window.caregivers,
        seed=window.seed,
    )


def require_edges_once(bound: Sequence[BoundAxis], changed: Sequence[str]) -> None:
    """Raise ``InputError`` where an axis changes an edge that the study cuts or scales already.

    >>> from oxysim.families import Family
    >>> from oxysim.sweeps.axis_targets import bind
    >>> from oxysim.sweeps.sweep_design import grid
    >>> bound = bind(grid({"reward -> depression": [0, 1]}), Family(), {})
    >>> require_edges_once(bound, ["reward -> depression"])
    Traceback (most recent call last):
    ...
    oxysim.errors.InputError: axis 'reward -> depression': the study cuts or scales this edge too;
    do one of them
    """
    for target in bound:
        if target.kind == EDGE and target.targets[0] in changed:
            name = target.axis.name
            raise InputError(
                f"axis {name!r}: the study cuts or scales this edge too; do one of them",
                key=("axes", name),
            )


def ages_that_occur(
    ages: FloatArray, bound: Sequence[BoundAxis], window: tuple[float, float]
) -> FloatArray:
    """The ages of an axis "infant_age" where there is one, else those of the study; in minutes,
    whole days from an axis.

    Raises
    ------
    InputError : an infant of the axis would be too old for the model.

    >>> from oxysim.families import Family
    >>> from oxysim.sweeps.axis_targets import bind
    >>> from oxysim.sweeps.sweep_design import grid
    >>> bound = bind(grid({"infant_age": ["30 d", "60 d"]}), Family(), {})
    >>> (ages_that_occur(np.array([0.0]), bound, (0.0, 1440.0)) / units.DAY).tolist()
    [30.0, 60.0]
    """
    for target in bound:
        if target.kind == AGE:
            minutes = [
                units.duration(target.value(i), "infant_age", positive=False)
                for i in range(len(target.axis))
            ]
            # Whole days: a dyad enters at a midnight of its life.
            ages = np.floor(np.array(minutes) / units.DAY + _ROUNDING_DAYS) * units.DAY
            with about("axes", target.axis.name):
                require_young(ages, window, "axis 'infant_age': the oldest infant")
    return ages


def windows_of_ages(
    ages: FloatArray,
    window: tuple[float, float],
    caregivers: tuple[str, ...],
    weekday: int,
    seed: int,
) -> list[Window]:
    """The window of a run in minutes since birth, for each different age.

    >>> (window,) = windows_of_ages(np.array([1440.0]), (480.0, 540.0), ("mother",), 0, 0)
    >>> window.start, window.stop
    (1920.0, 1980.0)
    """
    start, stop = window
    return [
        Window(age + start, age + stop, caregivers, weekday, seed, 0)
        for age in np.unique(ages).tolist()
    ]


def unchanged_interventions(
    interventions: Mapping[str, Intervention],
    design: SweepDesign | None,
    bound: Sequence[BoundAxis],
) -> dict[str, Intervention]:
    """The interventions that some run makes as they stand, since no axis changes them in every
    run.

    >>> from oxysim import NasalSpray
    >>> spray = NasalSpray("24 IU", at="10:00")
    >>> list(unchanged_interventions({"spray": spray}, None, ()))
    ['spray']
    """
    if design is None or design.kind == ONE_AT_A_TIME:
        return dict(interventions)
    varied = {target.axis.name.partition(".")[0] for target in bound}
    return {name: interventions[name] for name in interventions if name not in varied}


def implausible_values(
    who: Who,
    design: SweepDesign | None,
    bound: Sequence[BoundAxis],
    schedule: Schedule,
    interventions: Mapping[str, Intervention],
) -> tuple[Implausible, ...]:
    """What is legal but implausible of a study, at whatever point of its design.

    >>> from oxysim.families import Family
    >>> from oxysim.schedule import Schedule
    >>> implausible_values(Family(), None, (), Schedule(Routine.typical()), {})
    ()
    """
    families = [who.specimen if isinstance(who, Members) else who]
    if isinstance(who, Members):
        families += [who.under(name).specimen for name in who.others]
    values = [value for family in families for value in family.implausible]
    days: list[Any] = [schedule]
    if design is not None:
        for target in bound:
            if target.kind == PARAMETER:
                values += _implausible_ends(target, who.caregivers)
            elif target.kind == FIELD:
                days += _changed(target, design, interventions)
    values += [value for day in days for value in as_schedule(day).implausible]
    # of two values of one name the first stands, in the place of the second
    return tuple({value.name: value for value in reversed(values)}.values())[::-1]


def _implausible_ends(target: BoundAxis, caregivers: Sequence[str]) -> tuple[Implausible, ...]:
    """What is implausible of the lowest and the highest value of an axis of numbers: as described
    dyads are judged, whoever was drawn, since an axis sets values.
    """
    positions = {int(np.argmin(target.axis.values)), int(np.argmax(target.axis.values))}
    ends = [target.value(position) for position in positions]
    values = parameter_values(dict.fromkeys(target.targets, ends), caregivers)
    rows = {name: parameter_row(name, caregivers)[2] for name in values}
    return implausible_parameters(values, rows, population=False)


def _changed(
    target: BoundAxis, design: SweepDesign, interventions: Mapping[str, Intervention]
) -> list[Intervention]:
    """An intervention with each value that an axis gives one of its fields."""
    name, _, field = target.axis.name.partition(".")
    return [
        replace(interventions[name], **{field: target.value(i)})
        for i in checked_positions(target, design)
    ]
