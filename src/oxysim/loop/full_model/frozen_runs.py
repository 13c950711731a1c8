"""Runs of the full model at a frozen infant age: one day again and again, under stress and
daily-life noise.

``simulate`` lets the infant grow older, and with it the usual day and the usual signals change
(until 12 months, when the last stage begins). Here the full model's map
(:mod:`oxysim.loop.full_model.frozen_model`) is applied over and over, so that the averaged system's
answers can be held against the full model on the same day.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from oxysim.arrays import FloatArray, IntArray
from oxysim.errors import InputError
from oxysim.interventions import LifeEvents
from oxysim.loop.averaged_system import AveragedSystem
from oxysim.loop.full_model.frozen_model import STACKED, FrozenModel, PoincareMap, copies
from oxysim.per_dyad import PerDyad
from oxysim.schedule import DailyLifeNoise, Realised
from oxysim.simulation.engines import for_ensembles
from oxysim.simulation.noise_paths import NoisePaths
from oxysim.simulation.scipy_engine import Solver
from oxysim.simulation.start.centring import DayWindow, centred
from oxysim.units import DAY, HOUR

COARSE = for_ensembles(1e-4)


class RepeatedDayNoise(NoisePaths):
    """The noise of daily life on a day that is repeated: each time that of the day that would be
    next.

    >>> import oxysim as ox
    >>> noise = RepeatedDayNoise([ox.DailyLife().noise], [1], [0], ("mother",))
    >>> noise.elapsed
    0.0
    """

    elapsed = 0.0
    """Minutes before the day at hand."""

    def between(self, index: IntArray, firsts: Sequence[int], count: int) -> FloatArray:
        # noise is drawn by the hour
        hours = round(self.elapsed / HOUR)
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

    >>> import oxysim as ox
    >>> runs = FrozenRuns(AveragedSystem(ox.Dyad(), held=("infant.methylation",)))
    >>> len(runs.model.moving) < len(runs.model.scale)  # what is held does not move
    True
    """

    system: AveragedSystem
    solver: Solver = COARSE

    def __post_init__(self) -> None:
        # what the map refuses is refused here: several dyads
        _ = PoincareMap(replace(self.system, held=()), self.solver)

    @functools.cached_property
    def model(self) -> FrozenModel:
        """The full model over one period, with SciPy as precise as for the map."""
        return FrozenModel(self.system, self.solver, STACKED)

    def states_of_means(self, x: FloatArray) -> FloatArray:
        """The full states at midnight of a day over which the slow states have the means `x` (k,
        m), the fast ones on their cycle, (n_states, m).
        """
        m, (integrate, _) = x.shape[1], self.model.integrator
        y = self.system.cycle(x, copies(m))
        # the midnight of these means is sought from the means themselves
        y[self.system.places] = x
        # means are taken over a day, whatever the period is
        first_day = self.model.realised(length=DAY)
        day = [DayWindow(0.0, DAY, PerDyad.shared(first_day, m))]
        return centred(self.model.task(copies(m)), day, y, {}, integrate, self.system.names)

    def plan(self, level: float = 0.0) -> Realised:
        """The realised period, with stressful life events where their level is not 0."""
        return self.model.realised(*([LifeEvents(level)] if level != 0 else []))

    def daily_lives(self, noise: DailyLifeNoise, number: int, seed: int) -> RepeatedDayNoise:
        """The noise in the daily lives of some dyads that are all this one."""
        caregivers = self.system.dyad.caregivers
        return RepeatedDayNoise([noise] * number, [seed] * number, range(number), caregivers)

    def integrate_periods(
        self,
        y: FloatArray,
        plans: Sequence[Realised],
        periods: int,
        noise: RepeatedDayNoise | None = None,
    ) -> FloatArray:
        """States (n_states, m) after some periods, each column under a plan of its own.

        Raises
        ------
        InputError : the equations could not be integrated.
        """
        task = self.model.task(copies(y.shape[1]), noise=noise)
        for _ in range(periods):
            failures: dict[int, str] = {}
            y = self.model.after(task, y, plans, failures)
            # one lost dyad would leave an ensemble that is not the one asked for
            if failures:
                raise InputError(
                    f"the full model could not be followed: {next(iter(failures.values()))}"
                )
            if noise is not None:
                noise.elapsed += self.model.length
        return y
