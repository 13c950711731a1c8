"""Averaged systems of dyads for tests of the loop."""

from __future__ import annotations

import oxysim as ox
from oxysim.loop.averaged_system import AveragedSystem


def strong() -> AveragedSystem:
    """The recovered dyad of a strong loop, its infant's methylation held where it is."""
    return AveragedSystem(ox.Dyad.recovered(), held=("infant.methylation",), settle=1)
