"""The compiled engine: the same answers as SciPy's, the same bits whoever is computed beside, and
failures by dyad.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("numba")

from numba import njit

from oxysim import interventions as kinds
from oxysim.errors import InputError, MissingExtraError, UnknownNameError
from oxysim.families import Dyad, Family
from oxysim.model.inputs import channels_of
from oxysim.per_dyad import PerDyad
from oxysim.population import sample
from oxysim.schedule import Routine, Schedule
from oxysim.simulation.compiled import compiled_engine, llvm_math
from oxysim.simulation.engines import engine, integrator_for
from oxysim.simulation.equations.python_code import (
    equations_shape,
    leaves,
    trace_equations,
    usual_leaves,
)
from oxysim.simulation.equations.resting_state import resting_start
from oxysim.simulation.equations.system import System, jacobian, state_rows
from oxysim.simulation.equations.trace import Symbol, derivative
from oxysim.simulation.reference_signals import usual_signals
from oxysim.simulation.scipy_engine import Solver, Task
from oxysim.simulation.simulate import simulate
from oxysim.simulation.start.initial_state import forget, settled_start

# of a variable's size, as in benchmarks/accuracy.py: smaller values are compared with this
SMALLEST = 0.05


def schedules(n: int, seed: int = 0) -> list[Schedule]:
    """A day of its own for each dyad: jittered, with an intervention whose kind, dose and time
    differ.
    """
    rng = np.random.default_rng(seed)
    day = Routine.typical(jitter="12 min")
    makers: tuple[Any, ...] = (
        lambda at: kinds.NasalSpray(f"{rng.integers(8, 49)} IU", at=at),
        lambda at: kinds.SkinToSkin(f"{rng.integers(10, 90)} min", at=at),
        lambda at: kinds.Crying(f"{rng.integers(5, 30)} min", at=at),
        lambda at: kinds.Massage(f"{rng.integers(10, 30)} min", at=at),
    )
    clocks = [f"{m // 60:02d}:{m % 60:02d}" for m in rng.integers(9 * 60, 12 * 60, n).tolist()]
    return [
        day + makers[k](at)
        for k, at in zip(rng.integers(0, len(makers), n).tolist(), clocks, strict=True)
    ]


def values(result: Any) -> np.ndarray:
    return np.stack([result[name].values for name in result.variables])


def worst(result: Any, reference: Any) -> float:
    """The largest error of any dyad, variable and time, relative to the variable's largest value in
    that dyad.
    """
    numbers, true = values(result), values(reference)
    size = np.maximum(np.abs(true).max(axis=-1, keepdims=True), SMALLEST)
    return float(np.max(np.abs(numbers - true) / size))


def agreement(n: int, duration: str) -> dict[float, float]:
    """Tolerance -> worst error against DOP853 at 1e-10, over dyads with schedules of their own."""
    family, days = sample(n, seed=5), schedules(n)
    options: dict[str, Any] = {"save": "30 min", "seed": 3}
    reference = simulate(
        family, days, duration, engine="scipy", solver=Solver("DOP853", rtol=1e-10), **options
    )
    assert reference.ok.all()
    differences = {}
    for rtol in (1e-4, 1e-6, 1e-8):
        compiled = simulate(
            family, days, duration, engine="compiled", solver=Solver(rtol=rtol), **options
        )
        assert compiled.ok.all()
        differences[rtol] = worst(compiled, reference)
    return differences


def test_every_variable_agrees_with_dop853_within_ten_tolerances() -> None:
    for rtol, error in agreement(16, "8 h").items():
        assert error < 10 * rtol, f"rtol {rtol:g}: error {error:.1e}"


@pytest.mark.long
def test_a_thousand_dyads_with_schedules_of_their_own_agree_with_dop853() -> None:
    for rtol, error in agreement(1000, "24 h").items():
        assert error < 10 * rtol, f"rtol {rtol:g}: error {error:.1e}"


def test_families_and_scaled_edges_agree_with_scipy() -> None:
    family = Family(
        ("mother", "father"),
        parameters={"infant.oxytocin.plasma_half_life": [f"{m} min" for m in range(3, 11)]},
    )
    options: dict[str, Any] = {
        "cut": ["reward -> depression"],
        "scale": {"bond -> engagement": np.linspace(0, 2, 8)},
    }
    day = Routine.household(("mother", "father"))
    compiled = simulate(family, day, "5 h", engine="compiled", **options)
    assert worst(compiled, simulate(family, day, "5 h", engine="scipy", **options)) < 2e-5


def test_the_same_bits_in_any_company_order_and_number_of_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    n = 21
    family, days = sample(n, seed=2), schedules(n, seed=1)
    options: dict[str, Any] = {
        "engine": "compiled",
        "save": "1 h",
        "variables": ["caregiver.warmth", "infant.cortisol"],
    }
    together = values(simulate(family, days, "10 h", **options))
    order = np.random.default_rng(0).permutation(n)
    forget()  # each must settle by itself
    shuffled = simulate(family.take(order), [days[i] for i in order], "10 h", **options)
    np.testing.assert_array_equal(values(shuffled), together[:, order])
    monkeypatch.setattr(compiled_engine, "threads", lambda: 1)
    for rows in (slice(0, 3), slice(3, 4), slice(4, 21)):
        forget()
        subset = simulate(family.take(np.arange(n)[rows]), days[rows], "10 h", **options)
        np.testing.assert_array_equal(values(subset), together[:, rows])


def test_single_precision_keeps_the_tolerance_and_its_own_bits() -> None:
    n = 37
    family, days = sample(n, seed=8), schedules(n, seed=2)
    options: dict[str, Any] = {"engine": "compiled", "save": "30 min"}
    exact = simulate(family, days, "8 h", solver=Solver(rtol=1e-9), **options)
    for rtol in (1e-3, 1e-4, 1e-5):
        single = simulate(
            family, days, "8 h", solver=Solver(rtol=rtol, precision="single"), **options
        )
        assert single.provenance["precision"] == "single"
        assert worst(single, exact) < 10 * rtol
    forget()
    alone = simulate(
        family.take([5, 20]),
        [days[5], days[20]],
        "8 h",
        solver=Solver(rtol=1e-5, precision="single"),
        **options,
    )
    np.testing.assert_array_equal(values(alone), values(single)[:, [5, 20]])


def test_single_precision_belongs_to_the_compiled_engine() -> None:
    single = Solver(rtol=1e-4, precision="single")
    assert engine("auto", 1, single) == "compiled"
    with pytest.raises(InputError, match="precision 'single' belongs to the compiled engine"):
        engine("scipy", 1, single)
    with pytest.raises(InputError, match="expected an rtol of at least 1e-5; found 1e-07"):
        Solver(rtol=1e-7, precision="single")
    with pytest.raises(UnknownNameError, match="unknown precision 'singel'; nearest: 'single'"):
        Solver(precision="singel")


def test_steps_of_half_the_length_err_a_thirtysecond_as_much() -> None:
    """Order 5, across edges, where what relaxes is not at rest: between 0.125 and 1 min the slope
    is 5 within 0.25.
    """
    family = sample(8, seed=1)
    day = (
        Routine.empty()
        + kinds.NasalSpray("24 IU", at="08:30", minutes="4 min")
        + kinds.Crying("20 min", at="09:00")
    )
    options: dict[str, Any] = {
        "engine": "compiled",
        "save": "30 min",
        "variables": ["infant.affect", "caregiver.reward"],
    }
    truth = simulate(family, day, "2 h", solver=Solver(rtol=1e-12), **options)
    steps = (2.0, 1.0, 0.5)
    errors = [
        worst(
            simulate(family, day, "2 h", solver=Solver(rtol=1e-12, fixed_step=h), **options), truth
        )
        for h in steps
    ]
    order = np.log2(np.array(errors[:-1]) / errors[1:])
    assert np.all(np.abs(order - 5) < 0.4), (errors, order)


def test_a_dyad_that_fails_has_its_reason_and_the_others_keep_their_bits() -> None:
    half_lives = ["4 min"] * 9
    family = Dyad(parameters={"caregiver.oxytocin.plasma_half_life": half_lives})
    broken = family.with_start({"caregiver.depression": [5.0] * 4 + [29.0] + [5.0] * 4})
    days = [Schedule(Routine.typical())] * 9
    good = simulate(
        family.with_start({"caregiver.depression": 5.0}), days, "6 h", engine="compiled"
    )
    limited = simulate(
        broken, days, "6 h", engine="compiled", solver=Solver(rtol=1e-9, max_evaluations=100)
    )
    assert not limited.ok.any()
    assert "Solver.max_evaluations" in limited.reasons[0]
    assert good.ok.all()
    same = [0, 1, 2, 3, 5, 6, 7, 8]
    forget()
    beside = simulate(broken, days, "6 h", engine="compiled")
    np.testing.assert_array_equal(values(beside)[:, same], values(good)[:, same])


def test_the_slow_states_stand_still_while_the_fast_ones_settle() -> None:
    family = sample(8, seed=4)
    task, day = Task(family, {}, Solver()), PerDyad.shared(Schedule(Routine.typical()), len(family))
    settled = settled_start(task, day, 480.0, {}, integrator_for("compiled"), means=False)
    rest = resting_start(family)
    for i, row in enumerate(state_rows(family.caregivers).values()):
        if row.pace != "fast":
            np.testing.assert_array_equal(settled[i], rest[i])


# --------------------------------------------------------------------------------------
# which engine
def test_auto_compiles_where_there_is_work_and_says_so() -> None:
    def meant(family: Any, duration: str = "1 h", **options: Any) -> str:
        result = simulate(
            family, Routine.empty(), duration, variables=["caregiver.epds"], **options
        )
        return str(result.provenance["engine"])

    assert meant(sample(8, seed=1)) == "compiled"
    assert meant(sample(4, seed=1)) == "compiled"
    assert meant(sample(3, seed=1)) == "scipy"
    assert meant(sample(2, seed=1), "3 d") == "compiled"
    assert meant(sample(1, seed=1), "11 d") == "compiled"
    assert meant(sample(8, seed=1), solver=Solver("DOP853")) == "scipy"
    assert meant(sample(2, seed=1), engine="compiled") == "compiled"


@pytest.mark.parametrize(
    ("n", "days", "expected_engine"),
    [
        (1, 1 / 24, "scipy"),
        (1, 10, "scipy"),
        (1, 11, "compiled"),
        (1, 30, "compiled"),
        (1, 540, "compiled"),
        (2, 1, "scipy"),
        (2, 3, "compiled"),
        (3, 0.25, "scipy"),
        (7, 10, "compiled"),
        (64, 1 / 24, "compiled"),
    ],
)
def test_auto_weighs_dyads_and_days_alike(n: int, days: float, expected_engine: str) -> None:
    assert engine("auto", n, None, days * 1440) == expected_engine
    assert engine("auto", n, Solver("DOP853"), days * 1440) == "scipy"


def test_without_numba_everything_runs_with_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert engine("auto", 10_000, None) == "scipy"
    assert engine("auto", 1, None, 540 * 1440.0) == "scipy"
    with pytest.raises(MissingExtraError, match=r"pip install 'oxysim\[fast\]'"):
        engine("compiled", 10, None)


def test_an_unknown_engine_and_a_method_of_scipys_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="unknown engine 'compild'; nearest: 'compiled'"):
        engine("compild", 1, None)
    with pytest.raises(InputError, match="engine 'compiled' has its own method"):
        engine("compiled", 8, Solver("Radau"))


def test_lists_of_schedules_and_seeds_need_one_a_dyad() -> None:
    with pytest.raises(
        InputError, match=r"schedule: expected one, or a list of 3 \(one a dyad\); found 2"
    ):
        simulate(sample(3, seed=1), [Routine.empty()] * 2, "1 h")
    with pytest.raises(InputError, match="seed: expected one, or a list of 3"):
        simulate(sample(3, seed=1), Routine.empty(), "1 h", seed=[1, 2])


def test_a_list_of_seeds_gives_each_dyad_its_own_day() -> None:
    family, day = sample(3, seed=1), Routine.typical(jitter="15 min")
    together = simulate(
        family, day, "6 h", seed=[4, 5, 4], engine="compiled", variables=["infant.affect"]
    )
    for i, seed in enumerate((4, 5, 4)):
        alone = simulate(
            family.take([i]), day, "6 h", seed=seed, engine="compiled", variables=["infant.affect"]
        )
        np.testing.assert_array_equal(values(alone)[:, 0], values(together)[:, i])


# --------------------------------------------------------------------------------------
# the code itself
def test_slopes_of_the_traced_equations_are_those_of_the_complex_step() -> None:
    family = Dyad()
    parameters = family.resolved()
    usual = usual_signals(family.role_of, 1)
    levels = {
        member: [row.rest * 0.9 + 0.1 for row in channels_of(member).values()]
        for member in family.members
    }
    y = resting_start(family)[:, 0] * 1.05 + 0.01
    exact = jacobian(System(family.caregivers, parameters).rates_under(levels, usual), y, 0.2)
    traced = trace_equations(equations_shape(parameters))
    values: dict[int, float] = {}
    arguments = [
        *leaves(parameters),
        *[v for m in family.members for v in levels[m]],
        *usual_leaves(usual, equations_shape(parameters)),
        *y.tolist(),
        0.2,
    ]
    for symbol, value in zip(
        [*traced.parameters, *traced.piece, *traced.state, traced.time], arguments, strict=True
    ):
        values[symbol.number] = float(value)
    for i, (rate, state) in enumerate(zip(traced.rates, traced.state, strict=True)):
        slope = derivative(rate, state)
        assert np.isclose(
            _evaluated(slope, traced.tape.order, values), exact[i, i], rtol=1e-9, atol=1e-15
        )


def _evaluated(root: Any, order: list[Symbol], values: dict[int, float]) -> float:
    if not isinstance(root, Symbol):
        return float(root)
    operations: dict[str, Any] = {
        "+": np.add,
        "-": np.subtract,
        "*": np.multiply,
        "/": np.divide,
        "exp": np.exp,
        "log": np.log,
        "cos": np.cos,
    }
    for symbol in order:
        operator, *operands = symbol.recipe
        if symbol.number not in values and operator != "leaf":
            parts = [values[o.number] if isinstance(o, Symbol) else o for o in operands]
            values[symbol.number] = float(operations[operator](*parts))
    return values[root.number]


@pytest.mark.parametrize(
    ("name", "low", "high"), [("exp", -290, 290), ("log", 1e-12, 1e12), ("cos", -4000, 4000)]
)
def test_functions_without_branches_are_exact_to_a_few_units_in_the_last_place(
    name: str, low: float, high: float
) -> None:
    rng = np.random.default_rng(1)
    x = (
        np.exp(rng.uniform(np.log(low), np.log(high), 8000))
        if name == "log"
        else rng.uniform(low, high, 8000)
    )
    computed = _applied(name, x)
    true = getattr(np, name)(x)
    scale = 1.0 if name == "cos" else np.maximum(np.abs(true), 1e-3 if name == "log" else 0.0)
    assert np.max(np.abs(computed - true) / scale) < (1e-12 if name == "cos" else 4e-15)


@pytest.mark.parametrize(("name", "low", "high"), [("exp", -39, 39), ("log", 1e-12, 1e12)])
def test_so_they_are_in_single_precision(name: str, low: float, high: float) -> None:
    rng = np.random.default_rng(2)
    x = (
        np.exp(rng.uniform(np.log(low), np.log(high), 800))
        if name == "log"
        else rng.uniform(low, high, 800)
    )
    computed, true = (
        _applied(name, x.astype(np.float32), "single"),
        getattr(np, name)(x.astype(np.float32).astype(float)),
    )
    assert computed.dtype == np.float32
    assert (
        np.max(np.abs(computed - true) / np.maximum(np.abs(true), 1.0 if name == "log" else 0.0))
        < 5e-7
    )


def test_functions_say_where_there_is_no_value() -> None:
    assert np.isnan(_applied("log", np.array([-1.0, 0.0, np.nan] + [1.0] * 5))[:3]).all()
    assert np.isnan(_applied("exp", np.full(8, np.nan))).all()
    np.testing.assert_allclose(
        _applied("exp", np.array([1e5, -1e5] * 4)), [np.exp(300.0), np.exp(-300.0)] * 4
    )


def _applied(name: str, inputs: np.ndarray, precision: str = "double") -> np.ndarray:
    from numba import types
    from numba.extending import intrinsic

    @intrinsic
    def apply(typing: Any, array: Any) -> Any:
        def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
            vectors = llvm_math.Vectors(builder, 8, llvm_math.PRECISIONS[precision])
            address = vectors.place(data, 0)
            builder.store(getattr(vectors, name)(builder.load(address, align=8)), address, align=8)
            return context.get_dummy_value()

        return types.void(array), build

    run = njit(lambda eight: apply(eight))
    rows = [np.array(eight) for eight in inputs.reshape(-1, 8)]
    for row in rows:
        run(row)
    return np.concatenate(rows)


@pytest.mark.long
def test_a_fresh_process_compiles_nothing_once_the_loop_is_kept(tmp_path: Path) -> None:
    program = (
        "from oxysim.population import sample\nfrom oxysim.schedule import Routine\n"
        "from oxysim.simulation.simulate import simulate\n"
        "simulate(sample(8, seed=1), Routine.empty(), '1 h', engine='compiled')\n"
    )
    environment = {**os.environ, "OXYSIM_CACHE_DIR": str(tmp_path)}
    seen = []
    for _ in range(2):
        subprocess.run([sys.executable, "-c", program], check=True, env=environment)
        seen.append({path: path.stat().st_mtime_ns for path in sorted(tmp_path.rglob("*.nb*"))})
    assert seen[0] and seen[0] == seen[1]


def test_dyads_that_are_alike_start_alike_and_at_once() -> None:
    family = sample(4, seed=6).take([0, 1, 0, 2, 0, 3, 1, 0, 2]).replace(dyads=tuple(range(9)))
    days = [Routine.typical(), Routine.typical(feeding="bottle")] * 4 + [Routine.typical()]
    together = simulate(family, days, "1 h", engine="compiled")
    for i in range(9):
        alone = simulate(family.take([i]), days[i], "1 h", engine="compiled")
        np.testing.assert_array_equal(values(alone)[:, 0], values(together)[:, i])
