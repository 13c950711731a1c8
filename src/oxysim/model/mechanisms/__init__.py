"""The mechanisms: one file each, with its equation, parameters, sources and limits of validity.

- M1 ``nasal_spray``, M2 ``caregiver_oxytocin``, M3 ``infant_oxytocin``, M4 ``receptors``, M5
  ``methylation``: oxytocin, from the dose to the receptor;
- M6 ``reward``, M7 ``affect``, M19 ``infant_affect``, M10 ``engagement``, M13 ``synchrony``, M11
  ``stress``, ``infant_stress`` and ``cortisol``: minutes of interaction;
- M8 ``mentalising``, M20 ``mood``, M9 ``depression``, M18 ``bond``, M12 ``development``: days to
  months;
- ``shapes``: the few curves that all of them use.
"""

from oxysim.model.mechanisms import (
    affect,
    bond,
    caregiver_oxytocin,
    cortisol,
    depression,
    development,
    engagement,
    infant_affect,
    infant_oxytocin,
    infant_stress,
    mentalising,
    methylation,
    mood,
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
    "cortisol",
    "depression",
    "development",
    "engagement",
    "infant_affect",
    "infant_oxytocin",
    "infant_stress",
    "mentalising",
    "methylation",
    "mood",
    "nasal_spray",
    "receptors",
    "reward",
    "stress",
    "synchrony",
]
