"""Write what is shipped of the model about itself: the usual signals, and the named dyads' resting
states.

A changed model computes its usual signals by itself, on first use. Run this before it is released::

    python scripts/update_reference_day.py
"""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

from oxysim.families import Dyad
from oxysim.model.registry import ROLES
from oxysim.schedule import STAGES, Routine
from oxysim.simulation import reference_signals
from oxysim.simulation.averaging.daily_mean import rest, usual_of

HOUSEHOLDS = [roles for n in range(1, len(ROLES) + 1) for roles in itertools.combinations(ROLES, n)]
DATA = Path(__file__).parents[1] / "src" / "oxysim" / "data"
SYMPTOMATIC = {"caregiver.depression.loop_gain": 2.0}
STARTS = {
    "recovered": {"caregiver.depression": 3.0},
    "symptomatic": {"caregiver.depression": 22.0, "caregiver.bond": 0.3},
}


def write(name: str, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """A CSV file of the package's data, with Unix line ends so that it is the same everywhere."""
    with (DATA / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    print(f"wrote {name}: {len(rows)} rows")


def main() -> None:
    """Both files; the named dyads rest on the usual signals, so those come first."""
    rows: list[tuple[object, ...]] = []
    for household in HOUSEHOLDS:
        for stage in range(len(STAGES)):
            signals = usual_of(household, stage)
            rows += [
                ("+".join(household), stage, *key, f"{signal.mean:.9g}", f"{signal.slope:.9g}")
                for key, signal in signals.items()
            ]
    write("usual_signals.csv", ("household", "stage", "member", "edge", "usual", "slope"), rows)
    digests: list[tuple[object, ...]] = [
        ("+".join(household), stage, reference_signals.reference_digest(household, stage))
        for household in HOUSEHOLDS
        for stage in range(len(STAGES))
    ]
    write("usual_signals_digests.csv", ("household", "stage", "sha256"), digests)
    for cached in (
        reference_signals.shipped_signals,
        reference_signals.household_signals,
        reference_signals.usual_signals,
    ):
        cached.cache_clear()
    named: list[tuple[object, ...]] = []
    for name, start in STARTS.items():
        resting = rest(Dyad(parameters=SYMPTOMATIC, start=start), Routine.typical())
        named += [(name, parameter, value) for parameter, value in SYMPTOMATIC.items()]
        named += [(name, f"caregiver.{k.split('.')[1]}", f"{v[0]:.9g}") for k, v in resting.items()]
    write("named_dyads.csv", ("dyad", "name", "value"), named)


if __name__ == "__main__":
    main()
