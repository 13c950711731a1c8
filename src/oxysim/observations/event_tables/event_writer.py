"""An event table as a file, from which an equal one is read."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Mapping
from typing import Any

from oxysim.checks import instance, writable_file
from oxysim.errors import InputError, unknown_name
from oxysim.observations.event_tables.dose_events import DoseEvent
from oxysim.observations.event_tables.event_table import EventTable

# more figures than any assay or clock has, and fewer than show the rounding of a float
_FIGURES = 14
_NOTHING = "."


def write_events(path: Any, events: EventTable) -> None:
    """Write an event table; `read_events` with the same format reads an equal one.

    Columns, their order, units and codes are those of the table; what was ignored or dropped when
    it was read is not written. Numbers have fourteen figures.

    Raises
    ------
    InputError : no such folder; a value that none of the table's columns can hold.

    >>> import pathlib, tempfile
    >>> from oxysim.observations.event_tables.event_format import EventFormat
    >>> from oxysim.observations.event_tables.event_reader import parse_events
    >>> text = "ID,TIME,AMT\\n01,0,24\\n"
    >>> table = parse_events(text, "pk.csv", EventFormat("h", "IU", "nasal"))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_events(pathlib.Path(folder) / "again.csv", table)
    ...     (pathlib.Path(folder) / "again.csv").read_text(encoding="utf-8") == text
    True
    """
    text = events_text(instance(events, "events", EventTable, "an EventTable"))
    # newline="": lines end alike on every system
    with writable_file(path, "path").open("w", encoding="utf-8", newline="") as file:
        file.write(text)


def events_text(events: EventTable) -> str:
    """The text of an event table.

    >>> from oxysim.observations.event_tables.event_format import EventFormat
    >>> from oxysim.observations.event_tables.event_reader import parse_events
    >>> text = "ID,TIME,AMT\\n01,0,24\\n"
    >>> events_text(parse_events(text, "pk.csv", EventFormat("h", "IU", "nasal"))) == text
    True
    """
    columns = _columns(events)
    rows = [_dose_row(dose, events) for dose in events.doses]
    rows += [_value_row(row, events) for row in events.observations.table.to_dict("records")]
    positions = {person: position for position, person in enumerate(_persons(events))}
    rows.sort(key=lambda row: (positions[row["ID"]], row["_time"], row["_line"]))

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([row.get(column, _NOTHING) for column in columns])
    return text.getvalue()


def _persons(events: EventTable) -> list[str]:
    """Everybody, in the order of the file."""
    first: dict[str, int] = {}
    table = events.observations.table
    lines = [(dose.person, dose.line) for dose in events.doses]
    lines += zip(table["person"], table["line"].astype(int), strict=True)
    for person, line in lines:
        first[person] = min(line, first.get(person, line))
    # a table that was never a file has no lines to go by: those of the observations count
    return sorted(first, key=lambda person: first[person])


def _columns(events: EventTable) -> list[str]:
    """The table's columns, and those that its doses and values cannot do without."""
    columns = list(events.columns)
    censored = set(events.observations.table["censored"])
    needed = []
    if any(dose.over is not None for dose in events.doses) and not {
        "RATE",
        "TINF",
    } & set(columns):
        needed.append("TINF")
    if any(dose.more for dose in events.doses):
        needed += ["II", "ADDL"]
    if censored & {"below", "above"} and not {"CENS", "BLQ"} & set(columns):
        needed.append("CENS")
    if any(events.observations.table["occasion"]):
        needed.append("OCC")
    return columns + [column for column in needed if column not in columns]


def _dose_row(dose: DoseEvent, events: EventTable) -> dict[str, Any]:
    format_ = events.format
    amount = dose.dose / format_.international_units(1.0)
    unit = format_.minutes(1.0)
    code = _code(format_.doses, dose.route, "doses")
    row = {
        "ID": dose.person,
        "TIME": _number(dose.time / unit),
        "AMT": _number(amount),
        "CMT": code,
        "ADM": code,
        "EVID": "1",
        "MDV": "1",
        "_time": dose.time,
        "_line": dose.line,
    }
    if dose.over is not None:
        row["TINF"] = _number(dose.over / unit)
        row["RATE"] = _number(amount / (dose.over / unit))
    if dose.interval is not None:
        row |= {"II": _number(dose.interval / unit), "ADDL": str(dose.more)}
    return row


def _value_row(row: Mapping[Any, Any], events: EventTable) -> dict[str, Any]:
    format_ = events.format
    zero = 0.0 if format_.zero is None else format_.zero[1]
    time = row["minutes"] - zero
    if math.isnan(time):
        raise InputError(
            what=f"{events.observations.name}, line {row['line']}",
            expected="minutes, from which TIME is made",
            found="none",
        )
    factor = format_.factors[row["analyte"]]
    code = _code(format_.analytes, row["analyte"], "analytes")
    censored = row["censored"]
    number = row["limit"] if censored in ("below", "above") else row["value"]
    return {
        "ID": row["person"],
        "OCC": row["occasion"] or _NOTHING,
        "TIME": _number(time / format_.minutes(1.0)),
        "CMT": code,
        "DVID": code,
        "EVID": "0",
        "MDV": "1" if censored == "missing" else "0",
        "DV": _NOTHING if censored == "missing" else _number(number / factor),
        "CENS": {"below": "1", "above": "-1"}.get(censored, "0"),
        "BLQ": "1" if censored == "below" else "0",
        "LLOQ": _number(row["limit"] / factor) if censored == "below" else _NOTHING,
        "_time": time,
        "_line": row["line"],
    }


def _code(meanings: Mapping[str, str], meaning: str, label: str) -> str:
    """The code of a route or an analyte; a point where one name stands for all codes."""
    for code, explained in meanings.items():
        if explained == meaning:
            return code or _NOTHING
    raise unknown_name(label, meaning, meanings.values(), "in the format", key=(label,))


def _number(value: float) -> str:
    return f"{float(f'{value:.{_FIGURES}g}'):.{_FIGURES}g}"
