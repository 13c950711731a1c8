"""Daily-life noise (M16): life events and the moods of the weeks, different in every dyad."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from oxysim.checks import choice, number
from oxysim.errors import ScheduleError
from oxysim.schedule.daily_life_noise import DailyLifeNoise
from oxysim.schedule.options import TIME
from oxysim.schedule.routine import Routine
from oxysim.schedule.schedule import Intervention
from oxysim.schedule.timed_source import SchedulePart
from oxysim.schedule.wording import Clause, Form, Keyed
from oxysim.units import HOUR, duration

# It is everybody's life at all ages: these options of an intervention have no meaning.
_WITHOUT_MEANING = ("start", "stop", "course")
TIMES = ("stress_time", "mood_time")
"""Its options that are times, which a population or an ensemble may have of its own."""


@dataclass(frozen=True)
class DailyLife(Intervention):
    """Random stress and mood around every caregiver's usual, all the time.

    Without it no input is random.

    Two independent Ornstein-Uhlenbeck processes for each caregiver, of mean 0 and variance 1:
    ``stress_noise`` (life events) and ``mood_noise`` (daily life). They are drawn by their exact
    transition on the hours since birth and held within each hour. A path depends on the seed, the
    dyad's number, the caregiver's name and the age alone, so the same dyad has the same life in
    every arm, and a simulation that begins later goes on with it. How much a dyad feels of them is
    its own: ``caregiver.depression.stress_noise_gain`` and
    ``caregiver.mood.noise_gain``.

    Parameters
    ----------
    stress_time, mood_time : the time over which the correlation falls to 1/e, at least 1 h. About
        10 to 15 months for life events are plausible and 2 to 7 days for what daily moods come
        from; mood itself fades in one to two weeks (M20).

    Raises
    ------
    UnitError : a time that has no unit or is not positive. ScheduleError : a time below 1 h; an
    option that says when or for whom, since this is everybody's life at all ages; two of them in
    one schedule.

    >>> DailyLife(mood_time="2 weeks").noise.mood_time
    20160.0
    """

    # from the two ranges above
    stress_time: Any = field(default="12 months", kw_only=True)
    mood_time: Any = field(default="4 d", kw_only=True)

    form: ClassVar[Form] = Form(
        ("daily-life noise",),
        None,
        (
            Keyed(
                # three phrases, since either of the two may stand first in the sentence
                "stress_time",
                ("with life events of", "life events of", "and life events of"),
                TIME,
            ),
            Keyed("mood_time", ("with moods of", "moods of", "and moods of"), TIME),
        ),
    )
    continuous: ClassVar[bool] = True
    # it writes no level: its noise is drawn for each dyad (`noise`)
    may_be_inert: ClassVar[bool] = True
    amount: ClassVar[str] = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        extra = [name for name in _WITHOUT_MEANING if getattr(self, name) is not None]
        # one caregiver alone cannot have daily life: every one of the family does
        if self.by != "caregiver":
            extra.append("by")
        if extra:
            raise ScheduleError(
                f"{self.label}: it is part of every caregiver's life at all ages; leave out"
                f" {', '.join(extra)}"
            )
        _ = self.noise  # refuses times that cannot be

    @classmethod
    def clauses(cls) -> tuple[Clause, ...]:
        # no limits and no caregiver, which the base would add
        return cls.form.clauses

    @property
    def label(self) -> str:
        return "daily-life noise"

    @property
    def noise(self) -> DailyLifeNoise:
        return DailyLifeNoise(self._time("stress_time"), self._time("mood_time"))

    def parts(self) -> tuple[SchedulePart, ...]:
        return ()

    def describe(self) -> str:
        return (
            f"Daily-life noise: every caregiver's life events (remembered for {self.stress_time})"
            f" and moods ({self.mood_time}), different in each dyad."
        )

    def _time(self, name: str) -> float:
        minutes = duration(getattr(self, name), f"{self.label}, {name}")
        # held within each hour, the path could not show a shorter memory
        if minutes < HOUR:
            raise ScheduleError(
                f"{self.label}, {name}: expected at least 1 h, since the noise is held within each"
                f" hour; found {getattr(self, name)!r}"
            )
        return minutes


def daily_life_of(days: Mapping[str, float]) -> DailyLife:
    """Daily life with these times: option -> days; the others are at their defaults.

    Raises
    ------
    UnknownNameError : no such option. ScheduleError : a time that cannot be.

    >>> daily_life_of({"mood_time": 14.0}).mood_time
    '14 d'
    """
    for option in days:
        choice(option, "time of daily life", TIMES)
    times: dict[str, Any] = {
        option: f"{number(length, option)!r} d" for option, length in days.items()
    }
    return DailyLife(**times)


def ordinary_life() -> Routine:
    """The typical day of the infant's age, with daily-life noise.

    Dyads that are followed, screened or enrolled live it where nothing else is said.

    >>> ordinary_life().noise is not None
    True
    """
    return Routine.typical() + DailyLife()
