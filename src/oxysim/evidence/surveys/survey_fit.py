"""Fitting a population to one half of a survey.

What is fitted are the means of the ten tenths of the forms in each age class, from the lowest
totals to the highest: a miss is a distance in EPDS points, and the objective, half the sum of their
squares, is that of the second Wasserstein distance on tenths. The search runs on averaged days
(``evidence.calibration.averaged_cohort``); then the full model is asked, and the search is repeated
with what the averages were off by. The best of the populations that the full model was asked for is
kept.

A survey that asks everybody once cannot tell a mother's lasting level from what daily life adds, so
the strengths of daily life stay as the starting population has them. For the same reason the spread
of the set point and the strength of the loop are known together rather than each by itself: both
widen the distribution.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.evidence.calibration.averaged_cohort import dyad_offsets
from oxysim.evidence.calibration.least_squares import Calibration, Free, calibrate, miss
from oxysim.evidence.surveys.simulated_respondents import (
    SimulatedRespondents,
    averaged_respondents,
    simulate_respondents,
)
from oxysim.evidence.surveys.survey_data import CITATION, POINTS, Survey
from oxysim.evidence.surveys.survey_score import FIT
from oxysim.findings.published import Target
from oxysim.population import Population
from oxysim.streams import stream

Figures = Mapping[str, float]
Say = Callable[[str], None]
# Ten means a class, each of a tenth of its forms.
TENTHS = 10
# The mean of a tenth then rests on 200 forms.
MOTHERS = 2000
DEPRESSION = "caregiver.depression"
# What a survey that asks everybody once can tell: level, spread, and the loop.
FREE = (
    Free("centre", f"{DEPRESSION}.set_point", 2.0, 16.0),
    Free("spread", f"{DEPRESSION}.set_point", 0.1, 1.5),
    Free("centre", f"{DEPRESSION}.loop_gain", 0.3, 1.6),
)
# Two, from either side: the valley is flat.
STARTS: tuple[Mapping[str, float], ...] = (
    MappingProxyType({}),
    MappingProxyType(
        {f"{DEPRESSION}.set_point: centre": 8.0, f"{DEPRESSION}.set_point: spread": 0.7}
    ),
)


@dataclass(frozen=True)
class Search:
    """How a fit searches.

    Attributes
    ----------
    free, starts, evaluations : as for :func:`oxysim.evidence.calibration.least_squares.calibrate`,
        in the first round; the later ones start where the one before has ended.
    mothers : simulated on averaged days in every evaluation, and in the full model in every round.
    rounds : searches, each corrected by the full model.
    seed : key of every random stream.

    >>> Search(rounds=1).evaluations
    60
    """

    free: Sequence[Free] = FREE
    starts: Sequence[Mapping[str, float]] = STARTS
    evaluations: int = 60
    mothers: int = MOTHERS
    rounds: int = 3
    seed: int = 0

    def __post_init__(self) -> None:
        checks.whole_number(self.rounds, "rounds", 1)
        checks.whole_number(self.mothers, "mothers", TENTHS)


@dataclass(frozen=True, eq=False)
class SurveyFit:
    """What a fit found.

    Attributes
    ----------
    population : the fitted one, named "survey"; its provenance holds all of this.
    free : label -> (start, found).
    objective : half the sum of squared misses, points, of the full model.
    misses : mean of a tenth -> by how many points the full model misses it.
    rounds : of each, the search's record and the full model's objective.
    evaluations : populations simulated on averaged days.

    >>> fit = SurveyFit(Population("survey"), {}, 1.5, {"3-6 months, tenth 1": 0.2}, [], 60)
    >>> fit.misses["3-6 months, tenth 1"]
    0.2
    """

    population: Population
    free: Mapping[str, tuple[float, float]]
    objective: float
    misses: Figures
    rounds: Sequence[Mapping[str, Any]]
    evaluations: int


def fit_survey(
    survey: Survey,
    population: Population | None = None,
    *,
    half_seed: int,
    search: Search | None = None,
    say: Say | None = None,
) -> SurveyFit:
    """Fit a population to the first of a survey's two random halves; nothing of the second is read.

    Parameters
    ----------
    survey : the whole file.
    population : where the search starts; default ``Population.named("community")``.
    half_seed : of the halves; it is recorded, so that the other half can be held.
    search : how; default ``Search()``.
    say : told of every evaluation, in a line.

    Raises
    ------
    InputError : fewer than ten forms in an age class of the half; see ``Survey.halves`` and
    ``calibrate``.

    >>> import pandas as pd
    >>> form = {"participant": ["a"], "infant_age_months": "3-6", "epds_total": [4]}
    >>> fit_survey(Survey(pd.DataFrame(form), "made up", ""), half_seed=1)
    Traceback (most recent call last):
    oxysim.errors.InputError: made up: age class '3-6': expected at least 2 mothers ...
    """
    settings = search or Search()
    begun = Population.named("community") if population is None else population
    # The second half is not even named here.
    half, _ = survey.halves(half_seed)

    # Every round is judged by the full model, and the best is taken, not the last.
    tried = _rounds(begun, half, settings, say)
    best = min(tried, key=lambda attempt: attempt.objective)
    evaluations = sum(attempt.search.evaluations for attempt in tried)
    rounds = [
        {"full_model_objective": round(attempt.objective, 4), **_record(attempt.search)}
        for attempt in tried
    ]

    # from the starting population to the best of all rounds, whatever a round began with
    free = {
        number.label: (number.read(begun), number.read(best.search.population))
        for number in settings.free
    }
    provenance = {
        "state": "fitted to one half of a survey; the other half is held for scoring",
        "script": "scripts/calibrate_survey.py",
        "citation": CITATION,
        "start": f"population {begun.name!r}, {begun.fingerprint}",
        FIT: _fit_record(survey, half, half_seed, settings),
        "objective": round(best.objective, 4),
        "objective_is": (
            "half the sum of squared misses of the means of tenths by age class, points, full model"
        ),
        "objective_by_sampling_alone": _by_chance(best.simulated, half, settings.seed),
        "evaluations": evaluations,
        "free": {label: [round(value, 6) for value in pair] for label, pair in free.items()},
        "rounds": rounds,
    }
    fitted = best.search.population.replace(name="survey", meaning=_MEANING)
    return SurveyFit(
        replace(fitted, provenance=provenance),
        free,
        best.objective,
        best.misses,
        rounds,
        evaluations,
    )


def _fit_record(survey: Survey, half: Survey, half_seed: int, settings: Search) -> dict[str, Any]:
    """What says which forms a fit has seen, so that the score can be taken on the others."""
    return {
        "half_seed": half_seed,
        "mothers": settings.mothers,
        "seed": settings.seed,
        "fitted_to": half.portion,
        "file": survey.name,
        "sha256": survey.sha256,
        "forms": len(half),
    }


def survey_targets(half: Survey) -> dict[str, Target]:
    """The means of the tenths of a half's forms by age class, as findings to be fitted.

    A miss of one point counts as one.

    Raises
    ------
    InputError : an age class with fewer than ten forms.

    Ten mothers with 1 to 10 points: a mother a tenth.

    >>> import pandas as pd
    >>> form = {"participant": range(10), "infant_age_months": "3-6", "epds_total": range(1, 11)}
    >>> targets = survey_targets(Survey(pd.DataFrame(form), "made up", ""))
    >>> targets["3-6 months, tenth 3"].figure
    '3.000'
    """
    findings = {}
    for name in half.classes:
        counts = half.counts(name)
        checks.whole_number(
            int(counts.sum()), f"{half.name}, {half.portion}: forms at {name} months", TENTHS
        )
        for label, value in _labelled(name, counts / counts.sum()):
            findings[label] = Target(
                id=label,
                use="survey",
                quantity=f"mean total, {label}",
                figure=f"{value:.3f}",
                low=value - 1,
                high=value + 1,
                unit="EPDS",
                population=f"survey, {name} months",
                n=int(counts.sum()),
                protocol=14,
                # with an interval of one point either way, a miss in half widths is one in points
                rule="number",
                interval_from="one point either way",
                source=CITATION,
                status="verified",
            )
    return findings


def tenth_means(shares: FloatArray) -> FloatArray:
    """Means of the ten tenths of a distribution over 0 to 30 points, lowest first, shape (31,) ->
    (10,).

    A point whose forms lie in two tenths is divided between them, so the ten means average to the
    whole mean.

    >>> tenth_means(np.eye(31)[7]).round(6).tolist() == [7.0] * 10
    True
    """
    # The two cumulative sums of a Lorenz curve, read at ten even shares.
    reached = np.concatenate([[0.0], np.cumsum(shares)])
    area = np.concatenate([[0.0], np.cumsum(shares * POINTS)])
    ends = np.interp(np.linspace(0, reached[-1], TENTHS + 1), reached, area)
    return np.asarray(np.diff(ends) * TENTHS)


@dataclass(frozen=True, eq=False)
class _Round:
    """One search on averaged days, and what the full model makes of the
    population that it found.
    """

    search: Calibration
    simulated: SimulatedRespondents
    misses: Figures

    @property
    def objective(self) -> float:
        """Half the sum of squared misses of the full model."""
        return _objective(self.misses.values())


def _rounds(begun: Population, half: Survey, settings: Search, say: Say | None) -> list[_Round]:
    # Once for all: the free numbers change none of them.
    offsets = dyad_offsets(begun, settings.mothers, seed=settings.seed)
    targets = survey_targets(half)

    def averaged(candidate: Population) -> dict[str, float]:
        return _figures(averaged_respondents(candidate, offsets, seed=settings.seed), half)

    # the first round aims at the survey itself: how far averaged days are off is not known
    aims, starts, population = targets, settings.starts, begun
    tried: list[_Round] = []
    for number in range(1, settings.rounds + 1):
        calibration = calibrate(
            population,
            settings.free,
            averaged,
            aims,
            starts=starts,
            evaluations=settings.evaluations,
            say=say,
        )
        # Averaged days served the search; the full model decides.
        simulated = simulate_respondents(
            calibration.population, settings.mothers, seed=settings.seed
        )
        full = _figures(simulated, half)
        tried.append(
            _Round(
                calibration,
                simulated,
                {name: miss(full[name], finding) for name, finding in targets.items()},
            )
        )
        if say:
            say(
                f"round {number}: objective {calibration.objective:.3f} on averaged days,"
                f" {tried[-1].objective:.3f} in full"
            )
        # What averaged days are off by is taken from the aim of the next round.
        aims = {
            name: _shifted(finding, full[name] - calibration.figures[name])
            for name, finding in targets.items()
        }
        starts, population = ({},), calibration.population
    return tried


def _shifted(finding: Target, by: float) -> Target:
    """The finding as averaged days should meet it, so that the full model meets the real one."""
    return replace(finding, low=(finding.low or 0.0) - by, high=(finding.high or 0.0) - by)


def _objective(misses: Iterable[float]) -> float:
    return 0.5 * float(np.sum(np.square(list(misses))))


def _by_chance(
    simulated: SimulatedRespondents, half: Survey, seed: int, draws: int = 400
) -> dict[str, float]:
    """The objective of halves of the same size drawn from the simulated mothers themselves.

    Its median, and the ends of the central 90 %: a fit cannot tell more than that.
    """
    luck = stream(seed, 0, "objective by sampling alone")
    # The objective that the truth itself would get from halves of this size.
    total = np.zeros(draws)
    for name in half.classes:
        truth, size = simulated.shares(name), int(half.counts(name).sum())
        means = np.array(
            [tenth_means(counts / size) for counts in luck.multinomial(size, truth, size=draws)]
        )
        total += 0.5 * np.square(means - tenth_means(truth)).sum(axis=1)
    # Its median, and where it lies nine times in ten.
    low, middle, high = np.quantile(total, [0.05, 0.5, 0.95])
    return {
        "median": round(float(middle), 2),
        "from": round(float(low), 2),
        "to": round(float(high), 2),
    }


def _figures(simulated: SimulatedRespondents, half: Survey) -> dict[str, float]:
    return {
        key: value
        for name in half.classes
        for key, value in _labelled(name, simulated.shares(name))
    }


def _labelled(age_class: str, shares: FloatArray) -> list[tuple[str, float]]:
    means = tenth_means(np.asarray(shares, dtype=float))
    return [(f"{age_class} months, tenth {k}", float(value)) for k, value in enumerate(means, 1)]


def _record(search: Calibration) -> dict[str, Any]:
    """A search's own record without its thirty figures."""
    record = search.provenance()
    # the figures of averaged days are no result: the full model's stand beside them
    entries = {key: record[key] for key in ("objective", "evaluations", "starts", "free")}
    return {
        f"averaged_{key}" if key in ("objective", "evaluations") else key: value
        for key, value in entries.items()
    }


_MEANING = (
    "Mothers of the online survey of 2020 (self-selected, first pandemic year) and their infants,"
    " from birth: the community's traits with the depression's set point and loop fitted to one"
    " half of the survey."
)
