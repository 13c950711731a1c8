"""What several runs of a scoreboard share: cohorts that are followed once, and read by all that ask for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from oxysim.evidence.setting import Setting
from oxysim.trials.cohort import Cohort
from oxysim.trials.courses import AGES
from oxysim.trials.following import follow

WHOLE, YOUNG = (4000, 400), (5000, 800)  # dyads followed for 18 and for 9 months, in full and in a quick run
READ_AT = ("3 months", "5 months", "6 months", "8 months")  # ages that are kept beside every week


@dataclass(frozen=True, eq=False)
class Stock:
    """The cohorts of one scoreboard, each followed when it is first asked for; their dyads differ."""

    setting: Setting

    @cached_property
    def whole(self) -> Cohort:
        """Dyads 0, 1, ... of the population, from birth to 18 months."""
        n = self.setting.size(*WHOLE)
        own = self.setting
        return follow(own.population, n, until="18 months", at=sorted({*READ_AT, *AGES}), seed=own.seed)

    @cached_property
    def young(self) -> Cohort:
        """The dyads after those, from birth to 9 months."""
        own = self.setting
        first, n = own.size(*WHOLE), own.size(*YOUNG)
        return follow(own.population, n, first=first, until="9 months", at=READ_AT, seed=own.seed)
