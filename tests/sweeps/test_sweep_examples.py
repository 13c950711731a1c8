"""The examples of sweeps run from end to end, print what they found and draw it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.example_scripts import run


@pytest.mark.long
def test_more_spray_is_not_better(tmp_path: Path) -> None:
    printed = run("spray_dose_by_frequency", tmp_path)
    best, worst = (
        float(re.search(rf"{word}: ([\d.]+) IU", printed)[1]) for word in ("best", "worst")
    )  # type: ignore[index]
    assert best < worst == 48


@pytest.mark.long
def test_a_batch_is_resumed_and_only_drawn_again(tmp_path: Path) -> None:
    first = run("skin_to_skin_batch", tmp_path)
    assert "255 of 255 runs" in first and "after 0 weeks: 0 of 255" in first
    chunks = {
        path: path.stat().st_mtime_ns
        for path in (tmp_path / "stores").rglob("c/*")
        if path.is_file()
    }
    assert chunks
    assert run("skin_to_skin_batch", tmp_path) == first
    assert all(path.stat().st_mtime_ns == time for path, time in chunks.items())


@pytest.mark.long
def test_a_cluster_gives_the_same_bits(tmp_path: Path) -> None:
    printed = run("sweep_on_a_cluster", tmp_path)
    assert "2 workers" in printed and "the same to the last bit: True" in printed


@pytest.mark.long
def test_sessions_go_to_a_store(tmp_path: Path) -> None:
    printed = run("million_sessions", tmp_path, "--sessions", "480", "--workers", "1")
    assert "480 sessions in" in printed and "peak resident memory" in printed
