"""How do oxytocin and cortisol in saliva move with an hour of skin-to-skin contact, in mother,
father and infant?

On a neonatal ward, with its standing load of stress. Each parent holds the infant on a day of its
own; samples are taken before, during and after the 60 minutes.

    python examples/skin_to_skin_family.py --quick    # an hour less
"""

import sys
from pathlib import Path

import oxysim as ox

SAMPLES = {"before": "10:45", "during": "11:45", "after": "12:45"}
family = ox.Family(("mother", "father"), infant_age="7 d")
# both parents are at the ward, so the father's working day is left out
day = ox.Routine.typical() + ox.interventions.AmbientStress(0.5)
variables = [
    f"{member}.{signal}"
    for member in ("mother", "father", "infant")
    for signal in ("saliva_oxytocin", "cortisol")
]
hours = "5 h" if "--quick" in sys.argv else "6 h"
results = {}
for holder in ("mother", "father"):
    contact = ox.SkinToSkin("60 min", at="11:00", by=holder)
    results[f"held by {holder}"] = ox.simulate(family, day + contact, hours, variables=variables)

print(f"{'':36}" + "".join(f"{name:>10}" for name in SAMPLES))
for arm, result in results.items():
    holder = arm.removeprefix("held by ")
    for name in (
        f"{holder}.saliva_oxytocin",
        "infant.saliva_oxytocin",
        f"{holder}.cortisol",
        "infant.cortisol",
    ):
        values = [float(result.between(name, at, at)[0, 0]) for at in SAMPLES.values()]
        print(
            f"{arm + ', ' + name:36}"
            + "".join(f"{value:10.2f}" for value in values)
            + f" {result[name].units}"
        )

figure = ox.plots.compare_panels(results, variables, routine=["breastfeed"])
path = Path("figures") / "skin_to_skin_family.png"
path.parent.mkdir(exist_ok=True)
ox.plots.save(figure, path)
print(f"figure: {path}")
