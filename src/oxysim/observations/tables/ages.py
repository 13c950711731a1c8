"""Ages as files have them: a number with its unit, or a class such as "3-6 months"."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from oxysim import units
from oxysim.errors import InputError
from oxysim.observations.cells import cell_error, number_cell

# beyond childhood an age is a slip, such as days where months are meant
_OLDEST = 18 * units.YEAR / units.DAY
_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_UNIT = r"\s*([A-Za-z]*)"
_CLASS = re.compile(rf"({_NUMBER})\s*(?:-|\u2013|to)\s*({_NUMBER}){_UNIT}")
_BELOW_CLASS = re.compile(rf"<\s*({_NUMBER}){_UNIT}")
_FROM_CLASS = re.compile(rf"({_NUMBER})\s*\+{_UNIT}")
_WITH_UNIT = re.compile(rf"({_NUMBER})\s*([A-Za-z]+)")


class AgeSpan(NamedTuple):
    """An age in days, or the class in which it lies: from `low` on, below `high`.

    Attributes
    ----------
    low, high : the same number where the age is known.
    label : the class in words ("3-6 months"); empty where the age is known.

    >>> AgeSpan(42.0, 42.0).days
    42.0
    """

    low: float
    high: float
    label: str = ""

    @property
    def days(self) -> float:
        """The age; NaN where only its class is known."""
        return self.low if self.low == self.high else math.nan

    @property
    def middle(self) -> float:
        """The middle of a class, days; NaN for one that is open above."""
        return (self.low + self.high) / 2 if math.isfinite(self.high) else math.nan


def age_cell(text: str, where: str, unit: str = "") -> AgeSpan:
    """An age of the infant: "42", "6 weeks", "3-6 months", "<3", "12+".

    Parameters
    ----------
    unit : of a number without one, such as "weeks" from the header.

    Raises
    ------
    InputError : no age, one without a unit, an empty class, an age beyond childhood.

    >>> age_cell("6 weeks", "forms.csv, line 2, column age").days
    42.0
    >>> age_cell("3-6", "forms.csv, line 2, column age", "months").label
    '3-6 months'
    """
    for expression, ends in ((_CLASS, 2), (_BELOW_CLASS, 1), (_FROM_CLASS, 1)):
        if match := expression.fullmatch(text):
            return _class(match.groups()[:ends], match.groups()[-1] or unit, text, where)
    with_unit = _WITH_UNIT.fullmatch(text)
    number, spelling = with_unit.groups() if with_unit else (text, unit)
    expected = "an age such as '6 weeks', or a class such as '3-6 months'"
    days = number_cell(number, where, expected, 0.0) * _days(spelling, text, where)
    _require_childhood(days, text, where)
    return AgeSpan(days, days)


def is_age(text: str) -> bool:
    """Whether a text is an age or a class of ages with its unit, and not the name of a visit.

    >>> is_age("6 weeks"), is_age("3-6 months"), is_age("visit 1")
    (True, True, False)
    """
    for expression in (_CLASS, _BELOW_CLASS, _FROM_CLASS, _WITH_UNIT):
        if match := expression.fullmatch(text):
            return match[len(match.groups())] in units.SPELLINGS["time"]
    return False


def _class(numbers: tuple[str, ...], unit: str, text: str, where: str) -> AgeSpan:
    size = _days(unit, text, where)
    name = _plural(unit)
    if len(numbers) == 2:
        low, high = float(numbers[0]), float(numbers[1])
        label = f"{low:g}-{high:g} {name}"
    elif text.startswith("<"):
        low, high = 0.0, float(numbers[0])
        label = f"<{high:g} {name}"
    else:
        low, high = float(numbers[0]), math.inf
        label = f"{low:g}+ {name}"
    if not low < high:
        raise cell_error(text, where, "a class whose second number is larger, such as '3-6'")
    _require_childhood((low if math.isinf(high) else high) * size, text, where)
    return AgeSpan(low * size, high * size, label)


def _days(unit: str, text: str, where: str) -> float:
    """How many days a unit of time has."""
    if not unit:
        remedy = "write the unit into the header, 'age [weeks]', or name it: units={'age': 'weeks'}"
        raise cell_error(text, where, "an age with its unit", remedy, ("units",))
    if unit not in units.SPELLINGS["time"]:
        raise InputError(
            what=where,
            expected=f"a unit of time: {', '.join(units.SPELLINGS['time'])}",
            found=repr(unit),
            key=("units",),
        )
    return units.convert(1.0, unit, "time") / units.DAY


def _plural(unit: str) -> str:
    words = {"min": "minutes", "s": "seconds", "h": "hours", "d": "days"}
    common = units.common_unit(unit, "time")
    return words.get(common, f"{common}s")


def _require_childhood(days: float, text: str, where: str) -> None:
    if days > _OLDEST:
        raise cell_error(
            text, where, f"an age of at most {_OLDEST / units.YEAR * units.DAY:g} years"
        )
