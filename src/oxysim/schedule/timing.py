"""When an intervention happens: clock times, days, repeats, and the sentence form ("60 min daily at 11:00")."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from oxysim.errors import ScheduleError, UnitError, unknown_name
from oxysim.schedule.bouts import TOLERANCE, WEEKDAYS, FloatArray, Window, age, moment_text, weekdays
from oxysim.units import DAY, WEEK, clock, clock_text, duration, duration_text

REPEATS = ("once", "daily", "weekly")
_KEYWORD = r"\b(once|daily|weekly|at|on|every|from|to|until)\b"


@dataclass(frozen=True)
class Timing:
    """When an intervention called `what` happens; every field as the user wrote it.

    Parameters
    ----------
    what : the intervention's label, for messages.
    at : clock time or several.
    day : the (first) day, as ``"day 36"`` or an age; None for the first day of the simulated window on which the clock
        time lies in the window.
    repeat : "once", "daily" or "weekly".
    every : a length of time between bouts (``"12 h"``), counted from the first; instead of `repeat`.
    days : weekdays, with ``repeat="daily"`` or `every`.
    start, stop : ``"day 5"`` or an age; a stop given as a day includes that day. A bout that has begun is finished.
    cycle : (days on, days off), with ``repeat="daily"`` or `every`, counted from the first day.
    sessions : at most so many bouts, counted from the first.

    Raises
    ------
    ScheduleError, UnitError, UnknownNameError : options that cannot be read or contradict each other.
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

    def __post_init__(self) -> None:
        if self.repeat not in REPEATS:
            raise unknown_name("repeat", self.repeat, REPEATS, f"in {self.what!r}")
        _ = self.first_day, self.since, self.until, self.weekdays, self.interval
        if self.at is not None:
            _ = self.clocks
        self._require_consistent()

    @property
    def clocks(self) -> tuple[float, ...]:
        """The clock times in minutes after midnight."""
        given = (self.at,) if isinstance(self.at, str) else self.at
        if not given:
            raise ScheduleError(f"{self.what}: at which time of day? Give at, for instance at='10:00'")
        if not isinstance(given, tuple | list):
            raise UnitError(f"{self.what}, at: expected a clock time such as '10:45'; found {self.at!r}")
        return tuple(sorted(clock(time, f"{self.what}, at") for time in given))

    @property
    def first_day(self) -> int | None:
        """The day number (0 = day of birth) of `day`."""
        return None if self.day is None else int(age(self.day, f"{self.what}, day") // DAY)

    @property
    def since(self) -> float | None:
        """`start` in minutes since 00:00 on the day of birth."""
        return None if self.start is None else age(self.start, f"{self.what}, start")

    @property
    def until(self) -> float:
        """`stop` in minutes since 00:00 on the day of birth."""
        return math.inf if self.stop is None else age(self.stop, f"{self.what}, stop", end_of_day=True)

    @property
    def weekdays(self) -> tuple[int, ...] | None:
        """The weekdays by number (0 = Monday), or None for every day."""
        return weekdays(self.days, self.what)

    @property
    def interval(self) -> float | None:
        """`every` in minutes."""
        return None if self.every is None else duration(self.every, f"{self.what}, every")

    def moments(self, window: Window, length: float, lasts: float = 0.0) -> FloatArray:
        """The starts of the bouts, each `length` minutes long, that reach into the window; ascending, shape (n,).

        A bout whose consequences (`lasts` minutes from its start) reach into the window comes with the others.

        Raises
        ------
        ScheduleError : there are none, or they overlap.
        """
        first = self._first(window)
        moments = self._all(first, window, length)
        if self.sessions is not None:
            moments = moments[: self.sessions]
        inside = (moments + length > window.start + TOLERANCE) & (moments < window.stop - TOLERANCE)
        if not inside.any():
            raise ScheduleError(
                f"{self.what}: no moment of it lies in the simulated window ({window.describe()}); it happens "
                f"{self.describe()}, first on {moment_text(first[0])}; "
                "change its day, start or stop, or simulate a window that holds it"
            )
        gaps = np.diff(moments)
        if gaps.size and gaps.min() < length - TOLERANCE:
            raise ScheduleError(
                f"{self.what}: bouts of {duration_text(length)} that begin {gaps.min():g} min apart overlap; "
                "make them shorter or further apart"
            )
        return moments[(moments + max(length, lasts) > window.start + TOLERANCE) & (moments < window.stop - TOLERANCE)]

    def span(self, window: Window) -> tuple[float, float]:
        """From when to when something continuous is in force within the window.

        Raises
        ------
        ScheduleError : it is not in force at all.
        """
        low, high = max(window.start, self.since or 0.0), min(window.stop, self.until)
        if high - low <= TOLERANCE:
            raise ScheduleError(
                f"{self.what}: it is in force {self.describe()}, which is outside the simulated window "
                f"({window.describe()}); change its start or stop, or simulate a window that holds it"
            )
        return low, high

    def describe(self) -> str:
        """When, in words."""
        words = []
        if self.at is not None:
            words.append("at " + ", ".join(clock_text(time) for time in self.clocks))
        if self.interval is not None:
            words.append(f"and then every {duration_text(self.interval)}")
        elif self.at is not None:
            words.append({"once": "once", "daily": "every day", "weekly": "every week"}[self.repeat])
        numbers = self.weekdays
        words += [] if numbers is None else ["on " + ", ".join(WEEKDAYS[number][:3] for number in numbers)]
        words += [] if self.cycle is None else [f"({self.cycle[0]} days on, {self.cycle[1]} days off)"]
        words += [] if self.sessions is None else [f"for {self.sessions} sessions"]
        if self.first_day is not None:
            words.append(f"{'on' if self.repeat == 'once' and self.every is None else 'from'} day {self.first_day + 1}")
        words += [] if self.start is None else [f"from {self.start}"]
        words += [] if self.stop is None else [f"to {self.stop}"]
        return " ".join(words) or "all the time"

    def _require_consistent(self) -> None:
        patterned = self.repeat == "daily" or self.every is not None
        if self.until <= (self.since or 0.0):
            raise ScheduleError(f"{self.what}: stop ({self.stop!r}) must be later than start ({self.start!r})")
        if self.day is not None and self.start is not None:
            raise ScheduleError(f"{self.what}: give either day ({self.day!r}) or start ({self.start!r}), not both")
        if self.first_day is not None and self.first_day * DAY >= self.until:
            raise ScheduleError(f"{self.what}: stop ({self.stop!r}) must be later than day ({self.day!r})")
        if self.every is not None and self.repeat != "once":
            raise ScheduleError(
                f"{self.what}: give either every ({self.every!r}) or repeat ({self.repeat!r}), not both"
            )
        if self.every is not None and self.at is not None and len(self.clocks) > 1:
            raise ScheduleError(f"{self.what}: every counts from one clock time; found at={self.at!r}")
        if (self.days is not None or self.cycle is not None) and not patterned:
            raise ScheduleError(f"{self.what}: days and cycle go with repeat='daily' or with every")
        if self.cycle is not None and not _is_cycle(self.cycle):
            raise ScheduleError(f"{self.what}: cycle is (days on, days off), such as (5, 2); found {self.cycle!r}")
        if self.sessions is not None and (isinstance(self.sessions, bool) or self.sessions < 1):
            raise ScheduleError(f"{self.what}: expected at least one session; found {self.sessions!r}")

    def _first(self, window: Window) -> FloatArray:
        """The first moment of each clock time, ascending."""
        clocks = np.array(self.clocks)
        if self.first_day is not None:
            return np.sort(self.first_day * DAY + clocks)
        earliest = window.start if self.since is None else self.since
        return np.sort(clocks + np.ceil((earliest - clocks - TOLERANCE) / DAY) * DAY)

    def _all(self, first: FloatArray, window: Window, length: float) -> FloatArray:
        """Every moment up to the window's stop, before those outside it are left out; ascending."""
        end = min(self.until, window.stop)
        step = self.interval or {"once": math.inf, "daily": DAY, "weekly": WEEK}[self.repeat]
        if math.isinf(step):
            return first[first < self.until - TOLERANCE]
        back = 0
        if self.since is None and self.first_day is None and self.interval is None and self.repeat == "daily":
            back = math.ceil(length / DAY)  # what began before the window and still goes on
        count = max(0, math.ceil((end - first[0]) / step)) + 1
        moments = np.sort((first[:, None] + np.arange(-back, count) * step).ravel())
        day = np.floor((moments + TOLERANCE) / DAY).astype(np.int64)
        on = (moments < end - TOLERANCE) & (moments > -TOLERANCE)
        if self.weekdays is not None:
            on &= np.isin(window.weekday(day), self.weekdays)
        if self.cycle is not None:
            origin = int((first[0] if self.interval or self.since is None else self.since) // DAY)
            on &= (day - origin) % sum(self.cycle) < self.cycle[0]
        return moments[on]


def read_sentence(text: str, what: str) -> tuple[str, dict[str, Any]]:
    """An amount and the timing options from ``"60 min daily at 11:00 from day 1 to day 35"``.

    The words are once, daily, weekly, at (clock times), on (a day or weekdays), every, from, to or until.

    Raises
    ------
    ScheduleError : words without a meaning, or one of them twice.
    """
    amount, *parts = re.split(_KEYWORD, text)
    options: dict[str, Any] = {}
    for word, rest in zip(parts[::2], parts[1::2], strict=True):
        given = rest.strip().rstrip(",")
        name, value = _option(word, given)
        if name in options or (not given) != (word in REPEATS):
            raise ScheduleError(f"{what}: cannot read {word + ' ' + given!r} in {text!r}")
        options[name] = value
    return amount.strip(), options


def _option(word: str, given: str) -> tuple[str, Any]:
    items = tuple(item for item in re.split(r",\s*|\s+and\s+", given) if item)
    match word:
        case "once" | "daily" | "weekly":
            return "repeat", word
        case "at":
            return "at", items
        case "on":
            return ("day", given) if given.startswith("day") else ("days", items)
        case "every":
            return "every", given
        case "from":
            return "start", given
        case _:
            return "stop", given


def _is_cycle(cycle: Any) -> bool:
    if not isinstance(cycle, tuple) or len(cycle) != 2:
        return False
    return all(isinstance(n, int) and not isinstance(n, bool) for n in cycle) and cycle[0] >= 1 and cycle[1] >= 0
