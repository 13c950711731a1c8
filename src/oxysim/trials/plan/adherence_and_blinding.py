"""What a trial gives, as it reaches a participant: in its period, as far as it is attended, and
with what is believed.

Each is an intervention of its own, so that a participant's schedule is an ordinary schedule.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from oxysim import checks
from oxysim.arrays import BoolArray
from oxysim.errors import InputError
from oxysim.schedule import Intervention
from oxysim.schedule.bouts import Bouts, Window
from oxysim.schedule.schedule import Part
from oxysim.streams import stream
from oxysim.texts import Called
from oxysim.units import DAY


def require_share(value: object, what: str) -> None:
    """Raise ``InputError`` unless `value` is a number in [0, 1]."""
    checks.share(value, what)


@dataclass(frozen=True)
class Adherence(Called):
    """How far participants follow what the trial gives them; what belongs to their day is not
    touched.

    Parameters
    ----------
    missed : share of sessions that do not happen. Of something continuous, a session is a day.
    shortened : share of the sessions that do happen which are cut short (not of something
        continuous).
    to : what is left of a shortened session, as a share of its length.

    Each session of each dyad is drawn by itself (assumed: no dyad is more faithful than another).

    Raises
    ------
    InputError : a share outside [0, 1], nothing left of a shortened session, or every session
    missed.
    """

    missed: float = 0.0
    shortened: float = 0.0
    to: float = 0.5

    def __post_init__(self) -> None:
        for name, value in (
            ("missed", self.missed),
            ("shortened", self.shortened),
            ("to", self.to),
        ):
            require_share(value, f"adherence, {name}")
        if self.missed == 1:
            raise InputError(
                "adherence, missed: with every session missed nothing is given; expected less"
                " than 1",
                key=("missed",),
            )
        if self.to == 0:
            raise InputError(
                "adherence, to: nothing would be left of a shortened session; say missed instead",
                key=("to",),
            )

    @property
    def perfect(self) -> bool:
        """Whether everything happens as planned."""
        return self.missed == 0 and (self.shortened == 0 or self.to == 1)

    @property
    def words(self) -> str:
        """In words."""
        if self.perfect:
            return "every session as planned (assumed)"
        cut = (
            f", {100 * self.shortened:g} % of the others cut to {100 * self.to:g} %"
            if self.shortened
            else ""
        )
        return f"{100 * self.missed:g} % of sessions missed{cut} (assumed)"

    def draw(self, sessions: int, seed: int, dyad: int, what: str) -> tuple[BoolArray, BoolArray]:
        """Which sessions happen, and which are cut short, shape (sessions,) each; earlier ones do
        not hang on later ones.
        """
        uniform = stream(seed, dyad, f"adherence {what}").random((sessions, 2))
        happens = uniform[:, 0] >= self.missed
        return happens, happens & (uniform[:, 1] < self.shortened)


@dataclass(frozen=True)
class Given(Intervention):
    """An intervention as one participant gets it.

    Parameters
    ----------
    what : as the trial plans it; its days count from the period's first day.
    after, lasts : when the period begins, and how long it is, minutes from the start of the
        simulated window.
    adherence, seed, dyad, key : what of it is attended, and what keys those draws.
    """

    what: Intervention
    after: float = field(default=0.0, kw_only=True)
    lasts: float = field(default=np.inf, kw_only=True)
    adherence: Adherence = field(default=Adherence(), kw_only=True)
    seed: int = field(default=0, kw_only=True)
    dyad: int = field(default=0, kw_only=True)
    key: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        """`what` was checked when it was made; the options of its own are not used."""

    @property
    def label(self) -> str:
        return self.what.label

    def parts(self) -> tuple[Part, ...]:
        return self.what.parts()

    def text(self) -> str:
        return self.what.text()

    def describe(self) -> str:
        return self.what.describe()

    def bouts(self, window: Window) -> Sequence[Bouts]:
        planned = [self._by_day(one) for one in self.what.bouts(self._period(window))]
        return planned if self.adherence.perfect else [self._attended(one) for one in planned]

    def attendance(self, window: Window) -> tuple[int, int, int]:
        """Sessions planned, attended (cut short or not) and cut short in the window."""
        planned = max(
            (len(self._by_day(one)) for one in self.what.bouts(self._period(window))), default=0
        )
        happens, cut = self.adherence.draw(planned, self.seed, self.dyad, self.key)
        return planned, int(happens.sum()), 0 if self.what.continuous else int(cut.sum())

    def _period(self, window: Window) -> Window:
        start = window.start + self.after
        stop = min(start + self.lasts, window.stop)
        # trial day 1 is the day on which the period begins, from its 00:00
        enrolled = np.floor(start / DAY + 1e-9) * DAY
        return replace(window, start=start, stop=stop, enrolled=float(enrolled))

    def _by_day(self, one: Bouts) -> Bouts:
        """What is continuous is cut into days, so that a day of it can be missed."""
        if not self.what.continuous or self.adherence.perfect:
            return one
        starts = np.concatenate(
            [np.arange(a, b - 1e-6, DAY) for a, b in zip(one.starts, one.stops, strict=True)]
        )
        return one.at(starts, np.minimum(starts + DAY, one.stops[-1]))

    def _attended(self, one: Bouts) -> Bouts:
        happens, cut = self.adherence.draw(len(one), self.seed, self.dyad, self.key)
        minutes = one.stops - one.starts
        # what follows a session (a belief, say) goes on as long as ever
        own = (
            np.zeros(len(one), dtype=bool)
            if self.what.continuous
            else np.abs(minutes - self.what.length) < 1e-6
        )
        kept = np.where(cut & own, self.adherence.to, 1.0) * minutes
        return one.at(one.starts[happens], (one.starts + kept)[happens])


@dataclass(frozen=True)
class Belief(Intervention):
    """The belief of having received an active treatment, from 0 to 1, for as long as the trial's
    period goes on.
    """

    level: float = 0.5

    continuous = True
    may_be_inert = True

    @property
    def label(self) -> str:
        return "belief in the treatment"

    def parts(self) -> tuple[Part, ...]:
        return (Part(self.by, {"expectancy": self.level}),)

    def text(self) -> str:
        return f"belief in the treatment at {self.level:g}"


@dataclass(frozen=True)
class Blinded(Called):
    """Nobody knows what they get: everybody holds the same belief, whatever the arm.

    ``expectancy`` is the belief (0 to 1) of having received an active treatment; half is assumed.
    """

    expectancy: float = 0.5

    def __post_init__(self) -> None:
        require_share(self.expectancy, "blinding, expectancy")

    @property
    def words(self) -> str:
        """In words."""
        return f"blinded, a belief of {self.expectancy:g} in every arm (assumed)"

    def belief(self, active: bool) -> float:
        """The level in an arm that is `active` or not."""
        return self.expectancy


@dataclass(frozen=True)
class Open(Called):
    """Participants know their arm: those of the reference arm believe `reference`, all others
    `active` (both assumed).

    A belief that an intervention itself brings (a spray, its placebo) stands where it is the higher
    of the two; give that intervention ``expectancy=0`` where there is to be none.
    """

    active: float = 1.0
    reference: float = 0.0

    def __post_init__(self) -> None:
        require_share(self.active, "open trial, active")
        require_share(self.reference, "open trial, reference")

    @property
    def words(self) -> str:
        """In words."""
        return (
            f"open, a belief of {self.active:g} in active arms and of {self.reference:g} in the"
            " reference (assumed)"
        )

    def belief(self, active: bool) -> float:
        """The level in an arm that is `active` or not."""
        return self.active if active else self.reference
