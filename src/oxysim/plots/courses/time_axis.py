"""The axis of time: the clock over up to two days, the infant's age over more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from oxysim.arrays import FloatArray
from oxysim.plots.courses.drawn_course import STRAIGHT, is_straight
from oxysim.plots.style import size_ticks
from oxysim.simulation.results.result import Result
from oxysim.units import DAY, MONTH, WEEK, clock_text

# Minutes between ticks of the clock, each a round part of an hour or of a day.
_CLOCK_STEPS = (5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 180.0, 240.0, 360.0, 720.0)

CLOCK_SPAN = 2 * DAY
"""Minutes over which the clock is shown: beyond two days its labels would repeat and crowd."""


class TimeAxis(NamedTuple):
    """How minutes since 00:00 of the first simulated day become a place on the axis: (minutes +
    shift) / factor.

    >>> axis = TimeAxis("Clock time (h:min)", 1.0, 0.0, 480.0, 600.0)
    >>> axis.is_clock, axis.place([540.0]).tolist()
    (True, [540.0])
    """

    label: str
    factor: float
    shift: float
    start: float
    stop: float

    @property
    def is_clock(self) -> bool:
        """Whether the axis shows the clock."""
        return self.factor == 1.0

    def place(self, minutes: Any) -> FloatArray:
        """Where on the axis the minutes lie.

        >>> age = TimeAxis("Infant age (days)", DAY, 7 * DAY, 0.0, 7 * DAY)
        >>> age.place([0.0, DAY]).tolist()  # who is a week old at the start
        [7.0, 8.0]
        """
        return (np.asarray(minutes, dtype=float) + self.shift) / self.factor

    def finish(self, ax: Axes, most_ticks: int = 9) -> None:
        """Limits, ticks and label of the axis.

        >>> import oxysim as ox
        >>> figure, axes = ox.plots.panels(1)
        >>> TimeAxis("Clock time (h:min)", 1.0, 0.0, 480.0, 720.0).finish(axes[0, 0])
        >>> [text.get_text() for text in axes[0, 0].get_xticklabels()][:2]
        ['08:00', '08:30']
        """
        low, high = self.place([self.start, self.stop]).tolist()
        # a single output still has an axis around it
        margin = 0.0 if high > low else 0.5
        ax.set_xlim(low - margin, high + margin)
        ax.set_xlabel(self.label)
        if self.is_clock:
            ticks = _clock_ticks(low, high, most_ticks)
            ax.set_xticks(ticks, [_clock_label(tick) for tick in ticks])
        else:
            ax.xaxis.set_major_locator(
                MaxNLocator(most_ticks, steps=[1, 2, 4, 5, 10], integer=True)
            )
        size_ticks(ax)


def time_axis(
    results: Sequence[Result], dyads: Sequence[int | str | None] | None = None
) -> TimeAxis:
    """The axis that fits all `results`; infant age only where all dyads are of one age.

    Its label says where the lines pass over something that happened between two outputs of the
    drawn `dyads` (one entry a result, as for :func:`oxysim.plots.courses.time_course`; default all
    of them).

    >>> import oxysim as ox
    >>> spray = ox.NasalSpray("24 IU", at="08:15")
    >>> result = ox.simulate(ox.Dyad(), spray, "1 h")
    >>> time_axis([result]).label
    'Clock time (h:min)'
    """
    axis = _axis_of(results)
    drawn = zip(results, dyads or [None] * len(results), strict=True)
    # said in the label, since nobody can see it in the line
    if any(is_straight(result, dyad) for result, dyad in drawn):
        return axis._replace(label=f"{axis.label}\n{STRAIGHT}")
    return axis


def time_unit(length: float) -> tuple[str, float]:
    """The unit in which so many minutes are read, and how many minutes it has.

    >>> time_unit(7 * DAY), time_unit(12 * WEEK)
    (('days', 1440.0), ('weeks', 10080.0))
    """
    # so that an axis shows neither parts of a unit nor many dozens of them
    if length <= 3 * WEEK:
        return "days", DAY
    if length <= 26 * WEEK:
        return "weeks", WEEK
    return "months", MONTH


def _axis_of(results: Sequence[Result]) -> TimeAxis:
    start = min(float(result.time[0]) for result in results)
    stop = max(float(result.time[-1]) for result in results)
    length = stop - start
    if length <= CLOCK_SPAN:
        return TimeAxis("Clock time (h:min)", 1.0, 0.0, start, stop)
    unit, factor = time_unit(length)
    # the age is told only where it is one: a mean of ages would be nobody's
    ages = np.unique(
        np.concatenate([np.atleast_1d(result.dataset["infant_age"].values) for result in results])
    )
    if len(ages) == 1:
        return TimeAxis(f"Infant age ({unit})", factor, float(ages[0]), start, stop)
    # of different ages only the time that passed is common
    return TimeAxis(f"Time since the start ({unit})", factor, -start, start, stop)


def _clock_ticks(low: float, high: float, most: int) -> list[float]:
    # the finest step that leaves the labels room
    step = next((s for s in _CLOCK_STEPS if (high - low) / s <= most), _CLOCK_STEPS[-1])
    # a start that is a tick but for rounding keeps its label
    first = np.ceil(low / step - 1e-9) * step
    return np.arange(first, high + 1e-6, step).tolist()


def _clock_label(minutes: float) -> str:
    day, clock = divmod(minutes, DAY)
    # the day is named once, at its midnight; the first day needs no name
    return clock_text(clock) + (f"\nday {int(day) + 1}" if clock == 0 and day > 0 else "")
