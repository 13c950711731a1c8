"""The numbers of one row that answers a finding, and the verdict on them by the finding's rule.

They stand apart from the tables that they come from, so that the median of many populations is
judged by the same lines as one population.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from oxysim.errors import InputError
from oxysim.findings import agreement
from oxysim.findings.agreement import Verdict
from oxysim.findings.published import Target


class AnswerPart(NamedTuple):
    """One row that answers a finding, or part of it, before it is judged.

    ``expected`` is what the table claims of an effect ("" for a figure and where it claims
    nothing), ``standard_error`` the Monte Carlo error of ``mean``, ``low`` and ``high`` the central
    95 % over replications; the shares are of replications, the last two are centiles of a count.

    >>> part = AnswerPart("EPDS", "mean", "", False, 5.8, 0.1, 5.4, 6.2, 400, 10)
    >>> math.isnan(part.share_up)
    True
    """

    label: str
    statistic: str
    expected: str
    is_effect: bool
    mean: float
    standard_error: float
    low: float
    high: float
    n: int
    replications: int
    effect: float = math.nan
    share_up: float = math.nan
    share_down: float = math.nan
    share_significant: float = math.nan
    tenth: float = math.nan
    ninetieth: float = math.nan


def verdict_of(target: Target, part: AnswerPart) -> Verdict:
    """Whether a part of an answer holds by the finding's rule, and why.

    Raises
    ------
    InputError : a row of a kind that the rule cannot judge.

    >>> from oxysim.findings.published import target
    >>> part = AnswerPart("half-life", "mean", "", False, 3.2, 0.1, 2.8, 3.4, 6, 200)
    >>> verdict_of(target("C12"), part).holds
    True
    """
    rule = target.rule
    # A null or a likeness without an interval of its own is judged by the usual band.
    interval = target.interval or agreement.BAND
    # Figures are judged by their number, effects by their sign or their absence.
    if rule == "number":
        return agreement.judge_number(part.mean, part.standard_error, interval)
    if rule == "count":
        if part.is_effect:
            raise InputError(
                f"{target.id}: the rule 'count' needs a row of figures; found an effect,"
                f" {part.label!r}"
            )
        return agreement.judge_count(target.counted, (part.tenth, part.ninetieth))
    if not part.is_effect:
        raise InputError(
            f"{target.id}: the rule {rule!r} needs a row of effects; found a figure, {part.label!r}"
        )
    expected = expected_of(target, part)
    if expected == "none":
        # a null beside a sign has no interval of its own
        return agreement.judge_null(part.effect, part.share_significant, interval)
    if expected == "similar":
        return agreement.judge_similar(part.effect, part.standard_error, interval)
    # What is left are directions; which of them, the row or the finding says.
    if expected == "up":
        return agreement.judge_sign("up", part.share_up, part.share_significant)
    return agreement.judge_sign("down", part.share_down, part.share_significant)


def expected_of(target: Target, part: AnswerPart) -> str:
    """What is expected of an effect: by the finding where it has one row, by the row itself where
    it has several kinds.

    A finding of a sign says which; where it says so in words (a stability, say) the row has to.

    >>> from oxysim.findings.published import target
    >>> part = AnswerPart("warmth", "dz or d", "", True, 0.5, 0.1, 0.3, 0.7, 35, 400)
    >>> expected_of(target("H1a"), part)
    'up'
    """
    if target.rule == "sign" and target.figure in ("up", "down"):
        return target.figure
    if part.expected in ("up", "down", "none", "similar"):
        return part.expected
    if target.rule in ("null", "similar"):
        return "none" if target.rule == "null" else "similar"
    raise InputError(
        f"{target.id}: figure: expected 'up' or 'down'; {part.label!r} makes no claim of its own"
    )
