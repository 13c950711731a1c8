"""How a thing is said: its nouns, its amount and the clauses for its options, as plain data.

A class says its ``form`` in these terms. Constructing one directly settles its options by them
(`settlers`) and reads no sentence; `oxysim.schedule.text` reads and writes sentences with the same
data.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any

from oxysim.schedule.options import (
    AGE,
    CLOCKS,
    DAY_NUMBER,
    DAYS,
    NUMBER,
    TIME,
    TRUTH,
    WORD,
    OptionKind,
)

Settler = Callable[[Any, str], Any]

EMPTY_DAY = "empty day"
"""The sentence of a routine in which nothing happens."""

# A whole number may stand as a word up to twelve.
COUNTS = (
    "one", "two", "three", "four", "five", "six",
    "seven", "eight", "nine", "ten", "eleven", "twelve",
)  # fmt: skip


@dataclass(frozen=True)
class Clause:
    """A way to say options: the phrases that may begin it, and the kind of each option it sets.

    >>> Keyed("gaze", ("gaze",), NUMBER).openers
    ('gaze',)
    """

    @property
    def openers(self) -> tuple[str, ...]:
        """The phrases that it may begin with."""
        return ()

    @property
    def kinds(self) -> dict[str, OptionKind]:
        """Option -> its kind, for the options that have more than one spelling."""
        return {}


@dataclass(frozen=True)
class Keyed(Clause):
    """A key and its value, such as "intensity 0.8"; the first of the `keys` is written.

    >>> Keyed("stop", ("to", "until"), AGE).openers
    ('to', 'until')
    """

    # the option that the value goes to, a field of the class
    field: str
    keys: tuple[str, ...]
    kind: OptionKind

    @property
    def openers(self) -> tuple[str, ...]:
        return self.keys

    @property
    def kinds(self) -> dict[str, OptionKind]:
        return {self.field: self.kind}


@dataclass(frozen=True)
class By(Clause):
    """The caregiver who does it or has it: "by father".

    `reserved` are the words that a name can be only in quotation marks, since they begin a clause.

    >>> By().openers
    ('by',)
    """

    # known only once all clauses of a sentence are known: `closed` fills it in
    reserved: frozenset[str] = frozenset()

    @property
    def openers(self) -> tuple[str, ...]:
        return ("by",)


@dataclass(frozen=True)
class Words(Clause):
    """Phrases that stand for values, such as "unblinded"; the first of a value is written.

    A value at its default is written only with `always`.

    >>> Words("blinded", {"unblinded": False, "blinded": True}).openers
    ('unblinded', 'blinded')
    """

    field: str
    phrases: Mapping[str, Any]
    always: bool = False

    @property
    def openers(self) -> tuple[str, ...]:
        return tuple(self.phrases)

    @property
    def kinds(self) -> dict[str, OptionKind]:
        # a flag has two phrases, and settles as True or False
        truth = any(isinstance(value, bool) for value in self.phrases.values())
        return {self.field: TRUTH if truth else WORD}


@dataclass(frozen=True)
class Counted(Clause):
    """A number of things, such as "8 sessions" or "in 6 steps"; `noun` is its plural.

    >>> Counted("steps", "steps", before="in").nouns
    ('steps', 'step')
    """

    field: str
    noun: str
    before: str = ""

    @property
    def nouns(self) -> tuple[str, str]:
        """The plural and the singular."""
        # every noun that is counted here takes a plain s
        return self.noun, self.noun.removesuffix("s")

    @property
    def openers(self) -> tuple[str, ...]:
        # where nothing stands before it a number does, of which this one is an example
        return (self.before,) if self.before else (f"3 {self.noun}",)


@dataclass(frozen=True)
class HowOften(Clause):
    """Once, daily, weekly, every so long, or so many times a day.

    `times` : whether an option of that name holds the number of times a day.

    >>> HowOften().openers[:3]
    ('once', 'daily', 'weekly')
    """

    times: bool = False

    @property
    def openers(self) -> tuple[str, ...]:
        return ("once", "daily", "weekly", "every", "twice a day", "three times a day")

    @property
    def kinds(self) -> dict[str, OptionKind]:
        return {"every": TIME}


@dataclass(frozen=True)
class On(Clause):
    """On weekdays, or with `day` also on a numbered day ("first on day 3" of what is repeated).

    >>> On(day=False).openers
    ('on',)
    """

    day: bool = True

    @property
    def openers(self) -> tuple[str, ...]:
        return ("on", "first on") if self.day else ("on",)

    @property
    def kinds(self) -> dict[str, OptionKind]:
        return {"days": DAYS, "day": DAY_NUMBER} if self.day else {"days": DAYS}


@dataclass(frozen=True)
class OnAndOff(Clause):
    """Days on and days off in turn: "5 days on 2 days off".

    >>> OnAndOff().openers
    ('5 days on 2 days off',)
    """

    @property
    def openers(self) -> tuple[str, ...]:
        return ("5 days on 2 days off",)


@dataclass(frozen=True)
class Amount:
    """What stands beside the noun: the dose or the length of a bout.

    `before` : whether it is written before the noun.

    >>> Amount("minutes", TIME).kind.example
    '60 min'
    """

    field: str
    kind: OptionKind
    before: bool = False


@dataclass(frozen=True)
class Form:
    """How a thing is said: noun phrases (the first is written), amount, clauses of its own.

    >>> Form(("massage", "infant massage"), MINUTES).nouns[0]
    'massage'
    """

    nouns: tuple[str, ...]
    amount: Amount | None = None
    clauses: tuple[Clause, ...] = ()


MINUTES = Amount("minutes", TIME)
"""The amount of most things: how long a bout lasts."""

LIMITS: tuple[Clause, ...] = (
    Keyed("start", ("from",), AGE),
    # `stop` includes the day that it names; an activity's `until_age` does not, hence its LAST_DAY
    Keyed("stop", ("to", "until"), AGE),
    Keyed("course", ("for",), TIME),
)
"""The clauses of what is in force all the time between two ages."""

TIMING: tuple[Clause, ...] = (
    # in this order a sentence reads as people say it: daily at 10:00 on Mon from day 5
    HowOften(),
    Keyed("at", ("at",), CLOCKS),
    On(),
    OnAndOff(),
    Counted("sessions", "sessions"),
    *LIMITS,
)
"""The clauses of what happens at clock times, in the order in which they are written."""


def default_of(item: Any, name: str) -> Any:
    """The default of a field of a dataclass or of an instance of one.

    >>> default_of(Amount, "before")
    False
    """
    return next(field.default for field in fields(item) if field.name == name)


def openers_of(clauses: Sequence[Clause]) -> frozenset[str]:
    """The words with which a clause may begin; a number as a word is one of them.

    >>> "from" in openers_of(LIMITS), "one" in openers_of(LIMITS)
    (True, True)
    """
    # the first word is enough to tell a clause from a unit or a name
    openers = {opener.split()[0] for clause in clauses for opener in clause.openers}
    return frozenset(openers) | frozenset(COUNTS)


def reserved(clauses: Sequence[Clause]) -> frozenset[str]:
    """The words that need quotation marks where they are a caregiver's name.

    >>> "and" in reserved(LIMITS)
    True
    """
    # beside what begins a clause: "and", which joins the items of a list
    return openers_of(clauses) | {"by", "and"}


def closed(clauses: Sequence[Clause]) -> tuple[Clause, ...]:
    """The clauses of a thing, and as the last one the clause of who does it.

    >>> closed(LIMITS)[-1].openers
    ('by',)
    """
    # made last, since a name is told from the words with which the others begin
    return (*clauses, By(reserved(clauses)))


def number_clauses(*names: str) -> tuple[Clause, ...]:
    """Clauses for options that are plain numbers, such as "gaze 0.2"; the key is the option's name.

    >>> [clause.openers for clause in number_clauses("gaze", "holding_in_mind")]
    [('gaze',), ('holding in mind',)]
    """
    return tuple(Keyed(name, (name.replace("_", " "),), NUMBER) for name in names)


@functools.cache
def settlers(kind: Any) -> Mapping[str, Settler]:
    """Option -> the function that brings it to its one spelling, for a class with a `form` and
    `clauses`.

    Made once for each class: which options there are never changes.

    >>> from oxysim import SkinToSkin
    >>> settlers(SkinToSkin)["minutes"]("90 minutes", "skin-to-skin, minutes")
    '90 min'
    """
    table: dict[str, Settler] = {}
    amount = kind.form.amount
    if amount is not None:
        table[amount.field] = amount.kind.settle
    # all clauses, those of its timing too
    for clause in kind.clauses():
        for field, option in clause.kinds.items():
            table[field] = option.settle
    return MappingProxyType(table)
