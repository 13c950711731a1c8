"""What does one dose of oxytocin spray do to a mother and her infant within a morning?

python examples/first_dyad.py --quick    # a shorter morning
"""

import sys
from pathlib import Path

import oxysim as ox

dyad = ox.Dyad.symptomatic(infant_age="5 months")
day = ox.Routine.typical() + ox.NasalSpray("24 IU", at="10:00")
result = ox.simulate(dyad, day, "4 h" if "--quick" in sys.argv else "6 h", save="1 min")
for name in ("caregiver.central_oxytocin", "infant.central_oxytocin", "caregiver.warmth"):
    peak, minute = float(result.peak(name, "10:00")[0]), int(result.time_of_peak(name, "10:00")[0])
    unit = result[name].units.replace("1", "(scale 1 to 5)")
    print(f"{name}: highest {peak:.1f} {unit} at {minute // 60}:{minute % 60:02d}")

figure = ox.plots.time_courses(
    result, [["mother.central_oxytocin", "infant.central_oxytocin"], "caregiver.warmth"]
)
path = Path("figures") / "first_dyad.png"
path.parent.mkdir(exist_ok=True)
ox.plots.save(figure, path)
print(f"figure: {path}")
