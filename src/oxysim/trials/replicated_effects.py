"""Effects within and between dyads and single figures, over many replications of a study, and the
tables that report them.

Arrays have shape (replications, n). Every statistic is computed for each replication, as the study
itself would have computed it, and then summarised over replications with its Monte Carlo standard
error.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import stats

from oxysim import checks
from oxysim.arrays import BoolArray, FloatArray
from oxysim.errors import InputError
from oxysim.findings import agreement
from oxysim.findings.agreement import BAND, Direction
from oxysim.findings.published import target as published
from oxysim.statistics import two_groups
from oxysim.statistics.contrast import Contrast, checked, floats, moments
from oxysim.statistics.correlation import LEAST, correlation
from oxysim.statistics.monte_carlo import central, mean_error
from oxysim.units import plain_unit

Expected = Literal["up", "down", "none", "similar", "prediction"]
Kind = Literal["difference", "correlation"]
EXPECTED = ("up", "down", "none", "similar", "prediction")
ALPHA = 0.05
COLUMNS = (
    "outcome",
    "contrast",
    "unit",
    "expected",
    "n",
    "replications",
    "mean_reference",
    "mean_contrast",
    "difference",
    "dz",
    "dz_se",
    "low",
    "high",
    "share_up",
    "share_significant",
    "agrees",
    "target",
    "difference_se",
    "difference_low",
    "difference_high",
    "share_down",
    "dz_pool_se",
    "difference_pool_se",
)
FIGURE_COLUMNS = (
    "quantity", "unit", "n", "replications", "simulated", "simulated_low", "simulated_high",
    "published", "low", "high", "agrees", "target", "simulated_se", "tenth", "ninetieth",
)  # fmt: skip


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
        found = _mean(self.dz)
        return f"Effects({len(self.dz)} replications of n = {self.n}, mean {name} {found:.3g})"


def paired(reference: npt.ArrayLike, contrast: npt.ArrayLike) -> Effects:
    """The same dyads under two conditions: contrast minus reference, the paired t test of
    :func:`oxysim.statistics.two_groups.paired`, per replication.

    Parameters
    ----------
    reference, contrast : shape (replications, n), n at least 2; NaN (a dyad that failed) drops the
        pair in that replication. Single numbers a dyad are one study: ``values[None, :]``.

    Raises
    ------
    InputError : shapes differ, or n < 2.

    >>> import numpy as np
    >>> before = np.array([[1.0, 2.0, 3.0, 4.0]])
    >>> found = paired(before, before + [[1.0, 2.0, 1.0, 2.0]])
    >>> round(float(found.dz[0]), 3)
    2.598
    """
    first, second = checked(reference=reference, contrast=contrast)
    analysis = two_groups.paired(first, second, refuse=False)
    missing = np.isnan(second - first)
    sides = _mean_of(first, missing), _mean_of(second, missing)
    return _effects(analysis, sides, first.shape[1])


def unpaired(reference: npt.ArrayLike, contrast: npt.ArrayLike) -> Effects:
    """Two groups of dyads: contrast minus reference, Welch's t test and Cohen's d of
    :func:`oxysim.statistics.two_groups.unpaired`, per replication.

    Parameters
    ----------
    reference, contrast : shapes (replications, n_1) and (replications, n_2), each n at least 2.

    Raises
    ------
    InputError : different numbers of replications, or n < 2.

    >>> import numpy as np
    >>> found = unpaired(np.array([[1.0, 2.0, 3.0]]), np.array([[2.0, 3.0, 4.0, 5.0]]))
    >>> round(float(found.dz[0]), 3)
    1.268
    """
    first, second = checked(reference=reference, contrast=contrast)
    analysis = two_groups.unpaired(first, second, refuse=False)
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
    found = correlation(first, second, refuse=False)
    missing = np.isnan(first + second)
    sides = _mean_of(first, missing), _mean_of(second, missing)
    return Effects(
        *sides, found.estimate, found.estimate, found.p, first.shape[1], "correlation",
        found.low, found.high,
    )  # fmt: skip


def _mean_of(values: FloatArray, missing: BoolArray) -> FloatArray:
    """The mean of each replication over the participants with both readings."""
    return moments(np.where(missing, np.nan, values)).mean


def _effects(found: Contrast, sides: tuple[FloatArray, FloatArray], n: int) -> Effects:
    """A comparison in the form of this module.

    Where every difference is exactly 0 there is no effect and no doubt about it (dz 0, p 1); where
    readings differ and none varies nothing can be standardised or tested (NaN).
    """
    assert found.standardised is not None  # both analyses of two groups give one
    same = np.isnan(found.p) & (found.estimate == 0)
    parts = found.standardised
    return Effects(
        *sides,
        found.estimate,
        np.where(same, 0.0, parts.estimate),
        np.where(same, 1.0, found.p),
        n,
        "difference",
        parts.low,
        parts.high,
    )


def effect_row(  # noqa: PLR0913 - what a row holds; all are keywords
    effects: Effects,
    *,
    outcome: str,
    contrast: str,
    unit: str,
    expected: Expected,
    target: str = "",
    pool_errors: tuple[float, float] = (math.nan, math.nan),
) -> dict[str, Any]:
    """One row of an effect table: means over replications, central 95 % of dz, shares of signs and
    of p < .05, agreement.

    Parameters
    ----------
    expected : the published direction; "prediction" where nothing is published.
    target : id of the published finding that the row answers; its interval, if it has one, bounds
        "none" and "similar".
    pool_errors : what the simulated pool adds to the standard errors of the mean dz and of the mean
        difference, where that is known; NaN elsewhere.
    """
    checks.instance(effects, "effects", Effects, "what paired, unpaired or correlated gives")
    checks.choice(expected, "expectation", EXPECTED)
    for name, text in (
        ("outcome", outcome),
        ("contrast", contrast),
        ("unit", unit),
        ("target", target),
    ):
        _require_text(text, f"effect row, {name}")
    checks.sequence(
        pool_errors, "pool_errors", _error_or_none, of="two standard errors", least=2, most=2
    )
    low, high = central(effects.dz) if len(effects.dz) > 1 else _own_interval(effects)
    # a replication that could not be analysed counts for neither sign, nor as significant
    share_up = float(np.mean(effects.difference > 0))
    significant = float(np.mean(effects.p < ALPHA))
    apart, least, most = _difference_over(effects)
    row = (
        outcome, contrast, unit, expected, effects.n, len(effects.dz),
        _mean(effects.reference), _mean(effects.contrast), _mean(effects.difference),
        _mean(effects.dz), _standard_error(effects), low, high, share_up, significant,
        _agrees(expected, effects, _band(target)), target, apart, least, most,
        float(np.mean(effects.difference < 0)), *pool_errors,
    )  # fmt: skip
    return dict(zip(COLUMNS, row, strict=True))


def figure_row(
    values: npt.ArrayLike, *, n: int, quantity: str = "", unit: str = "", target: str = ""
) -> dict[str, Any]:
    """One row of a table of figures: a study's single number over replications, against the
    published one.

    Parameters
    ----------
    values : the number that each replication found, shape (replications,); NaN where it found none.
    n : participants in one study.
    quantity, unit : what it is; by default those of the published finding.
    target : id of the published finding (rule "number": the mean lies in its interval); "" where
    nothing is published.
    """
    found = floats("figure, values", values)
    checks.whole_number(n, "figure, n", 0)
    for name, text in (("quantity", quantity), ("unit", unit), ("target", target)):
        _require_text(text, f"figure, {name}")
    if found.ndim != 1 or not len(found):
        raise InputError(
            "figure: expected one value a replication, shape (replications,); found shape"
            f" {found.shape}"
        )
    known = published(target) if target else None
    mean = _mean(found)
    # one replication is its own interval: nothing else is known of it
    ends = [
        central(found, share) if np.isfinite(found).sum() > 1 else (mean, mean)
        for share in (0.95, 0.8)
    ]
    (low, high), (tenth, ninetieth) = ends
    agrees = "-" if known is None else "yes" if np.isfinite(mean) and known.holds(mean) else "no"
    row = (
        quantity or (known.quantity if known else ""),
        unit or (known.unit if known else ""),
        n,
        len(found),
        mean,
        low,
        high,
        known.figure if known else "",
        known.low if known else None,
        known.high if known else None,
        agrees,
        target,
        mean_error(found),
        tenth,
        ninetieth,
    )
    return dict(zip(FIGURE_COLUMNS, row, strict=True))


def figure_table(rows: Iterable[Mapping[str, Any]] = ()) -> pd.DataFrame:
    """Rows of :func:`figure_row` as a table."""
    return pd.DataFrame(list(rows), columns=list(FIGURE_COLUMNS))


def effect_table(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows of :func:`effect_row` as a table. ``agrees`` is "yes" or "no" against the published
    direction, "-" for predictions.
    """
    return pd.DataFrame(list(rows), columns=list(COLUMNS))


def table_text(table: pd.DataFrame) -> str:
    """An effect table in plain text, aligned, for a terminal."""
    shown = table[
        [
            "outcome",
            "contrast",
            "unit",
            "mean_reference",
            "mean_contrast",
            "dz",
            "low",
            "high",
            "share_up",
            "share_significant",
            "expected",
            "agrees",
        ]
    ].rename(
        columns={
            "mean_reference": "reference",
            "mean_contrast": "contrast mean",
            "low": "dz 2.5%",
            "high": "dz 97.5%",
            "share_up": "up",
            "share_significant": "p<.05",
        }
    )
    # levels differ by orders of magnitude between outcomes, effects do not
    levels: dict[str, Any] = {name: lambda x: f"{x:.3g}" for name in ("reference", "contrast mean")}
    levels["unit"] = plain_unit
    return str(shown.to_string(index=False, formatters=levels, float_format=lambda x: f"{x:.2f}"))


def figures_text(table: pd.DataFrame) -> str:
    """A table of figures in plain text, aligned, for a terminal."""
    shown = table.drop(columns=["replications", "simulated_se", "tenth", "ninetieth"]).rename(
        columns={"simulated_low": "2.5%", "simulated_high": "97.5%", "low": "from", "high": "to"}
    )
    return str(
        shown.to_string(
            index=False, formatters={"unit": plain_unit}, float_format=lambda x: f"{x:.2f}"
        )
    )


def _require_text(value: object, what: str) -> None:
    if not isinstance(value, str):
        raise checks.refused(value, what, "a text")


def _error_or_none(value: Any, what: str) -> float:
    """A standard error, NaN where it is not known."""
    if isinstance(value, float) and math.isnan(value):
        return value
    return checks.number(value, what, 0.0)


def _agrees(expected: Expected, effects: Effects, band: tuple[float, float]) -> str:
    """Whether an effect is the published one, by the rules of :mod:`oxysim.findings.agreement`."""
    significant = float(np.mean(effects.p < ALPHA))
    mean = _mean(effects.dz)
    match expected:
        case "up" | "down":
            way: Direction = expected
            verdict = agreement.sign(
                way, float(np.mean(_towards(way, effects.difference))), significant
            )
        case "none":
            verdict = agreement.null(mean, significant, band)
        case "similar":
            verdict = agreement.similar(mean, _standard_error(effects), band)
        case _:
            return "-"
    return "yes" if verdict.holds else "no"


def _towards(direction: Direction, difference: FloatArray) -> BoolArray:
    return difference > 0 if direction == "up" else difference < 0


def _difference_over(effects: Effects) -> tuple[float, float, float]:
    """Standard error of the mean difference over replications, and the central 95 % of them; NaN
    for one study."""
    return mean_error(effects.difference), *central(effects.difference)


def _mean(values: FloatArray) -> float:
    """Over the replications that gave a number; NaN where none did."""
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if len(finite) else float("nan")


def _band(target: str) -> tuple[float, float]:
    """The interval of a published null or likeness."""
    known = published(target) if target else None
    if known is None or known.low is None or known.high is None:
        return BAND
    return known.low, known.high


def _standard_error(effects: Effects) -> float:
    """The Monte Carlo standard error of the mean dz; of a single study, that of its own dz: the
    width of its 95 % interval over that of a standard normal."""
    if len(effects.dz) > 1:
        return mean_error(effects.dz)
    low, high = _own_interval(effects)
    return float((high - low) / (2 * stats.norm.ppf(0.975)))


def _own_interval(effects: Effects) -> tuple[float, float]:
    """The 95 % interval of a single study's standardised effect."""
    if effects.dz_low is None or effects.dz_high is None:
        return float("nan"), float("nan")
    return float(effects.dz_low[0]), float(effects.dz_high[0])
