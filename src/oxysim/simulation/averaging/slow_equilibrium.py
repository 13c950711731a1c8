"""Where the slow loop comes to rest from a given start, for thousands of dyads: whole rounds of one
day each.

Every round moves each state of the slow loop the whole way that the day's means ask for; near rest
each dyad's rounds are accelerated (Irons & Tuck 1969). Within the day slow states swing around
their means: held there, recent reward and the adaptation level put the reference mother .1 EPDS
points too high at rest and a symptomatic one .9, since what they pass on is curved. As it is, dyads
rest within .03 points of shorter steps and stricter rounds. A dyad on its way down that has fallen
below a floor is let go: every link of the loop pulls in the same direction, so that nothing lifts
it again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit, logit

from oxysim.arrays import BoolArray, FloatArray
from oxysim.families import Family
from oxysim.model.slow_states import loop_states, slow_row, time_constant
from oxysim.schedule import Routine, Schedule
from oxysim.simulation.averaging.frozen_day import FrozenDay
from oxysim.simulation.equations.system import state_rows
from oxysim.units import DAY

LONGEST = 2.0  # of one move, on the logit scale
NEAR = 0.2  # distance from rest within which rounds are accelerated
FASTEST = 6.0  # longest accelerated move, in multiples of the plain one


@dataclass(frozen=True, eq=False)
class Descent:
    """How a stack of dyads came to rest.

    ``values`` maps a slow state's full name to its value, shape (n,); ``settled`` marks the dyads
    that came to rest above the floor, ``fallen`` those let go below it. The others did neither
    within the rounds, or failed.

    >>> at_rest = {"mother.depression": np.array([5.4])}
    >>> descent = Descent(at_rest, settled=np.array([True]), fallen=np.array([False]))
    >>> descent.settled.tolist(), descent.fallen.tolist()
    ([True], [False])
    """

    values: dict[str, FloatArray]
    settled: BoolArray
    fallen: BoolArray


def descend(
    family: Family, routine: Routine, *, floor: float, step: float, rounds: int = 60
) -> Descent:
    """Bring the slow loop of every dyad from ``who.start`` to rest under the usual day.

    Parameters
    ----------
    who : dyads of one age, which is frozen; vulnerability and taught skills are gone.
    routine : the usual day.
    floor : depression (EPDS points) of the first caregiver below which a dyad is let go.
    step : longest step within the day, min, at most 30.
    rounds : at most so many days.

    >>> descent = descend(Family(), Routine.typical(), floor=13.0, step=30.0)
    >>> descent.fallen.tolist()  # a reference mother lies below 13 points from the start
    [True]
    """
    # methylation takes months, the slow loop weeks
    held = tuple(f"infant.{state}" for state in loop_states("infant"))
    day = FrozenDay(family, Schedule(routine.without_jitter()), {}, 1, step, held)
    loop = SlowLoop(family, {name: i for i, name in enumerate(state_rows(family.caregivers))})
    y, active = day.rest.copy(), np.arange(len(family))
    # slow states swing within the day around the means that are looked for
    means, final = y.copy(), y.copy()
    settled, fallen = np.zeros(len(family), dtype=bool), np.zeros(len(family), dtype=bool)
    pull = Acceleration(len(family))

    for number in range(rounds + 1):
        period = day.run(y, active)
        # to the midnight from which the day's means are those looked for
        midnight = y[loop.places] + means[loop.places] - period.means[loop.places]
        y = period.end.copy()
        y[loop.places] = midnight
        if number == 0:
            continue  # the first day brings the fast states from rest to their cycle
        move = pull.move(loop.residual(period.means, period.rates / DAY))
        loop.shift(y, move)
        loop.shift(means, move)
        final[:, active] = means
        # Logit units: a hundredth of an EPDS point.
        done = np.abs(move).max(axis=0) < 1e-3
        low = ~(means[loop.places[0]] >= floor)  # also what is not a number
        settled[active], fallen[active] = done & ~low, low & np.isfinite(means).all(axis=0)
        stay = ~(done | low)
        if not stay.any():
            break
        # A day costs by the dyad: those that are done leave the stack.
        if not stay.all():
            active, y, means = active[stay], y[:, stay], means[:, stay]
            loop, pull = loop.take(stay), pull.take(stay)
    return Descent(
        {name: final[position] for name, position in zip(loop.names, loop.places, strict=True)},
        settled,
        fallen,
    )


@dataclass(frozen=True, eq=False)
class SlowLoop:
    """The slow states that move, with their places and time constants.

    >>> SlowLoop(Family(), {}).names[0]
    'mother.depression'
    """

    who: Family
    rows: dict[str, int]

    @property
    def names(self) -> list[str]:
        """Full names, the first caregiver's depression first."""
        return [
            f"{member}.{state}"
            for member in self.who.caregivers
            for state in loop_states("caregiver")
        ]

    @property
    def places(self) -> list[int]:
        """Positions in the state vector, in the order of the names."""
        return [self.rows[name] for name in self.names]

    def take(self, chosen: npt.NDArray[Any]) -> SlowLoop:
        """The loop of some of the dyads (a mask)."""
        return SlowLoop(self.who.take(np.flatnonzero(chosen)), self.rows)

    def residual(self, y: FloatArray, rates: FloatArray) -> FloatArray:
        """How far each slow state is from what the day asks for, on its own scale (logit, or as it
        is).
        """
        residuals = []
        for name, position in zip(self.names, self.places, strict=True):
            row, member = slow_row(name), name.partition(".")[0]
            parameters = self.who.resolved().caregivers[self.who.caregivers.index(member)]
            distance = rates[position] * time_constant(row, parameters)
            # The slope of the logit: a distance in points becomes one on the scale on which the
            # state relaxes.
            if row.ceiling is not None:
                share = y[position] / row.ceiling
                distance = distance / (row.ceiling * share * (1 - share))
            residuals.append(np.broadcast_to(distance, y.shape[1:]))
        return np.array(residuals)

    def shift(self, y: FloatArray, move: FloatArray) -> None:
        """Move the slow states in place."""
        for name, position, by in zip(self.names, self.places, move, strict=True):
            top = slow_row(name).ceiling
            y[position] = (
                y[position] + by if top is None else top * expit(logit(y[position] / top) + by)
            )


class Acceleration:
    """Each dyad's own acceleration: the last residual and the last multiple.

    >>> Acceleration(2).move(np.array([[0.1, -5.0]])).tolist()
    [[0.1, -2.0]]
    """

    def __init__(self, n: int) -> None:
        self.before = np.full((1, n), np.nan)
        self.multiple = np.ones(n)

    def take(self, chosen: npt.NDArray[Any]) -> Acceleration:
        """The acceleration of some of the dyads (a mask)."""
        chosen_ones = Acceleration(0)
        chosen_ones.before, chosen_ones.multiple = self.before[:, chosen], self.multiple[chosen]
        return chosen_ones

    def move(self, residual: FloatArray) -> FloatArray:
        """The next move for a residual, shape (n_loop, n)."""
        change = residual - self.before
        with np.errstate(invalid="ignore", divide="ignore"):
            # Aitken's process for vectors: how much further the same direction leads.
            ratio = -self.multiple * (self.before * change).sum(axis=0) / (change**2).sum(axis=0)
        near = (np.abs(residual).max(axis=0) < NEAR) & np.isfinite(ratio)
        self.multiple = np.where(near, np.clip(ratio, 1.0, FASTEST), 1.0)
        self.before = residual
        return self.multiple * np.clip(residual, -LONGEST, LONGEST)


__all__ = ["Descent", "SlowLoop", "Acceleration", "descend"]
