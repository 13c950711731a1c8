"""A sweep of a spray in a morning without anything else, of 40 min."""

from __future__ import annotations

from typing import Any

from oxysim.families import Dyad, Family
from oxysim.interventions import NasalSpray
from oxysim.schedule import Routine
from oxysim.simulation.scipy_engine import Solver
from oxysim.sweeps import (
    Study,
)

HALF_LIFE = "caregiver.oxytocin.plasma_half_life"
EDGE = "reward -> depression"
QUICK = Solver(rtol=1e-4)
EMPTY = Routine.empty()


def spray_study(design: Any, dyad: Family | None = None, **options: Any) -> Study:
    given_: dict[str, Any] = {
        "interventions": {"spray": NasalSpray("24 IU", at="08:10")},
        "duration": "40 min",
        "routine": EMPTY,
        "solver": QUICK,
        "outcomes": ["caregiver.plasma_oxytocin: maximum", "caregiver.arousal: every 20 min"],
        **options,
    }
    return Study(dyad or Dyad(), design=design, **given_)
