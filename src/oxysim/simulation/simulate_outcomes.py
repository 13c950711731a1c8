"""Simulate and keep outcomes only: a year at minute resolution in bounded memory."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import xarray as xr

from oxysim.families import Family
from oxysim.progress import simulating
from oxysim.simulation.plausibility import warn_of
from oxysim.simulation.results.labelled import labelled_outcomes
from oxysim.simulation.results.outcome_windows import (
    outcome_windows,
)
from oxysim.simulation.results.outcomes import SAMPLE, resolve
from oxysim.simulation.results.provenance import provenance_of
from oxysim.simulation.results.summaries import summaries
from oxysim.simulation.run import prepare


def outcomes(
    who: Family,
    schedule: Any,
    duration: Any,
    keep: Sequence[Any],
    *,
    sample: Any = SAMPLE,
    progress: bool | None = None,
    **options: Any,
) -> xr.Dataset:
    """Simulate, keeping outcomes of the courses and not the courses themselves.

    The courses are summarised while they run, so memory does not grow with the duration. Means,
    areas, extrema and times above a level see every edge of the schedule (doses, bouts, daily-life
    noise): courses are looked at as often as they need for an error within ten tolerances of the
    solver.

    Parameters
    ----------
    who, schedule, duration, options : as for :func:`oxysim.simulate` (start, cut, scale, solver,
        engine, seed, usual_day).
    keep : outcomes, as texts ("caregiver.epds: weekly mean", "infant.cortisol: maximum") or
        :class:`~oxysim.simulation.results.outcomes.Outcome`.
    progress : whether a bar of simulated dyad-days is shown; None: on a terminal and in a notebook,
        where it takes more than a second.
    sample : the longest time between two looks at a course, for whoever wants to look more often
        than is needed.

    Returns
    -------
    xarray.Dataset : one variable an outcome, dims (dyad) or (dyad, day), (dyad, week) ..., with
        units; ``status`` and ``reason`` by dyad; provenance in the attributes. A dyad that failed
        is NaN.

    Raises
    ------
    UnknownNameError, UnitError, ScheduleError, InputError : before anything runs.

    >>> from oxysim.families import Dyad
    >>> from oxysim.schedule import Routine
    >>> kept = outcomes(Dyad(), Routine.typical(), "1 h", ["caregiver.cortisol: mean"])
    >>> kept["caregiver.cortisol: mean"].dims
    ('dyad',)
    """
    run = prepare(who, schedule, duration, **options)
    # Before anything runs, so that a typing error is seen at once.
    warn_of(run.implausible)
    layouts = outcome_windows(resolve(keep, who.caregivers), who.caregivers, run.window, sample)
    with simulating(len(who), run.window[1] - run.window[0], "simulate", progress):
        values = summaries(run, layouts)
    # An attribute of a dataset must be a text or a number to be saved in a file.
    attributes = {name: json.dumps(value) for name, value in provenance_of(run).items()}
    return labelled_outcomes(who, layouts, values, run.failures, attributes)
