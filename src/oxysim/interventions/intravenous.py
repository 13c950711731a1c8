"""Oxytocin into a vein."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, ClassVar

from oxysim.interventions.spray import international_units
from oxysim.schedule.options import DOSE, TIME, length
from oxysim.schedule.schedule import Intervention
from oxysim.schedule.timed_source import SchedulePart
from oxysim.schedule.wording import Amount, Form, Keyed
from oxysim.units import DAY

# the study of reference gives 2 IU; far above, a dose is likelier a slip of the unit (assumed)
LARGEST_BOLUS = 40.0
"""The largest intravenous dose that is accepted, in IU."""

LONGEST_INFUSION = DAY
"""The longest stretch over which one dose runs in, in minutes: an infusion through a long labour.
"""


@dataclass(frozen=True)
class IntravenousBolus(Intervention):
    """A dose of oxytocin into a vein (above 0, at most 40 IU), evenly over `minutes`.

    Raises
    ------
    UnitError : a dose or a time without its unit. ScheduleError : an absurd dose, or times that
    cannot be.

    >>> IntravenousBolus("2 IU", minutes="2 min", at="10:00").parts()[0].levels
    {'intravenous': 1.0}
    """

    dose: Any
    minutes: Any = "1 min"

    form: ClassVar[Form] = Form(
        ("intravenous bolus", "intravenous", "intravenous oxytocin"),
        Amount("dose", DOSE, before=True),
        (Keyed("minutes", ("over",), TIME),),
    )
    amount: ClassVar[str] = "dose"

    @functools.cached_property
    def label(self) -> str:
        return f"intravenous oxytocin {self.international_units:g} IU"

    @property
    def international_units(self) -> float:
        """The dose in IU."""
        return international_units(self.dose, "intravenous bolus", LARGEST_BOLUS)

    @property
    def length(self) -> float:
        return length(self.minutes, "intravenous oxytocin, minutes", LONGEST_INFUSION)

    def parts(self) -> tuple[SchedulePart, ...]:
        # the channel is a rate in IU/min: the dose spread evenly over the time it takes
        return (SchedulePart(self.by, {"intravenous": self.international_units / self.length}),)
