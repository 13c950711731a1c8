"""What is drawn between two outputs: the course itself, or a line with a note on the axis that it
is one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib

matplotlib.use("Agg")

import numpy as np
import pytest

from oxysim import plots
from oxysim.families import Dyad
from oxysim.interventions import NasalSpray, SkinToSkin
from oxysim.plots.courses.drawn_course import STRAIGHT
from oxysim.schedule import Routine
from oxysim.simulation.results.result import Result
from oxysim.simulation.simulate import simulate

SALIVA, PLASMA = "mother.saliva_oxytocin", "mother.plasma_oxytocin"
KEPT = [SALIVA, PLASMA, "mother.csf_oxytocin"]


@pytest.fixture(scope="module")
def sparse() -> Result:
    """Six hours with an output every 15 min; the spray begins at an output and at none, and its
    peaks are at none.
    """
    day = Routine.typical() + NasalSpray("24 IU", at="09:00") + NasalSpray("24 IU", at="11:07")
    return simulate(Dyad(), day, "6 h", save="15 min", variables=KEPT)


@pytest.fixture(scope="module")
def loaded(sparse: Result, tmp_path_factory: pytest.TempPathFactory) -> Result:
    return Result.load(sparse.save(tmp_path_factory.mktemp("results") / "sparse.nc"))


def _line(ax: Any, number: int = 0) -> Any:
    return [line for line in ax.get_lines() if not line.get_label().startswith("_")][number]


def _panels(figure: Any) -> list[Any]:
    return [ax for ax in figure.axes if ax.get_lines()]


@pytest.mark.parametrize("name", KEPT)
def test_the_line_reaches_the_peak_whatever_was_saved(sparse: Result, name: str) -> None:
    ax = plots.time_course(sparse, name)
    x, y = _line(ax).get_data()
    assert y.max() == pytest.approx(float(sparse.peak(name)[0]), rel=0.01)
    for low, high in (("09:00", "11:00"), ("11:00", "14:00")):  # each spray's own
        inside = (x >= float(low[:2]) * 60) & (x <= float(high[:2]) * 60)
        assert y[inside].max() == pytest.approx(float(sparse.peak(name, low, high)[0]), rel=0.01)
    assert STRAIGHT not in ax.get_xlabel()


def test_the_line_is_the_course_at_each_of_its_points_and_between_them(sparse: Result) -> None:
    x, y = _line(plots.time_course(sparse, PLASMA)).get_data()
    np.testing.assert_allclose(y, sparse.values_at(PLASMA, x)[0], rtol=1e-6)
    middle = (x[1:] + x[:-1]) / 2
    away = np.abs(np.interp(middle, x, y) - sparse.values_at(PLASMA, middle)[0])
    assert away.max() < 0.01 * y.max()
    assert np.isin(sparse.time, x).all()


@pytest.mark.parametrize("draw", [
    lambda r: plots.time_courses(r, [SALIVA, PLASMA]),
    lambda r: plots.compare([r], ["spray"], SALIVA).figure,
    lambda r: plots.compare_panels({"spray": r}, [SALIVA, PLASMA]),
    lambda r: plots.small_multiples({"spray": r}, [SALIVA, PLASMA]),
    lambda r: plots.sweep_line(r, SALIVA).figure,
    lambda r: plots.quantile_bands(r, SALIVA).figure,
])  # fmt: skip
def test_every_plot_of_courses_draws_them_and_says_where_it_cannot(
    sparse: Result, loaded: Result, draw: Any
) -> None:
    for panel, name in zip(_panels(draw(sparse)), [SALIVA, PLASMA], strict=False):
        assert max(
            line.get_ydata().max() for line in panel.get_lines() if len(line.get_xdata()) > 2
        ) == pytest.approx(float(sparse.peak(name)[0]), rel=0.01)
        assert STRAIGHT not in panel.get_xlabel()
    panels = _panels(draw(loaded))
    assert STRAIGHT in panels[-1].get_xlabel()
    assert (
        max(line.get_ydata().max() for line in panels[0].get_lines() if len(line.get_xdata()) > 2)
        == loaded[SALIVA].values.max()
    )


def test_a_result_from_a_file_says_so_only_where_something_is_passed_over(tmp_path: Path) -> None:
    contact = Routine.empty() + SkinToSkin("30 min", at="09:00")  # begins and ends at outputs
    result = Result.load(
        simulate(Dyad(), contact, "2 h", save="30 min", variables=[PLASMA]).save(
            tmp_path / "quiet.nc"
        )
    )
    ax = plots.time_course(result, PLASMA)
    assert STRAIGHT not in ax.get_xlabel()
    np.testing.assert_array_equal(_line(ax).get_xdata(), result.time)


def test_nothing_is_computed_where_the_outputs_show_everything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    result = simulate(Dyad(), Routine.typical(), "3 h", variables=[PLASMA])
    monkeypatch.setattr("oxysim.plots.courses.drawn_course.values_of", None)
    np.testing.assert_array_equal(_line(plots.time_course(result, PLASMA)).get_xdata(), result.time)


def test_long_runs_keep_their_outputs_and_say_so() -> None:
    result = simulate(Dyad(), Routine.typical(), "5 d", save="daily", variables=["mother.epds"])
    ax = plots.time_course(result, "mother.epds")
    np.testing.assert_array_equal(_line(ax).get_ydata(), result["mother.epds"].values[0])
    assert STRAIGHT in ax.get_xlabel()


def test_dyads_of_different_ages_and_schedules_have_their_own_edges() -> None:
    dyads = Dyad(parameters={"caregiver.depression.loop_gain": np.array([0.8, 1.2])})
    days = [Routine.empty() + NasalSpray("24 IU", at=at) for at in ("09:07", "10:11")]
    result = simulate(dyads, days, "4 h", save="30 min", variables=[SALIVA])
    ax = plots.compare([result, result], ["first", "second"], SALIVA, dyad=[0, 1])
    for row in (0, 1):
        assert _line(ax, row).get_ydata().max() == pytest.approx(
            float(result.peak(SALIVA)[row]), rel=0.01
        )
    assert len(_line(ax).get_markevery()) == len(result.time)  # markers say where the outputs are


def test_many_dyads_are_drawn_at_their_outputs(
    sparse: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "oxysim.plots.courses.drawn_course.DYAD_DAYS", {"scipy": 0.1, "compiled": 0.1}
    )
    ax = plots.time_course(sparse, SALIVA)
    np.testing.assert_array_equal(_line(ax).get_ydata(), sparse[SALIVA].values[0])
    assert STRAIGHT in ax.get_xlabel()
