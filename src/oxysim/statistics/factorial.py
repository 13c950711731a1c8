"""A factorial trial, every factor given or not, for many replications at once.

Readings have shape (replications, n), NaN for a participant without one. Correction for multiple
testing is left to the user. statsmodels' least squares gives the same effects, one replication at a
time.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.errors import InputError
from oxysim.statistics.contrast import LEVEL, Contrast, EffectEstimate
from oxysim.statistics.exclusions import Causes, spreadless, too_few
from oxysim.statistics.intervals import by_noncentral_t, by_t
from oxysim.statistics.moments import (
    Moments,
    checked,
    divided,
    flat,
    moments,
    require_confidence,
    require_same_shape,
    roots,
)

Levels = tuple[bool, ...]
"""Which factors are given in a cell."""


def factorial(
    cells: Mapping[Levels, npt.ArrayLike],
    baselines: Mapping[Levels, npt.ArrayLike] | None = None,
    *,
    level: float = LEVEL,
) -> dict[tuple[int, ...], Contrast]:
    """A factorial of different participants, every factor given or not: main effects and
    interactions of two factors by ordinary least squares on the cell means, one variance for all
    (Yates 1937, The design and analysis of factorial experiments).

    The main effect of a factor is the plain average, over the cells of the other factors, of the
    difference that it makes, whatever the cells' sizes; the interaction of two is how much the
    effect of the first changes where the second is given, averaged likewise.

    One spread holds for all cells. Where spreads differ and the cells' sizes do too, the intervals
    miss more often (one cell with three times the spread, sizes of 5, 10, 20 and 40: they cover
    88 %); with cells of equal size they hold.

    Parameters
    ----------
    cells : which factors are given -> outcomes, shape (replications, n_cell); all 2^k combinations
        of k >= 2 factors.
    baselines : the same participants' baselines, for an analysis adjusted for them (one slope for
        all cells); who lacks either is left out.

    Returns
    -------
    (0,), (1,), ... : main effects, then (0, 1), (0, 2), ... : interactions.

    Raises
    ------
    InputError : cells that are missing, or no replication that can be analysed (every cell needs a
        participant).

    >>> plain, spread = np.zeros((1, 4)), np.array([[-1.0, 0.0, 0.0, 1.0]])
    >>> cells = {(False, False): plain, (True, False): plain + 2, (False, True): plain,
    ...          (True, True): plain + 4}
    >>> effects = factorial({factors: values + spread for factors, values in cells.items()})
    >>> {which: effect.estimate.tolist() for which, effect in effects.items()}
    {(0,): [3.0], (1,): [1.0], (0, 1): [2.0]}
    """
    require_confidence(level)
    _require_mappings(cells, baselines)
    order = _all_cells(cells)
    if baselines is not None and set(baselines) != set(order):
        raise InputError(f"baselines: expected those of every cell; found {list(baselines)}")

    # cells are named in errors, as a reader of a table would name them
    names = [_cell_name(factors) for factors in order]
    outcomes = checked(**dict(zip(names, (cells[factors] for factors in order), strict=True)))
    covariates: tuple[FloatArray, ...] = ()
    if baselines is not None:
        labels = [f"baseline of {name}" for name in names]
        covariates = checked(
            **dict(zip(labels, (baselines[factors] for factors in order), strict=True))
        )

    fit = _fit(outcomes, covariates)
    causes = _unfit(fit, names)
    # the effects share one fit: one variance and one slope, whatever is asked of it
    method = "factorial, adjusted for baseline" if covariates else "factorial"

    def contrast_of(factors_asked: tuple[int, ...]) -> Contrast:
        """The main effect of one factor, or the interaction of two."""
        # +1 or -1 for each factor asked about, averaged over the cells of the others
        signs = np.array(
            [np.prod([1.0 if factors[k] else -1.0 for k in factors_asked]) for factors in order]
        )
        weights = signs / 2 ** (len(order[0]) - len(factors_asked))
        value, scale = fit.weighted(weights)
        error = roots(fit.variance) * scale
        d = by_noncentral_t("d", divided(value, error), fit.df, scale, level)
        kind = "main effect" if len(factors_asked) == 1 else "interaction"
        estimate = EffectEstimate(value, error, fit.df, fit.n)
        return by_t(estimate, causes, f"{method}, {kind}", level, d)

    factors = range(len(order[0]))
    asked_about = [
        factors_asked for size in (1, 2) for factors_asked in itertools.combinations(factors, size)
    ]
    return {factors_asked: contrast_of(factors_asked) for factors_asked in asked_about}


# --------------------------------------------------------------------- internals
class _Cells(NamedTuple):
    """Least squares on the means of cells, with a slope on the baseline or without."""

    cells: tuple[Moments, ...]
    baseline: tuple[FloatArray, ...]  # mean of each cell; empty where there is none
    spread: FloatArray  # sum of squares of the baseline within cells
    slope: FloatArray
    variance: FloatArray
    df: FloatArray
    n: FloatArray
    size: FloatArray  # the largest size of a baseline

    def weighted(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """A weighted sum of the (adjusted) cell means, and its standard error over the standard
        deviation.
        """
        zero = np.zeros(len(self.n))
        means = [cell.mean for cell in self.cells]
        value = sum((w * mean for w, mean in zip(weights, means, strict=True)), zero)
        shares = [divided(1.0, cell.n) for cell in self.cells]
        share = sum(
            (w**2 * fraction for w, fraction in zip(weights, shares, strict=True)), np.zeros(1)
        )
        if not self.baseline:
            return value, roots(share)

        imbalance = sum((w * mean for w, mean in zip(weights, self.baseline, strict=True)), zero)
        scale = roots(share + divided(imbalance**2, self.spread))
        return value - self.slope * imbalance, scale


def _fit(outcomes: Sequence[FloatArray], baselines: Sequence[FloatArray]) -> _Cells:
    # Without baselines an outcome stands for its own: then nobody is left out for lack of one.
    pairs = zip(outcomes, baselines or outcomes, strict=True)
    complete = [_complete(y, x) for y, x in pairs]
    cells = tuple(moments(y) for y, _ in complete)
    n = np.sum([cell.n for cell in cells], axis=0)
    squares: FloatArray = np.sum([cell.squares for cell in cells], axis=0)
    if not baselines:
        df, nothing = n - float(len(cells)), np.zeros(len(n))
        return _Cells(cells, (), nothing, nothing, divided(squares, df), df, n, nothing)

    # One slope for all cells, from the sums of squares and products within them.
    of_x = [moments(x) for _, x in complete]
    spread: FloatArray = np.sum([cell.squares for cell in of_x], axis=0)
    products: FloatArray = np.sum(
        [
            np.nansum((y - of_y.mean[:, None]) * (x - of_cell.mean[:, None]), axis=1)
            for (y, x), of_y, of_cell in zip(complete, cells, of_x, strict=True)
        ],
        axis=0,
    )
    slope = divided(products, spread)
    df = n - len(cells) - 1.0
    variance = divided(np.maximum(squares - slope * products, 0.0), df)
    size: FloatArray = np.max([cell.size for cell in of_x], axis=0)
    means = tuple(cell.mean for cell in of_x)
    return _Cells(cells, means, spread, slope, variance, df, n, size)


def _complete(outcome: FloatArray, baseline: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Outcome and baseline, NaN in both where either is missing."""
    require_same_shape(outcome=outcome, baseline=baseline)
    missing = np.isnan(outcome) | np.isnan(baseline)
    return np.where(missing, np.nan, outcome), np.where(missing, np.nan, baseline)


def _unfit(fit: _Cells, names: Sequence[str]) -> Causes:
    """Causes of a replication whose effects cannot be told."""
    causes: Causes = ()
    for name, cell in zip(names, fit.cells, strict=True):
        causes += too_few(f"cell {name!r}", cell.n, 1)
    causes += ((fit.df < 1, "no more participants have a reading than there are cells"),)
    causes += spreadless(*fit.cells)
    if fit.baseline:
        same_baseline = flat(fit.spread, fit.n, fit.size)
        causes += ((same_baseline, "the baseline is the same for everyone in a cell"),)
    return causes


def _require_mappings(cells: Any, baselines: Any) -> None:
    expected = "a mapping such as {(False, True): readings, ...}"
    if not isinstance(cells, Mapping):
        raise checks.refused(cells, "cells", expected)
    if baselines is not None and not isinstance(baselines, Mapping):
        raise checks.refused(baselines, "baselines", expected)


def _all_cells(cells: Mapping[Levels, npt.ArrayLike]) -> list[Levels]:
    """The cells in order, none missing."""
    # the first cell tells how many factors there are
    factors = len(next(iter(cells), ()))
    expected = list(itertools.product((False, True), repeat=factors))
    if factors < 2 or set(cells) != set(expected):
        raise InputError(
            "factorial: expected every combination of at least two factors, such as (False, True);"
            f" found {list(cells)}"
        )
    return expected


def _cell_name(factors: Levels) -> str:
    """Counted from 1, as in tables."""
    numbers = [number for number, present in enumerate(factors, start=1) if present]
    return " and ".join(f"factor {number}" for number in numbers) or "no factor"
