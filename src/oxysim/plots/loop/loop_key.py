"""The legends of the loop diagram, and what was changed or has a gain but is not drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from oxysim.plots.loop.arrow_looks import (
    BASE_WIDTH,
    CUT_DASHES,
    CUT_WIDTH,
    DASHED,
    SEEN,
    THIN,
    TOLD,
    WIDEST,
    ArrowLook,
)
from oxysim.plots.loop.loop_layout import ARROWS, WEIGHTED_ARROWS
from oxysim.plots.style import BLACK, BLUE, GREY, LIGHT, SMALL, VERMILLION

_MOST_CHANGED = 4  # edges that are listed by name: one line below the diagram holds no more
_MOST_WITH_GAIN = 3  # fewer, as "holds the regime up" is longer than a strength


def draw_strengths_key(
    ax: Axes, looks: Sequence[ArrowLook], strengths: Mapping[str, float]
) -> None:
    """The legend of a diagram with strengths, and what was changed but is not drawn.

    >>> import oxysim as ox
    >>> from oxysim.plots.loop.arrow_looks import ArrowLook
    >>> figure, axes = ox.plots.panels(1)
    >>> strengths = {"depression -> sensitivity": 0.0}
    >>> draw_strengths_key(axes[0, 0], [ArrowLook(BLUE, "-", 1.5, "")], strengths)
    >>> axes[0, 0].texts[0].get_text()
    'Changed, not drawn: depression -> sensitivity: 0'
    """
    _legend_below(ax, _strength_entries(looks))

    # an edge without an arrow would else change the model and leave no trace in the figure
    drawn = {name for arrow in ARROWS for name in arrow.edges}
    changed = [
        f"{name}: {value:.2g}"
        for name, value in strengths.items()
        if value != 1 and name not in drawn
    ]
    if changed:
        _note_below(ax, f"Changed, not drawn: {_listed(changed, _MOST_CHANGED)}")


def draw_gains_key(
    ax: Axes, looks: Sequence[ArrowLook], gains: Mapping[str, float], holders: set[str]
) -> None:
    """The legend of a diagram with gains, and what has a gain or holds but is not drawn.

    >>> import oxysim as ox
    >>> from oxysim.plots.loop.arrow_looks import ArrowLook
    >>> figure, axes = ox.plots.panels(1)
    >>> look = ArrowLook(VERMILLION, "-", 4.6, "0.57", weighted=True)
    >>> draw_gains_key(axes[0, 0], [look], {"bond -> depression": 0.57}, set())
    >>> axes[0, 0].texts[0].get_text()
    'Width and number: loop gain over the edge, up to 0.57. Arrow raises, bar lowers.'
    """
    _legend_below(ax, _gain_entries(looks))

    # what matters most is named first, as the line ends after a few
    drawn = {name for arrow in (*ARROWS, *WEIGHTED_ARROWS) for name in arrow.edges}
    not_drawn = [name for name in gains if name not in drawn]
    not_drawn.sort(key=lambda name: -abs(gains[name]))
    notes = [f"{name}: {gains[name]:.2g}" for name in not_drawn if abs(gains[name]) >= TOLD]
    notes += [f"{name}: holds the regime up" for name in sorted(holders - drawn)]

    # the widest arrow is the largest gain, whatever that is: only its number makes widths gains
    largest = max(gains.values(), key=abs)
    text = (
        f"Width and number: loop gain over the edge, up to {abs(largest):.2f}. Arrow raises, bar"
        " lowers."
    )
    if notes:
        text += f"\nNot drawn: {_listed(notes, _MOST_WITH_GAIN)}"
    _note_below(ax, text)


def _strength_entries(looks: Sequence[ArrowLook]) -> list[Line2D]:
    """What is in every diagram, then what this one has."""
    line: Any = {"linewidth": BASE_WIDTH, "markersize": 6}
    # the bar of "lowers" is a marker here, as legends draw no arrow heads
    bar: Any = {"marker": "|", "markersize": 9, "markeredgewidth": 2, "linewidth": BASE_WIDTH}
    question: Any = {"marker": "$?$", "markersize": 7, "linestyle": ""}
    entries = [
        Line2D([], [], color=BLUE, marker=">", label="raises", **line),
        Line2D([], [], color=VERMILLION, label="lowers", **bar),
        Line2D([], [], color=BLACK, marker=">", label="brings about (no edge)", **line),
        Line2D([], [], color=BLACK, label="contested: may be zero", **question),
    ]

    if any(look.colour == GREY for look in looks):
        cut: Any = {"linewidth": CUT_WIDTH, "linestyle": CUT_DASHES, "marker": "x"}
        entries.append(Line2D([], [], color=GREY, markersize=6, label="cut", **cut))
    if any(look.mark[:1].isdigit() for look in looks):
        text = "width, number: strength"
        # twice the usual width, to say that width differs
        entries.append(Line2D([], [], color=BLUE, linewidth=2 * BASE_WIDTH, label=text))
    return entries


def _gain_entries(looks: Sequence[ArrowLook]) -> list[Any]:
    # widths between the thinnest and the widest arrow, as lines of a legend are short
    reinforcing, balancing = WIDEST / 2, WIDEST / 4
    dashed: Any = {"linewidth": balancing, "linestyle": DASHED}
    structure: Any = {"linewidth": THIN, "marker": ">", "markersize": 5}
    entries: list[Any] = [
        Line2D([], [], color=VERMILLION, linewidth=reinforcing, label="its loops reinforce"),
        Line2D([], [], color=BLUE, label="its loops balance", **dashed),
        Line2D([], [], color=LIGHT, linewidth=THIN, label=f"gain below {SEEN:g}"),
        Line2D([], [], color=BLACK, label="brings about (no edge)", **structure),
    ]

    if any(look.holds for look in looks):
        text = "filled label: holds the regime up"
        entries.append(Patch(facecolor=VERMILLION, edgecolor=BLACK, label=text))
    return entries


def _legend_below(ax: Axes, entries: Sequence[Any]) -> None:
    """The legend in one row below the diagram, which leaves no room within."""
    ax.legend(
        handles=list(entries),
        loc="upper center",
        bbox_to_anchor=(0.5, 0.0),
        ncols=len(entries),
        handlelength=2.2,
        columnspacing=1.4,
        borderaxespad=0.3,
    )


def _note_below(ax: Axes, text: str) -> None:
    """A note below the legend, whose row is less than 26 points high."""
    ax.annotate(
        text,
        (0.5, 0.0),
        (0, -26),
        xycoords="axes fraction",
        textcoords="offset points",
        ha="center",
        va="top",
        fontsize=SMALL,
    )


def _listed(notes: Sequence[str], most: int) -> str:
    """The first notes, and how many more there are."""
    more = f"; {len(notes) - most} more" if len(notes) > most else ""
    return ";  ".join(notes[:most]) + more
