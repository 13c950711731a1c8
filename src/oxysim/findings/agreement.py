"""When a simulated answer agrees with a published finding: one function a rule, each with its
reason in words.

A rule takes what was summarised over replications of a study, never the replications themselves, so
that a protocol's own table, a scoreboard and a user's file are judged by the same lines. An answer
that was not found (NaN) never holds.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

Direction = Literal["up", "down"]
Expected = Literal["up", "down", "none", "similar", "prediction"]
"""What a row of effects is held against: a published direction, or a prediction that nothing
published answers.
"""

EXPECTED = ("up", "down", "none", "similar", "prediction")
RULES = ("number", "null", "sign", "up / none", "similar", "count")
SAME_SIGN = 0.8  # share of the replications that must show the published sign
SIGNIFICANT = 0.5  # share of the replications with p < .05 that divides a sign from a null
PRECISION = 0.1  # of the interval's width: the largest Monte Carlo standard error of a number
# mean dz of a reproduced null, unless the published finding brings its own interval
BAND = (-0.25, 0.25)
NINETY = 1.645  # standard errors on either side of a mean in a 90 % interval


class Verdict(NamedTuple):
    """Whether a rule held, and why (not) in words.

    >>> judge_number(3.0, 0.1, (2.0, 4.0)).holds
    True
    """

    holds: bool
    why: str


def judge_number(mean: float, standard_error: float, interval: tuple[float, float]) -> Verdict:
    """The mean over replications lies inside the interval, and is known well enough to say so.

    Parameters
    ----------
    standard_error : Monte Carlo standard error of the mean; at most a tenth of the interval's width
        (an interval of no width takes only an exact answer).
    interval : closed.

    >>> judge_number(5.0, 0.1, (2.0, 4.0)).why
    '5 lies above [2, 4]'
    """
    low, high = interval
    outside = _outside(mean, interval)
    if outside:
        return Verdict(False, outside)

    # A mean known badly may lie inside by chance; NaN is not at most anything, so it fails too.
    most = PRECISION * (high - low)
    if not standard_error <= most:
        return Verdict(
            False,
            f"inside, but its Monte Carlo standard error {_text(standard_error)} exceeds a tenth of"
            f" the interval's width ({_text(most)}): more replications are needed",
        )
    return Verdict(True, f"{_text(mean)} lies in {_interval(interval)}")


def judge_null(mean: float, significant: float, interval: tuple[float, float] = BAND) -> Verdict:
    """The mean effect lies inside the open interval, and at least half of the studies find p >=
    .05.

    Parameters
    ----------
    mean : mean effect over replications (dz, d or r).
    significant : share of the replications with p < .05.

    >>> judge_null(0.1, significant=0.06).holds
    True
    """
    low, high = interval
    # open ends: a null of exactly the limit is none
    if not low < mean < high:
        return Verdict(False, f"mean effect {_text(mean)} is not inside {_interval(interval)}")
    if not significant <= SIGNIFICANT:
        return Verdict(
            False,
            f"p < .05 in {significant:.0%} of the replications, expected at most {SIGNIFICANT:.0%}",
        )
    return Verdict(
        True, f"mean effect {_text(mean)}, p < .05 in {significant:.0%} of the replications"
    )


def judge_sign(direction: Direction, share: float, significant: float) -> Verdict:
    """The published sign in at least 80 % of the replications, and p < .05 in at least half.

    Parameters
    ----------
    share : share of the replications whose effect has the published sign.
    significant : share of the replications with p < .05.

    >>> judge_sign("up", share=0.9, significant=0.4).why
    'up in 90% of the replications, but p < .05 in only 40%, expected at least 50%'
    """
    if not share >= SAME_SIGN:
        return Verdict(
            False,
            f"{direction} in {share:.0%} of the replications, expected at least {SAME_SIGN:.0%}",
        )
    if not significant >= SIGNIFICANT:
        return Verdict(
            False,
            f"{direction} in {share:.0%} of the replications, but p < .05 in only"
            f" {significant:.0%}, expected at least {SIGNIFICANT:.0%}",
        )
    return Verdict(
        True, f"{direction} in {share:.0%} of the replications, p < .05 in {significant:.0%}"
    )


def judge_up_or_none(top: Verdict, bottom: Verdict) -> Verdict:
    """A rise in the top third of contact (the sign rule) and none in the bottom third (the null
    rule).

    >>> judge_up_or_none(judge_sign("up", 0.9, 0.8), judge_null(0.0, 0.05)).holds
    True
    """
    reasons = f"top third: {top.why}; bottom third: {bottom.why}"
    return Verdict(top.holds and bottom.holds, reasons)


def judge_similar(mean: float, standard_error: float, interval: tuple[float, float]) -> Verdict:
    """The 90 % interval of the mean difference lies inside the closed interval.

    Parameters
    ----------
    mean, standard_error : of the standardised difference, over replications.

    >>> judge_similar(0.05, 0.1, (-0.3, 0.3)).holds
    True
    """
    low, high = interval
    half = NINETY * standard_error
    ninety = (mean - half, mean + half)
    holds = low <= ninety[0] and ninety[1] <= high
    return Verdict(
        holds,
        f"90 % interval {_interval(ninety)} {'lies' if holds else 'is not'} inside"
        f" {_interval(interval)}",
    )


def judge_count(published: float, inner: tuple[float, float]) -> Verdict:
    """The central 80 % of the replications contains the published count.

    Parameters
    ----------
    inner : 10th and 90th centile of the count over replications.

    >>> judge_count(4, inner=(3.0, 6.0)).holds
    True
    """
    holds = inner[0] <= published <= inner[1]
    says = "contains" if holds else "does not contain"
    return Verdict(
        holds,
        f"the central 80 % of the replications, {_interval(inner)}, {says} {_text(published)}",
    )


def _outside(mean: float, interval: tuple[float, float]) -> str:
    """In words how a mean lies outside; "" where it lies inside."""
    low, high = interval
    if low <= mean <= high:
        return ""
    if math.isnan(mean):
        return "no replication gave a number"
    side = "below" if mean < low else "above"
    return f"{_text(mean)} lies {side} {_interval(interval)}"


def _interval(ends: tuple[float, float]) -> str:
    return f"[{_text(ends[0])}, {_text(ends[1])}]"


def _text(value: float) -> str:
    return f"{value:.3g}"
