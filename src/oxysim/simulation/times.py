"""When two moments are one, and the words for intervals of time that this package uses.

A *window* is any interval from a moment to a later one; a run, an outcome and a reading have one.
Inside a run's window, an *edge* is a moment at which an input changes, and a *piece* lies between
two neighbouring edges: every input is constant in it, and a solver is started anew for it. A *bout*
is the window of one activity or intervention (:mod:`oxysim.schedule.bouts`); a *chunk* is the part
of a long run that stands in memory together; a *panel* is the part of a piece on which one
polynomial stands for a course; a *period* is the day or week that repeats for ever in an averaged
day.
"""

from __future__ import annotations

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.schedule.bouts import TOLERANCE


def distinct_times(times: FloatArray) -> FloatArray:
    """Times in order; of those nearer than the tolerance, one after the other, the first.

    >>> distinct_times(np.array([60.0, 0.0, 60.0 + 1e-9])).tolist()
    [0.0, 60.0]
    """
    ordered = np.sort(times)
    if not len(ordered):
        return ordered
    # Each is compared with the one before it, not with the first of its group.
    is_first = np.concatenate(([True], np.diff(ordered) > TOLERANCE))
    return np.asarray(ordered[is_first], dtype=float)
