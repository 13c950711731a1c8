"""Who responds and who remits, and how arms compare in it, for many replications at once: relative
risk, risk difference, McNemar's test of pairs.

Arrays have shape (replications, n), NaN for a participant without a reading. Correction for
multiple testing is left to the user. statsmodels has Wilson's limits and McNemar's exact test, but
is an extra, and neither the mid-p nor the limits of a difference by Newcombe's method for arrays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy import stats

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.errors import InputError
from oxysim.statistics.contrast import LEVEL, Contrast, EffectEstimate
from oxysim.statistics.exclusions import Causes, first_causes, reasons, too_few
from oxysim.statistics.intervals import by_log
from oxysim.statistics.moments import (
    Moments,
    checked,
    divided,
    moments,
    require_confidence,
    require_same_shape,
    roots,
)
from oxysim.texts import Described, counted


@dataclass(frozen=True, eq=False)
class Risks(Described):
    """An event's frequency in two arms: the share in each, shape (replications,), and how they
    compare.

    >>> risk([[0.0, 0.0, 1.0, 0.0]], [[1.0, 0.0, 1.0, 0.0]])
    Risks: reference 0.25; contrast 0.5; over 1 replication.
    """

    reference: FloatArray
    contrast: FloatArray
    ratio: Contrast
    difference: Contrast

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """The mean share of either arm."""
        return "Risks", [
            ("reference", float(np.nanmean(self.reference))),
            ("contrast", float(np.nanmean(self.contrast))),
            ("over", counted(len(self.reference), "replication")),
        ]


def response(baseline: npt.ArrayLike, outcome: npt.ArrayLike, *, fall: float = 0.5) -> FloatArray:
    """Who responded: 1 where the reading fell by at least the share `fall` of the baseline, else 0;
    NaN where either is missing.

    Raises
    ------
    InputError : a baseline at or below 0, of which no share can be taken; a `fall` outside (0, 1].

    >>> response([[12.0, 12.0]], [[6.0, 7.0]])
    array([[1., 0.]])
    """
    checks.number(fall, "fall", 0.0, 1.0, open_low=True)
    before, after = checked(baseline=baseline, outcome=outcome)
    require_same_shape(baseline=before, outcome=after)
    # a fall by half of nothing is no response
    low = int((before <= 0).sum())
    if low:
        raise InputError(
            f"response: {low} of {before.size} baselines are 0 or below, of which no share can be"
            " taken; select participants by their baseline, or use remission"
        )
    return np.where(np.isnan(before + after), np.nan, (after <= (1 - fall) * before).astype(float))


def remission(outcome: npt.ArrayLike, cutoff: float) -> FloatArray:
    """Who is in remission: 1 where the reading is below the cut-off, else 0; NaN where it is
    missing.

    >>> remission([[9.0, 10.0]], cutoff=10)
    array([[1., 0.]])
    """
    (values,) = checked(outcome=outcome)
    is_below = values < checks.number(cutoff, "cutoff")
    return np.where(np.isnan(values), np.nan, is_below.astype(float))


def risk(reference: npt.ArrayLike, contrast: npt.ArrayLike, *, level: float = LEVEL) -> Risks:
    """How often an event comes in two arms of different participants.

    Both intervals come from Wilson's score limits of the two shares, so that neither needs events
    in an arm: the difference by Newcombe (1998, Stat. Med. 17: 873, method 10), the relative risk
    by Donner and Zou (2012, Stat. Methods Med. Res. 21: 347, the ratio of two recovered variances).
    The relative risk itself has no value where an arm has no event; its interval then reaches to 0
    or to infinity. Both carry the p value of Pearson's chi-squared test without continuity
    correction, 1 where all or none have the event; with few expected events it is approximate.

    Parameters
    ----------
    reference, contrast : 0 or 1 (NaN: not seen), shapes (replications, n_1) and (replications,
        n_2), for instance of :func:`response` or :func:`remission`.

    Raises
    ------
    InputError : values other than 0, 1 and NaN, or no replication that can be analysed.

    >>> risks = risk([[0.0, 0.0, 1.0, 0.0]], [[1.0, 0.0, 1.0, 0.0]])
    >>> risks.difference.estimate, risks.ratio.estimate.round(6)
    (array([0.25]), array([2.]))
    """
    require_confidence(level)
    arms = checked(reference=reference, contrast=contrast)
    for name, array in zip(("reference", "contrast"), arms, strict=True):
        require_events(name, array)
    first, second = (moments(arm) for arm in arms)
    few = too_few("arm 'reference'", first.n, 1) + too_few("arm 'contrast'", second.n, 1)
    p = _chi_squared(first, second)
    return Risks(
        first.mean,
        second.mean,
        _ratio(first, second, p, few, level),
        _difference(first, second, p, few, level),
    )


def paired_risk(
    reference: npt.ArrayLike, contrast: npt.ArrayLike, *, level: float = LEVEL
) -> Contrast:
    """How often an event comes in the same participants under two conditions: the risk difference,
    with McNemar's test.

    The p value is the mid-p of the exact test on the discordant pairs (Fagerland, Lydersen & Laake
    2013, BMC Med. Res. Methodol. 13: 91), 1 where there are none. The interval is Wald's with a
    discordant pair of either kind added (Bonett & Price 2012, J. Educ. Behav. Stat. 37: 479).

    Parameters
    ----------
    reference, contrast : 0 or 1 (NaN: not seen), shape (replications, n), participants in the same
        order; who lacks either is left out.

    Raises
    ------
    InputError : values other than 0, 1 and NaN, shapes that differ, or no complete pair.

    >>> paired_risk([[0.0, 0.0, 1.0, 0.0]], [[1.0, 1.0, 1.0, 0.0]]).estimate
    array([0.5])
    """
    require_confidence(level)
    without, under = checked(reference=reference, contrast=contrast)
    require_same_shape(reference=without, contrast=under)
    for name, array in (("reference", without), ("contrast", under)):
        require_events(name, array)
    method = "McNemar's test (mid-p)"

    # Only pairs that differ speak for either condition.
    gained, lost = ((under - without == sign).sum(axis=1).astype(float) for sign in (1, -1))
    n = (~np.isnan(without + under)).sum(axis=1).astype(float)
    excluded = reasons(method, too_few("the set of complete pairs", n, 1))

    # Mid-p: of what is as likely as the observed, only half counts.
    fewer, pairs = np.minimum(gained, lost), gained + lost
    tail = stats.binom.cdf(fewer, pairs, 0.5) - 0.5 * stats.binom.pmf(fewer, pairs, 0.5)
    p = np.where(n > 0, np.where(pairs > 0, np.minimum(2 * tail, 1.0), 1.0), np.nan)

    value = divided(gained - lost, n)
    share_gained, share_lost = divided(gained + 1, n + 2), divided(lost + 1, n + 2)
    # with the added pairs an interval has a width even where no pair differs
    centre = np.where(n > 0, share_gained - share_lost, np.nan)
    variance = divided(share_gained + share_lost - centre**2, n + 2)
    half = stats.norm.ppf((1 + level) / 2) * roots(variance)
    return Contrast(
        value,
        roots(divided(divided(pairs, n) - value**2, n)),
        np.maximum(centre - half, -1.0),
        np.minimum(centre + half, 1.0),
        p,
        n.astype(np.int64),
        method,
        level=level,
        reasons=excluded,
    )


def require_events(name: str, array: FloatArray) -> None:
    """Raise ``InputError`` unless every value is 0, 1 or NaN.

    >>> require_events("reference", np.array([0.0, 1.0, np.nan]))
    """
    wrong = array[~np.isnan(array) & (array != 0) & (array != 1)]
    if len(wrong):
        raise InputError(
            f"{name}: expected 1 (the event came), 0 or NaN (not seen); found {float(wrong[0])!r}"
        )


# --------------------------------------------------------------------- internals
def _chi_squared(first: Moments, second: Moments) -> FloatArray:
    """The p value of the test that two shares are the same."""
    # under no difference both arms have one share
    common = divided(first.mean * first.n + second.mean * second.n, first.n + second.n)
    error = roots(common * (1 - common) * (divided(1.0, first.n) + divided(1.0, second.n)))
    z = np.where(error > 0, divided(second.mean - first.mean, error), 0.0)
    return np.where(np.isnan(error), np.nan, 2 * stats.norm.sf(np.abs(z)))


def _ratio(first: Moments, second: Moments, p: FloatArray, few: Causes, level: float) -> Contrast:
    """The relative risk, from the means of events that are 0 or 1."""
    no_event: Causes = (
        (first.mean == 0, "nobody in arm 'reference' has the event"),
        (second.mean == 0, "nobody in arm 'contrast' has the event"),
    )
    # a share of 0 has no logarithm: its ratio is left out, its interval is not
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(second.mean) - np.log(first.mean)
    # the variance of the logarithm of a share: 1 / events - 1 / n
    variances = [divided(1.0, arm.mean * arm.n) - divided(1.0, arm.n) for arm in (first, second)]
    n = first.n + second.n
    estimate = EffectEstimate(log, roots(variances[0] + variances[1]), n, n)

    ratio = by_log(estimate, p, first_causes(few + no_event), "relative risk", level)
    low, high = _ratio_limits(first, second, level)
    return replace(ratio, low=low, high=high)


def _ratio_limits(first: Moments, second: Moments, level: float) -> tuple[FloatArray, FloatArray]:
    """Limits of second / first from Wilson's limits of each (Donner & Zou 2012, eq. 9)."""
    low_1, high_1 = share_limits(first.mean, first.n, level)
    low_2, high_2 = share_limits(second.mean, second.n, level)
    product = first.mean * second.mean

    def end(of_second: FloatArray, of_first: FloatArray, sign: float) -> FloatArray:
        """The limit that comes of one of either's limits, on the side of the sign."""
        below_root = product**2 - of_second * of_first * (2 * second.mean - of_second) * (
            2 * first.mean - of_first
        )
        with np.errstate(divide="ignore", invalid="ignore"):
            return (product + sign * roots(np.maximum(below_root, 0.0))) / (
                of_first * (2 * first.mean - of_first)
            )

    # nobody in the reference: no upper limit; nobody in the contrast: the lower one is 0
    high = np.where(first.mean == 0, np.inf, end(high_2, low_1, 1.0))
    low = np.where(second.mean == 0, 0.0, end(low_2, high_1, -1.0))
    missing = np.isnan(first.mean) | np.isnan(second.mean)
    return np.where(missing, np.nan, low), np.where(missing, np.nan, high)


def _difference(
    first: Moments, second: Moments, p: FloatArray, few: Causes, level: float
) -> Contrast:
    """The risk difference, from the means of events that are 0 or 1."""
    method = "risk difference"
    excluded = reasons(method, few)
    value = second.mean - first.mean

    # Newcombe: on either side the distances of the two shares from their limits, in quadrature.
    low_1, high_1 = share_limits(first.mean, first.n, level)
    low_2, high_2 = share_limits(second.mean, second.n, level)
    low = value - np.hypot(second.mean - low_2, high_1 - first.mean)
    high = value + np.hypot(high_2 - second.mean, first.mean - low_1)

    error = roots(sum(divided(arm.mean * (1 - arm.mean), arm.n) for arm in (first, second)))
    n = (first.n + second.n).astype(np.int64)
    return Contrast(value, error, low, high, p, n, method, level=level, reasons=excluded)


def share_limits(share: FloatArray, n: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """Wilson's score limits of a share (Wilson 1927, J. Am. Stat. Assoc. 22: 209).

    >>> import numpy as np
    >>> low, high = share_limits(np.array(0.5), np.array(10.0), 0.95)
    >>> round(float(low), 4), round(float(high), 4)
    (0.2366, 0.7634)
    """
    # a share near 0 or 1 has limits inside the scale, where Wald's leave it
    z = float(stats.norm.ppf((1 + level) / 2))
    shrinkage = 1 + divided(z**2, n)
    centre = divided(share + divided(z**2, 2 * n), shrinkage)
    variance = divided(share * (1 - share), n) + divided(z**2, 4 * n**2)
    half = divided(z * roots(variance), shrinkage)
    return centre - half, centre + half
