"""The table of figures: single numbers that a study finds (a share, a half-life, a count),
summarised over replications and held against the published ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from oxysim import checks
from oxysim.arrays import FloatArray
from oxysim.errors import InputError
from oxysim.findings.published import target as published
from oxysim.statistics.moments import floats
from oxysim.statistics.monte_carlo import central, finite_mean, mean_error
from oxysim.trials.reporting.table_of_effects import require_text
from oxysim.units import plain_unit

FIGURE_COLUMNS = (
    "quantity",
    "unit",
    "n",
    "replications",
    "simulated",
    "simulated_low",
    "simulated_high",
    "published",
    "low",
    "high",
    "agrees",
    "target",
    "simulated_se",
    "tenth",
    "ninetieth",
)
# A terminal has no room for these; the others are headed shorter there.
LEFT_OUT = ("replications", "simulated_se", "tenth", "ninetieth")
HEADINGS = {"simulated_low": "2.5%", "simulated_high": "97.5%", "low": "from", "high": "to"}


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

    Raises
    ------
    InputError : no value, values of another shape, a name that is no text.
    UnknownNameError : no such finding.

    >>> row = figure_row([18.0, 20.0, 22.0], n=10, quantity="half-life", unit="min")
    >>> row["simulated"], row["agrees"]
    (20.0, '-')
    """
    # a study that found no figure (no peak, no half-life) has NaN, and stays in the count
    numbers = floats("figure, values", values)
    checks.whole_number(n, "figure, n", 0)
    for name, text in (("quantity", quantity), ("unit", unit), ("target", target)):
        require_text(text, f"figure, {name}")
    # one number a study: what has several is several figures
    if numbers.ndim != 1 or not len(numbers):
        raise InputError(
            "figure: expected one value a replication, shape (replications,); found shape"
            f" {numbers.shape}"
        )

    finding = published(target) if target else None
    mean = finite_mean(numbers)
    # the central 80 % serves the rule on counts, the 95 % the reader
    low, high = _central_or_mean(numbers, 0.95)
    tenth, ninetieth = _central_or_mean(numbers, 0.8)

    # nothing published, nothing to agree with
    agrees = "-"
    if finding is not None:
        agrees = "yes" if np.isfinite(mean) and finding.holds(mean) else "no"

    row = (
        quantity or (finding.quantity if finding else ""),
        unit or (finding.unit if finding else ""),
        n,
        len(numbers),
        mean,
        low,
        high,
        finding.figure if finding else "",
        finding.low if finding else None,
        finding.high if finding else None,
        agrees,
        target,
        mean_error(numbers),
        tenth,
        ninetieth,
    )
    return dict(zip(FIGURE_COLUMNS, row, strict=True))


def figure_table(rows: Iterable[Mapping[str, Any]] = ()) -> pd.DataFrame:
    """Rows of :func:`figure_row` as a table.

    >>> len(figure_table())
    0
    """
    return pd.DataFrame(list(rows), columns=list(FIGURE_COLUMNS))


def figures_text(table: pd.DataFrame) -> str:
    """A table of figures in plain text, aligned, for a terminal.

    >>> "half-life" in figures_text(figure_table([figure_row([18.0], n=10, quantity="half-life")]))
    True
    """
    columns = table.drop(columns=list(LEFT_OUT)).rename(columns=HEADINGS)
    # units as words: tables on a terminal show no exponents
    text = columns.to_string(
        index=False, formatters={"unit": plain_unit}, float_format=lambda x: f"{x:.2f}"
    )
    return str(text)


def _central_or_mean(values: FloatArray, share: float) -> tuple[float, float]:
    """The central share of the replications; one alone is its own interval, as nothing else is
    known of it.
    """
    if np.isfinite(values).sum() > 1:
        return central(values, share)
    mean = finite_mean(values)
    return mean, mean
