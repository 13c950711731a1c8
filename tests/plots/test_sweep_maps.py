"""Maps and panels of sweeps: each run in its place and colour, what is missing hatched, errors that
help.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.collections import PathCollection, QuadMesh
from matplotlib.colors import TwoSlopeNorm, to_rgba
from matplotlib.contour import ContourSet
from matplotlib.patches import Rectangle

from oxysim import plots
from oxysim.errors import InputError, UnknownNameError
from oxysim.plots.style import GREY
from oxysim.plots.sweeps.sweep_panels import _grid
from oxysim.sweeps import grid, table
from tests.support.swept_results import (
    CHANGE,
    DOSES_IU,
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

EVERY = ["6 h", "9 h", "12 h", "18 h", "24 h", "36 h"]


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


# ------------------------------------------------------------------------- maps
def test_a_map_shows_every_run_and_hatches_those_without_a_value(result: xr.Dataset) -> None:
    ax = plots.sweep_map(result, FINAL)
    (mesh,) = (one for one in ax.collections if isinstance(one, QuadMesh))
    np.testing.assert_array_equal(
        np.ma.filled(mesh.get_array(), np.nan), result["caregiver.epds: final"].values.T
    )
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("Spray dose (IU)", "Spray every (h)")
    assert (ax.get_xscale(), ax.get_yscale()) == ("linear", "log")
    assert ax.figure.axes[1].get_ylabel() == "Caregiver EPDS, final (points)"
    hatched = [patch for patch in ax.patches if isinstance(patch, Rectangle)]
    assert len(hatched) == 2 and len({patch.get_hatch() for patch in hatched}) == 2
    for patch, (dose, every) in zip(hatched, [(40.0, 6.0), (24.0, 24.0)], strict=True):
        assert patch.get_x() < dose < patch.get_x() + patch.get_width()
        assert patch.get_y() < every < patch.get_y() + patch.get_height()
        assert patch.get_edgecolor() == to_rgba(GREY)
    assert legend(ax) == ["failed: 1 of 12 runs", "not made: 1 of 12 runs"]
    require_legible(ax.figure)


@pytest.fixture
def wide() -> xr.Dataset:
    """Five doses by six intervals; one run failed."""
    axes = {"spray.dose": ["8 IU", "16 IU", "24 IU", "32 IU", "40 IU"], "spray.every": EVERY}
    found = filled(study(grid(axes)), plane)
    found["status"][2, 3] = 2
    for name in (FINAL, WEEKLY):
        found[name][2, 3] = np.nan
    return found


def test_contours_are_where_they_are_asked_for_and_never_beside_a_missing_run(
    wide: xr.Dataset,
) -> None:
    result = wide
    (lines,) = (
        c
        for c in plots.sweep_map(result, FINAL, contours=[16, 32]).collections
        if isinstance(c, ContourSet)
    )
    assert list(lines.levels) == [16, 32]
    inside = [p for path in lines.get_paths() for p in path.vertices if len(path.vertices)]
    assert inside
    for dose, every in inside:  # the failed run at 24 IU every 18 h has these neighbours
        assert not (16 < dose < 32 and 12 < every < 24)
    none = plots.sweep_map(result, FINAL, contours=0)
    assert not any(isinstance(one, ContourSet) for one in none.collections)
    with pytest.raises(InputError, match="contours: expected how many"):
        plots.sweep_map(result, FINAL, contours="many")  # type: ignore[arg-type]


def test_a_few_cells_have_no_contours(result: xr.Dataset) -> None:
    ax = plots.sweep_map(result, FINAL, contours=[16, 32])  # three doses by four intervals
    assert not any(isinstance(one, ContourSet) for one in ax.collections)


def test_changes_and_values_around_a_reference_have_two_sided_colours(result: xr.Dataset) -> None:
    changes = filled(
        study(grid({"spray.dose": DOSES_IU, "spray.every": ["6 h", "12 h"]}), outcomes=(CHANGE,)),
        lambda one: plane(one) - 20,
    )
    norm = plots.sweep_map(changes).collections[0].norm
    assert isinstance(norm, TwoSlopeNorm) and norm.vcenter == 0 and norm.vmin == -norm.vmax
    around = plots.sweep_map(result, FINAL, centre=30).collections[0].norm
    assert isinstance(around, TwoSlopeNorm) and around.vcenter == 30
    assert not isinstance(plots.sweep_map(result, FINAL).collections[0].norm, TwoSlopeNorm)
    limited = plots.sweep_map(result, FINAL, limits=(10, 20)).collections[0]
    assert (limited.norm.vmin, limited.norm.vmax, limited.colorbar.extend) == (10, 20, "both")
    for wrong in (
        {"limits": (3, 1)},
        {"centre": float("nan")},
        {"centre": 50, "limits": (0, 40)},
        {"limits": "ab"},
        {"label": 3},
    ):
        with pytest.raises(InputError, match="expected"):
            plots.sweep_map(result, FINAL, **wrong)


def test_an_axis_may_be_read_in_another_way(result: xr.Dataset) -> None:
    again = result.assign_coords(sprays_a_day=("spray.every", 24 / result["spray.every"].values))
    ax = plots.sweep_map(again, FINAL, "spray.dose", "sprays_a_day")
    (mesh,) = (one for one in ax.collections if isinstance(one, QuadMesh))
    np.testing.assert_array_equal(
        np.ma.filled(mesh.get_array(), np.nan), result["caregiver.epds: final"].values[:, ::-1].T
    )
    assert ax.get_ylabel() == "Sprays a day"


def test_a_sample_is_drawn_as_coloured_points_and_marks(sample: xr.Dataset) -> None:
    ax = plots.sweep_map(sample)
    (points,) = (one for one in ax.collections if isinstance(one, PathCollection))
    assert len(points.get_offsets()) == 29
    good = sample["status"].values == 1
    np.testing.assert_allclose(points.get_offsets()[:, 0], sample["spray.dose"].values[good])
    np.testing.assert_allclose(points.get_array(), sample["caregiver.epds: final"].values[good])
    assert ax.get_ylabel() == "Caregiver oxytocin plasma half life (min)"
    assert marks(ax) == {"failed": [float(sample["spray.dose"][4])]}
    assert legend(ax) == ["failed: 1 of 30 runs"]
    line = plots.sweep_line(sample, FINAL, "spray.dose", "caregiver.oxytocin.plasma_half_life")
    assert len(line.collections[0].get_offsets()) == 29
    plain = plots.sweep_line(sample)
    assert not curves(plain) and plain.get_xlabel() == "Spray dose (IU)"


def test_a_table_of_one_row_can_be_drawn(tmp_path: Path) -> None:
    (tmp_path / "runs.csv").write_text(
        "spray.dose [IU],spray.blinded\n8,true\n24,false\n", encoding="utf-8"
    )
    rows = filled(study(table(tmp_path / "runs.csv"), outcomes=(FINAL,)), lambda one: [1.0, 2.0])
    ax = plots.sweep_map(rows)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["True", "False"]
    one = plots.sweep_map(rows.isel(sample=[0]))
    assert len(one.collections[0].get_offsets()) == 1


# ----------------------------------------------------------------------- panels
def test_panels_share_one_scale_of_colours_and_contours(
    result: xr.Dataset, wide: xr.Dataset
) -> None:
    fig = plots.sweep_panels(result, WEEKLY, over="time", contours=3)
    panels = [ax for ax in fig.axes if ax.get_title()]
    assert [ax.get_title() for ax in panels] == ["day 1", "day 8", "day 15", "day 22", "day 29"]
    meshes = [next(c for c in ax.collections if isinstance(c, QuadMesh)) for ax in panels]
    values = result["caregiver.epds: weekly"].values
    assert {(mesh.norm.vmin, mesh.norm.vmax) for mesh in meshes} == {
        (np.nanmin(values), np.nanmax(values))
    }
    for week, mesh in enumerate(meshes):
        np.testing.assert_array_equal(np.ma.filled(mesh.get_array(), np.nan), values[:, :, week].T)
    assert (fig.get_supxlabel(), fig.get_supylabel()) == ("Spray dose (IU)", "Spray every (h)")
    require_legible(fig)
    lines = [
        c
        for ax in plots.sweep_panels(wide, WEEKLY, over="time", contours=3).axes
        for c in ax.collections
    ]
    levels = [{*line.levels} for line in lines if isinstance(line, ContourSet)]
    assert 0 < len(set.union(*levels)) <= 5
    by_dose = plots.sweep_panels(result, WEEKLY, over="spray.dose")
    assert [ax.get_title() for ax in by_dose.axes if ax.get_title()] == ["8 IU", "24 IU", "40 IU"]


@given(st.integers(1, 24))
def test_panels_leave_few_empty_places(n: int) -> None:
    rows, columns = _grid(n)
    assert 1 <= columns <= 4 and rows * columns >= n and rows * columns - n < columns


# ----------------------------------------------------------------------- errors
def test_errors_name_what_there_is(result: xr.Dataset, ensemble: xr.Dataset) -> None:
    with pytest.raises(
        UnknownNameError, match="unknown outcome 'caregiver.epds: finl' .* 'caregiver.epds: final'"
    ):
        plots.sweep_map(result, "caregiver.epds: finl")
    with pytest.raises(UnknownNameError, match="unknown axis 'spray.dos' .* 'spray.dose'"):
        plots.sweep_line(result, FINAL, "spray.dos")
    with pytest.raises(
        InputError, match="outcome: name one of 'caregiver.epds: final', 'caregiver.epds: weekly'"
    ):
        plots.sweep_map(result)
    with pytest.raises(InputError, match=r"dimension 'spray.every' \(4 values\) is not x or hue"):
        plots.sweep_line(result, FINAL, "spray.dose")
    with pytest.raises(InputError, match="expected a different one for each of x, y"):
        plots.sweep_map(result, FINAL, "spray.dose", "spray.dose")
    with pytest.raises(InputError, match="y: this outcome has too few axes"):
        plots.sweep_map(result.isel({"spray.dose": 0}), FINAL)
    with pytest.raises(InputError, match="x: the figure is over 'dyad'"):
        plots.quantile_bands(ensemble, FINAL, "dyad")
    with pytest.raises(InputError, match="expected what sweep"):
        plots.sweep_map({"a": 1}, FINAL)
    with pytest.raises(InputError, match="outcome: expected numbers"):
        plots.sweep_map(result["reason"])
    with pytest.raises(InputError, match="dyads 0 to 39; found 40"):
        plots.sweep_line(ensemble, FINAL, dyad=40)
    with pytest.raises(InputError, match="status: it was averaged"):
        plots.sweep_line(ensemble.drop_vars("reason").mean("dyad", keep_attrs=True), FINAL)


def test_an_array_without_a_unit_needs_a_label(ensemble: xr.Dataset) -> None:
    share = (ensemble["caregiver.epds: final"] > 13).mean("dyad", keep_attrs=False)
    with pytest.raises(InputError, match="label: the values carry no name and unit"):
        plots.sweep_line(share)
    assert (
        plots.sweep_line(share, label="EPDS above 13 (fraction of all)")
        .get_ylabel()
        .endswith("(fraction of all)")
    )


def test_a_sweep_without_any_value_says_why(result: xr.Dataset) -> None:
    result["status"][:] = 2
    with pytest.raises(InputError, match="no run has a value; first reason: step limit"):
        plots.sweep_map(result, FINAL)
