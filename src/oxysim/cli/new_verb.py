"""``oxysim new``: an empty table to be filled in."""

from __future__ import annotations

import argparse
from pathlib import Path

from oxysim.cli.exits import Exit
from oxysim.cli.verb_options import add_overwrite, require_new, say, writing
from oxysim.observations.templates import TEMPLATES, template

NAME = "new"
HELP = "write an empty table for your own data"
DESCRIPTION = """\
Write an empty table for samples, forms, a diary or events: a header, a few made-up rows, and a
comment on every column. It ends with the command that reads it."""
EXAMPLE = """\
example:
  oxysim new data diary
  oxysim new data events --out events.csv
"""


def add(parser: argparse.ArgumentParser) -> None:
    """The options of this verb.

    >>> parser = argparse.ArgumentParser()
    >>> add(parser)
    >>> parser.parse_args(["data", "diary"]).kind
    'diary'
    """
    parser.add_argument("what", choices=["data"], metavar="data", help="a table for your own data")
    parser.add_argument("kind", choices=list(TEMPLATES), help="what it is to hold")
    parser.add_argument("--out", metavar="FILE", help="write it here (.csv), not to the terminal")
    add_overwrite(parser)
    parser.add_argument("--quiet", action="store_true", help="print nothing but errors")


def run(options: argparse.Namespace) -> Exit:
    """Print or write the table.

    >>> from oxysim.cli.main import main
    >>> code = main(["new", "data", "diary"])
    # A diary of feeds, sleep, crying and contact, ...
    """
    text = template(options.kind)
    if options.out is None:
        print(text, end="")
        return Exit.FINISHED
    path = Path(options.out)
    require_new(path, "the table", endings=(".csv",), overwrite=options.overwrite)
    with writing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="\n")
    say(f"wrote {path}", options)
    return Exit.FINISHED
