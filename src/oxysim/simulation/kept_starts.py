"""Settled starts that are kept: the arms of a trial, the doses of a sweep and repeated calls begin
where one settled.

A start hangs on no intervention and on no seed, so that a dyad under another dose has the start
that it had. Kept is the state to the last bit, under a digest of all that settling sees: a run
gives the same numbers whether its start was kept or not. Where it is valid: everywhere.
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
from oxysim.schedule import Routine, Schedule
from oxysim.simulation.equations.python_code import equations_shape, leaves
from oxysim.simulation.scipy_engine import Task

Settled = tuple[FloatArray, dict[int, str]]
"""States (n_states, n), and the reason of every dyad (position) that has none."""

KEPT = 2**15  # dyads; with some 600 bytes each they take 20 MB
ROUTINES = 256  # usual days that are known apart at once; one that was forgotten is settled again

_lock = threading.Lock()
# the one that was used last comes last
_kept: OrderedDict[bytes, tuple[FloatArray, str | None]] = OrderedDict()
_numbers = itertools.count()


def forget() -> None:
    """Drop every kept start, so that the next run settles: for whoever measures what settling
    takes.
    """
    with _lock:
        _kept.clear()


def recalled(
    keys: Sequence[bytes], settle: Callable[[IntArray], Settled], *, apart: bool
) -> Settled:
    """The starts under some keys, one a dyad: those that are kept, and of the others what `settle`
    gives.

    Parameters
    ----------
    settle : takes positions among the dyads, and gives the states and failures of these.
    apart : whether a dyad's start hangs on no dyad that is settled beside it; else either all are
    recalled or none.
    """
    with _lock:
        held = [_kept.get(key) for key in keys]
        for key, one in zip(keys, held, strict=True):
            if one is not None:
                _kept.move_to_end(key)
    missing = np.array([k for k, one in enumerate(held) if one is None], dtype=np.int64)
    if len(missing):
        chosen = missing if apart else np.arange(len(keys))
        states, failed = settle(chosen)
        for column, k in enumerate(chosen.tolist()):
            held[k] = (states[:, column].copy(), failed.get(column))
        with _lock:
            _kept.update((keys[k], one) for k in chosen.tolist() if (one := held[k]) is not None)
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
    found = [one for one in held if one is not None]
    failures = {k: reason for k, (_, reason) in enumerate(found) if reason is not None}
    return np.stack([state for state, _ in found], axis=1), failures


def keys_of(
    task: Task, days: Sequence[Schedule], table: FloatArray, how: Sequence[Any], *, apart: bool
) -> list[bytes]:
    """A digest of all that settling sees, one a dyad.

    Parameters
    ----------
    days : the usual day of each dyad, or one for all.
    table : (n, k) what else differs between dyads: :func:`seen_of`.
    how : hour, engine and so on, as they are written.
    apart : as of :func:`recalled`; else a key covers the dyads that are settled beside it too.
    """
    who, solver = task.who, task.solver
    shape = equations_shape(who.resolved(task.edges)), bool(task.edges)
    common = repr((who.caregivers, who.role_of, shape, *how, sorted(vars(solver).items()))).encode()
    usual = {id(day): _number(day.routine) for day in days}
    numbers = np.broadcast_to([usual[id(day)] for day in days], (len(who),))
    rows = [
        f"{number}:".encode() + row.tobytes()
        for number, row in zip(numbers.tolist(), table, strict=True)
    ]
    beside = b"" if apart else _digest(b"".join(_digest(row) for row in rows))
    return [_digest(common + beside + row) for row in rows]


def seen_of(task: Task, at_rest: FloatArray) -> FloatArray:
    """Every dyad's age, parameters, edges and resting state (n_states, n) in a
    row, shape (n, k).
    """
    who = task.who
    values = [who.ages(), *leaves(who.resolved(task.edges)), *at_rest]
    return np.stack(
        [np.broadcast_to(np.asarray(v, dtype=float), (len(who),)) for v in values], axis=1
    )


@functools.lru_cache(maxsize=ROUTINES)
def _number(routine: Routine) -> int:
    """A number that equal routines share; new where one had been forgotten."""
    return next(_numbers)


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=24).digest()
