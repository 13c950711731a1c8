"""Published findings as observations: the scale on which their error is normal, and the four errors
of a likelihood.

A simulated figure misses a published one for four reasons, whose variances add up: the published
figure is known within its interval, taken as 95 %; the simulated one has a Monte Carlo error; an
emulator stands in for the simulation; and small runs, or averaged days, for full ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import expit, log_ndtr, logit

from oxysim.arrays import FloatArray
from oxysim.checks import array, choice, instance, name, number, refused
from oxysim.errors import InputError
from oxysim.findings.published import Target, target
from oxysim.texts import Called

NINETY_FIVE = 1.96  # half widths of a 95 % interval, in standard deviations
# at the ends of a scale its coordinate is infinite: shares and correlations stay this far inside
_EDGE = 1e-3

_SCALES: dict[str, tuple[Any, Any]] = {
    "plain": (lambda v: np.asarray(v, dtype=float), lambda z: np.asarray(z, dtype=float)),
    "log": (lambda v: np.log(np.maximum(v, 1e-12)), np.exp),
    "logit": (lambda v: logit(np.clip(v, _EDGE, 1 - _EDGE)), expit),
    "fisher": (lambda v: np.arctanh(np.clip(v, -1 + _EDGE, 1 - _EDGE)), np.tanh),
}
SCALES = tuple(_SCALES)
# The scale of a finding whose row names none, by its unit.
_SCALE_OF_UNIT = {"share": "logit", "r": "fisher", "ratio": "log", "RR": "log"}
MAY_BE_FITTED = ("fit", "survey", "own")


@dataclass(frozen=True)
class ObservedRow(Called):
    """One published finding as an observation.

    Parameters
    ----------
    finding : its id.
    low, high : the interval of its figure; None for an open end, of which at most one: a finding
        that says "more" or "less" is met by every figure beyond its end.
    scale : on which its error is normal: "plain", "log", "logit" (shares) or "fisher"
        (correlations).

    Raises
    ------
    InputError : no interval, or one whose ends do not belong on the scale.

    >>> row = ObservedRow("C8a", 0.48, 0.73, "fisher")
    >>> round(float(row.back(row.middle)), 3)  # the middle of the interval, in r
    0.605
    """

    finding: str
    low: float | None
    high: float | None
    scale: str = "plain"

    def __post_init__(self) -> None:
        name(self.finding, "finding of a row")
        where = f"row {self.finding!r}"
        choice(self.scale, f"{where}, scale", SCALES)
        for field_name in ("low", "high"):
            if (end := getattr(self, field_name)) is not None:
                object.__setattr__(self, field_name, number(end, f"{where}, {field_name}"))
        if self.low is None and self.high is None:
            raise InputError(f"{where}: expected an interval with at least one end; found none")
        if self.low is not None and self.high is not None and not self.low < self.high:
            raise InputError(f"{where}: expected low below high; found {self.low} and {self.high}")
        least = {"log": 0.0, "logit": 0.0, "fisher": -1.0}.get(self.scale, -np.inf)
        most = {"logit": 1.0, "fisher": 1.0}.get(self.scale, np.inf)
        for end in (self.low, self.high):
            if end is not None and not least <= end <= most:
                raise InputError(
                    f"{where}: the scale {self.scale!r} runs from {least:g} to {most:g};"
                    f" found {end}"
                )

    @classmethod
    def of(
        cls, finding: str | Target, *, scale: str = "", low: float | None = None,
        high: float | None = None,
    ) -> ObservedRow:  # fmt: skip
        """A row of the packaged findings, or of a user's own.

        Parameters
        ----------
        finding : its id, or the finding itself.
        scale : default by its unit: logit for shares, Fisher's z for correlations, logarithm for
            ratios, plain for all else.
        low, high : in place of the published interval, where that has none (a sign).

        Raises
        ------
        InputError : a finding that no fit may read.

        >>> ObservedRow.of("C2").scale
        'logit'
        """
        published = finding if isinstance(finding, Target) else target(finding)
        instance(scale, "scale", str, "a text")
        if published.use not in MAY_BE_FITTED:
            raise InputError(
                f"row {published.id!r}: marked {published.use!r}, which no ensemble may be"
                f" conditioned on; expected one of {', '.join(MAY_BE_FITTED)}"
            )
        # an end given here replaces both: half a published interval would be another finding
        ends = (published.low, published.high) if low is None and high is None else (low, high)
        return cls(published.id, *ends, scale or _SCALE_OF_UNIT.get(published.unit, "plain"))

    @property
    def is_open(self) -> bool:
        """Whether one end is open.

        >>> ObservedRow("E10", 0.0, None).is_open
        True
        """
        return self.low is None or self.high is None

    @property
    def middle(self) -> float:
        """The middle of the interval on the row's scale; where an end is open, the other end."""
        if self.low is None or self.high is None:
            return float(self.onto(self.low if self.high is None else self.high))
        return float(self.onto((self.low + self.high) / 2))

    @property
    def published_error(self) -> float:
        """Standard deviation of the published figure on the row's scale; 0 where an end is open.

        >>> round(ObservedRow("C1a", 5.14, 6.54).published_error, 3)
        0.357
        """
        if self.low is None or self.high is None:
            return 0.0
        middle, half = (self.low + self.high) / 2, (self.high - self.low) / 2
        return self.spread(half / NINETY_FIVE, middle)

    def onto(self, figure: Any) -> FloatArray:
        """Figures on the row's scale.

        >>> float(ObservedRow("C2", 0.14, 0.21, "logit").onto(0.5))
        0.0
        """
        coordinates: FloatArray = _SCALES[self.scale][0](figure_array(figure, "figure"))
        return coordinates

    def back(self, coordinate: Any) -> FloatArray:
        """Figures from their coordinates on the row's scale.

        >>> float(ObservedRow("C2", 0.14, 0.21, "logit").back(0.0))
        0.5
        """
        figures: FloatArray = _SCALES[self.scale][1](figure_array(coordinate, "coordinate"))
        return figures

    def spread(self, error: float, figure: float) -> float:
        """A standard deviation of the figure as one on the row's scale, by its slope there.

        >>> round(ObservedRow("C2", 0.14, 0.21, "logit").spread(0.01, 0.5), 6)
        0.04
        """
        number(error, "error", 0.0)
        number(figure, "figure")
        slopes = {
            "log": lambda v: 1 / v,
            "logit": lambda v: 1 / (v * (1 - v)),
            "fisher": lambda v: 1 / (1 - v**2),
        }
        slope = slopes[self.scale](figure) if self.scale in slopes else 1.0
        return float(error * slope)

    def misses(self, figures: Any) -> FloatArray:
        """How far figures are from the middle of the interval, in half widths; beyond an open end,
        0.

        >>> ObservedRow("C1a", 5.0, 7.0).misses([5.0, 6.0, 8.0])
        array([-1.,  0.,  2.])
        """
        values = figure_array(figures, "figures")
        # beyond an open end there is no width to count in: one is a whole unit of the figure
        if self.low is None:
            return np.maximum(values - (self.high or 0.0), 0.0)
        if self.high is None:
            return np.minimum(values - self.low, 0.0)
        return (values - (self.low + self.high) / 2) / ((self.high - self.low) / 2)

    def holds(self, figures: Any) -> Any:
        """Whether figures lie in the interval.

        >>> ObservedRow("C1a", 5.0, 7.0).holds([5.0, 8.0])
        array([ True, False])
        """
        values = figure_array(figures, "figures")
        above = True if self.low is None else values >= self.low
        return above & (True if self.high is None else values <= self.high)


@dataclass(frozen=True, eq=False)
class Errors:
    """The errors of each row, as standard deviations on its scale, shape (n_rows,) each.

    Attributes
    ----------
    published : of the published figure.
    monte_carlo : of a simulated one.
    emulator : of the emulator against the simulation.
    averaging : of small runs, or averaged days, against full ones.

    >>> Errors(np.array([0.3]), np.array([0.4])).total
    array([0.5])
    """

    published: FloatArray
    monte_carlo: FloatArray
    emulator: FloatArray = field(default_factory=lambda: np.zeros(1))
    averaging: FloatArray = field(default_factory=lambda: np.zeros(1))

    def __post_init__(self) -> None:
        # a table without findings has no errors at all
        if np.shape(self.published) == (0,):
            for field_name in ("published", "monte_carlo", "emulator", "averaging"):
                object.__setattr__(self, field_name, np.zeros(0))
            return
        shape = (len(array(self.published, "published", (None,), low=0.0)),)
        for field_name in ("published", "monte_carlo", "emulator", "averaging"):
            errors = np.broadcast_to(getattr(self, field_name), shape)
            object.__setattr__(self, field_name, array(errors, field_name, shape, low=0.0))

    @classmethod
    def of(
        cls, rows: Sequence[ObservedRow], monte_carlo: Mapping[str, float] | None = None
    ) -> Errors:
        """The published errors of some rows, with Monte Carlo errors in the figures' own units.

        >>> Errors.of([ObservedRow("C1a", 5.0, 7.0)], {"C1a": 0.1}).monte_carlo
        array([0.1])
        """
        simulated = monte_carlo or {}
        return cls(
            np.array([row.published_error for row in rows]),
            np.array(
                [
                    row.spread(simulated.get(row.finding, 0.0), float(row.back(row.middle)))
                    for row in rows
                ]
            ),
        )

    @property
    def total(self) -> FloatArray:
        """The four together, shape (n_rows,)."""
        parts = (self.published, self.monte_carlo, self.emulator, self.averaging)
        return np.sqrt(sum(np.square(part) for part in parts))


def figure_array(value: Any, label: str) -> FloatArray:
    """Simulated figures as an array; NaN stands for one that was not run.

    Raises
    ------
    InputError : no numbers, or none at all.

    >>> figure_array([1, float("nan")], "figures")
    array([ 1., nan])
    """
    expected = "a number, or an array of numbers"
    try:
        raw = np.asarray(value)
    except ValueError:  # rows of unequal lengths
        raise refused(value, label, expected) from None
    # kinds of numbers only: texts of digits, truth values and objects are none
    if raw.dtype.kind not in "iuf" or not raw.size:
        raise refused(value, label, expected)
    return raw.astype(float)


def log_likelihood(
    predicted: FloatArray, rows: Sequence[ObservedRow], errors: FloatArray
) -> FloatArray:
    """How likely the published findings are under predicted figures, row by row.

    Parameters
    ----------
    predicted : figures on the rows' scales, shape (n, n_rows).
    errors : their standard deviations, shape (n_rows,).

    Returns
    -------
    array : log likelihoods, shape (n, n_rows): normal; of a row with an open end the probability
        that a figure with this error lies beyond the end.

    Raises
    ------
    InputError : a row without any error.

    >>> row = ObservedRow("C1a", 5.0, 7.0)
    >>> log_likelihood(np.array([[6.0]]), [row], np.array([1.0])).round(3)
    array([[-0.919]])
    """
    spreads = array(errors, "errors", (len(rows),), low=0.0)
    if not np.all(spreads > 0):
        raise refused(errors, "errors", "a standard deviation above 0 of every row")
    standard = (np.asarray(predicted, dtype=float) - [row.middle for row in rows]) / spreads
    densities = -0.5 * standard**2 - np.log(spreads) - 0.5 * np.log(2 * np.pi)
    for k, row in enumerate(rows):
        if row.is_open:
            side = 1.0 if row.high is None else -1.0
            densities[..., k] = log_ndtr(side * standard[..., k])
    return np.asarray(densities)
