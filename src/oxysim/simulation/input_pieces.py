"""When inputs change: pieces of constant input, exact to the edge, for one dyad or a stack of
dyads.

A solver is started anew at every edge, so that no step runs across a dose or the end of a nap.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from oxysim.arrays import FloatArray, IntArray
from oxysim.families import Family
from oxysim.model.inputs import noise_columns
from oxysim.model.structure import Usual
from oxysim.per_dyad import PerDyad, together
from oxysim.schedule import STAGES, Realised, Schedule
from oxysim.schedule.bouts import TOLERANCE, distinct_times
from oxysim.simulation.noise_paths import NoisePaths, hour_of, hours_between
from oxysim.simulation.reference_signals import usual_signals
from oxysim.units import DAY, HOUR

# Dyads of one schedule and one age from which it pays that they step together and keep their common
# edges; fewer join the dyads with edges of their own, in a stack whose time is rescaled.
SMALLEST_STACK = 8


@dataclass(frozen=True, eq=False)
class InputPieces:
    """The pieces of a stack of dyads that step together.

    Attributes
    ----------
    index : positions of the stack's dyads in their ensemble, shape (n,).
    edges : minutes since the day of birth, shape (n_pieces + 1, w), with w = 1 where all dyads
        share their times and w = n where each has its own.
    levels : member -> input levels, shape (n_pieces, n_channels, w).
    stages : the stage of the typical day in each piece, shape (n_pieces, w).
    output : the number of the output time that falls on each edge, or -1, shape (n_pieces + 1, w);
        None where the dyads share their times, since such a stack interpolates.
    noise, hours : daily-life noise of a stack that shares its times, each dyad's own, shape
        (n, width, n_hours), and the hour of each piece, shape (n_pieces,). In a stack of own times
        it is part of the levels.

    >>> pieces = InputPieces(
    ...     index=np.array([0]), edges=np.array([[480.0], [500.0], [540.0]]),
    ...     levels={"infant": np.zeros((2, 3, 1))}, stages=np.zeros((2, 1), int), output=None,
    ... )
    >>> pieces.n_pieces, pieces.shared
    (2, True)
    """

    index: IntArray
    edges: FloatArray
    levels: dict[str, FloatArray]
    stages: IntArray
    output: IntArray | None
    noise: FloatArray | None = None
    hours: IntArray | None = None

    @property
    def shared(self) -> bool:
        """Whether all dyads of the stack have the same times."""
        return self.output is None

    @property
    def n_pieces(self) -> int:
        """How many pieces there are."""
        return len(self.edges) - 1

    def inputs(self, piece: int) -> dict[str, Any]:
        """Member -> one level a channel: a float where it is common or of one dyad, else an array
        of shape (n,).
        """
        # Dyads with edges of their own have levels of their own, one a column.
        if self.edges.shape[1] > 1:
            return {member: list(table[piece]) for member, table in self.levels.items()}

        levels: dict[str, Any] = {
            member: table[piece, :, 0].tolist() for member, table in self.levels.items()
        }
        if self.noise is not None and self.hours is not None:
            _add_noise(levels, self.noise[:, :, self.hours[piece]])
        return levels

    def usual(self, piece: int, roles: tuple[str, ...]) -> Usual:
        """The usual signals at the infant's age in this piece."""
        stages = np.unique(self.stages[piece])
        # All of one stage: plain numbers, which serve every dyad.
        if len(stages) == 1:
            return usual_signals(roles, int(stages[0]))

        # Dyads of different stages stand in one stack: an array takes the place of each number.
        by_stage = [usual_signals(roles, int(stage)) for stage in stages]
        mixed: Usual = _mix(by_stage, np.searchsorted(stages, self.stages[piece]))
        return mixed

    def without(self, dyads: Collection[int]) -> InputPieces:
        """The same pieces for everybody but some dyads (numbers as in `index`)."""
        remaining = [
            position for position, dyad in enumerate(self.index.tolist()) if dyad not in dyads
        ]
        return self.take(np.array(remaining, dtype=np.int64))

    def take(self, chosen: IntArray) -> InputPieces:
        """The same pieces for some of the stack's dyads."""
        if self.output is None:
            noise = None if self.noise is None else self.noise[chosen]
            return InputPieces(
                self.index[chosen], self.edges, self.levels, self.stages, None, noise, self.hours
            )
        levels = {member: table[:, :, chosen] for member, table in self.levels.items()}
        return InputPieces(
            self.index[chosen],
            self.edges[:, chosen],
            levels,
            self.stages[:, chosen],
            self.output[:, chosen],
        )


def realise(
    family: Family,
    schedules: PerDyad[Schedule],
    start: float,
    stop: float,
    seeds: PerDyad[int] | None = None,
) -> PerDyad[Realised]:
    """The realised schedule of every dyad over [start, stop] minutes of its own first day.

    Dyads of one schedule and one age share one, unless its bouts are jittered or drawn: that is
    done from each dyad's own stream. `seeds` are 0 by default, for schedules that draw nothing.

    >>> from oxysim.schedule import Routine
    >>> who = Family().repeat(3)
    >>> plans = realise(who, PerDyad.shared(Schedule(Routine.typical()), 3), 480.0, 540.0)
    >>> len(plans), len(plans.values)
    (3, 1)
    """
    ages, numbers = family.ages().tolist(), family.numbers
    seeds = PerDyad.shared(0, len(family)) if seeds is None else seeds

    is_random = schedules.map(lambda schedule: schedule.has_random_bouts)
    # A schedule that draws nothing is the same whatever the seed and number: they tell no dyads
    # apart.
    draws = [
        (number, seed) if drawn else None
        for number, seed, drawn in zip(numbers, seeds, is_random, strict=True)
    ]
    combinations = together(schedules, PerDyad.of_equal(ages), PerDyad.of_equal(draws))
    plans = [
        schedules[dyad].realise(
            ages[dyad] + start,
            ages[dyad] + stop,
            caregivers=family.caregivers,
            seed=seeds[dyad],
            dyad=numbers[dyad],
        )
        for dyad in combinations.firsts
    ]
    return PerDyad(tuple(plans), combinations.positions)


def without_jitter(schedules: PerDyad[Schedule]) -> PerDyad[Schedule]:
    """The routine of each schedule as written, with neither jitter nor interventions: the usual
    day. Schedules of one routine share one usual day.

    >>> from oxysim.schedule import Routine
    >>> day = Routine.typical()
    >>> treated = PerDyad.of([Schedule(day), Schedule(day)])
    >>> len(treated.values), len(without_jitter(treated).values)
    (2, 1)
    """
    routines = schedules.map(lambda schedule: schedule.routine)
    return routines.map(lambda routine: Schedule(routine.without_jitter()))


def stacked_pieces(
    plans: PerDyad[Realised],
    ages: FloatArray,
    times: PerDyad[FloatArray],
    *,
    separate: bool,
    noise: NoisePaths | None = None,
) -> Iterator[InputPieces]:
    """Stacks of dyads that step together.

    Parameters
    ----------
    plans : the dyads' realised schedules.
    ages : infant age at 00:00 of the first simulated day, minutes, shape (n,).
    times : the dyads' output times, minutes since 00:00 of the first simulated day.
    separate : whether every dyad runs by itself whatever their number (implicit methods, whose step
        a stack would slow); fewer than ``SMALLEST_STACK`` always do.
    noise : the dyads' daily lives, if they have any.

    >>> from oxysim.schedule import Routine
    >>> who = Family()
    >>> plans = realise(who, PerDyad.shared(Schedule(Routine.typical()), 1), 0.0, DAY)
    >>> none = PerDyad.shared(np.empty(0), 1)
    >>> (pieces,) = stacked_pieces(plans, who.ages(), none, separate=True)
    >>> pieces.n_pieces > 20
    True
    """
    if separate or len(plans) < SMALLEST_STACK:
        yield from (_of_common_times(np.array([i]), plans[i], noise) for i in range(len(plans)))
        return

    groups = together(plans, times).groups
    # A group that is alone has nobody to join, however small.
    small = [group for group in groups if len(group) < SMALLEST_STACK and len(groups) > 1]
    large = [group for group in groups if len(group) >= SMALLEST_STACK or len(groups) == 1]
    leftover = [int(dyad) for group in small for dyad in group]

    # Pieces of different numbers of outputs cannot be stacked.
    if len({len(times_of_dyad) for times_of_dyad in times.values}) > 1:
        yield from (_of_common_times(np.array([i]), plans[i], noise) for i in leftover)
        leftover = []
    for group in large:
        yield _of_common_times(group, plans[int(group[0])], noise)

    # Stacked are those with equally many edges: piece k of each is done at once, in a time of its
    # own.
    by_length: dict[int, list[_OwnEdges]] = {}
    for dyad in leftover:
        marks = with_marks(plans[dyad].edges, _is_noisy(noise, dyad))
        edges, output = with_outputs(marks, ages[dyad] + times[dyad])
        by_length.setdefault(len(edges), []).append(_OwnEdges(dyad, edges, output))
    for stack in by_length.values():
        yield _of_own_times(stack, plans, noise)


def pieces_of(plan: Realised) -> InputPieces:
    """The pieces of one dyad's realised schedule, without daily-life noise.

    >>> from oxysim.schedule import Routine
    >>> plan = Schedule(Routine.typical()).realise(0.0, DAY)
    >>> pieces_of(plan).edges[[0, -1], 0].tolist()
    [0.0, 1440.0]
    """
    return _of_common_times(np.array([0]), plan, None)


@dataclass(frozen=True, eq=False)
class _OwnEdges:
    """One dyad's edges, output times among them, and the number of the output on each, or -1."""

    dyad: int
    edges: FloatArray
    output: IntArray


def _of_common_times(index: IntArray, plan: Realised, noise: NoisePaths | None) -> InputPieces:
    """The dyads at `index`, who share a plan and so have daily-life noise all of them or none."""
    noisy = _is_noisy(noise, int(index[0]))
    edges = with_marks(plan.edges, noisy)
    levels, stages = _levels(plan, edges)
    tables = {member: table[:, :, None] for member, table in levels.items()}

    hourly, hours = _noise_of(noise, index, edges) if noise is not None and noisy else (None, None)
    return InputPieces(index, edges[:, None], tables, stages[:, None], None, hourly, hours)


def _of_own_times(
    stack: Sequence[_OwnEdges], plans: PerDyad[Realised], noise: NoisePaths | None
) -> InputPieces:
    """Dyads with as many edges each, but edges of their own."""
    levels_of, stages_of_dyads = [], []
    for dyad_edges in stack:
        levels, stages = _levels(plans[dyad_edges.dyad], dyad_edges.edges)
        if noise is not None and _is_noisy(noise, dyad_edges.dyad):
            hourly, hours = _noise_of(noise, np.array([dyad_edges.dyad]), dyad_edges.edges)
            # Transposed, a channel is a row, to which `_add_noise` adds in place.
            _add_noise({m: table.T for m, table in levels.items()}, hourly[0][:, hours].T)
        levels_of.append(levels)
        stages_of_dyads.append(stages)

    return InputPieces(
        np.array([dyad_edges.dyad for dyad_edges in stack]),
        np.stack([dyad_edges.edges for dyad_edges in stack], axis=-1),
        {m: np.stack([levels[m] for levels in levels_of], axis=-1) for m in levels_of[0]},
        np.stack(stages_of_dyads, axis=-1),
        np.stack([dyad_edges.output for dyad_edges in stack], axis=-1),
    )


def _levels(plan: Realised, edges: FloatArray) -> tuple[dict[str, FloatArray], IntArray]:
    """Input levels and stage of each piece, read in its middle: away from what happens at edges."""
    middle = (edges[1:] + edges[:-1]) / 2
    segment = np.searchsorted(plan.edges, middle, side="right") - 1
    levels = {member: table[segment] for member, table in plan.levels.items()}
    return levels, stages_of(middle)


def _is_noisy(noise: NoisePaths | None, dyad: int) -> bool:
    return noise is not None and noise.kinds[dyad] is not None


def _noise_of(noise: NoisePaths, index: IntArray, edges: FloatArray) -> tuple[FloatArray, IntArray]:
    """The noise of some dyads over common edges, shape (n, width, n_hours), and the hour of each
    piece.
    """
    first, count = hours_between(float(edges[0]), float(edges[-1]))
    # Each piece lies within one hour, since every hour is an edge where there is noise.
    hours = hour_of((edges[1:] + edges[:-1]) / 2) - first
    return noise.between(index, [first] * len(index), count), hours


def _add_noise(levels: dict[str, Any], noise: FloatArray) -> None:
    """Add `noise`, shape (n, width), to one level (or row) a channel of each member; a number where
    n is 1.
    """
    caregivers = list(levels)[:-1]
    n_channels = len(levels[caregivers[0]])
    for k, column in enumerate(noise_columns(len(caregivers))):
        member_levels = levels[caregivers[column // n_channels]]
        added = float(noise[0, k]) if len(noise) == 1 else noise[:, k]
        member_levels[column % n_channels] = member_levels[column % n_channels] + added


def stages_of(ages: FloatArray) -> IntArray:
    """The stage (0 to 3) of the typical day at each infant age in minutes.

    >>> stages_of(np.array([0.0, 150 * DAY])).tolist()
    [0, 1]
    """
    return np.searchsorted(np.array(STAGES) * DAY, ages, side="right") - 1


def with_stages(edges: FloatArray) -> FloatArray:
    """The edges, with one where the typical day, and so the usual signals, change with age.

    >>> with_stages(np.array([90 * DAY, 92 * DAY])).tolist() == [90 * DAY, 91 * DAY, 92 * DAY]
    True
    """
    inside = [s * DAY for s in STAGES if edges[0] + TOLERANCE < s * DAY < edges[-1] - TOLERANCE]
    return distinct_times(np.concatenate([edges, inside])) if inside else edges


def with_marks(edges: FloatArray, noisy: bool) -> FloatArray:
    """The edges, with one at every change of stage and, where there is daily-life noise, at every
    hour since birth.

    >>> with_marks(np.array([30.0, 150.0]), noisy=True).tolist()
    [30.0, 60.0, 120.0, 150.0]
    """
    marked = with_stages(edges)
    if not noisy:
        return marked
    first, count = hours_between(float(edges[0]), float(edges[-1]))
    return distinct_times(np.concatenate([marked, HOUR * np.arange(first + 1, first + count)]))


def with_outputs(edges: FloatArray, times: FloatArray) -> tuple[FloatArray, IntArray]:
    """Edges and output times as one; for each, the number of the output that falls on it, or -1.

    >>> merged, output = with_outputs(np.array([0.0, 60.0]), np.array([0.0, 45.0]))
    >>> merged.tolist(), output.tolist()
    ([0.0, 45.0, 60.0], [0, 1, -1])
    """
    merged = distinct_times(np.concatenate([edges, times]))
    output = np.full(len(merged), -1)
    output[np.searchsorted(merged, times + TOLERANCE, side="right") - 1] = np.arange(len(times))
    return merged, output


def _mix(of_stages: Sequence[Any], stage_of_dyad: IntArray) -> Any:
    """Tables (in any nesting of tuples) whose entries hold each dyad's value, from those of each
    stage.
    """
    kind = type(of_stages[0])
    if not issubclass(kind, tuple):
        return np.array(of_stages)[stage_of_dyad]
    entries = [_mix(entry, stage_of_dyad) for entry in zip(*of_stages, strict=True)]
    # A named tuple takes its entries one by one, a plain one takes a list.
    return kind(*entries) if hasattr(kind, "_fields") else tuple(entries)
