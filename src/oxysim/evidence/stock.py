"""What several runs of a scoreboard share: cohorts that are followed once, and read by all that ask for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from oxysim.evidence.setting import Setting
from oxysim.participants import Family
from oxysim.trials.cohort import Cohort
from oxysim.trials.courses import AGES
from oxysim.trials.following import follow

WHOLE, YOUNG = 4000, 7000  # dyads followed for 18 and for 9 months
QUICK = 480  # dyads followed for 18 months in a quick run, which stand for both
PROBABLE = 13.0  # EPDS points from which depression is probable
READ_AT = ("3 months", "5 months", "6 months", "8 months")  # ages that are kept beside every week


@dataclass(frozen=True, eq=False)
class Stock:
    """The cohorts of one scoreboard, each followed when it is first asked for; their dyads differ."""

    setting: Setting

    @cached_property
    def whole(self) -> Cohort:
        """Dyads 0, 1, ... of the population, from birth to 18 months."""
        n = self.setting.size(WHOLE, QUICK)
        own = self.setting
        return follow(own.population, n, until="18 months", at=sorted({*READ_AT, *AGES}), seed=own.seed)

    @cached_property
    def young(self) -> Cohort:
        """The dyads after those, from birth to 9 months; in a quick run those of the 18 months."""
        own = self.setting
        if own.quick:
            return self.whole
        return follow(own.population, YOUNG, first=WHOLE, until="9 months", at=READ_AT, seed=own.seed)

    def entering(self, age: str, low: float = 0.0, high: float = 30.0) -> Family:
        """The young cohort's mothers who read from `low` to `high` on the EPDS at an infant age, as they are then."""
        alive = came_through(self.young)
        forms = alive.readings("epds", age, occasion="screening")
        return alive.take(np.flatnonzero((forms >= low) & (forms <= high))).family(age)


def came_through(cohort: Cohort) -> Cohort:
    """The dyads of a cohort that did not fail."""
    return cohort.take(np.flatnonzero(cohort.complete)) if cohort.reasons else cohort
