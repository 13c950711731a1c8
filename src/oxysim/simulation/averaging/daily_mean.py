"""Averages over the usual day, computed from the full model: usual signals, and where the slow
states come to rest.

All states run through the day, the slow ones around the means asked for; the mean of what is sent
over every edge, and of the slow states' rates, follows by midpoint sums on a grid that the
routine's edges (whole minutes) respect.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.errors import InputError
from oxysim.families import Family
from oxysim.model import household as family
from oxysim.model.clock import clock_input
from oxysim.model.registry import by_edge_name, neutral
from oxysim.model.slow_states import passing_states
from oxysim.per_dyad import PerDyad
from oxysim.schedule import STAGES, Routine, Schedule
from oxysim.simulation.averaging.slow_equilibrium import Acceleration, SlowLoop
from oxysim.simulation.equations.resting_state import resting_start
from oxysim.simulation.equations.system import inputs_of, state_rows, unflatten
from oxysim.simulation.input_pieces import InputPieces, realise, stacked_pieces, without_jitter
from oxysim.simulation.recorder import Recorder
from oxysim.simulation.reference_signals import ROUTINE_CONTACT, UsualSignal, usual_of_members
from oxysim.simulation.scipy_engine import Solver, Task, integrate_pieces
from oxysim.simulation.start.initial_state import settled_start
from oxysim.units import DAY


class DailySignal:
    """Sums over the day of one signal and of the routine's contact beside it, for n dyads.

    Both are measured from their first values, so that what does not vary leaves exact zeros.

    >>> signal = DailySignal(first=np.array([2.0]), contact=np.array([0.0]))
    >>> signal.add(np.array([[2.0], [3.0]]), np.array([[0.0], [0.5]]), share=0.5)
    >>> signal.mean.tolist(), signal.slope.tolist()
    ([2.5], [2.0])
    """

    def __init__(self, first: FloatArray, contact: FloatArray) -> None:
        self.first, self.first_contact = first, contact
        self.mean = np.zeros_like(first)
        # of signal, contact, their product, and the square of the latter
        self.sums = np.zeros((4, *first.shape))

    def add(self, values: FloatArray, contact: FloatArray, share: float) -> None:
        """Add the values at some moments, shape (n_times, n), each `share` of the day."""
        self.mean += values.sum(axis=0) * share
        s, w = values - self.first, contact - self.first_contact
        self.sums += np.stack([term.sum(axis=0) for term in (s, w, s * w, w * w)]) * share

    @property
    def slope(self) -> FloatArray:
        """Covariance of signal and contact over the variance of the latter; 0 where the routine
        never changes.
        """
        s, w, product, square = self.sums
        variance = square - w * w
        varies = variance > 0
        return np.where(varies, product - s * w, 0.0) / np.where(varies, variance, 1.0)


class DailyMean(Recorder):
    """Sums, in place of values, at the midpoints of a grid over one day: rates of all states, and
    signals sent.

    >>> mean = DailyMean(Family(), step=60.0, signals=False)
    >>> mean.times[:2].tolist(), len(mean.times)
    ([30.0, 90.0], 24)
    """

    def __init__(self, who: Family, step: float, signals: bool) -> None:
        # Midpoints: an edge at a whole minute never falls on one, so that no level is counted
        # twice.
        times = np.arange(step / 2, DAY, step)
        super().__init__([], times, who.ages(), who.caregivers)
        n_states = len(state_rows(who.caregivers))
        self.rates = np.zeros((n_states, len(who)))
        self.state_means = np.zeros((n_states, len(who)))
        self.signals: dict[tuple[str, str], DailySignal] | None = {} if signals else None

    def within(self, table: InputPieces, born: FloatArray, states: FloatArray, moment: Any) -> None:
        """Add the rates (and signals) at some moments; `states` has shape
        (n_states, n, n_times).
        """
        system, levels, usual = moment
        # Times before dyads, so that parameters of shape (n,) stand beside every moment.
        y = np.moveaxis(states, -1, 1)
        # The rhythm varies with the moment alone: shape (n_times, 1).
        inputs = inputs_of(levels, system.caregivers, clock_input(born)[:, None])
        rates = [
            np.broadcast_to(r, y.shape[1:]).sum(axis=0) for r in system.rates(y, inputs, usual)
        ]
        self.rates[:, table.index] += np.array(rates) / len(self.times)
        self.state_means[:, table.index] += y.sum(axis=1) / len(self.times)
        if self.signals is not None:
            exchange = family.exchange(
                unflatten(y, len(system.caregivers)), inputs, system.parameters, usual
            )
            contacts = dict(zip(system.members, exchange.routine_contact, strict=True))
            sent = by_member(system.caregivers, exchange.sent, exchange.infant_sent)
            # routine contact is a signal too, whose slope along itself is one
            sent |= {(member, ROUTINE_CONTACT): contact for member, contact in contacts.items()}
            for key, value in sent.items():
                values, beside = (
                    np.broadcast_to(v, y.shape[1:]) for v in (value, contacts[key[0]])
                )
                if key not in self.signals:
                    self.signals[key] = DailySignal(values[0].copy(), beside[0].copy())
                self.signals[key].add(values, beside, 1 / len(self.times))

    def at_end(self, table: InputPieces, y: FloatArray, moment: Any) -> None:
        """The end of the day is not a midpoint."""


@dataclass(frozen=True, eq=False)
class AveragedDay:
    """Daily means: rates of all states and the states (n_states, n), the state at the end, signals
    by (member, edge) if wanted.

    >>> zeros = np.zeros((30, 1))
    >>> day = AveragedDay(rates=zeros, states=zeros, end=np.ones((30, 1)), signals=None)
    >>> day.end.shape
    (30, 1)
    """

    rates: FloatArray
    states: FloatArray
    end: FloatArray
    signals: dict[tuple[str, str], DailySignal] | None


def average_day(
    task: Task,
    day: Schedule,
    y: FloatArray,
    *,
    step: float = 5.0,
    signals: bool = False,
    swing: bool = False,
) -> AveragedDay:
    """One day from `y` at midnight and its means; slow states are held there, or `swing`.

    >>> who = Family()
    >>> task = Task(who, {}, Solver("RK45", rtol=1e-3))
    >>> average_day(task, Schedule(Routine.typical()), resting_start(who), step=60.0).end.shape[1]
    1
    """
    mean = DailyMean(task.who, step, signals)
    running = replace(task, recorder=mean, hold_slow=not swing)
    n = len(task.who)
    plans = realise(task.who, without_jitter(PerDyad.shared(day, n)), 0.0, DAY)
    end = np.full_like(y, np.nan)
    failures: dict[int, str] = {}
    for table in stacked_pieces(plans, task.who.ages(), mean.each, separate=False):
        end[:, table.index] = integrate_pieces(
            running, _require_shared(table), y[:, table.index], failures
        )
    return AveragedDay(mean.rates, mean.state_means, end, mean.signals)


def usual_of(
    household: tuple[str, ...], stage: int, *, rounds: int = 60, tolerance: float = 1e-9
) -> dict[tuple[str, str], UsualSignal]:
    """The usual value of every signal in a reference household at a `stage` of age, by (member,
    edge), and the routine's contact of each member.

    The usual values enter the equations, so they are iterated to their fixed point: daily means of
    the signals of a reference family that hears those same means, on the typical day of its roles.

    Parameters
    ----------
    household : different roles; the first is with the infant all day, the others are away in
    working hours.

    >>> usual_of(("mother",), 1)["mother", "depression -> affect"]  # doctest: +SKIP
    UsualSignal(mean=5.4, slope=0.0)
    """
    # The weeks after birth are not the usual state of a household.
    parameters = {"caregiver.depression.vulnerability_at_birth": 0}
    who = Family(household, infant_age=f"{STAGES[stage] + 10} d", parameters=parameters)
    routine = Schedule(Routine.household(household))
    usual = neutral(household)
    # As exact as can be: every deviation in the model is measured from these means.
    task = Task(who, {}, Solver("DOP853", rtol=1e-9), usual=usual)
    y = settled_start(task, PerDyad.shared(routine, 1), 0.0, {})
    slow = [i for i, row in enumerate(state_rows(who.caregivers).values()) if row.pace != "fast"]
    # A slow state swings within the day around its set point: what rewards remember by a tenth.
    set_points = resting_start(who)[slow]
    # The means enter the equations whose means they are: a fixed point.
    for _ in range(rounds):
        day = average_day(
            replace(task, usual=usual), routine, y, step=1.0, signals=True, swing=True
        )
        # to the midnight from which the day's means are the set points
        midnight = y[slow] + set_points - day.states[slow]
        y = day.end
        y[slow] = midnight
        assert day.signals is not None
        signals = {
            k: UsualSignal(float(v.mean[0]), float(v.slope[0])) for k, v in day.signals.items()
        }
        before = by_member(household, usual.caregivers, usual.infant)
        usual = usual_of_members(household, _by_owner(signals))
        if max(abs(signals[k].mean - before[k]) for k in before) < tolerance:
            return signals
    raise InputError(
        f"the usual day of {household!r}, stage {stage}, did not settle in {rounds} rounds"
    )


def rest(
    who: Family,
    routine: Routine,
    edges: dict[str, Any] | None = None,
    *,
    rounds: int = 60,
    tolerance: float = 1e-5,
) -> dict[str, FloatArray]:
    """Where the slow loop (depression, bond, confidence, mind-mindedness) comes to rest from
    `who.start`.

    Infant age frozen, vulnerability and taught skills gone. Each round lets the slow states swing
    through one day around their means and moves these the way that the day asks for, faster near
    rest; the loop's resting points are those of the averaged model. For thousands of dyads see
    ``oxysim.simulation.averaging.slow_equilibrium``.

    Returns
    -------
    Full variable name -> resting value, shape (n,); NaN where a dyad failed.

    >>> resting = rest(Family(), Routine.typical(), rounds=1)
    >>> float(resting["mother.depression"][0].round(1))  # one day only: still where it starts
    5.4
    """
    # Two digits more than the tolerance of the rounds, so that its noise moves nothing.
    task = Task(who, edges or {}, Solver("RK45", rtol=1e-5))
    y = resting_start(who)
    rows = state_rows(who.caregivers)
    places = {name: i for i, name in enumerate(rows)}
    for name in who.caregivers:
        for passing in passing_states("caregiver"):
            y[places[f"{name}.{passing}"]] = 0.0
    loop, pull = SlowLoop(who, places), Acceleration(len(who))
    slow = [i for i, row in enumerate(rows.values()) if row.pace != "fast"]
    # The means that are asked for; what is no part of the loop stays at its start.
    means = y.copy()
    for number in range(rounds):
        day = average_day(task, Schedule(routine), y, step=1.0, swing=True)
        # to the midnight from which the day's means are those asked for
        midnight = y[slow] + means[slow] - day.states[slow]
        y = day.end
        y[slow] = midnight
        if number == 0:
            continue  # the fast states settle first
        move = pull.move(loop.residual(day.states, day.rates))
        loop.shift(y, move)
        loop.shift(means, move)
        # A dyad that failed is not a number, and holds nobody up.
        if np.nanmax(np.abs(move)) < tolerance:
            break
    return {name: means[places[name]] for name in loop.names}


def by_member(
    caregivers: tuple[str, ...], caregiver_tables: Any, infant_table: Any
) -> dict[tuple[str, str], Any]:
    """The values of a family's edge tables by (member, edge name).

    >>> usual = neutral(("mother",))
    >>> len({member for member, _ in by_member(("mother",), usual.caregivers, usual.infant)})
    2
    """
    tables = zip((*caregivers, "infant"), (*caregiver_tables, infant_table), strict=True)
    return {
        (member, edge): value
        for member, table in tables
        for edge, value in by_edge_name(table).items()
    }


def _by_owner(signals: dict[tuple[str, str], UsualSignal]) -> dict[str, dict[str, UsualSignal]]:
    members: dict[str, dict[str, UsualSignal]] = {}
    for (member, edge), signal in signals.items():
        members.setdefault(member, {})[edge] = signal
    return members


def _require_shared(table: InputPieces) -> InputPieces:
    if not table.shared:
        raise InputError("averaging: give all dyads of one call the same infant age")
    return table
