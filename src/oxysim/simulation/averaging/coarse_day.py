r"""One usual day of thousands of dyads at once, in fixed steps, for the means over the day and
nothing else.

Exponential Heun (ETD2RK, Cox & Matthews 2002) with the diagonal of the Jacobian: each fast state's
own decay is carried exactly, what drives it by a second-order rule, so that steps of five minutes
hold states that relax within four::

    a  = y + h·φ1(−kh)·f(y)
    y' = a + h·φ2(−kh)·((f(a) + k·a) − (f(y) + k·y))

Where it is valid: means over one usual day with the slow states held, for searches and tables; in
steps of five minutes what the loop asks for is within .05 logit units of steps of one minute, which
agree with the adaptive engine to .01. It is no course: moments within the day and doses are for the
engines.

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
from oxysim.per_dyad import PerDyad
from oxysim.schedule import Routine, Schedule
from oxysim.simulation.equations.system import COMPLEX_STEP, System, inputs_of, state_rows
from oxysim.simulation.input_pieces import realise, stacked_pieces, without_jitter
from oxysim.units import DAY

STEP = 5.0  # min
Levels = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Pace:
    """Steps of one length under one set of input levels: the levels, the usual signals, and each
    fast state's factors.
    """

    levels: Levels
    usual: Usual
    decay: FloatArray  # k, per min, shape (n_states, n); 0 where held
    first: FloatArray  # h·φ1(−kh), 0 where held
    second: FloatArray  # h·φ2(−kh), 0 where held

    def take(self, chosen: npt.NDArray[Any]) -> Pace:
        """The same for some of the dyads."""
        kept = [table[:, chosen] for table in (self.decay, self.first, self.second)]
        return Pace(self.levels, self.usual, *kept)


@dataclass(frozen=True, eq=False)
class CoarseDay:
    """The usual day of a stack of dyads, cut into steps.

    ``steps`` lists (number of the pace, clock time at the start, length).
    """

    who: Family
    system: System
    paces: tuple[Pace, ...]
    steps: tuple[tuple[int, float, float], ...]

    def take(self, chosen: npt.NDArray[Any]) -> CoarseDay:
        """The day of some of the dyads (positions, or a mask)."""
        index = np.arange(len(self.who))[chosen]
        who = self.who.take(index)
        system = System(who.caregivers, who.resolved())
        return CoarseDay(who, system, tuple(pace.take(index) for pace in self.paces), self.steps)

    def run(self, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The day from `y` at midnight, slow states held: (mean rates of all states, state at the
        end), (n_states, n) each.
        """
        total = np.zeros_like(y)
        for number, start, length in self.steps:
            pace = self.paces[number]
            at_start = self._rates(y, start, pace)
            halfway = y + pace.first * at_start
            at_end = self._rates(halfway, start + length, pace)
            total += (at_start + at_end) * (length / 2)
            y = halfway + pace.second * (at_end - at_start + pace.decay * (halfway - y))
        return total / DAY, y

    def _rates(self, y: FloatArray, time: float, pace: Pace) -> FloatArray:
        inputs = inputs_of(pace.levels, self.who.caregivers, clock_input(time))
        found = self.system.rates(y, inputs, pace.usual)
        return np.array([np.broadcast_to(rate, y.shape[1:]) for rate in found])


def coarse_day(who: Family, routine: Routine, y: FloatArray, step: float = STEP) -> CoarseDay:
    """The usual day of `who`, all of one age, in steps of at most `step` minutes; `y` is where its
    paces are measured.
    """
    one = who.take([0])
    usual_day = without_jitter(PerDyad.shared(Schedule(routine), 1))
    plan = realise(one, usual_day, 0.0, DAY)
    (table,) = stacked_pieces(plan, one.ages(), PerDyad.shared(np.empty(0), 1), apart=False)
    system = System(who.caregivers, who.resolved())
    edges = (table.edges[:, 0] - one.ages()[0]).tolist()
    paces: list[Pace] = []
    decays: dict[str, FloatArray] = {}
    places: dict[tuple[str, float], int] = {}
    steps = []
    for piece, (start, stop) in enumerate(zip(edges[:-1], edges[1:], strict=True)):
        count = int(np.ceil((stop - start) / step - 1e-9))
        length = (stop - start) / count
        levels, usual = table.inputs(piece), table.usual(piece, who.role_of)
        same = repr((levels, int(table.stages[piece, 0])))
        if same not in decays:
            decays[same] = _decay(
                system, y, inputs_of(levels, who.caregivers, clock_input(start)), usual
            )
        key = (same, round(length, 6))
        if key not in places:
            places[key] = len(paces)
            paces.append(_pace(levels, usual, decays[same], length))
        steps += [(places[key], start + i * length, length) for i in range(count)]
    return CoarseDay(who, system, tuple(paces), tuple(steps))


def _pace(levels: Levels, usual: Usual, decay: FloatArray, length: float) -> Pace:
    moves = decay > 0
    kh = np.where(moves, decay * length, 1.0)
    first = np.where(moves, -np.expm1(-kh) / kh, 0.0) * length
    second = np.where(moves, (np.exp(-kh) - 1 + kh) / kh**2, 0.0) * length
    return Pace(levels, usual, decay, first, second)


def _decay(system: System, y: FloatArray, inputs: Any, usual: Usual) -> FloatArray:
    """k: how fast each fast state forgets itself, per min; 0 for the slow ones, which are held."""
    decay = np.zeros_like(y)
    for i, row in enumerate(state_rows(system.caregivers).values()):
        if row.pace == "fast":
            nudged = y.astype(complex)
            nudged[i] += 1j * COMPLEX_STEP
            own = np.imag(system.rates(nudged, inputs, usual)[i]) / COMPLEX_STEP
            decay[i] = np.maximum(-own, 1e-9)  # a state that did not decay would still have to move
    return decay
