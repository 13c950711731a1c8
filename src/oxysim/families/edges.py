"""Edges of a family: what is cut or scaled, and the multipliers as the equations take them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from oxysim.checks import texts
from oxysim.errors import InputError
from oxysim.families.family_checks import numbers_in
from oxysim.model import registry
from oxysim.model.edge_tables import fill_edges


def edge_multipliers(cut: Iterable[str] | str, scale: Mapping[str, Any] | None) -> dict[str, Any]:
    """Edge name -> multiplier from a list of cuts and a mapping of scales.

    Raises
    ------
    UnknownNameError : no such edge.
    InputError : a multiplier outside [0, the edge's limit], or an edge both cut and scaled.

    >>> edge_multipliers(["bond -> depression"], {"reward -> depression": 0.5})
    {'bond -> depression': 0.0, 'reward -> depression': 0.5}
    """
    factors: dict[str, Any] = {}
    # a cut is a multiplier of zero, under the edge's full name
    for name in texts(cut, "cut", of="edge names such as ['reward -> depression']"):
        factors[registry.edge_place(name).row.name] = 0.0
    if not isinstance(scale, Mapping | None):
        raise InputError(f"scale: expected a mapping of edge names to multipliers; found {scale!r}")
    for name, value in (scale or {}).items():
        row = registry.edge_place(name).row
        full, expected = row.name, f"a multiplier in [0, {row.limit:g}]"
        numbers = numbers_in(value, f"edge {full!r}", expected)
        # cut and scaled: which of the two is not guessed
        if full in factors:
            raise InputError(f"edge {full!r} is both cut and scaled; do one")
        if not (
            np.all(np.isfinite(numbers)) and np.all(numbers >= 0) and np.all(numbers <= row.limit)
        ):
            # an edge that passes a level has a limit of 1; name the way around it
            why = (
                ""
                if row.limit > 1
                else "; it carries a level: strengthen the gain of what hears it instead"
            )
            raise InputError(f"edge {full!r}: expected {expected}; found {value!r}{why}")
        factors[full] = numbers if numbers.ndim else float(numbers)
    return factors


def multipliers(kind: Any, changed: Mapping[str, Any]) -> Any:
    """An edge table of multipliers, with None for every group in which all edges are whole.

    >>> from oxysim.model.structure import InfantEdges
    >>> table = multipliers(InfantEdges, {"care -> infant_methylation": 0.0})
    >>> table.infant_methylation.care, table.infant_arousal
    (0.0, None)
    """
    # every edge whole, but for those that are changed
    whole = fill_edges(kind, dict.fromkeys(registry.edges(), 1.0) | dict(changed))
    touched = {registry.edge_place(name).group for name in changed}
    return kind(
        *[
            group if name in touched else None
            for name, group in zip(kind._fields, whole, strict=True)
        ]
    )
