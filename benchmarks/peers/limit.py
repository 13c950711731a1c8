"""How far the compiled engine is from what the machine could do.

Three measures: what one evaluation of the equations costs beside what its divisions and its other
arithmetic would alone at the machine's measured speed; how many steps a segment takes; and what a
run costs beside an ideal one.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from unittest import mock

import numba
import numpy as np
from numba import types
from numba.extending import intrinsic

from oxysim.arrays import FloatArray
from oxysim.simulation.compiled import compiled_engine, compiled_system, llvm_code, runge_kutta
from oxysim.simulation.compiled.kernel_template import OPTIONS
from oxysim.simulation.compiled.llvm_math import DOUBLE, Vectors
from oxysim.simulation.compiled.llvm_math import LANES as LANES_OF
from peers import ours
from peers.job import Job, Row, core_seconds

SECTION = "limit"
LANES = LANES_OF["double"]
CHAINS, LINKS = 8, 8  # independent chains of operations, enough of them to keep the units busy
EVALUATIONS = runge_kutta.EVALUATIONS  # of the equations, a step
STEPS = 2  # the column of the engine's `fate`
# steps a segment, evaluations a step: a fourth-order method that never errs in its choice of step
IDEAL = (3, 4)
INSTRUCTION = re.compile(
    r"^\s*v(div|add|sub|mul|fn?m(?:add|sub)\d{3})pd\b.*%([xyz])mm\d+\s*$", re.MULTILINE
)
WIDTH = {"x": 2, "y": 4, "z": 8}


@dataclass(frozen=True, eq=False)
class Capture:
    """What the engine's loop was given and left behind: the family's key, its array, and the steps
    of all dyads.
    """

    key: str
    work: FloatArray
    steps: int
    module: Any


def capture(job: Job, rtol: float) -> Capture:
    """Run a job and look into the engine, whose steps are not part of any result."""
    kept: list[tuple[str, Any, tuple[Any, ...]]] = []
    kernel = compiled_engine.kernel

    def watched(key: str) -> Callable[..., None]:
        run = kernel(key)

        def call(*arguments: Any) -> None:
            run(*arguments)
            kept.append((key, run, arguments))

        # the engine asks its compiled loop whether it came from the cache
        call.stats = run.stats  # type: ignore[attr-defined]
        return call

    with mock.patch.object(compiled_engine, "kernel", watched):
        ours.build(job, rtol)(False)
    key, run, arguments = kept[-1]
    fate, work = arguments[-2:]
    return Capture(key, work.copy(), int(fate[:, STEPS].sum()), sys.modules[run.py_func.__module__])


def _price(loop: Any, work: FloatArray, times: int) -> float:
    """Core seconds of one round of a loop, the least of many short ones."""
    loop(work.copy(), 1)
    found = []
    for _ in range(15):
        own = work.copy()
        begin = time.process_time()
        loop(own, times)
        found.append((time.process_time() - begin) / times)
    return min(found)


def evaluation(seen: Capture) -> float:
    """Nanoseconds for one evaluation of the equations for one dyad.

    Each state moves by a trace of its rate, so that no evaluation can be taken out of the loop.
    """
    key, rates, at = seen.key, llvm_code.store_rates, compiled_system.blocks(seen.key)
    n, trial, k, y, nodes, now = (
        len(compiled_system.compiled_system(key).order),
        *[at[b] for b in ("trial", "k2", "y", "nodes", "time")],
    )
    size = n * LANES

    @numba.njit(**OPTIONS)
    def loop(w: Any, times: int) -> None:
        for _ in range(times):
            rates(key, k, w)
            for i in range(size):
                w[trial + i] += 1e-9 * w[k + i]

    work = seen.work.copy()
    work[trial : trial + size] = work[y : y + size]
    work[nodes : nodes + LANES] = work[now : now + LANES]
    return _price(loop, work, 20_000) / LANES * 1e9


def whole_step(seen: Capture) -> float:
    """Nanoseconds for one step for one dyad, without leading it through its timeline."""
    step, at = seen.module.step, compiled_system.blocks(seen.key)

    @numba.njit(**OPTIONS)
    def loop(w: Any, times: int) -> None:
        for _ in range(times):
            step(w)

    work = seen.work.copy()
    rows = {
        "active": 1.0,
        "adaptive": 0.0,
        "until": np.inf,
        "wanted": 1e-3,
        "max_step": 1e-3,
        "limit": np.inf,
    }
    for name, value in rows.items():
        work[at[name] : at[name] + LANES] = value
    return _price(loop, work, 4_000) / LANES * 1e9


def _chains(link: Callable[[Any, Any, Any, Any], Any]) -> Any:
    @intrinsic
    def body(typing: Any, work: Any) -> Any:
        def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            base = context.make_array(signature.args[0])(context, builder, arguments[0]).data
            v = Vectors(builder, LANES, DOUBLE)
            values = [builder.load(v.place(base, i * LANES), align=8) for i in range(CHAINS + 2)]
            a, b = values.pop(), values.pop()
            for _ in range(LINKS):
                values = [link(v, value, a, b) for value in values]
            for i, value in enumerate(values):
                builder.store(value, v.place(base, i * LANES), align=8)
            return context.get_dummy_value()

        return types.void(work), build

    return body


def machine(link: Callable[[Any, Any, Any, Any], Any]) -> float:
    """Nanoseconds that an operation on one number takes when nothing else is done."""
    body = _chains(link)

    @numba.njit
    def loop(w: Any, times: int) -> None:
        for _ in range(times):
            body(w)

    return _price(loop, np.full((CHAINS + 2) * LANES, 0.7), 20_000) / (CHAINS * LINKS * LANES) * 1e9


def operations(key: str) -> tuple[int, int]:
    """How many numbers one evaluation divides, and how many it adds or multiplies, for one dyad, by
    the machine code (x86 only; zero elsewhere).
    """
    rates, into = llvm_code.store_rates, compiled_system.blocks(key)["k2"]

    @numba.njit(**OPTIONS)
    def once(w: Any) -> None:
        rates(key, into, w)

    once.compile((types.float64[::1],))
    found = INSTRUCTION.findall(once.inspect_asm(once.signatures[0]))
    doubles = [(word == "div", WIDTH[register]) for word, register in found]
    return sum(w for div, w in doubles if div) // LANES, sum(
        w for div, w in doubles if not div
    ) // LANES


def measure(job: Job, settings: dict[float, float]) -> list[Row]:
    """Print the distance to the limit; `settings` has the tolerance that reaches each accuracy."""
    seen = capture(job, 1e-4)
    price, step = evaluation(seen), whole_step(seen)
    divide, fused = (
        machine(lambda v, x, a, b: v.builder.fdiv(a, x)),
        machine(lambda v, x, a, b: v.fused(x, a, b)),
    )
    divisions, others = operations(seen.key)
    limit = max(divisions * divide, others * fused)
    print(
        f"\nDistance to the machine's limit\n"
        f"  one evaluation of the equations, a dyad: {price:.1f} ns; its {divisions} divisions "
        "alone "
        f"{divisions * divide:.1f} ns ({divide:.3f} each), its {others} other operations alone "
        f"{others * fused:.1f} ns "
        f"({fused:.4f} each)\n"
        f"  the larger of the two is the limit: {price / limit if limit else np.nan:.2f} times "
        "from it\n"
        f"  one whole step ({EVALUATIONS} evaluations): {step:.0f} ns, {step / price:.1f} "
        "evaluations"
    )
    figures = {
        "evaluation": (price, "ns"),
        "division": (divide, "ns"),
        "fused": (fused, "ns"),
        "divisions": (divisions, "1"),
        "other operations": (others, "1"),
        "limit of an evaluation": (limit, "ns"),
        "step": (step, "ns"),
    }
    rows = [Row(SECTION, "machine and code", k, v, unit) for k, (v, unit) in figures.items()]
    for target, rtol in settings.items():
        rows += _of_a_run(job, (target, rtol), price, step, limit)
    return rows


def _of_a_run(
    job: Job, setting: tuple[float, float], price: float, step: float, limit: float
) -> list[Row]:
    target, rtol = setting
    steps = capture(job, rtol).steps / job.segments
    run = ours.build(job, rtol)
    took = job.per_month(min(core_seconds(run, keep=False) for _ in range(7)))
    segments = job.per_month(job.segments) * 1e-3
    evaluations = segments * steps * EVALUATIONS * price * 1e-6
    ideal = segments * IDEAL[0] * IDEAL[1] * (limit or price) * 1e-6
    print(
        f"  at {target:g}: {steps:.2f} steps a segment ({segments:.0f} segments in 30 days); "
        f"{took:.2f} core-ms, "
        f"{took / evaluations:.2f} times its evaluations' own {evaluations:.2f}; a step in the "
        "run takes "
        f"{took / (segments * steps) * 1e6:.0f} ns, by itself {step:.0f}; an ideal run "
        f"({IDEAL[0]} steps of "
        f"{IDEAL[1]} evaluations, at the limit) {ideal:.2f}: {took / ideal:.1f} times from it"
    )
    figures = {
        "steps a segment": (steps, "1"),
        "time": (took, "core-ms"),
        "evaluations alone": (evaluations, "core-ms"),
        "ideal": (ideal, "core-ms"),
    }
    return [Row(SECTION, f"at {target:g}", k, v, unit) for k, (v, unit) in figures.items()]
