"""The text form: interventions and whole schedules from sentences such as "24 IU intranasal every
12 h for 14 d".

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
from oxysim.schedule.text.clauses import Clause, Form, Keyed, openers_of
from oxysim.schedule.text.parser import Said, built, read_clauses, with_clock
from oxysim.schedule.text.routine_text import (
    BORN,
    EMPTY,
    FORMS,
    TYPICAL,
    TYPICAL_CLAUSES,
    activity_clauses,
)
from oxysim.schedule.text.tokens import Reader, sentences

_LONGEST_AMOUNT = 5  # tokens that may stand before the noun, as in "2 usual daily doses"


class _Thing(NamedTuple):
    """What a noun stands for: how it is said, what is built, and the options that it cannot be
    without.
    """

    form: Form
    clauses: tuple[Clause, ...]
    build: Callable[..., Any]
    needs: tuple[str, ...] = ()


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
    """
    readers = sentences(text)
    if len(readers) > 1:
        message = (
            "expected one intervention; parse_all reads several, with ';' or a new line between"
            " them"
        )
        raise readers[1].error(ScheduleError, message)
    found: Intervention = _read(readers[0], _nouns_of_interventions())
    return found


def parse_all(text: str) -> tuple[Intervention, ...]:
    """Every intervention of a text, with ";" or a new line between them.

    Raises
    ------
    ScheduleError, UnitError, UnknownNameError : as by `parse`.
    """
    return tuple(_read(reader, _nouns_of_interventions()) for reader in sentences(text))


def parse_schedule(text: str) -> Schedule:
    """A schedule from sentences of activities, typical days, the weekday of birth and
    interventions.

    "feed 20 min at 07:00, 11:00 by mother"; "typical day of a father, jitter 10 min"; "born on
    Friday"; "empty day" is a routine in which nothing happens. Sentences are joined by ";" or by
    new lines.

    Raises
    ------
    ScheduleError, UnitError, UnknownNameError : as by `parse`; or activities that cannot be
    together.
    """
    days: list[tuple[Reader, tuple[Activity, ...]]] = []
    interventions: list[Intervention] = []
    born_on: str | None = None
    for reader in sentences(text):
        found = _read(reader, _nouns_of_all())
        if isinstance(found, Intervention):
            interventions.append(found)
        elif isinstance(found, str):
            if born_on is not None:
                raise reader.error(
                    ScheduleError,
                    "the weekday of birth is given twice",
                    reader.tokens[0],
                    reader.last,
                )
            born_on = found
        else:
            days.append((reader, found))
    return Schedule(_routine(days, born_on or "Monday"), tuple(interventions))


def _routine(days: Sequence[tuple[Reader, tuple[Activity, ...]]], born_on: str) -> Routine:
    """The routine of all activities; where they cannot be together the error points at the first
    one too many.
    """
    activities = tuple(one for _, some in days for one in some)
    try:
        return Routine(activities, born_on)
    except OxysimError as error:
        reader = next(
            reader for count, (reader, _) in enumerate(days, 1) if not _possible(days[:count])
        )
        raise reader.again(error, reader.tokens[0], reader.tokens[-1]) from error


def _possible(days: Sequence[tuple[Reader, tuple[Activity, ...]]]) -> bool:
    try:
        Routine(tuple(one for _, some in days for one in some))
    except OxysimError:
        return False
    return True


@functools.cache
def _nouns_of_interventions() -> Mapping[str, _Thing]:
    return _nouns(
        _Thing(kind.form, kind.clauses(), kind, _needs(kind)) for kind in INTERVENTIONS.values()
    )


@functools.cache
def _nouns_of_all() -> Mapping[str, _Thing]:
    return MappingProxyType({**_nouns_of_interventions(), **_nouns(_day())})


def _day() -> list[_Thing]:
    activities = [
        _Thing(
            form,
            activity_clauses(kind),
            lambda kind=kind, **options: (kind(**options),),
            _needs(kind),
        )
        for kind, form in FORMS.items()
    ]
    typical = _Thing(
        TYPICAL, TYPICAL_CLAUSES, lambda **options: Routine.typical(**options).activities
    )
    born = _Thing(BORN, BORN.clauses, lambda born_on: born_on, ("born_on",))
    return [*activities, typical, born, _Thing(EMPTY, (), tuple)]


def _needs(kind: Any) -> tuple[str, ...]:
    return tuple(
        one.name
        for one in fields(kind)
        if one.default is MISSING and one.default_factory is MISSING
    )


def _nouns(things: Iterable[_Thing]) -> Mapping[str, _Thing]:
    return MappingProxyType({noun: thing for thing in things for noun in thing.form.nouns})


def _read(reader: Reader, nouns: Mapping[str, _Thing]) -> Any:
    """What one sentence says."""
    reader.openers = _words(nouns.values())
    before = _to_noun(reader, nouns)
    noun = max(
        (noun for noun in nouns if reader.comes(noun)),
        key=lambda noun: len(noun.split()),
        default=None,
    )
    if noun is None:
        raise reader.unknown(
            "activity or intervention" if "play" in nouns else "intervention", nouns
        )
    thing = nouns[noun]
    head = _amount(reader, noun, thing, before)
    reader.openers = openers_of(thing.clauses)
    said = read_clauses(reader, thing.clauses, noun)
    if _is_intervention(thing):
        options = with_clock(said, thing.build, None, reader)
    else:
        options = {name: value for one in said for name, value in one.options.items()}
    options = head.options | options
    _require_whole(reader, noun, thing, options)
    return built(reader, thing.build, options, said, head)


def _words(things: Iterable[_Thing]) -> frozenset[str]:
    """Every word with which a noun or a clause may begin or go on: none of them
    is a misspelt unit.
    """
    nouns = frozenset(
        word for thing in things for noun in thing.form.nouns for word in noun.split()
    )
    return nouns.union(*(openers_of(thing.clauses) for thing in things))


def _to_noun(reader: Reader, nouns: Mapping[str, _Thing]) -> bool:
    """Step to the noun, over an amount that stands before it; whether there is one."""
    if reader.now.kind != "number":
        return False
    for steps in range(1, _LONGEST_AMOUNT):
        if any(reader.comes(noun, steps) for noun in nouns):
            reader.place += steps
            return True
    reader.place += 1 + (
        reader.ahead(1).fold not in reader.openers and reader.ahead(1).kind == "word"
    )
    return True


def _is_intervention(thing: _Thing) -> bool:
    return isinstance(thing.build, type) and issubclass(thing.build, Intervention)


def _amount(reader: Reader, noun: str, thing: _Thing, before: bool) -> Said:
    """The amount, before the noun or after it, as an option; and the place of noun and amount."""
    amount, place = thing.form.amount, reader.place
    options: dict[str, Any] = {}
    if before and amount is None:
        raise reader.error(
            ScheduleError, f"{noun!r} takes no amount; leave it out", reader.tokens[0]
        )
    if before and amount is not None:
        reader.place = 0
        options[amount.field] = amount.value.read(reader)
        if reader.place != place:
            raise reader.error(
                ScheduleError, f"expected {noun!r} right after its amount; found {reader.now.shown}"
            )
    reader.skip(noun)
    if before or amount is None:
        return Said(options, reader.tokens[0], reader.last)
    if reader.now.kind == "number" and not any(clause.opens(reader) for clause in thing.clauses):
        options[amount.field] = amount.value.read(reader)
    elif amount.field in thing.needs:
        order = (amount.value.example, noun) if amount.before else (noun, amount.value.example)
        message = f"{noun!r} needs its amount, as in {' '.join(order)!r}; found {reader.now.shown}"
        raise reader.error(ScheduleError, message)
    return Said(options, reader.tokens[0], reader.last)


def _require_whole(reader: Reader, noun: str, thing: _Thing, options: Mapping[str, Any]) -> None:
    """Raise where the sentence ends without something that the thing cannot be without."""
    missing = [name for name in thing.needs if name not in options]
    if _is_intervention(thing):
        kind: Any = thing.build
        missing += (
            ["at"] if not (kind.continuous or kind.clocks_by_default or "at" in options) else []
        )
    if not missing:
        return
    sentence = reader.text[reader.tokens[0].start : reader.tokens[-1].stop]
    keyed = next(c for c in thing.clauses if isinstance(c, Keyed) and c.field == missing[0])
    words = f"{keyed.keys[0]} {keyed.value.example}"
    question = "at which time of day?" if missing[0] == "at" else f"{keyed.keys[0]!r} is missing."
    raise reader.error(ScheduleError, f"{noun}: {question} For instance: {sentence} {words}")
