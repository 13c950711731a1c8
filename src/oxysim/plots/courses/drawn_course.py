"""What lies between two outputs, drawn as it was: the one place from which every plot takes a
result's course.

A line from one output to the next passes over whatever happens between them: with an output every
15 min the peak of a spray would be missing from the picture. Where an edge of the schedule lies
between two outputs, or outputs are far apart, the course is computed at the moments after each edge
too, once for all variables of a plot. Where that cannot be done (a result from a file, a long run
of many dyads) the axis of time says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from oxysim.arrays import BoolArray, FloatArray, IntArray
from oxysim.simulation.results.reading import values_of
from oxysim.simulation.results.result import Result
from oxysim.units import DAY, clock

STRAIGHT = "between outputs: straight lines"
"""What the axis of time says where something happened between two outputs and is not drawn."""

FEW = 5.0
"""Minutes; outputs no further apart (the default of a short run) show a course as it is, except
after an edge that lies between two of them.
"""

LONGEST = 2 * DAY
"""Minutes of a run whose course is drawn: as long as the axis shows the clock. Beyond it, a spray's
peak is narrower than the line, and who saved one output a day wants to see the days.
"""

DYAD_DAYS = {"scipy": 4.0, "compiled": 400.0}
"""What is computed anew for a picture at most, for each engine: half a second at .1 s a dyad-day
with SciPy; a dyad-day of the compiled engine takes under 1 ms.
"""

LAID_OUT = 1000.0
"""Dyad-days of a run whose schedule is not laid out only to see whether anything lies between its
outputs (.3 s at .15 ms each): over so many something always does, and the axis says so.
"""

FIRST, GROWTH = 0.25, 0.15
"""Steps after an edge: 15 s, and each 15 % longer than the one before, since what an edge sets off
comes ever more slowly. A course with time constant T turns at about T after the edge, where a step
is .15 T: the line then passes (.15 / 2)**2 / 2 = .3 % below its peak.
"""

STEPS = 200
"""Steps of a drawn window at least, so that curves between outputs that are far apart are round."""

SECOND = 1 / 60
"""Minutes; the schedule's table holds its clock times to the second, so what is nearer to an output
is on it.
"""


class Course(NamedTuple):
    """What is drawn of some variables of a result.

    Attributes
    ----------
    times : min since 00:00 of the first simulated day, shape (n_times,).
    values : of each variable for all dyads there, each (n_dyads, n_times).
    outputs : which of the times are outputs.

    >>> course = Course(np.array([0.0, 5.0]), [np.array([[8.0, 7.5]])], np.array([0, 1]))
    >>> course.values[0].shape  # dyads, times
    (1, 2)
    """

    times: FloatArray
    values: list[FloatArray]
    outputs: IntArray


def course_of(result: Result, names: Sequence[str], dyad: int | str | None) -> Course:
    """The outputs of some variables, and where it is needed and cheap the moments between them.

    Parameters
    ----------
    dyad : whose edges count: a dyad's number; any other text, or none, for all dyads.

    Raises
    ------
    UnknownNameError : the result does not hold a variable.

    >>> import oxysim as ox
    >>> spray = ox.NasalSpray("24 IU", at="08:15")
    >>> result = ox.simulate(ox.Dyad(), spray, "1 h")
    >>> course = course_of(result, ["caregiver.cortisol"], None)
    >>> len(course.times) > len(course.outputs)  # the spray ends between two outputs
    True
    """
    saved = result.time
    values = [np.asarray(result[name].values, dtype=float) for name in names]
    as_saved = Course(saved, values, np.arange(len(saved)))
    if not _can_be_computed(result):
        return as_saved
    # nothing happens between outputs that are close: they are the course
    edges = _edges(result, dyad)
    if not (np.any(_lies_between(edges, saved)) or np.any(np.diff(saved) > FEW + SECOND)):
        return as_saved
    # once for all variables of a plot, as each needs the same run
    times, outputs = _with_outputs(_after_edges(edges, saved[0], saved[-1]), saved)
    computed = values_of(result, names, times)
    # a run that fails on the finer times would draw a gap that the result does not have
    if not all(np.isfinite(values[result.ok]).all() for values in computed):
        return as_saved
    return Course(times, computed, outputs)


def is_straight(result: Result, dyad: int | str | None) -> bool:
    """Whether the drawn line passes over something that happened between two outputs.

    >>> import oxysim as ox
    >>> spray = ox.NasalSpray("24 IU", at="08:15")
    >>> result = ox.simulate(ox.Dyad(), spray, "1 h")
    >>> is_straight(result, None)  # short enough to be computed anew
    False
    """
    if _can_be_computed(result) or len(result.time) < 2:
        return False
    if result.run is not None and _dyad_days(result) > LAID_OUT:
        return True
    return bool(np.any(_lies_between(_edges(result, dyad), result.time)))


def as_drawn(result: Result, name: str) -> xr.DataArray:
    """One variable as :class:`Course` has it, labelled as the result's own; the axis of time has a
    ``note`` among its attributes where the line passes over something.

    Raises
    ------
    UnknownNameError : the result does not hold the variable.

    >>> import oxysim as ox
    >>> spray = ox.NasalSpray("24 IU", at="08:15")
    >>> result = ox.simulate(ox.Dyad(), spray, "1 h")
    >>> as_drawn(result, "caregiver.cortisol").dims
    ('dyad', 'time')
    """
    variable, course = result[name], course_of(result, [name], None)
    about = variable["time"].attrs | ({"note": STRAIGHT} if is_straight(result, None) else {})
    coordinates = {
        key: coordinate
        for key, coordinate in variable.coords.items()
        if "time" not in coordinate.dims
    }
    coords = {**coordinates, "time": ("time", course.times, about)}
    return xr.DataArray(
        course.values[0],
        dims=("dyad", "time"),
        coords=coords,
        name=variable.name,
        attrs=variable.attrs,
    )


def _can_be_computed(result: Result) -> bool:
    """Whether there is a run to be computed anew, and few enough dyad-days of it that nobody waits
    for the picture.
    """
    if result.run is None or len(result.time) < 2:
        return False
    is_short = float(result.time[-1]) - result.run.window[0] <= LONGEST + SECOND
    return is_short and _dyad_days(result) <= DYAD_DAYS[result.run.engine]


def _dyad_days(result: Result) -> float:
    """The work of computing a result anew, or of laying out its schedule, up to its last output."""
    begin = result.time[0] if result.run is None else result.run.window[0]
    return result.dataset.sizes["dyad"] * float(result.time[-1] - begin) / DAY


def _edges(result: Result, dyad: int | str | None) -> FloatArray:
    """When a bout of the schedule begins or ends, in the window of the outputs, ascending."""
    table, saved = result.schedule, result.time
    ages = result.dataset["infant_age"]
    if dyad is not None and not isinstance(dyad, str):
        table, ages = table[table["dyad"].isin((-1, dyad))], ages.sel(dyad=[dyad])
    clocks = table["start_clock"].map(_minutes_of(table["start_clock"]))
    starts = ((table["start_day"] - 1) * DAY + clocks).to_numpy(dtype=float)
    minutes = table["minutes"].to_numpy(dtype=float)
    numbers = table["dyad"].to_numpy()
    is_shared = numbers < 0  # such a bout lies elsewhere in the window of each age
    # the schedule's days count the infant's age, the outputs the days of the run
    begins = [starts[is_shared] - age for age in np.unique(ages.values)]
    age_of = dict(zip(ages["dyad"].values.tolist(), ages.values.tolist(), strict=True))
    begins.append(
        starts[~is_shared] - np.array([age_of[number] for number in numbers[~is_shared].tolist()])
    )
    lasting = [minutes[is_shared]] * (len(begins) - 1) + [minutes[~is_shared]]
    # in the same order as the begins: the shared bouts once an age, then each dyad's own
    begin = np.concatenate(begins)
    edges = np.unique(np.concatenate([begin, begin + np.concatenate(lasting)]))
    return edges[(edges > saved[0] + SECOND) & (edges < saved[-1] - SECOND)]


def _minutes_of(clocks: Any) -> dict[str, float]:
    """Each clock time's minutes after midnight; a schedule of months has few different ones."""
    return {text: clock(text) for text in clocks.unique()}


def _lies_between(edges: FloatArray, saved: FloatArray) -> BoolArray:
    """Which edges lie strictly between two outputs."""
    after = np.clip(np.searchsorted(saved, edges), 1, len(saved) - 1)
    return np.minimum(np.abs(edges - saved[after - 1]), np.abs(saved[after] - edges)) > SECOND


def _after_edges(edges: FloatArray, low: float, high: float) -> FloatArray:
    """Moments from `low` to `high`: just before each edge, at it (inputs jump there), and after it
    ever more widely.
    """
    # steps grow until the window has its STEPS, and no further
    longest = max((high - low) / STEPS, SECOND)
    count = int(np.ceil(np.log(max(longest / FIRST, 1.0)) / np.log(1 + GROWTH)))
    growing = np.minimum(FIRST * (1 + GROWTH) ** np.arange(count), longest)
    steps = np.append(growing, np.full(STEPS, longest))
    # more steps than any gap between two edges can hold: what lies beyond the next edge is cut off
    # below
    after = np.append(0.0, np.cumsum(steps))

    # a row a stretch between two edges, the window's ends included
    begins = np.append(low, edges)
    ends = np.append(edges, high)
    moments = begins[:, None] + after
    # a second before each edge the course is as it was, so that a jump is drawn upright
    return np.concatenate([moments[moments < ends[:, None] - SECOND], edges - SECOND])


def _with_outputs(moments: FloatArray, saved: FloatArray) -> tuple[FloatArray, IntArray]:
    """Moments and outputs in order, and where the outputs are; an output stands for moments within
    a second of it.
    """
    near = np.clip(np.searchsorted(saved, moments), 1, len(saved) - 1)
    # the nearer of the outputs on both sides
    distance = np.minimum(np.abs(moments - saved[near - 1]), np.abs(saved[near] - moments))
    times = np.union1d(moments[distance > SECOND / 2], saved)
    return times, np.searchsorted(times, saved)
