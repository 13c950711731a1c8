"""Trials: draws that nothing else changes, shares against their rates, exact nulls through the
whole chain.
"""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oxysim.errors import InputError, UnknownNameError
from oxysim.families import Family
from oxysim.interventions import (
    Antidepressant,
    Coaching,
    DailyLife,
    Massage,
    NasalSpray,
    Placebo,
    PlaySession,
    SkinToSkin,
)
from oxysim.population import Selection, sample
from oxysim.schedule import Routine
from oxysim.schedule.bouts import Window
from oxysim.simulation.scipy_engine import Solver
from oxysim.simulation.simulate import simulate
from oxysim.trials import pool_simulation as pool_module
from oxysim.trials.carry_over import CarryOverWarning
from oxysim.trials.plan.adherence import Adherence, AsAdministered
from oxysim.trials.plan.allocation import Allocation, Blocked, Randomised, Simple, Stratified
from oxysim.trials.plan.blinding import Blinded, Open
from oxysim.trials.plan.dropout import Dropout
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.plan.trial_design import Crossover, Factorial, Parallel, williams
from oxysim.trials.plan.visits import Visit
from oxysim.trials.power_analysis import power
from oxysim.trials.trial import Trial

DAY = 1440.0
MASSAGE = Massage("15 min daily at 10:30")
INERT = Placebo(at="10:00", expectancy=0.0)  # is in the schedule and does nothing
TWO = {"usual care": None, "massage": MASSAGE}
NULL = Parallel({"nothing": None, "inert": INERT})
EPDS = Endpoint("epds", "2 d")


@pytest.fixture(scope="module")
def family() -> Family:
    return sample(24, seed=5, infant_age="2 months")


@pytest.fixture(scope="module")
def two(family: Family) -> Trial:
    return Trial(family, Parallel(TWO), EPDS)


@pytest.fixture(scope="module")
def null(family: Family) -> Trial:
    return Trial(family, NULL, Endpoint("sensitivity", "2 d"))


# ------------------------------------------------------------------- what changes no draw
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


# -------------------------------------------------------------------------- against theory
@pytest.mark.parametrize("allocation", [Simple(), Blocked(), Blocked(8)])
def test_equal_parallel_arms_are_told_apart_in_a_twentieth_of_the_trials(
    null: Trial, allocation: Allocation
) -> None:
    _require_type_one(replace(null, allocation=allocation), "inert - nothing")


@pytest.mark.parametrize("allocation", [Blocked(), Stratified("sensitivity", (5,))])
def test_equal_arms_adjusted_for_baseline(null: Trial, allocation: Allocation) -> None:
    # unadjusted, stratified trials find too little: the test does not know that the strata are
    # balanced
    endpoint = Endpoint("sensitivity", "2 d", "change", adjusted=True)
    _require_type_one(replace(null, endpoints=endpoint, allocation=allocation), "inert - nothing")


def test_equal_arms_of_a_crossover(family: Family) -> None:
    design = Crossover({"nothing": None, "inert": INERT}, period="6 h", washout="1 d")
    trial = Trial(family, design, Endpoint("sensitivity", "4 h"))
    _require_type_one(trial, "inert - nothing", "carry-over check")


def test_equal_cells_of_a_factorial(family: Family) -> None:
    design = Factorial({"first": INERT, "second": Placebo(at="11:00", expectancy=0.0)})
    _require_type_one(
        Trial(family, design, Endpoint("sensitivity", "2 d")), "first", "second", "first x second"
    )


def _require_type_one(trial: Trial, *contrasts: str, replications: int = 3000) -> None:
    result = trial.run(20, replications, seed=2).contrasts()
    error = np.sqrt(0.05 * 0.95 / replications)
    for name in contrasts:
        assert abs(np.mean(result[name].p < 0.05) - 0.05) < 3 * error, name


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


# ------------------------------------------------------------------------------ allocation
def _randomised(n: int, replications: int, seed: int, family: Family | None = None) -> Randomised:
    position = np.tile(np.arange(n), (replications, 1))
    return Randomised(
        seed, position, family or Family(dyads=range(n)), lambda _: position.astype(float)
    )


@given(
    seed=st.integers(0, 10**6),
    ratio=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    times=st.integers(1, 3),
)
@settings(max_examples=30, deadline=None)
def test_every_block_holds_every_arm_in_its_share(
    seed: int, ratio: tuple[int, int], times: int
) -> None:
    size = sum(ratio) * times
    course = Blocked(size).allot(
        dict(zip("ab", ratio, strict=True)), _randomised(3 * size, 4, seed)
    )
    assert (course.reshape(4, 3, size).sum(axis=-1) == ratio[1] * times).all()


def test_blocks_of_varying_size_give_no_allocation_away_and_stay_balanced() -> None:
    n, replications = 48, 4000
    course = Blocked().allot({"a": 1, "b": 1}, _randomised(n, replications, 3))
    error = 4 * np.sqrt(0.25 / replications)
    # arms of one size at every moment, to half of the largest block of 8
    lead = np.cumsum(2 * course - 1, axis=1)
    assert np.abs(lead).max() <= 4
    assert (np.abs(course.mean(axis=0) - 0.5) < error).all()
    # in blocks of 2 the second of each pair is known for certain; here it is the other arm with the
    # mean of 2/3, 3/5 and 4/7 over blocks of 4, 6 and 8
    second = (course[:, 1] != course[:, 0]).mean()
    assert second == pytest.approx(np.mean([2 / 3, 3 / 5, 4 / 7]), abs=error)
    # whoever guesses the arm that is behind (and throws a coin at a tie) is right less often than
    # in blocks of 4, the smallest (17/24), and nowhere for certain
    behind = np.sign(lead[:, :-1])
    right = np.where(behind == 0, 0.5, (np.where(behind > 0, 0, 1) == course[:, 1:]) * 1.0).mean(
        axis=0
    )
    assert right.mean() < 17 / 24 - 0.01 and right.max() < 0.85
    two = Blocked(2).allot({"a": 1, "b": 1}, _randomised(n, replications, 3))
    assert (two[:, ::2] != two[:, 1::2]).all()


@pytest.mark.parametrize("allocation", [Blocked(), Blocked(6), Stratified(["x", "y"] * 30, size=6)])
def test_more_participants_and_replications_change_no_allocation(allocation: Allocation) -> None:
    to = {"a": 2, "b": 1}
    families = Family(dyads=range(60))
    allotted = allocation.allot(to, _randomised(60, 6, 3, families))
    some = allocation.allot(to, _randomised(23, 4, 3, families))
    assert np.array_equal(some, allotted[:4, :23])


def test_simple_allocation_follows_the_ratio_and_is_not_balanced() -> None:
    course = Simple().allot({"a": 2, "b": 1}, _randomised(60, 400, 1))
    assert abs(course.mean() - 1 / 3) < 0.02
    assert course.sum(axis=1).std() > 3


@given(seed=st.integers(0, 10**6), strata=st.integers(1, 4))
@settings(max_examples=30, deadline=None)
def test_strata_are_balanced_each_by_itself(seed: int, strata: int) -> None:
    labels = np.arange(40) % strata
    allocation = Stratified(labels.tolist(), size=4)
    course = allocation.allot({"a": 1, "b": 1}, _randomised(40, 5, seed))
    for stratum in range(strata):
        inside = course[:, labels == stratum]
        # a block is unfinished at most
        assert (np.abs(2 * inside.sum(axis=1) - inside.shape[1]) <= 4).all()


def test_strata_by_a_parameter_a_function_and_a_reading(two: Trial) -> None:
    gain = np.asarray(two.who.value("caregiver.depression.loop_gain"), dtype=float)
    by_name = replace(two, allocation=Stratified("caregiver.depression.loop_gain", (1.0,), size=2))
    by_function = replace(
        two,
        allocation=Stratified(
            lambda family: np.asarray(family.value("caregiver.depression.loop_gain")) >= 1, size=2
        ),
    )
    for trial in (by_name, by_function):
        sample = trial.run(24, 3).sample
        for high in (True, False):
            inside = np.where((gain[sample.position] >= 1) == high, sample.course, np.nan)
            assert (np.abs(np.nanmean(inside, axis=1) - 0.5) < 0.2).all()
    assert "epds" in replace(two, allocation=Stratified("epds", (6.0,))).allocation.words


@pytest.mark.parametrize("k", range(2, 7))
def test_in_a_williams_design_every_arm_follows_every_other_equally_often(k: int) -> None:
    names = tuple("abcdef"[:k])
    orders = williams(names)
    assert len(orders) == (k if k % 2 == 0 else 2 * k)
    following = [pair for order in orders for pair in zip(order, order[1:], strict=False)]
    placed = [(position, name) for order in orders for position, name in enumerate(order)]
    assert len(set(following)) == k * (k - 1)
    assert len({following.count(pair) for pair in following}) == 1
    assert {placed.count(pair) for pair in placed} == {len(orders) // k}


# -------------------------------------------------------------------- visits and drop-out
def test_visits_fall_inside_their_windows(two: Trial) -> None:
    visits = [Visit("1 d", window="20 min", at="10:00"), Visit("3 d", window="1 d", at="10:00")]
    trial = replace(two, endpoints=Endpoint("epds", "3 d"), visits=visits)
    sample = trial.run(20, 200).sample
    hours = (sample.days * 24).reshape(-1, 3)
    assert (hours[:, 0] == 0).all()
    assert np.abs(hours[:, 1] - 26).max() <= 1 / 3 + 1e-9
    assert set(np.round(hours[:, 2]).tolist()) == {50, 74, 98}
    assert abs(np.mean(hours[:, 2] < 60) - 1 / 3) < 0.03


@given(monthly=st.floats(0, 0.5), months=st.integers(1, 6), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_drop_out_at_random_follows_its_rate(monthly: float, months: int, seed: int) -> None:
    days = np.broadcast_to(30.4375 * np.arange(months + 1), (4000, months + 1))
    uniform = np.random.default_rng(seed).random(days.shape)
    stays = Dropout(monthly).staying(days, None, uniform)
    expected = (1 - monthly) ** np.arange(months + 1)
    assert np.abs(stays.mean(axis=0) - expected).max() < 5 * np.sqrt(0.25 / 4000)
    assert (np.diff(stays.astype(int), axis=1) <= 0).all()  # nobody comes back


def test_drop_out_by_the_epds_at_the_last_visit() -> None:
    days = np.broadcast_to([0.0, 30.4375, 60.875], (6000, 3))
    epds = np.full(days.shape, 10.0)
    epds[:, 1] = 15.0
    stays = Dropout(0.1, per_point=2.0, cutoff=13.0).staying(
        days, epds, np.random.default_rng(1).random(days.shape)
    )
    first = 1 - stays[:, 1].mean()
    then = 1 - stays[stays[:, 1], 2].mean()
    assert abs(first - 0.1) < 0.02
    assert abs(then - (1 - 0.9**4)) < 0.02  # two points above the cut-off: four times the rate


def test_readings_after_drop_out_are_missing_and_the_flow_adds_up(two: Trial) -> None:
    visits = [Visit("1 d"), Visit("2 d")]
    trial = replace(two, visits=visits, dropout=Dropout(0.95))
    result = trial.run(20, 300)
    arms = result.readings()
    allocated = np.stack([result.sample.course == k for k in (0, 1)])
    for k, values in enumerate(arms.values()):
        assert np.array_equal(~np.isnan(values), allocated[k] & result.sample.stays[..., -1])
    flow = result.flow()
    for column in ("mean", "replication 0"):
        number = flow[column]
        assert sum(number[f"{arm}: allocated"] for arm in arms) == pytest.approx(20)
        for arm in arms:
            assert number[f"{arm}: analysed"] + number[f"{arm}: dropped out"] == pytest.approx(
                number[f"{arm}: allocated"]
            )
            assert (
                number[f"{arm}: attended 2 d"]
                <= number[f"{arm}: attended 1 d"]
                <= number[f"{arm}: allocated"]
            )
    assert number["screened"] == 20
    assert 0.1 < 1 - result.sample.stays[..., -1].mean() < 0.3


def test_missing_readings_do_not_bias_a_null(null: Trial) -> None:
    _require_type_one(
        replace(null, dropout=Dropout(0.99, per_point=1.3, cutoff=5.0)), "inert - nothing"
    )


# ------------------------------------------------------------------------------- adherence
def _window(days: int, dyad: int = 0) -> Window:
    return Window(8 * 60.0, days * DAY, ("mother",), 0, 0, dyad)


@given(
    missed=st.floats(0, 0.6),
    shortened=st.floats(0, 1),
    to=st.floats(0.1, 0.9),
    seed=st.integers(0, 50),
)
@settings(max_examples=25, deadline=None)
def test_sessions_are_missed_and_cut_short_at_their_rates(
    missed: float, shortened: float, to: float, seed: int
) -> None:
    rule = Adherence(missed, shortened, to)
    sessions_of = [
        AsAdministered(MASSAGE, adherence=rule, seed=seed, dyad=dyad, draw_key="massage")
        for dyad in range(30)
    ]
    bouts = [sessions.bouts(_window(40, dyad))[0] for dyad, sessions in enumerate(sessions_of)]
    minutes = np.concatenate([bout.stops - bout.starts for bout in bouts])
    total = 30 * 40
    assert abs(len(minutes) / total - (1 - missed)) < 5 * np.sqrt(0.25 / total)
    assert np.isclose(minutes, 15).sum() + np.isclose(minutes, 15 * to).sum() == len(minutes)
    assert abs(np.mean(minutes < 14.9) - shortened) < 5 * np.sqrt(0.25 / len(minutes))
    planned, attended, cut = np.sum(
        [sessions.attendance(_window(40)) for sessions in sessions_of], axis=0
    )
    assert (planned, attended, cut) == (total, len(minutes), np.sum(minutes < 14.9))


def test_earlier_sessions_do_not_hang_on_later_ones_nor_on_the_arm() -> None:
    rule = Adherence(0.5)
    session = AsAdministered(MASSAGE, adherence=rule, seed=3, dyad=7, draw_key="massage")
    short, long = (session.bouts(_window(days))[0].starts for days in (10, 30))
    assert np.array_equal(short, long[long < 10 * DAY])
    second = replace(session, dyad=8).bouts(_window(30))[0].starts
    assert not np.array_equal(long, second)


def test_of_a_continuous_intervention_days_are_missed() -> None:
    session = AsAdministered(
        Antidepressant(1.0), adherence=Adherence(0.25, 0.5), seed=1, dyad=1, draw_key="drug"
    )
    (bouts,) = session.bouts(Window(0.0, 400 * DAY))
    assert np.allclose(bouts.stops - bouts.starts, DAY)
    assert 0.65 < len(bouts) / 400 < 0.85
    assert session.attendance(Window(0.0, 400 * DAY)) == (400, len(bouts), 0)


def test_what_belongs_to_the_day_is_not_missed(two: Trial) -> None:
    trial = replace(
        two,
        adherence=Adherence(missed=0.5),
        day=Routine.typical() + SkinToSkin("30 min daily at 15:00"),
    )
    sessions = trial.run(20, 2).sessions()
    assert sessions.loc["usual care", "planned"] == 0
    assert sessions.loc["massage", "planned"] == 2
    assert 0.5 < sessions.loc["massage", "attended"] < 1.5


# --------------------------------------------------------------------- designs and beliefs
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
    period = np.mean([np.nanmean(warmth, axis=1) for warmth in by_sequence], axis=0)
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


def test_shares_of_a_crossover_are_compared_within_dyads(family: Family) -> None:
    design = Crossover({"nothing": None, "inert": INERT}, "6 h", "1 d")
    result = Trial(family, design, Endpoint("sensitivity", "4 h", "remission (< 5)")).run(20, 2000)
    contrast = result.contrasts()["inert - nothing"]
    assert contrast.method == "McNemar's test (mid-p)"
    arms = result.readings()
    assert np.allclose(contrast.estimate, arms["inert"].mean(axis=1) - arms["nothing"].mean(axis=1))
    assert 0.02 < np.mean(contrast.p < 0.05) < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 2000)


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


def test_a_life_is_the_same_in_every_arm(two: Trial) -> None:
    trial = replace(
        two,
        day=Routine.typical() + DailyLife(),
        life=3,
        design=Parallel({"nothing": None, "inert": INERT}),
    )
    arms = [result["caregiver.epds"].values for result in trial.pool.results.values()]
    # the inert arm has edges more, where steps end
    assert np.allclose(*arms, rtol=1e-3)
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


# ------------------------------------------------------------------------------- endpoints
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
