"""How long must daily skin-to-skin contact go on before it may stop, and what does that answer rest
on?

A dyad in its symptomatic regime gets contact of so many hours a day for so many weeks, then none
for half a year. A map shows where it ends, with the doses that seemed to help when they stopped and
did not last; then one length of contact is looked at more closely, round by round, until the
threshold is known to a day or so. Near it a dyad takes its time to go one way or the other, so it
is followed for longer where half a year does not tell. Then which assumptions move the outcome::

    python examples/how_long_must_skin_to_skin_go_on.py
    python examples/how_long_must_skin_to_skin_go_on.py --quick
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import oxysim as ox
from oxysim.loop import Rescue, elasticities
from oxysim.plots.loop.rescue_map import rescue_map
from oxysim.plots.loop.tornado import tornado
from oxysim.sweeps import linspace

FIGURE = Path("figures") / "how_long_must_skin_to_skin_go_on.png"
LONGEST = 104  # weeks of follow-up
MINUTES, COURSE = "skin_to_skin.minutes", "skin_to_skin.course"
CONTACT = {"skin_to_skin": ox.SkinToSkin("60 min daily at 11:00 for 5 weeks")}
# Half a year of two hours a day does not take the model's symptomatic dyad out of its regime: doses
# go beyond what any study gave, to where something happens.
HOURS, WEEKS, LOOKED_AT = ("1 h", "5 h"), ("4 weeks", "36 weeks"), "4 h"
ASKED = [
    "caregiver.depression.set_point",
    "caregiver.depression.loop_gain",
    "caregiver.depression.time_constant",
    "caregiver.bond.bond_time",
    "caregiver.oxytocin.plasma_half_life",
    "reward -> depression",
]


def threshold(minutes: str, followed: int, points: int, rounds: int) -> tuple[float, float, int]:
    """Between which lengths of contact (weeks) the threshold lies, and for how many weeks that took
    to be followed: each round looks closer, and for longer until all have gone one way or the
    other.
    """
    below, least = WEEKS
    contact = {"skin_to_skin": ox.SkinToSkin(f"{minutes} daily at 11:00 for 5 weeks")}
    for _ in range(rounds):
        doses = {COURSE: linspace(below, least, points)}
        while True:
            asked = Rescue(ox.Dyad.symptomatic("2 weeks"), doses, contact, f"{followed} weeks")
            dose = asked.run().threshold(COURSE)
            if dose["settled"] or followed >= LONGEST:
                break
            followed = min(2 * followed, LONGEST)
        shorter, enough = float(dose["below"]), float(dose["least"])
        # where no length is enough, or all are, there is nothing to look at more closely
        if not math.isfinite(shorter + enough):
            break
        below, least = f"{shorter} weeks", f"{enough} weeks"
    return shorter, enough, followed


def main() -> None:
    """The map, the threshold for an hour a day, and what the answer rests on."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument(
        "--quick", action="store_true", help="few doses, a short follow-up, few parameters"
    )
    quick = options.parse_args().quick
    n, followed, points, rounds = (3, 8, 5, 1) if quick else (41, 26, 9, 2)
    doses = {MINUTES: linspace(*HOURS, n), COURSE: linspace(*WEEKS, n)}
    asked = Rescue(ox.Dyad.symptomatic("2 weeks"), doses, CONTACT, f"{followed} weeks")
    if not quick:
        print(asked.estimate().describe())
    rescued = asked.run()
    print(rescued.report())
    below, least, weeks = threshold(LOOKED_AT, followed, points, rounds)
    found = (
        f"{LOOKED_AT} a day for {below:.1f} weeks is too short in this model dyad; {least:.1f}"
        " weeks are enough."
        if math.isfinite(below + least)
        else f"From {WEEKS[0]} to {WEEKS[1]} of {LOOKED_AT} a day there is no threshold."
    )
    print(f"{found} It was followed for {weeks} weeks after that.")
    study = ox.Study(
        ox.Dyad.symptomatic("2 weeks"),
        "2 weeks" if quick else "20 weeks",
        interventions=CONTACT,
        sample="60 min",
        outcomes=["caregiver.epds: final"],
        start="00:00",
        solver=ox.Solver(rtol=1e-4),
    )
    moved = elasticities(study, ASKED[:2] if quick else ASKED)
    print(
        moved.table[["input", "status", "elasticity", "at_low", "at_high"]].to_string(index=False)
    )
    figure, axes = ox.plots.panels(2, size=(7.4, 8.4), heights=[1.5, 1])
    rescue_map(rescued, ax=axes[0, 0])
    tornado(moved, axes[1, 0])
    FIGURE.parent.mkdir(exist_ok=True)
    ox.plots.save(figure, FIGURE)
    print(f"figure: {FIGURE}")


if __name__ == "__main__":
    main()
