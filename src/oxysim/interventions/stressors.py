"""Stressors of the infant and the caregiver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, Literal

from oxysim.schedule.options import NUMBER
from oxysim.schedule.schedule import Intervention
from oxysim.schedule.timed_source import SchedulePart
from oxysim.schedule.wording import MINUTES, Form, Keyed, Words


@dataclass(frozen=True)
class Crying(Intervention):
    """The infant cries, whatever the cause; the caregiver hears it if present."""

    minutes: Any
    intensity: float = field(default=1.0, kw_only=True)

    form: ClassVar[Form] = Form(("crying",), MINUTES, (Keyed("intensity", ("intensity",), NUMBER),))

    @property
    def label(self) -> str:
        return "crying"

    def parts(self) -> tuple[SchedulePart, ...]:
        return (SchedulePart("infant", {"crying": self.intensity}, interrupts=("asleep",)),)


@dataclass(frozen=True)
class StillFace(Intervention):
    """The caregiver holds a still face: no response to the infant, who is distressed by it."""

    minutes: Any = "2 min"
    distress: float = field(default=1.0, kw_only=True)

    form: ClassVar[Form] = Form(
        ("still face",), MINUTES, (Keyed("distress", ("distress",), NUMBER),)
    )

    @property
    def label(self) -> str:
        return "still face"

    def parts(self) -> tuple[SchedulePart, ...]:
        return (
            SchedulePart(self.by, {"responsiveness": 0.0}, interrupts=("asleep", "presence")),
            SchedulePart("infant", {"still_face": self.distress}, interrupts=("asleep",)),
        )


@dataclass(frozen=True)
class Separation(Intervention):
    """The caregiver leaves the infant, who is distressed by it (0 to 1)."""

    minutes: Any
    distress: float = field(default=1.0, kw_only=True)

    form: ClassVar[Form] = Form(
        ("separation",), MINUTES, (Keyed("distress", ("distress",), NUMBER),)
    )

    @property
    def label(self) -> str:
        return "separation"

    def parts(self) -> tuple[SchedulePart, ...]:
        return SchedulePart(self.by, {"presence": 0.0}), SchedulePart(
            "infant", {"separation": self.distress}
        )


@dataclass(frozen=True)
class Stressor(Intervention):
    """An acute stressor of the infant (an inoculation, a social stress task) or of the caregiver
    `by`.
    """

    minutes: Any
    of: Literal["infant", "caregiver"] = field(default="infant", kw_only=True)
    intensity: float = field(default=1.0, kw_only=True)

    form: ClassVar[Form] = Form(
        ("stressor",),
        MINUTES,
        (
            Words("of", {"of the infant": "infant", "of the caregiver": "caregiver"}, always=True),
            Keyed("intensity", ("intensity",), NUMBER),
        ),
    )

    words: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {"of": ("infant", "caregiver")}
    )

    @property
    def label(self) -> str:
        return f"stressor of the {self.of}"

    def parts(self) -> tuple[SchedulePart, ...]:
        member = "infant" if self.of == "infant" else self.by
        return (SchedulePart(member, {"stressor": self.intensity}, interrupts=("asleep",)),)


@dataclass(frozen=True)
class AmbientStress(Intervention):
    """The standing stress load of the infant's surroundings from `start` to `stop`, as on a
    neonatal ward (at most 5).

    It replaces whatever was said before it.
    """

    level: float

    form: ClassVar[Form] = Form(("ambient stress",), None, (Keyed("level", ("level",), NUMBER),))
    continuous: ClassVar[bool] = True

    @property
    def label(self) -> str:
        return "ambient stress"

    def parts(self) -> tuple[SchedulePart, ...]:
        return (SchedulePart("infant", {"ambient_stress": self.level}),)
