"""What the compiled inner loop works on: flat tables of numbers. Times are minutes since 00:00 on
the day of birth.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from oxysim.arrays import FloatArray, IntArray
from oxysim.model.inputs import noise_columns
from oxysim.per_dyad import PerDyad, together
from oxysim.schedule import Realised
from oxysim.simulation.input_pieces import stages_of, with_marks, with_outputs
from oxysim.simulation.noise_paths import NoisePaths, hour_of, hours_between

# FRESH_* stand two columns behind what they are about: `_timeline` relies on it.
LEVELS_ROW, USUAL_ROW, FRESH_LEVELS, FRESH_USUAL, SAVES, LAST, HOUR_ROW, FRESH_HOUR = range(8)
"""The columns of `Job.events`."""


class Job(NamedTuple):
    """What the loop needs to know of some dyads, n in the whole ensemble.

    Attributes
    ----------
    first : (n,) each dyad's first event.
    times : (n_events,) the timelines, one after the other: each dyad's events in order of time.
    events : (n_events, 8) of each event the row of ``levels`` and of ``usual`` in force from there
        on, whether each differs from before, the number of the output recorded there (or -1),
        whether the timeline ends there, and the hour of daily-life noise in force from there on,
        and whether it begins there.
    levels : (n_rows, n_channels) input levels of all members; ``usual`` (n_stages, n_signals) the
        usual signals.
    noise : (n_chosen, width, n_hours) what each dyad of the job adds to the levels in the columns
        ``noisy`` (width,); empty where there is no daily-life noise.

    >>> from oxysim.families import Family
    >>> from oxysim.schedule import Routine, Schedule
    >>> from oxysim.simulation.input_pieces import realise
    >>> who = Family()
    >>> plans = realise(who, PerDyad.shared(Schedule(Routine.typical()), 1), 480.0, 540.0)
    >>> usual, times = np.zeros((4, 5)), PerDyad.shared(np.array([540.0]), 1)
    >>> job = job_of(np.array([0]), plans, who.ages(), times, usual, None)
    >>> len(job.times) == len(job.events), bool(job.events[-1, LAST])
    (True, True)
    """

    first: IntArray
    times: FloatArray
    events: IntArray
    levels: FloatArray
    usual: FloatArray
    noise: FloatArray
    noisy: IntArray


class RecordedOutputs(NamedTuple):
    """What to record: ``values[dyad, output, k]``; rows (lane row, k) of states, and of algebraic
    outputs.

    >>> rows = np.array([[3, 0]])  # the state in row 3 of the lanes is the first output
    >>> recorded = RecordedOutputs(np.zeros((2, 1, 24)), rows, outputs=np.zeros((0, 2), int))
    >>> recorded.values.shape
    (2, 1, 24)
    """

    values: FloatArray
    states: IntArray
    outputs: IntArray


def job_of(  # noqa: PLR0913 - the parts of a job
    chosen: IntArray,
    plans: PerDyad[Realised],
    ages: FloatArray,
    times: PerDyad[FloatArray],
    usual: FloatArray,
    noise: NoisePaths | None,
) -> Job:
    """The timelines of the dyads `chosen` with the output times of each (min since the first
    midnight), and their noise. Dyads that share a plan, an age and the array of their times share a
    timeline.

    >>> from oxysim.families import Family
    >>> from oxysim.schedule import Routine, Schedule
    >>> from oxysim.simulation.input_pieces import realise
    >>> who = Family().repeat(3)
    >>> plans = realise(who, PerDyad.shared(Schedule(Routine.typical()), 3), 480.0, 540.0)
    >>> usual, times = np.zeros((4, 5)), PerDyad.shared(np.array([540.0]), 3)
    >>> job = job_of(np.array([0, 2]), plans, who.ages(), times, usual, None)
    >>> job.first.tolist()  # both on one timeline
    [0, 0, 0]
    """
    own_plans = plans.take(chosen)
    timelines_of_dyads = together(
        own_plans, PerDyad.of_equal(ages[chosen].tolist()), times.take(chosen)
    )

    # The levels of all plans stand in one table, those of each plan from its base on.
    tables = [np.concatenate(list(plan.levels.values()), axis=1) for plan in own_plans.values]
    bases = _starts([plan.n_segments for plan in own_plans.values])

    timelines = []
    for position in timelines_of_dyads.firsts:
        dyad = int(chosen[position])
        noisy = noise is not None and noise.kinds[dyad] is not None
        base = int(bases[own_plans.positions[position]])
        outputs = float(ages[dyad]) + times[dyad]
        timelines.append(_timeline(plans[dyad], base, outputs, noisy))

    first = np.zeros(len(plans), np.int64)
    first[chosen] = _starts([len(moments) for moments, _ in timelines])[
        timelines_of_dyads.positions
    ]
    moments, events = (np.concatenate(column) for column in zip(*timelines, strict=True))
    return Job(
        first, moments, events, np.concatenate(tables), usual, *_noise_of(chosen, plans, noise)
    )


def _starts(lengths: Sequence[int]) -> IntArray:
    """Where each of several parts begins that stand one after the other."""
    return np.cumsum([0, *lengths])[:-1]


def _noise_of(
    chosen: IntArray, plans: PerDyad[Realised], noise: NoisePaths | None
) -> tuple[FloatArray, IntArray]:
    """The noise of the dyads `chosen` in the hours of their plans, shape (n, width, n_hours), and
    its columns.
    """
    if noise is None:
        return np.empty((0, 0, 0)), np.empty(0, np.int64)
    windows = [
        hours_between(float(plans[i].edges[0]), float(plans[i].edges[-1])) for i in chosen.tolist()
    ]
    noise_of_dyads = noise.between(
        chosen, [first for first, _ in windows], max(count for _, count in windows)
    )
    return noise_of_dyads, np.array(noise_columns(len(noise.caregivers)))


def _timeline(
    plan: Realised, base: int, outputs: FloatArray, noisy: bool
) -> tuple[FloatArray, IntArray]:
    """The times and the events of one timeline; the plan's levels begin at row `base`."""
    # Output times are events too: a step ends there, so that nothing is interpolated.
    edges, saves = with_outputs(with_marks(plan.edges, noisy), outputs)
    middle = (edges[1:] + edges[:-1]) / 2
    segment = np.searchsorted(plan.edges, middle, side="right") - 1
    events = np.zeros((len(edges), 8), np.int64)
    if noisy:
        events[:-1, HOUR_ROW] = hour_of(middle) - hour_of(edges[0])
        events[1:-1, FRESH_HOUR] = np.diff(events[:-1, HOUR_ROW]) != 0
    for column, rows in ((LEVELS_ROW, segment + base), (USUAL_ROW, stages_of(middle))):
        events[:-1, column] = rows
        events[1:-1, column + 2] = np.diff(rows) != 0
        # Nothing is in a lane before its first event.
        events[0, column + 2] = 1
    # The usual signals stand behind the levels, and both are settled at once.
    events[1:-1, FRESH_LEVELS] |= events[1:-1, FRESH_USUAL]
    events[:, SAVES] = saves
    events[-1, LAST] = 1
    return edges, events
