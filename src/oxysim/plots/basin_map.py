"""A basin map: from which starts a dyad ends in which regime, and the line between them."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch

from oxysim.errors import InputError
from oxysim.loop.tipping import UNDECIDED, Basins
from oxysim.plots.style import LIGHT, SKY, YELLOW, drawing, legend_beside, own_axes, sentence, size_ticks, words

COLOURS = (SKY, YELLOW, "#8FD3B6", "#E3B7CF")
HATCHES = ("", "///", "...", "xxx")


def basin_map(basins: Basins, ax: Axes | None = None) -> Axes:
    """Each start on the grid in the colour and hatching of the regime in which it ends; dots are the regimes.

    Raises
    ------
    InputError : not basins, or more regimes than colours.
    """
    if not isinstance(basins, Basins):
        raise InputError(f"basins: expected what loop.tipping.basins returns; found {basins!r}")
    stable = basins.ends.stable
    if stable.shape[1] > len(COLOURS):
        raise InputError(f"basins: at most {len(COLOURS)} regimes can be told apart; found {stable.shape[1]}")
    with drawing():
        ax = own_axes(ax, (7.0, 4.2))
        entries = _draw_cells(ax, basins)
        known = np.isfinite(basins.separatrix)
        if known.any():
            ax.plot(basins.x[known], basins.separatrix[known], color="black", label="separatrix", zorder=3)
        _draw_regimes(ax, basins)
        for axis, name in ((ax.xaxis, basins.names[0]), (ax.yaxis, basins.names[1])):
            axis.set_label_text(_label(name))
        handles, labels = ax.get_legend_handles_labels()
        legend_beside(ax, handles=[*entries, *handles], labels=[*(e.get_label() for e in entries), *labels])
        size_ticks(ax)
    return ax


def _draw_cells(ax: Axes, basins: Basins) -> list[Patch]:
    colours = ListedColormap([LIGHT, *COLOURS])
    ax.pcolormesh(basins.x, basins.y, basins.regime, cmap=colours, vmin=-1.5, vmax=len(COLOURS) - 0.5,
                  shading="nearest", zorder=0)  # fmt: skip
    entries = []
    for number, epds in enumerate(basins.ends.stable[0]):
        here = np.ma.masked_where(basins.regime != number, np.zeros(basins.regime.shape))
        cells = ax.pcolor(basins.x, basins.y, here, hatch=HATCHES[number], shading="nearest", linewidth=0, zorder=1)
        cells.set_array(None)
        cells.set(facecolor="none", edgecolor=(0, 0, 0, 0.35))
        entries.append(Patch(facecolor=COLOURS[number], edgecolor="black", linewidth=0.4, hatch=HATCHES[number],
                             label=f"ends at EPDS {epds:.1f}"))  # fmt: skip
    if (basins.regime == UNDECIDED).any():
        entries.append(Patch(facecolor=LIGHT, label="not arrived"))
    return entries


def _draw_regimes(ax: Axes, basins: Basins) -> None:
    system = basins.ends.system
    i, j = (system.names.index(name) for name in basins.names)
    for points, marker, text in ((basins.ends.stable, "o", "stable regime"), (basins.ends.unstable, "X", "unstable")):
        if points.shape[1]:
            ax.plot(points[i], points[j], marker, color="black", markerfacecolor="white", markersize=7, label=text,
                    zorder=4, clip_on=False)  # fmt: skip


def _label(name: str) -> str:
    member, _, quantity = name.partition(".")
    unit = ", EPDS points" if quantity == "depression" else ""
    return sentence(f"{words(quantity)} of the {member} at the start{unit}")
