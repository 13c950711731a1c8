"""What the attributes of a family add to its day, and the daily life of a population."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from oxysim.arrays import BoolArray
from oxysim.interventions.daily_life import DailyLife, daily_life_of
from oxysim.interventions.sentences import parse_all
from oxysim.population.traits import Attribute
from oxysim.schedule import Intervention, Schedule


def interventions_of_attributes(
    attributes: Iterable[Attribute], has: Mapping[str, BoolArray], n: int
) -> list[tuple[Intervention, ...]]:
    """The interventions that attributes add to the day of each of `n` families.

    Parameters
    ----------
    attributes : of the population.
    has : name of an attribute -> which families have it, shape (n,).

    Returns
    -------
    One entry a family; equal ones are one object, so that what is laid out for it is laid out once.

    >>> import numpy as np
    >>> bottle = Attribute("bottle-fed", 0.4, interventions="weaning from 0 d to 1 min in 1 steps")
    >>> has = {"bottle-fed": np.array([True, False, True])}
    >>> days = interventions_of_attributes([bottle], has, 3)
    >>> [len(day) for day in days], days[0] is days[2]
    ([1, 0, 1], True)
    """
    by_attribute = {
        attribute.name: parse_all(attribute.interventions)
        for attribute in attributes
        if attribute.interventions
    }
    by_attributes: dict[tuple[str, ...], tuple[Intervention, ...]] = {}
    interventions = []
    for position in range(n):
        names = tuple(name for name in by_attribute if has[name][position])
        added = tuple(item for name in names for item in by_attribute[name])
        # the first of equal ones stays: schedules that are one object are laid out once
        interventions.append(by_attributes.setdefault(names, added))
    return interventions


def with_daily_life(day: Schedule, times: Mapping[str, float]) -> Schedule:
    """A day with a population's own times of daily-life noise where it has that noise at its
    defaults; else the same day.

    Parameters
    ----------
    times : option of ``DailyLife`` -> days.

    >>> from oxysim.interventions.daily_life import ordinary_life
    >>> with_daily_life(ordinary_life(), {"mood_time": 2.0}).noise.mood_time  # two days
    2880.0
    """
    if not times or DailyLife() not in day.interventions:
        return day
    of_population = daily_life_of(times)
    # only what nobody chose is the population's to choose
    changed = (of_population if i == DailyLife() else i for i in day.interventions)
    return Schedule(day.routine, tuple(changed))
