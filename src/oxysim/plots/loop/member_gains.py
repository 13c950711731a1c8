"""How strong the loop is over the members of an ensemble: the gain of each sub-loop with its
interval.
"""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from oxysim import checks
from oxysim.loop.loops_of_members import GROUPS, MemberLoops
from oxysim.plots.interval_rows import draw_interval, limit_rows
from oxysim.plots.picture import own_axes
from oxysim.plots.style import drawing, size_ticks

FELT = 0.05  # of gain: what comes back of a point adds a twentieth of a point


def member_gains(
    loops: MemberLoops,
    ax: Axes | None = None,
    *,
    of: Sequence[str] = tuple(GROUPS),
    structure: str = "",
) -> Axes:
    """Median and 90 % interval of the gain of each sub-loop over the members.

    Parameters
    ----------
    loops : what ``oxysim.loop.member_loops`` returned.
    of : sub-loops or edges, from top to bottom.
    structure : members of one structure alone; default all, in their weights.

    A mark is filled where nine members of ten, by weight, have a gain above .05.

    Raises
    ------
    InputError : no member of this structure.

    >>> import numpy as np
    >>> import oxysim as ox
    >>> from oxysim.ensembles import MemberAnswers
    >>> from oxysim.loop.loops_of_members import MemberLoop
    >>> loop = MemberLoop(15.2, 8.0, {"bond": 0.1}, (), {"bond -> depression": 0.4})
    >>> loops = MemberLoops(MemberAnswers((0,), (loop,), np.ones(1), ("both",), {}))
    >>> ax = ox.plots.member_gains(loops, of=["bond"])
    >>> [text.get_text() for text in ax.get_yticklabels()]
    ['Bond']
    """
    checks.instance(loops, "loops", MemberLoops, "what member_loops() returns")
    rows = loops.gains(of, structure).iloc[::-1]
    with drawing():
        ax = own_axes(ax, (6.4, 1.2 + 0.36 * len(rows)))
        for place, (low, middle, high) in enumerate(rows[["5 %", "median", "95 %"]].to_numpy()):
            # a filled mark: the sub-loop is felt in nearly all that the findings leave open
            draw_interval(ax, place, middle, (low, high), is_clear=bool(low > FELT))
        ax.set_yticks(range(len(rows)), [name[:1].upper() + name[1:] for name in rows["of"]])
        limit_rows(ax, len(rows))
        ax.axvline(0, color="black", linewidth=0.8)
        ax.axvline(FELT, color="0.6", linewidth=0.8, linestyle="--")
        whom = f"members of structure “{structure}”" if structure else "all members"
        ax.set_xlabel(
            f"Loop gain at the symptomatic regime\n(median and 90 % interval over {whom};"
            f" dashed: {FELT:g})"
        )
        size_ticks(ax)
    return ax
