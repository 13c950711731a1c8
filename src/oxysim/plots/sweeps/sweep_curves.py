"""Curves of a sweep's outcome along an axis: its values, or their median with bands between
quantiles.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from oxysim.arrays import FloatArray
from oxysim.plots.style import LOOKS, size_ticks
from oxysim.plots.sweeps.sweep_axis import SweepAxis, letters_beside
from oxysim.plots.sweeps.swept import Swept

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
"""The median, the middle half and the middle 90 %: what a reader of a box plot knows."""

MARKER = 4.5  # points across: seen on a line of 1.6 points, and not hiding its neighbours
FEW = 20  # places along an axis whose median has a marker at each


def draw_values(
    ax: Axes,
    x: SweepAxis,
    values: Any,
    colour: str,
    label: str = "",
    *,
    line: Any = "-",
    marker: str = "",
    alpha: float = 1.0,
) -> None:
    """Values along an axis, shape (n_x,), as a line, as markers or as both; without a `label` they
    are not in the legend.

    >>> import oxysim as ox
    >>> from oxysim.plots.sweeps.sweep_axis import LINEAR
    >>> places = np.array([8.0, 24.0])
    >>> dose = SweepAxis("dose", "dose", "Dose (IU)", "IU", places, ("8", "24"), LINEAR)
    >>> figure, axes = ox.plots.panels(1)
    >>> draw_values(axes[0, 0], dose, [10.0, 9.0], "black", "EPDS", marker="o")
    >>> axes[0, 0].get_lines()[0].get_label()
    'EPDS'
    """
    ax.plot(
        x.places,
        values,
        color=colour,
        linestyle=line,
        marker=marker,
        markersize=MARKER,
        alpha=alpha,
        label=label or "_values",
        zorder=3,
    )


def draw_band(
    ax: Axes, x: SweepAxis, values: FloatArray, shares: FloatArray, position: int, label: str = ""
) -> None:
    """A median and its bands; `values` has shape (n_x, n), and places without a value are gaps.

    >>> import oxysim as ox
    >>> from oxysim.plots.sweeps.sweep_axis import LINEAR
    >>> places = np.array([8.0, 24.0])
    >>> dose = SweepAxis("dose", "dose", "Dose (IU)", "IU", places, ("8", "24"), LINEAR)
    >>> figure, axes = ox.plots.panels(1)
    >>> values = np.array([[9.0, 10.0, 12.0], [7.0, 9.0, 11.0]])
    >>> draw_band(axes[0, 0], dose, values, np.array([0.25, 0.5, 0.75]), 0)
    >>> axes[0, 0].get_lines()[0].get_ydata().tolist(), len(axes[0, 0].collections)
    ([10.0, 9.0], 1)
    """
    look = LOOKS[position]
    # only where there is a number: of none, numpy's quantile warns
    quantiles = np.full((len(shares), len(values)), np.nan)
    some = np.isfinite(values).any(axis=1)
    quantiles[:, some] = np.nanquantile(values[some], shares, axis=1)

    # the outermost first, each inner one on top of it
    middle = len(shares) // 2
    for k in range(middle):
        ax.fill_between(
            x.places,
            quantiles[k],
            quantiles[-1 - k],
            color=look.colour,
            alpha=strength(k, middle),
            linewidth=0,
            zorder=2,
        )
    # over many places markers would hide the line, and there is no run to be shown at each
    marker = look.marker if len(values) <= FEW else ""
    draw_values(ax, x, quantiles[middle], look.colour, label, line=look.line, marker=marker)


def strength(k: int, bands: int) -> float:
    """How opaque the k-th of so many bands is, from the outermost (0) inwards: each is seen on the
    one before, and a curve on all of them.

    >>> [round(strength(k, 2), 2) for k in range(2)]
    [0.15, 0.35]
    """
    return 0.15 + 0.2 * k / max(bands - 1, 1)


def label_sweep(ax: Axes, swept: Swept) -> None:
    """The outcome and its unit on the y axis.

    >>> import oxysim as ox
    >>> import xarray as xr
    >>> doses = xr.DataArray([8.0, 24.0, 40.0], dims="dose", attrs={"units": "IU"})
    >>> about = {"name": "caregiver.epds", "attrs": {"units": "EPDS"}}
    >>> epds = xr.DataArray([10.0, 9.0, 8.5], {"dose": doses}, **about)
    >>> from oxysim.plots.sweeps.outcome_reading import read_outcome
    >>> swept = read_outcome(epds, None)
    >>> figure, axes = ox.plots.panels(1)
    >>> label_sweep(axes[0, 0], swept)
    >>> axes[0, 0].get_ylabel()
    'Caregiver EPDS (points)'
    """
    ax.set_ylabel(swept.wrapped(letters_beside(ax)))
    size_ticks(ax)
