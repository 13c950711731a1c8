"""Figures: labels with units, shading where the intervention is, nothing overlapping, nothing
global changed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations
from typing import Any, cast

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from oxysim import plots
from oxysim.errors import InputError, UnknownNameError
from oxysim.families import Dyad
from oxysim.interventions import Crying, NasalSpray, Placebo, ReceptorKnockout, SkinToSkin
from oxysim.loop.regime_analysis.maintenance import HoldUp
from oxysim.model import registry
from oxysim.plots.courses.shading import merged_spans, spans_of
from oxysim.plots.loop.loop_layout import ARROWS, NODES, NOT_DRAWN, WEIGHTED_ARROWS
from oxysim.schedule import Routine
from oxysim.simulation.results.result import Result
from oxysim.simulation.simulate import simulate
from tests.support.figure_texts import require_legible_texts, texts_of

matplotlib.use("Agg")


KEPT = ["caregiver.cortisol", "infant.cortisol", "caregiver.warmth", "caregiver.epds"]


@pytest.fixture(scope="module")
def spray() -> Result:
    day = Routine.typical() + NasalSpray("24 IU", at="09:00") + Crying("10 min", at="09:45")
    return simulate(Dyad(), day + SkinToSkin("30 min", at="10:15"), "3 h", variables=KEPT)


@pytest.fixture(scope="module")
def placebo() -> Result:
    return simulate(Dyad(), Routine.typical() + Placebo(at="09:00"), "3 h", variables=KEPT)


@pytest.fixture(scope="module")
def several() -> Result:
    dyads = Dyad(parameters={"caregiver.depression.loop_gain": np.linspace(0.5, 1.5, 3)})
    contact = SkinToSkin("60 min daily at 11:00 from day 154 to day 156")
    return simulate(dyads, Routine.typical() + contact, "7 d", save="daily", variables=KEPT)


@pytest.fixture(autouse=True)
def nothing_global_changes() -> Iterator[None]:
    before = dict(matplotlib.rcParams)
    yield
    plt.close("all")
    assert dict(matplotlib.rcParams) == before


def _curves(ax: Any) -> list[Any]:
    return [line for line in ax.get_lines() if not line.get_label().startswith("_")]


def _shaded(ax: Any) -> list[tuple[float, float]]:
    return sorted((p.get_x(), p.get_x() + p.get_width()) for p in ax.patches if hasattr(p, "get_x"))


def test_time_course_names_quantity_unit_and_members(spray: Result) -> None:
    ax = plots.time_course(spray, ["mother.cortisol", "infant.cortisol"])
    assert ax.get_ylabel() == "Cortisol (nmol/L)"
    assert ax.get_xlabel() == "Clock time (h:min)"
    assert [line.get_label() for line in _curves(ax)] == ["mother", "infant"]
    assert len({line.get_linestyle() for line in _curves(ax)}) == 2
    # the spray ends between two outputs: more is drawn
    saved = np.isin(_curves(ax)[1].get_xdata(), spray.time)
    np.testing.assert_allclose(
        _curves(ax)[1].get_ydata()[saved], spray["infant.cortisol"].values[0]
    )
    require_legible_texts(ax.figure)


def test_interventions_are_shaded_where_they_are_and_named(spray: Result) -> None:
    ax = plots.time_course(spray, "caregiver.warmth")
    np.testing.assert_allclose(_shaded(ax), [(540, 541), (585, 595), (615, 645)])
    assert {t.get_text() for t in ax.texts} == {
        "nasal spray 24 IU",
        "crying",
        "skin-to-skin contact",
    }
    assert ax.get_ylabel() == "Mother warmth (scale 1\N{EN DASH}5)"
    ax.figure.canvas.draw()
    for one, other in combinations(ax.texts, 2):
        assert not one.get_window_extent().overlaps(other.get_window_extent())
    assert _shaded(plots.time_course(spray, "caregiver.warmth", interventions=False)) == []


def test_routine_activities_are_shaded_on_request(spray: Result) -> None:
    ax = plots.time_course(spray, "infant.cortisol", routine=["infant sleep"], interventions=False)
    assert len(_shaded(ax)) == len(
        [s for s in spans_of(spray, "routine") if s.label == "infant sleep"]
    )
    assert "infant sleep" in [t.get_text() for t in ax.get_legend().get_texts()]
    with pytest.raises(UnknownNameError, match="infant sleep"):
        plots.time_course(spray, "infant.cortisol", routine=["infant sleeps"])


def test_long_courses_show_the_age_and_a_band_over_dyads(several: Result) -> None:
    ax = plots.time_course(several, "caregiver.epds", dyad="mean")
    # the contact and the routine lie between two daily outputs, which is said
    assert ax.get_xlabel() == "Infant age (days)\nbetween outputs: straight lines"
    assert ax.get_ylabel() == "Mother EPDS (points)"
    assert len(ax.collections) == 1  # the band
    np.testing.assert_allclose(
        _curves(ax)[0].get_ydata(), several["caregiver.epds"].values.mean(axis=0)
    )
    age = several.dataset["infant_age"].values[0]
    np.testing.assert_allclose(_curves(ax)[0].get_xdata()[0], (several.time[0] + age) / 1440)
    # three daily hours are one band of the axis or three, never elsewhere: day 154 begins at age
    # 153 d
    assert _shaded(ax)[0][0] == pytest.approx(153 + 11 / 24)
    assert _shaded(ax)[-1][1] == pytest.approx(155 + 12 / 24)
    assert len(_curves(plots.time_course(several, "caregiver.epds", dyad=2))) == 1


def test_bouts_close_together_are_one_band(several: Result) -> None:
    spans = spans_of(several, "intervention")
    assert len(spans) == 3
    assert len(merged_spans(spans, gap=24 * 60)) == 1
    assert merged_spans(spans, gap=60) == spans


def test_axes_that_are_given_are_used_and_returned(spray: Result) -> None:
    _, ax = plt.subplots()
    assert plots.time_course(spray, "caregiver.warmth", ax) is ax
    fig = plt.figure()
    assert plots.time_courses(spray, ["caregiver.warmth"], fig) is fig
    with pytest.raises(InputError, match="ax"):
        plots.time_course(spray, "caregiver.warmth", ax=3)  # type: ignore[arg-type]


def test_panels_have_a_unit_each(spray: Result) -> None:
    fig = plots.time_courses(
        spray, ["caregiver.epds", ["mother.cortisol", "infant.cortisol"], "caregiver.warmth"]
    )
    assert [ax.get_ylabel().split("(")[1] for ax in fig.axes] == [
        "points)",
        "nmol/L)",
        "scale 1\N{EN DASH}5)",
    ]
    require_legible_texts(fig)


def test_compare_draws_one_curve_an_arm(spray: Result, placebo: Result) -> None:
    ax = plots.compare([spray, placebo], ["oxytocin", "placebo"], "caregiver.warmth")
    assert [line.get_label() for line in _curves(ax)] == ["oxytocin", "placebo"]
    assert "placebo spray" in {t.get_text() for t in ax.texts}
    require_legible_texts(ax.figure)


def test_compare_can_set_the_dyads_of_one_result_side_by_side(several: Result) -> None:
    ax = plots.compare([several] * 3, ["a", "b", "c"], "caregiver.epds", dyad=range(3))
    for line, values in zip(_curves(ax), several["caregiver.epds"].values, strict=True):
        np.testing.assert_allclose(line.get_ydata(), values)
    with pytest.raises(InputError, match="one for each of 3"):
        plots.compare([several] * 3, ["a", "b", "c"], "caregiver.epds", dyad=[0])


def test_what_lasts_throughout_is_named_and_not_shaded() -> None:
    knocked_out = simulate(
        Dyad(), Routine.typical() + ReceptorKnockout(), "1 h", variables=["caregiver.reward"]
    )
    ax = plots.time_course(knocked_out, "caregiver.reward")
    assert [t.get_text() for t in ax.texts] == ["receptor knock-out (accumbens), throughout"]
    assert _shaded(ax) == []


def test_small_multiples_are_a_grid_with_common_axes(spray: Result, placebo: Result) -> None:
    fig = plots.small_multiples(
        {"oxytocin": spray, "placebo": placebo}, ["caregiver.warmth", "infant.cortisol"]
    )
    axes = np.array(fig.axes).reshape(2, 2)
    assert [ax.get_title() for ax in axes[0]] == ["oxytocin", "placebo"]
    assert axes[1, 0].get_ylim() == axes[1, 1].get_ylim()
    assert all("(" in ax.get_ylabel() for ax in axes[:, 0])
    crying = next(p for p in axes[0, 0].patches if p.get_x() == 585)
    again = plots.small_multiples(
        {"placebo": placebo, "oxytocin": spray}, ["caregiver.warmth"]
    ).axes
    assert {p.get_x(): p for p in again[1].patches}[585].get_facecolor() != again[0].patches[
        0
    ].get_facecolor()
    assert {p.get_facecolor() for p in axes[1, 0].patches if p.get_x() == 585} == {
        crying.get_facecolor()
    }
    require_legible_texts(fig)


def test_errors_say_what_is_wrong(spray: Result) -> None:
    with pytest.raises(UnknownNameError, match="mother.cortisol"):
        plots.time_course(spray, "mother.cortisl")
    with pytest.raises(InputError, match="one unit"):
        plots.time_course(spray, ["caregiver.cortisol", "caregiver.epds"])
    with pytest.raises(InputError, match="at least one"):
        plots.time_course(spray, [])
    with pytest.raises(InputError, match="expected 1, one for each"):
        plots.compare([spray], ["a", "b"], "caregiver.warmth")
    with pytest.raises(InputError, match="dyad"):
        plots.time_course(spray, "caregiver.warmth", dyad=7)
    with pytest.raises(InputError, match="1 to 6"):
        plots.small_multiples({}, ["caregiver.warmth"])


# the loop
@pytest.mark.parametrize(
    "strengths", [None, {"infant_oxytocin -> mind_mindedness": 0, "reward -> depression": 0.35}]
)
def test_loop_diagram_texts_neither_overlap_nor_are_cut_off(
    strengths: dict[str, float] | None,
) -> None:
    ax = plots.loop_diagram(strengths)
    require_legible_texts(ax.figure)
    boxes = [(t.get_text(), t.get_window_extent()) for t in texts_of(ax.figure)]
    for (name, one), (other_name, other) in combinations(boxes, 2):
        assert not one.overlaps(other), f"{name!r} lies on {other_name!r}"


def test_loop_diagram_marks_cut_weak_and_contested_edges() -> None:
    def arrows(ax: Any) -> list[FancyArrowPatch]:
        return [p for p in ax.patches if isinstance(p, FancyArrowPatch)]

    plain = plots.loop_diagram()
    strengths = {
        "infant_oxytocin->mind_mindedness": 0,
        "bond -> depression": 2,
        "depression -> sensitivity": 0,
    }
    changed = plots.loop_diagram(strengths)
    assert len(arrows(plain)) == len(ARROWS)
    names = [arrow.edges for arrow in ARROWS]
    cut, strong = (
        names.index(("infant_oxytocin -> mind_mindedness",)),
        names.index(("bond -> depression",)),
    )
    assert arrows(plain)[cut].get_linestyle() in ("-", "solid")
    assert arrows(changed)[cut].get_linestyle() not in ("-", "solid")
    assert arrows(changed)[strong].get_linewidth() == pytest.approx(
        2 * arrows(plain)[strong].get_linewidth()
    )
    assert any("depression -> sensitivity" in t.get_text() for t in changed.texts)
    assert sum("?" in t.get_text() for t in plain.texts) == sum(
        bool(a.edges) and all(registry.edges()[e].row.contested for e in a.edges) for a in ARROWS
    )


def test_loop_diagram_knows_every_edge_it_draws() -> None:
    drawn = [edge for arrow in (*ARROWS, *WEIGHTED_ARROWS) for edge in arrow.edges]
    left_out = [edge for edges in NOT_DRAWN.values() for edge in edges]
    # every edge of the model once: drawn, grouped, or left out with its reason
    assert sorted(drawn + left_out) == sorted(registry.edges())
    assert {name for arrow in ARROWS for name in (arrow.source, arrow.target)} == set(NODES)
    with pytest.raises(UnknownNameError, match="reward -> depression"):
        plots.loop_diagram({"reward -> depresion": 0})
    with pytest.raises(InputError, match="0 to 2"):
        plots.loop_diagram({"reward -> depression": 3})


GAINS = {
    "bond -> depression": 0.57,
    "depression->bond": 0.53,
    "depression -> depression": 0.52,
    "reward -> depression": 0.21,
    "accumbens_oxytocin -> reward": 0.1,
    "serotonin -> reward": 0.2,
    "agonist -> caregiver_receptors": -0.05,
    "touch -> caregiver_oxytocin": 0.002,
    "synchrony -> confidence": 0.03,
    "plasma_oxytocin -> caregiver_oxytocin": -0.3,
}


def _held(*edges: str) -> HoldUp:
    table = pd.DataFrame({"edge": edges, "needed": 0.8, "survives": False})
    return HoldUp(cast(Any, None), table)


@pytest.mark.parametrize("gains", [GAINS, dict.fromkeys(registry.edges(), 0.02), {}])
def test_loop_diagram_with_gains_is_legible(gains: dict[str, float]) -> None:
    held = _held("bond -> depression", "serotonin -> reward", "touch -> caregiver_oxytocin")
    ax = plots.loop_diagram(gains=gains, hold=held)
    require_legible_texts(ax.figure)
    boxes = [(t.get_text(), t.get_window_extent()) for t in texts_of(ax.figure)]
    for (name, one), (other_name, other) in combinations(boxes, 2):
        assert not one.overlaps(other), f"{name!r} lies on {other_name!r}"


@pytest.mark.parametrize("every", [0.02, -0.42])
def test_no_frame_of_a_gain_lies_on_another_or_under_a_node(every: float) -> None:
    """Frames are wider than their numbers; a node hides what is drawn beneath it."""
    edges = registry.edges()
    ax = plots.loop_diagram(gains=dict.fromkeys(edges, every), hold=_held(*edges))
    ax.figure.canvas.draw()
    frames = [(t.get_text(), t.get_bbox_patch()) for t in ax.texts if t.get_bbox_patch()]
    nodes = [(node.text, box) for node, box in zip(NODES.values(), _node_boxes(ax), strict=True)]
    assert len(frames) == sum(bool(arrow.edges) for arrow in (*ARROWS, *WEIGHTED_ARROWS))
    drawn = [(name, patch.get_window_extent()) for name, patch in [*frames, *nodes] if patch]
    for (name, one), (other_name, other) in combinations(drawn, 2):
        across = min(one.x1, other.x1) - max(one.x0, other.x0)
        up = min(one.y1, other.y1) - max(one.y0, other.y0)
        # a dot is the width of a frame's line
        assert min(across, up) <= 1, f"{name!r} lies on {other_name!r}"


def _node_boxes(ax: Any) -> list[FancyBboxPatch]:
    """The boxes of the nodes, above the arrows; the two sides lie beneath everything."""
    patches = [p for p in ax.patches if isinstance(p, FancyBboxPatch)]
    return [p for p in patches if p.get_zorder() > 0]


def test_loop_diagram_weighs_edges_by_what_comes_back_over_them() -> None:
    ax = plots.loop_diagram(gains=GAINS, hold=_held("bond -> depression", "affect -> sensitivity"))
    arrows = [p for p in ax.patches if isinstance(p, FancyArrowPatch)]
    pairs = zip((*ARROWS, *WEIGHTED_ARROWS), arrows, strict=True)
    drawn = {edge: patch for arrow, patch in pairs for edge in arrow.edges}
    widths = [
        drawn[edge].get_linewidth()
        for edge in ("bond -> depression", "depression -> bond", "depression -> depression")
    ]
    assert widths == sorted(widths, reverse=True) and widths[0] == pytest.approx(4.6)
    # the larger of the two gains
    assert drawn["serotonin -> reward"] is drawn["accumbens_oxytocin -> reward"]
    reinforcing, balancing = drawn["serotonin -> reward"], drawn["agonist -> caregiver_receptors"]
    assert reinforcing.get_edgecolor() != balancing.get_edgecolor()
    assert reinforcing.get_linestyle() != balancing.get_linestyle()  # not by colour alone
    assert (
        drawn["reward -> affect"].get_linewidth() < 1
        and drawn["reward -> affect"].get_linestyle() == "-"
    )
    said = {t.get_text(): t for t in ax.texts}
    assert {"0.57", "0.20", "\N{MINUS SIGN}0.05"} <= set(said)
    marks = {
        text: patch.get_facecolor() for text, t in said.items() if (patch := t.get_bbox_patch())
    }
    filled = {text for text, colour in marks.items() if colour[:3] != (1, 1, 1)}
    assert filled == {"0.57"}
    rest = next(text for text in said if "Not drawn" in text)
    assert (
        "plasma_oxytocin -> caregiver_oxytocin: -0.3" in rest
        and "affect -> sensitivity: holds" in rest
    )
    assert "touch" not in rest


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"gains": {"reward -> depresion": 1.0}}, UnknownNameError, "reward -> depression"),
        ({"gains": {"reward -> depression": math.nan}}, InputError, "expected a finite number"),
        ({"gains": {"reward -> depression": "0.3"}}, InputError, "expected a finite number"),
        ({"gains": GAINS, "edges": {"reward -> depression": 0}}, InputError, "one thing"),
        ({"hold": _held("bond -> depression")}, InputError, "give gains= too"),
    ],
)
def test_loop_diagram_with_gains_refuses_what_it_cannot_mean(
    given: Any, error: Any, says: str
) -> None:
    with pytest.raises(error, match=says):
        plots.loop_diagram(**given)


# people, effects
def test_day_schedule_has_a_row_an_activity_with_interventions_apart(spray: Result) -> None:
    ax = plots.day_schedule(spray)
    rows = [t.get_text() for t in ax.get_yticklabels()]
    assert "mother: nasal spray 24 IU" in rows and "infant: infant sleep" in rows
    assert any(p.get_hatch() and p.get_x() == 540 for p in ax.patches)
    realised = (Routine.typical() + NasalSpray("24 IU", at="10:00")).realise(0, 1440)
    rows = [t.get_text() for t in plots.day_schedule(realised, by="channel").get_yticklabels()]
    assert "mother: nasal spray" in rows and "infant: asleep" in rows
    require_legible_texts(ax.figure)
    with pytest.raises(InputError, match="day 9"):
        plots.day_schedule(spray, day=9)


def test_individual_differences_show_every_pair_and_count_responders() -> None:
    first, second = np.array([1.0, 2.0, 3.0, np.nan]), np.array([1.5, 2.6, 2.9, 4.0])
    ax = plots.individual_differences(
        first,
        second,
        ["placebo", "oxytocin"],
        ylabel="Warmth (scale 1-5)",
        threshold=0.1,
        responds="increase",
    )
    assert len([line for line in ax.get_lines() if list(line.get_xdata()) == [0, 1]]) == 3
    assert "+0.333" in ax.get_title(loc="left") and "1 incomplete" in ax.get_title(loc="left")
    assert "2 of 3" in ax.get_legend().get_texts()[0].get_text()
    require_legible_texts(ax.figure)
    with pytest.raises(InputError, match="ylabel"):
        plots.individual_differences(first, second, ["a", "b"])
    with pytest.raises(InputError, match="one length"):
        plots.individual_differences(first, second[:2], ["a", "b"], ylabel="x (1)")
    with pytest.raises(InputError, match="two, one"):
        plots.individual_differences(first, second, ["a"], ylabel="x (1)")


def test_labelled_values_bring_their_own_axis_label(several: Result) -> None:
    values = several["caregiver.epds"]
    ax = plots.individual_differences(values[:, 0], values[:, -1], ["before", "after"])
    assert ax.get_ylabel() == "Mother EPDS (points)"


def test_effect_table_draws_a_row_an_outcome() -> None:
    table = {
        "outcome": ["warmth", "heart rate"],
        "dz": [0.6, 0.0],
        "low": [0.2, -0.3],
        "high": [1.0, 0.3],
    }
    ax = plots.effect_table({**table, "published": [0.45, np.nan]})
    assert [t.get_text() for t in ax.get_yticklabels()] == ["warmth", "heart rate"]
    assert ax.get_yticks()[0] > ax.get_yticks()[1]
    assert "dz" in ax.get_xlabel()
    require_legible_texts(ax.figure)
    with pytest.raises(InputError, match="missing: high"):
        plots.effect_table({k: v for k, v in table.items() if k != "high"})
    with pytest.raises(InputError, match="at least one"):
        plots.effect_table({name: [] for name in table})
    with pytest.raises(InputError, match="warmth"):
        plots.effect_table({**table, "low": [0.7, -0.3]})
