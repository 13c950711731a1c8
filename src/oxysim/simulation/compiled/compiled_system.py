"""What is made code of: a family's traced equations, and where each of their values stands in the
one array that a running loop works on.

A family's shape is named by a text (`shape_key`), since Numba passes texts to the functions that
write code, and no objects. Everything else here follows from it.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from oxysim.simulation.compiled.llvm_math import LANES
from oxysim.simulation.equations.python_code import EquationsShape, TracedEquations, trace_equations
from oxysim.simulation.equations.trace import PARAMETER, PIECE, derivative, handed_on

SHORT = ("prepared", "settled")
"""The blocks that hold single numbers where the equations are evaluated in single precision."""


# Values wait in slots between the three functions, as variables do between lines.
class CompiledSystem(NamedTuple):
    """What is made code of: the traced equations and the slots in which values wait between the
    functions.

    ``order`` lists the states as the lanes hold them: first those whose own relaxation is taken
    exactly (each has an entry in ``decays``), last the ``n_slow`` that can be held still.

    >>> from oxysim.families import Family
    >>> from oxysim.simulation.equations.python_code import equations_shape
    >>> key = shape_key(equations_shape(Family().resolved()), relaxing=[1, 4], slow=[14])
    >>> compiled_system(key).order[:2], compiled_system(key).order[-1]
    ((1, 4), 14)
    """

    traced: TracedEquations
    decays: list[Any]
    order: tuple[int, ...]
    n_slow: int
    prepared: dict[int, int]  # symbol number -> slot
    settled: dict[int, int]


class Sizes(NamedTuple):
    """How many values of each kind there are for one lane.

    >>> Sizes(raw=160, prepared=90, piece=60, settled=40, outputs=20, states=36, relaxing=8).states
    36
    """

    raw: int
    prepared: int
    piece: int
    settled: int
    outputs: int
    states: int
    relaxing: int


# One array holds everything that a running loop works on. It begins with these rows of one value a
# lane, at fixed places, and goes on with the blocks of `blocks`.
ROWS = (
    "time",
    "until",
    "wanted",
    "opening",
    "nodes",
    "size",
    "change",
    "fastest",
    "h",
    "h_slow",
    "flag",
    "rtol",
    "active",
    "fresh",
    "arrived",
    "status",
    "calls",
    "steps",
    "max_step",
    "limit",
    "adaptive",
    "hold",
    "first_step",
)


def shape_key(
    shape: EquationsShape, relaxing: Sequence[int], slow: Sequence[int], precision: str = "double"
) -> str:
    """A text that names a family's shape, the places of the states whose own relaxation a step
    takes exactly and of those that can be held still, and the precision in which the equations are
    evaluated; `system` reads it.

    >>> shape_key(EquationsShape(1, ((True,), (False,))), [0, 2], [5])
    '1;1,0;0,2;5;double'
    """
    # Everything that decides which operations there are, and in which order lanes hold them.
    groups = ",".join("".join("01"[flag] for flag in member) for member in shape.whole)
    places = (",".join(map(str, positions)) for positions in (relaxing, slow))
    return ";".join([str(shape.n_caregivers), groups, *places, precision])


def precision_of(key: str) -> str:
    """The precision that a key names.

    >>> precision_of("1;0;0;1;double")
    'double'
    """
    return key.rpartition(";")[2]


@functools.cache
def compiled_system(key: str) -> CompiledSystem:
    """The traced equations of a shape.

    >>> from oxysim.families import Family
    >>> from oxysim.simulation.equations.python_code import equations_shape
    >>> key = shape_key(equations_shape(Family().resolved()), relaxing=[1, 4], slow=[14])
    >>> len(compiled_system(key).decays), compiled_system(key).n_slow
    (2, 1)
    """
    n, groups, *places, _ = key.split(";")
    relaxing, slow = (tuple(int(i) for i in text.split(",")) for text in places)
    whole = tuple(tuple(flag == "1" for flag in member) for member in groups.split(","))
    traced = trace_equations(EquationsShape(int(n), whole))
    # Only of the states that relax fast: a derivative costs operations at every step.
    decays = [-derivative(traced.rates[i], traced.state[i]) for i in relaxing]
    roots = [*traced.rates, *traced.outputs, *decays]
    slots = [
        {s.number: i for i, s in enumerate(handed_on(traced.tape, roots, level))}
        for level in (PARAMETER, PIECE)
    ]
    # What parameters alone decide waits in the slots of the first function already.
    settled = [number for number in slots[1] if number not in slots[0]]
    remaining = [i for i in range(len(traced.state)) if i not in (*relaxing, *slow)]
    order = (*relaxing, *remaining, *slow)
    return CompiledSystem(
        traced, decays, order, len(slow), slots[0], {number: i for i, number in enumerate(settled)}
    )


def sizes(key: str) -> Sizes:
    """How many values of each kind there are for one lane.

    >>> from oxysim.families import Family
    >>> from oxysim.simulation.equations.python_code import equations_shape
    >>> key = shape_key(equations_shape(Family().resolved()), relaxing=[1, 4], slow=[14])
    >>> sizes(key).relaxing, sizes(key).states
    (2, 36)
    """
    s = compiled_system(key)
    t = s.traced
    return Sizes(
        *[
            len(p)
            for p in (t.parameters, s.prepared, t.piece, s.settled, t.outputs, t.state, s.decays)
        ]
    )


@functools.cache
def blocks(key: str) -> dict[str, int]:
    """Where each block of the loop's array begins; the last entry, "end", is its length.

    >>> from oxysim.families import Family
    >>> from oxysim.simulation.equations.python_code import equations_shape
    >>> key = shape_key(equations_shape(Family().resolved()), relaxing=[1, 4], slow=[14])
    >>> places = blocks(key)
    >>> places["rest"] - places["decay"]  # two states in eight lanes
    16
    """
    n = sizes(key)
    lengths = dict.fromkeys(ROWS, 1)
    lengths |= {
        "raw": n.raw,
        "prepared": n.prepared,
        "piece": n.piece,
        "settled": n.settled,
        "shown": n.outputs,
    }
    lengths |= dict.fromkeys(
        ("y", "new", "trial", "f0", "k2", "k3", "k4", "k5", "k6", "atol", "weight"), n.states
    )
    lengths |= {"decay": n.relaxing, "rest": n.relaxing, "powers": 10 * n.relaxing}
    # A row has a place for each lane, one after the other, so that a vector is one load.
    sizes_of = [length * row_length(key, name) for name, length in lengths.items()]
    return dict(zip([*lengths, "end"], np.cumsum([0, *sizes_of]).tolist(), strict=True))


def row_length(key: str, name: str) -> int:
    """How many places of the loop's array a row of a block takes.

    >>> row_length("1;0;0;1;double", "y")
    8
    """
    # Two single numbers fit into the place of a double.
    lanes = LANES[precision_of(key)]
    return lanes // 2 if precision_of(key) == "single" and name in SHORT else lanes


def fingerprint(key: str) -> str:
    """Every operation of a shape's code, as text: where it is equal, the code is.

    >>> from oxysim.families import Family
    >>> from oxysim.simulation.equations.python_code import equations_shape
    >>> key = shape_key(equations_shape(Family().resolved()), relaxing=[1, 4], slow=[14])
    >>> key in fingerprint(key)
    True
    """
    s = compiled_system(key)
    numbers = [s.traced.rates, s.traced.outputs, s.decays]
    recipes = [
        (o.recipe[0], *[getattr(operand, "number", operand) for operand in o.recipe[1:]])
        for o in s.traced.tape.order
    ]
    return repr((key, recipes, [[getattr(o, "number", o) for o in operand] for operand in numbers]))
