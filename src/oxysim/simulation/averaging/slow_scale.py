"""The slow states' own scales and times: a state between a floor and a top relaxes on the logit
scale of its share.
"""

from __future__ import annotations

from typing import Any

from oxysim.model.mechanisms.shapes import LN2
from oxysim.model.structure import CaregiverParameters

TOPS = {"depression": 30.0, "bond": 1.0, "confidence": 1.0, "methylation": 100.0}
"""The tops of the states that relax between 0 and a top; the others relax as they are."""


def time_constant(own: CaregiverParameters, quantity: str) -> Any:
    """The time constant of a caregiver's slow state, minutes."""
    match quantity:
        case "depression":
            return own.depression.time_constant
        case "bond":
            return own.bond.bond_time
        case "confidence":
            return own.bond.confidence_time
        case "coaching_skill":
            return own.mentalising.skill_half_life / LN2
        case "therapy_skill":
            return own.depression.therapy_half_life / LN2
        case _:
            return own.mentalising.time_constant
