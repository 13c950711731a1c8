"""Power over the number of participants, with its Monte Carlo error and the line of 80 %."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from matplotlib.axes import Axes

from oxysim import checks
from oxysim.errors import InputError
from oxysim.plots.picture import own_axes
from oxysim.plots.style import GREY, LOOKS, Look, drawing, legend_beside, reference_line, size_ticks
from oxysim.trials.power_over_n import PLANNED, PowerCurve


def power_curve(curves: PowerCurve | Mapping[str, PowerCurve], ax: Axes | None = None) -> Axes:
    """Power against n, a curve an endpoint; the band is the power's Monte Carlo 95 % interval.

    Parameters
    ----------
    curves : what ``trials.power`` returns, or up to six of them by name.

    Raises
    ------
    InputError : no curve, or more than six.

    >>> import oxysim as ox
    >>> design = ox.trials.Gaussian(0.5)
    >>> curve = ox.power(design, n=[20, 60], replications=100, seed=1, progress=False)
    >>> ax = ox.plots.power_curve({"effect of 0.5": curve})
    >>> ax.get_legend().get_texts()[0].get_text().splitlines()
    ['effect of 0.5', '80 % at n = 34 (27–41)']
    """
    curve_by_name = (
        {curves.endpoint or "primary endpoint": curves}
        if isinstance(curves, PowerCurve)
        else curves
    )
    if not isinstance(curve_by_name, Mapping) or not 0 < len(curve_by_name) <= len(LOOKS):
        raise checks.refused(curves, "curves", f"1 to {len(LOOKS)} results of power() by name")
    for name, power_of_design in curve_by_name.items():
        checks.instance(
            power_of_design,
            f"curves, {checks.name(name, 'name of a curve')}",
            PowerCurve,
            "what power() returns",
        )
    with drawing():
        ax = own_axes(ax, (7.2, 3.8))
        # a curve crosses it at the n that is needed
        reference_line(ax, y=PLANNED)
        for look, (name, curve) in zip(LOOKS, curve_by_name.items(), strict=False):
            _draw(ax, curve, look, name)
        # without an effect power is alpha: a curve that starts there is no fault
        ax.axhline(
            next(iter(curve_by_name.values())).alpha,
            color=GREY,
            linewidth=0.8,
            linestyle=":",
            zorder=1,
        )
        ax.annotate(
            "80 %",
            (0.0, PLANNED),
            (3, 2),
            xycoords=ax.get_yaxis_transform(),
            textcoords="offset points",
            fontsize=8,
            color=GREY,
        )
        ax.set_xlabel("Participants of one trial, all arms")
        ax.set_ylabel("Power (share of trials with an effect)")
        # from 0 to 1 whatever was found, with room for half a marker at both ends
        ax.set_ylim(-0.03, 1.03)
        legend_beside(ax, title=_title(list(curve_by_name.values())))
        size_ticks(ax)
    return ax


def _draw(ax: Axes, curve: PowerCurve, look: Look, name: str) -> None:
    n, share, low, high = (
        curve.table[column].to_numpy(dtype=float)
        for column in ("n", "power", "power_low", "power_high")
    )
    ax.plot(n, share, color=look.colour, linestyle=look.line, marker=look.marker, markersize=5,
            label=f"{name}\n{_needed(curve)}", zorder=3)  # fmt: skip
    ax.fill_between(n, low, high, color=look.colour, alpha=0.18, linewidth=0, zorder=2)


def _needed(curve: PowerCurve) -> str:
    """The n for 80 % power, or that no n asked for has it."""
    try:
        needed = curve.n_for(PLANNED)
    # no crossing in the range that was asked for: say on which side of it the n lies
    except InputError:
        below = float(curve.table["power"].max()) < PLANNED
        return (
            f"80 % at no n up to {curve.table['n'].max():.0f}"
            if below
            else "80 % at the smallest n already"
        )
    high = f"{needed.high:.0f}" if math.isfinite(needed.high) else "beyond"
    return f"80 % at n = {needed.n} ({needed.low:.0f}\N{EN DASH}{high})"


def _title(curves: list[Any]) -> str:
    # each once, as curves of one call share them
    levels = dict.fromkeys(f"{curve.alpha:g}" for curve in curves)
    counts = dict.fromkeys(str(len(curve.found)) for curve in curves)
    return (
        f"{' or '.join(counts)} trials at each n,\ntwo-sided alpha {' or '.join(levels)} (dotted)"
    )
