"""Which mothers who screen positive does a treatment take out of depression for good, and which
only while it lasts?

Mothers of the calibrated population who scored 13 or more on the EPDS at six weeks get one of three
treatments in doses from small to large: daily skin-to-skin contact (minutes x weeks), a daily nasal
spray (dose x weeks), weekly coaching (sessions x week in which it begins). They are followed for
half a year after the longest of it, in their ordinary life with its events and moods, each beside
herself without treatment. Of those who would not have recovered anyway, the upper maps show the
share that treatment has below 13 when it stops, the lower ones the share that is there at the end::

    python examples/who_is_rescued.py
    python examples/who_is_rescued.py --quick
    python examples/who_is_rescued.py --store stores/rescued.zarr    # keeps the runs: stop it and
    go on
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes

import oxysim as ox
from oxysim.errors import OxysimError
from oxysim.interventions import Coaching, DailyLife
from oxysim.loop.treatment.dose_map import RescueMap
from oxysim.loop.treatment.rescue import Rescue
from oxysim.plots import sweep_map
from oxysim.population.members import Members
from oxysim.schedule import Intervention
from oxysim.sweeps import linspace

FIGURE = Path("figures") / "who_is_rescued.png"
FEWEST = 5  # of a group, before it is described
SEED = 1  # of the draws and of their lives, before the screening and after it
ASKED = {
    "loop gain": "caregiver.depression.loop_gain",
    "usual level": "caregiver.depression.set_point",
}


def questions(n: int, mothers: int, followed: str) -> dict[str, Rescue]:
    """Three treatments, n x n doses of each."""
    dyads = Members(
        ox.Population.named("community"), mothers, seed=SEED, wanted="epds >= 13", at="6 weeks"
    )
    sessions = np.unique(np.linspace(2, 12, n).round().astype(int)).tolist()
    treatments: dict[str, tuple[Intervention, Mapping[str, Any]]] = {
        "skin_to_skin": (
            ox.SkinToSkin("60 min daily at 11:00 for 10 weeks"),
            {
                "minutes": linspace("30 min", "120 min", n),
                "course": linspace("2 weeks", "12 weeks", n),
            },
        ),
        "spray": (
            ox.NasalSpray("24 IU", at="10:00", repeat="daily", course="10 weeks"),
            {"dose": linspace("8 IU", "48 IU", n), "course": linspace("2 weeks", "12 weeks", n)},
        ),
        "coaching": (
            Coaching(sessions=12),
            {"sessions": sessions, "start": linspace("6 weeks", "18 weeks", n)},
        ),
    }
    life = {"life": DailyLife()}
    return {
        name: Rescue(
            dyads,
            {f"{name}.{field}": values for field, values in doses.items()},
            {name: treatment},
            followed,
            life,
            seed=SEED,
        )
        for name, (treatment, doses) in treatments.items()
    }


def tell(name: str, asked: Rescue, rescue_map: RescueMap) -> None:
    """What came of a treatment, and in whom."""
    print(f"\n{name}\n{rescue_map.report()}")
    need, rescued = rescue_map.in_need.values, rescue_map.rescued.any(rescue_map.doses).values
    never = need & ~rescued
    if min(rescued.sum(), never.sum()) < FEWEST:
        print(
            f"Some dose rescues {int(rescued.sum())}, none {int(never.sum())}: too few to say what"
            " sets them apart."
        )
        return
    dyads = asked.who.take(np.arange(len(asked.who)))
    for words, parameter in ASKED.items():
        value = np.broadcast_to(dyads.value(parameter), need.shape)
        print(
            f"The median {words} is {np.median(value[rescued]):.2f} in the {int(rescued.sum())}"
            f" whom some dose rescues and {np.median(value[never]):.2f} in the {int(never.sum())}"
            " whom none does."
        )


def draw(rescue_map: RescueMap, axes: tuple[Axes, Axes], title: str, bar: bool) -> None:
    """Who is below the cut-off when treatment stops, and who stays there; one colour bar a row,
    from 0 to 1.
    """
    x, y = rescue_map.doses
    for share, ax, label in (
        (rescue_map.share_at_stop, axes[0], "Share below 13 by treatment"),
        (rescue_map.share, axes[1], "Share that is rescued"),
    ):
        sweep_map(
            share, None, x, y, ax, contours=[0.25, 0.5], label=f"{label}, of those in need", bar=bar
        )
    n = int(rescue_map.in_need.sum("dyad").max())
    for ax, when in zip(axes, ("when it stops", "at the end"), strict=True):
        ax.set_title(f"{title}, {when} (n = {n})", fontsize=10, fontweight="bold", loc="left")


def main() -> None:
    """The three treatments, and a figure."""
    about = argparse.RawDescriptionHelpFormatter
    options = argparse.ArgumentParser(description=__doc__, formatter_class=about)
    options.add_argument(
        "--quick", action="store_true", help="few doses and mothers, a short follow-up"
    )
    options.add_argument("--store", type=Path, metavar="DIR", help="keep the runs there")
    arguments = options.parse_args()
    asked = questions(2, 12, "6 weeks") if arguments.quick else questions(6, 100, "26 weeks")
    print(next(iter(asked.values())).who.selection or "")
    maps: dict[str, RescueMap] = {}
    for name, question in asked.items():
        maps[name] = question.run(store=None if arguments.store is None else arguments.store / name)
        tell(name, question, maps[name])
    figure, axes = ox.plots.panels(2, len(maps), (13.0, 7.2))
    for k, (name, question) in enumerate(maps.items()):
        draw(question, (axes[0, k], axes[1, k]), name.replace("_", "-"), bar=k == len(maps) - 1)
    FIGURE.parent.mkdir(exist_ok=True)
    ox.plots.save(figure, FIGURE)
    print(f"\nfigure: {FIGURE}")


if __name__ == "__main__":
    try:
        main()
    except OxysimError as error:
        sys.exit(f"who_is_rescued: {error}")
