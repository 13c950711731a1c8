"""Simulated mothers who fill in the form of a survey: each once in every age class, at an age of
her own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from oxysim import units
from oxysim.arrays import FloatArray, IntArray
from oxysim.cohorts.cohort import Cohort
from oxysim.cohorts.follow_up import follow
from oxysim.errors import InputError, unknown_name
from oxysim.evidence.surveys.survey_data import CLASSES, POINTS, WHOLE
from oxysim.families import Family
from oxysim.interventions.daily_life import ordinary_life
from oxysim.measures import NoiseKey, read
from oxysim.population import Population
from oxysim.simulation.engines import for_ensembles
from oxysim.simulation.scipy_engine import Solver
from oxysim.streams import position_uniforms

# The end of the oldest age class.
UNTIL = "12 months"


@dataclass(frozen=True, eq=False)
class SimulatedRespondents:
    """What simulated mothers answered.

    Attributes
    ----------
    totals : age class -> EPDS totals in whole points, shape (n,): the same mothers in every class.
    population, fingerprint : of what they were drawn from.
    seed : key of the draw, of daily life and of the readings.
    lost : mothers who failed and are left out.

    >>> respondents = SimulatedRespondents({"3-6": np.array([4.0, 14.0])}, "made up", "", seed=0)
    >>> len(respondents), float(respondents.shares("3-6")[14])
    (2, 0.5)
    """

    totals: Mapping[str, FloatArray]
    population: str
    fingerprint: str
    seed: int
    lost: int = 0

    def __len__(self) -> int:
        return len(next(iter(self.totals.values())))

    def shares(self, age_class: str, sizes: Mapping[str, int] | None = None) -> FloatArray:
        """The share of forms of an age class that show 0, 1, ... 30 points, shape (31,).

        Parameters
        ----------
        age_class : "3-6", "6-9" or "9-12"; "3-12" for all of them, mixed as the survey's classes
            are.
        sizes : for "3-12", forms of the survey in each class.

        Raises
        ------
        UnknownNameError : no such class. InputError : "3-12" without sizes.
        """
        if age_class == WHOLE:
            if not sizes:
                raise InputError(
                    f"{WHOLE!r}: expected sizes=, how many forms the survey has in each age class"
                )
            # The same mothers answer in every class, so a mixture is one of shares.
            parts = [size * self.shares(name) for name, size in sizes.items()]
            return np.asarray(np.sum(parts, axis=0) / sum(sizes.values()))
        if age_class not in self.totals:
            raise unknown_name("age class", age_class, (*self.totals, WHOLE))
        # A form shows whole points; those that nobody shows count 0.
        counts = np.bincount(self.totals[age_class].astype(np.int64), minlength=len(POINTS))
        return np.asarray(counts / len(self), dtype=float)

    def take(self, index: IntArray) -> SimulatedRespondents:
        """Some of the mothers, by position.

        >>> totals = {"3-6": np.array([4.0, 14.0])}
        >>> respondents = SimulatedRespondents(totals, "made up", "", seed=0)
        >>> respondents.take(np.array([1])).totals["3-6"]
        array([14.])
        """
        totals = {name: forms[index] for name, forms in self.totals.items()}
        return SimulatedRespondents(totals, self.population, self.fingerprint, self.seed, self.lost)


def simulate_respondents(
    population: Population, n: int, *, seed: int = 0, first: int = 0, progress: bool = False
) -> SimulatedRespondents:
    """Follow mothers with their daily lives from birth to 12 months and let each fill in the form
    in every age class.

    Parameters
    ----------
    population : what they are drawn from, with what its attributes add to their days.
    n : how many, those numbered `first` and following.
    seed : key of every random stream.
    progress : show a bar on a terminal.

    Raises
    ------
    InputError : a bad number or seed; a population in which nobody came through.

    >>> respondents = simulate_respondents(Population.named("community"), 2, seed=0)
    >>> len(respondents), sorted(respondents.totals)
    (2, ['3-6', '6-9', '9-12'])
    """
    # Daily life with its noise: part of the spread of a survey is that.
    day = ordinary_life()
    return respondents_of(
        follow(
            population,
            n,
            first=first,
            until=UNTIL,
            seed=seed,
            schedule=day,
            solver=_solver(),
            progress=progress,
        )  # fmt: skip
    )


def respondents_of(cohort: Cohort) -> SimulatedRespondents:
    """What the mothers of a cohort answer in each age class.

    Each answers at an age drawn evenly from those of the class that the cohort kept.

    Raises
    ------
    InputError : a cohort that was not followed from 3 to 12 months of age; one in which nobody came
    through.

    >>> cohort = follow(Population.named("community"), 2, until="12 months", progress=False)
    >>> respondents_of(cohort).totals["3-6"].shape
    (2,)
    """
    if not cohort.complete.any():
        why = next(iter(cohort.reasons.values()))
        raise InputError(
            f"survey: none of {len(cohort)} simulated mothers came through; the first: {why}"
        )
    alive = cohort.take(np.flatnonzero(cohort.complete)) if cohort.reasons else cohort
    age = float(alive.who.ages()[0])
    # The whole range of the survey, from the youngest class to the oldest.
    low, high = (units.MONTH * end for end in (CLASSES["3-6"][0], CLASSES["9-12"][1]))
    ages = age + alive.times
    if np.ptp(alive.who.ages()) > 0 or ages[0] > low or ages[-1] < high - 1e-6:
        raise InputError(
            "survey: expected a cohort of one age that was followed from 3 to 12 months; it was"
            f" followed from {ages[0] / units.MONTH:.1f} to {ages[-1] / units.MONTH:.1f} months"
        )
    totals = _forms(alive.who, ages, alive["caregiver.epds"].values, alive.seed)
    name = getattr(cohort.population, "name", "")
    return SimulatedRespondents(totals, name, cohort.fingerprint, cohort.seed, len(cohort.reasons))


def _forms(
    families: Family, ages: FloatArray, course: FloatArray, seed: int
) -> dict[str, FloatArray]:
    """The forms of every age class, shape (n,) each, from courses of the EPDS (n, n_times) at
    `ages`.

    A form is filled in at the age of the course that is nearest to one drawn evenly from the class.
    """
    mother, numbers = families.caregivers[0], list(families.numbers)
    totals: dict[str, FloatArray] = {}
    for name, months in CLASSES.items():
        occasion = f"survey at {name} months"
        low, high = (units.MONTH * end for end in months)
        # Even over the class: the survey gives the class alone.
        at = low + (high - low) * position_uniforms(seed, numbers, "age", occasion)
        # Only times inside the class may answer for it.
        within = np.flatnonzero((ages >= low) & (ages <= high))
        # A line between two kept times is up to a point off while an episode begins.
        near = within[np.abs(at[:, None] - ages[within]).argmin(axis=1)]
        expected = course[np.arange(len(numbers)), near]
        form: Any = read("epds", expected, numbers, None, NoiseKey(seed, mother, occasion))
        totals[name] = np.asarray(form.values, dtype=float)[:, 0]
    return totals


def _solver() -> Solver:
    """A form strays by about two points; at this tolerance the course strays by less than a
    hundredth of one.
    """
    return for_ensembles(5e-3)
