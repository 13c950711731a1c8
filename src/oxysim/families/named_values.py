"""Values by name: from what a user writes of parameters, starts and edges to what the equations
take.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NoReturn, get_type_hints

import numpy as np

from oxysim import units
from oxysim.checks import texts
from oxysim.errors import InputError, unknown_name
from oxysim.families.family_checks import numbers_in
from oxysim.model import registry, structure
from oxysim.model.registry import multiplier_table
from oxysim.model.rows import default_values
from oxysim.model.slow_states import slow_rows
from oxysim.model.structure import Parameters
from oxysim.model.value_ranges import all_internal
from oxysim.per_dyad import depth
from oxysim.texts import listed

Values = dict[str, Any]


class ReadOnlyValues(dict[str, Any]):
    """The parameters, starting values or roles of a family, which nobody can change: not by name,
    and not inside an array. Families can be shared for that reason.

    It is a dict in all that reads it, and pickles as one.

    Raises
    ------
    InputError : something would change it.

    >>> ReadOnlyValues({"mother.bond": 0.6})["mother.bond"]
    0.6
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        for value in self.values():
            if isinstance(value, np.ndarray):
                value.setflags(write=False)

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise InputError(
            "the values of a family do not change; make a copy with with_parameters() or"
            " with_start()"
        )

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse

    def __reduce__(self) -> Any:
        return type(self), (dict(self),)


def parameter_values(values: Any, caregivers: Sequence[str]) -> Values:
    """Member's parameter -> value in internal units, from dotted names in the rows' units.

    A name that begins with "caregiver." stands for every caregiver.

    Raises
    ------
    UnknownNameError : no such parameter or member. InputError : an illegal value.

    >>> parameter_values({"caregiver.bond.bond_time": "2 weeks"}, ("mother", "father"))
    {'mother.bond.bond_time': 20160.0, 'father.bond.bond_time': 20160.0}
    """

    def one_parameter(name: str, value: Any) -> Values:
        members, path, row = registry.parameter_row(name, caregivers)
        internal = all_internal(row, value, name)
        return {
            # each caregiver its own array: one that a user changes later changes nothing here
            f"{member}.{path}": np.copy(internal) if np.ndim(internal) else internal
            for member in members
        }

    return _all_values(values, one_parameter)


def start_values(values: Any, caregivers: Sequence[str]) -> Values:
    """Slow state's full name -> starting value, from names such as "caregiver.depression".

    Raises
    ------
    UnknownNameError : no slow state of that name. InputError : a value outside its legal range.

    >>> start_values({"caregiver.depression": 16}, ("mother",))
    {'mother.depression': 16.0}
    """

    def one_start(name: str, value: Any) -> Values:
        prefix, _, state = name.partition(".")
        members = registry.members_named(prefix, caregivers, name)
        slow = slow_rows(registry.kind_of(members[0]))
        row = slow.get(state)
        if row is None:
            raise unknown_name("slow state", name, [f"{prefix}.{n}" for n in slow], "in start")
        numbers = numbers_in(value, f"start {name}", units.number_in(row.unit))
        # the row's range, in which the equations hold
        legal = np.isfinite(numbers) & (numbers >= row.low) & (numbers <= row.high)
        if not np.all(legal):
            limits = units.with_unit(f"[{row.low:g}, {row.high:g}]", row.unit)
            raise InputError(f"start {name}: expected values in {limits}; found {value!r}")
        return {
            f"{member}.{state}": numbers if numbers.ndim else float(numbers) for member in members
        }

    return _all_values(values, one_start)


def edge_multipliers(cut: Iterable[str] | str, scale: Mapping[str, Any] | None) -> dict[str, Any]:
    """Edge name -> multiplier from a list of cuts and a mapping of scales.

    Raises
    ------
    UnknownNameError : no such edge.
    InputError : a multiplier outside [0, the edge's limit], or an edge both cut and scaled.

    >>> edge_multipliers(["bond -> depression"], {"reward -> depression": 0.5})
    {'bond -> depression': 0.0, 'reward -> depression': 0.5}
    """
    factors: dict[str, Any] = {}
    # a cut is a multiplier of zero, under the edge's full name
    for name in texts(cut, "cut", of="edge names such as ['reward -> depression']"):
        factors[registry.edge_place(name).row.name] = 0.0
    if not isinstance(scale, Mapping | None):
        raise InputError(f"scale: expected a mapping of edge names to multipliers; found {scale!r}")
    for name, value in (scale or {}).items():
        row = registry.edge_place(name).row
        full, expected = row.name, f"a multiplier in [0, {row.limit:g}]"
        numbers = numbers_in(value, f"edge {full!r}", expected)
        # cut and scaled: which of the two is not guessed
        if full in factors:
            raise InputError(f"edge {full!r} is both cut and scaled; do one")
        if not (
            np.all(np.isfinite(numbers)) and np.all(numbers >= 0) and np.all(numbers <= row.limit)
        ):
            # an edge that passes a level has a limit of 1; name the way around it
            why = (
                ""
                if row.limit > 1
                else "; it carries a level: strengthen the gain of what hears it instead"
            )
            raise InputError(f"edge {full!r}: expected {expected}; found {value!r}{why}")
        factors[full] = numbers if numbers.ndim else float(numbers)
    return factors


def resolved_parameters(
    values: Mapping[str, Any], roles: Mapping[str, str], edges: Mapping[str, Any], index: Any
) -> Parameters:
    """The parameter tables of a family, every value that is not set at its default.

    Parameters
    ----------
    values : member's parameter -> value in internal units, as :func:`parameter_values` gives them.
    roles : member -> role, the infant's last and empty.
    edges : edge name -> multiplier.
    index : position or positions of the families; None for all.

    >>> resolved_parameters({}, {"mother": "mother", "infant": ""}, {}, None).infant.methylation[0]
    0.5
    """

    # one family gives plain floats, which the equations take fastest
    def at_index(value: Any) -> Any:
        if index is None or np.ndim(value) == 0:
            return value
        return float(value[index]) if isinstance(index, int) else value[index]

    changed = {name: at_index(value) for name, value in edges.items()}

    def member_table(table: Any, member: str) -> Any:
        groups = []
        for group, kind in get_type_hints(table).items():
            # whole groups of edges are None, so that code without them can be made
            if group == "edges":
                groups.append(multiplier_table(kind, changed))
                continue
            set_values = [values.get(f"{member}.{group}.{name}") for name in kind._fields]
            pairs = zip(set_values, default_values(kind, roles[member]), strict=True)
            groups.append(kind(*[default if v is None else at_index(v) for v, default in pairs]))
        return table(*groups)

    # the infant is the last of the members
    *caregivers, infant = roles
    return Parameters(
        tuple(member_table(structure.CaregiverParameters, name) for name in caregivers),
        member_table(structure.InfantParameters, infant),
    )


def require_all_values(
    stored: Mapping[str, Values], changes: Mapping[str, Any], caregivers: Sequence[str], kind: str
) -> None:
    """Raise where other `parameters` or `start` would drop values that a family has silently.

    Parameters
    ----------
    stored : "parameters" and "start", each with the values that the family has.
    changes : what `replace` changes.
    kind : what a family of its kind is made with ("Dyad").

    >>> require_all_values({"parameters": {}, "start": {}}, {"start": {}}, ("mother",), "Dyad")
    """
    for store, check, adding in (
        ("parameters", parameter_values, "with_parameters"),
        ("start", start_values, "with_start"),
    ):
        if store not in changes:
            continue
        lost = sorted(set(stored[store]) - set(check(changes[store], caregivers)))
        if lost:
            raise InputError(
                what=store,
                expected="every value that these families have, or those to change alone",
                found=f"none for {listed(lost, 2)}, which would be dropped",
                remedy=f"change some with {adding}(), or describe new ones with {kind}()",
                key=(store,),
            )


def require_values_of_caregivers(
    stored: Mapping[str, Values], changes: Mapping[str, Any], leaving: Collection[str]
) -> None:
    """Raise where values of caregivers who are `leaving` would be dropped as silently.

    >>> stored = {"parameters": {}, "start": {"mother.bond": 0.6}}
    >>> require_values_of_caregivers(stored, {}, {"father"})
    """
    for store, values in stored.items():
        lost = sorted(name for name in values if name.partition(".")[0] in leaving)
        if lost and store not in changes:
            raise InputError(
                what="caregivers",
                expected=f"those whose {store} are set",
                found=f"no home for {listed(lost, 2)}",
                remedy=f"describe the new family with Family({store}=...)",
                key=("caregivers",),
            )


def default_value(name: str, role: str) -> float:
    """The default of one parameter by member's name, in internal units.

    >>> default_value("father.bond.usual_bond", "father")
    0.7
    """
    member, _, path = name.partition(".")
    row = registry.parameters()[f"{registry.kind_of(member)}.{path}"]
    return row.default_for(role) * row.factor


def _all_values(values: Any, one_value: Callable[[str, Any], Values]) -> Values:
    """The checked values of a mapping, name by name; each a number, or one a family."""
    if not isinstance(values, Mapping):
        raise InputError(f"expected a mapping of names to values; found {values!r}")
    checked: Values = {}
    for name, value in values.items():
        # a table of values has no meaning: each family has one value
        if depth(value, str(name)) > 1:
            raise InputError(
                f"{name}: expected one value, or one a dyad; found an array of shape"
                f" {np.shape(value)}"
            )
        checked |= one_value(str(name), value)
    return checked
