"""The values of samples: which column has which analyte, in which unit, and what becomes of numbers
and texts at the limits of an assay.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from oxysim.checks import choice, instance, name, refused
from oxysim.errors import InputError, UnitError
from oxysim.measures.instrument_model import Instrument
from oxysim.measures.instrument_names import is_shipped
from oxysim.observations.cells import CellWords, MeasuredValue, cell_error, measured_cell
from oxysim.observations.instrument_units import (
    analyte_instrument,
    checked_analyte,
    plain_spelling,
    unit_factor,
)

ZEROS = ("refuse", "below", "keep")
"""What becomes of a concentration of 0: refused, taken as below the limit, or a number."""

OUTSIDE_LIMITS = ("refuse", "censor", "keep")
"""What becomes of a number below the lower or above the upper limit."""

INSTRUMENTS_LIMITS = "instruments"
"""In place of limits: those of the instruments, which the library assumes."""

_QUANTITY = re.compile(r"([0-9]+\.?[0-9]*|\.[0-9]+)\s*(\S.*)")


class AnalyteSource(NamedTuple):
    """Where the values of an analyte come from, and what is made of them.

    Attributes
    ----------
    analyte : an instrument's name, or a user's own.
    tool : the instrument; None for a user's own analyte.
    unit : as the file has it; of the observations where there is no instrument.
    low, high : limits of the assay in the file's unit; NaN where none is known.
    limits_from : whose limits they are, for the report.

    >>> AnalyteSource("alpha_amylase", None, "U/mL").factor
    1.0
    """

    analyte: str
    tool: Instrument | None
    unit: str
    low: float = math.nan
    high: float = math.nan
    limits_from: str = ""

    @property
    def factor(self) -> float:
        """From the file's unit to that of the observations."""
        return unit_factor(self.tool, self.unit, self.analyte) if self.tool else 1.0

    @property
    def unit_of_observations(self) -> str:
        """The instrument's unit; of a user's own analyte the file's."""
        return self.tool.unit if self.tool else plain_spelling(self.unit)


@dataclass(frozen=True)
class ValueRules:
    """What becomes of cells that are no plain number above 0.

    Parameters
    ----------
    words : texts in place of numbers.
    zeros : "refuse" | "below" | "keep".
    outside_limits : "refuse" | "censor" | "keep".

    Raises
    ------
    InputError : another word.

    >>> ValueRules(zeros="below").zeros
    'below'
    """

    words: CellWords = CellWords()
    zeros: str = "refuse"
    outside_limits: str = "refuse"

    def __post_init__(self) -> None:
        instance(self.words, "words", CellWords, "CellWords(below=..., missing=...)")
        choice(self.zeros, "zeros", ZEROS)
        choice(self.outside_limits, "outside_limits", OUTSIDE_LIMITS)


def analyte_source(analyte: str | Instrument, unit: str, limits: Any, where: str) -> AnalyteSource:
    """The source of an analyte, its unit and limits checked.

    Parameters
    ----------
    limits : a mapping analyte -> "5 pg/mL", or ("5 pg/mL", "400 pg/mL") with None for an end that
        is open; or "instruments".

    Raises
    ------
    InputError, UnitError : no unit, one that is not of the instrument, limits that are none.

    >>> source = analyte_source("saliva_oxytocin", "pg/mL", {"saliva_oxytocin": "5 ng/L"}, "a.csv")
    >>> source.low, source.high
    (5.0, nan)
    """
    tool = analyte_instrument(analyte)
    title = tool.name if tool else checked_analyte(analyte, where)
    if not unit:
        raise InputError(
            what=where,
            expected=f"the unit of {title}",
            found="none",
            remedy=f"write it into the header, '{title} [pg/mL]', or name it: units={{...}}",
            key=("units",),
        )
    source = AnalyteSource(title, tool, unit)
    if tool:
        # asked once here: a wrong unit is one of the column, and not of its first cell
        unit_factor(tool, unit, where)
    if _are_the_instruments(limits):
        return _with_instrument_limits(source)
    ends = limits.get(title) if isinstance(limits, Mapping) else None
    if ends is None:
        return source
    low, high = (ends, None) if isinstance(ends, str) else _pair(ends, title)
    low_number, high_number = (_limit(end, source) for end in (low, high))
    if low_number >= high_number:
        raise refused(ends, f"limits, {title}", "a lower limit below the upper one")
    return source._replace(low=low_number, high=high_number, limits_from="as named")


def _are_the_instruments(limits: Any) -> bool:
    return isinstance(limits, str) and limits == INSTRUMENTS_LIMITS


def _with_instrument_limits(source: AnalyteSource) -> AnalyteSource:
    tool = source.tool
    if tool is None:
        return source
    low = tool.lloq / source.factor if tool.lloq else math.nan
    high = tool.uloq / source.factor if math.isfinite(tool.uloq) else math.nan
    whose = f"that of {tool.name}" + (", which is assumed" if is_shipped(tool) else "")
    return source._replace(low=low, high=high, limits_from=whose)


def _pair(ends: Any, title: str) -> tuple[Any, Any]:
    if not isinstance(ends, tuple | list) or len(ends) != 2:
        raise refused(ends, f"limits, {title}", "'5 pg/mL', or a pair ('5 pg/mL', '400 pg/mL')")
    return ends[0], ends[1]


def _limit(end: Any, source: AnalyteSource) -> float:
    """A limit in the file's unit; NaN for an open end."""
    if end is None:
        return math.nan
    label = f"limits, {source.analyte}"
    match = _QUANTITY.fullmatch(end.strip()) if isinstance(end, str) else None
    if match is None:
        raise refused(end, label, f"a number with its unit, such as '5 {source.unit}'")
    number, unit = float(match[1]), match[2]
    if source.tool:
        return number * unit_factor(source.tool, unit, label) / source.factor
    if plain_spelling(unit) != plain_spelling(source.unit):
        raise UnitError(
            what=label, expected=f"{source.unit!r}, the unit of the file", found=repr(unit),
            key=("limits",),
        )  # fmt: skip
    return number


def require_limits_of(limits: Any, analytes: tuple[str, ...]) -> None:
    """Raise for limits that are none, or of an analyte that is not in the file.

    >>> require_limits_of({"saliva_oxytocin": "5 pg/mL"}, ("saliva_oxytocin",))
    """
    if limits is None or _are_the_instruments(limits):
        return
    if not isinstance(limits, Mapping):
        raise refused(limits, "limits", "a mapping, analyte -> '5 pg/mL', or 'instruments'")
    for analyte in limits:
        choice(name(analyte, "limits"), "limits", analytes)


def sample_value(text: str, where: str, source: AnalyteSource, rules: ValueRules) -> MeasuredValue:
    """The value of a cell in the unit of the observations, with the limit where it is beyond one.

    Raises
    ------
    InputError : no value; a text for "below the limit" where no limit is known; 0, or a number
        beyond the limits, unless that is decided.

    >>> where = "saliva.csv, line 4, column cortisol"
    >>> source = analyte_source("salivary_cortisol", "ug/dL", None, where)
    >>> sample_value("0.5", where, source, ValueRules()).value
    13.795
    """
    cell = measured_cell(text, where, rules.words)
    if cell.censored in ("below", "above") and math.isnan(cell.limit):
        cell = _with_limit(cell, text, where, source)
    elif cell.censored == "":
        cell = _decided(cell, text, where, source, rules)
    return cell._replace(value=cell.value * source.factor, limit=cell.limit * source.factor)


def _with_limit(cell: MeasuredValue, text: str, where: str, source: AnalyteSource) -> MeasuredValue:
    limit = source.low if cell.censored == "below" else source.high
    if math.isnan(limit):
        example = (
            f"'5 {source.unit}'" if cell.censored == "below" else f"(None, '400 {source.unit}')"
        )
        raise cell_error(
            text,
            where,
            "a limit, which the cell does not state",
            f"name it: limits={{{source.analyte!r}: {example}}}",
            ("limits",),
        )
    return cell._replace(limit=limit, why=f"{cell.why}; the limit is {source.limits_from}")


def _decided(
    cell: MeasuredValue, text: str, where: str, source: AnalyteSource, rules: ValueRules
) -> MeasuredValue:
    """A plain number: what becomes of 0, and of one beyond the limits."""
    if cell.value == 0 and rules.zeros != "keep":
        remedy = "say what 0 means: zeros='below' (the limit) or zeros='keep'"
        if rules.zeros == "refuse":
            raise cell_error(text, where, "a concentration above 0", remedy, ("zeros",))
        below = MeasuredValue(math.nan, "below", math.nan, "below the limit (0)")
        return _with_limit(below, text, where, source)

    side = "below" if cell.value < source.low else "above" if cell.value > source.high else ""
    if not side or rules.outside_limits == "keep" or cell.value == 0:
        return cell
    limit = source.low if side == "below" else source.high
    if rules.outside_limits == "refuse":
        raise cell_error(
            text,
            where,
            f"a number not {side} the limit of {source.analyte}, {limit:g} {source.unit}",
            "say what it means: outside_limits='censor' or outside_limits='keep'",
            ("outside_limits",),
        )
    return MeasuredValue(math.nan, side, limit, f"{side} the limit, taken as no more than that")
