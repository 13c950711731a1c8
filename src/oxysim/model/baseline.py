"""The usual value of every signal: its daily mean in the reference household, per role and stage of
infant age.

A household is a set of roles: a dyad of one caregiver who is with the infant all day, or a family
in which the others are away in working hours.

The values are computed from the model itself (``scripts/update_reference_day.py``) and stored in
``data/usual_signals.csv``; a test recomputes them. They make the reference dyad a resting point by
construction: every slow equation responds to deviations from them.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any, get_type_hints

from oxysim.model.registry import ROLES, edges
from oxysim.model.structure import CaregiverEdges, InfantEdges, Usual


def edge_table(kind: type[Any], value_of: Mapping[str, Any]) -> Any:
    """A ``CaregiverEdges`` or ``InfantEdges`` filled from a mapping edge name -> value."""
    groups = get_type_hints(kind)
    return kind(
        *[
            g(*[value_of[f"{field} -> {group}"] for field in g._fields])
            for group, g in groups.items()
        ]
    )


def flatten(table: CaregiverEdges | InfantEdges) -> dict[str, Any]:
    """The values of an edge table by edge name."""
    groups: Sequence[Any] = table
    names = table._fields
    return {
        f"{field} -> {name}": v
        for name, g in zip(names, groups, strict=True)
        for field, v in g._asdict().items()
    }


@functools.cache
def stored() -> Mapping[tuple[tuple[str, ...], int, str], Mapping[str, float]]:
    """All stored values: (household, stage, member) -> edge name -> usual value."""
    text = resources.files("oxysim").joinpath("data/usual_signals.csv").read_text(encoding="utf-8")
    found: dict[tuple[tuple[str, ...], int, str], dict[str, float]] = {}
    for row in csv.DictReader(text.splitlines()):
        key = (tuple(row["household"].split("+")), int(row["stage"]), row["member"])
        found.setdefault(key, {})[row["edge"]] = float(row["usual"])
    return found


@functools.cache
def usual_signals(roles: tuple[str, ...], stage: int) -> Usual:
    """The usual signals of a family whose caregivers have these `roles`, at a `stage` of infant age
    (0-3).

    Caregiver by caregiver they are those of the reference household with the same roles, whatever
    the order. Two caregivers of one role count as one in the household (a limit: their infant gets
    more contact than that household's).
    """
    household = tuple(role for role in ROLES if role in roles)
    table = stored()
    caregivers = tuple(edge_table(CaregiverEdges, table[household, stage, role]) for role in roles)
    return Usual(caregivers, edge_table(InfantEdges, table[household, stage, "infant"]))


def neutral(roles: tuple[str, ...]) -> Usual:
    """One in place of every usual value: where the computation of the usual values starts from."""
    ones = dict.fromkeys(edges(), 1.0)
    return Usual(
        tuple(edge_table(CaregiverEdges, ones) for _ in roles), edge_table(InfantEdges, ones)
    )
