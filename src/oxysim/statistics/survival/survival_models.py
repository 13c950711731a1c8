"""Models of times to an event, fitted by statsmodels (the extra ``stats``), one replication at a
time: the hazard ratio, Kaplan and Meier's curve and the restricted mean.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.errors import InputError, require_extra
from oxysim.statistics.contrast import LEVEL, Contrast, EffectEstimate
from oxysim.statistics.exclusions import reasons
from oxysim.statistics.intervals import by_log
from oxysim.statistics.moments import divided, require_confidence, roots
from oxysim.statistics.survival.time_to_event import Times, log_rank_parts

TIES = ("grouped", "efron")
LARGEST_LOG_RATIO = 15.0
"""A logarithm of a hazard ratio beyond which a fit has run away to no finite one (exp(15) is 3
million).
"""


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
    reference, contrast : of ``time_to_event.time_to_remission``, shapes (replications, n_1) and
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
    parts = log_rank_parts(reference, contrast)
    require_extra("statsmodels.api", "stats")

    fit = _grouped if ties == "grouped" else _efron
    replications = len(parts.p)
    # What the log-rank test cannot take has no hazard ratio either, and is not fitted.
    untested = [any(mask[r] for mask, _ in parts.causes) for r in range(replications)]
    fits = [
        _NO_FIT if untested[r] else fit(_seen(reference, r), _seen(contrast, r))
        for r in range(replications)
    ]
    # NaN where there is no fit, which the mask below turns into a reason
    value = np.array([fitted.value for fitted in fits])
    error = np.array([fitted.error for fitted in fits])

    causes = (*parts.causes, (~np.isfinite(error), "the fit has no finite hazard ratio"))
    label = "grouped proportional hazards" if ties == "grouped" else "Cox, Efron's ties"
    excluded = reasons(label, causes)
    total = parts.n[0] + parts.n[1]
    log = EffectEstimate(value, error, total, total)
    return by_log(log, parts.p, excluded, f"{label}, log-rank p", level)


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

    >>> arm = Times(np.array([[1.0, 2.0, 2.0, 3.0]]), np.array([[1.0, 1.0, 0.0, 0.0]]))
    >>> kaplan_meier(arm)["without"].round(6).tolist()
    [0.75, 0.5]
    """
    checks.instance(times, "times", Times, "times and whether the event came, as Times(time, came)")
    # replications count from 0
    last = len(times.time) - 1
    arm = _seen(times, checks.whole_number(replication, "replication", 0, last))
    curve = _survival(arm)
    return pd.DataFrame(
        {
            "time": curve.surv_times,
            "at_risk": np.asarray(curve.n_risk, dtype=int),
            "events": np.asarray(curve.n_events, dtype=int),
            "without": curve.surv_prob,
            "standard_error": curve.surv_prob_se,
        }
    )


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

    >>> slow = Times(np.array([[2.0, 3.0]]), np.array([[0.0, 1.0]]))
    >>> fast = Times(np.array([[1.0, 2.0]]), np.array([[1.0, 0.0]]))
    >>> restricted_mean(slow, fast, until=2.0).estimate
    array([-0.5])
    """
    require_confidence(level)
    end = checks.number(until, "until", 0.0, open_low=True)
    parts = log_rank_parts(reference, contrast)
    replications = range(len(parts.p))
    # (area, variance) of every replication, shape (replications, 2), of either arm
    areas = [
        np.array([_area(_seen(arm, r), end) for r in replications]) for arm in (reference, contrast)
    ]

    # Both arms must hold somebody; the last cause, that no event comes, is none here.
    holds_nobody = parts.causes[:-1]
    too_short = tuple(
        (np.isnan(arm[:, 0]), f"arm {name!r} was not followed until {end:g}")
        for name, arm in zip(("reference", "contrast"), areas, strict=True)
    )
    excluded = reasons("restricted mean", holds_nobody + too_short)

    value = areas[1][:, 0] - areas[0][:, 0]
    error = roots(areas[0][:, 1] + areas[1][:, 1])
    half = stats.norm.ppf((1 + level) / 2) * error
    p = np.where(error > 0, 2 * stats.norm.sf(np.abs(divided(value, error))), np.nan)
    return Contrast(
        value,
        error,
        value - half,
        value + half,
        p,
        (parts.n[0] + parts.n[1]).astype(np.int64),
        "restricted mean",
        level=level,
        reasons=excluded,
    )


# --------------------------------------------------------------------- internals
class _Fit(NamedTuple):
    """A logarithm of a hazard ratio and its standard error; NaN where it has no finite one."""

    value: float = np.nan
    error: float = np.nan


class _Arm(NamedTuple):
    """Those of an arm who were seen, in one replication, shape (n_seen,) each."""

    time: FloatArray
    event: FloatArray


_NO_FIT = _Fit()


def _seen(arm: Times, replication: int) -> _Arm:
    """Who was seen of an arm in one replication."""
    time, event = (np.asarray(values, dtype=float)[replication] for values in arm)
    present = ~np.isnan(time + event)
    return _Arm(time[present], event[present])


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
        # such a visit has an infinite constant, which the fit would chase
        if 0 in at_risk or sum(events) in (0, sum(at_risk)):
            continue
        counts += [(k, n - k) for k, n in zip(events, at_risk, strict=True)]
        arms += [0.0, 1.0]
        visits += [visit, visit]
    if not counts:
        return _NO_FIT

    # the arm first, since its coefficient is the one that is read; then a constant a visit
    constants = [np.equal(visits, visit) for visit in np.unique(visits)]
    design = np.column_stack([arms, *constants]).astype(float)
    family = api.families.Binomial(api.families.links.CLogLog())
    return _fitted(lambda: api.GLM(np.array(counts), design, family=family).fit())


def _efron(first: _Arm, second: _Arm) -> _Fit:
    """Cox's partial likelihood with Efron's ties."""
    api: Any = require_extra("statsmodels.duration.hazard_regression", "stats")
    time = np.concatenate([first.time, second.time])
    event = np.concatenate([first.event, second.event])
    arm = np.repeat([0.0, 1.0], [len(first.time), len(second.time)])[:, None]
    return _fitted(lambda: api.PHReg(time, arm, status=event, ties="efron").fit())


def _fitted(fit: Callable[[], Any]) -> _Fit:
    """The first coefficient, or none where the likelihood has no finite maximum."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a fit that runs away, which is then refused
        try:
            result = fit()
            value, error = float(result.params[0]), float(result.bse[0])
        except (np.linalg.LinAlgError, ValueError, FloatingPointError):
            return _NO_FIT
    is_finite = np.isfinite(value) and np.isfinite(error) and error > 0
    return _Fit(value, error) if is_finite and abs(value) < LARGEST_LOG_RATIO else _NO_FIT


def _survival(arm: _Arm) -> Any:
    """statsmodels' curve of an arm."""
    if not len(arm.time):
        raise InputError(what="times", expected="somebody who was seen", found="nobody")
    models: Any = require_extra("statsmodels.duration.survfunc", "stats")
    return models.SurvfuncRight(arm.time, arm.event)


def _area(arm: _Arm, until: float) -> tuple[float, float]:
    """The area under an arm's curve up to `until`, and its variance (Greenwood's, summed over what
    is left of the area after each event); NaN where nobody was followed so far.
    """
    time, event = arm
    # Beyond the last time the curve is known only where it has come to 0.
    if not len(time) or (until > time.max() and not event[time == time.max()].all()):
        return np.nan, np.nan

    curve = _survival(arm)
    inside = curve.surv_times <= until
    steps = np.concatenate([[0.0], curve.surv_times[inside], [until]])
    heights = np.concatenate([[1.0], curve.surv_prob[inside]])
    areas = heights * np.diff(steps)
    remaining = areas.sum() - np.cumsum(areas)[: len(areas) - 1]

    at_risk, events = (
        np.asarray(counts, dtype=float)[inside] for counts in (curve.n_risk, curve.n_events)
    )
    # after the last event of all, the curve is 0 and nothing is left of its area
    greenwood = remaining**2 * divided(events, at_risk * (at_risk - events))
    variances = np.where(at_risk > events, greenwood, 0.0)
    return float(areas.sum()), float(np.nansum(variances))
