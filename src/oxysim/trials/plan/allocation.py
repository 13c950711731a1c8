"""Who is allocated to what: simple, blocked and stratified randomisation, many replications at
once.

Every draw is keyed by the participant's number and a purpose, so neither more participants nor more
replications change what was there, and the order in which arms are named changes nothing. With
simple randomisation another arm moves participants into itself and nobody between the others;
blocks with an arm more are other blocks.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from oxysim import checks
from oxysim.arrays import FloatArray, IntArray
from oxysim.errors import InputError
from oxysim.families import Family
from oxysim.measures import INSTRUMENTS, Instrument
from oxysim.model import registry
from oxysim.texts import Called
from oxysim.trials.plan.keyed_draws import participant_numbers, uniforms

LARGEST_BLOCK = 1000
"""The largest block: larger ones balance no trial that is simulated here."""

VARYING = (2, 3, 4)
"""How many times the sum of the shares a block of varying size holds; of two arms 4, 6 or 8. A
block of once the sum would give every second allocation of two arms away.
"""


class Randomised(NamedTuple):
    """What an allocation may know of the participants.

    Attributes
    ----------
    seed : key of the draws.
    position : position in the pool, shape (replications, n).
    pool : the dyads that participants are drawn from.
    baseline : gives the baseline readings of an instrument, shape (replications, n).

    >>> from oxysim.families import Family
    >>> position = np.zeros((3, 4), int)
    >>> participants = Randomised(1, position, Family(), baseline=lambda name: np.zeros((3, 4)))
    >>> participants.uniform("allocation", width=4).shape
    (3, 4)
    """

    seed: int
    position: IntArray
    pool: Family
    baseline: Callable[[str | Instrument], FloatArray]

    def uniform(self, purpose: str, width: int) -> FloatArray:
        """One draw for each of `width` positions of each replication, shape (replications,
        width).
        """
        return uniforms(self.seed, participant_numbers((len(self.position), width)), purpose)


@dataclass(frozen=True)
class Allocation(Called, ABC):
    """The interface of every allocation.

    >>> isinstance(Simple(), Allocation)
    True
    """

    @abstractmethod
    def allot(self, to: Mapping[str, int], who: Randomised) -> IntArray:
        """The course (0, 1, ...) of every participant, shape (replications, n), where `to` maps the
        name of each course to its share.
        """

    def require(self, to: Mapping[str, int]) -> None:  # noqa: B027 - most allocations go with any courses
        """Raise ``InputError`` unless participants can be allocated to these courses so."""

    @property
    @abstractmethod
    def words(self) -> str:
        """In words."""


@dataclass(frozen=True)
class Simple(Allocation):
    """Each participant by a throw of their own; arms differ in size by chance.

    >>> Simple().words
    'simple randomisation'
    """

    def allot(self, to: Mapping[str, int], who: Randomised) -> IntArray:
        n = who.position.shape[1]
        # The first of several waiting times with these rates is each with the probability of its
        # share, and an arm more never changes the order of the others.
        waits = [
            -np.log(who.uniform(f"allocation {name}", n)) / share for name, share in to.items()
        ]
        return np.argmin(waits, axis=0)

    @property
    def words(self) -> str:
        return "simple randomisation"


@dataclass(frozen=True)
class Blocked(Allocation):
    """In blocks, each of which holds every arm in its share; the last block may be left unfinished.

    Parameters
    ----------
    size : participants in a block, a multiple of the sum of the shares and at most 1,000. Default:
        each block draws its own size, two, three or four times the sum (4, 6 or 8 for two arms), so
        that nobody who sees the allocations so far knows the next one for certain. A block of a
        size that is known gives its last places away; of two arms in blocks of 2, every second.

    >>> Blocked().words
    'blocked randomisation, blocks of varying size'
    """

    size: int | None = None

    def __post_init__(self) -> None:
        _require_size(self.size)

    def require(self, to: Mapping[str, int]) -> None:
        _multiples(self.size, to)

    def allot(self, to: Mapping[str, int], who: Randomised) -> IntArray:
        return _blocks(_multiples(self.size, to), to, who, "allocation in blocks")

    @property
    def words(self) -> str:
        return f"blocked randomisation, {_blocks_in_words(self.size)}"


@dataclass(frozen=True, eq=False)
class Stratified(Allocation):
    """In blocks within strata.

    Parameters
    ----------
    by : what makes the strata: an instrument read at baseline, by name or one of yours, or a
        parameter
        ("caregiver.depression.loop_gain"), cut into bands at `cuts`; labels, one for each dyad of
        the pool; or a function that takes the pool (a `Family`) and returns such labels.
    cuts : where the bands meet, increasing; a value at a cut belongs to the band above. Several
        instruments or parameters: nest labels of your own.
    size : of the blocks, as for :class:`Blocked`.

    Raises
    ------
    InputError : cuts that do not increase or are missing; labels of another length; a stratum
        without members.

    >>> Stratified("epds", cuts=[10, 13], size=4).words
    'randomisation stratified by epds, cut at [10, 13], blocks of 4'
    """

    by: Any
    cuts: Sequence[float] = ()
    size: int | None = None

    def __post_init__(self) -> None:
        _require_size(self.size)
        cuts = _cuts(self.cuts)
        if any(later <= earlier for earlier, later in zip(cuts[:-1], cuts[1:], strict=True)):
            raise InputError(f"strata: expected increasing cuts; found {list(self.cuts)}")
        # a name is cut into bands, labels are the bands themselves
        if isinstance(self.by, str | Instrument) == (not cuts):
            text = list(cuts) if cuts else "none"
            raise InputError(
                f"strata: {self.by!r} needs cuts, and labels of your own take none; found {text}"
            )

    def require(self, to: Mapping[str, int]) -> None:
        _multiples(self.size, to)

    def allot(self, to: Mapping[str, int], who: Randomised) -> IntArray:
        multiples = _multiples(self.size, to)
        strata, names = self._strata(who)
        course = np.zeros(who.position.shape, dtype=np.int64)
        for k, name in enumerate(names):
            inside = strata == k
            if not inside.any():
                raise InputError(
                    f"stratum {name!r} has no members among the participants; leave it out, or cut"
                    " elsewhere"
                )
            # Blocks as long as the whole trial, of which each member takes the next position.
            blocks = _blocks(multiples, to, who, f"allocation in stratum {name}")
            rank = np.cumsum(inside, axis=1) - 1
            allotted = np.take_along_axis(blocks, np.maximum(rank, 0), axis=1)
            course[inside] = allotted[inside]
        return course

    def _strata(self, participants: Randomised) -> tuple[IntArray, list[str]]:
        """The stratum of every participant, shape (replications, n), and the strata's names."""
        if isinstance(self.by, str | Instrument):
            cuts = np.asarray(self.cuts, dtype=float)
            bands = np.searchsorted(cuts, self._banded(participants), side="right")
            ends = ["", *(f"{float(cut):g}" for cut in self.cuts), ""]
            low_high = zip(ends[:-1], ends[1:], strict=True)
            return bands, [_band(self._name, low, high) for low, high in low_high]

        labels = np.asarray(self.by(participants.pool) if callable(self.by) else self.by)
        if labels.shape != (len(participants.pool),):
            raise InputError(
                f"strata: expected {len(participants.pool)} labels, one a dyad of the pool; found"
                f" {labels.shape}"
            )
        names, number = np.unique(labels.astype(str), return_inverse=True)
        return number[participants.position], names.tolist()

    def _banded(self, participants: Randomised) -> FloatArray:
        """What is cut into bands, of every participant, shape (replications, n)."""
        if isinstance(self.by, Instrument) or self.by in INSTRUMENTS:
            return participants.baseline(self.by)
        registry.parameter_row(self.by, participants.pool.caregivers)  # refuses a misspelt name
        values = np.asarray(participants.pool.value(self.by), dtype=float)
        return np.broadcast_to(values, (len(participants.pool),))[participants.position]

    @property
    def _name(self) -> str:
        """Of the instrument or parameter; empty where labels make the strata."""
        return (
            self.by.name
            if isinstance(self.by, Instrument)
            else (self.by if isinstance(self.by, str) else "")
        )

    @property
    def words(self) -> str:
        by = self._name or "labels of the user's"
        cuts = f", cut at {list(self.cuts)}" if len(self.cuts) else ""
        return f"randomisation stratified by {by}{cuts}, {_blocks_in_words(self.size)}"


def _require_size(size: Any) -> None:
    if size is not None:
        checks.whole_number(size, "block size", 1, LARGEST_BLOCK)


def _multiples(size: int | None, to: Mapping[str, int]) -> tuple[int, ...]:
    """How many times the sum of the shares a block may hold."""
    least = sum(to.values())
    if size is None:
        return VARYING
    if size % least:
        raise InputError(
            what="block size", expected=f"a multiple of {least} ({', '.join(to)})", found=str(size),
            key=("size",),
        )  # fmt: skip
    return (size // least,)


def _blocks_in_words(size: int | None) -> str:
    return "blocks of varying size" if size is None else f"blocks of {size}"


def _blocks(
    multiples: tuple[int, ...], to: Mapping[str, int], participants: Randomised, purpose: str
) -> IntArray:
    """Blocks one after the other, each of its own size and in an order of its own, shape
    (replications, n). Whatever n is, the first positions are the same: every draw is keyed by the
    position or the block.
    """
    replications, n = participants.position.shape
    least = sum(to.values())
    # as many blocks as it takes if all of them are small
    count = -(-n // (min(multiples) * least))
    if len(multiples) == 1:
        times = np.full((replications, count), multiples[0])
    else:
        drawn = participants.uniform(f"{purpose}, sizes", count)
        times = np.asarray(multiples)[(drawn * len(multiples)).astype(np.int64)]

    # no block ends beyond this position
    width = n + max(multiples) * least
    uniform = participants.uniform(purpose, width)

    # By name, so that the order in which arms are named changes nobody's allocation.
    courses = list(to)
    by_name = sorted(courses, reverse=True)
    share = np.repeat([courses.index(name) for name in by_name], [to[name] for name in by_name])
    shuffled = [_shuffled(row, draws, share)[:n] for row, draws in zip(times, uniform, strict=True)]
    return np.array(shuffled)


def _shuffled(times: IntArray, uniform: FloatArray, share: IntArray) -> IntArray:
    """One replication: blocks that hold `share` so many times, each put into random order."""
    sizes = times * len(share)
    block = np.repeat(np.arange(len(sizes)), sizes)[: len(uniform)]
    starts = np.cumsum(sizes) - sizes

    # Sorted by block, and within one by the draw: the rank of each position in its block.
    order = np.argsort(block + uniform[: len(block)], kind="stable")
    rank = np.empty(len(block), dtype=np.int64)
    rank[order] = np.arange(len(block)) - starts[block[order]]
    # ranks in a row share an arm: as many as the block holds the shares
    return np.asarray(share[rank // times[block]])


def _cuts(cuts: Any) -> tuple[float, ...]:
    try:
        numbers = tuple(float(cut) for cut in cuts)
    except (TypeError, ValueError):
        numbers = (np.nan,)  # refused below, with what was given
    if not np.isfinite(numbers).all():
        raise InputError(
            f"strata, cuts: expected a list of finite numbers such as [10, 13]; found {cuts!r}"
        )
    return numbers


def _band(name: str, low: str, high: str) -> str:
    """A band between two cuts in words; "" where it has no end."""
    if not low:
        return f"{name} below {high}"
    return f"{name} from {low}" + (f" to below {high}" if high else "")
