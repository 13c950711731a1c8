"""The spread of an outcome over an ensemble: its median and bands between quantiles, along time or
an axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.errors import InputError, shown, unknown_name
from oxysim.plots.picture import own_axes
from oxysim.plots.style import GREY, LOOKS, drawing
from oxysim.plots.sweeps.axis_roles import axes_in_roles
from oxysim.plots.sweeps.outcome_reading import read_outcome
from oxysim.plots.sweeps.sweep_axis import NAMES, SweepAxis
from oxysim.plots.sweeps.sweep_curves import QUANTILES, draw_band, label_sweep, strength
from oxysim.plots.sweeps.sweep_marks import legend_of_lines, mark_floor, state_entries
from oxysim.plots.sweeps.swept import GOOD, Swept, laid_out, runs_text


def quantile_bands(  # noqa: PLR0913 - what is drawn and where; all but the result have defaults
    result: Any,
    outcome: str | None = None,
    x: str | None = None,
    hue: str | None = None,
    ax: Axes | None = None,
    *,
    dim: str = "dyad",
    quantiles: Sequence[float] = QUANTILES,
    label: str | None = None,
) -> Axes:
    """The median of an outcome over `dim` with bands between its quantiles, along time or an axis
    of the sweep.

    Runs without a value are left out; the legend says how many stand behind the curve, and a grey
    mark at the bottom shows where some are missing.

    Parameters
    ----------
    result : what ``sweep`` returned, one variable of it, or the result of a simulation,
        whose course is drawn as in :func:`oxysim.plots.courses.time_course`.
    outcome : its name or text ("caregiver.epds: weekly"); may be left out where there is one only.
    x, hue : names of axes, or of an outcome's own dimension such as "week"; default the first free
        one, and none. At most six values of `hue`.
    dim : over what: "dyad", or an axis such as "seed" or "sample".
    quantiles : an odd number of shares in [0, 1], ascending; the middle one is a line, and a band
        lies between the first and the last, the second and the last but one ...
    label : quantity and unit, in place of the outcome's own.

    Raises
    ------
    UnknownNameError : no such outcome, axis or `dim`. InputError : other quantiles, dimensions left
        over, no unit and no label, nothing with a value.

    >>> import oxysim as ox
    >>> import xarray as xr
    >>> about = {"name": "caregiver.epds", "attrs": {"units": "EPDS"}}
    >>> courses = [[9.0, 8.0, 7.5], [12.0, 11.0, 11.5], [6.0, 6.5, 6.0]]
    >>> places = {"dyad": [0, 1, 2], "week": [0, 7, 14]}
    >>> ax = ox.plots.quantile_bands(xr.DataArray(courses, places, ("dyad", "week"), **about))
    >>> ax.get_legend().get_texts()[0].get_text()
    'median, n = 3 dyads'
    """
    shares = _shares(quantiles)
    # only dyads' lines along time can be computed anew between their outputs
    swept = read_outcome(result, outcome, label, as_course=x in (None, "time") and dim == "dyad")
    if checks.name(dim, "dim") not in swept.values.dims:
        raise unknown_name("dimension", dim, map(str, swept.values.dims), "of this outcome")
    axes = axes_in_roles(swept, {"x": x, "hue": hue}, ("x",), (dim,))
    swept, along = laid_out(swept, list(axes.values()), (dim,))
    _require_drawable(along)
    with drawing():
        ax = own_axes(ax, (6.8, 3.6))
        # (places, values of hue or 1, what the spread is over)
        curves = swept.values.values.reshape(len(along[0].places), -1, swept.values.sizes[dim])
        for position, text in enumerate(along[1].texts if len(along) > 1 else [""]):
            draw_band(ax, along[0], curves[:, position], shares, position, text)
        along[0].finish(ax, "x")
        mark_floor(ax, along[0].places, swept.state.values)
        label_sweep(ax, swept)
        # several hues share the bands' meaning: grey stands for any of them
        entries = _entries(swept, shares, dim, LOOKS[0].colour if len(along) == 1 else GREY)
        legend_of_lines(
            ax,
            entries + state_entries(swept, cells=False),
            along[1].heading if len(along) > 1 else None,
        )
    return ax


def _entries(swept: Swept, shares: FloatArray, dim: str, colour: str) -> list[Any]:
    """What line and bands are, and how many stand behind them."""
    n = swept.values.sizes[dim]
    # over the last dimension, which is the one that the spread is over
    good = (swept.state.values == GOOD).sum(axis=-1)
    middle = len(shares) // 2
    name = "median" if shares[middle] == 0.5 else f"{shares[middle]:.4g} quantile"
    unit_name = f"{dim}s" if dim in ("dyad", "sample", "run", "seed") else f"values of {dim}"
    entries: list[Any] = [
        Line2D([], [], color=colour, label=f"{name}, n = {runs_text(good, n)} {unit_name}")
    ]
    # pairs from the outermost inwards, as the bands are drawn
    for k in range(middle):
        low, high = 100 * shares[k], 100 * shares[-1 - k]
        text = f"{high - low:.4g} % of them ({low:.4g}\N{EN DASH}{high:.4g} %)"
        entries.append(Patch(color=colour, alpha=strength(k, middle), linewidth=0, label=text))
    return entries


def _shares(quantiles: Any) -> FloatArray:
    try:
        shares = np.asarray(quantiles, dtype=float)
    except (TypeError, ValueError):
        shares = np.array([])
    legal = (
        shares.ndim == 1 and len(shares) % 2 == 1 and bool(((shares >= 0) & (shares <= 1)).all())
    )
    legal = legal and bool((np.diff(shares) > 0).all())
    if not legal:
        raise InputError(
            "quantiles: expected an odd number of shares from 0 to 1, ascending, such as (0.05,"
            f" 0.5, 0.95); found {shown(quantiles)}"
        )
    return shares


def _require_drawable(axes: Sequence[SweepAxis]) -> None:
    for axis in axes:
        if axis.is_scattered:
            raise InputError(
                f"x: {axis.name!r} lies along the runs of a sample, each at a place of its own; use"
                f" dim={axis.dim!r} for the spread over the sample, or sweep_line for its points"
            )
    if len(axes) > 1 and len(axes[1].places) > len(LOOKS):
        raise InputError(
            f"hue: expected at most {len(LOOKS)} values; {axes[1].name!r} has {len(axes[1].places)}"
        )
    # a band over a single text has no width
    if axes[0].scale == NAMES and len(axes[0].places) < 2:
        raise InputError(f"x: expected several values; {axes[0].name!r} has one")
