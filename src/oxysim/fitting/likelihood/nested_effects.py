"""Readings that are not normal once the effects of person, visit and sample are: the three
integrals, one inside the other.

A kind of reading says how probable a report is at a location, on the scale on which the effects
add; here they are integrated, from the sample's own outwards, and left out where they have no
variance.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from oxysim.arrays import FloatArray, IntArray
from oxysim.fitting.likelihood.log_integrals import log_integral
from oxysim.fitting.likelihood.shared_noise import (
    LOG_2PI,
    REACH,
    NoiseVariances,
)

LOOKS, NODES = 3, 41
"""Of each of the integrals inside one another: the range of an effect is 20 of its standard
deviations, which three looks narrow to where the nodes stand half of one apart.
"""


class Reports(Protocol):
    """What is reported of n readings.

    Attributes
    ----------
    locations : where on the scale of the effects each report lies, shape (n,); NaN where it says
        nothing of that.

    >>> from oxysim.fitting.likelihood.counted_shares import CountedShares
    >>> reports: Reports = CountedShares(np.array([0.5]))
    >>> reports.locations
    array([0.])
    """

    locations: FloatArray

    def log_probability(self, location: FloatArray, row: int) -> FloatArray:
        """Of one report, at any locations."""
        ...


class NestedEffects:
    """The log likelihood of reports whose effects add on one scale, of one person.

    Parameters
    ----------
    reports : n of them.
    visits : the number of each report's visit, shape (n,).
    variances : of the effects.

    >>> from oxysim.fitting.likelihood.counted_shares import CountedShares
    >>> reports = CountedShares(np.array([0.25]))
    >>> effects = NestedEffects(reports, np.array([0]), NoiseVariances(0.0, 0.1, 0.0))
    >>> likely = effects(np.array([[-1.1], [0.0]]))
    >>> bool(likely[0] > likely[1])
    True
    """

    def __init__(self, reports: Reports, visits: IntArray, variances: NoiseVariances) -> None:
        self.reports, self.variances = reports, variances
        self.visits = [np.flatnonzero(visits == visit) for visit in np.unique(visits)]

    def __call__(self, centres: FloatArray) -> FloatArray:
        """The log likelihood at expected locations, shape (n_points, n) -> (n_points,)."""

        def log_visits(effect: FloatArray) -> FloatArray:
            shifted = centres + effect[..., None]
            terms = [self._visit(shifted, rows) for rows in self.visits]
            return sum(terms, np.zeros(effect.shape))

        distances = self.reports.locations - centres
        return self._integrated(log_visits, self.variances.person, distances)

    def _visit(self, centres: FloatArray, rows: IntArray) -> FloatArray:
        def log_samples(effect: FloatArray) -> FloatArray:
            terms = [self._sample(centres[..., row] + effect, row) for row in rows.tolist()]
            return sum(terms, np.zeros(effect.shape))

        distances = (self.reports.locations - centres)[..., rows]
        return self._integrated(log_samples, self.variances.visit, distances)

    def _sample(self, centre: FloatArray, row: int) -> FloatArray:
        def log_report(effect: FloatArray) -> FloatArray:
            return self.reports.log_probability(centre + effect, row)

        distance = (self.reports.locations[row] - centre)[..., None]
        return self._integrated(log_report, self.variances.sample, distance)

    def _integrated(
        self, log_probability: Callable[[FloatArray], FloatArray], variance: float,
        distances: FloatArray,
    ) -> FloatArray:  # fmt: skip
        """Over a normal effect of this variance; at once where there is none."""
        if not variance:
            return log_probability(np.zeros(distances.shape[:-1]))
        deviation = np.sqrt(variance)

        def log_integrand(effect: FloatArray) -> FloatArray:
            normal = -0.5 * (effect / deviation) ** 2 - np.log(deviation) - 0.5 * LOG_2PI
            return normal + log_probability(effect)

        # the mode lies between no effect and what brings the expected one to the reports
        nearest = np.nan_to_num(distances)
        low = np.minimum(nearest.min(axis=-1), 0.0) - REACH * deviation
        high = np.maximum(nearest.max(axis=-1), 0.0) + REACH * deviation
        return log_integral(log_integrand, low, high, LOOKS, NODES)
