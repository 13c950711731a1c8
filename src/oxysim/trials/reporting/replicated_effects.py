"""Effects within and between dyads in every replication of a study, as each replicated study would
have computed them.

The tests, standard errors and intervals are those of :mod:`oxysim.statistics`; this module adds the
mean readings on either side and says what an effect of exactly nothing is. Arrays have shape
(replications, n).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr, ndtri

from oxysim.arrays import BoolArray, FloatArray
from oxysim.errors import InputError
from oxysim.statistics import two_groups
from oxysim.statistics.contrast import Contrast
from oxysim.statistics.correlation import LEAST, correlation
from oxysim.statistics.moments import checked, moments
from oxysim.statistics.monte_carlo import finite_mean

INTERVAL = float(ndtri(0.975))  # standard errors on either side in a 95 % interval

Kind = Literal["difference", "correlation"]


@dataclass(frozen=True, eq=False)
class Effects:
    """One contrast in every replication, as each replicated study would have found it; arrays of
    shape (replications,).

    Attributes
    ----------
    reference, contrast : mean readings on either side.
    difference : contrast minus reference, in the readings' unit; r where `kind` is "correlation".
    dz : the standardised effect: mean paired difference over its standard deviation (paired),
        Cohen's d with the pooled standard deviation within groups (unpaired), or Pearson's r.
    p : two-sided p value.
    n : participants of one study.
    kind : "difference" or "correlation".
    dz_low, dz_high : each study's own 95 % interval of its standardised effect: by the noncentral
        t distribution (a difference) or Fisher's z (a correlation); NaN where there is none.

    >>> import numpy as np
    >>> paired(np.array([[1.0, 2.0, 3.0]]), np.array([[2.0, 4.0, 4.0]]))
    Effects(1 replications of n = 3, mean dz or d 2.31)
    """

    reference: FloatArray
    contrast: FloatArray
    difference: FloatArray
    dz: FloatArray
    p: FloatArray
    n: int
    kind: Kind = "difference"
    dz_low: FloatArray | None = None
    dz_high: FloatArray | None = None

    def __repr__(self) -> str:
        """One line: what was compared, in how many replications, the mean effect."""
        name = "r" if self.kind == "correlation" else "dz or d"
        mean = finite_mean(self.dz)
        return f"Effects({len(self.dz)} replications of n = {self.n}, mean {name} {mean:.3g})"


def paired(reference: npt.ArrayLike, contrast: npt.ArrayLike) -> Effects:
    """The same dyads under two conditions: contrast minus reference, the paired t test of
    :func:`oxysim.statistics.two_groups.paired_t_test`, per replication.

    Parameters
    ----------
    reference, contrast : shape (replications, n), n at least 2; NaN (a dyad that failed) drops the
        pair in that replication. Single numbers a dyad are one study: ``values[None, :]``.

    Raises
    ------
    InputError : shapes differ, or n < 2.

    >>> import numpy as np
    >>> before = np.array([[1.0, 2.0, 3.0, 4.0]])
    >>> effects = paired(before, before + [[1.0, 2.0, 1.0, 2.0]])
    >>> round(float(effects.dz[0]), 3)
    2.598
    """
    first, second = checked(reference=reference, contrast=contrast)
    analysis = two_groups.paired_t_test(first, second, refuse=False)
    # The mean of either side is taken over the pairs that are analysed, so that they differ by the
    # mean difference.
    missing = np.isnan(second - first)
    sides = _mean_of(first, missing), _mean_of(second, missing)
    return _effects(analysis, sides, first.shape[1])


def unpaired(reference: npt.ArrayLike, contrast: npt.ArrayLike) -> Effects:
    """Two groups of dyads: contrast minus reference, Welch's t test and Cohen's d of
    :func:`oxysim.statistics.two_groups.welch_t_test`, per replication.

    Parameters
    ----------
    reference, contrast : shapes (replications, n_1) and (replications, n_2), each n at least 2.

    Raises
    ------
    InputError : different numbers of replications, or n < 2.

    >>> import numpy as np
    >>> effects = unpaired(np.array([[1.0, 2.0, 3.0]]), np.array([[2.0, 3.0, 4.0, 5.0]]))
    >>> round(float(effects.dz[0]), 3)
    1.268
    """
    first, second = checked(reference=reference, contrast=contrast)
    analysis = two_groups.welch_t_test(first, second, refuse=False)
    sides = moments(first).mean, moments(second).mean
    return _effects(analysis, sides, first.shape[1] + second.shape[1])


def correlated(x: npt.ArrayLike, y: npt.ArrayLike) -> Effects:
    """Pearson's correlation of two measures of the same dyads, with Fisher's z test, per
    replication (:func:`oxysim.statistics.correlation.correlation`).

    Parameters
    ----------
    x, y : shape (replications, n), n at least 4; NaN (a dyad that failed) drops the pair in that
        replication.

    Returns
    -------
    Effects : r as ``dz`` and ``difference``, the means of x and y as ``reference`` and
        ``contrast``. NaN in a replication in which a measure does not vary or fewer than 4 pairs
        are left.

    Raises
    ------
    InputError : shapes differ, or n < 4.

    >>> import numpy as np
    >>> x = np.arange(8.0)[None, :]
    >>> round(float(correlated(x, x**2).dz[0]), 4)
    0.9615
    """
    first, second = checked(x=x, y=y)
    if first.shape != second.shape or first.shape[1] < LEAST:
        raise InputError(
            what="correlated",
            expected=f"equal shapes with n >= {LEAST}",
            found=f"{first.shape} and {second.shape}",
        )
    analysis = correlation(first, second, refuse=False)
    missing = np.isnan(first + second)
    return Effects(
        _mean_of(first, missing),
        _mean_of(second, missing),
        analysis.estimate,
        analysis.estimate,
        analysis.p,
        first.shape[1],
        "correlation",
        analysis.low,
        analysis.high,
    )


def difference_of_correlations(
    x: npt.ArrayLike, y: npt.ArrayLike, other_x: npt.ArrayLike, other_y: npt.ArrayLike
) -> Effects:
    """Two correlations in different dyads: the second's Fisher z less the first's, per replication.

    Parameters
    ----------
    x, y : of the first sample, shape (replications, n_1).
    other_x, other_y : of the second, shape (replications, n_2).

    Returns
    -------
    Effects : Cohen's q (the difference of Fisher's z) as ``dz`` and ``difference``, the two r as
        ``reference`` and ``contrast``; p by the normal distribution, with a variance of 1/(n - 3)
        each.

    Raises
    ------
    InputError : shapes differ, or n < 4.

    >>> import numpy as np
    >>> x = np.arange(10.0)[None, :]
    >>> y = x + 3 * np.cos(x)
    >>> float(difference_of_correlations(x, y, x, y).p[0])
    1.0
    """
    first, second = correlated(x, y), correlated(other_x, other_y)
    difference = np.arctanh(second.dz) - np.arctanh(first.dz)
    error = math.hypot(1 / math.sqrt(first.n - 3), 1 / math.sqrt(second.n - 3))
    # both tails: the direction is judged by the sign
    p = 2 * ndtr(-np.abs(difference) / error)
    return Effects(
        first.dz,
        second.dz,
        difference,
        difference,
        np.asarray(p),
        first.n + second.n,
        "difference",
        difference - INTERVAL * error,
        difference + INTERVAL * error,
    )


def _mean_of(values: FloatArray, missing: BoolArray) -> FloatArray:
    """The mean of each replication over the participants with both readings."""
    return moments(np.where(missing, np.nan, values)).mean


def _effects(contrast: Contrast, sides: tuple[FloatArray, FloatArray], n: int) -> Effects:
    """A comparison in the form of this module.

    Where every difference is exactly 0 there is no effect and no doubt about it (dz 0, p 1); where
    readings differ and none varies nothing can be standardised or tested (NaN).
    """
    assert contrast.standardised is not None  # both analyses of two groups give one
    no_difference = np.isnan(contrast.p) & (contrast.estimate == 0)
    standardised = contrast.standardised
    return Effects(
        *sides,
        contrast.estimate,
        np.where(no_difference, 0.0, standardised.estimate),
        np.where(no_difference, 1.0, contrast.p),
        n,
        "difference",
        standardised.low,
        standardised.high,
    )
