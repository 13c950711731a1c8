"""Basins of attraction: which start ends in which regime, and the separatrix between them.

All starts are followed side by side on the averaged system (infant age frozen, postpartum vulnerability gone), each
slow state on its own scale (logit where it has a floor and a top), until they have arrived at a stable regime.
:func:`oxysim.loop.frozen_courses.full_basins` follows the same starts by the full model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.integrate import solve_ivp

from oxysim.errors import InputError, unknown_name
from oxysim.loop.averaged import AveragedSystem
from oxysim.loop.curve import FloatArray
from oxysim.loop.rest_points import rest_points

IntArray = npt.NDArray[np.int64]
LONGEST = 1500.0  # days until a start must have arrived
ARRIVED = 0.15  # distance from a stable regime, on a state's own scale, within which nothing leaves it
UNDECIDED = -1


@dataclass(frozen=True, eq=False)
class Ends:
    """The stable regimes of an averaged system, and what lies between them.

    Attributes
    ----------
    system : whose they are.
    stable : shape (k, r), by rising depression. unstable : shape (k, u).
    """

    system: AveragedSystem
    stable: FloatArray
    unstable: FloatArray

    def regime_of(self, x: FloatArray) -> IntArray:
        """Which stable regime each column (k, m) has arrived at, or UNDECIDED."""
        z = self.system.stretched(x)[:, :, None]
        distance = np.abs(z - self.system.stretched(self.stable)[:, None, :]).max(axis=0)
        nearest = distance.argmin(axis=1)
        arrived = distance[np.arange(len(nearest)), nearest] < ARRIVED
        return np.where(arrived, nearest, UNDECIDED)

    def reached(self, x: FloatArray) -> IntArray:
        """In which stable regime each start (k, m) ends, or UNDECIDED after LONGEST days."""
        found, x = self.regime_of(x), x.copy()
        for days in (60.0, 120.0, 240.0, 480.0, LONGEST - 900.0):
            going = np.flatnonzero(found == UNDECIDED)
            if not len(going):
                break
            x[:, going] = flow(self.system, x[:, going], days)
            found[going] = self.regime_of(x[:, going])
        return found


def ends(system: AveragedSystem) -> Ends:
    """All regimes of an averaged system of one dyad.

    Raises
    ------
    InputError : no stable regime was found.
    """
    if len(system.dyad) != 1:
        raise InputError(
            f"system: expected that of one dyad; found {len(system.dyad)}; choose one with .take([number])"
        )
    points = rest_points(system)
    jacobians = system.jacobian(points) if points.shape[1] else np.empty((0, 1, 1))
    stable = np.array([np.linalg.eigvals(j).real.max() < 0 for j in jacobians], dtype=bool)
    if not stable.any():
        raise InputError("no stable regime of this dyad was found on this day")
    return Ends(system, points[:, stable], points[:, ~stable])


def flow(
    system: AveragedSystem, x: FloatArray, days: float, push: Callable[[FloatArray], FloatArray] | None = None
) -> FloatArray:
    """Where the averaged system takes columns `x` (k, m) in some days, shape (k, m).

    `push` adds to the speed on the states' own scales, (k, m) per day.

    Raises
    ------
    InputError : the course cannot be followed.
    """
    shape = x.shape

    def speed(_: float, flat: FloatArray) -> FloatArray:
        z = flat.reshape(shape)
        natural = system.natural(z)
        found = system.rates(natural) / system.spread(natural)
        return np.asarray(found if push is None else found + push(z)).ravel()

    run = solve_ivp(speed, (0.0, days), system.stretched(x).ravel(), method="RK23", rtol=3e-4, atol=3e-5)
    if not run.success or not np.isfinite(run.y[:, -1]).all():
        raise InputError(f"the slow states could not be followed for {days:g} days: {run.message}")
    return system.natural(run.y[:, -1].reshape(shape))


@dataclass(frozen=True, eq=False)
class Basins:
    """Which regime each start on a grid of two slow states ends in.

    Attributes
    ----------
    names : of the two slow states, horizontal and vertical.
    x, y : their values, shapes (nx,) and (ny,).
    regime : number of the stable regime, or UNDECIDED (-1), shape (ny, nx).
    ends : the regimes. start : the other slow states at the start, by name.
    separatrix : for each x the y between two basins, NaN where there is none; of several the lowest. Shape (nx,).
    """

    names: tuple[str, str]
    x: FloatArray
    y: FloatArray
    regime: IntArray
    ends: Ends
    start: dict[str, float]
    separatrix: FloatArray

    def share(self, regime: int) -> float:
        """The share of the grid that ends in one regime."""
        return float((self.regime == regime).mean())


def basins(
    system: AveragedSystem,
    x: tuple[str, Sequence[float]],
    y: tuple[str, Sequence[float]],
    *,
    start: Any = None,
    refine: int = 5,
) -> Basins:
    """Follow a grid of starts on any two slow states to the regimes in which they end.

    Parameters
    ----------
    system : of one dyad; it may hold slow states (``held``).
    x, y : name of a slow state and increasing values ("mother.bond", [0.3, 0.4, ...]); "caregiver." names the mother
        of a dyad.
    start : the other slow states, shape (k,); default the unstable regime between two stable ones, else the lowest
        stable one.
    refine : halvings of the grid's step in y when the separatrix is located.

    Raises
    ------
    UnknownNameError, InputError : a state that does not move, values out of range or out of order.
    """
    found = ends(system)
    places = [_place(system, name) for name, _ in (x, y)]
    if places[0] == places[1]:
        raise InputError(f"basins: expected two different slow states; found {x[0]!r} twice")
    across, up = (_values(system, place, values) for place, (_, values) in zip(places, (x, y), strict=True))
    middle = found.unstable if found.unstable.shape[1] else found.stable
    other = middle[:, 0] if start is None else np.asarray(start, dtype=float)
    grid = np.array(np.meshgrid(across, up)).reshape(2, -1)
    stack = np.repeat(other[:, None], grid.shape[1], axis=1)
    stack[places] = grid
    regime = found.reached(stack).reshape(len(up), len(across))
    line = _separatrix(found, other, places, (across, up), regime, refine)
    held = {name: float(v) for i, (name, v) in enumerate(zip(system.names, other, strict=True)) if i not in places}
    names = (system.names[places[0]], system.names[places[1]])
    return Basins(names, across, up, regime, found, held, line)


def _separatrix(
    found: Ends,
    other: FloatArray,
    places: list[int],
    grid: tuple[FloatArray, FloatArray],
    regime: IntArray,
    refine: int,
) -> FloatArray:
    """Bisection in y, for all x at once, between the two lowest neighbours that end differently."""
    across, up = grid
    changes = regime[1:] != regime[:-1]
    columns = np.flatnonzero(changes.any(axis=0))
    line = np.full(len(across), np.nan)
    if not len(columns):
        return line
    row = changes[:, columns].argmax(axis=0)
    low, high, below = up[row], up[row + 1], regime[row, columns]
    stack = np.repeat(other[:, None], len(columns), axis=1)
    stack[places[0]] = across[columns]
    for _ in range(refine):
        stack[places[1]] = (low + high) / 2
        same = found.reached(stack) == below
        low, high = np.where(same, stack[places[1]], low), np.where(same, high, stack[places[1]])
    line[columns] = (low + high) / 2
    return line


def _place(system: AveragedSystem, name: str) -> int:
    full = name.replace("caregiver.", f"{system.dyad.caregivers[0]}.", 1)
    if full not in system.names:
        raise unknown_name("slow state", name, system.names, "of this averaged system")
    return system.names.index(full)


def _values(system: AveragedSystem, place: int, given: Sequence[float]) -> FloatArray:
    values, top = np.asarray(given, dtype=float), system.tops[place]
    if values.ndim != 1 or len(values) < 2 or not (np.diff(values) > 0).all():
        raise InputError(f"{system.names[place]}: expected at least two increasing values; found {given!r}")
    if not np.isfinite(values).all() or (top is not None and not (values[0] > 0 and values[-1] < top)):
        raise InputError(
            f"{system.names[place]}: expected values between 0 and {top:g}, not at the ends; found {given!r}"
        )
    return values
