"""The equations as vector instructions, one instruction an operation, for dyads
side by side.

Every value is a vector with one entry a dyad ("lane"), so one instruction does eight dyads, or
sixteen where the equations are evaluated in single precision (states and steps are doubles always).
The functions at the end are what a Numba kernel calls; the first argument of each names the shape
of the family (`shape_key`), the second is one flat array (`blocks`) in which the lane runs fastest.

    store_parameter_terms -> store_piece_terms -> store_rates, store_rates_and_decays, store_outputs

each taking what the one before has stored: what depends on parameters alone, on inputs and usual
signals too, on the state too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.core.registry import cpu_target
from numba.extending import intrinsic

from oxysim.model.inputs import noise_columns
from oxysim.simulation.compiled.compiled_system import (
    SHORT,
    blocks,
    compiled_system,
    precision_of,
    row_length,
)
from oxysim.simulation.compiled.llvm_math import DOUBLE, LANES, PRECISIONS, Vectors
from oxysim.simulation.equations.python_code import TracedEquations
from oxysim.simulation.equations.trace import (
    PARAMETER,
    PIECE,
    STATE,
    Symbol,
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


class CodeBlock:
    """A part of the loop that is being built: `load` and `store` go by the names of `blocks` and a
    row.

    >>> from oxysim.families import Family
    >>> from oxysim.simulation.averaging.compiled_day import equations_key
    >>> KEY = equations_key(Family(), Family().resolved())
    >>> function = ir.Function(ir.Module(), ir.FunctionType(ir.VoidType(), []), "example")
    >>> base = ir.Constant(ir.DoubleType().as_pointer(), None)
    >>> block = CodeBlock(ir.IRBuilder(function.append_basic_block()), KEY, base)
    >>> block.store(block.v.number(0.0), "h")
    >>> str(function).count("store <8 x double>")  # one instruction for eight dyads
    1
    """

    def __init__(self, builder: Any, key: str, base: Any) -> None:
        precision = precision_of(key)
        # States and steps are doubles always: 18 months in minutes have no room for half a second
        # in single precision.
        lanes = LANES[precision]
        self.key, self.system, self.base, self.starts = key, compiled_system(key), base, blocks(key)
        # of everything but the evaluation of the equations
        self.v = Vectors(builder, lanes, DOUBLE)
        self.equations = Vectors(builder, lanes, PRECISIONS[precision])
        self.target = base  # where a block without a name begins
        self.n_relaxing, self.n_states = len(self.system.decays), len(self.system.order)
        self.n_fast = self.n_states - self.system.n_slow

    def load(self, name: str, row: int = 0) -> Any:
        """A row in double precision."""
        return self.v.as_own(self._stored(name, row))

    def store(self, value: Any, name: str, row: int = 0) -> None:
        kind = self._kind(name)
        start, base = (self.starts[name], self.base) if name else (0, self.target)
        self.v.builder.store(
            kind.as_own(value), kind.place(base, start + row * row_length(self.key, name)), align=8
        )

    def _stored(self, name: str, row: int) -> Any:
        kind = self._kind(name)
        pointer = kind.place(self.base, self.starts[name] + row * row_length(self.key, name))
        return self.v.builder.load(pointer, align=8)

    def _kind(self, name: str) -> Vectors:
        # What parameters and inputs contribute is stored in the precision in which it is used.
        return self.equations if name in SHORT else self.v

    def write(
        self,
        level: int,
        roots: Sequence[Any],
        stored: dict[int, tuple[str, int]],
        into: Sequence[Any],
    ) -> None:
        """Build the operations of `level` that the `roots` need, and store each root at its (name,
        row).

        `stored` says where the values from before wait: symbol number -> (name, row). What depends
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
                values[operand.number] = self._stored(*stored[operand.number])
            values[operand.number, kind] = kind.as_own(
                values.get((operand.number, kind), values[operand.number])
            )
            return values[operand.number, kind]

        # Depth by depth, since a division may wait for another one, and pairs must not.
        for ready, divisions in _by_depth(self.system.traced.tape.order, needed(roots), level):
            for symbol in ready:
                operator, *operands = symbol.recipe
                kind = self.v if symbol.number in clockwork else v
                values[symbol.number] = getattr(kind, OPERATIONS[operator])(
                    *[value(o, kind) for o in operands]
                )
            # A division takes as long as four products: two are done with one (Montgomery 1987).
            for pair in (divisions[i : i + 2] for i in range(0, len(divisions), 2)):
                shares = v.divide_together(
                    [tuple(map(value, symbol.recipe[1:])) for symbol in pair]
                )
                values |= {symbol.number: share for symbol, share in zip(pair, shares, strict=True)}
        for root, target in zip(roots, into, strict=True):
            self.store(value(root), *target)

    def _of_time_alone(self) -> set[int]:
        """The numbers of the operations that depend on the time and on nothing else."""
        numbers = {self.system.traced.time.number}
        for symbol in self.system.traced.tape.order:
            operands = [o for o in symbol.recipe[1:] if isinstance(o, Symbol)]
            if operands and all(o.number in numbers for o in operands):
                numbers.add(symbol.number)
        return numbers

    def write_state(self, roots: Sequence[Any], y: str, time: str, into: Sequence[Any]) -> None:
        """Build what depends on the state, of the states and times in these blocks."""
        system = self.system
        stored = _places("prepared", system.prepared) | _places("settled", system.settled)
        stored |= {system.traced.state[i].number: (y, row) for row, i in enumerate(system.order)}
        stored[system.traced.time.number] = (time, 0)
        self.write(STATE, roots, stored, into)


def _by_depth(
    order: Sequence[Symbol], steps: set[int], level: int
) -> list[tuple[list[Symbol], list[Symbol]]]:
    """The operations of `level` by how many divisions lie one after the other before them: at each
    depth the others, then the divisions, which do not wait for each other and so can be done
    together.
    """
    depth: dict[int, int] = {}
    layers: list[tuple[list[Symbol], list[Symbol]]] = []
    for symbol in order:
        operator, *operands = symbol.recipe
        if symbol.number not in steps or symbol.level != level or operator == "leaf":
            continue
        # Operands of earlier levels wait in memory, and delay nothing.
        before = [o for o in operands if isinstance(o, Symbol) and o.number in depth]
        at = max((depth[o.number] + (o.recipe[0] == "/") for o in before), default=0)
        depth[symbol.number] = at
        while len(layers) <= at:
            layers.append(([], []))
        layers[at][operator == "/"].append(symbol)
    return layers


def _places(name: str, slots: dict[int, int]) -> dict[int, tuple[str, int]]:
    return {number: (name, slot) for number, slot in slots.items()}


def _rows(name: str, n: int) -> list[tuple[str, int]]:
    return [(name, i) for i in range(n)]


def typed(body: Callable[[CodeBlock], None], *argument_types: Any) -> Any:
    """What `intrinsic` asks for: the signature, and what builds the function; the key comes first,
    the array last.

    >>> key, array = types.literal("1;0;0;1;double"), types.float64[::1]
    >>> signature, build = typed(lambda block: None, key, array)
    >>> signature.return_type
    none
    """

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        # Numba hands an array over as a structure; the code needs where its numbers begin.
        base = context.make_array(signature.args[-1])(context, builder, arguments[-1]).data
        body(CodeBlock(builder, argument_types[0].literal_value, base))
        return context.get_dummy_value()

    return types.void(*argument_types), build


def instructions_of(function: Any, key: str, *between: Any) -> str:
    """The instructions that a function of the loop becomes, as LLVM writes them, for whoever wants
    to read what the processor is told.

    Parameters
    ----------
    function : one that takes a key and the loop's array: of this module or of ``runge_kutta``.
    key : the shape of a family's equations, ``compiled_system.shape_key``.
    between : Numba types of the arguments between these two, such as ``types.literal(2)``, a stage.

    >>> from oxysim.families import Family
    >>> from oxysim.simulation.averaging.compiled_day import equations_key
    >>> key = equations_key(Family(), Family().resolved())
    >>> instructions_of(store_outputs, key)[:21]
    'define void @"written'
    """
    kinds = [types.literal(key), *between, types.float64[::1]]
    signature, build = function.__wrapped__(None, *kinds)
    context = cpu_target.target_context

    # An empty function of a module of its own, into which the instructions are written.
    form = ir.FunctionType(ir.VoidType(), [context.get_value_type(kind) for kind in kinds])
    written = ir.Function(ir.Module(), form, "written")
    build(context, ir.IRBuilder(written.append_basic_block()), signature, written.args)
    return str(written)


@intrinsic(prefer_literal=True)
def store_parameter_terms(typing: Any, key: Any, work: Any) -> Any:
    """What depends on parameters alone.

    >>> from oxysim.families import Family
    >>> from oxysim.simulation.averaging.compiled_day import equations_key
    >>> KEY = equations_key(Family(), Family().resolved())
    >>> instructions_of(store_parameter_terms, KEY).count("fdiv") > 10
    True
    """

    def body(block: CodeBlock) -> None:
        system = block.system
        roots = [system.traced.tape.order[n] for n in system.prepared]
        stored = {s.number: ("raw", i) for i, s in enumerate(system.traced.parameters)}
        block.write(PARAMETER, roots, stored, _rows("prepared", len(roots)))

    return typed(body, key, work)


@intrinsic(prefer_literal=True)
def store_piece_terms(typing: Any, key: Any, work: Any) -> Any:
    """What depends on inputs and usual signals, and not on the state.

    >>> from oxysim.families import Family
    >>> from oxysim.simulation.averaging.compiled_day import equations_key
    >>> KEY = equations_key(Family(), Family().resolved())
    >>> instructions_of(store_piece_terms, KEY).count("fdiv")
    6
    """

    def body(block: CodeBlock) -> None:
        system = block.system
        roots = [system.traced.tape.order[n] for n in system.settled]
        stored = {s.number: ("piece", i) for i, s in enumerate(system.traced.piece)} | _places(
            "prepared", system.prepared
        )
        block.write(PIECE, roots, stored, _rows("settled", len(roots)))

    return typed(body, key, work)


@intrinsic(prefer_literal=True)
def store_noise_terms(typing: Any, key: Any, work: Any) -> Any:
    """The little of what `settle` stores that depends on daily-life noise, so that its hours cost
    little.

    >>> from oxysim.families import Family
    >>> from oxysim.simulation.averaging.compiled_day import equations_key
    >>> KEY = equations_key(Family(), Family().resolved())
    >>> instructions_of(store_noise_terms, KEY).count("fdiv")
    0
    """

    def body(block: CodeBlock) -> None:
        system, n_caregivers = block.system, int(block.key.partition(";")[0])
        of_noise = _of_noise(system.traced, n_caregivers)
        roots = [system.traced.tape.order[n] for n in system.settled if n in of_noise]
        stored = {s.number: ("piece", i) for i, s in enumerate(system.traced.piece)} | _places(
            "prepared", system.prepared
        )
        block.write(PIECE, roots, stored, [("settled", system.settled[s.number]) for s in roots])

    return typed(body, key, work)


def _of_noise(traced: TracedEquations, n_caregivers: int) -> set[int]:
    """The numbers of the operations for which noise matters, but neither the state nor the time."""
    numbers = {traced.piece[i].number for i in noise_columns(n_caregivers)}
    for symbol in traced.tape.order:
        if symbol.level == PIECE and any(
            isinstance(o, Symbol) and o.number in numbers for o in symbol.recipe[1:]
        ):
            numbers.add(symbol.number)
    return numbers


@intrinsic(prefer_literal=True)
def store_rates(typing: Any, key: Any, into: Any, work: Any) -> Any:
    """d(state)/dt of every state at a stage, per minute; `into` is where its block begins.

    >>> from oxysim.families import Family
    >>> from oxysim.simulation.averaging.compiled_day import equations_key
    >>> KEY = equations_key(Family(), Family().resolved())
    >>> instructions_of(store_rates, KEY, types.int64).count("store <8 x double>")  # one a state
    36
    """

    def body(block: CodeBlock, into: Any) -> None:
        # In the order of the lanes, where relaxing states come first and held ones last.
        roots = [block.system.traced.rates[i] for i in block.system.order]
        block.target = block.v.builder.gep(block.base, [into])
        block.write_state(roots, "trial", "nodes", _rows("", len(roots)))

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        base = context.make_array(signature.args[-1])(context, builder, arguments[-1]).data
        body(CodeBlock(builder, key.literal_value, base), arguments[1])
        return context.get_dummy_value()

    return types.void(key, types.int64, work), build


@intrinsic(prefer_literal=True)
def store_rates_and_decays(typing: Any, key: Any, work: Any) -> Any:
    """The rates at the start of a step, and of each relaxing state
    -d(rate)/d(itself), per minute.

    >>> from oxysim.families import Family
    >>> from oxysim.simulation.averaging.compiled_day import equations_key
    >>> KEY = equations_key(Family(), Family().resolved())
    >>> code = instructions_of(store_rates_and_decays, KEY)
    >>> code.count("store <8 x double>")  # one a state, and one for each of eight that relax
    44
    """

    def body(block: CodeBlock) -> None:
        system = block.system
        first, second = [system.traced.rates[i] for i in system.order], system.decays
        into = [*_rows("f0", len(first)), *_rows("decay", len(second))]
        block.write_state([*first, *second], "y", "time", into)

    return typed(body, key, work)


@intrinsic(prefer_literal=True)
def store_outputs(typing: Any, key: Any, work: Any) -> Any:
    """The algebraic variables.

    >>> from oxysim.families import Family
    >>> from oxysim.simulation.averaging.compiled_day import equations_key
    >>> KEY = equations_key(Family(), Family().resolved())
    >>> instructions_of(store_outputs, KEY).count("store <8 x double>")  # one a variable
    19
    """

    def body(block: CodeBlock) -> None:
        roots = block.system.traced.outputs
        block.write_state(roots, "y", "time", _rows("shown", len(roots)))

    return typed(body, key, work)


@intrinsic
def next_in_queue(typing: Any, queue: Any) -> Any:
    """The number in `queue`, which is one higher then: threads that share a queue never take the
    same.

    >>> next_in_queue.__wrapped__(None, types.int64[::1])[0]
    (Array(int64, 1, 'C', False, aligned=True),) -> int64
    """

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        # One instruction that no other thread can come between.
        return builder.atomic_rmw("add", pointer, ir.Constant(ir.IntType(64), 1), "monotonic")

    return types.int64(queue), build
