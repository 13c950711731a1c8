"""Oxytocin nasal spray, and the placebo that matches it."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from typing import Any, ClassVar

from oxysim.errors import ScheduleError
from oxysim.schedule.options import DOSE, TIME, length
from oxysim.schedule.schedule import Intervention
from oxysim.schedule.timed_source import SchedulePart
from oxysim.schedule.wording import Amount, Clause, Form, Keyed, Words, number_clauses
from oxysim.units import HOUR, converted, quantity

LARGEST_SPRAY = 100.0
"""The largest single nasal dose that is accepted, in IU; trials give 16 to 48 IU."""

LONGEST_SPRAY = HOUR
"""The longest single administration of a spray that is accepted, in minutes; trials take a minute
or a few.
"""

EXPECTANCY_LASTS = 3 * HOUR
"""How long the belief of having been treated lasts after a spray, in minutes (assumed: a trial
session).
"""


# A spray and its placebo are said alike but for the dose.
_CLAUSES: tuple[Clause, ...] = (
    Keyed("minutes", ("over",), TIME),
    Words("blinded", {"unblinded": False, "blinded": True}),
    *number_clauses("expectancy"),
)


@dataclass(frozen=True)
class NasalSpray(Intervention):
    """A dose of oxytocin sprayed into the nose, evenly over `minutes`.

    Parameters
    ----------
    dose : with its unit, such as ``"24 IU"``; above 0, at most 100 IU.
    minutes : how long the administration takes.
    blinded : whether the caregiver cannot know what it is; if so the belief is `expectancy`, as for
        `Placebo`, so that blinded arms do not differ by it; if not, it is 1.
    expectancy : the belief (0 to 1) of having received an active treatment, for three hours.

    Raises
    ------
    UnitError : a dose or a time without its unit. ScheduleError : an absurd dose, or times that
    cannot be.

    >>> NasalSpray("24 IU", at="10:00").text()
    '24 IU intranasal at 10:00'
    """

    dose: Any
    minutes: Any = "1 min"
    blinded: bool = field(default=True, kw_only=True)
    # even odds: two arms of equal size, and no way to tell
    expectancy: float = field(default=0.5, kw_only=True)

    form: ClassVar[Form] = Form(
        (
            "intranasal",
            "intranasal oxytocin",
            "nasal spray",
            "oxytocin nasal spray",
            "oxytocin spray",
        ),
        Amount("dose", DOSE, before=True),
        _CLAUSES,
    )
    # "24 IU daily at 10:00" may stand in the dose; others have it in `minutes`
    amount: ClassVar[str] = "dose"

    @functools.cached_property
    def label(self) -> str:
        return f"nasal spray {self.international_units:g} IU"

    @property
    def international_units(self) -> float:
        """The dose in IU."""
        return international_units(self.dose, "nasal spray", LARGEST_SPRAY)

    def parts(self) -> tuple[SchedulePart, ...]:
        # the channel is a rate in IU/min: the dose spread evenly over the time it takes
        spray = {"nasal_spray": self.international_units / self.length}
        return SchedulePart(self.by, spray), _belief(
            self.by, self.expectancy if self.blinded else 1.0
        )

    @property
    def length(self) -> float:
        return length(self.minutes, "nasal spray, minutes", LONGEST_SPRAY)


@dataclass(frozen=True)
class Placebo(Intervention):
    """A nasal spray without oxytocin: the same belief as a blinded `NasalSpray`, and no drug.

    With ``blinded=False`` the caregiver knows that it is a placebo, and the belief is 0.

    >>> Placebo(at="10:00", blinded=False).parts()[0].levels
    {'expectancy': 0.0}
    """

    minutes: Any = "1 min"
    blinded: bool = field(default=True, kw_only=True)
    expectancy: float = field(default=0.5, kw_only=True)

    form: ClassVar[Form] = Form(
        ("placebo spray", "placebo nasal spray", "placebo"),
        None,
        _CLAUSES,
    )
    # an unblinded placebo writes a belief of 0, which is nothing
    may_be_inert: ClassVar[bool] = True

    @property
    def label(self) -> str:
        return "placebo spray"

    def parts(self) -> tuple[SchedulePart, ...]:
        return (_belief(self.by, self.expectancy if self.blinded else 0.0),)


def international_units(dose: Any, label: str, largest: float) -> float:
    """A dose of oxytocin in IU, above 0 and at most `largest`.

    Raises
    ------
    UnitError : no unit, or not a dose. ScheduleError : an absurd dose.

    >>> international_units("500 mIU", "nasal spray", LARGEST_SPRAY)
    0.5
    """
    units = quantity(dose, "dose of oxytocin", f"{label}, dose")
    # a dose of 0 is a placebo, and is to be called so
    if not 0 < units <= largest:
        # as it was written and in IU: a slip of the unit shows at once
        in_units = converted(dose, "dose of oxytocin")
        raise ScheduleError(
            f"{label}: a single dose lies above 0 and at most at {largest:g} IU; found {in_units}"
        )
    return units


def _belief(by: str, level: float) -> SchedulePart:
    # the belief outlasts the minute of the spray, and needs no caregiver awake
    return SchedulePart(by, {"expectancy": level}, minutes=EXPECTANCY_LASTS)
