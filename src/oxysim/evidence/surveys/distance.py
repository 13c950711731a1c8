"""How far simulated mothers are from those of a survey: means, shares and the Wasserstein distance
by age class.

The Wasserstein distance is the mean number of EPDS points by which forms would have to move for one
distribution to become the other. A survey's own sampling error is shown in two ways: the interval
of the distance over bootstrap resamples of its forms within each age class, and the distance that a
survey of the same size would have if its mothers were drawn from the simulated ones. Resamples
stray further than the survey did, so the bootstrap's interval lies a little high.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.checks import require_seed
from oxysim.evidence.surveys.simulated_respondents import SimulatedRespondents
from oxysim.evidence.surveys.survey_data import AGE, POINTS, WHOLE, Survey
from oxysim.statistics.distances import CENTRAL, distance_of_counts
from oxysim.streams import stream

CUTS = (10, 13)  # EPDS points: possible and probable depression


def compare_survey(
    survey: Survey,
    simulated: SimulatedRespondents,
    *,
    other_half: Survey | None = None,
    draws: int = 1000,
    seed: int = 0,
) -> pd.DataFrame:
    """A survey beside simulated mothers, by age class and for all of them ("3-12").

    Parameters
    ----------
    simulated : mixed over the classes as the survey is.
    other_half : the half that a population was fitted to, for the distance between the two.
    draws : bootstrap resamples of the survey, and surveys drawn from the simulated mothers.
    seed : key of both.

    Returns
    -------
    One row an age class. "n"; for "mean", "sd", "share_10" and "share_13": the survey's, its 95 %
    bootstrap interval ("_low", "_high") and the simulated one ("_simulated"); "distance", its
    interval, "expected" (the mean distance by sampling alone), "expected_high" (that 97.5 % of such
    surveys stay below), and "between_halves" (NaN without `other_half`).

    Raises
    ------
    InputError, UnknownNameError : no resample, a bad seed, an age class that was not simulated.

    >>> form = {"participant": ["a", "b"], "infant_age_months": "3-6", "epds_total": [4, 14]}
    >>> survey = Survey(pd.DataFrame(form), "made up", "")
    >>> simulated = SimulatedRespondents({"3-6": np.array([5.0, 15.0])}, "made up", "", seed=0)
    >>> compare_survey(survey, simulated, draws=20)["distance"].tolist()
    [1.0, 1.0]
    """
    checks.whole_number(draws, "draws", 1)
    require_seed(seed)
    # Classes differ in size, and a mixture has to have the survey's own.
    sizes = {name: int(survey.counts(name).sum()) for name in survey.classes}
    # What an endless survey of simulated mothers would show.
    truth = {name: simulated.shares(name, sizes) for name in (*survey.classes, WHOLE)}
    resampled = bootstrap(survey, draws, seed)
    # How far a survey of this size strays from it by drawing alone.
    by_chance = _drawn(truth, sizes, draws, stream(seed, 0, "surveys of simulated mothers"))
    rows = []
    for name, expected in truth.items():
        counts = survey.counts(name).astype(float)
        row = _figures(counts, resampled[name], expected)
        # A distance is never below 0, so a survey from the very same mothers has one too.
        strays = [distance(resample, expected) for resample in by_chance[name]]
        row["expected"], row["expected_high"] = (
            float(np.mean(strays)),
            float(np.quantile(strays, CENTRAL[1])),
        )
        row["between_halves"] = (
            np.nan
            if other_half is None
            else distance(counts, other_half.counts(name).astype(float))
        )
        rows.append({AGE: name, "n": int(counts.sum()), **row})
    return pd.DataFrame(rows).set_index(AGE)


def bootstrap(survey: Survey, draws: int, seed: int) -> dict[str, FloatArray]:
    """Resamples of a survey's forms within each age class, and of all together ("3-12").

    How many forms of a resample show 0 to 30 points, shape (draws, 31) each.

    >>> import pandas as pd
    >>> form = {"participant": ["a", "b"], "infant_age_months": "3-6", "epds_total": [4, 14]}
    >>> survey = Survey(pd.DataFrame(form), "made up", "")
    >>> bootstrap(survey, draws=5, seed=0)["3-6"].shape
    (5, 31)
    """
    sizes = {name: int(survey.counts(name).sum()) for name in survey.classes}
    shares = {name: survey.counts(name) / size for name, size in sizes.items()}
    return _drawn(shares, sizes, draws, stream(seed, 0, "bootstrap of a survey"))


def distance(first: FloatArray, second: FloatArray) -> float:
    """The Wasserstein distance between two distributions over 0 to 30 points, each of shape (31,),
    in points.

    >>> distance(np.eye(31)[4], np.eye(31)[7])
    3.0
    """
    return distance_of_counts(POINTS.astype(float), first, second)


def comparison_text(table: pd.DataFrame) -> str:
    """A table of :func:`compare_survey` in plain text, for a terminal.

    >>> form = {"participant": ["a", "b"], "infant_age_months": "3-6", "epds_total": [4, 14]}
    >>> survey = Survey(pd.DataFrame(form), "made up", "")
    >>> simulated = SimulatedRespondents({"3-6": np.array([5.0, 15.0])}, "made up", "", seed=0)
    >>> comparison_text(compare_survey(survey, simulated, draws=20)).splitlines()[-1]
    '  3-12 months: 1.00 [1.00, 6.00], 2.75 (to 5.00) by sampling alone'
    """

    def pair(row: Any, name: str, form: str) -> str:
        low, high = (format(row[f"{name}_{end}"], form) for end in ("low", "high"))
        return (
            f"{format(row[name], form)} [{low}, {high}] / {format(row[name + '_simulated'], form)}"
        )

    months = table.index.rename("months")
    figures = pd.DataFrame(
        {
            "n": table["n"],
            "mean": [pair(row, "mean", ".2f") for _, row in table.iterrows()],
            "SD": [pair(row, "sd", ".2f") for _, row in table.iterrows()],
            **{
                f">= {cut}": [pair(row, f"share_{cut}", ".1%") for _, row in table.iterrows()]
                for cut in CUTS
            },
        },
        index=months,
    )
    lines = [f"  {name} months: {distance_text(row)}" for name, row in table.iterrows()]
    return "\n".join(
        [
            "survey [95 % bootstrap interval] / simulated, by the infant's age",
            figures.to_string(),
            "",
            "Wasserstein distance, EPDS points [95 % bootstrap interval]",
            *lines,
        ]
    )


def distance_text(row: Any) -> str:
    """The distance of one row of :func:`compare_survey` in words.

    >>> distance_text({"distance": 1.0, "distance_low": 0.5, "distance_high": 2.0,
    ...     "expected": 0.8, "expected_high": 1.5, "between_halves": np.nan})
    '1.00 [0.50, 2.00], 0.80 (to 1.50) by sampling alone'
    """
    text = f"{row['distance']:.2f} [{row['distance_low']:.2f}, {row['distance_high']:.2f}]"
    text += f", {row['expected']:.2f} (to {row['expected_high']:.2f}) by sampling alone"
    return (
        text
        if np.isnan(row["between_halves"])
        else f"{text}, {row['between_halves']:.2f} between the halves"
    )


def _drawn(
    shares: Mapping[str, FloatArray],
    sizes: Mapping[str, int],
    draws: int,
    luck: np.random.Generator,
) -> dict[str, FloatArray]:
    """Surveys of the same sizes drawn from the classes' shares, and all classes together, shape
    (draws, 31) each.
    """
    surveys = {
        name: luck.multinomial(size, shares[name], size=draws).astype(float)
        for name, size in sizes.items()
    }
    return {**surveys, WHOLE: np.asarray(sum(surveys.values()))}


def _figures(counts: FloatArray, resampled: FloatArray, expected: FloatArray) -> dict[str, float]:
    """What is told of one age class: its figures with their intervals, the simulated ones, the
    distance.
    """
    row: dict[str, float] = {}
    observed, strays = point_moments(counts[None]), point_moments(resampled)
    for name, simulated in point_moments(expected[None], sample=False).items():
        low, high = np.quantile(strays[name], CENTRAL)
        row[name], row[f"{name}_low"], row[f"{name}_high"] = (
            float(observed[name][0]),
            float(low),
            float(high),
        )
        row[f"{name}_simulated"] = float(simulated[0])
    # Resamples stray further than the survey did, so this lies a little high.
    low, high = np.quantile([distance(resample, expected) for resample in resampled], CENTRAL)
    return {
        **row,
        "distance": distance(counts, expected),
        "distance_low": float(low),
        "distance_high": float(high),
    }


def point_moments(counts: FloatArray, *, sample: bool = True) -> dict[str, FloatArray]:
    """Mean, standard deviation and shares of distributions over the points, shape (k, 31) -> (k,)
    each.

    >>> round(float(point_moments(np.eye(31)[[4, 6]].sum(axis=0)[None])["mean"][0]), 6)
    5.0
    """
    total = counts.sum(axis=1)
    # A form shows whole points, so a count of each says all.
    mean = counts @ POINTS / total
    # Sums over points, not over forms: a distribution is all that is needed.
    squares = ((POINTS - mean[:, None]) ** 2 * counts).sum(axis=1)
    sd = np.sqrt(squares / np.maximum(total - 1, 1.0) if sample else squares / total)
    return {
        "mean": mean,
        "sd": sd,
        **{f"share_{cut}": counts[:, cut:].sum(axis=1) / total for cut in CUTS},
    }
