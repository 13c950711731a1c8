"""Outcomes laid out over the window of a run: which stretches and moments each of them means."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from oxysim import units
from oxysim.arrays import FloatArray
from oxysim.errors import InputError, shown
from oxysim.schedule.bouts import TOLERANCE, distinct_times
from oxysim.simulation.results.outcomes import NAMED, POINTS, SAMPLE, Outcome, full_name
from oxysim.simulation.results.sampling import LONGEST_PANEL

WIDEST_SHARE = 4.0  # a panel is four times as long as the widest gap between its nodes


@dataclass(frozen=True, eq=False)
class OutcomeWindows:
    """An outcome laid out over the window of a run; times are minutes since 00:00 of the first
    simulated day.

    Attributes
    ----------
    variable : the variable's full name.
    lows, highs : ends of each stretch, ascending, shape (k,); for a course both are the moments.
    times : the moments at which the variable itself must be known, ascending, shape (m,); empty
        where the outcome is one of stretches.
    longest : the longest panel on which a stretch may be looked at, minutes.
    dim : name of the extra dimension ("day", "week", "window"; "time" for a course), or None where
        there is one value.
    left_out : minutes at the end that belong to no whole stretch.

    >>> (laid,) = outcome_windows([Outcome("caregiver.epds", "final")], ("mother",), (0.0, 1440.0))
    >>> laid.variable, laid.times.tolist(), laid.shape
    ('mother.epds', [1440.0], ())
    """

    outcome: Outcome
    variable: str
    lows: FloatArray
    highs: FloatArray
    times: FloatArray
    dim: str | None
    left_out: float
    longest: float

    @property
    def coordinate(self) -> FloatArray:
        """Start of each stretch (or moment of a course) in days since 00:00 of the first simulated
        day, shape (k,).
        """
        return self.lows / units.DAY

    @functools.cached_property
    def shape(self) -> tuple[int, ...]:
        """The shape of the outcome of one run: (), or (k,)."""
        return () if self.dim is None else (len(self.lows),)


def outcome_windows(
    outcomes: Sequence[Outcome],
    caregivers: tuple[str, ...],
    window: tuple[float, float],
    sample: Any = SAMPLE,
) -> tuple[OutcomeWindows, ...]:
    """Each outcome over a run of `window` (minutes since 00:00 of the first simulated day), looked
    at every `sample` at least.

    Dimensions of one name but different coordinates are told apart by a number ("day", "day_2").

    Raises
    ------
    InputError : an outcome's window leaves the run, no whole stretch fits into it, or samples are
        further apart than the run is long. UnitError : `sample`.

    >>> kept = Outcome("caregiver.epds", "mean", every="day")
    >>> (laid,) = outcome_windows([kept], ("mother",), (480.0, 480.0 + 2 * 1440.0))
    >>> laid.lows.tolist(), laid.dim
    ([480.0, 1920.0], 'day')
    """
    longest = panel_length(sample, window[1] - window[0])
    laid = [
        _laid(laid_out, full_name(laid_out, caregivers), window, longest) for laid_out in outcomes
    ]
    # Two outcomes "daily" and "daily from 10:00 to 14:00" have as many days, but other starts.
    kinds: dict[str, list[FloatArray]] = {}
    named = []
    for laid_out in laid:
        if laid_out.dim is not None:
            coordinates = kinds.setdefault(laid_out.dim, [])
            same = [
                i
                for i, coordinate in enumerate(coordinates)
                if np.array_equal(coordinate, laid_out.lows)
            ]
            number = same[0] if same else len(coordinates)
            coordinates += [] if same else [laid_out.lows]
            laid_out = replace(
                laid_out, dim=laid_out.dim if number == 0 else f"{laid_out.dim}_{number + 1}"
            )
        named.append(laid_out)
    return tuple(named)


def panel_length(sample: Any, length: float) -> float:
    """The longest panel of a run of `length` minutes whose courses are looked at every `sample` at
    least.

    Raises
    ------
    UnitError : `sample` is no length of time. InputError : it is longer than the run, or next to
    nothing.

    >>> panel_length("15 min", 600.0)
    60.0
    """
    if isinstance(sample, str) and sample == SAMPLE:
        return LONGEST_PANEL
    spacing = units.duration(sample, "sample")
    if spacing <= 10 * TOLERANCE:
        raise InputError(
            f"sample: expected steps of more than {10 * TOLERANCE:g} min; found {sample!r}"
        )
    if spacing > length + TOLERANCE:
        raise InputError(
            what="sample",
            expected=f"at most the length of the run ({units.duration_text(length)})",
            found=shown(sample),
            remedy=f"leave it out: courses are looked at as often as they need ({SAMPLE!r})",
            key=("sample",),
        )
    # Nodes lie closest at the ends of a panel, so its middle decides how often it is looked at.
    return min(WIDEST_SHARE * spacing, LONGEST_PANEL)


def sampling_times(layouts: Iterable[OutcomeWindows]) -> FloatArray:
    """Every single moment that some layout needs, ascending and different, shape (m,).

    >>> laid = outcome_windows([Outcome("caregiver.epds", "change")], ("mother",), (480.0, 540.0))
    >>> sampling_times(laid).tolist()
    [480.0, 540.0]
    """
    return distinct_times(np.concatenate([np.empty(0), *[windows.times for windows in layouts]]))


def _laid(
    outcome: Outcome, variable: str, window: tuple[float, float], longest: float
) -> OutcomeWindows:
    low, high, hours = _stretch(outcome, window)
    if outcome.step is None:
        lows, highs, rest = np.array([low]), np.array([high]), 0.0
    else:
        # A course has its first moment too; windows have one less than their ends.
        count = math.floor((high - low) / outcome.step + 1e-9) + (outcome.statistic == "course")
        # The hours of a day count if they end before the run does, whatever is left of the day.
        if hours is not None:
            count = math.floor((window[1] - hours[1]) / outcome.step + 1e-9) + 1
        if count < 1:
            raise InputError(
                f"outcome {outcome.text!r}: no whole stretch of it lies in the run"
                f" ({_run_text(window)})"
            )
        lows = low + outcome.step * np.arange(count)
        highs = (
            lows
            if outcome.statistic == "course"
            else lows + (outcome.step if hours is None else hours[1] - hours[0])
        )
        # What lies between the hours of two days was never asked for, and is not left out.
        rest = max(0.0, high - highs[-1]) if hours is None else 0.0
    dim = (
        None
        if outcome.step is None
        else "time"
        if outcome.statistic == "course"
        else NAMED.get(outcome.step, "window")
    )
    times = _times_needed(outcome, lows, highs)
    return OutcomeWindows(
        outcome,
        variable,
        lows,
        highs,
        times,
        dim,
        float(rest if rest > TOLERANCE else 0.0),
        longest,
    )


def _stretch(
    outcome: Outcome, window: tuple[float, float]
) -> tuple[float, float, tuple[float, float] | None]:
    """(from, to) in minutes since 00:00 of the first day, and the hours of each day where they are
    meant.
    """
    if outcome.window is None:
        return (*window, None)
    low, high = (
        units.clock(end) if units.is_clock(end) else window[0] + units.duration(end, positive=False)
        for end in outcome.window
    )
    daily = (
        outcome.every == "day"
        and all(map(units.is_clock, outcome.window))
        and outcome.statistic != "course"
    )
    if daily and low < window[0] - TOLERANCE and high + units.DAY <= window[1] + TOLERANCE:
        # the run begins after these hours of its first day
        low, high = low + units.DAY, high + units.DAY
    if not (window[0] - TOLERANCE <= low < high <= window[1] + TOLERANCE):
        raise InputError(
            f"outcome {outcome.text!r}: its window must lie inside the run ({_run_text(window)})"
            " and end after it starts"
        )
    return low, min(high, window[1]), (low, high) if daily else None


def _times_needed(outcome: Outcome, lows: FloatArray, highs: FloatArray) -> FloatArray:
    """The single moments at which an outcome looks."""
    # Its windows are seen as panels, and need no moment of their own.
    if outcome.statistic not in POINTS:
        return np.empty(0)
    return distinct_times(
        {"final": highs, "change": np.concatenate([lows, highs])}.get(outcome.statistic, lows)
    )


def _run_text(window: tuple[float, float]) -> str:
    return f"{units.clock_text(window[0])} for {units.duration_text(window[1] - window[0])}"
