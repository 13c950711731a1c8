"""The set of candidates that a criterion values most, found by exchange (Fedorov 1972).

From a set that is allowed, the one exchange of a member for another candidate that gains most is
made, until none gains, nor the move of two by one candidate each. That ends in a set which no such
step betters, and not always in the best of all; so it begins several times, from sets drawn by
chance and from one that is spread over the times.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from oxysim.arrays import BoolArray, FloatArray, IntArray
from oxysim.checks import array, flag, number, require_seed, whole_number
from oxysim.errors import InputError
from oxysim.streams import stream
from oxysim.texts import counted
from oxysim.units import duration_text

# values of many sets at once, the sets of shape (n_sets, size), larger is better
Criterion = Callable[[IntArray], FloatArray]
STARTS = 12  # with these, exhaustive search finds no better set in any of the tests' problems
GAIN = (
    1e-10  # of the value: a smaller gain is rounding, and two equal sets would be exchanged forever
)
ATTEMPTS = 200  # draws of a set that is allowed, before chance is given up


@dataclass(frozen=True, eq=False)
class Feasible:
    """Which sets of candidates are allowed.

    Parameters
    ----------
    minutes : when each candidate is, shape (n_candidates,).
    series : who is sampled, a number a candidate: candidates of two series may lie at one time.
    spacing : the least minutes between two of a series.
    repeats : whether one candidate may be taken several times (of several persons, say).

    Raises
    ------
    InputError : shapes that do not fit, a negative spacing.

    >>> Feasible([0.0, 5.0, 20.0], spacing=10.0).allows([0]).tolist()
    [False, False, True]
    """

    minutes: FloatArray
    series: IntArray | None = None
    spacing: float = 0.0
    repeats: bool = False

    def __post_init__(self) -> None:
        minutes = array(self.minutes, "minutes", (None,))
        numbers = np.zeros(len(minutes)) if self.series is None else self.series
        object.__setattr__(self, "minutes", minutes)
        object.__setattr__(
            self,
            "series",
            array(numbers, "series", (len(minutes),)).astype(np.int64),
        )
        object.__setattr__(self, "spacing", number(self.spacing, "spacing", 0.0))
        flag(self.repeats, "repeats")

    def allows(self, chosen: Sequence[int]) -> BoolArray:
        """Which candidates may be added to those chosen, shape (n_candidates,).

        >>> Feasible([0.0, 5.0], repeats=True).allows([0]).tolist()
        [True, True]
        """
        assert self.series is not None
        allowed = np.ones(len(self.minutes), dtype=bool)
        for position in chosen:
            if self.spacing:
                near = np.abs(self.minutes - self.minutes[position]) < self.spacing
                allowed &= ~(near & (self.series == self.series[position]))
            allowed[position] &= self.repeats
        return allowed


class Exchanged(NamedTuple):
    """What an exchange found.

    Attributes
    ----------
    chosen : positions of the candidates, ascending.
    value : of the criterion.
    agreeing : how many of the starts ended there.
    starts : how many there were.

    >>> Exchanged((0, 4), 1.5, 10, 12).chosen
    (0, 4)
    """

    chosen: tuple[int, ...]
    value: float
    agreeing: int
    starts: int


def exchange_samples(
    criterion: Criterion,
    feasible: Feasible,
    size: int,
    *,
    starts: int = STARTS,
    seed: int = 0,
) -> Exchanged:
    """The set of `size` candidates that a criterion values most.

    Parameters
    ----------
    criterion : of sets of positions, shape (n_sets, size), the values, (n_sets,); minus infinity
        where a set tells nothing.
    feasible : which sets are allowed.
    starts : how often it begins anew.
    seed : of the sets drawn by chance.

    Raises
    ------
    InputError : no set of this size is allowed.

    >>> nearest_to_seven = lambda sets: -np.abs(sets - 7).sum(axis=1)
    >>> exchange_samples(nearest_to_seven, Feasible(np.arange(10.0)), 3).chosen
    (6, 7, 8)
    """
    whole_number(size, "size", 1)
    whole_number(starts, "starts", 1)
    luck = stream(require_seed(seed), 0, "starts of an exchange")
    ends = []
    for attempt in range(starts):
        # the first begins with the candidates spread over the range, the others by chance
        first = _spread(feasible, size) if attempt == 0 else _drawn(feasible, size, luck)
        if first is not None:
            ends.append(_improved(criterion, feasible, first))
    if not ends:
        raise InputError(
            what="samples",
            expected="fewer, a wider grid of times or a smaller spacing",
            found=f"{counted(size, 'sample')} at least {duration_text(feasible.spacing)} apart on"
            f" {counted(len(feasible.minutes), 'candidate')}",
            key=("samples",),
        )
    best, value = max(ends, key=lambda end: end[1])
    near = sum(end_value >= value - max(GAIN, abs(value) * 1e-6) for _, end_value in ends)
    return Exchanged(tuple(sorted(best)), value, near, len(ends))


def _improved(
    criterion: Criterion, feasible: Feasible, chosen: list[int]
) -> tuple[list[int], float]:
    """The set after all exchanges that gain, and its value."""
    value = float(criterion(np.array([chosen]))[0])
    while True:
        # two that lie as near as is allowed can only move together
        for neighbours in (_neighbours, _pairs_moved):
            sets = neighbours(feasible, chosen)
            values = np.asarray(criterion(sets), dtype=float) if len(sets) else np.full(1, -np.inf)
            best = int(np.argmax(values))
            # a first set of minus infinity is left for any other
            least = value + GAIN * max(abs(value), 1.0) if np.isfinite(value) else value
            if values[best] > least:
                chosen, value = sets[best].tolist(), float(values[best])
                break
        else:
            return chosen, value


def _neighbours(feasible: Feasible, chosen: list[int]) -> IntArray:
    """All sets that one exchange leads to, shape (n_sets, size)."""
    sets = []
    for position in range(len(chosen)):
        rest = chosen[:position] + chosen[position + 1 :]
        candidates = np.flatnonzero(feasible.allows(rest))
        exchanged = np.tile(chosen, (len(candidates), 1))
        exchanged[:, position] = candidates
        sets.append(exchanged[candidates != chosen[position]])
    return np.concatenate(sets)


def _pairs_moved(feasible: Feasible, chosen: list[int]) -> IntArray:
    """All sets in which two of the chosen lie one candidate earlier or later, (n_sets, size)."""
    n, sets = len(feasible.minutes), []
    for first, second in itertools.combinations(range(len(chosen)), 2):
        rest = [position for k, position in enumerate(chosen) if k not in (first, second)]
        free = feasible.allows(rest)
        for moves in itertools.product((-1, 1), repeat=2):
            pair = [chosen[first] + moves[0], chosen[second] + moves[1]]
            if all(0 <= position < n and free[position] for position in pair):
                if feasible.allows(pair[:1])[pair[1]]:
                    moved = list(chosen)
                    moved[first], moved[second] = pair
                    sets.append(moved)
    return np.array(sets, dtype=np.int64).reshape(len(sets), len(chosen))


def _spread(feasible: Feasible, size: int) -> list[int] | None:
    """A set that is spread over the range of times, or None where that ends too early."""
    spread_times = np.linspace(feasible.minutes.min(), feasible.minutes.max(), size)
    chosen: list[int] = []
    for moment in spread_times.tolist():
        allowed = np.flatnonzero(feasible.allows(chosen))
        if not len(allowed):
            return None
        nearest = int(np.argmin(np.abs(feasible.minutes[allowed] - moment)))
        chosen.append(int(allowed[nearest]))
    return chosen


def _drawn(feasible: Feasible, size: int, luck: np.random.Generator) -> list[int] | None:
    """A set drawn by chance, or None where none was allowed in many attempts."""
    for _ in range(ATTEMPTS):
        chosen: list[int] = []
        while len(chosen) < size:
            allowed = np.flatnonzero(feasible.allows(chosen))
            if not len(allowed):
                break
            chosen.append(int(luck.choice(allowed)))
        if len(chosen) == size:
            return chosen
    return None
