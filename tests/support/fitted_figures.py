"""Small data of a spray, with what the figures of a fit take."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from oxysim.families import Dyad
from oxysim.fitting import (
    Identifiability,
    PredictiveCheck,
    Residuals,
    SampleGrid,
    SamplePoints,
    SamplingDesign,
    SimulatedStudies,
    d_optimal_times,
    feasible_times,
    identifiability_of,
    predictive_check,
    residuals,
    simulate_studies,
)
from oxysim.interventions import NasalSpray
from oxysim.observations import Observations
from oxysim.schedule import Routine

SPRAY = Routine.empty() + NasalSpray("24 IU", at="10:00")
TIMES = np.array([605.0, 620.0, 640.0, 720.0])
ABSORBED, CLEARANCE = "mother.nasal_spray.absorbed_fraction", "mother.oxytocin.clearance"


@cache
def saliva(persons: int = 5) -> Observations:
    """Saliva after a spray, the last sample of every other person below a limit of 100 pg/mL."""
    luck = np.random.default_rng(1)
    levels = np.array([6200.0, 720.0, 170.0, 110.0])
    values = levels * np.exp(0.3 * luck.standard_normal((persons, len(TIMES))))
    below = np.zeros(values.shape, dtype=bool)
    below[::2, -1] = True
    return Observations.from_table(
        pd.DataFrame(
            {
                "person": np.repeat([f"p{k}" for k in range(persons)], len(TIMES)),
                "analyte": "saliva_oxytocin",
                "minutes": np.tile(TIMES, persons),
                "value": np.where(below, np.nan, np.maximum(values, 100.0)).ravel(),
                "censored": np.where(below, "below", "").ravel(),
                "limit": np.where(below, 100.0, np.nan).ravel(),
                "unit": "pg/mL",
            }
        )
    )


@cache
def studies() -> SimulatedStudies:
    return simulate_studies(saliva(), Dyad(), SPRAY, studies=100, start="10:00")


@cache
def errors() -> Residuals:
    return residuals(studies())


@cache
def check() -> PredictiveCheck:
    return predictive_check(studies())


@cache
def told() -> Identifiability:
    plan = SamplePoints("mother", "plasma_oxytocin", TIMES)
    return identifiability_of(plan, Dyad(), SPRAY, [ABSORBED, CLEARANCE], start="10:00")


@cache
def design() -> SamplingDesign:
    grid = SampleGrid(feasible_times("10:05", "12:05", "10 min"), {"mother": "plasma_oxytocin"})
    return d_optimal_times(
        Dyad(), SPRAY, ABSORBED, grid, 2, plan=["10:15", "11:15"], start="10:00", starts=2
    )
