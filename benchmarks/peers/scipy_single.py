"""SciPy's `solve_ivp`, dyad by dyad and segment by segment, with rates in Python or compiled by
Numba.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from oxysim.arrays import FloatArray
from peers.job import Job, Runner, scales
from peers.numba_rates import compiled_rates, python_rates


def with_python(method: str) -> Callable[[Job, float], Runner]:
    """Build runs of a method on the straight-line code in Python."""

    def build(job: Job, rtol: float) -> Runner:
        rates = python_rates(job.model)
        dy = [0.0] * len(job.start)

        def speed(t: float, y: FloatArray, given: list[float]) -> list[float]:
            rates(t, y.tolist(), given, dy)
            return dy.copy()

        return _runner(job, method, rtol, speed, job.settled.tolist())

    return build


def with_numba(method: str) -> Callable[[Job, float], Runner]:
    """Build runs of a method on the same code compiled by Numba."""

    def build(job: Job, rtol: float) -> Runner:
        rates = compiled_rates(job.model)

        def speed(t: float, y: FloatArray, given: FloatArray) -> FloatArray:
            dy = np.empty_like(y)
            rates(t, y, given, dy)
            return dy

        return _runner(job, method, rtol, speed, job.settled)

    return build


def _runner(job: Job, method: str, rtol: float, speed: Callable[..., Any], settled: Any) -> Runner:
    atol = 0.1 * rtol * scales(job)

    def run(keep: bool) -> FloatArray:
        out = job.answer() if keep else np.empty((job.n, 1, len(job.start)))
        for d, length in enumerate(job.lengths.tolist()):
            y, edges = job.start[:, d], job.edges[d].tolist()
            for k in range(length - 1):
                span, given = (edges[k], edges[k + 1]), (settled[d][job.settings[d, k]],)
                found = solve_ivp(
                    speed, span, y, method=method, t_eval=span[1:], args=given, rtol=rtol, atol=atol
                )
                if not found.success:
                    raise RuntimeError(f"{method} stopped: {found.message}")
                y = found.y[:, -1]
                if keep:
                    out[d, k + 1] = y
            if not keep:
                out[d, 0] = y
        return out

    return run
