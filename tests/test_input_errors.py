"""Bad input meets a clear error before anything runs: which thing, what was found, what was
expected.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oxysim.errors import (
    InputError,
    MissingExtraError,
    OxysimError,
    ScheduleError,
    UnitError,
    UnknownNameError,
    require_extra,
)
from oxysim.families import Dyad, Family, combine
from oxysim.interventions import Crying, NasalSpray
from oxysim.model import registry
from oxysim.protocols import spray_crossover
from oxysim.schedule import Routine
from oxysim.simulation import run as module
from oxysim.simulation.scipy_engine import Solver
from oxysim.simulation.simulate import simulate

HALF_LIFE = "caregiver.oxytocin.plasma_half_life"
DEPRESSION = "caregiver.depression"
EDGE = "reward -> depression"


@pytest.fixture(autouse=True)
def nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        pytest.fail("the simulation started")

    monkeypatch.setattr(module, "settled_start", refuse)
    monkeypatch.setattr(module, "integrator_for", lambda name: refuse)


def _run(*schedule: Any, duration: Any = "6 h", dyad: Any = None, **options: Any) -> None:
    simulate(dyad or Dyad(), schedule[0] if schedule else Routine.typical(), duration, **options)


def _parameter(value: Any) -> None:
    Dyad(parameters={HALF_LIFE: value})


MISSPELT: list[tuple[Callable[[], Any], str]] = [
    (lambda: Dyad(parameters={"caregiver.oxytocin.plasma_halflife": 4}), HALF_LIFE),
    (lambda: Dyad(start={"caregiver.depresion": 4}), DEPRESSION),
    (lambda: Dyad("moter"), "mother"),
    (lambda: Family(roles={"mothr": "other"}), "mother"),
    (lambda: _run(cut="reward->depresion"), EDGE),
    (lambda: _run(scale={"rewards -> depression": 1}), EDGE),
    (lambda: _run(variables=["caregiver.epd"]), "caregiver.epds"),
    (lambda: Solver("RK4"), "RK45"),
    (lambda: Dyad().value("caregiver.oxytocin.plasma_halflife"), HALF_LIFE),
]


@pytest.mark.parametrize(("wrong", "right"), MISSPELT)
def test_misspelt_names_bring_the_nearest(wrong: Callable[[], Any], right: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        wrong()
    assert repr(right) in str(caught.value)
    assert 1 <= str(caught.value).partition("nearest")[2].count("'") / 2 <= 3


WRONG: list[tuple[Callable[[], Any], type[OxysimError], str]] = [
    # units
    (lambda: _run(duration=6), UnitError, "duration: expected a time with its unit"),
    (lambda: _run(duration="6"), UnitError, "duration"),
    (lambda: _run(duration="-6 h"), UnitError, "positive"),
    (lambda: _run(start="8"), UnitError, "clock time"),
    (lambda: _run(start="25:00"), UnitError, "not a time of day"),
    (lambda: _run(save=5), UnitError, "save"),
    (lambda: Dyad(infant_age=5), UnitError, "infant_age"),
    (lambda: Dyad(infant_age="-5 months"), UnitError, "not negative"),
    (lambda: Dyad(infant_age="5 years"), InputError, "36 months"),
    (lambda: _parameter("4 IU"), UnitError, "not a unit of time"),
    (lambda: NasalSpray("24", at="10:00"), UnitError, "IU"),
    (lambda: NasalSpray("24 min", at="10:00"), UnitError, "not a unit of dose"),
    # values
    (lambda: _parameter(float("nan")), InputError, "finite number in min"),
    (lambda: _parameter(-4), InputError, "not legal"),
    (lambda: _parameter(True), InputError, "finite number"),
    (lambda: _parameter(None), InputError, "finite number"),
    (lambda: _parameter([[4, 5]]), InputError, "shape"),
    (lambda: Dyad(parameters=[1]), InputError, "mapping"),
    (lambda: Dyad(start={DEPRESSION: 31}), InputError, "EPDS"),
    (lambda: Dyad(start={DEPRESSION: float("nan")}), InputError, "EPDS"),
    (lambda: Dyad(start={DEPRESSION: "low"}), InputError, "number in EPDS"),
    (lambda: NasalSpray("-24 IU", at="10:00"), ScheduleError, "above 0"),
    (lambda: NasalSpray("2400 IU", at="10:00"), ScheduleError, "at most"),
    (lambda: Crying("5 min", at="10:00", intensity=float("nan")), InputError, "crying"),
    (lambda: Crying("-5 min", at="10:00"), UnitError, "positive"),
    (
        lambda: Crying("5 min", at="10:00", start="day 5", stop="day 3"),
        ScheduleError,
        "later than start",
    ),
    (lambda: _run(Crying("5 min", at="20:00")), ScheduleError, "no moment"),
    # ensembles
    (lambda: _parameter([]), InputError, "at least 1"),
    (
        lambda: Dyad(parameters={HALF_LIFE: [4, 5], "infant.oxytocin.touch": [1, 1, 1]}),
        InputError,
        "[2, 3]",
    ),
    (lambda: combine([]), InputError, "at least one"),
    (lambda: combine([Dyad(), Family(("mother", "father"))]), InputError, "same caregivers"),
    (lambda: Dyad().repeat(0), InputError, "n: expected a whole number of at least 1; found 0"),
    (lambda: Dyad().take([3]), InputError, "positions from 0 to 0"),
    (lambda: Family(()), InputError, "caregivers"),
    (lambda: Family(dyads=("a",)), InputError, "whole numbers"),
    # edges
    (lambda: _run(scale={EDGE: 2.1}), InputError, "[0, 2]"),
    (lambda: _run(scale={EDGE: float("nan")}), InputError, "[0, 2]"),
    (lambda: _run(scale={EDGE: [1, 2]}), InputError, "one multiplier"),
    (lambda: _run(scale={EDGE: 1}, cut=EDGE), InputError, "both cut and scaled"),
    (lambda: _run(cut=3), InputError, "edge names"),
    # output, solver, seed
    (lambda: _run(save=[]), InputError, "at least one time"),
    (lambda: _run(save=["2 h", "1 h"]), InputError, "increasing order"),
    (lambda: _run(save=["7 h"]), InputError, "inside"),
    (lambda: _run(save="0.0000001 s"), InputError, "steps of more than"),
    (lambda: _run(dyad=Dyad().repeat(100_000), duration="3 d"), InputError, "GB"),
    (lambda: _run(variables="caregiver.epds"), InputError, "list of names"),
    (lambda: _run(variables=[]), InputError, "list of names"),
    (lambda: _run(solver="RK45"), InputError, "Solver"),
    (lambda: _run(seed=-1), InputError, "seed"),
    (lambda: _run(seed=1.5), InputError, "seed"),
    (lambda: _run("day"), ScheduleError, "Routine"),
    (lambda: simulate("me", Routine.typical(), "6 h"), InputError, "Dyad"),  # type: ignore[arg-type]
    (lambda: Solver(rtol=0), InputError, "rtol"),
    (lambda: Solver(rtol=float("nan")), InputError, "rtol"),
    (lambda: Solver(max_step=-1), InputError, "max_step"),
    (lambda: Solver(fixed_step=0), InputError, "fixed_step"),
    (lambda: Solver("BDF", fixed_step=1), InputError, "RK45, DOP853"),
    (lambda: Solver(max_evaluations=1), InputError, "at least 100"),
]


@pytest.mark.parametrize(("wrong", "kind", "words"), WRONG)
def test_wrong_input_is_named(
    wrong: Callable[[], Any], kind: type[OxysimError], words: str
) -> None:
    with pytest.raises(kind) as caught:
        wrong()
    assert words in str(caught.value)


@given(
    st.sampled_from(sorted(registry.parameters())), st.lists(st.floats(), min_size=1, max_size=4)
)
def test_an_array_of_numbers_is_taken_as_its_numbers_one_by_one(
    name: str, numbers: list[float]
) -> None:
    def taken(values: Any) -> Any:
        try:
            parameters = Dyad(parameters={name: values}).parameters
        except InputError as error:
            return str(error)
        return {key: value.tolist() for key, value in parameters.items()}

    assert taken(np.array(numbers)) == taken(numbers)


def test_an_ensemble_keeps_its_numbers_when_the_array_it_came_from_changes() -> None:
    given_ = np.array([3.0, 4.0])
    dyads = Dyad(parameters={HALF_LIFE: given_})
    given_[:] = 9
    assert dyads.value(HALF_LIFE).tolist() == [3, 4]


def test_an_ensemble_of_one_may_grow_again() -> None:
    single = Dyad(parameters={HALF_LIFE: ["4 min", "0.1 h"]}).take([1])
    assert single.value(HALF_LIFE) == 6.0
    assert len(single.repeat(4)) == 4
    assert len(single.with_parameters({"caregiver.oxytocin.touch": [1, 2]})) == 2


@pytest.mark.parametrize(
    "who", [Dyad("father"), Family(("father", "mother"))], ids=["a father alone", "father first"]
)
def test_only_mothers_suckle(who: Family) -> None:
    with pytest.raises(ScheduleError, match="cannot breast-feed"):
        simulate(who, Routine.typical(), "4 h")


def test_the_model_ends_at_36_months() -> None:
    with pytest.raises(InputError, match="up to 36 months"):
        simulate(Dyad(infant_age="35 months"), Routine.typical(), "2 months")


def test_a_missing_extra_names_its_command() -> None:
    with pytest.raises(MissingExtraError, match=r"pip install 'oxysim\[fast\]'"):
        require_extra("no_such_module_of_any_extra", "fast")


def test_the_crossover_refuses_before_it_screens() -> None:
    for wrong in (
        {"n": 0},
        {"replications": 0},
        {"dose": "24"},
        {"pool": 10},
        {"mothers": Dyad("father").repeat(40)},
    ):
        with pytest.raises((InputError, UnitError, ScheduleError)):
            spray_crossover(**wrong)
