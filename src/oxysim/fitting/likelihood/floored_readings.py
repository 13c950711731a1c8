r"""Readings whose noise is a share of the level and, near zero, a constant amount: the two
components of Rocke and Lorenzato (1995, Technometrics 37:176).

With m expected, a reading is :math:`m e^{t + b + e - v/2} + f z`, with normal effects t, b, e of
person, visit and sample (v their variance together), z standard normal and f the floor. Given the
effects it is normal around the level :math:`e^x` at their location x.
"""

from __future__ import annotations

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.fitting.likelihood.reported_values import ReportedValues
from oxysim.fitting.likelihood.shared_noise import (
    LOG_2PI,
    log_normal_interval,
)


class FlooredReadings:
    """What is reported of readings with a floor of noise.

    Parameters
    ----------
    reported : in the instrument's unit.
    floor : the standard deviation that is left at a level of zero.

    >>> readings = FlooredReadings(ReportedValues(np.array([2.0]), np.array([2.0])), 1.0)
    >>> readings.log_probability(np.log(np.array([2.0])), 0).round(4)
    array([-0.9189])
    """

    def __init__(self, reported: ReportedValues, floor: float) -> None:
        self.reported, self.floor = reported, floor
        # below the floor no logarithm says where a report lies; an open end says nothing
        inner = np.where(np.isfinite(reported.low), reported.low, reported.high)
        self.locations = np.log(np.maximum(inner, floor))

    def log_probability(self, location: FloatArray, row: int) -> FloatArray:
        """Of one report, at any logarithms of levels."""
        # far out a level is beyond all doubles, and as far from any report
        with np.errstate(over="ignore"):
            level = np.exp(location)
        # in standard deviations of the floor, from the level to both ends
        low = (self.reported.low[row] - level) / self.floor
        high = (self.reported.high[row] - level) / self.floor
        if self.reported.exact[row]:
            return np.asarray(-0.5 * low**2 - np.log(self.floor) - 0.5 * LOG_2PI)
        return log_normal_interval(low, high)
