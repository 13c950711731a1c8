"""Cells with a time: a clock, a date, or both.

A date that is not written year, month, day can be read in two ways; it is read by a pattern that is
named, or not at all.
"""

from __future__ import annotations

import datetime
import functools
import re
from typing import Any

from oxysim import units
from oxysim.errors import InputError, UnitError, shown
from oxysim.observations.cells import cell_error

ISO_DATE = "YYYY-MM-DD"
"""The one form of a date that nobody reads in two ways."""

# years in which somebody may have been measured, or born
_FIRST_YEAR, _LAST_YEAR = 1900, 2199
# two digits of a year mean this century: no study of oxytocin in saliva is older
_CENTURY = 2000
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")

# a date of figures alone, in which day and month may be either way round
_FIGURES = re.compile(r"([0-9]{1,4})([-./ ])([0-9]{1,2})\2([0-9]{1,4})")
_DATE_TOKENS = re.compile(r"YYYY|YY|MMM|MM|DD|[-./ ]")
# the clock begins where an hour is followed by minutes, or by am and pm
_DATE_AND_CLOCK = re.compile(r"(.+?)[ T]+([0-9]{1,2}(?::[0-9]{2}.*|\s*[apAP].*))")
_ZONE = re.compile(r"(?:Z|[-+][0-9]{2}:?[0-9]{2})$")
# twelve hours with seconds, as programs export them and nobody writes a schedule
_TWELVE_WITH_SECONDS = re.compile(
    r"([0-9]{1,2}:[0-9]{2}):([0-5][0-9])(\s*[ap]\.?m\.?)", re.IGNORECASE
)
# thousandths of a second that are none, as databases export them
_NO_FRACTION = re.compile(r"([0-9]:[0-9]{2}:[0-9]{2})\.0+\b")
# what is no pattern of a date matches nothing
_NEVER = re.compile(r"(?!)")
_EXPRESSIONS = {
    "YYYY": "(?P<year>[0-9]{4})",
    "YY": "(?P<year>[0-9]{2})",
    "MMM": "(?P<month_name>[A-Za-z]{3})",
}


def clock_cell(text: str, where: str) -> float:
    """A time of day in minutes after midnight, 0 to below 1440: "14:30", "14:30:15", "2:30 pm".

    Raises
    ------
    UnitError : no time of day; "24:00", which may be of either day.

    >>> clock_cell("14:30", "saliva.csv, line 4, column clock")
    870.0
    """
    # figures of other scripts pass as digits elsewhere
    if not text.isascii():
        expected = "a clock time such as '10:45' or '2:30 pm'"
        raise UnitError(what=where, expected=expected, found=shown(text))
    text = _NO_FRACTION.sub(r"\1", text)
    if exported := _TWELVE_WITH_SECONDS.fullmatch(text):
        return units.clock(exported[1] + exported[3], where, begins=True) + int(exported[2]) / 60
    return units.clock(text, where, begins=True)


def date_cell(text: str, where: str, pattern: str = ISO_DATE) -> datetime.date:
    """A date; one that is not written year, month, day is read only by a pattern that is named.

    Parameters
    ----------
    pattern : YYYY or YY, MM or MMM (Jan, Feb, ...), and DD in the order of the file, with what
        stands between them: "DD.MM.YYYY", "MM/DD/YY", "DDMMMYYYY". YY is of this century.

    Raises
    ------
    InputError : no such date, or not written so.

    >>> date_cell("2020-11-03", "saliva.csv, line 4, column date")
    datetime.date(2020, 11, 3)
    >>> date_cell("03.11.20", "saliva.csv, line 4, column date", "DD.MM.YY")
    datetime.date(2020, 11, 3)
    """
    match = _date_expression(pattern).fullmatch(text)
    if match is None:
        raise cell_error(text, where, f"a date as {pattern}", _date_remedy(text), ("dates",))
    parts = match.groupdict()
    year = int(parts["year"]) + (_CENTURY if len(parts["year"]) == 2 else 0)
    name = (parts.get("month_name") or "").casefold()
    # three letters that are no month give 0, which is none either
    month = _MONTHS.index(name) + 1 if name in _MONTHS else int(parts.get("month") or 0)
    try:
        if not _FIRST_YEAR <= year <= _LAST_YEAR:
            raise ValueError
        return datetime.date(year, month, int(parts["day"]))
    except ValueError:
        years = f"a year from {_FIRST_YEAR} to {_LAST_YEAR}"
        expected = f"a date of the calendar as {pattern}, with {years}"
        raise cell_error(text, where, expected, key=("dates",)) from None


def moment_cell(text: str, where: str, pattern: str = ISO_DATE) -> tuple[datetime.date, float]:
    """A date and a clock time in one cell: "2020-11-03 10:34" or "2020-11-03T10:34:00".

    Raises
    ------
    InputError, UnitError : not both, or one of them is none; a time zone, which samples have none
        of.

    >>> moment_cell("2020-11-03 10:34", "saliva.csv, line 4, column taken")
    (datetime.date(2020, 11, 3), 634.0)
    """
    expected = f"a date as {pattern} and a clock time"
    parts = _DATE_AND_CLOCK.fullmatch(text)
    if parts is None:
        raise cell_error(text, where, expected)
    if _ZONE.search(parts[2]):
        remedy = "write the local time of day, without a zone"
        raise cell_error(text, where, expected, remedy)
    return date_cell(parts[1], where, pattern), clock_cell(parts[2], where)


def date_pattern(value: Any, label: str = "dates") -> str:
    """A pattern of dates; raises unless it has a year, a month and a day once each.

    >>> date_pattern("DD.MM.YYYY")
    'DD.MM.YYYY'
    """
    if not isinstance(value, str) or _date_expression(value) is _NEVER:
        raise InputError(
            what=label,
            expected="a pattern of YYYY or YY, MM or MMM, and DD, such as 'DD.MM.YYYY'",
            found=shown(value),
            key=(label,),
        )
    return value


@functools.lru_cache(maxsize=64)
def _date_expression(pattern: str) -> re.Pattern[str]:
    """The expression of a pattern; one that nothing matches where it is no pattern."""
    tokens = _DATE_TOKENS.findall(pattern)
    figures = sorted(token[0] for token in tokens if token[0] in "YMD")
    if "".join(tokens) != pattern or figures != ["D", "M", "Y"]:
        return _NEVER
    # a day of one figure can be told only where something stands on either side of it
    spaced = any(token in "-./ " for token in tokens)
    width = "{1,2}" if spaced else "{2}"
    expressions = _EXPRESSIONS | {"MM": f"(?P<month>[0-9]{width})", "DD": f"(?P<day>[0-9]{width})"}
    return re.compile("".join(expressions.get(token, re.escape(token)) for token in tokens))


def _date_remedy(text: str) -> str:
    """How the pattern of a date of figures is named, with the ways in which it can be read."""
    match = _FIGURES.fullmatch(text)
    if match is None:
        return ""
    first, mark, _, last = match.groups()
    if len(first) == 4:
        return f"name its pattern: dates='YYYY{mark}MM{mark}DD'"
    year = "YYYY" if len(last) == 4 else "YY"
    ways = [
        f"dates='{day}{mark}{month}{mark}{year}'" for day, month in (("DD", "MM"), ("MM", "DD"))
    ]
    return f"whether day or month comes first cannot be told: name it, {' or '.join(ways)}"
