"""When inputs change: pieces of constant input, exact to the edge, for one dyad or a stack of
dyads.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from oxysim.arrays import FloatArray, IntArray
from oxysim.families import Family
from oxysim.model.baseline import by_edge_name, fill_edges
from oxysim.model.inputs import noise_columns
from oxysim.model.structure import Usual
from oxysim.schedule import STAGES, Realised, Schedule
from oxysim.simulation.baseline_signals import usual_signals
from oxysim.simulation.noise_paths import NoisePaths, hour_of, hours_between
from oxysim.units import DAY, HOUR

TOLERANCE = 1e-6  # minutes; nearer times are one time
SHARE = 8  # dyads of one age from which a common, unrescaled stack pays


@dataclass(frozen=True, eq=False)
class InputPieces:
    """The pieces of a stack of dyads that step together.

    ``edges`` has shape (n_pieces + 1, w) in minutes since the day of birth, ``levels`` maps member
    -> (n_pieces, n_channels, w), with w = 1 where all dyads share their times and w = n where each
    has its own. ``output`` has shape (n_pieces + 1, w): the number of the output time that falls on
    the edge, or -1 (own times only: a stack that shares its times interpolates).

    Where a stack that shares its times has daily-life noise, ``noise`` (n, width, n_hours) is each
    dyad's own, and ``hours`` (n_pieces,) the hour of each piece; in a stack of own times it is part
    of the levels.
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
        return len(self.edges) - 1

    def inputs(self, piece: int) -> dict[str, Any]:
        """Member -> one level a channel (floats where common or of one dyad, arrays of shape (n,)
        otherwise).
        """
        if self.edges.shape[1] == 1:
            found: dict[str, Any] = {
                m: table[piece, :, 0].tolist() for m, table in self.levels.items()
            }
            if self.noise is not None and self.hours is not None:
                _add_noise(found, self.noise[:, :, self.hours[piece]])
            return found
        return {m: list(table[piece]) for m, table in self.levels.items()}

    def usual(self, piece: int, roles: tuple[str, ...]) -> Usual:
        """The usual signals at the infant's age in this piece."""
        present = np.unique(self.stages[piece])
        if len(present) == 1:
            return usual_signals(roles, int(present[0]))
        choices = [usual_signals(roles, int(s)) for s in present]
        which = np.searchsorted(present, self.stages[piece])
        members = zip(*[(*u.caregivers, u.infant) for u in choices], strict=True)
        mixed = [_mix(tables, which) for tables in members]
        return Usual(tuple(mixed[:-1]), mixed[-1])

    def without(self, dyads: Collection[int]) -> InputPieces:
        """The same pieces for everybody but some dyads (numbers as in `index`)."""
        return self.take(
            np.array(
                [k for k, i in enumerate(self.index.tolist()) if i not in dyads], dtype=np.int64
            )
        )

    def take(self, chosen: IntArray) -> InputPieces:
        """The same pieces for some of the stack's dyads."""
        if self.shared:
            noise = None if self.noise is None else self.noise[chosen]
            return InputPieces(
                self.index[chosen], self.edges, self.levels, self.stages, None, noise, self.hours
            )
        levels = {m: table[:, :, chosen] for m, table in self.levels.items()}
        assert self.output is not None
        return InputPieces(
            self.index[chosen],
            self.edges[:, chosen],
            levels,
            self.stages[:, chosen],
            self.output[:, chosen],
        )


def realise(
    who: Family, schedules: Sequence[Schedule], start: float, stop: float, seeds: Sequence[int]
) -> list[Realised]:
    """The realised schedule of every dyad over [start, stop] minutes of its own first day; one
    object where they share it. `schedules` and `seeds` hold one for all, or one a dyad.
    """
    n = len(who)
    own = schedules if len(schedules) == n else list(schedules) * n
    keys = seeds if len(seeds) == n else list(seeds) * n
    jittered = {id(one): one.has_jitter for one in {id(one): one for one in own}.values()}
    found: dict[Any, Realised] = {}
    plans = []
    for age, number, schedule, seed in zip(
        who.ages().tolist(), who.numbers, own, keys, strict=True
    ):
        key = (id(schedule), age, number, seed) if jittered[id(schedule)] else (id(schedule), age)
        if key not in found:
            found[key] = schedule.realise(
                age + start, age + stop, caregivers=who.caregivers, seed=seed, dyad=number
            )
        plans.append(found[key])
    return plans


def without_jitter(schedules: Sequence[Schedule]) -> list[Schedule]:
    """The routine of each schedule as written, with neither jitter nor interventions: the usual
    day. Schedules of one routine share one usual day.
    """
    usual = {id(one.routine): one.routine for one in schedules}
    different = {key: Schedule(routine.without_jitter()) for key, routine in usual.items()}
    return [different[id(one.routine)] for one in schedules]


def stacked_pieces(
    plans: Sequence[Realised],
    ages: FloatArray,
    times: FloatArray | Sequence[FloatArray],
    *,
    apart: bool,
    noise: NoisePaths | None = None,
) -> Iterator[InputPieces]:
    """Stacks of dyads that step together.

    Parameters
    ----------
    plans : one realised schedule a dyad (identical objects where shared).
    ages : infant age at 00:00 of the first simulated day, minutes, shape (n,).
    times : output times, minutes since 00:00 of the first simulated day: one array for all, or one
        a dyad.
    apart : whether every dyad runs by itself whatever their number (implicit methods, whose step a
        stack would slow); fewer than ``SHARE`` always do.
    noise : the dyads' daily lives, if they have any.
    """
    each = [times] * len(plans) if isinstance(times, np.ndarray) else times
    groups: dict[tuple[int, int], list[int]] = {}
    for i, plan in enumerate(plans):
        groups.setdefault((id(plan), id(each[i])), []).append(i)
    if apart or len(plans) < SHARE:
        yield from (_shared(np.array([i]), plans[i], noise) for i in range(len(plans)))
        return
    alone = [members for members in groups.values() if len(members) < SHARE and len(groups) > 1]
    if len({len(own) for own in each}) > 1:  # timetables of different lengths cannot be stacked
        yield from (_shared(np.array([i]), plans[i], noise) for members in alone for i in members)
        alone, groups = (
            [],
            {key: members for key, members in groups.items() if members not in alone},
        )
    for members in groups.values():
        if members not in alone:
            yield _shared(np.array(members), plans[members[0]], noise)
    own: dict[int, list[tuple[int, FloatArray, Any]]] = {}
    for i in (i for members in alone for i in members):
        edges, output = with_outputs(
            with_marks(plans[i].edges, _is_noisy(noise, i)), ages[i] + each[i]
        )
        own.setdefault(len(edges), []).append((i, edges, output))
    for same in own.values():
        yield _own(same, plans, noise)


def _shared(index: IntArray, plan: Realised, noise: NoisePaths | None) -> InputPieces:
    """The dyads at `index`, who share a plan and so have daily-life noise all of them or none."""
    noisy = _is_noisy(noise, int(index[0]))
    edges = with_marks(plan.edges, noisy)
    levels, stages = _levels(plan, edges)
    own, hours = _noise_of(noise, index, edges) if noise is not None and noisy else (None, None)
    tables = {m: t[:, :, None] for m, t in levels.items()}
    return InputPieces(index, edges[:, None], tables, stages[:, None], None, own, hours)


def _own(
    same: Sequence[tuple[int, FloatArray, Any]], plans: Sequence[Realised], noise: NoisePaths | None
) -> InputPieces:
    index = np.array([i for i, _, _ in same])
    tables = [_levels(plans[i], edges) for i, edges, _ in same]
    for (i, edges, _), (levels_of_one, _) in zip(same, tables, strict=True):
        if noise is not None and _is_noisy(noise, i):
            own, hours = _noise_of(noise, np.array([i]), edges)
            _add_noise({m: table.T for m, table in levels_of_one.items()}, own[0][:, hours].T)
    levels = {m: np.stack([t[0][m] for t in tables], axis=-1) for m in tables[0][0]}
    stages = np.stack([t[1] for t in tables], axis=-1)
    edges, output = (np.stack([entry[k] for entry in same], axis=-1) for k in (1, 2))
    return InputPieces(index, edges, levels, stages, output)


def _levels(plan: Realised, edges: FloatArray) -> tuple[dict[str, FloatArray], IntArray]:
    middle = (edges[1:] + edges[:-1]) / 2
    levels = {member: plan.inputs_at(member, middle) for member in plan.levels}
    return levels, stages_of(middle)


def _is_noisy(noise: NoisePaths | None, dyad: int) -> bool:
    return noise is not None and noise.kinds[dyad] is not None


def _noise_of(noise: NoisePaths, index: IntArray, edges: FloatArray) -> tuple[FloatArray, IntArray]:
    """The noise of some dyads over common edges, shape (n, width, n_hours), and the hour of each
    piece.
    """
    first, count = hours_between(float(edges[0]), float(edges[-1]))
    return noise.between(index, [first] * len(index), count), hour_of(
        (edges[1:] + edges[:-1]) / 2
    ) - first


def _add_noise(levels: dict[str, Any], noise: FloatArray) -> None:
    """Add `noise` (n, width), to one level (or row) a channel of each member; a number where n is
    1.
    """
    caregivers = list(levels)[:-1]
    size = len(levels[caregivers[0]])
    for k, column in enumerate(noise_columns(len(caregivers))):
        own = levels[caregivers[column // size]]
        own[column % size] = own[column % size] + (
            float(noise[0, k]) if len(noise) == 1 else noise[:, k]
        )


def stages_of(ages: FloatArray) -> IntArray:
    """The stage (0 to 3) of the typical day at each infant age in minutes."""
    return np.searchsorted(np.array(STAGES) * DAY, ages, side="right") - 1


def with_stages(edges: FloatArray) -> FloatArray:
    """The edges, with one where the typical day, and so the usual signals, change with age."""
    inside = [s * DAY for s in STAGES if edges[0] + TOLERANCE < s * DAY < edges[-1] - TOLERANCE]
    return _merged(np.concatenate([edges, inside])) if inside else edges


def with_marks(edges: FloatArray, noisy: bool) -> FloatArray:
    """The edges, with one at every change of stage and, where there is daily-life noise, at every
    hour since birth.
    """
    marked = with_stages(edges)
    if not noisy:
        return marked
    first, count = hours_between(float(edges[0]), float(edges[-1]))
    return _merged(np.concatenate([marked, HOUR * np.arange(first + 1, first + count)]))


def with_outputs(edges: FloatArray, times: FloatArray) -> tuple[FloatArray, IntArray]:
    """Edges and output times merged; for each, the number of the output that falls on it, or -1."""
    merged = _merged(np.concatenate([edges, times]))
    place = np.searchsorted(merged, times + TOLERANCE, side="right") - 1
    output = np.full(len(merged), -1)
    output[place] = np.arange(len(times))
    return merged, output


def _merged(times: FloatArray) -> FloatArray:
    ordered = np.sort(times)
    return ordered[np.concatenate(([True], np.diff(ordered) > TOLERANCE))]


def _mix(tables: Sequence[Any], which: IntArray) -> Any:
    flat = [by_edge_name(t) for t in tables]
    return fill_edges(type(tables[0]), {k: np.array([f[k] for f in flat])[which] for k in flat[0]})
