r"""Newton's method in the three forms that the loop needs, for rest, for a cycle, and on a curve;
and what it has found from many starts.

- :func:`pseudo_transient`: rest of many columns side by side, dz/dt = g(z) = 0. With a first step
  in time it is pseudo-transient continuation (Kelley & Keyes 1998): (I/δ − ∂g/∂z)·move = g, with
  steps δ that lengthen as the rates fall, so that a column ends where the flow itself would;
  without one it is Newton's method.
- :func:`fixed_points`: Φ(y) = y of a map of many columns, (I − ∂Φ/∂y)·move = Φ(y) − y.
- :func:`on_hyperplane`: one point of a curve F(z) = 0 in one dimension more than there are
  equations, together with normal·z = level: the bordered system of pseudo-arclength continuation
  (Keller 1977).
- :func:`distinct_columns`: what many starts have found, each once; near neighbours count as one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import linalg

from oxysim.arrays import BoolArray, FloatArray

# Values of k functions (k, m) and their derivatives (m, k, k) at columns (k, m).
Linearised = Callable[[FloatArray], tuple[FloatArray, FloatArray]]
# of :func:`on_hyperplane`: what has not converged by then is too far from its guess
MOST_ITERATIONS = 12
# of :func:`on_hyperplane`: from this iteration on every move must be smaller than the one before
SETTLING_IN = 3
# of :func:`pseudo_transient`: by how much a step may lengthen in one round as the rates fall, and
# by how much more it lengthens in every round
MOST_GROWTH = 10.0
GROWTH = 1.5


def moves(matrices: FloatArray, residuals: FloatArray) -> FloatArray:
    """Solutions of matrix·move = residual, one system a column, shape (k, m).

    Parameters
    ----------
    matrices : shape (m, k, k). residuals : shape (k, m).

    >>> moves(np.array([[[2.0]], [[4.0]]]), np.array([[1.0, 1.0]]))
    array([[0.5 , 0.25]])
    """
    return np.asarray(np.linalg.solve(matrices, residuals.T[:, :, None])[:, :, 0].T)


def pseudo_transient(
    linearised: Linearised,
    z: FloatArray,
    *,
    rounds: int,
    longest: float,
    tolerance: float,
    first_step: float = np.inf,
) -> tuple[FloatArray, BoolArray]:
    """Rest of many columns, dz/dt = g(z) = 0.

    Parameters
    ----------
    linearised : g and ∂g/∂z at columns.
    z : starts, shape (k, m).
    rounds : at most so many moves of a column.
    longest : each coordinate of a move is cut to this.
    tolerance : a column has come to rest where no coordinate of its move is larger.
    first_step : in time; infinite for Newton's method itself.

    Returns
    -------
    The columns (k, m), and which of them came to rest (m,). One whose rates or derivatives are not
    finite is given up.

    >>> z, settled = pseudo_transient(
    ...     lambda z: (2.0 - z**2, -2 * z[:, :, None]), np.array([[1.0]]), rounds=20, longest=1.0,
    ...     tolerance=1e-10)
    >>> z.round(6), settled
    (array([[1.414214]]), array([ True]))
    """
    k, m = z.shape
    z, settled = z.copy(), np.zeros(m, dtype=bool)
    step, size_before = np.full(m, first_step), np.full(m, np.nan)
    active = np.arange(m)

    for _ in range(rounds):
        rates, slopes = linearised(z[:, active])
        finite = np.isfinite(rates).all(axis=0) & np.isfinite(slopes).all(axis=(1, 2))
        active, rates, slopes = active[finite], rates[:, finite], slopes[finite]

        # the step in time lengthens as much as the rates have fallen, and a little more
        size = np.linalg.norm(rates, axis=0)
        fallen = np.clip(size_before[active] / size, 1.0, MOST_GROWTH) * GROWTH
        step[active] *= np.where(np.isfinite(size_before[active]), fallen, 1.0)
        size_before[active] = size

        implicit = np.eye(k) / step[active][:, None, None] - slopes
        move = moves(implicit, rates)
        z[:, active] += np.clip(move, -longest, longest)

        at_rest = np.abs(move).max(axis=0) < tolerance
        settled[active[at_rest]] = True
        active = active[~at_rest]
        if not len(active):
            break
    return z, settled


def fixed_points(
    linearised: Linearised,
    y: FloatArray,
    moving: Sequence[int],
    scale: FloatArray,
    *,
    rounds: int,
    tolerance: float,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Fixed points of a map near columns `y` (n, m), by Newton's method.

    Parameters
    ----------
    linearised : the map Φ of all n rows and its derivative over those that move, (m, k, k).
    moving : the k rows that move; the others stay as they are.
    scale : a typical size of each of the n rows, shape (n,).
    rounds : at most so many moves.
    tolerance : of the largest |Φ(y) − y| in parts of the sizes.

    Returns
    -------
    The columns, how far each is from closing (m,) in parts of the sizes, and the derivatives there:
    what has not converged says so by its distance.

    >>> def halfway_to_four(y):
    ...     return (y + 4.0) / 2, np.full((y.shape[1], 1, 1), 0.5)
    >>> y, gap, _ = fixed_points(
    ...     halfway_to_four, np.array([[1.0]]), [0], np.ones(1), rounds=5, tolerance=1e-9)
    >>> y, gap
    (array([[4.]]), array([0.]))
    """
    image, slopes = linearised(y)
    identity, y = np.eye(len(moving)), y.copy()
    for _ in range(rounds):
        short = (image - y)[moving]
        gap = np.max(np.abs(short) / scale[moving, None], axis=0)
        still_open = np.flatnonzero(gap > tolerance)
        if not len(still_open):
            break
        y[np.ix_(np.array(moving), still_open)] += moves(
            identity - slopes[still_open], short[:, still_open]
        )
        # only what was moved is looked at again: a look at the map is what costs
        image[:, still_open], slopes[still_open] = linearised(y[:, still_open])
    return y, gap, slopes


def distinct_columns(points: FloatArray, distance: float, order: Iterable[int]) -> list[int]:
    """The numbers of the columns that are different from all before them.

    Parameters
    ----------
    points : shape (k, m), in coordinates in which one distance serves all.
    distance : two columns are different where some coordinate differs by more than this.
    order : numbers of the columns to look at, the first of several that are one is taken.

    >>> distinct_columns(np.array([[5.0, 1.0, 1.0001]]), 0.01, order=[1, 2, 0])
    [1, 0]
    """
    chosen: list[int] = []
    for number in order:
        # while none is chosen there are no distances, and all of none are large enough
        distances = np.abs(points[:, [number]] - points[:, chosen]).max(axis=0)
        if (distances > distance).all():
            chosen.append(number)
    return chosen


@dataclass(frozen=True, eq=False)
class NewtonPoint:
    """A point on a curve.

    Attributes
    ----------
    z : the point, shape (k + 1,).
    derivative : of the k functions there, within the tolerance, shape (k, k + 1).
    iterations : of Newton's method that it took.

    >>> NewtonPoint(np.array([0.8, 0.6]), np.array([[1.6, 1.2]]), iterations=4).iterations
    4
    """

    z: FloatArray
    derivative: FloatArray
    iterations: int


def on_hyperplane(
    linearised: Linearised, guess: FloatArray, normal: FloatArray, level: float, tolerance: float
) -> NewtonPoint | None:
    """Newton's method for F(z) = 0 together with normal·z = level; None where it does not converge.

    Parameters
    ----------
    linearised : F (k,) and its derivative (k, k + 1) at a point (k + 1,).
    guess : where it begins, shape (k + 1,).
    normal : shape (k + 1,): the predictor's tangent, or a unit vector that holds one coordinate.
    tolerance : largest component of the last move.

    >>> def circle(z):
    ...     return np.array([z @ z - 1.0]), 2 * z[None]
    >>> on_hyperplane(circle, np.array([0.9, 0.6]), np.array([0.0, 1.0]), 0.6, 1e-10).z.round(6)
    array([0.8, 0.6])
    """
    z, size_before = guess.copy(), np.inf
    for iteration in range(1, MOST_ITERATIONS + 1):
        value, derivative = linearised(z)
        if not (np.isfinite(value).all() and np.isfinite(derivative).all()):
            return None
        move = _bordered(derivative, normal, np.append(value, normal @ z - level))
        if move is None:
            return None

        z, size = z - move, float(np.abs(move).max())
        if size < tolerance:
            return NewtonPoint(z, derivative, iteration)
        if iteration > SETTLING_IN and size > size_before:
            return None
        size_before = size
    return None


def _bordered(derivative: FloatArray, normal: FloatArray, right: FloatArray) -> FloatArray | None:
    """The solution of [derivative; normal]·u = right, or None where the matrix is singular."""
    matrix = np.vstack([derivative, normal])
    try:
        solution = linalg.lu_solve(linalg.lu_factor(matrix), right)
    except (linalg.LinAlgError, ValueError):
        return None
    return solution if np.isfinite(solution).all() else None
