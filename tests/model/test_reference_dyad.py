"""The reference dyad stays where it is, whichever edge is cut; the stored usual signals are those
of the model.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from oxysim.families import Dyad, Family, named_dyads
from oxysim.model import registry
from oxysim.model.registry import ROLES
from oxysim.schedule import STAGES, Routine
from oxysim.simulation.averaging.daily_mean import rest, usual_of
from oxysim.simulation.equations.system import state_rows
from oxysim.simulation.reference_signals import shipped_signals
from oxysim.simulation.scipy_engine import Solver
from oxysim.simulation.simulate import simulate

NO_VULNERABILITY = {"caregiver.depression.vulnerability_at_birth": 0.0}
QUICK = Solver(rtol=1e-5)
# 60 days from each lie within one stage of the typical day
AGES = ("1 d", "100 d", "190 d", "380 d")
SLOW = [name for name, row in state_rows(("mother",)).items() if row.pace != "fast"]
MOVED_BY_A_CUT = 0.1
"""The most that a cut may move a slow state of the reference dyad in 30 days, relative to its
typical size (half an EPDS point).
"""


def _reference(age: str, **more: Any) -> Dyad:
    return Dyad(infant_age=age, parameters=NO_VULNERABILITY, **more)


@pytest.mark.parametrize("age", AGES)
def test_the_reference_dyad_stays_for_sixty_days(age: str) -> None:
    course = simulate(
        _reference(age),
        Routine.typical(),
        "60 d",
        save="10 d",
        variables=["caregiver.epds"],
        solver=QUICK,
    )
    epds = course["caregiver.epds"].values[0]
    assert np.abs(epds - epds[0]).max() < 0.1


def moved_by_cuts() -> dict[str, tuple[float, str]]:
    """Edge -> how far its cut moves the slow state that moves most, in typical sizes over 30 days,
    and that state.
    """
    names = list(registry.edges())
    cuts = {
        name: np.array([0.0 if i == k else 1.0 for i in range(len(names) + 1)])
        for k, name in enumerate(names)
    }
    dyads = _reference("200 d").repeat(len(names) + 1)
    courses = simulate(
        dyads, Routine.typical(), "30 d", save=["30 d"], variables=SLOW, scale=cuts, solver=QUICK
    )
    rows = state_rows(("mother",))
    moved = {
        v: np.abs(courses[v].values[:-1, 0] - courses[v].values[-1, 0]) / rows[v].scale
        for v in SLOW
    }
    return {name: max((float(moved[v][k]), v) for v in SLOW) for k, name in enumerate(names)}


@pytest.mark.long
def test_no_single_cut_moves_the_reference_dyad_far() -> None:
    moved_by_edge = moved_by_cuts()
    far = {edge: moved for edge, moved in moved_by_edge.items() if moved[0] > MOVED_BY_A_CUT}
    assert not far, dict(sorted(far.items(), key=lambda item: -item[1][0]))


HOUSEHOLDS = [roles for n in range(1, len(ROLES) + 1) for roles in itertools.combinations(ROLES, n)]


def _require_shipped(household: tuple[str, ...], stage: int) -> None:
    for (member, edge), signal in usual_of(household, stage).items():
        shipped = shipped_signals()[household, stage].signals[member][edge]
        stale = (
            f"stale: run scripts/update_reference_day.py; {household}, {stage}, {member}, {edge}"
        )
        for value, of_shipped in zip(signal, shipped, strict=True):
            assert abs(value - of_shipped) <= 1e-6 * max(1, abs(value)), stale


def test_the_stored_usual_signals_are_those_of_the_model() -> None:
    _require_shipped(("mother",), 1)


@pytest.mark.long
@pytest.mark.parametrize("household", HOUSEHOLDS, ids="+".join)
@pytest.mark.parametrize("stage", range(len(STAGES)))
def test_all_stored_usual_signals_are_those_of_the_model(
    household: tuple[str, ...], stage: int
) -> None:
    _require_shipped(household, stage)


def test_a_whole_family_stays_where_it_is() -> None:
    both = ("mother", "father")
    family = Family(both, infant_age="200 d", parameters=NO_VULNERABILITY)
    course = simulate(
        family,
        Routine.household(both),
        "21 d",
        save="7 d",
        variables=["caregiver.epds"],
        solver=QUICK,
    )
    for name in both:
        epds = course[f"{name}.epds"].values[0]
        assert np.abs(epds - epds[0]).max() < 0.1, name


def test_the_order_of_caregivers_changes_nothing() -> None:
    day = Routine.household(("mother", "father"))
    first, second = (
        simulate(
            Family(order),
            day,
            "1 d",
            save="6 h",
            variables=["infant.affect", "mother.reward"],
            solver=QUICK,
        )
        for order in (("mother", "father"), ("father", "mother"))
    )
    for name in ("infant.affect", "mother.reward"):
        np.testing.assert_allclose(first[name].values, second[name].values, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("name", sorted(named_dyads()))
def test_the_stored_named_dyads_rest_where_the_model_leaves_them(name: str) -> None:
    """A model that is changed moves them; `rest` itself ends within 2e-4 EPDS points."""
    dyad: Dyad = getattr(Dyad, name)()
    stale = f"data/named_dyads.csv is stale: run scripts/update_reference_day.py; {name}"
    for state, (value,) in rest(dyad, Routine.typical()).items():
        stored = float(np.ravel(dyad.start[state])[0])
        assert abs(value - stored) <= 1e-4 * max(1.0, abs(stored)), f"{stale}, {state}"
