"""The edges between the two sides of each correlation on the scoreboard, as
``data/edges_between.csv`` states them.

Between two sides lie the edges that lead from one to the other, and those by which a third thing
reaches one of them: with these cut, one side at least follows its own traits alone. Cutting fewer
would count what a third thing does to both as a trait.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType


@dataclass(frozen=True)
class EdgesBetween:
    """What lies between the two sides of a correlation.

    Attributes
    ----------
    finding : its id.
    side, other_side : what goes together.
    edges : names of the edges that are cut.

    >>> edges_between()["C11"].side
    'infant oxytocin'
    """

    finding: str
    side: str
    other_side: str
    edges: tuple[str, ...]


@functools.cache
def edges_between() -> Mapping[str, EdgesBetween]:
    """Every correlation on the scoreboard by the id of its finding.

    >>> "mind_mindedness -> infant_oxytocin" in edges_between()["C11"].edges
    True
    """
    text = resources.files("oxysim").joinpath("data/edges_between.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(), strict=True)
    return MappingProxyType(
        {
            row["finding"]: EdgesBetween(
                row["finding"], row["side"], row["other_side"], tuple(row["edges"].split("; "))
            )
            for row in rows
        }
    )
