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
from oxysim.loop.numerics.differences import fourth_order_offsets, fourth_order_slopes
from oxysim.loop.numerics.newton import NewtonPoint, on_hyperplane

Rates = Callable[[FloatArray, Any], FloatArray]


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

    >>> parabola = EquilibriumCurve(lambda x, p: p - x**2, np.ones(2), 1e-3)
    >>> rates, derivative = parabola.linear(np.array([1.0, 1.0]))
    >>> rates, derivative.round(6)  # 0 there, and [−2x, 1]
    (array([0.]), array([[-2.,  1.]]))
    >>> parabola.point_near(np.array([1.1, 1.0]), np.array([0.0, 1.0]), 1e-10).z.round(9)
    array([1., 1.])
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

        # only what is not known otherwise is differenced
        states = [] if self.jacobian is not None else list(range(k))
        moved = [*states, *([] if self.slope is not None else [k])]
        moves = np.eye(k + 1)[:, moved] * (h * s)[moved]
        stack = np.append(x, p)[:, None] + fourth_order_offsets(moves)
        if self.slope is None:
            # the parameter's own steps, all of them shifted to lie inside its range
            margin = 2 * h * s[-1]
            inside = np.clip(p, self.span[0] + margin, self.span[1] - margin)
            stack[-1, len(moved) :: len(moved)] += inside - p

        slopes = np.empty((k, k + 1))
        # what is not finite is judged by Newton's method
        with np.errstate(all="ignore"):
            values = np.asarray(self.rates(stack[:-1], stack[-1]), dtype=float) / s[:-1, None]
            slopes[:, moved] = fourth_order_slopes(values[:, 1:], h)
            if self.jacobian is not None:
                slopes[:, :k] = np.asarray(self.jacobian(x, p), dtype=float) * s[:-1] / s[:-1, None]
            if self.slope is not None:
                slopes[:, k] = np.asarray(self.slope(x, p), dtype=float) * s[-1] / s[:-1]
        return values[:, 0], slopes

    def point_near(
        self,
        guess: FloatArray,
        normal: FloatArray,
        tolerance: float,
        level: float | None = None,
    ) -> NewtonPoint | None:
        """The curve's point near a guess on the hyperplane normal·z = level; None if it is lost.

        Parameters
        ----------
        normal : shape (k + 1,): the predictor's tangent, or a unit vector that holds one
            coordinate.
        tolerance : largest component of Newton's last move, in scaled units.
        level : default that of the guess.
        """
        level = float(normal @ guess) if level is None else level
        return on_hyperplane(self.linear, guess, normal, level, tolerance)


def eigenvalues(derivative: FloatArray) -> ComplexArray:
    """Eigenvalues of the state's part of a derivative (k, k + 1), the least stable first, shape
    (k,).

    >>> eigenvalues(np.array([[-2.0, 0.0, 5.0], [0.0, -1.0, 7.0]]))
    array([-1.+0.j, -2.+0.j])
    """
    values = np.asarray(linalg.eigvals(derivative[:, :-1]), dtype=complex)
    return values[np.lexsort((values.imag, -values.real))]


def tangent(derivative: FloatArray, along: FloatArray) -> FloatArray:
    """The unit tangent of the curve that points the way of `along`, shape (k + 1,).

    >>> tangent(np.array([[-2.0, 1.0]]), along=np.array([0.0, 1.0])).round(4)  # of p = x² at x = 1
    array([0.4472, 0.8944])
    """
    # the derivative's null space is one line: the last right singular vector
    space = linalg.svd(derivative)[2][-1]
    return np.asarray(space if space @ along >= 0 else -space)
