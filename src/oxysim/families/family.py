"""Families and ensembles of them: an infant and its caregivers, by named parameters and starting
values.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self, get_type_hints

import numpy as np

from oxysim import units
from oxysim.arrays import FloatArray
from oxysim.checks import instance, sequence, texts, whole_number
from oxysim.errors import InputError, unknown_name
from oxysim.families.edges import multipliers
from oxysim.families.family_checks import (
    MOST_FAMILIES,
    Internal,
    Minutes,
    Numbers,
    ages_in_minutes,
    checked_numbers,
    depth,
    numbers_in,
    positions,
)
from oxysim.model import registry, structure
from oxysim.model.rows import TIME_UNITS, all_internal, rows
from oxysim.model.structure import Parameters
from oxysim.texts import Described, age_text, listed

_FIELDS = ("caregivers", "infant_age", "parameters", "start", "roles", "dyads", "origin")
_SHOWN = 4  # parameters that a text names; a sampled dyad has dozens


@dataclass(frozen=True, eq=False)
class Family(Described):
    """One infant and its caregivers, or an ensemble of such families.

    Parameters
    ----------
    caregivers : names, each a role ("mother", "father", "other") or mapped to one by `roles`.
    infant_age : age at the start, text with a unit ("5 months"), or one age for each family.
    parameters : dotted name -> value in the row's unit; an array of shape (n,) makes an ensemble of
        n families.
    start : variable name -> starting value of a slow state, e.g. ``{"caregiver.depression": 16}``;
        scalar or (n,). It is the state's mean over the day in which a run begins (were that day the
        usual one), at whatever hour.
    roles : caregiver name -> role, where the name is not a role itself.
    dyads : numbers that key the random streams, default 0 to n - 1: whole, different, of at least
        0.
    origin : what they were drawn from, in words, for the provenance of results; "" for dyads that a
        user describes.

    Raises
    ------
    UnknownNameError : a name that does not exist (the nearest three are offered).
    InputError : an illegal or non-finite value, arrays of different lengths, an empty ensemble.
    """

    caregivers: tuple[str, ...] = ("mother",)
    infant_age: Any = "5 months"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    start: Mapping[str, Any] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    dyads: Sequence[int] | None = None
    origin: str = ""

    def __post_init__(self) -> None:
        names = texts(self.caregivers, "caregivers", of="names such as ('mother', 'father')")
        if not names or len(set(names)) != len(names) or {"caregiver", "infant"} & set(names):
            raise InputError(
                "caregivers: expected different names such as ('mother', 'father'); found"
                f" {names!r}"
            )
        instance(self.roles, "roles", Mapping, "a mapping of caregivers' names to roles")
        instance(self.origin, "origin", str, "where the families come from, in words")
        for name in names:
            role = self.roles.get(name, name)
            if role not in registry.ROLES:
                raise unknown_name("role", role, registry.ROLES, f"of caregiver {name!r}")
        for name in self.roles:
            if name not in names:
                raise unknown_name("caregiver", name, names, "in roles")
        object.__setattr__(self, "caregivers", names)
        object.__setattr__(self, "infant_age", ages_in_minutes(self.infant_age))
        object.__setattr__(self, "parameters", self._checked(self.parameters, self._parameter))
        object.__setattr__(self, "start", self._checked(self.start, self._start))
        lengths = {
            np.shape(v)[0]
            for v in (*self.parameters.values(), *self.start.values(), self.infant_age)
            if np.ndim(v)
        }
        numbers = checked_numbers(self.dyads)
        if numbers is not None:
            lengths.add(len(numbers))
        if len(lengths) > 1 or 0 in lengths:
            raise InputError(
                "ensemble: expected values of one common length of at least 1; found lengths"
                f" {sorted(lengths)}"
            )
        given = tuple(range(lengths.pop() if lengths else 1)) if numbers is None else numbers
        object.__setattr__(self, "dyads", given)

    # ------------------------------------------------------------------ reading
    def __len__(self) -> int:
        return len(self.dyads or ())

    @property
    def role_of(self) -> tuple[str, ...]:
        """The role of each caregiver, in order."""
        return tuple(self.roles.get(name, name) for name in self.caregivers)

    @property
    def members(self) -> tuple[str, ...]:
        """Caregivers, then the infant."""
        return (*self.caregivers, "infant")

    def ages(self) -> FloatArray:
        """The infant's age at the start of the first simulated day (whole days), minutes, shape
        (n,).
        """
        whole = np.floor(np.asarray(self.infant_age) / units.DAY + 1e-9) * units.DAY
        return np.broadcast_to(whole, (len(self),)).astype(float)

    def value(self, name: str) -> Any:
        """The value of a parameter by dotted name, in the row's unit: a float, or shape (n,)."""
        members, rest, row = registry.parameter_row(name, self.caregivers)
        stored = self.parameters.get(f"{members[0]}.{rest}")
        if stored is not None:
            return stored / row.factor
        return row.default_for(
            "" if members[0] == "infant" else self.role_of[self.caregivers.index(members[0])]
        )

    # ----------------------------------------------------------------- changing
    def replace(self, **changes: Any) -> Self:
        """A copy with other caregivers, ages, dyad numbers and so on; parameters and starts are
        kept.

        What was a dyad stays a :class:`Dyad` while it has one caregiver.

        Raises
        ------
        InputError : `parameters` or `start` without some that these families have, or other
            caregivers while values of those of before are there: nothing is dropped unsaid.
            UnknownNameError : no such field.

        >>> Family().replace(infant_age="6 weeks")
        Family: a mother and her infant of 6 weeks; parameters all at their defaults; start at its
        own set points.
        """
        for name in changes:
            if name not in _FIELDS:
                raise unknown_name("field", name, _FIELDS, "of a family")
        self._require_nothing_lost(changes)
        age = float(np.ravel(self.infant_age)[0]) if len(self) == 1 else self.infant_age
        kept = {
            "caregivers": self.caregivers,
            "infant_age": Minutes(age),
            "roles": self.roles,
            "dyads": Numbers(self.dyads or ()),
            "parameters": Internal(self._singles("parameters")),
            "start": Internal(self._singles("start")),
            "origin": self.origin,
        }
        made: Self = object.__new__(type(self) if len(_caregivers(changes, self)) == 1 else Family)  # type: ignore[assignment] # a Family where it is no dyad any more
        Family.__init__(made, **{**kept, **changes})
        return made

    def with_parameters(self, values: Mapping[str, Any]) -> Self:
        """A copy with some parameters changed, by dotted name, in the rows' units."""
        changed = self._checked(values, self._parameter)
        return self.replace(
            parameters=Internal({**self._singles("parameters"), **changed}),
            dyads=self._numbers(changed),
        )

    def with_start(self, values: Mapping[str, Any]) -> Self:
        """A copy with some starting values changed."""
        changed = self._checked(values, self._start)
        return self.replace(
            start=Internal({**self._singles("start"), **changed}), dyads=self._numbers(changed)
        )

    def take(self, index: Any) -> Self:
        """The families of an ensemble at `index` (positions, or one truth value a family), with
        their numbers.
        """
        chosen = positions(index, len(self))
        pick = lambda v: np.asarray(v)[chosen] if np.ndim(v) else v  # noqa: E731
        return self.replace(
            parameters=Internal({k: pick(v) for k, v in self.parameters.items()}),
            start=Internal({k: pick(v) for k, v in self.start.items()}),
            infant_age=Minutes(pick(self.infant_age)),
            dyads=Numbers(np.asarray(self.dyads)[chosen].tolist()),
        )

    def repeat(self, n: int) -> Self:
        """An ensemble of `n` identical families with different numbers (different luck)."""
        whole_number(n, "n", 1, MOST_FAMILIES)
        if len(self) != 1:
            raise InputError(
                f"repeat: expected one family and n >= 1; found {len(self)} families, n = {n}"
            )
        return self.replace(dyads=tuple(range(n)))

    def numbered(self, numbers: Iterable[int]) -> Self:
        """The same families under other numbers, of which several may share one: the same luck in
        several designs.
        """
        return self.replace(
            dyads=Numbers(sequence(numbers, "numbers", _number, of="whole numbers of at least 0"))
        )

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it is and what is set, for print and notebooks."""
        kind = type(self).__name__
        title = (
            kind if len(self) == 1 else f"{len(self)} {'dyads' if kind == 'Dyad' else 'families'}"
        )
        ages = np.unique(np.asarray(self.infant_age))
        age = " to ".join(dict.fromkeys(age_text(float(end)) for end in (ages[0], ages[-1])))
        roles = [
            n if n == r else f"{n} ({r})"
            for n, r in zip(self.caregivers, self.role_of, strict=True)
        ]
        found: list[tuple[str, object]] = [
            (
                "a" if len(self) == 1 else "each",
                f"{listed(roles)} and {_possessive(self.role_of)} infant of {age}",
            ),
            ("parameters", self._said("parameters") or "all at their defaults"),
            ("start", self._said("start") or "at its own set points"),
        ]
        numbers = self.dyads or ()
        if len(self) > 1:
            found.append(("numbers", f"{min(numbers)} to {max(numbers)}"))
        return title, [*found, *([("drawn from", self.origin)] if self.origin else [])]

    # ---------------------------------------------------------------- internals
    def _said(self, store: str) -> str:
        """Parameters or starting values in words: the first few, each in its row's unit."""
        held = getattr(self, store)
        said = []
        for name in list(held)[:_SHOWN]:
            value = np.asarray(
                self.value(name) if store == "parameters" else held[name], dtype=float
            )
            ends = dict.fromkeys(f"{end:.4g}" for end in (np.nanmin(value), np.nanmax(value)))
            said.append(f"{name} {' to '.join(ends)}")
        more = len(held) - len(said)
        return ", ".join(said) + (f" and {more} more" if more else "")

    def _require_nothing_lost(self, changes: Mapping[str, Any]) -> None:
        """Raise where a replacement would drop values that nobody said should go."""
        for store, adding in (("parameters", "with_parameters"), ("start", "with_start")):
            given: Any = changes.get(store)
            if store not in changes or isinstance(given, Internal):
                continue
            check = self._parameter if store == "parameters" else self._start
            lost = sorted(set(getattr(self, store)) - set(self._checked(given, check)))
            if lost:
                raise InputError(
                    what=store,
                    expected="every value that these families have, or those to change alone",
                    found=f"none for {listed(lost, 2)}, which would be dropped",
                    remedy=f"change some with {adding}(), or describe new ones with {type(self).__name__}()",
                    key=(store,),
                )
        gone = set(self.caregivers) - set(_caregivers(changes, self))
        for store in ("parameters", "start"):
            lost = sorted(name for name in getattr(self, store) if name.partition(".")[0] in gone)
            if lost and store not in changes:
                raise InputError(
                    what="caregivers",
                    expected=f"those whose {store} are set",
                    found=f"no home for {listed(lost, 2)}",
                    remedy=f"describe the new family with Family({store}=...)",
                    key=("caregivers",),
                )

    def resolved(self, edges: Mapping[str, Any] | None = None, index: Any = None) -> Parameters:
        """The parameters as the equations take them, in internal units; `edges` maps edge names to
        multipliers.
        """

        def pick(value: Any) -> Any:
            if index is None or np.ndim(value) == 0:
                return value
            return float(value[index]) if isinstance(index, int) else value[index]

        changed = instance(
            {} if edges is None else edges,
            "edges",
            Mapping,
            "a mapping of edge names to multipliers",
        )
        own = {name: pick(value) for name, value in changed.items()}
        caregivers = tuple(
            self._member(structure.CaregiverParameters, name, role, own, pick)
            for name, role in zip(self.caregivers, self.role_of, strict=True)
        )
        return Parameters(
            caregivers, self._member(structure.InfantParameters, "infant", "", own, pick)
        )

    def _member(
        self, table: Any, member: str, role: str, edges: Mapping[str, Any], pick: Any
    ) -> Any:
        groups = []
        for group, kind in get_type_hints(table).items():
            if group == "edges":
                groups.append(multipliers(kind, edges))
                continue
            given = [self.parameters.get(f"{member}.{group}.{name}") for name in kind._fields]
            usual = defaults(kind, role)
            groups.append(
                kind(*[d if g is None else pick(g) for g, d in zip(given, usual, strict=True)])
            )
        return table(*groups)

    def _singles(self, store: str) -> dict[str, Any]:
        """Parameters or starting values; an ensemble of one gives plain numbers, so that it may
        grow again.
        """
        values = getattr(self, store)
        return {k: float(v[0]) if np.ndim(v) and len(self) == 1 else v for k, v in values.items()}

    def _checked(self, values: Mapping[str, Any], check: Any) -> Mapping[str, Any]:
        if isinstance(values, Internal):
            return dict(values)
        if not isinstance(values, Mapping):
            raise InputError(f"expected a mapping of names to values; found {values!r}")
        found: dict[str, Any] = {}
        for name, value in values.items():
            if depth(value, str(name)) > 1:
                raise InputError(
                    f"{name}: expected one value, or one a dyad; found an array of shape"
                    f" {np.shape(value)}"
                )
            found |= check(str(name), value)
        return found

    def _parameter(self, name: str, value: Any) -> dict[str, Any]:
        members, rest, row = registry.parameter_row(name, self.caregivers)
        own = all_internal(row, value, name)
        return {f"{member}.{rest}": np.copy(own) if np.ndim(own) else own for member in members}

    def _start(self, name: str, value: Any) -> dict[str, Any]:
        prefix, _, rest = name.partition(".")
        members = registry.members_named(prefix, self.caregivers, name)
        row = registry.states(registry.kind_of(members[0])).get(rest)
        slow = {
            n for n, r in registry.states(registry.kind_of(members[0])).items() if r.pace != "fast"
        }
        if row is None or rest not in slow:
            raise unknown_name("slow state", name, [f"{prefix}.{n}" for n in slow], "in start")
        numbers = numbers_in(value, f"start {name}", units.number_in(row.unit))
        if not (
            np.all(np.isfinite(numbers))
            and np.all(numbers >= row.low)
            and np.all(numbers <= row.high)
        ):
            legal = units.with_unit(f"[{row.low:g}, {row.high:g}]", row.unit)
            raise InputError(f"start {name}: expected values in {legal}; found {value!r}")
        return {
            f"{member}.{rest}": numbers if numbers.ndim else float(numbers) for member in members
        }

    def _numbers(self, changed: Mapping[str, Any]) -> Sequence[int] | None:
        grows = len(self) == 1 and any(np.ndim(v) and np.shape(v)[0] != 1 for v in changed.values())
        return None if grows else Numbers(self.dyads or ())


def _number(value: Any, what: str) -> int:
    return whole_number(value, what, 0, 2**62)


def _family(value: Any, what: str) -> Family:
    return instance(value, what, Family, "a Dyad or a Family")


def combine(families: Iterable[Family]) -> Family:
    """One ensemble of several single families or ensembles with the same caregivers.

    Raises
    ------
    InputError : none given, or their caregivers differ.
    """
    given = sequence(families, "families", _family, of="families, at least one")
    first = given[0]
    for other in given:
        if other.caregivers != first.caregivers or other.role_of != first.role_of:
            raise InputError(
                f"ensemble: expected families with the same caregivers; found {first!r} and"
                f" {other!r}"
            )
    total = sum(len(f) for f in given)

    def joined(name: str, store: str) -> FloatArray:
        # a start that some families leave open is NaN: they start at their own set point
        missing = _default_internal(first, name) if store == "parameters" else math.nan
        parts = [np.broadcast_to(getattr(f, store).get(name, missing), (len(f),)) for f in given]
        return np.concatenate(parts).astype(float)

    parameters = {k: joined(k, "parameters") for f in given for k in f.parameters}
    start = {k: joined(k, "start") for f in given for k in f.start}
    ages = np.concatenate([np.broadcast_to(f.infant_age, (len(f),)) for f in given])
    origins = any(family.origin for family in given)
    return first.replace(
        parameters=Internal(parameters),
        start=Internal(start),
        infant_age=Minutes(ages),
        dyads=tuple(range(total)),
        origin=" and ".join(dict.fromkeys(family.origin or "single families" for family in given))
        if origins
        else "",
    )


def _caregivers(changes: Mapping[str, Any], family: Family) -> tuple[str, ...]:
    """The caregivers that a changed copy of a family has."""
    return texts(
        changes.get("caregivers", family.caregivers),
        "caregivers",
        of="names such as ('mother', 'father')",
    )


def _possessive(roles: Sequence[str]) -> str:
    return {"mother": "her", "father": "his"}.get(" and ".join(roles), "their")


@functools.cache
def defaults(kind: Any, role: str) -> tuple[float, ...]:
    return tuple(float(row.default_for(role)) * row.factor for row in rows(kind).values())


def _default_internal(family: Family, name: str) -> float:
    member, _, rest = name.partition(".")
    row = registry.parameters()[f"{registry.kind_of(member)}.{rest}"]
    role = "" if member == "infant" else family.role_of[family.caregivers.index(member)]
    return row.default_for(role) * TIME_UNITS.get(row.unit, 1.0)
