"""Sobol' indices as bars: each input's share of an outcome's variance, alone and with its
interactions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from oxysim import checks
from oxysim.loop.uncertainty.sensitivity import SobolSensitivity
from oxysim.plots.above import legend_above
from oxysim.plots.interval_rows import MOST_ROWS, limit_rows
from oxysim.plots.loop.tornado import outcome_text
from oxysim.plots.picture import own_axes
from oxysim.plots.style import BLUE, ORANGE, drawing, size_ticks
from oxysim.plots.sweeps.sweep_axis import name_text

# The column, how far above its row's middle the bar lies, its colour and its name.
BARS = (
    ("first", 0.2, BLUE, "alone (first order)"),
    ("total", -0.2, ORANGE, "with interactions (total)"),
)


def sobol_bars(
    sensitivity: SobolSensitivity,
    ax: Axes | None = None,
    *,
    most: int = MOST_ROWS,
    by_status: bool = False,
) -> Axes:
    """First-order and total indices with their bootstrap intervals, the largest total on top.

    Parameters
    ----------
    sensitivity : what ``sobol_sensitivity`` returned.
    most : how many inputs are shown, at most.
    by_status : the inputs of one status together ("assumed", "measured") in place of each input.

    Raises
    ------
    InputError : `most` below 1.

    >>> import oxysim as ox
    >>> ranges = {"a": (0, 1), "b": (0, 1)}
    >>> def outcome(x):
    ...     return x[0] + 2 * x[1]
    >>> sensitivity = ox.loop.sobol_sensitivity(outcome, ranges, n=16, resamples=100)
    >>> ax = ox.plots.sobol_bars(sensitivity)
    >>> [text.get_text().splitlines()[0] for text in ax.get_yticklabels()]  # the largest on top
    ['A', 'B']
    """
    checks.instance(
        sensitivity, "sensitivity", SobolSensitivity, "what sobol_sensitivity() returns"
    )
    checks.whole_number(most, "most")
    checks.flag(by_status, "by_status")
    table = sensitivity.by_status if by_status else sensitivity.table
    # tables are sorted, largest first; axes count upwards
    rows = table.head(most).iloc[::-1]
    with drawing():
        ax = own_axes(ax, (7.2, 1.4 + 0.46 * len(rows)))
        for index, above, colour, label in BARS:
            _bars(ax, rows, index, (above, colour, label))
        ax.set_yticks(range(len(rows)), [_words(row, by_status) for row in rows.itertuples()])
        limit_rows(ax, len(rows))
        ax.axvline(0, color="black", linewidth=0.8)
        # said, as a reader would else add up the shares to all of the variance
        n_left_out = len(table) - len(rows)
        more = f"; {n_left_out} more not shown" if n_left_out else ""
        interval = f"{100 * sensitivity.confidence:g} % bootstrap intervals{more}"
        ax.set_xlabel(f"Share of the variance of {outcome_text(sensitivity.outcome)}\n({interval})")
        size_ticks(ax)
        legend_above(ax, ax.get_legend_handles_labels()[0])
    return ax


def _bars(ax: Axes, rows: Any, index: str, look: tuple[float, str, str]) -> None:
    above, colour, label = look
    values = rows[index].to_numpy()
    at = np.arange(len(rows)) + above
    ax.barh(at, values, height=0.36, color=colour, label=label, zorder=2)
    # black over the bar, as the interval may end within it
    for height, low, high in zip(at, rows[f"{index}_low"], rows[f"{index}_high"], strict=True):
        ax.plot([low, high], [height, height], color="black", linewidth=1.0, zorder=3)


def _words(row: Any, by_status: bool) -> str:
    return f"All {row.status}" if by_status else f"{name_text(row.input)}\n({row.status})"
