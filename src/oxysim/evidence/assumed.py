"""How much of an answer rests on assumed parameters: a count along the path from what is done to what is read."""

from __future__ import annotations

from collections.abc import Iterable

from oxysim import registry
from oxysim.errors import unknown_name

DEFINITION = (
    "assumed: share of the parameters and edges of the mechanisms between what is done and what is read whose status "
    "is 'assumed'; a count, not weighted by how much each matters"
)


def assumed_share(path: Iterable[str]) -> float:
    """The share of assumed parameters and edges among those of some groups ("caregiver.oxytocin").

    Raises
    ------
    UnknownNameError : no such group.
    """
    statuses = [status for group in path for status in _statuses(group)]
    return statuses.count("assumed") / len(statuses)


def _statuses(group: str) -> list[str]:
    """The status of every parameter of a group, and of every edge that ends in it."""
    known = {name.rpartition(".")[0] for name in registry.parameters()}
    if group not in known:
        raise unknown_name("group of parameters", group, known)
    found: list[str] = [row.status for name, row in registry.parameters().items() if name.rpartition(".")[0] == group]
    member, _, mechanism = group.partition(".")
    own = _HEARERS.get(group, (f"{member}_{mechanism}", mechanism))
    edges = registry.edges().values()
    return found + [place.row.status for place in edges if place.member == member and place.group in own]


# where what hears an edge has another name than the parameters of its mechanism
_HEARERS = {
    "caregiver.reward": ("serotonin", "reward"),
    "caregiver.mentalising": ("mind_mindedness", "sensitivity"),
    "caregiver.stress": ("caregiver_arousal", "caregiver_cortisol"),
    "caregiver.bond": ("bond", "confidence"),
    "infant.stress": ("infant_arousal", "infant_cortisol"),
    "infant.affect": ("infant_affect", "readability"),
    "infant.development": ("attachment_security", "exploration", "irritability"),
}
