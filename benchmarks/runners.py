"""Who computes the blocks of a sweep: a bare loop, oxysim's own processes, Dask workers; each block
with its time.
"""

from __future__ import annotations

import contextlib
import math
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from oxysim import population
from oxysim.interventions import NasalSpray
from oxysim.simulation.scipy_engine import Solver
from oxysim.simulation.start.initial_state import forget
from oxysim.sweeps import MemoryStore, Study, grid, linspace, runner, sweep
from oxysim.sweeps.blocks import Block, compute
from oxysim.sweeps.cost_estimate import shape_of
from oxysim.sweeps.store.zarr_store import ZarrStore
from oxysim.sweeps.workers.worker_pools import ProcessPool

WORKERS, DOSES = 2, 12


def study(sessions: int) -> Study:
    """Doses of the spray in as many different dyads as it takes, six hours each."""
    return Study(
        population.sample(math.ceil(sessions / DOSES), seed=1),
        "6 h",
        design=grid({"spray.dose": linspace("4 IU", "48 IU", DOSES)}),
        interventions={"spray": NasalSpray("24 IU", at="10:00")},
        outcomes=[
            "caregiver.plasma_oxytocin: maximum from 10:00 to 14:00",
            "caregiver.central_oxytocin: maximum from 10:00 to 14:00",
            "caregiver.warmth: mean from 10:30 to 12:30",
        ],
        solver=Solver(rtol=1e-4),
    )


@dataclass(frozen=True, eq=False)
class Timed:
    """A computed block, and the core seconds and wall seconds that it took."""

    values: Mapping[str, Any]
    status: Any
    reason: Any
    took: tuple[float, float]


def timed(block: Block, _: int = 0) -> Timed:
    """Compute a block; core time is that of the thread, so that whatever else a worker does is not
    in it.
    """
    forget()  # a turn settles its own starts, whatever went before
    begin, begun = time.thread_time(), time.perf_counter()
    found = compute(block)
    took = time.thread_time() - begin, time.perf_counter() - begun
    return Timed(found.values, found.status, found.reason, took)


def bare(blocks: Sequence[Block]) -> list[tuple[float, float]]:
    """What each of the blocks took, computed one after the other."""
    return [timed(block).took for block in blocks]


class Watched:
    """A store that reports each block it is given."""

    def __init__(self, held: Any, report: Callable[[Any], None]) -> None:
        self._held, self._report = held, report

    def __getattr__(self, name: str) -> Any:
        return getattr(self._held, name)

    def write(self, number: int, result: Any) -> None:
        """Keep it, then report it."""
        self._held.write(number, result)
        self._report(result)


class Turn(NamedTuple):
    """One run of all blocks: wall seconds, and the core seconds and wall seconds of each block."""

    wall: float
    blocks: list[tuple[float, float]]

    @property
    def core(self) -> float:
        """Core seconds of a block, on average."""
        return sum(core for core, _ in self.blocks) / len(self.blocks)

    @property
    def overhead(self) -> float:
        """What is added to the core time of the blocks, as a share of it."""
        return self.wall / (sum(core for core, _ in self.blocks) / WORKERS) - 1

    @property
    def outside(self) -> float:
        """What is added to the wall time of the blocks, as a share of it: the part that other jobs
        have not caused by taking the processor away from a block.
        """
        return self.wall / (sum(wall for _, wall in self.blocks) / WORKERS) - 1


@dataclass(frozen=True)
class Runner:
    """Who computes the blocks; ``starting`` holds wall seconds until all workers are there, and of
    their first block beyond what a second one takes.
    """

    name: str
    turn: Callable[[Study, int], Turn]
    starting: tuple[float, float]
    turns: list[Turn] = field(default_factory=list)


def swept(
    what: Study, size: int, *, executor: Executor | None = None, path: Path | None = None
) -> Turn:
    """A whole sweep, its blocks timed by their workers."""
    blocks: list[tuple[float, float]] = []
    store = Watched(
        MemoryStore() if path is None else ZarrStore(path),
        lambda result: blocks.append(result.took),
    )
    # a worker is sent the name of what it computes with: this puts the stop-watch there
    with mock.patch.object(runner, "_computed", timed):
        begin = time.perf_counter()
        sweep(
            what, store=store, workers=WORKERS, executor=executor, block_size=size, progress=False
        )
        return Turn(time.perf_counter() - begin, blocks)


def readied(
    submit: Callable[..., Future[Any]],
    block: Block,
    begin: float,
    settle: Callable[[Future[Any]], Any] = id,
) -> tuple[float, float]:
    """Let workers load what they need (`submit` gives each in turn a call); as
    ``Runner.starting``.
    """

    def wall(*call: Any) -> float:
        before = time.perf_counter()
        for one in [submit(*call) for _ in range(WORKERS)]:
            one.result()
            settle(one)
        return time.perf_counter() - before

    wall(os.getpid)
    return time.perf_counter() - begin, wall(timed, block) - wall(timed, block)


@contextlib.contextmanager
def bare_processes(little: Block) -> Iterator[list[Runner]]:
    """Two processes that compute what they are given, half of the blocks each."""
    begin = time.perf_counter()
    with contextlib.ExitStack() as stack:
        pools = [
            stack.enter_context(ProcessPoolExecutor(1, mp_context=get_context("spawn")))
            for _ in range(WORKERS)
        ]
        turns = iter(pools * 100)
        starting = readied(lambda *call: next(turns).submit(*call), little, begin)

        def turn(what: Study, size: int) -> Turn:
            shape = shape_of(what, size)
            blocks = [what.block(number, shape) for number in range(what.n_runs // size)]
            begun = time.perf_counter()
            out = [pool.submit(bare, blocks[k::WORKERS]) for k, pool in enumerate(pools)]
            found = [took for one in out for took in one.result()]
            return Turn(time.perf_counter() - begun, found)

        yield [Runner("a bare loop in two processes", turn, starting)]


@contextlib.contextmanager
def own_processes(little: Block) -> Iterator[list[Runner]]:
    """The default of sweeps; the processes stay from one sweep to the next, so that starting them
    is apart.
    """
    begin = time.perf_counter()
    pool = ProcessPool(WORKERS)
    starting = readied(pool.submit, little, begin, pool.blamed)

    def turn(what: Study, size: int, *, disk: bool) -> Turn:
        with (
            tempfile.TemporaryDirectory() as folder,
            mock.patch.object(runner, "ProcessPool", lambda n: pool),
            mock.patch.object(pool, "close"),
        ):
            return swept(what, size, path=Path(folder) / "blocks.zarr" if disk else None)

    try:
        yield [
            Runner("own processes", lambda what, size: turn(what, size, disk=False), starting),
            Runner(
                "own processes, Zarr store",
                lambda what, size: turn(what, size, disk=True),
                starting,
            ),
        ]
    finally:
        pool.close(at_once=False)


@contextlib.contextmanager
def dask_workers(little: Block) -> Iterator[list[Runner]]:
    """A cluster of two single-threaded worker processes on this machine."""
    from distributed import Client, LocalCluster  # not in the other runners' workers

    begin = time.perf_counter()
    with (
        LocalCluster(n_workers=WORKERS, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        names = iter(list(client.nthreads()) * 100)
        starting = readied(
            lambda *call: client.submit(*call, workers=next(names), pure=False), little, begin
        )
        executor = client.get_executor()
        yield [
            Runner(
                "Dask, two workers",
                lambda what, size: swept(what, size, executor=executor),
                starting,
            )
        ]
