"""What the functions of sweeps are given: checked in type and range, never ended in an error of
Python's own.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from oxysim.errors import InputError, OxysimError
from oxysim.families import Dyad
from oxysim.interventions import NasalSpray
from oxysim.sweeps import (
    Axis,
    MemoryStore,
    Range,
    Study,
    SweepDesign,
    estimate,
    grid,
    latin_hypercube,
    linspace,
    logspace,
    one_at_a_time,
    open_sweep,
    sobol,
    sweep,
    table,
    verify,
    zipped,
)
from oxysim.sweeps import runner as running

STUDY = Study(
    Dyad(), "10 min", grid({"seed": [0, 1]}), outcomes=["caregiver.epds: final"], engine="scipy"
)
SPRAY = {"spray": NasalSpray("24 IU", at="08:05")}
RANGES = {"spray.dose": ("1 IU", "2 IU")}


def _begun(study: Any, block_shape: Any) -> None:
    MemoryStore().begin(study, block_shape)


CALLS: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "sweep": (
        sweep,
        {
            "study": STUDY,
            "workers": 1,
            "executor": None,
            "block_size": 1,
            "timeout": None,
            "retries": 1,
            "max_time": None,
            "progress": False,
            "force": True,
            "source": None,
        },
    ),
    "estimate": (
        estimate,
        {"study": STUDY, "on_disk": False, "workers": 1, "block_size": 1, "pilot": False},
    ),
    "SweepDesign": (SweepDesign, {"kind": "grid", "axes": (Axis("seed", [0, 1]),), "seed": None}),
    "grid": (grid, {"axes": {"seed": [0, 1]}}),
    "zipped": (zipped, {"axes": {"seed": [0, 1]}}),
    "one_at_a_time": (one_at_a_time, {"axes": {"seed": [0, 1]}}),
    "latin_hypercube": (latin_hypercube, {"ranges": RANGES, "n": 4, "seed": 0}),
    "sobol": (sobol, {"ranges": RANGES, "n": 4, "seed": 0}),
    "table": (table, {"source": pd.DataFrame({"x": [1]})}),
    "Axis": (Axis, {"name": "x", "values": [1], "unit": None}),
    "Range": (Range, {"low": 0, "high": 1, "unit": None, "scale": "linear"}),
    "linspace": (linspace, {"low": 0, "high": 1, "count": 3, "unit": None}),
    "logspace": (logspace, {"low": 1, "high": 2, "count": 3, "unit": None}),
    "Range.spaced": (Range(0, 1).spaced, {"count": 3}),
    "SweepDesign.indices": (STUDY.design.indices, {"positions": [0]}),
    "SweepDesign.columns": (STUDY.design.columns, {"positions": [0]}),
    "Study.block": (STUDY.block, {"number": 0, "shape": (1,)}),
    "MemoryStore.begin": (_begun, {"study": STUDY, "block_shape": (1,)}),
    "open_sweep": (open_sweep, {"path": "none.zarr"}),
    "verify": (verify, {"path": "none.zarr"}),
    "Study": (
        Study,
        {
            "who": Dyad(),
            "duration": "10 min",
            "design": None,
            "routine": STUDY.routine,
            "interventions": SPRAY,
            "outcomes": ["caregiver.epds: final"],
            "start": "08:00",
            "seed": 0,
            "cut": (),
            "scale": {},
            "solver": None,
            "engine": "scipy",
            "sample": "5 min",
            "usual_day": None,
        },
    ),
}
NONSENSE: tuple[Any, ...] = (
    None,
    True,
    3,
    -1,
    0,
    1.5,
    float("nan"),
    float("inf"),
    10**30,
    "",
    "x",
    "no",
    "24 IU",
    "\0",
    "\udcff",
    b"x",
    [],
    {},
    (),
    [1, "a"],
    [[1], [1, 2]],
    [None],
    {"a": 1},
    {1: 2},
    {1},
    object(),
    len,
    int,
    np.zeros((2, 2)),
    np.array([]),
    np.array(["a"]),
    range(3),
    range(10**13),
    STUDY,
    Dyad(),
    [1, 1],
    ["1 IU", "2 h"],
    [float("nan")],
    1 + 2j,
)


@pytest.mark.parametrize("name", list(CALLS))
def test_no_argument_ends_in_an_error_of_python_s_own(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(running._Run, "go", lambda *_: None)
    monkeypatch.setattr(
        importlib.import_module("oxysim.sweeps.cost_estimate"), "_pilot", lambda *_: 1.0
    )
    call, options = CALLS[name]
    for argument in options:
        for value in NONSENSE:
            try:
                call(**{**options, argument: value})
            except OxysimError as error:
                assert len(str(error)) < 2000
            except Exception as error:
                raise AssertionError(
                    f"{name}({argument}={type(value).__name__}): {type(error).__name__}"
                ) from error


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (
            lambda: sweep(STUDY, source=3),
            "source: expected the text of a study file, or None; found 3",
        ),  # type: ignore[arg-type]
        (lambda: sweep(STUDY, force="no"), "force: expected True or False; found 'no'"),  # type: ignore[arg-type]
        (lambda: sweep(STUDY, progress="no"), "progress: expected True or False"),  # type: ignore[arg-type]
        (lambda: sweep(STUDY, workers=10**9), "workers: expected a whole number from 1 to 1024"),
        (
            lambda: sweep(STUDY, block_size=10**9),
            "block_size: expected a whole number from 1 to 1000000",
        ),
        (lambda: sweep(STUDY, retries=10**9), "retries: expected a whole number from 0 to 100"),
        (lambda: estimate(STUDY, pilot="no"), "pilot: expected True or False"),  # type: ignore[arg-type]
        (lambda: estimate("x"), "study: expected a Study"),  # type: ignore[arg-type]
        (lambda: SweepDesign("x", (Axis("a", [1]),)), "unknown kind of design 'x'"),
        (lambda: SweepDesign("grid", "ab"), "design: expected a mapping of axis names"),  # type: ignore[arg-type]
        (lambda: SweepDesign("grid", (Axis("a", [1, 1]),)), "stands twice"),
        (lambda: SweepDesign("zip", (Axis("a", [1, 2]), Axis("b", [1]))), "axes of one length"),
        (lambda: SweepDesign("sobol", (Axis("a", [1.0]),)), "seed"),
        (
            lambda: SweepDesign("grid", (Axis("a", [1]),), 3),
            "seed: expected None, as a grid draws nothing",
        ),
        (
            lambda: latin_hypercube({"dyad": (0, 10)}, 4),
            "axis 'dyad': expected whole numbers of at least 0",
        ),
        (
            lambda: latin_hypercube({"dyad": Range(-3, 10, scale="whole")}, 4),
            "whole numbers of at least 0",
        ),
        (lambda: sobol({"seed": (0, 10)}, 4), "give Range(low, high, scale='whole')"),
        (lambda: latin_hypercube({"dyad": Range(0, 1, scale="whole")}, 4), "are the same (dyad ="),
        (
            lambda: latin_hypercube({"a": (0, 1)}, 10**9),
            "n: expected a whole number from 1 to 10000000",
        ),
        (lambda: grid({"a": range(10**9)}), "expected at most 10000000 values"),
        (lambda: linspace(0, 1, 10**9), "count: expected a whole number from 2 to"),
        (lambda: STUDY.design.indices([0.5]), "positions: expected whole numbers"),
        (lambda: Axis("a", [1], unit=3), "expected the unit as a text"),  # type: ignore[arg-type]
    ],
)
def test_nonsense_is_refused_with_what_was_expected(call: Callable[[], Any], words: str) -> None:
    with pytest.raises(OxysimError) as refused:
        call()
    assert words in str(refused.value)


def test_a_latin_hypercube_has_one_kind_under_both_of_its_names() -> None:
    drawn = latin_hypercube({"a": (0, 1)}, 4)
    assert SweepDesign("latin_hypercube", drawn.axes, 0).kind == drawn.kind == "latin hypercube"


def test_an_error_says_which_argument_it_is_about() -> None:
    with pytest.raises(InputError) as refused:
        sweep(STUDY, force="no")  # type: ignore[arg-type]
    assert (refused.value.what, refused.value.key, refused.value.found) == (
        "force",
        ("force",),
        "'no'",
    )
