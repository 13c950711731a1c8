"""How likely the readings of one instrument on one person are, given what the model expects."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np

from oxysim.arrays import BoolArray, FloatArray, IntArray
from oxysim.errors import InputError
from oxysim.fitting.likelihood.counted_shares import CountedShares
from oxysim.fitting.likelihood.floored_readings import FlooredReadings
from oxysim.fitting.likelihood.nested_effects import NestedEffects
from oxysim.fitting.likelihood.reported_values import SCALES, reported_values
from oxysim.fitting.likelihood.shared_noise import NoiseVariances, SharedNoise
from oxysim.measures import Instrument


class _LogLikelihood(Protocol):
    def __call__(self, expected: FloatArray, /) -> FloatArray: ...


class ReadingLikelihood:
    """The log likelihood of one instrument's readings of one person.

    Parameters
    ----------
    tool : the instrument, whose noise it is.
    values, censored, limits : as :func:`reported_values` takes them, shape (n,).
    visits : the number of each reading's visit, shape (n,): readings of one visit share its noise.

    Raises
    ------
    InputError : a value that the instrument cannot give; noise of size 0, or none of the sample's
        own where a visit has several readings.

    >>> from oxysim.measures import instrument
    >>> spit = instrument("saliva_oxytocin")
    >>> likelihood = ReadingLikelihood(
    ...     spit, np.array([8.0, np.nan]), ["", "below"], np.array([np.nan, 1.0]), np.array([0, 1]))
    >>> likelihood(np.array([[8.0, 1.0], [80.0, 1.0]])).round(2)
    array([ -2.47, -25.77])
    """

    def __init__(
        self, tool: Instrument, values: FloatArray, censored: Any, limits: FloatArray,
        visits: IntArray,
    ) -> None:  # fmt: skip
        self.tool = tool
        self.variances = _variances(tool, visits)
        self.likelihood: _LogLikelihood
        if tool.noise.kind == "binomial":
            if any(text != "" for text in censored):
                raise InputError(f"{tool.name}: a counted share has no limit below which it lies")
            counted = CountedShares(values, tool.rounding)
            self.likelihood = NestedEffects(counted, visits, self.variances)
            return
        reported = reported_values(tool, values, censored, limits)
        if tool.noise.floor:
            readings = FlooredReadings(reported, tool.noise.floor)
            self.likelihood = NestedEffects(readings, visits, self.variances)
        else:
            self.likelihood = SharedNoise(reported, visits, self.variances)

    def __call__(self, expected: FloatArray) -> FloatArray:
        """The log likelihood at expected readings in the instrument's unit, shape (n_points, n) ->
        (n_points,); minus infinity where the model expects what cannot be.
        """
        logs = np.full(len(expected), -np.inf)
        possible = np.isfinite(expected).all(axis=1) & self._inside(expected)
        if possible.any():
            logs[possible] = self.likelihood(self._scaled(expected[possible]))
        return np.where(np.isnan(logs), -np.inf, logs)

    def _inside(self, expected: FloatArray) -> BoolArray:
        """Where the scale of the noise has a number for what is expected."""
        if self.tool.noise.kind == "additive":
            return np.ones(len(expected), dtype=bool)
        inside = expected > 0
        if self.tool.noise.kind != "proportional":
            inside &= expected < 1
        return np.asarray(inside.all(axis=1))

    def _scaled(self, expected: FloatArray) -> FloatArray:
        """What is expected on the scale on which effects are normal."""
        scaled = SCALES[self.tool.noise.kind](expected)
        # a lognormal reading has the expected one as its mean, so its median lies lower
        is_log = self.tool.noise.kind == "proportional"
        return scaled - self.variances.total / 2 if is_log else scaled


def _variances(tool: Instrument, visits: IntArray) -> NoiseVariances:
    """The variances of the three levels, on the normal scale."""
    sizes = np.array([tool.noise.trait, tool.noise.occasion, tool.noise.sample])
    # of a proportional noise the sizes are coefficients of variation
    levels = np.log1p(sizes**2) if tool.noise.kind == "proportional" else sizes**2
    person, visit, sample = levels.tolist()
    # counts, and a floor of noise, differ from sample to sample by themselves
    if sample or tool.noise.floor or tool.noise.kind == "binomial":
        return NoiseVariances(person, visit, sample)
    if not person and not visit:
        raise InputError(
            what=f"instrument {tool.name!r}",
            expected="some noise: without it no data is likely at all",
            found="sizes of 0",
            key=("instruments",),
        )
    # without noise of its own a reading repeats the visit's (the person's): only one can be heard
    repeats = np.unique(visits).size < visits.size if visit else visits.size > 1
    if repeats:
        raise InputError(
            what=f"instrument {tool.name!r}",
            expected="noise of the sample's own, as several readings share a visit",
            found="MeasurementNoise(sample=0)",
            remedy="give the instrument a sample noise, or the readings different occasions",
            key=("instruments",),
        )
    return NoiseVariances(person, 0.0, visit) if visit else NoiseVariances(0.0, 0.0, person)
