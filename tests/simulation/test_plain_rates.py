"""The equations as they are written can be stepped through, and are those that run."""

from __future__ import annotations

import bdb
import inspect
from types import FrameType
from typing import Any

import numpy as np
import pytest

from oxysim.families import Dyad
from oxysim.model.mechanisms import depression
from oxysim.schedule import Routine, as_schedule
from oxysim.simulation.equations.resting_state import resting_start
from oxysim.simulation.equations.system import System, state_rows
from oxysim.simulation.input_pieces import stages_of
from oxysim.simulation.plain_rates import plain_rates
from oxysim.simulation.reference_signals import usual_signals
from oxysim.simulation.simulate import simulate

DAY = Routine.typical()


class Stopper(bdb.Bdb):
    """A debugger that notes the local variables at its breakpoints and goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.stops: list[dict[str, Any]] = []

    def user_line(self, frame: FrameType) -> None:
        if self.break_here(frame):
            self.stops.append(dict(frame.f_locals))
        self.set_continue()


def stops_in_the_rate_of_depression(call: str) -> list[dict[str, Any]]:
    """The local variables at a breakpoint on the last line of ``depression.rate``."""
    source, first = inspect.getsourcelines(depression.rate)
    body = next(first + k for k, line in enumerate(source) if line.strip().startswith("return"))
    stopper = Stopper()
    assert stopper.set_break(inspect.getsourcefile(depression), body) is None
    stopper.run(call, {"plain_rates": plain_rates, "simulate": simulate, "Dyad": Dyad, "DAY": DAY})
    return stopper.stops


def test_a_breakpoint_in_a_mechanism_is_hit_once_with_plain_numbers() -> None:
    plain_rates(Dyad(), DAY)  # the first call of a process traces the equations on the way
    stops = stops_in_the_rate_of_depression("plain_rates(Dyad(), DAY)")
    assert len(stops) == 1
    numbers = [value for value in stops[0].values() if isinstance(value, float)]
    assert numbers, "the breakpoint shows symbols or arrays where numbers were promised"


def test_a_simulation_does_not_come_by_that_breakpoint() -> None:
    simulate(Dyad(), DAY, "10 min")  # now the equations are traced
    assert stops_in_the_rate_of_depression("simulate(Dyad(), DAY, '10 min')") == []


@pytest.mark.parametrize("at", ["03:00", "10:00", "16:30"])
def test_the_plain_rates_are_those_of_the_code_that_runs(at: str) -> None:
    dyad = Dyad()
    rates = plain_rates(dyad, DAY, at=at, states={"mother.depression": 14.0})

    minutes = 60.0 * int(at[:2]) + int(at[3:]) + float(dyad.ages()[0])
    plan = as_schedule(DAY).realise(minutes - 1.0, minutes + 1.0)
    levels = {m: plan.inputs_at(m, np.array([minutes]))[0].tolist() for m in plan.levels}
    usual = usual_signals(dyad.role_of, int(stages_of(np.array([minutes]))[0]))
    y = resting_start(dyad)[:, 0]
    y[list(state_rows(dyad.caregivers)).index("mother.depression")] = 14.0
    system = System(dyad.caregivers, dyad.resolved(index=0))
    generated = system.rates_under(levels, usual)(y.tolist(), minutes)
    np.testing.assert_allclose(list(rates.values()), generated, rtol=1e-9, atol=1e-12)


def test_a_time_that_is_none_is_refused() -> None:
    from oxysim.errors import UnitError

    with pytest.raises(UnitError, match="at"):
        plain_rates(Dyad(), DAY, at="ten")
