"""Which study would tell whether mind-mindedness holds depression up?

What is not known of a population is an ensemble of populations. In each of them the same four
studies are simulated, on the same draws; from how their figures go with the answer follows how much
narrower it would be known after each of them, before any is run. Asked are a number (what comes
back to a symptomatic mother's mood through her mind-mindedness), and whether there is a loop at
all::

    python examples/which_study_would_tell.py
    python examples/which_study_would_tell.py --quick

Without an ensemble that was conditioned on findings the priors alone are asked: then it is said
that what comes out is about wide priors. It takes some minutes; runs are kept in
figures/which_study_would_tell.jsonl, so that whoever stops it goes on there.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

import oxysim as ox
from oxysim.ensembles import PriorTable
from oxysim.errors import OxysimError, UnknownNameError
from oxysim.evidence import Informative, informative
from oxysim.evidence.designs.informative import members_by_weight
from oxysim.interventions import Coaching
from oxysim.loop import AveragedSystem, loop_gain

FOLDER = Path("figures")
NAME = "which_study_would_tell"
MEMBERS = 24
# what mind-mindedness passes on to the dyad; opened together they stop what comes back through it
THROUGH_MIND_MINDEDNESS = (
    "mind_mindedness -> caregiver_oxytocin",
    "mind_mindedness -> sensitivity",
    "mind_mindedness -> synchrony",
    "mind_mindedness -> infant_oxytocin",
)
LOOP_OR_TRAIT = {"loop": ["both", "edge only"], "no loop": ["no loop into mood", "trait only"]}


def gain_through_mind_mindedness(population: ox.Population) -> float:
    """What of a push of mood comes back through mind-mindedness, on the symptomatic dyad's day.

    The dyad has the population's edges; it is asked at the slow states of the default symptomatic
    dyad, where not every population would let it rest.
    """
    dyad = ox.Dyad.symptomatic().with_parameters(dict(population.values))
    # methylation moves over months; a coarse step does for a gain to two digits
    system = AveragedSystem(dyad, held=("infant.methylation",), step=15.0, settle=1)
    return loop_gain(system, system.start, THROUGH_MIND_MINDEDNESS).gain


def main() -> None:
    """Two tables, a figure, and what they mean."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="few dyads and one week: only a look")
    quick = parser.parse_args().quick
    FOLDER.mkdir(exist_ok=True)

    ensemble, is_conditioned = members(quick)
    found = informative(
        designs(quick),
        gain_through_mind_mindedness,
        ensemble=ensemble,
        seeds=(1,) if quick else (1, 2),
        file=FOLDER / f"{NAME}{'_quick' if quick else ''}.jsonl",
    )
    print(found.report())
    loop = found.about(LOOP_OR_TRAIT)
    print(f"\n{loop.report()}\n")
    print(in_words(found, loop, is_conditioned))
    draw(found, loop)


def members(quick: bool) -> tuple[ox.Ensemble, bool]:
    """Some populations of the community's ensemble, or of its priors where none was built."""
    # the diary's four figures need three members each, and one more
    n = 13 if quick else MEMBERS
    try:
        return members_by_weight(ox.Ensemble.named("community"), n), True
    except UnknownNameError:
        return ox.Ensemble.from_priors(PriorTable.named("community"), n, seed=1), False


def designs(quick: bool) -> dict[str, object]:
    """Four studies that somebody might do."""
    pool, weeks = (6, 1) if quick else (32, 8)
    last = f"{weeks} weeks"
    community = ox.Population.named("community").sample(pool, seed=1, infant_age="3 months")
    life = ox.Routine.typical() + ox.DailyLife()
    mood = ox.Endpoint("epds", at=last, adjusted=True)
    saliva = ox.Endpoint("saliva_oxytocin", at=last, member="infant")

    def contact(minutes: int) -> ox.SkinToSkin:
        return ox.SkinToSkin(f"{minutes} min", at="10:00", repeat="daily")

    return {
        "coaching": ox.Trial(
            community,
            ox.Parallel({"usual": None, "coached": Coaching("10 min", at="13:00", repeat="daily")}),
            [mood, saliva, ox.Endpoint("appropriate_comments", at=last)],
            day=life,
        ),
        "spray": ox.Trial(
            community,
            ox.Crossover(
                {
                    "placebo": ox.Placebo(at="10:00"),
                    "spray": ox.NasalSpray("24 IU", at="10:00"),
                },
                period="1 d",
            ),
            [
                # an hour after the spray, at the end of the morning's play
                ox.Endpoint("saliva_oxytocin", at="3 h", member="infant"),
                ox.Endpoint("affectionate_contact", at="3 h", over="15 min"),
            ],
            day=life,
        ),
        "contact": ox.Trial(
            community,
            ox.Parallel({"usual": None, "30 min": contact(30), "2 h": contact(120)}),
            [mood, saliva],
            day=life,
        ),
        "diary": diary(pool, 4 if quick else 14),
    }


def diary(n: int, days: int):  # noqa: ANN201 - a function, as `informative` takes designs
    """A diary of momentary mood, each evening: who is enrolled keeps it and fills in a form."""

    def kept(population: ox.Population, *, seed: int) -> pd.DataFrame:
        day = population.schedules(ox.Routine.typical() + ox.DailyLife(), range(n), seed=seed)
        mothers = population.sample(n, seed=seed, infant_age="3 months")
        lived = ox.simulate(mothers, day, f"{days} d", start="08:00", seed=seed, progress=False)
        evenings = [f"{24 * number + 20} h" for number in range(days)]
        mood = ox.measure(lived, "momentary_mood", at=evenings, seed=seed).values
        close = ox.measure(lived, "affectionate_contact", at=evenings, seed=seed).values
        form = ox.measure(lived, "epds", at=evenings[-1:], seed=seed).values[:, 0]
        return pd.DataFrame(
            {
                "SD of mood over days": mood.std(axis=1, ddof=1),
                "mood goes with affection": slopes(close, mood),
                "mood of one evening with the next": slopes(mood[:, :-1], mood[:, 1:]),
                "EPDS": form,
            }
        )

    return kept


def slopes(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Within each participant, by how much the second moves with the first."""
    x = first - first.mean(axis=1, keepdims=True)
    y = second - second.mean(axis=1, keepdims=True)
    return (x * y).sum(axis=1) / (x**2).sum(axis=1)


def in_words(found: Informative, loop: Informative, is_conditioned: bool) -> str:
    """What the tables mean, with what they do not mean."""
    n = found.sizes[-1]
    lines = []
    for asked, what in ((found, "the gain"), (loop, "whether there is a loop")):
        rows = asked.table[asked.table["n"] == n].sort_values("narrowing", ascending=False)
        best = rows.iloc[0]
        half = best["n for a half"]
        clear = best["narrowing"] > 2 * best["error"]
        lines.append(
            f"Of {what} {best['design']} tells most: {100 * best['narrowing']:.0f} % by {n}"
            f" participants"
            + ("" if clear else ", which few members cannot tell from nothing")
            + (
                "; no number of them would halve the doubt."
                if np.isnan(half)
                else f"; half of the doubt goes with {half:.0f}."
            )
        )
    lines.append(
        "Asked over the ensemble that findings have narrowed."
        if is_conditioned
        else "Asked over wide priors: what findings rule out already still counts as open here."
    )
    lines.append("The model is taken for right: what it has left out, no study here could show.")
    return "\n".join(lines)


def draw(found: Informative, loop: Informative) -> None:
    """Both questions side by side."""
    figure, axes = ox.plots.panels(2, size=(7.4, 6.8))
    ox.plots.narrowing_curves(found, ax=axes[0, 0])
    ox.plots.narrowing_curves(loop, ax=axes[1, 0])
    ox.plots.save(figure, FOLDER / f"{NAME}.png")
    print(f"figure: {FOLDER / f'{NAME}.png'}")


if __name__ == "__main__":
    try:
        main()
    except OxysimError as error:
        sys.exit(f"{NAME}: {error}")
