"""Following a cohort: blocks, lives, visits, readings, and what was kept."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from oxysim import units
from oxysim.cohorts.cohort import Cohort
from oxysim.cohorts.cross_sectional_measures import Measure
from oxysim.cohorts.follow_up import follow, visit
from oxysim.cohorts.several_cohorts import combine_cohorts
from oxysim.errors import InputError, UnitError, UnknownNameError
from oxysim.families import Family
from oxysim.interventions import DailyLife
from oxysim.measures import read
from oxysim.population import Population, sample
from oxysim.schedule import Routine, as_schedule
from oxysim.simulation.run import prepare
from oxysim.simulation.scipy_engine import Solver
from oxysim.simulation.simulate import simulate
from oxysim.simulation.start.mood_at_birth import start_at_birth
from oxysim.trials.participant_groups import groups
from tests.support.fine_reference import Reference
from tests.support.small_cohorts import constant_cohort


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
    # newborns' mothers begin where their lives have brought them, whoever follows them
    born = start_at_birth(newborns.who, [as_schedule(day) for day in days], 4)
    result = simulate(
        born,
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
        # a form's expectation of two states, each kept in single precision (1.2e-7)
        newborns.value("mother.epds", "4 weeks"),
        rel=5e-7,
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
    cohort = constant_cohort(mother__epds=np.full(4000, 10.0))
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
        dyad = newborns.take([number]).at_midnight("5 weeks")
        day = newborns.population.schedules(newborns.schedule, [number], seed=4)
        exact = Reference(
            dataclasses.replace(prepare(dyad, day, "11 h", start="00:00", seed=4), means=False)
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


def test_failed_dyads_are_missing_and_left_out() -> None:
    good = sample(20, seed=1, infant_age="0 d")
    cohort = follow(good, until="2 weeks", solver=Solver(rtol=1e-4, max_evaluations=100))
    lost = len(cohort.reasons)
    assert lost and all("evaluations" in why for why in cohort.reasons.values())
    assert np.isnan(cohort.readings("epds", "1 week")[~cohort.complete]).all()
    with pytest.raises(InputError, match=f"{lost} dyads failed"):
        cohort.family("1 week")


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
        (
            {"n": 3, "population": 8},
            InputError,
            "an Ensemble or a Family; found 8",
        ),
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


@pytest.mark.long
def test_eighteen_months_hold_their_tolerance() -> None:
    community = Population.named("community")
    # a year lies between two whole weeks, at which alone a cohort would be kept
    options = {"until": "18 months", "seed": 2, "at": ["12 months"]}
    precise = follow(community, 48, solver=Solver(rtol=1e-7), **options)
    quick = follow(community, 48, **options)
    distance = np.abs(precise.values["mother.epds"] - quick.values["mother.epds"])
    assert (
        np.quantile(distance, 0.99) < 0.01 and distance.max() < 0.1
    )  # one near a separatrix may lag
    assert isinstance(quick.family("12 months"), Family)
