"""A trial in one figure: its effects, its arms over time, and its power where it was asked for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from oxysim import checks
from oxysim.errors import InputError
from oxysim.plots.picture import own_panels
from oxysim.plots.style import LOOKS, drawing
from oxysim.plots.trials.arms_over_time import arms_over_time
from oxysim.plots.trials.forest import forest
from oxysim.plots.trials.power_curve import power_curve
from oxysim.plots.trials.waterfall import waterfall
from oxysim.trials.analysis import CHECKS
from oxysim.trials.plan.trial_design import Crossover
from oxysim.trials.power_over_n import PowerCurve
from oxysim.trials.trial_result import TrialResult

# units of effects that are not standardised, so that each has an axis of its own -> its label
_PLAIN = {"share": "Difference of shares", "ratio": "Ratio", "d": "Difference (days)"}


def trial_panels(result: TrialResult, curve: PowerCurve | None = None, fig: Any = None) -> Figure:
    """The effects of the endpoints over replications, standardised, and shares and ratios on axes
    of their own; the primary endpoint in the arms over the visits (where there are at most six);
    who truly responds, where the endpoint says which change is wanted and how large it must be to
    matter; its power.

    Raises
    ------
    InputError : no result of a trial, or no endpoint that could be analysed.

    >>> import oxysim as ox
    >>> pool = ox.Population.named("community").sample(4, seed=1)
    >>> arms = {"placebo": ox.Placebo(at="10:00"), "spray": ox.NasalSpray("24 IU", at="10:00")}
    >>> endpoint = ox.Endpoint("saliva_oxytocin", at="3 h")
    >>> trial = ox.Trial(pool, ox.Crossover(arms, period="4 h"), endpoint)
    >>> result = trial.run(4, replications=2, progress=False)
    >>> figure = ox.plots.trial_panels(result)
    >>> [ax.get_xlabel().splitlines()[0] for ax in figure.axes]
    ['Standardised effect (dz), spray - placebo', 'Time since the start of the period (hours)']
    """
    checks.instance(result, "result", TrialResult, "what Trial.run() returns")
    if curve is not None:
        checks.instance(curve, "curve", PowerCurve, "what power() returns")
    tables = _effects(result)
    if not tables:
        raise InputError("result: no endpoint could be analysed, so that there is nothing to draw")
    # more arms than looks could not be told apart, and the rest of the figure still says much
    over_time = len(result.trial.design.names) <= len(LOOKS)
    # Inches of each panel: a forest grows with its rows, the others do not.
    heights = [
        *(1.4 + 0.36 * len(rows) for _, rows in tables),
        *([3.8] if over_time else []),
        *([3.2] if result.trial.primary.responds is not None else []),
        *([3.6] if curve is not None else []),
    ]
    with drawing():
        fig, axes = own_panels(
            fig,
            (len(heights), 1),
            (8.0, float(sum(heights))),
            gridspec_kw={"height_ratios": heights},
        )
        panels = iter(axes[:, 0])
        for label, rows in tables:
            forest(rows, next(panels), xlabel=label)
        if over_time:
            arms_over_time(result, "", next(panels))
        if result.trial.primary.responds is not None:
            waterfall(result, next(panels))
        if curve is not None:
            power_curve(curve, next(panels))
    return fig


def _effects(result: TrialResult) -> list[tuple[str, pd.DataFrame]]:
    """What each forest shows, and its rows: the standardised effects, then the others by their
    unit.
    """
    whole, single = result.study().effects, result.replications == 1
    # what could not be analysed has no interval to draw
    whole = whole[
        np.isfinite(whole[["dz", "low", "high"]]).all(axis=1) & ~whole["unit"].isin(_PLAIN)
    ]
    table = result.effects()
    table = table[table["unit"].isin(_PLAIN) & ~table["contrast"].isin(CHECKS)]
    spread, of_one_trial = ["low", "high"], ["ci_low", "ci_high"]
    # one trial has no spread over replications, and several have no single interval: dropping the
    # other pair decides which one the forest reads
    rows = table.drop(columns=spread if single else of_one_trial)
    rows = rows[np.isfinite(rows[["estimate", *(of_one_trial if single else spread)]]).all(axis=1)]
    scale = "dz" if isinstance(result.trial.design, Crossover) else "d"
    # standardised effects share one axis, shares and ratios have one each
    groups = {f"Standardised effect ({scale})": whole} | {
        _PLAIN[str(u)]: rows for u, rows in rows.groupby("unit")
    }
    bar = (
        "95 % interval of the trial" if single else f"central 95 % of {result.replications} trials"
    )
    return [
        (f"{_titled(label, rows)}\nbar: {bar}", rows) for label, rows in groups.items() if len(rows)
    ]


def _titled(label: str, rows: pd.DataFrame) -> str:
    """A label that names the contrast where the rows have one between them, and so do not."""
    names = rows["contrast"].unique()
    return f"{label}, {names[0]}" if len(names) == 1 else label
