"""From a candidate population to the figures that an ensemble is conditioned on.

One cohort of the candidate, in the full model from birth to 18 months, gives the courses and all
cross-sections; the scoreboard's other protocols are run small beside it (:mod:`forward_parts`). A
model of your own needs no more than the form of ``oxysim.ensembles.ForwardModel``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from oxysim.checks import whole_number
from oxysim.cohorts.trajectory_classes import AGES, course_shares
from oxysim.evidence.candidates.forward_parts import PARTS, CandidateCohorts, SmallSettings
from oxysim.interventions.daily_life import daily_life_of
from oxysim.population import Population
from oxysim.texts import Called

# the smallest study of protocols that read the cohort has so many dyads
FEWEST = 160
WEEKS = tuple(f"{week} weeks" for week in range(6, 53))


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


@dataclass(frozen=True)
class CohortRows(Called):
    """All figures of one candidate, in the full model.

    A part that cannot be run, say for want of depressed mothers, gives its reason in place of a
    number, and the others go on. Trials and sessions beside the cohort live with the usual noise of
    daily life: of the candidate's own they are differences in which it nearly cancels.

    Parameters
    ----------
    n : dyads of the cohort, to which all other sizes are in proportion; 1,440 halve the Monte Carlo
        error of 360.

    >>> CohortRows(1440)
    CohortRows(n=1440)
    """

    n: int = 360

    def __post_init__(self) -> None:
        whole_number(self.n, "n", FEWEST)

    def __call__(self, population: Population, *, seed: int) -> dict[str, float | str]:
        """The figures of one candidate, or why there is none."""
        life = daily_life_of(population.daily_life)
        # given to the cohort alone: what stands beside it lives with the usual noise
        beside = population.replace(daily_life={})
        settings = SmallSettings(beside, seed=seed, quick=True, small_cohort=self.n, life=life)
        candidate = CandidateCohorts(settings)
        cohort = candidate.whole
        figures: dict[str, float | str] = {}
        figures |= course_figures(lambda at: cohort.readings("epds", at, occasion=at))
        for protocol in PARTS:
            figures |= protocol.figures(candidate)
        return figures
