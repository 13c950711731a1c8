"""How a trial with a continuous outcome is analysed, for many replications at once: the paired and
Welch's t test, analysis of covariance, area under a course.

Readings have shape (replications, n), NaN for a participant without one. Every function returns,
for each replication, what that study would have found
(:class:`~oxysim.statistics.contrast.Contrast`). Correction for multiple testing is left to the
user.

The tests agree with SciPy's and statsmodels' (tests/statistics); they are written out because those
walk through readings with gaps one replication at a time.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import integrate, stats

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.errors import InputError, unknown_name
from oxysim.statistics.contrast import LEVEL, Contrast, EffectEstimate, Standardised
from oxysim.statistics.exclusions import Causes, spreadless, too_few
from oxysim.statistics.intervals import by_noncentral_t, by_t, cohen_d, hedges_factor
from oxysim.statistics.moments import (
    ROUNDING,
    Moments,
    checked,
    divided,
    flat,
    floats,
    moments,
    require_confidence,
    require_same_shape,
    roots,
)

GROUNDS = ("zero", "first")


# ------------------------------------------------------------------ two conditions
def paired_t_test(
    reference: npt.ArrayLike, contrast: npt.ArrayLike, *, level: float = LEVEL, refuse: bool = True
) -> Contrast:
    """The same participants under two conditions: contrast minus reference, paired t test; dz, its
    interval by the noncentral t distribution (Cumming & Finch 2001).

    Parameters
    ----------
    reference, contrast : shape (replications, n), participants in the same order; a pair with a NaN
        is left out.
    level : of the confidence intervals.
    refuse : whether it is an error that no replication can be analysed; else all are NaN.

    Raises
    ------
    InputError : shapes differ, n < 2, or no replication can be analysed (nobody left, differences
        without spread).

    >>> test = paired_t_test([[1.0, 2.0, 3.0]], [[2.0, 4.0, 4.0]])
    >>> test.estimate.round(3), test.p.round(3)
    (array([1.333]), array([0.057]))
    """
    require_confidence(level)
    checks.flag(refuse, "refuse")
    first, second = checked(reference=reference, contrast=contrast)
    require_same_shape(reference=first, contrast=second)

    change = moments(second - first)
    error = roots(divided(change.variance, change.n))
    causes = too_few("the set of complete pairs", change.n, 2)
    # Whether differences vary is judged by the size of what is subtracted: of equal readings near
    # 1,000 rounding leaves differences of 1e-13, which are none.
    incomplete = np.isnan(second - first)
    sizes = [moments(np.where(incomplete, np.nan, arm)).size for arm in (first, second)]
    no_spread = flat(change.squares, change.n, np.maximum(*sizes))
    causes += ((no_spread, "every difference is the same, so nothing to test it against"),)

    df = change.n - 1.0
    t = divided(change.mean, error)
    dz = by_noncentral_t("dz", t, df, divided(1.0, roots(change.n)), level)
    estimate = EffectEstimate(change.mean, error, df, change.n)
    return by_t(estimate, causes, "paired t test", level, dz, refuse=refuse)


def welch_t_test(
    reference: npt.ArrayLike, contrast: npt.ArrayLike, *, level: float = LEVEL, refuse: bool = True
) -> Contrast:
    """Two arms of different participants: contrast minus reference, Welch's t test (Welch 1947,
    Biometrika 34: 28); Cohen's d with the pooled standard deviation, its interval by the noncentral
    t distribution, Hedges's g.

    Parameters
    ----------
    reference, contrast : shapes (replications, n_1) and (replications, n_2).
    level : of the confidence intervals.
    refuse : whether it is an error that no replication can be analysed; else all are NaN.

    Raises
    ------
    InputError : different numbers of replications, n < 2, or no replication can be analysed.

    >>> test = welch_t_test([[1.0, 2.0, 3.0]], [[2.0, 3.0, 4.0, 5.0]])
    >>> test.estimate, test.standardised.estimate.round(3)
    (array([1.5]), array([1.268]))
    """
    require_confidence(level)
    checks.flag(refuse, "refuse")
    first, second = (moments(arm) for arm in checked(reference=reference, contrast=contrast))

    # Variance of either mean; their degrees of freedom after Welch and Satterthwaite.
    squared_errors = [divided(arm.variance, arm.n) for arm in (first, second)]
    variance = squared_errors[0] + squared_errors[1]
    df = divided(
        variance**2,
        squared_errors[0] ** 2 / np.maximum(first.n - 1, 1)
        + squared_errors[1] ** 2 / np.maximum(second.n - 1, 1),
    )

    causes = too_few("arm 'reference'", first.n, 2) + too_few("arm 'contrast'", second.n, 2)
    causes += spreadless(first, second)
    mean = second.mean - first.mean
    estimate = EffectEstimate(mean, roots(variance), df, first.n + second.n)
    d = cohen_d(mean, first, second, level)
    return by_t(estimate, causes, "Welch's t test", level, d, refuse=refuse)


# ---------------------------------------------------------------------- a baseline
def ancova(
    reference: npt.ArrayLike,
    contrast: npt.ArrayLike,
    reference_baseline: npt.ArrayLike,
    contrast_baseline: npt.ArrayLike,
    *,
    level: float = LEVEL,
) -> Contrast:
    """Two arms of different participants, adjusted for a baseline: ordinary least squares of the
    outcome on arm and baseline, one slope for both arms, in closed form (Cochran 1957, Biometrics
    13: 261).

    One slope and one spread hold for both arms. Where slopes differ and the arms' sizes do too, the
    interval misses more often (slopes .2 and .9 with 10 and 60 participants: it covers 86 %, with
    arms of equal size 95 %).

    The standardised effect is the adjusted difference over the pooled standard deviation of the
    outcome within arms, so that it compares with Cohen's d of an unadjusted trial. Its interval is
    that of t with n - 3 degrees of freedom and variance (1/n_1 + 1/n_2)(1 - r^2) + d^2 / 2(n_1 +
    n_2) (Borenstein 2009, in Cooper, Hedges & Valentine, Handbook of research synthesis, who take
    the normal distribution; that covers 90 to 92 % with five in an arm).

    Parameters
    ----------
    reference, contrast : outcomes, shapes (replications, n_1) and (replications, n_2).
    reference_baseline, contrast_baseline : baselines of the same participants; who lacks either is
        left out.

    Raises
    ------
    InputError : shapes that do not fit, or no replication can be analysed.

    >>> baseline = np.array([[1.0, 2.0, 3.0, 4.0]])
    >>> noise = np.array([[0.1, -0.1, -0.1, 0.1]])
    >>> ancova(baseline + noise, baseline + 2.0 - noise, baseline, baseline).estimate
    array([2.])
    """
    require_confidence(level)
    outcomes = checked(reference=reference, contrast=contrast)
    baselines = checked(reference_baseline=reference_baseline, contrast_baseline=contrast_baseline)
    require_same_shape(reference=outcomes[0], reference_baseline=baselines[0])
    require_same_shape(contrast=outcomes[1], contrast_baseline=baselines[1])

    first, second = (_line(y, x) for y, x in zip(outcomes, baselines, strict=True))
    n = first.y.n + second.y.n
    # Sums of squares and products within arms: of the baseline, of the outcome, of both.
    sxx = first.x.squares + second.x.squares
    syy = first.y.squares + second.y.squares
    sxy = first.products + second.products

    slope = divided(sxy, sxx)
    imbalance = second.x.mean - first.x.mean
    value = second.y.mean - first.y.mean - slope * imbalance

    # Arms that differ in their baselines cost precision: the last term of the standard error.
    residual, df = syy - slope * sxy, n - 3.0
    spread = divided(1.0, first.y.n) + divided(1.0, second.y.n)
    residual_variance = divided(np.maximum(residual, 0.0), df)
    error = roots(residual_variance * (spread + divided(imbalance**2, sxx)))

    causes = too_few("arm 'reference'", first.y.n, 1) + too_few("arm 'contrast'", second.y.n, 1)
    causes += _unfit(first, second, residual)
    d = divided(value, roots(divided(syy, n - 2.0)))
    d_variance = spread * (1 - divided(slope * sxy, syy)) + divided(d**2, 2.0 * n)
    # At least 1 degree of freedom where there is none: those replications are excluded anyway.
    at_least_one = np.maximum(df, 1.0)
    quantile = stats.t.ppf((1 + level) / 2, at_least_one)
    half = quantile * roots(np.maximum(d_variance, 0.0))
    effect = Standardised("d", d, d - half, d + half, hedges_factor(at_least_one) * d)
    estimate = EffectEstimate(value, error, df, n)
    return by_t(estimate, causes, "analysis of covariance", level, effect)


# ------------------------------------------------------------------------- a course
def area(
    times: npt.ArrayLike, values: npt.ArrayLike, *, above: Literal["zero", "first"] = "zero"
) -> FloatArray:
    """The area under a course by trapezoids, as an outcome for the other analyses (Pruessner et al.
    2003, Psychoneuroendocrinology 28: 916).

    Parameters
    ----------
    times : increasing, shape (n_times,), at least two.
    values : shape (..., n_times); the area is NaN where a sample is missing.
    above : "zero" (area with respect to ground) or "first" (with respect to increase: over the
        first sample).

    Returns
    -------
    Shape (...), in the values' unit times the times' unit.

    Raises
    ------
    InputError : times that do not increase, another number of samples. UnknownNameError : another
        ground.

    >>> float(area([0.0, 1.0, 3.0], [2.0, 4.0, 4.0], above="first"))
    5.0
    """
    if above not in GROUNDS:
        raise unknown_name("ground of an area", above, GROUNDS)
    t, y = floats("times", times), floats("values", values)
    if t.ndim != 1 or len(t) < 2 or not (np.diff(t) > 0).all():
        raise InputError(f"area: expected at least two increasing times; found {times!r}")
    if y.ndim < 1 or y.shape[-1] != len(t):
        raise InputError(
            f"area: expected values with {len(t)} samples on the last axis; found shape {y.shape}"
        )
    ground = y[..., :1] if above == "first" else 0.0
    return np.asarray(integrate.trapezoid(y - ground, t, axis=-1))


# --------------------------------------------------------------------- internals
class _Line(NamedTuple):
    """One arm's outcome and baseline over the participants with both, and their sum of products."""

    y: Moments
    x: Moments
    products: FloatArray


def _line(outcome: FloatArray, baseline: FloatArray) -> _Line:
    missing = np.isnan(outcome) | np.isnan(baseline)
    y, x = (np.where(missing, np.nan, values) for values in (outcome, baseline))
    of_y, of_x = moments(y), moments(x)
    deviations = (y - of_y.mean[:, None]) * (x - of_x.mean[:, None])
    return _Line(of_y, of_x, np.where(missing, 0.0, deviations).sum(axis=1))


def _unfit(first: _Line, second: _Line, residual: FloatArray) -> Causes:
    """Causes of a replication whose line cannot be fitted, or fits without remainder."""
    n = first.y.n + second.y.n
    sxx, syy = first.x.squares + second.x.squares, first.y.squares + second.y.squares
    same_baseline = flat(sxx, n, np.maximum(first.x.size, second.x.size))
    same_outcome = flat(syy, n, np.maximum(first.y.size, second.y.size))
    return (
        (n - 3.0 < 1, "fewer than 4 participants have both an outcome and a baseline"),
        (same_baseline, "the baseline is the same for everyone in an arm"),
        (same_outcome, "the outcome is the same for everyone in an arm"),
        (residual <= ROUNDING * syy, "arm and baseline explain the outcome without remainder"),
    )
