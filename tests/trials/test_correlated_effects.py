"""Correlations over replications of a study: a known one, SciPy's, and pairs with a gap."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from oxysim.errors import InputError
from oxysim.streams import stream
from oxysim.trials.reporting.replicated_effects import correlated
from oxysim.trials.reporting.table_of_effects import effect_row


# correlations
@settings(max_examples=20, deadline=None)
@given(st.floats(-0.9, 0.9), st.integers(0, 1000))
def test_a_known_correlation_is_recovered(r: float, seed: int) -> None:
    n, replications = 60, 400
    x, z = stream(seed, 0, "test of correlations").normal(size=(2, replications, n))
    analysis = correlated(5 + 2 * x, 100 - 3 * (r * x + np.sqrt(1 - r * r) * z))
    bias, error = -r * (1 - r * r) / (2 * n), (1 - r * r) / np.sqrt(n * replications)
    assert abs(analysis.dz.mean() - (-r - bias)) < 5 * error + 1e-4


def test_correlations_are_those_of_scipy_and_hold_their_level() -> None:
    x, y = stream(1, 0, "test of correlations").normal(size=(2, 2000, 30))
    analysis = correlated(x, y)
    ours = [analysis.dz[k] for k in range(5)]
    assert ours == pytest.approx(
        [stats.pearsonr(x[k], y[k]).statistic for k in range(5)], abs=1e-12
    )
    assert abs(np.mean(analysis.p < 0.05) - 0.05) < 3 * np.sqrt(0.05 * 0.95 / 2000)


def test_a_missing_value_drops_its_pair_and_what_does_not_vary_has_no_correlation() -> None:
    x, y = stream(2, 0, "test of correlations").normal(size=(2, 2, 12))
    holed = y.copy()
    holed[0, 3] = np.nan
    analysis = correlated(x, holed)
    present = np.arange(12) != 3
    assert analysis.dz[0] == pytest.approx(stats.pearsonr(x[0, present], y[0, present]).statistic)
    assert np.isnan(correlated(np.ones((1, 12)), y[:1]).dz[0])
    assert np.isnan(correlated(x[:1], np.full((1, 12), np.nan)).dz[0])
    with pytest.raises(InputError, match="equal shapes with n >= 4"):
        correlated(x[:, :3], y[:, :3])


def test_one_study_has_fishers_interval() -> None:
    x, y = stream(3, 0, "test of correlations").normal(size=(2, 1, 40))
    row = effect_row(correlated(x, y + x), outcome="y", contrast="r", unit="r", expected="up")
    low, high = stats.pearsonr(x[0], (y + x)[0]).confidence_interval()
    assert (row["low"], row["high"]) == pytest.approx((low, high), abs=1e-3)
