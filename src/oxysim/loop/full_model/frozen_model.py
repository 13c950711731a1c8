r"""The full model at a frozen infant age: one object that runs it for so many days, and its map
over one period.

The Poincaré map, the runs of ensembles and the long simulations that look for missed regimes differ
in tolerance, length and noise alone; what all of them do is in :class:`FrozenModel`: the choice of
the engine, the realised day, and which states move.

    y ↦ Φ(y)   the state at midnight, one period later

A steady cycle is a fixed point of Φ (:class:`PoincareMap`); the Floquet multipliers of the cycle
are the eigenvalues of ∂Φ/∂y there (Guckenheimer & Holmes 1983, sec. 1.5; Strogatz 2015, sec. 8.7):
the cycle is stable where all lie inside the unit circle. The derivative is taken by central
differences of copies integrated side by side at a tight tolerance: by the compiled engine where it
is installed, else by SciPy in one stack that shares its steps.

Outside the map: postpartum vulnerability and skills that nothing teaches (zero), and the
accumulating outputs (M12).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from oxysim.arrays import ComplexArray, FloatArray, IntArray
from oxysim.errors import InputError
from oxysim.loop.averaged_system import AveragedSystem
from oxysim.loop.numerics.differences import beside, central_jacobians
from oxysim.loop.numerics.newton import fixed_points
from oxysim.per_dyad import PerDyad
from oxysim.schedule import Intervention, Realised
from oxysim.simulation.averaging.frozen_day import COMPILES
from oxysim.simulation.averaging.repeating_days import quiet
from oxysim.simulation.engines import Integrator, integrate_stacked, integrator_for
from oxysim.simulation.equations.system import state_rows, variable_rows
from oxysim.simulation.input_pieces import realise, stages_of
from oxysim.simulation.noise_paths import NoisePaths
from oxysim.simulation.recorder import Recorder
from oxysim.simulation.scipy_engine import Solver, Task
from oxysim.units import DAY

TIGHT = Solver(rtol=1e-10)
# of SciPy: all copies share every step, so that their differences hold no noise
STACKED = Solver("DOP853", rtol=1e-7)
STEADY = 1e-8  # of each state's typical size: how far a cycle may be from closing
NUDGE = 5e-4  # of each state's typical size, for central differences
ROUNDS = 12


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

    @functools.cached_property
    def length(self) -> float:
        """Of a run, minutes."""
        return DAY * (self.system.days if self.days is None else self.days)

    @functools.cached_property
    def integrator(self) -> tuple[Integrator, Solver]:
        """What integrates a run: the compiled engine, unless it is not there or the run crosses a
        stage of age. That engine takes the usual signals of one age, that of the day itself.
        """
        first, last = stages_of(self.system.day.age + np.array([0.0, self.length - 1.0]))
        if COMPILES and first == last:
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
        schedule = quiet(self.system.day.schedule, self.system.day.age)
        if interventions:
            schedule = replace(schedule, interventions=(*schedule.interventions, *interventions))
        # one schedule serves all: they share age and day
        dyad = self.system.day.who.take([0])
        return realise(dyad, PerDyad.shared(schedule, 1), 0.0, length or self.length)[0]

    @functools.cached_property
    def plan(self) -> Realised:
        """The realised schedule of a run as the system has it."""
        # a run over the averaged period is over a day that is realised already
        return self.system.day.realised if self.days is None else self.realised()

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


@dataclass(frozen=True, eq=False)
class PoincareMap:
    """The map of one dyad, from its averaged system (who, day, edges, period).

    >>> import oxysim as ox
    >>> poincare = PoincareMap(AveragedSystem(ox.Dyad()))
    >>> near = poincare.system.cycle(poincare.system.start[:, None], copies(1))
    >>> y, gap, _ = poincare.steady(near)
    >>> bool(gap[0] < STEADY)  # the day closes
    True
    """

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
    def model(self) -> FrozenModel:
        """The full model over one period."""
        return FrozenModel(self.system, self.solver, STACKED)

    @functools.cached_property
    def moving(self) -> list[int]:
        """Positions of the states that belong to the map: the fast ones and the averaged system's
        slow ones.
        """
        return self.model.moving

    @functools.cached_property
    def scale(self) -> FloatArray:
        """Each state's typical size, shape (n_states,)."""
        return self.model.scale

    def __call__(self, y: FloatArray, recorder: Recorder | None = None) -> FloatArray:
        """Φ of states of shape (n_states, m); NaN where the equations could not be integrated."""
        task = self.model.task(copies(y.shape[1]), recorder)
        return self.model.after(task, y)

    def derivative(self, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Φ (n_states, m) and ∂Φ/∂y of the states that move, (m, k, k), for states of shape
        (n_states, m).
        """
        # larger than an engine's error, small beside a state's size
        steps = NUDGE * self.scale[self.moving, None]
        images = self(beside(y, self.moving, steps))
        _, slopes = central_jacobians(images[self.moving], steps)
        return images[:, : y.shape[1]], slopes

    def steady(self, y: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Newton's method: cycles near `y` (n_states, m), how far they are from closing (m,),
        ∂Φ/∂y.

        How far is in parts of each state's typical size; what has not converged says so by it.
        """
        k = len(self.moving)
        if y.shape[1] == 0:
            return y, np.zeros(0), np.zeros((0, k, k))
        return fixed_points(
            self.derivative, y, self.moving, self.scale, rounds=ROUNDS, tolerance=STEADY
        )

    def means(self, y: FloatArray) -> list[dict[str, float]]:
        """The mean of every variable over the period from each column of `y`."""
        names = list(variable_rows(self.system.dyad.caregivers))
        day = self.system.day
        # the middles of five-minute steps: a mean by the midpoint rule
        times = np.arange(2.5, day.days * DAY, 5.0)
        ages = np.full(y.shape[1], day.age)
        recorder = Recorder(names, times, ages, self.system.dyad.caregivers)
        self(y, recorder=recorder)
        return [dict(zip(names, row.mean(axis=0).tolist(), strict=True)) for row in recorder.table]


def copies(number: int) -> IntArray:
    """The numbers of columns that are all the first dyad, shape (number,).

    >>> copies(3)
    array([0, 0, 0])
    """
    return np.zeros(number, dtype=np.int64)


def floquet_multipliers(slopes: FloatArray) -> ComplexArray:
    """Floquet multipliers, the largest modulus first.

    >>> floquet_multipliers(np.array([[0.5, 1.0], [0.0, -0.9]]))
    array([-0.9+0.j,  0.5+0.j])
    """
    # NumPy before 2.5 gives real numbers where all are real
    values = np.asarray(np.linalg.eigvals(slopes), dtype=complex)
    return values[np.argsort(-np.abs(values), kind="stable")]
