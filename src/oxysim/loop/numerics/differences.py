r"""Derivatives from values at neighbouring points, those of all columns in one call.

Central differences over steps ±h have an error of h²; with a second pair of points at ±2h,

    f′(x) ≈ [8·(f(x + h) − f(x − h)) − (f(x + 2h) − f(x − 2h))] / (12·h)

it is one of h⁴. Weights for other points follow from the polynomial through them (Fornberg 1988).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from oxysim.arrays import FloatArray

# Points of the rule of fourth order, in steps, and their weights.
FOURTH_ORDER_STEPS = np.array([1.0, -1.0, 2.0, -2.0])
FOURTH_ORDER_WEIGHTS = np.array([8.0, -8.0, -1.0, 1.0]) / 12


def beside(x: FloatArray, rows: Sequence[int], steps: FloatArray) -> FloatArray:
    """All columns of `x` as they are, then with each row a step up and a step down.

    Parameters
    ----------
    x : shape (n, m).
    rows : the k rows that are moved, one after the other.
    steps : how far each is moved, shape (k, 1), or (k, m) for steps of each column's own.

    Returns
    -------
    Columns for :func:`central_jacobians`, shape (n, (2 k + 1) m).

    >>> beside(np.array([[1.0], [5.0]]), [0, 1], np.array([[0.1], [0.5]]))
    array([[1. , 1.1, 0.9, 1. , 1. ],
           [5. , 5. , 5. , 5.5, 4.5]])
    """
    columns = [x]
    for row, step in zip(rows, steps, strict=True):
        for sign in (1.0, -1.0):
            moved = x.copy()
            moved[row] += sign * step
            columns.append(moved)
    return np.concatenate(columns, axis=1)


def central_jacobians(values: FloatArray, steps: FloatArray) -> tuple[FloatArray, FloatArray]:
    """A function's values and its Jacobians by central differences.

    Parameters
    ----------
    values : of k components at the columns of :func:`beside`, shape (k, (2 k + 1) m).
    steps : as for :func:`beside`.

    Returns
    -------
    Values at the columns themselves, (k, m), and the Jacobian there, (m, k, k).

    >>> x, steps = np.array([[3.0]]), np.array([[0.5]])
    >>> values, slopes = central_jacobians(beside(x, [0], steps) ** 2, steps)
    >>> values, slopes
    (array([[9.]]), array([[[6.]]]))
    """
    k = len(steps)
    by_step = values.reshape(k, 2 * k + 1, -1)
    ahead, behind = by_step[:, 1::2], by_step[:, 2::2]

    slopes = (ahead - behind) / (2 * steps)[None]
    return by_step[:, 0], np.transpose(slopes, (2, 0, 1))


def fourth_order_offsets(moves: FloatArray) -> FloatArray:
    """No move, then each of w moves in the four steps of the rule of fourth order.

    Parameters
    ----------
    moves : one step of each, shape (n, w).

    Returns
    -------
    Offsets, shape (n, 1 + 4 w).

    >>> fourth_order_offsets(np.array([[0.1]]))
    array([[ 0. ,  0.1, -0.1,  0.2, -0.2]])
    """
    unmoved = np.zeros((len(moves), 1))
    return np.concatenate([unmoved, *(step * moves for step in FOURTH_ORDER_STEPS)], axis=1)


def fourth_order_slopes(values: FloatArray, steps: FloatArray | float) -> FloatArray:
    """Derivatives of k functions along w moves, to fourth order, shape (k, w).

    Parameters
    ----------
    values : at all moved columns of :func:`fourth_order_offsets`, the first left out, (k, 4 w).
    steps : lengths of the moves, one for all or shape (w,).

    >>> x = 2.0 + fourth_order_offsets(np.array([[0.5]]))
    >>> fourth_order_slopes(x[:, 1:] ** 4, 0.5)  # exact for polynomials up to the fourth degree
    array([[32.]])
    """
    by_step = values.reshape(len(values), len(FOURTH_ORDER_STEPS), -1)
    return np.asarray(np.einsum("iwj,w->ij", by_step, FOURTH_ORDER_WEIGHTS) / steps)


def derivative_weights(offsets: Sequence[float]) -> FloatArray:
    """Weights of the first derivative at 0 for values at some offsets, shape (n,).

    The derivative is that of the polynomial through all the values.

    >>> derivative_weights((0.0, -1.0, 1.0)).tolist()
    [0.0, -0.5, 0.5]
    """
    powers = np.vander(np.array(offsets), increasing=True).T
    # of 1, x, x² ... the derivative at 0 is that of x alone
    derivatives = np.zeros(len(offsets))
    derivatives[1] = 1.0
    return np.asarray(np.linalg.solve(powers, derivatives))
