"""An axis of a sweep on a figure: where its values lie, its scale, its ticks and its label with the
unit.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import (
    FixedLocator,
    FuncFormatter,
    LogLocator,
    MaxNLocator,
    NullFormatter,
    NullLocator,
)

from oxysim.arrays import FloatArray
from oxysim.plots.courses.time_axis import CLOCK_SPAN, TimeAxis, time_unit
from oxysim.plots.style import NORMAL, sentence, size_ticks, words
from oxysim.units import DAY, clock_text

SCATTERED = ("sample", "run")
"""Dimensions that number runs: what was varied lies along them as coordinates."""

# How values become places.
LINEAR, LOG, NAMES, CLOCK = "linear", "log", "names", "clock"
# the largest step on the logarithm may be so many times the smallest on a logarithmic axis
EVEN = 1.6
_MARKED = 60  # runs along an axis that have a short tick each; more would be a comb
LONG = 60  # letters of tick labels that fit side by side
# "week", or "week_2" where a result holds outcomes over different weeks
_TIMES = re.compile(r"(day|week|window|time)(_\d+)?")
_STRETCHES = {
    "day": "Start of the day",
    "week": "Start of the week",
    "window": "Start of the stretch",
}


@dataclass(frozen=True, eq=False)
class SweepAxis:
    """One axis of a result, ready to be drawn.

    Attributes
    ----------
    name, dim : the coordinate, and the dimension along which it lies.
    label : what it is, with its unit.
    unit : the unit alone, empty for none.
    places : where its values lie, shape (k,), in the order of the result.
    texts : the values in words, as many.
    scale : "linear", "log", "names" (texts, evenly spaced) or "clock".

    >>> places = np.array([8.0, 24.0, 40.0])
    >>> dose = SweepAxis("dose", "dose", "Dose (IU)", "IU", places, ("8", "24", "40"), LINEAR)
    >>> dose.edges().tolist(), dose.is_scattered
    ([0.0, 16.0, 32.0, 48.0], False)
    """

    name: str
    dim: str
    label: str
    unit: str
    places: FloatArray
    texts: tuple[str, ...]
    scale: str

    @property
    def is_scattered(self) -> bool:
        """Whether the runs lie anywhere along it, rather than on a grid."""
        return self.dim in SCATTERED

    @property
    def heading(self) -> str:
        """What its values in words are, for legends and titles."""
        if not is_time(self.name):
            return self.label
        return "Time of day" if self.scale == CLOCK else "Day of the run"

    @property
    def _has_own_ticks(self) -> bool:
        return not self.is_scattered and not is_time(self.dim)

    def edges(self) -> FloatArray:
        """The edges of cells around the places, which ascend; shape (k + 1,). No dose or time has a
        cell below 0.

        >>> places = np.array([1.0, 4.0])
        >>> dose = SweepAxis("dose", "dose", "Dose (IU)", "IU", places, ("1", "4"), LOG)
        >>> dose.edges().round(6).tolist()
        [0.5, 2.0, 8.0]
        """
        # edges lie midway on the scale that is drawn, so that cells look equally wide
        is_log = self.scale == LOG
        at = np.log(self.places) if is_log else self.places

        # a single value has a cell too, of any width
        if len(at) == 1:
            half = np.log(2.0) if is_log else 0.5
            edges = np.array([at[0] - half, at[0] + half])
            return np.exp(edges) if is_log else edges

        # the outer cells are as wide on both sides of their place
        middle = (at[1:] + at[:-1]) / 2
        first, last = 2 * at[0] - middle[0], 2 * at[-1] - middle[-1]
        if self.scale == LINEAR and at[0] > 0:
            first = max(first, 0.0)
        edges = np.concatenate([[first], middle, [last]])
        return np.exp(edges) if is_log else edges

    def finish(self, ax: Axes, side: str, most: int = 8) -> None:
        """Scale, ticks and label of the axes' x or y (`side`), with at most about `most` ticks."""
        axis = ax.xaxis if side == "x" else ax.yaxis
        if self.scale == LOG:
            ax.set(**{f"{side}scale": "log"})
            # minor ticks of a logarithm would look like runs
            axis.set_minor_locator(NullLocator())
        if self.scale == CLOCK:
            _finish_clock(self.places, ax, side, most)
        # texts are read one by one, so more of them are kept than of numbers
        elif self.scale == NAMES or (self._has_own_ticks and self.scale == LOG):
            at = _some(len(self.places), most if self.scale != NAMES else 4 * most)
            different = dict(sorted((float(self.places[i]), self.texts[i]) for i in at))
            axis.set_ticks(list(different), list(different.values()))
            # upright texts run into each other
            if side == "x" and sum(map(len, different.values())) > LONG:
                ax.tick_params(axis="x", labelrotation=90)
        elif self.scale == LOG:
            axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0), numticks=most))
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        else:
            self._finish_numbers(axis, most)
        axis.set_label_text(
            self.label if side == "x" else textwrap.fill(self.label, letters_beside(ax))
        )
        size_ticks(ax)

    def _finish_numbers(self, axis: Any, most: int) -> None:
        """Round numbers as on any axis; short ticks without a label show where the runs lie."""
        # counts, such as of sessions, have no tick at 2.5
        whole = bool((self.places == np.round(self.places)).all()) and not self.unit
        axis.set_major_locator(MaxNLocator(most, steps=[1, 2, 2.5, 5, 10], integer=whole))
        if self._has_own_ticks and len(self.places) <= _MARKED:
            axis.set_minor_locator(FixedLocator(self.places.tolist()))
            axis.set_minor_formatter(NullFormatter())


def letters_beside(subplot: Any) -> int:
    """How many letters of a label fit along the height of axes or of a figure.

    >>> import oxysim as ox
    >>> figure, axes = ox.plots.panels(1)
    >>> letters_beside(figure)  # along 3.4 inches
    45
    """
    whole = getattr(subplot, "figure", subplot)
    # a letter is about .6 of its size wide
    return max(16, int(subplot.bbox.height / whole.dpi * 72 / (0.6 * NORMAL)))


def is_grid(axes: Iterable[SweepAxis]) -> bool:
    """Whether runs lie at the crossings of axes, so that each is a cell, rather than anywhere.

    >>> places = np.array([8.0, 24.0])
    >>> is_grid([SweepAxis("dose", "sample", "Dose (IU)", "IU", places, ("8", "24"), LINEAR)])
    False
    """
    return not any(axis.is_scattered for axis in axes)


def is_time(dim: str) -> bool:
    """Whether a dimension is one of the moments or stretches of an outcome, rather than of the
    design.

    >>> is_time("week"), is_time("spray.dose")
    (True, False)
    """
    return _TIMES.fullmatch(dim) is not None


def sweep_axis(values: xr.DataArray, name: str) -> SweepAxis:
    """The axis along which the coordinate `name` of `values` lies.

    >>> import xarray as xr
    >>> doses = xr.DataArray([8.0, 24.0, 40.0], dims="dose", attrs={"units": "IU"})
    >>> about = {"name": "caregiver.epds", "attrs": {"units": "EPDS"}}
    >>> epds = xr.DataArray([10.0, 9.0, 8.5], {"dose": doses}, **about)
    >>> axis = sweep_axis(epds, "dose")
    >>> axis.label, axis.texts
    ('Dose (IU)', ('8', '24', '40'))
    """
    coordinate = values[name]
    dim = str(coordinate.dims[0])
    if name not in values.coords:  # a dimension without a coordinate numbers what lies along it
        numbers = np.arange(values.sizes[name], dtype=np.float64)
        return SweepAxis(
            name, dim, f"{sentence(words(name))} (number)", "", numbers, _texts(numbers), LINEAR
        )
    if is_time(name):
        return _time_axis(name, coordinate)
    stated_unit = str(coordinate.attrs.get("units", ""))
    unit = "" if stated_unit == "1" else stated_unit
    label = name_text(name) + (f" ({unit})" if unit else "")
    if coordinate.dtype.kind not in "iuf":
        texts = [str(value) for value in coordinate.values.tolist()]
        # texts have no order of their own: that of the study stays
        order = list(dict.fromkeys(texts))
        places = np.array([order.index(text) for text in texts], dtype=float)
        return SweepAxis(name, dim, label, unit, places, tuple(texts), NAMES)
    places = np.asarray(coordinate.values, dtype=float)
    scale = LOG if is_logarithmic(places, scattered=dim in SCATTERED) else LINEAR
    return SweepAxis(name, dim, label, unit, places, _texts(coordinate.values), scale)


def is_logarithmic(values: FloatArray, *, scattered: bool = False) -> bool:
    """Whether values were spaced on the logarithm.

    On a grid: at least three, positive, their logarithms evenly spaced and they themselves not.
    Scattered: positive, over more than a decade, and evener on the logarithm (by the distance of
    their distribution from an even one).

    >>> is_logarithmic(np.array([1.0, 3.0, 10.0])), is_logarithmic(np.array([1.0, 2.0, 3.0]))
    (True, False)
    """
    at = np.unique(values)
    if len(at) < 3 or at[0] <= 0:
        return False
    if scattered:
        return bool(at[-1] / at[0] >= 10 and _unevenness(np.log(at)) < _unevenness(at))
    steps, ratios = np.diff(at), np.diff(np.log(at))
    # on the logarithm no step may be much larger than another, and on the plain axis some must be
    return bool(ratios.max() <= EVEN * ratios.min() and steps.max() > EVEN * steps.min())


def _unevenness(at: FloatArray) -> float:
    # the largest distance between their distribution and an even one, as of Kolmogorov and Smirnov
    share = (at - at[0]) / (at[-1] - at[0])
    return float(np.abs(share - np.linspace(0, 1, len(at))).max())


def name_text(name: str) -> str:
    """An axis's name in words.

    >>> name_text("spray.dose"), name_text("start.caregiver.bond")
    ('Spray dose', 'Caregiver bond at the start')
    """
    if "->" in name:
        return f"Strength of {name.replace('->', chr(0x2192))}"
    if name == "infant_age":
        return "Infant age at the start"
    if name.startswith("start."):
        return sentence(" ".join(words(word) for word in name.split(".")[1:])) + " at the start"
    return sentence(" ".join(words(word) for word in name.split(".")))


def _time_axis(name: str, coordinate: xr.DataArray) -> SweepAxis:
    """Days since 00:00 of the first simulated day; minutes in the result of one simulation."""
    # a sweep's store counts days, one simulation minutes
    in_minutes = str(coordinate.attrs.get("units", "")) == "min"
    minutes = np.asarray(coordinate.values, dtype=float) * (1.0 if in_minutes else DAY)
    stretch = str(coordinate.attrs.get("long_name", "")).startswith("start of the stretch")
    kind = name.partition("_")[0]
    texts = _day_texts(minutes)
    note = "".join(f"\n{text}" for text in [coordinate.attrs.get("note")] if text)
    if minutes.max() <= CLOCK_SPAN and kind in ("time", "window"):
        label = "Start of the stretch, clock time (h:min)" if stretch else "Clock time (h:min)"
        return SweepAxis(name, name, label + note, "", minutes, texts, CLOCK)
    unit, factor = time_unit(float(minutes.max() - minutes.min()))
    title = _STRETCHES[kind] if stretch and kind in _STRETCHES else "Time"
    label = f"{title} since 00:00 of the first day ({unit})"
    return SweepAxis(name, name, label + note, "", minutes / factor, texts, LINEAR)


def _day_texts(minutes: FloatArray) -> tuple[str, ...]:
    """Moments in words: the clock on the first day, "day 8" where they are all at one time of day,
    else both.
    """
    # a midnight that rounding put just before it belongs to its own day
    days = np.floor(minutes / DAY + 1e-9).astype(int) + 1
    clocks = [clock_text(moment % DAY) for moment in minutes.tolist()]
    if days.max() == 1:
        return tuple(clocks)
    if len(set(clocks)) == 1:
        return tuple(f"day {day}" for day in days)
    return tuple(f"day {day}, {clock}" for day, clock in zip(days, clocks, strict=True))


def _finish_clock(minutes: FloatArray, ax: Axes, side: str, most: int) -> None:
    if side == "x":
        # the course's limits are the figure's own, not those of an axis of courses
        low, high = ax.get_xlim()
        TimeAxis("", 1.0, 0.0, float(minutes.min()), float(minutes.max())).finish(ax, most)
        ax.set_xlim(low, high)
        return
    at = _some(len(minutes), most)
    ax.set_yticks(minutes[at], [_day_texts(minutes)[i] for i in at])


def _texts(values: Any) -> tuple[str, ...]:
    return tuple(
        f"{value:.4g}" if isinstance(value, float) else str(value)
        for value in np.asarray(values).tolist()
    )


def _some(n: int, most: int) -> Sequence[int]:
    """Positions of at most `most` of `n` values, evenly apart and the first among them."""
    return range(0, n, -(-n // most))
