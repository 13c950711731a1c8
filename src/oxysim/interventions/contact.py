"""Bodily contact by prescription: skin-to-skin and infant massage."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from oxysim.interventions.declared import (
    AWAKE_AND_PRESENT,
    INFANT_AWAKE,
    PRESENT,
    DeclaredIntervention,
    Writes,
)
from oxysim.schedule.wording import MINUTES, Form, number_clauses


@dataclass(frozen=True)
class SkinToSkin(DeclaredIntervention):
    """The bare infant on the bare chest of the caregiver `by`.

    The infant may sleep; the caregiver is not away.

    >>> SkinToSkin("60 min daily at 11:00 from day 1 to day 35").stop
    'day 35'
    """

    minutes: Any
    # the infant lies against the chest and often sleeps: little gaze (assumed)
    gaze: float = field(default=0.2, kw_only=True)

    form: ClassVar[Form] = Form(
        ("skin-to-skin", "skin-to-skin contact", "kangaroo care"), MINUTES, number_clauses("gaze")
    )
    called: ClassVar[str] = "skin-to-skin contact"
    writes: ClassVar[tuple[Writes, ...]] = (
        # sleep goes on: a caregiver may doze and an infant sleep in skin-to-skin contact
        Writes("caregiver", {"skin_contact": 1.0, "gaze": "gaze"}, PRESENT),
    )


@dataclass(frozen=True)
class Massage(DeclaredIntervention):
    """Infant massage as instructed, with a little talk and gaze.

    Its strength does not hang on how engaged the caregiver is, since it follows an instruction.

    >>> Massage("15 min", at="10:00", by="father").text()
    'massage 15 min at 10:00 by father'
    """

    minutes: Any
    # 1 is the massage as instructed
    intensity: float = field(default=1.0, kw_only=True)
    talk: float = field(default=0.2, kw_only=True)
    gaze: float = field(default=0.3, kw_only=True)

    form: ClassVar[Form] = Form(
        ("massage", "infant massage"), MINUTES, number_clauses("intensity", "talk", "gaze")
    )
    called: ClassVar[str] = "infant massage"
    writes: ClassVar[tuple[Writes, ...]] = (
        Writes(
            "caregiver",
            {"massage": "intensity", "talk": "talk", "gaze": "gaze"},
            AWAKE_AND_PRESENT,
        ),
        # the infant is awake for it, whatever the routine says
        INFANT_AWAKE,
    )
