"""Figures with a row for each thing: an estimate with its interval, a bar, or both, first row on top
or the largest.

What a forest, a table of effects, a tornado, Sobol' bars and the scoreboard have in common stands
here, so that one interval looks the same in all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from oxysim.plots.style import BLUE, NORMAL, SMALL

MARK = 6.0  # points across: a hollow mark is still told from a filled one in print
CAP = 3.0  # points that an interval's end strokes reach beyond it on either side


def draw_interval(
    ax: Axes, y: float, value: float, ends: tuple[float, float], *, is_clear: bool
) -> None:
    """An estimate in row `y` with the (low, high) `ends` of its interval; filled where the interval
    is clear of no effect, so that colour is not needed to see it.
    """
    low, high = ends
    ax.errorbar(
        value,
        y,
        xerr=[[value - low], [high - value]],
        fmt="o",
        color=BLUE,
        markersize=MARK,
        capsize=CAP,
        linewidth=1.6,
        markerfacecolor=BLUE if is_clear else "white",
        zorder=3,
    )


def interval_in_legend(label: str, *, is_clear: bool) -> Line2D:
    """The entry of a legend for the intervals of one kind."""
    face = BLUE if is_clear else "white"
    return Line2D(
        [], [], color=BLUE, marker="o", markersize=MARK, markerfacecolor=face, label=label
    )


def is_beyond(null: float, low: Any, high: Any) -> npt.NDArray[np.bool_]:
    """Which intervals lie on one side of `null`, the value of no effect."""
    return np.asarray((np.asarray(low) > null) | (np.asarray(high) < null))


def interval_entries(null: float, is_clear: Sequence[bool] | npt.NDArray[np.bool_]) -> list[Line2D]:
    """Entries of a legend for intervals that exclude `null` and that include it; none for what is
    not in the figure.
    """
    entries = []
    if np.any(is_clear):
        entries.append(interval_in_legend(f"interval excludes {null:g}", is_clear=True))
    if not np.all(is_clear):
        entries.append(interval_in_legend(f"interval includes {null:g}", is_clear=False))
    return entries


def name_rows(ax: Axes, places: Any, names: Sequence[str], size: float = NORMAL) -> None:
    """The rows' names beside them, without ticks or an axis: rows are no scale."""
    ax.set_yticks(places, list(names))
    ax.tick_params(axis="y", length=0, labelsize=size)
    ax.spines["left"].set_visible(False)


def limit_rows(ax: Axes, n_rows: int) -> None:
    """The vertical limits of rows at 0, 1, ..., as far beyond the outer ones as a bar is high."""
    ax.set_ylim(-0.6, n_rows - 0.4)


def write_beside(ax: Axes, y: float, text: str, right: float, **options: Any) -> None:
    """A text in row `y`, `right` points beyond the right end of the axes."""
    ax.annotate(
        text,
        (1.0, y),
        (right, 0),
        xycoords=ax.get_yaxis_transform(),
        textcoords="offset points",
        annotation_clip=False,
        **{"fontsize": SMALL, **options},
    )
