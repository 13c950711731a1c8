"""Designs: their runs by index arithmetic, their axes looked up in the study, and what is wrong
with them named.
"""

from __future__ import annotations

import itertools
import math
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oxysim.errors import InputError, OxysimError, ScheduleError, UnitError, UnknownNameError
from oxysim.families import Dyad, Family
from oxysim.interventions import Coaching, Massage, NasalSpray
from oxysim.model import registry
from oxysim.simulation.scipy_engine import Solver
from oxysim.sweeps import (
    Axis,
    Range,
    Study,
    SweepDesign,
    grid,
    latin_hypercube,
    linspace,
    logspace,
    one_at_a_time,
    sobol,
    table,
    zipped,
)

HALF_LIFE = "caregiver.oxytocin.plasma_half_life"
EDGE = "reward -> depression"
SPRAY = {"spray": NasalSpray("24 IU", at="10:00", every="12 h")}


def _study(design: SweepDesign | None, dyad: Family | None = None, **options: Any) -> Study:
    given_ = {
        "interventions": SPRAY,
        "outcomes": ["caregiver.epds: final"],
        "duration": "1 d",
        **options,
    }
    return Study(dyad or Dyad(), design=design, **given_)


# ------------------------------------------------------------------ index arithmetic
_NAMES = st.lists(
    st.sampled_from(("a.b", "c.d", "e.f", "seed", EDGE)), min_size=1, max_size=4, unique=True
)
_VALUES = st.one_of(
    st.lists(
        st.floats(-1e6, 1e6, allow_nan=False), min_size=1, max_size=5, unique_by=lambda v: float(v)
    ),
    st.lists(st.integers(-1000, 1000), min_size=1, max_size=5, unique=True),
    st.lists(st.integers(1, 90).map(lambda m: f"{m} min"), min_size=1, max_size=5, unique=True),
    st.lists(st.sampled_from(("day 3", "day 5", "day 36")), min_size=1, max_size=3, unique=True),
)
_AXES = _NAMES.flatmap(lambda names: st.fixed_dictionaries(dict.fromkeys(names, _VALUES)))


@given(_AXES)
def test_a_grid_is_the_product_of_its_axes(axes: dict[str, list[Any]]) -> None:
    design = grid(axes)
    runs = list(itertools.product(*(axis.values.tolist() for axis in design.axes)))
    assert design.n == len(runs) == math.prod(design.dims.values())
    columns = design.columns(np.arange(design.n))
    assert list(zip(*(column.tolist() for column in columns.values()), strict=True)) == runs
    assert list(design.coords) == list(design.dims) == list(axes)


@given(_AXES)
def test_one_at_a_time_changes_one_thing_a_run(axes: dict[str, list[Any]]) -> None:
    design = one_at_a_time(axes)
    assert design.dims == {"run": 1 + sum(len(values) for values in axes.values())}
    columns = design.columns(np.arange(design.n))
    changed = [
        {name: c[i] for name, c in columns.items() if c[i] is not None} for i in range(design.n)
    ]
    assert changed[0] == {}
    assert [set(changes) for changes in changed[1:]] == [
        {axis.name} for axis in design.axes for _ in axis.values
    ]
    assert [next(iter(changes.values())) for changes in changed[1:]] == [
        v for axis in design.axes for v in axis.values.tolist()
    ]
    assert design.coords["axis"][1].tolist() == [
        "study",
        *(name for changes in changed[1:] for name in changes),
    ]


@given(st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_zipped_keeps_rows_together(n: int, seed: int) -> None:
    values = np.random.default_rng(seed).permuted(np.arange(1, 9).repeat(2).reshape(2, 8), axis=1)[
        :, :n
    ]
    values[1] += 10 * np.arange(n)
    columns = zipped({"a.b": values[0], "c.d": values[1]}).columns(np.arange(n))
    assert np.array_equal(columns["a.b"], values[0]) and np.array_equal(columns["c.d"], values[1])


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 60), st.integers(0, 2**32 - 1), st.sampled_from(("linear", "log")))
def test_a_latin_hypercube_hits_every_part_once(n: int, seed: int, scale: str) -> None:
    design = latin_hypercube({"a.b": Range("1 IU", "100 IU", scale=scale), "c.d": (-1, 1)}, n, seed)
    spray = design.columns(np.arange(n))["a.b"]
    share = np.log(spray) / np.log(100) if scale == "log" else (spray - 1) / 99
    assert sorted(np.minimum(np.floor(share * n + 1e-9), n - 1).astype(int).tolist()) == list(
        range(n)
    )
    assert design.axes[0].unit == "IU" and design.seed == seed and design.dims == {"sample": n}


def test_a_sample_depends_on_its_seed_alone() -> None:
    ranges = {"a.b": (0, 1), "c.d": (0, 1)}
    for make in (latin_hypercube, sobol):
        first, same, other_seed = make(ranges, 16, 3), make(ranges, 16, 3), make(ranges, 16, 4)
        assert np.array_equal(first.axes[0].values, same.axes[0].values)
        assert not np.array_equal(first.axes[0].values, other_seed.axes[0].values)


def test_a_sobol_sequence_is_balanced() -> None:
    design = sobol({"a.b": (0, 1), "c.d": (0, 1)}, 64, 1)
    x, y = (axis.values for axis in design.axes)
    assert {(int(a), int(b)) for a, b in zip(x * 8, y * 8, strict=True)} == set(
        itertools.product(range(8), range(8))
    )


def test_whole_ranges_give_whole_numbers_and_both_ends() -> None:
    design = latin_hypercube(
        {"coaching.sessions": Range(1, 4, scale="whole"), "a.b": (0, 1)}, 400, 1
    )
    values, counts = np.unique(design.axes[0].values, return_counts=True)
    assert (
        values.tolist() == [1, 2, 3, 4]
        and counts.tolist() == [100] * 4
        and values.dtype.kind == "i"
    )


def test_default_ranges_are_the_rows_own() -> None:
    design = latin_hypercube([HALF_LIFE, EDGE], 200, 1)
    row = registry.parameters()[HALF_LIFE]
    half_life, edge = (axis.values for axis in design.axes)
    assert (
        row.low <= half_life.min() < row.low * 1.05
        and row.high * 0.95 < half_life.max() <= row.high
    )
    assert design.axes[0].unit == row.unit
    assert 0 <= edge.min() < 0.05 and registry.edges()[EDGE].row.limit - 0.05 < edge.max()


def test_a_grid_of_a_billion_runs_costs_nothing() -> None:
    tracemalloc.start()
    axes = {HALF_LIFE: linspace("3 min", "6 min", 1000), EDGE: linspace(0, 1, 1000),
            "caregiver.depression.loop_gain": linspace(0.1, 0.9, 1000)}  # fmt: skip
    study = _study(grid(axes))
    assert study.n_runs == 10**9
    template = study.template()
    assert template["caregiver.epds: final"].shape == (1000, 1000, 1000)
    assert study.design is not None
    assert study.design.columns([10**9 - 1])[EDGE].tolist() == [1.0]
    block = study.block(123, (1, 4, 1000))
    assert len(block) == 4000 and len(block.bound[0].axis) == 1
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**26  # bytes; a billion runs at one byte each are sixteen times that


def test_spaced_values_end_where_they_should() -> None:
    assert linspace("0 IU", "48 IU", 4) == ["0 IU", "16 IU", "32 IU", "48 IU"]
    assert linspace(1, 2, 3) == [1.0, 1.5, 2.0]
    assert logspace("1 h", "100 h", 3) == ["1 h", "10 h", "100 h"]
    assert linspace(0.1, 0.7, 7)[-1] == 0.7


def test_units_of_an_axis_become_one() -> None:
    axis = Axis("skin_to_skin.minutes", ["30 min", "1 h", "0.5 d"])
    assert (
        axis.values.tolist() == [30, 60, 720] and axis.unit == "min" and axis.entry(1) == "60 min"
    )
    assert Axis("spray.dose", [8, 24], unit="IU").entry(1) == "24 IU"
    assert Axis("spray.dose", [0.1], unit="IU").entry(0) == "0.1 IU"
    assert Axis("spray.stop", ["day 3", "day 5"]).unit is None


def test_a_table_is_read_with_its_units(tmp_path: Path) -> None:
    file = tmp_path / "runs.csv"
    file.write_text(
        f"spray.dose [IU],{HALF_LIFE} [min],spray.blinded\n8,4,true\n24,5.5,false\n",
        encoding="utf-8",
    )
    design = table(file)
    assert design.dims == {"sample": 2}
    assert [axis.entry(1) for axis in design.axes] == ["24 IU", "5.5 min", False]
    frame = pd.DataFrame(
        {"spray.dose [IU]": [8, 24], f"{HALF_LIFE} [min]": [4, 5.5], "spray.blinded": [True, False]}
    )
    again = table(frame)
    assert [axis.entry(1) for axis in again.axes] == ["24 IU", "5.5 min", False]


# ------------------------------------------------------------------------- errors
def _csv(text: bytes) -> Callable[[Path], Any]:
    def make(folder: Path) -> SweepDesign:
        (folder / "t.csv").write_bytes(text)
        return table(folder / "t.csv")

    return make


WRONG_DESIGNS: list[tuple[Callable[[Path], Any], type[OxysimError], str]] = [
    (lambda _: grid({}), InputError, "at least one axis"),
    (lambda _: grid({"spray.dose": []}), InputError, "'spray.dose': expected at least one value"),
    (lambda _: grid({"spray.dose": "8 IU"}), InputError, "list of values"),
    (lambda _: grid({"spray.dose": [[1, 2]]}), InputError, "list of values"),
    (lambda _: grid({"spray.dose": ["8 IU", "8 IU"]}), InputError, "positions 1 and 2"),
    (lambda _: grid({"skin.minutes": ["60 min", "1 h"]}), InputError, "stands twice"),
    (lambda _: grid({"spray.dose": [1, math.nan]}), InputError, "value 2 of 2: expected a finite"),
    (lambda _: grid({"spray.dose": [1, math.inf]}), InputError, "value 2 of 2"),
    (lambda _: grid({"spray.dose": [1, None]}), InputError, "value 2 of 2"),
    (lambda _: grid({"spray.dose": ["8 IU", 24]}), InputError, "all numbers or all texts"),
    (lambda _: grid({"spray.dose": ["8 IU", "24"]}), UnitError, "value 2 of 2"),
    (lambda _: grid({"spray.dose": ["8 IU", "24 min"]}), UnitError, "units of one kind"),
    (lambda _: grid([Axis("spray.dose", ["8 IU"], unit="IU")]), UnitError, "plain numbers"),
    (lambda _: grid({EDGE: [1], "edge.reward->depression": [0]}), InputError, "given twice"),
    (lambda _: grid({"": [1]}), InputError, "dotted name"),
    (lambda _: grid("spray.dose"), InputError, "mapping"),
    (lambda _: grid(["spray.dose"]), InputError, "list of Axis"),  # type: ignore[list-item]
    (
        lambda _: grid({f"a.b{i}": range(10_000) for i in range(6)}),
        InputError,
        "cannot be numbered",
    ),
    (lambda _: zipped({"a.b": [1, 2], "c.d": [1]}), InputError, "one length"),
    (lambda _: zipped({"a.b": [1, 1], "c.d": [2, 2]}), InputError, "rows 1 and 2 are the same"),
    (
        lambda _: latin_hypercube({"a.b": (2, 1)}, 4),
        InputError,
        "'a.b': range: expected the lower end first",
    ),
    (lambda _: latin_hypercube({"a.b": (1, 1)}, 4), InputError, "lower end first"),
    (lambda _: latin_hypercube({"a.b": (0, math.nan)}, 4), InputError, "finite"),
    (lambda _: latin_hypercube({"a.b": (1,)}, 4), InputError, "(low, high)"),
    (lambda _: latin_hypercube({"spray.dose": None}, 4), InputError, "give its range"),
    (
        lambda _: latin_hypercube(["reward -> depresion"], 4),
        UnknownNameError,
        "'reward -> depression'",
    ),
    (lambda _: latin_hypercube({"a.b": (0, 1)}, 0), InputError, "at least 1"),
    (lambda _: latin_hypercube({"a.b": (0, 1)}, 4, -1), InputError, "seed"),
    (lambda _: sobol({"a.b": (0, 1)}, 100), InputError, "64, 128"),
    (lambda _: Range(0, 1, scale="log"), InputError, "positive"),
    (lambda _: Range("1 IU", "2 h"), UnitError, "one kind"),
    (lambda _: Range(0.5, 2, scale="whole"), InputError, "whole numbers"),
    (lambda _: Range(0, 1, scale="cubic"), UnknownNameError, "nearest: 'linear'"),
    (lambda _: linspace(0, 1, 1), InputError, "at least 2"),
    (lambda folder: table(folder / "none.csv"), InputError, "there is no such file"),
    (_csv(b""), InputError, "is empty"),
    (_csv(b"spray.dose [IU]\n"), InputError, "at least one row"),
    (_csv(b"spray.dose [IU],seed\n8,1\n24\n"), InputError, "line 3: expected 2 cells"),
    (_csv(b"spray.dose [IU],seed\n8,1\n24, \n"), InputError, "row 2, 'seed': the cell is empty"),
    (_csv(b"seed\n1\ntwo\n"), InputError, "row 2, 'seed': expected a number"),
    (_csv(b"spray.dose [IU\n8\n"), InputError, "in brackets"),
    (_csv(b"spray.dose [IU]\nnan\n"), InputError, "finite"),
    (_csv(b"spray.dose [IU]\n\xff\n"), InputError, "UTF-8"),
    (
        lambda _: table(pd.DataFrame({"a.b": [1.0, None]})),
        InputError,
        "row 2, 'a.b': the cell is empty",
    ),
]


@pytest.mark.parametrize(("wrong", "kind", "words"), WRONG_DESIGNS)
def test_wrong_designs_are_named(
    wrong: Callable[[Path], Any], kind: type[OxysimError], words: str, tmp_path: Path
) -> None:
    with pytest.raises(kind) as caught:
        wrong(tmp_path)
    assert words in str(caught.value)


WRONG_AXES: list[tuple[dict[str, list[Any]], type[OxysimError], str]] = [
    # names
    ({"caregiver.oxytocin.plasma_halflife": [4]}, UnknownNameError, HALF_LIFE),
    ({"spry.dose": ["8 IU"]}, UnknownNameError, "spray.dose"),
    ({"spray.dos": ["8 IU"]}, UnknownNameError, "spray.dose"),
    ({"caregiver.depression": [16]}, UnknownNameError, "start.caregiver.depression"),
    ({"start.caregiver.depresion": [16]}, UnknownNameError, "start.caregiver.depression"),
    ({"start.caregiver.cortisol": [16]}, UnknownNameError, "slow state"),
    (
        {"father.oxytocin.plasma_half_life": [4]},
        UnknownNameError,
        "mother.oxytocin.plasma_half_life",
    ),
    ({"reward -> depresion": [1]}, UnknownNameError, EDGE),
    ({"duration": ["1 d"]}, UnknownNameError, "axis"),
    # values
    ({HALF_LIFE: [4, -1]}, InputError, f"axis '{HALF_LIFE}', value 2 of 2 (-1)"),
    ({HALF_LIFE: ["4 IU"]}, UnitError, "value 1 of 1"),
    ({EDGE: [0, 1, 2.5]}, InputError, "value 3 of 3 (2.5)"),
    ({EDGE: ["a"]}, InputError, "plain numbers"),
    ({"spray.dose": ["8 IU", "2400 IU"]}, ScheduleError, "value 2 of 2 (2400 IU)"),
    ({"spray.dose": [8, 24]}, UnitError, "with its unit"),
    ({"spray.dose": ["0 IU", "24 IU"]}, ScheduleError, "value 1 of 2 (0 IU)"),
    ({"spray.at": ["10:00", "25:00"]}, UnitError, "value 2 of 2 (25:00)"),
    ({"spray.every": ["12 h", "30 s"]}, ScheduleError, "value 2 of 2 (0.00833333 h)"),
    ({"spray.stop": ["day 3"]}, ScheduleError, "no moment"),
    ({"spray.blinded": [1]}, InputError, "true or false"),
    ({"spray.dose": [True, False]}, InputError, "no truth values"),
    ({"spray.sessions": [1.5]}, InputError, "whole number"),
    ({"start.caregiver.depression": [16, 31]}, InputError, "value 2 of 2 (31)"),
    ({"seed": [1, -1]}, InputError, "value 2 of 2 (-1)"),
    ({"seed": [1.5]}, InputError, "value 1 of 1 (1.5)"),
    ({"infant_age": [5]}, UnitError, "unit such as"),
    ({"infant_age": ["5 months", "5 years"]}, InputError, "value 2 of 2"),
    ({"infant_age": ["5 months", "36.1 months"]}, InputError, "36 months"),
    # two axes for one thing
    ({HALF_LIFE: [4], "mother.oxytocin.plasma_half_life": [5]}, InputError, "both change"),
    (
        {"start.caregiver.depression": [4], "start.mother.depression": [5]},
        InputError,
        "both change",
    ),
]


@pytest.mark.parametrize(("axes", "kind", "words"), WRONG_AXES)
def test_wrong_axes_are_named_before_anything_runs(
    axes: dict[str, list[Any]], kind: type[OxysimError], words: str
) -> None:
    with pytest.raises(kind) as caught:
        _study(grid(axes))
    assert words in str(caught.value)


WRONG_STUDIES: list[tuple[dict[str, Any], type[OxysimError], str]] = [
    ({"who": "me"}, InputError, "who: expected a Dyad"),
    ({"design": {"seed": [1]}}, InputError, "grid("),
    ({"routine": "day"}, InputError, "Routine"),
    ({"outcomes": []}, InputError, "at least one"),
    ({"duration": "1"}, UnitError, "duration"),
    ({"duration": "40 months"}, InputError, "36 months"),
    ({"start": "8"}, UnitError, "clock time"),
    ({"engine": "fast"}, UnknownNameError, "unknown engine 'fast'"),
    ({"engine": "compiled", "solver": Solver("BDF")}, InputError, "its own method"),
    ({"seed": -1}, InputError, "seed"),
    ({"sample": "0 min"}, UnitError, "sample"),
    ({"interventions": {"caregiver": SPRAY["spray"]}}, InputError, "short names"),
    ({"interventions": {"Spray 1": SPRAY["spray"]}}, InputError, "short names"),
    ({"interventions": {"spray": "24 IU"}}, InputError, "intervention"),
    (
        {"interventions": {"spray": NasalSpray("24 IU", at="10:00", day="day 3")}},
        ScheduleError,
        "no moment",
    ),
    ({"cut": EDGE, "scale": {EDGE: 0.5}}, InputError, "both cut and scaled"),
    ({"cut": EDGE, "design": grid({EDGE: [0, 1]})}, InputError, "cuts or scales this edge too"),
    ({"scale": {EDGE: [0.5, 1]}}, InputError, "one multiplier or 1"),
]


@pytest.mark.parametrize(("options", "kind", "words"), WRONG_STUDIES)
def test_wrong_studies_are_named(
    options: dict[str, Any], kind: type[OxysimError], words: str
) -> None:
    given_ = {"who": Dyad(), "duration": "1 d", "outcomes": ["caregiver.epds: final"], **options}
    with pytest.raises(kind) as caught:
        Study(**given_)
    assert words in str(caught.value)


def test_values_that_are_right_are_accepted() -> None:
    axes = {
        "spray.dose": ["8 IU", "24 IU"],
        "spray.every": ["6 h", "12 h"],
        "spray.blinded": [True, False],
        "spray.expectancy": [0.2, 1.0],
        "coaching.sessions": [1, 2],
        "massage.intensity": [0.5, 1.0],
        "massage.at": ["10:00", "11:30"],
        HALF_LIFE: [4, 5.5],
        "infant.oxytocin.touch": [0.5],
        EDGE: [0, 0.5],
        "start.caregiver.depression": [6, 16.5],
        "seed": [0, 7],
        "infant_age": ["3 months", "150 d"],
    }
    interventions = {**SPRAY, "coaching": Coaching(), "massage": Massage("15 min", at="10:00")}
    study = _study(grid(axes), interventions=interventions, duration="1 d")
    units = {
        str(name): study.template()[name].attrs.get("units") for name in study.template().coords
    }
    assert units["spray.dose"] == "IU" and units[HALF_LIFE] == "min" and units[EDGE] == "1"
    assert units["start.caregiver.depression"] == "EPDS" and units["infant_age"] == "months"
    assert units["massage.at"] is None


def test_the_identity_names_every_part_that_changed() -> None:
    def parts(**options: Any) -> dict[str, str]:
        return _study(grid({EDGE: [0, 1]}), **options).identity()

    same = parts()
    assert parts() == same
    other_edge = next(edge for edge in registry.edges() if edge != EDGE)
    twice_a_day = NasalSpray("8 IU", at="10:00", every="12 h")
    for field, changed in {
        "who": parts(dyad=Dyad.symptomatic()),
        "duration": parts(duration="2 d"),
        "seed": parts(seed=1),
        "outcomes": parts(outcomes=["caregiver.epds: initial"]),
        "sample": parts(sample="1 min"),
        "edges cut": parts(cut=other_edge),
        "interventions": parts(interventions={"spray": twice_a_day}),
    }.items():
        assert {name for name in same if same[name] != changed[name]} == {field}


@pytest.mark.parametrize("n", [1, 3])
def test_dimensions_end_with_the_dyads(n: int) -> None:
    dyad = Dyad().repeat(n)
    assert list(_study(grid({EDGE: [0, 1]}), dyad).dims) == ([EDGE, "dyad"] if n > 1 else [EDGE])
    assert _study(None, dyad).dims == {"dyad": n}
