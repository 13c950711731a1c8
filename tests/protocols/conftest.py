"""A cohort that several files of this folder read: it is followed once."""

from __future__ import annotations

import pytest

from oxysim.cohorts.cohort import Cohort
from tests.support.small_cohorts import community_newborns


@pytest.fixture
def newborns() -> Cohort:
    return community_newborns()
