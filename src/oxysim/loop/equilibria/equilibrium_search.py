r"""Where the averaged system rests: multi-start, then Newton's method, all starts side by side.

Two kinds of starts, because each finds what the other may miss:

- **scan**: the first caregiver's depression on a grid, every other slow state brought near rest
  under it; where depression's own rate changes sign a resting point lies between, stable or not;
- **scatter**: points spread over all slow states (Sobol'), followed by pseudo-transient
  continuation (Kelley & Keyes 1998): implicit steps in time that lengthen as they come to rest, so
  that they end where the system itself would.

Newton runs on each state's own scale (logit where it has a floor and a top), on which every number
is legal.
"""

from __future__ import annotations

import functools
from dataclasses import replace

import numpy as np
from scipy.stats import qmc

from oxysim.arrays import FloatArray
from oxysim.loop.averaged_system import AveragedSystem
from oxysim.loop.numerics.newton import distinct_columns, pseudo_transient
from oxysim.simulation.equations.system import state_rows

# EPDS points
GRID = np.concatenate([np.linspace(0.5, 4, 4), np.linspace(5, 20, 21), np.linspace(21, 29, 6)])
SCATTERED = (1.0, 28.0)  # EPDS points, between which starts are scattered over both regimes
FINER = 13  # points of a finer grid, over two of the grid's steps
# EPDS points from a turn, at which two resting points would lie if the averaged rate were a little
# off
NEARLY = 0.6
SLOW = 1e-3  # EPDS points a day, of a turn: what the averaged rate may be off, and more
SCAN_ROUNDS = 25
# of a move on a state's own scale, in the scan: more would hide a crossing beside a fold
NEAR_REST = 2e-6
NEWTON_ROUNDS = 40
FIRST_STEP = 10.0  # days, of the pseudo-transient
LONGEST = 1.0  # of one move on a state's own scale
AT_REST = 1e-8  # of a move on a state's own scale
APART = 1e-3  # on a state's own scale: nearer points are one
ROUGHLY = 0.02  # the same, of the search before the last Newton


def equilibria(system: AveragedSystem, scatter: int = 16, seed: int = 0) -> FloatArray:
    """Every resting point found, by rising depression of the first caregiver, shape (k, number).

    >>> import oxysim as ox
    >>> system = AveragedSystem(ox.Dyad.symptomatic(), held=("infant.methylation",), settle=1)
    >>> equilibria(system, scatter=0)[0].round(1)  # EPDS: two stable ones, and one between them
    array([ 5.9, 11. , 18. ])
    """
    return equilibria_and_turns(system, scatter, seed)[0]


def equilibria_and_turns(
    system: AveragedSystem, scatter: int = 16, seed: int = 0
) -> tuple[FloatArray, FloatArray]:
    """The same, and points (k, number) where depression's rate turns back so little before zero
    that the full model may have a pair of cycles there.

    >>> import oxysim as ox
    >>> system = AveragedSystem(ox.Dyad.symptomatic(), held=("infant.methylation",), settle=1)
    >>> points, turns = equilibria_and_turns(system, scatter=0)
    >>> points.shape, turns.shape
    ((7, 3), (7, 0))
    """
    rough = replace(system, step=2 * system.step, settle=1)
    crossings, turns = scan(system)  # a rough day moves a fold, and would lose the pair beside it
    starts = [crossings]
    if scatter:
        starts.append(
            distinct(
                rough,
                newton(rough, scattered(rough, scatter, seed), first_step=FIRST_STEP),
                ROUGHLY,
            )
        )
    return distinct(system, newton(system, np.concatenate(starts, axis=1))), turns


def scan(system: AveragedSystem) -> tuple[FloatArray, FloatArray]:
    """Points near resting points, from sign changes of depression's rate along the grid, and turns,
    (k, number) each.

    Where the rate turns back near zero a finer grid asks what it does in between: beside a fold two
    resting points lie close together.

    >>> import oxysim as ox
    >>> system = AveragedSystem(ox.Dyad.symptomatic(), held=("infant.methylation",), settle=1)
    >>> crossings, turns = scan(system)
    >>> crossings[0].round(0)
    array([ 6., 11., 18.])
    """
    z, speed = _brought_near(system, GRID)
    crossings, turns = [_crossings(system, z, speed)], [np.empty((len(z), 0))]
    finer = _beside_turns(speed)
    if finer:
        z, speed = _brought_near(system, np.concatenate(finer))
        for i, grid in enumerate(finer):
            columns = slice(i * FINER, (i + 1) * FINER)
            crossing = _crossings(system, z[:, columns], speed[columns])
            crossings.append(crossing)
            if not crossing.size:
                turns.append(_nearly(system, grid, z[:, columns], speed[columns]))
    return np.concatenate(crossings, axis=1), np.concatenate(turns, axis=1)


def _nearly(
    system: AveragedSystem, grid: FloatArray, z: FloatArray, speed: FloatArray
) -> FloatArray:
    """The point of a grid where the rate is nearest to zero, if two resting points would be there
    for a little more.
    """
    i = int(np.clip(np.argmin(np.abs(speed)), 1, len(grid) - 2))
    curve = (speed[i + 1] - 2 * speed[i] + speed[i - 1]) / (2 * (grid[1] - grid[0]) ** 2)
    point = system.natural(z[:, [i]])
    near = abs(speed[i]) < max(abs(curve) * NEARLY**2, SLOW / system.spread(point)[0, 0])
    return point if near else np.empty((len(z), 0))


def _brought_near(system: AveragedSystem, grid: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Every other slow state at rest under each depression of a grid, and depression's rate, on
    their own scales.

    Shapes (k, n) and (n,).
    """
    x = np.repeat(_first(system)[:, None], len(grid), axis=1)
    x[0] = grid
    index = np.zeros(len(grid), dtype=np.int64)
    z = system.stretched(x)
    rates = np.zeros_like(x)
    decay = -np.diagonal(system.jacobian(_first(system)))[1:, None]
    for _ in range(SCAN_ROUNDS):
        rates = system.rates_of(x, index)
        move = np.clip(rates[1:] / system.spread(x)[1:] / decay, -LONGEST, LONGEST)
        z[1:] += move
        x = system.natural(z)
        if not np.any(np.abs(move) > NEAR_REST):
            break
    return z, rates[0] / system.spread(x)[0]


def _crossings(system: AveragedSystem, z: FloatArray, speed: FloatArray) -> FloatArray:
    """Where the rate is zero between two points of a grid, shape (k, number)."""
    turns = np.flatnonzero(np.isfinite(speed[:-1] * speed[1:]) & (speed[:-1] * speed[1:] <= 0))
    share = speed[turns] / (speed[turns] - speed[turns + 1])
    return system.natural((1 - share) * z[:, turns] + share * z[:, turns + 1])


def _beside_turns(speed: FloatArray) -> list[FloatArray]:
    """Finer grids, one about each point where the rate along the grid turns back just before or
    just behind zero.
    """
    before, middle, after = np.abs(speed[:-2]), np.abs(speed[1:-1]), np.abs(speed[2:])
    back = np.sign(speed[:-2]) == np.sign(speed[2:])
    beyond = np.sign(speed[1:-1]) != np.sign(speed[2:])
    steep = np.maximum(before, after) + np.where(beyond, middle, -middle)
    nearest = np.flatnonzero(
        back & (middle <= before) & (middle <= after) & (middle < 2 * steep)
    ).tolist()
    return [np.linspace(GRID[i], GRID[i + 2], FINER) for i in nearest]


def scattered(system: AveragedSystem, number: int, seed: int) -> FloatArray:
    """Points spread over every slow state, two units of its own scale to each side of where the
    dyad starts.

    >>> import oxysim as ox
    >>> system = AveragedSystem(ox.Dyad.symptomatic(), held=("infant.methylation",), settle=1)
    >>> scattered(system, 4, seed=1).shape
    (7, 4)
    """
    k = len(system.names)
    points = qmc.Sobol(k, seed=np.random.default_rng(seed)).random(number).T
    x = system.spread_about(np.repeat(_first(system)[:, None], number, axis=1), 4 * (points - 0.5))
    rows = state_rows(system.dyad.caregivers)
    for i, name in enumerate(system.names):
        if rows[name].tells_regime:
            low, high = SCATTERED
            x[i] = low + (high - low) * points[i]
    return x


def newton(system: AveragedSystem, x: FloatArray, first_step: float = np.inf) -> FloatArray:
    """Resting points from starts (k, m), those that converged; `first_step` in days makes it
    pseudo-transient.

    >>> import oxysim as ox
    >>> system = AveragedSystem(ox.Dyad.symptomatic(), held=("infant.methylation",), settle=1)
    >>> newton(system, system.start[:, None])[0].round(1)
    array([18.])
    """
    if not x.shape[1]:
        return x
    z, settled = pseudo_transient(
        functools.partial(rates_and_jacobians, system),
        system.stretched(x),
        rounds=NEWTON_ROUNDS,
        longest=LONGEST,
        tolerance=AT_REST,
        first_step=first_step,
    )
    return system.natural(z[:, settled])


def distinct(system: AveragedSystem, x: FloatArray, distance: float = APART) -> FloatArray:
    """The different ones among resting points (k, m), by rising depression of the
    first caregiver.

    >>> import oxysim as ox
    >>> system = AveragedSystem(ox.Dyad.symptomatic(), held=("infant.methylation",), settle=1)
    >>> distinct(system, np.repeat(system.start[:, None], 3, axis=1)).shape
    (7, 1)
    """
    by_depression = np.argsort(x[0], kind="stable").tolist()
    return x[:, distinct_columns(system.stretched(x), distance, by_depression)]


def _first(system: AveragedSystem) -> FloatArray:
    return system.start if system.start.ndim == 1 else system.start[:, 0]


def rates_and_jacobians(system: AveragedSystem, z: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Rates (k, m) and Jacobians (m, k, k) per day at columns `z` (k, m), all three on each slow
    state's own scale; the columns are of the first dyad.

    >>> import oxysim as ox
    >>> system = AveragedSystem(ox.Dyad(), held=("infant.methylation",), settle=1)
    >>> rates, slopes = rates_and_jacobians(system, system.stretched(system.start[:, None]))
    >>> rates.shape, slopes.shape
    ((7, 1), (1, 7, 7))
    """
    x = system.natural(z)
    rates, slopes = system.jacobian_of(x, np.zeros(x.shape[1], dtype=np.int64))
    spread = system.spread(x)
    g = rates / spread
    own_slopes = slopes * spread.T[:, None, :] / spread.T[:, :, None]
    # the scale changes along the way: the derivative of 1 / (x·(1 − x/top))
    for i, top in enumerate(system.tops):
        if top is not None:
            own_slopes[:, i, i] -= g[i] * (1 - 2 * x[i] / top)
    return g, own_slopes
