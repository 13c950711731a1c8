"""Is this dyad at risk of tipping into depression? The recovered dyad with a strong loop, on its
averaged days.

Where its regimes begin and end against the strength of the loop, swept up and down; how many
minutes of skin-to-skin contact a day leave no symptomatic regime to tip into; from which starts it
ends in which regime, how much stress of life events tips it, how fast it comes back from less, and
what its ups and downs show on the way to a fold. That two stable regimes exist in some dyads is an
assumption of the model, not a finding.

    python examples/is_this_dyad_at_risk_of_tipping.py --quick
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

import oxysim as ox
from oxysim.loop import (
    AveragedSystem,
    basins,
    branch,
    hysteresis,
    recovery,
    simulated_signs,
    tipping_pulses,
    warning_signs,
)  # fmt: skip
from oxysim.loop.bifurcation.arclength_walk import Steps
from oxysim.loop.bifurcation.branches import Diagram
from oxysim.plots import basin_map, bifurcation, recovery_curves, warning_panels

GAIN, MINUTES = "caregiver.depression.loop_gain", "skin_to_skin.minutes"
NOISE = ("caregiver.depression.stress_noise_gain", "caregiver.mood.noise_gain")
STRONG = 2.25  # just above the fold at 2.19, where two regimes stand
FAINT = 0.1  # of the usual daily life: with all of it a dyad tips long before a fold is near
CONTACT = {"skin_to_skin": ox.SkinToSkin("20 min daily at 11:00")}
FIGURES = Path("figures")


def branches(system: AveragedSystem, quick: bool) -> Diagram:
    """The regimes against the loop gain, swept up and down, and against daily contact."""
    coarse = Steps(first=0.05, longest=0.25, tolerance=1e-5) if quick else None
    diagram = branch(system, GAIN, 1.0, 4.6, steps=coarse)
    for fold in diagram.folds:
        print(
            f"fold at a loop gain of {fold.p:.3f}, EPDS {fold.x[0]:.1f}; this dyad's is"
            f" {diagram.own:g}"
        )
    swept = hysteresis(system, GAIN, np.linspace(1.0, 4.6, 7 if quick else 25).tolist())
    window = swept.window(least=1.0)
    print(
        "swept up and down, the dyad stays in the recovered regime: no strength of the loop alone"
        " tips it"
        if window is None
        else "swept up and down, the dyad keeps to the regime it comes from at loop gains from"
        f" {window[0]:.2f} to {window[1]:.2f}"
    )
    ox.plots.save(bifurcation(diagram, swept=swept), FIGURES / "tipping_branches.png")

    doses = branch(system, MINUTES, "1 min", "240 min", interventions=CONTACT, steps=coarse)
    for fold in doses.folds:
        print(
            f"from {fold.p:.1f} min of skin-to-skin contact a day on there is no symptomatic"
            " regime to tip into"
        )
    ax = bifurcation(doses, label="Skin-to-skin contact (min a day)")
    ox.plots.save(ax, FIGURES / "tipping_doses.png")
    return diagram


def signs(system: AveragedSystem, diagram: Diagram, quick: bool) -> None:
    """How depression goes up and down under a faint daily life, nearer and nearer to a fold."""
    dyad = system.dyad.with_parameters(
        {name: FAINT * float(system.dyad.value(name)) for name in NOISE}
    )
    faint, life = (
        replace(system, dyad=dyad),
        ox.DailyLife(stress_time="6 weeks", mood_time="2 weeks"),
    )
    # the branch that bends: the symptomatic regime and the threshold below it
    bent = next(curve for curve in diagram.branches if curve.folds)
    theory = warning_signs(faint, bent, noise=life)
    fold, simulated = diagram.folds[0].p, None
    upper = (theory.fold == fold) & (theory.distance > 0.01)
    far, near = (
        np.flatnonzero(upper)[pick(theory.distance[upper])] for pick in (np.argmax, np.argmin)
    )
    print(
        f"in the symptomatic regime, from a loop gain of {theory.values[far]:.2f} to"
        f" {theory.values[near]:.2f} (fold at {fold:.2f}), the EPDS goes up and down by"
        f" {theory.sd[far]:.2f} to {theory.sd[near]:.2f} points (standard deviation), and comes"
        f" back in {theory.recovery[far]:.0f} to {theory.recovery[near]:.0f} days"
    )
    if not quick:
        gains = [2.2, 2.25, 2.4]
        simulated = simulated_signs(
            faint, GAIN, gains, dyads=96, weeks=52, highest=True, noise=life
        )
        shares = [
            f"{100 * departed:.0f} % at {gain:g}"
            for gain, departed in zip(gains, simulated.left, strict=True)
        ]
        print(
            "in the full model these leave the symptomatic regime within a year:"
            f" {', '.join(shares)}"
        )
    ox.plots.save(warning_panels(theory, simulated), FIGURES / "tipping_signs.png")


def main() -> None:
    """Seven answers and five figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="coarser grids, in half a minute")
    quick = parser.parse_args().quick
    FIGURES.mkdir(exist_ok=True)
    # The infant's methylation takes months: it is held, and one settling day is enough. Held, it
    # carries nothing of the loop, which therefore has to be a little stronger.
    dyad = ox.Dyad.recovered().with_parameters({GAIN: STRONG})
    system = AveragedSystem(dyad, held=("infant.methylation",), settle=1)
    diagram = branches(system, quick)

    size = 5 if quick else 21
    regions = basins(
        system,
        ("caregiver.bond", np.linspace(0.4, 0.85, size).tolist()),
        ("caregiver.depression", np.linspace(2.0, 22.0, size).tolist()),
    )
    print(f"{100 * regions.share(0):.0f} % of the starts end in the recovered regime")
    ox.plots.save(basin_map(regions), FIGURES / "tipping_basins.png")

    pulses = tipping_pulses(
        system, [14, 90] if quick else [7, 14, 30, 60, 90, 180, 365], rounds=4 if quick else 8
    )
    for days, least in zip(pulses.days, pulses.size, strict=True):
        text = (
            f"at least {least:.1f} SD of life events"
            if np.isfinite(least)
            else f"more than {pulses.largest:g} SD"
        )
        print(f"stress for {days:.0f} days tips this dyad with {text}")
    if np.isfinite(pulses.size).all():
        short, long = pulses.load[[0, -1]]
        print(
            f"stress in all: {short:.0f} SD-days where it is shortest, {long:.0f} where it is"
            " longest"
        )

    back = recovery(system, [1.0, 3.0, 6.0], days=180.0, every=15.0 if quick else 5.0)
    print(f"a small distance of mood from the regime falls to 1/e in {back.mood:.0f} days")
    ox.plots.save(recovery_curves(back), FIGURES / "tipping_recovery.png")
    signs(system, diagram, quick)
    print(f"figures: {', '.join(str(path) for path in sorted(FIGURES.glob('tipping_*.png')))}")


if __name__ == "__main__":
    main()
