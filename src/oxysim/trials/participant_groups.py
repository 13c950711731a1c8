"""Who takes part in each replication of a protocol, and what instruments read of them.

Groups of participants are drawn from a simulated pool; every reading is shaped (replications, n).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from oxysim import checks, units
from oxysim.arrays import FloatArray, IntArray
from oxysim.checks import require_seed
from oxysim.errors import InputError
from oxysim.measures import Instrument, NoiseKey, instrument, read
from oxysim.simulation.results.result import Result
from oxysim.simulation.scipy_engine import Solver
from oxysim.streams import stream
from oxysim.texts import Described, counted
from oxysim.trials.plan.limits import require_readings, require_replications

# readings stray by a tenth and more; this strays by less than a thousandth
SOLVER = Solver("RK45", rtol=1e-5)


@dataclass(frozen=True, eq=False)
class Groups(Described):
    """Who takes part in each replication: positions in the simulated pool, and numbers that key
    their noise, shape (replications, n).

    >>> groups(pool=100, n=10, replications=5, seed=1)
    Groups: 5 replications of n = 10.
    """

    position: IntArray
    number: IntArray

    def facts(self) -> tuple[str, list[tuple[str, object]]]:
        """How many replications of how many."""
        replications, n = self.position.shape
        return "Groups", [("", f"{counted(replications, 'replication')} of n = {n}")]

    def read(
        self,
        result: Result,
        name: str | Instrument,
        when: Any,
        *,
        member: str = "caregiver",
        seed: int = 0,
        visit: Any = "visit",
    ) -> FloatArray:
        """Readings of one instrument, shape (replications, n).

        Parameters
        ----------
        when : a clock time ("10:45"), or a pair (start, stop): the instrument then reads the mean
            over the stretch, as a rater who codes a whole bout does.
        visit : the occasion's name, or two names and an array (replications, n) of 0 and 1 that
            says which visit it was.
        """
        tool = instrument(name)
        person = result.caregivers[0] if member == "caregiver" else member
        # a mean over a stretch is read at its end
        time = units.clock(when if isinstance(when, str) else when[1])
        full_names = tool.reads(person, result.caregivers)
        quantities = [_value(result, full_name, when) for full_name in full_names]
        quantities += [_level(result, person, channel, when) for channel in tool.inputs]
        quantities += [result.ages_at(np.array([time]))[:, 0]] if tool.by_age else []
        quantities = [quantity[self.position].ravel() for quantity in quantities]
        values = quantities[0] if len(quantities) == 1 else quantities
        numbers = self.number.ravel().tolist()

        def read_at(occasion: str) -> FloatArray:
            measured = read(name, values, numbers, [time], NoiseKey(seed, person, occasion))
            return np.asarray(measured.values)[:, 0].reshape(self.position.shape)

        if isinstance(visit, str):
            return read_at(visit)
        names, which_visit = visit
        return np.where(which_visit == 0, read_at(names[0]), read_at(names[1]))

    def series(
        self,
        result: Result,
        name: str | Instrument,
        times: npt.ArrayLike,
        *,
        member: str = "caregiver",
        seed: int = 0,
        visit: str = "visit",
    ) -> FloatArray:
        """Repeated samples of one visit, shape (replications, n, n_times); for instruments that
        read variables alone.

        Parameters
        ----------
        times : minutes since 00:00 of the first simulated day, shape (n_times,). An instrument
            with a window (urine) reads the mean over the window before each.
        """
        tool = instrument(name)
        person = result.caregivers[0] if member == "caregiver" else member
        at = np.atleast_1d(np.asarray(times, dtype=float))
        full_names = tool.reads(person, result.caregivers)
        if tool.window:
            values = [result.means_before(name, at, tool.window) for name in full_names]
        else:
            values = [result.values_at(name, at) for name in full_names]

        # a row for each participant of each replication: one dyad may stand in several
        numbers = self.number.ravel().tolist()
        key = NoiseKey(seed, person, visit)
        drawn = [table[self.position.ravel()] for table in values]
        measured = read(name, drawn[0] if len(drawn) == 1 else drawn, numbers, at, key)
        return np.asarray(measured.values).reshape(*self.position.shape, len(at))


def groups(pool: int, n: int, replications: int, seed: int, *, arm: str = "") -> Groups:
    """Draw each replication's n participants from a simulated pool.

    A pool of at least n x replications is split into distinct groups; from a smaller one each
    replication draws n different participants, its own luck for each. Numbers are unique over
    replications, so no two share a measurement error.

    Parameters
    ----------
    arm : in a parallel design, the name of the arm: it keys the draw, so that another arm changes
        nobody's allocation.

    Raises
    ------
    InputError : fewer than 2 participants, no replication, or a pool smaller than n.

    >>> groups(pool=4, n=2, replications=2, seed=1).position.tolist()
    [[0, 1], [2, 3]]
    """
    if checks.text(arm, "arm"):
        checks.name(arm, "arm")
    checks.whole_number(pool, "pool", 1)
    checks.whole_number(n, "n", 2)
    require_replications(replications)
    require_seed(seed)
    require_readings(n, replications)
    # one dyad must not stand twice in one study: it would be two participants of one noise
    if pool < n:
        raise InputError(
            f"the pool holds {pool} participants, fewer than the {n} of one replication; give more"
            " of them (pool=, where they are drawn), or take a smaller n"
        )
    number = np.arange(n * replications).reshape(replications, n)
    # distinct groups where the pool has enough for all: then replications are independent
    if not arm and pool >= n * replications:
        return Groups(number, number)
    # an arm's name keys its draw, so that another arm changes nobody's allocation
    purpose = f"replication, arm {arm}" if arm else "replication"
    streams = [stream(seed, r, purpose) for r in range(replications)]
    drawn = [draws.choice(pool, n, replace=False) for draws in streams]
    return Groups(np.array(drawn), number)


def sequences(shape: tuple[int, int], seed: int) -> IntArray:
    """Which session comes first, 0 or 1, balanced within each replication, shape
    (replications, n).

    >>> sequences((2, 4), seed=1).sum(axis=1).tolist()
    [2, 2]
    """
    checks.sequence(
        shape,
        "shape",
        checks.whole_number,
        of="whole numbers: replications, participants",
        least=2,
        most=2,
    )
    require_seed(seed)
    # half of them either way, one more of 0 where the number is odd
    balanced = np.arange(shape[1]) % 2
    return np.array(
        [stream(seed, r, "sequence of sessions").permutation(balanced) for r in range(shape[0])]
    )


def _value(result: Result, name: str, when: Any) -> FloatArray:
    # a clock time reads one moment, a pair the mean of the course between
    values = (
        result.at(name, when).isel(time=0) if isinstance(when, str) else result.mean(name, *when)
    )
    return np.asarray(values.values, dtype=float)


def _level(result: Result, person: str, channel: str, when: Any) -> FloatArray:
    """The level of an input channel at the (end of the) time, for every dyad of the pool."""
    time = units.clock(when if isinstance(when, str) else when[1])
    return np.array(result.levels_at(person, channel, np.array([time]))[:, 0])
