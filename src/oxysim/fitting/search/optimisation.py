"""The most probable values: SciPy's trust-region search from several starting points.

The exact trust-region method (Conn, Gould & Toint 2000, chapter 7) takes Hessians that are not
definite as they are, so a start on a ridge or near a saddle point goes down all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.special import ndtri
from scipy.stats import qmc

from oxysim.arrays import FloatArray
from oxysim.fitting.search.log_posterior import (
    NOWHERE,
    LocalQuadratic,
    LogPosterior,
)
from oxysim.streams import stream

SCREENED_PER_LATENT = 32  # points of the prior looked at, of which the best are started from
APART = 0.7  # latent units between two starting points: nearer ones end at the same place
FIRST_RADIUS, LARGEST_RADIUS = 0.5, 2.0  # of trust, in latent units
FLAT = 1e-3  # largest slope at an end; half of its square over the curvature is lost at most
NO_SHARE = 1e-9  # of a latent in a direction, squared: rounding
MOST_ITERATIONS = 100
SAME = 0.05  # ends whose log densities differ by less are one maximum


@dataclass(frozen=True, eq=False)
class Maximum:
    """Where a search ended.

    Attributes
    ----------
    latent : the point, shape (d,).
    local : value, gradient and Hessian there.
    converged : whether the slope is gone.

    >>> local = LocalQuadratic(-1.0, np.zeros(1), -4 * np.eye(1))
    >>> Maximum(np.zeros(1), local, True).covariance()
    array([[0.25]])
    """

    latent: FloatArray
    local: LocalQuadratic
    converged: bool

    @property
    def log_density(self) -> float:
        """At the point."""
        return self.local.value

    def covariance(self) -> FloatArray:
        """Of the normal density with the same curvature; infinite for latents that have a share in
        a direction that is flat.
        """
        curvature, axes = np.linalg.eigh(-self.local.hessian)
        flat = (axes[:, curvature <= FLAT] ** 2).sum(axis=1) > NO_SHARE
        covariance = self.finite_covariance()
        covariance[flat, flat] = np.inf
        return covariance

    def finite_covariance(self) -> FloatArray:
        """The same, with a large variance along what is flat: for how latents go together."""
        curvature, axes = np.linalg.eigh(-self.local.hessian)
        # a curvature below what differences resolve is none
        return np.asarray((axes / np.maximum(curvature, FLAT)) @ axes.T)


def find_maximum(density: LogPosterior, start: FloatArray) -> Maximum:
    """The nearest maximum of a log density from a starting point.

    >>> bowl = LogPosterior(lambda z: -2 * np.sum((z - 0.5) ** 2, axis=1), 2)
    >>> find_maximum(bowl, np.zeros(2)).latent.round(4).tolist()
    [0.4, 0.4]
    """
    if not density.dimension:
        # nothing is free: a profile of a single parameter
        return Maximum(np.zeros(0), LocalQuadratic(
            float(density(np.zeros((1, 0)))[0]), np.zeros(0), np.zeros((0, 0))), True)  # fmt: skip
    looked_at: dict[bytes, LocalQuadratic] = {}

    def local(point: FloatArray) -> LocalQuadratic:
        # SciPy asks for value, gradient and Hessian of one point in turn
        key = point.tobytes()
        if key not in looked_at:
            looked_at[key] = density.quadratic(point)
        return looked_at[key]

    search: Any = minimize(
        lambda point: -local(point).value,
        np.asarray(start, dtype=float),
        jac=lambda point: -local(point).gradient,
        hess=lambda point: -local(point).hessian,
        method="trust-exact",
        options={"gtol": FLAT, "maxiter": MOST_ITERATIONS,
                 "initial_trust_radius": FIRST_RADIUS, "max_trust_radius": LARGEST_RADIUS},
    )  # fmt: skip
    end = local(search.x)
    # near an end rounding stops the search before the slope is gone: what is left to gain decides
    remaining = _left_to_gain(end)
    return Maximum(search.x, end, bool(end.value > NOWHERE and remaining < FLAT))


def search_maximum(
    density: LogPosterior,
    starts: int,
    seed: int,
    done: Callable[[], None] | None = None,
) -> tuple[Maximum, ...]:
    """The ends of searches from several starting points, the best first.

    The first starting point is the middle of the prior; the others are the likeliest of many points
    that cover the prior evenly, some way apart.

    >>> bowl = LogPosterior(lambda z: -1.5 * (z[:, 0] - 1) ** 2, 1)
    >>> [end.latent.round(3).tolist() for end in search_maximum(bowl, 2, seed=1)]
    [[0.75], [0.75]]
    """
    ends = []
    for start in starting_points(density, starts, seed):
        ends.append(find_maximum(density, start))
        if done is not None:
            done()
    return tuple(sorted(ends, key=lambda end: -end.log_density))


def starting_points(density: LogPosterior, starts: int, seed: int) -> FloatArray:
    """Where searches start, shape (starts, d): the first is the middle of the prior.

    >>> bowl = LogPosterior(lambda z: -2 * np.sum((z - 0.5) ** 2, axis=1), 2)
    >>> starting_points(bowl, 3, seed=1).shape
    (3, 2)
    """
    middle = np.zeros((1, density.dimension))
    if starts == 1:
        return middle
    # scrambled Sobol' points, as normal draws; a power of two keeps their balance
    count = 1 << int(np.ceil(np.log2(SCREENED_PER_LATENT * density.dimension)))
    generator = stream(seed, 0, "starting points of a fit")
    scrambling = int(generator.integers(2**32))
    points = qmc.Sobol(density.dimension, scramble=True, seed=scrambling).random(count)
    screened = ndtri(np.clip(points, 1e-6, 1 - 1e-6))
    logs = density(screened)

    chosen = [middle[0]]
    order = np.argsort(-np.where(np.isnan(logs), -np.inf, logs), kind="stable")
    for least in (APART, 0.0):
        for point in screened[order]:
            if len(chosen) == starts:
                break
            if np.min(np.linalg.norm(np.array(chosen) - point, axis=1)) > least:
                chosen.append(point)
    return np.array(chosen)


def _left_to_gain(local: LocalQuadratic) -> float:
    """What a quadratic with this slope and curvature would still gain at its top."""
    curvature, axes = np.linalg.eigh(-local.hessian)
    slopes = axes.T @ local.gradient
    # upwards or flat: a slope there leads on, unless it is too small to matter
    gains = np.where(curvature > FLAT, slopes**2 / (2 * np.maximum(curvature, FLAT)),
                     np.abs(slopes))  # fmt: skip
    return float(np.sum(gains))
