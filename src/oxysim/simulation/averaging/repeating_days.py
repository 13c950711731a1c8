"""The day that is repeated for ever, without chance, and whether what is given comes back in it: a
regime is of such a day (or week).
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.errors import InputError, ScheduleError
from oxysim.families import MAXIMAL_AGE
from oxysim.schedule import Intervention, Schedule, Window
from oxysim.schedule.bouts import Bouts
from oxysim.units import DAY

SEEN = 28  # periods compared one by one; a cycle of days on and days off is shorter
NEAR = 1e-3  # min, by which bouts of different days may differ


def quiet(schedule: Schedule, age: float) -> Schedule:
    """The day at one age (minutes) without jitter, with what is drawn at its average; whoever runs
    it leaves its daily-life noise out, if it has any.

    >>> from oxysim.schedule import Routine
    >>> quiet(Schedule(Routine.typical(jitter="10 min")), 0.0).has_random_bouts
    False
    """
    interventions = tuple(item.repeated(age) for item in schedule.interventions)
    if not schedule.has_jitter and interventions == schedule.interventions:
        return schedule
    return Schedule(schedule.routine.without_jitter(), interventions)


def require_repeating(intervention: Intervention, first: Window, days: int) -> None:
    """Refuse an intervention that does not come back in every period.

    Parameters
    ----------
    first : the first period. days : its length, 1 or 7.

    Raises
    ------
    InputError : an intervention that ends, happens once, or whose periods differ.
    UnknownNameError : it is given by nobody of this family.

    >>> from oxysim import NasalSpray
    >>> first = Window(0.0, 1440.0, ("mother",), 0)
    >>> require_repeating(NasalSpray("24 IU daily at 10:00"), first, 1)
    """
    start, length = first.start, days * DAY
    # To the end of the model: a treatment that ends in a year is no part of a regime.
    number = max(math.ceil((MAXIMAL_AGE - start) / length), SEEN)
    day = int(start // DAY) + 1
    try:
        # Tried by itself first, so that an error speaks of the first period.
        intervention.bouts(first)
        parts = intervention.bouts(replace(first, stop=start + number * length))
    except ScheduleError as error:
        raise InputError(
            f"{error}. Regimes are of day {day} of the infant's life, repeated for ever: let it"
            " begin before that day, and leave out its course, stop or number of sessions"
        ) from None
    # And the last one, by which whatever ends has ended.
    seen = [*range(min(SEEN, number)), number - 1]
    for bouts in parts:
        usual, last = (
            _edges(bouts, start, length),
            _edges(bouts, start + (number - 1) * length, length),
        )
        for k in seen:
            edges = _edges(bouts, start + k * length, length)
            if edges.shape != usual.shape or (edges.size and np.abs(edges - usual).max() > NEAR):
                unlike = f"day {day + k * days} of the infant's life is not like day {day}"
                why = "it ends" if _limited(intervention) and not last.size else unlike
                raise InputError(
                    f"{intervention.label}: it happens {intervention.timing.describe()}, so that"
                    f" {why}."
                    f" Regimes are of a {'day' if days == 1 else 'week'} that is repeated for ever:"
                    f" {_wish(intervention, days)}"
                )


def _edges(bouts: Bouts, start: float, length: float) -> FloatArray:
    """When the bouts of one period start and stop, minutes from its start."""
    inside = bouts.within(start, start + length)
    return np.concatenate([inside.starts, inside.stops]) - start


def _limited(intervention: Intervention) -> bool:
    timing = intervention.timing
    return timing.course is not None or timing.stop is not None or timing.sessions is not None


def _wish(intervention: Intervention, days: int) -> str:
    if _limited(intervention):
        return (
            "leave out its course, stop or number of sessions; what becomes of a dyad after a"
            " treatment that ends is a question for oxysim.loop.treatment.rescue"
        )
    # "Every 5 h" shifts from day to day.
    if intervention.timing.every is not None:
        return (
            "in place of every, give it repeat='daily' at its clock times, such as at=('08:00',"
            " '20:00')"
        )
    if intervention.timing.repeat == "once" and not intervention.continuous:
        return "give it repeat='daily'"
    if days == 1:
        return (
            "give it every day alike, or make the period a week, with AveragedSystem(dyad, routine,"
            " days=7)"
        )
    return "give it daily or weekly"
