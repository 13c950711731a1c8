"""Rescue over two doses: where a dyad ends, or which share of a population is rescued, with the line between."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from oxysim.errors import InputError
from oxysim.plots.style import BLACK, drawing
from oxysim.plots.sweep_map import sweep_map
from oxysim.plots.sweep_marks import legend_below

if TYPE_CHECKING:
    from oxysim.loop.rescue_map import RescueMap

HALF = 0.5


def rescue_map(  # noqa: PLR0913 - what is drawn and where; all but the first have defaults
    found: RescueMap,
    x: str | None = None,
    y: str | None = None,
    ax: Axes | None = None,
    *,
    share: float = HALF,
    limits: Sequence[float] | None = None,
) -> Axes:
    """The map of recovery over two doses.

    Of one dyad the EPDS at the end of the follow-up, white at the cut-off, which is a line; rings mark runs that were
    below it when treatment stopped and fell back. Of several dyads the share of those in need that is rescued, with a
    line at `share`.

    Parameters
    ----------
    found : what ``Rescue.run`` returned.
    x, y : names of axes; default the first two.
    share : of the line, where there are several dyads.
    limits : (low, high) of the colours; default the extremes of the EPDS, of a share 0 and the largest.

    Raises
    ------
    UnknownNameError : no such axis. InputError : not two axes, a share that is none, nobody in need.
    """
    if len(found.doses) != 2:
        raise InputError(f"rescue map: expected two axes of doses; found {', '.join(found.doses) or 'none'}")
    if not 0 < share <= 1:
        raise InputError(f"share: expected a share above 0 and at most 1; found {share!r}")
    x = x or next(name for name in found.doses if name != y)
    y = y or next(name for name in found.doses if name != x)
    if "dyad" in found.at_end.dims:
        label = f"Share of {int(found.in_need.sum('dyad').max())} dyads in need that is rescued"
        high = float(found.share.max()) or 1.0
        return sweep_map(found.share, None, x, y, ax, contours=[share], limits=limits or (0.0, high), label=label)
    label = "EPDS at the end of follow-up (points)"
    line = found.cut_off
    ax = sweep_map(found.at_end, None, x, y, ax, contours=[line], centre=line, limits=limits, label=label)
    with drawing():
        _mark_relapses(ax, found, x, y)
    return ax


def _mark_relapses(ax: Axes, found: RescueMap, x: str, y: str) -> None:
    fell = found.fate.transpose(x, y) == 1
    numbers = all(fell[name].dtype.kind in "if" for name in (x, y))
    if not numbers or not bool(fell.any()):
        return
    at = [fell[name].values[own] for name, own in zip((x, y), np.nonzero(fell.values), strict=True)]
    ax.plot(*at, "o", markerfacecolor="none", markeredgecolor=BLACK, markersize=4, markeredgewidth=0.8, label="_fell")
    label = f"below {found.cut_off:g} when treatment stopped, above at the end"
    look: Any = {"marker": "o", "markerfacecolor": "none", "markeredgecolor": BLACK, "markersize": 4, "linestyle": ""}
    legend_below(ax, [Line2D([], [], label=label, **look)])
