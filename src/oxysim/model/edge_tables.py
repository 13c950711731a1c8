"""Tables with one value an edge, by edge name and back: multipliers, signals, usual values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_type_hints

from oxysim.model.registry import edge_place, edges
from oxysim.model.structure import CaregiverEdges, InfantEdges, Usual


def fill_edges(kind: type[Any], values: Mapping[str, Any]) -> Any:
    """A ``CaregiverEdges`` or ``InfantEdges`` filled from a mapping edge name -> value.

    >>> fill_edges(InfantEdges, dict.fromkeys(edges(), 1.0)).infant_cortisol.arousal
    1.0
    """
    groups = get_type_hints(kind)
    return kind(
        *[
            group(*[values[f"{field} -> {name}"] for field in group._fields])
            for name, group in groups.items()
        ]
    )


def multiplier_table(kind: Any, changed: Mapping[str, Any]) -> Any:
    """An edge table of multipliers, with None for every group in which all edges are whole.

    >>> table = multiplier_table(InfantEdges, {"care -> infant_methylation": 0.0})
    >>> table.infant_methylation.care, table.infant_arousal
    (0.0, None)
    """
    # every edge whole, but for those that are changed
    whole = fill_edges(kind, dict.fromkeys(edges(), 1.0) | dict(changed))
    touched = {edge_place(name).group for name in changed}
    return kind(
        *[
            group if name in touched else None
            for name, group in zip(kind._fields, whole, strict=True)
        ]
    )


def by_edge_name(table: CaregiverEdges | InfantEdges) -> dict[str, Any]:
    """The values of an edge table by edge name: the inverse of :func:`fill_edges`.

    >>> ones = fill_edges(InfantEdges, dict.fromkeys(edges(), 1.0))
    >>> by_edge_name(ones)["care -> infant_methylation"]
    1.0
    """
    groups: tuple[Any, ...] = table
    return {
        f"{field} -> {name}": value
        for name, group in zip(table._fields, groups, strict=True)
        for field, value in group._asdict().items()
    }


def neutral(roles: tuple[str, ...]) -> Usual:
    """One in place of every usual value: where the computation of the usual values starts from.

    >>> neutral(("mother",)).infant.readability.infant_affect
    1.0
    """
    # one, not zero: some terms are relative to the usual, and would divide by it
    ones = dict.fromkeys(edges(), 1.0)
    caregivers = tuple(fill_edges(CaregiverEdges, ones) for _ in roles)
    return Usual(caregivers, fill_edges(InfantEdges, ones))
