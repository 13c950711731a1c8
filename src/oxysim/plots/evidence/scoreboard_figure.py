"""The scoreboard as a figure: one panel a block, one line a finding, the published interval as a
bar.
"""

from __future__ import annotations

import textwrap
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from oxysim import checks
from oxysim.errors import InputError
from oxysim.evidence.board.report import short
from oxysim.plots.frames import column_of_numbers
from oxysim.plots.interval_rows import name_rows, write_beside
from oxysim.plots.picture import own_panels
from oxysim.plots.style import BLUE, GREY, LIGHT, NORMAL, SMALL, VERMILLION, drawing, size_ticks

# In the order of a page of the scoreboard: what went into the model before what did not.
BLOCKS = {
    "input": "Set a parameter",
    "fit": "Read by calibration",
    "built_in": "Written into a mechanism",
    "survey": "Real survey, held half",
    "check": "Neither written in nor fitted",
    "own": "Own findings",
}
# half the width of an axis, in half-widths of the published interval; what lies beyond is an arrow
# there
EDGE = 1.8
LINE = 0.24  # inches a finding
WIDTH = 7.8
LABEL = 54  # characters of a line of a quantity
SIGN_BAND = 0.25  # dz: a finding without an interval of its own is drawn against the band of a null


_NUMBERS = ("low", "high", "simulated", "simulated_low", "simulated_high")


class _Mark(NamedTuple):
    label: str
    marker: str
    colour: str
    filled: bool


# A shape each, so that a print without colours tells what holds.
_MARKS = {
    "yes": _Mark("holds", "o", BLUE, True),
    "no": _Mark("does not hold", "X", VERMILLION, True),
    "not run": _Mark("not run", "_", GREY, False),
}


def scoreboard(board: Any, fig: Figure | None = None) -> Figure:
    """A scoreboard, one panel a block.

    Every line is scaled to its own finding: the bar runs from -1 (the lower end of the published
    interval) to 1 (the upper end). A sign has no interval: there the bar is the band of a null, a
    mean dz from -0.25 to 0.25, and the answer has to lie beyond it on the published side.

    Parameters
    ----------
    board : a :class:`oxysim.evidence.Scoreboard`, or a table with its columns.
    fig : an empty figure to draw into; default a new one, high enough for its labels.

    Raises
    ------
    InputError : no findings, or a column is missing.

    >>> import oxysim as ox
    >>> import pandas as pd
    >>> finding = {"id": "A1", "use": "fit", "quantity": "EPDS at 6 weeks", "holds": "yes"}
    >>> interval = {"low": 6.0, "high": 8.0}
    >>> simulated = {"simulated": 7.2, "simulated_low": 6.4, "simulated_high": 7.9}
    >>> figure = ox.plots.scoreboard(pd.DataFrame([finding | interval | simulated]))
    >>> figure.axes[0].get_title(loc="left")
    'Read by calibration: 1 of 1 hold'
    """
    table = _checked(getattr(board, "table", board))
    table = table.assign(beside=[short(value) for value in table["simulated"]])
    return finding_panels(
        table,
        fig,
        "Simulated mean and central 95 % of studies, each line on its finding's own scale",
    )


def finding_panels(
    table: pd.DataFrame, fig: Figure | None, axis_label: str, subject: str = ""
) -> Figure:
    """Findings in panels, one a block, each line on its finding's own scale.

    Parameters
    ----------
    table : the columns of a scoreboard, and ``beside``: what stands right of a line.
    fig : an empty figure; None for a new one.
    axis_label : what lines and marks are.
    subject : what holds, where the titles count it ("median").

    >>> finding = {"id": "A1", "use": "fit", "quantity": "EPDS", "holds": "yes", "beside": "7.2"}
    >>> interval = {"low": 6.0, "high": 8.0}
    >>> simulated = {"simulated": 7.2, "simulated_low": 6.4, "simulated_high": 7.9}
    >>> figure = finding_panels(pd.DataFrame([finding | interval | simulated]), None, "median")
    >>> figure.get_supxlabel()
    'median'
    """
    blocks = [(use, table[table["use"] == use].to_dict("records")) for use in BLOCKS]
    blocks = [(use, rows) for use, rows in blocks if rows]
    # a panel is as high as its lines, and 1.6 lines for its title and axis
    heights = [sum(_lines(row) for row in rows) + 1.6 for _, rows in blocks]
    with drawing():
        size = (WIDTH, 0.7 + LINE * sum(heights))
        fig, panels = own_panels(fig, (len(blocks), 1), size, letters=False, height_ratios=heights)
        for (use, rows), ax in zip(blocks, panels[:, 0], strict=True):
            _draw_block(ax, use, rows, subject)
        fig.supxlabel(axis_label, fontsize=NORMAL)
        _legend(fig)
    return fig


def _draw_block(ax: Axes, use: str, rows: list[dict[Any, Any]], subject: str) -> None:
    # the end of each finding's lines, counted from the top; its place is their middle
    below = np.cumsum([_lines(row) for row in rows])
    places = below[-1] - below + np.array([(_lines(row) - 1) / 2 for row in rows])
    n_holding = sum(row["holds"] == "yes" for row in rows)
    count = f"{n_holding} of {len(rows)}"
    counted = f"the {subject} holds in {count}" if subject else f"{count} hold"
    ax.set_title(
        f"{BLOCKS[use]}: {counted}",
        loc="left",
        fontsize=NORMAL,
        fontweight="bold",
    )
    for y, row in zip(places, rows, strict=True):
        _draw_row(ax, float(y), row)
    ax.set_ylim(-0.7, float(below[-1]) - 0.3)
    ax.set_xlim(-EDGE, EDGE)
    ax.set_xticks([-1, 0, 1], ["lower end", "", "upper end"])
    size_ticks(ax)
    name_rows(ax, places, [_label(row) for row in rows], SMALL)


def _draw_row(ax: Axes, y: float, row: dict[Any, Any]) -> None:
    has_interval = _known(row["low"], row["high"])
    # a sign has no interval: what it has to leave is the band of a null
    low, high = (row["low"], row["high"]) if has_interval else (-SIGN_BAND, SIGN_BAND)
    mark = _MARKS[str(row["holds"])]
    ax.barh(
        y,
        2.0,
        left=-1.0,
        height=0.62,
        color=LIGHT if has_interval else "none",
        edgecolor=LIGHT,
        zorder=1,
    )
    if not _known(row["simulated"]):
        ax.annotate("not run", (0.0, y), ha="center", va="center", fontsize=SMALL, color=GREY)
        return
    # a published number alone has no width: its line is in its own unit
    half = (high - low) / 2 or 1.0
    middle = (high + low) / 2
    answers, least, most = (
        (row[key] - middle) / half for key in ("simulated", "simulated_low", "simulated_high")
    )
    if np.isfinite(least) and np.isfinite(most):
        # what lies beyond the axis ends at its edge, and the mark there is an arrow
        ends = np.clip([least, most], -EDGE, EDGE)
        ax.plot(ends, [y, y], color=mark.colour, linewidth=1.4, zorder=2, solid_capstyle="butt")
    # an arrow stands 3 % of the axis inside its edge, so that it is seen whole
    outside = abs(answers) > EDGE * 0.97
    at = float(np.clip(answers, -EDGE * 0.97, EDGE * 0.97))
    arrow = "<" if answers < 0 else ">"
    shape = arrow if outside else mark.marker
    ax.plot(
        at, y, shape, color=mark.colour, markersize=6.5, zorder=3, clip_on=False,
        markerfacecolor=mark.colour if not outside or row["holds"] != "yes" else "white",
    )  # fmt: skip
    write_beside(ax, y, str(row["beside"]), 6, va="center", color=mark.colour)


def _legend(fig: Figure) -> None:
    handles: list[Any] = [
        Line2D(
            [],
            [],
            marker=mark.marker,
            color=mark.colour,
            linestyle="none",
            markersize=6.5,
            label=mark.label,
        )
        for name, mark in _MARKS.items()
        if name != "not run"
    ]
    handles.append(Patch(facecolor=LIGHT, edgecolor=LIGHT, label="published interval"))
    handles.append(
        Patch(facecolor="none", edgecolor=LIGHT, label="band of a null (the finding is a sign)")
    )
    handles.append(
        Line2D(
            [],
            [],
            marker=">",
            color=GREY,
            linestyle="none",
            markersize=6.5,
            label="beyond the axis",
        )
    )
    fig.legend(handles=handles, loc="outside upper center", ncols=3, fontsize=SMALL)


def _label(row: dict[Any, Any]) -> str:
    return "\n".join(textwrap.wrap(f"{row['id']}  {row['quantity']}", LABEL))


def _lines(row: dict[Any, Any]) -> float:
    """How many lines of the block a finding takes: long quantities go on in a second line, closer
    than two rows.
    """
    return 1.0 + 0.55 * _label(row).count("\n")


def _known(*values: Any) -> bool:
    return all(value is not None and np.isfinite(float(value)) for value in values)


def _checked(table: Any) -> pd.DataFrame:
    needed = ("id", "use", "quantity", *_NUMBERS, "holds")
    missing = [name for name in needed if name not in getattr(table, "columns", ())]
    if missing:
        raise InputError(
            f"board: expected a Scoreboard or its table; missing columns: {', '.join(missing)}"
        )
    if not len(table):
        raise InputError("board: expected at least one finding; found none")
    for name, allowed in (("use", BLOCKS), ("holds", _MARKS)):
        for position, value in enumerate(table[name].tolist(), start=1):
            checks.choice(value, f"board, {name} of row {position}", allowed)
    return table.assign(**{name: column_of_numbers(table, name) for name in _NUMBERS})
