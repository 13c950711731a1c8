"""The distance of two distributions: the mean amount by which values of one would have to move for
it to become the other (Wasserstein; also called the earth mover's distance), in their own unit.

A sample's own error is shown in two ways: the interval of the distance over bootstrap resamples of
it, and the distance that a sample of this size would have if it were drawn from the other
distribution. Resamples stray further than the sample did, so the interval lies a little high.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.stats import wasserstein_distance

from oxysim.arrays import FloatArray
from oxysim.checks import array, require_seed, whole_number
from oxysim.streams import stream

CENTRAL = (0.025, 0.975)  # the ends of a central 95 %
# Draws beyond so many are put together: their distribution is known to a part in a thousand of its
# spread, and every distance sorts them anew.
MOST_DRAWS = 2000


class Distance(NamedTuple):
    """How far a sample is from another distribution.

    Attributes
    ----------
    distance, low, high : of the sample, with the ends of 95 % over its resamples.
    expected, expected_high : of a sample of the same size from the other distribution: its mean,
        and what 97.5 % of such samples stay below.
    n : the sample's size.

    >>> Distance(1.0, 0.5, 1.5, 0.2, 0.4, 30).is_more_than_chance
    True
    """

    distance: float
    low: float
    high: float
    expected: float
    expected_high: float
    n: int

    @property
    def is_more_than_chance(self) -> bool:
        """Whether it is larger than sampling alone makes it in 97.5 % of samples."""
        return self.distance > self.expected_high


def distance_of_samples(first: FloatArray, second: FloatArray) -> float:
    """The distance of two samples, each of any size.

    >>> distance_of_samples(np.array([1.0, 2.0]), np.array([4.0, 5.0]))
    3.0
    """
    values = array(first, "first", (None,)), array(second, "second", (None,))
    return float(wasserstein_distance(*values))


def distance_of_counts(points: FloatArray, first: FloatArray, second: FloatArray) -> float:
    """The distance of two distributions over the same points, by how often each occurs.

    >>> distance_of_counts(np.arange(3.0), np.array([1.0, 0.0, 0.0]), np.array([0.0, 0.0, 5.0]))
    2.0
    """
    return float(wasserstein_distance(points, points, first, second))


def distance_between(
    sample: FloatArray,
    simulated: FloatArray,
    *,
    draws: int = 1000,
    seed: int = 0,
) -> Distance:
    """The distance of a sample from a distribution that many draws stand for, with its interval.

    Parameters
    ----------
    sample : measured values, shape (n,).
    other : draws of the distribution, simulated ones, shape (k,).
    draws : resamples, and samples of the same size from the other distribution.
    seed : key of both.

    Raises
    ------
    InputError : no values, values that are no numbers.

    >>> near = distance_between(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0]), draws=50)
    >>> near.distance, near.is_more_than_chance
    (0.0, False)
    """
    values, reference = (
        array(sample, "sample", (None,)),
        array(simulated, "other", (None,)),
    )
    whole_number(draws, "draws", 1)
    if len(reference) > MOST_DRAWS:
        reference = np.quantile(reference, (np.arange(MOST_DRAWS) + 0.5) / MOST_DRAWS)
    size = (draws, len(values))
    resampled = stream(require_seed(seed), 0, "resamples of a sample").choice(values, size)
    by_chance = stream(seed, 0, "samples of a distribution").choice(reference, size)
    low, high = np.quantile([distance_of_samples(row, reference) for row in resampled], CENTRAL)
    # a distance is never below 0, so a sample of the very same distribution has one too
    strays = [distance_of_samples(row, reference) for row in by_chance]
    return Distance(
        distance_of_samples(values, reference), float(low), float(high),
        float(np.mean(strays)), float(np.quantile(strays, CENTRAL[1])), len(values),
    )  # fmt: skip
