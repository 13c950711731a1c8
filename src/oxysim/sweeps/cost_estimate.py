"""What a sweep will cost, before it runs: time from a pilot, memory and disk from its shape."""

from __future__ import annotations

import math
import os
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from oxysim import units
from oxysim.checks import flag, instance, whole_number
from oxysim.errors import InputError
from oxysim.simulation.start.initial_state import forget
from oxysim.sweeps.axis_targets import FIELD, SEED
from oxysim.sweeps.blocks import block_count, block_shape, block_slices, compute
from oxysim.sweeps.study import Study
from oxysim.sweeps.sweep_design import GRID

PILOT_RUNS = 8  # of the first pilot; the last has as many as last about a second
# Long enough for a clock, short enough to wait for.
PILOT_SECONDS = 1.0
STARTING = 4.0  # seconds until a worker process is ready
# dyad-days of a block: about a second where the engine is compiled, a minute where it is not
WORK = 20_000.0
FEWEST, MOST = 8, 4096  # runs of a block
LARGEST_POOL = 1024
"""The most worker processes of one machine."""

HELD = 256e6  # bytes of courses that a block may hold at once
LOOKS = 2000  # at a day's course, in which a schedule of some eighty edges asks for as many
# what a block needs beside its courses, as a multiple of them: the engine's own arrays and copies
OVERHEAD = 3.0
WORKER = 250e6  # bytes of a worker process with everything loaded
TEXT = 8  # bytes of a run's empty reason


@dataclass(frozen=True)
class CostEstimate:
    """The cost of a sweep.

    Attributes
    ----------
    runs, blocks, block_shape, workers : what is to be done, in which pieces, by how many.
    seconds : wall time; None where no pilot was run. seconds_per_run : of one worker.
    memory_bytes : at the peak, in all processes. result_bytes : of the results, uncompressed.
    disk_bytes : of the store at most (results are compressed); 0 for a sweep in memory.

    >>> CostEstimate(8, 2, (4,), 1, 12.0, 1.5, 3e6, 2e3, 0.0).describe()
    '8 runs in 2 blocks on 1 worker in about 12.0 s; about 3.0 MB of memory.'
    """

    runs: int
    blocks: int
    block_shape: tuple[int, ...]
    workers: int
    seconds: float | None
    seconds_per_run: float | None
    memory_bytes: float
    result_bytes: float
    disk_bytes: float

    def describe(self) -> str:
        """The cost in one sentence."""
        long = "" if self.seconds is None else f" in about {duration_words(self.seconds)}"
        disk = f", at most {bytes_words(self.disk_bytes)} on disk" if self.disk_bytes else ""
        return (
            f"{self.runs} runs in {self.blocks} block{'s' if self.blocks > 1 else ''} on"
            f" {self.workers} worker{'s' if self.workers > 1 else ''}{long}; about"
            f" {bytes_words(self.memory_bytes)} of memory{disk}."
        )


def estimate(
    study: Study,
    *,
    on_disk: bool = False,
    workers: int | None = None,
    block_size: int | None = None,
    pilot: bool = True,
    timeout: str | None = None,
) -> CostEstimate:
    """What a sweep will cost.

    Parameters
    ----------
    on_disk : whether the results go to a store rather than into memory.
    workers, block_size, timeout : as for ``sweep``. Where there is a time-out even one worker is a
        process of its own, which takes a while to start.
    pilot : whether to run a few runs, and then as many as last a second (at most a block): what is
        done once (compiling, loading) does not count.

    Raises
    ------
    InputError : workers or block_size that are not whole numbers of at least 1.

    >>> from oxysim import Dyad
    >>> study = Study(Dyad.symptomatic(), "6 h", outcomes=["caregiver.epds: final"])
    >>> estimate(study, workers=1, pilot=False).runs
    1
    """
    instance(study, "study", Study, "a Study")
    on_disk, pilot = flag(on_disk, "on_disk"), flag(pilot, "pilot")
    shape = shape_of(study, block_size)
    n = min(worker_count(workers), block_count(study.dims, shape))
    if timeout is not None:
        units.duration(timeout, "timeout")  # an illegal one is refused before the pilot
    per_run = _pilot(study, shape, n) if pilot else None
    return cost_of_blocks(study, shape, per_run, on_disk=on_disk, workers=workers, timeout=timeout)


def cost_of_blocks(
    study: Study,
    shape: tuple[int, ...],
    seconds_per_run: float | None,
    *,
    on_disk: bool = False,
    workers: int | None = None,
    timeout: str | None = None,
) -> CostEstimate:
    """What a sweep will cost in blocks of a shape, from the seconds that one run takes one worker.

    Parameters
    ----------
    shape : of the blocks, over the study's dimensions.
    seconds_per_run : None where no pilot was run.
    on_disk, workers, timeout : as for :func:`estimate`.

    >>> from oxysim import Dyad
    >>> from oxysim.sweeps import grid
    >>> gains = grid({"caregiver.depression.loop_gain": [0.5, 1.0]})
    >>> study = Study(Dyad(), "1 d", gains, outcomes=["caregiver.epds: final"])
    >>> cost_of_blocks(study, (1,), 2.0, workers=1).seconds  # two runs of two seconds
    4.0
    """
    blocks = block_count(study.dims, shape)
    n = min(worker_count(workers), blocks)
    results = result_bytes(study)
    used = (
        block_bytes(study, shape) * n + (WORKER * n if n > 1 else 0) + (0 if on_disk else results)
    )
    # blocks are whole: the last round of the workers takes as long as a full one
    rounds = min(math.ceil(blocks / n) * math.prod(shape), study.n_runs)
    starting = STARTING if n > 1 or timeout is not None else 0.0
    seconds = None if seconds_per_run is None else seconds_per_run * rounds + starting
    on_disk_bytes = results if on_disk else 0.0
    return CostEstimate(
        study.n_runs, blocks, shape, n, seconds, seconds_per_run, used, results, on_disk_bytes
    )


def shape_of(study: Study, size: int | None = None) -> tuple[int, ...]:
    """The shape of a study's blocks of at most `size` runs, where None stands for
    :func:`default_size`.

    Runs of one dyad that differ in interventions and seed alone have the same start, which a block
    settles once. So the dimensions along which nothing else changes are kept whole before all
    others.

    Raises
    ------
    InputError : `size` is not a whole number of at least 1.

    >>> from oxysim import Dyad
    >>> from oxysim.sweeps import grid
    >>> gains = grid({"caregiver.depression.loop_gain": [0.5, 1.0, 1.5]})
    >>> shape_of(Study(Dyad(), "1 d", gains, outcomes=["caregiver.epds: final"]), 2)
    (2,)
    """
    return block_shape(
        study.dims, default_size(study) if size is None else size, _of_one_start(study)
    )


def _of_one_start(study: Study) -> list[str]:
    """The design's dimensions along which no axis changes what a start depends on."""
    if study.design is None:
        return []
    axes_of_start = {target.axis.name for target in study.bound if target.kind not in (FIELD, SEED)}
    if study.design.kind == GRID:
        return [name for name in study.design.dims if name not in axes_of_start]
    return [] if axes_of_start else list(study.design.dims)  # all axes share the one dimension


def default_size(study: Study) -> int:
    """Runs of a block where the user names none; depends on the study alone, so that a store can be
    resumed anywhere.

    A block is about a second's work for the compiled engine, holds no more than 256 MB of courses,
    and is no more than a sixteenth of the sweep where that is a reasonable size.

    >>> from oxysim import Dyad
    >>> default_size(Study(Dyad(), "1 d", outcomes=["caregiver.epds: final"]))
    16
    """
    days = (study.window[1] - study.window[0]) / units.DAY
    # Blocks long enough that handing them over costs nothing beside them.
    by_work = min(max(WORK / days, FEWEST), MOST)
    by_memory = HELD / course_bytes(study)
    # Sixteen blocks keep all workers of a usual machine busy to the end.
    by_share = max(16, math.ceil(study.n_runs / 16))
    return max(1, int(min(by_work, by_memory, by_share)))


def worker_count(workers: int | None) -> int:
    """The number of workers asked for, or one a processor that this process may use.

    Raises
    ------
    InputError : not a whole number of at least 1.

    >>> worker_count(3)
    3
    """
    if workers is None:
        return (
            len(os.sched_getaffinity(0))
            if hasattr(os, "sched_getaffinity")
            else os.cpu_count() or 1
        )
    return whole_number(workers, "workers", 1, LARGEST_POOL)


def course_bytes(study: Study) -> float:
    """What stands in memory of the courses of one run.

    >>> from oxysim import Dyad
    >>> course_bytes(Study(Dyad(), "1 d", outcomes=["caregiver.epds: final"]))  # one look
    8.0
    """
    # An outcome of a stretch looks at the whole course of its variable.
    whole = any(not len(layout.times) for layout in study.layouts)
    looks = len(study.sampling()) + (LOOKS if whole else 0)
    return 8.0 * looks * len({layout.variable for layout in study.layouts})


def block_bytes(study: Study, shape: Sequence[int]) -> float:
    """What the computation of one block needs.

    >>> from oxysim import Dyad
    >>> block_bytes(Study(Dyad(), "1 d", outcomes=["caregiver.epds: final"]), (16,))
    512.0
    """
    return math.prod(shape) * course_bytes(study) * (1 + OVERHEAD)


def result_bytes(study: Study) -> float:
    """All results of a sweep, uncompressed.

    >>> from oxysim import Dyad
    >>> result_bytes(Study(Dyad(), "1 d", outcomes=["caregiver.epds: final"]))
    17.0
    """
    # beside the outcomes a status of one byte, and a reason
    return float(study.n_runs) * (
        sum(8 * math.prod(layout.shape) for layout in study.layouts) + 1 + TEXT
    )


_FEWER = "keep fewer outcomes or a coarser design, or go on with {force}"
_ARGUMENTS = {"store": "store=", "block_size": "block_size=", "force": "force=True"}


def require_fits(study: Study, shape: Sequence[int], workers: int, path: Path | None) -> None:
    """Raise ``InputError``, with the figures, where a sweep needs more memory or
    disk than is free.

    >>> from oxysim import Dyad
    >>> require_fits(Study(Dyad(), "1 d", outcomes=["caregiver.epds: final"]), (1,), 1, None)
    """
    results = result_bytes(study)
    needed = block_bytes(study, shape) * workers + (results if path is None else 0.0)
    # Available: what a program can get without swapping, caches included.
    free = float(psutil.virtual_memory().available)
    if needed > free:
        # smaller blocks help only where it is the blocks that need the memory
        in_memory = path is None and results > needed / 2
        advice = "give {store} a folder, " if in_memory else "give a smaller {block_size}, "
        raise InputError(
            f"the sweep ({study.n_runs} runs) needs about {bytes_words(needed)} of memory and"
            f" {bytes_words(free)} are free",
            remedy=f"{advice}{_FEWER}",
            arguments=_ARGUMENTS,
        )
    if path is not None:
        # The store may not be there yet: its nearest folder tells which disk it will lie
        # on.
        existing = next(
            folder for folder in (path.absolute(), *path.absolute().parents) if folder.exists()
        )
        room = float(shutil.disk_usage(existing).free)
        if results > room:
            raise InputError(
                f"the sweep ({study.n_runs} runs) needs up to {bytes_words(results)} of disk"
                f" (before compression) and {bytes_words(room)} are free",
                remedy=_FEWER,
                arguments=_ARGUMENTS,
            )


def _pilot(study: Study, shape: Sequence[int], workers: int) -> float:
    """Seconds for one run of one worker, from runs in the middle of the sweep."""
    # the compiled engine takes every processor by threads of its own, but workers are processes of
    # one thread
    clock = time.process_time if workers > 1 else time.perf_counter
    # Once for what is done once (compiling, loading), which is not counted.
    _timed(study, PILOT_RUNS, clock)
    runs, seconds = PILOT_RUNS, _timed(study, PILOT_RUNS, clock)
    # what a block costs beside its runs hides what a run costs where they are few, so their number
    # grows step by step
    while runs < math.prod(shape) and runs * seconds < PILOT_SECONDS / 2:
        runs = min(math.prod(shape), max(2 * runs, int(PILOT_SECONDS / seconds)))
        seconds = _timed(study, runs, clock)
    return seconds


def _timed(study: Study, runs: int, clock: Callable[[], float]) -> float:
    """Seconds for one of at most so many runs."""
    shape = shape_of(study, runs)
    # A block from the middle: the first is often the mildest corner of a grid.
    block = study.part(block_slices(study.dims, shape, block_count(study.dims, shape) // 2))
    forget()  # the runs of a smaller pilot are among these: their starts must be settled again
    before = clock()
    compute(block)
    return (clock() - before) / len(block)


def bytes_words(size: float) -> str:
    """A number of bytes in the unit that suits it.

    >>> bytes_words(2.5e9)
    '2.5 GB'
    """
    for unit, factor in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{max(size / 1e3, 1):.0f} kB"  # nothing that is written takes no room


def duration_words(seconds: float) -> str:
    """A length of wall time in the unit that suits it.

    >>> duration_words(150)
    '2.5 min'
    """
    for unit, factor in (("d", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * factor:
            return f"{seconds / factor:.1f} {unit}"
    return f"{seconds:.1f} s"
