"""``read_forms``: EPDS forms with items or totals, once or again and again; other questionnaires by
their totals.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oxysim.checks import choice, refused, sequence
from oxysim.checks import name as checked_name
from oxysim.errors import InputError, unknown_name
from oxysim.measures import instrument
from oxysim.measures.instrument_model import Instrument
from oxysim.observations.cells import CellWords, MeasuredValue, cell_place, number_cell
from oxysim.observations.form_scoring import (
    EPDS_ITEMS,
    LEAST_ITEMS,
    ScoringRules,
    items_total,
    points_cell,
)
from oxysim.observations.observations import Observations
from oxysim.observations.reading_report import ReadingReport, ReportedChange
from oxysim.observations.tables.ages import age_cell, is_age
from oxysim.observations.tables.observation_rows import CLASS_AGES, ReadRow, observation_table
from oxysim.observations.tables.repeated_rows import DOUBLED, RepeatedRows
from oxysim.observations.tables.row_times import (
    TIME_ROLES,
    RowTime,
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
    text_mapping,
)

FORM_ROLES = (*SUBJECT_ROLES, "date", "clock", "moment", "day", "age", "birth", "total")
"""What a column of a table of forms may be, beside items."""

# "epds_1", "EPDS 01", "epds10"
_ITEM = re.compile(r"epds[_ ]?0?([1-9]|10)", re.IGNORECASE)
_ALL_ITEMS = list(range(1, EPDS_ITEMS + 1))


@dataclass(frozen=True)
class FormRules:
    """How a table of forms is read; the arguments of :func:`read_forms`, checked.

    >>> FormRules(instrument("epds")).scoring.missing_items
    'refuse'
    """

    tool: Instrument
    member: str = "mother"
    members: Any = None
    times: TimeRules = TimeRules()
    scoring: ScoringRules = ScoringRules()
    class_ages: str = "open"
    doubled: str = "refuse"

    def __post_init__(self) -> None:
        checked_member(self.member, "member")
        object.__setattr__(self, "members", checked_members(self.members))
        choice(self.class_ages, "class_ages", CLASS_AGES)
        choice(self.doubled, "doubled", DOUBLED)
        if not (math.isfinite(self.tool.low) and math.isfinite(self.tool.high)):
            raise refused(self.tool.name, "questionnaire", "a questionnaire with a scale")


def read_forms(  # noqa: PLR0913 - one argument a decision about the file, none is taken silently
    path: str | Path,
    *,
    questionnaire: str | Instrument = "epds",
    columns: Mapping[str, str] | None = None,
    items: Sequence[str] | None = None,
    totals: Mapping[str, str] | None = None,
    units: Mapping[str, str] | None = None,
    ignore: str | Sequence[str] = (),
    member: str = "mother",
    members: Mapping[str, str] | None = None,
    dates: str = "YYYY-MM-DD",
    origin: Any = None,
    reverse: Sequence[int] = (),
    lowest: int = 0,
    missing: Sequence[str] = (),
    missing_items: str = "refuse",
    least_items: int = LEAST_ITEMS,
    class_ages: str = "open",
    doubled: str = "refuse",
    missing_times: str = "refuse",
) -> Observations:
    """Forms of the EPDS, or of another questionnaire, from a CSV file.

    One row is a form, with its ten items (``epds_1`` to ``epds_10``), its total, or both; then the
    total has to be the items' sum. A file with one row a person and a column for each form has
    `totals`. Forms may be repeated, told apart by date, age or occasion.

    Parameters
    ----------
    path : the file, in UTF-8.
    questionnaire : an instrument's name, or an Instrument with a scale; items only of the EPDS.
    columns : role -> the file's column. Roles: person, member, occasion, total; date, clock,
        moment, day, age, birth (date of).
    items : the columns of the ten items in their order, where they have other names.
    totals : of a file with a form a column: column -> its occasion, or its age ("6 weeks").
    units : column or its role -> unit, such as {"age": "months"}.
    ignore : columns that are not read, or "others".
    member, members : who filled the forms in; the file's words -> members.
    dates, origin, missing_times : as of :func:`~oxysim.observations.read_samples`.
    reverse, lowest : numbers of items that are coded the other way round; 1 where answers are coded
        1 to 4.
    missing : more texts for no answer (a code such as "-99").
    missing_items : of a form with items left out, the total is missing ("open"), the mean of at
        least `least_items` answered ones times ten ("prorate", not rounded), or what the file has
        ("total").
    class_ages : where only a class of age is known ("3-6 months"), which is kept in the occasion:
        the age is NaN ("open") or the class's middle ("middle").
    doubled : a form that stands twice is dropped where all cells are the same ("drop"), or kept.

    Returns
    -------
    Observations, one row a form, with what became of every row in ``report``.

    Raises
    ------
    InputError, UnitError, UnknownNameError : whatever is not as above, with its line and column.

    >>> import pathlib, tempfile
    >>> text = "person,age [weeks],total\\n007,6,9\\n007,12,4\\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(folder, "epds.csv").write_text(text)
    ...     forms = read_forms(f"{folder}/epds.csv")
    >>> forms.table[["person", "age", "value", "unit"]].values.tolist()
    [['007', 42.0, 9.0, 'EPDS'], ['007', 84.0, 4.0, 'EPDS']]
    """
    tool = instrument(questionnaire)
    rules = FormRules(
        tool,
        member,
        members,
        TimeRules(dates, origin, missing_times=missing_times),
        ScoringRules(reverse, lowest, missing_items, least_items, CellWords(missing=missing)),
        class_ages,
        doubled,
    )
    rows, file = rows_of_file(path, "forms, a CSV file in UTF-8")
    named = text_mapping(columns, "columns", "role -> the file's column")
    by_form = text_mapping(totals, "totals", "column -> its occasion or age")
    for usual in (f"{tool.name}_total", tool.name):
        # the total of a form often has the form's name
        taken = ("total" in named or "total" in rows.header) or usual in by_form
        if usual in rows.header and not taken:
            named["total"] = usual
    table = table_columns(rows, FORM_ROLES, named, units, ignore)
    require_subjects(table, rules.members)
    layout = _layout(table, rules, items, by_form)
    ignored = ignored_columns(table, layout.columns, ignore)
    forms, changes, drops = _read(layout, rules)
    form, age_changes = observation_table(forms, class_ages)
    report = ReadingReport(
        file,
        "forms",
        len(rows.rows),
        len(rows.rows) - len(drops),
        (*ignored, *changes, *age_changes),
        tuple(drops),
    )
    return Observations(form, report, file)


# --------------------------------------------------------------------- where items and totals are
@dataclass(frozen=True)
class _FormLayout:
    """The columns of the ten items (or none), and of totals with the occasion of each (none where
    a row is a form).
    """

    table: TableColumns
    items: tuple[str, ...]
    totals: Mapping[str, str]

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.table.roles.values(), *self.items, *self.totals)


def _layout(
    table: TableColumns, rules: FormRules, items: Any, totals: Mapping[str, str]
) -> _FormLayout:
    table.require_known_units()
    for column in totals:
        if column not in table.rows.header:
            raise unknown_name(
                "column",
                column,
                table.rows.header,
                f"of totals in {table.rows.name}",
                key=("totals",),
            )
    item_columns = _items(table, rules.tool, items)
    if totals and (item_columns or table.has("total")):
        beside = "items" if item_columns else "a column 'total'"
        raise InputError(
            what="totals",
            expected="a file with a form a column, or one with a form a row",
            found=f"{beside} beside {next(iter(totals))!r}",
            key=("totals",),
        )
    if not totals:
        if not item_columns:
            table.require(("total",))
        # a form without any time or occasion can be laid over nothing
        table.require(("age", "date", "moment", "day", "clock", "occasion"))
    if any(table.has(role) for role in TIME_ROLES):
        require_times(table, rules.times)
    for argument in ("reverse", "lowest"):
        if getattr(rules.scoring, argument) and not item_columns:
            raise InputError(
                what=argument,
                expected="a file with items",
                found=f"totals alone in {table.rows.name}",
                remedy="leave it out",
                key=(argument,),
            )
    return _FormLayout(table, item_columns, totals)


def _items(table: TableColumns, tool: Instrument, items: Any) -> tuple[str, ...]:
    """The columns of the ten items in their order; none where the file has none."""
    header = table.rows.header
    if items is not None:
        columns = sequence(items, "items", checked_name, of="names of columns")
        for column in columns:
            if column not in header:
                raise unknown_name(
                    "column", column, header, f"of items in {table.rows.name}", key=("items",)
                )
    else:
        numbered = {column: match for column in header if (match := _ITEM.fullmatch(column))}
        free = [c for c in numbered if c not in table.ignored and c not in table.roles.values()]
        columns = tuple(sorted(free, key=lambda column: int(numbered[column][1])))
    if not columns:
        return ()

    if tool.name != "epds":
        raise refused(columns[0], f"{table.rows.name}, items", f"a total of {tool.name}, not items")
    if len(set(columns)) != EPDS_ITEMS or items is None and _numbers(columns) != _ALL_ITEMS:
        missing = [f"epds_{number}" for number in _ALL_ITEMS if number not in _numbers(columns)]
        absent = f"; missing: {', '.join(missing)}" if items is None and missing else ""
        raise InputError(
            what=f"{table.rows.name}, line 1",
            expected=f"{EPDS_ITEMS} different columns with the items of the EPDS",
            found=f"{', '.join(columns)}{absent}",
            remedy="name them in their order: items=(...), or ignore them",
            key=("items",),
        )
    return columns


def _numbers(columns: Sequence[str]) -> list[int]:
    matches = [_ITEM.fullmatch(column) for column in columns]
    return [int(match[1]) for match in matches if match]


# --------------------------------------------------------------------- forms, row by row
def _read(
    layout: _FormLayout, rules: FormRules
) -> tuple[list[ReadRow], list[ReportedChange], list[ReportedChange]]:
    """Every form with its time, what was changed, and which rows were dropped."""
    table = layout.table
    repeats = RepeatedRows(rules.doubled, table.rows.name)
    forms: list[ReadRow] = []
    changes: list[ReportedChange] = []
    drops: list[ReportedChange] = []
    timed = any(table.has(role) for role in TIME_ROLES)

    for line, cells in table.rows:
        subject = read_subject(line, cells, table, rules.member, rules.members)
        time, open_column = RowTime(None, None, math.nan, math.nan, None), ""
        if timed:
            time, open_column = read_time(line, cells, table, rules.times)
        if open_column and rules.times.missing_times == "drop":
            drops.append(ReportedChange(line, f"column {open_column!r}", "the time is missing"))
            continue
        if not open_column and (dropped := repeats.dropped(line, (subject, time), cells)):
            drops.append(dropped)
            continue
        for column, form_subject, form_time in _forms_of(layout, subject, time):
            value = _total(layout, rules, line, cells, column)
            if value.why:
                changes.append(ReportedChange(line, f"column {column!r}", value.why))
            tool = rules.tool
            forms.append(ReadRow(line, form_subject, form_time, tool.name, tool.unit, value))

    persons = [form.subject.person for form in forms]
    dated = with_days(persons, [form.time for form in forms], rules.times)
    return [form._replace(time=t) for form, t in zip(forms, dated, strict=True)], changes, drops


def _forms_of(
    layout: _FormLayout, subject: Subject, time: RowTime
) -> Iterator[tuple[str, Subject, RowTime]]:
    """The forms of one row: the column that says so, whose it is, and when."""
    if not layout.totals:
        last = layout.table.roles.get("total") or layout.items[-1]
        yield last, subject, time
        return
    for column, words in layout.totals.items():
        # "6 weeks" says when, "visit 1" says which
        if is_age(words):
            age = age_cell(words, f"totals, {column}")
            yield column, subject, time._replace(age=age)
        else:
            occasion = f"{subject.occasion}, {words}" if subject.occasion else words
            yield column, subject._replace(occasion=occasion), time


def _total(
    layout: _FormLayout, rules: FormRules, line: int, cells: Mapping[str, str], column: str
) -> MeasuredValue:
    """The total of one form: from its items, its own column, or both."""
    file = layout.table.rows.name
    where = cell_place(file, line, column)
    has_total = bool(layout.totals) or layout.table.has("total")
    total = _own_total(cells[column], where, rules) if has_total else None
    if not layout.items:
        return total or MeasuredValue(math.nan)
    items = [(cells[item], cell_place(file, line, item)) for item in layout.items]
    return items_total(items, rules.scoring, total, where)


def _own_total(text: str, where: str, rules: FormRules) -> MeasuredValue:
    """A total as the file has it, on the scale of the questionnaire."""
    tool = rules.tool
    if rules.scoring.words.meaning(text) == "missing":
        return MeasuredValue(math.nan, "missing", math.nan, f"{tool.name}: missing ({text!r})")
    if tool.rounding == 1:
        return MeasuredValue(float(points_cell(text, where, int(tool.low), int(tool.high))))
    expected = f"a number from {tool.low:g} to {tool.high:g}"
    return MeasuredValue(number_cell(text, where, expected, tool.low, tool.high))
