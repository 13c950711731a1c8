"""The clauses of the text form: for each option of a thing how it is said, and how it is written.

A sentence is what happens (a noun phrase and its amount) and any number of clauses in any order,
with or without commas. `oxysim.schedule.text.parser` reads them.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from oxysim.errors import InputError, ScheduleError
from oxysim.schedule.text.tokens import Reader
from oxysim.schedule.text.values import (
    AGE,
    CLOCKS,
    COUNT_WORDS,
    DAY_NUMBER,
    NAME,
    NUMBER,
    TIME,
    Value,
    comes_day,
    quoted_name,
    read_count,
    read_days,
    settle_days,
)

TIMES_A_DAY = "times a day"
"""The option that says how many clock times there are; it becomes `at` before anything is built."""


class Clause(ABC):
    """The interface of a way to say an option: `openers` may begin it, `fields` are the options
    that it sets.
    """

    @property
    @abstractmethod
    def openers(self) -> tuple[str, ...]:
        """The phrases that it may begin with."""

    @abstractmethod
    def read(self, reader: Reader) -> dict[str, Any]:
        """The options that it says."""

    @abstractmethod
    def write(self, item: Any) -> str:
        """The clause for an item's options; empty where they are at their defaults."""

    def opens(self, reader: Reader) -> bool:
        """Whether it begins at the next word."""
        return any(reader.comes(opener) for opener in self.openers)

    def settle(self, item: Any, what: str) -> dict[str, Any]:
        """The item's options in the spelling in which equal ones are equal."""
        return {}


@dataclass(frozen=True)
class Keyed(Clause):
    """A key and its value, such as "intensity 0.8"; the first of the `keys` is the one that is
    written.
    """

    field: str
    keys: tuple[str, ...]
    value: Value

    @property
    def openers(self) -> tuple[str, ...]:
        return self.keys

    def read(self, reader: Reader) -> dict[str, Any]:
        reader.skip(*self.keys)
        return {self.field: self.value.read(reader)}

    def write(self, item: Any) -> str:
        value = getattr(item, self.field)
        return (
            ""
            if value == default_of(item, self.field)
            else f"{self.keys[0]} {self.value.write(value)}"
        )

    def settle(self, item: Any, what: str) -> dict[str, Any]:
        value = getattr(item, self.field)
        return (
            {} if value is None else {self.field: self.value.settle(value, f"{what}, {self.field}")}
        )


@dataclass(frozen=True)
class By(Clause):
    """The caregiver who does it or has it: "by father"; names that could be taken for a clause
    stand in quotes.
    """

    others: frozenset[str] = frozenset()

    @property
    def openers(self) -> tuple[str, ...]:
        return ("by",)

    def read(self, reader: Reader) -> dict[str, Any]:
        reader.take()
        return {"by": NAME.read(reader)}

    def write(self, item: Any) -> str:
        return "" if item.by == "caregiver" else f"by {quoted_name(item.by, self.others)}"


@dataclass(frozen=True)
class Words(Clause):
    """Phrases that stand for values, such as "unblinded"; the first of a value is written, defaults
    if `always`.
    """

    field: str
    phrases: Mapping[str, Any]
    always: bool = False

    @property
    def openers(self) -> tuple[str, ...]:
        return tuple(self.phrases)

    def read(self, reader: Reader) -> dict[str, Any]:
        found = max(
            (phrase for phrase in self.phrases if reader.comes(phrase)),
            key=lambda phrase: len(phrase.split()),
        )
        reader.skip(found)
        return {self.field: self.phrases[found]}

    def write(self, item: Any) -> str:
        value = getattr(item, self.field)
        if value == default_of(item, self.field) and not self.always:
            return ""
        return next(phrase for phrase, meaning in self.phrases.items() if meaning == value)

    def settle(self, item: Any, what: str) -> dict[str, Any]:
        value, known = getattr(item, self.field), list(self.phrases.values())
        if any(isinstance(meaning, bool) for meaning in known) and not isinstance(value, bool):
            raise InputError(f"{what}, {self.field}: expected True or False; found {value!r}")
        return {}


@dataclass(frozen=True)
class Counted(Clause):
    """A number of things, such as "8 sessions" or "in 6 steps"; `noun` is its plural."""

    field: str
    noun: str
    before: str = ""

    @property
    def nouns(self) -> tuple[str, str]:
        """The plural and the singular."""
        return self.noun, self.noun.removesuffix("s")

    @property
    def openers(self) -> tuple[str, ...]:
        return (self.before,) if self.before else (f"3 {self.noun}",)

    def opens(self, reader: Reader) -> bool:
        if self.before:
            return reader.comes(self.before)
        return reader.count() is not None and reader.ahead(1).fold in self.nouns

    def read(self, reader: Reader) -> dict[str, Any]:
        reader.skip(self.before)
        number = read_count(reader, f"a number of {self.noun}")
        if not reader.skip(*self.nouns):
            raise reader.unknown("word", [self.noun], f"after '{number}'")
        return {self.field: number}

    def write(self, item: Any) -> str:
        value = getattr(item, self.field)
        if value == default_of(item, self.field):
            return ""
        return f"{self.before} {value} {self.nouns[value == 1]}".strip()


@dataclass(frozen=True)
class HowOften(Clause):
    """Once, daily, weekly, every so long, or so many times a day; `times` where a field of its own
    holds the number.
    """

    times: bool = False

    @property
    def openers(self) -> tuple[str, ...]:
        return ("once", "daily", "weekly", "every", "twice a day", "three times a day")

    def opens(self, reader: Reader) -> bool:
        word = reader.now.fold
        return word in ("once", "daily", "weekly", "every", "twice") or (
            reader.count() is not None and reader.ahead(1).fold in ("times", "time")
        )

    def read(self, reader: Reader) -> dict[str, Any]:
        if reader.skip("once a day", "once per day", "every day", "daily"):
            return {"repeat": "daily"}
        if reader.skip("once a week", "once per week", "every week", "weekly"):
            return {"repeat": "weekly"}
        if reader.skip("once"):
            return {"repeat": "once"}
        if reader.skip("every"):
            return {"repeat": "once", "every": TIME.read(reader)}
        first = reader.now
        number = 2 if reader.skip("twice") else read_count(reader, "how many times a day")
        reader.skip("times", "time")
        if not (reader.skip("a", "per") and reader.skip("day")):
            message = f"expected so many times a day; found {reader.now.shown}"
            raise reader.error(
                ScheduleError, f"{message} (for some days of the week: 'daily on Mon, Thu')"
            )
        if not 1 <= number <= 24:
            raise reader.error(
                ScheduleError, f"expected 1 to 24 times a day; found {number}", first, reader.last
            )
        return {"times": number} if self.times else {"repeat": "daily", TIMES_A_DAY: number}

    def write(self, item: Any) -> str:
        words = [] if item.every is None else [f"every {item.every}"]
        times = item.times if self.times else None
        if item.every is None and item.repeat != ("once" if times is None else "daily"):
            words.append(item.repeat)
        elif item.every is None and times is None and default_of(item, "repeat") != "once":
            words.append(item.repeat)
        words += [] if times is None else [f"{times} {'time' if times == 1 else 'times'} a day"]
        return " ".join(words)

    def settle(self, item: Any, what: str) -> dict[str, Any]:
        return {} if item.every is None else {"every": TIME.settle(item.every, what)}


@dataclass(frozen=True)
class On(Clause):
    """On weekdays, or on a numbered day where the thing has a `day` ("first on day 3" of something
    repeated).
    """

    day: bool = True

    @property
    def openers(self) -> tuple[str, ...]:
        return ("on", "first on") if self.day else ("on",)

    def read(self, reader: Reader) -> dict[str, Any]:
        first = reader.skip("first on")
        if not first:
            reader.skip("on")
        if self.day and (first or comes_day(reader)):
            return {"day": DAY_NUMBER.read(reader)}
        return {"days": read_days(reader)}

    def write(self, item: Any) -> str:
        words = [] if item.days is None else ["on " + ", ".join(item.days)]
        if self.day and item.day is not None:
            once = item.repeat == "once" and item.every is None
            words.append(f"{'on' if once else 'first on'} {item.day}")
        return " ".join(words)

    def settle(self, item: Any, what: str) -> dict[str, Any]:
        settled = {"days": settle_days(item.days, what)}
        return (
            settled | {"day": DAY_NUMBER.settle(item.day, what)}
            if self.day and item.day is not None
            else settled
        )


@dataclass(frozen=True)
class OnAndOff(Clause):
    """Days on and days off in turn: "5 days on 2 days off"."""

    @property
    def openers(self) -> tuple[str, ...]:
        return ("5 days on 2 days off",)

    def opens(self, reader: Reader) -> bool:
        days = reader.ahead(1).fold in ("days", "day")
        return reader.count() is not None and days and reader.ahead(2).fold in ("on", "off")

    def read(self, reader: Reader) -> dict[str, Any]:
        on = self._days(reader, "on")
        reader.skip_comma()
        return {"cycle": (on, self._days(reader, "off"))}

    def write(self, item: Any) -> str:
        if item.cycle is None:
            return ""
        on, off = (f"{n} {'day' if n == 1 else 'days'}" for n in item.cycle)
        return f"{on} on {off} off"

    @staticmethod
    def _days(reader: Reader, word: str) -> int:
        number = read_count(reader, f"a number of days {word}")
        if not (reader.skip("days", "day") and reader.skip(word)):
            raise reader.error(
                ScheduleError, f"expected '{number} days {word}'; found {reader.now.shown}"
            )
        return number


@dataclass(frozen=True)
class Amount:
    """What stands beside the noun: the dose or the length of a bout. It is written after the noun
    unless `before`.
    """

    field: str
    value: Value
    before: bool = False


@dataclass(frozen=True)
class Form:
    """How a thing is said: its noun phrases (the first is written), its amount, and the clauses of
    its own.
    """

    nouns: tuple[str, ...]
    amount: Amount | None = None
    clauses: tuple[Clause, ...] = ()


MINUTES = Amount("minutes", TIME)
"""The amount of most things: how long a bout lasts."""


LIMITS: tuple[Clause, ...] = (
    Keyed("start", ("from",), AGE),
    Keyed("stop", ("to", "until"), AGE),
    Keyed("course", ("for",), TIME),
)
TIMING: tuple[Clause, ...] = (
    HowOften(),
    Keyed("at", ("at",), CLOCKS),
    On(),
    OnAndOff(),
    Counted("sessions", "sessions"),
    *LIMITS,
)


def default_of(item: Any, name: str) -> Any:
    """The default of a field of a dataclass or of an instance of one."""
    return next(one.default for one in fields(item) if one.name == name)


def openers_of(clauses: Sequence[Clause]) -> frozenset[str]:
    """The words with which a clause may begin."""
    return (
        frozenset(opener.split()[0] for clause in clauses for opener in clause.openers)
        | COUNT_WORDS
    )


def reserved(clauses: Sequence[Clause]) -> frozenset[str]:
    """The words that a caregiver's name cannot be without quotation marks."""
    return openers_of(clauses) | {"by", "and"}


def closed(clauses: Sequence[Clause]) -> tuple[Clause, ...]:
    """The clauses of a thing, and who does it as the last."""
    return (*clauses, By(reserved(clauses)))


def number_clauses(*names: str) -> tuple[Clause, ...]:
    """Clauses for options that are plain numbers, such as "gaze 0.2"; the key is
    the option's name.
    """
    return tuple(Keyed(name, (name.replace("_", " "),), NUMBER) for name in names)


def write_sentence(item: Any, form: Form, clauses: Sequence[Clause]) -> str:
    """The one sentence for an item, which reads back as an equal one."""
    words = [form.nouns[0]]
    if form.amount is not None:
        words.insert(
            0 if form.amount.before else 1,
            form.amount.value.write(getattr(item, form.amount.field)),
        )
    return " ".join([*words, *filter(None, (clause.write(item) for clause in clauses))])
