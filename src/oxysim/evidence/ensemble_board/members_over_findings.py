"""From what the members of an ensemble answer to a finding, to a median, its interval, a verdict on
the median and the share of members that hold.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.ensembles.predictions import Prediction, weighted_quantiles
from oxysim.evidence.board.answers import decisive_row, joint_verdict, judged
from oxysim.evidence.ensemble_board.chosen_members import of_all
from oxysim.evidence.population_answers import FindingAnswer
from oxysim.findings.agreement import Verdict
from oxysim.findings.answer_rules import AnswerPart, expected_of, verdict_of
from oxysim.findings.published import Target


@dataclass(frozen=True, eq=False)
class OverMembers:
    """One finding over the members of an ensemble.

    Attributes
    ----------
    prediction : of the part that decides: members' values, their weights and Monte Carlo errors;
        None where no member answered.
    statistic, label : what its number is, and of which row.
    verdict : the rule on the median, with the median's own error.
    share_holding : the share of the members' weight that holds by the rule.
    share_of_studies : of a sign, the share of studies that show it, mean over members; else NaN.
    answering, lost : members that answered; simulated dyads that failed.

    >>> OverMembers(None, "", "", Verdict(False, "nobody was asked"), 0.0, 0.0, 0, 0).answering
    0
    """

    prediction: Prediction | None
    statistic: str
    label: str
    verdict: Verdict
    share_holding: float
    share_of_studies: float
    answering: int
    lost: int


def over_members(
    target: Target, answers: Sequence[FindingAnswer], weights: FloatArray
) -> OverMembers:
    """One finding over members.

    The median is judged with its own error: of its draws and of the number of members. A member
    counts as holding where its number, with the spread of the draws taken out, would hold if it
    were known exactly: at the small sizes of a member its own error would fail rows by itself.

    Parameters
    ----------
    answers : of each member.
    weights : of the members, shape (n,).

    >>> from oxysim.findings.published import target
    >>> members = [
    ...     FindingAnswer((AnswerPart("t1/2", "mean", "", False, value, 0.1, 0, 9, 6, 50),))
    ...     for value in (2.5, 3.0, 3.5, 7.0)
    ... ]
    >>> finding = over_members(target("C12"), members, np.full(4, 0.25))
    >>> finding.share_holding, finding.verdict.holds
    (0.75, False)
    """
    answering = [k for k, answer in enumerate(answers) if answer.parts]
    lost = sum(answer.lost for answer in answers)
    if not answering:
        reason = next((answer.reason for answer in answers if answer.reason), "nobody was asked")
        return OverMembers(None, "", "", Verdict(False, reason), math.nan, math.nan, 0, lost)

    _, shares = of_all([0.0 if answer.parts else math.nan for answer in answers], weights)
    parts = [answers[k].parts for k in answering]
    # a finding of several rows has the same rows in every member
    columns = [list(column) for column in zip(*parts, strict=True)]
    predictions = [_prediction(column, shares) for column in columns]
    medians = [
        _median(column, prediction) for column, prediction in zip(columns, predictions, strict=True)
    ]
    rows = [judged(target, median) for median in medians]
    decisive = rows.index(decisive_row(rows))
    holding = [
        all(
            verdict_of(target, _as_known(column[k], prediction, k)).holds
            for column, prediction in zip(columns, predictions, strict=True)
        )
        for k in range(len(answering))
    ]
    return OverMembers(
        predictions[decisive], rows[decisive].statistic, rows[decisive].label,
        joint_verdict(rows), float(shares @ np.array(holding, dtype=float)),
        _share_of_studies(target, columns[decisive], shares), len(answering), lost,
    )  # fmt: skip


def _share_of_studies(target: Target, column: Sequence[AnswerPart], weights: FloatArray) -> float:
    """The mean share of studies with the expected sign and p < .05; NaN where no sign is."""
    if target.rule not in ("sign", "up / none"):
        return math.nan
    ways = {"up": "share_up", "down": "share_down"}
    way = expected_of(target, column[0])
    if way not in ways:
        return math.nan
    # a study that shows a sign shows it with p < .05: of both, the rarer bounds the share
    shares = [min(getattr(row, ways[way]), row.share_significant) for row in column]
    return float(weights @ np.array(shares))


def _prediction(column: Sequence[AnswerPart], weights: FloatArray) -> Prediction:
    """One part of the members' answers, with the Monte Carlo error of each."""
    values = np.array([row.mean for row in column])
    errors = np.array([row.standard_error for row in column])
    is_known = np.isfinite(errors)
    # a member with one study alone has no spread; it is as uncertain as the others
    if is_known.any():
        errors = np.where(is_known, errors, np.sqrt(np.mean(errors[is_known] ** 2)))
    draws = errors[:, None] if is_known.any() else None
    return Prediction(values[:, None], weights, draws)


def _median(column: Sequence[AnswerPart], prediction: Prediction) -> AnswerPart:
    """The median member's row: each number that a rule reads is the members' median."""

    def median_of(numbers: Iterable[float]) -> float:
        return _weighted_median(list(numbers), prediction.weights)

    low, high = prediction.interval
    first = column[0]
    # the standardised effect is the number itself where that is one
    is_effect = first.effect == first.mean
    return first._replace(
        mean=prediction.median,
        standard_error=prediction.median_error,
        low=low,
        high=high,
        effect=prediction.median if is_effect else median_of(row.effect for row in column),
        share_up=median_of(row.share_up for row in column),
        share_down=median_of(row.share_down for row in column),
        share_significant=median_of(row.share_significant for row in column),
        tenth=median_of(row.tenth for row in column),
        ninetieth=median_of(row.ninetieth for row in column),
    )


def _as_known(row: AnswerPart, prediction: Prediction, number: int) -> AnswerPart:
    """A member's row, were it known without error."""
    value = float(prediction.without_draws[number])
    effect = value if row.effect == row.mean else row.effect
    return row._replace(mean=value, standard_error=0.0, effect=effect)


def _weighted_median(values: Sequence[float], weights: FloatArray) -> float:
    finite, shares = of_all(values, weights)
    return float(weighted_quantiles(finite, shares, [0.5])[0]) if len(finite) else math.nan
