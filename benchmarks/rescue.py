"""The rescue maps of one dyad and of a population: what they say, what they cost, and what a finer
solver would say.

Map 1: 41 x 41 doses of daily skin-to-skin contact (minutes x weeks) for one symptomatic dyad. Maps
2 and 3: 11 x 11 of them for 200 dyads of the calibrated population who screened positive at six
weeks, without and with daily-life noise after that. All are followed for half a year after the
longest treatment. Each map is made through the sweep engine; its prediction stands beside what it
took: wall time, and core time (user and system, of this process and its workers), which other jobs
on the machine do not lengthen as much. What a store holds already is not made again, nor counted.

Then some of the doses are made again by a solver a thousand times finer: how far the EPDS at the
end strays, and how many runs end on another side of the cut-off.

    pip install "oxysim[fast,store]"
    python benchmarks/rescue.py [--quick] [--only dyad still noise] [--store DIR] [--workers N]
"""

from __future__ import annotations

import argparse
import functools
import os
import resource
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import oxysim as ox
from oxysim.interventions import DailyLife
from oxysim.loop.treatment.dose_map import RescueMap
from oxysim.loop.treatment.rescue import Rescue
from oxysim.population.members import Members
from oxysim.sweeps import linspace
from oxysim.sweeps.cost_estimate import CostEstimate, duration_words
from oxysim.sweeps.store.zarr_store import open_study

MINUTES, COURSE = "skin_to_skin.minutes", "skin_to_skin.course"
CONTACT = {"skin_to_skin": ox.SkinToSkin("60 min daily at 11:00 for 5 weeks")}
MAPS = {
    "dyad": "one symptomatic dyad",
    "still": "a population",
    "noise": "a population with daily-life noise",
}
FINE = ox.Solver(rtol=1e-6)
SEED = 1
CHECKED = 3  # values of the first dose that are made again; of a population also of the second
ASKED = 360.0  # seconds of wall time on two cores


class Cost(NamedTuple):
    """Seconds of wall time, and of all processors together."""

    wall: float
    cores: float


def doses(n: int) -> dict[str, Any]:
    """n x n doses of contact."""
    return {MINUTES: linspace("30 min", "120 min", n), COURSE: linspace("1 weeks", "10 weeks", n)}


@functools.cache
def people(n: int) -> Members:
    """Dyads of the calibrated population who screened positive: the same for both maps."""
    return Members(
        ox.Population.named("community"), n, seed=SEED, wanted="epds >= 13", at="6 weeks"
    )


def question(name: str, quick: bool) -> Rescue:
    """What one of the maps asks."""
    followed = "8 weeks" if quick else "26 weeks"
    if name == "dyad":
        return Rescue(ox.Dyad.symptomatic("2 weeks"), doses(4 if quick else 41), CONTACT, followed)
    life = {"life": DailyLife()} if name == "noise" else {}
    who = people(10 if quick else 200)
    return Rescue(who, doses(3 if quick else 11), CONTACT, followed, life, seed=SEED)


def spent() -> Cost:
    """The time until now."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return Cost(time.perf_counter(), sum(one.ru_utime + one.ru_stime for one in used))


def since(begun: Cost) -> Cost:
    """The time since then."""
    return Cost(*(now - before for now, before in zip(spent(), begun, strict=True)))


def missing(asked: Rescue, place: Path | None) -> float:
    """The share of the treated runs that a store does not hold yet."""
    if place is None or not (place / "treated").exists():
        return 1.0
    held = open_study(place / "treated")
    return len(held.missing) / held.n_blocks


def report(asked: Rescue, cost: Cost, predicted: CostEstimate, share: float) -> None:
    """What a map cost, and what was predicted of the share of it that had to be made."""
    days = (asked.study.window[1] - asked.study.window[0]) / 1440
    made = share * asked.study.n_runs
    # a run without treatment costs as much as one with
    every = (made + (asked.untreated.n_runs if share else 0)) * days
    wall, cores = share * (predicted.seconds or 0.0), made * (predicted.seconds_per_run or 0.0)
    each = f"{1e3 * cost.cores / every:.3f} core-ms a dyad-day" if every else "nothing to be made"
    print(
        f"  {asked.study.n_runs} treated runs of {days:g} d, {100 * share:.0f} % of them made "
        "now: wall time "
        f"{duration_words(cost.wall)} (predicted {duration_words(wall)} on an idle machine; load "
        f"{os.getloadavg()[0]:.1f}), core time {duration_words(cost.cores)} (predicted "
        f"{duration_words(cores)}), "
        f"{each}"
    )


def check(asked: Rescue, found: RescueMap, running: Mapping[str, Any]) -> None:
    """Some of the doses by a finer solver."""
    some = {}
    for axis in asked.design.axes:
        every = axis.name == COURSE and "dyad" not in found.at_end.dims
        places = (
            range(len(axis))
            if every
            else np.unique(np.linspace(0, len(axis) - 1, CHECKED).round().astype(int))
        )
        some[axis.name] = [axis.entry(i) for i in places]
    begun = spent()
    # as long as the whole map, so that a check of shorter treatments ends on the same day
    fine = replace(asked, doses=some, solver=FINE).run(**running)
    cost = since(begun)
    chosen = {name: found.at_end[name].isin(fine.at_end[name]) for name in some}
    coarse = found.at_end.isel({name: np.flatnonzero(one.values) for name, one in chosen.items()})
    apart = np.abs(coarse.values - fine.at_end.values)
    changed = (coarse.values < asked.cut_off) != (fine.at_end.values < asked.cut_off)
    print(
        f"  {apart.size} of the runs at rtol {FINE.rtol:g} (core time "
        f"{duration_words(cost.cores)}): EPDS at the end "
        f"strays by {np.median(apart):.1e} in the median, {apart.max():.1e} at most; "
        f"{int(changed.sum())} end on "
        "another side of the cut-off"
    )


def make(name: str, options: argparse.Namespace) -> None:
    """One of the maps."""
    print(f"\n{MAPS[name]}, {'quick' if options.quick else 'in full'}")
    running: dict[str, Any] = {"workers": options.workers}
    place = (
        None
        if options.store is None
        else options.store / f"{name}{'_quick' if options.quick else ''}.zarr"
    )
    begun = spent()
    asked = question(name, options.quick)
    if isinstance(asked.who, Members) and not asked.who.screened:
        _ = asked.who.dyads
        print(f"  screening: {asked.who.selection}; core time "
              f"{duration_words(since(begun).cores)}")  # fmt: skip
    predicted = asked.estimate(workers=options.workers, on_disk=place is not None)
    print(f"  estimate: {predicted.describe()}", flush=True)
    share = missing(asked, place)
    begun = spent()
    found = asked.run(store=place, **running)
    cost = since(begun)
    report(asked, cost, predicted, share)
    if not options.quick and share == 1.0 and cost.wall > ASKED:
        print(f"  that is longer than the {duration_words(ASKED)} that are asked for")
    print("  " + found.report().replace("\n", "\n  "))
    if "dyad" not in found.at_end.dims:
        least = found.threshold(COURSE).isel(
            {MINUTES: slice(None, None, 1 if options.quick else 5)}
        )
        every = zip(least[MINUTES].values, least["least"].values, least["sure"].values, strict=True)
        each = ", ".join(
            f"{minutes:.4g}: {weeks:.3g} ({sure:.3g})" for minutes, weeks, sure in every
        )
        print(f"  weeks needed, by minutes a day (for sure): {each}")
    check(asked, found, running)


def main(given: Sequence[str] | None = None) -> None:
    """Make the maps, one after the other."""
    about = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=about)
    parser.add_argument(
        "--quick", action="store_true", help="few doses and dyads, a short follow-up (a minute)"
    )
    parser.add_argument(
        "--only", nargs="+", choices=MAPS, default=list(MAPS), metavar="MAP", help=", ".join(MAPS)
    )
    parser.add_argument(
        "--store",
        type=Path,
        metavar="DIR",
        help="keep the runs there, and go on with what is there",
    )
    parser.add_argument(
        "--workers", type=int, metavar="N", help="worker processes; default one a processor"
    )
    options = parser.parse_args(given)
    for name in options.only:
        make(name, options)


if __name__ == "__main__":
    main()
