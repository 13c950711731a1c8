"""One contrast of a trial over its replications: as a row in the endpoint's own unit, and in the
form of the published protocols' effect table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from oxysim import units
from oxysim.arrays import FloatArray
from oxysim.statistics.contrast import Contrast
from oxysim.statistics.moments import moments
from oxysim.statistics.monte_carlo import central, mean_error
from oxysim.trials.plan.endpoints import MEASURED_KINDS, Endpoint
from oxysim.trials.plan.trial_design import Factorial, TrialDesign
from oxysim.trials.reporting.replicated_effects import Effects
from oxysim.trials.reporting.table_of_effects import ALPHA

CONTRAST_COLUMNS = (
    "endpoint",
    "contrast",
    "unit",
    "method",
    "n",
    "replications",
    "mean_reference",
    "mean_contrast",
    "estimate",
    "low",
    "high",
    "ci_low",
    "ci_high",
    "standardised",
    "standardised_se",
    "share_up",
    "share_significant",
    "failed",
    "reason",
)
Sides = tuple[FloatArray, FloatArray]
"""Mean readings on either side of a contrast, shape (replications,) each."""


def contrast_row(
    endpoint: Endpoint, label: str, contrast: Contrast, sides: Sides
) -> dict[str, Any]:
    """A row of ``TrialResult.effects``: means over the replications that could be analysed.

    >>> from oxysim.statistics.two_groups import paired_t_test
    >>> test = paired_t_test([[1.0, 2.0, 3.0]], [[2.0, 4.0, 4.0]])
    >>> sides = (np.array([2.0]), np.array([10.0 / 3.0]))
    >>> row = contrast_row(Endpoint("epds", at="6 weeks"), "b - a", test, sides)
    >>> round(row["estimate"], 3), row["method"]
    (1.333, 'paired t test')
    """
    # what could not be analysed counts in `failed` and nowhere else
    good = np.isfinite(contrast.p) & np.isfinite(contrast.estimate)
    estimate = contrast.estimate[good]
    is_ratio = contrast.scale == "ratio"
    # of ratios the geometric mean: twice as often and half as often cancel
    mean = float(np.exp(np.log(estimate).mean())) if is_ratio else float(estimate.mean())
    low, high = central(estimate)
    mean_reference, mean_contrast = (float(np.mean(side[good])) for side in sides)

    standardised, standardised_error = np.nan, np.nan
    if contrast.standardised is not None:
        d = contrast.standardised.estimate[good]
        standardised, standardised_error = float(d.mean()), mean_error(d)

    row = (
        endpoint.name,
        label,
        "ratio" if is_ratio else units.plain_unit(endpoint.unit),
        contrast.method,
        float(contrast.n.mean()),
        len(contrast),
        mean_reference,
        mean_contrast,
        mean,
        low,
        high,
        float(contrast.low[good].mean()),
        float(contrast.high[good].mean()),
        standardised,
        standardised_error,
        float(np.mean(estimate > contrast.null)),
        float(np.mean(contrast.p[good] < ALPHA)),
        float(np.mean(~good)),
        next(iter(contrast.reasons.values()), ""),
    )
    return dict(zip(CONTRAST_COLUMNS, row, strict=True))


def as_effects(contrast: Contrast, sides: Sides) -> Effects:
    """A contrast in the form of ``trials.reporting.replicated_effects``, of the replications that
    could be analysed; what has no standardised effect (shares, times) stands with the estimate
    itself, a ratio with its logarithm.

    >>> from oxysim.statistics.proportions import paired_risk
    >>> risk = paired_risk([[0.0, 0.0, 1.0, 0.0]], [[1.0, 1.0, 1.0, 0.0]])
    >>> as_effects(risk, (np.array([0.25]), np.array([0.75]))).dz
    array([0.5])
    """
    good = np.isfinite(contrast.p) & np.isfinite(contrast.estimate)
    scale = np.log if contrast.scale == "ratio" else np.asarray
    columns = (contrast.estimate, contrast.low, contrast.high)
    value, low, high = (scale(column[good]) for column in columns)
    d = value
    if contrast.standardised is not None:
        effect = contrast.standardised
        d, low, high = (column[good] for column in (effect.estimate, effect.low, effect.high))
    # drop-outs make the number differ between replications
    n = round(float(contrast.n.mean()))
    reference, treated = (side[good] for side in sides)
    return Effects(reference, treated, value, d, contrast.p[good], n, dz_low=low, dz_high=high)


def mean_sides(
    design: TrialDesign, label: str, readings: Mapping[str, FloatArray], replications: int
) -> Sides:
    """Mean readings on either side of a contrast; NaN where it has no two sides (an interaction, a
    check).

    Parameters
    ----------
    readings : arm -> what was read, shape (replications, n).

    >>> from oxysim.interventions import NasalSpray
    >>> from oxysim.trials import Parallel
    >>> design = Parallel({"placebo": None, "spray": NasalSpray("24 IU", at="10:00")})
    >>> readings = {"placebo": np.array([[9.0, 11.0]]), "spray": np.array([[7.0, 9.0]])}
    >>> [side.tolist() for side in mean_sides(design, "spray - placebo", readings, 1)]
    [[10.0], [8.0]]
    """
    if isinstance(design, Factorial) and label in design.factors:
        # all cells in which the factor is not given against all in which it is, each counted once
        k = design.factors.index(label)
        without, under = (
            [moments(readings[cell]).mean for cell, on in design.levels.items() if on[k] is level]
            for level in (False, True)
        )
        return np.mean(without, axis=0), np.mean(under, axis=0)

    arm = label.removesuffix(f" - {design.names[0]}")
    if arm not in readings:
        # interactions and checks have no two sides
        unknown = np.full(replications, np.nan)
        return unknown, unknown
    return moments(readings[design.names[0]]).mean, moments(readings[arm]).mean


def pool_errors(
    endpoint: Endpoint, true_effects: FloatArray | None, effects: Effects
) -> tuple[float, float]:
    """What the pool adds to the standard errors of the mean standardised effect and of the mean
    difference.

    Every dyad of the pool stands in either arm in some replication, so that its level cancels.
    What remains is the error of the pool's mean true effect, and that of the spread which
    standardises it.

    Parameters
    ----------
    true_effects : of every dyad of the pool, (dyads,); None where the contrast has none.

    >>> from oxysim.trials import Endpoint
    >>> pool_errors(Endpoint("epds", at="6 weeks"), None, None)  # no true effects: no error known
    (nan, nan)
    """
    if endpoint.what not in MEASURED_KINDS or true_effects is None:
        return np.nan, np.nan
    # as if the pool were drawn anew
    error = mean_error(true_effects)
    with np.errstate(divide="ignore", invalid="ignore"):
        spreads = np.abs(effects.difference / effects.dz)
        spread = np.nanmedian(spreads) if len(effects.dz) else np.nan
    # no spread, or NaN: nothing to standardise by
    if not spread > 0:
        return np.nan, error
    dz = float(np.nanmean(effects.dz))
    # the spread of n dyads is known within 1 / sqrt(2 n) of itself
    of_spread = dz / np.sqrt(2 * len(true_effects))
    return float(np.hypot(error / spread, of_spread)), error
