"""Bouts: the stretches of time in which something writes to the input channels, and the window they
fall in.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from oxysim import checks
from oxysim.arrays import FloatArray, IntArray
from oxysim.errors import InputError, ScheduleError, shown, unknown_name
from oxysim.model.inputs import channel, require_level
from oxysim.texts import Called, Described, counted, listed
from oxysim.units import DAY, YEAR, clock_text, duration, duration_text

TOLERANCE = 1e-6
"""Minutes within which two edges count as one; times are never compared by ``==``."""

LATEST = 4 * YEAR
"""The latest moment that a schedule is laid out for, in minutes of age; the model itself holds up
to 36 months.
"""

LARGEST_SEED = 2**64
"""The largest seed or number of a dyad that names a stream."""

SHORTEST = 1 / 60
"""The shortest bout that can be written down, in minutes (one second)."""

LONGEST = 31 * DAY
"""The longest single bout, in minutes; what lasts longer is repeated, or in force from a start to a
stop.
"""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_DAY = re.compile(r"^\s*(?:(trial|infant)\s+)?day\s+(\d{1,9})\s*$", re.IGNORECASE)
TRIAL, INFANT = "trial", "infant"
"""The two clocks by which a day can be numbered: from enrolment, and from birth."""


@dataclass(frozen=True)
class Bout(Called):
    """One realised stretch of one activity or intervention on one member.

    `start` and `stop` are minutes since 00:00 on the day of birth, cut to the simulated window;
    `levels` are pairs of (channel name, level in the channel's unit).
    """

    label: str
    kind: str
    member: str
    start: float
    stop: float
    levels: tuple[tuple[str, float], ...]


@dataclass(frozen=True, eq=False)
class Bouts(Described):
    """All bouts of one source on one member that write the same levels, as arrays.

    `starts` and `stops` have shape (n_bouts,), in minutes since 00:00 on the day of birth.
    `interrupts` names channels ("asleep", "presence"): what the member's *routine* writes there is
    interrupted for that time, since nobody sleeps through a play session or is away during
    skin-to-skin contact.
    """

    label: str
    kind: str
    member: str
    starts: FloatArray
    stops: FloatArray
    levels: tuple[tuple[str, float], ...]
    interrupts: tuple[str, ...] = ()

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What, whose, how many, and what it writes."""
        return "Bouts", [
            ("", f"{self.label} of {self.member}"),
            ("", counted(len(self), "bout")),
            ("writing", listed(f"{name} {level:g}" for name, level in self.levels) or "nothing"),
        ]

    def within(self, start: float, stop: float) -> Bouts:
        """The same bouts cut to [start, stop]; what is left shorter than the tolerance vanishes."""
        starts, stops = np.clip(self.starts, start, stop), np.clip(self.stops, start, stop)
        kept = stops - starts > TOLERANCE
        return self.at(starts[kept], stops[kept])

    def at(self, starts: FloatArray, stops: FloatArray) -> Bouts:
        """The same source at other times."""
        return Bouts(
            self.label, self.kind, self.member, starts, stops, self.levels, self.interrupts
        )

    def __len__(self) -> int:
        return len(self.starts)

    def __iter__(self) -> Iterator[Bout]:
        for start, stop in zip(self.starts.tolist(), self.stops.tolist(), strict=True):
            yield Bout(self.label, self.kind, self.member, start, stop, self.levels)


@dataclass(frozen=True)
class Window(Called):
    """The simulated stretch of time and who lives in it: what a routine or an intervention is
    realised for.

    `start` and `stop` are minutes since 00:00 on the day of birth; `born_on` is the weekday of
    birth (0 = Monday). `enrolled` is 00:00 of trial day 1 on the same clock, None outside a trial.

    Raises
    ------
    ScheduleError : the window is reversed, empty, not finite or begins before birth.
    InputError : no caregiver, two of one name, or a caregiver called "infant" or "caregiver".
    """

    start: float
    stop: float
    caregivers: tuple[str, ...] = ("mother",)
    born_on: int = 0
    seed: int = 0
    dyad: int = 0
    enrolled: float | None = None

    def __post_init__(self) -> None:
        numbers = [
            isinstance(t, int | float | np.number) and not isinstance(t, bool)
            for t in (self.start, self.stop)
        ]
        # compared before anything is made a float: a whole number can be larger than every float
        if not (all(numbers) and 0 <= self.start < math.inf and -math.inf < self.stop < math.inf):
            raise ScheduleError(
                "window: expected finite times from birth on, in minutes; found "
                f"{shown(self.start)} to {shown(self.stop)}"
            )
        if max(self.start, self.stop) > LATEST:
            raise ScheduleError(
                f"window: it goes to {shown(max(self.start, self.stop))} min; one is laid out up to"
                " an age of 4 years"
            )
        if self.stop - self.start <= TOLERANCE:
            raise ScheduleError(
                f"window: it stops ({self.stop:g} min) no later than it starts ({self.start:g} min)"
            )
        names = self.caregivers
        listed = isinstance(names, tuple | list) and all(isinstance(name, str) for name in names)
        if (
            not (listed and names)
            or len(set(names)) < len(names)
            or {"infant", "caregiver"} & set(names)
        ):
            raise InputError(
                "caregivers: expected different names such as ('mother', 'father'); found"
                f" {shown(names)}"
            )
        checks.whole_number(self.born_on, "born_on", 0, 6)
        checks.whole_number(self.dyad, "dyad", 0, LARGEST_SEED)
        checks.whole_number(self.seed, "seed", 0, LARGEST_SEED)
        if self.enrolled is not None:
            checks.number(self.enrolled, "enrolled", 0.0, LATEST)

    def member(self, name: str, what: str) -> str:
        """The real name behind `name`: "caregiver" is the first caregiver; "infant" is the infant.

        Raises
        ------
        UnknownNameError : nobody of this family has that name.
        """
        if isinstance(name, str) and name == "caregiver":
            return self.caregivers[0]
        if not isinstance(name, str) or (name != "infant" and name not in self.caregivers):
            raise unknown_name("member", name, (*self.caregivers, "infant"), f"in {what!r}")
        return name

    def weekday(self, day: IntArray) -> IntArray:
        """The weekday (0 = Monday) of day numbers that count from 0 on the day of birth."""
        return (checks.array(day, "day").astype(np.int64) + self.born_on) % 7

    def describe(self) -> str:
        """The window in words."""
        return f"{moment_text(self.start)} to {moment_text(self.stop)}"


def require_caregiver(by: Any, what: str) -> None:
    """Raise ``ScheduleError`` unless `by` can be the name of a caregiver."""
    if not isinstance(by, str) or not by.strip() or len(by) > checks.LONGEST_NAME:
        raise ScheduleError(f"{what}: by names a caregiver, such as 'father'; found {shown(by)}")


def levels_of(member: str, levels: Mapping[str, float], what: str) -> tuple[tuple[str, float], ...]:
    """Checked (channel, level) pairs of a member; levels at rest say nothing and are left out.

    A channel of the rule "replace" keeps its level of rest, since replacing something by rest does
    say something.

    Raises
    ------
    UnknownNameError : no such channel.
    InputError : a level outside the channel's legal range.
    """
    pairs = []
    for name, level in levels.items():
        row = channel(member, name)
        value = require_level(row, level, what)
        if row.rule == "replace" or value != row.rest:
            pairs.append((name, value))
    return tuple(pairs)


def require_weekday(name: Any, what: str) -> int:
    """The number of a weekday (0 = Monday) from its name or its first three letters."""
    for number, full in enumerate(WEEKDAYS):
        if isinstance(name, str) and name.casefold() in (full.casefold(), full[:3].casefold()):
            return number
    raise unknown_name(
        "day of the week", name, [day[:3] for day in WEEKDAYS] + list(WEEKDAYS), f"in {what!r}"
    )


def weekdays(names: Any, what: str) -> tuple[int, ...] | None:
    """The numbers of several weekdays, or None for every day."""
    if names is None:
        return None
    if not isinstance(names, str | tuple | list):
        raise ScheduleError(
            f"{what}: days are names of weekdays, such as ('Mon', 'Thu'); found {names!r}"
        )
    given = (names,) if isinstance(names, str) else tuple(names)
    if not given:
        raise ScheduleError(
            f"{what}: days is empty, so it would never happen; leave it out for every day"
        )
    return tuple(require_weekday(name, what) for name in given)


def age(value: Any, what: str, *, end_of_day: bool = False) -> float:
    """Minutes since 00:00 on the day of birth, from ``"day 5"`` or from an age with its unit (``"6
    weeks"``).

    ``"day 5"`` is 00:00 of the fifth day, or with `end_of_day` its end, so that "to day 35"
    includes day 35.
    """
    numbered = numbered_day(value, what)
    if numbered is None:
        return duration(value, what, positive=False)
    counted_by, number = numbered
    if counted_by == TRIAL:
        raise ScheduleError(
            f"{what}: {value!r} is counted from enrolment in a trial; expected an age, such as"
            " 'day 36'"
        )
    return (number - 1 + end_of_day) * DAY


def numbered_day(value: Any, what: str) -> tuple[str, int] | None:
    """By which clock a day is numbered ("trial", "infant", or "" where the text does not say) and
    its number; None where `value` is no numbered day.

    >>> numbered_day("trial day 3", "massage"), numbered_day("day 3", "massage")
    (('trial', 3), ('', 3))
    """
    match = _DAY.match(value) if isinstance(value, str) else None
    if not match:
        return None
    number = int(match[2])
    if number < 1:
        first = "first day of a trial is 'trial day 1'" if match[1] else "day of birth is 'day 1'"
        raise ScheduleError(f"{what}: the {first}; found {value!r}")
    return (match[1] or "").casefold(), number


def length(value: Any, what: str, longest: float = LONGEST) -> float:
    """A bout's length in minutes, from one second to `longest`."""
    minutes = duration(value, what)
    if minutes < SHORTEST * (1 - 1e-9):
        raise ScheduleError(f"{what}: a bout lasts at least one second; found {value!r}")
    if minutes > longest:
        raise ScheduleError(
            f"{what}: it lasts at most {duration_text(longest)} at a time; found {value!r}"
        )
    return minutes


def moment_text(minutes: float) -> str:
    """A moment in words: ``day 36 10:00``."""
    # rounded to the second before the day is taken, so that 23:59:59.9 reads as the next midnight
    seconds = round(minutes * 60)
    day, rest = divmod(seconds, 86400)
    return f"day {day + 1} {clock_text(rest / 60)}"
