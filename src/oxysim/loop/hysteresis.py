"""Hysteresis: a parameter swept slowly up and down again, the state following by itself from where it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from oxysim.errors import InputError
from oxysim.loop.curve import FloatArray, Rates


@dataclass(frozen=True, eq=False)
class Hysteresis:
    """Where a state rests on the way up and on the way down.

    Attributes
    ----------
    parameter, names : what was swept, and the states.
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

    def gap(self, state: str | int = 0) -> FloatArray:
        """How far apart the two ways are in one state, by name or position, shape (n,)."""
        place = self.names.index(state) if isinstance(state, str) else state
        return np.abs(self.up[place] - self.down[place])

    def window(self, state: str | int = 0, least: float = 0.1) -> tuple[float, float] | None:
        """The least and the largest value at which the two ways differ by more than `least`, or None."""
        apart = self.values[self.gap(state) > least]
        return (float(apart[0]), float(apart[-1])) if len(apart) else None


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
    along = np.asarray(values, dtype=float)
    if along.ndim != 1 or len(along) < 2 or not np.all(np.diff(along) > 0) or not np.isfinite(along).all():
        raise InputError(f"values: expected at least two numbers in increasing order; found {values!r}")
    if not longest > 0:
        raise InputError(f"longest: expected a positive time; found {longest!r}")
    x = np.atleast_1d(np.asarray(start, dtype=float))
    own = tuple(names) if names is not None else tuple(f"x{i}" for i in range(1, len(x) + 1))
    ways, settled = [], []
    for way in (along, along[::-1]):
        states, done = [], []
        for p in way:
            x, rested = _rest(rates, x, float(p), longest, tolerance)
            states.append(x)
            done.append(rested)
        ways.append(np.array(states).T)
        settled.append(done)
    return Hysteresis(parameter, own, along, ways[0], ways[1][:, ::-1], np.array([settled[0], settled[1][::-1]]))


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
