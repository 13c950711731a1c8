"""What a trial's dyads live with: their selection, days, lives and beliefs; those that fail."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from oxysim.errors import InputError
from oxysim.families import Family
from oxysim.interventions import (
    DailyCrying,
    DailyLife,
)
from oxysim.population import Selection
from oxysim.schedule import Intervention, Routine
from oxysim.simulation.scipy_engine import Solver
from oxysim.trials import pool_simulation as pool_module
from oxysim.trials.plan.adherence import Adherence
from oxysim.trials.plan.blinding import Blinded, Open
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.plan.trial_design import Parallel
from oxysim.trials.trial import Trial
from tests.support.small_trials import EPDS, INERT, NULL, TWO


def test_a_trial_goes_on_with_the_lives_of_its_selection(family: Family) -> None:
    selection = Selection(("epds >= 13",), "6 weeks", 10, 5, seed=7)
    assert Trial(family, NULL, EPDS, selection=selection).life == 7
    assert Trial(family, NULL, EPDS).life == 0
    with pytest.raises(InputError, match="life: the pool was selected with seed 7"):
        Trial(family, NULL, EPDS, selection=selection, life=3)


def test_beliefs_reach_what_is_felt(two: Trial) -> None:
    trial = replace(
        two,
        endpoints=Endpoint("positive_feeling", "2 d"),
        design=Parallel({"nothing": None, "inert": INERT}),
    )
    blind = replace(trial, blinding=Blinded(0.7)).run(12, 2).individual()["inert - nothing"]
    expected = replace(trial, blinding=Open(1.0, 0.2)).run(12, 2).individual()["inert - nothing"]
    assert (blind == 0).all()
    # what belief adds to self-rated feeling, and what it does to warmth
    assert (expected >= 5 * 0.8).all()


def test_each_dyad_may_have_a_day_of_its_own(two: Trial) -> None:
    days = [
        Routine.typical() if k % 2 else Routine.typical() + DailyLife() for k in range(len(two.who))
    ]
    course = replace(two, day=days).pool.results["usual care"]["caregiver.epds"].values
    plain = two.pool.results["usual care"]["caregiver.epds"].values
    assert np.array_equal(course[1::2], plain[1::2])
    assert not np.isclose(course[::2, -1], plain[::2, -1]).any()


@pytest.mark.parametrize("drawn", [DailyLife(), DailyCrying()], ids=["noise", "crying"])
def test_a_life_is_the_same_in_every_arm(two: Trial, drawn: Intervention) -> None:
    trial = replace(
        two,
        day=Routine.typical() + drawn,
        life=3,
        design=Parallel({"nothing": None, "inert": INERT}),
    )
    arms = [result["caregiver.epds"].values for result in trial.pool.results.values()]
    # the inert arm has edges more, where steps end
    assert np.allclose(*arms, rtol=1e-3)
    quiet = replace(trial, day=Routine.typical()).pool.results["nothing"]["caregiver.epds"].values
    assert not np.isclose(arms[0][:, -1], quiet[:, -1], rtol=1e-6).any()
    assert (trial.run(12, 2).individual()["inert - nothing"].abs() < 0.01).all()


def test_dyads_that_fail_are_missing_and_counted(two: Trial) -> None:
    trial = replace(two, solver=Solver("RK45", rtol=1e-4, max_evaluations=100))
    assert len(trial.pool.failed["massage"]) == len(trial.who)
    result = trial.run(10, 3)
    assert "24 dyads failed in 'massage' and are missing" in result.report()
    assert "no replication can be analysed" in result.effects()["reason"].iloc[0]
    assert result.flow()["mean"]["massage: analysed"] == 0


def test_one_that_fails_is_missing_and_no_other(
    two: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = pool_module.prepare

    def failing(family: Family, *arguments: Any, **options: Any) -> Any:
        run = prepare(family, *arguments, **options)
        run.failures.update(
            {k: "made to fail" for k, dyad in enumerate(family.numbers) if dyad == 17}
        )
        return run

    monkeypatch.setattr(pool_module, "prepare", failing)
    monkeypatch.setattr(pool_module, "BLOCK", 7)
    trial = replace(two, adherence=Adherence(0.2))
    assert trial.pool.failed == {arm: {17: "made to fail"} for arm in TWO}
    result = trial.run(24, 3)
    missing = np.isnan(np.where(result.sample.course == 0, *result.readings().values()))
    assert np.array_equal(missing, result.sample.position == 17)
    assert result.flow()["mean"][
        ["usual care: analysed", "massage: analysed"]
    ].sum() == pytest.approx(23)
