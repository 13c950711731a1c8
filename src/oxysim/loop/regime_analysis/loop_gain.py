r"""The gain of the loop: what comes back over an edge for each unit that is sent into it.

At a regime the averaged system's Jacobian is J. *Opening* an edge lets everything move, but its
receiver receives what it received at the regime: the Jacobian is then J°. (Opening is
not cutting: a cut takes away what is unusual in the dyad and so moves the regime; opening leaves
the dyad where it is and stops what would come back.) Bode's return difference of the opened edge,
at zero frequency, is

    F = 1 − L = det(J) / det(J°)          L: the loop gain, all that comes back over the edge

(Bode 1945, ch. 4; for a scalar signal det(sI − J)/det(sI − J°) = 1 − L(s), here s = 0). With the
opened system stable, det(J°) has the sign of (−1)^k, so L < 1 where the regime is stable by a real
eigenvalue, L = 1 at a fold (det J = 0), and L > 1 on the unstable branch (Strogatz 2015, sec. 3.1;
Guckenheimer & Holmes 1983, sec. 3.4). Where the opened system is itself unstable, L says nothing of
the kind, and `opened_stable` is False. L > 0 makes the loops over the edge reinforcing on balance,
L < 0 balancing. Whether an edge *holds up* a regime is another question, answered by cutting and
scaling it (`oxysim.loop.regime_analysis.maintenance`).

Among the slow states themselves, each on its own scale and time constant τ, τ·J + I is a matrix of
direct gains; the product along a closed path without repeated states is the gain of that sub-loop
(Mason 1953).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from oxysim import checks
from oxysim.arrays import BoolArray, FloatArray
from oxysim.errors import InputError
from oxysim.families.named_values import edge_multipliers
from oxysim.loop.arguments import averaged_system_of_one, checked_slow_states
from oxysim.loop.averaged_system import NUDGE, AveragedSystem
from oxysim.loop.numerics.differences import beside, central_jacobians
from oxysim.loop.regime_analysis.regimes import Regime, Regimes
from oxysim.model import registry

THE_LOOP = (
    "reward -> depression",
    "bond -> depression",
    "confidence -> depression",
    "mood -> depression",
)
"""The edges over which what the dyad makes of its contact comes back to depression: all that the
parameter ``caregiver.depression.loop_gain`` multiplies.
"""
NOTHING = 1e-7  # of loop gain: what differences of the Jacobian do not resolve


class OpenedEdge:
    """Stands in for the multiplier of an edge in a stack of columns: where `open_` is true, the
    receiver receives what that of the first column receives. Equations with multipliers are
    computed as they are written, so that it meets the deviation itself.

    >>> edge = OpenedEdge(np.array([False, True]), 1.0)
    >>> edge * np.array([3.0, 5.0])  # the second column receives what the first does
    array([3., 3.])
    """

    def __init__(self, open_: BoolArray, multiplier: float) -> None:
        self.open_, self.multiplier = open_, multiplier

    def __mul__(self, deviation: Any) -> Any:
        """What passes over the edge of a deviation from the expected."""
        # where all columns share the deviation there is nothing to open
        if np.ndim(deviation) == 0:
            return self.multiplier * deviation
        return self.multiplier * np.where(self.open_, deviation[..., :1], deviation)


@dataclass(frozen=True, eq=False)
class LoopGain:
    """The gain over one opened edge, or over several opened together.

    Attributes
    ----------
    edges : the opened edges.
    gain : L, everything that comes back over them.
    opened_stable : whether the opened system is stable, without which `gain` does not bear on
    stability.

    >>> print(LoopGain(("bond -> depression",), 0.319, opened_stable=True))
    bond -> depression: loop gain 0.3190 (reinforcing)
    """

    edges: tuple[str, ...]
    gain: float
    opened_stable: bool

    @property
    def kind(self) -> str:
        """ "reinforcing", "balancing", or "no loop"."""
        return (
            "no loop"
            if abs(self.gain) < NOTHING
            else "reinforcing"
            if self.gain > 0
            else "balancing"
        )

    def __str__(self) -> str:
        caution = (
            ""
            if self.opened_stable
            else "; the opened system is unstable: the gain does not bear on stability"
        )
        return f"{' + '.join(self.edges)}: loop gain {self.gain:.4f} ({self.kind}){caution}"


def loop_gain(
    system: AveragedSystem, x: FloatArray | Regime, at: Iterable[str] | str = THE_LOOP
) -> LoopGain:
    """The loop gain at a resting point, with the loop opened at the edges `at`.

    Parameters
    ----------
    system : of one dyad.
    x : a resting point of it (k,), or a regime found from it.
    at : edges that are opened together.

    Raises
    ------
    UnknownNameError : no such edge. InputError : no edge, or `x` has another shape.

    >>> import oxysim as ox
    >>> slow = ("mother.bond", "mother.confidence", "mother.mentalising", "infant.methylation")
    >>> system = AveragedSystem(ox.Dyad.symptomatic(), held=slow, step=20.0, settle=1)
    >>> loop_gain(system, system.start).kind
    'reinforcing'
    """
    edges = tuple(edge_multipliers(at, None))
    if not edges:
        raise InputError("at: expected at least one edge to open; found none")
    return _gains(system, _point(system, x), [edges])[0]


def edge_gains(system: AveragedSystem, x: FloatArray | Regime) -> pd.DataFrame:
    """The loop gain over every edge by itself, the largest first: edge, gain,
    kind, opened_stable.

    >>> import oxysim as ox
    >>> slow = ("mother.bond", "mother.confidence", "mother.mentalising", "infant.methylation")
    >>> system = AveragedSystem(ox.Dyad.symptomatic(), held=slow, step=20.0, settle=1)
    >>> edge_gains(system, system.start)["edge"][0]
    'depression -> depression'
    """
    gains = _gains(system, _point(system, x), [(edge,) for edge in registry.edges()])
    rows = [
        {
            "edge": gain.edges[0],
            "gain": gain.gain,
            "kind": gain.kind,
            "opened_stable": gain.opened_stable,
        }
        for gain in gains
    ]
    table = pd.DataFrame(rows)
    return table.iloc[np.argsort(-table["gain"].abs(), kind="stable")].reset_index(drop=True)


def group_gains(
    system: AveragedSystem, x: FloatArray | Regime, groups: Mapping[str, Iterable[str]]
) -> pd.DataFrame:
    """The loop gain over several groups of edges, each opened together: group, gain, kind,
    opened_stable.

    Parameters
    ----------
    groups : a word for each -> its edges.

    Raises
    ------
    UnknownNameError : no such edge. InputError : no group, or one without an edge.

    >>> import oxysim as ox
    >>> slow = ("mother.bond", "mother.confidence", "mother.mentalising", "infant.methylation")
    >>> system = AveragedSystem(ox.Dyad.symptomatic(), held=slow, step=20.0, settle=1)
    >>> groups = {"the loop": THE_LOOP, "bond": edges_out_of("bond")}
    >>> group_gains(system, system.start, groups)["group"].tolist()
    ['the loop', 'bond']
    """
    checks.instance(groups, "groups", Mapping, "a mapping of words to edges")
    openings = [tuple(edge_multipliers(edges, None)) for edges in groups.values()]
    if not openings or not all(openings):
        raise InputError("groups: expected at least one, and each with an edge")
    gains = _gains(system, _point(system, x), openings)
    rows = [(gain.gain, gain.kind, gain.opened_stable) for gain in gains]
    table = pd.DataFrame(rows, columns=["gain", "kind", "opened_stable"])
    table.insert(0, "group", list(groups))
    return table


def edges_out_of(signals: str | Iterable[str]) -> tuple[str, ...]:
    """All edges that begin at a signal, or at one of several.

    Raises
    ------
    UnknownNameError : a signal at which no edge begins.

    >>> edges_out_of("confidence")
    ('confidence -> depression', 'confidence -> engagement')
    """
    beginnings = {edge: edge.split(" -> ")[0] for edge in registry.edges()}
    chosen = checks.texts(signals, "signals", of="names of signals", least=1)
    for signal in chosen:
        checks.choice(signal, "signals", sorted(set(beginnings.values())))
    return tuple(edge for edge, signal in beginnings.items() if signal in chosen)


def sub_loops(system: AveragedSystem, x: FloatArray | Regime) -> pd.DataFrame:
    """The loops among the slow states, the strongest first: path, gain, kind.

    A path such as "mother.depression → mother.bond → mother.depression" is direct from each slow
    state to the next: over hormones, affect and contact within the day, but over no other slow
    state. A state's path to itself is what comes back to it within the day.

    >>> import oxysim as ox
    >>> system = AveragedSystem(ox.Dyad.symptomatic(), held=("infant.methylation",), settle=1)
    >>> sub_loops(system, system.start)["loop"][0]
    'mother.depression → mother.confidence → mother.depression'
    """
    # direct gains τ·J + I on the states' own scales
    point = _point(system, x)
    slopes, spread = system.jacobian(point), system.spread(point[:, None])[:, 0]
    direct = np.eye(len(point)) + system.times[:, None] * slopes * spread[None] / spread[:, None]
    rows = []
    for length in range(1, len(point) + 1):
        for path in itertools.permutations(range(len(point)), length):
            # each loop once: it is begun at its first state
            if path[0] != min(path):
                continue  # the same loop, begun elsewhere
            ends = (*path[1:], path[0])
            gain = float(np.prod([direct[to, of] for of, to in zip(path, ends, strict=True)]))
            names = " → ".join(system.names[i] for i in (*path, path[0]))
            rows.append({"loop": names, "gain": gain, "kind": LoopGain((), gain, True).kind})
    table = pd.DataFrame(rows)
    return table.iloc[np.argsort(-table["gain"].abs(), kind="stable")].reset_index(drop=True)


def gains_at(found: Regimes, at: Iterable[str] | str = THE_LOOP) -> pd.DataFrame:
    """The loop gain at every regime: word, stable, EPDS, gain, opened_stable.

    >>> import oxysim as ox
    >>> from oxysim.loop import regimes
    >>> found = regimes(ox.Dyad(), starts=0, progress=False)
    >>> gains_at(found)[["regime", "stable", "opened_stable"]].values.tolist()
    [['recovered', True, True]]
    """
    rows = []
    for regime in checks.instance(
        found, "found", Regimes, "the regimes of a dyad, from regimes(dyad)"
    ):
        gain = loop_gain(found.system, regime, at)
        rows.append(
            {
                "regime": regime.word,
                "stable": regime.stable,
                "epds": regime.epds,
                "gain": gain.gain,
                "opened_stable": gain.opened_stable,
            }
        )
    return pd.DataFrame(rows)


def _gains(
    system: AveragedSystem, x: FloatArray, openings: list[tuple[str, ...]]
) -> list[LoopGain]:
    """The gain over each set of opened edges; all sets in one stack, whose first column is the
    resting point.
    """
    # One column for each set of edges, and a last one with every edge closed.
    n = len(openings) + 1
    columns = np.repeat(x[:, None], n, axis=1)
    steps = NUDGE * system.spread(columns)
    stack = beside(columns, range(len(x)), steps)
    opening_of_column = np.tile(np.arange(n), 2 * len(x) + 1)

    multipliers: dict[str, Any] = {}
    for edge in sorted({edge for opening in openings for edge in opening}):
        with_it_open = [number for number, opening in enumerate(openings) if edge in opening]
        multiplier = float(np.ravel(system.edges.get(edge, 1.0))[0])
        multipliers[edge] = OpenedEdge(np.isin(opening_of_column, with_it_open), multiplier)

    rates = system.rates_of(stack, np.zeros(stack.shape[1], dtype=np.int64), multipliers)
    _, slopes = central_jacobians(rates, steps)
    # 1 − L = det(J) / det(J°)
    whole = np.linalg.det(slopes[-1])
    gains = []
    for edges, opened_slopes in zip(openings, slopes[:-1], strict=True):
        stable = bool(np.linalg.eigvals(opened_slopes).real.max() < 0)
        gains.append(LoopGain(edges, float(1 - whole / np.linalg.det(opened_slopes)), stable))
    return gains


def _point(system: AveragedSystem, x: FloatArray | Regime) -> FloatArray:
    averaged_system_of_one(system)
    if not isinstance(x, Regime):
        return checked_slow_states(x, system, "x")
    # a regime of another dyad, or with other states held
    missing = [name for name in system.names if name not in x.averaged]
    if missing:
        raise InputError(f"x: expected a regime of this dyad; found one without {missing[0]!r}")
    return np.array([x.averaged[name] for name in system.names])
