"""Readings as arrays: checked, and summed up in every replication over the participants who gave
one.

Readings have shape (replications, n); NaN stands for a participant who gave none (dropped out,
failed). All replications are summed up at once: NumPy's own means of arrays with NaN warn where
nobody is left, and SciPy's tests with ``nan_policy="omit"`` walk replication by replication.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from oxysim import checks
from oxysim.arrays import BoolArray, FloatArray
from oxysim.errors import InputError, shown

# A spread below this share of the readings' size is what rounding leaves of equal readings.
ROUNDING = 1e-12


class Moments(NamedTuple):
    """Of each replication, over the participants with a reading: how many, their mean, sum of
    squares about it, and the largest size of a reading; each of shape (replications,).

    >>> moments(np.array([[1.0, 2.0, 3.0]])).variance
    array([1.])
    """

    n: FloatArray
    mean: FloatArray
    squares: FloatArray
    size: FloatArray

    @property
    def variance(self) -> FloatArray:
        """With n - 1; NaN for fewer than two readings.

        >>> moments(np.array([[1.0, 2.0, 3.0]])).variance
        array([1.])
        """
        return divided(self.squares, self.n - 1.0)


# --------------------------------------------------------------------- readings
def checked(**named: npt.ArrayLike) -> tuple[FloatArray, ...]:
    """The readings as float arrays (replications, n).

    Raises
    ------
    InputError : not two axes, no replication, fewer than two participants, an infinite reading,
        different numbers of replications.

    >>> checked(reference=[[1, 2]])[0]
    array([[1., 2.]])
    """
    arrays = tuple(_readings(name, values) for name, values in named.items())
    if len({len(array) for array in arrays}) > 1:
        lengths = ", ".join(
            f"{name} {len(array)}" for name, array in zip(named, arrays, strict=True)
        )
        raise InputError(f"expected equally many replications in every arm; found {lengths}")
    return arrays


def require_same_shape(**named: FloatArray) -> None:
    """Raise ``InputError`` unless the arrays, which hold the same participants, have one shape.

    >>> require_same_shape(x=np.zeros((2, 5)), y=np.ones((2, 5)))
    """
    if len({np.shape(array) for array in named.values()}) > 1:
        shapes = ", ".join(f"{name} {np.shape(array)}" for name, array in named.items())
        raise InputError(
            f"expected the same participants, so equal shapes (replications, n); found {shapes}"
        )


def require_confidence(level: float) -> None:
    """Raise ``InputError`` unless `level` is a confidence level.

    >>> require_confidence(0.95)
    """
    if not 0 < checks.number(level, "level") < 1:
        raise checks.refused(level, "level", "a confidence level between 0 and 1, such as 0.95")


def floats(name: str, values: npt.ArrayLike, dimensions: int | None = None) -> FloatArray:
    """Numbers as floats, NaN for what is missing, of any shape or of so many dimensions; texts and
    objects are none.

    Raises
    ------
    InputError : anything else, or no number at all.

    >>> floats("times", [1, 2])
    array([1., 2.])
    """
    expected = "numbers"
    if dimensions is not None:
        expected = f"numbers of {dimensions} dimension{'s'[: dimensions - 1]}"
    try:
        raw = np.asarray(values)
    except ValueError as error:  # rows of unequal lengths
        raise checks.refused(values, name, expected) from error

    # Only integers, unsigned ones and floats: an array of truth values or texts is a mistake.
    is_numeric = raw.dtype.kind in "iuf" and bool(raw.size)
    if not is_numeric or (dimensions is not None and raw.ndim != dimensions):
        raise checks.refused(values, name, expected)
    return raw.astype(float)


# ---------------------------------------------------------------------- moments
def moments(values: FloatArray) -> Moments:
    """Numbers, means and squares over the participants with a reading.

    >>> moments(np.array([[1.0, 3.0, np.nan]])).mean
    array([2.])
    """
    present = ~np.isnan(values)
    n = present.sum(axis=1).astype(float)
    mean = divided(np.where(present, values, 0.0).sum(axis=1), n)

    # About the mean, not from the sum of squares: that loses all digits of readings far from 0.
    deviations = np.where(present, values - mean[:, None], 0.0)
    size = np.where(present, np.abs(values), 0.0).max(axis=1)
    return Moments(n, mean, (deviations**2).sum(axis=1), size)


def pooled(first: Moments, second: Moments) -> FloatArray:
    """The pooled variance within two groups.

    >>> group = moments(np.array([[1.0, 2.0, 3.0]]))
    >>> pooled(group, group)
    array([1.])
    """
    return divided(first.squares + second.squares, first.n + second.n - 2.0)


def flat(squares: FloatArray, n: FloatArray, size: FloatArray) -> BoolArray:
    """Whether readings of this size have no spread beyond rounding.

    >>> flat(np.array([0.0, 1.0]), np.array([5.0, 5.0]), np.array([2.0, 2.0]))
    array([ True, False])
    """
    return roots(squares / np.maximum(n, 1)) <= ROUNDING * size


def divided(above: npt.ArrayLike, below: npt.ArrayLike) -> FloatArray:
    """A quotient, NaN where the divisor is not positive.

    >>> divided([1.0, 1.0], [2.0, 0.0])
    array([0.5, nan])
    """
    over, under = np.broadcast_arrays(
        np.asarray(above, dtype=float), np.asarray(below, dtype=float)
    )
    return np.divide(over, under, out=np.full(over.shape, np.nan), where=under > 0)


def roots(values: npt.ArrayLike) -> FloatArray:
    """Square roots; NaN stays NaN.

    >>> roots([4.0, np.nan])
    array([ 2., nan])
    """
    return np.asarray(np.sqrt(np.asarray(values, dtype=float)))


def _readings(name: str, values: npt.ArrayLike) -> FloatArray:
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{name}: expected numbers of shape (replications, n); found {shown(values)}"
        ) from error

    if array.ndim != 2 or array.shape[0] < 1 or array.shape[1] < 2:
        # One study as a plain list is the likeliest slip, so the message says what to write.
        remedy = "; a single study is values[None, :]" if array.ndim == 1 else ""
        raise InputError(
            f"{name}: expected shape (replications, n) with at least one replication and n >= 2;"
            f" found {array.shape}{remedy}"
        )
    if np.isinf(array).any():
        raise InputError(
            f"{name}: expected finite readings, or NaN for who gave none; found an infinite one"
        )
    return array
