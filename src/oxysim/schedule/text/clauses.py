"""Clauses in a sentence: whether one begins here, what it says, and how it is written.

A sentence is what happens (a noun phrase and its amount) and any number of clauses in any order,
with or without commas. Which clauses a thing has is data (`oxysim.schedule.wording`); the three
functions here do the work for each class of clause. `oxysim.schedule.text.parser` reads whole
sentences with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import singledispatch
from typing import Any

from oxysim.errors import ScheduleError
from oxysim.schedule.options import DAY_NUMBER, NAME, TIME
from oxysim.schedule.text.tokens import Reader
from oxysim.schedule.text.values import SPELLING, comes_day, quoted_name, read_count, read_days
from oxysim.schedule.wording import (
    By,
    Clause,
    Counted,
    Form,
    HowOften,
    Keyed,
    On,
    OnAndOff,
    Words,
    default_of,
)

TIMES_A_DAY = "times a day"
"""The option that says how many clock times there are; it becomes `at` before anything is built."""

MOST_TIMES_A_DAY = 24
"""The most bouts a day that a sentence can ask for: one an hour."""


# -------------------------------------------------------------------------- does it begin here
@singledispatch
def begins(clause: Clause, reader: Reader) -> bool:
    """Whether a clause begins at the next word.

    >>> from oxysim.schedule.text.tokens import sentences
    >>> begins(By(), sentences("by father")[0])
    True
    """
    return any(reader.comes(opener) for opener in clause.openers)


@begins.register
def _(clause: Counted, reader: Reader) -> bool:
    if clause.before:
        return reader.comes(clause.before)
    return reader.count() is not None and reader.ahead(1).fold in clause.nouns


@begins.register
def _(clause: HowOften, reader: Reader) -> bool:
    # a number alone may begin another clause ("8 sessions"), so the word after it decides
    many_times = reader.count() is not None and reader.ahead(1).fold in ("times", "time")
    return many_times or reader.now.fold in ("once", "daily", "weekly", "every", "twice")


@begins.register
def _(clause: OnAndOff, reader: Reader) -> bool:
    # "5 days" alone would be a length: only "on" or "off" after it makes a pattern
    days = reader.ahead(1).fold in ("days", "day")
    return reader.count() is not None and days and reader.ahead(2).fold in ("on", "off")


# ------------------------------------------------------------------------------ what does it say
@singledispatch
def read_clause(clause: Clause, reader: Reader) -> dict[str, Any]:
    """The options that a clause says, which begins at the next word.

    Raises
    ------
    ScheduleError, UnitError, UnknownNameError : a word that is not understood.

    >>> from oxysim.schedule.text.tokens import sentences
    >>> read_clause(By(), sentences("by father")[0])
    {'by': 'father'}
    """
    raise TypeError(f"no reader for a {type(clause).__name__}")


@read_clause.register
def _(clause: Keyed, reader: Reader) -> dict[str, Any]:
    # a key may be several words, such as "holding in mind"
    reader.skip(*clause.keys)
    return {clause.field: SPELLING[clause.kind].read(reader)}


@read_clause.register
def _(clause: By, reader: Reader) -> dict[str, Any]:
    reader.take()
    return {"by": SPELLING[NAME].read(reader)}


@read_clause.register
def _(clause: Words, reader: Reader) -> dict[str, Any]:
    # the longest that comes, so that a short phrase never hides one that begins with it
    coming = [phrase for phrase in clause.phrases if reader.comes(phrase)]
    phrase = max(coming, key=lambda words: len(words.split()))
    reader.skip(phrase)
    return {clause.field: clause.phrases[phrase]}


@read_clause.register
def _(clause: Counted, reader: Reader) -> dict[str, Any]:
    reader.skip(clause.before)
    number = read_count(reader, f"a number of {clause.noun}")
    if not reader.skip(*clause.nouns):
        raise reader.unknown("word", [clause.noun], f"after '{number}'")
    return {clause.field: number}


@read_clause.register
def _(clause: HowOften, reader: Reader) -> dict[str, Any]:
    # phrases before the single words that begin them: "once a day" is not "once"
    if reader.skip("once a day", "once per day", "every day", "daily"):
        return {"repeat": "daily"}
    if reader.skip("once a week", "once per week", "every week", "weekly"):
        return {"repeat": "weekly"}
    if reader.skip("once"):
        return {"repeat": "once"}
    if reader.skip("every"):
        return {"repeat": "once", "every": SPELLING[TIME].read(reader)}

    # so many times a day
    first = reader.now
    # "twice" is the number and the word "times" in one
    number = 2 if reader.skip("twice") else read_count(reader, "how many times a day")
    reader.skip("times", "time")
    if not (reader.skip("a", "per") and reader.skip("day")):
        message = f"expected so many times a day; found {reader.now.shown}"
        raise reader.error(
            ScheduleError, f"{message} (for some days of the week: 'daily on Mon, Thu')"
        )
    if not 1 <= number <= MOST_TIMES_A_DAY:
        message = f"expected 1 to {MOST_TIMES_A_DAY} times a day; found {number}"
        raise reader.error(ScheduleError, message, first, reader.last)
    return {"times": number} if clause.times else {"repeat": "daily", TIMES_A_DAY: number}


@read_clause.register
def _(clause: On, reader: Reader) -> dict[str, Any]:
    first = reader.skip("first on")
    if not first:
        reader.skip("on")
    if clause.day and (first or comes_day(reader)):
        return {"day": SPELLING[DAY_NUMBER].read(reader)}
    return {"days": read_days(reader)}


@read_clause.register
def _(clause: OnAndOff, reader: Reader) -> dict[str, Any]:
    days_on = _read_number_of_days(reader, "on")
    reader.skip_comma()
    return {"cycle": (days_on, _read_number_of_days(reader, "off"))}


def _read_number_of_days(reader: Reader, word: str) -> int:
    number = read_count(reader, f"a number of days {word}")
    if not (reader.skip("days", "day") and reader.skip(word)):
        raise reader.error(
            ScheduleError, f"expected '{number} days {word}'; found {reader.now.shown}"
        )
    return number


# -------------------------------------------------------------------------- how is it written
@singledispatch
def write_clause(clause: Clause, item: Any) -> str:
    """The clause for an item's options; empty where they are at their defaults.

    >>> from oxysim import SkinToSkin
    >>> write_clause(By(), SkinToSkin("60 min", at="10:00", by="father"))
    'by father'
    """
    raise TypeError(f"no writer for a {type(clause).__name__}")


@write_clause.register
def _(clause: Keyed, item: Any) -> str:
    value = getattr(item, clause.field)
    # what is at its default goes unsaid, so that equal items have one sentence
    if value == default_of(item, clause.field):
        return ""
    return f"{clause.keys[0]} {SPELLING[clause.kind].write(value)}"


@write_clause.register
def _(clause: By, item: Any) -> str:
    return "" if item.by == "caregiver" else f"by {quoted_name(item.by, clause.reserved)}"


@write_clause.register
def _(clause: Words, item: Any) -> str:
    value = getattr(item, clause.field)
    if value == default_of(item, clause.field) and not clause.always:
        return ""
    return next(phrase for phrase, meaning in clause.phrases.items() if meaning == value)


@write_clause.register
def _(clause: Counted, item: Any) -> str:
    value = getattr(item, clause.field)
    if value == default_of(item, clause.field):
        return ""
    return f"{clause.before} {value} {clause.nouns[value == 1]}".strip()


@write_clause.register
def _(clause: HowOften, item: Any) -> str:
    if item.every is not None:
        words = [f"every {item.every}"]
    else:
        words = [item.repeat] if _repeat_is_said(clause, item) else []
    if clause.times and item.times is not None:
        words.append(f"{item.times} {'time' if item.times == 1 else 'times'} a day")
    return " ".join(words)


def _repeat_is_said(clause: HowOften, item: Any) -> bool:
    """Whether `repeat` has to stand in the sentence."""
    has_times = clause.times and item.times is not None
    # "three times a day" says daily already
    if item.repeat != ("daily" if has_times else "once"):
        return True
    # "once" is said of what is daily or weekly unless told otherwise
    return not has_times and default_of(item, "repeat") != "once"


@write_clause.register
def _(clause: On, item: Any) -> str:
    words = [] if item.days is None else ["on " + ", ".join(item.days)]
    if clause.day and item.day is not None:
        once = item.repeat == "once" and item.every is None
        words.append(f"{'on' if once else 'first on'} {item.day}")
    return " ".join(words)


@write_clause.register
def _(clause: OnAndOff, item: Any) -> str:
    if item.cycle is None:
        return ""
    days_on, days_off = (f"{n} {'day' if n == 1 else 'days'}" for n in item.cycle)
    return f"{days_on} on {days_off} off"


def write_sentence(item: Any, form: Form, clauses: Sequence[Clause]) -> str:
    """The one sentence for an item, which reads back as an equal one.

    >>> from oxysim import SkinToSkin
    >>> write_sentence(SkinToSkin("60 min", at="10:00"), SkinToSkin.form, SkinToSkin.clauses())
    'skin-to-skin 60 min at 10:00'
    """
    words = [form.nouns[0]]
    if form.amount is not None:
        amount = SPELLING[form.amount.kind].write(getattr(item, form.amount.field))
        # "24 IU intranasal", but "massage 15 min"
        words.insert(0 if form.amount.before else 1, amount)
    words += [write_clause(clause, item) for clause in clauses]
    return " ".join(filter(None, words))
