"""Whatever the parameters, the edges and the schedule: levels stay legal, and every dyad ends well
or with a reason.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from oxysim.schedule import Routine
from oxysim.simulation.equations.system import variable_rows
from oxysim.simulation.results.result import Result
from oxysim.simulation.scipy_engine import Solver
from oxysim.simulation.simulate import simulate
from tests.support.random_cases import Case, cases, dyads, multipliers

SLACK = 1e-3  # of a variable's size: the tolerance of these runs, times ten
# A cut or scaled edge passes what a straight line along contact lets one expect (decision 0072),
# which lies a little below zero where there is no contact at all: reward falls to -.00056, a third
# of a hundredth of its usual level, at any tolerance from 1e-4 to 1e-8.
BELOW = 2e-3
QUICK = {
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "derandomize": True,
    "database": None,
}


def _simulated(case: Case) -> Result:
    # settled on a day without events, which costs little
    return simulate(
        dyads(case), case.schedule, f"{case.hours} h", scale=multipliers(case), save="20 min",
        solver=Solver(rtol=1e-4), usual_day=Routine.empty(),
    )  # fmt: skip


def _require_legal(case: Case) -> None:
    result = _simulated(case)
    assert not result.reasons, list(result.reasons.items())[:3]
    rows = variable_rows(result.caregivers)
    for name in result.variables:
        values = result[name].values
        assert np.isfinite(values).all(), name
        size = max(rows[name].scale, float(np.abs(values).max()))
        slack = SLACK * size
        below = BELOW * size if case.edges else slack
        assert values.min() >= rows[name].low - below, f"{name} falls to {values.min():g}"
        assert values.max() <= rows[name].high + slack, f"{name} rises to {values.max():g}"


@settings(max_examples=5, **QUICK)
@given(cases(40))
def test_levels_stay_legal_in_200_random_cases(case: Case) -> None:
    _require_legal(case)


@pytest.mark.long
@settings(max_examples=200, **QUICK)
@given(cases(50))
def test_levels_stay_legal_in_10000_random_cases(case: Case) -> None:
    _require_legal(case)
