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

    >>> from oxysim import Feed
    >>> Routine((Feed(("07:00", "11:00"), "20 min"),)).describe()
    'Breastfeed (caregiver) for 20 min at 07:00, 11:00 every day.'
    """

    activities: tuple[Activity, ...] = ()
    born_on: str = "Monday"

    def __post_init__(self) -> None:
        # one activity without a tuple is a common slip, and its meaning is plain
        single = isinstance(self.activities, Activity)
        listed: Any = (self.activities,) if single else self.activities
        if isinstance(listed, str | Mapping | range) or not isinstance(listed, Iterable):
            raise ScheduleError(
                f"routine: expected activities such as Feed or Play; found {shown(listed)}"
            )
        activities = tuple(listed)
        object.__setattr__(self, "activities", activities)
        for activity in activities:
            if not isinstance(activity, Activity):
                raise ScheduleError(
                    f"routine: expected activities such as Feed or Play; found {shown(activity)}"
                )
        checks.name(self.born_on, "born_on")
        object.__setattr__(self, "born_on", WEEKDAYS[weekday_number(self.born_on, "born_on")])
        _require_sleep_apart(activities)

    @staticmethod
    def empty() -> Routine:
        """A routine in which nothing happens.

        >>> Routine.empty().activities
        ()
        """
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

        >>> Routine.typical("father", jitter="10 min").has_jitter
        True
        """
        checks.name(role, "role")
        care = role == "mother" if infant_care is None else checks.flag(infant_care, "infant_care")
        options = (role, feeding, jitter, by, care, born_on)
        # a typical day never changes: it is made once for each way of asking for it in texts alone
        if all(isinstance(option, str | bool | None) for option in options):
            return _typical_routine(*options)
        return Routine(typical_activities(role, feeding, jitter, by, infant_care=care), born_on)

    @staticmethod
    def household(
        caregivers: Sequence[Any] = ("mother",), jitter: Any = None, *, born_on: str = "Monday"
    ) -> Routine:
        """The typical day of a family: the first caregiver is there all day, others come and go.

        Parameters
        ----------
        caregivers : the caregivers' names, which are their roles ("mother", "father", "other").
        jitter : standard deviation of the shift of each waking activity, or None.

        >>> sorted({activity.by for activity in Routine.household(("mother", "father")).activities})
        ['father', 'mother']
        """
        named: tuple[Any, ...] = checks.sequence(
            caregivers, "caregivers", checks.name, of="names such as ('mother', 'father')"
        )
        # the first is at home and brings the infant's feeds and sleep, which stand once
        first, *further = named
        day = Routine.typical(first, jitter=jitter, by=first, infant_care=True, born_on=born_on)
        for name in further:
            day = day + Routine.typical(
                name, jitter=jitter, by=name, infant_care=False, born_on=born_on
            )
        return day

    def __add__(self, addend: object) -> Routine:
        if not isinstance(addend, Routine):
            return no_sum(addend)
        # an empty routine says nothing of the birth: a sum may begin with one
        if self.born_on != addend.born_on and self.activities and addend.activities:
            raise ScheduleError(
                f"routines of one infant born on two weekdays: {self.born_on} and {addend.born_on}"
            )
        born_on = self.born_on if self.activities else addend.born_on
        return replace(self, activities=self.activities + addend.activities, born_on=born_on)

    def __radd__(self, addend: object) -> Any:
        return no_sum(addend)

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
        unjittered = tuple(replace(activity, jitter=None) for activity in self.activities)
        return replace(self, activities=unjittered)

    @property
    def birth_weekday(self) -> int:
        """The weekday of birth (0 = Monday)."""
        return weekday_number(self.born_on, "born_on")

    def bouts(self, window: Window) -> list[Bouts]:
        """Every bout that may reach into the window, one entry for each activity and member."""
        checks.instance(window, "window", Window, "a Window")
        # a name that is nobody's is refused before anything is laid out
        for activity in self.activities:
            window.member(activity.by, activity.label)
        first, last = int(window.start // DAY) - _MARGIN, int(window.stop // DAY) + _MARGIN
        planned = _planned(self, first, last, window.born_on)
        all_starts = planned.jittered(window) if self.has_jitter else planned.starts

        bouts = []
        for activity, positions in zip(planned.activities, planned.positions, strict=True):
            label, starts = activity.label, all_starts[positions]
            for role, levels in activity.writes:
                member = window.member(role, label)
                stops = starts + activity.length
                bouts.append(Bouts(label, "routine", member, starts, stops, levels))
        return bouts

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """How many activities, which, for whom; the sentence of each stands in ``describe()``."""
        if not self.activities:
            return "Routine", [("", "nothing happens")]
        labels = Counter(activity.label for activity in self.activities)
        counts = (f"{label} ({number})" for label, number in labels.items())
        pairs: list[tuple[str, object]] = [
            ("", f"{len(self.activities)} lines"),
            ("of", listed(counts, 12)),
            ("by", listed(dict.fromkeys(activity.by for activity in self.activities))),
        ]
        ages = {activity.from_age for activity in self.activities}
        ages |= {activity.until_age for activity in self.activities}
        if len(ages) > 1:
            pairs.append(("changing", "with the infant's age"))
        if self.born_on != "Monday":
            pairs.append(("born on", f"a {self.born_on}"))
        return "Routine", pairs

    def _repr_html_(self) -> str:
        sentences = [activity.describe() for activity in self.activities] or ["Nothing happens."]
        return html_table([(sentence,) for sentence in sentences], caption="Routine")

    def describe(self) -> str:
        """One English sentence for each activity."""
        return (
            "\n".join(activity.describe() for activity in self.activities)
            or "Nothing happens by routine."
        )


@functools.lru_cache(maxsize=64)
def _typical_routine(
    role: Any, feeding: Any, jitter: Any, by: Any, infant_care: Any, born_on: Any
) -> Routine:
    activities = typical_activities(role, feeding, jitter, by, infant_care=infant_care)
    return Routine(activities, born_on)


def no_sum(addend: object) -> Any:
    """What ``+`` gives with something that is no part of a day: Python asks the other object.

    Raises
    ------
    ScheduleError : a text, a number, a list or None, which know nothing of schedules.

    >>> no_sum(object())
    NotImplemented
    """
    if addend is None or isinstance(addend, str | bytes | int | float | list | tuple | dict):
        read = "; a text is read by oxysim.interventions.parse" if isinstance(addend, str) else ""
        start = "; give sum() a start: sum(parts, start=Routine.empty())" if addend == 0 else ""
        raise ScheduleError(
            "+: expected a routine, an intervention or a schedule; found"
            f" {shown(addend)}{read}{start}"
        )
    return NotImplemented


class _Draws(NamedTuple):
    """Which draws of the stream called `purpose` move which occurrences."""

    purpose: str
    occurrences: IntArray
    draws: IntArray


class _Planned(NamedTuple):
    """Every occurrence of a routine on some days before any shift: the same for every dyad.

    `starts` (n,) holds those of the activities one after the other, `positions` where each
    activity's stand; `back` and `forward` are the limits of their shifts.
    """

    activities: tuple[Activity, ...]
    positions: tuple[slice, ...]
    starts: FloatArray
    spread: FloatArray
    back: FloatArray
    forward: FloatArray
    draws: tuple[_Draws, ...]

    def jittered(self, window: Window) -> FloatArray:
        """The starts after the shift."""
        # the middle of the distribution: no shift for what does not jitter
        uniform = np.full(len(self.starts), 0.5)
        for draws in self.draws:
            generator = stream(window.seed, window.dyad, draws.purpose)
            # drawn from birth on, so that another window meets the same draws
            from_birth = generator.random(int(draws.draws.max()) + 1)
            uniform[draws.occurrences] = from_birth[draws.draws]
        return self.starts + shifts(self.back, self.forward, self.spread, uniform)


@functools.lru_cache(maxsize=64)
def _planned(routine: Routine, first: int, last: int, born_on: int) -> _Planned:
    """The occurrences of a routine on the days from `first` to before `last` (0 = day of birth)."""
    days = np.arange(first, last)
    all_pairs = [
        (activity, _occurrences(activity, days, born_on)) for activity in routine.activities
    ]
    # an activity of another age has no occurrence on these days
    pairs = [(activity, planned) for activity, planned in all_pairs if len(planned.starts)]
    activities = tuple(activity for activity, _ in pairs)
    counts = np.array([len(planned.starts) for _, planned in pairs], dtype=np.int64)
    ends = np.cumsum([0, *counts]).tolist()
    positions = tuple(slice(low, high) for low, high in zip(ends[:-1], ends[1:], strict=True))

    starts = np.concatenate([np.empty(0), *[planned.starts for _, planned in pairs]])
    lengths = np.repeat(np.array([activity.length for activity in activities], float), counts)
    spread = np.repeat(np.array([activity.spread for activity in activities], float), counts)
    back, forward = limits(starts, starts + lengths) if routine.has_jitter else (spread, spread)

    draws: list[_Draws] = []
    for (activity, planned), position in zip(pairs, positions, strict=True):
        draws += _draws(activity, planned, position.start)
    return _Planned(activities, positions, starts, spread, back, forward, tuple(draws))


class _Occurrences(NamedTuple):
    """The unshifted starts of an activity, each with its day and the number of its clock time."""

    starts: FloatArray
    day: IntArray
    clock: IntArray


def _occurrences(activity: Activity, days: IntArray, born_on: int) -> _Occurrences:
    """The unshifted starts of an activity on `days` (0 = day of birth)."""
    # every clock time on every day, and then what age and weekday leave of it
    clocks = np.array(activity.clocks)
    starts = (days[:, None] * DAY + clocks[None, :]).ravel()
    day = np.repeat(days, len(clocks))
    index = np.tile(np.arange(len(clocks)), len(days))
    on = (starts >= activity.since - TOLERANCE) & (starts < activity.until - TOLERANCE)
    if activity.weekdays is not None:
        on &= np.isin((day + born_on) % 7, activity.weekdays)
    return _Occurrences(starts[on], day[on], index[on])


def _draws(activity: Activity, planned: _Occurrences, offset: int) -> list[_Draws]:
    """One uniform draw for each occurrence, picked by its day from the stream of its clock time.

    The stream is named by what the activity is, never by its place in the routine, and its draws
    are counted from birth: another activity or another window changes no draw. `offset` is the
    place of the first occurrence.
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
            draws.append(_Draws(purpose, at_this_clock + offset, numbers))
    return draws


def _require_sleep_apart(activities: tuple[Activity, ...]) -> None:
    """Raise where a sleep and a waking play or talk of one member overlap, as written."""
    # before jitter, whose limits keep apart what is apart as written
    sleeps = [activity for activity in activities if activity.asleep]
    wakings = [activity for activity in activities if activity.needs_awake]
    # the pattern repeats weekly between the ages at which something begins or ends, so these days
    # stand for all
    limits_of_age = {limit for item in activities for limit in (item.since, item.until)}
    ages = {0.0} | {age for age in limits_of_age if np.isfinite(age)}
    days = np.unique([int(age // DAY) + offset for age in ages for offset in range(-2, 9)])
    sleep_starts = [_occurrences(sleep, days, 0).starts for sleep in sleeps]
    waking_starts = [_occurrences(waking, days, 0).starts for waking in wakings]
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
