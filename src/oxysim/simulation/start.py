"""The default start: slow variables at given values, fast ones on their periodic cycle under the usual day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from oxysim.participants import Family
from oxysim.schedule import Schedule
from oxysim.simulation.engines import Carry, carry_stacked
from oxysim.simulation.scipy_engine import Solver, Task
from oxysim.simulation.straight_line import leaves
from oxysim.simulation.system import state_rows
from oxysim.simulation.timetable import realise, without_jitter
from oxysim.units import DAY

FloatArray = npt.NDArray[np.float64]
LONGEST_SETTLING = 12  # days; the slowest fast state recovers with a time constant of hours
CLOSE = 3.0  # tolerances of a state's typical size that may be left to change
ROUGH = Solver("RK45", rtol=1e-3)  # of the first day, whose end is far from the cycle however precise


def resting_start(who: Family) -> FloatArray:
    """Every state at rest, shape (n_states, n): slow states at the dyad's own set points unless `who.start` says
    otherwise."""
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
    p = who.resolved()
    found: dict[str, Any] = {}
    for name, own in zip(who.caregivers, p.caregivers, strict=True):
        fading = np.exp(-who.ages() / own.depression.vulnerability_time)
        found |= {
            f"{name}.depression": own.depression.set_point,
            f"{name}.vulnerability": own.depression.vulnerability_at_birth * fading,
            f"{name}.mentalising": own.mentalising.trait,
            f"{name}.bond": own.bond.usual_bond,
            f"{name}.confidence": own.bond.usual_confidence,
        }
    return found | {
        "infant.methylation": 100 * p.infant.methylation.set_point,
        "infant.attachment_security": p.infant.development.usual_security,
        "infant.exploration": p.infant.development.usual_exploration,
        "infant.irritability": p.infant.development.usual_irritability,
    }


def settled_start(
    task: Task, days: Sequence[Schedule], clock: float, failures: dict[int, str], carry: Carry | None = None
) -> FloatArray:
    """The state at `clock` (min after 00:00) with the fast states on the cycle of the usual day, slow states held.

    The usual day is the routine of each dyad's schedule (one in `days` for all, or one a dyad) on the first simulated
    day, without jitter and without interventions. A dyad repeats it until nothing fast changes from one day to the
    next, whoever else is settled with it; of dyads that are alike in everything, one is settled for all.
    """
    who, usual = task.who, without_jitter(days)
    own, place = np.unique(_alike(task, usual), return_inverse=True)
    days_of_own = [usual[i] for i in own.tolist()] if len(usual) == len(who) else usual
    failed: dict[int, str] = {}
    y = _settled(_part(task, own), days_of_own, clock, failed, carry)
    y[:, list(failed)] = np.nan
    for dyad, k in enumerate(place.tolist()):
        if k in failed:
            failures[dyad] = f"on the usual day before the start: {failed[k]}"
    return y[:, place]


def _settled(
    task: Task, usual: Sequence[Schedule], clock: float, failed: dict[int, str], carry: Carry | None
) -> FloatArray:
    """The states of all dyads on the cycle of their usual days; those that failed are in `failed`."""
    who = task.who
    y = resting_start(who)
    settled: set[int] = set()
    solver = _settling(task.solver)
    rough = replace(ROUGH, max_evaluations=solver.max_evaluations)
    scale = np.array([[row.scale] for row in state_rows(who.caregivers).values()])
    parts = [(clock, DAY), (0.0, clock)]
    plans = [realise(who, usual, *part, seeds=(0,)) for part in parts if part[1] > part[0]]
    change = np.full(len(who), np.inf)
    for number in range(LONGEST_SETTLING):
        before, change_before = y.copy(), change
        quiet = replace(task, recorder=None, hold_slow=True, solver=solver if number else rough)
        for plan in plans:
            left_out = failed | dict.fromkeys(settled, "")
            moved = (carry or carry_stacked)(quiet, plan, y, left_out)
            failed |= {dyad: reason for dyad, reason in left_out.items() if dyad not in settled}
            alive = [i for i in range(len(who)) if i not in left_out]
            y[:, alive] = moved[:, alive]
        change = np.max(np.abs(y - before) / scale, axis=0)
        settled |= {i for i in alive if number > 1 and _left(change[i], change_before[i]) < CLOSE * solver.rtol}
        if len(settled) + len(failed) == len(who):
            break
    return y


def _part(task: Task, index: npt.NDArray[np.int64]) -> Task:
    """The same for some of the dyads."""
    edges = {name: np.asarray(value)[index] if np.ndim(value) else value for name, value in task.edges.items()}
    return replace(task, who=task.who.take(index), edges=edges)


def _alike(task: Task, usual: Sequence[Schedule]) -> npt.NDArray[np.int64]:
    """For each dyad the first that has the same parameters, age, usual day and slow state, shape (n,)."""
    who = task.who
    n = len(who)
    numbers = {id(day): float(i) for i, day in enumerate(usual)}
    day = [numbers[id(one)] for one in usual] if len(usual) == n else [0.0] * n
    values = [who.ages(), day, *leaves(who.resolved(task.edges)), *resting_start(who)]
    table = np.stack([np.broadcast_to(np.asarray(v, dtype=float), (n,)) for v in values], axis=1)
    varied = table[:, (table != table[0]).any(axis=0)]
    first: dict[bytes, int] = {}  # by their bytes: sorting rows of numbers takes ten times as long
    return np.array([first.setdefault(row.tobytes(), i) for i, row in enumerate(varied)], dtype=np.int64)


def _left(change: float, before: float) -> float:
    """What is left to change after a day's `change`, when the day before changed `before`: both shrink by one ratio."""
    return change * change / (before - change) if change < before else change


def _settling(solver: Solver) -> Solver:
    """Settling uses a stacking method at the user's tolerance, at least 1e-6: the start should not depend on the
    method."""
    rtol = min(solver.rtol, 1e-6)
    return Solver("RK45" if rtol > 1e-8 else "DOP853", rtol, max_evaluations=solver.max_evaluations)
