"""What a store tells about itself: its study, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from oxysim.errors import InputError
from oxysim.sweeps.journal import DONE_MARK, FAILED_MARK, read_description, read_markers
from oxysim.sweeps.places import folder_of


@dataclass(frozen=True)
class StoredStudy:
    """A sweep as its store describes it.

    Attributes
    ----------
    path : the store's folder.
    source : the text of the study file from which it was begun; None where it was begun from Python.
    identity : part of the study -> canonical text.
    block_shape : runs of a block along each dimension of the runs.
    n_blocks : number of blocks.
    done : numbers of the finished blocks, by their markers; whether the chunks agree is checked when it is resumed.
    failed : number of each failed block -> why.
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
        known = {*self.done, *self.failed}
        return tuple(number for number in range(self.n_blocks) if number not in known)

    def __str__(self) -> str:
        done, failed = len(self.done), len(self.failed)
        missing = self.n_blocks - done - failed
        return f"{self.path}: {done} of {self.n_blocks} blocks done, {failed} failed, {missing} missing"


def open_study(path: Any) -> StoredStudy:
    """What the store at `path` holds; needs neither zarr nor the right to write, and works while another writes.

    Raises
    ------
    InputError : there is no store, or its description is damaged.
    """
    root = folder_of(path)
    held = read_description(root)
    if held is None or not held.complete:
        raise InputError(f"store {root}: there is no store of a sweep")
    markers = {number: marker for number, marker in sorted(read_markers(root)) if marker}
    done = tuple(number for number, marker in markers.items() if marker.status == DONE_MARK)
    failed = {number: marker.reason for number, marker in markers.items() if marker.status == FAILED_MARK}
    return StoredStudy(root, held.source, held.identity, held.layout.block_shape, held.layout.n_blocks, done, failed)
