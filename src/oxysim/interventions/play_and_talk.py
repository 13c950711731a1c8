"""Waking contact by arrangement: talk, play, a voice on the telephone, company
for the caregiver.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from oxysim.schedule.options import NUMBER
from oxysim.schedule.schedule import Intervention
from oxysim.schedule.timed_source import SchedulePart
from oxysim.schedule.wording import MINUTES, Form, Keyed

_AWAKE = ("asleep", "presence")
_INFANT_AWAKE = SchedulePart("infant", {}, interrupts=("asleep",))


@dataclass(frozen=True)
class AffectionateTalk(Intervention):
    """Affectionate talk to the infant, face to face."""

    minutes: Any
    intensity: float = field(default=0.8, kw_only=True)
    gaze: float = field(default=0.5, kw_only=True)

    form: ClassVar[Form] = Form(
        ("affectionate talk",),
        MINUTES,
        (Keyed("intensity", ("intensity",), NUMBER), Keyed("gaze", ("gaze",), NUMBER)),
    )

    @property
    def label(self) -> str:
        return "affectionate talk"

    def parts(self) -> tuple[SchedulePart, ...]:
        return (
            SchedulePart(self.by, {"talk": self.intensity, "gaze": self.gaze}, interrupts=_AWAKE),
            _INFANT_AWAKE,
        )


@dataclass(frozen=True)
class PlaySession(Intervention):
    """A session of free play: affectionate and stimulating touch, talk and gaze,
    each from 0 to 1.
    """

    minutes: Any
    affection: float = field(default=0.5, kw_only=True)
    stimulation: float = field(default=0.3, kw_only=True)
    talk: float = field(default=0.5, kw_only=True)
    gaze: float = field(default=0.6, kw_only=True)

    form: ClassVar[Form] = Form(
        ("play session",),
        MINUTES,
        (
            Keyed("affection", ("affection",), NUMBER),
            Keyed("stimulation", ("stimulation",), NUMBER),
            Keyed("talk", ("talk",), NUMBER),
            Keyed("gaze", ("gaze",), NUMBER),
        ),
    )

    @property
    def label(self) -> str:
        return "play session"

    def parts(self) -> tuple[SchedulePart, ...]:
        levels = {
            "affectionate_touch": self.affection,
            "stimulating_play": self.stimulation,
            "talk": self.talk,
            "gaze": self.gaze,
        }
        return SchedulePart(self.by, levels, interrupts=_AWAKE), _INFANT_AWAKE


@dataclass(frozen=True)
class RemoteVoice(Intervention):
    """The caregiver's voice alone, as by telephone; the caregiver need not be there."""

    minutes: Any
    intensity: float = field(default=1.0, kw_only=True)

    form: ClassVar[Form] = Form(
        ("voice by telephone", "remote voice"),
        MINUTES,
        (Keyed("intensity", ("intensity",), NUMBER),),
    )

    @property
    def label(self) -> str:
        return "voice by telephone"

    def parts(self) -> tuple[SchedulePart, ...]:
        return (
            SchedulePart(self.by, {"remote_voice": self.intensity}, interrupts=("asleep",)),
            _INFANT_AWAKE,
        )


@dataclass(frozen=True)
class PartnerContact(Intervention):
    """Contact or talk of the caregiver with a partner, a friend or a companion."""

    minutes: Any
    intensity: float = field(default=1.0, kw_only=True)

    form: ClassVar[Form] = Form(
        ("partner contact",), MINUTES, (Keyed("intensity", ("intensity",), NUMBER),)
    )

    @property
    def label(self) -> str:
        return "partner contact"

    def parts(self) -> tuple[SchedulePart, ...]:
        return (SchedulePart(self.by, {"partner_contact": self.intensity}, interrupts=("asleep",)),)
