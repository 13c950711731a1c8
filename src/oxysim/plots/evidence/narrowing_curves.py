"""What designs are expected to tell, over their numbers of participants."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from oxysim import checks
from oxysim.evidence.designs.informative import Informative
from oxysim.plots.picture import own_axes
from oxysim.plots.style import (
    LOOKS,
    Look,
    drawing,
    legend_beside,
    reference_line,
    sentence,
    size_ticks,
)

HALF = 50.0  # per cent of the doubt
TOP = 55.0  # the line of a half stands below it
STEPS = 9  # sizes between the smallest and the largest: a curve over a logarithm is smooth


def narrowing_curves(result: Informative, ax: Axes | None = None) -> Axes:
    """Expected narrowing against participants, a curve a design; the band is one standard error of
    few members on either side.

    Parameters
    ----------
    result : what ``evidence.informative`` returns, of up to six designs.
    ax : where to draw; default a new figure.

    Raises
    ------
    InputError : no result, or more than six designs.

    >>> import oxysim as ox
    >>> from oxysim.ensembles import PriorTable
    >>> ensemble = ox.Ensemble.from_priors(PriorTable.named("community"), 16, seed=1)
    >>> def survey(population, *, seed):
    ...     centre = population.trait("caregiver.depression.set_point").centre
    ...     return ox.evidence.StudyFigures(["mean EPDS"], [centre], [[25.0]])
    >>> about = "mood, usual level: centre"
    >>> found = ox.evidence.informative({"survey": survey}, about, ensemble=ensemble)
    >>> ox.plots.narrowing_curves(found).get_xscale()
    'log'
    """
    checks.instance(result, "result", Informative, "what informative() returns")
    if len(result.runs) > len(LOOKS):
        raise checks.refused(
            f"{len(result.runs)} of them", "result", f"at most {len(LOOKS)} designs", as_text=True
        )
    # the sizes asked for are marked, and the curve goes through them
    smallest, largest = result.sizes[0], result.sizes[-1]
    between = np.geomspace(smallest, largest, STEPS).round().astype(int).tolist()
    curves = result.over([*result.sizes, *between]).table
    with drawing():
        ax = own_axes(ax, (7.2, 3.8))
        reference_line(ax, y=HALF)
        for look, run in zip(LOOKS, result.runs, strict=False):
            _draw(ax, curves[curves["design"] == run.design], look, result.sizes)
        ax.set_xscale("log")
        ax.xaxis.set_minor_locator(NullLocator())
        ax.set_xticks(result.sizes, [f"{n:,}" for n in result.sizes])
        ax.set_xlabel("Participants of the study")
        doubt = "SD" if result.asked.is_number else "entropy"
        ax.set_ylabel(f"Expected narrowing (% of {doubt})")
        # from nothing to where half of the doubt goes, whatever the designs tell
        ax.set_ylim(-0.03 * TOP, max(TOP, 103 * float(curves["narrowing"].max())))
        ax.set_title(sentence(result.asked.words), loc="left")
        legend_beside(ax, title=f"{len(result.ensemble)} populations")
        size_ticks(ax)
    return ax


def _draw(ax: Axes, curve: Any, look: Look, sizes: tuple[int, ...]) -> None:
    n, narrowing, error = (
        curve[column].to_numpy(dtype=float) for column in ("n", "narrowing", "error")
    )
    low, high = (np.clip(100 * (narrowing + side * error), 0, 100) for side in (-1, 1))
    ax.plot(n, 100 * narrowing, color=look.colour, linestyle=look.line, marker=look.marker,
            markevery=np.flatnonzero(np.isin(n, sizes)).tolist(), markersize=5,
            label=f"{curve['design'].iloc[0]}\n{_needed(curve)}", zorder=3)  # fmt: skip
    ax.fill_between(n, low, high, color=look.colour, alpha=0.15, linewidth=0, zorder=2)


def _needed(curve: Any) -> str:
    """The n at which half of the doubt goes, or what any number of participants tells."""
    n, most = curve[["n for a half", "at most"]].iloc[0]
    return f"at most {100 * most:.0f} %" if np.isnan(n) else f"half at n = {n:,.0f}"
