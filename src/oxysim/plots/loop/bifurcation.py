"""A bifurcation diagram: the regimes of a dyad against a parameter, stable and unstable, and the
folds between them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from oxysim import checks
from oxysim.errors import shown, unknown_name
from oxysim.loop.bifurcation.branches import Diagram
from oxysim.loop.bifurcation.equilibrium_branch import Branch
from oxysim.loop.bifurcation.hysteresis import Hysteresis
from oxysim.loop.regime_analysis.regimes import ASSUMPTION
from oxysim.measures.cut_offs import EPDS_PROBABLE
from oxysim.plots.picture import own_axes
from oxysim.plots.smooth import smooth_path
from oxysim.plots.style import (
    BLACK,
    BLUE,
    GREEN,
    GREY,
    PURPLE,
    VERMILLION,
    cut_off_line,
    drawing,
    label_text,
    legend_beside,
    sentence,
    size_ticks,
    words,
)
from oxysim.sweeps.axis_targets import EDGE, FIELD

# Thin and grey: where a dyad falls is an event, not one of its regimes.
ARROW = {"arrowstyle": "-|>", "color": GREY, "linewidth": 1.0, "shrinkA": 4, "shrinkB": 3}


def bifurcation(
    diagram: Diagram,
    state: str = "caregiver.depression",
    ax: Axes | None = None,
    *,
    swept: Hysteresis | None = None,
    label: str | None = None,
) -> Axes:
    """Regimes against the parameter: stable solid, unstable dashed, folds and Hopf points marked.

    At each fold an arrow leads to the stable regime into which a dyad falls there: up one way and
    down the other is hysteresis.

    Parameters
    ----------
    diagram : what ``loop.branch`` returned.
    state : the slow state on the vertical axis; "caregiver." names the first caregiver.
    swept : what ``loop.bifurcation.hysteresis`` returned over the same parameter: where the dyad
        rests on the way up and on the way down; hollow where it did not come to rest.
    label : words for the horizontal axis, in place of the parameter's name.

    Raises
    ------
    UnknownNameError : no such slow state. InputError : not a diagram, or a sweep of something else.

    >>> import oxysim as ox
    >>> from oxysim.loop.bifurcation.branches import Diagram
    >>> def rates(x, p):  # two folds between EPDS 3 and 17
    ...     return p + (x - 10) / 5 - ((x - 10) / 5) ** 3
    >>> span, names = {"low": -1.5, "high": 1.5}, ("mother.depression",)
    >>> branch = ox.loop.continue_branch(rates, [2.0], -1.5, **span, names=names)
    >>> diagram = Diagram("a.b.gain", names, (branch,), own=0.1)
    >>> ax = ox.plots.bifurcation(diagram)
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['stable', 'unstable', 'fold', 'this dyad']
    """
    checks.instance(diagram, "diagram", Diagram, "what branch(dyad, parameter, low, high) returns")
    state = checks.name(state, "state")
    if label is not None:
        label_text(label, "label")
    # a diagram names its caregiver ("mother."); a reader may say "caregiver."
    first = diagram.names[0].partition(".")[0]
    name = state.replace("caregiver.", f"{first}.", 1)
    if name not in diagram.names:
        raise unknown_name("slow state", state, diagram.names, "of this diagram")
    row = diagram.names.index(name)
    if swept is not None:
        _require_same(diagram, swept, name)
    with drawing():
        ax = own_axes(ax, (7.4, 4.0))
        for branch in diagram.branches:
            _draw(ax, branch, row)
        _mark(ax, diagram, row)
        if swept is not None:
            _draw_swept(ax, swept, name)
        _finish(ax, diagram, row, label)
    return ax


def _draw(ax: Axes, branch: Branch, row: int) -> None:
    """Stretches of one stability; a special point belongs to both sides."""
    # a step is stable if either of its ends is: a special point at the other belongs to both sides
    solid = branch.stable[:-1] | branch.stable[1:]
    cuts = np.flatnonzero(np.diff(solid.astype(int))) + 1
    # a branch turns back at its folds, so it is smoothed along its length
    path, at = smooth_path(np.array([branch.p, branch.x[row]]))
    for start, stop in zip([0, *cuts], [*cuts, len(solid)], strict=True):
        # dashed and thinner, as no dyad is ever found there
        line, colour, width = ("-", BLUE, 1.9) if solid[start] else ((0, (4, 2.2)), VERMILLION, 1.4)
        ax.plot(
            *path[:, at[start] : at[stop] + 1],
            linestyle=line,
            color=colour,
            linewidth=width,
            label="stable" if solid[start] else "unstable",
            zorder=3,
        )


def _mark(ax: Axes, diagram: Diagram, row: int) -> None:
    for branch in diagram.branches:
        for i in np.flatnonzero(np.array(branch.kinds) == "fold"):
            opens_leftwards = (
                branch.p[i - 1] > branch.p[i]
            )  # the number stands where the branch is not
            ax.annotate(
                f"{branch.p[i]:#.3g}",
                (branch.p[i], branch.x[row, i]),
                (-7 if opens_leftwards else 7, 0),
                va="center",
                textcoords="offset points",
                ha="right" if opens_leftwards else "left",
                fontsize=8,
            )
    for fold in diagram.folds:
        ax.plot(fold.p, fold.x[row], "o", color="black", markersize=5.5, label="fold", zorder=5)
        end = _falls_to(diagram, fold.p, row, fold.x[row])
        # a fold beyond which nothing stable is within the diagram has no arrow
        if end is not None:
            ax.annotate("", (fold.p, end), (fold.p, fold.x[row]), arrowprops=ARROW, zorder=2)
    # square, so that it is told from a fold in print
    for hopf in diagram.hopfs:
        ax.plot(
            hopf.p,
            hopf.x[row],
            "s",
            color="black",
            markerfacecolor="white",
            markersize=6,
            label="Hopf point",
            zorder=5,
        )


def _require_same(diagram: Diagram, swept: Any, name: str) -> None:
    if not isinstance(swept, Hysteresis) or (swept.parameter, swept.unit) != (
        diagram.parameter,
        diagram.unit,
    ):
        differing = (
            f"one of {swept.parameter}, {swept.unit}"
            if isinstance(swept, Hysteresis)
            else shown(swept)
        )
        expected = f"what hysteresis(dyad, {diagram.parameter!r}, values) returns"
        raise checks.refused(differing, "swept", expected, as_text=True)
    if name not in swept.names:
        raise unknown_name("slow state", name, swept.names, "of this sweep")


def _draw_swept(ax: Axes, swept: Hysteresis, name: str) -> None:
    row = swept.names.index(name)
    for way, marker, colour, size, done, text in (
        (swept.up[row], "^", GREEN, 7.5, swept.settled[0], "on the way up"),
        # both are seen where they agree
        (swept.down[row], "v", PURPLE, 4.5, swept.settled[1], "on the way down"),
    ):
        # markers without a line: between two values of the sweep nobody looked
        style: Any = {
            "linestyle": "none",
            "marker": marker,
            "color": colour,
            "markersize": size,
            "zorder": 4,
        }
        ax.plot(swept.values[done], way[done], label=text, **style)
        if not done.all():
            rest: Any = {"markerfacecolor": "white", "label": f"{text}, not at rest"}
            ax.plot(swept.values[~done], way[~done], **rest, **style)


def _falls_to(diagram: Diagram, p: float, row: int, level: float) -> float | None:
    """The nearest stable regime at a fold other than the fold itself."""
    states, stable = diagram.at(p)
    # a tenth of the diagram's height tells another regime from the fold's own two branches, which
    # meet there
    span = float(max(np.ptp(branch.x[row]) for branch in diagram.branches)) or 1.0
    other_levels = [v for v in states[row, stable] if abs(v - level) > 0.1 * span]
    return min(other_levels, key=lambda v: abs(v - level)) if other_levels else None


def _finish(ax: Axes, diagram: Diagram, row: int, label: str | None) -> None:
    member, _, quantity = diagram.names[row].partition(".")
    ax.set_xlabel(label or _label(diagram))
    if quantity == "depression":
        # a form reads depression in the mood of the week (M20): the two are one in usual mood alone
        cut_off_line(ax, EPDS_PROBABLE, note=", in usual mood")
        ax.set_ylabel(f"Depression of the {member}, EPDS points")
    else:
        ax.set_ylabel(sentence(f"{words(quantity)} of the {member}"))
    # a field of an intervention is varied from the dose as given, all else from the dyad as it is
    marker_label = "dose as given" if diagram.kind == FIELD else "this dyad"
    ax.axvline(
        diagram.own,
        color=BLACK,
        linewidth=1.1,
        linestyle=(0, (6, 2, 1, 2)),
        label=marker_label,
        zorder=1,
    )
    # each stretch and each fold has the same label: it is named once
    handles: dict[str, Any] = {}
    for handle, text in zip(*ax.get_legend_handles_labels(), strict=True):
        handles.setdefault(text, handle)
    legend_beside(ax, handles=list(handles.values()), labels=list(handles))
    ax.set_title(ASSUMPTION.replace(" (", "\n(", 1), fontsize=8, color=GREY, loc="left")
    size_ticks(ax)


def _label(diagram: Diagram) -> str:
    """What was varied, in words, with its unit."""
    # "caregiver.depression.loop_gain" is read from its last words, "spray.dose" as the dose of the
    # spray
    parts = [words(word) for word in diagram.parameter.split(".")]
    if diagram.kind == EDGE:
        return f"Strength of the edge {diagram.parameter.replace('->', chr(0x2192))}"
    text = f"{parts[-1]} of {parts[0]}" if diagram.kind == FIELD else " ".join(parts[-2:])
    return sentence(text) if diagram.unit in ("", "1") else f"{sentence(text)}, {diagram.unit}"
