"""How strong the loop is over an ensemble: the symptomatic dyad of every member, the gain of its
sub-loops, what each edge carries, and where the dyad rests without it.

A gain says what comes back over the edges of a sub-loop for each unit that is sent into it; what a
cut changes is asked of the model itself, from the regime on (``oxysim.loop.hold_up``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from types import MappingProxyType

import numpy as np
import pandas as pd

from oxysim.arrays import FloatArray
from oxysim.checks import choice, instance, texts
from oxysim.ensembles import Ensemble, MemberAnswers
from oxysim.ensembles.information import QUANTILES
from oxysim.ensembles.predictions import weighted_quantiles
from oxysim.errors import InputError
from oxysim.loop.central_dyads import SET_POINT, symptomatic_dyad
from oxysim.loop.regime_analysis.loop_gain import (
    THE_LOOP,
    edges_out_of,
    group_gains,
)
from oxysim.loop.regime_analysis.maintenance import hold_up
from oxysim.loop.regime_analysis.regimes import regimes
from oxysim.model import registry
from oxysim.population import Population
from oxysim.texts import Described

WHOLE = "everything into depression"
THROUGH_BOTH = "mind-mindedness and infant oxytocin"
GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        WHOLE: THE_LOOP,
        THROUGH_BOTH: edges_out_of(("mind_mindedness", "infant_oxytocin")),
        "mind-mindedness": edges_out_of("mind_mindedness"),
        "infant oxytocin": edges_out_of("infant_oxytocin"),
        "caregiver oxytocin": edges_out_of(("caregiver_oxytocin", "accumbens_oxytocin")),
        "reward of the moment": edges_out_of("reward"),
        "bond": edges_out_of("bond"),
        "confidence": edges_out_of("confidence"),
        "momentary mood": edges_out_of("mood"),
        "synchrony": edges_out_of("synchrony"),
        "infant affect": edges_out_of("infant_affect"),
        "infant distress": edges_out_of("infant_distress"),
    }
)
"""The sub-loops asked about: all that leads through one signal, its edges opened together. They
share edges, so that their gains do not add up.
"""
OXYTOCIN = ("caregiver_oxytocin", "accumbens_oxytocin", "infant_oxytocin")
A_POINT = 1.0  # of the EPDS, by which a cut is felt


@dataclass(frozen=True, eq=False)
class MemberLoop:
    """The loop of one member's symptomatic dyad.

    Attributes
    ----------
    epds : where its regime rests.
    set_point : at which it is symptomatic.
    gains : of each sub-loop (:data:`GROUPS`), and of each edge by itself.
    unstable : sub-loops without which the dyad would not be at rest, whose gain says nothing of
        stability.
    falls : by how many EPDS points it rests lower with an edge cut.

    >>> MemberLoop(15.2, 8.0, {"bond": 0.1}, (), {"bond -> depression": 0.4}).falls
    {'bond -> depression': 0.4}
    """

    epds: float
    set_point: float
    gains: Mapping[str, float]
    unstable: tuple[str, ...]
    falls: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class MemberLoops(Described):
    """The loop over the members of an ensemble.

    Attributes
    ----------
    answers : a :class:`MemberLoop` of each member that was asked.

    >>> loop = MemberLoop(15.2, 8.0, {"bond": 0.1}, (), {"bond -> depression": 0.4})
    >>> answers = MemberAnswers((0,), (loop,), np.ones(1), ("both",), {})
    >>> MemberLoops(answers).gains(["bond"])["median"].tolist()
    [0.1]
    """

    answers: MemberAnswers

    def gains(self, of: str | Sequence[str] = tuple(GROUPS), structure: str = "") -> pd.DataFrame:
        """Gains of sub-loops or edges over the members (of one structure): name, "5 %", median,
        "95 %", unstable (share of weight in which the gain says nothing of stability).

        Raises
        ------
        UnknownNameError : a sub-loop, edge or structure that is not among them.
        """
        chosen, weights = self._members(structure)
        rows = []
        for name in texts(of, "of", of="names of sub-loops or edges", least=1):
            choice(name, "of", chosen[0].gains)
            values = np.array([loop.gains[name] for loop in chosen])
            low, middle, high = weighted_quantiles(values, weights, QUANTILES)
            unstable = weights[[name in loop.unstable for loop in chosen]].sum()
            rows.append((name, low, middle, high, unstable))
        return pd.DataFrame(rows, columns=["of", "5 %", "median", "95 %", "unstable"])

    def shares(self, structure: str = "") -> pd.DataFrame:
        """What passes over each edge, as a share of what passes into depression in all: the gain
        over the edge, over the gain of everything into depression; largest median first.

        Raises
        ------
        InputError : members of a structure in which nothing comes back to depression.
        """
        chosen, weights = self._members(structure)
        whole = np.array([loop.gains[WHOLE] for loop in chosen])
        closed = whole > 0
        if not closed.any():
            raise InputError("shares: expected a member in which the loop reaches depression")
        rows = []
        for edge in registry.edges():
            share = np.array([loop.gains[edge] for loop in chosen])[closed] / whole[closed]
            rows.append((edge, *weighted_quantiles(share, weights[closed], QUANTILES)))
        table = pd.DataFrame(rows, columns=["edge", "5 %", "median", "95 %"])
        return table.sort_values("median", ascending=False, ignore_index=True)

    def cuts(self, structure: str = "") -> pd.DataFrame:
        """By how many EPDS points the symptomatic dyad rests lower with an edge cut, over the
        members: edge, "5 %", median, "95 %", a point (share of weight in which the EPDS changes by
        at least a point); largest share first.
        """
        chosen, weights = self._members(structure)
        rows = []
        for edge in registry.edges():
            falls = np.array([loop.falls[edge] for loop in chosen])
            ends = weighted_quantiles(falls, weights, QUANTILES)
            rows.append((edge, *ends, weights[np.abs(falls) >= A_POINT].sum()))
        table = pd.DataFrame(rows, columns=["edge", "5 %", "median", "95 %", "a point"])
        return table.sort_values(["a point", "median"], ascending=False, ignore_index=True)

    def any_cut(self, signals: str | Sequence[str], structure: str = "") -> float:
        """The share of weight in which cutting a single edge that begins or ends at one of these
        signals changes the symptomatic dyad's EPDS by at least a point.
        """
        chosen, weights = self._members(structure)
        ends_of = {edge: set(edge.split(" -> ")) for edge in registry.edges()}
        named = texts(signals, "signals", of="names of signals", least=1)
        for signal in named:
            choice(signal, "signals", sorted(set().union(*ends_of.values())))
        edges = [edge for edge, ends in ends_of.items() if ends & set(named)]
        felt = [max(abs(loop.falls[edge]) for edge in edges) >= A_POINT for loop in chosen]
        return float(weights[felt].sum())

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """The gain of the whole loop, and through mind-mindedness and infant oxytocin."""
        rows = self.gains((WHOLE, THROUGH_BOTH)).set_index("of")
        intervals = [
            (name, f"{rows.loc[name, 'median']:.3f} [{rows.loc[name, '5 %']:.3f},"
                   f" {rows.loc[name, '95 %']:.3f}]")
            for name in rows.index
        ]  # fmt: skip
        return "The loop over members", [
            ("members", len(self.answers)),
            *intervals,
        ]

    def _members(self, structure: str) -> tuple[list[MemberLoop], FloatArray]:
        """The loops of a structure's members, and their weights, summing to 1."""
        choice(
            structure,
            "structure",
            ("", *dict.fromkeys(self.answers.structures)),
        )
        belongs = [not structure or name == structure for name in self.answers.structures]
        weights = self.answers.weights[belongs]
        return list(compress(self.answers, belongs)), weights / weights.sum()


def member_loops(
    ensemble: Ensemble,
    *,
    members: int | None = None,
    progress: bool | None = None,
) -> MemberLoops:
    """Ask the symptomatic dyad of every member for its loop: some half a minute a member.

    Parameters
    ----------
    members : how many are asked, spread evenly over the weights; default all.

    Raises
    ------
    InputError : no ensemble, or no member answered.

    >>> member_loops("community")
    Traceback (most recent call last):
    oxysim.errors.InputError: ensemble: expected an Ensemble; found 'community'
    """
    instance(ensemble, "ensemble", Ensemble, "an Ensemble")
    return MemberLoops(ensemble.ask(loop_of, members=members, progress=progress))


def loop_of(population: Population) -> MemberLoop:
    """The loop of a population's symptomatic dyad.

    Raises
    ------
    InputError : see :func:`oxysim.loop.central_dyads.symptomatic_dyad`.

    >>> loop_of(Population.named("community")).epds > 13  # doctest: +SKIP
    True
    """
    dyad = symptomatic_dyad(population)
    rests = regimes(dyad, starts=0, progress=False)
    worst = rests.worst()
    alone = {edge: (edge,) for edge in registry.edges()}
    gains = group_gains(rests.system, worst, {**GROUPS, **alone}).set_index("group")
    falls = hold_up(rests, progress=False).table.set_index("edge")["fall"]
    return MemberLoop(
        worst.epds,
        float(dyad.value(SET_POINT)),
        gains["gain"].to_dict(),
        tuple(gains.index[~gains["opened_stable"]]),
        falls.to_dict(),
    )
