"""What a report says of a reading: that it is a number, or only between which two it lies.

A rounded value, a value at the end of a scale, a class, "below 5 pg/mL": each is an interval, in
which the reading before rounding and limits lies (`measures.readings` rounds after the noise).
Numbers stand here on the scale on which the instrument's noise is normal: the logarithm where it is
proportional, the logit where it leads to classes, else the instrument's unit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import logit

from oxysim.arrays import BoolArray, FloatArray
from oxysim.errors import InputError
from oxysim.measures import Instrument
from oxysim.measures.behaviour import (
    AVOIDANT_SHARE,
    CLASSES,
    DISORGANISED_BELOW,
    SECURE_FROM,
)
from oxysim.units import with_unit

FINE = 0.1
"""Rounding to steps of less than this, in standard deviations of a sample, is left out of account:
the density at the middle differs from the mean over the step by a part in 2,000 at most.
"""

SCALES: dict[str, Callable[[Any], Any]] = {
    "proportional": np.log, "additive": np.asarray, "classes": logit, "binomial": logit,
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class ReportedValues:
    """What is reported of n readings, on the scale of the noise.

    Attributes
    ----------
    low, high : the reading lies between them, shape (n,); they are equal where it is a number.
    log_constant : what does not depend on the model: of a lognormal density 1 / value; of two
        classes that nothing tells apart the share of either.

    >>> ReportedValues(np.array([1.0, -np.inf]), np.array([1.0, 0.5])).exact
    array([ True, False])
    """

    low: FloatArray
    high: FloatArray
    log_constant: float = 0.0

    @property
    def exact(self) -> BoolArray:
        """Which of them are numbers, shape (n,)."""
        return self.low == self.high


def reported_values(
    tool: Instrument, values: FloatArray, censored: Any, limits: FloatArray
) -> ReportedValues:
    """What reports of an instrument say.

    Parameters
    ----------
    values : in the instrument's unit, shape (n,); whatever stands where one is censored.
    censored : "", "below" or "above", shape (n,).
    limits : below or above which, where one is.

    Raises
    ------
    InputError : a value that the instrument cannot give.

    >>> from oxysim.measures import instrument
    >>> form = reported_values(instrument("epds"), np.array([12.0]), [""], np.array([np.nan]))
    >>> form.low, form.high
    (array([11.5]), array([12.5]))
    """
    texts = np.asarray(censored, dtype=object)
    measured = texts == ""
    _require_possible(tool, values[measured])
    if tool.noise.kind == "classes":
        return _classes(values)
    low, high = _ends(tool, values)
    # a censored reading is known to lie beyond its limit, and no more
    low = np.where(texts == "below", -np.inf, np.where(texts == "above", limits, low))
    high = np.where(texts == "above", np.inf, np.where(texts == "below", limits, high))
    exact = low == high
    if tool.noise.floor:
        # near zero such noise is normal on no scale: the unit stays
        return ReportedValues(low, high)
    with np.errstate(divide="ignore", invalid="ignore"):
        onto = SCALES[tool.noise.kind]
        # a logarithm is taken of no number below zero: there it is minus infinity
        scaled = [
            onto(np.maximum(end, 0.0)) if onto is np.log else onto(end) for end in (low, high)
        ]
    jacobian = -float(np.sum(np.log(values[exact]))) if tool.noise.kind == "proportional" else 0.0
    return ReportedValues(scaled[0], scaled[1], jacobian)


def _ends(tool: Instrument, values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The two ends between which a reading lies that is reported as this value."""
    noise = tool.noise
    spread = noise.sample or noise.occasion or noise.trait
    size = np.full(len(values), spread)
    if noise.kind == "proportional":
        size = np.hypot(spread * values, noise.floor)
    half = np.full(len(values), tool.rounding / 2)
    if tool.rounding:
        steps = values / tool.rounding
        # between two steps lies what was not rounded, such as a prorated score
        between = np.abs(steps - np.round(steps)) > 1e-6
        half[between | (tool.rounding < FINE * size)] = 0.0
    # at an end of the scale lies also what would have been beyond it
    low = np.where(values <= tool.low, -np.inf, values - half)
    high = np.where(values >= min(tool.high, tool.uloq), np.inf, values + half)
    return low, high


def _classes(numbers: FloatArray) -> ReportedValues:
    """Between which thresholds security was seen: `measures.readings` draws the classes so."""
    secure, disorganised = logit(SECURE_FROM), logit(DISORGANISED_BELOW)
    ends = {
        CLASSES.index("secure"): (secure, np.inf, 1.0),
        CLASSES.index("avoidant"): (disorganised, secure, AVOIDANT_SHARE),
        CLASSES.index("resistant"): (
            disorganised,
            secure,
            1 - AVOIDANT_SHARE,
        ),
        CLASSES.index("disorganised"): (-np.inf, disorganised, 1.0),
    }
    low, high, shares = np.array([ends[int(number)] for number in numbers.tolist()]).T
    return ReportedValues(low, high, float(np.sum(np.log(shares))))


def _require_possible(tool: Instrument, values: FloatArray) -> None:
    """Raise where the instrument cannot give a value."""
    inside = (values >= tool.low) & (values <= tool.high) & np.isfinite(values)
    if tool.noise.kind == "classes":
        inside &= values == np.round(values)
    if not inside.all():
        raise InputError(
            what=f"a value of {tool.name}",
            expected=with_unit(f"{tool.low:g} to {tool.high:g}", tool.unit),
            found=f"{values[~inside][0]:g}",
            key=("data",),
        )
    # a reading that strays by a share of itself is never zero, unless it was rounded to it
    strictly = tool.noise.kind == "proportional" and not tool.noise.floor and not tool.rounding
    if strictly and (values <= 0).any():
        raise InputError(
            what=f"a value of {tool.name}",
            expected="a number above 0: its noise is a share of what is expected",
            found=f"{values[values <= 0][0]:g}",
            remedy="a sample in which nothing was found is one below the limit of the assay",
            key=("data",),
        )
