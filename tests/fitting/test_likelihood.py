"""Likelihoods of readings, against quadrature on a plain grid and closed forms of SciPy's."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy import stats
from scipy.special import expit, logit

from oxysim.errors import InputError
from oxysim.fitting.likelihood.counted_shares import CountedShares, numbers_of_comments
from oxysim.fitting.likelihood.log_integrals import log_integral
from oxysim.fitting.likelihood.reading_likelihood import ReadingLikelihood
from oxysim.fitting.likelihood.reported_values import ReportedValues, reported_values
from oxysim.fitting.likelihood.shared_noise import NoiseVariances, SharedNoise, log_normal_interval
from oxysim.measures import (
    INSTRUMENTS,
    Instrument,
    MeasurementNoise,
    instrument,
    user_instrument,
)
from oxysim.measures.behaviour import AVOIDANT_SHARE, DISORGANISED_BELOW, SECURE_FROM
from oxysim.measures.readings import NoiseKey, read

NONE = np.array([np.nan])


def likelihood_of(tool: Instrument, value: float, expected: float, censored: str = "",
                  limit: float = np.nan) -> float:  # fmt: skip
    """The log likelihood of one reading by itself."""
    single = ReadingLikelihood(
        tool, np.array([value]), [censored], np.array([limit]), np.array([0])
    )
    return float(single(np.array([[expected]]))[0])


# ------------------------------------------------------------------ integrals
def test_an_integral_over_a_wide_and_a_narrow_normal_is_exact() -> None:
    for spread, centre in ((1.0, 0.0), (1e-3, 40.0), (50.0, -300.0)):
        found = log_integral(
            lambda x, s=spread, c=centre: stats.norm.logpdf(x, c, s), np.array([-900.0]),
            np.array([900.0]),
        )  # fmt: skip
        assert abs(found[0]) < 1e-9, (spread, centre)


def test_an_interval_is_right_in_both_tails() -> None:
    # far out a difference of two shares near 1 would be 0; survival functions are right there
    low, high = np.array([9.0, -10.0, -1.0, 12.0]), np.array([10.0, -9.0, 2.0, np.inf])
    upper = np.log(stats.norm.sf(9.0) - stats.norm.sf(10.0))
    middle = np.log(stats.norm.cdf(2.0) - stats.norm.cdf(-1.0))
    expected = [upper, upper, middle, stats.norm.logsf(12.0)]
    assert log_normal_interval(low, high) == pytest.approx(expected, rel=1e-12)


# ------------------------------------------------------------------ one reading
def test_a_proportional_reading_is_lognormal_with_the_expected_one_as_its_mean() -> None:
    tool = instrument("saliva_oxytocin")
    variance = np.log1p(0.3**2) + np.log1p(0.15**2)
    # SciPy's lognormal: scale is the median, which is the mean times exp(-variance / 2)
    lognormal = stats.lognorm(np.sqrt(variance), scale=9.0 * np.exp(-variance / 2))
    assert lognormal.mean() == pytest.approx(9.0)
    assert likelihood_of(tool, 7.0, 9.0) == pytest.approx(lognormal.logpdf(7.0))
    below = likelihood_of(tool, np.nan, 9.0, "below", 5.0)
    assert below == pytest.approx(lognormal.logcdf(5.0))
    above = likelihood_of(tool, np.nan, 9.0, "above", 20.0)
    assert above == pytest.approx(lognormal.logsf(20.0))


def test_a_rounded_score_is_the_probability_of_its_step_and_of_what_lies_beyond_an_end() -> None:
    tool = instrument("epds")
    normal = stats.norm(3.0, 1.8)
    for score in range(1, 15):  # beyond, SciPy's difference is no longer exact
        step = np.log(normal.cdf(score + 0.5) - normal.cdf(score - 0.5))
        assert likelihood_of(tool, score, 3.0) == pytest.approx(step)
    assert likelihood_of(tool, 0.0, 3.0) == pytest.approx(normal.logcdf(0.5))
    assert likelihood_of(tool, 30.0, 3.0) == pytest.approx(normal.logsf(29.5))
    total = sum(np.exp(likelihood_of(tool, score, 3.0)) for score in range(31))
    assert total == pytest.approx(1.0)


def test_a_score_between_two_steps_is_a_number() -> None:
    assert likelihood_of(instrument("epds"), 7.5, 6.0) == pytest.approx(
        stats.norm.logpdf(7.5, 6.0, 1.8)
    )


def test_fine_rounding_is_left_out_of_account_within_what_is_promised() -> None:
    noise = MeasurementNoise("additive", 0.0, 2.0)
    fine = dataclasses.replace(instrument("fear"), noise=noise, rounding=0.19, high=100.0)
    exact = dataclasses.replace(fine, rounding=0.0)
    for value in (0.19, 3.8, 7.6):
        step = np.log(
            stats.norm.cdf(value + 0.095, 3.0, 2.0) - stats.norm.cdf(value - 0.095, 3.0, 2.0)
        )
        density = likelihood_of(exact, value, 3.0)
        assert likelihood_of(fine, value, 3.0) == density
        # a part in two thousand
        assert density + np.log(0.19) == pytest.approx(step, abs=2e-3)


def test_the_classes_of_attachment_sum_to_one_and_are_intervals_of_security() -> None:
    tool, security = instrument("attachment"), 0.45
    normal = stats.norm(logit(security), 0.9)
    secure, disorganised = normal.sf(logit(SECURE_FROM)), normal.cdf(logit(DISORGANISED_BELOW))
    between = 1 - secure - disorganised
    shares = [secure, between * AVOIDANT_SHARE, between * (1 - AVOIDANT_SHARE), disorganised]
    found = [np.exp(likelihood_of(tool, number, security)) for number in range(4)]
    assert found == pytest.approx(shares)
    assert sum(found) == pytest.approx(1.0)


def test_a_counted_share_is_a_mixture_of_binomials_over_the_numbers_of_comments() -> None:
    tool = dataclasses.replace(
        instrument("appropriate_comments"), noise=MeasurementNoise("binomial", 0.25)
    )
    numbers, logs = numbers_of_comments()
    effects = np.linspace(-2.0, 2.0, 801)
    weights = stats.norm.pdf(effects, 0, 0.25) * (effects[1] - effects[0])
    probability = 0.0
    for number, log_number in zip(numbers.tolist(), logs.tolist(), strict=True):
        for count in range(number + 1):
            if abs(count / number - 0.05) <= 0.0005 + 1e-12:
                chance = stats.binom.pmf(count, number, expit(logit(0.07) + effects))
                probability += np.exp(log_number) * float(np.sum(weights * chance))
    assert likelihood_of(tool, 0.05, 0.07) == pytest.approx(np.log(probability), rel=1e-6)


def test_counted_shares_sum_to_one_over_all_that_can_be_reported() -> None:
    shares = np.arange(0, 101) / 100
    # cells of a hundredth meet at their edges, where a share would be in both
    counted = [
        CountedShares(np.array([share]), 0.01 - 1e-7).log_probability(logit(np.array([0.3])), 0)[0]
        for share in shares
    ]
    numbers, logs = numbers_of_comments()
    # what lies on an edge between two cells is in neither
    lost = 0.0
    for number, log_number in zip(numbers.tolist(), logs.tolist(), strict=True):
        counts = np.arange(number + 1)
        on_edge = np.abs((counts / number * 100) % 1 - 0.5) < 1e-5
        lost += np.exp(log_number) * stats.binom.pmf(counts[on_edge], number, 0.3).sum()
    assert np.exp(counted).sum() + lost == pytest.approx(np.exp(logs).sum(), abs=1e-9)


# ------------------------------------------------------------------ several readings
MIXED = ReportedValues(
    np.array([0.1, -np.inf, 0.5, -0.2, -np.inf, 1.0, -np.inf]),
    np.array([0.1, 0.2, 0.5, 0.3, -0.4, np.inf, 0.0]),
)
VISITS = np.array([0, 0, 1, 1, 2, 2, 2])


def by_grid(expected: np.ndarray, variances: NoiseVariances) -> float:
    """The likelihood of MIXED as a double integral on a plain grid."""

    def axis(variance: float, n: int) -> tuple[np.ndarray, np.ndarray]:
        if not variance:
            return np.zeros(1), np.ones(1)
        nodes = np.linspace(-8, 8, n) * np.sqrt(variance)
        return nodes, stats.norm.pdf(nodes, 0, np.sqrt(variance)) * (nodes[1] - nodes[0])

    persons, person_weights = axis(variances.person, 401)
    effects, weights = axis(variances.visit, 801)
    deviation, product = np.sqrt(variances.sample), person_weights
    for visit in range(3):
        inside = np.ones((len(persons), len(effects)))
        for k in np.flatnonzero(VISITS == visit):
            centre = expected[k] + persons[:, None] + effects
            low, high = MIXED.low[k], MIXED.high[k]
            normal = stats.norm(centre, deviation)
            inside *= normal.pdf(low) if low == high else normal.cdf(high) - normal.cdf(low)
        product = product * (inside @ weights)
    return float(np.log(product.sum()))


@pytest.mark.parametrize("variances", [
    NoiseVariances(0.0, 0.0, 0.4), NoiseVariances(0.0, 0.5, 0.2), NoiseVariances(0.3, 0.0, 0.2),
    NoiseVariances(0.3, 0.4, 0.2), NoiseVariances(0.0, 2.0, 0.05),
])  # fmt: skip
def test_shared_noise_is_what_a_double_integral_gives(variances: NoiseVariances) -> None:
    expected = np.array(
        [[0.0, 0.1, 0.3, 0.2, -0.3, 0.8, 0.1], [1.0, -1.0, 0.0, 1.0, 0.5, 0.0, 0.2]]
    )
    found = SharedNoise(MIXED, VISITS, variances)(expected)
    assert found == pytest.approx([by_grid(row, variances) for row in expected], abs=1e-6)


@pytest.mark.parametrize("variances", [
    NoiseVariances(0.0, 0.5, 0.2), NoiseVariances(0.3, 0.4, 0.2), NoiseVariances(0.3, 0.0, 0.2),
])  # fmt: skip
def test_numbers_alone_are_a_multivariate_normal(variances: NoiseVariances) -> None:
    values = np.array([0.1, -0.3, 0.5, 1.2, -0.7])
    visits = np.array([0, 1, 0, 1, 2])
    same_visit = visits[:, None] == visits
    covariance = (
        variances.person + variances.visit * same_visit + variances.sample * np.eye(len(values))
    )
    likelihood = SharedNoise(ReportedValues(values, values), visits, variances)
    centres = np.array([[0.0] * 5, [0.2, -0.2, 0.1, 0.9, 0.3]])
    expected = [stats.multivariate_normal(centre, covariance).logpdf(values) for centre in centres]
    assert likelihood(centres) == pytest.approx(expected)


def test_two_counts_of_one_visit_share_its_effect() -> None:
    tool = instrument("appropriate_comments")
    shares, visits = np.array([0.05, 0.08]), np.array([0, 0])
    pair = ReadingLikelihood(tool, shares, ["", ""], np.array([np.nan] * 2), visits)
    effects = np.linspace(-2.0, 2.0, 401)
    counted = CountedShares(shares)
    moved = logit(0.07) + effects
    both = counted.log_probability(moved, 0) + counted.log_probability(moved, 1)
    inside = np.exp(both) * stats.norm.pdf(effects, 0, 0.25)
    expected = np.log(inside.sum() * (effects[1] - effects[0]))
    assert pair(np.array([[0.07, 0.07]]))[0] == pytest.approx(expected, rel=1e-6)


FLOORED = user_instrument(
    "kit", like="saliva_oxytocin", lloq=1.0, uloq=400.0,
    noise=MeasurementNoise("proportional", 0.3, 0.2, floor=1.5),
)  # fmt: skip


def floored_by_grid(reports: list[tuple[float, float]], expected: float, visit: float) -> float:
    """The likelihood of readings of one visit with a floor of noise, on a plain grid."""
    variance = np.log1p(0.2**2)
    shared, visit_weights = np.zeros(1), np.ones(1)
    if visit:
        shared = np.linspace(-8, 8, 601) * np.sqrt(visit)
        visit_weights = stats.norm.pdf(shared, 0, np.sqrt(visit)) * (shared[1] - shared[0])
    own = np.linspace(-8, 8, 801) * np.sqrt(variance)
    weights = stats.norm.pdf(own, 0, np.sqrt(variance)) * (own[1] - own[0])
    level = expected * np.exp(shared[:, None] + own - (visit + variance) / 2)
    product = visit_weights
    for low, high in reports:
        normal = stats.norm(level, 1.5)
        inside = normal.pdf(low) if low == high else normal.cdf(high) - normal.cdf(low)
        product = product * (inside @ weights)
    return float(np.log(product.sum()))


def test_a_floor_of_noise_is_what_a_double_integral_gives() -> None:
    visit = np.log1p(0.3**2)
    values, censored = np.array([4.0, np.nan, 9.0, np.nan]), ["", "below", "", "above"]
    limits = np.array([np.nan, 2.0, np.nan, 20.0])
    ends = [(4.0, 4.0), (-np.inf, 2.0), (9.0, 9.0), (20.0, np.inf)]
    shared = ReadingLikelihood(FLOORED, values, censored, limits, np.zeros(4, dtype=int))
    apart = ReadingLikelihood(FLOORED, values, censored, limits, np.arange(4))
    for expected in (2.0, 8.0, 40.0):
        row = np.full((1, 4), expected)
        assert shared(row)[0] == pytest.approx(floored_by_grid(ends, expected, visit), abs=1e-5)
        one_each = sum(floored_by_grid([end], expected, visit) for end in ends)
        assert apart(row)[0] == pytest.approx(one_each, abs=1e-5)


def test_the_density_with_a_floor_has_the_mass_and_mean_of_what_it_is() -> None:
    tool = dataclasses.replace(FLOORED, low=-np.inf, lloq=0.0, uloq=np.inf)
    grid = np.linspace(-12.0, 80.0, 301)
    densities = np.exp([likelihood_of(tool, value, 8.0) for value in grid.tolist()])
    step = grid[1] - grid[0]
    assert densities.sum() * step == pytest.approx(1.0, abs=1e-6)
    # lognormal with mean 8, and a floor of mean 0
    assert (grid * densities).sum() * step == pytest.approx(8.0, abs=1e-4)


def test_a_reading_at_the_upper_limit_lies_above_it() -> None:
    at_limit, above = (
        likelihood_of(FLOORED, 400.0, 300.0),
        likelihood_of(FLOORED, np.nan, 300.0, "above", 400.0),
    )
    assert at_limit == above


# ------------------------------------------------------------------ the instruments' own draws
@pytest.mark.parametrize("name", ["saliva_oxytocin", "epds", "positive_feeling", "attachment"])
def test_the_likelihood_is_that_of_the_readings_that_the_instruments_draw(name: str) -> None:
    """The mean slope of the log likelihood at the truth, over readings drawn by `read`, is 0."""
    tool = INSTRUMENTS[name]
    truth = {"saliva_oxytocin": 2.0, "epds": 2.0, "positive_feeling": 60.0, "attachment": 0.45}[
        name
    ]
    n = 4000 if tool.rounding or name == "attachment" else 800  # of which each is another value
    drawn = read(name, _values_for(tool, truth, n), range(n), noise_key=NoiseKey(seed=5))
    values, below = drawn.values[:, 0], drawn["below_lloq"].values[:, 0]
    step = 1e-3 * truth
    slopes = []
    for value, is_below in zip(values.tolist(), below.tolist(), strict=True):
        report = ("below", tool.lloq) if is_below else ("", np.nan)
        key = (value, report)
        slopes.append(_slope(tool, key, truth, step))
    error = np.std(slopes) / np.sqrt(n)
    assert abs(np.mean(slopes)) < 4 * error


_SLOPES: dict[tuple[str, object], float] = {}


def _slope(
    tool: Instrument, key: tuple[float, tuple[str, float]], truth: float, step: float
) -> float:
    # scores and classes repeat
    known = (tool.name, repr(key))
    if known not in _SLOPES:
        value, report = key
        up, down = (likelihood_of(tool, value, truth + side * step, *report) for side in (1, -1))
        _SLOPES[known] = (up - down) / (2 * step)
    return _SLOPES[known]


def _values_for(tool: Instrument, truth: float, n: int) -> list[np.ndarray] | np.ndarray:
    """Values of what an instrument reads at which it expects `truth`."""
    if tool.name == "positive_feeling":
        return [np.full(n, truth / 25 + 1), np.zeros(n)]
    return np.full(n, truth)


# ------------------------------------------------------------------ refused
def test_what_an_instrument_cannot_give_is_refused() -> None:
    with pytest.raises(InputError, match=r"value of epds: expected 0 to 30 .* found 31"):
        reported_values(instrument("epds"), np.array([31.0]), [""], NONE)
    with pytest.raises(InputError, match="expected a number above 0"):
        reported_values(instrument("saliva_oxytocin"), np.array([0.0]), [""], NONE)
    with pytest.raises(InputError, match=r"value of attachment: .* found 1.5"):
        reported_values(instrument("attachment"), np.array([1.5]), [""], NONE)
    with pytest.raises(InputError, match="a counted share has no limit"):
        likelihood_of(instrument("appropriate_comments"), np.nan, 0.05, "below", 0.1)


def test_noise_of_a_visit_alone_takes_one_reading_a_visit() -> None:
    tool = dataclasses.replace(instrument("fear"), noise=MeasurementNoise("additive", 1.0))
    twice = (np.array([3.0, 4.0]), ["", ""], np.array([np.nan] * 2))
    with pytest.raises(InputError, match="noise of the sample's own"):
        ReadingLikelihood(tool, *twice, np.array([0, 0]))
    apart = ReadingLikelihood(tool, *twice, np.array([0, 1]))
    expected = stats.norm.logpdf([3.0, 4.0], 3.5, 1.0).sum()
    assert apart(np.array([[3.5, 3.5]]))[0] == pytest.approx(expected)
    silent = dataclasses.replace(tool, noise=MeasurementNoise("additive", 0.0))
    with pytest.raises(InputError, match="some noise"):
        ReadingLikelihood(silent, *twice, np.array([0, 1]))


def test_what_cannot_be_expected_is_impossible_and_no_error() -> None:
    tool = instrument("saliva_oxytocin")
    for expected in (np.nan, 0.0, -3.0, np.inf):
        assert likelihood_of(tool, 5.0, expected) == -np.inf
