"""The log posterior density of free parameters on the scale of latents, and its slopes: many points
at once, so that a gradient and a Hessian cost one simulation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.checks import flag, function, whole_number
from oxysim.texts import Described

STEP = 0.02
"""Latent units between the points of a difference. The engine's error is smooth along a parameter
(5e-9 of a log likelihood at its default tolerance), so that a second difference is right to 1e-5.
"""

FENCE = 5.0
"""Latents beyond which a search without a prior is driven back: three million to one of the prior.
A parameter that ends here is told by the data in one direction only.
"""

STEEPNESS = 10.0  # of the fence, in latent units: a tenth of one costs half a unit of log density
NOWHERE = -1e9  # a log density in place of minus infinity, which no slope can be taken of


@dataclass(frozen=True)
class LocalQuadratic:
    """Value, gradient and Hessian of a log density at a point.

    >>> LocalQuadratic(0.0, np.zeros(1), -np.eye(1)).hessian
    array([[-1.]])
    """

    value: float
    gradient: FloatArray
    hessian: FloatArray


@dataclass(frozen=True, eq=False, repr=False)
class LogPosterior(Described):
    """A log density over latents of which the prior is standard normal.

    Parameters
    ----------
    log_likelihood : of many points, shape (n, d) -> (n,).
    dimension : how many latents there are.
    with_prior : whether the prior counts; without it the density is the likelihood.

    >>> posterior = LogPosterior(lambda z: -0.5 * (z[:, 0] - 1) ** 2, 1)
    >>> posterior(np.array([[0.5]])).tolist()
    [-0.25]
    """

    log_likelihood: Callable[[FloatArray], FloatArray]
    dimension: int
    with_prior: bool = True

    def __post_init__(self) -> None:
        function(self.log_likelihood, "log_likelihood")
        whole_number(self.dimension, "dimension", 0)
        flag(self.with_prior, "with_prior")

    def __call__(self, points: FloatArray) -> FloatArray:
        """The log densities, without the prior's constant, shape (n, d) -> (n,)."""
        beyond = np.maximum(np.abs(points) - FENCE, 0.0)
        walls = -0.5 * np.sum((STEEPNESS * beyond) ** 2, axis=1)
        logs = self.log_likelihood(points) + walls
        if self.with_prior:
            logs = logs - 0.5 * np.sum(points**2, axis=1)
        return np.where(np.isnan(logs), -np.inf, logs)

    def quadratic(self, point: FloatArray) -> LocalQuadratic:
        """Value and central differences at a point, all of one call.

        >>> bowl = LogPosterior(lambda z: -0.5 * np.sum((z - 1) ** 2, axis=1), 2)
        >>> bowl.quadratic(np.zeros(2)).gradient.round(6).tolist()
        [1.0, 1.0]
        """
        d = len(point)
        units = STEP * np.eye(d)
        pairs = [(i, j) for i in range(d) for j in range(i)]
        both = np.array([units[i] + units[j] for i, j in pairs]).reshape(-1, d)
        shifts = np.concatenate([np.zeros((1, d)), units, -units, both, -both])
        logs = np.maximum(self(point + shifts), NOWHERE)

        value = logs[0]
        plus = logs[1 : d + 1]
        minus = logs[d + 1 : 2 * d + 1]
        gradient = (plus - minus) / (2 * STEP)
        hessian = np.diag((plus - 2 * value + minus) / STEP**2)
        plus_both, minus_both = np.split(logs[2 * d + 1 :], 2)
        for k, (i, j) in enumerate(pairs):
            # of the two diagonals of a square through the point
            mixed = plus_both[k] + minus_both[k] - plus[i] - plus[j] - minus[i] - minus[j]
            hessian[i, j] = hessian[j, i] = (mixed + 2 * value) / (2 * STEP**2)
        return LocalQuadratic(float(value), gradient, hessian)

    def along(self, fixed: int, value: float) -> LogPosterior:
        """The density of the other latents where one of them is fixed at a value.

        >>> bowl = LogPosterior(lambda z: -0.5 * np.sum((z - 1) ** 2, axis=1), 2)
        >>> bowl.along(0, 0.0)(np.array([[1.0]])).tolist()
        [-1.0]
        """

        def log_likelihood(points: FloatArray) -> FloatArray:
            whole = np.insert(points, fixed, value, axis=1)
            logs = self.log_likelihood(whole)
            # the fixed latent's own prior, which the density of the others does not bring
            return logs - 0.5 * value**2 if self.with_prior else logs

        return LogPosterior(log_likelihood, self.dimension - 1, self.with_prior)

    def facts(self) -> tuple[str, Sequence[tuple[str, object]]]:
        """What it is, for print and notebooks."""
        kind = "with" if self.with_prior else "without"
        return "Log posterior", [
            ("of", f"{self.dimension} latents"),
            ("", f"{kind} their prior"),
        ]
