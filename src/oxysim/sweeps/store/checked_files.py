"""The files of a store as zarr reads them: only those that the study has, each held against its
digest every time.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Self

import numpy as np
from zarr.storage import LocalStore, WrapperStore

from oxysim.sweeps.store.journal import Description, read_marker
from oxysim.sweeps.store.store_files import DamageError, digest_of, read_inside
from oxysim.sweeps.store.zarr_layout import LARGEST_LAYOUT, folder_name

_TRIES = 2
"""Readings of a chunk before it is called damaged: another process may put a new one in its place,
and its marker after it, between our looking at the one and at the other.
"""


class CheckedFiles(WrapperStore[LocalStore]):
    """A store of zarr that reads `root` and nothing beside it; see the module.

    Parameters
    ----------
    root : the store's folder, resolved, without links in it.
    description : what the store says of itself, checked.

    >>> import tempfile
    >>> from oxysim.sweeps.store.zarr_layout import StoreLayout
    >>> layout = StoreLayout(("run",), (5,), (2,), {"epds": ((), (), "<f8")})
    >>> files = {"zarr.json": digest_of(b"{}")}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     (Path(folder) / "zarr.json").write_bytes(b"{ }") and None
    ...     CheckedFiles(Path(folder), Description({}, layout, files)).read("zarr.json")
    Traceback (most recent call last):
    ...
    oxysim.sweeps.store.store_files.DamageError: store ...: zarr.json was changed or damaged; ...
    """

    def __init__(self, root: Path, description: Description) -> None:
        super().__init__(LocalStore(root, read_only=True))
        self._root, self._description = root, description
        self._arrays = {folder_name(name): name for name in description.layout.arrays}

    def _with_store(self, store: LocalStore) -> Self:
        return type(self)(self._root, self._description)

    async def get(self, key: str, prototype: Any, byte_range: Any = None) -> Any:
        """The bytes of a file; None where there is none, or none that the study has."""
        data = await asyncio.to_thread(self.read, key)
        if data is None:
            return None
        # A part of a file cannot be held against the digest of the whole.
        if byte_range is not None:
            raise DamageError(
                f"store {self._root}: {key}: expected whole chunks; found metadata that ask for a"
                " part"
            )
        return prototype.buffer.from_bytes(data)

    async def get_partial_values(
        self, prototype: Any, key_ranges: Iterable[tuple[str, Any]]
    ) -> list[Any]:
        """The same for several files."""
        return [await self.get(key, prototype, byte_range) for key, byte_range in key_ranges]

    async def exists(self, key: str) -> bool:
        """Whether there is such a file."""
        return await asyncio.to_thread(self.read, key) is not None

    def read(self, key: str) -> bytes | None:
        """The bytes of a file, as they were written.

        Raises
        ------
        DamageError : other bytes, or none although they were written. InputError : a link.
        """
        # Metadata and coordinates: their digests stand in the description.
        if key in self._description.files:
            data = read_inside(self._root, key, LARGEST_LAYOUT)
            return self._agreeing(key, data, self._description.files[key], "")
        folder, _, rest = key.rpartition("/")
        if (
            folder not in self._arrays
            or (number := self._block(rest, self._arrays[folder])) is None
        ):
            return None
        return self._chunk(key, self._arrays[folder], number)

    def _chunk(self, key: str, array: str, number: int) -> bytes | None:
        """The chunk of a block, where the block's marker vouches for one."""
        for tries_left in reversed(range(_TRIES)):
            marker = read_marker(self._root, number)
            # No marker vouches for it: to zarr it was never written, and reads as not
            # done.
            if marker is None or array not in marker.sha256:
                return None
            data = read_inside(self._root, key, LARGEST_LAYOUT)
            try:
                return self._agreeing(key, data, marker.sha256[array], f"block {number}: ")
            except DamageError:
                if not tries_left:
                    raise
        return None

    def _agreeing(self, key: str, data: bytes | None, expected: str, where: str) -> bytes:
        if data is None or digest_of(data) != expected:
            state = "is missing" if data is None else "was changed or damaged"
            raise DamageError(
                f"store {self._root}: {where}{key} {state}; 'oxysim verify' lists what is damaged,"
                " and resuming the sweep computes it again"
            )
        return data

    def _block(self, name: str, array: str) -> int | None:
        """The number of the block to which a chunk belongs; None for what is no chunk."""
        layout = self._description.layout
        # Names of chunks as a sweep writes them: zarr may ask for anything.
        if not re.fullmatch(r"c(\.[0-9]{1,18})*", name):
            return None
        indices = tuple(int(index) for index in name.split(".")[1:])
        grid, n_own_dims = layout.grid, len(layout.own_shape(array))
        if len(indices) != len(grid) + n_own_dims or any(indices[len(grid) :]):
            return None
        if any(i >= n for i, n in zip(indices, grid, strict=False)):
            return None
        return int(np.ravel_multi_index(indices[: len(grid)], grid)) if grid else 0
