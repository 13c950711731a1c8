"""The work that every engine is given: dyads, their schedules, a settled start, and the right
answer.

Error of a run: the largest over dyads, states and *all* edges of the schedule of ``|x - reference|
/ max(max_t
|reference|, 0.05)``. An answer is an array (n_dyads, n_edges, n_states), its first edge the start;
where a dyad has fewer edges than another, the rest of its row is not read.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from oxysim import population
from oxysim.arrays import FloatArray, IntArray
from oxysim.families import Family
from oxysim.per_dyad import PerDyad
from oxysim.schedule import Realised, Routine, Schedule
from oxysim.simulation.engines import integrator_for
from oxysim.simulation.equations.system import inputs_of, state_rows
from oxysim.simulation.input_pieces import realise, stacked_pieces
from oxysim.simulation.scipy_engine import Solver, Task
from oxysim.simulation.start.initial_state import settled_start
from oxysim.units import DAY
from peers.model import Model, model_of

START = 480.0  # min after 00:00
SMALLEST = 0.05  # a state that never exceeds this is compared on this scale
MONTH = 30.0  # days; every time is given for so long
TOLERANCES = tuple(m * 10.0**-k for k in range(1, 11) for m in (1.0, 0.63, 0.4, 0.25, 0.16))
"""What the engines choose from, falling."""
Runner = Callable[[bool], Any]
"""Run the whole job: with True keep, and return, the answer at every edge."""


@dataclass(frozen=True, eq=False)
class Job:
    """Dyads to be carried over their schedules.

    ``edges`` (n, most edges) in minutes, a dyad's last edge repeated to the end of its row;
    ``lengths`` (n,) how many edges it has; ``settings`` (n, most edges - 1) the number of the
    constants in force from each edge on; ``settled`` (n, n_settings, n_given) those constants;
    ``start`` (n_states, n).
    """

    who: Family
    plans: PerDyad[Realised]
    start: FloatArray
    model: Model
    edges: FloatArray
    lengths: IntArray
    settings: IntArray
    settled: FloatArray

    @property
    def days(self) -> float:
        """How long a dyad is carried, on average."""
        return float(np.mean(self.edges[:, -1] - self.edges[:, 0])) / DAY

    @property
    def n(self) -> int:
        return len(self.who)

    @property
    def shared(self) -> bool:
        """Whether all dyads have the same schedule."""
        return self.plans.is_shared

    @property
    def segments(self) -> int:
        """How many pieces of constant input the dyads have, summed."""
        return int(np.sum(self.lengths - 1))

    def per_month(self, seconds: float) -> float:
        """Core-milliseconds for one dyad over thirty days."""
        return seconds * 1e3 / self.n * MONTH / self.days

    def first(self, n: int, days: float) -> Job:
        """The first `n` dyads over the first `days`, each up to its last edge within them: work for
        slow peers.
        """
        n = min(n, self.n)
        return _laid_out(
            self.who.take(range(n)), _shortened(self.plans[:n], days), self.start[:, :n]
        )

    def answer(self) -> FloatArray:
        """An empty answer, stored edge after edge, with the start filled in."""
        out = np.full((self.edges.shape[1], len(self.start), self.n), np.nan)
        out[0] = self.start
        return out.transpose(2, 0, 1)

    def error(self, found: FloatArray, reference: FloatArray) -> float:
        """The largest error of an answer, infinite where a value is missing; the reference may have
        more dyads and later edges.
        """
        worst = 0.0
        for d, length in enumerate(self.lengths.tolist()):
            wanted = reference[d, :length]
            size = np.maximum(np.abs(wanted).max(axis=0), SMALLEST)
            share = np.abs(found[d, :length] - wanted).max(axis=0) / size
            worst = max(worst, float(share.max()) if np.all(np.isfinite(share)) else np.inf)
        return worst


def make_job(n: int, days: float, jitter: str | None = None) -> Job:
    """`n` random dyads on the typical day, each on its own jittered one where `jitter` is given,
    for `days`.
    """
    who = population.sample(n, seed=1)
    day = Schedule(Routine.typical(jitter=jitter))
    plans = realise(who, PerDyad.shared(day, len(who)), START, START + days * DAY)
    failures: dict[int, str] = {}
    start = settled_start(
        Task(who, {}, Solver(rtol=1e-8)),
        PerDyad.shared(day, len(who)),
        START,
        failures,
        integrator_for("compiled"),
    )
    if failures:
        raise RuntimeError(f"no start for {failures}")
    return _laid_out(who, plans, start)


def _shortened(plans: PerDyad[Realised], days: float) -> PerDyad[Realised]:
    def shortened(plan: Realised) -> Realised:
        n_edges = int(np.searchsorted(plan.edges, plan.edges[0] + days * DAY + 1e-6))
        levels = {member: table[: n_edges - 1] for member, table in plan.levels.items()}
        return replace(plan, edges=plan.edges[:n_edges], levels=levels)

    return plans.map(shortened)


def _laid_out(who: Family, plans: PerDyad[Realised], start: FloatArray) -> Job:
    """Cut the schedules into pieces, and compute the constants of each kind of piece once."""
    shared = plans.is_shared
    ages = who.ages()
    of_each = plans[:1] if shared else plans
    no_outputs = PerDyad.shared(np.empty(0), len(of_each))
    several = stacked_pieces(of_each, ages, no_outputs, separate=True)
    tables = list(several) * (len(plans) if shared else 1)
    most = max(len(table.edges) for table in tables)
    edges, settings = np.empty((len(plans), most)), np.zeros((len(plans), most - 1), np.int64)
    known: dict[Any, int] = {}
    pieces = []
    for d, table in enumerate(tables):
        if shared and d:
            edges[d], settings[d] = edges[0], settings[0]
            continue
        edges[d] = np.append(
            table.edges[:, 0], np.full(most - len(table.edges), table.edges[-1, 0])
        )
        for k in range(table.n_pieces):
            inputs = table.inputs(k)
            key = (int(table.stages[k, 0]), *[tuple(v) for v in inputs.values()])
            if key not in known:
                known[key] = len(pieces)
                pieces.append((inputs_of(inputs, who.caregivers, 0.0), table.usual(k, who.role_of)))
            settings[d, k] = known[key]
    parameters = who.resolved({}, np.arange(len(who)) if len(who) > 1 else 0)
    model = model_of(parameters)
    settled = np.stack([model.settled(parameters, *piece, len(who)) for piece in pieces], axis=0)
    lengths = np.array([len(table.edges) for table in tables])
    return Job(
        who, plans, start, model, edges, lengths, settings, settled.transpose(2, 0, 1).copy()
    )


def scales(job: Job) -> FloatArray:
    """The typical size of each state."""
    return np.array([row.scale for row in state_rows(job.who.caregivers).values()])


def core_seconds(run: Runner, *, keep: bool) -> float:
    """Process CPU time of one run."""
    begin = time.process_time()
    run(keep)
    return time.process_time() - begin


class Row(NamedTuple):
    """One measured figure."""

    section: str
    what: str
    quantity: str
    value: float
    unit: str
