"""Activities: what a routine is written in. One interface (`Activity`) and its leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, ClassVar, Literal

from oxysim import checks
from oxysim.errors import ScheduleError, UnitError
from oxysim.schedule.bouts import levels_of
from oxysim.schedule.options import (
    AGE,
    CLOCKS,
    DAYS,
    INFANT,
    TIME,
    age,
    caregiver_name,
    length,
    listed_once,
    weekdays,
)
from oxysim.texts import Called, age_text
from oxysim.units import DAY, HOUR, clock, clock_text, duration, duration_text

Levels = Mapping[str, float]

Writes = tuple[tuple[str, tuple[tuple[str, float], ...]], ...]
"""For each member that is reached, the channels and their levels."""

LARGEST_JITTER = 12 * HOUR
"""The largest standard deviation of a bout's clock time: half a day, beyond which its clock time
says nothing.
"""


# The options that can be written in several ways.
_KINDS = {
    "at": CLOCKS, "minutes": TIME, "jitter": TIME, "from_age": AGE, "until_age": AGE, "days": DAYS,
}  # fmt: skip


@dataclass(frozen=True)
class Activity(Called):
    """The interface of everything that a routine may hold.

    >>> Feed(("07:00", "11:00"), "20 min", days=("Sat", "Sun")).describe()
    'Breastfeed (caregiver) for 20 min at 07:00, 11:00 on Sat, Sun.'

    Parameters
    ----------
    at : clock time or several, such as ``"07:00"`` or ``("07:00", "19:00")``.
    minutes : how long each bout lasts, with its unit (``"20 min"``); at most 24 h. It may pass
        midnight.
    by : the caregiver's name; "caregiver" is the first caregiver of the family.
    jitter : standard deviation of the seeded shift of each bout, with its unit; None for none.
    days : weekdays such as ``("Mon", "Sat")``; None for every day.
    from_age, until_age : the infant's age (``"3 months"`` or ``"day 92"``) from which and before
        which bouts begin.

    Raises
    ------
    UnitError, ScheduleError, UnknownNameError, InputError : something of the above cannot be read
    or cannot be.
    """

    at: str | tuple[str, ...]
    minutes: Any
    # by keyword alone: a leaf adds options of its own without moving these
    by: str = field(default="caregiver", kw_only=True)
    jitter: Any = field(default=None, kw_only=True)
    days: str | tuple[str, ...] | None = field(default=None, kw_only=True)
    from_age: Any = field(default=None, kw_only=True)
    until_age: Any = field(default=None, kw_only=True)

    # whether infant and caregiver have to be awake; a routine refuses it during their sleep
    needs_awake: ClassVar[bool] = False
    # option -> the words that it may be
    words: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType({})

    def __post_init__(self) -> None:
        noun = type(self).__name__.lower()
        caregiver_name(self.by, noun)
        for option, words in self.words.items():
            checks.choice(getattr(self, option), f"{noun}, {option}", words)
        # before anything reads an option, so that all that follows sees one spelling
        self._settle()

        # a caregiver acts or is away; which member sleeps is said by `of`
        if self.by == INFANT:
            raise ScheduleError(f"{self.label}: by names a caregiver; found 'infant'")
        if not self.clocks:
            raise ScheduleError(f"{self.label}: at is empty; give a clock time such as '10:00'")
        # a longer bout would run into the same bout of the next day
        if self.length > DAY:
            raise ScheduleError(f"{self.label}: a bout lasts at most 24 h; found {self.minutes!r}")
        if self.until <= self.since:
            raise ScheduleError(
                f"{self.label}: until_age ({self.until_age!r}) must be later than from_age"
                f" ({self.from_age!r})"
            )
        # read once, so that an option that cannot be is refused here and not in a simulation
        _ = self.spread, self.weekdays, self.writes

    def _settle(self) -> None:
        """Bring every option to its one spelling, so that equal options compare equal."""
        # the class is frozen: settling is a part of making it
        for name, kind in _KINDS.items():
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, kind.settle(value, self.label))
        # after settling: "7:00" and "07:00" are one clock time listed twice
        for name in ("at", "days"):
            value = getattr(self, name)
            if isinstance(value, tuple):
                listed_once(value, f"{self.label}, {name}")

    @property
    def label(self) -> str:
        """The name of the activity in tables."""
        return type(self).__name__.lower()

    @cached_property
    def clocks(self) -> tuple[float, ...]:
        """The clock times, in minutes after midnight."""
        times = (self.at,) if isinstance(self.at, str) else self.at
        if not isinstance(times, tuple):
            raise UnitError(
                f"{self.label}: expected a clock time such as '10:45'; found {self.at!r}"
            )
        return tuple(clock(time, f"{self.label}, at", begins=True) for time in times)

    @cached_property
    def length(self) -> float:
        """How long a bout lasts, in minutes."""
        return length(self.minutes, f"{self.label}, minutes")

    @cached_property
    def spread(self) -> float:
        """The jitter's standard deviation, in minutes, at most 12 h."""
        if self.jitter is None:
            return 0.0
        # 0 is allowed: "0 min" says the same as no jitter
        spread = duration(self.jitter, f"{self.label}, jitter", positive=False)
        if spread > LARGEST_JITTER:
            raise ScheduleError(
                f"{self.label}: jitter is a standard deviation of at most"
                f" {duration_text(LARGEST_JITTER)}; found {self.jitter!r}"
            )
        return spread

    @cached_property
    def weekdays(self) -> tuple[int, ...] | None:
        """The weekdays by number (0 = Monday), or None for every day."""
        return weekdays(self.days, self.label)

    @cached_property
    def since(self) -> float:
        """The age in minutes from which bouts begin."""
        if self.from_age is None:
            # infinite where there is no limit, so that comparing needs no case of its own
            return float("-inf")
        return age(self.from_age, f"{self.label}, from_age")

    @cached_property
    def until(self) -> float:
        """The age in minutes before which bouts begin."""
        if self.until_age is None:
            return float("inf")
        return age(self.until_age, f"{self.label}, until_age")

    @property
    def asleep(self) -> str | None:
        """Who sleeps (a name, or None for nobody)."""
        return None

    @cached_property
    def writes(self) -> Writes:
        """For each member that it reaches, the channels and their levels."""
        # a member for whom every level is at rest has no bout
        checked = {
            member: levels_of(member, levels, self.label)
            for member, levels in self.levels().items()
        }
        return tuple((member, levels) for member, levels in checked.items() if levels)

    def levels(self) -> dict[str, Levels]:
        """The levels that it writes, by member; each kind of activity says its own.

        >>> Talk("16:00", "30 min").levels()
        {'caregiver': {'talk': 0.45, 'gaze': 0.4}}
        """
        raise ScheduleError(
            f"{type(self).__name__} is the interface; use one of its leaves, such as Feed or Play"
        )

    def describe(self) -> str:
        """One English sentence."""
        # a text is made of the numbers, so that it says what will happen
        times = ", ".join(clock_text(time) for time in self.clocks)
        # nobody has to do anything for the infant's sleep
        caregiver = "" if self.asleep == INFANT else f" ({self.by})"
        days = (self.days,) if isinstance(self.days, str) else self.days
        when = "every day" if days is None else "on " + ", ".join(days)
        ages = "" if self.from_age is None else f" from {_age_words(self.from_age)}"
        ages += "" if self.until_age is None else f" until {_age_words(self.until_age)}"
        shift = f", jittered by {duration_text(self.spread)}" if self.spread else ""
        return (
            f"{self.label.capitalize()}{caregiver} for {duration_text(self.length)} at {times}"
            f" {when}{ages}{shift}."
        )


def _age_words(value: Any) -> str:
    """An age as people say it; a numbered day stays one."""
    text = str(value)
    return text if text.startswith("day ") else age_text(age(value, "age"))


@dataclass(frozen=True)
class Feed(Activity):
    """A feed. "breast" writes suckling and feeding, "bottle" feeding alone.

    Both bring some touch and gaze.

    >>> Feed("07:00", "20 min", mode="bottle").label
    'bottle feed'
    """

    mode: Literal["breast", "bottle"] = field(default="breast", kw_only=True)
    # default levels, here and in the other leaves, are modelling assumptions
    intensity: float = field(default=1.0, kw_only=True)
    touch: float = field(default=0.3, kw_only=True)
    gaze: float = field(default=0.2, kw_only=True)

    words: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {"mode": ("breast", "bottle")}
    )

    @property
    def label(self) -> str:
        return "breastfeed" if self.mode == "breast" else "bottle feed"

    def levels(self) -> dict[str, Levels]:
        contact = {"affectionate_touch": self.touch, "gaze": self.gaze}
        # a bottle feeds as well, but nothing suckles
        if self.mode == "breast":
            contact["suckling"] = self.intensity
        return {self.by: contact, INFANT: {"feeding": self.intensity}}


@dataclass(frozen=True)
class Sleep(Activity):
    """Sleep of the infant (default) or, with ``of="caregiver"``, of the caregiver named in `by`.

    >>> Sleep("22:00", "8 h", of="caregiver", by="mother").asleep
    'mother'
    """

    of: Literal["infant", "caregiver"] = field(default="infant", kw_only=True)

    words: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType({"of": (INFANT, "caregiver")})

    @property
    def label(self) -> str:
        return "infant sleep" if self.of == INFANT else "caregiver sleep"

    @property
    def asleep(self) -> str | None:
        return INFANT if self.of == INFANT else self.by

    def levels(self) -> dict[str, Levels]:
        # asleep or awake: a routine knows nothing in between
        return {INFANT if self.of == INFANT else self.by: {"asleep": 1.0}}


@dataclass(frozen=True)
class Play(Activity):
    """Waking play: affectionate and stimulating touch, talk and gaze, each from 0 to 1.

    >>> Play("10:00", "15 min", gaze=0.8).levels()["caregiver"]["gaze"]
    0.8
    """

    affection: float = field(default=0.5, kw_only=True)
    stimulation: float = field(default=0.3, kw_only=True)
    talk: float = field(default=0.4, kw_only=True)
    gaze: float = field(default=0.6, kw_only=True)

    # nobody plays with a sleeping infant, or asleep
    needs_awake: ClassVar[bool] = True

    def levels(self) -> dict[str, Levels]:
        return {
            self.by: {
                "affectionate_touch": self.affection,
                "stimulating_play": self.stimulation,
                "talk": self.talk,
                "gaze": self.gaze,
            }
        }


@dataclass(frozen=True)
class Touch(Activity):
    """Affectionate touch: cradling, stroking, carrying, with some gaze; the infant may sleep.

    >>> Touch("14:00", "1 h").length
    60.0
    """

    intensity: float = field(default=0.5, kw_only=True)
    gaze: float = field(default=0.2, kw_only=True)

    def levels(self) -> dict[str, Levels]:
        return {self.by: {"affectionate_touch": self.intensity, "gaze": self.gaze}}


@dataclass(frozen=True)
class Talk(Activity):
    """Waking talk to the infant, with gaze.

    >>> Talk("16:00", "30 min").needs_awake
    True
    """

    intensity: float = field(default=0.45, kw_only=True)
    gaze: float = field(default=0.4, kw_only=True)

    needs_awake: ClassVar[bool] = True

    def levels(self) -> dict[str, Levels]:
        return {self.by: {"talk": self.intensity, "gaze": self.gaze}}


@dataclass(frozen=True)
class Absence(Activity):
    """The caregiver is away from the infant, who stays with someone familiar.

    `distress` (0 to 1) is the infant's, none unless told so; `holding_in_mind` (0 to 1) is how much
    the caregiver thinks of the infant.

    >>> Absence("08:30", "8 h", distress=0.2).levels()["infant"]
    {'separation': 0.2}
    """

    distress: float = field(default=0.0, kw_only=True)
    holding_in_mind: float = field(default=0.0, kw_only=True)

    def levels(self) -> dict[str, Levels]:
        # presence is 1 at rest and multiplies: one absence is enough to part them
        away = {"presence": 0.0, "holding_in_mind": self.holding_in_mind}
        return {self.by: away, INFANT: {"separation": self.distress}}


@dataclass(frozen=True)
class Together(Activity):
    """Contact or talk of the caregiver with a partner, a friend or a companion.

    >>> Together("20:30", "1 h").label
    'partner contact'
    """

    intensity: float = field(default=0.5, kw_only=True)

    @property
    def label(self) -> str:
        return "partner contact"

    def levels(self) -> dict[str, Levels]:
        return {self.by: {"partner_contact": self.intensity}}
