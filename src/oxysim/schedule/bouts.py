"""Bouts: the stretches in which something writes to the input channels, and their window."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from oxysim import checks
from oxysim.arrays import FloatArray, IntArray
from oxysim.errors import InputError, ScheduleError, shown, unknown_name
from oxysim.model.inputs import channel, require_level
from oxysim.schedule.options import moment_text
from oxysim.texts import Called, Described, counted, listed
from oxysim.units import YEAR

# far above the rounding error of minutes over four years, far below a second
TOLERANCE = 1e-6
"""Minutes within which two edges count as one; times are never compared by ``==``."""

# a year more than the model holds for, so that a schedule may outlast a simulation
LATEST = 4 * YEAR
"""The latest moment that a schedule is laid out for, in minutes of age; the model itself holds up
to 36 months.
"""

LARGEST_SEED = 2**64
"""The largest seed or number of a dyad that names a stream."""


def distinct_times(times: FloatArray) -> FloatArray:
    """Times in order; of those nearer than the tolerance, one after the other, the first.

    >>> distinct_times(np.array([60.0, 0.0, 60.0 + 1e-9])).tolist()
    [0.0, 60.0]
    """
    ordered = np.sort(times)
    if not len(ordered):
        return ordered
    # Each is compared with the one before it, not with the first of its group.
    is_first = np.concatenate(([True], np.diff(ordered) > TOLERANCE))
    return np.asarray(ordered[is_first], dtype=float)


@dataclass(frozen=True)
class Bout(Called):
    """One realised stretch of one activity or intervention on one member.

    `start` and `stop` are minutes since 00:00 on the day of birth, cut to the simulated window;
    `levels` are pairs of (channel name, level in the channel's unit).

    >>> bout = Bout("massage", "intervention", "mother", 600.0, 615.0, (("massage", 1.0),))
    >>> bout.stop - bout.start
    15.0
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

    >>> starts = np.array([600.0, 2040.0])
    >>> len(Bouts("massage", "intervention", "mother", starts, starts + 15, (("massage", 1.0),)))
    2
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
        """The same bouts cut to [start, stop]; what is left shorter than the tolerance vanishes.

        >>> starts, stops = np.array([600.0]), np.array([615.0])
        >>> bouts = Bouts("massage", "intervention", "mother", starts, stops, ())
        >>> bouts.within(0.0, 605.0).stops
        array([605.])
        """
        # a bout outside is clipped to no length at either end
        starts, stops = np.clip(self.starts, start, stop), np.clip(self.stops, start, stop)
        inside = stops - starts > TOLERANCE
        return self.at(starts[inside], stops[inside])

    def at(self, starts: FloatArray, stops: FloatArray) -> Bouts:
        """The same source at other times.

        >>> starts, stops = np.array([600.0]), np.array([615.0])
        >>> bouts = Bouts("massage", "intervention", "mother", starts, stops, ())
        >>> bouts.at(bouts.starts + 1440.0, bouts.stops + 1440.0).starts
        array([2040.])
        """
        return Bouts(
            self.label, self.kind, self.member, starts, stops, self.levels, self.interrupts
        )

    def __len__(self) -> int:
        return len(self.starts)

    def __iter__(self) -> Iterator[Bout]:
        # plain floats, since a bout is printed, compared and written to tables
        for start, stop in zip(self.starts.tolist(), self.stops.tolist(), strict=True):
            yield Bout(self.label, self.kind, self.member, start, stop, self.levels)


@dataclass(frozen=True)
class Window(Called):
    """The simulated stretch of time, and the family whose routine is laid out over it.

    `start` and `stop` are minutes since 00:00 on the day of birth; `born_on` is the weekday of
    birth (0 = Monday). `enrolled` is 00:00 of trial day 1 on the same clock, None outside a trial.

    Raises
    ------
    ScheduleError : the window is reversed, empty, not finite or begins before birth.
    InputError : no caregiver, two of one name, or a caregiver called "infant" or "caregiver".

    >>> Window(0.0, 1440.0).describe()
    'day 1 00:00 to day 2 00:00'
    """

    start: float
    stop: float
    caregivers: tuple[str, ...] = ("mother",)
    born_on: int = 0
    seed: int = 0
    dyad: int = 0
    enrolled: float | None = None

    def __post_init__(self) -> None:
        self._require_times()
        _require_names(self.caregivers)
        checks.whole_number(self.born_on, "born_on", 0, 6)
        checks.whole_number(self.dyad, "dyad", 0, LARGEST_SEED)
        checks.whole_number(self.seed, "seed", 0, LARGEST_SEED)
        if self.enrolled is not None and not _is_moment(self.enrolled):
            expected = "minutes after birth, up to an age of 4 years"
            raise checks.refused(self.enrolled, "enrolled", expected)

    def _require_times(self) -> None:
        """Raise unless the window runs forward, after birth and before the latest moment."""
        are_numbers = [
            # True is a whole number to Python, and no time
            isinstance(time, int | float | np.number) and not isinstance(time, bool)
            for time in (self.start, self.stop)
        ]
        # compared before anything is made a float: a whole number can be larger than every float
        if not (
            all(are_numbers) and 0 <= self.start < math.inf and -math.inf < self.stop < math.inf
        ):
            raise ScheduleError(
                "window: expected finite times from birth on, in minutes; found "
                f"{shown(self.start)} to {shown(self.stop)}"
            )
        if max(self.start, self.stop) > LATEST:
            raise ScheduleError(
                f"window: it goes to {shown(max(self.start, self.stop))} min; one is laid out up to"
                " an age of 4 years"
            )
        # an empty window has no stretch in which anything could be in force
        if self.stop - self.start <= TOLERANCE:
            raise ScheduleError(
                f"window: it stops ({self.stop:g} min) no later than it starts ({self.start:g} min)"
            )

    def member(self, name: str, label: str) -> str:
        """The real name behind `name`: "caregiver" is the first caregiver, "infant" the infant.

        Raises
        ------
        UnknownNameError : nobody of this family has that name.

        >>> Window(0.0, 1440.0, ("mother", "father")).member("caregiver", "massage")
        'mother'
        """
        # sources speak of "caregiver" so that one schedule serves every family
        if isinstance(name, str) and name == "caregiver":
            return self.caregivers[0]
        if not isinstance(name, str) or (name != "infant" and name not in self.caregivers):
            raise unknown_name("member", name, (*self.caregivers, "infant"), f"in {label!r}")
        return name

    def weekday(self, day: IntArray) -> IntArray:
        """The weekday (0 = Monday) of day numbers that count from 0 on the day of birth.

        Born on a Friday: the day after is a Saturday.

        >>> Window(0.0, 2880.0, born_on=4).weekday(np.array([0, 1]))
        array([4, 5])
        """
        return (checks.array(day, "day").astype(np.int64) + self.born_on) % 7

    def describe(self) -> str:
        """The window in words."""
        return f"{moment_text(self.start)} to {moment_text(self.stop)}"


def _is_number(time: Any) -> bool:
    return isinstance(time, int | float | np.number) and not isinstance(time, bool)


def _is_moment(time: Any) -> bool:
    """Whether something is a time from birth to the latest one that is laid out."""
    return _is_number(time) and 0.0 <= time <= LATEST


def _require_names(names: Any) -> None:
    """Raise unless these are different names, none of them a word for a role in the schedule."""
    are_texts = isinstance(names, tuple | list) and all(isinstance(name, str) for name in names)
    if (
        not (are_texts and names)
        or len(set(names)) < len(names)
        # these two are roles: a caregiver of that name could not be told from them
        or {"infant", "caregiver"} & set(names)
    ):
        raise InputError(
            "caregivers: expected different names such as ('mother', 'father'); found"
            f" {shown(names)}"
        )


def levels_of(
    member: str, levels: Mapping[str, float], label: str
) -> tuple[tuple[str, float], ...]:
    """Checked (channel, level) pairs of a member; levels at rest say nothing and are left out.

    A channel of the rule "replace" keeps its level of rest, since replacing something by rest does
    say something.

    Raises
    ------
    UnknownNameError : no such channel.
    InputError : a level outside the channel's legal range, or of a channel that is derived.

    >>> levels_of("mother", {"skin_contact": 1.0, "gaze": 0.0}, "skin-to-skin")
    (('skin_contact', 1.0),)
    """
    pairs = []
    for name, level in levels.items():
        row = channel(member, name)
        if row.rule == "derived":
            raise InputError(
                f"{label}: {name} follows from the routine's contact and cannot be written; found"
                f" {shown(level)}"
            )
        # refused here, with the source's name: where levels are combined it is gone
        checked = require_level(row, level, label)
        if row.rule == "replace" or checked != row.rest:
            pairs.append((name, checked))
    return tuple(pairs)
