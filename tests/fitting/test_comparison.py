"""Data beside simulated studies: where the model holds, residuals are standard normal and
percentiles lie inside; where it does not, both say so.
"""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import oxysim as ox
from oxysim.arrays import FloatArray
from oxysim.errors import InputError, UnknownNameError
from oxysim.fitting import SamplePoints, expected_readings
from oxysim.fitting.comparison.predictive_check import PredictiveCheck, predictive_check
from oxysim.fitting.comparison.residuals import residuals
from oxysim.fitting.comparison.simulated_studies import SimulatedStudies, simulate_studies
from oxysim.fitting.comparison.study_findings import StudyFinding, compare_findings
from oxysim.observations import Observations

BOLUS = ox.Routine.empty() + ox.IntravenousBolus("1 IU", at="10:00")
MINUTES = np.array([605.0, 610.0, 615.0, 620.0])
PERSONS = 60
ANALYTE = "plasma_oxytocin"


@functools.cache
def _expected() -> FloatArray:
    points = SamplePoints("mother", ANALYTE, MINUTES)
    return expected_readings(ox.Dyad(), BOLUS, points, start="10:00")[0]


def _data(*, factor: float = 1.0, limit: float = 0.0, seed: int = 1) -> Observations:
    """Readings around a multiple of what is expected, drawn as the instrument's row says: visit CV
    20 %, sample CV 12 %, each lognormal with mean one.
    """
    luck = np.random.default_rng(seed)
    sizes = np.sqrt(np.log1p(np.array([0.2, 0.12]) ** 2))
    stray = sizes[0] * luck.standard_normal((PERSONS, 1))
    stray = stray + sizes[1] * luck.standard_normal((PERSONS, len(MINUTES)))
    values = factor * _expected() * np.exp(stray - (sizes**2).sum() / 2)
    below = values < limit
    return Observations.from_table(
        pd.DataFrame(
            {
                "person": np.repeat([f"p{k}" for k in range(PERSONS)], len(MINUTES)),
                "analyte": ANALYTE,
                "minutes": np.tile(MINUTES, PERSONS),
                "value": np.where(below, np.nan, values).ravel(),
                "censored": np.where(below, "below", "").ravel(),
                "limit": np.where(below, limit, np.nan).ravel(),
                "unit": "pg/mL",
            }
        )
    )


@functools.cache
def _studies(factor: float = 1.0, limit: float = 0.0) -> SimulatedStudies:
    data = _data(factor=factor, limit=limit)
    return simulate_studies(data, ox.Dyad(), BOLUS, studies=400, start="10:00", seed=7)


def _with_data(data: Observations) -> PredictiveCheck:
    """Other data of the same design beside the same simulated studies."""
    studies = _studies()
    return predictive_check(replace(studies, table=studies.table.assign(value=data.table["value"])))


@pytest.mark.parametrize("limit", [0.0, 25.0], ids=["numbers", "a third below the limit"])
def test_prediction_errors_are_standard_normal_where_the_model_holds(limit: float) -> None:
    if limit:
        share = (_data(limit=limit).table["censored"] == "below").mean()
        assert 0.25 < share < 0.45
    table = residuals(_studies(limit=limit)).table
    n = len(table)
    # independent of each other, so that their mean and variance have these standard errors
    assert abs(table["error"].mean()) < 4 / np.sqrt(n)
    assert abs(table["error"].var() - 1) < 4 * np.sqrt(2 / n)
    assert stats.kstest(table["error"], "norm").pvalue > 1e-3
    # discrepancies of one person go together, as its readings share the visit's noise
    by_person = table.pivot(index="person", columns="minutes", values="discrepancy")
    assert abs(table["discrepancy"].var() - 1) < 4 * np.sqrt(2 / PERSONS)
    if not limit:
        variances = np.log1p(np.array([0.2, 0.12]) ** 2)
        shared = variances[0] / variances.sum()
        assert by_person.corr().iloc[0, 1] == pytest.approx(shared, abs=0.15)


def test_weighted_residuals_are_the_closed_ones_of_a_lognormal_reading() -> None:
    table = residuals(_studies()).table
    variance = np.log1p(np.array([0.2, 0.12]) ** 2).sum()
    expected = np.tile(_expected(), PERSONS)
    right = (np.log(table["value"]) - (np.log(expected) - variance / 2)) / np.sqrt(variance)
    # mean and spread come from 400 draws, so that they are known to 5 and 3.5 %
    np.testing.assert_allclose(table["weighted"], right, atol=0.25, rtol=0.15)
    np.testing.assert_allclose(table["raw"], table["value"] - expected, rtol=1e-3, atol=1e-2)
    np.testing.assert_allclose(table["expected"], expected, rtol=1e-3)


def test_prediction_errors_show_a_model_that_reads_too_low() -> None:
    tests = residuals(_studies(factor=1.3)).tests()
    assert tests["mean"].item() > 4 * tests["mean_se"].item()
    assert tests["p_distribution"].item() < 1e-6


def test_percentiles_lie_inside_where_the_model_holds() -> None:
    check = predictive_check(_studies())
    table = check.table()
    assert len(table) == 3 * len(MINUTES) and table["n"].eq(PERSONS).all()
    # eight studies of twelve places of 95 % each, of which those of one study go together
    inside = [_with_data(_data(seed=seed)).table()["inside"].mean() for seed in range(1, 9)]
    assert np.mean(inside) > 0.85
    # the percentiles of the data, counted: the 6th, 30th and 54th of sixty
    first = np.sort(check.studies.table.loc[lambda t: t["minutes"] == 605.0, "value"])
    assert table["data"].iloc[:3].tolist() == [first[5], first[29], first[53]]
    median = check.studies.values[:, check.studies.table["minutes"] == 605.0]
    np.testing.assert_allclose(
        table["median"].iloc[1], np.median(np.sort(median, axis=1)[:, 29]), rtol=0.01
    )
    assert not predictive_check(_studies(factor=1.3)).table()["inside"].all()


def test_a_percentile_among_censored_readings_has_no_value() -> None:
    check = predictive_check(_studies(limit=25.0))
    table, censored = check.table(), check.censored()
    measured = _data(limit=25.0).table
    shares = (measured["censored"] == "below").groupby(measured["minutes"]).mean()
    np.testing.assert_allclose(censored["data"], shares)
    lost = table["data"].isna().to_numpy()
    assert lost.any()
    # exactly where the share below the limit reaches the percentile
    reached = np.repeat(shares.to_numpy(), 3) >= table["percentile"].to_numpy() / 100
    np.testing.assert_array_equal(lost, reached)
    assert censored["inside"].sum() >= 3


def test_correction_takes_the_course_out_of_a_bin() -> None:
    check = predictive_check(_studies(), bins=1, corrected=True)
    typical = float(np.median(_expected()))
    # all are moved to the middle of what is expected: a lognormal of the instrument's noise
    variance = np.log1p(np.array([0.2, 0.12]) ** 2).sum()
    right = stats.lognorm(np.sqrt(variance), scale=typical * np.exp(-variance / 2))
    table = check.table()
    np.testing.assert_allclose(table["median"], right.ppf([0.1, 0.5, 0.9]), rtol=0.05)
    # without it the spread is that of the decay
    plain = predictive_check(_studies(), bins=1).table()
    assert plain["median"].iloc[2] > 2 * table["median"].iloc[2]


def test_distances_are_those_of_chance_where_the_model_holds() -> None:
    holds = predictive_check(_studies()).distances(draws=40)
    assert (holds["distance"] < 1.5 * holds["expected_high"]).all()
    wrong = predictive_check(_studies(factor=1.3)).distances(draws=40)
    assert (wrong["distance"] > wrong["expected_high"]).all()
    # a factor moves every value by its share: the mean of the shift is the distance
    shift = 0.3 * _expected()
    np.testing.assert_allclose(wrong["distance"], shift, rtol=0.35)


def test_findings_of_the_study_are_asked_of_simulated_ones() -> None:
    findings = [
        StudyFinding("peak", ANALYTE, "10:05", "10:05"),
        StudyFinding("spread", ANALYTE, "10:05", "10:05", statistic="sd"),
        StudyFinding("fall", ANALYTE, "10:20", "10:20", before=("10:05", "10:10")),
    ]
    table = compare_findings(_studies(), findings).set_index("finding")
    first = _data().table.loc[lambda t: t["minutes"] == 605.0, "value"]
    assert table.loc["peak", "data"] == pytest.approx(first.mean())
    assert table.loc["spread", "data"] == pytest.approx(first.std(ddof=1))
    # the bootstrap's interval against that of the normal distribution
    half = 1.96 * first.std(ddof=1) / np.sqrt(PERSONS)
    assert table.loc["peak", "low"] == pytest.approx(first.mean() - half, rel=0.02)
    assert table["holds"].all(), table["why"].tolist()
    assert table.loc["fall", "rule"] == "sign" and table.loc["fall", "p"] < 1e-6
    assert table.loc["peak", "predictive_p"] > 0.01
    higher = compare_findings(_studies(factor=1.3), findings[:1])
    assert not higher["holds"].any() and higher["predictive_p"].item() < 0.02


def test_of_several_dyads_each_person_is_one() -> None:
    dyads = ox.Dyad(parameters={"mother.oxytocin.clearance": [0.8, 1.4]})
    studies = simulate_studies(_data(), dyads, BOLUS, studies=300, start="10:00")
    first = studies.expected[:, 0]
    assert len(np.unique(first)) == 2
    # as many of the one as of the other, four standard errors
    assert abs((first == first.max()).mean() - 0.5) < 4 * 0.5 / np.sqrt(300)
    # the four samples of a person are of one dyad
    high = studies.expected[:, :4] > _expected()
    assert (high.all(axis=1) | ~high.any(axis=1)).all()


def test_what_is_wrong_is_named() -> None:
    few = simulate_studies(_data(), ox.Dyad(), BOLUS, studies=20, start="10:00")
    with pytest.raises(InputError, match="at least 100"):
        residuals(few)
    with pytest.raises(InputError, match="plasma_oxytocin of mother"):
        predictive_check(few, "salivary_cortisol")
    with pytest.raises(InputError, match="edges around all samples"):
        predictive_check(few, bins=["10:06", "10:30"])
    with pytest.raises(InputError, match="samples in the stretches"):
        compare_findings(few, [StudyFinding("late", ANALYTE, "11:00", "12:00")])
    with pytest.raises(UnknownNameError, match="statistic"):
        StudyFinding("peak", ANALYTE, "10:05", "10:05", statistic="average")
