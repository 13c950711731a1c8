"""Wrong calls of everything public, generated from the signatures: oxysim's own error, before
anything is simulated.

None ends in a raw exception, and no value that a parameter cannot have is accepted. What a new
public name has to bring is one right call, in tests/support/right_calls.py (or in the tables of the
figures, the loop or the trials).
"""

from __future__ import annotations

import importlib
import inspect
import sys
import typing
import zlib
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from oxysim.simulation.start import settling
from oxysim.sweeps import runner as running
from tests.support import right_calls
from tests.support.figure_calls import CASES as OF_PLOTS
from tests.support.loop_calls import CALLS as OF_LOOP
from tests.support.trial_calls import CALLS as OF_TRIALS
from tests.support.wrong_calls import WIDER, WrongCall, wrong_calls

MODULES = (
    "oxysim",
    "oxysim.cohorts",
    "oxysim.ensembles",
    "oxysim.evidence",
    "oxysim.interventions",
    "oxysim.loop",
    "oxysim.measures",
    "oxysim.observations",
    "oxysim.families",
    "oxysim.plots",
    "oxysim.population",
    "oxysim.protocols",
    "oxysim.schedule",
    "oxysim.studies",
    "oxysim.sweeps",
    "oxysim.trials",
)
PARTS = (
    "door",
    "people",
    "days",
    "given",
    "results",
    "sweeping",
    "evidences",
    "trialling",
    "published",
    "ensembling",
    "observed",
    "written_down",
    "fitted",
    "compared",
)
SLOW = ("people", "published")
"""Where a wrong call draws dyads before its turn comes: short tests make every tenth."""

RECORDS = {
    # what the library makes and hands out; nobody calls them
    "Assurance",
    "EnsembleScoreboard",
    "EnsembleTrialResult",
    "MemberAnswers",
    "Prediction",
    "Bout",
    "Bouts",
    "Computed",
    "CostEstimate",
    "MemoryStore",
    "PowerCurve",
    "Realised",
    "Result",
    "FaceValidity",
    "Informative",
    "Scoreboard",
    "ScreeningReport",
    "Selection",
    "StandardCurve",
    "StudyFile",
    "TraitOrEdge",
    "TrialFile",
    "TrialResult",
    "Verification",
    "Cohort",
    "STYLE",
    "ProtocolReport",
    # named tuples, checked where they are used: `read` and `Schedule.realise`
    "NoiseKey",
    "SchedulePart",
}
HOOKS = {
    # what trials ask of their own parts, with their own arrays
    "Adherence.draw",
    "Blinded.belief",
    "Open.belief",
    "Dropout.staying",
    "Blocked.allot",
    "Blocked.require",
    "Simple.allot",
    "Simple.require",
    "Stratified.allot",
    "Stratified.require",
    # what simulations and sweeps ask of theirs
    "Bouts.at",
    "Bouts.within",
    "DailyCrying.bouts",
    "DailyCrying.repeated",
    "Intervention.repeated",
    "Solver.options",
    "MemoryStore.fail",
    "MemoryStore.write",
    "Family.resolved",
    "Study.part",
    "Window.member",
    "Weaning.bouts",
    # what the loop asks of its systems, and trials of theirs
    "AveragedSystem.cycle",
    "AveragedSystem.dyad_of_columns",
    "AveragedSystem.epds",
    "AveragedSystem.jacobian_of",
    "AveragedSystem.natural",
    "AveragedSystem.period",
    "AveragedSystem.rates_of",
    "AveragedSystem.spread",
    "AveragedSystem.spread_about",
    "AveragedSystem.stretched",
    "Attractors.reached",
    "Attractors.regime_of",
    "Endpoint.outcome",
    # what screenings ask of a condition, with readings of their own
    "Criterion.holds",
    "Trial.analyse",
    "Trial.testing",
    "Visit.minutes",
    # **changes alone
    "Family.replace",
    "Population.replace",
    "Rescue.estimate",
}


class Began(Exception):  # noqa: N818 - nothing went wrong
    """A simulation began: the call was accepted."""


@pytest.fixture
def nothing_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """Whatever would simulate ends in `Began`; files go where they are thrown away."""

    def begin(*_: Any, **__: Any) -> Any:
        raise Began

    for module in (
        "simulation.run",
        "cohorts.cohort",
        "population.selection",
        "loop.full_model.frozen_model",
    ):
        monkeypatch.setattr(importlib.import_module(f"oxysim.{module}"), "integrator_for", begin)
    monkeypatch.setattr(settling, "integrate_stacked", begin)
    monkeypatch.setattr(running._Run, "go", begin)
    monkeypatch.chdir(tmp_path)


@cache
def part(name: str) -> right_calls.Calls:
    """The right calls of a part; made before anything is patched, as some of them simulate."""
    return getattr(right_calls, name)()


def calls(name: str, **options: Any) -> Iterator[WrongCall]:
    """Every wrong call of a part."""
    for function, right, legal in part(name).values():
        common = {
            k: v
            for k, v in right_calls.COMMON.items()
            if k in inspect.signature(function).parameters
        }
        yield from wrong_calls(
            function, right, legal={} if options else {**common, **legal}, **options
        )


def faults_of(some: Iterator[WrongCall]) -> tuple[int, list[str]]:
    """(how many calls, the faults among them)."""
    faults = [call.fault() for call in some]
    return len(faults), [fault.replace("raw Began: ", "accepted") for fault in faults if fault]


def asked() -> list[Any]:
    """Every function, class and method of which a right call is known."""
    ours = [function for name in PARTS for function, _, _ in part(name).values()]
    further = [entry[0] for entry in (*OF_LOOP.values(), *OF_PLOTS.values(), *OF_TRIALS)]
    return [getattr(entry, "__func__", entry) for entry in (*ours, *further)]


def public() -> dict[str, Any]:
    """Every public function and class by its name."""
    objects: dict[str, Any] = {}
    for module in map(importlib.import_module, MODULES):
        for name in module.__all__:
            thing = getattr(module, name)
            exempt = isinstance(thing, type) and (
                issubclass(thing, BaseException) or inspect.isabstract(thing)
            )
            if callable(thing) and not exempt and inspect.signature(thing).parameters:
                short = (
                    name
                    if name not in objects or objects[name] is thing
                    else f"{module.__name__[7:]}.{name}"
                )
                objects[short] = thing
    return objects


def classes() -> set[type]:
    """Every public class, and every class of oxysim that a public function returns."""
    public_classes = {
        public_object for public_object in public().values() if isinstance(public_object, type)
    }
    for public_object in public().values():
        try:
            answer = typing.get_type_hints(public_object).get("return")
        except (NameError, TypeError):  # imported for type checkers alone
            continue
        for kind in (answer, *typing.get_args(answer)):
            if isinstance(kind, type) and kind.__module__.startswith("oxysim."):
                public_classes.add(kind)
    return public_classes


def methods() -> dict[str, Any]:
    """Every public method that takes something, by class and name."""
    public_methods = {}
    for kind in classes():
        for name, method in vars(kind).items():
            plain = method.__func__ if isinstance(method, classmethod | staticmethod) else method
            if (
                name.startswith("_")
                or not inspect.isfunction(plain)
                or isinstance(method, staticmethod)
            ):
                continue
            if len(inspect.signature(plain).parameters) > 1 and not getattr(
                plain, "__isabstractmethod__", False
            ):
                public_methods[f"{kind.__name__}.{name}"] = plain
    return public_methods


def test_every_public_name_is_asked() -> None:
    numbers = {id(callable_) for callable_ in asked()}
    assert (
        sorted(
            name
            for name, thing in public().items()
            if id(thing) not in numbers and name not in RECORDS
        )
        == []
    )


def test_every_public_method_is_asked() -> None:
    numbers = {id(callable_) for callable_ in asked()}
    assert (
        sorted(
            name
            for name, method in methods().items()
            if id(method) not in numbers and name not in HOOKS
        )
        == []
    )


@pytest.mark.parametrize("name", PARTS)
def test_wrong_calls_meet_an_error_of_oxysim_s_own(
    name: str, request: pytest.FixtureRequest
) -> None:
    part(name)
    request.getfixturevalue("nothing_runs")
    step = 10 if name in SLOW else 1
    _, faults = faults_of(
        call for call in calls(name) if zlib.crc32(str(call).encode()) % step == 0
    )
    assert faults == []


@pytest.mark.long
def test_all_wrong_calls(
    request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in PARTS:
        part(name)
    request.getfixturevalue("nothing_runs")
    total = 0
    for name in PARTS:
        count, faults = faults_of(calls(name))
        assert faults == []
        more, raw = faults_of(calls(name, wrong=WIDER))
        assert [fault for fault in raw if not fault.endswith("accepted")] == []
        total += count + more
    ours = len({id(callable_) for callable_ in asked()})
    with capsys.disabled():
        sys.stdout.write(f"\n{total} wrong calls of {ours} functions, classes and methods\n")
    assert total > 2000
