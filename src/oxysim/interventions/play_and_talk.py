"""Waking contact by arrangement: talk, play, a voice on the telephone, company."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from oxysim.interventions.declared import (
    AWAKE,
    AWAKE_AND_PRESENT,
    INFANT_AWAKE,
    DeclaredIntervention,
    Writes,
)
from oxysim.schedule.wording import MINUTES, Form, number_clauses


@dataclass(frozen=True)
class AffectionateTalk(DeclaredIntervention):
    """Affectionate talk to the infant, face to face.

    >>> AffectionateTalk("20 min", at="10:00").text()
    'affectionate talk 20 min at 10:00'
    """

    minutes: Any
    # above the talk of an ordinary day, which is 0.45; by instruction (assumed)
    intensity: float = field(default=0.8, kw_only=True)
    gaze: float = field(default=0.5, kw_only=True)

    form: ClassVar[Form] = Form(
        ("affectionate talk",), MINUTES, number_clauses("intensity", "gaze")
    )
    writes: ClassVar[tuple[Writes, ...]] = (
        Writes("caregiver", {"talk": "intensity", "gaze": "gaze"}, AWAKE_AND_PRESENT),
        INFANT_AWAKE,
    )


@dataclass(frozen=True)
class PlaySession(DeclaredIntervention):
    """A session of free play: two kinds of touch, talk and gaze, each from 0 to 1.

    >>> PlaySession("10 min", at="10:00", stimulation=0.6).text()
    'play session 10 min stimulation 0.6 at 10:00'
    """

    minutes: Any
    # a mother's play in the routine, with a little more talk (assumed)
    affection: float = field(default=0.5, kw_only=True)
    stimulation: float = field(default=0.3, kw_only=True)
    talk: float = field(default=0.5, kw_only=True)
    gaze: float = field(default=0.6, kw_only=True)

    form: ClassVar[Form] = Form(
        ("play session",), MINUTES, number_clauses("affection", "stimulation", "talk", "gaze")
    )
    writes: ClassVar[tuple[Writes, ...]] = (
        Writes(
            "caregiver",
            {
                "affectionate_touch": "affection",
                "stimulating_play": "stimulation",
                "talk": "talk",
                "gaze": "gaze",
            },
            AWAKE_AND_PRESENT,
        ),
        INFANT_AWAKE,
    )


@dataclass(frozen=True)
class RemoteVoice(DeclaredIntervention):
    """The caregiver's voice alone, as by telephone; the caregiver need not be there.

    >>> RemoteVoice("15 min", at="18:00").label
    'voice by telephone'
    """

    minutes: Any
    intensity: float = field(default=1.0, kw_only=True)

    form: ClassVar[Form] = Form(
        ("voice by telephone", "remote voice"), MINUTES, number_clauses("intensity")
    )
    # the caregiver may be away, and is not interrupted in that
    writes: ClassVar[tuple[Writes, ...]] = (
        Writes("caregiver", {"remote_voice": "intensity"}, AWAKE),
        INFANT_AWAKE,
    )


@dataclass(frozen=True)
class PartnerContact(DeclaredIntervention):
    """Contact or talk of the caregiver with a partner, a friend or a companion.

    >>> PartnerContact("1 h", at="20:00", repeat="daily").describe()
    'Partner contact (caregiver) for 1 h at 20:00 every day.'
    """

    minutes: Any
    # above the 0.5 of an evening at home: contact that was arranged (assumed)
    intensity: float = field(default=1.0, kw_only=True)

    form: ClassVar[Form] = Form(("partner contact",), MINUTES, number_clauses("intensity"))
    writes: ClassVar[tuple[Writes, ...]] = (
        # awake, but not present: the infant may be elsewhere
        Writes("caregiver", {"partner_contact": "intensity"}, AWAKE),
    )
