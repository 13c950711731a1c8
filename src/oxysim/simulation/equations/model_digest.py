"""A digest of the model itself: its equations as they are computed, and the defaults at which they
stand.

A version names what was released; these name what is installed. They are the same where no
operation, no constant and no default differs, whatever was done to comments and to the names of
things.
"""

from __future__ import annotations

import functools
import hashlib
from typing import Any, get_type_hints

from oxysim.model import registry, structure
from oxysim.simulation.equations.python_code import EquationsShape, trace_equations
from oxysim.simulation.equations.trace import Symbol

_FAMILIES = (1, 2)
"""Numbers of caregivers of which the equations are followed: alone, and with somebody to react to.
"""


def model_digest() -> dict[str, str]:
    """SHA-256 of the equations and of the defaults.

    It does not cover how a schedule becomes inputs, nor how the equations are integrated: these are
    named by the version.

    >>> sorted(model_digest())
    ['defaults', 'equations']
    """
    return {"equations": equations_digest(), "defaults": defaults_digest()}


def defaults_digest() -> str:
    """SHA-256 of every parameter's default: what a population does not set stands at it.

    >>> len(defaults_digest())
    64
    """
    rows = [
        (name, row.default, sorted(row.roles.items()))
        for name, row in registry.parameters().items()
    ]
    return _sha256(rows)


def equations_digest() -> str:
    """SHA-256 of every operation of the equations, from parameters, inputs and states to rates and
    outputs, and of the limits of edges and the rest of the states' rows.

    >>> len(equations_digest())
    64
    """
    # What a row says in words, and its name, may change without changing a number.
    edges = [(name, received.row.limit) for name, received in registry.edges().items()]
    states = [
        (kind, name, [repr(number) for number in (row.start, row.low, row.high, row.scale)])
        for kind in registry.MEMBERS
        for name, row in registry.states(kind).items()
    ]
    return _sha256([*map(_operations, _FAMILIES), edges, states])


@functools.cache
def _operations(n_caregivers: int) -> str:
    """Each operation of a family's equations with every edge in them, as text."""
    # No group of edges is absent: every operation that the model has is in the trace.
    groups = [
        (False,) * len(get_type_hints(kind))
        for kind in (structure.CaregiverEdges, structure.InfantEdges)
    ]
    shape = EquationsShape(n_caregivers, (*[groups[0]] * n_caregivers, groups[1]))
    traced = trace_equations(shape)
    # Operations are numbered in the order in which they are met, so that the text depends on
    # nothing else.
    lines = [(o.recipe[0], *map(_operand, o.recipe[1:])) for o in traced.tape.order]
    return repr((lines, [list(map(_operand, values)) for values in (traced.rates, traced.outputs)]))


def _operand(operand: Any) -> str:
    """The operation that an operand names, or a constant, written the same by every version of
    NumPy.
    """
    return f"#{operand.number}" if isinstance(operand, Symbol) else repr(float(operand))


def _sha256(content: object) -> str:
    return hashlib.sha256(repr(content).encode()).hexdigest()
