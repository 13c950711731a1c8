"""Which column of a table holds what: roles that are named or have the column's own name, units in
the header, and columns that are ignored by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from oxysim.checks import file_path, name, refused, texts
from oxysim.documents import LARGEST_TABLE, Rows, decode_text, read_bytes
from oxysim.errors import InputError, unknown_name
from oxysim.measures.instrument_names import INSTRUMENTS
from oxysim.observations.cells import cell_place
from oxysim.observations.instrument_units import plain_spelling
from oxysim.observations.reading_report import ReportedChange
from oxysim.observations.table_files import parse_table
from oxysim.units import SPELLINGS

OTHERS = "others"
"""In place of names of columns to ignore: all that have no role."""

_WITH_UNIT = re.compile(r"(.*\S)\s*(?:\[([^\[\]]+)\]|\(([^()]+)\))")
_UNITS = frozenset(
    {plain_spelling(spelling) for spellings in SPELLINGS.values() for spelling in spellings}
    | {tool.unit for tool in INSTRUMENTS.values()}
)


def header_name(column: str) -> tuple[str, str]:
    """The name and the unit of a column; the unit stands in brackets, or is empty.

    In round brackets only a known unit is one: "time (local)" is a name.

    >>> header_name("cortisol [nmol/L]"), header_name("oxytocin (pg/ml)"), header_name("id (new)")
    (('cortisol', 'nmol/L'), ('oxytocin', 'pg/ml'), ('id (new)', ''))
    """
    match = _WITH_UNIT.fullmatch(column)
    if match and (match[2] or plain_spelling(match[3]) in _UNITS):
        return match[1], (match[2] or match[3]).strip()
    return column, ""


def rows_of_file(path: Any, expected: str) -> tuple[Rows, str]:
    """The rows of a file, and its name; lines with "#" in front are comments.

    `expected` says what the file should be ("samples, a CSV file").

    Raises
    ------
    InputError : no such file, no table, one without rows or with another separator.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(folder, "saliva.csv").write_text("person,value\\na,1\\n")
    ...     rows_of_file(f"{folder}/saliva.csv", "samples, a CSV file")[0].header
    ('person', 'value')
    """
    file = file_path(path, "path")
    text = decode_text(read_bytes(file, str(file), LARGEST_TABLE, expected), str(file))
    rows = parse_table(text, str(file))
    if not rows.rows:
        raise InputError(
            what=str(file),
            expected="a header and at least one row below it",
            found="a header alone",
            key=("path",),
        )
    return rows, file.name


@dataclass(frozen=True)
class TableColumns:
    """A table's columns by their roles.

    Parameters
    ----------
    rows : the table.
    roles : role -> the column that has it, as the header has it.
    units : column -> its unit, from the header or as a user names it.
    ignored : columns that a user ignores by name; they are found by no name of their own.
    other_units : units that a user names for what is no column; of analytes in a long table.

    >>> rows = Rows("saliva.csv", ("person", "age [weeks]"), (("a", "6"),), (2,))
    >>> columns = table_columns(rows, ("person", "age", "clock"), {}, {})
    >>> columns.has("clock"), columns.units["age [weeks]"], columns.place("age", 2)
    (False, 'weeks', 'saliva.csv, line 2, column age [weeks]')
    """

    rows: Rows
    roles: Mapping[str, str]
    units: Mapping[str, str]
    ignored: frozenset[str] = frozenset()
    other_units: Mapping[str, str] = field(default_factory=dict)

    def has(self, role: str) -> bool:
        """Whether some column has this role.

        >>> TableColumns(Rows("a.csv", ("person",), (), ()), {"person": "person"}, {}).has("clock")
        False
        """
        return role in self.roles

    def place(self, role: str, line: int) -> str:
        """Where the cell of a role stands, for messages.

        >>> columns = TableColumns(Rows("a.csv", ("id",), (), ()), {"person": "id"}, {})
        >>> columns.place("person", 3)
        'a.csv, line 3, column id'
        """
        return cell_place(self.rows.name, line, self.roles[role])

    def require_known_units(self) -> None:
        """Raise for a unit that is named for no column.

        >>> TableColumns(Rows("a.csv", ("id",), (), ()), {"person": "id"}, {}).require_known_units()
        """
        for word in self.other_units:
            where = f"of units in {self.rows.name}"
            raise unknown_name("column", word, self.rows.header, where, key=("units", word))

    def require(self, roles: Sequence[str]) -> None:
        """Raise unless one of these roles has a column.

        >>> columns = TableColumns(Rows("a.csv", ("id",), (), ()), {"person": "id"}, {})
        >>> columns.require(("person",))
        """
        if not any(self.has(role) for role in roles):
            alternatives = " or ".join(repr(role) for role in roles)
            raise InputError(
                what=f"{self.rows.name}, line 1",
                expected=f"a column {alternatives}",
                found=f"the columns {', '.join(repr(column) for column in self.rows.header)}"[:300],
                remedy=f"name the column that it is: columns={{{roles[0]!r}: ...}}",
                key=("columns",),
            )


def table_columns(
    rows: Rows, roles: Iterable[str], columns: Any, units: Any, ignore: Any = ()
) -> TableColumns:
    """The columns of a table by role: as `columns` names them, else by their own names, unless
    these are ignored.

    Raises
    ------
    InputError, UnknownNameError : a role or a column that does not exist, a column with two roles
        or two units.

    >>> rows = Rows("saliva.csv", ("id", "clock"), (("a", "10:00"),), (2,))
    >>> table_columns(rows, ("person", "clock"), {"person": "id"}, {}).roles
    {'person': 'id', 'clock': 'clock'}
    """
    allowed = tuple(roles)
    named = text_mapping(columns, "columns", "role -> the file's column")
    for role in named:
        if role not in allowed:
            raise unknown_name("role", role, allowed, "in columns", key=("columns", role))
    by_role = {role: _column(rows, column, ("columns", role)) for role, column in named.items()}
    names = _ignored_names(ignore) or ()
    for column in rows.header:
        plain = header_name(column)[0]
        if column in names:
            continue
        # a column may have the name of one role and be named for another
        if plain in allowed and plain not in by_role and column not in by_role.values():
            by_role[plain] = column

    seen: dict[str, str] = {}
    for role, column in by_role.items():
        if seen.setdefault(column, role) != role:
            raise InputError(
                what=f"columns, {role}",
                expected="a column of its own for each role",
                found=f"{column!r}, which is {seen[column]!r} too",
                key=("columns", role),
            )
    by_column, other_units = column_units(rows, units, by_role)
    return TableColumns(rows, by_role, by_column, frozenset(names), other_units)


def _ignored_names(ignore: Any) -> tuple[str, ...] | None:
    """The columns that are ignored by name; None for all that have no role."""
    # an array is compared entry by entry, and has no truth value of its own
    if isinstance(ignore, str) and ignore == OTHERS:
        return None
    return texts(ignore, "ignore", of="names of columns")


def _column(rows: Rows, column: str, key: tuple[str, ...]) -> str:
    """A column of the header, named with or without the unit in it."""
    if column in rows.header:
        return column
    plain = [header for header in rows.header if header_name(header)[0] == column]
    if len(plain) == 1:
        return plain[0]
    raise unknown_name("column", column, rows.header, f"in {rows.name}", key=key)


def column_units(
    rows: Rows, units: Any, roles: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """The unit of every column that has one, from the header or as `units` names it, and the units
    that are named for no column.

    A column is named as in the header, without the unit in it, or by its role.

    >>> rows = Rows("saliva.csv", ("cortisol", "oxytocin (pg/ml)"), (), ())
    >>> column_units(rows, {"cortisol": "ug/dL", "OT": "pg/mL"}, {})
    ({'oxytocin (pg/ml)': 'pg/ml', 'cortisol': 'ug/dL'}, {'OT': 'pg/mL'})
    """
    by_column = {column: unit for column in rows.header if (unit := header_name(column)[1])}
    others: dict[str, str] = {}
    for title, unit in text_mapping(units, "units", "column -> its unit").items():
        headers = [header for header in rows.header if title in (header, header_name(header)[0])]
        column = headers[0] if headers else roles.get(title)
        if column is None:
            others[title] = unit
            continue
        written = by_column.setdefault(column, unit)
        if plain_spelling(written) != plain_spelling(unit):
            raise InputError(
                what=f"units, {title}",
                expected=f"{written!r}, as the header of {rows.name} has it",
                found=repr(unit),
                key=("units", title),
            )
    return by_column, others


def text_mapping(value: Any, label: str, words: str) -> dict[str, str]:
    """A mapping from texts to texts, or None for an empty one.

    >>> text_mapping({"person": "id"}, "columns", "role -> column")
    {'person': 'id'}
    """
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise refused(value, label, f"a mapping, {words}")
    return {name(key, label): name(entry, f"{label}, {key}") for key, entry in value.items()}


def ignored_columns(
    columns: TableColumns, used: Iterable[str], ignore: Any
) -> list[ReportedChange]:
    """What the report says of columns that are ignored; raises for one that has no role and is not
    named.

    >>> rows = Rows("saliva.csv", ("person", "sex"), (), ())
    >>> ignored_columns(table_columns(rows, ("person",), {}, {}), ["person"], "sex")[0].what
    "column 'sex'"
    """
    rows, roles = columns.rows, set(used)
    rest = [column for column in rows.header if column not in roles]
    names = _ignored_names(ignore)
    named = tuple(rest) if names is None else names
    for column in named:
        if column not in rows.header:
            raise unknown_name(
                "column", column, rows.header, f"of ignore in {rows.name}", key=("ignore",)
            )
        if column in roles:
            raise InputError(
                what="ignore",
                expected="columns that are not read",
                found=f"{column!r}, which is read",
                key=("ignore",),
            )
    if unnamed := [column for column in rest if column not in named]:
        raise InputError(
            what=f"{rows.name}, line 1",
            expected="columns with a role, or named among those to ignore",
            found=f"column {unnamed[0]!r}" + f" and {len(unnamed) - 1} more" * (len(unnamed) > 1),
            remedy=f"say what it is (columns=...), or ignore=({unnamed[0]!r},), or ignore='others'",
            key=("ignore",),
        )
    return [ReportedChange(1, f"column {column!r}", "ignored, as named") for column in rest]
