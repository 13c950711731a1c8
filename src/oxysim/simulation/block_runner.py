"""Many dyads, some at a time: what is kept of a run in tables, and who failed.

A block bounds the memory that realised schedules and courses take. It changes no answer: a dyad's
numbers do not depend on who stands in its block.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from oxysim.arrays import FloatArray, IntArray
from oxysim.families import Family
from oxysim.simulation.run import PreparedRun

Key = TypeVar("Key", bound=Hashable)

Reading = tuple[Key, tuple[Any, ...], FloatArray]
"""The key of a table, an index behind the dyads' (empty for all of it), and the block's values."""


@dataclass(frozen=True, eq=False)
class DyadBlock:
    """Neighbouring dyads of an ensemble.

    Attributes
    ----------
    who : the dyads of the block.
    positions : where they stand in the ensemble, shape (n,).

    >>> DyadBlock(Family().repeat(2), np.array([4, 5])).rows
    slice(4, 6, None)
    """

    who: Family
    positions: IntArray

    @property
    def rows(self) -> slice:
        """The rows of these dyads in a table of the ensemble."""
        return slice(int(self.positions[0]), int(self.positions[-1]) + 1)


@dataclass(frozen=True, eq=False)
class BlockTables(Generic[Key]):
    """What was read of all dyads.

    Attributes
    ----------
    values : key -> table whose first dimension is the dyads; NaN where nothing was read.
    failures : position of a dyad in the ensemble -> reason.

    >>> tables = BlockTables({"epds": np.array([5.0, 9.0])}, failures={1: "not finite"})
    >>> tables.failures[1]
    'not finite'
    """

    values: dict[Key, FloatArray]
    failures: dict[int, str]

    def without_failed(self, keys: Iterable[Key]) -> dict[Key, FloatArray]:
        """Some of the tables, with NaN in the rows of dyads that failed.

        >>> tables = BlockTables({"epds": np.array([5.0, 9.0])}, {1: "not finite"})
        >>> tables.without_failed(["epds"])["epds"].tolist()
        [5.0, nan]
        """
        chosen = {key: self.values[key] for key in keys}
        for table in chosen.values():
            table[list(self.failures)] = np.nan
        return chosen


def dyad_blocks(who: Family, size: int) -> Iterator[DyadBlock]:
    """An ensemble in blocks of `size` dyads, the last one with what is left.

    >>> [len(block.who) for block in dyad_blocks(Family().repeat(5), 2)]
    [2, 2, 1]
    """
    # The ensemble itself, not a copy: nothing is taken out of it.
    if size >= len(who):
        yield DyadBlock(who, np.arange(len(who)))
        return
    for low in range(0, len(who), size):
        positions = np.arange(low, min(low + size, len(who)))
        yield DyadBlock(who.take(positions), positions)


def run_blocks(
    who: Family,
    size: int,
    shapes: Mapping[Key, tuple[int, ...]],
    prepare_block: Callable[[DyadBlock], PreparedRun],
    read: Callable[[PreparedRun, DyadBlock], Iterable[Reading[Key]]],
) -> BlockTables[Key]:
    """Run an ensemble block by block.

    Parameters
    ----------
    shapes : key of each table -> its shape behind the dyads.
    prepare_block : makes the run of a block.
    read : runs it, and gives what is kept of it piece by piece.

    >>> from oxysim.schedule import Routine
    >>> from oxysim.simulation.run import prepare
    >>> def prepare_block(block: DyadBlock) -> PreparedRun:
    ...     return prepare(block.who, Routine.typical(), "10 min", engine="scipy")
    >>> def read(run: PreparedRun, block: DyadBlock) -> Iterator[Reading[str]]:
    ...     recorder, _ = run.run(["mother.epds"], np.array([490.0]))
    ...     yield "epds", (), recorder.values["mother.epds"][:, 0]
    >>> run_blocks(Family().repeat(3), 2, {"epds": ()}, prepare_block, read).values["epds"].shape
    (3,)
    """
    values = {key: np.full((len(who), *shape), np.nan) for key, shape in shapes.items()}
    failures: dict[int, str] = {}
    for block in dyad_blocks(who, size):
        run = prepare_block(block)
        # What is read comes piece by piece, so that courses of months are never whole in memory.
        for key, index, table in read(run, block):
            values[key][(block.rows, *index)] = table
        # A run counts its failures among its own dyads; only after reading are they complete.
        for position, reason in run.failures.items():
            failures[int(block.positions[position])] = reason
    return BlockTables(values, failures)
