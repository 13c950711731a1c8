"""The default start: slow states at their daily means, fast ones on their periodic cycle under the
usual day. It is settled once and kept: the arms of a trial, the doses of a sweep and repeated calls
begin where one settled.

A start depends on no intervention and on no seed, so that a dyad under another dose has the start
that it had. Kept is the state to the last bit, under a digest of all that settling depends on, as
it is written in the family and its usual day: nothing is worked out before it is known that a start
is not there (:mod:`oxysim.simulation.start.settling`). A run gives the same numbers whether its
start was kept or not. Where it is valid: for any schedule, since a start knows the routine alone.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.families import Family
from oxysim.per_dyad import PerDyad, together
from oxysim.schedule import Routine, Schedule
from oxysim.simulation.engines import Integrator
from oxysim.simulation.equations.resting_state import resting_start
from oxysim.simulation.equations.system import state_rows
from oxysim.simulation.scipy_engine import Solver, Task
from oxysim.simulation.start.settling import COARSEST, Settling

Settled = tuple[FloatArray, dict[int, str]]
"""States (n_states, n), and the reason of every dyad (position) that has none."""

Start = tuple[FloatArray, str | None]
"""The state of one dyad (n_states,), and the reason why it has none."""

KEPT_DYADS = 2**15  # with some 600 bytes each they take 20 MB
# Usual days that are told apart at once; the starts of one that was forgotten are settled again.
KNOWN_ROUTINES = 256
DIGEST_BYTES = 24  # so that two different starts share one as good as never (2**-96)

# Studies may run in several threads of one process.
_lock = threading.Lock()
# The start that was used last stands last, so that the first is the one to drop.
_kept: OrderedDict[bytes, Start] = OrderedDict()
_routine_numbers = itertools.count()


def settled_start(  # noqa: PLR0913 - the last two are keywords with defaults
    task: Task,
    days: PerDyad[Schedule],
    clock: float,
    failures: dict[int, str],
    integrator: Integrator | None = None,
    *,
    means: bool = True,
) -> FloatArray:
    """The state at `clock` (min after 00:00), shape (n_states, n).

    Fast states are on the cycle of the usual day with the slow states held at their daily means;
    then the slow ones are brought to where they are at that hour of a day of those means.

    The usual day is the routine of each dyad's schedule on the first simulated day, without jitter
    and without interventions. A dyad repeats it until nothing fast changes from one day to the
    next, whoever else is settled with it; of dyads that are alike in everything, one is settled for
    all. What was settled is kept.

    Parameters
    ----------
    failures : filled with dyad position -> reason.
    integrator : the compiled engine's, whose answer for a dyad does not depend on who is computed
        beside it; None for SciPy, which stacks dyads.
    means : False where a course goes on: the slow states' starting values are then those at `clock`
        itself.

    >>> from oxysim.schedule import Routine
    >>> who = Family()
    >>> days, failures = PerDyad.shared(Schedule(Routine.typical()), 1), {}
    >>> task = Task(who, {}, Solver("RK45", rtol=1e-3))
    >>> settled_start(task, days, 480.0, failures, means=False).shape[1], failures
    (1, {})
    """
    settling = Settling(task, days, clock, integrator, means)
    if task.usual is not None:
        # The stored usual signals are being computed: nothing of it is for other runs.
        y, failed = settling.settled(np.arange(len(task.who)))
    else:
        y, failed = _kept_or_settled(settling)

    y[:, list(failed)] = np.nan
    for dyad, reason in failed.items():
        failures[dyad] = f"on the usual day before the start: {reason}"
    return y


def means_of_the_day(
    family: Family, days: PerDyad[Schedule], integrator: Integrator | None = None
) -> dict[str, FloatArray]:
    """The means of the slow states over the day at whose 00:00 they are where `who.start` has them,
    each of shape (n,).

    A start of those means is back there at 00:00, but for the square of what lies between (under
    .02 EPDS points).

    >>> from oxysim.schedule import Routine
    >>> days = PerDyad.shared(Schedule(Routine.typical()), 1)
    >>> means = means_of_the_day(Family(), days)
    >>> float(means["mother.depression"][0].round(1))
    5.4
    """
    failures: dict[int, str] = {}
    at_midnight = resting_start(family)
    start = settled_start(Task(family, {}, Solver()), days, 0.0, failures, integrator)
    means = {}
    for position, (name, row) in enumerate(state_rows(family.caregivers).items()):
        if row.pace != "fast":
            mean = at_midnight[position] - (start[position] - at_midnight[position])
            means[name] = np.clip(mean, row.low, row.high)
    return means


def forget() -> None:
    """Drop every kept start, so that the next run settles: for whoever measures what settling
    takes.

    >>> forget()
    """
    with _lock:
        _kept.clear()


def _kept_or_settled(settling: Settling) -> Settled:
    """The starts of all dyads: those that are kept, and of the others what settling gives.

    Of dyads that are alike in everything one is settled for all. Where a dyad's start depends on
    those that are settled beside it (SciPy's stacks step together), either all are recalled or
    none.
    """
    # The arms of a trial repeat their dyads: each is settled once.
    routines = PerDyad.of([day.routine for day in settling.days])
    different = together(routines, PerDyad.of_equal(_determinants(settling.task)))
    separate = settling.integrator is not None
    keys = _keys(settling, different.values, separate=separate)

    starts = _recalled(keys)
    missing = [number for number, start in enumerate(starts) if start is None]
    if missing:
        chosen = missing if separate else list(range(len(keys)))
        states, failed = settling.settled(np.array(different.firsts)[chosen])
        for column, number in enumerate(chosen):
            starts[number] = (states[:, column].copy(), failed.get(column))
        _keep({keys[number]: starts[number] for number in chosen})

    start_of_dyad = [starts[number] for number in different.positions.tolist()]
    states = np.stack([start[0] for start in start_of_dyad if start is not None], axis=1)
    failures = {
        dyad: start[1]
        for dyad, start in enumerate(start_of_dyad)
        if start is not None and start[1] is not None
    }
    return states, failures


def _recalled(keys: Sequence[bytes]) -> list[Start | None]:
    """What is kept under some keys; None where nothing is."""
    with _lock:
        starts = [_kept.get(key) for key in keys]
        for key, start in zip(keys, starts, strict=True):
            if start is not None:
                _kept.move_to_end(key)
    return starts


def _keep(starts: Mapping[bytes, Start | None]) -> None:
    """Keep some starts, and drop those that were not used for longest."""
    with _lock:
        for key, start in starts.items():
            if start is not None:
                _kept[key] = start
        while len(_kept) > KEPT_DYADS:
            _kept.popitem(last=False)


def _keys(
    settling: Settling,
    different: Sequence[tuple[Routine, bytes]],
    *,
    separate: bool,
) -> list[bytes]:
    """A digest of all that settling depends on, one for each dyad that differs from the others: its
    routine and its determinants, and what is the same for all.

    Unless they settle `separate`, it covers the dyads that are settled beside it too.
    """
    task, family = settling.task, settling.task.who
    tolerance, limit = min(task.solver.rtol, COARSEST), task.solver.max_evaluations
    settings = (settling.clock, settling.means, tolerance, limit, separate)
    # Which edges are scaled, even by 1, decides which code runs.
    names = sorted(family.parameters), sorted(family.start), sorted(task.edges)
    common = repr((family.caregivers, family.role_of, names, *settings)).encode()

    rows = [f"{_number(routine)}:".encode() + row for routine, row in different]
    beside = b"" if separate else _digest(b"".join(_digest(row) for row in rows))
    return [_digest(common + beside + row) for row in rows]


def _determinants(task: Task) -> list[bytes]:
    """The numbers that decide a dyad's start beside its usual day, as bytes: its age, the values
    that are not at their defaults, and its edges.
    """
    family = task.who
    values: list[Any] = [family.ages()]
    for changed in (family.parameters, family.start, task.edges):
        values += [changed[name] for name in sorted(changed)]

    columns = [np.broadcast_to(np.asarray(value, dtype=float), (len(family),)) for value in values]
    return [row.tobytes() for row in np.stack(columns, axis=1)]


@functools.lru_cache(maxsize=KNOWN_ROUTINES)
def _number(routine: Routine) -> int:
    """A number that routines share which are equal but for their jitter: a usual day has none."""
    return _number_of_usual_day(routine.without_jitter())


@functools.lru_cache(maxsize=KNOWN_ROUTINES)
def _number_of_usual_day(routine: Routine) -> int:
    """A number that equal routines share; a new one where a routine had been forgotten."""
    return next(_routine_numbers)


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=DIGEST_BYTES).digest()
