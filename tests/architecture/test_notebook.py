"""In a notebook every figure is shown once: the package's own, the user's, and those of many kinds
of last line.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
START = "import oxysim as ox\nrows = [3.0, -1.0, 2.0, 0.5]\nlabel = 'Effect (points)'"
OWN = "ox.plots.waterfall(rows, ylabel=label)"
PYPLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3])"


def pictures(cells: Sequence[str], folder: Path) -> list[int]:
    """How many pictures stand below each cell of a notebook when it is run from top to bottom."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    path = os.pathsep.join(filter(None, [str(ROOT / "src"), os.environ.get("PYTHONPATH")]))
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    client = NotebookClient(book, timeout=300, resources={"metadata": {"path": str(folder)}})
    client.execute(env={**environment, "PYTHONPATH": path})
    return [
        sum("image/png" in output.get("data", {}) for output in _outputs(cell))
        for cell in book.cells
    ]


def _outputs(cell: Any) -> list[Any]:
    assert not [output for output in cell.outputs if output.output_type == "error"]
    return [
        output
        for output in cell.outputs
        if output.output_type in ("display_data", "execute_result")
    ]


def test_every_figure_is_shown_once_the_users_own_too(tmp_path: Path) -> None:
    cells = [
        START,
        OWN,
        PYPLOT,
        OWN + ".figure",
        "plt.subplots()[1].plot([3, 2, 1]);",
        f"ax = {OWN}\nax.set_title('A title')",  # the last line is no figure
        f"{OWN};",
        f"{OWN}\n{OWN}",
        (
            "figure, axes = ox.plots.panels(2)\nfor ax in axes[:, 0]:\n    ox.plots.waterfall(rows,"
            " ax, ylabel=label)"
        ),
        "ox.plots.waterfall(rows, plt.subplots()[1], ylabel=label)",
        "figure",  # asked for once more
        "rows",
    ]
    assert pictures(cells, tmp_path) == [0, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 0]


def test_it_does_not_matter_that_pyplot_draws_first(tmp_path: Path) -> None:
    assert pictures([START, PYPLOT, OWN, "plt.plot([3, 2, 1])"], tmp_path) == [0, 1, 1, 1]
