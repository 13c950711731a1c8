"""Outcomes computed on the fly: chunks of a course in, one value a stretch out, the same for any chunking.

A course is taken as linear between its samples. Every sum is formed one sample interval after the other (a running
sum), so that where a chunk ends changes no bit of the result.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from oxysim.errors import InputError
from oxysim.simulation.outcomes import POINTS, TOLERANCE, Layout

FloatArray = npt.NDArray[np.float64]


class Accumulator(ABC):
    """The interface of every running summary of one outcome over n dyads; make one with :func:`accumulator`."""

    def __init__(self, layout: Layout, n: int) -> None:
        self.layout, self.n = layout, n
        self.seen = 0  # how many of the layout's times have come

    def add(self, times: FloatArray, values: FloatArray) -> None:
        """Take the next chunk: `times` of shape (m,), ascending, `values` (n, m). Chunks come in order of time and may
        share their end point; times that the outcome does not need are passed over.

        Raises
        ------
        InputError : the chunk leaves out a time that the outcome needs.
        """
        wanted = self.layout.times[self.seen :]
        if len(times) == 0 or len(wanted) == 0 or times[-1] < wanted[0] - TOLERANCE:
            return
        due = wanted[wanted <= times[-1] + TOLERANCE]
        at = np.minimum(np.searchsorted(times, due - TOLERANCE), len(times) - 1)
        if np.any(np.abs(times[at] - due) > TOLERANCE):
            missing = due[np.abs(times[at] - due) > TOLERANCE][0]
            raise InputError(f"outcome {self.layout.outcome.text!r}: the chunk has no value at {missing:g} min")
        self._take(self.seen, values[:, at])
        self.seen += len(due)

    def result(self) -> FloatArray:
        """The outcome, shape (n,), or (n, k) with one value a stretch.

        Raises
        ------
        InputError : the chunks ended before the last time that the outcome needs.
        """
        if self.seen < len(self.layout.times):
            raise InputError(
                f"outcome {self.layout.outcome.text!r}: the chunks end before {self.layout.times[self.seen]:g} min; it "
                f"needs values up to {self.layout.times[-1]:g} min"
            )
        found = self._found()
        return found if self.layout.dim is not None else found[:, 0]

    @abstractmethod
    def _take(self, first: int, values: FloatArray) -> None:
        """Take the values at the layout's times number `first` and following, shape (n, m)."""

    @abstractmethod
    def _found(self) -> FloatArray:
        """The outcome of every stretch, shape (n, k)."""


def accumulator(layout: Layout, n: int) -> Accumulator:
    """The running summary of an outcome over `n` dyads."""
    return _Moments(layout, n) if layout.outcome.statistic in POINTS else _KINDS[layout.outcome.statistic](layout, n)


def summarise(
    layouts: Sequence[Layout], chunks: Iterable[tuple[FloatArray, Mapping[str, FloatArray]]]
) -> dict[str, FloatArray]:
    """Every outcome of a course that comes in chunks.

    Parameters
    ----------
    chunks : pairs of times, shape (m,), in minutes since 00:00 of the first simulated day, and variable -> values,
        shape (n, m), in order of time.

    Returns
    -------
    Outcome name -> shape (n,), or (n, k) with one value a stretch.

    Raises
    ------
    InputError : a time that an outcome needs is missing.
    """
    running: list[Accumulator] = []
    for times, values in chunks:
        if not running:
            running = [accumulator(one, len(values[one.variable])) for one in layouts]
        for one in running:
            one.add(times, values[one.layout.variable])
    return {one.layout.outcome.name: one.result() for one in running}


class _Moments(Accumulator):
    """Values at single moments: first, last, their difference, or a course."""

    def __init__(self, layout: Layout, n: int) -> None:
        super().__init__(layout, n)
        self.values = np.full((n, len(layout.times)), np.nan)

    def _take(self, first: int, values: FloatArray) -> None:
        self.values[:, first : first + values.shape[1]] = values

    def _found(self) -> FloatArray:
        statistic = self.layout.outcome.statistic
        if statistic == "change":
            return self._at(self.layout.highs) - self._at(self.layout.lows)
        return self._at(self.layout.highs if statistic == "final" else self.layout.lows)

    def _at(self, moments: FloatArray) -> FloatArray:
        return np.asarray(self.values[:, np.searchsorted(self.layout.times, moments - TOLERANCE)])


class _Intervals(Accumulator):
    """Summaries over sample intervals: a leaf says what it does with those of one stretch."""

    def __init__(self, layout: Layout, n: int) -> None:
        super().__init__(layout, n)
        middle = (layout.times[1:] + layout.times[:-1]) / 2
        stretch = np.searchsorted(layout.lows, middle, side="right") - 1
        self.stretch = np.where(middle <= layout.highs[stretch], stretch, -1)  # -1 between two stretches
        self.last: FloatArray | None = None  # the value at which the next chunk goes on, shape (n, 1)

    def _take(self, first: int, values: FloatArray) -> None:
        if self.last is not None:
            first, values = first - 1, np.hstack([self.last, values])
        self.last = values[:, -1:].copy()
        own = self.stretch[first : first + values.shape[1] - 1]
        for k in np.unique(own[own >= 0]).tolist():
            inside = np.flatnonzero(own == k)
            low, stop = int(inside[0]), int(inside[-1]) + 2
            self._stretch(k, self.layout.times[first + low : first + stop], values[:, low:stop])

    @abstractmethod
    def _stretch(self, k: int, times: FloatArray, values: FloatArray) -> None:
        """Take adjoining samples within stretch `k`, shapes (m,) and (n, m), m at least 2."""


class _Area(_Intervals):
    """Areas by trapezoids; divided by the length of the stretch, means."""

    def __init__(self, layout: Layout, n: int) -> None:
        super().__init__(layout, n)
        self.total = np.zeros((n, len(layout.lows)))

    def _stretch(self, k: int, times: FloatArray, values: FloatArray) -> None:
        self.total[:, k] = _running(self.total[:, k], np.diff(times) * (values[:, 1:] + values[:, :-1]) / 2)

    def _found(self) -> FloatArray:
        if self.layout.outcome.statistic == "area":
            return self.total
        return self.total / (self.layout.highs - self.layout.lows)


class _Spread(_Area):
    """The standard deviation over time; squares are of the distance from the stretch's first value, which keeps the
    digits of a course that hardly moves."""

    def __init__(self, layout: Layout, n: int) -> None:
        super().__init__(layout, n)
        self.squares = np.zeros_like(self.total)
        self.origin = np.full_like(self.total, np.nan)

    def _stretch(self, k: int, times: FloatArray, values: FloatArray) -> None:
        fresh = np.isnan(self.origin[:, k])
        self.origin[fresh, k] = values[fresh, 0]
        away = values - self.origin[:, k : k + 1]
        low, high, length = away[:, :-1], away[:, 1:], np.diff(times)
        self.squares[:, k] = _running(self.squares[:, k], length * (low * low + low * high + high * high) / 3)
        super()._stretch(k, times, away)

    def _found(self) -> FloatArray:
        length = self.layout.highs - self.layout.lows
        mean = self.total / length
        return np.sqrt(np.maximum(self.squares / length - mean * mean, 0.0))


class _Above(_Area):
    """How long a course is above the threshold; it crosses between samples where the line does."""

    def _stretch(self, k: int, times: FloatArray, values: FloatArray) -> None:
        low, high = (values[:, :-1] - self._threshold, values[:, 1:] - self._threshold)
        with np.errstate(divide="ignore", invalid="ignore"):
            crossing = np.maximum(low, high) / np.abs(high - low)
        share = np.where((low > 0) & (high > 0), 1.0, np.where((low <= 0) & (high <= 0), 0.0, crossing))
        share = np.where(np.isnan(low + high), np.nan, share)
        self.total[:, k] = _running(self.total[:, k], np.diff(times) * share)

    @property
    def _threshold(self) -> float:
        return float(self.layout.outcome.threshold)

    def _found(self) -> FloatArray:
        return self.total


class _Lowest(_Intervals):
    """Minima."""

    def __init__(self, layout: Layout, n: int) -> None:
        super().__init__(layout, n)
        self.lowest = np.full((n, len(layout.lows)), np.inf)

    def _stretch(self, k: int, times: FloatArray, values: FloatArray) -> None:
        self.lowest[:, k] = np.minimum(self.lowest[:, k], values.min(axis=1))

    def _found(self) -> FloatArray:
        return self.lowest


class _Highest(_Intervals):
    """Maxima, and when they are first reached."""

    def __init__(self, layout: Layout, n: int) -> None:
        super().__init__(layout, n)
        self.highest = np.full((n, len(layout.lows)), -np.inf)
        self.moment = np.full((n, len(layout.lows)), np.nan)

    def _stretch(self, k: int, times: FloatArray, values: FloatArray) -> None:
        found = values.max(axis=1)
        higher = found > self.highest[:, k]
        self.moment[higher, k] = times[values.argmax(axis=1)][higher]
        self.highest[:, k] = np.maximum(self.highest[:, k], found)

    def _found(self) -> FloatArray:
        if self.layout.outcome.statistic == "maximum":
            return self.highest
        return np.where(np.isnan(self.highest), np.nan, self.moment)


_KINDS: Mapping[str, type[_Intervals]] = {
    "mean": _Area, "area": _Area, "standard deviation": _Spread, "time above": _Above, "minimum": _Lowest,
    "maximum": _Highest, "time of maximum": _Highest,
}  # fmt: skip


def _running(total: FloatArray, parts: FloatArray) -> FloatArray:
    """`total` (n,) with `parts` (n, m) added one after the other: unlike a pairwise sum, the same for any chunking."""
    return np.asarray(np.add.accumulate(np.column_stack([total, parts]), axis=1)[:, -1], dtype=float)
