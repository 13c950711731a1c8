"""The classes of courses of mood, by the rule and by their shares."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oxysim.cohorts.trajectory_classes import COURSES, course_classes, course_shares
from oxysim.errors import InputError


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
