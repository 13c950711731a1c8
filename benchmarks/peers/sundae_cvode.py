"""scikit-sundae: CVODE (BDF) with rates compiled by Numba, restarted at every edge from Python."""

from __future__ import annotations

from typing import Any

import numpy as np

from oxysim.arrays import FloatArray
from peers.job import Job, Runner, scales
from peers.numba_rates import compiled_rates


def build(job: Job, rtol: float) -> Runner:
    """A run at `rtol`."""
    from sksundae.cvode import CVODE

    rates = compiled_rates(job.model)

    def speed(t: float, y: FloatArray, dy: FloatArray, given: Any) -> None:
        rates(t, y, given["now"], dy)

    given = {"now": job.settled[0, 0]}
    cvode = CVODE(speed, rtol=rtol, atol=0.1 * rtol * scales(job), userdata=given)

    def run(keep: bool) -> FloatArray:
        out = job.answer() if keep else np.empty((job.n, 1, len(job.start)))
        for d, length in enumerate(job.lengths.tolist()):
            y = job.start[:, d].copy()
            for k in range(length - 1):
                given["now"] = job.settled[d, job.settings[d, k]]
                found = cvode.solve(job.edges[d, k : k + 2], y)
                if not found.success:
                    raise RuntimeError(f"CVODE stopped: {found.message}")
                y = found.y[-1].copy()
                out[d, k + 1 if keep else 0] = y
        return out

    return run
