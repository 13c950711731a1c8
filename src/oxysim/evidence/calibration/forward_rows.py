"""From a candidate population to the figures that an ensemble is conditioned on: on averaged days,
in seconds, and in the full model.

Both are built anew for each candidate: the slow system of averaged days, on a coarse grid, belongs
to its shared values, and both have its noise of daily life. A model of your own needs no more than
the form of ``oxysim.ensembles.ForwardModel``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from oxysim.checks import choice, whole_number
from oxysim.cohorts.cohort import Cohort
from oxysim.cohorts.follow_up import follow
from oxysim.cohorts.trajectory_classes import AGES, course_shares
from oxysim.errors import InputError
from oxysim.evidence.calibration.averaged_cohort import averaged_cohort, dyad_offsets
from oxysim.interventions import DailyLife
from oxysim.population import Population
from oxysim.protocols.cross_sections import caesarean, depression_and_sensitivity, mind_mindedness
from oxysim.schedule import Routine
from oxysim.texts import Called

WEEKS = tuple(f"{week} weeks" for week in range(6, 53))
CROSS_SECTIONS = ("C8a", "C8b", "C9", "C11")
ASKED = ("courses", "cross-sections")


def course_figures(readings: Callable[[str], np.ndarray]) -> dict[str, float]:
    """The figures of EPDS courses (C1 to C4), from what a form reads at an age.

    >>> rising = {at: np.array([4.0, 12.0]) for at in (*WEEKS, *AGES, "8 months", "6 months")}
    >>> course_figures(rising.__getitem__)["C1a"]
    8.0
    """
    weekly = {at: readings(at) for at in WEEKS}
    entered = weekly["6 weeks"] >= 12
    shares = list(course_shares(np.stack([readings(at) for at in AGES], axis=-1)).values())
    still = (readings("6 months")[entered] >= 12).mean() if entered.any() else np.nan
    return {
        "C1a": float(weekly["8 weeks"].mean()),
        "C1b": float(readings("8 months").mean()),
        "C1c": float(weekly["8 weeks"].std(ddof=1)),
        "C2": float(np.mean([(forms >= 10).mean() for forms in weekly.values()])),
        # of a population in which nobody is ill no share remains ill
        "C3": float(still),
        **dict(zip(("C4a", "C4b", "C4c", "C4d"), map(float, shares), strict=True)),
    }


def daily_life_of(noise: Mapping[str, float]) -> DailyLife:
    """Daily life with these noises: option -> days; the others are at their defaults.

    >>> daily_life_of({"mood_time": 14.0}).mood_time
    '14 d'
    """
    for option in noise:
        choice(option, "noise of daily life", ("stress_time", "mood_time"))
    times: dict[str, Any] = {option: f"{float(days)} d" for option, days in noise.items()}
    return DailyLife(**times)


@dataclass(frozen=True)
class AveragedRows(Called):
    """Courses on averaged days, with a slow system of the candidate's own.

    Parameters
    ----------
    n : dyads; 4,000 halve the Monte Carlo error of 1,000.

    >>> AveragedRows(4000)
    AveragedRows(n=4000)
    """

    n: int = 1500

    def __post_init__(self) -> None:
        whole_number(self.n, "n", 3)

    def __call__(
        self, population: Population, noise: Mapping[str, float], *, seed: int
    ) -> dict[str, float]:
        """The figures of one candidate."""
        offsets = dyad_offsets(population, self.n, seed=seed, coarse=True)
        life = daily_life_of(noise)
        cohort = averaged_cohort(population, offsets, seed=seed, daily_life=life)
        return course_figures(cohort.readings)


@dataclass(frozen=True)
class FullRows(Called):
    """The same from the full model: every minute of eighteen months.

    Parameters
    ----------
    n : dyads.
    asked : "courses" (C1 to C4) or "cross-sections" (C8, C9 and C11), or both.

    >>> FullRows(1000).asked
    ('courses',)
    """

    n: int = 1000
    asked: tuple[str, ...] = ("courses",)

    def __post_init__(self) -> None:
        whole_number(self.n, "n", 3)
        for entry in self.asked:
            choice(entry, "asked", ASKED)

    def __call__(
        self, population: Population, noise: Mapping[str, float], *, seed: int
    ) -> dict[str, float]:
        """The figures of one candidate."""
        day = Routine.typical() + daily_life_of(noise)
        ages = [*AGES, "8 months", "6 months", "3 months"]
        # nobody is followed for longer than what is asked needs
        until = "18 months" if "courses" in self.asked else "9 months"
        kept = [at for at in ages if until == "18 months" or at.startswith(("3 ", "6 ", "8 "))]
        cohort = follow(
            population, self.n, until=until, seed=seed, schedule=day, at=kept, progress=False
        )
        figures: dict[str, float] = {}
        if "courses" in self.asked:
            figures |= course_figures(lambda at: cohort.readings("epds", at, occasion=at))
        if "cross-sections" in self.asked:
            figures |= _cross_sections(cohort)
        return figures


def _cross_sections(cohort: Cohort) -> dict[str, float]:
    """The correlations that three published samples saw."""
    studies = (caesarean, depression_and_sensitivity, mind_mindedness)
    tables = [study(cohort=cohort).figures for study in studies]
    figures = {}
    for finding in CROSS_SECTIONS:
        rows = [table[table["target"] == finding] for table in tables]
        simulated = [float(row.iloc[0]["simulated"]) for row in rows if len(row)]
        if not simulated:
            raise InputError(f"no study answers finding {finding!r}")
        figures[finding] = simulated[0]
    return figures
