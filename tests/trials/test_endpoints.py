"""Endpoints of hand-made courses, means over a stretch, and the tables that report them."""

from __future__ import annotations

import numpy as np
import pytest

from oxysim.families import Family
from oxysim.interventions import (
    PlaySession,
)
from oxysim.simulation.simulate import simulate
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.plan.trial_design import Parallel
from oxysim.trials.plan.visits import Visit
from oxysim.trials.trial import Trial
from tests.support.small_trials import DAY

TIMES = np.array([0.0, 10.0, 20.0]) * DAY
PLACES = {"baseline": 0, "first": 1, "last": 2}
COURSES = np.array(
    [
        [16.0, 9.0, 8.0],
        [16.0, 12.0, 9.0],
        [16.0, np.nan, np.nan],
        [16.0, 15.0, 16.0],
        [0.0, 0.0, 0.0],
    ]
)
OUTCOMES: list[tuple[str, list[float]]] = [
    ("value", [8, 9, np.nan, 16, 0]),
    ("change", [-8, -7, np.nan, 0, 0]),
    ("area", [210, 245, np.nan, 310, 0]),
    ("response (50 %)", [1, 0, np.nan, 0, np.nan]),
    ("response (40 %)", [1, 1, np.nan, 0, np.nan]),
    ("remission (< 9)", [1, 0, np.nan, 0, 1]),
    ("time to remission (< 10)", [10, 20, np.nan, 20, 10]),
]


@pytest.mark.parametrize(("kind", "expected"), OUTCOMES)
def test_endpoints_of_hand_made_courses(kind: str, expected: list[float]) -> None:
    values = Endpoint("epds", "last", kind).outcome(COURSES, TIMES, PLACES)
    assert np.array_equal(values.values, expected, equal_nan=True)
    if values.reached is not None:
        assert np.array_equal(values.reached, [1, 1, np.nan, 0, 1], equal_nan=True)


def test_a_stretch_reads_the_mean_before_the_visit(family: Family) -> None:
    design = Parallel({"nothing": None, "play": PlaySession("30 min", at="09:30")})
    at = [Endpoint("warmth", "2 h"), Endpoint("warmth", "2 h", over="2 h", name="mean")]
    trial = Trial(family, design, at, visits=[Visit("2 h")])
    moment, mean = (
        trial.run(10, 2).individual(endpoint.name)["play - nothing"] for endpoint in trial.endpoints
    )
    # the pool keeps the moments and means that are asked for; each minute of both arms comes from
    # runs of their own
    days = (trial.day, trial.day + PlaySession("30 min", at="09:30"))
    runs = [
        simulate(family, day, "2 h", save="1 min", variables=["caregiver.warmth"]) for day in days
    ]
    lift = runs[1]["caregiver.warmth"] - runs[0]["caregiver.warmth"]
    assert np.allclose(mean, lift.integrate("time") / 120, atol=1e-3)
    assert not np.allclose(moment, mean)


def test_report_and_tables_say_what_was_found(two: Trial) -> None:
    result = two.run(20, 20)
    for text in (
        "parallel arms: usual care, massage",
        "blocked randomisation",
        "20 trials of n = 20",
        "analysed",
    ):
        assert text in result.report()
    effects = result.effects()
    assert effects["contrast"].tolist() == ["massage - usual care"]
    estimates = result.contrasts()["massage - usual care"].estimate
    assert effects["estimate"].iloc[0] == pytest.approx(estimates.mean())
    assert effects["low"].iloc[0] <= effects["estimate"].iloc[0] <= effects["high"].iloc[0]
    study = result.study("name", "question")
    assert study.effects["difference"].iloc[0] == pytest.approx(estimates.mean())
    assert set(study.arms) == {"usual care", "massage"}
