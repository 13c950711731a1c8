"""How an arrow of the loop looks: by the strength of its edges, or by the loop gain over them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from oxysim.model import registry
from oxysim.plots.loop.loop_layout import AROUND, BESIDE, Arrow
from oxysim.plots.style import BLACK, BLUE, GREY, LIGHT, VERMILLION

BASE_WIDTH = 1.5  # points, of an edge of strength 1
WIDEST = 4.6  # points, of the edge with the largest gain: wider ones hide their own heads
THIN = 0.8  # points, of an arrow that is there for the picture's sake
CUT_WIDTH = 1.3  # points: a cut edge has no strength to show, and still is to be found
TOLD = 0.005  # of gain: what is less stands without a number, as it would read 0.00
SEEN = 0.001  # of gain: what is less is drawn thin and grey
DASHED: Any = (0, (2.2, 1.1))  # of balancing loops: short, so that short arrows have a few dashes
CUT_DASHES: Any = (0, (3, 2.5))  # wider gaps than those of balancing loops: nothing passes


class ArrowLook(NamedTuple):
    """Colour, line, width (points) and mark of an arrow.

    `weighted` says that the width is a gain, `holds` that the regime would not exist without one of
    its edges; `beside` is how far from the arrow the mark stands, in the units of the diagram.

    >>> ArrowLook(BLUE, "-", BASE_WIDTH, "").holds
    False
    """

    colour: str
    line: Any
    width: float
    mark: str
    weighted: bool = False
    holds: bool = False
    beside: tuple[float, float] = (0.0, 0.0)


def look_by_gain(arrow: Arrow, gains: Mapping[str, float], holders: set[str]) -> ArrowLook:
    """The look of an arrow by the largest loop gain over its edges.

    >>> arrow = Arrow("reward", "depression", ("reward -> depression",), -1)
    >>> look_by_gain(arrow, {"reward -> depression": 0.21}, set()).mark
    '0.21'
    """
    # without edges it is structure, of which no gain is known
    if not arrow.edges:
        return ArrowLook(BLACK, "-", THIN, "", True)

    # several edges are one arrow: their sum would mix loops that have nothing in common
    gain = max((gains[name] for name in arrow.edges), key=abs)
    holds = not holders.isdisjoint(arrow.edges)
    size = abs(gain)
    number = f"{gain:.2f}".replace("-", "\N{MINUS SIGN}") if size >= TOLD or holds else ""
    if size < SEEN:
        return ArrowLook(GREY if holds else LIGHT, "-", THIN, number, True, holds)

    colour, line = (VERMILLION, "-") if gain > 0 else (BLUE, DASHED)
    largest = max(abs(value) for value in gains.values())
    width = THIN + (WIDEST - THIN) * size / largest

    # on an arrow to itself the mark moves outwards, where the node's box does not hide it
    is_to_itself = arrow.source == arrow.target
    outwards = (0.3 * AROUND[arrow.source][0], 0.0) if is_to_itself else (0.0, 0.0)
    beside = BESIDE.get((arrow.source, arrow.target), outwards)
    return ArrowLook(colour, line, width, number, True, holds, beside)


def look_by_strength(arrow: Arrow, strengths: Mapping[str, float]) -> ArrowLook:
    """The look of an arrow by the mean strength of its edges.

    >>> arrow = Arrow("reward", "depression", ("reward -> depression",), -1)
    >>> look_by_strength(arrow, {"reward -> depression": 0.5}).mark
    '0.5'
    """
    if not arrow.edges:
        return ArrowLook(BLACK, "-", BASE_WIDTH, "")

    factors = [strengths[name] for name in arrow.edges]
    strength = sum(factors) / len(factors)
    if strength == 0:
        return ArrowLook(GREY, CUT_DASHES, CUT_WIDTH, "\N{MULTIPLICATION SIGN}")

    # one edge that is sure makes the arrow sure
    contested = "?" if all(registry.edges()[name].row.contested for name in arrow.edges) else ""
    # strength 1 is the model as it is: a number on every arrow would hide what was changed
    number = "" if strength == 1 else f"{strength:.2g}"
    colour = BLUE if arrow.sign > 0 else VERMILLION
    # a weak edge is still seen
    width = max(BASE_WIDTH * strength, 0.5)
    return ArrowLook(colour, "-", width, number + contested)
