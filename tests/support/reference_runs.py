"""What the numerical tests and benchmarks share: a busy schedule, output at every edge, and the
error of one run against another.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from oxysim.families import Dyad, Family
from oxysim.interventions import Crying, IntravenousBolus, NasalSpray, SkinToSkin
from oxysim.schedule import Routine, Schedule, as_schedule
from oxysim.simulation.results.result import Result
from oxysim.simulation.scipy_engine import Solver
from oxysim.simulation.simulate import simulate

START = 480.0
"""Simulations start at 08:00 unless told otherwise, in minutes."""

REFERENCE = Solver("DOP853", rtol=1e-13)
SMALLEST = 0.05
"""A variable that never exceeds this is compared on this scale."""


def busy_day() -> Schedule:
    """The typical day with a spray, crying, an infusion of four minutes and skin-to-skin contact,
    every day.
    """
    return (
        Routine.typical()
        + NasalSpray("24 IU", at="10:00", repeat="daily")
        + Crying("12 min", at="10:45", repeat="daily")
        + SkinToSkin("60 min", at="11:05", repeat="daily")
        + IntravenousBolus("2 IU", minutes="4 min", at="12:30", repeat="daily")
    )


def at_every_edge(
    who: Family, schedule: Any, minutes: float, grid: float | None = None
) -> list[str]:
    """Output times: every edge of the schedule and, where asked for, a regular
    grid between them.
    """
    age = float(who.ages()[0])
    plan = as_schedule(schedule).realise(
        age + START, age + START + minutes, caregivers=who.caregivers
    )
    regular = [] if grid is None else np.arange(START, START + minutes, grid)
    times = np.unique(np.round(np.concatenate([plan.edges - age, regular]), 6))
    return [f"{t - START:.6f} min" for t in times]


def run(
    solver: Solver,
    who: Family | None = None,
    minutes: float = 1440.0,
    schedule: Any = None,
    **options: Any,
) -> Result:
    """A simulation from 08:00 with output at every edge and, unless `save` is
    given, every 7.5 min.
    """
    family, plan = who or Dyad(), busy_day() if schedule is None else schedule
    options.setdefault(
        "save", at_every_edge(family, plan, minutes, 7.5 if minutes <= 5000 else 30.0)
    )
    result = simulate(family, plan, f"{minutes} min", solver=solver, **options)
    assert result.ok.all(), result.reasons
    return result


def errors(result: Result, reference: Result) -> dict[str, float]:
    """By variable: the largest error of any dyad, relative to the largest reference value of that
    dyad (at least
    0.05)."""
    worst = {}
    for name in reference.variables:
        expected, values = reference[name].values, result[name].values
        size = np.maximum(np.abs(expected).max(axis=1), SMALLEST)
        worst[name] = float((np.abs(values - expected).max(axis=1) / size).max())
    return worst


def worst_error(result: Result, reference: Result) -> tuple[float, str]:
    """The largest of all errors, and whose it is."""
    error_of = errors(result, reference)
    name = max(error_of, key=error_of.__getitem__)
    return error_of[name], name
