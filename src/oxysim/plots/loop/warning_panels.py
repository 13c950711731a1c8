"""Warning signs on the way to a fold: standard deviation, autocorrelation and recovery time of
depression.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator

from oxysim import checks
from oxysim.errors import InputError
from oxysim.loop.regime_analysis.regimes import ASSUMPTION
from oxysim.loop.resilience.early_warning import WarningSigns
from oxysim.loop.resilience.simulated_early_warning import SimulatedSigns
from oxysim.measures.cut_offs import EPDS_HIGHEST
from oxysim.plots.picture import own_panels
from oxysim.plots.smooth import smooth
from oxysim.plots.style import BLACK, GREY, LOOKS, SMALL, drawing, size_ticks, words

NEAREST = 1e-3
"""Nearer to a fold than this share of the farthest point nothing is drawn: linear theory ends well
before, and the distance itself is then known to the continuation's tolerance only.
"""


def warning_panels(
    signs: WarningSigns, simulated: SimulatedSigns | None = None, fig: Any = None
) -> Figure:
    """Three panels against the distance to the fold: a curve of linear theory for each fold, and
    simulations beside it.

    A simulation is a black point with a bar of two standard errors; where dyads left the regime it
    says how many.

    Parameters
    ----------
    signs : what ``loop.warning_signs`` returned. Points without a fold are left out.
    simulated : what ``loop.simulated_signs`` returned against the same parameter, at the same lag.
    fig : a figure to draw in; default a new one.

    Raises
    ------
    InputError : not warning signs; no stable point whose stretch ends in a fold; simulations of
    something else.

    >>> import numpy as np
    >>> import oxysim as ox
    >>> from oxysim.loop.resilience.early_warning import WarningSigns
    >>> gain = np.array([1.0, 1.5, 2.0])
    >>> days = np.array([10.0, 14.0, 30.0])  # recovery slows towards the fold at 2.5
    >>> sd, correlation, fold = np.sqrt(days), np.exp(-7 / days), np.full(3, 2.5)
    >>> signs = WarningSigns("loop_gain", gain, 4 * gain, sd, correlation, days, 7.0, fold)
    >>> figure = ox.plots.warning_panels(signs)
    >>> figure.axes[1].get_xlabel(), figure.axes[0].get_lines()[0].get_label()
    ('Distance of loop gain from the fold', 'linear theory, fold at 2.5')
    """
    _require(signs, simulated)
    with drawing():
        fig, axes = own_panels(fig, (1, 3), (9.8, 3.8), sharex=True)
        panels = axes[0]
        for look, fold in zip(LOOKS, np.unique(signs.fold[np.isfinite(signs.fold)]), strict=False):
            points = np.flatnonzero(signs.fold == fold)
            # a curve goes from the nearest point to the farthest
            points = points[np.argsort(signs.distance[points])]
            points = points[signs.distance[points] >= NEAREST * np.nanmax(signs.distance)]
            for ax, values in zip(
                panels, (signs.sd, signs.autocorrelation, signs.recovery), strict=True
            ):
                ax.plot(
                    *_smooth_logarithms(signs.distance[points], values[points]),
                    color=look.colour,
                    linestyle=look.line,
                    label=f"linear theory, fold at {fold:.4g}",
                )
        if simulated is not None:
            _draw_simulated(panels, signs, simulated)
        _finish(fig, panels, signs)
    return fig


def _smooth_logarithms(x: Any, y: Any) -> tuple[Any, Any]:
    """A curve without corners on two logarithmic axes."""
    # on the logarithms, since that is where the curve is seen
    across, up = smooth(np.log(x), np.log(y))
    return np.exp(across), np.exp(up)


def _require(signs: Any, simulated: Any) -> None:
    checks.instance(signs, "signs", WarningSigns, "what loop.warning_signs returns")
    # a look a fold, so no more folds than looks
    folds = np.unique(signs.fold[np.isfinite(signs.fold)])
    if not 0 < len(folds) <= len(LOOKS):
        raise InputError(
            f"signs: expected stable stretches that end in 1 to {len(LOOKS)} folds; found"
            f" {len(folds)}; follow the branch over a wider range"
        )
    if simulated is None:
        return
    checks.instance(simulated, "simulated", SimulatedSigns, "what loop.simulated_signs returns")
    same = (simulated.theory.parameter, simulated.theory.lag) == (signs.parameter, signs.lag)
    if not same:
        raise InputError(
            f"simulated: expected simulations against {signs.parameter} at a lag of {signs.lag:g}"
            f" d; found {simulated.theory.parameter} at {simulated.theory.lag:g} d"
        )


def _draw_simulated(panels: Any, signs: WarningSigns, simulated: SimulatedSigns) -> None:
    """Points with bars; recovery is not simulated."""
    theory = simulated.theory
    # each simulation belongs to the theory's point that is nearest in parameter and depression,
    # both as shares of their ranges: one parameter may have two regimes
    span = float(np.ptp(signs.values)) or 1.0
    off = (
        np.abs(theory.values[:, None] - signs.values) / span
        + np.abs(theory.depression[:, None] - signs.depression) / EPDS_HIGHEST
    )
    # a point without a fold has no distance
    off[:, ~np.isfinite(signs.fold)] = np.inf
    distance = np.abs(theory.values - signs.fold[off.argmin(axis=1)])
    pairs = (
        (simulated.sd, simulated.sd_error),
        (simulated.autocorrelation, simulated.autocorrelation_error),
    )
    for ax, (values, errors) in zip(panels, pairs, strict=False):
        ax.errorbar(
            distance,
            values,
            # two standard errors, about 95 %
            2 * errors,
            fmt="o",
            color=BLACK,
            markersize=4,
            capsize=2,
            linewidth=1,
            label="full model, two standard errors",
            zorder=3,
        )
    for x, value, departed in zip(distance, simulated.sd, simulated.left, strict=True):
        if departed > 0 and np.isfinite(value):
            panels[0].annotate(
                f"{100 * departed:.0f} % left",
                (x, value),
                (-5, -9),
                textcoords="offset points",
                ha="right",
                fontsize=SMALL,
            )


def _finish(fig: Any, panels: Any, signs: WarningSigns) -> None:
    titles = (
        "Standard deviation\n(EPDS points)", f"Autocorrelation\nat {signs.lag:g} days",
        "Time to 1/e of a\nsmall distance (days)",
    )  # fmt: skip
    for ax, title in zip(panels, titles, strict=True):
        # near a fold these signs are powers of the distance: straight lines on logarithms
        ax.set_xscale("log")
        ax.set_ylabel(title)
        size_ticks(ax)
    # the autocorrelation lies between 0 and 1 and keeps its plain axis
    for ax in (panels[0], panels[2]):
        ax.set_yscale("log")
        # a panel often spans less than a decade: 2 and 5 are labelled too
        ax.yaxis.set_minor_locator(LogLocator(subs=(2, 5)))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        ax.yaxis.set_minor_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        ax.tick_params(which="minor", labelsize=SMALL)
    name = " ".join(words(word) for word in signs.parameter.split(".")[-2:])
    panels[1].set_xlabel(f"Distance of {name} from the fold")
    # all three panels have the same curves: one legend below them
    handles, labels = panels[0].get_legend_handles_labels()
    fig.legend(handles, labels, loc="outside lower center", ncols=3)
    fig.suptitle(ASSUMPTION.replace(" (", "\n(", 1), fontsize=8, color=GREY, x=0.01, ha="left")
