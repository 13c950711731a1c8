"""The four-parameter logistic function through the standards of a plate: densities, gradients, the
fit, the scatter of wells, and which standards can be fitted.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Literal

import numpy as np

from oxysim.arrays import FloatArray
from oxysim.errors import InputError

Weighting = Literal["relative", "equal"]

FEWEST_STANDARDS = 5
"""The fewest different concentrations: four parameters go through any four of them."""

TURN = 0.1
"""By how much of the whole way from the first to the last standard neighbours may turn back."""

_EVALUATIONS = 20_000  # of the curve, before a fit is given up


def logistic_density(x: FloatArray, parameters: FloatArray) -> FloatArray:
    """Densities at concentrations of at least 0, by (zero, infinite, log middle, log slope).

    >>> logistic_density(np.array([0.0, 50.0]), np.array([2.0, 0.2, np.log(50.0), 0.0]))
    array([2. , 1.1])
    """
    zero, infinite, log_middle, log_slope = parameters
    with np.errstate(divide="ignore", over="ignore"):
        u = np.exp(np.exp(log_slope) * (np.log(x) - log_middle))
    return np.asarray(infinite + (zero - infinite) / (1 + u))


def logistic_gradients(x: FloatArray, parameters: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(by the fitted parameters, shape (4, ...); by the concentration) of the density, at
    concentrations above 0.

    >>> parameters = np.array([2.0, 0.2, np.log(50.0), 0.0])
    >>> logistic_gradients(np.array([50.0]), parameters)[1]
    array([-0.009])
    """
    zero, infinite, log_middle, log_slope = parameters
    slope, distance = np.exp(log_slope), np.log(x) - log_middle
    u = np.exp(slope * distance)
    # how the density answers to a rise of slope x distance
    bend = (zero - infinite) * u / (1 + u) ** 2
    by_parameters = np.array([1 / (1 + u), u / (1 + u), bend * slope, -bend * slope * distance])
    return by_parameters, -bend * slope / x


def fitted_logistic(
    x: FloatArray, y: FloatArray, weighting: Weighting, name: str
) -> tuple[FloatArray, FloatArray, float]:
    """(parameters, their covariance, the scatter that the residuals leave).

    Raises
    ------
    InputError : no curve goes through the standards, or one whose middle lies far outside of them.

    >>> u = np.array([0.0, 0.1, 0.4, 1.6, 6.4])
    >>> fitted_logistic(50 * u, 0.2 + 1.8 / (1 + u), "equal", "plate")[0].round(3)
    array([2.   , 0.2  , 3.912, 0.   ])
    """
    from scipy.optimize import OptimizeWarning, curve_fit

    levels = np.unique(x)
    means = np.array([y[x == level].mean() for level in levels])
    # the ends a little beyond the standards, the middle where half of the way is done
    step = 0.05 * (means[0] - means[-1])
    ends = means[0] + step, means[-1] - step
    half = levels[np.argmin(np.abs(means - np.mean(ends)))] or levels[1]
    start = [*ends, np.log(half), 0.0]
    sigma = np.maximum(np.abs(y), 1e-9) if weighting == "relative" else None

    def curve(at: FloatArray, *parameters: float) -> FloatArray:
        return logistic_density(at, np.array(parameters))

    def jacobian(at: FloatArray, *parameters: float) -> FloatArray:
        # a standard of 0 hears of the density at zero alone
        gradients = logistic_gradients(np.where(at > 0, at, 1.0), np.array(parameters))[0]
        of_zero = np.array([1.0, 0.0, 0.0, 0.0])
        return np.where((at > 0)[:, None], gradients.T, of_zero)

    with warnings.catch_warnings():
        # a covariance that cannot be told is a curve that cannot be told
        warnings.simplefilter("error", OptimizeWarning)
        try:
            fitted, covariance = curve_fit(
                curve, x, y, start, sigma=sigma, jac=jacobian, maxfev=_EVALUATIONS
            )
        except (RuntimeError, OptimizeWarning):
            fitted, covariance = np.full(4, np.nan), np.full((4, 4), np.nan)
    middle = np.exp(fitted[2])
    # a middle far outside of the standards is an end that none of them shows
    inside = levels[levels > 0][0] / 10 <= middle <= 10 * levels[-1]
    if not (np.isfinite(covariance).all() and inside):
        raise InputError(
            what=name,
            expected="standards on both sides of the middle of a four-parameter logistic curve",
            found="none that could be fitted"
            if not np.isfinite(fitted).all()
            else f"a middle at {middle:.3g}, outside of the standards",
            key=("concentrations",),
        )
    residuals = y - logistic_density(x, fitted)
    scaled = residuals / sigma if sigma is not None else residuals
    return fitted, covariance, float(np.sqrt(np.sum(scaled**2) / max(len(x) - 4, 1)))


def well_scatter(
    x: FloatArray, y: FloatArray, weighting: Weighting, residual: float
) -> tuple[float, str]:
    """(the scatter of a well, what tells it): by replicates, pooled, where there are any.

    >>> well_scatter(np.array([1.0, 2.0]), np.array([5.0, 4.0]), "equal", 0.2)
    (0.2, 'residuals')
    """
    pooled = pooled_scatter([y[x == level] for level in np.unique(x)], weighting)
    return (residual, "residuals") if pooled is None else (pooled, "replicates")


def pooled_scatter(groups: Sequence[FloatArray], weighting: Weighting) -> float | None:
    """The scatter of wells around the mean of their sample, pooled over samples; None where none
    has two.

    >>> pooled_scatter([np.array([1.0, 1.2]), np.array([5.0])], "equal").__round__(6)
    0.141421
    """
    squares, freedom = 0.0, 0
    for wells in groups:
        mean = float(np.mean(wells))
        size = abs(mean) if weighting == "relative" else 1.0
        if len(wells) > 1 and size > 0:
            squares += float(np.sum((wells - mean) ** 2)) / size**2
            freedom += len(wells) - 1
    return float(np.sqrt(squares / freedom)) if freedom else None


def require_standards(x: FloatArray, y: FloatArray, name: str) -> None:
    """Raise unless there are enough, and densities go one way.

    Raises
    ------
    InputError : what is wrong with them, and what to do.

    >>> require_standards(np.arange(5.0), np.arange(5.0), "plate")
    """
    if x.shape != y.shape:
        raise InputError(
            what="densities", expected=f"{len(x)} of them, one a concentration",
            found=f"{len(y)} of them", key=("densities",),
        )  # fmt: skip
    levels = np.unique(x)
    if len(levels) < FEWEST_STANDARDS:
        raise InputError(
            what=name,
            expected=f"standards at {FEWEST_STANDARDS} different concentrations or more",
            found=f"{len(levels)}",
            key=("concentrations",),
        )
    means = np.array([y[x == level].mean() for level in levels])
    way = means[-1] - means[0]
    # at a flat end neighbours change places by scatter alone
    turns = np.diff(means) * np.sign(way) < -TURN * abs(way)
    if turns.any() or not way:
        position = int(np.argmax(turns))
        raise InputError(
            what=name,
            expected="densities that fall, or rise, from one standard to the next",
            found=f"{means[position]:.4g} at {levels[position]:g} and {means[position + 1]:.4g} at"
            f" {levels[position + 1]:g}",
            remedy="leave out the one that failed (without=)",
            key=("densities",),
        )
