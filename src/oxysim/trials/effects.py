"""Effects within and between dyads and single figures, over many replications of a study, and the tables that report
them.

Arrays have shape (replications, n). Every statistic is computed for each replication, as the study itself would have
computed it, and then summarised over replications with its Monte Carlo standard error.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from oxysim.errors import InputError, unknown_name
from oxysim.trials import rules
from oxysim.trials.rules import BAND, Direction
from oxysim.trials.targets import target as published

FloatArray = npt.NDArray[np.float64]
Expected = Literal["up", "down", "none", "similar", "prediction"]
Kind = Literal["difference", "correlation"]
EXPECTED = ("up", "down", "none", "similar", "prediction")
ALPHA = 0.05
COLUMNS = (
    "outcome", "contrast", "unit", "expected", "n", "replications", "mean_reference", "mean_contrast", "difference",
    "dz", "dz_se", "low", "high", "share_up", "share_significant", "agrees", "target",
    "difference_se", "difference_low", "difference_high", "share_down",
)  # fmt: skip
_CENTILES = (0.025, 0.1, 0.9, 0.975)
FIGURE_COLUMNS = (
    "quantity", "unit", "n", "replications", "simulated", "simulated_low", "simulated_high",
    "published", "low", "high", "agrees", "target", "simulated_se", "tenth", "ninetieth",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Effects:
    """One contrast in every replication: mean difference, standardised effect and p value, each of shape
    (replications,).

    ``dz`` is the mean paired difference over its standard deviation (paired), Cohen's d with the pooled standard
    deviation (unpaired), or, where `kind` is "correlation", Pearson's r (then ``difference`` is r as well).
    """

    reference: FloatArray
    contrast: FloatArray
    difference: FloatArray
    dz: FloatArray
    p: FloatArray
    n: int
    kind: Kind = "difference"


def paired(reference: npt.ArrayLike, contrast: npt.ArrayLike) -> Effects:
    """The same dyads under two conditions: contrast minus reference, paired t test, per replication.

    Parameters
    ----------
    reference, contrast : shape (replications, n), n at least 2; NaN (a dyad that failed) drops the pair in that
        replication.

    Raises
    ------
    InputError : shapes differ, or n < 2.
    """
    first, second = _two(reference, contrast)
    if first.shape != second.shape:
        raise InputError(f"paired: expected equal shapes; found {first.shape} and {second.shape}")
    change = second - first
    missing = np.isnan(change)
    first, second = np.where(missing, np.nan, first), np.where(missing, np.nan, second)
    spread = np.nanstd(change, axis=1, ddof=1)
    mean = np.nanmean(change, axis=1)
    dz = np.divide(mean, spread, out=np.where(mean == 0, 0.0, np.copysign(np.inf, mean)), where=spread > 0)
    number = (~missing).sum(axis=1)
    p = 2 * stats.t.sf(np.abs(dz) * np.sqrt(number), number - 1)
    return Effects(np.nanmean(first, axis=1), np.nanmean(second, axis=1), mean, dz, p, first.shape[1])


def unpaired(reference: npt.ArrayLike, contrast: npt.ArrayLike) -> Effects:
    """Two groups of dyads: contrast minus reference, Welch's t test and Cohen's d, per replication.

    Parameters
    ----------
    reference, contrast : shapes (replications, n_1) and (replications, n_2), each n at least 2.
    """
    first, second = _two(reference, contrast)
    if len(first) != len(second):
        raise InputError(f"unpaired: expected equally many replications; found {len(first)} and {len(second)}")
    pooled = np.sqrt((np.nanvar(first, axis=1, ddof=1) + np.nanvar(second, axis=1, ddof=1)) / 2)
    mean = np.nanmean(second, axis=1) - np.nanmean(first, axis=1)
    d = np.divide(mean, pooled, out=np.where(mean == 0, 0.0, np.copysign(np.inf, mean)), where=pooled > 0)
    p = np.asarray(stats.ttest_ind(second, first, axis=1, equal_var=False, nan_policy="omit").pvalue)
    return Effects(np.nanmean(first, axis=1), np.nanmean(second, axis=1), mean, d, p, first.shape[1] + second.shape[1])


def correlated(x: npt.ArrayLike, y: npt.ArrayLike) -> Effects:
    """Pearson's correlation of two measures of the same dyads, with Fisher's z test, per replication.

    Parameters
    ----------
    x, y : shape (replications, n), n at least 4; NaN (a dyad that failed) drops the pair in that replication.

    Returns
    -------
    Effects : r as ``dz`` and ``difference``, the means of x and y as ``reference`` and ``contrast``. NaN in a
        replication in which a measure does not vary or fewer than 4 pairs are left.

    Raises
    ------
    InputError : shapes differ, or n < 4.
    """
    first, second = _two(x, y)
    if first.shape != second.shape or first.shape[1] < 4:
        raise InputError(f"correlated: expected equal shapes with n >= 4; found {first.shape} and {second.shape}")
    missing = np.isnan(first + second)
    first, second = np.where(missing, np.nan, first), np.where(missing, np.nan, second)
    number = (~missing).sum(axis=1)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a replication without any pair has no mean: NaN says so
        means = np.nanmean(first, axis=1), np.nanmean(second, axis=1)
        apart, beside = first - means[0][:, None], second - means[1][:, None]
        product = np.nansum(apart * beside, axis=1)
        r = np.clip(product / np.sqrt(np.nansum(apart**2, axis=1) * np.nansum(beside**2, axis=1)), -1, 1)
        r = np.where(number < 4, np.nan, r)
        p = 2 * stats.norm.sf(np.abs(np.arctanh(r)) * np.sqrt(number - 3))
    return Effects(*means, r, r, p, first.shape[1], "correlation")


def effect_row(
    effects: Effects, *, outcome: str, contrast: str, unit: str, expected: Expected, target: str = "",
) -> dict[str, Any]:  # fmt: skip
    """One row of an effect table: means over replications, central 95 % of dz, shares of signs and of p < .05,
    agreement.

    Parameters
    ----------
    expected : the published direction; "prediction" where nothing is published.
    target : id of the published finding that the row answers; its interval, if it has one, bounds "none" and "similar".
    """
    if expected not in EXPECTED:
        raise unknown_name("expectation", expected, EXPECTED)
    replications = len(effects.dz)
    low, high = np.quantile(effects.dz, [0.025, 0.975]) if replications > 1 else _interval(effects)
    share_up = float(np.mean(effects.difference > 0))
    significant = float(np.mean(effects.p < ALPHA))
    apart, least, most = _difference_over(effects)
    row = (
        outcome, contrast, unit, expected, effects.n, replications,
        float(np.mean(effects.reference)), float(np.mean(effects.contrast)), float(np.mean(effects.difference)),
        float(np.mean(effects.dz)), _standard_error(effects), float(low), float(high), share_up, significant,
        _agrees(expected, effects, _band(target)), target, apart, least, most,
        float(np.mean(effects.difference < 0)),
    )  # fmt: skip
    return dict(zip(COLUMNS, row, strict=True))


def figure_row(
    values: npt.ArrayLike, *, n: int, quantity: str = "", unit: str = "", target: str = ""
) -> dict[str, Any]:
    """One row of a table of figures: a study's single number over replications, against the published one.

    Parameters
    ----------
    values : the number that each replication found, shape (replications,); NaN where it found none.
    n : participants in one study.
    quantity, unit : what it is; by default those of the published finding.
    target : id of the published finding (rule "number": the mean lies in its interval); "" where nothing is published.
    """
    found = np.asarray(values, dtype=float)
    if found.ndim != 1 or not len(found):
        raise InputError(f"figure: expected one value a replication, shape (replications,); found shape {found.shape}")
    known = published(target) if target else None
    mean = float(np.nanmean(found)) if np.isfinite(found).any() else np.nan
    low, tenth, ninetieth, high = np.nanquantile(found, _CENTILES) if np.isfinite(mean) else (np.nan,) * 4
    agrees = "-" if known is None else "yes" if np.isfinite(mean) and known.holds(mean) else "no"
    row = (
        quantity or (known.quantity if known else ""), unit or (known.unit if known else ""), n, len(found), mean,
        float(low), float(high), known.figure if known else "", known.low if known else None,
        known.high if known else None, agrees, target, _mean_error(found), float(tenth), float(ninetieth),
    )  # fmt: skip
    return dict(zip(FIGURE_COLUMNS, row, strict=True))


def figure_table(rows: Iterable[Mapping[str, Any]] = ()) -> pd.DataFrame:
    """Rows of :func:`figure_row` as a table."""
    return pd.DataFrame(list(rows), columns=list(FIGURE_COLUMNS))


def effect_table(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows of :func:`effect_row` as a table. ``agrees`` is "yes" or "no" against the published direction, "-" for
    predictions.
    """
    return pd.DataFrame(list(rows), columns=list(COLUMNS))


def table_text(table: pd.DataFrame) -> str:
    """An effect table in plain text, aligned, for a terminal."""
    shown = table[["outcome", "contrast", "unit", "mean_reference", "mean_contrast", "dz", "low", "high", "share_up",
                   "share_significant", "expected", "agrees"]].rename(columns={
        "mean_reference": "reference", "mean_contrast": "contrast mean", "low": "dz 2.5%", "high": "dz 97.5%",
        "share_up": "up", "share_significant": "p<.05"})  # fmt: skip
    # levels differ by orders of magnitude between outcomes, effects do not
    levels = {name: lambda x: f"{x:.3g}" for name in ("reference", "contrast mean")}
    return str(shown.to_string(index=False, formatters=levels, float_format=lambda x: f"{x:.2f}"))


def figures_text(table: pd.DataFrame) -> str:
    """A table of figures in plain text, aligned, for a terminal."""
    shown = table.drop(columns=["replications", "simulated_se", "tenth", "ninetieth"]).rename(columns={
        "simulated_low": "2.5%", "simulated_high": "97.5%", "low": "from", "high": "to"})  # fmt: skip
    return str(shown.to_string(index=False, float_format=lambda x: f"{x:.2f}"))


def _agrees(expected: Expected, effects: Effects, band: tuple[float, float]) -> str:
    """Whether an effect is the published one, by the rules of :mod:`oxysim.trials.rules`."""
    significant = float(np.mean(effects.p < ALPHA))
    mean = float(np.mean(effects.dz))
    match expected:
        case "up" | "down":
            way: Direction = expected
            verdict = rules.sign(way, float(np.mean(_towards(way, effects.difference))), significant)
        case "none":
            verdict = rules.null(mean, significant, band)
        case "similar":
            verdict = rules.similar(mean, _standard_error(effects), band)
        case _:
            return "-"
    return "yes" if verdict.holds else "no"


def _towards(direction: Direction, difference: FloatArray) -> npt.NDArray[np.bool_]:
    return difference > 0 if direction == "up" else difference < 0


def _difference_over(effects: Effects) -> tuple[float, float, float]:
    """Standard error of the mean difference over replications, and the central 95 % of them; NaN for one study."""
    found = effects.difference
    if len(found) < 2:
        return (np.nan,) * 3
    low, high = np.quantile(found, [0.025, 0.975])
    return _mean_error(found), float(low), float(high)


def _mean_error(found: FloatArray) -> float:
    """The Monte Carlo standard error of a mean over replications; NaN where fewer than two found a number."""
    known = found[np.isfinite(found)]
    return float(np.std(known, ddof=1) / np.sqrt(len(known))) if len(known) > 1 else np.nan


def _band(target: str) -> tuple[float, float]:
    """The interval of a published null or likeness."""
    known = published(target) if target else None
    if known is None or known.low is None or known.high is None:
        return BAND
    return known.low, known.high


def _standard_error(effects: Effects) -> float:
    """The Monte Carlo standard error of the mean dz; of a single study, that of its own dz."""
    replications = len(effects.dz)
    if replications > 1:
        return float(np.std(effects.dz, ddof=1) / np.sqrt(replications))
    low, high = _interval(effects)
    return (high - low) / (2 * 1.96)


def _interval(effects: Effects) -> tuple[float, float]:
    """The approximate 95 % interval of one study's dz (Hedges & Olkin's normal form) or r (Fisher's z)."""
    dz, n = float(effects.dz[0]), effects.n
    if effects.kind == "correlation":
        low, high = np.tanh(np.arctanh(dz) + np.array([-1.96, 1.96]) / np.sqrt(n - 3))
        return float(low), float(high)
    half = 1.96 * np.sqrt(1 / n + dz**2 / (2 * n))
    return dz - half, dz + half


def _two(reference: npt.ArrayLike, contrast: npt.ArrayLike) -> tuple[FloatArray, FloatArray]:
    found = []
    for name, values in (("reference", reference), ("contrast", contrast)):
        array = np.asarray(values, dtype=float)
        if array.ndim != 2 or array.shape[1] < 2 or array.shape[0] < 1:
            raise InputError(f"{name}: expected shape (replications, n) with n >= 2; found {array.shape}")
        found.append(array)
    return found[0], found[1]
