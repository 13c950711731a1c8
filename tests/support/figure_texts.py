"""What is drawn of a figure's texts: where they stand, and which lie on each other."""

from __future__ import annotations

from itertools import combinations
from typing import Any

from matplotlib.legend import Legend
from matplotlib.text import Text
from matplotlib.transforms import Bbox

TOUCHES = 1.5  # dots that two boxes may share: letters do not fill their boxes


def boxes(figure: Any) -> list[tuple[str, Bbox]]:
    """Every legend as a whole, and every text outside legends, with where it is drawn (Agg's own
    measures).
    """
    figure.canvas.draw()
    legends = [legend for legend in figure.findobj(Legend) if legend.get_visible()]
    inside = {text for legend in legends for text in legend.findobj(Text)}
    drawn = [
        (
            "legend: " + ", ".join(t.get_text() for t in legend.get_texts()),
            legend.get_window_extent(),
        )
        for legend in legends
    ]
    unseen = _unseen(figure)
    for text in figure.findobj(Text):
        if (
            text in inside
            or text in unseen
            or not text.get_visible()
            or not text.get_text().strip()
        ):
            continue
        if text.get_rotation() not in (0.0, 90.0):  # contour labels lie along their lines
            continue
        box = text.get_window_extent()
        if box.width > 0:
            drawn.append((text.get_text(), box))
    return drawn


def overlaps(figure: Any) -> list[str]:
    """The pairs of texts that lie on each other, in words."""
    return [
        f"{name!r} lies on {other_name!r}"
        for (name, box), (other_name, other_box) in combinations(boxes(figure), 2)
        if _shared(box, other_box)
    ]


def _shared(first: Bbox, second: Bbox) -> bool:
    width = min(first.x1, second.x1) - max(first.x0, second.x0)
    height = min(first.y1, second.y1) - max(first.y0, second.y0)
    return bool(width > TOUCHES and height > TOUCHES)


def _unseen(figure: Any) -> set[Any]:
    """Labels of ticks beyond the ends of their axis, and all of axes that are off."""
    hidden: set[Any] = set()
    for ax in figure.findobj(lambda artist: hasattr(artist, "get_xlim")):
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
                if not ax.axison or not low - 1e-9 <= tick.get_loc() <= high + 1e-9:
                    hidden |= {tick.label1, tick.label2}
    return hidden


def texts_of(fig: Any) -> list[Text]:
    """The texts that are drawn: tick labels beyond the ends of an axis are not."""
    unseen = {
        label
        for ax in fig.axes
        for axis in (ax.xaxis, ax.yaxis)
        for tick in axis.get_major_ticks()
        if not min(axis.get_view_interval()) <= tick.get_loc() <= max(axis.get_view_interval())
        for label in (tick.label1, tick.label2)
    }
    off = {
        text
        for ax in fig.axes
        if not ax.axison
        for axis in (ax.xaxis, ax.yaxis)
        for text in axis.findobj(Text)
    }
    return [
        t
        for t in fig.findobj(Text)
        if t.get_visible() and t.get_text().strip() and t not in unseen | off
    ]


def require_legible_texts(fig: Any) -> None:
    """Text is at least 8 points and lies within the figure once it is drawn."""
    fig.canvas.draw()
    for text in texts_of(fig):
        assert text.get_fontsize() >= 8
        box = text.get_window_extent()
        inside = (
            box.x0 >= -1
            and box.y0 >= -1
            and box.x1 <= fig.bbox.x1 + 1
            and box.y1 <= fig.bbox.y1 + 1
        )
        assert inside, f"{text.get_text()!r} is cut off: {box}"
