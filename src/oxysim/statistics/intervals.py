"""From an estimate with its standard error to a contrast: p values and intervals by the t and the
normal distribution, standardised effects by the noncentral t distribution.

The distributions are SciPy's.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy import special, stats

from oxysim.arrays import BoolArray, FloatArray
from oxysim.statistics.contrast import Contrast, EffectEstimate, Standardised
from oxysim.statistics.exclusions import Causes, excluded_mask, reasons
from oxysim.statistics.moments import Moments, divided, pooled, roots

# A t beyond which a standardised effect's interval is taken from its limit: inverting the
# noncentral t distribution there is slow and loses digits.
LARGEST_T = 100.0


def by_t(  # noqa: PLR0913 - an estimate, why it may be missing, and how it is reported
    estimate: EffectEstimate,
    causes: Causes,
    method: str,
    level: float,
    standardised: Standardised | None = None,
    *,
    refuse: bool = True,
) -> Contrast:
    """The contrast of an estimate that follows t; what cannot be computed is NaN, with its reason.

    With `refuse`, it is an error that no replication can be analysed.

    >>> estimate = EffectEstimate(*np.array([[2.0], [1.0], [10.0], [11.0]]))
    >>> by_t(estimate, (), "t test", 0.95).p.round(4)
    array([0.0734])
    """
    excluded = reasons(method, causes, refuse)
    lost = excluded_mask(excluded, len(estimate.value))
    error = np.where(lost, np.nan, estimate.standard_error)
    df = np.where(lost, np.nan, estimate.df)

    half = stats.t.ppf((1 + level) / 2, df) * error
    p = 2 * stats.t.sf(np.abs(divided(estimate.value, error)), df)
    if standardised is not None:
        standardised = _blanked(standardised, lost)
    return Contrast(
        estimate.value,
        error,
        estimate.value - half,
        estimate.value + half,
        p,
        estimate.n.astype(np.int64),
        method,
        level=level,
        standardised=standardised,
        reasons=excluded,
    )


def by_log(
    log: EffectEstimate, p: FloatArray, excluded: Mapping[int, str], method: str, level: float
) -> Contrast:
    """The contrast of a ratio whose logarithm is about normal; `p` stays where only the ratio is
    without a value.

    >>> log = EffectEstimate(*np.array([[0.0], [0.1], [10.0], [10.0]]))
    >>> by_log(log, np.ones(1), {}, "ratio", 0.95).high.round(3)
    array([1.217])
    """
    lost = excluded_mask(excluded, len(log.value))
    value = np.where(lost, np.nan, log.value)
    error = np.where(lost, np.nan, log.standard_error)
    half = stats.norm.ppf((1 + level) / 2) * error
    return Contrast(
        np.exp(value),
        error,
        np.exp(value - half),
        np.exp(value + half),
        p,
        log.n.astype(np.int64),
        method,
        "ratio",
        level,
        reasons=excluded,
    )


# -------------------------------------------------------------- standardised effects
def by_noncentral_t(
    name: str, t: FloatArray, df: FloatArray, scale: FloatArray, level: float
) -> Standardised:
    """A standardised effect t x scale, its interval by inverting the noncentral t distribution.

    Steiger & Fouladi 1997, in Harlow, Mulaik & Steiger, What if there were no significance tests?;
    Cumming & Finch 2001, Educ. Psychol. Meas. 61: 532. The noncentrality at which t would be the
    upper, and the lower, quantile.

    >>> d = by_noncentral_t("d", np.array([2.0]), np.array([18.0]), np.array([0.447]), 0.95)
    >>> d.low.round(3), d.high.round(3)
    (array([-0.04]), array([1.806]))
    """
    tail = (1 - level) / 2
    df = np.where(df > 0, df, np.nan)
    is_far = np.abs(t) > LARGEST_T
    # A far t is replaced by 0: inverting there is slow, and what it gives is not used.
    near_t = np.where(np.abs(t) <= LARGEST_T, t, 0.0)
    low = special.nctdtrinc(df, 1 - tail, near_t)
    high = special.nctdtrinc(df, tail, near_t)
    if is_far.any():
        far_low, far_high = _far_limits(t, df, tail)
        low = np.where(is_far, far_low, low)
        high = np.where(is_far, far_high, high)

    low, high = (np.where(np.isnan(t), np.nan, end) * scale for end in (low, high))
    return Standardised(name, t * scale, low, high, hedges_factor(df) * t * scale)


def cohen_d(mean: FloatArray, first: Moments, second: Moments, level: float) -> Standardised:
    """Cohen's d with its noncentral interval; t is the one with pooled variance, whatever test
    gives p.

    >>> from oxysim.statistics.moments import moments
    >>> group = moments(np.array([[1.0, 2.0, 3.0]]))
    >>> cohen_d(np.array([1.0]), group, group, 0.95).estimate
    array([1.])
    """
    scale = roots(divided(1.0, first.n) + divided(1.0, second.n))
    t = divided(mean, roots(pooled(first, second)) * scale)
    return by_noncentral_t("d", t, first.n + second.n - 2.0, scale, level)


def hedges_factor(df: FloatArray) -> FloatArray:
    """The exact factor that takes the small-sample bias from a standardised effect
    (Hedges 1981, J. Educ. Stat. 6: 107).

    >>> hedges_factor(np.array([10.0])).round(4)
    array([0.9227])
    """
    # the logarithms of the gamma function: the function itself overflows at 343 degrees of freedom
    return np.exp(special.gammaln(df / 2) - special.gammaln((df - 1) / 2)) / roots(df / 2)


def _far_limits(t: FloatArray, df: FloatArray, tail: float) -> tuple[FloatArray, FloatArray]:
    """Noncentralities for a t so large that inverting the distribution is slow and loses digits:
    the errors of the mean (normal) and of the standard deviation (chi), added in quadrature (Zou &
    Donner 2008, Stat. Med. 27: 1693).
    """
    z = stats.norm.isf(tail)
    size = np.abs(t)
    small, large = (size * roots(stats.chi2.ppf(q, df) / df) for q in (tail, 1 - tail))
    low = size - roots((size - small) ** 2 + z**2)
    high = size + roots((large - size) ** 2 + z**2)
    # The limits of a negative t are those of a positive one, mirrored.
    return np.where(t > 0, low, -high), np.where(t > 0, high, -low)


def _blanked(effect: Standardised, lost: BoolArray) -> Standardised:
    """The effect with NaN in the replications that are lost."""
    columns = (effect.estimate, effect.low, effect.high, effect.corrected)
    return Standardised(effect.name, *(np.where(lost, np.nan, column) for column in columns))
