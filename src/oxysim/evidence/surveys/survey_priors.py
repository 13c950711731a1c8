"""What a population is conditioned on to become one half of a survey: priors of mood, and the
half's own figures.

A survey that asks everybody once cannot tell a mother's lasting level from what daily life adds, or
the spread of the set point from the strength of the loop: all of them are left open, and the
ensemble shows how little of each the forms tell.

The figures are the mean and the coefficient of variation of each age class. Totals are skewed as a
gamma distribution is, of which these two, and no other two, are independent in samples (Hwang & Hu
1999), so their errors are not counted twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import stats

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.ensembles import Ensemble, ObservedRow, PriorTable
from oxysim.errors import InputError
from oxysim.evidence.surveys.simulated_respondents import simulate_respondents
from oxysim.evidence.surveys.survey_data import AGE, CITATION, CLASSES, TOTAL, Survey
from oxysim.evidence.surveys.survey_score import FIT
from oxysim.population import Population
from oxysim.streams import stream

QUANTITIES = (
    "mood, usual level: centre",
    "mood, usual level: spread",
    "loop strength: centre",
    "loop strength: spread",
    "vulnerability at birth: centre",
    "vulnerability at birth: spread",
    "life events: centre",
    "life events: spread",
    "daily moods: centre",
    "daily moods: spread",
    "life events, memory",
    "daily moods, memory",
)
"""Quantities of the community's table that are asked again of the survey's mothers; of all others
the survey says nothing, and they stay as they are.
"""
FEWEST_FORMS = 10  # of an age class; a spread of fewer says next to nothing
RESAMPLES = 4000  # of the bootstrap: the ends of an interval then stray by 3 % of its width
FEWEST = 20  # mothers of a run, so that a coefficient of variation is one


def mean_label(age_class: str) -> str:
    """The name of a class's mean among the figures.

    >>> mean_label("3-6")
    'mean total at 3-6 months'
    """
    return f"mean total at {age_class} months"


def variation_label(age_class: str) -> str:
    """The name of a class's coefficient of variation among the figures.

    >>> variation_label("3-6")
    'variation of totals at 3-6 months'
    """
    return f"variation of totals at {age_class} months"


def variation(totals: FloatArray, axis: int = -1) -> FloatArray:
    """Coefficient of variation: standard deviation over mean.

    >>> float(variation(np.array([1.0, 3.0])).round(4))
    0.7071
    """
    return np.asarray(totals.std(axis=axis, ddof=1) / totals.mean(axis=axis))


def survey_priors(
    survey: Survey, population: Population | None = None, *, half_seed: int
) -> PriorTable:
    """Priors and figures for the first of a survey's two random halves; nothing of the second is
    read.

    Parameters
    ----------
    survey : the whole file.
    population : whose other values are kept; default ``Population.named("community")``.
    half_seed : of the halves.

    Raises
    ------
    InputError : fewer than ten forms in an age class of the half; see ``Survey.halves``.

    >>> import pandas as pd
    >>> form = {"participant": range(24), "infant_age_months": "3-6", "epds_total": range(24)}
    >>> table = survey_priors(Survey(pd.DataFrame(form), "made up", ""), half_seed=1)
    >>> [row.finding for row in table.rows]
    ['mean total at 3-6 months', 'variation of totals at 3-6 months']
    """
    checks.require_seed(half_seed)
    base = Population.named("community") if population is None else population
    half, _ = survey.halves(half_seed)
    known = {prior.quantity: prior for prior in PriorTable.named("community").priors}
    return PriorTable(
        name="survey",
        base=base,
        priors=tuple(known[quantity] for quantity in QUANTITIES),
        rows=_rows(half, half_seed),
        meaning=(
            "Mothers of the online survey of 2020 (self-selected, first pandemic year) and their"
            " infants, from birth: the community's mothers with moods, daily life and loop"
            f" conditioned on one half of the survey ({half.portion}; {CITATION})."
        ),
    )


def _rows(half: Survey, seed: int) -> tuple[ObservedRow, ...]:
    """Mean and coefficient of variation by age class, with bootstrap intervals."""
    rows = []
    for name in half.classes:
        totals = half.forms.loc[half.forms[AGE] == name, TOTAL].to_numpy(dtype=float)
        checks.whole_number(
            len(totals), f"{half.name}, {half.portion}: forms at {name} months", FEWEST_FORMS
        )
        statistics: dict[str, tuple[Callable[..., Any], str]] = {
            mean_label(name): (np.mean, "plain"),
            variation_label(name): (variation, "log"),
        }
        for label, (statistic, scale) in statistics.items():
            low, high = stats.bootstrap(
                (totals,), statistic, n_resamples=RESAMPLES, vectorized=True,
                method="percentile", rng=stream(seed, 0, "figures of a survey", label),
            ).confidence_interval  # fmt: skip
            rows.append(ObservedRow(label, float(f"{low:.4g}"), float(f"{high:.4g}"), scale))
    return tuple(rows)


@dataclass(frozen=True)
class RespondentRows:
    """What mothers of a candidate population answer, as the figures of :func:`survey_priors`: a
    forward model of ``oxysim.ensembles``.

    Parameters
    ----------
    n : mothers simulated, from birth to 12 months, in the full model.

    >>> RespondentRows(360)
    RespondentRows(n=360)
    """

    n: int = 360

    def __post_init__(self) -> None:
        checks.whole_number(self.n, "n", FEWEST)

    def __call__(self, population: Population, *, seed: int) -> dict[str, float | str]:
        """The figures of one candidate."""
        simulated = simulate_respondents(population, self.n, seed=seed)
        figures: dict[str, float | str] = {}
        for name in CLASSES:
            figures[mean_label(name)] = float(simulated.totals[name].mean())
            figures[variation_label(name)] = float(variation(simulated.totals[name]))
        return figures


def survey_population(ensemble: Ensemble, survey: Survey, *, half_seed: int) -> Population:
    """The most central member of an ensemble that was conditioned on a survey's first half, with
    the record that says which half is held for scoring.

    Raises
    ------
    InputError : an ensemble that was conditioned on other figures than those of this half.

    >>> import pandas as pd
    >>> form = {"participant": range(24), "infant_age_months": "3-6", "epds_total": range(24)}
    >>> survey = Survey(pd.DataFrame(form), "made up", "")
    >>> members = Ensemble.from_priors(survey_priors(survey, half_seed=1), 5, seed=1)
    >>> survey_population(members, survey, half_seed=1).provenance["survey_fit"]["forms"]
    12
    """
    checks.instance(ensemble, "ensemble", Ensemble, "an Ensemble")
    half, _ = survey.halves(half_seed)
    if ensemble.priors.rows != _rows(half, half_seed):
        raise InputError(
            f"ensemble {ensemble.name!r}: expected one that was conditioned on the figures of"
            f" {half.name}, {half.portion}; its own are others"
        )
    sizes = ensemble.record.get("sizes", {})
    record = {
        "half_seed": half_seed,
        # mothers up to this number may have been in a run, those beyond in none
        "mothers": int(sizes.get("full_dyads", 0)),
        "fitted_to": half.portion,
        "file": survey.name,
        "sha256": survey.sha256,
        "forms": len(half),
    }
    member = ensemble.most_central()
    provenance = {
        "state": "conditioned on one half of a survey; the other half is held for scoring",
        "citation": CITATION,
        "ensemble": ensemble.name,
        "member": ensemble.most_central_number + 1,
        FIT: record,
    }
    return replace(member.replace(name="survey", meaning=ensemble.meaning), provenance=provenance)
