"""Work away from the infant, by day or by night."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from oxysim.interventions.declared import AWAKE
from oxysim.schedule.options import TIME, length
from oxysim.schedule.schedule import Intervention
from oxysim.schedule.timed_source import SchedulePart
from oxysim.schedule.wording import MINUTES, Form, Keyed, number_clauses
from oxysim.units import HOUR

# between the end of a night shift and the sleep by day: the way home and a meal (assumed)
_BEFORE_SLEEP = HOUR


@dataclass(frozen=True)
class Work(Intervention):
    """The caregiver `by` is at work: awake, whatever the routine says, and away from the infant.

    Who is with the infant meanwhile is said by the routine. After a night shift the caregiver
    sleeps by day, beginning an hour after the shift, and is away from the infant for that time
    too.

    Parameters
    ----------
    minutes : the hours away, with the way there and back.
    holding_in_mind : how much the caregiver thinks of the infant at work, 0 to 1.
    sleep_after : how long the caregiver sleeps by day after the shift; None: sleeps at night.

    Raises
    ------
    UnitError, ScheduleError : a time that has no unit or is not positive.

    >>> Work("9 h", at="21:30", repeat="daily", sleep_after="6 h").text()
    'work 9 h then sleep of 6 h daily at 21:30'
    """

    minutes: Any
    # as in the working hours of a typical day
    holding_in_mind: float = field(default=0.1, kw_only=True)
    sleep_after: Any = field(default=None, kw_only=True)

    form: ClassVar[Form] = Form(
        ("work",),
        MINUTES,
        (
            *number_clauses("holding_in_mind"),
            Keyed("sleep_after", ("then sleep of",), TIME),
        ),
    )

    @property
    def label(self) -> str:
        return "work"

    def parts(self) -> tuple[SchedulePart, ...]:
        # whoever works at night gives up the sleep that the routine has there
        away = {"presence": 0.0, "holding_in_mind": self.holding_in_mind}
        shift = SchedulePart(self.by, away, interrupts=AWAKE)
        if self.sleep_after is None:
            return (shift,)
        asleep = length(self.sleep_after, f"{self.label}, sleep_after")
        begins = self.length + _BEFORE_SLEEP
        return shift, SchedulePart(self.by, {"asleep": 1.0, "presence": 0.0}, begins, asleep)

    def describe(self) -> str:
        """Two sentences where sleep by day follows the shift.

        >>> Work("9 h", at="21:30", sleep_after="6 h").describe()
        'Work (caregiver) for 9 h at 21:30 once. Sleep of 6 h by day begins an hour later.'
        """
        sentence = super().describe()
        if self.sleep_after is None:
            return sentence
        return f"{sentence} Sleep of {self.sleep_after} by day begins an hour later."
