"""From the replications of a trial to its contrasts: the arrays of an endpoint, the same without
measurement error, and the analysis that goes with design and endpoint.

Readings are arrays of shape (replications, n), participants of all arms in the order of enrolment,
NaN where somebody is in another arm or gave no reading.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from oxysim import units
from oxysim.arrays import FloatArray
from oxysim.statistics.contrast import Contrast
from oxysim.statistics.crossover import crossover
from oxysim.statistics.factorial import factorial
from oxysim.statistics.proportions import paired_risk, risk
from oxysim.statistics.survival.survival_models import hazard_ratio
from oxysim.statistics.survival.time_to_event import Times
from oxysim.statistics.two_groups import ancova, paired_t_test, welch_t_test
from oxysim.trials.plan.endpoints import Endpoint, EndpointValues
from oxysim.trials.plan.trial_design import Crossover, Factorial, TrialDesign
from oxysim.trials.plan.visits import BASELINE
from oxysim.trials.replication import Replications
from oxysim.trials.trial_plan import TrialPlan

Readings = Mapping[str, FloatArray]
SEQUENCE = "sequence"
SHARES = ("response", "remission")  # kinds of endpoint whose values are 0 or 1

# Contrasts that say whether a crossover may be trusted, not what an arm does.
PERIOD, CARRY_OVER = "period 2 - period 1", "carry-over check"
CHECKS = (PERIOD, CARRY_OVER)


def reading_key(endpoint: Endpoint, arm: str, quantity: str = "") -> str:
    """The name of an array among the readings: the endpoint itself, its "baseline", or whether it
    was "reached".

    >>> reading_key(Endpoint("epds", at="6 weeks"), "spray", "baseline")
    'epds value at 6 weeks, baseline | spray'
    """
    return f"{endpoint.name}{', ' if quantity else ''}{quantity} | {arm}"


# ---------------------------------------------------------------------------- what was read
def endpoint_readings(
    trial: TrialPlan, sample: Replications, endpoint: Endpoint
) -> dict[str, FloatArray]:
    """The arrays of one endpoint that its analysis takes (see :func:`contrasts`), shape
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


# ---------------------------------------------------------------------------- how arms compare
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

    >>> from oxysim.interventions import NasalSpray
    >>> from oxysim.trials import Parallel
    >>> design = Parallel({"placebo": None, "spray": NasalSpray("24 IU", at="10:00")})
    >>> epds = Endpoint("epds", at="6 weeks")
    >>> missing = np.nan
    >>> readings = {
    ...     reading_key(epds, "placebo"): np.array([[9.0, missing, 11.0, missing]]),
    ...     reading_key(epds, "spray"): np.array([[missing, 8.0, missing, 6.0]]),
    ... }
    >>> contrasts(design, epds, readings)["spray - placebo"].estimate
    array([-3.])
    """
    if isinstance(design, Crossover):
        return _crossed(design, endpoint, readings)
    # A time has no cell means: in a factorial too it is compared arm by arm.
    if isinstance(design, Factorial) and endpoint.what != "time to remission":
        return _factorial(design, endpoint, readings)
    reference = design.names[0]
    return {
        f"{arm} - {reference}": _between(endpoint, readings, reference, arm)
        for arm in design.names[1:]
    }


def _between(endpoint: Endpoint, readings: Readings, reference: str, arm: str) -> Contrast:
    """Two arms of different participants."""
    first = readings[reading_key(endpoint, reference)]
    second = readings[reading_key(endpoint, arm)]
    if endpoint.what == "time to remission":
        # a time says until when; whether the event came then, or nobody looked further, is another
        # array
        reached = [readings[reading_key(endpoint, name, "reached")] for name in (reference, arm)]
        return hazard_ratio(Times(first, reached[0]), Times(second, reached[1]))
    if endpoint.what in SHARES:
        return risk(first, second).difference
    if endpoint.adjusted:
        baselines = [readings[reading_key(endpoint, name, "baseline")] for name in (reference, arm)]
        return ancova(first, second, *baselines)
    # Welch's, not Student's: a treatment may change the spread as well as the mean.
    return welch_t_test(first, second)


def _crossed(design: Crossover, endpoint: Endpoint, readings: Readings) -> dict[str, Contrast]:
    """The same participants in every arm."""
    reference, *treatments = design.names
    without = readings[reading_key(endpoint, reference)]
    under = [readings[reading_key(endpoint, arm)] for arm in treatments]
    is_share = endpoint.what in SHARES

    # Periods can be told from treatments only where two arms come in both orders.
    first_arms = {course.arms[0] for course in design.courses}
    if len(treatments) > 1 or len(first_arms) < 2:
        compare = paired_risk if is_share else paired_t_test
        return {
            f"{arm} - {reference}": compare(without, values)
            for arm, values in zip(treatments, under, strict=True)
        }

    begins_treated = np.array(
        [course.arms[0] != reference for course in design.courses], dtype=float
    )
    treated_first = begins_treated[readings[SEQUENCE].astype(np.int64)]
    label = f"{treatments[0]} - {reference}"
    # 0 and 1 have no normal spread: treatment and period are each tested by McNemar.
    if is_share:
        first_period = np.where(treated_first == 1, under[0], without)
        second_period = np.where(treated_first == 1, without, under[0])
        return {
            label: paired_risk(without, under[0]),
            PERIOD: paired_risk(first_period, second_period),
        }
    analysis = crossover(without, under[0], treated_first)
    return {label: analysis.treatment, PERIOD: analysis.period, CARRY_OVER: analysis.carry_over}


def _factorial(design: Factorial, endpoint: Endpoint, readings: Readings) -> dict[str, Contrast]:
    """Main effects by the factor's name, interactions by both."""
    cells = {
        present: readings[reading_key(endpoint, cell)] for cell, present in design.levels.items()
    }
    baselines = None
    if endpoint.adjusted:
        baselines = {
            present: readings[reading_key(endpoint, cell, "baseline")]
            for cell, present in design.levels.items()
        }
    effects = factorial(cells, baselines)
    return {
        " x ".join(design.factors[k] for k in factors): effect
        for factors, effect in effects.items()
    }
