"""Datasets with labels: units, long names, coordinates, and what became of each dyad.

Every dataset of runs is made of these pieces, so that a status is written, and a time is described,
in one way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from oxysim.arrays import FloatArray
from oxysim.families import Family
from oxysim.simulation.equations.system import variable_rows
from oxysim.simulation.results.outcome_windows import OutcomeWindows
from oxysim.simulation.results.run_status import RunStatus

Entry = tuple[Any, ...]
"""What xarray takes for a variable: its dimensions, values and attributes."""

TIME = {"units": "min", "long_name": "minutes since 00:00 of the first simulated day"}
AGE = {"units": "min", "long_name": "infant age at 00:00 of the first simulated day"}
WINDOW_START = {"units": "d", "long_name": "days since the first midnight"}


def labelled_courses(
    who: Family,
    times: FloatArray,
    values: Mapping[str, FloatArray],
    inputs: Mapping[str, Entry],
    failures: Mapping[int, str],
) -> xr.Dataset:
    """Courses of variables, and of input channels, of every dyad.

    Parameters
    ----------
    values : variable by full name -> shape (n_dyads, n_times).
    inputs : "input.<member>.<channel>" -> dimensions, values and attributes.
    failures : dyad position -> reason.

    >>> values = {"mother.cortisol": np.ones((1, 2))}
    >>> dataset = labelled_courses(Family(), np.array([480.0, 485.0]), values, {}, {})
    >>> dataset["mother.cortisol"].attrs["units"]
    'nmol/L'
    """
    rows = variable_rows(who.caregivers)
    # Attributes come from the rows, so that a unit is written in one place in the library.
    courses = {
        name: (("dyad", "time"), table, {"units": rows[name].unit, "long_name": rows[name].meaning})
        for name, table in values.items()
    }
    coordinates = {
        "dyad": np.array(who.dyads),
        "time": ("time", times, TIME),
        "infant_age": ("dyad", who.ages(), AGE),
    }
    data = {**courses, **inputs, **status_and_reason(failures, len(who))}
    return xr.Dataset(data, coords=coordinates)


def labelled_outcomes(
    who: Family,
    windows: Sequence[OutcomeWindows],
    values: Mapping[str, FloatArray],
    failures: Mapping[int, str],
    attributes: Mapping[str, Any],
) -> xr.Dataset:
    """Outcomes of every dyad.

    Parameters
    ----------
    values : outcome by name -> shape (n,), or (n, k) where it has k windows.
    attributes : of the dataset.

    >>> from oxysim.simulation.results.outcome_windows import outcome_windows
    >>> from oxysim.simulation.results.outcomes import Outcome
    >>> laid = outcome_windows([Outcome("caregiver.epds", "final")], ("mother",), (0.0, 1440.0))
    >>> values = {"caregiver.epds: final": np.array([5.4])}
    >>> dataset = labelled_outcomes(Family(), laid, values, failures={}, attributes={})
    >>> dataset["caregiver.epds: final"].values.tolist(), dataset["status"].values.tolist()
    ([5.4], ['ok'])
    """
    coordinates: dict[str, Any] = {"dyad": np.array(who.dyads)}
    data: dict[str, Entry] = {}
    for laid in windows:
        dims = ("dyad",) if laid.dim is None else ("dyad", laid.dim)
        name = laid.outcome.name
        data[name] = (dims, values[name], laid.outcome.attributes(who.caregivers))
        # Outcomes with the same windows share a dimension, and one coordinate along it.
        if laid.dim is not None:
            coordinates[laid.dim] = (laid.dim, laid.coordinate, WINDOW_START)

    data |= status_and_reason(failures, len(who))
    return xr.Dataset(data, coords=coordinates, attrs=attributes)


def status_and_reason(failures: Mapping[int, str], n: int) -> dict[str, Entry]:
    """The variables ``status`` and ``reason`` of n dyads, of which some (position -> why) failed.

    >>> status_and_reason({1: "not finite"}, 2)["status"][1].tolist()
    ['ok', 'failed']
    """
    # Texts, not codes: a result is read by people and saved in files that know no enumeration.
    status = [RunStatus.FAILED if dyad in failures else RunStatus.OK for dyad in range(n)]
    reasons = [failures.get(dyad, "") for dyad in range(n)]
    return {
        "status": ("dyad", np.array([status_of_dyad.text for status_of_dyad in status])),
        "reason": ("dyad", np.array(reasons)),
    }
