"""Which column of a diary's file holds what, by the names that trackers use or a user says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oxysim import checks
from oxysim.documents.csv_tables import Rows
from oxysim.errors import InputError, shown, unknown_name
from oxysim.observations.cells import number_cell
from oxysim.observations.diaries.entry_kinds import plain_word

FLUID_OUNCE = 29.5735
"""Millilitres of the fluid ounce of the United States, in which bottles there are marked."""

# what a column holds -> how files call it, in small letters
_NAMES: Mapping[str, tuple[str, ...]] = {
    "start": ("start", "start clock", "start time", "started", "begin", "time", "from"),
    "end": ("end", "end clock", "end time", "ended", "finish", "stop", "until", "to"),
    "day": ("day", "day number", "day of log"),
    "date": ("date", "start date"),
    "end_date": ("end date",),
    "minutes": ("minutes", "duration", "length", "duration minutes", "duration min"),
    "kind": ("activity", "kind", "type", "event", "category"),
    "by": ("by", "caregiver", "carer", "who", "parent"),
    "amount": ("amount", "quantity", "volume"),
}
_OF_NAME = {name: role for role, names in _NAMES.items() for name in names}

_MILLILITRES = {"ml": 1.0, "oz": FLUID_OUNCE, "fl oz": FLUID_OUNCE, "l": 1000.0}
_UNIT_IN_NAME = re.compile(r"(.*?)[ (\[]+(ml|fl oz|oz)[)\]]?")
_AMOUNT = re.compile(r"([0-9.,]+)\s*([A-Za-z ]+)")
# more than an infant drinks at once, and less than a slip of the unit makes of it
_LARGEST_AMOUNT_ML = 1000.0


@dataclass(frozen=True)
class DiaryColumns:
    """The columns of one file.

    Attributes
    ----------
    of : what is held -> the column that holds it.
    amount_unit : unit of amounts, where the file or the user says it.
    ignored : columns that are left out by name.

    >>> DiaryColumns({"start": "Start"}).cell({"Start": "07:00"}, "start")
    '07:00'
    """

    of: Mapping[str, str]
    amount_unit: str = ""
    ignored: tuple[str, ...] = ()

    def cell(self, cells: Mapping[str, str], role: str) -> str:
        """The cell that holds something; empty where there is no such column."""
        return cells[self.of[role]] if role in self.of else ""

    def amount(self, cells: Mapping[str, str], where: str) -> float | None:
        """The amount in mL; None for an empty cell.

        Raises
        ------
        InputError : no amount, or one whose unit is not known.

        >>> columns = DiaryColumns({"amount": "quantity_oz"}, "oz")
        >>> round(columns.amount({"quantity_oz": "4"}, "diary.csv, line 2"))
        118
        """
        text = self.cell(cells, "amount")
        if not text:
            return None
        with_unit = _AMOUNT.fullmatch(text)
        number, unit = (with_unit[1], with_unit[2]) if with_unit else (text, self.amount_unit)
        factor = _MILLILITRES.get(" ".join(unit.casefold().split()))
        if factor is None:
            raise InputError(
                what=f"{where}, column {self.of['amount']}",
                expected="an amount in mL or oz",
                found=shown(text),
                remedy="" if unit else "say its unit, amount_unit='mL' or 'oz'",
                key=("amount_unit",),
            )
        high = _LARGEST_AMOUNT_ML / factor
        cell_at = f"{where}, column {self.of['amount']}"
        return number_cell(number, cell_at, f"an amount in {unit}", 0.0, high) * factor


def diary_columns(
    rows: Rows, columns: Any, ignore: Any, amount_unit: Any, *, needs_kind: bool
) -> DiaryColumns:
    """The columns of a file, from the user's word and from their names.

    Raises
    ------
    UnknownNameError : a column that is named and not there, or one that nobody knows.
    InputError : two columns for one thing, or none for what is needed.

    >>> rows = Rows("diary.csv", ("day", "Start Time", "Type", "mood"), (), ())
    >>> diary_columns(rows, None, ["mood"], None, needs_kind=True).of["start"]
    'Start Time'
    """
    named = _named(columns, rows)
    ignored = checks.texts(ignore, "ignore", of="names of columns")
    for column in ignored:
        if column not in rows.header:
            raise unknown_name("column", column, rows.header, f"in {rows.name}", key=("ignore",))
    of = dict(named)
    unit = "" if amount_unit is None else checks.choice(amount_unit, "amount_unit", ("mL", "oz"))
    for column in rows.header:
        if column in ignored or column in named.values():
            continue
        role, unit_in_name = _role_of(column)
        if role == "":
            raise _unknown_column(column, rows.name)
        if role in of:
            raise InputError(
                what=f"{rows.name}, line 1",
                expected=f"one column for {_meaning(role)}",
                found=f"{shown(of[role])} and {shown(column)}",
                remedy=f"say which, columns={{{role!r}: {shown(column)}}} and"
                f" ignore=[{shown(of[role])}]",
                key=("columns",),
            )
        of[role] = column
        unit = unit or unit_in_name
    if not unit and "amount" in named:
        unit = _role_of(named["amount"])[1]
    _require_needed(of, rows.name, needs_kind)
    return DiaryColumns(of, unit, ignored)


def _named(columns: Any, rows: Rows) -> dict[str, str]:
    """The columns that the user names, by what they hold."""
    if columns is None:
        return {}
    if not isinstance(columns, Mapping):
        raise checks.refused(columns, "columns", "a mapping such as {'start': 'Start Time'}")
    for role, column in columns.items():
        checks.choice(role, "columns", tuple(_NAMES))
        if column not in rows.header:
            raise unknown_name("column", column, rows.header, f"in {rows.name}", key=("columns",))
    if len(set(columns.values())) < len(columns):
        raise checks.refused(columns, "columns", "a column of its own for each thing")
    return dict(columns)


def _role_of(column: str) -> tuple[str, str]:
    """What a column holds by its name, and the unit that stands in the name; empty if unknown."""
    plain = plain_word(column)
    if plain in _OF_NAME:
        return _OF_NAME[plain], ""
    with_unit = _UNIT_IN_NAME.fullmatch(plain)
    if with_unit and _OF_NAME.get(with_unit[1].strip()) == "amount":
        return "amount", with_unit[2]
    return "", ""


def _unknown_column(column: str, name: str) -> InputError:
    return InputError(
        what=f"{name}, line 1",
        expected=f"columns of {', '.join(_meaning(role) for role in _NAMES)}",
        found=f"a column {shown(column)}",
        remedy=f"say what it holds, columns={{'start': {shown(column)}}}, or leave it out,"
        f" ignore=[{shown(column)}]",
        key=("columns",),
    )


def _meaning(role: str) -> str:
    return {"by": "the caregiver", "kind": "the activity"}.get(role, role.replace("_", " "))


def _require_needed(of: Mapping[str, str], name: str, needs_kind: bool) -> None:
    missing = [role for role in _needed(needs_kind) if role not in of]
    if missing:
        raise InputError(
            what=f"{name}, line 1",
            expected=f"a column of {_meaning(missing[0])}",
            found=f"columns of {', '.join(map(_meaning, of)) or 'nothing that is known'}",
            remedy=f"say which it is, columns={{{missing[0]!r}: 'its name'}}"
            + (", or kind='sleep' for a file of one activity" if missing[0] == "kind" else ""),
            key=("columns",),
        )
    both: Sequence[str] = [role for role in ("day", "date") if role in of]
    if len(both) == 2:
        raise InputError(
            what=f"{name}, line 1",
            expected="either numbered days or dates",
            found=f"{of['day']!r} and {of['date']!r}",
            remedy=f"leave one of them out, ignore=[{of['day']!r}]",
            key=("ignore",),
        )


def _needed(needs_kind: bool) -> Iterable[str]:
    return ("start", "kind") if needs_kind else ("start",)
