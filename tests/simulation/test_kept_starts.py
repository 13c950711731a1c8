"""Settled starts are kept: the same bits with and without, another start wherever settling would
see another dyad.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import oxysim as ox
from oxysim.simulation.scipy_engine import Solver
from oxysim.simulation.start import initial_state
from oxysim.simulation.start.settling import Settling
from oxysim.sweeps import Study, grid, sweep
from oxysim.trials import Endpoint, Parallel, Trial

DAY = ox.Routine.typical()
SPRAY = ox.NasalSpray("24 IU", at="09:00")
HALF_LIFE = "caregiver.oxytocin.plasma_half_life"


def _many(n: int) -> ox.Family:
    return ox.Dyad(infant_age="3 months", parameters={HALF_LIFE: np.linspace(3, 5, n)})


def _values(family: ox.Family, schedule: Any, engine: str, **options: Any) -> np.ndarray:
    result = ox.simulate(family, schedule, "2 h", engine=engine, save="30 min", **options)
    return np.stack(
        [result[name].values for name in ("caregiver.warmth", "infant.cortisol", "caregiver.epds")]
    )


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many dyads were settled in each call that settled any."""
    counts: list[int] = []
    settle: Callable[..., Any] = Settling._settled

    def counted(self: Any, task: Any, *rest: Any) -> Any:
        counts.append(len(task.who))
        return settle(self, task, *rest)

    monkeypatch.setattr(Settling, "_settled", counted)
    return counts


@pytest.mark.parametrize(("engine", "n"), [("scipy", 2), ("compiled", 5)])
def test_the_same_bits_with_and_without(engine: str, n: int) -> None:
    family = _many(n)
    cold = _values(family, DAY + SPRAY, engine)
    initial_state.forget()
    _values(family, DAY, engine)
    np.testing.assert_array_equal(_values(family, DAY + SPRAY, engine), cold)


def test_what_settling_does_not_see_is_no_other_start(settled: list[int]) -> None:
    family = _many(2)
    _values(family, DAY, "compiled")
    for schedule, options in (
        (DAY + SPRAY, {"seed": 5}),
        (DAY + ox.DailyLife(), {}),
        (ox.Routine.typical(), {}),
    ):
        _values(family, schedule, "compiled", **options)
    _values(family.replace(dyads=(7, 8)), DAY, "compiled")
    _values(family, ox.Routine.typical(jitter="10 min"), "compiled")
    _values(family, SPRAY, "compiled", usual_day=DAY)
    _values(
        family, DAY, "compiled", solver=Solver(rtol=1e-4)
    )  # settling is never coarser than 1e-6
    assert settled == [2]


OTHER: dict[str, tuple[Callable[[ox.Family], ox.Family], Any, dict[str, Any]]] = {
    "a parameter": (lambda family: family.with_parameters({"infant.oxytocin.touch": 1.1}), DAY, {}),
    "an age": (lambda family: family.replace(infant_age="4 months"), DAY, {}),
    "a slow state": (lambda family: family.with_start({"caregiver.depression": 9}), DAY, {}),
    "an edge": (lambda family: family, DAY, {"cut": ["reward -> depression"]}),
    "a scaled edge": (lambda family: family, DAY, {"scale": {"reward -> depression": 0.5}}),
    # other code runs
    "an edge that is whole": (lambda family: family, DAY, {"scale": {"reward -> depression": 1.0}}),
    "a routine": (lambda family: family, ox.Routine.typical(feeding="bottle"), {}),
    "a usual day": (
        lambda family: family,
        DAY,
        {"usual_day": ox.Routine.typical(feeding="bottle")},
    ),
    "an hour": (lambda family: family, DAY, {"start": "10:00"}),
    "a tolerance": (lambda family: family, DAY, {"solver": Solver(rtol=1e-9)}),
    "a limit of evaluations": (
        lambda family: family,
        DAY,
        {"solver": Solver(max_evaluations=150_000)},
    ),
    "a role": (
        lambda family: family.replace(roles={"mother": "other"}),
        ox.Routine.typical(feeding="bottle"),
        {},
    ),
}


@pytest.mark.parametrize("changed_item", OTHER)
def test_what_settling_sees_is_another_start(changed_item: str, settled: list[int]) -> None:
    family, (change, day, options) = _many(1), OTHER[changed_item]
    _values(family, DAY, "compiled")
    changed = _values(change(family), day, "compiled", **options)
    assert settled == [1, 1]
    initial_state.forget()
    np.testing.assert_array_equal(_values(change(family), day, "compiled", **options), changed)


def test_the_other_engine_settles_for_itself(settled: list[int]) -> None:
    for engine in ("compiled", "scipy", "compiled", "scipy"):
        _values(_many(1), DAY, engine)
    assert settled == [1, 1]


def test_only_new_dyads_settle_where_company_does_not_matter(settled: list[int]) -> None:
    family = _many(12)
    first_ten = _values(family.take(np.arange(10)), DAY, "compiled")
    np.testing.assert_array_equal(_values(family, DAY, "compiled")[:, :10], first_ten)
    assert settled == [10, 2]
    settled.clear()
    for count in (1, 2, 2):  # SciPy's stack steps together: a dyad's bits hang on its company
        _values(family.take(np.arange(count)), DAY, "scipy")
    assert settled == [1, 2]


def test_no_more_than_so_many_are_kept(monkeypatch: pytest.MonkeyPatch, settled: list[int]) -> None:
    monkeypatch.setattr(initial_state, "KEPT_DYADS", 3)
    first = _values(_many(5), DAY, "compiled")
    assert len(initial_state._kept) == 3
    np.testing.assert_array_equal(_values(_many(5), DAY, "compiled"), first)
    assert settled == [5, 2]  # those that were used last are the ones kept


def test_why_a_dyad_does_not_settle_is_kept_too(settled: list[int]) -> None:
    options: dict[str, Any] = {
        "engine": "compiled",
        "solver": Solver(rtol=1e-9, max_evaluations=100),
    }
    first, again = (ox.simulate(_many(2), DAY, "1 h", **options) for _ in range(2))
    assert "on the usual day before the start" in first.reasons[0]
    assert first.reasons == again.reasons
    assert settled == [2]


def test_the_arms_of_a_trial_and_the_blocks_of_a_sweep_share_their_starts(
    settled: list[int],
) -> None:
    family = _many(6)
    arms = {
        "usual care": None,
        "low": ox.NasalSpray("8 IU", at="10:00"),
        "high": ox.NasalSpray("48 IU", at="10:00"),
    }
    trial = Trial(family, Parallel(arms), [Endpoint("warmth", at="3 h")], day=DAY)
    _ = trial.pool
    assert settled == [6]
    settled.clear()
    doses = grid({"spray.dose": ["8 IU", "16 IU", "24 IU", "32 IU"]})
    study = Study(
        ox.Dyad(),
        "2 h",
        doses,
        interventions={"spray": SPRAY},
        outcomes=["caregiver.warmth: mean"],
        engine="compiled",
    )
    sweep(study, workers=1, block_size=1, progress=False)
    assert settled == [1]
