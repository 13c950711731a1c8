"""A small sweep with a store, for the tests of the store; run as a script, it halts at every step until it is told to
go on, so that it can be killed there.

    python kill_and_resume.py STORE

It writes one line for each step (``compute 3``, ``torn .../status/c.1``, ``fsync``, ``replace ...``, ``kept 3``,
``end``) and then waits for a line.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from oxysim.sweeps import durable
from oxysim.sweeps.store import ZarrStore

DOSES = (8.0, 24.0, 40.0)
SIZES = {"spray.dose": 3, "run": 5}
BLOCK = (1, 2)
N_BLOCKS = 9
FINAL, WEEKLY = "caregiver.epds: final", "caregiver.cortisol: weekly mean"


@dataclass(frozen=True)
class SmallStudy:
    """Three doses by five runs, two outcomes, one of them with weeks of its own."""

    parts: Mapping[str, str] = field(default_factory=dict)

    def identity(self) -> Mapping[str, str]:
        usual = {
            "design": json.dumps({"spray.dose": DOSES, "edge": ["reward -> depression"]}),
            "outcomes": json.dumps([FINAL, WEEKLY]),
            "seed": "0",
            "who": json.dumps({"role": "mother", "parameters": {"caregiver.oxytocin.plasma_half_life": 4.0}}),
        }
        return {**usual, **self.parts}

    def template(self) -> xr.Dataset:
        dims, shape = tuple(SIZES), tuple(SIZES.values())
        outcomes = {
            FINAL: (dims, np.broadcast_to(np.nan, shape), {"long_name": "EPDS at the end", "units": "points"}),
            WEEKLY: ((*dims, "week"), np.broadcast_to(np.nan, (*shape, 4)), {"units": "nmol/L"}),
        }
        coords = {
            "spray.dose": ("spray.dose", np.array(DOSES), {"units": "IU"}),
            "axis": ("run", ["base", "edge", "edge", "seed", "seed"]),
            "reward -> depression": ("run", np.linspace(0, 1, 5)),
            "week": ("week", np.array([7.0, 14.0, 21.0, 28.0]), {"units": "d"}),
        }
        return xr.Dataset(outcomes, coords, {"provenance": json.dumps({"oxysim": "0"})})


@dataclass(frozen=True)
class Block:
    """What a computed block hands to the store."""

    values: Mapping[str, Any]
    status: Any
    reason: Any


def computed(number: int) -> Block:
    """The results of a block, as different as they can be from those of any other; the first run of block 4 failed."""
    shape = (1, 1 if number % 3 == 2 else 2)
    final = number + np.arange(shape[1]).reshape(shape) / 8
    weekly = final[..., None] + 100 * np.arange(4.0)
    status, reason = np.ones(shape, dtype=np.uint8), np.full(shape, "", dtype=object)
    if number == 4:
        final[0, 0], weekly[0, 0], status[0, 0], reason[0, 0] = np.nan, np.nan, 2, "step limit at spray.dose = 24 IU, µ"
    return Block({FINAL: final, WEEKLY: weekly}, status, reason)


def halting(step: Callable[[str], None]) -> None:
    """Make every write halt when half of it is written, before each fsync and before the rename."""
    replace, fsync = durable.os.replace, durable.os.fsync

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

    vars(durable)["open"] = opened
    durable.os = type(sys)("os")  # only the store's own writes halt, not those of other libraries
    vars(durable.os).update(vars(sys.modules["os"]), replace=slow_replace, fsync=slow_fsync)


def main(path: str) -> None:
    """Begin or resume the store, computing what is pending, one step a line."""

    def step(line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
        if not sys.stdin.readline():
            sys.exit("nobody is there to say go on")

    halting(step)
    with ZarrStore(path) as store:
        store.begin(SmallStudy(), BLOCK, source="[study]\n")
        for number in store.pending():
            step(f"compute {number}")
            block = computed(number)
            store.write(number, block)
            step(f"kept {number}")
    step("end")


if __name__ == "__main__":
    main(sys.argv[1])
