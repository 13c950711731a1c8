"""A table of effects as a figure: effect sizes with their intervals, one outcome a row."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from oxysim.errors import InputError
from oxysim.plots.above import legend_above
from oxysim.plots.frames import as_frame, column_of_numbers
from oxysim.plots.interval_rows import (
    draw_interval,
    interval_entries,
    is_beyond,
    name_rows,
    write_beside,
)
from oxysim.plots.picture import own_axes
from oxysim.plots.style import BLACK, VERMILLION, drawing, reference_line, size_ticks

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

    >>> import oxysim as ox
    >>> table = {"outcome": ["warmth", "heart rate"], "dz": [0.6, 0.0]}
    >>> table |= {"low": [0.2, -0.3], "high": [1.0, 0.3]}
    >>> ax = ox.plots.effect_table(table)
    >>> [text.get_text() for text in ax.texts]  # beside the rows
    ['+0.60 [+0.20, +1.00]', '+0.00 [-0.30, +0.30]']
    """
    rows = _checked(table)
    # axes count upwards, readers downwards: the first row gets the highest place
    places = np.arange(len(rows))[::-1]
    with drawing():
        # a third of an inch a row, and about one for axis and legend
        ax = own_axes(ax, (6.4, 1.1 + 0.34 * len(rows)))
        reference_line(ax, x=0.0)
        _draw_rows(ax, rows, places)
        ax.set_ylim(-0.7, len(rows) - 0.3)
        ax.set_xlabel("Effect size dz (standard deviations of the paired difference)")
        size_ticks(ax)
        name_rows(ax, places, [str(name) for name in rows["outcome"]])
    return ax


def _draw_rows(ax: Axes, rows: Any, places: Any) -> None:
    is_clear = is_beyond(0.0, rows["low"], rows["high"])
    for y, row, clear in zip(places, rows.itertuples(), is_clear, strict=True):
        draw_interval(ax, y, row.dz, (row.low, row.high), is_clear=bool(clear))
        # signs on both sides of zero, as the direction is what is asked first
        text = f"{row.dz:+.2f} [{row.low:+.2f}, {row.high:+.2f}]"
        write_beside(ax, y, text, 6, va="center", color=BLACK)

    entries: list[Any] = [*interval_entries(0.0, is_clear)]
    if "published" in rows:
        (diamonds,) = ax.plot(
            rows["published"].to_numpy(dtype=float),
            places,
            # open and larger than the estimates, so that one on another is still two
            "D",
            color=VERMILLION,
            markerfacecolor="none",
            markersize=8,
            label="published",
            zorder=4,
        )
        entries.append(diamonds)
    legend_above(ax, entries)


def _checked(table: Any) -> Any:
    rows = as_frame(table)
    missing = [name for name in _COLUMNS if name not in rows]
    # a table without any column has no rows either, which is said below
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
    # written so that a gap among the three counts as wrong
    wrong = rows[~((rows["low"] <= rows["dz"]) & (rows["dz"] <= rows["high"]))]
    if len(wrong):
        raise InputError(
            f"table: an interval must hold its dz; it does not for {wrong['outcome'].tolist()}"
        )
    return rows
