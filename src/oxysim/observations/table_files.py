"""A user's table of measured or recorded things: comma-separated values, with comments."""

from __future__ import annotations

from typing import Any

from oxysim.checks import file_path
from oxysim.documents.csv_tables import LARGEST_TABLE, Rows, parse_rows
from oxysim.documents.text_files import read_text
from oxysim.errors import InputError


def read_rows(path: Any) -> Rows:
    """The rows of a file, each with its line; lines that begin with "#" are comments.

    Raises
    ------
    InputError : no such file, one that is no table of comma-separated values, or one without a
    header.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "diary.csv"
    ...     _ = file.write_text("# feeds alone\\nday,start\\n1,07:00\\n", encoding="utf-8")
    ...     read_rows(file).lines
    (3,)
    """
    file = file_path(path, "path")
    text = read_text(file, file.name, LARGEST_TABLE, "a file of comma-separated values")
    return parse_table(text, file.name)


def parse_table(text: str, name: str) -> Rows:
    """The rows that a text holds, as `read_rows` reads them from a file.

    >>> parse_table("# feeds alone\\nday,start\\n1,07:00\\n", "diary.csv").header
    ('day', 'start')
    """
    plain = _without_comments(text)
    first = plain.strip().partition("\n")[0]
    # a spreadsheet of a country with decimal commas writes semicolons, others tabs
    for mark, word in ((";", "semicolons"), ("\t", "tabs")):
        if mark in first and "," not in first:
            raise InputError(
                what=f"{name}, line {_line_of(plain)}",
                expected="commas between the columns, and points for decimals",
                found=word,
                remedy="save it as comma-separated values",
                key=("path",),
            )
    rows = parse_rows(plain, name)
    if not rows.header:
        raise InputError(
            what=name,
            expected="a header with the names of columns",
            found="an empty file",
            key=("path",),
        )
    return rows


def _line_of(text: str) -> int:
    """The line of the header: the first that has anything on it."""
    return text[: len(text) - len(text.lstrip())].count("\n") + 1


def _without_comments(text: str) -> str:
    """The text with an empty line for every comment, so that all others keep their numbers."""
    lines, in_quotes = [], False
    for line in text.split("\n"):
        # a line that a quoted cell goes on over is a part of that cell
        if not in_quotes and line.lstrip().startswith("#"):
            lines.append("")
            continue
        in_quotes ^= line.count('"') % 2 == 1
        lines.append(line)
    return "\n".join(lines)
