"""Outcomes kept on the fly: the same as those of the whole course, in memory that does not grow
with the duration.
"""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from oxysim.errors import InputError
from oxysim.families import Dyad
from oxysim.interventions import NasalSpray, SkinToSkin
from oxysim.population import sample
from oxysim.schedule import Routine
from oxysim.simulation import run as prepared
from oxysim.simulation.results import sampling
from oxysim.simulation.results.outcomes import outcome
from oxysim.simulation.scipy_engine import Solver
from oxysim.simulation.simulate import simulate
from oxysim.simulation.simulate_outcomes import outcomes

DAY = Routine.typical() + NasalSpray("24 IU", at="10:00", repeat="daily")


@pytest.mark.parametrize("engine", ["scipy", "compiled"])
def test_outcomes_and_results_say_the_same_of_a_course(engine: str) -> None:
    family = sample(8, seed=1)
    keep = [
        "caregiver.warmth: daily mean",
        "infant.cortisol: maximum from 09:10 to 11:20",
        "caregiver.epds: final",
        "caregiver.saliva_oxytocin: area from 09:50 to 10:30",
    ]
    dataset = outcomes(family, DAY, "1 d", keep, engine=engine)
    course = simulate(family, DAY, "1 d", save="15 min", engine=engine)
    near = dict(rtol=2e-6)
    np.testing.assert_allclose(
        dataset[keep_name(keep[0])].values[:, 0], course.mean("caregiver.warmth"), **near
    )
    np.testing.assert_allclose(
        dataset[keep_name(keep[1])], course.peak("infant.cortisol", "09:10", "11:20"), **near
    )
    np.testing.assert_allclose(
        dataset[keep_name(keep[2])], course["caregiver.epds"].isel(time=-1), **near
    )
    area = course.area("caregiver.saliva_oxytocin", "09:50", "10:30")
    np.testing.assert_allclose(dataset[keep_name(keep[3])], area, **near)
    assert dataset["caregiver.warmth: daily mean"].attrs["units"] == "1"
    assert dataset["caregiver.warmth: daily mean"].dims == ("dyad", "day")


def keep_name(text: str) -> str:
    """The name of an outcome in a dataset."""
    return outcome(text).name


@pytest.mark.parametrize("engine", ["scipy", "compiled"])
def test_pieces_say_what_the_whole_says(engine: str, monkeypatch: pytest.MonkeyPatch) -> None:
    family = sample(3, seed=2)
    day = Routine.typical(jitter="10 min") + SkinToSkin("60 min", at="11:00", day="day 154")
    keep = ["caregiver.warmth: mean", "infant.arousal: maximum", "caregiver.epds: every 6 h"]
    whole = outcomes(family, day, "30 h", keep, engine=engine, seed=4)
    monkeypatch.setattr(prepared, "CHUNK_TIMES", 3)
    monkeypatch.setattr(sampling, "CHUNK", 137.0)
    pieces = outcomes(family, day, "30 h", keep, engine=engine, seed=4)
    for name in ("caregiver.warmth: mean", "infant.arousal: maximum", "caregiver.epds: every 6 h"):
        np.testing.assert_allclose(pieces[name], whole[name], rtol=2e-6)


def test_a_dyad_that_fails_is_not_a_number_and_has_its_reason() -> None:
    dataset = outcomes(
        sample(8, seed=1),
        DAY,
        "6 h",
        ["caregiver.epds: final"],
        solver=Solver(rtol=1e-9, max_evaluations=100),
    )
    assert (dataset["status"] == "failed").all()
    assert np.isnan(dataset["caregiver.epds: final"]).all()
    assert "Solver.max_evaluations" in str(dataset["reason"].values[0])


def test_what_is_kept_must_be_said() -> None:
    with pytest.raises(InputError, match="outcomes: expected at least one"):
        outcomes(Dyad(), DAY, "6 h", [])


@pytest.mark.long
def test_eighteen_months_at_minute_resolution_stay_in_bounded_memory() -> None:
    peaks = {}
    for duration in ("60 d", "540 d"):
        tracemalloc.start()
        dataset = outcomes(
            sample(8, seed=1),
            Routine.typical(),
            duration,
            ["caregiver.epds: daily mean"],
            sample="1 min",
        )
        peaks[duration] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert dataset.sizes["day"] == int(duration.split()[0])
        assert np.isfinite(dataset["caregiver.epds: daily mean"]).all()
    # the schedule itself grows with the duration, the courses do not: whole, they would take 50 MB
    # a variable
    assert peaks["540 d"] < peaks["60 d"] + 60e6
