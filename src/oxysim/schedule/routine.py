"""The routine: the activities of the day, as a user writes them down."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np

from oxysim import checks
from oxysim.arrays import FloatArray, IntArray
from oxysim.errors import ScheduleError, shown
from oxysim.schedule.activities import Activity
from oxysim.schedule.bouts import TOLERANCE, Bouts, Window
from oxysim.schedule.jitter import limits, shifts
from oxysim.schedule.options import INFANT, WEEKDAYS, moment_text, weekday_number
from oxysim.schedule.typical import typical_activities
from oxysim.streams import stream
from oxysim.texts import Described, html_table, listed
from oxysim.units import DAY, clock_text

# A bout lasts up to a day and moves by up to half a day, and its limits look at neighbours up to a
# day further: days outside the window on which something may still matter within it.
_MARGIN = 4
# the earliest day number that can occur, hence the first draw of every stream of jitter
_FIRST_DAY = -8


@dataclass(frozen=True)
class Routine(Described):
    """The activities of the day, and the weekday of birth on which weekdays hang.

    Routines add up (`Routine + Routine` joins their activities); adding an intervention gives a
    `Schedule`.

    Raises
    ------
    ScheduleError : a sleep and a waking play or talk of the same member overlap, as written (before
    jitter).
    """

    activities: tuple[Activity, ...] = ()
    born_on: str = "Monday"

    def __post_init__(self) -> None:
        listed = (self.activities,) if isinstance(self.activities, Activity) else self.activities
        if isinstance(listed, str | Mapping | range) or not isinstance(listed, Iterable):
            raise ScheduleError(
                f"routine: expected activities such as Feed or Play; found {shown(listed)}"
            )
        given = tuple(listed)
        object.__setattr__(self, "activities", given)
        for activity in given:
            if not isinstance(activity, Activity):
                raise ScheduleError(
                    f"routine: expected activities such as Feed or Play; found {shown(activity)}"
                )
        checks.name(self.born_on, "born_on")
        object.__setattr__(self, "born_on", WEEKDAYS[weekday_number(self.born_on, "born_on")])
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
        infant_care : whether the routine brings the infant's feeds and sleep (default: for the
            mother only). A father with infant care stays at home and bottle-feeds.

        Raises
        ------
        UnknownNameError : no such role or way of feeding.
        """
        checks.name(role, "role")
        care = role == "mother" if infant_care is None else checks.flag(infant_care, "infant_care")
        return Routine(typical_activities(role, feeding, jitter, by, infant_care=care), born_on)

    @staticmethod
    def household(
        caregivers: Sequence[Any] = ("mother",), jitter: Any = None, *, born_on: str = "Monday"
    ) -> Routine:
        """The typical day of a whole family: the first caregiver is with the infant all day, the
        others come and go.

        Parameters
        ----------
        caregivers : the caregivers' names, which are their roles ("mother", "father", "other").
        jitter : standard deviation of the shift of each waking activity, or None.
        """
        named: tuple[Any, ...] = checks.sequence(
            caregivers, "caregivers", checks.name, of="names such as ('mother', 'father')"
        )
        first, *others = named
        day = Routine.typical(first, jitter=jitter, by=first, infant_care=True, born_on=born_on)
        for name in others:
            day = day + Routine.typical(
                name, jitter=jitter, by=name, infant_care=False, born_on=born_on
            )
        return day

    def __add__(self, other: object) -> Routine:
        if not isinstance(other, Routine):
            return no_sum(other)
        if self.born_on != other.born_on and self.activities and other.activities:
            raise ScheduleError(
                f"routines of one infant born on two weekdays: {self.born_on} and {other.born_on}"
            )
        born_on = self.born_on if self.activities else other.born_on
        return replace(self, activities=self.activities + other.activities, born_on=born_on)

    def __radd__(self, other: object) -> Any:
        return no_sum(other)

    def __hash__(self) -> int:
        return self._hash

    @functools.cached_property
    def _hash(self) -> int:
        return hash((self.activities, self.born_on))

    @functools.cached_property
    def has_jitter(self) -> bool:
        """Whether any activity shifts at random, so that dyads have days of their own."""
        return any(activity.spread > 0 for activity in self.activities)

    def without_jitter(self) -> Routine:
        """The same routine as written, with the jitter of every activity taken out."""
        return replace(self, activities=tuple(replace(one, jitter=None) for one in self.activities))

    @property
    def birth_weekday(self) -> int:
        """The weekday of birth (0 = Monday)."""
        return weekday_number(self.born_on, "born_on")

    def bouts(self, window: Window) -> list[Bouts]:
        """Every bout that may reach into the window, one entry for each activity and member."""
        checks.instance(window, "window", Window, "a Window")
        for activity in self.activities:
            window.member(activity.by, activity.label)
        planned = _planned(
            self,
            int(window.start // DAY) - _MARGIN,
            int(window.stop // DAY) + _MARGIN,
            window.born_on,
        )
        moved = planned.jittered(window) if self.has_jitter else planned.starts
        result = []
        for activity, place in zip(planned.activities, planned.places, strict=True):
            starts = moved[place]
            for role, levels in activity.writes:
                member = window.member(role, activity.label)
                result.append(
                    Bouts(
                        activity.label, "routine", member, starts, starts + activity.length, levels
                    )
                )
        return result

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """How many activities, which, for whom; the sentence of each stands in ``describe()``."""
        if not self.activities:
            return "Routine", [("", "nothing happens")]
        labels = Counter(one.label for one in self.activities)
        pairs: list[tuple[str, object]] = [
            ("", f"{len(self.activities)} lines"),
            ("of", listed((f"{label} ({number})" for label, number in labels.items()), 12)),
            ("by", listed(dict.fromkeys(one.by for one in self.activities))),
        ]
        ages = {one.from_age for one in self.activities} | {
            one.until_age for one in self.activities
        }
        pairs += [("changing", "with the infant's age")] if len(ages) > 1 else []
        pairs += [("born on", f"a {self.born_on}")] if self.born_on != "Monday" else []
        return "Routine", pairs

    def _repr_html_(self) -> str:
        rows = [(one.describe(),) for one in self.activities] or [("Nothing happens.",)]
        return html_table(rows, caption="Routine")

    def describe(self) -> str:
        """One English sentence for each activity."""
        return (
            "\n".join(activity.describe() for activity in self.activities)
            or "Nothing happens by routine."
        )


def no_sum(other: object) -> Any:
    """What ``+`` gives with something that is no part of a day: Python asks the other object, if it
    knows better.

    Raises
    ------
    ScheduleError : a text, a number, a list or None, which know nothing of schedules.
    """
    if other is None or isinstance(other, str | bytes | int | float | list | tuple | dict):
        read = "; a text is read by oxysim.interventions.parse" if isinstance(other, str) else ""
        start = "; give sum() a start: sum(parts, start=Routine.empty())" if other == 0 else ""
        raise ScheduleError(
            "+: expected a routine, an intervention or a schedule; found"
            f" {shown(other)}{read}{start}"
        )
    return NotImplemented


class _Draws(NamedTuple):
    """Which draws of the stream called `purpose` move which occurrences."""

    purpose: str
    occurrences: IntArray
    draws: IntArray


class _Planned(NamedTuple):
    """Every occurrence of a routine on some days before any shift: the same for every dyad of an
    age.

    ``starts`` (n,) holds those of the activities one after the other, `places` where each
    activity's stand; `back` and `forward` are the limits of their shifts.
    """

    activities: tuple[Activity, ...]
    places: tuple[slice, ...]
    starts: FloatArray
    spread: FloatArray
    back: FloatArray
    forward: FloatArray
    draws: tuple[_Draws, ...]

    def jittered(self, window: Window) -> FloatArray:
        """The starts after the shift."""
        uniform = np.full(len(self.starts), 0.5)
        for one in self.draws:
            generator = stream(window.seed, window.dyad, one.purpose)
            uniform[one.occurrences] = generator.random(int(one.draws.max()) + 1)[one.draws]
        return self.starts + shifts(self.back, self.forward, self.spread, uniform)


@functools.lru_cache(maxsize=64)
def _planned(routine: Routine, first: int, last: int, born_on: int) -> _Planned:
    """The occurrences of a routine on the days from `first` to before `last` (0 = day of birth)."""
    days = np.arange(first, last)
    every = [(activity, _occurrences(activity, days, born_on)) for activity in routine.activities]
    found = [(activity, one) for activity, one in every if len(one.starts)]
    ends = np.cumsum([0, *[len(one.starts) for _, one in found]])
    places = tuple(
        slice(low, high) for low, high in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)
    )
    starts = np.concatenate([np.empty(0), *[one.starts for _, one in found]])
    lengths = np.concatenate(
        [np.empty(0), *[np.full(len(one.starts), a.length) for a, one in found]]
    )
    spread = np.concatenate(
        [np.empty(0), *[np.full(len(one.starts), a.spread) for a, one in found]]
    )
    back, forward = limits(starts, starts + lengths) if routine.has_jitter else (spread, spread)
    draws = [
        one
        for (a, own), place in zip(found, places, strict=True)
        for one in _draws(a, own, place.start)
    ]
    return _Planned(tuple(a for a, _ in found), places, starts, spread, back, forward, tuple(draws))


class _Occurrences(NamedTuple):
    """The unshifted starts of an activity, with the day number and the number of the clock time of
    each.
    """

    starts: FloatArray
    day: IntArray
    clock: IntArray


def _occurrences(activity: Activity, days: IntArray, born_on: int) -> _Occurrences:
    """The unshifted starts of an activity on `days` (0 = day of birth)."""
    clocks = np.array(activity.clocks)
    starts = (days[:, None] * DAY + clocks[None, :]).ravel()
    day = np.repeat(days, len(clocks))
    index = np.tile(np.arange(len(clocks)), len(days))
    on = (starts >= activity.since - TOLERANCE) & (starts < activity.until - TOLERANCE)
    if activity.weekdays is not None:
        on &= np.isin((day + born_on) % 7, activity.weekdays)
    return _Occurrences(starts[on], day[on], index[on])


def _draws(activity: Activity, planned: _Occurrences, offset: int) -> list[_Draws]:
    """One uniform draw for each occurrence, picked by its day number from the stream of its clock
    time.

    The stream is named by what the activity is, never by its place in the routine, and its draws
    are counted from birth: another activity or another window changes no draw. `offset` is the
    place of the first occurrence.
    """
    found = []
    for i, time in enumerate(activity.clocks if activity.spread else ()):
        own = np.flatnonzero(planned.clock == i)
        if len(own):
            purpose = (
                f"jitter {activity.label} by {activity.by} at {clock_text(time)} from"
                f" {activity.since:g} min"
            )
            found.append(_Draws(purpose, own + offset, planned.day[own] - _FIRST_DAY))
    return found


def _require_sleep_apart(activities: tuple[Activity, ...]) -> None:
    """Raise where a sleep and a waking play or talk of one member overlap, as written."""
    sleeps = [activity for activity in activities if activity.asleep]
    wakings = [activity for activity in activities if activity.needs_awake]
    # the pattern repeats weekly between the ages at which something begins or ends, so these days
    # stand for all
    ages = {0.0} | {a for one in activities for a in (one.since, one.until) if np.isfinite(a)}
    days = np.unique([int(a // DAY) + offset for a in ages for offset in range(-2, 9)])
    sleep_starts = [_occurrences(sleep, days, 0).starts for sleep in sleeps]
    waking_starts = [_occurrences(waking, days, 0).starts for waking in wakings]
    for sleep, asleep in zip(sleeps, sleep_starts, strict=True):
        for waking, awake in zip(wakings, waking_starts, strict=True):
            if sleep.asleep in (INFANT, waking.by):
                _require_apart(sleep, asleep, waking, awake)


def _require_apart(
    sleep: Activity, asleep: FloatArray, waking: Activity, awake: FloatArray
) -> None:
    overlap = np.minimum(asleep[:, None] + sleep.length, awake[None, :] + waking.length)
    overlap -= np.maximum(asleep[:, None], awake[None, :])
    if not overlap.size or overlap.max() <= TOLERANCE:
        return
    # the first after birth, if any: a night that begins before birth is hard to recognise in a
    # message
    found = np.argwhere(overlap > TOLERANCE)
    i, j = found[np.argmax(asleep[found[:, 0]] >= 0)]
    until, end = moment_text(asleep[i] + sleep.length), moment_text(awake[j] + waking.length)
    raise ScheduleError(
        f"{sleep.label} ({moment_text(asleep[i])} to {until}) and {waking.label} by {waking.by}"
        f" ({moment_text(awake[j])} to {end}) overlap by {overlap[i, j]:g} min, but {waking.label}"
        f" needs the {'infant' if sleep.asleep == INFANT else sleep.asleep} awake; move or shorten"
        " one of them"
    )
