"""Outcomes: the text form both ways, where their stretches lie, and summaries that no chunking changes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oxysim.errors import InputError, OxysimError, UnitError, UnknownNameError
from oxysim.simulation.outcomes import Layout, Outcome, lay_out, outcome, resolve, row_of, sampling_times
from oxysim.simulation.summaries import summarise

MOTHER = ("mother",)
WINDOW = (480.0, 480.0 + 3 * 1440.0)  # three days from 08:00

TEXTS = [
    "caregiver.epds: final",
    "caregiver.epds: initial",
    "caregiver.epds: change",
    "caregiver.epds: daily mean",
    "caregiver.epds: weekly maximum",
    "caregiver.epds: hourly minimum",
    "caregiver.epds: weekly",
    "caregiver.epds: daily",
    "caregiver.epds: every 30 min",
    "caregiver.epds: area every 12 h",
    "caregiver.epds: time above 13",
    "caregiver.epds: daily time above 13.5",
    "caregiver.cortisol: maximum from 10:00 to 14:00",
    "caregiver.cortisol: time of maximum from 10:00 to 14:00",
    "caregiver.cortisol: standard deviation",
    "caregiver.epds: mean from 4 weeks to 8 weeks",
    "infant.plasma_oxytocin: daily mean from 10:00 to 12:00",
]


@pytest.mark.parametrize("text", TEXTS)
def test_canonical_texts_read_and_print_the_same(text: str) -> None:
    assert outcome(text).text == text


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("caregiver.epds:final", "caregiver.epds: final"),
        ("caregiver.epds:   mean   every 1 d", "caregiver.epds: daily mean"),
        ("caregiver.epds: every 7 d", "caregiver.epds: weekly"),
        ("caregiver.epds: mean every 60 min", "caregiver.epds: hourly mean"),
        ("caregiver.epds: time above 13.0", "caregiver.epds: time above 13"),
        ("caregiver.epds: mean every 90 s", "caregiver.epds: mean every 1.5 min"),
    ],
)
def test_other_spellings_become_canonical(text: str, canonical: str) -> None:
    assert outcome(text).text == canonical
    assert outcome(text) == outcome(canonical)


_STATISTICS = st.sampled_from(
    ("final", "initial", "change", "mean", "minimum", "maximum", "time of maximum", "area", "standard deviation")
)
_TIMES = st.one_of(
    st.sampled_from(("day", "week")),
    st.floats(1, 1e5, allow_nan=False).map(lambda m: f"{m!r} min"),
    st.integers(1, 99).map(lambda h: f"{h} h"),
)
_WINDOWS = st.tuples(st.integers(0, 700), st.integers(701, 1440)).map(
    lambda ends: tuple(f"{m // 60:02d}:{m % 60:02d}" for m in ends)
)
_LENGTHS = st.tuples(st.integers(0, 40), st.integers(41, 90)).map(lambda ends: tuple(f"{d} d" for d in ends))


@given(st.one_of(
    st.builds(Outcome, st.just("caregiver.epds"), _STATISTICS, st.none() | _TIMES, st.none() | _LENGTHS),
    st.builds(Outcome, st.just("caregiver.epds"), _STATISTICS, st.none() | st.just("day"), st.none() | _WINDOWS),
    st.builds(Outcome, st.just("caregiver.epds"), st.just("course"), _TIMES, st.none() | _LENGTHS),
    st.builds(Outcome, st.just("caregiver.epds"), st.just("time above"), st.none() | _TIMES,
              threshold=st.floats(-1e6, 1e6, allow_nan=False)),
))  # fmt: skip
def test_every_outcome_reads_back_from_its_text(one: Outcome) -> None:
    assert outcome(one.text) == one
    assert one.name == one.text  # a dataset has it under the text by which it is asked for


@given(st.text(max_size=40))
def test_any_text_is_an_outcome_or_a_clear_error(text: str) -> None:
    for full in (text, f"caregiver.epds: {text}"):
        try:
            found = outcome(full)
        except OxysimError as error:
            assert str(error)
        else:
            assert outcome(found.text) == found


WRONG: list[tuple[Any, type[OxysimError], str]] = [
    ("caregiver.epds", InputError, "say what is kept"),
    ("caregiver.epds:", InputError, "'caregiver.epds: final'"),
    ("epds: final", InputError, "caregiver.epds"),
    ("caregiver.epds: finale", UnknownNameError, "'final'"),
    ("caregiver.epds: peak", UnknownNameError, "nearest"),
    ("caregiver.epds: course", UnknownNameError, "statistic"),
    ("caregiver.epds: from 10:00 to 12:00", InputError, "how often"),
    ("caregiver.epds: daily mean every 2 d", InputError, "twice"),
    ("caregiver.epds: mean every 12", UnitError, "number with a unit of time"),
    ("caregiver.epds: mean from 10:00", InputError, "from ... to ..."),
    ("caregiver.epds: mean from", InputError, "from ... to ..."),
    ("caregiver.epds: mean every", UnitError, "every"),
    ("caregiver.epds: mean from 14:00 to 10:00", InputError, "before it starts"),
    ("caregiver.epds: mean from 10 to 12", UnitError, "10"),
    ("caregiver.epds: time above", InputError, "needs one"),
    ("caregiver.epds: mean 13", UnknownNameError, "'mean'"),
    ("caregiver.epds: weekly mean from 10:00 to 12:00", InputError, "every='day'"),
    (3, InputError, "text such as"),
]


@pytest.mark.parametrize(("value", "kind", "words"), WRONG)
def test_what_cannot_be_read_is_named(value: Any, kind: type[OxysimError], words: str) -> None:
    with pytest.raises(kind) as caught:
        outcome(value)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("given_", "kind", "words"),
    [
        ([], InputError, "at least one"),
        ("caregiver.epds: final", InputError, "list"),
        (["caregiver.epd: final"], UnknownNameError, "'caregiver.epds'"),
        (["father.epds: final"], UnknownNameError, "variable"),
        (["caregiver.epds: final", "mother.epds: final"], InputError, "twice"),
        (["caregiver.epds: time above 13 pg/mL"], InputError, "EPDS"),
        ([Outcome("caregiver.epds", "time above", threshold=float("nan"))], InputError, "threshold"),
    ],
)
def test_outcomes_are_checked_against_the_family(given_: Any, kind: type[OxysimError], words: str) -> None:
    with pytest.raises(kind) as caught:
        resolve(given_, MOTHER)
    assert words in str(caught.value)


def test_several_caregivers_have_an_outcome_each() -> None:
    found = resolve(["caregiver.epds: final", "infant.plasma_oxytocin: final"], ("mother", "father"))
    assert [one.text for one in found] == ["mother.epds: final", "father.epds: final", "infant.plasma_oxytocin: final"]


def test_a_threshold_may_carry_the_variables_unit() -> None:
    (one,) = resolve(["caregiver.epds: time above 13 EPDS"], MOTHER)
    assert one.threshold == 13.0 and one.text == "caregiver.epds: time above 13"


def test_units_and_names_follow_the_variable() -> None:
    units = {
        "final": "EPDS", "area": "EPDS min", "time above 13": "min", "time of maximum": "min", "daily mean": "EPDS",
    }  # fmt: skip
    for spec, unit in units.items():
        one = outcome(f"caregiver.epds: {spec}")
        row = row_of(one, MOTHER)
        assert one.unit(row) == unit
        assert one.long_name(row) == f"{row.meaning}: {spec}"
    assert outcome("caregiver.cortisol: maximum from 10:00 to 14:00").name == (
        "caregiver.cortisol: maximum from 10:00 to 14:00"
    )


# ------------------------------------------------------------------- laying out
def _layout(text: str, window: tuple[float, float] = WINDOW, sample: str = "5 min") -> Layout:
    return lay_out(resolve([text], MOTHER), MOTHER, window, sample)[0]


def test_stretches_are_whole_and_count_from_the_start() -> None:
    one = _layout("caregiver.epds: daily mean", (480.0, 480 + 2.5 * 1440))
    assert one.dim == "day" and one.shape == (2,)
    assert one.coordinate.tolist() == [480 / 1440, 1 + 480 / 1440]
    assert one.left_out == 720.0
    assert _layout("caregiver.epds: weekly", (0.0, 14 * 1440.0)).coordinate.tolist() == [0, 7, 14]


def test_hours_of_each_day() -> None:
    one = _layout("caregiver.epds: daily maximum from 10:00 to 14:00")
    assert one.lows.tolist() == [600, 2040, 3480] and one.highs.tolist() == [840, 2280, 3720]
    early = _layout("caregiver.epds: daily maximum from 06:00 to 07:00")  # the run begins at 08:00
    assert early.lows.tolist() == [1800, 3240, 4680]
    assert set(one.times) == {t for k in range(3) for t in np.arange(600, 841, 5) + 1440 * k}


def test_windows_are_clock_times_or_times_after_the_start() -> None:
    assert _layout("caregiver.epds: mean from 10:00 to 11:00").lows.tolist() == [600]
    assert _layout("caregiver.epds: mean from 2 h to 3 h").lows.tolist() == [600]


def test_equal_names_of_different_stretches_are_told_apart() -> None:
    texts = ["caregiver.epds: mean every 12 h", "caregiver.epds: mean every 8 h", "caregiver.cortisol: mean every 8 h"]
    assert [one.dim for one in lay_out(resolve(texts, MOTHER), MOTHER, WINDOW)] == ["window", "window_2", "window_2"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("caregiver.epds: mean from 07:00 to 09:00", "inside the run"),
        ("caregiver.epds: mean from 2 d to 4 d", "inside the run"),
        ("caregiver.epds: weekly mean", "no whole stretch"),
        ("caregiver.epds: mean every 2 h from 10:00 to 11:00", "no whole stretch"),
    ],
)
def test_what_does_not_fit_into_the_run_is_refused(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        _layout(text)


def test_point_statistics_need_no_grid() -> None:
    assert _layout("caregiver.epds: final").times.tolist() == [WINDOW[1]]
    assert _layout("caregiver.epds: change").times.tolist() == list(WINDOW)


# -------------------------------------------------------------------- summaries
ALL = [
    "final", "initial", "change", "mean", "minimum", "maximum", "time of maximum", "area", "standard deviation",
    "time above 2", "daily mean", "daily time above 2", "every 90 min", "mean every 7 h",
    "standard deviation every 1 h", "maximum from 10:07 to 13:11", "area from 10:07 to 13:11",
    "daily minimum from 10:00 to 14:00",
]  # fmt: skip


def _summaries(times: np.ndarray, values: np.ndarray, layouts: Any, cuts: Any) -> dict[str, np.ndarray]:
    bounds = [0, *sorted(cuts), len(times) - 1]
    chunks = [
        (times[a : b + 1], {"mother.epds": values[:, a : b + 1]}) for a, b in zip(bounds, bounds[1:], strict=False)
    ]
    return summarise(layouts, chunks)


_LAYOUTS = lay_out(resolve([f"caregiver.epds: {spec}" for spec in ALL], MOTHER), MOTHER, WINDOW)


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1), st.lists(st.integers(1, 800), max_size=6, unique=True))
def test_no_chunking_changes_a_bit(seed: int, cuts: list[int]) -> None:
    times = sampling_times(_LAYOUTS)
    values = np.random.default_rng(seed).normal(2, 1, (3, len(times)))
    whole, cut = (_summaries(times, values, _LAYOUTS, own) for own in ([], cuts))
    for name in whole:
        assert np.array_equal(whole[name], cut[name]), name


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_other_outcomes_change_no_bit(seed: int) -> None:
    times = sampling_times(_LAYOUTS)
    values = np.random.default_rng(seed).normal(2, 1, (2, len(times)))
    together = _summaries(times, values, _LAYOUTS, [])
    for one in _LAYOUTS:
        alone = _summaries(times, values, [one], [])
        assert np.array_equal(alone[one.outcome.name], together[one.outcome.name])


def test_a_straight_line_is_summed_exactly() -> None:
    layouts = lay_out(resolve([f"caregiver.epds: {spec}" for spec in ALL], MOTHER), MOTHER, WINDOW)
    times = sampling_times(layouts)
    values = ((times - 480) / 1440)[None, :]  # from 0 to 3 in three days
    found = {name.removeprefix("caregiver.epds: "): v for name, v in _summaries(times, values, layouts, [100]).items()}
    assert found["final"] == pytest.approx([3]) and found["initial"] == pytest.approx([0])
    assert found["mean"] == pytest.approx([1.5]) and found["area"] == pytest.approx([1.5 * 3 * 1440])
    assert found["standard deviation"] == pytest.approx([3 / np.sqrt(12)])
    assert found["time above 2"] == pytest.approx([1440]) and found["time of maximum"] == pytest.approx([WINDOW[1]])
    assert found["daily mean"][0] == pytest.approx([0.5, 1.5, 2.5])
    assert found["daily time above 2"][0] == pytest.approx([0, 0, 1440])
    assert found["maximum from 10:07 to 13:11"] == pytest.approx([(13 * 60 + 11 - 480) / 1440])


def test_a_crossing_between_samples_counts_in_part() -> None:
    (one,) = lay_out(resolve(["caregiver.epds: time above 2"], MOTHER), MOTHER, (0.0, 20.0), "10 min")
    values = np.array([[0.0, 4.0, 0.0], [2.0, 2.0, 2.0], [3.0, 3.0, 1.0]])
    found = summarise([one], [(one.times, {"mother.epds": values})])
    assert found[one.outcome.name] == pytest.approx([10.0, 0.0, 15.0])


def test_a_course_that_hardly_moves_keeps_its_spread() -> None:
    (one,) = lay_out(resolve(["caregiver.epds: standard deviation"], MOTHER), MOTHER, (0.0, 1000.0), "10 min")
    values = (1e6 + 1e-3 * np.linspace(0, 1, len(one.times)))[None, :]
    assert summarise([one], [(one.times, {"mother.epds": values})])[one.outcome.name] == pytest.approx(
        [1e-3 / np.sqrt(12)], rel=1e-6
    )


def test_what_is_not_a_number_stays_so() -> None:
    times = sampling_times(_LAYOUTS)
    values = np.ones((2, len(times)))
    values[1] = np.nan
    for name, found in _summaries(times, values, _LAYOUTS, [7]).items():
        assert np.isfinite(found[0]).all() and np.isnan(found[1]).all(), name


def test_missing_times_are_refused() -> None:
    (one,) = lay_out(resolve(["caregiver.epds: mean"], MOTHER), MOTHER, (0.0, 20.0), "10 min")
    with pytest.raises(InputError, match="no value at 10 min"):
        summarise([one], [(np.array([0.0, 20.0]), {"mother.epds": np.ones((1, 2))})])
    with pytest.raises(InputError, match="end before 20 min"):
        summarise([one], [(np.array([0.0, 10.0]), {"mother.epds": np.ones((1, 2))})])


def test_a_layout_describes_its_own_dataset_dimension() -> None:
    course = _layout("caregiver.epds: daily")
    assert (course.dim, course.shape) == ("time", (4,))
    assert _layout("caregiver.epds: final").shape == ()
