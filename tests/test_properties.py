"""Whatever the parameters, the edges and the schedule: levels stay legal, and every dyad ends well or with a reason."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from oxysim.schedule import Routine
from oxysim.simulation.result import Result
from oxysim.simulation.scipy_engine import Solver
from oxysim.simulation.simulate import simulate
from oxysim.simulation.system import variable_rows
from random_cases import Case, cases, dyads, multipliers

SLACK = 1e-3  # of a variable's size: the tolerance of these runs, times ten
QUICK = {"deadline": None, "suppress_health_check": list(HealthCheck), "derandomize": True, "database": None}


def _simulated(case: Case, largest: float) -> Result:
    # settled on a day without events, which costs little
    return simulate(
        dyads(case), case.schedule, f"{case.hours} h", scale=multipliers(case, largest), save="20 min",
        solver=Solver(rtol=1e-4), usual_day=Routine.empty(),
    )  # fmt: skip


def _require_legal(case: Case) -> None:
    # up to 1, what is heard lies between the usual and what is said; beyond, it may leave the range of the signal
    found = _simulated(case, 1.0)
    assert not found.reasons, list(found.reasons.items())[:3]
    rows = variable_rows(found.caregivers)
    for name in found.variables:
        values = found[name].values
        assert np.isfinite(values).all(), name
        slack = SLACK * max(rows[name].scale, float(np.abs(values).max()))
        assert values.min() >= rows[name].low - slack, f"{name} falls to {values.min():g}"
        assert values.max() <= rows[name].high + slack, f"{name} rises to {values.max():g}"


@settings(max_examples=5, **QUICK)
@given(cases(40))
def test_levels_stay_legal_in_200_random_cases(case: Case) -> None:
    _require_legal(case)


@settings(max_examples=3, **QUICK)
@given(cases(25).filter(lambda case: case.edges))
def test_amplified_edges_end_well_or_with_a_reason(case: Case) -> None:
    found = _simulated(case, 2.0)
    for name in found.variables:
        assert np.isfinite(found[name].values[found.ok]).all(), name
    assert all(reason.startswith(("out of legal range", "on the usual day", "the solver stopped", "not finite"))
               for reason in found.reasons.values()), found.reasons  # fmt: skip


@pytest.mark.long
@settings(max_examples=200, **QUICK)
@given(cases(50))
def test_levels_stay_legal_in_10000_random_cases(case: Case) -> None:
    _require_legal(case)
