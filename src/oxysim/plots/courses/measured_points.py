"""Measured samples over simulated courses: points, and limits where only these are known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from oxysim import checks
from oxysim.errors import InputError
from oxysim.fitting.persons.person_samples import sample_minutes
from oxysim.measures import INSTRUMENTS
from oxysim.measures.instrument_model import as_it_is
from oxysim.observations import Observations
from oxysim.plots.courses.time_axis import TimeAxis
from oxysim.plots.style import Look
from oxysim.simulation.results.result import Result
from oxysim.texts import listed

POINT = 26.0  # points squared: larger than the markers of a course's own outputs
ARROW = 34.0  # of a triangle, which is narrower at the same area


def measured_samples(data: Any, result: Result) -> pd.DataFrame:
    """The samples of observations with the variable that each is of ("variable"), and when it was
    taken, in minutes since 00:00 of the first simulated day ("moment"); missing ones are left out.

    An instrument that reads a variable as it is belongs to that variable's course; a user's own
    analyte belongs to the variable of that name.

    Raises
    ------
    InputError : no observations, a sample without a time.

    >>> import oxysim as ox
    >>> result = ox.simulate(ox.Dyad(), ox.Routine.empty(), "1 h")
    >>> rows = pd.DataFrame({"person": ["a"], "analyte": "salivary_cortisol", "clock": 495.0,
    ...     "value": 9.0, "unit": "nmol/L"})
    >>> measured_samples(Observations.from_table(rows), result)["variable"].tolist()
    ['mother.cortisol']
    """
    checks.instance(data, "data", Observations, "Observations, as the readers return them")
    table = data.drop_missing().to_pandas()
    # of dyads of several ages the first: an age belongs to one of them only
    age = float(np.ravel(result.dataset["infant_age"].values)[0])
    moments = sample_minutes(table, age)
    if np.isnan(moments).any():
        line = table["line"].to_numpy()[np.isnan(moments)][0]
        raise InputError(f"data, line {line}: expected minutes, a clock time or an age; found none")
    names = [
        f"{result.caregivers[0] if member == 'caregiver' else member}.{_variable(analyte)}"
        for member, analyte in zip(table["member"], table["analyte"], strict=True)
    ]
    return table.assign(variable=names, moment=moments)


def samples_over(data: Any, result: Result, variables: Sequence[str]) -> pd.DataFrame | None:
    """The measured samples of the variables that are drawn; None where there are no data.

    Raises
    ------
    InputError : none of the samples belongs to any of the variables.

    >>> import oxysim as ox
    >>> result = ox.simulate(ox.Dyad(), ox.Routine.empty(), "1 h")
    >>> samples_over(None, result, ["mother.cortisol"]) is None
    True
    """
    if data is None:
        return None
    samples = measured_samples(data, result)
    drawn = samples[samples["variable"].isin(variables)]
    if not len(drawn):
        raise InputError(
            what="data",
            expected=f"samples of {listed(variables)}",
            found=listed(samples["variable"].unique()),
            remedy="an instrument that reads something else than the variable itself has no place"
            " on its axis: compare it by residuals()",
            key=("data",),
        )
    return drawn


def covering(axis: TimeAxis, samples: pd.DataFrame | None) -> TimeAxis:
    """The axis of time, as long as the samples need, if there are any.

    >>> axis = TimeAxis("Clock time (h:min)", 1.0, 0.0, 480.0, 540.0)
    >>> covering(axis, pd.DataFrame({"moment": [470.0, 500.0]})).start
    470.0
    """
    if samples is None:
        return axis
    moments = samples["moment"].to_numpy()
    return axis._replace(
        start=min(axis.start, float(moments.min())), stop=max(axis.stop, float(moments.max()))
    )


def draw_measured(
    ax: Axes,
    axis: TimeAxis,
    samples: pd.DataFrame | None,
    variable: str,
    look: Look,
    *,
    named: bool = True,
) -> list[Any]:
    """The samples of one variable: hollow points, and triangles at a limit that point to where the
    reading lies; `named` where a legend says so. Returns what was drawn.

    >>> import oxysim as ox
    >>> figure, axes = ox.plots.panels(1)
    >>> axis = TimeAxis("Clock time (h:min)", 1.0, 0.0, 480.0, 540.0)
    >>> samples = pd.DataFrame({"variable": ["mother.cortisol"] * 2, "moment": [490.0, 500.0],
    ...     "value": [9.0, np.nan], "limit": [np.nan, 0.3], "censored": ["", "below"]})
    >>> look = Look("#0072B2", "-", "o")
    >>> len(draw_measured(axes[0, 0], axis, samples, "mother.cortisol", look))
    2
    """
    if samples is None:
        return []
    drawn_here = samples[samples["variable"] == variable]
    kinds = (
        ("", "value", "o", POINT, "measured"),
        ("below", "limit", "v", ARROW, "below this limit"),
        ("above", "limit", "^", ARROW, "above this limit"),
    )
    entries = []
    for censored, column, marker, size, label in kinds:
        some = drawn_here[drawn_here["censored"] == censored]
        if len(some):
            entries.append(
                ax.scatter(
                    axis.place(some["moment"]), some[column], s=size, marker=marker,
                    facecolors="white", edgecolors=look.colour, linewidths=1.2,
                    label=label if named else None,
                    # over the course, so that a point on it is seen
                    zorder=5, clip_on=False,
                )
            )  # fmt: skip
    return entries


def _variable(analyte: str) -> str:
    """The variable that an analyte is of; "" where an instrument reads more than one as it is."""
    tool = INSTRUMENTS.get(analyte)
    if tool is None:
        return analyte
    reads_one = len(tool.quantities) == 1 and tool.expected is as_it_is and not tool.window
    return tool.variables[0] if reads_one else f"[{analyte}]"
