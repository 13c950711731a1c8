"""Settled starts that are kept: the arms of a trial, the doses of a sweep and repeated calls begin
where one settled.

A start depends on no intervention and on no seed, so that a dyad under another dose has the start
that it had. Kept is the state to the last bit, under a digest of all that settling depends on, as
it is written in the family and its usual day: nothing is worked out before it is known that a start
is not there. A run gives the same numbers whether its start was kept or not. Where it is valid:
everywhere.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from oxysim.arrays import FloatArray, IntArray
from oxysim.per_dyad import PerDyad, together
from oxysim.schedule import Routine, Schedule
from oxysim.simulation.scipy_engine import Task

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


def forget() -> None:
    """Drop every kept start, so that the next run settles: for whoever measures what settling
    takes.

    >>> forget()
    """
    with _lock:
        _kept.clear()


def kept_or_settled(
    task: Task,
    days: PerDyad[Schedule],
    settings: Sequence[Any],
    settle: Callable[[IntArray], Settled],
    *,
    separate: bool,
) -> Settled:
    """The starts of all dyads: those that are kept, and of the others what `settle` gives.

    Parameters
    ----------
    settings : what else a start depends on (hour, tolerance), as it is written.
    settle : takes positions among the dyads, and gives the states and failures of these. Of dyads
        that are alike in everything one is settled for all.
    separate : whether a dyad's start depends on no dyad that is settled beside it; else either all
        are recalled or none.

    >>> from oxysim.families import Family
    >>> from oxysim.simulation.scipy_engine import Solver
    >>> task, days = Task(Family().repeat(2), {}, Solver()), PerDyad.shared(Schedule(Routine()), 2)
    >>> settle = lambda chosen: (np.full((1, len(chosen)), 7.0), {})
    >>> kept_or_settled(task, days, ["an example"], settle, separate=True)[0].tolist()
    [[7.0, 7.0]]
    """
    # The arms of a trial repeat their dyads: each is settled once.
    routines = PerDyad.of([day.routine for day in days])
    different = together(routines, PerDyad.of_equal(_determinants(task)))
    keys = _keys(task, different.values, settings, separate=separate)

    starts = _recalled(keys)
    missing = [number for number, start in enumerate(starts) if start is None]
    if missing:
        chosen = missing if separate else list(range(len(keys)))
        states, failed = settle(np.array(different.firsts)[chosen])
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
    task: Task,
    different: Sequence[tuple[Routine, bytes]],
    settings: Sequence[Any],
    *,
    separate: bool,
) -> list[bytes]:
    """A digest of all that settling depends on, one for each dyad that differs from the others: its
    routine and its determinants, and what is the same for all.

    Unless they settle `separate`, it covers the dyads that are settled beside it too.
    """
    family = task.who
    # Which edges are scaled, even by 1, decides which code runs.
    names = sorted(family.parameters), sorted(family.start), sorted(task.edges)
    common = repr((family.caregivers, family.role_of, names, *settings, separate)).encode()

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
