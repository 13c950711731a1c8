"""The columns of an event table, by the names that the three programs have for them."""

from __future__ import annotations

from typing import Any

from oxysim import checks
from oxysim.documents.csv_tables import Rows
from oxysim.errors import InputError, shown, unknown_name

COLUMNS = (
    "ID", "OCC", "TIME", "AMT", "RATE", "TINF", "II", "ADDL", "SS", "CMT", "ADM", "DVID", "EVID",
    "MDV", "DV", "CENS", "LIMIT", "BLQ", "LLOQ",
)  # fmt: skip
"""Every column that is read; a table needs TIME, and AMT or DV."""

# what R and Monolix write for the same
_SYNONYMS = {"Y": "DV", "YTYPE": "DVID"}


class EventColumns:
    """The columns of one table: their names in capitals, and as they stand in the file.

    >>> columns = EventColumns(Rows("pk.csv", ("id", "time", "dv", "wt"), (), ()), ["wt"])
    >>> columns.names
    ('ID', 'TIME', 'DV')
    """

    def __init__(self, rows: Rows, ignore: Any) -> None:
        self.ignored = checks.texts(ignore, "ignore", of="names of columns")
        for column in self.ignored:
            if column not in rows.header:
                raise unknown_name(
                    "column", column, rows.header, f"in {rows.name}", key=("ignore",)
                )
        self._of: dict[str, str] = {}
        for column in rows.header:
            if column not in self.ignored:
                self._add(column, rows.name)
        self._require_needed(rows.name)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns that are read, in the order of the file."""
        return tuple(self._of)

    def cell(self, cells: dict[str, str], name: str) -> str:
        """A cell; empty where there is no such column or where a point stands for nothing."""
        text = cells[self._of[name]] if name in self._of else ""
        return "" if text in (".", "NA") else text

    def _add(self, column: str, name: str) -> None:
        plain = column.upper()
        plain = _SYNONYMS.get(plain, plain)
        if plain not in COLUMNS:
            raise InputError(
                what=f"{name}, line 1",
                expected=f"columns {', '.join(COLUMNS)}",
                found=f"a column {shown(column)}",
                remedy=f"a covariate is left out by name, ignore=[{shown(column)}]",
                key=("ignore",),
            )
        if plain in self._of:
            raise InputError(
                what=f"{name}, line 1",
                expected=f"one column {plain}",
                found=f"{self._of[plain]!r} and {shown(column)}",
                key=("ignore",),
            )
        self._of[plain] = column

    def _require_needed(self, name: str) -> None:
        if "TIME" not in self._of or not {"AMT", "DV"} & set(self._of):
            raise InputError(
                what=f"{name}, line 1",
                expected="a column TIME, and AMT or DV",
                found=", ".join(self._of) or "none of them",
            )
        for first, second in (("CENS", "BLQ"), ("RATE", "TINF")):
            if {first, second} <= set(self._of):
                raise InputError(
                    what=f"{name}, line 1",
                    expected=f"{first} or {second}, which say the same in two ways",
                    found="both",
                    remedy=f"leave one of them out, ignore=[{self._of[second]!r}]",
                    key=("ignore",),
                )
