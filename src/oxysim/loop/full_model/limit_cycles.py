r"""The cycles of the full model's map that Newton's method has closed, and a search for one that is
missing.

Along a reinforcing loop stable and unstable cycles alternate: between two stable ones lies the
separatrix, and on it an unstable one. Where a list breaks this order one is missing, mostly beside
a fold, where the averaged system's pair of resting points has merged before the full model's has.
There the map along the leading direction v of a cycle, with multiplier μ and left eigenvector w
(w·v = 1), is δ ↦ μδ + aδ² up to higher orders, a = w·D²Φ(v, v)/2, so that the other cycle of the
pair lies near δ = (1 − μ)/a (Guckenheimer & Holmes 1983, sec. 3.5): Newton's method is started
there, and from between two neighbours that are both stable.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oxysim.arrays import BoolArray, FloatArray
from oxysim.loop.equilibria.equilibrium_search import newton
from oxysim.loop.full_model.frozen_model import STEADY, PoincareMap
from oxysim.loop.numerics.newton import distinct_columns

SAME = 1e-3  # of each state's typical size, between two cycles that are one
ASIDE = 0.25  # EPDS points to each side of a cycle, for the curvature of the map
FARTHEST = 4.0  # EPDS points that the other cycle of a pair may be away
ABOUT = (0.6, 1.0, 1.5)  # of the way to where the other cycle should lie
BETWEEN = (0.3, 0.5, 0.7)  # of the way from one stable cycle to the next
# EPDS points from a cycle, within which a resting point of the averaged system belongs to it
NEAR = 1.0
LEGAL = (0.1, 29.9)  # EPDS points, of a start


@dataclass(frozen=True, eq=False)
class LimitCycles:
    """Cycles of a full map.

    Attributes
    ----------
    y : states at midnight, (n_states, m).
    gap : how far each is from closing, in parts of each state's typical size, (m,).
    derivative : of the map, (m, k, k).
    x : the averaged system's resting points that belong to them, (n_slow, m).

    >>> import oxysim as ox
    >>> from oxysim.loop import AveragedSystem
    >>> full = PoincareMap(AveragedSystem(ox.Dyad()))
    >>> y = np.repeat(full.system.day.rest, 2, axis=1)
    >>> twice = LimitCycles(full, y, np.zeros(2), np.zeros((2, 1, 1)), y[full.system.places])
    >>> len(twice), len(twice.closed())
    (2, 1)
    """

    full: PoincareMap
    y: FloatArray
    gap: FloatArray
    derivative: FloatArray
    x: FloatArray

    def __len__(self) -> int:
        return self.y.shape[1]

    @property
    def depression(self) -> FloatArray:
        """The first caregiver's depression at midnight, (m,)."""
        depression: FloatArray = self.y[self.full.system.places[0]]
        return depression

    @property
    def stable(self) -> BoolArray:
        """Whether every multiplier lies inside the unit circle, (m,)."""
        stable: BoolArray = np.abs(np.linalg.eigvals(self.derivative)).max(axis=1) < 1
        return stable

    def take(self, chosen: list[int]) -> LimitCycles:
        """Some of them."""
        return LimitCycles(
            self.full,
            self.y[:, chosen],
            self.gap[chosen],
            self.derivative[chosen],
            self.x[:, chosen],
        )

    def closed(self) -> LimitCycles:
        """Those that close, each once, by rising depression; of two that are one
        the first stays.
        """
        closing = np.flatnonzero(self.gap <= STEADY).tolist()
        chosen = distinct_columns(self.y / self.full.scale[:, None], SAME, closing)
        by_depression = np.argsort(self.depression[chosen], kind="stable").tolist()
        return self.take([chosen[i] for i in by_depression])

    def joined(self, more: LimitCycles) -> LimitCycles:
        """These and what others there are."""
        # columns stand last in states, first in gaps and derivatives
        parts = zip(
            (self.y, self.gap, self.derivative, self.x),
            (more.y, more.gap, more.derivative, more.x),
            (1, 0, 0, 1),
            strict=True,
        )
        return LimitCycles(
            self.full, *[np.concatenate(pair, axis=axis) for *pair, axis in parts]
        ).closed()

    def broken(self) -> bool:
        """Whether they do not alternate from a stable one to a stable one: then one is missing."""
        return self.stable.tolist() != [i % 2 == 0 for i in range(len(self))] or len(self) % 2 == 0


def with_missing(cycles: LimitCycles, turns: FloatArray | None = None) -> LimitCycles:
    """The cycles, and the missing ones that Newton's method finds; all of them as they are where
    none is missing.

    `turns` (k, n): slow states at which the averaged system almost has two more resting points.

    >>> import oxysim as ox
    >>> from oxysim.loop import AveragedSystem
    >>> full = PoincareMap(AveragedSystem(ox.Dyad()))
    >>> y = full.system.day.rest[:, :0]
    >>> none = LimitCycles(full, y, np.zeros(0), np.zeros((0, 1, 1)), y[full.system.places])
    >>> len(with_missing(none))
    0
    """
    full, starts = cycles.full, [np.empty((len(cycles.y), 0))]
    if turns is not None and turns.size:
        starts.append(_about(full, turns))
    if len(cycles) and cycles.broken():
        starts += [_beside_folds(cycles), _between(cycles)]
    y = np.concatenate(starts, axis=1)
    # a start outside the scale is none
    y = y[:, (y[full.system.places[0]] > LEGAL[0]) & (y[full.system.places[0]] < LEGAL[1])]
    if not y.shape[1]:
        return cycles
    y, gap, derivative = full.steady(y)
    joined = cycles.joined(LimitCycles(full, y, gap, derivative, y[full.system.places]))
    earlier = {i for i in range(len(joined)) if (joined.y[:, [i]] == cycles.y).all(axis=0).any()}
    for i in set(range(len(joined))) - earlier:
        joined.x[:, i] = _averaged(joined, i)
    return joined


def _about(full: PoincareMap, turns: FloatArray) -> FloatArray:
    """Starts to both sides of where the averaged system turns back, (n_states, 2 n)."""
    x = np.repeat(turns, 2, axis=1)
    x[0] += np.tile([ASIDE, -ASIDE], turns.shape[1])
    return full.system.cycle(x, np.zeros(x.shape[1], dtype=np.int64))


def _beside_folds(cycles: LimitCycles) -> FloatArray:
    """Where the other cycle of each one's pair should lie, (n_states, number)."""
    full, starts = cycles.full, [np.empty((len(cycles.y), 0))]
    depression = full.moving.index(full.system.places[0])
    for i in range(len(cycles)):
        cycle = cycles.y[:, [i]]
        multiplier, ahead, across = _leading(cycles.derivative[i], depression)
        step = np.zeros_like(cycle)
        # one EPDS point along the leading direction
        step[full.moving] = ahead[:, None]
        beside = full(cycle + ASIDE * step * np.array([[1.0, -1.0]]))
        bent = (beside.mean(axis=1, keepdims=True) - cycle)[full.moving, 0] / ASIDE**2
        with np.errstate(divide="ignore", invalid="ignore"):
            # where the parabola of the map meets the diagonal a second time
            away = (1 - multiplier) / (across @ bent)
        if np.isfinite(away) and abs(away) < FARTHEST:
            starts.append(cycle + away * step * np.array([ABOUT]))
    return np.concatenate(starts, axis=1)


def _leading(derivative: FloatArray, depression: int) -> tuple[np.float64, FloatArray, FloatArray]:
    """The leading multiplier, the direction that belongs to it (1 in depression), and what measures
    along it.
    """
    values, right = np.linalg.eig(derivative)
    first = int(np.argmax(np.abs(values)))
    left_vector = np.linalg.inv(right)[first]
    # so that a step of 1 is one EPDS point
    scale = right[depression, first]
    return (
        np.float64(values[first].real),
        (right[:, first] / scale).real,
        (left_vector * scale).real,
    )


def _between(cycles: LimitCycles) -> FloatArray:
    """Points between neighbours that are both stable, (n_states, number)."""
    stable, share, y = cycles.stable, np.array([BETWEEN]), cycles.y
    pairs = [i for i in range(len(cycles) - 1) if stable[i] and stable[i + 1]]
    starts = [y[:, [i]] + share * (y[:, [i + 1]] - y[:, [i]]) for i in pairs]
    return np.concatenate(starts, axis=1) if starts else np.empty((len(y), 0))


def _averaged(cycles: LimitCycles, i: int) -> FloatArray:
    """The averaged system's resting point that belongs to a cycle; the cycle's own slow states
    where it has none.
    """
    system, x_cycle = cycles.full.system, cycles.x[:, [i]]
    equilibrium = newton(system, x_cycle)
    return (
        equilibrium[:, 0]
        if equilibrium.size and abs(equilibrium[0, 0] - x_cycle[0, 0]) < NEAR
        else x_cycle[:, 0]
    )
