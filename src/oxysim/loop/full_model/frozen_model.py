"""The full model at a frozen infant age: one object that runs it for so many days.

The Poincaré map, the runs of ensembles and the long simulations that look for missed regimes differ
in tolerance, length and noise alone; what all of them do is here: the choice of the engine, the
realised day, and which states move.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from oxysim.arrays import FloatArray, IntArray
from oxysim.loop.averaged_system import AveragedSystem
from oxysim.per_dyad import PerDyad
from oxysim.schedule import Intervention, Realised, as_schedule
from oxysim.simulation.averaging.frozen_day import COMPILES, quiet
from oxysim.simulation.engines import Integrator, integrate_stacked, integrator_for
from oxysim.simulation.equations.system import state_rows
from oxysim.simulation.input_pieces import realise, stages_of
from oxysim.simulation.noise_paths import NoisePaths
from oxysim.simulation.recorder import Recorder
from oxysim.simulation.scipy_engine import Solver, Task
from oxysim.units import DAY


@dataclass(frozen=True, eq=False)
class FrozenModel:
    """The full model of the dyads of an averaged system, from midnight over some days at their age.

    Parameters
    ----------
    system : who, on which day, under which edges: one dyad, or an ensemble of one age.
    solver : of the compiled engine.
    stacked_solver : of SciPy, where that engine is not installed or cannot serve.
    days : length of a run; default the period of the system's own day.

    >>> import oxysim as ox
    >>> model = FrozenModel(AveragedSystem(ox.Dyad()), Solver(rtol=1e-4), Solver("RK45", rtol=1e-4))
    >>> model.length
    1440.0
    """

    system: AveragedSystem
    solver: Solver
    stacked_solver: Solver
    days: int | None = None

    @property
    def length(self) -> float:
        """Of a run, minutes."""
        return DAY * (self.system.days if self.days is None else self.days)

    @functools.cached_property
    def integrator(self) -> tuple[Integrator, Solver]:
        """What integrates a run: the compiled engine, unless it is not there or the run crosses a
        stage of age. That engine takes the usual signals of one age, that of the day itself.
        """
        # all dyads have one age
        age = self.system.day.who.ages()[:1]
        one_stage = stages_of(age)[0] == stages_of(age + self.length - 1.0)[0]
        if COMPILES and one_stage:
            return integrator_for("compiled"), self.solver
        return integrate_stacked, self.stacked_solver

    @functools.cached_property
    def moving(self) -> list[int]:
        """Positions of the states that move: the fast ones, and the system's slow ones.

        What is held in the system stays where it is, and so does what drives nothing (M12) or
        fades.
        """
        rows = state_rows(self.system.dyad.caregivers)
        return [
            position
            for position, (name, row) in enumerate(rows.items())
            if row.pace == "fast" or name in self.system.names
        ]

    @functools.cached_property
    def scale(self) -> FloatArray:
        """Each state's typical size, shape (n_states,)."""
        return np.array([row.scale for row in state_rows(self.system.dyad.caregivers).values()])

    def realised(self, *interventions: Intervention, length: float | None = None) -> Realised:
        """The realised schedule of a run, with interventions on top of the system's own day.

        Parameters
        ----------
        length : minutes from midnight; default that of a run.
        """
        schedule = quiet(as_schedule(self.system.routine))
        if interventions:
            schedule = replace(schedule, interventions=(*schedule.interventions, *interventions))
        # one schedule serves all: they share age and day
        dyad = self.system.day.who.take([0])
        return realise(dyad, PerDyad.shared(schedule, 1), 0.0, length or self.length)[0]

    @functools.cached_property
    def plan(self) -> Realised:
        """The realised schedule of a run as the system has it."""
        return self.realised()

    def task(
        self, dyads: IntArray, recorder: Recorder | None = None, noise: NoisePaths | None = None
    ) -> Task:
        """What an engine needs to know of columns, given by the numbers of their dyads (m,)."""
        family = self.system.day.who.take(dyads)
        usual = self.system.day.usual
        solver = self.integrator[1]
        return Task(family, self.system.edges, solver, recorder, usual=usual, noise=noise)

    def after(
        self,
        task: Task,
        y: FloatArray,
        plans: Sequence[Realised] | None = None,
        failures: dict[int, str] | None = None,
    ) -> FloatArray:
        """States (n_states, m) at the end of one run; NaN in what moves where it failed.

        Parameters
        ----------
        task : from :meth:`task`, whose columns are those of `y`.
        plans : a realised schedule a column; default the system's own for all.
        failures : gets the reason of each column that failed.
        """
        integrate, _ = self.integrator
        own_plans = PerDyad.shared(self.plan, y.shape[1]) if plans is None else PerDyad.of(plans)
        end = integrate(task, own_plans, y, {} if failures is None else failures)

        # what does not move is put back as it was
        after = y.copy()
        after[self.moving] = end[self.moving]
        return after


def copies(number: int) -> IntArray:
    """The numbers of columns that are all the first dyad, shape (number,).

    >>> copies(3)
    array([0, 0, 0])
    """
    return np.zeros(number, dtype=np.int64)
