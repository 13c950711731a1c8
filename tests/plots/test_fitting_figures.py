"""Figures of a user's own data: what is drawn is what was found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PathCollection

import oxysim as ox
from oxysim import plots
from oxysim.errors import InputError
from oxysim.observations import Observations
from tests.support.fitted_figures import SPRAY, TIMES, check, design, errors, saliva, told


def _points(ax: object) -> list[np.ndarray]:
    return [
        np.asarray(drawn.get_offsets())
        for drawn in ax.collections  # type: ignore[attr-defined]
        if isinstance(drawn, PathCollection)
    ]


def test_samples_lie_on_their_course_and_limits_are_marked() -> None:
    result = ox.simulate(ox.Dyad(), SPRAY, "2 h", start="10:00")
    ax = plots.time_course(result, "mother.saliva_oxytocin", data=saliva())
    numbers, below = _points(ax)
    table = saliva().table
    measured = table[table["censored"] == ""]
    np.testing.assert_allclose(numbers, measured[["minutes", "value"]])
    np.testing.assert_allclose(below, [[720.0, 100.0]] * 3)
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["mother", "measured", "below this limit"]


def test_samples_widen_the_axis_and_go_to_their_panels() -> None:
    result = ox.simulate(ox.Dyad(), SPRAY, "1 h", start="10:00")
    rows = pd.DataFrame(
        {
            "person": "a",
            "member": ["mother", "infant"],
            "analyte": ["saliva_oxytocin", "salivary_cortisol"],
            "clock": [590.0, 610.0],
            "value": [3.0, 9.0],
            "unit": ["pg/mL", "nmol/L"],
        }
    )
    data = Observations.from_table(rows)
    figure = plots.time_courses(result, ["mother.saliva_oxytocin", "infant.cortisol"], data=data)
    first, second = (_points(ax) for ax in figure.axes)
    assert first[0].tolist() == [[590.0, 3.0]] and second[0].tolist() == [[610.0, 9.0]]
    assert figure.axes[0].get_xlim()[0] == 590.0
    with pytest.raises(InputError, match="saliva_oxytocin"):
        plots.time_course(result, "mother.warmth", data=data)
    # urine reads the mean of three hours of plasma: it has no place on its course
    urine = rows[:1].assign(analyte="urine_oxytocin")
    with pytest.raises(InputError, match="urine_oxytocin"):
        plots.time_course(result, "mother.plasma_oxytocin", data=Observations.from_table(urine))


def test_ages_are_placed_by_the_age_at_the_start() -> None:
    result = ox.simulate(ox.Dyad(infant_age="60 d"), ox.Routine.typical(), "4 d", save="daily")
    forms = pd.DataFrame(
        {"person": ["a"], "analyte": "epds", "age": 62.5, "value": [7.0], "unit": "EPDS"}
    )
    ax = plots.time_course(result, "mother.epds", data=Observations.from_table(forms))
    # the axis shows the infant's age in days
    np.testing.assert_allclose(_points(ax)[0], [[62.5, 7.0]])


def test_residuals_are_drawn_as_they_are() -> None:
    time, expected, normal = plots.residual_panels(errors()).axes
    table = errors().table
    numbers = table[table["censored"] == ""]
    np.testing.assert_allclose(_points(time)[0], numbers[["minutes", "error"]])
    np.testing.assert_allclose(_points(expected)[0], numbers[["expected", "error"]])
    (drawn,) = _points(normal)
    np.testing.assert_allclose(drawn[:, 1], np.sort(table["error"]))


def test_percentiles_and_shares_are_drawn_as_they_are() -> None:
    figure = plots.predictive_bands(check())
    upper, lower = figure.axes
    table = check().table()
    median = table.loc[table["percentile"] == 50.0, "data"]
    lines = {line.get_label(): line for line in upper.get_lines()}
    np.testing.assert_allclose(lines["50 % of the data"].get_ydata(), median)
    np.testing.assert_allclose(lines["50 % of the data"].get_xdata(), TIMES)
    assert (
        upper.get_yscale() == "log"
        and plots.predictive_bands(check(), log=False).axes[0].get_yscale() == "linear"
    )
    shares = [line for line in lower.get_lines() if line.get_marker() == "o"]
    np.testing.assert_allclose(shares[0].get_ydata(), 100 * check().censored()["data"])


def test_what_is_left_is_the_length_of_the_bars() -> None:
    bars, directions = plots.identifiability_bars(told()).axes
    widths = [patch.get_width() for patch in bars.patches]
    table = told().table()
    np.testing.assert_allclose(widths, 100 * table[["left", "left_alone"]].to_numpy().T.ravel())
    heads = [text.get_text() for text in directions.get_xticklabels()]
    assert heads == [f"{d.left:.0%}" for d in told().information.directions]


def test_the_best_times_and_the_plan_are_marked() -> None:
    ax = plots.sampling_time_curves(design())
    best, plan = _points(ax)
    assert best[:, 0].tolist() == sorted(design().minutes[[*design().best.chosen]])
    assert plan[:, 0].tolist() == [615.0, 675.0]
    (curve,) = [line for line in ax.get_lines() if line.get_label() == "one more sample"]
    np.testing.assert_allclose(curve.get_xdata(), design().minutes)
    # one more sample of one parameter: the information after over the information before
    np.testing.assert_allclose(curve.get_ydata(), 100 * np.expm1(design().best.one_more), rtol=1e-9)
