"""Response, remission and times to it, and effects of single dyads: by hand, against other
software, in theory.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from oxysim.errors import InputError
from oxysim.statistics.individual_effects import individual
from oxysim.statistics.proportions import paired_risk, remission, response, risk
from oxysim.statistics.survival.time_to_event import Times, log_rank, time_to_remission
from oxysim.streams import stream

SEEDS = st.integers(0, 10_000)
SIZES = st.integers(3, 60)
FEW = settings(max_examples=40, deadline=None)


def happened(
    share: float, seed: int, n: int, replications: int = 2, missing: float = 0.0
) -> np.ndarray:
    rng = stream(seed, 0, f"test event {n} {share}")
    events = (rng.random((replications, n)) < share).astype(float)
    gaps = rng.random(events.shape) < missing
    gaps[:, :2] = False
    return np.where(gaps, np.nan, events)


# ------------------------------------------------------------------------- who and when
def test_response_is_a_fall_by_a_share_of_the_baseline() -> None:
    before = np.array([[20.0, 20.0, 20.0, 5.0, np.nan]])
    after = np.array([[10.0, 10.1, np.nan, 1.0, 1.0]])
    np.testing.assert_array_equal(response(before, after), [[1, 0, np.nan, 1, np.nan]])
    np.testing.assert_array_equal(response(before, after, fall=0.7), [[0, 0, np.nan, 1, np.nan]])


def test_remission_is_below_the_cutoff() -> None:
    np.testing.assert_array_equal(remission([[9.9, 10.0, np.nan]], 10), [[1, 0, np.nan]])


def test_time_to_remission_is_the_first_visit_below_or_the_last_seen() -> None:
    nan = np.nan
    course = np.array(
        [[[12, 9, 8], [12, 10, 13], [nan, nan, 5], [12, 11, nan], [nan, nan, nan], [9, nan, 20]]]
    )
    analysis = time_to_remission([2.0, 6.0, 12.0], course, 10)
    np.testing.assert_array_equal(analysis.time, [[6, 12, 12, 6, nan, 2]])
    np.testing.assert_array_equal(analysis.came, [[1, 0, 1, 0, nan, 1]])


# ---------------------------------------------------------------------------- comparisons
@FEW
@given(
    SEEDS, SIZES, SIZES, st.floats(0.05, 0.95), st.floats(0.05, 0.95), st.sampled_from([0.0, 0.3])
)
def test_risks_are_those_of_scipy_and_statsmodels(
    seed: int, n: int, m: int, share: float, share_2: float, missing: float
) -> None:
    proportion = pytest.importorskip("statsmodels.stats.proportion")
    a, b = (
        happened(share, seed, n, missing=missing),
        happened(share_2, seed + 1, m, missing=missing),
    )
    analysis = risk(a, b)
    for r in range(2):
        x, y = a[r][~np.isnan(a[r])], b[r][~np.isnan(b[r])]
        events = int(x.sum()), int(y.sum())
        limits = proportion.confint_proportions_2indep(
            events[1], len(y), events[0], len(x), method="newcomb", compare="diff"
        )
        ends = analysis.difference.low[r], analysis.difference.high[r]
        np.testing.assert_allclose(ends, limits, rtol=1e-7, atol=1e-12)
        assert analysis.difference.estimate[r] == pytest.approx(y.mean() - x.mean())
        table = np.array([[events[1], len(y) - events[1]], [events[0], len(x) - events[0]]])
        certain = sum(events) in (0, len(x) + len(y))
        p = 1.0 if certain else stats.chi2_contingency(table, correction=False).pvalue
        assert analysis.difference.p[r] == pytest.approx(p, rel=1e-7)
        assert analysis.ratio.p[r] == analysis.difference.p[r]
        if min(events) == 0:
            assert (
                np.isnan(analysis.ratio.estimate[r])
                and "nobody in arm" in analysis.ratio.reasons[r]
            )
            continue
        expected = stats.contingency.relative_risk(events[1], len(y), events[0], len(x))
        assert analysis.ratio.estimate[r] == pytest.approx(expected.relative_risk, rel=1e-9)
        ends = analysis.ratio.low[r], analysis.ratio.high[r]
        assert ends == pytest.approx(donner_and_zou(events, (len(x), len(y))), rel=1e-7)


def donner_and_zou(events: tuple[int, int], sizes: tuple[int, int]) -> tuple[float, float]:
    """Limits of p2 / p1 as they are defined: where p2 - theta p1, with its variance recovered from
    Wilson's limits on that side, is exactly 0; found by bisection, SciPy's limits inside."""
    limits = [
        stats.binomtest(k, n).proportion_ci(method="wilson")
        for k, n in zip(events, sizes, strict=True)
    ]
    p1, p2 = (k / n for k, n in zip(events, sizes, strict=True))

    def lower(theta: float) -> float:
        return p2 - theta * p1 - np.hypot(p2 - limits[1].low, theta * (limits[0].high - p1))

    def upper(theta: float) -> float:
        return p2 - theta * p1 + np.hypot(limits[1].high - p2, theta * (p1 - limits[0].low))

    ratio = p2 / p1
    return optimize.brentq(lower, 0.0, ratio, xtol=1e-13), optimize.brentq(
        upper, ratio, 1e6, xtol=1e-12
    )


@FEW
@given(
    SEEDS,
    st.integers(2, 60),
    st.floats(0.05, 0.95),
    st.floats(0.05, 0.95),
    st.sampled_from([0.0, 0.3]),
)
def test_pairs_are_mcnemars(seed: int, n: int, p_1: float, p_2: float, missing: float) -> None:
    a, b = happened(p_1, seed, n, 2, missing), happened(p_2, seed + 1, n, 2, missing)
    if np.isnan(a + b).all(axis=1).any():
        return
    analysis = paired_risk(a, b)
    for r in range(2):
        present = ~np.isnan(a[r] + b[r])
        x, y = a[r, present], b[r, present]
        gained, lost = int((y > x).sum()), int((x > y).sum())
        exact = stats.binomtest(gained, gained + lost).pvalue if gained + lost else 1.0
        halved = stats.binom.pmf(gained, gained + lost, 0.5) if gained != lost else 0.0
        assert analysis.p[r] == pytest.approx(exact - halved)
        assert analysis.estimate[r] == pytest.approx(y.mean() - x.mean())
        assert analysis.n[r] == len(x)
        assert -1 <= analysis.low[r] <= analysis.estimate[r] <= analysis.high[r] <= 1


def test_mcnemar_holds_its_level_and_its_interval_covers() -> None:
    replications, error = 4000, 3 * np.sqrt(0.05 * 0.95 / 4000)
    rng = stream(6, 0, "test pairs")
    shared = rng.random((replications, 60)) < 0.5  # half of the participants read alike under both
    a, b = (
        (np.where(shared, rng.random((1, 60)) < 0.4, rng.random((replications, 60)) < 0.4)) * 1.0
        for _ in "ab"
    )
    # whole pairs: not exact
    assert np.mean(paired_risk(a, b).p < 0.05) == pytest.approx(0.045, abs=error + 0.005)
    later = np.maximum(a, (rng.random(a.shape) < 0.5) * 1.0)
    analysis = paired_risk(a, later)
    true = analysis.estimate.mean()
    assert np.mean((analysis.low <= true) & (true <= analysis.high)) == pytest.approx(
        0.95, abs=0.02
    )


def test_pairs_that_all_agree_tell_nothing() -> None:
    same = happened(0.5, 1, 20, 2)
    assert paired_risk(same, same).p.tolist() == [1.0, 1.0]
    with pytest.raises(InputError, match="the set of complete pairs holds no reading"):
        paired_risk(same, same * np.nan)


def test_equal_risks_and_equal_hazards_differ_by_chance_alone() -> None:
    replications, error = 4000, 3 * np.sqrt(0.05 * 0.95 / 4000)
    a, b = (happened(0.4, seed, 80, replications) for seed in (1, 2))
    # whole events: not exact
    assert np.mean(risk(a, b).difference.p < 0.05) == pytest.approx(0.05, abs=error + 0.004)
    rng = stream(4, 0, "test hazards")
    arms = [
        Times(
            np.minimum(rng.exponential(5.0, (replications, 60)), 8.0), np.ones((replications, 60))
        )
    ] * 2
    arms = [arm._replace(came=(arm.time < 8.0).astype(float)) for arm in (arms[0], arms[0])]
    second = rng.exponential(5.0, (replications, 60))
    arms[1] = Times(np.minimum(second, 8.0), (second < 8.0).astype(float))
    assert np.mean(log_rank(*arms).p < 0.05) == pytest.approx(0.05, abs=error)


@FEW
@given(SEEDS, SIZES, SIZES, st.integers(2, 6), st.floats(-3, 3), st.sampled_from([0.0, 0.3]))
def test_log_rank_is_scipys_with_ties_and_gaps(
    seed: int, n: int, m: int, visits: int, shift: float, missing: float
) -> None:
    rng = stream(seed, 0, "test courses")
    times = np.cumsum(rng.random(visits) + 0.1)
    arms = []
    for size, move in ((n, 0.0), (m, shift)):
        course = rng.normal(11.0, 3.0, (2, size, visits)) - move
        course[:, 1:][rng.random((2, size - 1, visits)) < missing] = np.nan
        arms.append(time_to_remission(times, course, 9.0))
    try:
        analysis = log_rank(*arms)
    except InputError as error:
        assert "no event comes while both arms are at risk" in str(error)
        return
    for r in sorted(set(range(2)) - set(analysis.reasons)):
        data = []
        for arm in arms:
            seen, came = ~np.isnan(arm.time[r]), arm.came[r] == 1
            data.append(
                stats.CensoredData(
                    uncensored=arm.time[r][seen & came], right=arm.time[r][seen & ~came]
                )
            )
        expected = stats.logrank(data[1], data[0])
        assert analysis.p[r] == pytest.approx(expected.pvalue, rel=1e-7)
        assert np.log(analysis.estimate[r]) / analysis.standard_error[r] == pytest.approx(
            expected.statistic, abs=1e-9
        )


def test_petos_odds_ratio_is_near_a_moderate_hazard_ratio_without_ties() -> None:
    rng = stream(5, 0, "test hazards")
    slow, fast = rng.exponential(1.0, (400, 300)), rng.exponential(1 / 1.3, (400, 300))
    came = np.ones((400, 300))
    analysis = log_rank(Times(slow, came), Times(fast, came))
    assert np.exp(np.log(analysis.estimate).mean()) == pytest.approx(1.3, rel=0.02)
    assert np.mean((analysis.low < 1.3) & (analysis.high > 1.3)) == pytest.approx(0.95, abs=0.04)
    assert analysis.null == 1.0


def test_an_arm_without_events_has_a_difference_but_no_ratio() -> None:
    analysis = risk(np.zeros((2, 20)), np.array([[1.0] * 10 + [0.0] * 10, [0.0] * 20]))
    assert np.isnan(analysis.ratio.estimate).all()
    assert analysis.ratio.reasons == dict.fromkeys(
        (0, 1), "nobody in arm 'reference' has the event"
    )
    assert analysis.difference.estimate.tolist() == [0.5, 0.0]
    assert analysis.difference.p[0] < 0.001 and analysis.difference.p[1] == 1.0
    assert analysis.difference.low[1] < 0 < analysis.difference.high[1]


# ------------------------------------------------------------------ effects of single dyads
def test_noise_makes_responders_where_the_effect_is_the_same_for_all() -> None:
    rng = stream(6, 0, "test dyads")
    before = rng.normal(14.0, 3.0, (40, 500))
    noise = rng.normal(0.0, 2.0, (2, 40, 500))
    analysis = individual(before, before - 1.0, -3.0, before + noise[0], before - 1.0 + noise[1])
    assert analysis.sd.max() < 1e-12
    assert (analysis.responders == 0).all()
    spread = 2.0 * np.sqrt(2)
    assert analysis.apparent_sd.mean() == pytest.approx(spread, rel=0.02)
    assert analysis.apparent_responders.mean() == pytest.approx(
        stats.norm.cdf((-3.0 + 1.0) / spread), abs=0.01
    )
    assert (analysis.mistaken == 1).all() and analysis.real.max() < 1e-12
    assert "true responders (at most -3): 0 %" in analysis.report()


def test_true_and_apparent_spread_are_told_apart() -> None:
    rng = stream(7, 0, "test dyads")
    effect = rng.normal(2.0, 1.5, (40, 500))
    base = rng.normal(0.0, 4.0, effect.shape)
    noise = rng.normal(0.0, 1.0, (2, *effect.shape))
    analysis = individual(base, base + effect, 2.5, base + noise[0], base + effect + noise[1])
    assert analysis.sd.mean() == pytest.approx(1.5, rel=0.02)
    assert analysis.apparent_sd.mean() == pytest.approx(np.sqrt(1.5**2 + 2.0), rel=0.02)
    assert analysis.real.mean() == pytest.approx(1.5**2 / (1.5**2 + 2.0), abs=0.02)
    assert analysis.responders.mean() == pytest.approx(stats.norm.sf(0.5 / 1.5), abs=0.01)
    assert 0.1 < analysis.mistaken.mean() < 0.6
    without = individual(base, base + effect, 2.5)
    assert np.isnan(without.apparent_sd).all() and "apparent" not in without.report()
    np.testing.assert_array_equal(without.sd, analysis.sd)


def test_dyads_that_failed_are_left_out_of_their_replication() -> None:
    true = np.array([[1.0, 2.0, 3.0, np.nan], [1.0, 2.0, 3.0, 4.0]])
    analysis = individual(np.zeros((2, 4)), true, 2.0)
    assert analysis.n.tolist() == [3, 4]
    assert analysis.responders.tolist() == [2 / 3, 3 / 4]


SOME = np.ones((2, 5))
BAD: list[tuple[Callable[[], object], str]] = [
    (lambda: response(0 * SOME, SOME), "10 of 10 baselines are 0 or below"),
    (lambda: response(SOME, SOME, fall=50), "fall: expected a number above 0 and at most 1"),
    (lambda: response(SOME, SOME[:, :3]), "the same participants"),
    (lambda: remission(SOME, np.nan), "cutoff: expected a finite number"),
    (lambda: time_to_remission([1.0, 2.0], SOME, 10), r"expected shape \(replications, n, 2\)"),
    (lambda: time_to_remission([2.0, 1.0], SOME[..., None], 10), "increasing times"),
    (
        lambda: risk(SOME, 2 * SOME),
        r"contrast: expected 1 \(the event came\), 0 or NaN \(not seen\); found 2.0",
    ),
    (
        lambda: risk(SOME, np.nan * SOME),
        "risk difference: no replication .* arm 'contrast' holds no reading",
    ),
    (lambda: risk(SOME, SOME, level=0.0), "level"),
    (
        lambda: log_rank(Times(SOME, 0 * SOME), Times(SOME, 0 * SOME)),
        "no event comes while both arms are at risk",
    ),
    (lambda: log_rank(Times(SOME, SOME), Times(SOME, SOME[:, :3])), "contrast.came"),
    (lambda: log_rank(Times(SOME, SOME), Times(SOME, 3 * SOME)), "contrast.came: expected 1"),
    (
        lambda: log_rank(Times(SOME, SOME), Times(np.nan * SOME, np.nan * SOME)),
        "arm 'contrast' holds no reading",
    ),
    (lambda: individual(SOME, SOME, 0.0), "threshold: expected a change above or below 0"),
    (lambda: individual(SOME, SOME[:, :2], 1.0), "contrast_true"),
    (lambda: individual(SOME, SOME, 1.0, SOME), "of both arms, or of neither"),
    (lambda: individual(SOME, SOME, 1.0, SOME[:, :3], SOME[:, :3]), "the same participants"),
    (
        lambda: individual(SOME, np.nan * SOME, 1.0),
        "no dyad has a reading in both reference_true and contrast_true",
    ),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_input_is_named(call: Callable[[], object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()
