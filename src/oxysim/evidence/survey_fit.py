"""Fitting a population to one half of a survey.

What is fitted are the means of the ten tenths of the forms in each age class, from the lowest totals to the highest: a
miss is a distance in EPDS points, and the objective, half the sum of their squares, is that of the second Wasserstein
distance on tenths. A survey that asks everybody once cannot tell a mother's lasting level from what daily life adds,
so the strengths of daily life stay as the starting population has them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from oxysim.evidence.calibration import Calibration, Free, calibrate
from oxysim.evidence.survey import CITATION, POINTS, Survey
from oxysim.evidence.survey_score import FIT
from oxysim.evidence.surveyed import survey_population
from oxysim.population import Population
from oxysim.trials.study import require_count
from oxysim.trials.targets import Target

FloatArray = npt.NDArray[np.float64]
TENTHS = 10
MOTHERS = 1000
DEPRESSION = "caregiver.depression"
FREE = (
    Free("centre", f"{DEPRESSION}.set_point", 2.0, 16.0),
    Free("spread", f"{DEPRESSION}.set_point", 0.1, 1.5),
    Free("centre", f"{DEPRESSION}.loop_gain", 0.3, 1.6),
)
STARTS: tuple[Mapping[str, float], ...] = (
    MappingProxyType({}),
    MappingProxyType({f"{DEPRESSION}.set_point: centre": 8.0, f"{DEPRESSION}.set_point: spread": 0.7}),
)


def fit_survey(  # noqa: PLR0913 - keywords with defaults
    survey: Survey,
    population: Population | None = None,
    *,
    half_seed: int,
    mothers: int = MOTHERS,
    seed: int = 0,
    free: Sequence[Free] = FREE,
    starts: Sequence[Mapping[str, float]] = STARTS,
    evaluations: int = 16,
    say: Callable[[str], None] | None = None,
) -> tuple[Population, Calibration]:
    """Fit a population to the first of a survey's two random halves; nothing of the second is read.

    Parameters
    ----------
    survey : the whole file.
    population : where the search starts; default ``Population.named("community")``.
    half_seed : of the halves; it is recorded, so that the other half can be held.
    mothers : simulated in every evaluation.
    seed : key of their random streams.
    free, starts, evaluations, say : as for :func:`oxysim.evidence.calibration.calibrate`.

    Returns
    -------
    The fitted population, named "survey", whose provenance records all of this; and what the search found.

    Raises
    ------
    InputError : fewer than ten mothers in an age class of the half, or fewer than ten simulated; see ``calibrate``.
    """
    require_count("mothers", mothers, TENTHS)
    begun = Population.named("community") if population is None else population
    half, _ = survey.halves(half_seed)
    targets = survey_targets(half)

    def figures(one: Population) -> dict[str, float]:
        simulated = survey_population(one, mothers, seed=seed)
        return {key: value for name in half.classes for key, value in _labelled(name, simulated.shares(name))}

    found = calibrate(begun, free, figures, targets, starts=starts, evaluations=evaluations, say=say)
    record = {
        "half_seed": half_seed, "mothers": mothers, "seed": seed, "fitted_to": half.part, "file": survey.name,
        "sha256": survey.sha256, "forms": len(half),
    }  # fmt: skip
    provenance = {
        "state": "fitted to one half of a survey; the other half is held for scoring",
        "citation": CITATION,
        "start": f"population {begun.name!r}, {begun.fingerprint}",
        FIT: record,
        "objective_is": "half the sum of squared misses of the means of tenths by age class, EPDS points",
        **found.provenance(),
    }
    fitted = found.population.replace(name="survey", meaning=_MEANING, provenance=provenance)
    return fitted, found


def survey_targets(half: Survey) -> dict[str, Target]:
    """The means of the tenths of a half's forms by age class, as findings to be fitted: one point counts as one miss.

    Raises
    ------
    InputError : an age class with fewer than ten forms.
    """
    found = {}
    for name in half.classes:
        counts = half.counts(name)
        require_count(f"{half.name}, {half.part}: forms at {name} months", int(counts.sum()), TENTHS)
        for label, value in _labelled(name, counts / counts.sum()):
            found[label] = Target(
                id=label, use="survey", quantity=f"mean total, {label}", figure=f"{value:.3f}", low=value - 1,
                high=value + 1, unit="EPDS", population=f"survey, {name} months", n=int(counts.sum()), protocol=14,
                rule="number", interval_from="one point either way", source=CITATION, status="verified",
            )  # fmt: skip
    return found


def tenth_means(shares: FloatArray) -> FloatArray:
    """Means of the ten tenths of a distribution over 0 to 30 points, lowest first, shape (31,) -> (10,).

    A point whose forms lie in two tenths is divided between them, so the ten means average to the whole mean.
    """
    reached = np.concatenate([[0.0], np.cumsum(shares)])
    area = np.concatenate([[0.0], np.cumsum(shares * POINTS)])
    ends = np.interp(np.linspace(0, reached[-1], TENTHS + 1), reached, area)
    return np.asarray(np.diff(ends) * TENTHS)


def _labelled(age_class: str, shares: FloatArray) -> list[tuple[str, float]]:
    means = tenth_means(np.asarray(shares, dtype=float))
    return [(f"{age_class} months, tenth {k}", float(value)) for k, value in enumerate(means, 1)]


_MEANING = (
    "Mothers of the online survey of 2020 (self-selected, first pandemic year) and their infants, from birth: the "
    "community's traits with the depression's set point and loop fitted to one half of the survey."
)
