"""Draws from what findings leave of the priors, by Markov chains, and how likely the findings are
under a whole structure.

The sampler is emcee's (extra ``ensemble``), with differential-evolution moves, which do better than
its stretch move in forty dimensions. Latents are standard normal before any finding is looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.checks import function, require_seed, whole_number
from oxysim.errors import InputError, require_extra
from oxysim.streams import stream
from oxysim.texts import Described

FARTHEST = 3.5  # latents beyond, one in two thousand, are where an emulator knows nothing
WALKERS_PER_LATENT = 2.5  # emcee asks for two at least
FEWEST_WALKERS = 40
SEARCHED = 8000  # draws of the prior among which the walkers start
RUNGS = 14  # powers of the likelihood between prior and posterior
BEND = 1 / 0.3  # they stand denser near the prior, where they differ most (Xie et al. 2011)

LogLikelihood = Callable[[FloatArray], FloatArray]
"""Latents of shape (n, d) -> log likelihoods of shape (n,)."""


@dataclass(frozen=True, eq=False)
class Chain(Described):
    """Draws from a posterior.

    Attributes
    ----------
    latents : shape (n, d), the second half of all steps of all walkers.
    log_likelihoods : shape (n,).
    acceptance : mean share of the moves that were taken.
    autocorrelation : steps after which a walker has forgotten where it was, median over latents;
        NaN where the chain is too short to tell.

    >>> chain = Chain(np.zeros((8, 2)), np.zeros(8), 0.3, 40.0)
    >>> chain.draws(3, seed=1).shape
    (3, 2)
    """

    latents: FloatArray
    log_likelihoods: FloatArray
    acceptance: float
    autocorrelation: float

    def draws(self, n: int, *, seed: int) -> FloatArray:
        """`n` of the draws, without replacement, shape (n, d).

        Raises
        ------
        InputError : more than there are.
        """
        whole_number(n, "n", 1, len(self.latents))
        generator = stream(require_seed(seed), 0, "draws of a chain")
        return self.latents[generator.choice(len(self.latents), n, replace=False)]

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it is, for print and notebooks."""
        return "Chain", [
            ("draws", len(self.latents)),
            ("latents", self.latents.shape[1]),
            ("acceptance", f"{self.acceptance:.2f}"),
            ("autocorrelation", f"{self.autocorrelation:.0f} steps"),
        ]


def sample_chain(
    log_likelihood: LogLikelihood,
    dimension: int,
    *,
    seed: int,
    purpose: str = "",
    steps: int = 1500,
    power: float = 1.0,
    start: FloatArray | None = None,
) -> Chain:
    """Draws from the posterior of standard-normal latents.

    Parameters
    ----------
    log_likelihood : of many points at once.
    dimension : how many latents there are.
    seed, purpose : key of every draw.
    steps : of each walker; the first half is left out.
    power : to which the likelihood is raised: 1 for the posterior.
    start : where the walkers begin, shape (n_walkers, dimension); default the likeliest of
        thousands of draws of the prior.

    Raises
    ------
    MissingExtraError : emcee is not installed. InputError : fewer than 4 steps, a likelihood that
        is finite nowhere.

    One latent, seen as .8 with an error of .75: the posterior has mean .512 and SD .6.

    >>> def seen(z):
    ...     return -0.5 * ((z[:, 0] - 0.8) / 0.75) ** 2
    >>> chain = sample_chain(seen, 1, seed=1, steps=400)
    >>> bool(abs(chain.latents.mean() - 0.512) < 0.05 and abs(chain.latents.std() - 0.6) < 0.05)
    True
    """
    emcee: Any = require_extra("emcee", "ensemble")
    function(log_likelihood, "log_likelihood")
    whole_number(dimension, "dimension")
    whole_number(steps, "steps", 4)
    generator = stream(require_seed(seed), 0, f"posterior chain {purpose}", f"power {power:.6g}")
    walkers = max(FEWEST_WALKERS, 2 * int(np.ceil(WALKERS_PER_LATENT * dimension / 2)))

    def log_posterior(points: FloatArray) -> FloatArray:
        inside = (np.abs(points) <= FARTHEST).all(axis=1)
        density = np.full(len(points), -np.inf)
        # outside nothing is asked: an emulator may answer with anything
        if inside.any():
            near = points[inside]
            density[inside] = -0.5 * np.sum(near**2, axis=1) + power * log_likelihood(near)
        return np.where(np.isnan(density), -np.inf, density)

    first = _starts(log_posterior, walkers, dimension, generator) if start is None else start
    moves = [(emcee.moves.DEMove(), 0.8), (emcee.moves.DESnookerMove(), 0.1),
             (emcee.moves.StretchMove(), 0.1)]  # fmt: skip
    sampler = emcee.EnsembleSampler(
        len(first), dimension, log_posterior, vectorize=True, moves=moves
    )
    # a sampler draws from a generator of its own, of the older kind
    sampler.random_state = np.random.MT19937(int(generator.integers(2**32))).state
    sampler.run_mcmc(first, steps, skip_initial_state_check=True)
    latents = sampler.get_chain(discard=steps // 2, flat=True)
    # a walker that never moved has no correlation with itself
    with np.errstate(invalid="ignore", divide="ignore"):
        forgotten = np.asarray(sampler.get_autocorr_time(tol=0, quiet=True), dtype=float)
    return Chain(
        latents,
        log_likelihood(latents),
        float(np.mean(sampler.acceptance_fraction)),
        float(np.median(forgotten)),
    )


def log_evidence(
    log_likelihood: LogLikelihood,
    dimension: int,
    *,
    seed: int,
    purpose: str = "",
    steps: int = 300,
    rungs: int = RUNGS,
) -> float:
    """The logarithm of the mean likelihood over the prior, by stepping stones.

    Between neighbouring powers b < c of the likelihood the mean of L^(c - b) is taken over a chain
    at power b; the product of all these means is the evidence (Xie et al. 2011).

    >>> def seen(z):  # N(.8 | z, .75^2), of which the mean over the prior is N(.8 | 0, 1.25^2)
    ...     return -0.5 * ((z[:, 0] - 0.8) / 0.75) ** 2 - np.log(0.75 * np.sqrt(2 * np.pi))
    >>> expected = -0.5 * (0.8 / 1.25) ** 2 - np.log(1.25 * np.sqrt(2 * np.pi))
    >>> bool(abs(log_evidence(seen, 1, seed=1, steps=100, rungs=4) - expected) < 0.1)
    True
    """
    whole_number(rungs, "rungs", 2)
    powers = (np.arange(rungs + 1) / rungs) ** BEND
    generator = stream(require_seed(seed), 0, f"stepping stones {purpose}")
    walkers = max(FEWEST_WALKERS, 2 * int(np.ceil(WALKERS_PER_LATENT * dimension / 2)))
    # the prior itself needs no chain
    prior = generator.standard_normal((walkers * steps, dimension))
    levels = log_likelihood(np.clip(prior, -FARTHEST, FARTHEST))
    start, total = None, 0.0
    for power, following in zip(powers[:-1], powers[1:], strict=True):
        if power > 0:
            chain = sample_chain(
                log_likelihood, dimension, seed=seed, purpose=f"stone {purpose}", steps=steps,
                power=float(power), start=start,
            )  # fmt: skip
            levels, start = chain.log_likelihoods, chain.latents[-walkers:]
        raised = (following - power) * levels
        total += float(np.logaddexp.reduce(raised) - np.log(len(raised)))
    return total


def _starts(
    log_posterior: LogLikelihood, walkers: int, dimension: int, generator: np.random.Generator
) -> FloatArray:
    """The likeliest of many draws of the prior, drawn a little nearer to the middle."""
    draws = np.clip(0.8 * generator.standard_normal((SEARCHED, dimension)), -3.0, 3.0)
    density = log_posterior(draws)
    if np.isfinite(density).sum() < walkers:
        raise InputError("log_likelihood: it is finite at hardly any draw of the prior")
    return draws[np.argsort(-density)[:walkers]]
