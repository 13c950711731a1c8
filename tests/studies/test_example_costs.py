"""``describe`` of every example study says what it costs; run at once, it takes that, within a
factor of two.
"""

from __future__ import annotations

import re
import shutil
import sys
import time
from pathlib import Path

import pytest

from oxysim.cli.main import main

STUDIES = Path(__file__).resolve().parents[2] / "examples" / "studies"
NAMES = sorted(path.stem for path in STUDIES.glob("*.toml"))
SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
TOO_SHORT = 5.0  # seconds: to read a file and load what is needed takes one to three

CHANGED = {
    # what takes less than a second says nothing of a rate, and what takes ten minutes is too long
    # for a test
    "a_million_sessions": [
        ("from = 1, to = 20000, count = 20000", "from = 1, to = 300, count = 300")
    ],
    "sensitivity_of_a_session": [("n = 64", "n = 256")],
    "spray_dose_and_frequency": [("count = 6", "count = 60")],
}
"""What is changed in a study before it is run."""


def _written(name: str, folder: Path) -> Path:
    text = (STUDIES / f"{name}.toml").read_text(encoding="utf-8")
    for before, after in CHANGED.get(name, []):
        assert before in text
        text = text.replace(before, after)
    for table in STUDIES.glob("*.csv"):
        shutil.copy(table, folder)
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def _seconds(sentence: str) -> float:
    """The first time in what ``describe`` says of the cost."""
    match = re.search(r"about ([\d.]+) (s|min|h|d)\b", sentence.partition("\nCost\n")[2])
    assert match is not None, sentence
    return float(match[1]) * SECONDS[match[2]]


@pytest.mark.parametrize("name", NAMES)
def test_every_example_says_what_it_costs(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", str(STUDIES / f"{name}.toml"), "--no-pilot"]) == 0
    cost = capsys.readouterr().out.partition("\nCost\n")[2]
    assert ("not estimated (--no-pilot)" if name.startswith("trial") else "of memory") in cost


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_the_time_is_right_within_a_factor_of_two(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With one worker, so that both clocks are those of the wall: others on the machine then slow
    both alike.
    """
    path = _written(name, tmp_path)
    workers = [] if name.startswith("trial") else ["--workers", "1"]
    assert main(["describe", str(path), *workers]) == 0
    printed = _seconds(capsys.readouterr().out)
    began = time.perf_counter()
    assert main(["sweep" if workers else "trial", str(path), "--quiet", *workers]) == 0
    took = time.perf_counter() - began
    shutil.rmtree(tmp_path)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{name:32} said {printed:7.1f} s, took {took:7.1f} s, ratio {printed / took:.2f}\n"
        )
    assert 0.5 <= printed / took <= 2.0 or max(printed, took) < TOO_SHORT
