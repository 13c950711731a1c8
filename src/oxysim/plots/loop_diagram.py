"""The loop as a diagram: caregiver on the left, infant on the right, an edge's strength as its arrow's width."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from oxysim import registry
from oxysim.errors import InputError
from oxysim.plots.loop_layout import ARROWS, CAREGIVER_BOX, HEIGHT, INFANT_BOX, NODES, WIDTH, Arrow, Node
from oxysim.plots.style import BLACK, BLUE, GREY, VERMILLION, drawing, own_axes
from oxysim.simulation.result import Result

_BASE_WIDTH = 1.5  # points, of an edge of strength 1
_FILL = {"caregiver": "#E8F1F8", "exchange": "#FFFFFF", "infant": "#FBEFE3"}


class _Look(NamedTuple):
    colour: str
    line: Any
    width: float
    mark: str


def loop_diagram(
    edges: Mapping[str, float] | None = None, ax: Axes | None = None, *, result: Result | None = None
) -> Axes:
    """The main edges of the model between caregiver and infant.

    Arrow heads: more leads to more; bar heads: more leads to less. Width: strength. Dashed grey with a cross: cut. A
    question mark: contested, the plausible strength includes zero. Some arrows stand for several edges and show their
    mean strength; what was changed but is not among the edges drawn is listed below the diagram.

    Parameters
    ----------
    edges : edge name -> strength, 0 (cut) to 2; edges that are not named have strength 1.
    result : take the strengths from this result instead (means over its dyads).

    Raises
    ------
    UnknownNameError : no such edge. InputError : a strength outside [0, 2], or both `edges` and `result`.
    """
    strengths = _strengths(edges, result)
    with drawing():
        if ax is None:
            ax = plt.subplots(figsize=(9.6, 7.2), layout="constrained")[1]
        ax = own_axes(ax, (9.6, 7.2))
        ax.set_xlim(0, WIDTH)
        ax.set_ylim(0, HEIGHT)
        ax.set_aspect("equal")
        ax.set_axis_off()
        _draw_sides(ax)
        boxes = {name: _draw_node(ax, name, node) for name, node in NODES.items()}
        looks = [_look(arrow, strengths) for arrow in ARROWS]
        for arrow, look in zip(ARROWS, looks, strict=True):
            _draw_arrow(ax, arrow, look, boxes)
        _draw_key(ax, looks, strengths)
    return ax


def _strengths(edges: Mapping[str, float] | None, result: Result | None) -> dict[str, float]:
    if edges is not None and result is not None:
        raise InputError("loop_diagram: give strengths by edges= or by result=, not both")
    given: Mapping[str, Any] = result.provenance["edges"] if result is not None else edges or {}
    strengths = dict.fromkeys(registry.edges(), 1.0)
    for name, value in given.items():
        full = str(registry.edge_place(name).row.name)
        strengths[full] = float(np.mean(value))
        if not 0 <= strengths[full] <= 2:
            raise InputError(f"edge {full!r}: expected a strength from 0 to 2; found {value!r}")
    return strengths


def _look(arrow: Arrow, strengths: Mapping[str, float]) -> _Look:
    own = [strengths[name] for name in arrow.edges] or [1.0]
    strength = sum(own) / len(own)
    colour = BLUE if arrow.sign > 0 else VERMILLION
    if not arrow.edges:
        return _Look(BLACK, "-", _BASE_WIDTH, "")
    if strength == 0:
        return _Look(GREY, (0, (3, 2.5)), 1.3, "\N{MULTIPLICATION SIGN}")
    contested = "?" if all(registry.edges()[name].row.contested for name in arrow.edges) else ""
    number = "" if strength == 1 else f"{strength:.2g}"
    return _Look(colour, "-", max(_BASE_WIDTH * strength, 0.5), number + contested)


def _draw_sides(ax: Axes) -> None:
    for title, (left, bottom, right, top), fill in (
        ("CAREGIVER", CAREGIVER_BOX, _FILL["caregiver"]), ("INFANT", INFANT_BOX, _FILL["infant"]),
    ):  # fmt: skip
        ax.add_patch(FancyBboxPatch(
            (left, bottom), right - left, top - bottom, boxstyle="round,pad=0,rounding_size=0.25", facecolor=fill,
            edgecolor="none", zorder=0,
        ))  # fmt: skip
        ax.text((left + right) / 2, top - 0.12, title, ha="center", va="top", fontsize=10, fontweight="bold", zorder=5)


def _draw_node(ax: Axes, name: str, node: Node) -> FancyBboxPatch:
    half_width, half_height = 0.86, 0.36
    box = FancyBboxPatch(
        (node.x - half_width, node.y - half_height), 2 * half_width, 2 * half_height,
        boxstyle="round,pad=0,rounding_size=0.16", facecolor="white", edgecolor=BLACK,
        linewidth=1.6 if name == "contact" else 0.9, zorder=4,
    )  # fmt: skip
    ax.add_patch(box)
    ax.text(node.x, node.y, node.text, ha="center", va="center", fontsize=8.5, zorder=6, linespacing=1.05)
    return box


def _draw_arrow(ax: Axes, arrow: Arrow, look: _Look, boxes: Mapping[str, FancyBboxPatch]) -> None:
    start, stop = (NODES[name][1:] for name in (arrow.source, arrow.target))
    head = "-|>,head_length=0.55,head_width=0.24" if arrow.sign > 0 else "-[,widthB=0.42,lengthB=0"
    ax.add_patch(FancyArrowPatch(
        start, stop, patchA=boxes[arrow.source], patchB=boxes[arrow.target], shrinkA=1, shrinkB=2.5, arrowstyle=head,
        connectionstyle=f"arc3,rad={arrow.bend}", mutation_scale=13, color=look.colour, linewidth=look.width,
        linestyle=look.line, zorder=2, capstyle="butt",
    ))  # fmt: skip
    if look.mark:
        x, y = _along(np.array(start), np.array(stop), arrow.bend, arrow.at)
        ax.text(
            x, y, look.mark, ha="center", va="center", fontsize=8.5, fontweight="bold", color=look.colour, zorder=3,
            bbox={"boxstyle": "circle,pad=0.12", "facecolor": "white", "edgecolor": look.colour, "linewidth": 0.8},
        )  # fmt: skip


def _along(start: Any, stop: Any, bend: float, at: float) -> tuple[float, float]:
    """A point of the curve that matplotlib's "arc3" draws: a quadratic Bezier curve."""
    across = np.array([stop[1] - start[1], start[0] - stop[0]])
    control = (start + stop) / 2 + bend * across
    point = (1 - at) ** 2 * start + 2 * at * (1 - at) * control + at**2 * stop
    return float(point[0]), float(point[1])


def _draw_key(ax: Axes, looks: list[_Look], strengths: Mapping[str, float]) -> None:
    """The legend below the diagram, and what was changed but is not drawn."""
    entries = [
        Line2D([], [], color=BLUE, linewidth=_BASE_WIDTH, marker=">", markersize=6, label="raises"),
        Line2D(
            [], [], color=VERMILLION, linewidth=_BASE_WIDTH, marker="|", markersize=9, markeredgewidth=2, label="lowers"
        ),
        Line2D([], [], color=BLACK, linewidth=_BASE_WIDTH, marker=">", markersize=6, label="brings about (no edge)"),
        Line2D([], [], color=BLACK, linestyle="", marker="$?$", markersize=7, label="contested: may be zero"),
    ]
    if any(look.colour == GREY for look in looks):
        entries.append(
            Line2D([], [], color=GREY, linewidth=1.3, linestyle=(0, (3, 2.5)), marker="x", markersize=6, label="cut")
        )
    if any(look.mark[:1].isdigit() for look in looks):
        entries.append(Line2D([], [], color=BLUE, linewidth=2 * _BASE_WIDTH, label="width, number: strength"))
    ax.legend(
        handles=entries, loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=len(entries), handlelength=2.2,
        columnspacing=1.4, borderaxespad=0.3,
    )  # fmt: skip
    drawn = {name for arrow in ARROWS for name in arrow.edges}
    rest = [f"{name}: {value:.2g}" for name, value in strengths.items() if value != 1 and name not in drawn]
    if rest:
        text = "Changed, not drawn: " + ";  ".join(rest[:4]) + (f"; {len(rest) - 4} more" if len(rest) > 4 else "")
        ax.annotate(
            text, (0.5, 0.0), (0, -26), xycoords="axes fraction", textcoords="offset points", ha="center", va="top",
            fontsize=8,
        )  # fmt: skip
