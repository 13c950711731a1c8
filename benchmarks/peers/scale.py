"""How the compiled engine's cost grows: with the number of dyads, with threads, over long horizons,
at the start.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from oxysim import population
from oxysim.per_dyad import PerDyad
from oxysim.schedule import Routine, Schedule
from oxysim.simulation.engines import integrator_for
from oxysim.simulation.equations.resting_state import resting_start
from oxysim.simulation.input_pieces import realise
from oxysim.simulation.recorder import Recorder
from oxysim.simulation.scipy_engine import Solver, Task
from oxysim.units import DAY, WEEK
from peers.job import MONTH, START, Row

SECTION = "scale"
WEEKLY = ("caregiver.central_oxytocin", "caregiver.depression", "caregiver.bond", "infant.cortisol")
RTOL = 1e-4


def month_of(n: int, days: float, repeats: int) -> tuple[float, float]:
    """Core-ms and wall-ms a dyad for thirty days of `n` dyads with weekly outcomes, the least of
    some runs each.
    """
    who = population.sample(n, seed=1)
    names = [name.replace("caregiver", who.caregivers[0]) for name in WEEKLY]
    plans = realise(
        who, PerDyad.shared(Schedule(Routine.typical()), len(who)), START, START + days * DAY
    )
    times = np.append(np.arange(START, START + days * DAY, WEEK), START + days * DAY)
    start, integrate = resting_start(who), integrator_for("compiled")
    core, wall = [], []
    for _ in range(repeats):
        failures: dict[int, str] = {}
        task = Task(who, {}, Solver(rtol=RTOL), Recorder(names, times, who.ages(), who.caregivers))
        begin = time.process_time(), time.perf_counter()
        integrate(task, plans, start.copy(), failures)
        core.append(time.process_time() - begin[0])
        wall.append(time.perf_counter() - begin[1])
        if failures:
            raise RuntimeError(f"dyads failed: {failures}")
    return tuple(min(found) * 1e3 / n * MONTH / days for found in (core, wall))  # type: ignore[return-value]


def _child(mode: str, threads: int, cache: str | None = None) -> dict[str, float]:
    """Figures from a fresh process with so many threads, and a `cache` folder of its own where one
    is given.
    """
    here = Path(__file__).resolve().parents[1]
    environment = os.environ | {
        "NUMBA_NUM_THREADS": str(threads),
        "PYTHONPATH": os.pathsep.join([str(here), *sys.path]),
    }
    if cache is not None:
        environment["OXYSIM_CACHE_DIR"] = cache
    found = subprocess.run(
        [sys.executable, "-m", "peers.fresh", mode],
        check=True,
        capture_output=True,
        text=True,
        env=environment,
    )
    answer: dict[str, float] = json.loads(found.stdout.splitlines()[-1])
    return answer


def measure(*, full: bool) -> list[Row]:
    """Print how cost scales."""
    print(f"\nScale (rtol {RTOL:g}, weekly outcomes, one thread unless said otherwise)")
    rows = _by_number(full=full)
    rows += _by_threads(full=full)
    n, days = (10_000, 540.0) if full else (64, 540.0)
    core, wall = month_of(n, days, 1)
    whole, scaled = core * days / MONTH * 10_000 * 1e-3, "" if full else f" (scaled from {n} dyads)"
    print(
        f"  10,000 dyads x 540 days, weekly outcomes: {whole:.0f} core-s{scaled}, {core:.2f} "
        "core-ms a month"
    )
    rows.append(Row(SECTION, f"10,000 dyads x 540 days{scaled}", "time", whole, "core-s"))
    return rows + _fresh_call()


def _by_number(*, full: bool) -> list[Row]:
    sizes, days = ([8, 64, 512, 4096], 10.0)
    if full:
        sizes, days = [*sizes, 100_000], MONTH
    found: dict[int, list[float]] = {n: [] for n in sizes}
    for turn in range(3 if full else 2):
        for n, cores in found.items():
            if n < 100_000 or not turn:
                cores.append(month_of(n, days, max(1, min(20, 4096 // n // 4)))[0])
    for n, cores in found.items():
        share = min(cores) / min(found[64])
        print(
            f"  {n:>7,} dyads: {min(cores):6.2f} core-ms a dyad for 30 days, {share:.2f} of that "
            "of 64"
        )
    largest = max(abs(min(cores) / min(found[64]) - 1) for n, cores in found.items() if n >= 64)
    print(f"  from 64 to {max(found):,} dyads it stays within {largest:.0%}; asked: 20 %")
    return [
        Row(SECTION, f"{n} dyads", "time a dyad for 30 days", min(cores), "core-ms")
        for n, cores in found.items()
    ]


def _by_threads(*, full: bool) -> list[Row]:
    """Wall time of the same work on one thread and on two, by turns."""
    work = "threads-full" if full else "threads"
    found: dict[int, list[float]] = {1: [], 2: []}
    for _ in range(3):
        for threads, walls in found.items():
            walls.append(_child(work, threads)["wall"])
    ratio = min(found[1]) / min(found[2])
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    print(
        f"  two threads are {ratio:.2f} times as fast as one (asked: 1.8; {os.cpu_count()} "
        f"cores, load {load})"
    )
    return [Row(SECTION, "two threads against one", "speed-up", ratio, "1")]


def _fresh_call() -> list[Row]:
    with tempfile.TemporaryDirectory() as empty:
        cold = _child("first", 1, empty)["first call"]
    _child("first", 1)  # fills the cache
    runs = [_child("first", 1) for _ in range(3)]
    least = {k: min(run[k] for run in runs) for k in runs[0]}
    least |= {
        "imports and first call": min(run["imports"] + run["first call"] for run in runs),
        "compiling": cold,
    }
    print(
        f"  a fresh process with a warm cache: imports {least['imports']:.2f} s, first call "
        f"{least['first call']:.2f} s, together {least['imports and first call']:.2f} s (asked: "
        "a first call within "
        f"1 s), the same call again {least['again']:.2f} s; with an empty cache the first call "
        f"compiles: {cold:.1f} s"
    )
    return [Row(SECTION, "fresh process", k, v, "s") for k, v in least.items()]
