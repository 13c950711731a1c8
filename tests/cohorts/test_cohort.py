"""Cohorts, the classes of their courses, and what studies read from them (protocols 8 and 14)."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from oxysim import units
from oxysim.cohorts.cohort import Cohort
from oxysim.cohorts.cross_sectional_measures import Measure, measures_of
from oxysim.cohorts.follow_up import follow, visit
from oxysim.cohorts.several_cohorts import combine_cohorts
from oxysim.cohorts.trajectory_classes import COURSES, course_classes, course_shares
from oxysim.errors import InputError, UnitError, UnknownNameError
from oxysim.families import Family
from oxysim.findings.published import target
from oxysim.interventions import DailyLife
from oxysim.measures import read
from oxysim.population import Population, sample
from oxysim.protocols import (
    PROTOCOLS,
    birth_cohort,
    caesarean,
    cross_section,
    depression_and_sensitivity,
    mind_mindedness,
)
from oxysim.protocols.birth_cohort import persistence, share_at_or_above
from oxysim.schedule import Routine
from oxysim.simulation.run import prepare
from oxysim.simulation.scipy_engine import Solver
from oxysim.simulation.simulate import simulate
from oxysim.streams import stream
from oxysim.trials.participant_groups import groups
from oxysim.trials.reporting.replicated_effects import correlated
from oxysim.trials.reporting.table_of_effects import effect_row
from tests.support.fine_reference import Reference

WEEKS = 80


@pytest.fixture(scope="module")
def newborns() -> Cohort:
    """Twenty dyads of the community from birth to six weeks."""
    return follow(Population.named("community"), 20, until="6 weeks", seed=4)


def _written(**values: Any) -> Cohort:
    """A cohort written by hand: each variable constant over 80 weeks and kept at each, and at 6
    months, shape (n,).
    """
    held = {k.replace("__", "."): np.asarray(v, dtype=float) for k, v in values.items()}
    n = len(next(iter(held.values())))
    times = np.sort(np.append(units.WEEK * np.arange(WEEKS + 1), 6 * units.MONTH))
    full = {k: np.broadcast_to(v.reshape(n, -1), (n, len(times))).copy() for k, v in held.items()}
    return Cohort(sample(n, seed=0, infant_age="0 d"), times, full, Routine.typical(), 0, {})


# --------------------------------------------------------------------------------------
# courses
@pytest.mark.parametrize(
    ("epds", "course"),
    [
        ((3, 4, 5), "low stable"),
        ((0, 0, 0), "low stable"),
        ((9, 9, 9), "low stable"),  # below the cut-off throughout
        ((9, 10, 12), "low stable"),  # over the cut-off, but by less than the reliable change
        ((11, 10, 9), "low stable"),  # under it, but by less than the reliable change
        ((5, 8, 10), "low then increasing"),
        ((9, 11, 13), "low then increasing"),
        ((0, 20, 9), "low stable"),  # high in between only
        ((7, 5, 3), "medium then decreasing"),
        ((6, 3, 0), "low stable"),  # began below mild symptoms
        ((16, 12, 9), "medium then decreasing"),
        ((16, 13, 10), "high persistent"),  # falls, but stays high
        ((10, 10, 10), "high persistent"),
        ((10, 5, 16), "high persistent"),
        ((10, 3, 10), "low stable"),  # high at the ends, low on the whole
        ((30, 30, 30), "high persistent"),
    ],
)
def test_courses_are_classed_by_the_rule(epds: tuple[int, int, int], course: str) -> None:
    assert COURSES[course_classes(epds)] == course


@given(st.lists(st.tuples(*[st.integers(0, 30)] * 3), min_size=1, max_size=40))
def test_every_course_has_one_class_and_shares_add_up(courses: list[tuple[int, int, int]]) -> None:
    classes = course_classes(courses)
    assert np.isin(classes, range(4)).all() and sum(
        course_shares(courses).values()
    ) == pytest.approx(1)
    mirrored = course_classes(np.array(courses)[:, ::-1])
    assert np.array_equal(classes == 3, mirrored == 3)  # being high throughout has no direction
    assert not np.any((classes == 1) & (mirrored == 1)) and not np.any(
        (classes == 2) & (mirrored == 2)
    )


def test_a_missing_reading_leaves_a_course_without_a_class() -> None:
    assert course_classes([[3, np.nan, 4], [3, 3, 4]]).tolist() == [-1, 0]
    assert course_shares([[3, np.nan, 4], [3, 3, 4]])["low stable"] == 1
    assert np.isnan(course_shares([[np.nan] * 3])["low stable"])


def test_courses_that_are_none_are_refused() -> None:
    with pytest.raises(
        InputError, match=r"4 months, 12 months, 18 months, shape \(..., 3\); found shape \(2,\)"
    ):
        course_classes([3, 4])
    with pytest.raises(InputError, match=r"readings in \[0, 30\]; found 31"):
        course_classes([3, 4, 31])


# --------------------------------------------------------------------------------------
# correlations
@settings(max_examples=20, deadline=None)
@given(st.floats(-0.9, 0.9), st.integers(0, 1000))
def test_a_known_correlation_is_recovered(r: float, seed: int) -> None:
    n, replications = 60, 400
    x, z = stream(seed, 0, "test of correlations").normal(size=(2, replications, n))
    analysis = correlated(5 + 2 * x, 100 - 3 * (r * x + np.sqrt(1 - r * r) * z))
    bias, error = -r * (1 - r * r) / (2 * n), (1 - r * r) / np.sqrt(n * replications)
    assert abs(analysis.dz.mean() - (-r - bias)) < 5 * error + 1e-4


def test_correlations_are_those_of_scipy_and_hold_their_level() -> None:
    x, y = stream(1, 0, "test of correlations").normal(size=(2, 2000, 30))
    analysis = correlated(x, y)
    ours = [analysis.dz[k] for k in range(5)]
    assert ours == pytest.approx(
        [stats.pearsonr(x[k], y[k]).statistic for k in range(5)], abs=1e-12
    )
    assert abs(np.mean(analysis.p < 0.05) - 0.05) < 3 * np.sqrt(0.05 * 0.95 / 2000)


def test_a_missing_value_drops_its_pair_and_what_does_not_vary_has_no_correlation() -> None:
    x, y = stream(2, 0, "test of correlations").normal(size=(2, 2, 12))
    holed = y.copy()
    holed[0, 3] = np.nan
    analysis = correlated(x, holed)
    kept = np.arange(12) != 3
    assert analysis.dz[0] == pytest.approx(stats.pearsonr(x[0, kept], y[0, kept]).statistic)
    assert np.isnan(correlated(np.ones((1, 12)), y[:1]).dz[0])
    assert np.isnan(correlated(x[:1], np.full((1, 12), np.nan)).dz[0])
    with pytest.raises(InputError, match="equal shapes with n >= 4"):
        correlated(x[:, :3], y[:, :3])


def test_one_study_has_fishers_interval() -> None:
    x, y = stream(3, 0, "test of correlations").normal(size=(2, 1, 40))
    row = effect_row(correlated(x, y + x), outcome="y", contrast="r", unit="r", expected="up")
    low, high = stats.pearsonr(x[0], (y + x)[0]).confidence_interval()
    assert (row["low"], row["high"]) == pytest.approx((low, high), abs=1e-3)


# --------------------------------------------------------------------------------------
# following
def test_blocks_number_and_company_change_no_bit(newborns: Cohort) -> None:
    community = Population.named("community")
    blocks = follow(community, 20, until="6 weeks", seed=4, block=7)
    last = follow(community, 6, first=14, until="6 weeks", seed=4)
    for name, values in newborns.values.items():
        assert np.array_equal(blocks.values[name], values)
        assert np.array_equal(last.values[name], values[14:])
    assert np.array_equal(
        last.readings("epds", "5 weeks"), newborns.readings("epds", "5 weeks")[14:]
    )
    assert last.fingerprint == community.fingerprint and newborns.complete.all()


def test_cohorts_go_together_bitwise(newborns: Cohort) -> None:
    community = Population.named("community")
    first = follow(community, 12, until="7 weeks", seed=4, at=["10 d"])
    rest = follow(community, 8, first=12, until="6 weeks", seed=4)
    joined = combine_cohorts([first, rest])
    assert np.array_equal(joined.times, newborns.times) and joined.who.dyads == newborns.who.dyads
    for name, values in newborns.values.items():
        assert np.array_equal(joined.values[name], values)
    with pytest.raises(InputError, match="a dyad stands in two of them"):
        combine_cohorts([first, first])
    with pytest.raises(InputError, match="expected one seed; found 4 and 5"):
        combine_cohorts([first, follow(community, 2, first=30, until="6 weeks", seed=5)])


def test_what_a_cohort_lives_is_what_simulate_computes(newborns: Cohort) -> None:
    community, life = Population.named("community"), Routine.typical() + DailyLife()
    days = community.schedules(life, newborns.who.numbers, seed=4)
    result = simulate(
        newborns.who,
        days,
        "42 d",
        start="00:00",
        save="weekly",
        variables=["mother.epds", "infant.methylation"],
        seed=4,
        solver=Solver(rtol=1e-6),
    )
    for name in ("mother.epds", "infant.methylation"):
        assert newborns.values[name] == pytest.approx(result[name].values, abs=0.02)


def test_a_visit_and_a_later_start_go_on_with_the_same_life(newborns: Cohort) -> None:
    seen = visit(
        newborns,
        "4 weeks",
        ["caregiver.epds", "caregiver.plasma_oxytocin"],
        hours=("00:00", "12:00"),
    )
    assert seen.value("mother.epds", "00:00") == pytest.approx(
        newborns.value("mother.epds", "4 weeks"), abs=1e-6
    )
    days = newborns.population.schedules(newborns.schedule, newborns.who.dyads, seed=4)
    later = follow(newborns.family("4 weeks"), until="6 weeks", schedule=days, seed=4)
    # midnight's fast states are those of the usual day, which the mood of weeks hardly remembers
    assert later.value("mother.epds", "6 weeks") == pytest.approx(
        newborns.value("mother.epds", "6 weeks"), abs=0.2
    )
    assert len(later.times) == 3 and later.first_age == 28 * units.DAY


def test_a_dyad_taken_from_a_cohort_goes_on_where_the_cohort_went() -> None:
    """A start is a mean of its day: what the course had at midnight is no start, and lies .3 EPDS
    points beside it.
    """
    families = Population.named("community").sample(6, seed=5, infant_age="0 d")
    options: dict[str, Any] = {
        "schedule": Routine.typical(),
        "every": "1 d",
        "solver": Solver(rtol=1e-6),
    }
    whole = follow(families, until="3 weeks", **options)
    name, weeks = "mother.epds", slice(-8, None)
    later = follow(whole.family("2 weeks"), until="3 weeks", **options)
    assert later.values[name] == pytest.approx(whole.values[name][:, weeks], abs=0.01)
    beside = follow(whole.at_midnight("2 weeks"), until="3 weeks", **options)
    assert np.abs(beside.values[name] - whole.values[name][:, weeks]).max() > 0.1


def test_readings_have_luck_of_their_own() -> None:
    cohort = _written(mother__epds=np.full(4000, 10.0))
    first, again = cohort.readings("epds", "8 weeks"), cohort.readings("epds", "8 weeks")
    second, visit_2 = (
        cohort.readings("epds", "9 weeks"),
        cohort.readings("epds", "8 weeks", occasion="visit 2"),
    )
    assert np.array_equal(first, again)
    for luck in (second, visit_2):
        assert abs(np.corrcoef(first, luck)[0, 1]) < 0.05
    assert (cohort.readings("epds", "8 weeks", noise=False) == 10).all()
    both = cohort.readings("epds", ["8 weeks", "9 weeks"])
    assert np.array_equal(both, np.stack([first, second], axis=1))
    drawn = groups(4000, 50, 3, 0)
    assert cohort.readings("epds", "8 weeks", groups=drawn).shape == (3, 50)
    assert cohort.readings("epds", ["8 weeks", "9 weeks"], groups=drawn).shape == (3, 50, 2)


def test_the_mean_of_a_stretch_and_urine_are_those_of_a_finer_run(newborns: Cohort) -> None:
    """Once a trapezoid of what was kept each quarter of an hour: here each 2 h, and two dyads at
    1e-10.
    """
    seen = visit(
        newborns.take([0, 7]),
        "5 weeks",
        ["caregiver.engagement", "caregiver.plasma_oxytocin"],
        hours=("07:00", "11:00"),
        every="2 h",
        times=["10:13"],
        means=[("09:00", "11:00"), ("07:00", "10:00")],
    )
    care = seen.readings("engaged_care", ("09:00", "11:00"), noise=False)
    for k, number in enumerate(seen.who.numbers):
        own = newborns.take([number]).at_midnight("5 weeks")
        day = newborns.population.schedules(newborns.schedule, [number], seed=4)
        exact = Reference(
            dataclasses.replace(prepare(own, day, "11 h", start="00:00", seed=4), means=False)
        )
        mean = exact.area("mother.engagement", 540, 660) / 120
        # a visit's solver has 1e-5
        assert care[k] == pytest.approx(np.clip(1 + 2 * mean, 1, 5), abs=1e-4)
        blood = exact.area("mother.plasma_oxytocin", 420, 600) / 180
        assert seen.means["mother.plasma_oxytocin", 420, 600][k] == pytest.approx(blood, rel=1e-4)
        at = exact.at("mother.plasma_oxytocin", np.array([613.0]))[0]
        assert seen.value("mother.plasma_oxytocin", "10:13")[k] == pytest.approx(at, rel=1e-4)
    urine = seen.readings("urine_oxytocin", "10:00", noise=False)
    expected = read(
        "urine_oxytocin", seen.means["mother.plasma_oxytocin", 420, 600], (0, 7), None, None
    )
    assert urine == pytest.approx(np.asarray(expected.values)[:, 0])


def test_what_was_not_kept_is_refused_with_what_to_keep(newborns: Cohort) -> None:
    """A line between two weeks was up to a point of the EPDS off while an episode begins."""
    with pytest.raises(
        InputError, match=r"mother.epds 31 days .*name the age in at= when you follow the cohort"
    ):
        newborns.readings("epds", "31 d")
    with pytest.raises(
        InputError,
        match=r"31 days after birth: expected a midnight that was kept; .*at= .*every='1 d'",
    ):
        visit(newborns, "31 d", ["caregiver.epds"])
    seen = visit(
        newborns,
        "5 weeks",
        ["caregiver.plasma_oxytocin"],
        hours=("08:00", "10:00"),
        means=[("09:00", "09:30")],
    )
    with pytest.raises(
        InputError,
        match=r"from 07:00 to 10:00: .*found 540 to 570 min; .*means=\[\('07:00', '10:00'\)",
    ):
        seen.readings("urine_oxytocin", "10:00")
    with pytest.raises(InputError, match="it reads the mean over the 180 min before it by itself"):
        seen.readings("urine_oxytocin", ("09:00", "09:30"))
    with pytest.raises(InputError, match="it reads the mean over the 180 min before it by itself"):
        Measure("urine_oxytocin", at=("09:00", "09:30"))
    with pytest.raises(InputError, match="expected stretches that end after they begin"):
        visit(newborns, "5 weeks", ["caregiver.epds"], means=[("10:00", "09:00")])


def test_an_age_that_is_asked_for_is_kept_with_the_midnight_before_it() -> None:
    cohort = follow(Population.named("community"), 2, until="40 d", at=["1 month"], seed=4)
    assert {30.0, 30.4375} <= {float(time) / units.DAY for time in cohort.times}
    assert len(visit(cohort, "1 month", ["caregiver.epds"], hours=("00:00", "01:00"))) == 2


def test_ages_over_a_range_are_those_of_days_that_were_kept(newborns: Cohort) -> None:
    study = cross_section(
        ["epds", "salivary_cortisol"], age=("2 weeks", "5 weeks"), n=10, cohort=newborns
    )
    assert np.isfinite(study.readings["epds"]).all()
    with pytest.raises(InputError, match=" min to 16 d, between two times that it kept"):
        cross_section(["salivary_cortisol", "epds"], age=("15.2 d", "16 d"), n=10, cohort=newborns)


def test_failed_dyads_are_missing_and_left_out() -> None:
    good = sample(20, seed=1, infant_age="0 d")
    one = follow(good, until="2 weeks", solver=Solver(rtol=1e-4, max_evaluations=100))
    lost = len(one.reasons)
    assert lost and all("evaluations" in why for why in one.reasons.values())
    assert np.isnan(one.readings("epds", "1 week")[~one.complete]).all()
    with pytest.raises(InputError, match=f"{lost} dyads failed"):
        one.family("1 week")


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (
            {"population": sample(3, seed=0, infant_age="14 d"), "until": "1 week"},
            InputError,
            "expected an age above",
        ),
        ({"n": 0}, InputError, "n: expected a whole number of at least 1; found 0"),
        ({"n": None}, InputError, "n: expected a whole number of at least 1; found None"),
        ({"n": 3, "at": "4 weeks"}, InputError, "expected a list of ages"),
        ({"n": 3, "until": "2 weeks", "at": ["3 weeks"]}, InputError, "expected ages from"),
        ({"n": 3, "every": "5 min"}, InputError, "at least an hour"),
        ({"n": 3, "block": 0}, InputError, "block: expected"),
        ({"n": 3, "until": 8}, UnitError, "until"),
        (
            {"n": 3, "until": "1 week", "schedule": [Routine.typical()]},
            InputError,
            "expected one for all",
        ),
        ({"n": 3, "variables": ["caregiver.epd"]}, UnknownNameError, "caregiver.epds"),
        ({"n": 3, "population": 8}, InputError, "expected a Population or a Family; found 8"),
        (
            {"n": 3, "population": sample(3, seed=0, infant_age="0 d")},
            InputError,
            "the dyads are given, 3 of them",
        ),
        (
            {"population": sample(9, seed=0, infant_age=("0 d", "9 months"))},
            InputError,
            "dyads of one age",
        ),
    ],
)
def test_what_cannot_be_followed_is_refused(
    arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    options = dict(arguments)
    with pytest.raises(error, match=message):
        follow(options.pop("population", None), options.pop("n", None), **options)


def test_what_cannot_be_read_is_refused(newborns: Cohort) -> None:
    with pytest.raises(
        InputError, match=r"followed from 0\.0 to 1\.4 months of age; found 1\.8 months"
    ):
        newborns.readings("epds", "8 weeks")
    with pytest.raises(InputError, match=r"'mother.cortisol' was not kept.*read it on a day"):
        newborns.readings("salivary_cortisol", "4 weeks")
    with pytest.raises(UnknownNameError, match="'epds'"):
        newborns.readings("epd", "4 weeks")
    with pytest.raises(InputError, match="measures the caregiver"):
        newborns.readings("epds", "4 weeks", member="infant")
    with pytest.raises(UnknownNameError, match="'mother'"):
        newborns.readings("epds", "4 weeks", member="moter")
    with pytest.raises(InputError, match="expected .from, to."):
        visit(newborns, "4 weeks", ["caregiver.epds"], hours=("12:00", "09:00"))
    for wrong in (["4 weeks"] * 20, [1.0, 2.0], np.full(20, np.nan)):
        with pytest.raises(InputError, match="or 20 numbers of minutes, one a dyad"):
            newborns.family(wrong)
    with pytest.raises(InputError, match=r"found 3\.0 months"):
        visit(newborns, "3 months", ["caregiver.epds"])


# --------------------------------------------------------------------------------------
# birth cohort
def test_entry_is_by_the_form_so_some_return_to_the_mean() -> None:
    true = 10.0
    entered, still = persistence(_written(mother__epds=np.full(20_000, true)))
    above = stats.norm.sf((11.5 - true) / 1.8)  # a rounded form of 12 or more, by its noise alone
    assert entered.mean() == pytest.approx(above, abs=4 * np.sqrt(above / 20_000))
    assert still.sum() / entered.sum() == pytest.approx(
        above, abs=4 * np.sqrt(above / entered.sum())
    )
    assert not np.any(still > entered)


def test_the_share_above_a_cut_off_counts_forms() -> None:
    shares = share_at_or_above(np.array([[9.0, 10, 11, 0], [10, 10, 10, np.nan]]), 10)
    assert shares[0] == 0.5 and np.isnan(shares[1])


def test_a_birth_cohort_answers_every_finding() -> None:
    study = birth_cohort(
        Population.named("community"), n=44, early=40, krol_n=20, replications=4, seed=1
    )
    answered = {*study.figures["target"], *study.effects["target"]}
    assert answered == {
        "C1a",
        "C1b",
        "C1c",
        "C2",
        "C3",
        "C4a",
        "C4b",
        "C4c",
        "C4d",
        "K1",
        "K2",
        "K3",
        "K4",
    }
    assert all(target(name).protocol == 8 for name in answered) and PROTOCOLS[8] is birth_cohort
    classes = study.figures.set_index("target").loc[["C4a", "C4b", "C4c", "C4d"], "simulated"]
    assert classes.sum() == pytest.approx(1)
    assert study.readings["epds at 8 weeks | cohort"].shape == (1, 44)
    assert study.readings["infant methylation change | studies"].shape == (4, 20)
    assert (
        "84" not in study.design["participants"]
        and "40 more to 6 months" in study.design["participants"]
    )
    assert Population.named("community").fingerprint in study.report()


def test_a_birth_cohort_refuses_what_contradicts_itself(newborns: Cohort) -> None:
    dyads = sample(40, seed=0, infant_age="0 d")
    long = _written(mother__epds=np.full(60, 5.0))
    with pytest.raises(
        InputError, match="from birth to 18 months; found one from 0.0 to 1.4 months"
    ):
        birth_cohort(cohort=newborns)
    with pytest.raises(InputError, match="it is there already, so population, n can say nothing"):
        birth_cohort(dyads, n=50, cohort=long)
    with pytest.raises(InputError, match="followed with seed 0; found 3"):
        birth_cohort(cohort=long, seed=3)
    with pytest.raises(InputError, match="expected a Cohort"):
        birth_cohort(cohort=dyads)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="goes with cohort="):
        birth_cohort(early_cohort=long)
    with pytest.raises(InputError, match="there are no further ones"):
        birth_cohort(dyads, early=20)
    with pytest.raises(InputError, match="at least 40 dyads that came through; found 12"):
        birth_cohort(cohort=long.take(np.arange(12)))


# --------------------------------------------------------------------------------------
# cross-section
def test_a_cross_section_finds_the_correlation_that_noise_leaves() -> None:
    n = 20_000
    epds, second = stream(5, 0, "test of a cross-section").normal(size=(2, n))
    r = -0.6
    sensitivity = 5 + 1.0 * (r * epds + np.sqrt(1 - r * r) * second)
    cohort = _written(mother__epds=15 + 2.5 * epds, mother__sensitivity=sensitivity)
    asked = [Measure("epds", age="10 weeks"), Measure("sensitivity", age="20 weeks")]
    study = cross_section(asked, n=100, cohort=cohort)
    noise = np.sqrt(2.5**2 / (2.5**2 + 1.8**2 + 1 / 12)) * np.sqrt(1 / (1 + 0.7**2 + 0.5**2))
    row = study.effects.iloc[0]
    assert row["replications"] == n / 100 and row["outcome"] == "sensitivity at 20 weeks"
    assert row["dz"] == pytest.approx(r * noise, abs=4 * row["dz_se"])
    assert "nobody in two of them" in study.design["replications"]


def test_groups_are_halves_of_each_study_and_differ_as_they_should() -> None:
    epds = np.repeat([2.0, 20.0], 400)
    cohort = _written(mother__epds=epds, mother__sensitivity=np.repeat([6.0, 5.0], 400))
    gain = np.repeat([0.6, 1.8], 400)
    cohort = Cohort(
        cohort.who.with_parameters({"caregiver.depression.loop_gain": gain}),
        cohort.times,
        cohort.values,
        cohort.schedule,
        0,
        {},
    )
    entry = {
        "strong": "caregiver.depression.loop_gain > 1",
        "weak": "caregiver.depression.loop_gain < 1",
    }
    asked = [Measure("epds", age="10 weeks"), Measure("sensitivity", age="10 weeks")]
    study = cross_section(asked, n=41, cohort=cohort, groups=entry)
    assert study.readings["epds at 10 weeks"].shape == (19, 41)  # 21 strong and 20 weak, 19 times
    assert (study.readings["epds at 10 weeks"][:, :21] > 10).all()
    contrast = study.effects.set_index(["outcome", "contrast"]).loc[
        ("sensitivity at 10 weeks", "strong - weak")
    ]
    assert contrast["difference"] == pytest.approx(-1, abs=4 * contrast["difference_se"])
    assert contrast["share_up"] < 0.1


def test_groups_by_a_form_and_what_is_read_on_a_day() -> None:
    cohort = follow(Population.named("community"), 60, until="14 weeks", seed=6)
    entry = {"high": "epds >= 8", "low": "epds < 8"}
    asked = ["epds", "infant.saliva_oxytocin", Measure("salivary_cortisol", at=("09:00", "09:30"))]
    study = cross_section(asked, age=("10 weeks", "13 weeks"), n=16, cohort=cohort, groups=entry)
    high, low = study.readings["epds"][:, :8], study.readings["epds"][:, 8:]
    assert high.mean() > low.mean() + 4 and high.min() < 8  # the form of entry is another one
    again = cross_section(asked, age=("10 weeks", "13 weeks"), n=16, cohort=cohort, groups=entry)
    assert all(
        np.array_equal(values, again.readings[key]) for key, values in study.readings.items()
    )
    assert set(study.readings) == {"epds", "infant saliva_oxytocin", "salivary_cortisol"}
    assert len(study.effects) == 3 + 3 and "epds" in study.report()


def test_every_measure_is_in_the_matrix() -> None:
    cohort = follow(None, 16, until="1 week", seed=6)
    study = cross_section(age="1 week", n=8, cohort=cohort)
    assert (
        len(study.effects) == 7 * 6 / 2
        and len(study.figures) == 0
        and PROTOCOLS[14] is cross_section
    )
    assert study.effects["dz"].between(-1, 1).all()


@pytest.mark.long
def test_published_cross_sections_name_their_findings() -> None:
    cohort = follow(Population.named("community"), 300, until="9 months", at=["3 months"], seed=1)
    study = mind_mindedness(n=16, cohort=cohort)
    assert study.figures["target"].tolist() == ["C11"] and set(study.effects["target"]) == {
        "LB1",
        "",
    }
    assert "8 of " in study.design["participants"] and "PND" in study.design["participants"]
    assert caesarean(n=30, cohort=cohort).figures["target"].tolist() == ["C8a", "C8b"]
    assert depression_and_sensitivity(n=30, cohort=cohort).figures["target"].tolist() == ["C9"]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"measures": ["epd"]}, UnknownNameError, "epds"),
        ({"measures": "epds"}, InputError, "expected a list"),
        ({"measures": []}, InputError, "found none"),
        ({"measures": ["epds", "epds"]}, InputError, "'epds' twice"),
        ({"measures": ["infant.epds"]}, InputError, "measures the caregiver"),
        ({"measures": ["epds", 3]}, InputError, "expected a name"),
        (
            {"groups": {"a": "epds >= 5", "b": "epds >= 7"}},
            InputError,
            "meet the conditions of both 'a' and 'b'",
        ),
        ({"groups": {"a": "epds >= 29"}}, InputError, "group 'a': 0 dyads of the pool"),
        ({"groups": {"a": "epdss >= 5"}}, UnknownNameError, "epds"),
        ({"targets": {("epds", "sensitivity"): "C99"}}, UnknownNameError, "C99"),
        ({"targets": {("epds", "sensitivty"): "C9"}}, UnknownNameError, "sensitivity"),
        ({"n": 3}, InputError, "n: expected a whole number of at least 4"),
        ({"n": 30}, InputError, "fewer than the 30 of one study"),
        ({"replications": 0}, InputError, "replications"),
        ({"age": ("3 weeks", "1 week")}, InputError, "lower end first"),
        ({"age": "3 months"}, InputError, r"found 3\.0 months"),
        ({"seed": 9}, InputError, "followed with seed 4; found 9"),
        ({"pool": 90}, InputError, "pool can say nothing"),
        ({"measures": ["urine_oxytocin", Measure("epds", at="00:10")], "age": "1 week"}, None, ""),
        ({"measures": [Measure("urine_oxytocin", at="01:00")]}, InputError, "before 00:00"),
    ],
)
def test_cross_sections_that_cannot_be_are_refused(
    newborns: Cohort, arguments: dict[str, Any], error: type[Exception] | None, message: str
) -> None:
    options = {
        "measures": ["epds", "sensitivity"],
        "age": "3 weeks",
        "n": 10,
        "cohort": newborns,
        **arguments,
    }
    if error is None:
        assert len(cross_section(**options).effects) == 1
        return
    with pytest.raises(error, match=message):
        cross_section(**options)


def test_measures_that_cannot_be_are_refused() -> None:
    with pytest.raises(InputError, match="moves within hours"):
        Measure("saliva_oxytocin", age="3 months")
    with pytest.raises(UnknownNameError, match="'infant'"):
        Measure("epds", "infnt")
    with pytest.raises(UnitError, match="clock time"):
        Measure("epds", at="noon")
    with pytest.raises(InputError, match="a clock time or a pair"):
        Measure("epds", at=("10:00", "09:00"))
    assert [one.label for one in measures_of(["methylation", Measure("epds", age="3 months")])] == [
        "infant methylation", "epds at 3 months",
    ]  # fmt: skip


@pytest.mark.long
def test_eighteen_months_hold_their_tolerance() -> None:
    community = Population.named("community")
    precise = follow(community, 48, until="18 months", seed=2, solver=Solver(rtol=1e-7))
    quick = follow(community, 48, until="18 months", seed=2)
    apart = np.abs(precise.values["mother.epds"] - quick.values["mother.epds"])
    assert np.quantile(apart, 0.99) < 0.01 and apart.max() < 0.1  # one near a separatrix may lag
    assert isinstance(quick.family("12 months"), Family)


@pytest.mark.long
def test_a_cohort_of_some_size_shows_what_was_built_in() -> None:
    study = birth_cohort(Population.named("community"), n=400, early=0, seed=3, replications=200)
    rows = study.effects.set_index("target")
    assert rows.loc["K1", "dz"] < 0 < rows.loc["K3", "dz"]
    assert abs(rows.loc["K2", "dz"]) < 0.1
