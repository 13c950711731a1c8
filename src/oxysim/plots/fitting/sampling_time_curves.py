"""Which times tell most: what one more sample would add, the best times and the user's plan."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from oxysim import checks
from oxysim.fitting.sampling.sampling_design import SamplingDesign
from oxysim.plots.courses.time_axis import TimeAxis
from oxysim.plots.picture import own_axes
from oxysim.plots.style import (
    GREY,
    LOOKS,
    Look,
    drawing,
    legend_beside,
    size_ticks,
)

BELOW = -0.10  # of the axis' height: where the best times stand, and the plan below them
STEP = 0.09


def sampling_time_curves(design: SamplingDesign, ax: Axes | None = None) -> Axes:
    """What one more sample at each feasible time would add to the best ones, in per cent of their
    information; the best times as filled marks, the user's plan as hollow ones.

    Parameters
    ----------
    design : of :func:`oxysim.fitting.d_optimal_times` or :func:`oxysim.fitting.t_optimal_times`.
    ax : where to draw; default a new figure.

    Raises
    ------
    InputError : no design, or more than six members.

    >>> import oxysim as ox
    >>> from oxysim.fitting import SampleGrid, d_optimal_times
    >>> day = ox.Routine.empty() + ox.NasalSpray("24 IU", at="10:00")
    >>> grid = SampleGrid(["10:05", "10:20", "11:00"], {"mother": "saliva_oxytocin"})
    >>> half_life = "mother.nasal_spray.residue_fast_half_life"
    >>> design = d_optimal_times(ox.Dyad(), day, half_life, grid, 2, start="10:00")
    >>> sampling_time_curves(design).get_ylabel()
    'One more sample adds (%)'
    """
    checks.instance(design, "design", SamplingDesign, "what d_optimal_times() returns")
    members = list(dict.fromkeys(design.members))
    if len(members) > len(LOOKS):
        raise checks.refused(
            f"{len(members)} of them",
            "design",
            f"at most {len(LOOKS)} members",
            as_text=True,
        )
    gains = _gains(design)
    axis = TimeAxis(
        "Clock time (h:min)",
        1.0,
        0.0,
        float(design.minutes.min()),
        float(design.minutes.max()),
    )
    with drawing():
        ax = own_axes(ax, (7.2, 3.6))
        top = max(float(gains.max()), 1.0)
        for look, member in zip(LOOKS, members, strict=False):
            of_member = np.array([name == member for name in design.members])
            order = np.flatnonzero(of_member)[np.argsort(design.minutes[of_member])]
            label = f"one more of the {member}" if len(members) > 1 else "one more sample"
            ax.plot(design.minutes[order], gains[order], color=look.colour, linestyle=look.line,
                    label=label, zorder=3)  # fmt: skip
            _marks(ax, design, member, look, top)
        ax.set_ylim((BELOW - 1.5 * STEP) * top, 1.08 * top)
        ax.axhline(0, color="black", linewidth=0.8, zorder=1)
        # what lies below 0 are rows of marks, and no values
        ax.set_yticks([tick for tick in ax.get_yticks() if 0 <= tick <= 1.08 * top])
        ax.set_ylabel("One more sample adds (%)")
        axis.finish(ax)
        low, high = ax.get_xlim()
        ax.set_xlim(low - 0.02 * (high - low), high + 0.02 * (high - low))
        legend_beside(ax, title=_title(design))
        size_ticks(ax)
    return ax


def _gains(design: SamplingDesign) -> Any:
    """What one more sample adds at each candidate, in per cent."""
    one_more = np.maximum(design.best.one_more, 0.0)
    if design.criterion == "T":
        # of the misfit that the best times have already
        return 100 * one_more / max(design.best.value, np.finfo(float).tiny)
    # as that many more persons would with the best times
    return 100 * np.expm1(one_more / len(design.parameters))


def _marks(ax: Axes, design: SamplingDesign, member: str, look: Look, top: float) -> None:
    chosen = [k for k in design.best.chosen if design.members[k] == member]
    ax.scatter(design.minutes[chosen], np.full(len(chosen), BELOW * top), s=42,
               marker=look.marker, color=look.colour, label="best times", zorder=4)  # fmt: skip
    planned = [k for k in design.plan or () if design.members[k] == member]
    if planned:
        ax.scatter(design.minutes[planned], np.full(len(planned), (BELOW - STEP) * top), s=42,
                   marker=look.marker, facecolors="white", edgecolors=GREY, label="the plan",
                   zorder=4)  # fmt: skip


def _title(design: SamplingDesign) -> str | None:
    lines = [design.best.label] if design.best.label else []
    if design.plan is not None:
        lines.append(f"the plan needs\n{design.gain:.2g} times the persons")
    return "\n".join(lines) or None
