"""The library answers as the golden files beside this test say.

``scripts/update_golden.py`` alone writes them; its docstring says what is compared and how closely.
After a change that a decision names::

    python scripts/update_golden.py --only PART     # names, help, tables, runs, sweep, ...
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("numba")
pytest.importorskip("zarr")
pytest.importorskip("statsmodels")

ROOT = Path(__file__).resolve().parents[2]
SHORT = ("names", "help", "tables", "runs", "sweep", "protocols", "averaged")
LONG = ("slow_runs", "loop", "cohorts", "errors", "scoreboard")


@pytest.fixture(scope="module")
def golden() -> Iterator[Any]:
    """The script as a module."""
    sys.path.insert(0, str(ROOT / "scripts"))
    yield importlib.import_module("update_golden")
    sys.path.remove(str(ROOT / "scripts"))


def test_every_part_is_compared(golden: Any) -> None:
    assert {name: part.long for name, part in golden.PARTS.items()} == {
        **dict.fromkeys(SHORT, False),
        **dict.fromkeys(LONG, True),
    }


@pytest.mark.parametrize("name", SHORT)
def test_nothing_has_changed(golden: Any, name: str) -> None:
    part = golden.PARTS[name]
    assert "\n".join(golden.changes(part, part.collect())) == ""


@pytest.mark.long
@pytest.mark.parametrize("name", LONG)
def test_nothing_has_changed_that_takes_longer(golden: Any, name: str) -> None:
    part = golden.PARTS[name]
    assert "\n".join(golden.changes(part, part.collect())) == ""


@pytest.mark.long
@pytest.mark.parametrize(
    "name", ["tables", "runs", "sweep", "protocols", "averaged", "slow_runs", "loop", "cohorts"]
)
def test_no_bit_has_changed_where_the_bits_were_written(golden: Any, name: str) -> None:
    """With another processor, NumPy, SciPy or Numba, bits differ by right and are passed over."""
    part = golden.PARTS[name]
    fresh = {file: text for file, text in part.collect().items() if file.startswith(golden.BITS)}
    assert fresh
    if any(golden.stored(file).partition("\n")[0] != f"# {golden.machine()}" for file in fresh):
        pytest.skip(f"the bits were not {golden.machine()}")
    assert "\n".join(golden.changes(part, fresh, exact=True)) == ""


# -------------------------------------------------------------- what a comparison sees
@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("a,1.00000000001", "a,1.00000000002", True),
        ("a,1.00000001", "a,1.00000002", False),
        ("a,1e-14", "a,-3e-15", True),
        ("a,nan,-1.5e-05", "a,nan,-1.5e-05", True),
        ("a,nan", "a,1.5", False),
        ("day 5", "day 6", False),
        ("cortisol,1", "oxytocin,1", False),
        ("a,3x4", "a,3x5", False),
        ("spray 24 IU", "spray 24.0 IU", True),
    ],
)
def test_numbers_are_compared_by_size_and_words_by_letter(
    golden: Any, old: str, new: str, same: bool
) -> None:
    part = golden.PARTS["runs"]
    assert (golden.differences(part, "runs.csv", f"head\n{old}\n", f"head\n{new}\n") == []) is same


def test_words_alone_are_compared_letter_by_letter(golden: Any) -> None:
    diff = golden.differences(golden.PARTS["help"], "help.txt", "at most 1.0\n", "at most 1\n")
    assert diff == ["- at most 1.0", "+ at most 1"]


def test_a_line_more_or_less_is_a_difference(golden: Any) -> None:
    part = golden.PARTS["runs"]
    assert golden.differences(part, "runs.csv", "a,1\nb,2\n", "a,1\n") == ["@@ -2 +1,0 @@", "-b,2"]
    assert golden.differences(part, "runs.csv", "a,1\n", "a,1\nb,2\n") != []


def test_an_error_text_may_come_but_none_may_go(golden: Any) -> None:
    part = golden.PARTS["errors"]
    assert golden.differences(part, "error_texts.txt", "a\nb\n", "a\nb\nc\n") == []
    diff = golden.differences(
        part, "error_texts.txt", "InputError: n is 0\nb\n", "InputError: n was 0\nb\n"
    )
    assert diff == ["- InputError: n is 0", "+ InputError: n was 0"]


def test_the_bits_are_another_s_on_another_machine(
    golden: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = golden.PARTS["tables"]
    name = "bits_model.json"
    monkeypatch.setattr(golden, "stored", lambda _: f"# {golden.machine()}\na\n")
    assert golden.changes(part, {name: f"# {golden.machine()}\nb\n"}) == []
    assert golden.changes(part, {name: f"# {golden.machine()}\nb\n"}, exact=True)[1:] == [
        "- a",
        "+ b",
    ]
    monkeypatch.setattr(golden, "stored", lambda _: "# written elsewhere\na\n")
    assert golden.changes(part, {name: f"# {golden.machine()}\nb\n"}, exact=True) == []
