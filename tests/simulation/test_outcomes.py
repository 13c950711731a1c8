"""Outcomes: the text form both ways, where their stretches lie, and summaries that no chunking
changes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oxysim.errors import InputError, OxysimError, UnitError, UnknownNameError
from oxysim.simulation.results.outcome_windows import (
    OutcomeWindows,
    outcome_windows,
    sampling_times,
)
from oxysim.simulation.results.outcomes import Outcome, outcome, resolve, row_of
from oxysim.simulation.results.panels import Panels, halved, joined, no_panels, node_times
from oxysim.simulation.results.sampling import SampledChunk
from oxysim.simulation.results.summaries import summarise

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
    (
        "final",
        "initial",
        "change",
        "mean",
        "minimum",
        "maximum",
        "time of maximum",
        "area",
        "standard deviation",
    )
)
_TIMES = st.one_of(
    st.sampled_from(("day", "week")),
    st.floats(1, 1e5, allow_nan=False).map(lambda m: f"{m!r} min"),
    st.integers(1, 99).map(lambda h: f"{h} h"),
)
_WINDOWS = st.tuples(st.integers(0, 700), st.integers(701, 1440)).map(
    lambda ends: tuple(f"{m // 60:02d}:{m % 60:02d}" for m in ends)
)
_LENGTHS = st.tuples(st.integers(0, 40), st.integers(41, 90)).map(
    lambda ends: tuple(f"{d} d" for d in ends)
)


@given(st.one_of(
    st.builds(Outcome, st.just("caregiver.epds"), _STATISTICS, st.none() | _TIMES,
              st.none() | _LENGTHS),
    st.builds(Outcome, st.just("caregiver.epds"), _STATISTICS, st.none() | st.just("day"),
              st.none() | _WINDOWS),
    st.builds(Outcome, st.just("caregiver.epds"), st.just("course"), _TIMES, st.none() | _LENGTHS),
    st.builds(Outcome, st.just("caregiver.epds"), st.just("time above"), st.none() | _TIMES,
              threshold=st.floats(-1e6, 1e6, allow_nan=False)),
))  # fmt: skip
def test_every_outcome_reads_back_from_its_text(expected: Outcome) -> None:
    assert outcome(expected.text) == expected
    assert (
        expected.name == expected.text
    )  # a dataset has it under the text by which it is asked for


@given(st.text(max_size=40))
def test_any_text_is_an_outcome_or_a_clear_error(text: str) -> None:
    for full in (text, f"caregiver.epds: {text}"):
        try:
            summaries = outcome(full)
        except OxysimError as error:
            assert str(error)
        else:
            assert outcome(summaries.text) == summaries


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
        (
            [Outcome("caregiver.epds", "time above", threshold=float("nan"))],
            InputError,
            "threshold",
        ),
    ],
)
def test_outcomes_are_checked_against_the_family(
    given_: Any, kind: type[OxysimError], words: str
) -> None:
    with pytest.raises(kind) as caught:
        resolve(given_, MOTHER)
    assert words in str(caught.value)


def test_several_caregivers_have_an_outcome_each() -> None:
    summaries = resolve(
        ["caregiver.epds: final", "infant.plasma_oxytocin: final"], ("mother", "father")
    )
    assert [summary.text for summary in summaries] == [
        "mother.epds: final",
        "father.epds: final",
        "infant.plasma_oxytocin: final",
    ]


def test_a_threshold_may_carry_the_variables_unit() -> None:
    (summary,) = resolve(["caregiver.epds: time above 13 EPDS"], MOTHER)
    assert summary.threshold == 13.0 and summary.text == "caregiver.epds: time above 13"


def test_units_and_names_follow_the_variable() -> None:
    units = {
        "final": "EPDS",
        "area": "EPDS min",
        "time above 13": "min",
        "time of maximum": "min",
        "daily mean": "EPDS",
    }
    for spec, unit in units.items():
        summary = outcome(f"caregiver.epds: {spec}")
        row = row_of(summary, MOTHER)
        assert summary.unit(row) == unit
        assert summary.long_name(row) == f"{row.meaning}: {spec}"
    assert (
        outcome("caregiver.cortisol: maximum from 10:00 to 14:00").name
        == "caregiver.cortisol: maximum from 10:00 to 14:00"
    )


# ------------------------------------------------------------------- laying out
def _layout(text: str, window: tuple[float, float] = WINDOW, **options: Any) -> OutcomeWindows:
    return outcome_windows(resolve([text], MOTHER), MOTHER, window, **options)[0]


def test_stretches_are_whole_and_count_from_the_start() -> None:
    layout = _layout("caregiver.epds: daily mean", (480.0, 480 + 2.5 * 1440))
    assert layout.dim == "day" and layout.shape == (2,)
    assert layout.coordinate.tolist() == [480 / 1440, 1 + 480 / 1440]
    assert layout.left_out == 720.0
    assert _layout("caregiver.epds: weekly", (0.0, 14 * 1440.0)).coordinate.tolist() == [0, 7, 14]


def test_hours_of_each_day() -> None:
    layout = _layout("caregiver.epds: daily maximum from 10:00 to 14:00")
    assert layout.lows.tolist() == [600, 2040, 3480] and layout.highs.tolist() == [840, 2280, 3720]
    early = _layout("caregiver.epds: daily maximum from 06:00 to 07:00")  # the run begins at 08:00
    assert early.lows.tolist() == [1800, 3240, 4680]


def test_windows_are_clock_times_or_times_after_the_start() -> None:
    assert _layout("caregiver.epds: mean from 10:00 to 11:00").lows.tolist() == [600]
    assert _layout("caregiver.epds: mean from 2 h to 3 h").lows.tolist() == [600]


def test_equal_names_of_different_stretches_are_told_apart() -> None:
    texts = [
        "caregiver.epds: mean every 12 h",
        "caregiver.epds: mean every 8 h",
        "caregiver.cortisol: mean every 8 h",
    ]
    assert [window.dim for window in outcome_windows(resolve(texts, MOTHER), MOTHER, WINDOW)] == [
        "window",
        "window_2",
        "window_2",
    ]


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


def test_only_points_ask_for_single_moments() -> None:
    assert _layout("caregiver.epds: final").times.tolist() == [WINDOW[1]]
    assert _layout("caregiver.epds: change").times.tolist() == list(WINDOW)
    assert _layout("caregiver.epds: mean").times.tolist() == []


def test_a_sample_is_the_longest_time_between_two_looks() -> None:
    layout = _layout("caregiver.epds: mean", sample="5 min")
    gaps = np.diff(node_times(np.array([0.0]), np.array([layout.longest]))[0])
    assert gaps.max() == pytest.approx(5.0, rel=1e-5)
    assert (
        _layout("caregiver.epds: mean").longest
        == _layout("caregiver.epds: mean", sample="2 d").longest
    )


@pytest.mark.parametrize(("sample", "kind", "words"), [
    ("1 d", InputError, "at most the length of the run (4 h); found '1 d'"),
    ("1e-6 min", InputError, "more than"),
    ("often", UnitError, "sample"), (5, UnitError, "sample"), ("-5 min", UnitError, "positive"),
])  # fmt: skip
def test_samples_that_mean_nothing_are_refused(
    sample: Any, kind: type[OxysimError], words: str
) -> None:
    with pytest.raises(kind) as caught:
        _layout("caregiver.epds: mean", (480.0, 720.0), sample=sample)
    assert words in str(caught.value)


# -------------------------------------------------------------------- summaries
ALL = [
    "final",
    "initial",
    "change",
    "mean",
    "minimum",
    "maximum",
    "time of maximum",
    "area",
    "standard deviation",
    "time above 2",
    "daily mean",
    "daily time above 2",
    "every 90 min",
    "mean every 7 h",
    "standard deviation every 1 h",
    "maximum from 10:07 to 13:11",
    "area from 10:07 to 13:11",
    "daily minimum from 10:00 to 14:00",
]


def _pieces(course: Any, layouts: Any, cuts: Any = (), edges: Any = ()) -> list[SampledChunk]:
    """What is seen of courses (name-less function of time -> (n, ...)) when panels end at `edges`
    and pieces at `cuts`.
    """
    moments = sampling_times(layouts)
    marks = [end for layout in layouts for end in (*layout.lows, *layout.highs)]
    low, high = min(marks), max(marks)
    summaries = []
    for a, b in zip([low, *sorted(cuts)], [*sorted(cuts), high], strict=True):
        inner = [mark for mark in (*marks, *edges) if a < mark < b]
        ends = np.unique([a, *inner, b])
        spans = np.stack([ends[:-1], ends[1:]])
        long = np.diff(ends) > 30
        starts, ends = np.sort(
            np.concatenate([spans[:, ~long], halved(spans[:, long])], axis=1), axis=1
        )
        inside = moments[(moments >= a) & ((moments < b) | (b == high))]
        nodes = course(node_times(starts, ends))
        panels = [
            Panels(np.full(len(ends), i), starts, ends, {"mother.epds": node_values})
            for i, node_values in enumerate(nodes)
        ]
        summaries.append(
            SampledChunk(inside, {"mother.epds": course(inside)}, joined(panels, ["mother.epds"]))
        )
    return summaries


def _summaries(
    course: Any, layouts: Any, n: int, cuts: Any = (), edges: Any = ()
) -> dict[str, np.ndarray]:
    summaries = summarise(layouts, n, _pieces(course, layouts, cuts, edges))
    return {name.removeprefix("caregiver.epds: "): values for name, values in summaries.items()}


_LAYOUTS = outcome_windows(
    resolve([f"caregiver.epds: {spec}" for spec in ALL], MOTHER), MOTHER, WINDOW
)


@settings(deadline=None, max_examples=15)
@given(st.lists(st.integers(481, 4700), max_size=5, unique=True), st.integers(0, 100))
def test_where_pieces_meet_changes_nothing(cuts: list[int], seed: int) -> None:
    terms = np.random.default_rng(seed).normal(0, 1, (3, 4))

    def course(t: np.ndarray) -> np.ndarray:
        x = (t - 480) / 4320
        return np.stack([sum(c * x**k for k, c in enumerate(row)) for row in terms])

    whole, cut = (_summaries(course, _LAYOUTS, 3, marks) for marks in ([], cuts))
    for name in whole:
        np.testing.assert_allclose(cut[name], whole[name], rtol=1e-9, atol=1e-9, err_msg=name)


def test_a_straight_line_is_summed_exactly() -> None:
    # from 0 to 3 in three days
    summaries = _summaries(lambda t: ((t - 480) / 1440)[None], _LAYOUTS, 1, [1000, 2000])
    near = dict(rel=1e-8)
    assert summaries["final"] == pytest.approx([3]) and summaries["initial"] == pytest.approx([0])
    assert summaries["mean"] == pytest.approx([1.5], **near) and summaries["area"] == pytest.approx(
        [1.5 * 3 * 1440], **near
    )
    assert summaries["standard deviation"] == pytest.approx([3 / np.sqrt(12)], **near)
    assert summaries["time above 2"] == pytest.approx([1440]) and summaries[
        "time of maximum"
    ] == pytest.approx([WINDOW[1]])
    assert summaries["daily mean"][0] == pytest.approx([0.5, 1.5, 2.5], rel=1e-6)
    assert summaries["daily time above 2"][0] == pytest.approx([0, 0, 1440])
    assert summaries["maximum from 10:07 to 13:11"] == pytest.approx([(13 * 60 + 11 - 480) / 1440])


def test_extrema_and_crossings_are_those_of_the_curve() -> None:
    texts = ["maximum", "time of maximum", "minimum", "area", "time above 0", "standard deviation"]
    layouts = outcome_windows(
        resolve([f"caregiver.epds: {text}" for text in texts], MOTHER), MOTHER, (0.0, 100.0)
    )

    def waves(t: np.ndarray) -> np.ndarray:
        return np.stack([np.sin(2 * np.pi * t / 80), 1 - ((t - 31) / 50) ** 2])

    summaries = _summaries(waves, layouts, 2, edges=np.arange(10.0, 100.0, 10.0))
    assert summaries["maximum"] == pytest.approx([1, 1], rel=1e-7)
    assert summaries["time of maximum"] == pytest.approx([20, 31], abs=1e-3)
    assert summaries["minimum"] == pytest.approx([-1, 1 - (69 / 50) ** 2], rel=1e-6)
    whole_wave = 80 / (2 * np.pi) * (1 - np.cos(2 * np.pi * 100 / 80))
    assert summaries["area"] == pytest.approx(
        [whole_wave, 100 - (69**3 + 31**3) / (3 * 50**2)], rel=1e-6
    )
    assert summaries["time above 0"] == pytest.approx([60, 81], abs=1e-4)


def test_a_jump_at_an_edge_belongs_to_the_stretch_that_begins_there() -> None:
    texts = ["maximum", "time of maximum", "area", "time above 3"]
    layouts = outcome_windows(
        resolve([f"caregiver.epds: {text}" for text in texts], MOTHER), MOTHER, (0.0, 60.0)
    )

    def steps(t: np.ndarray) -> np.ndarray:
        return np.where((t >= 20) & (t < 25), 5.0, 1.0)[None]

    summaries = _summaries(steps, layouts, 1, edges=[20.0, 25.0])
    assert summaries["maximum"] == pytest.approx([5]) and summaries[
        "time of maximum"
    ] == pytest.approx([20])
    assert summaries["area"] == pytest.approx([60 + 4 * 5]) and summaries[
        "time above 3"
    ] == pytest.approx([5])


def test_a_course_that_hardly_moves_keeps_its_spread() -> None:
    (window,) = outcome_windows(
        resolve(["caregiver.epds: standard deviation"], MOTHER), MOTHER, (0.0, 1000.0)
    )
    summaries = _summaries(lambda t: (1e6 + 1e-3 * t / 1000)[None], [window], 1)
    assert summaries["standard deviation"] == pytest.approx([1e-3 / np.sqrt(12)], rel=1e-6)


def test_what_is_not_a_number_stays_so() -> None:
    def courses(t: np.ndarray) -> np.ndarray:
        return np.stack([np.ones_like(t), np.full_like(t, np.nan)])

    for name, summaries in _summaries(courses, _LAYOUTS, 2, [700]).items():
        assert np.isfinite(summaries[0]).all() and np.isnan(summaries[1]).all(), name


def test_missing_moments_and_stretches_are_not_guessed() -> None:
    (mean,) = outcome_windows(resolve(["caregiver.epds: mean"], MOTHER), MOTHER, (0.0, 20.0))
    half = _pieces(lambda t: np.ones((1, *t.shape)), [mean], [10.0])[:1]
    assert np.isnan(summarise([mean], 1, half)[mean.outcome.name]).all()
    (final,) = outcome_windows(resolve(["caregiver.epds: final"], MOTHER), MOTHER, (0.0, 20.0))
    with pytest.raises(InputError, match="the run ends before 20 min"):
        summarise([final], 1, [])
    none = no_panels(["mother.epds"])
    with pytest.raises(InputError, match="not looked at at 20 min"):
        summarise(
            [final],
            1,
            [SampledChunk(np.array([0.0, 21.0]), {"mother.epds": np.ones((1, 2))}, none)],
        )


def test_a_layout_describes_its_own_dataset_dimension() -> None:
    course = _layout("caregiver.epds: daily")
    assert (course.dim, course.shape) == ("time", (4,))
    assert _layout("caregiver.epds: final").shape == ()


def test_more_outcomes_than_a_run_has_are_refused() -> None:
    with pytest.raises(
        InputError, match="outcomes: expected at most 1000 of them; found more than 1000"
    ):
        resolve((f"caregiver.epds: mean over {k} min" for k in range(1, 10**9)), ("mother",))
