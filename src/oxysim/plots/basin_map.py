"""A basin map: from which starts a dyad ends in which regime, and the line between them."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch

from oxysim.errors import InputError
from oxysim.loop.tipping import UNDECIDED, Basins
from oxysim.plots.picture import own_axes
from oxysim.plots.style import GREY, LIGHT, SKY, YELLOW, drawing, legend_beside, sentence, size_ticks, words

COLOURS = (SKY, YELLOW, "#8FD3B6", "#E3B7CF")
MARKS = (".", "+", "^", "x")


def basin_map(basins: Basins, ax: Axes | None = None) -> Axes:
    """Each start on the grid in the colour, and with the mark, of the regime in which it ends.

    White signs are the regimes themselves. The other slow states start where ``basins.start`` says.

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
        entries += zip(*ax.get_legend_handles_labels(), strict=True)
        legend_beside(ax, handles=[handle for handle, _ in entries], labels=[text for _, text in entries])
        size_ticks(ax)
    return ax


def _draw_cells(ax: Axes, basins: Basins) -> list[tuple[Any, str]]:
    """Colours for the cells, and a mark at each start, different for each regime; the entries of the legend."""
    colours = ListedColormap([LIGHT, *COLOURS])
    ax.pcolormesh(basins.x, basins.y, basins.regime, cmap=colours, vmin=-1.5, vmax=len(COLOURS) - 0.5,
                  shading="nearest", zorder=0)  # fmt: skip
    across, up = np.meshgrid(basins.x, basins.y)
    entries: list[tuple[Any, str]] = []
    for number, epds in enumerate(basins.ends.stable[0]):
        own = basins.regime == number
        (marks,) = ax.plot(across[own], up[own], MARKS[number], color=GREY, markersize=3.5, linewidth=0, zorder=1)
        entries.append(((Patch(facecolor=COLOURS[number]), marks), f"ends at EPDS {epds:.1f}"))
    if (basins.regime == UNDECIDED).any():
        entries.append((Patch(facecolor=LIGHT), "not arrived"))
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
