"""What a row says of a value that a user sets: whether it is legal, what it is in internal units
(minutes for times, else the row's own unit), and whether it is plausible. Levels beyond what a
channel's row calls plausible are found beside these rows (`inputs`).

Where it is valid: for one value or level at a time. Whoever holds the values (a family, a routine,
an intervention) judges them once; a run gathers what they say.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from oxysim import units
from oxysim.errors import InputError
from oxysim.model.rows import TIME_UNITS, ParameterRow
from oxysim.units import with_unit

SET, SHARED, DRAWN = 1.0, 3.0, 6.0
"""How far from the middle of its range a value may lie, in halves of the range, on the scale of its
distribution: one that a user sets on described dyads; one that all dyads of a population share; one
drawn for a dyad. The range holds 95 % of dyads, so draws leave it by design; the community, whose
spreads are calibrated, reaches 4.5 in 20,000 dyads."""

ROUNDING = 1e-9
"""Of the half range: a value that went through another unit and back is still at the end of its
range.
"""


def to_internal(row: ParameterRow, value: Any, name: str) -> float:
    """A user's value for a parameter, checked and in internal units.

    Accepts a plain number in the row's own unit, or text / a pint quantity with a unit where the
    row is a time. Numbers must be finite and legal; the error names the parameter, its unit and its
    legal range.

    >>> from oxysim.model.registry import parameters
    >>> to_internal(parameters()["caregiver.bond.bond_time"], "2 weeks", "bond_time")
    20160.0
    """
    # a text, or a quantity of pint (known by its shape: pint is not imported)
    if isinstance(value, str) or hasattr(value, "magnitude"):
        if row.unit in TIME_UNITS:
            number = units.duration(value, name) / row.factor
        elif row.unit == "fraction":
            number = units.quantity(value, "fraction", name)
        elif row.unit in ("pg/mL", "nmol/L"):
            number = units.quantity(
                value, "cortisol" if row.unit == "nmol/L" else "concentration", name
            )
        else:
            raise InputError(f"{name}: expected {units.number_in(row.unit)}; found {value!r}")
    else:
        number = value
    # a truth value is a number in Python, and a mistake here
    low, high = row.legal
    if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
        expected = units.number_in(row.unit, "a finite number")
        raise InputError(f"{name}: expected {expected}; found {value!r}")
    if not low <= number <= high:
        in_unit = units.with_unit(f"{number:g}", row.unit)
        raise InputError(f"{name}: {in_unit} is not legal; expected [{low:g}, {high:g}]")
    return float(number) * row.factor


def all_internal(row: ParameterRow, values: Any, name: str) -> Any:
    """As :func:`to_internal` for one value or a list or an array of them: a
    float, or shape (n,).

    >>> from oxysim.model.registry import parameters
    >>> all_internal(parameters()["caregiver.bond.bond_time"], [1, 2], "bond_time")
    array([10080., 20160.])
    """
    low, high = row.legal
    if isinstance(values, np.ndarray) and values.ndim and values.dtype == np.float64:
        # thousands of plain numbers at once; where one is not legal, the way of single values below
        # says which
        if np.all(np.isfinite(values) & (low <= values) & (values <= high)):
            return values * row.factor
    converted = [
        to_internal(row, v.item() if isinstance(v, np.generic) else v, name)
        for v in (values if np.ndim(values) else [values])
    ]
    return np.array(converted) if np.ndim(values) else converted[0]


class Implausible(NamedTuple):
    """One thing that is legal but implausible: its name, the value farthest out, unit, plausible
    range, and what the range rests on.

    >>> print(Implausible("spray", 400.0, "IU", 0.0, 80.0, "assumed"))
    spray = 400 IU (plausible 0 to 80 IU; assumed)
    """

    name: str
    value: float
    unit: str
    low: float
    high: float
    source: str

    def __str__(self) -> str:
        plausible = with_unit(f"{self.low:g} to {self.high:g}", self.unit)
        return (
            f"{self.name} = {with_unit(f'{self.value:g}', self.unit)} (plausible {plausible};"
            f" {self.source})"
        )


def implausible_parameters(
    values: Mapping[str, Any], rows: Mapping[str, ParameterRow], *, population: bool
) -> tuple[Implausible, ...]:
    """The parameters beyond the range of their rows.

    Parameters
    ----------
    values, rows : member's parameter -> value in internal units, one or one a dyad, and its row.
    population : whether the dyads were drawn from one, rather than described by a user.

    >>> from oxysim.model.registry import parameters
    >>> row = parameters()["caregiver.oxytocin.suckling"]
    >>> odd = implausible_parameters({"suckling": 500.0}, {"suckling": row}, population=False)
    >>> odd[0].value, odd[0].high
    (500.0, 5.0)
    """
    odd = []
    for name, internal in values.items():
        row = rows[name]
        in_unit = np.ravel(np.asarray(internal / row.factor, dtype=float))
        reach = SET if not population else DRAWN if np.ndim(internal) else SHARED

        distance = _distance(row, in_unit)
        if row.distribution == "logit-normal":
            # as near to none as it can be: switched off
            distance[in_unit <= row.legal[0] * (1 + ROUNDING)] = 0.0
        if distance.max() > reach + ROUNDING:
            farthest = float(in_unit[distance.argmax()])
            source = f"range of the row, {_basis(row)}"
            odd.append(Implausible(name, farthest, row.unit, row.low, row.high, source))
    return tuple(odd)


def _basis(row: ParameterRow) -> str:
    return str(row.status) if row.source == "assumption" else f"{row.status}: {row.source}"


def _distance(row: ParameterRow, value: Any) -> Any:
    """How far values lie from the middle of the row's range, in halves of it, on the scale of the
    distribution.
    """
    scale = _SCALES.get(row.distribution, lambda x: x)
    with np.errstate(divide="ignore"):  # 0 on a scale that has none lies infinitely far
        low, high, position = scale(np.float64(row.low)), scale(np.float64(row.high)), scale(value)
    return np.abs(position - (low + high) / 2) / ((high - low) / 2)


_SCALES: Mapping[str, Callable[[Any], Any]] = {
    "lognormal": np.log,
    "logit-normal": lambda x: np.log(x / (1 - x)),
}
