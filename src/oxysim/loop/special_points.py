"""Folds and Hopf points: how they are noticed between two points of a curve, and located.

A fold is where the curve turns back in p: J is singular and the tangent's part along p changes sign. A Hopf point is
where a complex pair of eigenvalues crosses the imaginary axis, noticed by the sign of Π(λ_i + λ_j), i < j, which also
changes where two real eigenvalues of opposite sign balance; such a neutral saddle is left out. Either is located by
solving F = 0 together with the tangent's part along p, or the pair's real part, = 0: Newton's method brings every trial
point onto the curve, Brent's method, which cannot leave its bracket, chooses it (Govaerts, *Numerical Methods for
Bifurcations of Dynamical Equilibria*, 2000). A branch point, where another branch crosses, is noticed by
det [J F_p; tangent] and reported at its linear estimate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy import linalg, optimize

from oxysim.loop.curve import Curve, FloatArray, Solved, eigenvalues, solve, tangent

Kind = Literal["fold", "Hopf", "branch point"]
PRECISE = 1e-10  # of Newton's method while a point is located, in scaled units


@dataclass(frozen=True, eq=False)
class Point:
    """One point of a curve in scaled coordinates, with its tangent, derivative and eigenvalues."""

    z: FloatArray
    tangent: FloatArray
    derivative: FloatArray
    eigenvalues: np.ndarray
    kind: Kind | None = None

    @property
    def orientation(self) -> float:
        """The sign of det [J F_p; tangent], which changes at a branch point only."""
        return float(np.sign(linalg.det(np.vstack([self.derivative, self.tangent]))))

    @property
    def pairs(self) -> float:
        """The sign of the product of all sums of two eigenvalues."""
        i, j = np.triu_indices(len(self.eigenvalues), 1)
        return float(np.prod(np.sign((self.eigenvalues[i] + self.eigenvalues[j]).real))) if len(i) else 1.0


@dataclass(frozen=True, eq=False)
class SpecialPoint:
    """A fold, Hopf point or branch point.

    Attributes
    ----------
    kind : "fold", "Hopf" or "branch point" (the last is estimated, not located).
    p : the parameter's value.
    x : the state, shape (k,).
    frequency : of the oscillation that a Hopf point gives rise to, radians per unit of time; 0 for the others.
    """

    kind: Kind
    p: float
    x: FloatArray
    frequency: float = 0.0


def between(curve: Curve, first: Point, second: Point) -> list[Point] | None:
    """The special points between two neighbouring points of a curve, in their order along it; None where one was
    noticed but not located, so that a shorter step is needed."""
    if first.orientation * second.orientation < 0:
        return [_estimated(curve, first, second)]
    found = []
    if first.tangent[-1] * second.tangent[-1] < 0:
        found.append(_located(curve, first, second, "fold", lambda point: float(point.tangent[-1])))
    if first.pairs * second.pairs < 0 and _turns(first) and _turns(second):
        found.append(_located(curve, first, second, "Hopf", lambda point: _crossing(point).real))
    if any(point is None for point in found):
        return None
    return sorted((p for p in found if p is not None), key=lambda p: float((p.z - first.z) @ first.tangent))


def _located(
    curve: Curve, first: Point, second: Point, kind: Kind, vanishing: Callable[[Point], float]
) -> Point | None:
    """Where `vanishing` is 0 on the curve between two points, by Brent's method; None if the curve is lost."""
    start = float(first.tangent @ first.z)

    def at(distance: float) -> Point:
        guess = first.z + distance / length * (second.z - first.z)
        solved = solve(curve, guess, first.tangent, start + distance, PRECISE)
        if solved is None:
            raise ArithmeticError
        return point_of(solved, first.tangent)

    length = float(first.tangent @ second.z) - start
    try:
        where = optimize.brentq(lambda h: vanishing(at(h)), 0.0, length, xtol=1e-13, rtol=1e-14)
        return replace(at(where), kind=kind)
    except (ArithmeticError, ValueError):  # lost, or no change of sign on the curve itself
        return None


def point_of(solved: Solved, along: FloatArray) -> Point:
    """The point of the curve, its tangent the way of `along`."""
    derivative = solved.derivative
    return Point(solved.z, tangent(derivative, along), derivative, eigenvalues(derivative))


def _turns(point: Point) -> bool:
    """Whether the pair of eigenvalues that is nearest to balance is complex; two real ones are a neutral saddle."""
    return _crossing(point).imag != 0


def _crossing(point: Point) -> complex:
    """One of the pair of eigenvalues whose sum is the nearest to 0."""
    values = point.eigenvalues
    i, j = np.triu_indices(len(values), 1)
    return complex(values[i[np.argmin(np.abs((values[i] + values[j]).real))]])


def _estimated(curve: Curve, first: Point, second: Point) -> Point:
    a, b = (linalg.det(np.vstack([p.derivative, p.tangent])) for p in (first, second))
    z = first.z + a / (a - b) * (second.z - first.z)
    derivative = curve.linear(z)[1]
    return Point(z, first.tangent, derivative, eigenvalues(derivative), "branch point")
