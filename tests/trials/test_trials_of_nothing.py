"""Arms that are equal differ at p < .05 in a twentieth of the trials, whatever the design."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from oxysim.errors import UnknownNameError
from oxysim.families import Family
from oxysim.interventions import (
    Antidepressant,
    Placebo,
    PlaySession,
)
from oxysim.trials.plan.allocation import Allocation, Blocked, Simple, Stratified
from oxysim.trials.plan.dropout import Dropout
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.plan.trial_design import Crossover, Factorial, Parallel
from oxysim.trials.power_analysis import power
from oxysim.trials.trial import Trial
from tests.support.small_trials import EPDS, INERT, MASSAGE, require_type_one


@pytest.mark.parametrize("allocation", [Simple(), Blocked(), Blocked(8)])
def test_equal_parallel_arms_are_told_apart_in_a_twentieth_of_the_trials(
    null: Trial, allocation: Allocation
) -> None:
    require_type_one(replace(null, allocation=allocation), "inert - nothing")


@pytest.mark.parametrize("allocation", [Blocked(), Stratified("sensitivity", (5,))])
def test_equal_arms_adjusted_for_baseline(null: Trial, allocation: Allocation) -> None:
    # unadjusted, stratified trials find too little: the test does not know that the strata are
    # balanced
    endpoint = Endpoint("sensitivity", "2 d", "change", adjusted=True)
    require_type_one(replace(null, endpoints=endpoint, allocation=allocation), "inert - nothing")


def test_equal_arms_of_a_crossover(family: Family) -> None:
    design = Crossover({"nothing": None, "inert": INERT}, period="6 h", washout="1 d")
    trial = Trial(family, design, Endpoint("sensitivity", "4 h"))
    require_type_one(trial, "inert - nothing", "carry-over check")


def test_equal_cells_of_a_factorial(family: Family) -> None:
    design = Factorial({"first": INERT, "second": Placebo(at="11:00", expectancy=0.0)})
    require_type_one(
        Trial(family, design, Endpoint("sensitivity", "2 d")), "first", "second", "first x second"
    )


def test_the_mean_estimate_is_the_mean_true_effect(two: Trial) -> None:
    play = PlaySession("30 min daily at 07:30")
    trial = replace(
        two,
        endpoints=Endpoint("state_anxiety", "2 d"),
        design=Parallel({"usual care": None, "play": play}),
    )
    result = trial.run(20, 800)
    true = result.individual()["play - usual care"]
    estimate = result.contrasts()["play - usual care"].estimate
    assert abs(estimate.mean() - true.mean()) < 4 * estimate.std() / np.sqrt(800)
    assert true.std() > 0


def test_power_takes_the_trial_as_it_is(two: Trial) -> None:
    trial = replace(
        two, design=Parallel({"usual care": None, "antidepressant": Antidepressant(3.0)})
    )
    curve = power(trial, n=[10, 20], replications=150, truth=-1.0)
    alone = power(trial, n=[10], replications=150, truth=-1.0)
    assert curve.table.iloc[0].equals(alone.table.iloc[0])
    assert curve.method == "Welch's t test"


def test_another_contrast_may_be_tested(family: Family) -> None:
    design = Factorial({"drug": Antidepressant(3.0), "massage": MASSAGE})
    trial = Trial(family, design, EPDS)
    readings = trial.readings(20, 50, 0)
    interaction = trial.run(20, 50).contrasts()["drug x massage"]
    assert np.array_equal(
        trial.testing("drug x massage").analyse(readings).estimate, interaction.estimate
    )
    assert not np.array_equal(trial.analyse(readings).estimate, interaction.estimate)
    with pytest.raises(UnknownNameError, match="'drug x massage'"):
        trial.testing("drug x masage").analyse(readings)


def test_missing_readings_do_not_bias_a_null(null: Trial) -> None:
    require_type_one(
        replace(null, dropout=Dropout(0.99, per_point=1.3, cutoff=5.0)), "inert - nothing"
    )


def test_shares_of_a_crossover_are_compared_within_dyads(family: Family) -> None:
    design = Crossover({"nothing": None, "inert": INERT}, "6 h", "1 d")
    result = Trial(family, design, Endpoint("sensitivity", "4 h", "remission (< 5)")).run(20, 2000)
    contrast = result.contrasts()["inert - nothing"]
    assert contrast.method == "McNemar's test (mid-p)"
    arms = result.readings()
    assert np.allclose(contrast.estimate, arms["inert"].mean(axis=1) - arms["nothing"].mean(axis=1))
    assert 0.02 < np.mean(contrast.p < 0.05) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2000)
