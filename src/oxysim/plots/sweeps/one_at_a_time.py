"""A one-at-a-time design: how far each axis moves an outcome away from the study as it is."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from oxysim.errors import InputError
from oxysim.plots.above import legend_above
from oxysim.plots.interval_rows import limit_rows
from oxysim.plots.picture import own_axes
from oxysim.plots.style import BLUE, LIGHT, drawing, reference_line, size_ticks
from oxysim.plots.sweeps.outcome_reading import read_outcome
from oxysim.plots.sweeps.sweep_axis import name_text
from oxysim.plots.sweeps.sweep_marks import mark_runs, state_entries
from oxysim.plots.sweeps.swept import GOOD, Swept

BASE = "study"  # what the design calls the run in which nothing is moved


def one_at_a_time(
    result: Any,
    outcome: str | None = None,
    ax: Axes | None = None,
    *,
    dyad: int | str | None = None,
    label: str | None = None,
) -> Axes:
    """Every run of a one-at-a-time design: an axis a row, a point a value; a line marks the study
    as it is.

    The axis that moves the outcome most is on top. Values stand beside their points; a run without
    a value is a grey mark on the left.

    Parameters
    ----------
    result : what ``sweep`` returned for such a design, or one variable of it.
    outcome : its name or text ("caregiver.epds: final"); may be left out where there is one only.
    dyad : a dyad's number, or "mean" or "median" over those that came through; default the median
        of several.
    label : quantity and unit, in place of the outcome's own.

    Raises
    ------
    UnknownNameError : no such outcome. InputError : another design, dimensions left over, nothing
    with a value.

    >>> import oxysim as ox
    >>> import xarray as xr
    >>> runs = {"axis": ("run", ["study", "spray.dose"]), "value": ("run", ["", "40 IU"])}
    >>> about = {"name": "caregiver.epds", "attrs": {"units": "EPDS"}}
    >>> ax = ox.plots.one_at_a_time(xr.DataArray([10.0, 9.0], runs, "run", **about))
    >>> [text.get_text() for text in ax.get_yticklabels()], ax.texts[0].get_text()
    (['Spray dose'], '40 IU')
    """
    swept = read_outcome(result, outcome, label).over_dyads(dyad)
    values = swept.values
    if values.dims != ("run",) or "axis" not in values.coords:
        raise InputError(
            "result: expected a one-at-a-time design, with the dimension 'run' only; found"
            f" {', '.join(map(str, values.dims)) or 'no dimension'}. Use sweep_line or sweep_map,"
            " or choose a value of what is left over with result.isel(...)"
        )
    # widest last: axes count upwards, so the last row is on top
    rows = _rows(values)
    with drawing():
        # half an inch a row holds texts above and below its points
        ax = own_axes(ax, (6.4, 1.2 + 0.5 * len(rows)))
        _draw_rows(ax, swept, rows)
        ax.set_yticks(range(len(rows)), [name_text(name) for name in rows])
        limit_rows(ax, len(rows))
        # room for the texts of the outermost points
        ax.margins(x=0.12)
        ax.set_xlabel(swept.wrapped(70))
        size_ticks(ax)
        legend_above(ax, [*ax.get_legend_handles_labels()[0], *state_entries(swept, cells=False)])
    return ax


def _rows(values: xr.DataArray) -> list[str]:
    """Names of the axes, the one that moves the outcome most last."""
    base = _base(values)
    names = [name for name in dict.fromkeys(values["axis"].values.tolist()) if name != BASE]
    reach = {}
    for name in names:
        axis_values = values.values[values["axis"].values == name]
        finite = np.isfinite(axis_values)
        # without a value of the study itself, the distance from the axis's own mean orders the rows
        middle = base if np.isfinite(base) or not finite.any() else np.nanmean(axis_values)
        change = np.abs(axis_values - middle)
        # an axis without a value goes below all others
        reach[name] = float(np.nanmax(change)) if finite.any() else -1.0
    return sorted(names, key=lambda name: reach[name])


def _base(values: xr.DataArray) -> float:
    return float(values.values[values["axis"].values == BASE][0])


def _draw_rows(ax: Axes, swept: Swept, rows: list[str]) -> None:
    values, state = swept.values.values, swept.state.values
    names, texts = swept.values["axis"].values, swept.values["value"].values
    base = _base(swept.values)
    if np.isfinite(base):
        reference_line(ax, x=base, label="the study as it is")
    for height, name in enumerate(rows):
        row_indices = np.flatnonzero(names == name)
        # a run without a value has no place along the outcome: it is marked at the left
        good = row_indices[state[row_indices] == GOOD]
        reached = [*values[good].tolist(), *([base] if np.isfinite(base) else [])]
        if reached:
            ax.plot(
                [min(reached), max(reached)],
                [height] * 2,
                color=LIGHT,
                linewidth=4,
                zorder=1.5,
                label="_range",
            )
        ax.plot(
            values[good],
            np.full(len(good), height),
            "o",
            color=BLUE,
            markersize=5,
            zorder=3,
            label="_runs",
        )
        for y, run in enumerate(good.tolist()):
            # in turns above and below, as neighbours' texts would overlap
            above = 7 if y % 2 == 0 else -13
            ax.annotate(
                str(texts[run]),
                (values[run], height),
                (0, above),
                textcoords="offset points",
                ha="center",
                fontsize=8,
            )
        # 2 % of the width from the left edge, in the row's own height
        mark_runs(ax, 0.02, height, np.max(state[row_indices]), ax.get_yaxis_transform())
