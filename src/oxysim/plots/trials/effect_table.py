"""A table of effects as a figure: effect sizes with their intervals, one outcome a row."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from oxysim.errors import InputError
from oxysim.plots.above import legend_above
from oxysim.plots.frames import as_frame, column_of_numbers
from oxysim.plots.picture import own_axes
from oxysim.plots.style import BLACK, BLUE, GREY, VERMILLION, drawing, size_ticks

_COLUMNS = ("outcome", "dz", "low", "high")


def effect_table(table: Any, ax: Axes | None = None) -> Axes:
    """Effect sizes dz (mean paired difference over its standard deviation) with their intervals,
    first row on top.

    Parameters
    ----------
    table : with columns outcome, dz, low, high; a column "published" (dz, may hold gaps) is drawn
        as open diamonds.

    Raises
    ------
    InputError : no rows, a column is missing, or an interval that does not hold its dz.
    """
    rows = _checked(table)
    places = np.arange(len(rows))[::-1]
    with drawing():
        ax = own_axes(ax, (6.4, 1.1 + 0.34 * len(rows)))
        ax.axvline(0.0, color=GREY, linewidth=1.0, linestyle=(0, (4, 2)), zorder=1)
        _draw_rows(ax, rows, places)
        ax.set_yticks(places, [str(name) for name in rows["outcome"]])
        ax.set_ylim(-0.7, len(rows) - 0.3)
        ax.set_xlabel("Effect size dz (standard deviations of the paired difference)")
        size_ticks(ax)
        ax.tick_params(axis="y", length=0, labelsize=9)
        ax.spines["left"].set_visible(False)
    return ax


def _draw_rows(ax: Axes, rows: Any, places: Any) -> None:
    dz, low, high = (rows[name].to_numpy(dtype=float) for name in ("dz", "low", "high"))
    clear = (low > 0) | (high < 0)
    for y, value, a, b, is_clear in zip(places, dz, low, high, clear, strict=True):
        ax.errorbar(
            value,
            y,
            xerr=[[value - a], [b - value]],
            fmt="o",
            color=BLUE,
            markersize=6,
            capsize=3,
            linewidth=1.6,
            markerfacecolor=BLUE if is_clear else "white",
            zorder=3,
        )
        ax.annotate(
            f"{value:+.2f} [{a:+.2f}, {b:+.2f}]",
            (1.0, y),
            (6, 0),
            xycoords=ax.get_yaxis_transform(),
            textcoords="offset points",
            va="center",
            fontsize=8,
            color=BLACK,
            annotation_clip=False,
        )
    ax.plot([], [], "o", color=BLUE, markersize=6, label="interval excludes 0")
    ax.plot(
        [], [], "o", color=BLUE, markersize=6, markerfacecolor="white", label="interval includes 0"
    )
    if "published" in rows:
        published = rows["published"].to_numpy(dtype=float)
        ax.plot(
            published,
            places,
            "D",
            color=VERMILLION,
            markerfacecolor="none",
            markersize=8,
            label="published",
            zorder=4,
        )
    legend_above(ax, ax.get_legend_handles_labels()[0])


def _checked(table: Any) -> Any:
    rows = as_frame(table)
    missing = [name for name in _COLUMNS if name not in rows]
    if missing and len(rows.columns):
        raise InputError(
            f"table: expected columns {', '.join(_COLUMNS)}; missing: {', '.join(missing)}"
        )
    if not len(rows):
        raise InputError("table: expected at least one outcome; found none")
    rows = rows.assign(
        **{
            name: column_of_numbers(rows, name)
            for name in ("dz", "low", "high", "published")
            if name in rows
        }
    )
    wrong = rows[~((rows["low"] <= rows["dz"]) & (rows["dz"] <= rows["high"]))]
    if len(wrong):
        raise InputError(
            f"table: an interval must hold its dz; it does not for {wrong['outcome'].tolist()}"
        )
    return rows
