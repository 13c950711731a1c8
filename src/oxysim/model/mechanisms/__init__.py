"""The mechanisms: one file each, with its equation, its parameters, their sources and its limits of
validity.
"""

from oxysim.model.mechanisms import (
    affect,
    bond,
    caregiver_oxytocin,
    depression,
    development,
    engagement,
    infant_affect,
    infant_oxytocin,
    mentalising,
    methylation,
    nasal_spray,
    receptors,
    reward,
    stress,
    synchrony,
)

__all__ = [
    "affect",
    "bond",
    "caregiver_oxytocin",
    "depression",
    "development",
    "engagement",
    "infant_affect",
    "infant_oxytocin",
    "mentalising",
    "methylation",
    "nasal_spray",
    "receptors",
    "reward",
    "stress",
    "synchrony",
]
