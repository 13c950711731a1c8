"""libRoadRunner: the model as SBML (through Antimony), compiled by LLVM, CVODE restarted at every
edge from Python.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from oxysim.arrays import FloatArray
from peers.job import Job, Runner
from peers.model import Model, name_of

ABSOLUTE = 0.05  # of the relative tolerance, as for the other peers
# Each segment runs from time zero: CVODE's first steps are so short that they would vanish beside a
# late time.
CLOCK = "segment_start"


def antimony_source(model: Model) -> str:
    """The model in Antimony: constants of a piece are parameters, operations are
    assignment rules.
    """
    text = ["model oxysim", f"  {CLOCK} = 0", f"  {name_of(model.traced.time)} := {CLOCK} + time"]
    text += [f"  {name_of(s)} = 0" for s in (*model.given, *model.traced.state)]
    text += [f"  {name} := {line.replace('log(', 'ln(')}" for name, line in model.lines()]
    states = zip(model.traced.state, model.traced.rates, strict=True)
    text += [f"  {name_of(s)}' = {name_of(rate)}" for s, rate in states]
    return "\n".join([*text, "end", ""])


@functools.cache
def _simulator(model: Model) -> Any:
    import antimony
    import roadrunner

    antimony.clearPreviousLoads()
    if antimony.loadAntimonyString(antimony_source(model)) < 0:
        raise RuntimeError(antimony.getLastError())
    return roadrunner.RoadRunner(antimony.getSBMLString("oxysim"))


def with_method(method: str) -> Callable[[Job, float], Runner]:
    """Build runs of CVODE's "BDF" (implicit, what libRoadRunner takes by itself) or "Adams"
    (explicit).
    """
    return functools.partial(_build, method)


def _build(method: str, job: Job, rtol: float) -> Runner:
    simulator = _simulator(job.model)
    model, cvode = simulator.model, simulator.integrator
    place = {name: i for i, name in enumerate(model.getGlobalParameterIds())}
    states, given = (
        np.array([place[name_of(s)] for s in symbols], dtype=np.int32)
        for symbols in (job.model.traced.state, job.model.given)
    )
    given = np.append(given, np.int32(place[CLOCK]))

    def run(keep: bool) -> FloatArray:
        cvode.stiff = method == "BDF"
        cvode.relative_tolerance, cvode.absolute_tolerance = rtol, ABSOLUTE * rtol
        out = job.answer() if keep else np.empty((job.n, 1, len(states)))
        for d, length in enumerate(job.lengths.tolist()):
            simulator.reset()
            model.setGlobalParameterValues(states, job.start[:, d])
            constants = np.column_stack([job.settled[d, job.settings[d]], job.edges[d, :-1]])
            lengths = np.diff(job.edges[d]).tolist()
            for k in range(length - 1):
                model.setGlobalParameterValues(given, constants[k])
                cvode.restart(0.0)
                cvode.integrate(0.0, lengths[k])
                if keep:
                    out[d, k + 1] = model.getGlobalParameterValues(states)
            if not keep:
                out[d, 0] = model.getGlobalParameterValues(states)
        return out

    return run
