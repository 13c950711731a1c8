"""Who is simulated: a dyad, a family, or an ensemble of either, by named parameters and starting
values.
"""

from __future__ import annotations

from oxysim.families.dyads import Dyad, named_dyads
from oxysim.families.edge_multipliers import edge_multipliers
from oxysim.families.family import Family, combine
from oxysim.families.family_checks import MAXIMAL_AGE, MOST_FAMILIES

__all__ = [
    "MAXIMAL_AGE",
    "MOST_FAMILIES",
    "Dyad",
    "Family",
    "combine",
    "edge_multipliers",
    "named_dyads",
]
