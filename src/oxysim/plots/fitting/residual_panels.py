"""Residuals of a user's samples: over time, over what is expected, and as a distribution."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from scipy.special import ndtri
from scipy.stats import beta

from oxysim import checks
from oxysim.fitting.comparison.residuals import Residuals
from oxysim.plots.courses.time_axis import TimeAxis
from oxysim.plots.picture import own_panels
from oxysim.plots.style import (
    GREY,
    LIGHT,
    LOOKS,
    drawing,
    legend_beside,
    reference_line,
    size_ticks,
    unit_text,
    words,
)
from oxysim.units import DAY

CENTRAL = 1.96  # between -1.96 and 1.96 lie 95 % of standard normal errors
POINT = 16.0  # points squared
MARGIN = 0.05  # of the axis of time, on both sides
CLOCK_DAYS = 2.0  # days up to which the axis of time shows the clock


def residual_panels(residuals: Residuals, fig: Any = None) -> Figure:
    """Prediction errors of samples over time (A), over what is expected (B), and against a standard
    normal distribution (C), a mark an analyte and member.

    If the model holds the errors are standard normal: 95 % of them between the dotted lines of A
    and B, the points of C along the line and inside the band, which holds 95 % of the k-th smallest
    of as many errors. Triangles are censored samples, whose place is drawn by chance.

    Parameters
    ----------
    residuals : of :func:`oxysim.fitting.residuals`.
    fig : where to draw; default a new figure.

    Raises
    ------
    InputError : no residuals, or more than six analytes and members.

    >>> import oxysim as ox
    >>> from oxysim.fitting import residuals, simulate_studies
    >>> from oxysim.observations import Observations
    >>> rows = pd.DataFrame({"person": "a", "analyte": "saliva_oxytocin", "minutes": [605.0, 640.0],
    ...     "value": [9000.0, 300.0], "unit": "pg/mL"})
    >>> spray = ox.Routine.empty() + ox.NasalSpray("24 IU", at="10:00")
    >>> studies = simulate_studies(Observations.from_table(rows), ox.Dyad(), spray)
    >>> figure = residual_panels(residuals(studies))
    >>> [ax.get_ylabel() for ax in figure.axes]
    ['Prediction error (SD)', '', 'Prediction error (SD)']
    """
    checks.instance(residuals, "residuals", Residuals, "what residuals() returns")
    table = residuals.table.assign(shown=residuals.table["error"])
    # classes and counted shares have discrepancies only
    table["shown"] = table["shown"].fillna(table["discrepancy"])
    groups = list(table.groupby(["analyte", "member"], sort=False))
    if len(groups) > len(LOOKS):
        raise checks.refused(
            f"{len(groups)} of them", "residuals", f"at most {len(LOOKS)} analytes and members",
            as_text=True,
        )  # fmt: skip
    with drawing():
        fig, axes = own_panels(fig, (1, 3), (10.0, 3.1))
        time, expected, normal = axes[0].tolist()
        axis = _axis(table["minutes"].to_numpy())
        for look, ((analyte, member), same) in zip(LOOKS, groups, strict=False):
            label = f"{member} {words(str(analyte))}" if len(groups) > 1 else None
            _points(
                time,
                axis.place(same["minutes"]),
                same,
                look.colour,
                look.marker,
                label,
            )
            _points(
                expected,
                same["expected"],
                same,
                look.colour,
                look.marker,
                None,
            )
        _quantiles(normal, table["shown"].to_numpy())
        axis.finish(time, most_ticks=4)
        low, high = time.get_xlim()
        # samples at the first and the last moment are seen whole
        time.set_xlim(low - MARGIN * (high - low), high + MARGIN * (high - low))
        _finish_errors(time, expected, table)
        marks = time.get_legend_handles_labels()[0]
        if (table["censored"] != "").any():
            marks.append(_limit_mark())
        if marks:
            legend_beside(normal, handles=marks)
    return fig


def _axis(minutes: Any) -> TimeAxis:
    """The axis of time: the clock over up to two days, then days."""
    low, high = float(minutes.min()), float(minutes.max())
    if high - low <= CLOCK_DAYS * DAY:
        return TimeAxis("Clock time (h:min)", 1.0, 0.0, low, high)
    return TimeAxis("Time since the start (days)", DAY, 0.0, low, high)


def _points(
    ax: Axes,
    x: Any,
    same: pd.DataFrame,
    colour: str,
    marker: str,
    label: str | None,
) -> None:
    x, is_number = np.asarray(x), (same["censored"] == "").to_numpy()
    y = same["shown"].to_numpy()
    ax.scatter(x[is_number], y[is_number], s=POINT, marker=marker, facecolors="none",
               edgecolors=colour, linewidths=1.0, label=label, zorder=3)  # fmt: skip
    ax.scatter(x[~is_number], y[~is_number], s=POINT, marker="v", color=colour, alpha=0.5,
               linewidths=0, zorder=3)  # fmt: skip


def _limit_mark() -> Line2D:
    """The legend's entry for readings of which only a limit is known."""
    return Line2D(
        [],
        [],
        color=GREY,
        marker="v",
        linestyle="",
        label="beyond a limit",
    )


def _finish_errors(time: Axes, expected: Axes, table: pd.DataFrame) -> None:
    """Lines of reference, a smooth mean, labels and limits of the two panels of errors."""
    reach = max(3.2, 1.08 * float(np.abs(table["shown"]).max()))
    for ax in (time, expected):
        reference_line(ax, y=0.0)
        for end in (-CENTRAL, CENTRAL):
            ax.axhline(end, color=GREY, linewidth=0.9, linestyle=":", zorder=1)
        ax.set_ylim(-reach, reach)
    time.set_ylabel("Prediction error (SD)")
    units = table["unit"].unique().tolist()
    unit = f" ({unit_text('', units[0])})" if len(units) == 1 else ""
    expected.set_xlabel(f"Expected reading{unit}")
    values = table["expected"].to_numpy()
    # concentrations over several decades crowd at the left of a plain axis
    if values.min() > 0 and values.max() > 20 * values.min():
        expected.set_xscale("log")
    size_ticks(time)
    size_ticks(expected)


def _quantiles(ax: Axes, errors: Any) -> None:
    """The sorted errors against the quantiles of a standard normal distribution."""
    n = len(errors)
    ranks = np.arange(1, n + 1)
    theory = ndtri((ranks - 0.5) / n)
    # the k-th smallest of n shares is a beta variable
    low, high = (ndtri(beta.ppf(end, ranks, n + 1 - ranks)) for end in (0.025, 0.975))
    if n > 1:
        ax.fill_between(theory, low, high, color=LIGHT, alpha=0.5, linewidth=0, zorder=1)
    reach = max(2.2, float(np.abs(theory).max()) * 1.1)
    ax.plot([-reach, reach], [-reach, reach], color=GREY, linewidth=1.0, zorder=2)
    ax.scatter(theory, np.sort(errors), s=POINT, facecolors="none", edgecolors=LOOKS[0].colour,
               linewidths=1.0, zorder=3)  # fmt: skip
    ax.set_xlabel("Standard normal quantile")
    ax.set_ylabel("Prediction error (SD)")
    size_ticks(ax)
