"""A tornado: how far the outcome goes when one input goes from one end of its
range to the other.
"""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import Patch

from oxysim import checks
from oxysim.loop.uncertainty.elasticities import Elasticities
from oxysim.plots.above import legend_above
from oxysim.plots.interval_rows import MOST_ROWS, limit_rows
from oxysim.plots.picture import own_axes
from oxysim.plots.style import (
    BLUE,
    GREY,
    SMALL,
    VERMILLION,
    drawing,
    label_text,
    size_ticks,
    unit_text,
)
from oxysim.plots.sweeps.sweep_axis import name_text


def tornado(
    elasticities: Elasticities,
    ax: Axes | None = None,
    *,
    most: int = MOST_ROWS,
    label: str | None = None,
) -> Axes:
    """The outcome at both ends of each input's range while all else is at the base; the widest
    swing on top.

    Beside each bar the ends of the range; behind the name the status of the input.

    Parameters
    ----------
    elasticities : what ``elasticities`` returned.
    most : how many inputs are shown, at most.
    label : quantity and unit, in place of the outcome's own name.

    Raises
    ------
    InputError : `most` below 1.

    >>> import oxysim as ox
    >>> swings = ox.loop.elasticities(lambda x: x[0] + 2 * x[1], {"a": (0, 1), "b": (0, 1)})
    >>> ax = ox.plots.tornado(swings)
    >>> [text.get_text().splitlines()[0] for text in ax.get_yticklabels()]  # the widest on top
    ['A', 'B']
    """
    checks.instance(elasticities, "elasticities", Elasticities, "what elasticities() returns")
    checks.whole_number(most, "most")
    if label is not None:
        label_text(label, "label")
    # the table is sorted, widest swing first; axes count upwards
    rows = elasticities.table.head(most).iloc[::-1]
    with drawing():
        ax = own_axes(ax, (7.2, 1.4 + 0.42 * len(rows)))
        for height, row in enumerate(rows.itertuples()):
            _bar(ax, height, elasticities.base, row)
        ax.axvline(elasticities.base, color=GREY, linewidth=1.0, zorder=3)
        ax.set_yticks(
            range(len(rows)),
            [f"{name_text(row.input)}\n({row.status})" for row in rows.itertuples()],
        )
        limit_rows(ax, len(rows))
        # room for the ends of the ranges beside the bars
        ax.margins(x=0.16)
        # said, as a short list would else look complete
        n_left_out = len(elasticities.table) - len(rows)
        more = f"; {n_left_out} inputs with smaller swings are not shown" if n_left_out else ""
        ax.set_xlabel(f"{label or outcome_text(elasticities.outcome, elasticities.unit)}{more}")
        size_ticks(ax)
        ends = [
            Patch(color=BLUE, label="at the low end"),
            Patch(color=VERMILLION, label="at the high end"),
        ]
        legend_above(ax, ends)
    return ax


def outcome_text(outcome: str, unit: str = "") -> str:
    """An outcome in words, with its unit.

    >>> outcome_text("caregiver.epds: final", "EPDS")
    'Caregiver EPDS: final (points)'
    """
    variable, colon, rest = outcome.partition(":")
    return f"{name_text(variable)}{colon}{rest}" + (
        f" ({unit_text(variable, unit)})" if unit else ""
    )


def _bar(ax: Axes, height: int, base: float, row: object) -> None:
    ends = sorted(
        (("low", BLUE), ("high", VERMILLION)),
        key=lambda end: -abs(getattr(row, f"at_{end[0]}") - base),
    )
    for end, colour in ends:  # the shorter over the longer, where both are on one side
        value, at = getattr(row, end), getattr(row, f"at_{end}")
        ax.barh(height, at - base, left=base, height=0.6, color=colour, zorder=2)
        # a bar of no length has its ends on both sides, low left and high right
        right = at > base or (at == base and end == "high")
        ax.annotate(
            f"{value:.3g}",
            (at, height),
            (4 if right else -4, 0),
            textcoords="offset points",
            fontsize=SMALL,
            ha="left" if right else "right",
            va="center",
        )
