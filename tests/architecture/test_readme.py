"""README.md tells the truth: its Python runs as it stands; the files, verbs and names that it
mentions are there.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import pytest

import oxysim as ox
from oxysim.cli.command import parser

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PROMISED = {"docs/scoreboard.md"}  # written by `oxysim evidence --docs`


@pytest.mark.long
def test_its_python_runs_from_the_first_line_to_the_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, "README.md", "exec"), names)
    plt.close("all")
    said = capsys.readouterr().out
    # the population's block
    assert "screened" in said and "12 dyads drawn from population 'community'" in said
    # the trial's
    assert "participants for 80 % power" in said or "power 0.8 is not reached" in said
    drawn = set(re.findall(r'savefig\("(.*?)"\)', "".join(blocks)))
    assert drawn == {path.name for path in tmp_path.glob("*.png")} and len(drawn) == 4


def test_the_files_that_it_names_are_there() -> None:
    named = (
        set(
            re.findall(r"(?:examples|docs|benchmarks|src)/[\w/.-]+\.(?:py|toml|csv|png|md)", README)
        )
        - PROMISED
    )
    assert len(named) > 15
    assert not [path for path in sorted(named) if not (ROOT / path).exists()]


def test_every_example_stands_in_it() -> None:
    scripts = sorted(path.name for path in (ROOT / "examples").glob("*.py"))
    assert not [name for name in scripts if f"examples/{name}" not in README]


def test_the_commands_that_it_shows_are_those_of_the_command_line() -> None:
    blocks = "".join(re.findall(r"^```\n(oxysim .*?)^```", README, re.DOTALL | re.MULTILINE))
    shown = re.findall(r"^oxysim +(\w+) +(.*?)(?: +#.*)?$", blocks, re.MULTILINE)
    assert {verb for verb, _ in shown} >= {"describe", "sweep", "resume", "trial", "evidence"}
    for verb, rest in shown:
        options = re.findall(r'"[^"]*"|\S+', rest)
        parser().parse_args([verb, *(option.strip('"') for option in options)])


def test_the_names_that_it_uses_are_public() -> None:
    used = set(re.findall(r"\box\.(\w+)", README))
    assert used >= {
        "Population",
        "DailyLife",
        "Trial",
        "Crossover",
        "Endpoint",
        "power",
        "scoreboard",
    }
    assert not used - set(ox.__all__)
