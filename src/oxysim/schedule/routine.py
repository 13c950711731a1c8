"""The routine: the activities of the day, as a user writes them down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from oxysim.errors import ScheduleError
from oxysim.schedule.activities import INFANT, Activity
from oxysim.schedule.bouts import TOLERANCE, WEEKDAYS, Bouts, FloatArray, Window, moment_text, require_weekday
from oxysim.schedule.jitter import shifts
from oxysim.schedule.typical import typical_activities
from oxysim.streams import stream
from oxysim.units import DAY, clock_text

# A bout lasts up to a day and moves by up to half a day, and its limits look at neighbours up to a day further: days
# outside the window on which something may still matter within it.
_MARGIN = 4
_FIRST_DAY = -8  # the earliest day number that can occur, hence the first draw of every stream of jitter


@dataclass(frozen=True)
class Routine:
    """The activities of the day, and the weekday of birth on which weekdays hang.

    Routines add up (`Routine + Routine` joins their activities); adding an intervention gives a `Schedule`.

    Raises
    ------
    ScheduleError : a sleep and a waking play or talk of the same member overlap, as written (before jitter).
    """

    activities: tuple[Activity, ...] = ()
    born_on: str = "Monday"

    def __post_init__(self) -> None:
        given = (self.activities,) if isinstance(self.activities, Activity) else tuple(self.activities)
        object.__setattr__(self, "activities", given)
        for activity in given:
            if not isinstance(activity, Activity):
                raise ScheduleError(f"routine: expected activities such as Feed or Play; found {activity!r}")
        object.__setattr__(self, "born_on", WEEKDAYS[require_weekday(self.born_on, "born_on")])
        _require_sleep_apart(given)

    @staticmethod
    def empty() -> Routine:
        """A routine in which nothing happens."""
        return Routine()

    @staticmethod
    def typical(
        role: Literal["mother", "father", "other"] = "mother",
        feeding: Literal["breast", "bottle"] = "breast",
        jitter: Any = None,
        *,
        by: str = "caregiver",
        infant_care: bool | None = None,
        born_on: str = "Monday",
    ) -> Routine:
        """A typical day, which changes with the infant's age in four stages (`STAGES`).

        Parameters
        ----------
        role : "mother" is the primary caregiver; "father" and "other" are away in working hours.
        feeding : how the infant is fed, where this routine brings the feeds.
        jitter : standard deviation of the shift of each waking activity (``"10 min"``), or None.
        by : the caregiver's name in the family.
        infant_care : whether the routine brings the infant's feeds and sleep (default: for the mother only). A father
            with infant care stays at home and bottle-feeds.

        Raises
        ------
        UnknownNameError : no such role or way of feeding.
        """
        care = role == "mother" if infant_care is None else infant_care
        return Routine(typical_activities(role, feeding, jitter, by, infant_care=care), born_on)

    @staticmethod
    def household(caregivers: Sequence[Any] = ("mother",), jitter: Any = None, *, born_on: str = "Monday") -> Routine:
        """The typical day of a whole family: the first caregiver is with the infant all day, the others come and go.

        Parameters
        ----------
        caregivers : the caregivers' names, which are their roles ("mother", "father", "other").
        jitter : standard deviation of the shift of each waking activity, or None.
        """
        first, *others = caregivers
        day = Routine.typical(first, jitter=jitter, by=first, infant_care=True, born_on=born_on)
        for name in others:
            day = day + Routine.typical(name, jitter=jitter, by=name, infant_care=False, born_on=born_on)
        return day

    def __add__(self, other: object) -> Routine:
        if not isinstance(other, Routine):
            return NotImplemented
        if self.born_on != other.born_on and self.activities and other.activities:
            raise ScheduleError(f"routines of one infant born on two weekdays: {self.born_on} and {other.born_on}")
        born_on = self.born_on if self.activities else other.born_on
        return replace(self, activities=self.activities + other.activities, born_on=born_on)

    @property
    def has_jitter(self) -> bool:
        """Whether any activity shifts at random, so that dyads have days of their own."""
        return any(activity.spread > 0 for activity in self.activities)

    def without_jitter(self) -> Routine:
        """The same routine as written, with the jitter of every activity taken out."""
        return replace(self, activities=tuple(replace(one, jitter=None) for one in self.activities))

    @property
    def birth_weekday(self) -> int:
        """The weekday of birth (0 = Monday)."""
        return require_weekday(self.born_on, "born_on")

    def bouts(self, window: Window) -> list[Bouts]:
        """Every bout that may reach into the window, one entry for each activity and member."""
        for activity in self.activities:
            window.member(activity.by, activity.label)
        first = int(window.start // DAY) - _MARGIN
        days = np.arange(first, int(window.stop // DAY) + _MARGIN)
        planned = [_occurrences(activity, days, window.born_on) for activity in self.activities]
        moved = self._jittered(planned, window) if self.has_jitter else [starts for starts, _, _ in planned]
        result = []
        for activity, starts in zip(self.activities, moved, strict=True):
            for role, levels in activity.writes():
                member = window.member(role, activity.label)
                result.append(Bouts(activity.label, "routine", member, starts, starts + activity.length, levels))
        return result

    def describe(self) -> str:
        """One English sentence for each activity."""
        return "\n".join(activity.describe() for activity in self.activities) or "Nothing happens by routine."

    def _jittered(self, planned: list[_Planned], window: Window) -> list[FloatArray]:
        """The starts of every activity after the shift."""
        if not planned:
            return []
        sizes = [len(starts) for starts, _, _ in planned]
        starts = np.concatenate([starts for starts, _, _ in planned])
        stops = starts + np.repeat([activity.length for activity in self.activities], sizes)
        spread = np.repeat([activity.spread for activity in self.activities], sizes)
        pairs = zip(self.activities, planned, strict=True)
        uniform = np.concatenate([_draws(activity, plan, window) for activity, plan in pairs])
        moved = starts + shifts(starts, stops, spread, uniform)
        return list(np.split(moved, np.cumsum(sizes)[:-1]))


_Planned = tuple[FloatArray, npt.NDArray[np.int64], npt.NDArray[np.int64]]  # starts, day numbers, index of clock time


def _occurrences(activity: Activity, days: npt.NDArray[np.int64], born_on: int) -> _Planned:
    """The unshifted starts of an activity on `days` (0 = day of birth), with the day and the clock time of each."""
    clocks = np.array(activity.clocks)
    starts = (days[:, None] * DAY + clocks[None, :]).ravel()
    day = np.repeat(days, len(clocks))
    index = np.tile(np.arange(len(clocks)), len(days))
    on = (starts >= activity.since - TOLERANCE) & (starts < activity.until - TOLERANCE)
    if activity.weekdays is not None:
        on &= np.isin((day + born_on) % 7, activity.weekdays)
    return starts[on], day[on], index[on]


def _draws(activity: Activity, planned: _Planned, window: Window) -> FloatArray:
    """One uniform draw for each occurrence, picked by its day number from the stream of its clock time.

    The stream is named by what the activity is, never by its place in the routine, and its draws are counted from
    birth: another activity or another window changes no draw.
    """
    starts, day, index = planned
    draws = np.full(len(starts), 0.5)
    if activity.spread == 0 or not len(starts):
        return draws
    for i, time in enumerate(activity.clocks):
        own = index == i
        if own.any():
            purpose = f"jitter {activity.label} by {activity.by} at {clock_text(time)} from {activity.since:g} min"
            generator = stream(window.seed, window.dyad, purpose)
            draws[own] = generator.random(int(day[own].max()) - _FIRST_DAY + 1)[day[own] - _FIRST_DAY]
    return draws


def _require_sleep_apart(activities: tuple[Activity, ...]) -> None:
    """Raise where a sleep and a waking play or talk of one member overlap, as written."""
    sleeps = [activity for activity in activities if activity.asleep]
    wakings = [activity for activity in activities if activity.needs_awake]
    # the pattern repeats weekly between the ages at which something begins or ends, so these days stand for all
    ages = {0.0} | {a for one in activities for a in (one.since, one.until) if np.isfinite(a)}
    days = np.unique([int(a // DAY) + offset for a in ages for offset in range(-2, 9)])
    times = {id(one): _occurrences(one, days, 0)[0] for one in (*sleeps, *wakings)}
    for sleep in sleeps:
        for waking in wakings:
            if sleep.asleep in (INFANT, waking.by):
                _require_apart(sleep, times[id(sleep)], waking, times[id(waking)])


def _require_apart(sleep: Activity, asleep: FloatArray, waking: Activity, awake: FloatArray) -> None:
    overlap = np.minimum(asleep[:, None] + sleep.length, awake[None, :] + waking.length)
    overlap -= np.maximum(asleep[:, None], awake[None, :])
    if not overlap.size or overlap.max() <= TOLERANCE:
        return
    # the first after birth, if any: a night that begins before birth is hard to recognise in a message
    found = np.argwhere(overlap > TOLERANCE)
    i, j = found[np.argmax(asleep[found[:, 0]] >= 0)]
    until, end = moment_text(asleep[i] + sleep.length), moment_text(awake[j] + waking.length)
    raise ScheduleError(
        f"{sleep.label} ({moment_text(asleep[i])} to {until}) and {waking.label} by {waking.by} "
        f"({moment_text(awake[j])} to {end}) overlap by {overlap[i, j]:g} min, but {waking.label} needs the "
        f"{'infant' if sleep.asleep == INFANT else sleep.asleep} awake; move or shorten one of them"
    )
