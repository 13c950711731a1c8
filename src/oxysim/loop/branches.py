"""Branches of a dyad's regimes against a parameter, the strength of an edge, or the dose of an intervention.

The regimes are those of the averaged system (infant age frozen, postpartum vulnerability gone, jitter and noise off).
All of them are sought at the dyad's own value of the parameter; each is then followed through folds by continuation.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from oxysim import registry
from oxysim.errors import InputError
from oxysim.loop.averaged import AveragedSystem
from oxysim.loop.continuation import Branch, Steps, continue_branch
from oxysim.loop.curve import FloatArray, Rates
from oxysim.loop.rest_points import rest_points
from oxysim.loop.special_points import SpecialPoint
from oxysim.participants import Family
from oxysim.simulation.system import state_rows

SIZES = {"depression": 10.0, "bond": 0.5, "confidence": 0.5, "mentalising": 1.0, "methylation": 20.0}
"""Typical sizes of the slow states, by which a branch's arclength is measured."""
COARSE = Steps(first=0.03, longest=0.09, tolerance=1e-6)
"""A dyad's rates are dear and its branches smooth; folds are located to full precision all the same."""
SAME = 0.02
"""Distance in these sizes within which a regime lies on a branch that is known already."""


@dataclass(frozen=True, eq=False)
class Diagram:
    """All branches that were found.

    Attributes
    ----------
    parameter : what was varied, by its dotted name or in words.
    names : full names of the slow states. branches : one or more.
    own : the value at which the dyad itself stands, and where the regimes were sought.
    """

    parameter: str
    names: tuple[str, ...]
    branches: tuple[Branch, ...]
    own: float

    @property
    def folds(self) -> tuple[SpecialPoint, ...]:
        """The folds of all branches, by rising parameter."""
        return self._of("fold")

    @property
    def hopfs(self) -> tuple[SpecialPoint, ...]:
        """The Hopf points of all branches, by rising parameter."""
        return self._of("Hopf")

    @property
    def ended(self) -> tuple[str, ...]:
        """Why the branches end, each at its two ends."""
        return tuple(reason for branch in self.branches for reason in branch.ended)

    def table(self) -> Any:
        """A pandas table, a row a point; the column "branch" numbers the branches."""
        import pandas as pd

        return pd.concat([b.table().assign(branch=i) for i, b in enumerate(self.branches)], ignore_index=True)

    def at(self, value: float) -> tuple[FloatArray, Any]:
        """The regimes at one value, (k, m) by rising depression, and which are stable, (m,)."""
        found = [branch.at(value) for branch in self.branches]
        states = np.concatenate([x for x, _ in found], axis=1)
        stable = np.concatenate([s for _, s in found])
        order = np.argsort(states[0])
        return states[:, order], stable[order]

    def _of(self, kind: str) -> tuple[SpecialPoint, ...]:
        points = [point for branch in self.branches for point in branch.special if point.kind == kind]
        return tuple(sorted(points, key=lambda point: point.p))


def branch(
    dyad: Family | AveragedSystem,
    parameter: str,
    low: float,
    high: float,
    *,
    routine: Any = None,
    steps: Steps | None = None,
    starts: Any = None,
) -> Diagram:
    """The regimes of one dyad against a parameter or the strength of an edge.

    Parameters
    ----------
    dyad : one dyad, or its averaged system.
    parameter : a dotted name ("caregiver.depression.loop_gain"), in the unit of its row, or an edge ("reward ->
        depression"), whose multiplier is varied.
    low, high : the range; the dyad's own value must lie inside.
    routine : the day that is repeated, with or without interventions; default the typical day.
    starts : slow states (k, m) to follow branches from, in place of all regimes found at the dyad's own value.

    Raises
    ------
    UnknownNameError, InputError : a name that does not exist, an illegal range, a parameter that does not influence
        the slow loop. What ends a branch is no error: it stands in ``ended``.
    """
    system = dyad if isinstance(dyad, AveragedSystem) else _averaged(dyad, routine)
    if isinstance(dyad, AveragedSystem) and routine is not None:
        system = system.with_routine(routine)
    rates, own = _along(system, parameter, (low, high))
    return _follow(system, rates, (parameter, own, low, high), steps, starts)


def branch_over_dose(
    system_at: Callable[[float], AveragedSystem],
    dose: str,
    low: float,
    high: float,
    *,
    steps: Steps | None = None,
    starts: Any = None,
) -> Diagram:
    """The regimes against the dose of an intervention that comes back every day; sought at the lowest dose.

    Parameters
    ----------
    system_at : dose -> the averaged system on the day with that dose; no dose outside the range is asked for.
    dose : the dose in words, with its unit ("skin-to-skin contact, min a day").

    Raises
    ------
    InputError : an illegal range, a dose that changes nothing.
    """
    held = functools.lru_cache(maxsize=64)(system_at)
    system = held(float(low))

    def rates(x: FloatArray, p: Any) -> FloatArray:
        found = np.empty_like(x)
        for value in np.unique(p):
            columns = p == value
            found[:, columns] = held(float(value)).rates(x[:, columns])
        return found

    return _follow(system, _where_legal(rates, (low, high)), (dose, float(low), low, high), steps, starts)


def _where_legal(rates: Rates, limits: tuple[float, float]) -> Rates:
    """The rates, not a number where the parameter lies beyond its limits, so that a trial step is taken back."""

    def checked(x: FloatArray, p: Any) -> FloatArray:
        values = np.broadcast_to(p, x.shape[1:])
        legal = (limits[0] <= values) & (values <= limits[1])
        if legal.all():
            return rates(x, p)
        found = np.full(x.shape, np.nan)
        if legal.any():
            found[:, legal] = rates(x[:, legal], values[legal])
        return found

    return checked


def _averaged(dyad: Family, routine: Any) -> AveragedSystem:
    system = AveragedSystem(dyad) if routine is None else AveragedSystem(dyad, routine)
    if len(dyad) != 1:
        raise InputError(f"dyad: a diagram is of one dyad; found {len(dyad)}; choose one with .take([number])")
    return system


def _along(system: AveragedSystem, parameter: str, span: tuple[float, float]) -> tuple[Rates, float]:
    """The rates with the parameter as the second argument, one value a column; and the dyad's own value."""
    if "->" in parameter:
        name = " -> ".join(part.strip() for part in parameter.split("->"))
        for value in span:
            system.with_edges({name: value})  # an unknown edge, or a multiplier beyond its limit, is refused here

        def by_edge(x: FloatArray, p: Any) -> FloatArray:
            return system.rates_of(x, np.zeros(x.shape[1], dtype=np.int64), {name: np.asarray(p)})

        limits = (0.0, float(registry.edge_place(name).row.limit))
        return _where_legal(by_edge, limits), float(system.edges.get(name, 1.0))
    for value in span:
        system.with_parameter(parameter, value)  # an unknown name, or a value beyond the legal range, is refused here

    def by_parameter(x: FloatArray, p: Any) -> FloatArray:
        return system.with_parameter(parameter, np.asarray(p)).rates(x)

    limits = registry.parameter_row(parameter, system.dyad.caregivers)[2].legal
    return _where_legal(by_parameter, limits), float(np.ravel(system.dyad.value(parameter))[0])


def _follow(
    system: AveragedSystem, rates: Rates, along: tuple[str, float, float, float], steps: Steps | None, starts: Any
) -> Diagram:
    parameter, own, low, high = along
    sizes = np.array([SIZES.get(name.partition(".")[2], 1.0) for name in system.names])
    rows = state_rows(system.dyad.caregivers)
    legal = [(rows[name].low, rows[name].high) for name in system.names]
    found: list[Branch] = []
    for start in _starts(system, starts):
        if any(_lies_on(known, start, own, sizes) for known in found):
            continue
        found.append(
            continue_branch(
                rates,
                start,
                own,
                low=low,
                high=high,
                legal=legal,
                scale=sizes.tolist(),
                names=system.names,
                parameter=parameter,
                steps=steps or COARSE,
            )  # fmt: skip
        )
    return Diagram(parameter, system.names, tuple(found), own)


def _starts(system: AveragedSystem, given: Any) -> Iterable[FloatArray]:
    states = rest_points(system) if given is None else np.asarray(given, dtype=float).reshape(len(system.names), -1)
    if states.shape[1] == 0:
        raise InputError("no regime of this dyad was found on this day, so that there is no branch to follow")
    return states.T


def _lies_on(known: Branch, start: FloatArray, own: float, sizes: FloatArray) -> bool:
    states, _ = known.at(own)
    return bool((np.abs(states - start[:, None]) / sizes[:, None]).max(axis=0, initial=-1.0).min(initial=1.0) < SAME)
