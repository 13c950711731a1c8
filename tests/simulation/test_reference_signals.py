"""Usual signals are believed by digest: shipped ones, kept ones, and what is computed else."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from oxysim.simulation import reference_signals
from oxysim.simulation.reference_signals import UsualSignal, shipped_signals

MOTHER = ("mother",)
COMPUTED = {
    ("mother", "reward -> depression"): UsualSignal(0.123456789123, 0.3),
    ("infant", "warmth -> x"): UsualSignal(2.0, -0.987654321987),
}
ROUNDED = {
    "mother": {"reward -> depression": UsualSignal(0.123456789, 0.3)},
    "infant": {"warmth -> x": UsualSignal(2.0, -0.987654322)},
}


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Any]:
    """The calls of the computation, in a model that is not the shipped one and a cache of its
    own.
    """
    calls: list[Any] = []

    def usual_of(*arguments: Any) -> dict[tuple[str, str], UsualSignal]:
        calls.append(arguments)
        return COMPUTED

    monkeypatch.setitem(sys.modules, "made_up_averaging", SimpleNamespace(usual_of=usual_of))
    monkeypatch.setattr(reference_signals, "AVERAGING", "made_up_averaging")
    monkeypatch.setattr(reference_signals, "folder", lambda: tmp_path)
    monkeypatch.setattr(reference_signals, "reference_digest", lambda *_: "f" * 64)
    return calls


def signals() -> Any:
    """What a process finds that has not asked before."""
    return reference_signals.household_signals.__wrapped__(MOTHER, 1)


def test_the_shipped_signals_are_of_this_model() -> None:
    stale = [
        key
        for key, shipped in shipped_signals().items()
        if shipped.digest != reference_signals.reference_digest(*key)
    ]
    assert not stale, f"run scripts/update_reference_day.py: {stale}"


def test_shipped_signals_are_taken_as_they_are() -> None:
    assert signals() is shipped_signals()[MOTHER, 1].signals


def test_signals_of_a_changed_model_are_computed_once_and_kept(
    counted: list[Any], tmp_path: Path
) -> None:
    assert signals() == ROUNDED
    assert signals() == ROUNDED
    assert counted == [(MOTHER, 1)]
    assert [path.name for path in tmp_path.iterdir()] == [f"usual-signals-{'f' * 32}.csv"]


DAMAGES = {
    "cut short": lambda content: content[:-5],
    "a digit changed": lambda content: content.replace(b"0.1234", b"0.9234"),
    "a line lost": lambda content: content.split(b"\n", 1)[1],
    "without its seal": lambda content: content[: content.rindex(b"sha256")],
    "empty": lambda content: b"",
    "no text": lambda content: bytes(range(256)),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_computed_again(damage: str, counted: list[Any], tmp_path: Path) -> None:
    signals()
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    path.write_bytes(DAMAGES[damage](whole))
    assert signals() == ROUNDED
    assert len(counted) == 2
    assert path.read_bytes() == whole


def test_a_folder_that_takes_no_file_is_no_failure(
    counted: list[Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(reference_signals, "folder", lambda: tmp_path / "missing")
    assert signals() == ROUNDED


def test_another_day_another_household_or_another_age_has_another_digest() -> None:
    keys = [(MOTHER, 0), (MOTHER, 1), (("mother", "father"), 1), (("father",), 1)]
    assert len({reference_signals.reference_digest(*key) for key in keys}) == len(keys)
