"""Statistics: intervals that cover, in every design and with arms of unequal size, and times to an
event read at few visits. Truth is what the draws were made with, or SciPy's own function."""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

import oxysim as ox
from oxysim.errors import InputError, MissingExtraError, UnknownNameError
from oxysim.statistics import two_groups
from oxysim.statistics.contrast import Contrast
from oxysim.statistics.correlation import correlation
from oxysim.statistics.crossover import crossover
from oxysim.statistics.factorial import factorial
from oxysim.statistics.mixed_model import mixed
from oxysim.statistics.monte_carlo import central, half_width, mean_error, share_interval
from oxysim.statistics.proportions import paired_risk, risk
from oxysim.statistics.survival.survival_models import hazard_ratio, kaplan_meier, restricted_mean
from oxysim.statistics.survival.time_to_event import Times, log_rank
from oxysim.streams import stream
from oxysim.trials import correlated, paired, unpaired
from oxysim.trials.reporting.table_of_effects import effect_row

STUDIES = 2000
BAND = 4 * np.sqrt(0.95 * 0.05 / STUDIES)
"""Four Monte Carlo standard errors of a coverage of 95 %: one check in 16,000 errs."""


def normal(name: str, n: int, studies: int = STUDIES) -> np.ndarray:
    return stream(11, 0, f"test statistics {name}").standard_normal((studies, n))


def covered(low: np.ndarray, high: np.ndarray, truth: float) -> float:
    return float(np.mean((low <= truth) & (truth <= high)))


def coverages(contrast: Contrast, truth: float, standardised: float | None = None) -> list[float]:
    shares = [covered(contrast.low, contrast.high, truth)]
    if standardised is not None:
        assert contrast.standardised is not None
        shares.append(covered(contrast.standardised.low, contrast.standardised.high, standardised))
    return shares


# ------------------------------------------------------------- the one home of two groups
@pytest.mark.parametrize(
    ("n", "m", "d"), [(20, 20, 0.5), (10, 60, 0.5), (60, 10, 0.2), (5, 5, 1.5)]
)
def test_the_interval_of_a_single_study_covers(n: int, m: int, d: float) -> None:
    # the trial's own analysis and the door's `unpaired` are one: 68 % before
    analysis = unpaired(normal("a", n), normal("b", m) + d)
    assert analysis.dz_low is not None and analysis.dz_high is not None
    assert covered(analysis.dz_low, analysis.dz_high, d) == pytest.approx(0.95, abs=BAND)
    standardised = two_groups.welch_t_test(normal("a", n), normal("b", m) + d).standardised
    assert standardised is not None
    np.testing.assert_array_equal(analysis.dz, standardised.estimate)
    np.testing.assert_array_equal(analysis.dz_low, standardised.low)


def test_a_row_of_one_study_has_the_interval_and_error_of_that_study() -> None:
    a, b = normal("a", 20)[:1], normal("b", 20)[:1] + 0.9
    row = effect_row(unpaired(a, b), outcome="x", contrast="b - a", unit="1", expected="prediction")
    t, df = stats.ttest_ind(b[0], a[0]).statistic, 38
    scale = np.sqrt(2 / 20)
    ends = row["low"] / scale, row["high"] / scale
    assert stats.nct.cdf(t, df, ends) == pytest.approx([0.975, 0.025], abs=1e-4)
    # the large-sample error of an unpaired d (Hedges & Olkin 1985), for which the paired one is
    # half
    error = np.sqrt(2 / 20 + row["dz"] ** 2 / 80)
    assert row["dz_se"] == pytest.approx(error, rel=0.05)


def test_the_pooled_standard_deviation_weighs_arms_by_their_size() -> None:
    a, b = normal("a", 10), 2.0 * normal("b", 60) + 0.1
    squares = 9 * a.var(axis=1, ddof=1) + 59 * b.var(axis=1, ddof=1)
    expected = (b.mean(axis=1) - a.mean(axis=1)) / np.sqrt(squares / 68)
    np.testing.assert_allclose(unpaired(a, b).dz, expected, rtol=1e-10)


def test_swapped_arms_change_every_sign_and_nothing_else() -> None:
    a, b = normal("a", 15)[:20], normal("b", 15)[:20] + 0.3
    for compare in (paired, unpaired):
        straight, swapped = compare(a, b), compare(b, a)
        np.testing.assert_allclose(straight.dz, -swapped.dz, rtol=1e-10)
        np.testing.assert_allclose(straight.dz_low, -swapped.dz_high, rtol=1e-6, atol=1e-9)
        np.testing.assert_allclose(straight.p, swapped.p, rtol=1e-9)
        np.testing.assert_array_equal(straight.reference, swapped.contrast)


def test_readings_without_spread_have_no_infinite_effect() -> None:
    same = np.full((2, 5), 3.0)
    nothing = paired(same, same)
    assert nothing.dz.tolist() == [0.0, 0.0] and nothing.p.tolist() == [1.0, 1.0]
    shifted = paired(same, same + 1.0)
    assert np.isnan(shifted.dz).all() and shifted.difference.tolist() == [1.0, 1.0]
    row = effect_row(shifted, outcome="x", contrast="b - a", unit="1", expected="up")
    assert row["share_up"] == 1.0 and row["share_significant"] == 0.0 and row["agrees"] == "no"


# ------------------------------------------------------------------- coverage by design
def _unpaired(n: int, m: int, spread: float) -> list[float]:
    return coverages(two_groups.welch_t_test(normal("a", n), spread * normal("b", m) + 0.5), 0.5)


def _paired(n: int) -> list[float]:
    return coverages(
        two_groups.paired_t_test(np.zeros((STUDIES, n)), normal("a", n) + 0.5), 0.5, 0.5
    )


def _ancova(n: int, m: int, d: float, r: float) -> list[float]:
    x, z = normal("x", n), normal("z", m)
    rest = np.sqrt(1 - r**2)
    a, b = r * x + rest * normal("a", n), r * z + rest * normal("b", m) + d
    return coverages(two_groups.ancova(a, b, x, z), d, d)


def _crossover(n: int, m: int) -> list[float]:
    order = np.repeat([0, 1], [n, m])
    person = 2 * normal("person", n + m)
    a = person + normal("a", n + m) + 0.7 * (order == 1)
    b = person + normal("b", n + m) + 0.7 * (order == 0) + 0.5
    analysis = crossover(a, b, order)
    return [
        *coverages(analysis.treatment, 0.5, 0.5 / np.sqrt(2)),
        *coverages(analysis.period, 0.7),
        *coverages(analysis.carry_over, 0.0),
    ]


def _factorial(*sizes: int) -> list[float]:
    means = {(False, False): 0.0, (True, False): 0.5, (False, True): 0.3, (True, True): 1.2}
    cells = {
        on: normal(f"cell {on}", n) + mean
        for (on, mean), n in zip(means.items(), sizes, strict=True)
    }
    analysis = factorial(cells)
    return [*coverages(analysis[(0,)], 0.7, 0.7), *coverages(analysis[(0, 1)], 0.4, 0.4)]


def _correlation(n: int, r: float) -> list[float]:
    x = normal("x", n)
    return coverages(correlation(x, r * x + np.sqrt(1 - r**2) * normal("y", n)), r)


DESIGNS: list[tuple[Callable[..., list[float]], tuple[float, ...]]] = [
    (_unpaired, (20, 20, 3.0)), (_unpaired, (10, 60, 3.0)), (_unpaired, (10, 60, 1 / 3)),
    (_paired, (20,)), (_paired, (5,)),
    (_ancova, (20, 20, 0.5, 0.7)), (_ancova, (10, 60, 0.5, 0.7)), (_ancova, (5, 5, 1.5, 0.9)),
    (_ancova, (5, 5, 0.0, 0.0)), (_ancova, (20, 20, 2.5, 0.0)),
    (_crossover, (10, 10)), (_crossover, (5, 15)), (_crossover, (2, 8)),
    (_factorial, (10, 10, 10, 10)), (_factorial, (5, 10, 20, 40)),
    (_correlation, (20, 0.5)), (_correlation, (8, 0.8)),
]  # fmt: skip


@pytest.mark.parametrize(("design", "of"), DESIGNS)
def test_intervals_cover_in_every_design(
    design: Callable[..., list[float]], of: tuple[float, ...]
) -> None:
    for share in design(*of):
        assert share == pytest.approx(0.95, abs=BAND)


SHARES = [(40, 40, 0.3, 0.5), (15, 60, 0.05, 0.2), (15, 60, 0.5, 0.5), (30, 30, 0.02, 0.1)]


@pytest.mark.parametrize(("n", "m", "p", "q"), [*SHARES, (20, 20, 0.9, 0.97), (10, 10, 0.05, 0.05)])
def test_intervals_of_shares_cover_with_empty_cells_too(n: int, m: int, p: float, q: float) -> None:
    # no study is left out: those without an event in an arm are where such an interval is needed
    rng = stream(12, 0, "test shares")
    a, b = (rng.random((STUDIES, n)) < p) * 1.0, (rng.random((STUDIES, m)) < q) * 1.0
    analysis = risk(a, b)
    for contrast, truth in ((analysis.difference, q - p), (analysis.ratio, q / p)):
        assert covered(contrast.low, contrast.high, truth) >= 0.95 - BAND
    assert np.isfinite(analysis.ratio.low).all()


def test_the_interval_of_paired_shares_covers_with_few_events() -> None:
    rng = stream(13, 0, "test shares")
    for n, p, q in ((40, 0.3, 0.5), (10, 0.05, 0.2)):
        a, b = (rng.random((STUDIES, n)) < p) * 1.0, (rng.random((STUDIES, n)) < q) * 1.0
        analysis = paired_risk(a, b)
        assert covered(analysis.low, analysis.high, q - p) >= 0.95 - BAND


@pytest.mark.long
def test_the_mixed_model_covers_from_twenty_participants_on() -> None:
    pytest.importorskip("statsmodels")
    studies = 400
    rng = stream(14, 0, "test mixed")
    arm = (np.arange(30) >= 10)[None, :, None] * np.ones((studies, 1, 1))
    course = (
        rng.standard_normal((studies, 30, 1)) + rng.standard_normal((studies, 30, 3)) + 0.5 * arm
    )
    analysis = mixed(course, arm)
    error = np.sqrt(0.95 * 0.05 / studies)
    assert covered(analysis.low, analysis.high, 0.5) == pytest.approx(0.95, abs=4 * error)


# ----------------------------------------------------------------------- times to an event
def seen_at(
    visits: np.ndarray, hazards: tuple[float, float], n: int, studies: int, seed: int = 0
) -> tuple[Times, Times]:
    """Exponential times in two arms, each found at the first of the visits after it."""
    rng = stream(15 + seed, 0, "test hazards")
    arms = []
    for hazard in hazards:
        true = rng.exponential(1 / hazard, (studies, n))
        visit = np.searchsorted(visits, true)
        came = visit < len(visits)
        arms.append(Times(visits[np.minimum(visit, len(visits) - 1)], came.astype(float)))
    return arms[0], arms[1]


VISITS = np.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize("hazard", [0.3, 0.8])
def test_the_hazard_ratio_of_three_visits_covers_the_true_one(hazard: float) -> None:
    pytest.importorskip("statsmodels")
    studies = 150
    arms = seen_at(VISITS, (hazard, 2 * hazard), 400, studies)
    analysis = hazard_ratio(*arms)
    assert np.exp(np.log(analysis.estimate).mean()) == pytest.approx(2.0, rel=0.02)
    band = 4 * np.sqrt(0.95 * 0.05 / studies)
    assert covered(analysis.low, analysis.high, 2.0) == pytest.approx(0.95, abs=band)
    tested = log_rank(*arms)
    np.testing.assert_array_equal(analysis.p, tested.p)
    # the honest name of the other: an odds ratio, further from 1 the more have the event
    assert "odds ratio" in tested.method
    assert np.log(tested.estimate).mean() > np.log(analysis.estimate).mean() + 0.1


@pytest.mark.long
@pytest.mark.parametrize("visits", [3, 6, 12])
@pytest.mark.parametrize(
    ("n", "hazard", "ratio"), [(40, 0.3, 2.0), (400, 0.8, 0.5), (100, 0.8, 1.0)]
)
def test_hazard_ratios_cover(visits: int, n: int, hazard: float, ratio: float) -> None:
    pytest.importorskip("statsmodels")
    studies = 500
    times = np.linspace(3.0 / visits, 3.0, visits)
    analysis = hazard_ratio(*seen_at(times, (hazard, ratio * hazard), n, studies, seed=visits))
    band = 4 * np.sqrt(0.95 * 0.05 / studies)
    assert covered(analysis.low, analysis.high, ratio) == pytest.approx(0.95, abs=band)


def test_efrons_ties_are_coxs_where_times_are_nearly_exact() -> None:
    pytest.importorskip("statsmodels")
    rng = stream(16, 0, "test hazards")
    slow, fast = rng.exponential(1.0, (20, 100)), rng.exponential(0.5, (20, 100))
    came = np.ones((20, 100))
    analysis = hazard_ratio(Times(slow, came), Times(fast, came), ties="efron")
    assert np.exp(np.log(analysis.estimate).mean()) == pytest.approx(2.0, rel=0.1)
    assert covered(analysis.low, analysis.high, 2.0) >= 0.75  # of 20: 15, one in 4,000


def test_a_hazard_ratio_that_runs_away_is_named() -> None:
    pytest.importorskip("statsmodels")
    never, soon = seen_at(VISITS, (1e-9, 1.0), 30, 2)
    with pytest.raises(InputError, match="the fit has no finite hazard ratio"):
        hazard_ratio(never, soon)


def test_the_curve_is_scipys_kaplan_meier() -> None:
    pytest.importorskip("statsmodels")
    (arm, _) = seen_at(VISITS, (0.4, 0.4), 60, 2)
    gone = stream(17, 0, "test censoring").random(arm.time.shape) < 0.2
    arm = Times(arm.time, np.where(gone, 0.0, arm.came))
    analysis = kaplan_meier(arm, 1)
    came = arm.came[1] == 1
    data = stats.CensoredData(uncensored=arm.time[1][came], right=arm.time[1][~came])
    survival = stats.ecdf(data).sf
    expected = survival.evaluate(analysis["time"].to_numpy())
    np.testing.assert_allclose(analysis["without"], expected, rtol=1e-12)
    assert analysis["events"].sum() == came.sum() and analysis["at_risk"].iloc[0] == 60


def test_the_restricted_mean_covers_the_area_between_the_true_curves() -> None:
    pytest.importorskip("statsmodels")
    studies, until = 300, 3.0
    rng = stream(18, 0, "test restricted")
    arms, truth = [], []
    for hazard in (0.4, 0.9):
        true = rng.exponential(1 / hazard, (studies, 60))
        arms.append(Times(np.minimum(true, until), (true < until).astype(float)))
        truth.append((1 - np.exp(-hazard * until)) / hazard)
    analysis = restricted_mean(*arms, until)
    difference = truth[1] - truth[0]
    assert analysis.estimate.mean() == pytest.approx(
        difference, abs=4 * mean_error(analysis.estimate)
    )
    band = 4 * np.sqrt(0.95 * 0.05 / studies)
    assert covered(analysis.low, analysis.high, difference) == pytest.approx(0.95, abs=band)
    # its standard error is that of the estimates
    assert analysis.standard_error.mean() == pytest.approx(analysis.estimate.std(ddof=1), rel=0.15)
    with pytest.raises(InputError, match="was not followed until 9"):
        restricted_mean(*arms, 9.0)


def test_without_statsmodels_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in list(sys.modules):
        if module.startswith("statsmodels"):
            monkeypatch.setitem(sys.modules, module, None)  # type: ignore[arg-type]
    monkeypatch.setitem(sys.modules, "statsmodels", None)  # type: ignore[arg-type]
    arms = seen_at(VISITS, (0.4, 0.8), 20, 2)
    calls: list[Callable[[], object]] = [
        lambda: hazard_ratio(*arms), lambda: kaplan_meier(arms[0]),
        lambda: restricted_mean(*arms, 3.0),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(MissingExtraError, match=r"pip install 'oxysim\[stats\]'"):
            call()


# ---------------------------------------------------------------------- what turning changes
def turned(compare: Callable[..., Contrast], *arms: object) -> tuple[Contrast, Contrast]:
    return compare(*arms), compare(*arms[::-1])


def test_swapped_arms_turn_every_comparison_round() -> None:
    a, b = normal("a", 15)[:30], normal("b", 15)[:30] + 0.4
    x, z = normal("x", 15)[:30], normal("z", 15)[:30]
    straight, swapped = (rng_shares(0.3), rng_shares(0.6))
    slow, fast = seen_at(VISITS, (0.4, 0.8), 60, 6)
    differences = [
        turned(two_groups.paired_t_test, a, b),
        turned(two_groups.welch_t_test, a, b[:, :9]),
        (two_groups.ancova(a, b, x, z), two_groups.ancova(b, a, z, x)),
        turned(paired_risk, straight, swapped),
        turned(lambda p, q: risk(p, q).difference, straight, swapped),
        turned(lambda p, q: restricted_mean(p, q, 3.0), slow, fast),
    ]
    for first, second in differences:
        np.testing.assert_allclose(first.estimate, -second.estimate, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(first.low, -second.high, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(first.p, second.p, rtol=1e-9)
        assert np.median(first.estimate) != 0
    ratios = [
        turned(lambda p, q: risk(p, q).ratio, straight, swapped),
        turned(log_rank, slow, fast),
        turned(hazard_ratio, slow, fast),
    ]
    for first, second in ratios:
        np.testing.assert_allclose(first.estimate, 1 / second.estimate, rtol=1e-5)
        np.testing.assert_allclose(first.low, 1 / second.high, rtol=1e-5)
        # the event comes more often, or sooner, in the second arm
        assert np.exp(np.log(first.estimate).mean()) > 1


def rng_shares(share: float) -> np.ndarray:
    return (stream(19, 0, f"test shares {share}").random((30, 40)) < share) * 1.0


@pytest.mark.parametrize("compare", [two_groups.paired_t_test, two_groups.welch_t_test])
def test_another_unit_or_order_changes_no_standardised_effect(
    compare: Callable[..., Contrast],
) -> None:
    a, b = normal("a", 12)[:10], normal("b", 12)[:10] + 0.4
    order = stream(20, 0, "test order").permutation(12)
    expected, scaled, mixed_up = (
        compare(a, b),
        compare(7 * a - 3, 7 * b - 3),
        compare(a[:, order], b[:, order]),
    )
    np.testing.assert_allclose(scaled.estimate, 7 * expected.estimate, rtol=1e-9)
    np.testing.assert_allclose(scaled.standard_error, 7 * expected.standard_error, rtol=1e-9)
    for second in (scaled, mixed_up):
        assert expected.standardised is not None and second.standardised is not None
        np.testing.assert_allclose(
            second.standardised.estimate, expected.standardised.estimate, rtol=1e-9
        )
        np.testing.assert_allclose(second.p, expected.p, rtol=1e-8)


def test_a_crossovers_sequence_tells_treatment_from_period() -> None:
    # 1 where the contrast came first: turned round, the period changes its sign and the treatment
    # does not
    order = np.arange(40) % 2
    person = normal("person", 40)[:50]
    a = person + 0.3 * normal("a", 40)[:50] + 0.8 * (order == 1)
    b = person + 0.3 * normal("b", 40)[:50] + 0.8 * (order == 0) + 0.2
    right, wrong = crossover(a, b, order), crossover(a, b, 1 - order)
    assert right.treatment.estimate.mean() == pytest.approx(0.2, abs=0.05)
    assert right.period.estimate.mean() == pytest.approx(0.8, abs=0.05)
    np.testing.assert_allclose(wrong.period.estimate, -right.period.estimate, rtol=1e-9)
    np.testing.assert_allclose(wrong.treatment.estimate, right.treatment.estimate, rtol=1e-9)


# ----------------------------------------------------------------------- over replications
def test_wilsons_interval_has_a_width_at_nought_and_one() -> None:
    low, high = share_interval(200, 200)
    # closed form at a share of 1: 1 / (1 + z^2 / n)
    assert (
        low == pytest.approx(1 / (1 + stats.norm.ppf(0.975) ** 2 / 200), rel=1e-9) and high == 1.0
    )
    assert share_interval(0, 200) == (0.0, pytest.approx(1 - low, rel=1e-9))


def test_the_half_width_of_a_mean_is_scipys_t_interval() -> None:
    values = normal("mean", 12)[:5]
    values[2, 3] = np.nan
    for row, half in zip(values, half_width(values), strict=True):
        present = row[np.isfinite(row)]
        ends = stats.t.interval(0.95, len(present) - 1, present.mean(), stats.sem(present))
        assert half == pytest.approx((ends[1] - ends[0]) / 2, rel=1e-12)
    assert np.isnan(half_width([1.0, np.nan]))


def test_summaries_leave_out_what_has_no_number() -> None:
    values = [1.0, 2.0, 4.0, np.nan, np.inf]
    assert mean_error(values) == pytest.approx(stats.sem([1.0, 2.0, 4.0]))
    assert central(values, 1.0) == (1.0, 4.0)
    assert np.isnan(central([1.0])).all() and np.isnan(mean_error([1.0]))


BAD: list[tuple[Callable[[], object], type[Exception], str]] = [
    (lambda: ox.trials.paired("a", "b"), InputError, "reference: expected numbers"),
    (lambda: unpaired([[1, 2]], "b"), InputError, "contrast: expected numbers"),
    (lambda: correlated([[1, 2, 3]], [[1, 2, 3]]), InputError, "n >= 4"),
    (lambda: paired([[1, np.inf]], [[1, 2]]), InputError, "expected finite readings"),
    (
        lambda: two_groups.paired_t_test([[1, 2]], [[1, 3]], level="x"),
        InputError,
        "level: expected",
    ),
    (lambda: two_groups.paired_t_test([[1, 2]], [[1, 3]], level=1), InputError, "level: expected"),
    (lambda: share_interval(3, 2), InputError, "count: expected a whole number from 0 to 2"),
    (lambda: central([[1.0]]), InputError, "one number a replication"),
    (lambda: mean_error("x"), InputError, "one number a replication"),
    (lambda: hazard_ratio("a", "b"), InputError, "reference: expected times"),
    (lambda: hazard_ratio(*seen_at(VISITS, (1, 1), 5, 1), ties="efrom"), UnknownNameError, "efron"),
    (lambda: restricted_mean(*seen_at(VISITS, (1, 1), 5, 1), 0), InputError, "until"),
    (lambda: kaplan_meier(seen_at(VISITS, (1, 1), 5, 1)[0], 1), InputError, "replication"),
]


@pytest.mark.parametrize(("call", "kind", "message"), BAD)
def test_bad_input_is_named(
    call: Callable[[], object], kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message):
        call()
