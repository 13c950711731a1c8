"""An outcome of a sweep along one axis: a curve, one for each value of a second axis, or points of
a sample.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LogNorm, Normalize

from oxysim.plots.picture import own_axes
from oxysim.plots.style import BLUE, LOOKS, drawing
from oxysim.plots.sweeps.axis_roles import axes_in_roles
from oxysim.plots.sweeps.outcome_reading import read_outcome
from oxysim.plots.sweeps.sweep_axis import LOG, NAMES, SweepAxis
from oxysim.plots.sweeps.sweep_curves import QUANTILES, draw_band, draw_values, label_sweep
from oxysim.plots.sweeps.sweep_marks import colour_bar, legend_of_lines, mark_floor, state_entries
from oxysim.plots.sweeps.swept import GOOD, Swept, laid_out

MANY_CURVES = 40
"""More curves cannot be followed by eye, and thousands are one block of colour: their quantiles are
drawn.
"""

MANY_POINTS = 1000
"""More points lie on each other: their density is drawn."""

MOST_MARKERS = 40  # on one curve: more would hide the line between them
HEXAGONS = 40  # across: small enough that the shape of the cloud is seen


def sweep_line(  # noqa: PLR0913 - what is drawn and where; all but the result have defaults
    result: Any,
    outcome: str | None = None,
    x: str | None = None,
    hue: str | None = None,
    ax: Axes | None = None,
    *,
    dyad: int | str | None = None,
    label: str | None = None,
) -> Axes:
    """An outcome along one axis of a sweep.

    On a grid a curve, with a marker at each run; up to six values of `hue` have a look each, more
    are told by colour, and more than 40 by the median and bands between quantiles. Runs of a
    scattered design (Latin hypercube, Sobol', list, table) are points; of more than 1,000 their
    density is shown, with the median along x. A run without a value leaves a gap, and a grey mark
    at the bottom says so. Values evenly spaced on the logarithm give a logarithmic axis.

    Parameters
    ----------
    result : what ``sweep`` returned, one variable of it, or the result of a simulation,
        whose course is drawn as in :func:`oxysim.plots.courses.time_course`.
    outcome : its name or text ("caregiver.epds: final"); may be left out where there is one only.
    x, hue : names of axes, or of an outcome's own dimension such as "week"; default the first axis
        (of a scattered design the one that moves the outcome most), and none.
    dyad : a dyad's number, or "mean" or "median" over those that came through; default the median
        of several.
    label : quantity and unit, in place of the outcome's own.

    Raises
    ------
    UnknownNameError : no such outcome or axis. InputError : dimensions that are neither x nor hue,
        no unit and no label, nothing with a value.

    >>> import oxysim as ox
    >>> import xarray as xr
    >>> doses = xr.DataArray([8.0, 24.0, 40.0], dims="dose", attrs={"units": "IU"})
    >>> about = {"name": "caregiver.epds", "attrs": {"units": "EPDS"}}
    >>> epds = xr.DataArray([10.0, 9.0, 8.5], {"dose": doses}, **about)
    >>> ax = ox.plots.sweep_line(epds)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('Dose (IU)', 'Caregiver EPDS (points)')
    """
    swept = read_outcome(result, outcome, label, as_course=x in (None, "time")).over_dyads(
        dyad, (x, hue)
    )
    axes = axes_in_roles(swept, {"x": x, "hue": hue}, ("x",))
    with drawing():
        ax = own_axes(ax, (6.4, 3.6))
        draw_lines(ax, swept, axes["x"], axes.get("hue"))
        label_sweep(ax, swept)
    return ax


def draw_lines(ax: Axes, swept: Swept, x: SweepAxis, hue: SweepAxis | None) -> None:
    """The curves or points, their legend or colour bar, and the x axis.

    >>> import oxysim as ox
    >>> import xarray as xr
    >>> doses = xr.DataArray([8.0, 24.0, 40.0], dims="dose", attrs={"units": "IU"})
    >>> about = {"name": "caregiver.epds", "attrs": {"units": "EPDS"}}
    >>> epds = xr.DataArray([10.0, 9.0, 8.5], {"dose": doses}, **about)
    >>> from oxysim.plots.sweeps.outcome_reading import read_outcome
    >>> swept = read_outcome(epds, None)
    >>> figure, axes = ox.plots.panels(1)
    >>> draw_lines(axes[0, 0], swept, swept.axis("dose"), None)
    >>> axes[0, 0].get_lines()[0].get_ydata().tolist()
    [10.0, 9.0, 8.5]
    """
    swept, (x, *further_axes) = laid_out(swept, [x] if hue is None else [x, hue])
    title = None  # what several curves are told by
    # four pictures: a density, one curve or one set of points, points coloured by another input, a
    # curve for each value of hue
    if not further_axes and x.is_scattered and swept.values.size > MANY_POINTS and x.scale != NAMES:
        _draw_density(ax, x, swept.values.values)
    elif not further_axes:
        _draw_curve(ax, x, swept.values.values, 0)
    # both axes lie along the runs of a sample
    elif further_axes[0].dim == x.dim:
        title = _draw_coloured_points(ax, x, further_axes[0], swept)
    else:
        title = _draw_curves(ax, x, further_axes[0], swept)
    x.finish(ax, "x")
    mark_floor(ax, x.places, swept.state.values)
    legend_of_lines(ax, state_entries(swept, cells=False), title)


def _draw_curve(ax: Axes, x: SweepAxis, values: Any, position: int, label: str = "") -> None:
    """A curve with a marker at each run, or the points of a sample."""
    look = LOOKS[position]
    if x.is_scattered:
        # points of more than a hundred runs lie on each other: where they do, they are darker
        points: Any = {
            "line": "",
            "marker": look.marker,
            "alpha": 0.6 if len(values) > 100 else 1.0,
        }
        draw_values(ax, x, values, look.colour, label, **points)
        return
    marker = look.marker if len(values) <= MOST_MARKERS else ""
    draw_values(ax, x, values, look.colour, label, line=look.line, marker=marker)


def _draw_curves(ax: Axes, x: SweepAxis, hue: SweepAxis, swept: Swept) -> str | None:
    """A curve for each value of `hue`, or their quantiles where they are many;
    the legend's title.
    """
    values = swept.values.values
    if len(hue.places) <= len(LOOKS):
        for position, text in enumerate(hue.texts):
            _draw_curve(ax, x, values[:, position], position, text)
        return hue.heading
    if len(hue.places) > MANY_CURVES:
        draw_band(ax, x, values, np.asarray(QUANTILES), 0, f"median of {len(hue.places):,}")
        return f"{hue.heading};\nbands hold 50 % and 90 %"
    # more than six looks cannot be told apart; an ordered scale of colours can
    colour = _colours(hue)
    for hue_place, curve in zip(hue.places, values.T, strict=True):
        ax.plot(
            x.places,
            curve,
            color=colour.to_rgba(hue_place),
            marker="." if len(curve) <= MOST_MARKERS else "",
            label="_values",
        )
    _finish_bar(colour_bar(colour, ax, hue.label), hue)
    return None


def _draw_density(ax: Axes, x: SweepAxis, values: Any) -> None:
    """How many of a large sample's runs lie where, and their median along x."""
    finite = np.isfinite(values)
    across, up = x.places[finite], values[finite]
    scale: Any = "log" if x.scale == LOG else "linear"
    # hexagons without a run stay white (mincnt), so that the sample's shape is seen
    cells = ax.hexbin(
        across, up, gridsize=HEXAGONS, mincnt=1, cmap="Greys", xscale=scale, linewidths=0, vmin=0
    )
    colour_bar(cells, ax, "Runs in a hexagon")
    # twenty classes of equally many runs: each median is as sure as the next
    edges = np.unique(np.quantile(across, np.linspace(0, 1, 21)))
    # the last class takes its upper edge too
    classes = np.clip(np.searchsorted(edges, across, side="right") - 1, 0, len(edges) - 2)
    middles = [
        (np.median(across[classes == k]), np.median(up[classes == k])) for k in np.unique(classes)
    ]
    ax.plot(
        *np.transpose(middles), color=BLUE, label=f"median along x, n = {len(up):,} runs", zorder=4
    )


def _draw_coloured_points(ax: Axes, x: SweepAxis, hue: SweepAxis, swept: Swept) -> str | None:
    """Points of a sample, coloured by another of its coordinates; the legend's title."""
    # runs without a value are marked on the floor of the axes
    values, good = swept.values.values, swept.state.values == GOOD
    # a few texts are told by look, as numbers on a scale they are not
    if hue.scale == NAMES and len(set(hue.texts)) <= len(LOOKS):
        for position, text in enumerate(dict.fromkeys(hue.texts)):
            selected = good & (np.array(hue.texts) == text)
            look = LOOKS[position]
            ax.plot(
                x.places[selected],
                values[selected],
                look.marker,
                color=look.colour,
                markersize=5,
                label=text,
            )
        return hue.heading
    colour = _colours(hue)
    ax.scatter(
        x.places[good],
        values[good],
        c=colour.to_rgba(hue.places[good]),
        s=22,
        edgecolor=BLUE,
        linewidth=0.3,
    )
    _finish_bar(colour_bar(colour, ax, hue.label), hue)
    return None


def _colours(hue: SweepAxis) -> Any:
    low, high = float(hue.places.min()), float(hue.places.max())
    # colours follow the axis's own scale
    norm = LogNorm(low, high) if hue.scale == LOG else Normalize(low, high)
    return ScalarMappable(norm, colormaps["viridis"])


def _finish_bar(bar: Any, hue: SweepAxis) -> None:
    """The values' own words beside the colours, and no tick between texts."""
    if hue.scale == NAMES:
        different = dict(zip(hue.places.tolist(), hue.texts, strict=True))
        bar.set_ticks(list(different), labels=list(different.values()))
