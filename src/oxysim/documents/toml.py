"""A TOML document as data whose every entry knows its file, line and key; nothing in it is
evaluated.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

from oxysim.documents.positions import key_lines
from oxysim.documents.section import Section, value_text
from oxysim.errors import InputError

DEEPEST = 8
"""How deeply tables and arrays may lie in one another; a study needs five, the record of a
calibration seven.
"""

# the largest that every program reads: TOML asks for 64 bits, Python has no limit
_LARGEST_WHOLE = 2**63 - 1
# sixteen dots in a name; possessive, so that no hostile line makes the search slow
_MANY_PARTS = re.compile(r"""(?<![\w"'-])(?:[\w"'-]++[ \t]*\.[ \t]*){16}""")
_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def parse_document(text: str, file: str) -> Section:
    """The text of a document as a :class:`Section`.

    Raises
    ------
    InputError : not legal TOML, nested too deeply, or with values that no document has, with file
    and line.

    >>> parse_document("[dyad]\\nn = 40", "study.toml").values
    {'dyad': {'n': 40}}
    """
    # The parser recurses once a dot, before any limit of ours.
    if many := _MANY_PARTS.search(text):
        line = text.count("\n", 0, many.start()) + 1
        raise InputError(f"{file}:{line}: a name with so many dots is nothing that a document has")
    try:
        values, lines = tomllib.loads(text), key_lines(text)
    except RecursionError:
        # Most brackets in one line: the best guess of where the depth is.
        openings = [line.count("[") + line.count("{") for line in text.split("\n")]
        line = openings.index(max(openings)) + 1
        raise InputError(
            f"{file}:{line}: arrays or tables lie more than {DEEPEST} deep in one another"
        ) from None
    except ValueError as error:  # also numbers of thousands of digits, and dates that do not exist
        raise InputError(_toml_message(str(error), text, file)) from None
    section = Section(file, (), values, lines)
    _require_plain(section, (), values)
    return section


def _toml_message(message: str, text: str, file: str) -> str:
    """The message of `tomllib`, in the form of all others."""
    # the parser's place stands at the end of its message, ours at the beginning
    position = _TOML_PLACE.search(message)
    reason = message[: position.start()] if position else message
    reason = "the key stands there already" if reason == "Cannot overwrite a value" else reason
    # a parser at the end of its text names no line: it is the last one
    last = text.count("\n") + 1
    line = f":{position[1] or last}" if position else ""
    column = (
        f", at column {position[2]}"
        if position and position[2]
        else ", at the end of the file"
        if position
        else ""
    )
    return f"{file}{line}: not legal TOML{column}: {reason[:1].lower()}{reason[1:]}"


def _require_plain(section: Section, keys: tuple[str, ...], value: Any) -> None:
    """Texts, numbers, truth values, arrays and tables only, not too deep; numbers that 64 bits
    hold.
    """
    if len(keys) > DEEPEST:
        raise section.error(
            f"arrays or tables lie more than {DEEPEST} deep in one another", *keys[:DEEPEST]
        )
    if isinstance(value, dict):
        for key, inner in value.items():
            _require_plain(section, (*keys, key), inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value, start=1):
            _require_plain(section, (*keys, str(number)), inner)
    elif wrong := _not_plain(value):
        raise section.error(wrong, *keys)


def _not_plain(value: Any) -> str:
    """What is wrong with a single value; empty where nothing is."""
    if isinstance(value, str):
        control = _CONTROL.search(value)
        return (
            f"expected a text without control characters; found {control[0]!r} in it"
            if control
            else ""
        )
    if isinstance(value, int):
        too_large = abs(value) > _LARGEST_WHOLE
        return (
            f"expected a number of at most {_LARGEST_WHOLE}; found {value_text(value)}"
            if too_large
            else ""
        )
    if isinstance(value, float):
        return ""
    return f'expected a time as text, such as "08:00" or "6 weeks"; found {value_text(value)}'
