"""Room above a panel: a legend or names stand there, and a title goes above them, whenever it is
set.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.legend import Legend
from matplotlib.transforms import Bbox

from oxysim.plots.style import SMALL

_GAP = 2.0  # points between the room and a title: close, as both speak of one panel


class _Room:
    """Places an empty strip on top of the axes, as high as `height` says (pixels) when the figure
    is drawn.

    Matplotlib sets titles above what is inset in the axes, but not above legends and notes.
    """

    def __init__(self, owner: Axes, height: Callable[[Any], float]) -> None:
        self.owner, self.height = owner, height

    def __call__(self, _: Any, renderer: Any) -> Bbox:
        figure: Any = self.owner.figure
        box, gap = self.owner.bbox, _GAP / 72 * figure.dpi
        # the strip is as wide as the axes and stands on their upper edge, in pixels; a locator
        # answers in shares of the (sub)figure
        room = Bbox.from_bounds(box.x0, box.y1, box.width, self.height(renderer) + gap)
        return room.transformed(figure.transSubfigure.inverted())


class _HeightOf:
    """The height of a legend as it is drawn, in pixels."""

    def __init__(self, legend: Legend) -> None:
        self.legend = legend

    def __call__(self, renderer: Any) -> float:
        return float(self.legend.get_window_extent(renderer).height)


class _Points:
    """A fixed height in points."""

    def __init__(self, owner: Axes, points: float) -> None:
        self.owner, self.points = owner, points

    def __call__(self, _: Any) -> float:
        figure: Any = self.owner.figure
        return self.points / 72 * float(figure.dpi)


def reserve(ax: Axes, points: float) -> None:
    """Keep so many points above the axes free of titles.

    >>> import oxysim as ox
    >>> figure, axes = ox.plots.panels(1)
    >>> reserve(axes[0, 0], 11.0)
    >>> len(axes[0, 0].child_axes)  # the strip that a title stands on
    1
    """
    _keep(ax, _Points(ax, points))


def legend_above(ax: Axes, entries: Sequence[Any], columns: int = 3) -> None:
    """A legend above the axes' upper left corner, below any title; none where there is nothing to
    name.

    >>> import oxysim as ox
    >>> from matplotlib.patches import Patch
    >>> figure, axes = ox.plots.panels(1)
    >>> legend_above(axes[0, 0], [Patch(label="published")])
    >>> [text.get_text() for text in axes[0, 0].get_legend().get_texts()]
    ['published']
    """
    if not entries:
        return
    # its lower left corner stands on the axes' upper left one, so that it grows upwards with its
    # rows
    legend = ax.legend(
        handles=list(entries),
        loc="lower left",
        bbox_to_anchor=(0.0, 1.0),
        ncols=min(columns, len(entries)),
        borderaxespad=0.2,
        handletextpad=0.5,
        columnspacing=1.2,
        fontsize=SMALL,
    )
    _keep(ax, _HeightOf(legend))


def _keep(ax: Axes, height: Callable[[Any], float]) -> None:
    # matplotlib asks a locator at every drawing: the height is that of the legend as it is then,
    # whatever size the figure has by that time
    strip = ax.inset_axes((0.0, 1.0, 1.0, 0.01))
    strip.set_axis_off()
    strip.set_axes_locator(_Room(ax, height))
