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
from typing import Any

import numpy as np

from oxysim import checks
from oxysim.arrays import FloatArray, IntArray
from oxysim.errors import InputError
from oxysim.interventions import LifeEvents
from oxysim.loop.averaged_system import AveragedSystem
from oxysim.loop.full_model.poincare_map import FullMap
from oxysim.loop.resilience.basins import UNDECIDED, Basins, Ends
from oxysim.progress import Bar, counting
from oxysim.schedule import Noise, Realised, as_schedule
from oxysim.simulation.averaging.frozen_day import quiet
from oxysim.simulation.engines import Integrator, for_ensembles
from oxysim.simulation.equations.system import state_rows
from oxysim.simulation.initial_state import centred
from oxysim.simulation.input_pieces import realise
from oxysim.simulation.noise_paths import NoisePaths
from oxysim.simulation.scipy_engine import Solver, Task
from oxysim.units import DAY, HOUR

COARSE = for_ensembles(1e-4)
LOOK = 21  # days between two looks whether a course has arrived
LONGEST = 1512  # days until a course must have arrived, about as of the averaged system


class FrozenLives(NoisePaths):
    """Daily lives on a day that is lived again and again: each time the noise is that of the day
    that would be next.
    """

    lived = 0.0
    """Minutes that were lived before the day at hand."""

    def between(self, index: IntArray, firsts: Sequence[int], count: int) -> FloatArray:
        hours = round(self.lived / HOUR)
        return super().between(index, [first + hours for first in firsts], count)


@dataclass(frozen=True, eq=False)
class FrozenCourses:
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
        return FullMap(replace(self.system, held=()), self.solver).integrator

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

    def lives(self, noise: Noise, number: int, seed: int) -> FrozenLives:
        """Daily lives of some dyads that are all this one."""
        return FrozenLives(
            [noise] * number, [seed] * number, range(number), self.system.dyad.caregivers
        )

    def integrate_periods(
        self,
        y: FloatArray,
        plans: Sequence[Realised],
        periods: int,
        lives: FrozenLives | None = None,
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


def full_ends(
    found: Ends, y: FloatArray, *, solver: Solver = COARSE, bar: Bar | None = None
) -> IntArray:
    """In which of the averaged system's stable regimes the full model ends from each state, or
    UNDECIDED.

    Parameters
    ----------
    found : the regimes, from :func:`~oxysim.loop.resilience.basins.ends`. y : states at midnight,
        shape (n_states, m).

    Raises
    ------
    InputError : the equations could not be carried.
    """
    courses, places = FrozenCourses(found.system, solver), np.array(found.system.places)
    plan, y = courses.plan(), y.copy()
    arrived, bar = found.regime_of(y[places]), bar or Bar("start")
    bar.advance(int((arrived != UNDECIDED).sum()))
    for _ in range(LONGEST // LOOK):
        going = np.flatnonzero(arrived == UNDECIDED)
        if not len(going):
            break
        y[:, going] = courses.integrate_periods(
            y[:, going], [plan] * len(going), LOOK // found.system.days
        )
        arrived[going] = found.regime_of(y[np.ix_(places, going)])
        bar.advance(int((arrived[going] != UNDECIDED).sum()))
    return arrived


def full_basins(
    basins: Basins, *, solver: Solver = COARSE, progress: bool | None = None
) -> IntArray:
    """The same grid of starts followed by the full model: number of the regime each ends in, shape
    (ny, nx).

    The fast states begin on their cycle under each start.

    Parameters
    ----------
    basins : what :func:`~oxysim.loop.resilience.basins.basins` found. solver : of the full model.
    progress : whether to show how far it has come; default on a terminal and in a notebook.

    Raises
    ------
    InputError : as by :func:`full_ends`.
    """
    checks.instance(basins, "basins", Basins, "what basins(system, x, y) found")
    solver = _solver(solver)
    found, names = basins.ends, basins.ends.system.names
    x = np.empty((len(names), basins.regime.size))
    for i, name in enumerate(names):
        if name in basins.start:
            x[i] = basins.start[name]
    x[[names.index(name) for name in basins.names]] = np.array(
        np.meshgrid(basins.x, basins.y)
    ).reshape(2, -1)
    y = FrozenCourses(found.system, solver).begun(x)
    with counting(basins.regime.size, "basins of the full model", "start", progress) as bar:
        return full_ends(found, y, solver=solver, bar=bar).reshape(basins.regime.shape)


def full_pulses(
    found: Ends,
    days: Sequence[float],
    level: Sequence[float],
    *,
    solver: Solver = COARSE,
    progress: bool | None = None,
) -> IntArray:
    """In which regime the full model ends after stressful life events, from the lowest regime,
    shape (n,).

    Parameters
    ----------
    found : the regimes. days : how long each lasts, whole periods of the day. level : how much, in
        standard deviations of daily life, both of shape (n,).
    progress : whether to show how far it has come; default on a terminal and in a notebook.

    Raises
    ------
    InputError : shapes that differ, a length that is no whole number of periods; and as by
    :func:`full_ends`.
    """
    checks.instance(found, "found", Ends, "the regimes of averaged days, from ends(system)")
    courses = FrozenCourses(found.system, _solver(solver))
    length, size = checks.array(days, "days", (None,)), checks.array(level, "level", (None,))
    periods = length / found.system.days
    if length.shape != size.shape:
        raise InputError(
            f"expected as many durations as levels, at least one; found {days!r} and {level!r}"
        )
    if not ((periods >= 1) & (periods == np.round(periods))).all():
        raise InputError(f"days: expected whole periods of {found.system.days} d; found {days!r}")
    plans = [courses.plan(one) for one in size.tolist()]
    y = np.repeat(courses.begun(found.stable[:, :1]), len(length), axis=1)
    with counting(len(length), "pulses of the full model", "start", progress) as bar:
        return _after_pulses(courses, found, (y, periods, plans), bar)


def _after_pulses(
    courses: FrozenCourses,
    found: Ends,
    pulses: tuple[FloatArray, FloatArray, list[Realised]],
    bar: Bar,
) -> IntArray:
    """In which regime each of the states (n_states, n) ends after so many periods
    of its own plan.
    """
    (y, periods, plans), elapsed = pulses, 0
    # all that still go on, to the next end of one
    for until in np.unique(periods).astype(int).tolist():
        going = np.flatnonzero(periods >= until)
        y[:, going] = courses.integrate_periods(
            y[:, going], [plans[i] for i in going], until - elapsed
        )
        elapsed = until
    return full_ends(found, y, solver=courses.solver, bar=bar)


def _solver(solver: Any) -> Solver:
    return checks.instance(solver, "solver", Solver, "a Solver, such as Solver(rtol=1e-4)")
