"""From what readers make of a file's rows to the form of observations."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from oxysim.observations.cells import MeasuredValue
from oxysim.observations.observation_form import COLUMNS
from oxysim.observations.reading_report import ReportedChange
from oxysim.observations.tables.ages import AgeSpan
from oxysim.observations.tables.row_times import RowTime
from oxysim.observations.tables.subjects import Subject

CLASS_AGES = ("open", "middle")
"""What the age is where only its class is known: open, or the middle of the class."""


class ReadRow(NamedTuple):
    """One value of a file.

    >>> ReadRow(2, Subject("a", "mother", ""), RowTime(None, 0, 600.0, 600.0, None), "epds", "EPDS",
    ...         MeasuredValue(3.0)).line
    2
    """

    line: int
    subject: Subject
    time: RowTime
    analyte: str
    unit: str
    value: MeasuredValue


def observation_table(
    rows: Sequence[ReadRow], class_ages: str = "open"
) -> tuple[pd.DataFrame, list[ReportedChange]]:
    """The form of some values, and what a report says of ages of which only the class is known.

    >>> row = ReadRow(2, Subject("a", "mother", ""), RowTime(None, 0, 600.0, 600.0, None), "epds",
    ...               "EPDS", MeasuredValue(3.0))
    >>> observation_table([row])[0][["person", "minutes", "value"]].values.tolist()
    [['a', 600.0, 3.0]]
    """
    records, changes = [], []
    reported: set[int] = set()
    for row in rows:
        age, occasion, why = _age(row.time.age, row.subject.occasion, class_ages)
        # a row of the file with several values has one age
        if why and row.line not in reported:
            changes.append(ReportedChange(row.line, f"age {row.time.age.label!r}", why))  # type: ignore[union-attr]
            reported.add(row.line)
        records.append(
            (
                row.subject.person,
                row.subject.member,
                pd.NA if row.time.day is None else row.time.day,
                row.time.clock,
                row.time.minutes,
                age,
                row.analyte,
                row.value.value,
                row.unit,
                row.value.censored,
                row.value.limit,
                occasion,
                row.line,
            )
        )
    return pd.DataFrame(records, columns=list(COLUMNS)), changes


def _age(age: AgeSpan | None, occasion: str, class_ages: str) -> tuple[float, str, str]:
    """The age in days, the occasion with an age's class in it, and why that was changed."""
    if age is None:
        return math.nan, occasion, ""
    if not age.label:
        return age.days, occasion, ""
    both = f"{occasion}, {age.label}" if occasion else age.label
    if class_ages == "middle" and math.isfinite(age.middle):
        return age.middle, both, "an age class: kept in the occasion, its middle taken as the age"
    return math.nan, both, "an age class: kept in the occasion, the age itself is open"
