"""The flow of participants through a trial, as a published trial reports it: who was screened,
eligible, allocated, attended, left and was analysed.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from oxysim.arrays import BoolArray
from oxysim.trials.analysis import endpoint_readings, reading_key
from oxysim.trials.plan.trial_design import Crossover
from oxysim.trials.plan.visits import BASELINE
from oxysim.trials.replication import Replications
from oxysim.trials.trial_plan import TrialPlan


def participant_flow(trial: TrialPlan, sample: Replications) -> dict[str, Any]:
    """Step of the flow -> how many participants, shape (replications,), or one number for all.

    >>> from oxysim.interventions import NasalSpray
    >>> from oxysim.population import Population
    >>> from oxysim.trials import Crossover, Endpoint, Trial
    >>> arms = {"placebo": None, "spray": NasalSpray("24 IU", at="10:00")}
    >>> pool = Population.named("community").sample(4, seed=1)
    >>> trial = Trial(pool, Crossover(arms, period="4 h"), Endpoint("epds", at="3 h"))
    >>> flow = participant_flow(trial, trial.run(4, replications=3, progress=False).sample)
    >>> flow["eligible and randomised"].tolist()
    [4, 4, 4]
    """
    n = sample.position.shape[1]
    counts: dict[str, Any] = {}
    # only where the pool was selected is it known what it took to find it
    if trial.selection is not None:
        counts["screened for the pool, per participant enrolled x n"] = n / trial.selection.share
    counts["screened"] = sample.screened
    counts["eligible and randomised"] = sample.eligible

    analysed = _analysed(trial, sample)
    for k, course in enumerate(trial.design.courses):
        allocated = sample.course == k
        counts[f"{course.name}: allocated"] = allocated.sum(axis=1)
        for number, occasion in enumerate(trial.pool.plan.occasions):
            # all are at the baseline; in a crossover a visit is told by its period too
            if occasion.visit.name == BASELINE:
                continue
            one_period = len(trial.design.starts) == 1
            label = occasion.visit.name if one_period else occasion.label
            attends = allocated & sample.stays[..., number]
            counts[f"{course.name}: attended {label}"] = attends.sum(axis=1)
        leaves = allocated & ~sample.stays[..., -1]
        counts[f"{course.name}: dropped out"] = leaves.sum(axis=1)
        counts[f"{course.name}: analysed"] = (allocated & analysed).sum(axis=1)
    return counts


def _analysed(trial: TrialPlan, sample: Replications) -> BoolArray:
    """Who has a value of the primary endpoint; in a crossover, in every arm."""
    endpoint = trial.primary
    readings = endpoint_readings(trial, sample, endpoint)
    has_value = [~np.isnan(readings[reading_key(endpoint, arm)]) for arm in trial.design.names]
    # elsewhere everybody is in one arm, so that one value is all there can be
    is_crossover = isinstance(trial.design, Crossover)
    return np.all(has_value, axis=0) if is_crossover else np.any(has_value, axis=0)
