"""Blinding: what participants believe of the arm that they are in.

A belief is an intervention of its own, an expectancy between 0 and 1, added to a participant's day.
"""

from __future__ import annotations

from dataclasses import dataclass

from oxysim import checks
from oxysim.schedule import Intervention
from oxysim.schedule.timed_source import SchedulePart
from oxysim.texts import Called


@dataclass(frozen=True)
class Belief(Intervention):
    """The belief of having received an active treatment, from 0 to 1, for as long as the trial's
    period goes on.

    >>> Belief(0.5).text()
    'belief in the treatment at 0.5'
    """

    level: float = 0.5

    continuous = True
    # An expectancy of 0 changes nothing and is legal: the reference arm of an open trial has it.
    may_be_inert = True

    @property
    def label(self) -> str:
        return "belief in the treatment"

    def parts(self) -> tuple[SchedulePart, ...]:
        # one channel and nothing else: a belief has no dose
        return (SchedulePart(self.by, {"expectancy": self.level}),)

    def text(self) -> str:
        return f"belief in the treatment at {self.level:g}"


@dataclass(frozen=True)
class Blinded(Called):
    """Nobody knows what they get: everybody has the same belief, whatever the arm.

    ``expectancy`` is the belief (0 to 1) of having received an active treatment; half is assumed.

    Raises
    ------
    InputError : a belief outside [0, 1].

    >>> Blinded().words
    'blinded, a belief of 0.5 in every arm (assumed)'
    """

    expectancy: float = 0.5

    def __post_init__(self) -> None:
        checks.share(self.expectancy, "blinding, expectancy")

    @property
    def words(self) -> str:
        """In words."""
        return f"blinded, a belief of {self.expectancy:g} in every arm (assumed)"

    def belief(self, active: bool) -> float:
        """The level in an arm that is `active` or not: the same in both.

        >>> Blinded(0.4).belief(active=True), Blinded(0.4).belief(active=False)
        (0.4, 0.4)
        """
        return self.expectancy


@dataclass(frozen=True)
class Open(Called):
    """Participants know their arm: those of the reference arm believe `reference`, all others
    `active` (both assumed).

    A belief that an intervention itself brings (a spray, its placebo) stands where it is the higher
    of the two; give that intervention ``expectancy=0`` where there is to be none.

    Raises
    ------
    InputError : a belief outside [0, 1].

    >>> Open().belief(active=True), Open().belief(active=False)
    (1.0, 0.0)
    """

    active: float = 1.0
    reference: float = 0.0

    def __post_init__(self) -> None:
        checks.share(self.active, "open trial, active")
        checks.share(self.reference, "open trial, reference")

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
