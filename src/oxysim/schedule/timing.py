"""When an intervention happens: clock times, days, repeats, courses."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.checks import instance, number, refused
from oxysim.errors import ScheduleError, UnitError, unknown_name
from oxysim.schedule.bouts import TOLERANCE, Window
from oxysim.schedule.options import (
    WEEKDAYS,
    age,
    is_count,
    is_cycle,
    is_trial_day,
    listed_once,
    moment_text,
    numbered_day,
    weekdays,
)
from oxysim.texts import Called
from oxysim.units import DAY, WEEK, clock, clock_text, duration, duration_text

REPEATS = ("once", "daily", "weekly")

# In words, and as the step from one bout to the next in minutes.
_IN_WORDS = {"once": "once", "daily": "every day", "weekly": "every week"}
_STEPS = {"once": math.inf, "daily": DAY, "weekly": WEEK}


@dataclass(frozen=True)
class Timing(Called):
    """When an intervention called `what` happens; every field as the user wrote it.

    Parameters
    ----------
    what : the intervention's label, for messages.
    at : clock time or several.
    day : the (first) day, as ``"day 36"`` or an age (``"infant day 36"`` is the same), or, in an
        arm of a trial, as ``"trial day 1"``, the day of enrolment (in a crossover the first of its
        period), whatever the infant's age; None for the first day of the simulated window on which
        the clock time lies in the window.
    repeat : "once", "daily" or "weekly".
    every : a length of time between bouts (``"12 h"``), counted from the first; instead of
        `repeat`.
    days : weekdays, with ``repeat="daily"`` or `every`.
    start, stop : as `day`; a stop given as a day includes that day. A bout that has begun is
        finished.
    cycle : (days on, days off), with ``repeat="daily"`` or `every`, counted from the first day.
    sessions : at most so many bouts, counted from the first.
    course : a length of time ("14 d") for which it goes on, instead of `stop`; counted from
        `start`, or else from the first bout (of something continuous: from the start of the
        simulated window).

    Raises
    ------
    ScheduleError, UnitError, UnknownNameError : options that cannot be read or contradict each
    other.

    >>> timing = Timing("massage", at="10:00", repeat="daily", days=("Mon", "Thu"), sessions=8)
    >>> timing.describe()
    'at 10:00 every day on Mon, Thu for 8 sessions'
    """

    what: str
    at: Any = None
    day: Any = None
    repeat: str = "once"
    every: Any = None
    days: Any = None
    start: Any = None
    stop: Any = None
    cycle: tuple[int, int] | None = None
    sessions: int | None = None
    course: Any = None

    def __post_init__(self) -> None:
        if not isinstance(self.what, str):
            raise refused(self.what, "what", "what happens, in words")
        if not isinstance(self.repeat, str) or self.repeat not in REPEATS:
            raise unknown_name("repeat", self.repeat, REPEATS, f"in {self.what!r}")
        # read once, so that an option that cannot be read is refused here
        _ = self.first_day, self.since, self.until, self.weekdays, self.interval, self.goes_on
        if self.at is not None:
            _ = self.clocks
        self._require_consistent()

    @cached_property
    def clocks(self) -> tuple[float, ...]:
        """The clock times in minutes after midnight."""
        times = (self.at,) if isinstance(self.at, str) else self.at
        # an array has no truth value, so it becomes a list before `not` asks for one
        if isinstance(times, np.ndarray):
            times = times.tolist()
        if not times:
            raise ScheduleError(
                f"{self.what}: at which time of day? Give at, for instance at='10:00'"
            )
        if not isinstance(times, tuple | list):
            raise UnitError(
                f"{self.what}, at: expected a clock time such as '10:45'; found {self.at!r}"
            )
        # as written: two spellings of one clock time overlap, and are refused as that
        listed_once(tuple(times), f"{self.what}, at")
        return tuple(sorted(clock(time, f"{self.what}, at", begins=True) for time in times))

    @cached_property
    def first_day(self) -> int | None:
        """The number of `day` (0 = day of birth, or of enrolment where `day` is a trial day)."""
        return None if self.day is None else int(_read(self.day, f"{self.what}, day") // DAY)

    @cached_property
    def since(self) -> float | None:
        """`start` in minutes since 00:00 on the day of birth (or of enrolment)."""
        return None if self.start is None else _read(self.start, f"{self.what}, start")

    @cached_property
    def until(self) -> float:
        """`stop` in minutes since 00:00 on the day of birth (or of enrolment)."""
        # infinite where there is no end, so that comparing needs no case of its own
        if self.stop is None:
            return math.inf
        return _read(self.stop, f"{self.what}, stop", end_of_day=True)

    @cached_property
    def weekdays(self) -> tuple[int, ...] | None:
        """The weekdays by number (0 = Monday), or None for every day."""
        if isinstance(self.days, tuple):
            listed_once(self.days, f"{self.what}, days")
        return weekdays(self.days, self.what)

    @cached_property
    def interval(self) -> float | None:
        """`every` in minutes."""
        return None if self.every is None else duration(self.every, f"{self.what}, every")

    @cached_property
    def goes_on(self) -> float:
        """`course` in minutes, infinite where there is none."""
        return math.inf if self.course is None else duration(self.course, f"{self.what}, course")

    @cached_property
    def _open_start(self) -> bool:
        """Whether nothing says when it began, so that it may go on from before the window."""
        return self.since is None and self.first_day is None and self.course is None

    def moments(self, window: Window, length: float, lasts: float = 0.0) -> FloatArray:
        """The starts of the bouts, each `length` minutes long, that reach into the window.

        Ascending, shape (n,), in minutes since 00:00 on the day of birth. A bout whose consequences
        (`lasts` minutes from its start) reach into the window comes with the others.

        Raises
        ------
        ScheduleError : there are none, or they overlap.

        >>> Timing("massage", at="10:00", repeat="daily").moments(Window(0.0, 2880.0), 15.0)
        array([ 600., 2040.])
        """
        instance(window, "window", Window, "a Window")
        number(length, "length", 0.0)
        number(lasts, "lasts", 0.0)
        # trial days become the infant's here, so that all that follows counts from birth
        timing = self._counted_from_birth(window)
        if timing is not self:
            return timing.moments(window, length, lasts)
        # before every moment is listed, of which there might be billions
        if self.interval is not None:
            self._require_apart(self.interval, length)

        first = self._first(window)
        moments = self._all(first, window, length)
        if self.sessions is not None:
            if self._open_start:
                # The list begins a day early, for what began late on that day and still goes on.
                # What was over by the start of the window took no session away.
                moments = moments[moments + length > window.start + TOLERANCE]
            moments = moments[: self.sessions]
        begun = moments < window.stop - TOLERANCE
        inside = begun & (moments + length > window.start + TOLERANCE)
        if not inside.any():
            raise ScheduleError(
                f"{self.what}: no moment of it lies in the simulated window ({window.describe()});"
                f" it happens {self.describe()}, first on {moment_text(first[0])}; change its day,"
                " start or stop, or simulate a window that holds it"
            )

        # all gaps count, those before the window too: a schedule is right or wrong as a whole
        gaps = np.diff(moments)
        if gaps.size:
            self._require_apart(float(gaps.min()), length)
        return moments[begun & (moments + max(length, lasts) > window.start + TOLERANCE)]

    def span(self, window: Window) -> tuple[float, float]:
        """From when to when something continuous is in force within the window.

        Raises
        ------
        ScheduleError : it is not in force at all.

        >>> Timing("antidepressant", start="day 2").span(Window(0.0, 2880.0))
        (1440.0, 2880.0)
        """
        instance(window, "window", Window, "a Window")
        timing = self._counted_from_birth(window)
        if timing is not self:
            return timing.span(window)
        # without a start it is in force from before the window
        begins = window.start if self.since is None else self.since
        low, high = max(window.start, begins), min(window.stop, self.until, begins + self.goes_on)
        if high - low <= TOLERANCE:
            raise ScheduleError(
                f"{self.what}: it is in force {self.describe()}, which is outside the simulated"
                f" window ({window.describe()}); change its start or stop, or simulate a window"
                " that holds it"
            )
        return low, high

    def describe(self) -> str:
        """When, in words."""
        words = []
        if self.at is not None:
            words.append("at " + ", ".join(clock_text(time) for time in self.clocks))
        # `every` stands in place of `repeat`, so only one of them is said
        if self.interval is not None:
            words.append(f"and then every {duration_text(self.interval)}")
        elif self.at is not None:
            words.append(_IN_WORDS[self.repeat])

        # which days
        if self.weekdays is not None:
            words.append("on " + ", ".join(WEEKDAYS[number][:3] for number in self.weekdays))
        if self.cycle is not None:
            words.append(f"({self.cycle[0]} days on, {self.cycle[1]} days off)")
        if self.sessions is not None:
            words.append(f"for {self.sessions} sessions")

        words += self._limits_in_words()
        return " ".join(words) or "all the time"

    def _limits_in_words(self) -> list[str]:
        """From when to when."""
        words = []
        if self.first_day is not None:
            trial = "trial " if is_trial_day(self.day) else ""
            once = self.repeat == "once" and self.every is None
            words.append(f"{'on' if once else 'from'} {trial}day {self.first_day + 1}")
        if self.start is not None:
            words.append(f"from {self.start}")
        if self.stop is not None:
            words.append(f"to {self.stop}")
        if self.course is not None:
            words.append(f"for {duration_text(self.goes_on)}")
        return words

    def _require_consistent(self) -> None:
        """Raise where two options contradict each other."""
        self._require_limits()
        self._require_pattern()
        self._require_course()

    def _require_limits(self) -> None:
        """Raise where the end comes before the beginning, or the beginning stands twice."""
        day_on_trial, start_on_trial, stop_on_trial = (
            is_trial_day(option) for option in (self.day, self.start, self.stop)
        )
        # an age and a trial day can be compared once the infant's age at enrolment is known
        comparable = start_on_trial == stop_on_trial or self.start is None
        if comparable and self.until <= (self.since or 0.0):
            raise ScheduleError(
                f"{self.what}: stop ({self.stop!r}) must be later than start ({self.start!r})"
            )
        if self.day is not None and self.start is not None:
            raise ScheduleError(
                f"{self.what}: give either day ({self.day!r}) or start ({self.start!r}), not both"
            )
        comparable = day_on_trial == stop_on_trial
        if comparable and self.first_day is not None and self.first_day * DAY >= self.until:
            raise ScheduleError(
                f"{self.what}: stop ({self.stop!r}) must be later than day ({self.day!r})"
            )

    def _require_pattern(self) -> None:
        """Raise where every, repeat, days, cycle and sessions do not go together."""
        if self.every is not None and self.repeat != "once":
            raise ScheduleError(
                f"{self.what}: give either every ({self.every!r}) or repeat ({self.repeat!r}), not"
                " both"
            )
        # with two clock times it could not be told which one the interval counts from
        if self.every is not None and self.at is not None and len(self.clocks) > 1:
            raise ScheduleError(
                f"{self.what}: every counts from one clock time; found at={self.at!r}"
            )
        # what happens once or weekly has its day already: there is none to choose or leave out
        patterned = self.repeat == "daily" or self.every is not None
        if (self.days is not None or self.cycle is not None) and not patterned:
            raise ScheduleError(f"{self.what}: days and cycle go with repeat='daily' or with every")
        if self.cycle is not None and not is_cycle(self.cycle):
            raise ScheduleError(
                f"{self.what}: cycle is (days on, days off), such as (5, 2); found {self.cycle!r}"
            )
        if self.sessions is not None and not is_count(self.sessions, 1):
            raise ScheduleError(
                f"{self.what}: expected at least one session; found {self.sessions!r}"
            )

    def _require_course(self) -> None:
        """Raise where a course stands beside a stop, or has nothing that it could limit."""
        if self.course is None:
            return
        if self.stop is not None:
            raise ScheduleError(
                f"{self.what}: give either course ({self.course!r}) or stop ({self.stop!r}), not"
                " both"
            )
        # without a clock time it is continuous, and a course limits that
        if self.at is not None and self.repeat == "once" and self.every is None:
            raise ScheduleError(
                f"{self.what}: course ({self.course!r}) goes with daily, weekly or every; it"
                " happens once"
            )

    def _counted_from_birth(self, window: Window) -> Timing:
        """The same timing with its trial days as days of the infant's life."""
        names = [name for name in ("day", "start", "stop") if is_trial_day(getattr(self, name))]
        if not names:
            return self
        if window.enrolled is None:
            raise ScheduleError(
                f"{self.what}: {getattr(self, names[0])!r} is counted from enrolment, and this is"
                " no arm of a trial; give the infant's age, such as 'day 36'"
            )
        # a dyad enrols at midnight, which may be a rounding error early
        days_before = int((window.enrolled + TOLERANCE) // DAY)
        days: dict[str, Any] = {}
        for name in names:
            numbered = numbered_day(getattr(self, name), self.what)
            assert numbered is not None  # a trial day is numbered
            days[name] = f"day {days_before + numbered[1]}"
        return replace(self, **days)

    def _require_apart(self, gap: float, length: float) -> None:
        """Raise where bouts that begin `gap` minutes apart overlap."""
        # one may begin as another ends
        if gap < length - TOLERANCE:
            raise ScheduleError(
                f"{self.what}: bouts of {duration_text(length)} that begin {gap:g} min apart"
                " overlap; make them shorter or further apart"
            )

    def _first(self, window: Window) -> FloatArray:
        """The first moment of each clock time, ascending."""
        clocks = np.array(self.clocks)
        if self.first_day is not None:
            return np.sort(self.first_day * DAY + clocks)
        # on the first day on which the clock time is still to come
        earliest = window.start if self.since is None else self.since
        return np.sort(clocks + np.ceil((earliest - clocks - TOLERANCE) / DAY) * DAY)

    def _all(self, first: FloatArray, window: Window, length: float) -> FloatArray:
        """Every moment up to the window's stop, before those outside it are left out; ascending."""
        begins = float(first[0]) if self.since is None else self.since
        end = min(self.until, window.stop, begins + self.goes_on)
        step = self.interval or _STEPS[self.repeat]
        # once at each clock time, whether or not that lies in the window
        if math.isinf(step):
            return first[first < self.until - TOLERANCE]

        # what began before the window and still goes on
        steps_back = 0
        if self._open_start and self.interval is None and self.repeat == "daily":
            steps_back = math.ceil(min(length, window.stop) / DAY)
        count = max(0, math.ceil((end - first[0]) / step)) + 1
        moments = np.sort((first[:, None] + np.arange(-steps_back, count) * step).ravel())

        # a moment belongs to the day on which it lies within the tolerance
        day = np.floor((moments + TOLERANCE) / DAY).astype(np.int64)
        on = (moments < end - TOLERANCE) & (moments > -TOLERANCE)
        if self.weekdays is not None:
            on &= np.isin(window.weekday(day), self.weekdays)
        if self.cycle is not None:
            # days on and off count from the first bout, or from `start` where daily ones have one
            counted_from = first[0] if self.interval or self.since is None else self.since
            on &= (day - int(counted_from // DAY)) % sum(self.cycle) < self.cycle[0]
        return moments[on]


def _read(value: Any, label: str, *, end_of_day: bool = False) -> float:
    """Minutes since 00:00 on the day of birth, or of enrolment where `value` is a trial day."""
    numbered = numbered_day(value, label)
    if numbered is None:
        return age(value, label)
    return (numbered[1] - 1 + end_of_day) * DAY
