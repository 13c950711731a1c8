"""The values of the text form: lengths of time, doses, ages, clock times, weekdays, numbers, names.

Each kind is read from a sentence, written into one, and settled: brought to the one spelling in
which equal values are equal (``"60 minutes"`` and a pint quantity both become ``"60 min"``).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from oxysim.checks import number
from oxysim.errors import OxysimError, ScheduleError, UnitError, UnknownNameError
from oxysim.schedule.bouts import INFANT, TRIAL, WEEKDAYS, age, numbered_day, require_weekday
from oxysim.schedule.text.tokens import COUNTS, Reader, Token, is_word, nearest_words, shortened
from oxysim.units import DAY, clock, clock_text, quantity

_SPELLINGS = {
    "time": {
        "s": ("s", "sec", "second", "seconds"),
        "min": ("min", "minute", "minutes"),
        "h": ("h", "hr", "hour", "hours"),
        "d": ("d", "day", "days"),
        "week": ("wk", "week", "weeks"),
        "month": ("mo", "month", "months"),
        "year": ("y", "year", "years"),
    },
    "dose of oxytocin": {
        "IU": ("IU",),
        "mIU": ("mIU",),
        "ug": ("ug", "µg"),
        "ng": ("ng",),
        "mg": ("mg",),
    },
}
UNITS = {
    kind: {s: unit for unit, all_s in table.items() for s in all_s}
    for kind, table in _SPELLINGS.items()
}
"""For each kind of quantity the unit behind every spelling of it."""

_EXAMPLES = {"time": "60 min", "dose of oxytocin": "24 IU"}
_DOSES = ("usual daily doses", "usual daily dose", "daily doses", "daily dose", "doses", "dose")


class Value(NamedTuple):
    """A kind of value: `read` from a reader, `write` to text, and `settle` (value, what) -> value.

    `settle` leaves alone what it cannot read, so that the checks of the thing itself say what is
    wrong with it.
    """

    read: Callable[[Reader], Any]
    write: Callable[[Any], str]
    settle: Callable[[Any, str], Any]
    example: str


def number_text(value: float) -> str:
    """A number in as few characters as say it exactly: 24.0 -> '24'."""
    whole = float(value).is_integer() and abs(value) < 1e15
    return str(int(value)) if whole else repr(float(value))


def is_unit(token: Token) -> bool:
    """Whether a token is a unit of time or dose."""
    return any(token.text in table for table in UNITS.values())


def read_count(reader: Reader, what: str) -> int:
    """A whole number, in figures or as a word up to twelve."""
    found = reader.count()
    if found is None:
        raise reader.error(
            ScheduleError, f"expected {what}, a whole number such as '3'; found {reader.now.shown}"
        )
    reader.take()
    return found


def read_days(reader: Reader) -> tuple[str, ...]:
    """Weekdays, as their first three letters, Monday first."""
    return tuple(sorted(_read_list(reader, _read_weekday, "word"), key=_weekday_number))


def quoted_name(name: str, openers: frozenset[str]) -> str:
    """A caregiver's name, in quotation marks where it could be taken for something else."""
    plain = is_word(name) and name.casefold() not in openers
    return name if plain else json.dumps(name, ensure_ascii=not name.isprintable())


def settle_days(value: Any, what: str) -> Any:
    """Weekdays as read_days gives them; unreadable ones as they are."""
    given = (value,) if isinstance(value, str) else value
    if not isinstance(given, tuple | list):
        return value
    try:
        return tuple(
            sorted(
                (WEEKDAYS[require_weekday(name, what)][:3] for name in given), key=_weekday_number
            )
        )
    except UnknownNameError:
        return tuple(given)


def require_distinct(items: tuple[Any, ...], what: str) -> None:
    """Raise where something is listed twice."""
    for item in items:
        if items.count(item) > 1:
            raise ScheduleError(f"{what}: {item!r} is listed twice; leave one of them out")


def _weekday_number(name: str) -> int:
    return require_weekday(name, "days")


def _read_quantity(reader: Reader, kind: str) -> str:
    """A number with its unit, in its settled spelling."""
    number, example = reader.now, _EXAMPLES[kind]
    if number.kind != "number":
        raise reader.error(
            UnitError, f"expected a {kind} with its unit, such as {example!r}; found {number.shown}"
        )
    reader.take()
    unit = reader.now
    if unit.kind != "word" or unit.fold in reader.openers:
        message = (
            f"{shortened(number.text)} has no unit; expected a {kind} with its unit, such as"
            f" {example!r}"
        )
        raise reader.error(UnitError, message, number)
    if unit.text not in UNITS[kind]:
        found = shortened(unit.text)
        message = f"{found!r} is not a unit of {kind}; nearest: {nearest_words(found, UNITS[kind])}"
        raise reader.error(UnitError, message)
    reader.take()
    text = f"{number.text} {unit.text}"
    try:
        quantity(text, kind, kind)
    except UnitError as error:
        raise reader.again(error, number, unit) from None
    return str(_settle_quantity(text, kind))


def _settle_quantity(value: Any, kind: str) -> Any:
    try:
        quantity(value, kind, kind)
    except UnitError:
        return value
    text = value if isinstance(value, str) else f"{float(value.magnitude)!r} {value.units:~}"
    split = re.fullmatch(r"\s*(.*?)\s*([A-Za-zµ]+)\s*", text)
    if split is None:
        return value
    number, unit = float(split[1]), UNITS[kind].get(split[2], split[2])
    plural = "s" if unit in ("week", "month", "year") and number != 1 else ""
    return f"{number_text(number)} {unit}{plural}"


def _quantity(kind: str) -> Value:
    return Value(
        lambda reader: _read_quantity(reader, kind),
        str,
        lambda value, _: _settle_quantity(value, kind),
        _EXAMPLES[kind],
    )


def _read_age(reader: Reader) -> str:
    first = reader.now
    counted_by = next((word for word in (TRIAL, INFANT) if reader.skip(f"{word} day")), "")
    if counted_by or reader.skip("day"):
        number = read_count(reader, "the number of a day")
        text = f"{counted_by} day {number}".strip()
    else:
        if first.kind != "number":
            message = (
                f"expected a day such as 'day 5' or an age such as '6 weeks'; found {first.shown}"
            )
            raise reader.error(UnitError, message)
        text = _read_quantity(reader, "time")
        reader.skip("of age")
    try:
        if numbered_day(text, "age") is None:
            age(text, "age")
    except OxysimError as error:
        raise reader.again(error, first, reader.last) from None
    return text


def _settle_age(value: Any, what: str) -> Any:
    try:
        numbered = numbered_day(value, what)
        if numbered is not None:
            return f"{numbered[0]} day {numbered[1]}".strip()
        age(value, what)
    except OxysimError:
        return value
    return _settle_quantity(value, "time")


def _write_age(value: str) -> str:
    return value if numbered_day(value, "age") else f"{value} of age"


def _read_day(reader: Reader) -> str:
    if not comes_day(reader):
        raise reader.error(
            ScheduleError, f"expected a day such as 'day 36'; found {reader.now.shown}"
        )
    return _read_age(reader)


def comes_day(reader: Reader) -> bool:
    """Whether a numbered day comes next."""
    return any(reader.comes(phrase) for phrase in ("day", f"{TRIAL} day", f"{INFANT} day"))


def _settle_day(value: Any, what: str) -> Any:
    try:
        numbered = numbered_day(value, what)
        if numbered is not None:
            return f"{numbered[0]} day {numbered[1]}".strip()
        return f"day {int(age(value, what) // DAY) + 1}"
    except OxysimError:
        return value


def _read_list(reader: Reader, item: Callable[[Reader], str], kind: str) -> list[str]:
    """Items between commas or "and"; a comma that no item follows is left to whoever reads on."""
    found: list[str] = []
    while True:
        first = reader.now
        one = item(reader)
        if one in found:
            raise reader.error(
                ScheduleError, f"{one!r} is listed twice; leave one of them out", first
            )
        found.append(one)
        comma = reader.now.kind == "comma"
        following = reader.ahead(int(comma))
        if following.fold == "and":
            reader.place += 1 + comma
        elif comma and (_is_clock(reader, 1) if kind == "clock" else _is_weekday(following)):
            reader.take()
        else:
            return found


def _is_weekday(token: Token) -> bool:
    return token.fold in {
        short for name in WEEKDAYS for short in (name.casefold(), name[:3].casefold())
    }


def _read_weekday(reader: Reader) -> str:
    if not _is_weekday(reader.now):
        names = [day[:3] for day in WEEKDAYS] + list(WEEKDAYS)
        raise reader.unknown("day of the week", names, "after 'on' (or 'day' and its number)")
    return WEEKDAYS[require_weekday(reader.take().text, "days")][:3]


def _is_clock(reader: Reader, steps: int) -> bool:
    """Whether a clock time comes so many tokens later: "10:45", or "10" before "am" or "pm"."""
    token = reader.ahead(steps)
    return token.kind == "clock" or (
        token.kind == "number" and reader.ahead(steps + 1).fold in ("am", "pm")
    )


def _read_clock(reader: Reader) -> str:
    token = reader.now
    if not _is_clock(reader, 0):
        raise reader.error(
            UnitError, f"expected a clock time such as '10:45' or '10 am'; found {token.shown}"
        )
    reader.take()
    half = f" {reader.take().text}" if reader.now.fold in ("am", "pm") else ""
    try:
        return clock_text(clock(f"{token.text}{half}", begins=True))
    except UnitError as error:
        raise reader.again(error, token, reader.last) from None


def _read_clocks(reader: Reader) -> tuple[str, ...]:
    return tuple(sorted(_read_list(reader, _read_clock, "clock")))


def _settle_clocks(value: Any, _: str) -> Any:
    given = (value,) if isinstance(value, str) else value
    if not isinstance(given, tuple | list):
        return value
    try:
        return tuple(sorted(clock_text(clock(time)) for time in given))
    except UnitError:
        return tuple(given)


def _write_clocks(value: tuple[str, ...]) -> str:
    return ", ".join(value)


def _read_number(reader: Reader) -> float:
    token = reader.now
    if token.kind != "number" or not math.isfinite(float(token.text)):
        raise reader.error(ScheduleError, f"expected a number such as '0.5'; found {token.shown}")
    reader.take()
    return float(token.text)


def _settle_number(value: Any, what: str) -> Any:
    number(value, what)
    return value  # a whole number stays one, and is written as one


def _read_doses(reader: Reader) -> float:
    first = reader.now
    value = _read_number(reader)
    if not reader.skip(*_DOSES):
        token = (
            reader.now
            if reader.now.kind == "word" and reader.now.fold not in reader.openers
            else first
        )
        raise reader.error(
            UnitError, "expected usual daily doses, such as '1 usual daily dose'", token
        )
    return value


def _read_name(reader: Reader) -> str:
    token = reader.now
    if token.kind == "quoted":
        reader.take()
        try:
            return str(json.loads(token.text))
        except json.JSONDecodeError as error:
            raise reader.error(
                ScheduleError, f"{token.text} cannot be read: {error.msg}", token
            ) from None
    if token.kind != "word" or token.fold in reader.openers:
        raise reader.error(
            ScheduleError, f"expected a caregiver's name such as 'father'; found {token.shown}"
        )
    return reader.take().text


def _as_it_is(value: Any, _: str) -> Any:
    return value


TIME = _quantity("time")
DOSE = _quantity("dose of oxytocin")
AGE = Value(_read_age, _write_age, _settle_age, "6 weeks")
DAY_NUMBER = Value(_read_day, str, _settle_day, "day 36")
CLOCKS = Value(_read_clocks, _write_clocks, _settle_clocks, "10:00")
NUMBER = Value(_read_number, number_text, _settle_number, "0.5")
USUAL_DOSES = Value(
    _read_doses,
    lambda n: f"{number_text(n)} usual daily dose{'' if n == 1 else 's'}",
    _settle_number,
    "1 usual daily dose",
)
NAME = Value(_read_name, str, _as_it_is, "father")
WEEKDAY = Value(_read_weekday, str, _as_it_is, "Friday")
COUNT_WORDS = frozenset(COUNTS)
