"""Crossovers, their washout and carry-over; factors, their main effects and interactions."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from oxysim.families import Family
from oxysim.interventions import (
    Antidepressant,
    Coaching,
    NasalSpray,
    Placebo,
    PlaySession,
)
from oxysim.trials.carry_over import CarryOverWarning
from oxysim.trials.plan.allocation import Blocked
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.plan.trial_design import Crossover, Factorial
from oxysim.trials.plan.visits import Visit
from oxysim.trials.trial import Trial
from tests.support.small_trials import DAY, EPDS, MASSAGE


def test_each_arm_of_a_crossover_is_given_on_the_first_day_of_its_period(family: Family) -> None:
    arms = {"placebo": Placebo(at="10:00"), "oxytocin": NasalSpray("24 IU", at="10:00")}
    design = Crossover(arms, period="6 h", washout="2 d")
    visits = [Visit("0 d", at="10:45", name="play")]
    # blocks of the usual allocation vary in size, and the last of them may be cut: these end with
    # the participants
    trial = Trial(family, design, Endpoint("warmth", "play"), visits=visits, allocation=Blocked(4))
    assert design.starts == (0.0, 3 * DAY)
    table = trial.pool.results["placebo, then oxytocin"].schedule
    born = int(family.ages()[0] / DAY)
    when = {
        label: sorted(set(rows["start_day"] - born - 1)) for label, rows in table.groupby("label")
    }
    assert when == {"placebo spray": [0], "nasal spray 24 IU": [3]}
    result = trial.run(20, 30)
    assert abs(result.sample.course.mean() - 0.5) < 1e-9
    assert not np.isnan(result.readings()["oxytocin"]).any()
    assert (result.individual()["oxytocin - placebo"] > 0).all()


def test_a_crossover_knows_which_period_came_first(family: Family) -> None:
    arms = {"nothing": None, "drug": Antidepressant(3.0)}
    with pytest.warns(CarryOverWarning, match="of the effect of 'drug' on 'epds'"):
        result = Trial(family, Crossover(arms, "2 d", "1 d"), Endpoint("epds", "2 d")).run(20, 10)
    values, began = result.readings(), result.sample.course  # course 0 begins with nothing
    first = np.where(began == 0, values["nothing"], values["drug"])
    later = np.where(began == 0, values["drug"], values["nothing"])
    assert result.trial.design.courses[0].arms == ("nothing", "drug")
    by_sequence = [np.where(began == k, later - first, np.nan) for k in (0, 1)]
    period = np.mean([np.nanmean(difference, axis=1) for difference in by_sequence], axis=0)
    assert np.allclose(result.contrasts()["period 2 - period 1"].estimate, period)


def test_with_one_sequence_the_second_arm_is_read_in_the_second_period(family: Family) -> None:
    arms = {"nothing": None, "drug": Antidepressant(3.0)}
    trial = Trial(
        family,
        Crossover(arms, "2 d", "1 d", sequences=[("nothing", "drug")]),
        Endpoint("epds", "2 d"),
    )
    true = trial.run(10, 2).individual()
    course = trial.pool.results["nothing, then drug"]["caregiver.epds"]
    for arm, days in (("nothing", 2), ("drug", 5)):
        assert np.allclose(true[arm], course.sel(time=480 + days * DAY))


def test_a_washout_shorter_than_what_is_learnt_warns_with_the_number(family: Family) -> None:
    design = Crossover(
        {"usual care": None, "coaching": Coaching("60 min", at="09:00", repeat="daily")},
        "5 d",
        "1 d",
    )
    with pytest.warns(
        CarryOverWarning,
        match=r"washout: \d+ % of the effect of 'coaching' on 'appropriate_comments'",
    ):
        Trial(family, design, Endpoint("appropriate_comments", "4 d")).run(10, 2)


def test_carry_over_that_no_sequence_shows_is_said(family: Family) -> None:
    arms = {"nothing": None, "drug": Antidepressant(3.0)}
    with pytest.warns(CarryOverWarning, match="carry-over of 'drug' cannot be told"):
        Trial(
            family,
            Crossover(arms, "2 d", "1 d", sequences=[("drug", "nothing")]),
            Endpoint("epds", "2 d"),
        ).run(10, 2)


def test_a_long_washout_of_a_short_effect_does_not_warn(family: Family) -> None:
    arms = {"placebo": Placebo(at="10:00"), "oxytocin": NasalSpray("24 IU", at="10:00")}
    with warnings.catch_warnings():
        warnings.simplefilter("error", CarryOverWarning)
        Trial(family, Crossover(arms, "6 h", "2 d"), Endpoint("warmth", "165 min")).run(10, 2)


def test_the_main_effect_of_a_factor_is_the_mean_of_its_simple_effects(family: Family) -> None:
    trial = Trial(family, Factorial({"drug": Antidepressant(3.0), "massage": MASSAGE}), EPDS)
    result = trial.run(20, 50)
    cells = {cell: np.nanmean(values, axis=1) for cell, values in result.readings().items()}
    simple = [cells["drug"] - cells["usual care"], cells["drug + massage"] - cells["massage"]]
    assert np.allclose(result.contrasts()["drug"].estimate, np.mean(simple, axis=0))


def test_three_factors_have_main_effects_and_interactions(family: Family) -> None:
    arms = {
        "drug": Antidepressant(3.0),
        "massage": MASSAGE,
        "play": PlaySession("30 min daily at 16:00"),
    }
    plain, adjusted = (
        Trial(family, Factorial(arms), Endpoint("epds", "2 d", adjusted=adjusted)).run(24, 20)
        for adjusted in (False, True)
    )
    contrasts = plain.contrasts()
    assert list(contrasts) == [
        "drug",
        "massage",
        "play",
        "drug x massage",
        "drug x play",
        "massage x play",
    ]
    cells = {cell: np.nanmean(values, axis=1) for cell, values in plain.readings().items()}
    with_drug = np.mean([mean for cell, mean in cells.items() if "drug" in cell], axis=0)
    without = np.mean([mean for cell, mean in cells.items() if "drug" not in cell], axis=0)
    assert np.allclose(contrasts["drug"].estimate, with_drug - without)
    assert adjusted.contrasts()["drug"].method == "factorial, adjusted for baseline, main effect"
    assert not np.allclose(adjusted.contrasts()["drug"].estimate, contrasts["drug"].estimate)
