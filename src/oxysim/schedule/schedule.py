"""The schedule: a routine and any number of interventions, which add up."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

import numpy as np

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.errors import ScheduleError, UnitError, shown
from oxysim.schedule.bouts import Bouts, Window, length, levels_of, require_caregiver
from oxysim.schedule.daily_life_noise import DailyLifeNoise
from oxysim.schedule.realised import Realised, realised_from
from oxysim.schedule.routine import Routine, no_sum
from oxysim.schedule.text.clauses import (
    LIMITS,
    TIMING,
    Clause,
    Form,
    closed,
    default_of,
    write_sentence,
)
from oxysim.schedule.text.parser import read_amount
from oxysim.schedule.text.routine_text import EMPTY_DAY, routine_sentences
from oxysim.schedule.timing import REPEATS, Timing
from oxysim.texts import Described, clipped, html_table, listed
from oxysim.units import duration_text


class SchedulePart(NamedTuple):
    """One stretch of a bout of an intervention: on whom, which levels, from when and for how long.

    `member` is "infant", "caregiver" or a caregiver's name; `after` counts in minutes from the
    bout's start (negative: before it); `minutes` is None for the bout's own length; `interrupts` is
    explained at `Bouts`.
    """

    member: str
    levels: Mapping[str, float]
    after: float = 0.0
    minutes: float | None = None
    interrupts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Intervention(Described, ABC):
    """The interface of every intervention: what it writes (`parts`), when (the options here), and a
    sentence.

    Interventions and routines add up in any order: ``routine + spray + crying`` is a `Schedule`.
    The options are those of `Timing`; `by` names the caregiver ("caregiver" is the first of the
    family). They can also stand in the amount, ``SkinToSkin("60 min daily at 11:00 from day 1 to
    day 35")``, in the words of the text form. Options are kept in one spelling ("60 min" for "60
    minutes" or a pint quantity), so that interventions that are the same are equal.
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

    # how it is said: noun phrases, amount, and the clauses of its own options
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
        self._read_sentence()
        self._settle()
        if self.by == "infant":
            raise ScheduleError(f"{self.label}: by names a caregiver; found 'infant'")
        if self.continuous:
            self._require_continuous()
        else:
            _ = self.length, self.timing.clocks
        parts = self.parts()
        if self.by != "caregiver" and parts and all(part.member == "infant" for part in parts):
            raise ScheduleError(
                f"{self.label}: it reaches the infant, not a caregiver; leave out by={self.by!r}"
            )
        written = [levels_of(part.member, part.levels, self.label) for part in parts]
        if not any(written) and not self.may_be_inert:
            raise ScheduleError(
                f"{self.label}: at these levels it does nothing; give a level above zero or leave"
                " it out"
            )

    def _require_kinds(self) -> None:
        """Raise where an option is of a kind that nothing below can read."""
        what = self.form.nouns[0] if self.form.nouns else type(self).__name__
        require_caregiver(self.by, what)
        checks.choice(self.repeat, f"{what}, repeat", REPEATS)
        for option, known in self.words.items():
            checks.choice(getattr(self, option), f"{what}, {option}", known)
        if not isinstance(self.at, str | list | tuple | None):
            raise UnitError(
                f"{what}, at: expected a clock time such as '10:45', or a list; found"
                f" {shown(self.at)}"
            )

    @property
    @abstractmethod
    def label(self) -> str:
        """The name in tables, such as "nasal spray 24 IU"."""

    @abstractmethod
    def parts(self) -> tuple[SchedulePart, ...]:
        """What one bout writes."""

    @property
    def noise(self) -> DailyLifeNoise | None:
        """The random input of which every dyad has a path of its own, beside what `parts` writes;
        most have none.
        """
        return None

    @property
    def length(self) -> float:
        """How long a bout lasts, in minutes."""
        return length(getattr(self, "minutes", None), f"{self.label}, minutes")

    @property
    def clock_times(self) -> Any:
        """The clock times of `at`, or those that the intervention has by default."""
        return self.at

    @property
    def timing(self) -> Timing:
        """When it happens."""
        return Timing(
            self.label, self.clock_times, self.day, self.repeat, self.every,
            self.days, self.start, self.stop, self.cycle, self.sessions, self.course,
        )  # fmt: skip

    def bouts(self, window: Window) -> Sequence[Bouts]:
        """The bouts that reach into the window, one entry for each part.

        Raises
        ------
        ScheduleError : there are none, or bouts of this one intervention overlap.
        """
        parts = self.parts()
        if self.continuous:
            low, high = self.timing.span(window)
            starts, extent = np.array([low]), high - low
        else:
            lasts = max(part.after + (part.minutes or 0.0) for part in parts)
            starts, extent = self.timing.moments(window, self.length, lasts), self.length
        result = []
        for part in parts:
            member = window.member(part.member, self.label)
            begin = starts + part.after
            end = begin + (extent if part.minutes is None else part.minutes)
            levels = levels_of(member, part.levels, self.label)
            result.append(Bouts(self.label, self.kind, member, begin, end, levels, part.interrupts))
        return result

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """Its text form."""
        return self.label, [("", self.text() if self.form.nouns else self.describe())]

    def __repr__(self) -> str:
        try:
            return clipped(self.text() if self.form.nouns else self.describe())
        except Exception:  # noqa: BLE001 - a text must come from a half-made object too: error messages show it
            return f"{type(self).__name__} (incomplete)"

    def describe(self) -> str:
        """One English sentence."""
        whom = "" if all(part.member == "infant" for part in self.parts()) else f" ({self.by})"
        extent = "" if self.continuous else f" for {duration_text(self.length)}"
        return f"{self.label[0].upper()}{self.label[1:]}{whom}{extent} {self.timing.describe()}."

    @classmethod
    def clauses(cls) -> tuple[Clause, ...]:
        """Every clause that may stand in its sentence, in the order in which they are written."""
        return closed((*cls.form.clauses, *(LIMITS if cls.continuous else TIMING)))

    def text(self) -> str:
        """The intervention in the text form: `oxysim.interventions.parse` reads an equal one from
        it.

        Raises
        ------
        ScheduleError : its class says no `form`.
        """
        if not self.form.nouns:
            raise ScheduleError(f"{type(self).__name__} has no text form; give its class a `form`")
        return write_sentence(self, self.form, self.clauses())

    def _read_sentence(self) -> None:
        """Move timing options that stand in the amount to their own fields."""
        text = getattr(self, self.amount, None)
        if not isinstance(text, str):
            return
        kind = type(self)
        at = None if self.at == default_of(kind, "at") else self.at
        amount, options = read_amount(text, kind, LIMITS if self.continuous else TIMING, at)
        for name, value in options.items():
            if getattr(self, name) != default_of(kind, name):
                raise ScheduleError(
                    f"{kind.__name__}: {name} is given twice, in {text!r} and as {name}="
                )
            object.__setattr__(self, name, value)
        if options:
            object.__setattr__(self, self.amount, amount)

    def _settle(self) -> None:
        """Bring every option to the one spelling in which equal ones are equal."""
        what = self.form.nouns[0] if self.form.nouns else type(self).__name__
        settled: dict[str, Any] = {}
        amount = self.form.amount
        if amount is not None:
            settled[amount.field] = amount.value.settle(
                getattr(self, amount.field), f"{what}, {amount.field}"
            )
        for clause in self.clauses():
            settled |= clause.settle(self, what)
        if isinstance(self.cycle, list):
            settled["cycle"] = tuple(self.cycle)
        for name, value in settled.items():
            object.__setattr__(self, name, value)

    def _require_continuous(self) -> None:
        """Raise where an option that has no meaning for something continuous was given."""
        extra = [
            name
            for name in ("at", "day", "every", "days", "cycle", "sessions")
            if getattr(self, name) is not None
        ]
        extra += ["repeat"] if self.repeat != "once" else []
        if extra:
            raise ScheduleError(
                f"{self.label} is in force all the time from start to stop; leave out"
                f" {', '.join(extra)}"
            )
        _ = self.timing

    def __add__(self, other: object) -> Schedule:
        return Schedule(interventions=(self,)).__add__(other)

    def __radd__(self, other: object) -> Schedule:
        if not isinstance(other, Routine):
            return no_sum(other)
        return Schedule(other, (self,))


@dataclass(frozen=True)
class Schedule(Described):
    """A routine and the interventions on top of it.

    The order of the interventions matters for channels of the rule "replace" only, where the later
    one is in force.
    """

    routine: Routine = Routine()
    interventions: tuple[Intervention, ...] = ()

    def __post_init__(self) -> None:
        given = (
            (self.interventions,)
            if isinstance(self.interventions, Intervention)
            else self.interventions
        )
        if isinstance(given, str | Mapping | range) or not isinstance(given, Iterable):
            raise ScheduleError(
                f"schedule: expected interventions such as NasalSpray; found {shown(given)}"
            )
        object.__setattr__(self, "interventions", tuple(given))
        if not isinstance(self.routine, Routine):
            raise ScheduleError(f"schedule: expected a Routine; found {self.routine!r}")
        for one in self.interventions:
            if not isinstance(one, Intervention):
                raise ScheduleError(
                    f"schedule: expected interventions such as NasalSpray; found {one!r}"
                )
        noisy = [one for one in self.interventions if one.noise is not None]
        if len(noisy) > 1:
            raise ScheduleError(
                f"schedule: a dyad has one daily life; found {noisy[0].label} {len(noisy)} times;"
                " leave out all but one"
            )

    def __add__(self, other: object) -> Schedule:
        if isinstance(other, Routine):
            return replace(self, routine=self.routine + other)
        if isinstance(other, Intervention):
            return replace(self, interventions=(*self.interventions, other))
        if isinstance(other, Schedule):
            return Schedule(self.routine + other.routine, self.interventions + other.interventions)
        return no_sum(other)

    def __radd__(self, other: object) -> Schedule:
        if not isinstance(other, Routine):
            return no_sum(other)
        return replace(self, routine=other + self.routine)

    @property
    def has_jitter(self) -> bool:
        """Whether dyads have days of their own; where false, all dyads share one
        realised schedule.
        """
        return self.routine.has_jitter

    @property
    def noise(self) -> DailyLifeNoise | None:
        """The daily-life noise of which every dyad has a path of its own, or None."""
        return next((one.noise for one in self.interventions if one.noise is not None), None)

    def realise(
        self,
        start: float,
        stop: float,
        *,
        caregivers: tuple[str, ...] = ("mother",),
        seed: int = 0,
        dyad: int = 0,
    ) -> Realised:
        """Lay the schedule out over the window [start, stop], in minutes since 00:00 on the day of
        birth.

        Parameters
        ----------
        caregivers : the names of the family's caregivers; the first is the one meant by
            "caregiver".
        seed, dyad : name the draws of the routine's jitter.

        Raises
        ------
        ScheduleError : the window is reversed, an intervention has no moment in it, or bouts cannot
            be as they are.
        UnknownNameError : a caregiver who is not of this family.
        InputError : several sources together leave a channel's legal range.
        """
        names = tuple(caregivers) if isinstance(caregivers, list) else caregivers
        window = Window(start, stop, names, self.routine.birth_weekday, seed, dyad)
        sources = [*self.routine.bouts(window)]
        for intervention in self.interventions:
            sources.extend(intervention.bouts(window))
        return realised_from(sources, window)

    def edges(
        self,
        start: float,
        stop: float,
        *,
        caregivers: tuple[str, ...] = ("mother",),
        seed: int = 0,
        dyad: int = 0,
    ) -> FloatArray:
        """The exact edges in the window, shape (n_segments + 1,), in minutes since 00:00 on the day
        of birth.
        """
        return self.realise(start, stop, caregivers=caregivers, seed=seed, dyad=dyad).edges

    def text(self) -> str:
        """The schedule in the text form, a line each: `oxysim.interventions.parse_schedule` reads
        an equal one.
        """
        return (
            "\n".join(
                [*routine_sentences(self.routine), *(one.text() for one in self.interventions)]
            )
            or EMPTY_DAY
        )

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """The day and what is added to it; ``describe()`` and ``text()`` say it in full."""
        days = routine_sentences(self.routine) or [EMPTY_DAY]
        pairs: list[tuple[str, object]] = [("", listed(days, 3))]
        return "Schedule", pairs + (
            [("with", listed(self.interventions, 8))] if self.interventions else []
        )

    def _repr_html_(self) -> str:
        return html_table([(line,) for line in self.describe().splitlines()], caption="Schedule")

    def describe(self) -> str:
        """One English sentence for each activity and each intervention."""
        return "\n".join([self.routine.describe(), *(one.describe() for one in self.interventions)])


def as_schedule(item: Schedule | Routine | Intervention | None) -> Schedule:
    """A schedule from whatever a user may hand over: a schedule, a routine, an intervention, or
    None for nothing.

    Raises
    ------
    ScheduleError : it is none of these.
    """
    if item is None:
        return Schedule()
    if isinstance(item, Schedule):
        return item
    if isinstance(item, Routine):
        return Schedule(item)
    if isinstance(item, Intervention):
        return Schedule(interventions=(item,))
    raise ScheduleError(
        f"schedule: expected a Schedule, a Routine or an intervention; found {item!r}"
    )
