"""The rows of every run's tables, known before anything runs, and the EPDS at any age.

``data/scoreboard_rows.csv`` lists them; a test holds it against the tables of a quick scoreboard.
The EPDS of the birth cohort can be asked for at any week or month of the first 18 months: "mean
EPDS at 4 months", "share with EPDS >= 13 at 12 weeks".
"""

from __future__ import annotations

import csv
import functools
from importlib import resources
from typing import Any

import numpy as np

from oxysim.cohorts.cohort import Cohort
from oxysim.errors import unknown_name
from oxysim.evidence.board.answers import EffectKey, RowKey
from oxysim.protocols.birth_cohort import tenths
from oxysim.trials.reporting.figure_table import figure_row

# The one run whose rows are more than its tables list.
COHORT = "birth cohort"
AGES = (
    *(f"{k} week{'s' * (k > 1)}" for k in range(1, 79)),
    *(f"{k} month{'s' * (k > 1)}" for k in range(1, 19)),
)
"""Ages at which the EPDS of the birth cohort can be asked for: every week and month of 18 months.
"""

CUTS = (9, 10, 11, 12, 13)
"""Cut-offs of the EPDS in use, from which on a share is counted."""


def require_row(run: str, key: RowKey) -> None:
    """Raise unless a run's tables have a row.

    Raises
    ------
    UnknownNameError : no such outcome, contrast or quantity.

    >>> require_row("single feed", EffectKey("plasma oxytocin", "feed - before"))
    """
    # From a file, so that a misspelt row is refused before anything runs.
    rows = _rows()
    effects = [
        (row, contrast) for name, table, row, contrast in rows if name == run and table == "effect"
    ]
    if isinstance(key, EffectKey):
        outcomes = {outcome for outcome, _ in effects}
        if key.outcome not in outcomes:
            raise unknown_name(
                "outcome", key.outcome, outcomes, f"in the table of effects of the run {run!r}"
            )
        contrasts = {contrast for outcome, contrast in effects if outcome == key.outcome}
        if key.contrast not in contrasts:
            raise unknown_name("contrast", key.contrast, contrasts, f"of outcome {key.outcome!r}")
        return
    quantities = {row for name, table, row, _ in rows if name == run and table == "figure"}
    # Nobody lists the EPDS at every week and cut-off.
    if run == COHORT:
        quantities |= epds_quantities()
    if key.quantity not in quantities:
        raise unknown_name(
            "quantity", key.quantity, quantities, f"in the table of figures of the run {run!r}"
        )


def epds_quantities() -> set[str]:
    """Every way of asking for the EPDS at an age.

    >>> "share with EPDS >= 13 at 12 weeks" in epds_quantities()
    True
    """
    # So many that a user may ask for any age of a survey at hand.
    means = {f"mean EPDS at {age}" for age in AGES}
    return means | {f"share with EPDS >= {cut} at {age}" for age in AGES for cut in CUTS}


def epds_rows(cohort: Cohort) -> list[dict[str, Any]]:
    """The mean EPDS and the share from each cut-off on, at every week and month of the first 18
    months.

    Each row has one value a tenth of the cohort.

    >>> from oxysim.cohorts import follow
    >>> rows = epds_rows(follow(n=10, at=AGES, progress=False))
    >>> len(rows), rows[0]["quantity"], rows[1]["quantity"]
    (576, 'mean EPDS at 1 week', 'share with EPDS >= 9 at 1 week')
    """
    positions = tenths(len(cohort))
    rows = []
    for age in AGES:
        # A form that is missing is neither below nor above a cut-off.
        forms = cohort.readings("epds", age)
        asked = {f"mean EPDS at {age}": ("EPDS", forms)}
        for cut in CUTS:
            asked[f"share with EPDS >= {cut} at {age}"] = (
                "share",
                np.where(np.isnan(forms), np.nan, forms >= cut),
            )
        for quantity, (unit, values) in asked.items():
            means = [np.nanmean(values[tenth]) for tenth in positions]
            rows.append(figure_row(means, n=len(positions[0]), quantity=quantity, unit=unit))
    return rows


@functools.cache
def _rows() -> tuple[tuple[str, str, str, str], ...]:
    text = (
        resources.files("oxysim").joinpath("data/scoreboard_rows.csv").read_text(encoding="utf-8")
    )
    return tuple(
        (row["run"], row["table"], row["row"], row["contrast"])
        for row in csv.DictReader(text.splitlines())
    )
