"""The text form: interventions and whole schedules from sentences.

"24 IU intranasal every 12 h for 14 d" is an intervention, "feed 20 min at 07:00" an activity.

A sentence is what happens (a dose before or after its noun, or a noun and how long a bout lasts)
and clauses in any order: once, daily, weekly, twice a day, every <time>, at <clock times>, on
<weekdays | day N>, from and to <day N | age>, for <time>, <n> sessions, <n> days on <m> days off,
by <caregiver>, and the options of each intervention ("intensity 0.8", "unblinded"). A day is the
infant's, or with the word "trial" before it counted from enrolment: in the arms of a trial it has
to say which ("trial day 1", "infant day 36"). `Intervention.text` and `Schedule.text` write what is
read here.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, fields
from types import MappingProxyType
from typing import Any, NamedTuple

from oxysim.errors import OxysimError, ScheduleError
from oxysim.interventions.catalogue import INTERVENTIONS
from oxysim.schedule.activities import Activity
from oxysim.schedule.routine import Routine
from oxysim.schedule.schedule import Intervention, Schedule
from oxysim.schedule.text.clauses import begins
from oxysim.schedule.text.parser import ParsedClause, built, read_clauses, with_clock
from oxysim.schedule.text.routine_text import (
    BORN,
    EMPTY,
    FORMS,
    TYPICAL,
    TYPICAL_CLAUSES,
    activity_clauses,
)
from oxysim.schedule.text.tokens import Reader, sentences
from oxysim.schedule.text.values import SPELLING
from oxysim.schedule.wording import Clause, Form, Keyed, openers_of

# Tokens that may stand before the noun, as in "2 usual daily doses".
_LONGEST_AMOUNT = 5

# A sentence of a day and the activities that it says.
_DaySentence = tuple[Reader, tuple[Activity, ...]]


class _Meaning(NamedTuple):
    """What a noun stands for: how it is said, what is built, the options it cannot be without."""

    form: Form
    clauses: tuple[Clause, ...]
    build: Callable[..., Any]
    needs: tuple[str, ...] = ()

    @property
    def is_intervention(self) -> bool:
        """Whether it is an intervention, and not an activity or a whole day."""
        return isinstance(self.build, type) and issubclass(self.build, Intervention)


def parse(text: str) -> Intervention:
    """One intervention from its sentence; ``parse(x.text()) == x``.

    Where the sentence says how often but no clock time, the first is at 08:00 (when a simulation
    begins unless told otherwise), and several a day lie evenly from 08:00 to 18:00; what happens
    once needs its clock time. "to day 35" includes day 35; "for 14 d" counts from "from", or else
    from the first bout.

    Raises
    ------
    ScheduleError, UnitError, UnknownNameError : anything that is not understood or cannot be; the
        message ends with the sentence and a caret under the word.

    >>> parse("24 IU intranasal every 12 h for 14 d").at
    ('08:00',)
    """
    readers = sentences(text)
    if len(readers) > 1:
        message = (
            "expected one intervention; parse_all reads several, with ';' or a new line between"
            " them"
        )
        raise readers[1].error(ScheduleError, message)
    intervention: Intervention = _read(readers[0], _nouns_of_interventions())
    return intervention


def parse_all(text: str) -> tuple[Intervention, ...]:
    """Every intervention of a text, with ";" or a new line between them.

    Raises
    ------
    ScheduleError, UnitError, UnknownNameError : as by `parse`.

    >>> [intervention.label for intervention in parse_all("crying 5 min at 10:00; coaching")]
    ['crying', 'mind-mindedness coaching']
    """
    return tuple(_read(reader, _nouns_of_interventions()) for reader in sentences(text))


def parse_schedule(text: str) -> Schedule:
    """A schedule from sentences of activities, typical days, the day of birth and interventions.

    "feed 20 min at 07:00, 11:00 by mother"; "typical day of a father, jitter 10 min"; "born on
    Friday"; "empty day" is a routine in which nothing happens. Sentences are joined by ";" or by
    new lines.

    Raises
    ------
    ScheduleError, UnitError, UnknownNameError : as by `parse`; or activities that cannot be
    together.

    >>> schedule = parse_schedule("born on Friday; feed 20 min at 07:00; 24 IU intranasal at 10:00")
    >>> schedule.routine.born_on, len(schedule.interventions)
    ('Friday', 1)
    """
    days: list[_DaySentence] = []
    interventions: list[Intervention] = []
    born_on: str | None = None
    for reader in sentences(text):
        item = _read(reader, _nouns_of_all())
        # three kinds of sentence: an intervention, activities (a tuple), a weekday (a text)
        if isinstance(item, Intervention):
            interventions.append(item)
        elif not isinstance(item, str):
            days.append((reader, item))
        elif born_on is None:
            born_on = item
        else:
            message = "the weekday of birth is given twice"
            raise reader.error(ScheduleError, message, reader.tokens[0], reader.last)
    return Schedule(_routine(days, born_on or "Monday"), tuple(interventions))


def _routine(days: Sequence[_DaySentence], born_on: str) -> Routine:
    """The routine of all activities; an error points at the first sentence that is one too many."""
    try:
        return Routine(_activities(days), born_on)
    except OxysimError as error:
        # sentence by sentence, so that the error is about the first that cannot be
        prefixes = (days[:count] for count in range(1, len(days) + 1))
        reader, _ = next(prefix[-1] for prefix in prefixes if not _possible(prefix))
        raise reader.again(error, reader.tokens[0], reader.tokens[-1]) from error


def _activities(days: Sequence[_DaySentence]) -> tuple[Activity, ...]:
    return tuple(activity for _, activities in days for activity in activities)


def _possible(days: Sequence[_DaySentence]) -> bool:
    try:
        Routine(_activities(days))
    except OxysimError:
        return False
    return True


# ------------------------------------------------------------------------------ what nouns mean
@functools.cache
def _nouns_of_interventions() -> Mapping[str, _Meaning]:
    return _nouns(
        _Meaning(kind.form, kind.clauses(), kind, _needs(kind)) for kind in INTERVENTIONS.values()
    )


@functools.cache
def _nouns_of_all() -> Mapping[str, _Meaning]:
    return MappingProxyType({**_nouns_of_interventions(), **_nouns(_day_meanings())})


def _day_meanings() -> list[_Meaning]:
    """The meanings of activities, typical days, the day of birth and the empty day.

    All of them build a tuple of activities, but for the day of birth, which builds a text.
    """
    activities = [
        _Meaning(
            form,
            activity_clauses(kind),
            # bound as a default, since a closure would see the last class of the loop
            lambda kind=kind, **options: (kind(**options),),
            _needs(kind),
        )
        for kind, form in FORMS.items()
    ]
    typical = _Meaning(
        TYPICAL, TYPICAL_CLAUSES, lambda **options: Routine.typical(**options).activities
    )
    born = _Meaning(BORN, BORN.clauses, lambda born_on: born_on, ("born_on",))
    return [*activities, typical, born, _Meaning(EMPTY, (), tuple)]


def _needs(kind: Any) -> tuple[str, ...]:
    """The fields of a class that have no default."""
    return tuple(
        field.name
        for field in fields(kind)
        if field.default is MISSING and field.default_factory is MISSING
    )


def _nouns(meanings: Iterable[_Meaning]) -> Mapping[str, _Meaning]:
    return MappingProxyType({noun: meaning for meaning in meanings for noun in meaning.form.nouns})


# ----------------------------------------------------------------------------- reading a sentence
def _read(reader: Reader, nouns: Mapping[str, _Meaning]) -> Any:
    """What one sentence says."""
    # until the noun is known, any noun or clause may come
    reader.openers = _words(nouns.values())
    amount_first = _step_to_noun(reader, nouns)
    coming = [noun for noun in nouns if reader.comes(noun)]
    if not coming:
        kind = "activity or intervention" if "play" in nouns else "intervention"
        raise reader.unknown(kind, nouns)

    # "intranasal" begins "intranasal oxytocin": the longest noun that comes is meant
    noun = max(coming, key=lambda words: len(words.split()))
    meaning = nouns[noun]
    head = _read_head(reader, noun, meaning, amount_first)
    # now only what this noun may be followed by
    reader.openers = openers_of(meaning.clauses)
    parsed = read_clauses(reader, meaning.clauses, noun)
    # activities name their clock times; "daily" is what they are anyway
    if meaning.is_intervention:
        options = with_clock(parsed, meaning.build, None, reader)
    else:
        options = {name: value for clause in parsed for name, value in clause.options.items()}
    options = head.options | options
    _require_complete(reader, noun, meaning, options)
    return built(reader, meaning.build, options, parsed, head)


def _words(meanings: Iterable[_Meaning]) -> frozenset[str]:
    """Every word with which a noun or a clause may begin or go on: none is a misspelt unit."""
    meanings = list(meanings)
    nouns = [noun for meaning in meanings for noun in meaning.form.nouns]
    words = frozenset(word for noun in nouns for word in noun.split())
    return words.union(*(openers_of(meaning.clauses) for meaning in meanings))


def _step_to_noun(reader: Reader, nouns: Mapping[str, _Meaning]) -> bool:
    """Step over an amount to the noun behind it; True where an amount stands first."""
    if reader.now.kind != "number":
        return False
    # the unit before the noun may be several words, as in "2 usual daily doses"
    for steps in range(1, _LONGEST_AMOUNT):
        if any(reader.comes(noun, steps) for noun in nouns):
            reader.position += steps
            return True
    # no noun comes: the error is to point behind the number and its unit
    unit = reader.ahead(1)
    reader.position += 1 + (unit.fold not in reader.openers and unit.kind == "word")
    return True


def _read_head(reader: Reader, noun: str, meaning: _Meaning, amount_first: bool) -> ParsedClause:
    """The amount, before the noun or after it, as an option, with the tokens of noun and amount."""
    amount, at_noun = meaning.form.amount, reader.position
    options: dict[str, Any] = {}
    if amount_first and amount is None:
        raise reader.error(
            ScheduleError, f"{noun!r} takes no amount; leave it out", reader.tokens[0]
        )
    if amount_first and amount is not None:
        reader.position = 0
        options[amount.field] = SPELLING[amount.kind].read(reader)
        if reader.position != at_noun:
            raise reader.error(
                ScheduleError, f"expected {noun!r} right after its amount; found {reader.now.shown}"
            )
    reader.skip(noun)
    if amount_first or amount is None:
        return ParsedClause(options, reader.tokens[0], reader.last)

    # a number that begins a clause ("8 sessions") is no amount
    begins_clause = any(begins(clause, reader) for clause in meaning.clauses)
    if reader.now.kind == "number" and not begins_clause:
        options[amount.field] = SPELLING[amount.kind].read(reader)
    elif amount.field in meaning.needs:
        example = amount.kind.example
        order = (example, noun) if amount.before else (noun, example)
        message = f"{noun!r} needs its amount, as in {' '.join(order)!r}; found {reader.now.shown}"
        raise reader.error(ScheduleError, message)
    return ParsedClause(options, reader.tokens[0], reader.last)


def _require_complete(
    reader: Reader, noun: str, meaning: _Meaning, options: Mapping[str, Any]
) -> None:
    """Raise where the sentence ends without something that the thing cannot be without."""
    missing = [name for name in meaning.needs if name not in options]
    if meaning.is_intervention:
        kind: Any = meaning.build
        # `at` has a default, None, so that the fields alone do not show that it is needed
        if not (kind.continuous or kind.clocks_by_default or "at" in options):
            missing.append("at")
    if not missing:
        return

    # the sentence is repeated with what would complete it
    sentence = reader.text[reader.tokens[0].start : reader.tokens[-1].stop]
    keyed = next(
        clause
        for clause in meaning.clauses
        if isinstance(clause, Keyed) and clause.field == missing[0]
    )
    words = f"{keyed.keys[0]} {keyed.kind.example}"
    question = "at which time of day?" if missing[0] == "at" else f"{keyed.keys[0]!r} is missing."
    raise reader.error(ScheduleError, f"{noun}: {question} For instance: {sentence} {words}")
