r"""Floquet multipliers: how a small displacement grows over one period of a periodic system or
orbit.

Along a solution x(t) of dx/dt = f(t, x) with period T a displacement obeys dΦ/dt = J(t, x(t))·Φ,
Φ(0) = I. The monodromy matrix is Φ(T), the multipliers are its eigenvalues, and Liouville's formula
det Φ(T) = exp ∫ trace J dt holds whatever the equations are (Guckenheimer & Holmes 1983, section
1.5). A periodic orbit of an autonomous system has one multiplier of exactly 1, along the orbit,
which says nothing about stability.

What it is for: the multipliers of a dyad come from the full model's own map
(:mod:`oxysim.loop.full_model.frozen_model`), whose equations have edges in time and no Jacobian.
These two functions give the same quantities for systems whose multipliers are known in closed form,
so that users, and this library's tests, can hold the one against the other.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import linalg
from scipy.integrate import solve_ivp

from oxysim import checks
from oxysim.arrays import ComplexArray, FloatArray
from oxysim.errors import InputError
from oxysim.loop.numerics.differences import fourth_order_offsets, fourth_order_slopes
from oxysim.loop.numerics.function_arguments import rates_of
from oxysim.texts import Described, listed

Field = Callable[[float, FloatArray], FloatArray]
DIFFERENCE = 1e-3  # step of the Jacobian's differences, of each state's size
MOST_ROUNDS = 30  # of shooting: what has not closed by then is too far from its guess
GONE = 10.0  # sizes of the guess, beyond which a state is on the way to infinity
STRETCHED = 3.0  # times the guessed period, or a third of it: beyond them it is another orbit
RESTING = 1e3  # tolerances that an equilibrium may move in one period
LARGEST = 0.2  # move of one round, relative to the start and to the period
SMALL = 1e-6  # a move that is taken whatever it does: rounding decides there
LEAST_STEPS = 50  # of a period, each with stages inside: what lasts a hundredth of it is met
FINEST = 3e-14  # the least relative tolerance that SciPy's solvers take
HALVINGS = 8  # of a move that leads away from the orbit


@dataclass(frozen=True, eq=False)
class Floquet(Described):
    """The linear map of one period.

    Attributes
    ----------
    period : T. start : the state at time 0, shape (k,). end : the state one period later, shape
        (k,).
    monodromy : Φ(T), shape (k, k).
    trace : the integral of the trace of the Jacobian over the period.
    forced : whether time itself drives the system; an autonomous one has the trivial multiplier 1.

    >>> rest, monodromy = np.zeros(1), np.array([[np.exp(-1.0)]])
    >>> linear = Floquet(2.0, rest, rest, monodromy, trace=-1.0, forced=True)
    >>> linear.exponents.real, linear.stable
    (array([-0.5]), True)
    """

    period: float
    start: FloatArray
    end: FloatArray
    monodromy: FloatArray
    trace: float
    forced: bool

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it prints as."""
        values = listed(f"{value:.6g}" for value in self.multipliers)
        return "Floquet", [
            ("period", self.period),
            ("multipliers", values),
            ("stable", self.stable),
        ]

    @property
    def multipliers(self) -> ComplexArray:
        """Eigenvalues of the monodromy matrix, the largest first, shape (k,)."""
        values = np.asarray(linalg.eigvals(self.monodromy), dtype=complex)
        return values[np.argsort(-np.abs(values), kind="stable")]

    @property
    def exponents(self) -> ComplexArray:
        """log(multipliers)/T, per unit of time; imaginary parts are known up to
        2π/T. Shape (k,).
        """
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.multipliers) / self.period)

    @property
    def telling(self) -> ComplexArray:
        """The multipliers that decide stability: all, or all but the trivial one of an autonomous
        system.
        """
        # the multiplier along the orbit is the one nearest to 1
        values = self.multipliers
        return values if self.forced else np.delete(values, np.argmin(np.abs(values - 1)))

    @property
    def stable(self) -> bool:
        """Whether every displacement that matters shrinks over a period."""
        return bool((np.abs(self.telling) < 1).all())


def floquet(
    rates: Field,
    start: Any,
    period: float,
    *,
    jacobian: Field | None = None,
    forced: bool = True,
    edges: Sequence[float] = (),
    rtol: float = 1e-11,
    atol: float = 1e-13,
) -> Floquet:
    """Integrate a solution and the displacements from it over one period, by the variational
    equations (DOP853).

    For systems of your own; the multipliers of a dyad's regimes are in ``regimes(dyad)``.

    Parameters
    ----------
    rates : f(t, x), x of shape (k,); plain arithmetic on columns (k, m) where no Jacobian is given.
    start : the state at time 0; for a linear system any state serves.
    period : T.
    jacobian : df/dx as (t, x) -> (k, k); default by fourth-order differences.
    forced : whether the system depends on time; false for the orbit of an autonomous system.
    edges : times inside the period at which the rates jump, in increasing order: the solver steps
        from one to the next. Without them a forcing that is shorter than a hundredth of the period
        may fall between two of its steps.

    Raises
    ------
    InputError : a period that is not positive, a solution that does not last one period.

    >>> def decay(t, x):
    ...     return -x * (1.0 + np.cos(t))  # over 2π a displacement falls by exp(−2π)
    >>> decaying = floquet(decay, [1.0], 2 * np.pi)
    >>> float((np.log(decaying.multipliers[0].real) / np.pi).round(6)), decaying.stable
    (-2.0, True)
    """
    x = _states(start, "start")
    period = checks.number(period, "period", 0.0, open_low=True)
    forced = checks.flag(forced, "forced")
    tolerances = {
        "rtol": checks.number(rtol, "rtol", FINEST, 1.0),
        "atol": checks.number(atol, "atol", 0.0),
    }
    rates = _of_time(rates, x, period)
    if jacobian is not None:
        checks.function(jacobian, "jacobian", "a function of (t, x)")
    edges = _inside(edges, period)

    # sizes of the differences: the start's own, at least 1
    by_state = jacobian or _by_differences(rates, np.maximum(np.abs(x), 1.0))
    end = _through(_with_variations(rates, by_state, len(x)), x, (0.0, *edges, period), tolerances)
    k = len(x)
    monodromy, trace = end[k:-1].reshape(k, k), float(end[-1])
    return Floquet(float(period), x, end[:k], monodromy, trace, forced)


def _with_variations(rates: Field, jacobian: Field, k: int) -> Field:
    """The rates of a state, of the displacements from it (row by row), and of ∫ trace J dt."""

    def together(t: float, y: FloatArray) -> FloatArray:
        j = np.asarray(jacobian(t, y[:k]), dtype=float)
        displacements = y[k:-1].reshape(k, k)
        return np.concatenate([rates(t, y[:k]), (j @ displacements).ravel(), [np.trace(j)]])

    return together


def _through(
    together: Field, x: FloatArray, times: tuple[float, ...], tolerances: dict[str, float]
) -> FloatArray:
    """State, displacements and trace after one period, integrated from each time to the next."""
    y = np.concatenate([x, np.eye(len(x)).ravel(), [0.0]])
    period = times[-1]
    for low, high in itertools.pairwise(times):
        # a step is no longer than this, so that a short forcing does not fall between two of them
        longest = min(period / LEAST_STEPS, high - low)
        run = solve_ivp(together, (low, high), y, method="DOP853", max_step=longest, **tolerances)
        y = run.y[:, -1]
        if not run.success or not np.isfinite(y).all():
            raise InputError(
                f"the solution does not last one period of {period:g} from {x.tolist()}:"
                f" {run.message}"
            )
    return y


def periodic_orbit(
    rates: Callable[[FloatArray], FloatArray],
    near: Any,
    period: float,
    *,
    jacobian: Callable[[FloatArray], FloatArray] | None = None,
    tolerance: float = 1e-10,
) -> Floquet:
    """The periodic orbit of an autonomous system near a state and a period, by shooting.

    For systems of your own: a dyad's day is forced by its clock.

    Newton's method on x(T) = x with the phase held by moving x at right angles to the flow; it
    finds unstable orbits as well (Seydel, *Practical Bifurcation and Stability Analysis*, ch. 7).

    Parameters
    ----------
    rates : f(x). near : a state near the orbit. period : a guess of T.
    tolerance : of the last move, relative to the larger of 1 and the state.

    Raises
    ------
    InputError : Newton's method does not converge, or comes to rest on an equilibrium.

    >>> def circle(x):  # turns with unit speed, and is drawn to radius 1
    ...     return (1.0 - (x**2).sum(axis=0)) * x + np.array([-x[1], x[0]])
    >>> orbit = periodic_orbit(circle, [1.1, 0.0], 6.0)
    >>> round(orbit.period / np.pi, 6), orbit.stable
    (2.0, True)
    """
    x, length = _states(near, "near"), checks.number(period, "period", 0.0, open_low=True)
    rates_of(rates, x, None)
    if jacobian is not None:
        checks.function(jacobian, "jacobian", "a function of x")
    checks.number(tolerance, "tolerance", 0.0, 1.0, open_low=True)
    timed = None if jacobian is None else (lambda _, y: jacobian(y))

    def around(x: FloatArray, length: float) -> Floquet:
        return floquet(lambda _, y: rates(y), x, length, jacobian=timed, forced=False)

    orbit = _shot(rates, around, around(x, length), tolerance)
    if orbit is None:
        raise InputError(
            f"no periodic orbit found from {np.atleast_1d(near).tolist()} with a period near"
            f" {period:g}; start nearer to it, for instance from the end of a long simulation"
        )
    return orbit


def _shot(
    rates: Callable[[FloatArray], FloatArray],
    around: Callable[[FloatArray, float], Floquet],
    guess: Floquet,
    tolerance: float,
) -> Floquet | None:
    """The orbit near a guess, by Newton's method with limited moves; None if it is lost."""
    orbit, period = guess, guess.period
    size = max(1.0, float(np.abs(guess.start).max()))
    for _ in range(MOST_ROUNDS):
        move = _shooting_move(rates, orbit)
        if move is None:
            return None
        # a move far beyond the guess's own neighbourhood lands where the flow is stiff or has no
        # orbit
        too_far = float(np.abs(move[:-1]).max()) / (LARGEST * size)
        too_long = abs(move[-1]) / (LARGEST * period)
        move /= max(1.0, too_far, too_long)

        nearer = _nearer(around, orbit, move)
        if nearer is None:
            return None
        orbit = nearer
        gone = np.abs(orbit.start).max() > GONE * size
        if gone or not period / STRETCHED < orbit.period < STRETCHED * period:
            return None

        if np.abs(move).max() < tolerance * size:
            # an equilibrium comes back to itself after any time: it is no orbit
            at_rest = np.abs(rates(orbit.start)).max() * orbit.period < RESTING * tolerance
            return None if at_rest else orbit
    return None


def _states(value: Any, argument: str) -> FloatArray:
    """A state, shape (k,), from k numbers or one."""
    single = np.ndim(value) == 0 and not isinstance(value, str)
    return checks.array([value] if single else value, argument, (None,))


def _of_time(rates: Any, x: FloatArray, period: float) -> Field:
    """The rates of (t, x), which return the state's own shape."""
    function = checks.function(rates, "rates", "a function of (t, x)")
    rates_at_start = function(0.0, x)
    if np.shape(rates_at_start) != x.shape:
        raise checks.refused(
            rates_at_start,
            "rates",
            f"a function of (t, x) that returns the state's own shape {x.shape}",
        )
    return function


def _inside(edges: Any, period: float) -> tuple[float, ...]:
    """Times inside a period, in increasing order."""
    times = checks.sequence(edges, "edges", checks.number, of="times inside the period", least=0)
    if any(not low < high for low, high in itertools.pairwise((0.0, *times, period))):
        raise checks.refused(
            edges, "edges", f"increasing times between 0 and the period, {period:g}"
        )
    return times


def _shooting_move(rates: Callable[[FloatArray], FloatArray], orbit: Floquet) -> FloatArray | None:
    """What Newton's method takes off the state and the period, shape (k + 1,); None where it knows
    no move.
    """
    x = orbit.start
    flow, arrived = np.asarray(rates(x)), np.asarray(rates(orbit.end))
    matrix = np.block([[orbit.monodromy - np.eye(len(x)), arrived[:, None]], [flow, np.zeros(1)]])
    try:
        return np.asarray(linalg.solve(matrix, np.append(orbit.end - x, 0.0)))
    except (linalg.LinAlgError, ValueError):
        return None


def _nearer(
    around: Callable[[FloatArray, float], Floquet], orbit: Floquet, move: FloatArray
) -> Floquet | None:
    """After the move, or the largest part of it that does not lead far from closing, or to
    infinity.
    """
    # how far the guess is from closing
    off = float(np.abs(orbit.end - orbit.start).max())
    for _ in range(HALVINGS):
        try:
            tried = around(orbit.start - move[:-1], orbit.period - float(move[-1]))
        except InputError:
            move = move / 2
            continue
        if np.abs(tried.end - tried.start).max() <= 2 * off or np.abs(move).max() < SMALL:
            return tried
        move = move / 2
    return None


def _by_differences(rates: Field, scale: FloatArray) -> Field:
    def jacobian(t: float, x: FloatArray) -> FloatArray:
        # far from the start, rounding would drown a step of its size
        steps = DIFFERENCE * np.maximum(scale, np.abs(x))
        offsets = fourth_order_offsets(np.diag(steps))[:, 1:]
        values = np.asarray(rates(t, x[:, None] + offsets), dtype=float)
        return fourth_order_slopes(values, steps)

    return jacobian
