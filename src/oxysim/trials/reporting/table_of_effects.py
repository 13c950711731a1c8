"""The table of effects: what the replications of a study found, summarised in one row an outcome
and contrast, and whether it agrees with the published direction.

A row's standard errors are those of a mean over replications
(:func:`oxysim.statistics.monte_carlo.mean_error`); a single study's is that of its own effect.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from oxysim import checks
from oxysim.arrays import BoolArray, FloatArray
from oxysim.findings import agreement
from oxysim.findings.agreement import BAND, EXPECTED, Direction, Expected
from oxysim.findings.published import target as published
from oxysim.statistics.monte_carlo import central, finite_mean, mean_error
from oxysim.trials.reporting.replicated_effects import Effects
from oxysim.units import plain_unit

ALPHA = 0.05  # the level of significance that the published studies use
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
# What a terminal has room for, and how these columns are headed there.
TEXT_COLUMNS = {
    "outcome": "outcome",
    "contrast": "contrast",
    "unit": "unit",
    "mean_reference": "reference",
    "mean_contrast": "contrast mean",
    "dz": "dz",
    "low": "dz 2.5%",
    "high": "dz 97.5%",
    "share_up": "up",
    "share_significant": "p<.05",
    "expected": "expected",
    "agrees": "agrees",
}


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

    Raises
    ------
    InputError : effects or standard errors that are none, a name that is no text.
    UnknownNameError : another expectation, no such finding.

    >>> import numpy as np
    >>> from oxysim.trials import paired
    >>> effects = paired(np.array([[1.0, 2.0, 3.0]]), np.array([[2.0, 4.0, 4.0]]))
    >>> row = effect_row(effects, outcome="EPDS", contrast="b - a", unit="points", expected="up")
    >>> round(row["difference"], 3), row["agrees"]
    (1.333, 'no')
    """
    checks.instance(effects, "effects", Effects, "what paired, unpaired or correlated gives")
    checks.choice(expected, "expectation", EXPECTED)
    # names are looked up when findings are answered, so that they must be texts
    texts = {"outcome": outcome, "contrast": contrast, "unit": unit, "target": target}
    for name, text in texts.items():
        require_text(text, f"effect row, {name}")
    checks.sequence(
        pool_errors, "pool_errors", _error_or_none, of="two standard errors", least=2, most=2
    )

    # Nothing is known of the spread over replications where there is one: it has its own interval.
    low, high = central(effects.dz) if len(effects.dz) > 1 else _own_interval(effects)
    difference_low, difference_high = central(effects.difference)
    row = (
        outcome,
        contrast,
        unit,
        expected,
        effects.n,
        len(effects.dz),
        finite_mean(effects.reference),
        finite_mean(effects.contrast),
        finite_mean(effects.difference),
        finite_mean(effects.dz),
        _standard_error(effects),
        low,
        high,
        # a replication that could not be analysed counts for neither sign, nor as significant
        float(np.mean(effects.difference > 0)),
        _share_significant(effects),
        _agrees(expected, effects, _band(target)),
        target,
        mean_error(effects.difference),
        difference_low,
        difference_high,
        float(np.mean(effects.difference < 0)),
        *pool_errors,
    )
    return dict(zip(COLUMNS, row, strict=True))


def effect_table(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows of :func:`effect_row` as a table. ``agrees`` is "yes" or "no" against the published
    direction, "-" for predictions.

    >>> effect_table([]).columns[:3].tolist()
    ['outcome', 'contrast', 'unit']
    """
    return pd.DataFrame(list(rows), columns=list(COLUMNS))


def table_text(table: pd.DataFrame) -> str:
    """An effect table in plain text, aligned, for a terminal.

    >>> "Empty DataFrame" in table_text(effect_table([]))
    True
    """
    columns = table[list(TEXT_COLUMNS)].rename(columns=TEXT_COLUMNS)
    # levels differ by orders of magnitude between outcomes, effects do not
    formats: dict[str, Any] = {
        name: lambda level: f"{level:.3g}" for name in ("reference", "contrast mean")
    }
    formats["unit"] = plain_unit
    text = columns.to_string(index=False, formatters=formats, float_format=lambda x: f"{x:.2f}")
    return str(text)


def require_text(value: object, name: str) -> None:
    """Raise ``InputError`` unless `value` is a text, an empty one too.

    >>> require_text("", "effect row, unit")
    """
    if not isinstance(value, str):
        raise checks.refused(value, name, "a text")


def _error_or_none(value: Any, name: str) -> float:
    """A standard error, NaN where it is not known."""
    if isinstance(value, float) and math.isnan(value):
        return value
    return checks.number(value, name, 0.0)


def _share_significant(effects: Effects) -> float:
    return float(np.mean(effects.p < ALPHA))


def _agrees(expected: Expected, effects: Effects, band: tuple[float, float]) -> str:
    """Whether an effect is the published one, by the rules of :mod:`oxysim.findings.agreement`."""
    # rules judge what was summarised, never single replications
    mean, significant = finite_mean(effects.dz), _share_significant(effects)
    match expected:
        case "up" | "down":
            direction: Direction = expected
            share = float(np.mean(_towards(direction, effects.difference)))
            verdict = agreement.judge_sign(direction, share, significant)
        case "none":
            verdict = agreement.judge_null(mean, significant, band)
        case "similar":
            verdict = agreement.judge_similar(mean, _standard_error(effects), band)
        case _:
            return "-"
    return "yes" if verdict.holds else "no"


def _towards(direction: Direction, difference: FloatArray) -> BoolArray:
    return difference > 0 if direction == "up" else difference < 0


def _band(target: str) -> tuple[float, float]:
    """The interval of a published null or likeness."""
    finding = published(target) if target else None
    # a published null without an interval is held to the usual one
    if finding is None or finding.low is None or finding.high is None:
        return BAND
    return finding.low, finding.high


def _standard_error(effects: Effects) -> float:
    """The Monte Carlo standard error of the mean dz; of a single study, that of its own dz: the
    width of its 95 % interval over that of a standard normal.
    """
    # one study has no spread over replications; its own interval tells its error
    if len(effects.dz) > 1:
        return mean_error(effects.dz)
    low, high = _own_interval(effects)
    return float((high - low) / (2 * stats.norm.ppf(0.975)))


def _own_interval(effects: Effects) -> tuple[float, float]:
    """The 95 % interval of a single study's standardised effect."""
    if effects.dz_low is None or effects.dz_high is None:
        return float("nan"), float("nan")
    return float(effects.dz_low[0]), float(effects.dz_high[0])
