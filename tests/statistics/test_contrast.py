"""What a contrast shows of itself, and areas under courses: against SciPy, textbooks and hand
sums.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from oxysim.errors import InputError, UnknownNameError
from oxysim.statistics.contrast import Contrast
from oxysim.statistics.moments import floats
from oxysim.statistics.two_groups import ancova, area, welch_t_test

RNG = np.random.default_rng(20)
FIRST = RNG.normal(10.0, 3.0, (3, 9))
SECOND = RNG.normal(12.0, 4.0, (3, 14))


def _hedges(df: int) -> float:
    """The factor that takes the small-sample bias from d (Hedges 1981, J Educ Stat 6: 107)."""
    return math.gamma(df / 2) / (math.sqrt(df / 2) * math.gamma((df - 1) / 2))


def test_the_table_has_a_row_a_replication_with_the_numbers_of_scipy() -> None:
    table = welch_t_test(FIRST, SECOND).table()
    assert table.index.name == "replication" and table.index.tolist() == [0, 1, 2]
    assert table.columns.tolist() == [
        *("estimate", "standard_error", "low", "high", "p", "n"),
        *("d", "d_low", "d_high", "hedges_g", "reason"),
    ]
    for row, first, second in zip(table.itertuples(), FIRST, SECOND, strict=True):
        test = stats.ttest_ind(second, first, equal_var=False)
        interval = test.confidence_interval()
        pooled = math.sqrt((8 * first.var(ddof=1) + 13 * second.var(ddof=1)) / 21)
        d = (second.mean() - first.mean()) / pooled
        assert row.estimate == pytest.approx(second.mean() - first.mean(), rel=1e-12)
        error = math.sqrt(first.var(ddof=1) / 9 + second.var(ddof=1) / 14)
        assert row.standard_error == pytest.approx(error, rel=1e-12)
        assert (row.low, row.high) == pytest.approx(tuple(interval), rel=1e-9)
        assert row.p == pytest.approx(test.pvalue, rel=1e-9) and row.n == 23
        assert row.d == pytest.approx(d, rel=1e-12) and row.d_low < row.d < row.d_high
        assert row.hedges_g == pytest.approx(d * _hedges(21), rel=1e-9)
        assert row.reason == ""


def test_a_replication_that_could_not_be_analysed_stands_in_the_table_with_its_reason() -> None:
    lost = SECOND.copy()
    lost[1, 1:] = np.nan  # one participant is left
    contrast = welch_t_test(FIRST, lost)
    table = contrast.table()
    assert table["reason"].tolist() == ["", contrast.reasons[1], ""]
    assert "contrast" in contrast.reasons[1]
    # a difference of means can be said with one participant, no spread and so no test
    assert table.loc[1, "estimate"] == pytest.approx(lost[1, 0] - FIRST[1].mean(), rel=1e-12)
    untold = ["standard_error", "low", "high", "p", "d", "d_low", "d_high", "hedges_g"]
    assert table.loc[1, untold].isna().all()
    assert table.loc[[0, 2], "p"].notna().all()


def _contrast(estimates: list[float], **more: Any) -> Contrast:
    values = np.array(estimates)
    numbers = {"standard_error": values / 10, "low": values - 1, "high": values + 1}
    counts = np.array([20, 22, 27][: len(values)])
    return Contrast(estimate=values, **numbers, p=values / 100, n=counts, method="a test", **more)


def test_without_a_standardised_effect_the_table_has_none() -> None:
    ratio = _contrast([2.0], scale="ratio")
    assert ratio.table().columns.tolist() == [
        *("estimate", "standard_error", "low", "high", "p", "n", "reason"),
    ]
    assert ratio.null == 1.0 and _contrast([2.0]).null == 0.0 and len(ratio) == 1


def test_one_study_is_printed_with_its_interval_and_many_with_their_means() -> None:
    title, facts = _contrast([2.0]).facts()
    assert title == "Contrast" and facts == [
        ("method", "a test"),
        ("over", "1 replication"),
        ("difference", "2 [1, 3]"),
        ("p", 0.02),
        ("n", 20),
    ]
    _, facts = _contrast([2.0, np.nan, 5.0], reasons={1: "nobody is left"}).facts()
    assert facts == [
        ("method", "a test"),
        ("over", "3 replications"),
        ("mean difference", 3.5),  # of those that have a number
        ("mean n", 23.0),
        ("could not be analysed", 1),
    ]


# ------------------------------------------------------------------------- areas
TIMES = [0.0, 10.0, 30.0]


def test_the_area_of_one_course_is_a_number_in_either_sense() -> None:
    # trapezoids by hand: 10 x (1 + 2) / 2 + 20 x (2 + 4) / 2 = 75; 30 less above the first sample
    assert area(TIMES, [1.0, 2.0, 4.0]).item() == 75.0
    assert area(TIMES, [1.0, 2.0, 4.0], above="first").item() == 45.0
    assert area([0.0, 2.0], [1.0, 3.0]).item() == 4.0  # two times are enough


def test_the_last_axis_is_time_and_the_others_stay() -> None:
    courses = np.array([[[1.0, 2.0, 4.0], [2.0, 2.0, 2.0]], [[0.0, 3.0, 0.0], [1.0, np.nan, 1.0]]])
    np.testing.assert_array_equal(area(TIMES, courses), [[75.0, 60.0], [45.0, np.nan]])
    np.testing.assert_array_equal(
        area(TIMES, courses, above="first"), [[45.0, 0.0], [45.0, np.nan]]
    )
    # as many courses as times: the axes cannot be told by their length
    square = np.array([[1.0, 2.0, 4.0], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
    np.testing.assert_array_equal(area(TIMES, square), [75.0, 0.0, 30.0])


@pytest.mark.parametrize(
    ("times", "values"),
    [
        ([0.0], [1.0]),
        ([[0.0, 1.0], [2.0, 3.0]], [1.0, 2.0]),
        ([[0.0, 10.0, 30.0]], [1.0, 2.0, 4.0]),
        ([0.0, 0.0, 1.0], [1.0, 2.0, 4.0]),
        ([0.0, 2.0, 1.0], [1.0, 2.0, 4.0]),
    ],
)
def test_times_increase_and_are_two_at_least(times: Any, values: list[float]) -> None:
    with pytest.raises(InputError, match="at least two increasing times"):
        area(times, values)


@pytest.mark.parametrize("values", [[1.0, 2.0], 3.0, [[1.0], [2.0], [3.0]]])
def test_a_course_has_a_sample_a_time(values: Any) -> None:
    with pytest.raises(InputError, match="values with 3 samples on the last axis"):
        area(TIMES, values)


def test_what_is_no_number_is_named() -> None:
    with pytest.raises(InputError, match="^times"):
        area(["a", "b", "c"], [1.0, 2.0, 3.0])
    with pytest.raises(InputError, match="^values"):
        area(TIMES, ["a", "b", "c"])
    with pytest.raises(UnknownNameError, match="ground of an area 'zeros'.*'zero'"):
        area(TIMES, [1.0, 2.0, 4.0], above="zeros")


# ------------------------------------------------------------- the smallest that can be analysed
def _least_squares(
    outcome: list[float], arm: list[int], baseline: list[float]
) -> tuple[float, float]:
    """The arm's coefficient and its standard error, from the normal equations."""
    design = np.column_stack([np.ones(len(arm)), arm, baseline])
    inverse = np.linalg.inv(design.T @ design)
    residual = np.array(outcome) - design @ inverse @ design.T @ np.array(outcome)
    variance = residual @ residual / (len(arm) - 3)
    return float((inverse @ design.T @ np.array(outcome))[1]), math.sqrt(variance * inverse[1, 1])


def test_four_participants_are_enough_for_an_adjusted_difference_and_one_for_an_arm() -> None:
    few, many, single, three = [[2.0, np.nan]], [[5.0, 4.0, 7.0]], [[1.0, 3.0]], [[1.0, 2.0, 4.0]]
    slope, error = _least_squares([2.0, 5.0, 4.0, 7.0], [0, 1, 1, 1], [1.0, 1.0, 2.0, 4.0])
    first = ancova(few, many, single, three)
    assert first.n.tolist() == [4]
    assert first.estimate[0] == pytest.approx(slope, rel=1e-9)
    assert first.standard_error[0] == pytest.approx(error, rel=1e-9)
    # the other way round: the arm with one participant is the contrast
    second = ancova(many, few, three, single)
    assert second.estimate[0] == pytest.approx(-slope, rel=1e-9)
    with pytest.raises(InputError, match="fewer than 4 participants"):
        ancova(few, [[5.0, 4.0, np.nan]], single, three)


def test_a_baseline_of_other_participants_is_refused_in_either_arm() -> None:
    outcome = FIRST[:, :5]
    with pytest.raises(InputError, match="reference_baseline"):
        ancova(outcome, outcome + 1, outcome[:, :3], outcome)
    with pytest.raises(InputError, match="contrast_baseline"):
        ancova(outcome, outcome + 1, outcome, outcome[:, :3])


# ----------------------------------------------------------------------- numbers
@pytest.mark.parametrize(
    ("values", "dimensions", "expected"),
    [
        ([], None, "x: expected numbers; found"),
        (["1"], None, "x: expected numbers; found"),
        ([True, False], None, "x: expected numbers; found"),
        ([[1.0]], 1, "x: expected numbers of 1 dimension; found"),
        ([1.0], 2, "x: expected numbers of 2 dimensions; found"),
    ],
)
def test_what_is_no_array_of_numbers_is_refused_with_what_was_expected(
    values: Any, dimensions: int | None, expected: str
) -> None:
    with pytest.raises(InputError, match=f"^{expected}"):
        floats("x", values, dimensions)


@pytest.mark.parametrize("values", [[1, 2], np.array([1, 2], dtype=np.uint8), np.float32([1, 2])])
def test_whole_numbers_and_short_floats_become_floats(values: Any) -> None:
    for dimensions in (None, 1):
        array = floats("x", values, dimensions)
        assert array.dtype == np.float64 and array.tolist() == [1.0, 2.0]


def test_two_participants_an_arm_are_enough_for_welchs_test() -> None:
    first, second = np.array([[1.0, 4.0]]), np.array([[6.0, 7.0]])
    contrast = welch_t_test(first, second)
    test = stats.ttest_ind(second[0], first[0], equal_var=False)
    assert contrast.method == "Welch's t test"
    assert contrast.p[0] == pytest.approx(test.pvalue, rel=1e-9)
    assert contrast.low[0] == pytest.approx(test.confidence_interval().low, rel=1e-9)


@pytest.mark.filterwarnings("ignore:Precision loss")  # SciPy of the arm without spread
def test_one_arm_without_spread_is_tested_and_two_are_not() -> None:
    flat, spread = np.array([[3.0, 3.0, 3.0]]), np.array([[4.0, 6.0, 5.0]])
    for first, second in ((flat, spread), (spread, flat)):
        test = stats.ttest_ind(second[0], first[0], equal_var=False)
        assert welch_t_test(first, second).p[0] == pytest.approx(test.pvalue, rel=1e-9)
    neither = welch_t_test(flat, flat + 1, refuse=False)
    assert np.isnan(neither.p).all() and "reads the same" in neither.reasons[0]
    with pytest.raises(InputError, match="reads the same"):
        welch_t_test(flat, flat + 1)
