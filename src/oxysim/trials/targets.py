"""Published findings that a protocol answers: the figures, their intervals, the rule of agreement and the citation.

They live in ``data/targets.csv``, once; protocols and their tables read them here. ``use`` says how far a row is
evidence: ``input`` set a parameter, ``fit`` a calibration may read, ``built_in`` the mechanism was written to have (a
regression test).
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import NamedTuple

from oxysim.errors import unknown_name


class Target(NamedTuple):
    """One published finding.

    ``figure`` is the published value in words or digits; ``low`` and ``high`` the closed interval for agreement, in
    ``unit`` (None where the rule needs none); ``n`` the published number of participants (None where it was not found);
    ``protocol`` the number of the protocol that answers it.
    """

    id: str
    use: str
    quantity: str
    figure: str
    low: float | None
    high: float | None
    unit: str
    population: str
    n: int | None
    protocol: int
    rule: str
    source: str
    status: str

    def holds(self, value: float) -> bool:
        """Whether `value` lies inside the interval; an open end does not bound it."""
        above = self.low is None or value >= self.low
        return above and (self.high is None or value <= self.high)


@functools.cache
def targets() -> Mapping[str, Target]:
    """Every stored finding by its id, for instance ``C7a``."""
    text = resources.files("oxysim").joinpath("data/targets.csv").read_text(encoding="utf-8")
    return MappingProxyType({row["id"]: _target(row) for row in csv.DictReader(text.splitlines())})


def target(name: str) -> Target:
    """One finding by its id; an unknown id raises with the nearest three."""
    if name not in targets():
        raise unknown_name("published finding", name, targets())
    return targets()[name]


def _target(row: Mapping[str, str]) -> Target:
    limits = {end: float(row[end]) if row[end] else None for end in ("low", "high")}
    number = int(row["n"]) if row["n"] else None
    return Target(**{**row, **limits, "n": number, "protocol": int(row["protocol"])})  # type: ignore[arg-type]
