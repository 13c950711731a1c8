"""What carries each correlation, as it was last worked out (``data/trait_or_edge.csv``, written by
``scripts/update_trait_or_edge.py``): asking anew takes minutes.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import NamedTuple


class StoredAnswer(NamedTuple):
    """Finding's id -> "trait", "edge", "both" or "neither", and of which population.

    >>> stored_answer().words["VA2"]
    'edge'
    """

    words: Mapping[str, str]
    population: str
    fingerprint: str


@functools.cache
def stored_answer() -> StoredAnswer:
    """The packaged answer.

    >>> stored_answer().population
    'community'
    """
    text = resources.files("oxysim").joinpath("data/trait_or_edge.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines(), strict=True))
    first = rows[0]
    words = {row["finding"]: row["trait_or_edge"] for row in rows}
    return StoredAnswer(MappingProxyType(words), first["population"], first["fingerprint"])
