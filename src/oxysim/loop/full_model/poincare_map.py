r"""The full model's map over the routine's own period at a frozen infant age, its fixed points and
its derivative.

    y ↦ Φ(y)   the state at midnight, one period later

A steady cycle is a fixed point of Φ; the Floquet multipliers of the cycle are the eigenvalues of
∂Φ/∂y there (Guckenheimer & Holmes 1983, sec. 1.5; Strogatz 2015, sec. 8.7): the cycle is stable
where all lie inside the unit circle. The derivative is taken by central differences of copies
carried side by side at a tight tolerance: by the compiled engine where it is installed, else by
SciPy in one stack that shares its steps.

Outside the map: postpartum vulnerability and skills that nothing teaches (zero), and the
accumulating outputs (M12).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from oxysim.arrays import FloatArray
from oxysim.errors import InputError
from oxysim.loop.averaged_system import AveragedSystem
from oxysim.schedule import Realised, as_schedule
from oxysim.simulation.averaging.frozen_day import COMPILES, quiet
from oxysim.simulation.engines import Integrator, integrate_stacked, integrator_for
from oxysim.simulation.equations.system import state_rows, variable_rows
from oxysim.simulation.input_pieces import realise, stages_of
from oxysim.simulation.results.recorder import Recorder
from oxysim.simulation.scipy_engine import Solver, Task
from oxysim.units import DAY

TIGHT = Solver(rtol=1e-10)
# of SciPy: all copies share every step, so that their differences hold no noise
STACKED = Solver("DOP853", rtol=1e-7)
STEADY = 1e-8  # of each state's typical size: how far a cycle may be from closing
NUDGE = 5e-4  # of each state's typical size, for central differences
ROUNDS = 12


@dataclass(frozen=True, eq=False)
class PoincareMap:
    """The map of one dyad, from its averaged system (who, day, edges, period)."""

    system: AveragedSystem
    solver: Solver = TIGHT

    def __post_init__(self) -> None:
        if len(self.system.dyad) != 1:
            raise InputError(
                f"the full map: expected one dyad; found {len(self.system.dyad)}; take them one"
                " by one"
            )
        if self.system.held:
            raise InputError(
                f"the full map: nothing is held in it; found held={self.system.held!r}"
            )

    @functools.cached_property
    def moving(self) -> list[int]:
        """Positions of the states that belong to the map: the fast ones and the averaged system's
        slow ones.
        """
        rows = state_rows(self.system.dyad.caregivers)
        return [
            i
            for i, (name, row) in enumerate(rows.items())
            if row.pace == "fast" or name in self.system.names
        ]

    @functools.cached_property
    def scale(self) -> FloatArray:
        """Each state's typical size, shape (n_states,)."""
        return np.array([row.scale for row in state_rows(self.system.dyad.caregivers).values()])

    @functools.cached_property
    def plan(self) -> Realised:
        """The realised period, at the frozen age."""
        day = self.system.day
        return realise(
            day.who, [quiet(as_schedule(self.system.routine))], 0.0, day.days * DAY, seeds=[0]
        )[0]

    @functools.cached_property
    def integrator(self) -> tuple[Integrator, Solver]:
        """What carries the map: the compiled engine, unless it is not there or the period crosses a
        stage of age.
        """
        day = self.system.day
        end = day.who.ages()[:1] + day.days * DAY - 1.0
        same = stages_of(day.who.ages()[:1])[0] == stages_of(end)[0]
        if COMPILES and same:  # that engine takes the usual signals of the day's own age
            return integrator_for("compiled"), self.solver
        return integrate_stacked, STACKED

    def __call__(self, y: FloatArray, recorder: Recorder | None = None) -> FloatArray:
        """Φ of states of shape (n_states, m); NaN where the equations could not be carried."""
        day, m = self.system.day, y.shape[1]
        who = day.who.take(np.zeros(m, dtype=np.int64))
        integrate, solver = self.integrator
        task = Task(who, self.system.edges, solver, recorder, usual=day.usual)
        end = integrate(task, [self.plan] * m, y, {})
        moved = y.copy()
        moved[self.moving] = end[self.moving]
        return moved

    def derivative(self, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Φ (n_states, m) and ∂Φ/∂y of the states that move, (m, k, k), for states of shape
        (n_states, m).
        """
        k, m = len(self.moving), y.shape[1]
        columns = [y]
        for place in self.moving:
            for sign in (1.0, -1.0):
                nudged = y.copy()
                nudged[place] += sign * NUDGE * self.scale[place]
                columns.append(nudged)
        found = self(np.concatenate(columns, axis=1))
        parts = found[self.moving].reshape(k, 2 * k + 1, m)
        width = 2 * NUDGE * self.scale[self.moving]
        slopes = (parts[:, 1::2] - parts[:, 2::2]) / width[None, :, None]
        return found[:, :m], np.transpose(slopes, (2, 0, 1))

    def steady(self, y: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Newton's method: cycles near `y` (n_states, m), how far they are from closing (m,),
        ∂Φ/∂y.

        How far is in parts of each state's typical size; what has not converged says so by it.
        """
        if y.shape[1] == 0:
            return y, np.zeros(0), np.zeros((0, len(self.moving), len(self.moving)))
        image, slopes = self.derivative(y)
        identity, y = np.eye(len(self.moving)), y.copy()
        for _ in range(ROUNDS):
            short = (image - y)[self.moving]
            gap = np.max(np.abs(short) / self.scale[self.moving, None], axis=0)
            open_ = np.flatnonzero(gap > STEADY)
            if not len(open_):
                break
            step = np.linalg.solve(identity - slopes[open_], short[:, open_].T[:, :, None])[:, :, 0]
            y[np.ix_(np.array(self.moving), open_)] += step.T
            image[:, open_], slopes[open_] = self.derivative(y[:, open_])
        return y, gap, slopes

    def means(self, y: FloatArray) -> list[dict[str, float]]:
        """The mean of every variable over the period from each column of `y`."""
        names = list(variable_rows(self.system.dyad.caregivers))
        day = self.system.day
        times = np.arange(2.5, day.days * DAY, 5.0)
        ages = np.repeat(day.who.ages(), y.shape[1])
        recorder = Recorder(names, times, ages, self.system.dyad.caregivers)
        self(y, recorder=recorder)
        return [dict(zip(names, row.mean(axis=0).tolist(), strict=True)) for row in recorder.table]


def floquet_multipliers(slopes: FloatArray) -> npt.NDArray[Any]:
    """Floquet multipliers, the largest modulus first."""
    found = np.linalg.eigvals(slopes)
    return found[np.argsort(-np.abs(found), kind="stable")]
