"""The schedule: a routine and any number of interventions, which add up."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace

from oxysim.errors import ScheduleError
from oxysim.schedule.bouts import Bouts, FloatArray, Window
from oxysim.schedule.realised import Realised, lay_out
from oxysim.schedule.routine import Routine


class Intervention(ABC):
    """The interface of every intervention: what it writes, when, and one sentence about it.

    Interventions and routines add up in any order: ``routine + spray + crying`` is a `Schedule`.
    """

    @property
    @abstractmethod
    def label(self) -> str:
        """The name in tables, such as "nasal spray 24 IU"."""

    @abstractmethod
    def bouts(self, window: Window) -> Sequence[Bouts]:
        """The bouts that reach into the window.

        Raises
        ------
        ScheduleError : there are none, or bouts of this one intervention overlap.
        """

    @abstractmethod
    def describe(self) -> str:
        """One English sentence."""

    def __add__(self, other: object) -> Schedule:
        return Schedule(interventions=(self,)).__add__(other)

    def __radd__(self, other: object) -> Schedule:
        if not isinstance(other, Routine):
            return NotImplemented
        return Schedule(other, (self,))


@dataclass(frozen=True)
class Schedule:
    """A routine and the interventions on top of it.

    The order of the interventions matters for channels of the rule "replace" only, where the later one is in force.
    """

    routine: Routine = Routine()
    interventions: tuple[Intervention, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "interventions", tuple(self.interventions))
        if not isinstance(self.routine, Routine):
            raise ScheduleError(f"schedule: expected a Routine; found {self.routine!r}")
        for one in self.interventions:
            if not isinstance(one, Intervention):
                raise ScheduleError(f"schedule: expected interventions such as NasalSpray; found {one!r}")

    def __add__(self, other: object) -> Schedule:
        if isinstance(other, Routine):
            return replace(self, routine=self.routine + other)
        if isinstance(other, Intervention):
            return replace(self, interventions=(*self.interventions, other))
        if isinstance(other, Schedule):
            return Schedule(self.routine + other.routine, self.interventions + other.interventions)
        return NotImplemented

    def __radd__(self, other: object) -> Schedule:
        if not isinstance(other, Routine):
            return NotImplemented
        return replace(self, routine=other + self.routine)

    @property
    def has_jitter(self) -> bool:
        """Whether dyads have days of their own; where false, all dyads share one realised schedule."""
        return self.routine.has_jitter

    def realise(
        self, start: float, stop: float, *, caregivers: tuple[str, ...] = ("mother",), seed: int = 0, dyad: int = 0
    ) -> Realised:
        """Lay the schedule out over the window [start, stop], in minutes since 00:00 on the day of birth.

        Parameters
        ----------
        caregivers : the names of the family's caregivers; the first is the one meant by "caregiver".
        seed, dyad : name the draws of the routine's jitter.

        Raises
        ------
        ScheduleError : the window is reversed, an intervention has no moment in it, or bouts cannot be as they are.
        UnknownNameError : a caregiver who is not of this family.
        InputError : several sources together leave a channel's legal range.
        """
        window = Window(start, stop, tuple(caregivers), self.routine.birth_weekday, seed, dyad)
        sources = [*self.routine.bouts(window)]
        for intervention in self.interventions:
            sources.extend(intervention.bouts(window))
        return lay_out(sources, window)

    def edges(
        self, start: float, stop: float, *, caregivers: tuple[str, ...] = ("mother",), seed: int = 0, dyad: int = 0
    ) -> FloatArray:
        """The exact edges in the window, shape (n_segments + 1,), in minutes since 00:00 on the day of birth."""
        return self.realise(start, stop, caregivers=caregivers, seed=seed, dyad=dyad).edges

    def describe(self) -> str:
        """One English sentence for each activity and each intervention."""
        return "\n".join([self.routine.describe(), *(one.describe() for one in self.interventions)])


def as_schedule(item: Schedule | Routine | Intervention | None) -> Schedule:
    """A schedule from whatever a user may hand over: a schedule, a routine, an intervention, or None for nothing.

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
    raise ScheduleError(f"schedule: expected a Schedule, a Routine or an intervention; found {item!r}")
