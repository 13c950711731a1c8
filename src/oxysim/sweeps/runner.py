"""Running a study: blocks out to the workers, results into the store, whatever fails recorded."""

from __future__ import annotations

import json
import math
import os
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np
import xarray as xr

from oxysim import units
from oxysim.checks import flag, instance, refused, whole_number
from oxysim.errors import InputError
from oxysim.interruption import terminable
from oxysim.progress import counting
from oxysim.simulation.engines import integrator_for
from oxysim.simulation.plausibility import as_records, warn_of
from oxysim.simulation.results.run_status import RunStatus
from oxysim.sweeps.blocks import BlockResult, block_count, block_slices, compute, shape_for
from oxysim.sweeps.cost_estimate import require_fits, shape_of, worker_count
from oxysim.sweeps.study import Study
from oxysim.sweeps.workers.pooled_tasks import PooledTasks, TimeLimitError
from oxysim.sweeps.workers.worker_pools import ExternalPool, ProcessPool, SweepError

LARGEST_RETRIES = 100
"""How often a block may be tried again: one that failed so often fails always."""

Block = Any
Computed = tuple[int, Any]
"""A block's number, and its ``BlockResult`` or the error that it ended with."""


class Store(Protocol):
    """What a sweep needs of a place for its results.

    >>> store: Store = MemoryStore()
    >>> store.block_shape is None
    True
    """

    @property
    def block_shape(self) -> tuple[int, ...] | None:
        """The block shape with which it was made, or None."""

    def begin(self, study: Study, block_shape: Sequence[int], *, source: str | None = None) -> None:
        """Make room for the study, or check that it holds it and resume."""

    def pending(self) -> list[int]:
        """Numbers of the blocks that are missing or failed."""

    def write(self, number: int, result: BlockResult) -> None:
        """Keep a computed block."""

    def fail(self, number: int, reason: str) -> None:
        """Record that a block failed, and why."""

    def dataset(self) -> xr.Dataset:
        """What is there now."""

    def close(self) -> None:
        """Give up the right to write."""


class MemoryStore:
    """The results of one sweep as arrays. What it holds is lost with it.

    >>> from oxysim import Dyad
    >>> store = MemoryStore()
    >>> store.begin(Study(Dyad.symptomatic(), "6 h", outcomes=["caregiver.epds: final"]), (1,))
    >>> store.pending()
    [0]
    """

    def __init__(self) -> None:
        self._dataset: xr.Dataset | None = None
        self._study: Study | None = None
        self._shape: tuple[int, ...] = ()
        self._done: set[int] = set()

    @property
    def block_shape(self) -> tuple[int, ...] | None:
        """The block shape with which it was begun; None before."""
        return self._shape or None

    def begin(self, study: Study, block_shape: Sequence[int], *, source: str | None = None) -> None:
        """Make room for a study; begun again with the same study, go on with it.

        Raises
        ------
        InputError : it holds another study.
        """
        instance(study, "study", Study, "a Study")
        instance(source, "source", str | None, "the text of a study file, or None")  # type: ignore[arg-type]
        shape = shape_for(study.dims, block_shape)
        if self._study is not None:
            if self._study.identity() != study.identity() or self._shape != shape:
                raise InputError("this store holds another study; use a new one")
            return
        empty = study.template()
        for name in empty.data_vars:
            # Texts of any length; an array of fixed width would cut the longer ones
            # off.
            kind = object if name == "reason" else empty[name].dtype  # texts of any length
            empty[name] = empty[name].copy(data=np.array(empty[name].values, dtype=kind))
        self._dataset, self._study, self._shape = empty, study, shape

    def pending(self) -> list[int]:
        """Numbers of the blocks that are missing or failed."""
        study, _ = self._begun()
        return [
            number
            for number in range(block_count(study.dims, self._shape))
            if number not in self._done
        ]

    def write(self, number: int, result: BlockResult) -> None:
        """Keep a computed block."""
        study, dataset = self._begun()
        region = block_slices(study.dims, self._shape, number)
        for name, values in {
            **result.values,
            "status": result.status,
            "reason": result.reason,
        }.items():
            dataset[name].values[region] = values
        self._done.add(number)

    def fail(self, number: int, reason: str) -> None:
        """Record that a whole block failed, and why."""
        study, dataset = self._begun()
        region = block_slices(study.dims, self._shape, number)
        dataset["status"].values[region] = RunStatus.FAILED
        dataset["reason"].values[region] = reason

    def dataset(self) -> xr.Dataset:
        """What is there now."""
        return self._begun()[1]

    def close(self) -> None:
        """Nothing has to be given up."""

    def _begun(self) -> tuple[Study, xr.Dataset]:
        if self._study is None or self._dataset is None:
            raise InputError("the store is not begun; call begin(study, block_shape) first")
        return self._study, self._dataset


def sweep(  # noqa: PLR0913 - the one verb of sweeps; all but the study are keywords with defaults
    study: Study,
    *,
    store: Any = None,
    workers: int | None = None,
    executor: Executor | None = None,
    block_size: int | None = None,
    timeout: str | None = None,
    retries: int = 1,
    max_time: str | None = None,
    progress: bool | None = None,
    force: bool = False,
    source: str | None = None,
) -> xr.Dataset:
    """Run a study, and return its outcomes labelled by the design's own dimensions.

    Parameters
    ----------
    store : folder of a Zarr store (extra "store"), which is made or resumed: what is in it is not
        computed again. None keeps the results in memory.
    workers : worker processes of one thread each; 1 computes in this process, where the compiled
        engine takes every processor by itself and a short sweep is over before processes would have
        begun. Default one a processor. With an executor, how many blocks it may compute at once.
    executor : any ``concurrent.futures.Executor`` in place of own processes, such as
        ``dask.distributed.Client.get_executor()``.
    block_size : runs of a block, at most; default by the length of the runs. Runs that share a
        start share a block as far as it goes. A resumed store keeps its own.
    timeout : how long a block may take ("10 min"). One that takes longer is ended with its worker
        process, tried again and then recorded as failed. An executor's worker cannot be ended: the
        block is abandoned.
    retries : how often a block is tried again whose worker died, that ran out of time, or that
        broke.
    max_time : after this time ("2 h") no block is handed out any more; those already with the
        workers (at most two each) are finished.
    progress : whether a bar of runs is shown; None: on a terminal and in a notebook.
    force : run even where memory or disk seem too small.
    source : the text of a study file, kept in a new store so that it can be resumed from itself.

    Returns
    -------
    Dataset : one variable an outcome, ``status`` (0 not done, 1 ok, 2 failed) and ``reason``; the
    attribute "complete" is 1 when every block is done. From a store it is read when it is used,
    each file held against its digest.

    Raises
    ------
    InputError : an illegal option, a store of another study, or (with figures) what would not fit.
    SweepError : no worker is left. KeyboardInterrupt : on Ctrl-C and SIGTERM, with the way to go
    on; what was finished is in the store.

    >>> from oxysim import Dyad
    >>> from oxysim.sweeps.sweep_design import grid
    >>> gains = grid({"caregiver.depression.loop_gain": [1.0, 2.0]})
    >>> outcomes = ["caregiver.epds: final"]
    >>> study = Study(Dyad.symptomatic(), "1 h", gains, outcomes=outcomes, engine="scipy")
    >>> sweep(study, workers=1, progress=False)["status"].values.tolist()
    [1, 1]
    """
    instance(study, "study", Study, "a Study")
    instance(executor, "executor", (Executor, type(None)), "a concurrent.futures.Executor, or None")
    instance(source, "source", (str, type(None)), "the text of a study file, or None")
    force, progress = flag(force, "force"), None if progress is None else flag(progress, "progress")
    tries = whole_number(retries, "retries", 0, LARGEST_RETRIES)
    limits = _Limits(_seconds(timeout, "timeout"), _seconds(max_time, "max_time"), tries)
    warn_of(study.implausible)
    results = _store(store)
    # A resumed store keeps its blocks, since each is a file.
    stored_shape = results.block_shape if block_size is None else None
    shape = stored_shape or shape_of(study, block_size)
    n_blocks = block_count(study.dims, shape)
    n = min(worker_count(workers), n_blocks)
    if not force:
        require_fits(study, shape, n if executor is None else 0, getattr(results, "path", None))
    # The lock is given back, and SIGTERM heard as Ctrl-C, until the last block is kept.
    with closing(results), terminable():
        results.begin(study, shape, source=source)
        run = _Run(study, results, tuple(shape), n_blocks, limits)
        run.go(executor, n, progress)
        dataset = results.dataset()
    odd = {"implausible": json.dumps(as_records(study.implausible))} if study.implausible else {}
    return dataset.assign_attrs(complete=int(not run.left()), **odd)


@dataclass(frozen=True)
class _Limits:
    """Seconds for a block and for the whole, None for no limit; how often to try again."""

    block: float | None
    whole: float | None
    retries: int


class _Run:
    """One sweep being run: which blocks wait, how many are done."""

    def __init__(
        self, study: Study, store: Store, shape: tuple[int, ...], n_blocks: int, limits: _Limits
    ) -> None:
        self.study, self.store, self.shape, self.limits = study, store, shape, limits
        self.begun = time.monotonic()
        self.waiting = deque(store.pending())
        self.tries: dict[int, int] = {}
        self.total = n_blocks
        self.done = self.total - len(self.waiting)

    def go(self, executor: Executor | None, n: int, progress: bool | None) -> None:
        """Compute what is pending."""
        if not self.waiting:
            return
        # The bar of a resumed sweep starts where the last one stopped.
        done = self.study.n_runs - sum(self._runs(number) for number in self.waiting)
        # Closed in the end, which lets go of the workers, at once where it was stopped half-way.
        computed = closing(self._computed_blocks(executor, min(n, len(self.waiting))))
        with counting(self.study.n_runs, "sweep", "run", progress, done=done) as bar:
            try:
                with computed as blocks:
                    for number, result in blocks:
                        bar.advance(self._settle(number, result))
            except KeyboardInterrupt:
                raise KeyboardInterrupt(f"interrupted; {self._state()}") from None
            except SweepError as error:
                raise SweepError(f"{error}; {self._state()}") from error

    def left(self) -> int:
        """How many blocks are not done."""
        return self.total - self.done

    def _computed_blocks(
        self, executor: Executor | None, n: int
    ) -> Generator[Computed, None, None]:
        """(block, what came of it), by whoever computes."""
        limit = self.limits.block
        # a block that hangs can be ended only with its process
        if executor is None and n == 1 and limit is None:
            return self._computed_here()
        pool = (
            ProcessPool(n, partial(_load, self.study.engine_meant))
            if executor is None
            else ExternalPool(executor, n, timed=limit is not None)
        )
        tasks = PooledTasks(
            self.waiting, lambda number: pool.submit(*self._call(number)), pool, limit
        )
        return tasks.computed(self._late)

    def _computed_here(self) -> Generator[Computed, None, None]:
        """In this process, one block after the other."""
        while self.waiting and not self._late():
            number = self.waiting.popleft()
            result: BlockResult | Exception
            call, *arguments = self._call(number)
            try:
                result = call(*arguments)
            except Exception as error:  # noqa: BLE001 - whatever a block raises is recorded with it
                result = error
            yield number, result

    def _call(self, number: int) -> tuple[Callable[..., BlockResult], Block, int]:
        # the number of the try is an argument because Dask takes equal calls for one
        return _computed, self.study.block(number, self.shape), self.tries.get(number, 0)

    def _settle(self, number: int, result: BlockResult | BaseException) -> int:
        """Keep what came of a block, try it again, or record that it failed; how many runs are
        over with that.
        """
        if not isinstance(result, BaseException):
            self.store.write(number, result)
            self.done += 1
            return result.status.size
        tries = self.tries[number] = self.tries.get(number, 0) + 1
        if tries <= self.limits.retries:
            self.waiting.appendleft(number)
            return 0
        many = f"{tries} times" if tries > 1 else "once"
        self.store.fail(number, f"{_words(result)} (block {number}, tried {many})")
        return self._runs(number)

    def _late(self) -> bool:
        return self.limits.whole is not None and time.monotonic() - self.begun > self.limits.whole

    def _runs(self, number: int) -> int:
        return math.prod(
            runs.stop - runs.start for runs in block_slices(self.study.dims, self.shape, number)
        )

    def _state(self) -> str:
        advice = "; run it again with the same store to go on from there"
        outlook = (
            advice if hasattr(self.store, "path") else "; they are lost, as there is no store="
        )
        return f"{self.done} of {self.total} blocks are done{outlook}"


def _load(engine: str) -> None:
    """What computing a block takes: this module and, where it is meant, the compiled engine."""
    integrator_for(engine)


def _computed(block: Block, _: int) -> BlockResult:
    return compute(block)


def _words(error: BaseException) -> str:
    if isinstance(error, BrokenExecutor):
        return "its worker process died"
    if isinstance(error, CancelledError):
        return "it was cancelled by the executor"
    if isinstance(error, TimeLimitError):
        return str(error)
    return f"{type(error).__name__}: {error}"


def _store(store: Any) -> Store:
    if store is None:
        return MemoryStore()
    if isinstance(store, str | os.PathLike):
        from oxysim.sweeps.store.zarr_store import ZarrStore  # an extra

        return ZarrStore(store)
    # whatever has the methods of a store is one
    if not hasattr(store, "begin"):
        raise refused(store, "store", "the path of a folder")
    return store


def _seconds(value: Any, name: str) -> float | None:
    return None if value is None else units.duration(value, name) * 60
