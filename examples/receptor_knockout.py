"""Without oxytocin receptors in the accumbens: is social reward gone while an injected dose is
cleared as before?

python examples/receptor_knockout.py --quick    # half an hour less
"""

import sys
from pathlib import Path

import numpy as np

import oxysim as ox

dyad = ox.Dyad.reference()
day = (
    ox.Routine.typical()
    + ox.IntravenousBolus("1 IU", at="09:00")
    + ox.PlaySession("30 min", at="11:00")
)
knockout = ox.interventions.ReceptorKnockout("accumbens")
hours = "3.5 h" if "--quick" in sys.argv else "4 h"
variables = ["caregiver.reward", "caregiver.plasma_oxytocin", "caregiver.central_oxytocin"]
arms = {
    "intact": ox.simulate(dyad, day, hours, save="1 min", variables=variables),
    "knock-out": ox.simulate(dyad, day + knockout, hours, save="1 min", variables=variables),
}


def half_life(result):
    """Minutes for half of the excess over the baseline to go, from 09:02 to 09:20."""
    plasma = result.between("caregiver.plasma_oxytocin", "09:02", "09:20")[0]
    excess = plasma - float(result.between("caregiver.plasma_oxytocin", "08:59", "08:59")[0, 0])
    return np.log(2) / -np.polyfit(plasma["time"], np.log(excess), 1)[0]


for label, result in arms.items():
    reward = float(result.peak("caregiver.reward", "11:00", "11:30")[0])
    print(
        f"{label}: peak reward in play {reward:.2f}; plasma half-life of the bolus"
        f" {half_life(result):.1f} min"
    )

figure = ox.plots.compare_panels(arms, variables)
path = Path("figures") / "receptor_knockout.png"
path.parent.mkdir(exist_ok=True)
ox.plots.save(figure, path)
print(f"figure: {path}")
