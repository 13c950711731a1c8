"""Run in a process of its own by `scale`: what the first call costs, and what the threads gain.

python -m peers.fresh first | threads | threads-full
"""

from __future__ import annotations

import json
import sys
import time


def first() -> dict[str, float]:
    """Seconds for the imports, for a first simulation, and for the same again."""
    begin = time.perf_counter()
    import oxysim
    import oxysim.simulation.compiled.compiled_engine  # what the first call imports otherwise
    from oxysim.simulation.simulate import simulate

    walls = [time.perf_counter() - begin]
    for _ in range(2):
        start = time.perf_counter()
        simulate(oxysim.Dyad(), oxysim.Routine.typical(), "1 d", engine="compiled")
        walls.append(time.perf_counter() - start)
    return dict(zip(("imports", "first call", "again"), walls, strict=True))


def threads(n: int) -> dict[str, float]:
    """The least wall time of six runs."""
    from peers.scale import month_of

    month_of(8, 1.0, 1)  # the code is loaded by now
    return {"wall": month_of(n, 10.0, 6)[1]}


if __name__ == "__main__":
    work = {"first": first, "threads": lambda: threads(512), "threads-full": lambda: threads(2048)}
    print(json.dumps(work[sys.argv[1]]()))
