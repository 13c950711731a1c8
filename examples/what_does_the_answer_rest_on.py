"""What does an answer of the model rest on: which parameters, and how many of those were measured?

A dyad in its symptomatic regime gets an hour of skin-to-skin contact a day for five weeks; asked is
its EPDS seven weeks later. Nearly all that the model does not know is let loose at once: a
screening of every parameter (Morris, which needs the extra "sensitivity"), how much of the variance
comes from assumptions in all, and shares of the variance for the parameters that matter most
(Sobol')::

    python examples/what_does_the_answer_rest_on.py
    python examples/what_does_the_answer_rest_on.py --quick
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import oxysim as ox
from oxysim.errors import OxysimError
from oxysim.loop import morris_screening, sobol_sensitivity
from oxysim.plots.loop.sobol_bars import sobol_bars

FIGURE = Path("figures") / "what_does_the_answer_rest_on.png"
DYAD = ox.Dyad.symptomatic("2 weeks")
CONTACT = {"skin_to_skin": ox.SkinToSkin("60 min daily at 11:00 for 5 weeks")}
UNUSED = ("nasal_spray", "massage")  # mechanisms of interventions that this dyad does not get


def uncertain_parameters() -> list[str]:
    """Every parameter whose value dyads or authors differ in, but those of interventions that are
    not given.
    """
    table = ox.parameter_table()
    names = table["name"][table["distribution"] != "fixed"]
    return [name for name in names if not any(f".{unused}." in name for unused in UNUSED)]


def main() -> None:
    """Two tables, a sentence on assumptions, and a figure."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--quick", action="store_true", help="one week, few points")
    quick = options.parse_args().quick
    weeks, trajectories, n, most = ("1 week", 2, 16, 4) if quick else ("12 weeks", 10, 256, 10)
    study = ox.Study(
        DYAD,
        weeks,
        interventions=CONTACT,
        outcomes=["caregiver.epds: final"],
        sample="60 min",
        start="00:00",
        solver=ox.Solver(rtol=1e-3),
    )
    names = uncertain_parameters()

    screened = morris_screening(study, names, trajectories=trajectories)
    print(
        f"EPDS points that moving a parameter over all of its range makes ({screened.runs} runs):"
    )
    print(
        screened.table.head(most)[["input", "status", "mu_star", "mu_star_margin"]].to_string(
            index=False
        )
    )

    indices = sobol_sensitivity(study, names, n=n, each=False)
    print(indices.report())
    few = sobol_sensitivity(study, screened.table["input"].head(most).tolist(), n=n)
    print(few.report())

    figure, axes = ox.plots.panels(2, size=(7.4, 8.6), heights=[2.6, 1])
    sobol_bars(few, axes[0, 0]).set_title(f"The {most} parameters that matter most", loc="left")
    sobol_bars(indices, axes[1, 0], by_status=True).set_title(
        f"All {len(names)} parameters", loc="left"
    )
    FIGURE.parent.mkdir(exist_ok=True)
    ox.plots.save(figure, FIGURE)
    print(f"figure: {FIGURE}")


if __name__ == "__main__":
    try:
        main()
    except OxysimError as error:
        sys.exit(f"what_does_the_answer_rest_on: {error}")
