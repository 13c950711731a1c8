"""Populations: traits, correlations, attributes, files, plausible sets, and who enters a study."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats

import oxysim as ox
from oxysim.errors import InputError, ScheduleError, UnitError, UnknownNameError
from oxysim.families import combine
from oxysim.interventions.daily_life import ordinary_life
from oxysim.measures import NoiseKey, read
from oxysim.model import registry
from oxysim.population import Attribute, Correlation, Population, Trait
from oxysim.population.criteria import read_criteria
from oxysim.schedule import Schedule, as_schedule
from oxysim.simulation.scipy_engine import Solver
from oxysim.simulation.start.mood_at_birth import start_at_birth

SET_POINT, LOOP = "caregiver.depression.set_point", "caregiver.depression.loop_gain"
CENTRAL = "caregiver.oxytocin.central_basal"
INFANT = "infant.oxytocin.plasma_basal"
FLOOR = "caregiver.engagement.floor"
SHARES = np.linspace(0.005, 0.995, 67)


def small(**changes: object) -> Population:
    parts: dict[str, object] = {
        "name": "small",
        "traits": (
            Trait(SET_POINT, "lognormal", 4.0, 0.4),
            Trait(CENTRAL, "lognormal", 5.0, 0.3),
            Trait(INFANT, "lognormal", 3.0, 0.4),
        ),
        "correlations": (Correlation(SET_POINT, CENTRAL, -0.6),),
        "attributes": (
            Attribute("preterm", 0.2, ((SET_POINT, 1.0),)),
            Attribute("bottle-fed", 0.5, (), "weaning from 0 d to 1 min in 1 steps"),
        ),
    }
    return Population(**{**parts, **changes})  # type: ignore[arg-type]


# ------------------------------------------------------------------ one trait
@pytest.mark.parametrize(
    ("trait", "reference"),
    [
        (Trait(SET_POINT, "lognormal", 4.0, 0.4), stats.lognorm(0.4, scale=4.0)),
        (Trait("caregiver.stress.oxytocin_gain", "normal", 2.0, 1.5), stats.norm(2.0, 1.5)),
        (Trait(FLOOR, "beta", 0.45, 0.1), stats.beta(0.45 * 23.75, 0.55 * 23.75)),
        (Trait(LOOP, "uniform", least=0.5, most=1.5), stats.uniform(0.5, 1.0)),
    ],
)
def test_a_trait_has_the_distribution_that_it_names(
    trait: Trait, reference: stats.rv_continuous
) -> None:
    np.testing.assert_allclose(trait.quantile(SHARES), reference.ppf(SHARES), rtol=1e-9)


def test_a_logit_normal_trait_is_normal_on_the_logit_scale() -> None:
    quantiles = Trait(FLOOR, "logit-normal", 0.46, 0.5).quantile(SHARES)
    scores = (np.log(quantiles / (1 - quantiles)) - np.log(0.46 / 0.54)) / 0.5
    np.testing.assert_allclose(scores, stats.norm.ppf(SHARES), atol=1e-9)


def test_a_truncated_trait_is_the_conditional_distribution() -> None:
    quantiles = Trait(
        "caregiver.stress.oxytocin_gain", "normal", 1.0, 2.0, least=0.0, most=4.0
    ).quantile(SHARES)
    reference = stats.truncnorm(-0.5, 1.5, loc=1.0, scale=2.0)
    np.testing.assert_allclose(quantiles, reference.ppf(SHARES), rtol=1e-8)


@given(
    name=some.sampled_from([SET_POINT, LOOP, CENTRAL]),
    spread=some.floats(0.01, 2.0),
    centre=some.floats(0.3, 20.0),
    share=some.floats(1e-9, 1 - 1e-9),
)
@settings(max_examples=100, deadline=None)
def test_quantiles_rise_and_stay_legal(
    name: str, spread: float, centre: float, share: float
) -> None:
    trait = Trait(name, "lognormal", centre, spread, least=0.1, most=25.0)
    low, middle, high = trait.quantile(np.array([share / 2, share, (1 + share) / 2]))
    assert 0.1 <= low <= middle <= high <= 25.0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((SET_POINT, "lognormal", 4.0), "spread must be a number above 0"),
        ((SET_POINT, "lognormal", -4.0, 0.3), "the centre must lie between"),
        ((SET_POINT, "lognormal", 4.0, float("nan")), "spread of trait"),
        ((SET_POINT, "normal", 4.0, 1.0, 6.0, 5.0), "least must lie below most"),
        ((SET_POINT, "normal", 4.0, 1.0, -6.0), r"the ends must lie in \[0, inf\]"),
        (
            (LOOP, "uniform", 1.0, None, 0.5, 1.5),
            "a uniform trait has least and most, and neither centre nor spread",
        ),
        ((FLOOR, "beta", 0.5, 0.6), r"sqrt\(centre \* \(1 - centre\)\)"),
        (
            ("depression.set_point", "lognormal", 4.0, 0.3),
            "a name that begins with 'caregiver.' or 'infant.'",
        ),
    ],
)
def test_numbers_that_make_no_distribution_are_refused(
    arguments: tuple[object, ...], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        Trait(*arguments)  # type: ignore[arg-type]


def test_misspelt_names_are_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="caregiver.depression.set_point"):
        Trait("caregiver.depression.set_pont", "lognormal", 4.0, 0.3)
    with pytest.raises(UnknownNameError, match="'lognormal'"):
        Trait(SET_POINT, "log-normal", 4.0, 0.3)
    with pytest.raises(UnknownNameError, match="evans2001"):
        Trait(SET_POINT, "lognormal", 4.0, 0.3, source="evans2011")


# ---------------------------------------------------------------- many dyads
def test_traits_correlate_as_the_copula_says() -> None:
    families = small(attributes=()).sample(20_000, seed=1)
    scores = np.log([families.value(SET_POINT), families.value(CENTRAL), families.value(INFANT)])
    r = np.corrcoef(scores)
    assert abs(r[0, 1] + 0.6) < 0.02
    assert abs(r[0, 2]) < 0.03
    np.testing.assert_allclose(scores.std(axis=1), [0.4, 0.3, 0.4], rtol=0.03)


def test_a_draw_depends_on_the_dyad_and_its_traits_alone() -> None:
    whole = small().sample(700, seed=3)
    subset = small().draw([5, 699, 300], seed=3)
    more = small(traits=(*small().traits, Trait(LOOP, "lognormal", 0.6, 0.3))).sample(700, seed=3)
    for name in (SET_POINT, CENTRAL, INFANT):
        np.testing.assert_array_equal(subset.value(name), whole.value(name)[[5, 699, 300]])
        np.testing.assert_array_equal(more.value(name), whole.value(name))
    assert np.all(small().sample(700, seed=4).value(INFANT) != whole.value(INFANT))


def test_caregivers_of_a_family_have_their_own_traits() -> None:
    families = small(attributes=()).sample(4000, seed=2, caregivers=("mother", "father"))
    mothers, fathers = (
        np.log(families.value(f"{caregiver}.depression.set_point"))
        for caregiver in ("mother", "father")
    )
    assert abs(np.corrcoef(mothers, fathers)[0, 1]) < 0.05
    assert (
        np.corrcoef(fathers, np.log(families.value("father.oxytocin.central_basal")))[0, 1] < -0.5
    )


def test_attributes_have_their_share_shift_their_traits_and_change_the_day() -> None:
    population = small()
    families = population.sample(6000, seed=5)
    has = population.having(families.numbers, seed=5)
    assert abs(has["preterm"].mean() - 0.2) < 0.02
    scores = np.log(families.value(SET_POINT) / 4.0) / 0.4
    assert abs(scores[has["preterm"]].mean() - scores[~has["preterm"]].mean() - 1.0) < 0.1
    days = population.schedules(ox.Routine.typical(), families.dyads[:40], seed=5)  # type: ignore[index]
    assert isinstance(days, list)
    assert len({id(day) for day in days}) == 2
    weaned = ["weaning" in day.text() for day in days]
    assert weaned == has["bottle-fed"][:40].tolist()


def test_a_population_lives_with_memories_of_its_own() -> None:
    brief = small(attributes=(), daily_life={"mood_time": 2.0})
    usual = small(attributes=())
    day = ox.Routine.typical() + ox.DailyLife()
    lived = brief.schedules(day, range(3), seed=1)
    assert isinstance(lived, Schedule) and lived.noise is not None
    assert lived.noise.mood_time == 2 * 1440  # minutes
    assert lived.noise.stress_time == day.noise.stress_time  # type: ignore[union-attr]
    # what a user chose stays, and a day without noise gets none
    chosen = brief.schedules(ox.Routine.typical() + ox.DailyLife(mood_time="9 d"), [0], seed=1)
    assert isinstance(chosen, Schedule) and chosen.noise is not None
    assert chosen.noise.mood_time == 9 * 1440
    quiet = brief.schedules(ox.Routine.typical(), [0], seed=1)
    assert isinstance(quiet, Schedule) and quiet.noise is None
    # another life is another population; the same draws of its traits
    assert brief.fingerprint != usual.fingerprint
    assert brief.sample(4, seed=1).value(SET_POINT) == pytest.approx(
        usual.sample(4, seed=1).value(SET_POINT)
    )


def test_one_day_for_all_where_no_attribute_changes_it() -> None:
    population = small(attributes=(Attribute("preterm", 0.2),))
    assert isinstance(population.schedules(ox.Routine.typical(), range(50), seed=1), Schedule)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"correlations": (Correlation(SET_POINT, LOOP, 0.5),)}, UnknownNameError, LOOP),
        ({"values": {SET_POINT: 4.0}}, InputError, "both a trait and a shared value"),
        ({"values": {"caregiver.depression.set_pont": 4.0}}, UnknownNameError, "set_point"),
        ({"values": {LOOP: -1.0}}, InputError, "not legal"),
        ({"daily_life": {"mood_tiem": 3.0}}, UnknownNameError, "mood_time"),
        ({"daily_life": {"mood_time": -3.0}}, UnitError, "mood_time"),
        ({"daily_life": {"mood_time": 0.01}}, ScheduleError, "at least 1 h"),
        ({"daily_life": {"mood_time": "3 d"}}, InputError, "mood_time"),
        ({"daily_life": 3.0}, InputError, "a mapping"),
        ({"traits": small().traits * 2}, InputError, "stands twice"),
        ({"attributes": (Attribute("preterm", 0.2, ((LOOP, 1.0),)),)}, UnknownNameError, LOOP),
        (
            {"attributes": (Attribute("fed", 0.2, (), "weening from 0 d to 1 d"),)},
            UnknownNameError,
            "weaning",
        ),
    ],
)
def test_a_population_that_cannot_be_is_refused(
    changes: dict[str, object], error: type, message: str
) -> None:
    with pytest.raises(error, match=message):
        small(**changes)


def test_correlations_that_no_population_can_have_are_refused_by_name() -> None:
    pairs = (
        Correlation(SET_POINT, CENTRAL, 0.9),
        Correlation(CENTRAL, INFANT, 0.9),
        Correlation(SET_POINT, INFANT, -0.9),
    )
    with pytest.raises(InputError, match="bring some of them nearer to 0"):
        small(correlations=pairs)
    with pytest.raises(InputError, match=r"inside \(-1, 1\); found 1.0"):
        Correlation(SET_POINT, CENTRAL, 1.0)


# ----------------------------------------------------------------------- files
def test_a_file_gives_back_the_same_population(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    small(
        values={LOOP: 0.7},
        daily_life={"mood_time": 2.0},
        provenance={"script": "none", "rounds": [{"objective": 1.5}]},
    ).to_file(path)
    from_file = Population.from_file(path)
    same = small(values={LOOP: 0.7}, daily_life={"mood_time": 2.0})
    assert from_file.fingerprint == same.fingerprint
    assert from_file.daily_life == {"mood_time": 2.0}
    assert from_file.traits == small().traits
    assert from_file.attributes == small().attributes
    assert from_file.provenance["rounds"] == [{"objective": 1.5}]
    np.testing.assert_array_equal(
        from_file.sample(9, seed=1).value(CENTRAL), small().sample(9, seed=1).value(CENTRAL)
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = 3", "expected a name"),
        (
            "name = 'x'\n[[trait]]\nname = 'caregiver.depression.set_point'",
            "'distribution' is missing",
        ),
        (
            "name = 'x'\n[[trait]]\nname = 'a'\ndistribution = 'normal'\ncenter = 3",
            "unknown entry 'center'",
        ),
        ("name = 'x'\n[values]\n'caregiver.depression.loop_gain' = 'strong'", "expected a number"),
        ("name = 'x'\n[[correlation]]\nbetween = ['a']\nr = 0.1", "between = "),
        ("name = 'x'\n[traits]\na = 1", "unknown entry 'traits'"),
        ("name = 'x'\n[daily_life]\nmood_time = 'long'", "expected a number"),
        ("name = ", "not legal TOML"),
    ],
)
def test_a_bad_file_is_refused_with_its_name_and_entry(
    tmp_path: Path, text: str, message: str
) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises((InputError, UnknownNameError), match=message) as caught:
        Population.from_file(path)
    assert "mine.toml" in str(caught.value)


def test_unknown_populations_and_files_are_named() -> None:
    with pytest.raises(UnknownNameError, match="community"):
        Population.named("comunity")
    with pytest.raises(InputError, match="there is no such file"):
        Population.from_file("nowhere.toml")


def test_the_packaged_community_can_be_read_and_says_where_it_is_from() -> None:
    community = Population.named("community")
    assert len(community.fingerprint) == 64
    assert {"unit", "centre", "spread", "source", "status"} <= set(community.table().columns)
    # by hand until the second model is calibrated, and it says so
    assert "rows marked fit" in community.provenance["state"]
    assert community.sample(3, seed=1).value(SET_POINT).shape == (3,)


# --------------------------------------------------------------- what is not known
def test_plausible_sets_differ_between_and_not_within_populations() -> None:
    base = small(
        traits=(Trait(SET_POINT, "lognormal", 4.0, 0.4, doubt=0.2), *small().traits[1:]),
        values={LOOP: 0.7},
    )
    sets = base.plausible(40, seed=1)
    gains = np.array([population.values["caregiver.reward.half_reward"] for population in sets])
    row = registry.parameters()["caregiver.reward.half_reward"]
    assert len(set(gains)) == 40
    assert np.all((gains >= row.low) & (gains <= row.high))
    assert {population.values[LOOP] for population in sets} == {0.7}
    centres = np.log([population.trait(SET_POINT).centre for population in sets])
    assert abs(centres.std() - 0.2) < 0.03
    assert {population.trait(CENTRAL).centre for population in sets} == {5.0}
    families = sets[0].sample(50, seed=1)
    assert np.ndim(families.value("caregiver.reward.half_reward")) == 0
    assert np.ndim(families.value(SET_POINT)) == 1


def test_changed_populations_leave_no_loose_ends() -> None:
    fixed = small().with_values({SET_POINT: 5.0})
    assert SET_POINT not in {trait.name for trait in fixed.traits}
    assert not fixed.correlations
    assert fixed.attributes[0].shifts == ()
    assert "changed" in fixed.provenance
    assert small().with_trait(CENTRAL, spread=0.1).trait(CENTRAL).spread == 0.1
    assert small().with_trait(CENTRAL, spread=0.1).fingerprint != small().fingerprint


@pytest.mark.parametrize("dyads", [[-1], [1.5], [], [[1]], 3, "12"])
def test_numbers_that_no_dyad_has_are_refused(dyads: Any) -> None:
    with pytest.raises(
        InputError, match="dyads: expected whole numbers of at least 0, one or more"
    ):
        small().draw(dyads, seed=1)


# ------------------------------------------------------------------- selection
def test_who_enters_depends_neither_on_how_many_nor_on_the_block() -> None:
    options = {"wanted": "epds >= 8", "at": "2 weeks", "seed": 7}
    ten, report = small().select(10, **options)  # type: ignore[arg-type]
    five, _ = small().select(5, block=16, **options)  # type: ignore[arg-type]
    assert five.dyads == ten.dyads[:5]  # type: ignore[index]
    np.testing.assert_array_equal(
        five.start["mother.depression"], ten.start["mother.depression"][:5]
    )
    assert report.eligible == 10
    assert report.screened == ten.dyads[-1] + 1  # type: ignore[index]
    assert set(np.floor(ten.ages() / 1440)) == {14.0}
    assert "10 of" in str(report)
    assert "met epds >= 8 at 2 weeks" in str(report)


def _born(newborns: ox.Family, days: Any, seed: int) -> ox.Family:
    """Newborns whose mothers begin where their lives have brought them, as everybody screened."""
    plans = days if isinstance(days, list) else [days] * len(newborns)
    return start_at_birth(newborns, [as_schedule(plan) for plan in plans], seed)


def test_the_fast_route_finds_the_same_families() -> None:
    """Held against the full model at 1e-7, with every candidate's true EPDS and form."""
    people = Population.named("community")
    options = {"wanted": "epds >= 4", "at": "3 weeks", "seed": 3}
    families, report = people.select(12, fast=True, **options)  # type: ignore[arg-type]
    candidates = people.draw(range(report.screened), seed=3, infant_age="0 d")
    life = people.schedules(ordinary_life(), candidates.numbers, seed=3)
    exact = ox.simulate(
        _born(candidates, life, 3), life, "3 weeks", start="00:00", save=["490 h", "3 weeks"],
        variables=["mother.depression", "mother.epds"], solver=Solver(rtol=1e-7), seed=3,
    )  # fmt: skip
    true = exact["mother.epds"].values[:, 0]
    form = read("epds", true, candidates.numbers, [490 * 60.0], NoiseKey(3, "mother", "screening"))
    assert tuple(np.flatnonzero(form.values[:, 0] >= 4)) == families.dyads
    true = exact["mother.depression"].values[list(families.dyads), 1]
    days = people.schedules(ordinary_life(), families.numbers, seed=3)
    begun = ox.simulate(
        families,
        days,
        "1 h",
        start="00:00",
        save=["0 min"],
        variables=["mother.depression"],
        seed=3,
    )
    # a start of daily means is back at midnight but for the square of what lies between; momentary
    # mood moves within the day, and the largest of these is .0156, on the other route as on this
    np.testing.assert_allclose(begun["mother.depression"].values[:, 0], true, rtol=0, atol=0.02)
    assert str(report).endswith("; followed at a relative tolerance of 0.001")
    with pytest.raises(InputError, match="fast: expected True or False"):
        people.select(2, fast="no", **options)  # type: ignore[arg-type]


def test_who_enters_goes_on_where_the_screening_left_them() -> None:
    """Starts are means of the day of entry; the state at midnight in their place is .1 to .3 EPDS
    points off.
    """
    day = ox.Routine.typical()
    entered, _ = small().select(4, "epds >= 8", at="2 weeks", seed=5, day=day)
    born = small().draw(entered.numbers, seed=5, infant_age="0 d")
    days = small().schedules(day, entered.numbers, seed=5)
    options: dict[str, Any] = {
        "start": "00:00",
        "save": "daily",
        "seed": 5,
        "variables": ["mother.epds"],
    }
    whole = ox.simulate(_born(born, days, 5), days, "18 d", **options)["mother.epds"].values[:, 14:]
    later = ox.simulate(entered, days, "4 d", **options)["mother.epds"].values
    np.testing.assert_allclose(later, whole, atol=0.015)


def test_entry_is_by_the_measured_epds_so_the_true_one_is_nearer_the_mean() -> None:
    families, _ = small().select(60, "epds >= 10", at="1 d", seed=2)
    true = families.start["mother.depression"]
    assert true.min() < 10.0  # some enter by the luck of the form


def test_criteria_combine_readings_parameters_and_attributes() -> None:
    population = small()
    families, report = population.select(
        20, ["preterm", "not bottle-fed", f"{SET_POINT} < 6"], at="0 d", seed=1
    )
    has = population.having(families.numbers, seed=1)
    assert has["preterm"].all()
    assert not has["bottle-fed"].any()
    assert (families.value(SET_POINT) < 6).all()
    assert report.criteria == ("preterm", "not bottle-fed", f"{SET_POINT} < 6")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("epds", "unknown attribute 'epds'"),
        ("epds >> 3", "with one of >="),
        ("epds == 3", "with one of >="),
        ("epds >= high", "expected a number on the right"),
        ("epds >= nan", "a finite number"),
        ("epdss >= 3", "'epds'"),
        ("pretem", "'preterm'"),
        ("caregiver.depression.loop_gian > 1", "loop_gain"),
    ],
)
def test_criteria_that_are_none_are_refused(text: str, message: str) -> None:
    with pytest.raises((InputError, UnknownNameError), match=message):
        read_criteria(text, ["preterm"])


def test_a_reading_on_the_day_of_birth_and_too_few_eligible_are_refused() -> None:
    with pytest.raises(InputError, match="at least 1 d"):
        small().select(3, "epds >= 3", at="0 d", seed=1)
    with pytest.raises(InputError, match="loosen the criteria"):
        small().select(1, f"{SET_POINT} > 1000", at="0 d", seed=1)


def test_a_run_says_from_which_population_its_dyads_were_drawn() -> None:
    people = small()
    origin = f"population 'small' (fingerprint {people.fingerprint}), seed 4"
    families = people.draw([2, 5, 6], seed=4, infant_age="5 months")
    assert (
        families.origin
        == families.take([0, 2]).origin
        == families.with_start({"caregiver.depression": 9.0}).origin
        == origin
    )
    result = ox.simulate(
        families.take([0, 2]), ox.Routine.typical(), "10 min", variables=["caregiver.epds"]
    )
    assert result.provenance["origin"] == origin
    assert f"2 dyads drawn from {origin}." in ox.provenance(result)
    both = combine([families, ox.Dyad()])
    assert both.origin == f"{origin} and single families"
    assert combine([ox.Dyad(), ox.Dyad()]).origin == ""
    alone = ox.simulate(ox.Dyad(), ox.Routine.typical(), "10 min", variables=["caregiver.epds"])
    assert "drawn from" not in ox.provenance(alone)
