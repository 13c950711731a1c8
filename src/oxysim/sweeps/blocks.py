"""Blocks: hyper-rectangles of a sweep's runs, each computed by itself, anywhere, with the same
result.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from oxysim.arrays import BoolArray, FloatArray, IntArray
from oxysim.checks import refused, sequence, whole_number
from oxysim.errors import OxysimError
from oxysim.families import Family, combine
from oxysim.per_dyad import PerDyad
from oxysim.schedule import Intervention, Routine, Schedule
from oxysim.simulation.results.outcome_windows import OutcomeWindows
from oxysim.simulation.results.outcomes_of_run import summaries
from oxysim.simulation.results.run_status import RunStatus
from oxysim.simulation.run import prepare
from oxysim.simulation.scipy_engine import Solver
from oxysim.sweeps.axis_targets import AGE, DYAD, EDGE, FIELD, PARAMETER, SEED, START, BoundAxis
from oxysim.sweeps.sweep_design import OWN

LARGEST_BLOCK = 1_000_000
"""The most runs of a block: one is computed, sent and kept as a whole."""


@dataclass(frozen=True)
class Settings:
    """What all runs of a study share; fields as those of ``Study``."""

    duration: str
    start: str
    seed: int
    cut: tuple[str, ...]
    solver: Solver | None
    engine: str
    usual_day: Routine | None


@dataclass(frozen=True, eq=False)
class Block:
    """Some runs of a study with everything that they need; it can be sent to another process.

    Attributes
    ----------
    number : among the blocks of the sweep.
    shape : along the sweep's dimensions; runs are counted with the last dimension fastest.
    slices : its place in the sweep's array of runs.
    who : the dyads of this block; `dyads` is each run's position among them, shape (n,).
    added : for each of these dyads, what its attributes add to its day; empty where nothing is
        added to any.
    bound : the axes with the values that occur here; `indices` the position of each run's value, -1
        for the study's own, shape (n,).
    """

    number: int
    shape: tuple[int, ...]
    slices: tuple[slice, ...]
    who: Family
    dyads: IntArray
    added: tuple[tuple[Intervention, ...], ...]
    bound: tuple[BoundAxis, ...]
    indices: Mapping[str, IntArray]
    routine: Routine
    interventions: Mapping[str, Intervention]
    scale: Mapping[str, Any]
    layouts: tuple[OutcomeWindows, ...]
    settings: Settings

    def __len__(self) -> int:
        return len(self.dyads)

    def words(self, run: int) -> str:
        """What is particular about a run: its axes' values, and its dyad where
        there are several.
        """
        parts = [
            f"{one.axis.name} = {one.axis.words(int(self.indices[one.axis.name][run]))}"
            for one in self.bound
            if one.kind != DYAD and self.indices[one.axis.name][run] != OWN
        ]
        numbers = self.who.numbers
        return ", ".join([*parts, f"dyad {numbers[self.dyads[run]]}"])


@dataclass(frozen=True, eq=False)
class BlockResult:
    """What came of a block.

    Attributes
    ----------
    values : outcome name -> the block's shape + that outcome's own dimension; NaN where a run
        failed.
    status : a ``RunStatus``, OK or FAILED; uint8, the block's shape.
    reason : why a run failed, with its parameters in words, else ""; array of str, the block's
    shape.
    """

    values: Mapping[str, FloatArray]
    status: npt.NDArray[np.uint8]
    reason: npt.NDArray[Any]


def block_shape(dims: Mapping[str, int], size: int, first: Collection[str] = ()) -> tuple[int, ...]:
    """The shape of blocks of at most `size` runs: whole dimensions from the last one on, then a
    part of one, then 1; the dimensions named by `first` before all others.

    Raises
    ------
    InputError : `size` is not a whole number of at least 1.

    >>> block_shape({"seed": 10, "spray.dose": 4}, 12)
    (3, 4)
    """
    shape: dict[str, int] = {}
    left = whole_number(size, "block_size", 1, LARGEST_BLOCK)
    for name in sorted(reversed(list(dims)), key=lambda name: name not in first):
        shape[name] = max(1, min(dims[name], left))
        left = left // dims[name] if shape[name] == dims[name] else 1
    return tuple(shape[name] for name in dims)


def block_count(dims: Mapping[str, int], shape: Sequence[int]) -> int:
    """How many blocks of `shape` cover the dimensions.

    >>> block_count({"seed": 10, "spray.dose": 4}, (3, 4))
    4
    """
    return math.prod(-(-length // step) for length, step in zip(dims.values(), shape, strict=True))


def shape_for(dims: Mapping[str, int], shape: Any) -> tuple[int, ...]:
    """The shape of a block, which has a size for each of the dimensions.

    Raises
    ------
    InputError : it has not.

    >>> shape_for({"seed": 10, "spray.dose": 4}, (3, 4))
    (3, 4)
    """
    expected = f"a size for each of the {len(dims)} dimensions"
    if not isinstance(shape, Sequence) or isinstance(shape, str | bytes) or len(shape) != len(dims):
        raise refused(shape, "block shape", expected)
    return sequence(shape, "block shape", whole_number, of="sizes", least=0)


def block_slices(dims: Mapping[str, int], shape: Sequence[int], number: int) -> tuple[slice, ...]:
    """The place of block `number` in the array of runs.

    Raises
    ------
    InputError : there is no such block.

    >>> block_slices({"seed": 10, "spray.dose": 4}, (3, 4), 3)
    (slice(9, 10, None), slice(0, 4, None))
    """
    sizes = shape_for(dims, shape)
    counts = [-(-length // step) for length, step in zip(dims.values(), sizes, strict=True)]
    number = whole_number(number, "block", 0, math.prod(counts) - 1)
    found = []
    for length, step, count in zip(
        reversed(list(dims.values())), reversed(sizes), reversed(counts), strict=True
    ):
        number, place = divmod(number, count)
        found.append(slice(place * step, min((place + 1) * step, length)))
    return tuple(reversed(found))


def compute(block: Block) -> BlockResult:
    """Make every run of a block. A run that fails is recorded with its reason and
    the others go on.
    """
    n = len(block)
    values = {layout.outcome.name: np.full((n, *layout.shape), np.nan) for layout in block.layouts}
    status = np.full(n, RunStatus.FAILED, dtype=np.uint8)
    reason = [""] * n
    for runs, found in _Runs(block).made():
        if isinstance(found, str):
            failed = dict.fromkeys(range(len(runs)), found)
        else:
            failed, kept = found
            good = np.array([i not in failed for i in range(len(runs))])
            status[runs[good]] = RunStatus.OK
            for name, own in kept.items():
                values[name][runs[good]] = own[good]
        for i, text in failed.items():
            run = int(runs[i])
            reason[run] = f"{text} ({block.words(run)})"
    shaped = {name: own.reshape(*block.shape, *own.shape[1:]) for name, own in values.items()}
    return BlockResult(shaped, status.reshape(block.shape), np.array(reason).reshape(block.shape))


Made = tuple[dict[int, str], dict[str, FloatArray]]
"""Position -> reason of the runs that failed, and the outcomes of all."""


class _Runs:
    """The runs of a block as ensembles: one family, one schedule and one seed a run."""

    def __init__(self, block: Block) -> None:
        self.block = block
        self.who = _ensemble(block)
        self.scale = _edges(block)
        self.seeds = _seeds(block)
        self.schedules = _schedules(block)

    def made(self) -> Iterator[tuple[IntArray, Made | str]]:
        """(runs, what was made of them or the reason why they could not be made)."""
        possible = []
        for run, schedule in enumerate(self.schedules):
            if isinstance(schedule, str):
                yield np.array([run]), schedule
            else:
                possible.append(run)
        if possible:
            yield from self._tried(np.array(possible))

    def _tried(self, runs: IntArray) -> Iterator[tuple[IntArray, Made | str]]:
        """The runs in one call; where that is refused, halves, until what is
        refused stands alone.
        """
        try:
            yield runs, self._simulated(runs)
        except OxysimError as error:
            if len(runs) == 1 or self._alike(runs):
                yield runs, str(error)
                return
            half = len(runs) // 2
            yield from self._tried(runs[:half])
            yield from self._tried(runs[half:])

    def _alike(self, runs: IntArray) -> bool:
        """Whether what is refused for one of the runs is refused for all: their
        days are the same.
        """
        schedule = _common([self.schedules[run] for run in runs.tolist()])
        return (
            isinstance(schedule, Schedule)
            and not schedule.has_jitter
            and len(np.unique(self.who.ages()[runs])) == 1
        )

    def _simulated(self, runs: IntArray) -> Made:
        settings, own = self.block.settings, runs.tolist()
        prepared = prepare(
            self.who.take(runs),
            _common([self.schedules[run] for run in own]),
            settings.duration,
            start=settings.start,
            cut=settings.cut,
            solver=settings.solver,
            engine=settings.engine,
            usual_day=settings.usual_day,
            scale={name: value[runs] for name, value in self.scale.items()},
            seed=_common([self.seeds[run] for run in own]),
        )
        kept = summaries(prepared, self.block.layouts)
        return prepared.failures, kept


def _common(values: list[Any]) -> Any:
    """What all runs share, or else the list."""
    return values[0] if PerDyad.of(values).is_shared else values


def _ensemble(block: Block) -> Family:
    """The family of each run."""
    who = block.who.take(block.dyads)
    for one in block.bound:
        if one.kind in (PARAMETER, START, AGE):
            index = block.indices[one.axis.name]
            given = index != OWN
            changed = _changed(who.take(given), one, one.values(index[given]))
            who = changed if given.all() else _joined(who, changed, given)
    return who


def _changed(who: Family, one: BoundAxis, values: Any) -> Family:
    if one.kind == AGE:
        return who.replace(infant_age=values)
    if one.kind == PARAMETER:
        return who.with_parameters(dict.fromkeys(one.targets, values))
    return who.with_start({target.removeprefix("start."): values for target in one.targets})


def _joined(who: Family, changed: Family, given: BoolArray) -> Family:
    """The family of each run where only the `given` ones are `changed`."""
    order = np.argsort(np.concatenate([np.flatnonzero(~given), np.flatnonzero(given)]))
    return combine([who.take(~given), changed]).take(order).numbered(who.numbers)


def _edges(block: Block) -> dict[str, FloatArray]:
    """Edge -> multiplier of each run, shape (n,)."""
    n = len(block)
    found = {
        name: (
            np.asarray(value, dtype=float)[block.dyads]
            if np.ndim(value)
            else np.full(n, float(value))
        )
        for name, value in block.scale.items()
    }
    for one in block.bound:
        if one.kind == EDGE:
            (name,) = one.targets
            index = block.indices[name]
            own = found.get(name, np.ones(n))
            found[name] = np.where(index == OWN, own, one.axis.values[np.maximum(index, 0)])
    return found


def _seeds(block: Block) -> list[int]:
    """The seed of each run."""
    for one in block.bound:
        if one.kind == SEED:
            index = block.indices[one.axis.name]
            own = block.settings.seed
            return [own if i == OWN else int(one.axis.values[i]) for i in index.tolist()]
    return [block.settings.seed] * len(block)


def _schedules(block: Block) -> list[Schedule | str]:
    """The schedule of each run, one object where equal; in place of one that
    cannot be, the reason.
    """
    fields = [one for one in block.bound if one.kind == FIELD]
    # Dyads to whose days the same is added share one object, and so one schedule.
    added = PerDyad.of(block.added or ((),) * len(block.who))
    kind = added.positions[block.dyads]
    table = np.stack([*(block.indices[one.axis.name] for one in fields), kind], axis=1)
    different, which = np.unique(table, axis=0, return_inverse=True)
    made = [
        _schedule(block, dict(zip(fields, row, strict=True)), added.values[own])
        for *row, own in different.tolist()
    ]
    return [made[k] for k in which.ravel().tolist()]


def _schedule(
    block: Block, chosen: Mapping[BoundAxis, int], added: tuple[Intervention, ...]
) -> Schedule | str:
    changes: dict[str, dict[str, Any]] = {}
    for one, position in chosen.items():
        if position != OWN:
            name, _, field = one.axis.name.partition(".")
            changes.setdefault(name, {})[field] = one.value(position)
    try:
        own = {
            name: replace(block.interventions[name], **fields) for name, fields in changes.items()
        }
    except OxysimError as error:
        return str(error)
    return Schedule(block.routine, (*{**block.interventions, **own}.values(), *added))
