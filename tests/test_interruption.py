"""Interrupted at any moment: one line, exit code 130, workers that go on until their parent says
otherwise.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from oxysim.interruption import deaf_children, ending_at_once, terminable
from oxysim.sweeps import grid, runner
from oxysim.sweeps.blocks import compute
from oxysim.sweeps.workers.worker_pools import ProcessPool
from tests.support.spray_sweep import spray_study
from tests.support.troublesome import interruptible

SRC = Path(__file__).resolve().parent.parent / "src"
BOTH = [signal.SIGINT, signal.SIGTERM]

# A finder of modules that finds none, and sends this process a signal when a certain one is looked
# for.
_SENT_DURING_IMPORTS = """
import os, signal, sys
class Sender:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), {number})
signal.signal(signal.SIGINT, signal.default_int_handler)
from oxysim.cli.main import main
sys.meta_path.insert(0, Sender())
sys.exit(main(["describe", "none.toml"]))
"""


@pytest.mark.parametrize("number", BOTH)
@pytest.mark.parametrize("module", ["oxysim.cli.command", "numpy", "scipy", "oxysim.sweeps"])
def test_during_imports_it_ends_with_one_line(number: int, module: str) -> None:
    code = _SENT_DURING_IMPORTS.format(module=module, number=int(number))
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "oxysim: interrupted\n")


def test_sigterm_stops_a_sweep_as_ctrl_c_does(monkeypatch: pytest.MonkeyPatch) -> None:
    def computed(block: Any) -> Any:
        if block.number == 2:
            os.kill(os.getpid(), signal.SIGTERM)
        return compute(block)

    monkeypatch.setattr(runner, "compute", computed)
    study = spray_study(grid({"seed": list(range(4))}))
    with (
        interruptible(),
        pytest.raises(KeyboardInterrupt, match="2 of 4 blocks are done; they are lost"),
    ):
        runner.sweep(study, workers=1, block_size=1, progress=False)
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL  # as it was


def test_sigterm_is_left_to_whoever_handles_it() -> None:
    heard = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: heard.append(number))
    try:
        with terminable():
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.01)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert heard == [signal.SIGTERM]


def test_outside_the_main_thread_nothing_is_changed() -> None:
    def inside() -> None:
        with terminable(), ending_at_once():
            handlers.append(signal.getsignal(signal.SIGTERM))

    handlers: list[object] = []
    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
    assert handlers == [signal.SIG_DFL]


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no signals to groups")
def test_workers_leave_both_signals_to_their_parent_from_their_first_moment() -> None:
    pool = ProcessPool(1)
    (worker,) = pool._workers
    (number,) = worker._pool._processes
    for stop_signal in BOTH:
        os.kill(number, stop_signal)  # it still is importing
    assert pool.submit(os.getpid).result(60) == number
    for stop_signal in BOTH:
        os.kill(number, stop_signal)
    assert pool.submit(os.getpid).result(60) == number
    pool.close(at_once=True)


def test_the_parent_hears_what_came_while_a_child_was_begun() -> None:
    with interruptible(), pytest.raises(KeyboardInterrupt):
        with deaf_children():
            os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)
