"""One usual day of thousands of dyads at once, in fixed steps, for the means over the day and
nothing else.

The method is that of :mod:`oxysim.simulation.averaging.exponential_heun`.

Where it is valid: means over one usual day with the slow states held, for searches and tables; in
steps of five minutes what the loop asks for is within .05 logit units of steps of one minute, which
agree with the adaptive engine to .01. Held, recent reward and the adaptation level do not swing
within the day, and what they pass on is curved: against a day on which they swing, what the loop
asks for is off by .04 to .05 logit units in confidence, .02 in bond and .015 in depression at most.
So the loop's resting points are not looked for on it, but on frozen days. It is no course: moments
within the day and doses are for the engines.

Steps never cross an edge of the routine. No error is estimated: the tests hold it against the
adaptive engine. Each dyad's arithmetic is its own, so who shares its stack changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from oxysim.arrays import FloatArray
from oxysim.families import Family
from oxysim.model.clock import clock_input
from oxysim.model.structure import Usual
from oxysim.schedule import Routine, Schedule
from oxysim.simulation.averaging.exponential_heun import StepFactors, heun_step, step_factors
from oxysim.simulation.equations.system import System, fast_places, inputs_of, own_decays
from oxysim.simulation.input_pieces import pieces_of
from oxysim.units import DAY

STEP = 5.0  # min
Levels = dict[str, Any]


@dataclass(frozen=True, eq=False)
class StepKind:
    """Steps of one length under one set of input levels.

    >>> from oxysim.simulation.equations.resting_state import resting_start
    >>> who = Family().repeat(3)
    >>> day = coarse_day(who, Routine.typical(), resting_start(who), step=60.0)
    >>> day.kinds[0].take(np.array([0, 2])).factors.decay.shape[1]
    2
    """

    levels: Levels
    usual: Usual
    factors: StepFactors  # each of shape (n_states, n)

    def take(self, chosen: npt.NDArray[Any]) -> StepKind:
        """The same for some of the dyads."""
        factors = StepFactors(*(table[:, chosen] for table in self.factors))
        return StepKind(self.levels, self.usual, factors)


@dataclass(frozen=True, eq=False)
class CoarseDay:
    """The usual day of a stack of dyads, cut into steps.

    Attributes
    ----------
    kinds : the different kinds of steps.
    steps : (number of the kind, clock time at the start, length) of each step, in minutes.

    >>> from oxysim.simulation.equations.resting_state import resting_start
    >>> who = Family()
    >>> day = coarse_day(who, Routine.typical(), resting_start(who), step=60.0)
    >>> round(sum(length for _, _, length in day.steps))
    1440
    """

    who: Family
    system: System
    kinds: tuple[StepKind, ...]
    steps: tuple[tuple[int, float, float], ...]

    def take(self, chosen: npt.NDArray[Any]) -> CoarseDay:
        """The day of some of the dyads (positions, or a mask)."""
        # Positions from a mask or from positions.
        index = np.arange(len(self.who))[chosen]
        family = self.who.take(index)
        system = System(family.caregivers, family.resolved())
        return CoarseDay(family, system, tuple(kind.take(index) for kind in self.kinds), self.steps)

    def run(self, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The day from `y` at midnight, slow states held: (mean rates of all states, state at the
        end), (n_states, n) each.
        """
        total = np.zeros_like(y)
        for number, start, length in self.steps:
            kind = self.kinds[number]

            def rates(y: FloatArray, time: float, kind: StepKind = kind) -> FloatArray:
                return self._rates(y, time, kind)

            y, integral = heun_step(rates, y, start, length, kind.factors)
            total += integral
        return total / DAY, y

    def _rates(self, y: FloatArray, time: float, kind: StepKind) -> FloatArray:
        inputs = inputs_of(kind.levels, self.who.caregivers, clock_input(time))
        rates = self.system.rates(y, inputs, kind.usual)
        return np.array([np.broadcast_to(rate, y.shape[1:]) for rate in rates])


def coarse_day(family: Family, routine: Routine, y: FloatArray, step: float = STEP) -> CoarseDay:
    """The usual day of `family`, all of one age, in steps of at most `step` minutes; `y` is where
    the decays of the fast states are measured.

    >>> from oxysim.simulation.equations.resting_state import resting_start
    >>> who = Family()
    >>> day = coarse_day(who, Routine.typical(), resting_start(who), step=60.0)
    >>> max(length for _, _, length in day.steps) <= 60.0
    True
    """
    age = float(family.ages()[0])
    usual_day = Schedule(routine.without_jitter())
    pieces = pieces_of(usual_day.realise(age, age + DAY, caregivers=family.caregivers))
    edges = (pieces.edges[:, 0] - age).tolist()
    system, fast = System(family.caregivers, family.resolved()), fast_places(family.caregivers)

    kinds: list[StepKind] = []
    decays: dict[str, FloatArray] = {}
    numbers: dict[tuple[str, float], int] = {}
    steps = []
    for piece, (start, stop) in enumerate(zip(edges[:-1], edges[1:], strict=True)):
        # Equal steps within a piece, so that none crosses an edge.
        count = int(np.ceil((stop - start) / step - 1e-9))
        length = (stop - start) / count
        levels, usual = pieces.inputs(piece), pieces.usual(piece, family.role_of)

        # A day has many pieces but few different levels: decays are measured once for each.
        conditions = repr((levels, int(pieces.stages[piece, 0])))
        if conditions not in decays:

            def rates(nudged: Any, time: Any, levels: Any = levels, usual: Usual = usual) -> Any:
                inputs = inputs_of(levels, family.caregivers, clock_input(time))
                return system.rates(nudged, inputs, usual)

            decays[conditions] = own_decays(rates, y, start, fast)

        # Lengths that differ by rounding are one kind.
        key = (conditions, round(length, 6))
        if key not in numbers:
            numbers[key] = len(kinds)
            kinds.append(StepKind(levels, usual, step_factors(decays[conditions], length)))
        steps += [(numbers[key], start + i * length, length) for i in range(count)]
    return CoarseDay(family, system, tuple(kinds), tuple(steps))
