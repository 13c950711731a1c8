"""The arrows of the loop diagram: where they run, their heads, and the marks on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

from oxysim.arrays import FloatArray
from oxysim.plots.loop.arrow_looks import ArrowLook
from oxysim.plots.loop.loop_layout import AROUND, HALF_WIDTH, NODES, Arrow
from oxysim.plots.style import BLACK


def draw_arrow(
    ax: Axes, arrow: Arrow, look: ArrowLook, boxes: Mapping[str, FancyBboxPatch]
) -> None:
    """An arrow between two boxes, or from a box to itself, with its mark.

    >>> import oxysim as ox
    >>> from oxysim.plots.loop.arrow_looks import look_by_strength
    >>> figure, axes = ox.plots.panels(1)
    >>> boxes = {name: FancyBboxPatch((0, 0), 1, 1) for name in ("reward", "depression")}
    >>> arrow = Arrow("reward", "depression", ("reward -> depression",), -1)
    >>> draw_arrow(axes[0, 0], arrow, look_by_strength(arrow, {"reward -> depression": 0.5}), boxes)
    >>> axes[0, 0].texts[0].get_text()
    '0.5'
    """
    wide = max(look.width / 2.0, 1.0) if look.weighted else 1.0  # the head of a wide arrow is wider
    # lengths of heads are shares of the scale below, so that a wide arrow's head grows with it; a
    # bar has no length, only width
    head = (
        "-|>,head_length=0.55,head_width=0.26"
        if arrow.sign > 0
        else f"-[,widthB={0.42 * wide**0.5:.3f},lengthB=0"
    )
    style: Any = {
        "arrowstyle": head,
        "mutation_scale": 13 * wide**0.5,
        "color": look.colour,
        "linewidth": look.width,
        "linestyle": look.line,
        "zorder": 2,
        "capstyle": "butt",
        "joinstyle": "miter",
    }
    # matplotlib draws arrows between two points: one from a box to itself needs a path
    if arrow.source == arrow.target:
        loop = _around(arrow)
        ax.add_patch(FancyArrowPatch(path=Path(loop, [Path.MOVETO, *[Path.CURVE4] * 3]), **style))
        x, y = (np.array([1, 3, 3, 1]) / 8 @ loop).tolist()  # its middle
    else:
        # it ends at the boxes (patchA, patchB), with a little more room at its head
        start, stop = _ends(arrow)
        ax.add_patch(
            FancyArrowPatch(
                start,
                stop,
                patchA=boxes[arrow.source],
                patchB=boxes[arrow.target],
                shrinkA=1,
                shrinkB=2.5,
                connectionstyle=f"arc3,rad={arrow.bend}",
                **style,
            )
        )
        # where a crowded arrow's mark has room: its layout says how far along
        x, y = _along(np.array(start), np.array(stop), arrow.bend, arrow.at)
    if look.mark:
        _draw_mark(ax, look, (x + look.beside[0], y + look.beside[1]))


def _draw_mark(ax: Axes, look: ArrowLook, at: tuple[float, float]) -> None:
    """What stands on an arrow, on white, or on the arrow's colour where the edge holds the regime
    up.
    """
    shape = "round,pad=0.16,rounding_size=0.3" if look.weighted else "circle,pad=0.12"
    ax.text(
        *at,
        look.mark,
        ha="center",
        va="center",
        fontsize=8.5,
        fontweight="bold",
        zorder=3,
        color="white" if look.holds else look.colour,
        bbox={
            "boxstyle": shape,
            "facecolor": look.colour if look.holds else "white",
            "edgecolor": BLACK if look.holds else look.colour,
            "linewidth": 1.2 if look.holds else 0.8,
        },
    )


def _ends(arrow: Arrow) -> tuple[tuple[float, float], tuple[float, float]]:
    """Where an arrow begins and ends: in the nodes' middles, or beside them."""
    first, last = NODES[arrow.source], NODES[arrow.target]
    # a unit vector to the right of the arrow's direction
    across = np.array([last.y - first.y, first.x - last.x]) / np.hypot(
        last.x - first.x, last.y - first.y
    )
    x, y = (arrow.aside * across).tolist()
    return (first.x + x, first.y + y), (last.x + x, last.y + y)


def _around(arrow: Arrow) -> FloatArray:
    """The Bezier curve, shape (4, 2), of an arrow from a node to itself: out of its side and back
    into it.
    """
    node, (side, above) = NODES[arrow.source], AROUND[arrow.source]
    edge, y = node.x + side * HALF_WIDTH, node.y + above
    far = edge + side * 0.95
    # out and back are 0.4 apart on the box; both far points draw the curve outwards
    return np.array(
        [(edge, y + 0.2), (far, y + 0.65), (far, y - 0.65), (edge + side * 0.03, y - 0.2)]
    )


def _along(start: Any, stop: Any, bend: float, at: float) -> tuple[float, float]:
    """A point of the curve that matplotlib's "arc3" draws: a quadratic Bezier curve."""
    across = np.array([stop[1] - start[1], start[0] - stop[0]])
    # as matplotlib places it: the middle, moved aside by a share of the length
    control = (start + stop) / 2 + bend * across
    point = (1 - at) ** 2 * start + 2 * at * (1 - at) * control + at**2 * stop
    return float(point[0]), float(point[1])
