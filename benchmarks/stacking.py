"""One vectorised call for many dyads against a loop of single calls, with the difference between
the two beside the ratio.

The loop runs a few dyads and is scaled to the whole number; so, by default, is the stack of 30 days
(100 dyads of 1,000). Run::

    OPENBLAS_NUM_THREADS=1 python benchmarks/stacking.py [--full]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from reference_runs import errors

from oxysim.families import Dyad
from oxysim.interventions import NasalSpray
from oxysim.schedule import Routine
from oxysim.simulation.results.result import Result
from oxysim.simulation.simulate import simulate

WANTED = 1000
SCHEDULE = Routine.typical() + NasalSpray("24 IU", at="10:00")


def dyads(n: int) -> Dyad:
    """Dyads that differ in five parameters."""
    random = np.random.default_rng(1)
    ranges = {
        "caregiver.oxytocin.touch": (0.6, 1.8),
        "caregiver.oxytocin.plasma_half_life": (3, 5.5),
        "caregiver.depression.set_point": (4, 7),
        "infant.stress.reactivity": (0.5, 1.4),
        "infant.affect.usual": (0.4, 0.6),  # noqa: E501
    }
    return Dyad(parameters={name: random.uniform(*limits, n) for name, limits in ranges.items()})


def compare(duration: str, n_stack: int, n_loop: int) -> None:
    """Time a stack and a loop over the same dyads and print one line."""
    who = dyads(n_stack)
    options = {
        "save": "1 h",
        "variables": ["caregiver.central_oxytocin", "infant.cortisol", "caregiver.epds"],
    }
    begin = time.perf_counter()
    stack = simulate(who, SCHEDULE, duration, **options)
    middle = time.perf_counter()
    singles = [simulate(who.take([i]), SCHEDULE, duration, **options) for i in range(n_loop)]
    end = time.perf_counter()
    whole, loop = (middle - begin) * WANTED / n_stack, (end - middle) * WANTED / n_loop
    parts = [
        Result(stack.dataset.isel(dyad=[i]), stack.schedule, stack.provenance)
        for i in range(n_loop)
    ]
    apart = max(max(errors(part, one).values()) for part, one in zip(parts, singles, strict=True))
    print(
        f"{duration:>5}: stack {whole:7.1f} s ({n_stack} dyads), loop {loop:7.1f} s ({n_loop} "
        f"dyads), both scaled to {WANTED}; "  # noqa: E501
        f"ratio {loop / whole:5.1f}; largest difference {apart:.1e} at rtol 1e-6",
        flush=True,
    )


def main() -> None:
    """Six hours, then thirty days."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="run all 1,000 dyads over 30 days")
    full = parser.parse_args().full
    compare("6 h", WANTED, 8)
    compare("30 d", WANTED if full else 100, 4)


if __name__ == "__main__":
    main()
