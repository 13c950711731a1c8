"""Settled starts that are kept: the arms of a trial, the doses of a sweep and repeated calls begin
where one settled.

A start depends on no intervention and on no seed, so that a dyad under another dose has the start
that it had. Kept is the state to the last bit, under a digest of all that settling depends on: a
run gives the same numbers whether its start was kept or not. Where it is valid: everywhere.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from oxysim.arrays import FloatArray, IntArray
from oxysim.per_dyad import PerDyad
from oxysim.schedule import Routine, Schedule
from oxysim.simulation.equations.python_code import equations_shape, leaves
from oxysim.simulation.scipy_engine import Task

Settled = tuple[FloatArray, dict[int, str]]
"""States (n_states, n), and the reason of every dyad (position) that has none."""

KEPT_DYADS = 2**15  # with some 600 bytes each they take 20 MB
# Usual days that are told apart at once; the starts of one that was forgotten are settled again.
KNOWN_ROUTINES = 256
DIGEST_BYTES = 24  # so that two different starts share one as good as never (2**-96)

# Studies may run in several threads of one process.
_lock = threading.Lock()
# The start that was used last stands last, so that the first is the one to drop.
_kept: OrderedDict[bytes, tuple[FloatArray, str | None]] = OrderedDict()
_routine_numbers = itertools.count()


def forget() -> None:
    """Drop every kept start, so that the next run settles: for whoever measures what settling
    takes.

    >>> forget()
    """
    with _lock:
        _kept.clear()


def kept_or_settled(
    keys: Sequence[bytes], settle: Callable[[IntArray], Settled], *, separate: bool
) -> Settled:
    """The starts under some keys, one a dyad: those that are kept, and of the others what `settle`
    gives.

    Parameters
    ----------
    settle : takes positions among the dyads, and gives the states and failures of these.
    separate : whether a dyad's start depends on no dyad that is settled beside it; else either all
        are recalled or none.

    >>> settle = lambda chosen: (np.full((2, len(chosen)), 7.0), {})
    >>> kept_or_settled([b"one", b"two"], settle, separate=True)[0].tolist()
    [[7.0, 7.0], [7.0, 7.0]]
    """
    with _lock:
        starts = [_kept.get(key) for key in keys]
        for key, start in zip(keys, starts, strict=True):
            if start is not None:
                _kept.move_to_end(key)

    missing = np.array([k for k, start in enumerate(starts) if start is None], dtype=np.int64)
    if len(missing):
        chosen = missing if separate else np.arange(len(keys))
        states, failed = settle(chosen)
        for column, k in enumerate(chosen.tolist()):
            starts[k] = (states[:, column].copy(), failed.get(column))
        with _lock:
            for k in chosen.tolist():
                if (start := starts[k]) is not None:
                    _kept[keys[k]] = start
            while len(_kept) > KEPT_DYADS:
                _kept.popitem(last=False)

    complete = [start for start in starts if start is not None]
    failures = {k: reason for k, (_, reason) in enumerate(complete) if reason is not None}
    return np.stack([state for state, _ in complete], axis=1), failures


def start_digests(
    task: Task,
    days: PerDyad[Schedule],
    determinants: FloatArray,
    settings: Sequence[Any],
    *,
    separate: bool,
) -> list[bytes]:
    """A digest of all that settling depends on, one a dyad.

    Parameters
    ----------
    days : the usual day of each dyad.
    determinants : (n, k) what else differs between dyads: :func:`determinants_of`.
    settings : hour, engine and so on, as they are written.
    separate : as of :func:`kept_or_settled`; else a key covers the dyads that are settled
        beside it.
    """
    family, solver = task.who, task.solver
    shape = equations_shape(family.resolved(task.edges)), bool(task.edges)
    of_all = (family.caregivers, family.role_of, shape, *settings, sorted(vars(solver).items()))
    common = repr(of_all).encode()

    routines = days.map(lambda day: _number(day.routine))
    rows = [
        f"{number}:".encode() + row.tobytes()
        for number, row in zip(routines, determinants, strict=True)
    ]
    beside = b"" if separate else _digest(b"".join(_digest(row) for row in rows))
    return [_digest(common + beside + row) for row in rows]


def determinants_of(task: Task, at_rest: FloatArray) -> FloatArray:
    """Every dyad's age, parameters, edges and resting state (n_states, n) in a row: what a settled
    start depends on beside the usual day, shape (n, k).
    """
    family = task.who
    values = [family.ages(), *leaves(family.resolved(task.edges)), *at_rest]
    columns = [np.broadcast_to(np.asarray(value, dtype=float), (len(family),)) for value in values]
    return np.stack(columns, axis=1)


@functools.lru_cache(maxsize=KNOWN_ROUTINES)
def _number(routine: Routine) -> int:
    """A number that equal routines share; a new one where a routine had been forgotten."""
    return next(_routine_numbers)


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=DIGEST_BYTES).digest()
