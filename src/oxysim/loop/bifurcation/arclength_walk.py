"""One walk along a curve of equilibria, by pseudo-arclength, until something ends it.

From a point z = (x, p) with unit tangent t the next one solves F(z') = 0 together with t·(z' − z) =
h (Keller 1977; Seydel, *Practical Bifurcation and Stability Analysis*, chapter 4). The step h grows
where Newton's method converges at once and shrinks where it does not, or where the curve bends.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.errors import InputError
from oxysim.loop.bifurcation.equilibrium_curve import EquilibriumCurve
from oxysim.loop.bifurcation.special_points import Point, between, point_of, touched

BEND = 0.95  # least cosine between neighbouring tangents
EASY = 3  # iterations of Newton's method: a step that takes no more may be followed by a longer one
LENGTHENING = 1.5  # of such a step
CORNER = 2e-3  # where shorter steps than this fail, a corner of the curve is looked for
MARGIN = 4  # steps of the derivatives from a bound within which they may need values beyond it
AT_BOUND = 1e-9  # of the range: a point so near to its end is at it
BESIDE = 0.01  # of a state's size, where the influence of the parameter is looked for


@dataclass(frozen=True)
class Steps:
    """How a branch is followed; lengths in scaled units, in which the range of p is 1.

    Attributes
    ----------
    first, shortest, longest : arclength steps.
    most : points of one branch.
    tolerance : of Newton's method.
    difference : step of the numerical derivatives.

    Raises
    ------
    InputError : lengths that are not in this order, or numbers out of range.

    >>> Steps(longest=0.1).first
    0.01
    """

    first: float = 0.01
    shortest: float = 1e-7
    longest: float = 0.04
    most: int = 3000
    tolerance: float = 1e-10
    difference: float = 1e-3

    def __post_init__(self) -> None:
        for length in ("first", "shortest", "longest", "tolerance", "difference"):
            checks.number(getattr(self, length), f"steps, {length}")
        checks.whole_number(self.most, "steps, most", 3)
        if not 0 < self.shortest <= self.first <= self.longest or self.most < 3:
            raise InputError(
                f"steps: expected 0 < shortest <= first <= longest and most >= 3; found {self}"
            )
        if not (0 < self.tolerance < 1 and 0 < self.difference < 1):
            raise InputError(
                f"steps: expected tolerance and difference between 0 and 1; found {self}"
            )


@dataclass(frozen=True, eq=False)
class ArclengthWalk:
    """One curve, the bounds of its coordinates, and how it is followed.

    Attributes
    ----------
    bounds : least and largest value of each scaled coordinate, the parameter's last, (2, k + 1).
    names : of the states, and of the parameter behind them.

    >>> parabola = EquilibriumCurve(lambda x, p: p - x**2, np.ones(2), 1e-3, (-1.0, 2.0))
    >>> bounds = np.array([[-np.inf, -1.0], [np.inf, 2.0]])
    >>> walk = ArclengthWalk(parabola, bounds, Steps(), ("x", "p"))
    >>> points, why = walk.follow(walk.begin(np.array([1.0, 1.0])), 1.0)
    >>> why
    'p reached 2, the end of its range asked for'
    """

    curve: EquilibriumCurve
    bounds: FloatArray
    steps: Steps
    names: tuple[str, ...]

    def begin(self, guess: FloatArray) -> Point:
        """The equilibrium near a guess, with p held."""
        self._require_influence(guess)
        # Newton's method along a line of constant parameter
        hold = np.eye(len(guess))[-1]
        solved = self.curve.point_near(guess, hold, self.steps.tolerance)
        if solved is None:
            near = self._near_bound(guess)
            size = float(np.abs(self.curve.linear(guess)[0]).max())
            if near:
                raise InputError(
                    "no branch can be followed from the equilibrium at"
                    f" {self._where(guess)}: {near}"
                )
            raise InputError(
                f"no equilibrium found near the start at {self.names[-1]} ="
                f" {self.curve.natural(guess)[1]:g} (the largest scaled rate there is"
                f" {size:.3g}); start nearer to one, or away from a fold"
            )
        return point_of(solved, hold)

    def follow(self, first: Point, sign: float) -> tuple[list[Point], str]:
        """The points after the first one, each with its tangent in the direction of increasing
        arclength, and why they end; `sign` -1 goes against the first tangent.
        """
        points: list[Point] = []
        direction = sign * first.tangent
        current, before = replace(first, tangent=direction), None
        step, farthest = self.steps.first, 0.0

        while len(points) < self.steps.most:
            # no step may try a value beyond the range: it may not be legal
            last, reason = self._last(current, step)
            if reason:
                return [*points, *last], reason

            taken = self._next(before, current, step)
            if taken is None:
                near = self._near_bound(current.z)
                return points, near or f"no step beyond {self._where(current.z)} converged"
            following, special, iterations, step = taken

            edge = self._outside(following.z)
            if edge is not None:
                last, reason = self._end(current, following, edge)
                return [*points, *last], reason
            points += [*special, following]

            # a closed curve: it was away, is back within a step, and goes the way it went at first
            distance = float(np.linalg.norm(following.z - first.z))
            farthest = max(farthest, distance)
            if farthest > 3 * step > 3 * distance and following.tangent @ direction > BEND:
                return points, "closed: the branch came back to its start"

            before, current = current, following
            if iterations <= EASY:
                step *= LENGTHENING
            step = min(self.steps.longest, step)

        most = f"{self.steps.most} points, the most that were asked for"
        return points, f"{most}, at {self._where(current.z)}"

    def _next(
        self, before: Point | None, current: Point, step: float
    ) -> tuple[Point, list[Point], int, float] | None:
        """What :meth:`_step` gives for the longest step that succeeds, and that step; None if none
        does.
        """
        # halve until a step succeeds; among the shortest ones a corner is possible
        while step >= self.steps.shortest:
            taken = self._step(before, current, step)
            if taken is None and step < CORNER:
                taken = self._past_corner(current, 2 * step)
            if taken is not None:
                return *taken, step
            step /= 2
        return None

    def _past_corner(self, current: Point, step: float) -> tuple[Point, list[Point], int] | None:
        """A step in the parameter alone, where the curve has a corner, which no step along a
        tangent gets past: the rates are continuous there, but not their slope, as where a longer
        session meets the next activity of a day.
        """
        hold, way = np.eye(len(current.z))[-1], np.sign(current.tangent[-1])
        guess = current.z + step * way * hold
        if not way or self._outside(guess) is not None:
            return None
        solved = self.curve.point_near(guess, hold, self.steps.tolerance)
        if solved is None or np.linalg.norm(solved.z - guess) > self.steps.longest:
            return None

        # a branch point would turn the orientation too: it is no corner
        following = point_of(solved, way * hold)
        if following.orientation != current.orientation:
            return None
        special = between(self.curve, current, following)
        return None if special is None else (following, special, solved.iterations)

    def _step(
        self, before: Point | None, current: Point, step: float
    ) -> tuple[Point, list[Point], int] | None:
        """The next point, the special points before it, and the iterations; None if a shorter step
        is needed.
        """
        # the predictor goes along the tangent, Newton's method back to the curve at right angles
        guess = current.z + step * current.tangent
        solved = self.curve.point_near(guess, current.tangent, self.steps.tolerance)
        if solved is None or np.linalg.norm(solved.z - guess) > step / 2:
            return None
        following = point_of(solved, current.tangent)
        if following.tangent @ current.tangent < BEND:
            return None

        special = between(self.curve, current, following)
        # an eigenvalue may have touched zero and come back between the two
        if special == []:
            special = touched(self.curve, before, current, following)
        return None if special is None else (following, special, solved.iterations)

    def _last(self, current: Point, step: float) -> tuple[list[Point], str]:
        """The points up to the end of the parameter's range where the next step would pass it, and
        the words for it.

        Values beyond the range may not be legal, so that no step tries them.
        """
        parameter, way = len(current.z) - 1, current.tangent[-1]
        if not way:
            return [], ""
        bound = self.bounds[1 if way > 0 else 0, parameter]
        room = (bound - current.z[parameter]) / way
        if not -AT_BOUND < room <= step:
            return [], ""
        if room < AT_BOUND:
            return [], self._reason(current, parameter, way > 0)

        ahead = replace(current, z=current.z + room * current.tangent)
        points, reason = self._end(current, ahead, parameter)
        if not points:
            return [], ""

        # the curve may turn back before the end of the range: then this is no point of the walk
        last = points[-1]
        near = np.linalg.norm(last.z - ahead.z) <= room / 2
        legal = self._outside(last.z) is None
        straight = last.tangent @ current.tangent > BEND
        return (points, reason) if near and legal and straight else ([], "")

    def _outside(self, z: FloatArray) -> int | None:
        """The coordinate that is furthest beyond its bounds, if any."""
        # positive where a coordinate is outside
        beyond = np.maximum(self.bounds[0] - z, z - self.bounds[1])
        return int(np.argmax(beyond)) if beyond.max() > 0 else None

    def _end(self, current: Point, following: Point, edge: int) -> tuple[list[Point], str]:
        """The points up to where the branch meets the bound, and the words for it."""
        low, high = self.bounds[:, edge]
        start, end = current.z[edge], following.z[edge]
        bound = low if end < start else high
        share = (bound - start) / (end - start) if end != start else 0.0
        reason = self._reason(current, edge, bool(end > start))

        # the curve's point where this coordinate is held at its bound
        hold = np.eye(len(current.z))[edge]
        guess = current.z + share * (following.z - current.z)
        solved = self.curve.point_near(guess, hold, self.steps.tolerance, float(bound))
        if solved is None:
            return [], reason
        last = point_of(replace(solved, z=np.clip(solved.z, *self.bounds)), current.tangent)
        return [*(between(self.curve, current, last) or []), last], reason

    def _reason(self, current: Point, edge: int, upper: bool) -> str:
        """The words for a coordinate that came to a bound."""
        bound = self.bounds[int(upper), edge] * self.curve.scale[edge]
        kind = (
            "range asked for"
            if edge == len(current.z) - 1
            else f"legal range, at {self._where(current.z)}"
        )
        return f"{self.names[edge]} reached {bound:.6g}, the end of its {kind}"

    def _near_bound(self, z: FloatArray) -> str:
        """The words for a state that is so near to its bound that the derivatives need values
        beyond it; else none.
        """
        # distances from both bounds, in scaled units, as the derivatives' step is
        below, above = (z - self.bounds[0])[:-1], (self.bounds[1] - z)[:-1]
        edge = int(np.argmin(np.minimum(below, above)))
        if min(below[edge], above[edge]) > MARGIN * self.steps.difference:
            return ""
        bound = self.bounds[int(above[edge] < below[edge]), edge] * self.curve.scale[edge]
        return (
            f"{self.names[edge]} is as near to {bound:.6g}, the end of its legal range, as it can"
            " be followed"
        )

    def _where(self, z: FloatArray) -> str:
        """The words for a point: the parameter's value, then the states'."""
        x, p = self.curve.natural(z)
        return ", ".join(
            f"{n} = {v:.6g}"
            for n, v in zip((self.names[-1], *self.names[:-1]), (p, *x), strict=True)
        )

    def _require_influence(self, z: FloatArray) -> None:
        """Refuse a parameter on which no rate depends, at the start or beside it."""
        x, p = self.curve.natural(z)
        # at the start itself a rate may be zero whatever the parameter is: it is at rest there
        moved = np.diag(BESIDE * self.curve.scale[:-1])
        beside = x[:, None] + np.column_stack([np.zeros(len(x)), moved])
        # the start's own value and both ends of the range
        values = [p, *(self.bounds[:, -1] * self.curve.scale[-1])]
        with np.errstate(all="ignore"):
            columns_of_value = [np.full(beside.shape[1], value) for value in values]
            at_start, *elsewhere = (
                np.asarray(self.curve.rates(beside, value)) for value in columns_of_value
            )
        if all(np.array_equal(at_start, rates, equal_nan=True) for rates in elsewhere):
            raise InputError(
                f"{self.names[-1]}: it does not influence the rates of"
                f" {', '.join(self.names[:-1])}: the same at "
                + ", ".join(f"{value:g}" for value in values)
                + "; name a parameter that takes part in the loop"
            )
