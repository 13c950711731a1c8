"""Arms side by side: one variable in one panel, or a grid of panels with an arm a column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from oxysim.errors import InputError
from oxysim.plots.shading import LINE_HEIGHT, Span, shade, spans_of
from oxysim.plots.style import LOOKS, drawing, legend_beside, own_axes, own_panels
from oxysim.plots.time_axis import TimeAxis, time_axis
from oxysim.plots.time_course import Curve, curve_of, draw_curve, label_y
from oxysim.simulation.result import Result


def compare(
    results: Sequence[Result],
    labels: Sequence[str],
    variable: str,
    ax: Axes | None = None,
    *,
    dyad: int | str | Sequence[int] | None = None,
    interventions: bool = True,
) -> Axes:
    """One variable of several results in one panel, a curve an arm; what any arm was given is shaded and named.

    Parameters
    ----------
    results, labels : as many labels as results, at most six.
    dyad : as for :func:`oxysim.plots.time_course`, or one dyad's number for each result (one result may stand several
        times, to compare its dyads).

    Raises
    ------
    InputError : no result, labels that do not match, or a dyad that cannot be drawn.
    UnknownNameError : no such variable.
    """
    arms = _arms(results, labels)
    dyads = _dyad_of_each(dyad, len(arms))
    curves = [curve_of(result, variable, one) for result, one in zip(arms.values(), dyads, strict=True)]
    with drawing():
        ax = own_axes(ax, (7.0, 3.6))
        axis = time_axis(list(arms.values()))
        for look, (label, result), curve in zip(LOOKS, arms.items(), curves, strict=False):
            draw_curve(ax, axis.place(result.time), curve, look, label)
        label_y(ax, curves[:1])
        legend_beside(ax, title=curves[0].note.replace(" of ", "\nof ") or None)
        if interventions:
            shade(ax, axis, _spans_of_all(list(arms.values()), dyads))
        axis.finish(ax)
    return ax


def small_multiples(
    results_by_arm: Mapping[str, Result],
    variables: Sequence[str],
    fig: Any = None,
    *,
    dyad: int | str | None = None,
    interventions: bool = True,
) -> Figure:
    """A grid of panels: an arm a column, a variable a row; the axes of a row are the same in every column.

    Parameters
    ----------
    results_by_arm : name of the arm -> its result.
    variables : one name a row.
    dyad : as for :func:`oxysim.plots.time_course`.

    Raises
    ------
    InputError : no arm, no variable, or a dyad that cannot be drawn. UnknownNameError : no such variable.
    """
    arms = _arms(list(results_by_arm.values()), list(results_by_arm))
    names = [variables] if isinstance(variables, str) else list(variables)
    if not names:
        raise InputError("variables: expected at least one name such as 'caregiver.epds'; found none")
    curves = [[curve_of(result, name, dyad) for result in arms.values()] for name in names]
    size = (1.0 + 2.7 * len(arms), 0.9 + 1.6 * len(names))
    with drawing():
        fig, axes = own_panels(fig, (len(names), len(arms)), size, sharex=True, sharey="row")
        axis, rows = time_axis(list(arms.values())), 0
        spans = [_spans_of_all([result], [dyad]) if interventions else [] for result in arms.values()]
        order = list(dict.fromkeys(span.label for own in spans for span in own))
        for column, result in enumerate(arms.values()):
            own = [row[column] for row in curves]
            rows = max(rows, _draw_column(axes[:, column], result, own, axis, spans[column], order))
        for label, ax in zip(arms, axes[0], strict=True):
            ax.set_title(label, pad=6 + LINE_HEIGHT * rows, fontweight="bold", fontsize=9)
        for row, held in enumerate(curves):
            label_y(axes[row, 0], held[:1], width=12)
        notes = {row[0].note for row in curves} - {""}
        if notes:
            fig.supxlabel(f"Curve and band: {notes.pop()}", fontsize=8)
        for ax in axes.flat:
            ax.label_outer()
        fig.align_ylabels(axes[:, 0])
    return fig


def _draw_column(
    axes: Any, result: Result, curves: Sequence[Curve], axis: TimeAxis, spans: Sequence[Span], order: Sequence[str]
) -> int:
    """Draw one arm; returns how many rows of names stand above its top panel."""
    rows = 0
    for position, (ax, curve) in enumerate(zip(axes, curves, strict=True)):
        draw_curve(ax, axis.place(result.time), curve, LOOKS[0], "")
        rows = max(rows, shade(ax, axis, spans, named=position == 0, order=order))
        axis.finish(ax, most_ticks=5)
    return rows


def _arms(results: Sequence[Result], labels: Sequence[str]) -> dict[str, Result]:
    if isinstance(results, Result):
        raise InputError("results: expected a list of results; found one result. Use time_course for one")
    if isinstance(labels, str) or len(labels) != len(results):
        raise InputError(f"labels: expected {len(results)}, one for each result; found {labels!r}")
    if not 0 < len(results) <= len(LOOKS):
        raise InputError(f"results: expected 1 to {len(LOOKS)} results; found {len(results)}")
    if len(set(labels)) < len(labels):
        raise InputError(f"labels: expected different labels; found {list(labels)!r}")
    for result in results:
        if not isinstance(result, Result):
            raise InputError(f"results: expected what simulate() returns; found {result!r}")
    return dict(zip(labels, results, strict=True))


def _dyad_of_each(dyad: int | str | Sequence[int] | None, n: int) -> list[int | str | None]:
    if dyad is None or isinstance(dyad, str | int):
        return [dyad] * n
    if len(dyad) != n:
        raise InputError(f"dyad: expected one number, or one for each of {n} results; found {list(dyad)!r}")
    return [*dyad]


def _spans_of_all(results: Sequence[Result], dyads: Sequence[int | str | None]) -> list[Span]:
    chosen = [None if isinstance(dyad, str) else dyad for dyad in dyads]
    each = zip(results, chosen, strict=True)
    found = {span for result, one in each for span in spans_of(result, "intervention", one)}
    return sorted(found, key=lambda span: (span.start, span.label))
