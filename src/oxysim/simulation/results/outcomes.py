"""What is kept of a course: an outcome is a variable, a statistic, and when; it reads and prints as
a short text.

"caregiver.epds: final", "caregiver.epds: daily mean", "caregiver.cortisol: maximum from 10:00 to
14:00", "caregiver.epds: weekly" (its value at each week), "caregiver.epds: time above 13".
"""

from __future__ import annotations

import functools
import itertools
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from oxysim import units
from oxysim.checks import refused
from oxysim.errors import InputError, unknown_name
from oxysim.model import registry
from oxysim.model.rows import StateRow
from oxysim.simulation.equations.system import variable_rows
from oxysim.texts import Described

STATISTICS = (
    "final",
    "initial",
    "change",
    "mean",
    "minimum",
    "maximum",
    "time of maximum",
    "area",
    "standard deviation",
    "time above",
    "course",
)
POINTS = ("final", "initial", "change", "course")
"""The statistics that need the variable at single moments only."""

MOST_OUTCOMES = 1000
"""The most outcomes of a run; the model has some eighty variables, of which a dozen things are
asked at most.
"""

SAMPLE = "as needed"
"""How often a course is looked at where nobody says it: as often as its polynomials need (see
``sampling``).
"""

_OFTEN = {"hourly": units.HOUR, "daily": units.DAY, "weekly": units.WEEK}
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?")
NAMED = {units.DAY: "day", units.WEEK: "week"}  # lengths that have a word


@dataclass(frozen=True, repr=False)
class Outcome(Described):
    """What is kept of one variable of a run.

    Parameters
    ----------
    variable : name ("caregiver.epds"); "caregiver." stands for every caregiver of the family.
    statistic : one of ``STATISTICS``. Means, areas, extrema and the like are those of the whole
        course, within ten tolerances of the solver, however short what the schedule sets off.
        "change" is final less initial; "time of maximum" is when it is first reached, min since
        00:00 of the first simulated day; "time above" is how long (min) it is above `threshold`;
        "course" is the value at every `every`.
    every : "day", "week" or a length of time ("12 h"): one value for each such stretch, counted
        from the start of the run (or of `window`). Only whole stretches count: what is left over at
        the end belongs to none.
    window : (from, to), each a clock time of the first day ("10:00") or a time after the start ("4
        weeks"); default the whole run. Clock times with ``every="day"`` mean these hours of each
        day.
    threshold : for "time above", in the variable's unit.

    Raises
    ------
    UnknownNameError : no such statistic. UnitError : a time without its unit.
    InputError : a combination that means nothing; a reversed window.

    >>> Outcome("caregiver.epds", "mean", every="day").text
    'caregiver.epds: daily mean'
    """

    variable: str
    statistic: str = "final"
    every: Any = None
    window: tuple[Any, Any] | None = None
    threshold: Any = None

    def __post_init__(self) -> None:
        where = f"in outcome of {self.variable!r}"
        if not isinstance(self.variable, str) or not re.fullmatch(r"\w+\.\w+", self.variable):
            raise InputError(
                f"outcome: expected a variable such as 'caregiver.epds'; found {self.variable!r}"
            )
        if self.statistic not in STATISTICS:
            raise unknown_name("statistic", self.statistic, STATISTICS, where)
        # Two mistakes in one comparison: none where one is needed, or one where none is.
        if (self.threshold is None) == (self.statistic == "time above"):
            threshold_text = "none" if self.threshold is None else repr(self.threshold)
            raise InputError(
                f"threshold {where}: 'time above' needs one and nothing else takes one; found"
                f" {threshold_text}"
            )
        if self.statistic == "course" and self.every is None:
            raise InputError(
                f"course {where}: say how often, with every='day', every='week' or every='30 min'"
            )
        # Equal outcomes have equal texts, however they were written: the text is their name.
        object.__setattr__(self, "every", _canonical_every(self.every, where))
        object.__setattr__(self, "window", _canonical_window(self.window, where))
        # Hours of a day repeat with the day; a week has no hour of its own.
        clocks = self.window is not None and any(map(units.is_clock, self.window))
        if clocks and self.every != "day" and (self.step or 0.0) >= units.DAY:
            raise InputError(
                f"window {where}: clock times go with every='day' or no every; found"
                f" every={self.every!r}"
            )

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """What it is, for print and notebooks."""
        return "Outcome", [("", self.text)]

    @functools.cached_property
    def step(self) -> float | None:
        """`every` in minutes."""
        return None if self.every is None else _every_minutes(self.every, self.variable)

    @functools.cached_property
    def text(self) -> str:
        """The canonical text, which :func:`outcome` reads back."""
        # "daily" reads better than "every 1 d", and is read back as the same.
        often = {v: k for k, v in _OFTEN.items()}.get(self.step or 0.0, "")
        words = [often, "" if self.statistic == "course" else self.statistic]
        words += [] if self.threshold is None else [_number_text(self.threshold)]
        words += [f"every {self.every}"] if self.every is not None and not often else []
        words += [] if self.window is None else [f"from {self.window[0]} to {self.window[1]}"]
        return f"{self.variable}: " + " ".join(word for word in words if word)

    @functools.cached_property
    def name(self) -> str:
        """The name of its variable in a dataset: the text by which it is asked for, in its
        canonical form.
        """
        return self.text

    def unit(self, row: StateRow) -> str:
        """Its unit, where `row` is the variable's."""
        if self.statistic in ("time above", "time of maximum"):
            return "min"
        if self.statistic == "area":
            return units.with_unit(row.unit, "min").removeprefix("1 ")
        return row.unit

    def long_name(self, row: StateRow) -> str:
        """What it is, in words."""
        return f"{row.meaning}: {self.text.partition(': ')[2]}"

    def attributes(self, caregivers: tuple[str, ...]) -> dict[str, str]:
        """Unit, name in words, and the text by which it is asked for, as a dataset has them.

        >>> Outcome("caregiver.epds", "maximum").attributes(("mother",))["units"]
        'EPDS'
        """
        row = row_of(self, caregivers)
        return {"units": self.unit(row), "long_name": self.long_name(row), "outcome": self.text}


def outcome(value: Any) -> Outcome:
    """An outcome from its text ("caregiver.epds: daily mean"), or as it is.

    Raises
    ------
    InputError : the text cannot be read. UnknownNameError : no such statistic (the nearest are
    offered).

    >>> outcome("caregiver.cortisol: maximum from 10:00 to 14:00").window
    ('10:00', '14:00')
    """
    if isinstance(value, Outcome):
        return value
    if not isinstance(value, str):
        raise InputError(
            f"outcome: expected a text such as 'caregiver.epds: final'; found {value!r}"
        )
    variable, colon, spec = value.partition(":")
    if not colon or not spec.strip():
        raise InputError(
            f"outcome {value!r}: say what is kept of it, such as {variable.strip() + ': final'!r}"
        )
    return _read(variable.strip(), spec.split(), value)


def resolve(outcomes: Iterable[Any], caregivers: tuple[str, ...]) -> tuple[Outcome, ...]:
    """The outcomes of a family: read, checked against its variables, and told apart.

    Where there are several caregivers, "caregiver." becomes one outcome for each.

    Raises
    ------
    UnknownNameError : no such variable. InputError : none given, more than ``MOST_OUTCOMES``, one
        given twice, a threshold in another unit.

    >>> [kept.text for kept in resolve(["caregiver.epds: final"], ("mother", "father"))]
    ['mother.epds: final', 'father.epds: final']
    """
    if isinstance(outcomes, str) or not isinstance(outcomes, Iterable):
        raise InputError(
            f"outcomes: expected a list such as ['caregiver.epds: final']; found {outcomes!r}"
        )
    # Counted before they are read: an endless iterator is refused, not awaited.
    listed = tuple(itertools.islice(outcomes, MOST_OUTCOMES + 1))
    if len(listed) > MOST_OUTCOMES:
        raise refused(
            f"more than {MOST_OUTCOMES}",
            "outcomes",
            f"at most {MOST_OUTCOMES} of them",
            as_text=True,
        )
    by_name: dict[tuple[str, str], Outcome] = {}
    for entry in listed:
        for member_outcome in _of_each(outcome(entry), caregivers):
            # "caregiver.epds" and "mother.epds" are one variable where the caregiver is the mother.
            key = (full_name(member_outcome, caregivers), member_outcome.text.partition(":")[2])
            if key in by_name:
                raise InputError(f"outcomes: {member_outcome.text!r} is given twice")
            by_name[key] = member_outcome
    if not by_name:
        raise InputError(
            "outcomes: expected at least one, such as 'caregiver.epds: final'; found none"
        )
    return tuple(by_name.values())


def full_name(entry: Outcome, caregivers: tuple[str, ...]) -> str:
    """The variable's full name ("mother.epds") in a family; "caregiver." is the first caregiver.

    >>> full_name(Outcome("caregiver.epds"), ("mother",))
    'mother.epds'
    """
    prefix, _, rest = entry.variable.partition(".")
    return f"{caregivers[0]}.{rest}" if prefix == "caregiver" else entry.variable


def row_of(entry: Outcome, caregivers: tuple[str, ...]) -> StateRow:
    """The row of the outcome's variable.

    Raises
    ------
    UnknownNameError : no such variable.

    >>> row_of(Outcome("caregiver.epds"), ("mother",)).unit
    'EPDS'
    """
    rows = variable_rows(caregivers)
    full = full_name(entry, caregivers)
    if full not in rows:
        general = [f"caregiver.{name}" for name in registry.variables("caregiver")]
        raise unknown_name("variable", entry.variable, [*rows, *general], "in outcomes")
    return rows[full]


# ---------------------------------------------------------------------- reading
def _read(variable: str, words: list[str], text: str) -> Outcome:
    """An outcome from the words after the colon: [often] [statistic [threshold]] [every ...] [from
    ... to ...].
    """
    # From the end of the text to its beginning: what follows a mark belongs to it.
    words, window = _split_off(words, "from")
    words, every = _split_off(words, "every")
    often = words.pop(0) if words and words[0] in _OFTEN else None
    if often and every:
        raise InputError(
            f"outcome {text!r}: {often!r} and 'every {' '.join(every)}' say the same thing twice"
        )
    threshold = words[2:] if words[:2] == ["time", "above"] else []
    statistic = " ".join(words[: len(words) - len(threshold)])
    if not statistic and not (often or every):
        raise InputError(
            f"outcome {text!r}: say what is kept, such as 'final', or how often, such as 'daily'"
        )
    if statistic and statistic not in STATISTICS[:-1]:
        raise unknown_name("statistic", statistic, STATISTICS[:-1], f"in outcome {text!r}")
    # The word is turned into minutes, which the outcome writes as the word again.
    step = f"{_OFTEN[often]!r} min" if often else " ".join(every) if every else None
    level: Any = " ".join(threshold) or None
    if level is not None and _NUMBER.fullmatch(level):
        level = float(level)
    return Outcome(
        variable, statistic or "course", step, _ends(window, text) if window else None, level
    )


def _split_off(words: list[str], mark: str) -> tuple[list[str], list[str]]:
    """The words before a `mark`, and those after it."""
    position = words.index(mark) if mark in words else len(words)
    after = words[position + 1 :]
    return words[:position], after if after or position == len(words) else [""]


def _ends(words: list[str], text: str) -> tuple[str, str]:
    low, high = _split_off(words, "to")
    if not low or not high:
        raise InputError(
            f"outcome {text!r}: expected 'from ... to ...', such as 'from 10:00 to 14:00'"
        )
    return " ".join(low), " ".join(high)


def _of_each(outcome: Outcome, caregivers: tuple[str, ...]) -> list[Outcome]:
    prefix, _, rest = outcome.variable.partition(".")
    names = (
        [f"{c}.{rest}" for c in caregivers]
        if prefix == "caregiver" and len(caregivers) > 1
        else [outcome.variable]
    )
    return [_with_threshold(replace(outcome, variable=name), caregivers) for name in names]


def _with_threshold(outcome: Outcome, caregivers: tuple[str, ...]) -> Outcome:
    """The outcome with its threshold as a number in the variable's unit."""
    row = row_of(outcome, caregivers)
    threshold, expected = outcome.threshold, units.number_in(row.unit, "a threshold")
    if threshold is None:
        return outcome
    if isinstance(threshold, str):
        number, _, unit = threshold.strip().partition(" ")
        if not _NUMBER.fullmatch(number) or unit.strip() not in ("", row.unit):
            raise InputError(f"outcome {outcome.text!r}: expected {expected}; found {threshold!r}")
        threshold = float(number)
    if (
        isinstance(threshold, bool)
        or not isinstance(threshold, int | float | np.number)
        or not math.isfinite(threshold)
    ):
        raise InputError(
            f"outcome of {outcome.variable!r}: expected {expected}; found {threshold!r}"
        )
    return replace(outcome, threshold=float(threshold))


def _canonical_every(every: Any, where: str) -> str | None:
    if every is None:
        return None
    minutes = _every_minutes(every, where)
    if minutes in NAMED:
        return NAMED[minutes]
    # A length that its words cannot give back exactly is kept in minutes.
    text = units.duration_text(minutes)
    return text if units.duration(text) == minutes else f"{minutes!r} min"


def _every_minutes(every: Any, where: str) -> float:
    named = {name: minutes for minutes, name in NAMED.items()}
    return (
        named[every]
        if isinstance(every, str) and every in named
        else units.duration(every, f"every {where}")
    )


def _canonical_window(window: Any, where: str) -> tuple[str, str] | None:
    if window is None:
        return None
    if not isinstance(window, tuple | list) or len(window) != 2:
        raise InputError(
            f"window {where}: expected (from, to) such as ('10:00', '14:00'); found {window!r}"
        )
    low, high = (str(end).strip() for end in window)
    ends = [
        (
            units.clock(end, where)
            if units.is_clock(end)
            else units.duration(end, where, positive=False)
        )
        for end in (low, high)
    ]
    # A clock time and a time after the start can be compared only where the run is known.
    if units.is_clock(low) == units.is_clock(high) and ends[1] <= ends[0]:
        raise InputError(f"window {where}: it ends ({high}) before it starts ({low})")
    return low, high


def _number_text(value: Any) -> str:
    if isinstance(value, str):
        return " ".join(value.split())
    number = float(value)
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)
