"""How the arms of a design are compared in an endpoint: the analysis that goes with both.

Readings are arrays of shape (replications, n), participants of all arms in the order of enrolment,
NaN where somebody is in another arm or gave no reading.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.statistics.contrast import Contrast
from oxysim.statistics.crossover import crossover
from oxysim.statistics.factorial import factorial
from oxysim.statistics.proportions import paired_risk, risk
from oxysim.statistics.survival_models import hazard_ratio
from oxysim.statistics.time_to_event import Times
from oxysim.statistics.two_groups import ancova, paired_t_test, welch_t_test
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.plan.trial_design import Crossover, Factorial, TrialDesign

Readings = Mapping[str, FloatArray]
SEQUENCE = "sequence"
PERIOD, CARRY_OVER = "period 2 - period 1", "carry-over check"
# contrasts that say whether a crossover may be trusted, not what an arm does
CHECKS = (PERIOD, CARRY_OVER)


def reading_key(endpoint: Endpoint, arm: str, what: str = "") -> str:
    """The name of an array among the readings: the endpoint itself, its "baseline", or whether it
    was "reached".
    """
    return f"{endpoint.name}{', ' if what else ''}{what} | {arm}"


def contrasts(design: TrialDesign, endpoint: Endpoint, readings: Readings) -> dict[str, Contrast]:
    """Contrast -> what every replication finds, the most important one first.

    Parallel arms: every arm against the reference; values by Welch's test or analysis of
    covariance, shares by Pearson's chi-squared, times by the hazard ratio of grouped times with the
    log-rank p (the extra ``stats``). A factorial: main effects and interactions of two factors by
    least squares (shares as they are); times arm by arm. A crossover of two arms: treatment, period
    and the carry-over check; of more, or where all begin alike, every arm against the reference,
    paired. Shares in a crossover: McNemar's test of treatment and of period.

    Raises
    ------
    InputError : no replication can be analysed; the message says why.
    MissingExtraError : a time to remission without statsmodels.
    """
    if isinstance(design, Crossover):
        return _crossed(design, endpoint, readings)
    if isinstance(design, Factorial) and endpoint.what != "time to remission":
        return _factorial(design, endpoint, readings)
    reference = design.names[0]
    return {
        f"{arm} - {reference}": _between(endpoint, readings, reference, arm)
        for arm in design.names[1:]
    }


def _between(endpoint: Endpoint, readings: Readings, reference: str, arm: str) -> Contrast:
    """Two arms of different participants."""
    first, second = readings[reading_key(endpoint, reference)], readings[reading_key(endpoint, arm)]
    if endpoint.what == "time to remission":
        reached = [readings[reading_key(endpoint, name, "reached")] for name in (reference, arm)]
        return hazard_ratio(Times(first, reached[0]), Times(second, reached[1]))
    if endpoint.what in ("response", "remission"):
        return risk(first, second).difference
    if endpoint.adjusted:
        return ancova(
            first,
            second,
            *(readings[reading_key(endpoint, name, "baseline")] for name in (reference, arm)),
        )
    return welch_t_test(first, second)


def _crossed(design: Crossover, endpoint: Endpoint, readings: Readings) -> dict[str, Contrast]:
    reference, *others = design.names
    first, arms = (
        readings[reading_key(endpoint, reference)],
        [readings[reading_key(endpoint, arm)] for arm in others],
    )
    share = endpoint.what in ("response", "remission")
    starts = {course.arms[0] for course in design.courses}
    if len(others) > 1 or len(starts) < 2:
        compare = paired_risk if share else paired_t_test
        return {
            f"{arm} - {reference}": compare(first, held)
            for arm, held in zip(others, arms, strict=True)
        }
    began = np.array([course.arms[0] != reference for course in design.courses], dtype=float)
    later = began[readings[SEQUENCE].astype(np.int64)]
    label = f"{others[0]} - {reference}"
    if share:
        periods = np.where(later == 1, arms[0], first), np.where(later == 1, first, arms[0])
        return {label: paired_risk(first, arms[0]), PERIOD: paired_risk(*periods)}
    found = crossover(first, arms[0], later)
    return {label: found.treatment, PERIOD: found.period, CARRY_OVER: found.carry_over}


def _factorial(design: Factorial, endpoint: Endpoint, readings: Readings) -> dict[str, Contrast]:
    cells = {on: readings[reading_key(endpoint, cell)] for cell, on in design.levels.items()}
    baselines = None
    if endpoint.adjusted:
        baselines = {
            on: readings[reading_key(endpoint, cell, "baseline")]
            for cell, on in design.levels.items()
        }
    found = factorial(cells, baselines)
    return {" x ".join(design.factors[k] for k in which): one for which, one in found.items()}
