"""Error and time of every method at several tolerances, against a reference at rtol 1e-13.

The error is the largest over states, outputs and schedule edges (and a grid of 30 min), each
relative to the variable's largest reference value or 0.05. The reference is DOP853, confirmed by
Radau at 1e-11 over the first day. Run::

    OPENBLAS_NUM_THREADS=1 python benchmarks/accuracy.py [--days 30]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from reference_runs import REFERENCE, run, worst_error

from oxysim.simulation.scipy_engine import METHODS, Solver

TOLERANCES = (1e-4, 1e-6, 1e-8)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--days", type=float, default=30.0)
    minutes = 1440 * parser.parse_args().days
    radau, one_day = run(Solver("Radau", 1e-11), minutes=1440), run(REFERENCE, minutes=1440)
    print(f"reference against Radau 1e-11, 1 day: {worst_error(radau, one_day)[0]:.1e}")
    reference = run(REFERENCE, minutes=minutes)
    print(
        f"{'method':8}{'rtol':>8}{'error / rtol':>14}{'s':>8}  worst variable   "
        f"({minutes / 1440:g} days)"
    )
    for method in METHODS:
        for rtol in TOLERANCES:
            begin = time.perf_counter()
            found = run(Solver(method, rtol), minutes=minutes)
            took = time.perf_counter() - begin
            error, name = worst_error(found, reference)
            print(f"{method:8}{rtol:8.0e}{error / rtol:14.2f}{took:8.1f}  {name}", flush=True)


if __name__ == "__main__":
    main()
