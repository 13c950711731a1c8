"""The form of observations: its columns and their kinds, checked; a table of fewer columns
completed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from oxysim.checks import instance, refused
from oxysim.errors import InputError, shown, unknown_name
from oxysim.measures.instrument_model import Instrument
from oxysim.observations.instrument_units import (
    analyte_instrument,
    plain_spelling,
    require_one_unit,
    unit_factor,
)
from oxysim.observations.reading_report import ReportedChange
from oxysim.units import DAY, clock_text

# the kind of each column, in the order of the form: text, number, or whole number that may be open
_KINDS: dict[str, str] = {
    "person": "text", "member": "text", "day": "whole", "clock": "number", "minutes": "number",
    "age": "number", "analyte": "text", "value": "number", "unit": "text", "censored": "text",
    "limit": "number", "occasion": "text", "line": "whole",
}  # fmt: skip

COLUMNS: tuple[str, ...] = tuple(_KINDS)
"""The columns of the form, in their order."""

CENSORED = ("", "below", "above", "missing")
"""What a value may be: a number, below or above a limit, or missing."""

DEFAULTS: Mapping[str, Any] = MappingProxyType(
    {"member": "mother", "day": pd.NA, "clock": math.nan, "minutes": math.nan, "age": math.nan,
     "limit": math.nan, "occasion": ""}
)  # fmt: skip
"""What stands in a column that a table need not have."""


# --------------------------------------------------------------------- the form, checked
def checked_form(table: Any, name: str) -> pd.DataFrame:
    """A copy of the form; raises unless it is one.

    >>> checked_form(pd.DataFrame(columns=list(COLUMNS)), "nobody").empty
    True
    """
    instance(table, "table", pd.DataFrame, "a pandas DataFrame with the columns of the form")
    for column in table.columns:
        if column not in COLUMNS:
            raise unknown_name("column", column, COLUMNS, f"in {name}")
    if missing := [column for column in COLUMNS if column not in table.columns]:
        raise InputError(
            what=name,
            expected=f"the columns {', '.join(COLUMNS)}",
            found=f"no column {missing[0]!r}",
            remedy="Observations.from_table completes a table that has fewer",
            key=("table",),
        )
    form = _checked_kinds(table.reset_index(drop=True), name)
    _require_consistent(form, name)
    return form


def _checked_kinds(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """The columns in the kinds of the form; a text is never taken for a number, nor one for a
    text.
    """
    columns = {column: _column(table[column], column, name) for column in COLUMNS}
    return pd.DataFrame(columns)


def _column(values: pd.Series, column: str, name: str) -> pd.Series:
    kind = _KINDS[column]
    if kind == "text":
        fits = [isinstance(value, str) for value in values]
        _require(fits, values, column, name, "a text")
        return pd.Series([str(value) for value in values], dtype=object)

    fits = [_is_number_or_open(value) for value in values]
    _require(fits, values, column, name, "a number, or NaN where it is not known")
    numbers = np.array([math.nan if _is_open(value) else float(value) for value in values])
    if kind == "number":
        _require(~np.isinf(numbers), values, column, name, "a finite number, or NaN")
        return pd.Series(numbers, dtype=float)

    # beyond 2**53 floats are no longer every whole number
    whole = np.isnan(numbers) | ((numbers == np.round(numbers)) & (np.abs(numbers) < 2**53))
    _require(whole, values, column, name, "a whole number, or <NA>")
    return pd.Series(numbers).astype("Int64")


def _is_open(value: Any) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value))


def _is_number_or_open(value: Any) -> bool:
    is_number = isinstance(value, int | float | np.integer | np.floating)
    return _is_open(value) or (is_number and not isinstance(value, bool | np.bool_))


def _require(fits: Iterable[Any], values: pd.Series, column: str, name: str, expected: str) -> None:
    """Raise for the first row that does not fit."""
    for position, fit in enumerate(fits):
        if not fit:
            cell = values.iloc[position]
            error = refused(cell, f"{name}, row {position + 1}, column {column}", expected)
            error.key = ("table", column)
            raise error


def _require_consistent(form: pd.DataFrame, name: str) -> None:
    """Raise for a row that contradicts itself, and for two units of one analyte."""
    for column in ("person", "analyte", "member"):
        filled = [bool(text.strip()) for text in form[column]]
        _require(filled, form[column], column, name, "a text that is not empty")
    is_word = form["censored"].isin(CENSORED)
    words = ", ".join(repr(word) for word in CENSORED)
    _require(is_word, form["censored"], "censored", name, f"one of {words}")

    clock = form["clock"].to_numpy()
    in_day = np.isnan(clock) | ((clock >= 0) & (clock < DAY))
    expected = f"minutes after midnight, from 0 to below {DAY:g}"
    _require(in_day, form["clock"], "clock", name, f"{expected} ({clock_text(DAY)})")

    rules: tuple[tuple[str, Callable[[Any], Any], str, str], ...] = (
        ("", lambda row: row["value"].notna(), "value", "a number where nothing is censored"),
        ("below", lambda row: row["limit"].notna(), "limit", "the limit that the value is below"),
        ("above", lambda row: row["limit"].notna(), "limit", "the limit that the value is above"),
        ("missing", lambda row: row["value"].isna(), "value", "NaN where the value is missing"),
    )
    for word, rule, column, expected in rules:
        fits = (form["censored"] != word) | rule(form)
        _require(fits, form[column], column, name, expected)
    limited = form["censored"].isin(("below", "above"))
    _require(~limited | form["value"].isna(), form["value"], "value", name, "NaN beside a limit")
    _require(limited | form["limit"].isna(), form["limit"], "limit", name, "NaN without a limit")

    _require_units(form, name)


def _require_units(form: pd.DataFrame, name: str) -> None:
    written = {
        str(analyte): set(same["unit"]) for analyte, same in form.groupby("analyte", sort=False)
    }
    require_one_unit(written, name)
    for analyte, (unit,) in written.items():
        tool = analyte_instrument(analyte)
        if tool is not None and unit != tool.unit:
            raise InputError(
                what=f"{name}, {analyte}, unit",
                expected=f"{tool.unit!r}, the unit of the instrument",
                found=shown(unit),
                remedy="Observations.from_table converts",
                key=("table", "unit"),
            )


# --------------------------------------------------------------------- a table completed
def completed_form(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """The table with every column of the form.

    >>> table = pd.DataFrame({"person": ["a"], "analyte": "epds", "age": 60.0, "value": 7.0,
    ...                       "unit": "EPDS"})
    >>> completed_form(table, "forms")[["member", "censored", "line"]].values.tolist()
    [['mother', '', 1]]
    """
    for column in table.columns:
        if column not in COLUMNS:
            raise unknown_name("column", column, COLUMNS, f"in {name}")
    needed = ("person", "analyte", "value", "unit")
    missing = [column for column in needed if column not in table.columns]
    times = ("day", "clock", "minutes", "age")
    if missing or not set(times) & set(table.columns):
        raise InputError(
            what=name,
            expected=f"the columns {', '.join(needed)} and one of {', '.join(times)}",
            found=f"no column {missing[0]!r}" if missing else "no column of a time",
            key=("table",),
        )

    whole = table.reset_index(drop=True).copy()
    for column, default in DEFAULTS.items():
        if column not in whole.columns:
            whole[column] = default
    if "censored" not in whole.columns:
        whole["censored"] = np.where(whole["value"].isna(), "missing", "")
    if "line" not in whole.columns:
        whole["line"] = np.arange(1, len(whole) + 1)
    return whole[list(COLUMNS)]


def in_instrument_units(
    table: pd.DataFrame, name: str
) -> tuple[pd.DataFrame, list[ReportedChange]]:
    """Values and limits in the units of the instruments that analytes name.

    >>> table = pd.DataFrame({"person": ["a"], "analyte": "saliva_oxytocin", "clock": 480.0,
    ...                       "value": 0.01, "unit": "ng/mL"})
    >>> in_instrument_units(completed_form(table, "saliva"), "saliva")[0]["value"].tolist()
    [10.0]
    """
    converted = _checked_kinds(table, name)
    changes: list[ReportedChange] = []
    written = {
        str(analyte): {plain_spelling(unit) for unit in same["unit"]}
        for analyte, same in converted.groupby("analyte", sort=False)
    }
    require_one_unit(written, name)
    for analyte, (unit,) in written.items():
        same = converted["analyte"] == analyte
        tool = analyte_instrument(analyte)
        if tool is None:
            converted.loc[same, "unit"] = unit
            continue
        factor = unit_factor(tool, unit, f"{name}, {analyte}, unit")
        converted.loc[same, ["value", "limit"]] *= factor
        converted.loc[same, "unit"] = tool.unit
        if factor != 1:
            line = int(converted.loc[same, "line"].iloc[0])
            changes.append(conversion_change(line, analyte, unit, tool, factor))
    return converted, changes


def conversion_change(
    line: int, what: str, unit: str, tool: Instrument, factor: float
) -> ReportedChange:
    """What a report says of values that are converted to an instrument's unit.

    >>> from oxysim.measures import instrument
    >>> conversion_change(1, "column cort", "ug/dL", instrument("salivary_cortisol"), 27.59).why
    'converted from ug/dL to nmol/L, the unit of salivary_cortisol (times 27.59)'
    """
    why = f"converted from {unit} to {tool.unit}, the unit of {tool.name} (times {factor:.6g})"
    return ReportedChange(line, what, why)
