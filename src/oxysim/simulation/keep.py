"""Simulate and keep outcomes only: a year at minute resolution in bounded memory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from oxysim.participants import Family
from oxysim.progress import simulating
from oxysim.simulation.outcomes import SAMPLE, Layout, lay_out, resolve, row_of, sampling_times
from oxysim.simulation.prepared import Prepared, prepare
from oxysim.simulation.provenance import provenance_of
from oxysim.simulation.summaries import summarise

FloatArray = npt.NDArray[np.float64]


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

    The courses are sampled and summarised while they run, so memory does not grow with the duration: 18 months can be
    sampled every minute.

    Parameters
    ----------
    who, schedule, duration, options : as for :func:`oxysim.simulate` (start, cut, scale, solver, engine, seed,
        usual_day).
    keep : outcomes, as texts ("caregiver.epds: weekly mean", "infant.cortisol: maximum") or
        :class:`~oxysim.simulation.outcomes.Outcome`.
    progress : whether a bar of simulated dyad-days is shown; None: on a terminal and in a notebook, where it takes
        more than a second.
    sample : time between samples; means, maxima and the like are those of the sampled course.

    Returns
    -------
    xarray.Dataset : one variable an outcome, dims (dyad) or (dyad, day), (dyad, week) ..., with units; ``status`` and
        ``reason`` by dyad; provenance in the attributes. A dyad that failed is NaN.

    Raises
    ------
    UnknownNameError, UnitError, ScheduleError, InputError : before anything runs.
    """
    run = prepare(who, schedule, duration, **options)
    layouts = lay_out(resolve(keep, who.caregivers), who.caregivers, run.window, sample)
    with simulating(len(who), run.window[1] - run.window[0], "simulate", progress):
        values = summaries(run, layouts)
    failed = run.failures
    coords: dict[str, Any] = {"dyad": np.array(who.dyads)}
    data: dict[str, Any] = {}
    for one in layouts:
        row = row_of(one.outcome, who.caregivers)
        attributes = {
            "units": one.outcome.unit(row),
            "long_name": one.outcome.long_name(row),
            "outcome": one.outcome.text,
        }
        own = values[one.outcome.name]
        own[list(failed)] = np.nan
        data[one.outcome.name] = (("dyad",) if one.dim is None else ("dyad", one.dim), own, attributes)
        if one.dim is not None:
            coords[one.dim] = (one.dim, one.coordinate, {"units": "d", "long_name": "days since the first midnight"})
    data["status"] = ("dyad", np.array(["failed" if i in failed else "ok" for i in range(len(who))]))
    data["reason"] = ("dyad", np.array([failed.get(i, "") for i in range(len(who))]))
    return xr.Dataset(data, coords=coords, attrs={k: json.dumps(v) for k, v in provenance_of(run).items()})


def summaries(run: Prepared, layouts: Sequence[Layout]) -> dict[str, FloatArray]:
    """Every outcome of a prepared simulation, by name, shape (n,) or (n, k); dyads that fail are in its `failures`."""
    names = list(dict.fromkeys(one.variable for one in layouts))

    def chunks() -> Iterator[tuple[FloatArray, Mapping[str, FloatArray]]]:
        for recorder in run.courses(names, sampling_times(layouts)):
            recorder.mark_illegal(run.failures, run.solver.rtol)
            yield recorder.times, recorder.values

    return summarise(layouts, chunks())
