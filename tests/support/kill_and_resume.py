"""A real sweep into a store that halts at every step until it is told to go on, so that it can be
killed there.

    python kill_and_resume.py STORE

It writes one line for each step (``compute 3``, ``torn .../status/c.1``, ``fsync``, ``replace
...``, ``kept 3``, ``end``) and then waits for a line.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from oxysim.families import Dyad
from oxysim.interventions import NasalSpray
from oxysim.simulation.results.outcomes import Outcome
from oxysim.simulation.scipy_engine import Solver
from oxysim.sweeps import Axis, Study, grid, runner
from oxysim.sweeps.store import store_files
from oxysim.sweeps.store.zarr_store import ZarrStore

SOURCE = "[study]\n"


def study() -> Study:
    """Nine runs of an hour."""
    return Study(
        Dyad(),
        "1 h",
        design=grid(
            {
                "spray.dose": Axis("spray.dose", [8, 24, 40], unit="IU"),
                "reward -> depression": [0.0, 0.5, 1.0],
            }
        ),
        interventions={"spray": NasalSpray("24 IU", at="08:10")},
        outcomes=[
            "caregiver.plasma_oxytocin: maximum",
            Outcome("caregiver.arousal", "course", every="20 min"),
        ],
        solver=Solver("RK45", rtol=1e-3),
        engine="scipy",
    )


def whole_sweep(path: Path | str) -> None:
    """Begin or resume the sweep, one run a block, in this process."""
    runner.sweep(
        study(), store=path, workers=1, block_size=1, progress=False, force=True, source=SOURCE
    )


class Driver:
    """This script as a process of its own that goes on step by step."""

    def __init__(self, path: Path) -> None:
        command = [sys.executable, __file__, str(path)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.lines: list[str] = []

    @property
    def pid(self) -> int:
        return self._process.pid

    def step(self) -> str:
        """The next line; the process then waits."""
        assert self._process.stdin and self._process.stdout
        if self.lines:
            self._process.stdin.write("\n")
            self._process.stdin.flush()
        line = self._process.stdout.readline().strip()
        assert line, f"the driver ended by itself after {self.lines[-3:]}"
        self.lines.append(line)
        return line

    def until(self, wanted: Callable[[str], bool]) -> str:
        while not wanted(line := self.step()):
            pass
        return line

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def __enter__(self) -> Driver:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()


def halting(step: Callable[[str], None]) -> None:
    """Make every write halt when half of it is written, before each fsync and before the rename."""
    replace, fsync = store_files.os.replace, store_files.os.fsync

    class Halved:
        def __init__(self, path: Path, mode: str) -> None:
            self._path, self._file = path, open(path, mode)

        def __enter__(self) -> Halved:
            return self

        def __exit__(self, *_: object) -> None:
            self._file.close()

        def write(self, data: bytes) -> None:
            self._file.write(data[: len(data) // 2])
            self._file.flush()
            step(f"torn {self._path}")
            self._file.write(data[len(data) // 2 :])

        def __getattr__(self, name: str) -> Any:
            return getattr(self._file, name)

    def opened(path: Path, mode: str) -> Any:
        return Halved(path, mode) if "w" in mode else open(path, mode)

    def slow_fsync(descriptor: int) -> None:
        step("fsync")
        fsync(descriptor)

    def slow_replace(old: Path, new: Path) -> None:
        step(f"replace {new}")
        replace(old, new)

    vars(store_files)["open"] = opened
    # only the store's own writes halt, not those of other libraries
    store_files.os = type(sys)("os")
    vars(store_files.os).update(vars(sys.modules["os"]), replace=slow_replace, fsync=slow_fsync)


def halting_blocks(step: Callable[[str], None]) -> None:
    """Halt before each block and after it is kept."""
    compute, write = runner.compute, ZarrStore.write

    def slow_compute(block: Any) -> Any:
        step(f"compute {block.number}")
        return compute(block)

    def slow_write(store: ZarrStore, number: int, result: Any) -> None:
        write(store, number, result)
        step(f"kept {number}")

    vars(runner)["compute"] = slow_compute
    ZarrStore.write = slow_write  # type: ignore[method-assign]


def main(path: str) -> None:
    """The sweep, one step a line."""

    def step(line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
        if not sys.stdin.readline():
            sys.exit("nobody is there to say go on")

    halting(step)
    halting_blocks(step)
    whole_sweep(path)
    step("end")


if __name__ == "__main__":
    main(sys.argv[1])
