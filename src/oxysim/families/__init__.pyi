from oxysim.families.combined import combine
from oxysim.families.dyads import Dyad, named_dyads
from oxysim.families.family import Family
from oxysim.families.family_checks import MAXIMAL_AGE
from oxysim.families.named_values import edge_multipliers
from oxysim.per_dyad import MOST_FAMILIES

__all__ = [
    "MAXIMAL_AGE",
    "MOST_FAMILIES",
    "Dyad",
    "Family",
    "combine",
    "edge_multipliers",
    "named_dyads",
]
