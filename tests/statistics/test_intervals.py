"""From an estimate with its standard error to a contrast: every column against SciPy, the limits of
a far t against the normal theory of many degrees of freedom.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from oxysim.errors import InputError
from oxysim.statistics.contrast import EffectEstimate
from oxysim.statistics.intervals import LARGEST_T, by_log, by_noncentral_t, by_t
from oxysim.statistics.two_groups import ancova, paired_t_test

LOST = ((np.array([False, True]), "made to be lost"),)


def test_an_estimate_that_is_lost_has_no_number_and_the_others_keep_theirs() -> None:
    estimate = EffectEstimate(
        value=np.array([2.0, 2.0]),
        standard_error=np.array([0.8, 0.8]),
        df=np.array([9.0, 9.0]),
        n=np.array([11.0, 11.0]),
    )
    contrast = by_t(estimate, LOST, "a test", 0.9)
    half = stats.t.ppf(0.95, 9) * 0.8
    assert contrast.low[0] == pytest.approx(2 - half) and contrast.high[0] == pytest.approx(
        2 + half
    )
    assert contrast.p[0] == pytest.approx(2 * stats.t.sf(2.5, 9))
    for column in (contrast.standard_error, contrast.low, contrast.high, contrast.p):
        assert np.isnan(column[1]) and not np.isnan(column[0])
    assert (contrast.method, contrast.level, contrast.scale) == ("a test", 0.9, "difference")
    assert contrast.n.dtype == np.int64 and contrast.n.tolist() == [11, 11]
    assert contrast.reasons == {1: "made to be lost"}
    with pytest.raises(InputError, match="a test"):
        by_t(estimate, ((np.array([True, True]), "made to be lost"),), "a test", 0.9)


def test_a_ratio_has_the_limits_of_its_logarithm() -> None:
    log = EffectEstimate(
        value=np.log([2.0, 3.0]),
        standard_error=np.array([0.3, 0.3]),
        df=np.array([np.inf, np.inf]),
        n=np.array([10.0, 10.0]),
    )
    p = np.array([0.02, 0.3])
    contrast = by_log(log, p, {1: "made to be lost"}, "odds ratio", 0.9)
    z = stats.norm.ppf(0.95)
    assert contrast.estimate[0] == pytest.approx(2)
    assert contrast.low[0] == pytest.approx(2 * np.exp(-0.3 * z))
    assert contrast.high[0] == pytest.approx(2 * np.exp(0.3 * z))
    assert contrast.standard_error[0] == 0.3
    for column in (contrast.estimate, contrast.standard_error, contrast.low, contrast.high):
        assert np.isnan(column[1])
    # the test has its p also where the ratio has no value
    assert contrast.p.tolist() == [0.02, 0.3]
    assert contrast.n.dtype == np.int64 and contrast.n.tolist() == [10, 10]
    assert (contrast.method, contrast.level, contrast.scale) == ("odds ratio", 0.9, "ratio")
    assert contrast.reasons == {1: "made to be lost"}


@pytest.mark.parametrize("t", [1.5 * LARGEST_T, -1.5 * LARGEST_T])
def test_a_far_t_has_the_limits_of_normal_theory(t: float) -> None:
    """With many degrees of freedom t is normal around its noncentrality δ with the variance
    1 + δ²/(2 df), so a limit solves (t - δ)² = z² (1 + δ²/(2 df)), a quadratic equation.
    """
    df, z = 1e6, stats.norm.ppf(0.975)
    effect = by_noncentral_t("d", np.array([t]), np.array([df]), np.array([1.0]), 0.95)
    low, high = np.sort(np.roots([1 - z**2 / (2 * df), -2 * t, t**2 - z**2]))
    assert effect.low[0] == pytest.approx(low, abs=1e-3)
    assert effect.high[0] == pytest.approx(high, abs=1e-3)


def test_without_a_t_there_are_no_limits() -> None:
    effect = by_noncentral_t("d", np.array([np.nan]), np.array([9.0]), np.array([1.0]), 0.95)
    assert np.isnan([effect.estimate[0], effect.low[0], effect.high[0]]).all()


def test_what_an_incomplete_pair_holds_counts_for_nothing() -> None:
    """Differences vary or not by the size of the complete pairs' readings alone."""
    first, second = [[1.0, 2.0, 3.0, 1e18]], [[1.1, 2.3, 3.2, np.nan]]
    contrast = paired_t_test(first, second)
    test = stats.ttest_rel(second[0][:3], first[0][:3])
    assert contrast.p[0] == pytest.approx(test.pvalue)
    assert contrast.method == "paired t test" and contrast.standardised is not None
    assert contrast.standardised.name == "dz"


def test_an_adjusted_difference_is_standardised_by_the_spread_within_arms() -> None:
    few, many, one, three = [[2.0, np.nan]], [[5.0, 4.0, 7.0]], [[1.0, 3.0]], [[1.0, 2.0, 4.0]]
    contrast = ancova(few, many, one, three, level=0.9)
    outcome, baseline = np.array(many[0]), np.array(three[0])
    syy = np.sum((outcome - outcome.mean()) ** 2)
    d = contrast.estimate[0] / np.sqrt(syy / 2)  # four participants less two arms
    r = np.corrcoef(outcome, baseline)[0, 1]
    half = stats.t.ppf(0.95, 1) * np.sqrt((1 + 1 / 3) * (1 - r**2) + d**2 / 8)
    effect = contrast.standardised
    assert effect is not None and effect.name == "d"
    assert effect.estimate[0] == pytest.approx(d)
    assert (effect.low[0], effect.high[0]) == pytest.approx((d - half, d + half))
    assert contrast.method == "analysis of covariance"


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_an_outcome_that_is_explained_without_remainder_is_refused_in_any_unit(
    scale: float,
) -> None:
    baseline = np.arange(6.0)[None] / 7
    with pytest.raises(InputError, match="explain the outcome without remainder"):
        ancova(scale * baseline, scale * (baseline + 1), baseline, baseline)
