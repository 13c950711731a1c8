"""The compiled engine against its peers, in one run: accuracy and time side by side.

Every peer integrates the same equations (the operations that oxysim's engines are made from), for the same random
dyads, from the same settled start, over the same segments of constant input. The error is the largest over dyads,
states and all edges of the schedule of |x - reference| / max(max_t |reference|, 0.05). Each engine runs at the loosest
tolerance of a common list that reaches 1e-4, and at that which reaches 1e-6. Time is process CPU time in core-ms a dyad
for 30 days, without compiling and, for the peers, without computing the constants of the segments; the runs of all
engines take turns, so that a noisy machine hits them alike. Slow peers run fewer dyads and days, and are scaled.

    pip install "oxysim[benchmark]"
    python benchmarks/engines.py [--full] [--only peers own limit scale] [--csv PATH]
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

# One thread each: before NumPy and Numba are imported.
os.environ.update({"NUMBA_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"})

from peers import heyoka_batch, limit, numbalsoda_dop853, ours, roadrunner_cvode, scale, scipy_single
from peers.job import TOLERANCES, FloatArray, Job, Row, Runner, core_seconds, make_job

TARGETS = (1e-4, 1e-6)
SECTIONS = ("peers", "own", "limit", "scale")
OURS, HEYOKA, NUMBALSODA, ROADRUNNER, SOLVE_IVP = (
    "oxysim compiled",
    "heyoka",
    "numbalsoda",
    "libRoadRunner",
    "solve_ivp",
)


class Engine(NamedTuple):
    """An engine of the comparison; `needs` names the modules without which it is left out, `share` the dyads and days
    that it runs (quick, full)."""

    name: str
    build: Callable[[Job, float], Runner]
    needs: tuple[str, ...] = ()
    share: tuple[tuple[int, float], tuple[int, float]] | None = None
    keeps_days: bool = False


SLOW = ((2, 1.0), (16, 2.0))
ENGINES = (
    Engine(OURS, ours.build, keeps_days=True),
    Engine(f"{HEYOKA}, batch of 8", heyoka_batch.build, ("heyoka",), None, keeps_days=True),
    Engine(f"{NUMBALSODA} DOP853", numbalsoda_dop853.build, ("numbalsoda",), ((16, 10.0), (64, 30.0)), keeps_days=True),
    Engine(f"{ROADRUNNER}, BDF", roadrunner_cvode.with_method("BDF"), ("roadrunner", "antimony"), SLOW),
    Engine(f"{ROADRUNNER}, Adams", roadrunner_cvode.with_method("Adams"), ("roadrunner", "antimony"), SLOW),
    Engine(f"{SOLVE_IVP} RK45, Numba", scipy_single.with_numba("RK45"), (), SLOW),
    Engine(f"{SOLVE_IVP} LSODA, Numba", scipy_single.with_numba("LSODA"), (), SLOW),
    Engine(f"{SOLVE_IVP} RK45, Python", scipy_single.with_python("RK45"), (), SLOW),
    Engine(f"{SOLVE_IVP} LSODA, Python", scipy_single.with_python("LSODA"), (), SLOW),
)


@dataclass(frozen=True, eq=False)
class Entry:
    """An engine at a setting: what it reached and how long it took (core-ms a dyad for 30 days)."""

    engine: str
    target: float
    rtol: float
    error: float
    job: Job
    run: Runner
    compiling: float
    times: list[float]

    @property
    def median(self) -> float:
        return statistics.median(self.times)

    @property
    def least(self) -> float:
        return min(self.times)


def installed(engine: Engine) -> bool:
    """Whether what the engine needs is there."""
    return all(importlib.util.find_spec(name) is not None for name in engine.needs)


def settings(engine: Engine, job: Job, reference: FloatArray, compiling: float) -> list[Entry]:
    """The loosest tolerance that reaches each accuracy."""
    found: list[Entry] = []
    wanted = list(TARGETS)
    for rtol in TOLERANCES:
        if not wanted or (engine.name == OURS and rtol > 1e-2):
            continue
        run = engine.build(job, rtol)
        try:
            error = job.error(run(True), reference)
        except RuntimeError:  # too loose to be carried through
            continue
        while wanted and error <= wanted[0]:
            found.append(Entry(engine.name, wanted.pop(0), rtol, error, job, run, compiling, []))
    for target in wanted:
        print(f"{engine.name}: no tolerance reaches {target:g}")
    return found


def compiling_time(engine: Engine, job: Job) -> float:
    """Wall seconds for what is done once: a first run on little work, less a second one."""
    little = job.first(8, 0.2)
    walls = []
    for _ in range(2):
        begin = time.perf_counter()
        engine.build(little, 1e-3)(False)
        walls.append(time.perf_counter() - begin)
    return max(walls[0] - walls[1], 0.0)


def compare(job: Job, engines: Sequence[Engine], *, full: bool) -> list[Entry]:
    """Find the settings, then time all engines in turns."""
    reference = ours.build(job, 1e-11)(True)
    agreement(job, reference)
    entries: list[Entry] = []
    for engine in engines:
        if not installed(engine):
            print(f"{engine.name}: not installed, left out")
            continue
        part = job if engine.share is None else job.first(*engine.share[full])
        compiling = compiling_time(engine, part)
        entries += settings(engine, part, reference[: part.n, : part.edges.shape[1]], compiling)
    for _ in range(5 if full else 7):
        for entry in entries:
            entry.times.append(entry.job.per_month(core_seconds(entry.run, keep=job.shared)))
    return entries


def agreement(job: Job, reference: FloatArray) -> None:
    """Print how the reference agrees with other methods at tight tolerances."""
    checks = [("SciPy DOP853 at 1e-12", scipy_single.with_numba("DOP853"), 1e-12, job.first(3, 2.0))]
    checks.append(("SciPy Radau at 1e-12", scipy_single.with_numba("Radau"), 1e-12, job.first(1, 0.25)))
    if importlib.util.find_spec("heyoka") is not None:
        checks.append(("heyoka at 1e-13", heyoka_batch.build, 1e-13, job))
    for name, build, rtol, part in checks:
        apart = part.error(build(part, rtol)(True), reference[: part.n, : part.edges.shape[1]])
        print(
            f"reference (compiled, 1e-11) against {name}, {part.n} dyads x {part.days:g} days: {apart:.1e}", flush=True
        )


def show(entries: Sequence[Entry], job: Job, section: str) -> list[Row]:
    """Print the table."""
    print(
        f"\n{'engine':24}{'reach':>7}{'rtol':>8}{'error':>9}{'median':>9}{'least':>9}  core-ms a dyad for 30 days; "
        f"{'shared schedule' if job.shared else 'every dyad on its own jittered schedule'}"
    )
    rows = []
    for e in sorted(entries, key=lambda e: TARGETS.index(e.target)):
        less = "" if e.job is job else "scaled; "
        print(
            f"{e.engine:24}{e.target:7.0e}{e.rtol:8.0e}{e.error:9.1e}{e.median:9.2f}{e.least:9.2f}  "
            f"({less}{e.job.n} dyads x {e.job.days:g} days; compiling {e.compiling:.1f} s)"
        )
        figures = {"rtol": (e.rtol, "1"), "error": (e.error, "1"), "median time": (e.median, "core-ms"),
                   "least time": (e.least, "core-ms"), "dyads": (e.job.n, "1"), "days": (e.job.days, "d"),
                   "compiling": (e.compiling, "s")}  # fmt: skip
        rows += [Row(section, f"{e.engine} at {e.target:g}", k, v, unit) for k, (v, unit) in figures.items()]
    return rows


def ratios(entries: Sequence[Entry], section: str) -> list[Row]:
    """Print our time as a share of each peer's fastest, beside what is asked."""
    print()
    rows = []
    asked = {HEYOKA: 1.0, NUMBALSODA: 1 / 4, ROADRUNNER: 1 / 50, SOLVE_IVP: 1 / 150}
    for target in TARGETS:
        own = next((e for e in entries if e.engine == OURS and e.target == target), None)
        for peer, share in asked.items():
            found = [e for e in entries if e.engine.startswith(peer) and e.target == target]
            if own is None or not found:
                continue
            best = min(found, key=lambda e: e.median)
            ratio, least = own.median / best.median, own.least / best.least
            verdict = "reached" if ratio <= share else "missed"
            aim = "; the aim is 0.5" if peer == HEYOKA else ""
            print(
                f"at {target:.0e}: ours / {best.engine:24} {ratio:8.4f} by medians, {least:8.4f} by the least; "
                f"asked: {share:.4f}, {verdict}{aim}"
            )
            rows.append(Row(section, f"ours / {best.engine} at {target:g}", "ratio of medians", ratio, "1"))
            rows.append(Row(section, f"ours / {best.engine} at {target:g}", "ratio of the least", least, "1"))
    return rows


def loop_share(job: Job, entries: Sequence[Entry], section: str) -> list[Row]:
    """Print what heyoka would need without the Python loop that drives it."""
    rows = []
    for e in (e for e in entries if e.engine.startswith(HEYOKA)):
        seconds, steps = heyoka_batch.steps_alone(job, e.rtol)
        alone = job.per_month(seconds)
        print(
            f"heyoka at {e.target:g}: its {steps:.1f} steps a segment alone, without the Python loop, "
            f"would take {alone:.2f} core-ms"
        )
        rows.append(Row(section, f"{e.engine} at {e.target:g}", "steps alone", alone, "core-ms"))
    return rows


def own_schedules(n: int, days: float, *, full: bool) -> list[Row]:
    """Every dyad on its own jittered schedule."""
    job = make_job(n, days, jitter="10 min")
    few = job.first(16, 3.0)
    print(f"\nalone and in company a dyad has the same answer to the last bit: {ours.same_alone(few, 1e-6)}")
    entries = compare(job, [e for e in ENGINES if e.keeps_days], full=full)
    return [*show(entries, job, "own"), *ratios(entries, "own")]


def main() -> None:
    """Print every table, and keep the figures where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="fewer dyads and days (the default)")
    size.add_argument("--full", action="store_true", help="1,000 dyads x 30 days, and 100,000 dyads for the scale")
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=SECTIONS, help="which parts to run")
    parser.add_argument("--csv", help="write every figure to this file")
    options = parser.parse_args()
    full = options.full
    n, days = (1000, 30.0) if full else (64, 10.0)
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; {n} dyads x {days:g} days"
    )
    rows: list[Row] = []
    reached = dict.fromkeys(TARGETS, 1e-4) | {TARGETS[1]: 1e-6}
    job = make_job(n, days) if {"peers", "limit"} & set(options.only) else None
    if job is not None and "peers" in options.only:
        entries = compare(job, ENGINES, full=full)
        rows += [*show(entries, job, "peers"), *ratios(entries, "peers"), *loop_share(job, entries, "peers")]
        reached = {e.target: e.rtol for e in entries if e.engine == OURS}
    if "own" in options.only:
        rows += own_schedules(n, days, full=full)
    if job is not None and "limit" in options.only:
        rows += limit.measure(job.first(64, 10.0), reached)
    if "scale" in options.only:
        rows += scale.measure(full=full)
    if options.csv:
        with open(options.csv, "w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([Row._fields, *rows])


if __name__ == "__main__":
    main()
