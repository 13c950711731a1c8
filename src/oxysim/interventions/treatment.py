"""Help for the caregiver: coaching, psychological treatment, antidepressant, social support."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from oxysim.schedule.options import NUMBER, USUAL_DOSES
from oxysim.schedule.schedule import Intervention
from oxysim.schedule.timed_source import SchedulePart
from oxysim.schedule.wording import MINUTES, Amount, Form, Keyed


@dataclass(frozen=True)
class Coaching(Intervention):
    """Sessions of mind-mindedness coaching, weekly at 10:00 unless told otherwise; `sessions`
    limits their number.
    """

    minutes: Any = "60 min"
    level: float = field(default=1.0, kw_only=True)
    at: Any = field(default="10:00", kw_only=True)
    repeat: str = field(default="weekly", kw_only=True)

    form: ClassVar[Form] = Form(
        ("coaching", "mind-mindedness coaching"), MINUTES, (Keyed("level", ("level",), NUMBER),)
    )
    clocks_by_default: ClassVar[int] = 1

    @property
    def label(self) -> str:
        return "mind-mindedness coaching"

    def parts(self) -> tuple[SchedulePart, ...]:
        return (SchedulePart(self.by, {"coaching": self.level}, interrupts=("asleep",)),)


@dataclass(frozen=True)
class PsychologicalTreatment(Intervention):
    """Sessions of psychological treatment, weekly at 10:00 unless told otherwise; `sessions` limits
    their number.
    """

    minutes: Any = "60 min"
    level: float = field(default=1.0, kw_only=True)
    at: Any = field(default="10:00", kw_only=True)
    repeat: str = field(default="weekly", kw_only=True)

    form: ClassVar[Form] = Form(
        ("psychological treatment",), MINUTES, (Keyed("level", ("level",), NUMBER),)
    )
    clocks_by_default: ClassVar[int] = 1

    @property
    def label(self) -> str:
        return "psychological treatment"

    def parts(self) -> tuple[SchedulePart, ...]:
        return (SchedulePart(self.by, {"therapy": self.level}, interrupts=("asleep",)),)


@dataclass(frozen=True)
class Antidepressant(Intervention):
    """An antidepressant taken every day from `start` to `stop`, as a steady level in usual daily
    doses (at most 3).
    """

    dose: float = 1.0

    form: ClassVar[Form] = Form(("antidepressant",), Amount("dose", USUAL_DOSES))
    continuous: ClassVar[bool] = True

    @property
    def label(self) -> str:
        return "antidepressant"

    def parts(self) -> tuple[SchedulePart, ...]:
        return (SchedulePart(self.by, {"antidepressant": self.dose}),)


@dataclass(frozen=True)
class SocialSupport(Intervention):
    """Social support beyond the caregiver's usual, from `start` to `stop`, as a steady level (at
    most 5).
    """

    level: float = 1.0

    form: ClassVar[Form] = Form(("social support",), None, (Keyed("level", ("level",), NUMBER),))
    continuous: ClassVar[bool] = True

    @property
    def label(self) -> str:
        return "social support"

    def parts(self) -> tuple[SchedulePart, ...]:
        return (SchedulePart(self.by, {"support": self.level}),)
