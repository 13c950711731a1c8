"""A crossover dyad by dyad: paired slopes, the means with their intervals, and who responded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from scipy import stats

from oxysim.errors import InputError
from oxysim.plots.picture import own_axes
from oxysim.plots.style import BLACK, BLUE, GREY, drawing, legend_beside, sentence, size_ticks, unit_text, words

FloatArray = npt.NDArray[np.float64]


def individual_differences(
    first: Any,
    second: Any,
    labels: Sequence[str],
    ax: Axes | None = None,
    *,
    ylabel: str | None = None,
    threshold: float = 0.0,
    responds: Literal["increase", "decrease"] = "increase",
) -> Axes:
    """Every dyad's value under two conditions, joined by a line; the means and the mean change with 95 % t-intervals.

    Parameters
    ----------
    first, second : shape (n_dyads,), the same dyads in the same order; incomplete pairs are left out and counted.
    labels : the names of the two conditions.
    ylabel : quantity and unit; needed unless the values are labelled arrays with a name and a unit.
    threshold : the change, in the values' unit, beyond which a dyad counts as a responder.
    responds : whether a response is an increase or a decrease.

    Raises
    ------
    InputError : shapes that differ, fewer than two complete pairs, other than two labels, no `ylabel`.
    """
    pairs, missing = _pairs(first, second)
    if isinstance(labels, str) or len(labels) != 2:
        raise InputError(f"labels: expected two, one for each condition; found {labels!r}")
    if responds not in ("increase", "decrease") or threshold < 0:
        raise InputError(
            f"responds, threshold: expected 'increase' or 'decrease', and >= 0; found {responds!r}, {threshold!r}"
        )
    text = ylabel or _label_of(second)
    change = pairs[1] - pairs[0]
    responders = change > threshold if responds == "increase" else change < -threshold
    with drawing():
        ax = own_axes(ax, (5.6, 3.8))
        _draw_slopes(ax, pairs, responders)
        _draw_means(ax, pairs)
        ax.set_xticks([0, 1], list(labels))
        ax.set_xlim(-0.35, 1.35)
        ax.set_ylabel(text)
        ax.set_title(_summary(change, missing), fontsize=9, loc="left")
        legend_beside(ax, handles=_entries(responders, responds, threshold))
        size_ticks(ax)
        ax.tick_params(axis="x", labelsize=9)
    return ax


def _pairs(first: Any, second: Any) -> tuple[FloatArray, int]:
    """Complete pairs, shape (2, n), and how many pairs were left out."""
    values = [np.asarray(one, dtype=float) for one in (first, second)]
    if values[0].ndim != 1 or values[0].shape != values[1].shape:
        shapes = " and ".join(str(one.shape) for one in values)
        raise InputError(f"first, second: expected two arrays of one length; found shapes {shapes}")
    both = np.array(values)
    complete = np.isfinite(both).all(axis=0)
    if complete.sum() < 2:
        raise InputError(f"first, second: expected at least two complete pairs; found {int(complete.sum())}")
    return both[:, complete], int((~complete).sum())


def _label_of(values: Any) -> str:
    name, attrs = getattr(values, "name", None), getattr(values, "attrs", {})
    if not name or "units" not in attrs:
        raise InputError("ylabel: the values carry no name and unit; give one, such as ylabel='Warmth (scale 1-5)'")
    member, _, rest = str(name).partition(".")
    return f"{sentence(member)} {words(rest)} ({unit_text(str(name), str(attrs['units']))})"


def _draw_slopes(ax: Axes, pairs: FloatArray, responders: npt.NDArray[np.bool_]) -> None:
    strength = float(np.clip(8 / np.sqrt(len(responders)), 0.25, 0.9))
    for pair, responded in zip(pairs.T, responders, strict=True):
        colour, line, fill = (BLUE, "-", BLUE) if responded else (GREY, (0, (4, 2)), "white")
        ax.plot(
            [0, 1], pair, color=colour, linestyle=line, linewidth=1.0, alpha=strength, marker="o", markersize=4,
            markerfacecolor=fill, zorder=2,
        )  # fmt: skip


def _draw_means(ax: Axes, pairs: FloatArray) -> None:
    """The two means beside the slopes, with t-intervals of the means."""
    n = pairs.shape[1]
    half = stats.t.ppf(0.975, n - 1) * pairs.std(axis=1, ddof=1) / np.sqrt(n)
    ax.errorbar(
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
    half = float(stats.t.ppf(0.975, n - 1) * change.std(ddof=1) / np.sqrt(n))
    left_out = f"; {missing} incomplete left out" if missing else ""
    return f"Mean change {mean:+.3g} [{mean - half:.3g}, {mean + half:.3g}], n = {n}{left_out}"


def _entries(responders: npt.NDArray[np.bool_], responds: str, threshold: float) -> list[Line2D]:
    n, total = int(responders.sum()), len(responders)
    beyond = f" > {threshold:g}" if threshold else ""
    return [
        Line2D([], [], color=BLUE, marker="o", markersize=4,
               label=f"responder ({responds}{beyond}):\n{n} of {total} dyads"),
        Line2D([], [], color=GREY, linestyle=(0, (4, 2)), marker="o", markersize=4, markerfacecolor="white",
               label=f"no response: {total - n} of {total}"),
        Line2D([], [], color=BLACK, marker="D", linestyle="", markersize=6, label="mean and 95 % interval"),
    ]  # fmt: skip
