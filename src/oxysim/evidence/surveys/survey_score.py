"""Scoring a population on the half of a survey that it was not fitted to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from oxysim import checks
from oxysim.errors import InputError
from oxysim.evidence.surveys.distance import (
    CUTS,
    compare_survey,
    comparison_text,
    distance_text,
    point_moments,
)
from oxysim.evidence.surveys.simulated_respondents import SimulatedRespondents, simulate_respondents
from oxysim.evidence.surveys.survey_data import CITATION, WHOLE, Survey
from oxysim.population import Population
from oxysim.trials.reporting.figure_table import figure_row, figure_table, figures_text
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.table_of_effects import effect_table

TENTHS = 10  # disjoint parts of the simulated mothers, whose spread gives the Monte Carlo error
# More than were fitted to, since the score is cut into tenths.
MOTHERS = 3000
# entry of a fitted population's provenance: seed of the halves, mothers, sha256 of the file
FIT = "survey_fit"


@dataclass(frozen=True, eq=False)
class SurveyScore:
    """A population beside the half of a survey that its fit did not see.

    Attributes
    ----------
    half : which was held.
    simulated : what simulated mothers answered; none of them took part in the fit.
    table : of :func:`oxysim.evidence.surveys.distance.compare_survey`.
    figures : S1 and S2, over ten disjoint parts of the simulated mothers (see
    ``trials.reporting.figure_table.figure_row``).

    >>> form = {"participant": ["a", "b"], "infant_age_months": "3-6", "epds_total": [4, 14]}
    >>> half = Survey(pd.DataFrame(form), "made up", "", portion="second half")
    >>> simulated = SimulatedRespondents({"3-6": np.array([5.0, 15.0])}, "made up", "", seed=0)
    >>> table = compare_survey(half, simulated, draws=20)
    >>> score = SurveyScore(half, simulated, table, figure_table([]))
    >>> score.study().design["scored on"]
    'second half: 2 mothers, held from the fit'
    """

    half: Survey
    simulated: SimulatedRespondents
    table: pd.DataFrame
    figures: pd.DataFrame

    def text(self) -> str:
        """All of it in plain text, for a terminal."""
        return f"{comparison_text(self.table)}\n\n{figures_text(self.figures)}"

    def study(self) -> ProtocolReport:
        """The score as a report, as every protocol returns one.

        Its readings are "epds at 3-6 months | simulated" and so on, shape (1, n).
        """
        return ProtocolReport(
            name="Survey of EPDS by the infant's age",
            question="Do simulated mothers answer as those of the survey that no fit saw?",
            design=_design(self.half, self.simulated, self.table),
            effects=effect_table([]),
            arms={},
            readings={
                f"epds at {k} months | simulated": totals[None]
                for k, totals in self.simulated.totals.items()
            },
            assumptions=_ASSUMPTIONS,
            figures=self.figures,
        )


def score_survey(
    survey: Survey,
    population: Population | None = None,
    *,
    n: int = MOTHERS,
    half_seed: int | None = None,
    seed: int = 0,
    draws: int = 1000,
    progress: bool = False,
) -> SurveyScore:
    """Score a population on the half of a survey that it was not fitted to.

    The rows S1 and S2 are judged by their rule: the simulated mean, and the simulated share of
    forms at or above 13 points, both mixed over the age classes as the held half is, inside the
    row's interval (the survey's figure with the sampling error of a half). Beside them stand the
    held half's own figures, with bootstrap intervals, and the Wasserstein distances by age class.

    Parameters
    ----------
    survey : the whole file. Which half is held, the population's record says.
    population : default the one that is fitted to the survey, ``Population.named("survey")``.
    n : simulated mothers; they are others than those of the fit.
    half_seed : of the halves, for a population without a record of a fit; its second half is held.
    seed, draws, progress : as for ``compare`` and ``simulate_respondents``.

    Raises
    ------
    InputError : the population was fitted to another file; neither a record nor a `half_seed`, or
        both; fewer than ten mothers.

    The population says which half it was fitted to; one that was fitted to none needs `half_seed`:

    >>> form = {"participant": ["a", "b"], "infant_age_months": "3-6", "epds_total": [4, 14]}
    >>> score_survey(Survey(pd.DataFrame(form), "made up", ""), Population.named("community"))
    Traceback (most recent call last):
    oxysim.errors.InputError: population 'community' has no record of a fit to a survey ...
    """
    checks.whole_number(n, "n", TENTHS)
    whom = Population.named("survey") if population is None else population
    fitted, half, first = held_half(survey, whom, half_seed)
    simulated = simulate_respondents(whom, n, seed=seed, first=first, progress=progress)
    table = compare_survey(half, simulated, other_half=fitted, draws=draws, seed=seed)
    return SurveyScore(half, simulated, table, figure_table(_scores(half, simulated)))


def held_half(
    survey: Survey, population: Population, half_seed: int | None = None
) -> tuple[Survey, Survey, int]:
    """The half that a population was fitted to, the other half, and the first number of unseen
    mothers.

    Simulated mothers from that number on had no part in the fit.

    Raises
    ------
    InputError : the population was fitted to another file; neither a record of a fit nor a
    `half_seed`, or both.

    >>> form = {"participant": ["a", "b"], "infant_age_months": "3-6", "epds_total": [4, 14]}
    >>> survey = Survey(pd.DataFrame(form), "made up", "")
    >>> fitted, held, first = held_half(survey, Population.named("community"), half_seed=1)
    >>> len(fitted), len(held), first
    (1, 1, 0)
    """
    # a fit writes down its seed, so that nobody has to remember which half is unseen
    record = population.provenance.get(FIT)
    # never fitted to a survey: its second half is held, by the seed that the user gives
    if record is None:
        if half_seed is None:
            raise InputError(
                f"population {population.name!r} has no record of a fit to a survey ({FIT!r} in its"
                " provenance), so which half is held is not known; give half_seed="
            )
        return (*survey.halves(half_seed), 0)
    entries = record if isinstance(record, Mapping) else {}
    missing = [key for key in ("half_seed", "mothers", "sha256") if key not in entries]
    if missing:
        raise InputError(
            f"population {population.name!r}: {FIT!r} in its provenance has no {missing[0]!r}"
        )
    if half_seed is not None:
        raise InputError(
            f"half_seed: population {population.name!r} has its own, {record['half_seed']}; leave"
            " it out"
        )
    # by content: a renamed file is the same survey, a mended one is not
    if record["sha256"] != survey.sha256:
        raise InputError(
            f"{survey.name}: population {population.name!r} was fitted to another file (sha256"
            f" {record['sha256'][:12]}, this one {survey.sha256[:12]}), so which half it has not"
            " seen is not known; give the file that it was fitted to"
        )
    # dyads are numbered: those after the fit's have had no part in it
    return (*survey.halves(int(record["half_seed"])), int(record["mothers"]))


def _scores(half: Survey, simulated: SimulatedRespondents) -> list[dict[str, Any]]:
    """S1 and S2, one value a tenth of the simulated mothers."""
    # mixed as the held half is, since its mean is that of its own mixture
    sizes = {name: int(half.counts(name).sum()) for name in half.classes}
    parts = np.array_split(np.arange(len(simulated)), TENTHS)
    moments = [
        point_moments(simulated.take(tenth).shares(WHOLE, sizes)[None], sample=False)
        for tenth in parts
    ]
    # S2 is the share from 13 points on, the second of the cut-offs
    named = {"S1": "mean", "S2": f"share_{CUTS[1]}"}
    return [
        figure_row([moment[key][0] for moment in moments], n=len(parts[0]), target=row)
        for row, key in named.items()
    ]


def _design(half: Survey, simulated: SimulatedRespondents, table: pd.DataFrame) -> dict[str, str]:
    lost = f"; {simulated.lost} more failed and are left out" if simulated.lost else ""
    whole = table.loc[WHOLE]
    return {
        "survey": CITATION,
        "scored on": f"{half.portion}: {len(half)} mothers, held from the fit",
        "simulated": (
            f"{len(simulated)} mothers of population {simulated.population!r} with daily-life"
            f" noise, others than those of the fit, each once in every age class{lost}"
        ),
        "population": simulated.fingerprint,
        "held half": (
            f"mean {whole['mean']:.2f} [{whole['mean_low']:.2f}, {whole['mean_high']:.2f}],"
            f" simulated {whole['mean_simulated']:.2f}; share >= 13 {whole['share_13']:.1%}"
            f" [{whole['share_13_low']:.1%}, {whole['share_13_high']:.1%}], simulated"
            f" {whole['share_13_simulated']:.1%}"
        ),
        **{
            f"Wasserstein distance, {name} months": distance_text(row)
            for name, row in table.iterrows()
        },
    }


_ASSUMPTIONS = (
    (
        "The survey is self-selected and of the first pandemic year: it is no community sample, and"
        " its population set is kept apart from the community's."
    ),
    (
        "S1 and S2 hold where the simulated figure lies in the row's interval: the whole survey's"
        " figure with the sampling error of a half. The held half's own figure has the same error."
    ),
    (
        "Bootstrap intervals of distances lie a little high, since resamples stray further than the"
        " survey did; the distance by sampling alone is what a perfect population would show."
    ),
)
