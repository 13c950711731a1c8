"""What all runs of a scoreboard share: how they are run, and cohorts that are followed once and
read by every run that asks for them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from oxysim.cohorts.cohort import Cohort
from oxysim.cohorts.follow_up import came_through, follow
from oxysim.families import Family
from oxysim.interventions import DailyLife
from oxysim.measures.cut_offs import EPDS_HIGHEST
from oxysim.population import Population
from oxysim.population.independent_sample import Age
from oxysim.schedule import Routine

WHOLE, YOUNG = 4000, 7000  # dyads followed for 18 and for 9 months
QUICK = 480  # dyads followed for 18 months in a quick run, which stand for both

# Where the numbers of dyads begin by which a cohort grows: beyond those of both cohorts, so that
# nobody is in two of them.
LATER = {"whole": 100_000, "young": 200_000}

READ_AT = tuple(f"{k} month{'s' * (k > 1)}" for k in range(1, 19))
"""Ages that are kept beside every week: whatever a row can ask for."""

Size = tuple[int, int]
"""A number of dyads or of replications, in a full and in a quick run."""


@dataclass(frozen=True)
class RunSettings:
    """What every run of a scoreboard shares.

    Attributes
    ----------
    population : where dyads come from.
    seed : key of every random stream.
    quick : smaller pools, cohorts and numbers of replications.
    survey : the survey's file, which is not packaged; None where it is not at hand.
    growth : how many times larger than usual a full run is, where a number is not known well enough
        for its rule.
    small_cohort : dyads of the one cohort of a quick run.
    life : daily life of cohorts, where it is not the usual one.
    cut : edges that are cut, in cohorts from birth on.

    >>> RunSettings(Population.named(), growth=1.6).size(200, 50)
    320
    """

    population: Population
    seed: int = 0
    quick: bool = False
    survey: Path | None = None
    growth: float = 1.0
    small_cohort: int = QUICK
    life: DailyLife | None = None
    cut: tuple[str, ...] = ()

    @property
    def day(self) -> Routine | None:
        """The day that cohorts live: None for the usual one with its usual noise.

        >>> RunSettings(Population.named()).day is None
        True
        """
        return None if self.life is None else Routine.typical() + self.life

    @property
    def cuts(self) -> dict[str, tuple[str, ...]]:
        """The cut edges as an argument of a protocol; none where every edge is whole.

        >>> RunSettings(Population.named(), cut=("bond -> depression",)).cuts
        {'cut': ('bond -> depression',)}
        """
        return {"cut": self.cut} if self.cut else {}

    def cohort_size(self, full: int) -> int:
        """Dyads of a cohort that has `full` of them in a full run.

        >>> RunSettings(Population.named(), quick=True).cohort_size(WHOLE) == QUICK
        True
        """
        return self.size(full, self.small_cohort)

    def size(self, full: int, quick: int) -> int:
        """A number of dyads or replications, in a full or in a quick run."""
        # a quick run is never grown: it is quick before it is precise
        return quick if self.quick else round(full * self.growth)

    def families(
        self, n: int, caregivers: Sequence[str] = ("mother",), infant_age: Age = "5 months"
    ) -> Family:
        """The first `n` families of the population.

        >>> families = RunSettings(Population.named()).families(3, ("mother", "father"))
        >>> len(families), families.caregivers
        (3, ('mother', 'father'))
        """
        return self.population.sample(
            n, seed=self.seed, caregivers=tuple(caregivers), infant_age=infant_age
        )


@dataclass(frozen=True, eq=False)
class SharedCohorts:
    """The cohorts of one scoreboard, each followed when it is first asked for; their dyads differ.

    Attributes
    ----------
    settings : of all runs.
    smaller : cohorts of the same scoreboard with fewer dyads, which are not followed again.

    >>> SharedCohorts(RunSettings(Population.named())).grown(1.6).settings.growth
    1.6
    """

    settings: RunSettings
    smaller: SharedCohorts | None = None

    def grown(self, growth: float) -> SharedCohorts:
        """The same with `growth` times as many dyads; those that are here are not followed
        again.
        """
        return SharedCohorts(dataclasses.replace(self.settings, growth=growth), self)

    @cached_property
    def whole(self) -> Cohort:
        """Dyads 0, 1, ... of the population, from birth to 18 months."""
        before = None if self.smaller is None else self.smaller.whole
        return self._followed(before, self.settings.cohort_size(WHOLE), "whole", 18)

    @cached_property
    def young(self) -> Cohort:
        """The dyads after those, from birth to 9 months; in a quick run those of the 18 months."""
        if self.settings.quick:
            return self.whole
        before = None if self.smaller is None else self.smaller.young
        return self._followed(before, self.settings.cohort_size(YOUNG), "young", 9)

    def _followed(self, before: Cohort | None, n: int, cohort: str, months: int) -> Cohort:
        """A cohort of `n`: the dyads of the smaller one, and as many more as are missing."""
        present = 0 if before is None else len(before)
        if before is not None and present >= n:
            return before

        # Nobody is in both cohorts, nor in one twice: the young begin where the whole end, and
        # whoever comes later has a number of a range of its own.
        if before is None:
            first = 0 if cohort == "whole" else WHOLE
        else:
            first = LATER[cohort] + present

        settings = self.settings
        further = follow(
            settings.population,
            n - present,
            until=f"{months} months",
            at=READ_AT[:months],
            seed=settings.seed,
            first=first,
            schedule=settings.day,
            cut=settings.cut,
        )
        return further if before is None else _joined(before, further, settings)

    def mothers_scoring(
        self, infant_age: str, low: float = 0.0, high: float = EPDS_HIGHEST
    ) -> Family:
        """The young cohort's mothers who read from `low` to `high` on the EPDS at an infant age, as
        they are then.
        """
        alive = came_through(self.young)
        forms = alive.readings("epds", infant_age, occasion="screening")
        return alive.take(np.flatnonzero((forms >= low) & (forms <= high))).family(infant_age)


def _joined(first: Cohort, second: Cohort, settings: RunSettings) -> Cohort:
    """Two cohorts of one population, one after the other."""
    dyads = [*first.who.numbers, *second.who.numbers]
    families = settings.population.draw(dyads, seed=settings.seed, infant_age="0 d")
    values = {
        name: np.concatenate([courses, second.values[name]])
        for name, courses in first.values.items()
    }

    days = first.schedule
    if isinstance(days, list):
        days = [*days, *second.schedule]
    return dataclasses.replace(
        first,
        who=families,
        values=values,
        schedule=days,
        reasons={**first.reasons, **second.reasons},
    )
