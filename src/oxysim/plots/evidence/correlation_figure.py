"""What carries each correlation, as a figure: the association as it is, with edges cut, with traits
unrelated, and with both.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from oxysim.errors import InputError
from oxysim.plots.above import legend_above
from oxysim.plots.frames import column_of_numbers
from oxysim.plots.interval_rows import limit_rows, name_rows, write_beside
from oxysim.plots.picture import own_axes
from oxysim.plots.style import BLUE, GREY, SMALL, VERMILLION, drawing

# column -> name, marker, colour, filled; a shape each, so that a print without colours tells them
_ANSWERS = {
    "as_it_is": ("as it is", "o", GREY, True),
    "edges_cut": ("edges cut", "s", BLUE, False),
    "traits_unrelated": ("traits unrelated", "^", VERMILLION, False),
    "both_taken_away": ("both", "x", GREY, True),
}
APART = 0.16  # of a row, between the four answers of one finding
LINE = 0.34  # inches a finding
WIDTH = 7.2
ERRORS = 1.96  # Monte Carlo standard errors to either side


def correlation_answers(answer: Any, ax: Axes | None = None) -> Axes:
    """The four answers of each correlation with their 95 % Monte Carlo intervals, and the word
    beside them; counts of studies are left out.

    Parameters
    ----------
    answer : what :func:`oxysim.evidence.trait_or_edge` returns, or its table.
    ax : axes to draw into; default those of a new figure, high enough for its rows.

    Raises
    ------
    InputError : no rows, or a column is missing.

    >>> import oxysim as ox
    >>> import pandas as pd
    >>> row = {"finding": "C11", "unit": "r", "side": "EPDS", "other_side": "mind-mindedness"}
    >>> numbers = {"as_it_is": 0.3, "edges_cut": 0.1, "traits_unrelated": 0.2}
    >>> numbers |= {"both_taken_away": 0.0}
    >>> errors = {f"{name}_se": 0.05 for name in numbers}
    >>> table = pd.DataFrame([row | numbers | errors | {"trait_or_edge": "both"}])
    >>> ox.plots.correlation_answers(table).texts[0].get_text()
    'both'
    """
    table = getattr(answer, "table", answer)
    needed = (
        "finding",
        "side",
        "other_side",
        "trait_or_edge",
        *_ANSWERS,
        *(f"{n}_se" for n in _ANSWERS),
    )
    missing = [name for name in needed if name not in getattr(table, "columns", ())]
    if missing:
        raise InputError(
            f"answer: expected what trait_or_edge returns; missing columns: {', '.join(missing)}"
        )
    # a count of studies has another scale than an association
    table = table[table["unit"] != "count"]
    if not len(table):
        raise InputError("answer: expected at least one correlation; found none")
    with drawing():
        ax = own_axes(ax, (WIDTH, 1.0 + LINE * len(table)))
        # the first row stands on top
        places = np.arange(len(table))[::-1]
        for offset, (column, style) in zip((1.5, 0.5, -0.5, -1.5), _ANSWERS.items(), strict=True):
            _draw_answer(
                ax, places + offset * APART, column_of_numbers(table, column),
                column_of_numbers(table, f"{column}_se"), style,
            )  # fmt: skip
        ax.axvline(0.0, color=GREY, linewidth=0.8, zorder=0)
        for y, word in zip(places, table["trait_or_edge"], strict=True):
            write_beside(ax, float(y), str(word), 6, va="center")
        rows = zip(table["finding"], table["side"], table["other_side"], strict=True)
        name_rows(ax, places, [f"{a}  {b} and {c}" for a, b, c in rows], SMALL)
        limit_rows(ax, len(table))
        ax.set_xlabel("association (r; E1, E2, LB1: d; E5: difference of z)")
        legend_above(ax, [_handle(style) for style in _ANSWERS.values()], columns=4)
    return ax


def _draw_answer(
    ax: Axes, places: Any, values: Any, errors: Any, style: tuple[str, str, str, bool]
) -> None:
    _, marker, colour, is_filled = style
    ax.errorbar(
        values, places, xerr=ERRORS * np.nan_to_num(errors), fmt=marker, color=colour,
        markersize=4.5, markerfacecolor=colour if is_filled else "white", linewidth=1.0, zorder=3,
    )  # fmt: skip


def _handle(style: tuple[str, str, str, bool]) -> Line2D:
    name, marker, colour, is_filled = style
    face = colour if is_filled else "white"
    return Line2D(
        [], [], color=colour, marker=marker, markerfacecolor=face, linestyle="none", label=name
    )
