"""Which five samples after a nasal spray tell most, and would they tell two explanations apart?

A study has five saliva or plasma samples a mother to spend in the four hours after a spray of 24
IU. What could they tell of how much is absorbed and how fast, and what not, however many mothers
take part? When should they be taken, in place of the usual 10, 30, 60, 120 and 180 minutes? Would a
dose of 40 IU be worth more? And would they tell slow absorption from slow clearance?::

    python examples/which_five_sampling_times.py
    python examples/which_five_sampling_times.py --quick

Prints what the usual plan tells and leaves open, the best times with the gain over it, the best
times to tell the two explanations apart with the number of mothers that takes, and draws
figures/which_five_sampling_times.png.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import oxysim as ox
from oxysim.errors import OxysimError
from oxysim.fitting import (
    SampleGrid,
    SamplePoints,
    d_optimal_times,
    feasible_times,
    identifiability_of,
    t_optimal_times,
)

FOLDER = Path("figures")
NAME = "which_five_sampling_times"
ABSORBED = "mother.nasal_spray.absorbed_fraction"
DEPOT = "mother.nasal_spray.depot_half_life"
CLEARANCE = "mother.oxytocin.clearance"
BASAL = "mother.oxytocin.plasma_basal"
USUAL = ["10:10", "10:30", "11:00", "12:00", "13:00"]


def sprayed(dose: str) -> object:
    """A morning in the laboratory with a spray at 10:00."""
    return ox.Routine.empty() + ox.NasalSpray(dose, at="10:00")


def main() -> None:
    """What the usual plan tells, better times, and times that tell two explanations apart."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a coarse grid of times: only a look")
    quick = parser.parse_args().quick
    FOLDER.mkdir(exist_ok=True)

    mother, day = ox.Dyad(), sprayed("24 IU")
    minutes = [60 * int(clock[:2]) + int(clock[3:]) for clock in USUAL]
    plan = SamplePoints("mother", "plasma_oxytocin", minutes)
    told = identifiability_of(plan, mother, day, [ABSORBED, DEPOT, CLEARANCE, BASAL], start="10:00")
    print(told.report())

    # nobody draws blood twice within ten minutes, nor in the first five
    every = "10 min" if quick else "5 min"
    times = feasible_times("10:10", "14:00", every)
    grid = SampleGrid(times, {"mother": "plasma_oxytocin"}, "10 min")
    doses = {dose: sprayed(dose) for dose in ("24 IU", "40 IU")}
    design = d_optimal_times(
        mother, doses, [ABSORBED, DEPOT], grid, 5, nuisance=BASAL, plan=USUAL, start="10:00"
    )
    print(f"\n{design.report()}\n\n{design.schedules().to_string(index=False)}")

    # slow absorption, or a slow clearance: each could look like the other
    slow = ox.Dyad(parameters={DEPOT: 35.0})
    apart = t_optimal_times(
        slow, mother, day, [ABSORBED, CLEARANCE, BASAL], grid, 5, plan=USUAL, start="10:00"
    )
    print(f"\nSlow absorption, or any clearance and absorbed share?\n{apart.report()}")

    figure, axes = ox.plots.panels(2, size=(7.4, 6.4))
    ox.plots.sampling_time_curves(design, ax=axes[0, 0])
    axes[0, 0].set_title("To tell absorption", loc="left")
    ox.plots.sampling_time_curves(apart, ax=axes[1, 0])
    axes[1, 0].set_title("To tell slow absorption from slow clearance", loc="left")
    ox.plots.save(figure, FOLDER / f"{NAME}.png")
    print(f"figure: {FOLDER / f'{NAME}.png'}")


if __name__ == "__main__":
    try:
        main()
    except OxysimError as error:
        sys.exit(f"{NAME}: {error}")
