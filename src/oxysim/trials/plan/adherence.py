"""Adherence: which sessions of what a trial gives are missed, and which are cut short.

`Adherence.draw` decides it, session by session. `AsAdministered` takes missed sessions out of an
intervention and puts it into its period, so that a participant's schedule is an ordinary one. It is
drawn when the pool is simulated (`trials.pool_simulation`, which also makes the key of the draws),
once for each dyad: it misses the same sessions of an arm in every replication that it is in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from oxysim import checks
from oxysim.arrays import BoolArray
from oxysim.errors import InputError
from oxysim.model.value_ranges import Implausible
from oxysim.schedule import Intervention
from oxysim.schedule.bouts import Bouts, Window
from oxysim.schedule.timed_source import SchedulePart
from oxysim.streams import stream
from oxysim.texts import Called
from oxysim.units import DAY


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

    >>> Adherence(missed=0.2, shortened=0.1).words
    '20 % of sessions missed, 10 % of the others cut to 50 % (assumed)'
    """

    missed: float = 0.0
    shortened: float = 0.0
    to: float = 0.5

    def __post_init__(self) -> None:
        for name in ("missed", "shortened", "to"):
            checks.share(getattr(self, name), f"adherence, {name}")

        # The two ends at which nothing would be given are mistakes, not adherence.
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
        """Whether everything happens as planned.

        >>> Adherence().perfect, Adherence(missed=0.1).perfect
        (True, False)
        """
        return self.missed == 0 and (self.shortened == 0 or self.to == 1)

    @property
    def words(self) -> str:
        """In words.

        >>> Adherence().words
        'every session as planned (assumed)'
        """
        if self.perfect:
            return "every session as planned (assumed)"

        cut = ""
        if self.shortened:
            cut = f", {100 * self.shortened:g} % of the others cut to {100 * self.to:g} %"
        return f"{100 * self.missed:g} % of sessions missed{cut} (assumed)"

    def draw(self, sessions: int, seed: int, dyad: int, what: str) -> tuple[BoolArray, BoolArray]:
        """Decide which of a dyad's sessions happen, and which of those are cut short.

        Parameters
        ----------
        sessions : how many are planned.
        seed, dyad, what : key the draws; `what` names the intervention and its period.

        Returns
        -------
        Two masks of shape (sessions,). A session has the same fate however many follow it.

        >>> happens, cut_short = Adherence(missed=0.5).draw(1000, seed=1, dyad=0, what="massage")
        >>> 450 < int(happens.sum()) < 550, bool(cut_short.any())
        (True, False)
        """
        # A row of two numbers a session: later sessions change no draw of earlier ones.
        uniform = stream(seed, dyad, f"adherence {what}").random((sessions, 2))
        happens = uniform[:, 0] >= self.missed
        return happens, happens & (uniform[:, 1] < self.shortened)


@dataclass(frozen=True)
class AsAdministered(Intervention):
    """An intervention as one participant gets it: within a period, without the missed sessions.

    Parameters
    ----------
    planned : the intervention as the trial plans it; its days count from the period's first day.
    period_start, period_length : when the period begins, from the start of the simulated window,
        and how long it is, minutes.
    adherence, seed, dyad, draw_key : what of it is attended, and what keys those draws.

    >>> from oxysim.interventions import NasalSpray
    >>> AsAdministered(NasalSpray("24 IU", at="10:00")).text()
    '24 IU intranasal at 10:00'
    """

    planned: Intervention
    period_start: float = field(default=0.0, kw_only=True)
    period_length: float = field(default=np.inf, kw_only=True)
    adherence: Adherence = field(default=Adherence(), kw_only=True)
    seed: int = field(default=0, kw_only=True)
    dyad: int = field(default=0, kw_only=True)
    draw_key: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        """`planned` was checked when it was made; the options of its own are not used."""

    @property
    def label(self) -> str:
        return self.planned.label

    def parts(self) -> tuple[SchedulePart, ...]:
        return self.planned.parts()

    @cached_property
    def implausible(self) -> tuple[Implausible, ...]:
        # judged once for all participants
        return self.planned.implausible

    def text(self) -> str:
        return self.planned.text()

    def describe(self) -> str:
        return self.planned.describe()

    def bouts(self, window: Window) -> Sequence[Bouts]:
        """When it happens within the window: what is planned, less what is missed."""
        planned = [self._by_day(bouts) for bouts in self.planned.bouts(self._period(window))]
        if self.adherence.perfect:
            return planned
        return [self._attended(bouts) for bouts in planned]

    def attendance(self, window: Window) -> tuple[int, int, int]:
        """Sessions planned, attended (cut short or not) and cut short in the window."""
        # Parts of one intervention have a bout for each session, so any of them counts sessions.
        bouts_of_parts = self.planned.bouts(self._period(window))
        sessions = max((len(self._by_day(bouts)) for bouts in bouts_of_parts), default=0)
        if not (self.adherence.missed or self.adherence.shortened):
            return sessions, sessions, 0

        happens, cut = self.adherence.draw(sessions, self.seed, self.dyad, self.draw_key)
        cut_short = 0 if self.planned.continuous else int(cut.sum())
        return sessions, int(happens.sum()), cut_short

    def _period(self, window: Window) -> Window:
        """The part of the window in which the participant gets it."""
        start = window.start + self.period_start
        stop = min(start + self.period_length, window.stop)

        # Trial day 1 is the day on which the period begins, from its 00:00; the small number keeps
        # a period that begins at midnight from falling on the day before by rounding.
        first_midnight = np.floor(start / DAY + 1e-9) * DAY
        return replace(window, start=start, stop=stop, enrolled=float(first_midnight))

    def _by_day(self, bouts: Bouts) -> Bouts:
        """What is continuous is cut into days, so that a day of it can be missed."""
        if not self.planned.continuous or self.adherence.perfect:
            return bouts

        # A microminute before the end: rounding adds no day of no length.
        ends = zip(bouts.starts, bouts.stops, strict=True)
        starts = np.concatenate([np.arange(start, stop - 1e-6, DAY) for start, stop in ends])
        return bouts.at(starts, np.minimum(starts + DAY, bouts.stops[-1]))

    def _attended(self, bouts: Bouts) -> Bouts:
        """The bouts of the sessions that happen, those that are cut short ending earlier."""
        happens, cut = self.adherence.draw(len(bouts), self.seed, self.dyad, self.draw_key)
        minutes = bouts.stops - bouts.starts

        # Only the session itself is cut: what follows it (a belief, say) goes on as long as ever.
        is_session = np.zeros(len(bouts), dtype=bool)
        if not self.planned.continuous:
            is_session = np.abs(minutes - self.planned.length) < 1e-6

        attended_minutes = np.where(cut & is_session, self.adherence.to, 1.0) * minutes
        return bouts.at(bouts.starts[happens], (bouts.starts + attended_minutes)[happens])
