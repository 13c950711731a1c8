from oxysim.families.combined import combine
from oxysim.families.dyads import Dyad, named_dyads
from oxysim.families.family import Family
from oxysim.families.family_checks import MAXIMAL_AGE, MOST_FAMILIES
from oxysim.families.named_values import edge_multipliers

__all__ = [
    "MAXIMAL_AGE",
    "MOST_FAMILIES",
    "Dyad",
    "Family",
    "combine",
    "edge_multipliers",
    "named_dyads",
]
