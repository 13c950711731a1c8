"""The equations as they are written, at one moment: for whoever wants to step through them.

A solver never calls the equations that a reader reads: they are traced once, and what runs is the
code that was written down on the way (docs/compiled_engine.md). Here they are called as plain
Python with plain numbers, so that a breakpoint in a mechanism is hit with the values that it has
there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from oxysim import units
from oxysim.families import Family
from oxysim.model.clock import clock_input
from oxysim.per_dyad import PerDyad
from oxysim.schedule import as_schedule
from oxysim.simulation.equations.resting_state import resting_start
from oxysim.simulation.equations.system import System, inputs_of, state_rows
from oxysim.simulation.input_pieces import realise, stages_of
from oxysim.simulation.reference_signals import usual_signals


def plain_rates(
    who: Family, schedule: Any, at: str = "10:00", states: Mapping[str, float] | None = None
) -> dict[str, float]:
    """d(state)/dt of every state of one dyad, per minute, by the equations as they are written.

    Call this once, set a breakpoint in a mechanism or in ``model/household.py``, and call it again:
    the breakpoint is hit once, with numbers. (The first call of a process traces the equations on
    its way to the usual signals, so that a breakpoint would stop there too, with symbols.)

    Parameters
    ----------
    who : one dyad or family; of an ensemble, the first.
    schedule : its day, as for :func:`oxysim.simulate`.
    at : clock time of the first simulated day.
    states : values of states by full name ("mother.cortisol"); the others are at rest.

    Raises
    ------
    UnitError : `at` is no clock time. ScheduleError : the schedule cannot be as it is.

    >>> from oxysim.families import Dyad
    >>> from oxysim.schedule import Routine
    >>> rates = plain_rates(Dyad(), Routine.typical(), states={"mother.cortisol": 900.0})
    >>> rates["mother.cortisol"] < 0  # from so high it falls
    True
    """
    dyad = who.take([0])
    time, age = units.clock(at, "at"), float(dyad.ages()[0])

    days = PerDyad.shared(as_schedule(schedule), 1)
    # The whole day is laid out: an hour by itself might lie before the first dose.
    (plan,) = realise(dyad, days, 0.0, units.DAY)
    born = np.array([age + time])
    levels = {member: plan.inputs_at(member, born)[0].tolist() for member in plan.levels}
    inputs = inputs_of(levels, dyad.caregivers, clock_input(age + time))
    usual = usual_signals(dyad.role_of, int(stages_of(born)[0]))

    rows = state_rows(dyad.caregivers)
    # Plain floats, not arrays of one: that is what a debugger shows best.
    values = dict(zip(rows, resting_start(dyad)[:, 0].tolist(), strict=True)) | dict(states or {})
    system = System(dyad.caregivers, dyad.resolved(index=0))
    rates = system.rates([values[name] for name in rows], inputs, usual)
    return dict(zip(rows, map(float, rates), strict=True))
