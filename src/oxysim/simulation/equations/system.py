"""The equations as a solver sees them: a state vector in, its rate of change (and exact Jacobian)
out.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.model import household, registry
from oxysim.model.inputs import CaregiverInputs, InfantInputs
from oxysim.model.rows import StateRow as StateRow
from oxysim.model.structure import (
    CaregiverOutputs,
    CaregiverState,
    InfantOutputs,
    InfantState,
    Inputs,
    Parameters,
    State,
    Usual,
)
from oxysim.simulation.equations.python_code import (
    equations_shape,
    generated_code,
    leaves,
    piece_leaves,
)

# A step along the imaginary axis leaves no difference of near numbers to round, so it may be as
# small as its square still is a number.
COMPLEX_STEP = 1e-30
# Per min: a state that did not decay would still have to move, and steps divide by its decay.
SLOWEST_DECAY = 1e-9


Rates = Callable[[Any, Any], list[Any]]


@dataclass(frozen=True, eq=False)
class System:
    """A family's equations with their parameters, for one dyad or a stack of n.

    ``parameters`` holds floats or arrays of shape (n,); ``usual`` the usual signals at the infant's
    age.

    >>> from oxysim.families import Family
    >>> System(("mother",), Family().resolved(index=0)).members
    ('mother', 'infant')
    """

    caregivers: tuple[str, ...]
    parameters: Parameters

    def rates(self, y: Any, inputs: Inputs, usual: Usual) -> list[Any]:
        """d(state)/dt per minute, one entry a state, in the order of :func:`state_rows`."""
        return flatten(
            household.derivatives(
                unflatten(y, len(self.caregivers)), inputs, self.parameters, usual
            )
        )

    def rates_under(self, levels: Mapping[str, Any], usual: Usual) -> Rates:
        """The same rates as a function of (state, time in minutes) alone, for a piece of constant
        input: the straight-line code.
        """
        code = generated_code(self.parameters)
        settled = code.piece_terms(self._prepared, self.piece_values(levels, usual))
        return functools.partial(code.rates, settled)

    def piece_values(self, levels: Mapping[str, Any], usual: Usual) -> list[Any]:
        """What is constant over a piece of input, as the generated code takes it."""
        # The rhythm belongs to the time, which is an argument of the rates: none is needed here.
        inputs = inputs_of(levels, self.caregivers, 0.0)
        return piece_leaves(inputs, usual, equations_shape(self.parameters))

    @functools.cached_property
    def _prepared(self) -> Sequence[Any]:
        """What depends on parameters alone, done once."""
        return generated_code(self.parameters).parameter_terms(leaves(self.parameters))

    def algebraic(self, y: FloatArray, levels: Mapping[str, Any], usual: Usual) -> dict[str, Any]:
        """Every algebraic variable by full name, for states of shape (n_states, ..., n) under the
        given levels: the straight-line code.
        """
        values = generated_code(self.parameters).outputs(
            leaves(self.parameters), self.piece_values(levels, usual), y
        )
        return dict(zip(output_names(self.caregivers), values, strict=True))

    @property
    def members(self) -> tuple[str, ...]:
        """Caregivers, then the infant."""
        return (*self.caregivers, "infant")


def jacobian(rates: Rates, y: FloatArray, time: float) -> FloatArray:
    """The exact Jacobian of one dyad's rates, shape (n_states, n_states), by the complex step
    (Squire & Trapp 1998).

    >>> jacobian(lambda y, time: [y[0] * y[1], y[1]], np.array([2.0, 3.0]), 0.0).tolist()
    [[3.0, 2.0], [0.0, 1.0]]
    """
    n = len(y)
    # One call for all columns: column k is the state nudged in its k-th entry.
    columns = rates(list(y[:, None] + 1j * COMPLEX_STEP * np.eye(n)), time)
    return np.array([np.broadcast_to(np.imag(c), (n,)) for c in columns]) / COMPLEX_STEP


def own_decays(rates: Rates, y: FloatArray, time: float, fast: Sequence[int]) -> FloatArray:
    """How fast each of the `fast` states (positions) forgets itself, −∂f/∂y of its own, per min;
    0 for the others. Shape of `y`, (n_states, n).

    By the complex step as :func:`jacobian`, whose diagonal it is with the sign changed; every state
    in one call.

    >>> rates = lambda y, time: [-0.5 * y[0], -0.1 * y[1]]
    >>> own_decays(rates, np.ones((2, 1)), 0.0, [0]).ravel().tolist()
    [0.5, 0.0]
    """
    nudged = np.repeat(y[:, None].astype(complex), len(fast), axis=1)
    nudged[fast, range(len(fast))] += 1j * COMPLEX_STEP
    slopes = rates(nudged, time)

    decay = np.zeros_like(y)
    for column, position in enumerate(fast):
        of_all = np.broadcast_to(slopes[position], nudged.shape[1:])
        slope = np.imag(of_all[column]) / COMPLEX_STEP
        decay[position] = np.maximum(-slope, SLOWEST_DECAY)
    return decay


@functools.cache
def state_rows(caregivers: tuple[str, ...]) -> Mapping[str, StateRow]:
    """The state rows of a family by full name (``mother.cortisol``), in the order of the state
    vector.

    >>> list(state_rows(("mother",)))[0]
    'mother.nasal_depot'
    """
    of_caregivers = {
        f"{name}.{k}": row for name in caregivers for k, row in registry.states("caregiver").items()
    }
    of_infant = {f"infant.{k}": row for k, row in registry.states("infant").items()}
    return MappingProxyType(of_caregivers | of_infant)


def slow_states(caregivers: tuple[str, ...]) -> tuple[str, ...]:
    """Full names of the states that a start can set: all but those that return within a day.

    >>> slow_states(("mother",))[0]
    'mother.birth_drive'
    """
    return tuple(name for name, row in state_rows(caregivers).items() if row.pace != "fast")


def fast_places(caregivers: tuple[str, ...]) -> list[int]:
    """The positions of the states that return within a day.

    >>> len(fast_places(("mother",)))
    20
    """
    rows = state_rows(caregivers).values()
    return [position for position, row in enumerate(rows) if row.pace == "fast"]


@functools.cache
def variable_rows(caregivers: tuple[str, ...]) -> Mapping[str, StateRow]:
    """The rows of every variable of a family by full name: states and algebraic outputs.

    >>> "mother.epds" in variable_rows(("mother",)), "mother.epds" in state_rows(("mother",))
    (True, False)
    """
    of_caregivers = {
        f"{name}.{k}": row
        for name in caregivers
        for k, row in registry.variables("caregiver").items()
    }
    of_infant = {f"infant.{k}": row for k, row in registry.variables("infant").items()}
    return MappingProxyType(of_caregivers | of_infant)


@functools.cache
def output_names(caregivers: tuple[str, ...]) -> tuple[str, ...]:
    """The full names of the algebraic variables, in the order of the generated code.

    >>> output_names(("mother",))[-1]
    'infant.saliva_oxytocin'
    """
    of_caregivers = [f"{name}.{k}" for name in caregivers for k in CaregiverOutputs._fields]
    return (*of_caregivers, *(f"infant.{k}" for k in InfantOutputs._fields))


def unflatten(y: Any, n_caregivers: int) -> State:
    """A family's state from a sequence with one entry a state.

    >>> rows = state_rows(("mother",))
    >>> unflatten(list(rows), 1).infant[0]
    'infant.plasma_oxytocin'
    """
    # Caregivers stand one after the other, the infant last: the order of `state_rows`.
    size = len(CaregiverState._fields)
    of_caregivers = tuple(
        CaregiverState(*y[i * size : (i + 1) * size]) for i in range(n_caregivers)
    )
    return State(of_caregivers, InfantState(*y[n_caregivers * size :]))


def flatten(state: State) -> list[Any]:
    """One entry a state: the caregivers in order, then the infant.

    >>> from oxysim.model.registry import starting_state
    >>> len(flatten(starting_state())) == len(state_rows(("mother",)))
    True
    """
    return [value for member in (*state.caregivers, state.infant) for value in member]


def inputs_of(levels: Mapping[str, Any], caregivers: tuple[str, ...], rhythm: Any) -> Inputs:
    """The inputs at one moment from a member -> sequence of channel levels.

    >>> from oxysim.model.inputs import channels_of
    >>> rest = {m: [row.rest for row in channels_of(m).values()] for m in ("mother", "infant")}
    >>> len(inputs_of(rest, ("mother",), 0.0).caregivers)
    1
    """
    of_caregivers = tuple(CaregiverInputs(*levels[name]) for name in caregivers)
    return Inputs(of_caregivers, InfantInputs(*levels["infant"]), rhythm)
