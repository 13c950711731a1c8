"""The verbs of the command line: reads the arguments, calls the verb, and turns errors into
messages and exit codes.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import textwrap
import warnings
from collections.abc import Callable, Sequence
from typing import NoReturn

from oxysim.cli import (
    describe_verb,
    evidence_verb,
    new_verb,
    read_verb,
    resume_verb,
    simulate_verb,
    sweep_verb,
    trial_verb,
    verify_verb,
)
from oxysim.cli.exits import Exit, epilogue
from oxysim.cli.verb_options import show_warning, warn
from oxysim.errors import OxysimError
from oxysim.simulation.results.provenance import version
from oxysim.sweeps.store.store_files import StoreError
from oxysim.sweeps.store.writer_lock import StoreInUseError
from oxysim.synonyms import nearest

VERBS = (
    describe_verb,
    simulate_verb,
    sweep_verb,
    resume_verb,
    verify_verb,
    trial_verb,
    evidence_verb,
    read_verb,
    new_verb,
)
# columns of a help text: it stands in a terminal of 80 without being broken in the middle of words
_WIDTH = 79
_HELP = (
    "Simulate the oxytocin feedback between a caregiver and an infant, and hold it against what was"
    " published."
)


_EXAMPLE = """\
example:
  oxysim describe rescue.toml
  oxysim sweep rescue.toml --workers 2
  oxysim resume rescue.zarr
  oxysim verify rescue.zarr
  oxysim trial spray.toml --csv effects.csv --figure effects.png
  oxysim evidence --quick
  oxysim new data diary --out diary.csv
  oxysim read diary.csv --as diary --option born=2024-03-01
"""


class _Parser(argparse.ArgumentParser):
    """A parser that answers a misspelt verb or choice with the nearest."""

    def error(self, message: str) -> NoReturn:
        wrong = re.search(r"invalid choice: '(.*?)' \(choose from (.*)\)", message)
        # The text of argparse is its own: there is no data to read it from.
        if wrong:
            choices = [word.strip(" '") for word in wrong[2].split(",")]
            message += f"; nearest: {nearest(wrong[1], choices, 1)[0]!r}"
        super().error(message)


def run(arguments: Sequence[str]) -> int:
    """Run the command line `arguments` and return the exit code.

    >>> run(["verify", "nowhere.zarr"]) == Exit.BAD_INPUT
    True
    """
    # a wrong option ends the process here, with exit code 2 as argparse has it
    options = parser().parse_args(arguments)
    verb: Callable[[argparse.Namespace], Exit] = options.run
    try:
        with warnings.catch_warnings():
            warnings.showwarning = show_warning
            code = verb(options)
        # A reader that has gone is noticed here, and not when the interpreter ends.
        sys.stdout.flush()
        return code
    except KeyboardInterrupt as error:
        warn(str(error) or "interrupted")
        return Exit.INTERRUPTED
    # Before the errors of which these are a kind: a disk or a writer has its own exit code.
    except (StoreError, StoreInUseError) as error:
        warn(error)
        return Exit.NO_STORE
    except OxysimError as error:
        warn(error)
        return Exit.BAD_INPUT
    except BrokenPipeError:
        # who read our output has gone; the interpreter must not try to flush the rest
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.FINISHED


def parser() -> argparse.ArgumentParser:
    """The parser of the whole command line.

    >>> parser().parse_args(["sweep", "rescue.toml", "--workers", "2"]).workers
    2
    """
    top_parser = _Parser(
        prog="oxysim",
        description=textwrap.fill(_HELP, _WIDTH),
        epilog=f"{_EXAMPLE}\n{epilogue()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top_parser.add_argument("--version", action="version", version=f"oxysim {version()}")
    verbs = top_parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    for verb in VERBS:
        # no abbreviations: an option that is added later would change what they mean
        verb_parser = verbs.add_parser(
            verb.NAME,
            help=verb.HELP,
            description=textwrap.fill(verb.DESCRIPTION, _WIDTH),
            epilog=f"{verb.EXAMPLE}\n{epilogue(verb.NAME)}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        verb.add(verb_parser)
        verb_parser.set_defaults(run=verb.run)
    return top_parser
