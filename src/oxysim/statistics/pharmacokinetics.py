"""What a kinetic study computes from sampled curves: half-lives, times of the peak, times to half
of the rise.

Curves have their samples on the last axis; any axes before it stay. Lines are fitted to all curves
at once, each to the samples that it has: SciPy's ``linregress`` takes one curve without gaps.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from oxysim import checks
from oxysim.arrays import BoolArray, FloatArray, IntArray
from oxysim.errors import InputError
from oxysim.statistics.moments import ROUNDING, floats


class LogLine(NamedTuple):
    """A least-squares line through the logarithm of a curve: its slope, its height at time 0 and
    the coefficient of determination, each of shape (...); NaN where there are fewer than two
    samples at different times.

    >>> log_line(np.array([0.0, 1.0]), np.array([8.0, 4.0]), np.array([True, True])).slope.round(6)
    np.float64(-0.693147)
    """

    slope: FloatArray
    intercept: FloatArray
    r2: FloatArray


def log_line(times: FloatArray, values: FloatArray, used: BoolArray) -> LogLine:
    """The line through the logarithms of the samples that are `used`, all of them above 0.

    >>> log_line(np.arange(3.0), np.array([8.0, 4.0, 2.0]), np.ones(3, bool)).r2.round(9)
    np.float64(1.0)
    """
    log = np.log(np.where(used, values, 1.0))

    # Least squares over the samples that are left: sum (t - mean) log / sum (t - mean)^2.
    count = np.maximum(used.sum(axis=-1, keepdims=True), 1)
    mean_time = np.where(used, times, 0.0).sum(axis=-1, keepdims=True) / count
    deviations = np.where(used, times - mean_time, 0.0)
    spread = (deviations**2).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = np.where(spread > 0, (deviations * log).sum(axis=-1) / spread, np.nan)
        mean = log.sum(axis=-1) / count[..., 0]
        squares = (np.where(used, log - mean[..., None], 0.0) ** 2).sum(axis=-1)
        # equal levels leave nothing to determine, but what rounding made of them
        rounded = count[..., 0] * (ROUNDING * (1 + np.abs(mean))) ** 2
        r2 = np.where(squares > rounded, slope**2 * spread / squares, np.nan)
    return LogLine(slope, mean - slope * mean_time[..., 0], np.minimum(r2, 1.0))


def log_linear_half_life(times: npt.ArrayLike, rise: npt.ArrayLike) -> FloatArray:
    """The half-life from a least-squares line through the logarithm of a rise over baseline.

    Parameters
    ----------
    times : minutes, shape (n_times,).
    rise : level less baseline, shape (..., n_times); samples at or below zero are left out, as a
        study must.

    Returns
    -------
    Minutes, shape (...); NaN where fewer than two samples are left or the rise does not fall.

    >>> float(log_linear_half_life([0.0, 10.0, 20.0], [8.0, 4.0, 2.0]).round(6))
    10.0
    """
    t, y = _curve(times, rise, "rise")
    slope = log_line(t, y, y > 0).slope
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(slope < 0, -np.log(2) / slope, np.nan)


def time_of_peak(times: npt.ArrayLike, values: npt.ArrayLike) -> FloatArray:
    """The time of the highest sample, shape (...); NaN where any sample is missing.

    >>> float(time_of_peak([0.0, 10.0, 20.0], [1.0, 3.0, 2.0]))
    10.0
    """
    t, y = _curve(times, values, "values")
    missing = np.isnan(y).any(axis=-1)
    # a missing sample is never the highest: argmax would take a NaN for it
    highest = np.argmax(np.where(np.isnan(y), -np.inf, y), axis=-1)
    return np.where(missing, np.nan, t[highest])


def time_of_smooth_peak(times: npt.ArrayLike, values: npt.ArrayLike) -> FloatArray:
    """When a smooth curve without error is highest: the summit of the parabola through the highest
    of its values and the two beside it, shape (...); at an end of the curve that end, NaN where any
    value is missing.

    >>> t = np.arange(0.0, 10.0, 1.0)
    >>> float(time_of_smooth_peak(t, -((t - 3.3) ** 2)).round(12))
    3.3

    Raises
    ------
    InputError : values that are not equally spaced in time.
    """
    t, y = _curve(times, values, "values")
    step = np.diff(t)
    if len(step) and np.ptp(step) > 1e-6 * step[0]:
        raise checks.refused(times, "times", "equally spaced times")
    top = np.argmax(np.where(np.isnan(y), -np.inf, y), axis=-1)
    inner = np.clip(top, 1, max(len(t) - 2, 1))
    before, highest, after = (
        np.take_along_axis(y, np.minimum(inner + k, len(t) - 1)[..., None], -1)[..., 0]
        for k in (-1, 0, 1)
    )

    # The summit of a parabola through three values lies (b - a) / 2 (b - 2h + a) steps from the
    # middle one; where the highest is at an end, or the three lie on a line, it stays there.
    bend = before - 2 * highest + after
    has_summit = (bend < 0) & (top == inner)
    steps = np.divide(before - after, 2 * bend, out=np.zeros_like(bend), where=has_summit)
    summit = t[top] + steps * (step[0] if len(step) else 0.0)
    return np.where(np.isnan(y).any(axis=-1), np.nan, summit)


def time_to_half_rise(times: npt.ArrayLike, values: npt.ArrayLike) -> FloatArray:
    """When a curve first reaches half of its highest rise over its first sample, linear between
    samples, shape (...).

    >>> float(time_to_half_rise([0.0, 10.0, 20.0], [0.0, 4.0, 4.0]))
    5.0
    """
    t, y = _curve(times, values, "values")
    curves = y.reshape(-1, y.shape[-1])
    crossings = [_half_crossing(t, curve - curve[0]) for curve in curves]
    return np.array(crossings).reshape(y.shape[:-1])


def count_pulses(values: npt.ArrayLike, prominence: float) -> IntArray:
    """How many peaks a curve has that stand out from both sides by at least `prominence`, shape
    (...).

    >>> int(count_pulses([0.0, 3.0, 0.0, 2.0, 0.0], prominence=1.0))
    2
    """
    # scipy.signal takes longer to import than everything else here
    from scipy.signal import find_peaks

    y = floats("values", values)
    if not y.ndim:
        raise checks.refused(values, "values", "samples of a curve on the last axis")
    checks.number(prominence, "prominence", 0.0)
    curves = y.reshape(-1, y.shape[-1])
    counts = [len(find_peaks(curve, prominence=prominence)[0]) for curve in curves]
    return np.array(counts).reshape(y.shape[:-1])


def _curve(times: npt.ArrayLike, values: npt.ArrayLike, name: str) -> tuple[FloatArray, FloatArray]:
    """Increasing times and samples at them, on the last axis.

    Raises
    ------
    InputError : other times, or another number of samples.
    """
    t, y = floats("times", times, 1), floats(name, values)
    if not (np.diff(t) > 0).all():
        raise checks.refused(times, "times", "increasing times")
    if not y.ndim or y.shape[-1] != len(t):
        raise InputError(
            what=name,
            expected=f"{len(t)} samples on the last axis",
            found=f"shape {y.shape}",
            key=(name,),
        )
    return t, y


def _half_crossing(t: FloatArray, rise: FloatArray) -> float:
    """When one curve, less its first sample, first reaches half of its highest; NaN where it never
    rises.
    """
    half = np.max(rise) / 2
    if not half > 0:
        return float("nan")
    # the first sample is 0, below half, so that there is always one before
    after = int(np.argmax(rise >= half))
    share = (half - rise[after - 1]) / (rise[after] - rise[after - 1])
    return float(t[after - 1] + share * (t[after] - t[after - 1]))
