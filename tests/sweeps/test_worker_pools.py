"""Workers of our own while their process is still starting: they load, and they may die."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from functools import partial

import pytest

from oxysim.sweeps import SweepError, grid, runner
from oxysim.sweeps.blocks import Block, compute
from oxysim.sweeps.workers import worker_pools
from oxysim.sweeps.workers.worker_pools import FAILED_STARTS, ProcessPool
from tests.support.spray_sweep import spray_study

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")


def _killed_while_starting(*_: object) -> int:
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


def _loaded_by(block: Block) -> set[str]:
    """The modules that computing a block loads."""
    before = set(sys.modules)
    compute(block)
    return set(sys.modules) - before


def test_loading_counts_for_no_block() -> None:
    study = spray_study(grid({"seed": [1, 2]}))
    pool = ProcessPool(1, partial(runner._load, study.engine_meant))
    loaded = pool.submit(_loaded_by, study.block(0, (2,))).result(60)
    pool.close(at_once=True)
    # what Numba loads at its first compilation, and the code that is compiled, are the block's own
    heavy = {"oxysim", "numpy", "scipy", "pandas", "xarray"}
    assert not {name for name in loaded if name.partition(".")[0] in heavy}


def _cannot_be_loaded() -> None:
    raise ImportError("no such library")


def test_what_cannot_be_loaded_is_a_matter_of_the_calls() -> None:
    pool = ProcessPool(1, _cannot_be_loaded)
    assert pool.submit(pow, 2, 5).result(60) == 32
    pool.close(at_once=True)
