"""Individual effects in order of size, and the share of those who respond."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from oxysim.errors import InputError
from oxysim.plots.picture import own_axes
from oxysim.plots.style import BLACK, BLUE, GREY, LIGHT, drawing, legend_beside, size_ticks


def waterfall(
    effects: Any,
    ax: Axes | None = None,
    *,
    ylabel: str,
    threshold: float = 0.0,
    responds: Literal["increase", "decrease"] = "increase",
) -> Axes:
    """The effect on every dyad as a bar, from the largest rise to the largest fall.

    Parameters
    ----------
    effects : shape (n_dyads,), such as a column of ``TrialResult.individual()``; what is missing is left out and
        counted.
    ylabel : quantity and unit.
    threshold : the change, in the effects' unit, from which a dyad counts as a responder; 0 counts any change.
    responds : whether a response is an increase or a decrease.

    Raises
    ------
    InputError : fewer than two effects, a negative threshold, or a direction that is none.
    """
    given = np.asarray(effects, dtype=float)
    if given.ndim != 1 or np.isfinite(given).sum() < 2:
        raise InputError(f"effects: expected one for each of at least two dyads; found shape {given.shape}")
    if responds not in ("increase", "decrease") or not threshold >= 0:
        raise InputError(
            f"responds, threshold: expected 'increase' or 'decrease', and >= 0; found {responds!r}, {threshold!r}"
        )
    sizes = np.sort(given[np.isfinite(given)])[::-1]
    signed = sizes if responds == "increase" else -sizes
    answers = signed >= threshold if threshold else signed > 0
    with drawing():
        ax = own_axes(ax, (7.0, 3.4))
        places = np.arange(1, len(sizes) + 1)
        edge = "white" if len(sizes) <= 80 else "none"
        ax.bar(places, sizes, width=1.0, color=np.where(answers, BLUE, LIGHT), edgecolor=edge, linewidth=0.4, zorder=2)
        ax.axhline(0.0, color=BLACK, linewidth=0.8, zorder=3)
        ax.axhline(float(sizes.mean()), color=BLACK, linewidth=1.4, linestyle="--", zorder=3)
        if threshold:
            ax.axhline(threshold if responds == "increase" else -threshold, color=GREY, linewidth=1, linestyle=":")
        ax.set_xlim(0.5, len(sizes) + 0.5)
        ax.set_xlabel("Dyads, by the size of their effect")
        ax.set_ylabel(ylabel)
        legend_beside(ax, handles=_entries(sizes, answers, threshold, responds), title=_title(given))
        size_ticks(ax)
    return ax


def _entries(sizes: Any, answers: Any, threshold: float, responds: str) -> list[Any]:
    share = 100 * float(answers.mean())
    word = "at least " if threshold else "any "
    what = f"{word}{threshold:g} {'up' if responds == 'increase' else 'down'}" if threshold else f"{word}{responds}"
    found: list[Any] = [
        Patch(color=BLUE, label=f"responders ({what}):\n{share:.0f} %, {int(answers.sum())} of {len(sizes)}"),
        Patch(color=LIGHT, label=f"the others: {100 - share:.0f} %"),
        Line2D([], [], color=BLACK, linestyle="--", linewidth=1.4, label=f"mean {sizes.mean():+.3g}"),
    ]
    if threshold:
        found.append(Line2D([], [], color=GREY, linestyle=":", label="threshold"))
    return found


def _title(given: Any) -> str | None:
    missing = int((~np.isfinite(given)).sum())
    return f"{missing} without an effect left out" if missing else None
