"""An outcome of a sweep over two axes: a map with contour lines, or the coloured points of a
sample.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib import patheffects
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, Normalize
from matplotlib.ticker import MaxNLocator

from oxysim import checks
from oxysim.errors import InputError, shown
from oxysim.plots.above import legend_above
from oxysim.plots.picture import own_axes
from oxysim.plots.style import BLACK, GREY, SMALL, drawing
from oxysim.plots.sweeps.axis_roles import axes_in_roles
from oxysim.plots.sweeps.outcome_reading import read_outcome
from oxysim.plots.sweeps.sweep_axis import NAMES, SweepAxis, is_grid
from oxysim.plots.sweeps.sweep_marks import (
    colours_of,
    hatch_cells,
    mark_runs,
    outcome_bar,
    state_entries,
)
from oxysim.plots.sweeps.swept import GOOD, Swept, laid_out

CONTOURS = 5  # lines by default: about as many as a reader follows between the colours
FEWEST = 5  # runs along each axis: over fewer a contour line is a guess between a handful of cells


def sweep_map(  # noqa: PLR0913 - what is drawn and where; all but the result have defaults
    result: Any,
    outcome: str | None = None,
    x: str | None = None,
    y: str | None = None,
    ax: Axes | None = None,
    *,
    contours: int | Sequence[float] = CONTOURS,
    limits: Sequence[float] | None = None,
    centre: float | None = None,
    dyad: int | str | None = None,
    label: str | None = None,
    bar: bool = True,
) -> Axes:
    """An outcome over two axes of a sweep, with a colour bar.

    On a grid a cell a run, with contour lines between the runs (from five runs along each axis on,
    straight from one to the next, none beside a run without a value, none where an axis is of
    texts); such a run's cell is grey and hatched, by whether it failed or was not made. Runs of a
    scattered design (Latin hypercube, Sobol', list, table) are points, coloured by the outcome.
    Axes whose values are evenly spaced on the logarithm are logarithmic. Changes of both signs are
    blue and red around zero.

    Parameters
    ----------
    result : what ``sweep`` returned, or one variable of it.
    outcome : its name or text ("caregiver.epds: final"); may be left out where there is one only.
    x, y : names of axes, or of an outcome's own dimension such as "week"; default the first two.
    contours : about how many contour lines (0 for none), or their levels in the outcome's unit.
    limits : (low, high) of the colours; default the extremes, of a share (unit "share") 0 and 1.
    centre : a value of reference, such as that without treatment: white, with blue below and red
        above it.
    dyad : a dyad's number, or "mean" or "median" over those that came through; default the median
        of several.
    label : quantity and unit, in place of the outcome's own.
    bar : whether a colour bar stands beside the map; False where several maps with the same
        `limits` share one.

    Raises
    ------
    UnknownNameError : no such outcome or axis. InputError : dimensions that are neither x nor y,
        illegal contours, limits or centre, no unit and no label, nothing with a value.

    >>> import oxysim as ox
    >>> import xarray as xr
    >>> doses = xr.DataArray([8.0, 24.0], dims="dose", attrs={"units": "IU"})
    >>> hours = xr.DataArray([6.0, 12.0], dims="every", attrs={"units": "h"})
    >>> axes = {"dose": doses, "every": hours}
    >>> about = {"name": "caregiver.epds", "attrs": {"units": "EPDS"}}
    >>> epds = xr.DataArray([[9.0, 9.5], [8.0, 8.7]], axes, ("dose", "every"), **about)
    >>> ax = ox.plots.sweep_map(epds)
    >>> ax.get_xlabel(), ax.get_ylabel(), ax.collections[0].get_array().ravel().tolist()
    ('Dose (IU)', 'Every (h)', [9.0, 8.0, 9.5, 8.7])
    """
    swept = read_outcome(result, outcome, label).over_dyads(dyad, (x, y))
    axes = axes_in_roles(swept, {"x": x, "y": y}, ("x", "y"))
    colours = colours_of(swept, limits, centre)
    levels, with_bar = contour_levels(swept, contours), checks.flag(bar, "bar")
    with drawing():
        ax = own_axes(ax, (6.0, 4.2))
        drawn = draw_map(ax, swept, (axes["x"], axes["y"]), colours, levels)
        if with_bar:
            outcome_bar(drawn, ax, swept, ax, limited=limits is not None)
        legend_above(ax, state_entries(swept, cells=is_grid(axes.values())))
    return ax


def draw_map(
    ax: Axes,
    swept: Swept,
    axes: tuple[SweepAxis, SweepAxis],
    colours: tuple[Normalize, Colormap],
    contours: Sequence[float],
    most: int = 8,
) -> Any:
    """Draw cells or points, lines at the levels `contours`, and axes of about `most` ticks; what a
    colour bar needs.

    >>> import oxysim as ox
    >>> import xarray as xr
    >>> doses = xr.DataArray([8.0, 24.0], dims="dose", attrs={"units": "IU"})
    >>> hours = xr.DataArray([6.0, 12.0], dims="every", attrs={"units": "h"})
    >>> axes = {"dose": doses, "every": hours}
    >>> about = {"name": "caregiver.epds", "attrs": {"units": "EPDS"}}
    >>> epds = xr.DataArray([[9.0, 9.5], [8.0, 8.7]], axes, ("dose", "every"), **about)
    >>> from oxysim.plots.sweeps.outcome_reading import read_outcome
    >>> swept = read_outcome(epds, None)
    >>> along = (swept.axis("dose"), swept.axis("every"))
    >>> figure, panels = ox.plots.panels(1)
    >>> drawn = draw_map(panels[0, 0], swept, along, colours_of(swept), [])
    >>> drawn.get_array().shape  # rows along y, columns along x
    (2, 2)
    """
    swept, (x, y) = laid_out(swept, axes)
    if is_grid((x, y)):
        drawn = _draw_cells(ax, x, y, swept, colours)
        if NAMES not in (x.scale, y.scale) and min(swept.values.shape) >= FEWEST:
            _draw_contours(ax, x, y, swept, contours)
    else:
        drawn = _draw_points(ax, x, y, swept, colours)
    # axes last: cells and points set limits of their own
    x.finish(ax, "x", most)
    y.finish(ax, "y", most)
    return drawn


def _draw_cells(
    ax: Axes, x: SweepAxis, y: SweepAxis, swept: Swept, colours: tuple[Normalize, Colormap]
) -> Any:
    xs, ys = x.edges(), y.edges()
    values = np.ma.masked_invalid(swept.values.values.T)
    # many cells become an image inside a PDF, which would else hold each as a path
    drawn = ax.pcolormesh(
        xs,
        ys,
        values,
        norm=colours[0],
        cmap=colours[1],
        rasterized=values.size > 10_000,
    )
    # cells without a value lie over the colours, which have a hole there
    hatch_cells(ax, xs, ys, swept.state.values.T)
    ax.set(xlim=(xs[0], xs[-1]), ylim=(ys[0], ys[-1]))
    return drawn


def _draw_contours(
    ax: Axes, x: SweepAxis, y: SweepAxis, swept: Swept, levels: Sequence[float]
) -> None:
    values = np.ma.masked_invalid(swept.values.values.T)
    # a level that no value reaches would only warn
    inside = [level for level in levels if values.min() < level < values.max()]
    if not inside:
        return
    # a white rim, so that lines and numbers are read on any colour
    halo: Any = [patheffects.withStroke(linewidth=2.2, foreground="white", alpha=0.7)]
    lines = ax.contour(
        x.places,
        y.places,
        values,
        levels=inside,
        colors=BLACK,
        linewidths=0.9,
        linestyles="-",
        # no line beside a run without a value: half a cell there would be made up
        corner_mask=False,
    )
    lines.set_path_effects(halo)
    for text in ax.clabel(
        lines, fontsize=SMALL, fmt=lambda level: f"{level:.4g}", inline_spacing=3
    ):
        text.set_path_effects(halo)


def _draw_points(
    ax: Axes, x: SweepAxis, y: SweepAxis, swept: Swept, colours: tuple[Normalize, Colormap]
) -> Any:
    """Points at the runs' own places; those without a value are grey marks."""
    # both inputs of one sample: a point a run; else a sample crossed with a grid axis
    if x.dim == y.dim:
        xs, ys = x.places, y.places
    else:
        xs, ys = np.broadcast_arrays(x.places[:, None], y.places[None, :])
    values, state = swept.values.values, swept.state.values
    good = state == GOOD
    # smaller the more runs there are, between a dot that is seen and one that hides its neighbours
    size = float(np.clip(4000 / values.size, 8, 60))
    drawn = ax.scatter(
        xs[good],
        ys[good],
        c=values[good],
        s=size,
        norm=colours[0],
        cmap=colours[1],
        edgecolor=GREY,
        linewidth=0.3,
    )
    mark_runs(ax, xs, ys, state)
    return drawn


def contour_levels(swept: Swept, contours: Any) -> list[float]:
    """The levels of contour lines, ascending: about so many round ones over all values, or the
    given ones.

    Raises
    ------
    InputError : neither a number of levels nor levels.

    >>> import xarray as xr
    >>> doses = xr.DataArray([8.0, 24.0], dims="dose", attrs={"units": "IU"})
    >>> hours = xr.DataArray([6.0, 12.0], dims="every", attrs={"units": "h"})
    >>> axes = {"dose": doses, "every": hours}
    >>> about = {"name": "caregiver.epds", "attrs": {"units": "EPDS"}}
    >>> epds = xr.DataArray([[9.0, 9.5], [8.0, 8.7]], axes, ("dose", "every"), **about)
    >>> from oxysim.plots.sweeps.outcome_reading import read_outcome
    >>> swept = read_outcome(epds, None)
    >>> contour_levels(swept, [9.0, 8.5])
    [8.5, 9.0]
    """
    if (
        # True is a whole number to Python, and no number of lines
        isinstance(contours, int | np.integer)
        and not isinstance(contours, bool)
        and 0 <= contours <= 100
    ):
        values = swept.values.values
        ticks = (
            # the outermost of the round levels usually lie beyond the values
            MaxNLocator(int(contours) + 1).tick_values(np.nanmin(values), np.nanmax(values))
            if contours
            else []
        )
        return [float(tick) for tick in ticks]
    try:
        # a level that is asked for twice is one line
        levels = sorted({float(level) for level in contours})
    except (TypeError, ValueError):
        levels = []
    if not levels or not np.isfinite(levels).all():
        raise InputError(
            "contours: expected how many (0 to 100), or levels such as [10, 13]; found"
            f" {shown(contours)}"
        )
    return levels
