"""What an axis changes: its name looked up in the study, and each of its values tried on the real
thing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from oxysim.arrays import IntArray
from oxysim.checks import require_seed
from oxysim.errors import InputError, OxysimError, ScheduleError, UnitError, add_key, unknown_name
from oxysim.families import Family, edge_multipliers
from oxysim.model import registry
from oxysim.population.members import Members, Who
from oxysim.schedule import Intervention, Window
from oxysim.sweeps.axes import Axis
from oxysim.sweeps.sweep_design import HYPERCUBE, SOBOL, SweepDesign
from oxysim.units import number_in

MEMBER = "member"  # name of an axis: numbers of an ensemble's members, which are populations
# What an axis can change.
PARAMETER, FIELD, EDGE, START, SEED, AGE, DYAD, POPULATION = (
    "parameter", "field", "edge", "start", "seed", "infant age", "dyad", "population",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class BoundAxis:
    """An axis and what it changes.

    Attributes
    ----------
    kind : "parameter", "field" (of an intervention), "edge", "start", "seed", "infant age", "dyad"
        (which family of a population) or "population" (of which one; by a member's number too).
    targets : full names of what it changes; two axes may not share one.
    unit, long_name : of the coordinate; the unit is empty for texts.
    plain : whether its owner takes plain numbers although the axis has a unit (which is then the
        owner's own).
    whole : whether its owner takes whole numbers.

    >>> dose = Axis("spray.dose", ["8 IU", "24 IU"])
    >>> target = BoundAxis(dose, FIELD, ("spray.dose",), "IU", "dose of spray")
    >>> target.value(1), len(target.only([1]).axis)
    ('24 IU', 1)
    """

    axis: Axis
    kind: str
    targets: tuple[str, ...]
    unit: str
    long_name: str
    plain: bool = False
    whole: bool = False

    def value(self, position: int) -> Any:
        """The value at a position, as its owner takes it."""
        if self.plain:
            return self.axis.values[position].item()
        entry = self.axis.entry(position)
        return int(entry) if self.whole and isinstance(entry, float) else entry

    def values(self, positions: IntArray) -> Any:
        """The values at many positions: an array of numbers, or a list of what
        :meth:`value` gives.
        """
        if self.plain:
            return self.axis.values[positions]
        # Equal values are made once and shared, so that equal runs can be told by their
        # objects.
        different, index = np.unique(positions, return_inverse=True)
        values = [self.value(i) for i in different.tolist()]
        return [values[k] for k in index.tolist()]

    def only(self, positions: Any) -> BoundAxis:
        """The same with some of the values."""
        return replace(self, axis=Axis(self.axis.name, self.axis.values[positions], self.axis.unit))


def bind(
    design: SweepDesign, families: Who, interventions: Mapping[str, Intervention]
) -> tuple[BoundAxis, ...]:
    """Each axis of a design with what it changes.

    Raises
    ------
    UnknownNameError : no such parameter, edge, intervention, field or slow state. InputError : two
    axes change the same thing. UnitError : a unit that its owner does not have.

    >>> from oxysim.sweeps.sweep_design import grid
    >>> (target,) = bind(grid({"caregiver.depression.loop_gain": [0.5, 1.0]}), Family(), {})
    >>> target.kind, target.targets
    ('parameter', ('mother.depression.loop_gain',))
    """
    bound = []
    for axis in design.axes:
        try:
            bound.append(_bind(axis, families, interventions))
        except OxysimError as error:
            add_key(error, "axes", axis.name)
            raise
    # "caregiver.x" and "mother.x" are two axes of one parameter: the later would win unseen.
    owner: dict[str, str] = {}
    for bound_axis in bound:
        for target in bound_axis.targets:
            if target in owner:
                raise InputError(
                    f"axes {owner[target]!r} and {bound_axis.axis.name!r} both change {target!r};"
                    " drop one",
                    key=("axes", bound_axis.axis.name),
                )
            owner[target] = bound_axis.axis.name
    return tuple(bound)


def check(
    bound: Sequence[BoundAxis],
    design: SweepDesign,
    family: Family,
    interventions: Mapping[str, Intervention],
    windows: Sequence[Window],
) -> None:
    """Try every value of every axis once on what it changes (of a sampled range, its ends).

    `windows` are those of all ages that occur: an intervention must have its moment in one of them.

    Raises
    ------
    OxysimError : as raised by what refuses the value, with the axis, the position and the value in
    front.

    >>> from oxysim.sweeps.sweep_design import grid
    >>> design = grid({"caregiver.depression.loop_gain": [1.0, -1.0]})
    >>> check(bind(design, Family(), {}), design, Family(), {}, ())
    Traceback (most recent call last):
    ...
    oxysim.errors.InputError: axis 'caregiver.depression.loop_gain', value 2 of 2 (-1): ...
    """
    for target in bound:
        # A field is tried by making its intervention, which also knows in which window it
        # happens.
        if target.kind == FIELD:
            _check_field(target, checked_positions(target, design), interventions, windows)
            continue
        # All values at once, since one family of many is as cheap as one of one.
        positions = checked_positions(target, design)
        try:
            _accept(target, positions, family)
        except OxysimError as error:
            for i in positions:  # the first that is refused alone is the one to name
                with _place(target, i):
                    _accept(target, [i], family)
            add_key(error, "axes", target.axis.name)
            raise


def require_moments(intervention: Intervention, windows: Sequence[Window]) -> None:
    """Raise ``ScheduleError`` where an intervention cannot happen in any of the windows.

    >>> from oxysim import SkinToSkin
    >>> day = Window(0.0, 1440.0, ("mother",), 0)
    >>> require_moments(SkinToSkin("60 min", at="10:00"), [day])
    """
    for k, window in enumerate(windows):
        try:
            intervention.bouts(window)
        except ScheduleError:
            if k == len(windows) - 1:
                raise
        else:
            return


@contextmanager
def _place(target: BoundAxis, i: int) -> Iterator[None]:
    try:
        yield
    except OxysimError as error:
        where = (
            f"axis {target.axis.name!r}, value {i + 1} of {len(target.axis)} "
            f"({target.axis.words(i)})"
        )
        raise type(error)(f"{where}: {error}", key=("axes", target.axis.name, str(i + 1))) from None


def checked_positions(target: BoundAxis, design: SweepDesign) -> list[int]:
    """Positions whose values stand for all: the ends of a sampled range, else the first of each
    value.

    >>> from oxysim.sweeps.sweep_design import zipped
    >>> dose = Axis("spray.dose", ["8 IU", "24 IU", "8 IU"])
    >>> design = zipped([dose, Axis("seed", [0, 1, 2])])
    >>> checked_positions(BoundAxis(dose, FIELD, ("spray.dose",), "IU", "dose of spray"), design)
    [0, 1]
    """
    values = target.axis.values
    # A sampled range is legal between its ends if it is at both.
    if design.kind in (HYPERCUBE, SOBOL):
        return sorted({int(np.argmin(values)), int(np.argmax(values))})
    return sorted(np.unique(values, return_index=True)[1].tolist())


def _accept(target: BoundAxis, positions: Sequence[int], family: Family) -> None:
    values = [target.value(i) for i in positions]
    if target.kind == SEED:
        for value in values:
            require_seed(value)
    elif target.kind == EDGE:
        edge_multipliers((), {target.targets[0]: values})
    elif target.kind == DYAD:
        _require_numbers(target, positions)
    elif target.kind == POPULATION:
        return  # they were looked up when the study was made
    elif target.kind == AGE:
        family.take([0]).replace(infant_age=values, dyads=None)
    elif target.kind == PARAMETER:
        family.take([0]).with_parameters(dict.fromkeys(target.targets, values))
    else:
        family.take([0]).with_start(
            {target.removeprefix("start."): values for target in target.targets}
        )


def _check_field(
    target: BoundAxis,
    positions: Sequence[int],
    interventions: Mapping[str, Intervention],
    windows: Sequence[Window],
) -> None:
    name, _, field = target.axis.name.partition(".")
    for i in positions:
        with _place(target, i):
            entry = target.axis.entry(i)
            if target.whole and not (isinstance(entry, int | float) and float(entry).is_integer()):
                raise InputError(f"expected a whole number; found {entry!r}")
            require_moments(replace(interventions[name], **{field: target.value(i)}), windows)


# ---------------------------------------------------------------------- looking up
def _bind(axis: Axis, families: Who, interventions: Mapping[str, Intervention]) -> BoundAxis:
    name = axis.name
    prefix, _, rest = name.partition(".")
    if name == "seed":
        return BoundAxis(axis, SEED, ("seed",), _no_unit(axis, ""), "seed of the random streams")
    if name == "infant_age":
        _require_unit(axis, "'5 months'")
        if isinstance(families, Members) and families.wanted:
            raise InputError(
                f"axis {name!r}: whoever is screened enters at the age of {families.at}; drop "
                "the axis"
            )
        return BoundAxis(axis, AGE, ("infant_age",), axis.unit or "", "infant age at the start")
    if name == "dyad":
        return _dyad(axis, families)
    if name in (POPULATION, MEMBER):
        return _population(axis, families)
    if "->" in name:
        full = registry.edge_place(name).row.name
        return BoundAxis(
            replace(axis, name=full),
            EDGE,
            (full,),
            _no_unit(axis, "1"),
            f"strength of the edge {full}",
        )
    if prefix == "start":
        return _start(axis, rest, families)
    if prefix in interventions:
        return _field(axis, interventions[prefix], prefix, rest)
    if prefix in ("caregiver", "infant", *families.caregivers) and rest.count(".") == 1:
        return _parameter(axis, families)
    raise unknown_name("axis", name, _names(families, interventions))


def _dyad(axis: Axis, families: Who) -> BoundAxis:
    if not isinstance(families, Members):
        raise InputError(
            "axis 'dyad': it chooses among the families of a population; give a Population as who"
        )
    if families.wanted:
        raise InputError(
            "axis 'dyad': not every family meets the criteria of entry; give n in place of the axis"
        )
    if len(families) > 1:
        raise InputError(
            f"axis 'dyad': the study has {len(families)} families already; give n or the axis, "
            "not both"
        )
    return BoundAxis(axis, DYAD, ("dyad",), _no_unit(axis, ""), "number of the dyad", plain=True)


def _population(axis: Axis, families: Who) -> BoundAxis:
    if not isinstance(families, Members):
        text = "the study is not about members of a population; give Members as who"
        raise InputError(f"axis {axis.name!r}: {text}")
    if families.wanted:
        text = "the same numbers would not meet the criteria of entry in each; screen one at a time"
        raise InputError(f"axis {axis.name!r}: {text}")
    # one target for both: a run has one population, by its name or by its number in an ensemble
    words = "population" if axis.name == POPULATION else "member of the ensemble"
    return BoundAxis(axis, POPULATION, (POPULATION,), "", words, plain=axis.name == MEMBER)


def _require_numbers(target: BoundAxis, positions: Sequence[int]) -> None:
    for i in positions:
        value = target.axis.values[i].item()
        if not (float(value).is_integer() and value >= 0):
            raise InputError(
                f"expected the number of a dyad, a whole number of at least 0; found {value!r}"
            )


def _parameter(axis: Axis, families: Who) -> BoundAxis:
    members, rest, row = registry.parameter_row(axis.name, families.caregivers)
    in_own_unit = axis.unit in (None, row.unit) and axis.values.dtype.kind in "if"
    targets = tuple(f"{member}.{rest}" for member in members)
    return BoundAxis(
        axis, PARAMETER, targets, axis.unit or row.unit, f"parameter {axis.name}", plain=in_own_unit
    )


def _start(axis: Axis, rest: str, families: Who) -> BoundAxis:
    prefix, _, state = rest.partition(".")
    names = [f"start.{member}.{n}" for member in ("caregiver", *families.members) for n, r in
             registry.states(registry.kind_of(member)).items() if r.pace != "fast"]  # fmt: skip
    if axis.name not in names:
        raise unknown_name("slow state", axis.name, names)
    members = registry.members_named(prefix, families.caregivers, rest)
    row = registry.states(registry.kind_of(members[0]))[state]
    if axis.unit not in (None, row.unit):
        raise UnitError(
            f"axis {axis.name!r}: expected {number_in(row.unit, 'numbers')}; found {axis.unit}"
        )
    targets = tuple(f"start.{member}.{state}" for member in members)
    return BoundAxis(axis, START, targets, row.unit, f"start of {row.meaning}", plain=True)


def _field(axis: Axis, intervention: Intervention, name: str, field: str) -> BoundAxis:
    kinds = {
        field_row.name: str(field_row.type) for field_row in fields(intervention) if field_row.init
    }
    if field not in kinds:
        raise unknown_name(
            "field",
            axis.name,
            [f"{name}.{field_name}" for field_name in kinds],
            f"of {type(intervention).__name__}",
        )
    words = kinds[field].replace("|", " ").split()
    if (axis.values.dtype.kind == "b") != ("bool" in words):
        values_text = "true and false" if axis.values.dtype.kind == "b" else axis.words(0)
        raise InputError(
            f"axis {axis.name!r}: expected"
            f" {'true or false' if 'bool' in words else 'no truth values'}; found {values_text}"
        )
    unit = "" if axis.values.dtype.kind in "Ub" else axis.unit or "1"
    return BoundAxis(axis, FIELD, (axis.name,), unit, f"{field} of {name}", whole="int" in words)


def _no_unit(axis: Axis, unit: str) -> str:
    if axis.unit is not None or axis.values.dtype.kind not in "if":
        raise InputError(f"axis {axis.name!r}: expected plain numbers; found {axis.words(0)}")
    return unit


def _require_unit(axis: Axis, example: str) -> None:
    if axis.unit is None and axis.values.dtype.kind in "if":
        raise UnitError(
            f"axis {axis.name!r}: expected times with a unit such as {example}, or unit=; found"
            f" {axis.words(0)}"
        )


def _names(families: Who, interventions: Mapping[str, Intervention]) -> list[str]:
    # Everything that could have been meant, for the three nearest names.
    members = ("caregiver", *families.caregivers)
    names = [
        "seed",
        "infant_age",
        *(["dyad", POPULATION, MEMBER] if isinstance(families, Members) else []),
        *registry.edges(),
    ]
    for name in registry.parameters():
        prefix, _, rest = name.partition(".")
        names += [
            f"{member}.{rest}" for member in (members if prefix == "caregiver" else ("infant",))
        ]
    names += [
        f"{name}.{field_row.name}"
        for name, kind in interventions.items()
        for field_row in fields(kind)
        if field_row.init
    ]
    names += [f"start.{member}.{n}" for member in (*members, "infant") for n, r in
              registry.states(registry.kind_of(member)).items() if r.pace != "fast"]  # fmt: skip
    return names
