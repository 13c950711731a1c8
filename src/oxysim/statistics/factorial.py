"""A factorial trial, every factor given or not, for many replications at once.

Readings have shape (replications, n), NaN for a participant without one. Correction for multiple
testing is left to the user.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.errors import InputError
from oxysim.statistics.contrast import (
    LEVEL,
    Causes,
    Contrast,
    EffectEstimate,
    Moments,
    alike,
    by_noncentral_t,
    by_t,
    checked,
    divided,
    flat,
    moments,
    require_confidence,
    roots,
    spreadless,
    too_few,
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
    """
    require_confidence(level)
    for name, given in (("cells", cells), ("baselines", baselines)):
        if not isinstance(given, Mapping) and not (name == "baselines" and given is None):
            raise checks.refused(given, name, "a mapping such as {(False, True): readings, ...}")
    order = _all_cells(cells)
    if baselines is not None and set(baselines) != set(order):
        raise InputError(f"baselines: expected those of every cell; found {list(baselines)}")
    names = [_cell_name(on) for on in order]
    y = checked(**{name: cells[on] for name, on in zip(names, order, strict=True)})
    x: tuple[FloatArray, ...] = ()
    if baselines is not None:
        x = checked(
            **{f"baseline of {name}": baselines[on] for name, on in zip(names, order, strict=True)}
        )
    fit = _fit(y, x)
    causes: Causes = ()
    for name, cell in zip(names, fit.cells, strict=True):
        causes += too_few(f"cell {name!r}", cell.n, 1)
    causes += (
        (fit.df < 1, "no more participants have a reading than there are cells"),
    ) + spreadless(*fit.cells)
    said = "factorial" if not x else "factorial, adjusted for baseline"

    if x:
        causes += (
            (flat(fit.spread, fit.n, fit.size), "the baseline is the same for everyone in a cell"),
        )

    def of(which: tuple[int, ...]) -> Contrast:
        signs = np.array([np.prod([1.0 if on[k] else -1.0 for k in which]) for on in order])
        weights = signs / 2 ** (len(order[0]) - len(which))
        value, scale = fit.weighed(weights)
        error = roots(fit.variance) * scale
        d = by_noncentral_t("d", divided(value, error), fit.df, scale, level)
        kind = "main effect" if len(which) == 1 else "interaction"
        return by_t(
            EffectEstimate(value, error, fit.df, fit.n), causes, f"{said}, {kind}", level, d
        )

    factors = range(len(order[0]))
    return {which: of(which) for size in (1, 2) for which in itertools.combinations(factors, size)}


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

    def weighed(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """A weighed sum of the (adjusted) cell means, and its standard error over the standard
        deviation.
        """
        value = sum(
            (w * cell.mean for w, cell in zip(weights, self.cells, strict=True)),
            np.zeros(len(self.n)),
        )
        share = sum(
            (w**2 * divided(1.0, cell.n) for w, cell in zip(weights, self.cells, strict=True)),
            np.zeros(1),
        )
        if not self.baseline:
            return value, roots(share)
        away = sum(
            (w * mean for w, mean in zip(weights, self.baseline, strict=True)),
            np.zeros(len(self.n)),
        )
        return value - self.slope * away, roots(share + divided(away**2, self.spread))


def _fit(outcomes: tuple[FloatArray, ...], baselines: tuple[FloatArray, ...]) -> _Cells:
    pairs = (
        [(y, y) for y in outcomes] if not baselines else list(zip(outcomes, baselines, strict=True))
    )
    both = []
    for y, x in pairs:
        alike(outcome=y, baseline=x)
        missing = np.isnan(y) | np.isnan(x)
        both.append((np.where(missing, np.nan, y), np.where(missing, np.nan, x)))
    cells = tuple(moments(y) for y, _ in both)
    n = np.sum([cell.n for cell in cells], axis=0)
    squares: FloatArray = np.sum([cell.squares for cell in cells], axis=0)
    if not baselines:
        df, nothing = n - float(len(cells)), np.zeros(len(n))
        return _Cells(cells, (), nothing, nothing, divided(squares, df), df, n, nothing)
    of_x = [moments(x) for _, x in both]
    spread: FloatArray = np.sum([one.squares for one in of_x], axis=0)
    products: FloatArray = np.sum([
        np.nansum((y - cell.mean[:, None]) * (x - one.mean[:, None]), axis=1)
        for (y, x), cell, one in zip(both, cells, of_x, strict=True)
    ], axis=0)  # fmt: skip
    slope, df = divided(products, spread), n - len(cells) - 1.0
    variance = divided(np.maximum(squares - slope * products, 0.0), df)
    size: FloatArray = np.max([one.size for one in of_x], axis=0)
    return _Cells(cells, tuple(one.mean for one in of_x), spread, slope, variance, df, n, size)


def _all_cells(cells: Mapping[Levels, npt.ArrayLike]) -> list[Levels]:
    """The cells in order, none missing."""
    factors = len(next(iter(cells), ()))
    wanted = list(itertools.product((False, True), repeat=factors))
    if factors < 2 or set(cells) != set(wanted):
        raise InputError(
            "factorial: expected every combination of at least two factors, such as (False, True);"
            f" found {list(cells)}"
        )
    return wanted


def _cell_name(on: Levels) -> str:
    return " and ".join(f"factor {k + 1}" for k, given in enumerate(on) if given) or "no factor"
