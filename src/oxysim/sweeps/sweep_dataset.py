"""The labelled dataset of a sweep: names, dimensions, units and status before anything is computed,
and how far it is filled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from oxysim.simulation.results.outcome_windows import OutcomeWindows
from oxysim.simulation.results.run_status import RunStatus
from oxysim.sweeps.axis_targets import BoundAxis
from oxysim.sweeps.sweep_design import SweepDesign

# the names of CF conventions for an array of codes: other programs print the meanings
FLAGS = {
    "flag_values": [int(code) for code in RunStatus],
    "flag_meanings": " ".join(code.text for code in RunStatus),
}
# different reasons of failure that are quoted
MOST_REASONS = 5

Coords = dict[str, tuple[str, Any, dict[str, str]]]
"""Coordinate -> (dimension, values, attributes)."""


def empty_dataset(
    layouts: Sequence[OutcomeWindows],
    caregivers: tuple[str, ...],
    dims: Mapping[str, int],
    coords: Coords,
    attrs: Mapping[str, Any],
) -> xr.Dataset:
    """One variable an outcome, ``status`` and ``reason``, along the dimensions of the runs.

    Parameters
    ----------
    layouts : each outcome, laid out over a run.
    dims : dimension of the array of runs -> size.

    Returns
    -------
    Dataset : each of its arrays is one value seen many times: it takes no memory and cannot be
    written to.

    >>> from oxysim.simulation.results.outcome_windows import outcome_windows
    >>> from oxysim.simulation.results.outcomes import Outcome
    >>> laid = outcome_windows([Outcome("caregiver.epds", "final")], ("mother",), (0.0, 1440.0))
    >>> list(empty_dataset(laid, ("mother",), {"seed": 3}, {}, {}).data_vars)
    ['caregiver.epds: final', 'status', 'reason']
    """
    shape, names = tuple(dims.values()), tuple(dims)
    data: dict[str, Any] = {}
    for layout in layouts:
        data[layout.outcome.name] = (
            names if layout.dim is None else (*names, layout.dim),
            np.broadcast_to(np.nan, (*shape, *layout.shape)),
            layout.outcome.attributes(caregivers),
        )

    # one value seen many times: a template of a billion runs takes no memory
    status = np.broadcast_to(np.uint8(RunStatus.NOT_DONE), shape)
    data["status"] = (names, status, {"long_name": "whether a run was made", **FLAGS})
    reason = np.broadcast_to(np.array(""), shape)
    data["reason"] = (names, reason, {"long_name": "why a run failed"})
    return xr.Dataset(data, coords=coords, attrs=attrs)


def axis_coords(design: SweepDesign | None, bound: Sequence[BoundAxis]) -> Coords:
    """The coordinates of a design's axes, each with what it changes and in which unit.

    >>> from oxysim.families import Family
    >>> from oxysim.sweeps.axis_targets import bind
    >>> from oxysim.sweeps.sweep_design import grid
    >>> design = grid({"infant_age": ["30 d", "60 d"]})
    >>> axis_coords(design, bind(design, Family(), {}))["infant_age"][2]["units"]
    'd'
    """
    coords: Coords = {}
    targets = {target.axis.name: target for target in bound}
    for name, (dim, values) in ({} if design is None else design.coords).items():
        attrs = {}
        # one at a time, "axis" and "value" are words and no axes
        if name in targets:
            attrs["long_name"] = targets[name].long_name
            if targets[name].unit:
                attrs["units"] = targets[name].unit
        coords[name] = (dim, values, attrs)
    return coords


def window_coords(layouts: Sequence[OutcomeWindows]) -> Coords:
    """The coordinates of outcomes that have a dimension of their own: moments, or starts of
    stretches, in days.

    >>> from oxysim.simulation.results.outcome_windows import outcome_windows
    >>> from oxysim.simulation.results.outcomes import outcome
    >>> laid = outcome_windows([outcome("caregiver.epds: daily mean")], ("mother",), (0.0, 2880.0))
    >>> window_coords(laid)["day"][1].tolist()
    [0.0, 1.0]
    """
    coords: Coords = {}
    for layout in layouts:
        if layout.dim is not None:
            meaning = "moment" if layout.outcome.statistic == "course" else "start of the stretch"
            attrs = {
                "units": "d",
                "long_name": f"{meaning}, days since 00:00 of the first simulated day",
            }
            coords[layout.dim] = (layout.dim, layout.coordinate, attrs)
    return coords


def run_counts(dataset: xr.Dataset) -> dict[str, int]:
    """How many runs of a sweep are "ok", "failed" and "not done".

    >>> run_counts(xr.Dataset({"status": ("run", [1, 1, 2])}))
    {'ok': 2, 'failed': 1, 'not done': 0}
    """
    status = dataset["status"]
    return {
        name: int((status == code).sum())
        for name, code in (
            ("ok", RunStatus.OK),
            ("failed", RunStatus.FAILED),
            ("not done", RunStatus.NOT_DONE),
        )
    }


def failure_reasons(dataset: xr.Dataset, most: int = MOST_REASONS) -> list[str]:
    """The first few different reasons why runs failed.

    >>> failed = xr.Dataset({"status": ("run", [1, 2]), "reason": ("run", ["", "too stiff"])})
    >>> failure_reasons(failed)
    ['too stiff']
    """
    failed = (dataset["status"] == RunStatus.FAILED).values
    texts = dict.fromkeys(str(text) for text in dataset["reason"].values[failed].tolist())
    reasons = list(texts)[:most]
    return reasons + ([f"and {len(texts) - most} more"] if len(texts) > most else [])
