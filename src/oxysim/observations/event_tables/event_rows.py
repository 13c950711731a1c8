"""One row of an event table: a dose, a value, or neither."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from oxysim.errors import InputError
from oxysim.observations.cells import (
    CellWords,
    MeasuredValue,
    cell_error,
    cell_place,
    measured_cell,
    number_cell,
    whole_cell,
)
from oxysim.observations.event_tables.dose_events import DoseEvent
from oxysim.observations.event_tables.event_columns import EventColumns
from oxysim.observations.event_tables.event_format import EventFormat
from oxysim.schedule.bouts import LATEST

# EVID: 0 a value, 1 a dose, 2 another event, 3 a reset, 4 a reset and a dose
_VALUE, _DOSE, _OTHER, _RESETS = 0, 1, 2, (3, 4)
_MOST_DOSES = 10_000
# what a column may have in a row that it says nothing about
_NOTHING = ("", "0")


class EventValue(NamedTuple):
    """A measured value of an event table; `cell` holds it in the unit of the file.

    >>> EventValue(3, "01", 60.0, "plasma_oxytocin", MeasuredValue(12.5), "").person
    '01'
    """

    line: int
    person: str
    time: float
    analyte: str
    cell: MeasuredValue
    occasion: str


@dataclass(frozen=True)
class EventRow:
    """Reads one row; errors name its line.

    >>> from oxysim.documents.csv_tables import Rows
    >>> columns = EventColumns(Rows("pk.csv", ("TIME", "AMT", "DV"), (), ()), ())
    >>> cells = {"TIME": "1", "AMT": ".", "DV": "12.5"}
    >>> row = EventRow("pk.csv", 3, cells, columns, EventFormat("h", analytes="epds", units="EPDS"))
    >>> row.event().cell.value
    12.5
    """

    name: str
    line: int
    cells: Mapping[str, str]
    columns: EventColumns
    format: EventFormat

    def event(self) -> DoseEvent | EventValue | None:
        """What the row is; None for an event of another kind (EVID 2).

        Raises
        ------
        InputError : a row that says two things, or one that no schedule has (a reset).
        """
        kind = self._kind()
        if kind == _OTHER:
            return None
        return self._dose() if kind == _DOSE else self._value()

    @property
    def person(self) -> str:
        """The identifier, as it is written; "1" in a table of one person."""
        if "ID" not in self.columns.names:
            return "1"
        text = self._cell("ID")
        if not text:
            raise cell_error(text, self._place("ID"), "an identifier")
        return text

    @property
    def time(self) -> float:
        """TIME in minutes."""
        text = self._cell("TIME")
        remedy = ""
        if ":" in text:
            remedy = "give the time since the first dose; time_zero says on which day and clock"
        expected = f"a time in {self.format.time_unit}"
        longest = LATEST / self.format.minutes(1.0)
        number = number_cell(text, self._place("TIME"), expected, -longest, longest, remedy=remedy)
        return self.format.minutes(number)

    def _kind(self) -> int:
        """EVID, or what stands for it."""
        text = self._cell("EVID")
        has_dose = self._cell("AMT") not in _NOTHING
        if not text:
            # as NM-TRAN has it: a row with an amount is a dose
            return _DOSE if has_dose else _VALUE
        kind = whole_cell(text, self._place("EVID"), 0, 4)
        if kind in _RESETS:
            raise cell_error(
                text,
                self._place("EVID"),
                "0 (a value), 1 (a dose) or 2 (another event)",
                "the model has no reset: read what follows it as a person of its own",
            )
        if kind == _VALUE and has_dose:
            raise cell_error(self._cell("AMT"), self._place("AMT"), "no amount where EVID is 0")
        return kind

    # ----------------------------------------------------------------- doses
    def _dose(self) -> DoseEvent:
        is_measured = self._cell("DV") not in _NOTHING and self._cell("MDV") != "1"
        if is_measured:
            remedy = "write the value on a row of its own"
            raise cell_error(self._cell("DV"), self._place("DV"), "no value beside a dose", remedy)
        if self._cell("SS") not in _NOTHING:
            raise cell_error(
                self._cell("SS"),
                self._place("SS"),
                "0 or nothing, since no schedule begins in a steady state",
                "write the doses before it, with II and ADDL",
            )
        amount = number_cell(self._cell("AMT"), self._place("AMT"), "an amount", 0.0)
        interval_minutes, more = self._repeats()
        route = self._meaning("doses", "a dose", ("ADM", "CMT"))
        dose = self.format.international_units(amount)
        over = self._over(amount)
        return DoseEvent(
            self.line, self.person, self.time, dose, route, over, interval_minutes, more
        )

    def _repeats(self) -> tuple[float | None, int]:
        """The interval of doses in minutes, and how many follow the first."""
        text = self._cell("ADDL")
        more = whole_cell(text, self._place("ADDL"), 0, _MOST_DOSES) if text else 0
        interval = self._cell("II")
        if not more:
            if interval not in _NOTHING:
                expected = "no interval (II) without ADDL, the number of doses that follow"
                raise cell_error(interval, self._place("II"), expected)
            return None, 0
        number = number_cell(interval, self._place("II"), "the interval of the doses", 0.0)
        if number == 0:
            raise cell_error(interval, self._place("II"), "an interval above 0 beside ADDL")
        return self.format.minutes(number), more

    def _over(self, amount: float) -> float | None:
        """Over how many minutes a dose is given; None where the table does not say."""
        text = self._cell("TINF")
        if text not in _NOTHING:
            return self.format.minutes(number_cell(text, self._place("TINF"), "a time", 0.0))
        text = self._cell("RATE")
        if text in _NOTHING:
            return None
        rate = number_cell(text, self._place("RATE"), "a rate, or 0 for a dose at once")
        if rate <= 0 or amount == 0:
            remedy = "a rate that a model is to find (-1, -2) is no plan"
            raise cell_error(text, self._place("RATE"), "a rate above 0 of a dose above 0", remedy)
        return self.format.minutes(amount / rate)

    # ----------------------------------------------------------------- values
    def _value(self) -> EventValue:
        analyte = self._meaning("analytes", "a value", ("DVID", "CMT"))
        cell = self._measured()
        occasion = self._cell("OCC")
        return EventValue(self.line, self.person, self.time, analyte, cell, occasion)

    def _measured(self) -> MeasuredValue:
        """DV with what CENS, BLQ, LLOQ and MDV say of it."""
        missing = self._flag("MDV", (0, 1))
        if missing:
            return MeasuredValue(math.nan, "missing", math.nan, "missing (MDV 1)")
        read = measured_cell(self._cell("DV"), self._place("DV"), CellWords())
        censored = self._flag("CENS", (-1, 0, 1)) or self._flag("BLQ", (0, 1))
        if not censored and read.censored not in ("below", "above"):
            return read
        side = read.censored if not censored else "below" if censored > 0 else "above"
        limit = self._limit(read)
        self._require_no_interval()
        return MeasuredValue(math.nan, side, limit, f"{side} the limit")

    def _limit(self, read: MeasuredValue) -> float:
        """The limit of a censored value: LLOQ, what DV says, or DV itself."""
        text = self._cell("LLOQ")
        if text:
            return number_cell(text, self._place("LLOQ"), "a limit of quantification", 0.0)
        limit = read.value if math.isnan(read.limit) else read.limit
        if math.isnan(limit):
            expected = "the limit in DV, as Monolix has it, or in a column LLOQ"
            raise cell_error(self._cell("DV"), self._place("DV"), expected)
        return limit

    def _require_no_interval(self) -> None:
        # values between two limits are none of the form's; 0 is the least that there is anyway
        if (text := self._cell("LIMIT")) not in _NOTHING:
            expected = "0 or nothing: a value is below a limit, not between two"
            raise cell_error(text, self._place("LIMIT"), expected)

    def _flag(self, column: str, codes: tuple[int, ...]) -> int:
        text = self._cell(column)
        return whole_cell(text, self._place(column), codes[0], codes[-1]) if text else 0

    # ----------------------------------------------------------------- codes and cells
    def _meaning(self, label: str, noun: str, columns: tuple[str, ...]) -> str:
        """What the code of a row means: a route or an analyte."""
        meanings: Mapping[str, str] = getattr(self.format, label)
        column = next((name for name in columns if name in self.columns.names), "")
        # one name for all; whatever the code is
        if "" in meanings:
            return meanings[""]
        code = self._cell(column) if column else ""
        if code in meanings:
            return meanings[code]
        example = "'nasal'" if label == "doses" else "'plasma_oxytocin'"
        raise InputError(
            what=cell_place(self.name, self.line, column or "CMT"),
            expected=f"a code of {noun} that {label} explains"
            + (f": {', '.join(meanings)}" if meanings else ""),
            found=repr(code) if column else f"no column {' or '.join(columns)}",
            remedy=f"say what it is, {label}={{{code or 1}: {example}}}",
            key=(label,),
        )

    def _cell(self, name: str) -> str:
        return self.columns.cell(dict(self.cells), name)

    def _place(self, name: str) -> str:
        return cell_place(self.name, self.line, name)
