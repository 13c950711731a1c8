"""Courses of the full model at a frozen infant age: one day lived again and again, under stress and
daily-life noise.

``simulate`` lets the infant grow older, and with it the usual day and the usual signals change
(until 12 months, when the last stage begins). Here the full model's map
(:mod:`oxysim.loop.full_model.poincare_map`) is applied over and over, so that the averaged system's
answers can be held against the full model on the same day.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from oxysim.arrays import FloatArray, IntArray
from oxysim.errors import InputError
from oxysim.interventions import LifeEvents
from oxysim.loop.averaged_system import AveragedSystem
from oxysim.loop.full_model.poincare_map import PoincareMap
from oxysim.schedule import DailyLifeNoise, Realised, as_schedule
from oxysim.simulation.averaging.frozen_day import quiet
from oxysim.simulation.engines import Integrator, for_ensembles
from oxysim.simulation.equations.system import state_rows
from oxysim.simulation.initial_state import centred
from oxysim.simulation.input_pieces import realise
from oxysim.simulation.noise_paths import NoisePaths
from oxysim.simulation.scipy_engine import Solver, Task
from oxysim.units import DAY, HOUR

COARSE = for_ensembles(1e-4)


class RepeatedDayNoise(NoisePaths):
    """Daily lives on a day that is lived again and again: each time the noise is that of the day
    that would be next.
    """

    lived = 0.0
    """Minutes that were lived before the day at hand."""

    def between(self, index: IntArray, firsts: Sequence[int], count: int) -> FloatArray:
        hours = round(self.lived / HOUR)
        return super().between(index, [first + hours for first in firsts], count)


@dataclass(frozen=True, eq=False)
class FrozenRuns:
    """The full model of one dyad, period after period at its frozen age; fast enough for ensembles.

    Parameters
    ----------
    system : who, on which day. A slow state that is held in it is put back at the end of every
        period.
    solver : coarser than that of the map, whose fixed points need more.

    Raises
    ------
    InputError : several dyads.
    """

    system: AveragedSystem
    solver: Solver = COARSE

    def __post_init__(self) -> None:
        _ = self.integrator

    @functools.cached_property
    def integrator(self) -> tuple[Integrator, Solver]:
        """What carries a period: as of the map, which holds nothing."""
        return PoincareMap(replace(self.system, held=()), self.solver).integrator

    @functools.cached_property
    def moving(self) -> list[int]:
        """Positions of the states that move: the fast ones, and the slow ones that are not held."""
        rows = state_rows(self.system.dyad.caregivers)
        return [
            i
            for i, (name, row) in enumerate(rows.items())
            if row.pace == "fast" or name in self.system.names
        ]

    def begun(self, x: FloatArray) -> FloatArray:
        """The full states at midnight of a day over which the slow states have the means `x` (k,
        m), the fast ones on their cycle, (n_states, m).
        """
        m, day, (integrate, solver) = x.shape[1], self.system.day, self.integrator
        y = self.system.cycle(x, np.zeros(m, dtype=np.int64))
        who = day.who.take(np.zeros(m, dtype=np.int64))
        (first,) = realise(day.who, [quiet(as_schedule(self.system.routine))], 0.0, DAY, seeds=[0])
        task = Task(who, self.system.edges, solver, usual=day.usual)
        return centred(task, [((0.0, DAY), [first] * m)], y, {}, integrate, self.system.names)

    def plan(self, level: float = 0.0) -> Realised:
        """The realised period, with stressful life events where their level is not 0."""
        day, schedule = self.system.day, quiet(as_schedule(self.system.routine))
        if level != 0:
            schedule = replace(schedule, interventions=(*schedule.interventions, LifeEvents(level)))
        return realise(day.who, [schedule], 0.0, day.days * DAY, seeds=[0])[0]

    def lives(self, noise: DailyLifeNoise, number: int, seed: int) -> RepeatedDayNoise:
        """Daily lives of some dyads that are all this one."""
        return RepeatedDayNoise(
            [noise] * number, [seed] * number, range(number), self.system.dyad.caregivers
        )

    def integrate_periods(
        self,
        y: FloatArray,
        plans: Sequence[Realised],
        periods: int,
        lives: RepeatedDayNoise | None = None,
    ) -> FloatArray:
        """States (n_states, m) after some periods, each column under a plan of its own.

        Raises
        ------
        InputError : the equations could not be carried.
        """
        day, (integrate, solver) = self.system.day, self.integrator
        who = day.who.take(np.zeros(y.shape[1], dtype=np.int64))
        task = Task(who, self.system.edges, solver, usual=day.usual, noise=lives)
        for _ in range(periods):
            failures: dict[int, str] = {}
            end = integrate(task, plans, y, failures)
            if failures:
                raise InputError(
                    f"the full model could not be followed: {next(iter(failures.values()))}"
                )
            y = y.copy()
            y[self.moving] = end[self.moving]
            if lives is not None:
                lives.lived += day.days * DAY
        return y
