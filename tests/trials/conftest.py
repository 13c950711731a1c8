"""Two trials of 24 dyads, run once for all files of this folder."""

from __future__ import annotations

import pytest

from oxysim.families import Family
from oxysim.population import sample
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.plan.trial_design import Parallel
from oxysim.trials.trial import Trial
from tests.support.small_trials import EPDS, NULL, TWO


@pytest.fixture(scope="session")
def family() -> Family:
    return sample(24, seed=5, infant_age="2 months")


@pytest.fixture(scope="session")
def two(family: Family) -> Trial:
    return Trial(family, Parallel(TWO), EPDS)


@pytest.fixture(scope="session")
def null(family: Family) -> Trial:
    return Trial(family, NULL, Endpoint("sensitivity", "2 d"))
