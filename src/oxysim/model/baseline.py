"""The usual value of every signal: its daily mean in the reference household, per role and stage of
infant age.

A household is a set of roles: a dyad of one caregiver who is with the infant all day, or a family
in which the others are away in working hours.

The values follow from the model itself. Those of the released model are shipped in
``data/usual_signals.csv``, each household and stage with the digest of what it was computed from
(``data/usual_signals_digests.csv``); :mod:`oxysim.simulation.baseline_signals` believes them while
that digest is right, and computes them where it is not. They make the reference dyad a resting
point by construction: every slow equation responds to deviations from them.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from importlib import resources
from typing import Any, NamedTuple, get_type_hints

from oxysim.model.registry import edges
from oxysim.model.structure import CaregiverEdges, InfantEdges, Usual

Signals = Mapping[str, Mapping[str, float]]
"""Member -> edge name -> usual value."""


class Shipped(NamedTuple):
    """The shipped signals of one household at one stage, and what they were computed from."""

    digest: str
    signals: Signals


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


@functools.cache
def shipped_signals() -> Mapping[tuple[tuple[str, ...], int], Shipped]:
    """Everything that is shipped: (household, stage) -> signals and digest.

    >>> sorted(shipped_signals()[("mother",), 0].signals)
    ['infant', 'mother']
    """
    signals: dict[tuple[tuple[str, ...], int], dict[str, dict[str, float]]] = {}
    for row in _rows_of("usual_signals.csv"):
        members = signals.setdefault(_household_and_stage(row), {})
        members.setdefault(row["member"], {})[row["edge"]] = float(row["usual"])
    digests = {
        _household_and_stage(row): row["sha256"] for row in _rows_of("usual_signals_digests.csv")
    }
    return {key: Shipped(digests.get(key, ""), members) for key, members in signals.items()}


def neutral(roles: tuple[str, ...]) -> Usual:
    """One in place of every usual value: where the computation of the usual values starts from.

    >>> neutral(("mother",)).infant.readability.infant_affect
    1.0
    """
    ones = dict.fromkeys(edges(), 1.0)
    caregivers = tuple(fill_edges(CaregiverEdges, ones) for _ in roles)
    return Usual(caregivers, fill_edges(InfantEdges, ones))


def _rows_of(name: str) -> csv.DictReader[str]:
    text = resources.files("oxysim").joinpath(f"data/{name}").read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())


def _household_and_stage(row: Mapping[str, str]) -> tuple[tuple[str, ...], int]:
    return tuple(row["household"].split("+")), int(row["stage"])
