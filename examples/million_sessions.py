"""How far does one dose of the nasal spray reach in a whole population? A million six-hour
sessions, out of memory.

Twelve doses in as many different dyads as it takes, drawn from the plausible range of every
parameter, into a store on disk: block by block, so that memory does not grow with the number of
blocks. By default a few thousand sessions (seconds); the whole (a minute or two on two cores) can
be stopped with Ctrl-C and goes on when it is started again:

    python examples/million_sessions.py --sessions 1000000
"""

from __future__ import annotations

import argparse
import math
import resource
import sys
import time
from pathlib import Path

import oxysim as ox
from oxysim.errors import OxysimError
from oxysim.sweeps import Study, estimate, grid, linspace, sweep

DOSES = 12
OUTCOMES = {
    "in blood": "caregiver.plasma_oxytocin: maximum from 10:00 to 14:00",
    "in the brain": "caregiver.central_oxytocin: maximum from 10:00 to 14:00",
    "in what she does": "caregiver.warmth: mean from 10:30 to 12:30",
}
FIGURE = Path("figures") / "million_sessions.png"


def study(sessions: int) -> Study:
    """Doses from 4 to 48 IU in enough dyads for so many sessions."""
    return Study(
        ox.population.sample(math.ceil(sessions / DOSES), seed=1),
        "6 h",
        design=grid({"spray.dose": linspace("4 IU", "48 IU", DOSES)}),
        interventions={"spray": ox.NasalSpray("24 IU", at="10:00")},
        outcomes=list(OUTCOMES.values()),
        solver=ox.Solver(rtol=1e-4),
    )


def peak_memory() -> float:
    """Peak resident memory of this process and of its largest worker, in MB; at most, as a worker
    counts what this process held when it began it.
    """
    unit = 1e6 if sys.platform == "darwin" else 1e3  # bytes there, kB elsewhere
    processes = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(resource.getrusage(process).ru_maxrss for process in processes) / unit


def main() -> None:
    """The estimate, the sweep, its memory, and the spread over dyads by dose."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sessions", type=int, default=6000, metavar="N", help="default 6000")
    parser.add_argument("--quick", action="store_true", help="240 sessions in this process")
    parser.add_argument("--workers", type=int, metavar="N", help="default one a processor")
    options = parser.parse_args()
    if options.quick:
        options.sessions, options.workers = min(options.sessions, 240), 1
    sessions = study(options.sessions)
    print(estimate(sessions, on_disk=True, workers=options.workers).describe())
    store = Path("stores") / f"sessions_{sessions.n_runs}.zarr"
    resumed = " (some or all of them were there)" if store.exists() else ""
    store.parent.mkdir(exist_ok=True)
    begun = time.perf_counter()
    result = sweep(sessions, store=store, workers=options.workers)
    seconds = time.perf_counter() - begun
    size = sum(file.stat().st_size for file in store.rglob("*") if file.is_file())
    print(f"{sessions.n_runs} sessions{resumed} in {seconds:.1f} s; {size / 1e6:.1f} MB in {store}")
    print(
        f"peak resident memory: at most {peak_memory():.0f} MB (this process and its largest"
        " worker)"
    )
    figure, axes = ox.plots.panels(len(OUTCOMES), size=(8.5, 8.5), sharex=True)
    for (title, outcome), ax in zip(OUTCOMES.items(), axes[:, 0], strict=True):
        ox.plots.quantile_bands(result, outcome, "spray.dose", ax=ax)
        ax.set_title(f"The dose {title}", fontsize=10, fontweight="bold", loc="left")
        ax.label_outer()
        if ax is not axes[0, 0] and (legend := ax.get_legend()):
            legend.remove()  # one says it for all
    FIGURE.parent.mkdir(exist_ok=True)
    ox.plots.save(figure, FIGURE)
    print(f"figure: {FIGURE}")


if __name__ == "__main__":
    try:
        main()
    except OxysimError as error:
        sys.exit(f"million_sessions: {error}")
