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
