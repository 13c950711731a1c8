"""Arms of a study over time: over each other in one panel or in a panel a variable, or a column an
arm.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from oxysim import checks
from oxysim.errors import InputError
from oxysim.plots.colours import arm_looks
from oxysim.plots.courses.shading import Span, shade, shade_routine, spans_of
from oxysim.plots.courses.time_axis import TimeAxis, time_axis
from oxysim.plots.courses.time_course import (
    LOW_PANEL,
    PANEL,
    Curve,
    curves_of,
    draw_curve,
    label_y,
    variable_names,
)
from oxysim.plots.picture import own_axes, own_panels
from oxysim.plots.style import LOOKS, add_to_legend, drawing, label_text, legend_beside
from oxysim.simulation.results.result import Result

LETTERS = 26  # of a line of the legend: longer ones would take the curves' room


def compare(
    results: Sequence[Result],
    labels: Sequence[str],
    variable: str,
    ax: Axes | None = None,
    *,
    dyad: int | str | Sequence[int] | None = None,
    interventions: bool = True,
) -> Axes:
    """One variable of several results in one panel, a curve an arm; what any arm was given is
    shaded and named.

    Parameters
    ----------
    results, labels : as many labels as results, at most six. An arm that is called after an
        intervention ("placebo", "skin-to-skin") has that intervention's colour in every figure,
        "usual care" and the like are black.
    dyad : as for :func:`oxysim.plots.courses.time_course`, or one dyad's number for each result
        (one result may stand several times, to compare its dyads).
    interventions : whether to shade what was given.

    Raises
    ------
    InputError : no result, labels that do not match, or a dyad that cannot be drawn.
    UnknownNameError : no such variable.

    >>> import oxysim as ox
    >>> usual = ox.simulate(ox.Dyad(), ox.Routine.typical(), "1 h")
    >>> massage = ox.simulate(ox.Dyad(), ox.Massage("15 min", at="08:15"), "1 h")
    >>> ax = ox.plots.compare([usual, massage], ["usual care", "massage"], "infant.cortisol")
    >>> [line.get_label() for line in ax.get_lines()]
    ['usual care', 'massage']
    """
    arms = _arms(results, labels)
    name = checks.name(variable, "variable")
    shaded = checks.flag(interventions, "interventions")
    dyads = _dyad_of_each(dyad, len(arms))
    curves = [
        curves_of(result, [name], dyad)[0]
        for result, dyad in zip(arms.values(), dyads, strict=True)
    ]
    with drawing():
        axes = own_axes(ax, (7.0, 3.6))
        axis = time_axis(list(arms.values()), dyads)
        _draw_arms(axes, axis, list(arms), curves)
        if shaded:
            shade(axes, axis, _spans_of_all(list(arms.values()), dyads))
        axis.finish(axes)
    return axes


def compare_panels(
    results_by_arm: Mapping[str, Result],
    variables: Sequence[str],
    fig: Any = None,
    *,
    dyad: int | str | None = None,
    interventions: bool = True,
    routine: Sequence[str] = (),
) -> Figure:
    """Several variables of several arms: a panel a variable, below each other, the arms over each
    other in each.

    Parameters
    ----------
    results_by_arm : name of the arm -> its result; at most six. Colours as for :func:`compare`.
    variables : one name a panel.
    dyad : as for :func:`oxysim.plots.courses.time_course`.
    interventions : whether to shade what any arm was given; named above the first panel.
    routine : names of routine activities to shade too, such as ``["breastfeed"]``.

    Raises
    ------
    InputError : no arm, no variable, or a dyad that cannot be drawn. UnknownNameError : no such
    variable or activity.

    >>> import oxysim as ox
    >>> usual = ox.simulate(ox.Dyad(), ox.Routine.typical(), "1 h")
    >>> massage = ox.simulate(ox.Dyad(), ox.Massage("15 min", at="08:15"), "1 h")
    >>> arms = {"usual care": usual, "massage": massage}
    >>> figure = ox.plots.compare_panels(arms, ["infant.cortisol", "infant.arousal"])
    >>> [len(ax.get_lines()) for ax in figure.axes]  # an arm a line, in each panel
    [2, 2]
    """
    arms, names = _arms_by_name(results_by_arm), variable_names(variables)
    shaded = checks.flag(interventions, "interventions")
    activities = checks.sequence(routine, "routine", checks.name, of="names of activities", least=0)
    dyads = _dyad_of_each(dyad, len(arms))
    curves = [
        curves_of(result, names, dyad) for result, dyad in zip(arms.values(), dyads, strict=True)
    ]
    with drawing():
        fig, axes = own_panels(fig, (len(names), 1), (7.4, 0.9 + 1.75 * len(names)), sharex=True)
        axis = time_axis(list(arms.values()), dyads)
        for row, panel in enumerate(axes[:, 0]):
            _draw_arms(panel, axis, list(arms), [of_arm[row] for of_arm in curves], LOW_PANEL)
            # one legend serves all panels: the arms look the same in each
            if row:
                panel.get_legend().remove()
            if shaded:
                shade(panel, axis, _spans_of_all(list(arms.values()), dyads), named=row == 0)
            if activities:
                entries = shade_routine(
                    panel, axis, _spans_of_all(list(arms.values()), dyads, "routine"), activities
                )
                # activities are named beside the first panel only, as the arms are
                if row == 0:
                    add_to_legend(panel, entries)
            axis.finish(panel)
            panel.label_outer()
        fig.align_ylabels()
    return fig


def small_multiples(
    results_by_arm: Mapping[str, Result],
    variables: Sequence[str],
    fig: Any = None,
    *,
    dyad: int | str | None = None,
    interventions: bool = True,
) -> Figure:
    """A grid of panels: an arm a column, a variable a row; the axes of a row are the same in every
    column.

    To compare arms, :func:`compare_panels` lays them over each other.

    Parameters
    ----------
    results_by_arm : name of the arm -> its result.
    variables : one name a row.
    dyad : as for :func:`oxysim.plots.courses.time_course`.
    interventions : whether to shade what an arm was given.

    Raises
    ------
    InputError : no arm, no variable, or a dyad that cannot be drawn. UnknownNameError : no such
    variable.

    >>> import oxysim as ox
    >>> usual = ox.simulate(ox.Dyad(), ox.Routine.typical(), "1 h")
    >>> massage = ox.simulate(ox.Dyad(), ox.Massage("15 min", at="08:15"), "1 h")
    >>> arms = {"usual care": usual, "massage": massage}
    >>> figure = ox.plots.small_multiples(arms, ["infant.cortisol"])
    >>> [ax.get_title() for ax in figure.axes]
    ['usual care', 'massage']
    """
    arms, names = _arms_by_name(results_by_arm), variable_names(variables)
    shaded = checks.flag(interventions, "interventions")
    # an arm's variables are computed together, then dealt out to its rows
    of_arms = [curves_of(result, names, dyad) for result in arms.values()]
    curves = [list(row) for row in zip(*of_arms, strict=True)]
    # an inch for the labels at the left, then the same width for every arm
    size = (1.0 + 2.7 * len(arms), 0.9 + 1.6 * len(names))
    with drawing():
        fig, axes = own_panels(
            fig, (len(names), len(arms)), size, letters=False, sharex=True, sharey="row"
        )
        axis = time_axis(list(arms.values()), [dyad] * len(arms))
        for column, result in enumerate(arms.values()):
            spans = _spans_of_all([result], [dyad]) if shaded else []
            _draw_column(axes[:, column], [row[column] for row in curves], axis, spans)
        for label, panel in zip(arms, axes[0], strict=True):
            panel.set_title(label, fontweight="bold", fontsize=9)
        for row, curve_pairs in enumerate(curves):
            # low panels: twelve letters fit along one
            label_y(axes[row, 0], curve_pairs[:1], width=12)
        # the band is the same in every panel, and said once below them
        notes = {row[0].note for row in curves} - {""}
        if notes:
            fig.supxlabel(f"Curve and band: {notes.pop()}", fontsize=8)
        for panel in axes.flat:
            panel.label_outer()
        fig.align_ylabels(axes[:, 0])
    return fig


def _draw_arms(
    ax: Axes, axis: TimeAxis, labels: Sequence[str], curves: Sequence[Curve], width: int = PANEL
) -> None:
    """The curves of one variable, an arm each, with their legend."""
    for look, label, curve in zip(arm_looks(list(labels)), labels, curves, strict=True):
        # a line break that the reader set stays one
        text = "\n".join(textwrap.fill(line, LETTERS) for line in label.split("\n"))
        draw_curve(ax, axis, curve, look, text)
    label_y(ax, curves[:1], width)
    legend_beside(ax, title=curves[0].note.replace(" of ", "\nof ") or None)


def _draw_column(axes: Any, curves: Sequence[Curve], axis: TimeAxis, spans: Sequence[Span]) -> None:
    """Draw one arm; the names of what it was given stand above its top panel."""
    for position, (ax, curve) in enumerate(zip(axes, curves, strict=True)):
        draw_curve(ax, axis, curve, LOOKS[0], "")
        shade(ax, axis, spans, named=position == 0)
        # a column is narrow: five labels of the clock fit
        axis.finish(ax, most_ticks=5)


def _arms_by_name(results_by_arm: Any) -> dict[str, Result]:
    arms = checks.instance(
        results_by_arm, "results_by_arm", Mapping, "a mapping of the arms' names to their results"
    )
    return _arms(list(arms.values()), list(arms))


def _arms(results: Any, labels: Any) -> dict[str, Result]:
    # said apart, as one result in place of a list is the likeliest mistake
    if isinstance(results, Result):
        raise InputError(
            what="results",
            expected="a list of results",
            found="one result",
            remedy="use time_course for one",
            key=("results",),
        )
    checked = checks.sequence(results, "results", _result, of="results", least=0)
    # more arms than looks could not be told apart
    if not 0 < len(checked) <= len(LOOKS):
        raise checks.refused(len(checked), "results", f"1 to {len(LOOKS)} results")
    names = checks.sequence(labels, "labels", label_text, of="names of the results", least=0)
    if len(names) != len(checked):
        raise checks.refused(list(names), "labels", f"{len(checked)}, one for each result")
    if len(set(names)) < len(names):
        raise checks.refused(list(names), "labels", "different labels")
    # names are keys, so that no two arms can share one
    return dict(zip(names, checked, strict=True))


def _result(value: Any, name: str) -> Result:
    return checks.instance(value, name, Result, "what simulate() returns")


def _dyad_of_each(dyad: Any, n: int) -> list[int | str | None]:
    if dyad is None or isinstance(dyad, str | int):
        return [dyad] * n
    numbers = checks.sequence(dyad, "dyad", _number_of_dyad, of="dyads' numbers", least=0)
    if len(numbers) != n:
        raise checks.refused(list(numbers), "dyad", f"one number, or one for each of {n} results")
    return [*numbers]


def _number_of_dyad(value: Any, name: str) -> int:
    return checks.whole_number(value, name, 0)


def _spans_of_all(
    results: Sequence[Result], dyads: Sequence[int | str | None], kind: str = "intervention"
) -> list[Span]:
    # a mean over dyads shows the first dyad's schedule
    chosen = [None if isinstance(dyad, str) else dyad for dyad in dyads]
    paired = zip(results, chosen, strict=True)
    # what several arms were given alike is shaded once
    spans = {span for result, dyad in paired for span in spans_of(result, kind, dyad)}
    return sorted(spans, key=lambda span: (span.start, span.label))
