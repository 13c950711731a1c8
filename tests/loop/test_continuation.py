"""Continuation on textbook systems with known folds and Hopf points, and of a
dyad's own regimes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize_scalar

import oxysim as ox
from oxysim.errors import InputError, UnknownNameError
from oxysim.loop.averaged_system import AveragedSystem
from oxysim.loop.bifurcation.arclength_walk import Steps
from oxysim.loop.bifurcation.branches import branch
from oxysim.loop.bifurcation.continuation import continue_branch
from oxysim.loop.bifurcation.equilibrium_branch import Branch
from oxysim.loop.bifurcation.hysteresis import sweep_up_and_down
from oxysim.loop.equilibria.equilibrium_search import equilibria
from tests.support.averaged_dyads import gains_at_rest


def cusp(a: float) -> Any:
    return lambda x, p: p + a * x - x**3


def brusselator(a: float) -> Any:
    return lambda x, b: np.array(
        [a - (b + 1) * x[0] + x[0] ** 2 * x[1], b * x[0] - x[0] ** 2 * x[1]]
    )


@settings(max_examples=6, deadline=None)
@given(a=st.floats(0.3, 3.0))
def test_folds_of_the_cusp(a: float) -> None:
    branch = continue_branch(
        cusp(a), [-2.5], brentq(lambda p: cusp(a)(-2.5, p), -20, 20), low=-20, high=20
    )
    expected = 2 / (3 * np.sqrt(3)) * a**1.5
    np.testing.assert_allclose(
        [f.p for f in branch.folds], [expected, -expected], rtol=0, atol=1e-8
    )
    np.testing.assert_allclose(
        [f.x[0] for f in branch.folds], [-np.sqrt(a / 3), np.sqrt(a / 3)], rtol=0, atol=1e-8
    )
    assert branch.hopfs == ()
    states, stable = branch.at(0.0)
    np.testing.assert_allclose(np.sort(states[0]), [-np.sqrt(a), 0, np.sqrt(a)], atol=0.02)
    assert stable[np.argsort(states[0])].tolist() == [True, False, True]


def test_without_bistability_there_is_no_fold() -> None:
    branch = continue_branch(cusp(-0.5), [0.0], 0.0, low=-2, high=2)
    assert branch.special == ()
    assert branch.stable.all()


@settings(max_examples=6, deadline=None)
@given(a=st.floats(0.5, 2.0))
def test_hopf_point_of_the_brusselator(a: float) -> None:
    branch = continue_branch(brusselator(a), [a, 0.3 / a], 0.3, low=0.1, high=7)
    (hopf,) = branch.hopfs
    assert abs(hopf.p - (1 + a * a)) < 1e-8
    assert abs(hopf.frequency - a) < 1e-8
    assert branch.folds == ()
    below = branch.p < hopf.p - 1e-6
    assert branch.stable[below].all()
    assert not branch.stable[branch.p > hopf.p + 1e-6].any()


def test_fold_of_the_bratu_problem() -> None:
    """u'' + λ·exp(u) = 0, u(0) = u(1) = 0, with 9 inner points: the fold of the discrete problem,
    found again from its symmetric reduction.
    """
    n = 9
    h = 1 / (n + 1)

    def rates(u: Any, p: Any) -> Any:
        padded = np.pad(u, [(1, 1)] + [(0, 0)] * (u.ndim - 1))
        return (padded[2:] - 2 * u + padded[:-2]) / h**2 + p * np.exp(u)

    branch = continue_branch(
        rates, np.zeros(n), 0.0, low=0.0, high=4.0, scale=[4.0] * n, legal=[(-1, 4)] * n
    )
    (fold,) = branch.folds

    def height(p: float, top: float) -> float:
        """What is left at the left end after shooting outwards from the top in the middle."""
        u, step = [top, top - h**2 * p * np.exp(top) / 2], h**2 * p
        while len(u) < n // 2 + 2:
            u.append(2 * u[-1] - u[-2] - step * np.exp(u[-1]))
        return u[-1]

    shot = minimize_scalar(
        lambda top: -brentq(height, 2.5, 3.9, args=(top,), xtol=1e-14), (1.1, 1.2, 1.3), tol=1e-7
    )
    largest = -shot.fun
    assert abs(fold.p - largest) < 1e-8
    assert abs(fold.p - 3.513830719) < 0.05  # of the continuous problem
    assert branch.stable[:3].all()
    assert not branch.stable[-3:].any()


def test_a_closed_branch_is_said_to_be_closed() -> None:
    """An isola: p² + x² = 1 is a closed curve with two folds, at p = -1 and 1."""
    branch = continue_branch(lambda x, p: p**2 + x**2 - 1, [1.0], 0.0, low=-2, high=2)
    assert all(reason.startswith("closed") for reason in branch.ended)
    np.testing.assert_allclose(sorted(f.p for f in branch.folds), [-1, 1], atol=1e-8)


def test_a_neutral_saddle_is_no_hopf_point() -> None:
    """Eigenvalues p - 1 and 2 sum to 0 at p = -1 without any oscillation."""
    branch = continue_branch(
        lambda x, p: np.array([(p - 1) * x[0], 2 * x[1]]), [0.0, 0.0], -2.0, low=-3, high=0.5
    )
    assert branch.hopfs == ()


def test_a_crossing_of_branches_is_no_fold() -> None:
    branch = continue_branch(lambda x, p: p * x - x**3, [0.0], -1.0, low=-1, high=1)
    (point,) = branch.special
    assert point.kind == "pitchfork"
    assert abs(point.p) < 1e-8


def test_leaving_the_legal_range_ends_the_branch_and_keeps_what_was_found() -> None:
    branch = continue_branch(
        cusp(1.0), [-2.0], -6.0, low=-8, high=8, legal=[(-3, 0.2)], names=["mood"]
    )
    assert "mood reached 0.2, the end of its legal range" in branch.ended[1]
    assert abs(branch.x[0, -1] - 0.2) < 1e-9
    assert len(branch.folds) == 1
    assert branch.p[0] == pytest.approx(-8)
    assert "range asked for" in branch.ended[0]


@pytest.mark.parametrize("p", [-1.0, 0.2, 1.0])
def test_equations_without_a_value_beyond_the_range_are_followed_to_its_ends(p: float) -> None:
    def rates(x: Any, p: Any) -> Any:
        return np.where(np.abs(p) <= 1, p - x, np.nan)

    branch = continue_branch(rates, [p], p, low=-1, high=1)
    np.testing.assert_allclose(sorted([branch.p[0], branch.p[-1]]), [-1, 1])
    assert all("the end of its range asked for" in reason for reason in branch.ended)
    assert branch.at(p)[0].shape[1] >= 1


def test_equations_that_end_are_said() -> None:
    branch = continue_branch(lambda x, p: np.sqrt(1 - p) - x, [1.0], 0.0, low=-1, high=3)
    assert "converged" in branch.ended[1]
    assert 0.9 < branch.p[-1] <= 1


@settings(max_examples=4, deadline=None)
@given(longest=st.floats(0.01, 0.2))
def test_every_point_is_an_equilibrium_whatever_the_step(longest: float) -> None:
    branch = continue_branch(
        cusp(1.0),
        [-2.0],
        -6.0,
        low=-8,
        high=8,
        steps=Steps(first=0.005, longest=longest, tolerance=1e-10),
    )
    assert np.abs(cusp(1.0)(branch.x[0], branch.p)).max() < 1e-7
    assert len(branch.folds) == 2
    table = branch.table()
    assert len(table) == len(branch.p)
    assert list(table["kind"]).count("fold") == 2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"low": 2.0, "high": -2.0}, "expected low < high"),
        ({"p": 5.0}, r"expected a start in \[-2, 2\]; found 5"),
        ({"start": [9.0], "rates": lambda x, p: np.exp(x) + p**2 + 1}, "no equilibrium found near"),
        ({"rates": lambda x, p: -x + 0 * p}, "does not influence the rates of x1"),
        ({"legal": [(0, 1), (0, 1)]}, "one a state"),
        ({"scale": [0.0]}, "positive sizes"),
    ],
)
def test_what_cannot_be_followed_is_refused(change: dict[str, Any], message: str) -> None:
    asked: dict[str, Any] = {
        "rates": cusp(1.0),
        "start": [1.0],
        "p": 0.0,
        "low": -2.0,
        "high": 2.0,
    } | change
    with pytest.raises(InputError, match=message):
        continue_branch(asked.pop("rates"), asked.pop("start"), asked.pop("p"), **asked)


def test_steps_are_checked() -> None:
    with pytest.raises(InputError, match="shortest <= first <= longest"):
        Steps(first=1.0, longest=0.1)


def test_hysteresis_of_the_cusp() -> None:
    fold = 2 / (3 * np.sqrt(3))
    values = np.linspace(-0.6, 0.6, 25)
    hysteresis_sweep = sweep_up_and_down(cusp(1.0), [-1.3], values, longest=2000.0)
    assert hysteresis_sweep.settled.all()
    low, high = hysteresis_sweep.window() or (np.nan, np.nan)
    inside = values[np.abs(values) < fold]
    assert low == pytest.approx(inside[0])
    assert high == pytest.approx(inside[-1])


def test_hysteresis_needs_increasing_values() -> None:
    with pytest.raises(InputError, match="increasing order"):
        sweep_up_and_down(cusp(1.0), [0.0], [1.0, 0.0], longest=10.0)


# --------------------------------------------------------------------------------------
# the dyad
GAIN = "caregiver.depression.loop_gain"


def test_misspelt_parameters_and_edges_are_answered() -> None:
    system = AveragedSystem(ox.Dyad.symptomatic())
    with pytest.raises(UnknownNameError, match="loop_gain"):
        branch(system, "caregiver.depression.loop_gian", 0.5, 2.0)
    with pytest.raises(UnknownNameError, match="reward -> depression"):
        branch(system, "rewards -> depression", 0.0, 1.0)
    with pytest.raises(InputError, match="one dyad"):
        branch(ox.Dyad.symptomatic().repeat(2), GAIN, 0.5, 2.0)


def test_a_parameter_outside_the_loop_is_refused() -> None:
    system = AveragedSystem(ox.Dyad.symptomatic())
    with pytest.raises(InputError, match="does not influence"):
        branch(system, "caregiver.depression.vulnerability_at_birth", 0.0, 1.0, starts=system.start)


@pytest.mark.long
def test_fold_of_the_symptomatic_dyad_and_both_sides_of_it_in_the_full_model() -> None:
    system = AveragedSystem(ox.Dyad.symptomatic())
    diagram = branch(system, GAIN, 1.6, 2.2)
    (fold,) = diagram.folds
    # the turning point of the curve of resting points, which no continuation found
    depressions = np.linspace(12.0, 17.0, 51)
    gains = gains_at_rest(system, depressions)
    assert fold.p == pytest.approx(gains.min(), abs=2e-4)
    assert fold.x[0] == pytest.approx(depressions[gains.argmin()], abs=0.1)
    # inside, what a search finds that follows no branch
    inside = fold.p + 0.1
    states, stable = diagram.at(inside)
    assert stable.tolist() == [True, False, True]
    rests = equilibria(system.with_parameter(GAIN, inside), 0)
    np.testing.assert_allclose(states[0], rests[0], atol=0.2)
    states, stable = diagram.at(fold.p - 0.05)
    assert stable.tolist() == [True]
    # the full model's infant grows older meanwhile, which moves the fold; so the two dyads are well
    # apart from it
    start = {
        name: float(v)
        for name, v in zip(diagram.names, fold.x, strict=True)
        if name != "infant.methylation"
    }
    both = ox.Dyad(
        parameters={GAIN: fold.p + np.array([0.1, -0.45]), VULNERABLE: 0},
        start={**start, "mother.depression": 15.0},
    )
    course = ox.simulate(
        both, ox.Routine.typical(), "32 weeks", save="weekly", variables=["caregiver.epds"],
        engine="compiled", solver=ox.Solver(rtol=1e-4),
    )  # fmt: skip
    stays, falls = course["caregiver.epds"].values[:, -1]
    assert stays > 14
    assert falls < 9


VULNERABLE = "caregiver.depression.vulnerability_at_birth"


@pytest.mark.long
def test_an_edge_at_its_limit_is_followed_down_to_the_fold() -> None:
    """Without part of what reward tells depression, the symptomatic regime is gone: a search that
    follows no branch finds it just above the fold, and not just below.
    """
    edge = "reward -> depression"
    system = AveragedSystem(ox.Dyad.symptomatic(), held=("infant.methylation",), settle=1)
    diagram = branch(system, edge, 0.5, 1.0, starts=system.start)
    (fold,) = diagram.folds
    assert diagram.own == 1.0
    rests = [
        equilibria(system.with_edges({edge: fold.p + beside}), 0).shape[1]
        for beside in (-0.002, 0.002)
    ]
    assert rests == [1, 3]


def test_branches_are_frozen() -> None:
    branch = continue_branch(cusp(1.0), [1.0], 0.0, low=-1, high=1)
    assert isinstance(branch, Branch)
    with pytest.raises(AttributeError):
        branch.parameter = "q"  # type: ignore[misc]
