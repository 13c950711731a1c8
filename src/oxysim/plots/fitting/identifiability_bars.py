"""What samples leave of each parameter's spread, and which directions stay open."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from oxysim import checks
from oxysim.fitting.identifiability import Identifiability
from oxysim.fitting.optimal_design.fisher_information import OPEN
from oxysim.plots.above import legend_above
from oxysim.plots.interval_rows import limit_rows, name_rows
from oxysim.plots.picture import own_panels
from oxysim.plots.style import BLUE, SKY, drawing, reference_line, size_ticks
from oxysim.texts import counted

WIDTH = 26  # letters of a parameter's name in a line
NUMBERED = 0.15  # of a direction: parts of less are not written into its square


def identifiability_bars(told: Identifiability, fig: Any = None) -> Figure:
    """The share of each parameter's prior spread that samples leave (A), and the combinations that
    they tell independently, from the one they tell least to the one they tell most (B).

    A dark bar is what is left while all other parameters are open too, the light part of it what
    would be left were all others known: where the two differ, the parameter is told in a
    combination only. In B a column is a combination, its head the share that is left of it.

    Parameters
    ----------
    told : of :func:`oxysim.fitting.identifiability_of`.
    fig : where to draw; default a new figure.

    Raises
    ------
    InputError : no identifiability.

    >>> import oxysim as ox
    >>> from oxysim.fitting import SamplePoints, identifiability_of
    >>> spray = ox.Routine.empty() + ox.NasalSpray("24 IU", at="10:00")
    >>> plan = SamplePoints("mother", "saliva_oxytocin", [605.0, 620.0])
    >>> share = "mother.nasal_spray.residue_fast_share"
    >>> figure = identifiability_bars(identifiability_of(plan, ox.Dyad(), spray, [share]))
    >>> figure.axes[0].get_xlabel().splitlines()[0]
    'Spread that 2 samples leave (% of the prior)'
    """
    checks.instance(told, "told", Identifiability, "what identifiability_of() returns")
    n = len(told.parameters)
    with drawing():
        fig, axes = own_panels(
            fig, (1, 2), (5.2 + 0.55 * n + 1.6, 1.6 + 0.5 * n), sharey=True,
            gridspec_kw={"width_ratios": (3.0, 0.7 + 0.55 * n)},
        )  # fmt: skip
        bars, directions = axes[0].tolist()
        _draw_bars(bars, told)
        _draw_directions(directions, told)
    return fig


def _draw_bars(ax: Axes, told: Identifiability) -> None:
    table = told.table()
    n = len(table)
    # the first parameter on top
    rows = np.arange(n)[::-1]
    ax.barh(
        rows,
        100 * table["left"],
        height=0.55,
        color=BLUE,
        label="spread left",
        zorder=2,
    )
    ax.barh(rows, 100 * table["left_alone"], height=0.55, color=SKY, zorder=3,
            label="left, were all others known")  # fmt: skip
    reference_line(ax, x=100 * OPEN)
    # as they are typed, over two lines where they are long
    names = [
        name if len(name) <= WIDTH else ".\n".join(name.rsplit(".", 1)) for name in table.index
    ]
    name_rows(ax, rows, names)
    limit_rows(ax, n)
    ax.set_xlim(0, 104)
    samples = counted(told.n_samples, "sample")
    ax.set_xlabel(f"Spread that {samples} leave (% of the prior)\nbeyond the line: open")
    size_ticks(ax)
    ax.spines["left"].set_visible(False)
    legend_above(ax, ax.get_legend_handles_labels()[0])


def _draw_directions(ax: Axes, told: Identifiability) -> None:
    directions = told.information.directions
    n = len(directions)
    # the parts of each combination, as shares of it with their sign
    weights = np.stack([direction.weights for direction in directions], axis=1)[::-1]
    ax.imshow(
        weights,
        cmap="PuOr",
        vmin=-1,
        vmax=1,
        aspect="auto",
        origin="lower",
        zorder=1,
    )
    for column in range(n):
        for row in range(n):
            weight = weights[row, column]
            if abs(weight) >= NUMBERED:
                ax.text(column, row, f"{weight:+.1f}".replace("-", "\N{MINUS SIGN}"),
                        ha="center", va="center", fontsize=8,
                        color="white" if abs(weight) > 0.75 else "black")  # fmt: skip
    ax.set_xticks(range(n), [f"{direction.left:.0%}" for direction in directions])
    ax.xaxis.tick_top()
    ax.set_xlabel("Combinations told apart\n(on top: spread left)")
    ax.tick_params(axis="both", length=0)
    ax.spines[["left", "bottom"]].set_visible(False)
    size_ticks(ax)
