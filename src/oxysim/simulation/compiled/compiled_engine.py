"""The compiled engine: dyads side by side in vector lanes, each from edge to edge of its own
schedule.

`kernel_template` holds the loop and `llvm_code` the equations; here the loop is compiled once for a
family's shape, kept on disk, and run over an ensemble on all cores. A dyad's answer does not depend
on who is computed with it, nor on how many threads there are: not in a single bit.

Where it is valid: everywhere, to ten times the tolerance that is asked for (against DOP853 at
1e-10). In single precision (``Solver(precision="single")``, ``for_ensembles``) at relative
tolerances of 1e-5 and coarser; finer ones are refused.
"""

from __future__ import annotations

import functools
import hashlib
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import numba
import numpy as np

from oxysim.arrays import FloatArray, IntArray
from oxysim.families import Family
from oxysim.model.inputs import channels_of
from oxysim.model.structure import Parameters
from oxysim.per_dyad import PerDyad, together
from oxysim.schedule import STAGES, Realised
from oxysim.simulation import code_cache
from oxysim.simulation.compiled import compiled_system as compiled_system_module
from oxysim.simulation.compiled import (
    kernel_arguments,
    kernel_template,
    llvm_code,
    llvm_math,
    runge_kutta,
)
from oxysim.simulation.compiled.compiled_system import (
    blocks,
    compiled_system,
    fingerprint,
    precision_of,
    shape_key,
)
from oxysim.simulation.compiled.kernel_arguments import RecordedOutputs, job_of
from oxysim.simulation.compiled.llvm_math import LANES
from oxysim.simulation.equations.python_code import (
    EquationsShape,
    equations_shape,
    usual_leaves,
)
from oxysim.simulation.equations.resting_state import resting_start
from oxysim.simulation.equations.system import System, jacobian, output_names, state_rows
from oxysim.simulation.noise_paths import NoisePaths
from oxysim.simulation.reference_signals import usual_signals
from oxysim.simulation.scipy_engine import Task
from oxysim.units import HOUR

# of the user's rtol, so that the error of the answer stays near it (benchmarks/engines.py)
TIGHTENING = 0.5
FAST = 0.08  # per min; a half-life below 9 min
FIRST_STEP = 2.0  # min, of a dyad's first stretch; later ones begin with what was right before
# dyads whose timelines are laid out together: bounds the memory of ensembles with days of their own
GROUP = 256
LARGEST_NOISE = 2**25  # bytes of daily-life noise that stand in memory together, for each thread
LOOK = 0.2  # s between looks at how far the threads have come
# the line of the template to fill in
PLACES = "K2 = K3 = K4 = K5 = K6 = RAW = PIECE = SHOWN = Y = 0"
REASONS = {
    runge_kutta.STEP_LIMIT: (
        "more than {limit} evaluations of the equations (Solver.max_evaluations)"
    ),
    runge_kutta.NOT_FINITE: "not finite",
    runge_kutta.TOO_SMALL: "the step became too small",
}


def integrate(
    task: Task, plans: PerDyad[Realised], y: FloatArray, failures: dict[int, str]
) -> FloatArray:
    """Integrate an ensemble over its schedules.

    Parameters
    ----------
    plans : the dyads' realised schedules.
    y : shape (n_states, n).
    failures : dyad position -> reason; those in it are left out, and new ones are added.

    Returns
    -------
    The state at the end, shape (n_states, n); NaN for dyads that failed.

    >>> from oxysim.schedule import Routine, Schedule
    >>> from oxysim.simulation.input_pieces import realise
    >>> from oxysim.simulation.scipy_engine import Solver
    >>> who = Family()
    >>> plans = realise(who, PerDyad.shared(Schedule(Routine.typical()), 1), 480.0, 490.0)
    >>> nobody = integrate(Task(who, {}, Solver()), plans, resting_start(who), {0: "left out"})
    >>> bool(np.isnan(nobody).all())
    True
    """
    family, ages, roles = task.who, task.who.ages(), task.who.role_of
    (resolved, raw), times = task.parameters, task.output_times()
    key = equations_key(family, resolved, task.solver.precision)
    run = kernel(key)
    # a copy also where y.T is contiguous: the caller's y stays as it is
    states = np.array(y.T, order="C")
    order = np.array(compiled_system(key).order)
    fate = np.zeros((len(ages), 3))  # status, time, steps
    recording, usual = _recording(task, key), _usual_table(roles, equations_shape(resolved))
    n_lanes = LANES[task.solver.precision]
    alive = np.array([i for i in range(len(ages)) if i not in failures], dtype=np.int64)

    queues: list[tuple[IntArray, int]] = []

    def prepared(chosen: IntArray) -> Callable[[], None]:
        job, queue = job_of(chosen, plans, ages, times, usual, task.noise), np.zeros(1, np.int64)
        queues.append((queue, len(chosen)))
        return lambda: run(
            chosen, queue, *job, raw, states, order, *recording, fate, _work(task, key)
        )

    watch = _watching(queues, plans, alive, task, n_lanes * threads())
    _in_parallel(prepared, _groups(alive, plans, task.noise, times), n_lanes, watch)
    code_cache.note_digests(_module(key)[0], run)
    y_end = np.full_like(y, np.nan)
    for i in alive.tolist():
        if fate[i, 0] == runge_kutta.OK:
            y_end[:, i] = states[i]
        else:
            failures[i] = _reason(fate[i], plans[i], task)
    return y_end


def _reason(fate: FloatArray, plan: Realised, task: Task) -> str:
    hours = (fate[1] - plan.edges[0]) / 60
    return (
        f"{REASONS[int(fate[0])].format(limit=task.solver.max_evaluations)}, {hours:.2f} h after"
        " the start"
    )


def equations_key(family: Family, parameters: Parameters, precision: str = "double") -> str:
    """The text that names the equations' shape, by which compiled code is asked for.

    >>> who = Family()
    >>> equations_key(who, who.resolved()).split(";")[0]  # begins with the number of caregivers
    '1'
    """
    rows = enumerate(state_rows(family.caregivers).values())
    slow = [position for position, row in rows if row.pace != "fast"]
    relaxed = relaxing(family.caregivers, family.role_of)
    return shape_key(equations_shape(parameters), relaxed, slow, precision)


@functools.cache
def relaxing(caregivers: tuple[str, ...], roles: tuple[str, ...]) -> tuple[int, ...]:
    """The states (positions) that relax so fast that a step takes their own relaxation exactly.

    Judged once at the default parameters, so that the choice depends on no dyad that is computed.

    >>> relaxing(("mother",), ("mother",))[:3]
    (1, 4, 9)
    """
    who = Family(caregivers, roles=dict(zip(caregivers, roles, strict=True)))
    levels = {member: [row.rest for row in channels_of(member).values()] for member in who.members}
    rates = System(who.caregivers, who.resolved(index=0)).rates_under(
        levels, usual_signals(roles, 0)
    )
    decay = -np.diag(jacobian(rates, resting_start(who)[:, 0], 0.0))
    return tuple(np.flatnonzero(decay > FAST).tolist())


def _work(task: Task, key: str) -> FloatArray:
    """The loop's array, with tolerances and limits filled in and everything else at zero."""
    at, n, solver = blocks(key), LANES[task.solver.precision], task.solver
    fixed = solver.fixed_step
    work = np.zeros(at["end"])
    rtol = solver.rtol * TIGHTENING
    rows = {
        "rtol": rtol,
        "max_step": solver.max_step if fixed is None else fixed,
        "limit": solver.max_evaluations,
        "adaptive": fixed is None,
        "hold": task.hold_slow,
        "first_step": FIRST_STEP if fixed is None else fixed,
    }
    for name, value in rows.items():
        work[at[name] : at[name] + n] = value
    scale = np.array([row.scale for row in state_rows(task.who.caregivers).values()])
    atol = np.repeat(0.1 * rtol * scale[list(compiled_system(key).order)], n)
    work[at["atol"] : at["atol"] + len(atol)] = atol
    return work


def _recording(task: Task, key: str) -> RecordedOutputs:
    """Where the recorder's variables come from: rows of the state in the lanes, or algebraic
    outputs.
    """
    recorder = task.recorder
    if recorder is None:
        return RecordedOutputs(
            np.empty((0, 0, 0)), np.empty((0, 2), np.int64), np.empty((0, 2), np.int64)
        )
    lane_row = {state: row for row, state in enumerate(compiled_system(key).order)}
    algebraic = {name: i for i, name in enumerate(output_names(task.who.caregivers))}
    names = list(recorder.values)
    state_rows_of_outputs = [
        (lane_row[recorder.states[name]], k)
        for k, name in enumerate(names)
        if name in recorder.states
    ]
    output_rows = [
        (algebraic[name], k) for k, name in enumerate(names) if name not in recorder.states
    ]
    return RecordedOutputs(
        recorder.table,
        *[
            np.array(rows, dtype=np.int64).reshape(-1, 2)
            for rows in (state_rows_of_outputs, output_rows)
        ],
    )


@functools.cache
def _usual_table(roles: tuple[str, ...], shape: EquationsShape) -> FloatArray:
    """The usual signals of each stage of infant age as equations of this shape take them, shape
    (n_stages, n_values).
    """
    by_stage = [usual_signals(roles, stage) for stage in range(len(STAGES))]
    table = np.array([usual_leaves(signals, shape) for signals in by_stage])
    # every run of a family with these roles reads the one table
    table.setflags(write=False)
    return table


def lanes_of(key: str) -> int:
    """How many dyads stand side by side.

    >>> lanes_of("1;0;0;1;double"), lanes_of("1;0;0;1;single")
    (8, 16)
    """
    return LANES[precision_of(key)]


# --------------------------------------------------------------------------------------
# running in parallel
def threads() -> int:
    """How many threads a run uses; NUMBA_NUM_THREADS lowers it.

    >>> threads() >= 1
    True
    """
    return int(numba.config.NUMBA_NUM_THREADS)


def _groups(
    alive: IntArray,
    plans: PerDyad[Realised],
    noise: NoisePaths | None,
    times: PerDyad[FloatArray],
) -> list[IntArray]:
    """The dyads in groups whose timelines and noise stand in memory together: all where they share
    few timelines and their noise is short, else some at a time.
    """
    different = len(together(plans, times).values)
    size = GROUP if different > GROUP else max(len(alive), 1)
    if noise is not None and len(alive):
        length = max(plan.edges[-1] - plan.edges[0] for plan in plans.values)
        of_a_dyad = 8 * noise.width * (length / HOUR + 2)
        size = min(size, max(1, int(LARGEST_NOISE / of_a_dyad)))
    number = -(-len(alive) // size)
    if number > 1:  # as many groups for each thread, so that none waits for another's last
        number = min(-(-number // threads()) * threads(), len(alive))
    return np.array_split(alive, number) if number else []


def _in_parallel(
    prepared: Callable[[Any], Callable[[], None]],
    groups: Sequence[IntArray],
    n_lanes: int,
    watch: Callable[[bool], None],
) -> None:
    """Run every group: by itself on one thread where there are enough of them, else shared by as
    many as it fills.
    """
    n = threads()
    if n == 1 or (len(groups) == 1 and len(groups[0]) <= n_lanes):
        for group in groups:
            prepared(group)()
            watch(True)
        return
    with ThreadPoolExecutor(n) as pool:
        if len(groups) >= n:
            _watched([pool.submit(_run, prepared, group) for group in groups], watch)
            return
        for group in groups:
            run = prepared(group)
            _watched([pool.submit(run) for _ in range(min(n, -(-len(group) // n_lanes)))], watch)


def _run(prepared: Callable[[Any], Callable[[], None]], group: IntArray) -> None:
    """Lay out a group and run it."""
    prepared(group)()


def _watched(running: Sequence[Future[None]], watch: Callable[[bool], None]) -> None:
    """Wait for threads, looking up now and then to say how far they have come; raises what one of
    them raised.
    """
    unfinished: set[Future[None]] = set(running)
    while unfinished:
        _, unfinished = wait(unfinished, timeout=LOOK)
        watch(not unfinished)
    for future in running:
        future.result()


def _watching(
    queues: Sequence[tuple[IntArray, int]],
    plans: PerDyad[Realised],
    alive: IntArray,
    task: Task,
    at_once: int,
) -> Callable[[bool], None]:
    """Tell the bar how far the threads have come: by how many dyads they have taken beyond those
    under way.
    """
    if task.bar is None or not len(alive):
        return lambda _: None
    bar = task.bar
    of_a_dyad = float(np.mean([plans[i].edges[-1] - plans[i].edges[0] for i in alive.tolist()]))
    reported = 0

    def watch(ended: bool) -> None:
        nonlocal reported
        taken = sum(min(int(queue[0]), size) for queue, size in list(queues))
        done = max(taken if ended else taken - at_once, reported)
        bar.advance_time((done - reported) * of_a_dyad)
        reported = done

    return watch


# --------------------------------------------------------------------------------------
# compiling
@functools.cache
def kernel(key: str) -> Any:
    """The loop for a family's shape, compiled, or taken from the disk where it
    was compiled before.

    >>> resolved, relaxed = Family().resolved(), relaxing(("mother",), ("mother",))
    >>> kernel(shape_key(equations_shape(resolved), relaxed, [14])).__name__
    'integrate_lanes'
    """
    name, source = _module(key)
    return code_cache.module_of(name, source).integrate_lanes


@functools.cache
def _module(key: str) -> tuple[str, str]:
    """The name under which the loop's code is kept, and the source of its module: the template,
    filled in.
    """
    source = Path(kernel_template.__file__).read_text(encoding="utf-8")
    modules = (llvm_math, compiled_system_module, llvm_code, runge_kutta, kernel_arguments)
    built = [Path(str(module.__file__)).read_text(encoding="utf-8") for module in modules]
    # what compiled code depends on; Numba itself keeps apart the processors that share a folder
    parts = (
        source,
        *built,
        fingerprint(key),
        numba.__version__,
        str(sys.implementation.cache_tag),
    )
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24]

    at, names = blocks(key), ("k2", "k3", "k4", "k5", "k6", "raw", "piece", "shown", "y")
    places = "; ".join(f"{name.upper()} = {at[name]}" for name in names)
    filled = source.replace('KEY = ""', f"KEY = {key!r}", 1).replace(PLACES, places, 1)
    return f"oxysim_lanes_{digest}", filled.replace("LANES = 8", f"LANES = {lanes_of(key)}", 1)
