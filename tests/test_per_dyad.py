"""One value for all dyads or one each: values, who has which, and what is derived of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oxysim.per_dyad import PerDyad, different, together


class Day:
    """A day that is equal to every other, as schedules may be."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Day)

    __hash__ = None  # type: ignore[assignment]


def test_one_for_all_is_one_value_however_many_dyads_there_are() -> None:
    day = Day()
    days = PerDyad.shared(day, 1000)
    assert days.is_shared and len(days) == 1000 and all(value is day for value in days)


def test_equal_objects_stay_apart_and_one_object_is_one_value() -> None:
    first, second = Day(), Day()
    days = PerDyad.of([first, second, first])
    assert len(days.values) == 2
    assert days.positions.tolist() == [0, 1, 0]
    assert days.firsts == [0, 1]
    assert [group.tolist() for group in days.groups] == [[0, 2], [1]]


def test_a_function_is_called_once_for_each_different_value() -> None:
    days = PerDyad.of([day := Day(), Day(), day])
    calls: list[Day] = []
    numbers = days.map(lambda day: calls.append(day) or len(calls))
    assert len(calls) == 2 and list(numbers) == [1, 2, 1]


def test_a_place_that_does_not_exist_is_an_index_error() -> None:
    with pytest.raises(IndexError):
        PerDyad.shared("home", 2)[2]


@given(st.lists(st.integers(0, 3), min_size=1), st.data())
def test_values_survive_taking_and_combining(numbers: list[int], data: st.DataObject) -> None:
    pool = [Day() for _ in range(4)]
    objects = [pool[number] for number in numbers]
    days = PerDyad.of(objects)
    assert all(value is original for value, original in zip(days, objects, strict=True))
    assert different(objects) == list(days.values)

    chosen = data.draw(st.lists(st.integers(0, len(numbers) - 1)))
    taken = days.take(np.array(chosen, dtype=np.int64))
    assert all(value is objects[k] for value, k in zip(taken, chosen, strict=True))

    ages = data.draw(
        st.lists(st.sampled_from([1.0, 2.0]), min_size=len(numbers), max_size=len(numbers))
    )
    pairs = together(days, PerDyad.of_equal(ages))
    assert [(numbers.index(n), age) for n, age in zip(numbers, ages, strict=True)] == [
        (next(k for k, value in enumerate(objects) if value is day), age) for day, age in pairs
    ]
    assert len(pairs.values) == len(set(zip(numbers, ages, strict=True)))
