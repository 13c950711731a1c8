"""Help for the caregiver: coaching, psychological treatment, antidepressant, social support."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from oxysim.interventions.declared import AWAKE, DeclaredIntervention, Writes
from oxysim.schedule.options import USUAL_DOSES
from oxysim.schedule.wording import MINUTES, Amount, Form, number_clauses


@dataclass(frozen=True)
class Coaching(DeclaredIntervention):
    """Sessions of mind-mindedness coaching, weekly at 10:00 unless told otherwise.

    `sessions` limits their number.

    >>> Coaching(sessions=8).describe()
    'Mind-mindedness coaching (caregiver) for 1 h at 10:00 every week for 8 sessions.'
    """

    minutes: Any = "60 min"
    level: float = field(default=1.0, kw_only=True)
    # a session a week in the morning (assumed), on the weekday of the first one
    at: Any = field(default="10:00", kw_only=True)
    repeat: str = field(default="weekly", kw_only=True)

    form: ClassVar[Form] = Form(
        ("coaching", "mind-mindedness coaching"), MINUTES, number_clauses("level")
    )
    # one clock time a week comes from the default, so a sentence needs none
    clocks_by_default: ClassVar[int] = 1
    called: ClassVar[str] = "mind-mindedness coaching"
    writes: ClassVar[tuple[Writes, ...]] = (Writes("caregiver", {"coaching": "level"}, AWAKE),)


@dataclass(frozen=True)
class PsychologicalTreatment(DeclaredIntervention):
    """Sessions of psychological treatment, weekly at 10:00 unless told otherwise.

    `sessions` limits their number.

    >>> PsychologicalTreatment(sessions=12, start="6 weeks").text()
    'psychological treatment 60 min weekly at 10:00 12 sessions from 6 weeks of age'
    """

    minutes: Any = "60 min"
    level: float = field(default=1.0, kw_only=True)
    at: Any = field(default="10:00", kw_only=True)
    repeat: str = field(default="weekly", kw_only=True)

    form: ClassVar[Form] = Form(("psychological treatment",), MINUTES, number_clauses("level"))
    clocks_by_default: ClassVar[int] = 1
    # a session is attended awake; the infant need not be there
    writes: ClassVar[tuple[Writes, ...]] = (Writes("caregiver", {"therapy": "level"}, AWAKE),)


@dataclass(frozen=True)
class Antidepressant(DeclaredIntervention):
    """An antidepressant taken every day, as a steady level in usual daily doses (at most 3).

    In force from `start` to `stop`.

    >>> Antidepressant(1.5, start="6 weeks").text()
    'antidepressant 1.5 usual daily doses from 6 weeks of age'
    """

    # a steady level: that it takes weeks to work comes from the pace of depression itself
    dose: float = 1.0

    form: ClassVar[Form] = Form(("antidepressant",), Amount("dose", USUAL_DOSES))
    continuous: ClassVar[bool] = True
    writes: ClassVar[tuple[Writes, ...]] = (Writes("caregiver", {"antidepressant": "dose"}),)


@dataclass(frozen=True)
class SocialSupport(DeclaredIntervention):
    """Social support beyond the caregiver's usual, as a steady level (at most 5).

    In force from `start` to `stop`.

    >>> SocialSupport(2.0).label
    'social support'
    """

    level: float = 1.0

    form: ClassVar[Form] = Form(("social support",), None, number_clauses("level"))
    continuous: ClassVar[bool] = True
    # 0 is the caregiver's usual: the channel counts what comes on top
    writes: ClassVar[tuple[Writes, ...]] = (Writes("caregiver", {"support": "level"}),)
