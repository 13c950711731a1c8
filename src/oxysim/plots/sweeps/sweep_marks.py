"""What sweeps' figures share: colours of values, runs without a value, and the legend that names
them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LogNorm, Normalize, TwoSlopeNorm
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator

from oxysim import checks
from oxysim.arrays import FloatArray, IntArray
from oxysim.errors import InputError, shown
from oxysim.plots.style import GREY, LIGHT, SMALL, legend_beside
from oxysim.plots.sweeps.sweep_axis import letters_beside
from oxysim.plots.sweeps.swept import FAILED, GOOD, NO_VALUE, NOT_MADE, STATES, Swept

# Why a run has no value is told by hatch or marker: all three are grey.
_HATCHES = {FAILED: "//////", NOT_MADE: "....", NO_VALUE: "xxxx"}
_MARKERS = {FAILED: "x", NOT_MADE: "|", NO_VALUE: "+"}


def colours_of(
    swept: Swept, limits: Sequence[float] | None = None, centre: float | None = None
) -> tuple[Normalize, Colormap]:
    """The scale from value to colour: two-sided around `centre`, and around zero for changes of
    both signs.

    Raises
    ------
    InputError : limits other than (low, high), a centre that is no number or outside them.

    >>> import xarray as xr
    >>> doses = xr.DataArray([8.0, 24.0, 40.0], dims="dose", attrs={"units": "IU"})
    >>> about = {"name": "caregiver.epds", "attrs": {"units": "EPDS"}}
    >>> epds = xr.DataArray([10.0, 9.0, 8.5], {"dose": doses}, **about)
    >>> from oxysim.plots.sweeps.outcome_reading import read_outcome
    >>> swept = read_outcome(epds, None)
    >>> norm, colours = colours_of(swept)
    >>> norm.vmin, norm.vmax, colours.name
    (8.5, 10.0, 'viridis')
    """
    # one scale runs from low to high; changes have a middle, and colours on both sides of it
    low, high = _limits(swept, limits)
    if centre is None and not (swept.is_change and low < 0 < high):
        return Normalize(low, high), colormaps["viridis"]
    middle = 0.0 if centre is None else _finite(centre)
    reach = max(middle - low, high - middle)
    # equally far on both sides, so that one shade is one distance from the centre
    ends = (low, high) if limits is not None else (middle - reach, middle + reach)
    if not ends[0] < middle < ends[1]:
        raise InputError(
            f"centre: expected a value between limits {low:g} and {high:g}; found {shown(centre)}"
        )
    return TwoSlopeNorm(middle, *ends), colormaps["RdBu_r"]


def _limits(swept: Swept, limits: Sequence[float] | None) -> tuple[float, float]:
    if limits is not None:
        try:
            low, high = (float(limit) for limit in limits)
        except (TypeError, ValueError):
            low = high = float("nan")
        if not -np.inf < low < high < np.inf:
            raise InputError(f"limits: expected (low, high) of the colours; found {shown(limits)}")
        return low, high
    if swept.is_share:
        # shares of several figures can be compared by colour
        return 0.0, 1.0
    low, high = float(np.nanmin(swept.values.values)), float(np.nanmax(swept.values.values))
    # a scale without width cannot be drawn: a hundredth of the value, or next to nothing around 0
    margin = 0.0 if high > low else max(abs(low) * 0.01, 1e-6)
    return low - margin, high + margin


def _finite(centre: Any) -> float:
    return checks.number(centre, "centre, in the outcome's unit")


def colour_bar(
    source: Any, axes: Any, label: str, *, seen: Swept | None = None, **options: Any
) -> Any:
    """A colour bar beside `axes` (one, or several that share it); ends are pointed where values lie
    beyond it. With `seen` a two-sided one ends where its values do.

    >>> import oxysim as ox
    >>> figure, axes = ox.plots.panels(1)
    >>> points = axes[0, 0].scatter([0, 1], [0, 1], c=[8.0, 10.0])
    >>> colour_bar(points, axes[0, 0], "EPDS (points)").ax.get_ylabel()
    'EPDS (points)'
    """
    # of several panels that share the bar the first names the figure
    figure = np.ravel(np.asarray(axes, dtype=object))[0].figure
    bar = figure.colorbar(source, ax=axes, **options)
    bar.set_label(label)
    # ticks that are round numbers, at most about seven; a logarithm has its own
    if not isinstance(bar.norm, LogNorm):
        bar.locator = MaxNLocator(7, steps=[1, 2, 2.5, 5, 10])
        bar.update_ticks()
    bar.ax.tick_params(labelsize=SMALL)
    bar.outline.set_visible(False)
    if seen is not None and isinstance(bar.norm, TwoSlopeNorm):
        # the colours stay two-sided; the bar shows only the part that occurs, and its centre
        values, norm = seen.values.values, bar.norm
        low = min(float(np.nanmin(values)), norm.vcenter)
        high = max(float(np.nanmax(values)), norm.vcenter)
        bar.ax.set_ylim(max(low, float(norm.vmin or 0.0)), min(high, float(norm.vmax or 0.0)))
    return bar


def outcome_bar(drawn: Any, axes: Any, swept: Swept, beside: Any, *, limited: bool) -> None:
    """The colour bar of a map, or of several on one scale: the outcome's name as long as fits along
    `beside` (axes or figure), and ends as far as values go unless the reader `limited` them.

    >>> import oxysim as ox
    >>> import xarray as xr
    >>> doses = xr.DataArray([8.0, 24.0, 40.0], dims="dose", attrs={"units": "IU"})
    >>> about = {"name": "caregiver.epds", "attrs": {"units": "EPDS"}}
    >>> epds = xr.DataArray([10.0, 9.0, 8.5], {"dose": doses}, **about)
    >>> from oxysim.plots.sweeps.outcome_reading import read_outcome
    >>> swept = read_outcome(epds, None)
    >>> figure, axes = ox.plots.panels(1)
    >>> points = axes[0, 0].scatter([8, 24, 40], [0, 0, 0], c=epds.values)
    >>> outcome_bar(points, axes[0, 0], swept, axes[0, 0], limited=False)
    >>> figure.axes[-1].get_ylabel()
    'Caregiver EPDS (points)'
    """
    label = swept.wrapped(letters_beside(beside))
    seen = None if limited else swept
    colour_bar(drawn, axes, label, seen=seen, extend=beyond(drawn.norm, swept))


def beyond(norm: Normalize, swept: Swept) -> str:
    """Which ends of the colours values lie beyond: "neither", "min", "max" or "both".

    >>> import xarray as xr
    >>> doses = xr.DataArray([8.0, 24.0, 40.0], dims="dose", attrs={"units": "IU"})
    >>> about = {"name": "caregiver.epds", "attrs": {"units": "EPDS"}}
    >>> epds = xr.DataArray([10.0, 9.0, 8.5], {"dose": doses}, **about)
    >>> from oxysim.plots.sweeps.outcome_reading import read_outcome
    >>> swept = read_outcome(epds, None)
    >>> beyond(Normalize(9.0, 12.0), swept)  # 8.5 lies below
    'min'
    """
    values = swept.values.values
    low, high = float(norm.vmin or 0.0), float(norm.vmax or 0.0)
    slack = 1e-9 * max(abs(low), abs(high))  # the ends of a two-sided scale are rounded
    under = bool(np.nanmin(values) < low - slack)
    over = bool(np.nanmax(values) > high + slack)

    if under and over:
        return "both"
    if under:
        return "min"
    return "max" if over else "neither"


def hatch_cells(ax: Axes, xs: FloatArray, ys: FloatArray, state: IntArray) -> None:
    """Cells without a value in grey, hatched by why; `xs` and `ys` are edges, `state` has shape
    (n_y, n_x).

    >>> import oxysim as ox
    >>> figure, axes = ox.plots.panels(1)
    >>> edges = np.array([0.0, 1.0, 2.0])
    >>> hatch_cells(axes[0, 0], edges, edges, np.array([[GOOD, FAILED], [GOOD, GOOD]]))
    >>> [float(patch.get_x()) for patch in axes[0, 0].patches]
    [1.0]
    """
    # a patch each: such cells are few, and a hatch needs a patch
    for row, column in np.argwhere(state != GOOD).tolist():
        corner = (xs[column], ys[row])
        size = (xs[column + 1] - xs[column], ys[row + 1] - ys[row])
        ax.add_patch(Rectangle(corner, *size, linewidth=0, **_cell_look(int(state[row, column]))))


def mark_runs(ax: Axes, x: Any, y: Any, state: Any, transform: Any = None) -> None:
    """Grey marks where runs without a value would be.

    >>> import oxysim as ox
    >>> figure, axes = ox.plots.panels(1)
    >>> mark_runs(axes[0, 0], [8.0, 24.0], [0.0, 0.0], [GOOD, FAILED])
    >>> axes[0, 0].get_lines()[0].get_xdata().tolist()
    [24.0]
    """
    at, height, kind = (np.ravel(values) for values in np.broadcast_arrays(x, y, state))
    for reason, marker in _MARKERS.items():
        selected = kind == reason
        if selected.any():
            ax.plot(
                at[selected],
                height[selected],
                marker,
                color=GREY,
                markersize=6,
                markeredgewidth=1.2,
                linestyle="",
                zorder=4,
                # on the floor of the axes half of a mark would be cut off
                clip_on=False,
                transform=transform or ax.transData,
                label=f"_{STATES[reason]}",
            )


def mark_floor(ax: Axes, x: FloatArray, state: IntArray) -> None:
    """Grey marks on the floor of the axes above every place at which a run has no value; `state`
    has shape (k, ...).

    >>> import oxysim as ox
    >>> figure, axes = ox.plots.panels(1)
    >>> mark_floor(axes[0, 0], np.array([8.0, 24.0]), np.array([[GOOD, GOOD], [GOOD, NOT_MADE]]))
    >>> axes[0, 0].get_lines()[0].get_label()
    '_not made'
    """
    # where several runs share a place, the largest of their states decides
    worst = np.max(state.reshape(len(x), -1), axis=1)
    mark_runs(ax, x, np.full(len(x), 0.02), worst, ax.get_xaxis_transform())


def state_entries(swept: Swept, *, cells: bool) -> list[Any]:
    """Entries of a legend for the runs without a value, with their number.

    >>> import xarray as xr
    >>> doses = xr.DataArray([8.0, 24.0, 40.0], dims="dose", attrs={"units": "IU"})
    >>> about = {"name": "caregiver.epds", "attrs": {"units": "EPDS"}}
    >>> epds = xr.DataArray([10.0, float('nan'), 8.5], {"dose": doses}, **about)
    >>> from oxysim.plots.sweeps.outcome_reading import read_outcome
    >>> swept = read_outcome(epds, None)
    >>> [entry.get_label() for entry in state_entries(swept, cells=False)]
    ['no value: 1 of 3 runs']
    """
    entries: list[Any] = []
    # runs are counted, not the moments of each
    state = swept.state_of_runs()
    for reason, word in STATES.items():
        n = int((state == reason).sum())
        if n:
            label = f"{word}: {n} of {np.size(state)} runs"
            if cells:
                entries.append(Patch(label=label, **_cell_look(reason)))
                continue
            look: Any = {"color": GREY, "linestyle": "", "markersize": 6}
            entries.append(Line2D([], [], label=label, marker=_MARKERS[reason], **look))
    return entries


def legend_of_lines(ax: Axes, entries: Sequence[Any], title: str | None) -> None:
    """The legend beside the axes: the labelled curves, then `entries`; none where there is nothing
    to name.

    >>> import oxysim as ox
    >>> figure, axes = ox.plots.panels(1)
    >>> line = axes[0, 0].plot([0, 1], [10.0, 9.0], label="8 IU")
    >>> legend_of_lines(axes[0, 0], [], "Dose (IU)")
    >>> axes[0, 0].get_legend().get_title().get_text()
    'Dose (IU)'
    """
    handles, _ = ax.get_legend_handles_labels()
    if handles or entries:
        legend_beside(ax, handles=[*handles, *entries], title=title)


def _cell_look(reason: int) -> dict[str, Any]:
    return {"facecolor": LIGHT, "edgecolor": GREY, "hatch": _HATCHES[reason]}
