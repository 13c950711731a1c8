"""A survey's totals beside those of simulated mothers, one panel an age class, drawn over each
other.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.errors import InputError, shown
from oxysim.evidence.surveys.distance import CUTS, bootstrap
from oxysim.evidence.surveys.simulated_respondents import SimulatedRespondents
from oxysim.evidence.surveys.survey_data import POINTS, Survey
from oxysim.plots.picture import own_panels
from oxysim.plots.style import BLACK, BLUE, LIGHT, VERMILLION, drawing, legend_beside, size_ticks
from oxysim.statistics.distances import CENTRAL


def survey_panels(
    observed: Survey,
    simulated: SimulatedRespondents,
    table: Any,
    fig: Any = None,
    *,
    width: int = 2,
    draws: int = 1000,
    seed: int = 0,
) -> npt.NDArray[Any]:
    """Observed and simulated distributions of EPDS totals by age class.

    Steps are the survey's forms, per point so that a narrower bar at an end is comparable, with the
    band that holds 95 % of bootstrap resamples; the line is what simulated mothers answered. The
    titles give the Wasserstein distance with its bootstrap interval, and the one that sampling
    alone would give.

    Parameters
    ----------
    observed : a survey, or the half of it that is held.
    simulated : what simulated mothers answered.
    table : of ``compare`` between the two: the distances in the titles.
    fig : a figure to draw in; default a new one.
    width : whole points in one bar.
    draws, seed : of the bootstrap.

    Returns
    -------
    The panels' axes, one an age class, shape (n_classes,).

    Raises
    ------
    InputError : a width that is not a whole number from 1 to 10; a table without the survey's age
    classes.

    >>> import numpy as np
    >>> import oxysim as ox
    >>> import pandas as pd
    >>> from oxysim.evidence.surveys.distance import compare_survey
    >>> from oxysim.evidence.surveys.simulated_respondents import SimulatedRespondents
    >>> from oxysim.evidence.surveys.survey_data import Survey
    >>> totals = [3, 4, 5, 7, 8, 10, 12, 15]
    >>> forms = {"participant": range(8), "infant_age_months": "3-6", "epds_total": totals}
    >>> observed = Survey(pd.DataFrame(forms), "made up", "")
    >>> answers = {"3-6": np.array([2.0, 4.0, 6.0, 7.0, 9.0, 14.0])}
    >>> simulated = SimulatedRespondents(answers, "made up", "", seed=0)
    >>> table = compare_survey(observed, simulated, draws=20)
    >>> panels = ox.plots.survey_panels(observed, simulated, table, draws=20)
    >>> panels[0].get_title(loc="left").splitlines()[0]
    '3–6 months, n = 8'
    """
    checks.instance(observed, "observed", Survey, "a survey, as read_survey() returns")
    checks.instance(simulated, "simulated", SimulatedRespondents, "what simulated mothers answered")
    checks.whole_number(width, "width", 1, 10)
    checks.whole_number(draws, "draws", 1)
    checks.whole_number(seed, "seed", 0)
    checks.instance(table, "table", pd.DataFrame, "the table of compare()")
    missing = [name for name in observed.classes if name not in table.index]
    if missing:
        raise InputError(
            f"table: expected that of compare() with age class {missing[0]!r}; found {shown(table)}"
        )
    # before anything is drawn, so that a wrong survey leaves no figure behind
    resampled = bootstrap(observed, draws, seed)
    with drawing():
        names = observed.classes
        _, panels = own_panels(
            fig, (1, len(names)), (3.5 * len(names), 3.8), letters=False, sharex=True, sharey=True
        )
        for ax, name in zip(panels[0], names, strict=True):
            _draw(ax, observed.counts(name), resampled[name], simulated.shares(name), width)
            ax.set_title(_title(name, table.loc[name]), loc="left")
            ax.set_xlabel("EPDS total (points)")
            size_ticks(ax)
        # shares are compared by height, so all panels start at 0
        panels[0][0].set_ylim(bottom=0)
        panels[0][0].set_ylabel("Forms per point (%)")
        legend_beside(panels[0][-1], title=f"{observed.portion};\nbars of {_points(width)}")
    return np.asarray(panels[0])


def _draw(ax: Axes, counts: Any, resampled: FloatArray, simulated: FloatArray, width: int) -> None:
    """One panel: percent of forms per point."""
    # no bar straddles the cut-off
    starts = np.unique(np.append(0, np.arange(CUTS[-1] % width, len(POINTS), width)))
    edges = np.append(starts, len(POINTS)) - 0.5
    shares = (counts / counts.sum(), resampled / counts.sum(), simulated)
    # percent per point of the total: a bar of one point at an end is as high as its density
    bars, strays, line = (
        100 * np.add.reduceat(share, starts, axis=-1) / np.diff(edges) for share in shares
    )
    low, high = np.quantile(strays, CENTRAL, axis=0)
    ax.stairs(bars, edges, color=BLACK, linewidth=1.2, label="survey", zorder=2)
    ax.stairs(
        high,
        edges,
        baseline=low,
        fill=True,
        color=LIGHT,
        alpha=0.7,
        label="its 95 % bootstrap band",
        zorder=1,
    )
    # the line goes through the middles of the bars that it is compared with
    middles = (edges[:-1] + edges[1:]) / 2
    ax.plot(
        middles, line, color=BLUE, marker="o", markersize=3.5, label="simulated mothers", zorder=3
    )
    # between two totals, as the cut-off belongs to the upper one
    ax.axvline(
        CUTS[-1] - 0.5,
        color=VERMILLION,
        linestyle=":",
        label=f"{CUTS[-1]} points and more",
        zorder=0,
    )
    # a bar's outer edge would else lie on the spine
    ax.set_xlim(edges[0] - 0.3, edges[-1] + 0.3)


def _title(name: str, row: Any) -> str:
    months = name.replace("-", "\N{EN DASH}")
    return (
        f"{months} months, n = {int(row['n'])}\ndistance {row['distance']:.2f}"
        f" [{row['distance_low']:.2f}, {row['distance_high']:.2f}] points\n({row['expected']:.2f}"
        " by sampling alone)"
    )


def _points(width: int) -> str:
    return "one point" if width == 1 else f"{width} points"
