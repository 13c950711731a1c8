"""Bodily contact by prescription: skin-to-skin and infant massage."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from oxysim.schedule.options import NUMBER
from oxysim.schedule.schedule import Intervention
from oxysim.schedule.timed_source import SchedulePart
from oxysim.schedule.wording import MINUTES, Form, Keyed


@dataclass(frozen=True)
class SkinToSkin(Intervention):
    """The bare infant on the bare chest of the caregiver `by`; the infant may sleep, the caregiver
    is not away.
    """

    minutes: Any
    gaze: float = field(default=0.2, kw_only=True)

    form: ClassVar[Form] = Form(
        ("skin-to-skin", "skin-to-skin contact", "kangaroo care"),
        MINUTES,
        (Keyed("gaze", ("gaze",), NUMBER),),
    )

    @property
    def label(self) -> str:
        return "skin-to-skin contact"

    def parts(self) -> tuple[SchedulePart, ...]:
        return (
            SchedulePart(
                self.by, {"skin_contact": 1.0, "gaze": self.gaze}, interrupts=("presence",)
            ),
        )


@dataclass(frozen=True)
class Massage(Intervention):
    """Infant massage as instructed: its strength does not hang on engagement; a little talk and
    gaze.
    """

    minutes: Any
    intensity: float = field(default=1.0, kw_only=True)
    talk: float = field(default=0.2, kw_only=True)
    gaze: float = field(default=0.3, kw_only=True)

    form: ClassVar[Form] = Form(
        ("massage", "infant massage"),
        MINUTES,
        (
            Keyed("intensity", ("intensity",), NUMBER),
            Keyed("talk", ("talk",), NUMBER),
            Keyed("gaze", ("gaze",), NUMBER),
        ),
    )

    @property
    def label(self) -> str:
        return "infant massage"

    def parts(self) -> tuple[SchedulePart, ...]:
        levels = {"massage": self.intensity, "talk": self.talk, "gaze": self.gaze}
        return (
            SchedulePart(self.by, levels, interrupts=("asleep", "presence")),
            SchedulePart("infant", {}, interrupts=("asleep",)),
        )
