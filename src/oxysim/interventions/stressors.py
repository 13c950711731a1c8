"""Stressors of the infant and the caregiver."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, ClassVar, Literal

from oxysim.interventions.declared import (
    AWAKE,
    AWAKE_AND_PRESENT,
    DeclaredIntervention,
    Writes,
)
from oxysim.schedule.schedule import Intervention
from oxysim.schedule.timed_source import SchedulePart
from oxysim.schedule.wording import MINUTES, Form, Words, number_clauses


@dataclass(frozen=True)
class Crying(DeclaredIntervention):
    """The infant cries, whatever the cause; the caregiver hears it if present.

    >>> Crying("5 min", at="10:00", intensity=0.5).text()
    'crying 5 min intensity 0.5 at 10:00'
    """

    minutes: Any
    intensity: float = field(default=1.0, kw_only=True)

    form: ClassVar[Form] = Form(("crying",), MINUTES, number_clauses("intensity"))
    # the infant is awake while it cries; the caregiver may be away and hear nothing
    writes: ClassVar[tuple[Writes, ...]] = (Writes("infant", {"crying": "intensity"}, AWAKE),)


@dataclass(frozen=True)
class StillFace(DeclaredIntervention):
    """The caregiver holds a still face: no response to the infant, who is distressed by it.

    >>> StillFace(at="10:00").length
    2.0
    """

    # as long as the episode lasts in the paradigm
    minutes: Any = "2 min"
    distress: float = field(default=1.0, kw_only=True)

    form: ClassVar[Form] = Form(("still face",), MINUTES, number_clauses("distress"))
    writes: ClassVar[tuple[Writes, ...]] = (
        # face to face, so both awake and together
        Writes("caregiver", {"responsiveness": 0.0}, AWAKE_AND_PRESENT),
        Writes("infant", {"still_face": "distress"}, AWAKE),
    )


@dataclass(frozen=True)
class Separation(DeclaredIntervention):
    """The caregiver leaves the infant, who is distressed by it (0 to 1).

    >>> Separation("30 min", at="10:00").parts()[1].levels
    {'separation': 1.0}
    """

    minutes: Any
    distress: float = field(default=1.0, kw_only=True)

    form: ClassVar[Form] = Form(("separation",), MINUTES, number_clauses("distress"))
    writes: ClassVar[tuple[Writes, ...]] = (
        # it interrupts no sleep: an infant may be left asleep
        Writes("caregiver", {"presence": 0.0}),
        Writes("infant", {"separation": "distress"}),
    )


@dataclass(frozen=True)
class Stressor(Intervention):
    """An acute stressor of the infant (an inoculation) or of the caregiver (a social stress task).

    >>> Stressor("15 min", at="10:00", of="caregiver").label
    'stressor of the caregiver'
    """

    minutes: Any
    of: Literal["infant", "caregiver"] = field(default="infant", kw_only=True)
    intensity: float = field(default=1.0, kw_only=True)

    form: ClassVar[Form] = Form(
        ("stressor",),
        MINUTES,
        (
            Words("of", {"of the infant": "infant", "of the caregiver": "caregiver"}, always=True),
            *number_clauses("intensity"),
        ),
    )
    words: ClassVar[Mapping[str, tuple[str, ...]]] = MappingProxyType(
        {"of": ("infant", "caregiver")}
    )

    @functools.cached_property
    def label(self) -> str:
        return f"stressor of the {self.of}"

    def parts(self) -> tuple[SchedulePart, ...]:
        # whoever is stressed is woken by it, and nobody else is
        member = "infant" if self.of == "infant" else self.by
        return (SchedulePart(member, {"stressor": self.intensity}, interrupts=AWAKE),)


@dataclass(frozen=True)
class AmbientStress(DeclaredIntervention):
    """The standing stress load of the infant's surroundings, as on a neonatal ward (at most 5).

    In force from `start` to `stop`; it replaces what an earlier one in the schedule says.

    >>> AmbientStress(2.0, stop="day 30").describe()
    'Ambient stress to day 30.'
    """

    level: float

    form: ClassVar[Form] = Form(("ambient stress",), None, number_clauses("level"))
    # surroundings are there day and night
    continuous: ClassVar[bool] = True
    writes: ClassVar[tuple[Writes, ...]] = (Writes("infant", {"ambient_stress": "level"}),)
