"""Stressful life events: a burden of days or months, beside the acute stressors of minutes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from oxysim.errors import ScheduleError
from oxysim.interventions.declared import DeclaredIntervention, Writes
from oxysim.schedule.timed_source import SchedulePart
from oxysim.schedule.wording import Form, number_clauses


@dataclass(frozen=True)
class LifeEvents(DeclaredIntervention):
    """Stressful life events of the caregiver `by`, as a steady level above the usual.

    In force from `start` to `stop`. They write the channel of which daily life (``DailyLife``) is
    the noise, and add to it. How much a caregiver feels of them is her own:
    ``caregiver.depression.stress_noise_gain``.

    Parameters
    ----------
    level : in standard deviations of daily life's events, above 0 and at most 20.

    Raises
    ------
    ScheduleError, InputError : a level that is no burden, or beyond the channel's range.

    >>> LifeEvents(2.0, start="day 30", stop="day 60").text()
    'stressful life events level 2 from day 30 to day 60'
    """

    level: float

    form: ClassVar[Form] = Form(
        ("stressful life events", "life events"), None, number_clauses("level")
    )
    continuous: ClassVar[bool] = True
    # the channel adds: events come on top of the noise of daily life
    writes: ClassVar[tuple[Writes, ...]] = (Writes("caregiver", {"stress_noise": "level"}),)

    def parts(self) -> tuple[SchedulePart, ...]:
        # the channel itself may be negative: a calm time is a part of daily life, but no event
        if isinstance(self.level, int | float) and self.level < 0:
            raise ScheduleError(
                f"{self.label}: expected a level above 0, in standard deviations of daily life;"
                f" found {self.level!r}"
            )
        return super().parts()
