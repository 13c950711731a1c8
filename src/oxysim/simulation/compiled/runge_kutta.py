"""One step of the compiled engine's method as vector instructions, for eight dyads side by side.

The method is the Runge-Kutta pair of order 5 with embedded order 4 of Cash and Karp (1990), applied
to what is left of each relaxing state after its own exponential relaxation (Lawson 1967, around the
forcing at the step's start). With λ = -∂f/∂y at the start of the step, f0 = f(t, y) and nodes c:

    Y_i = y + (1 - e^(-λ c_i h))/λ · f0 + h e^(-λ c_i h) Σ_j a_ij G_j
    G_j = e^(λ c_j h) (f(t + c_j h, Y_j) - f0 + λ (Y_j - y))

so a relaxation towards a resting level that stands still is exact however long the step. For the
other states λ = 0 and G_j = f(t + c_j h, Y_j): the pair itself. Each function takes the family's
key and the loop's arrays (`llvm_code.blocks`).
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


def _power(part: CodeBlock, stage: int, row: int, *, growing: bool = False) -> Any:
    """e^(-λ c h), or growing e^(λ c h), of a relaxing state at the node of a stage (2 to 6)."""
    return part.load("powers", ((5 if growing else 0) + stage - 2) * part.n_relaxing + row)


def _weighted_sum(part: CodeBlock, coefficients: tuple[float, ...], row: int) -> Any:
    """Σ c_j G_j of a state's row; of a relaxing state the first stage gives nothing."""
    v, total = part.v, None
    for c, name in zip(coefficients, STAGES, strict=False):
        if c == 0.0 or (name == "f0" and row < part.n_relaxing):
            continue
        term = part.load(name, row)
        total = (
            v.multiply(v.number(c), term) if total is None else v.fused(v.number(c), term, total)
        )
    return total


def _relaxed(part: CodeBlock, stage: int, row: int) -> Any:
    """y + (1 - e^(-λ c h))/λ · f0 of a relaxing state."""
    v = part.v
    share = v.subtract(v.number(1.0), _power(part, stage, row))
    return v.fused(share, part.load("rest", row), part.load("y", row))


def _length(part: CodeBlock, row: int) -> Any:
    """The step of a state: none for a slow one that is held still."""
    return part.load("h" if row < part.n_fast else "h_slow")


def _state(part: CodeBlock, coefficients: tuple[float, ...], stage: int, row: int) -> Any:
    """The state of a row at the node of a `stage`."""
    v, total = part.v, _weighted_sum(part, coefficients, row)
    if row >= part.n_relaxing:
        return v.fused(_length(part, row), total, part.load("y", row))
    if total is None:
        return _relaxed(part, stage, row)
    return v.fused(
        v.multiply(part.load("h"), _power(part, stage, row)), total, _relaxed(part, stage, row)
    )


@intrinsic(prefer_literal=True)
def relaxation(typing: Any, key: Any, work: Any) -> Any:
    """f0/λ of the relaxing states, and in each lane the largest λ."""

    def body(part: CodeBlock) -> None:
        v, largest = part.v, part.v.number(SLOWEST_DECAY)
        for row in range(part.n_relaxing):
            decay = v.maximum(part.load("decay", row), v.number(SLOWEST_DECAY))
            largest = v.maximum(largest, decay)
            part.store(decay, "decay", row)
            part.store(v.divide(part.load("f0", row), decay), "rest", row)
        part.store(largest, "fastest")

    return typed(body, key, work)


@intrinsic(prefer_literal=True)
def powers(typing: Any, key: Any, work: Any) -> Any:
    """e^(-λ c h) and e^(λ c h) at the nodes of the stages 2 to 6, all of them
    powers of e^(λ h/40).
    """

    def body(part: CodeBlock) -> None:
        v = part.v
        for row in range(part.n_relaxing):
            exponent = v.multiply(
                v.multiply(part.load("decay", row), part.load("h")), v.number(-1 / 40)
            )
            falling = v.exp(exponent)
            for offset, one in ((0, falling), (5, v.divide(v.number(1.0), falling))):
                known = {1: one}
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
                    known[a + b] = v.multiply(known[a], known[b])
                for stage, c in enumerate(NODES):
                    part.store(
                        known[round(40 * c)], "powers", (offset + stage) * part.n_relaxing + row
                    )

    return typed(body, key, work)


@intrinsic(prefer_literal=True)
def trial(typing: Any, key: Any, stage: Any, work: Any) -> Any:
    """The states Y at a stage (2 to 6), and its times."""
    number = stage.literal_value

    def body(part: CodeBlock) -> None:
        v, c = part.v, NODES[number - 2]
        part.store(v.fused(v.number(c), part.load("h"), part.load("time")), "nodes")
        for row in range(part.n_states):
            part.store(_state(part, MATRIX[number - 2], number, row), "trial", row)

    return typed(body, key, stage, work)


@intrinsic(prefer_literal=True)
def weighted(typing: Any, key: Any, stage: Any, work: Any) -> Any:
    """G of the relaxing states at a stage (2 to 6), in the place of their rates."""
    number = stage.literal_value

    def body(part: CodeBlock) -> None:
        v, name = part.v, STAGES[number - 1]
        for row in range(part.n_relaxing):
            moved = v.subtract(part.load("trial", row), part.load("y", row))
            change = v.fused(
                part.load("decay", row),
                moved,
                v.subtract(part.load(name, row), part.load("f0", row)),
            )
            part.store(v.multiply(_power(part, number, row, growing=True), change), name, row)

    return typed(body, key, stage, work)


@intrinsic(prefer_literal=True)
def finish(typing: Any, key: Any, work: Any) -> Any:
    """The states after the step, per lane the largest error as a share of what is allowed (infinite
    where a value is no number), and how the step should change for it: share**(-1/5).
    """
    difference = tuple(a - b for a, b in zip(FIFTH, FOURTH, strict=True))

    def body(part: CodeBlock) -> None:
        v, b = part.v, part.v.builder
        size, total = v.number(SMALLEST_SHARE), v.number(0.0)
        for row in range(part.n_states):
            new = _state(part, FIFTH, 5, row)
            part.store(new, "new", row)
            length = _length(part, row)
            weight = v.multiply(length, _power(part, 5, row)) if row < part.n_relaxing else length
            error = v.absolute(v.multiply(weight, _weighted_sum(part, difference, row)))
            share = v.multiply(error, part.load("weight", row))
            size = v.maximum(size, share)
            total = v.add(total, share)  # a maximum may overlook what is no number, a sum does not
        finite = b.fcmp_ordered("<", total, v.number(math.inf))
        part.store(b.select(finite, size, v.number(math.inf)), "size")
        part.store(v.exp(v.multiply(v.log(size), v.number(-0.2))), "change")

    return typed(body, key, work)


@intrinsic(prefer_literal=True)
def weigh(typing: Any, key: Any, work: Any) -> Any:
    """1 / the allowed error of each state, from its size now, in the lanes where `flag` is 1."""

    def body(part: CodeBlock) -> None:
        v = part.v
        mask = v.builder.fcmp_ordered(">", part.load("flag"), v.number(0.5))
        for row in range(part.n_states):
            allowed = v.fused(
                part.load("rtol"), v.absolute(part.load("y", row)), part.load("atol", row)
            )
            weight = v.divide(v.number(1.0), allowed)
            part.store(v.builder.select(mask, weight, part.load("weight", row)), "weight", row)

    return typed(body, key, work)


@intrinsic(prefer_literal=True)
def choose(typing: Any, key: Any, work: Any) -> Any:
    """The step of each lane: what the error allows, to the next event exactly, and no sliver left
    before it.
    """

    def body(part: CodeBlock) -> None:
        v, b = part.v, part.v.builder
        longest = v.divide(v.number(LARGEST_EXPONENT), part.load("fastest"))
        h = v.minimum(v.minimum(part.load("wanted"), part.load("max_step")), longest)
        remaining = v.subtract(part.load("until"), part.load("time"))
        half = v.multiply(v.number(0.5), remaining)
        split = b.and_(b.fcmp_ordered(">", h, half), _is_on(part, "adaptive"))
        h = b.select(b.fcmp_ordered("<", h, remaining), b.select(split, half, h), remaining)
        h = b.select(_is_on(part, "active"), h, v.number(0.0))
        part.store(h, "h")
        part.store(b.select(_is_on(part, "hold"), v.number(0.0), h), "h_slow")

    return typed(body, key, work)


@intrinsic(prefer_literal=True)
def judge(typing: Any, key: Any, work: Any) -> Any:
    """Accept or refuse the step of each lane, and say how long the next should be; ``arrived`` is 1
    where the lane has come to its event, and ``status`` is not 0 where no step can be made.
    """

    def body(part: CodeBlock) -> None:
        v, b = part.v, part.v.builder
        h, size, active, adaptive = (
            part.load("h"),
            part.load("size"),
            _is_on(part, "active"),
            _is_on(part, "adaptive"),
        )
        finite = b.fcmp_ordered("<", size, v.number(math.inf))
        change = v.minimum(
            v.number(5.0), v.maximum(v.number(0.2), v.multiply(v.number(0.9), part.load("change")))
        )
        change = b.select(finite, change, v.number(0.2))
        small = b.or_(b.fcmp_ordered("<=", size, v.number(1.0)), b.not_(adaptive))
        accepted = b.and_(active, b.and_(finite, small))
        later = v.add(part.load("time"), h)
        whole = b.and_(accepted, b.not_(b.fcmp_ordered("<", later, part.load("until"))))
        grown = v.multiply(h, change)
        longer = b.and_(whole, b.fcmp_ordered(">", change, v.number(1.0)))
        # how long a stretch's first step may be is remembered for the next stretch
        wary = v.maximum(part.load("opening"), v.multiply(h, v.minimum(change, v.number(1.5))))
        opening = b.select(longer, wary, grown)
        learns = b.and_(b.and_(accepted, adaptive), _is_on(part, "fresh"))
        part.store(b.select(learns, opening, part.load("opening")), "opening")
        wanted = part.load("wanted")
        taken = b.select(adaptive, b.select(longer, v.maximum(wanted, grown), grown), wanted)
        refused = v.multiply(h, v.minimum(change, v.number(0.9)))
        wanted = b.select(accepted, taken, b.select(active, refused, wanted))
        part.store(wanted, "wanted")
        part.store(b.select(accepted, later, part.load("time")), "time")
        part.store(b.select(accepted, v.number(0.0), part.load("fresh")), "fresh")
        part.store(b.select(whole, v.number(1.0), v.number(0.0)), "arrived")
        one = b.select(active, v.number(1.0), v.number(0.0))
        part.store(v.add(part.load("steps"), one), "steps")
        calls = v.fused(v.number(EVALUATIONS), one, part.load("calls"))
        part.store(calls, "calls")
        part.store(_trouble(part, active, finite, adaptive, whole, wanted, calls), "status")
        for row in range(part.n_states):
            part.store(b.select(accepted, part.load("new", row), part.load("y", row)), "y", row)

    return typed(body, key, work)


def _is_on(part: CodeBlock, name: str) -> Any:
    """Where the row `name` is 1."""
    return part.v.builder.fcmp_ordered(">", part.load(name), part.v.number(0.5))


def _trouble(
    part: CodeBlock, active: Any, finite: Any, adaptive: Any, whole: Any, wanted: Any, calls: Any
) -> Any:  # noqa: PLR0913
    """The status of each lane after a step."""
    v, b = part.v, part.v.builder
    tiny = b.fcmp_ordered("<", wanted, v.number(SMALLEST_STEP))
    status = b.select(tiny, v.number(TOO_SMALL), v.number(OK))
    hopeless = b.and_(b.not_(finite), b.or_(tiny, b.not_(adaptive)))
    status = b.select(hopeless, v.number(NOT_FINITE), status)
    status = b.select(b.fcmp_ordered(">", calls, part.load("limit")), v.number(STEP_LIMIT), status)
    return b.select(b.and_(active, b.not_(whole)), status, v.number(OK))
