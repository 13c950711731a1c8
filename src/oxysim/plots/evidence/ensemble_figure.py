"""The scoreboard over an ensemble as a figure: the members' median and 90 % interval on the
published one.
"""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from oxysim.errors import InputError
from oxysim.evidence.board.report import short
from oxysim.plots.evidence.scoreboard_figure import finding_panels
from oxysim.plots.frames import column_of_numbers

_NUMBERS = ("low", "high", "median", "interval_low", "interval_high", "share_holding")


def scoreboard_over_members(board: Any, fig: Figure | None = None) -> Figure:
    """A scoreboard over an ensemble, one panel a block, as :func:`oxysim.plots.scoreboard` draws
    that of one population.

    Marks are medians, lines 90 % intervals between populations; beside a line stand the median and
    the share of members that hold.

    Parameters
    ----------
    board : a :class:`oxysim.evidence.EnsembleScoreboard`, or a table with its columns.
    fig : an empty figure to draw into; default a new one, high enough for its labels.

    Raises
    ------
    InputError : no findings, or a column is missing.

    >>> import oxysim as ox
    >>> import pandas as pd
    >>> finding = {"id": "A1", "use": "fit", "quantity": "EPDS at 6 weeks", "holds": "yes"}
    >>> interval = {"low": 6.0, "high": 8.0, "share_holding": 0.9}
    >>> members = {"median": 7.2, "interval_low": 6.4, "interval_high": 7.9}
    >>> figure = ox.plots.scoreboard_over_members(pd.DataFrame([finding | interval | members]))
    >>> figure.axes[0].get_title(loc="left")
    'Read by calibration: the median holds in 1 of 1'
    """
    table = getattr(board, "table", board)
    needed = ("id", "use", "quantity", "holds", *_NUMBERS)
    missing = [name for name in needed if name not in getattr(table, "columns", ())]
    if missing:
        raise InputError(
            "board: expected an EnsembleScoreboard or its table; missing columns:"
            f" {', '.join(missing)}"
        )
    if not len(table):
        raise InputError("board: expected at least one finding; found none")
    numbers = {name: column_of_numbers(table, name) for name in _NUMBERS}
    beside = [
        f"{short(median)}, {share:.0%}" if short(median) else ""
        for median, share in zip(numbers["median"], numbers["share_holding"], strict=True)
    ]
    drawn = table.assign(
        low=numbers["low"],
        high=numbers["high"],
        simulated=numbers["median"],
        simulated_low=numbers["interval_low"],
        simulated_high=numbers["interval_high"],
        beside=beside,
    )
    return finding_panels(
        drawn,
        fig,
        "Median of members and 90 % interval, each line on its finding's own scale; beside it the"
        " median\nand the share of members that hold",
        "median",
    )
