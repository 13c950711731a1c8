"""Times to an event in two arms, for many replications at once: the log-rank test, the hazard
ratio, Kaplan and Meier's curve and the restricted mean.

A study that looks at a few visits sees an event when the next visit finds it, so that ties are the
rule. The hazard ratio is then that of grouped times (:func:`hazard_ratio`), which few visits do
not bias; a log-rank statistic tests, but what it estimates is an odds ratio.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.errors import InputError, require_extra
from oxysim.statistics.contrast import (
    LEVEL,
    Causes,
    Contrast,
    EffectEstimate,
    alike,
    by_log,
    checked,
    divided,
    floats,
    reasons,
    require_confidence,
    roots,
    too_few,
)
from oxysim.statistics.proportions import require_events

TIES = ("grouped", "efron")


class Times(NamedTuple):
    """When an event came, each of shape (replications, n): the time, or that of the last visit
    where it had not come by then; and whether it came. A participant who was never seen has NaN in
    both.
    """

    time: FloatArray
    came: FloatArray


class _Ranks(NamedTuple):
    """Of every participant in order of time: whether the event came then, who was at risk, who of
    those was in the contrast arm, and how many events fell on that time.
    """

    event: FloatArray
    at_risk: FloatArray
    at_risk_contrast: FloatArray
    tied: FloatArray


def time_to_remission(times: npt.ArrayLike, values: npt.ArrayLike, cutoff: float) -> Times:
    """The first visit with a reading below the cut-off; who has none is censored at the last visit
    seen.

    Parameters
    ----------
    times : of the visits, increasing, shape (n_times,).
    values : shape (replications, n, n_times); NaN for a visit that was missed, which is passed
    over.
    """
    t, y = floats("times", times), floats("values", values)
    if t.ndim != 1 or not len(t) or not (np.diff(t) > 0).all():
        raise InputError(f"time to remission: expected increasing times; found {times!r}")
    if y.ndim != 3 or y.shape[2] != len(t):
        raise InputError(
            f"time to remission: expected shape (replications, n, {len(t)}); found {y.shape}"
        )
    seen, below = ~np.isnan(y), y < checks.number(cutoff, "cutoff")
    came = below.any(axis=2)
    last = len(t) - 1 - np.argmax(seen[..., ::-1], axis=2)
    visit = np.where(came, np.argmax(below, axis=2), last)
    never = ~seen.any(axis=2)
    return Times(np.where(never, np.nan, t[visit]), np.where(never, np.nan, came.astype(float)))


def log_rank(reference: Times, contrast: Times, *, level: float = LEVEL) -> Contrast:
    """Times to an event in two arms: the log-rank test (Mantel 1966, Cancer Chemother. Rep. 50:
    163), with Peto's one-step odds ratio, exp((O - E) / V) (Yusuf et al. 1985, Prog. Cardiovasc.
    Dis. 27: 335). Above 1: the event comes sooner in the contrast arm.

    The test holds whatever the ties. Its ratio is that of the odds of an event at a visit. Only
    where few share a time and the effect is small is it close to the hazard ratio: of times read at
    three visits, with a true hazard ratio of 2, it makes about 2.6. For the hazard ratio take
    :func:`hazard_ratio`.

    Parameters
    ----------
    reference, contrast : of :func:`time_to_remission`, shapes (replications, n_1) and
        (replications, n_2).

    Raises
    ------
    InputError : arms without a reading, or no event while both arms are at risk, in any
    replication.
    """
    require_confidence(level)
    tested = _tested(reference, contrast)
    why = reasons("log-rank test", tested.causes)
    total = tested.n[0] + tested.n[1]
    ratio = divided(tested.excess, tested.variance)
    log = EffectEstimate(ratio, divided(1.0, roots(tested.variance)), total, total)
    return by_log(log, tested.p, why, "log-rank test, odds ratio", level)


def hazard_ratio(
    reference: Times,
    contrast: Times,
    *,
    ties: Literal["grouped", "efron"] = "grouped",
    level: float = LEVEL,
) -> Contrast:
    """The ratio of the hazards of an event in two arms, contrast over reference; above 1: the event
    comes sooner in the contrast arm. Fitted by statsmodels (the extra ``stats``), one replication
    at a time; p is that of the log-rank test.

    Parameters
    ----------
    reference, contrast : of :func:`time_to_remission`, shapes (replications, n_1) and
        (replications, n_2).
    ties : "grouped": an event is seen at the first visit after it, the same visits for all; the
        proportional hazards model of grouped times (Prentice & Gloeckler 1978, Biometrics 34: 57),
        a binomial regression with the complementary log-log link. "efron": Cox's partial likelihood
        with Efron's handling of ties (Efron 1977, J. Am. Stat. Assoc. 72: 557), for times that are
        nearly exact; at three visits and a true ratio of 2, when most have the event, it leans to
        1.85.

    Raises
    ------
    MissingExtraError : statsmodels is not installed.
    UnknownNameError : another handling of ties.
    InputError : no replication can be analysed.

    >>> import numpy as np
    >>> time = np.array([[1.0, 1.0, 2.0, 2.0, 3.0, 3.0]])
    >>> slow = Times(time, np.array([[0.0, 1.0, 0.0, 1.0, 0.0, 0.0]]))
    >>> fast = Times(time, np.array([[1.0, 1.0, 1.0, 1.0, 0.0, 1.0]]))
    >>> bool(hazard_ratio(slow, fast).estimate[0] > 1)
    True
    """
    require_confidence(level)
    checks.choice(ties, "ties", TIES)
    tested = _tested(reference, contrast)
    fit = _grouped if ties == "grouped" else _efron
    require_extra("statsmodels.api", "stats")
    replications = len(tested.p)
    fits = [
        _NONE
        if any(where[r] for where, _ in tested.causes)
        else fit(_one(reference, r), _one(contrast, r))
        for r in range(replications)
    ]
    unfit = np.array([not np.isfinite(found.error) for found in fits])
    causes = (*tested.causes, (unfit, "the fit has no finite hazard ratio"))
    label = "grouped proportional hazards" if ties == "grouped" else "Cox, Efron's ties"
    why = reasons(label, causes)
    value, error = (
        np.array([getattr(found, part) for found in fits]) for part in ("value", "error")
    )
    total = tested.n[0] + tested.n[1]
    method = f"{label}, log-rank p"
    return by_log(EffectEstimate(value, error, total, total), tested.p, why, method, level)


def kaplan_meier(times: Times, replication: int = 0) -> pd.DataFrame:
    """Kaplan and Meier's curve of one arm in one replication (Kaplan & Meier 1958, J. Am. Stat.
    Assoc. 53: 457), by statsmodels (the extra ``stats``).

    Returns
    -------
    One row a time at which an event came or somebody was last seen: ``at_risk``, ``events``, the
    share ``without`` the event after it and its ``standard_error`` (Greenwood).

    Raises
    ------
    MissingExtraError : statsmodels is not installed. InputError : nobody was seen.
    """
    checks.instance(times, "times", Times, "times and whether the event came, as Times(time, came)")
    time, event = _one(
        times, checks.whole_number(replication, "replication", 0, len(times.time) - 1)
    )
    found = _survival(time, event)
    return pd.DataFrame({
        "time": found.surv_times, "at_risk": np.asarray(found.n_risk, dtype=int),
        "events": np.asarray(found.n_events, dtype=int), "without": found.surv_prob,
        "standard_error": found.surv_prob_se,
    })  # fmt: skip


def restricted_mean(
    reference: Times, contrast: Times, until: float, *, level: float = LEVEL
) -> Contrast:
    """The difference in the mean time without the event, up to `until`: the area between the arms'
    curves of Kaplan and Meier (Royston & Parmar 2013, BMC Med. Res. Methodol. 13: 152). Below 0:
    the event comes sooner in the contrast arm. Needs no proportional hazards.

    Parameters
    ----------
    until : in the unit of the times; no later than both arms were followed.

    Raises
    ------
    MissingExtraError : statsmodels is not installed. InputError : no replication can be analysed.
    """
    require_confidence(level)
    end = checks.number(until, "until", 0.0, open_low=True)
    tested = _tested(reference, contrast)
    arms = [
        np.array([_area(*_one(arm, r), end) for r in range(len(tested.p))])
        for arm in (reference, contrast)
    ]
    few = tested.causes[:-1]  # both arms hold somebody; events are not needed
    short = tuple(
        (np.isnan(arm[:, 0]), f"arm {name!r} was not followed until {end:g}")
        for name, arm in zip(("reference", "contrast"), arms, strict=True)
    )
    why = reasons("restricted mean", few + short)
    value = arms[1][:, 0] - arms[0][:, 0]
    error = roots(arms[0][:, 1] + arms[1][:, 1])
    half = stats.norm.ppf((1 + level) / 2) * error
    p = np.where(error > 0, 2 * stats.norm.sf(np.abs(divided(value, error))), np.nan)
    n = (tested.n[0] + tested.n[1]).astype(np.int64)
    return Contrast(
        value, error, value - half, value + half, p, n, "restricted mean", level=level, reasons=why
    )


# --------------------------------------------------------------------- internals
class _Tested(NamedTuple):
    """The parts of a log-rank test, arrays of shape (replications,)."""

    excess: FloatArray
    variance: FloatArray
    p: FloatArray
    n: tuple[FloatArray, FloatArray]
    causes: Causes


class _Fit(NamedTuple):
    """The logarithm of a hazard ratio and its standard error; NaN where there is none."""

    value: float = np.nan
    error: float = np.nan


class _Arm(NamedTuple):
    """Those of one arm who were seen, in one replication: times, and whether the event came."""

    time: FloatArray
    event: FloatArray


_NONE = _Fit()
STEEP = 15.0
"""A logarithm of a hazard ratio beyond which a fit has run away to no finite one (exp(15) is 3
million).
"""


def _tested(reference: Times, contrast: Times) -> _Tested:
    """Checks both arms and computes the log-rank statistic of every replication."""
    arms = {"reference": reference, "contrast": contrast}
    for name, arm in arms.items():
        checks.instance(arm, name, Times, "times and whether the event came, as Times(time, came)")
    times = checked(**{f"{name}.time": arm.time for name, arm in arms.items()})
    came = checked(**{f"{name}.came": arm.came for name, arm in arms.items()})
    for name, time, event in zip(arms, times, came, strict=True):
        require_events(f"{name}.came", event)
        alike(**{f"{name}.time": time, f"{name}.came": event})
    ranks = _ranked(times, came)
    share = divided(ranks.at_risk_contrast, ranks.at_risk)
    spread = share * (1 - share) * divided(ranks.at_risk - ranks.tied, ranks.at_risk - 1)
    variance = np.nan_to_num(np.where(ranks.event > 0, spread, 0)).sum(axis=1)
    excess = np.nansum(came[1], axis=1) - np.where(ranks.event > 0, share, 0.0).sum(axis=1)
    seen = [(~np.isnan(t + e)).sum(axis=1).astype(float) for t, e in zip(times, came, strict=True)]
    causes = too_few("arm 'reference'", seen[0], 1) + too_few("arm 'contrast'", seen[1], 1)
    causes += ((variance <= 0, "no event comes while both arms are at risk"),)
    z = np.abs(divided(excess, roots(variance)))
    p = np.where(variance > 0, 2 * stats.norm.sf(z), np.nan)
    return _Tested(excess, variance, p, (seen[0], seen[1]), causes)


def _one(arm: Times, replication: int) -> _Arm:
    """Who was seen of an arm in one replication."""
    time, event = (np.asarray(part, dtype=float)[replication] for part in arm)
    seen = ~np.isnan(time + event)
    return _Arm(time[seen], event[seen])


def _grouped(first: _Arm, second: _Arm) -> _Fit:
    """Binomial regression of events on arm and visit with the complementary log-log link.

    A visit at which none, or all, of those at risk have the event, or only one arm is at risk,
    tells nothing about the ratio: its own constant would run away to fit it.
    """
    api: Any = require_extra("statsmodels.api", "stats")
    counts, arms, visits = [], [], []
    for visit in np.unique(np.concatenate([first.time, second.time])):
        at_risk = [int((arm.time >= visit).sum()) for arm in (first, second)]
        events = [int(arm.event[arm.time == visit].sum()) for arm in (first, second)]
        if 0 in at_risk or sum(events) in (0, sum(at_risk)):
            continue
        counts += [(k, n - k) for k, n in zip(events, at_risk, strict=True)]
        arms += [0.0, 1.0]
        visits += [visit, visit]
    if not counts:
        return _NONE
    design = np.column_stack([arms, *(np.equal(visits, one) for one in np.unique(visits))]).astype(
        float
    )
    family = api.families.Binomial(api.families.links.CLogLog())
    return _fitted(lambda: api.GLM(np.array(counts), design, family=family).fit())


def _efron(first: _Arm, second: _Arm) -> _Fit:
    """Cox's partial likelihood with Efron's ties."""
    api: Any = require_extra("statsmodels.duration.hazard_regression", "stats")
    time, event = (np.concatenate(part) for part in zip(first, second, strict=True))
    arm = np.repeat([0.0, 1.0], [len(first.time), len(second.time)])[:, None]
    return _fitted(lambda: api.PHReg(time, arm, status=event, ties="efron").fit())


def _fitted(fit: Callable[[], Any]) -> _Fit:
    """The first coefficient, or none where the likelihood has no finite maximum."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a fit that runs away, which is then refused
        try:
            found = fit()
            value, error = float(found.params[0]), float(found.bse[0])
        except (np.linalg.LinAlgError, ValueError, FloatingPointError):
            return _NONE
    sound = np.isfinite(value) and np.isfinite(error) and error > 0 and abs(value) < STEEP
    return _Fit(value, error) if sound else _NONE


def _survival(time: FloatArray, event: FloatArray) -> Any:
    if not len(time):
        raise InputError(what="times", expected="somebody who was seen", found="nobody")
    models: Any = require_extra("statsmodels.duration.survfunc", "stats")
    return models.SurvfuncRight(time, event)


def _area(time: FloatArray, event: FloatArray, until: float) -> tuple[float, float]:
    """The area under an arm's curve up to `until`, and its variance (Greenwood's, summed over what
    is left of the area after each event); NaN where nobody was followed so far.
    """
    if not len(time) or (until > time.max() and not event[time == time.max()].all()):
        return np.nan, np.nan
    found = _survival(time, event)
    inside = found.surv_times <= until
    steps = np.concatenate([[0.0], found.surv_times[inside], [until]])
    heights = np.concatenate([[1.0], found.surv_prob[inside]])
    pieces = heights * np.diff(steps)
    left = pieces.sum() - np.cumsum(pieces)[: len(pieces) - 1]
    risk, events = (
        np.asarray(part, dtype=float)[inside] for part in (found.n_risk, found.n_events)
    )
    # after the last event of all, the curve is 0 and nothing is left of its area
    parts = np.where(risk > events, left**2 * divided(events, risk * (risk - events)), 0.0)
    return float(pieces.sum()), float(np.nansum(parts))


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
    return _Ranks(
        event, at_risk.astype(float), (arm.sum(axis=1, keepdims=True) - before).astype(float), tied
    )
