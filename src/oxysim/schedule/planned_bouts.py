"""When the activities of a routine happen on given days, before any shift; what may not
coincide.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from oxysim.arrays import FloatArray, IntArray
from oxysim.errors import ScheduleError
from oxysim.schedule.activities import Activity
from oxysim.schedule.bouts import TOLERANCE
from oxysim.schedule.options import INFANT, moment_text
from oxysim.units import DAY, clock_text

# the earliest day number that can occur, hence the first draw of every stream of jitter
_FIRST_DAY = -8


class Draws(NamedTuple):
    """Which draws of the stream called `purpose` move which occurrences.

    >>> Draws("jitter play", np.array([0, 1]), np.array([8, 9])).draws
    array([8, 9])
    """

    purpose: str
    occurrences: IntArray
    draws: IntArray


class PlannedBouts(NamedTuple):
    """The unshifted starts of an activity, each with its day and the number of its clock time.

    >>> PlannedBouts(np.array([600.0]), np.array([0]), np.array([0])).starts
    array([600.])
    """

    starts: FloatArray
    day: IntArray
    clock: IntArray


def planned_bouts(activity: Activity, days: IntArray, born_on: int) -> PlannedBouts:
    """The unshifted starts of an activity on `days` (0 = day of birth); `born_on` is the weekday of
    birth (0 = Monday).

    >>> from oxysim import Feed
    >>> planned_bouts(Feed("07:00", "20 min"), np.arange(2), 0).starts
    array([ 420., 1860.])
    """
    # every clock time on every day, and then what age and weekday leave of it
    clocks = np.array(activity.clocks)
    starts = (days[:, None] * DAY + clocks[None, :]).ravel()
    day = np.repeat(days, len(clocks))
    index = np.tile(np.arange(len(clocks)), len(days))
    on = (starts >= activity.since - TOLERANCE) & (starts < activity.until - TOLERANCE)
    if activity.weekdays is not None:
        on &= np.isin((day + born_on) % 7, activity.weekdays)
    return PlannedBouts(starts[on], day[on], index[on])


def draws_of(activity: Activity, planned: PlannedBouts, offset: int) -> list[Draws]:
    """One uniform draw for each occurrence, picked by its day from the stream of its clock time.

    The stream is named by what the activity is, never by its place in the routine, and its draws
    are counted from birth: another activity or another window changes no draw. `offset` is the
    place of the first occurrence.

    >>> from oxysim import Feed
    >>> feed = Feed("07:00", "20 min", jitter="10 min")
    >>> draws_of(feed, planned_bouts(feed, np.arange(2), 0), 0)[0].purpose
    'jitter breastfeed by caregiver at 07:00 from -inf min'
    """
    draws = []
    for i, time in enumerate(activity.clocks if activity.spread else ()):
        at_this_clock = np.flatnonzero(planned.clock == i)
        if len(at_this_clock):
            purpose = (
                f"jitter {activity.label} by {activity.by} at {clock_text(time)} from"
                f" {activity.since:g} min"
            )
            numbers = planned.day[at_this_clock] - _FIRST_DAY
            draws.append(Draws(purpose, at_this_clock + offset, numbers))
    return draws


def require_awake(activities: tuple[Activity, ...]) -> None:
    """Raise where a sleep and a waking play or talk of one member overlap, as written.

    Raises
    ------
    ScheduleError : two do; the message names both, and when.

    >>> from oxysim import Play, Sleep
    >>> require_awake((Sleep("09:00", "1 h"), Play("10:00", "15 min")))
    """
    # before jitter, whose limits keep apart what is apart as written
    sleeps = [activity for activity in activities if activity.asleep]
    wakings = [activity for activity in activities if activity.needs_awake]
    # the pattern repeats weekly between the ages at which something begins or ends, so these days
    # stand for all
    limits_of_age = {limit for item in activities for limit in (item.since, item.until)}
    ages = {0.0} | {age for age in limits_of_age if np.isfinite(age)}
    days = np.unique([int(age // DAY) + offset for age in ages for offset in range(-2, 9)])
    sleep_starts = [planned_bouts(sleep, days, 0).starts for sleep in sleeps]
    waking_starts = [planned_bouts(waking, days, 0).starts for waking in wakings]
    for sleep, asleep in zip(sleeps, sleep_starts, strict=True):
        for waking, awake in zip(wakings, waking_starts, strict=True):
            if sleep.asleep in (INFANT, waking.by):
                _require_apart(sleep, asleep, waking, awake)


def _require_apart(
    sleep: Activity, asleep: FloatArray, waking: Activity, awake: FloatArray
) -> None:
    # every sleep against every waking bout: the earlier end less the later start
    overlap = np.minimum(asleep[:, None] + sleep.length, awake[None, :] + waking.length)
    overlap -= np.maximum(asleep[:, None], awake[None, :])
    if not overlap.size or overlap.max() <= TOLERANCE:
        return
    # the first after birth, if any: a night that begins before birth is hard to recognise in a
    # message
    pairs = np.argwhere(overlap > TOLERANCE)
    i, j = pairs[np.argmax(asleep[pairs[:, 0]] >= 0)]
    until, end = moment_text(asleep[i] + sleep.length), moment_text(awake[j] + waking.length)
    raise ScheduleError(
        f"{sleep.label} ({moment_text(asleep[i])} to {until}) and {waking.label} by {waking.by}"
        f" ({moment_text(awake[j])} to {end}) overlap by {overlap[i, j]:g} min, but {waking.label}"
        f" needs the {'infant' if sleep.asleep == INFANT else sleep.asleep} awake; move or shorten"
        " one of them"
    )
