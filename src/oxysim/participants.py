"""Who is simulated: a dyad, a family, or an ensemble of either, by named parameters and starting values."""

from __future__ import annotations

import csv
import functools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, get_type_hints

import numpy as np
import numpy.typing as npt

from oxysim import layout, registry, units
from oxysim.errors import InputError, unknown_name
from oxysim.layout import Parameters
from oxysim.parameters import TIME_UNITS, all_internal, rows
from oxysim.usual import edge_table

FloatArray = npt.NDArray[np.float64]
MAXIMAL_AGE = 36 * units.MONTH


@dataclass(frozen=True, eq=False)
class Family:
    """One infant and its caregivers, or an ensemble of such families.

    Parameters
    ----------
    caregivers : names, each a role ("mother", "father", "other") or mapped to one by `roles`.
    infant_age : age at the start, text with a unit ("5 months"), or one age for each family.
    parameters : dotted name -> value in the row's unit; an array of shape (n,) makes an ensemble of n families.
    start : variable name -> starting value of a slow state, e.g. ``{"caregiver.depression": 16}``; scalar or (n,).
        It is the state's mean over the day in which a run begins (were that day the usual one), at whatever hour.
    roles : caregiver name -> role, where the name is not a role itself.
    dyads : numbers that key the random streams, default 0 to n - 1.
    origin : what they were drawn from, in words, for the provenance of results; "" for dyads that a user describes.

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
        names = _names(self.caregivers, "caregivers", "names such as ('mother', 'father')")
        if not names or len(set(names)) != len(names) or {"caregiver", "infant"} & set(names):
            raise InputError(f"caregivers: expected different names such as ('mother', 'father'); found {names!r}")
        for name in names:
            role = self.roles.get(name, name)
            if role not in registry.ROLES:
                raise unknown_name("role", role, registry.ROLES, f"of caregiver {name!r}")
        for name in self.roles:
            if name not in names:
                raise unknown_name("caregiver", name, names, "in roles")
        object.__setattr__(self, "caregivers", names)
        object.__setattr__(self, "infant_age", _ages(self.infant_age))
        object.__setattr__(self, "parameters", self._checked(self.parameters, self._parameter))
        object.__setattr__(self, "start", self._checked(self.start, self._start))
        lengths = {
            np.shape(v)[0] for v in (*self.parameters.values(), *self.start.values(), self.infant_age) if np.ndim(v)
        }
        if self.dyads is not None:
            lengths.add(len(tuple(self.dyads)))
        if len(lengths) > 1 or 0 in lengths:
            raise InputError(
                f"ensemble: expected values of one common length of at least 1; found lengths {sorted(lengths)}"
            )
        given = range(lengths.pop() if lengths else 1) if self.dyads is None else self.dyads
        if not all(isinstance(d, int | np.integer) for d in given):
            raise InputError(f"dyads: expected whole numbers; found {self.dyads!r}")
        object.__setattr__(self, "dyads", tuple(int(d) for d in given))

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
        """The infant's age at the start of the first simulated day (whole days), minutes, shape (n,)."""
        whole = np.floor(np.asarray(self.infant_age) / units.DAY + 1e-9) * units.DAY
        return np.broadcast_to(whole, (len(self),)).astype(float)

    def value(self, name: str) -> Any:
        """The value of a parameter by dotted name, in the row's unit: a float, or shape (n,)."""
        members, rest, row = registry.parameter_row(name, self.caregivers)
        stored = self.parameters.get(f"{members[0]}.{rest}")
        if stored is not None:
            return stored / row.factor
        return row.default_for("" if members[0] == "infant" else self.role_of[self.caregivers.index(members[0])])

    # ----------------------------------------------------------------- changing
    def replace(self, **changes: Any) -> Family:
        """A copy with other caregivers, ages, dyad numbers and so on; parameters and starts are kept."""
        age = float(np.ravel(self.infant_age)[0]) if len(self) == 1 else self.infant_age
        kept = {
            "caregivers": self.caregivers, "infant_age": _Minutes(age), "roles": self.roles, "dyads": self.dyads,
            "parameters": _Internal(self._singles("parameters")), "start": _Internal(self._singles("start")),
            "origin": self.origin,
        }  # fmt: skip
        return Family(**{**kept, **changes})

    def with_parameters(self, values: Mapping[str, Any]) -> Family:
        """A copy with some parameters changed, by dotted name, in the rows' units."""
        changed = self._checked(values, self._parameter)
        return self.replace(
            parameters=_Internal({**self._singles("parameters"), **changed}), dyads=self._numbers(changed)
        )

    def with_start(self, values: Mapping[str, Any]) -> Family:
        """A copy with some starting values changed."""
        changed = self._checked(values, self._start)
        return self.replace(start=_Internal({**self._singles("start"), **changed}), dyads=self._numbers(changed))

    def take(self, index: Any) -> Family:
        """The families of an ensemble at `index` (an array of positions), with their numbers."""
        chosen = np.atleast_1d(np.asarray(index))
        beyond = chosen.dtype.kind in "iu" and chosen.max(initial=0) >= len(self)
        if not chosen.size or chosen.dtype.kind not in "iub" or beyond:
            raise InputError(f"take: expected positions below {len(self)}, at least one; found {index!r}")
        pick = lambda v: np.asarray(v)[chosen] if np.ndim(v) else v  # noqa: E731
        return self.replace(
            parameters=_Internal({k: pick(v) for k, v in self.parameters.items()}),
            start=_Internal({k: pick(v) for k, v in self.start.items()}),
            infant_age=_Minutes(pick(self.infant_age)),
            dyads=tuple(np.asarray(self.dyads)[chosen].tolist()),
        )

    def repeat(self, n: int) -> Family:
        """An ensemble of `n` identical families with different numbers (different luck)."""
        if len(self) != 1 or n < 1:
            raise InputError(f"repeat: expected one family and n >= 1; found {len(self)} families, n = {n}")
        return self.replace(dyads=tuple(range(n)))

    # ---------------------------------------------------------------- internals
    def resolved(self, edges: Mapping[str, Any] | None = None, index: Any = None) -> Parameters:
        """The parameters as the equations take them, in internal units; `edges` maps edge names to multipliers."""

        def pick(value: Any) -> Any:
            if index is None or np.ndim(value) == 0:
                return value
            return float(value[index]) if isinstance(index, int) else value[index]

        own = {name: pick(value) for name, value in (edges or {}).items()}
        caregivers = tuple(
            self._member(layout.CaregiverParameters, name, role, own, pick)
            for name, role in zip(self.caregivers, self.role_of, strict=True)
        )
        return Parameters(caregivers, self._member(layout.InfantParameters, "infant", "", own, pick))

    def _member(self, table: Any, member: str, role: str, edges: Mapping[str, Any], pick: Any) -> Any:
        groups = []
        for group, kind in get_type_hints(table).items():
            if group == "edges":
                groups.append(_multipliers(kind, edges))
                continue
            given = [self.parameters.get(f"{member}.{group}.{name}") for name in kind._fields]
            defaults = _defaults(kind, role)
            groups.append(kind(*[d if g is None else pick(g) for g, d in zip(given, defaults, strict=True)]))
        return table(*groups)

    def _singles(self, store: str) -> dict[str, Any]:
        """Parameters or starting values; an ensemble of one gives plain numbers, so that it may grow again."""
        values = getattr(self, store)
        return {k: float(v[0]) if np.ndim(v) and len(self) == 1 else v for k, v in values.items()}

    def _checked(self, values: Mapping[str, Any], check: Any) -> Mapping[str, Any]:
        if isinstance(values, _Internal):
            return dict(values)
        if not isinstance(values, Mapping):
            raise InputError(f"expected a mapping of names to values; found {values!r}")
        found: dict[str, Any] = {}
        for name, value in values.items():
            if np.ndim(value) > 1:
                raise InputError(
                    f"{name}: expected one value, or one a dyad; found an array of shape {np.shape(value)}"
                )
            found |= check(str(name), value)
        return found

    def _parameter(self, name: str, value: Any) -> dict[str, Any]:
        members, rest, row = registry.parameter_row(name, self.caregivers)
        own = all_internal(row, value, name)
        return {f"{member}.{rest}": np.copy(own) if np.ndim(own) else own for member in members}

    def _start(self, name: str, value: Any) -> dict[str, Any]:
        prefix, _, rest = name.partition(".")
        members = registry.members_meant(prefix, self.caregivers, name)
        row = registry.states(registry.kind_of(members[0])).get(rest)
        slow = {n for n, r in registry.states(registry.kind_of(members[0])).items() if r.pace != "fast"}
        if row is None or rest not in slow:
            raise unknown_name("slow state", name, [f"{prefix}.{n}" for n in slow], "in start")
        numbers = _numbers_in(value, f"start {name}", units.number_in(row.unit))
        if not (np.all(np.isfinite(numbers)) and np.all(numbers >= row.low) and np.all(numbers <= row.high)):
            legal = units.with_unit(f"[{row.low:g}, {row.high:g}]", row.unit)
            raise InputError(f"start {name}: expected values in {legal}; found {value!r}")
        return {f"{member}.{rest}": numbers if numbers.ndim else float(numbers) for member in members}

    def _numbers(self, changed: Mapping[str, Any]) -> Sequence[int] | None:
        grows = len(self) == 1 and any(np.ndim(v) and np.shape(v)[0] != 1 for v in changed.values())
        return None if grows else self.dyads


class Dyad(Family):
    """One caregiver, with the infant all day, and one infant (or an ensemble of such): a family of one caregiver."""

    def __init__(
        self,
        caregiver: str = "mother",
        infant_age: Any = "5 months",
        parameters: Mapping[str, Any] | None = None,
        start: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__((caregiver,), infant_age, parameters or {}, start or {})

    @classmethod
    def reference(cls, infant_age: Any = "5 months") -> Dyad:
        """The reference dyad: every parameter at its default. One stable regime, near EPDS 5."""
        return cls(infant_age=infant_age)

    @classmethod
    def symptomatic(cls, infant_age: Any = "5 months") -> Dyad:
        """The default symptomatic dyad: a strong loop, resting in its upper regime.

        It differs from the reference dyad in ``caregiver.depression.loop_gain`` alone, has two stable regimes (a
        modelling
        assumption) and starts in the symptomatic one. Values in ``data/named_dyads.csv``, written by
        ``scripts/update_reference_day.py``.
        """
        return cls._named("symptomatic", infant_age)

    @classmethod
    def recovered(cls, infant_age: Any = "5 months") -> Dyad:
        """The same dyad as :meth:`symptomatic`, resting in its lower regime."""
        return cls._named("recovered", infant_age)

    @classmethod
    def _named(cls, name: str, infant_age: Any) -> Dyad:
        entries = named_dyads()[name]
        parameters = {k: v for k, v in entries.items() if k.count(".") == 2}
        start = {k: v for k, v in entries.items() if k.count(".") == 1}
        return cls(infant_age=infant_age, parameters=parameters, start=start)


def combine(families: Iterable[Family]) -> Family:
    """One ensemble of several single families or ensembles with the same caregivers.

    Raises
    ------
    InputError : none given, or their caregivers differ.
    """
    given = list(families)
    if not given:
        raise InputError("ensemble: expected at least one family; found none")
    first = given[0]
    for other in given:
        if (
            not isinstance(other, Family)
            or not isinstance(first, Family)
            or other.caregivers != first.caregivers
            or other.role_of != first.role_of
        ):
            raise InputError(f"ensemble: expected families with the same caregivers; found {first!r} and {other!r}")
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
        parameters=_Internal(parameters), start=_Internal(start), infant_age=_Minutes(ages), dyads=tuple(range(total)),
        origin=" and ".join(dict.fromkeys(family.origin or "single families" for family in given)) if origins else "",
    )  # fmt: skip


def edge_multipliers(cut: Iterable[str] | str, scale: Mapping[str, Any] | None) -> dict[str, Any]:
    """Edge name -> multiplier from a list of cuts and a mapping of scales.

    Raises
    ------
    UnknownNameError : no such edge.
    InputError : a multiplier outside [0, the edge's limit], or an edge both cut and scaled.
    """
    found: dict[str, Any] = {}
    for name in _names(cut, "cut", "edge names such as ['reward -> depression']"):
        found[registry.edge_place(name).row.name] = 0.0
    if not isinstance(scale, Mapping | None):
        raise InputError(f"scale: expected a mapping of edge names to multipliers; found {scale!r}")
    for name, value in (scale or {}).items():
        row = registry.edge_place(name).row
        full, expected = row.name, f"a multiplier in [0, {row.limit:g}]"
        numbers = _numbers_in(value, f"edge {full!r}", expected)
        if full in found:
            raise InputError(f"edge {full!r} is both cut and scaled; do one")
        if not (np.all(np.isfinite(numbers)) and np.all(numbers >= 0) and np.all(numbers <= row.limit)):
            why = "" if row.limit > 1 else "; it carries a level: strengthen the gain of what hears it instead"
            raise InputError(f"edge {full!r}: expected {expected}; found {value!r}{why}")
        found[full] = numbers if numbers.ndim else float(numbers)
    return found


@functools.cache
def named_dyads() -> Mapping[str, Mapping[str, float]]:
    """The stored named dyads: name -> parameter or slow state -> value."""
    text = resources.files("oxysim").joinpath("data/named_dyads.csv").read_text(encoding="utf-8")
    found: dict[str, dict[str, float]] = {}
    for row in csv.DictReader(text.splitlines()):
        found.setdefault(row["dyad"], {})[row["name"]] = float(row["value"])
    return found


def _names(value: Any, what: str, expected: str) -> tuple[str, ...]:
    """One text, or several, as a tuple."""
    if not isinstance(value, str | Iterable):
        raise InputError(f"{what}: expected {expected}; found {value!r}")
    return (value,) if isinstance(value, str) else tuple(value)


def _each(value: Any) -> list[Any]:
    """The entries of an array or list (of numbers, texts with units or quantities), or the one value."""
    return list(value) if np.ndim(value) else [value]


def _numbers_in(value: Any, what: str, expected: str) -> FloatArray:
    """Plain numbers as an array; texts, truth values and quantities with units are refused."""
    entries = _each(value)
    if not all(isinstance(v, int | float | np.integer | np.floating) and not isinstance(v, bool) for v in entries):
        raise InputError(f"{what}: expected {expected}; found {value!r}")
    return np.array(entries if np.ndim(value) else entries[0], dtype=float)


class _Internal(dict[str, Any]):
    """Values already checked and in internal units."""


class _Minutes:
    """An age already in minutes."""

    def __init__(self, minutes: Any) -> None:
        self.minutes = minutes


def _ages(value: Any) -> Any:
    if isinstance(value, _Minutes):
        return value.minutes
    if isinstance(value, list | tuple | np.ndarray):
        if np.ndim(value) > 1:
            raise InputError(
                f"infant_age: expected one age, or one a family; found an array of shape {np.shape(value)}"
            )
        return np.array([_ages(v) for v in value])
    age = units.duration(value, "infant_age", positive=False)
    if age > MAXIMAL_AGE:
        raise InputError(f"infant_age: the model holds up to 36 months; found {value!r}")
    return age


def _multipliers(kind: Any, changed: Mapping[str, Any]) -> Any:
    """An edge table of multipliers, with None for every group in which all edges are whole."""
    whole = edge_table(kind, dict.fromkeys(registry.edges(), 1.0) | dict(changed))
    touched = {registry.edge_place(name).group for name in changed}
    return kind(*[group if name in touched else None for name, group in zip(kind._fields, whole, strict=True)])


@functools.cache
def _defaults(kind: Any, role: str) -> tuple[float, ...]:
    return tuple(float(row.default_for(role)) * row.factor for row in rows(kind).values())


def _default_internal(family: Family, name: str) -> float:
    member, _, rest = name.partition(".")
    row = registry.parameters()[f"{registry.kind_of(member)}.{rest}"]
    role = "" if member == "infant" else family.role_of[family.caregivers.index(member)]
    return row.default_for(role) * TIME_UNITS.get(row.unit, 1.0)
