"""Tables of axes: a CSV file or a data frame, one run a row."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from oxysim.checks import refused
from oxysim.documents import LARGEST_TABLE, Rows, parse_rows, read_text
from oxysim.errors import InputError
from oxysim.sweeps.axes import Axis

MOST_ROWS = 10_000_000
"""The most runs of a table."""

# What counts as a number in a cell: no thousands, no decimal comma, no blank inside.
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?|nan|inf")


def read_table(source: Any) -> tuple[Axis, ...]:
    """The columns of a CSV file (path) or of a pandas DataFrame as axes; see ``design.table``.

    Raises
    ------
    InputError : no such file, not UTF-8, no rows, empty cells, rows of different lengths.

    >>> import pandas as pd
    >>> dose, seed = read_table(pd.DataFrame({"spray.dose [IU]": [8, 24], "seed": [0, 1]}))
    >>> dose.name, dose.unit, seed.values.tolist()
    ('spray.dose', 'IU', [0, 1])
    """
    # A data frame is known by its columns, so that pandas need not be imported.
    header, rows = _frame(source) if hasattr(source, "columns") else _csv(_read(source))
    if not rows:
        raise InputError("table: expected at least one row below the header; found none")
    if len(rows) > MOST_ROWS:
        raise InputError(f"table: expected at most {MOST_ROWS} rows; found {len(rows)}")
    axes = []
    for k, title in enumerate(header):
        name, unit = _title(title)
        axes.append(Axis(name, _cells(name, [row[k] for row in rows]), unit))
    return tuple(axes)


def _frame(source: Any) -> tuple[list[str], list[list[Any]]]:
    header = [str(name) for name in source.columns]
    rows = [list(row) for row in source.itertuples(index=False, name=None)]
    for i, row in enumerate(rows):
        for name, cell in zip(header, row, strict=True):
            if cell is None or cell != cell:  # what is missing in a data frame is unequal to itself
                raise InputError(f"table, row {i + 1}, {name!r}: the cell is empty")
    return header, rows


def _csv(rows: Rows) -> tuple[list[str], list[list[Any]]]:
    if not rows.header:
        raise InputError(
            f"table {rows.name}: expected a header with the axes' names; the file is empty"
        )
    # The line of the file is named too: an editor shows that, not the row.
    for number, (line, cells) in enumerate(rows, start=1):
        for name, cell in cells.items():
            if not cell:
                raise InputError(
                    f"table {rows.name}, line {line}: row {number}, {name!r}: the cell is empty"
                )
    return list(rows.header), [list(row) for row in rows.rows]


def _read(source: Any) -> Rows:
    """The rows of a file, or those that were read already."""
    if isinstance(source, Rows):
        return source
    if not isinstance(source, str | Path):
        raise refused(source, "table", "the path of a CSV file, or a data frame")
    return parse_rows(
        read_text(Path(source), str(source), LARGEST_TABLE, "a CSV file of runs"), str(source)
    )


def _title(title: str) -> tuple[str, str | None]:
    name, bracket, unit = title.strip().partition("[")
    if bracket and not (unit.endswith("]") and unit[:-1].strip()):
        raise InputError(
            f"table, column {title!r}: expected a name with its unit in brackets, such as"
            " 'spray.dose [IU]'"
        )
    return name.strip(), unit[:-1].strip() if bracket else None


def _cells(name: str, cells: list[Any]) -> list[Any]:
    """The cells of a column: all numbers, all true or false, or all texts."""
    if not all(isinstance(cell, str) for cell in cells):
        return cells
    # A file holds texts only: what they are is told by all of a column together.
    texts = [cell.strip() for cell in cells]
    if all(text in ("true", "false") for text in texts):
        return [text == "true" for text in texts]
    numbers: list[float] = []
    for i, text in enumerate(texts):
        if _NUMBER.fullmatch(text) is None:
            if numbers:
                raise InputError(
                    f"table, row {i + 1}, {name!r}: expected a number like the others; found"
                    f" {text!r}"
                )
            return texts
        numbers.append(float(text))
    # "2" is a whole number, as a seed must be; "2.0" says that it need not be one.
    return [int(v) if v.is_integer() and abs(v) < 2**53 and "." not in t else v
            for v, t in zip(numbers, texts, strict=True)]  # fmt: skip
