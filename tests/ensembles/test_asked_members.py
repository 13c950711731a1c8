"""A question put to every member: answers by member, reasons of those that fail, seeds of their
own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from oxysim.ensembles import Ensemble, MemberAnswers
from oxysim.ensembles.members.asked_members import member_seed, members_asked
from oxysim.errors import InputError
from oxysim.population import Population
from tests.support.toy_ensembles import level, toy_ensemble

ENSEMBLE = toy_ensemble(8)


def failing(*numbers: int) -> Any:
    """A question that some members cannot answer."""
    names = {ENSEMBLE[number].name for number in numbers}

    def asked(population: Population) -> float:
        if population.name in names:
            raise InputError("too few of them met the criteria")
        return level(population)

    return asked


def test_answers_are_those_of_the_members_by_number() -> None:
    answers = ENSEMBLE.ask(level, progress=False)
    assert answers.numbers == tuple(range(8))
    np.testing.assert_array_equal(list(answers), ENSEMBLE.values[:, 0])
    np.testing.assert_array_equal(answers.weights, ENSEMBLE.weights)
    assert answers.predict().median == ENSEMBLE.predict(level, progress=False).median
    assert answers.table()["structure"].tolist() == list(ENSEMBLE.structures)


def test_a_member_that_fails_is_kept_with_its_reason_and_the_others_go_on() -> None:
    weighted = replace(ENSEMBLE, weights=np.arange(1.0, 9.0))
    answers = weighted.ask(failing(0, 5), progress=False)
    assert answers.failed == dict.fromkeys((0, 5), "too few of them met the criteria")
    assert answers.numbers == (1, 2, 3, 4, 6, 7)
    # the weights of the others are made to sum to 1: 36 less 1 and 6
    np.testing.assert_allclose(answers.weights, np.array([2, 3, 4, 5, 7, 8]) / 29)
    assert "failed 2" in repr(answers)


def test_what_fails_later_joins_those_that_failed_before() -> None:
    answers = ENSEMBLE.ask(failing(0), progress=False)
    lowest = min(answers)
    later = answers.map(lambda value: 1 / (value - lowest))
    assert set(later.failed) == {0, answers.numbers[list(answers).index(lowest)]}
    assert "ZeroDivisionError" in str(later.failed)
    assert len(later) == 6


def test_where_all_fail_the_first_reason_is_said() -> None:
    with pytest.raises(InputError, match="none of 8 members .* member 0: too few"):
        ENSEMBLE.ask(failing(*range(8)), progress=False)


def test_a_mistake_in_the_question_stops_it() -> None:
    with pytest.raises(AttributeError):
        ENSEMBLE.ask(lambda population: population.centre, progress=False)


def test_each_member_has_a_seed_of_its_own_whoever_else_is_asked() -> None:
    def seeded(population: Population, seed: int) -> int:
        return seed

    every = ENSEMBLE.ask(seeded, seed=3, progress=False)
    assert list(every) == [member_seed(3, number) for number in range(8)]
    assert len(set(every)) == 8
    some = ENSEMBLE.ask(seeded, seed=3, members=3, progress=False)
    assert list(some) == [every.answers[number] for number in some.numbers]
    assert list(some.map(lambda _, seed: seed, seed=3)) == list(some)


def test_members_asked_are_spread_evenly_over_the_weights() -> None:
    numbers, weights = members_asked(np.full(8, 1 / 8), 4)
    assert np.diff(numbers).tolist() == [2, 2, 2]
    np.testing.assert_array_equal(weights, np.full(4, 0.25))
    # one that weighs seven tenths stands for two of three
    numbers, weights = members_asked(np.array([0.1, 0.7, 0.1, 0.1]), 3)
    assert numbers.tolist() == [1, 2]
    np.testing.assert_allclose(weights, [2 / 3, 1 / 3])
    # all of them with their own weights
    assert members_asked(np.array([0.1, 0.9]), 2)[1].tolist() == [0.1, 0.9]
    # every structure has its share
    asked = toy_ensemble(40).ask(level, members=10, progress=False)
    assert asked.structures.count("both") == 5


@pytest.mark.parametrize("members", [0, 9, 2.5, "all", True, float("nan")])
def test_a_number_of_members_that_cannot_be_is_refused(members: Any) -> None:
    with pytest.raises(InputError, match="members"):
        ENSEMBLE.ask(level, members=members)


@pytest.mark.parametrize("seed", [-1, 1.5, "x", True, float("nan")])
def test_a_seed_that_is_none_is_refused(seed: Any) -> None:
    with pytest.raises(InputError, match="seed"):
        ENSEMBLE.ask(level, seed=seed)


@pytest.mark.parametrize("answer", ["much", None, float("nan"), (1.0, -1.0)])
def test_a_figure_that_is_no_number_names_its_member(answer: Any) -> None:
    answers = MemberAnswers((4,), (answer,), np.ones(1), ("both",), {})
    with pytest.raises(InputError, match="member 4"):
        answers.predict()


def test_an_ensemble_of_nobody_or_with_weights_that_are_none_is_refused() -> None:
    nobody: dict[str, Any] = {
        "structures": (), "values": np.zeros((0, 5)), "weights": np.zeros(0),
        "figures": np.zeros((0, 5)),
    }  # fmt: skip
    for parts in (nobody, {"weights": np.full(8, np.nan)}, {"weights": np.zeros(8)}):
        with pytest.raises(InputError):
            replace(ENSEMBLE, **parts)
    assert isinstance(ENSEMBLE, Ensemble)
