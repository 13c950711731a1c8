"""The loop as a diagram: caregiver left, infant right, an edge's strength or gain as its arrow's
width.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from oxysim import checks
from oxysim.errors import InputError
from oxysim.loop.regime_analysis.maintenance import HoldUp
from oxysim.model import registry
from oxysim.plots.loop.arrow_looks import look_by_gain, look_by_strength
from oxysim.plots.loop.loop_arrows import draw_arrow
from oxysim.plots.loop.loop_key import draw_gains_key, draw_strengths_key
from oxysim.plots.loop.loop_layout import (
    ARROWS,
    CAREGIVER_BOX,
    HALF_HEIGHT,
    HALF_WIDTH,
    HEIGHT,
    INFANT_BOX,
    NODES,
    WEIGHTED_ARROWS,
    WIDTH,
    Node,
)
from oxysim.plots.picture import own_axes
from oxysim.plots.style import BLACK, drawing
from oxysim.simulation.results.result import Result

_FILL = {"caregiver": "#E8F1F8", "infant": "#FBEFE3"}  # pale, so that arrows stand out on them


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

    >>> import oxysim as ox
    >>> ax = ox.plots.loop_diagram({"reward -> depression": 0.5, "reward -> affect": 0})
    >>> sorted({text.get_text() for text in ax.texts} & {"0.5", "×"})  # a weak edge, a cut one
    ['0.5', '×']
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
        # at the left room for the arrow from depression to itself
        ax.set_xlim(-0.75 if weighted else 0, WIDTH)
        ax.set_ylim(0, HEIGHT)
        # the layout is in one unit both ways: boxes keep their shape in any figure
        ax.set_aspect("equal")
        ax.set_axis_off()
        _draw_sides(ax)
        # boxes before arrows, which end at them
        boxes = {name: _draw_node(ax, name, node) for name, node in NODES.items()}
        # all looks before anything is drawn, as the legend names only what occurs
        looks = [
            look_by_gain(arrow, numbers, holders) if weighted else look_by_strength(arrow, numbers)
            for arrow in arrows
        ]
        for arrow, look in zip(arrows, looks, strict=True):
            draw_arrow(ax, arrow, look, boxes)
        if weighted:
            draw_gains_key(ax, looks, numbers, holders)
        else:
            draw_strengths_key(ax, looks, numbers)
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
    # all edges, so that what was not named is drawn as nothing comes back
    gain_of_edge = dict.fromkeys(registry.edges(), 0.0)
    for name, value in checks.instance(
        gains, "gains", Mapping, "a mapping of edges to their gains"
    ).items():
        # as the table of edges writes it, with or without blanks around the arrow
        full = str(registry.edge_place(name).row.name)
        gain_of_edge[full] = checks.number(value, f"gain of edge {full!r}")
    return gain_of_edge


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
        (node.x - HALF_WIDTH, node.y - HALF_HEIGHT), 2 * HALF_WIDTH, 2 * HALF_HEIGHT,
        boxstyle="round,pad=0,rounding_size=0.16", facecolor="white", edgecolor=BLACK,
        # the exchange between the two is where the loop closes: its box stands out
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
