"""When an entry begins and ends: clocks, dates and time zones as minutes of the infant's age."""

from __future__ import annotations

import datetime
import re
import zoneinfo
from dataclasses import dataclass
from typing import Any, NamedTuple

from oxysim import units
from oxysim.checks import whole_number
from oxysim.errors import InputError, UnitError, shown, unknown_name
from oxysim.observations.cells import cell_error, number_cell, whole_cell
from oxysim.observations.date_cells import ISO_DATE, clock_cell, date_cell, moment_cell
from oxysim.schedule.bouts import LATEST
from oxysim.schedule.options import moment_text
from oxysim.units import DAY, HOUR

# "Z", "+01:00", "+0100" or "+01" behind a clock time that has minutes
_OFFSET = re.compile(r"(?<=[0-9])\s*(Z|[-+][0-9]{2}(?::?[0-9]{2})?)$")
# a clock time that has a date in front has a space or a T between them
_STAMP = re.compile(r"[^ T]+[ T]+\S.*")
_TWELVE = re.compile(r"[0-9.:]+\s*[ap]\.?m\.?", re.IGNORECASE)
_END_OF_DAY = "24:00"
# a length such as "1:35", in hours and minutes
_HOURS = re.compile(r"([0-9]{1,2}):([0-5][0-9])(?::([0-5][0-9]))?")

_EPOCH = datetime.datetime(1970, 1, 1)

# no diary of an infant has more days
_LAST_DAY = int(LATEST // DAY)


class EntryMoment(NamedTuple):
    """A moment on the clock of the house, and in universal time where that is known.

    Attributes
    ----------
    minutes : since 00:00 on the day of birth, by the clock on the wall.
    universal : minutes of universal time, from any fixed moment; None where no zone is known.

    >>> EntryMoment(600.0).universal is None
    True
    """

    minutes: float
    universal: float | None = None


def minutes_between(start: EntryMoment, stop: EntryMoment) -> float:
    """How long it is from one moment to the other; what clocks do in between does not count.

    >>> minutes_between(EntryMoment(120.0, 60.0), EntryMoment(300.0, 180.0))
    120.0
    """
    if start.universal is not None and stop.universal is not None:
        return stop.universal - start.universal
    return stop.minutes - start.minutes


@dataclass(frozen=True)
class DiaryClock:
    """How a diary writes days and times.

    Parameters
    ----------
    born : the date of birth; None for a diary of numbered days.
    first_day : which day of the infant's life the diary's day 1 is (1 = day of birth).
    dates : the pattern of dates.
    zone : the name of a time zone ("Europe/Zurich"), or None for clocks as they are written.

    >>> clock = DiaryClock(datetime.date(2024, 3, 1))
    >>> clock.stamp("2024-03-02 7:05 pm", "diary.csv, line 2").minutes
    2585.0
    """

    born: datetime.date | None = None
    first_day: int = 1
    dates: str = ISO_DATE
    zone: zoneinfo.ZoneInfo | None = None

    def numbered_day(self, text: str, where: str) -> float:
        """00:00 of a numbered day of the diary, in minutes of age.

        >>> DiaryClock(first_day=8).numbered_day("1", "diary.csv, line 2")
        10080.0
        """
        return (whole_cell(text, where, 1, _LAST_DAY) + self.first_day - 2) * DAY

    def dated_day(self, text: str, where: str) -> float:
        """00:00 of a date, in minutes of age.

        >>> DiaryClock(datetime.date(2024, 3, 1)).dated_day("2024-03-03", "diary.csv, line 2")
        2880.0
        """
        return self._age(date_cell(text, where, self.dates), where)

    def at(self, midnight: float, clock: str, where: str) -> EntryMoment:
        """A clock time of the day that begins at `midnight`.

        >>> DiaryClock().at(1440.0, "7:05 pm", "diary.csv, line 2")
        EntryMoment(minutes=2585.0, universal=None)
        """
        if _OFFSET.search(clock):
            expected = "a clock time without a zone, since its date stands elsewhere"
            raise cell_error(clock, where, expected)
        # what ends at 24:00 ends with its day; nothing begins there
        ends_day = clock == _END_OF_DAY
        return self._local(midnight + (DAY if ends_day else clock_cell(clock, where)), where)

    def end(self, start: EntryMoment, clock: str, where: str) -> EntryMoment:
        """A clock time without a date after a start: of the next day where it is the earlier one.

        >>> DiaryClock().end(EntryMoment(1430.0), "00:20", "diary.csv, line 2")
        EntryMoment(minutes=1460.0, universal=None)
        """
        midnight = start.minutes // DAY * DAY
        of_same_day = DAY if clock == _END_OF_DAY else clock_cell(clock, where)
        return self.at(midnight + DAY * (midnight + of_same_day < start.minutes), clock, where)

    def stamp(self, text: str, where: str) -> EntryMoment:
        """A date and a clock time in one cell, with or without an offset ("+01:00", "Z").

        Raises
        ------
        InputError, UnitError : not both; universal time without a zone; a moment that the zone's
        clocks leave out or show twice.
        """
        offset = _OFFSET.search(text)
        date, clock = moment_cell(text[: offset.start()] if offset else text, where, self.dates)
        if offset is None:
            return self._local(self._age(date, where) + clock, where)
        if offset[1] == "Z" and self.zone is None:
            remedy = "give zone, such as zone='Europe/Zurich'"
            expected = "a time zone, since universal time does not say what time of day it is"
            raise cell_error(text, where, expected, remedy, ("zone",))

        written = datetime.datetime.combine(date, datetime.time()) + _minutes(clock)
        ahead = _offset_minutes(offset[1], text, where)
        universal = (written - _EPOCH) / _minutes(1) - ahead
        if self.zone is None:
            return EntryMoment(self._age(date, where) + clock, universal)
        aware = written.replace(tzinfo=datetime.timezone(_minutes(ahead)))
        wall = aware.astimezone(self.zone)
        # seconds count, and clocks have no finer ones
        of_day = wall.hour * HOUR + wall.minute + wall.second / 60
        return EntryMoment(self._age(wall.date(), where) + of_day, universal)

    def _local(self, minutes: float, where: str) -> EntryMoment:
        """A moment by the clock of the house; universal time where a zone is known."""
        if self.zone is None or self.born is None:
            return EntryMoment(minutes)
        wall = datetime.datetime.combine(self.born, datetime.time()) + _minutes(minutes)
        first, second = (wall.replace(tzinfo=self.zone, fold=fold) for fold in (0, 1))
        offset = first.utcoffset()
        # an hour that clocks pass over, or show twice, has two offsets
        if offset != second.utcoffset():
            raise InputError(
                what=where,
                expected=f"a moment that the clocks of {self.zone.key} show once",
                found=wall.isoformat(" ", "minutes"),
                remedy="write its offset, such as +02:00, or leave out the zone to take all clock"
                " times as they are written",
                key=("zone",),
            )
        return EntryMoment(minutes, first.timestamp() / 60)

    def _age(self, date: datetime.date, where: str) -> float:
        """00:00 of a date in minutes of age."""
        if self.born is None:
            raise InputError(
                what=where,
                expected="the date of birth, from which ages are counted",
                found=f"the date {date.isoformat()} and no date of birth",
                remedy="give born='YYYY-MM-DD'",
                key=("born",),
            )
        age = (date - self.born).days * DAY
        if not 0 <= age < LATEST:
            raise InputError(
                what=where,
                expected=f"a date from the birth ({self.born.isoformat()}) to an age of 4 years",
                found=date.isoformat(),
                key=("born",),
            )
        return age


def is_stamp(text: str) -> bool:
    """Whether a cell holds a date before its clock time; "7:05 pm" holds none.

    >>> is_stamp("2024-03-01 07:05"), is_stamp("7:05 pm"), is_stamp("07:05")
    (True, False, False)
    """
    return _STAMP.fullmatch(text) is not None and _TWELVE.fullmatch(text) is None


def require_plausible_length(
    minutes: float, longest: float, start: EntryMoment, where: str
) -> None:
    """Raise for an entry that ends before it begins, or lasts longer than `longest` minutes.

    >>> require_plausible_length(30.0, 960.0, EntryMoment(600.0), "diary.csv, line 2")
    """
    if minutes < 0:
        raise InputError(
            what=where,
            expected=f"an end after its beginning ({moment_text(start.minutes)})",
            found=f"an end {-minutes:g} min before it",
        )
    if minutes > longest:
        raise InputError(
            what=where,
            expected=f"an entry of at most {longest / HOUR:g} h",
            found=f"one of {minutes / HOUR:.4g} h from {moment_text(start.minutes)}",
            remedy="are its clock times the wrong way round? If it did last so long, say longest",
            key=("longest",),
        )


def length_cell(text: str, where: str) -> float:
    """A length: minutes as a number, hours and minutes ("1:35"), or a time with its unit.

    >>> length_cell("95", "here"), length_cell("1:35", "here"), length_cell("1.5 h", "here")
    (95.0, 95.0, 90.0)
    """
    if hours := _HOURS.fullmatch(text):
        return int(hours[1]) * HOUR + int(hours[2]) + int(hours[3] or 0) / 60
    if units.is_quantity(text, "time"):
        return units.duration(text, where, positive=False)
    expected = "minutes, or hours and minutes such as '1:35'"
    return number_cell(text, where, expected, 0.0, LATEST)


def time_zone(name: Any) -> zoneinfo.ZoneInfo | None:
    """The zone of a name; None for None.

    Raises
    ------
    UnknownNameError : no such zone.

    >>> time_zone("Europe/Zurich").key
    'Europe/Zurich'
    """
    if name is None:
        return None
    # looked up by the names that there are: a name is a path to zoneinfo, and is none of a file
    zones = zoneinfo.available_timezones()
    if not isinstance(name, str) or name not in zones:
        raise unknown_name("time zone", name, sorted(zones), key=("zone",))
    return zoneinfo.ZoneInfo(name)


def birth_date(value: Any, dates: str) -> datetime.date | None:
    """A date of birth from a date or a text; None for None.

    Raises
    ------
    InputError : no date.

    >>> birth_date("2024-03-01", ISO_DATE)
    datetime.date(2024, 3, 1)
    """
    if value is None:
        return None
    # a moment is a date to Python, and says more than a day
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value
    if not isinstance(value, str):
        expected = "a date such as '2024-03-01'"
        raise InputError(what="born", expected=expected, found=shown(value), key=("born",))
    # the date of birth is the user's own: the one form without doubt, or that of the file
    iso = re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value) is not None
    return date_cell(value, "born", ISO_DATE if iso else dates)


def first_day_number(value: Any) -> int:
    """The day of life on which a diary of numbered days begins.

    >>> first_day_number(8)
    8
    """
    return whole_number(value, "first_day", 1, _LAST_DAY)


def _minutes(number: float) -> datetime.timedelta:
    return datetime.timedelta(minutes=number)


def _offset_minutes(text: str, cell: str, where: str) -> float:
    """How far a clock is ahead of universal time, from "+01:00", "+0100", "+01" or "Z"."""
    if text == "Z":
        return 0.0
    figures = text[1:].replace(":", "")
    hours, minutes = int(figures[:2]), int(figures[2:] or 0)
    # the farthest clocks are 14 hours ahead
    if hours > 14 or minutes > 59:
        raise UnitError(what=where, expected="an offset of at most 14 h", found=shown(cell))
    return (hours * HOUR + minutes) * (-1 if text[0] == "-" else 1)
