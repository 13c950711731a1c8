"""A sample of dyads, each parameter drawn independently from its own row's distribution.

Independence between parameters is an assumption: a community in which traits go together takes
another description.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from oxysim import checks, units
from oxysim.arrays import FloatArray, IntArray
from oxysim.checks import instance, refused, sequence, whole_number
from oxysim.errors import InputError
from oxysim.families import MAXIMAL_AGE, Family
from oxysim.families.family_checks import checked_numbers
from oxysim.model import registry
from oxysim.per_dyad import MOST_FAMILIES
from oxysim.population.quantiles import quantile
from oxysim.streams import position_uniforms

Age = str | tuple[str, str]


def sample(
    n: int,
    *,
    seed: int,
    caregivers: tuple[str, ...] = ("mother",),
    infant_age: Age = "5 months",
    fixed: Mapping[str, Any] | None = None,
    varied: Iterable[str] | None = None,
) -> Family:
    """`n` families, every parameter drawn independently between families.

    A draw depends on the seed, the dyad's number and the parameter's name alone: taking more dyads,
    or varying other parameters, changes no draw that was there before.

    Parameters
    ----------
    n : how many families, at least 1; they are numbered 0 to n - 1.
    seed : key of the draws.
    caregivers : names of the caregivers, each a role.
    infant_age : one age for all ("5 months"), or the ends of a range over which ages spread: ("3
        months", "9 months").
    fixed : parameter name -> value to hold, in the row's unit.
    varied : names of the parameters that vary, the others being at their defaults; default all but
        "fixed" rows.

    Returns
    -------
    Family : an ensemble of length n.

    Raises
    ------
    InputError : n below 1, a reversed range of ages, a parameter both fixed and varied.
    UnknownNameError : no such parameter.

    >>> sample(2, seed=1, varied=["caregiver.bond.reward_gain"]).numbers
    (0, 1)
    """
    # here, so that the message names n and not the numbers that draw() is given
    require_count(n)
    return draw(
        range(n),
        seed=seed,
        caregivers=caregivers,
        infant_age=infant_age,
        fixed=fixed,
        varied=varied,
    )


def draw(
    dyads: Sequence[int],
    *,
    seed: int,
    caregivers: tuple[str, ...] = ("mother",),
    infant_age: Age = "5 months",
    fixed: Mapping[str, Any] | None = None,
    varied: Iterable[str] | None = None,
) -> Family:
    """The families of a sample with these numbers: :func:`sample` for any dyads.

    >>> draw([7, 3], seed=1, varied=[]).numbers
    (7, 3)
    """
    numbers = different_dyads(dyads)
    # one value a parameter: an array would fix which dyad has which, against its number
    fixed_values = instance(
        {} if fixed is None else fixed, "fixed", Mapping, "a mapping of parameters to values"
    )
    template = Family(
        caregivers,
        parameters={name: value for name, value in fixed_values.items() if np.ndim(value) == 0},
    )
    if len(template.parameters) < len(_expanded(fixed_values, template.caregivers)):
        raise InputError(
            f"fixed: expected one value a parameter; found arrays among {sorted(fixed_values)}"
        )
    names = _varied_names(template, fixed_values, varied)
    values = {}
    for name in names:
        # a row may have another default for another role, such as a father's oxytocin
        member = name.partition(".")[0]
        row = registry.parameter_row(name, template.caregivers)[2]
        role = "" if member == "infant" else template.role_of[template.caregivers.index(member)]
        values[name] = quantile(row, position_uniforms(seed, numbers, f"parameter {name}"), role)
    ages = ages_of(infant_age, seed, numbers)
    # ages and numbers first: they say how many dyads the values are for
    ensemble = template.replace(infant_age=ages, dyads=tuple(numbers.tolist()))
    return ensemble.with_parameters(values)


def _varied_names(
    template: Family, fixed_values: Mapping[str, Any], varied: Iterable[str] | None
) -> list[str]:
    """Full names of the parameters to draw, in the order of the registry."""
    # "caregiver.x" fixes it in both of two caregivers, so that full names are compared
    fixed = _expanded(fixed_values, template.caregivers)
    if varied is None:
        return [name for name in _drawable(template) if name not in fixed]
    # a text is a sequence too, of letters: each would be refused as an unknown parameter
    if isinstance(varied, str):
        raise InputError(f"varied: expected a list of parameter names; found the text {varied!r}")
    chosen = _expanded(
        sequence(varied, "varied", checks.name, of="parameter names", least=0), template.caregivers
    )
    both = sorted(chosen & fixed)
    if both:
        raise InputError(
            f"parameter {both[0]!r} is both fixed and varied; name it in one of the two"
        )
    return sorted(chosen)


def _drawable(template: Family) -> list[str]:
    names = []
    for name, row in registry.parameters().items():
        if row.distribution != "fixed":
            # a set has no order that stays from run to run
            names += sorted(_expanded([name], template.caregivers))
    return names


def _expanded(names: Iterable[str], caregivers: tuple[str, ...]) -> set[str]:
    """Full names; "caregiver." stands for every caregiver."""
    full_names = set()
    for name in names:
        members, rest, _ = registry.parameter_row(name, caregivers)
        full_names |= {f"{member}.{rest}" for member in members}
    return full_names


def ages_of(infant_age: Age, seed: int, numbers: IntArray) -> Any:
    """The infants' ages as a family takes them: one for all, or spread over a range.

    >>> ages_of("5 months", 1, np.arange(3))
    '5 months'
    """
    # one age for all is the family's to check
    if isinstance(infant_age, str) or not isinstance(infant_age, tuple | list):
        return infant_age
    if len(infant_age) != 2:
        raise InputError(
            f"infant_age: expected one age or the two ends of a range; found {infant_age!r}"
        )
    # birth may be the lower end: 0 is an age
    low, high = (units.duration(age, "infant_age", positive=False) for age in infant_age)
    if not low < high <= MAXIMAL_AGE:
        raise InputError(
            "infant_age: expected a range with its lower end first, up to 36 months; found"
            f" {infant_age!r}"
        )
    # texts, as a family takes ages: a bare number would have no unit
    return [f"{age} min" for age in spread_ages(low, high, seed, numbers).tolist()]


def spread_ages(low: float, high: float, seed: int, numbers: IntArray) -> FloatArray:
    """Ages of the families with these numbers, evenly over a range, in the range's unit.

    >>> bool(3.0 < spread_ages(3.0, 9.0, 1, np.array([4]))[0] < 9.0)
    True
    """
    return low + (high - low) * position_uniforms(seed, numbers, "infant age")


def different_dyads(dyads: Any) -> IntArray:
    """Numbers of dyads, shape (n,): whole, different, of at least 0.

    Raises
    ------
    InputError : none, or others.

    >>> different_dyads([4, 2])
    array([4, 2])
    """
    # an array of whole numbers is looked at as a whole: a million of them, one by one, take time
    whole = (
        isinstance(dyads, np.ndarray)
        and dyads.ndim == 1
        and dyads.dtype.kind in "iu"
        and dyads.size
    )
    if (
        isinstance(dyads, range)
        and 0 < len(dyads) <= MOST_FAMILIES
        and min(dyads[0], dyads[-1]) >= 0
    ):
        return np.asarray(dyads, dtype=np.int64)  # a million of them need no look at each
    if whole and dyads.min() >= 0 and np.unique(dyads).size == dyads.size:
        return np.asarray(dyads, dtype=np.int64)
    checked = checked_numbers(dyads)
    if not checked:
        raise refused(dyads, "dyads", "whole numbers of at least 0, one or more")
    return np.asarray(checked, dtype=np.int64)


def require_count(n: Any, label: str = "n") -> None:
    """Raise ``InputError`` unless `n` is a whole number of at least 1.

    >>> require_count(3)
    """
    whole_number(n, label)
