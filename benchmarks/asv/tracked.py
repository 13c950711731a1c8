"""Eight costs that a user meets, followed from commit to commit by airspeed velocity.

Only public names are used, so that one file measures commits on both sides of a rewrite. What is
compiled is compiled in `setup`, before the clock runs. A repeated call finds its dyad settled (a
settled start is kept): what is timed here is the work after that, as in the arms of a trial.

    asv run --python=same --quick    # each once, in the environment that is active
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import oxysim as ox
from oxysim.sweeps import grid

DYADS = 1000  # a block of a sweep is of this order
PATIENCE = 900  # s; compiling in `setup` is the longest, on a busy machine minutes
STUDY = """
title = "Skin-to-skin contact by strength of the loop"
duration = "16 weeks"
start = "00:00"
outcomes = ["caregiver.epds: weekly", "caregiver.bond: final"]

[dyad]
named = "symptomatic"
infant_age = "2 weeks"

[interventions]
skin_to_skin = "skin-to-skin 60 min daily at 11:00 for 5 weeks"

[design]
kind = "grid"

[design.axes]
"skin_to_skin.minutes" = { from = "15 min", to = "120 min", count = 15 }
"caregiver.depression.loop_gain" = { from = 0.5, to = 2.5, count = 17 }
"""


class OneDay:
    """A day of one symptomatic dyad with a spray in it, by each engine."""

    timeout = PATIENCE

    def setup(self) -> None:
        self.dyad = ox.Dyad.symptomatic(infant_age="5 months")
        self.day = ox.Routine.typical() + ox.NasalSpray("24 IU", at="10:00")
        self.time_compiled()

    def time_scipy(self) -> None:
        ox.simulate(self.dyad, self.day, "1 d", engine="scipy")

    def time_compiled(self) -> None:
        ox.simulate(self.dyad, self.day, "1 d", engine="compiled")


class ManyDyads:
    """A thousand different dyads over a day, on every core, as a block of a sweep computes them."""

    timeout = PATIENCE
    unit = "core-ms per dyad-day"

    def setup(self) -> None:
        self.dyads = ox.population.sample(DYADS, seed=1)
        self._run()  # compiles, and settles every dyad

    def _run(self) -> None:
        ox.outcomes(
            self.dyads,
            ox.Routine.typical(),
            "1 d",
            ["caregiver.warmth: mean"],
            engine="compiled",
        )

    def track_core_time_per_dyad_day(self) -> float:
        # Core time of all threads: what else the machine does moves it less than the wall's.
        begin = time.process_time()
        self._run()
        return 1000 * (time.process_time() - begin) / DYADS


class Sweep:
    """24 runs of six hours in this process, kept in a store on disk."""

    timeout = PATIENCE

    def setup(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.runs = 0
        self.time_with_a_store()

    def teardown(self) -> None:
        self.folder.cleanup()

    def time_with_a_store(self) -> None:
        study = ox.Study(
            ox.Dyad.symptomatic(),
            "6 h",
            grid(
                {
                    "spray.dose": ["8 IU", "16 IU", "24 IU", "32 IU"],
                    "caregiver.depression.loop_gain": [0.5, 0.8, 1.1, 1.4, 1.7, 2.0],
                }
            ),
            interventions={"spray": ox.NasalSpray("24 IU", at="10:00")},
            outcomes=["caregiver.plasma_oxytocin: maximum"],
        )
        self.runs += 1  # no store is written over: each run makes its own
        ox.sweep(study, store=Path(self.folder.name) / f"{self.runs}.zarr", workers=1)


class Trial:
    """A crossover of 16 participants from a pool of 40, in 100 replications."""

    timeout = PATIENCE

    def setup(self) -> None:
        mothers = ox.population.sample(40, seed=1)
        self.trial = ox.Trial(
            mothers,
            ox.Crossover(
                {"placebo": ox.Placebo(at="10:00"), "spray": ox.NasalSpray("24 IU", at="10:00")},
                period="4 h",
                washout="7 d",
            ),
            [ox.Endpoint("warmth", "180 min", name="warmth")],
            day=ox.Routine.typical(),
        )
        self.time_run()

    def time_run(self) -> None:
        self.trial.run(16, replications=100, seed=2)


class Loop:
    """Every steady cycle of one dyad, with its stability."""

    timeout = PATIENCE

    def setup(self) -> None:
        self.dyad = ox.Dyad.symptomatic()
        self.time_regimes()

    def time_regimes(self) -> None:
        ox.loop.regimes(self.dyad)


class Door:
    """What comes before anything is computed."""

    timeout = PATIENCE

    def setup(self) -> None:
        from oxysim.studies import read_study

        self.read_study = read_study
        self.folder = tempfile.TemporaryDirectory()
        self.file = Path(self.folder.name) / "study.toml"
        self.file.write_text(STUDY, encoding="utf-8")

    def teardown(self) -> None:
        self.folder.cleanup()

    def timeraw_import(self) -> str:
        return "import oxysim; oxysim.simulate"

    def time_read_a_study_file(self) -> None:
        self.read_study(self.file)
