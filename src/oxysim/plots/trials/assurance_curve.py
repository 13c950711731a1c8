"""Assurance over the number of participants, and the power of each member of an ensemble."""

from __future__ import annotations

from matplotlib.axes import Axes

from oxysim import checks
from oxysim.errors import InputError
from oxysim.plots.picture import own_axes
from oxysim.plots.style import BLUE, GREY, LIGHT, drawing, legend_beside, reference_line, size_ticks
from oxysim.trials.ensembles.assurance import Assurance
from oxysim.trials.power_over_n import PLANNED


def assurance_curve(assurance: Assurance, ax: Axes | None = None) -> Axes:
    """Assurance against n with its 95 % interval, over the power of each member.

    Parameters
    ----------
    assurance : what ``trials.power`` returns of a trial over an ensemble.

    Raises
    ------
    InputError : it is none.

    >>> import oxysim as ox
    >>> from oxysim.ensembles import PriorTable
    >>> from oxysim.trials import EnsembleTrial, Gaussian
    >>> four = ox.Ensemble.from_priors(PriorTable.named("community"), 4, seed=1)
    >>> design = EnsembleTrial(four, lambda population, seed: Gaussian(0.5))
    >>> ax = ox.plots.assurance_curve(ox.power(design, n=[20, 60], replications=50, progress=False))
    >>> ax.get_xlabel()
    'Participants of one trial, all arms'
    """
    checks.instance(assurance, "assurance", Assurance, "what power() returns of an ensemble")
    table = assurance.table
    with drawing():
        ax = own_axes(ax, (7.2, 3.8))
        reference_line(ax, y=PLANNED)
        # members recede behind their mean: they show how far power hangs on what is not known
        for number, powers in enumerate(assurance.powers):
            ax.plot(
                table["n"], powers, color=LIGHT, linewidth=0.8, zorder=1,
                label="" if number else "power of each member",
            )  # fmt: skip
        ax.fill_between(
            table["n"], table["low"], table["high"], color=BLUE, alpha=0.25, linewidth=0, zorder=2
        )
        ax.plot(
            table["n"], table["assurance"], color=BLUE, marker="o", markersize=5, zorder=3,
            label=f"assurance\n{_needed(assurance)}",
        )  # fmt: skip
        ax.annotate(
            "80 %", (0.0, PLANNED), (3, 2), xycoords=ax.get_yaxis_transform(),
            textcoords="offset points", fontsize=8, color=GREY,
        )  # fmt: skip
        ax.set_xlabel("Participants of one trial, all arms")
        ax.set_ylabel("Share of trials with an effect")
        # from 0 to 1 whatever was found, with room for half a marker at both ends
        ax.set_ylim(-0.03, 1.03)
        count = len(assurance.curves)
        legend_beside(ax, title=f"{count} members, band:\n95 % interval of the mean")
        size_ticks(ax)
    return ax


def _needed(assurance: Assurance) -> str:
    """The n for 80 %, or that no n asked for has it."""
    try:
        return f"80 % at n = {assurance.n_for(PLANNED).n}"
    except InputError:
        below = float(assurance.table["assurance"].max()) < PLANNED
        largest = assurance.table["n"].max()
        return f"80 % at no n up to {largest:.0f}" if below else "80 % at the smallest n already"
