"""The store of a sweep: a Zarr folder that grows block by block, survives a kill at any moment, and
can be resumed.

``xarray.open_zarr(path)`` opens it at any time, while it grows too: outcomes with names, units and
axes, ``status`` (0 not done, 1 ok, 2 failed) and ``reason``. A block is one chunk of each array;
its marker ``blocks/<number>.json`` is written after its chunks and holds their SHA-256, so a
finished block is one whose marker agrees with its chunks. Chunks carry a CRC-32C besides, which
plain xarray verifies; that a chunk was deleted only ``open_sweep`` and ``verify_store`` know.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import xarray as xr

from oxysim.errors import InputError, require_extra
from oxysim.simulation.results.run_status import RunStatus
from oxysim.sweeps.store.changes import compared_parts, require_same_study
from oxysim.sweeps.store.journal import (
    DONE_MARK,
    FAILED_MARK,
    Description,
    Marker,
    read_description,
    write_description,
    write_marker,
)
from oxysim.sweeps.store.places import folder_of, require_folder_name, require_place
from oxysim.sweeps.store.repair import (
    DamageWarning,
    damage_words,
    remove_blocks,
    remove_half_made,
    remove_leftovers,
    restore_metadata,
    verify_blocks,
)
from oxysim.sweeps.store.storable import StorableResult, StorableStudy
from oxysim.sweeps.store.store_files import (
    StoreError,
    digest_of,
    disk_refusal,
    sync_folders,
    write_durably,
)
from oxysim.sweeps.store.stored_study import StoredStudy, open_study, read_dataset
from oxysim.sweeps.store.writer_lock import WriterLock
from oxysim.sweeps.store.zarr_layout import (
    BOOKKEEPING,
    METADATA,
    REASON,
    STATUS,
    ChunkWriter,
    StoreLayout,
    folder_name,
    layout_of,
    metadata_files,
    spaced,
)

__all__ = [
    "DamageWarning",
    "StorableResult",
    "StorableStudy",
    "StoreError",
    "StoredStudy",
    "ZarrStore",
    "open_study",
]


class ZarrStore:
    """A sweep's results on disk, written by one process at a time; use it as a context manager, or
    close it.

    Parameters
    ----------
    path : the store's folder; its parent must exist. It is made by :meth:`begin`.

    Raises
    ------
    InputError : no path of a local folder. MissingExtraError : zarr or filelock is not installed.

    >>> import tempfile
    >>> from types import SimpleNamespace
    >>> study = SimpleNamespace(
    ...     identity=lambda: {"seed": "0"},
    ...     template=lambda: xr.Dataset({"epds": ("run", np.zeros(2))}),
    ... )
    >>> block = SimpleNamespace(values={"epds": [5.4]}, status=[1], reason=[""])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with ZarrStore(f"{folder}/sweep.zarr") as store:
    ...         store.begin(study, (1,))
    ...         store.write(0, block)
    ...         store.pending()
    [1]
    """

    def __init__(self, path: Any) -> None:
        require_extra("zarr", "store")
        require_extra("filelock", "store")
        self._root = folder_of(path)
        require_folder_name(self._root)
        self._lock = WriterLock(self._root / BOOKKEEPING)
        self._description: Description | None = None
        self._chunks: ChunkWriter | None = None
        self._states: dict[int, str] = {}
        self.damaged: tuple[int, ...] = ()
        """Blocks whose files did not agree with their digests when the store was resumed; they are
        pending again.
        """

    @property
    def path(self) -> Path:
        """The store's folder."""
        return self._root

    @property
    def block_shape(self) -> tuple[int, ...] | None:
        """The block shape with which the store was made, before and after :meth:`begin`; None where
        there is none yet. A sweep that is resumed must keep to it.
        """
        description = self._description or read_description(self._root)
        return description.layout.block_shape if description and description.complete else None

    def begin(
        self, study: StorableStudy, block_shape: Sequence[int], *, source: str | None = None
    ) -> None:
        """Make the store, or check that it holds this study and resume it.

        Parameters
        ----------
        study : its ``template()`` has the runs' dimensions first, as many as `block_shape` has.
        block_shape : runs of a block along each of these dimensions; () for a single run.
        source : the text of the study file, kept in a new store so that it can be resumed from
            itself.

        Raises
        ------
        InputError : the folder holds something else, another study (each changed part is named) or
            another writer's work. StoreError : the disk refused.

        Warns
        -----
        DamageWarning : files did not agree with their digests; they are made anew, and the blocks
        are pending.
        """
        # Read once: a study's parts may be costly to write out.
        identity = dict(study.identity())
        before = read_description(self._root)
        # a changed design is named before its blocks are found not to fit
        if before is not None and before.complete:
            require_same_study(self._root, before.identity, identity)
        template = study.template()
        layout = layout_of(template, block_shape)
        files = metadata_files(template, layout)
        description = Description(
            identity, layout, {path: digest_of(data) for path, data in files.items()},
            tuple(spaced(template)), source,
        )  # fmt: skip
        try:
            with self._disk("the store could not be made or checked"):
                require_place(self._root)
                (self._root / BOOKKEEPING).mkdir(parents=True, exist_ok=True)
                self._lock.acquire()
                stored = read_description(self._root)
                if stored is None or not stored.complete:
                    self._create(description, files, stored)
                else:
                    self._resume(description, files, stored)
        # An interruption too must give the lock back.
        except BaseException:
            self.close()
            raise

    def pending(self) -> list[int]:
        """Numbers of the blocks that are missing, failed, or were damaged, in order."""
        return [n for n in range(self._begun().layout.n_blocks) if self._states.get(n) != DONE_MARK]

    def write(self, number: int, result: StorableResult) -> None:
        """Keep a computed block; when this returns, it is on disk and survives a power cut.

        Raises
        ------
        InputError : a block that does not fit the study. StoreError : the disk refused; the block
        stays pending.
        """
        layout = self._begun().layout
        self._keep(number, _checked(layout, number, result), Marker(DONE_MARK))

    def fail(self, number: int, reason: str) -> None:
        """Record that a whole block failed, and why; it is pending when the sweep is resumed.

        Raises
        ------
        InputError : there is no such block, or it is finished. StoreError : the disk refused.
        """
        layout = self._begun().layout
        shape = layout.extent(number)
        if self._states.get(number) == DONE_MARK:
            raise InputError(f"block {number} is finished; it cannot fail any more")
        status = np.full(shape, RunStatus.FAILED, dtype=np.uint8)
        self._keep(number, {STATUS: status, REASON: _texts(np.full(shape, reason, dtype=object))},
                   Marker(FAILED_MARK, reason=_text(reason)))  # fmt: skip

    def dataset(self) -> xr.Dataset:
        """What is in the store now, read when it is used; works without :meth:`begin` and after
        :meth:`close`.

        Every file is held against its digest whenever it is read: a chunk that was changed or is
        missing raises a ``DamageError`` instead of numbers.

        Raises
        ------
        InputError : there is no store, or it holds what a store cannot. DamageError : a file of
        metadata is damaged.
        """
        return read_dataset(self._root, self._description)

    def close(self) -> None:
        """Give up the right to write; what was written stays."""
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _create(
        self, description: Description, files: Mapping[str, bytes], half: Description | None
    ) -> None:
        """Make the store; its description says that it is complete only when everything else is on
        disk.
        """
        # A making that was killed left files; only what it wrote itself goes.
        remove_half_made(self._root, half.files if half else {})
        # First a description that says "not complete": from here on the folder is known
        # as ours.
        begun = Description(
            description.identity,
            description.layout,
            description.files,
            description.spaced,
            description.source,
            complete=False,
        )
        write_description(self._root, begun)
        sync_folders([self._root / BOOKKEEPING, self._root, self._root.parent])
        for path, data in files.items():
            (self._root / path).parent.mkdir(parents=True, exist_ok=True)
            write_durably(self._root / path, data)
        # Deepest first: a folder's name is durable only when its parent is synchronised.
        folders = {self._root / parent for path in files for parent in Path(path).parents}
        sync_folders(sorted(folders, reverse=True))
        remove_leftovers(self._root, description.layout, files, {})
        write_description(self._root, description)
        sync_folders([self._root / BOOKKEEPING])
        self._open(description, {})

    def _resume(
        self, description: Description, files: Mapping[str, bytes], stored: Description
    ) -> None:
        """Check the study, then every file; take away what is damaged."""
        require_same_study(self._root, compared_parts(stored), compared_parts(description))
        mended = restore_metadata(self._root, stored, files)
        states, damaged = verify_blocks(self._root, stored.layout)
        remove_blocks(self._root, stored.layout, damaged)
        remove_leftovers(self._root, stored.layout, files, states)
        self.damaged = tuple(damaged)
        self._open(stored, states)
        if mended or damaged:
            text = damage_words(self._root, mended, list(damaged))
            warnings.warn(text, DamageWarning, stacklevel=4)

    def _open(self, description: Description, states: dict[int, str]) -> None:
        layout = description.layout
        metadata = {
            name: (self._root / folder_name(name) / METADATA).read_bytes() for name in layout.arrays
        }
        self._chunks = ChunkWriter(layout, metadata)
        self._description, self._states = description, states

    def _keep(self, number: int, values: Mapping[str, Any], marker: Marker) -> None:
        """Chunks first, then, once they are durable, the marker."""
        if self._chunks is None:
            raise self._not_begun()
        layout = self._begun().layout
        files = self._chunks.encode(number, values)
        # Digests of what was meant to be written, not of what is read back.
        digests = {array: digest_of(data) for array, data in files.items()}
        with self._disk(f"block {number} could not be written"):
            for array, data in files.items():
                write_durably(self._root / layout.chunk_file(array, number), data)
            sync_folders(self._root / folder_name(array) for array in files)
            write_marker(self._root, number, Marker(marker.status, digests, marker.reason))
            sync_folders([self._root / BOOKKEEPING])
        self._states[number] = marker.status

    def _begun(self) -> Description:
        if self._description is None or not self._lock.held:
            raise self._not_begun()
        return self._description

    def _not_begun(self) -> InputError:
        return InputError(
            f"store {self._root} is not open for writing; call begin(study, block_shape) first"
        )

    @contextlib.contextmanager
    def _disk(self, task: str) -> Iterator[None]:
        """Turn the system's refusals into an error that says what is safe and how to go on."""
        try:
            yield
        except StoreError:
            raise
        except OSError as error:
            raise disk_refusal(f"store {self._root}: {task}", error, self._safe()) from error

    def _safe(self) -> str:
        if self._description is None:
            return "No block was run; what the store held before is untouched"
        done = sum(state == DONE_MARK for state in self._states.values())
        return (
            f"{done} of {self._description.layout.n_blocks} blocks are finished and safe; the same"
            " sweep with the same store goes on from there"
        )


def _checked(layout: StoreLayout, number: int, result: StorableResult) -> dict[str, Any]:
    """The arrays of a block, of the right names, shapes and kinds."""
    shape = layout.extent(number)
    if set(result.values) != set(layout.outcomes):
        raise InputError(
            f"block {number}: expected outcomes {sorted(layout.outcomes)}; found"
            f" {sorted(result.values)}"
        )
    # Numbers as they came, texts as objects, so that a wrong kind is seen below.
    arrays = {name: np.asarray(result.values[name]) for name in layout.outcomes}
    arrays |= {STATUS: np.asarray(result.status), REASON: np.asarray(result.reason, dtype=object)}
    for name, array in arrays.items():
        expected = shape + layout.own_shape(name)
        if array.shape != expected:
            raise InputError(
                f"block {number}: {name}: expected shape {expected}; found {array.shape}"
            )
        if name in layout.outcomes and array.dtype.kind not in "fiu":
            raise InputError(f"block {number}: {name}: expected numbers; found {array.dtype}")
    if not np.isin(arrays[STATUS], (RunStatus.OK, RunStatus.FAILED)).all():
        raise InputError(
            f"block {number}: status: expected {RunStatus.OK:d} (ok) or {RunStatus.FAILED:d} "
            "(failed) for every run"
        )
    return arrays | {STATUS: arrays[STATUS].astype(np.uint8), REASON: _texts(arrays[REASON])}


def _texts(values: Any) -> Any:
    """Texts that UTF-8 can hold, as objects."""
    return np.array([_text(value) for value in values.ravel().tolist()], dtype=object).reshape(
        values.shape
    )


def _text(value: Any) -> str:
    # A message may quote a file name with bytes that are no text; they are kept, as escapes.
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")
