"""What a store tells about itself: its study, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import xarray as xr

from oxysim.errors import InputError, OxysimError, require_extra, shown
from oxysim.sweeps.store.journal import (
    DONE_MARK,
    FAILED_MARK,
    Description,
    known_numbers,
    read_description,
    read_markers,
)
from oxysim.sweeps.store.legal_metadata import require_known
from oxysim.sweeps.store.places import folder_of
from oxysim.sweeps.store.store_files import DamageError, disk_refusal, parsed, require_plain
from oxysim.sweeps.store.zarr_layout import METADATA, folder_name

_AS_THEY_ARE: Mapping[str, Any] = MappingProxyType(
    dict.fromkeys(
        ("mask_and_scale", "decode_times", "decode_timedelta", "concat_characters"), False
    )
)
"""A sweep's numbers need no decoding, and no attribute may change them while they are read."""


@dataclass(frozen=True)
class StoredStudy:
    """A sweep as its store describes it.

    Attributes
    ----------
    path : the store's folder.
    source : the text of the study file from which it was begun; None where it was begun from
        Python.
    identity : part of the study -> canonical text.
    block_shape : runs of a block along each dimension of the runs.
    n_blocks : number of blocks.
    done : numbers of the finished blocks, by their markers; whether the chunks agree is checked
        when it is resumed.
    failed : number of each failed block -> why.

    >>> stored = StoredStudy(
    ...     Path("sweep.zarr"), None, {"seed": "0"}, (2,), n_blocks=3, done=(0,), failed={2: "NaN"}
    ... )
    >>> print(stored)
    sweep.zarr: 1 of 3 blocks done, 1 failed, 1 missing
    >>> stored.missing
    (1,)
    """

    path: Path
    source: str | None
    identity: Mapping[str, str]
    block_shape: tuple[int, ...]
    n_blocks: int
    done: tuple[int, ...]
    failed: Mapping[int, str]

    @property
    def missing(self) -> tuple[int, ...]:
        """Numbers of the blocks that are neither done nor failed."""
        known_blocks = {*self.done, *self.failed}
        return tuple(number for number in range(self.n_blocks) if number not in known_blocks)

    def __str__(self) -> str:
        done, failed = len(self.done), len(self.failed)
        missing = self.n_blocks - done - failed
        return (
            f"{self.path}: {done} of {self.n_blocks} blocks done, {failed} failed, {missing}"
            " missing"
        )


def open_study(path: Any) -> StoredStudy:
    """What the store at `path` holds; needs neither zarr nor the right to write, and works while
    another writes.

    Raises
    ------
    InputError : there is no store, or its description is damaged.

    >>> open_study("none.zarr")
    Traceback (most recent call last):
    ...
    oxysim.errors.InputError: ...none.zarr: there is no store of a sweep
    """
    root = folder_of(path)
    description = described(root)
    # Markers of blocks that the study does not have are refused before they are counted.
    known_numbers(root, description.layout)
    markers = {number: marker for number, marker in sorted(read_markers(root)) if marker}
    done = tuple(number for number, marker in markers.items() if marker.status == DONE_MARK)
    failed = {
        number: marker.reason for number, marker in markers.items() if marker.status == FAILED_MARK
    }
    return StoredStudy(
        root,
        description.source,
        description.identity,
        description.layout.block_shape,
        description.layout.n_blocks,
        done,
        failed,
    )


def described(root: Path) -> Description:
    """The description of the whole store at `root`.

    Raises
    ------
    InputError : there is no store, or it is only half made. DamageError : its description is
    damaged.

    >>> described(Path("none.zarr"))
    Traceback (most recent call last):
    ...
    oxysim.errors.InputError: store none.zarr: there is no store of a sweep
    """
    description = read_description(root)
    if description is None or not description.complete:
        raise InputError(f"store {root}: there is no store of a sweep")
    return description


def read_dataset(root: Path, description: Description | None = None) -> xr.Dataset:
    """What is in the store at `root`, read when it is used, and held against its digests whenever
    it is.

    Raises
    ------
    InputError : there is no store, or it holds what a store cannot. DamageError : a file of
    metadata is damaged.

    >>> read_dataset(Path("none.zarr"))
    Traceback (most recent call last):
    ...
    oxysim.errors.InputError: store none.zarr: there is no store of a sweep
    """
    require_extra("zarr", "store")
    from oxysim.sweeps.store.checked_files import CheckedFiles  # an extra

    stored = description or described(root)
    _require_plain(root)
    files = CheckedFiles(root, stored)
    try:
        documents = {
            path: parsed(files.read(path) or b"")
            for path in stored.files
            if path.endswith(METADATA)
        }
        # Before zarr sees them: metadata name the code that reads the bytes.
        require_known(documents, stored.layout)
        dataset = xr.open_zarr(files, consolidated=True, **_AS_THEY_ARE)
        # Outcomes are read under the text by which they were asked for.
        names = {folder_name(name): name for name in stored.layout.outcomes}
        dataset = dataset.set_coords(stored.spaced).rename(
            {folder: name for folder, name in names.items() if folder != name}
        )
        _require_described(root, dataset, stored)
    except OxysimError:
        raise
    except Exception as error:  # noqa: BLE001 - zarr and xarray raise anything on metadata that are not what they say
        raise DamageError(
            f"store {root}: its metadata cannot be read ({type(error).__name__}:"
            f" {shown(str(error))})"
        ) from error
    return dataset


def _require_plain(root: Path) -> None:
    try:
        require_plain(root)
    except OSError as error:
        raise disk_refusal(
            f"store {root}: it could not be read", error, "Nothing was changed"
        ) from error


def _require_described(root: Path, dataset: xr.Dataset, description: Description) -> None:
    """Raise where the arrays are not those that the description tells."""
    layout = description.layout
    for name in layout.arrays:
        own_dims, own_shape, _ = layout.outcomes.get(name, ((), (), ""))
        array = dataset.get(name)
        if (
            array is None
            or array.dims != (*layout.dims, *own_dims)
            or array.shape != (*layout.shape, *own_shape)
        ):
            raise DamageError(
                f"store {root}: {name!r} is missing, or not of the shape that the store describes"
            )
    # More arrays than the description knows were put there by somebody else.
    beyond = sorted(set(map(str, dataset.data_vars)) - set(layout.arrays))
    if beyond:
        raise DamageError(
            f"store {root}: it holds {shown(beyond[0])}, which its description does not know"
        )
