"""Cohorts for tests: twenty newborns of the community, and courses written by hand."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from oxysim import units
from oxysim.cohorts.cohort import Cohort
from oxysim.cohorts.follow_up import follow
from oxysim.population import Population, sample
from oxysim.schedule import Routine

WEEKS = 80


@functools.cache
def community_newborns() -> Cohort:
    """Twenty dyads of the community from birth to six weeks."""
    return follow(Population.named("community"), 20, until="6 weeks", seed=4)


def constant_cohort(**values: Any) -> Cohort:
    """A cohort written by hand: each variable, shape (n,), constant over 80 weeks, and kept at
    each week and at 6 months. Dots in names are written as two underscores.
    """
    courses = {k.replace("__", "."): np.asarray(v, dtype=float) for k, v in values.items()}
    n = len(next(iter(courses.values())))
    times = np.sort(np.append(units.WEEK * np.arange(WEEKS + 1), 6 * units.MONTH))
    full = {
        k: np.broadcast_to(v.reshape(n, -1), (n, len(times))).copy() for k, v in courses.items()
    }
    return Cohort(sample(n, seed=0, infant_age="0 d"), times, full, Routine.typical(), 0, {})
