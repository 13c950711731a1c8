"""Hysteresis: a parameter swept slowly up and down again, the state following by itself from where it was.

A dyad's slow states follow in whole rounds, which end where the averaged system itself rests as long as that is near.
Where the rounds end far away, or nowhere, the regime may be gone; then the averaged system is followed through time, so
that where the dyad falls is what its own course says.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from oxysim.errors import InputError
from oxysim.loop.averaged import AveragedSystem
from oxysim.loop.curve import FloatArray, Rates
from oxysim.loop.holding import to_rest
from oxysim.loop.rest_points import newton
from oxysim.loop.tipping import flow
from oxysim.loop.varied import vary
from oxysim.participants import Family
from oxysim.schedule import Intervention

FAR = 0.3  # on a slow state's own scale: what moves further is followed through time
NEAR = 0.05  # the same, between where a dyad seems to rest and a resting point
STRETCHES = tuple(60.0 * 2**k for k in range(8))  # days that a dyad is followed until it rests; beside a fold, long

Rest = Callable[[FloatArray, float], tuple[FloatArray, bool]]


@dataclass(frozen=True, eq=False)
class Hysteresis:
    """Where a state rests on the way up and on the way down.

    Attributes
    ----------
    parameter, names : what was swept, and the states. unit : of what was swept, empty for none.
    values : of the parameter, increasing, shape (n,).
    up, down : resting states at those values, shape (k, n).
    settled : whether the state came to rest at each value, up and down, shape (2, n); near a fold it takes longest.
    """

    parameter: str
    names: tuple[str, ...]
    values: FloatArray
    up: FloatArray
    down: FloatArray
    settled: Any
    unit: str = ""

    def gap(self, state: str | int = 0) -> FloatArray:
        """How far apart the two ways are in one state, by name or position, shape (n,)."""
        place = self.names.index(state) if isinstance(state, str) else state
        return np.abs(self.up[place] - self.down[place])

    def window(self, state: str | int = 0, least: float = 0.1) -> tuple[float, float] | None:
        """The least and the largest value at which the two ways, both at rest, differ by more than `least`, or None."""
        apart = self.values[(self.gap(state) > least) & self.settled.all(axis=0)]
        return (float(apart[0]), float(apart[-1])) if len(apart) else None


def hysteresis(  # noqa: PLR0913 - all but three are keywords with defaults
    dyad: Family | AveragedSystem,
    parameter: str,
    values: Sequence[Any],
    *,
    routine: Any = None,
    interventions: Mapping[str, Intervention] | None = None,
    start: Any = None,
) -> Hysteresis:
    """Sweep a parameter, the strength of an edge or the dose of an intervention of one dyad up and down again.

    Parameters
    ----------
    dyad, parameter, routine, interventions : as for :func:`~oxysim.loop.branches.branch`.
    values : at least two, increasing: numbers in the unit of the parameter's row, or texts with units.
    start : slow states before the first value, shape (k,); default the dyad's own.

    Raises
    ------
    UnknownNameError, UnitError, ScheduleError, InputError : as for ``branch``; values that do not increase.
    """
    varied, given = vary(dyad, parameter, values, routine, interventions)
    along = _increasing(given, values)
    x = varied.base.start if start is None else np.asarray(start, dtype=float)
    if x.shape != (len(varied.base.names),) or not np.isfinite(x).all():
        raise InputError(
            f"start: expected {len(varied.base.names)} numbers, for {', '.join(varied.base.names)}; found {start!r}"
        )
    varied.require_influence([float(along[0]), float(along[-1])])
    system_at = functools.cache(varied.at)
    swept = _swept(lambda y, p: _rest_of_dyad(system_at(p), y), x, along)
    return Hysteresis(varied.name, varied.base.names, along, *swept, varied.unit)


def sweep_up_and_down(
    rates: Rates,
    start: Any,
    values: Sequence[float],
    *,
    longest: float,
    tolerance: float = 1e-6,
    names: Sequence[str] | None = None,
    parameter: str = "p",
) -> Hysteresis:
    """Sweep a parameter through `values` and back, letting the state come to rest at each.

    Parameters
    ----------
    rates : F(x, p), as for ``continue_branch``.
    start : the state before the first value.
    longest : time allowed at each value, in the rates' own time.
    tolerance : largest relative rate (per unit of time) of a state that counts as at rest.

    Raises
    ------
    InputError : values that do not increase, a time that is not positive, a state that goes beyond what the equations
    allow.
    """
    along = _increasing(np.asarray(values, dtype=float), values)
    if not longest > 0:
        raise InputError(f"longest: expected a positive time; found {longest!r}")
    x = np.atleast_1d(np.asarray(start, dtype=float))
    own = tuple(names) if names is not None else tuple(f"x{i}" for i in range(1, len(x) + 1))
    swept = _swept(lambda y, p: _rest(rates, y, p, longest, tolerance), x, along)
    return Hysteresis(parameter, own, along, *swept)


def _increasing(along: FloatArray, given: Any) -> FloatArray:
    if along.ndim != 1 or len(along) < 2 or not np.all(np.diff(along) > 0) or not np.isfinite(along).all():
        raise InputError(f"values: expected at least two numbers in increasing order; found {given!r}")
    return along


def _swept(rest: Rest, x: FloatArray, along: FloatArray) -> tuple[FloatArray, FloatArray, Any]:
    """Where the state rests on the way up and on the way down, (k, n) each, and whether it does, (2, n)."""
    ways, settled = [], []
    for way in (along, along[::-1]):
        states, done = [], []
        for p in way.tolist():
            x, rested = rest(x, p)
            states.append(x)
            done.append(rested)
        ways.append(np.array(states).T)
        settled.append(done)
    return ways[0], ways[1][:, ::-1], np.array([settled[0], settled[1][::-1]])


def _rest_of_dyad(system: AveragedSystem, x: FloatArray) -> tuple[FloatArray, bool]:
    """Where a dyad rests that starts from slow states (k,), and whether it came to rest."""
    here = x[:, None]
    for days in (0.0, *STRETCHES):
        here = flow(system, here, days) if days else here
        there, settled = to_rest(system, here)
        if not settled[0] or np.abs(system.stretched(there) - system.stretched(here)).max() > FAR:
            continue
        exact = newton(system, there)  # just beyond a fold a dyad lingers where nothing rests
        if exact.shape[1] and np.abs(system.stretched(exact) - system.stretched(there)).max() < NEAR:
            return exact[:, 0], True
    return here[:, 0], False


def _rest(rates: Rates, x: FloatArray, p: float, longest: float, tolerance: float) -> tuple[FloatArray, bool]:
    """Where the state is after `longest`, or when it has come to rest, and whether it has."""

    def excess(_: float, y: FloatArray) -> float:
        return float(np.max(np.abs(rates(y, p)) / np.maximum(np.abs(y), 1.0))) - tolerance

    if excess(0.0, x) <= 0:
        return x, True
    excess.terminal = True  # type: ignore[attr-defined]
    run = solve_ivp(lambda _, y: rates(y, p), (0.0, longest), x, method="LSODA", rtol=1e-8, atol=1e-10, events=excess)
    if not run.success or not np.isfinite(run.y[:, -1]).all():
        raise InputError(f"no resting state at {p:g}: {run.message}")
    return run.y[:, -1], bool(run.status == 1)
