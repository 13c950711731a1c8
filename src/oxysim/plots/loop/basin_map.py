"""A basin map: from which starts a dyad ends in which regime, and the line between them."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.patches import Patch

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.loop.resilience.basins import UNDECIDED, Basins
from oxysim.plots.picture import own_axes
from oxysim.plots.smooth import smooth
from oxysim.plots.style import GREY, LIGHT, drawing, legend_beside, sentence, size_ticks, words

# pale, so that marks and lines stand out on them
COLOURS = ("#A9D6F2", "#F7E8A0", "#BFE5D6", "#EBCBDD")
MARKS = (".", "+", "^", "x")  # as many as colours: without colours a mark still tells the regime


def basin_map(basins: Basins, ax: Axes | None = None) -> Axes:
    """Each start on the grid with the mark of the regime in which it ends, on that regime's colour.

    Where each column has one border, the colours meet in the separatrix, which is known more finely
    than the grid; elsewhere a start's colour fills its cell. White signs are the regimes
    themselves. The other slow states start where ``basins.start`` says.

    Raises
    ------
    InputError : not basins, or more regimes than colours.

    >>> import numpy as np
    >>> import oxysim as ox
    >>> from oxysim.loop.resilience.basins import Attractors, Basins
    >>> slow = ("infant.methylation",)
    >>> system = ox.loop.AveragedSystem(ox.Dyad.symptomatic(), held=slow, settle=1)
    >>> stable = np.array([[5.4, 16.1], [0.7, 0.6], [0.65, 0.45], [0.0, -0.37]])  # made up
    >>> ends = Attractors(system, stable, stable.mean(axis=1, keepdims=True))
    >>> bond, epds, names = [0.4, 0.6], [4.0, 10.0], ("mother.bond", "mother.depression")
    >>> regime, border = np.array([[0, 0], [1, 1]]), np.array([7.0, 7.5])
    >>> basins = Basins(names, np.array(bond), np.array(epds), regime, ends, {}, border)
    >>> ax = ox.plots.basin_map(basins)
    >>> ax.get_xlabel()
    'Bond of the mother at the start'
    """
    checks.instance(basins, "basins", Basins, "what loop.basins returns")
    stable = basins.ends.stable
    if stable.shape[1] > len(COLOURS):
        raise checks.refused(
            stable.shape[1], "basins", f"at most {len(COLOURS)} regimes, to tell them apart"
        )
    with drawing():
        ax = own_axes(ax, (7.0, 4.2))
        # one line tells the map finer than the grid; where it cannot, each start has its cell
        border = _border(basins)
        if border is None:
            _draw_cells(ax, basins)
        else:
            _draw_areas(ax, basins, *border)
        entries = _draw_starts(ax, basins)
        _draw_regimes(ax, basins)
        for axis, name in ((ax.xaxis, basins.names[0]), (ax.yaxis, basins.names[1])):
            axis.set_label_text(_label(name))
        entries += zip(*ax.get_legend_handles_labels(), strict=True)
        legend_beside(
            ax, handles=[handle for handle, _ in entries], labels=[text for _, text in entries]
        )
        size_ticks(ax)
    return ax


def _border(basins: Basins) -> tuple[FloatArray, int, int] | None:
    """The separatrix as a line, shape (2, n), and the regimes below and above it; None where one
    line does not tell the map: several borders in a column, starts that did not arrive.

    A column without a border in it lies on one side: there the line goes straight on, beyond the
    column's last start.
    """
    finite = np.isfinite(basins.separatrix)
    # with crossings between the columns of the grid where they were looked for, else one point a
    # column
    line = (
        basins.crossings
        if basins.crossings.shape[1]
        else np.array([basins.x[finite], basins.separatrix[finite]])
    )
    # how often the regime changes going up each column
    turns = (np.diff(basins.regime, axis=0) != 0).sum(axis=0)
    # the regimes at the bottom and at the top of each column with a border
    pairs = {(int(basins.regime[0, k]), int(basins.regime[-1, k])) for k in np.flatnonzero(finite)}
    if line.shape[1] < 2 or len(pairs) != 1 or (turns > 1).any() or (turns[finite] != 1).any():
        return None
    below, above = pairs.pop()
    if (
        UNDECIDED in (below, above)
        or not np.isin(basins.regime, (below, above)).all()
        # a line that turns back has two borders in one column
        or (np.diff(line[0]) <= 0).any()
    ):
        return None
    beyond = []
    for k in np.flatnonzero((basins.x < line[0, 0]) | (basins.x > line[0, -1])):
        # straight on through the two outermost points of the line on that side
        near = line[:, :2] if basins.x[k] < line[0, 0] else line[:, -2:]
        slope, start = np.polyfit(near[0], near[1], 1)
        goes_on = float(start + slope * basins.x[k])
        low, high = float(basins.y[0]), float(basins.y[-1])
        beyond.append(
            # held outside the map, as the whole column is of one regime
            (basins.x[k], min(goes_on, low) if basins.regime[0, k] == above else max(goes_on, high))
        )
    whole = np.concatenate([line, np.reshape(beyond, (-1, 2)).T], axis=1)
    return whole[:, np.argsort(whole[0])], below, above


def _draw_areas(ax: Axes, basins: Basins, border: FloatArray, below: int, above: int) -> None:
    x, y = smooth(*border)
    low, high = float(basins.y[0]), float(basins.y[-1])
    seen = np.clip(y, low, high)
    ax.fill_between(x, low, seen, color=COLOURS[below], linewidth=0, zorder=0)
    ax.fill_between(x, seen, high, color=COLOURS[above], linewidth=0, zorder=0)
    ax.plot(x, y, color="black", label="separatrix", zorder=3)
    ax.set_xlim(float(basins.x[0]), float(basins.x[-1]))
    ax.set_ylim(low, high)


def _draw_cells(ax: Axes, basins: Basins) -> None:
    colours = ListedColormap([LIGHT, *COLOURS])
    ax.pcolormesh(
        basins.x,
        basins.y,
        basins.regime,
        cmap=colours,
        # undecided starts are -1, the first of the colours; regimes follow from 0
        vmin=-1.5,
        vmax=len(COLOURS) - 0.5,
        shading="nearest",
        zorder=0,
    )
    finite = np.isfinite(basins.separatrix)
    if finite.any():  # a stroke a column: from one to the next nobody knows that it goes straight
        # as wide as a column, half of it to either side
        half = float(np.diff(basins.x).min()) / 2 if len(basins.x) > 1 else 0.5
        at = basins.x[finite]
        ax.hlines(
            basins.separatrix[finite],
            at - half,
            at + half,
            color="black",
            label="separatrix",
            zorder=3,
        )


def _draw_starts(ax: Axes, basins: Basins) -> list[tuple[Any, str]]:
    """A mark at each start, different for each regime; the entries of the legend."""
    across, up = np.meshgrid(basins.x, basins.y)
    entries: list[tuple[Any, str]] = []
    # regimes are named by their depression, the first of the slow states; what a form reads there
    # hears momentary mood too
    for number, depression in enumerate(basins.ends.stable[0]):
        in_regime = basins.regime == number
        # grey marks: on their regime's colour they need none of their own
        (marks,) = ax.plot(
            across[in_regime],
            up[in_regime],
            MARKS[number],
            color=GREY,
            markersize=4.5,
            linewidth=0,
            zorder=1,
        )
        entries.append(
            ((Patch(facecolor=COLOURS[number]), marks), f"ends at depression {depression:.1f}")
        )
    if (basins.regime == UNDECIDED).any():
        entries.append((Patch(facecolor=LIGHT), "not arrived"))
    return entries


def _draw_regimes(ax: Axes, basins: Basins) -> None:
    system = basins.ends.system
    i, j = (system.names.index(name) for name in basins.names)
    for points, marker, text in (
        (basins.ends.stable, "o", "stable regime"),
        (basins.ends.unstable, "X", "unstable"),
    ):
        # a regime on the edge of the map is drawn whole
        if points.shape[1]:
            ax.plot(
                points[i],
                points[j],
                marker,
                color="black",
                markerfacecolor="white",
                markersize=7,
                label=text,
                zorder=4,
                clip_on=False,
            )


def _label(name: str) -> str:
    member, _, quantity = name.partition(".")
    unit = " (EPDS points)" if quantity == "depression" else ""
    return sentence(f"{words(quantity)} of the {member} at the start{unit}")
