"""A crossover dyad by dyad: paired slopes, the means with their intervals, and who responded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from oxysim import checks
from oxysim.arrays import FloatArray, IntArray
from oxysim.errors import InputError
from oxysim.plots.picture import own_axes
from oxysim.plots.style import (
    BLACK,
    LIGHT,
    drawing,
    label_text,
    legend_beside,
    sentence,
    size_ticks,
    unit_text,
    words,
)
from oxysim.plots.trials.responses import (
    LOOKS_OF_GROUPS,
    ResponderGroups,
    checked_response,
    grouped,
    one_number_a_dyad,
)
from oxysim.statistics.monte_carlo import half_width
from oxysim.streams import stream

MANY, DRAWN = 150, 60
"""Of more dyads than `MANY` the lines are one block of colour: `DRAWN` of them are drawn, over
bands.
"""


def individual_differences(
    first: Any,
    second: Any,
    labels: Sequence[str],
    ax: Axes | None = None,
    *,
    ylabel: str | None = None,
    threshold: float | None = None,
    responds: Literal["increase", "decrease"] | None = None,
) -> Axes:
    """Every dyad's value under two conditions, joined by a line; the means and the mean change with
    95 % t-intervals.

    Which change is wanted, and how large it must be to matter, only the reader of an outcome knows:
    with `responds` and `threshold` responders are told from the rest; without them, who rose and
    who fell. Of more than 150 dyads bands hold the middle 50 % and 90 % of them, and 60 lines are
    drawn by chance.

    Parameters
    ----------
    first, second : shape (n_dyads,), the same dyads in the same order; incomplete pairs are left
        out and counted.
    labels : the names of the two conditions.
    ylabel : quantity and unit; needed unless the values are labelled arrays with a name and a unit.
    threshold : the smallest change that matters, above 0, in the values' unit; given with
        `responds`.
    responds : whether a response is an increase or a decrease.

    Raises
    ------
    InputError : shapes that differ, fewer than two complete pairs, other than two labels, no
        `ylabel`, one of `threshold` and `responds` without the other.

    >>> import oxysim as ox
    >>> placebo, spray = [1.0, 2.0, 3.0], [1.5, 2.5, 2.9]
    >>> names = ["placebo", "spray"]
    >>> ax = ox.plots.individual_differences(placebo, spray, names, ylabel="Warmth (1-5)")
    >>> ax.get_title(loc="left")
    'Mean change +0.3 [-0.561, 1.16], n = 3'
    """
    pairs, missing = _pairs(first, second)
    names = checks.sequence(
        labels, "labels", label_text, of="names, one for each condition", least=0
    )
    if len(names) != 2:
        raise checks.refused(list(names), "labels", "two, one for each condition")
    response_rule = checked_response(responds, threshold)
    text = _label_of(second) if ylabel is None else label_text(ylabel, "ylabel")
    change = pairs[1] - pairs[0]
    groups = grouped(change, response_rule)
    with drawing():
        ax = own_axes(ax, (5.8, 3.8))
        if pairs.shape[1] > MANY:
            _draw_bands(ax, pairs)
            # the same pairs each time: a figure that is drawn again is the same
            drawn = stream(0, 0, "pairs drawn").permutation(pairs.shape[1])[:DRAWN]
        else:
            drawn = np.arange(pairs.shape[1])
        _draw_slopes(ax, pairs[:, drawn], groups.of[drawn])
        _draw_means(ax, pairs)
        ax.set_xticks([0, 1], list(names))
        # room beside the slopes for the means and their bars
        ax.set_xlim(-0.35, 1.35)
        ax.set_ylabel(text)
        ax.set_title(_summary(change, missing), fontsize=9, loc="left")
        legend_beside(ax, handles=_entries(groups, len(drawn)))
        size_ticks(ax)
        # conditions are names, larger than numbers on an axis
        ax.tick_params(axis="x", labelsize=9)
    return ax


def _pairs(first: Any, second: Any) -> tuple[FloatArray, int]:
    """Complete pairs, shape (2, n), and how many pairs were left out."""
    values = [
        one_number_a_dyad(readings, argument)
        for readings, argument in ((first, "first"), (second, "second"))
    ]
    # pairs are by position, so two lists of unequal length are no pairs
    if values[0].shape != values[1].shape:
        shapes = " and ".join(str(readings.shape) for readings in values)
        raise checks.refused(
            f"shapes {shapes}", "first, second", "two arrays of one length", as_text=True
        )
    # a pair counts only where both of its values are known
    both = np.array(values)
    complete = np.isfinite(both).all(axis=0)
    if complete.sum() < 2:
        raise InputError(
            f"first, second: expected at least two complete pairs; found {int(complete.sum())}"
        )
    return both[:, complete], int((~complete).sum())


def _label_of(values: Any) -> str:
    name, attrs = getattr(values, "name", None), getattr(values, "attrs", {})
    if not name or "units" not in attrs:
        raise InputError(
            "ylabel: the values carry no name and unit; give one, such as ylabel='Warmth (scale"
            " 1-5)'"
        )
    # "mother.warmth": whose it is, then what it is
    member, _, rest = str(name).partition(".")
    return f"{sentence(member)} {words(rest)} ({unit_text(str(name), str(attrs['units']))})"


def _draw_slopes(ax: Axes, pairs: FloatArray, group: IntArray) -> None:
    # fainter the more lines there are, so that their crossings do not become one colour
    strength = float(np.clip(8 / np.sqrt(len(group)), 0.25, 0.9))
    for pair, k in zip(pairs.T, group.tolist(), strict=True):
        look = LOOKS_OF_GROUPS[k]
        ax.plot(
            [0, 1],
            pair,
            color=look.colour,
            linestyle=look.line,
            linewidth=1.0,
            alpha=strength,
            marker="o",
            markersize=4,
            markerfacecolor=look.fill,
            zorder=2,
        )


def _draw_bands(ax: Axes, pairs: FloatArray) -> None:
    """The middle 90 % and 50 % of the values under each condition."""
    # the wider first, the narrower darker on it
    for low, high, strength in ((0.05, 0.95, 0.25), (0.25, 0.75, 0.5)):
        ends = np.quantile(pairs, (low, high), axis=1)
        ax.fill_between(
            [0, 1], *ends, color=LIGHT, alpha=strength, linewidth=0, zorder=0, label="_band"
        )


def _draw_means(ax: Axes, pairs: FloatArray) -> None:
    """The two means beside the slopes, with t-intervals of the means."""
    half = half_width(pairs)
    ax.errorbar(
        # beside the ends of the slopes, which they would hide
        [-0.14, 1.14],
        pairs.mean(axis=1),
        yerr=half,
        fmt="D",
        color=BLACK,
        markersize=6,
        capsize=4,
        linewidth=1.6,
        zorder=4,
    )


def _summary(change: FloatArray, missing: int) -> str:
    n, mean = len(change), float(change.mean())
    # the interval of the mean change, which pairs make narrower than those of the two means
    half = float(half_width(change))
    left_out = f"; {missing} incomplete left out" if missing else ""
    return f"Mean change {mean:+.3g} [{mean - half:.3g}, {mean + half:.3g}], n = {n}{left_out}"


def _entries(groups: ResponderGroups, drawn: int) -> list[Any]:
    total = len(groups.of)
    handles: list[Any] = []
    for k, text in enumerate(groups.texts):
        look, n = LOOKS_OF_GROUPS[k], int((groups.of == k).sum())
        # responders and the rest are named even if there are none; of who rose, stayed or fell only
        # those that there are
        if n or len(groups.texts) == 2:
            handles.append(
                Line2D([], [], color=look.colour, linestyle=look.line, marker="o", markersize=4,
                       markerfacecolor=look.fill, label=f"{text}: {n} of {total}")
            )  # fmt: skip
    handles.append(
        Line2D(
            [],
            [],
            color=BLACK,
            marker="D",
            linestyle="",
            markersize=6,
            label="mean and 95 % interval",
        )
    )
    # said, as the lines would else be taken for all
    if drawn < total:
        handles.append(
            Patch(color=LIGHT, label=f"middle 50 % and 90 %;\n{drawn} of {total:,} pairs drawn")
        )
    return handles
