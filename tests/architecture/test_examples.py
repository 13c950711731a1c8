"""Every example runs with --quick, and says in one line which extra it lacks."""

from __future__ import annotations

import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import matplotlib
import pytest

matplotlib.use("Agg")

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.py"))
SHORT = {"first_dyad", "receptor_knockout", "spray_dose_by_frequency"}  # a few seconds each
# that one needs a file
LONG = [name for name in NAMES if name not in SHORT | {"survey_against_simulation"}]
EXTRAS = {  # example -> (a module that it cannot do without, the extra that brings it)
    "million_sessions": ("zarr", "store"),
    "skin_to_skin_batch": ("zarr", "store"),
    "sweep_on_a_cluster": ("distributed", "dask"),
    "what_does_the_answer_rest_on": ("SALib", "sensitivity"),
}


def quick(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run an example in a folder of its own."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", [f"{name}.py", "--quick"])
    runpy.run_path(str(EXAMPLES / f"{name}.py"), run_name="__main__")


@pytest.mark.parametrize("name", sorted(SHORT))
def test_a_short_example_runs_with_quick(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    quick(name, tmp_path, monkeypatch)
    assert "figure" in capsys.readouterr().out
    assert list(tmp_path.rglob("*.png"))


@pytest.mark.long
@pytest.mark.parametrize("name", LONG)
def test_every_other_example_runs_with_quick(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    quick(name, tmp_path, monkeypatch)
    assert "figure" in capsys.readouterr().out
    assert list(tmp_path.rglob("*.png"))


def test_every_example_knows_quick_and_says_so() -> None:
    for name in NAMES:
        text = (EXAMPLES / f"{name}.py").read_text(encoding="utf-8")
        assert re.search(
            r"""add_argument\(\s*["']--quick["']|["']--quick["'] in sys.argv""", text
        ), name


@pytest.mark.parametrize("name", EXTRAS)
def test_an_example_without_its_extra_ends_in_one_line(name: str, tmp_path: Path) -> None:
    module, extra = EXTRAS[name]
    code = (
        f"import sys, runpy; sys.modules[{module!r}] = None; sys.argv = ['{name}.py', '--quick']; "
        f"runpy.run_path({str(EXAMPLES / name)!r} + '.py', run_name='__main__')"
    )
    env = {**os.environ, "MPLBACKEND": "Agg"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=env, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and f"pip install 'oxysim[{extra}]'" in done.stderr
