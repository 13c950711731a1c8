"""A median with bands between quantiles, drawn along an axis."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from oxysim.arrays import FloatArray
from oxysim.plots.style import LOOKS
from oxysim.plots.sweeps.sweep_axis import SweepAxis

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def draw_band(
    ax: Axes, x: SweepAxis, values: FloatArray, shares: FloatArray, position: int, label: str = ""
) -> None:
    """A line and its bands; `values` has shape (n_x, n), and places without a value are gaps."""
    look = LOOKS[position]
    quantiles = np.full((len(shares), len(values)), np.nan)
    some = np.isfinite(values).any(axis=1)
    quantiles[:, some] = np.nanquantile(values[some], shares, axis=1)
    middle = len(shares) // 2
    marker = look.marker if len(values) <= 20 else ""
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
    ax.plot(
        x.places,
        quantiles[middle],
        color=look.colour,
        linestyle=look.line,
        marker=marker,
        markersize=4.5,
        label=label or "_values",
        zorder=3,
    )


def strength(k: int, bands: int) -> float:
    return 0.15 + 0.2 * k / max(bands - 1, 1)
