"""heyoka: adaptive Taylor series in batches of eight dyads, with fast_math, driven over the segments from Python."""

from __future__ import annotations

import functools
import operator
import time
from typing import Any

import numpy as np

from peers.job import FloatArray, Job, Runner
from peers.model import Model

BATCH = 8


@functools.cache
def _integrator(model: Model, tol: float) -> Any:
    import heyoka as hy

    n = len(model.traced.state)
    y = [hy.expression(f"y{i}") for i in range(n)]
    words = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}
    rates = model.rates(
        y, [hy.par[i] for i in range(len(model.given))], hy.time, words | {"exp": hy.exp, "log": hy.log, "cos": hy.cos}
    )
    system = [
        (one, hy.expression(rate) if isinstance(rate, float) else rate) for one, rate in zip(y, rates, strict=True)
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
            carry(job, integrator, chosen, given, out[chosen[0] : chosen[0] + real] if keep else None)
            if not keep:
                out[chosen[0] : chosen[0] + real, 0] = integrator.state.T[:real]
        return out

    return run


def _together(job: Job, integrator: Any, chosen: Any, given: FloatArray, out: FloatArray | None) -> None:
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


def _apart(job: Job, integrator: Any, chosen: Any, given: FloatArray, out: FloatArray | None) -> None:
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


def steps_alone(job: Job, tol: float) -> tuple[float, float]:
    """Core seconds that its steps alone would take, without the Python loop over segments; and its steps a segment.

    A step's price is measured over a long stretch of constant input, where the loop around it is C++.
    """
    integrator = _integrator(job.model, tol)
    sample = job.first(BATCH, 3.0)
    lanes, edges = np.arange(sample.n), sample.edges[0]
    n_steps = 0
    integrator.set_time(float(edges[0]))
    integrator.state[:] = np.resize(sample.start, integrator.state.shape)
    for k, setting in enumerate(sample.settings[0]):
        integrator.pars[:] = sample.settled[lanes, setting].T
        integrator.propagate_until(float(edges[k + 1]))
        n_steps += integrator.propagate_res[0][3]
    price = min(_price(integrator, float(edges[-1])) for _ in range(5))
    batches = -(-job.n // BATCH)
    a_segment = n_steps / (len(edges) - 1)
    return price * a_segment * job.segments / job.n * batches, a_segment


def _price(integrator: Any, now: float) -> float:
    integrator.set_time(now)
    begin = time.process_time()
    integrator.propagate_until(now + 200 * 1440.0)
    return (time.process_time() - begin) / integrator.propagate_res[0][3]
