"""A CSV table as its header and rows, every row with its line; cells are texts and are not looked
at.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from oxysim.errors import InputError, unknown_name

# about a million runs of a few axes
LARGEST_TABLE = 64 * 1024 * 1024
"""The largest table that is read, in bytes."""

MOST_COLUMNS = 1000
"""The most columns of a table; each is an axis of a study, or a field of a finding."""

LONGEST_CELL = 1000
"""The longest cell, in characters; no field of a packaged finding has 200."""

# all but tabs and line ends, which csv reads: the others show nowhere and are in no name
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Rows:
    """A table of texts.

    Attributes
    ----------
    name : the file as the user named it.
    header : the names of the columns, all different.
    rows : the cells of each row, as many as the header has, without the spaces around them.
    lines : the line on which each row ends.

    >>> table = Rows("runs.csv", ("dose", "seed"), (("8 IU", "1"),), lines=(2,))
    >>> list(table)
    [(2, {'dose': '8 IU', 'seed': '1'})]
    """

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    def __iter__(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Each row's line, and its cells by column."""
        for line, row in zip(self.lines, self.rows, strict=True):
            yield line, dict(zip(self.header, row, strict=True))

    def require_columns(
        self, allowed: tuple[str, ...], needed: tuple[str, ...] | None = None
    ) -> None:
        """Raise for a column that is not one of those `allowed`, or for one of those `needed` (all)
        that is missing.

        >>> Rows("runs.csv", ("dose",), (), ()).require_columns(("dose", "seed"), needed=("dose",))
        """
        for column in self.header:
            if column not in allowed:
                raise unknown_name("column", column, allowed, f"in {self.name}")
        # an unknown column was refused first: it is most often the missing one, misspelt
        if missing := [column for column in needed or allowed if column not in self.header]:
            raise InputError(
                f"{self.name}: expected a header with the columns {', '.join(allowed)}; missing:"
                f" {', '.join(missing)}"
            )


def parse_rows(text: str, name: str) -> Rows:
    """The table that a CSV text holds; empty lines are left out. An empty text has an empty header.

    Raises
    ------
    InputError : no CSV, a column twice, too many columns, a row with more or fewer cells than the
        header, or control characters; with the line.

    >>> parse_rows("a,b\\n1, 2\\n", "runs.csv").rows
    (('1', '2'),)
    """
    # strict: a quote in the middle of a cell is refused, where csv would guess
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines: list[int] = []
    rows: list[tuple[str, ...]] = []
    header: tuple[str, ...] = ()
    try:
        for cells in reader:
            stripped = tuple(cell.strip() for cell in cells)
            # a line with nothing on it; one of empty cells is a row
            if not cells:
                continue
            _require_plain(stripped, f"{name}, line {reader.line_num}")
            # the first line with anything on it
            if not header:
                header = stripped
                _require_different(header, name)
                continue
            if len(cells) != len(header):
                raise InputError(
                    f"{name}, line {reader.line_num}: expected {len(header)} cells, as many as the"
                    f" header has; found {len(cells)}"
                )
            rows.append(stripped)
            # the line on which the row ends: a cell in quotes may have several
            lines.append(reader.line_num)
    except csv.Error as error:
        raise InputError(
            f"{name}, line {reader.line_num}: expected comma-separated values ({error})"
        ) from None
    return Rows(name, header, tuple(rows), tuple(lines))


def _require_plain(cells: tuple[str, ...], where: str) -> None:
    for number, cell in enumerate(cells, start=1):
        if len(cell) > LONGEST_CELL:
            raise InputError(
                f"{where}, cell {number}: expected at most {LONGEST_CELL} characters; found"
                f" {len(cell)}"
            )
        if control := _CONTROL.search(cell):
            raise InputError(
                f"{where}, cell {number}: expected a text without control characters; found"
                f" {control[0]!r}"
            )


def _require_different(header: tuple[str, ...], name: str) -> None:
    if len(header) > MOST_COLUMNS:
        raise InputError(f"{name}: expected at most {MOST_COLUMNS} columns; found {len(header)}")
    for column in header:
        if header.count(column) > 1:
            raise InputError(f"{name}: column {column!r} stands twice in the header")
