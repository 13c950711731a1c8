"""Courses as polynomials between the edges of a schedule, and what is read off them: areas,
extrema, times above.

A *panel* is a stretch of time without an edge inside it, on which every variable is smooth: there a
polynomial through a few of its values is a course, and the last terms of the polynomial say how far
it can be trusted (Trefethen 2013, *Approximation Theory and Approximation Practice*, ch. 8).
Extrema and crossings are those of the polynomial, not of its values at the nodes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import chebyshev

from oxysim.arrays import FloatArray, IntArray

DEGREE = 6
"""Of the polynomials: two halves of a panel are worth a hundredfold smaller error, at twelve values
for six.
"""

INSET = 5e-6
"""How far before its end a panel's last node lies, minutes: an algebraic variable jumps at an edge,
and the panel needs what it was before. More than the tolerance within which two times are one
(1e-6).
"""

# Chebyshev-Lobatto points on [0, 1]
NODES: FloatArray = (1 - np.cos(np.pi * np.arange(DEGREE + 1) / DEGREE)) / 2

# where extrema and crossings are looked for before Newton's steps
_FINE: FloatArray = np.linspace(0.0, 1.0, 33)
# exact up to degree 13: for squares of polynomials
_GAUSS_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(DEGREE + 1)
_GAUSS: FloatArray = np.asarray((_GAUSS_POINTS + 1) / 2, dtype=float)
_SHARES: FloatArray = np.asarray(_WEIGHTS / 2, dtype=float)
_COEFFICIENTS: FloatArray = np.asarray(
    np.linalg.inv(chebyshev.chebvander(2 * NODES - 1, DEGREE)).T, dtype=np.float64
)  # values @ this = coefficients
# d/dx on [-1, 1]
_SLOPE: FloatArray = np.stack(
    [np.append(chebyshev.chebder(row), 0.0) for row in np.eye(DEGREE + 1)]
)
_AT_FINE: FloatArray = _COEFFICIENTS @ chebyshev.chebvander(2 * _FINE - 1, DEGREE).T
_AT_GAUSS: FloatArray = _COEFFICIENTS @ chebyshev.chebvander(2 * _GAUSS - 1, DEGREE).T
_MEAN: FloatArray = _AT_GAUSS @ _SHARES
_SLOPE_AT_NODES: FloatArray = (
    2 * _COEFFICIENTS @ _SLOPE @ chebyshev.chebvander(2 * NODES - 1, DEGREE).T
)
_ROUNDING = 1e-13  # relative, of a polynomial's value
_NEWTON_STEPS = 3  # from a thirty-second of a panel: each squares the error


@dataclass(frozen=True, eq=False)
class Panels:
    """Panels of several dyads, one after the other in time for each dyad.

    Attributes
    ----------
    owner : (p,) the position of the dyad; ``starts``, ``ends`` (p,) minutes since 00:00 of the
        first simulated day.
    values : variable -> its values at the nodes, shape (p, DEGREE + 1).

    >>> values = {"mother.cortisol": np.zeros((2, DEGREE + 1))}
    >>> panels = Panels(np.array([0, 0]), np.array([0.0, 5.0]), np.array([5.0, 10.0]), values)
    >>> (panels.ends - panels.starts).tolist()
    [5.0, 5.0]
    """

    owner: IntArray
    starts: FloatArray
    ends: FloatArray
    values: Mapping[str, FloatArray]


def no_panels(names: Iterable[str]) -> Panels:
    """No panels of some variables.

    >>> no_panels(["mother.epds"]).values["mother.epds"].shape
    (0, 7)
    """
    none = np.empty(0)
    return Panels(
        np.empty(0, np.int64), none, none, {name: np.empty((0, DEGREE + 1)) for name in names}
    )


NO_PANELS = no_panels(())
"""None of any variable: what is seen of a run at single moments alone."""


def joined(parts: Sequence[Panels], names: Iterable[str]) -> Panels:
    """Panels of several dyads as one, those of a dyad in order of time.

    >>> parts = [no_panels(["mother.epds"]), no_panels(["mother.epds"])]
    >>> len(joined(parts, ["mother.epds"]).owner)
    0
    """
    all_parts = [no_panels(names), *parts]
    owner, starts, ends = (
        np.concatenate([getattr(panels, key) for panels in all_parts])
        for key in ("owner", "starts", "ends")
    )
    order = np.lexsort((starts, owner))
    values = {
        name: np.concatenate([panels.values[name] for panels in all_parts])[order]
        for name in all_parts[0].values
    }
    return Panels(owner[order], starts[order], ends[order], values)


def node_times(starts: FloatArray, ends: FloatArray) -> FloatArray:
    """The nodes of panels, ascending, shape (p, DEGREE + 1).

    >>> node_times(np.array([0.0]), np.array([60.0])).round(1).tolist()
    [[0.0, 4.0, 15.0, 30.0, 45.0, 56.0, 60.0]]
    """
    return np.asarray(starts[:, None] + (ends - INSET - starts)[:, None] * NODES)


def to_their_ends(values: FloatArray, starts: FloatArray, ends: FloatArray) -> FloatArray:
    """Values at the nodes of whole panels from those at :func:`node_times`, which stop short of the
    ends, (p, nodes).

    A step of Taylor's series with the polynomials' own slopes: without it the maximum of a window
    that ends inside a steep rise, a second after a spray, is that of a moment before.

    >>> nodes = node_times(np.array([0.0]), np.array([0.01]))
    >>> ends = to_their_ends(7 * nodes, np.array([0.0]), np.array([0.01]))
    >>> bool(np.ptp(ends - 0.07 * NODES) < 1e-15)
    True
    """
    share = INSET / (ends - INSET - starts)
    return np.asarray(values + share[:, None] * NODES * _product(values, _SLOPE_AT_NODES))


def means(values: FloatArray) -> FloatArray:
    """The mean of each panel, shape (p,).

    >>> means(NODES[None] ** 2).round(12).tolist()  # x**2 on [0, 1]
    [0.333333333333]
    """
    return _product(values, _MEAN[:, None])[:, 0]


def mean_squares(values: FloatArray) -> FloatArray:
    """The mean square of each panel, shape (p,).

    >>> mean_squares(NODES[None]).round(12).tolist()  # x**2 on [0, 1]
    [0.333333333333]
    """
    return _product(_product(values, _AT_GAUSS) ** 2, _SHARES[:, None])[:, 0]


def highest(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The largest value of each panel and where it is first reached, a share of the panel, each
    (p,).

    >>> top, place = highest(1 - (NODES[None] - 0.3) ** 2)
    >>> top.round(6).tolist(), place.round(6).tolist()
    ([1.0], [0.3])
    """
    rows, node = np.arange(len(values)), values.argmax(axis=1)
    top, position = values[rows, node], NODES[node]
    fine = _product(values, _AT_FINE)
    best = fine.argmax(axis=1)
    # a top lies beside the best of the fine grid, unless that is an end from which the course falls
    slopes = _product(values, _SLOPE_AT_NODES[:, [0, -1]])
    highest_at_end = ((best == 0) & (slopes[:, 0] <= 0)) | (
        (best == len(_FINE) - 1) & (slopes[:, 1] >= 0)
    )
    inner = np.flatnonzero(~highest_at_end)
    if len(inner):
        places = np.clip(_stationary(values[inner], _FINE[best[inner]]), 0.0, 1.0)
        tops = _at(values[inner], places)
        # by more than rounding: where a course stands still its maximum is at the first node
        higher = tops > top[inner] + _ROUNDING * np.abs(top[inner])
        top[inner[higher]], position[inner[higher]] = tops[higher], places[higher]
    return np.where(np.isnan(values).any(axis=1), np.nan, top), position


def shares_above(values: FloatArray, threshold: float) -> FloatArray:
    """The share of each panel's time that it is above the threshold, shape (p,).

    >>> shares_above(NODES[None], 0.25).round(6).tolist()
    [0.75]
    """
    shares = np.where((values > threshold).all(axis=1), 1.0, 0.0)
    near = np.ptp(values, axis=1)  # a polynomial can overshoot its nodes, by less than their range
    crossed = (values.max(axis=1) + near > threshold) & (values.min(axis=1) - near < threshold)
    for row in np.flatnonzero(crossed).tolist():
        shares[row] = _share_above(values[row], threshold)
    return np.where(np.isnan(values).any(axis=1), np.nan, shares)


def errors(values: FloatArray) -> FloatArray:
    """How far the polynomial of each panel may be from its course, shape (p,): its last two terms,
    smaller by what they are smaller than the two before, since the terms left out go on falling so.

    >>> bool(errors(NODES[None] ** 2) < 1e-12)  # a polynomial of low degree is its own course
    True
    """
    terms = np.abs(_product(values, _COEFFICIENTS[:, -4:]))
    before, last = np.maximum(terms[:, 0], terms[:, 1]), np.maximum(terms[:, 2], terms[:, 3])
    return np.asarray(last * np.divide(last, before, out=np.ones_like(last), where=before > last))


def _product(values: FloatArray, matrix: FloatArray) -> FloatArray:
    """values @ matrix, row by row: a product of matrices rounds differently with the number of its
    rows, and no dyad's answer may depend on how many are computed together.
    """
    total = values[:, :1] * matrix[0]
    for k in range(1, len(matrix)):
        total += values[:, k : k + 1] * matrix[k]
    return total


def _at(values: FloatArray, position: FloatArray) -> FloatArray:
    """Each polynomial at a place of its own in [0, 1], shape (p,)."""
    basis = chebyshev.chebvander(2 * position - 1, DEGREE)
    return np.asarray((_product(values, _COEFFICIENTS) * basis).sum(axis=1))


def _stationary(values: FloatArray, start: FloatArray) -> FloatArray:
    """Where the slope is zero near a place, by Newton's method within a node of the fine grid."""
    first = _product(_product(values, _COEFFICIENTS), _SLOPE)
    second = _product(first, _SLOPE)
    position, width = start.copy(), _FINE[1]
    for _ in range(_NEWTON_STEPS):
        basis = chebyshev.chebvander(2 * position - 1, DEGREE)
        slope, bend = (first * basis).sum(axis=1), (second * basis).sum(axis=1)
        step = np.divide(slope, 2 * bend, out=np.zeros_like(slope), where=bend < 0)
        position = np.clip(position - step, start - width, start + width)
    return position


def _share_above(values: FloatArray, threshold: float) -> float:
    """The share of one panel above the threshold, by the crossings of its polynomial."""
    terms = _product(values[None], _COEFFICIENTS)[0]
    terms[0] -= threshold
    slope = chebyshev.chebder(terms)
    fine = chebyshev.chebval(2 * _FINE - 1, terms)
    below = np.flatnonzero((fine[1:] > 0) != (fine[:-1] > 0))
    share = fine[below] / (fine[below] - fine[below + 1])
    crossing = _FINE[below] + share * _FINE[1]
    for _ in range(_NEWTON_STEPS):
        away, rise = (
            chebyshev.chebval(2 * crossing - 1, terms),
            2 * chebyshev.chebval(2 * crossing - 1, slope),
        )
        step = np.divide(away, rise, out=np.zeros_like(away), where=rise != 0)
        crossing = np.clip(crossing - step, _FINE[below], _FINE[below + 1])
    ends = np.concatenate([[0.0], crossing, [1.0]])
    middle = (ends[1:] + ends[:-1]) / 2
    return float((np.diff(ends) * (chebyshev.chebval(2 * middle - 1, terms) > 0)).sum())


def ladder(edges: FloatArray, first: float, longest: float) -> FloatArray:
    """The ends of panels between edges, ascending: the first after an edge `first` long, each later
    one three times the one before (what an edge sets off dies away), none longer than `longest`.

    >>> ladder(np.array([0.0, 100.0]), 10.0, 60.0).tolist()
    [0.0, 10.0, 40.0, 100.0]
    """
    marks = first * (3.0 ** np.arange(1, 40) - 1) / 2
    count = int(np.searchsorted(marks, np.diff(edges).max())) + 1
    inside = edges[:-1, None] + marks[None, :count]
    # no sliver at the end: the last panel takes what is shorter than half of the one before it
    room = edges[1:, None] - inside
    width = first * 3.0 ** np.arange(count)
    ends = np.sort(np.concatenate([edges, inside[room > width / 2]]))
    pieces = np.maximum(np.ceil(np.diff(ends) / longest - 1e-9), 1).astype(int)
    return ends if pieces.max() == 1 else _divided(ends, pieces)


def halved(spans: FloatArray) -> FloatArray:
    """The halves of panels, from their starts and ends, shape (2, p), to those of the halves, (2, 2
    p).

    >>> halved(np.array([[0.0, 8.0], [4.0, 10.0]])).tolist()
    [[0.0, 2.0, 8.0, 9.0], [2.0, 4.0, 9.0, 10.0]]
    """
    starts, ends = spans
    middle = starts + (ends - starts) / 2
    return np.stack(
        [np.stack([starts, middle], axis=1).ravel(), np.stack([middle, ends], axis=1).ravel()]
    )


def _divided(ends: FloatArray, pieces: IntArray) -> FloatArray:
    """Panels cut into equal pieces, a number for each."""
    number = np.arange(pieces.sum()) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    starts, widths = np.repeat(ends[:-1], pieces), np.repeat(np.diff(ends) / pieces, pieces)
    return np.append(starts + number * widths, ends[-1])
