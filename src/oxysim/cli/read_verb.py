"""``oxysim read``: read a user's own file, say what became of its rows, write it in a tidy form."""

from __future__ import annotations

import argparse
import inspect
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oxysim.cli.exits import Exit
from oxysim.cli.verb_options import add_overwrite, require_new, say, writing
from oxysim.errors import InputError, require_extra, unknown_name
from oxysim.observations.diaries.diary_reader import read_diary
from oxysim.observations.event_tables.event_reader import read_events

if TYPE_CHECKING:
    import pandas as pd

NAME = "read"
HELP = "read your own data and say what became of every row"
DESCRIPTION = """\
Read a file of your own (samples, forms, a diary, events) and print what was kept, changed and left
out, with line numbers and reasons. Nothing is guessed: where a decision is needed the message
names the option that takes it. With --out the data is written in the tidy form, one row a value
or an entry."""
READERS: Mapping[str, Callable[..., Any]] = {"diary": read_diary, "events": read_events}
"""The reader of each kind of file."""

# columns of a terminal that is not wide
_WIDTH = 79


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
    kinds = [
        textwrap.fill(
            ", ".join(reader_parameters(reader)),
            _WIDTH,
            initial_indent=f"  {kind:<9}",
            subsequent_indent=" " * 11,
        )
        for kind, reader in READERS.items()
    ]
    return "options of each kind of file (--option):\n" + "\n".join(kinds) + "\n"


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
    say(str(data.report), options)
    if path is not None:
        with writing(path) as temporary:
            _write(data.to_pandas(), temporary, path.suffix.lower())
        say(f"wrote {path}", options)
    return Exit.FINISHED


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
    else:
        arguments[name] = (*before, value) if isinstance(before, tuple) else (before, value)


def _typed(value: str, parameter: inspect.Parameter, name: str) -> Any:
    """A text as the type of the argument's default: a whole number, a truth value, or itself."""
    if isinstance(parameter.default, bool):
        if value not in ("true", "false"):
            raise InputError(f"--option {name}: expected true or false; found {value!r}")
        return value == "true"
    if isinstance(parameter.default, int):
        if not (value.isascii() and value.isdigit()):
            raise InputError(f"--option {name}: expected a whole number; found {value!r}")
        return int(value)
    return value
