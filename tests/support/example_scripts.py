"""Running a script of examples/ as a user does, in a folder of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples"


def run(name: str, folder: Path, *options: str) -> str:
    """What an example prints when it is run in a folder of its own."""
    command = [sys.executable, str(EXAMPLES / f"{name}.py"), *options]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=540, check=False
    )
    assert done.returncode == 0, done.stderr
    assert list((folder / "figures").glob("*.png"))
    return done.stdout
