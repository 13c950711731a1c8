"""Rescue over two doses: where a dyad ends, or which share of a population is rescued, with the
line between.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from oxysim import checks
from oxysim.errors import InputError
from oxysim.loop.treatment.dose_map import RescueMap
from oxysim.plots.above import legend_above
from oxysim.plots.style import BLACK, drawing
from oxysim.plots.sweeps.sweep_map import sweep_map

HALF = 0.5  # the dose that rescues half of those in need, as an ED50


def rescue_map(  # noqa: PLR0913 - what is drawn and where; all but the first have defaults
    rescue: RescueMap,
    x: str | None = None,
    y: str | None = None,
    ax: Axes | None = None,
    *,
    share: float = HALF,
    limits: Sequence[float] | None = None,
    bar: bool = True,
) -> Axes:
    """The map of recovery over two doses.

    Of one dyad the EPDS at the end of the follow-up, white at the cut-off, which is a line; rings
    mark runs that were below it when treatment stopped and fell back. Of several dyads the share of
    those in need that is rescued, with a line at `share`.

    Parameters
    ----------
    rescue : what ``Rescue.run`` returned.
    x, y : names of axes; default the first two.
    share : of the line, where there are several dyads.
    limits : (low, high) of the colours; default the extremes of the EPDS, of a share 0 and 1.
    bar : whether a colour bar stands beside the map.

    Raises
    ------
    UnknownNameError : no such axis. InputError : not two axes, a share that is none, nobody in
    need.

    >>> import numpy as np
    >>> import oxysim as ox
    >>> import xarray as xr
    >>> from oxysim.loop.treatment.dose_map import RescueMap
    >>> dyad, contact = ox.Dyad.symptomatic("2 weeks"), ox.SkinToSkin("60 min daily for 2 weeks")
    >>> doses = {"skin.minutes": ["30 min", "60 min"], "skin.course": ["1 weeks", "2 weeks"]}
    >>> rescue = ox.loop.Rescue(dyad, doses, {"skin": contact}, followed="6 weeks")
    >>> template = rescue.study.template()  # made-up courses in place of weeks of computing
    >>> axes = {name: template[name] for name in doses}
    >>> epds = xr.DataArray(np.full((2, 2, 8), 16.0), axes, (*doses, "week"))
    >>> epds[1, 1, 2:] = 6.0
    >>> treated = xr.Dataset({"mother.epds: weekly mean": epds})
    >>> alone = (("dyad", "week"), np.full((1, 8), 16.0))
    >>> untreated = xr.Dataset({"mother.epds: weekly mean": alone})
    >>> stops = xr.full_like(rescue.stops, 10.0)
    >>> ax = ox.plots.rescue_map(RescueMap(rescue.study, stops, treated, untreated, 13.0))
    >>> ax.get_xlabel()
    'Skin minutes (min)'
    """
    checks.instance(rescue, "rescue", RescueMap, "what Rescue.run() returns")
    if len(rescue.doses) != 2:
        raise InputError(
            f"rescue map: expected two axes of doses; found {', '.join(rescue.doses) or 'none'}"
        )
    checks.number(share, "share", 0, 1, open_low=True)
    x, y = _axes(rescue.doses, x, y)
    # a single dyad ends somewhere; of several a share is rescued
    if "dyad" in rescue.at_end.dims:
        label = f"Share of {int(rescue.in_need.sum('dyad').max())} dyads in need that is rescued"
        return sweep_map(
            rescue.share, None, x, y, ax, contours=[share], limits=limits, label=label, bar=bar
        )
    label = "EPDS at the end of follow-up (points)"
    # white at the cut-off: on either side of it a dyad is well or ill
    line = rescue.cut_off
    ax = sweep_map(
        rescue.at_end,
        None,
        x,
        y,
        ax,
        contours=[line],
        centre=line,
        limits=limits,
        label=label,
        bar=bar,
    )
    with drawing():
        _mark_relapses(ax, rescue, x, y)
    return ax


def _axes(doses: tuple[str, ...], x: Any, y: Any) -> tuple[str, str]:
    """The names of the two axes; the one that is left out is the other."""
    for name, dose_role in ((x, "x"), (y, "y")):
        if name is not None:
            checks.name(name, dose_role)
    # the first two that are left, in the order of the study
    across = x or next(name for name in doses if name != y)
    return across, y or next(name for name in doses if name != across)


def _mark_relapses(ax: Axes, rescue: RescueMap, x: str, y: str) -> None:
    # fate 1 is a relapse: below the cut-off when treatment stopped, above at the end
    fell = rescue.fate.transpose(x, y) == 1
    # on an axis of texts a ring would have no place
    numbers = all(fell[name].dtype.kind in "if" for name in (x, y))
    if not numbers or not bool(fell.any()):
        return
    at = [
        fell[name].values[index]
        for name, index in zip((x, y), np.nonzero(fell.values), strict=True)
    ]
    ax.plot(
        *at,
        "o",
        markerfacecolor="none",
        markeredgecolor=BLACK,
        markersize=4,
        markeredgewidth=0.8,
        label="_fell",
    )
    label = f"below {rescue.cut_off:g} when treatment stopped, above at the end"
    look: Any = {
        "marker": "o",
        "markerfacecolor": "none",
        "markeredgecolor": BLACK,
        "markersize": 4,
        "linestyle": "",
    }
    legend_above(ax, [Line2D([], [], label=label, **look)])
