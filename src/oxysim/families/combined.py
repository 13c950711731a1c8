"""Several families, or ensembles of them, as one ensemble."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.checks import instance, sequence
from oxysim.errors import InputError
from oxysim.families.family import Family
from oxysim.families.named_values import default_value


def combine(families: Iterable[Family]) -> Family:
    """One ensemble of several single families or ensembles with the same caregivers.

    Raises
    ------
    InputError : none given, or their caregivers differ.

    >>> len(combine([Family(), Family().repeat(2)]))
    3
    """
    parts = sequence(families, "families", _family, of="families, at least one")
    first = parts[0]
    for family in parts:
        if family.caregivers != first.caregivers or family.role_of != first.role_of:
            raise InputError(
                f"ensemble: expected families with the same caregivers; found {first!r} and"
                f" {family!r}"
            )
    # the defaults that fill in for a family that leaves a parameter open are its role's
    roles = dict(zip(first.members, (*first.role_of, ""), strict=True))

    def joined(store: str, name: str) -> FloatArray:
        # A start that some families leave open is NaN: they start at their own set point.
        member = name.partition(".")[0]
        missing = default_value(name, roles[member]) if store == "parameters" else math.nan
        values = [getattr(family, store).get(name, missing) for family in parts]
        return _one_each(values, parts)

    # each origin once, in the order of the families
    origins = dict.fromkeys(family.origin or "single families" for family in parts)
    return first._copy(
        parameters={
            name: joined("parameters", name) for family in parts for name in family.parameters
        },
        start={name: joined("start", name) for family in parts for name in family.start},
        infant_age=_one_each([family.infant_age for family in parts], parts),
        # anew: the numbers of two ensembles may be the same
        dyads=range(sum(len(family) for family in parts)),
        origin=" and ".join(origins) if any(family.origin for family in parts) else "",
    )


def _one_each(values: list[object], parts: tuple[Family, ...]) -> FloatArray:
    """One value a family, shape (n,), from one value or an array for each part."""
    rows = [
        np.broadcast_to(np.asarray(value, dtype=float), (len(family),))
        for value, family in zip(values, parts, strict=True)
    ]
    return np.concatenate(rows)


def _family(value: object, name: str) -> Family:
    return instance(value, name, Family, "a Dyad or a Family")
