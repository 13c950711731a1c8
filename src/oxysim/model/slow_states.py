"""What the rows of the slow states say, for whatever moves these states from day to day.

Engines, averaged days, regimes and rescue know no slow state by name: they ask here which states
there are, where each rests, how fast it moves and between which ends.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from oxysim.errors import InputError, unknown_name
from oxysim.model import registry
from oxysim.model.inputs import channel
from oxysim.model.mechanisms.depression import EPDS_HIGHEST
from oxysim.model.mechanisms.mood import shifted_by_mood
from oxysim.model.mechanisms.shapes import LN2
from oxysim.model.rows import StateRow
from oxysim.model.structure import InfantParameters


@functools.cache
def slow_rows(kind: str) -> Mapping[str, StateRow]:
    """The rows of all states of "caregiver" or "infant" that do not return within a day.

    Raises
    ------
    UnknownNameError : a row that names a parameter or a channel that does not exist.

    >>> list(slow_rows("infant"))
    ['methylation', 'attachment_security', 'exploration', 'irritability', 'attunement']
    """
    rows = {name: row for name, row in registry.states(kind).items() if row.pace != "fast"}
    parameters = registry.parameters()
    # A misspelt reference is refused at first use, with the nearest right names.
    for name, row in rows.items():
        for path in (row.set_point, row.time_constant, row.half_life):
            if path and f"{kind}.{path}" not in parameters:
                raise unknown_name(
                    "parameter", f"{kind}.{path}", parameters, f"in the row of state {name!r}"
                )
        if row.taught_by:
            channel(kind, row.taught_by)
    return MappingProxyType(rows)


@functools.cache
def loop_states(kind: str) -> tuple[str, ...]:
    """The slow states that drive one another and come to rest: the slow loop.

    The state that tells regimes apart comes first, then those with a ceiling, then the others, each
    in the order of the state vector. States that fade or are taught, and those that accumulate and
    drive nothing, are not among them.

    >>> loop_states("caregiver")[:3], loop_states("infant")
    (('depression', 'bond', 'confidence'), ('methylation',))
    """
    # what fades or is taught comes and goes with time and sessions, not with the loop
    rows = {
        name: row
        for name, row in slow_rows(kind).items()
        if row.pace == "slow" and not row.fades and not row.taught_by
    }
    return tuple(
        sorted(rows, key=lambda name: (not rows[name].tells_regime, rows[name].ceiling is None))
    )


def regime_state(caregiver: str) -> str:
    """The full name of the state of a caregiver by which regimes are told apart.

    >>> regime_state("father")
    'father.depression'
    """
    return f"{caregiver}.{loop_states('caregiver')[0]}"


@functools.cache
def taught_states(kind: str) -> Mapping[str, str]:
    """The skills of "caregiver" or "infant", each with the input channel that teaches it.

    >>> dict(taught_states("caregiver"))
    {'coaching_skill': 'coaching', 'therapy_skill': 'therapy'}
    """
    return MappingProxyType(
        {name: row.taught_by for name, row in slow_rows(kind).items() if row.taught_by}
    )


@functools.cache
def passing_states(kind: str) -> tuple[str, ...]:
    """The states that are gone in the long run: what fades, and what is taught while nobody
    teaches.

    >>> passing_states("caregiver")
    ('birth_drive', 'coaching_skill', 'therapy_skill', 'vulnerability')
    """
    return tuple(name for name, row in slow_rows(kind).items() if row.fades or row.taught_by)


def slow_row(full_name: str) -> StateRow:
    """The row of a slow state by its full name.

    Raises
    ------
    UnknownNameError : no such slow state.

    >>> slow_row("mother.bond").ceiling
    1.0
    """
    member, _, name = full_name.partition(".")
    rows = slow_rows(registry.kind_of(member))
    if name not in rows:
        raise unknown_name("slow state", full_name, [f"{member}.{state}" for state in rows])
    return rows[name]


def epds_of(value_of: Callable[[str], Any]) -> Any:
    """What a caregiver's form reads, from the values of her slow states by name: depression in the
    mood of the week (M20).

    >>> round(epds_of({"depression": 5.4, "mood": 0.0}.__getitem__), 6)
    5.4
    """
    return shifted_by_mood(value_of("depression"), value_of("mood"), EPDS_HIGHEST)


def tells_regime(full_name: str) -> bool:
    """Whether regimes are told apart by this state.

    >>> tells_regime("mother.depression"), tells_regime("mother.cortisol")
    (True, False)
    """
    member, _, name = full_name.partition(".")
    row = slow_rows(registry.kind_of(member)).get(name)
    return row is not None and row.tells_regime


def time_constant(row: StateRow, parameters: Any) -> Any:
    """The time constant of a slow state, minutes: a float, or shape (n,).

    Parameters
    ----------
    row : of the state.
    own : the member's parameters, a ``CaregiverParameters`` or ``InfantParameters``.

    Raises
    ------
    InputError : the row of a fast state, which says none.

    >>> from oxysim.families import Dyad
    >>> time_constant(slow_row("mother.depression"), Dyad().resolved().caregivers[0]) / 1440
    21.0
    """
    # exp(−t/τ) halves after τ·ln 2
    if row.half_life:
        return _value(parameters, row.half_life) / LN2
    if row.time_constant:
        return _value(parameters, row.time_constant)
    raise InputError(
        what=f"state {row.name!r}",
        expected="a slow state, whose row names its time constant",
        found=f"a {row.pace} one",
        key=(row.name,),
    )


def set_point(row: StateRow, parameters: Any, age: Any) -> Any:
    """Where a slow state rests while nothing deviates from the usual: a float, or shape (n,).

    Parameters
    ----------
    row, own : as for :func:`time_constant`.
    age : infant age, minutes: what only fades is so far on its way to zero.

    >>> from oxysim.families import Dyad
    >>> set_point(slow_row("mother.bond"), Dyad().resolved().caregivers[0], age=0.0)
    0.7
    """
    # nothing is known before the first session
    if row.taught_by:
        return 0.0
    value = _value(parameters, row.set_point)
    # a set point that is a fraction is one of the ceiling (50 % is 0.5)
    if row.ceiling is not None and _parameter_unit(parameters, row.set_point) == "fraction":
        value = row.ceiling * value
    return value * np.exp(-age / time_constant(row, parameters)) if row.fades else value


def _value(parameters: Any, path: str) -> Any:
    """The value at "group.field" of a member's parameters, in internal units."""
    group, _, field = path.partition(".")
    return getattr(getattr(parameters, group), field)


def _parameter_unit(parameters: Any, path: str) -> str:
    kind = "infant" if isinstance(parameters, InfantParameters) else "caregiver"
    return registry.parameters()[f"{kind}.{path}"].unit
