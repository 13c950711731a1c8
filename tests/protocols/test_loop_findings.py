"""Protocols behind the findings about the loop's own edges: their statistics against SciPy and
statsmodels, and the directions of their sessions.
"""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from oxysim.errors import OxysimError
from oxysim.evidence.board.loop_protocols import cross_lagged
from oxysim.evidence.board.protocol_runs import run_answering
from oxysim.families import Dyad
from oxysim.findings.published import targets
from oxysim.protocols import (
    daily_skin_to_skin,
    early_skin_to_skin,
    kangaroo_care,
    social_stress_test,
    still_face,
)
from oxysim.protocols.correlation_rows import contrast_figures
from oxysim.protocols.kangaroo_care import relative_risks
from oxysim.trials.reporting.replicated_effects import difference_of_correlations


def test_every_finding_that_is_not_kept_apart_is_answered_by_a_run() -> None:
    open_rows = [name for name, row in targets().items() if row.use not in ("check", "own")]
    assert [name for name in open_rows if run_answering(name) is None] == []


def test_a_cross_lagged_path_is_that_of_the_standardised_regression() -> None:
    rng = np.random.default_rng(1)
    cause = rng.normal(size=200)
    before = 0.5 * cause + rng.normal(size=200)
    after = 0.6 * before - 0.3 * cause + rng.normal(size=200)
    x, b, y = (stats.zscore(values) for values in (cause, before, after))
    path = sm.OLS(y, np.column_stack([x, b])).fit().params[0]
    d = cross_lagged(cause[None], before[None], after[None])[0]
    assert d == pytest.approx(2 * path / np.sqrt(1 - path**2), rel=1e-9)


def test_two_correlations_are_compared_by_fishers_z() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(2, 1, 60))
    other_x = rng.normal(size=(1, 40))
    other_y = other_x + rng.normal(size=(1, 40))
    found = difference_of_correlations(x, y, other_x, other_y)
    r = [stats.pearsonr(*pair).statistic for pair in ((x[0], y[0]), (other_x[0], other_y[0]))]
    z = (np.arctanh(r[1]) - np.arctanh(r[0])) / np.sqrt(1 / 57 + 1 / 37)
    assert found.p[0] == pytest.approx(2 * stats.norm.sf(abs(z)), rel=1e-9)
    assert (found.reference[0], found.contrast[0]) == pytest.approx(tuple(r))


def test_a_contrast_of_groups_as_r_is_the_point_biserial_correlation() -> None:
    rng = np.random.default_rng(3)
    cases, controls = rng.normal(4.5, 1, (1, 20)), rng.normal(5, 1, (1, 25))
    pairs = {("sensitivity", "PND - controls"): "E8"}
    (row,) = contrast_figures({"sensitivity": [cases, controls]}, ["PND", "controls"], pairs)
    belongs = np.repeat([1, 0], [20, 25])
    expected = stats.pointbiserialr(belongs, np.concatenate([cases[0], controls[0]])).statistic
    assert row["simulated"] == pytest.approx(expected)


def test_a_relative_risk_is_that_of_the_two_by_two_table() -> None:
    rng = np.random.default_rng(4)
    usual, contact = rng.normal(11, 4, (1, 80)), rng.normal(9, 4, (1, 90))
    expected = stats.contingency.relative_risk(
        int((contact >= 13).sum()), 90, int((usual >= 13).sum()), 80
    ).relative_risk
    assert relative_risks(usual, contact)[0] == pytest.approx(expected)
    # a missing form is neither positive nor negative
    usual[0, 0] = np.nan
    without = (usual >= 13).sum() / 79
    assert relative_risks(usual, contact)[0] == pytest.approx((contact >= 13).sum() / 90 / without)


def test_cortisol_rises_with_the_stress_of_an_adult_and_falls_again() -> None:
    small = {"n": 4, "pool": 8, "replications": 4}
    strong, weak = (
        social_stress_test(intensity=intensity, **small).figures.set_index("target")["simulated"]
        for intensity in (1.0, 0.05)
    )
    # saliva lags the stressor and is back within the hour and a half
    assert strong["E17"] > 3 > weak["E17"] > -1
    assert 10 <= strong["E18"] <= 40 and strong["E19"] < 0.6


def test_an_infants_cortisol_rises_after_a_still_face_that_distresses_it() -> None:
    dyads = Dyad(infant_age="5 months").repeat(4)
    small = {"n": 4, "dyads": dyads, "replications": 2}
    distressed, calm = (
        still_face(distress=distress, **small).arms["still face"]["infant.cortisol"].values[0]
        for distress in (1.0, 0.0)
    )
    assert distressed[-40:].max() > calm[-40:].max()


def test_two_doses_of_contact_are_compared_with_each_other() -> None:
    mothers = Dyad(infant_age="2 d").repeat(4)
    study = daily_skin_to_skin(
        n=4, mothers=mothers, minutes="120 min", less="30 min", lasts="3 d", visits=["2 d"],
        replications=2,
    )  # fmt: skip
    assert list(study.arms) == ["less skin-to-skin", "skin-to-skin"]
    assert set(study.effects["contrast"]) == {"skin-to-skin - less skin-to-skin"}
    with pytest.raises(OxysimError, match="less"):
        daily_skin_to_skin(n=4, mothers=mothers, less="thirty", replications=2)


def test_many_hours_a_day_are_given_where_the_trial_says() -> None:
    mothers = Dyad(infant_age="2 d").repeat(4)
    for trial, hours in ((kangaroo_care, 8.0), (early_skin_to_skin, 5.0)):
        study = trial(n=4, mothers=mothers, replications=2)
        bouts = study.arms["skin-to-skin"].schedule
        contact = bouts[(bouts["channel"] == "skin_contact") & (bouts["dyad"] <= 0)]
        # a day in the middle of the first week
        assert contact[contact["start_day"] == 6]["minutes"].sum() / 60 == pytest.approx(hours)
