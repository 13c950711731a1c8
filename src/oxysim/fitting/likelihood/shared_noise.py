r"""Readings whose noise is normal on some scale and has three levels: the person's, the visit's,
the sample's own.

With :math:`\mu_{i}` expected of sample i in visit v, a reading is :math:`\mu_i + t + b_v + e_i`,
with :math:`t \sim N(0, T)`, :math:`b_v \sim N(0, O)`, :math:`e_i \sim N(0, S)`. Of some samples
the reading is a number, of others only between which ends it lies. Given t, visits are
independent::

    log L = log ∫ N(t; 0, T) Π_v L_v(t) dt
    L_v(t) = N(r_v; t, S I + O 11') ∫ N(b; c, s²) Π_k [Φ((high_k - t - b)/√S) - Φ((low_k ...)] db

where r_v are the numbers of the visit less what is expected and (c, s²) is what they leave of b.
Where all are numbers, or a visit has one interval, the integrals are closed; else they are computed
(`log_integrals`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import log_ndtr

from oxysim.arrays import BoolArray, FloatArray, IntArray
from oxysim.fitting.likelihood.log_integrals import log_integral
from oxysim.fitting.likelihood.reported_values import ReportedValues

REACH = 9.0  # standard deviations beyond the outermost end; a normal tail there is exp(-40)
MOST_AT_ONCE = 32  # points whose two nested integrals stand in memory together
LOG_2PI = float(np.log(2 * np.pi))


@dataclass(frozen=True)
class NoiseVariances:
    """Variances on the normal scale.

    >>> NoiseVariances(person=0.0, visit=0.09, sample=0.02).total
    0.11
    """

    person: float
    visit: float
    sample: float

    @property
    def total(self) -> float:
        """Of one reading."""
        return self.person + self.visit + self.sample


def log_normal_interval(low: FloatArray, high: FloatArray) -> FloatArray:
    """The logarithm of the standard-normal probability between two ends, accurate in both tails.

    >>> log_normal_interval(np.array([-np.inf]), np.array([0.0])).round(4)
    array([-0.6931])
    """
    # in the upper tail two shares near 1 would be subtracted; mirrored, both are small
    mirrored = low > 0
    lower, upper = (
        np.where(mirrored, -high, low),
        np.where(mirrored, -low, high),
    )
    log_upper = log_ndtr(upper)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        share = np.exp(np.where(np.isneginf(lower), -np.inf, log_ndtr(lower) - log_upper))
        logs = log_upper + np.log1p(-share)
    # beyond what a double holds; and an end of nothing
    return np.where(np.isnan(logs), -np.inf, logs)


class SharedNoise:
    """The log likelihood of some readings of one person with one instrument.

    Parameters
    ----------
    reported : n readings.
    visits : the number of each reading's visit, shape (n,); whole, from 0.
    variances : of the noise. Where the sample's own is 0, the next level stands in for it, which
        holds with one reading a visit (a person).

    >>> reported = ReportedValues(np.array([0.0]), np.array([0.0]))
    >>> likelihood = SharedNoise(reported, np.array([0]), NoiseVariances(0.0, 0.5, 0.5))
    >>> likelihood(np.zeros((1, 1))).round(4)
    array([-0.9189])
    """

    def __init__(
        self,
        reported: ReportedValues,
        visits: IntArray,
        variances: NoiseVariances,
    ) -> None:
        self.reported, self.variances = reported, variances
        positions, self.present = _table_of_visits(visits)
        self.positions = positions
        self.exact = reported.exact[positions] & self.present
        self.open = ~reported.exact[positions] & self.present
        # intervals of width zero stand where there is none: their probability is never asked for
        self.low = np.where(self.open, reported.low[positions], -np.inf)
        self.high = np.where(self.open, reported.high[positions], np.inf)
        self.value = np.where(self.exact, reported.low[positions], 0.0)
        self.several = self.open.sum(axis=1) > 1

    def __call__(self, expected: FloatArray) -> FloatArray:
        """The log likelihood at expected readings on the scale of the noise, shape (n_points, n) ->
        (n_points,).
        """
        points = expected[:, self.positions]
        if not self.variances.person:
            return self._visits(points).sum(axis=-1) + self.reported.log_constant
        blocks = [points[k : k + MOST_AT_ONCE] for k in range(0, len(points), MOST_AT_ONCE)]
        # a person's effect over the visit's: the numbers alone give a closed form
        integrate = self._over_person if self.open.any() else self._person_closed
        return np.concatenate([integrate(block) for block in blocks]) + self.reported.log_constant

    def _visits(self, expected: FloatArray) -> FloatArray:
        """The log likelihood of each visit, (..., n_visits), of expected (..., n_visits, k)."""
        residuals = np.where(self.exact, self.value - expected, 0.0)
        logs = self._numbers(residuals)
        if not self.open.any():
            return logs
        # what the numbers of a visit leave of its effect
        precision = self.exact.sum(axis=1) / self.variances.sample
        spread = self.variances.visit / (1 + self.variances.visit * precision)
        centre = spread * residuals.sum(axis=-1) / self.variances.sample
        low, high = self.low - expected, self.high - expected
        return logs + self._intervals(low, high, centre, spread)

    def _numbers(self, residuals: FloatArray) -> FloatArray:
        """The normal log density of the numbers of each visit, which share its effect."""
        count = self.exact.sum(axis=1)
        sample, together = (
            self.variances.sample,
            self.variances.sample + count * self.variances.visit,
        )
        # the determinant and the inverse of S I + O 11' are closed (Sherman & Morrison 1950)
        log_determinant = np.where(count, (count - 1) * np.log(sample) + np.log(together), 0.0)
        square = (residuals**2).sum(axis=-1)
        square = square - self.variances.visit * residuals.sum(axis=-1) ** 2 / together
        return -0.5 * (count * LOG_2PI + log_determinant + square / sample)

    def _intervals(
        self,
        low: FloatArray,
        high: FloatArray,
        centre: FloatArray,
        spread: FloatArray,
    ) -> FloatArray:
        """The log probability of each visit's intervals, over what is left of its effect."""
        # one interval: effect and sample noise add to a normal of both variances
        scale = np.sqrt(self.variances.sample + spread)[:, None]
        middle = centre[..., None]
        logs = log_normal_interval((low - middle) / scale, (high - middle) / scale)
        closed = np.where(self.open, logs, 0.0).sum(axis=-1)
        if not self.several.any() or not self.variances.visit:
            return closed
        integrated = self._over_visit(
            low[..., self.several, :], high[..., self.several, :],
            centre[..., self.several], np.sqrt(spread[self.several]),
        )  # fmt: skip
        closed[..., self.several] = integrated
        return closed

    def _over_visit(
        self,
        low: FloatArray,
        high: FloatArray,
        centre: FloatArray,
        spread: FloatArray,
    ) -> FloatArray:
        """Of visits with several intervals: the integral over the visit's effect."""
        deviation, is_open = (
            np.sqrt(self.variances.sample),
            self.open[self.several],
        )

        def log_integrand(effect: FloatArray) -> FloatArray:
            shift = effect[..., None]
            logs = log_normal_interval((low - shift) / deviation, (high - shift) / deviation)
            normal = -0.5 * ((effect - centre) / spread) ** 2 - np.log(spread) - 0.5 * LOG_2PI
            return normal + np.where(is_open, logs, 0.0).sum(axis=-1)

        return log_integral(log_integrand, *_range(low, high, centre, spread + deviation))

    def _over_person(self, expected: FloatArray) -> FloatArray:
        """The integral over the person's effect, which all visits share."""
        deviation = np.sqrt(self.variances.person)

        def log_integrand(effect: FloatArray) -> FloatArray:
            logs = self._visits(expected + effect[..., None, None]).sum(axis=-1)
            return logs - 0.5 * (effect / deviation) ** 2 - np.log(deviation) - 0.5 * LOG_2PI

        low, high = self.low - expected, self.high - expected
        # the numbers too say where the effect lies
        residuals = np.where(self.exact, self.value - expected, np.nan)
        low, high = (
            np.where(self.exact, residuals, end).reshape(len(expected), -1) for end in (low, high)
        )
        reach = np.sqrt(self.variances.total)
        return log_integral(log_integrand, *_range(low, high, np.zeros(len(expected)), reach))

    def _person_closed(self, expected: FloatArray) -> FloatArray:
        """All are numbers: the person's effect integrates to a closed form."""
        residuals = np.where(self.exact, self.value - expected, 0.0)
        together = self.variances.sample + self.exact.sum(axis=1) * self.variances.visit
        # 1' Σ⁻¹ 1 and 1' Σ⁻¹ r, over all visits
        weight = float((self.exact.sum(axis=1) / together).sum())
        pull = (residuals.sum(axis=-1) / together).sum(axis=-1)
        person = self.variances.person
        gain = 0.5 * pull**2 / (weight + 1 / person) - 0.5 * np.log1p(person * weight)
        return self._numbers(residuals).sum(axis=-1) + gain


def _table_of_visits(visits: IntArray) -> tuple[IntArray, BoolArray]:
    """The positions of each visit's readings, shape (n_visits, k), and which of them are there."""
    groups = [np.flatnonzero(visits == visit) for visit in np.unique(visits)]
    longest = max(map(len, groups))
    positions = np.zeros((len(groups), longest), dtype=np.int64)
    present = np.zeros(positions.shape, dtype=bool)
    for row, group in enumerate(groups):
        positions[row, : len(group)], present[row, : len(group)] = group, True
    return positions, present


def _range(
    low: FloatArray,
    high: FloatArray,
    centre: FloatArray,
    reach: FloatArray | float,
) -> tuple[FloatArray, FloatArray]:
    """Between which effects an integrand lies: its mode is between the normal's centre and the ends
    of the intervals.
    """
    finite_low = np.where(
        np.isfinite(low),
        low,
        np.where(np.isfinite(high), high, centre[..., None]),
    )
    finite_high = np.where(np.isfinite(high), high, finite_low)
    least = np.minimum(np.minimum(finite_low, finite_high).min(axis=-1), centre)
    most = np.maximum(np.maximum(finite_low, finite_high).max(axis=-1), centre)
    return least - REACH * reach, most + REACH * reach
