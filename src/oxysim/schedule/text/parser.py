"""The one reader of clauses: in sentences, and in the first argument of a constructor.

Where a sentence says how often but no clock time, the first is at 08:00, when a simulation begins
unless told otherwise; several a day lie evenly from 08:00 to 18:00.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from oxysim.errors import OxysimError, ScheduleError
from oxysim.schedule.text.clauses import TIMES_A_DAY, begins, read_clause
from oxysim.schedule.text.tokens import Reader, Token, sentences
from oxysim.schedule.text.values import is_unit
from oxysim.schedule.wording import Clause, default_of, openers_of
from oxysim.units import HOUR, clock_text

FIRST_CLOCK, LAST_CLOCK = 8 * HOUR, 18 * HOUR
"""Between which clock times several a day lie, in minutes after midnight."""


class ParsedClause(NamedTuple):
    """One clause as it was read: its options, and its first and last token.

    >>> from oxysim.schedule.wording import By
    >>> reader = sentences("by father")[0]
    >>> read_clauses(reader, [By()], "massage")[0].options
    {'by': 'father'}
    """

    options: dict[str, Any]
    first: Token
    last: Token


def read_clauses(reader: Reader, clauses: Sequence[Clause], label: str) -> list[ParsedClause]:
    """Every clause up to the end of the sentence.

    Raises
    ------
    ScheduleError, UnitError, UnknownNameError : a word that is not understood, or something said
    twice.

    >>> from oxysim.schedule.wording import TIMING
    >>> reader = sentences("daily at 11:00")[0]
    >>> [clause.options for clause in read_clauses(reader, TIMING, "massage")]
    [{'repeat': 'daily'}, {'at': ('11:00',)}]
    """
    parsed: list[ParsedClause] = []
    while True:
        # commas between clauses are allowed anywhere but at the end
        comma = reader.skip_comma()
        if reader.done and not comma:
            return parsed
        clause = next((clause for clause in clauses if begins(clause, reader)), None)
        if clause is None:
            raise _no_clause(reader, clauses, label)

        first = reader.now
        options = read_clause(clause, reader)
        for name in options:
            # saying a thing twice is refused even where both say the same
            if any(name in earlier.options for earlier in parsed):
                words = reader.text[first.start : reader.last.stop]
                message = (
                    f"{label}: {words!r} says {_in_words(name)}, which is given twice; leave one of"
                    " them out"
                )
                raise reader.error(ScheduleError, message, first, reader.last)
        parsed.append(ParsedClause(options, first, reader.last))


def _no_clause(reader: Reader, clauses: Sequence[Clause], label: str) -> OxysimError:
    """The error where no clause begins: after a number it is about what is counted."""
    openers = [opener for clause in clauses for opener in clause.openers]
    number, following = reader.now, reader.ahead(1)
    if number.kind != "number" or following.kind != "word":
        return reader.unknown("clause", openers, f"of {label}")

    # "60 min" on its own: the word before it is missing
    if is_unit(following):
        words = reader.text[number.start : following.stop]
        message = (
            f"{label}: {words!r} has no place here; expected a clause before it, such as 'for' or"
            " 'every'"
        )
        return reader.error(ScheduleError, message, number, following)

    # "8 sesions": openers that begin with a figure say what can be counted
    reader.take()
    counted = [opener.split()[1] for opener in openers if opener[0].isdigit()]
    return reader.unknown("word", [*counted, "times"], f"after {number.text!r}")


def with_clock(
    parsed: Sequence[ParsedClause], kind: Any, at: Any, reader: Reader
) -> dict[str, Any]:
    """All options, with the clock times that "twice a day" or "daily" stand for.

    Parameters
    ----------
    kind : the class of the thing, with its `clocks_by_default`.
    at : clock times that stand elsewhere, in the constructor's own argument.

    Raises
    ------
    ScheduleError : another number of clock times than times a day.

    >>> from oxysim import SkinToSkin
    >>> reader = sentences("twice a day")[0]
    >>> parsed = read_clauses(reader, SkinToSkin.clauses(), "skin-to-skin")
    >>> with_clock(parsed, SkinToSkin, None, reader)["at"]
    ('08:00', '18:00')
    """
    options = {name: value for clause in parsed for name, value in clause.options.items()}
    times = options.pop(TIMES_A_DAY, None)
    clocks = options.get("at") or at

    if clocks is not None:
        count = len(clocks) if isinstance(clocks, tuple | list) else 1
        if times is not None and count != times:
            clause = next(clause for clause in parsed if TIMES_A_DAY in clause.options)
            message = f"expected as many clock times as times a day; found {count} for {times}"
            raise reader.error(ScheduleError, message, clause.first, clause.last)
    elif times is not None:
        options["at"] = spread_clocks(times)
    elif "every" in options and kind.clocks_by_default != 1:
        options["at"] = spread_clocks(1)
    elif options.get("repeat", "once") != "once" and kind.clocks_by_default == 0:
        options["at"] = spread_clocks(1)

    # each week on those days is what daily on those days means
    if "days" in options and options.get("repeat", default_of(kind, "repeat")) == "weekly":
        options["repeat"] = "daily"
    return options


def spread_clocks(times: int) -> tuple[str, ...]:
    """So many clock times, evenly from 08:00 to 18:00 in whole minutes; one is at 08:00.

    >>> spread_clocks(3)
    ('08:00', '13:00', '18:00')
    """
    # one clock time has no gap: any step will do
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

    >>> from oxysim import SkinToSkin
    >>> read_amount("60 min daily at 11:00", SkinToSkin, SkinToSkin.clauses(), None)
    ('60 min', {'repeat': 'daily', 'at': ('11:00',)})
    """
    # an empty amount is the thing's own mistake to report
    if not text.strip():
        return text, {}
    name = kind.__name__
    readers = sentences(text)
    reader = readers[0]
    if len(readers) > 1:
        raise reader.error(ScheduleError, f"{name}: expected one sentence", readers[1].now)

    # the amount goes up to the first word that begins a clause; "5 days" is a length, no clause
    reader.openers = openers_of(clauses)
    measured = reader.now.kind == "number" and is_unit(reader.ahead(1))
    if measured:
        reader.position = 2
    while not (measured or reader.done or any(begins(clause, reader) for clause in clauses)):
        reader.take()
    if reader.done:
        return text, {}
    amount = text[: reader.now.start].strip()
    return amount, with_clock(read_clauses(reader, clauses, name), kind, at, reader)


def built(
    reader: Reader,
    build: Any,
    options: dict[str, Any],
    parsed: Sequence[ParsedClause],
    head: ParsedClause,
) -> Any:
    """What `build` makes of the options.

    Where it refuses, the error points at the clause without which it builds, or else at the `head`
    of the sentence: the noun and its amount.

    >>> from oxysim import SkinToSkin
    >>> reader = sentences("skin-to-skin 60 min")[0]
    >>> head = ParsedClause({}, reader.tokens[0], reader.tokens[-1])
    >>> built(reader, SkinToSkin, {"minutes": "60 min", "at": "10:00"}, [], head).minutes
    '60 min'
    """
    try:
        return build(**options)
    except OxysimError as error:
        # from the end: of two clauses that contradict each other the later one is pointed at
        refused = (clause for clause in reversed(parsed) if _builds(build, options, clause))
        culprit = next(refused, head)
        raise reader.again(error, culprit.first, culprit.last) from error


def _builds(build: Any, options: dict[str, Any], without: ParsedClause) -> bool:
    rest = {name: value for name, value in options.items() if name not in without.options}
    try:
        build(**rest)
    except (OxysimError, TypeError):
        # TypeError: the clause says something that the thing cannot be without
        return False
    return True


def _in_words(name: str) -> str:
    words = {
        "repeat": "how often", "every": "how often", "at": "the clock times",
        "stop": "the end", "start": "the start",
    }  # fmt: skip
    return words.get(name, name.replace("_", " "))
