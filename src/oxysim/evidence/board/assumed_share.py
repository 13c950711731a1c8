"""How much of an answer rests on assumed parameters: a count along the path from what is done to
what is read.
"""

from __future__ import annotations

from collections.abc import Iterable

from oxysim.errors import unknown_name
from oxysim.model import registry

DEFINITION = (
    "assumed: share of the parameters and edges of the mechanisms between what is done and what is"
    " read whose status is 'assumed'; a count, not weighted by how much each matters"
)


def assumed_share(path: Iterable[str]) -> float:
    """The share of assumed parameters and edges on a path of groups ("caregiver.oxytocin") and
    single parameters.

    Raises
    ------
    UnknownNameError : no such group or parameter.
    """
    found: dict[str, str] = {}
    for entry in path:
        found |= _statuses(entry)
    return list(found.values()).count("assumed") / len(found)


def _statuses(entry: str) -> dict[str, str]:
    """Name -> status of a parameter, or of all of a group's and of every edge that ends in it."""
    rows = registry.parameters()
    if entry in rows:
        return {entry: rows[entry].status}
    groups = {name.rpartition(".")[0] for name in rows}
    if entry not in groups:
        raise unknown_name("parameter or group of parameters", entry, [*groups, *rows])
    found: dict[str, str] = {
        name: row.status for name, row in rows.items() if name.rpartition(".")[0] == entry
    }
    member, _, mechanism = entry.partition(".")
    own = _HEARERS.get(entry, (f"{member}_{mechanism}", mechanism))
    edges = registry.edges().items()
    return found | {
        f"{member}: {name}": place.row.status
        for name, place in edges if place.member == member and place.group in own
    }  # fmt: skip


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
