"""Which dose of the nasal spray, how often? Four weeks in a mother who rests in the symptomatic
regime.

A grid of doses and sprays a day (eight are one every three hours, night and day), each compared
with no spray at all. More is not better in this model: the level in blood and brain rises with the
dose, but receptors under sustained agonist desensitise, so that the benefit turns round. How fast
receptors desensitise in the human brain is not known: the model's value is an assumption, and so is
where the best dose lies::

    python examples/spray_dose_by_frequency.py
    python examples/spray_dose_by_frequency.py --quick
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import xarray as xr

import oxysim as ox
from oxysim.sweeps import Study, grid, linspace, sweep

EPDS = "caregiver.epds: mean from 3 weeks to 4 weeks"
OUTCOMES = {
    "Level in blood": "caregiver.plasma_oxytocin: maximum",
    "Receptors that still answer": "caregiver.receptor_availability: mean from 3 weeks to 4 weeks",
    "Warmth": "caregiver.warmth: mean from 3 weeks to 4 weeks",
    "Depressive symptoms": EPDS,
}
FIGURE = Path("figures") / "spray_dose_by_frequency.png"


def main() -> None:
    """The sweep, its best and worst runs in words, and four maps."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument(
        "--quick", action="store_true", help="three doses, two frequencies, coarser samples"
    )
    quick = options.parse_args().quick
    intervals = ["6 h", "24 h"] if quick else ["3 h", "6 h", "12 h", "24 h", "48 h"]
    axes = {"spray.dose": linspace("4 IU", "48 IU", 3 if quick else 12), "spray.every": intervals}
    study = Study(
        ox.Dyad.symptomatic(infant_age="3 months"),
        "4 weeks",
        design=grid(axes),
        interventions={"spray": ox.NasalSpray("24 IU", every="24 h", at="09:00")},
        outcomes=list(OUTCOMES.values()),
        sample="60 min" if quick else "15 min",
        solver=ox.Solver(rtol=1e-4),
    )
    result = sweep(study)
    a_day = 24 / result["spray.every"].values  # the same axis, read as sprays a day
    result = result.assign_coords(
        sprays_a_day=("spray.every", a_day, {"long_name": "sprays a day"})
    )
    untreated = sweep(replace(study, design=None, interventions={})).isel(dyad=0)
    report(result[name_of(result, EPDS)], float(untreated[name_of(untreated, EPDS)]))
    draw(result, untreated)


def name_of(result: xr.Dataset, outcome: str) -> str:
    """The variable that holds an outcome."""
    return next(
        str(name) for name, values in result.items() if values.attrs.get("outcome") == outcome
    )


def report(epds: xr.DataArray, untreated: float) -> None:
    """The runs with the lowest and the highest EPDS."""
    print(f"no spray: mean EPDS of the fourth week {untreated:.2f}")
    for word, position in {"best": epds.argmin(...), "worst": epds.argmax(...)}.items():
        run = epds.isel(position)
        dose, a_day = float(run["spray.dose"]), float(run["sprays_a_day"])
        print(
            f"{word}: {dose:g} IU, {a_day:g} a day: {float(run):.2f}"
            f" ({float(run) - untreated:+.2f})"
        )


def draw(result: xr.Dataset, untreated: xr.Dataset) -> None:
    """Four maps; where the colours are two-sided, white is no spray."""
    figure, axes = ox.plots.panels(2, 2, (11.5, 8.5), sharex=True, sharey=True)
    for (title, outcome), ax in zip(OUTCOMES.items(), axes.flat, strict=True):
        none = float(untreated[name_of(untreated, outcome)])
        ox.plots.sweep_map(
            result,
            outcome,
            "spray.dose",
            "sprays_a_day",
            ax,
            centre=None if title == "Level in blood" else none,
        )
        ax.set_title(
            f"{title} (without spray: {none:.3g})", fontsize=10, fontweight="bold", loc="left"
        )
    for ax in axes.flat:
        ax.label_outer()
    FIGURE.parent.mkdir(exist_ok=True)
    ox.plots.save(figure, FIGURE)
    print(f"figure: {FIGURE}")


if __name__ == "__main__":
    main()
