"""The short examples in the library's docstrings run, and print what they say."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

import oxysim

PACKAGE = Path(oxysim.__file__).parent
MARK = ">>> "


def _modules() -> list[str]:
    """Every module that shows an example."""
    files = sorted(
        file for file in PACKAGE.rglob("*.py") if MARK in file.read_text(encoding="utf-8")
    )
    names = [".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts) for file in files]
    return [name.removesuffix(".__init__") for name in names]


def test_examples_are_found() -> None:
    assert len(_modules()) > 30


@pytest.mark.parametrize("name", _modules())
def test_the_examples_of_a_module_run(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)  # an example may write a file
    found = doctest.testmod(
        importlib.import_module(name), optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    )
    assert found.attempted, "the examples stand where nothing collects them"
    assert not found.failed, capsys.readouterr().out
