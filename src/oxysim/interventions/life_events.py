"""Stressful life events: a burden that lasts for days or months, beside the acute stressors of
minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from oxysim.errors import ScheduleError
from oxysim.schedule.options import NUMBER
from oxysim.schedule.schedule import Intervention
from oxysim.schedule.timed_source import SchedulePart
from oxysim.schedule.wording import Form, Keyed


@dataclass(frozen=True)
class LifeEvents(Intervention):
    """Stressful life events of the caregiver `by`, from `start` to `stop`, as a steady level above
    the usual.

    They write the channel of which daily life (``DailyLife``) is the noise, and add to it. How much
    a caregiver feels of them is her own: ``caregiver.depression.stress_noise_gain``.

    Parameters
    ----------
    level : in standard deviations of daily life's events, above 0 and at most 20.

    Raises
    ------
    ScheduleError, InputError : a level that is no burden, or beyond the channel's range.
    """

    level: float

    form: ClassVar[Form] = Form(
        ("stressful life events", "life events"), None, (Keyed("level", ("level",), NUMBER),)
    )
    continuous: ClassVar[bool] = True

    @property
    def label(self) -> str:
        return "stressful life events"

    def parts(self) -> tuple[SchedulePart, ...]:
        if isinstance(self.level, int | float) and self.level < 0:
            raise ScheduleError(
                f"{self.label}: expected a level above 0, in standard deviations of daily life;"
                f" found {self.level!r}"
            )
        return (SchedulePart(self.by, {"stress_noise": self.level}),)
