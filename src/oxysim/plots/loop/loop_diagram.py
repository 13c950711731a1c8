"""The loop as a diagram: caregiver left, infant right, an edge's strength or gain as its arrow's
width.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Patch
from matplotlib.path import Path

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.errors import InputError
from oxysim.loop.regime_analysis.maintenance import HoldUp
from oxysim.model import registry
from oxysim.plots.loop.loop_layout import (
    AROUND,
    ARROWS,
    BESIDE,
    CAREGIVER_BOX,
    HEIGHT,
    INFANT_BOX,
    NODES,
    WEIGHTED_ARROWS,
    WIDTH,
    Arrow,
    Node,
)
from oxysim.plots.picture import own_axes
from oxysim.plots.style import BLACK, BLUE, GREY, LIGHT, VERMILLION, drawing
from oxysim.simulation.results.result import Result

_BASE_WIDTH = 1.5  # points, of an edge of strength 1
_WIDEST = 4.6  # points, of the edge with the largest gain: wider ones hide their own heads
_TOLD = 0.005  # of gain: what is less stands without a number
_SEEN = 0.001  # of gain: what is less is drawn thin and grey
_DASHED: Any = (0, (2.2, 1.1))
_HALF_WIDTH, _HALF_HEIGHT = 0.86, 0.36  # of a node's box
_FILL = {"caregiver": "#E8F1F8", "exchange": "#FFFFFF", "infant": "#FBEFE3"}


class _Look(NamedTuple):
    colour: str
    line: Any
    width: float
    mark: str
    weighted: bool = False
    held: bool = False
    beside: tuple[float, float] = (0.0, 0.0)  # how far from the arrow the mark stands


def loop_diagram(  # noqa: PLR0913 - all but the first two are keywords with defaults
    edges: Mapping[str, float] | None = None,
    ax: Axes | None = None,
    *,
    result: Result | None = None,
    gains: Mapping[str, float] | None = None,
    hold: HoldUp | None = None,
) -> Axes:
    """The main edges of the model between caregiver and infant.

    Arrow heads: more leads to more; bar heads: more leads to less. Width: strength. Dashed grey
    with a cross: cut. A question mark: contested, the plausible strength includes zero. Some arrows
    stand for several edges and show their mean strength; what was changed but is not among the
    edges drawn is listed below the diagram.

    With `gains` the arrows tell what comes back over each edge at a regime. Width and number: the
    loop gain over the edge, of several edges the one with the largest. Solid vermillion: the loops
    over it are reinforcing on balance; dashed blue: balancing; thin grey: next to nothing comes
    back. Two loops of one node are drawn besides: how far depression keeps itself, and how oxytocin
    makes its receptors fewer. With `hold` the edges without which the regime would not exist carry
    a filled label.

    Parameters
    ----------
    edges : edge name -> strength, 0 (cut) to 2; edges that are not named have strength 1.
    result : take the strengths from this result instead (means over its dyads).
    gains : edge name -> loop gain, as ``dict(zip(table["edge"], table["gain"]))`` of
        :func:`oxysim.loop.regime_analysis.loop_gain.edge_gains`; edges that are not named have
        none.
    hold : what holds the regime up, from :func:`oxysim.loop.regime_analysis.maintenance.hold_up`.

    Raises
    ------
    UnknownNameError : no such edge. InputError : a strength outside [0, 2], a gain that is no
        number, both `edges` and `result`, strengths beside gains, or `hold` without `gains`.
    """
    weighted = gains is not None
    if hold is not None:
        checks.instance(hold, "hold", HoldUp, "what loop.hold_up returns")
    _require_one_meaning(
        strengths=edges is not None or result is not None, gains=weighted, hold=hold is not None
    )
    numbers = _gains(gains) if gains is not None else _strengths(edges, result)
    arrows = (*ARROWS, *WEIGHTED_ARROWS) if weighted else ARROWS
    holders = set(hold.holders()) if hold is not None else set()
    with drawing():
        ax = own_axes(ax, (9.6, 7.3) if weighted else (9.6, 7.0))
        ax.set_xlim(-0.75 if weighted else 0, WIDTH)
        ax.set_ylim(0, HEIGHT)
        ax.set_aspect("equal")
        ax.set_axis_off()
        _draw_sides(ax)
        boxes = {name: _draw_node(ax, name, node) for name, node in NODES.items()}
        looks = [
            _weighted_look(arrow, numbers, holders) if weighted else _look(arrow, numbers)
            for arrow in arrows
        ]
        for arrow, look in zip(arrows, looks, strict=True):
            _draw_arrow(ax, arrow, look, boxes)
        if weighted:
            _draw_weights_key(ax, looks, numbers, holders)
        else:
            _draw_key(ax, looks, numbers)
    return ax


def _require_one_meaning(*, strengths: bool, gains: bool, hold: bool) -> None:
    """An arrow's width can mean one thing."""
    if strengths and gains:
        raise InputError(
            "loop_diagram: give strengths (edges= or result=) or gains=, not both: a width means"
            " one thing"
        )
    if hold and not gains:
        raise InputError(
            "loop_diagram: hold= marks the edges of a diagram with gains; give gains= too"
        )


def _gains(gains: Mapping[str, float]) -> dict[str, float]:
    gain_of_edge = dict.fromkeys(registry.edges(), 0.0)
    for name, value in checks.instance(
        gains, "gains", Mapping, "a mapping of edges to their gains"
    ).items():
        full = str(registry.edge_place(name).row.name)
        gain_of_edge[full] = checks.number(value, f"gain of edge {full!r}")
    return gain_of_edge


def _weighted_look(arrow: Arrow, gains: Mapping[str, float], holders: set[str]) -> _Look:
    if not arrow.edges:
        return _Look(BLACK, "-", 0.8, "", True)
    gain, is_clipped = (
        max((gains[name] for name in arrow.edges), key=abs),
        not holders.isdisjoint(arrow.edges),
    )
    size, largest = abs(gain), max(abs(value) for value in gains.values())
    number = f"{gain:.2f}".replace("-", "\N{MINUS SIGN}") if size >= _TOLD or is_clipped else ""
    if size < _SEEN:
        return _Look(GREY if is_clipped else LIGHT, "-", 0.8, number, True, is_clipped)
    colour, line = (VERMILLION, "-") if gain > 0 else (BLUE, _DASHED)
    position = (0.3 * AROUND[arrow.source][0], 0.0) if arrow.source == arrow.target else (0.0, 0.0)
    beside = BESIDE.get((arrow.source, arrow.target), position)
    return _Look(
        colour, line, 0.8 + (_WIDEST - 0.8) * size / largest, number, True, is_clipped, beside
    )


def _strengths(edges: Mapping[str, float] | None, result: Result | None) -> dict[str, float]:
    if edges is not None and result is not None:
        raise InputError("loop_diagram: give strengths by edges= or by result=, not both")
    if result is not None:
        named_strengths: Any = checks.instance(
            result, "result", Result, "what simulate() returns"
        ).provenance["edges"]
    else:
        named_strengths = checks.instance(
            {} if edges is None else edges,
            "edges",
            Mapping,
            "a mapping of edges to their strengths",
        )
    strengths = dict.fromkeys(registry.edges(), 1.0)
    for name, value in named_strengths.items():
        full = str(registry.edge_place(name).row.name)
        # of a result, the mean over its dyads
        strength = value if result is None else float(np.mean(value))
        strengths[full] = checks.number(strength, f"edge {full!r}: strength", 0, 2)
    return strengths


def _look(arrow: Arrow, strengths: Mapping[str, float]) -> _Look:
    factors = [strengths[name] for name in arrow.edges] or [1.0]
    strength = sum(factors) / len(factors)
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
        ax.add_patch(
            FancyBboxPatch(
                (left, bottom),
                right - left,
                top - bottom,
                boxstyle="round,pad=0,rounding_size=0.25",
                facecolor=fill,
                edgecolor="none",
                zorder=0,
            )
        )
        ax.text(
            (left + right) / 2,
            top - 0.12,
            title,
            ha="center",
            va="top",
            fontsize=10,
            fontweight="bold",
            zorder=5,
        )


def _draw_node(ax: Axes, name: str, node: Node) -> FancyBboxPatch:
    box = FancyBboxPatch(
        (node.x - _HALF_WIDTH, node.y - _HALF_HEIGHT), 2 * _HALF_WIDTH, 2 * _HALF_HEIGHT,
        boxstyle="round,pad=0,rounding_size=0.16", facecolor="white", edgecolor=BLACK,
        linewidth=1.6 if name == "contact" else 0.9, zorder=4,
    )  # fmt: skip
    ax.add_patch(box)
    ax.text(
        node.x,
        node.y,
        node.text,
        ha="center",
        va="center",
        fontsize=8.5,
        zorder=6,
        linespacing=1.05,
    )
    return box


def _draw_arrow(ax: Axes, arrow: Arrow, look: _Look, boxes: Mapping[str, FancyBboxPatch]) -> None:
    wide = max(look.width / 2.0, 1.0) if look.weighted else 1.0  # the head of a wide arrow is wider
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
    if arrow.source == arrow.target:
        loop = _around(arrow)
        ax.add_patch(FancyArrowPatch(path=Path(loop, [Path.MOVETO, *[Path.CURVE4] * 3]), **style))
        x, y = (np.array([1, 3, 3, 1]) / 8 @ loop).tolist()  # its middle
    else:
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
        x, y = _along(np.array(start), np.array(stop), arrow.bend, arrow.at)
    if look.mark:
        _draw_mark(ax, look, (x + look.beside[0], y + look.beside[1]))


def _draw_mark(ax: Axes, look: _Look, at: tuple[float, float]) -> None:
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
        color="white" if look.held else look.colour,
        bbox={
            "boxstyle": shape,
            "facecolor": look.colour if look.held else "white",
            "edgecolor": BLACK if look.held else look.colour,
            "linewidth": 1.2 if look.held else 0.8,
        },
    )


def _ends(arrow: Arrow) -> tuple[tuple[float, float], tuple[float, float]]:
    """Where an arrow begins and ends: in the nodes' middles, or beside them."""
    first, last = NODES[arrow.source], NODES[arrow.target]
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
    edge, y = node.x + side * _HALF_WIDTH, node.y + above
    far = edge + side * 0.95
    return np.array(
        [(edge, y + 0.2), (far, y + 0.62), (far, y - 0.62), (edge + side * 0.03, y - 0.2)]
    )


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
            [],
            [],
            color=VERMILLION,
            linewidth=_BASE_WIDTH,
            marker="|",
            markersize=9,
            markeredgewidth=2,
            label="lowers",
        ),
        Line2D(
            [],
            [],
            color=BLACK,
            linewidth=_BASE_WIDTH,
            marker=">",
            markersize=6,
            label="brings about (no edge)",
        ),
        Line2D(
            [],
            [],
            color=BLACK,
            linestyle="",
            marker="$?$",
            markersize=7,
            label="contested: may be zero",
        ),
    ]
    if any(look.colour == GREY for look in looks):
        entries.append(
            Line2D(
                [],
                [],
                color=GREY,
                linewidth=1.3,
                linestyle=(0, (3, 2.5)),
                marker="x",
                markersize=6,
                label="cut",
            )
        )
    if any(look.mark[:1].isdigit() for look in looks):
        entries.append(
            Line2D([], [], color=BLUE, linewidth=2 * _BASE_WIDTH, label="width, number: strength")
        )
    ax.legend(
        handles=entries,
        loc="upper center",
        bbox_to_anchor=(0.5, 0.0),
        ncols=len(entries),
        handlelength=2.2,
        columnspacing=1.4,
        borderaxespad=0.3,
    )
    drawn = {name for arrow in ARROWS for name in arrow.edges}
    rest = [
        f"{name}: {value:.2g}"
        for name, value in strengths.items()
        if value != 1 and name not in drawn
    ]
    if rest:
        text = (
            "Changed, not drawn: "
            + ";  ".join(rest[:4])
            + (f"; {len(rest) - 4} more" if len(rest) > 4 else "")
        )
        ax.annotate(
            text,
            (0.5, 0.0),
            (0, -26),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="center",
            va="top",
            fontsize=8,
        )


def _draw_weights_key(
    ax: Axes, looks: Sequence[_Look], gains: Mapping[str, float], holders: set[str]
) -> None:
    """The legend of a diagram with gains, and what has a gain or holds but is not drawn."""
    largest = max(gains.values(), key=abs)
    entries: list[Any] = [
        Line2D([], [], color=VERMILLION, linewidth=_WIDEST / 2, label="its loops reinforce"),
        Line2D(
            [], [], color=BLUE, linewidth=_WIDEST / 4, linestyle=_DASHED, label="its loops balance"
        ),
        Line2D([], [], color=LIGHT, linewidth=0.8, label=f"gain below {_SEEN:g}"),
        Line2D(
            [],
            [],
            color=BLACK,
            linewidth=0.8,
            marker=">",
            markersize=5,
            label="brings about (no edge)",
        ),
    ]
    if any(look.held for look in looks):
        entries.append(
            Patch(facecolor=VERMILLION, edgecolor=BLACK, label="filled label: holds the regime up")
        )
    ax.legend(
        handles=entries,
        loc="upper center",
        bbox_to_anchor=(0.5, 0.0),
        ncols=len(entries),
        handlelength=2.2,
        columnspacing=1.4,
        borderaxespad=0.3,
    )
    drawn = {name for arrow in (*ARROWS, *WEIGHTED_ARROWS) for name in arrow.edges}
    unclipped = sorted(
        (name for name in gains if name not in drawn), key=lambda name: -abs(gains[name])
    )
    rest = [f"{name}: {gains[name]:.2g}" for name in unclipped if abs(gains[name]) >= _TOLD]
    rest += [f"{name}: holds the regime up" for name in sorted(holders - drawn)]
    text = (
        f"Width and number: loop gain over the edge, up to {abs(largest):.2f}. Arrow raises, bar"
        " lowers."
    )
    if rest:
        text += (
            "\nNot drawn: "
            + ";  ".join(rest[:3])
            + (f"; {len(rest) - 3} more" if len(rest) > 3 else "")
        )
    ax.annotate(
        text,
        (0.5, 0.0),
        (0, -26),
        xycoords="axes fraction",
        textcoords="offset points",
        ha="center",
        va="top",
        fontsize=8,
    )
