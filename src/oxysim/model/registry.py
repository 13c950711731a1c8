"""Every name a user can write, and the row behind it: parameters, edges, states, outputs.

``caregiver.oxytocin.plasma_half_life`` is a parameter; in a family, ``mother.`` or ``father.``
stands for one caregiver and ``caregiver.`` for all of them. ``reward -> depression`` is an edge.
``mother.cortisol`` is a variable.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, get_type_hints

from oxysim.checks import refused
from oxysim.errors import unknown_name
from oxysim.model import structure
from oxysim.model.inputs import CAREGIVER_CHANNELS, INFANT_CHANNELS, CaregiverInputs, InfantInputs
from oxysim.model.rows import EdgeRow, ParameterRow, StateRow, rows

ROLES = ("mother", "father", "other")
MEMBERS = ("caregiver", "infant")
# The tables of the two kinds of member: all names below are read off them, none is typed.
_PARAMETERS: Mapping[str, Any] = {
    "caregiver": structure.CaregiverParameters,
    "infant": structure.InfantParameters,
}
_EDGES: Mapping[str, Any] = {"caregiver": structure.CaregiverEdges, "infant": structure.InfantEdges}
_STATES: Mapping[str, Any] = {
    "caregiver": structure.CaregiverState,
    "infant": structure.InfantState,
}
_OUTPUTS: Mapping[str, Any] = {
    "caregiver": structure.CaregiverOutputs,
    "infant": structure.InfantOutputs,
}


class EdgePlace(NamedTuple):
    """Where an edge lives: the member that receives it ("caregiver" or "infant"), the group, the
    field, and its row.

    >>> edges()["bond -> depression"].member
    'caregiver'
    """

    member: str
    group: str
    field: str
    row: EdgeRow


@functools.cache
def parameters() -> Mapping[str, ParameterRow]:
    """Every parameter row by dotted name, for instance ``infant.oxytocin.touch``.

    >>> parameters()["infant.methylation.set_point"].default
    0.5
    """
    rows_by_name: dict[str, ParameterRow] = {}
    for member, table in _PARAMETERS.items():
        for group, kind in get_type_hints(table).items():
            # the multipliers of edges are no parameters: they have names of their own (`edges`)
            if group != "edges":
                rows_by_name |= {
                    f"{member}.{group}.{field}": row for field, row in rows(kind).items()
                }
    return MappingProxyType(rows_by_name)


@functools.cache
def edges() -> Mapping[str, EdgePlace]:
    """Every edge by name, for instance ``infant_oxytocin -> mind_mindedness``.

    >>> edges()["reward -> depression"].field
    'reward'
    """
    places: dict[str, EdgePlace] = {}
    for member, table in _EDGES.items():
        for group, kind in get_type_hints(table).items():
            for field, row in rows(kind).items():
                name = f"{field} -> {group}"
                places[name] = EdgePlace(member, group, field, row._replace(name=name))
    return MappingProxyType(places)


@functools.cache
def states(member: str) -> Mapping[str, StateRow]:
    """The state rows of "caregiver" or "infant", in the order of the state vector.

    >>> states("infant")["methylation"].unit
    '%'
    """
    return MappingProxyType(rows(_STATES[member]))


@functools.cache
def output_rows(member: str) -> Mapping[str, StateRow]:
    """The rows of the algebraic variables of "caregiver" or "infant".

    >>> output_rows("caregiver")["epds"].high
    30.0
    """
    return MappingProxyType(rows(_OUTPUTS[member]))


def variables(member: str) -> Mapping[str, StateRow]:
    """States and outputs of "caregiver" or "infant".

    >>> {"depression", "epds"} <= set(variables("caregiver"))
    True
    """
    return {**states(member), **output_rows(member)}


def starting_state(n_caregivers: int = 1) -> structure.State:
    """Every state at the start that its row says, for a family of so many caregivers.

    >>> starting_state().caregivers[0].depression
    5.4
    """
    caregiver, infant = ([float(row.start) for row in states(kind).values()] for kind in MEMBERS)
    caregivers = (structure.CaregiverState(*caregiver),) * n_caregivers
    return structure.State(caregivers, structure.InfantState(*infant))


def resting_inputs(n_caregivers: int = 1) -> structure.Inputs:
    """Nothing happening: every input at its level of rest.

    >>> resting_inputs().caregivers[0].presence
    1.0
    """
    caregiver = CaregiverInputs(*[float(row.rest) for row in CAREGIVER_CHANNELS.values()])
    infant = InfantInputs(*[float(row.rest) for row in INFANT_CHANNELS.values()])
    return structure.Inputs((caregiver,) * n_caregivers, infant, rhythm=0.0)


def kind_of(member: str) -> str:
    """ "infant" for the infant, "caregiver" for any caregiver's name.

    >>> kind_of("father"), kind_of("infant")
    ('caregiver', 'infant')
    """
    # whatever a caregiver is called
    return "infant" if member == "infant" else "caregiver"


def members_named(prefix: str, caregivers: Iterable[str], name: str) -> tuple[str, ...]:
    """The members that a dotted name's prefix stands for: one of them, or all caregivers for
    "caregiver".

    >>> members_named("caregiver", ("mother", "father"), "caregiver.depression")
    ('mother', 'father')
    """
    names = tuple(caregivers)
    if not isinstance(prefix, str):
        raise refused(prefix, "member", "the name of a caregiver, 'caregiver' or 'infant'")
    # the word for all of them, which no caregiver may bear as a name
    if prefix == "caregiver":
        return names
    if prefix == "infant" or prefix in names:
        return (prefix,)
    raise unknown_name("member", prefix, ("caregiver", "infant", *names), f"in {name!r}")


def parameter_row(
    name: str, caregivers: Iterable[str]
) -> tuple[tuple[str, ...], str, ParameterRow]:
    """(members, "group.field", row) of a dotted parameter name; unknown names raise with the
    nearest three.

    >>> parameter_row("caregiver.bond.usual_bond", ["mother"])[:2]
    (('mother',), 'bond.usual_bond')
    """
    names = tuple(caregivers)
    if not isinstance(name, str):
        raise refused(
            name, "parameter", "a dotted name such as 'caregiver.oxytocin.plasma_half_life'"
        )
    prefix, _, rest = name.partition(".")
    table = parameters()
    # rows are the kind's; a name is a member's
    full = f"{kind_of(prefix)}.{rest}"
    if full not in table:
        raise unknown_name(
            "parameter",
            name,
            [
                *table,
                *(
                    f"{c}.{n.partition('.')[2]}"
                    for c in names
                    for n in table
                    if n.startswith("caregiver.")
                ),
            ],
        )
    return members_named(prefix, names, name), rest, table[full]


def edge_place(name: str) -> EdgePlace:
    """The place of an edge by name; blanks do not matter; unknown names raise with the nearest
    three.

    >>> edge_place("bond->depression").row.name
    'bond -> depression'
    """
    table = edges()
    # "a->b" and "a -> b" are one edge
    parts = [end.strip() for end in str(name).split("->")]
    full = " -> ".join(parts)
    if full not in table:
        raise unknown_name("edge", name, table)
    return table[full]


def dyadic_edges() -> tuple[str, ...]:
    """The names of the edges that exist only because caregiver and infant interact.

    >>> "bond -> depression" in dyadic_edges()
    True
    """
    return tuple(name for name, entry in edges().items() if entry.row.dyadic)


# -------------------- tables with one value an edge, by edge name and back
def fill_edges(kind: type[Any], values: Mapping[str, Any]) -> Any:
    """A ``CaregiverEdges`` or ``InfantEdges`` filled from a mapping edge name -> value.

    >>> fill_edges(structure.InfantEdges, dict.fromkeys(edges(), 1.0)).infant_cortisol.arousal
    1.0
    """
    groups = get_type_hints(kind)
    return kind(
        *[
            group(*[values[f"{field} -> {name}"] for field in group._fields])
            for name, group in groups.items()
        ]
    )


def multiplier_table(kind: Any, changed: Mapping[str, Any]) -> Any:
    """An edge table of multipliers, with None for every group in which all edges are whole.

    >>> table = multiplier_table(structure.InfantEdges, {"care -> infant_methylation": 0.0})
    >>> table.infant_methylation.care, table.infant_arousal
    (0.0, None)
    """
    # every edge whole, but for those that are changed
    whole = fill_edges(kind, dict.fromkeys(edges(), 1.0) | dict(changed))
    touched = {edge_place(name).group for name in changed}
    return kind(
        *[
            group if name in touched else None
            for name, group in zip(kind._fields, whole, strict=True)
        ]
    )


def by_edge_name(table: structure.CaregiverEdges | structure.InfantEdges) -> dict[str, Any]:
    """The values of an edge table by edge name: the inverse of :func:`fill_edges`.

    >>> ones = fill_edges(structure.InfantEdges, dict.fromkeys(edges(), 1.0))
    >>> by_edge_name(ones)["care -> infant_methylation"]
    1.0
    """
    groups: tuple[Any, ...] = table
    return {
        f"{field} -> {name}": value
        for name, group in zip(table._fields, groups, strict=True)
        for field, value in group._asdict().items()
    }


def neutral(roles: tuple[str, ...]) -> structure.Usual:
    """One in place of every usual value, and signals that do not go with contact: where the
    computation of the usual values starts from.

    >>> neutral(("mother",)).infant.readability.infant_affect
    1.0
    """

    # one, not zero: some terms are relative to the usual, and would divide by it
    ones, zeros = dict.fromkeys(edges(), 1.0), dict.fromkeys(edges(), 0.0)
    slopes = {
        member: structure.ContactSlopes(fill_edges(table, zeros), 0.0)
        for member, table in _EDGES.items()
    }
    return structure.Usual(
        (fill_edges(structure.CaregiverEdges, ones),) * len(roles),
        fill_edges(structure.InfantEdges, ones),
        (slopes["caregiver"],) * len(roles),
        slopes["infant"],
    )
