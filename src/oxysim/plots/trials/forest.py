"""Effects as a forest: one row an outcome, its interval, the published interval behind it, the
sample size at the right.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from oxysim.errors import InputError
from oxysim.plots.above import legend_above
from oxysim.plots.frames import as_frame, column_of_numbers
from oxysim.plots.interval_rows import (
    draw_interval,
    interval_entries,
    interval_in_legend,
    is_beyond,
    name_rows,
    write_beside,
)
from oxysim.plots.picture import own_axes
from oxysim.plots.style import (
    BLACK,
    GREY,
    LIGHT,
    drawing,
    label_text,
    reference_line,
    sentence,
    size_ticks,
    unit_text,
)

# Columns of estimate and interval, in the order in which they are looked for: a table that has dz
# is read by it, and one trial's interval goes before that over replications.
_KINDS = (
    ("dz", "low", "high"), ("estimate", "ci_low", "ci_high"), ("estimate", "low", "high"),
    ("simulated", "simulated_low", "simulated_high"),
)  # fmt: skip
# The column that names the rows; the first that a table has.
_LABELS = ("outcome", "endpoint", "quantity", "label")
_DZ = "Standardised effect (dz; d between groups; r of a correlation)"


def forest(table: Any, ax: Axes | None = None, *, xlabel: str | None = None) -> Axes:
    """Effects with their intervals, first row on top; what was published stands behind as a bar.

    Parameters
    ----------
    table : rows of effects, such as ``ProtocolReport.effects`` or ``TrialResult.effects()``.
        Columns: a name (outcome, endpoint, quantity or label, and "contrast" if there are several);
        "dz", "low" and "high", or "estimate" with "ci_low" and "ci_high" (the interval of one
        trial) or "low" and "high" (that over replications), all of one "unit"; "n". Optional, and
        may hold gaps: "published_low" and "published_high", the published interval. Or
        ``ProtocolReport.figures``, rows of one unit: single numbers, which have no line of no
        effect.
    xlabel : what the effects are, with the unit; by default from the columns.

    Raises
    ------
    InputError : no row, a column that is missing, rows of different units, a row that is not a
        number, an interval that does not hold its estimate.

    >>> import oxysim as ox
    >>> table = {"outcome": ["warmth", "heart rate"], "dz": [0.6, 0.0], "n": [40, 38]}
    >>> table |= {"low": [0.2, -0.3], "high": [1.0, 0.3]}
    >>> ax = ox.plots.forest(table)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['interval excludes 0', 'interval includes 0']
    """
    rows = _rows(table)
    text = _label(rows) if xlabel is None else label_text(xlabel, "xlabel")
    single = rows.attrs["column"] == "simulated"
    # a ratio of 1 is no effect; NaN stands for no such value, and no comparison with it is true
    no_effect = 1.0 if rows["unit"].eq("ratio").all() else 0.0
    null = math.nan if single else no_effect
    with drawing():
        ax = own_axes(ax, (7.6, 1.3 + 0.36 * len(rows)))
        places = np.arange(len(rows))[::-1]
        if not single:
            reference_line(ax, x=null)
        _effects(ax, rows, places, null)
        _published(ax, rows, places)
        _beside(ax, rows, places)
        # room above the first row for the headings of the columns at the right
        ax.set_ylim(-0.7, len(rows) + 0.1)
        ax.set_xlabel(text)
        legend_above(ax, _entries(rows, null))
        size_ticks(ax)
        name_rows(ax, places, rows["label"].tolist())
    return ax


def _published(ax: Axes, rows: pd.DataFrame, places: Any) -> None:
    """Bars behind the effects; one that is open at an end goes on to the edge of the axes."""
    ends = rows[["published_low", "published_high"]].to_numpy(dtype=float)
    if np.isfinite(ends).any():
        # bars are drawn up to the edges of the axes, so the edges have to hold the published ends
        # first
        ax.update_datalim([(end, 0.0) for end in ends[np.isfinite(ends)]], updatey=False)
        ax.autoscale_view(scaley=False)
    edges = ax.get_xlim()
    # frozen: a bar would widen the axes, and the next one would go on to another edge
    ax.set_xlim(edges)
    for y, low, high in zip(places, rows["published_low"], rows["published_high"], strict=True):
        if np.isnan(low) and np.isnan(high):
            continue
        # an open end (no published limit) goes on to the edge
        first, last = (
            edge if np.isnan(end) else end for end, edge in zip((low, high), edges, strict=True)
        )
        ax.barh(
            y,
            max(last - first, 0.0),
            left=first,
            height=0.62,
            color=LIGHT,
            edgecolor=GREY,
            linewidth=0.8,
            # behind the estimates and in front of the line of no effect
            zorder=1.5,
        )


def _effects(ax: Axes, rows: pd.DataFrame, places: Any, null: float) -> None:
    # single numbers have no line of no effect to be clear of
    is_clear = is_beyond(null, rows["low"], rows["high"]) | math.isnan(null)
    for y, row, clear in zip(places, rows.itertuples(), is_clear, strict=True):
        draw_interval(ax, y, row.value, (row.low, row.high), is_clear=bool(clear))


def _beside(ax: Axes, rows: pd.DataFrame, places: Any) -> None:
    """Estimate, interval and sample size in columns to the right."""
    ends = rows[["value", "low", "high"]].to_numpy(dtype=float)
    # three figures of the largest
    places_after = int(np.clip(2 - np.floor(np.log10(np.abs(ends).max() or 1.0)), 0, 4))
    texts = [
        f"{v:.{places_after}f} [{a:.{places_after}f}, {b:.{places_after}f}]" for v, a, b in ends
    ]
    sizes = ["" if np.isnan(n) else f"{n:.0f}" for n in rows["n"]]

    # sizes stand right-aligned beyond the longest text, by about the width of its letters
    n_at = 16 + 4.6 * max(len(text) for text in texts) + 14
    for y, text, size in zip(places, texts, sizes, strict=True):
        write_beside(ax, y, text, 8, va="center", color=BLACK)
        write_beside(ax, y, size, n_at, va="center", ha="right", color=BLACK)

    top = len(rows) - 0.35
    heading: Any = {"fontstyle": "italic", "color": BLACK}
    write_beside(ax, top, "effect [interval]", 8, **heading)
    if any(sizes):
        write_beside(ax, top, "n", n_at, ha="right", **heading)


def _entries(rows: pd.DataFrame, null: float) -> Sequence[Any]:
    entries: list[Any] = (
        [interval_in_legend("simulated, central 95 %", is_clear=True)]
        if math.isnan(null)
        else [*interval_entries(null, is_beyond(null, rows["low"], rows["high"]))]
    )
    if rows[["published_low", "published_high"]].notna().any(axis=None):
        entries.append(Patch(facecolor=LIGHT, edgecolor=GREY, label="published interval"))
    return entries


def _label(rows: pd.DataFrame) -> str:
    if rows.attrs["column"] == "dz":
        return _DZ
    unit = str(rows["unit"].iloc[0])
    if rows.attrs["column"] == "simulated":
        return f"Simulated value{f' ({unit})' if unit else ''}"
    unit_words = (
        unit if unit in ("ratio", "share", "d", "") else unit_text("caregiver.effect", unit)
    )
    return (
        "Ratio, contrast to reference"
        if unit == "ratio"
        else f"Difference{f' ({unit_words})' if unit_words else ''}"
    )


def _rows(table: Any) -> pd.DataFrame:
    """Rows with label, value, low, high, n, unit and the published ends, checked."""
    frame = as_frame(table)
    if not len(frame):
        raise InputError("table: expected at least one row; found none")
    named = next((name for name in _LABELS if name in frame), None)
    # the first kind that the table has all columns of; the message below names every kind
    columns = next((kind for kind in _KINDS if set(kind) <= set(frame)), None)
    if named is None or columns is None:
        raise InputError(
            "table: expected a column outcome, endpoint, quantity or label, and dz, low, high or"
            " estimate, ci_low, ci_high or simulated, simulated_low, simulated_high; found"
            f" {', '.join(map(str, frame)) or 'no column'}"
        )
    rows = pd.DataFrame({"label": _names(frame, named)})
    # one set of names from here on, whatever the table called them
    for name, column in zip(("value", "low", "high"), columns, strict=True):
        rows[name] = column_of_numbers(frame, column)
    # figures of a protocol call the published interval low and high
    ends = ("low", "high") if columns[0] == "simulated" else ("published_low", "published_high")
    for name, source in (("n", "n"), ("published_low", ends[0]), ("published_high", ends[1])):
        rows[name] = column_of_numbers(frame, source) if source in frame else np.nan
    rows["unit"] = frame["unit"].astype(str) if "unit" in frame else ""
    # standardised effects share an axis, whatever the units they come from
    if columns[0] != "dz" and rows["unit"].nunique() > 1:
        units = ", ".join(dict.fromkeys(rows["unit"]))
        raise InputError(
            f"table: one axis holds one unit; found {units}; take the rows of one, or dz"
        )
    wrong = ~(
        (rows["low"] <= rows["value"])
        & (rows["value"] <= rows["high"])
        & np.isfinite(rows["value"])
    )
    if wrong.any():
        raise InputError(
            "table: an interval must hold its effect; it does not for"
            f" {rows['label'][wrong].tolist()}"
        )
    rows.attrs["column"] = columns[0]
    return rows


def _names(frame: pd.DataFrame, named: str) -> list[str]:
    """The first column as names, with the contrast where one outcome has several."""
    names = [sentence(str(name)) for name in frame[named]]
    if "contrast" not in frame or frame["contrast"].nunique() < 2:
        return names
    return [f"{name}\n{contrast}" for name, contrast in zip(names, frame["contrast"], strict=True)]
