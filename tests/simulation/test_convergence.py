"""The error of every method against a reference, the order at which it falls, and short inputs that
no method may miss.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from oxysim.families import Dyad, Family
from oxysim.interventions import Crying, IntravenousBolus
from oxysim.schedule import Routine
from oxysim.simulation.results.result import Result
from oxysim.simulation.scipy_engine import METHODS, Solver
from oxysim.simulation.simulate import simulate
from tests.support.reference_runs import REFERENCE, at_every_edge, run, worst_error

DAY = 1440.0
TOLERANCES = (1e-4, 1e-6, 1e-8)


@pytest.fixture(scope="module")
def three_days() -> Result:
    return run(REFERENCE, minutes=3 * DAY)


def test_the_reference_is_confirmed_by_an_implicit_method() -> None:
    radau, reference = (
        run(solver, minutes=150, schedule=Routine.typical())
        for solver in (Solver("Radau", 1e-11), REFERENCE)
    )
    assert worst_error(radau, reference)[0] < 1e-10


@pytest.mark.parametrize("method", METHODS)
def test_the_error_is_below_a_hundred_tolerances_and_falls_with_them(
    method: str, three_days: Result
) -> None:
    result = [
        worst_error(run(Solver(method, rtol), minutes=3 * DAY), three_days) for rtol in TOLERANCES
    ]
    for (error, name), rtol in zip(result, TOLERANCES, strict=True):
        assert error < 100 * rtol, f"{method} at {rtol:g}: {name} is wrong by {error:.2g}"
    sizes = [error for error, _ in result]
    assert sizes[0] > 10 * sizes[1] > 100 * sizes[2]


@pytest.mark.long
@pytest.mark.parametrize("method", METHODS)
def test_the_same_over_thirty_days(method: str) -> None:
    reference = _thirty_days()
    for rtol in TOLERANCES:
        error, name = worst_error(run(Solver(method, rtol), minutes=30 * DAY), reference)
        assert error < 100 * rtol, f"{method} at {rtol:g}: {name} is wrong by {error:.2g}"


_KEPT: dict[str, Result] = {}


def _thirty_days() -> Result:
    if not _KEPT:
        _KEPT["reference"] = run(REFERENCE, minutes=30 * DAY)
    return _KEPT["reference"]


@pytest.mark.parametrize("method", ["RK45", "LSODA"])
def test_a_symptomatic_dyad_and_a_family(method: str) -> None:
    both = Routine.typical() + Routine.typical("father", by="father")
    for dyad, schedule in (
        (Dyad.symptomatic(), Routine.typical()),
        (Family(("mother", "father")), both),
    ):
        reference = run(Solver("DOP853", 1e-10), dyad, 180, schedule)
        assert worst_error(run(Solver(method, 1e-6), dyad, 180, schedule), reference)[0] < 1e-4


def test_the_order_of_rk45_is_five_across_edges() -> None:
    # 61 and 13.7 min are no multiples of any of the steps, so an engine that stepped across an edge
    # would fall to order 1
    schedule = (
        Routine.empty()
        + Crying("61 min", at="08:13")
        + IntravenousBolus("1 IU", minutes="13.7 min", at="09:31")
    )
    save = at_every_edge(Dyad(), schedule, 180)
    reference = run(REFERENCE, minutes=180, schedule=schedule, save=save)
    steps = (0.5, 0.25)
    result = [
        worst_error(
            run(
                Solver(rtol=REFERENCE.rtol, fixed_step=h), minutes=180, schedule=schedule, save=save
            ),
            reference,
        )[0]
        for h in steps
    ]
    assert abs(np.log2(result[0] / result[1]) - 5) < 0.15, result


@pytest.mark.parametrize("method", METHODS)
def test_an_input_of_four_minutes_is_found_by_every_method(method: str) -> None:
    bolus = IntravenousBolus("1 IU", minutes="4 min", at="23:00")
    drip = _peak(method, Routine.empty() + bolus, "caregiver.plasma_oxytocin")
    assert drip > 10 * _peak(method, Routine.empty(), "caregiver.plasma_oxytocin")
    crying = _peak(method, Routine.empty() + Crying("4 min", at="23:00"), "infant.arousal")
    assert crying > _peak(method, Routine.empty(), "infant.arousal") + 0.05


def _peak(method: str, schedule: Any, name: str) -> float:
    # 23:00 is 900 min after the start, when the system has been at rest for hours
    result = simulate(
        Dyad(),
        schedule,
        "24 h",
        solver=Solver(method, 1e-4),
        save=["900 min", "904 min", "910 min"],
        variables=[name],
    )
    return float(result[name].values.max())
