"""Figures with a row for each outcome, input or finding: an estimate with its interval, or a bar.

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

MOST_ROWS = 12  # with more, labels of two lines would make a figure longer than a page
MARK = 6.0  # points across: a hollow mark is still told from a filled one in print
CAP = 3.0  # points that an interval's end strokes reach beyond it on either side


def draw_interval(
    ax: Axes, y: float, value: float, ends: tuple[float, float], *, is_clear: bool
) -> None:
    """An estimate in row `y` with the (low, high) `ends` of its interval; filled where the interval
    is clear of no effect, so that colour is not needed to see it.

    >>> import oxysim as ox
    >>> figure, axes = ox.plots.panels(1)
    >>> draw_interval(axes[0, 0], 0.0, 0.5, (0.2, 0.8), is_clear=True)
    >>> axes[0, 0].collections[0].get_segments()[0].tolist()  # from (0.2, row 0) to (0.8, row 0)
    [[0.2, 0.0], [0.8, 0.0]]
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
    """The entry of a legend for the intervals of one kind.

    >>> interval_in_legend("interval includes 0", is_clear=False).get_markerfacecolor()
    'white'
    """
    face = BLUE if is_clear else "white"
    return Line2D(
        [], [], color=BLUE, marker="o", markersize=MARK, markerfacecolor=face, label=label
    )


def is_beyond(null: float, low: Any, high: Any) -> npt.NDArray[np.bool_]:
    """Which intervals lie on one side of `null`, the value of no effect.

    >>> is_beyond(0.0, [0.1, -0.2], [0.5, 0.3]).tolist()
    [True, False]
    """
    return np.asarray((np.asarray(low) > null) | (np.asarray(high) < null))


def interval_entries(null: float, is_clear: Sequence[bool] | npt.NDArray[np.bool_]) -> list[Line2D]:
    """Entries of a legend for intervals that exclude `null` and that include it; none for what is
    not in the figure.

    >>> [entry.get_label() for entry in interval_entries(0.0, [True, True])]
    ['interval excludes 0']
    """
    entries = []
    if np.any(is_clear):
        entries.append(interval_in_legend(f"interval excludes {null:g}", is_clear=True))
    if not np.all(is_clear):
        entries.append(interval_in_legend(f"interval includes {null:g}", is_clear=False))
    return entries


def name_rows(ax: Axes, places: Any, names: Sequence[str], size: float = NORMAL) -> None:
    """The rows' names beside them, without ticks or an axis: rows are no scale.

    >>> import oxysim as ox
    >>> figure, axes = ox.plots.panels(1)
    >>> name_rows(axes[0, 0], [1, 0], ["warmth", "heart rate"])
    >>> [text.get_text() for text in axes[0, 0].get_yticklabels()]
    ['warmth', 'heart rate']
    """
    ax.set_yticks(places, list(names))
    # without a tick a name reads as a row's; without the spine the rows are no axis with a zero
    ax.tick_params(axis="y", length=0, labelsize=size)
    ax.spines["left"].set_visible(False)


def limit_rows(ax: Axes, n_rows: int) -> None:
    """The vertical limits of rows at 0, 1, ..., as far beyond the outer ones as a bar is high.

    >>> import oxysim as ox
    >>> figure, axes = ox.plots.panels(1)
    >>> limit_rows(axes[0, 0], 3)
    >>> [round(float(end), 1) for end in axes[0, 0].get_ylim()]
    [-0.6, 2.6]
    """
    # bars are 0.6 high and centred on their row: half of that and as much air again
    ax.set_ylim(-0.6, n_rows - 0.4)


def write_beside(ax: Axes, y: float, text: str, right: float, **options: Any) -> None:
    """A text in row `y`, `right` points beyond the right end of the axes.

    >>> import oxysim as ox
    >>> figure, axes = ox.plots.panels(1)
    >>> write_beside(axes[0, 0], 0.0, "n = 40", 8)
    >>> axes[0, 0].texts[0].get_text()
    'n = 40'
    """
    ax.annotate(
        text,
        (1.0, y),
        (right, 0),
        xycoords=ax.get_yaxis_transform(),
        textcoords="offset points",
        annotation_clip=False,
        **{"fontsize": SMALL, **options},
    )
