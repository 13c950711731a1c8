"""Instruments in files: a TOML document with a table for each, a CSV table with a row for each."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

from oxysim.checks import file_path
from oxysim.documents import Section, parse_document, parse_rows, read_text, value_text
from oxysim.errors import InputError, OxysimError
from oxysim.measures.instrument_model import Instrument, MeasurementNoise, NoiseKind, Owner
from oxysim.measures.number_cells import plain_number
from oxysim.measures.user_instruments import (
    ROW_COLUMNS,
    instrument_of_row,
    user_instrument,
)
from oxysim.model.rows import Status

_NUMBERS = ("lloq", "uloq", "rounding", "low", "high", "factor", "offset")
_TEXTS = ("like", "reads", "unit", "window", "matrix", "note")
_CHOICES = {"owner": get_args(Owner), "status": get_args(Status)}
KEYS = (*_TEXTS, *_NUMBERS, *_CHOICES, "steady", "noise")
"""The keys of an instrument's table in a file."""

_SIZES = ("occasion", "sample", "trait", "floor")
# columns of a CSV table that are numbers; the others are texts, and one a truth value
_NUMBER_COLUMNS = (*_NUMBERS, "visit_noise", "sample_noise", "trait_noise", "floor_noise")


def read_instruments(path: str | Path) -> dict[str, Instrument]:
    """The instruments of a file by name: of a ``.toml`` file, a table each; of a ``.csv`` file, a
    row each (:func:`~oxysim.measures.instrument_of_row`).

    Raises
    ------
    InputError : the file cannot be read, or anything in it is not understood: with file, line and
        key, what was expected and found, and the nearest right names.

    >>> import tempfile
    >>> text = '''
    ... [kit_2022]
    ... like = "saliva_oxytocin"
    ... lloq = 14.5
    ... uloq = 404
    ... noise = { kind = "proportional", occasion = 0.3, sample = 0.1, floor = 2.0 }
    ... '''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "assays.toml"
    ...     _ = file.write_text(text, encoding="utf-8")
    ...     tools = read_instruments(file)
    >>> tools["kit_2022"].noise.floor
    2.0
    """
    path = file_path(path, "path")
    file = str(path)
    match path.suffix.lower():
        case ".toml":
            return instruments_of_section(parse_document(read_text(path, file), file))
        case ".csv":
            return _of_table(read_text(path, file), file)
    raise InputError(
        what="path", expected="a .toml or a .csv file of instruments", found=file, key=("path",)
    )


def instruments_of_section(section: Section) -> dict[str, Instrument]:
    """The instruments of a table of a document that has a table for each, by name. One may be
    ``like`` another that stands before it.

    Raises
    ------
    InputError : anything that is not understood, with file, line and key.

    >>> text = "[kit]\\nlike = 'saliva_oxytocin'\\nlloq = 5"
    >>> list(instruments_of_section(parse_document(text, "assays.toml")))
    ['kit']
    """
    tools: dict[str, Instrument] = {}
    for name, value in section.values.items():
        if not isinstance(value, dict):
            expected = f"a table of an instrument ([{'.'.join((*section.keys, name))}])"
            raise section.error(f"expected {expected}; found {value_text(value)}", name)
        with section.reading(name):
            tools[name] = _of_section(section.section(name), name, tools)
    return tools


def _of_section(section: Section, name: str, before: dict[str, Instrument]) -> Instrument:
    """One instrument; it may be like one that stands before it."""
    section.require_known(KEYS)
    fields: dict[str, Any] = {key: section.text(key, "a text") for key in _TEXTS if key in section}
    fields |= {key: section.number(key, "a number") for key in _NUMBERS if key in section}
    fields |= {
        key: section.choice(key, key, words) for key, words in _CHOICES.items() if key in section
    }
    if "steady" in section:
        fields["steady"] = section.flag("steady", False)
    if "noise" in section:
        fields["noise"] = _noise(section.section("noise"))
    if "like" in fields:
        fields["like"] = before.get(fields["like"], fields["like"])
    with section.reading():
        return user_instrument(name, **fields)


def _noise(section: Section) -> MeasurementNoise:
    section.require_known(("kind", *_SIZES))
    kind: Any = section.choice("kind", "kind of noise", get_args(NoiseKind))
    sizes = {size: section.number(size, "a size") for size in _SIZES if size in section}
    with section.reading():
        return MeasurementNoise(kind, **sizes)


def _of_table(text: str, file: str) -> dict[str, Instrument]:
    """The instruments of a CSV table, a row each."""
    rows = parse_rows(text, file)
    rows.require_columns(ROW_COLUMNS, needed=("instrument",))
    tools: dict[str, Instrument] = {}
    for line, cells in rows:
        where = f"{file}, line {line}"
        values = {column: _cell(column, cell, where) for column, cell in cells.items() if cell}
        try:
            tool = instrument_of_row(values)
        except OxysimError as error:
            raise InputError(f"{where}: {error}", key=error.key) from error
        if tool.name in tools:
            raise InputError(f"{where}: instrument {tool.name!r} stands twice")
        tools[tool.name] = tool
    return tools


def _cell(column: str, cell: str, where: str) -> Any:
    """A cell as a number where its column is one of numbers, else as it is."""
    if column == "steady":
        if cell not in ("true", "false"):
            raise InputError(f"{where}, steady: expected true or false; found {cell!r}")
        return cell == "true"
    if column not in _NUMBER_COLUMNS:
        return cell
    return plain_number(cell, f"{where}, {column}")
