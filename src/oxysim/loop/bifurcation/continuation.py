r"""Branches of equilibria of dx/dt = F(x, p), followed by pseudo-arclength, through folds.

A branch is followed both ways from its start (:mod:`oxysim.loop.bifurcation.arclength_walk`). What
ends it is said: the range asked for, the legal range of a state, a closed curve, or a place that no
step gets past.

Any callable serves that takes (x, p) and returns the rates: textbook systems in the tests, and the
averaged dyad in :mod:`oxysim.loop.bifurcation.branches`, for which it is here. It is public so that
what it finds in a dyad can be checked on a system whose answer is known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.errors import InputError
from oxysim.loop.bifurcation.arclength_walk import ArclengthWalk, Steps
from oxysim.loop.bifurcation.equilibrium_branch import Branch
from oxysim.loop.bifurcation.equilibrium_curve import EquilibriumCurve, Rates
from oxysim.loop.bifurcation.special_points import Point
from oxysim.loop.numerics.function_arguments import (
    positive_sizes,
    rates_of,
    state_names,
    value_range,
)


def continue_branch(  # noqa: PLR0913 - all but three are keywords with defaults
    rates: Rates,
    start: Any,
    p: float,
    *,
    low: float,
    high: float,
    legal: Sequence[tuple[float, float]] | None = None,
    scale: Sequence[float] | None = None,
    jacobian: Callable[[FloatArray, float], FloatArray] | None = None,
    slope: Callable[[FloatArray, float], FloatArray] | None = None,
    names: Sequence[str] | None = None,
    parameter: str = "p",
    steps: Steps | None = None,
) -> Branch:
    """Follow the branch of equilibria through (`start`, `p`) while p stays in [`low`, `high`].

    Parameters
    ----------
    rates : F(x, p), x of shape (k, m), each column a state of its own, p of shape (m,); x's shape
        is returned.
    start : a state near an equilibrium at `p`, shape (k,).
    legal : least and largest value of each state; a branch that leaves them ends there, and says
        so.
    scale : a typical size of each state; default the largest of 1 and its size at the start.
    jacobian, slope : dF/dx as (x, p) -> (k, k), and dF/dp -> (k,); default by differences.

    Raises
    ------
    InputError : an empty range, a start outside it or far from any equilibrium, a parameter that
        changes nothing.

    >>> branch = continue_branch(lambda x, p: p - x**2, [1.0], 1.0, low=-1.0, high=2.0)
    >>> [(point.kind, round(abs(point.p), 6)) for point in branch.special]
    [('fold', 0.0)]
    >>> states, stable = branch.at(1.0)  # x = 1 and x = -1
    >>> states.round(3).tolist(), stable.tolist()
    ([[-1.0, 1.0]], [False, True])
    """
    steps = Steps() if steps is None else steps
    checks.instance(steps, "steps", Steps, "Steps, such as Steps(longest=0.02)")
    # one state may be given as a plain number
    single = np.ndim(start) == 0 and not isinstance(start, str)
    x = checks.array([start] if single else start, "start", (None,))
    labels, parameter = state_names(names, len(x)), checks.name(parameter, "parameter")
    p, low, high = (
        checks.number(value, argument)
        for value, argument in ((p, "p"), (low, "low"), (high, "high"))
    )
    bounds = _bounds(x, p, (low, high), legal, labels, parameter)
    sizes = np.maximum(np.abs(x), 1.0) if scale is None else positive_sizes(scale, len(x))
    # called once, so that a function of another shape is refused by name
    rates_of(rates, x, p)
    for function, argument in ((jacobian, "jacobian"), (slope, "slope")):
        if function is not None:
            checks.function(function, argument, "a function of (x, p)")

    # the parameter's own scale is its range, so that one unit of arclength crosses it
    scales = np.append(sizes, high - low)
    curve = EquilibriumCurve(rates, scales, steps.difference, (low, high), jacobian, slope)
    walk = ArclengthWalk(curve, bounds / curve.scale, steps, (*labels, parameter))
    return _both_ways(walk, np.append(x, p) / curve.scale)


def _both_ways(walk: ArclengthWalk, start: FloatArray) -> Branch:
    """The branch through the equilibrium near a start, against its tangent and along it."""
    first = walk.begin(start)
    back, reason_behind = walk.follow(first, -1.0)
    if reason_behind.startswith("closed"):  # the other way is the same curve once more
        forth: list[Point] = []
        reason_ahead = reason_behind
    else:
        forth, reason_ahead = walk.follow(first, 1.0)

    points = [*reversed(back), first, *forth]
    z = np.array([point.z for point in points]).T * walk.curve.scale[:, None]
    eigenvalues = np.array([point.eigenvalues for point in points]).T
    kinds = tuple(point.kind or "" for point in points)
    *names, parameter = walk.names
    along = np.clip(z[-1], *walk.curve.span)  # but for rounding it lies there
    return Branch(
        parameter, tuple(names), along, z[:-1], eigenvalues, kinds, (reason_behind, reason_ahead)
    )


def _bounds(
    x: FloatArray,
    p: float,
    span: tuple[float, float],
    legal: Any,
    names: tuple[str, ...],
    parameter: str,
) -> FloatArray:
    """Least and largest value of every coordinate, shape (2, k + 1)."""
    if not (np.isfinite(span).all() and span[0] < span[1]):
        raise InputError(
            f"{parameter}: expected low < high; found low = {span[0]:g}, high = {span[1]:g}"
        )

    words = "ranges, one a state: (least, most)"
    # without limits a state may go anywhere
    limits: Sequence[tuple[float, float]] = [(-np.inf, np.inf)] * len(x)
    if legal is not None:
        limits = checks.sequence(legal, "legal", value_range, of=words, least=len(x), most=len(x))

    every_limit = zip([*x, p], [*limits, span], [*names, parameter], strict=True)
    for value, (least, most), name in every_limit:
        if not least <= value <= most:
            raise InputError(f"{name}: expected a start in [{least:g}, {most:g}]; found {value:g}")
    return np.array([*limits, span], dtype=float).T
