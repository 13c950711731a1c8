"""From expected values to readings: noise keyed by what is measured, on whom, on which visit and
when.
"""

from __future__ import annotations

from collections.abc import Sequence, Sized
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from scipy.special import expit, logit, ndtri
from scipy.stats import binom

from oxysim.arrays import FloatArray, IntArray
from oxysim.checks import LARGEST_ARRAY, array, instance, refused, require_seed, text
from oxysim.errors import InputError
from oxysim.measures.behaviour import (
    AVOIDANT_SHARE,
    CLASSES,
    COMMENTS_CV,
    DISORGANISED_BELOW,
    MEAN_COMMENTS,
    SECURE_FROM,
)
from oxysim.measures.instrument_model import Instrument
from oxysim.measures.instrument_names import instrument, is_shipped
from oxysim.streams import position_uniforms
from oxysim.units import DAY


class NoiseKey(NamedTuple):
    """What keys the noise of a reading beside the dyad and the time.

    The same person measured with the same instrument on the same occasion and day has the same
    visit noise, and at the same time the same sample noise. Two sessions of a crossover are two
    occasions.

    >>> NoiseKey(seed=1, occasion="session 2").member
    'caregiver'
    """

    seed: int = 0
    member: str = "caregiver"
    occasion: str = ""


def read(
    name: str | Instrument,
    values: Any,
    dyads: Sequence[int],
    times: Any = None,
    noise_key: NoiseKey | None = None,
) -> xr.DataArray:
    """Readings of one instrument from values of the variable that it reads.

    Parameters
    ----------
    name : the instrument, by name or itself.
    values : values of its variable (a list of arrays where it reads several, in the order of
        ``Instrument.quantities``), shape (n,) or (n, n_times). Where the instrument reads a window
        (urine), these are the window's means.
    dyads : the dyads' numbers, which key the noise, length n.
    times : sample times in minutes since 00:00 of the first day, length n_times; default one time,
        0.
    noise_key : seed, member and occasion; None gives the expected readings without noise.

    Returns
    -------
    DataArray (dyad, time), unit in ``attrs["units"]``. Coordinate ``below_lloq`` marks readings
    below the limit of quantification, which are reported as half of it (a convention; nothing is
    dropped), ``above_uloq`` those above the upper limit, which are reported as that limit. Comments
    carry ``count`` and ``comments``; attachment is a class number with its ``label``. A value that
    is NaN (a failed dyad) stays NaN.

    Raises
    ------
    UnknownNameError : no such instrument. InputError : shapes that do not fit.

    >>> read("epds", [12.4, 3.0], [0, 1]).values[:, 0]
    array([12.,  3.])
    """
    tool = instrument(name)
    numbers = dyad_numbers(dyads)
    # a single time may stand without a list around it
    moments = array(
        [0.0] if times is None else [times] if np.isscalar(times) else times, "times", (None,)
    )
    noise_key = noise_key if noise_key is None else checked_noise_key(noise_key)
    n_inputs = len(tool.quantities)
    if n_inputs > 1 and (
        isinstance(values, str)
        or not isinstance(values, Sequence | np.ndarray)
        or len(values) != n_inputs
    ):
        raise refused(
            values,
            "values",
            f"a list of {n_inputs} arrays, of {', '.join(tool.quantities)}",
        )
    parts = [values] if n_inputs == 1 else list(values)
    shape = (len(numbers), len(moments))
    expected = np.asarray(
        tool.expected(*[_shaped(series, shape, tool.name) for series in parts]), dtype=float
    )
    # noise before rounding and limits, as it is in a laboratory
    draw = _Draws(tool, numbers, moments, noise_key)
    reading, extra = _strayed(tool, expected, draw)
    if tool.rounding:
        reading = np.round(reading / tool.rounding) * tool.rounding
    reading = np.clip(reading, tool.low, tool.high)
    # reported as half the limit, a convention; nothing is dropped
    # a lower limit of 0 is none: a scale that goes below 0 is read as it is
    below, above = (reading < tool.lloq) & (tool.lloq > 0), reading > tool.uloq
    # a rounded small negative is 0, not -0.0
    reading = np.where(below, tool.lloq / 2, reading) + 0.0
    # above, a laboratory knows no more than that it is above: a higher figure would be invented
    reading = np.where(above, tool.uloq, reading)
    limits = {"below_lloq": below, "above_uloq": above}
    return _labelled(tool, reading, (numbers, moments), {**extra, **limits})


def dyad_numbers(dyads: Any) -> IntArray:
    """Dyads' numbers, checked: whole, at least 0, one dimension.

    >>> dyad_numbers([4, 4, 2])
    array([4, 4, 2])
    """
    expected = "a list of dyads' numbers, whole and at least 0"
    try:
        array(dyads, "dyads", (None,), low=0)
    except InputError:
        raise refused(dyads, "dyads", expected) from None
    numbers = np.asarray(dyads)  # not by way of floats, which hold no number above 2**53
    if numbers.dtype.kind not in "iu":
        raise refused(dyads, "dyads", expected)
    return numbers.astype(np.int64)


def checked_noise_key(noise_key: Any) -> NoiseKey:
    """What keys a reading's noise, checked.

    >>> checked_noise_key(NoiseKey(seed=3)).seed
    3
    """
    key = instance(noise_key, "noise_key", NoiseKey, "a NoiseKey such as NoiseKey(seed=1), or None")
    require_seed(key.seed)
    for field_name in ("member", "occasion"):
        text(getattr(key, field_name), field_name)
    return key


class _Draws:
    """The noise of one instrument, on the normal scale; zeros where there is none."""

    def __init__(
        self, tool: Instrument, dyads: IntArray, times: FloatArray, noise_key: NoiseKey | None
    ) -> None:
        self.tool, self.dyads, self.times, self.noise_key = tool, dyads, times, noise_key

    def normal(self) -> tuple[FloatArray, FloatArray]:
        """(sum of all noise, variance of that sum): trait, visit and sample noise in the noise's
        own size.
        """
        noise, shape = self.tool.noise, (len(self.dyads), len(self.times))
        total = np.zeros(shape)
        if self.noise_key is None:
            return total, np.zeros(1)
        # lognormal: the SD of the logarithm that has this coefficient of variation
        proportional = noise.kind == "proportional"
        sizes = [
            np.sqrt(np.log1p(s**2)) if proportional else s
            for s in (noise.trait, noise.occasion, noise.sample)
        ]
        for size, level in zip(sizes, ("trait", "occasion", "sample"), strict=True):
            if size:
                total = total + size * ndtri(self.uniform(level))
        return total, np.array([sum(s**2 for s in sizes)])

    def floor(self) -> FloatArray:
        """What a reading strays by beside its lognormal part, in the instrument's unit."""
        size, shape = self.tool.noise.floor, (len(self.dyads), len(self.times))
        if self.noise_key is None or not size:
            return np.zeros(shape)
        return size * ndtri(self.uniform("sample", about=f"{self.tool.name} floor"))

    def uniform(self, level: str, about: str | None = None) -> FloatArray:
        """Uniform draws, shape (n, n_times): "trait" one a person, "occasion" one a visit, "sample"
        one a time.
        """
        assert self.noise_key is not None
        # one stream an instrument, person and level: what else is measured changes no reading
        purpose = f"measure {about or self.tool.name} {self.noise_key.member} {level}"
        draws = np.empty((len(self.dyads), len(self.times)))
        # times of one visit share its draw, so that each key is drawn once
        for key in dict.fromkeys(self._key(level, t) for t in self.times.tolist()):
            same = [i for i, t in enumerate(self.times.tolist()) if self._key(level, t) == key]
            draws[:, same] = position_uniforms(self.noise_key.seed, self.dyads, purpose, key)[
                :, None
            ]
        return draws

    def _key(self, level: str, time: float) -> str:
        assert self.noise_key is not None
        when = {"trait": "", "occasion": f"day {int(time // DAY)}", "sample": f"at {time:.4f}"}[
            level
        ]
        return when if level == "trait" else f"{self.noise_key.occasion} {when}"


def _strayed(
    tool: Instrument, expected: FloatArray, draw: _Draws
) -> tuple[FloatArray, dict[str, Any]]:
    """Readings before rounding and limits, and what else they carry."""
    stray, variance = draw.normal()
    match tool.noise.kind:
        case "proportional":
            # less half the variance, so that the mean of the readings is the expected one
            return expected * np.exp(stray - variance / 2) + draw.floor(), {}
        case "additive":
            return expected + stray, {}
        case "binomial":
            return _counted(expected, stray, draw)
        case "classes":
            return _classed(expected, stray, draw)


def _counted(
    share: FloatArray, stray: FloatArray, draw: _Draws
) -> tuple[FloatArray, dict[str, Any]]:
    """A count out of the session's comments; every kind of comment shares the session's number of
    comments.
    """
    if draw.noise_key is None:
        number = np.full(share.shape, MEAN_COMMENTS)
        return share, {"comments": number, "count": share * number}
    # lognormal with the mean number of comments and its coefficient of variation
    spread = np.sqrt(np.log1p(COMMENTS_CV**2))
    z = ndtri(draw.uniform("sample", about="comments"))
    number = np.maximum(np.round(MEAN_COMMENTS * np.exp(spread * z - spread**2 / 2)), 1.0)
    chance = expit(logit(share) + stray)
    # failed dyads stay NaN: no count can be drawn for them
    is_finite = np.isfinite(chance)
    count = np.full(share.shape, np.nan)
    count[is_finite] = binom.ppf(
        draw.uniform("sample")[is_finite], number[is_finite], chance[is_finite]
    )
    return count / number, {"comments": number, "count": count}


def _classed(
    security: FloatArray, stray: FloatArray, draw: _Draws
) -> tuple[FloatArray, dict[str, Any]]:
    """Class numbers by thresholds on noisy security."""
    # the observer's view of security, on the scale from 0 to 1
    seen = expit(logit(security) + stray)
    # without noise all between are avoidant, the likelier of the two
    coin = (
        np.zeros(seen.shape)
        if draw.noise_key is None
        else draw.uniform("sample", about="avoidant or resistant")
    )
    between = np.where(coin < AVOIDANT_SHARE, 1.0, 2.0)
    number = np.where(seen >= SECURE_FROM, 0.0, np.where(seen < DISORGANISED_BELOW, 3.0, between))
    number = np.where(np.isnan(seen), np.nan, number)
    # one label beyond the classes, empty, for a dyad that failed
    labels = np.array([*CLASSES, ""])[np.where(np.isnan(number), len(CLASSES), number).astype(int)]
    return number, {"label": labels}


def _shaped(values: Any, shape: tuple[int, int], name: str) -> FloatArray:
    if isinstance(values, Sized) and len(values) > LARGEST_ARRAY:
        raise refused(values, "values", f"numbers of shape {shape} (dyads, times)")
    try:
        raw = np.asarray(values)
    except ValueError:  # rows of unequal lengths
        raise refused(values, "values", f"numbers of shape {shape} (dyads, times)") from None
    if raw.dtype.kind not in "iuf":
        raise refused(values, "values", f"numbers of shape {shape} (dyads, times)")
    numbers = raw.astype(float)
    if numbers.ndim == 1 and shape[1] == 1:
        numbers = numbers[:, None]
    if numbers.shape != shape:
        raise InputError(
            f"instrument {name!r}: expected values of shape {shape} (dyads, times); found"
            f" {numbers.shape}"
        )
    return numbers


def _labelled(
    tool: Instrument, reading: FloatArray, axes: tuple[Any, Any], extra: dict[str, Any]
) -> xr.DataArray:
    coords = {
        "dyad": axes[0],
        "time": (
            "time",
            axes[1],
            {"units": "min", "long_name": "minutes since 00:00 of the first simulated day"},
        ),
        **{k: (("dyad", "time"), v) for k, v in extra.items()},
    }
    attrs = {
        "units": tool.unit, "long_name": tool.name.replace("_", " "), "instrument": tool.name,
        "source": tool.source, "status": tool.status,
    }  # fmt: skip
    # of a user's instrument the name alone would say nothing
    attrs |= {} if is_shipped(tool) else {"fingerprint": tool.fingerprint}
    return xr.DataArray(reading, dims=("dyad", "time"), coords=coords, name=tool.name, attrs=attrs)
