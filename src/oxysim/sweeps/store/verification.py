"""Whether a sweep on disk still is what was written: every file held against its digest, nothing
changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xarray as xr

from oxysim.errors import InputError
from oxysim.simulation.results.result_file import digest_matches
from oxysim.sweeps.store.journal import DONE_MARK
from oxysim.sweeps.store.places import folder_of
from oxysim.sweeps.store.repair import damaged_files, verify_blocks
from oxysim.sweeps.store.store_files import disk_refusal, require_plain
from oxysim.sweeps.store.stored_study import described, read_dataset

NETCDF = ".nc"
SHOWN = 10
"""Files and blocks named of each kind; the others are counted."""


@dataclass(frozen=True)
class Verification:
    """What was found in the store of a sweep, or in its NetCDF file.

    Attributes
    ----------
    path : what was looked at.
    n_blocks : number of blocks; 0 for a file.
    done, failed, missing : numbers of the blocks that are whole, that failed as a whole, and that
        were not made.
    damaged : number of a block -> its files that are missing or not what was written.
    files : files of metadata and coordinates that are missing or not what was written; the file
    itself.

    >>> print(Verification(Path("sweep.zarr"), n_blocks=3, done=(0, 1), missing=(2,)))
    sweep.zarr: sound; 2 of 3 blocks whole, 0 damaged, 0 failed, 1 not made
    'oxysim resume' will compute 1 blocks: 2
    """

    path: Path
    n_blocks: int = 0
    done: tuple[int, ...] = ()
    failed: tuple[int, ...] = ()
    missing: tuple[int, ...] = ()
    damaged: Mapping[int, tuple[str, ...]] | None = None
    files: tuple[str, ...] = ()

    @property
    def sound(self) -> bool:
        """Whether nothing is damaged; blocks that were not made, or failed, are not damage."""
        return not self.damaged and not self.files

    @property
    def again(self) -> tuple[int, ...]:
        """Numbers of the blocks that ``resume`` computes: damaged, failed, and not made."""
        return tuple(sorted({*(self.damaged or {}), *self.failed, *self.missing}))

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterable[str]:
        # A single NetCDF file.
        if not self.n_blocks:
            yield f"{self.path}: " + ("sound" if self.sound else "damaged; run the sweep again")
            return
        damaged = self.damaged or {}
        yield (
            f"{self.path}: {'sound' if self.sound else 'damaged'}; {len(self.done)} of"
            f" {self.n_blocks} blocks whole, {len(damaged)} damaged, {len(self.failed)} failed,"
            f" {len(self.missing)} not made"
        )
        for name in self.files[:SHOWN]:
            yield (
                f"  {name}: missing, or not what was written; 'resume' writes it anew where the"
                " study is the same"
            )
        for number, names in list(damaged.items())[:SHOWN]:
            yield f"  block {number}: {', '.join(names[:SHOWN])}: missing, or not what was written"
        n_left_out = max(len(self.files) - SHOWN, 0) + max(len(damaged) - SHOWN, 0)
        if n_left_out:
            yield f"  and {n_left_out} more"
        if self.again:
            yield f"'oxysim resume' will compute {len(self.again)} blocks: {_listed(self.again)}"


def verify_store(path: Any) -> Verification:
    """Hold every file of a sweep against its digest; nothing is changed, and a sweep that is
    running may go on.

    Covered are all outcomes, statuses and reasons, coordinates, metadata and the bookkeeping
    itself. Not covered are files that the sweep did not write.

    Parameters
    ----------
    path : the store of a sweep, or a NetCDF file of one (``--out sweep.nc``).

    Raises
    ------
    InputError : no sweep, or links in a store. DamageError : the description of a store is damaged,
        so that nothing else can be judged. StoreError : the disk refused.

    >>> verify_store("none.zarr")
    Traceback (most recent call last):
    ...
    oxysim.errors.InputError: ...none.zarr: there is no store of a sweep
    """
    root = folder_of(path)
    if root.is_file():
        return Verification(root, files=() if _sealed(root) else (root.name,))
    description = described(root)
    try:
        require_plain(root)
        states, damaged = verify_blocks(root, description.layout)
        files = damaged_files(root, description)
    except OSError as error:
        raise disk_refusal(
            f"store {root}: it could not be read", error, "Nothing was changed"
        ) from error
    done = tuple(number for number, status in states.items() if status == DONE_MARK)
    failed = tuple(number for number in states if number not in set(done))
    missing = tuple(
        n for n in range(description.layout.n_blocks) if n not in states and n not in damaged
    )
    return Verification(
        root, description.layout.n_blocks, done, failed, missing, damaged, tuple(files)
    )


def open_sweep(path: Any) -> xr.Dataset:
    """The results of a sweep on disk, held against their digests.

    Parameters
    ----------
    path : the store of a sweep, at any time while it grows too, or a NetCDF file of one. What is in
        a store is read and checked when it is used; a file is checked and read at once.

    Returns
    -------
    Dataset : one variable an outcome, under the text by which it was asked for, ``status`` (0 not
    done, 1 ok, 2 failed) and ``reason``.

    Raises
    ------
    InputError : no sweep, or one that holds what it cannot. DamageError : it is not what was
        written; of a store when the damaged part is read.

    >>> open_sweep("none.zarr")
    Traceback (most recent call last):
    ...
    oxysim.errors.InputError: ...none.zarr: there is no store of a sweep
    """
    root = folder_of(path)
    if not root.is_file():
        return read_dataset(root)
    if not _sealed(root):
        raise InputError(
            f"{root}: the file was changed or damaged since it was written; run the sweep again"
        )
    # Read whole, so that the file is closed and what was checked is what is used.
    with xr.open_dataset(root, engine="scipy") as file:
        dataset = file.load()
    names = {
        str(name): str(variable.attrs["outcome"])
        for name, variable in dataset.data_vars.items()
        if "outcome" in variable.attrs
    }
    return dataset.rename({old: new for old, new in names.items() if old != new})


def _sealed(file: Path) -> bool:
    sealed = digest_matches(file)
    if sealed is None:
        raise InputError(
            f"{file}: expected the store of a sweep, or a NetCDF file that oxysim wrote; found a"
            " file without a digest"
        )
    return sealed


def _listed(numbers: tuple[int, ...]) -> str:
    """Numbers with runs of them as "3-7"."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][1] + 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    words = [str(low) if low == high else f"{low}-{high}" for low, high in spans]
    return ", ".join(words[:SHOWN]) + (" ..." if len(words) > SHOWN else "")
