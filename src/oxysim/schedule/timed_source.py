"""What an intervention is made of: its options, when they let it happen, and what it writes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

import numpy as np

from oxysim import checks
from oxysim.errors import ScheduleError, UnitError, shown
from oxysim.model.inputs import implausible_levels
from oxysim.model.value_ranges import Implausible
from oxysim.schedule.bouts import Bouts, Window, levels_of
from oxysim.schedule.options import TRUTH, caregiver_name, is_amount, length
from oxysim.schedule.timing import REPEATS, Timing
from oxysim.schedule.wording import (
    LIMITS,
    TIMING,
    Clause,
    Form,
    closed,
    default_of,
    settlers,
)
from oxysim.texts import Described, clipped
from oxysim.units import duration_text

Levels = tuple[tuple[str, float], ...]


class SchedulePart(NamedTuple):
    """One stretch of a bout of an intervention: on whom, which levels, from when and for how long.

    `member` is "infant", "caregiver" or a caregiver's name; `after` counts in minutes from the
    bout's start (negative: before it); `minutes` is None for the bout's own length; `interrupts` is
    explained at `Bouts`.

    >>> SchedulePart("caregiver", {"gaze": 0.5}).minutes is None
    True
    """

    member: str
    levels: Mapping[str, float]
    after: float = 0.0
    minutes: float | None = None
    interrupts: tuple[str, ...] = ()


@dataclass(frozen=True)
class TimedSource(Described, ABC):
    """The base of interventions: it writes to input channels at the times that its options give.

    The options are those of `Timing`; `by` names the caregiver ("caregiver" is the first of the
    family). They can also stand in the amount, ``SkinToSkin("60 min daily at 11:00 from day 1 to
    day 35")``, in the words of the text form. Options are kept in one spelling ("60 min" for "60
    minutes" or a pint quantity), so that interventions that are the same are equal.

    >>> from oxysim import SkinToSkin
    >>> SkinToSkin("60 minutes", at="11:00", repeat="daily") == SkinToSkin("60 min daily at 11:00")
    True
    """

    at: Any = field(default=None, kw_only=True)
    day: Any = field(default=None, kw_only=True)
    repeat: str = field(default="once", kw_only=True)
    every: Any = field(default=None, kw_only=True)
    days: Any = field(default=None, kw_only=True)
    start: Any = field(default=None, kw_only=True)
    stop: Any = field(default=None, kw_only=True)
    cycle: tuple[int, int] | None = field(default=None, kw_only=True)
    sessions: int | None = field(default=None, kw_only=True)
    course: Any = field(default=None, kw_only=True)
    by: str = field(default="caregiver", kw_only=True)

    # how it is said: noun phrases, amount, and the clauses of its own options (not of its timing)
    form: ClassVar[Form] = Form(())
    kind: ClassVar[str] = "intervention"
    amount: ClassVar[str] = "minutes"  # the field that may hold the sentence form
    continuous: ClassVar[bool] = False  # in force from start to stop, with no clock time
    clocks_by_default: ClassVar[int] = 0  # how many clock times it has where `at` is not given
    may_be_inert: ClassVar[bool] = False  # may write nothing at all, as a placebo does
    # option -> the words that it may be
    words: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType({})

    def __post_init__(self) -> None:
        self._require_kinds()
        self._read_timing_in_amount()
        self._settle()
        if self.by == "infant":
            raise ScheduleError(f"{self.label}: by names a caregiver; found 'infant'")

        # read once, so that an option that cannot be is refused here and not in a simulation
        if self.continuous:
            self._require_continuous()
        else:
            _ = self.length, self.timing.clocks

        parts = self.parts()
        if (
            self.by != "caregiver"
            and parts
            and all(written.member == "infant" for written in parts)
        ):
            raise ScheduleError(
                f"{self.label}: it reaches the infant, not a caregiver; leave out by={self.by!r}"
            )
        writes_nothing = not any(levels for _, levels in self._checked_parts)
        if writes_nothing and not self.may_be_inert:
            raise ScheduleError(
                f"{self.label}: at these levels it does nothing; give a level above zero or leave"
                " it out"
            )

    def _require_kinds(self) -> None:
        """Raise where an option has a type that the code below cannot read."""
        noun = self._noun
        caregiver_name(self.by, noun)
        checks.choice(self.repeat, f"{noun}, repeat", REPEATS)
        for option, words in self.words.items():
            checks.choice(getattr(self, option), f"{noun}, {option}", words)
        if not isinstance(self.at, str | list | tuple | None):
            raise UnitError(
                f"{noun}, at: expected a clock time such as '10:45', or a list; found"
                f" {shown(self.at)}"
            )

    @property
    def _noun(self) -> str:
        """How messages name it before its label can be made."""
        return self.form.nouns[0] if self.form.nouns else type(self).__name__

    @property
    @abstractmethod
    def label(self) -> str:
        """The name in tables, such as "nasal spray 24 IU"; a name made of options is made once."""

    @abstractmethod
    def parts(self) -> tuple[SchedulePart, ...]:
        """What one bout writes."""

    @property
    def length(self) -> float:
        """How long a bout lasts, in minutes."""
        return length(getattr(self, "minutes", None), f"{self.label}, minutes")

    @property
    def clock_times(self) -> Any:
        """The clock times of `at`, or those that the intervention has by default."""
        return self.at

    @cached_property
    def timing(self) -> Timing:
        """When it happens."""
        return Timing(
            self.label, self.clock_times, self.day, self.repeat, self.every,
            self.days, self.start, self.stop, self.cycle, self.sessions, self.course,
        )  # fmt: skip

    def bouts(self, window: Window) -> Sequence[Bouts]:
        """The bouts that reach into the window, one entry for each of the `parts`.

        Raises
        ------
        ScheduleError : there are none, or bouts of this one intervention overlap.

        >>> from oxysim import Massage
        >>> entries = Massage("15 min", at="10:00", repeat="daily").bouts(Window(0.0, 2880.0))
        >>> entries[0].starts
        array([ 600., 2040.])
        """
        checked, label = self._checked_parts, self.timing.what
        if self.continuous:
            low, high = self.timing.span(window)
            starts, extent = np.array([low]), high - low
        else:
            # a part of its own length, such as an expectancy, may outlast the bout
            lasts = max(written.after + (written.minutes or 0.0) for written, _ in checked)
            starts, extent = self.timing.moments(window, self.length, lasts), self.length

        bouts = []
        for written, levels in checked:
            member = window.member(written.member, label)
            begin = starts + written.after
            end = begin + (extent if written.minutes is None else written.minutes)
            bouts.append(Bouts(label, self.kind, member, begin, end, levels, written.interrupts))
        return bouts

    @cached_property
    def _checked_parts(self) -> tuple[tuple[SchedulePart, Levels], ...]:
        """What one bout writes, each part with its checked levels."""
        return tuple(
            (written, levels_of(written.member, written.levels, self.label))
            for written in self.parts()
        )

    @cached_property
    def implausible(self) -> tuple[Implausible, ...]:
        """The levels that it writes which are legal but implausible.

        >>> from oxysim.interventions import Crying
        >>> Crying("5 min", at="10:00").implausible
        ()
        """
        return tuple(
            odd
            for written, levels in self._checked_parts
            for odd in implausible_levels(self.timing.what, written.member, levels)
        )

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """Its text form."""
        return self.label, [("", self.text() if self.form.nouns else self.describe())]

    def __repr__(self) -> str:
        try:
            return clipped(self.text() if self.form.nouns else self.describe())
        except Exception:  # noqa: BLE001 - error messages show half-made objects too
            return f"{type(self).__name__} (incomplete)"

    def describe(self) -> str:
        """One English sentence.

        >>> from oxysim import Massage
        >>> Massage("15 min", at="10:00", repeat="daily").describe()
        'Infant massage (caregiver) for 15 min at 10:00 every day.'
        """
        infant_only = all(written.member == "infant" for written in self.parts())
        caregiver = "" if infant_only else f" ({self.by})"
        extent = "" if self.continuous else f" for {duration_text(self.length)}"
        label = f"{self.label[0].upper()}{self.label[1:]}"
        return f"{label}{caregiver}{extent} {self.timing.describe()}."

    @classmethod
    def clauses(cls) -> tuple[Clause, ...]:
        """Every clause that may stand in its sentence, in the order in which they are written."""
        return closed((*cls.form.clauses, *(LIMITS if cls.continuous else TIMING)))

    def text(self) -> str:
        """Its sentence, from which `oxysim.interventions.parse` reads an equal one.

        Raises
        ------
        ScheduleError : its class says no `form`.

        >>> from oxysim import Massage
        >>> Massage("15 min", at="10:00", repeat="daily").text()
        'massage 15 min daily at 10:00'
        """
        if not self.form.nouns:
            raise ScheduleError(f"{type(self).__name__} has no text form; give its class a `form`")
        return _sentence(self)

    def _read_timing_in_amount(self) -> None:
        """Move timing options that stand in the amount, "60 min daily", to their own fields."""
        text = getattr(self, self.amount, None)
        # nearly every amount is a plain one, for which no sentence has to be read
        if not isinstance(text, str) or is_amount(text):
            return
        kind = type(self)
        at = None if self.at == default_of(kind, "at") else self.at
        amount, options = _amount_and_timing(text, kind, at)
        for name, value in options.items():
            if getattr(self, name) != default_of(kind, name):
                raise ScheduleError(
                    f"{kind.__name__}: {name} is given twice, in {text!r} and as {name}="
                )
            object.__setattr__(self, name, value)
        if options:
            object.__setattr__(self, self.amount, amount)

    def _settle(self) -> None:
        """Bring every option to its one spelling, so that equal options compare equal."""
        noun = self._noun
        settled = {}
        for name, settle in settlers(type(self)).items():
            value = getattr(self, name)
            # None stands for an option that is left out, but is no truth value
            if value is not None or settle is TRUTH.settle:
                settled[name] = settle(value, f"{noun}, {name}")
        if isinstance(self.cycle, list):
            settled["cycle"] = tuple(self.cycle)
        for name, value in settled.items():
            object.__setattr__(self, name, value)

    def _require_continuous(self) -> None:
        """Raise where an option that has no meaning for something continuous was given."""
        without_meaning = ("at", "day", "every", "days", "cycle", "sessions")
        extra = [name for name in without_meaning if getattr(self, name) is not None]
        if self.repeat != "once":
            extra.append("repeat")
        if extra:
            raise ScheduleError(
                f"{self.label} is in force all the time from start to stop; leave out"
                f" {', '.join(extra)}"
            )
        _ = self.timing  # refuses limits that contradict each other


# ------------------------------------------------------------------------------------ the text form
# It is loaded where a sentence is read or written, and nowhere else.
def _amount_and_timing(text: str, kind: type[TimedSource], at: Any) -> tuple[str, dict[str, Any]]:
    """The amount and the timing options of a text such as "60 min daily at 11:00"."""
    from oxysim.schedule.text.parser import read_amount

    return read_amount(text, kind, LIMITS if kind.continuous else TIMING, at)


def _sentence(source: TimedSource) -> str:
    from oxysim.schedule.text.clauses import write_sentence

    return write_sentence(source, source.form, source.clauses())
