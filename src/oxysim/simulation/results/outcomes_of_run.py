"""Every outcome of a prepared run: what is looked at, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.simulation.results.outcome_windows import OutcomeWindows, sampling_times
from oxysim.simulation.results.panels import no_panels
from oxysim.simulation.results.sampling import SampledChunk, SamplingRequest, sampled_chunks
from oxysim.simulation.results.summaries import summarise
from oxysim.simulation.run import PreparedRun


def summaries(run: PreparedRun, layouts: Sequence[OutcomeWindows]) -> dict[str, FloatArray]:
    """Every outcome of a prepared simulation, by name, shape (n,) or (n, k); dyads that fail are in
    its `failures`, and their outcomes are not numbers.

    >>> from oxysim.families import Dyad
    >>> from oxysim.schedule import Routine
    >>> from oxysim.simulation.results.outcome_windows import outcome_windows
    >>> from oxysim.simulation.results.outcomes import Outcome
    >>> from oxysim.simulation.run import prepare
    >>> run = prepare(Dyad(), Routine.typical(), "10 min", engine="scipy")
    >>> laid = outcome_windows([Outcome("caregiver.cortisol", "mean")], ("mother",), run.window)
    >>> summaries(run, laid)["caregiver.cortisol: mean"].shape
    (1,)
    """
    values_of = summarise(layouts, len(run.who), seen(run, layouts))
    # A dyad that failed late has seen some windows; half a course is no outcome.
    for values in values_of.values():
        values[list(run.failures)] = np.nan
    return values_of


def seen(run: PreparedRun, layouts: Sequence[OutcomeWindows]) -> Iterator[SampledChunk]:
    """What the outcomes look at, piece by piece.

    >>> from oxysim.families import Dyad
    >>> from oxysim.schedule import Routine
    >>> from oxysim.simulation.results.outcome_windows import outcome_windows
    >>> from oxysim.simulation.results.outcomes import Outcome
    >>> from oxysim.simulation.run import prepare
    >>> run = prepare(Dyad(), Routine.typical(), "10 min", engine="scipy")
    >>> laid = outcome_windows([Outcome("caregiver.epds", "final")], ("mother",), run.window)
    >>> [chunk.times.tolist() for chunk in seen(run, laid)]
    [[490.0]]
    """
    moments = sampling_times(layouts)
    names = list(dict.fromkeys(windows.variable for windows in layouts if len(windows.times)))
    stretches = [windows for windows in layouts if not len(windows.times)]
    # Single moments need no panels, and so no looking twice.
    if not stretches:
        yield from _moments(run, names, moments)
        return
    lows, highs = (
        np.concatenate([getattr(windows, end) for windows in stretches])
        for end in ("lows", "highs")
    )
    courses = list(dict.fromkeys(windows.variable for windows in stretches))
    # The outcome that asks for the closest look decides for all: they share the panels.
    longest = min(windows.longest for windows in stretches)
    yield from sampled_chunks(run, SamplingRequest(names, moments, courses, lows, highs, longest))


def _moments(run: PreparedRun, names: Sequence[str], moments: FloatArray) -> Iterator[SampledChunk]:
    """Single moments only, in the largest pieces that memory allows."""
    for recorder in run.courses(names, moments):
        recorder.mark_illegal(run.failures, run.solver.rtol)
        yield SampledChunk(recorder.times, recorder.values, no_panels(names))
