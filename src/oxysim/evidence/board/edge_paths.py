"""What lies between what is done and what is read, finding by finding: groups of parameters, or
single ones.

A group ("caregiver.oxytocin") stands for all of a mechanism's parameters and for the edges that it
hears. A path holds what could move the answer within the time of its protocol: a state that does
not move in an hour is not on the path of a session of an hour.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Path = tuple[str, ...]
ADULT: Path = ("caregiver.oxytocin",)
SALIVA: Path = (*ADULT, "caregiver.nasal_spray.saliva_basal_ratio")
ENGAGED: Path = (*SALIVA, "caregiver.engagement")
INFANT: Path = ("infant.oxytocin", "infant.receptors")
SPRAYED: Path = (
    *ADULT, "caregiver.nasal_spray.depot_share", "caregiver.nasal_spray.depot_half_life",
    "caregiver.nasal_spray.absorbed_fraction", "caregiver.nasal_spray.brain_fraction",
    "caregiver.nasal_spray.brain_volume", "caregiver.nasal_spray.transit_half_life",
)  # fmt: skip
DRIPPING: Path = (
    *SALIVA,
    "caregiver.nasal_spray.residue_fast_share",
    "caregiver.nasal_spray.residue_slow_share",
    "caregiver.nasal_spray.residue_fast_half_life",
    "caregiver.nasal_spray.residue_slow_half_life",
    "caregiver.nasal_spray.capacity",
    "caregiver.nasal_spray.drip_fast",
    "caregiver.nasal_spray.drip_slow",
)
PLAYING: Path = (*SPRAYED, "caregiver.receptors", "caregiver.engagement", "caregiver.synchrony")
MOOD: Path = (
    "caregiver.depression",
    "caregiver.bond",
    "caregiver.reward",
    "caregiver.engagement",
    "caregiver.stress",
    "caregiver.oxytocin",
    "caregiver.receptors",
    "caregiver.mentalising",
    "caregiver.affect",
    "caregiver.synchrony",
    "infant.oxytocin",
    "infant.receptors",
    "infant.affect",
    "infant.stress",
)
"""The slow loop: over weeks everything in it bears on everything else."""
GROWTH: Path = ("infant.methylation", "infant.development")

PATHS: Mapping[str, Path] = MappingProxyType({
    "C7a": SALIVA,
    **dict.fromkeys(("C7b", "C7c", "C7d", "C7e"), DRIPPING),
    "C13": (
        *ADULT, "caregiver.nasal_spray.depot_share", "caregiver.nasal_spray.depot_half_life",
        "caregiver.nasal_spray.absorbed_fraction",
    ),
    "C14": SPRAYED,
    "C8a": SALIVA,
    **dict.fromkeys(("V1", "V2"), ENGAGED),
    "V3": ("infant.oxytocin", "caregiver.engagement"),
    "V4": (*INFANT, "infant.stress", "caregiver.engagement"),
    **dict.fromkeys(("H1a", "H1e"), (*PLAYING, "caregiver.affect")),
    **dict.fromkeys(("H1b", "H2"), (*PLAYING, "caregiver.mentalising")),
    **dict.fromkeys(("H1c", "H1d"), (*PLAYING, "caregiver.stress")),
    "K1": (*MOOD, "infant.methylation"),
    "K2": ("caregiver.receptors.adult_methylation",),
    "K3": GROWTH,
    "K4": (*MOOD, "infant.methylation"),
    "VA1": ADULT,
    "VA2": (*ADULT, "caregiver.stress"),
    "VA3": SPRAYED,
})  # fmt: skip
"""Where the path of a finding is shorter than that of the whole run."""
