"""Small trials for tests: their arms and endpoints, and what shows that a test keeps its level."""

from __future__ import annotations

import numpy as np

from oxysim.interventions import (
    Massage,
    Placebo,
)
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.plan.trial_design import Parallel
from oxysim.trials.trial import Trial

DAY = 1440.0
MASSAGE = Massage("15 min daily at 10:30")
INERT = Placebo(at="10:00", expectancy=0.0)  # is in the schedule and does nothing
TWO = {"usual care": None, "massage": MASSAGE}
NULL = Parallel({"nothing": None, "inert": INERT})
EPDS = Endpoint("epds", "2 d")


def require_type_one(trial: Trial, *contrasts: str, replications: int = 3000) -> None:
    """Each of the contrasts has p < .05 in a twentieth of trials, within three of its errors."""
    result = trial.run(20, replications, seed=2).contrasts()
    error = np.sqrt(0.05 * 0.95 / replications)
    for name in contrasts:
        assert abs(np.mean(result[name].p < 0.05) - 0.05) < 3 * error, name
