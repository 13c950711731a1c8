"""Who responds, who remits and when, and how arms compare in it, for many replications at once: relative risk and risk
difference, McNemar's test of pairs, log-rank test.

Arrays have shape (replications, n), NaN for a participant without a reading. Correction for multiple testing is left to
the user.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats

from oxysim.errors import InputError
from oxysim.statistics.contrast import (
    LEVEL,
    Causes,
    Contrast,
    Estimate,
    FloatArray,
    Moments,
    alike,
    by_log,
    checked,
    divided,
    first_causes,
    moments,
    reasons,
    require_level,
    roots,
    too_few,
)


@dataclass(frozen=True, eq=False)
class Risks:
    """An event's frequency in two arms: the share in each, shape (replications,), and how they compare."""

    reference: FloatArray
    contrast: FloatArray
    ratio: Contrast
    difference: Contrast


class Times(NamedTuple):
    """When an event came, each of shape (replications, n): the time, or that of the last visit where it had not come by
    then; and whether it came. A participant who was never seen has NaN in both.
    """

    time: FloatArray
    came: FloatArray


class _Ranks(NamedTuple):
    """Of every participant in order of time: whether the event came then, who was at risk, who of those was in the
    contrast arm, and how many events fell on that time.
    """

    event: FloatArray
    at_risk: FloatArray
    at_risk_contrast: FloatArray
    tied: FloatArray


# ------------------------------------------------------------------------ events
def response(baseline: npt.ArrayLike, outcome: npt.ArrayLike, *, fall: float = 0.5) -> FloatArray:
    """Who responded: 1 where the reading fell by at least the share `fall` of the baseline, else 0; NaN where either is
    missing.

    Raises
    ------
    InputError : a baseline at or below 0, of which no share can be taken; a `fall` outside (0, 1].
    """
    if not 0 < fall <= 1:
        raise InputError(f"fall: expected a share of the baseline above 0 and at most 1; found {fall!r}")
    before, after = checked(baseline=baseline, outcome=outcome)
    alike(baseline=before, outcome=after)
    low = int((before <= 0).sum())
    if low:
        raise InputError(
            f"response: {low} of {before.size} baselines are 0 or below, of which no share can be taken; select "
            "participants by their baseline, or use remission"
        )
    return np.where(np.isnan(before + after), np.nan, (after <= (1 - fall) * before).astype(float))


def remission(outcome: npt.ArrayLike, cutoff: float) -> FloatArray:
    """Who is in remission: 1 where the reading is below the cut-off, else 0; NaN where it is missing."""
    (values,) = checked(outcome=outcome)
    return np.where(np.isnan(values), np.nan, (values < _cutoff(cutoff)).astype(float))


def time_to_remission(times: npt.ArrayLike, values: npt.ArrayLike, cutoff: float) -> Times:
    """The first visit with a reading below the cut-off; who has none is censored at the last visit seen.

    Parameters
    ----------
    times : of the visits, increasing, shape (n_times,).
    values : shape (replications, n, n_times); NaN for a visit that was missed, which is passed over.
    """
    t, y = np.asarray(times, dtype=float), np.asarray(values, dtype=float)
    if t.ndim != 1 or not len(t) or not (np.diff(t) > 0).all():
        raise InputError(f"time to remission: expected increasing times; found {times!r}")
    if y.ndim != 3 or y.shape[2] != len(t):
        raise InputError(f"time to remission: expected shape (replications, n, {len(t)}); found {y.shape}")
    seen, below = ~np.isnan(y), y < _cutoff(cutoff)
    came = below.any(axis=2)
    last = len(t) - 1 - np.argmax(seen[..., ::-1], axis=2)
    visit = np.where(came, np.argmax(below, axis=2), last)
    never = ~seen.any(axis=2)
    return Times(np.where(never, np.nan, t[visit]), np.where(never, np.nan, came.astype(float)))


# ------------------------------------------------------------------- comparisons
def risk(reference: npt.ArrayLike, contrast: npt.ArrayLike, *, level: float = LEVEL) -> Risks:
    """How often an event comes in two arms of different participants.

    The relative risk has its interval on the logarithm (Katz et al. 1978, Biometrics 34: 469) and no value in a
    replication where an arm has no event. The difference has Newcombe's interval from Wilson's score limits (Newcombe
    1998, Stat. Med. 17: 873, method 10), so that it needs no events. Both carry the p value of Pearson's chi-squared
    test without continuity correction, 1 where all or none have the event; with few expected events it is
    approximate.

    Parameters
    ----------
    reference, contrast : 0 or 1 (NaN: not seen), shapes (replications, n_1) and (replications, n_2), for instance of
        :func:`response` or :func:`remission`.
    """
    require_level(level)
    arms = checked(reference=reference, contrast=contrast)
    for name, array in zip(("reference", "contrast"), arms, strict=True):
        _binary(name, array)
    first, second = (moments(arm) for arm in arms)
    few = too_few("arm 'reference'", first.n, 1) + too_few("arm 'contrast'", second.n, 1)
    p = _chi_squared(first, second)
    return Risks(
        first.mean, second.mean, _ratio(first, second, p, few, level), _difference(first, second, p, few, level)
    )


def paired_risk(reference: npt.ArrayLike, contrast: npt.ArrayLike, *, level: float = LEVEL) -> Contrast:
    """How often an event comes in the same participants under two conditions: the risk difference, with McNemar's test.

    The p value is the mid-p of the exact test on the discordant pairs (Fagerland, Lydersen & Laake 2013, BMC Med. Res.
    Methodol. 13: 91), 1 where there are none. The interval is Wald's with a discordant pair of
    either kind added (Bonett & Price 2012, J. Educ. Behav. Stat. 37: 479).

    Parameters
    ----------
    reference, contrast : 0 or 1 (NaN: not seen), shape (replications, n), participants in the same order; who lacks
        either is left out.
    """
    require_level(level)
    one, two = checked(reference=reference, contrast=contrast)
    alike(reference=one, contrast=two)
    for name, array in (("reference", one), ("contrast", two)):
        _binary(name, array)
    method = "McNemar's test (mid-p)"
    gained, lost = ((two - one == way).sum(axis=1).astype(float) for way in (1, -1))
    n = (~np.isnan(one + two)).sum(axis=1).astype(float)
    why = reasons(method, too_few("the set of complete pairs", n, 1))
    few, pairs = np.minimum(gained, lost), gained + lost
    tail = stats.binom.cdf(few, pairs, 0.5) - 0.5 * stats.binom.pmf(few, pairs, 0.5)
    p = np.where(n > 0, np.where(pairs > 0, np.minimum(2 * tail, 1.0), 1.0), np.nan)
    value = divided(gained - lost, n)
    shares = divided(gained + 1, n + 2), divided(lost + 1, n + 2)
    centre = np.where(n > 0, shares[0] - shares[1], np.nan)
    half = stats.norm.ppf((1 + level) / 2) * roots(divided(shares[0] + shares[1] - centre**2, n + 2))
    low, high = np.maximum(centre - half, -1.0), np.minimum(centre + half, 1.0)
    error = roots(divided(divided(pairs, n) - value**2, n))
    return Contrast(value, error, low, high, p, n.astype(np.int64), method, level=level, reasons=why)


def log_rank(reference: Times, contrast: Times, *, level: float = LEVEL) -> Contrast:
    """Times to an event in two arms: the log-rank test (Mantel 1966, Cancer Chemother. Rep. 50: 163), and the hazard
    ratio by Peto's one step, exp((O - E) / V) (Yusuf et al. 1985, Prog. Cardiovasc. Dis. 27: 335; it leans towards 1
    for large effects). Above 1: the event comes sooner in the contrast arm.

    Parameters
    ----------
    reference, contrast : of :func:`time_to_remission`, shapes (replications, n_1) and (replications, n_2).
    """
    require_level(level)
    checks = {"reference": reference, "contrast": contrast}
    for name, arm in checks.items():
        _binary(f"{name}.came", np.asarray(arm.came, dtype=float))
        alike(**{f"{name}.time": np.asarray(arm.time), f"{name}.came": np.asarray(arm.came)})
    times = checked(**{name: arm.time for name, arm in checks.items()})
    came = checked(**{name: arm.came for name, arm in checks.items()})
    ranks = _ranked(times, came)
    share = divided(ranks.at_risk_contrast, ranks.at_risk)
    parts = np.where(ranks.event > 0, share * (1 - share) * divided(ranks.at_risk - ranks.tied, ranks.at_risk - 1), 0)
    variance = np.nan_to_num(parts).sum(axis=1)
    excess = np.nansum(came[1], axis=1) - np.where(ranks.event > 0, share, 0.0).sum(axis=1)
    n = [(~np.isnan(time + event)).sum(axis=1).astype(float) for time, event in zip(times, came, strict=True)]
    causes = too_few("arm 'reference'", n[0], 1) + too_few("arm 'contrast'", n[1], 1)
    causes += ((variance <= 0, "no event comes while both arms are at risk"),)
    why = reasons("log-rank test", causes)
    p = np.where(variance > 0, 2 * stats.norm.sf(np.abs(divided(excess, roots(variance)))), np.nan)
    total = n[0] + n[1]
    log = Estimate(divided(excess, variance), divided(1.0, roots(variance)), total, total)
    return by_log(log, p, why, "log-rank test", level)


# --------------------------------------------------------------------- internals
def _ranked(times: tuple[FloatArray, ...], came: tuple[FloatArray, ...]) -> _Ranks:
    """Everybody in order of time; who was never seen comes last and is at no risk."""
    time, event = np.concatenate(times, axis=1), np.concatenate(came, axis=1)
    known = ~np.isnan(time + event)
    arm = np.broadcast_to(np.arange(time.shape[1]) >= times[0].shape[1], time.shape)
    order = np.argsort(np.where(known, time, np.inf), axis=1, kind="stable")
    time, event, known, arm = (
        np.take_along_axis(part, order, axis=1)
        for part in (np.where(known, time, np.inf), np.where(known, event, 0.0), known, arm & known)
    )
    new = np.ones(time.shape, dtype=bool)
    new[:, 1:] = time[:, 1:] != time[:, :-1]
    position = np.arange(time.shape[1])
    start = np.maximum.accumulate(np.where(new, position, 0), axis=1)
    before = np.take_along_axis(np.cumsum(arm, axis=1) - arm, start, axis=1)
    group = start + time.shape[1] * np.arange(len(time))[:, None]
    tied = np.bincount(group.ravel(), weights=event.ravel(), minlength=time.size)[group]
    at_risk = known.sum(axis=1, keepdims=True) - start
    return _Ranks(event, at_risk.astype(float), (arm.sum(axis=1, keepdims=True) - before).astype(float), tied)


def _chi_squared(first: Moments, second: Moments) -> FloatArray:
    """The p value of the test that two shares are the same."""
    common = divided(first.mean * first.n + second.mean * second.n, first.n + second.n)
    error = roots(common * (1 - common) * (divided(1.0, first.n) + divided(1.0, second.n)))
    z = np.where(error > 0, divided(second.mean - first.mean, error), 0.0)
    return np.where(np.isnan(error), np.nan, 2 * stats.norm.sf(np.abs(z)))


def _ratio(first: Moments, second: Moments, p: FloatArray, few: Causes, level: float) -> Contrast:
    """The relative risk, from the means of events that are 0 or 1."""
    nobody: Causes = (
        (first.mean == 0, "nobody in arm 'reference' has the event"),
        (second.mean == 0, "nobody in arm 'contrast' has the event"),
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(second.mean) - np.log(first.mean)
    parts = [divided(1.0, arm.mean * arm.n) - divided(1.0, arm.n) for arm in (first, second)]
    n = first.n + second.n
    return by_log(
        Estimate(log, roots(parts[0] + parts[1]), n, n), p, first_causes(few + nobody), "relative risk", level
    )


def _difference(first: Moments, second: Moments, p: FloatArray, few: Causes, level: float) -> Contrast:
    """The risk difference, from the means of events that are 0 or 1."""
    method = "risk difference"
    why = reasons(method, few)
    value = second.mean - first.mean
    (low_1, high_1), (low_2, high_2) = (_wilson(arm.mean, arm.n, level) for arm in (first, second))
    low = value - np.hypot(second.mean - low_2, high_1 - first.mean)
    high = value + np.hypot(high_2 - second.mean, first.mean - low_1)
    error = roots(sum(divided(arm.mean * (1 - arm.mean), arm.n) for arm in (first, second)))
    n = (first.n + second.n).astype(np.int64)
    return Contrast(value, error, low, high, p, n, method, level=level, reasons=why)


def _wilson(share: FloatArray, n: FloatArray, level: float) -> tuple[FloatArray, FloatArray]:
    """Wilson's score limits of a share (Wilson 1927, J. Am. Stat. Assoc. 22: 209)."""
    z = float(stats.norm.ppf((1 + level) / 2))
    centre = divided(share + divided(z**2, 2 * n), 1 + divided(z**2, n))
    half = divided(z * roots(divided(share * (1 - share), n) + divided(z**2, 4 * n**2)), 1 + divided(z**2, n))
    return centre - half, centre + half


def _binary(name: str, array: FloatArray) -> None:
    wrong = array[~np.isnan(array) & (array != 0) & (array != 1)]
    if len(wrong):
        raise InputError(f"{name}: expected 1 (the event came), 0 or NaN (not seen); found {float(wrong[0])!r}")


def _cutoff(cutoff: float) -> float:
    if not np.isfinite(cutoff):
        raise InputError(f"cutoff: expected a finite reading; found {cutoff!r}")
    return float(cutoff)
