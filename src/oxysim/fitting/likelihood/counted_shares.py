r"""Shares that were counted: k appropriate comments of n, of which the report names k / n alone.

With share p expected, effects of person, visit and sample add on the logit scale, and given them k
is binomial. How many comments a session had is not reported: n is lognormal around the usual number
(`measures.readings` draws it so), and the report leaves open all k of n that read as it does::

    P(report | p) = Σ_n P(n) Σ_{k: |k / n - report| <= resolution / 2} Binomial(k; n, p)
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.special import gammaln, log_expit, logit, logsumexp, ndtr

from oxysim.arrays import FloatArray, IntArray
from oxysim.fitting.likelihood.log_integrals import log_integral
from oxysim.fitting.likelihood.shared_noise import REACH, NoiseVariances
from oxysim.measures.behaviour import COMMENTS_CV, MEAN_COMMENTS

RESOLUTION = 0.001  # a share is reported with three decimals where the instrument rounds to none
WIDEST = 5.0  # standard deviations of the number of comments, beyond which none are looked for
LOG_2PI = float(np.log(2 * np.pi))


class CountedShares:
    """The log likelihood of shares that were counted, of one person with one instrument.

    Parameters
    ----------
    shares : as reported, shape (n,).
    visits : the number of each report's visit, shape (n,).
    variances : of person, visit and sample, on the logit scale.
    resolution : of the reports; 0 for the usual one.

    >>> none = NoiseVariances(0.0, 0.0, 0.0)
    >>> counted = CountedShares(np.array([0.25]), np.array([0]), none)
    >>> likely = counted(np.array([[0.25], [0.5]]))
    >>> bool(likely[0] > likely[1])
    True
    """

    def __init__(
        self, shares: FloatArray, visits: IntArray, variances: NoiseVariances,
        resolution: float = 0.0,
    ) -> None:  # fmt: skip
        numbers, log_numbers = numbers_of_comments()
        half = (resolution or RESOLUTION) / 2
        self.counts = [_counts_that_read(share, half, numbers, log_numbers) for share in shares]
        self.visits, self.variances = visits, variances
        # where the reports themselves put the share, for where an integral is looked for
        inside = np.clip(shares, 0.5 / MEAN_COMMENTS, 1 - 0.5 / MEAN_COMMENTS)
        self.reported = logit(inside)

    def __call__(self, expected: FloatArray) -> FloatArray:
        """The log likelihood at expected shares, shape (n_points, n) -> (n_points,)."""
        return self._person(logit(expected))

    def _person(self, centres: FloatArray) -> FloatArray:
        def log_visits(effect: FloatArray) -> FloatArray:
            shifted = centres + effect[..., None]
            visits = [np.flatnonzero(self.visits == visit) for visit in np.unique(self.visits)]
            return sum((self._visit(shifted, rows) for rows in visits), np.zeros(effect.shape))

        return self._integrated(log_visits, self.variances.person, self.reported - centres)

    def _visit(self, centres: FloatArray, rows: IntArray) -> FloatArray:
        def log_samples(effect: FloatArray) -> FloatArray:
            terms = [self._sample(centres[..., row] + effect, row) for row in rows.tolist()]
            return sum(terms, np.zeros(effect.shape))

        distance = (self.reported - centres)[..., rows]
        return self._integrated(log_samples, self.variances.visit, distance)

    def _sample(self, centre: FloatArray, row: int) -> FloatArray:
        def log_share(effect: FloatArray) -> FloatArray:
            return self._log_probability(centre + effect, row)

        return self._integrated(
            log_share, self.variances.sample, (self.reported[row] - centre)[..., None]
        )

    def _log_probability(self, logit_share: FloatArray, row: int) -> FloatArray:
        """Of one report at a share, over all counts that read as it does."""
        log_weight, count, number = self.counts[row]
        share = logit_share[..., None]
        terms = log_weight + count * log_expit(share) + (number - count) * log_expit(-share)
        return np.asarray(logsumexp(terms, axis=-1))

    def _integrated(
        self, log_probability: Callable[[FloatArray], FloatArray], variance: float,
        distance: FloatArray,
    ) -> FloatArray:  # fmt: skip
        """Over a normal effect of this variance; at once where there is none."""
        if not variance:
            return log_probability(np.zeros(distance.shape[:-1]))
        deviation = np.sqrt(variance)

        def log_integrand(effect: FloatArray) -> FloatArray:
            normal = -0.5 * (effect / deviation) ** 2 - np.log(deviation) - 0.5 * LOG_2PI
            return normal + log_probability(effect)

        # the mode lies between no effect and what brings the share to the report
        low = np.minimum(distance.min(axis=-1), 0.0) - REACH * deviation
        high = np.maximum(distance.max(axis=-1), 0.0) + REACH * deviation
        return log_integral(log_integrand, low, high)


def numbers_of_comments() -> tuple[IntArray, FloatArray]:
    """How many comments a session can have, and the logarithms of their probabilities.

    >>> numbers, logs = numbers_of_comments()
    >>> bool(abs(np.exp(logs).sum() - 1) < 1e-6)
    True
    """
    # lognormal with this mean and coefficient of variation, rounded; at least one
    spread = np.sqrt(np.log1p(COMMENTS_CV**2))
    middle = np.log(MEAN_COMMENTS) - spread**2 / 2
    numbers = np.arange(1, int(np.exp(middle + WIDEST * spread)) + 1)
    below = ndtr((np.log(numbers + 0.5) - middle) / spread)
    # what rounds to none counts as one
    shares = np.diff(below, prepend=0.0)
    likely = shares > 0
    return numbers[likely], np.log(shares[likely])


def _counts_that_read(
    share: float, half: float, numbers: IntArray, log_numbers: FloatArray
) -> tuple[FloatArray, IntArray, IntArray]:
    """(log weight, count, number) of every count that is reported as this share."""
    rows = []
    for number, log_number in zip(numbers.tolist(), log_numbers.tolist(), strict=True):
        first = max(int(np.ceil((share - half) * number - 1e-9)), 0)
        last = min(int(np.floor((share + half) * number + 1e-9)), number)
        rows += [(log_number, count, number) for count in range(first, last + 1)]
    log_number, count, number = np.array(rows).T
    # of Binomial(k; n, p): what does not depend on p
    ways = gammaln(number + 1) - gammaln(count + 1) - gammaln(number - count + 1)
    return log_number + ways, count.astype(np.int64), number.astype(np.int64)
