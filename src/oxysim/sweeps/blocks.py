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
from oxysim.simulation.results.run_status import RunStatus
from oxysim.simulation.results.summaries import summaries
from oxysim.simulation.run import prepare
from oxysim.simulation.scipy_engine import Solver
from oxysim.sweeps.axis_targets import AGE, DYAD, EDGE, FIELD, PARAMETER, SEED, START, BoundAxis
from oxysim.sweeps.sweep_design import OWN

LARGEST_BLOCK = 1_000_000
"""The most runs of a block: one is computed, sent and kept as a whole."""


@dataclass(frozen=True)
class Settings:
    """What all runs of a study share; fields as those of ``Study``.

    >>> from oxysim import Dyad, Study
    >>> study = Study(Dyad(), "1 d", outcomes=["caregiver.epds: final"])
    >>> study.block(0, (1,)).settings.duration
    '1 d'
    """

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

    >>> from oxysim import Dyad, Study
    >>> from oxysim.sweeps import grid
    >>> gains = grid({"caregiver.depression.loop_gain": [0.5, 1.0]})
    >>> block = Study(Dyad(), "1 d", gains, outcomes=["caregiver.epds: final"]).block(1, (1,))
    >>> block.words(0)
    'caregiver.depression.loop_gain = 1, dyad 0'
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
        # The dyad is named last, by its number, whether an axis chose it or not.
        parts = [
            f"{target.axis.name} = {target.axis.words(int(self.indices[target.axis.name][run]))}"
            for target in self.bound
            if target.kind != DYAD and self.indices[target.axis.name][run] != OWN
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

    >>> result = BlockResult({"epds": np.array([5.4])}, np.array([1]), np.array([""]))
    >>> result.values["epds"].tolist()
    [5.4]
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
    room = whole_number(size, "block_size", 1, LARGEST_BLOCK)
    # A stable sort: among equals the last dimension stays first.
    for name in sorted(reversed(list(dims)), key=lambda name: name not in first):
        shape[name] = max(1, min(dims[name], room))
        # Once a dimension is cut, the others are too, so that a block is one stretch of it.
        room = room // dims[name] if shape[name] == dims[name] else 1
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
    # Blocks count like digits, the last dimension fastest, so it is told apart first.
    slices = []
    for length, step, count in zip(
        reversed(list(dims.values())), reversed(sizes), reversed(counts), strict=True
    ):
        number, position = divmod(number, count)
        slices.append(slice(position * step, min((position + 1) * step, length)))
    return tuple(reversed(slices))


def compute(block: Block) -> BlockResult:
    """Make every run of a block. A run that fails is recorded with its reason and the others go on.

    >>> from oxysim import Dyad, Study
    >>> study = Study(Dyad(), "10 min", outcomes=["caregiver.epds: final"], engine="scipy")
    >>> compute(study.block(0, (1,))).status.tolist()  # 1: done
    [1]
    """
    n = len(block)
    values = {layout.outcome.name: np.full((n, *layout.shape), np.nan) for layout in block.layouts}
    # Failed until it is known to be well: what is forgotten must not look done.
    status = np.full(n, RunStatus.FAILED, dtype=np.uint8)
    reason = [""] * n
    for runs, computed in _Runs(block).computed():
        if isinstance(computed, str):
            failed = dict.fromkeys(range(len(runs)), computed)
        else:
            failed, outcomes = computed
            good = np.array([i not in failed for i in range(len(runs))])
            status[runs[good]] = RunStatus.OK
            for name, table in outcomes.items():
                values[name][runs[good]] = table[good]
        for i, text in failed.items():
            run = int(runs[i])
            reason[run] = f"{text} ({block.words(run)})"
    shaped = {name: table.reshape(*block.shape, *table.shape[1:]) for name, table in values.items()}
    return BlockResult(shaped, status.reshape(block.shape), np.array(reason).reshape(block.shape))


Computed = tuple[dict[int, str], dict[str, FloatArray]]
"""Position -> reason of the runs that failed, and the outcomes of all."""


class _Runs:
    """The runs of a block as ensembles: one family, one schedule and one seed a run."""

    def __init__(self, block: Block) -> None:
        self.block = block
        self.families = _ensemble(block)
        self.scale = _edges(block)
        self.seeds = _seeds(block)
        self.schedules = _schedules(block)

    def computed(self) -> Iterator[tuple[IntArray, Computed | str]]:
        """(runs, what came of them or the reason why they could not be made)."""
        possible = []
        for run, schedule in enumerate(self.schedules):
            if isinstance(schedule, str):
                yield np.array([run]), schedule
            else:
                possible.append(run)
        if possible:
            yield from self._tried(np.array(possible))

    def _tried(self, runs: IntArray) -> Iterator[tuple[IntArray, Computed | str]]:
        """The runs in one call; where that is refused, halves, until what is refused stands
        alone.
        """
        try:
            yield runs, self._simulated(runs)
        except OxysimError as error:
            if len(runs) == 1 or self._refused_together(runs):
                yield runs, str(error)
                return
            half = len(runs) // 2
            yield from self._tried(runs[:half])
            yield from self._tried(runs[half:])

    def _refused_together(self, runs: IntArray) -> bool:
        """Whether what is refused for one of the runs is refused for all: their days are the
        same.
        """
        schedule = _common([self.schedules[run] for run in runs.tolist()])
        return (
            isinstance(schedule, Schedule)
            # random bouts make each run's day another, so that one may be refused and another not
            and not schedule.has_random_bouts
            and len(np.unique(self.families.ages()[runs])) == 1
        )

    def _simulated(self, runs: IntArray) -> Computed:
        settings, positions = self.block.settings, runs.tolist()
        prepared = prepare(
            self.families.take(runs),
            _common([self.schedules[run] for run in positions]),
            settings.duration,
            start=settings.start,
            cut=settings.cut,
            solver=settings.solver,
            engine=settings.engine,
            usual_day=settings.usual_day,
            scale={name: value[runs] for name, value in self.scale.items()},
            seed=_common([self.seeds[run] for run in positions]),
        )
        outcomes = summaries(prepared, self.block.layouts)
        # failures are complete only once the outcomes have been computed
        return prepared.failures, outcomes


def _common(values: list[Any]) -> Any:
    """What all runs share, or else the list."""
    # one schedule for all is realised once, equal ones in a list are not
    return values[0] if PerDyad.of(values).is_shared else values


def _ensemble(block: Block) -> Family:
    """The family of each run."""
    families = block.who.take(block.dyads)
    for target in block.bound:
        if target.kind in (PARAMETER, START, AGE):
            index = block.indices[target.axis.name]
            # One at a time, an axis changes some runs and leaves the others to the study.
            varied = index != OWN
            changed = _changed(families.take(varied), target, target.values(index[varied]))
            families = changed if varied.all() else _joined(families, changed, varied)
    return families


def _changed(families: Family, target: BoundAxis, values: Any) -> Family:
    if target.kind == AGE:
        return families.replace(infant_age=values)
    if target.kind == PARAMETER:
        return families.with_parameters(dict.fromkeys(target.targets, values))
    return families.with_start({name.removeprefix("start."): values for name in target.targets})


def _joined(families: Family, changed: Family, varied: BoolArray) -> Family:
    """The family of each run where only the `varied` ones are `changed`."""
    # `combine` puts the unchanged first; the order undoes that.
    order = np.argsort(np.concatenate([np.flatnonzero(~varied), np.flatnonzero(varied)]))
    return combine([families.take(~varied), changed]).take(order).numbered(families.numbers)


def _edges(block: Block) -> dict[str, FloatArray]:
    """Edge -> multiplier of each run, shape (n,)."""
    n = len(block)
    multipliers = {
        name: (
            np.asarray(value, dtype=float)[block.dyads]
            if np.ndim(value)
            else np.full(n, float(value))
        )
        for name, value in block.scale.items()
    }
    for target in block.bound:
        if target.kind == EDGE:
            (name,) = target.targets
            index = block.indices[name]
            of_study = multipliers.get(name, np.ones(n))
            # Position -1 would take the last value; `where` puts the study's own in its place.
            values = target.axis.values[np.maximum(index, 0)]
            multipliers[name] = np.where(index == OWN, of_study, values)
    return multipliers


def _seeds(block: Block) -> list[int]:
    """The seed of each run."""
    for target in block.bound:
        if target.kind == SEED:
            index, of_study = block.indices[target.axis.name], block.settings.seed
            return [of_study if i == OWN else int(target.axis.values[i]) for i in index.tolist()]
    return [block.settings.seed] * len(block)


def _schedules(block: Block) -> list[Schedule | str]:
    """The schedule of each run, one object where equal; in place of one that cannot be, the
    reason.
    """
    fields = [target for target in block.bound if target.kind == FIELD]
    # Dyads to whose days the same is added share one object, and so one schedule.
    added = PerDyad.of(block.added or ((),) * len(block.who))
    number_added = added.positions[block.dyads]
    # Each different combination of values is made into a schedule once.
    table = np.stack(
        [*(block.indices[target.axis.name] for target in fields), number_added], axis=1
    )
    combinations, combination_of_run = np.unique(table, axis=0, return_inverse=True)
    schedules = [
        _schedule(block, dict(zip(fields, row, strict=True)), added.values[number])
        for *row, number in combinations.tolist()
    ]
    return [schedules[k] for k in combination_of_run.ravel().tolist()]


def _schedule(
    block: Block, chosen: Mapping[BoundAxis, int], added: tuple[Intervention, ...]
) -> Schedule | str:
    changes: dict[str, dict[str, Any]] = {}
    for target, position in chosen.items():
        if position != OWN:
            name, _, field = target.axis.name.partition(".")
            changes.setdefault(name, {})[field] = target.value(position)
    # All fields of an intervention at once: each alone may be legal, and not together.
    try:
        changed = {
            name: replace(block.interventions[name], **fields) for name, fields in changes.items()
        }
    except OxysimError as error:
        return str(error)
    return Schedule(block.routine, (*{**block.interventions, **changed}.values(), *added))
