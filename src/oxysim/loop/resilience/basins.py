"""Basins of attraction: which start ends in which regime, and the separatrix between them.

All starts are followed side by side on the averaged system (infant age frozen, postpartum
vulnerability gone), each slow state on its own scale (logit where it has a floor and a top), until
they have arrived at a stable regime. The full model follows the same starts in
:func:`oxysim.loop.resilience.full_model_basins.full_basins`.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from oxysim import checks
from oxysim.arrays import BoolArray, FloatArray, IntArray
from oxysim.errors import InputError, unknown_name
from oxysim.loop.arguments import averaged_system_of_one, checked_slow_states
from oxysim.loop.averaged_system import AveragedSystem
from oxysim.loop.equilibria.equilibrium_search import equilibria
from oxysim.loop.equilibria.trajectories import flow
from oxysim.loop.numerics.bisection import bisected
from oxysim.progress import Bar, counting
from oxysim.texts import Described, listed

LONGEST = 1500.0  # days until a start must have arrived
# distance from a stable regime, on a state's own scale, within which nothing leaves it
ARRIVED = 0.15
UNDECIDED = -1
MOST_HALVINGS = 40  # beyond them two starts are one number
MOST_PARTS = 100  # of a grid's step
# x, y below a change of basins, y above it, and the regime below.
Bracket = tuple[float, float, float, int]


@dataclass(frozen=True, eq=False)
class Attractors(Described):
    """The stable regimes of an averaged system, and what lies between them.

    Attributes
    ----------
    system : whose they are.
    stable : shape (k, r), by rising depression. unstable : shape (k, u).

    >>> import oxysim as ox
    >>> system = AveragedSystem(ox.Dyad.symptomatic(), held=("infant.methylation",), settle=1)
    >>> attractors = ends(system)
    >>> attractors.regime_of(attractors.stable)
    array([0, 1])
    """

    system: AveragedSystem
    stable: FloatArray
    unstable: FloatArray

    def regime_of(self, x: FloatArray) -> IntArray:
        """Which stable regime each column (k, m) has arrived at, or UNDECIDED."""
        # distances from all regimes at once, (k, m, r)
        z = self.system.stretched(x)[:, :, None]
        distance = np.abs(z - self.system.stretched(self.stable)[:, None, :]).max(axis=0)
        nearest = distance.argmin(axis=1)
        arrived = distance[np.arange(len(nearest)), nearest] < ARRIVED
        return np.where(arrived, nearest, UNDECIDED)

    def reached(self, x: FloatArray, bar: Bar | None = None) -> IntArray:
        """In which stable regime each start (k, m) ends, or UNDECIDED after LONGEST days; `bar`
        counts arrivals.
        """
        regime, x, bar = self.regime_of(x), x.copy(), bar or Bar("start")
        bar.advance(int((regime != UNDECIDED).sum()))
        # longer and longer, so that most are spared the long way
        for days in (60.0, 120.0, 240.0, 480.0, LONGEST - 900.0):
            going = np.flatnonzero(regime == UNDECIDED)
            if not len(going):
                break
            x[:, going] = flow(self.system, x[:, going], days)
            regime[going] = self.regime_of(x[:, going])
            bar.advance(int((regime[going] != UNDECIDED).sum()))
        # those that never arrive are done too
        bar.advance(int((regime == UNDECIDED).sum()))
        return regime

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it prints as."""
        stable, unstable = ([f"{v:.2f}" for v in x[0]] for x in (self.stable, self.unstable))
        return "Regimes of averaged days", [
            ("stable at depression", listed(stable)),
            ("unstable at", listed(unstable) or "none"),
            ("slow states", listed(self.system.names)),
        ]


def ends(system: AveragedSystem) -> Attractors:
    """All regimes of an averaged system of one dyad.

    Raises
    ------
    InputError : no stable regime was found.

    >>> import oxysim as ox
    >>> system = AveragedSystem(ox.Dyad.symptomatic(), held=("infant.methylation",), settle=1)
    >>> found = ends(system)
    >>> found.stable[0].round(1), found.unstable[0].round(1)
    (array([ 5.9, 18. ]), array([11.]))
    """
    averaged_system_of_one(system)
    points = equilibria(system)
    jacobians = system.jacobian(points) if points.shape[1] else np.empty((0, 1, 1))
    # all eigenvalues have negative real parts
    stable = np.array([np.linalg.eigvals(j).real.max() < 0 for j in jacobians], dtype=bool)
    if not stable.any():
        raise InputError("no stable regime of this dyad was found on this day")
    return Attractors(system, points[:, stable], points[:, ~stable])


@dataclass(frozen=True, eq=False)
class Basins(Described):
    """Which regime each start on a grid of two slow states ends in.

    Attributes
    ----------
    names : of the two slow states, horizontal and vertical.
    x, y : their values, shapes (nx,) and (ny,).
    regime : number of the stable regime, or UNDECIDED (-1), shape (ny, nx).
    ends : the regimes. start : the other slow states at the start, by name.
    separatrix : for each x the y between two basins, NaN where there is none; of several the
        lowest. Shape (nx,).
    crossings : every point (x, y) between two basins, shape (2, number), also between the grid's
        values of x: sorted by x, and of one x by y. What a figure draws; basins thinner than the
        grid's step in y are not met.

    >>> import oxysim as ox
    >>> system = AveragedSystem(ox.Dyad.symptomatic(), held=("infant.methylation",), settle=1)
    >>> found = basins(
    ...     system, ("mother.depression", [5.0, 20.0]), ("mother.bond", [0.3, 0.7]),
    ...     refine=0, finer=1, progress=False)
    >>> found.share(0) + found.share(1) + found.share(UNDECIDED)
    1.0
    """

    names: tuple[str, str]
    x: FloatArray
    y: FloatArray
    regime: IntArray
    ends: Attractors
    start: dict[str, float]
    separatrix: FloatArray
    crossings: FloatArray = field(default_factory=lambda: np.empty((2, 0)))

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it prints as."""
        shares = [
            f"{100 * self.share(k):.0f} % at depression {x:.2f}"
            for k, x in enumerate(self.ends.stable[0])
        ]
        undecided = f"{100 * self.share(UNDECIDED):.0f} %"
        spans = [
            f"{name} {v[0]:g} to {v[-1]:g}"
            for name, v in zip(self.names, (self.x, self.y), strict=True)
        ]
        return "Basins", [
            ("starts", listed(spans)),
            ("they end", listed(shares)),
            ("undecided", undecided),
        ]

    def share(self, regime: int) -> float:
        """The share of the grid that ends in one regime, by its number; UNDECIDED (-1) for what has
        not arrived.
        """
        checks.whole_number(regime, "regime", UNDECIDED, self.ends.stable.shape[1] - 1)
        return float((self.regime == regime).mean())


def basins(
    system: AveragedSystem,
    x: tuple[str, Sequence[float]],
    y: tuple[str, Sequence[float]],
    *,
    start: Any = None,
    refine: int = 5,
    finer: int = 4,
    progress: bool | None = None,
) -> Basins:
    """Follow a grid of starts on any two slow states to the regimes in which they end.

    Parameters
    ----------
    system : of one dyad; it may hold slow states (``other_by_name``).
    x, y : name of a slow state and increasing values ("mother.bond", [0.3, 0.4, ...]); "caregiver."
        names the mother of a dyad.
    start : the other slow states, shape (k,); default the unstable regime between two stable ones,
        else the lowest stable one.
    refine : halvings of the grid's step in y when the separatrix is located.
    finer : parts into which the grid's step in x is cut for the points of ``crossings``.
    progress : whether to show how far it has come; default on a terminal and in a notebook.

    Raises
    ------
    UnknownNameError, InputError : a state that does not move, values out of range or out of order.

    >>> import oxysim as ox
    >>> system = AveragedSystem(ox.Dyad.symptomatic(), held=("infant.methylation",), settle=1)
    >>> found = basins(
    ...     system, ("mother.depression", [5.0, 20.0]), ("mother.bond", [0.3, 0.7]),
    ...     refine=0, finer=1, progress=False)
    >>> found.regime[1]  # of a bond of 0.7: the mild start recovers, the severe one does not
    array([0, 1])
    """
    checks.whole_number(refine, "refine", 0, MOST_HALVINGS)
    checks.whole_number(finer, "finer", 1, MOST_PARTS)
    averaged_system_of_one(system)
    (x_name, x_values), (y_name, y_values) = _pair(x, "x"), _pair(y, "y")
    places = [_place(system, x_name), _place(system, y_name)]
    if places[0] == places[1]:
        raise InputError(f"basins: expected two different slow states; found {x[0]!r} twice")
    across, up = _values(system, places[0], x_values), _values(system, places[1], y_values)
    given_start = None if start is None else checked_slow_states(start, system, "start")

    attractors = ends(system)
    # between two regimes the separatrix passes through the unstable one
    middle = attractors.unstable if attractors.unstable.shape[1] else attractors.stable
    other_states = middle[:, 0] if given_start is None else given_start
    plane = _Plane(attractors, other_states, places)
    grid = np.array(np.meshgrid(across, up)).reshape(2, -1)
    with counting(grid.shape[1], "basins", "start", progress) as bar:
        regime = plane.ends_of(grid, bar).reshape(len(up), len(across))
    crossings = plane.crossings((across, up), regime, refine, finer, progress)

    names = (system.names[places[0]], system.names[places[1]])
    separatrix = np.array([_lowest_crossing(crossings, value) for value in across])
    held_states = _without(dict(zip(system.names, other_states.tolist(), strict=True)), names)
    return Basins(names, across, up, regime, attractors, held_states, separatrix, crossings)


def _lowest_crossing(crossings: FloatArray, x: float) -> float:
    """The y of the lowest point between two basins at an x, NaN where there is none."""
    column = crossings[1, crossings[0] == x]
    return float(column[0]) if len(column) else np.nan


def _without(states: dict[str, float], names: tuple[str, str]) -> dict[str, float]:
    """The states of all names but two."""
    return {name: value for name, value in states.items() if name not in names}


@dataclass(frozen=True, eq=False)
class _Plane:
    """Starts that differ in two slow states, at `places`; the others are as in `other`, (k,)."""

    attractors: Attractors
    other_states: FloatArray
    places: list[int]

    def ends_of(self, points: FloatArray, bar: Bar) -> IntArray:
        """In which regime each point (2, m) ends, or UNDECIDED, (m,)."""
        # all states as given, two of them moved
        stack = np.repeat(self.other_states[:, None], points.shape[1], axis=1)
        stack[self.places] = points
        return self.attractors.reached(stack, bar)

    def crossings(
        self,
        grid: tuple[FloatArray, FloatArray],
        regime: IntArray,
        refine: int,
        finer: int,
        progress: bool | None,
    ) -> FloatArray:
        """Every point between two basins, (2, number), by bisection in y of all of them at once."""
        across, up = grid
        columns = zip(across, regime.T, strict=True)
        brackets = [bracket for x, column in columns for bracket in _brackets(x, up, column)]
        looks = _between_columns(across, len(up), regime, finer)
        total = sum(len(rows) for _, rows in looks) + refine * len(brackets) * finer
        with counting(max(total, 1), "separatrix", "start", progress) as bar:
            brackets += self._brackets_between(looks, up, bar)
            if not brackets:
                return np.empty((2, 0))
            x, low, high, below = np.array(brackets).T

            def like_above(middle: FloatArray) -> BoolArray:
                return np.asarray(self.ends_of(np.array([x, middle]), bar) != below)

            points = np.array([x, bisected(low, high, like_above, refine)])
        return np.asarray(points[:, np.lexsort((points[1], points[0]))])

    def _brackets_between(
        self, looks: list[tuple[float, IntArray]], up: FloatArray, bar: Bar
    ) -> list[Bracket]:
        """Those of the columns between the grid's, all of whose starts are followed together."""
        if not looks:
            return []
        stacks = [np.array([np.full(len(rows), x), up[rows]]) for x, rows in looks]
        ends_of_columns = np.cumsum([len(rows) for _, rows in looks])[:-1]
        regimes = np.split(self.ends_of(np.concatenate(stacks, axis=1), bar), ends_of_columns)

        brackets: list[Bracket] = []
        for (x, rows), regime in zip(looks, regimes, strict=True):
            brackets += _brackets(x, up[rows], regime)
        return brackets


def _brackets(x: float, up: FloatArray, regime: IntArray) -> list[Bracket]:
    """(x, y below, y above, regime below) of each two neighbours of a column that end differently;
    what has not arrived is passed over.
    """
    rows = np.flatnonzero(regime != UNDECIDED)
    pairs = [(a, b) for a, b in itertools.pairwise(rows.tolist()) if regime[a] != regime[b]]
    return [(float(x), float(up[a]), float(up[b]), int(regime[a])) for a, b in pairs]


def _between_columns(
    across: FloatArray, height: int, regime: IntArray, finer: int
) -> list[tuple[float, IntArray]]:
    """Values of x between the grid's, each with the rows to look at: those about which a column
    beside it changes.
    """
    looks = []
    for i in range(len(across) - 1):
        rows = np.flatnonzero((regime[1:, i : i + 2] != regime[:-1, i : i + 2]).any(axis=1))
        # one row more to both sides: the separatrix may leave the bracket between columns
        if len(rows):
            near = np.arange(max(rows[0] - 1, 0), min(rows[-1] + 3, height))
            looks += [
                (float(x), near) for x in np.linspace(across[i], across[i + 1], finer + 1)[1:-1]
            ]
    return looks


def _pair(pair: Any, argument: str) -> tuple[str, Any]:
    """A name of a slow state and its values."""
    if not isinstance(pair, tuple | list) or len(pair) != 2 or not isinstance(pair[0], str):
        raise checks.refused(
            pair, argument, "the name of a slow state and increasing values, as a pair"
        )
    return pair[0], pair[1]


def _place(system: AveragedSystem, name: str) -> int:
    full = name.replace("caregiver.", f"{system.dyad.caregivers[0]}.", 1)
    if full not in system.names:
        raise unknown_name("slow state", name, system.names, "of this averaged system")
    return system.names.index(full)


def _values(system: AveragedSystem, row: int, values_given: Sequence[float]) -> FloatArray:
    values, top = checks.array(values_given, system.names[row], (None,)), system.tops[row]
    if len(values) < 2 or not (np.diff(values) > 0).all():
        raise InputError(
            f"{system.names[row]}: expected at least two increasing values; found {values_given!r}"
        )
    if top is not None and not (values[0] > 0 and values[-1] < top):
        raise InputError(
            f"{system.names[row]}: expected values between 0 and {top:g}, not at the ends; found"
            f" {values_given!r}"
        )
    return values
