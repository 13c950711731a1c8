"""Figures of sweeps along one axis: what is drawn is what was found, and a run without a value is
seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from oxysim import plots
from oxysim.errors import InputError, UnknownNameError
from oxysim.families import Dyad
from oxysim.interventions import NasalSpray
from oxysim.plots.sweeps.outcome_reading import read_outcome
from oxysim.plots.sweeps.sweep_axis import LINEAR, LOG, SweepAxis, is_logarithmic
from oxysim.plots.sweeps.swept import runs_text
from oxysim.schedule import Routine
from oxysim.simulation.simulate import simulate
from oxysim.sweeps import Study, grid, latin_hypercube, one_at_a_time, sweep
from tests.support.swept_results import (
    DOSES,
    FINAL,
    WEEKLY,
    curves,
    filled,
    forty_dyads,
    legend,
    marks,
    plane,
    require_legible,
    scattered,
    small_result,
    study,
)  # fmt: skip


@pytest.fixture
def result() -> xr.Dataset:
    return small_result()


@pytest.fixture
def ensemble() -> xr.Dataset:
    return forty_dyads()


@pytest.fixture
def sample() -> xr.Dataset:
    return scattered()


@pytest.fixture(autouse=True)
def nothing_global_changes() -> Iterator[None]:
    before = dict(matplotlib.rcParams)
    yield
    plt.close("all")
    assert dict(matplotlib.rcParams) == before


# ------------------------------------------------------------------------ lines
def test_a_line_for_each_value_of_hue_with_gaps_where_runs_are_missing(result: xr.Dataset) -> None:
    ax = plots.sweep_line(result, FINAL, "spray.every", hue="spray.dose")
    assert (ax.get_xlabel(), ax.get_ylabel()) == (
        "Spray every (h)",
        "Caregiver EPDS, final (points)",
    )
    assert ax.get_xscale() == "log"  # 6, 12, 24, 48
    drawn = curves(ax)
    assert len({line.get_linestyle() for line in drawn}) == 3
    for dose, line in zip(DOSES, drawn, strict=True):
        expected = result["caregiver.epds: final"].sel({"spray.dose": dose}).values
        np.testing.assert_array_equal(np.asarray(line.get_ydata()), expected)
    assert marks(ax) == {"failed": [24.0], "not made": [6.0]}
    assert legend(ax) == ["8", "24", "40", "failed: 1 of 12 runs", "not made: 1 of 12 runs"]
    assert ax.get_legend().get_title().get_text() == "Spray dose (IU)"
    require_legible(ax.figure)


def test_moments_of_an_outcome_are_an_axis_of_time(result: xr.Dataset) -> None:
    ax = plots.sweep_line(result.isel({"spray.every": 2}), WEEKLY, "time", "spray.dose")
    assert ax.get_xlabel() == "Time since 00:00 of the first day (weeks)"
    np.testing.assert_allclose(curves(ax)[0].get_xdata(), np.arange(5) + 1 / 21)  # from 08:00
    assert legend(ax)[-1] == "failed: 1 of 3 runs"  # runs, not moments
    clock = filled(
        study(None, outcomes=("caregiver.cortisol: hourly mean from 10:00 to 14:00",)),
        lambda one: 1.0,
    )
    assert plots.sweep_line(clock).get_xlabel() == "Start of the stretch, clock time (h:min)"


def test_many_values_of_hue_have_a_colour_bar(result: xr.Dataset) -> None:
    wide = filled(
        study(
            grid(
                {
                    "spray.dose": list(map("{} IU".format, range(1, 9))),
                    "spray.every": ["6 h", "12 h"],
                }
            )
        ),
        plane,
    )
    ax = plots.sweep_line(wide, FINAL, "spray.every", "spray.dose")
    assert len(curves(ax)) == 8 and len({line.get_color() for line in curves(ax)}) == 8
    assert ax.figure.axes[1].get_ylabel() == "Spray dose (IU)"


def test_texts_and_unordered_numbers_are_axes_too() -> None:
    stops = filled(
        study(grid({"spray.stop": ["day 160", "day 155"]}), outcomes=(FINAL,)),
        lambda one: [2.0, 1.0],
    )
    ax = plots.sweep_line(stops)
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["day 160", "day 155"]
    back = filled(
        study(grid({"spray.dose": ["40 IU", "8 IU", "24 IU"]}), outcomes=(FINAL,)),
        lambda one: [40.0, 8.0, 24.0],
    )
    (line,) = curves(plots.sweep_line(back))
    assert list(line.get_xdata()) == list(line.get_ydata()) == DOSES


def test_dyads_are_summarised_and_said_so(ensemble: xr.Dataset) -> None:
    ax = plots.sweep_line(ensemble, FINAL)
    values = ensemble["caregiver.epds: final"].values
    np.testing.assert_allclose(curves(ax)[0].get_ydata(), np.nanmedian(values, axis=1))
    assert ax.get_ylabel().endswith("median of 39 to 40 of 40 dyads")
    np.testing.assert_allclose(curves(plots.sweep_line(ensemble, FINAL, dyad=3))[0].get_ydata(), 3)
    mean = curves(plots.sweep_line(ensemble, FINAL, dyad="mean"))[0].get_ydata()
    np.testing.assert_allclose(mean, np.nanmean(values, axis=1))
    assert marks(plots.sweep_line(ensemble, FINAL, "dyad", "spray.dose")) == {"failed": [7]}


# ------------------------------------------------------------------------ bands
def test_bands_lie_between_the_quantiles_and_say_how_many(ensemble: xr.Dataset) -> None:
    ax = plots.quantile_bands(ensemble, FINAL)
    values = ensemble["caregiver.epds: final"].values
    np.testing.assert_allclose(curves(ax)[0].get_ydata(), np.nanmedian(values, axis=1))
    outer, inner = ax.collections
    assert _extent(outer) == pytest.approx(_quantiles(values, 0.05, 0.95))
    assert _extent(inner) == pytest.approx(_quantiles(values, 0.25, 0.75))
    assert legend(ax) == [
        "median, n = 39 to 40 of 40 dyads",
        "90 % of them (5\N{EN DASH}95 %)",
        "50 % of them (25\N{EN DASH}75 %)",
        "failed: 1 of 80 runs",
    ]
    assert marks(ax) == {"failed": [8.0]}
    require_legible(ax.figure)


def test_bands_along_time_an_arm_each(ensemble: xr.Dataset) -> None:
    ax = plots.quantile_bands(ensemble, WEEKLY, "time", "spray.dose", quantiles=(0.1, 0.5, 0.9))
    assert len(curves(ax)) == 2 and len(ax.collections) == 2
    assert (
        ax.get_xlabel().endswith("(weeks)")
        and ax.get_legend().get_title().get_text() == "Spray dose (IU)"
    )
    with pytest.raises(InputError, match="hue"):
        plots.quantile_bands(ensemble, WEEKLY, "time")
    with pytest.raises(UnknownNameError, match="nearest: 'dyad'"):
        plots.quantile_bands(ensemble, FINAL, dim="dyads")
    for wrong in ((0.1, 0.9), (0.9, 0.5, 0.1), (0.1, 0.5, 1.1), 0.5):
        with pytest.raises(InputError, match="quantiles: expected an odd number"):
            plots.quantile_bands(ensemble, FINAL, quantiles=wrong)  # type: ignore[arg-type]


def test_a_place_where_every_run_failed_is_a_gap(ensemble: xr.Dataset) -> None:
    ensemble["status"][1] = 2
    ax = plots.quantile_bands(ensemble, FINAL)
    assert np.isnan(curves(ax)[0].get_ydata()[1])
    assert legend(ax)[0] == "median, n = 0 to 39 of 40 dyads"


def test_the_spread_over_a_sample(sample: xr.Dataset) -> None:
    weekly = filled(
        study(latin_hypercube({"spray.dose": ("4 IU", "48 IU")}, 20), outcomes=(WEEKLY,)),
        lambda one: 1.0,
    )
    assert legend(plots.quantile_bands(weekly, dim="sample"))[0] == "median, n = 20 samples"
    with pytest.raises(InputError, match="too few axes"):
        plots.quantile_bands(sample, dim="sample")


def _extent(band: Any) -> tuple[float, float]:
    box = band.get_paths()[0].get_extents()
    return float(box.y0), float(box.y1)


def _quantiles(values: Any, low: float, high: float) -> tuple[float, float]:
    return float(np.nanquantile(values, low, axis=1).min()), float(
        np.nanquantile(values, high, axis=1).max()
    )


# ---------------------------------------------------------------- one at a time
def test_one_at_a_time_orders_axes_by_how_far_they_move_the_outcome() -> None:
    design = one_at_a_time({"spray.dose": ["8 IU", "40 IU"], "spray.every": ["6 h", "24 h"]})
    found = filled(study(design, outcomes=(FINAL,)), lambda one: [10.0, 11.0, 9.5, 14.0, 3.0])
    found["status"][4] = 2
    ax = plots.one_at_a_time(found)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["Spray dose", "Spray every"]
    assert {text.get_text() for text in ax.texts} == {"8 IU", "40 IU", "6 h"}
    assert legend(ax) == ["the study as it is", "failed: 1 of 5 runs"]
    require_legible(ax.figure)
    with pytest.raises(InputError, match="use plots.one_at_a_time"):
        plots.sweep_line(found)


# ------------------------------------------------------------------------ pieces
@given(st.floats(1e-3, 1e3), st.floats(1.7, 10), st.integers(3, 12))
def test_a_logarithmic_axis_is_recognised(low: float, factor: float, n: int) -> None:
    assert is_logarithmic(low * factor ** np.arange(n))
    assert not is_logarithmic(low + factor * np.arange(n))


@given(
    st.lists(st.floats(0.01, 1e4), min_size=1, max_size=12, unique_by=lambda v: round(v, 3)),
    st.sampled_from([LINEAR, LOG]),
)
def test_cells_hold_their_places_and_touch(places: list[float], scale: str) -> None:
    at = np.sort(places)
    edges = SweepAxis("a", "a", "a", "", at, (), scale).edges()
    assert len(edges) == len(at) + 1
    assert (edges[:-1] < at).all() and (at < edges[1:]).all()


@pytest.mark.parametrize(
    ("counts", "text"), [([5, 5], "5"), ([3, 3], "3 of 5"), ([3, 5], "3 to 5 of 5")]
)
def test_counts_in_words(counts: list[int], text: str) -> None:
    assert runs_text(np.array(counts), 5) == text


def test_outcomes_of_minutes_keep_their_own_unit() -> None:
    found = filled(
        study(None, outcomes=("caregiver.depression: time above 13", "caregiver.warmth: area")),
        lambda one: 1.0,
    )
    assert (
        read_outcome(found, "caregiver.depression: time above 13").label
        == "Caregiver depression, time above 13 (min)"
    )
    assert read_outcome(found, "caregiver.warmth: area").label == "Caregiver warmth, area (min)"


# ------------------------------------------------------------------------- real
def test_a_real_sweep_and_a_real_simulation_are_drawn() -> None:
    spray = {"spray": NasalSpray("24 IU", at="10:00")}
    peak = "caregiver.central_oxytocin: maximum"
    design = grid({"spray.dose": ["8 IU", "40 IU"], "reward -> depression": [0.5, 1.0]})
    found = sweep(Study(Dyad(), "4 h", design, interventions=spray, outcomes=[peak]), workers=1)
    ax = plots.sweep_line(found, peak, "spray.dose", "edge.reward->depression")
    low, high = np.transpose([line.get_ydata() for line in curves(ax)])
    assert (high > low + 1).all()
    assert (
        ax.get_legend().get_title().get_text()
        == "Strength of reward \N{RIGHTWARDS ARROW} depression"
    )
    dyads = Dyad(parameters={"caregiver.oxytocin.plasma_half_life": np.linspace(3.0, 5.0, 5)})
    course = simulate(
        dyads, Routine.typical() + spray["spray"], "4 h", variables=["caregiver.plasma_oxytocin"]
    )
    ax = plots.quantile_bands(course, "caregiver.plasma_oxytocin")
    assert ax.get_xlabel() == "Clock time (h:min)" and legend(ax)[0] == "median, n = 5 dyads"
    # the spray ends between two outputs: more is drawn
    saved = np.isin(curves(ax)[0].get_xdata(), course.time)
    median = np.median(course["caregiver.plasma_oxytocin"].values, axis=0)
    np.testing.assert_allclose(curves(ax)[0].get_ydata()[saved], median)


@pytest.mark.parametrize("asked", [FINAL, "caregiver.epds:  final", "caregiver.epds final"])
def test_an_outcome_is_found_by_its_text_in_every_form_and_by_its_earlier_name(asked: str) -> None:
    result = small_result()
    assert FINAL in result.data_vars  # under the very text by which the study asked for it
    np.testing.assert_array_equal(
        read_outcome(result, asked).values, read_outcome(result, FINAL).values
    )
    assert read_outcome(result[FINAL], asked).label == read_outcome(result, FINAL).label
