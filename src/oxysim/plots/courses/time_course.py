"""Time courses of one result: curves of caregivers and infant, with what was done
to them shaded.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from oxysim import checks
from oxysim.arrays import FloatArray, IntArray
from oxysim.errors import InputError
from oxysim.observations import Observations
from oxysim.plots.courses.drawn_course import Course, course_of
from oxysim.plots.courses.measured_points import (
    covering,
    draw_measured,
    samples_over,
)
from oxysim.plots.courses.shading import shade, shade_routine, spans_of
from oxysim.plots.courses.time_axis import TimeAxis, time_axis
from oxysim.plots.dyad_numbers import is_dyad_number
from oxysim.plots.picture import own_axes, own_panels
from oxysim.plots.style import (
    Look,
    add_to_legend,
    drawing,
    legend_beside,
    look_of,
    sentence,
    unit_text,
    words,
)
from oxysim.simulation.results.result import Result

BAND = (0.1, 0.9)
"""The quantiles between which a band over dyads lies."""

LOW_PANEL, PANEL = 20, 22
"""Letters of a label that fit along the height of one of several panels, and of a single one."""

MOST_MARKERS = 20  # outputs of a curve with a marker each: more would hide it


class Curve(NamedTuple):
    """A curve and, over several dyads, its band; arrays of shape (n_times,), at `times` (min since
    00:00 of the first simulated day), of which `outputs` are those that were saved.

    >>> outputs, epds = np.array([0, 1]), np.array([8.0, 7.5])
    >>> Curve("mother.epds", "EPDS", np.array([0.0, 60.0]), outputs, epds).name
    'mother.epds'
    """

    name: str
    unit: str
    times: FloatArray
    outputs: IntArray
    middle: FloatArray
    low: FloatArray | None = None
    high: FloatArray | None = None
    note: str = ""


def curves_of(result: Result, names: Sequence[str], dyad: int | str | None) -> list[Curve]:
    """Curves of some variables, as they went between the outputs too (see
    :mod:`oxysim.plots.courses.drawn_course`): of one dyad (by its number), or the "mean" or
    "median" over dyads with a band; failed dyads are left out.

    Raises
    ------
    UnknownNameError : no such variable. InputError : no such dyad, it failed, or all failed.

    >>> import oxysim as ox
    >>> spray = ox.NasalSpray("24 IU", at="08:15")
    >>> result = ox.simulate(ox.Dyad(), spray, "1 h")
    >>> (curve,) = curves_of(result, ["caregiver.cortisol"], None)
    >>> curve.name, curve.unit
    ('mother.cortisol', 'nmol/L')
    """
    checks.instance(result, "result", Result, "what simulate() returns")
    variables = [result[checks.name(name, "variable")] for name in names]
    dyad = _dyad_meant(result, dyad)
    course = course_of(result, names, dyad)
    return [
        _curve(
            str(variable.name), str(variable.attrs.get("units", "")), course, values, result, dyad
        )
        for variable, values in zip(variables, course.values, strict=True)
    ]


def _dyad_meant(result: Result, dyad: int | str | None) -> int | str:
    """A dyad's number that can be drawn, "mean" or "median"."""
    numbers = result.dataset["dyad"].values.tolist()
    if dyad is None:
        # of several the median: EPDS totals are skewed, and a mean follows the few who are ill
        dyad = numbers[0] if len(numbers) == 1 else "median"
    if not isinstance(dyad, str):
        if not is_dyad_number(dyad, numbers):
            raise checks.refused(
                dyad,
                "dyad",
                f"a dyad's number from {numbers[0]} to {numbers[-1]}, 'mean' or 'median'",
            )
        # its values are gaps: an empty panel would not say why
        if dyad in result.reasons:
            raise InputError(f"dyad {dyad} failed and cannot be drawn: {result.reasons[dyad]}")
        return int(dyad)
    if dyad not in ("mean", "median"):
        raise checks.refused(dyad, "dyad", "a dyad's number, 'mean' or 'median'")
    if not result.ok.any():
        raise InputError(
            f"every dyad of this result failed; first reason: {next(iter(result.reasons.values()))}"
        )
    return dyad


def _curve(
    name: str, unit: str, course: Course, values: FloatArray, result: Result, dyad: int | str
) -> Curve:
    """The curve of one variable, from the values of all dyads."""
    if not isinstance(dyad, str):
        # dyads keep their numbers in a part of a result, so a number is no position
        row = result.dataset["dyad"].values.tolist().index(dyad)
        return Curve(name, unit, course.times, course.outputs, values[row])
    # who failed has gaps, which no mean or quantile can pass over
    good = values[result.ok]
    middle = good.mean(axis=0) if dyad == "mean" else np.median(good, axis=0)
    low, high = np.quantile(good, BAND, axis=0)
    note = f"{dyad} and {BAND[0]:.0%}\N{EN DASH}{BAND[1]:.0%} range of {len(good)} dyads"
    return Curve(name, unit, course.times, course.outputs, middle, low, high, note)


def draw_curve(ax: Axes, axis: TimeAxis, curve: Curve, look: Look, label: str) -> None:
    """A curve with its band; few outputs get markers.

    >>> import oxysim as ox
    >>> spray = ox.NasalSpray("24 IU", at="08:15")
    >>> result = ox.simulate(ox.Dyad(), spray, "1 h")
    >>> figure, axes = ox.plots.panels(1)
    >>> (curve,) = curves_of(result, ["caregiver.warmth"], None)
    >>> look = look_of("mother", 0, ["mother"])
    >>> draw_curve(axes[0, 0], time_axis([result]), curve, look, "mother")
    >>> axes[0, 0].get_lines()[0].get_label()
    'mother'
    """
    x = axis.place(curve.times)
    marker = look.marker if len(curve.outputs) <= MOST_MARKERS else ""
    ax.plot(
        x,
        curve.middle,
        color=look.colour,
        linestyle=look.line,
        marker=marker,
        markersize=4.5,
        label=label,
        zorder=3,
        # at the outputs only: what lies between them was not saved
        markevery=curve.outputs.tolist(),
    )
    # a light band under the curve, so that several of them stay readable
    if curve.low is not None and curve.high is not None:
        ax.fill_between(
            x,
            curve.low,
            curve.high,
            color=look.colour,
            alpha=0.18,
            linewidth=0,
            zorder=2,
        )


def time_course(
    result: Result,
    variables: str | Sequence[str],
    ax: Axes | None = None,
    *,
    dyad: int | str | None = None,
    interventions: bool = True,
    routine: Sequence[str] = (),
    data: Observations | None = None,
) -> Axes:
    """One or several variables of one unit over time, in one panel.

    The axis shows the clock over up to two days, else the infant's age in days, weeks or months.
    Over up to two days the curve is drawn as it went, between the outputs too; where that cannot be
    known (a result that was read from a file) or takes long (many dyads), and something happened
    between two outputs, the axis says that lines join them.

    Parameters
    ----------
    variables : one name or several, such as ``["mother.cortisol", "infant.cortisol"]``.
    dyad : a dyad's number, or "mean" or "median" over dyads with a band from the 10 % to the 90 %
        quantile; default the only dyad, or the median of several.
    interventions : whether to shade interventions and name them.
    routine : names of routine activities to shade too, such as ``["infant sleep"]``.
    data : measured samples, drawn as points over the courses that they are of, with triangles at
        the limits of those that are only known to lie below or above; their day 0 is the first
        simulated day. Samples of other variables are not drawn.

    Raises
    ------
    UnknownNameError : no such variable or activity.
    InputError : no variable, variables of different units (use :func:`time_courses`), or a dyad
    that cannot be drawn.

    >>> import oxysim as ox
    >>> spray = ox.NasalSpray("24 IU", at="08:15")
    >>> result = ox.simulate(ox.Dyad(), spray, "1 h")
    >>> ax = ox.plots.time_course(result, "caregiver.cortisol")
    >>> ax.get_ylabel(), [text.get_text() for text in ax.texts]
    ('Mother cortisol (nmol/L)', ['nasal spray 24 IU'])
    """
    curves = _of_one_unit(curves_of(result, variable_names(variables), dyad))
    shaded, activities = checks.flag(interventions, "interventions"), _activities(routine)
    samples = samples_over(data, result, [curve.name for curve in curves])
    with drawing():
        axes = own_axes(ax, (7.0, 3.4))
        axis = covering(time_axis([result], [dyad]), samples)
        _draw_panel(axes, axis, curves, samples=samples)
        _shade_panel(axes, axis, result, dyad, activities, named=shaded, shaded=shaded)
        axis.finish(axes)
    return axes


def time_courses(
    result: Result,
    variables: Sequence[str | Sequence[str]],
    fig: Any = None,
    *,
    dyad: int | str | None = None,
    interventions: bool = True,
    routine: Sequence[str] = (),
    data: Observations | None = None,
) -> Figure:
    """Panels below each other with one axis of time; an entry of `variables` is one name, or
    several of one unit.

    Other parameters and errors as for :func:`time_course`.

    >>> import oxysim as ox
    >>> spray = ox.NasalSpray("24 IU", at="08:15")
    >>> result = ox.simulate(ox.Dyad(), spray, "1 h")
    >>> pair = ["mother.cortisol", "infant.cortisol"]
    >>> figure = ox.plots.time_courses(result, ["caregiver.warmth", pair])
    >>> [ax.get_ylabel().split("\\n") for ax in figure.axes]
    [['Mother warmth', '(scale 1–5)'], ['Cortisol (nmol/L)']]
    """
    entries: Any = [variables] if isinstance(variables, str) else variables
    # an entry is a panel: one name, or several that share its unit
    panels = checks.sequence(
        entries, "variables", variable_names, of="names, or lists of names of one unit", most=26
    )
    # all variables at once, as the moments between outputs are computed together, then dealt out to
    # their panels again
    drawn = iter(curves_of(result, [name for names in panels for name in names], dyad))
    curves = [_of_one_unit(list(itertools.islice(drawn, len(names)))) for names in panels]
    shaded, activities = checks.flag(interventions, "interventions"), _activities(routine)
    samples = samples_over(data, result, [curve.name for panel in curves for curve in panel])
    with drawing():
        fig, axes = own_panels(fig, (len(panels), 1), (7.0, 0.8 + 1.75 * len(panels)), sharex=True)
        axis = covering(time_axis([result], [dyad]), samples)
        for row, (ax, curve) in enumerate(zip(axes[:, 0], curves, strict=True)):
            _draw_panel(ax, axis, curve, LOW_PANEL, samples)
            _shade_panel(
                ax,
                axis,
                result,
                dyad,
                # one legend of activities serves all panels, as they share the axis of time
                activities if row == 0 else (),
                named=row == 0,
                shaded=shaded,
            )
            axis.finish(ax)
            ax.label_outer()
        # labels of one and two lines would else stand at different distances
        fig.align_ylabels()
    return fig


def label_y(ax: Axes, curves: Sequence[Curve], width: int = PANEL) -> None:
    """The quantity and its unit on the y axis; only the unit where the curves are of several
    quantities.

    >>> import oxysim as ox
    >>> figure, axes = ox.plots.panels(1)
    >>> outputs, epds = np.array([0, 1]), np.array([8.0, 7.5])
    >>> label_y(axes[0, 0], [Curve("mother.epds", "EPDS", np.array([0.0, 60.0]), outputs, epds)])
    >>> axes[0, 0].get_ylabel()
    'Mother EPDS (points)'
    """
    # in the order of the curves, each once
    quantities = list(dict.fromkeys(curve.name.partition(".")[2] for curve in curves))
    unit = unit_text(curves[0].name, curves[0].unit)
    members = {curve.name.partition(".")[0] for curve in curves}
    owner = f"{members.pop()} " if len(members) == 1 else ""
    # two quantities can still be named; of more the legend has to
    subject = (
        sentence(owner + " and ".join(words(q) for q in quantities))
        if len(quantities) <= 2
        else "Value"
    )
    ax.set_ylabel(
        f"{subject}\n({unit})" if len(subject) + len(unit) > width else f"{subject} ({unit})"
    )


def _draw_panel(
    ax: Axes,
    axis: TimeAxis,
    curves: Sequence[Curve],
    width: int = PANEL,
    samples: pd.DataFrame | None = None,
) -> None:
    members = [curve.name.partition(".")[0] for curve in curves]
    quantities = {curve.name.partition(".")[2] for curve in curves}
    looks = [look_of(member, position, members) for position, member in enumerate(members)]
    for look, curve in zip(looks, curves, strict=True):
        member, _, rest = curve.name.partition(".")
        label = member if len(quantities) == 1 else f"{member} {words(rest)}"
        draw_curve(ax, axis, curve, look, label)
    for look, curve in zip(looks, curves, strict=True):
        # of several members the first explains the marks
        draw_measured(ax, axis, samples, curve.name, look, named=curve is curves[0])
    label_y(ax, curves, width)
    # one curve is named by its axis; a note says what a band is
    if len(curves) > 1 or curves[0].note or samples is not None:
        legend_beside(ax, title=curves[0].note.replace(" of ", "\nof ") or None)


def _shade_panel(
    ax: Axes,
    axis: TimeAxis,
    result: Result,
    dyad: Any,
    routine: Sequence[str],
    *,
    named: bool,
    shaded: bool,
) -> None:
    # a mean or median has no schedule of its own: the first dyad's stands for all
    chosen = None if dyad is None or isinstance(dyad, str) else int(dyad)
    if shaded:
        shade(ax, axis, spans_of(result, "intervention", chosen), named=named)
    if routine:
        add_to_legend(ax, shade_routine(ax, axis, spans_of(result, "routine", chosen), routine))


def _of_one_unit(curves: list[Curve]) -> list[Curve]:
    units = {curve.unit for curve in curves}
    if len(units) > 1:
        listed = ", ".join(f"{curve.name} ({curve.unit})" for curve in curves)
        raise InputError(
            f"variables: one panel takes one unit; found {listed}. Use time_courses for several"
            " panels"
        )
    return curves


def variable_names(variables: Any, argument: str = "variables") -> list[str]:
    """One name, or several, of a result's variables.

    Raises
    ------
    InputError : none, or something that is no name.

    >>> variable_names("caregiver.epds")
    ['caregiver.epds']
    """
    names: Any = [variables] if isinstance(variables, str) else variables
    if isinstance(names, Sequence) and not len(names):
        raise InputError(
            what=argument,
            expected="at least one name such as 'caregiver.cortisol'",
            found="none",
            key=(argument,),
        )
    return list(
        checks.sequence(names, argument, checks.name, of="names such as 'caregiver.cortisol'")
    )


def _activities(routine: Any) -> tuple[str, ...]:
    kinds: Any = [routine] if isinstance(routine, str) else routine
    return checks.sequence(
        kinds, "routine", checks.name, of="names of activities such as 'infant sleep'", least=0
    )
