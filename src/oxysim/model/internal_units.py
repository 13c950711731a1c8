"""A user's values of parameters in internal units: minutes for times, else the row's own unit."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from oxysim import units
from oxysim.errors import InputError
from oxysim.model.rows import TIME_UNITS, ParameterRow


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
