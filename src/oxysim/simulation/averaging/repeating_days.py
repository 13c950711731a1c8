"""Whether what is given comes back: a regime is of a day (or week) that is repeated for ever."""

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


def require_repeating(schedule: Schedule, first: Window, days: int) -> None:
    """Refuse interventions that do not come back in every period.

    Parameters
    ----------
    first : the first period. days : its length, 1 or 7.

    Raises
    ------
    InputError : an intervention that ends, happens once, or whose periods differ.
    UnknownNameError : it is given by nobody of this family.
    """
    for one in schedule.interventions:
        _require(one, first, days)


def _require(one: Intervention, first: Window, days: int) -> None:
    start, length = first.start, days * DAY
    number = max(math.ceil((MAXIMAL_AGE - start) / length), SEEN)
    day = int(start // DAY) + 1
    try:
        one.bouts(first)
        parts = one.bouts(replace(first, stop=start + number * length))
    except ScheduleError as error:
        raise InputError(
            f"{error}. Regimes are of day {day} of the infant's life, repeated for ever: let it"
            " begin before that day, and leave out its course, stop or number of sessions"
        ) from None
    seen = [*range(min(SEEN, number)), number - 1]
    for part in parts:
        usual, last = (
            _edges(part, start, length),
            _edges(part, start + (number - 1) * length, length),
        )
        for k in seen:
            found = _edges(part, start + k * length, length)
            if found.shape != usual.shape or (found.size and np.abs(found - usual).max() > NEAR):
                unlike = f"day {day + k * days} of the infant's life is not like day {day}"
                why = "it ends" if _limited(one) and not last.size else unlike
                raise InputError(
                    f"{one.label}: it happens {one.timing.describe()}, so that {why}. Regimes are"
                    f" of a {'day' if days == 1 else 'week'} that is repeated for ever:"
                    f" {_wish(one, days)}"
                )


def _edges(part: Bouts, start: float, length: float) -> FloatArray:
    """When the bouts of one period start and stop, minutes from its start."""
    found = part.within(start, start + length)
    return np.concatenate([found.starts, found.stops]) - start


def _limited(one: Intervention) -> bool:
    timing = one.timing
    return timing.course is not None or timing.stop is not None or timing.sessions is not None


def _wish(one: Intervention, days: int) -> str:
    if _limited(one):
        return (
            "leave out its course, stop or number of sessions; what becomes of a dyad after a"
            " treatment that ends is a question for oxysim.loop.treatment.rescue"
        )
    if one.timing.every is not None:
        return (
            "in place of every, give it repeat='daily' at its clock times, such as at=('08:00',"
            " '20:00')"
        )
    if one.timing.repeat == "once" and not one.continuous:
        return "give it repeat='daily'"
    if days == 1:
        return (
            "give it every day alike, or make the period a week, with AveragedSystem(dyad, routine,"
            " days=7)"
        )
    return "give it daily or weekly"
