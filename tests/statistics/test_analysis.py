"""Analyses of replicated trials: against SciPy and statsmodels, against theory, and with what a
trial has missing.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from oxysim.errors import InputError, MissingExtraError, OxysimError, UnknownNameError
from oxysim.statistics.contrast import Contrast
from oxysim.statistics.crossover import crossover
from oxysim.statistics.factorial import factorial
from oxysim.statistics.mixed_model import mixed
from oxysim.statistics.two_groups import ancova, area, paired_t_test, welch_t_test
from oxysim.streams import stream
from oxysim.trials.gaussian import CELLS, DESIGNS, Gaussian

SEEDS = st.integers(0, 10_000)
SIZES = st.integers(4, 40)
SCALES = st.floats(1e-3, 1e3)
SHIFTS = st.floats(-1e3, 1e3)
FEW = settings(max_examples=40, deadline=None)


def drawn(
    name: str, seed: int = 1, n: int = 30, replications: int = 3, missing: float = 0.0
) -> np.ndarray:
    rng = stream(seed, 0, f"test {name}")
    values = rng.standard_normal((replications, n))
    gaps = rng.random(values.shape) < missing
    gaps[:, :4] = False  # an arm that happens to be empty has tests of its own
    return np.where(gaps, np.nan, values)


def kept(*arrays: np.ndarray) -> tuple[np.ndarray, ...]:
    present = ~np.isnan(sum(arrays))
    return tuple(array[present] for array in arrays)


def ols(columns: dict[str, np.ndarray], outcome: np.ndarray, term: str) -> tuple[float, ...]:
    """Estimate, standard error, interval and p of one term, by statsmodels."""
    api = pytest.importorskip("statsmodels.api")
    fit = api.OLS(outcome, pd.DataFrame({"one": 1.0, **columns})).fit()
    return fit.params[term], fit.bse[term], *fit.conf_int().loc[term], fit.pvalues[term]


def numbers(contrast: Contrast, replication: int = 0) -> tuple[float, ...]:
    parts = (contrast.estimate, contrast.standard_error, contrast.low, contrast.high, contrast.p)
    return tuple(float(values[replication]) for values in parts)


# ------------------------------------------------------- against other implementations
@FEW
@given(SEEDS, SIZES, SCALES, SHIFTS, st.sampled_from([0.0, 0.3]))
def test_paired_is_scipys_paired_t_test(
    seed: int, n: int, scale: float, shift: float, missing: float
) -> None:
    a = scale * drawn("a", seed, n, missing=missing) + shift
    b = scale * drawn("b", seed, n, missing=missing)
    analysis = paired_t_test(a, b)
    for r in range(3):
        x, y = kept(a[r], b[r])
        scipys = stats.ttest_rel(y, x)
        ends = scipys.confidence_interval(0.95)
        expected = (np.mean(y - x), stats.sem(y - x), ends.low, ends.high, scipys.pvalue)
        np.testing.assert_allclose(numbers(analysis, r), expected, rtol=1e-7, atol=1e-9 * scale)
        assert analysis.n[r] == len(x)


@FEW
@given(SEEDS, SIZES, SIZES, SCALES, SHIFTS, st.sampled_from([0.0, 0.3]))
def test_unpaired_is_scipys_welch_test(
    seed: int, n: int, m: int, scale: float, shift: float, missing: float
) -> None:
    a = drawn("a", seed, n, missing=missing)
    b = scale * drawn("b", seed, m, missing=missing) + shift
    analysis = welch_t_test(a, b)
    for r in range(3):
        (x,), (y,) = kept(a[r]), kept(b[r])
        scipys = stats.ttest_ind(y, x, equal_var=False)
        ends = scipys.confidence_interval(0.95)
        error = np.hypot(stats.sem(x), stats.sem(y))
        expected = (np.mean(y) - np.mean(x), error, ends.low, ends.high, scipys.pvalue)
        np.testing.assert_allclose(numbers(analysis, r), expected, rtol=1e-7, atol=1e-9 * scale)
        pooled = np.sqrt(
            ((len(x) - 1) * x.var(ddof=1) + (len(y) - 1) * y.var(ddof=1)) / (len(x) + len(y) - 2)
        )
        assert analysis.standardised is not None
        assert analysis.standardised.estimate[r] == pytest.approx(
            (np.mean(y) - np.mean(x)) / pooled, rel=1e-7
        )


@FEW
@given(SEEDS, SIZES, SIZES, SCALES, SHIFTS, st.sampled_from([0.0, 0.3]))
def test_ancova_is_least_squares(
    seed: int, n: int, m: int, slope: float, shift: float, missing: float
) -> None:
    x, z = drawn("x", seed, n) + shift, drawn("z", seed, m, missing=missing)
    a, b = slope * x + drawn("a", seed, n, missing=missing), slope * z + drawn("b", seed, m)
    analysis = ancova(a, b, x, z)
    for r in range(3):
        (y0, x0), (y1, x1) = kept(a[r], x[r]), kept(b[r], z[r])
        columns = {"arm": np.repeat([0.0, 1.0], [len(y0), len(y1)]), "baseline": np.r_[x0, x1]}
        np.testing.assert_allclose(
            numbers(analysis, r), ols(columns, np.r_[y0, y1], "arm"), rtol=1e-4, atol=1e-6
        )


@FEW
@given(SEEDS, SIZES, SHIFTS, st.sampled_from([0.0, 0.3]))
def test_crossover_is_least_squares_with_a_term_for_each_participant(
    seed: int, n: int, period: float, missing: float
) -> None:
    first = stream(seed, 0, "test order").permutation(np.r_[0, 1, 0, 1, np.arange(n - 4) % 2])
    a = drawn("a", seed, n, 1, missing) + period * first
    b = drawn("b", seed, n, 1) + period * (1 - first)
    analysis = crossover(a, b, first)
    participants = np.flatnonzero(~np.isnan(a[0]))
    order, outcome = (
        first[participants].astype(float),
        np.r_[a[0, participants], b[0, participants]],
    )
    if len(set(order.tolist())) < 2:
        return
    columns = {
        "treatment": np.repeat([0.0, 1.0], len(participants)),
        "period": np.r_[order, 1 - order],
    }
    columns |= {
        f"person {i}": np.tile(np.arange(len(participants)) == i, 2).astype(float)
        for i in range(1, len(participants))
    }
    for term, contrast in (("treatment", analysis.treatment), ("period", analysis.period)):
        np.testing.assert_allclose(
            numbers(contrast), ols(columns, outcome, term), rtol=1e-5, atol=1e-7
        )
    sums = a[0, participants] + b[0, participants]
    expected = stats.ttest_ind(sums[order == 1], sums[order == 0])
    assert analysis.carry_over.p[0] == pytest.approx(expected.pvalue, rel=1e-6)


@FEW
@given(SEEDS, st.tuples(SIZES, SIZES, SIZES, SIZES), SHIFTS, st.sampled_from([0.0, 0.3]))
def test_factorial_is_least_squares_with_effect_coding(
    seed: int, sizes: tuple[int, ...], shift: float, missing: float
) -> None:
    cells = [
        drawn(f"cell {k}", seed, n, 1, missing) + shift * (k == 3) for k, n in enumerate(sizes)
    ]
    analysis = factorial(dict(zip(CELLS.values(), cells, strict=True)))
    kept_cells = [kept(cell[0])[0] for cell in cells]
    lengths = [len(cell) for cell in kept_cells]
    first, second = (
        np.repeat([-0.5, 0.5, -0.5, 0.5], lengths),
        np.repeat([-0.5, -0.5, 0.5, 0.5], lengths),
    )
    columns = {"first": first, "second": second, "interaction": first * second}
    for term, contrast in zip(columns, (analysis[0,], analysis[1,], analysis[0, 1]), strict=True):
        expected = ols(columns, np.concatenate(kept_cells), term)
        np.testing.assert_allclose(numbers(contrast), expected, rtol=1e-6, atol=1e-8)


@FEW
@given(SEEDS, st.lists(SIZES, min_size=8, max_size=8), st.booleans())
def test_three_factors_are_least_squares_with_or_without_baseline(
    seed: int, sizes: list[int], adjusted: bool
) -> None:
    combinations = list(itertools.product((False, True), repeat=3))
    outcomes, baselines = (
        {
            on: drawn(f"{column} {on}", seed, n, 1, 0.1) + 2 * sum(on)
            for on, n in zip(combinations, sizes, strict=True)
        }
        for column in ("outcome", "baseline")
    )
    analysis = factorial(outcomes, baselines if adjusted else None)
    parts = [
        kept(outcomes[on][0], baselines[on][0] if adjusted else outcomes[on][0])
        for on in combinations
    ]
    coded = np.repeat(np.array(combinations, dtype=float) - 0.5, [len(y) for y, _ in parts], axis=0)
    columns = {
        str(factors): coded[:, factors].prod(axis=1)
        for size in (1, 2, 3) for factors in itertools.combinations(range(3), size)
    }  # fmt: skip
    columns |= {"baseline": np.concatenate([x for _, x in parts])} if adjusted else {}
    assert list(analysis) == [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2)]
    for factors, contrast in analysis.items():
        expected = ols(columns, np.concatenate([y for y, _ in parts]), str(factors))
        np.testing.assert_allclose(numbers(contrast), expected, rtol=1e-6, atol=1e-8)


@FEW
@given(SEEDS, st.integers(2, 300), st.floats(-90, 90))
def test_the_interval_of_dz_inverts_the_noncentral_t(seed: int, n: int, shift: float) -> None:
    a = drawn("a", seed, n, 1)
    analysis = paired_t_test(np.zeros_like(a), a + shift / np.sqrt(n))
    t = analysis.estimate / analysis.standard_error
    if abs(t[0]) > 100:
        return
    assert analysis.standardised is not None
    ends = [end[0] * np.sqrt(n) for end in (analysis.standardised.low, analysis.standardised.high)]
    assert stats.nct.cdf(t[0], n - 1, ends) == pytest.approx([0.975, 0.025], abs=2e-4)


def test_the_interval_of_an_enormous_dz_joins_on_smoothly() -> None:
    a = drawn("a", 4, 20, 1)
    a = (a - a.mean()) / a.std(ddof=1)
    sides = [
        paired_t_test(np.zeros((1, 20)), a + t / np.sqrt(20)).standardised
        for t in (99.9, 100.1, 1e9)
    ]
    near, beyond, giant = [
        (s.low[0] / s.estimate[0], s.high[0] / s.estimate[0]) for s in sides if s is not None
    ]
    assert beyond == pytest.approx(near, rel=1e-3)
    assert giant == pytest.approx(np.sqrt(stats.chi2.ppf([0.025, 0.975], 19) / 19), rel=1e-6)


# -------------------------------------------------------------------- against theory
@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("dropout", [0.0, 0.2])
def test_equal_arms_differ_by_chance_alone(design: str, dropout: float) -> None:
    replications = 4000
    sampler = Gaussian(0.0, sd=3.0, correlation=0.6, design=design, period=2.0, dropout=dropout)
    p = sampler.analyse(sampler.readings(28, replications, seed=7)).p
    for alpha in (0.05, 0.2):
        error = np.sqrt(alpha * (1 - alpha) / replications)
        assert np.mean(p < alpha) == pytest.approx(alpha, abs=3 * error)


def test_every_contrast_of_crossover_and_factorial_holds_its_level() -> None:
    replications, error = 4000, 3 * np.sqrt(0.05 * 0.95 / 4000)
    cross = Gaussian(0.8, design="crossover", period=0.0).readings(25, replications, 8)
    halves = crossover(*(cross[name] for name in ("reference", "contrast", "first")))
    cells = Gaussian(0.8, design="factorial").readings(32, replications, 8)
    parts = factorial({on: cells[name] for name, on in CELLS.items()})
    for contrast in (halves.period, halves.carry_over, parts[1,], parts[0, 1]):
        assert np.mean(contrast.p < 0.05) == pytest.approx(0.05, abs=error), contrast.method


@pytest.mark.parametrize("design", DESIGNS)
def test_intervals_cover_what_is_true(design: str) -> None:
    replications, sd = 3000, 2.0
    sampler = Gaussian(1.5, sd=sd, correlation=0.5, design=design, period=1.0, dropout=0.1)
    analysis = sampler.analyse(sampler.readings(40, replications, seed=9))
    assert np.mean((analysis.low <= 1.5) & (analysis.high >= 1.5)) == pytest.approx(0.95, abs=0.012)
    # With a correlation of a half, differences have the readings' own standard deviation
    true = 1.5 / sd
    assert analysis.standardised is not None
    covered = np.mean((analysis.standardised.low <= true) & (analysis.standardised.high >= true))
    assert covered == pytest.approx(0.95, abs=0.012)
    error = analysis.standardised.corrected.std() / np.sqrt(replications)
    assert analysis.standardised.corrected.mean() == pytest.approx(true, abs=3.5 * error)
    assert analysis.standardised.estimate.mean() > analysis.standardised.corrected.mean()


def test_a_period_effect_falls_out_of_a_crossover_but_carry_over_shows() -> None:
    plain = Gaussian(0.5, design="crossover").readings(30, 50, 3)
    moved = Gaussian(0.5, design="crossover", period=100.0).readings(30, 50, 3)
    names = ("reference", "contrast", "first")
    before, after = (crossover(*(analysis[name] for name in names)) for analysis in (plain, moved))
    np.testing.assert_allclose(after.treatment.estimate, before.treatment.estimate, atol=1e-9)
    np.testing.assert_allclose(after.treatment.p, before.treatment.p, rtol=1e-6)
    np.testing.assert_allclose(after.period.estimate, before.period.estimate + 100.0)
    # the contrast, given first, still works later
    carried = moved["reference"] + 5.0 * moved["first"]
    assert (crossover(carried, moved["contrast"], moved["first"]).carry_over.estimate > 2).all()


# ---------------------------------------------------------------------- mixed models
def _repeated(replications: int = 3, n: int = 24) -> tuple[np.ndarray, np.ndarray]:
    rng = stream(6, 0, "test mixed")
    first = np.arange(n) % 2
    arm = np.broadcast_to(np.stack([first, 1 - first], axis=1), (replications, n, 2))
    person = rng.standard_normal((replications, n, 1))
    return person + rng.standard_normal(arm.shape) + 0.5 * arm + np.array([0.0, 0.7]), arm


def test_a_mixed_model_is_statsmodels_own_and_in_balance_the_crossover() -> None:
    formula = pytest.importorskip("statsmodels.formula.api")
    outcome, arm = _repeated()
    analysis = mixed(outcome, arm)
    frame = pd.DataFrame({"y": outcome[1].ravel(), "arm": arm[1].ravel()})
    frame["who"], frame["occasion"] = np.repeat(np.arange(24), 2), np.tile([0, 1], 24)
    fit = formula.mixedlm("y ~ arm + C(occasion)", frame, groups="who").fit(reml=True)
    expected = (
        fit.params["arm"],
        fit.bse["arm"],
        *fit.conf_int().loc["arm"],
        fit.pvalues["arm"],
    )
    np.testing.assert_allclose(numbers(analysis, 1), expected, rtol=1e-3)
    first = arm[0, :, 0]
    reference, contrast = (np.where(arm == k, outcome, 0.0).sum(axis=2) for k in (0, 1))
    same = crossover(reference, contrast, first).treatment
    np.testing.assert_allclose(analysis.estimate, same.estimate, rtol=1e-6)
    np.testing.assert_allclose(analysis.standard_error, same.standard_error, rtol=1e-3)
    assert analysis.n.tolist() == [24, 24, 24]


def test_a_mixed_model_adjusts_for_covariates_and_keeps_incomplete_participants() -> None:
    pytest.importorskip("statsmodels")
    outcome, arm = _repeated()
    baseline = stream(6, 0, "test baseline").standard_normal((3, 24, 1))
    outcome = outcome + 3 * baseline
    outcome[0, 5, 1] = np.nan
    analysis = mixed(outcome, arm, covariates={"baseline": baseline})
    assert analysis.n.tolist() == [24, 24, 24]
    shifted = mixed(outcome + 50 * baseline, arm, covariates={"baseline": baseline})
    np.testing.assert_allclose(shifted.estimate, analysis.estimate, rtol=1e-5)


def test_a_mixed_model_without_differences_between_participants_is_least_squares() -> None:
    pytest.importorskip("statsmodels")
    outcome = stream(3, 0, "test flat").standard_normal((8, 12, 2))
    arm = (np.arange(12) % 2)[:, None]
    analysis = mixed(outcome, arm)
    assert analysis.reasons == {}
    columns = {"arm": np.repeat(arm[:, 0], 2).astype(float), "occasion": np.tile([0.0, 1.0], 12)}
    expected = [ols(columns, readings.ravel(), "arm") for readings in outcome]
    np.testing.assert_allclose(analysis.estimate, [k[0] for k in expected], rtol=1e-6, atol=1e-9)
    # A random intercept that is there can only widen the interval between participants
    assert (analysis.standard_error > np.array([k[1] for k in expected]) * 0.999).all()


def test_what_a_mixed_model_cannot_fit_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    models = pytest.importorskip("statsmodels.regression.mixed_linear_model")
    outcome, arm = _repeated()
    outcome[0] = np.nan
    outcome[1, :, 1] = np.nan
    analysis = mixed(outcome, arm)
    assert list(analysis.reasons) == [0, 1]
    assert "0 participants" in analysis.reasons[0]
    assert "single reading" in analysis.reasons[1]
    assert np.isnan(analysis.p[:2]).all() and np.isfinite(analysis.p[2])

    def wander(*_: object, **__: object) -> SimpleNamespace:
        return SimpleNamespace(
            converged=False, params=np.ones(3), bse=np.ones(3), pvalues=np.ones(3)
        )

    monkeypatch.setattr(models.MixedLM, "fit", wander)
    with pytest.raises(
        InputError, match=r"no replication can be fitted; in the first, 0 participants"
    ):
        mixed(outcome, arm)
    with pytest.raises(InputError, match="did not converge"):
        mixed(outcome[2:], arm[2:])


def test_a_mixed_model_says_which_extra_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "statsmodels.regression.mixed_linear_model", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'oxysim\[stats\]'"):
        mixed(*_repeated())


# ------------------------------------------------------------------------------ areas
def test_areas_of_straight_courses_are_exact() -> None:
    times = [0.0, 10.0, 40.0]
    course = np.array([[2.0, 4.0, 10.0], [3.0, 3.0, np.nan]])
    np.testing.assert_allclose(area(times, course), [240.0, np.nan])
    np.testing.assert_allclose(area(times, course, above="first"), [160.0, np.nan])


# ---------------------------------------------------------------- what goes missing
def test_a_replication_that_cannot_be_analysed_says_why_and_leaves_the_others() -> None:
    a, b = drawn("a", replications=4), drawn("b", replications=4)
    whole = welch_t_test(a, b)
    b[1] = np.nan
    a[2, 1:] = np.nan
    a[3], b[3] = 1.0, 2.0
    analysis = welch_t_test(a, b)
    assert analysis.reasons[1] == "arm 'contrast' holds no reading, only NaN"
    assert analysis.reasons[2] == "arm 'reference' holds fewer than 2 participants with a reading"
    assert "reads the same" in analysis.reasons[3]
    assert numbers(analysis, 0) == numbers(whole, 0)
    assert np.isnan(analysis.p[1:]).all() and np.isnan(analysis.low[1:]).all()
    assert analysis.table()["reason"].tolist()[0] == ""
    assert analysis.n.tolist() == [60, 30, 31, 60]


@pytest.mark.parametrize("shift", [0.0, 0.1, 1e6])
def test_differences_without_spread_are_not_taken_for_certainty(shift: float) -> None:
    a = 0.1 * np.arange(20.0).reshape(2, 10)
    with pytest.raises(InputError, match="every difference is the same"):
        paired_t_test(a, a + shift)


NONE = np.full((2, 8), np.nan)
SOME = drawn("some", n=8, replications=2)
SAME = np.ones((2, 8))


def _cells(*outcomes: np.ndarray) -> dict[tuple[bool, ...], np.ndarray]:
    return dict(zip(CELLS.values(), outcomes, strict=True))


ORDER = np.arange(8) % 2
BAD: list[tuple[Callable[[], object], str]] = [
    (
        lambda: paired_t_test(SOME[:, :1], SOME[:, :1]),
        r"reference: expected shape .* n >= 2; found \(2, 1\)",
    ),
    (lambda: paired_t_test(SOME[:0], SOME[:0]), "at least one replication"),
    (lambda: paired_t_test(SOME[0], SOME[0]), r"a single study is values\[None, :\]"),
    (lambda: paired_t_test(SOME, SOME[:, :5]), "the same participants"),
    (lambda: paired_t_test(SOME, NONE), "the set of complete pairs holds no reading, only NaN"),
    (lambda: paired_t_test(SOME, [["a", "b"]]), "contrast: expected numbers"),
    (lambda: paired_t_test(SOME, SOME / 0 + np.inf), "contrast: expected finite readings"),
    (
        lambda: paired_t_test(SOME, 2 * SOME, level=95),
        "level: expected a confidence level between 0 and 1",
    ),
    (
        lambda: welch_t_test(SOME, SOME[:1]),
        "equally many replications in every arm; found reference 2, contrast 1",
    ),
    (
        lambda: welch_t_test(SOME, NONE),
        "no replication can be analysed; in the first, arm 'contrast' holds no reading",
    ),
    (lambda: welch_t_test(SAME, 2 * SAME), "everyone in an arm reads the same"),
    (lambda: ancova(SOME, SOME, SOME, SAME[:, :3]), "contrast_baseline"),
    (lambda: ancova(SOME, SOME + 1, SAME, 2 * SAME), "baseline is the same for everyone in an arm"),
    (lambda: ancova(SAME, SAME, SOME, SOME), "outcome is the same for everyone in an arm"),
    (lambda: ancova(SOME, SOME + 1, SOME, SOME), "without remainder"),
    (lambda: ancova(SOME, SOME, SOME, NONE), "arm 'contrast' holds no reading"),
    (
        lambda: ancova(
            SOME[:, :2], np.where(ORDER[:2], SOME[:, :2], np.nan), SOME[:, :2], SOME[:, :2]
        ),
        "fewer than 4",
    ),
    (lambda: crossover(SOME, SOME, ORDER[:5]), r"first: expected 0 \(reference first\) or 1"),
    (lambda: crossover(SOME, SOME, ORDER + 1), r"values \[1, 2\]"),
    (lambda: crossover(SOME, SOME[:, ::-1], 0 * ORDER), "sequence contrast first holds no reading"),
    (lambda: crossover(SAME, 2 * SAME, ORDER), "reads the same"),
    (lambda: crossover(SOME[:, :2], SOME[:, 2:4], ORDER[:2]), "fewer than 3 participants"),
    (lambda: factorial(_cells(SOME, SOME, NONE, SOME)), "cell 'factor 2' holds no reading"),
    (
        lambda: factorial(_cells(*(np.where(ORDER[:2], SOME[:, :2], np.nan),) * 4)),
        "than there are cells",
    ),
    (
        lambda: factorial({(False, False): SOME, (True, True): SOME}),
        "every combination of at least two factors",
    ),
    (
        lambda: factorial(_cells(SOME, SOME, SOME, SOME), _cells(SAME, SAME, SAME, SAME)),
        "baseline is the same",
    ),
    (lambda: area([0.0, 0.0], SOME[:, :2]), "two increasing times"),
    (lambda: area([0.0, 1.0], SOME), "expected values with 2 samples"),
    (lambda: area([0.0, 1.0], SOME[:, :2], above="zeroo"), "'zero'"),
    (lambda: mixed(SOME, ORDER), r"outcome: expected shape \(replications, n, occasions\)"),
    (lambda: mixed(SOME[..., None], np.zeros((3, 3, 3))), "arm: expected numbers that broadcast"),
    (lambda: mixed(SOME[..., None], 2.0), "arm: expected 0"),
    (lambda: mixed(np.stack([SOME, SOME], axis=2), 1.0), "all readings are of one arm"),
    (lambda: Gaussian(0.0, design="parralel"), "parallel"),
    (lambda: Gaussian(np.nan), "effect: expected a finite number"),
    (lambda: Gaussian(1.0, sd=0.0), "sd: expected"),
    (lambda: Gaussian(1.0, correlation=1.0), "correlation: expected"),
    (lambda: Gaussian(1.0, dropout=1.0), "dropout: expected"),
]


@pytest.mark.parametrize(("call", "message"), BAD)
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_bad_input_is_named(call: Callable[[], object], message: str) -> None:
    with pytest.raises(OxysimError, match=message) as caught:
        call()
    assert isinstance(caught.value, InputError | UnknownNameError)
