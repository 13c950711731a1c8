"""A trial in one figure: its effects, its arms over time, and its power where it was asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from oxysim.errors import InputError
from oxysim.plots.arms_over_time import arms_over_time
from oxysim.plots.forest import forest
from oxysim.plots.power_curve import power_curve
from oxysim.plots.style import LOOKS, drawing, own_panels
from oxysim.trials.power import PowerCurve
from oxysim.trials.trial_result import TrialResult

_PLAIN = ("share", "d", "ratio")  # units of effects that are not standardised, so that they share no axis with others


def trial_panels(result: TrialResult, curve: PowerCurve | None = None, fig: Any = None) -> Figure:
    """The standardised effects of endpoints over replications; the primary endpoint in the arms over the visits
    (where there are at most six); its power.

    Raises
    ------
    InputError : no result of a trial, or no endpoint that could be analysed.
    """
    if not isinstance(result, TrialResult):
        raise InputError(f"result: expected what Trial.run() returns; found {result!r}")
    effects = result.study().effects
    effects = effects[np.isfinite(effects[["dz", "low", "high"]]).all(axis=1)]
    standardised = effects[~effects["unit"].isin(_PLAIN)]
    effects = standardised if len(standardised) else effects
    if not len(effects):
        raise InputError("result: no endpoint could be analysed, so that there is nothing to draw")
    over_time = len(result.trial.design.names) <= len(LOOKS)
    heights = [1.4 + 0.36 * len(effects), *([3.8] if over_time else []), *([3.6] if curve is not None else [])]
    with drawing():
        fig, axes = own_panels(
            fig, (len(heights), 1), (8.0, float(sum(heights))), gridspec_kw={"height_ratios": heights}
        )
        panels = iter(axes[:, 0])
        forest(effects, next(panels))
        if over_time:
            arms_over_time(result, "", next(panels))
        if curve is not None:
            power_curve(curve, next(panels))
    return fig
