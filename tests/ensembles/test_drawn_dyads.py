"""Dyads of an ensemble: from the members in their weights, and none moves for a member more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from oxysim.cohorts import follow
from oxysim.ensembles import Ensemble, PriorTable
from oxysim.errors import InputError
from oxysim.interventions import DailyLife
from oxysim.interventions.daily_life import ordinary_life
from oxysim.population import Population
from tests.support.toy_ensembles import toy_ensemble

ENSEMBLE = toy_ensemble(6)
GAIN = "caregiver.depression.loop_gain"


def alike(ensemble: Ensemble) -> Ensemble:
    """The same with the first member in all places."""
    n = len(ensemble)
    values = np.repeat(ensemble.values[:1], n, axis=0)
    return replace(ensemble, structures=(ensemble.structures[0],) * n, values=values)


def without_the_last(ensemble: Ensemble) -> Ensemble:
    """The same with a member less."""
    return replace(
        ensemble, structures=ensemble.structures[:-1], values=ensemble.values[:-1],
        weights=ensemble.weights[:-1], figures=ensemble.figures[:-1],
    )  # fmt: skip


def test_members_give_dyads_in_their_weights() -> None:
    weights = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 15.0])
    uneven = replace(ENSEMBLE, weights=weights)
    counts = np.bincount(uneven.members_of(range(6000), seed=1), minlength=6)
    assert stats.chisquare(counts, 6000 * weights / 30).pvalue > 0.01


def test_a_member_more_takes_dyads_and_moves_no_other() -> None:
    fewer = without_the_last(ENSEMBLE).members_of(range(1000), seed=4)
    more = ENSEMBLE.members_of(range(1000), seed=4)
    moved = fewer != more
    assert set(more[moved]) == {5}
    assert moved.mean() == pytest.approx(1 / 6, abs=0.04)


def test_whose_a_dyad_is_depends_on_its_number_alone() -> None:
    every = ENSEMBLE.members_of(range(600), seed=2)
    np.testing.assert_array_equal(ENSEMBLE.members_of([599, 3, 300], seed=2), every[[599, 3, 300]])
    assert (ENSEMBLE.members_of(range(600), seed=3) != every).any()


def test_a_dyad_is_drawn_as_its_member_draws_it() -> None:
    family = ENSEMBLE.draw([7, 2, 40, 3], seed=9, infant_age="6 weeks")
    assert family.numbers == (7, 2, 40, 3)
    for place, (number, member) in enumerate(
        zip(family.numbers, ENSEMBLE.members_of(family.numbers, seed=9), strict=True)
    ):
        alone = ENSEMBLE[int(member)].draw([number], seed=9, infant_age="6 weeks")
        for name in (GAIN, "caregiver.depression.reward_gain"):
            expected = np.broadcast_to(alone.value(name), (1,))[0]
            assert np.broadcast_to(family.value(name), (4,))[place] == expected


def test_members_that_are_one_population_give_its_dyads_to_the_bit() -> None:
    same = alike(ENSEMBLE)
    drawn, expected = same.sample(20, seed=5), same[0].sample(20, seed=5)
    for name in expected.parameters:
        one = np.broadcast_to(expected.value(name), (20,))
        np.testing.assert_array_equal(np.broadcast_to(drawn.value(name), (20,)), one)
    both = [
        follow(who, 4, until="2 d", every="1 d", seed=5, progress=False) for who in (same, same[0])
    ]
    for name, course in both[0].values.items():
        np.testing.assert_array_equal(course, both[1].values[name])


def test_a_cohort_says_whose_each_dyad_is() -> None:
    cohort = follow(ENSEMBLE, 9, until="1 d", every="1 d", seed=5, progress=False)
    expected = ENSEMBLE.members_of(range(9), seed=5)
    np.testing.assert_array_equal(cohort.member, expected)
    np.testing.assert_array_equal(cohort.take([8, 1]).member, expected[[8, 1]])
    assert "'toy'" in cohort.source
    with pytest.raises(InputError, match="drawn from an Ensemble"):
        _ = follow(ENSEMBLE[0], 2, until="1 d", every="1 d", seed=5, progress=False).member


def test_a_block_of_another_size_changes_no_course() -> None:
    courses = [
        follow(ENSEMBLE, 9, until="2 d", every="1 d", seed=5, block=block, progress=False)
        for block in (2, 9)
    ]
    for name, course in courses[0].values.items():
        np.testing.assert_array_equal(course, courses[1].values[name])


def test_a_member_brings_the_noise_of_its_daily_life() -> None:
    four = Ensemble.from_priors(PriorTable.named("community"), 4, seed=1)
    days = four.schedules(ordinary_life(), range(12), seed=1)
    assert isinstance(days, list)
    for day, member in zip(days, four.members_of(range(12), seed=1), strict=True):
        noise = four[int(member)].daily_life
        assert day.noise is not None
        assert day.noise.mood_time == pytest.approx(noise["mood_time"] * 1440)
        assert day.noise.stress_time == pytest.approx(noise["stress_time"] * 1440)
    # what a user chose stays
    chosen = four[0].schedules(ordinary_life().routine + DailyLife(mood_time="9 d"), [0], seed=1)
    assert not isinstance(chosen, list)
    assert chosen.noise is not None
    assert chosen.noise.mood_time == 9 * 1440
    assert four[0].replace(meaning="changed").schedules(ordinary_life(), [0], seed=1).noise == (
        four[0].schedules(ordinary_life(), [0], seed=1).noise
    )


def test_a_selection_is_of_dyads_of_all_members() -> None:
    four = Ensemble.from_priors(PriorTable.named("community"), 4, seed=1)
    families, selection = four.select(12, "preterm", at="0 d", seed=1)
    assert four.having(families.numbers, seed=1)["preterm"].all()
    assert selection.screened == families.numbers[-1] + 1
    assert len(set(four.members_of(families.numbers, seed=1))) > 1


def test_the_fingerprint_is_of_members_and_weights() -> None:
    same = replace(ENSEMBLE, meaning="the same dyads")
    assert same.fingerprint == ENSEMBLE.fingerprint
    tilted = replace(ENSEMBLE, weights=np.arange(1.0, 7.0))
    assert len({same.fingerprint, tilted.fingerprint, alike(ENSEMBLE).fingerprint}) == 3


@pytest.mark.parametrize("dyads", [[], [-1], [1.5], [1, 1], "3", None])
def test_numbers_of_dyads_that_cannot_be_are_refused(dyads: object) -> None:
    for call in (ENSEMBLE.draw, ENSEMBLE.having, ENSEMBLE.members_of):
        with pytest.raises(InputError):
            call(dyads, seed=1)  # type: ignore[arg-type]


def test_a_member_is_still_a_population() -> None:
    assert isinstance(ENSEMBLE[0], Population)
    assert (
        ENSEMBLE[0].fingerprint
        == ENSEMBLE.priors.population(ENSEMBLE.values[0], ENSEMBLE.structures[0]).fingerprint
    )
