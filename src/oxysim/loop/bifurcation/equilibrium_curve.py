r"""An equilibrium's curve F(x, p) = 0 in scaled coordinates, its derivatives, and Newton's method
on it.

A point is z = (x/s, p/s_p), so that one unit of arclength means as much for a bond between 0 and 1
as for a depression between 0 and 30. The rates are scaled by the same s, which leaves every
eigenvalue as it is. Derivatives that are not given come from central differences of fourth order,
all columns in one call of the rates.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg

from oxysim.arrays import ComplexArray, FloatArray

Rates = Callable[[FloatArray, Any], FloatArray]
MOST_ITERATIONS = 12
_STEPS = np.array([1.0, -1.0, 2.0, -2.0])
_WEIGHTS = np.array([8.0, -8.0, -1.0, 1.0]) / 12


@dataclass(frozen=True, eq=False)
class EquilibriumCurve:
    """The equations of one curve.

    Attributes
    ----------
    rates : F(x, p); x of shape (k, m), each column a state of its own, p of shape (m,); x's shape
        is returned.
    scale : s, shape (k + 1,), the parameter's last.
    difference : step of the numerical derivatives, in units of `scale`.
    span : the parameter's range; the derivative over p uses no value beyond it.
    jacobian : dF/dx as (x, p) -> (k, k), where it is known.
    slope : dF/dp as (x, p) -> (k,), where it is known; a rough one costs iterations, but moves
        neither the points of the curve nor its folds, where dF/dx alone is singular.
    """

    rates: Rates
    scale: FloatArray
    difference: float
    span: tuple[float, float] = (-np.inf, np.inf)
    jacobian: Callable[[FloatArray, float], FloatArray] | None = None
    slope: Callable[[FloatArray, float], FloatArray] | None = None

    def natural(self, z: FloatArray) -> tuple[FloatArray, float]:
        """The state and the parameter of a point."""
        return z[:-1] * self.scale[:-1], float(z[-1] * self.scale[-1])

    def linear(self, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The scaled rates (k,) and their derivative over state and parameter (k, k + 1); not a
        number where the equations have none.
        """
        x, p = self.natural(z)
        s, h, k = self.scale, self.difference, len(z) - 1
        moved = [
            *(range(k) if self.jacobian is None else ()),
            *((k,) if self.slope is None else ()),
        ]
        moves = np.eye(k + 1)[:, moved] * (h * s)[moved]
        every = np.concatenate([np.zeros((k + 1, 1)), *(step * moves for step in _STEPS)], axis=1)
        stack = np.append(x, p)[:, None] + every
        if self.slope is None:
            margin = 2 * h * s[-1]
            stack[-1, len(moved) :: len(moved)] += (
                np.clip(p, self.span[0] + margin, self.span[1] - margin) - p
            )
        slopes = np.empty((k, k + 1))
        with np.errstate(all="ignore"):
            found = np.asarray(self.rates(stack[:-1], stack[-1]), dtype=float) / s[:-1, None]
            slopes[:, moved] = (
                np.einsum("iwj,w->ij", found[:, 1:].reshape(k, 4, len(moved)), _WEIGHTS) / h
            )
            if self.jacobian is not None:
                slopes[:, :k] = np.asarray(self.jacobian(x, p), dtype=float) * s[:-1] / s[:-1, None]
            if self.slope is not None:
                slopes[:, k] = np.asarray(self.slope(x, p), dtype=float) * s[-1] / s[:-1]
        return found[:, 0], slopes


def eigenvalues(derivative: FloatArray) -> ComplexArray:
    """Eigenvalues of the state's part of a derivative (k, k + 1), the least stable first, shape
    (k,).
    """
    found = np.asarray(linalg.eigvals(derivative[:, :-1]), dtype=complex)
    return found[np.lexsort((found.imag, -found.real))]


@dataclass(frozen=True, eq=False)
class NewtonPoint:
    """A point on the curve, the derivative there (within the tolerance), and how many Newton
    iterations it took.
    """

    z: FloatArray
    derivative: FloatArray
    iterations: int


def solve(
    curve: EquilibriumCurve, guess: FloatArray, normal: FloatArray, level: float, tolerance: float
) -> NewtonPoint | None:
    """Newton's method for F(z) = 0 together with normal·z = level; None where it does not converge.

    Parameters
    ----------
    normal : shape (k + 1,): the predictor's tangent, or a unit vector that holds one coordinate.
    tolerance : largest component of the last move, in scaled units.
    """
    z, before = guess.copy(), np.inf
    for iteration in range(1, MOST_ITERATIONS + 1):
        value, derivative = curve.linear(z)
        if not (np.isfinite(value).all() and np.isfinite(derivative).all()):
            return None
        move = bordered(derivative, normal, np.append(value, normal @ z - level))
        if move is None:
            return None
        z, size = z - move, float(np.abs(move).max())
        if size < tolerance:
            return NewtonPoint(z, derivative, iteration)
        if iteration > 3 and size > before:
            return None
        before = size
    return None


def bordered(derivative: FloatArray, normal: FloatArray, right: FloatArray) -> FloatArray | None:
    """The solution of [derivative; normal]·u = right, or None where the matrix is singular."""
    matrix = np.vstack([derivative, normal])
    try:
        found = linalg.lu_solve(linalg.lu_factor(matrix), right)
    except (linalg.LinAlgError, ValueError):
        return None
    return found if np.isfinite(found).all() else None


def tangent(derivative: FloatArray, along: FloatArray) -> FloatArray:
    """The unit tangent of the curve that points the way of `along`, shape (k + 1,)."""
    space = linalg.svd(derivative)[2][-1]
    return np.asarray(space if space @ along >= 0 else -space)
