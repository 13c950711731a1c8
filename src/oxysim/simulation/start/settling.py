"""Settling: a dyad repeats its usual day until nothing fast changes from one day to the next.

What a starting value means, and how a mean becomes the value at one hour, stands in
:mod:`oxysim.simulation.start.centring`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from oxysim.arrays import FloatArray, IntArray
from oxysim.families import Family
from oxysim.per_dyad import PerDyad
from oxysim.schedule import Schedule
from oxysim.simulation.engines import Integrator, integrate_stacked
from oxysim.simulation.equations.resting_state import resting_start
from oxysim.simulation.equations.system import state_rows
from oxysim.simulation.input_pieces import realise, without_jitter
from oxysim.simulation.scipy_engine import Solver, Task
from oxysim.simulation.start.centring import DayWindow, centred
from oxysim.units import DAY

# Days; the slowest fast state recovers with a time constant of hours, so that few dyads need half.
LONGEST_SETTLING = 12
# Tolerances of a state's typical size that may be left to change when a dyad counts as settled.
CLOSE = 3.0
# Of the first day, whose end is far from the cycle however precise the solver.
ROUGH = Solver("RK45", rtol=1e-3)
# Relative tolerance: settling is never coarser, so that a coarse run begins where a fine one does.
COARSEST = 1e-6
# Below it RK45 would need more steps than the method of higher order.
FINEST_RK45 = 1e-8


@dataclass(frozen=True, eq=False)
class Settling:
    """Dyads that settle on their usual days, and how.

    Attributes
    ----------
    clock : when the run begins, minutes after 00:00.
    integrator : None for SciPy, which stacks dyads.
    means : whether slow states are brought from their daily means to the hour of the start.

    >>> from oxysim.schedule import Routine
    >>> task, days = Task(Family(), {}, Solver()), PerDyad.shared(Schedule(Routine.typical()), 1)
    >>> Settling(task, days, 480.0, None, means=False).settled(np.array([0]))[1]  # nobody fails
    {}
    """

    task: Task
    days: PerDyad[Schedule]
    clock: float
    integrator: Integrator | None
    means: bool

    def settled(self, chosen: IntArray) -> tuple[FloatArray, dict[int, str]]:
        """The states of some of the dyads, settled anew, and why others have none."""
        failed: dict[int, str] = {}
        usual_days = without_jitter(self.days.take(chosen))
        return self._settled(_task_of(self.task, chosen), usual_days, failed), failed

    def _settled(
        self, task: Task, usual_days: PerDyad[Schedule], failed: dict[int, str]
    ) -> FloatArray:
        """The states on the cycle of the usual days; dyads that fail are added to `failed`."""
        family, solver = task.who, _settling_solver(task.solver)
        integrate = self.integrator or integrate_stacked
        rough = replace(ROUGH, max_evaluations=solver.max_evaluations)
        scale = np.array([[row.scale] for row in state_rows(family.caregivers).values()])
        day = self._day_from_the_start(family, usual_days)

        y, settled = resting_start(family), set[int]()
        change = np.full(y.shape, np.inf)
        for number in range(LONGEST_SETTLING):
            before, change_before = y.copy(), change
            held_task = replace(
                task, recorder=None, hold_slow=True, solver=solver if number else rough
            )
            for window in day:
                left_out = failed | dict.fromkeys(settled, "")
                end = integrate(held_task, window.plans, y, left_out)
                failed |= {dyad: why for dyad, why in left_out.items() if dyad not in settled}
                # Those that are settled keep their last state, to the bit.
                running = [dyad for dyad in range(len(family)) if dyad not in left_out]
                y[:, running] = end[:, running]

            change = np.abs(y - before) / scale
            # The first day is a rough one, and two changes tell how fast they shrink.
            if number > 1:
                remaining = _left_to_change(change, change_before).max(axis=0)
                settled |= {dyad for dyad in running if remaining[dyad] < CLOSE * solver.rtol}
            if len(settled) + len(failed) == len(family):
                break

        if not self.means:
            return y
        free = replace(task, hold_slow=False, solver=solver)
        return centred(free, day, y, failed, integrate)

    def _day_from_the_start(self, family: Family, usual_days: PerDyad[Schedule]) -> list[DayWindow]:
        """The usual day from the hour of the start on: to midnight, then the hours before it."""
        windows = [(self.clock, DAY), (0.0, self.clock)]
        return [
            DayWindow(start, stop, realise(family, usual_days, start, stop))
            for start, stop in windows
            if stop > start
        ]


def _task_of(task: Task, index: IntArray) -> Task:
    """The same for some of the dyads."""
    edges: dict[str, Any] = {
        name: np.asarray(value)[index] if np.ndim(value) else value
        for name, value in task.edges.items()
    }
    return replace(task, who=task.who.take(index), edges=edges)


def _left_to_change(change: FloatArray, before: FloatArray) -> FloatArray:
    """What is left to change after a day's `change`, when the day before changed `before`: the sum
    of a series in which both shrink by one ratio. Each state has its own: the largest change of all
    may be of one that settles fast, and hide one that still creeps.
    """
    shrinks = change < before
    slower = np.where(shrinks, before - change, 1.0)
    return np.where(shrinks, change * change / slower, change)


def _settling_solver(solver: Solver) -> Solver:
    """Settling uses a stacking method at the user's tolerance, at least 1e-6: the start should not
    depend on the method.
    """
    rtol = min(solver.rtol, COARSEST)
    method = "RK45" if rtol > FINEST_RK45 else "DOP853"
    return Solver(method, rtol, max_evaluations=solver.max_evaluations)
