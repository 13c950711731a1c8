"""Doses of an event table, and the interventions that they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from oxysim import checks
from oxysim.errors import InputError
from oxysim.interventions.intravenous import IntravenousBolus
from oxysim.interventions.spray import NasalSpray, Placebo
from oxysim.observations.event_tables.event_format import ROUTES, EventFormat
from oxysim.schedule.bouts import Window
from oxysim.schedule.schedule import Intervention
from oxysim.texts import Called
from oxysim.units import DAY, clock_text


@dataclass(frozen=True)
class DoseEvent(Called):
    """A dose, or several alike at equal intervals.

    Attributes
    ----------
    line : its line in the file.
    person : who got it.
    time : minutes from TIME 0.
    dose : in IU; 0 is a placebo.
    route : "nasal" or "intravenous".
    over : over how many minutes it is given; None for what is usual for the route (a minute).
    interval, more : minutes between doses, and how many follow the first.

    >>> DoseEvent(2, "01", 0.0, 24.0, "nasal", interval=720.0, more=13).more
    13
    """

    line: int
    person: str
    time: float
    dose: float
    route: str
    over: float | None = None
    interval: float | None = None
    more: int = 0

    def __post_init__(self) -> None:
        checks.whole_number(self.line, "line", 0)
        checks.name(self.person, "person")
        checks.number(self.time, "time")
        checks.number(self.dose, "dose", 0.0)
        checks.choice(self.route, "route", ROUTES)
        checks.whole_number(self.more, "more", 0)
        for label in ("over", "interval"):
            if getattr(self, label) is not None:
                checks.number(getattr(self, label), label, 0.0, open_low=True)


def dose_intervention(dose: DoseEvent, zero: tuple[int, float], by: str) -> Intervention:
    """The intervention that a dose is: a nasal spray, a placebo, or a dose into a vein.

    Clock times are whole seconds, as everywhere in a schedule.

    Parameters
    ----------
    zero : the day of TIME 0 (1 = day of birth) and its clock time in minutes.
    by : the caregiver who gets it.

    Raises
    ------
    ScheduleError : a dose before birth, or an absurd one.

    >>> spray = DoseEvent(2, "01", 90.0, 24.0, "nasal")
    >>> dose_intervention(spray, (36, 600.0), "mother").text()
    '24 IU intranasal at 11:30 on day 36 by mother'
    """
    day, clock = zero
    # a rounding error must not make 09:59:60 of it
    moment = round(((day - 1) * DAY + clock + dose.time) * 60) / 60
    if moment < 0:
        raise InputError(
            what=f"dose of {dose.person}, line {dose.line}",
            expected="a dose after birth",
            found=f"TIME {dose.time:g} min with TIME 0 on day {day}",
            key=("time_zero",),
        )
    when: dict[str, Any] = {
        "at": clock_text(moment % DAY),
        "day": f"day {int(moment // DAY) + 1}",
        "by": by,
    }
    if dose.more:
        when |= {"every": f"{dose.interval!r} min", "sessions": dose.more + 1}
    if dose.over is not None:
        when["minutes"] = f"{dose.over!r} min"
    if dose.dose == 0:
        return Placebo(**when)
    kind = NasalSpray if dose.route == "nasal" else IntravenousBolus
    return kind(f"{dose.dose!r} IU", **when)


def dose_events(
    person: str, interventions: Sequence[Any], format_: EventFormat, last: float
) -> list[DoseEvent]:
    """Interventions as doses, one for each moment up to `last` (minutes from TIME 0).

    Raises
    ------
    InputError : an intervention that is no dose of oxytocin, or no TIME 0 to count from.

    >>> format_ = EventFormat("h", "IU", "nasal", time_zero="day 1 10:00")
    >>> spray = NasalSpray("24 IU", at="10:00", repeat="daily", start="day 1")
    >>> [dose.time for dose in dose_events("01", [spray], format_, 2880.0)]
    [0.0, 1440.0, 2880.0]
    """
    zero = require_zero(format_)
    start = (zero[0] - 1) * DAY + zero[1]
    events = []
    for item in interventions:
        if not isinstance(item, NasalSpray | Placebo | IntravenousBolus):
            raise checks.refused(
                item, f"interventions of {person}", "NasalSpray, Placebo or IntravenousBolus"
            )
        # from the midnight before, so that "10:00" without a day is that of TIME 0
        window = Window((zero[0] - 1) * DAY, start + last + item.length)
        route = "intravenous" if isinstance(item, IntravenousBolus) else "nasal"
        dose = 0.0 if isinstance(item, Placebo) else item.international_units
        for moment in item.timing.moments(window, item.length).tolist():
            if moment <= start + last:
                events.append(DoseEvent(0, person, moment - start, dose, route, item.length))
    return events


def require_zero(format_: EventFormat) -> tuple[int, float]:
    """The day and clock of TIME 0.

    Raises
    ------
    InputError : nothing says when that is.

    >>> require_zero(EventFormat("h", time_zero="day 2 08:00"))
    (2, 480.0)
    """
    if format_.zero is None:
        raise InputError(
            what="time_zero",
            expected="the day and clock time of TIME 0, on which interventions hang",
            found="none",
            remedy="give time_zero='day 36 10:00'",
            key=("time_zero",),
        )
    return format_.zero
