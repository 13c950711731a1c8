"""Times to an event in two arms, for many replications at once: who reached it when, and the
log-rank test.

A study that looks at a few visits sees an event when the next visit finds it, so that ties are the
rule. A log-rank statistic tests, but what it estimates is an odds ratio; few visits do not bias the
hazard ratio of grouped times (:func:`oxysim.statistics.survival.survival_models.hazard_ratio`).

SciPy's ``logrank`` gives the same statistic of one study, without the observed and expected events
of which the ratio is made.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.errors import InputError
from oxysim.statistics.contrast import LEVEL, Contrast, EffectEstimate
from oxysim.statistics.exclusions import Causes, reasons, too_few
from oxysim.statistics.intervals import by_log
from oxysim.statistics.moments import (
    checked,
    divided,
    floats,
    require_confidence,
    require_same_shape,
    roots,
)
from oxysim.statistics.proportions import require_events


class Times(NamedTuple):
    """When an event came, each of shape (replications, n): the time, or that of the last visit
    where it had not come by then; and whether it came. A participant who was never seen has NaN in
    both.

    >>> Times(np.array([[3.0, 6.0]]), np.array([[1.0, 0.0]])).came
    array([[1., 0.]])
    """

    time: FloatArray
    came: FloatArray


class LogRankParts(NamedTuple):
    """The parts of a log-rank test, arrays of shape (replications,): events in the contrast arm
    beyond the expected ones, their variance, p, how many were seen of either arm, and why a
    replication cannot be tested.

    >>> slow = Times(np.array([[1.0, 2.0, 3.0]]), np.array([[0.0, 1.0, 0.0]]))
    >>> fast = Times(np.array([[1.0, 1.0, 2.0]]), np.array([[1.0, 1.0, 1.0]]))
    >>> bool(log_rank_parts(slow, fast).excess[0] > 0)
    True
    """

    excess: FloatArray
    variance: FloatArray
    p: FloatArray
    n: tuple[FloatArray, FloatArray]
    causes: Causes


def time_to_remission(times: npt.ArrayLike, values: npt.ArrayLike, cutoff: float) -> Times:
    """The first visit with a reading below the cut-off; who has none is censored at the last visit
    seen.

    Parameters
    ----------
    times : of the visits, increasing, shape (n_times,).
    values : shape (replications, n, n_times); NaN for a visit that was missed, which is passed
        over.

    Raises
    ------
    InputError : times that do not increase, another number of visits.

    >>> time_to_remission([3.0, 6.0], [[[12.0, 9.0], [14.0, 13.0]]], cutoff=10).came
    array([[1., 0.]])
    """
    t, y = floats("times", times), floats("values", values)
    if t.ndim != 1 or not len(t) or not (np.diff(t) > 0).all():
        raise InputError(f"time to remission: expected increasing times; found {times!r}")
    if y.ndim != 3 or y.shape[2] != len(t):
        raise InputError(
            f"time to remission: expected shape (replications, n, {len(t)}); found {y.shape}"
        )
    # a missed visit is neither below nor seen: the next one decides
    seen, below = ~np.isnan(y), y < checks.number(cutoff, "cutoff")
    came = below.any(axis=2)

    # argmax finds the first visit below; on the visits in reverse order, the last one seen
    last_seen = len(t) - 1 - np.argmax(seen[..., ::-1], axis=2)
    visit = np.where(came, np.argmax(below, axis=2), last_seen)
    never = ~seen.any(axis=2)
    return Times(np.where(never, np.nan, t[visit]), np.where(never, np.nan, came.astype(float)))


def log_rank(reference: Times, contrast: Times, *, level: float = LEVEL) -> Contrast:
    """Times to an event in two arms: the log-rank test (Mantel 1966, Cancer Chemother. Rep. 50:
    163), with Peto's one-step odds ratio, exp((O - E) / V) (Yusuf et al. 1985, Prog. Cardiovasc.
    Dis. 27: 335). Above 1: the event comes sooner in the contrast arm.

    The test holds whatever the ties. Its ratio is that of the odds of an event at a visit. Only
    where few share a time and the effect is small is it close to the hazard ratio: of times read at
    three visits, with a true hazard ratio of 2, it makes about 2.6. For the hazard ratio take
    :func:`oxysim.statistics.survival.survival_models.hazard_ratio`.

    Parameters
    ----------
    reference, contrast : of :func:`time_to_remission`, shapes (replications, n_1) and
        (replications, n_2).

    Raises
    ------
    InputError : arms without a reading, or no event while both arms are at risk, in any
        replication.

    >>> slow = Times(np.array([[1.0, 2.0, 3.0]]), np.array([[0.0, 1.0, 0.0]]))
    >>> fast = Times(np.array([[1.0, 1.0, 2.0]]), np.array([[1.0, 1.0, 1.0]]))
    >>> bool(log_rank(slow, fast).estimate[0] > 1)
    True
    """
    require_confidence(level)
    parts = log_rank_parts(reference, contrast)
    excluded = reasons("log-rank test", parts.causes)
    total = parts.n[0] + parts.n[1]
    ratio = divided(parts.excess, parts.variance)
    log = EffectEstimate(ratio, divided(1.0, roots(parts.variance)), total, total)
    return by_log(log, parts.p, excluded, "log-rank test, odds ratio", level)


def log_rank_parts(reference: Times, contrast: Times) -> LogRankParts:
    """Check both arms and compute the log-rank statistic of every replication.

    Raises
    ------
    InputError : arms that are no times, events other than 0, 1 and NaN, shapes that differ.

    >>> arm = Times(np.array([[1.0, 2.0]]), np.array([[1.0, 1.0]]))
    >>> log_rank_parts(arm, arm).excess
    array([0.])
    """
    arms = {"reference": reference, "contrast": contrast}
    for name, arm in arms.items():
        checks.instance(arm, name, Times, "times and whether the event came, as Times(time, came)")
    times = checked(**{f"{name}.time": arm.time for name, arm in arms.items()})
    came = checked(**{f"{name}.came": arm.came for name, arm in arms.items()})
    for name, time, event in zip(arms, times, came, strict=True):
        require_events(f"{name}.came", event)
        require_same_shape(**{f"{name}.time": time, f"{name}.came": event})

    # Of every event the contrast arm would have its share of those at risk, were the arms equal.
    ranks = _ranked(times, came)
    share = divided(ranks.at_risk_contrast, ranks.at_risk)
    expected = np.where(ranks.event > 0, share, 0.0).sum(axis=1)
    excess = np.nansum(came[1], axis=1) - expected

    # The hypergeometric variance; where several events tie, fewer of them are left to chance.
    spread = share * (1 - share) * divided(ranks.at_risk - ranks.tied, ranks.at_risk - 1)
    variance = np.nan_to_num(np.where(ranks.event > 0, spread, 0)).sum(axis=1)

    seen = [(~np.isnan(t + e)).sum(axis=1).astype(float) for t, e in zip(times, came, strict=True)]
    causes = too_few("arm 'reference'", seen[0], 1) + too_few("arm 'contrast'", seen[1], 1)
    causes += ((variance <= 0, "no event comes while both arms are at risk"),)
    z = np.abs(divided(excess, roots(variance)))
    p = np.where(variance > 0, 2 * stats.norm.sf(z), np.nan)
    return LogRankParts(excess, variance, p, (seen[0], seen[1]), causes)


# --------------------------------------------------------------------- internals
class _Ranks(NamedTuple):
    """Of every participant in order of time: whether the event came then, who was at risk, who of
    those was in the contrast arm, and how many events fell on that time.
    """

    event: FloatArray
    at_risk: FloatArray
    at_risk_contrast: FloatArray
    tied: FloatArray


def _ranked(times: tuple[FloatArray, ...], came: tuple[FloatArray, ...]) -> _Ranks:
    """Everybody in order of time; who was never seen comes last and is at no risk."""
    time, event = np.concatenate(times, axis=1), np.concatenate(came, axis=1)
    present = ~np.isnan(time + event)
    in_contrast = np.broadcast_to(np.arange(time.shape[1]) >= times[0].shape[1], time.shape)

    # stable: participants who share a time stay in their order, whatever the machine
    order = np.argsort(np.where(present, time, np.inf), axis=1, kind="stable")
    time, event, present, in_contrast = (
        np.take_along_axis(values, order, axis=1)
        for values in (
            np.where(present, time, np.inf),
            np.where(present, event, 0.0),
            present,
            in_contrast & present,
        )
    )

    # Ties share their risk: for everybody the place at which their time begins in the order.
    is_new_time = np.ones(time.shape, dtype=bool)
    is_new_time[:, 1:] = time[:, 1:] != time[:, :-1]
    position = np.arange(time.shape[1])
    start = np.maximum.accumulate(np.where(is_new_time, position, 0), axis=1)

    cumulated = np.cumsum(in_contrast, axis=1) - in_contrast
    contrast_before = np.take_along_axis(cumulated, start, axis=1)
    at_risk_contrast = in_contrast.sum(axis=1, keepdims=True) - contrast_before
    at_risk = present.sum(axis=1, keepdims=True) - start

    # Events on one time are counted for all replications at once, under one number a tie.
    tie = start + time.shape[1] * np.arange(len(time))[:, None]
    tied = np.bincount(tie.ravel(), weights=event.ravel(), minlength=time.size)[tie]
    return _Ranks(event, at_risk.astype(float), at_risk_contrast.astype(float), tied)
