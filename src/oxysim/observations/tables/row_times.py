"""When a row was measured: dates, days, clocks, minutes from an event, ages; one rule for all
tables.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from oxysim.checks import choice, flag, name, refused, text
from oxysim.errors import InputError
from oxysim.observations.cells import USUAL_WORDS, cell_error, number_cell, whole_cell
from oxysim.observations.date_cells import (
    ISO_DATE,
    clock_cell,
    date_cell,
    date_pattern,
    moment_cell,
)
from oxysim.observations.tables.ages import AgeSpan, age_cell
from oxysim.observations.tables.table_columns import TableColumns
from oxysim.units import DAY, SPELLINGS, clock_text, convert

TIME_ROLES = ("date", "clock", "moment", "day", "minutes", "age", "birth")
"""The roles of columns that say when a row was measured; "moment" is a date and a clock in one."""

# what cannot stand side by side: either would say the day, or the clock, twice
_EXCLUSIVE = (("date", "moment"), ("date", "day"), ("moment", "day"), ("clock", "moment"))
# a study lasts no longer, and a pregnancy neither: beyond them a year is a slip
_LONGEST_STUDY = 40_000  # days
_LONGEST_PREGNANCY = 300  # days

MISSING_TIMES = ("refuse", "drop", "keep")
"""What becomes of a row whose date, clock or minutes are empty."""


class RowTime(NamedTuple):
    """When one row was measured.

    Attributes
    ----------
    date : of the calendar; None where there is none.
    day : whole days from day 0; None where not known, or until the day 0 of a person is.
    clock : minutes after midnight; NaN where not known.
    minutes : from midnight of day 0, or from an event; NaN where not known.
    age : of the infant; None where not known.

    >>> RowTime(None, 0, 600.0, 600.0, None).day
    0
    """

    date: datetime.date | None
    day: int | None
    clock: float
    minutes: float
    age: AgeSpan | None


@dataclass(frozen=True)
class TimeRules:
    """How times of a table are read.

    Parameters
    ----------
    dates : the pattern of dates (:func:`~oxysim.observations.date_cells.date_cell`).
    origin : what day 0 is: None for each person's first date, a date as YYYY-MM-DD for all, or a
        mapping person -> date.
    event : what minutes count from ("spray"); "" for midnight of day 0.
    event_clock : the clock time of that event, where it is always the same: on the day of the row,
        or on day 0 where rows have no day.
    same_day : clocks without a date are all of day 0, in the order of the file.
    missing_times : "refuse" | "drop" | "keep" a row whose time is not there.

    Raises
    ------
    InputError : a pattern that is none, an origin that is no date.

    >>> TimeRules(origin="2020-11-01").origin_of("a")
    datetime.date(2020, 11, 1)
    """

    dates: str = ISO_DATE
    origin: Any = None
    event: str = ""
    event_clock: str = ""
    same_day: bool = False
    missing_times: str = "refuse"

    def __post_init__(self) -> None:
        date_pattern(self.dates)
        choice(self.missing_times, "missing_times", MISSING_TIMES)
        flag(self.same_day, "same_day")
        for argument in ("event", "event_clock"):
            if text(getattr(self, argument), argument):
                name(getattr(self, argument), argument)
        if self.event_clock:
            clock_cell(self.event_clock, "event_clock")
        entries = self.origin if isinstance(self.origin, Mapping) else {"": self.origin}
        for person, date in entries.items():
            if date is not None or person != "":
                _origin_date(date, f"origin, {person}" if person else "origin")

    def origin_of(self, person: str) -> datetime.date | None:
        """The day 0 of a person that is named; None where it is the first date.

        >>> TimeRules(origin={"a": "2020-11-01"}).origin_of("b")
        """
        date = self.origin.get(person) if isinstance(self.origin, Mapping) else self.origin
        return None if date is None else _origin_date(date, "origin")


def _origin_date(value: Any, label: str) -> datetime.date:
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value
    if not isinstance(value, str):
        raise refused(value, label, f"a date as {ISO_DATE}")
    return date_cell(value, label)


def require_times(columns: TableColumns, rules: TimeRules) -> None:
    """Raise for columns that say the same thing twice, and for a table without any time.

    >>> from oxysim.documents import Rows
    >>> from oxysim.observations.tables.table_columns import table_columns
    >>> rows = Rows("saliva.csv", ("clock",), (), ())
    >>> require_times(table_columns(rows, TIME_ROLES, {}, {}), TimeRules())
    """
    columns.require(TIME_ROLES[:-1])
    name_of_file = columns.rows.name
    for first, second in _EXCLUSIVE:
        if columns.has(first) and columns.has(second):
            raise InputError(
                what=f"{name_of_file}, line 1",
                expected=f"a column {first!r} or a column {second!r}",
                found=f"both ({columns.roles[first]!r} and {columns.roles[second]!r})",
                remedy="ignore one of them",
                key=("columns",),
            )
    _require_no_idle_rule(columns, rules)
    says_the_day = [role for role in ("date", "moment", "day") if columns.has(role)]
    if says_the_day and columns.has("minutes") and not rules.event and not rules.event_clock:
        raise InputError(
            what=f"{name_of_file}, line 1",
            expected=f"the event from which minutes count, beside a column {says_the_day[0]!r}",
            found=f"minutes in {columns.roles['minutes']!r}",
            remedy="name it, such as event='spray', or ignore one of the columns",
            key=("event",),
        )
    if columns.has("birth") and not (columns.has("date") or columns.has("moment")):
        raise InputError(
            what=f"{name_of_file}, line 1",
            expected="a column 'date' or 'moment' beside the date of birth",
            found="none",
            key=("columns",),
        )
    if columns.has("birth") and columns.has("age"):
        raise InputError(
            what=f"{name_of_file}, line 1",
            expected="an age or a date of birth",
            found="both",
            remedy="ignore one of them",
            key=("columns",),
        )
    unit = columns.units.get(columns.roles.get("minutes", ""), "min")
    if unit not in SPELLINGS["time"]:
        raise InputError(
            what=f"{name_of_file}, column {columns.roles['minutes']}",
            expected="a unit of time, such as 'min'",
            found=repr(unit),
            key=("units",),
        )


def _require_no_idle_rule(columns: TableColumns, rules: TimeRules) -> None:
    """Raise for a rule about columns that are not there: it would be ignored in silence."""
    dated, timed = ("date", "moment"), ("clock", "minutes")
    needed = {
        "event": (rules.event, ("minutes",)),
        "event_clock": (rules.event_clock, ("minutes",)),
        "origin": (rules.origin is not None, dated),
        "dates": (rules.dates != ISO_DATE, (*dated, "birth")),
        "same_day": (rules.same_day, timed),
    }
    for argument, (is_set, roles) in needed.items():
        if is_set and not any(columns.has(role) for role in roles):
            raise InputError(
                what=argument,
                expected=f"a column {' or '.join(repr(role) for role in roles)}",
                found=f"none in {columns.rows.name}",
                remedy="leave it out, or name the column: columns={...}",
                key=(argument,),
            )
    days = [role for role in (*dated, "day") if columns.has(role)]
    if rules.same_day and days:
        raise InputError(
            what="same_day",
            expected="a table without days",
            found=f"a column {days[0]!r} in {columns.rows.name}",
            remedy="leave it out",
            key=("same_day",),
        )


def read_time(
    line: int, cells: Mapping[str, str], columns: TableColumns, rules: TimeRules
) -> tuple[RowTime, str]:
    """When a row was measured, and the column of a time that is not there ("" for none).

    Raises
    ------
    InputError, UnitError : a cell that is no time; one that is empty, where that is refused.

    >>> from oxysim.documents import Rows
    >>> from oxysim.observations.tables.table_columns import table_columns
    >>> rows = Rows("saliva.csv", ("clock",), (("10:30",),), (2,))
    >>> columns = table_columns(rows, TIME_ROLES, {}, {})
    >>> read_time(2, {"clock": "10:30"}, columns, TimeRules())[0].clock
    630.0
    """
    texts = {role: cells[columns.roles[role]] for role in TIME_ROLES if columns.has(role)}
    empty = [role for role, text in texts.items() if USUAL_WORDS.meaning(text) == "missing"]
    # an age or a date of birth may be open without harm: the time itself is known
    open_times = [role for role in empty if role not in ("age", "birth") or len(texts) == 1]
    if open_times and rules.missing_times == "refuse":
        role = open_times[0]
        raise cell_error(
            texts[role],
            columns.place(role, line),
            f"a {role}",
            "say what becomes of such rows: missing_times='drop' or missing_times='keep'",
            ("missing_times",),
        )
    filled = {role: text for role, text in texts.items() if role not in empty}
    time = _row_time(filled, line, columns, rules)
    return time, columns.roles[open_times[0]] if open_times else ""


def _row_time(
    texts: Mapping[str, str], line: int, columns: TableColumns, rules: TimeRules
) -> RowTime:
    places = {role: columns.place(role, line) for role in texts}
    date, clock, day = None, math.nan, None
    if "moment" in texts:
        date, clock = moment_cell(texts["moment"], places["moment"], rules.dates)
    if "date" in texts:
        date = date_cell(texts["date"], places["date"], rules.dates)
    if "clock" in texts:
        clock = clock_cell(texts["clock"], places["clock"])
    if "day" in texts:
        day = whole_cell(texts["day"], places["day"], -_LONGEST_STUDY, _LONGEST_STUDY)
    if rules.same_day:
        day = 0

    minutes = math.nan
    if "minutes" in texts:
        unit = columns.units.get(columns.roles["minutes"], "min")
        limit = _LONGEST_STUDY * DAY / convert(1.0, unit, "time")
        number = number_cell(
            texts["minutes"], places["minutes"], f"a time in {unit}", -limit, limit
        )
        minutes = convert(number, unit, "time")
        # an event at a known clock, and midnight, both say the day and the clock
        if rules.event_clock:
            minutes += clock_cell(rules.event_clock, "event_clock")
        day, clock = _known_moment(minutes, day, clock, rules, places["minutes"])
    return RowTime(date, day, clock, minutes, _age(texts, places, columns, (date, clock), rules))


def _known_moment(
    minutes: float, day: int | None, clock: float, rules: TimeRules, where: str
) -> tuple[int | None, float]:
    """The day and the clock of minutes that count from midnight; they agree with a clock that the
    row has too.
    """
    if rules.event and not rules.event_clock:
        return day, clock
    implied_day, implied_clock = divmod(minutes, DAY)
    if not math.isnan(clock) and abs(clock - implied_clock) > 1.0:
        raise InputError(
            what=where,
            expected=f"minutes from midnight that agree with the clock, {clock_text(clock)}",
            found=f"{minutes:g} min, which is {clock_text(round(implied_clock))}",
            remedy="minutes from an event are told by its name, such as event='spray'",
            key=("event",),
        )
    # minutes after an event are added to the day of the row once that is known
    return (day if rules.event_clock else int(implied_day)), implied_clock


def _age(
    texts: Mapping[str, str],
    places: Mapping[str, str],
    columns: TableColumns,
    moment: tuple[datetime.date | None, float],
    rules: TimeRules,
) -> AgeSpan | None:
    date, clock = moment
    if "age" in texts:
        unit = columns.units.get(columns.roles["age"], "")
        return age_cell(texts["age"], places["age"], unit)
    if "birth" not in texts or date is None:
        return None
    birth = date_cell(texts["birth"], places["birth"], rules.dates)
    days = (date - birth).days
    if not -_LONGEST_PREGNANCY <= days <= _LONGEST_STUDY:
        raise cell_error(
            texts["birth"],
            places["birth"],
            f"a date of birth that is not more than {_LONGEST_PREGNANCY} days after the"
            f" measurement of {date}",
            key=("columns",),
        )
    # an age counts from midnight of the day of birth, as everywhere in the library
    age = days + (0.0 if math.isnan(clock) else clock / DAY)
    return AgeSpan(age, age)


# --------------------------------------------------------------------- days of each person
def with_days(persons: Iterable[str], times: Iterable[RowTime], rules: TimeRules) -> list[RowTime]:
    """Times whose dates count from the day 0 of their person, and minutes from its midnight.

    Raises
    ------
    InputError : a person without an origin among those that are named.

    >>> day = datetime.date(2020, 11, 3)
    >>> later = datetime.date(2020, 11, 10)
    >>> rows = [RowTime(date, None, 600.0, math.nan, None) for date in (later, day)]
    >>> [(time.day, time.minutes) for time in with_days(["a", "a"], rows, TimeRules())]
    [(7, 10680.0), (0, 600.0)]
    """
    pairs = list(zip(persons, times, strict=True))
    first: dict[str, datetime.date] = {}
    for person, time in pairs:
        if time.date is not None:
            first[person] = min(time.date, first.get(person, time.date))

    dated = []
    for person, time in pairs:
        day = time.day
        if time.date is not None:
            origin = rules.origin_of(person) or _first_date(person, first, rules)
            day = (time.date - origin).days
        minutes = time.minutes
        if rules.event_clock and not math.isnan(minutes):
            minutes += (day or 0) * DAY
            # an hour after an event in the evening may be on the next day
            day = int(minutes // DAY)
        elif math.isnan(minutes) and day is not None:
            # without a clock the day is known and the minute is not
            minutes = day * DAY + time.clock
        dated.append(time._replace(day=day, minutes=minutes))
    return dated


def _first_date(person: str, first: Mapping[str, datetime.date], rules: TimeRules) -> datetime.date:
    if isinstance(rules.origin, Mapping):
        raise InputError(
            what=f"origin, {person}",
            expected="a date for every person",
            found="none",
            key=("origin", person),
        )
    return first[person]
