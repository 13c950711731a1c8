"""What instruments read as a mean over a stretch before a visit: of the whole course, with every
edge in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.model.inputs import channels_of
from oxysim.per_dyad import PerDyad, together
from oxysim.schedule import Realised
from oxysim.schedule.bouts import TOLERANCE
from oxysim.simulation.results.outcome_windows import OutcomeWindows
from oxysim.simulation.results.outcomes import Outcome
from oxysim.simulation.results.sampling import LONGEST_PANEL, SamplingRequest, sampled_chunks
from oxysim.simulation.results.summaries import accumulator
from oxysim.simulation.run import PreparedRun

Stretch = tuple[str, float, float]
"""A variable or input channel by full name, and from when to when its mean is meant, min since
00:00 of the first simulated day.
"""


def with_means(
    run: PreparedRun,
    plans: PerDyad[Realised],
    names: Sequence[str],
    times: FloatArray,
    stretches: Sequence[Stretch],
) -> tuple[dict[str, FloatArray], dict[Stretch, FloatArray]]:
    """The variables `names` at `times`, each (n, n_times), and the mean over each stretch, (n,), in
    one run; dyads that fail are in its `failures`.
    """
    n = len(run.who)
    courses = list(dict.fromkeys(name for name, _, _ in stretches))
    lows, highs = (np.array([one[k] for one in stretches]) for k in (1, 2))
    values = {name: np.full((n, len(times)), np.nan) for name in names}
    running = {one: accumulator(_layout(one), n) for one in stretches}
    for piece in sampled_chunks(run, SamplingRequest(names, times, courses, lows, highs), plans):
        at = np.searchsorted(times, piece.times - TOLERANCE)
        for name in names:
            values[name][:, at] = piece.values[name]
        for one in running.values():
            one.add(piece)
    return values, {stretch: one.result() for stretch, one in running.items()}


def _layout(stretch: Stretch) -> OutcomeWindows:
    name, low, high = stretch
    return OutcomeWindows(
        Outcome(name, "mean"),
        name,
        np.array([low]),
        np.array([high]),
        np.empty(0),
        None,
        0.0,
        LONGEST_PANEL,
    )


def level_means(plans: PerDyad[Realised], ages: FloatArray, stretch: Stretch) -> FloatArray:
    """The mean level of an input channel ("input.mother.expectancy") over a
    stretch, exact, (n,).
    """
    name, low, high = stretch
    _, member, channel = name.split(".")
    column = list(channels_of(member)).index(channel)

    def mean_level(alike: tuple[Realised, float]) -> float:
        plan, age = alike
        ends = np.clip(plan.edges, age + low, age + high)
        return float(np.diff(ends) @ plan.levels[member][:, column]) / (high - low)

    return np.array(list(together(plans, PerDyad.of_equal(ages.tolist())).map(mean_level)))


def means_of(
    held: Mapping[Stretch, FloatArray], name: str, times: FloatArray, minutes: float, n: int
) -> FloatArray:
    """The means over so many minutes before each time, (n, n_times); NaN where that was not
    simulated.
    """
    found = [held.get((name, time - minutes, time), np.full(n, np.nan)) for time in times.tolist()]
    return np.stack(found, axis=1)
