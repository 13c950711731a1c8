r"""The integrator of the frozen day: exponential Runge-Kutta of third order in fixed steps.

ETD3RK (Cox & Matthews 2002, sec. 2.3) with the diagonal of the Jacobian. Each state's own decay k
is taken exactly, what drives it by a rule of third order. With z = −kh and F(y) = f(y) + k·y::

    a  = y + (h/2)·φ1(z/2)·f(y)
    b  = y + h·φ1(z)·(2·f(a) − f(y) + 2·k·(a − y))
    y' = y + h·[φ1·f(y) + (4·φ2 − 8·φ3)·(F(a) − F(y)) + (4·φ3 − φ2)·(F(b) − F(y))]

with φ1(z) = (exp(z) − 1)/z and φn+1(z) = (φn(z) − 1/n!)/z. Reward and synchrony climb for twenty
minutes after contact begins and are felt as means: by the rule of second order
(:mod:`oxysim.simulation.averaging.exponential_heun`) in steps of five minutes their means were half
a percent short, which a strong loop makes half a point of EPDS; here a twelfth of that is left.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from oxysim.arrays import FloatArray

RatesAt = Callable[[FloatArray, float], FloatArray]
"""The rates of all states, of the shape of the states, from states and a clock time (min)."""
NEAR_ZERO = 0.05  # of kh, below which the closed forms of φ lose digits to cancellation


class PaceFactors(NamedTuple):
    """What a step of one length needs to know of each state, shape (n_states, ...); 0 where it is
    held.

    >>> PaceFactors(*np.zeros((5, 2))).decay.tolist()
    [0.0, 0.0]
    """

    decay: FloatArray  # k, per min
    halfway: FloatArray  # (h/2)·φ1(z/2), min
    whole: FloatArray  # h·φ1(z), min
    middle: FloatArray  # h·(4·φ2 − 8·φ3), min
    last: FloatArray  # h·(4·φ3 − φ2), min


def pace_factors(decay: FloatArray, length: float) -> PaceFactors:
    """The factors of a step of `length` minutes for states that decay at `decay` per min.

    >>> factors = pace_factors(np.array([0.0, 0.1]), 10.0)
    >>> factors.whole.round(3).tolist()
    [0.0, 6.321]
    """
    moves = decay > 0
    first, second, third = _phis(-decay * length)
    halfway = _phis(-decay * length / 2)[0] / 2
    terms = (halfway, first, 4 * second - 8 * third, 4 * third - second)
    return PaceFactors(decay, *[np.where(moves, term * length, 0.0) for term in terms])


def runge_kutta_step(
    rates: RatesAt, y: FloatArray, time: float, length: float, factors: PaceFactors
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """One step: the states after it, and the integrals of all states' rates and of the states over
    it.

    >>> factors = pace_factors(np.array([0.1]), 10.0)
    >>> y, *_ = runge_kutta_step(
    ...     lambda y, time: 0.1 * (3.0 - y), np.array([1.0]), 0.0, 10.0, factors)
    >>> y.round(9) == np.round(3.0 - 2.0 * np.exp(-1.0), 9)  # a constant drive: exact
    array([ True])
    """
    k, f = factors.decay, rates(y, time)
    a = y + factors.halfway * f
    f_a = rates(a, time + length / 2)
    b = y + factors.whole * (2 * f_a - f + 2 * k * (a - y))
    f_b = rates(b, time + length)
    end = (
        y
        + factors.whole * f
        + factors.middle * (f_a - f + k * (a - y))
        + factors.last * (f_b - f + k * (b - y))
    )
    # Simpson's rule, whose third order is that of the step
    sixth = length / 6
    return end, (f + 4 * f_a + f_b) * sixth, (y + 4 * a + end) * sixth


def _phis(z: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """φ1, φ2 and φ3 at z <= 0."""
    near = np.abs(z) < NEAR_ZERO
    # near zero by their series, elsewhere by what defines them
    third = 1 / 6 + z / 24 + z**2 / 120 + z**3 / 720 + z**4 / 5040
    away = np.where(near, -1.0, z)
    first = np.expm1(away) / away
    second = (first - 1) / away
    by_definition = (second - 1 / 2) / away
    return (
        np.where(near, 1 + z / 2 + z**2 * third, first),
        np.where(near, 1 / 2 + z * third, second),
        np.where(near, third, by_definition),
    )
