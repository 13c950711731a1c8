"""Tasks computed by the workers of a pool: handed over, waited for, given up when overdue."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Future
from typing import Any, Generic

from oxysim.sweeps.workers.work_queue import Task, WorkQueue
from oxysim.sweeps.workers.worker_pools import WorkerPool

# seconds after which waiting looks up: for time limits, and so that an interruption is heard
# everywhere
TICK = 0.5


class TimeLimitError(Exception):
    """A task that took longer than it may.

    >>> raise TimeLimitError("it took longer than timeout = 2 s")
    Traceback (most recent call last):
    ...
    oxysim.sweeps.workers.pooled_tasks.TimeLimitError: it took longer than timeout = 2 s
    """


class PooledTasks(Generic[Task]):
    """Tasks that wait, and a pool that computes them.

    Parameters
    ----------
    waiting : the tasks, the next one first; one that is to be tried again may be put back.
    submit : hands a task over to the pool.
    limit : seconds that a task may take; None for no limit.

    >>> from oxysim.sweeps.workers.worker_pools import SerialPool
    >>> pool = SerialPool()
    >>> tasks = PooledTasks(deque([3, 4]), lambda n: pool.submit(pow, n, 2), pool, None)
    >>> list(tasks.computed(late=lambda: False))
    [(3, 9), (4, 16)]
    """

    def __init__(
        self,
        waiting: deque[Task],
        submit: Callable[[Task], Future[Any]],
        pool: WorkerPool,
        limit: float | None,
    ) -> None:
        self.pool, self.limit = pool, limit
        self.queue = WorkQueue(waiting, submit)
        self._overdue: set[Future[Any]] = set()

    def computed(self, late: Callable[[], bool]) -> Generator[tuple[Task, Any], None, None]:
        """(task, its result, or the error that it ended with), until none waits; once it is `late`
        none is handed over any more. The pool is closed at the end.
        """
        # Stopped half-way, workers are ended at once instead of waited for.
        finished = False
        try:
            while self.queue.computing or (self.queue.waiting and not late()):
                self.queue.hand_over(lambda: not late() and self.pool.free())
                for task, future in self.queue.ended(TICK):
                    yield from self._settled(task, future)
                if self.limit is not None:
                    yield from self._given_up(self.limit)
            finished = True
        finally:
            self.pool.close(at_once=not finished)

    def _settled(self, task: Task, future: Future[Any]) -> Iterator[tuple[Task, Any]]:
        """What came of a task that has ended; it waits again where it is not to blame."""
        blamed = self.pool.blamed(future)
        overdue = future in self._overdue
        self._overdue.discard(future)

        error = CancelledError() if future.cancelled() else future.exception()
        if error is None:
            yield task, future.result()
        # It only waited behind the task that killed the worker: no try of its own is
        # used up.
        elif isinstance(error, BrokenExecutor | CancelledError) and not blamed:
            self.queue.waiting.appendleft(task)
        else:
            yield task, self._too_long() if overdue else error

    def _given_up(self, limit: float) -> Iterator[tuple[Task, Any]]:
        """The tasks that have taken too long, and whose workers cannot be ended."""
        for future in self.pool.overdue(limit):
            # One that ended just now is settled in the next round, as any other.
            if future in self._overdue or future.done():
                continue
            if self.pool.give_up(future):
                self._overdue.add(future)
            else:
                yield self.queue.computing.pop(future), self._too_long()

    def _too_long(self) -> TimeLimitError:
        return TimeLimitError(f"it took longer than timeout = {self.limit:g} s")
