"""From a slow state's mean over a day to where it is at one hour of that day.

A slow state swings within the day (the EPDS by half a point), so that one number for it needs an
hour or none. Here it has none: a starting value is the state's mean over the calendar day in which
a run begins, were that day the usual one. A run that begins at 08:00, at 14:00 or at 00:00 then
begins on one and the same course, each at its own hour.

Over the usual day from the hour c of the start (in days),

    x(t) = A + d·(t - c) + swing(t)

with a swing of mean zero (the near-identity transform of averaging: Sanders, Verhulst & Murdock
2007, sec. 2.8). From x at both ends of that day and its mean follow the drift d, and the calendar
day's mean, which is the mean from c on less d·c. What rewards remember (2 days) bends the drift of
a dyad far from rest: runs from different hours of one start differ by up to .016 EPDS points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit

from oxysim.arrays import FloatArray
from oxysim.per_dyad import PerDyad
from oxysim.schedule import Realised
from oxysim.simulation.engines import Integrator
from oxysim.simulation.equations.resting_state import NOON, fading_times
from oxysim.simulation.equations.system import state_rows
from oxysim.simulation.recorder import Recorder
from oxysim.simulation.scipy_engine import Task
from oxysim.units import DAY

# Minutes between two looks at a day's course: the mean is then known to a thousandth of the swing.
SAMPLING_STEP = 15.0
# Days simulated to find the start of a given mean: the first leaves a few hundredths of the swing,
# the second next to nothing.
CENTRINGS = 2


class DayWindow(NamedTuple):
    """A window of the usual day, minutes after 00:00, and every dyad's schedule in it.

    >>> DayWindow(480.0, 1440.0, PerDyad.of([])).stop
    1440.0
    """

    start: float
    stop: float
    plans: PerDyad[Realised]


def centred(  # noqa: PLR0913 - what an integrator needs, and whose means they are
    task: Task,
    day: Sequence[DayWindow],
    y: FloatArray,
    failed: dict[int, str],
    integrator: Integrator,
    names: Sequence[str] | None = None,
) -> FloatArray:
    """States that hold the daily means of slow states, brought to where those are when the day
    begins, shape (n_states, n).

    Parameters
    ----------
    day : the usual day from the hour of the start on, in one or two windows.
    names : the slow states that are brought there; default all.

    >>> from oxysim.families import Family
    >>> from oxysim.schedule import Routine, Schedule
    >>> from oxysim.simulation.engines import integrate_with_scipy
    >>> from oxysim.simulation.equations.resting_state import resting_start
    >>> from oxysim.simulation.input_pieces import realise
    >>> from oxysim.simulation.scipy_engine import Solver
    >>> who = Family()
    >>> plans = realise(who, PerDyad.shared(Schedule(Routine.typical()), 1), 480.0, 500.0)
    >>> day = [DayWindow(480.0, 500.0, plans)]
    >>> task = Task(who, {}, Solver("RK45"))
    >>> centred(task, day, resting_start(who), {}, integrate_with_scipy).shape[1]
    1
    """
    rows, clock = state_rows(task.who.caregivers), day[0].start
    places = {
        name: position for position, (name, row) in enumerate(rows.items()) if row.pace != "fast"
    }
    slow = list(places) if names is None else list(names)
    means, y = y[[places[name] for name in slow]], y.copy()

    for name, time_constant in fading_times(task.who).items():
        if name in slow:
            y[places[name]] *= np.exp((NOON - clock) / time_constant)

    with np.errstate(all="ignore"):  # what failed is not a number
        for _ in range(CENTRINGS):
            mean, drift = _mean_and_drift(task, day, y, slow, failed, integrator)
            missing = means - (mean - drift * clock / DAY)
            for k, name in enumerate(slow):
                row = rows[name]
                if not row.fades:  # what only fades is exact already
                    moved = _moved(y[places[name]], missing[k], row.ceiling)
                    # A mean at a limit may belong to no day: 0, of a state that the day fills.
                    y[places[name]] = np.clip(moved, row.low, row.high)
    return y


def _mean_and_drift(  # noqa: PLR0913 - what an integrator needs, and what is looked at
    task: Task,
    day: Sequence[DayWindow],
    y: FloatArray,
    names: Sequence[str],
    failed: dict[int, str],
    integrate: Integrator,
) -> tuple[FloatArray, FloatArray]:
    """The mean of some states over the day from the start on, and by how much they drift in it,
    (k, n) each.
    """
    who = task.who
    total, end = np.zeros((len(names), len(who))), y
    for window in day:
        steps = int(np.ceil((window.stop - window.start) / SAMPLING_STEP))
        times = np.linspace(window.start, window.stop, steps + 1)
        recorder = Recorder(names, times, who.ages(), who.caregivers)
        end = integrate(replace(task, recorder=recorder), window.plans, end, failed)
        total += np.trapezoid(recorder.table, times, axis=1).T / DAY

    places = [list(state_rows(who.caregivers)).index(name) for name in names]
    return total, (end - y)[places]


def _moved(x: FloatArray, by: FloatArray, ceiling: float | None) -> FloatArray:
    """States moved by so much; between a floor and a ceiling on the logit scale, so that none
    passes them.
    """
    if ceiling is None:
        return x + np.where(np.isfinite(by), by, 0.0)
    room = x * (1 - x / ceiling)
    step = np.where(np.isfinite(by / room), by / room, 0.0)
    share = expit(logit(x / ceiling) + step)
    return np.where(room > 0, ceiling * share, x)  # at the floor or the ceiling it stays
