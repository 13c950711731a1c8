"""Interventions that are data: which option is the level of which channel, and whose."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from oxysim.schedule.schedule import Intervention
from oxysim.schedule.timed_source import SchedulePart

# What the routine says of a member is interrupted by what cannot happen meanwhile: nobody sleeps
# through a play session, and whoever holds a still face is not away.
AWAKE = ("asleep",)
PRESENT = ("presence",)
AWAKE_AND_PRESENT = ("asleep", "presence")


class Writes(NamedTuple):
    """What one bout writes to one member: channel -> the option that is its level, or a level.

    `member` is "infant", or "caregiver" for the one named in `by`.

    >>> Writes("infant", {"crying": "intensity"}, AWAKE).interrupts
    ('asleep',)
    """

    member: str
    levels: Mapping[str, str | float]
    interrupts: tuple[str, ...] = ()


INFANT_AWAKE = Writes("infant", {}, AWAKE)
"""The infant does not sleep through it."""


@dataclass(frozen=True)
class DeclaredIntervention(Intervention):
    """An intervention without a method: `writes` says what it does, `form` how it is said.

    Its label is `called`, or else its first noun.

    >>> from oxysim import Crying
    >>> Crying.writes
    (Writes(member='infant', levels={'crying': 'intensity'}, interrupts=('asleep',)),)
    >>> Crying("5 min", at="10:00", intensity=0.5).parts()[0].levels
    {'crying': 0.5}
    """

    writes: ClassVar[tuple[Writes, ...]] = ()
    called: ClassVar[str] = ""

    @functools.cached_property
    def label(self) -> str:
        return self.called or self.form.nouns[0]

    def parts(self) -> tuple[SchedulePart, ...]:
        return tuple(
            SchedulePart(
                # the declaration belongs to the class, the caregiver's name to the intervention
                self.by if written.member == "caregiver" else written.member,
                {channel: self._level(level) for channel, level in written.levels.items()},
                interrupts=written.interrupts,
            )
            for written in self.writes
        )

    def _level(self, level: str | float) -> float:
        """A level that stands in the declaration, or the value of the option that it names."""
        # a text names an option, a number is the level itself
        value: float = getattr(self, level) if isinstance(level, str) else level
        return value
