"""A copy of the package into which a test writes what a developer would write."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import oxysim

PACKAGE = Path(oxysim.__file__).parent


class ChangedModel:
    """The package in a folder of its own, with changes, run by a process of its own.

    ``touched`` maps each file that was changed to the number of lines written there, so that a test
    can hold a promise of CONTRIBUTING.md against it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.touched: dict[str, int] = {}
        unneeded = shutil.ignore_patterns("__pycache__")
        shutil.copytree(PACKAGE, folder / "oxysim", ignore=unneeded)

    def new_file(self, path: str, text: str) -> None:
        """Write a file that was not there."""
        target = self.folder / "oxysim" / path
        assert not target.exists()
        target.write_text(text, encoding="utf-8")
        self.touched[path] = len(text.splitlines())

    def add(self, path: str, after: str, lines: str) -> None:
        """Write `lines` after the one place where `after` stands in a file."""
        target = self.folder / "oxysim" / path
        text = target.read_text(encoding="utf-8")
        assert text.count(after) == 1, f"{path}: {after!r} stands {text.count(after)} times"
        target.write_text(text.replace(after, after + lines), encoding="utf-8")
        self.touched[path] = self.touched.get(path, 0) + len(lines.strip("\n").splitlines())

    def run(self, code: str) -> Any:
        """What the last line that `code` prints holds, as JSON; it runs on the changed package."""
        environment = os.environ | {
            "PYTHONPATH": str(self.folder),
            "OXYSIM_CACHE_DIR": str(self.folder / "cache"),
        }
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])
