"""The values of the text form: each kind of option is read from a sentence and written into one.

The one spelling of a value is settled in `oxysim.schedule.options`; here stands how it looks in a
sentence.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from oxysim.errors import OxysimError, ScheduleError, UnitError
from oxysim.schedule.options import (
    AGE,
    CLOCKS,
    DAY_NUMBER,
    DOSE,
    INFANT,
    LAST_DAY,
    NAME,
    NUMBER,
    TIME,
    TRIAL,
    USUAL_DOSES,
    WEEKDAY,
    WEEKDAYS,
    OptionKind,
    age,
    number_text,
    numbered_day,
    settle_days,
    settle_quantity,
    weekday_number,
)
from oxysim.schedule.text.tokens import Reader, Token, is_word, nearest_words, shortened
from oxysim.units import SPELLINGS, clock, clock_text, quantity

# What a message gives as an example of each kind of quantity.
_EXAMPLES = {"time": TIME.example, "dose of oxytocin": DOSE.example}

# The longer phrases first, since a reader takes the longest that comes.
_DOSES = ("usual daily doses", "usual daily dose", "daily doses", "daily dose", "doses", "dose")


class Spelling(NamedTuple):
    """How a kind of option is `read` from a sentence and how its value is `written` into one.

    >>> from oxysim.schedule.text.tokens import sentences
    >>> SPELLING[AGE].read(sentences("6 weeks of age")[0]), SPELLING[AGE].write("6 weeks")
    ('6 weeks', '6 weeks of age')
    """

    read: Callable[[Reader], Any]
    write: Callable[[Any], str]


# ------------------------------------------------------------------------------- what stands next
def is_unit(token: Token) -> bool:
    """Whether a token is a unit of time or dose.

    >>> is_unit(Token("word", "min", 3, 6)), is_unit(Token("word", "kg", 3, 5))
    (True, False)
    """
    return any(token.text in SPELLINGS[kind] for kind in _EXAMPLES)


def comes_day(reader: Reader) -> bool:
    """Whether a numbered day comes next.

    >>> from oxysim.schedule.text.tokens import sentences
    >>> comes_day(sentences("trial day 3")[0]), comes_day(sentences("Monday")[0])
    (True, False)
    """
    return any(reader.comes(phrase) for phrase in ("day", f"{TRIAL} day", f"{INFANT} day"))


def _is_weekday(token: Token) -> bool:
    # the name or its first three letters, as in `weekday_number`
    spellings = {spelling.casefold() for weekday in WEEKDAYS for spelling in (weekday, weekday[:3])}
    return token.fold in spellings


def _is_clock(reader: Reader, steps: int) -> bool:
    """Whether a clock time comes `steps` tokens later: "10:45", or "10" before "am" or "pm"."""
    token = reader.ahead(steps)
    # "10" alone could be an amount
    half_follows = reader.ahead(steps + 1).fold in ("am", "pm")
    return token.kind == "clock" or (token.kind == "number" and half_follows)


# ---------------------------------------------------------------------------------------- reading
def read_count(reader: Reader, label: str) -> int:
    """A whole number, in figures or as a word up to twelve.

    Raises
    ------
    ScheduleError : something else comes next.

    >>> from oxysim.schedule.text.tokens import sentences
    >>> read_count(sentences("three sessions")[0], "a number of sessions")
    3
    """
    count = reader.count()
    if count is None:
        raise reader.error(
            ScheduleError, f"expected {label}, a whole number such as '3'; found {reader.now.shown}"
        )
    reader.take()
    return count


def read_days(reader: Reader) -> tuple[str, ...]:
    """Weekdays, as their first three letters, Monday first.

    Raises
    ------
    ScheduleError, UnknownNameError : no weekday, or one listed twice.

    >>> from oxysim.schedule.text.tokens import sentences
    >>> read_days(sentences("Thursday, Mon")[0])
    ('Mon', 'Thu')
    """
    days: tuple[str, ...] = settle_days(_read_list(reader, _read_weekday, "word"))
    return days


def _read_quantity(reader: Reader, kind: str) -> str:
    """A number with its unit, in its settled spelling."""
    number, example = reader.now, _EXAMPLES[kind]
    if number.kind != "number":
        raise reader.error(
            UnitError, f"expected a {kind} with its unit, such as {example!r}; found {number.shown}"
        )
    reader.take()

    # a word that begins a clause is no misspelt unit: the unit is missing
    unit = reader.now
    if unit.kind != "word" or unit.fold in reader.openers:
        message = (
            f"{shortened(number.text)} has no unit; expected a {kind} with its unit, such as"
            f" {example!r}"
        )
        raise reader.error(UnitError, message, number)
    if unit.text not in SPELLINGS[kind]:
        word = shortened(unit.text)
        nearest = nearest_words(word, SPELLINGS[kind])
        raise reader.error(UnitError, f"{word!r} is not a unit of {kind}; nearest: {nearest}")
    reader.take()

    text = f"{number.text} {unit.text}"
    try:
        quantity(text, kind, kind)
    except UnitError as error:
        raise reader.again(error, number, unit) from None
    return str(settle_quantity(text, kind))


def _read_age(reader: Reader) -> str:
    """A numbered day, of the infant or of a trial, or an age with its unit."""
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
        # said for the reader's sake: "6 weeks of age" and "6 weeks" are one age
        reader.skip("of age")

    # what is no day and no age is refused where it stands
    try:
        if numbered_day(text, "age") is None:
            age(text, "age")
    except OxysimError as error:
        raise reader.again(error, first, reader.last) from None
    return text


def _read_last_day(reader: Reader) -> str:
    """The age before which something happens, from its last day: "day 35" is before day 36."""
    last = _read_age(reader)
    # kept as the age before which it happens, so the day after the last
    return f"day {int(last[4:]) + 1}" if last.startswith("day ") else last


def _read_day(reader: Reader) -> str:
    if not comes_day(reader):
        raise reader.error(
            ScheduleError, f"expected a day such as 'day 36'; found {reader.now.shown}"
        )
    return _read_age(reader)


def _read_list(reader: Reader, read_item: Callable[[Reader], str], kind: str) -> list[str]:
    """Items between commas or "and"; a comma that no item follows is not taken."""
    items: list[str] = []
    while True:
        first = reader.now
        item = read_item(reader)
        # refused here, where the caret can stand under the second one
        if item in items:
            raise reader.error(
                ScheduleError, f"{item!r} is listed twice; leave one of them out", first
            )
        items.append(item)

        comma = reader.now.kind == "comma"
        after_comma = reader.ahead(int(comma))
        goes_on = _is_clock(reader, 1) if kind == "clock" else _is_weekday(after_comma)
        if after_comma.fold == "and":
            reader.position += 1 + comma
        elif comma and goes_on:
            reader.take()
        else:
            return items


def _read_weekday(reader: Reader) -> str:
    if not _is_weekday(reader.now):
        names = [weekday[:3] for weekday in WEEKDAYS] + list(WEEKDAYS)
        raise reader.unknown("day of the week", names, "after 'on' (or 'day' and its number)")
    return WEEKDAYS[weekday_number(reader.take().text, "days")][:3]


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


def _read_number(reader: Reader) -> float:
    token = reader.now
    # 1e999 has the shape of a number and is none
    if token.kind != "number" or not math.isfinite(float(token.text)):
        raise reader.error(ScheduleError, f"expected a number such as '0.5'; found {token.shown}")
    reader.take()
    return float(token.text)


def _read_doses(reader: Reader) -> float:
    first = reader.now
    value = _read_number(reader)
    if not reader.skip(*_DOSES):
        # the caret stands under a word that ought to be "doses", else under the number
        misspelt = reader.now.kind == "word" and reader.now.fold not in reader.openers
        raise reader.error(
            UnitError,
            "expected usual daily doses, such as '1 usual daily dose'",
            reader.now if misspelt else first,
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


# ---------------------------------------------------------------------------------------- writing
def quoted_name(name: str, reserved: frozenset[str]) -> str:
    """A caregiver's name, in quotation marks where it could be taken for something else.

    >>> quoted_name("father", frozenset({"at"})), quoted_name("at", frozenset({"at"}))
    ('father', '"at"')
    """
    plain = is_word(name) and name.casefold() not in reserved
    return name if plain else json.dumps(name, ensure_ascii=not name.isprintable())


def _write_age(value: str) -> str:
    return value if numbered_day(value, "age") else f"{value} of age"


def _write_last_day(value: str) -> str:
    """The last day, from the age before which something happens."""
    return f"day {int(value[4:]) - 1}" if value.startswith("day ") else f"{value} of age"


def _write_doses(value: float) -> str:
    return f"{number_text(value)} usual daily dose{'' if value == 1 else 's'}"


SPELLING: Mapping[OptionKind, Spelling] = {
    TIME: Spelling(lambda reader: _read_quantity(reader, "time"), str),
    DOSE: Spelling(lambda reader: _read_quantity(reader, "dose of oxytocin"), str),
    AGE: Spelling(_read_age, _write_age),
    LAST_DAY: Spelling(_read_last_day, _write_last_day),
    DAY_NUMBER: Spelling(_read_day, str),
    CLOCKS: Spelling(_read_clocks, ", ".join),
    NUMBER: Spelling(_read_number, number_text),
    USUAL_DOSES: Spelling(_read_doses, _write_doses),
    NAME: Spelling(_read_name, str),
    WEEKDAY: Spelling(_read_weekday, str),
}
"""For each kind of option how it is read from a sentence and written into one."""
