"""What does one dose of nasal oxytocin change between a depressed mother and her infant: in calm
play, when it cries?

Runs the published crossover (two sessions, oxytocin and placebo) in both variants on the same
simulated mothers, prints both effect tables and draws the calm and the crying session side by
side::

    python examples/crossover_spray.py
    python examples/crossover_spray.py --quick
"""

from __future__ import annotations

import argparse
from pathlib import Path

import oxysim as ox

FIGURE = Path("figures") / "crossover_spray.png"
SHOWN = {"warmth": "Warmth\n(rating 1-5)", "heart rate in play": "Heart rate in play\n(bpm)"}


def main() -> None:
    """Both variants, their tables, and one figure."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--quick", action="store_true", help="few mothers, few replications")
    size: dict[str, int] = {"n": 8, "replications": 20} if options.parse_args().quick else {}
    mothers, screened = ox.population.symptomatic(16 if size else 140, seed=1)
    print(f"{screened}\n")
    studies = {
        "calm play": ox.protocols.spray_crossover(mothers=mothers, seed=1, **size),
        "crying infant": ox.protocols.spray_crossover(mothers=mothers, seed=1, crying=True, **size),
    }
    figure, axes = ox.plots.panels(len(SHOWN), len(studies), (11.5, 7.6), sharey=True)
    for (name, study), column in zip(studies.items(), axes.T, strict=True):
        print(study.report(), end="\n\n")
        for (outcome, label), ax in zip(SHOWN.items(), column, strict=True):
            one_study = [study.readings[f"{outcome} | {arm}"][0] for arm in ("placebo", "oxytocin")]
            ox.plots.individual_differences(
                *one_study, labels=("placebo", "oxytocin"), ax=ax, ylabel=label
            )
            ax.set_xlabel(name, fontweight="bold")
    figure.suptitle(
        "One simulated crossover: each mother after placebo and after 24 IU of nasal oxytocin"
    )
    FIGURE.parent.mkdir(exist_ok=True)
    ox.plots.save(figure, FIGURE)
    print(f"figure written: {FIGURE}")


if __name__ == "__main__":
    main()
