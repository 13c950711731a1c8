"""Correlations that can stand together, made from a few that are wanted.

Drawn one by one from wide priors, correlations often make no correlation matrix, the more so since
pairs that nobody names would be 0: with r(a, b) = .9 and r(b, c) = -.8 there is no population in
which a and c are unrelated. Here the matrix is made by construction: among all positive-definite
ones it is the one that minimises

    -log det R + (STIFFNESS / 2) * sum over wanted pairs of (r - wanted)^2

With wanted pairs that can stand together that is, within 1/STIFFNESS, their completion of largest
determinant: every pair that is not named has the correlation that the named ones imply, so that the
two traits are unrelated given the others (covariance selection, Dempster 1972). Where they cannot,
it is the nearest that can, seen through the same penalty. The problem is convex, so that the answer
is one and moves smoothly with what is wanted, as an emulator over latents needs it.

In families of two caregivers the same correlations have to hold beside a second, unrelated
caregiver who shares the infant, which is the stricter condition: a small share of that family's log
determinant keeps the answer inside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from oxysim.arrays import BoolArray, FloatArray
from oxysim.errors import InputError

STIFFNESS = 1e4
"""How dearly a wanted correlation is left: at .9 the answer is .8995, and no eigenvalue falls below
about 1e-4.
"""

TWO_CAREGIVERS = 0.01  # weight of the second caregiver's log determinant: a fence, not a pull
# Newton's search ends where a step would lower the objective by less: rounding of it is 1e-13, and
# the step that is still taken squares what is left of the error.
PRECISION = 1e-11
MOST_STEPS = 100  # it takes 8 to 20
SHORTEST = 1e-10  # of a Newton step; none shorter is needed on a convex function

Pair = tuple[str, str]


def completed_correlations(wanted: Mapping[Pair, float]) -> dict[Pair, float]:
    """Correlations of all pairs of the traits named, near what is wanted and positive definite.

    Parameters
    ----------
    wanted : (trait, trait) -> correlation inside (-1, 1); each pair once.

    Returns
    -------
    dict : (trait, trait) -> r, of every pair of traits that wanted pairs join, directly or through
        others.

    >>> r = completed_correlations({("a", "b"): 0.5, ("b", "c"): 0.4})
    >>> round(r["a", "c"], 3)  # unrelated, given b
    0.2
    """
    pairs: dict[Pair, float] = {}
    for traits in _joined(list(wanted)):
        inside = {pair: r for pair, r in wanted.items() if pair[0] in traits}
        pairs |= _completed(traits, inside)
    return pairs


def _joined(pairs: Sequence[Pair]) -> list[list[str]]:
    """Groups of traits that pairs join; unrelated groups have matrices of their own."""
    groups: list[list[str]] = []
    for first, second in pairs:
        touched = [group for group in groups if first in group or second in group]
        groups = [group for group in groups if group not in touched]
        # the order of first mention, so that the same pairs give the same matrix
        merged = [*(trait for group in touched for trait in group), first, second]
        groups.append(list(dict.fromkeys(merged)))
    return groups


def _completed(traits: list[str], wanted: Mapping[Pair, float]) -> dict[Pair, float]:
    """The completion of one group of traits."""
    size = len(traits)
    places = [(i, k) for i in range(size) for k in range(i)]
    targets = np.full(len(places), np.nan)
    for (first, second), r in wanted.items():
        i, k = sorted((traits.index(first), traits.index(second)), reverse=True)
        targets[places.index((i, k))] = r
    layouts = [(1.0, _single(places, size))]
    infant = [trait.startswith("infant.") for trait in traits]
    # only a shared infant joins two caregivers
    if any(infant) and not all(infant):
        layouts.append((TWO_CAREGIVERS, _doubled(places, infant)))
    completed = _minimum(targets, layouts).tolist()
    return {(traits[k], traits[i]): r for (i, k), r in zip(places, completed, strict=True)}


Layout = tuple[int, list[list[tuple[int, int]]]]
"""Size of a matrix, and the entries (below the diagonal) at which each correlation stands in it."""


def _single(places: list[tuple[int, int]], size: int) -> Layout:
    return size, [[entry] for entry in places]


def _doubled(places: list[tuple[int, int]], infant: list[bool]) -> Layout:
    """The matrix with every caregiver's trait twice, the two caregivers unrelated."""
    size = len(infant)
    second = {i: i if infant[i] else size + sum(not x for x in infant[:i]) for i in range(size)}
    entries = []
    for i, k in places:
        twin = (max(second[i], second[k]), min(second[i], second[k]))
        # two traits of the infant stand once
        entries.append([(i, k)] if twin == (i, k) else [(i, k), twin])
    return size + sum(not x for x in infant), entries


def _minimum(targets: FloatArray, layouts: list[tuple[float, Layout]]) -> FloatArray:
    """The correlations at the minimum, by Newton's method from unrelated traits."""
    wanted = np.isfinite(targets)
    aims = np.where(wanted, targets, 0.0)
    r = np.zeros(len(targets))
    value = _objective(r, aims, wanted, layouts)
    for _ in range(MOST_STEPS):
        slope = STIFFNESS * wanted * (r - aims)
        curvature = np.diag(STIFFNESS * wanted.astype(float))
        for weight, layout in layouts:
            slope_part, curvature_part = _log_determinant(r, layout)
            slope, curvature = slope + weight * slope_part, curvature + weight * curvature_part
        step = -np.linalg.solve(curvature, slope)
        if -float(slope @ step) < PRECISION:
            return r + step
        # shortened until the matrix stays positive definite and the objective falls
        length = 1.0
        trial = _objective(r + step, aims, wanted, layouts)
        # by Armijo's rule
        while length > SHORTEST and not trial <= value + 1e-4 * length * float(slope @ step):
            length /= 2
            trial = _objective(r + length * step, aims, wanted, layouts)
        r, value = r + length * step, trial
    raise InputError("correlations: the search for a matrix that can stand did not end")


def _matrix(r: FloatArray, layout: Layout) -> FloatArray:
    size, entries = layout
    matrix = np.eye(size)
    for value, positions in zip(r, entries, strict=True):
        for i, k in positions:
            matrix[i, k] = matrix[k, i] = value
    return matrix


def _objective(
    r: FloatArray,
    aims: FloatArray,
    wanted: BoolArray,
    layouts: list[tuple[float, Layout]],
) -> float:
    """The penalty less the log determinants; infinite where a matrix is not positive definite."""
    total = 0.5 * STIFFNESS * float(np.sum(wanted * (r - aims) ** 2))
    for weight, layout in layouts:
        try:
            factor = np.linalg.cholesky(_matrix(r, layout))
        except np.linalg.LinAlgError:
            return float("inf")
        total -= 2 * weight * float(np.log(np.diag(factor)).sum())
    return total


def _log_determinant(r: FloatArray, layout: Layout) -> tuple[FloatArray, FloatArray]:
    """Slope and curvature of minus the log determinant in every correlation."""
    inverse = np.linalg.inv(_matrix(r, layout))
    _, entries = layout
    of, rows, columns = np.array(
        [(k, i, j) for k, positions in enumerate(entries) for i, j in positions]
    ).T
    count = len(entries)
    slope = np.zeros(count)
    np.add.at(slope, of, -2 * inverse[rows, columns])
    # tr(P E_k P E_l) for symmetric E with ones at (i, j) and (j, i)
    inner = (
        inverse[np.ix_(rows, rows)] * inverse[np.ix_(columns, columns)]
        + inverse[np.ix_(rows, columns)] * inverse[np.ix_(columns, rows)]
    )
    curvature = np.zeros((count, count))
    np.add.at(curvature, (of[:, None], of[None, :]), 2 * inner)
    return slope, curvature
