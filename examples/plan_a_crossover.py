"""How many mothers does a crossover of nasal oxytocin need to see what it does to warmth, and why
does the same trial see nothing in the mother's cortisol?

Every mother comes twice, a week apart, once for the spray and once for placebo, and plays with her
infant 45 minutes later. The trial is replicated some hundred times at each size, which gives its
power for both endpoints, and the true effects in the pool of simulated mothers say why one of them
is out of reach::

    python examples/plan_a_crossover.py
    python examples/plan_a_crossover.py --quick

The population's numbers are partly fitted and partly assumed: what is planned here is an example,
not advice.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

import oxysim as ox
from oxysim.errors import InputError
from oxysim.trials import PowerCurve, TrialResult

FIGURE = Path("figures") / "plan_a_crossover.png"
WARMTH, CORTISOL = "warmth in play", "mother's cortisol"
SEED = 1
# standard errors that an effect must be away from 0 for 80 % power at the 5 % level
DETECTED = 1.96 + 0.84


def planned(pool: int) -> ox.Trial:
    """The trial on a pool of mothers of the community with infants of five months; some of them
    bottle-feed.
    """
    people = ox.Population.named("community")
    mothers = people.sample(pool, seed=SEED, infant_age="5 months")
    return ox.Trial(
        mothers,
        ox.Crossover(
            {"placebo": ox.Placebo(at="10:00"), "oxytocin": ox.NasalSpray("24 IU", at="10:00")},
            period="4 h",
            washout="7 d",
        ),
        [
            # play from 10:45, the day begins at 08:00; less than a fifth of a point would not be
            # noticed (assumed)
            ox.Endpoint(
                "warmth", "180 min", over="15 min", name=WARMTH, responds="increase", threshold=0.2
            ),
            ox.Endpoint("salivary_cortisol", "190 min", name=CORTISOL),
        ],
        day=people.schedules(ox.Routine.typical(), mothers.numbers, seed=SEED),
        life=SEED,
    )


def said(curve: PowerCurve) -> str:
    """What a power curve says of the number of participants."""
    try:
        return str(curve.n_for(0.8))
    except InputError as outside:
        return str(outside)


def why(result: TrialResult, name: str) -> str:
    """The true effect, how much of it readings show, and what else moves a single reading."""
    readings = result.readings(name)
    difference = readings["oxytocin"] - readings["placebo"]
    effect, noise = (
        float(result.individual(name)["oxytocin - placebo"].mean()),
        float(np.nanstd(difference, ddof=1)),
    )
    unit, seen = result.trial.endpoint(name).unit, float(np.nanmean(difference))
    evident = abs(seen) > 3 * noise / np.sqrt(np.isfinite(difference).sum())
    measured = (
        f"readings show {seen:+.3g} of it"
        if evident
        else "too little for all these readings to show it"
    )
    needed = float(f"{(DETECTED * noise / (seen if evident else effect)) ** 2:.2g}")
    return (
        f"{name}: the true effect is {effect:+.3g} {unit} on average, {measured}; two readings of"
        f" one mother differ by {noise:.3g} {unit} (standard deviation) anyway. So it takes about"
        f" {needed:,.0f} mothers for 80 % power"
    )


def main() -> None:
    """Power for both endpoints, what stands behind it, and one figure."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--quick", action="store_true", help="a small pool and few replications")
    quick = options.parse_args().quick
    pool, replications, sizes = (
        (60, 60, [8, 16, 32]) if quick else (600, 500, [8, 16, 32, 64, 128, 192])
    )
    trial = planned(pool)
    curves = {
        name: ox.power(trial, name, n=sizes, replications=replications, seed=2)
        for name in (WARMTH, CORTISOL)
    }
    for name, curve in curves.items():
        print(f"{name}: {said(curve)}")
    result = trial.run(max(sizes), replications, seed=2)
    print("\nWhy:")
    for name in curves:
        print(f"  {why(result, name)}")
    print(
        "Ratings end at 5, so that a mother near the top can be seen to fall but not to rise. In"
        " calm play nothing raises cortisol, so that oxytocin has nothing to dampen; the salivary"
        " sample's own error and the day's rhythm do the rest. A null result there says little"
        " about the spray."
    )
    figure, axes = ox.plots.panels(2, size=(8, 7))
    ox.plots.power_curve(curves, axes[0, 0])
    ox.plots.waterfall(result, axes[1, 0], ylabel="True effect on warmth (rating 1-5)")
    FIGURE.parent.mkdir(exist_ok=True)
    ox.plots.save(figure, FIGURE)
    print(f"figure: {FIGURE}")


if __name__ == "__main__":
    main()
