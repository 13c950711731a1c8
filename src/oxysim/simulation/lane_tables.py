"""What the compiled inner loop works on: flat tables of numbers, as named tuples that Numba can take.

Times are minutes since 00:00 on the day of birth. States inside the loop stand in the order of `Control.order`, the
fast ones first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from oxysim.schedule import Realised
from oxysim.simulation.timetable import stages_of, with_outputs, with_stages

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


class Plan(NamedTuple):
    """The timelines of some dyads, one after the other.

    ``line`` (n_dyads,) is the number of a dyad's timeline; timeline k has the events ``first[k]`` to
    ``first[k + 1] - 1``. Of each event: its time, the row of ``levels`` and the row of ``usual`` in force from there
    on, which of them differs from before (``fresh``: 0 none, 1 the levels, 2 or 3 the usual signals too), and the
    number of the output recorded there (``saves``), or -1.
    """

    line: IntArray
    first: IntArray
    times: FloatArray
    rows: IntArray
    stages: IntArray
    fresh: IntArray
    saves: IntArray
    levels: FloatArray
    usual: FloatArray


class Control(NamedTuple):
    """How to integrate: limits, whether slow states are held still; and where things stand in the loop's array."""

    max_step: float
    first_step: float
    limit: int
    adaptive: bool
    hold: bool
    raw: int
    piece: int
    shown: int
    y: int
    order: IntArray


class Record(NamedTuple):
    """What to keep: ``values[k, dyad, output]``; entry i of ``states`` (a lane's row) goes to ``into_states[i]``."""

    values: FloatArray
    states: IntArray
    into_states: IntArray
    outputs: IntArray
    into_outputs: IntArray


class Fate(NamedTuple):
    """How each dyad ended (0: well) and, where it failed, when; and how many steps it took."""

    status: IntArray
    time: FloatArray
    steps: IntArray


def plan_of(plans: Sequence[Realised], ages: FloatArray, times: FloatArray, usual: FloatArray) -> Plan:
    """The timelines of dyads with these realised schedules, ages and output times (min since the first midnight)."""
    known: dict[tuple[int, float], int] = {}
    parts: list[tuple[Any, ...]] = []
    tables: list[FloatArray] = []
    n_rows, line = 0, np.empty(len(plans), np.int64)
    bases: dict[int, int] = {}
    for i, (plan, age) in enumerate(zip(plans, ages.tolist(), strict=True)):
        key = (id(plan), age)
        if key not in known:
            if id(plan) not in bases:
                bases[id(plan)] = n_rows
                tables.append(np.concatenate(list(plan.levels.values()), axis=1))
                n_rows += plan.n_segments
            known[key] = len(parts)
            parts.append(_events(plan, bases[id(plan)], age + times))
        line[i] = known[key]
    first = np.cumsum([0, *[len(part[0]) for part in parts]])
    columns = (np.concatenate(column) for column in zip(*parts, strict=True))
    moments, rows, stages, fresh, saves = columns
    return Plan(line, first, moments, rows, stages, fresh, saves, np.concatenate(tables), usual)


def _events(plan: Realised, base: int, wanted: FloatArray) -> tuple[Any, ...]:
    """times, rows, stages, fresh, saves of one timeline."""
    edges, saves = with_outputs(with_stages(plan.edges), wanted)
    middle = (edges[1:] + edges[:-1]) / 2
    segment = np.searchsorted(plan.edges, middle, side="right") - 1
    stage = stages_of(middle)
    rows = np.append(segment, segment[-1]) + base
    stages = np.append(stage, stage[-1])
    older = np.concatenate(([True], np.diff(stages) != 0))
    fresh = np.concatenate(([True], np.diff(rows) != 0)) + 2 * older
    return edges, rows, stages, fresh, saves
