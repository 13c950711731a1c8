"""Redraw the figures that README.md shows::

python scripts/update_figures.py
"""

from __future__ import annotations

from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import oxysim as ox

FIGURES = Path(__file__).parents[1] / "docs" / "figures"


def main() -> None:
    """The README's first example, and the loop."""
    dyad, day = ox.Dyad.symptomatic(infant_age="5 months"), ox.Routine.typical()
    spray = ox.NasalSpray("24 IU", at="10:00")
    calm = ox.simulate(dyad, day + spray, "6 h")
    crying = ox.simulate(dyad, day + spray + ox.Crying("10 min", at="10:45"), "6 h")
    for name, ax in (
        ("first.png", ox.plots.compare([calm, crying], ["calm", "crying"], "caregiver.arousal")),
        ("loop.png", ox.plots.loop_diagram()),
    ):
        ax.figure.savefig(FIGURES / name, dpi=110)
        print(f"wrote {FIGURES / name}")


if __name__ == "__main__":
    main()
