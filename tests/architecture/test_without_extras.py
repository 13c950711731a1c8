"""Without any extra the library is imported, simulates through SciPy, and shows its help.

What an extra brings is on the machine of whoever develops, so that a new import of it at the wrong
place is seen by the first user and nobody before.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = next(p for p in Path(__file__).resolve().parents if (p / "pyproject.toml").exists())
IMPORTED_AS = {"salib": "SALib", "tomli-w": "tomli_w"}
PROGRAM = """
import sys
for name in {extras}:
    sys.modules[name] = None  # an import of it fails
import oxysim as ox
result = ox.simulate(ox.Dyad.symptomatic(), ox.Routine.typical(), "10 min", save="10 min")
assert result["caregiver.epds"].size
from oxysim.cli.main import main
main(["--help"])
"""


def _names(rows: list[str]) -> set[str]:
    names = {re.split(r"[<>=;\\[ ]", row)[0] for row in rows}
    return {IMPORTED_AS.get(name.lower(), name) for name in names}


def test_the_library_works_without_its_extras() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    optional = set().union(
        *(_names(extras[name]) for name in extras if name not in {"test", "dev"})
    )
    optional -= _names(project["dependencies"]) | {"oxysim"}
    assert {"numba", "zarr", "pint", "statsmodels", "SALib"} <= optional
    path = os.pathsep.join(filter(None, [str(ROOT / "src"), os.environ.get("PYTHONPATH")]))
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(extras=sorted(optional))],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stderr
    assert "usage: oxysim" in run.stdout
