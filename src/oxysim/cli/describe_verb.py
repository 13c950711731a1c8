"""``oxysim describe``: check a study file, and say what it will run and what that will cost."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from oxysim.cli.exits import Exit
from oxysim.cli.verb_options import add_study, given_study, whole_number_option
from oxysim.errors import InputError
from oxysim.studies import StudyFile
from oxysim.studies.description import describe
from oxysim.studies.trial_cost import trial_cost
from oxysim.studies.trial_description import describe_trial
from oxysim.studies.trial_file import is_trial, read_trial
from oxysim.sweeps.cost_estimate import estimate
from oxysim.sweeps.methods import methods
from oxysim.sweeps.store.stored_study import open_study

NAME = "describe"
HELP = "check a study file and say what it will run, and at what cost"
DESCRIPTION = """\
Check a study file and say in sentences what it will run: who, on which day, over which design,
what is kept, and what it will cost in time, memory and disk (from a few pilot runs). A file with
[trial] is described as the plan of its trial, with the time that it will take. Nothing is
written."""
EXAMPLE = """\
example:
  oxysim describe rescue.toml
  oxysim describe trial.toml
"""


def add(parser: argparse.ArgumentParser) -> None:
    """The options of this verb.

    >>> parser = argparse.ArgumentParser()
    >>> add(parser)
    >>> parser.parse_args(["rescue.toml", "--no-pilot"]).no_pilot
    True
    """
    add_study(parser)
    parser.add_argument(
        "--workers",
        type=whole_number_option(1),
        metavar="N",
        help="worker processes to reckon with",
    )
    parser.add_argument(
        "--no-pilot", action="store_true", help="do not run any runs to estimate the time"
    )
    parser.add_argument("--methods", action="store_true", help="print the methods paragraph too")


def run(options: argparse.Namespace) -> Exit:
    """Print the description.

    >>> import tempfile
    >>> from oxysim.cli.main import main
    >>> text = 'duration = "12 h"\\noutcomes = ["caregiver.epds: final"]'
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     study = Path(folder) / "mood.toml"
    ...     _ = study.write_text(text, encoding="utf-8")
    ...     code = main(["describe", str(study), "--no-pilot"])
    mood (...
    """
    if is_trial(options.study):
        # options of sweeps would be taken and change nothing: they are refused
        _require_of_trials(options)
        planned = read_trial(options.study, seed=options.seed)
        print(f"{planned.title} ({options.study})\n\n{describe_trial(planned)}")
        cost = (
            "time: not estimated (--no-pilot)"
            if options.no_pilot
            else trial_cost(planned).describe()
        )
        print(f"\nCost\n  {cost}")
        return Exit.FINISHED
    read = given_study(options)
    print(f"{read.title} ({options.study})\n\n{describe(read.study)}")
    if read.store is not None:
        print(f"\nStore\n  {_state(read.store)}")
    if options.methods:
        print(f"\n{methods(read.study)}")
    # last, since its pilot runs take the longest: the rest can be read meanwhile
    print(f"\nCost\n  {_cost(read, options)}")
    return Exit.FINISHED


def _require_of_trials(options: argparse.Namespace) -> None:
    """Raise on what would change nothing."""
    for name in ("engine", "workers", "methods"):
        # none of the three has a default that counts as given
        if getattr(options, name):
            raise InputError(
                f"--{name}: has no meaning for a file with [trial]; leave it out ({options.study})"
            )


def _cost(read: StudyFile, options: argparse.Namespace) -> str:
    # the option counts before the file
    workers = options.workers or read.workers
    predicted = estimate(
        read.study, on_disk=read.store is not None, workers=workers, block_size=read.block_size,
        pilot=not options.no_pilot, timeout=read.timeout,
    )  # fmt: skip
    return predicted.describe()


def _state(store: Path) -> str:
    # a link that leads nowhere is no new store either
    if not os.path.lexists(store):
        return f"{store} (new)"
    return str(open_study(store))
