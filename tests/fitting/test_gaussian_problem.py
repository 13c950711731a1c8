"""Search, profiles, posterior and hierarchy on problems whose answers are known in closed form."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.regression.mixed_linear_model import MixedLM

import oxysim as ox
from oxysim.errors import InputError
from oxysim.fitting.fitted_population import population_of
from oxysim.fitting.hierarchy.fitted_ensemble import ensemble_of
from oxysim.fitting.hierarchy.hierarchical_fit import fit_population
from oxysim.fitting.hierarchy.person_draws import PersonDraws, draw_persons
from oxysim.fitting.hierarchy.population_scale import PopulationScale
from oxysim.fitting.persons.free_parameters import FreeParameter, free_parameters
from oxysim.fitting.search.log_posterior import FENCE, LogPosterior
from oxysim.fitting.search.optimisation import find_maximum, search_maximum, starting_points
from oxysim.fitting.search.posterior import Posterior, sample_posterior
from oxysim.fitting.search.profiles import profile_of
from tests.support.linear_truths import truth

NAMES = ["mother.oxytocin.clearance", "mother.oxytocin.plasma_half_life", "mother.bond.usual_bond"]
LINEAR = truth(figures=6, latents=3, seed=2)
OBSERVED = np.array([0.5, -1.0, 0.3, 1.2, -0.4, 0.8])


def log_likelihood(latents: np.ndarray) -> np.ndarray:
    """Figures that are linear in the latents, with normal errors."""
    distances = (OBSERVED - latents @ LINEAR.slopes.T) / LINEAR.errors
    return -0.5 * np.sum(distances**2, axis=1)


def parameters() -> tuple[FreeParameter, ...]:
    """Three parameters whose latents are those of the problem."""
    return free_parameters(NAMES, ox.Dyad())


# ------------------------------------------------------------------ the search
def test_the_maximum_and_its_covariance_are_the_exact_posterior() -> None:
    mean, covariance = LINEAR.posterior(OBSERVED)
    best, *_ = search_maximum(LogPosterior(log_likelihood, 3), 3, seed=1)
    assert best.converged
    assert best.latent == pytest.approx(mean, abs=1e-4)
    assert best.covariance() == pytest.approx(covariance, abs=1e-4)


def test_without_a_prior_the_maximum_is_least_squares() -> None:
    # the third latent is told so little that its least squares lie beyond the fence
    def of_two(latents: np.ndarray) -> np.ndarray:
        return log_likelihood(np.insert(latents, 2, 0.0, axis=1))

    best = find_maximum(LogPosterior(of_two, 2, with_prior=False), np.zeros(2))
    exact, *_ = np.linalg.lstsq(LINEAR.slopes[:, :2], OBSERVED, rcond=None)
    assert best.latent == pytest.approx(exact, abs=1e-3)


def test_slopes_of_a_cubic_are_exact() -> None:
    def cubic(z: np.ndarray) -> np.ndarray:
        return z[:, 0] ** 2 * z[:, 1] + 3 * z[:, 1] ** 2

    local = LogPosterior(cubic, 2, with_prior=False).quadratic(np.array([0.7, -0.2]))
    assert local.gradient == pytest.approx([2 * 0.7 * -0.2, 0.7**2 - 1.2], abs=1e-9)
    assert local.hessian == pytest.approx(np.array([[-0.4, 1.4], [1.4, 6.0]]), abs=1e-9)


def test_several_starts_find_the_higher_of_two_maxima() -> None:
    def two(z: np.ndarray) -> np.ndarray:
        # a low hill near the middle, a higher one away from it
        return np.logaddexp(
            stats.norm.logpdf(z[:, 0], -0.2, 0.15) - 3.0, stats.norm.logpdf(z[:, 0], 1.8, 0.15)
        )

    density = LogPosterior(two, 1)
    assert find_maximum(density, np.zeros(1)).latent[0] < 0
    ends = search_maximum(density, 6, seed=1)
    assert ends[0].latent[0] == pytest.approx(1.8, abs=0.1)
    assert ends[0].log_density > ends[-1].log_density + 1


def test_a_direction_that_nothing_tells_has_no_covariance() -> None:
    # the sum of the two is told, their difference is not
    ridge = LogPosterior(lambda z: -2 * (z.sum(axis=1) - 1) ** 2, 2, with_prior=False)
    best = find_maximum(ridge, np.array([0.2, 0.1]))
    assert best.converged
    assert np.isinf(np.diag(best.covariance())).all()


def test_a_search_that_runs_away_ends_at_the_fence() -> None:
    best = find_maximum(LogPosterior(lambda z: z[:, 0], 1, with_prior=False), np.zeros(1))
    assert FENCE < best.latent[0] < FENCE + 0.1


def test_starting_points_are_the_same_for_a_seed_and_apart() -> None:
    density = LogPosterior(log_likelihood, 3)
    points = starting_points(density, 5, seed=4)
    assert (points == starting_points(density, 5, seed=4)).all()
    assert not points[0].any()
    distances = np.linalg.norm(points[:, None] - points, axis=2)
    assert distances[np.triu_indices(5, 1)].min() > 0.5


# ------------------------------------------------------------------ profiles
@pytest.mark.parametrize("with_prior", [True, False])
def test_a_profile_of_a_normal_density_is_the_exact_parabola(with_prior: bool) -> None:
    slopes = LINEAR.slopes[:, :2]

    def of_two(latents: np.ndarray) -> np.ndarray:
        return log_likelihood(np.insert(latents, 2, 0.0, axis=1))

    precision = slopes.T @ slopes / 0.8**2 + (np.eye(2) if with_prior else 0)
    covariance = np.linalg.inv(precision)
    mean = covariance @ slopes.T @ OBSERVED / 0.8**2
    density = LogPosterior(of_two, 2, with_prior=with_prior)
    best = find_maximum(density, np.zeros(2))
    for k, parameter in enumerate(parameters()[:2]):
        profile = profile_of(density, best, k, parameter, 0.9)
        reach = stats.norm.ppf(0.95) * np.sqrt(covariance[k, k])
        assert (profile.low, profile.high) == pytest.approx(
            (mean[k] - reach, mean[k] + reach), abs=2e-3
        )
        falls = 0.5 * (profile.latents - mean[k]) ** 2 / covariance[k, k]
        assert profile.falls == pytest.approx(falls, abs=1e-3)
        assert profile.interval == pytest.approx(
            tuple(parameter.value(mean[k] + np.array([-reach, reach]))), rel=1e-2
        )
        assert not profile.open_sides


def test_a_profile_that_levels_off_is_open_on_that_side() -> None:
    # the more the better, up to a point: the data refuse low values only
    density = LogPosterior(lambda z: 3 * np.tanh(2 * z[:, 0]), 1, with_prior=False)
    best = find_maximum(density, np.array([2.0]))
    profile = profile_of(density, best, 0, parameters()[0], 0.95)
    assert profile.open_sides == ("above",)
    assert profile.interval[1] == np.inf
    # 3 tanh(2 z) lies 1.92 below its ceiling where tanh is 1 - 0.640
    ends = np.arctanh(1 - stats.chi2.ppf(0.95, 1) / 2 / 3) / 2
    assert profile.low == pytest.approx(ends, abs=0.01)


# ------------------------------------------------------------------ posterior
@pytest.fixture(scope="module")
def drawn() -> Posterior:
    """Draws from the linear problem's posterior."""
    density = LogPosterior(log_likelihood, 3)
    best = find_maximum(density, np.zeros(3))
    return sample_posterior(density, parameters(), best, seed=3, draws=2000, longest=6000)


def test_the_posterior_of_a_normal_problem_is_the_exact_one(drawn: Posterior) -> None:
    mean, covariance = LINEAR.posterior(OBSERVED)
    assert drawn.mixes
    flat = drawn.latents.reshape(-1, 3)
    spreads = np.sqrt(np.diag(covariance))
    # five standard errors of as many effective draws
    error = 5 / np.sqrt(drawn.effective_draws.min())
    assert np.abs((flat.mean(axis=0) - mean) / spreads).max() < error
    assert (
        np.abs(
            np.cov(flat.T) / np.outer(spreads, spreads) - covariance / np.outer(spreads, spreads)
        ).max()
        < 1.5 * error
    )
    summary = drawn.summary(0.9)
    exact = [p.value(mean[k : k + 1] - 1.645 * spreads[k])[0] for k, p in enumerate(parameters())]
    assert summary["low"].to_numpy() == pytest.approx(exact, rel=0.1)


def test_a_chain_goes_on_from_its_file_with_the_same_bits(tmp_path: Path) -> None:
    density = LogPosterior(log_likelihood, 3)
    best = find_maximum(density, np.zeros(3))
    options = {"seed": 3, "draws": 10**6, "identity": "this fit"}
    whole = sample_posterior(density, parameters(), best, longest=500, **options)
    file = tmp_path / "chain.npz"
    sample_posterior(density, parameters(), best, longest=200, file=file, **options)
    resumed = sample_posterior(density, parameters(), best, longest=500, file=file, **options)
    assert (resumed.latents == whole.latents).all()
    assert resumed.acceptance == whole.acceptance
    with pytest.raises(InputError, match="found one of another fit"):
        sample_posterior(density, parameters(), best, longest=500, file=file,
                         **(options | {"identity": "another"}))  # fmt: skip
    file.write_bytes(b"no chain at all")
    with pytest.raises(InputError, match="found a file that is none"):
        sample_posterior(density, parameters(), best, longest=500, file=file, **options)


def test_a_chain_over_two_hills_far_apart_says_that_it_mixes_poorly() -> None:
    def two(z: np.ndarray) -> np.ndarray:
        return np.logaddexp(
            stats.norm.logpdf(z[:, 0], -2, 0.05), stats.norm.logpdf(z[:, 0], 2, 0.05)
        )

    density = LogPosterior(two, 1)
    best = find_maximum(density, np.array([2.0]))
    # walkers on both hills, which no walker leaves
    wide = type(best)(
        np.zeros(1),
        LogPosterior(lambda z: -0.05 * z[:, 0] ** 2, 1, False).quadratic(np.zeros(1)),
        True,
    )
    chain = sample_posterior(density, parameters()[:1], wide, seed=1, draws=200, longest=400)
    assert not chain.mixes


def test_draws_are_in_the_units_of_the_parameters(drawn: Posterior) -> None:
    values = drawn.values()
    assert list(values.columns) == NAMES
    assert values["mother.bond.usual_bond"].between(0, 1).all()
    few = drawn.draws(10, seed=1)
    assert few.equals(drawn.draws(10, seed=1)) and len(few) == 10
    with pytest.raises(InputError):
        drawn.draws(10**7)


def test_arviz_takes_the_draws_and_agrees_on_how_they_mix(drawn: Posterior) -> None:
    arviz = pytest.importorskip("arviz")
    inference = drawn.to_inference_data()
    table = arviz.summary(inference, round_to=6)
    assert list(table.index) == NAMES
    assert table["mean"].to_numpy() == pytest.approx(drawn.values().mean().to_numpy(), rel=1e-4)
    assert table["r_hat"].to_numpy() == pytest.approx(drawn.r_hat, abs=0.01)


# ------------------------------------------------------------------ hierarchy
class Persons:
    """Persons with a latent each, seen several times with a normal error."""

    def __init__(self, n: int, times: int, error: float, seed: int) -> None:
        generator = np.random.default_rng(seed)
        self.latents = 0.3 + 0.6 * generator.standard_normal(n)
        self.error = error
        self.seen = self.latents[:, None] + error * generator.standard_normal((n, times))
        self.alone = [self._of(row) for row in self.seen]

    def _of(self, row: np.ndarray):
        return lambda latents: stats.norm.logpdf(row, latents, self.error).sum(axis=1)

    def together(self, latents: np.ndarray) -> np.ndarray:
        return np.stack([alone(latents[:, k]) for k, alone in enumerate(self.alone)], axis=1)

    def exact(self, centre: float, spread: float) -> float:
        """The log likelihood of a population, in closed form."""
        times = self.seen.shape[1]
        covariance = self.error**2 * np.eye(times) + spread**2
        normal = stats.multivariate_normal(np.full(times, centre), covariance)
        return float(normal.logpdf(self.seen).sum())


def scale_of(*names: str, correlated: bool = False) -> PopulationScale:
    """The figures of a population in some parameters."""
    return PopulationScale(free_parameters(names, ox.Dyad()), correlated)


def test_the_likelihood_of_a_population_is_the_closed_form() -> None:
    persons = Persons(20, 4, 0.8, seed=4)
    draws = draw_persons(persons.alone, persons.together, np.zeros(1), np.eye(1), draws=512, seed=1)
    for centre, spread in ((0.3, 0.6), (0.0, 1.0), (0.4, 0.5)):
        found = draws.log_likelihood(np.array([[centre]]), np.array([[[spread]]]))
        assert found[0] == pytest.approx(persons.exact(centre, spread), abs=0.05)


def test_a_hierarchy_is_the_mixed_model_of_statsmodels() -> None:
    persons = Persons(40, 4, 0.8, seed=1)
    scale = scale_of(NAMES[0])
    drawn, *_ = fit_population(persons.alone, persons.together, scale, draws=512, starts=1, seed=1)
    # without the priors of its figures: what statsmodels fits, but that it seeks the error too
    density = LogPosterior(lambda z: scale.log_likelihood(drawn, z), 2, with_prior=False)
    best = find_maximum(density, np.zeros(2))
    centres, factors = scale.populations(best.latent[None])

    table = pd.DataFrame({"y": persons.seen.ravel(), "person": np.repeat(np.arange(40), 4)})
    # with the error known, the likelihood has its maximum where a search over both figures ends
    mixed = MixedLM.from_formula("y ~ 1", table, groups="person").fit(reml=False)
    assert centres[0, 0] == pytest.approx(mixed.fe_params["Intercept"], abs=0.01)
    exact = max(
        (persons.exact(mixed.fe_params["Intercept"], spread), spread)
        for spread in np.linspace(0.3, 1.0, 701)
    )[1]
    assert factors[0, 0, 0] == pytest.approx(exact, abs=0.02)
    assert factors[0, 0, 0] == pytest.approx(np.sqrt(mixed.cov_re.iloc[0, 0]), abs=0.1)


def test_persons_of_a_population_are_shrunk_as_the_closed_form_says() -> None:
    persons = Persons(20, 4, 0.8, seed=4)
    draws = draw_persons(persons.alone, persons.together, np.zeros(1), np.eye(1), draws=512, seed=1)
    weights = draws.weights(np.array([0.3]), np.array([[0.6]]))
    means = np.sum(weights * draws.latents[:, :, 0], axis=1)
    variance = 1 / (4 / 0.8**2 + 1 / 0.6**2)
    exact = variance * (4 / 0.8**2 * persons.seen.mean(axis=1) + 0.3 / 0.6**2)
    assert means == pytest.approx(exact, abs=0.02)
    assert (draws.effective(np.array([0.3]), np.array([[0.6]])) > 100).all()


def test_correlations_of_a_population_are_what_its_factor_says() -> None:
    scale = scale_of(*NAMES, correlated=True)
    assert [figure.name.rpartition(": ")[2] for figure in scale.figures] == ["centre"] * 3 + [
        "spread"
    ] * 3 + ["r"] * 3
    generator = np.random.default_rng(1)
    centres, factors = scale.populations(generator.standard_normal((50, 9)))
    assert centres.shape == (50, 3)
    # whatever the figures, a length of each row that is its spread
    spreads = np.sqrt(np.sum(factors**2, axis=2))
    latents = generator.standard_normal((1, 9))
    centre, covariance = scale.covariance(latents[0])
    population = population_of("three", scale.parameters, centre, covariance, {})
    assert (spreads > 0).all() and len(population.correlations) == 3
    for k, (trait, parameter) in enumerate(zip(population.traits, scale.parameters, strict=True)):
        assert trait.centre == pytest.approx(parameter.value(latents[0, k : k + 1])[0])
        assert trait.spread == pytest.approx(
            scale.figures[3 + k].value(latents[0, 3 + k : 4 + k])[0]
        )
    pair = scale_of(*NAMES[:2], correlated=True)
    _, tilted = pair.covariance(np.array([0, 0, 0, 0, 0.7]))
    r = tilted[0, 1] / np.sqrt(tilted[0, 0] * tilted[1, 1])
    assert r == pytest.approx(0.98 * (2 * stats.norm.cdf(0.7) - 1))


def test_draws_of_figures_are_the_members_of_an_ensemble() -> None:
    scale = scale_of(*NAMES, correlated=True)
    latents = np.random.default_rng(2).standard_normal((5, 9))
    base = population_of("three", scale.parameters, *scale.covariance(np.zeros(9)), {})
    ensemble = ensemble_of(base, scale, latents, {"seed": 1})
    assert len(ensemble) == 5 and ensemble.record["seed"] == 1
    for row, member in zip(latents, ensemble, strict=True):
        expected = population_of("one", scale.parameters, *scale.covariance(row), {})
        for trait in expected.traits:
            same = member.trait(trait.name)
            assert (same.centre, same.spread) == pytest.approx((trait.centre, trait.spread))
        pairs = {frozenset((p.first, p.second)): p.r for p in member.correlations}
        for pair in expected.correlations:
            # a table of priors takes the nearest matrix that is possible, seen through a penalty
            near = pytest.approx(pair.r, abs=0.01)
            assert pairs[frozenset((pair.first, pair.second))] == near


def test_a_uniform_prior_has_no_population() -> None:
    with pytest.raises(InputError, match="found a uniform one"):
        PopulationScale(free_parameters(["start.mother.depression"], ox.Dyad()), False)


def test_draws_of_persons_do_not_depend_on_who_else_there_is() -> None:
    persons = Persons(3, 4, 0.8, seed=4)
    few = PersonDraws  # the type of both
    options = {"draws": 64, "seed": 1}
    all_three = draw_persons(persons.alone, persons.together, np.zeros(1), np.eye(1), **options)
    two = draw_persons(
        persons.alone[:2], lambda z: persons.together(np.concatenate([z, z[:, :1]], axis=1))[:, :2],
        np.zeros(1), np.eye(1), **options,
    )  # fmt: skip
    assert isinstance(two, few)
    assert (two.latents == all_three.latents[:2]).all()
