"""The distribution of a parameter between dyads, as its row states it."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit, logit, ndtr, ndtri

from oxysim.arrays import FloatArray
from oxysim.errors import InputError
from oxysim.model.rows import ParameterRow

# standard deviations from the median to the farther end of the range, which holds 95 % of dyads
TAIL = 1.96

_SCALES: dict[str, tuple[Any, Any]] = {
    "normal": (np.asarray, np.asarray),
    "lognormal": (np.log, np.exp),
    "logit-normal": (logit, expit),
}


def quantile(row: ParameterRow, share: FloatArray, role: str = "") -> FloatArray:
    """The value of a parameter below which a `share` of dyads lies, in the row's unit.

    Uniform rows spread evenly over [low, high]; fixed rows are at their default. The others have
    their median at the default (of the role) and, on their own scale (as it is, log, logit), a
    standard deviation that puts the farther end of the range 1.96 SD away; each half is cut off at
    its end of the range, so that the median stays at the default.

    Raises
    ------
    InputError : a share outside [0, 1].

    >>> from oxysim.model import registry
    >>> row = registry.parameter_row("caregiver.bond.reward_gain", ("mother",))[2]
    >>> bool(quantile(row, np.array(0.5)) == row.default)
    True
    """
    p = np.asarray(share, dtype=float)
    if not (np.all(p >= 0) and np.all(p <= 1)):
        raise InputError(
            f"quantile of parameter {row.name!r}: expected shares in [0, 1]; found {share!r}"
        )
    # a father's default may be another than a mother's
    median = row.default_for(role)
    if row.distribution == "fixed":
        return np.full(p.shape, median)
    if row.distribution == "uniform":
        return row.low + (row.high - row.low) * p
    # the two halves meet at the median, whatever their ends are
    onto, back = _SCALES[row.distribution]
    low, middle, high = (float(onto(v)) for v in (row.low, median, row.high))
    spread = max(high - middle, middle - low) / TAIL
    below, above = ndtr((low - middle) / spread), ndtr((high - middle) / spread)
    within = np.where(p < 0.5, below + 2 * p * (0.5 - below), 0.5 + (2 * p - 1) * (above - 0.5))
    # clipped against rounding only
    return np.clip(back(middle + spread * ndtri(within)), row.low, row.high)
