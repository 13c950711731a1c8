r"""What holds the symptomatic regime up: cut or weaken an edge, and see whether the regime still
exists.

A loop gain above one says where a branch is unstable; whether a regime is held up by an edge is
asked of the model itself. From the regime, with the edge cut, the averaged system is brought to
rest in whole rounds (each slow state goes all the way to what the day asks for, accelerated near
rest: Irons & Tuck 1969); the same from the lowest regime. The regime survives where the two rest
apart, or where the dyad still rests in the symptomatic range. For an edge without which it does
not, bisection finds how much of the edge it needs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from oxysim import checks
from oxysim.arrays import BoolArray, FloatArray
from oxysim.errors import InputError
from oxysim.families.named_values import edge_multipliers
from oxysim.loop.averaged_system import AveragedSystem
from oxysim.loop.equilibria.trajectories import to_rest
from oxysim.loop.numerics.bisection import bisected
from oxysim.loop.regime_analysis.regimes import ASSUMPTION, Regime, Regimes
from oxysim.measures.cut_offs import EPDS_PROBABLE
from oxysim.model import registry
from oxysim.progress import Bar, counting
from oxysim.texts import Described, listed

APART = 0.5  # EPDS points between two rests that are two regimes
TRIED = 3  # of the halvings are made by a look at seven strengths
HALVINGS = 9  # of the multiplier: to a part in 500


@dataclass(frozen=True, eq=False)
class HoldUp(Described):
    """Which edges hold a regime up, ranked.

    Attributes
    ----------
    regime : the regime asked about.
    table : one row an edge: `needed`, the share of the edge's strength below which the regime is
        gone (0: it survives the cut); `survives`, whether it survives the cut; `epds_cut`, where
        the dyad then rests; `fall`, by how many EPDS points that is lower; `settled`, whether it
        came to rest within the rounds.

    >>> import oxysim as ox
    >>> from oxysim.loop import regimes
    >>> (regime,) = regimes(ox.Dyad(), starts=0, progress=False)
    >>> table = pd.DataFrame({"edge": ["reward -> depression"], "survives": [False]})
    >>> HoldUp(regime, table).holders()
    ['reward -> depression']
    """

    regime: Regime
    table: pd.DataFrame

    def holders(self) -> list[str]:
        """The edges without which the regime does not exist, the most needed first."""
        return self.table.loc[~self.table["survives"], "edge"].tolist()

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it prints as."""
        names = listed(self.holders()) or "none of the edges asked about"
        return "What holds a regime up", [
            ("", str(self.regime)),
            ("edges without which it is gone", names),
        ]

    def __str__(self) -> str:
        lines = [f"what holds up: {self.regime}"]
        for row in self.table.itertuples():
            end = f"cut, it rests at EPDS {row.epds_cut:.2f}"
            if not row.survives:
                lines.append(
                    f"{row.edge}: needed; gone below {row.needed:.3f} of its strength; {end}"
                )
            elif abs(row.fall) >= 0.01:
                lines.append(f"{row.edge}: not needed; {end}")
        return "\n".join([*lines, ASSUMPTION])


def hold_up(
    found: Regimes, *, edges: Iterable[str] | None = None, progress: bool | None = None
) -> HoldUp:
    """Rank the edges by how much of each the dyad's worst stable regime needs.

    Parameters
    ----------
    found : the dyad's regimes, from :func:`regimes`.
    edges : names of those to ask about; default all.
    progress : whether to show how far it has come; default on a terminal and in a notebook.

    Raises
    ------
    UnknownNameError : no such edge.
    InputError : no stable regime in the symptomatic range, so that there is nothing to hold up; or
    no edge given.

    >>> import oxysim as ox
    >>> from oxysim.loop import regimes
    >>> found = regimes(ox.Dyad.symptomatic(), progress=False)  # doctest: +SKIP
    >>> hold_up(found, edges=["reward -> depression"]).holders()  # doctest: +SKIP
    ['reward -> depression']
    """
    checks.instance(found, "found", Regimes, "the regimes of a dyad, from regimes(dyad)")
    worst = found.worst()
    if worst.epds < EPDS_PROBABLE:
        raise InputError(
            "hold_up: expected a dyad with a stable symptomatic regime"
            f" (EPDS >= {EPDS_PROBABLE:g}); the worst found rests at EPDS {worst.epds:.2f}"
        )
    # every edge of the model, or those asked about
    names = list(registry.edges()) if edges is None else list(edge_multipliers(edges, None))
    if not names:
        raise InputError("edges: expected at least one; found none")
    system, two = found.system, (worst, found.stable[0])
    with counting(1 + HALVINGS, "what holds a regime up", "round", progress) as bar:
        survives, rest, settled = _survive(system, two, names, np.zeros(len(names)))
        bar.advance()
        needed, gone = (
            np.zeros(len(names)),
            [name for name, safe in zip(names, survives, strict=True) if not safe],
        )
        needed[~survives] = _needed(system, two, gone, bar)
    at_regime = np.array([worst.averaged[name] for name in system.names])
    fall = system.epds(at_regime[:, None])[0] - rest
    rows = pd.DataFrame(
        {
            "edge": names,
            "needed": needed,
            "survives": survives,
            "epds_cut": rest,
            "fall": fall,
            "settled": settled,
        }
    )
    # the most needed first; of those not needed, the one whose cut lowers most
    order = np.lexsort((-rows["fall"].abs(), -rows["needed"]))
    return HoldUp(worst, rows.iloc[order].reset_index(drop=True))


def _survive(
    system: AveragedSystem, regimes: tuple[Regime, Regime], names: list[str], strengths: FloatArray
) -> tuple[BoolArray, FloatArray, BoolArray]:
    """Whether the first of two regimes survives each edge at a strength (n,), where it rests
    (EPDS), and what settled.
    """
    n = len(names)
    starts = [[regime.averaged[name] for name in system.names] for regime in regimes]
    x = np.repeat(np.array(starts).T, n, axis=1)
    multipliers: dict[str, Any] = {}
    for i, name in enumerate(names):
        multiplier = float(np.ravel(system.edges.get(name, 1.0))[0])
        # an edge is weakened in its own two columns alone
        column = np.full(2 * n, multiplier)
        column[[i, n + i]] = multiplier * strengths[i]
        multipliers[name] = column
    final, settled = to_rest(system, x, multipliers)
    # what the form reads, from the regime asked about, and from the lowest one
    epds = system.epds(final)
    high, low = epds[:n], epds[n:]
    return (np.abs(high - low) > APART) | (high >= EPDS_PROBABLE), high, settled[:n] & settled[n:]


def _needed(
    system: AveragedSystem, regimes: tuple[Regime, Regime], names: list[str], bar: Bar
) -> FloatArray:
    """The share of each edge's strength from which on the regime is there, up to the whole edge:
    seven strengths at once, so that one at which it is gone again is met, then bisection, all edges
    at once.
    """
    if not names:
        return np.empty(0)
    # a few strengths are tried before bisection: a regime may vanish and come back
    strengths, n = np.arange(1, 2**TRIED) / 2**TRIED, len(names)
    tried = [_survive(system, regimes, names, np.full(n, strength))[0] for strength in strengths]
    gone = np.vstack([np.ones((1, n), dtype=bool), ~np.array(tried)])  # without the edge it is gone
    low = (len(strengths) - gone[::-1].argmax(axis=0)) / 2**TRIED  # the strongest at which it is
    high = low + 1 / 2**TRIED
    bar.advance(TRIED)

    def survives(strengths: FloatArray) -> BoolArray:
        bar.advance()
        return _survive(system, regimes, names, strengths)[0]

    return bisected(low, high, survives, HALVINGS - TRIED)
