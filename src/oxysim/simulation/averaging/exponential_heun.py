r"""The one integrator of averaged days: exponential Heun in fixed steps.

ETD2RK (Cox & Matthews 2002) with the diagonal of the Jacobian. Each fast state's own decay k is
taken exactly, what drives it by a second-order rule, so that steps of five minutes hold states that
relax within four::

    a  = y + h·φ1(−kh)·f(y)
    y' = a + h·φ2(−kh)·((f(a) + k·a) − (f(y) + k·y))

with φ1(z) = (exp(z) − 1)/z and φ2(z) = (exp(z) − 1 − z)/z². Steps are fixed, so that differences
between neighbouring states hold no noise of a step control; no error is estimated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from oxysim.arrays import FloatArray

RatesAt = Callable[[FloatArray, float], FloatArray]
"""The rates of all states, of the shape of the states, from states and a clock time (min)."""


class StepFactors(NamedTuple):
    """What a step of one length needs to know of each state, shape (n_states, ...); 0 where it is
    held.

    >>> StepFactors(*np.zeros((3, 2))).decay.tolist()
    [0.0, 0.0]
    """

    decay: FloatArray  # k, per min
    first: FloatArray  # h·φ1(−kh), min
    second: FloatArray  # h·φ2(−kh), min


def step_factors(decay: FloatArray, length: float) -> StepFactors:
    """The factors of a step of `length` minutes for states that decay at `decay` per min.

    >>> factors = step_factors(np.array([0.0, 0.1]), 10.0)
    >>> factors.first.round(3).tolist(), factors.second.round(3).tolist()
    ([0.0, 6.321], [0.0, 3.679])
    """
    moves = decay > 0
    kh = np.where(moves, decay * length, 1.0)  # any number but 0, where the result is not used
    first = np.where(moves, -np.expm1(-kh) / kh, 0.0) * length
    second = np.where(moves, (np.exp(-kh) - 1 + kh) / kh**2, 0.0) * length
    return StepFactors(decay, first, second)


def heun_step(
    rates: RatesAt, y: FloatArray, time: float, length: float, factors: StepFactors
) -> tuple[FloatArray, FloatArray]:
    """One step: the states after it, and the integral of the rates of all states over it.

    >>> factors = step_factors(np.array([0.1]), 10.0)
    >>> y, _ = heun_step(lambda y, time: 0.1 * (3.0 - y), np.array([1.0]), 0.0, 10.0, factors)
    >>> y.round(9) == np.round(3.0 - 2.0 * np.exp(-1.0), 9)  # a constant drive: exact
    array([ True])
    """
    at_start = rates(y, time)
    halfway = y + factors.first * at_start
    at_end = rates(halfway, time + length)
    integral = (at_start + at_end) * (length / 2)
    change = at_end - at_start + factors.decay * (halfway - y)
    return halfway + factors.second * change, integral
