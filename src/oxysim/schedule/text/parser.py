"""The one reader of clauses: of whole sentences, and of the timing that stands in a constructor's
first argument.

Where a sentence says how often but no clock time, the first is at 08:00, when a simulation begins
unless told otherwise; several a day lie evenly from 08:00 to 18:00.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from oxysim.errors import OxysimError, ScheduleError
from oxysim.schedule.text.clauses import TIMES_A_DAY, Clause, default_of, openers_of
from oxysim.schedule.text.tokens import Reader, Token, sentences
from oxysim.schedule.text.values import is_unit
from oxysim.units import HOUR, clock_text

FIRST_CLOCK, LAST_CLOCK = 8 * HOUR, 18 * HOUR
"""Between which clock times several a day lie, in minutes after midnight."""


class Said(NamedTuple):
    """One clause as it was said: its options, and its first and last token."""

    options: dict[str, Any]
    first: Token
    last: Token


def read_clauses(reader: Reader, clauses: Sequence[Clause], what: str) -> list[Said]:
    """Every clause up to the end of the sentence.

    Raises
    ------
    ScheduleError, UnitError, UnknownNameError : a word that is not understood, or something said
    twice.
    """
    found: list[Said] = []
    while True:
        comma = reader.skip_comma()
        if reader.done and not comma:
            return found
        clause = next((one for one in clauses if one.opens(reader)), None)
        if clause is None:
            raise _no_clause(reader, clauses, what)
        first = reader.now
        options = clause.read(reader)
        for name in options:
            if any(name in earlier.options for earlier in found):
                words = reader.text[first.start : reader.last.stop]
                message = (
                    f"{what}: {words!r} says {_in_words(name)}, which is given twice; leave one of"
                    " them out"
                )
                raise reader.error(ScheduleError, message, first, reader.last)
        found.append(Said(options, first, reader.last))


def _no_clause(reader: Reader, clauses: Sequence[Clause], what: str) -> OxysimError:
    """The error where no clause begins: after a number it is about what is counted."""
    openers = [opener for one in clauses for opener in one.openers]
    number, following = reader.now, reader.ahead(1)
    if number.kind != "number" or following.kind != "word":
        return reader.unknown("clause", openers, f"of {what}")
    if is_unit(following):
        words = reader.text[number.start : following.stop]
        message = (
            f"{what}: {words!r} has no place here; expected a clause before it, such as 'for' or"
            " 'every'"
        )
        return reader.error(ScheduleError, message, number, following)
    reader.take()
    counted = [opener.split()[1] for opener in openers if opener[0].isdigit()]
    return reader.unknown("word", [*counted, "times"], f"after {number.text!r}")


def with_clock(said: Sequence[Said], kind: Any, at: Any, reader: Reader) -> dict[str, Any]:
    """The options of what was said, with the clock times that "twice a day" or "daily" stand for
    where none are named.

    `kind` is the class of the thing, with its `clocks_by_default`; `at` are clock times that were
    given elsewhere.

    Raises
    ------
    ScheduleError : another number of clock times than times a day.
    """
    options = {name: value for one in said for name, value in one.options.items()}
    times = options.pop(TIMES_A_DAY, None)
    given = options.get("at") or at
    if given is not None:
        listed = len(given) if isinstance(given, tuple | list) else 1
        if times is not None and listed != times:
            one = next(one for one in said if TIMES_A_DAY in one.options)
            message = f"expected as many clock times as times a day; found {listed} for {times}"
            raise reader.error(ScheduleError, message, one.first, one.last)
    elif times is not None:
        options["at"] = spread_clocks(times)
    elif "every" in options and kind.clocks_by_default != 1:
        options["at"] = spread_clocks(1)
    elif options.get("repeat", "once") != "once" and kind.clocks_by_default == 0:
        options["at"] = spread_clocks(1)
    if "days" in options and options.get("repeat", default_of(kind, "repeat")) == "weekly":
        options["repeat"] = "daily"  # each week on those days is what daily on those days means
    return options


def spread_clocks(times: int) -> tuple[str, ...]:
    """So many clock times, evenly from 08:00 to 18:00 in whole minutes; one is at 08:00."""
    step = (LAST_CLOCK - FIRST_CLOCK) / max(1, times - 1)
    return tuple(clock_text(round(FIRST_CLOCK + i * step)) for i in range(times))


def read_amount(
    text: str, kind: Any, clauses: Sequence[Clause], at: Any
) -> tuple[str, dict[str, Any]]:
    """The amount and the timing options of a constructor's first argument, "60 min daily at 11:00".

    A text without a clause is an amount, whatever it is: the thing itself checks it.

    Raises
    ------
    ScheduleError, UnitError, UnknownNameError : a word after the amount that is not understood.
    """
    if not text.strip():
        return text, {}
    what = kind.__name__
    readers = sentences(text)
    reader = readers[0]
    if len(readers) > 1:
        raise reader.error(ScheduleError, f"{what}: expected one sentence", readers[1].now)
    reader.openers = openers_of(clauses)
    measured = reader.now.kind == "number" and is_unit(reader.ahead(1))
    if measured:
        reader.place = 2
    while not measured and not reader.done and not any(clause.opens(reader) for clause in clauses):
        reader.take()
    if reader.done:
        return text, {}
    amount = text[: reader.now.start].strip()
    return amount, with_clock(read_clauses(reader, clauses, what), kind, at, reader)


def built(
    reader: Reader, build: Any, options: dict[str, Any], said: Sequence[Said], head: Said
) -> Any:
    """What `build` makes of the options; where it refuses, the error points at the clause without
    which it builds.
    """
    try:
        return build(**options)
    except OxysimError as error:
        culprit = next((one for one in reversed(said) if _builds(build, options, one)), head)
        raise reader.again(error, culprit.first, culprit.last) from error


def _builds(build: Any, options: dict[str, Any], without: Said) -> bool:
    rest = {name: value for name, value in options.items() if name not in without.options}
    try:
        build(**rest)
    except (
        OxysimError,
        TypeError,
    ):  # TypeError: the clause says something that the thing cannot be without
        return False
    return True


def _in_words(name: str) -> str:
    words = {
        "repeat": "how often",
        "every": "how often",
        "at": "the clock times",
        "stop": "the end",
        "start": "the start",
    }
    return words.get(name, name.replace("_", " "))
