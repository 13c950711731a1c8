r"""How far the averaged system is from the full model, measured: months of courses of many dyads,
side by side.

The averaged course follows each dyad through the stages of infant age (the day of each stage's
first day stands for the stage), with the postpartum vulnerability V(t) = V_0·exp(−t/τ_V) added to
what depression relaxes to, where it acts in the full model too. A dyad's start is the mean of its
first day, so that the averaged course, too, passes there at noon. Jitter and noise are off on both
sides. The full model is read at midnight, so that the swing of depression within the day (about a
tenth of a point) is part of the error.

Averaging fails where little decides: beside the separatrix between two regimes a small error is
enough to end in the other one. Those dyads are named beforehand, from averaged courses alone: the
ones whose courses part by more than a point when they start half a point apart.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from oxysim import checks, units
from oxysim.arrays import FloatArray
from oxysim.errors import InputError
from oxysim.families import Family, combine
from oxysim.loop.averaged_system import AveragedSystem
from oxysim.model.slow_states import regime_state, set_point, slow_row, slow_rows, time_constant
from oxysim.progress import Bar, counting
from oxysim.schedule import STAGES, Routine, as_schedule
from oxysim.simulation.averaging.exponential_heun import heun_step, step_factors
from oxysim.simulation.averaging.repeating_days import quiet
from oxysim.simulation.equations.resting_state import resting_start
from oxysim.simulation.equations.system import state_rows
from oxysim.simulation.scipy_engine import Solver
from oxysim.simulation.simulate import simulate
from oxysim.texts import Described
from oxysim.units import DAY

# days, of the averaged course: momentary mood and recent reward move within a week, and with steps
# of one newborns' dyads that fall ill quickly were .6 points off, in place of .16
STEP = 3.5
# days, of the courses beside it, whose days are coarse too: they say which dyads little decides
LONG = 14.0
FEW = 8  # dyads that are run so that everything is compiled: they fill the lanes
BESIDE = 0.25  # EPDS points to each side, for the question which dyads little decides
PARTED = 1.0  # EPDS points apart at any time, from where a dyad is doubtful


@dataclass(frozen=True, eq=False)
class AveragingError(Described):
    """What was measured.

    Attributes
    ----------
    table : one row a dyad: `error`, the largest distance in EPDS points at any week; `end`, that at
        the end; `doubtful`, whether averaging was not to be trusted there, judged from averaged
        courses alone; `reason`, why the full model has no course to compare with, if so (then the
        errors are NaN).
    days : days after the start, shape (n_times,). averaged, full : EPDS, shape (n, n_times).
    seconds : wall time of the averaged courses, of the two beside each, and of the full ones; what
        is compiled is compiled before.

    >>> table = pd.DataFrame({"error": [0.2, 0.1, 3.0], "doubtful": [False, False, True]})
    >>> epds = np.zeros((3, 2))
    >>> measured = AveragingError(table, np.arange(2), epds, epds, seconds=(1.0, 1.0, 9.0))
    >>> measured.median, measured.worst
    (0.2, 0.2)
    """

    table: pd.DataFrame
    days: FloatArray
    averaged: FloatArray
    full: FloatArray
    seconds: tuple[float, float, float]

    @property
    def median(self) -> float:
        """Median over dyads of the largest error, EPDS points."""
        return float(self.table["error"].median())

    @property
    def worst(self) -> float:
        """The largest error of all dyads that are not doubtful, EPDS points."""
        return float(self.table.loc[~self.table["doubtful"], "error"].max())

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it prints as."""
        return "Averaging error", [("", str(self))]

    def __str__(self) -> str:
        doubtful, all_worst = int(self.table["doubtful"].sum()), float(self.table["error"].max())
        return (
            f"averaged against full over {self.days[-1]:.0f} days, {len(self.table)} dyads: largest"
            f" EPDS error of a course {self.median:.3f} points in the median, {self.worst:.3f} in"
            f" the worst dyad; {doubtful} doubtful dyads left out of the worst (with them"
            f" {all_worst:.3f}); {self.seconds[0]:.1f} s averaged, {self.seconds[1]:.1f} s to judge"
            f" which are doubtful, {self.seconds[2]:.1f} s full"
        )


def averaging_error(
    dyads: Family, routine: Any = None, duration: str = "18 months", *, progress: bool | None = None
) -> AveragingError:
    """Follow dyads of one age by the averaged system and by the full model, week by week.

    Parameters
    ----------
    dyads : n dyads of one caregiver and one infant age.
    routine : a routine, or a schedule whose interventions come back every day; default the typical
        day.
    progress : whether to show how far it has come; default on a terminal and in a notebook.

    Raises
    ------
    InputError, UnitError, ScheduleError : before anything runs.

    >>> import oxysim as ox
    >>> error = averaging_error(ox.Dyad(infant_age="6 months"), duration="7 d")  # doctest: +SKIP
    >>> error.worst < 0.05  # EPDS points  # doctest: +SKIP
    True
    """
    checks.instance(dyads, "dyads", Family, "a Dyad, or an ensemble of dyads of one age")
    if len(dyads.caregivers) != 1:
        raise InputError(
            f"averaging_error: expected dyads of one caregiver; found {dyads.caregivers!r}"
        )
    length = units.duration(duration, "duration") / DAY
    day = as_schedule(Routine.typical() if routine is None else routine)
    schedule = quiet(day, float(dyads.ages()[0]))
    with counting(3, "averaging error", "course", progress) as bar:
        return _measured(dyads, schedule, duration, length, bar)


def _measured(
    dyads: Family, schedule: Any, duration: str, length: float, bar: Bar
) -> AveragingError:
    n = len(dyads)
    # what is compiled on the way is compiled before the clock starts
    _compiled_before(dyads, schedule)
    clock = [time.perf_counter()]
    days, averaged = averaged_course(dyads, schedule, length)
    clock.append(time.perf_counter())
    bar.advance()
    # who parts from a neighbour half a point away lies beside a separatrix
    beside = averaged_course(_neighbours(dyads), schedule, length, coarse=True)[1]
    parted = np.abs(beside[:n] - beside[n:]).max(axis=1)
    clock.append(time.perf_counter())
    bar.advance()
    saved = [f"{day:.9g} d" for day in days]
    run = simulate(
        dyads,
        schedule,
        duration,
        start="00:00",
        save=saved,
        variables=[f"{dyads.caregivers[0]}.epds"],
        solver=Solver(rtol=1e-5),
    )
    full = np.asarray(run[f"{dyads.caregivers[0]}.epds"].values)
    # both at midnight, so that the swing within the day counts as error
    distance = np.abs(averaged - full)
    table = pd.DataFrame(
        {
            "dyad": list(dyads.numbers),
            "error": distance.max(axis=1),
            "end": distance[:, -1],
            "doubtful": parted > PARTED,
            "reason": [run.reasons.get(i, "") for i in range(n)],
        }
    )
    clock.append(time.perf_counter())
    bar.advance()
    first, second, third = np.diff(clock).tolist()
    return AveragingError(table, days, averaged, full, (first, second, third))


def _compiled_before(dyads: Family, schedule: Any) -> None:
    """A day of a few dyads both ways, so that no clock tells how long compiling takes."""
    # a few dyads fill the lanes: the rest would compile nothing new
    few = dyads.take(np.arange(min(len(dyads), FEW)))
    averaged_course(few, schedule, 1.0)
    simulate(few, schedule, "1 d", start="00:00", save="daily", solver=Solver(rtol=1e-5))


def averaged_course(
    dyads: Family, schedule: Any, length: float, *, coarse: bool = False
) -> tuple[FloatArray, FloatArray]:
    """Days (n_times,), half a week apart at most, and averaged EPDS (n, n_times) of dyads that grow
    older.

    `coarse` takes steps of two weeks, on days in steps of twice the length: in a quarter of the
    time.

    >>> from oxysim.schedule import Routine, Schedule
    >>> day = Schedule(Routine.typical())
    >>> days, epds = averaged_course(Family(), day, 7.0, coarse=True)  # doctest: +SKIP
    >>> days.tolist(), epds.shape  # doctest: +SKIP
    ([0.0, 7.0], (1, 2))
    """
    age = float(dyads.ages()[0]) / DAY
    # the usual day changes at the stages of infant age
    marks = [0.0, *[float(day) - age for day in STAGES if age < day < age + length], length]
    x: FloatArray | None = None
    times, values = [0.0], []
    for first, last in zip(marks[:-1], marks[1:], strict=True):
        dyads_of_age = dyads.replace(infant_age=f"{age + first:.9g} d")
        # averages of the stage's own day; rough ones where only neighbours are compared
        system = AveragedSystem(dyads_of_age, schedule, settle=1, step=10.0 if coarse else 5.0)
        course = _Course(system, system.day.rest[system.places] if x is None else x)
        if x is None:  # a start is the mean of its day: midnight lies half a day before
            course.move(system.stretched(course.x) - course.speed(0.0) / 2)
            values.append(system.epds(course.x))
        # whole steps to the end of the stage
        count = int(np.ceil((last - first) / (LONG if coarse else STEP) - 1e-9))
        length_of_step = (last - first) / count
        for i in range(count):
            # days within the stage, whose dyads are as old as at its beginning
            course.step(i * length_of_step, length_of_step)
            times.append(first + (i + 1) * length_of_step)
            values.append(system.epds(course.x))
        x = course.x
    return np.array(times), np.array(values).T


class _Course:
    """The averaged course of dyads through one age: slow states at means `x` (k, n), and the full
    states `y` behind them, which follow from step to step.
    """

    def __init__(self, system: AveragedSystem, x: FloatArray) -> None:
        self.system, self.x = system, x
        self.index = np.arange(x.shape[1])
        self.y = system.cycle(x, self.index)

    def move(self, z: FloatArray) -> None:
        """Go to slow states at `z`, on their own scales, with the swing that they have."""
        system, places = self.system, self.system.places
        by = z - system.stretched(self.x)
        self.y[places] = system.natural(system.stretched(self.y[places]) + by)
        self.x = system.natural(z)

    def speed(self, days: float) -> FloatArray:
        """d(slow states on their own scales)/dt per day where the course is, so many days on."""
        system, who = self.system, self.system.day.who
        rates, self.y = system.period(self.y, self.x, self.index)
        speed = rates / system.spread(self.x)
        # vulnerability adds to what depression relaxes to, here on depression's own scale
        time = time_constant(slow_row(system.names[0]), who.resolved().caregivers[0]) / DAY
        speed[0] += _vulnerability(who, days) / time
        return speed

    def step(self, days: float, length: float) -> None:
        """On by so many days: exponential Heun, as a step is long beside the two days of reward."""

        def rates(z: FloatArray, days_on: float) -> FloatArray:
            self.move(z)
            return self.speed(days_on)

        z = self.system.stretched(self.x)
        decay = np.broadcast_to(1 / self.system.times[:, None], z.shape)
        self.move(heun_step(rates, z, days, length, step_factors(decay, length))[0])


def _vulnerability(dyads: Family, days: float) -> FloatArray:
    """What is left of the postpartum vulnerability after so many days, shape (n,)."""
    parameters, age = dyads.resolved().caregivers[0], dyads.ages() + days * DAY
    # by name: the drive of birth fades too, and is no part of depression
    return np.asarray(set_point(slow_rows("caregiver")["vulnerability"], parameters, age))


def _neighbours(dyads: Family) -> Family:
    """The dyads a little lower in depression than they start, and a little higher: two times n."""
    name = regime_state(dyads.caregivers[0])
    row = list(state_rows(dyads.caregivers)).index(name)
    begun = resting_start(dyads)[row]
    # inside the scale, where the logit is finite
    beside = [np.maximum(begun - BESIDE, 0.1), np.minimum(begun + BESIDE, 29.9)]
    age = f"{float(dyads.ages()[0]) / DAY:.9g} d"
    return combine([dyads.with_start({name: value}) for value in beside]).replace(infant_age=age)
