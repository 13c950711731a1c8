"""What running a sweep costs beside the simulation itself, and the memory that many sessions take.

Overhead: the same blocks, each of more than a second of one core, are computed by a bare loop in
two processes that are handed half of them each, by oxysim's own processes (results in memory, and
in a Zarr store), and by two Dask workers through ``Client.get_executor()``. It is (wall time of the
whole call of ``sweep``) / (core time of the blocks, as their workers measured it, / 2) - 1, so it
holds making and sending blocks, waiting, results, the store, and the last block that one worker
computes while the other has nothing to do: that part any runner has, the bare loop shows it.
Workers are ready beforehand; what that takes is printed apart. The runners take turns, and the
least of each is what counts on a machine that does other things too.

Memory: sweeps of more and more sessions into a Zarr store, each in a fresh process, which is looked
at every 0.1 s.

    pip install "oxysim[fast,store,dask]"
    python benchmarks/running.py [--full] [--only overhead memory shares]
"""

from __future__ import annotations

import argparse
import contextlib
import cProfile
import math
import os
import platform
import pstats
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

# One thread each: before NumPy and Numba are imported, here and in every worker.
os.environ.update({"NUMBA_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"})

import psutil
from runners import (
    DOSES,
    WORKERS,
    Runner,
    Watched,
    bare_processes,
    dask_workers,
    own_processes,
    study,
)

from oxysim.sweeps import estimate, sweep
from oxysim.sweeps.blocks import compute
from oxysim.sweeps.cost_estimate import shape_of
from oxysim.sweeps.store.zarr_store import ZarrStore

SECTIONS = ("overhead", "memory", "shares")
BLOCK_SECONDS = 2.0
ASKED_OVERHEAD = 0.10  # of Dask, for blocks of a second or more
BUSY = 0.04  # overhead of a bare loop that tells of other jobs on the machine
ASKED_MEMORY = 2 * 1024.0  # MiB, at the peak
FLAT = 0.05  # growth from the first fifth of a sweep to its last that is no growth
LOOK = 0.1  # seconds between two looks at the memory
TENTHS = [0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0]  # of a sweep, at which its memory is printed
WHO = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
MIB = 2.0**20


# --------------------------------------------------------------------------------------
# overhead
def overhead(*, full: bool) -> None:
    """Print what each way of running costs."""
    pilot = estimate(study(20_000), workers=WORKERS).seconds_per_run or math.nan
    dyads = max(1, round(BLOCK_SECONDS / pilot / DOSES))
    n_blocks, rounds = (20, 5) if full else (10, 3)
    what, size = study(n_blocks * dyads * DOSES), dyads * DOSES
    little = what.part((slice(0, DOSES), slice(0, 8)))
    print(
        f"\nOverhead: {n_blocks} blocks of {size:,} six-hour sessions, {rounds} turns (load "
        f"{load()})"
    )
    found: dict[str, Runner] = {}
    for _ in range(rounds):
        for kind in (bare_processes, own_processes, dask_workers):
            # one kind at a time: a cluster that idles takes the processor from others
            with kind(little) as runners:
                for one in runners:
                    found.setdefault(one.name, one).turns.append(one.turn(what, size))
    show(list(found.values()))


def show(runners: Sequence[Runner]) -> None:
    """Print the table and the verdict."""
    print(
        f"{'':30}  core s   wall s   overhead   of it outside   beside bare   until the workers "
        "are there,"
    )
    print(
        f"{'':30} a block    least    least      median  blocks          loop   and their first "
        "call"
    )
    loop = min(turn.wall for turn in runners[0].turns)
    for one in runners:
        best = min(one.turns, key=lambda turn: turn.wall)
        least, outside = (
            min(getattr(turn, name) for turn in one.turns) for name in ("overhead", "outside")
        )
        print(
            f"{one.name:30}{best.core:8.2f}{best.wall:9.2f}{least:9.1%}{_median(one):12.1%}{outside:8.1%}"
            f"{best.wall / loop - 1:14.1%}   {one.starting[0]:.1f} s, {one.starting[1]:.1f} s"
        )
    print(
        f"  asked of Dask: below {ASKED_OVERHEAD:.0%} for blocks of a second or more (load "
        f"{load()})"
    )
    print(f"  {verdict(runners)}")


def verdict(runners: Sequence[Runner]) -> str:
    """In words; a machine that keeps even the bare loop waiting decides nothing."""
    loop, dask = runners[0], runners[-1]
    met = [
        share < ASKED_OVERHEAD
        for share in (min(turn.overhead for turn in dask.turns), _median(dask))
    ]
    busy = min(turn.overhead for turn in loop.turns)
    if any(met):
        return "reached" if all(met) else "reached by the least, missed by the median"
    if busy < BUSY:
        return "missed"
    outside = [turn.outside for turn in dask.turns]
    return (
        f"undecided, other jobs took the processor from the bare loop too ({busy:.0%}); outside "
        "of the blocks it is "
        f"{min(outside):.1%} at the least, {statistics.median(outside):.1%} by the median"
    )


def _median(one: Runner) -> float:
    return statistics.median(turn.overhead for turn in one.turns)


# --------------------------------------------------------------------------------------
# memory
class Look(NamedTuple):
    """Resident memory at a moment, in MiB: of this process, of its largest worker, of all together
    (pages that they share counted in each).
    """

    parent: float
    worker: float
    total: float

    @classmethod
    def now(cls) -> Look:
        """What is resident now."""
        me = psutil.Process()
        own, workers = me.memory_info().rss / MIB, []
        for child in me.children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                workers.append(child.memory_info().rss / MIB)
        return cls(own, max(workers, default=0.0), own + sum(workers))


class Peak:
    """The largest of what is seen, all the time and since it was last asked."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._lately = self.ever = Look.now()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def take(self) -> Look:
        """The largest since the last time."""
        found, self._lately = self._lately, Look.now()
        return found

    def stop(self) -> Look:
        """The largest ever."""
        self._over.set()
        self._thread.join()
        return self.ever

    def _watch(self) -> None:
        while not self._over.wait(LOOK):
            seen = Look.now()
            self._lately = Look(*map(max, self._lately, seen))
            self.ever = Look(*map(max, self.ever, seen))


def remembered(sessions: int, size: int | None) -> None:
    """Print the memory of one sweep into a Zarr store as it goes on; to be called in a fresh
    process.
    """
    begun = time.perf_counter()
    peak = Peak()
    what = study(sessions)
    cost = estimate(what, on_disk=True, workers=WORKERS, block_size=size)
    print(
        f"\nMemory: {cost.describe()}\n  until here {time.perf_counter() - begun:.1f} s, load "
        f"{load()}"
    )
    print(
        f"{'progress':>12}{'parent':>10}{'worker':>10}{'together':>10}   MiB, largest since the "
        "line before"
    )
    done, marks = 0, [0.0, *TENTHS]
    seen: list[Look] = []

    def report(_: Any) -> None:
        nonlocal done
        done += 1
        if done >= marks[len(seen)] * cost.blocks:
            seen.append(peak.take())
            print(
                f"{done / cost.blocks:12.0%}" + "".join(f"{value:10.0f}" for value in seen[-1]),
                flush=True,
            )

    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        path = Path(folder) / "sessions.zarr"
        found = sweep(
            what,
            store=Watched(ZarrStore(path), report),
            workers=WORKERS,
            block_size=size,
            progress=False,
        )
        seconds, most = time.perf_counter() - begun, peak.stop()
        disk = sum(file.stat().st_size for file in path.rglob("*") if file.is_file()) / 1e6
        good = int((found["status"] == 1).sum())
    print(
        f"  {good:,} of {what.n_runs:,} sessions came through, in {seconds:.0f} s "
        f"({seconds / what.n_runs * 1e3:.3f} ms a session); {disk:.1f} MB on disk"
    )
    conclude(seen, most)


def conclude(seen: Sequence[Look], most: Look) -> None:
    """Print the verdict on the memory of a sweep."""
    unit = 1 if sys.platform == "darwin" else 1024  # ru_maxrss is in bytes there, in KiB elsewhere
    own, workers = (resource.getrusage(one).ru_maxrss * unit / MIB for one in WHO)
    growth = max(seen[-1].total, seen[-2].total) / max(seen[1].total, seen[2].total) - 1
    print(
        f"  at the peak {most.parent:.0f} MiB here, {most.worker:.0f} MiB in the largest worker, "
        f"{most.total:.0f} MiB "
        f"together; asked: below {ASKED_MEMORY:.0f}: "
        f"{'reached' if most.total < ASKED_MEMORY else 'missed'}\n"
        f"  (ru_maxrss: {own:.0f} here, {workers:.0f} in a worker, or here when the worker was "
        "begun)\n"
        f"  from the first fifth of the blocks to the last {growth:+.1%}: "
        f"{'it does not grow with them' if growth <= FLAT else 'it grows'}"
    )


def memory(*, full: bool) -> None:
    """Sweeps of growing size, each in a process of its own."""
    # the same small blocks for the first two, ten times as many; the last has blocks as they come
    for sessions, size in [(2_000, 120), (20_000, 120), *([(1_000_000, None)] if full else [])]:
        code = f"import running; running.remembered({sessions}, {size})"
        subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parent)


# --------------------------------------------------------------------------------------
# shares
def shares(*, full: bool) -> None:
    """Print what a session takes in this process, and which part of it takes how much."""
    what = study(240_000 if full else 60_000)
    shape = shape_of(what)
    with tempfile.TemporaryDirectory() as folder, ZarrStore(Path(folder) / "one.zarr") as store:
        store.begin(what, shape)
        compute(what.part((slice(0, DOSES), slice(0, 8))))

        def one(number: int) -> Any:
            block = what.block(number, shape)
            store.write(number, compute(block))
            return block

        walls = []
        for number in range(3):
            begun = time.perf_counter()
            n = len(one(number))
            walls.append((time.perf_counter() - begun) / n * 1e3)
        profile = cProfile.Profile()
        profile.runcall(one, 3)
    print(
        f"\nShares: one thread, blocks of {shape} = {n:,} sessions: {min(walls):.3f} ms a "
        f"session (load {load()})"
    )
    spent, whole = parts(pstats.Stats(profile))
    for name, seconds in spent.items():
        print(f"  {name:45}{seconds / whole:7.1%}")


def parts(profile: pstats.Stats) -> tuple[dict[str, float], float]:
    """Part of the work -> seconds, and the seconds of all."""
    stats: dict[tuple[str, int, str], Any] = profile.stats  # type: ignore[attr-defined]

    def seconds(file: str, name: str, caller: str | None = None) -> float:
        entries = [one for key, one in stats.items() if key[0].endswith(file) and key[2] == name]
        if caller is None:
            return float(sum(one[3] for one in entries))
        return float(
            sum(own[3] for one in entries for key, own in one[4].items() if key[2] == caller)
        )

    found = {
        "start (settling on the usual day)": seconds(
            "simulation/start/initial_state.py", "settled_start"
        ),
        "schedule (laying out days)": seconds("simulation/run.py", "plans")
        + seconds("sweeps/blocks.py", "_schedules"),
        "integration of the session, with sampling": seconds(
            "compiled_engine.py", "integrate", "courses"
        ),
        "store (encoding, digests, synchronised writes)": seconds(
            "sweeps/store/zarr_store.py", "write"
        ),
        "cutting the block out of the study": seconds("sweeps/study.py", "block"),
    }
    whole = seconds("running.py", "one")
    return found | {"summaries, reasons and the rest": whole - sum(found.values())}, whole


def load() -> str:
    """How busy the machine is, where it says."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def main() -> None:
    """Print every table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--full",
        action="store_true",
        help="more blocks and turns, and a million sessions (minutes)",
    )
    parser.add_argument(
        "--only", nargs="+", choices=SECTIONS, default=SECTIONS, help="which parts to run"
    )
    options = parser.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        flush=True,
    )
    for name, section in {"overhead": overhead, "memory": memory, "shares": shares}.items():
        if name in options.only:
            section(full=options.full)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
