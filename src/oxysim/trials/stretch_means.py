"""What instruments read as a mean over a stretch before a visit: of the whole course, with every
edge in it, where values at a few moments would miss what happens between.
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
"""A variable or input channel by full name, and from when to when its mean is taken, min since
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

    >>> from oxysim.families import Dyad
    >>> from oxysim.schedule import Routine
    >>> from oxysim.simulation.run import prepare
    >>> run = prepare(Dyad(), Routine.typical(), "10 min", engine="scipy")
    >>> hour = ("mother.cortisol", 480.0, 490.0)
    >>> values, means = with_means(run, run.plans(), ["mother.epds"], np.array([485.0]), [hour])
    >>> values["mother.epds"].shape, means[hour].shape
    ((1, 1), (1,))
    """
    n = len(run.ages)
    # a variable that several stretches average is sampled once
    averaged = list(dict.fromkeys(name for name, _, _ in stretches))
    starts = np.array([start for _, start, _ in stretches])
    stops = np.array([stop for _, _, stop in stretches])
    values = {name: np.full((n, len(times)), np.nan) for name in names}
    means = {stretch: accumulator(_windows(stretch), n) for stretch in stretches}

    # Chunk by chunk, so that no course is held whole.
    request = SamplingRequest(names, times, averaged, starts, stops)
    for chunk in sampled_chunks(run, request, plans):
        at = np.searchsorted(times, chunk.times - TOLERANCE)
        for name in names:
            values[name][:, at] = chunk.values[name]
        for mean in means.values():
            mean.add(chunk)
    return values, {stretch: mean.result() for stretch, mean in means.items()}


def _windows(stretch: Stretch) -> OutcomeWindows:
    """The stretch as the one window of an outcome that is a mean."""
    name, start, stop = stretch
    return OutcomeWindows(
        Outcome(name, "mean"),
        name,
        np.array([start]),
        np.array([stop]),
        np.empty(0),
        None,
        0.0,
        LONGEST_PANEL,
    )


def level_means(plans: PerDyad[Realised], ages: FloatArray, stretch: Stretch) -> FloatArray:
    """The mean level of an input channel ("input.mother.expectancy") over a stretch, exact, (n,).

    A level is constant between the edges of a schedule, so that its mean is a sum.

    >>> from oxysim import SkinToSkin
    >>> from oxysim.families import Dyad
    >>> from oxysim.schedule import Routine
    >>> from oxysim.simulation.run import prepare
    >>> day = Routine.empty() + SkinToSkin("15 min", at="08:00")
    >>> run = prepare(Dyad(), day, "1 h", engine="scipy")
    >>> hour = ("input.mother.skin_contact", 480.0, 540.0)
    >>> level_means(run.plans(), run.who.ages(), hour).tolist()
    [0.25]
    """
    name, start, stop = stretch
    _, member, channel = name.split(".")
    column = list(channels_of(member)).index(channel)

    def mean_level(plan_and_age: tuple[Realised, float]) -> float:
        plan, age = plan_and_age
        ends = np.clip(plan.edges, age + start, age + stop)
        return float(np.diff(ends) @ plan.levels[member][:, column]) / (stop - start)

    # once for the dyads of one age that share a schedule
    dyads = together(plans, PerDyad.of_equal(ages.tolist()))
    return np.array(list(dyads.map(mean_level)))


def means_of_stretches(
    means: Mapping[Stretch, FloatArray], name: str, times: FloatArray, minutes: float, n: int
) -> FloatArray:
    """The means over so many minutes before each time, (n, n_times); NaN where that was not
    simulated.

    >>> means_of_stretches({("mother.epds", 0.0, 60.0): np.array([8.0])}, "mother.epds",
    ...              np.array([60.0, 90.0]), 60.0, n=1)
    array([[ 8., nan]])
    """
    # what reaches back before the start was not simulated
    unknown = np.full(n, np.nan)
    columns = [means.get((name, time - minutes, time), unknown) for time in times.tolist()]
    return np.stack(columns, axis=1)
