"""An outcome of a sweep in small multiples: a panel for each value of one axis,
all on one scale.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from matplotlib.figure import Figure

from oxysim import checks
from oxysim.errors import InputError
from oxysim.plots.picture import own_panels
from oxysim.plots.style import SMALL, drawing
from oxysim.plots.sweeps.axis_roles import axes_in_roles
from oxysim.plots.sweeps.outcome_reading import read_outcome
from oxysim.plots.sweeps.sweep_axis import (
    SCATTERED,
    SweepAxis,
    is_grid,
    is_time,
    letters_beside,
)
from oxysim.plots.sweeps.sweep_map import CONTOURS, contour_levels, draw_map
from oxysim.plots.sweeps.sweep_marks import colours_of, outcome_bar, state_entries
from oxysim.plots.sweeps.swept import Swept, laid_out

MOST_PANELS = 24  # six rows of four: more would be too small to be read


def sweep_panels(  # noqa: PLR0913 - what is drawn and where; all but the result have defaults
    result: Any,
    outcome: str | None = None,
    over: str | None = None,
    x: str | None = None,
    y: str | None = None,
    fig: Any = None,
    *,
    contours: int | Sequence[float] = CONTOURS,
    limits: Sequence[float] | None = None,
    centre: float | None = None,
    dyad: int | str | None = None,
    label: str | None = None,
) -> Figure:
    """Maps of an outcome over two axes of a sweep, a panel for each value of a third, with one
    scale of colours.

    Parameters
    ----------
    over : name of the third axis, or of an outcome's own dimension such as "week", or "dyad";
        default the last. At most 24 values.
    fig : a figure or subfigure to draw into; default a new one.
    result, outcome, x, y, contours, limits, centre, dyad, label : as for
        :func:`oxysim.plots.sweeps.sweep_map`.

    Raises
    ------
    UnknownNameError : no such outcome or axis. InputError : more than 24 panels, panels over a
        scattered design's own runs, and as for :func:`oxysim.plots.sweeps.sweep_map`.

    >>> import oxysim as ox
    >>> import numpy as np
    >>> import xarray as xr
    >>> axes = {"dose": [8.0, 24.0], "every": [6.0, 12.0], "course": [2.0, 4.0, 8.0]}
    >>> about = {"name": "caregiver.epds", "attrs": {"units": "EPDS"}}
    >>> epds = xr.DataArray(np.arange(12.0).reshape(2, 2, 3), axes, tuple(axes), **about)
    >>> figure = ox.plots.sweep_panels(epds, over="course")
    >>> [ax.get_title() for ax in figure.axes[:3]]
    ['2', '4', '8']
    """
    swept = read_outcome(result, outcome, label).over_dyads(dyad, (over, x, y))
    over = _last_free(swept, (x, y)) if over is None else checks.name(over, "over")
    # the axis of the panels is settled first, so that x and y take what it leaves
    axes = axes_in_roles(swept, {"over": over, "x": x, "y": y}, ("over", "x", "y"))
    _require_panels(axes["over"])
    swept, (third, *_) = laid_out(swept, list(axes.values()))
    # of all panels together: one colour is one value everywhere
    colours = colours_of(swept, limits, centre)
    levels = contour_levels(swept, contours)
    rows, columns = _grid(len(third.places))
    with drawing():
        fig, panels = own_panels(
            fig,
            (rows, columns),
            (1.6 + 2.2 * columns, 1.1 + 2.1 * rows),
            letters=False,
            sharex=True,
            sharey=True,
        )
        for position, (ax, text) in enumerate(zip(panels.flat, third.texts, strict=False)):
            # colours and levels come from outside, so that no panel has a scale of its own
            panel = _panel(swept, third.dim, position)
            drawn = draw_map(ax, panel, (axes["x"], axes["y"]), colours, levels, most=5)
            ax.set_title(f"{text} {third.unit}".strip(), fontsize=9)
        _finish(fig, panels, len(third.places), axes["y"].label)
        outcome_bar(drawn, panels, swept, fig, limited=limits is not None)
        _name(fig, third, state_entries(swept, cells=is_grid((axes["x"], axes["y"]))))
    return fig


def _require_panels(axis: SweepAxis) -> None:
    if axis.is_scattered or len(axis.places) > MOST_PANELS:
        why = "the runs of a sample" if axis.is_scattered else f"{len(axis.places)} values"
        raise InputError(
            f"over: expected an axis of at most {MOST_PANELS} values; {axis.name!r} has {why}"
        )


def _panel(swept: Swept, dim: str, position: int) -> Swept:
    values, state = (
        array.isel({dim: position}, drop=True) for array in (swept.values, swept.state)
    )
    return replace(swept, values=values, state=state)


def _grid(n: int) -> tuple[int, int]:
    """Rows and columns for `n` panels: at most four columns, with as few empty places as can be."""
    # of equally full grids the widest, as the range goes down and min keeps the first
    columns = min(range(min(n, 4), min(n, 2) - 1, -1), key=lambda wide: -n % wide)
    return math.ceil(n / columns), columns


def _last_free(swept: Swept, named: Sequence[str | None]) -> str | None:
    # the last, as an outcome's own dimension, such as its weeks, follows the design's axes
    taken = {swept.axis(name).dim for name in named if name is not None}
    free = [
        str(d)
        for d, size in swept.values.sizes.items()
        if size > 1 and d not in taken and d not in SCATTERED
    ]
    return free[-1] if free else None


def _name(fig: Any, third: SweepAxis, entries: Sequence[Any]) -> None:
    """The axis of the panels on top, what the hatched cells are below."""
    if not is_time(third.name):  # its moments speak for themselves
        fig.suptitle(third.label, fontsize=9, fontweight="bold")
    if entries:
        fig.legend(handles=entries, loc="outside lower left", ncols=3, fontsize=SMALL)


def _finish(fig: Any, panels: Any, n: int, label: str) -> None:
    """Hide what is empty; labels stand once, below and left of all (`label`)."""
    first = panels.flat[0]
    # as each panel wrote it; then the panels' own are emptied
    fig.supxlabel(first.get_xlabel(), fontsize=9)
    fig.supylabel(textwrap.fill(label, letters_beside(fig)), fontsize=9)
    columns = panels.shape[1]
    for position, ax in enumerate(panels.flat):
        ax.set(xlabel="", ylabel="")
        ax.set_visible(position < n)
        # a panel above an empty place has no other below it to carry the ticks
        ax.tick_params(labelbottom=position + columns >= n, labelleft=position % columns == 0)
