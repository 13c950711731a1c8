"""Draws of a trial that nothing else changes: participants, arms, periods, endpoints, blocks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from oxysim.families import Family
from oxysim.interventions import (
    Antidepressant,
    NasalSpray,
    Placebo,
    SkinToSkin,
)
from oxysim.population import sample
from oxysim.schedule import Routine
from oxysim.trials import pool_simulation as pool_module
from oxysim.trials.plan.adherence import Adherence
from oxysim.trials.plan.allocation import Allocation, Blocked, Simple, Stratified
from oxysim.trials.plan.dropout import Dropout
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.plan.trial_design import Crossover, Parallel
from oxysim.trials.plan.visits import Visit
from oxysim.trials.trial import Trial
from tests.support.small_trials import EPDS, MASSAGE, TWO


def test_the_first_participants_and_replications_are_the_same_whatever_their_number(
    two: Trial,
) -> None:
    trial = replace(two, dropout=Dropout(0.5), visits=[Visit("2 d", window="1 d", at="10:00")])
    small, large = trial.run(9, 3, seed=4).sample, trial.run(17, 6, seed=4).sample
    for name in ("position", "number", "course", "moment", "stays"):
        assert np.array_equal(getattr(small, name), getattr(large, name)[:3, :9]), name
    for source, values in small.readings.items():
        assert np.array_equal(values, large.readings[source][:3, :9])


def test_the_first_eligible_of_a_larger_trial_are_those_of_a_smaller_one(two: Trial) -> None:
    trial = replace(two, entry="caregiver.depression.set_point > 5")
    small, large = trial.run(4, 5).sample, trial.run(7, 5).sample
    assert np.array_equal(small.number, large.number[:, :4])
    assert (small.screened <= large.screened).all()
    assert (np.asarray(trial.who.value("caregiver.depression.set_point"))[large.position] > 5).all()


def test_another_arm_moves_participants_into_itself_and_changes_nothing_else(two: Trial) -> None:
    three = replace(
        two, design=Parallel({**TWO, "skin-to-skin": SkinToSkin("60 min daily at 15:00")})
    )
    before, after = (replace(trial, allocation=Simple()).run(20, 40) for trial in (two, three))
    assert np.array_equal(before.sample.position, after.sample.position)
    stayed = after.sample.course < 2
    assert np.array_equal(before.sample.course[stayed], after.sample.course[stayed])
    assert 0.6 < stayed.mean() < 0.73  # a third has moved
    for source, values in after.sample.readings.items():
        assert np.array_equal(values[stayed], before.sample.readings[source][stayed])


@pytest.mark.parametrize(
    "allocation", [Simple(), Blocked(), Blocked(8), Stratified("sensitivity", (5.0,), size=4)]
)
def test_the_order_in_which_arms_are_named_changes_nothing(
    two: Trial, allocation: Allocation
) -> None:
    turned = Parallel(dict(reversed(TWO.items())), ratio=(3, 1))
    trials = [
        replace(two, allocation=allocation, design=design)
        for design in (Parallel(TWO, ratio=(1, 3)), turned)
    ]
    first, second = (trial.run(20, 5).readings() for trial in trials)
    for arm in TWO:
        assert np.array_equal(first[arm], second[arm], equal_nan=True)


def test_another_period_changes_no_bit_of_those_before(family: Family) -> None:
    arms = {"placebo": Placebo(at="10:00"), "oxytocin": NasalSpray("24 IU", at="10:00")}
    first, then = tuple(arms), tuple(arms)[::-1]
    two = Crossover(arms, "6 h", "1 d", sequences=[first, then])
    three = Crossover(
        {**arms, "massage": MASSAGE},
        "6 h",
        "1 d",
        sequences=[(*first, "massage"), (*then, "massage")],
    )
    before, after = (
        Trial(family, periods, Endpoint("warmth", "165 min")).run(20, 4).readings()
        for periods in (two, three)
    )
    for arm in arms:
        assert np.array_equal(before[arm], after[arm])


def test_another_endpoint_changes_no_reading(two: Trial) -> None:
    more = replace(
        two, endpoints=[Endpoint("sensitivity", "2 d"), EPDS, Endpoint("epds", "2 d", "change")]
    )
    assert np.array_equal(
        more.run(10, 3).readings(EPDS.name)["massage"],
        two.run(10, 3).readings()["massage"],
        equal_nan=True,
    )


def test_blocks_of_dyads_change_no_bit(two: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    trial = replace(two, adherence=Adherence(missed=0.3, shortened=0.3))
    whole = trial.pool.results["massage"]["caregiver.epds"].values
    monkeypatch.setattr(pool_module, "BLOCK", 9)
    assert np.array_equal(replace(trial).pool.results["massage"]["caregiver.epds"].values, whole)


def test_the_order_of_the_pool_changes_no_dyad(two: Trial) -> None:
    turned = replace(two, who=two.who.take(np.arange(len(two.who))[::-1]), adherence=Adherence(0.4))
    whole = replace(two, adherence=Adherence(0.4)).pool
    for arm, result in turned.pool.results.items():
        assert np.array_equal(
            result["caregiver.epds"].values[::-1], whole.results[arm]["caregiver.epds"].values
        )
        assert np.array_equal(turned.pool.sessions[arm][::-1], whole.sessions[arm])


def test_a_father_may_be_treated_and_measured() -> None:
    parents = ("mother", "father")
    families = sample(12, seed=2, caregivers=parents, infant_age="2 months")
    design = Parallel({"nothing": None, "drug": Antidepressant(3.0, by="father")})
    endpoints = [
        Endpoint("epds", "5 d", member="father", name="father"),
        Endpoint("epds", "5 d", name="mother"),
    ]
    result = Trial(families, design, endpoints, day=Routine.household(parents)).run(10, 2)
    effects = [
        result.individual(name)["drug - nothing"].abs().min() for name in ("father", "mother")
    ]
    assert effects[0] > 100 * effects[1]


def test_nobody_is_simulated_again_for_more_replications(
    two: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    _ = two.pool

    def refuse(*_: Any, **__: Any) -> None:
        pytest.fail("the simulation started")

    monkeypatch.setattr(pool_module, "prepare", refuse)
    assert two.run(12, 300, seed=9).readings()["massage"].shape == (300, 12)
