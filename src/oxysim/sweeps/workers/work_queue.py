"""Tasks that wait, tasks that are being computed, and those that have ended, in their order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, Generic, TypeVar

Task = TypeVar("Task")


class WorkQueue(Generic[Task]):
    """What sweeps and scoreboards share of handing tasks to workers.

    Attributes
    ----------
    waiting : tasks that nobody computes, the next one first: those that are handed in, so that
        whoever holds them may put one back that is to be tried again.
    computing : future -> its task, in the order in which they were handed over.

    >>> from oxysim.sweeps.workers.worker_pools import SerialPool
    >>> pool = SerialPool()
    >>> queue = WorkQueue(deque([3, 4]), lambda number: pool.submit(pow, number, 2))
    >>> queue.hand_over(pool.free)
    >>> [(number, future.result()) for number, future in queue.ended()]
    [(3, 9)]
    """

    def __init__(self, tasks: deque[Task], submit: Callable[[Task], Future[Any]]) -> None:
        self.waiting = tasks
        self.computing: dict[Future[Any], Task] = {}
        self._submit = submit

    def hand_over(self, free: Callable[[], bool]) -> None:
        """Hand over waiting tasks for as long as somebody is `free`, or until one has ended: a
        worker in this process has computed its task by the time that it is handed over.
        """
        while self.waiting and free():
            task = self.waiting.popleft()
            try:
                future = self._submit(task)
            except BaseException:
                self.waiting.appendleft(task)
                raise
            self.computing[future] = task
            if any(future.done() for future in self.computing):
                return

    def ended(self, timeout: float | None = None) -> list[tuple[Task, Future[Any]]]:
        """Tasks that have ended, with their futures; they are no longer in the queue.

        They come in the order in which they were handed over: the first of a dead worker's tasks is
        the one at fault.

        Parameters
        ----------
        timeout : s after which none may have; None waits for one.
        """
        done, _ = wait(self.computing, timeout=timeout, return_when=FIRST_COMPLETED)
        futures = [future for future in self.computing if future in done]
        return [(self.computing.pop(future), future) for future in futures]
