"""How the runs of a study lie on disk: blocks, chunks, and their bytes as Zarr version 3 writes
them.

Every array is cut along the runs by the block shape and not at all along an outcome's own
dimensions, so a block of runs is exactly one chunk of each array. Bytes are made in memory by zarr
itself; ``store_files`` brings them to disk.
"""

from __future__ import annotations

import json
import math
import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from oxysim.errors import InputError, require_extra
from oxysim.simulation.results.run_status import RunStatus

STATUS, REASON = "status", "reason"
# Flags as the CF conventions write them, so that other readers show the words beside the numbers.
STATUS_ROWS: Mapping[str, Mapping[str, Any]] = {
    STATUS: {
        "long_name": "status of the run",
        "flag_values": [int(status) for status in RunStatus],
        "flag_meanings": "not_done done failed",
    },
    REASON: {"long_name": "why the run failed, with its parameters"},
}
# folder of markers, lock and description; a Zarr group of its own, so that readers pass it by
BOOKKEEPING = "blocks"
METADATA = "zarr.json"
LARGEST_LAYOUT = 2**62
"""Numbers of an outcome, and runs of a sweep: what is beyond cannot be numbered."""

LARGEST_BLOCKS = 10_000_000
"""Blocks of a store: each is a file of every outcome, and ten million fill a file system before
they fill a disk.
"""

# all chunks of an array in one folder: one folder to synchronise
_KEYS = {"name": "default", "separator": "."}


@dataclass(frozen=True)
class StoreLayout:
    """Which runs belong to which block, and which file holds a block's part of an array.

    Attributes
    ----------
    dims, shape : names and sizes of the runs' dimensions.
    block_shape : sizes of a block; blocks at the upper borders may be smaller. Blocks are numbered
        in C order.
    outcomes : outcome -> (its dimensions, their sizes, its dtype), the runs' dimensions left out.

    >>> layout = StoreLayout(("run",), (5,), (2,), {"caregiver.epds: final": ((), (), "<f8")})
    >>> layout.n_blocks, layout.region(2), layout.extent(2)
    (3, (slice(4, 5, None),), (1,))
    >>> layout.chunk_file("status", 2)
    'status/c.2'
    """

    dims: tuple[str, ...]
    shape: tuple[int, ...]
    block_shape: tuple[int, ...]
    outcomes: Mapping[str, tuple[tuple[str, ...], tuple[int, ...], str]]

    @property
    def grid(self) -> tuple[int, ...]:
        """Number of blocks along each of the runs' dimensions."""
        # Rounded up: the last block of a dimension may be smaller.
        return tuple(-(-n // size) for n, size in zip(self.shape, self.block_shape, strict=True))

    @property
    def n_blocks(self) -> int:
        """Number of blocks."""
        return math.prod(self.grid)

    @property
    def arrays(self) -> tuple[str, ...]:
        """Every array of the store: the outcomes, status, reason."""
        return (*self.outcomes, STATUS, REASON)

    def require_possible(self) -> None:
        """Raise ``InputError`` where there are more blocks than a store can have."""
        if self.n_blocks > LARGEST_BLOCKS:
            raise InputError(
                what="block_size", expected=f"at most {LARGEST_BLOCKS} blocks in a store",
                found=f"{self.n_blocks:.3g} of {self.block_shape} runs", key=("block_size",),
                remedy="give a larger {block_size}, or a smaller design",
                arguments={"block_size": "block_size="},
            )  # fmt: skip

    def position(self, number: int) -> tuple[int, ...]:
        """Where block `number` lies in the grid of blocks."""
        if not 0 <= number < self.n_blocks:
            raise InputError(
                f"block: expected a number from 0 to {self.n_blocks - 1}; found {number}"
            )
        return tuple(int(i) for i in np.unravel_index(number, self.grid))

    def region(self, number: int) -> tuple[slice, ...]:
        """The runs of block `number`, one slice a dimension."""
        where = zip(self.position(number), self.block_shape, self.shape, strict=True)
        return tuple(slice(i * size, min((i + 1) * size, n)) for i, size, n in where)

    def extent(self, number: int) -> tuple[int, ...]:
        """The shape of block `number`."""
        return tuple(block_slice.stop - block_slice.start for block_slice in self.region(number))

    def chunk_file(self, array: str, number: int) -> str:
        """Path of the chunk inside the store."""
        # An outcome's own dimensions are not cut: there is one chunk along each.
        indices = (*self.position(number), *(0 for _ in self.own_shape(array)))
        return f"{folder_name(array)}/" + ".".join(["c", *map(str, indices)])

    def own_shape(self, array: str) -> tuple[int, ...]:
        """Sizes of an array's own dimensions: () for status and reason."""
        return self.outcomes[array][1] if array in self.outcomes else ()


def folder_name(name: str) -> str:
    """The folder of a variable: its own name, without the characters that a file system takes for
    its own.

    >>> folder_name("caregiver.plasma_oxytocin: time above 20 ng/L")
    'caregiver.plasma_oxytocin: time above 20 ng per L'
    """
    # Outcomes may end in a threshold with its unit, such as ng/L.
    without = name.replace("/", " per ")
    # Windows takes a colon for the name of a drive or of a second stream in the file.
    return without.replace(": ", " ", 1).replace(":", ".") if os.name == "nt" else without


def layout_of(template: xr.Dataset, block_shape: Sequence[int]) -> StoreLayout:
    """The layout of a study's template whose leading ``len(block_shape)`` dimensions are those of
    the runs.

    Raises
    ------
    InputError : outcomes that do not share these dimensions, are not of floats, or have names that
    no store can hold.

    >>> template = xr.Dataset({"epds": (("run", "week"), np.zeros((5, 3)))})
    >>> layout_of(template, (2,)).outcomes
    {'epds': (('week',), (3,), '<f8')}
    """
    names = [str(name) for name in template.data_vars if name not in (STATUS, REASON)]
    if not names:
        raise InputError("study: expected at least one outcome; found none")
    # The leading dimensions of the first outcome are those of the runs.
    first = template[names[0]]
    count = len(block_shape)
    dims, shape = tuple(map(str, first.dims[:count])), tuple(first.shape[:count])
    sizes = tuple(int(size) for size in block_shape)
    if len(dims) != count or any(not 1 <= size <= n for size, n in zip(sizes, shape, strict=True)):
        raise InputError(
            f"block shape: expected sizes from 1 to those of the runs {shape}; found {sizes}"
        )
    outcomes = {}
    for name in names:
        array = template[name]
        if tuple(array.dims[:count]) != dims:
            raise InputError(
                f"outcome {name!r}: expected dimensions that begin with {dims}; found {array.dims}"
            )
        if array.dtype.kind != "f":
            raise InputError(
                f"outcome {name!r}: expected floating-point numbers; found {array.dtype}"
            )
        outcomes[name] = (
            tuple(map(str, array.dims[count:])),
            tuple(array.shape[count:]),
            array.dtype.str,
        )
    # Every variable becomes a folder: refused here, before anything is computed.
    for name in map(str, {**template.sizes, **template.variables}):
        _require_file_name(folder_name(name) if name in outcomes else name)
    # Two names can differ only in what a file system forbids.
    if len({folder_name(name) for name in outcomes}) < len(outcomes):
        raise InputError(
            f"outcomes: two of them would share a folder of the store; found {sorted(outcomes)}"
        )
    taken = sorted({STATUS, REASON} & {str(name) for name in [*template.sizes, *template.coords]})
    if taken:
        raise InputError(
            f"axis {taken[0]!r}: the store has an array of this name of its own; rename the axis"
        )
    layout = StoreLayout(dims, shape, sizes, outcomes)
    layout.require_possible()
    return layout


def metadata_files(template: xr.Dataset, layout: StoreLayout) -> dict[str, bytes]:
    """Every file of the store but its chunks and bookkeeping: groups, arrays, coordinates; path ->
    bytes.

    >>> template = xr.Dataset({"epds": ("run", np.zeros(5))})
    >>> list(metadata_files(template, layout_of(template, (2,))))
    ['blocks/zarr.json', 'epds/zarr.json', 'reason/zarr.json', 'status/zarr.json', 'zarr.json']
    """
    zarr: Any = require_extra("zarr", "store")
    files: dict[str, Any] = {}
    memory = zarr.storage.MemoryStore(files)
    # xarray writes the coordinates; arrays of runs are laid out here, chunk by block.
    coordinates = template.drop_vars(list(template.data_vars))
    with warnings.catch_warnings():
        # Consolidated metadata is an extension that every reader may ignore; a coordinate with a
        # space in its name is read as a variable, which `spaced` and the store's own dataset() put
        # right.
        warnings.simplefilter("ignore")
        encoding = {str(name): {"compressors": _codecs()} for name in coordinates.variables}
        plain = _as_plain_strings(coordinates)
        plain.to_zarr(memory, zarr_format=3, consolidated=False, encoding=encoding)
        group = zarr.open_group(memory, mode="r+")
        for name in layout.arrays:
            _create(group, name, layout, template)
        group.create_group(
            BOOKKEEPING, attributes={"long_name": "which blocks of runs are finished"}
        )
        zarr.consolidate_metadata(memory)
    # In one order whatever zarr's: equal studies make equal stores.
    return {path: data.to_bytes() for path, data in sorted(files.items())}


def spaced(template: xr.Dataset) -> list[str]:
    """Coordinates that the file format cannot mark as such, because their names have spaces.

    >>> spaced(xr.Dataset(coords={"loop gain": ("run", [0.5, 1.0])}))
    ['loop gain']
    """
    return sorted(
        str(name) for name in template.coords if " " in str(name) and name not in template.dims
    )


class ChunkWriter:
    """Makes the bytes of chunks, in memory, as the store's own metadata say.

    Parameters
    ----------
    layout : which runs belong to which block.
    metadata : array -> the bytes of its ``zarr.json``.

    >>> template = xr.Dataset({"epds": ("run", np.zeros(5))})
    >>> layout = layout_of(template, (2,))
    >>> metadata = metadata_files(template, layout)
    >>> writer = ChunkWriter(layout, {"epds": metadata["epds/zarr.json"]})
    >>> sorted(writer.encode(0, {"epds": np.array([4.0, 9.0])}))
    ['epds']
    """

    def __init__(self, layout: StoreLayout, metadata: Mapping[str, bytes]) -> None:
        zarr: Any = require_extra("zarr", "store")
        core: Any = require_extra("zarr.core.buffer", "store")
        buffer = core.default_buffer_prototype().buffer
        self._layout = layout
        self._held = {
            f"{folder_name(name)}/{METADATA}": buffer.from_bytes(data)
            for name, data in metadata.items()
        }
        # zarr writes into memory, and what it wrote is taken from there.
        memory = zarr.storage.MemoryStore(self._held)
        # Empty chunks are written too: each finished block has a file whose digest can be checked.
        with zarr.config.set({"array.write_empty_chunks": True}):
            self._arrays = {
                name: zarr.open_array(memory, path=folder_name(name), mode="r+")
                for name in metadata
            }

    def encode(self, number: int, values: Mapping[str, Any]) -> dict[str, bytes]:
        """Array -> bytes of its chunk of block `number`; `values` have the block's shape and their
        own behind it.
        """
        chunks = {}
        for name, value in values.items():
            path = self._layout.chunk_file(name, number)
            region = (
                *self._layout.region(number),
                *(slice(None) for _ in self._layout.own_shape(name)),
            )
            try:
                # A single run has no dimension to index.
                self._arrays[name][region or ...] = value
                chunks[name] = self._held[path].to_bytes()
            # However it ended, the chunk must not fill the memory.
            finally:
                self._held.pop(path, None)
        return chunks


def _create(group: Any, name: str, layout: StoreLayout, template: xr.Dataset) -> None:
    """One array's metadata; no chunk is written."""
    own_dims, own_shape, dtype = layout.outcomes.get(name, ((), (), ""))
    kind: Any = {STATUS: "uint8", REASON: str}.get(name, dtype)
    attributes = dict(template[name].attrs) if name in template else dict(STATUS_ROWS[name])
    group.create_array(
        folder_name(name),
        shape=layout.shape + own_shape,
        chunks=layout.block_shape + own_shape,
        dtype=kind,
        # What was never written reads as not done.
        fill_value={STATUS: 0, REASON: ""}.get(name, math.nan),
        dimension_names=layout.dims + own_dims,
        attributes=_plain(attributes),
        chunk_key_encoding=_KEYS,
        compressors=_codecs(),
    )


def _codecs() -> list[Any]:
    """Compression, and around it a checksum that zarr itself verifies whenever a chunk is read, by
    whomever.
    """
    codecs: Any = require_extra("zarr.codecs", "store")
    # Level 0 is zstd's own choice; its checksum would be a second beside the CRC.
    return [codecs.ZstdCodec(level=0, checksum=False), codecs.Crc32cCodec()]


def _as_plain_strings(dataset: xr.Dataset) -> xr.Dataset:
    """Texts as strings of variable length: the fixed-width kind has no specification in Zarr
    version 3.
    """
    texts = {}
    for name, array in dataset.coords.items():
        if array.dtype.kind not in "OUST":
            continue
        values = np.asarray(array.values, dtype=object)
        if not all(isinstance(value, str) for value in values.ravel().tolist()):
            raise InputError(
                f"coordinate {name!r}: expected numbers or texts; found other objects among them"
            )
        texts[name] = (array.dims, values, array.attrs)
    return dataset.assign_coords(texts)


def _plain(attributes: Mapping[Any, Any]) -> dict[str, Any]:
    """Attributes as JSON can hold them, NumPy's numbers and arrays as Python's own."""
    text = json.dumps(dict(attributes), default=lambda value: np.asarray(value).tolist())
    plain: dict[str, Any] = json.loads(text)
    return plain


def is_file_name(name: str) -> bool:
    """Whether a variable's folder can have this name, beside the bookkeeping.

    >>> is_file_name("loop gain"), is_file_name("../gain"), is_file_name("blocks")
    (True, False, False)
    """
    # Zarr keeps names with two underscores for itself, file systems hide those with a dot.
    legal = name.isprintable() and not set(name) & set("/\\") and not name.startswith((".", "__"))
    return bool(name) and legal and name not in (BOOKKEEPING, METADATA)


def _require_file_name(name: str) -> None:
    """Each variable is a folder of the store."""
    if not is_file_name(name):
        raise InputError(
            f"variable {name!r}: its name cannot be a folder of the store; expected printable text"
            f" without / or \\, not beginning with . or __, and not {BOOKKEEPING!r} or"
            f" {METADATA!r}; rename the axis or the outcome"
        )
