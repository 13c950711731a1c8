"""How the arms of a design are compared in an endpoint: the analysis that goes with both.

Readings are arrays of shape (replications, n), participants of all arms in the order of enrolment, NaN where somebody
is in another arm or gave no reading.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from oxysim.trials.analysis import ancova, paired, unpaired
from oxysim.trials.contrast import Contrast
from oxysim.trials.crossed import crossover, factorial
from oxysim.trials.design import Crossover, Design, Factorial
from oxysim.trials.endpoints import Endpoint
from oxysim.trials.events import Times, log_rank, risk

FloatArray = npt.NDArray[np.float64]
Readings = Mapping[str, FloatArray]
SEQUENCE = "sequence"
PERIOD, CARRY_OVER = "period 2 - period 1", "carry-over check"
CHECKS = (PERIOD, CARRY_OVER)  # contrasts that say whether a crossover may be trusted, not what an arm does


def key(endpoint: Endpoint, arm: str, what: str = "") -> str:
    """The name of an array among the readings: the endpoint itself, its "baseline", or whether it was "reached"."""
    return f"{endpoint.name}{', ' if what else ''}{what} | {arm}"


def contrasts(design: Design, endpoint: Endpoint, readings: Readings) -> dict[str, Contrast]:
    """Contrast -> what every replication finds, the most important one first.

    Parallel arms: every arm against the reference. Two factors: both main effects and their interaction. A crossover of
    two arms: treatment, period and the carry-over check; of more, every arm against the reference, paired. More than
    two factors: main effects, those with the factor against those without.

    Raises
    ------
    InputError : no replication can be analysed; the message says why.
    """
    if isinstance(design, Crossover):
        return _crossed(design, endpoint, readings)
    if isinstance(design, Factorial) and endpoint.what != "time to remission":
        return _factorial(design, endpoint, readings)
    reference = design.names[0]
    return {f"{arm} - {reference}": _between(endpoint, readings, reference, arm) for arm in design.names[1:]}


def _between(endpoint: Endpoint, readings: Readings, reference: str, arm: str) -> Contrast:
    """Two arms of different participants."""
    first, second = readings[key(endpoint, reference)], readings[key(endpoint, arm)]
    if endpoint.what == "time to remission":
        reached = [readings[key(endpoint, name, "reached")] for name in (reference, arm)]
        return log_rank(Times(first, reached[0]), Times(second, reached[1]))
    if endpoint.what in ("response", "remission"):
        return risk(first, second).difference
    if endpoint.adjusted:
        return ancova(first, second, *(readings[key(endpoint, name, "baseline")] for name in (reference, arm)))
    return unpaired(first, second)


def _crossed(design: Crossover, endpoint: Endpoint, readings: Readings) -> dict[str, Contrast]:
    reference, *others = design.names
    first = readings[key(endpoint, reference)]
    starts = {course.arms[0] for course in design.courses}
    if len(others) > 1 or len(starts) < 2:
        return {f"{arm} - {reference}": paired(first, readings[key(endpoint, arm)]) for arm in others}
    began = np.array([course.arms[0] != reference for course in design.courses], dtype=float)
    found = crossover(first, readings[key(endpoint, others[0])], began[readings[SEQUENCE].astype(np.int64)])
    return {
        f"{others[0]} - {reference}": found.treatment,
        PERIOD: found.period,
        CARRY_OVER: found.carry_over,
    }


def _factorial(design: Factorial, endpoint: Endpoint, readings: Readings) -> dict[str, Contrast]:
    cells = {cell: readings[key(endpoint, cell)] for cell in design.names}
    if len(design.factors) == 2:
        one, two = design.factors
        found = factorial(*cells.values())
        return {one: found.first, two: found.second, f"{one} x {two}": found.interaction}
    main = {}
    for k, factor in enumerate(design.factors):
        parts = [_together([cells[c] for c, on in design.levels.items() if on[k] is given]) for given in (False, True)]
        main[factor] = unpaired(*parts)
    return main


def _together(cells: list[FloatArray]) -> FloatArray:
    """Several cells as one group: a participant is in one of them at most."""
    every = np.stack(cells)
    seen = ~np.isnan(every)
    return np.where(seen.any(axis=0), np.where(seen, every, 0.0).sum(axis=0), np.nan)
