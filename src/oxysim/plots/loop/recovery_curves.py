"""Recovery curves: how depression comes back, or does not, after it was raised above its regime."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from oxysim import checks
from oxysim.loop.resilience.pulses import Recovery
from oxysim.plots.picture import own_axes
from oxysim.plots.smooth import smooth
from oxysim.plots.style import BLACK, LOOKS, drawing, legend_beside, size_ticks


def recovery_curves(recovery: Recovery, ax: Axes | None = None) -> Axes:
    """A curve for each displacement; a dot marks the day on which less than 1/e of it is left.

    Raises
    ------
    InputError : not a recovery, or more courses than looks.

    >>> import numpy as np
    >>> import oxysim as ox
    >>> from oxysim.loop.resilience.pulses import Recovery
    >>> days = np.arange(0.0, 101.0)
    >>> course = 5.0 + 2.0 * np.exp(-days / 20.0)[None]
    >>> ax = ox.plots.recovery_curves(Recovery(days, course, np.array([2.0]), 5.0, 20.0))
    >>> ax.get_lines()[1].get_label()
    '+2 points: 1/e left after 20 d'
    """
    checks.instance(recovery, "recovery", Recovery, "what loop.recovery returns")
    if len(recovery.displacement) > len(LOOKS):
        raise checks.refused(
            len(recovery.depression),
            "recovery",
            f"at most {len(LOOKS)} courses, to tell them apart",
        )
    with drawing():
        ax = own_axes(ax, (7.2, 3.6))
        ax.axhline(
            recovery.regime,
            color=BLACK,
            linewidth=0.8,
            linestyle=(0, (8, 3)),
            zorder=1,
            label="the regime",
        )
        for look, above, course, time in zip(
            LOOKS, recovery.displacement, recovery.depression, recovery.time, strict=False
        ):  # fmt: skip
            # a time that is not finite: the regime was left, or the days were too few
            back = f"1/e left after {time:.0f} d" if np.isfinite(time) else "does not come back"
            ax.plot(
                # days are computed, what lies between them is drawn
                *smooth(recovery.days, course),
                color=look.colour,
                linestyle=look.line,
                label=f"{above:+g} points: {back}",
            )
            if np.isfinite(time):
                ax.plot(
                    time,
                    np.interp(time, recovery.days, course),
                    look.marker,
                    color=look.colour,
                    markersize=5.5,
                )
        ax.set_xlabel("Time after the displacement (days)")
        ax.set_ylabel("Depression (EPDS points)")
        # what mood alone would need where it is known, else the slowest of all states
        small = recovery.mood if np.isfinite(recovery.mood) else recovery.slowest
        legend_beside(
            ax,
            title=f"Raised above {recovery.regime:.1f} points;\n"
            f"a small distance needs {small:.0f} d",
        )
        size_ticks(ax)
    return ax
