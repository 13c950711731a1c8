"""When a trial measures: visits with their windows, and the occasions that they make in each period
of a design.
"""

from __future__ import annotations

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
# min between the moments at which a visit with a window of less than a day may take place
STEP = 5.0


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
    """

    time: str
    window: str | None = None
    at: str | None = None
    name: str = ""

    def __post_init__(self) -> None:
        self.minutes(0.0)
        _ = self.offsets
        if self.name != "":
            checks.name(self.name, f"visit {self.time!r}, name")
        else:
            object.__setattr__(self, "name", " ".join(str(self.time).split()))

    def minutes(self, clock: float) -> float:
        """The planned time in minutes since 00:00 of the first day, where the trial starts at
        `clock`.
        """
        since = units.duration(self.time, "visit, time", positive=False)
        if self.at is None:
            return clock + since
        return float(np.floor(since / units.DAY + 1e-9)) * units.DAY + units.clock(
            self.at, f"visit {self.time!r}, at", begins=True
        )

    @property
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
        step = units.DAY if width >= units.DAY else STEP
        count = round(width / step)
        if abs(count * step - width) > 1e-6:
            raise InputError(
                f"visit {self.time!r}, window: expected whole days, or below a day whole steps of"
                f" {STEP:g} min; found {self.window!r}"
            )
        return np.asarray(step * np.arange(-count, count + 1), dtype=float)


class Occasion(NamedTuple):
    """A visit in one period: its planned time and the times it may have, minutes since 00:00 of the
    first day.
    """

    period: int
    visit: Visit
    planned: float
    times: FloatArray

    @property
    def label(self) -> str:
        """Names its luck: the same visit in two periods is two occasions."""
        return f"period {self.period + 1}, {self.visit.name}"


def visits_of(given: Any, named: Sequence[str]) -> tuple[Visit, ...]:
    """The visits of a trial, the baseline among them: as given, or one for each name that the
    endpoints use.

    Raises
    ------
    InputError : not visits, or two of one name.
    """
    wanted = (
        given if given is not None else [name for name in dict.fromkeys(named) if name != BASELINE]
    )
    if isinstance(wanted, str | Visit) or not isinstance(wanted, Sequence):
        raise InputError(
            f"visits: expected a list such as [Visit('6 weeks', window='7 d')]; found {given!r}"
        )
    if len(wanted) > MOST_VISITS:
        raise checks.refused(
            f"{len(wanted)} of them", "visits", f"at most {MOST_VISITS} visits", as_text=True
        )
    found = [one if isinstance(one, Visit) else Visit(one) for one in wanted]
    names = [one.name for one in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InputError(
            f"visits: two are called {twice[0]!r}; give each a name of its own with name=",
            key=("visits",),
        )
    if BASELINE not in names:
        found.insert(0, Visit("0 d", name=BASELINE))
    return tuple(found)


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
    """
    planned = sorted(visits, key=lambda visit: visit.minutes(clock))
    for one in planned:
        low, high = one.minutes(clock) + one.offsets[[0, -1]] - clock
        if low < -1e-6:
            text = (
                f"visit {one.name!r} may fall {units.duration_text(-low)} before the start of the"
                " trial"
            )
            raise InputError(text, key=("visits", one.name))
        if length is not None and high > length + 1e-6:
            raise InputError(
                f"visit {one.name!r} may fall after the end: it is up to"
                f" {units.duration_text(high)} after the start, which is followed for"
                f" {units.duration_text(length)}",
                key=("visits", one.name),
            )
    for one, later in zip(planned[:-1], planned[1:], strict=True):
        if one.minutes(clock) + one.offsets[-1] >= later.minutes(clock) + later.offsets[0] - 1e-6:
            raise InputError(
                f"visits {one.name!r} and {later.name!r} overlap: the first may fall as late as the"
                " second; make their windows narrower or put them further apart",
                key=("visits", one.name),
            )
    return tuple(
        Occasion(
            period,
            visit,
            visit.minutes(clock) + start,
            visit.minutes(clock) + start + visit.offsets,
        )
        for period, start in enumerate(starts)
        for visit in planned
    )
