"""From birth to twelve weeks: what does an hour of skin-to-skin contact a day in the first five
weeks leave behind?

python examples/twelve_weeks.py --quick    # two weeks in place of twelve
"""

import sys
from pathlib import Path

import oxysim as ox
from oxysim.units import with_unit

dyad = ox.Dyad.symptomatic(infant_age="0 d")
day = ox.Routine.typical()
contact = ox.SkinToSkin("60 min daily at 11:00 from day 1 to day 35")
weeks = (0, 1, 2) if "--quick" in sys.argv else (0, 5, 12)
variables = ["caregiver.epds", "caregiver.bond", "infant.methylation"]
options = {
    "start": "00:00",
    "save": "daily",
    "variables": variables,
    "solver": ox.Solver(rtol=1e-4),
}
arms = {
    "usual care": ox.simulate(dyad, day, f"{weeks[-1]} weeks", **options),
    "skin-to-skin": ox.simulate(dyad, day + contact, f"{weeks[-1]} weeks", **options),
}
for name in variables:
    without, treated = (result[name][0] for result in arms.values())
    for week in weeks:
        a, b = (float(course.sel(time=7 * 1440 * week)) for course in (without, treated))
        difference = with_unit(f"{b - a:+.2g}", without.units)
        print(
            f"{name}, week {week:2d}: usual care {a:.3g}, skin-to-skin {b:.3g}, difference"
            f" {difference}"
        )

figure = ox.plots.compare_panels(arms, variables)
path = Path("figures") / "twelve_weeks.png"
path.parent.mkdir(exist_ok=True)
ox.plots.save(figure, path)
print(f"figure: {path}")
