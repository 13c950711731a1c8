"""Where each key of a TOML text stands: the line of every key, table and array entry.

`tomllib` reads the values and says nothing of places, so a second light pass over the same (legal)
text finds the lines. Keys themselves are read by `tomllib` again, so that quotes and escapes mean
the same in both passes.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

Path = tuple[str, ...]

# the order counts: a text may hold marks, and three quotes are longer than one
_TOKEN = re.compile(
    r"""
    (?P<blank> [ \t\r]+ | \#[^\n]* )
  | (?P<newline> \n )
  | (?P<text> "{3} (?:\\.|[^\\])*? "{3,5} | '{3} .*? '{3,5} | "(?:\\.|[^"\\\n])*" | '[^'\n]*' )
  | (?P<mark> [=\[\]{},] )
  | (?P<word> [^\s=\[\]{},"'\#]+ )
  | (?P<other> . )
    """,
    re.VERBOSE | re.DOTALL,
)


class _Token(NamedTuple):
    kind: str
    text: str
    line: int


def key_lines(text: str) -> Mapping[str, int]:
    """The line (from 1) of every key, table and array entry of a legal TOML text.

    The names are dotted from the top of the file (``design.axes.spray.dose``), however the file
    quotes or nests them; entries of arrays go by their number from 1 (``outcomes.1``).

    >>> key_lines('[design.axes]\\n"spray.dose" = ["8 IU", "24 IU"]')["design.axes.spray.dose.2"]
    2
    """
    # without recursion from table to table: only nested values call themselves, and few levels
    tokens, at = _tokens(text), 0
    # Keys before the first header belong to the document itself.
    table: Path = ()
    lines: dict[Path, int] = {table: 1}
    counts: dict[Path, int] = {}
    while at < len(tokens):
        token = tokens[at]
        if token.kind == "newline":
            at += 1
        elif token.text == "[":
            at, table = _header(tokens, at, counts)
            _note(lines, table, token.line)
        else:
            at = _pair(tokens, at, table, lines)
    return {".".join(path): line for path, line in lines.items()}


def _tokens(text: str) -> list[_Token]:
    tokens, line = [], 1
    for match in _TOKEN.finditer(text):
        # Blanks and comments name nothing, but their line ends count.
        if match.lastgroup != "blank":
            tokens.append(_Token(str(match.lastgroup), match[0], line))
        line += match[0].count("\n")
    return tokens


def _note(lines: dict[Path, int], path: Path, line: int) -> None:
    """Keep the first line on which a path, or what it lies in, is named."""
    for length in range(1, len(path) + 1):
        lines.setdefault(path[:length], line)


def _header(tokens: Sequence[_Token], at: int, counts: dict[Path, int]) -> tuple[int, Path]:
    """The position after a table's header, and the table that it opens."""
    # Two brackets open one more entry of an array of tables.
    several = tokens[at + 1].text == "["
    first = at + 1 + several
    # the text is legal: a bracket that opens is closed
    last = next(i for i in range(first, len(tokens)) if tokens[i].text == "]")
    parts = _key(tokens[first:last])
    if several:
        counts[parts] = counts.get(parts, 0) + 1
        parts = (*parts, str(counts[parts]))
    return last + 1 + several, parts


def _pair(tokens: Sequence[_Token], at: int, table: Path, lines: dict[Path, int]) -> int:
    """The position after ``key = value``."""
    equals = next(i for i in range(at, len(tokens)) if tokens[i].text == "=")
    path = (*table, *_key(tokens[at:equals]))
    _note(lines, path, tokens[at].line)
    return _value(tokens, equals + 1, path, lines)


def _value(tokens: Sequence[_Token], at: int, path: Path, lines: dict[Path, int]) -> int:
    """The position after a value."""
    opened = tokens[at].text
    if opened not in ("[", "{"):
        while (
            at < len(tokens)
            and tokens[at].kind != "newline"
            and tokens[at].text not in (",", "]", "}")
        ):
            at += 1
        return at
    # an array or an inline table: its entries until the bracket that closes it
    at, entry = at + 1, 1
    while tokens[at].text not in ("]", "}"):
        if tokens[at].kind == "newline" or tokens[at].text == ",":
            at += 1
        elif opened == "{":
            at = _pair(tokens, at, path, lines)
        else:
            _note(lines, (*path, str(entry)), tokens[at].line)
            at, entry = _value(tokens, at, (*path, str(entry)), lines), entry + 1
    return at + 1


def _key(tokens: Sequence[_Token]) -> Path:
    """The parts of a key, as `tomllib` reads them."""
    # Quotes and escapes in a key mean what the parser says that they mean.
    inside = tomllib.loads("".join(token.text for token in tokens) + " = 0")
    parts: list[str] = []
    while isinstance(inside, dict):
        ((name, inside),) = inside.items()
        parts.append(name)
    return tuple(parts)
