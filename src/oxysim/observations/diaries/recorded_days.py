r"""From entries to days: activities at their own dates, and the one day that stands for all.

The typical day is a day of the diary: the one nearest to all others (the medoid; Kaufman and
Rousseeuw 1990, Finding Groups in Data, chapter 2). How far two days are apart is counted in minutes
spent so far, A(t) from midnight to the clock time t, of each kind of entry and person::

    d(x, y) = sum over kinds of  mean over t of |A_x(t) - A_y(t)| / (mean of A(24 h) over all days)

so that a day with the same sleep an hour later is near, and one with half of the sleep is not. A
mean of days would be none: eight short feeds at different times average to a whole day of little
feeding.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from oxysim.arrays import FloatArray
from oxysim.observations.diaries.diary_entries import DiaryEntry
from oxysim.observations.diaries.entry_kinds import KINDS
from oxysim.schedule.activities import Activity
from oxysim.schedule.bouts import TOLERANCE
from oxysim.schedule.schedule import Intervention
from oxysim.units import DAY, clock_text

# parents write clock times to five minutes or so; finer steps cost and tell nothing
_STEP = 5.0


def day_of(minutes: float) -> int:
    """The day of life on which a moment lies (1 = day of birth).

    >>> day_of(1440.0)
    2
    """
    # a start is a whole second, so that nothing lies within a rounding error of midnight
    return int(minutes // DAY) + 1


def parts_of(
    entries: Iterable[DiaryEntry], *, daily: bool = False
) -> tuple[tuple[Activity, ...], tuple[Intervention, ...]]:
    """The activities and the interventions that entries are, each on its own day or `daily`.

    >>> parts_of([DiaryEntry(2, "bottle", "mother", 1440.0 + 420, 20.0)])[0][0].describe()
    'Bottle feed (mother) for 20 min at 07:00 every day from day 2 until day 3.'
    """
    activities, interventions = [], []
    for entry in entries:
        kind, day = KINDS[entry.kind], day_of(entry.start)
        when: dict[str, Any] = {"by": entry.by} if kind.by_caregiver else {}
        if kind.in_routine:
            # a routine is daily: between the midnights of one day it happens once
            ages = {} if daily else {"from_age": f"day {day}", "until_age": f"day {day + 1}"}
            activities.append(_made(entry, when | ages))
        else:
            once: dict[str, Any] = {"repeat": "daily"} if daily else {"day": f"day {day}"}
            interventions.append(_made(entry, when | once))
    return tuple(activities), tuple(interventions)


def _made(entry: DiaryEntry, when: dict[str, Any]) -> Any:
    # the shortest text from which the same number is read
    minutes = f"{entry.minutes!r} min"
    return KINDS[entry.kind].make(clock_text(entry.start % DAY), minutes, **when)


def entries_within(entries: Iterable[DiaryEntry], day: int) -> list[DiaryEntry]:
    """The entries of one day from midnight to midnight, what passes either cut there.

    >>> night = DiaryEntry(2, "sleep", "infant", 1380.0, 120.0)
    >>> [entry.minutes for entry in entries_within([night], 2)]
    [60.0]
    """
    low, high = (day - 1) * DAY, day * DAY
    cut = []
    for entry in entries:
        start, stop = max(entry.start, low), min(entry.stop, high)
        if stop > start + TOLERANCE:
            cut.append(replace(entry, start=start, minutes=stop - start))
    return cut


def typical_entries(entries: Sequence[DiaryEntry], days: Sequence[int]) -> list[DiaryEntry]:
    """The entries of that one of `days` which is nearest to all others, laid on the day of birth
    and cut at its midnights.

    >>> naps = [DiaryEntry(2, "sleep", "infant", 1440.0 * n + 60 * n, 90.0) for n in range(3)]
    >>> [entry.start for entry in typical_entries(naps, (1, 2, 3))]
    [60.0]
    """
    chosen = days[int(np.argmin(_distances(entries, days).sum(axis=1)))]
    midnight = (chosen - 1) * DAY
    return [
        replace(entry, start=entry.start - midnight) for entry in entries_within(entries, chosen)
    ]


def filled_in(
    entries: Sequence[DiaryEntry],
    typical: Sequence[DiaryEntry],
    days: Iterable[int],
) -> list[DiaryEntry]:
    """The entries, and on each of `days` those of the typical day, from the moment on at which the
    last entry of the days before has ended.

    >>> nap = DiaryEntry(2, "sleep", "infant", 600.0, 30.0)
    >>> [entry.start for entry in filled_in([nap], [nap], [2])]
    [600.0, 2040.0]
    """
    filled = list(entries)
    for day in days:
        midnight = (day - 1) * DAY
        ended = max((e.stop for e in entries if e.start < midnight), default=midnight)
        for entry in typical:
            start, stop = (
                max(entry.start + midnight, ended),
                entry.stop + midnight,
            )
            if stop > start + TOLERANCE:
                filled.append(replace(entry, start=start, minutes=stop - start))
    return filled


def _distances(entries: Sequence[DiaryEntry], days: Sequence[int]) -> FloatArray:
    """How far days are apart, shape (n_days, n_days)."""
    clocks = np.arange(0.0, DAY + _STEP, _STEP)
    position = {day: number for number, day in enumerate(days)}
    spent: dict[tuple[str, str], FloatArray] = {}
    for entry in entries:
        curves = spent.setdefault((entry.kind, entry.by), np.zeros((len(days), len(clocks))))
        # a night is of the two days that it lies in
        for day in range(day_of(entry.start), day_of(entry.stop - TOLERANCE) + 1):
            if day in position:
                begun = (day - 1) * DAY + clocks - entry.start
                before = max(0.0, (day - 1) * DAY - entry.start)
                so_far = np.clip(begun, before, max(before, entry.stop - entry.start))
                curves[position[day]] += so_far - before

    total = np.zeros((len(days), len(days)))
    for curves in spent.values():
        mean = curves[:, -1].mean()
        # an entry of a day that is not among these leaves nothing
        if mean > 0:
            total += cdist(curves, curves, "cityblock") / (len(clocks) * mean)
    return total


def joined_over_midnight(day: Sequence[DiaryEntry]) -> list[DiaryEntry]:
    """The same day, repeated daily: what goes on at both of its midnights is one entry.

    >>> morning = DiaryEntry(2, "sleep", "infant", 0.0, 360.0)
    >>> joined = joined_over_midnight([morning, replace(morning, start=1200.0, minutes=240.0)])
    >>> [(entry.start, entry.minutes) for entry in joined]
    [(1200.0, 600.0)]
    """
    at_midnight = {(e.kind, e.by): e for e in day if e.start <= TOLERANCE}
    joined, over = [], set()
    for entry in day:
        morning = at_midnight.get((entry.kind, entry.by))
        # one that lasts the whole day meets itself, and is as long as it can be
        passes = morning is not None and morning is not entry and id(morning) not in over
        if passes and morning is not None and entry.stop >= DAY - TOLERANCE:
            over.add(id(morning))
            minutes = (entry.minutes or 0.0) + (morning.minutes or 0.0)
            joined.append(replace(entry, minutes=minutes))
        else:
            joined.append(entry)
    return [entry for entry in joined if id(entry) not in over]
