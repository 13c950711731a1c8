"""``oxysim resume``: go on with a sweep that was stopped."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from oxysim.cli.exits import Exit
from oxysim.cli.sweep_verb import carried_out, ended
from oxysim.cli.verb_options import add_running, add_saying, say
from oxysim.errors import InputError
from oxysim.studies import StudyFile, read_source, read_study
from oxysim.sweeps.store.stored_study import open_study

NAME = "resume"
HELP = "go on with a sweep that was stopped"
DESCRIPTION = """\
Go on with a sweep that was stopped: exactly the runs that are missing or whose block failed are
made. The study is the one that the store was begun with, of which it keeps a copy; a study file
may be given in place of the store, and is refused where it has changed."""
EXAMPLE = """\
example:
  oxysim sweep rescue.toml --out rescue.zarr --max-time '2 h'
  oxysim resume rescue.zarr
"""


def add(parser: argparse.ArgumentParser) -> None:
    """The options of this verb.

    >>> parser = argparse.ArgumentParser()
    >>> add(parser)
    >>> parser.parse_args(["rescue.zarr", "--max-time", "2 h"]).max_time
    '2 h'
    """
    parser.add_argument(
        "store", metavar="STORE", help="Zarr store of a sweep, or the study file that names it"
    )
    add_running(parser)
    add_saying(parser)


def run(options: argparse.Namespace) -> Exit:
    """Go on; the exit code says how it ended.

    >>> from oxysim.cli.main import main
    >>> main(["resume", "nowhere.zarr"]) == Exit.BAD_INPUT
    True
    """
    path = Path(options.store)
    # a store is a folder, a study a file
    read, store = _from_file(path) if os.path.isfile(path) else _from_store(path)
    stored = open_study(store)
    # blocks that failed are made again, and count as left
    n_left = stored.n_blocks - len(stored.done)
    say(f"{store}: {len(stored.done)} of {stored.n_blocks} blocks are done, {n_left} left", options)
    return ended(read, options, carried_out(read, options, store, None), store)


def _from_store(store: Path) -> tuple[StudyFile, Path]:
    # the study as it was begun: a file that was changed since would be another study
    source = open_study(store).source
    if source is None:
        raise InputError(
            f"{store}: it was begun from Python and keeps no study file; go on with sweep(study,"
            f" store={str(store)!r})"
        )
    return read_source(source), store


def _from_file(file: Path) -> tuple[StudyFile, Path]:
    # whether it still is the study of its store is held against the store's digest by sweep()
    read = read_study(file)
    if read.store is None:
        raise InputError(
            f"{file}: it names no store; give the store itself: oxysim resume rescue.zarr"
        )
    return read, read.store
