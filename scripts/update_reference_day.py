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
from oxysim.loop import regimes
from oxysim.model.registry import ROLES
from oxysim.schedule import STAGES, Routine
from oxysim.simulation import reference_signals
from oxysim.simulation.averaging.daily_mean import rest, usual_of

HOUSEHOLDS = [roles for n in range(1, len(ROLES) + 1) for roles in itertools.combinations(ROLES, n)]
DATA = Path(__file__).parents[1] / "src" / "oxysim" / "data"
# The upper regime reads about EPDS 18, near the mean of mothers with a diagnosis, and stands clear
# of the fold below which there is none (about 2.0).
SYMPTOMATIC = {"caregiver.depression.loop_gain": 2.15}


def write(name: str, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    """A CSV file of the package's data, with Unix line ends so that it is the same everywhere."""
    with (DATA / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    print(f"wrote {name}: {len(rows)} rows")


def write_usual_signals() -> None:
    """The usual signals of every household at every stage, and what they were computed from."""
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


def write_named_dyads() -> None:
    """The two stable regimes of a dyad with a strong loop, on the usual signals as they are now."""
    found = regimes(Dyad(parameters=SYMPTOMATIC), starts=0)
    named: list[tuple[object, ...]] = []
    for name, regime in zip(("recovered", "symptomatic"), found.stable, strict=True):
        named += [(name, parameter, value) for parameter, value in SYMPTOMATIC.items()]
        # A start is the mean of its day, of the infant's methylation too: without its own share the
        # upper regime of this dyad would not stand. From there by the minute, since the steps of
        # averaged days are coarser.
        start = {state: float(regime.means[state]) for state in found.system.names}
        resting = rest(Dyad(parameters=SYMPTOMATIC, start=start), Routine.typical())
        start |= {state: float(value[0]) for state, value in resting.items()}
        named += [
            (name, state.replace("mother.", "caregiver."), f"{value:.9g}")
            for state, value in start.items()
        ]
    write("named_dyads.csv", ("dyad", "name", "value"), named)


def main() -> None:
    """Both files; the named dyads rest on the usual signals, so those come first."""
    write_usual_signals()
    write_named_dyads()


if __name__ == "__main__":
    main()
