"""Stacks against single calls, dyads that fail, an independent solver, and the Jacobian by three
ways.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import sympy
from sksundae.cvode import CVODE

from oxysim.families import Dyad, combine
from oxysim.interventions import Crying, NasalSpray
from oxysim.model import household, registry, structure
from oxysim.model.clock import clock_input
from oxysim.model.mechanisms import shapes
from oxysim.per_dyad import PerDyad
from oxysim.schedule import Routine
from oxysim.simulation.equations.python_code import generated_code
from oxysim.simulation.equations.resting_state import resting_start
from oxysim.simulation.equations.system import (
    System,
    flatten,
    inputs_of,
    jacobian,
    state_rows,
    unflatten,
)
from oxysim.simulation.input_pieces import realise, stacked_pieces
from oxysim.simulation.reference_signals import usual_signals
from oxysim.simulation.results.result import Result
from oxysim.simulation.scipy_engine import Solver
from oxysim.simulation.simulate import simulate
from tests.support.reference_runs import errors

RTOL = 1e-6
VISIT = NasalSpray("24 IU", at="08:10") + Crying("8 min", at="08:40")
TOUCH = {
    "caregiver.oxytocin.touch": np.linspace(0.5, 2.0, 12),
    "infant.stress.oxytocin_gain": np.linspace(0, 4, 12),
}


def _require_equal(family: Dyad, schedule: Any, duration: str, **options: Any) -> None:
    """Some dyads of one call equal their single calls within ten times the tolerance."""
    stack = simulate(family, schedule, duration, **options)
    assert stack.ok.all()
    for i in (0, len(family) // 2, len(family) - 1):
        alone = simulate(family.take([i]), schedule, duration, **options)
        slice_ = Result(stack.dataset.isel(dyad=[i]), stack.schedule, stack.provenance)
        worst = max(errors(slice_, alone).items(), key=lambda item: item[1])
        assert worst[1] < 10 * RTOL, (i, worst)


def test_dyads_in_one_call_equal_single_calls() -> None:
    _require_equal(Dyad(parameters=TOUCH), VISIT, "2 h", usual_day=Routine.typical())


def test_jittered_dyads_in_one_call_equal_single_calls() -> None:
    _require_equal(Dyad().repeat(9), Routine.typical(jitter="8 min"), "3 h", seed=3)


def test_dyads_of_different_ages_in_one_call_equal_single_calls() -> None:
    ages = (
        "2 d",
        "20 d",
        "60 d",
        "92 d",
        "5 months",
        "6 months",
        "8 months",
        "13 months",
        "17 months",
    )
    _require_equal(combine([Dyad(infant_age=age) for age in ages]), Routine.typical(), "3 h")


@pytest.mark.parametrize(
    "absurd", [{"caregiver.oxytocin.clearance": 0.0}, {"caregiver.affect.time_constant": 2e-6}]
)
def test_a_dyad_that_fails_leaves_the_others_as_they_were(absurd: dict[str, float]) -> None:
    sane = Dyad().value(next(iter(absurd)))
    values = np.full(20, float(sane))
    values[7] = next(iter(absurd.values()))
    solver = Solver(max_evaluations=1000)
    options = {"usual_day": Routine.empty(), "solver": solver}
    result = simulate(Dyad(parameters={next(iter(absurd)): values}), VISIT, "90 min", **options)
    whole = simulate(Dyad().repeat(20), VISIT, "90 min", **options)
    assert result.ok.tolist() == [i != 7 for i in range(20)]
    assert set(result.reasons) == {7} and len(result.reasons[7]) > 20
    assert np.isnan(result["caregiver.cortisol"].values[7]).all()
    unharmed = [i for i in range(20) if i != 7]
    unharmed_results = [
        Result(r.dataset.isel(dyad=unharmed), r.schedule, r.provenance) for r in (result, whole)
    ]
    assert max(errors(*unharmed_results).values()) < 10 * RTOL


def test_too_few_evaluations_are_a_reason_that_names_them() -> None:
    result = simulate(
        Dyad(),
        VISIT,
        "90 min",
        usual_day=Routine.empty(),
        solver=Solver("RK45", 1e-10, max_evaluations=100),
    )
    assert not result.ok[0]
    assert "100 evaluations" in result.reasons[0]


TIME = 300.0  # minutes since midnight


def _moment(family: Dyad) -> tuple[System, np.ndarray, Any, Any]:
    """The equations, a state away from rest, levels in which every channel is on, and the usual
    signals.
    """
    random = np.random.default_rng(5)
    y = resting_start(family)[:, 0] * random.uniform(
        0.8, 1.2, len(resting_start(family))
    ) + random.uniform(0.01, 0.1)
    levels = {
        "mother": random.uniform(0.1, 0.9, len(structure.CaregiverInputs._fields)).tolist(),
        "infant": random.uniform(0.1, 0.9, len(structure.InfantInputs._fields)).tolist(),
    }
    multipliers = {name: float(random.uniform(0.5, 1.5)) for name in registry.edges()}
    system = System(family.caregivers, family.resolved(multipliers, 0))
    return system, y, levels, usual_signals(("mother",), 2)


def test_the_exact_jacobian_equals_finite_differences() -> None:
    system, y, levels, usual = _moment(Dyad())
    inputs = inputs_of(levels, ("mother",), clock_input(TIME))
    exact = jacobian(system.rates_under(levels, usual), y, TIME)
    for j in range(len(y)):
        step = 1e-6 * max(abs(y[j]), 1.0)
        up, down = y.copy(), y.copy()
        up[j] += step
        down[j] -= step
        rates = [np.array(system.rates(v.tolist(), inputs, usual)) for v in (up, down)]
        numeric = (rates[0] - rates[1]) / (2 * step)
        assert exact[:, j] == pytest.approx(
            numeric, rel=1e-5, abs=1e-9 + 1e-7 * np.abs(exact[:, j]).max()
        )


@pytest.fixture
def symbolic() -> Iterator[None]:
    # followed and kept while the functions are still those of numbers
    generated_code(_moment(Dyad())[0].parameters)
    saved = shapes.exp, shapes.log
    shapes.exp, shapes.log = sympy.exp, sympy.log
    yield
    shapes.exp, shapes.log = saved


def test_symbols_give_the_same_jacobian(symbolic: None) -> None:
    system, y, levels, usual = _moment(Dyad())
    names = sympy.symbols([name.replace(".", "_") for name in state_rows(("mother",))])
    inputs = inputs_of(levels, ("mother",), clock_input(TIME))
    result = np.zeros((len(y), len(y)))
    for i, row in enumerate(
        flatten(household.derivatives(unflatten(names, 1), inputs, system.parameters, usual))
    ):
        heard = [j for j, name in enumerate(names) if row.has(name)]
        result[i, heard] = sympy.lambdify(
            names, [sympy.diff(row, names[j]) for j in heard], "math"
        )(*y.tolist())
    exact = jacobian(system.rates_under(levels, usual), y, TIME)
    assert result == pytest.approx(exact, rel=1e-9, abs=1e-12)


def _cvode(
    system: System, levels: Any, usual: Any, span: tuple[float, float], y: np.ndarray
) -> np.ndarray:
    """One piece by SUNDIALS, from the equations as they are written: not even the generated code is
    shared.
    """

    def rates(t: float, v: np.ndarray, out: np.ndarray) -> None:
        out[:] = system.rates(
            v.tolist(), inputs_of(levels, ("mother",), clock_input(float(t))), usual
        )

    return np.asarray(CVODE(rates, rtol=1e-10, atol=1e-12).solve(np.array(span), y).y)[-1]


def test_an_independent_solver_agrees() -> None:
    family, schedule = Dyad(), Routine.empty() + VISIT
    result = simulate(
        family,
        schedule,
        "3 h",
        save=["0 min", "3 h"],
        usual_day=Routine.empty(),
        solver=Solver("DOP853", 1e-10),
    )
    (table,) = stacked_pieces(
        realise(family, PerDyad.shared(schedule, len(family)), 480.0, 660.0),
        family.ages(),
        PerDyad.shared(np.empty(0), len(family)),
        separate=True,
    )
    system = System(("mother",), family.resolved({}, 0))
    y, expected = (
        np.array([result[name].values[0, k] for name in state_rows(("mother",))]) for k in (0, -1)
    )
    for piece in range(table.n_pieces):
        span = (float(table.edges[piece, 0]), float(table.edges[piece + 1, 0]))
        y = _cvode(system, table.inputs(piece), table.usual(piece, family.role_of), span, y)
    assert y == pytest.approx(expected, rel=1e-7, abs=1e-7)
