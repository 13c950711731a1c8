"""Allocation to arms: shares, blocks, strata, and sequences of a crossover."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oxysim.families import Family
from oxysim.trials.plan.allocation import Allocation, Blocked, Randomised, Simple, Stratified
from oxysim.trials.plan.trial_design import williams
from oxysim.trials.trial import Trial


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
