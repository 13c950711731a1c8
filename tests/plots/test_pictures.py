"""Figures as a journal would judge them: nothing lies on anything, axes are numbers, one thing has
one look.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.image import imread
from matplotlib.patches import FancyArrowPatch
from matplotlib.ticker import FixedFormatter

from oxysim import plots
from oxysim.errors import InputError, UnknownNameError
from oxysim.families import Dyad
from oxysim.interventions import Crying, NasalSpray, Placebo, SkinToSkin
from oxysim.interventions.catalogue import INTERVENTIONS
from oxysim.plots.colours import INTERVENTIONS as COLOURS
from oxysim.plots.colours import arm_looks, colour_of
from oxysim.plots.loop.loop_layout import ARROWS, WEIGHTED_ARROWS
from oxysim.plots.smooth import smooth, smooth_path
from oxysim.plots.style import GREY, STYLE, drawing
from oxysim.schedule import Routine
from oxysim.simulation.results.result import Result
from oxysim.simulation.simulate import simulate
from oxysim.sweeps import Range, grid, latin_hypercube
from tests.support.cusps import cusp_diagram
from tests.support.figure_calls import CASES, basins
from tests.support.figure_texts import boxes, overlaps
from tests.support.swept_results import FINAL, WEEKLY, curves, filled, legend, small_result, study

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def nothing_global_changes() -> Iterator[None]:
    before = dict(matplotlib.rcParams)
    yield
    assert dict(matplotlib.rcParams) == before
    assert not plt.get_fignums()


@pytest.fixture(scope="module")
def arms() -> dict[str, Result]:
    day = Routine.typical() + Crying("10 min", at="10:45")
    given = {"placebo": Placebo(at="10:00"), "oxytocin": NasalSpray("24 IU", at="10:00")}
    kept = ["caregiver.warmth", "caregiver.arousal"]
    return {name: simulate(Dyad(), day + one, "4 h", variables=kept) for name, one in given.items()}


# ------------------------------------------------------------------------------------------- every
# figure
def _figure(drawn: Any) -> Any:
    first = drawn[0] if isinstance(drawn, tuple | np.ndarray) else drawn
    return first.figure if isinstance(first, Axes) else first


@pytest.mark.parametrize("name", [name for name in CASES if name != "save"])
def test_nothing_lies_on_anything_and_a_title_stands_above_the_legend(name: str) -> None:
    function, right, _ = CASES[name]
    drawn = function(**right())
    if isinstance(drawn, Axes) and not drawn.get_title(loc="left"):
        drawn.set_title("A title that is set afterwards", loc="left")
    figure = _figure(drawn)
    assert overlaps(figure) == []
    for text, box in boxes(figure):
        assert box.x0 >= -1.5 and box.y0 >= -1.5, text
        assert box.x1 <= figure.bbox.x1 + 1.5 and box.y1 <= figure.bbox.y1 + 1.5, text
    axes = [ax for ax in figure.axes if ax.get_label() != "<colorbar>" and ax.get_visible()]
    if len(axes) > 1:  # each panel has a title or a letter
        letters = {text.get_text() for ax in axes for text in ax.texts}
        titles = [ax.get_title() or ax.get_title(loc="left") for ax in axes]
        assert all(titles) or {chr(65 + k) for k in range(len(axes))} <= letters


def test_drawing_never_imports_pyplot() -> None:
    code = (
        "import sys, oxysim as ox; ox.plots.loop_diagram(); ox.plots.panels(2); "
        "print('matplotlib.pyplot' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    path = {"PYTHONPATH": str(ROOT / "src"), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=path)
    assert done.stdout.strip() == "False"


def test_what_else_changes_while_a_figure_is_drawn_stays() -> None:
    width = matplotlib.rcParams["lines.linewidth"]
    with drawing():
        assert matplotlib.rcParams["figure.dpi"] == STYLE["figure.dpi"] == 150
        # as a notebook's backend does, the first time it is asked
        matplotlib.rcParams["interactive"] = True
    assert (
        matplotlib.rcParams["interactive"] is True
        and matplotlib.rcParams["lines.linewidth"] == width
    )
    matplotlib.rcParams["interactive"] = False


# ------------------------------------------------------------------------------------------- files,
# panels
def test_saving_writes_150_dots_an_inch_and_a_pdf_with_letters(tmp_path: Path) -> None:
    ax = plots.waterfall([1.0, 2.0], ylabel="EPDS (points)")
    dots, vectors = plots.save(ax, tmp_path / "a.png")
    assert imread(dots).shape[:2] == (round(3.4 * 150), round(7.0 * 150))
    # TrueType, not shapes
    assert vectors == tmp_path / "a.pdf" and b"/FontFile2" in vectors.read_bytes()
    assert plots.save(ax.figure, tmp_path / "b.svg") == (tmp_path / "b.svg",)
    assert "EPDS (points)" in (tmp_path / "b.svg").read_text(encoding="utf-8")
    assert plots.save(ax, tmp_path / "c.png", vector=None) == (tmp_path / "c.png",)
    ax.figure.savefig(tmp_path / "d.png")
    assert imread(tmp_path / "d.png").shape == imread(dots).shape
    ax.figure.savefig(tmp_path / "e.pdf")
    assert b"/FontFile2" in (tmp_path / "e.pdf").read_bytes()
    ax.figure.savefig(tmp_path / "f.png", dpi=50)
    assert imread(tmp_path / "f.png").shape[:2] == (170, 350)
    for wrong, said in (("a.xlsx", "ends in .png"), ("missing/a.png", "a folder that exists")):
        with pytest.raises(InputError, match=said):
            plots.save(ax, tmp_path / wrong)
    with pytest.raises(UnknownNameError, match="nearest: '.pdf'"):
        plots.save(ax, tmp_path / "a.png", vector=".pfd")


def test_panels_have_letters_in_reading_order() -> None:
    figure, axes = plots.panels(2, 2, (8.0, 6.0), sharex=True)
    assert [ax.texts[0].get_text() for ax in axes.flat] == ["A", "B", "C", "D"]
    assert figure.get_size_inches().tolist() == [8.0, 6.0]
    assert not plots.panels(1)[1][0, 0].texts and not plots.panels(2, letters=False)[1][0, 0].texts
    with pytest.raises(InputError, match="heights: expected an array"):
        plots.panels(2, heights=[1.0])


# ------------------------------------------------------------------------------------------- one
# thing, one look
def test_an_intervention_has_one_colour_in_every_figure(arms: dict[str, Result]) -> None:
    for names in (["placebo", "oxytocin"], ["oxytocin", "placebo"]):
        ax = plots.compare([arms[name] for name in names], names, "caregiver.warmth")
        shades = {round(p.get_x()): to_rgb(p.get_facecolor()) for p in ax.patches}
        assert shades[645] == to_rgb(colour_of("crying"))
        lines = {str(line.get_label()): line.get_color() for line in ax.get_lines()}
        assert lines["oxytocin"] == colour_of("nasal spray 24 IU") and lines[
            "placebo"
        ] == colour_of("placebo spray")
    day = plots.day_schedule(arms["oxytocin"])
    bars = {round(p.get_x()): to_rgb(p.get_facecolor()) for p in day.patches if p.get_hatch()}
    assert bars[600] == to_rgb(colour_of("nasal spray 24 IU")) and bars[645] == to_rgb(
        colour_of("crying")
    )


def test_every_intervention_has_a_colour_of_its_own_choice() -> None:
    """By its name in a schedule or its class's: none is left to chance."""
    for name, kind in INTERVENTIONS.items():
        words = "".join(
            f" {letter.lower()}" if letter.isupper() else letter for letter in name
        ).strip()
        label = next((one for one in _labels(kind)), words)
        known = [
            word
            for word in COLOURS
            if word in label or word in words or word in words.replace(" ", "-")
        ]
        assert known or name == "DailyLife", name  # its noise is never shaded


def _labels(kind: type) -> list[str]:
    try:
        return [str(kind().label)]  # type: ignore[attr-defined]
    except (TypeError, ValueError):
        return []


def test_arms_differ_whatever_they_are_called() -> None:
    looks = arm_looks(
        ["usual care", "skin-to-skin", "spray 8 IU", "spray 24 IU", "placebo", "something else"]
    )
    for one, other in combinations(looks, 2):
        assert one.colour != other.colour and one.line != other.line and one.marker != other.marker
    assert looks[0].colour == "#000000" and looks[1].colour == colour_of("skin-to-skin contact")
    assert looks[4].colour == GREY


def test_arms_lie_over_each_other_with_what_is_shaded_named(arms: dict[str, Result]) -> None:
    figure = plots.compare_panels(
        arms, ["caregiver.warmth", "caregiver.arousal"], routine=["breastfeed"]
    )
    first, second = figure.axes
    for ax in (first, second):
        assert {str(line.get_label()) for line in curves(ax)} >= {"placebo", "oxytocin"}
    assert legend(first) == ["placebo", "oxytocin", "breastfeed"] and second.get_legend() is None
    assert {"placebo spray", "nasal spray 24 IU", "crying", "A"} == {
        text.get_text() for text in first.texts
    }
    assert overlaps(figure) == []


# ------------------------------------------------------------------------------------------- maps
def test_colours_of_a_share_run_from_0_to_1_and_doses_are_numbers() -> None:
    values = filled(
        study(grid({"spray.dose": ["8 IU", "48 IU"], "spray.every": ["6 h", "12 h"]})),
        lambda one: 0.25,
    )
    array = values[FINAL].assign_attrs(units="share")
    ax = plots.sweep_map(array, label="Share of dyads")
    mesh, bar = ax.collections[0], ax.figure.axes[-1]
    assert (mesh.norm.vmin, mesh.norm.vmax) == (0.0, 1.0) == tuple(bar.get_ylim())
    assert not isinstance(ax.xaxis.get_major_formatter(), FixedFormatter)
    assert list(ax.get_xticks(minor=True)) == [8.0, 48.0]  # where the runs lie
    assert ax.get_xlim()[0] >= 0 and ax.get_ylim()[0] >= 0  # there is no dose below 0
    assert len(plots.sweep_map(array, label="Share of dyads", bar=False).figure.axes) == 1


def test_a_two_sided_colour_bar_ends_where_its_values_do() -> None:
    found = filled(
        study(
            grid({"spray.dose": ["8 IU", "48 IU"], "spray.every": ["6 h", "12 h"]}),
            outcomes=(FINAL,),
        ),
        lambda one: np.array([[4.0, 6.0], [8.0, 10.5]]),
    )
    ax = plots.sweep_map(found, centre=10.0)
    assert tuple(ax.figure.axes[-1].get_ylim()) == (4.0, 10.5)
    # the colours stay two-sided
    assert (ax.collections[0].norm.vmin, ax.collections[0].norm.vmax) == (4.0, 16.0)


# ------------------------------------------------------------------------------------------- many
def test_thousands_of_curves_are_quantiles_and_thousands_of_points_their_density() -> None:
    ranges = {
        "spray.dose": Range("4 IU", "48 IU"),
        "caregiver.oxytocin.plasma_half_life": (3.0, 5.0),
    }
    values = filled(study(latin_hypercube(ranges, 1200, seed=1), outcomes=(FINAL, WEEKLY)), _moved)
    ax = plots.sweep_line(values, WEEKLY, "time", "sample")
    assert len(curves(ax)) == 1 and len(ax.collections) == 2
    np.testing.assert_allclose(
        curves(ax)[0].get_ydata(), np.median(values[WEEKLY].values.squeeze(), axis=0)
    )
    ax = plots.sweep_line(values, FINAL)
    # it moves the outcome, the dose does not
    assert ax.get_xlabel() == "Caregiver oxytocin plasma half life (min)"
    assert ax.collections[0].get_array().sum() == 1200 and len(curves(ax)) == 1


def _moved(one: Any) -> Any:
    moved = one["caregiver.oxytocin.plasma_half_life"].values
    return moved.reshape(-1, *([1] * (one.ndim - 1)))


def test_of_thousands_of_pairs_some_are_drawn_over_bands() -> None:
    luck = np.random.default_rng(1)
    first = luck.normal(size=5000)
    ax = plots.individual_differences(
        first, first + 0.1, ["before", "after"], ylabel="Warmth (1-5)"
    )
    assert len([line for line in ax.get_lines() if list(line.get_xdata()) == [0, 1]]) == 60
    assert "60 of 5,000 pairs drawn" in legend(ax)[-1]
    assert legend(ax)[0] == "rose: 5000 of 5000"


def test_a_label_may_go_over_several_lines(arms: dict[str, Result]) -> None:
    ax = plots.individual_differences(
        [1.0, 2.0], [2.0, 4.0], ["placebo\n(n = 2)", "spray"], ylabel="warmth\n(rating)"
    )
    assert (
        ax.get_ylabel() == "warmth\n(rating)"
        and ax.get_xticklabels()[0].get_text() == "placebo\n(n = 2)"
    )
    assert plots.waterfall([1.0, 2.0], ylabel="warmth\n(rating)").get_ylabel() == "warmth\n(rating)"
    assert legend(plots.compare([arms["placebo"]], ["placebo\n(n = 2)"], "caregiver.warmth")) == [
        "placebo\n(n = 2)"
    ]
    assert (
        plots.sweep_map(small_result(), FINAL, label="EPDS\n(points)").figure.axes[-1].get_ylabel()
    )


def test_a_rise_is_no_response_unless_it_is_wanted_and_matters() -> None:
    before, after = [70.0, 72.0, 71.0, 69.0], [71.0, 75.0, 71.0, 68.0]
    labels, label = ["placebo", "oxytocin"], "Heart rate (bpm)"
    ax = plots.individual_differences(before, after, labels, ylabel=label)
    assert legend(ax)[:3] == ["rose: 2 of 4", "did not change: 1 of 4", "fell: 1 of 4"]
    ax = plots.individual_differences(
        before, after, labels, ylabel=label, threshold=2.0, responds="increase"
    )
    assert legend(ax)[:2] == ["responded (a rise of at least 2): 1 of 4", "did not respond: 3 of 4"]
    for half in ({"threshold": 2.0}, {"responds": "decrease"}):
        with pytest.raises(InputError, match="both or neither"):
            plots.individual_differences(before, after, labels, ylabel=label, **half)  # type: ignore[arg-type]


# ------------------------------------------------------------------------------------------- curves
def test_a_smooth_course_goes_through_its_points_and_overshoots_nowhere() -> None:
    x, y = np.array([0.0, 1.0, 2.0, 5.0]), np.array([0.0, 1.0, 1.0, 3.0])
    across, up = smooth(x, y)
    np.testing.assert_allclose(np.interp(x, across, up), y, atol=1e-12)
    assert (np.diff(up) >= -1e-12).all()
    turn = np.array([[0.0, 1.0, 1.0, 0.0], [0.0, 0.2, 0.8, 1.0]])
    path, at = smooth_path(turn)
    np.testing.assert_allclose(path[:, at], turn, atol=1e-12)
    assert path[0].max() <= 1.0 + 1e-12


def test_branches_have_no_corners_and_no_two_lines_look_the_same() -> None:
    ax = plots.bifurcation(cusp_diagram())
    for line in ax.lines:
        if line.get_label() in ("stable", "unstable"):
            steps = np.diff(ax.transData.transform(line.get_xydata()), axis=0)
            turns = np.diff(np.unwrap(np.arctan2(steps[:, 1], steps[:, 0])))
            assert np.abs(np.degrees(turns)).max() < 20
    plain = [
        line
        for line in ax.lines
        if len(set(line.get_xdata())) == 1 or len(set(line.get_ydata())) == 1
    ]
    plain = [line for line in plain if line.get_linestyle() != "None"]
    looks = {(line.get_color(), str(line.get_linestyle()), line.get_linewidth()) for line in plain}
    assert len(looks) == len(plain)
    assert any(text.get_text().startswith("cut-off EPDS 13") for text in ax.texts)


def test_the_separatrix_parts_the_starts() -> None:
    found = basins()
    ax = plots.basin_map(found)
    line = next(line for line in ax.lines if line.get_label() == "separatrix")
    border = np.interp(found.x, line.get_xdata(), line.get_ydata())
    for column in range(len(found.x)):
        assert found.y[0] < border[column] < found.y[1]
    below, above = ax.collections[:2]
    for (x, y), regime in zip(
        [(a, b) for b in found.y for a in found.x], found.regime.ravel().tolist(), strict=True
    ):
        area = (below, above)[regime].get_paths()[0]
        assert area.contains_point((x, y), radius=1e-9) or area.contains_point((x, y), radius=-1e-9)


# ------------------------------------------------------------------------------------------- the
# loop
def test_the_self_loop_is_a_loop_and_thick_edges_lie_apart() -> None:
    gains = {
        "bond -> depression": 0.57,
        "depression -> bond": 0.53,
        "depression -> depression": 0.52,
    }
    ax = plots.loop_diagram(gains=gains)
    arrows = [patch for patch in ax.patches if isinstance(patch, FancyArrowPatch)]
    drawn = {
        edge: p
        for arrow, p in zip((*ARROWS, *WEIGHTED_ARROWS), arrows, strict=True)
        for edge in arrow.edges
    }
    ax.figure.canvas.draw()
    one, other = (
        drawn[name].get_window_extent() for name in ("bond -> depression", "depression -> bond")
    )
    assert max(one.x0, other.x0) > min(one.x1, other.x1)  # they share no column of dots
    loop = drawn["depression -> depression"]
    assert loop.get_window_extent().height > 8 * loop.get_linewidth() * ax.figure.dpi / 72


# ------------------------------------------------------------------------------------------- the
# scoreboard
def test_long_quantities_of_the_scoreboard_are_told_in_full() -> None:
    long = (
        "still EPDS >= 12 at 6 months among those who had 12 or more at 6 weeks, as the form"
        " reads it"
    )
    rows = [
        {
            "id": f"C{k}",
            "use": use,
            "quantity": long if k % 2 else "EPDS mean",
            "low": 1.0,
            "high": 2.0,
            "holds": "yes",
            "simulated": 1.5,
            "simulated_low": 1.2,
            "simulated_high": 1.8,
        }
        for k, use in enumerate(["fit"] * 6 + ["check"] * 5)
    ]
    figure = plots.scoreboard(pd.DataFrame(rows))
    labels = [label.get_text() for ax in figure.axes for label in ax.get_yticklabels()]
    assert sum(" ".join(label.split()).endswith(long) for label in labels) == 5
    assert not [label for label in labels if "..." in label]
    assert overlaps(figure) == []


def test_pictures_of_the_readme_are_sharp_and_not_posterised() -> None:
    for path in sorted((ROOT / "docs" / "figures").glob("*.png")):
        found = imread(path)
        assert found.shape[1] >= 850, path.name
        some = (found[::3, ::3, :3] * 255).astype(np.int64) @ (1, 256, 65536)
        assert len(np.unique(some)) > 256, f"{path.name}: its colours were reduced to a palette"


def test_an_outcome_is_found_under_the_text_by_which_it_was_asked() -> None:
    result = small_result()
    for asked in (FINAL, "caregiver.epds: final"):
        assert (
            plots.sweep_map(result, asked).figure.axes[-1].get_ylabel()
            == "Caregiver EPDS, final (points)"
        )
    assert SkinToSkin("60 min", at="11:00").label  # the label that figures name
