"""The errors of readings against the instruments' own draws and against quadrature."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad
from scipy.special import logit

from oxysim.arrays import FloatArray
from oxysim.fitting.reading_errors import onto_scale, reading_errors
from oxysim.fitting.sample_predictions import SamplePoints
from oxysim.measures import MeasurementNoise, NoiseKey, instrument, read
from oxysim.measures.behaviour import DISORGANISED_BELOW, SECURE_FROM

KINDS = {"saliva_oxytocin": 20.0, "methylation": 50.0}


@pytest.mark.parametrize("name", KINDS)
def test_covariance_is_that_of_drawn_readings(name: str) -> None:
    # two samples of one day, one of the next, of 20,000 mothers or infants
    minutes, n = np.array([600.0, 660.0, 2000.0]), 20_000
    member = "infant" if name == "methylation" else "mother"
    values = np.full((n, 3), KINDS[name])
    readings = read(name, values, range(n), minutes, NoiseKey(3, member)).values
    drawn = onto_scale(instrument(name), readings)
    errors = reading_errors(SamplePoints(member, name, minutes), values[:1])
    covariance = np.diag(errors.independent[0]) + errors.shared
    # the standard error of a covariance of normal draws, four times
    bound = 4 * np.sqrt(2 / n) * covariance.max()
    np.testing.assert_allclose(np.cov(drawn.T), covariance, atol=bound)
    np.testing.assert_allclose(
        drawn.mean(axis=0), errors.centre[0], atol=4 * errors.spread.max() / np.sqrt(n)
    )


def _information(mean: float, spread: float, low: float, high: float) -> float:
    """Of a normal reading on its mean where beyond the ends only that is told, by quadrature."""

    def score_squared(reading: float) -> float:
        z = (reading - mean) / spread
        return float((z / spread) ** 2 * stats.norm.pdf(z) / spread)

    first, last = max(low, mean - 12 * spread), min(high, mean + 12 * spread)
    inside = quad(score_squared, first, last, limit=200)[0]
    tails = 0.0
    for end, share in ((low, stats.norm.cdf), (high, stats.norm.sf)):
        z = (end - mean) / spread
        if np.isfinite(z) and share(z) > 0:
            tails += (stats.norm.pdf(z) / spread) ** 2 / share(z)
    return inside + tails


@pytest.mark.parametrize("expected", [0.2, 1.0, 3.0, 5.0, 9.7])
def test_a_reading_near_an_end_tells_less(expected: float) -> None:
    noise = MeasurementNoise("additive", occasion=0.5, sample=1.1)
    spread = np.sqrt(0.5**2 + 1.1**2)
    tool = replace(instrument("bonding"), noise=noise, rounding=0.0, low=0.0, high=10.0, lloq=1.0)
    points = SamplePoints("mother", "form", [0.0])
    errors = reading_errors(points, np.array([[expected]]), {"form": tool}, limits=True)
    right = _information(expected, spread, 1.0, 10.0)
    assert 1 / errors.spread[0, 0] ** 2 == pytest.approx(right, rel=1e-6)


def test_a_lognormal_reading_below_the_limit_tells_less() -> None:
    tool = replace(
        instrument("saliva_oxytocin"), noise=MeasurementNoise("proportional", sample=0.4), lloq=2.0
    )
    points = SamplePoints("mother", "kit", [0.0])
    errors = reading_errors(points, np.array([[1.5]]), {"kit": tool}, limits=True)
    spread = np.sqrt(np.log1p(0.4**2))
    right = _information(np.log(1.5) - spread**2 / 2, spread, np.log(2.0), np.inf)
    assert 1 / errors.independent[0, 0] == pytest.approx(right, rel=1e-6)


def test_classes_tell_what_their_chances_tell() -> None:
    # the information of a class on its centre: the mean square of the score, by differences
    points = SamplePoints("infant", "attachment", [0.0])
    spread = instrument("attachment").noise.sample

    def shares(centre: float) -> FloatArray:
        cut = stats.norm.cdf((logit([DISORGANISED_BELOW, SECURE_FROM]) - centre) / spread)
        return np.array([cut[0], cut[1] - cut[0], 1 - cut[1]])

    centre, step = float(logit(0.6)), 1e-4
    moves = (shares(centre + step) - shares(centre - step)) / (2 * step)
    right = float((moves**2 / shares(centre)).sum())
    errors = reading_errors(points, np.array([[0.6]]), limits=True)
    assert 1 / errors.independent[0, 0] == pytest.approx(right, rel=1e-6)
