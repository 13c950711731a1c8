"""Feeds at the breast, and weaning from it."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from oxysim import checks
from oxysim.errors import ScheduleError
from oxysim.interventions.declared import AWAKE, AWAKE_AND_PRESENT
from oxysim.schedule.bouts import Bouts, Window
from oxysim.schedule.options import AGE, TIME, age, length, moment_text
from oxysim.schedule.schedule import Intervention
from oxysim.schedule.timed_source import SchedulePart
from oxysim.schedule.wording import (
    MINUTES,
    TIMING,
    Clause,
    Counted,
    Form,
    HowOften,
    Keyed,
    Words,
    closed,
    number_clauses,
)
from oxysim.units import DAY, clock_text

FIRST_FEED = 7 * 60.0
"""Clock time from which evenly spread feeds are counted, in minutes after midnight."""

MOST_STEPS = 1000
"""The largest number of steps of a weaning; more could not be told from a straight line."""

# One pulse every 2 min in the first 10 min (Uvnaes-Moberg et al. 2020: 5 per 10 min), then every 4
# min: pulses merge and grow rarer, release lasts about 20 min. Minutes after the start of the feed.
_PULSES = (0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 14.0, 18.0)

# Minutes between the first pulses: a pulse carries the release of the time until the next, so that
# both kinds of feed release alike.
_INTERVAL = 2.0

# Touch and gaze during a feed, as in the routine's `Feed`.
_CONTACT = {"affectionate_touch": 0.3, "gaze": 0.2}

# Lengths that the model of milk ejection holds for, in minutes: of a pulse, and of the rise before.
_SHORTEST_PULSE, _LONGEST_PULSE = 10 / 60, 45 / 60
_SHORTEST_RISE, _LONGEST_RISE = 3, 10


@dataclass(frozen=True)
class Breastfeeding(Intervention):
    """Feeds at the breast on top of the routine: at the clock times `at`, or `times` a day.

    By default 8 a day, evenly from 07:00.

    >>> Breastfeeding(times=3).clock_times
    ('07:00', '15:00', '23:00')
    """

    # release lasts about so long (see `_PULSES`)
    minutes: Any = "20 min"
    times: int | None = field(default=None, kw_only=True)
    repeat: str = field(default="daily", kw_only=True)

    form: ClassVar[Form] = Form(("breastfeeding",), MINUTES)
    clocks_by_default: ClassVar[int] = 8

    @classmethod
    def clauses(cls) -> tuple[Clause, ...]:
        return closed((HowOften(times=True), *TIMING[1:]))

    @property
    def label(self) -> str:
        return "breastfeeding"

    @property
    def clock_times(self) -> Any:
        # `at` alone says all; times beside it would say it twice
        times = self.clocks_by_default if self.times is None else self.times
        if self.at is not None and self.times is None:
            return self.at
        if self.at is not None:
            raise ScheduleError(
                f"breastfeeding: give either times ({self.times!r}) or at ({self.at!r}), not both"
            )
        if isinstance(times, bool) or not isinstance(times, int) or not 1 <= times <= 24:
            raise ScheduleError(
                "breastfeeding: times is a whole number of feeds a day, 1 to 24; found"
                f" {self.times!r}"
            )
        return tuple(clock_text((FIRST_FEED + i * DAY / times) % DAY) for i in range(times))

    def parts(self) -> tuple[SchedulePart, ...]:
        return _smooth_feed(self.by)


@dataclass(frozen=True)
class Breastfeed(Intervention):
    """A single feed at the breast.

    Parameters
    ----------
    pulses : False for a smooth bout. True for the time course of milk ejection: a small
        anticipatory rise before the feed, then pulses, every 2 min in the first 10 min and every 4
        min up to 20 min.
    pulse : length of a pulse, 10 to 45 s.
    before : length of the anticipatory rise, 3 to 10 min (McNeilly et al. 1983).
    anticipation : its level (0 to 1), a modelling assumption.

    >>> Breastfeed("20 min", at="10:00", pulses=True).label
    'breastfeed with pulses'
    """

    minutes: Any = "20 min"
    pulses: bool = field(default=False, kw_only=True)
    pulse: Any = field(default="30 s", kw_only=True)
    before: Any = field(default="5 min", kw_only=True)
    anticipation: float = field(default=0.15, kw_only=True)

    form: ClassVar[Form] = Form(
        ("breastfeed",),
        MINUTES,
        (
            Words("pulses", {"with pulses": True, "without pulses": False}),
            Keyed("pulse", ("pulse",), TIME),
            Keyed("before", ("before",), TIME),
            *number_clauses("anticipation"),
        ),
    )

    @functools.cached_property
    def label(self) -> str:
        return "breastfeed with pulses" if self.pulses else "breastfeed"

    def parts(self) -> tuple[SchedulePart, ...]:
        checks.share(self.anticipation, "breastfeed, anticipation")
        pulse = length(self.pulse, "breastfeed, pulse")
        before = length(self.before, "breastfeed, before")
        # "10 s" may come out a rounding error below a sixth of a minute
        pulse_fits = _SHORTEST_PULSE <= pulse * (1 + 1e-9) and pulse <= _LONGEST_PULSE
        if not (pulse_fits and _SHORTEST_RISE <= before <= _LONGEST_RISE):
            raise ScheduleError(
                "breastfeed: expected pulses of 10 to 45 s and an anticipatory rise of 3 to 10"
                f" min; found {self.pulse!r} and {self.before!r}"
            )
        # checked above all the same: options that cannot be are refused in any feed
        if not self.pulses:
            return _smooth_feed(self.by)

        rise = SchedulePart(
            self.by, {"suckling": self.anticipation}, -before, before, AWAKE_AND_PRESENT
        )
        # the shorter the pulse, the higher: each releases as much as a smooth feed in the interval
        level = _INTERVAL / pulse
        ejections = [
            SchedulePart(self.by, {"suckling": level}, at, pulse)
            for at in _PULSES
            # a short feed ends before the later pulses, and no pulse is cut
            if at + pulse <= self.length
        ]
        feed = SchedulePart(self.by, _CONTACT, interrupts=AWAKE_AND_PRESENT)
        infant = SchedulePart("infant", {"feeding": 1.0}, interrupts=AWAKE)
        return rise, feed, *ejections, infant


@dataclass(frozen=True)
class Weaning(Intervention):
    """The share of feeds at the breast falls from 1 to 0 in equal steps, between two ages.

    >>> Weaning("5 months", "8 months", steps=3).describe()
    'Weaning (caregiver) from 5 months to 8 months in 3 equal steps.'

    The last of the `steps` falls on `to_age`, after which nothing is left; the feeds themselves go
    on (by bottle).

    Raises
    ------
    ScheduleError : to_age is not later than from_age, or the simulated window ends before the first
    step.
    """

    from_age: Any
    to_age: Any
    steps: int = 6

    form: ClassVar[Form] = Form(
        ("weaning",),
        None,
        (
            Keyed("from_age", ("from",), AGE),
            Keyed("to_age", ("to",), AGE),
            Counted("steps", "steps", before="in"),
        ),
    )
    continuous: ClassVar[bool] = True
    amount: ClassVar[str] = ""

    def __post_init__(self) -> None:
        low, high = self.ages
        if high <= low:
            raise ScheduleError(
                f"weaning: to_age ({self.to_age!r}) must be later than from_age ({self.from_age!r})"
            )
        whole = isinstance(self.steps, int) and not isinstance(self.steps, bool)
        if not (whole and 1 <= self.steps <= MOST_STEPS):
            raise ScheduleError(
                f"weaning: steps is a whole number, 1 to {MOST_STEPS}; found {self.steps!r}"
            )
        # before the base reads the limits, which it would accept
        if self.start is not None or self.stop is not None or self.course is not None:
            raise ScheduleError(
                "weaning: its ages say when it happens; leave out start, stop and course"
            )
        super().__post_init__()

    @classmethod
    def clauses(cls) -> tuple[Clause, ...]:
        # its two ages are its limits, so that the usual clauses of limits are left out
        return closed(cls.form.clauses)

    @property
    def ages(self) -> tuple[float, float]:
        """The ages between which the share falls, in minutes since 00:00 on the day of birth."""
        return age(self.from_age, "weaning, from_age"), age(self.to_age, "weaning, to_age")

    @property
    def label(self) -> str:
        return "weaning"

    def parts(self) -> tuple[SchedulePart, ...]:
        # where it ends; `bouts` writes the steps on the way
        return (SchedulePart(self.by, {"breastfeeding_share": 0.0}),)

    def bouts(self, window: Window) -> Sequence[Bouts]:
        low, high = self.ages
        member = window.member(self.by, self.label)
        # the last share, 0, holds for good
        edges = np.append(low + (high - low) * np.arange(1, self.steps + 1) / self.steps, np.inf)
        if edges[0] >= window.stop:
            raise ScheduleError(
                f"weaning: its first step, on {moment_text(edges[0])}, lies after the simulated"
                f" window ({window.describe()}); wean earlier or simulate longer"
            )
        edges[-1] = max(window.stop, high)

        shares = [1 - step / self.steps for step in range(1, self.steps)] + [0.0]
        return [
            Bouts(self.label, self.kind, member, start, stop, (("breastfeeding_share", share),))
            for start, stop, share in zip(edges[:-1, None], edges[1:, None], shares, strict=True)
        ]

    def describe(self) -> str:
        return (
            f"Weaning ({self.by}) from {self.from_age} to {self.to_age} in {self.steps} equal"
            " steps."
        )


def _smooth_feed(by: str) -> tuple[SchedulePart, ...]:
    mother = SchedulePart(by, {"suckling": 1.0, **_CONTACT}, interrupts=AWAKE_AND_PRESENT)
    return mother, SchedulePart("infant", {"feeding": 1.0}, interrupts=AWAKE)
