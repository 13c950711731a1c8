"""How many minutes of skin-to-skin contact a day lift a mother out of depression, and does it last?
A batch job.

Runs the study file next to it into a store, block by block, and draws maps of the depressive
symptoms at the start, at the end of the five weeks of contact and eleven weeks later. Stopped with
Ctrl-C or killed, it goes on where it was when it is started again; started once more after that, it
only draws. The same from a shell, and a first look:

    oxysim sweep examples/studies/skin_to_skin_by_loop_strength.toml --out
    stores/skin_to_skin_by_loop_strength.zarr python examples/skin_to_skin_batch.py --quick
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import oxysim as ox
from oxysim.errors import OxysimError
from oxysim.studies import read_study
from oxysim.sweeps import grid, sweep

STUDY = Path(__file__).parent / "studies" / "skin_to_skin_by_loop_strength.toml"
STORE = Path("stores") / "skin_to_skin_by_loop_strength.zarr"
FIGURE = Path("figures") / "skin_to_skin_by_loop_strength.png"
WEEKS = [0, 5, 10, 16]
EPDS = "caregiver.epds: weekly"
SYMPTOMATIC = 13
COARSE = {
    "skin_to_skin.minutes": ["20 min", "60 min", "120 min"],
    "caregiver.depression.loop_gain": [1.0, 1.5, 2.0],
}


def main() -> None:
    """The batch, how many runs are below the threshold, and a map for each of four weeks."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--quick", action="store_true", help="nine runs in a store of their own")
    quick = options.parse_args().quick
    read, store = read_study(STUDY), STORE
    study = replace(read.study, design=grid(COARSE)) if quick else read.study
    if quick:
        store = STORE.with_name(f"quick_{STORE.name}")
    store.parent.mkdir(exist_ok=True)
    result = sweep(study, store=store, timeout=read.timeout, source=None if quick else read.source)
    print(f"{read.title}: {int((result['status'] == 1).sum())} of {study.n_runs} runs in {store}")
    epds = result["caregiver.epds: weekly"].isel(time=WEEKS)
    minutes = "skin_to_skin.minutes"
    for week, epds_now in zip(WEEKS, epds.transpose("time", ...), strict=True):
        # fewest minutes for each strength of the loop
        least = epds_now[minutes].where(epds_now < SYMPTOMATIC).min(minutes)
        below = int((epds_now < SYMPTOMATIC).sum())
        shares = f"{below} of {epds_now.size} dyads below EPDS {SYMPTOMATIC}"
        needed = (
            f"; {float(least.min()):.4g} to {float(least.max()):.4g} min needed"
            if int(least.count())
            else ""
        )
        print(f"after {week} weeks: {shares}{needed}")
    figure = ox.plots.sweep_panels(
        result.isel(time=WEEKS),
        EPDS,
        over="time",
        x="caregiver.depression.loop_gain",
        y=minutes,
        centre=SYMPTOMATIC,
        contours=[SYMPTOMATIC],
    )
    FIGURE.parent.mkdir(exist_ok=True)
    ox.plots.save(figure, FIGURE)
    print(f"figure: {FIGURE}")


if __name__ == "__main__":
    try:
        main()
    except OxysimError as error:
        sys.exit(f"skin_to_skin_batch: {error}")
