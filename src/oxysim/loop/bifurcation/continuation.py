r"""Branches of equilibria of dx/dt = F(x, p), followed through folds by pseudo-arclength
continuation.

From a point z = (x, p) with unit tangent t the next one solves F(z') = 0 together with t·(z' − z) =
h (Keller 1977; Seydel, *Practical Bifurcation and Stability Analysis*, chapter 4). The step h grows
where Newton's method converges at once and shrinks where it does not, or where the curve bends. A
branch is followed both ways from its start. What ends it is said: the range asked for, the legal
range of a state, a closed curve, or a place that no step gets past.

Any callable serves that takes (x, p) and returns the rates, so the same code follows textbook
systems in the tests and the averaged dyad in :mod:`oxysim.loop.bifurcation.branches`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from oxysim import checks
from oxysim.arrays import BoolArray, ComplexArray, FloatArray
from oxysim.errors import InputError
from oxysim.loop.bifurcation.equilibrium_curve import EquilibriumCurve, Rates
from oxysim.loop.bifurcation.special_points import (
    BRANCH_POINTS,
    Point,
    SpecialPoint,
    between,
    point_of,
    touched,
)
from oxysim.loop.numerics.function_arguments import (
    positive_sizes,
    rates_of,
    state_names,
    value_range,
)
from oxysim.texts import Described, listed

BEND = 0.95  # least cosine between neighbouring tangents
CORNER = 2e-3  # where shorter steps than this fail, a corner of the curve is looked for
MARGIN = 4  # steps of the derivatives from a bound within which they may need values beyond it


@dataclass(frozen=True)
class Steps:
    """How a branch is followed; lengths in scaled units, in which the range of p is 1.

    Attributes
    ----------
    first, shortest, longest : arclength steps.
    most : points of one branch.
    tolerance : of Newton's method.
    difference : step of the numerical derivatives.
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
class Branch(Described):
    """A branch of equilibria, stable and unstable.

    Attributes
    ----------
    parameter : its name. names : of the states.
    p : values of the parameter along the branch, shape (n,). x : states, shape (k, n).
    eigenvalues : per unit of the rates' time, the least stable first, shape (k, n).
    stable : whether all eigenvalues have negative real parts, shape (n,); false at a special point
        itself.
    special : folds, Hopf points, pitchforks and transcritical points in their order along the
        branch; each is also one of the n points.
    ended : why the branch ends, at its first and at its last point.
    """

    parameter: str
    names: tuple[str, ...]
    p: FloatArray
    x: FloatArray
    eigenvalues: ComplexArray
    kinds: tuple[str, ...] = field(repr=False)
    ended: tuple[str, str]

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it prints as."""
        special = listed(f"{point.kind} at {point.p:.5g}" for point in self.special)
        ends = listed(dict.fromkeys(self.ended), most=2)
        return "Branch of equilibria", [
            (self.parameter, f"{self.p.min():g} to {self.p.max():g}"), ("points", len(self.p)),
            ("special points", special or "none"), ("it ends where", ends),
        ]  # fmt: skip

    @property
    def stable(self) -> BoolArray:
        regular = np.array([kind == "" for kind in self.kinds])
        return (self.eigenvalues.real.max(axis=0) < 0) & regular

    @property
    def special(self) -> tuple[SpecialPoint, ...]:
        return tuple(
            SpecialPoint(
                kind,  # type: ignore[arg-type]
                float(self.p[i]),
                self.x[:, i],
                _frequency(self.eigenvalues[:, i], kind),
            )
            for i, kind in enumerate(self.kinds)
            if kind
        )

    @property
    def folds(self) -> tuple[SpecialPoint, ...]:
        """The folds, in their order along the branch."""
        return tuple(point for point in self.special if point.kind == "fold")

    @property
    def hopfs(self) -> tuple[SpecialPoint, ...]:
        """The Hopf points, in their order along the branch."""
        return tuple(point for point in self.special if point.kind == "Hopf")

    @property
    def branch_points(self) -> tuple[SpecialPoint, ...]:
        """The pitchforks and transcritical points, in their order along the branch."""
        return tuple(point for point in self.special if point.kind in BRANCH_POINTS)

    def table(self) -> Any:
        """A pandas table, a row a point: parameter, states, stability, largest real part, kind of
        special point.
        """
        import pandas as pd

        states = dict(zip(self.names, self.x, strict=True))
        growth = self.eigenvalues.real.max(axis=0)
        return pd.DataFrame(
            {
                self.parameter: self.p,
                **states,
                "stable": self.stable,
                "growth": growth,
                "kind": self.kinds,
            }
        )

    def at(self, p: float) -> tuple[FloatArray, BoolArray]:
        """The branch's states at one value of the parameter, (k, m) with m passes, and which of
        them are stable.

        Between points the state is interpolated linearly.
        """
        checks.number(p, self.parameter)
        before, after = self.p[:-1], self.p[1:]
        inside = (np.minimum(before, after) <= p) & (p < np.maximum(before, after))
        inside[0] |= bool(np.isclose(before[0], p, rtol=1e-9, atol=0))
        inside[-1] |= bool(np.isclose(after[-1], p, rtol=1e-9, atol=0))
        chosen = np.flatnonzero(inside)
        share = (p - before[chosen]) / (after[chosen] - before[chosen])
        states = self.x[:, chosen] + share * (self.x[:, chosen + 1] - self.x[:, chosen])
        return states, self.stable[chosen] | self.stable[chosen + 1]


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
    """
    steps = (
        Steps()
        if steps is None
        else checks.instance(steps, "steps", Steps, "Steps, such as Steps(longest=0.02)")
    )
    x = checks.array(
        [start] if np.ndim(start) == 0 and not isinstance(start, str) else start, "start", (None,)
    )
    state_labels, parameter = state_names(names, len(x)), checks.name(parameter, "parameter")
    p, low, high = (
        checks.number(value, argument)
        for value, argument in ((p, "p"), (low, "low"), (high, "high"))
    )
    bounds = _bounds(x, p, (low, high), legal, state_labels, parameter)
    sizes = np.maximum(np.abs(x), 1.0) if scale is None else positive_sizes(scale, len(x))
    rates_of(rates, x, p)
    for function, argument in ((jacobian, "jacobian"), (slope, "slope")):
        if function is not None:
            checks.function(function, argument, "a function of (x, p)")
    curve = EquilibriumCurve(
        rates, np.append(sizes, high - low), steps.difference, (low, high), jacobian, slope
    )
    walk = _Walk(curve, bounds / curve.scale, steps, (*state_labels, parameter))
    first = walk.begin(np.append(x, p) / curve.scale)
    back, reason = walk.follow(first, -1.0)
    closed = reason.startswith("closed")
    forth, reason_ahead = ([], reason) if closed else walk.follow(first, 1.0)
    points = [*reversed(back), first, *forth]
    z = np.array([point.z for point in points]).T * curve.scale[:, None]
    values = np.array([point.eigenvalues for point in points]).T
    along = np.clip(z[-1], low, high)  # but for rounding it lies there
    return Branch(
        parameter,
        state_labels,
        along,
        z[:-1],
        values,
        tuple(q.kind or "" for q in points),
        (reason, reason_ahead),
    )


def _frequency(eigenvalues: ComplexArray, kind: str) -> float:
    if kind != "Hopf":
        return 0.0
    turning = eigenvalues[np.abs(eigenvalues.imag) > 0]
    return float(abs(turning[np.argmin(np.abs(turning.real))].imag))


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
    limits: Sequence[tuple[float, float]] = [(-np.inf, np.inf)] * len(x)
    if legal is not None:
        limits = checks.sequence(legal, "legal", value_range, of=words, least=len(x), most=len(x))
    for value, (least, most), name in zip(
        [*x, p], [*limits, span], [*names, parameter], strict=True
    ):
        if not least <= value <= most:
            raise InputError(f"{name}: expected a start in [{least:g}, {most:g}]; found {value:g}")
    return np.array([*limits, span], dtype=float).T


@dataclass(frozen=True, eq=False)
class _Walk:
    """One curve, the bounds of its coordinates, and how it is followed."""

    curve: EquilibriumCurve
    bounds: FloatArray
    steps: Steps
    names: tuple[str, ...]

    def begin(self, guess: FloatArray) -> Point:
        """The equilibrium near a guess, with p held."""
        self._require_influence(guess)
        hold = np.eye(len(guess))[-1]
        solved = self.curve.point_near(guess, hold, self.steps.tolerance)
        if solved is None:
            near = self._near_bound(guess)
            size = float(np.abs(self.curve.linear(guess)[0]).max())
            raise InputError(
                f"no branch can be followed from the equilibrium at {self._where(guess)}: {near}"
                if near
                else (
                    f"no equilibrium found near the start at {self.names[-1]} ="
                    f" {self.curve.natural(guess)[1]:g} (the largest scaled rate there is"
                    f" {size:.3g}); start nearer to one, or away from a fold"
                )
            )
        return point_of(solved, hold)

    def follow(self, first: Point, sign: float) -> tuple[list[Point], str]:
        """The points after the first one, each with its tangent in the direction of increasing
        arclength, and why they end; `sign` -1 goes against the first tangent.
        """
        points: list[Point] = []
        current, step = replace(first, tangent=sign * first.tangent), self.steps.first
        start, away, before = first.z, 0.0, None
        while len(points) < self.steps.most:
            last, reason = self._last(current, step)
            if reason:
                return [*points, *last], reason
            nxt = self._next(before, current, step)
            if nxt is None:
                return (
                    points,
                    self._near_bound(current.z)
                    or f"no step beyond {self._where(current.z)} converged",
                )
            following, special, iterations, step = nxt
            edge = self._outside(following.z)
            if edge is not None:
                last, reason = self._end(current, following, edge)
                return [*points, *last], reason
            points += [*special, following]
            distance = float(np.linalg.norm(following.z - start))
            away = max(away, distance)
            if away > 3 * step > 3 * distance and following.tangent @ (sign * first.tangent) > BEND:
                return points, "closed: the branch came back to its start"
            before, current, step = (
                current,
                following,
                min(self.steps.longest, step * (1.5 if iterations <= 3 else 1.0)),
            )
        return (
            points,
            f"{self.steps.most} points, the most that were asked for, at {self._where(current.z)}",
        )

    def _next(
        self, before: Point | None, current: Point, step: float
    ) -> tuple[Point, list[Point], int, float] | None:
        """What :meth:`_step` gives for the longest step that succeeds, and that step; None if none
        does.
        """
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
        guess = current.z + step * current.tangent
        solved = self.curve.point_near(guess, current.tangent, self.steps.tolerance)
        if solved is None or np.linalg.norm(solved.z - guess) > step / 2:
            return None
        following = point_of(solved, current.tangent)
        if following.tangent @ current.tangent < BEND:
            return None
        special = between(self.curve, current, following)
        if special == []:
            special = touched(self.curve, before, current, following)
        return None if special is None else (following, special, solved.iterations)

    def _last(self, current: Point, step: float) -> tuple[list[Point], str]:
        """The points up to the end of the parameter's range where the next step would pass it, and
        the words for it.

        Values beyond the range may not be legal, so that no step tries them.
        """
        way = current.tangent[-1]
        room = (self.bounds[1 if way > 0 else 0, -1] - current.z[-1]) / way if way else np.inf
        if not -1e-9 < room <= step:
            return [], ""
        if room < 1e-9:
            return [], self._reason(current, len(current.z) - 1, way > 0)
        ahead = replace(current, z=current.z + room * current.tangent)
        points, reason = self._end(current, ahead, len(current.z) - 1)
        if (
            not points
            or np.linalg.norm(points[-1].z - ahead.z) > room / 2
            or self._outside(points[-1].z) is not None
        ):
            return [], ""
        return (points, reason) if points[-1].tangent @ current.tangent > BEND else ([], "")

    def _outside(self, z: FloatArray) -> int | None:
        """The coordinate that is furthest beyond its bounds, if any."""
        beyond = np.maximum(self.bounds[0] - z, z - self.bounds[1])
        return int(np.argmax(beyond)) if beyond.max() > 0 else None

    def _end(self, current: Point, following: Point, edge: int) -> tuple[list[Point], str]:
        """The points up to where the branch meets the bound, and the words for it."""
        low, high = self.bounds[:, edge]
        bound = low if following.z[edge] < current.z[edge] else high
        share = (
            (bound - current.z[edge]) / (following.z[edge] - current.z[edge])
            if following.z[edge] != current.z[edge]
            else 0.0
        )
        reason = self._reason(current, edge, bool(following.z[edge] > current.z[edge]))
        hold = np.eye(len(current.z))[edge]
        guess = current.z + share * (following.z - current.z)
        solved = self.curve.point_near(guess, hold, self.steps.tolerance, float(bound))
        if solved is None:
            return [], reason
        last = point_of(replace(solved, z=np.clip(solved.z, *self.bounds)), current.tangent)
        return [*(between(self.curve, current, last) or []), last], reason

    def _reason(self, current: Point, edge: int, upper: bool) -> str:
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
        x, p = self.curve.natural(z)
        return ", ".join(
            f"{n} = {v:.6g}"
            for n, v in zip((self.names[-1], *self.names[:-1]), (p, *x), strict=True)
        )

    def _require_influence(self, z: FloatArray) -> None:
        """Refuse a parameter on which no rate depends, at the start or beside it."""
        x, p = self.curve.natural(z)
        beside = x[:, None] + np.column_stack(
            [np.zeros(len(x)), np.diag(0.01 * self.curve.scale[:-1])]
        )
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
