"""What ``engine="auto"`` chooses, against the better of the two engines: 1 to 64 dyads, one hour to
540 days.

Times are CPU seconds of one process with one thread. SciPy runs at most 16 dyad-days; longer work
is scaled from that, because its time grows with the length. "first" is what the compiled engine
costs once in a process whose code is on the disk already (Numba is imported, the equations are
followed, the code is read); a machine that has never run a family of this shape compiles besides,
once. `ratio` is auto's time over the better engine's: "fresh" in a process that has not run
compiled code yet, "warm" in one that has.

    python benchmarks/choice.py [--quick]
"""

from __future__ import annotations

import argparse
import os
import time

# One thread each: before NumPy and Numba are imported.
os.environ.update({"NUMBA_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"})

import oxysim as ox
from oxysim.simulation.engines import engine
from oxysim.simulation.start.initial_state import forget
from oxysim.units import DAY, HOUR, duration_text

DYADS = (1, 2, 4, 7, 8, 16, 64)
LENGTHS = (1 * HOUR, 6 * HOUR, 1 * DAY, 3 * DAY, 7 * DAY, 10 * DAY, 30 * DAY, 540 * DAY)
MOST = 16.0  # dyad-days that SciPy runs
HEAD = (
    f"{'dyads':>5} {'length':>8} {'scipy':>9} {'compiled':>9}  {'auto':<9} {'fresh':>6} {'warm':>6}"
)


def seconds(who: ox.Family, length: float, name: str) -> float:
    """CPU time of one simulation."""
    day = ox.Routine.typical()
    forget()  # every run settles its own start
    before = time.process_time()
    ox.simulate(who, day, f"{length:g} min", engine=name, save="1 d" if length > DAY else None)
    return time.process_time() - before


def by_scipy(who: ox.Family, length: float) -> float:
    """CPU time of SciPy, scaled where the work is long."""
    most = max(MOST * DAY / len(who), HOUR)
    if length <= most:
        return seconds(who, length, "scipy")
    short, long = seconds(who, most / 2, "scipy"), seconds(who, most, "scipy")
    return long + (length - most) * (long - short) / (most / 2)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="fewer dyads and lengths")
    quick = parser.parse_args().quick
    seconds(ox.Dyad(), HOUR, "scipy")
    first = seconds(ox.Dyad(), HOUR, "compiled")
    first -= seconds(ox.Dyad(), HOUR, "compiled")
    print(f"first: {first:.2f} s of the compiled engine, once in a process\n\n{HEAD}")
    for n in (1, 8) if quick else DYADS:
        who = ox.Population.named("community").sample(n, seed=1, infant_age="6 weeks")
        for length in LENGTHS[1:5:2] if quick else LENGTHS:
            scipy, compiled = by_scipy(who, length), seconds(who, length, "compiled")
            chosen = engine("auto", n, None, length)
            warm = compiled if chosen == "compiled" else scipy
            fresh = compiled + first if chosen == "compiled" else scipy
            print(
                f"{n:>5} {duration_text(length):>8} {scipy:>9.2f} {compiled:>9.2f}  {chosen:<9} "
                f"{fresh / min(scipy, compiled + first):>6.2f} {warm / min(scipy, compiled):>6.2f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
