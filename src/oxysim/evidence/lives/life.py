"""An everyday life as data: who is there, the day, and which of its inputs is a load."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from oxysim.checks import choice, flag, instance, name, texts
from oxysim.errors import InputError
from oxysim.schedule import Intervention, Routine, Schedule, as_schedule
from oxysim.texts import Described

Addition = Routine | Intervention | Schedule


@dataclass(frozen=True, eq=False)
class Life(Described):
    """What somebody lives from now on, beside a reference mother who goes on as usual.

    Parameters
    ----------
    title : what it is called in tables.
    day : the routine without its inputs.
    inputs : what is added to it, each with its name: an absence, a crying infant, work at night.
        Each is also left out by itself, which tells what a shift of mood comes from.
    loads : the names of those inputs that burden anybody: a shift that they cause is no fault.
    caregivers : the family, as for :class:`oxysim.families.Family`.
    reads : whose EPDS is read; default the first caregiver.
    instead : another way to be without an input: name -> the whole day, for a life whose day itself
        is other than usual (a bottle in place of the breast).
    changes_the_day : whether it takes contact away from one day to the next, so that a person is
        expected to be hurt at first and to adapt.

    Raises
    ------
    InputError : a load that is no input; somebody who is read and does not belong to the family.
    ScheduleError : a day or an input that is none.

    >>> from oxysim import Absence, Routine
    >>> away = Absence("09:00", "4 h")
    >>> life = Life("away 4 h", Routine.typical(), {"absence": Routine((away,))})
    >>> sorted(life.without), life.reads
    (['absence'], ('mother',))
    """

    title: str
    day: Addition
    inputs: Mapping[str, Addition] = field(default_factory=dict)
    loads: tuple[str, ...] = ()
    caregivers: tuple[str, ...] = ("mother",)
    reads: tuple[str, ...] = ()
    instead: Mapping[str, Addition] = field(default_factory=dict)
    changes_the_day: bool = False

    def __post_init__(self) -> None:
        name(self.title, "title")
        flag(self.changes_the_day, "changes_the_day")
        caregivers = texts(self.caregivers, "caregivers", of="names such as 'mother'", least=1)
        # who is read must be there; the first caregiver where nobody is named
        reads = texts(self.reads, "reads", of="names of caregivers") or caregivers[:1]
        for caregiver in reads:
            choice(caregiver, "reads", caregivers)

        inputs = instance(self.inputs, "inputs", Mapping, "a mapping of names to what is added")
        instead = instance(self.instead, "instead", Mapping, "a mapping of names to days")
        twice = set(inputs) & set(instead)
        if twice:
            raise InputError(
                what="instead",
                expected="inputs that are not added",
                found=", ".join(sorted(twice)),
                remedy="leave them out of inputs= or of instead=",
                key=("instead",),
            )
        for load in texts(self.loads, "loads", of="names of inputs"):
            choice(load, "loads", (*inputs, *instead))

        # a frozen class settles its fields once, here
        settled: dict[str, Any] = {
            "caregivers": caregivers,
            "reads": reads,
            "loads": tuple(self.loads),
            "inputs": MappingProxyType(dict(inputs)),
            "instead": MappingProxyType(dict(instead)),
        }
        for option, value in settled.items():
            object.__setattr__(self, option, value)
        _ = self.schedule, self.without  # refuses what is no day

    @cached_property
    def schedule(self) -> Schedule:
        """The day with all its inputs."""
        return self._added(self.inputs)

    @cached_property
    def without(self) -> dict[str, Schedule]:
        """Input -> the same life without it."""
        left = {
            out: self._added({label: item for label, item in self.inputs.items() if label != out})
            for out in self.inputs
        }
        return left | {out: as_schedule(day) for out, day in self.instead.items()}

    @cached_property
    def unburdened(self) -> Schedule:
        """The same life without any of its loads.

        A day that stands ``instead`` of one load has none of the others either.
        """
        for load in self.loads:
            if load in self.instead:
                return as_schedule(self.instead[load])
        return self._added(
            {label: item for label, item in self.inputs.items() if label not in self.loads}
        )

    def _added(self, inputs: Mapping[str, Addition]) -> Schedule:
        total = as_schedule(self.day)
        for addition in inputs.values():
            total = total + as_schedule(addition)
        return total

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """Its title, who is there, and what is added to the day."""
        return "Life", [
            ("", self.title),
            ("of", ", ".join(self.caregivers)),
            ("with", ", ".join((*self.inputs, *self.instead)) or "nothing added"),
        ]
