"""Families and ensembles of them: an infant and its caregivers, by named parameters and starting
values.

What a user gives is checked once, where it is given; a copy checks only what changes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from oxysim import units
from oxysim.arrays import FloatArray
from oxysim.checks import refused, sequence, whole_number
from oxysim.errors import InputError, unknown_name
from oxysim.families.family_checks import (
    ages_in_minutes,
    caregiver_names,
    checked_caregivers,
    checked_numbers,
)
from oxysim.families.family_text import age_range, names_and_roles, possessive, values_text
from oxysim.families.named_values import (
    ReadOnlyValues,
    parameter_values,
    require_all_values,
    require_values_of_caregivers,
    resolved_parameters,
    start_values,
)
from oxysim.model import registry
from oxysim.model.structure import Parameters
from oxysim.model.value_ranges import Implausible, implausible_parameters
from oxysim.per_dyad import MOST_FAMILIES, positions
from oxysim.texts import Described

# what `replace` may change
_FIELDS = ("caregivers", "infant_age", "parameters", "start", "roles", "dyads", "origin")
_OF_CAREGIVERS = frozenset(("caregivers", "roles", "origin"))  # checked together

# resolved tables that a family remembers: those of one run; few, as an ensemble's are large
MOST_TABLES = 8


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

    >>> family = Family(("mother", "father"), "6 weeks", {"father.stress.reactivity": [0.5, 1.0]})
    >>> len(family), family.members
    (2, ('mother', 'father', 'infant'))
    """

    caregivers: tuple[str, ...] = ("mother",)
    infant_age: Any = "5 months"
    parameters: Mapping[str, Any] = field(default_factory=dict)
    start: Mapping[str, Any] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    dyads: Sequence[int] | None = None
    origin: str = ""

    def __post_init__(self) -> None:
        self._check(_FIELDS)

    def _check(self, fields: Collection[str]) -> None:
        """Check and convert the `fields` that a user gives; the rest is in internal units."""
        # Caregivers come first: names of parameters and starts refer to them.
        names = self.caregivers
        if not _OF_CAREGIVERS.isdisjoint(fields):
            names = checked_caregivers(names, self.roles, self.origin)
        age = ages_in_minutes(self.infant_age) if "infant_age" in fields else self.infant_age
        # What the library numbers may repeat; what a user numbers may not.
        numbers = checked_numbers(self.dyads) if "dyads" in fields else self.dyads

        parameters, start = self.parameters, self.start
        if "parameters" in fields:
            parameters = parameter_values(parameters, names)
        if "start" in fields:
            start = start_values(start, names)

        object.__setattr__(self, "caregivers", names)
        object.__setattr__(self, "infant_age", age)
        object.__setattr__(self, "parameters", ReadOnlyValues(parameters))
        object.__setattr__(self, "start", ReadOnlyValues(start))
        object.__setattr__(self, "roles", ReadOnlyValues(self.roles))
        object.__setattr__(self, "dyads", self._numbers_of_length(numbers))

    def _numbers_of_length(self, numbers: Sequence[int] | None) -> tuple[int, ...]:
        """The families' numbers, 0 to n - 1 if there are none; raise where lengths disagree."""
        # one value stands for all families; arrays must agree on how many there are
        values = (*self.parameters.values(), *self.start.values(), self.infant_age)
        lengths = {np.shape(value)[0] for value in values if np.ndim(value)}
        if numbers is not None:
            lengths.add(len(numbers))
        if len(lengths) > 1 or 0 in lengths:
            raise InputError(
                "ensemble: expected values of one common length of at least 1; found lengths"
                f" {sorted(lengths)}"
            )
        if numbers is None:
            return tuple(range(lengths.pop() if lengths else 1))
        return tuple(numbers)

    # ------------------------------------------------------------------ reading
    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers of the families, which key their random streams.

        >>> Family().repeat(2).numbers
        (0, 1)
        """
        # `dyads` may be left out, so its type says None; here it is a tuple
        return self.dyads if isinstance(self.dyads, tuple) else ()

    @property
    def role_of(self) -> tuple[str, ...]:
        """The role of each caregiver, in order.

        >>> Family(("Anna", "father"), roles={"Anna": "mother"}).role_of
        ('mother', 'father')
        """
        return tuple(self.roles.get(name, name) for name in self.caregivers)

    @property
    def members(self) -> tuple[str, ...]:
        """Caregivers, then the infant.

        >>> Family().members
        ('mother', 'infant')
        """
        return (*self.caregivers, "infant")

    def ages(self) -> FloatArray:
        """The infant's age at the start of the first simulated day (whole days), minutes, shape
        (n,).

        >>> Family(infant_age="1 d").ages()
        array([1440.])
        """
        # A billionth of a day forgives the rounding of an age that is a whole number of days.
        whole_days = np.floor(np.asarray(self.infant_age) / units.DAY + 1e-9) * units.DAY
        return np.broadcast_to(whole_days, (len(self),)).astype(float)

    def value(self, name: str) -> Any:
        """The value of a parameter by dotted name, in the row's unit: a float, or shape (n,).

        >>> Family().value("caregiver.depression.set_point")
        5.4
        """
        members, path, row = registry.parameter_row(name, self.caregivers)
        # all members of one name have one value: the first speaks for them
        stored = self.parameters.get(f"{members[0]}.{path}")
        if stored is not None:
            return stored / row.factor
        return row.default_for(self._roles_by_member[members[0]])

    def resolved(self, edges: Mapping[str, Any] | None = None, index: Any = None) -> Parameters:
        """The parameters as the equations take them, in internal units.

        Parameters
        ----------
        edges : edge name -> multiplier, a number or one a family.
        index : position or positions of the families; None for all.

        >>> Family().resolved().caregivers[0].bond.usual_bond
        0.7
        """
        multipliers = {} if edges is None else edges
        if not isinstance(multipliers, Mapping):
            raise refused(multipliers, "edges", "a mapping of edge names to multipliers")
        if isinstance(index, int | None) and not any(map(np.ndim, multipliers.values())):
            return self._remembered(tuple(multipliers.items()), index)
        return resolved_parameters(self.parameters, self._roles_by_member, multipliers, index)

    @functools.cached_property
    def implausible(self) -> tuple[Implausible, ...]:
        """Its parameters that are legal but implausible.

        >>> Family(parameters={"mother.oxytocin.suckling": 500}).implausible[0].high
        5.0
        """
        rows = {name: registry.parameter_row(name, self.caregivers)[2] for name in self.parameters}
        return implausible_parameters(self.parameters, rows, population=bool(self.origin))

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it is and what is set, for print and notebooks.

        >>> Family().facts()[0]
        'Family'
        """
        n = len(self)
        caregivers = names_and_roles(self.caregivers, self.role_of)
        infant = f"{possessive(self.role_of)} infant of {age_range(self.infant_age)}"
        in_units = {name: self.value(name) for name in self.parameters}
        # who, what is set, and where they start; numbers and origin only where they say something
        facts: list[tuple[str, object]] = [
            ("a" if n == 1 else "each", f"{caregivers} and {infant}"),
            ("parameters", values_text(in_units) or "all at their defaults"),
            ("start", values_text(self.start) or "at its own set points"),
        ]
        if n > 1:
            numbers = self.numbers
            facts.append(("numbers", f"{min(numbers)} to {max(numbers)}"))
        if self.origin:
            facts.append(("drawn from", self.origin))

        kind = type(self).__name__
        title = kind if n == 1 else f"{n} {'dyads' if kind == 'Dyad' else 'families'}"
        return title, facts

    # ----------------------------------------------------------------- changing
    def replace(self, **changes: Any) -> Self:
        """A copy with other caregivers, ages, dyad numbers and so on; parameters and starts are
        kept.

        What was a dyad stays a :class:`Dyad` while it has one caregiver.

        Raises
        ------
        InputError : `parameters` or `start` without some that these families have, or other
            caregivers while values of the former ones are set: nothing is dropped silently.
            UnknownNameError : no such field.

        >>> Family().replace(infant_age="6 weeks")
        Family: a mother and her infant of 6 weeks; parameters all at their defaults; start at its
        own set points.
        """
        for name in changes:
            if name not in _FIELDS:
                raise unknown_name("field", name, _FIELDS, "of a family")
        stored = {"parameters": dict(self.parameters), "start": dict(self.start)}
        require_all_values(stored, changes, self.caregivers, type(self).__name__)
        require_values_of_caregivers(
            stored,
            changes,
            set(self.caregivers) - set(caregiver_names(changes.get("caregivers", self.caregivers))),
        )
        return self._copy(changes)

    def with_parameters(self, values: Mapping[str, Any]) -> Self:
        """A copy with some parameters changed, by dotted name, in the rows' units.

        >>> low = Family().with_parameters({"caregiver.bond.usual_bond": 0.6})
        >>> low.value("mother.bond.usual_bond")
        0.6
        """
        changed = parameter_values(values, self.caregivers)
        return self._copy(
            parameters={**self._single_values(self.parameters), **changed},
            dyads=self._numbers_with(changed),
        )

    def with_start(self, values: Mapping[str, Any]) -> Self:
        """A copy with some starting values changed.

        >>> Family().with_start({"caregiver.depression": [5.0, 16.0]}).dyads
        (0, 1)
        """
        changed = start_values(values, self.caregivers)
        return self._copy(
            start={**self._single_values(self.start), **changed},
            dyads=self._numbers_with(changed),
        )

    def take(self, index: Any) -> Self:
        """The families of an ensemble at `index` (positions, or one truth value a family), with
        their numbers.

        >>> Family().repeat(5).take([0, 3]).dyads
        (0, 3)
        """
        # values that all families share stay one value
        chosen = positions(index, len(self))

        def at_index(value: Any) -> Any:
            return np.asarray(value)[chosen] if np.ndim(value) else value

        taken = self._copy(
            parameters={name: at_index(value) for name, value in self.parameters.items()},
            start={name: at_index(value) for name, value in self.start.items()},
            infant_age=at_index(self.infant_age),
            dyads=np.asarray(self.dyads)[chosen].tolist(),
        )
        if not any(map(np.ndim, self.parameters.values())):  # the same tables, whoever is taken
            taken.__dict__["_remembered"] = self._remembered
        return taken

    def repeat(self, n: int) -> Self:
        """An ensemble of `n` identical families with different numbers (different random draws).

        >>> len(Family().repeat(3))
        3
        """
        whole_number(n, "n", 1, MOST_FAMILIES)
        if len(self) != 1:
            raise InputError(
                f"repeat: expected one family and n >= 1; found {len(self)} families, n = {n}"
            )
        return self._copy(dyads=range(n))

    def numbered(self, numbers: Iterable[int]) -> Self:
        """The same families under other numbers, of which several may share one: the same random
        draws in several designs.

        >>> Family().repeat(2).numbered([4, 4]).dyads
        (4, 4)
        """
        return self._copy(
            dyads=sequence(numbers, "numbers", _number, of="whole numbers of at least 0")
        )

    # ---------------------------------------------------------------- internals
    @functools.cached_property
    def _remembered(self) -> Callable[..., Parameters]:
        """The last few resolved tables: one run asks for the same ones several times."""
        return functools.lru_cache(maxsize=MOST_TABLES)(
            lambda edges, index: resolved_parameters(
                self.parameters, self._roles_by_member, dict(edges), index
            )
        )

    def __getstate__(self) -> dict[str, Any]:
        # a worker resolves for itself: the tables would only make the message to it longer
        return {name: getattr(self, name) for name in _FIELDS}

    @property
    def _roles_by_member(self) -> dict[str, str]:
        """Member -> role; the infant, who comes last, has none."""
        return dict(zip(self.members, (*self.role_of, ""), strict=True))

    def _copy(self, changes: Mapping[str, Any] | None = None, **checked: Any) -> Self:
        """A copy with a user's `changes`, which are checked, and fields that are `checked` already.

        An ensemble of one hands on plain numbers, so that it may grow again.
        """
        changes = {} if changes is None else changes
        age = float(np.ravel(self.infant_age)[0]) if len(self) == 1 else self.infant_age
        # all fields in internal units, so that no check runs twice
        unchanged = {
            "caregivers": self.caregivers,
            "infant_age": age,
            "roles": self.roles,
            "dyads": self.dyads,
            "parameters": self._single_values(self.parameters),
            "start": self._single_values(self.start),
            "origin": self.origin,
        }
        still_a_dyad = (
            "caregivers" not in changes
            or len(caregiver_names(changes.get("caregivers", self.caregivers))) == 1
        )
        # a Dyad takes other arguments than a Family, so no constructor is called
        kind: Any = type(self) if still_a_dyad else Family
        copy: Self = object.__new__(kind)
        for name, value in {**unchanged, **checked, **changes}.items():
            object.__setattr__(copy, name, value)
        copy._check(changes)
        return copy

    def _single_values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Parameters or starting values; of one family plain numbers in place of arrays of one."""
        if len(self) > 1:
            return dict(values)
        return {name: float(v[0]) if np.ndim(v) else v for name, v in values.items()}

    def _numbers_with(self, changed: Mapping[str, Any]) -> Sequence[int] | None:
        """The numbers after some values change; None if one family grows to an ensemble."""
        grows = len(self) == 1 and any(np.ndim(v) and np.shape(v)[0] != 1 for v in changed.values())
        return None if grows else self.dyads


_number = functools.partial(whole_number, low=0, high=2**62)
