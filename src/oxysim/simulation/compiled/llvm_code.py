"""The equations as vector instructions: the operations that `generated_code` follows, for dyads side
by side.

Every value is a vector with one entry a dyad ("lane"), so one instruction does eight dyads, or
sixteen where the equations are evaluated in single precision (states and steps are doubles always).
The functions at the end are what a Numba kernel calls; the first argument of each names the shape
of the family (`key_of`), the second is one flat array (`blocks`) in which the lane runs fastest.

    prepare -> settle -> rates, rates_and_decays, outputs

each taking what the one before has stored: what depends on parameters alone, on inputs and usual
signals too, on the state too.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from oxysim.model.clock import clock_input
from oxysim.model.inputs import noise_columns
from oxysim.simulation.compiled.llvm_math import DOUBLE, LANES, PRECISIONS, Vectors
from oxysim.simulation.equations.python_code import EquationsShape, TracedEquations, trace_equations
from oxysim.simulation.equations.trace import (
    PARAMETER,
    PIECE,
    STATE,
    Symbol,
    derivative,
    handed_on,
    needed,
)

OPERATIONS = {
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "exp": "exp",
    "log": "log",
    "cos": "cos",
}
SHORT = ("prepared", "settled")
"""The blocks that hold single numbers where the equations are evaluated in single precision."""


class CompiledSystem(NamedTuple):
    """What is made code of: the traced equations and the slots in which values wait between the
    functions.

    ``order`` lists the states as the lanes hold them: first those whose own relaxation is taken
    exactly (each has an entry in ``decays``), last the ``n_slow`` that can be held still.
    """

    traced: TracedEquations
    decays: list[Any]
    order: tuple[int, ...]
    n_slow: int
    prepared: dict[int, int]  # symbol number -> slot
    settled: dict[int, int]


class Sizes(NamedTuple):
    """How many values of each kind there are for one lane."""

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
    """
    groups = ",".join("".join("01"[flag] for flag in member) for member in shape.whole)
    places = (",".join(map(str, part)) for part in (relaxing, slow))
    return ";".join([str(shape.n_caregivers), groups, *places, precision])


def precision_of(key: str) -> str:
    """The precision that a key names."""
    return key.rpartition(";")[2]


@functools.cache
def compiled_system(key: str) -> CompiledSystem:
    """The traced equations of a shape."""
    n, groups, *places, _ = key.split(";")
    relaxing, slow = (tuple(int(i) for i in part.split(",")) for part in places)
    whole = tuple(tuple(flag == "1" for flag in member) for member in groups.split(","))
    traced = trace_equations(EquationsShape(int(n), whole), clock_input)
    decays = [-derivative(traced.rates[i], traced.state[i]) for i in relaxing]
    roots = [*traced.rates, *traced.outputs, *decays]
    slots = [
        {s.number: i for i, s in enumerate(handed_on(traced.tape, roots, level))}
        for level in (PARAMETER, PIECE)
    ]
    settled = [number for number in slots[1] if number not in slots[0]]
    others = [i for i in range(len(traced.state)) if i not in (*relaxing, *slow)]
    order = (*relaxing, *others, *slow)
    return CompiledSystem(
        traced, decays, order, len(slow), slots[0], {number: i for i, number in enumerate(settled)}
    )


def sizes(key: str) -> Sizes:
    """How many values of each kind there are for one lane."""
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
    """Where each block of the loop's array begins; the last entry, "end", is its length."""
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
    sizes_of = [length * _row_length(key, name) for name, length in lengths.items()]
    return dict(zip([*lengths, "end"], np.cumsum([0, *sizes_of]).tolist(), strict=True))


def _row_length(key: str, name: str) -> int:
    """How many places of the loop's array a row of a block takes."""
    lanes = LANES[precision_of(key)]
    return lanes // 2 if precision_of(key) == "single" and name in SHORT else lanes


def fingerprint(key: str) -> str:
    """Every operation of a shape's code, as text: where it is equal, the code is."""
    s = compiled_system(key)
    numbers = [s.traced.rates, s.traced.outputs, s.decays]
    recipes = [
        (o.recipe[0], *[getattr(part, "number", part) for part in o.recipe[1:]])
        for o in s.traced.tape.order
    ]
    return repr((key, recipes, [[getattr(o, "number", o) for o in part] for part in numbers]))


class CodeBlock:
    """A part of the loop that is being built: `load` and `store` go by the names of `blocks` and a
    row.
    """

    def __init__(self, builder: Any, key: str, base: Any) -> None:
        precision = precision_of(key)
        lanes = LANES[precision]
        self.key, self.own, self.base, self.starts = key, compiled_system(key), base, blocks(key)
        # of everything but the evaluation of the equations
        self.v = Vectors(builder, lanes, DOUBLE)
        self.equations = Vectors(builder, lanes, PRECISIONS[precision])
        self.target = base  # where a block without a name begins
        self.n_relaxing, self.n_states = len(self.own.decays), len(self.own.order)
        self.n_fast = self.n_states - self.own.n_slow

    def load(self, name: str, row: int = 0) -> Any:
        """A row in double precision."""
        return self.v.as_own(self._stored(name, row))

    def store(self, value: Any, name: str, row: int = 0) -> None:
        kind = self._kind(name)
        start, base = (self.starts[name], self.base) if name else (0, self.target)
        self.v.builder.store(
            kind.as_own(value), kind.place(base, start + row * _row_length(self.key, name)), align=8
        )

    def _stored(self, name: str, row: int) -> Any:
        kind = self._kind(name)
        place = kind.place(self.base, self.starts[name] + row * _row_length(self.key, name))
        return self.v.builder.load(place, align=8)

    def _kind(self, name: str) -> Vectors:
        return self.equations if name in SHORT else self.v

    def write(
        self,
        level: int,
        roots: Sequence[Any],
        known: dict[int, tuple[str, int]],
        into: Sequence[Any],
    ) -> None:
        """Build the operations of `level` that the `roots` need, and store each root at its (name,
        row).

        `known` says where the values from before wait: symbol number -> (name, row). What depends
        on the state is evaluated in the precision of the equations, but for what depends on the
        time alone: 18 months are too many minutes for single numbers.
        """
        v = self.equations if level == STATE else self.v
        # symbol number -> its vector, (number, kind) -> the same in that precision
        values: dict[Any, Any] = {}
        clockwork = self._of_time_alone() if level == STATE else set()

        def value(operand: Any, kind: Vectors = v) -> Any:
            if not isinstance(operand, Symbol):
                return kind.number(operand)
            if operand.number not in values:
                values[operand.number] = self._stored(*known[operand.number])
            values[operand.number, kind] = kind.as_own(
                values.get((operand.number, kind), values[operand.number])
            )
            return values[operand.number, kind]

        for ready, divisions in _by_depth(self.own.traced.tape.order, needed(roots), level):
            for symbol in ready:
                operator, *operands = symbol.recipe
                kind = self.v if symbol.number in clockwork else v
                values[symbol.number] = getattr(kind, OPERATIONS[operator])(
                    *[value(o, kind) for o in operands]
                )
            for pair in (divisions[i : i + 2] for i in range(0, len(divisions), 2)):
                shares = v.divide_together(
                    [tuple(map(value, symbol.recipe[1:])) for symbol in pair]
                )
                values |= {symbol.number: share for symbol, share in zip(pair, shares, strict=True)}
        for root, place in zip(roots, into, strict=True):
            self.store(value(root), *place)

    def _of_time_alone(self) -> set[int]:
        """The numbers of the operations that depend on the time and on nothing else."""
        found = {self.own.traced.moment.number}
        for symbol in self.own.traced.tape.order:
            operands = [o for o in symbol.recipe[1:] if isinstance(o, Symbol)]
            if operands and all(o.number in found for o in operands):
                found.add(symbol.number)
        return found

    def write_state(self, roots: Sequence[Any], y: str, time: str, into: Sequence[Any]) -> None:
        """Build what depends on the state, of the states and times in these blocks."""
        own = self.own
        known = _places("prepared", own.prepared) | _places("settled", own.settled)
        known |= {own.traced.state[i].number: (y, row) for row, i in enumerate(own.order)}
        known[own.traced.moment.number] = (time, 0)
        self.write(STATE, roots, known, into)


def _by_depth(
    order: Sequence[Symbol], steps: set[int], level: int
) -> list[tuple[list[Symbol], list[Symbol]]]:
    """The operations of `level` by how many divisions lie one after the other before them: at each
    depth the others, then the divisions, which do not wait for each other and so can be done
    together.
    """
    depth: dict[int, int] = {}
    found: list[tuple[list[Symbol], list[Symbol]]] = []
    for symbol in order:
        operator, *operands = symbol.recipe
        if symbol.number not in steps or symbol.level != level or operator == "leaf":
            continue
        before = [o for o in operands if isinstance(o, Symbol) and o.number in depth]
        at = max((depth[o.number] + (o.recipe[0] == "/") for o in before), default=0)
        depth[symbol.number] = at
        while len(found) <= at:
            found.append(([], []))
        found[at][operator == "/"].append(symbol)
    return found


def _places(name: str, slots: dict[int, int]) -> dict[int, tuple[str, int]]:
    return {number: (name, slot) for number, slot in slots.items()}


def _rows(name: str, n: int) -> list[tuple[str, int]]:
    return [(name, i) for i in range(n)]


def typed(body: Callable[[CodeBlock], None], *given: Any) -> Any:
    """What `intrinsic` asks for: the signature, and what builds the function; the key comes first,
    the array last.
    """

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        base = context.make_array(signature.args[-1])(context, builder, arguments[-1]).data
        body(CodeBlock(builder, given[0].literal_value, base))
        return context.get_dummy_value()

    return types.void(*given), build


@intrinsic(prefer_literal=True)
def store_parameter_terms(typing: Any, key: Any, work: Any) -> Any:
    """What depends on parameters alone."""

    def body(part: CodeBlock) -> None:
        own = part.own
        roots = [own.traced.tape.order[n] for n in own.prepared]
        known = {s.number: ("raw", i) for i, s in enumerate(own.traced.parameters)}
        part.write(PARAMETER, roots, known, _rows("prepared", len(roots)))

    return typed(body, key, work)


@intrinsic(prefer_literal=True)
def store_piece_terms(typing: Any, key: Any, work: Any) -> Any:
    """What depends on inputs and usual signals, and not on the state."""

    def body(part: CodeBlock) -> None:
        own = part.own
        roots = [own.traced.tape.order[n] for n in own.settled]
        known = {s.number: ("piece", i) for i, s in enumerate(own.traced.piece)} | _places(
            "prepared", own.prepared
        )
        part.write(PIECE, roots, known, _rows("settled", len(roots)))

    return typed(body, key, work)


@intrinsic(prefer_literal=True)
def store_noise_terms(typing: Any, key: Any, work: Any) -> Any:
    """The little of what `settle` stores that depends on daily-life noise, so that its hours cost
    little.
    """

    def body(part: CodeBlock) -> None:
        own, of_noise = part.own, _of_noise(part.own.traced, int(part.key.partition(";")[0]))
        roots = [own.traced.tape.order[n] for n in own.settled if n in of_noise]
        known = {s.number: ("piece", i) for i, s in enumerate(own.traced.piece)} | _places(
            "prepared", own.prepared
        )
        part.write(PIECE, roots, known, [("settled", own.settled[s.number]) for s in roots])

    return typed(body, key, work)


def _of_noise(traced: TracedEquations, n_caregivers: int) -> set[int]:
    """The numbers of the operations for which noise matters, but neither the state nor the time."""
    found = {traced.piece[i].number for i in noise_columns(n_caregivers)}
    for symbol in traced.tape.order:
        if symbol.level == PIECE and any(
            isinstance(o, Symbol) and o.number in found for o in symbol.recipe[1:]
        ):
            found.add(symbol.number)
    return found


@intrinsic(prefer_literal=True)
def store_rates(typing: Any, key: Any, into: Any, work: Any) -> Any:
    """d(state)/dt of every state at a stage, per minute; `into` is where its block begins."""

    def body(part: CodeBlock, into: Any) -> None:
        roots = [part.own.traced.rates[i] for i in part.own.order]
        part.target = part.v.builder.gep(part.base, [into])
        part.write_state(roots, "trial", "nodes", _rows("", len(roots)))

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        base = context.make_array(signature.args[-1])(context, builder, arguments[-1]).data
        body(CodeBlock(builder, key.literal_value, base), arguments[1])
        return context.get_dummy_value()

    return types.void(key, types.int64, work), build


@intrinsic(prefer_literal=True)
def store_rates_and_decays(typing: Any, key: Any, work: Any) -> Any:
    """The rates at the start of a step, and of each relaxing state
    -d(rate)/d(itself), per minute.
    """

    def body(part: CodeBlock) -> None:
        own = part.own
        first, second = [own.traced.rates[i] for i in own.order], own.decays
        into = [*_rows("f0", len(first)), *_rows("decay", len(second))]
        part.write_state([*first, *second], "y", "time", into)

    return typed(body, key, work)


@intrinsic(prefer_literal=True)
def store_outputs(typing: Any, key: Any, work: Any) -> Any:
    """The algebraic variables."""

    def body(part: CodeBlock) -> None:
        roots = part.own.traced.outputs
        part.write_state(roots, "y", "time", _rows("shown", len(roots)))

    return typed(body, key, work)


@intrinsic
def next_in_queue(typing: Any, queue: Any) -> Any:
    """The number in `queue`, which is one higher then: threads that share a queue never take the
    same.
    """

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        return builder.atomic_rmw("add", place, ir.Constant(ir.IntType(64), 1), "monotonic")

    return types.int64(queue), build
