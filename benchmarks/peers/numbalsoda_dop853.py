"""numbalsoda: Hairer's DOP853 in C++, called from a compiled loop over the
segments of each dyad.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numba
import numpy as np

from oxysim.arrays import FloatArray, IntArray
from peers.job import Job, Runner
from peers.model import Model
from peers.numba_rates import compiled_rates

ABSOLUTE = 0.05  # of the relative tolerance: the smallest scale on which errors are judged


@functools.cache
def _callback(model: Model) -> Any:
    from numbalsoda import lsoda_sig

    rates, n_states, n_given = compiled_rates(model), len(model.traced.state), len(model.given)

    @numba.cfunc(lsoda_sig)
    def callback(t: Any, y: Any, dy: Any, given: Any) -> None:
        rates(
            t,
            numba.carray(y, (n_states,)),
            numba.carray(given, (n_given,)),
            numba.carray(dy, (n_states,)),
        )

    return callback


class Work(NamedTuple):
    """What the compiled loop takes, one row a dyad."""

    start: FloatArray
    edges: FloatArray
    lengths: IntArray
    settings: IntArray
    settled: FloatArray


@functools.cache
def _loop() -> Any:
    from numbalsoda import dop853

    @numba.njit
    def loop(address: Any, work: Any, rtol: float, atol: float, out: Any) -> int:
        failed = 0
        for d in range(len(work.lengths)):
            y = work.start[d].copy()
            for k in range(work.lengths[d] - 1):
                given = work.settled[d, work.settings[d, k]]
                found, fine = dop853(address, y, work.edges[d, k : k + 2], given, rtol, atol)
                y = found[1].copy()
                failed += not fine
                if out.shape[1] > 1:
                    out[d, k + 1] = y
            if out.shape[1] == 1:
                out[d, 0] = y
        return failed

    return loop


def build(job: Job, rtol: float) -> Runner:
    """A run at `rtol`."""
    address, loop = _callback(job.model).address, _loop()
    work = Work(
        np.ascontiguousarray(job.start.T), job.edges, job.lengths, job.settings, job.settled
    )

    def run(keep: bool) -> FloatArray:
        out = np.empty((job.n, job.edges.shape[1] if keep else 1, len(job.start)))
        out[:, 0] = work.start
        failed = loop(address, work, rtol, ABSOLUTE * rtol, out)
        if failed:
            raise RuntimeError(f"DOP853 gave up on {failed} segments at rtol {rtol:g}")
        return out

    return run
