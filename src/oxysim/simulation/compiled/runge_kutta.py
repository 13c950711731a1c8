"""One step of the compiled engine's method as vector instructions, for eight dyads side by side.

The method is the Runge-Kutta pair of order 5 with embedded order 4 of Cash and Karp (1990), applied
to what is left of each relaxing state after its own exponential relaxation (Lawson 1967, around the
forcing at the step's start). With λ = -∂f/∂y at the start of the step, f0 = f(t, y) and nodes c:

    Y_i = y + (1 - e^(-λ c_i h))/λ · f0 + h e^(-λ c_i h) Σ_j a_ij G_j
    G_j = e^(λ c_j h) (f(t + c_j h, Y_j) - f0 + λ (Y_j - y))

so a relaxation towards a resting level that stands still is exact however long the step. For the
other states λ = 0 and G_j = f(t + c_j h, Y_j): the pair itself. Each function takes the family's
key and the loop's arrays (`compiled_system.blocks`).
"""

from __future__ import annotations

import math
from typing import Any

from numba.extending import intrinsic

from oxysim.simulation.compiled.llvm_code import CodeBlock, typed

# Cash and Karp (1990), ACM Transactions on Mathematical Software 16, 201-222; rows are the stages 2
# to 6.
NODES = (1 / 5, 3 / 10, 3 / 5, 1.0, 7 / 8)
MATRIX = (
    (1 / 5,),
    (3 / 40, 9 / 40),
    (3 / 10, -9 / 10, 6 / 5),
    (-11 / 54, 5 / 2, -70 / 27, 35 / 27),
    (1631 / 55296, 175 / 512, 575 / 13824, 44275 / 110592, 253 / 4096),
)
FIFTH = (37 / 378, 0.0, 250 / 621, 125 / 594, 0.0, 512 / 1771)
FOURTH = (2825 / 27648, 0.0, 18575 / 48384, 13525 / 55296, 277 / 14336, 1 / 4)
STAGES = ("f0", "k2", "k3", "k4", "k5", "k6")
OK, STEP_LIMIT, NOT_FINITE, TOO_SMALL = 0, 1, 2, 3
EVALUATIONS = 6  # of the equations in a step
SMALLEST_STEP = 1e-9  # min
# of a relaxing state over one step: beyond it the weights e^(λ h) lose too many digits
LARGEST_EXPONENT = 20.0
SLOWEST_DECAY = 1e-5  # per min; one that decays more slowly, or grows, is treated as if by this
# of the allowed error: a step is never lengthened for being more exact than that
SMALLEST_SHARE = 1e-10


def _power(block: CodeBlock, stage: int, row: int, *, growing: bool = False) -> Any:
    """e^(-λ c h), or growing e^(λ c h), of a relaxing state at the node of a stage (2 to 6)."""
    return block.load("powers", ((5 if growing else 0) + stage - 2) * block.n_relaxing + row)


def _weighted_sum(block: CodeBlock, coefficients: tuple[float, ...], row: int) -> Any:
    """Σ c_j G_j of a state's row; of a relaxing state the first stage gives nothing."""
    v, total = block.v, None
    for c, name in zip(coefficients, STAGES, strict=False):
        # Of a relaxing state the first stage is taken in by its relaxation already.
        if c == 0.0 or (name == "f0" and row < block.n_relaxing):
            continue
        term = block.load(name, row)
        total = (
            v.multiply(v.number(c), term) if total is None else v.fused(v.number(c), term, total)
        )
    return total


def _relaxed(block: CodeBlock, stage: int, row: int) -> Any:
    """y + (1 - e^(-λ c h))/λ · f0 of a relaxing state."""
    v = block.v
    share = v.subtract(v.number(1.0), _power(block, stage, row))
    return v.fused(share, block.load("rest", row), block.load("y", row))


def _length(block: CodeBlock, row: int) -> Any:
    """The step of a state: none for a slow one that is held still."""
    return block.load("h" if row < block.n_fast else "h_slow")


def _state(block: CodeBlock, coefficients: tuple[float, ...], stage: int, row: int) -> Any:
    """The state of a row at the node of a `stage`."""
    v, total = block.v, _weighted_sum(block, coefficients, row)
    if row >= block.n_relaxing:
        return v.fused(_length(block, row), total, block.load("y", row))
    if total is None:
        return _relaxed(block, stage, row)
    return v.fused(
        v.multiply(block.load("h"), _power(block, stage, row)), total, _relaxed(block, stage, row)
    )


@intrinsic(prefer_literal=True)
def relaxation(typing: Any, key: Any, work: Any) -> Any:
    """f0/λ of the relaxing states, and in each lane the largest λ.

    >>> from oxysim.families import Family
    >>> from oxysim.simulation.averaging.compiled_day import equations_key
    >>> KEY = equations_key(Family(), Family().resolved())
    >>> from oxysim.simulation.compiled.llvm_code import instructions_of
    >>> instructions_of(relaxation, KEY).count("fdiv")  # one for each state that relaxes
    8
    """

    def body(block: CodeBlock) -> None:
        v, largest = block.v, block.v.number(SLOWEST_DECAY)
        for row in range(block.n_relaxing):
            # A state that grows at this moment still needs a number to divide by.
            decay = v.maximum(block.load("decay", row), v.number(SLOWEST_DECAY))
            largest = v.maximum(largest, decay)
            block.store(decay, "decay", row)
            block.store(v.divide(block.load("f0", row), decay), "rest", row)
        block.store(largest, "fastest")

    return typed(body, key, work)


@intrinsic(prefer_literal=True)
def powers(typing: Any, key: Any, work: Any) -> Any:
    """e^(-λ c h) and e^(λ c h) at the nodes of the stages 2 to 6, all of them
    powers of e^(λ h/40).

    >>> from oxysim.families import Family
    >>> from oxysim.simulation.averaging.compiled_day import equations_key
    >>> KEY = equations_key(Family(), Family().resolved())
    >>> from oxysim.simulation.compiled.llvm_code import instructions_of
    >>> instructions_of(powers, KEY).count("fdiv")  # the inverse of each is shared by its powers
    8
    """

    def body(block: CodeBlock) -> None:
        v = block.v
        for row in range(block.n_relaxing):
            exponent = v.multiply(
                v.multiply(block.load("decay", row), block.load("h")), v.number(-1 / 40)
            )
            # One exponential, and products for the rest: all nodes are multiples of a fortieth.
            falling = v.exp(exponent)
            for offset, base in ((0, falling), (5, v.divide(v.number(1.0), falling))):
                power = {1: base}
                for a, b in (
                    (1, 1),
                    (2, 2),
                    (4, 4),
                    (8, 8),
                    (8, 4),
                    (16, 8),
                    (24, 16),
                    (2, 1),
                    (24, 8),
                    (32, 3),
                ):
                    power[a + b] = v.multiply(power[a], power[b])
                for stage, c in enumerate(NODES):
                    block.store(
                        power[round(40 * c)], "powers", (offset + stage) * block.n_relaxing + row
                    )

    return typed(body, key, work)


@intrinsic(prefer_literal=True)
def trial(typing: Any, key: Any, stage: Any, work: Any) -> Any:
    """The states Y at a stage (2 to 6), and its times.

    >>> from oxysim.families import Family
    >>> from oxysim.simulation.averaging.compiled_day import equations_key
    >>> KEY = equations_key(Family(), Family().resolved())
    >>> from oxysim.simulation.compiled.llvm_code import instructions_of
    >>> from numba import types
    >>> code = instructions_of(trial, KEY, types.literal(2))
    >>> code.count("store <8 x double>")  # 36 states and their time
    37
    """
    number = stage.literal_value

    def body(block: CodeBlock) -> None:
        v, c = block.v, NODES[number - 2]
        block.store(v.fused(v.number(c), block.load("h"), block.load("time")), "nodes")
        for row in range(block.n_states):
            block.store(_state(block, MATRIX[number - 2], number, row), "trial", row)

    return typed(body, key, stage, work)


@intrinsic(prefer_literal=True)
def weighted(typing: Any, key: Any, stage: Any, work: Any) -> Any:
    """G of the relaxing states at a stage (2 to 6), in the place of their rates.

    >>> from oxysim.families import Family
    >>> from oxysim.simulation.averaging.compiled_day import equations_key
    >>> KEY = equations_key(Family(), Family().resolved())
    >>> from oxysim.simulation.compiled.llvm_code import instructions_of
    >>> from numba import types
    >>> instructions_of(weighted, KEY, types.literal(2)).count("store <8 x double>")
    8
    """
    number = stage.literal_value

    def body(block: CodeBlock) -> None:
        v, name = block.v, STAGES[number - 1]
        for row in range(block.n_relaxing):
            moved = v.subtract(block.load("trial", row), block.load("y", row))
            change = v.fused(
                block.load("decay", row),
                moved,
                v.subtract(block.load(name, row), block.load("f0", row)),
            )
            block.store(v.multiply(_power(block, number, row, growing=True), change), name, row)

    return typed(body, key, stage, work)


@intrinsic(prefer_literal=True)
def finish(typing: Any, key: Any, work: Any) -> Any:
    """The states after the step, per lane the largest error as a share of what is allowed (infinite
    where a value is no number), and how the step should change for it: share**(-1/5).

    >>> from oxysim.families import Family
    >>> from oxysim.simulation.averaging.compiled_day import equations_key
    >>> KEY = equations_key(Family(), Family().resolved())
    >>> from oxysim.simulation.compiled.llvm_code import instructions_of
    >>> instructions_of(finish, KEY).count("fdiv")
    1
    """
    difference = tuple(a - b for a, b in zip(FIFTH, FOURTH, strict=True))

    def body(block: CodeBlock) -> None:
        v, b = block.v, block.v.builder
        size, total = v.number(SMALLEST_SHARE), v.number(0.0)
        for row in range(block.n_states):
            new = _state(block, FIFTH, 5, row)
            block.store(new, "new", row)
            length = _length(block, row)
            weight = v.multiply(length, _power(block, 5, row)) if row < block.n_relaxing else length
            # What the two orders disagree by, in units of what is allowed.
            error = v.absolute(v.multiply(weight, _weighted_sum(block, difference, row)))
            share = v.multiply(error, block.load("weight", row))
            size = v.maximum(size, share)
            total = v.add(total, share)  # a maximum may overlook what is no number, a sum does not
        finite = b.fcmp_ordered("<", total, v.number(math.inf))
        block.store(b.select(finite, size, v.number(math.inf)), "size")
        block.store(v.exp(v.multiply(v.log(size), v.number(-0.2))), "change")

    return typed(body, key, work)


@intrinsic(prefer_literal=True)
def weigh(typing: Any, key: Any, work: Any) -> Any:
    """1 / the allowed error of each state, from its size now, in the lanes where `flag` is 1.

    >>> from oxysim.families import Family
    >>> from oxysim.simulation.averaging.compiled_day import equations_key
    >>> KEY = equations_key(Family(), Family().resolved())
    >>> from oxysim.simulation.compiled.llvm_code import instructions_of
    >>> instructions_of(weigh, KEY).count("fdiv")  # one a state
    36
    """

    def body(block: CodeBlock) -> None:
        v = block.v
        mask = v.builder.fcmp_ordered(">", block.load("flag"), v.number(0.5))
        for row in range(block.n_states):
            allowed = v.fused(
                block.load("rtol"), v.absolute(block.load("y", row)), block.load("atol", row)
            )
            weight = v.divide(v.number(1.0), allowed)
            block.store(v.builder.select(mask, weight, block.load("weight", row)), "weight", row)

    return typed(body, key, work)


@intrinsic(prefer_literal=True)
def choose(typing: Any, key: Any, work: Any) -> Any:
    """The step of each lane: what the error allows, to the next event exactly, and no sliver left
    before it.

    >>> from oxysim.families import Family
    >>> from oxysim.simulation.averaging.compiled_day import equations_key
    >>> KEY = equations_key(Family(), Family().resolved())
    >>> from oxysim.simulation.compiled.llvm_code import instructions_of
    >>> instructions_of(choose, KEY).count("fdiv")  # the longest step that relaxation allows
    1
    """

    def body(block: CodeBlock) -> None:
        v, b = block.v, block.v.builder
        longest = v.divide(v.number(LARGEST_EXPONENT), block.load("fastest"))
        h = v.minimum(v.minimum(block.load("wanted"), block.load("max_step")), longest)
        remaining = v.subtract(block.load("until"), block.load("time"))
        half = v.multiply(v.number(0.5), remaining)
        # Two halves in place of a long step and a sliver.
        split = b.and_(b.fcmp_ordered(">", h, half), _is_on(block, "adaptive"))
        h = b.select(b.fcmp_ordered("<", h, remaining), b.select(split, half, h), remaining)
        h = b.select(_is_on(block, "active"), h, v.number(0.0))
        block.store(h, "h")
        block.store(b.select(_is_on(block, "hold"), v.number(0.0), h), "h_slow")

    return typed(body, key, work)


@intrinsic(prefer_literal=True)
def judge(typing: Any, key: Any, work: Any) -> Any:
    """Accept or refuse the step of each lane, and say how long the next should be; ``arrived`` is 1
    where the lane has come to its event, and ``status`` is not 0 where no step can be made.

    >>> from oxysim.families import Family
    >>> from oxysim.simulation.averaging.compiled_day import equations_key
    >>> KEY = equations_key(Family(), Family().resolved())
    >>> from oxysim.simulation.compiled.llvm_code import instructions_of
    >>> instructions_of(judge, KEY).count("fdiv")
    0
    """

    def body(block: CodeBlock) -> None:
        v, b = block.v, block.v.builder
        h, size, active, adaptive = (
            block.load("h"),
            block.load("size"),
            _is_on(block, "active"),
            _is_on(block, "adaptive"),
        )
        finite = b.fcmp_ordered("<", size, v.number(math.inf))
        change = v.minimum(
            v.number(5.0), v.maximum(v.number(0.2), v.multiply(v.number(0.9), block.load("change")))
        )
        # What is not finite tells nothing of the error: much shorter, and again.
        change = b.select(finite, change, v.number(0.2))
        # With a fixed step every step counts, however wrong: convergence is studied so.
        small = b.or_(b.fcmp_ordered("<=", size, v.number(1.0)), b.not_(adaptive))
        accepted = b.and_(active, b.and_(finite, small))
        later = v.add(block.load("time"), h)
        whole = b.and_(accepted, b.not_(b.fcmp_ordered("<", later, block.load("until"))))
        grown = v.multiply(h, change)
        # A step that an event cut short says little of how long the next may be.
        longer = b.and_(whole, b.fcmp_ordered(">", change, v.number(1.0)))
        # how long a stretch's first step may be is remembered for the next stretch
        wary = v.maximum(block.load("opening"), v.multiply(h, v.minimum(change, v.number(1.5))))
        opening = b.select(longer, wary, grown)
        learns = b.and_(b.and_(accepted, adaptive), _is_on(block, "fresh"))
        block.store(b.select(learns, opening, block.load("opening")), "opening")
        next_step = block.load("wanted")
        taken = b.select(adaptive, b.select(longer, v.maximum(next_step, grown), grown), next_step)
        refused = v.multiply(h, v.minimum(change, v.number(0.9)))
        next_step = b.select(accepted, taken, b.select(active, refused, next_step))
        block.store(next_step, "wanted")
        block.store(b.select(accepted, later, block.load("time")), "time")
        block.store(b.select(accepted, v.number(0.0), block.load("fresh")), "fresh")
        block.store(b.select(whole, v.number(1.0), v.number(0.0)), "arrived")
        counted = b.select(active, v.number(1.0), v.number(0.0))
        block.store(v.add(block.load("steps"), counted), "steps")
        calls = v.fused(v.number(EVALUATIONS), counted, block.load("calls"))
        block.store(calls, "calls")
        block.store(_trouble(block, active, finite, adaptive, whole, next_step, calls), "status")
        for row in range(block.n_states):
            block.store(b.select(accepted, block.load("new", row), block.load("y", row)), "y", row)

    return typed(body, key, work)


def _is_on(block: CodeBlock, name: str) -> Any:
    """Where the row `name` is 1."""
    return block.v.builder.fcmp_ordered(">", block.load(name), block.v.number(0.5))


def _trouble(
    block: CodeBlock,
    active: Any,
    finite: Any,
    adaptive: Any,
    whole: Any,
    next_step: Any,
    calls: Any,
) -> Any:  # noqa: PLR0913
    """The status of each lane after a step."""
    v, b = block.v, block.v.builder
    tiny = b.fcmp_ordered("<", next_step, v.number(SMALLEST_STEP))
    status = b.select(tiny, v.number(TOO_SMALL), v.number(OK))
    # Shorter steps were tried, or none may be.
    hopeless = b.and_(b.not_(finite), b.or_(tiny, b.not_(adaptive)))
    status = b.select(hopeless, v.number(NOT_FINITE), status)
    status = b.select(b.fcmp_ordered(">", calls, block.load("limit")), v.number(STEP_LIMIT), status)
    return b.select(b.and_(active, b.not_(whole)), status, v.number(OK))
