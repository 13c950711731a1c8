"""A trial over an ensemble, and its assurance: against closed forms, by member, whoever fails."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy import stats

import oxysim as ox
from oxysim.ensembles import Ensemble
from oxysim.ensembles.members.asked_members import member_seed
from oxysim.errors import InputError, UnknownNameError
from oxysim.interventions import DailyLife
from oxysim.population import Population
from oxysim.trials import EnsembleTrial, Gaussian, Trial, power
from oxysim.trials.ensembles.assurance import _interval, _mean_error
from tests.support.small_trials import TWO
from tests.support.toy_ensembles import level, toy_ensemble

ENSEMBLE = toy_ensemble(4)
PLAN = Trial(
    ox.Dyad(infant_age="2 weeks"),
    ox.Parallel(TWO),
    ox.Endpoint("epds", "2 d"),
    day=ox.Routine.typical() + DailyLife(),
)
GAIN = "caregiver.depression.reward_gain"


def exact_power(effect: float, n: int) -> float:
    """Of a paired t test at 5 % with differences of unit variance: the noncentral t."""
    limit = stats.t.ppf(0.975, n - 1)
    shift = effect * np.sqrt(n)
    return float(stats.nct.sf(limit, n - 1, shift) + stats.nct.cdf(-limit, n - 1, shift))


def with_effect_of_gain(population: Population, seed: int) -> Gaussian:
    """An effect where there is a gain, else none."""
    return Gaussian(0.5 if population.values.get(GAIN, 1.0) else 0.0)


def alike(n: int) -> Ensemble:
    """An ensemble with one population in all places."""
    toy = toy_ensemble(n)
    values = np.repeat(toy.values[:1], n, axis=0)
    return replace(toy, structures=(toy.structures[0],) * n, values=values)


# ------------------------------------------------------------------ assurance
def test_the_assurance_of_two_members_is_the_mean_of_their_powers() -> None:
    two = replace(toy_ensemble(2), weights=np.array([3.0, 1.0]))
    found = power(EnsembleTrial(two, with_effect_of_gain), n=[20, 40], replications=2000, seed=1)
    for row in found.table.to_dict("records"):
        effect, none = exact_power(0.5, int(row["n"])), 0.05
        expected = 0.75 * effect + 0.25 * none
        error = np.sqrt(0.75**2 * effect * (1 - effect) / 2000 + 0.25**2 * none * (1 - none) / 2000)
        assert abs(row["assurance"] - expected) < 3 * error
        assert row["monte_carlo"] == pytest.approx(error, rel=0.1)
    assert found.by_structure()["n = 40"].tolist() == pytest.approx(
        [exact_power(0.5, 40), 0.05], abs=0.03
    )
    # no number of participants finds an effect that a quarter of the weight has not
    with pytest.raises(InputError, match="is not reached.* 25 % have less than 80 %"):
        found.n_for(0.95)
    assert found.n_for(0.6).n < 40


def test_the_assurance_over_normal_effects_is_that_of_the_integral() -> None:
    """Members' effects N(.4, .2), a paired t test of 30: the noncentral t over the normal."""
    toy = toy_ensemble(200)
    effects = dict(zip([p.name for p in toy], stats.norm(0.4, 0.2).ppf(
        (np.random.default_rng(3).permutation(200) + 0.5) / 200), strict=True))  # fmt: skip

    def planned(population: Population, seed: int) -> Gaussian:
        return Gaussian(float(effects[population.name]))

    found = power(EnsembleTrial(toy, planned), n=[30], replications=60, seed=2, progress=False)
    grid = (np.arange(400) + 0.5) / 400
    expected = np.array([exact_power(d, 30) for d in stats.norm(0.4, 0.2).ppf(grid)])
    row = found.table.iloc[0]
    assert row["assurance"] == pytest.approx(expected.mean(), abs=4 * row["monte_carlo"])
    assert row["power_median"] == pytest.approx(np.median(expected), abs=0.06)
    # the spread that replications add is taken away again
    spread = found.power_at(30).between
    assert spread == pytest.approx(expected.std(), rel=0.08)
    assert row["powered"] == pytest.approx((expected >= 0.8).mean(), abs=0.07)


@pytest.mark.parametrize(("members", "replications"), [(20, 50), (60, 200)])
def test_the_interval_of_an_assurance_covers_the_mean_power(
    members: int, replications: int
) -> None:
    """Powers from a beta distribution, found in binomial shares."""
    draw = np.random.default_rng(7)
    powers = draw.beta(2.0, 1.0, (1000, members))
    shares = draw.binomial(replications, powers) / replications
    weights = np.full(members, 1 / members)
    inside = 0
    for row in shares:
        error = _mean_error(row, weights, replications)
        low, high = _interval(float(row.mean()), error, float(members), replications)
        inside += low < 2 / 3 < high
    assert 0.92 < inside / 1000 < 0.98


def test_members_that_are_one_population_have_its_power_and_its_error() -> None:
    same = EnsembleTrial(alike(5), lambda population, seed: Gaussian(0.5))
    found = power(same, n=[20], replications=400, seed=4, progress=False).table.iloc[0]
    assert found["assurance"] == pytest.approx(exact_power(0.5, 20), abs=3 * found["se"])
    # five times 400 replications of one power
    error = np.sqrt(0.25 / 2000)
    assert found["monte_carlo"] == pytest.approx(error, rel=0.1)
    # hardly anything is left between members
    assert found["power_high"] - found["power_low"] < 0.06


def test_an_assurance_draws_each_member_by_a_seed_of_its_own() -> None:
    design = EnsembleTrial(ENSEMBLE, with_effect_of_gain, seed=1)
    found = power(design, n=[10, 30], replications=50, seed=6, progress=False)
    for number, curve in zip(found.curves.numbers, found.curves, strict=True):
        alone = power(
            with_effect_of_gain(ENSEMBLE[number], 0), n=[10, 30], replications=50,
            seed=member_seed(6, number), progress=False,
        )  # fmt: skip
        np.testing.assert_array_equal(curve.found, alone.found)
    some = power(replace(design, members=2), n=[30], replications=50, seed=6, progress=False)
    for number, curve in zip(some.curves.numbers, some.curves, strict=True):
        np.testing.assert_array_equal(curve.found[:, 0], found.curves.answers[number].found[:, 1])


# ------------------------------------------------------------------ trials
def test_a_member_gives_what_its_own_trial_gives_to_the_bit() -> None:
    result = PLAN.drawn_from(ENSEMBLE, 12, seed=1).run(10, 20, seed=2, progress=False)
    alone = PLAN.drawn_from(ENSEMBLE[3], 12, seed=member_seed(1, 3)).run(
        10, 20, seed=member_seed(2, 3), progress=False
    )
    np.testing.assert_array_equal(
        result.results.answers[3].contrasts()["massage - usual care"].estimate,
        alone.contrasts()["massage - usual care"].estimate,
    )
    row = result.effects().iloc[0]
    own = result.by_member()
    assert own["value"].iloc[3] == alone.effects()["estimate"].iloc[0]
    assert row["median"] == result.effect().median
    assert row["low"] <= row["median"] <= row["high"]
    assert row["members"] == 4
    shares = [r.effects()["share_significant"].iloc[0] for r in result.results]
    assert row["assurance"] == pytest.approx(np.mean(shares))
    assert "median and 90 % interval" in result.report()


def test_members_that_are_one_population_differ_by_their_draws_alone() -> None:
    result = PLAN.drawn_from(alike(4), 12, seed=1).run(10, 60, seed=2, progress=False)
    values = result.by_member()["value"]
    row = result.effects().iloc[0]
    assert row["between"] < 2 * row["monte_carlo"]
    assert values.std() < 4 * row["monte_carlo"]
    assert row["high"] - row["low"] < values.max() - values.min()


def test_the_same_seeds_give_the_same_bits_and_others_do_not() -> None:
    def estimates(seed: int, pool: int) -> list[float]:
        design = PLAN.drawn_from(ENSEMBLE, 8, seed=pool, members=2)
        values = design.run(6, 10, seed=seed, progress=False).by_member()["value"]
        return [float(value) for value in values]

    assert estimates(1, 1) == estimates(1, 1)
    assert estimates(1, 1) != estimates(2, 1) != estimates(1, 2)


def test_a_member_in_which_too_few_are_eligible_is_kept_with_its_reason() -> None:
    low = min(range(4), key=lambda number: level(ENSEMBLE[number]))

    def planned(population: Population, seed: int) -> Trial:
        if population.name == ENSEMBLE[low].name:
            raise InputError("select: only 3 of 4000 candidates met epds >= 13 at 6 weeks")
        return PLAN.drawn_from(population, 8, seed=seed)

    design = EnsembleTrial(ENSEMBLE, planned)
    result = design.run(6, 10, progress=False)
    assert list(result.results.failed) == [low]
    assert len(result.by_member()) == 3
    assert f"Member {low} failed: select: only 3 of 4000" in result.report()
    found = power(design, n=[6], replications=10, progress=False)
    assert list(found.curves.failed) == [low]
    assert "failed members 1" in repr(found)


def test_a_pool_of_a_population_has_its_days_and_its_selection() -> None:
    community = Population.named("community")
    trial = PLAN.drawn_from(community, 4, seed=1, wanted="preterm", at="0 d")
    assert trial.selection is not None
    assert trial.who.numbers == community.select(4, "preterm", at="0 d", seed=1)[0].numbers
    assert trial.life == 1
    assert PLAN.drawn_from(community, 4, seed=1).who.ages()[0] == 14 * 1440


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"source": "community"}, "source: expected a Population or an Ensemble"),
        ({"n": 0}, "n"),
        ({"seed": -1}, "seed"),
        ({"members": 5}, "members"),
        ({"members": 0}, "members"),
        ({"wanted": "epds > "}, "epds"),
        ({"infant_age": "6 weeks", "wanted": f"{GAIN} > 1"}, "infant_age"),
        ({"source": Population.named("community"), "members": 2}, "members"),
    ],
)
def test_a_pool_that_cannot_be_drawn_is_refused_at_once(
    arguments: dict[str, Any], words: str
) -> None:
    right: dict[str, Any] = {"source": ENSEMBLE, "n": 8, "seed": 1}
    with pytest.raises((InputError, UnknownNameError), match=words):
        PLAN.drawn_from(**{**right, **arguments})


def test_an_ensemble_is_no_pool_and_the_error_says_where_one_comes_from() -> None:
    for who in (ENSEMBLE, ENSEMBLE[0]):
        with pytest.raises(InputError, match=r"draw its pool: drawn_from\("):
            replace(PLAN, who=who)


def test_days_of_another_pool_are_refused() -> None:
    with pytest.raises(InputError, match="one day for all"):
        replace(PLAN, day=[PLAN.day]).drawn_from(ENSEMBLE, 8, seed=1)


@pytest.mark.parametrize(
    "arguments",
    [{"ensemble": "community"}, {"planned": PLAN}, {"seed": -1}, {"members": 9}],
)
def test_parts_of_a_trial_over_an_ensemble_are_checked(arguments: dict[str, Any]) -> None:
    right: dict[str, Any] = {"ensemble": ENSEMBLE, "planned": with_effect_of_gain}
    with pytest.raises(InputError, match=next(iter(arguments))):
        EnsembleTrial(**{**right, **arguments})


def test_what_is_asked_of_all_members_is_checked_before_any_pool_is_drawn() -> None:
    def never(population: Population, seed: int) -> Trial:
        raise AssertionError("nobody is drawn")

    design = EnsembleTrial(ENSEMBLE, never)
    wrong: list[dict[str, Any]] = [
        {"n": [1]}, {"n": []}, {"alpha": 2.0}, {"replications": 0}, {"seed": -1}, {"endpoint": 3},
    ]  # fmt: skip
    for change in wrong:
        with pytest.raises(InputError, match=next(iter(change))):
            power(design, **{"n": [10], **change})
    with pytest.raises(InputError, match="n"):
        design.run(1)


def test_an_endpoint_that_no_trial_has_is_a_mistake_and_no_failure() -> None:
    design = PLAN.drawn_from(ENSEMBLE, 6, seed=1, members=2)
    with pytest.raises(UnknownNameError, match="endpoint"):
        power(design, "warmth", n=[6], replications=5)
    result = design.run(6, 5, progress=False)
    with pytest.raises(UnknownNameError, match="endpoint"):
        result.effect("warmth")
    with pytest.raises(InputError, match="spray - usual care"):
        result.effect("", "spray - usual care")


def test_a_design_that_is_no_trial_has_a_power_and_no_result() -> None:
    with pytest.raises(InputError, match="returns a Trial"):
        EnsembleTrial(ENSEMBLE, with_effect_of_gain).run(10)
