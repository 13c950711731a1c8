"""Every outcome of a prepared run, computed on the fly: pieces of the run in, one value a stretch
out, whatever the pieces are.

A course is the polynomials of its panels (see :mod:`oxysim.simulation.results.panels`), which end
at every edge of the schedule and at both ends of every stretch: areas, extrema and times above a
level are theirs. This is the one place where a stretch of a course becomes a number, for outcomes,
for results and for instruments that read a mean.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from oxysim.arrays import FloatArray, IntArray
from oxysim.errors import InputError
from oxysim.schedule.bouts import TOLERANCE
from oxysim.simulation.results.outcome_windows import OutcomeWindows, sampling_times
from oxysim.simulation.results.panels import highest, mean_squares, means, shares_above
from oxysim.simulation.results.sampling import SampledChunk, SamplingRequest, sampled_chunks
from oxysim.simulation.run import PreparedRun

Place = tuple[IntArray, IntArray]


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
        yield from _at_moments(run, names, moments)
        return
    lows, highs = (
        np.concatenate([getattr(windows, end) for windows in stretches])
        for end in ("lows", "highs")
    )
    courses = list(dict.fromkeys(windows.variable for windows in stretches))
    # The outcome that asks for the closest look decides for all: they share the panels.
    longest = min(windows.longest for windows in stretches)
    yield from sampled_chunks(run, SamplingRequest(names, moments, courses, lows, highs, longest))


def _at_moments(
    run: PreparedRun, names: Sequence[str], moments: FloatArray
) -> Iterator[SampledChunk]:
    """Single moments only, in the largest pieces that memory allows."""
    for recorder in run.courses(names, moments):
        recorder.mark_illegal(run.failures, run.solver.rtol)
        yield SampledChunk(recorder.times, recorder.values)


class Accumulator(ABC):
    """The interface of every running summary of one outcome over n dyads; make one with
    :func:`accumulator`.

    >>> from oxysim.simulation.results.outcome_windows import outcome_windows
    >>> from oxysim.simulation.results.outcomes import Outcome
    >>> (laid,) = outcome_windows([Outcome("caregiver.epds", "final")], ("mother",), (0.0, 1440.0))
    >>> isinstance(accumulator(laid, n=3), Accumulator)
    True
    """

    def __init__(self, layout: OutcomeWindows, n: int) -> None:
        self.layout, self.n = layout, n

    @abstractmethod
    def add(self, piece: SampledChunk) -> None:
        """Take the next piece; pieces come in order of time, and what the outcome does not need is
        passed over.
        """

    def result(self) -> FloatArray:
        """The outcome, shape (n,), or (n, k) with one value a stretch."""
        values = self._found()
        return values if self.layout.dim is not None else values[:, 0]

    @abstractmethod
    def _found(self) -> FloatArray:
        """The outcome of every stretch, shape (n, k)."""


def accumulator(layout: OutcomeWindows, n: int) -> Accumulator:
    """The running summary of an outcome over `n` dyads.

    >>> from oxysim.simulation.results.outcome_windows import outcome_windows
    >>> from oxysim.simulation.results.outcomes import Outcome
    >>> (laid,) = outcome_windows([Outcome("caregiver.epds", "mean")], ("mother",), (0.0, 60.0))
    >>> type(accumulator(laid, 3)).__name__
    '_Area'
    """
    return _KINDS.get(layout.outcome.statistic, _Moments)(layout, n)


def summarise(
    layouts: Sequence[OutcomeWindows], n: int, pieces: Iterable[SampledChunk]
) -> dict[str, FloatArray]:
    """Every outcome of a run of `n` dyads that comes in pieces.

    Returns
    -------
    Outcome name -> shape (n,), or (n, k) with one value a stretch.

    Raises
    ------
    InputError : a moment or a stretch that an outcome needs is missing.

    >>> summarise([], n=3, pieces=[])
    {}
    """
    running = [accumulator(layout, n) for layout in layouts]
    for piece in pieces:
        for layout in running:
            layout.add(piece)
    return {layout.layout.outcome.name: layout.result() for layout in running}


class _Moments(Accumulator):
    """Values at single moments: first, last, their difference, or a course."""

    def __init__(self, layout: OutcomeWindows, n: int) -> None:
        super().__init__(layout, n)
        self.values = np.full((n, len(layout.times)), np.nan)
        self.seen = 0  # how many of the layout's moments have come

    def add(self, piece: SampledChunk) -> None:
        moments = self.layout.times[self.seen :]
        if not len(piece.times) or not len(moments):
            return
        # A chunk may end between two moments; the rest of them comes with the next.
        due = moments[moments <= piece.times[-1] + TOLERANCE]
        at = np.minimum(np.searchsorted(piece.times, due - TOLERANCE), len(piece.times) - 1)
        # Not a case for a user: the request and the outcome would disagree.
        missing = due[np.abs(piece.times[at] - due) > TOLERANCE]
        if len(missing):
            raise InputError(
                f"outcome {self.layout.outcome.text!r}: the run was not looked at at"
                f" {missing[0]:g} min"
            )
        self.values[:, self.seen : self.seen + len(due)] = piece.values[self.layout.variable][:, at]
        self.seen += len(due)

    def _found(self) -> FloatArray:
        if self.seen < len(self.layout.times):
            raise InputError(
                f"outcome {self.layout.outcome.text!r}: the run ends before"
                f" {self.layout.times[self.seen]:g} min"
            )
        statistic = self.layout.outcome.statistic
        if statistic == "change":
            return self._at(self.layout.highs) - self._at(self.layout.lows)
        return self._at(self.layout.highs if statistic == "final" else self.layout.lows)

    def _at(self, moments: FloatArray) -> FloatArray:
        return np.asarray(self.values[:, np.searchsorted(self.layout.times, moments - TOLERANCE)])


class _Stretches(Accumulator):
    """Summaries of stretches: a leaf says what it does with the panels that lie in them."""

    def __init__(self, layout: OutcomeWindows, n: int) -> None:
        super().__init__(layout, n)
        self.covered = np.zeros(self._shape)  # minutes of each stretch that have come

    @property
    def _shape(self) -> tuple[int, int]:
        return self.n, len(self.layout.lows)

    def add(self, piece: SampledChunk) -> None:
        panels = piece.panels
        # A panel lies in one window as a whole, since every end of a window ends a panel.
        middle = (panels.starts + panels.ends) / 2
        stretch = np.searchsorted(self.layout.lows, middle, side="right") - 1
        inside = np.flatnonzero((stretch >= 0) & (middle <= self.layout.highs[stretch]))
        if not len(inside):
            return
        cells = panels.owner[inside], stretch[inside]
        length = panels.ends[inside] - panels.starts[inside]
        # Several panels fall into one cell, so `+=` would count the last alone.
        np.add.at(self.covered, cells, length)
        self._take(
            cells, panels.starts[inside], length, panels.values[self.layout.variable][inside]
        )

    def _found(self) -> FloatArray:
        """The outcome, not a number where a dyad's course ended early."""
        # A dyad that failed in the middle of a window has seen a part of it only.
        whole = self.layout.highs - self.layout.lows
        return np.where(self.covered > whole - SLACK - 1e-9 * whole, self._complete(), np.nan)

    @abstractmethod
    def _take(
        self, cells: Place, starts: FloatArray, length: FloatArray, values: FloatArray
    ) -> None:
        """Take panels in order of time for each dyad: their (dyad, stretch), starts and lengths,
        each (p,), and values at the nodes.
        """

    @abstractmethod
    def _complete(self) -> FloatArray:
        """The outcome of every stretch, shape (n, k), as if all had come."""


SLACK = 2e-4
"""Minutes of a stretch that may be missing at its ends: edges nearer than the shortest panel are
one.
"""


class _Area(_Stretches):
    """Areas; divided by the length of the stretch, means."""

    def __init__(self, layout: OutcomeWindows, n: int) -> None:
        super().__init__(layout, n)
        self.total = np.zeros(self._shape)

    def _take(
        self, cells: Place, starts: FloatArray, length: FloatArray, values: FloatArray
    ) -> None:
        np.add.at(self.total, cells, length * means(values))

    def _complete(self) -> FloatArray:
        if self.layout.outcome.statistic == "area":
            return self.total
        return self.total / (self.layout.highs - self.layout.lows)


class _Spread(_Area):
    """The standard deviation over time; squares are of the distance from the stretch's first value,
    which keeps the digits of a course that hardly moves.
    """

    def __init__(self, layout: OutcomeWindows, n: int) -> None:
        super().__init__(layout, n)
        self.squares = np.zeros(self._shape)
        self.origin = np.full(self._shape, np.nan)

    def _take(
        self, cells: Place, starts: FloatArray, length: FloatArray, values: FloatArray
    ) -> None:
        # The origin is chosen once for a window, however many chunks it spans.
        begun = ~np.isnan(self.origin)
        first = np.full(self._shape, np.nan)
        # the earliest panel is written last
        first[cells[0][::-1], cells[1][::-1]] = values[::-1, 0]
        self.origin = np.where(begun, self.origin, first)
        away = values - self.origin[cells][:, None]
        np.add.at(self.squares, cells, length * mean_squares(away))
        super()._take(cells, starts, length, away)

    def _complete(self) -> FloatArray:
        length = self.layout.highs - self.layout.lows
        mean = self.total / length
        # Rounding may take a variance of nothing just below zero.
        return np.sqrt(np.maximum(self.squares / length - mean * mean, 0.0))


class _Above(_Area):
    """How long a course is above the threshold."""

    def _take(
        self, cells: Place, starts: FloatArray, length: FloatArray, values: FloatArray
    ) -> None:
        threshold = self.layout.outcome.threshold
        np.add.at(self.total, cells, length * shares_above(values, float(threshold)))

    def _complete(self) -> FloatArray:
        return self.total


OVERSHOOT = 1.0
"""Ranges of the values at its nodes by which a polynomial may rise above them: .54 at most at seven
Chebyshev-Lobatto nodes, half of their Lebesgue constant (2.08) less one.
"""


def _in_reach(values: FloatArray, cells: Place, highest_yet: FloatArray) -> IntArray:
    """The panels whose polynomial could be the highest of its stretch, judged by the values at the
    nodes.
    """
    top = values.max(axis=1)
    best = highest_yet.copy()
    np.maximum.at(best, cells, top)
    # not a number stays
    return np.flatnonzero(~(top + OVERSHOOT * np.ptp(values, axis=1) < best[cells]))


def _of(cells: Place, chosen: IntArray) -> Place:
    return cells[0][chosen], cells[1][chosen]


class _Lowest(_Stretches):
    """Minima."""

    def __init__(self, layout: OutcomeWindows, n: int) -> None:
        super().__init__(layout, n)
        self.lowest = np.full(self._shape, np.inf)

    def _take(
        self, cells: Place, starts: FloatArray, length: FloatArray, values: FloatArray
    ) -> None:
        # A minimum is the maximum of the course upside down.
        near = _in_reach(-values, cells, -self.lowest)
        np.minimum.at(self.lowest, _of(cells, near), -highest(-values[near])[0])

    def _complete(self) -> FloatArray:
        return self.lowest


class _Highest(_Stretches):
    """Maxima, and when they are first reached."""

    def __init__(self, layout: OutcomeWindows, n: int) -> None:
        super().__init__(layout, n)
        self.highest = np.full(self._shape, -np.inf)
        self.moment = np.full(self._shape, np.nan)

    def _take(
        self, cells: Place, starts: FloatArray, length: FloatArray, values: FloatArray
    ) -> None:
        near = _in_reach(values, cells, self.highest)
        if not len(near):
            return
        cells, starts, length = _of(cells, near), starts[near], length[near]
        top, share = highest(values[near])
        # One number for (dyad, window), to sort by.
        key = np.ravel_multi_index(cells, self._shape)
        # of each stretch the highest first, and of equal ones the earliest
        order = np.lexsort((starts, -top, key))
        best = order[np.append(True, np.diff(key[order]) > 0)]
        best_cells = cells[0][best], cells[1][best]
        higher = top[best] > self.highest[best_cells]
        best_cells, best = (best_cells[0][higher], best_cells[1][higher]), best[higher]
        self.highest[best_cells], self.moment[best_cells] = (
            top[best],
            starts[best] + share[best] * length[best],
        )
        # A comparison with what is not a number is false, and would leave the earlier maximum.
        unknown = np.isnan(top)
        self.highest[cells[0][unknown], cells[1][unknown]] = np.nan

    def _complete(self) -> FloatArray:
        if self.layout.outcome.statistic == "maximum":
            return self.highest
        return np.where(np.isnan(self.highest), np.nan, self.moment)


_KINDS: Mapping[str, type[Accumulator]] = {
    "mean": _Area,
    "area": _Area,
    "standard deviation": _Spread,
    "time above": _Above,
    "minimum": _Lowest,
    "maximum": _Highest,
    "time of maximum": _Highest,
}
