"""What may be said of families: names, ages, numbers and values, checked before they are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sized
from typing import Any

import numpy as np

from oxysim import units
from oxysim.arrays import FloatArray, IntArray
from oxysim.checks import refused
from oxysim.errors import InputError

MAXIMAL_AGE = 36 * units.MONTH
MOST_FAMILIES = 10_000_000
"""The most families of one ensemble that stands in memory; Members are drawn where they are run,
and may be more.
"""


def _each(value: Any) -> list[Any]:
    """The entries of an array or list (of numbers, texts with units or quantities), or the one
    value.
    """
    return list(value) if np.ndim(value) else [value]


def numbers_in(value: Any, what: str, expected: str) -> FloatArray:
    """Plain numbers as an array; texts, truth values and quantities with units are refused."""
    entries = _each(value)
    if not all(
        isinstance(v, int | float | np.integer | np.floating) and not isinstance(v, bool)
        for v in entries
    ):
        raise InputError(f"{what}: expected {expected}; found {value!r}")
    return np.array(entries if np.ndim(value) else entries[0], dtype=float)


def depth(value: Any, what: str) -> int:
    """How many dimensions a value has; a range can be longer than memory, and is refused before it
    is an array.
    """
    if isinstance(value, Sized) and not isinstance(value, str) and len(value) > MOST_FAMILIES:
        raise refused(value, what, f"at most {MOST_FAMILIES} values, one a dyad")
    try:
        return np.ndim(value)
    except ValueError:  # lists of unequal lengths
        raise refused(value, what, "one value, or one a dyad") from None


def positions(index: Any, n: int) -> IntArray:
    """Positions among `n`, from positions or from one truth value for each."""
    expected = f"positions from 0 to {n - 1}, at least one (or {n} truth values)"
    if isinstance(index, Sized) and len(index) > MOST_FAMILIES:
        raise refused(index, "take", expected)
    depth(index, "take")
    chosen = np.atleast_1d(np.asarray(index))
    if chosen.dtype.kind == "b" and chosen.shape == (n,):
        chosen = np.flatnonzero(chosen)
    inside = (
        chosen.dtype.kind in "iu"
        and chosen.ndim == 1
        and chosen.size
        and 0 <= chosen.min() <= chosen.max() < n
    )
    if not inside:
        raise refused(index, "take", expected)
    return chosen.astype(np.int64)


def checked_numbers(dyads: Any) -> tuple[int, ...] | None:
    """The numbers of an ensemble's families, each its own; None where none are given.

    Raises
    ------
    InputError : what is no whole number of at least 0, two that are equal, or too many.

    >>> checked_numbers(range(3))
    (0, 1, 2)
    """
    if dyads is None:
        return None
    if isinstance(dyads, np.ndarray):
        dyads = dyads.tolist()
    expected = "whole numbers of at least 0, one or more"
    if isinstance(dyads, str | bytes | Mapping) or not isinstance(dyads, Iterable):
        raise refused(dyads, "dyads", expected)
    if isinstance(dyads, Sized) and len(dyads) > MOST_FAMILIES:
        raise refused(dyads, "dyads", f"at most {MOST_FAMILIES} numbers of families")
    each = tuple(dyads)
    if not all(
        isinstance(one, int | np.integer) and not isinstance(one, bool) and 0 <= one <= 2**62
        for one in each
    ):
        raise refused(dyads, "dyads", expected)
    each = tuple(int(one) for one in each)
    if len(set(each)) < len(each):
        twice = next(number for number in each if each.count(number) > 1)
        raise refused(
            f"{twice} twice",
            "dyads",
            "different whole numbers: equal ones share their luck",
            as_text=True,
        )
    return each


def ages_in_minutes(value: Any) -> Any:
    if isinstance(value, list | tuple | np.ndarray):
        if depth(value, "infant_age") > 1:
            raise InputError(
                "infant_age: expected one age, or one a family; found an array of shape"
                f" {np.shape(value)}"
            )
        return np.array([ages_in_minutes(v) for v in value])
    age = units.duration(value, "infant_age", positive=False)
    if age > MAXIMAL_AGE:
        raise InputError(f"infant_age: the model holds up to 36 months; found {value!r}")
    return age
