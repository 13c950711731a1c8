"""What many replications of a study say together: a mean with its Monte Carlo error, the central
share of them, and a share (a power, say) with its standard error and interval.

Every place that summarises replications takes these, so that a standard error over replications,
a quantile and the band around a share mean the same everywhere.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from scipy import stats

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.errors import InputError


def finite_mean(values: npt.ArrayLike) -> float:
    """The mean over the replications that gave a number; NaN where none did.

    >>> finite_mean([1.0, 3.0, float("nan")])
    2.0
    """
    array = np.asarray(values, dtype=float)
    finite = array[np.isfinite(array)]
    # NumPy's mean of nothing is NaN too, but warns
    return float(finite.mean()) if len(finite) else float("nan")


def mean_error(values: npt.ArrayLike) -> float:
    """The Monte Carlo standard error of a mean over independent replications, SD / sqrt(R).

    Replications without a number (NaN, infinite) are left out; NaN with fewer than two left.

    >>> round(mean_error([1.0, 2.0, 3.0]), 4)
    0.5774
    """
    array = _values(values)
    finite = array[np.isfinite(array)]
    return float(stats.sem(finite)) if len(finite) > 1 else float("nan")


def half_width(values: npt.ArrayLike, level: float = 0.95) -> FloatArray:
    """Half the width of the t interval of a mean over the last axis; entries that are NaN are left
    out, and it is NaN with fewer than two left.

    >>> round(float(half_width([1.0, 2.0, 3.0])), 4)
    2.4841
    """
    array = np.asarray(values, dtype=float)
    n = np.isfinite(array).sum(axis=-1).astype(float)
    # Of fewer than two nothing can be told: NaN, where np.nanvar would warn as well.
    enough = np.where(n > 1, n, np.nan)
    centre = np.nansum(array, axis=-1) / enough
    squares = np.nansum((array - centre[..., None]) ** 2, axis=-1)
    quantile = stats.t.ppf((1 + level) / 2, enough - 1)
    return np.asarray(quantile * np.sqrt(squares / (enough - 1) / enough))


def central(values: npt.ArrayLike, share: float = 0.95) -> tuple[float, float]:
    """The quantiles between which the central `share` of the replications lies.

    Quantiles are those of NumPy (linear between order statistics). With few replications they
    lie inside the true ones: with R replications nothing beyond the largest of them can be seen,
    so that the central 95 % needs R of about 40 and more. Replications without a number are left
    out; both ends are NaN with fewer than two.

    >>> central(range(101), 0.5)
    (25.0, 75.0)
    """
    array = _values(values)
    # as much is left out below as above
    tail = (1 - checks.share(share, "share")) / 2
    finite = array[np.isfinite(array)]
    if len(finite) < 2:
        return float("nan"), float("nan")
    low, high = np.quantile(finite, [tail, 1 - tail])
    return float(low), float(high)


def share_error(share: float, replications: int) -> float:
    """The Monte Carlo standard error of a share of independent replications, such as a power:
    sqrt(p (1 - p) / R).

    It is 0 where all or none are counted; :func:`share_interval` has a width there too.

    >>> round(share_error(0.8, 1000), 5)
    0.01265
    """
    return math.sqrt(share * (1 - share) / replications)


def share_interval(count: int, of: int, level: float = 0.95) -> tuple[float, float]:
    """Wilson's score interval of a share (Wilson 1927, J. Am. Stat. Assoc. 22: 209), by SciPy.

    It has a width at 0 and at 1 too, where count / of +- z SE has none.

    >>> low, high = share_interval(400, 400)
    >>> round(low, 4), high
    (0.9905, 1.0)
    """
    trials = checks.whole_number(of, "of")
    successes = checks.whole_number(count, "count", 0, trials)
    if not 0 < checks.share(level, "level") < 1:
        raise checks.refused(level, "level", "a confidence level between 0 and 1, such as 0.95")
    # SciPy's, which takes one share; the limits of many at once stand in `proportions`
    ends = stats.binomtest(successes, trials).proportion_ci(level, method="wilson")
    # rounding leaves an end of 1 - 1e-16 where all or none are counted
    return (
        0.0 if successes == 0 else float(ends.low),
        1.0 if successes == trials else float(ends.high),
    )


def _values(values: npt.ArrayLike) -> FloatArray:
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError(
            what="values", expected="one number a replication", found=type(values).__name__
        ) from error
    if array.ndim != 1:
        raise InputError(
            what="values",
            expected="one number a replication, shape (replications,)",
            found=f"shape {array.shape}",
        )
    return array
