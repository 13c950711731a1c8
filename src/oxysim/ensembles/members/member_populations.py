"""A member of an ensemble: a population, and the noise of the daily life that its dyads have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from oxysim.interventions.daily_life import DailyLife
from oxysim.population import Population
from oxysim.schedule import Intervention, Schedule, as_schedule


@dataclass(frozen=True, eq=False)
class MemberPopulation(Population):
    """A population whose dyads live with noise of their own times.

    Parameters
    ----------
    noise : option of ``DailyLife`` -> days; the others are at their defaults.

    >>> from oxysim.interventions.daily_life import ordinary_life
    >>> calm = MemberPopulation("calm", noise={"mood_time": 2.0})
    >>> calm.schedules(ordinary_life(), [0], seed=1).noise.mood_time  # two days
    2880.0
    """

    noise: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, population: Population, noise: Mapping[str, float]) -> MemberPopulation:
        """A population with the noise of its dyads' daily life.

        >>> MemberPopulation.of(Population("calm"), {"mood_time": 2.0}).name
        'calm'
        """
        parts = {entry.name: getattr(population, entry.name) for entry in fields(Population)}
        return cls(**parts, noise=noise)

    def schedules(self, day: Any, dyads: Sequence[int], *, seed: int) -> Schedule | list[Schedule]:
        """As of a population, on the member's own daily life: where `day` has daily-life noise at
        its defaults, with the member's times in their place.
        """
        common = as_schedule(day)
        options: dict[str, Any] = {name: f"{days!r} d" for name, days in self.noise.items()}
        # times that a user chose stay: only what nobody said is the member's to say
        interventions = tuple(_own(intervention, options) for intervention in common.interventions)
        return super().schedules(Schedule(common.routine, interventions), dyads, seed=seed)


def _own(intervention: Intervention, options: Mapping[str, Any]) -> Intervention:
    return DailyLife(**options) if intervention == DailyLife() else intervention
