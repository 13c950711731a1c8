"""From the rows of an event table to doses and observations."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from oxysim import checks
from oxysim.checks import instance
from oxysim.documents.csv_tables import Rows
from oxysim.errors import InputError
from oxysim.observations.cells import cell_place
from oxysim.observations.event_tables.dose_events import DoseEvent
from oxysim.observations.event_tables.event_columns import EventColumns
from oxysim.observations.event_tables.event_format import EventFormat
from oxysim.observations.event_tables.event_rows import EventRow, EventValue
from oxysim.observations.event_tables.event_table import EventTable
from oxysim.observations.instrument_units import analyte_instrument
from oxysim.observations.observation_form import COLUMNS, conversion_change
from oxysim.observations.observations import Observations
from oxysim.observations.reading_report import ReadingReport, ReportedChange
from oxysim.observations.table_files import parse_table, read_rows

REFUSE = "refuse"
ZERO_DOSES = (REFUSE, "placebo", "drop")
UNORDERED = (REFUSE, "sort")


def read_events(  # noqa: PLR0913 - all but the first are keywords, most with defaults
    path: Any,
    *,
    time_unit: Any = None,
    dose_unit: Any = None,
    doses: Any = None,
    analytes: Any = None,
    units: Any = None,
    time_zero: Any = None,
    member: str = "mother",
    ignore: Any = (),
    zero_dose: str = REFUSE,
    unordered: str = REFUSE,
) -> EventTable:
    """Read an event table as NONMEM, mrgsolve and Monolix keep it.

    Columns TIME and AMT or DV, and where there are any ID, OCC, RATE or TINF, II and ADDL, SS, CMT,
    ADM, DVID, EVID, MDV, CENS or BLQ, LIMIT, LLOQ; capitals do not count. A point stands for
    nothing; lines that begin with "#" are comments. A row with EVID 1 (without that column: with an
    amount) is a dose, one with EVID 0 a value; EVID 2 is left out, which the report says. CENS 1
    (BLQ 1) is below the limit in LLOQ, or else in DV; CENS -1 above it.

    Parameters
    ----------
    path : the file, comma-separated values in UTF-8.
    time_unit, dose_unit, doses, analytes, units, time_zero, member : what the numbers mean, see
        `EventFormat`.
    ignore : names of columns to be left out, such as covariates.
    zero_dose : a dose of 0: "placebo" (a spray without the drug), "drop" or "refuse".
    unordered : where TIME goes back within a person, or a person comes again after others: "sort"
        or "refuse".

    Raises
    ------
    InputError, UnitError, UnknownNameError : with the line, what was expected and what was found.

    >>> import pathlib, tempfile
    >>> text = "ID,TIME,AMT,CMT,EVID,DV\\n01,0,24,1,1,.\\n01,0.5,.,2,0,12.5\\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "pk.csv"
    ...     _ = file.write_text(text, encoding="utf-8")
    ...     table = read_events(
    ...         file, time_unit="h", dose_unit="IU", doses={1: "nasal"},
    ...         analytes={2: "plasma_oxytocin"}, units="pg/mL", time_zero="day 36 10:00")
    >>> table.observations.table[["clock", "value", "unit"]].values.tolist()
    [[630.0, 12.5, 'pg/mL']]
    """
    if time_unit is None:
        raise InputError(
            what="time_unit",
            expected="the unit of TIME, such as 'h', since no event table says it",
            found="none",
            key=("time_unit",),
        )
    # what is not said is left at its default, which is nothing
    codes = {"doses": doses, "analytes": analytes, "units": units}
    explained = {label: value for label, value in codes.items() if value is not None}
    format_ = EventFormat(time_unit, dose_unit, time_zero=time_zero, member=member, **explained)
    return _events(
        read_rows(path), format_, ignore=ignore, zero_dose=zero_dose, unordered=unordered
    )


def parse_events(
    text: str,
    name: str,
    format: EventFormat,
    *,
    ignore: Any = (),
    zero_dose: str = REFUSE,
    unordered: str = REFUSE,
) -> EventTable:
    """The event table that a text holds; arguments as for `read_events`.

    >>> format = EventFormat("h", "IU", "nasal")
    >>> parse_events("ID,TIME,AMT\\n01,0,24\\n", "pk.csv", format).doses[0].dose
    24.0
    """
    instance(format, "format", EventFormat, "an EventFormat")
    rows = parse_table(instance(text, "text", str, "a text"), checks.name(name, "name"))
    return _events(rows, format, ignore=ignore, zero_dose=zero_dose, unordered=unordered)


def _events(
    rows: Rows, format_: EventFormat, *, ignore: Any, zero_dose: str, unordered: str
) -> EventTable:
    checks.choice(zero_dose, "zero_dose", ZERO_DOSES)
    checks.choice(unordered, "unordered", UNORDERED)
    columns = EventColumns(rows, ignore)
    changes = [
        ReportedChange(1, f"column {name!r}", "left out by name") for name in columns.ignored
    ]
    drops: list[ReportedChange] = []
    events: list[DoseEvent | EventValue] = []
    for line, cells in rows:
        row = EventRow(rows.name, line, cells, columns, format_)
        event = row.event()
        if event is None:
            drops.append(ReportedChange(line, "EVID 2", "neither a dose nor a value (EVID 2)"))
        elif isinstance(event, DoseEvent) and event.dose == 0 and zero_dose != "placebo":
            _require_known_zero(event, zero_dose, rows.name)
            drops.append(ReportedChange(line, "AMT 0", "a dose of 0"))
        else:
            events.append(event)

    ordered = _in_order(events, rows.name, unordered, changes)
    doses = tuple(event for event in ordered if isinstance(event, DoseEvent))
    values = [event for event in ordered if isinstance(event, EventValue)]
    changes += _changes(values, format_)
    n_rows = len(rows.rows)
    report = ReadingReport(
        rows.name, "events", n_rows, n_rows - len(drops), tuple(changes), tuple(drops)
    )
    form = _form(values, format_)
    return EventTable(doses, Observations(form, report, rows.name), format_, report, columns.names)


def _require_known_zero(event: DoseEvent, zero_dose: str, name: str) -> None:
    if zero_dose == REFUSE:
        raise InputError(
            what=cell_place(name, event.line, "AMT"),
            expected="a dose above 0",
            found="0",
            remedy="say zero_dose='placebo' for a spray without the drug, or 'drop'",
            key=("zero_dose",),
        )


def _in_order(
    events: Sequence[DoseEvent | EventValue],
    name: str,
    unordered: str,
    changes: list[ReportedChange],
) -> list[DoseEvent | EventValue]:
    """The events, in the order of persons and of time; raises where that is not the file's."""
    latest: dict[str, float] = {}
    previous = ""
    before = 0
    for event in events:
        comes_again = event.person != previous and event.person in latest
        goes_back = event.time < latest.get(event.person, -math.inf)
        if (comes_again or goes_back) and unordered == REFUSE:
            problem = f"person {event.person!r} again" if comes_again else "an earlier TIME"
            raise InputError(
                what=f"{name}, line {event.line}",
                expected="the rows of each person together, in the order of TIME",
                found=f"{problem} after line {before}",
                remedy="say unordered='sort' to sort them",
                key=("unordered",),
            )
        if comes_again or goes_back:
            text = f"{event.person} at {event.time:g} min"
            changes.append(ReportedChange(event.line, text, "not in the order of time; sorted"))
        latest[event.person] = max(event.time, latest.get(event.person, -math.inf))
        previous, before = event.person, event.line
    positions = {person: position for position, person in enumerate(latest)}
    # a stable sort: a dose and a sample at the same time stay as they stand
    return sorted(events, key=lambda event: (positions[event.person], event.time))


def _changes(values: Iterable[EventValue], format_: EventFormat) -> list[ReportedChange]:
    """What a report says of converted, censored and missing values."""
    changes = []
    converted: set[str] = set()
    for event in values:
        tool, factor = analyte_instrument(event.analyte), format_.factors[event.analyte]
        if tool is not None and factor != 1 and event.analyte not in converted:
            converted.add(event.analyte)
            unit = format_.units[event.analyte]
            changes.append(conversion_change(event.line, event.analyte, unit, tool, factor))
        if event.cell.why:
            changes.append(ReportedChange(event.line, event.analyte, event.cell.why))
    return changes


def _form(values: Sequence[EventValue], format_: EventFormat) -> pd.DataFrame:
    """The tidy form of the values."""
    rows = []
    for event in values:
        factor = format_.factors[event.analyte]
        cell = event.cell
        rows.append(
            {
                "person": event.person,
                "member": format_.member,
                **format_.times(event.time),
                "analyte": event.analyte,
                "value": cell.value * factor,
                "unit": format_.unit_of(event.analyte),
                "censored": cell.censored,
                "limit": cell.limit * factor,
                "occasion": event.occasion,
                "line": event.line,
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))
