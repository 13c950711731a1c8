"""A visual predictive check: percentiles of the data over those of simulated studies."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from oxysim import checks
from oxysim.fitting.comparison.predictive_check import PredictiveCheck
from oxysim.plots.courses.time_axis import TimeAxis
from oxysim.plots.picture import own_panels
from oxysim.plots.style import (
    BLUE,
    GREY,
    VERMILLION,
    drawing,
    legend_beside,
    sentence,
    size_ticks,
    unit_text,
    words,
)
from oxysim.units import DAY

CLOCK_DAYS = 2.0  # days up to which the axis of time shows the clock
DECADES = 30.0  # largest over smallest reading, from which on the axis is logarithmic
DASHES = (
    "--",
    "-",
    ":",
)  # of the lowest, the middle and the highest percentile


def predictive_bands(check: PredictiveCheck, fig: Any = None, *, log: bool | None = None) -> Figure:
    """The data's percentiles (lines) over the central 95 % of the simulated ones (bands), with the
    readings; below, the share of censored readings where there are any.

    Parameters
    ----------
    check : of :func:`oxysim.fitting.predictive_check`.
    fig : where to draw; default a new figure.
    log : whether readings are drawn on a logarithmic axis; by default where they span more than a
        factor of thirty.

    Raises
    ------
    InputError : no check.

    >>> import oxysim as ox
    >>> from oxysim.fitting import predictive_check, simulate_studies
    >>> from oxysim.observations import Observations
    >>> rows = pd.DataFrame({"person": "a", "analyte": "saliva_oxytocin", "minutes": [605.0, 640.0],
    ...     "value": [9000.0, 300.0], "unit": "pg/mL"})
    >>> spray = ox.Routine.empty() + ox.NasalSpray("24 IU", at="10:00")
    >>> studies = simulate_studies(Observations.from_table(rows), ox.Dyad(), spray)
    >>> figure = predictive_bands(predictive_check(studies))
    >>> figure.axes[0].get_ylabel()
    'Saliva oxytocin (pg/mL)'
    """
    checks.instance(check, "check", PredictiveCheck, "what predictive_check() returns")
    is_log = _is_wide(check) if log is None else checks.flag(log, "log")
    censored = check.censored()
    with_shares = bool(censored[["data", "high"]].to_numpy().any())
    with drawing():
        rows = 2 if with_shares else 1
        sizes: dict[str, Any] = {"height_ratios": (2.4, 1)} if with_shares else {}
        fig, axes = own_panels(
            fig,
            (rows, 1),
            (7.2, 3.4 + 1.4 * (rows - 1)),
            sharex=True,
            gridspec_kw=sizes,
        )
        axis = _axis(check)
        _draw_percentiles(axes[0, 0], axis, check, is_log)
        if with_shares:
            _draw_shares(axes[1, 0], axis, censored)
        for ax in axes[:, 0]:
            axis.finish(ax)
            _margin(ax)
            ax.label_outer()
        if rows > 1:
            fig.align_ylabels()
    return fig


def _is_wide(check: PredictiveCheck) -> bool:
    values = check.studies.table["value"].dropna().to_numpy()
    return bool(len(values) and values.min() > 0 and values.max() > DECADES * values.min())


def _axis(check: PredictiveCheck) -> TimeAxis:
    low, high = float(check.edges[0]), float(check.edges[-1])
    if high - low <= CLOCK_DAYS * DAY:
        return TimeAxis("Clock time (h:min)", 1.0, 0.0, low, high)
    return TimeAxis("Time since the start (days)", DAY, 0.0, low, high)


def _margin(ax: Axes) -> None:
    """A little room at both ends, where bins of single times lie."""
    low, high = ax.get_xlim()
    ax.set_xlim(low - 0.03 * (high - low), high + 0.03 * (high - low))


def _draw_percentiles(ax: Axes, axis: TimeAxis, check: PredictiveCheck, is_log: bool) -> None:
    table = check.table()
    samples = check.studies.table
    measured = check.measured
    finite = np.isfinite(measured)
    ax.scatter(axis.place(samples["minutes"])[finite], measured[finite], s=9, color=GREY,
               alpha=0.45, linewidths=0, zorder=2, label="readings")  # fmt: skip
    middle = len(check.percentiles) // 2
    for k, percentile in enumerate(check.percentiles):
        same = table[table["percentile"] == percentile]
        colour = VERMILLION if k == middle else BLUE
        x = axis.place(same["middle"])
        _band(ax, x, same, colour)
        style = DASHES[k] if len(check.percentiles) == len(DASHES) else "-"
        ax.plot(x, same["data"], color=colour, linestyle=style, marker="o", markersize=3.5,
                label=f"{percentile:g} % of the data", zorder=4)  # fmt: skip
        # where the data leave the band, so that nobody has to look for it
        outside = (~same["inside"] & same["data"].notna()).to_numpy()
        ax.scatter(x[outside], same["data"][outside], s=70, facecolors="none", edgecolors="black",
                   linewidths=1.0, zorder=5,
                   label="outside its band" if outside.any() else None)  # fmt: skip
    if is_log:
        ax.set_yscale("log")
    analyte, unit = (
        str(samples["analyte"].iloc[0]),
        str(samples["unit"].iloc[0]),
    )
    moved = "corrected, " if check.corrected else ""
    ax.set_ylabel(f"{sentence(words(analyte))} ({moved}{unit_text('', unit)})")
    handles, labels = ax.get_legend_handles_labels()
    once = dict(zip(labels, handles, strict=True))
    legend_beside(
        ax, handles=list(once.values()), labels=list(once),
        title=f"bands: 95 % of\n{len(check.studies)} simulated studies",
    )  # fmt: skip
    size_ticks(ax)


def _band(ax: Axes, x: Any, same: pd.DataFrame, colour: str) -> None:
    """A band over the bins; a bar where there is but one."""
    if len(same) == 1:
        ax.errorbar(x, same["median"], yerr=[same["median"] - same["low"],
                    same["high"] - same["median"]], color=colour, alpha=0.3, linewidth=8,
                    zorder=1)  # fmt: skip
        return
    ax.fill_between(
        x,
        same["low"],
        same["high"],
        color=colour,
        alpha=0.2,
        linewidth=0,
        zorder=1,
    )
    ax.plot(x, same["median"], color=colour, alpha=0.5, linewidth=0.8, zorder=1)


def _draw_shares(ax: Axes, axis: TimeAxis, censored: pd.DataFrame) -> None:
    shares = censored.assign(**{name: 100 * censored[name] for name in
                                ("data", "low", "median", "high")})  # fmt: skip
    x = axis.place(shares["middle"])
    _band(ax, x, shares, BLUE)
    ax.plot(x, shares["data"], color=BLUE, marker="o", markersize=3.5, zorder=4)
    ax.set_ylabel("Beyond a\nlimit (%)")
    ax.set_ylim(-4, 104)
    size_ticks(ax)
