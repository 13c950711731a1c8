"""Folds, Hopf points and branch points: how they are noticed between two points of a curve, told
apart, and located.

A fold (saddle-node) is where the curve turns back in p: J is singular and the tangent's part along
p changes sign. A branch point, where another branch crosses, is where det [J F_p; tangent] changes
sign. At either one real eigenvalue passes zero. A Hopf point is where a complex pair of eigenvalues
crosses the imaginary axis.

Several of them may lie between two points. What is noticed explains a change in the number of
unstable directions: one for a fold, one for a branch point, two for a Hopf point. A stretch whose
number changes by anything else is cut in two until each part is explained; where parts are as short
as they can be, what lies there is one point ("several").

A fold or a Hopf point is located by solving F = 0 together with the tangent's part along p, or the
pair's real part, = 0: Newton's method brings every trial point onto the curve, Brent's method,
which cannot leave its bracket, chooses it (`_located`; Govaerts, *Numerical Methods for
Bifurcations of Dynamical Equilibria*, 2000). At a branch point Newton's method has no unique
answer, so that it is bracketed from both sides and then taken between them, where the determinant
vanishes. The other branch's tangent follows from the algebraic branching equation (Keller 1977):
where either of the two branches stands upright in p the point is a pitchfork, else transcritical.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from scipy import linalg, optimize

from oxysim.arrays import FloatArray
from oxysim.loop.bifurcation.equilibrium_curve import (
    EquilibriumCurve,
    eigenvalues,
    tangent,
)
from oxysim.loop.numerics.newton import NewtonPoint

Kind = Literal["fold", "Hopf", "pitchfork", "transcritical", "branch point", "several", "corner"]
BRANCH_POINTS = ("pitchfork", "transcritical", "branch point")
PRECISE = 1e-10  # of Newton's method while a point is located, in scaled units
SHORTEST = 1e-7  # of a stretch that is still cut: twenty halvings of the longest step
NARROW = 1e-5  # between both sides of a branch point; nearer, Newton's method loses its digits
BESIDE = 1e-3  # from a branch point, where Newton's method may find none of the two branches
UPRIGHT = 1e-3  # of a unit tangent along p: differences of second order are right to a millionth
# of what the derivative changes over a whole step: so much of it in one place is a jump
JUMPS = 0.5
CUTS = (0.5, 0.4, 0.6)  # where a stretch is cut, the next where Newton's method fails at one


@dataclass(frozen=True, eq=False)
class Point:
    """One point of a curve in scaled coordinates, with its tangent, derivative and eigenvalues.

    >>> point = Point(np.zeros(2), np.array([0.0, 1.0]), np.array([[-2.0, 1.0]]), np.array([-2.0]))
    >>> point.unstable, point.determinant
    (0, -2.0)
    """

    z: FloatArray
    tangent: FloatArray
    derivative: FloatArray
    eigenvalues: np.ndarray
    kind: Kind | None = None

    @property
    def determinant(self) -> float:
        """det [J F_p; tangent], which changes its sign at a branch point only."""
        return float(linalg.det(np.vstack([self.derivative, self.tangent])))

    @property
    def orientation(self) -> float:
        """The sign of that determinant."""
        return float(np.sign(self.determinant))

    @property
    def unstable(self) -> int:
        """The number of unstable directions."""
        return int((self.eigenvalues.real > 0).sum())


@dataclass(frozen=True, eq=False)
class SpecialPoint:
    """A fold, Hopf point or branch point.

    Attributes
    ----------
    kind : "fold"; "Hopf"; "pitchfork" or "transcritical", the branch points ("branch point" where
        the rates beside it do not tell which); "several" where more than one lie in one place, as
        in two systems that are alike; "corner" where stability changes in a jump, because the
        rates' slope does.
    p : the parameter's value.
    x : the state, shape (k,).
    frequency : of the oscillation that a Hopf point gives rise to, radians per unit of time; 0 for
    the others.

    >>> SpecialPoint("fold", 0.0, np.array([0.0])).kind
    'fold'
    """

    kind: Kind
    p: float
    x: FloatArray
    frequency: float = 0.0


def between(
    curve: EquilibriumCurve, first: Point, second: Point, whole: float | None = None
) -> list[Point] | None:
    """The special points between two neighbouring points of a curve, in their order along it; None
    where one was noticed but not located, so that a shorter step is needed.

    `whole` is what the derivative changes over the step of which they are the ends, or a part of
    it.

    >>> parabola = EquilibriumCurve(lambda x, p: p - x**2, np.ones(2), 1e-3)
    >>> hold = np.array([1.0, 0.0])
    >>> above, below = (
    ...     point_of(parabola.point_near(np.array([x, 0.01]), hold, 1e-10), np.array([-1.0, 0.0]))
    ...     for x in (0.1, -0.1))
    >>> [(point.kind, abs(point.z.round(9)).tolist()) for point in between(parabola, above, below)]
    [('fold', [0.0, 0.0])]
    """
    # of a whole step, so that halves are measured against it
    whole = _apart(first, second) if whole is None else whole
    turns, crosses, change = _changes(first, second)
    if not (turns or crosses or change):
        return []
    # one point that explains everything, else both halves are asked
    located = _alone(curve, first, second, whole)
    if located is not None:
        return [located]
    if np.linalg.norm(second.z - first.z) < SHORTEST:
        return [_coincident(curve, first, second, whole)]
    middle = midway(curve, first, second)
    if middle is not None:
        return _on_both_sides(curve, (first, middle, second), whole)
    singular = crosses and np.linalg.norm(second.z - first.z) < BESIDE
    return [_coincident(curve, first, second, whole)] if singular else None


def touched(
    curve: EquilibriumCurve, before: Point | None, first: Point, second: Point
) -> list[Point] | None:
    """The same where nothing changed from `first` to `second`, but a parabola through three
    neighbours says that an eigenvalue may have passed zero there and come back.

    >>> parabola = EquilibriumCurve(lambda x, p: p - x**2, np.ones(2), 1e-3)
    >>> hold = np.array([1.0, 0.0])
    >>> above, below = (
    ...     point_of(parabola.point_near(np.array([x, 0.01]), hold, 1e-10), np.array([-1.0, 0.0]))
    ...     for x in (0.1, -0.1))
    >>> touched(parabola, None, above, above)  # nothing is known of the point before
    []
    """
    # something changed: that is for `between`
    if before is None or len({p.unstable for p in (before, first, second)}) > 1:
        return []
    real = np.array([p.eigenvalues.real for p in (before, first, second)])
    nearest = np.argmin(np.abs(real[1:]).max(axis=0))
    course = real[:, nearest]
    lengths = [float(np.linalg.norm(b.z - a.z)) for a, b in ((before, first), (first, second))]
    slopes = np.diff(course) / lengths
    # second divided difference: the parabola through three points
    bend = (slopes[1] - slopes[0]) / sum(lengths)
    at_first = slopes[1] - bend * lengths[1]
    where = -at_first / (2 * bend) if bend else -1.0
    if (
        not 0 < where < lengths[1]
        or (course[1] + at_first * where + bend * where**2) * course[1] > 0
    ):
        return []
    middle = midway(curve, first, second)
    return (
        None
        if middle is None
        else _on_both_sides(curve, (first, middle, second), _apart(first, second))
    )


def midway(curve: EquilibriumCurve, first: Point, second: Point) -> Point | None:
    """A point of the curve between two neighbours; None if the curve is lost.

    >>> parabola = EquilibriumCurve(lambda x, p: p - x**2, np.ones(2), 1e-3)
    >>> hold = np.array([1.0, 0.0])
    >>> above, below = (
    ...     point_of(parabola.point_near(np.array([x, 0.01]), hold, 1e-10), np.array([-1.0, 0.0]))
    ...     for x in (0.1, -0.1))
    >>> abs(midway(parabola, above, below).z.round(6))
    array([1.999e-03, 4.000e-06])
    """
    step = second.z - first.z
    # off the middle where Newton's method is lost at it, as beside a branch point
    for share in CUTS:
        guess = first.z + share * step
        solved = curve.point_near(guess, first.tangent, PRECISE)
        if solved is not None and np.linalg.norm(solved.z - guess) < 0.5 * np.linalg.norm(step):
            return point_of(solved, first.tangent)
    return None


def point_of(solved: NewtonPoint, along: FloatArray) -> Point:
    """The point of the curve, its tangent the way of `along`.

    >>> parabola = EquilibriumCurve(lambda x, p: p - x**2, np.ones(2), 1e-3)
    >>> hold = np.array([1.0, 0.0])
    >>> above, below = (
    ...     point_of(parabola.point_near(np.array([x, 0.01]), hold, 1e-10), np.array([-1.0, 0.0]))
    ...     for x in (0.1, -0.1))
    >>> above.unstable, below.unstable
    (0, 1)
    """
    derivative = solved.derivative
    return Point(solved.z, tangent(derivative, along), derivative, eigenvalues(derivative))


# --------------------------------------------------------------------------------------
# telling apart
def _changes(first: Point, second: Point) -> tuple[bool, bool, int]:
    """Whether the curve turns in p, whether another one crosses, and by how much the number of
    unstable directions grows.
    """
    turns = bool(first.tangent[-1] * second.tangent[-1] < 0)
    return turns, bool(first.orientation * second.orientation < 0), second.unstable - first.unstable


def _on_both_sides(
    curve: EquilibriumCurve, ends: tuple[Point, Point, Point], whole: float
) -> list[Point] | None:
    first, middle, second = ends
    parts = [between(curve, first, middle, whole), between(curve, middle, second, whole)]
    if any(located is None for located in parts):
        return None
    points: list[Point] = []
    for point in (point for located in parts for point in located or ()):
        if points and _one_pitchfork(points[-1], point):  # on the branch that turns there
            points[-1] = max(
                points[-1], point, key=lambda candidate: candidate.kind in BRANCH_POINTS
            )
        else:
            points.append(point)
    return points


def _one_pitchfork(first: Point, second: Point) -> bool:
    """Whether a turn in p and a branch point are one place, as far as a branch point is known."""
    near = np.linalg.norm(second.z - first.z) < NARROW
    return bool(near and (first.kind == "fold") != (second.kind == "fold"))


def _alone(curve: EquilibriumCurve, first: Point, second: Point, whole: float) -> Point | None:
    """The one special point that explains every change between two points; None where it takes
    several, or where it cannot be located.
    """
    turns, crosses, change = _changes(first, second)
    if turns and not crosses and abs(change) == 1:
        return _located(curve, first, second, "fold", lambda point: float(point.tangent[-1]))
    if crosses and not turns and abs(change) == 1:
        return _branch_point(curve, first, second, whole)
    if not turns and not crosses and abs(change) == 2 and _turning(first) and _turning(second):
        point = _located(curve, first, second, "Hopf", lambda point: _leading(point).real)
        return point if point is not None and _turning(point) else None
    return None


def _coincident(curve: EquilibriumCurve, first: Point, second: Point, whole: float) -> Point:
    """What lies between two points that are as near to one another as can be; `whole` as for
    :func:`between`.
    """
    turns, crosses, change = _changes(first, second)
    if turns and not crosses:
        kind: Kind = "fold"
    elif crosses and abs(change) < 2:
        return _crossed(curve, first, second)
    else:
        kind = "several" if _apart(first, second) < JUMPS * whole else "corner"
    return replace(first, kind=kind)


def _apart(first: Point, second: Point) -> float:
    """By how much the derivative changes between two points."""
    return float(np.linalg.norm(second.derivative - first.derivative))


# --------------------------------------------------------------------------------------
# locating
def _located(
    curve: EquilibriumCurve,
    first: Point,
    second: Point,
    kind: Kind,
    vanishing: Callable[[Point], float],
) -> Point | None:
    """Where `vanishing` is 0 on the curve between two points, by Brent's method; None if the curve
    is lost.
    """
    start = float(first.tangent @ first.z)

    def at(distance: float) -> Point:
        # along the chord, at a distance measured along the first tangent
        guess = first.z + distance / length * (second.z - first.z)
        solved = curve.point_near(guess, first.tangent, PRECISE, start + distance)
        if solved is None:
            raise ArithmeticError
        return point_of(solved, first.tangent)

    length = float(first.tangent @ second.z) - start
    try:
        where = optimize.brentq(lambda h: vanishing(at(h)), 0.0, length, xtol=1e-13, rtol=1e-14)
        return replace(at(where), kind=kind)
    except (ArithmeticError, ValueError):  # lost, or no change of sign on the curve itself
        return None


def _branch_point(curve: EquilibriumCurve, first: Point, second: Point, whole: float) -> Point:
    """Where the determinant vanishes, bracketed as narrowly as Newton's method allows."""
    while np.linalg.norm(second.z - first.z) > NARROW:
        middle = midway(curve, first, second)
        if middle is None:
            break
        first, second = (
            (middle, second) if middle.orientation == first.orientation else (first, middle)
        )
    if _apart(first, second) > JUMPS * whole:
        return replace(first, kind="corner")
    return _crossed(curve, first, second)


def _crossed(curve: EquilibriumCurve, first: Point, second: Point) -> Point:
    """The branch point between two points on its sides, with its name."""
    # linear between the two sides, where the determinant vanishes
    a, b = first.determinant, second.determinant
    z = first.z + (a / (a - b) if a != b else 0.5) * (second.z - first.z)
    derivative = curve.linear(z)[1]
    if not np.isfinite(derivative).all():
        return replace(first, kind="branch point")
    way = first.tangent + second.tangent
    kind = _name(curve, z, derivative, way / np.linalg.norm(way))
    return Point(z, first.tangent, derivative, eigenvalues(derivative), kind)


def _name(
    curve: EquilibriumCurve, z: FloatArray, derivative: FloatArray, along: FloatArray
) -> Kind:
    """A pitchfork if one of the two branches through a branch point stands upright in p, else
    transcritical.
    """
    reached, _, right = linalg.svd(derivative)
    # every direction along either branch; what the rates cannot reach
    plane, across = right[-2:], reached[:, -1]
    along = plane.T @ (plane @ along)
    along /= np.linalg.norm(along)
    aside = plane[0] - (plane[0] @ along) * along
    if np.linalg.norm(aside) < 0.1:
        aside = plane[1] - (plane[1] @ along) * along
    aside /= np.linalg.norm(aside)

    def rates(*moves: FloatArray) -> FloatArray:
        natural = (z + curve.difference * np.array(moves)).T * curve.scale[:, None]
        with np.errstate(all="ignore"):
            values = np.asarray(curve.rates(natural[:-1], natural[-1]), dtype=float)
        return np.asarray(across @ (values / curve.scale[:-1, None]))

    both, minus = along + aside, along - aside
    v = rates(both, -both, minus, -minus, aside, -aside, 0 * aside)
    # second differences along both directions of the algebraic branching equation
    mixed, pure = (v[0] + v[1] - v[2] - v[3]) / 4, v[4] + v[5] - 2 * v[6]
    if not np.isfinite(v).all() or not mixed:
        return "branch point"
    second = aside - pure / (2 * mixed) * along
    upright = min(abs(along[-1]), abs(second[-1]) / np.linalg.norm(second)) < UPRIGHT
    return "pitchfork" if upright else "transcritical"


def _turning(point: Point) -> bool:
    """Whether there is a complex pair of eigenvalues."""
    return _leading(point).imag != 0


def _leading(point: Point) -> complex:
    """Of the complex eigenvalues that which is nearest to the imaginary axis; of all where none is
    complex.
    """
    turning = point.eigenvalues[point.eigenvalues.imag != 0]
    values = turning if len(turning) else point.eigenvalues
    return complex(values[np.argmin(np.abs(values.real))])
