"""What several runs of a scoreboard share: cohorts that are followed once, and read by all that ask
for them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from oxysim.cohorts.cohort import Cohort
from oxysim.cohorts.follow_up import follow
from oxysim.evidence.board.settings import RunSettings
from oxysim.families import Family
from oxysim.measures.cut_offs import EPDS_HIGHEST

WHOLE, YOUNG = 4000, 7000  # dyads followed for 18 and for 9 months
LATER = {"whole": 100_000, "young": 200_000}
"""Where the numbers of dyads begin by which a cohort grows: beyond those of both cohorts."""

QUICK = 480  # dyads followed for 18 months in a quick run, which stand for both
READ_AT = tuple(f"{k} month{'s' * (k > 1)}" for k in range(1, 19))
"""Ages that are kept beside every week: whatever a row can ask for."""


@dataclass(frozen=True, eq=False)
class SharedCohorts:
    """The cohorts of one scoreboard, each followed when it is first asked for;
    their dyads differ.
    """

    setting: RunSettings
    smaller: SharedCohorts | None = None

    def grown(self, growth: float) -> SharedCohorts:
        """The same with `growth` times as many dyads; those that are here are not
        followed again.
        """
        return SharedCohorts(dataclasses.replace(self.setting, growth=growth), self)

    @cached_property
    def whole(self) -> Cohort:
        """Dyads 0, 1, ... of the population, from birth to 18 months."""
        return self._followed(self.setting.size(WHOLE, QUICK), "18 months", READ_AT)

    @cached_property
    def young(self) -> Cohort:
        """The dyads after those, from birth to 9 months; in a quick run those of the 18 months."""
        if self.setting.quick:
            return self.whole
        return self._followed(self.setting.size(YOUNG, QUICK), "9 months", READ_AT[:9])

    def _followed(self, n: int, until: str, at: Sequence[str]) -> Cohort:
        """A cohort of `n`: what the smaller stock has of it, and the dyads that
        are still wanted.
        """
        own, name = self.setting, {"18 months": "whole", "9 months": "young"}[until]
        before: Cohort | None = getattr(self.smaller, name) if self.smaller is not None else None
        held = 0 if before is None else len(before)
        # nobody is in both cohorts, nor in one twice
        start = (0 if name == "whole" else WHOLE) if before is None else LATER[name] + held
        if held >= n and before is not None:
            return before
        more = follow(own.population, n - held, until=until, at=at, seed=own.seed, first=start)
        return more if before is None else _joined(before, more, own)

    def entering(self, age: str, low: float = 0.0, high: float = EPDS_HIGHEST) -> Family:
        """The young cohort's mothers who read from `low` to `high` on the EPDS at an infant age, as
        they are then.
        """
        alive = came_through(self.young)
        forms = alive.readings("epds", age, occasion="screening")
        return alive.take(np.flatnonzero((forms >= low) & (forms <= high))).family(age)


def _joined(first: Cohort, more: Cohort, setting: RunSettings) -> Cohort:
    """Two cohorts of one population, one after the other."""
    dyads = [*first.who.numbers, *more.who.numbers]
    who = setting.population.draw(dyads, seed=setting.seed, infant_age="0 d")
    values = {
        name: np.concatenate([held, more.values[name]]) for name, held in first.values.items()
    }
    days = first.schedule
    if isinstance(days, list):
        days = [*days, *more.schedule]
    reasons = {**first.reasons, **more.reasons}
    return dataclasses.replace(first, who=who, values=values, schedule=days, reasons=reasons)


def came_through(cohort: Cohort) -> Cohort:
    """The dyads of a cohort that did not fail."""
    return cohort.take(np.flatnonzero(cohort.complete)) if cohort.reasons else cohort
