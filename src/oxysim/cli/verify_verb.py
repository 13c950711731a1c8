"""``oxysim verify``: whether a sweep on disk still is what was written."""

from __future__ import annotations

import argparse

from oxysim.cli.exits import Exit
from oxysim.cli.verb_options import say, warn
from oxysim.sweeps.store.store_files import DamageError
from oxysim.sweeps.store.verification import verify_store

NAME = "verify"
HELP = "hold the files of a sweep against their digests"
DESCRIPTION = """\
Hold every file of a sweep's store against the digest that was kept of it, or a NetCDF file of
oxysim against its own. Says which files are damaged or missing, and which blocks 'oxysim resume'
will compute. Nothing is changed. Blocks that were not made yet, or failed, are no damage."""
EXAMPLE = """\
example:
  oxysim verify rescue.zarr
  oxysim verify rescue.nc
"""


def add(parser: argparse.ArgumentParser) -> None:
    """The options of this verb.

    >>> parser = argparse.ArgumentParser()
    >>> add(parser)
    >>> parser.parse_args(["rescue.zarr"]).store
    'rescue.zarr'
    """
    parser.add_argument("store", metavar="STORE", help="Zarr store of a sweep, or a NetCDF file")
    parser.add_argument(
        "--quiet", action="store_true", help="print nothing but errors; the exit code tells"
    )


def run(options: argparse.Namespace) -> Exit:
    """Look at every file; the exit code says whether something is damaged.

    >>> from oxysim.cli.main import main
    >>> main(["verify", "nowhere.zarr"]) == Exit.BAD_INPUT
    True
    """
    try:
        verification = verify_store(options.store)
    except DamageError as error:  # the description itself: without it nothing else can be judged
        warn(error)
        return Exit.DAMAGED
    say(str(verification), options)
    # blocks that were never made are no damage
    return Exit.FINISHED if verification.sound else Exit.DAMAGED
