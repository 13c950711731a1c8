"""What do five weeks of daily skin-to-skin contact do against usual care, and do all mothers gain
from it?

Mothers of the community population are screened when their infants are two weeks old; those with an
EPDS of 8 or more enter, half of them hold their infant for an hour a day (some sessions are
missed), some leave. A trial sees the arms; the simulation also knows what contact did to every
single mother, whose twin without contact lived the same life::

    python examples/daily_skin_to_skin.py
    python examples/daily_skin_to_skin.py --quick
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np

import oxysim as ox
from oxysim.errors import OxysimError
from oxysim.trials import Adherence, Dropout, TrialResult, individual

FIGURE = Path("figures") / "daily_skin_to_skin.png"
CHANGE = "change of EPDS"
# points by which the EPDS of one mother must fall to count as changed (Matthey 2004)
RELIABLE = 4.0
SEED = 1


def planned(pool: int) -> ox.Trial:
    """The trial on the first `pool` mothers who meet the criterion of entry."""
    people = ox.Population.named("community")
    mothers, selection = people.select(pool, "epds >= 8", at="2 weeks", seed=SEED)
    print(f"{selection}.")
    return ox.Trial(
        mothers,
        ox.Parallel(
            {"usual care": None, "skin-to-skin": ox.SkinToSkin("60 min daily at 11:00 for 5 weeks")}
        ),
        [
            ox.Endpoint(
                "epds",
                "5 weeks",
                "change",
                adjusted=True,
                name=CHANGE,
                responds="decrease",
                threshold=RELIABLE,
            ),
            ox.Endpoint(
                "epds",
                "12 weeks",
                "change",
                adjusted=True,
                name="change of EPDS, seven weeks after",
            ),
        ],
        visits=[ox.Visit(time, at="10:00") for time in ("2 weeks", "5 weeks", "12 weeks")],
        day=people.schedules(ox.Routine.typical() + ox.DailyLife(), mothers.numbers, seed=SEED),
        adherence=Adherence(missed=0.2),
        dropout=Dropout(monthly=0.05),
        selection=selection,
        life=SEED,
    )


def tell(result: TrialResult) -> None:
    """What the trial finds, and what it cannot see."""
    rows = result.effects()
    for row in rows.itertuples():
        print(
            f"{row.endpoint}: {row.estimate:+.2f} points against usual care (a trial's own 95 %"
            f" interval {row.ci_low:+.2f} to {row.ci_high:+.2f}), p < .05 in"
            f" {100 * row.share_significant:.0f} % of trials"
        )
    truth = result.individual(CHANGE)
    responses = individual(
        truth[["usual care"]].to_numpy().T, truth[["skin-to-skin"]].to_numpy().T, -RELIABLE
    )
    print(f"\n{responses.report()}")
    arms = {name: changes[~np.isnan(changes)] for name, changes in result.readings(CHANGE).items()}
    fell = ", ".join(
        f"{100 * np.mean(changes <= -RELIABLE):.0f} % in {name}" for name, changes in arms.items()
    )
    print(
        f"As measured, an EPDS falls by {RELIABLE:g} points or more in {fell}: the form's own"
        " error and the ups and downs of daily life make such changes too, which a trial without"
        " a second arm would have taken for effects."
    )


def main() -> None:
    """The trial, in words and as a figure."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--quick", action="store_true", help="a small pool and few replications")
    quick = options.parse_args().quick
    pool, n, replications = (24, 16, 20) if quick else (300, 120, 200)
    result = planned(pool).run(n, replications, seed=SEED)
    print(f"{result.flow().to_string(float_format=lambda value: f'{value:.1f}')}\n")
    tell(result)
    figure, axes = ox.plots.panels(2, size=(8, 7.4))
    ox.plots.arms_over_time(result, CHANGE, axes[0, 0])
    ox.plots.waterfall(result, axes[1, 0], ylabel="True effect on the EPDS (points)")
    FIGURE.parent.mkdir(exist_ok=True)
    ox.plots.save(figure, FIGURE)
    print(f"figure: {FIGURE}")


if __name__ == "__main__":
    try:
        main()
    except OxysimError as error:
        sys.exit(f"daily_skin_to_skin: {error}")
