r"""What the samples of each person say by themselves: draws of a person's latents with weights,
from which the likelihood of any population follows without another simulation.

The likelihood of a population is that of each person's samples, over whoever the person may be::

    L(m, Ω) = Π_p ∫ L_p(z) N(z; m, Ω) dz ≈ Π_p 1/M Σ_j [L_p(z_pj) / q_p(z_pj)] N(z_pj; m, Ω)

with draws z_pj from q_p, a t distribution around the most probable latents of the person:
importance sampling, as pharmacometrics estimates such models (the method IMPMAP of NONMEM). The
draws are the same for all populations that are compared, so that the sum is smooth in them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtri, logsumexp, ndtri
from scipy.stats import multivariate_t, qmc

from oxysim.arrays import FloatArray
from oxysim.fitting.search.log_posterior import LogPosterior
from oxysim.fitting.search.optimisation import find_maximum
from oxysim.streams import stream

DEGREES = 5.0  # of freedom of the t distribution: tails heavier than any normal posterior's
WIDENED = 1.2  # of its spread, in variance, against a posterior that is wider on one side
LARGEST_VARIANCE = 4.0  # of a latent; where data tell nothing the draws cover the plausible range

POPULATIONS_AT_ONCE = 64  # whose weights stand in memory together: 10 MB for 20 persons

LogLikelihood = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True, eq=False)
class PersonDraws:
    """Draws of each person's latents.

    Attributes
    ----------
    latents : shape (P, M, K).
    log_weights : the log likelihood of the person's samples less the log density of the draw, shape
        (P, M).

    >>> draws = PersonDraws(np.zeros((1, 1, 1)), np.zeros((1, 1)))
    >>> draws.log_likelihood(np.zeros((1, 1)), np.ones((1, 1, 1))).round(4)
    array([-0.9189])
    """

    latents: FloatArray
    log_weights: FloatArray

    def log_likelihood(self, centres: FloatArray, factors: FloatArray) -> FloatArray:
        """Of all samples under populations, shape (n,).

        Parameters
        ----------
        centres : mean latents, shape (n, K).
        factors : lower Cholesky factors of the covariances, shape (n, K, K).
        """
        blocks = [
            self._of_block(
                centres[k : k + POPULATIONS_AT_ONCE],
                factors[k : k + POPULATIONS_AT_ONCE],
            )
            for k in range(0, len(centres), POPULATIONS_AT_ONCE)
        ]
        return np.concatenate(blocks)

    def _of_block(self, centres: FloatArray, factors: FloatArray) -> FloatArray:
        logs = self._log_terms(centres, factors)
        highest = logs.max(axis=2, keepdims=True)
        # by hand: a general sum of exponentials takes three times as long
        means = np.log(np.exp(logs - highest).mean(axis=2))
        return np.asarray((highest[..., 0] + means).sum(axis=1))

    def weights(self, centre: FloatArray, factor: FloatArray) -> FloatArray:
        """How probable each draw of each person is in a population, shape (P, M); they sum to 1."""
        logs = self._log_terms(centre[None], factor[None])[0]
        return np.exp(logs - logsumexp(logs, axis=1, keepdims=True))

    def effective(self, centre: FloatArray, factor: FloatArray) -> FloatArray:
        """As many draws that weigh alike would tell as much, by person, shape (P,) (Kish 1965)."""
        return 1 / np.sum(self.weights(centre, factor) ** 2, axis=1)

    def _log_terms(self, centres: FloatArray, factors: FloatArray) -> FloatArray:
        """The logarithm of each draw's weight in each of n populations, shape (n, P, M)."""
        n_persons, draws, dimension = self.latents.shape
        inverses = np.linalg.inv(factors).transpose(0, 2, 1)
        flat = self.latents.reshape(-1, dimension)
        scores = (flat - centres[:, None]) @ inverses
        squares = np.sum(scores**2, axis=2).reshape(-1, n_persons, draws)

        # of normal densities in as many dimensions, with these factors' determinants
        diagonals = np.diagonal(factors, axis1=1, axis2=2)
        log_determinants = np.log(diagonals).sum(axis=1)
        constants = 0.5 * dimension * np.log(2 * np.pi) + log_determinants
        return self.log_weights - 0.5 * squares - constants[:, None, None]


def draw_persons(
    alone: Sequence[LogLikelihood],
    together: LogLikelihood,
    centre: FloatArray,
    factor: FloatArray,
    *,
    draws: int,
    seed: int,
    done: Callable[[], None] | None = None,
) -> PersonDraws:
    """Draws of every person's latents, as they are probable in a population.

    Parameters
    ----------
    alone : of each person the log likelihood of its samples, (n, K) -> (n,).
    together : of all persons at once, (n, P, K) -> (n, P).
    centre, factor : mean latents and Cholesky factor of the population to start from.
    draws : of each person, rounded up to a power of two.
    done : is called after each person.

    >>> def alone(latents):  # a person whose latent was seen as 0.5 with an error of 1
    ...     return -0.5 * (latents[:, 0] - 0.5) ** 2
    >>> def together(latents):
    ...     return alone(latents[:, 0])[:, None]
    >>> population = np.zeros(1), np.eye(1)
    >>> drawn = draw_persons([alone], together, *population, draws=64, seed=1)
    >>> mean = np.sum(drawn.weights(*population) * drawn.latents[:, :, 0])
    >>> bool(abs(mean - 0.25) < 0.02)  # halfway to the population
    True
    """
    dimension = len(centre)
    # Sobol' points keep their balance at powers of two alone
    draws = 1 << int(np.ceil(np.log2(draws)))
    latents = np.empty((len(alone), draws, dimension))
    log_densities = np.empty((len(alone), draws))
    for person, log_likelihood in enumerate(alone):
        around, covariance = _around(log_likelihood, centre, factor)
        proposal = multivariate_t(around, WIDENED * covariance, df=DEGREES)
        scores = _even_scores(draws, dimension, seed, person)
        drawn = around + scores @ np.linalg.cholesky(WIDENED * covariance).T
        latents[person] = drawn
        log_densities[person] = proposal.logpdf(drawn)
        if done is not None:
            done()
    log_likelihoods = together(np.moveaxis(latents, 0, 1)).T
    # a draw that cannot be simulated has no weight
    return PersonDraws(latents, np.where(np.isnan(log_likelihoods), -np.inf, log_likelihoods)
                       - log_densities)  # fmt: skip


def _even_scores(draws: int, dimension: int, seed: int, person: int) -> FloatArray:
    """Standard t draws that cover their distribution evenly, shape (draws, dimension).

    Scrambled Sobol' points: the error of a mean over them falls nearly with their number, and not
    with its root.
    """
    # a stream a person: one more changes no other's draws
    generator = stream(seed, person, "latents of a person")
    points = qmc.Sobol(dimension + 1, scramble=True, seed=int(generator.integers(2**32)))
    shares = np.clip(points.random(draws), 1e-12, 1 - 1e-12)
    # a normal draw over the root of a chi-squared one over its degrees of freedom
    lengths = np.sqrt(chdtri(DEGREES, 1 - shares[:, -1:]) / DEGREES)
    return np.asarray(ndtri(shares[:, :-1]) / lengths)


def _around(
    log_likelihood: LogLikelihood, centre: FloatArray, factor: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The most probable latents of a person of a population, and how sure they are."""

    def of_scores(scores: FloatArray) -> FloatArray:
        return log_likelihood(centre + scores @ factor.T)

    # in scores the population is standard normal, as a prior of latents is
    best = find_maximum(LogPosterior(of_scores, len(centre)), np.zeros(len(centre)))
    values, axes = np.linalg.eigh(best.covariance())
    covariance = (axes * np.clip(values, 1e-6, LARGEST_VARIANCE)) @ axes.T
    return centre + factor @ best.latent, factor @ covariance @ factor.T
