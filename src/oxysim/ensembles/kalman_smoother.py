"""The quick mode of conditioning: an ensemble that is moved towards the findings in a few steps
(ES-MDA, Emerick & Reynolds 2013), with a taper for small ensembles.

In each step every member moves by what the covariances over the ensemble say, as if the findings
were known less well by a factor alpha; the 1/alpha sum to 1, so that a linear model with normal
errors ends at its posterior. Nothing is emulated, and a model that is far from linear ends beside
it: it is held against the Markov chain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.checks import array, function, number, require_seed, whole_number
from oxysim.errors import InputError
from oxysim.streams import stream

FARTHEST = 3.5  # as of the chain: latents beyond are one in two thousand
STEEPNESS = 4  # of the taper: at the threshold half of a covariance is left, at twice it 94 %


@dataclass(frozen=True, eq=False)
class SmoothedEnsemble:
    """Where the members ended.

    Attributes
    ----------
    latents : shape (n, d).
    figures : at each step what the forward model gave, shape (steps + 1, n, m); the last are those
        of ``latents``.

    >>> SmoothedEnsemble(np.zeros((4, 2)), np.zeros((5, 4, 3))).figures.shape
    (5, 4, 3)
    """

    latents: FloatArray
    figures: FloatArray


def inflations(steps: int) -> FloatArray:
    """The factors alpha by which errors are inflated: each half of the one before, 1/alpha summing
    to 1.

    >>> inflations(2).tolist()
    [3.0, 1.5]
    """
    weights = 2.0 ** np.arange(whole_number(steps, "steps", 1, 40))
    return weights.sum() / weights


def smooth_ensemble(
    latents: FloatArray,
    forward: Callable[[FloatArray], FloatArray],
    observed: FloatArray,
    errors: FloatArray,
    *,
    seed: int,
    steps: int = 4,
    taper: float = 2.0,
) -> SmoothedEnsemble:
    """Move an ensemble of latents towards findings.

    Parameters
    ----------
    latents : draws of the prior, shape (n, d).
    forward : latents of shape (n, d) -> figures of shape (n, m); NaN where a run failed, for which
        the mean of the others stands.
    observed, errors : the findings, and their standard deviations, shape (m,).
    seed : key of the perturbed findings.
    steps : how many times the forward model is asked, less one.
    taper : correlations between a latent and a figure of `taper` / sqrt(n) count half, smaller ones
        hardly; 0 for no taper.

    Raises
    ------
    InputError : fewer than 10 members, an error of 0, figures of another shape.

    >>> prior = np.random.default_rng(0).standard_normal((400, 1))
    >>> end = smooth_ensemble(prior, lambda z: z, np.array([0.8]), np.array([0.75]), seed=1)
    >>> bool(abs(end.latents.mean() - 0.512) < 0.1 and abs(end.latents.std() - 0.6) < 0.1)
    True
    """
    points = array(latents, "latents", (None, None))
    function(forward, "forward")
    aims = array(observed, "observed", (None,))
    spreads = array(errors, "errors", aims.shape, low=np.finfo(float).tiny)
    number(taper, "taper", 0.0)
    if len(points) < 10:
        raise InputError(f"latents: expected at least 10 members; found {len(points)}")
    generator = stream(require_seed(seed), 0, "ensemble smoother")
    history = [_run(forward, points, len(aims))]
    for alpha in inflations(steps):
        standard = history[-1] / spreads
        gain = _gain(points, standard, float(alpha), taper)
        noise = np.sqrt(alpha) * generator.standard_normal(standard.shape)
        moved = points + (aims / spreads + noise - standard) @ gain.T
        points = np.clip(moved, -FARTHEST, FARTHEST)
        history.append(_run(forward, points, len(aims)))
    return SmoothedEnsemble(points, np.array(history))


def _run(forward: Callable[[FloatArray], FloatArray], points: FloatArray, count: int) -> FloatArray:
    figures = np.asarray(forward(points), dtype=float)
    if figures.shape != (len(points), count):
        raise InputError(
            f"forward: expected figures of shape ({len(points)}, {count}); found {figures.shape}"
        )
    failed = ~np.isfinite(figures)
    if failed.all(axis=0).any():
        raise InputError("forward: a figure failed in every member")
    means = np.nanmean(np.where(failed, np.nan, figures), axis=0)
    return np.where(failed, means, figures)


def _gain(points: FloatArray, standard: FloatArray, alpha: float, taper: float) -> FloatArray:
    """The Kalman gain (d, m) of latents on figures in units of their errors."""
    count = len(points)
    away, apart = points - points.mean(axis=0), standard - standard.mean(axis=0)
    shared, within = away.T @ apart / (count - 1), apart.T @ apart / (count - 1)
    # a correlation that chance alone gives n members moves nobody
    scale = np.outer(away.std(axis=0, ddof=1), apart.std(axis=0, ddof=1)) + 1e-12
    strength = np.abs(shared / scale) * np.sqrt(count) + 1e-12
    damping = 1 / (1 + (taper / strength) ** STEEPNESS)
    return np.asarray(np.linalg.solve(within + alpha * np.eye(len(within)), (shared * damping).T).T)
