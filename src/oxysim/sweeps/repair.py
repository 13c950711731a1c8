"""What a resumed store is checked for: torn or damaged files are found by their digests and taken away."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from oxysim.errors import InputError
from oxysim.sweeps.arrays import BOOKKEEPING, REASON, STATUS, Layout, folder_name
from oxysim.sweeps.durable import PART, digest, digest_of, put, settle
from oxysim.sweeps.journal import DONE_MARK, Description, Marker, marker_file, read_markers

_READERS = 4  # threads that read chunks for their digests; reading and hashing leave the interpreter free


class DamageWarning(UserWarning):
    """Files of a store did not agree with their digests and are made anew."""


def verified(root: Path, layout: Layout) -> tuple[dict[int, str], list[int]]:
    """(block -> "done" or "failed" where marker and chunks agree, blocks whose marker or chunks are damaged).

    Raises
    ------
    InputError : a marker of a block that the study does not have.
    """
    found = sorted(read_markers(root))
    beyond = [number for number, _ in found if number >= layout.n_blocks]
    if beyond:
        raise InputError(
            f"store {root}: its study has blocks 0 to {layout.n_blocks - 1}, but there is a marker {beyond[0]}.json; "
            f"remove what was copied into {root / BOOKKEEPING}"
        )
    with ThreadPoolExecutor(_READERS) as pool:
        whole = list(pool.map(lambda entry: _agrees(root, layout, *entry), found))
    states = {number: marker.status for (number, marker), good in zip(found, whole, strict=True) if good and marker}
    return states, [number for (number, _), good in zip(found, whole, strict=True) if not good]


def forget(root: Path, layout: Layout, numbers: Iterable[int]) -> None:
    """Take away blocks: first the markers, then, once that is durable, the chunks."""
    gone = list(numbers)
    if not gone:
        return
    for number in gone:
        marker_file(root, number).unlink(missing_ok=True)
    settle([root / BOOKKEEPING])
    for number in gone:
        for array in layout.arrays:
            (root / layout.chunk_file(array, number)).unlink(missing_ok=True)


def clear(root: Path, files: Iterable[str]) -> None:
    """Take away what a half-made store has of `files`, and the folders that are empty then; a store is made anew."""
    paths = [root / path for path in files]
    for path in paths:
        # What cannot be taken away (a name too long, a disk gone read-only) stops the making of the new store, if any.
        with contextlib.suppress(OSError):
            path.unlink()
    for folder in sorted({folder for path in paths for folder in path.parents if root in folder.parents}, reverse=True):
        with contextlib.suppress(OSError):  # not empty, or never made
            folder.rmdir()


def tidy(root: Path, layout: Layout, states: Mapping[int, str]) -> None:
    """Take away what a killed run left behind: temporary files, and chunks without a marker that vouches for them."""
    for folder, _, names in os.walk(root):
        for name in names:
            if name.endswith(PART):
                os.unlink(os.path.join(folder, name))
    for array in layout.arrays:
        vouched = {
            Path(layout.chunk_file(array, number)).name
            for number, status in states.items()
            if array in _arrays_of(status, layout)
        }
        for path in (root / folder_name(array)).iterdir():
            if (path.name == "c" or path.name.startswith("c.")) and path.name not in vouched:
                path.unlink()


def mended(root: Path, description: Description, made: Mapping[str, bytes]) -> list[str]:
    """Metadata and coordinates that were damaged and are back, from the same study's files as `made` again.

    Raises
    ------
    InputError : a file that was changed cannot be made again as it was.
    """
    wrong = [path for path, expected in description.files.items() if digest(root / path) != expected]
    for path in wrong:
        if path not in made or digest_of(made[path]) != description.files[path]:
            raise InputError(
                f"store {root}: {path} is missing or was changed, and the versions installed now would write another; "
                "restore the file from a copy, or give another store="
            )
    for path in wrong:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        put(root / path, made[path])
    settle((root / path).parent for path in wrong)
    return wrong


def _agrees(root: Path, layout: Layout, number: int, marker: Marker | None) -> bool:
    if marker is None or set(marker.sha256) != set(_arrays_of(marker.status, layout)):
        return False
    return all(digest(root / layout.chunk_file(array, number)) == held for array, held in marker.sha256.items())


def _arrays_of(status: str, layout: Layout) -> tuple[str, ...]:
    """The arrays of which a block has chunks: a failed one has only what says so."""
    return layout.arrays if status == DONE_MARK else (STATUS, REASON)
