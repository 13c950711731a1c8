"""Hysteresis: a parameter swept slowly up and down again, the state following by itself from where
it was.

A dyad's slow states follow in whole rounds, which end where the averaged system itself rests as
long as that is near. Where the rounds end far away, or nowhere, the regime may be gone; then the
averaged system is followed through time, so that where the dyad falls is what its own course says.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.errors import InputError, unknown_name
from oxysim.families import Family
from oxysim.loop.arguments import checked_slow_states
from oxysim.loop.averaged_system import AveragedSystem
from oxysim.loop.bifurcation.control_parameter import control_parameter
from oxysim.loop.bifurcation.equilibrium_curve import Rates
from oxysim.loop.equilibria.equilibrium_search import newton
from oxysim.loop.equilibria.trajectories import flow, to_rest
from oxysim.loop.numerics.function_arguments import rates_of, state_names
from oxysim.progress import Bar, counting
from oxysim.schedule import Intervention
from oxysim.texts import Described, listed
from oxysim.units import with_unit

FAR = 0.3  # on a slow state's own scale: what moves further is followed through time
NEAR = 0.05  # the same, between where a dyad seems to rest and a resting point
# days that a dyad is followed until it rests; beside a fold, long
STRETCHES = tuple(60.0 * 2**k for k in range(8))

Rest = Callable[[FloatArray, float], tuple[FloatArray, bool]]


@dataclass(frozen=True, eq=False)
class Hysteresis(Described):
    """Where a state rests on the way up and on the way down.

    Attributes
    ----------
    parameter, names : what was swept, and the states. unit : of what was swept, empty for none.
    values : of the parameter, increasing, shape (n,).
    up, down : resting states at those values, shape (k, n).
    settled : whether the state came to rest at each value, up and down, shape (2, n); near a fold
    it takes longest.

    >>> up, down = np.array([[0.0, 0.1, 5.0]]), np.array([[0.0, 4.9, 5.0]])
    >>> swept = Hysteresis("p", ("x",), np.arange(3.0), up, down, np.ones((2, 3), dtype=bool))
    >>> swept.gap("x"), swept.window()
    (array([0. , 4.8, 0. ]), (1.0, 1.0))
    """

    parameter: str
    names: tuple[str, ...]
    values: FloatArray
    up: FloatArray
    down: FloatArray
    settled: Any
    unit: str = ""

    def gap(self, state: str | int = 0) -> FloatArray:
        """How far apart the two ways are in one state, by name or position, shape (n,)."""
        if isinstance(state, str):
            if state not in self.names:
                raise unknown_name("state", state, self.names)
            row = self.names.index(state)
        else:
            row = checks.whole_number(state, "state", 0, len(self.names) - 1)
        return np.abs(self.up[row] - self.down[row])

    def windows(self, state: str | int = 0, least: float = 0.1) -> tuple[tuple[float, float], ...]:
        """Every stretch of values at which the two ways, both at rest, differ by more than `least`,
        each by its ends.

        Between two stretches there is a value at which they agree.
        """
        gap, least = self.gap(state), checks.number(least, "least", 0.0)
        # only where the state rests on both ways can the two be compared
        rested = self.settled.all(axis=0)
        differ, agree = (gap > least) & rested, ~(gap > least) & rested
        stretches: list[list[float]] = []
        open_ = False
        for value, differs, agrees in zip(self.values.tolist(), differ, agree, strict=True):
            if differs and open_:
                stretches[-1][1] = value
            elif differs:
                stretches.append([value, value])
            open_ = bool(differs or (open_ and not agrees))  # a value without rest says neither
        return tuple((low, high) for low, high in stretches)

    def window(self, state: str | int = 0, least: float = 0.1) -> tuple[float, float] | None:
        """The one stretch of values at which the two ways, both at rest, differ by more than
        `least`, or None.

        Raises
        ------
        InputError : there are several, see :meth:`windows`. UnknownNameError : no such state.
        """
        stretches = self.windows(state, least)
        if len(stretches) > 1:
            raise InputError(
                what="window",
                expected="one stretch of values in which the two ways differ",
                found=f"{len(stretches)}: {stretches}",
                remedy="ask for all of them with windows()",
            )
        return stretches[0] if stretches else None

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """What it prints as."""
        ends = with_unit(f"{self.values[0]:g} to {self.values[-1]:g}", self.unit)
        windows = listed(f"{low:g} to {high:g}" for low, high in self.windows()) or "nowhere"
        rested = f"{int(self.settled.sum())} of {self.settled.size} came to rest"
        return "Hysteresis", [
            (self.parameter, ends),
            ("values", len(self.values)),
            ("two states of", f"{self.names[0]}: {windows}"),
            ("", rested),
        ]


def hysteresis(  # noqa: PLR0913 - all but three are keywords with defaults
    dyad: Family | AveragedSystem,
    parameter: str,
    values: Sequence[Any],
    *,
    routine: Any = None,
    interventions: Mapping[str, Intervention] | None = None,
    start: Any = None,
    progress: bool | None = None,
) -> Hysteresis:
    """Sweep a parameter, the strength of an edge or the dose of an intervention of one dyad up and
    down again.

    Parameters
    ----------
    dyad, parameter, routine, interventions : as for
        :func:`~oxysim.loop.bifurcation.branches.branch`.
    values : at least two, increasing: numbers in the unit of the parameter's row, or texts with
        units.
    start : slow states before the first value, shape (k,); default the dyad's own.
    progress : whether to show how far it has come; default on a terminal and in a notebook.

    Raises
    ------
    UnknownNameError, UnitError, ScheduleError, InputError : as for ``branch``; values that do not
    increase.

    >>> import oxysim as ox
    >>> system = AveragedSystem(ox.Dyad.recovered(), settle=1)
    >>> gain = "caregiver.depression.loop_gain"
    >>> swept = hysteresis(system, gain, [0.95, 1.0], progress=False)
    >>> bool(swept.settled.all() and (swept.gap() < 1e-6).all())  # it comes back on the way it went
    True
    """
    varied, numbers = control_parameter(dyad, parameter, values, routine, interventions)
    along = _increasing(numbers, values)
    x = varied.base.start if start is None else checked_slow_states(start, varied.base, "start")
    varied.require_influence([float(along[0]), float(along[-1])])
    # each value is met twice, going up and coming down
    system_at = functools.cache(varied.at)
    with counting(2 * len(along), "hysteresis", "value", progress) as bar:
        swept = _swept(lambda y, p: _rest_of_dyad(system_at(p), y), x, along, bar)
    return Hysteresis(varied.name, varied.base.names, along, *swept, varied.unit)


def sweep_up_and_down(
    rates: Rates,
    start: Any,
    values: Sequence[float],
    *,
    longest: float,
    tolerance: float = 1e-6,
    names: Sequence[str] | None = None,
    parameter: str = "p",
    progress: bool | None = None,
) -> Hysteresis:
    """Sweep a parameter through `values` and back, letting the state come to rest at each.

    Parameters
    ----------
    rates : F(x, p), as for ``continue_branch``.
    start : the state before the first value.
    longest : time allowed at each value, in the rates' own time.
    tolerance : largest relative rate (per unit of time) of a state that counts as at rest.

    Raises
    ------
    InputError : values that do not increase, a time that is not positive, a state that goes beyond
    what the equations allow.

    >>> swept = sweep_up_and_down(
    ...     lambda x, p: p + x - x**3, -1.0, [-1.0, 0.0, 1.0], longest=50.0)
    >>> swept.gap().round(3)  # at p = 0 it rests at -1 on the way up, at 1 on the way down
    array([0., 2., 0.])
    """
    along = _increasing(checks.array(values, "values", (None,)), values)
    longest = checks.number(longest, "longest", 0.0, open_low=True)
    tolerance = checks.number(tolerance, "tolerance", 0.0, open_low=True)
    single = np.ndim(start) == 0 and not isinstance(start, str)
    x = checks.array([start] if single else start, "start", (None,))
    state_labels, parameter = state_names(names, len(x)), checks.name(parameter, "parameter")
    rates_of(rates, x, float(along[0]))
    with counting(2 * len(along), "hysteresis", "value", progress) as bar:
        swept = _swept(lambda y, p: _rest(rates, y, p, longest, tolerance), x, along, bar)
    return Hysteresis(parameter, state_labels, along, *swept)


def _increasing(along: FloatArray, given_values: Any) -> FloatArray:
    if (
        along.ndim != 1
        or len(along) < 2
        or not np.all(np.diff(along) > 0)
        or not np.isfinite(along).all()
    ):
        raise InputError(
            f"values: expected at least two numbers in increasing order; found {given_values!r}"
        )
    return along


def _swept(
    rest: Rest, x: FloatArray, along: FloatArray, bar: Bar
) -> tuple[FloatArray, FloatArray, Any]:
    """Where the state rests on the way up and on the way down, (k, n) each, and whether it does,
    (2, n).
    """
    # up, then down from where the way up ended
    ways, settled = [], []
    for way in (along, along[::-1]):
        states, done = [], []
        for p in way.tolist():
            x, rested = rest(x, p)
            states.append(x)
            done.append(rested)
            bar.advance()
        ways.append(np.array(states).T)
        settled.append(done)
    return ways[0], ways[1][:, ::-1], np.array([settled[0], settled[1][::-1]])


def _rest_of_dyad(system: AveragedSystem, x: FloatArray) -> tuple[FloatArray, bool]:
    """Where a dyad rests that starts from slow states (k,), and whether it came to rest."""
    x_now = x[:, None]
    # at once where it rests nearby, else after longer and longer stretches of time
    for days in (0.0, *STRETCHES):
        x_now = flow(system, x_now, days) if days else x_now
        resting, settled = to_rest(system, x_now)
        if (
            not settled[0]
            or np.abs(system.stretched(resting) - system.stretched(x_now)).max() > FAR
        ):
            continue
        exact = newton(system, resting)  # just beyond a fold a dyad lingers where nothing rests
        if (
            exact.shape[1]
            and np.abs(system.stretched(exact) - system.stretched(resting)).max() < NEAR
        ):
            return exact[:, 0], True
    return x_now[:, 0], False


def _rest(
    rates: Rates, x: FloatArray, p: float, longest: float, tolerance: float
) -> tuple[FloatArray, bool]:
    """Where the state is after `longest`, or when it has come to rest, and whether it has."""

    def excess(_: float, y: FloatArray) -> float:
        return float(np.max(np.abs(rates(y, p)) / np.maximum(np.abs(y), 1.0))) - tolerance

    if excess(0.0, x) <= 0:
        return x, True
    # solve_ivp stops where the event function passes zero
    excess.terminal = True  # type: ignore[attr-defined]
    run = solve_ivp(
        lambda _, y: rates(y, p),
        (0.0, longest),
        x,
        method="LSODA",
        rtol=1e-8,
        atol=1e-10,
        events=excess,
    )
    if not run.success or not np.isfinite(run.y[:, -1]).all():
        raise InputError(f"no resting state at {p:g}: {run.message}")
    return run.y[:, -1], bool(run.status == 1)
