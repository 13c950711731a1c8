"""Curves through computed points without corners: what is drawn between them is drawn, not
computed.
"""

from __future__ import annotations

import numpy as np
from scipy.interpolate import PchipInterpolator

from oxysim.arrays import FloatArray, IntArray

# places that are drawn from one point to the next: no corner is seen at 150 dots an inch
BETWEEN = 12


def smooth(x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """A course through points whose `x` ascends, monotone where the points are (PCHIP, Fritsch and
    Carlson 1980).

    >>> smooth(np.array([0.0, 1.0]), np.array([0.0, 2.0]))[1][6].round(6).item()
    1.0
    """
    if len(x) < 2 or not (np.diff(x) > 0).all():
        return x, y
    at = _between(x)
    return at, np.asarray(PchipInterpolator(x, y)(at), dtype=float)


def smooth_path(points: FloatArray) -> tuple[FloatArray, IntArray]:
    """A path through points (k, n) that may turn back, by its length with each coordinate on its
    own scale.

    No coordinate overshoots: where it turns, as a parameter does at a fold, it turns at the point
    itself.

    Returns
    -------
    The path, shape (k, m), and where along it each of the n points lies.

    >>> there_and_back = np.array([[0.0, 1.0, 0.0], [0.0, 1.0, 2.0]])
    >>> path, at = smooth_path(there_and_back)
    >>> float(path[0].max()), at.tolist()  # it turns at the point itself
    (1.0, [0, 12, 24])
    """
    # on its own scale each coordinate counts alike, whatever its unit; a constant one is no step
    spans = np.ptp(points, axis=1, keepdims=True)
    scaled = points / np.where(spans > 0, spans, 1.0)
    steps = np.linalg.norm(np.diff(scaled, axis=1), axis=0)
    is_new = np.concatenate([[True], steps > 0])  # a point that stands twice is one
    # PCHIP needs places that ascend strictly
    length = np.concatenate([[0.0], np.cumsum(steps)])[is_new]
    if len(length) < 2:
        return points, np.arange(points.shape[1])
    at = _between(length)
    position = np.cumsum(is_new) - 1
    path = np.asarray(PchipInterpolator(length, points[:, is_new], axis=1)(at), dtype=float)
    return path, position * BETWEEN


def _between(x: FloatArray) -> FloatArray:
    shares = np.arange(BETWEEN) / BETWEEN
    inner = x[:-1, None] + np.diff(x)[:, None] * shares
    return np.append(inner.ravel(), x[-1])
