"""Who computes blocks: this process, processes of our own, or any executor that is handed over.

A hanging or dying worker must cost its own block only. So each worker process of ours is a pool of
one: a block that kills it is known at once, and a block that hangs is ended by ending that one
process.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from typing import Any

from oxysim.errors import OxysimError
from oxysim.interruption import deaf_children

# What the numerical libraries read when they are loaded.
THREAD_SETTINGS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
)
# blocks in flight for each worker: one is computed while the next waits, so that no worker waits
# for us
QUEUED = 2
# starts in a row that may fail in a worker that has run before: what kills workers (want of memory,
# a batch system) may strike while one starts, but one that never gets further is no help
FAILED_STARTS = 3


class SweepError(OxysimError, RuntimeError):
    """A sweep that cannot go on: no worker is left that could compute. What was finished is kept.

    >>> raise SweepError("worker processes do not start")
    Traceback (most recent call last):
    ...
    oxysim.sweeps.workers.worker_pools.SweepError: worker processes do not start
    """


class WorkerPool(ABC):
    """The interface of what computes: calls go in, futures come out, and a call that hangs can be
    given up.

    >>> pool: WorkerPool = SerialPool()
    >>> pool.free()
    True
    """

    @abstractmethod
    def free(self) -> bool:
        """Whether another call may be handed over now."""

    @abstractmethod
    def submit(self, call: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Hand over a call.

        Raises
        ------
        SweepError : nobody is left to take it.
        """

    @abstractmethod
    def overdue(self, seconds: float) -> list[Future[Any]]:
        """The calls that have been running for longer than that."""

    @abstractmethod
    def give_up(self, future: Future[Any]) -> bool:
        """End a call; True where its future will then finish by itself, with an error."""

    @abstractmethod
    def blamed(self, future: Future[Any]) -> bool:
        """Whether a call that failed because its worker died was the one being computed."""

    @abstractmethod
    def close(self, *, at_once: bool) -> None:
        """Let go of the workers; `at_once` without waiting for what they are doing."""


class SerialPool(WorkerPool):
    """This process computes each call when it is handed over; nothing can be given up.

    >>> SerialPool().submit(pow, 2, 5).result()
    32
    """

    def free(self) -> bool:
        return True

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(call(*arguments))
        # What a call raises belongs to its future, as with every executor; an interruption, which
        # is no Exception, does not.
        except Exception as error:  # noqa: BLE001 - whatever a block raises is recorded with it
            future.set_exception(error)
        return future

    def overdue(self, seconds: float) -> list[Future[Any]]:
        return []

    def give_up(self, future: Future[Any]) -> bool:
        return False

    def blamed(self, future: Future[Any]) -> bool:
        return True

    def close(self, *, at_once: bool) -> None:
        pass


class ProcessPool(WorkerPool):
    """Worker processes of our own, one thread each.

    Parameters
    ----------
    n : how many.
    load : what each calls when it starts, so that loading counts for no call's time. It is sent by
        name, which brings its module; the package alone loads nothing.

    >>> pool = ProcessPool(1)  # doctest: +SKIP
    >>> pool.submit(pow, 2, 5).result()  # doctest: +SKIP
    32
    >>> pool.close(at_once=True)  # doctest: +SKIP
    """

    def __init__(self, n: int, load: Callable[[], object] = os.getpid) -> None:
        self._workers = [_Worker(load) for _ in range(n)]
        self._by_future: dict[Future[Any], _Worker] = {}

    def free(self) -> bool:
        return any(len(worker.calls) < QUEUED for worker in self._workers)

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Future[Any]:
        # The shortest line; the first worker where several are equally short.
        worker = min(self._workers, key=lambda worker_in_line: len(worker_in_line.calls))
        future = worker.submit(call, *arguments)
        self._by_future[future] = worker
        return future

    def overdue(self, seconds: float) -> list[Future[Any]]:
        return [
            worker.calls[0][0]
            for worker in self._workers
            if worker.calls and worker.running() > seconds
        ]

    def give_up(self, future: Future[Any]) -> bool:
        self._by_future[future].kill()
        return True

    def blamed(self, future: Future[Any]) -> bool:
        return self._by_future.pop(future).taken_out(future)

    def close(self, *, at_once: bool) -> None:
        for worker in self._workers:
            worker.close(at_once=at_once)


class ExternalPool(WorkerPool):
    """An executor that the user hands over; what hangs there can only be abandoned.

    >>> from concurrent.futures import ThreadPoolExecutor
    >>> pool = ExternalPool(ThreadPoolExecutor(1), 1, timed=False)
    >>> pool.submit(pow, 2, 5).result()
    32
    """

    def __init__(self, executor: Executor, n: int, *, timed: bool) -> None:
        self._executor = executor
        # with a time limit nothing may wait in a queue, its time would run
        self._limit = n if timed else QUEUED * n
        self._workers = n
        self._since: dict[Future[Any], float] = {}
        self._abandoned: list[Future[Any]] = []

    def free(self) -> bool:
        # Whoever came back late is free again.
        self._abandoned = [future for future in self._abandoned if not future.done()]
        if len(self._abandoned) >= self._workers and not self._since:
            raise SweepError(
                f"all {self._workers} workers of the executor hang in blocks that were given up"
            )
        return len(self._since) + len(self._abandoned) < self._limit

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Future[Any]:
        try:
            future = self._executor.submit(call, *arguments)
        except RuntimeError as error:  # a broken executor, or one that was shut down
            raise SweepError(
                f"the executor takes no more blocks ({type(error).__name__}: {error})"
            ) from error
        self._since[future] = time.monotonic()
        return future

    def overdue(self, seconds: float) -> list[Future[Any]]:
        moment = time.monotonic()
        return [
            future
            for future, since in self._since.items()
            if moment - since > seconds and not future.done()
        ]

    def give_up(self, future: Future[Any]) -> bool:
        del self._since[future]
        # It runs already: its worker stays occupied until it comes back by itself.
        if not future.cancel():
            self._abandoned.append(future)
        return False

    def blamed(self, future: Future[Any]) -> bool:
        self._since.pop(future, None)
        return True

    def close(self, *, at_once: bool) -> None:
        for future in self._since:
            future.cancel()


class _Worker:
    """One worker process, begun anew when it has died; its calls wait in line."""

    def __init__(self, load: Callable[[], object]) -> None:
        self._load = load
        # with the moment at which they were handed over
        self.calls: list[tuple[Future[Any], float]] = []
        self._innocent: set[Future[Any]] = set()
        self._has_run = False
        self._failed_starts = 0  # since it last ran
        self._begin()

    def submit(self, call: Callable[..., Any], *arguments: Any) -> Future[Any]:
        try:
            future = self._pool.submit(call, *arguments)
        # It died with its last call; a new process takes this one.
        except BrokenExecutor:
            self._renew()
            future = self._pool.submit(call, *arguments)
        self.calls.append((future, time.monotonic()))
        future.add_done_callback(self._note)
        return future

    def running(self) -> float:
        """For how many seconds the first in line has been computed."""
        if not self._process.done():
            return 0.0  # the process is still being started
        return time.monotonic() - max(self.calls[0][1], self._free_since)

    def taken_out(self, future: Future[Any]) -> bool:
        """Take a finished call out of the line; False where it only waited when
        the process died.
        """
        position = next(i for i, (queued, _) in enumerate(self.calls) if queued is future)
        broken = not future.cancelled() and isinstance(future.exception(), BrokenExecutor)
        if broken and position == 0 and future not in self._innocent:
            # those that waited behind it were lost with it
            self._innocent |= {queued for queued, _ in self.calls[1:]}
        del self.calls[position]
        guilty = future not in self._innocent
        self._innocent.discard(future)
        return guilty

    def kill(self) -> None:
        # A process that never came to life has no number to kill.
        if self._process.done() and self._process.exception() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.result(), getattr(signal, "SIGKILL", signal.SIGTERM))

    def close(self, *, at_once: bool) -> None:
        if at_once:
            self.kill()
        self._pool.shutdown(wait=not at_once, cancel_futures=True)

    def _begin(self) -> None:
        # Spawned on every system: a forked process inherits locks that other threads
        # hold.
        context = multiprocessing.get_context("spawn")
        self._free_since = time.monotonic()
        self._pool = ProcessPoolExecutor(1, mp_context=context, initializer=_settle_in)
        with _one_thread_each(), deaf_children():
            self._process = self._pool.submit(_ready, self._load)
        self._process.add_done_callback(self._note)

    def _renew(self) -> None:
        """A new process in place of a dead one.

        Raises
        ------
        SweepError : none of its processes ever came to life, so another would not either; or the
            last few died while they were starting.
        """
        if self._process.exception() is None:
            self._has_run, self._failed_starts = True, 0
        else:
            self._failed_starts += 1
            self._require_starts()
        self._pool.shutdown(wait=False)
        self._begin()

    def _require_starts(self) -> None:
        if not self._has_run:
            raise SweepError(
                "worker processes do not start; in a script, put what is run under if __name__ =="
                " '__main__':, or compute in this process with workers=1"
            )
        if self._failed_starts == FAILED_STARTS:
            raise SweepError(
                f"a worker process died {FAILED_STARTS} times in a row while it was starting; is"
                " there memory for so many? Try fewer workers, or workers=1: this process"
            )

    def _note(self, _: Future[Any]) -> None:
        self._free_since = time.monotonic()


@contextlib.contextmanager
def _one_thread_each() -> Iterator[None]:
    """Processes begun in here take one thread each: as many threads as processors in every one only
    get in each other's way. A library reads these settings when it is loaded, so they must stand
    before the process begins.
    """
    before = {name: os.environ.get(name) for name in THREAD_SETTINGS}
    os.environ.update(dict.fromkeys(THREAD_SETTINGS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _settle_in() -> None:
    """In a new worker: leave interruptions to the parent, and end with it."""
    for number in (signal.SIGINT, signal.SIGTERM):
        # The mask of `deaf_children` is inherited, but not on Windows.
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _ready(load: Callable[[], object]) -> int:
    """The number of this process, once it has loaded what it needs."""
    # what cannot be loaded fails again in the first call, and is that call's error
    with contextlib.suppress(Exception):
        load()
    return os.getpid()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        # Without clean-up: the parent that would be told is gone.
        os._exit(1)
