"""Special points that lie close together, or in one place, against closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oxysim.loop import continue_branch
from oxysim.loop.bifurcation.equilibrium_branch import Branch

FOLD = 2 / (3 * np.sqrt(3))  # of p + x - x³, where x = 1/√3


def two_cusps(k: float) -> Any:
    """Two equal bistable systems with diffusion between them: on the branch of equal states the
    fold of one of them, and where 1 - 3x² = 2k pitchforks at which the two part.
    """
    return lambda x, p: np.vstack(
        [p + x[0] - x[0] ** 3 + k * (x[1] - x[0]), p + x[1] - x[1] ** 3 + k * (x[0] - x[1])]
    )  # fmt: skip


def oscillators(*onsets: float) -> Any:
    """Hopf normal forms side by side: the rest at 0 loses a pair at each onset; the n-th turns at
    frequency n.
    """

    def rates(x: Any, p: Any) -> Any:
        rows = []
        for n, onset in enumerate(onsets):
            a, b = x[2 * n], x[2 * n + 1]
            growth = p - onset - a**2 - b**2
            rows += [growth * a - (n + 1) * b, (n + 1) * a + growth * b]
        return np.array(rows)

    return rates


def _unstable(branch: Branch) -> list[int]:
    return [int(n) for n in (branch.eigenvalues.real > 0).sum(axis=0)]


def _explained(branch: Branch) -> bool:
    """Whether no number of unstable directions changes between two neighbours that are no special
    points.
    """
    count, kinds = _unstable(branch), branch.kinds
    return all(
        a == b
        for a, b, k, m in zip(count, count[1:], kinds, kinds[1:], strict=False)
        if not k and not m
    )


def test_folds_and_pitchforks_within_one_step() -> None:
    branch = continue_branch(two_cusps(0.05), [-1.5, -1.5], -1.5, low=-2, high=2)
    np.testing.assert_allclose(
        [point.p for point in branch.folds], [FOLD, -FOLD], rtol=0, atol=1e-8
    )
    x = np.sqrt(0.9 / 3)
    np.testing.assert_allclose(
        [point.p for point in branch.branch_points], [x - x**3, x**3 - x], rtol=0, atol=1e-8
    )
    assert [point.kind for point in branch.special] == ["fold", "pitchfork", "pitchfork", "fold"]
    assert sorted(set(_unstable(branch))) == [0, 1, 2]
    assert _explained(branch)


@settings(max_examples=8, deadline=None)
@given(k=st.floats(0.001, 0.3))
def test_however_near_they_are(k: float) -> None:
    branch = continue_branch(two_cusps(k), [-1.5, -1.5], -1.5, low=-2, high=2)
    x = np.sqrt((1 - 2 * k) / 3)
    np.testing.assert_allclose(
        [point.p for point in branch.folds], [FOLD, -FOLD], rtol=0, atol=1e-7
    )
    np.testing.assert_allclose(
        [point.p for point in branch.branch_points], [x - x**3, x**3 - x], rtol=0, atol=1e-7
    )


@settings(max_examples=8, deadline=None)
@given(distance=st.floats(1e-4, 0.03), start=st.floats(-1.0, -0.9))
def test_two_hopf_points_within_one_step(distance: float, start: float) -> None:
    branch = continue_branch(oscillators(0.0, distance), np.zeros(4), start, low=-1, high=1)
    np.testing.assert_allclose(
        [point.p for point in branch.hopfs], [0.0, distance], rtol=0, atol=1e-9
    )
    np.testing.assert_allclose([point.frequency for point in branch.hopfs], [1.0, 2.0], rtol=1e-9)
    assert _unstable(branch)[0] == 0
    assert _unstable(branch)[-1] == 4


def test_a_pair_that_crosses_and_comes_back_within_a_step() -> None:
    """Growth 1e-4 - (p - 0.33)²: unstable from 0.32 to 0.34 alone, half of the longest step."""

    def rates(x: Any, p: Any) -> Any:
        growth = 1e-4 - (p - 0.33) ** 2 - x[0] ** 2 - x[1] ** 2
        return np.array([growth * x[0] - x[1], x[0] + growth * x[1]])

    branch = continue_branch(rates, [0.0, 0.0], -1.0, low=-1, high=1)
    np.testing.assert_allclose([point.p for point in branch.hopfs], [0.32, 0.34], rtol=0, atol=1e-9)


@pytest.mark.parametrize(
    ("rates", "start", "kind"),
    [
        (lambda x, p: p * x - x**3, 0.0, "pitchfork"),
        (lambda x, p: p * x + x**3, 0.0, "pitchfork"),
        (lambda x, p: p * x - x**2, 0.0, "transcritical"),
        (lambda x, p: p * x - x**2, -1.0, "transcritical"),
        (lambda x, p: (x - p / 2) * (x + 3 * p), -0.5, "transcritical"),
    ],
)
def test_branch_points_are_located_and_named(rates: Any, start: float, kind: str) -> None:
    branch = continue_branch(rates, [start], -1.0, low=-1, high=1)
    (point,) = branch.special
    assert point.kind == kind
    assert branch.branch_points == (point,) or [point.p for point in branch.branch_points] == [
        point.p
    ]
    assert abs(point.p) < 1e-8
    assert np.abs(point.x).max() < 1e-8


def test_a_pitchfork_on_the_branch_that_turns_there() -> None:
    """p·x = x³ from the outer branch, which turns in p where it meets the middle one: one point,
    not a fold beside it.
    """
    branch = continue_branch(lambda x, p: p * x - x**3, [0.9], 0.81, low=-1, high=1)
    assert [point.kind for point in branch.special] == ["pitchfork"]
    assert abs(branch.special[0].p) < 1e-8
    assert branch.p[0] == pytest.approx(1)
    assert branch.p[-1] == pytest.approx(1)


def test_what_lies_in_one_place_is_one_point() -> None:
    branch = continue_branch(oscillators(0.0, 0.0), np.zeros(4), -1.0, low=-1, high=1)
    assert [point.kind for point in branch.special] == ["several"]
    assert abs(branch.special[0].p) < 1e-6
    separate_branch = continue_branch(two_cusps(0.0), [-1.5, -1.5], -1.5, low=-2, high=2)
    assert [point.kind for point in separate_branch.special] == ["several", "several"]
    np.testing.assert_allclose(
        [point.p for point in separate_branch.special], [FOLD, -FOLD], atol=1e-6
    )


def test_stability_that_changes_in_a_jump_is_a_corner() -> None:
    """The slope at rest is -1 below p = 0.1 and 0.5 above, never zero."""
    branch = continue_branch(
        lambda x, p: x * np.where(p < 0.1, -1.0, 0.5) + 0 * p, [0.0], -1.0, low=-1, high=1
    )
    assert [point.kind for point in branch.special] == ["corner"]
    assert branch.special[0].p == pytest.approx(0.1, abs=1e-2)
