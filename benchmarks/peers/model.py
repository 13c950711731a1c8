"""The equations for a peer: the operations that `generated_code` follows, written in the peer's own
language.

There is no second copy of an equation: a peer gets the list of operations that every engine of
oxysim is made from. What does not depend on the state is computed beforehand with NumPy, once for
each dyad and piece of constant input, and handed over as constants; that time is not counted
against a peer.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.model.mechanisms.shapes import exp, log
from oxysim.model.structure import Inputs, Parameters, Usual
from oxysim.simulation.equations.python_code import (
    EquationsShape,
    TracedEquations,
    equations_shape,
    leaves,
    piece_leaves,
    trace_equations,
)
from oxysim.simulation.equations.trace import PIECE, STATE, Symbol, handed_on, needed

Operations = Mapping[str, Callable[..., Any]]
NUMPY: Operations = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "exp": exp,
    "log": log,
}


@dataclass(frozen=True, eq=False)
class Model:
    """The traced equations, with what is constant over a piece (`given`) told from what each
    evaluation does.
    """

    shape: EquationsShape
    traced: TracedEquations
    given: tuple[Symbol, ...]
    steps: tuple[Symbol, ...]

    def settled(self, parameters: Parameters, inputs: Inputs, usual: Usual, n: int) -> FloatArray:
        """The values of `given` for n dyads under one piece's inputs, shape (n_given, n)."""
        values: dict[int, Any] = {}
        into = (*self.traced.parameters, *self.traced.piece)
        for symbol, value in zip(
            into, [*leaves(parameters), *piece_leaves(inputs, usual, self.shape)], strict=True
        ):
            values[symbol.number] = value
        wanted = needed(self.given)
        for symbol in self.traced.tape.order:
            if symbol.number in wanted and symbol.number not in values:
                values[symbol.number] = _done(symbol, values, NUMPY)
        return np.array([np.broadcast_to(values[s.number], (n,)) for s in self.given], dtype=float)

    def rates(
        self, y: Sequence[Any], given: Sequence[Any], time: Any, operations: Operations
    ) -> list[Any]:
        """The rates of change as a peer's own expressions, from its own state,
        constants and time.
        """
        leading = (*self.traced.state, *self.given, self.traced.time)
        values = {s.number: v for s, v in zip(leading, (*y, *given, time), strict=True)}
        for symbol in self.steps:
            values[symbol.number] = _done(symbol, values, operations)
        return [values[r.number] if isinstance(r, Symbol) else float(r) for r in self.traced.rates]

    def lines(self) -> list[tuple[str, str]]:
        """Every operation of one evaluation as (name, infix text), in order; values are called v
        and their number.
        """
        return [(name_of(s), infix(s)) for s in self.steps]


def _done(symbol: Symbol, values: Mapping[int, Any], operations: Operations) -> Any:
    word, *operands = symbol.recipe
    return operations[word](*[values[o.number] if isinstance(o, Symbol) else o for o in operands])


def name_of(value: Any) -> str:
    """How a value is written: a symbol's name, or the number itself."""
    return f"v{value.number}" if isinstance(value, Symbol) else repr(float(value))


def infix(symbol: Symbol) -> str:
    """An operation as text that Python and Antimony both read."""
    word, *operands = symbol.recipe
    texts = [f"({name_of(o)})" if name_of(o).startswith("-") else name_of(o) for o in operands]
    return f"{word}({texts[0]})" if word in ("exp", "log", "cos") else f" {word} ".join(texts)


@functools.cache
def _model(shape: EquationsShape) -> Model:
    traced = trace_equations(shape)
    wanted = needed(traced.rates)
    steps = (
        s
        for s in traced.tape.order
        if s.number in wanted and s.level == STATE and s.recipe[0] != "leaf"
    )
    return Model(shape, traced, tuple(handed_on(traced.tape, traced.rates, PIECE)), tuple(steps))


def model_of(parameters: Parameters) -> Model:
    """The equations of families of this shape."""
    return _model(equations_shape(parameters))


def python_source(model: Model) -> str:
    """``rates(t, y, p, dy)`` on sequences of floats: Python runs it, and Numba compiles it."""
    text = ["def rates(t, y, p, dy):", f"    {name_of(model.traced.time)} = t"]
    text += [f"    {name_of(s)} = y[{i}]" for i, s in enumerate(model.traced.state)]
    text += [f"    {name_of(s)} = p[{i}]" for i, s in enumerate(model.given)]
    text += [f"    {name} = {line}" for name, line in model.lines()]
    text += [f"    dy[{i}] = {name_of(r)}" for i, r in enumerate(model.traced.rates)]
    return "\n".join(text) + "\n"
