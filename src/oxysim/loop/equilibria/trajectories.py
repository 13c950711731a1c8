"""Where the averaged system goes from a start: through time, or straight to rest.

Through time (:func:`flow`) it is integrated by an embedded Runge-Kutta method (Bogacki & Shampine
1989). Straight to rest (:func:`to_rest`) it moves in whole rounds: each slow state goes all the
way to what the day asks for, accelerated near rest (Irons & Tuck 1969). A round's path is not one
through time, but it ends where the averaged system rests as long as that is near.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.integrate import solve_ivp

from oxysim.arrays import BoolArray, FloatArray
from oxysim.errors import InputError
from oxysim.loop.averaged_system import AveragedSystem
from oxysim.simulation.averaging.slow_equilibrium import Acceleration

ROUNDS = 400
AT_REST = 1e-4  # of a round's move, on a slow state's own scale


def flow(
    system: AveragedSystem,
    x: FloatArray,
    days: float,
    push: Callable[[FloatArray], FloatArray] | None = None,
) -> FloatArray:
    """Where the averaged system takes columns `x` (k, m) in some days, shape (k, m).

    `push` adds to the speed on the states' own scales, (k, m) per day.

    Raises
    ------
    InputError : the course cannot be followed.

    >>> import oxysim as ox
    >>> system = AveragedSystem(ox.Dyad.symptomatic(), held=("infant.methylation",), settle=1)
    >>> x = system.start[:, None].copy()
    >>> x[0] += 0.5
    >>> bool(system.start[0] < flow(system, x, days=14.0)[0, 0] < x[0, 0])  # on its way back
    True
    """
    shape = x.shape

    def speed(_: float, flat: FloatArray) -> FloatArray:
        z = flat.reshape(shape)
        # speeds on the states' own scales, where a step cannot leave the legal range
        natural = system.natural(z)
        speed_now = system.rates(natural) / system.spread(natural)
        return np.asarray(speed_now if push is None else speed_now + push(z)).ravel()

    # a low order and a rough tolerance: a basin asks where a course ends, not its digits
    run = solve_ivp(
        speed, (0.0, days), system.stretched(x).ravel(), method="RK23", rtol=3e-4, atol=3e-5
    )
    if not run.success or not np.isfinite(run.y[:, -1]).all():
        raise InputError(f"the slow states could not be followed for {days:g} days: {run.message}")
    return system.natural(run.y[:, -1].reshape(shape))


def to_rest(
    system: AveragedSystem, x: FloatArray, multipliers: dict[str, FloatArray] | None = None
) -> tuple[FloatArray, BoolArray]:
    """Where the averaged system of one dyad comes to rest from columns `x` (k, m), and which
    columns settled.

    Parameters
    ----------
    multipliers : edge name -> multiplier of each column, shape (m,).

    >>> import oxysim as ox
    >>> system = AveragedSystem(ox.Dyad.symptomatic(), held=("infant.methylation",), settle=1)
    >>> x, settled = to_rest(system, system.start[:, None])
    >>> x[0].round(1), settled
    (array([18.]), array([ True]))
    """
    # the fast states, and the swing of the slow ones, follow from round to round
    y = system.cycle(x, np.zeros(x.shape[1], dtype=np.int64), multipliers)
    active, pull, final = np.arange(x.shape[1]), Acceleration(x.shape[1]), x.copy()
    for _ in range(ROUNDS):
        multipliers_now = (
            None if multipliers is None else {name: v[active] for name, v in multipliers.items()}
        )
        x_now = final[:, active]
        first = np.zeros(len(active), dtype=np.int64)
        rates, y = system.period(y, x_now, first, multipliers_now)
        # the whole way that the day asks for: rate times time constant, on the own scale
        move = pull.move(rates / system.spread(x_now) * system.times[:, None])
        final[:, active] = system.natural(system.stretched(x_now) + move)
        y[system.places] = system.natural(system.stretched(y[system.places]) + move)
        # also what is not a number goes on, and counts as not settled
        moving = ~(np.abs(move).max(axis=0) < AT_REST)
        if not moving.any():
            active = active[moving]
            break
        active, y, pull = active[moving], y[:, moving], pull.take(moving)
    return final, ~np.isin(np.arange(x.shape[1]), active)
