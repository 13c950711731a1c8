"""What the numbers of an event table mean: its units, its compartments, and when TIME 0 is."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pandas as pd

from oxysim import checks, units
from oxysim.errors import InputError, OxysimError, shown
from oxysim.observations.instrument_units import analyte_instrument, plain_spelling, unit_factor
from oxysim.schedule.bouts import LATEST
from oxysim.schedule.options import caregiver_name
from oxysim.texts import Called
from oxysim.units import DAY

ROUTES = ("nasal", "intravenous")
"""The ways in which a dose can enter."""

_TIME_ZERO = re.compile(r"day ([0-9]{1,4}) (\S.*)")
# a code of a table is a whole number; nobody has a million compartments
_LARGEST_CODE = 10**6


@dataclass(frozen=True)
class EventFormat(Called):
    """How to read an event table, and how it is written back.

    Parameters
    ----------
    time_unit : unit of TIME, II and TINF, such as "h".
    dose_unit : unit of AMT, such as "IU"; needed where there are doses.
    doses : CMT (in Monolix ADM) -> "nasal" or "intravenous"; a route alone where all doses are
        alike.
    analytes : CMT (where there is such a column DVID) -> what DV is: an instrument, such as
        "plasma_oxytocin", or a name of the user's; a name alone where all values are alike.
    units : unit of DV, or for each analyte its own.
    time_zero : what TIME 0 is, "day 36 10:00" (day 1 is the day of birth); None where it is not
        known, and then doses are no interventions yet.
    member : who was treated and measured.

    Raises
    ------
    UnitError : no unit, or one of another kind. InputError, UnknownNameError : a code, a route or a
    moment that cannot be.

    >>> EventFormat("h", "IU", {1: "nasal"}, {2: "plasma_oxytocin"}, "pg/mL").minutes(1.5)
    90.0
    """

    time_unit: str
    dose_unit: str | None = None
    doses: Any = field(default_factory=dict)
    analytes: Any = field(default_factory=dict)
    units: Any = field(default_factory=dict)
    time_zero: str | None = None
    member: str = "mother"

    def __post_init__(self) -> None:
        _require_unit(self.time_unit, "time", "time_unit")
        if self.dose_unit is not None:
            _require_unit(self.dose_unit, "dose of oxytocin", "dose_unit")
        for label in ("doses", "analytes"):
            object.__setattr__(self, label, _codes(getattr(self, label), label))
        for route in self.doses.values():
            checks.choice(route, "doses", ROUTES)
        object.__setattr__(self, "units", self._units_by_analyte())
        caregiver_name(self.member, "member")
        # read once, so that a moment that is none is refused here
        _ = self.zero, self.factors

    @cached_property
    def zero(self) -> tuple[int, float] | None:
        """The day of TIME 0 (1 = day of birth) and its clock in minutes; None if unknown."""
        if self.time_zero is None:
            return None
        match = _TIME_ZERO.fullmatch(self.time_zero) if isinstance(self.time_zero, str) else None
        if match is None or not 1 <= int(match[1]) <= LATEST // DAY:
            raise InputError(
                what="time_zero",
                expected="a day and a clock time such as 'day 36 10:00', day 1 the day of birth",
                found=shown(self.time_zero),
                key=("time_zero",),
            )
        return int(match[1]), units.clock(match[2], "time_zero", begins=True)

    @cached_property
    def factors(self) -> dict[str, float]:
        """For each analyte what a DV is multiplied by to be in the instrument's unit."""
        factors = {}
        for analyte, unit in self.units.items():
            tool = analyte_instrument(analyte)
            factors[analyte] = 1.0 if tool is None else unit_factor(tool, unit, f"units, {analyte}")
        return factors

    def unit_of(self, analyte: str) -> str:
        """The unit in which values of an analyte stand in `Observations`."""
        checks.choice(analyte, "analyte", self.units)
        tool = analyte_instrument(analyte)
        return plain_spelling(self.units[analyte]) if tool is None else str(tool.unit)

    def minutes(self, time: float) -> float:
        """A time of the table in minutes."""
        return units.convert(checks.number(time, "time"), self.time_unit, "time")

    def times(self, minutes: float) -> dict[str, Any]:
        """Day, clock, minutes and age of a moment so many minutes after TIME 0, as `Observations`
        has them; where nothing says when that is, the minutes alone.

        >>> EventFormat("h", time_zero="day 36 10:00").times(90.0)["clock"]
        690.0
        """
        checks.number(minutes, "minutes")
        if self.zero is None:
            return {"day": pd.NA, "clock": math.nan, "minutes": minutes, "age": math.nan}
        first_day, clock = self.zero
        since_midnight = clock + minutes
        return {
            "day": int(since_midnight // DAY),
            "clock": since_midnight % DAY,
            "minutes": since_midnight,
            "age": first_day - 1 + since_midnight / DAY,
        }

    def international_units(self, amount: float) -> float:
        """An amount of the table in IU.

        Raises
        ------
        InputError : nothing says in which unit doses are.

        >>> EventFormat("h", "mIU", "nasal").international_units(500.0)
        0.5
        """
        if self.dose_unit is None:
            raise InputError(
                what="dose_unit",
                expected="the unit of AMT, such as 'IU' or 'ug'",
                found="none",
                key=("dose_unit",),
            )
        number = checks.number(amount, "amount")
        return units.convert(number, self.dose_unit, "dose of oxytocin")

    def with_time_zero(self, time_zero: str) -> EventFormat:
        """The same with another moment as TIME 0.

        >>> EventFormat("h").with_time_zero("day 36 10:00").zero
        (36, 600.0)
        """
        return replace(self, time_zero=time_zero)

    def _units_by_analyte(self) -> dict[str, str]:
        """The unit of each analyte, none left out and none too many."""
        analytes = dict.fromkeys(self.analytes.values())
        if isinstance(self.units, str):
            return {analyte: checks.name(self.units, "units") for analyte in analytes}
        by_analyte = checks.instance(self.units, "units", Mapping, "a unit, or one an analyte")
        for analyte in by_analyte:
            checks.choice(analyte, "units", analytes)
        if missing := [analyte for analyte in analytes if analyte not in by_analyte]:
            tool = analyte_instrument(missing[0])
            example = "pg/mL" if tool is None else tool.unit
            raise InputError(
                what="units",
                expected=f"the unit of {missing[0]}, since no event table says it",
                found="none",
                remedy=f"say units={{{missing[0]!r}: {example!r}}}",
                key=("units",),
            )
        return {analyte: checks.name(by_analyte[analyte], "units") for analyte in analytes}


def _require_unit(unit: Any, kind: str, label: str) -> None:
    try:
        units.convert(1.0, unit, kind)
    except OxysimError:
        spellings = ", ".join(repr(spelling) for spelling in units.SPELLINGS[kind])
        raise checks.refused(unit, label, f"a unit of {kind}: {spellings}") from None


def _codes(value: Any, label: str) -> dict[str, str]:
    """What each code means; the code "" stands for all of them."""
    if isinstance(value, str):
        return {"": checks.name(value, label)}
    codes = checks.instance(value, label, Mapping, "a mapping such as {1: 'nasal'}, or a name")
    named = {}
    for code, meaning in codes.items():
        # the command line has texts only
        number = int(code) if isinstance(code, str) and code.isascii() and code.isdigit() else code
        named[str(checks.whole_number(number, label, 0, _LARGEST_CODE))] = checks.name(
            meaning, label
        )
    return named
