"""``oxysim sweep``: run a study over its design, into a store that can be resumed."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import xarray as xr

from oxysim.cli.exits import Exit
from oxysim.cli.verb_options import (
    add_overwrite,
    add_running,
    add_saying,
    add_study,
    cluster,
    given_study,
    require_new,
    say,
    warn,
    whole_number_option,
    writing,
)
from oxysim.errors import InputError
from oxysim.simulation.results.result_file import EMPTY_SEAL, write_digest
from oxysim.studies import StudyFile
from oxysim.sweeps import runner as running
from oxysim.sweeps.methods import methods
from oxysim.sweeps.store.zarr_layout import folder_name
from oxysim.sweeps.sweep_dataset import failure_reasons, run_counts

NAME = "sweep"
HELP = "run a study over its design"
DESCRIPTION = """\
Run a study over its whole design. The results go into a Zarr store, block by block; a sweep that
was stopped, or whose machine went down, goes on from there with 'oxysim resume', or when it is run
again."""
EXAMPLE = """\
example:
  oxysim sweep rescue.toml --workers 2 --out rescue.zarr
  python -c "import oxysim; print(oxysim.sweeps.open_sweep('rescue.zarr'))"
"""
FILE = ".nc"


def add(parser: argparse.ArgumentParser) -> None:
    """The options of this verb.

    >>> parser = argparse.ArgumentParser()
    >>> add(parser)
    >>> parser.parse_args(["rescue.toml", "--out", "rescue.zarr"]).out
    'rescue.zarr'
    """
    add_study(parser)
    parser.add_argument(
        "--out",
        metavar="PATH",
        help=(
            "Zarr store, in place of the file's; a name that ends in .nc: a NetCDF file at the end"
        ),
    )
    parser.add_argument(
        "--block-size", type=whole_number_option(1), metavar="N", help="runs in a block, at most"
    )
    add_overwrite(parser)
    add_running(parser)
    add_saying(parser)


def run(options: argparse.Namespace) -> Exit:
    """Run the sweep; the exit code says how it ended.

    >>> import tempfile
    >>> from oxysim.cli.main import main
    >>> text = '''
    ... duration = "1 h"
    ... outcomes = ["caregiver.epds: final"]
    ... design = { kind = "grid", axes = { seed = [1, 2] } }
    ... '''
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     study = Path(folder) / "mood.toml"
    ...     _ = study.write_text(text, encoding="utf-8")
    ...     out = str(Path(folder) / "mood.nc")
    ...     code = main(["sweep", str(study), "--out", out, "--workers", "1"])
    mood: 2 of 2 runs finished; ...
    """
    read = given_study(options)
    if options.out is not None and not options.out.strip():
        raise InputError("--out: expected a path, such as 'rescue.zarr'; found an empty text")
    # the option counts before the file
    out = Path(options.out) if options.out is not None else read.store
    if out is None:
        raise InputError(
            f'{options.study}: nowhere to put the results; give store = "rescue.zarr" in the study'
            " file, or --out"
        )
    size = options.block_size or read.block_size
    # A file is written when all is done, a store block by block.
    if out.suffix == FILE:
        require_new(out, "the results", endings=(FILE,), overwrite=options.overwrite)
        dataset = carried_out(read, options, None, size)
        with writing(out) as temporary:
            # The digest is put in after the bytes are there, in the place that this
            # keeps.
            whole = _for_one_file(dataset).assign_attrs(digest=EMPTY_SEAL)
            whole.to_netcdf(temporary, engine="scipy", format="NETCDF3_64BIT")
            write_digest(temporary)
    else:
        dataset = carried_out(read, options, out, size)
    return ended(read, options, dataset, out)


def carried_out(
    read: StudyFile, options: argparse.Namespace, store: Path | None, size: int | None
) -> xr.Dataset:
    """What comes of running a study as the options say.

    >>> from oxysim.families import Dyad
    >>> from oxysim.sweeps import Study
    >>> study = Study(Dyad(), duration="1 h", outcomes=["caregiver.epds: final"])
    >>> file = StudyFile(study, "mood", None, block_size=None, workers=1, timeout=None, source="")
    >>> words = ["mood.toml", "--quiet"]
    >>> parser = argparse.ArgumentParser()
    >>> add(parser)
    >>> carried_out(file, parser.parse_args(words), store=None, size=None)["status"].values
    array([1], dtype=uint8)
    """
    with cluster(options.scheduler) as (executor, threads):
        try:
            return running.sweep(
                read.study,
                store=store,
                workers=options.workers or threads or read.workers,
                executor=executor,
                block_size=size,
                timeout=options.timeout or read.timeout,
                max_time=options.max_time,
                progress=False if options.quiet else None,
                force=options.force,
                source=read.source,
            )
        except KeyboardInterrupt as error:
            # without a store there is nothing to go on from
            if store is None:
                raise
            raise KeyboardInterrupt(
                f"{str(error) or 'interrupted'}: oxysim resume {store}"
            ) from None


def ended(read: StudyFile, options: argparse.Namespace, dataset: xr.Dataset, out: Path) -> Exit:
    """Say how a sweep ended; its exit code.

    >>> from oxysim.families import Dyad
    >>> from oxysim.sweeps import Study
    >>> study = Study(Dyad(), duration="1 h", outcomes=["caregiver.epds: final"])
    >>> file = StudyFile(study, "mood", None, block_size=None, workers=1, timeout=None, source="")
    >>> dataset = xr.Dataset({"status": ("seed", [1, 1])})  # two runs that finished
    >>> ended(file, argparse.Namespace(quiet=False, methods=False), dataset, Path("mood.nc"))
    mood: 2 of 2 runs finished; mood.nc
    <Exit.FINISHED: 0>
    """
    counts = run_counts(dataset)
    total = sum(counts.values())
    say(f"{read.title}: {counts['ok']} of {total} runs finished; {out}", options)
    if counts["failed"]:
        warn(f"{counts['failed']} of {total} runs failed: " + "\n  ".join(failure_reasons(dataset)))
    if options.methods:
        print(f"\n{methods(read.study, dataset)}")
    if counts["not done"]:
        # a file is written at the end only, so that nothing of it can be gone on from
        advice = (
            f"go on with: oxysim resume {out}"
            if out.suffix != FILE
            else "give more time, or a store to go on from"
        )
        warn(f"stopped with {counts['not done']} of {total} runs not made; {advice}")
        return Exit.STOPPED
    return Exit.FAILED_RUNS if counts["failed"] else Exit.FINISHED


def _for_one_file(dataset: xr.Dataset) -> xr.Dataset:
    """The same as a NetCDF 3 file can hold it: no whole numbers beyond 32 bits, no name with a
    space a coordinate, no name with a slash.
    """
    # NetCDF lists coordinates in a text with blanks between them.
    spaced = [
        name
        for name, coordinate in dataset.coords.items()
        if " " in str(name) and name not in dataset.dims
    ]
    # Whole numbers below 2**53 are exact as floats.
    wide = {
        name: coordinate.astype(np.float64)
        for name, coordinate in dataset.coords.items()
        if coordinate.dtype.kind == "i" and np.abs(coordinate.values).max(initial=0) >= 2**31
    }
    slashed = {name: folder_name(str(name)) for name in dataset.data_vars if "/" in str(name)}
    return dataset.assign_coords(wide).reset_coords(spaced).rename(slashed)
