"""Effects, figures and groups: statistics against SciPy's own, rules of agreement, draws that
nothing changes.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from oxysim.errors import InputError, UnknownNameError
from oxysim.findings.published import target, targets
from oxysim.statistics import pharmacokinetics as kinetics
from oxysim.streams import stream
from oxysim.trials.participant_groups import groups, sequences
from oxysim.trials.reporting.figure_table import figure_row, figure_table
from oxysim.trials.reporting.replicated_effects import paired, unpaired
from oxysim.trials.reporting.table_of_effects import effect_row, effect_table, table_text


def drawn(shift: float, n: int = 30, replications: int = 40) -> np.ndarray:
    return stream(5, 0, f"test {shift} {n}").standard_normal((replications, n)) + shift


def row(effects: object, expected: str, name: str = "") -> dict:
    return effect_row(
        effects, outcome="x", contrast="b - a", unit="1", expected=expected, target=name
    )


def test_paired_is_the_paired_t_test() -> None:
    a, b = drawn(0.0), drawn(0.5)
    analysis = paired(a, b)
    expected = stats.ttest_rel(b, a, axis=1)
    np.testing.assert_allclose(analysis.p, expected.pvalue, rtol=1e-9)
    np.testing.assert_allclose(analysis.dz, expected.statistic / np.sqrt(30), rtol=1e-9)
    np.testing.assert_allclose(analysis.difference, (b - a).mean(axis=1))


def test_a_missing_pair_is_left_out_of_its_replication_only() -> None:
    a, b = drawn(0.0), drawn(0.5)
    b[3, 4] = np.nan
    keep = np.arange(30) != 4
    analysis = paired(a, b)
    assert analysis.p[3] == pytest.approx(stats.ttest_rel(b[3, keep], a[3, keep]).pvalue)
    assert analysis.p[2] == pytest.approx(stats.ttest_rel(b[2], a[2]).pvalue)


def test_unpaired_is_welchs_t_test() -> None:
    a, b = drawn(0.0, 19), 1.7 * drawn(0.4, 23)
    analysis = unpaired(a, b)
    np.testing.assert_allclose(
        analysis.p, stats.ttest_ind(b, a, axis=1, equal_var=False).pvalue, rtol=1e-9
    )
    pooled = np.sqrt((18 * a.var(axis=1, ddof=1) + 22 * b.var(axis=1, ddof=1)) / 40)
    np.testing.assert_allclose(analysis.dz, (b.mean(axis=1) - a.mean(axis=1)) / pooled, rtol=1e-9)


@pytest.mark.parametrize("values", [np.zeros(5), np.zeros((3, 1)), np.zeros((0, 4))])
def test_shapes_that_are_no_study_are_refused(values: np.ndarray) -> None:
    with pytest.raises(InputError, match="shape"):
        paired(values, values)


def test_different_shapes_are_refused() -> None:
    with pytest.raises(InputError, match="equal shapes"):
        paired(np.zeros((2, 4)), np.zeros((2, 5)))
    with pytest.raises(InputError, match="equally many replications"):
        unpaired(np.zeros((2, 4)), np.zeros((3, 4)))


@pytest.mark.parametrize(
    ("shift", "expected", "agrees"),
    [
        (1.0, "up", "yes"),
        (-1.0, "up", "no"),
        (-1.0, "down", "yes"),
        (0.0, "up", "no"),
        (0.0, "none", "yes"),
        (1.0, "none", "no"),
        (0.0, "similar", "yes"),
        (1.0, "similar", "no"),
        (1.0, "prediction", "-"),
    ],
)
def test_rules_of_agreement(shift: float, expected: str, agrees: str) -> None:
    assert row(paired(drawn(0.0), drawn(0.0)[:, ::-1] + shift), expected)["agrees"] == agrees


def test_likeness_needs_the_whole_interval_inside_the_band() -> None:
    # a mean difference just inside the band, known too poorly to tell
    few = unpaired(drawn(0.0, 10, 4), drawn(0.0, 10, 4)[:, ::-1] + 0.28)
    many = unpaired(
        drawn(0.0, 10, 4).repeat(400, axis=0),
        (drawn(0.0, 10, 4)[:, ::-1] + 0.1).repeat(400, axis=0),
    )
    assert row(few, "similar", "SZ1")["agrees"] == "no"
    assert row(many, "similar", "SZ1")["agrees"] == "yes"


def test_effect_table_and_text() -> None:
    table = effect_table([row(paired(drawn(0.0), drawn(1.0)), "up", "H1a")])
    assert table["target"].tolist() == ["H1a"]
    assert "yes" in table_text(table)
    with pytest.raises(UnknownNameError, match="'prediction'"):
        row(paired(drawn(0.0), drawn(1.0)), "predicton")


def test_figures_agree_inside_their_published_interval() -> None:
    expected = target("C13")
    assert expected.low is not None and expected.high is not None
    inside, outside = (expected.low + expected.high) / 2, expected.high + 1
    rows = [figure_row([v, v], n=11, target="C13") for v in (inside, outside, np.nan)]
    assert figure_table(rows)["agrees"].tolist() == ["yes", "no", "no"]
    assert figure_row([1.0], n=3, quantity="q", unit="min")["agrees"] == "-"
    with pytest.raises(InputError, match="one value a replication"):
        figure_row(np.zeros((2, 2)), n=3, target="C13")


def test_targets_carry_their_citation_and_say_how_far_they_are_evidence() -> None:
    for name, row_ in targets().items():
        assert row_.id == name and row_.source and row_.status and row_.use != "own"
    with pytest.raises(UnknownNameError, match="C7a"):
        target("C7aa")


def test_half_life_of_an_exponential() -> None:
    times = np.array([2.0, 5.0, 9.0, 14.0])
    rise = 80 * 2.0 ** (-times / np.array([[3.2], [24.0]]))
    np.testing.assert_allclose(kinetics.log_linear_half_life(times, rise), [3.2, 24.0], rtol=1e-12)
    rise[0, -1] = -0.1  # a sample at or below baseline is left out
    np.testing.assert_allclose(kinetics.log_linear_half_life(times, rise), [3.2, 24.0], rtol=1e-12)
    assert np.isnan(kinetics.log_linear_half_life(times, -rise)).tolist() == [True, True]
    assert np.isnan(kinetics.log_linear_half_life(times, 1 / rise)).any()


def test_times_of_peak_and_half_rise() -> None:
    times = np.array([0.0, 10.0, 20.0, 40.0])
    curve = np.array([[5.0, 6.0, 9.0, 7.0], [5.0, 5.0, 5.0, 5.0]])
    assert kinetics.time_of_peak(times, curve).tolist() == [20.0, 0.0]
    half = kinetics.time_to_half_rise(times, curve)
    assert half[0] == pytest.approx(10 + 10 / 3) and np.isnan(half[1])
    t = np.linspace(0.0, 8.0, 401)  # t exp(-t / 3) is highest at 3; and between two samples
    assert kinetics.time_of_smooth_peak(t + 0.04, t * np.exp(-t / 3)) == pytest.approx(
        3.04, abs=1e-4
    )
    ends = kinetics.time_of_smooth_peak(t, np.stack([t, -t, np.where(t > 4, np.nan, t)]))
    assert ends[:2].tolist() == [8.0, 0.0] and np.isnan(ends[2])
    assert kinetics.count_pulses([[0, 1, 0, 1, 0.95, 0.99, 0]], 0.1).tolist() == [2]


def test_groups_are_distinct_where_the_pool_allows() -> None:
    drawn = groups(40, 10, 4, seed=0)
    assert len(np.unique(drawn.position)) == 40
    small = groups(15, 10, 4, seed=0)
    assert (
        all(len(set(r)) == 10 for r in small.position.tolist())
        and len(np.unique(small.number)) == 40
    )


def test_groups_of_one_arm_do_not_depend_on_others() -> None:
    alone = groups(50, 10, 3, seed=4, arm="voice")
    with_more = groups(50, 10, 6, seed=4, arm="voice")
    assert np.array_equal(alone.position, with_more.position[:3])
    assert not np.array_equal(alone.position, groups(50, 10, 3, seed=4, arm="contact").position)


@pytest.mark.parametrize(
    ("pool", "n", "replications", "message"),
    [
        (5, 10, 1, "give more of them"),
        (50, 1, 1, "n: expected"),
        (50, 10, 0, "replications"),
        (50, 2.5, 1, "n: expected"),
    ],
)
def test_impossible_groups_are_refused(pool: int, n: int, replications: int, message: str) -> None:
    with pytest.raises(InputError, match=message):
        groups(pool, n, replications, seed=0)


def test_sequences_are_balanced() -> None:
    first = sequences((6, 35), seed=1)
    assert set(first.sum(axis=1).tolist()) == {17}
    assert np.array_equal(first, sequences((6, 35), seed=1))
