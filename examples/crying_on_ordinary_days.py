"""What does the crying of ordinary days do to a mother, and is it the infant that cries most whose
mother feels worst?

Mothers of the community live the first weeks with infants that fuss and cry as parents' diaries
have it, and, the same mothers again, with infants that never cry. What an infant cries is drawn for
each dyad: bouts of fussing and of full cry, most of them in the evening, more of them in some
infants than in others::

    python examples/crying_on_ordinary_days.py
    python examples/crying_on_ordinary_days.py --quick
"""

import sys
from pathlib import Path

import numpy as np

import oxysim as ox
from oxysim.model.inputs import INFANT_CHANNELS
from oxysim.units import DAY, HOUR, WEEK

QUICK = "--quick" in sys.argv
N, WEEKS = (8, 2) if QUICK else (60, 12)
SEED = 1

day = ox.Routine.typical()
crying = ox.DailyCrying()
mothers = ox.Population.named("community").sample(N, seed=SEED, infant_age="0 d")
options = {
    "start": "00:00",
    "save": "6 h",
    "seed": SEED,
    "variables": ["caregiver.epds"],
    "solver": ox.Solver(rtol=1e-4),
}
lives = {
    "no crying": ox.simulate(mothers, day, f"{WEEKS} weeks", **options),
    "ordinary crying": ox.simulate(mothers, day + crying, f"{WEEKS} weeks", **options),
}

# what each infant cries: its realised schedule says so to the second
CRYING = list(INFANT_CHANNELS).index("crying")
plans = [
    (day + crying).realise(0.0, WEEKS * WEEK, seed=SEED, dyad=number) for number in mothers.numbers
]


def minutes(first: float, last: float) -> np.ndarray:
    """Minutes of fussing and crying a day between two ages (minutes), one an infant."""
    totals = []
    for plan in plans:
        part = plan.between(first, last)
        cries = part.levels["infant"][:, CRYING] > 0
        totals.append(np.diff(part.edges)[cries].sum() / ((last - first) / DAY))
    return np.array(totals)


for week in range(2, WEEKS + 1, 2):
    cried = minutes((week - 1) * WEEK, week * WEEK)
    print(f"week {week:2d}: {cried.mean():3.0f} min a day, SD between infants {cried.std():2.0f}")
# a third of a day long, so that a third of the rate a day falls into it
evenings = [minutes(d * DAY + 16 * HOUR, (d + 1) * DAY).mean() / 3 for d in range(WEEKS * 7)]
print(f"from 16:00 to midnight: {np.mean(evenings) / minutes(0.0, WEEKS * WEEK).mean():.0%} of it")

# what it does to the mothers, each against herself with a quiet infant
epds = {name: run["caregiver.epds"].values for name, run in lives.items()}
change = (epds["ordinary crying"] - epds["no crying"])[:, -28:].mean(axis=1)
cried = minutes(0.0, WEEKS * WEEK)
print(
    f"EPDS of the last week: {change.mean():+.2f} points with crying (from {change.min():+.2f} to"
    f" {change.max():+.2f} between mothers)"
)
print(f"correlation with how much her infant cried: {np.corrcoef(cried, change)[0, 1]:+.2f}")
colic = cried > 1.5 * cried.mean()
if colic.any():
    print(
        f"infants that cried half as much again as the average ({colic.sum()} of {N}): EPDS"
        f" {change[colic].mean():+.2f} points, others {change[~colic].mean():+.2f}"
    )

figure = ox.plots.compare_panels(lives, ["caregiver.epds"])
path = Path("figures") / "crying_on_ordinary_days.png"
path.parent.mkdir(exist_ok=True)
ox.plots.save(figure, path)
print(f"figure: {path}")
