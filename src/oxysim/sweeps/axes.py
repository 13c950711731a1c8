"""Axes: a dotted name and the values it takes, each with its unit."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from oxysim import units
from oxysim.arrays import FloatArray
from oxysim.checks import LONGEST_NAME, array, choice, whole_number
from oxysim.errors import InputError, OxysimError, UnitError, add_key, shown
from oxysim.texts import Called, Described, listed

Values = npt.NDArray[Any]
# Kinds of units that convert into one another; the first that all texts of an axis fit is taken.
KINDS = ("time", "dose of oxytocin", "concentration", "cortisol", "fraction")
# How the values of a range are spaced.
SCALES = ("linear", "log", "whole")
LARGEST_AXIS = 10_000_000
"""The most values of an axis: as many as the rows of a sample."""

# A number and a unit, with or without a blank between them: "24 IU", "1e-3 ng/L".
_QUANTITY = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([A-Za-zµ%/]+)\s*$")


@dataclass(frozen=True, eq=False)
class Axis(Described):
    """One axis of a design.

    Parameters
    ----------
    name : dotted name: a parameter ("caregiver.oxytocin.plasma_half_life"), a field of a study's
        intervention ("spray.dose"), an edge ("reward -> depression"), a starting value
        ("start.caregiver.depression"), "seed" or "infant_age".
    values : numbers, or texts ("8 IU", "day 35"). Texts that are numbers with units become numbers
        in the first one's unit. Kept as an array of shape (k,).
    unit : unit of plain numbers, where what they stand for needs one.

    Raises
    ------
    InputError : no values, or one that is not a finite number or a text. UnitError : units that do
    not go together.

    >>> dose = Axis("spray.dose", ["8 IU", "24 IU"])
    >>> dose.values.tolist(), dose.unit
    ([8.0, 24.0], 'IU')
    """

    name: str
    values: Any
    unit: str | None = None

    def __post_init__(self) -> None:
        name = axis_name(self.name)
        try:
            values, unit = _read(name, _listed(name, self.values), _unit(name, self.unit))
        except OxysimError as error:
            add_key(error, "axes", name)
            raise
        values.setflags(write=False)  # it has been checked
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "unit", unit)

    def __len__(self) -> int:
        return len(self.values)

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """Its name and its values."""
        values = [self.words(k) for k in range(min(len(self), 6))]
        more = f" and {len(self) - 6} more" if len(self) > 6 else ""
        return "Axis", [
            ("", f"{self.name} at {listed(values, 6) if not more else ', '.join(values) + more}")
        ]

    def entry(self, position: int) -> Any:
        """The value at a position as its owner takes it: a number, or a text with its unit.

        >>> Axis("spray.dose", [8, 24], "IU").entry(1)
        '24 IU'
        """
        value = self.values[self._place(position)].item()
        return f"{_number(value)} {self.unit}" if self.unit is not None else value

    def _place(self, position: int) -> int:
        return whole_number(position, "position", 0, len(self) - 1)

    def words(self, position: int) -> str:
        """The value at a position for a sentence ("24 IU").

        >>> Axis("spray.dose", ["8 IU", "24 IU"]).words(0)
        '8 IU'
        """
        value = self.values[self._place(position)].item()
        text = f"{value:g}" if isinstance(value, float) else str(value)
        return f"{text} {self.unit}" if self.unit is not None else text


@dataclass(frozen=True)
class Range(Called):
    """The range over which a sampled axis spreads.

    Parameters
    ----------
    low, high : numbers, or texts with a unit; both ends in one unit.
    unit : unit of plain numbers.
    scale : "linear", "log" (even on the logarithm; both ends positive) or "whole" (whole numbers,
        both ends included).

    Raises
    ------
    InputError : reversed, not finite, or not positive where the scale is "log". UnitError : units
    that do not fit.

    >>> Range("1 IU", "100 IU", scale="log").spaced(3)
    ['1 IU', '10 IU', '100 IU']
    """

    low: Any
    high: Any
    unit: str | None = None
    scale: str = "linear"

    def __post_init__(self) -> None:
        choice(self.scale, "scale of the range", SCALES)
        # Read as an axis of two values is, so that units and errors are the same.
        ends, unit = _read("range", [self.low, self.high], _unit("range", self.unit))
        both = f"{shown(self.low)} to {shown(self.high)}"
        if ends.dtype.kind not in "if":
            raise InputError(f"range: expected two numbers, or two texts with units; found {both}")
        low, high = (float(e) for e in ends)
        if not low < high:
            raise InputError(f"range: expected the lower end first; found {both}")
        if self.scale == "log" and low <= 0:
            raise InputError(f"range: a logarithmic range must be positive; found {both}")
        if self.scale == "whole" and not (low.is_integer() and high.is_integer()):
            raise InputError(f"range: expected whole numbers at both ends; found {both}")
        for name, value in {"low": low, "high": high, "unit": unit}.items():
            object.__setattr__(self, name, value)

    def at(self, share: FloatArray) -> Values:
        """The values at shares in [0, 1] of the range, shape of `share`."""
        share = array(share, "share", low=0.0, high=1.0)
        if self.scale == "whole":
            return np.minimum(
                self.low + np.floor(share * (self.high - self.low + 1)), self.high
            ).astype(np.int64)
        if self.scale == "log":
            return np.clip(
                np.exp(np.log(self.low) + share * np.log(self.high / self.low)), self.low, self.high
            )
        return np.clip(self.low + share * (self.high - self.low), self.low, self.high)

    def spaced(self, count: int) -> list[Any]:
        """`count` values from end to end, evenly on the scale: an axis's values,
        with their unit.
        """
        count = whole_number(count, "count", 2, LARGEST_AXIS)
        # A whole scale is spaced evenly too, then rounded: values that fall together
        # count once.
        evenly = np.geomspace if self.scale == "log" else np.linspace
        values = evenly(self.low, self.high, count)
        if self.scale == "whole":
            values = np.unique(np.round(values).astype(np.int64))
        return [v if self.unit is None else f"{_number(v)} {self.unit}" for v in values.tolist()]


def linspace(low: Any, high: Any, count: int, unit: str | None = None) -> list[Any]:
    """`count` evenly spaced values from `low` to `high`, both included: ``linspace("0 IU", "48 IU",
    13)``.

    Raises
    ------
    InputError : a reversed or illegal range, fewer than two values. UnitError : units that do not
    fit.

    >>> linspace("0 IU", "48 IU", 3)
    ['0 IU', '24 IU', '48 IU']
    """
    return Range(low, high, unit).spaced(count)


def logspace(low: Any, high: Any, count: int, unit: str | None = None) -> list[Any]:
    """`count` values from `low` to `high`, both included, evenly spaced on the logarithm.

    Raises
    ------
    InputError : a reversed or illegal range, fewer than two values. UnitError : units that do not
    fit.

    >>> logspace(0.1, 10, 3)
    [0.1, 1.0, 10.0]
    """
    return Range(low, high, unit, "log").spaced(count)


def axis_name(name: Any) -> str:
    """An axis's name in one form: without surrounding blanks, an edge without "edge." and with
    single blanks.

    Raises
    ------
    InputError : not a text, or empty.

    >>> axis_name("edge.reward->depression")
    'reward -> depression'
    """
    if (
        not isinstance(name, str)
        or not name.strip()
        or not name.isprintable()
        or len(name) > LONGEST_NAME
    ):
        raise InputError(f"axis: expected a dotted name such as 'spray.dose'; found {shown(name)}")
    if "->" not in name:
        return name.strip()
    return " -> ".join(end.strip() for end in name.strip().removeprefix("edge.").split("->"))


def require_different(axis: Axis) -> None:
    """Raise ``InputError`` where a value of the axis stands twice.

    >>> require_different(Axis("seed", [3, 4, 3]))
    Traceback (most recent call last):
    ...
    oxysim.errors.InputError: axis 'seed': 3 stands twice, at positions 1 and 3
    """
    # The first place of each value: an error names both.
    seen: dict[Any, int] = {}
    for i, value in enumerate(axis.values.tolist()):
        if value in seen:
            raise InputError(
                f"axis {axis.name!r}: {axis.words(i)} stands twice, at positions {seen[value] + 1}"
                f" and {i + 1}",
                key=("axes", axis.name),
            )
        seen[value] = i


# ---------------------------------------------------------------------- reading
def _listed(name: str, values: Any) -> Any:
    """The values of an axis as a list or an array of one dimension."""
    entries = values
    # Quantities and data frame columns are lists of values; NumPy arrays stay as they are.
    if hasattr(values, "magnitude") or (
        hasattr(values, "__array__") and not isinstance(values, np.ndarray)
    ):
        entries = list(values) if np.ndim(values) == 1 else None
    is_list = isinstance(entries, Sequence) and not isinstance(entries, str | bytes)
    is_list = is_list and not (len(entries) and isinstance(entries[0], list | tuple | np.ndarray))
    if not is_list and not (isinstance(entries, np.ndarray) and entries.ndim == 1):
        raise InputError(f"axis {name!r}: expected a list of values; found {shown(values)}")
    if len(entries) == 0:
        raise InputError(f"axis {name!r}: expected at least one value; found none")
    if len(entries) > LARGEST_AXIS:
        raise InputError(
            f"axis {name!r}: expected at most {LARGEST_AXIS} values; found {len(entries)}"
        )
    return entries


def _unit(name: str, unit: Any) -> str | None:
    if unit is not None and not isinstance(unit, str):
        raise UnitError(
            f"axis {name!r}: expected the unit as a text such as 'IU', or None; found {shown(unit)}"
        )
    return unit


def _read(name: str, values: Any, unit: str | None) -> tuple[Values, str | None]:
    # An array of finite numbers needs no look at each of them; an axis may have ten million.
    if isinstance(values, np.ndarray) and values.dtype.kind in "if" and np.isfinite(values).all():
        return values.astype(np.int64 if values.dtype.kind == "i" else np.float64), unit
    entries = [v.item() if isinstance(v, np.generic) else v for v in values]
    for i, value in enumerate(entries):
        if not isinstance(value, bool | int | float | str) and not hasattr(value, "magnitude"):
            raise InputError(
                f"{_place(name, i, entries)}: expected a number or a text; found {shown(value)}"
            )
        if isinstance(value, float) and not math.isfinite(value):
            raise InputError(
                f"{_place(name, i, entries)}: expected a finite number; found {value!r}"
            )
    # One kind for all: a text among numbers would have no unit to be read in.
    kinds = {
        "text" if isinstance(v, str) or hasattr(v, "magnitude") else type(v).__name__
        for v in entries
    }
    if kinds <= {"int", "float"}:
        return _numbers(name, entries), unit
    if len(kinds) > 1:
        raise InputError(
            f"axis {name!r}: expected all numbers or all texts; found {_some(entries)}"
        )
    if unit is not None:
        raise UnitError(
            f"axis {name!r}: unit={unit!r} goes with plain numbers; found {_some(entries)}"
        )
    return (np.array(entries), None) if kinds == {"bool"} else _texts(name, entries)


def _numbers(name: str, entries: Sequence[Any]) -> Values:
    # Whole numbers stay whole (a seed, a dyad), where a float still tells them apart.
    if any(isinstance(v, int) and abs(v) >= 2**53 for v in entries) or all(
        isinstance(v, int) for v in entries
    ):
        if any(abs(v) >= 2**53 for v in entries):
            raise InputError(
                f"axis {name!r}: expected numbers below 2**53; found {shown(max(entries, key=abs))}"
            )
        return np.array(entries, dtype=np.int64)
    return np.array(entries, dtype=np.float64)


def _texts(name: str, entries: Sequence[Any]) -> tuple[Values, str | None]:
    """Numbers in the first text's unit where all are numbers with units; the texts themselves where
    none is.
    """
    parts = [_parts(text) for text in _plain_texts(entries)]
    if all(quantity is None for quantity in parts):
        return np.array([str(v).strip() for v in entries]), None
    for i, quantity in enumerate(parts):
        if quantity is None:
            raise UnitError(
                f"{_place(name, i, entries)}: expected a number with a unit like the others; "
                f"found {entries[i]!r}"
            )
    quantities = [quantity for quantity in parts if quantity is not None]
    unit = quantities[0][1]
    # Texts of one unit need no kind: "8 puffs" and "24 puffs" are compared as they are.
    kind = next((k for k in KINDS if all(_fits(u, k) for _, u in quantities)), None)
    if kind is None and any(u != unit for _, u in quantities):
        raise UnitError(
            f"axis {name!r}: expected units of one kind; found"
            f" {_some(sorted({u for _, u in quantities}))}"
        )
    # Values in the first unit are left untouched, so that no rounding enters by a conversion.
    size = 1.0 if kind is None else units.convert(1.0, unit, kind)
    numbers = [v if u == unit else units.convert(v, u, str(kind)) / size for v, u in quantities]
    return np.array(numbers, dtype=np.float64), unit


def _plain_texts(entries: Sequence[Any]) -> list[str]:
    return [
        v if isinstance(v, str) else f"{float(v.magnitude)!r} {f'{v.units:~}'.replace(' ', '')}"
        for v in entries
    ]


def _parts(text: str) -> tuple[float, str] | None:
    # "1e999 IU" is written like a number, and is none that can be computed with
    match = _QUANTITY.match(text)
    return (
        None if match is None or not math.isfinite(float(match[1])) else (float(match[1]), match[2])
    )


def _fits(unit: str, kind: str) -> bool:
    try:
        units.convert(1.0, unit, kind)
    except UnitError:
        return False
    return True


def _number(value: Any) -> str:
    """A number as text that reads back as the same number."""
    return (
        # Below 1e15 every whole float is printed exactly.
        str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else repr(float(value))
    )


def _place(name: str, i: int, entries: Sequence[Any]) -> str:
    return f"axis {name!r}, value {i + 1} of {len(entries)}"


def _some(values: Sequence[Any]) -> str:
    return ", ".join(shown(v) for v in values[:4]) + (", ..." if len(values) > 4 else "")
