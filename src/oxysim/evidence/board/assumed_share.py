"""How much of an answer rests on assumed parameters: a count along the path from what is done to
what is read.

A path is a list of groups of parameters ("caregiver.oxytocin") and of single ones. A group stands
for all of a mechanism's parameters and for the edges that the mechanism receives, as the model's
structure has them. A path holds what could move the answer within the time of its protocol: a state
that does not move in an hour is not on the path of a session of an hour. That is why the paths are
written here and not read off the graph of edges, which knows no time: followed to its end from any
hormone, it leads round the whole slow loop (decision 0055).
"""

from __future__ import annotations

import functools
import typing
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from oxysim.errors import unknown_name
from oxysim.model import registry, structure

DEFINITION = (
    "assumed: share of the parameters and edges of the mechanisms between what is done and what is"
    " read whose status is 'assumed'; a count, not weighted by how much each matters"
)

# the paths below build on each other: what an answer adds stands beside what it shares
Path = tuple[str, ...]
"""Groups of parameters, and single parameters, that bear on an answer."""

ADULT: Path = ("caregiver.oxytocin",)
SALIVA: Path = (*ADULT, "caregiver.nasal_spray.saliva_basal_ratio")
# what is done to an infant depends on how engaged the caregiver is
ENGAGED: Path = (*SALIVA, "caregiver.engagement")
INFANT: Path = ("infant.oxytocin", "infant.receptors")
# of the spray only what reaches blood and brain
SPRAYED: Path = (
    *ADULT, "caregiver.nasal_spray.depot_share", "caregiver.nasal_spray.depot_half_life",
    "caregiver.nasal_spray.absorbed_fraction", "caregiver.nasal_spray.brain_fraction",
    "caregiver.nasal_spray.brain_volume", "caregiver.nasal_spray.transit_half_life",
)  # fmt: skip
# of the spray only what runs down into saliva
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
# what changes in the infant over months
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
    "WE1": (*PLAYING, "caregiver.affect", *INFANT),
    "E24": (*PLAYING, "caregiver.affect", "infant.affect"),
    "K1": (*MOOD, "infant.methylation"),
    "K2": ("caregiver.receptors.adult_methylation",),
    "K3": GROWTH,
    "K4": (*MOOD, "infant.methylation"),
    "VA1": ADULT,
    "VA2": (*ADULT, "caregiver.stress"),
    "VA3": SPRAYED,
})  # fmt: skip
"""Where the path of a finding is shorter than that of the whole run."""


def assumed_share(path: Iterable[str]) -> float:
    """The share of assumed parameters and edges on a path of groups ("caregiver.oxytocin") and
    single parameters.

    Raises
    ------
    UnknownNameError : no such group or parameter.

    >>> assumed_share(["caregiver.oxytocin.plasma_half_life"])
    0.0
    """
    statuses: dict[str, str] = {}
    for entry in path:
        # by name, so that what two entries share is counted once
        statuses |= _statuses(entry)
    return list(statuses.values()).count("assumed") / len(statuses)


def edges_received(group: str) -> tuple[str, ...]:
    """The names of the edges that a mechanism receives, by the group of its parameters.

    A mechanism's edges and its parameters are classes of one module, which is how they are told to
    belong together: an edge may end in a state ("serotonin") whose parameters stand with another
    ("caregiver.reward").

    >>> edges_received("caregiver.reward")[:2]
    ('accumbens_oxytocin -> serotonin', 'serotonin -> reward')
    """
    member, _, mechanism = group.partition(".")
    parameters, edges = _MEMBERS[member]
    module = _modules(parameters)[mechanism]
    module_of = _modules(edges)
    return tuple(
        name
        for name, edge in registry.edges().items()
        if edge.member == member and module_of[edge.group] == module
    )


_MEMBERS: Mapping[str, tuple[type, type]] = {
    "caregiver": (structure.CaregiverParameters, structure.CaregiverEdges),
    "infant": (structure.InfantParameters, structure.InfantEdges),
}


@functools.cache
def _modules(groups: type) -> dict[str, str]:
    """Field of a tree of the model's structure -> the module of its mechanism."""
    return {name: kind.__module__ for name, kind in typing.get_type_hints(groups).items()}


def _statuses(entry: str) -> dict[str, str]:
    """Name -> status of a parameter, or of all of a group's and of every edge that it receives."""
    rows = registry.parameters()
    # a single parameter, and not the group that it stands in
    if entry in rows:
        return {entry: rows[entry].status}

    groups = {name.rpartition(".")[0] for name in rows}
    if entry not in groups:
        raise unknown_name("parameter or group of parameters", entry, [*groups, *rows])

    member = entry.partition(".")[0]
    edges = registry.edges()
    of_parameters: dict[str, str] = {
        name: row.status for name, row in rows.items() if name.rpartition(".")[0] == entry
    }
    # two members have edges of the same name, which must not be counted as one
    return of_parameters | {
        f"{member}: {name}": edges[name].row.status for name in edges_received(entry)
    }
