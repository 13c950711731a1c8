"""Power: against theory, the same for every n whatever else is asked, and clear about what it
cannot say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pytest
from scipy import stats

from oxysim.errors import InputError, OxysimError
from oxysim.statistics.contrast import Contrast
from oxysim.statistics.proportions import risk
from oxysim.statistics.two_groups import paired_t_test
from oxysim.streams import stream
from oxysim.trials.gaussian import DESIGNS, Gaussian
from oxysim.trials.power_analysis import power
from oxysim.trials.power_over_n import Needed

Arrays = Mapping[str, np.ndarray]


def by_noncentral_t(noncentrality: float, df: float) -> float:
    limit = stats.t.isf(0.025, df)
    return float(stats.nct.sf(limit, df, noncentrality) + stats.nct.cdf(-limit, df, noncentrality))


def theory(design: str, n: int, effect: float, correlation: float) -> float:
    """The power of a two-sided t test at .05 for readings with a standard deviation of 1."""
    differences = np.sqrt(2 - 2 * correlation)
    match design:
        case "paired":
            return by_noncentral_t(effect / differences * np.sqrt(n), n - 1)
        case "crossover":
            return by_noncentral_t(effect / differences * np.sqrt(n), n - 2)
        case "parallel":
            return by_noncentral_t(effect * np.sqrt(n / 4), n - 2)
        case "factorial":
            return by_noncentral_t(effect * np.sqrt(n / 4), n - 4)
    # Analysis of covariance: averaged over how far the baselines of the arms happen to lie apart
    imbalance = stats.f.ppf((np.arange(200) + 0.5) / 200, 1, n - 2) / (n - 2)
    error = np.sqrt((1 - correlation**2) * 4 / n * (1 + imbalance))
    return float(np.mean([by_noncentral_t(effect / error_size, n - 3) for error_size in error]))


@dataclass(frozen=True)
class Events:
    """An event with a chance of its own in each of two arms, compared by the relative risk."""

    chance: tuple[float, float] = (0.3, 0.6)

    def readings(self, n: int, replications: int, seed: int) -> Arrays:
        luck = np.array([stream(seed, r, "test events").random(n) for r in range(replications)])
        arm = np.arange(n) % 2
        return {
            str(k): np.where(arm == k, (luck < self.chance[k]).astype(float), np.nan)
            for k in (0, 1)
        }

    def analyse(self, readings: Arrays, endpoint: str = "") -> Contrast:
        return risk(readings["0"], readings["1"]).ratio


# ------------------------------------------------------------------------------ theory
@pytest.mark.parametrize("design", DESIGNS)
def test_power_is_the_analytic_power(design: str) -> None:
    curve = power(
        Gaussian(0.6, correlation=0.4, design=design, period=5.0),
        n=[12, 24, 48],
        replications=4000,
        seed=2,
    )
    for row in curve.table.itertuples():
        expected = theory(design, row.n, 0.6, 0.4)
        error = np.sqrt(expected * (1 - expected) / 4000)
        assert row.power == pytest.approx(expected, abs=3 * error), f"{design}, n = {row.n}"
        assert row.power_se == pytest.approx(error, rel=0.2)
        assert row.missed == pytest.approx(1 - row.power)


def test_power_is_that_of_statsmodels() -> None:
    module = pytest.importorskip("statsmodels.stats.power")
    curve = power(Gaussian(0.5, design="parallel"), n=[64], replications=4000, seed=4)
    expected = module.TTestIndPower().power(0.5, 32, 0.05)
    assert curve.table["power"][0] == pytest.approx(
        expected, abs=3 * np.sqrt(expected * (1 - expected) / 4000)
    )


def test_effect_and_its_interval_are_those_of_the_sampling_distribution() -> None:
    table = power(Gaussian(0.5, sd=2.0, correlation=0.5), n=[25], replications=4000, seed=3).table
    assert table["effect"][0] == pytest.approx(0.5, abs=3 * 0.4 / np.sqrt(4000))
    assert table["low"][0] == pytest.approx(0.5 - 1.96 * 0.4, abs=0.06)
    assert table["high"][0] == pytest.approx(0.5 + 1.96 * 0.4, abs=0.06)


def test_a_weak_trial_finds_the_wrong_sign_as_often_as_theory_says() -> None:
    curve = power(Gaussian(0.1, correlation=0.5), n=[10], replications=6000, truth=0.1, seed=5)
    limit, t = stats.t.isf(0.025, 9), 0.1 * np.sqrt(10)
    below, above = stats.nct.cdf(-limit, 9, t), stats.nct.sf(limit, 9, t)
    share = below / (below + above)
    error = np.sqrt(share * (1 - share) / (6000 * (below + above)))
    assert curve.table["wrong_sign"][0] == pytest.approx(share, abs=3 * error)


def test_the_n_for_eighty_percent_is_the_analytic_one() -> None:
    curve = power(
        Gaussian(0.5, correlation=0.5, design="paired"),
        n=[10, 20, 30, 40, 60],
        replications=4000,
        seed=6,
    )
    exact = next(n for n in range(3, 100) if theory("paired", n, 0.5, 0.5) >= 0.8)
    needed = curve.n_for(0.8)
    assert needed.low <= exact <= needed.high
    assert abs(needed.n - exact) <= 1
    assert needed.high - needed.low <= 4
    assert str(needed).startswith(f"{needed.n} participants for 80 % power")


def test_the_interval_of_the_needed_n_covers_it() -> None:
    exact = next(n for n in range(3, 100) if theory("paired", n, 0.5, 0.5) >= 0.8)
    values = [
        power(Gaussian(0.5), n=[20, 30, 50], replications=300, seed=s).n_for(0.8) for s in range(30)
    ]
    assert np.mean([needed.low <= exact <= needed.high for needed in values]) >= 0.85


def test_no_effect_gives_the_level_and_claims_no_truth() -> None:
    curve = power(Gaussian(0.0), n=[20, 40], replications=4000, alpha=0.1, seed=1)
    assert curve.table["power"].to_numpy() == pytest.approx(0.1, abs=3 * np.sqrt(0.09 / 4000))
    assert curve.found.mean(axis=0).tolist() == curve.table["power"].to_list()
    assert np.isnan(curve.truth)
    assert curve.table[["missed", "wrong_sign"]].isna().all(axis=None)
    assert "type I error" in curve.report()


def test_a_ratio_has_its_mean_and_its_sign_on_the_logarithm() -> None:
    curve = power(Events(), n=[20, 200], replications=1000, seed=2)
    assert curve.truth == pytest.approx(2.0, rel=0.05)
    assert curve.table["wrong_sign"].to_list() == pytest.approx([0.0, 0.0], abs=0.05)
    turned = power(Events((0.6, 0.3)), n=[20, 200], replications=1000, seed=2)
    assert turned.truth == pytest.approx(0.5, rel=0.05)
    assert turned.table["wrong_sign"].iloc[1] == 0.0


# --------------------------------------------------------------------------- invariance
@pytest.mark.parametrize("design", DESIGNS)
def test_another_n_changes_no_other_number(design: str) -> None:
    sampler = Gaussian(0.4, design=design, dropout=0.1)
    few = power(sampler, n=[30, 16], replications=60, truth=0.4, seed=3)
    many = power(sampler, n=[16, 20, 30, 90], replications=60, truth=0.4, seed=3)
    shared = many.table[many.table["n"].isin([16, 30])].reset_index(drop=True)
    assert few.table.equals(shared)
    np.testing.assert_array_equal(few.found, many.found[:, [0, 2]])


@pytest.mark.parametrize("design", DESIGNS)
def test_more_replications_begin_with_the_same(design: str) -> None:
    sampler = Gaussian(0.4, design=design, dropout=0.1)
    few, many = (power(sampler, n=[24], replications=r, seed=3) for r in (40, 90))
    np.testing.assert_array_equal(few.found, many.found[:40])
    second = power(sampler, n=[24], replications=40, seed=4)
    assert not np.array_equal(few.found, second.found)


def test_a_trial_that_everybody_left_has_found_nothing() -> None:
    curve = power(Gaussian(3.0, dropout=0.6), n=[4, 60], replications=400, seed=1)
    failed = stats.binom.cdf(1, 4, 0.4)
    assert curve.table["failed"][0] == pytest.approx(
        failed, abs=3 * np.sqrt(failed * (1 - failed) / 400)
    )
    assert curve.table["power"][0] <= 1 - curve.table["failed"][0]
    assert curve.table["failed"][1] == 0.0
    assert curve.table["analysed"][1] == pytest.approx(24, abs=1)


# --------------------------------------------------------------------- what it cannot say
def test_a_power_outside_the_curve_is_an_error_and_stands_in_the_report() -> None:
    low = power(Gaussian(0.5), n=[8, 12], replications=300, seed=1)
    with pytest.raises(
        InputError, match=r"power 0.8 is not reached: it is 0\.\d+ at n = 12; ask for a larger n"
    ):
        low.n_for(0.8)
    assert "power 0.8 is not reached" in low.report()
    high = power(Gaussian(2.0), n=[20, 40], replications=300, seed=1)
    with pytest.raises(
        InputError, match="power 0.8 is exceeded from the start: it is 1.000 at n = 20"
    ):
        high.n_for(0.8)
    with pytest.raises(InputError, match="power: expected a share"):
        low.n_for(80)
    with pytest.raises(InputError, match="not reached"):
        power(Gaussian(0.5), n=[8], replications=50).n_for()


@dataclass(frozen=True)
class HalfUntestable(Gaussian):
    """In every second replication the contrast is the reference plus 100, for everybody."""

    def analyse(self, readings: Arrays, endpoint: str = "") -> Contrast:
        first, second = readings["reference"], readings["contrast"]
        odd = (np.arange(len(first)) % 2 == 1)[:, None]
        return paired_t_test(np.where(odd, 0.0, first), np.where(odd, 100.0, second))


def test_where_half_cannot_be_tested_no_larger_n_is_advised_and_none_is_part_of_the_effect() -> (
    None
):
    curve = power(HalfUntestable(0.5, correlation=0.5), n=[30, 60], replications=400, seed=1)
    assert curve.table["failed"].to_list() == [0.5, 0.5]
    expected = 0.5 * theory("paired", 60, 0.5, 0.5)
    assert curve.table["power"].iloc[1] == pytest.approx(expected, abs=0.03)
    # the untestable ones differ by 100
    assert curve.table["effect"].to_numpy() == pytest.approx(0.5, abs=0.1)
    assert curve.table["high"].max() < 2 and curve.truth == pytest.approx(0.5, abs=0.05)
    untestable = r"50 % of its trials could not be tested \(every difference"
    with pytest.raises(InputError, match=untestable) as raised:
        curve.n_for(0.8)
    assert "ask for a larger n" not in str(raised.value)
    assert "gives more than 0.500" in str(raised.value)


def test_the_band_at_power_one_has_the_width_of_wilsons_interval() -> None:
    table = power(Gaussian(3.0), n=[40], replications=200, seed=1).table
    expected = stats.binomtest(200, 200).proportion_ci(method="wilson")
    assert table["power"][0] == 1.0
    assert (table["power_low"][0], table["power_high"][0]) == pytest.approx((expected.low, 1.0))
    assert table["power_low"][0] < 0.99


def test_a_curve_prints_as_one_line() -> None:
    curve = power(Gaussian(0.5), n=[20, 60], replications=200, seed=1)
    assert len(repr(curve)) < 200 and "n = 20" in repr(curve) and "<table" in curve._repr_html_()


def test_an_interval_that_leaves_the_curve_says_so() -> None:
    curve = power(Gaussian(0.5), n=[20, 34], replications=200, seed=2)
    needed = curve.n_for(curve.table["power"].iloc[1] - 0.005)
    assert np.isinf(needed.high)
    assert "to beyond the largest n" in str(needed)


def test_the_report_shows_the_table_and_the_n() -> None:
    text = power(Gaussian(0.5), n=[20, 60], replications=200, seed=1).report()
    for words in (
        "paired t test",
        "200 replications",
        "wrong_sign",
        "80 % power (95 % interval",
        "seed 1",
    ):
        assert words in text


def test_needed_is_plain_data() -> None:
    assert Needed(0.8, 34, 33.0, 35.0) == Needed(0.8, 34, 33.0, 35.0)


@dataclass(frozen=True)
class Misshapen(Gaussian):
    """Gives one reading too few."""

    def readings(self, n: int, replications: int, seed: int) -> Arrays:
        values = dict(super().readings(n, replications, seed))
        return {**values, "contrast": values["contrast"][:, 1:]}


BAD: list[tuple[Callable[[], object], str]] = [
    (lambda: power(Gaussian(1.0), n=[]), "n: expected at least one"),
    (lambda: power(Gaussian(1.0), n=[1, 20]), "n: expected a whole number of at least 2; found 1"),
    (lambda: power(Gaussian(1.0), n=[20.5]), "n: expected a whole number"),  # type: ignore[list-item]
    (
        lambda: power(Gaussian(1.0), n=[20], replications=0),
        "replications: expected a whole number from 1 to 100000",
    ),
    (lambda: power(Gaussian(1.0), n=[20], alpha=5), "alpha: expected a level between 0 and 1"),
    (lambda: power(Gaussian(1.0), n=[20], alpha="5 %"), "alpha: expected a finite number"),  # type: ignore[arg-type]
    (lambda: power(Gaussian(1.0), n="20"), "n: expected a list of whole numbers"),
    (lambda: power(Gaussian(1.0), n=[20], truth="1"), "truth: expected a finite number"),  # type: ignore[arg-type]
    (lambda: power(Gaussian(1.0), 3, n=[20]), "endpoint: expected the name"),  # type: ignore[arg-type]
    (lambda: Gaussian("x"), "effect: expected a finite number"),  # type: ignore[arg-type]
    (lambda: Gaussian(1.0, correlation="x"), "correlation: expected"),  # type: ignore[arg-type]
    (lambda: power(Gaussian(1.0), n=[20], seed=-1), "seed"),
    (lambda: power(Gaussian(1.0), n=[20], truth=np.nan), "truth: expected a finite number"),
    (lambda: power(Gaussian(1.0), "warmth", n=[20], replications=5), "unknown endpoint 'warmth'"),
    (
        lambda: power(Misshapen(1.0), n=[9], replications=5),
        r"readings 'contrast': expected shape \(5, 9\)",
    ),
    (
        lambda: power(Gaussian(1.0, design="parallel"), n=[2, 20], replications=5),
        "a trial of n = 2: Welch's t test: no replication can be analysed",
    ),
]


@pytest.mark.parametrize(("call", "message"), BAD)
def test_bad_input_is_named(call: Callable[[], object], message: str) -> None:
    with pytest.raises(OxysimError, match=message):
        call()
