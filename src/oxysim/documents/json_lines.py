"""Answers of long work, a line of JSON each as it comes, so that work which was ended goes on where
it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from oxysim.documents.text_files import read_text
from oxysim.errors import InputError, shown

# what a line that holds something else raises while it is taken apart
_NOT_AS_WRITTEN = (ValueError, TypeError, KeyError, AttributeError, RecursionError)


def read_json_lines(
    path: Path, read: Callable[[Any], None], largest: int, expected: str, file: str
) -> None:
    """Hand each line of a file to `read`; a file that is not there yet has none.

    A last line that was being written when the work was ended is left out.

    Parameters
    ----------
    read : takes what a line holds; whatever it raises of a wrong value names the line.
    largest : bytes of the file, at most.
    expected : what a line is ("a run with its key"); file : what the file is ("a file of runs").

    Raises
    ------
    InputError : a line that is no such thing, with its place.

    >>> import tempfile
    >>> lines = []
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "runs.jsonl"
    ...     add_json_line(path, {"key": "a"})
    ...     read_json_lines(path, lines.append, 1000, "a run", "a file of runs")
    >>> lines
    [{'key': 'a'}]
    """
    if not path.exists():
        return
    lines = read_text(path, str(path), largest, file).split("\n")
    # what stands after the last line end is empty, or half a line
    for number, line in enumerate(lines[:-1], start=1):
        try:
            read(json.loads(line))
        except _NOT_AS_WRITTEN:
            raise InputError(f"{path}:{number}: expected {expected}; found {shown(line)}") from None


def add_json_line(path: Path, entry: Mapping[str, Any]) -> None:
    """Add a line; half a line that ended work has left is taken away first, since the next one
    would end it and be lost with it.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "runs.jsonl"
    ...     _ = path.write_text('{"key": "whole"}\\n{"key": "ha')
    ...     add_json_line(path, {"key": "next"})
    ...     path.read_text().splitlines()
    ['{"key": "whole"}', '{"key": "next"}']
    """
    if path.exists() and (text := path.read_bytes()) and not text.endswith(b"\n"):
        path.write_bytes(text[: text.rfind(b"\n") + 1])
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")
