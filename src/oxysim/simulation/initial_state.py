"""The default start: slow states at given daily means, fast ones on their periodic cycle under the
usual day.

A slow state swings within the day (the EPDS by half a point), so that one number for it needs an
hour or none. Here it has none: a starting value is the state's mean over the calendar day in which
a run begins, were that day the usual one. A run that begins at 08:00, at 14:00 or at 00:00 then
begins on one and the same course, each at its own hour.

Over the usual day from the hour c of the start (in days), x(t) = A + d·(t - c) + swing(t), with a
swing of mean zero (the near-identity transform of averaging: Sanders, Verhulst & Murdock 2007, sec.
2.8). From x at both ends of that day and its mean follow the drift d, and the calendar day's mean,
which is the mean from c on less d·c.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy.special import expit, logit

from oxysim.arrays import FloatArray, IntArray
from oxysim.families import Family
from oxysim.model import slow_states
from oxysim.model.registry import kind_of
from oxysim.progress import uncounted
from oxysim.schedule import Realised, Schedule
from oxysim.simulation.engines import Integrator, integrate_stacked
from oxysim.simulation.equations.system import state_rows
from oxysim.simulation.input_pieces import realise, without_jitter
from oxysim.simulation.kept_starts import keys_of, recalled, seen_of
from oxysim.simulation.results.recorder import Recorder
from oxysim.simulation.scipy_engine import Solver, Task
from oxysim.units import DAY

Part = tuple[tuple[float, float], Sequence[Realised]]
"""A stretch of the usual day, minutes after 00:00 from and to, and every dyad's schedule in it."""
LONGEST_SETTLING = 12  # days; the slowest fast state recovers with a time constant of hours
CLOSE = 3.0  # tolerances of a state's typical size that may be left to change
NOON = DAY / 2  # where a state that only fades is at its mean over the day
# min between two looks at a day's course: the mean is known to a thousandth of the swing
LOOKS = 15.0
# days lived to find a start of the wanted mean; the first leaves a few hundredths of the swing
CENTRINGS = 2
# of the first day, whose end is far from the cycle however precise
ROUGH = Solver("RK45", rtol=1e-3)


def resting_start(who: Family) -> FloatArray:
    """Every state at rest, shape (n_states, n): slow states at the dyad's own set points unless
    `who.start` says otherwise; they are means over the day on which the infant has the dyad's age.
    """
    n = len(who)
    y = np.array([np.full(n, row.start) for row in state_rows(who.caregivers).values()])
    place = {name: i for i, name in enumerate(state_rows(who.caregivers))}
    for name, value in _set_points(who).items():
        y[place[name]] = value
    for name, value in who.start.items():
        y[place[name]] = np.where(np.isnan(value), y[place[name]], value)
    return y


def _set_points(who: Family) -> dict[str, Any]:
    """Where the slow states of each member rest when nothing deviates from the usual."""
    return {
        f"{member}.{name}": slow_states.set_point(row, own, who.ages() + NOON)
        for member, own in _parameters_by_member(who)
        for name, row in slow_states.slow_rows(kind_of(member)).items()
    }


@uncounted()
def settled_start(  # noqa: PLR0913 - the last two are keywords with defaults
    task: Task,
    days: Sequence[Schedule],
    clock: float,
    failures: dict[int, str],
    integrator: Integrator | None = None,
    *,
    means: bool = True,
) -> FloatArray:
    """The state at `clock` (min after 00:00): fast states on the cycle of the usual day with the
    slow states held at their daily means, then the slow ones where they are at that hour of a day
    of those means.

    The usual day is the routine of each dyad's schedule (one in `days` for all, or one a dyad) on
    the first simulated day, without jitter and without interventions. A dyad repeats it until
    nothing fast changes from one day to the next, whoever else is settled with it; of dyads that
    are alike in everything, one is settled for all. Without `means` the slow states' starting
    values are those at `clock` itself, as where a course goes on. What was settled is kept
    (:mod:`oxysim.simulation.kept_starts`).

    `integrator` is the compiled engine's, to which it does not matter who is carried beside a dyad; None
    for SciPy, which stacks them.
    """
    usual, table = without_jitter(days), seen_of(task, resting_start(task.who))
    own, place = np.unique(_alike(table, usual), return_inverse=True)
    part, days_of_own, apart = (
        _part(task, own),
        _days_of(usual, own, len(task.who)),
        integrator is not None,
    )

    def settle(chosen: IntArray) -> tuple[FloatArray, dict[int, str]]:
        failed: dict[int, str] = {}
        few = _part(part, chosen)
        return (
            _settled(
                few, _days_of(days_of_own, chosen, len(own)), clock, failed, integrator, means
            ),
            failed,
        )

    # the stored usual signals are being computed: nothing of it is for other runs
    if task.usual is not None:
        y, failed = settle(np.arange(len(own)))
    else:
        seen = replace(part, solver=_settling(task.solver))
        keys = keys_of(seen, days_of_own, table[own], (clock, means, apart), apart=apart)
        y, failed = recalled(keys, settle, apart=apart)
    y[:, list(failed)] = np.nan
    for dyad, k in enumerate(place.tolist()):
        if k in failed:
            failures[dyad] = f"on the usual day before the start: {failed[k]}"
    return y[:, place]


def _settled(  # noqa: PLR0913 - what `settled_start` takes
    task: Task,
    usual: Sequence[Schedule],
    clock: float,
    failed: dict[int, str],
    integrator: Integrator | None,
    means: bool,
) -> FloatArray:
    """The states of all dyads on the cycle of their usual days; those that failed
    are in `failed`.
    """
    who = task.who
    y = resting_start(who)
    settled: set[int] = set()
    solver = _settling(task.solver)
    rough = replace(ROUGH, max_evaluations=solver.max_evaluations)
    scale = np.array([[row.scale] for row in state_rows(who.caregivers).values()])
    parts = [part for part in ((clock, DAY), (0.0, clock)) if part[1] > part[0]]
    plans = [realise(who, usual, *part, seeds=(0,)) for part in parts]
    change = np.full(len(who), np.inf)
    for number in range(LONGEST_SETTLING):
        before, change_before = y.copy(), change
        quiet = replace(task, recorder=None, hold_slow=True, solver=solver if number else rough)
        for plan in plans:
            left_out = failed | dict.fromkeys(settled, "")
            moved = (integrator or integrate_stacked)(quiet, plan, y, left_out)
            failed |= {dyad: reason for dyad, reason in left_out.items() if dyad not in settled}
            alive = [i for i in range(len(who)) if i not in left_out]
            y[:, alive] = moved[:, alive]
        change = np.max(np.abs(y - before) / scale, axis=0)
        settled |= {
            i
            for i in alive
            if number > 1 and _left(change[i], change_before[i]) < CLOSE * solver.rtol
        }
        if len(settled) + len(failed) == len(who):
            break
    if not means:
        return y
    free = replace(task, hold_slow=False, solver=solver)
    return centred(
        free, [*zip(parts, plans, strict=True)], y, failed, integrator or integrate_stacked
    )


def means_of_the_day(
    who: Family, days: Sequence[Schedule], integrator: Integrator | None = None
) -> dict[str, FloatArray]:
    """The means of the slow states over the day at whose 00:00 they are where `who.start` has them,
    each of shape (n,).

    A start of those means is back there at 00:00, but for the square of what lies between (under
    .01 EPDS points).
    """
    at_midnight, failures = resting_start(who), dict[int, str]()
    moved = settled_start(Task(who, {}, Solver()), days, 0.0, failures, integrator) - at_midnight
    found = {}
    for k, (name, row) in enumerate(state_rows(who.caregivers).items()):
        if row.pace != "fast":
            found[name] = np.clip(at_midnight[k] - moved[k], row.low, row.high)
    return found


def centred(  # noqa: PLR0913 - what a carrier needs, and whose means they are
    task: Task,
    day: Sequence[Part],
    y: FloatArray,
    failed: dict[int, str],
    integrator: Integrator,
    names: Sequence[str] | None = None,
) -> FloatArray:
    """States that hold the daily means of slow states, brought to where those are when the day
    begins, (n_states, n).

    Parameters
    ----------
    day : the usual day from the hour of the start on, in one or two stretches.
    names : the slow states that are brought there; default all.
    """
    rows, clock = state_rows(task.who.caregivers), day[0][0][0]
    places = {name: i for i, (name, row) in enumerate(rows.items()) if row.pace != "fast"}
    slow = list(places) if names is None else list(names)
    wanted, y = y[[places[name] for name in slow]], y.copy()
    for name, time in _fading(task.who):
        if name in slow:
            y[places[name]] *= np.exp((NOON - clock) / time)
    with np.errstate(all="ignore"):  # what failed is not a number
        for _ in range(CENTRINGS):
            mean, drift = _through_a_day(task, day, y, slow, failed, integrator)
            short = wanted - (mean - drift * clock / DAY)
            for k, name in enumerate(slow):
                if not rows[name].fades:  # what only fades is exact already
                    y[places[name]] = _moved(y[places[name]], short[k], rows[name].ceiling)
    return y


def _through_a_day(  # noqa: PLR0913 - what a carrier needs, and what is looked at
    task: Task,
    day: Sequence[Part],
    y: FloatArray,
    names: Sequence[str],
    failed: dict[int, str],
    integrate: Integrator,
) -> tuple[FloatArray, FloatArray]:
    """The mean of some states over the day from the start on, and by how much they drift in it, (k,
    n) each.
    """
    who, total, end = task.who, np.zeros((len(names), len(task.who))), y
    for (low, high), plan in day:
        times = np.linspace(low, high, int(np.ceil((high - low) / LOOKS)) + 1)
        recorder = Recorder(names, times, who.ages(), who.caregivers)
        end = integrate(replace(task, recorder=recorder), plan, end, failed)
        total += np.trapezoid(recorder.table, times, axis=1).T / DAY
    places = [list(state_rows(who.caregivers)).index(name) for name in names]
    return total, (end - y)[places]


def _moved(x: FloatArray, by: FloatArray, top: float | None) -> FloatArray:
    """States moved by so much; between a floor and a top on the logit scale, so that none passes
    them.
    """
    if top is None:
        return x + np.where(np.isfinite(by), by, 0.0)
    room = x * (1 - x / top)
    share = expit(logit(x / top) + np.where(np.isfinite(by / room), by / room, 0.0))
    return np.where(room > 0, top * share, x)  # at the floor or the top it stays


def _fading(who: Family) -> list[tuple[str, Any]]:
    """The states that only fade, by full name, each with its time constant."""
    return [
        (f"{member}.{name}", slow_states.time_constant(row, own))
        for member, own in _parameters_by_member(who)
        for name, row in slow_states.slow_rows(kind_of(member)).items()
        if row.fades
    ]


def _parameters_by_member(who: Family) -> list[tuple[str, Any]]:
    """The parameters of each caregiver, then of the infant."""
    p = who.resolved()
    return [*zip(who.caregivers, p.caregivers, strict=True), ("infant", p.infant)]


def _part(task: Task, index: IntArray) -> Task:
    """The same for some of the dyads."""
    edges = {
        name: np.asarray(value)[index] if np.ndim(value) else value
        for name, value in task.edges.items()
    }
    return replace(task, who=task.who.take(index), edges=edges)


def _days_of(usual: Sequence[Schedule], index: IntArray, n: int) -> Sequence[Schedule]:
    """The usual days of some of `n` dyads: one a dyad, or the one of all."""
    return [usual[i] for i in index.tolist()] if len(usual) == n else usual


def _alike(table: FloatArray, usual: Sequence[Schedule]) -> IntArray:
    """For each dyad the first that has the same row of what settling sees and the same usual day,
    shape (n,).
    """
    n = len(table)
    numbers = {id(day): float(i) for i, day in enumerate(usual)}
    day = np.broadcast_to([numbers[id(one)] for one in usual], (n,))
    varied = np.column_stack([day, table[:, (table != table[0]).any(axis=0)]])
    first: dict[bytes, int] = {}  # by their bytes: sorting rows of numbers takes ten times as long
    return np.array(
        [first.setdefault(row.tobytes(), i) for i, row in enumerate(varied)], dtype=np.int64
    )


def _left(change: float, before: float) -> float:
    """What is left to change after a day's `change`, when the day before changed `before`: both
    shrink by one ratio.
    """
    return change * change / (before - change) if change < before else change


def _settling(solver: Solver) -> Solver:
    """Settling uses a stacking method at the user's tolerance, at least 1e-6: the start should not
    depend on the method.
    """
    rtol = min(solver.rtol, 1e-6)
    return Solver("RK45" if rtol > 1e-8 else "DOP853", rtol, max_evaluations=solver.max_evaluations)
