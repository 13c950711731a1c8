"""A worker of our own that dies while its process is still starting."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor

import pytest

from oxysim.sweeps import SweepError
from oxysim.sweeps.workers import worker_pools
from oxysim.sweeps.workers.worker_pools import FAILED_STARTS, ProcessPool

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")


def _killed_while_starting() -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


@pytest.fixture
def pool() -> Iterator[ProcessPool]:
    """A pool of one worker, which has run."""
    pool = ProcessPool(1)
    assert pool.submit(pow, 2, 5).result(60) == 32
    yield pool
    pool.close(at_once=True)


def _lose(pool: ProcessPool, starts: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kill the worker, and then the next `starts` processes while each of them is starting."""
    with monkeypatch.context() as patched:
        patched.setattr(worker_pools, "_ready", _killed_while_starting)
        for _ in range(1 + starts):
            lost = pool.submit(_killed_while_starting)
            assert isinstance(lost.exception(60), BrokenExecutor)
            assert pool.blamed(lost)


def test_a_kill_while_a_worker_is_started_again_costs_one_call(
    pool: ProcessPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # the count of failed starts begins again whenever the worker has run
    for starts in (1, FAILED_STARTS - 1):
        _lose(pool, starts, monkeypatch)
        assert pool.submit(pow, 2, 5).result(60) == 32


def test_a_worker_that_no_longer_starts_ends_the_sweep_and_says_why(
    pool: ProcessPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    _lose(pool, FAILED_STARTS, monkeypatch)
    with pytest.raises(SweepError, match="died 3 times in a row while it was starting"):
        pool.submit(pow, 2, 5)


def test_a_worker_that_never_started_asks_for_the_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_pools, "_ready", _killed_while_starting)
    pool = ProcessPool(1)
    lost = pool.submit(pow, 2, 5)
    assert isinstance(lost.exception(60), BrokenExecutor)
    assert pool.blamed(lost)
    with pytest.raises(SweepError, match="if __name__ == '__main__'"):
        pool.submit(pow, 2, 5)
    pool.close(at_once=True)
