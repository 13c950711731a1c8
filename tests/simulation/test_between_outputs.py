"""What is read between two outputs: exact at asked moments, over windows with their edges, on both
engines; or refused.

The reference is ``fine_reference``: SciPy at 1e-10 with every edge, dense output and a quadrature
of its own.
"""

from __future__ import annotations

import importlib.util
from typing import Any

import numpy as np
import pytest

from oxysim import interventions as kinds
from oxysim.population import sample
from oxysim.schedule import Routine, Schedule
from oxysim.simulation.equations.system import variable_rows
from oxysim.simulation.results.outcomes import Outcome
from oxysim.simulation.results.panels import NODES, highest
from oxysim.simulation.results.result import Result
from oxysim.simulation.run import prepare
from oxysim.simulation.simulate import simulate
from oxysim.simulation.simulate_outcomes import outcomes
from tests.support.fine_reference import Reference

ENGINES = ["scipy", *(["compiled"] if importlib.util.find_spec("numba") else [])]
TOLERANCES = 10
RTOL = 1e-6
SAVES = ("1 h", "30 min", "5 min", "47 min", None, ["0 min", "1 h"])


class Case:
    """A random dyad, schedule, output grid and window, the same for the same number."""

    def __init__(self, number: int) -> None:
        random = np.random.default_rng([20, number])
        self.hours = float(random.choice([2, 3, 5]))
        self.who = sample(
            1,
            seed=int(random.integers(10**6)),
            infant_age=str(random.choice(["3 weeks", "5 months"])),
        )
        routine = [Routine.empty(), Routine.typical(), Routine.typical(jitter="12 min")][
            random.integers(3)
        ]
        some = random.permutation(len(_KINDS))[: random.integers(1, 4)]
        self.schedule = Schedule(routine, tuple(_KINDS[k](random) for k in some))
        self.save = SAVES[random.integers(len(SAVES))]
        self.seed = number
        ends = np.sort(random.uniform(480, 480 + 60 * self.hours, 2))
        self.low, self.high = float(ends[0]), float(max(ends[1], ends[0] + 3))
        self.high = min(self.high, 480 + 60 * self.hours)
        self.moments = np.sort(random.uniform(480, 480 + 60 * self.hours, 3))
        names = list(variable_rows(("mother",)))
        always = ["mother.saliva_oxytocin", "mother.plasma_oxytocin", "infant.cortisol"]
        self.names = [*always, *random.choice(names, 3, replace=False).tolist()]

    def prepared(self, engine: str) -> Any:
        return prepare(self.who, self.schedule, f"{self.hours:g} h", seed=self.seed, engine=engine)

    def result(self, engine: str) -> Result:
        return simulate(
            self.who,
            self.schedule,
            f"{self.hours:g} h",
            seed=self.seed,
            engine=engine,
            save=self.save,
            variables=list(dict.fromkeys(self.names)),
        )


def _at(random: np.random.Generator) -> str:
    minute = int(random.integers(8 * 60 + 5, 9 * 60 + 30))
    return f"{minute // 60:02d}:{minute % 60:02d}:{int(random.integers(60)):02d}"


_KINDS = (
    lambda r: kinds.NasalSpray(
        f"{r.integers(4, 40)} IU", at=_at(r), minutes=f"{r.uniform(0.5, 3):.3f} min"
    ),
    lambda r: kinds.IntravenousBolus(
        f"{r.integers(1, 5)} IU", at=_at(r), minutes=f"{r.uniform(0.5, 3):.3f} min"
    ),
    lambda r: kinds.Crying(f"{r.integers(2, 20)} min", at=_at(r), intensity=0.5),
    lambda r: kinds.StillFace(f"{r.integers(2, 6)} min", at=_at(r)),
    lambda r: kinds.SkinToSkin(f"{r.integers(10, 60)} min", at=_at(r)),
    lambda r: kinds.Stressor(f"{r.integers(5, 20)} min", at=_at(r), of="caregiver", intensity=0.5),
    lambda r: kinds.Breastfeed(f"{r.integers(5, 20)} min", at=_at(r), pulses=True),
    lambda r: kinds.DailyLife(),
)


def worst_share(case: Case, engine: str) -> tuple[float, str]:
    """The largest error as a share of ten tolerances, and of what."""
    result, reference = case.result(engine), Reference(case.prepared("scipy"))
    worst, of = 0.0, ""
    low, high = case.low, case.high
    for name in dict.fromkeys(case.names):
        _, values = reference.fine(name, low, high)
        allowed = (
            TOLERANCES * RTOL * max(variable_rows(("mother",))[name].scale, np.abs(values).max())
        )
        errors = {
            "peak": abs(result.peak(name, low, high).item() - values.max()),
            "mean": abs(
                result.mean(name, low, high).item() - reference.area(name, low, high) / (high - low)
            ),
        }
        moments = reference.at(name, case.moments)
        size = np.maximum(variable_rows(("mother",))[name].scale, np.abs(moments))
        shares = np.abs(result.values_at(name, case.moments)[0] - moments) / (
            TOLERANCES * RTOL * size
        )
        errors["values"] = float(shares.max()) * allowed
        level = float(np.quantile(values, 0.6))
        (above,) = _minutes_above(case, engine, name, level)
        bounds = [
            reference.minutes_above(name, level + sign * 2 * allowed, low, high) for sign in (1, -1)
        ]
        grain = 2 * (high - low) / 1500  # the reference counts whole samples
        if not bounds[0] - grain <= above <= bounds[1] + grain:
            errors["time above"] = np.inf
        at = result.time_of_peak(name, low, high).item()
        # wherever it is said to be, the course is as high there
        if reference.at(name, [at])[0] < values.max() - allowed - 1e-3 * np.ptp(values):
            errors["time of peak"] = np.inf
        for kind, error in errors.items():
            if error / allowed > worst:
                worst, of = float(error / allowed), f"{kind} of {name}"
    return worst, of


def _minutes_above(case: Case, engine: str, name: str, level: float) -> np.ndarray:
    ends = tuple(f"{end - 480!r} min" for end in (case.low, case.high))
    asked = Outcome(name, "time above", window=ends, threshold=level)
    dataset = outcomes(
        case.who, case.schedule, f"{case.hours:g} h", [asked], seed=case.seed, engine=engine
    )
    return np.asarray(next(dataset[k] for k in dataset.data_vars if "time above" in k).values)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("number", range(3))
def test_readings_extrema_and_areas_are_those_of_a_finer_run(number: int, engine: str) -> None:
    share, of = worst_share(Case(number), engine)
    assert share <= 1, of


@pytest.mark.parametrize("place", [0.0, 0.003, 0.02, 0.49, 0.5, 0.507, 0.98, 0.997, 1.0])
def test_a_maximum_is_found_beside_a_node_and_just_inside_an_end_too(place: float) -> None:
    courses = np.stack([1 - (NODES - place) ** 2, -((4.0 - NODES) ** 3), np.ones_like(NODES)])
    top, where = highest(courses)
    np.testing.assert_allclose(top, [1.0, -27.0, 1.0], rtol=1e-14)
    np.testing.assert_allclose(where, [place, 1.0, 0.0], atol=1e-9)


@pytest.mark.long
@pytest.mark.parametrize("engine", ENGINES)
def test_two_hundred_runs_are_within_ten_tolerances(engine: str) -> None:
    errors = {number: worst_share(Case(number), engine) for number in range(200)}
    assert {number: kind for number, kind in errors.items() if kind[0] > 1} == {}
