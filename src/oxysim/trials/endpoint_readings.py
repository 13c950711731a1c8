"""From the replications of a trial to the arrays of one endpoint that its analysis takes, and the
same without measurement error.
"""

from __future__ import annotations

import numpy as np

from oxysim import units
from oxysim.arrays import FloatArray
from oxysim.trials.analysis import SEQUENCE, reading_key
from oxysim.trials.plan.endpoints import Endpoint, EndpointValues
from oxysim.trials.plan.trial_design import Crossover
from oxysim.trials.plan.visits import BASELINE
from oxysim.trials.replication import Replications
from oxysim.trials.trial_plan import TrialPlan


def endpoint_readings(
    trial: TrialPlan, sample: Replications, endpoint: Endpoint
) -> dict[str, FloatArray]:
    """The arrays of one endpoint that its analysis takes (see ``trials.analysis``), shape
    (replications, n) each.

    >>> from oxysim.interventions import NasalSpray
    >>> from oxysim.population import Population
    >>> from oxysim.trials import Crossover, Endpoint, Trial
    >>> arms = {"placebo": None, "spray": NasalSpray("24 IU", at="10:00")}
    >>> pool = Population.named("community").sample(4, seed=1)
    >>> trial = Trial(pool, Crossover(arms, period="4 h"), Endpoint("epds", at="3 h"))
    >>> sample = trial.run(4, replications=3, progress=False).sample
    >>> sorted(endpoint_readings(trial, sample, trial.primary))[:2]
    [...]
    """
    visits, design = len(trial.places), trial.design
    # who has left gives no reading any more, though one was drawn
    seen = np.where(sample.stays, sample.readings[endpoint.source], np.nan)
    arrays: dict[str, FloatArray] = {}
    if isinstance(design, Crossover):
        arrays[SEQUENCE] = sample.course.astype(float)

    by_period = []
    for period in range(len(design.starts)):
        of_period = slice(period * visits, (period + 1) * visits)
        readings = seen[..., of_period]
        times = _times(trial, sample, endpoint, of_period)
        outcome = endpoint.outcome(readings, times, trial.places)
        by_period.append((outcome, readings[..., trial.places[BASELINE]]))

    for arm in design.names:
        # In a crossover an arm's values are those of the period in which each participant had it.
        values_of_arm: dict[str, FloatArray] = {}
        for period, (outcome, baseline) in enumerate(by_period):
            has_arm = [course.arms[period] == arm for course in design.courses]
            in_arm = np.array(has_arm)[sample.course]
            for quantity, values in _quantities(endpoint, outcome, baseline).items():
                before = values_of_arm.get(quantity, np.full(in_arm.shape, np.nan))
                values_of_arm[quantity] = np.where(in_arm, values, before)
        for quantity, values in values_of_arm.items():
            arrays[reading_key(endpoint, arm, quantity)] = values
    return arrays


def true_values(trial: TrialPlan, endpoint: Endpoint, arm: str) -> FloatArray:
    """The endpoint of every dyad of the pool without measurement error, had it been given `arm`
    (first), (dyads,).

    >>> from oxysim.interventions import NasalSpray
    >>> from oxysim.population import Population
    >>> from oxysim.trials import Crossover, Endpoint, Trial
    >>> arms = {"placebo": None, "spray": NasalSpray("24 IU", at="10:00")}
    >>> pool = Population.named("community").sample(4, seed=1)
    >>> trial = Trial(pool, Crossover(arms, period="4 h"), Endpoint("epds", at="3 h"))
    >>> true_values(trial, trial.primary, "spray").shape  # of every dyad of the pool
    (4,)
    """
    courses = trial.design.courses
    # a sequence that begins with the arm, or else the first that holds it
    beginning = [k for k, course in enumerate(courses) if course.arms[0] == arm]
    holding = [k for k, course in enumerate(courses) if arm in course.arms]
    # first in a sequence there is no carry-over of another arm in it
    k = (beginning or holding)[0]

    period, visits = courses[k].arms.index(arm), len(trial.places)
    occasions = trial.pool.plan.occasions[period * visits : (period + 1) * visits]
    expected = [
        trial.pool.expected_readings(endpoint.source, occasion)[k] for occasion in occasions
    ]

    # times count from the baseline, as those of the replications do
    baseline = occasions[trial.places[BASELINE]].planned
    times = np.array([occasion.planned for occasion in occasions]) - baseline
    return endpoint.outcome(np.stack(expected, axis=-1), times, trial.places).values


def _times(
    trial: TrialPlan, sample: Replications, endpoint: Endpoint, of_period: slice
) -> FloatArray:
    """When each visit of a period was, minutes since enrolment, (replications, n, visits).

    An event is found at the first visit after it: for the hazard ratio all who came to one visit
    share its planned time, however their windows spread (spread times lean the ratio towards 1).
    """
    days = sample.days[..., of_period]
    if endpoint.what != "time to remission":
        return days * units.DAY
    occasions = trial.pool.plan.occasions[of_period]
    planned = np.array([occasion.planned for occasion in occasions]) - trial.pool.plan.start
    # the same planned time for everybody, without a copy for each
    return np.broadcast_to(planned, days.shape)


def _quantities(
    endpoint: Endpoint, outcome: EndpointValues, baseline: FloatArray
) -> dict[str, FloatArray]:
    """What of an endpoint is read of each participant, by the words of ``reading_key``."""
    quantities = {"": outcome.values}
    if outcome.reached is not None:
        quantities["reached"] = outcome.reached
    if endpoint.adjusted:
        quantities["baseline"] = baseline
    return quantities
