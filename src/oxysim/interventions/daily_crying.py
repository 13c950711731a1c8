"""Fussing and crying on ordinary days, as much and as unevenly as parents' diaries have it."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np

from oxysim import checks
from oxysim.errors import ScheduleError
from oxysim.interventions.declared import AWAKE
from oxysim.schedule.bouts import Bouts, Window
from oxysim.schedule.crying_diary import LONGEST_TOTAL, CryingDiary
from oxysim.schedule.options import TIME
from oxysim.schedule.schedule import Intervention
from oxysim.schedule.timed_source import SchedulePart
from oxysim.schedule.wording import Form, Keyed, Words, number_clauses
from oxysim.units import DAY, duration, duration_text

# option -> its range; the lower end itself is allowed where it is written as a plain zero or one
_ABOVE_ZERO = {"level": 5.0, "intensity": 1.0, "fuss_intensity": 1.0}
_FROM_ZERO = {"spread": 1.5, "length_spread": 1.5, "evening": 1.0, "cry_share": 1.0}
_BOUTS = (1.0, 20.0)
# irritability is a state on the logit scale, which has no end at 0 and 1
_LEAST = 1e-9


@dataclass(frozen=True)
class DailyCrying(Intervention):
    """The infant fusses and cries every day, as long and as unevenly as parents' diaries have it.

    Bouts of fussing and of full cry, most of them in the evening; the infant is awake while they
    last, and who hears it depends on who is there, as for ``Crying``. Which minutes they are
    depends on the seed, the dyad's number and the day alone: a dyad cries at the same minutes in
    every arm, window and engine, and the first two weeks of twenty are those of two. Beside another
    source of crying the stronger level counts. The usual day knows nothing of it: what it does to a
    dyad is counted from a reference without it. Figures and sources are those of
    `oxysim.schedule.crying_diary`.

    Parameters
    ----------
    level : how much of what diaries have (about 133 min a day at 6 weeks, 68 at 11, 60 from six
        months), above 0 and at most 5; 1.5 to 2 is an infant with colic.
    total : minutes a day at every age ("120 min", at most 12 h), in place of the diaries' course.
    spread : how widely infants differ, SD of the logarithm (0 to 1.5).
    persistence : the time over which the correlation of an infant's level falls to 1/e, at least
        1 d.
    bouts : mean number a day, 1 to 20.
    length_spread : how widely the lengths of bouts differ, SD of the logarithm (0 to 1.5).
    evening : share of it between 16:00 and midnight.
    cry_share : share of the bouts that are full cry, the others fussing.
    intensity, fuss_intensity : the level of crying while it cries and while it fusses, above 0 and
        at most 1.
    regular : True for the average infant, whose days are alike but for its age: nothing is drawn,
        so that all dyads share them, which costs less.

    Raises
    ------
    InputError, UnitError, ScheduleError : an option outside its range.

    >>> import oxysim as ox
    >>> day = ox.Routine.typical() + ox.DailyCrying(level=1.5)
    >>> one, another = (day.realise(0.0, 1440.0, seed=1, dyad=dyad) for dyad in (0, 1))
    >>> one.n_segments == another.n_segments
    False
    >>> ox.DailyCrying(level=1.5, stop="day 90").text()
    'daily crying level 1.5 to day 90'
    """

    level: float = field(default=1.0, kw_only=True)
    total: Any = field(default=None, kw_only=True)
    spread: float = field(default=0.45, kw_only=True)
    persistence: Any = field(default="12 weeks", kw_only=True)
    bouts_a_day: float = field(default=10.0, kw_only=True)
    length_spread: float = field(default=0.9, kw_only=True)
    evening: float = field(default=0.59, kw_only=True)
    cry_share: float = field(default=0.4, kw_only=True)
    intensity: float = field(default=1.0, kw_only=True)
    # a fussing infant is half as alarming as one in full cry, or a little less (assumed)
    fuss_intensity: float = field(default=0.4, kw_only=True)
    regular: bool = field(default=False, kw_only=True)

    form: ClassVar[Form] = Form(
        ("daily crying", "daily fussing and crying"),
        None,
        (
            *number_clauses("level"),
            Keyed("total", ("total",), TIME),
            *number_clauses("spread"),
            Keyed("persistence", ("persistence",), TIME),
            *number_clauses("bouts_a_day", "length_spread", "evening", "cry_share"),
            *number_clauses("intensity", "fuss_intensity"),
            Words("regular", {"regular": True, "drawn for each dyad": False}),
        ),
    )
    continuous: ClassVar[bool] = True
    amount: ClassVar[str] = ""

    def __post_init__(self) -> None:
        # before the base reads the levels: an option is refused by its own name
        self._require_ranges()
        super().__post_init__()
        _ = self._diary

    @property
    def label(self) -> str:
        return "daily crying"

    @property
    def has_random_bouts(self) -> bool:
        return not self.regular

    def parts(self) -> tuple[SchedulePart, ...]:
        # a kind of bout that never comes is left out
        strengths = ((self.intensity, self.cry_share), (self.fuss_intensity, 1 - self.cry_share))
        return tuple(
            SchedulePart("infant", {"crying": strength}, interrupts=AWAKE)
            for strength, share in strengths
            if share > 0
        )

    def bouts(self, window: Window) -> Sequence[Bouts]:
        """The bouts that reach into the window: full cry first, then fussing, where there is
        either.

        >>> entries = DailyCrying(cry_share=1.0).bouts(Window(0.0, 1440.0, seed=1))
        >>> len(entries), entries[0].levels
        (1, (('crying', 1.0),))
        """
        checks.instance(window, "window", Window, "a Window")
        low, high = self.timing.span(window)
        drawn = self._diary.bouts(low, high, seed=window.seed, dyad=window.dyad)
        kinds = [drawn.cries] if self.cry_share > 0 else []
        kinds += [~drawn.cries] if self.cry_share < 1 else []
        return [
            Bouts(
                self.timing.what, self.kind, "infant", drawn.starts[chosen], drawn.stops[chosen],
                levels, part.interrupts,
            ).within(low, high)
            for chosen, (part, levels) in zip(kinds, self._checked_parts, strict=True)
        ]  # fmt: skip

    def by_irritability(self, irritability: Any, slope: float = 0.5) -> tuple[DailyCrying, ...]:
        """The same for each of several infants, of whom irritable ones cry more.

        For ``simulate`` or a trial, which take a schedule a dyad. At the default slope the level
        and irritability correlate by about .27 in the community, where irritability has an SD of
        .25 on the logit scale (assumed).

        Parameters
        ----------
        irritability : each infant's, between 0 and 1, shape (n,), such as
            ``family.value("infant.development.usual_irritability")``.
        slope : rise of the level's logarithm with the logit of irritability, from -2 to 2, counted
            from what is usual; an infant of usual irritability keeps the level.

        Raises
        ------
        InputError : no irritabilities between 0 and 1, or another slope.

        >>> round(DailyCrying().by_irritability([0.35, 0.5])[1].level, 2)
        1.36
        """
        # loaded here, since whoever lets it be needs no table of the mechanism
        from oxysim.model.mechanisms.development import Parameters
        from oxysim.model.mechanisms.shapes import logit
        from oxysim.model.rows import default_values

        label = self._named("irritability")
        shares = checks.array(irritability, label, (None,), low=_LEAST, high=1 - _LEAST)
        checks.number(slope, self._named("slope"), -2.0, 2.0)
        usual = logit(default_values(Parameters).usual_irritability)
        levels = (
            self.level * math.exp(slope * (logit(share) - usual)) for share in shares.tolist()
        )
        return tuple(replace(self, level=min(level, _ABOVE_ZERO["level"])) for level in levels)

    def repeated(self, age: float) -> DailyCrying:
        """The average infant's day at one age (minutes), every day alike.

        >>> DailyCrying().repeated(6 * 10080.0).text()
        'daily crying total 126.24675324675324 min regular'
        """
        minutes = float(self._diary.usual_minutes(np.array([age + DAY / 2]))[0])
        return replace(self, level=1.0, total=f"{min(minutes, LONGEST_TOTAL)!r} min", regular=True)

    def describe(self) -> str:
        """One English sentence."""
        if self.total is None:
            extent = "as long as diaries have it" + (
                f", times {self.level:g}" if self.level != 1 else ""
            )
        else:
            extent = f"for {duration_text(self._diary.level * (self._diary.total or 0.0))} a day"
        days = "every day of every dyad alike" if self.regular else "different in each dyad"
        return f"Daily crying: fussing and crying {extent}, {days}, {self.timing.describe()}."

    @functools.cached_property
    def _diary(self) -> CryingDiary:
        """What the options say, in minutes."""
        return CryingDiary(
            level=self.level,
            total=None if self.total is None else self._time("total", LONGEST_TOTAL),
            spread=self.spread,
            persistence=self._time("persistence"),
            number=self.bouts_a_day,
            length_spread=self.length_spread,
            evening=self.evening,
            cry_share=self.cry_share,
            regular=self.regular,
        )

    def _require_ranges(self) -> None:
        """Raise unless every number is one, and in its range."""
        for name, high in _ABOVE_ZERO.items():
            checks.number(getattr(self, name), self._named(name), 0.0, high, open_low=True)
        for name, high in _FROM_ZERO.items():
            checks.number(getattr(self, name), self._named(name), 0.0, high)
        checks.number(self.bouts_a_day, self._named("bouts_a_day"), *_BOUTS)
        checks.flag(self.regular, self._named("regular"))

    def _time(self, name: str, longest: float | None = None) -> float:
        """An option that is a time, in minutes: at least a day, or at most `longest`."""
        minutes = duration(getattr(self, name), self._named(name))
        # an infant's level is drawn day by day, so that a shorter memory could not show
        if longest is None and minutes < DAY:
            expected = "at least 1 d, since an infant's level is drawn day by day"
        elif longest is not None and minutes > longest:
            expected = f"at most {duration_text(longest)}"
        else:
            return minutes
        raise ScheduleError(
            f"{self._named(name)}: expected {expected}; found {getattr(self, name)!r}"
        )

    def _named(self, option: str) -> str:
        return f"{self.label}, {option}"
