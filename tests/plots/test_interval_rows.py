"""Figures with rows: one interval looks the same in all of them, and legends name what is there."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from oxysim import plots
from oxysim.plots.interval_rows import draw_interval, interval_entries, is_beyond, name_rows


def test_an_interval_reaches_from_its_low_to_its_high_end_and_is_filled_if_clear() -> None:
    _, axes = plots.panels(1)
    ax = axes[0, 0]
    draw_interval(ax, 2.0, 0.5, (0.2, 1.1), is_clear=True)
    draw_interval(ax, 1.0, 0.1, (-0.2, 0.4), is_clear=False)
    bars = [collection.get_segments()[0] for collection in ax.collections]
    np.testing.assert_allclose(bars, [[[0.2, 2.0], [1.1, 2.0]], [[-0.2, 1.0], [0.4, 1.0]]])
    marks = [line for line in ax.get_lines() if line.get_marker() == "o"]
    assert [to_rgb(mark.get_markerfacecolor()) == (1, 1, 1) for mark in marks] == [False, True]


def test_clear_is_what_lies_on_one_side_and_does_not_touch_the_null() -> None:
    low, high = [0.1, -0.3, -0.2, 0.0], [0.4, -0.1, 0.2, 0.5]
    assert is_beyond(0.0, low, high).tolist() == [True, True, False, False]
    assert is_beyond(1.0, [0.5, 1.2], [0.9, 1.4]).tolist() == [True, True]


@pytest.mark.parametrize(
    ("is_clear", "labels"),
    [
        ([True, True], ["interval excludes 0"]),
        ([False], ["interval includes 0"]),
        ([True, False], ["interval excludes 0", "interval includes 0"]),
    ],
)
def test_a_legend_names_only_what_is_in_the_figure(is_clear: list[bool], labels: list[str]) -> None:
    assert [entry.get_label() for entry in interval_entries(0.0, is_clear)] == labels
    dz = [0.5 if clear else 0.0 for clear in is_clear]
    table = {
        "outcome": [f"outcome {number}" for number in range(len(dz))],
        "dz": dz,
        "low": [value - 0.2 for value in dz],
        "high": [value + 0.2 for value in dz],
    }
    for draw in (plots.effect_table, plots.forest):
        legend = draw(table).get_legend()
        assert legend is not None
        assert [text.get_text() for text in legend.get_texts()] == labels


def test_rows_are_named_without_ticks_or_an_axis() -> None:
    _, axes = plots.panels(1)
    ax = axes[0, 0]
    name_rows(ax, [1, 0], ["warmth", "heart rate"])
    assert [text.get_text() for text in ax.get_yticklabels()] == ["warmth", "heart rate"]
    assert not ax.spines["left"].get_visible()
    assert all(tick.tick1line.get_markersize() == 0 for tick in ax.yaxis.get_major_ticks())
