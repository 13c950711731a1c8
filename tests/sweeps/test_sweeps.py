"""Sweeps: the runs of a design are those of ``simulate``, whoever computes them, whatever fails."""

from __future__ import annotations

import itertools
import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from oxysim.errors import InputError, UnitError
from oxysim.families import Dyad, Family
from oxysim.interventions import Crying, NasalSpray
from oxysim.schedule import Play, Routine
from oxysim.simulation.scipy_engine import Solver
from oxysim.simulation.simulate import simulate
from oxysim.sweeps import (
    MemoryStore,
    Range,
    Study,
    SweepError,
    estimate,
    grid,
    latin_hypercube,
    one_at_a_time,
    sweep,
    zipped,
)
from oxysim.sweeps import runner as running
from oxysim.sweeps.blocks import BlockResult, block_count, block_shape, block_slices, compute
from oxysim.sweeps.cost_estimate import shape_of
from tests.support.spray_sweep import EDGE, EMPTY, HALF_LIFE, QUICK, spray_study
from tests.support.troublesome import Trouble, interruptible


def _same(first: xr.Dataset, second: xr.Dataset, rtol: float = 1e-3) -> None:
    xr.testing.assert_allclose(first.drop_vars("reason"), second.drop_vars("reason"), rtol=rtol)
    assert (first["reason"].values == second["reason"].values).all()


@given(st.lists(st.integers(1, 7), min_size=1, max_size=4), st.integers(1, 200))
def test_blocks_cover_every_run_once(sizes: list[int], size: int) -> None:
    dims = {str(i): length for i, length in enumerate(sizes)}
    shape = block_shape(dims, size)
    assert 1 <= int(np.prod(shape)) <= size
    covered = np.zeros(sizes, dtype=int)
    for number in range(block_count(dims, shape)):
        covered[block_slices(dims, shape, number)] += 1
    assert (covered == 1).all()
    split = [i for i, (length, step) in enumerate(zip(sizes, shape, strict=True)) if step < length]
    # whole, then one in part, then single
    assert all(shape[i] == 1 for i in range(max(split, default=0)))


@given(st.lists(st.integers(1, 7), min_size=1, max_size=4), st.integers(1, 200), st.integers(0, 3))
def test_dimensions_that_go_first_are_whole_before_others_are_longer_than_1(
    sizes: list[int], size: int, k: int
) -> None:
    dims = {str(i): length for i, length in enumerate(sizes)}
    first = str(k % len(sizes))
    shape = dict(zip(dims, block_shape(dims, size, [first]), strict=True))
    assert 1 <= math.prod(shape.values()) <= size
    assert shape[first] == min(dims[first], size)
    assert shape[first] == dims[first] or all(shape[name] == 1 for name in dims if name != first)


@pytest.mark.parametrize(
    ("design", "shape"),
    [
        (grid({"spray.dose": ["8 IU", "16 IU", "24 IU"]}), (3, 2)),
        (grid({"seed": [1, 2], "spray.dose": ["8 IU", "16 IU", "24 IU"]}), (2, 3, 1)),
        (grid({"spray.dose": ["8 IU", "16 IU", "24 IU"], EDGE: [0, 1]}), (3, 1, 2)),
        (grid({"spray.dose": ["8 IU", "16 IU", "24 IU"], HALF_LIFE: [3, 5]}), (3, 1, 2)),
        (zipped({"spray.dose": ["8 IU", "16 IU", "24 IU"], "seed": [1, 2, 3]}), (3, 2)),
        (zipped({"spray.dose": ["8 IU", "16 IU", "24 IU"], HALF_LIFE: [3, 4, 5]}), (1, 6)),
        (one_at_a_time({"spray.dose": ["8 IU", "16 IU"], "seed": [1]}), (4, 1)),
        (one_at_a_time({"spray.dose": ["8 IU", "16 IU"], EDGE: [0]}), (1, 6)),
        (None, (6,)),
    ],
)
def test_runs_of_one_start_stand_in_one_block(design: Any, shape: tuple[int, ...]) -> None:
    study = spray_study(design, Dyad(parameters={HALF_LIFE: np.linspace(3, 5, 30)}), scale={})
    assert shape_of(study, 6) == shape


def test_the_shape_of_blocks_changes_no_bit() -> None:
    pytest.importorskip("numba")
    dyad = Dyad(parameters={HALF_LIFE: np.linspace(3, 5, 5)})
    study = spray_study(
        grid({"spray.dose": ["8 IU", "16 IU", "24 IU"]}),
        dyad,
        engine="compiled",
        routine=Routine.typical(),
    )
    whole = compute(study.block(0, (3, 5)))
    for shape in [(3, 1), (1, 5), (2, 2), (1, 1)]:
        for number in range(block_count(study.dims, shape)):
            block_result, rows = (
                compute(study.block(number, shape)),
                block_slices(study.dims, shape, number),
            )
            assert all(
                np.array_equal(block_result.values[name], full[rows])
                for name, full in whole.values.items()
            )


@settings(deadline=None)
@given(st.sampled_from([grid, one_at_a_time]), st.integers(1, 3), st.integers(1, 12))
def test_blocks_hold_the_runs_of_their_place(make: Any, n: int, size: int) -> None:
    axes = {"spray.dose": ["8 IU", "16 IU", "24 IU"], HALF_LIFE: [3, 5], "seed": [4, 8, 9]}
    study = spray_study(make(axes), Dyad().repeat(n))
    assert study.design is not None
    dims, shape = study.dims, block_shape(study.dims, size)
    columns = study.design.columns(np.arange(study.design.n))
    points = np.broadcast_to(
        np.arange(study.design.n).reshape(*study.design.dims.values(), *([1] if n > 1 else [])),
        tuple(dims.values()),
    )
    for number in range(block_count(dims, shape)):
        block = study.block(number, shape)
        block_points = points[block_slices(dims, shape, number)]
        assert block.shape == block_points.shape
        for axis in block.bound:
            index = block.indices[axis.axis.name]
            bound_values = [None if i == -1 else axis.axis.values[i].item() for i in index.tolist()]
            assert bound_values == columns[axis.axis.name][block_points.ravel()].tolist()


def test_a_block_holds_only_what_it_needs() -> None:
    dyad = Dyad(parameters={HALF_LIFE: np.linspace(3, 5, 6)})
    study = spray_study(grid({"spray.dose": ["8 IU", "16 IU", "24 IU"], EDGE: [0, 0.5, 1]}), dyad)
    block = study.part((slice(1, 2), slice(0, 2), slice(2, 5)))
    assert len(block.who) == 3 and block.who.dyads == (2, 3, 4)
    assert {axis_values.axis.name: len(axis_values.axis) for axis_values in block.bound} == {
        "spray.dose": 1,
        EDGE: 2,
    }
    assert block.words(4) == "spray.dose = 16 IU, reward -> depression = 0.5, dyad 3"


def test_a_grid_of_three_axes_is_what_simulate_gives() -> None:
    axes = {"spray.dose": ["8 IU", "24 IU"], EDGE: [0.0, 1.0], HALF_LIFE: ["3 min", "5 min"]}
    outcomes = [
        "caregiver.plasma_oxytocin: maximum",
        "caregiver.reward: final",
        "caregiver.arousal: mean every 20 min",
    ]
    dataset = sweep(spray_study(grid(axes), outcomes=outcomes), workers=1)
    assert dataset.sizes == {"spray.dose": 2, EDGE: 2, HALF_LIFE: 2, "window": 2}
    for dose, strength, half_life in itertools.product([8, 24], [0.0, 1.0], [3, 5]):
        dyad = Dyad(parameters={HALF_LIFE: half_life})
        spray = NasalSpray(f"{dose} IU", at="08:10")
        direct = simulate(
            dyad, EMPTY + spray, "40 min", solver=QUICK, scale={EDGE: strength}, save="5 min"
        )
        cell = dataset.sel({"spray.dose": dose, EDGE: strength, HALF_LIFE: half_life})
        peak, reward = (
            float(direct.peak("mother.plasma_oxytocin")[0]),
            float(direct["mother.reward"][0, -1]),
        )
        assert float(cell["caregiver.plasma_oxytocin: maximum"]) == pytest.approx(peak, rel=1e-3)
        assert float(cell["caregiver.reward: final"]) == pytest.approx(reward, rel=1e-3)
        halves = [
            float(direct.mean("mother.arousal", *ends)[0])
            for ends in (("08:00", "08:20"), ("08:20", "08:40"))
        ]
        assert cell["caregiver.arousal: mean every 20 min"].values == pytest.approx(
            halves, rel=1e-3
        )
    assert (dataset["status"] == 1).all() and dataset.attrs["complete"] == 1
    assert dataset["spray.dose"].attrs["units"] == "IU"
    assert dataset["caregiver.arousal: mean every 20 min"].attrs["units"] == "1"


def test_one_at_a_time_changes_what_it_says_for_every_kind_of_axis() -> None:
    dyad = Dyad(start={"caregiver.depression": [6.0, 12.0]}, parameters={HALF_LIFE: [4.0, 4.5]})
    day = Routine((Play("08:05", "8 min", jitter="10 min"),))
    axes = {
        HALF_LIFE: [5],
        "start.caregiver.depression": [18],
        "start.caregiver.bond": [0.2],
        "infant_age": ["8 months"],
        "seed": [5],
        EDGE: [0],
        "crying.minutes": ["9 min"],
        "crying.intensity": [0.3],
    }
    crying = Crying("5 min", at="08:10")
    outcomes = [
        "caregiver.plasma_oxytocin: final",
        "caregiver.depression: final",
        "caregiver.bond: final",
        "infant.arousal: final",
    ]
    options: dict[str, Any] = {"routine": day, "outcomes": outcomes, "duration": "20 min"}
    dataset = sweep(
        spray_study(one_at_a_time(axes), dyad, interventions={"crying": crying}, **options),
        workers=1,
    )
    changed: list[dict[str, Any]] = [
        {},
        {"who": dyad.with_parameters({HALF_LIFE: 5})},
        {"who": dyad.with_start({"caregiver.depression": 18})},
        {"who": dyad.with_start({"caregiver.bond": 0.2})},
        {
            "who": Dyad(
                "mother", "8 months", {HALF_LIFE: [4.0, 4.5]}, {"caregiver.depression": [6.0, 12.0]}
            )
        },
        {"seed": 5},
        {"scale": {EDGE: 0}},
        {"crying": Crying("9 min", at="08:10")},
        {"crying": Crying("5 min", at="08:10", intensity=0.3)},
    ]
    assert dataset.sizes == {"run": len(changed), "dyad": 2}
    for run, changes in enumerate(changed):
        changes = {"who": dyad, "crying": crying, "seed": 0, "scale": {}, **changes}
        direct = simulate(
            changes["who"],
            day + changes["crying"],
            "20 min",
            seed=changes["seed"],
            scale=changes["scale"],
            solver=QUICK,
        )
        for text in outcomes:
            variable = text.partition(":")[0]
            values = dataset[text].isel(run=run)
            assert values.values == pytest.approx(
                direct[variable][:, -1].values, rel=2e-3, abs=2e-3
            ), (run, text)
    assert (
        dataset["axis"].values.tolist()[0] == "study"
        and dataset["value"].values.tolist()[-1] == "0.3"
    )


def test_a_sample_is_labelled_by_its_rows() -> None:
    dataset = sweep(
        spray_study(latin_hypercube({"spray.dose": Range("8 IU", "40 IU"), HALF_LIFE: None}, 3, 1)),
        workers=1,
    )
    assert (
        dataset["spray.dose"].dims
        == dataset["caregiver.plasma_oxytocin: maximum"].dims
        == ("sample",)
    )
    order = np.argsort(dataset["spray.dose"].values)
    assert (np.diff(dataset["caregiver.plasma_oxytocin: maximum"].values[order]) > 0).all()


def test_several_caregivers_and_an_ensemble_without_a_design() -> None:
    family = Family(("mother", "father")).repeat(2)
    study = spray_study(
        None,
        family,
        routine=Routine.household(("mother", "father")),
        interventions={},
        duration="20 min",
        outcomes=["caregiver.arousal: final"],
    )
    dataset = sweep(study, workers=1)
    assert dataset.sizes == {"dyad": 2}
    assert {"mother.arousal: final", "father.arousal: final"} <= set(dataset.data_vars)


def test_failing_runs_are_recorded_with_reason_and_parameters() -> None:
    axes = {
        HALF_LIFE: [4, 1e-5],
        "spray.minutes": ["1 min", "3 min"],
        "spray.every": ["15 min", "2 min"],
    }
    spray = NasalSpray("24 IU", at="08:10", every="15 min")
    study = spray_study(
        grid(axes), interventions={"spray": spray}, solver=Solver(rtol=1e-4, max_evaluations=2000)
    )
    dataset = sweep(study, workers=1)
    assert dataset["status"].values.tolist() == [[[1, 1], [1, 2]], [[2, 2], [2, 2]]]
    reasons = dataset["reason"].values
    assert (
        reasons[0, 0, 0] == ""
        and "overlap" in reasons[0, 1, 1]
        and "spray.every = 2 min" in reasons[0, 1, 1]
    )
    assert "evaluations" in reasons[1, 0, 0] and f"{HALF_LIFE} = 1e-05" in reasons[1, 0, 0]
    assert reasons[1, 0, 0].endswith("dyad 0)")
    values = dataset["caregiver.plasma_oxytocin: maximum"].values
    assert (np.isfinite(values) == (dataset["status"].values == 1)).all()


def test_a_combination_that_cannot_be_written_down_fails_alone() -> None:
    spray = NasalSpray("24 IU", at="08:10", every="15 min", start="150 d", stop="200 d")
    axes = {"spray.start": ["150 d", "165 d"], "spray.stop": ["160 d", "200 d"]}
    study = spray_study(
        grid(axes),
        Dyad(infant_age="155 d"),
        interventions={"spray": spray},
        duration="12 d",
        outcomes=["caregiver.epds: final"],
    )
    block = study.part((slice(0, 2), slice(0, 2)))
    result = compute(study.part((slice(1, 2), slice(0, 1))))
    assert (
        len(block) == 4
        and result.status.tolist() == [[2]]
        and "later than start" in str(result.reason[0, 0])
    )


def test_a_day_that_is_impossible_for_some_ages_fails_for_those_alone() -> None:
    spray = NasalSpray("24 IU", at="08:10", day="150 d")
    design = grid({"infant_age": ["149 d", "150 d", "151 d"]})
    study = spray_study(design, Dyad(infant_age="150 d"), interventions={"spray": spray})
    dataset = sweep(study, workers=1)
    assert dataset["status"].values.tolist() == [2, 1, 2]
    assert "no moment" in dataset["reason"].values[0]


AXES = {"spray.dose": ["8 IU", "16 IU", "24 IU"], HALF_LIFE: [3, 5]}


@pytest.fixture(scope="module")
def whole() -> xr.Dataset:
    return sweep(spray_study(grid(AXES)), workers=1)


class Shuffled(MemoryStore):
    """Hands out its blocks in another order."""

    def pending(self) -> list[int]:
        return np.random.default_rng(4).permutation(super().pending()).tolist()


@pytest.mark.parametrize(
    "options",
    [
        {"workers": 1, "block_size": 1},
        {"workers": 1, "block_size": 4},
        {"workers": 1, "block_size": 1, "store": Shuffled},
        {"workers": 2, "block_size": 2},
    ],
    ids=str,
)
def test_block_size_order_and_workers_change_nothing(
    options: dict[str, Any], whole: xr.Dataset
) -> None:
    store = options.get("store")
    _same(sweep(spray_study(grid(AXES)), **{**options, "store": store() if store else None}), whole)


def test_the_compiled_engine_gives_the_same_bits_however_the_sweep_is_cut() -> None:
    pytest.importorskip("numba")
    axes = {"spray.dose": ["8 IU", "24 IU"], "seed": [1, 2], HALF_LIFE: [3, 4, 5]}
    day = Routine((Play("08:05", "8 min", jitter="10 min"),))
    study = spray_study(grid(axes), routine=day, engine="compiled")
    serial = sweep(study, workers=1)
    with ThreadPoolExecutor(2) as threads:
        cut_otherwise = [
            sweep(study, workers=1, block_size=1),
            sweep(study, workers=1, block_size=5, store=Shuffled()),
            sweep(study, executor=threads, workers=2, block_size=2),
            sweep(study, workers=2, block_size=3),
        ]
    for parallel in cut_otherwise:
        assert serial.identical(parallel)
    # no two runs are the same
    assert len(np.unique(serial["caregiver.plasma_oxytocin: maximum"])) == 12


@pytest.mark.parametrize("kind", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_any_executor_will_do(kind: Callable[[int], Executor], whole: xr.Dataset) -> None:
    with kind(2) as executor:
        _same(sweep(spray_study(grid(AXES)), executor=executor, workers=2, block_size=2), whole)


def test_no_more_blocks_are_out_than_the_workers_can_hold() -> None:
    out: list[int] = []

    class Counting(Executor):
        def __init__(self) -> None:
            self.inner = ThreadPoolExecutor(2)
            self.flying = 0

        def submit(self, call: Any, /, *arguments: Any, **_: Any) -> Future[Any]:
            self.flying += 1
            out.append(self.flying)
            future = self.inner.submit(_fake, arguments[0])
            future.add_done_callback(self.landed)
            return future

        def landed(self, _: Any) -> None:
            self.flying -= 1

    dataset = sweep(
        spray_study(grid({"seed": range(40)})), executor=Counting(), workers=2, block_size=1
    )
    assert (dataset["status"] == 1).all() and max(out) <= 4


def _fake(block: Any) -> BlockResult:
    """A block's result at once: the seed in place of every outcome."""
    time.sleep(0.01)
    seeds = np.array([bound.axis.values[block.indices["seed"]] for bound in block.bound]).reshape(
        block.shape
    )
    values = {
        "caregiver.plasma_oxytocin: maximum": seeds.astype(float),
        "caregiver.arousal: every 20 min": np.repeat(seeds[..., None], 3, axis=-1).astype(float),
    }
    return BlockResult(
        values, np.ones(block.shape, np.uint8), np.full(block.shape, "", dtype=object)
    )


def _troubled(fate: str, tmp_path: Path, *, home: int | None = None, **options: Any) -> Study:
    log = tmp_path / "log"
    log.mkdir(exist_ok=True)
    trouble = Trouble(log=str(log), home=os.getpid() if home is None else home, **options)
    design = grid({"trouble.what": ["nothing", fate], "spray.dose": ["8 IU", "24 IU"]})
    return spray_study(
        design, interventions={"spray": NasalSpray("24 IU", at="08:10"), "trouble": trouble}
    )


def test_a_hanging_block_is_ended_tried_again_and_recorded(tmp_path: Path) -> None:
    dataset = sweep(_troubled("hang", tmp_path), workers=2, block_size=2, timeout="5 s", retries=1)
    assert dataset["status"].values.tolist() == [[1, 1], [2, 2]]
    assert (
        dataset["reason"].values[1, 0]
        == "it took longer than timeout = 5 s (block 1, tried 2 times)"
    )
    assert len(list((tmp_path / "log").iterdir())) == 2
    assert dataset.attrs["complete"] == 0


@pytest.mark.long
def test_one_worker_with_a_time_limit_can_be_ended_too(tmp_path: Path) -> None:
    # far below the minute that a block hangs; a whole block has it too, on a busy machine
    dataset = sweep(_troubled("hang", tmp_path), workers=1, block_size=2, timeout="20 s", retries=0)
    assert dataset["status"].values.tolist() == [[1, 1], [2, 2]]


@pytest.mark.parametrize("fate", ["die", pytest.param("exit", marks=pytest.mark.long)])
def test_a_block_that_kills_its_worker_costs_nobody_else(fate: str, tmp_path: Path) -> None:
    dataset = sweep(_troubled(fate, tmp_path), workers=2, block_size=1, retries=1)
    assert dataset["status"].values.tolist() == [[1, 1], [2, 2]]
    assert "its worker process died (block 2, tried 2 times)" in dataset["reason"].values[1, 0]
    assert len(list((tmp_path / "log").iterdir())) == 4  # each of the two twice, none more often


@pytest.mark.long
def test_a_block_that_fails_once_is_tried_again(tmp_path: Path) -> None:
    dataset = sweep(_troubled("die", tmp_path, once=True), workers=2, block_size=2, retries=1)
    assert (dataset["status"] == 1).all()


def test_what_nobody_expected_is_recorded(tmp_path: Path) -> None:
    study = _troubled("break", tmp_path)
    with ThreadPoolExecutor(1) as executor:
        dataset = sweep(study, executor=executor, workers=1, block_size=2)
    assert (dataset["status"] == 1).all()  # in its home it is harmless
    for options in ({"workers": 2}, {"workers": 1, "timeout": "60 s"}):
        dataset = sweep(study, block_size=2, retries=2, **options)
        assert dataset["status"].values.tolist() == [[1, 1], [2, 2]]
        assert (
            dataset["reason"].values[1, 1]
            == "ZeroDivisionError: nobody expected this (block 1, tried 3 times)"
        )


def test_an_error_in_this_process_is_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(block: Any) -> BlockResult:
        if block.number == 1:
            raise MemoryError("no room")
        return _fake(block)

    monkeypatch.setattr(running, "compute", broken)
    dataset = sweep(spray_study(grid({"seed": [1, 2, 3]})), workers=1, block_size=1, retries=0)
    assert dataset["status"].values.tolist() == [1, 2, 1]
    assert dataset["reason"].values[1] == "MemoryError: no room (block 1, tried once)"


def test_a_hanging_thread_is_abandoned(monkeypatch: pytest.MonkeyPatch) -> None:
    let_go = threading.Event()

    def hanging(block: Any) -> BlockResult:
        if block.number == 2:
            let_go.wait(60)
        return _fake(block)

    monkeypatch.setattr(running, "compute", hanging)
    with ThreadPoolExecutor(3) as executor:
        try:
            dataset = sweep(
                spray_study(grid({"seed": range(6)})),
                executor=executor,
                workers=3,
                block_size=1,
                timeout="1 s",
            )
        finally:
            let_go.set()
    assert dataset["status"].values.tolist() == [1, 1, 2, 1, 1, 1]
    assert "tried 2 times" in dataset["reason"].values[2]


def test_when_every_worker_hangs_the_sweep_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    let_go = threading.Event()
    monkeypatch.setattr(running, "compute", lambda block: let_go.wait(60))
    with ThreadPoolExecutor(2) as executor:
        try:
            with pytest.raises(
                SweepError, match="all 2 workers of the executor hang.*0 of 6 blocks"
            ):
                sweep(
                    spray_study(grid({"seed": range(6)})),
                    executor=executor,
                    workers=2,
                    block_size=1,
                    timeout="1 s",
                )
        finally:
            let_go.set()


def test_a_broken_executor_stops_the_sweep(tmp_path: Path) -> None:
    with ProcessPoolExecutor(1) as executor:
        with pytest.raises(SweepError, match="takes no more blocks.*blocks are done"):
            sweep(_troubled("die", tmp_path), executor=executor, workers=1, block_size=1)


def test_a_script_without_its_guard_is_told_so(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import oxysim as ox\nfrom oxysim.sweeps import Study, grid, sweep\nstudy ="
        " Study(ox.Dyad(), '10 min', grid({'seed': range(4)}), outcomes=['caregiver.epds:"
        " final'])\nsweep(study, workers=2, block_size=1)\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 1
    # the error that ends the script is the last of its kind: its cause and what dying workers say
    # stand before it
    lines = [
        line
        for line in done.stderr.splitlines()
        if line.startswith("oxysim.sweeps.workers.worker_pools.SweepError")
    ]
    assert "if __name__ == '__main__':" in lines[-1]
    assert "0 of 4 blocks are done" in lines[-1]


class Interrupted(MemoryStore):
    """Ctrl-C falls into the writing of the third block."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[int] = []

    def write(self, number: int, result: BlockResult) -> None:
        if len(self.written) == 2:
            self.written.append(-1)
            raise KeyboardInterrupt
        self.written.append(number)
        super().write(number, result)


@pytest.mark.parametrize("workers", [1, 2])
def test_an_interruption_keeps_what_is_done_and_resumes(workers: int, whole: xr.Dataset) -> None:
    store = Interrupted()
    with pytest.raises(KeyboardInterrupt, match="2 of 6 blocks are done"):
        sweep(spray_study(grid(AXES)), store=store, workers=workers, block_size=1)
    _same(sweep(spray_study(grid(AXES)), store=store, workers=1, block_size=1), whole)
    done = [number for number in store.written if number >= 0]
    assert sorted(done) == list(range(6))  # nothing twice


def test_ctrl_c_ends_a_sweep_on_processes_at_once(tmp_path: Path) -> None:
    study = _troubled("hang", tmp_path, seconds=3600.0)

    def interrupt() -> None:
        while not list((tmp_path / "log").iterdir()):
            time.sleep(0.05)
        os.kill(os.getpid(), 2)

    threading.Thread(target=interrupt).start()
    with interruptible(), pytest.raises(KeyboardInterrupt, match="lost, as there is no store"):
        sweep(study, workers=2, block_size=1)  # what hangs does so for an hour


def test_a_sweep_stops_after_its_time_and_goes_on_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "compute", _fake)
    store = MemoryStore()
    study = spray_study(grid({"seed": range(100)}))
    dataset = sweep(study, store=store, workers=1, block_size=1, max_time="0.3 s")
    first = int((dataset["status"] == 1).sum())
    assert 0 < first < 100 and dataset.attrs["complete"] == 0
    dataset = sweep(study, store=store, workers=1, block_size=1)
    assert dataset.attrs["complete"] == 1
    assert dataset["caregiver.plasma_oxytocin: maximum"].values.tolist() == list(range(100))


def test_a_store_on_disk_is_resumed_with_its_own_block_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "compute", _fake)
    study = spray_study(grid({"seed": range(40)}))
    sweep(study, store=tmp_path / "s.zarr", workers=1, block_size=3, max_time="0.01 s")
    dataset = sweep(study, store=str(tmp_path / "s.zarr"), workers=1)
    assert dataset.attrs["complete"] == 1
    plain = xr.open_zarr(tmp_path / "s.zarr")
    assert plain["caregiver.plasma_oxytocin: maximum"].values.tolist() == list(range(40))
    assert plain["seed"].values.tolist() == list(range(40)) and (plain["status"] == 1).all()


def test_the_estimate_counts_runs_blocks_and_bytes() -> None:
    study = spray_study(grid({"seed": range(100)}))
    cost = estimate(study, workers=2, block_size=30)
    assert (cost.runs, cost.blocks, cost.workers, cost.block_shape) == (100, 4, 2, (30,))
    assert cost.result_bytes == 100 * (8 * (1 + 3) + 9) and cost.disk_bytes == 0
    assert cost.seconds is not None and cost.seconds_per_run is not None
    assert cost.seconds == pytest.approx(60 * cost.seconds_per_run + 4) and cost.seconds_per_run < 5
    assert "100 runs in 4 blocks on 2 workers in about" in cost.describe()
    assert estimate(study, pilot=False, on_disk=True).disk_bytes == cost.result_bytes


def test_the_pilot_sees_past_what_a_block_costs_beside_its_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def slow(block: Any) -> None:
        time.sleep(0.05 + 1e-4 * len(block))

    monkeypatch.setattr(sys.modules["oxysim.sweeps.cost_estimate"], "compute", slow)
    cost = estimate(spray_study(grid({"seed": range(60_000)})), workers=1)
    assert cost.seconds_per_run == pytest.approx(0.05 / 4096 + 1e-4, rel=0.5)


@pytest.mark.parametrize("size", [0, -1, 2.0, True])
def test_a_block_size_that_is_none_is_refused_by_the_estimate_too(size: Any) -> None:
    with pytest.raises(
        InputError, match="block_size: expected a whole number from 1 to 1000000; found"
    ):
        estimate(spray_study(grid({"seed": range(4)})), block_size=size, pilot=False)


def test_what_would_not_fit_is_refused_with_its_figures(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    vast = spray_study(
        grid(
            {
                HALF_LIFE: np.linspace(3, 5, 10_000),
                EDGE: np.linspace(0, 1, 10_000),
                "seed": range(10_000),
            }
        )
    )
    with pytest.raises(
        InputError, match=r"1000000000000 runs\) needs about 41.0 TB of memory .* are free"
    ):
        sweep(vast)
    with pytest.raises(InputError, match=r"needs up to 41.0 TB of disk .* are free"):
        sweep(vast, store=tmp_path / "vast.zarr")
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("Free", (), {"available": 1000})())
    monkeypatch.setattr(running, "compute", _fake)
    small = spray_study(grid({"seed": range(4)}))
    with pytest.raises(InputError, match="force=True"):
        sweep(small, workers=1)
    assert (sweep(small, workers=1, force=True)["status"] == 1).all()


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"workers": 0}, InputError, "workers"),
        ({"block_size": 0}, InputError, "block_size"),
        ({"timeout": 3}, UnitError, "timeout"),
        ({"max_time": "soon"}, UnitError, "max_time"),
        ({"retries": -1}, InputError, "retries"),
        ({"executor": 3}, InputError, "Executor"),
        ({"store": 3}, InputError, "store"),
    ],
)
def test_wrong_options_are_named(
    options: dict[str, Any], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        sweep(spray_study(grid({"seed": [1]})), **options)


def test_progress_is_shown_on_request_only(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "compute", _fake)
    study = spray_study(grid({"seed": range(4)}))
    sweep(study, workers=1, block_size=1)
    assert capsys.readouterr().err == ""  # not a terminal
    sweep(study, workers=1, block_size=1, progress=True)
    assert "4/4" in capsys.readouterr().err


class Killing(MemoryStore):
    """Does something deadly when the third block has been written."""

    def __init__(self, deadly: Callable[[], None]) -> None:
        super().__init__()
        self.deadly, self.written = deadly, 0

    def write(self, number: int, result: BlockResult) -> None:
        super().write(number, result)
        self.written += 1
        if self.written == 3:
            self.deadly()


@pytest.mark.long
def test_a_dask_cluster_bears_the_loss_of_a_worker(whole: xr.Dataset) -> None:
    distributed = pytest.importorskip("distributed")
    axes = {**AXES, "seed": range(4)}
    options = {
        "n_workers": 2,
        "threads_per_worker": 1,
        "processes": True,
        "dashboard_address": None,
    }
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster) as client:
        store = Killing(lambda: os.kill(next(iter(client.run(os.getpid).values())), 9))
        dataset = sweep(
            spray_study(grid(axes)),
            executor=client.get_executor(),
            workers=2,
            block_size=2,
            store=store,
        )
    assert store.written == 12
    assert (dataset["status"] == 1).all()
    _same(dataset.isel(seed=0, drop=True), whole)


def test_equal_rows_may_differ_in_their_seed_alone() -> None:
    design = zipped({"seed": [1, 2], "spray.dose": ["8 IU", "8 IU"]})
    assert design.dims == {"sample": 2}
