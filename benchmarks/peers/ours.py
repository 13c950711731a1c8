"""oxysim's compiled engine, through the same call that `simulate` uses."""

from __future__ import annotations

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.simulation.engines import integrator_for
from oxysim.simulation.equations.system import state_rows
from oxysim.simulation.recorder import Recorder
from oxysim.simulation.scipy_engine import Solver, Task
from peers.job import Job, Runner

LOOSEST = 1e-2  # that a Solver takes
TIGHTEST_SINGLE = 1e-5  # in single precision


def build_single(job: Job, rtol: float) -> Runner:
    """The same with the equations in single precision: the mode for sweeps."""
    return build(job, rtol, "single")


def build(job: Job, rtol: float, precision: str = "double") -> Runner:
    """A run of the compiled engine at `rtol`."""
    integrate = integrator_for("compiled")
    solver = Solver(rtol=rtol, precision=precision)
    ages = job.who.ages()

    def part(index: range, *, keep: bool) -> FloatArray:
        """Dyads that share their edges; the answer (n, n_edges, n_states), or the end (n_states,
        n).
        """
        who = job.who if len(index) == job.n else job.who.take(index)
        times = job.edges[index[0], : job.lengths[index[0]]] - ages[index[0]]
        recorder = (
            Recorder(list(state_rows(who.caregivers)), times, who.ages(), who.caregivers)
            if keep
            else None
        )
        failures: dict[int, str] = {}
        end = integrate(
            Task(who, {}, solver, recorder),
            job.plans.take(np.array(index)),
            job.start[:, list(index)],
            failures,
        )
        if failures:
            raise RuntimeError(f"dyads failed at rtol {rtol:g}: {failures}")
        return end if recorder is None else recorder.table

    def run(keep: bool) -> FloatArray:
        if job.shared or not keep:
            return part(range(job.n), keep=keep)
        # A recorder's times hold for all its dyads: with edges of their own they are recorded one
        # by one, which gives the same numbers (`same_alone` checks it) but would be no fair timing.
        out = job.answer()
        for d, length in enumerate(job.lengths.tolist()):
            out[d, :length] = part(range(d, d + 1), keep=True)[0]
        return out

    return run


def same_alone(job: Job, rtol: float) -> bool:
    """Whether dyads computed one by one end in the same state as all together, to the last bit."""
    run = build(job, rtol)
    together, alone = run(False), run(True)
    ends = np.array([alone[d, length - 1] for d, length in enumerate(job.lengths.tolist())]).T
    return bool(np.array_equal(ends if not job.shared else alone[:, -1].T, together))
