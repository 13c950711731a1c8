"""Jitter of a routine: seeded shifts that keep the order of the day and create no overlap."""

from __future__ import annotations

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.schedule.bouts import TOLERANCE
from oxysim.units import DAY

# a little less than half of the gap, so that two neighbours which shift towards each other never
# touch
_SHARE = 0.499


def limits(starts: FloatArray, stops: FloatArray) -> tuple[FloatArray, FloatArray]:
    """How far each occurrence may move back and forward, shape (n,) each, in minutes (both >= 0).

    The limit is just under half of the free gap to the nearest occurrence that it does not overlap,
    and just under half of the distance to the nearest other start, so that occurrences which
    overlap keep their order. Gaps count up to a day, so that the limit depends on the neighbouring
    days only, not on the window.

    >>> back, forward = limits(np.array([600.0, 700.0]), np.array([620.0, 720.0]))
    >>> forward.round(2)
    array([ 39.92, 718.56])
    """
    all_starts, all_stops = np.sort(starts), np.sort(stops)
    free_before = starts - _nearest_below(all_stops, starts + TOLERANCE)
    free_after = _nearest_above(all_starts, stops - TOLERANCE) - stops
    start_before = starts - _nearest_below(all_starts, starts - TOLERANCE)
    start_after = _nearest_above(all_starts, starts + TOLERANCE) - starts
    back = np.minimum.reduce([free_before, start_before, np.full_like(starts, DAY)])
    forward = np.minimum.reduce([free_after, start_after, np.full_like(starts, DAY)])
    return _SHARE * np.maximum(back, 0.0), _SHARE * np.maximum(forward, 0.0)


def shifts(
    back: FloatArray, forward: FloatArray, spread: FloatArray, uniform: FloatArray
) -> FloatArray:
    """The shift of each occurrence, shape (n,), in minutes: normal, truncated to its `limits`.

    `spread` is the standard deviation. `uniform` holds one draw on (0, 1) for each occurrence; the
    shift is its quantile.

    >>> shifts(*np.array([[10.0], [10.0], [5.0], [0.5]]))
    array([0.])
    """
    # imported here because it takes longer than all else, and only schedules with jitter need it
    from scipy.special import ndtr, ndtri

    # what does not shift is divided by 1 in place of 0, and left where it is
    moved = spread > 0
    scale = np.where(moved, spread, 1.0)
    low, high = ndtr(-back / scale), ndtr(forward / scale)
    shift = np.clip(scale * ndtri(low + uniform * (high - low)), -back, forward)
    return np.where(moved, shift, 0.0)


def _nearest_below(ordered: FloatArray, values: FloatArray) -> FloatArray:
    """For each value the largest of `ordered` that is not above it, or minus infinity."""
    padded = np.concatenate(([-np.inf], ordered))
    return padded[np.searchsorted(ordered, values, side="right")]


def _nearest_above(ordered: FloatArray, values: FloatArray) -> FloatArray:
    """For each value the smallest of `ordered` that is not below it, or infinity."""
    padded = np.concatenate((ordered, [np.inf]))
    return padded[np.searchsorted(ordered, values, side="left")]
