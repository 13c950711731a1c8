"""The averaged system against the full model, and what the questions about the loop cost.

Random dyads, every parameter drawn by itself over its whole range, are followed from birth for 18
months by the averaged system and by the compiled engine: the largest error of each course in EPDS
points, in the median and in the worst dyad, which dyads were named as doubtful beforehand, and the
time of both. A second set has the loop's gain drawn evenly from 0.5 to 2.2. A third is the
symptomatic dyad begun at depressions on both sides of its separatrix, where little decides. Then
the default symptomatic dyad: its regimes, the gain of its loop, which edges hold its depression up.

What is compiled is compiled before the clock runs. Core time (of this process) stands beside wall
time: other jobs on the machine do not lengthen it as much.

    pip install "oxysim[fast]"
    python benchmarks/loop.py [--quick]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import oxysim as ox
from oxysim.families import Family
from oxysim.loop.averaging_errors import AveragingError, averaging_error
from oxysim.loop.regime_analysis.loop_gain import edge_gains, loop_gain, sub_loops
from oxysim.loop.regime_analysis.maintenance import hold_up
from oxysim.loop.regime_analysis.regime_verification import verify
from oxysim.loop.regime_analysis.regimes import regimes
from oxysim.population import sample

GAIN = "caregiver.depression.loop_gain"
ASKED = 0.5  # EPDS points, of the median error


def main() -> None:
    """Two tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--quick", action="store_true", help="16 dyads for six months, and fewer edges"
    )
    quick = parser.parse_args().quick
    hold_up(regimes(ox.Dyad.symptomatic(), starts=0), edges=["reward -> depression"])

    print(
        f"{'averaged against full':40}{'median':>8}{'worst':>8}{'doubtful':>10}{'of those':>10}  "
        " s: averaged, judging,"
    )
    print(f"{'':40}{'(EPDS points)':>16}{'':>10}{'worst':>10}   full")
    for name, dyads, duration in courses(quick):
        tell(name, averaging_error(dyads, duration=duration))

    print(f"\n{'the default symptomatic dyad':40}{'wall s':>8}{'core s':>8}")
    found = timed("its regimes", lambda: regimes(ox.Dyad.symptomatic(), starts=0 if quick else 16))
    system, worst = found.system, found.worst()
    timed("verified by the full model, 6 weeks", lambda: verify(found))
    timed("loop gain at a regime", lambda: loop_gain(system, worst))
    timed("loop gain over every edge", lambda: edge_gains(system, worst))
    timed("sub-loops", lambda: sub_loops(system, worst))
    asked = ["bond -> depression", "gaze -> caregiver_oxytocin"] if quick else None
    held = timed("which edges hold it up", lambda: hold_up(found, edges=asked))
    print(f"needed, the most first: {', '.join(held.holders())}")


def courses(quick: bool) -> list[tuple[str, Family, str]]:
    """Name, dyads and duration of each comparison."""
    n, duration = (16, "6 months") if quick else (100, "18 months")
    random = sample(n, seed=5, infant_age="0 d")
    gains = np.random.default_rng(1).uniform(0.5, 2.2, n)
    beside = np.linspace(2, 22, 11 if quick else 41)
    symptomatic = ox.Dyad.symptomatic().repeat(len(beside)).replace(infant_age="6 months")
    return [
        (f"{n} random dyads, {duration}", random, duration),
        ("the same, loop gain 0.5 to 2.2", random.with_parameters({GAIN: gains}), duration),
        (
            f"one dyad, {len(beside)} starts, 12 months",
            symptomatic.with_start({"caregiver.depression": beside}),
            "12 months",
        ),
    ]


def tell(name: str, found: AveragingError) -> None:
    """A row of the first table."""
    doubtful = found.table.loc[found.table["doubtful"], "error"]
    theirs = f"{doubtful.max():.2f}" if len(doubtful) else ""
    seconds = ", ".join(f"{one:.1f}" for one in found.seconds)
    verdict = "" if found.median < ASKED else f"   MISSED: asked for a median below {ASKED}"
    print(
        f"{name:40}{found.median:8.3f}{found.worst:8.3f}{len(doubtful):10d}{theirs:>10}   "
        f"{seconds}{verdict}",
        flush=True,
    )


def timed(name: str, call: Callable[[], Any]) -> Any:
    """What a call gives, its wall and core time printed."""
    wall, core = time.perf_counter(), time.process_time()
    found = call()
    print(
        f"{name:40}{time.perf_counter() - wall:8.2f}{time.process_time() - core:8.2f}", flush=True
    )
    return found


if __name__ == "__main__":
    main()
