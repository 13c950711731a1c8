"""The distance of two distributions against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from oxysim.statistics.distances import distance_between, distance_of_counts, distance_of_samples


def test_a_shift_is_its_own_distance() -> None:
    values = np.random.default_rng(0).normal(size=40)
    assert distance_of_samples(values, values + 1.5) == pytest.approx(1.5)
    # of two normal distributions of one mean the distance is the difference of their spreads times
    # the mean size of a standard normal
    shares = (np.arange(20_000) + 0.5) / 20_000
    narrow, wide = stats.norm.ppf(shares), 2 * stats.norm.ppf(shares)
    assert distance_of_samples(narrow, wide) == pytest.approx(np.sqrt(2 / np.pi), rel=1e-3)


def test_counts_are_samples_put_together() -> None:
    luck = np.random.default_rng(1)
    first, second = luck.integers(0, 31, 200), luck.integers(0, 31, 90)
    counts = [np.bincount(sample, minlength=31) for sample in (first, second)]
    points = np.arange(31.0)
    assert distance_of_counts(points, *counts) == pytest.approx(distance_of_samples(first, second))


def test_the_interval_covers_the_distance_of_the_distributions() -> None:
    # a shift of 1 between normal distributions, seen through 80 values
    luck = np.random.default_rng(2)
    other = stats.norm.ppf((np.arange(1000) + 0.5) / 1000)
    covered = [
        found.low <= 1.0 <= found.high
        for found in (
            distance_between(luck.normal(1.0, 1.0, 80), other, draws=60, seed=k) for k in range(40)
        )
    ]
    # 95 % by construction, a little off as resamples stray further; 40 trials
    assert np.mean(covered) > 0.85


def test_sampling_alone_makes_a_distance() -> None:
    luck = np.random.default_rng(3)
    other = luck.normal(size=4_000)
    found = distance_between(luck.normal(size=50), other, draws=200)
    # Dense samples: about the mean absolute difference of the two distribution functions,
    # ∫ sqrt(2 F (1 - F) / (π n)) dx
    x = np.linspace(-6, 6, 2001)
    share = stats.norm.cdf(x)
    right = np.trapezoid(np.sqrt(2 * share * (1 - share) / (np.pi * 50)), x)
    assert found.expected == pytest.approx(right, rel=0.15)
    assert found.expected < found.expected_high
    assert not found.is_more_than_chance
    assert distance_between(luck.normal(1.0, 1.0, 50), other, draws=200).is_more_than_chance
