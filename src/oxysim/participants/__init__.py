"""Who is simulated: a dyad, a family, or an ensemble of either, by named parameters and starting values."""

from __future__ import annotations

from oxysim.participants.checking import MAXIMAL_AGE, MOST_FAMILIES
from oxysim.participants.dyad import Dyad, named_dyads
from oxysim.participants.edges import edge_multipliers
from oxysim.participants.family import Family, combine

__all__ = ["MAXIMAL_AGE", "MOST_FAMILIES", "Dyad", "Family", "combine", "edge_multipliers", "named_dyads"]
