"""A linear mixed model for repeated readings, fitted by statsmodels (the extra ``stats``), one
replication at a time.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import stats

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.errors import InputError, require_extra
from oxysim.statistics.contrast import LEVEL, Contrast
from oxysim.statistics.moments import floats, require_confidence


class _Fit(NamedTuple):
    """One replication: the arm's estimate, standard error, p, participants; or why it has none."""

    value: float = np.nan
    error: float = np.nan
    p: float = np.nan
    n: int = 0
    reason: str = ""


def mixed(
    outcome: npt.ArrayLike,
    arm: npt.ArrayLike,
    *,
    covariates: Mapping[str, npt.ArrayLike] | None = None,
    level: float = LEVEL,
) -> Contrast:
    """The effect of an arm on repeated readings: outcome on arm, occasion and covariates, with a
    random intercept for each participant, by restricted maximum likelihood (Laird & Ware 1982,
    Biometrics 38: 963).

    The arm's effect is the same on every occasion; occasions are categories, so that a crossover's
    period effect or a parallel trial's course is adjusted for. p and interval are Wald's with the
    normal distribution, as statsmodels gives them; with fewer than about 20 participants they are
    too narrow. A missing reading drops that reading alone.

    Parameters
    ----------
    outcome : shape (replications, n, occasions); NaN for a missing reading.
    arm : 0 for the reference and 1 for the contrast, of a shape that broadcasts to the outcome's:
        (replications, n, 1) in a parallel trial, (replications, n, occasions) in a crossover.
    covariates : name -> values that broadcast to the outcome's shape, for instance a baseline.

    Returns
    -------
    A contrast whose ``reasons`` name the replications whose fit failed or did not converge.

    Raises
    ------
    MissingExtraError : statsmodels is not installed.
    InputError : wrong shapes, or no replication can be fitted.

    >>> rng = np.random.default_rng(1)
    >>> arm = (np.arange(20) % 2)[None, :, None]
    >>> outcome = rng.normal(size=(1, 20, 1)) + rng.normal(size=(1, 20, 3)) + 4.0 * arm
    >>> bool(mixed(outcome, arm).p[0] < 0.05)
    True
    """
    require_confidence(level)
    y = floats("outcome", outcome)
    if covariates is not None and not isinstance(covariates, Mapping):
        raise checks.refused(covariates, "covariates", "a mapping of names to values, or None")
    if y.ndim != 3 or not all(y.shape) or y.shape[1] < 2:
        raise InputError(
            f"outcome: expected shape (replications, n, occasions) with n >= 2; found {y.shape}"
        )
    treated = _spread("arm", arm, y.shape)
    # only where there is a reading: elsewhere the arm plays no part
    if not np.isin(treated[~np.isnan(y)], (0, 1)).all():
        raise InputError(
            f"arm: expected 0 (reference) or 1 (contrast); found {np.unique(treated)[:5].tolist()}"
        )
    adjusted_for = [_spread(name, values, y.shape) for name, values in (covariates or {}).items()]

    fits = [
        _fit(y[r], treated[r], [covariate[r] for covariate in adjusted_for]) for r in range(len(y))
    ]
    reasons = {r: fit.reason for r, fit in enumerate(fits) if fit.reason}
    if len(reasons) == len(fits):
        raise InputError(f"mixed model: no replication can be fitted; in the first, {reasons[0]}")

    value = np.array([fit.value for fit in fits])
    error = np.array([fit.error for fit in fits])
    # Wald's, with the normal distribution, as statsmodels prints it
    half = stats.norm.ppf((1 + level) / 2) * error
    return Contrast(
        value,
        error,
        value - half,
        value + half,
        np.array([fit.p for fit in fits]),
        np.array([fit.n for fit in fits]),
        "mixed model",
        level=level,
        reasons=reasons,
    )


def _fit(y: FloatArray, arm: FloatArray, covariates: list[FloatArray]) -> _Fit:
    """One replication, shape (n, occasions)."""
    # a reading counts where its covariates are known too
    complete = np.logical_and.reduce([np.isfinite(values) for values in (y, *covariates)])
    participant, occasion = np.nonzero(complete)
    n = len(np.unique(participant))

    # A constant, the arm, one column an occasion after the first, the covariates.
    columns = [np.ones(len(participant)), arm[complete]]
    columns += [(occasion == o).astype(float) for o in np.unique(occasion)[1:]]
    design = np.column_stack([*columns, *(values[complete] for values in covariates)])
    reason = _unfit(y[complete], design, n)
    if reason:
        return _Fit(n=n, reason=reason)

    models: Any = require_extra("statsmodels.regression.mixed_linear_model", "stats")
    exceptions: Any = require_extra("statsmodels.tools.sm_exceptions", "stats")
    with warnings.catch_warnings():
        # An intercept variance of 0 is a result (participants do not differ), not a failure
        warnings.simplefilter("ignore", exceptions.ConvergenceWarning)
        try:
            model = models.MixedLM(y[complete], design, groups=participant)
            # Powell's method needs no gradient, which fails where that variance is 0
            result = model.fit(reml=True, method="powell")
            estimate, error, p = (
                float(np.asarray(column)[1])
                for column in (result.params, result.bse, result.pvalues)
            )
        except (np.linalg.LinAlgError, ValueError) as failure:
            return _Fit(n=n, reason=f"the fit failed: {failure}")

    if not result.converged:
        return _Fit(n=n, reason="the fit did not converge")
    if not (np.isfinite(error) and error > 0):
        return _Fit(n=n, reason="the fit gave no standard error")
    return _Fit(estimate, error, p, n)


def _unfit(y: FloatArray, design: FloatArray, n: int) -> str:
    """Why readings cannot be fitted at all, or ""."""
    if n < 2:
        return f"{n} participants have a reading, fewer than 2"
    if len(np.unique(design[:, 1])) < 2:
        return "all readings are of one arm"
    # of single readings the intercept's variance and the residual's are one number
    if len(y) == n:
        return (
            "every participant has a single reading, so a random intercept cannot be told from"
            " noise"
        )
    # a column that follows from others has no coefficient of its own
    if len(y) <= design.shape[1] or np.linalg.matrix_rank(design) < design.shape[1]:
        return "arm, occasions and covariates cannot be told apart"
    return "every reading is the same" if np.ptp(y) == 0 else ""


def _spread(name: str, values: npt.ArrayLike, shape: tuple[int, ...]) -> FloatArray:
    """Values repeated to the outcome's shape (replications, n, occasions)."""
    try:
        return np.broadcast_to(np.asarray(values, dtype=float), shape)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{name}: expected numbers that broadcast to the outcome's shape {shape}; found shape"
            f" {np.shape(values)}"
        ) from error
