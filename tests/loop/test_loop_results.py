"""What results of oxysim.loop can be asked, and the small steps inside, on made-up numbers with
known answers.
"""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import oxysim as ox
from oxysim import loop
from oxysim.errors import UnitError
from oxysim.loop.bifurcation.arclength_walk import Steps
from oxysim.loop.bifurcation.branches import Diagram, _followed, _lies_on
from oxysim.loop.bifurcation.continuation import continue_branch
from oxysim.loop.bifurcation.control_parameter import ControlParameter, control_parameter
from oxysim.loop.bifurcation.dose_parameters import Doses
from oxysim.loop.full_model.frozen_runs import FrozenRuns
from oxysim.loop.regime_analysis.loop_gain import LoopGain
from oxysim.loop.regime_analysis.regimes import Regime, Regimes
from oxysim.loop.resilience import basins as tipping
from oxysim.loop.resilience import full_model_basins, pulses
from oxysim.loop.resilience.basins import UNDECIDED, Attractors
from oxysim.loop.resilience.early_warning import WarningSigns, folds_of
from oxysim.loop.resilience.full_model_basins import full_ends
from oxysim.loop.resilience.simulated_early_warning import (
    Looks,
    SimulatedSigns,
    _at_midnight,
    _courses,
)
from oxysim.loop.uncertainty.elementary_effects import MorrisScreening
from oxysim.progress import Bar

SYSTEM = loop.AveragedSystem(ox.Dyad())
POINT = SYSTEM.start
HIGH = np.where(np.array(SYSTEM.names) == "mother.depression", 16.0, POINT)
ENDS = Attractors(SYSTEM, np.stack([POINT, HIGH], axis=1), np.empty((len(POINT), 0)))
CUSP = continue_branch(lambda x, p: p + x - x**3, [-1.5], -1.5, low=-2, high=2)
FORK = continue_branch(lambda x, p: p * x - x**3, [0.0], -1.0, low=-1, high=1)
FOLD = 2 / (3 * np.sqrt(3))


# --------------------------------------------------------------------------------------
# branches
def test_a_diagram_holds_the_special_points_of_all_its_branches() -> None:
    diagram = Diagram("p", ("x1",), (CUSP, FORK), 0.0, "h")
    assert [point.p for point in diagram.folds] == pytest.approx([-FOLD, FOLD])
    assert [point.kind for point in diagram.branch_points] == ["pitchfork"]
    assert diagram.ended == (*CUSP.ended, *FORK.ended)
    table = diagram.table()
    assert table["branch"].tolist() == [0] * len(CUSP.p) + [1] * len(FORK.p)
    text = repr(diagram)
    assert "2 branches" in text
    assert "fold at 0.3849" in text
    assert "-2 to 2 h" in text


def test_a_regime_that_lies_on_a_branch_is_known() -> None:
    on = np.array([-1.0])  # p + x - x³ = 0 at p = 0
    assert _lies_on(CUSP, on, 0.0, np.ones(1))
    assert not _lies_on(CUSP, on + 0.1, 0.0, np.ones(1))
    assert _lies_on(CUSP, on + 0.1, 0.0, 10 * np.ones(1))


def test_a_branch_of_a_dyad_is_followed_in_its_own_sizes_and_limits() -> None:
    names = ("mother.depression", "mother.bond")
    base: Any = SimpleNamespace(names=names, dyad=ox.Dyad())
    seen: list[float] = []

    def rates(x: Any, p: Any) -> Any:
        seen.extend(np.ravel(p).tolist())
        return np.array([10 * p - x[0], 0.5 + 0 * p - x[1]])

    varied = ControlParameter("gain", "parameter", "", 1.0, (0.0, 4.0), base, lambda _: base, rates)
    branch = _followed(varied, np.array([10.0, 0.5]), 1.0, (0.0, 4.0), Steps(longest=0.1))
    assert branch.names == names
    assert branch.parameter == "gain"
    # the least legal depression is 1e-6
    np.testing.assert_allclose(branch.x[0], 10 * branch.p, atol=1e-5)
    assert any(
        "mother.depression reached 30, the end of its legal range" in reason
        for reason in branch.ended
    )
    assert min(seen) >= -1e-9


def test_a_branch_over_a_dose_ends_where_no_dose_is_left_and_says_so() -> None:
    """The curve p = ((x - 10) / 8)³ runs straight down at p = 0 and goes on below it, where there
    is no dose: neither rates nor slope are ever asked for there.
    """
    base: Any = SimpleNamespace(names=("mother.depression",), dyad=ox.Dyad())
    asked: list[float] = []

    def dosed(p: Any) -> Any:
        asked.extend(np.ravel(p).tolist())
        if np.min(p) < 0 or np.max(p) > 4:
            raise UnitError("minutes: expected a positive length of time; found '-3 min'")
        return p

    varied = ControlParameter(
        "contact.minutes", "field", "min", 1.0, (0.0, 4.0), base, lambda _: base,
        rates=lambda x, p: np.asarray(dosed(p) - ((x - 10) / 8) ** 3),
        slope=lambda x, p: np.ones_like(x) + 0 * dosed(p),
    )  # fmt: skip
    branch = _followed(varied, np.array([18.0]), 1.0, (0.0, 4.0), Steps(longest=0.1))
    assert [reason.split(", the end of")[0] for reason in branch.ended] == [
        "contact.minutes reached 0",
        "contact.minutes reached 4",
    ]
    np.testing.assert_allclose(branch.x[0], 10 + 8 * np.cbrt(branch.p), atol=1e-3)
    np.testing.assert_allclose([branch.p.min(), branch.p.max()], [0, 4], atol=1e-9)
    assert min(asked) >= 0
    for beyond in (-3.0, 4.1):
        assert np.isnan(varied.slope_where_legal(np.array([18.0]), beyond)).all()
    assert varied.slope_where_legal(np.array([18.0]), 4.0).tolist() == [1.0]


def test_a_multiplier_along_an_edge_is_that_of_the_system_with_the_edge() -> None:
    # on the cycle of either, whatever it was begun near: recent reward keeps two days
    system = replace(SYSTEM, settle=5)
    varied, values = control_parameter(system, "reward -> depression", [0.5, 0.75])
    assert values.tolist() == [0.5, 0.75]
    assert varied.own_value == 1.0
    x = np.repeat(HIGH[:, None], 2, axis=1)
    expected = [system.with_edges({"reward -> depression": v}).rates(HIGH) for v in (0.5, 0.75)]
    np.testing.assert_allclose(varied.rates(x, values), np.array(expected).T, rtol=1e-9, atol=1e-12)


def test_the_slope_over_a_dose_is_that_of_the_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Doses, "rates", lambda _, x, p: x * p + p**2)
    doses: Any = Doses(SYSTEM, None, {}, (0.0, 4.0))  # type: ignore[arg-type]
    x = np.array([2.0, 3.0])
    np.testing.assert_allclose(doses.slope(x, 1.0), x + 2.0, atol=0.005)
    # at the end, from below it
    np.testing.assert_allclose(doses.slope(x, 4.0), x + 8.0, atol=0.005)


# --------------------------------------------------------------------------------------
# ends and courses
def test_which_regime_a_state_has_arrived_at() -> None:
    x = np.stack([POINT, HIGH, (POINT + HIGH) / 2, HIGH * 1.001], axis=1)
    assert ENDS.regime_of(x).tolist() == [0, 1, UNDECIDED, 1]


def test_starts_are_followed_until_they_arrive(monkeypatch: pytest.MonkeyPatch) -> None:
    followed: list[tuple[int, float]] = []

    def flow(_: Any, x: np.ndarray, days: float) -> np.ndarray:
        followed.append((x.shape[1], days))
        return np.repeat(HIGH[:, None], x.shape[1], axis=1) if len(followed) == 2 else x

    monkeypatch.setattr(tipping, "flow", flow)
    start = np.stack([POINT, (POINT + HIGH) / 2], axis=1)
    assert ENDS.reached(start).tolist() == [0, 1]
    assert followed == [(1, 60.0), (1, 120.0)]  # the one that had not arrived
    monkeypatch.setattr(tipping, "flow", lambda _, x, days: x)
    assert ENDS.reached(start).tolist() == [0, UNDECIDED]


def test_the_full_model_is_followed_until_it_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    position = SYSTEM.places[0]
    y = np.repeat(SYSTEM.day.rest, 2, axis=1)
    y[np.ix_(SYSTEM.places, [0, 1])] = np.stack([POINT, HIGH], axis=1)
    y[position, 0] = 12.0
    periods: list[int] = []

    def carried(_: Any, y: np.ndarray, plans: Any, number: int, lives: Any = None) -> np.ndarray:
        periods.append(number)
        assert y.shape[1] == len(plans) == 1
        moved = y.copy()
        moved[position] += 2.0
        return moved

    monkeypatch.setattr(FrozenRuns, "integrate_periods", carried)
    assert full_ends(ENDS, y).tolist() == [1, 1]
    assert periods == [full_model_basins.LOOK] * 2
    assert y[position, 0] == 12.0  # the caller's own states stay as they are


def test_a_pulse_tips_where_another_regime_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(
        pulses, "stressed", lambda *arguments: calls.append(arguments) or arguments[1]
    )
    full_regimes: Any = SimpleNamespace(
        system=SYSTEM, stable=ENDS.stable, reached=lambda _: np.array([0, 1, UNDECIDED])
    )
    days, size = np.array([1.0, 2.0, 3.0]), np.array([4.0, 5.0, 6.0])
    assert pulses._tips(full_regimes, days, size).tolist() == [False, True, False]
    ((system, x, lasting, force),) = calls
    assert system is SYSTEM
    np.testing.assert_array_equal(x, np.repeat(POINT[:, None], 3, axis=1))
    assert lasting is days
    assert force is size


# --------------------------------------------------------------------------------------
# signs
def _theory() -> WarningSigns:
    values = np.array([1.0, 2.0])
    epds = np.array([10.0, 15.0])
    return WarningSigns(
        "gain", values, epds, np.array([1.0, 1.5]), np.array([0.5, 0.6]), values, 7.0, values + 1
    )


def test_the_spread_in_logit_units_and_the_distance_to_the_fold() -> None:
    theory = _theory()
    # d logit(e/30)/de = 1/(e(1 - e/30))
    np.testing.assert_allclose(theory.logit_sd, [1.0 / (10 * 2 / 3), 1.5 / 7.5])
    np.testing.assert_allclose(theory.distance, 1.0)
    assert theory.table()["autocorrelation at 7 d"].tolist() == [0.5, 0.6]


def test_simulation_stands_beside_theory_in_standard_errors() -> None:
    two = np.ones(2)
    signs = SimulatedSigns(
        _theory(), 10 * two, 1.2 * two, 0.1 * two, 0.4 * two, 0.05 * two, 0.25 * two, 40, 52
    )
    np.testing.assert_allclose(signs.deviation, [[2.0, -3.0], [-2.0, -4.0]])
    table = signs.table()
    assert table["sd, theory"].tolist() == [1.0, 1.5]
    assert table["left"].tolist() == [0.25, 0.25]
    assert "share that left up to 0.25" in repr(signs)


def test_courses_are_looked_at_after_the_warm_up_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    position, life = SYSTEM.places[0], ox.DailyLife()
    asked: list[int] = []

    def carried(_: Any, y: np.ndarray, plans: Any, periods: int, lives: Any = None) -> np.ndarray:
        asked.append(periods)
        assert lives.seeds == [11] * 3
        moved = y.copy()
        moved[position] += 1.0
        return moved

    monkeypatch.setattr(
        FrozenRuns,
        "states_of_means",
        lambda _, x: np.repeat(SYSTEM.day.rest, x.shape[1], axis=1) * 0,
    )
    monkeypatch.setattr(FrozenRuns, "integrate_periods", carried)
    courses = _courses(SYSTEM, POINT, Looks(2, 3, 7), (life, 3, 11), Bar("look"))
    assert courses.tolist() == [[3.0, 4.0, 5.0]] * 3
    assert asked == [7] * 5


def test_a_border_is_brought_to_the_hour_of_the_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    def begun(_: Any, x: np.ndarray) -> np.ndarray:
        y = SYSTEM.day.rest.copy()
        y[SYSTEM.places[0]] = x[0] + 0.2
        return y

    monkeypatch.setattr(FrozenRuns, "states_of_means", begun)
    assert _at_midnight(SYSTEM, POINT, 9.0) == pytest.approx(9.2)
    assert _at_midnight(SYSTEM, POINT, np.inf) == np.inf


# --------------------------------------------------------------------------------------
# texts
def test_what_a_gain_and_a_screening_say() -> None:
    assert str(LoopGain(("a", "b"), 0.5, True)) == "a + b: loop gain 0.5000 (reinforcing)"
    assert "the gain does not bear on stability" in str(LoopGain(("a",), -0.5, False))
    assert LoopGain(("a",), 0.0, True).kind == "no loop"
    table = pd.DataFrame({"input": ["a", "b"], "status": "assumed", "mu_star": [2.0, 1.0]})
    assert (
        repr(MorrisScreening("y", table, 40, 0.95))
        == "Morris screening: outcome y; mu* a 2 and b 1; runs 40."
    )


def test_regimes_are_told_apart_by_stability() -> None:
    def one(stable: bool) -> Regime:
        size = np.diag([0.9 if stable else 1.1])
        return Regime(
            "w",
            stable,
            9.0,
            {},
            {},
            np.array([size[0, 0] + 0j]),
            size,
            np.array([0j]),
            {},
            0.0,
            1,
            ("m.depression",),
        )

    dyad_regimes = Regimes(SYSTEM, (one(True), one(False), one(True)), ())
    assert [len(dyad_regimes.stable), len(dyad_regimes.unstable)] == [2, 1]
    assert dyad_regimes.worst() is dyad_regimes[2]
    assert "mood leaves" in str(dyad_regimes.unstable[0])


def test_every_stable_stretch_knows_the_fold_in_which_it_ends() -> None:
    """On the cusp's branch the lower stretch ends at +.3849, the upper begins at -.3849, and
    between them is none.
    """
    fold, rising = folds_of(CUSP), np.arange(len(CUSP.p))
    first, last = (i for i, kind in enumerate(CUSP.kinds) if kind == "fold")
    np.testing.assert_allclose(fold[rising < first], FOLD, atol=1e-6)
    np.testing.assert_allclose(fold[rising > last], -FOLD, atol=1e-6)
    assert np.isnan(fold[first : last + 1]).all()
    assert np.isnan(folds_of(FORK)).all()  # a pitchfork is no fold
