"""``read_samples``: saliva, plasma, urine and cortisol, one row a sample or one row a value."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oxysim.checks import choice
from oxysim.measures.instrument_model import Instrument
from oxysim.observations.cells import CellWords, cell_error, cell_place
from oxysim.observations.observations import Observations
from oxysim.observations.reading_report import ReadingReport, ReportedChange
from oxysim.observations.samples.sample_layout import SampleLayout, SourceTable, sample_layout
from oxysim.observations.samples.sample_values import ValueRules, sample_value
from oxysim.observations.tables.observation_rows import ReadRow, observation_table
from oxysim.observations.tables.repeated_rows import DOUBLED, RepeatedRows
from oxysim.observations.tables.row_times import (
    TIME_ROLES,
    TimeRules,
    read_time,
    require_times,
    with_days,
)
from oxysim.observations.tables.subjects import (
    SUBJECT_ROLES,
    Subject,
    checked_member,
    checked_members,
    read_subject,
    require_subjects,
)
from oxysim.observations.tables.table_columns import (
    TableColumns,
    ignored_columns,
    rows_of_file,
    table_columns,
)
from oxysim.units import clock_text

SAMPLE_ROLES = (*SUBJECT_ROLES, *TIME_ROLES, "analyte", "value", "unit", "limit")
"""What a column of a table of samples may be, beside the values of an analyte."""


@dataclass(frozen=True)
class SampleRules:
    """How a table of samples is read; the arguments of :func:`read_samples`, checked.

    >>> SampleRules(member="mother").times.dates
    'YYYY-MM-DD'
    """

    member: str = "mother"
    members: Any = None
    times: TimeRules = TimeRules()
    values: ValueRules = ValueRules()
    limits: Any = None
    doubled: str = "refuse"

    def __post_init__(self) -> None:
        checked_member(self.member, "member")
        object.__setattr__(self, "members", checked_members(self.members))
        choice(self.doubled, "doubled", DOUBLED)


def read_samples(  # noqa: PLR0913 - one argument a decision about the file, none is taken silently
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    analytes: Mapping[str, str | Instrument] | None = None,
    units: Mapping[str, str] | None = None,
    ignore: str | Sequence[str] = (),
    member: str = "mother",
    members: Mapping[str, str] | None = None,
    dates: str = "YYYY-MM-DD",
    origin: Any = None,
    event: str = "",
    event_clock: str = "",
    same_day: bool = False,
    below: Sequence[str] = (),
    above: Sequence[str] = (),
    insufficient: Sequence[str] = (),
    missing: Sequence[str] = (),
    limits: Mapping[str, Any] | str | None = None,
    zeros: str = "refuse",
    outside_limits: str = "refuse",
    doubled: str = "refuse",
    missing_times: str = "refuse",
) -> Observations:
    """Samples from a CSV file: a column for each analyte (wide), or one value a row (long).

    A column is found by its own name ("person", "clock") or named by `columns`; its unit stands in
    the header, "cortisol [ug/dL]", in `units`, or in a column "unit" of a long table. Whatever can
    be read in two ways is refused with its line, unless the argument that decides is there.

    Parameters
    ----------
    path : the file, in UTF-8.
    columns : role -> the file's column. Roles: person, member, occasion; date, clock, moment (date
        and clock in one), day, minutes, age, birth (date of); of a long table analyte, value, unit,
        limit.
    analytes : what the file calls an analyte (the column, or the cell of a long table) -> an
        instrument's name, an Instrument, or a name of your own. Instruments' own names need none.
    units : column, its role, or an analyte of a long table -> unit.
    ignore : columns that are not read, or "others".
    member, members : who was sampled where no column says so; the file's words -> members.
    dates : the pattern of dates: "DD.MM.YYYY", "MM/DD/YY", ...
    origin : day 0: each person's first date (None), a date for all, or person -> date.
    event, event_clock : what minutes count from ("spray"), and its clock time where that is always
        the same: on the day of the row, or on day 0. Without either they count from midnight of
        day 0.
    same_day : clocks without a date are all of day 0, in the order of the file.
    below, above, insufficient, missing : more texts in place of numbers (a code such as "-99").
    limits : analyte -> "5 pg/mL", or a pair of lower and upper limit; "instruments" for theirs.
    zeros, outside_limits, doubled, missing_times : what becomes of a concentration of 0 ("below",
        "keep"), of numbers beyond the limits ("censor", "keep"), of samples that stand twice
        ("drop", "keep"), of rows without their time ("drop", "keep").

    Returns
    -------
    Observations, with what became of every row in ``report``.

    Raises
    ------
    InputError, UnitError, UnknownNameError : whatever is not as above, with its line and column.

    >>> import pathlib, tempfile
    >>> text = '''id,clock,OT [pg/mL],cort (ug/dL)
    ... 01,08:00,12.5,0.5
    ... 01,08:30,<5,QNS
    ... '''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(folder, "saliva.csv").write_text(text)
    ...     samples = read_samples(f"{folder}/saliva.csv", columns={"person": "id"}, same_day=True,
    ...         analytes={"OT": "saliva_oxytocin", "cort": "salivary_cortisol"})
    >>> samples.table[["minutes", "value", "censored", "limit"]].values.tolist()[:3]
    [[480.0, 12.5, '', nan], [480.0, 13.795, '', nan], [510.0, nan, 'below', 5.0]]
    """
    rules = SampleRules(
        member,
        members,
        TimeRules(dates, origin, event, event_clock, same_day, missing_times),
        ValueRules(CellWords(below, above, insufficient, missing), zeros, outside_limits),
        limits,
        doubled,
    )
    rows, file = rows_of_file(path, "samples, a CSV file in UTF-8")
    table = table_columns(rows, SAMPLE_ROLES, columns, units, ignore)
    require_subjects(table, rules.members)
    require_times(table, rules.times)
    layout = sample_layout(table, analytes)
    ignored = ignored_columns(table, layout.columns, ignore)
    values, changes, drops = _read(layout, rules)
    form, age_changes = observation_table(values)
    report = ReadingReport(
        file,
        "samples",
        len(rows.rows),
        len(rows.rows) - len({change.line for change in drops}),
        (*ignored, *changes, *age_changes),
        tuple(drops),
    )
    return Observations(form, report, file)


def _read(
    layout: SampleLayout, rules: SampleRules
) -> tuple[list[ReadRow], list[ReportedChange], list[ReportedChange]]:
    """Every value with its time, what was changed, and which rows were dropped."""
    sources = SourceTable(layout, rules.limits)
    repeats = RepeatedRows(rules.doubled, layout.table.rows.name)
    forward = _ForwardClocks(rules.times.same_day)
    values: list[ReadRow] = []
    changes: list[ReportedChange] = []
    drops: list[ReportedChange] = []

    for line, cells in layout.table.rows:
        subject = read_subject(line, cells, layout.table, rules.member, rules.members)
        time, open_column = read_time(line, cells, layout.table, rules.times)
        if open_column and rules.times.missing_times == "drop":
            drops.append(ReportedChange(line, f"column {open_column!r}", "the time is missing"))
            continue
        entries = list(layout.entries(line, cells))
        key = (subject, time, () if layout.wide else entries[0][0])
        # samples of which no time is known cannot be told from each other
        if not open_column and (dropped := repeats.dropped(line, key, cells)):
            drops.append(dropped)
            continue
        forward.require(subject, time.clock, layout.table, line)
        for word, column, unit in entries:
            where = cell_place(layout.table.rows.name, line, column)
            meaning = rules.values.words.meaning(cells[column])
            if not unit and meaning in ("missing", "insufficient"):
                # what is missing has no number that a unit could be wrong for
                unit = layout.first_units.get(word, "")  # noqa: PLW2901 - the unit it would have
            source = sources.get(line, word, unit, where)
            source_of_row = sources.row_limit(source, line, cells)
            value = sample_value(cells[column], where, source_of_row, rules.values)
            if value.why:
                why = f"{source.analyte}: {value.why}"
                changes.append(ReportedChange(line, f"column {column!r}", why))
            unit_of_form = source.unit_of_observations
            values.append(ReadRow(line, subject, time, source.analyte, unit_of_form, value))

    sources.require_used()
    dated = with_days(
        [row.subject.person for row in values], [row.time for row in values], rules.times
    )
    values = [row._replace(time=time) for row, time in zip(values, dated, strict=True)]
    return values, [*sources.changes, *changes], drops


class _ForwardClocks:
    """Clocks of one day stand in the order of the file: one that goes back has passed midnight."""

    def __init__(self, same_day: bool) -> None:
        self.same_day = same_day
        self.latest: dict[tuple[str, str], tuple[float, int]] = {}

    def require(self, subject: Subject, clock: float, table: TableColumns, line: int) -> None:
        """Raise for a clock that is earlier than that of an earlier row of the same person."""
        if not self.same_day or math.isnan(clock):
            return
        key = (subject.person, subject.member)
        before, earlier_line = self.latest.get(key, (-1.0, 0))
        if clock < before:
            raise cell_error(
                clock_text(clock),
                table.place("clock" if table.has("clock") else "minutes", line),
                f"a clock not before {clock_text(before)} of line {earlier_line}",
                "bring the rows into order; past midnight a column 'day' or 'date' is needed",
                ("same_day",),
            )
        self.latest[key] = clock, line
