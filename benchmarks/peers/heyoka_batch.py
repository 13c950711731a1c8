"""heyoka: adaptive Taylor series in batches of eight dyads, with fast_math, driven over the
segments from Python.
"""

from __future__ import annotations

import functools
import operator
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from oxysim.arrays import FloatArray
from peers.job import Job, Runner
from peers.model import Model

BATCH = 8


@functools.cache
def _integrator(model: Model, tol: float) -> Any:
    import heyoka as hy

    n = len(model.traced.state)
    y = [hy.expression(f"y{i}") for i in range(n)]
    words = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
    rates = model.rates(
        y,
        [hy.par[i] for i in range(len(model.given))],
        hy.time,
        words | {"exp": hy.exp, "log": hy.log, "cos": hy.cos},
    )
    system = [
        (one, hy.expression(rate) if isinstance(rate, float) else rate)
        for one, rate in zip(y, rates, strict=True)
    ]
    return hy.taylor_adaptive_batch(system, np.zeros((n, BATCH)), tol=tol, fast_math=True)


def build(job: Job, tol: float) -> Runner:
    """A run at `tol`; the last batch is filled up with its last dyad."""
    integrator = _integrator(job.model, tol)
    integrator.propagate_until(float(integrator.time[0]))  # the code is compiled by now
    lanes = np.minimum(np.arange(-(-job.n // BATCH) * BATCH), job.n - 1).reshape(-1, BATCH)
    constants = [np.ascontiguousarray(job.settled[chosen].transpose(1, 2, 0)) for chosen in lanes]
    shared = job.shared

    def run(keep: bool) -> FloatArray:
        out = job.answer() if keep else np.empty((job.n, 1, len(job.start)))
        for chosen, given in zip(lanes, constants, strict=True):
            real = len(set(chosen.tolist()))
            carry = _together if shared else _apart
            carry(
                job, integrator, chosen, given, out[chosen[0] : chosen[0] + real] if keep else None
            )
            if not keep:
                out[chosen[0] : chosen[0] + real, 0] = integrator.state.T[:real]
        return out

    return run


def _together(
    job: Job, integrator: Any, chosen: Any, given: FloatArray, out: FloatArray | None
) -> None:
    """Eight dyads over the same edges."""
    edges, settings = job.edges[chosen[0]].tolist(), job.settings[chosen[0]].tolist()
    integrator.set_time(edges[0])
    state, pars = integrator.state, integrator.pars
    state[:] = job.start[:, chosen]
    for k, setting in enumerate(settings):
        pars[:] = given[setting]
        integrator.propagate_until(edges[k + 1])
        if out is not None:
            out[:, k + 1] = state.T[: len(out)]


def _apart(
    job: Job, integrator: Any, chosen: Any, given: FloatArray, out: FloatArray | None
) -> None:
    """Eight dyads, each over its own edges; one that has come to its end waits there."""
    edges, settings = job.edges[chosen], job.settings[chosen]
    integrator.set_time(edges[:, 0].tolist())
    state, pars = integrator.state, integrator.pars
    state[:] = job.start[:, chosen]
    until, lane = edges.T.tolist(), np.arange(BATCH)
    for k in range(max(job.lengths[chosen]) - 1):
        pars[:] = given[settings[:, k], :, lane].T
        integrator.propagate_until(until[k + 1])
        if out is not None:
            out[:, k + 1] = state.T[: len(out)]


def around_steps(job: Job, tol: float) -> tuple[float, float]:
    """Steps a segment, and the core seconds of all that the Python loop does around them.

    The difference between a call that makes one step and a step inside a call that makes many; and
    the constants and states that are copied for each segment.
    """
    integrator = _integrator(job.model, tol)
    sample = job.first(BATCH, 3.0)
    lanes, edges, settings = (
        np.arange(sample.n),
        sample.edges[0].tolist(),
        sample.settings[0].tolist(),
    )
    given = np.ascontiguousarray(sample.settled[lanes].transpose(1, 2, 0))
    out, n_steps = np.empty((sample.n, len(sample.start))), 0
    integrator.set_time(edges[0])
    integrator.state[:] = sample.start
    for k, setting in enumerate(settings):
        integrator.pars[:] = given[setting]
        integrator.propagate_until(edges[k + 1])
        n_steps += integrator.propagate_res[0][3]
    state, pars = integrator.state, integrator.pars

    def one_by_one() -> int:
        for _ in range(1000):
            pars[:] = given[settings[0]]
            integrator.propagate_for(1e-3)
            out[:] = state.T
        return 1000

    def together() -> int:
        integrator.propagate_for(1e-3 * 1000, max_delta_t=1e-3)
        return int(integrator.propagate_res[0][3])

    around = max(_price(one_by_one) - _price(together), 0.0)
    return n_steps / len(settings), around * job.segments / job.n * -(-job.n // BATCH)


def _price(rounds: Callable[[], int]) -> float:
    """Core seconds a round, the least of many."""
    found = []
    for _ in range(20):
        begin = time.process_time()
        n = rounds()
        found.append((time.process_time() - begin) / n)
    return min(found)
