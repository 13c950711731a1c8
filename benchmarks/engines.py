"""The compiled engine against its peers, in one run: accuracy and time side by side.

Every peer integrates the same equations (the operations that oxysim's engines are made from), for
the same random dyads, from the same settled start, over the same segments of constant input. The
error is the largest over dyads, states and all edges of the schedule of |x - reference| / max(max_t
|reference|, 0.05). Each engine runs at the loosest tolerance of a common list that reaches 1e-4,
and at that which reaches 1e-6. Time is process CPU time in core-ms a dyad for 30 days, without
compiling (what several engines share is compiled by the first of them) and, for the peers, without
computing the constants of the segments. The runs of all engines take turns, so that a noisy machine
hits them alike. Slow peers run fewer dyads and days, and are scaled; their error is the largest
over those few, which flatters them.

    pip install "oxysim[benchmark]"
    pip install numbalsoda    (one more peer; it has no wheels and needs a Fortran compiler; a
    missing peer is left out) python benchmarks/engines.py [--full] [--only peers own limit scale]
    [--csv PATH [--overwrite]]
"""

from __future__ import annotations

import argparse
import bisect
import csv
import functools
import importlib.util
import math
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from oxysim.arrays import FloatArray

# One thread each: before NumPy and Numba are imported.
os.environ.update({"NUMBA_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"})

from peers import (
    heyoka_batch,
    limit,
    numbalsoda_dop853,
    ours,
    roadrunner_cvode,
    scale,
    scipy_single,
    sundae_cvode,
)
from peers.job import TOLERANCES, Job, Row, Runner, core_seconds, make_job

TARGETS = (1e-4, 1e-6)
SECTIONS = ("peers", "own", "limit", "scale")
OURS, SINGLE, HEYOKA, NUMBALSODA = (
    "oxysim compiled",
    "oxysim, single precision",
    "heyoka",
    "numbalsoda",
)
ROADRUNNER, SOLVE_IVP = "libRoadRunner", "solve_ivp"
# our time as a share of theirs
ASKED = {HEYOKA: 1.0, NUMBALSODA: 1 / 4, ROADRUNNER: 1 / 50, SOLVE_IVP: 1 / 150}
AIM, SWEEP_MODE = 0.5, 0.6  # of heyoka's time
TRUSTED = 1e-9  # how closely the reference must agree with other methods
# turns of all engines; core seconds that short runs are repeated for in each
ROUNDS, LONG_ENOUGH = 5, 0.3


class Engine(NamedTuple):
    """An engine of the comparison; `needs` names the modules without which it is left out, `share`
    the dyads and days that it runs (quick, full).
    """

    name: str
    build: Callable[[Job, float], Runner]
    needs: tuple[str, ...] = ()
    share: tuple[tuple[int, float], tuple[int, float]] | None = None
    keeps_days: bool = False


SLOW = ((4, 2.0), (16, 2.0))
ENGINES = (
    Engine(OURS, ours.build, keeps_days=True),
    Engine(SINGLE, ours.build_single, keeps_days=True),
    Engine(f"{HEYOKA}, batch of 8", heyoka_batch.build, ("heyoka",), None, keeps_days=True),
    Engine(
        f"{NUMBALSODA} DOP853",
        numbalsoda_dop853.build,
        ("numbalsoda",),
        ((16, 10.0), (64, 30.0)),
        keeps_days=True,
    ),
    Engine("scikit-sundae CVODE", sundae_cvode.build, ("sksundae",), SLOW),
    Engine(
        f"{ROADRUNNER}, BDF", roadrunner_cvode.with_method("BDF"), ("roadrunner", "antimony"), SLOW
    ),
    Engine(
        f"{ROADRUNNER}, Adams",
        roadrunner_cvode.with_method("Adams"),
        ("roadrunner", "antimony"),
        SLOW,
    ),
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
    """The loosest tolerance that reaches each accuracy, by bisection."""
    low = ours.TIGHTEST_SINGLE if engine.name == SINGLE else 0.0
    high = ours.LOOSEST if engine.name in (OURS, SINGLE) else math.inf
    legal = [rtol for rtol in TOLERANCES if low <= rtol <= high]

    @functools.cache
    def error_at(rtol: float) -> float:
        try:
            return job.error(engine.build(job, rtol)(True), reference)
        except RuntimeError:  # too loose to be carried through
            return math.inf

    found: list[Entry] = []
    for target in TARGETS:
        place = bisect.bisect_left(
            legal, True, key=lambda rtol, target=target: error_at(rtol) <= target
        )
        if place == len(legal):
            print(f"{engine.name}: no tolerance reaches {target:g}")
            continue
        rtol = legal[place]
        found.append(
            Entry(
                engine.name,
                target,
                rtol,
                error_at(rtol),
                job,
                engine.build(job, rtol),
                compiling,
                [],
            )
        )
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
        entries += settings(engine, part, reference, compiling)
    for _ in range(ROUNDS):
        for entry in entries:
            spent = 0.0
            while spent < LONG_ENOUGH:
                spent += (took := core_seconds(entry.run, keep=job.shared))
                entry.times.append(entry.job.per_month(took))
    return entries


def agreement(job: Job, reference: FloatArray) -> None:
    """Print how the reference agrees with other methods at tight tolerances; stop where it does
    not.
    """
    checks = [
        ("SciPy DOP853 at 1e-12", scipy_single.with_numba("DOP853"), 1e-12, job.first(3, 2.0))
    ]
    checks.append(
        ("SciPy Radau at 1e-12", scipy_single.with_numba("Radau"), 1e-12, job.first(1, 0.25))
    )
    if importlib.util.find_spec("heyoka") is not None:
        checks.append(("heyoka at 1e-13", heyoka_batch.build, 1e-13, job))
    for name, build, rtol, part in checks:
        apart = part.error(build(part, rtol)(True), reference)
        print(
            f"reference (compiled, 1e-11) against {name}, {part.n} dyads x {part.days:.3g} days: "
            f"{apart:.1e}",
            flush=True,
        )
        if not apart < TRUSTED:
            raise SystemExit(
                f"the reference cannot be trusted: expected an agreement within {TRUSTED:g}"
            )


def show(entries: Sequence[Entry], job: Job, section: str) -> list[Row]:
    """Print the table."""
    print(
        f"\n{'engine':24}{'reach':>7}{'rtol':>9}{'error':>9}{'median':>9}{'least':>9}  core-ms a "
        "dyad for 30 days; "
        f"{'shared schedule' if job.shared else 'every dyad on its own jittered schedule'}"
    )
    rows = []
    for e in sorted(entries, key=lambda e: TARGETS.index(e.target)):
        less = "" if e.job is job else "scaled; "
        print(
            f"{e.engine:24}{e.target:7.0e}{e.rtol:9.1e}{e.error:9.1e}"
            f"{e.median:9.2f}{e.least:9.2f}  "
            f"({less}{e.job.n} dyads x {e.job.days:.3g} days; compiling {e.compiling:.2f} s)"
        )
        figures = {
            "rtol": (e.rtol, "1"),
            "error": (e.error, "1"),
            "median time": (e.median, "core-ms"),
            "least time": (e.least, "core-ms"),
            "dyads": (e.job.n, "1"),
            "days": (e.job.days, "d"),
            "compiling": (e.compiling, "s"),
        }
        rows += [
            Row(section, f"{e.engine} at {e.target:g}", k, v, unit)
            for k, (v, unit) in figures.items()
        ]
    return rows


def ratios(entries: Sequence[Entry], section: str) -> list[Row]:
    """Print our time as a share of each peer's, beside what is asked."""
    rows = []
    for own in (e for e in entries if e.engine in (OURS, SINGLE)):
        print(
            f"\nat {own.target:g}, {own.engine} as a share of   by medians   by the least   asked"
        )
        for peer in (e for e in entries if e.target == own.target and e is not own):
            both = (own.median / peer.median, own.least / peer.least)
            asked = next(
                (share for name, share in ASKED.items() if peer.engine.startswith(name)), math.nan
            )
            if own.engine == SINGLE and peer.engine.startswith(HEYOKA):
                asked = SWEEP_MODE
            print(
                f"  {peer.engine:36}{both[0]:10.4f}{both[1]:15.4f}{_share(asked):>8}  "
                f"{_verdict(both, asked, peer)}"
            )
            what = f"{own.engine} / {peer.engine} at {own.target:g}"
            rows += [Row(section, what, "ratio of medians", both[0], "1")]
            rows += [Row(section, what, "ratio of the least", both[1], "1")]
    return rows


def _share(asked: float) -> str:
    return "-" if math.isnan(asked) else f"{asked:.4f}"


def _verdict(both: tuple[float, float], asked: float, peer: Entry) -> str:
    """In words; where noise decides, that is said."""
    if math.isnan(asked):
        return ""
    aims = ""
    if peer.engine.startswith(HEYOKA):
        aims = f"; aim {AIM}"
    met = [ratio <= asked for ratio in both]
    return (
        "reached" if all(met) else "undecided, within the noise" if any(met) else "missed"
    ) + aims


def loop_share(job: Job, entries: Sequence[Entry], section: str) -> list[Row]:
    """Print how much of heyoka's time is the Python loop that drives it."""
    rows = []
    for e in (e for e in entries if e.engine.startswith(HEYOKA)):
        steps, around = heyoka_batch.around_steps(job, e.rtol)
        outside = job.per_month(around)
        print(
            f"heyoka at {e.target:g}: {steps:.1f} steps a segment; of its {e.least:.2f} core-ms "
            f"about {outside:.2f} "
            "are the Python loop over segments"
        )
        rows.append(Row(section, f"{e.engine} at {e.target:g}", "Python loop", outside, "core-ms"))
        rows.append(Row(section, f"{e.engine} at {e.target:g}", "steps a segment", steps, "1"))
    return rows


def own_schedules(n: int, days: float, *, full: bool) -> list[Row]:
    """Every dyad on its own jittered schedule."""
    job = make_job(n, days, jitter="10 min")
    few = job.first(16, 3.0)
    print(
        f"\nalone and in company a dyad has the same answer to the last bit: "
        f"{ours.same_alone(few, 1e-6)}"
    )
    entries = compare(job, [e for e in ENGINES if e.keeps_days], full=full)
    return [*show(entries, job, "own"), *ratios(entries, "own")]


def main() -> None:
    """Print every table, and keep the figures where asked."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="fewer dyads and days (the default)")
    size.add_argument(
        "--full", action="store_true", help="1,000 dyads x 30 days, and 100,000 dyads for the scale"
    )
    parser.add_argument(
        "--only", nargs="+", choices=SECTIONS, default=SECTIONS, help="which parts to run"
    )
    parser.add_argument("--csv", help="write every figure to this file")
    parser.add_argument("--overwrite", action="store_true", help="replace a file that exists")
    options = parser.parse_args()
    if options.csv and os.path.lexists(options.csv) and not options.overwrite:
        parser.error(
            f"--csv {options.csv}: there is such a file already; give another name, or --overwrite"
        )
    full = options.full
    n, days = (1000, 30.0) if full else (64, 10.0)
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; {n} "
        f"dyads x {days:g} days"
    )
    rows: list[Row] = []
    reached = {target: target for target in TARGETS}
    job = make_job(n, days) if {"peers", "limit"} & set(options.only) else None
    if job is not None and "peers" in options.only:
        entries = compare(job, ENGINES, full=full)
        rows += [
            *show(entries, job, "peers"),
            *ratios(entries, "peers"),
            *loop_share(job, entries, "peers"),
        ]
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
