"""How good forecasts were of findings that nothing was fitted to: whether intervals cover, and how
sharp they are against a naive forecast.

A forecast of a published number is a mixture: each member's number, with the error of the published
one around it. Its score is the continuous ranked probability score (CRPS), in the unit of the
finding; 0 is best, and a forecast that is wider or further off scores more. A forecast of a sign is
a probability, scored by its squared error (Brier). Both are proper: nobody scores better by saying
other than what is believed (Gneiting & Raftery 2007, J Am Stat Assoc 102:359).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import norm

from oxysim.arrays import FloatArray
from oxysim.evidence.ensemble_board.members_over_findings import OverMembers
from oxysim.findings.agreement import BAND
from oxysim.findings.published import Target

NINETY_FIVE = 1.96  # half widths of a published interval, read as 95 %, in standard deviations
INTERVAL = (0.05, 0.95)
# Standard deviations beyond the outermost member between which a quantile of a mixture lies.
FAR = 8.0
SCORE_COLUMNS = {
    "id": "object",
    "score": "object",
    "published": "float64",
    "median": "float64",
    "low": "float64",
    "high": "float64",
    "covers": "object",
    "of_members": "float64",
    "of_priors": "float64",
    "skill": "float64",
    "quantity": "object",
}


class Published(NamedTuple):
    """A published number with its standard deviation; the interval is read as 95 %.

    >>> from oxysim.findings.published import target
    >>> published_number(target("C12"))[0]
    3.2
    """

    value: float
    error: float


def published_number(target: Target) -> Published | None:
    """The number of a finding; None where it has no interval, as a sign has none.

    Where the figure is in words ("none", "positive") the middle of the interval stands for it; a
    null or a likeness without an interval of its own has the usual band.

    >>> from oxysim.findings.published import target
    >>> published_number(target("C11")).value  # "positive", between .1 and .4
    0.25
    """
    interval = target.interval
    if interval is None and target.rule in ("null", "similar"):
        interval = BAND
    if interval is None:
        return None
    low, high = interval
    try:
        value = float(target.figure)
    except ValueError:
        value = (low + high) / 2
    return Published(value, (high - low) / 2 / NINETY_FIVE)


def crps(values: FloatArray, weights: FloatArray, error: float, observed: float) -> float:
    """The CRPS of a mixture of normals of one width (Grimit et al. 2006, Q J R Meteorol Soc
    132:2925).

    Parameters
    ----------
    values : of the members, shape (n,).
    weights : of the members, summing to 1, shape (n,).
    error : standard deviation of each normal; 0 for the members themselves.
    observed : the number that was found.

    One normal distribution: its closed form at its own middle is sd·(√2 - 1)/√π.

    >>> round(crps(np.array([5.0]), np.array([1.0]), 2.0, 5.0), 4)
    0.4674
    """
    distances = values[:, None] - values[None, :]
    to_observed = weights @ _mean_distance(values - observed, error)
    to_each_other = weights @ _mean_distance(distances, np.sqrt(2) * error) @ weights
    return float(to_observed - to_each_other / 2)


def mixture_interval(values: FloatArray, weights: FloatArray, error: float) -> tuple[float, float]:
    """The central 90 % of the same mixture.

    >>> low, high = mixture_interval(np.array([0.0]), np.array([1.0]), 1.0)
    >>> round(low, 3), round(high, 3)
    (-1.645, 1.645)
    """
    # a width of nothing has no density; a millionth of the scale changes no figure that is shown
    width = max(error, 1e-6 * max(float(np.ptp(values)), abs(float(values[0])), 1e-6))
    ends = values.min() - FAR * width, values.max() + FAR * width

    def below(x: float, share: float) -> float:
        return float(weights @ norm.cdf((x - values) / width)) - share

    low, high = (float(brentq(below, *ends, args=(share,))) for share in INTERVAL)
    return low, high


def brier(probability: float, happened: bool) -> float:
    """The squared error of a probability.

    >>> round(brier(0.9, happened=True), 3)
    0.01
    """
    return (probability - float(happened)) ** 2


def skill(score: float, naive: float) -> float:
    """The share of a naive forecast's score that is saved: 1 is perfect, 0 no better, below 0
    worse; NaN where the naive one was perfect.

    >>> skill(0.25, 1.0)
    0.75
    """
    return float("nan") if naive == 0 else 1 - score / naive


def forecast_table(
    findings: Mapping[str, Target],
    members: Mapping[str, OverMembers],
    naive: Mapping[str, OverMembers],
) -> pd.DataFrame:
    """Every finding scored against its naive forecast.

    Parameters
    ----------
    findings : by id.
    members, naive : what the members of an ensemble and draws of its priors answer.

    Returns
    -------
    table : a row a finding: ``score`` ("CRPS" or "Brier"), ``published``, the 90 % interval of the
        forecast with the published number's own error in it (``low``, ``high``), whether it
        ``covers``, the score of the ensemble and of the priors, and the ``skill``.

    >>> forecast_table({}, {}, {}).columns.tolist()[:3]
    ['id', 'score', 'published']
    """
    rows = [_scored(finding, members[name], naive[name]) for name, finding in findings.items()]
    return pd.DataFrame(rows, columns=list(SCORE_COLUMNS)).astype(SCORE_COLUMNS)


def _scored(finding: Target, members: OverMembers, naive: OverMembers) -> dict[str, Any]:
    row: dict[str, Any] = {"id": finding.id, "quantity": finding.quantity, "score": "none"}
    published = published_number(finding)
    if members.prediction is None or naive.prediction is None:
        return row | {"covers": ""}
    if published is None:
        # the probability that a study shows the published sign, and it did
        chances = [over.share_of_studies for over in (members, naive)]
        scores = [brier(chance, happened=True) for chance in chances]
        low = high = None
        row |= {"score": "Brier", "covers": "", "published": 1.0, "median": chances[0]}
    else:
        mixtures = [
            (over.without_draws, over.weights, published.error)
            for over in (members.prediction, naive.prediction)
        ]
        scores = [crps(*mixture, published.value) for mixture in mixtures]
        low, high = mixture_interval(*mixtures[0])
        covers = "yes" if low <= published.value <= high else "no"
        row |= {"score": "CRPS", "covers": covers, "published": published.value}
        row["median"] = members.prediction.median
    return row | {
        "low": low, "high": high, "of_members": scores[0], "of_priors": scores[1],
        "skill": skill(*scores),
    }  # fmt: skip


def _mean_distance(apart: FloatArray, spread: float) -> FloatArray:
    """The mean distance from 0 of normals with these means and one spread."""
    if spread == 0:
        return np.abs(apart)
    standard = apart / spread
    density = 2 * spread * norm.pdf(standard)
    return np.asarray(density + apart * (2 * norm.cdf(standard) - 1))
