"""One run of a protocol for the scoreboard, and what the rows of runs are written with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from oxysim.evidence.board.answers import RowKey
from oxysim.evidence.board.assumed_share import Path
from oxysim.evidence.board.shared_cohorts import SharedCohorts
from oxysim.trials.reporting.protocol_report import ProtocolReport

# the cohort that a run reads; in a quick run there is only one
WHOLE, YOUNG = "18 months", "9 months"


@dataclass(frozen=True)
class Run:
    """One run of a protocol.

    Attributes
    ----------
    name : how a user's row may name it.
    protocol : the protocol's number.
    execute : runs it, from what the runs of a scoreboard share.
    answers : finding's id -> the rows of its tables that answer it; empty for the rows that it
        marks with the id.
    path : what bears on what it reads; for some findings ``assumed_share.PATHS`` holds a shorter
        one.
    pooled : whether the sampling error of the simulated pool is part of a number's error. In a
        parallel trial it is not: every dyad of the pool stands in either arm in some replication,
        so the pool's levels cancel.
    together : runs of the same name go into one process, one after the other, because they share a
        cohort.
    cohort_when_quick : whether it reads a cohort in a quick run only, where trials take their
        mothers from it.
    cost : seconds it takes in full on one processor, roughly; the longest begins first.

    >>> from oxysim.evidence.board.protocol_runs import run_named
    >>> run = run_named("single feed")
    >>> run.protocol, list(run.answers), run.pooled
    (13, ['C16'], True)
    """

    name: str
    protocol: int
    execute: Callable[[SharedCohorts], ProtocolReport]
    answers: Mapping[str, tuple[RowKey, ...]]
    path: Path
    pooled: bool = True
    together: str = ""
    cohort_when_quick: bool = False
    # It orders runs and changes no number, so it is no part of their identity.
    cost: float = field(default=5.0, compare=False)


def marks(*ids: str) -> Mapping[str, tuple[RowKey, ...]]:
    """Findings that the protocol marks in its own tables.

    >>> dict(marks("F1", "F2"))
    {'F1': (), 'F2': ()}
    """
    return MappingProxyType(dict.fromkeys(ids, ()))


def answer_rows(**rows: RowKey) -> Mapping[str, tuple[RowKey, ...]]:
    """Findings that a run answers in one row each, which it does not mark.

    >>> from oxysim.evidence.board.answers import FigureKey
    >>> answer_rows(G1=FigureKey("studies with an association"))["G1"][0].quantity
    'studies with an association'
    """
    return MappingProxyType({name: (key,) for name, key in rows.items()})


# Trials of parallel arms: the pool's levels cancel between them.
IN_ARMS: Mapping[str, Any] = {"pooled": False, "cohort_when_quick": True}
# The same for mothers who are drawn for the trial, in a quick run too.
DRAWN_ARMS: Mapping[str, Any] = {"pooled": False, "cost": 30.0}
