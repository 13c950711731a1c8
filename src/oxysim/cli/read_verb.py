"""``oxysim read``: read a user's own file, say what became of its rows, write it in a tidy form."""

from __future__ import annotations

import argparse
import inspect
import textwrap
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oxysim.cli.exits import Exit
from oxysim.cli.verb_options import add_overwrite, require_new, say, writing
from oxysim.errors import InputError, require_extra, unknown_name
from oxysim.observations import read_diary, read_events, read_forms, read_samples
from oxysim.observations.instrument_units import analyte_instrument

if TYPE_CHECKING:
    import pandas as pd

NAME = "read"
HELP = "read your own data and say what became of every row"
DESCRIPTION = """\
Read a file of your own (samples, forms, a diary, events) and print what was kept, changed and left
out, with line numbers and reasons. Nothing is guessed: where a decision is needed the message
names the option that takes it. With --out the data is written in the tidy form, one row a value
or an entry."""
READERS: Mapping[str, Callable[..., Any]] = {
    "saliva": read_samples,
    "plasma": read_samples,
    "urine": read_samples,
    "cortisol": read_samples,
    "epds": read_forms,
    "diary": read_diary,
    "events": read_events,
}
"""The reader of each kind of file."""

# columns of a terminal that is not wide
_WIDTH = 79
_DEEP = " " * 4


def reader_parameters(reader: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    """The arguments of a reader that are options here: all but the file.

    >>> list(reader_parameters(read_events))[:2]
    ['time_unit', 'dose_unit']
    """
    return {
        name: parameter
        for name, parameter in inspect.signature(reader).parameters.items()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }


def _options_text() -> str:
    """The options of every kind of file, for the help."""
    kinds_of: dict[Callable[..., Any], list[str]] = {}
    for kind, reader in READERS.items():
        kinds_of.setdefault(reader, []).append(kind)
    lines = ["options of each kind of file (--option):"]
    for reader, kinds in kinds_of.items():
        lines.append(f"  {', '.join(kinds)}:")
        names = ", ".join(reader_parameters(reader))
        lines.append(textwrap.fill(names, _WIDTH, initial_indent=_DEEP, subsequent_indent=_DEEP))
    return "\n".join(lines) + "\n"


EXAMPLE = f"""\
{_options_text()}
example:
  oxysim new data diary --out diary.csv
  oxysim read diary.csv --as diary --option born=2024-03-01 --out tidy.csv
  oxysim read log.csv --as diary --option missing_end.bottle='10 min'
"""

_ENDINGS = (".csv", ".parquet")


def add(parser: argparse.ArgumentParser) -> None:
    """The options of this verb.

    >>> parser = argparse.ArgumentParser()
    >>> add(parser)
    >>> parser.parse_args(["log.csv", "--as", "diary", "--option", "doubled=drop"]).option
    ['doubled=drop']
    """
    parser.add_argument("file", metavar="FILE", help="file of comma-separated values")
    parser.add_argument(
        "--as", dest="kind", required=True, choices=list(READERS), help="what the file holds"
    )
    parser.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an argument of the reader, such as doubled=drop; of what has several parts"
        " NAME.PART=VALUE; may be repeated",
    )
    parser.add_argument(
        "--out", metavar="FILE", help="write the data in the tidy form (.csv or .parquet)"
    )
    add_overwrite(parser)
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")


def run(options: argparse.Namespace) -> Exit:
    """Read the file and print the report.

    >>> from oxysim.cli.main import main
    >>> main(["read", "nowhere.csv", "--as", "diary"]) == Exit.BAD_INPUT
    True
    """
    reader = READERS[options.kind]
    path = None if options.out is None else Path(options.out)
    if path is not None:
        require_new(path, "the data", endings=_ENDINGS, overwrite=options.overwrite)
        if path.suffix.lower() == ".parquet":
            require_extra("pyarrow", "parquet")
    data = reader(options.file, **reader_arguments(reader, options.option))
    if reader is read_samples:
        _require_material(options.kind, data.analytes, options.file)
    say(str(data.report), options)
    if path is not None:
        with writing(path) as temporary:
            _write(data.to_pandas(), temporary, path.suffix.lower())
        say(f"wrote {path}", options)
    return Exit.FINISHED


def _require_material(kind: str, analytes: Iterable[str], file: str) -> None:
    """Raise for an analyte of another material than that which the file is said to hold."""
    for analyte in analytes:
        tool = analyte_instrument(analyte)
        # a user's own analyte is of whatever material the user says
        if tool is None:
            continue
        is_of_kind = "cortisol" in tool.variables if kind == "cortisol" else tool.matrix == kind
        if not is_of_kind:
            raise InputError(
                what=file,
                expected=f"analytes of {kind}, as it is read (--as {kind})",
                found=f"{analyte}, of {tool.matrix or 'no sample'}",
                remedy="read it as what it is, or leave the column out: --option ignore=COLUMN",
            )


def _write(table: pd.DataFrame, path: Path, ending: str) -> None:
    if ending == ".parquet":
        table.to_parquet(path, index=False)
    else:
        table.to_csv(path, index=False, lineterminator="\n")


def reader_arguments(reader: Callable[..., Any], texts: list[str]) -> dict[str, Any]:
    """The arguments of a reader from "NAME=VALUE" texts.

    "NAME.PART=VALUE" makes a mapping; a name that is repeated, a tuple.

    Raises
    ------
    InputError : a text without "=", a name both with and without a part, no whole number where one
    is. UnknownNameError : no such argument.

    >>> reader_arguments(read_diary, ["missing_end.sleep=drop", "doubled=drop", "first_day=8"])
    {'missing_end': {'sleep': 'drop'}, 'doubled': 'drop', 'first_day': 8}
    """
    parameters = reader_parameters(reader)
    arguments: dict[str, Any] = {}
    for text in texts:
        whole, equals, value = text.partition("=")
        name, dot, key = whole.partition(".")
        if not equals or not name or (dot and not key):
            raise InputError(f"--option {text!r}: expected NAME=VALUE or NAME.PART=VALUE")
        if name not in parameters:
            raise unknown_name("option", name, parameters, "of this kind of file")
        if dot:
            _add_part(arguments, name, key, value)
        else:
            _add_value(arguments, name, _typed(value, parameters[name], name))
    return arguments


def _add_part(arguments: dict[str, Any], name: str, key: str, value: str) -> None:
    keys = arguments.setdefault(name, {})
    if not isinstance(keys, dict) or key in keys:
        raise InputError(f"--option {name}.{key}: this is said twice")
    keys[key] = value


def _add_value(arguments: dict[str, Any], name: str, value: Any) -> None:
    before = arguments.get(name)
    if isinstance(before, dict):
        raise InputError(f"--option {name}: this is said twice, with a part and without one")
    if before is None:
        arguments[name] = value
        return
    values = [item if isinstance(item, tuple) else (item,) for item in (before, value)]
    arguments[name] = (*values[0], *values[1])


def _typed(value: str, parameter: inspect.Parameter, name: str) -> Any:
    """A text as the argument's type: a truth value, a whole number, a tuple, or itself."""
    if isinstance(parameter.default, bool):
        if value not in ("true", "false"):
            raise InputError(f"--option {name}: expected true or false; found {value!r}")
        return value == "true"
    # annotations are texts here, as everywhere in this package
    annotation = str(parameter.annotation)
    whole = annotation in ("int", "Sequence[int]")
    if whole and not (value.isascii() and value.isdigit()):
        raise InputError(f"--option {name}: expected a whole number; found {value!r}")
    typed = int(value) if whole else value
    return (typed,) if annotation.startswith("Sequence") else typed
