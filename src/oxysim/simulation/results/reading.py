"""What a result says at any moment and over any window: exact, or refused with the output to save.

At an output time the result itself has the value. Everything else is computed anew from the run
that the result came from, by what :func:`oxysim.outcomes` uses, so that both say the same; nothing
is read off a line between two outputs, which would ignore whatever happens between them. A result
that was read from a file has no run: it answers at its output times, and what it cannot know it
refuses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
import xarray as xr

from oxysim import units
from oxysim.arrays import BoolArray, FloatArray, IntArray
from oxysim.checks import choice, number
from oxysim.errors import InputError
from oxysim.model.inputs import NOISE, channel, channels_of
from oxysim.schedule.bouts import TOLERANCE
from oxysim.simulation.results.outcome_windows import OutcomeWindows
from oxysim.simulation.results.outcomes import Outcome
from oxysim.simulation.results.sampling import LONGEST_PANEL
from oxysim.simulation.results.summaries import summaries
from oxysim.simulation.run import PreparedRun


class ReadableResult(Protocol):
    """What is read of a :class:`~oxysim.simulation.results.result.Result` here.

    >>> import oxysim as ox
    >>> result: ReadableResult = ox.simulate(ox.Dyad(), ox.Routine.empty(), "10 min")
    >>> result.time[[0, -1]].tolist()
    [480.0, 490.0]
    """

    @property
    def dataset(self) -> xr.Dataset: ...

    @property
    def run(self) -> PreparedRun | None: ...

    @property
    def time(self) -> FloatArray: ...

    @property
    def ok(self) -> BoolArray: ...

    def __getitem__(self, name: str) -> xr.DataArray: ...

    def inputs(self, member: str) -> xr.Dataset: ...


def values_at(result: ReadableResult, name: str, times: FloatArray) -> FloatArray:
    """A variable at any times (minutes since 00:00 of the first simulated day), shape (n_dyads,
    n_times).

    Raises
    ------
    UnknownNameError : the result does not hold the variable.
    InputError : a time outside the run; or one that is no output, where the result was read from a
    file.

    >>> import oxysim as ox
    >>> result = ox.simulate(ox.Dyad(), ox.Routine.empty(), "10 min")
    >>> values_at(result, "mother.epds", np.array([480.0, 485.0])).shape
    (1, 2)
    """
    return values_of(result, [name], times)[0]


def values_of(result: ReadableResult, names: Sequence[str], times: FloatArray) -> list[FloatArray]:
    """Several variables at any times, each of shape (n_dyads, n_times), computed together; errors
    as for :func:`values_at`.

    >>> import oxysim as ox
    >>> result = ox.simulate(ox.Dyad(), ox.Routine.empty(), "10 min")
    >>> len(values_of(result, ["mother.epds", "infant.cortisol"], np.array([485.0])))
    2
    """
    variables = [result[name] for name in names]
    full = [str(variable.name) for variable in variables]
    outputs = _outputs_at(result, times)
    # What is an output is taken from the result itself, to the bit; only the rest is computed.
    missing = np.unique(times[outputs < 0])
    recorded: dict[str, FloatArray] = {}
    if len(missing):
        _require_inside(result, missing)
        # No further than to the last moment that is asked for.
        run = _run_of(result, full[0], missing).again(float(missing[-1]))
        recorded = run.run(list(dict.fromkeys(full)), missing)[0].values
        for values in recorded.values():
            values[list(run.failures)] = np.nan
    values_of_names = []
    for name, variable in zip(full, variables, strict=True):
        values = np.asarray(variable.values, dtype=float)[:, np.maximum(outputs, 0)]
        if len(missing):
            values[:, outputs < 0] = recorded[name][:, np.searchsorted(missing, times[outputs < 0])]
        # A dyad that failed anywhere has no values: what came before may be wrong already.
        values[~result.ok] = np.nan
        values_of_names.append(values)
    return values_of_names


def statistics(
    result: ReadableResult, name: str, kind: str, windows: Sequence[tuple[float, float]]
) -> FloatArray:
    """A statistic ("mean", "area", "maximum", "time of maximum" ...) of the whole course in each
    window (from, to), shape (n_dyads, n_windows).

    Raises
    ------
    UnknownNameError : the result does not hold the variable.
    InputError : a window outside the run; a result that was read from a file.

    >>> import oxysim as ox
    >>> result = ox.simulate(ox.Dyad(), ox.Routine.empty(), "10 min")
    >>> statistics(result, "mother.epds", "mean", [(480.0, 485.0), (485.0, 490.0)]).shape
    (1, 2)
    """
    full = str(result[name].name)
    _require_inside(result, np.array(windows).ravel())
    run = _run_of(result, full, None).again(max(high for _, high in windows))
    # A window that is asked for twice is computed once.
    layouts = [
        _layout(Outcome(full, kind), full, window, run.window[0])
        for window in dict.fromkeys(windows)
    ]
    values_of = summaries(run, layouts)
    of = {
        (windows_of_one.lows[0], windows_of_one.highs[0]): values_of[windows_of_one.outcome.name]
        for windows_of_one in layouts
    }
    table = np.stack([of[window] for window in windows], axis=1)
    table[~result.ok] = np.nan
    return table


def means_before(
    result: ReadableResult, name: str, times: FloatArray, minutes: float
) -> FloatArray:
    """A variable's means over so many minutes before each time, shape (n_dyads, n_times).

    Raises
    ------
    InputError : the simulation began later than a stretch; further as for :func:`statistics`.

    >>> import oxysim as ox
    >>> result = ox.simulate(ox.Dyad(), ox.Routine.empty(), "10 min")
    >>> means_before(result, "mother.epds", np.array([490.0]), 30.0)
    Traceback (most recent call last):
    ...
    oxysim.errors.InputError: mother.epds at ...: expected the 30 min before it inside the
    simulation; found a simulation from ...
    """
    begin = run_window(result)[0]
    # An instrument that reads a mean needs what came before, and nothing is made up for it.
    early = times[times - minutes < begin - TOLERANCE]
    if len(early):
        raise InputError(
            what=f"{name} at {clock_and_day(float(early[0]))}", key=("at",),
            expected=f"the {units.duration_text(minutes)} before it inside the simulation",
            found=f"a simulation from {clock_and_day(begin)}",
            remedy="start the simulation earlier, or name later times in at=",
        )  # fmt: skip
    return statistics(result, name, "mean", [(time - minutes, time) for time in times.tolist()])


def _layout(
    outcome: Outcome, name: str, window: tuple[float, float], start: float
) -> OutcomeWindows:
    """An outcome laid out over one window."""
    # The text of an outcome counts from the start of the run; repr keeps every bit of it.
    ends = (f"{window[0] - start!r} min", f"{window[1] - start!r} min")
    lows, highs = np.array([window[0]]), np.array([window[1]])
    return OutcomeWindows(
        replace(outcome, window=ends), name, lows, highs, np.empty(0), None, 0.0, LONGEST_PANEL
    )


def levels_at(result: ReadableResult, member: str, name: str, times: FloatArray) -> FloatArray:
    """The level of an input channel of a member (by full name) at any times, shape (n_dyads,
    n_times).

    Raises
    ------
    InputError : as for :func:`values_at`.

    >>> import oxysim as ox
    >>> day = ox.Routine.empty() + ox.SkinToSkin("5 min", at="08:00")
    >>> result = ox.simulate(ox.Dyad(), day, "10 min")
    >>> levels_at(result, "mother", "skin_contact", np.array([482.0, 488.0])).tolist()
    [[1.0, 0.0]]
    """
    n, inputs = result.dataset.sizes["dyad"], result.inputs(member)
    name = choice(name, "channel", channels_of(member))
    outputs = _outputs_at(result, times)
    _require_inside(result, times)
    # A channel that is not in the result never left its level of rest.
    if np.all(outputs >= 0):
        if name not in inputs:
            return np.full((n, len(times)), channel(member, name).rest)
        return np.broadcast_to(
            np.asarray(inputs[name].values, dtype=float)[..., outputs], (n, len(times))
        )
    run = _run_of(result, f"input.{member}.{name}", times[outputs < 0])
    column = list(channels_of(member)).index(name)
    ages = run.who.ages().tolist()
    plans = run.plans()
    levels = np.array(
        [p.inputs_at(member, times + age)[:, column] for p, age in zip(plans, ages, strict=True)]
    )
    noise = run.noise()
    # Noise is not in the schedule, since each dyad has its own; it adds to what is scheduled.
    if noise is not None and name in NOISE:
        row = run.who.caregivers.index(member) * len(NOISE) + list(NOISE).index(name)
        order = np.argsort(times)
        for i, age in enumerate(ages):
            levels[i, order] += noise.at(i, age + times[order], age + run.window[1])[row]
    return levels


def window_of(result: ReadableResult, start: Any, stop: Any) -> tuple[float, float]:
    """A window in minutes since 00:00 of the first simulated day; by default from the first to the
    last output.

    Raises
    ------
    UnitError : an end that is no time. InputError : a window that ends before it starts, or leaves
    the run.

    >>> import oxysim as ox
    >>> result = ox.simulate(ox.Dyad(), ox.Routine.empty(), "10 min")
    >>> window_of(result, "08:05", None)
    (485.0, 490.0)
    """
    low = float(result.time[0]) if start is None else moment(start)
    high = float(result.time[-1]) if stop is None else moment(stop)
    if high < low:
        raise InputError(
            what="window", key=("start", "stop"), expected="an end after its start",
            found=f"{clock_and_day(low)} to {clock_and_day(high)}",
        )  # fmt: skip
    _require_inside(result, np.array([low, high]))
    return low, high


def moment(value: Any, label: str = "time") -> float:
    """A clock time of the first day ("10:45"), a time after its midnight ("34 h"), or that number
    of minutes.

    >>> moment("10:45"), moment("34 h"), moment(5)
    (645.0, 2040.0, 5.0)
    """
    if isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool):
        return number(value, label)
    if units.is_clock(value):
        return units.clock(value, label)
    return units.duration(value, label, positive=False)


def clock_and_day(minutes: float) -> str:
    """A moment as a reader sees it: "10:45", "10:45 on day 3".

    >>> clock_and_day(645.0), clock_and_day(2 * 1440.0 + 645.0)
    ('10:45', '10:45 on day 3')
    """
    # A midnight that rounding put just before it belongs to the day that it begins.
    day, rest = divmod(float(minutes) + 1e-9, units.DAY)
    return units.clock_text(rest) if day == 0 else f"{units.clock_text(rest)} on day {int(day) + 1}"


def run_window(result: ReadableResult) -> tuple[float, float]:
    """What the result can answer for: its run, or its outputs where it was read from a file.

    >>> import oxysim as ox
    >>> run_window(ox.simulate(ox.Dyad(), ox.Routine.empty(), "10 min"))
    (480.0, 490.0)
    """
    times = result.time
    return (float(times[0]), float(times[-1])) if result.run is None else result.run.window


def _outputs_at(result: ReadableResult, times: FloatArray) -> IntArray:
    """The number of the output at each time, -1 where there is none."""
    outputs = result.time
    # Twice the tolerance: both times may be off by it, each to its own side.
    near = np.clip(np.searchsorted(outputs, times - TOLERANCE), 0, len(outputs) - 1)
    return np.where(np.abs(outputs[near] - times) <= 2 * TOLERANCE, near, -1)


def _require_inside(result: ReadableResult, times: FloatArray) -> None:
    low, high = run_window(result)
    outside = times[(times < low - TOLERANCE) | (times > high + TOLERANCE)]
    if len(outside):
        raise InputError(
            what="time",
            key=("at",),
            expected=f"one inside the simulation, {clock_and_day(low)} to {clock_and_day(high)}",
            found=clock_and_day(float(outside[0])),
        )


def _run_of(result: ReadableResult, name: str, times: FloatArray | None) -> PreparedRun:
    """The run behind a result; without one the error says what to save instead."""
    if result.run is not None:
        return result.run
    if times is None:
        remedy = (
            "read it before the result is saved, or keep it with oxysim.outcomes; the extremes of"
            f" the outputs themselves are in result[{name!r}]"
        )
        raise InputError(
            what=f"{name}: a statistic of the course",
            key=("name",),
            expected="a result that still has its run",
            found="one read from a file, which holds the outputs and not what lies between them",
            remedy=remedy,
        )
    # The error says what to type, in the words in which `save=` takes it.
    first = float(times[0])
    asked = (
        f'"{units.clock_text(first)}"'
        if first <= units.DAY
        else f'"{first - float(result.time[0]):g} min"'
    )
    raise InputError(
        what=f"{name} at {clock_and_day(first)}",
        key=("at",),
        expected="one of the output times of a result read from a file",
        found="a time between two of them",
        remedy=f"save {clock_and_day(first)}: simulate(..., save=[{asked}, ...])",
    )
