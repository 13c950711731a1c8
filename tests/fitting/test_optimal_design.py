"""Optimal designs against published and closed-form ones, and the exchange against a search of
every set.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from oxysim.arrays import FloatArray
from oxysim.errors import InputError
from oxysim.fitting.optimal_design.exchange import Feasible, exchange_samples
from oxysim.fitting.optimal_design.optimality import (
    CandidateReadings,
    DeterminantCriterion,
    MisfitCriterion,
)

GRID = np.arange(0.0, 30.001, 0.05)


def _best_times(slopes: FloatArray, size: int, variance: FloatArray | float = 1.0) -> list[float]:
    readings = CandidateReadings(slopes, np.broadcast_to(variance, len(slopes)).copy())
    found = exchange_samples(
        DeterminantCriterion(readings), Feasible(GRID, repeats=True), size, starts=3
    )
    return GRID[list(found.chosen)].tolist()


def _decay(times: FloatArray, amount: float, rate: float) -> FloatArray:
    """Slopes of amount * exp(-rate t) along both."""
    gone = np.exp(-rate * times)
    return np.stack([gone, -amount * times * gone], axis=1)


def test_mono_exponential_decay_with_constant_error() -> None:
    # Box & Lucas (1959): at the start and one time constant later, whatever the amount
    assert _best_times(_decay(GRID, 8.0, 0.2), 2) == pytest.approx([0.0, 5.0])
    # for the rate alone one time constant after the dose
    assert _best_times(_decay(GRID, 8.0, 0.2)[:, 1:], 1) == pytest.approx([5.0])


def test_mono_exponential_decay_with_proportional_error() -> None:
    # the logarithm is a straight line, of which the ends tell most
    slopes, expected = _decay(GRID, 8.0, 0.2), 8.0 * np.exp(-0.2 * GRID)
    assert _best_times(slopes, 2, (0.1 * expected) ** 2) == pytest.approx([0.0, 30.0])


def test_two_consecutive_first_order_reactions() -> None:
    # Box & Lucas (1959), theta = (0.7, 0.2): t = 1.23 and 6.86
    def expected(theta: FloatArray) -> FloatArray:
        return (
            theta[0] / (theta[0] - theta[1]) * (np.exp(-theta[1] * GRID) - np.exp(-theta[0] * GRID))
        )

    assert _best_times(_slopes(expected, [0.7, 0.2]), 2) == pytest.approx([1.23, 6.86], abs=0.03)


def test_one_compartment_with_absorption() -> None:
    # Atkinson, Chaloner, Herzberg & Juritz (1993): theophylline, t = 0.2288, 1.3886, 18.417
    def expected(theta: FloatArray) -> FloatArray:
        return theta[2] * (np.exp(-theta[0] * GRID) - np.exp(-theta[1] * GRID))

    times = _best_times(_slopes(expected, [0.05884, 4.298, 21.80]), 3)
    assert times == pytest.approx([0.2288, 1.3886, 18.417], abs=0.051)
    # nine samples are three at each of them
    nine = _best_times(_slopes(expected, [0.05884, 4.298, 21.80]), 9)
    assert nine == pytest.approx(np.repeat(times, 3).tolist(), abs=0.051)


def _slopes(expected: object, theta: list[float]) -> FloatArray:
    """Slopes by central differences, good to eight digits."""
    assert callable(expected)
    columns = []
    for k, value in enumerate(theta):
        step = 1e-5 * value
        up, down = np.array(theta), np.array(theta)
        up[k], down[k] = value + step, value - step
        columns.append((expected(up) - expected(down)) / (2 * step))
    return np.stack(columns, axis=1)


def test_nuisance_parameters_are_not_asked_for() -> None:
    # Of a straight line only the slope is wanted: the ends tell it, as many at each. For the
    # level at 0 with the slope as nuisance the design of one point, 0, would be singular, so the
    # Ds-value is compared with its definition: the inverse variance of the estimate.
    slopes = np.stack([np.ones(61), np.linspace(-3, 3, 61)], axis=1)
    readings = CandidateReadings(slopes, np.full(61, 2.0))
    found = exchange_samples(
        DeterminantCriterion(readings, (1,)), Feasible(np.arange(61.0), repeats=True), 4
    )
    assert found.chosen == (0, 0, 60, 60)
    rows = slopes[list(found.chosen)]
    variance = np.linalg.inv(rows.T @ rows / 2.0)[1, 1]
    assert found.value == pytest.approx(-math.log(variance))


def test_a_quadratic_against_its_best_straight_line() -> None:
    # Chebyshev: x² is worst fitted by a line at -1, 0, 1, with half of the samples in the middle
    x = np.linspace(-1, 1, 81)
    line = CandidateReadings(np.stack([np.ones(81), x], axis=1), np.ones(81))
    found = exchange_samples(MisfitCriterion(line, x**2), Feasible(x, repeats=True), 4)
    assert x[list(found.chosen)] == pytest.approx([-1, 0, 0, 1])
    # the best line lies halfway, half a unit off at all four
    assert found.value == pytest.approx(4 * 0.25)


def test_exponentials_against_a_quadratic() -> None:
    # Atkinson & Fedorov (1975): t = -1, -0.669, 0.144, 0.957 with weights .253, .428, .247, .072
    x = np.linspace(-1, 1, 101)
    truth = 4.5 - 1.5 * np.exp(x) - 2 * np.exp(-x)
    quadratic = CandidateReadings(np.stack([np.ones(101), x, x**2], axis=1), np.ones(101))
    found = exchange_samples(
        MisfitCriterion(quadratic, truth), Feasible(x, repeats=True), 40, starts=1
    )
    points, counts = np.unique(x[list(found.chosen)].round(3), return_counts=True)
    near = [points[np.abs(points - at) < 0.03] for at in (-1.0, -0.669, 0.144, 0.957)]
    assert all(len(group) for group in near) and sum(len(group) for group in near) == len(points)
    weights = [counts[np.abs(points - at) < 0.03].sum() / 40 for at in (-1, -0.669, 0.144, 0.957)]
    assert weights == pytest.approx([0.253, 0.428, 0.247, 0.072], abs=0.03)
    # their T of one observation, 1.087e-3
    assert found.value / 40 == pytest.approx(1.087e-3, rel=0.01)


def test_an_error_that_samples_share_counts_once() -> None:
    # Two readings of one level with an error in common: the variance of their mean is s² + e²/2.
    level = CandidateReadings([[1.0], [1.0]], [0.5, 0.5], np.full((2, 2), 2.0))
    assert level.information(np.array([[0, 1]])).item() == pytest.approx(1 / (2.0 + 0.25))
    # a reading that is repeated has an error of its own each time
    assert level.information(np.array([[0, 0]])).item() == pytest.approx(1 / (2.0 + 0.25))


def test_scenarios_are_averaged() -> None:
    slopes = np.stack([_decay(GRID, 1.0, rate)[:, 1:] for rate in (0.1, 0.4)])
    readings = CandidateReadings(slopes, np.ones((2, len(GRID))))
    chosen = exchange_samples(DeterminantCriterion(readings), Feasible(GRID), 1).chosen
    # log t² - 2 k t on average: best at one over the mean rate
    assert GRID[chosen[0]] == pytest.approx(1 / 0.25)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(1, 3),
    st.floats(0.0, 3.0),
    st.booleans(),
)
def test_exchange_finds_the_best_of_all_sets(
    seed: int, size: int, spacing: float, repeats: bool
) -> None:
    luck = np.random.default_rng(seed)
    minutes = np.sort(luck.uniform(0, 12, 12))
    # two parameters known a little before, so that a single sample has a value too
    readings = CandidateReadings(luck.normal(size=(12, 2)), luck.uniform(0.5, 2, 12))
    criterion = DeterminantCriterion(readings, precision=np.eye(2))
    feasible = Feasible(minutes, luck.integers(0, 2, 12), spacing, repeats)
    pick = itertools.combinations_with_replacement if repeats else itertools.combinations
    allowed = [
        chosen
        for chosen in pick(range(12), size)
        if all(feasible.allows(chosen[:k])[chosen[k]] for k in range(1, size))
    ]
    if not allowed:
        with pytest.raises(InputError, match="spacing"):
            exchange_samples(criterion, feasible, size)
        return
    best = criterion(np.array(allowed)).max()
    assert exchange_samples(criterion, feasible, size).value == pytest.approx(best, rel=1e-9)


def test_samples_are_as_far_apart_as_is_asked() -> None:
    slopes = _decay(GRID, 1.0, 0.2)
    found = exchange_samples(
        DeterminantCriterion(CandidateReadings(slopes, np.ones(len(GRID)))),
        Feasible(GRID, spacing=2.0),
        4,
    )
    assert np.diff(GRID[list(found.chosen)]).min() >= 2.0 - 1e-9
    with pytest.raises(InputError, match="at least 20 min apart"):
        exchange_samples(
            DeterminantCriterion(CandidateReadings(slopes, np.ones(len(GRID)))),
            Feasible(GRID, spacing=20.0),
            4,
        )


def test_the_grid_comes_near_the_best_of_all_times() -> None:
    # A fourth sample for the decay, without any grid, by SciPy.
    def loss(times: FloatArray) -> float:
        rows = _decay(times, 1.0, 0.2)
        return -float(np.linalg.slogdet(rows.T @ rows)[1])

    free = minimize(loss, [0.5, 4.0], bounds=[(0, 30)] * 2, method="L-BFGS-B")
    assert _best_times(_decay(GRID, 1.0, 0.2), 2) == pytest.approx(sorted(free.x), abs=0.03)
