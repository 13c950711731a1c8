"""When a trial measures: visits with their windows, and the occasions that they make in each period
of a design.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from oxysim import checks, units
from oxysim.arrays import FloatArray
from oxysim.errors import InputError
from oxysim.texts import Called

MOST_VISITS = 1000
"""The most visits of a trial: one a day over 18 months are 550."""

BASELINE = "baseline"
LARGEST_WINDOW = 365 * units.DAY  # a visit that may come a year early or late is none
STEP = 5.0  # min between the moments of a visit whose window is narrower than a day
ROUNDING = 1e-6  # min by which sums of times may stray from what is meant


@dataclass(frozen=True)
class Visit(Called):
    """One visit of a trial.

    Parameters
    ----------
    time : since enrolment ("6 weeks"); in a crossover since the start of each period.
    window : how much earlier or later than planned a participant may come ("7 d"): each draws a
        time of their own. From a day upward the visit moves by whole days and keeps its clock time;
        below, in steps of 5 min.
    at : clock time ("10:00") on the day that `time` falls on, counted in whole days from the first;
        default: exactly `time` after the start.
    name : how endpoints call it; default `time`.

    Raises
    ------
    UnitError : a time without its unit. InputError : a window between two steps, or of more than a
        year.

    >>> Visit("6 weeks", window="7 d").offsets[[0, -1]] / (24 * 60)
    array([-7.,  7.])
    """

    time: str
    window: str | None = None
    at: str | None = None
    name: str = ""

    def __post_init__(self) -> None:
        # all three raise where they cannot be read
        _ = self._since, self._clock, self.offsets
        if self.name != "":
            checks.name(self.name, f"visit {self.time!r}, name")
        else:
            object.__setattr__(self, "name", " ".join(str(self.time).split()))

    def minutes(self, clock: float) -> float:
        """The planned time in minutes since 00:00 of the first day, where the trial starts at
        `clock`.

        >>> Visit("1 d", at="10:00").minutes(8 * 60.0) / 60
        34.0
        """
        if self._clock is None:
            return clock + self._since
        # whole days since the first; the small number undoes the rounding of "7 d" in minutes
        days = float(np.floor(self._since / units.DAY + 1e-9))
        return days * units.DAY + self._clock

    @functools.cached_property
    def _since(self) -> float:
        """`time` in minutes."""
        return units.duration(self.time, "visit, time", positive=False)

    @functools.cached_property
    def _clock(self) -> float | None:
        """The clock time `at`, min after 00:00."""
        if self.at is None:
            return None
        return units.clock(self.at, f"visit {self.time!r}, at", begins=True)

    @functools.cached_property
    def offsets(self) -> FloatArray:
        """Minutes from the planned time at which it may take place, ascending, with 0 in the
        middle.
        """
        if self.window is None:
            return np.zeros(1)
        width = units.duration(self.window, f"visit {self.time!r}, window", positive=False)
        if width > LARGEST_WINDOW:
            expected = f"at most {units.duration_text(LARGEST_WINDOW)}"
            raise checks.refused(self.window, f"visit {self.time!r}, window", expected)
        # whole days keep the clock time, at which hormones have their level
        step = units.DAY if width >= units.DAY else STEP
        # a window such as "7 d" in minutes is a whole number of steps but for rounding
        count = round(width / step)
        if abs(count * step - width) > ROUNDING:
            raise InputError(
                f"visit {self.time!r}, window: expected whole days, or below a day whole steps of"
                f" {STEP:g} min; found {self.window!r}"
            )
        offsets = np.asarray(step * np.arange(-count, count + 1), dtype=float)
        offsets.setflags(write=False)  # kept, and shared by whoever asks
        return offsets


class Occasion(NamedTuple):
    """A visit in one period: its planned time and the times it may have, minutes since 00:00 of the
    first day. Its label keys its noise: the same visit in two periods is two occasions.

    >>> occasions_of([Visit("3 h")], 480.0, [0.0], None)[0].planned
    660.0
    """

    period: int
    visit: Visit
    planned: float
    times: FloatArray
    label: str


def visits_of(visits: Any, at: Sequence[str]) -> tuple[Visit, ...]:
    """The visits of a trial, the baseline among them: those that are given, or one for each name
    that the endpoints use.

    Parameters
    ----------
    visits : visits or their times; None for one visit at each time of `at`.
    at : the visits that endpoints name.

    Raises
    ------
    InputError : not visits, or two of one name.

    >>> [visit.name for visit in visits_of(None, ["6 weeks"])]
    ['baseline', '6 weeks']
    """
    listed = visits
    if visits is None:
        listed = [name for name in dict.fromkeys(at) if name != BASELINE]
    if isinstance(listed, str | Visit) or not isinstance(listed, Sequence):
        raise InputError(
            f"visits: expected a list such as [Visit('6 weeks', window='7 d')]; found {visits!r}"
        )
    if len(listed) > MOST_VISITS:
        raise checks.refused(
            f"{len(listed)} of them", "visits", f"at most {MOST_VISITS} visits", as_text=True
        )

    planned = [visit if isinstance(visit, Visit) else Visit(visit) for visit in listed]
    names = [visit.name for visit in planned]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(
            f"visits: two are called {twice[0]!r}; give each a name of its own with name=",
            key=("visits",),
        )
    # A baseline is always measured: changes and adjusted endpoints need it.
    if BASELINE not in names:
        planned.insert(0, Visit("0 d", name=BASELINE))
    return tuple(planned)


def occasions_of(
    visits: Sequence[Visit], clock: float, starts: Sequence[float], length: float | None
) -> tuple[Occasion, ...]:
    """Every visit of every period, in the order of time.

    Parameters
    ----------
    clock : when the trial starts on its first day, min after 00:00.
    starts : when each period begins, minutes after the first.
    length : how long a period is measured, minutes; None where the last visit ends it.

    Raises
    ------
    InputError : a visit before the start or after the end, or two visits whose windows overlap.

    >>> [occasion.label for occasion in occasions_of([Visit("3 h")], 480.0, [0.0, 1440.0], None)]
    ['period 1, 3 h', 'period 2, 3 h']
    """
    # in the order of time, in which drop-out goes on
    planned = sorted(visits, key=lambda visit: visit.minutes(clock))
    for visit in planned:
        _require_inside(visit, clock, length)
    for visit, later in zip(planned[:-1], planned[1:], strict=True):
        _require_apart(visit, later, clock)

    occasions = []
    for period, start in enumerate(starts):
        for visit in planned:
            time = visit.minutes(clock) + start
            label = f"period {period + 1}, {visit.name}"
            occasions.append(Occasion(period, visit, time, time + visit.offsets, label))
    return tuple(occasions)


def _require_inside(visit: Visit, clock: float, length: float | None) -> None:
    """Raise where a visit may fall before the start or after the end."""
    earliest, latest = visit.minutes(clock) + visit.offsets[[0, -1]] - clock
    if earliest < -ROUNDING:
        text = (
            f"visit {visit.name!r} may fall {units.duration_text(-earliest)} before the start of"
            " the trial"
        )
        raise InputError(text, key=("visits", visit.name))
    if length is not None and latest > length + ROUNDING:
        raise InputError(
            f"visit {visit.name!r} may fall after the end: it is up to"
            f" {units.duration_text(latest)} after the start, which is followed for"
            f" {units.duration_text(length)}",
            key=("visits", visit.name),
        )


def _require_apart(visit: Visit, later: Visit, clock: float) -> None:
    """Raise where the windows of two visits overlap: their order would be a matter of chance."""
    latest = visit.minutes(clock) + visit.offsets[-1]
    if latest >= later.minutes(clock) + later.offsets[0] - ROUNDING:
        raise InputError(
            f"visits {visit.name!r} and {later.name!r} overlap: the first may fall as late as the"
            " second; make their windows narrower or put them further apart",
            key=("visits", visit.name),
        )
