r"""Shares that were counted: k appropriate comments of n, of which the report names k / n alone.

With share p expected, effects of person, visit and sample add on the logit scale, and given them k
is binomial. How many comments a session had is not reported: n is lognormal around the usual number
(`measures.readings` draws it so), and the report leaves open all k of n that read as it does::

    P(report | p) = Σ_n P(n) Σ_{k: |k / n - report| <= resolution / 2} Binomial(k; n, p)
"""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln, log_expit, logit, logsumexp, ndtr

from oxysim.arrays import FloatArray, IntArray
from oxysim.measures.behaviour import COMMENTS_CV, MEAN_COMMENTS

RESOLUTION = 0.001  # a share is reported with three decimals where the instrument rounds to none
ROUNDING = 1e-9  # of a count: a share that is exactly at an edge is inside
WIDEST = 5.0  # standard deviations of the number of comments, beyond which none are looked for


class CountedShares:
    """Shares that were counted, as reported.

    Parameters
    ----------
    shares : shape (n,).
    resolution : of the reports; 0 for the usual one.

    >>> counted = CountedShares(np.array([0.25]))
    >>> likely = counted.log_probability(logit(np.array([0.25, 0.5])), 0)
    >>> bool(likely[0] > likely[1])
    True
    """

    def __init__(self, shares: FloatArray, resolution: float = 0.0) -> None:
        numbers, log_numbers = numbers_of_comments()
        half = (resolution or RESOLUTION) / 2
        self.counts = [_counts_that_read(share, half, numbers, log_numbers) for share in shares]
        # none or all of the comments have no logit: half a comment stands for none
        inside = np.clip(shares, 0.5 / MEAN_COMMENTS, 1 - 0.5 / MEAN_COMMENTS)
        self.locations = np.asarray(logit(inside))

    def log_probability(self, location: FloatArray, row: int) -> FloatArray:
        """Of one report at any logits of the share, over all counts that read as it does."""
        log_weight, count, number = self.counts[row]
        share = location[..., None]
        terms = log_weight + count * log_expit(share) + (number - count) * log_expit(-share)
        return np.asarray(logsumexp(terms, axis=-1))


def numbers_of_comments() -> tuple[IntArray, FloatArray]:
    """How many comments a session can have, and the logarithms of their probabilities.

    >>> numbers, logs = numbers_of_comments()
    >>> bool(abs(np.exp(logs).sum() - 1) < 1e-6)
    True
    """
    # lognormal with this mean and coefficient of variation, rounded; at least one
    spread = np.sqrt(np.log1p(COMMENTS_CV**2))
    middle = np.log(MEAN_COMMENTS) - spread**2 / 2
    largest = np.exp(middle + WIDEST * spread)
    numbers = np.arange(1, int(largest) + 1)

    scores = (np.log(numbers + 0.5) - middle) / spread
    below = ndtr(scores)
    # what rounds to none counts as one
    shares = np.diff(below, prepend=0.0)
    likely = shares > 0
    return numbers[likely], np.log(shares[likely])


def _counts_that_read(
    share: float, half: float, numbers: IntArray, log_numbers: FloatArray
) -> tuple[FloatArray, IntArray, IntArray]:
    """(log weight, count, number) of every count that is reported as this share."""
    rows = []
    lowest, highest = share - half, share + half
    for number, log_number in zip(numbers.tolist(), log_numbers.tolist(), strict=True):
        first = int(np.ceil(lowest * number - ROUNDING))
        last = int(np.floor(highest * number + ROUNDING))
        for count in range(max(first, 0), min(last, number) + 1):
            rows.append((log_number, count, number))

    log_number, count, number = np.array(rows).T
    # of Binomial(k; n, p): what does not depend on p
    ways = gammaln(number + 1) - gammaln(count + 1) - gammaln(number - count + 1)
    return log_number + ways, count.astype(np.int64), number.astype(np.int64)
