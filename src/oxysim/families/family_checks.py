"""Checks of what describes families: names, ages, numbers and values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sized
from typing import Any

import numpy as np

from oxysim import units
from oxysim.arrays import FloatArray
from oxysim.checks import instance, refused, texts
from oxysim.errors import InputError, unknown_name
from oxysim.model import registry
from oxysim.per_dyad import MOST_FAMILIES, depth

# the typical day, and with it the usual signals, are known up to three years
MAXIMAL_AGE = 36 * units.MONTH


def caregiver_names(caregivers: Any) -> tuple[str, ...]:
    """The names of caregivers as a tuple, from one or several.

    >>> caregiver_names("mother")
    ('mother',)
    """
    return texts(caregivers, "caregivers", of="names such as ('mother', 'father')")


def checked_caregivers(caregivers: Any, roles: Any, origin: Any) -> tuple[str, ...]:
    """The caregivers' names, with their roles and the families' origin checked beside them.

    Raises
    ------
    InputError : no names, equal ones, or a word that stands for a member. UnknownNameError : a role
        that does not exist, or one for nobody.

    >>> checked_caregivers(["Anna", "father"], {"Anna": "mother"}, "")
    ('Anna', 'father')
    """
    names = caregiver_names(caregivers)
    if not names or len(set(names)) != len(names) or {"caregiver", "infant"} & set(names):
        raise InputError(
            f"caregivers: expected different names such as ('mother', 'father'); found {names!r}"
        )
    instance(roles, "roles", Mapping, "a mapping of caregivers' names to roles")
    instance(origin, "origin", str, "where the families come from, in words")
    for name in names:
        role = roles.get(name, name)
        if role not in registry.ROLES:
            raise unknown_name("role", role, registry.ROLES, f"of caregiver {name!r}")
    # a role for nobody is a misspelt name
    for name in roles:
        if name not in names:
            raise unknown_name("caregiver", name, names, "in roles")
    return names


def _each(value: Any) -> list[Any]:
    """The entries of an array or list (of numbers, texts with units or quantities), or the one
    value.
    """
    return list(value) if np.ndim(value) else [value]


def numbers_in(value: Any, name: str, expected: str) -> FloatArray:
    """Plain numbers as an array; texts, truth values and quantities with units are refused.

    >>> numbers_in([1, 2], "start", "numbers")
    array([1., 2.])
    """
    # entry by entry: an array of mixed kinds would hide a truth value or a text
    entries = _each(value)
    if not all(
        isinstance(v, int | float | np.integer | np.floating) and not isinstance(v, bool)
        for v in entries
    ):
        raise InputError(f"{name}: expected {expected}; found {value!r}")
    return np.array(entries if np.ndim(value) else entries[0], dtype=float)


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
    # NumPy's own whole numbers are told apart from floats below
    if isinstance(dyads, np.ndarray):
        dyads = dyads.tolist()
    expected = "whole numbers of at least 0, one or more"
    if isinstance(dyads, str | bytes | Mapping) or not isinstance(dyads, Iterable):
        raise refused(dyads, "dyads", expected)
    if isinstance(dyads, Sized) and len(dyads) > MOST_FAMILIES:
        raise refused(dyads, "dyads", f"at most {MOST_FAMILIES} numbers of families")
    numbers = tuple(dyads)
    if not all(
        isinstance(number, int | np.integer)
        and not isinstance(number, bool)
        and 0 <= number <= 2**62
        for number in numbers
    ):
        raise refused(dyads, "dyads", expected)
    numbers = tuple(int(number) for number in numbers)
    if len(set(numbers)) < len(numbers):
        twice = next(number for number in numbers if numbers.count(number) > 1)
        raise refused(
            f"{twice} twice",
            "dyads",
            "different whole numbers: equal ones share their luck",
            as_text=True,
        )
    return numbers


def ages_in_minutes(value: Any) -> Any:
    """The infant's age in minutes, one or one a family, from texts with units or quantities.

    Raises
    ------
    InputError : an age beyond 36 months, or a table of ages. UnitError : no length of time.

    >>> ages_in_minutes("2 h")
    120.0
    """
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
