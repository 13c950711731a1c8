"""Redraw the figures that README.md shows::

python scripts/update_figures.py
python scripts/update_figures.py --all
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import oxysim as ox

ROOT = Path(__file__).parents[1]
FIGURES = ROOT / "docs" / "figures"


def first() -> Any:
    """The README's first example."""
    dyad, day = (
        ox.Dyad.symptomatic(infant_age="5 months"),
        ox.Routine.typical() + ox.Crying("10 min", at="10:45"),
    )
    arms = {"placebo": ox.Placebo(at="10:00"), "oxytocin": ox.NasalSpray("24 IU", at="10:00")}
    results = {
        name: ox.simulate(dyad, day + dose, "6 h", save="1 min") for name, dose in arms.items()
    }
    return ox.plots.compare_panels(results, ["caregiver.warmth", "caregiver.arousal"])


def loop() -> Any:
    """The couplings between caregiver and infant."""
    return ox.plots.loop_diagram()


def of_example(name: str) -> None:
    """The figure that an example draws, when it is run in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(
            [sys.executable, str(ROOT / "examples" / f"{name}.py")], cwd=folder, check=True
        )
        for figure in sorted(Path(folder, "figures").glob("*.png")):
            if (FIGURES / figure.name).exists():
                shutil.copy(figure, FIGURES / figure.name)
                print(f"wrote {FIGURES / figure.name}")


def scoreboard() -> None:
    """The scoreboard in full, which takes some minutes."""
    command = [
        sys.executable,
        "-m",
        "oxysim",
        "evidence",
        "--figure",
        str(FIGURES / "scoreboard.png"),
        "--overwrite",
    ]
    subprocess.run(command, cwd=ROOT, check=True)


def main() -> None:
    """The figures of the README; with --all those of long runs too."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--all", action="store_true", help="the examples' maps and the scoreboard too (minutes)"
    )
    everything = parser.parse_args().all
    for draw in (first, loop):
        ox.plots.save(draw(), FIGURES / f"{draw.__name__}.png", vector=None)
        print(f"wrote {FIGURES / draw.__name__}.png")
    if everything:
        of_example("skin_to_skin_batch")
        of_example("spray_dose_by_frequency")
        scoreboard()


if __name__ == "__main__":
    main()
