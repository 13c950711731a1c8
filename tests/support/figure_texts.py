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
    legends = [one for one in figure.findobj(Legend) if one.get_visible()]
    inside = {text for one in legends for text in one.findobj(Text)}
    found = [
        ("legend: " + ", ".join(t.get_text() for t in one.get_texts()), one.get_window_extent())
        for one in legends
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
            found.append((text.get_text(), box))
    return found


def overlaps(figure: Any) -> list[str]:
    """The pairs of texts that lie on each other, in words."""
    return [
        f"{name!r} lies on {other_name!r}"
        for (name, one), (other_name, other) in combinations(boxes(figure), 2)
        if _shared(one, other)
    ]


def _shared(one: Bbox, other: Bbox) -> bool:
    width = min(one.x1, other.x1) - max(one.x0, other.x0)
    height = min(one.y1, other.y1) - max(one.y0, other.y0)
    return bool(width > TOUCHES and height > TOUCHES)


def _unseen(figure: Any) -> set[Any]:
    """Labels of ticks beyond the ends of their axis, and all of axes that are off."""
    found: set[Any] = set()
    for ax in figure.findobj(lambda one: hasattr(one, "get_xlim")):
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in [*axis.get_major_ticks(), *axis.get_minor_ticks()]:
                if not ax.axison or not low - 1e-9 <= tick.get_loc() <= high + 1e-9:
                    found |= {tick.label1, tick.label2}
    return found


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
