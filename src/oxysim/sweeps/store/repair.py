"""What a resumed store is checked for: torn or damaged files are found by their digests and taken
away.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

from oxysim.errors import InputError
from oxysim.sweeps.store.journal import (
    DESCRIPTION,
    DONE_MARK,
    Description,
    known_numbers,
    marker_file,
    read_marker,
)
from oxysim.sweeps.store.store_files import (
    PART,
    DamageError,
    digest,
    digest_of,
    parsed,
    read_inside,
    remove,
    sync_folders,
    write_durably,
)
from oxysim.sweeps.store.writer_lock import HOLDER_FILE
from oxysim.sweeps.store.zarr_layout import (
    BOOKKEEPING,
    METADATA,
    REASON,
    STATUS,
    StoreLayout,
    folder_name,
)

# threads that read chunks for their digests; reading and hashing leave the interpreter free
_READERS = 4
_CHUNK = re.compile(rf"c(?:\.[0-9]+)*(?:{re.escape(PART)})?")
_MARKER_PART = re.compile(rf"[0-9]+\.json{re.escape(PART)}")


class DamageWarning(UserWarning):
    """Files of a store did not agree with their digests and are made anew.

    >>> import warnings
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.warn("store sweep.zarr: 2 blocks were torn", DamageWarning)
    >>> caught[0].category.__name__
    'DamageWarning'
    """


def verify_blocks(
    root: Path, layout: StoreLayout
) -> tuple[dict[int, str], dict[int, tuple[str, ...]]]:
    """(block -> "done" or "failed" where marker and chunks agree, damaged block -> its files that
    do not).

    Raises
    ------
    InputError : a marker of a block that the study does not have, or a link. OSError : something
    cannot be read.

    >>> import tempfile
    >>> from oxysim.sweeps.store.journal import Marker, write_marker
    >>> layout = StoreLayout(("run",), (5,), (2,), {"epds": ((), (), "<f8")})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     (Path(folder) / BOOKKEEPING).mkdir()
    ...     write_marker(Path(folder), 1, Marker(DONE_MARK))  # it vouches for no chunk
    ...     verify_blocks(Path(folder), layout)
    ({}, {1: ('blocks/1.json',)})
    """
    # All markers are looked at before any file is read.
    numbers = known_numbers(root, layout)
    with ThreadPoolExecutor(_READERS) as pool:
        examined = list(pool.map(lambda number: _examined(root, layout, number), numbers))
    states = {
        number: status
        for number, (status, wrong) in zip(numbers, examined, strict=True)
        if not wrong
    }
    return states, {
        number: wrong for number, (_, wrong) in zip(numbers, examined, strict=True) if wrong
    }


def remove_blocks(root: Path, layout: StoreLayout, numbers: Iterable[int]) -> None:
    """Take away blocks: first the markers, then, once that is durable, the chunks.

    >>> import tempfile
    >>> from oxysim.sweeps.store.journal import Marker, write_marker
    >>> layout = StoreLayout(("run",), (5,), (2,), {"epds": ((), (), "<f8")})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     (Path(folder) / BOOKKEEPING).mkdir()
    ...     write_marker(Path(folder), 1, Marker(DONE_MARK))
    ...     remove_blocks(Path(folder), layout, [1])
    ...     os.listdir(Path(folder) / BOOKKEEPING)
    []
    """
    gone = list(numbers)
    if not gone:
        return
    for number in gone:
        remove(root, marker_file(number))
    # A chunk that goes first would leave a marker that vouches for nothing.
    sync_folders([root / BOOKKEEPING])
    for number in gone:
        for array in layout.arrays:
            remove(root, layout.chunk_file(array, number))


def remove_half_made(root: Path, files: Mapping[str, str]) -> None:
    """Take away what a half-made store has of `files`, and the folders that are empty then; a store
    is made anew.

    The names come from the folder itself. Only what is byte for byte what that store wrote there is
    taken away.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_durably(Path(folder) / "zarr.json", b"{}")
    ...     write_durably(Path(folder) / "mine.json", b"{}")
    ...     written = {"zarr.json": digest_of(b"{}"), "mine.json": digest_of(b"something else")}
    ...     remove_half_made(Path(folder), written)
    ...     os.listdir(folder)
    ['mine.json']
    """
    for path, expected in files.items():
        # What cannot be taken away (a name too long, a disk gone read-only) stops the making of the
        # new store, if any.
        with contextlib.suppress(OSError):
            if digest(root / path) == expected:
                (root / path).unlink()
        with contextlib.suppress(OSError):
            (root / (path + PART)).unlink()
    folders = {
        root / folder for path in files for folder in PurePosixPath(path).parents if folder.name
    }
    # Deepest first: a folder goes only when it is empty.
    for folder in sorted(folders, reverse=True):
        with contextlib.suppress(OSError):  # not empty, or never made
            folder.rmdir()


def remove_leftovers(
    root: Path, layout: StoreLayout, files: Iterable[str], states: Mapping[int, str]
) -> None:
    """Take away what a killed run left behind: temporary files, and chunks without a marker that
    vouches for them.

    Parameters
    ----------
    files : of metadata and coordinates, known from the study. Other files are left alone, whatever
    they are.

    >>> import tempfile
    >>> layout = StoreLayout(("run",), (5,), (2,), {"epds": ((), (), "<f8")})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name in (BOOKKEEPING, "epds", "status", "reason"):
    ...         (Path(folder) / name).mkdir()
    ...     (Path(folder) / "epds" / "c.1").touch()  # no marker vouches for it
    ...     remove_leftovers(Path(folder), layout, files=(), states={})
    ...     os.listdir(Path(folder) / "epds")
    []
    """
    for path in (*files, f"{BOOKKEEPING}/{DESCRIPTION}", f"{BOOKKEEPING}/{HOLDER_FILE}"):
        remove(root, path + PART)
    for name in os.listdir(root / BOOKKEEPING):
        if _MARKER_PART.fullmatch(name):
            remove(root, f"{BOOKKEEPING}/{name}")
    for array in layout.arrays:
        vouched = {
            PurePosixPath(layout.chunk_file(array, number)).name
            for number, status in states.items()
            if array in arrays_of(status, layout)
        }
        # Only what looks like a chunk goes: the metadata beside it stay.
        for name in os.listdir(root / folder_name(array)):
            if _CHUNK.fullmatch(name) and name not in vouched:
                remove(root, f"{folder_name(array)}/{name}")


def restore_metadata(root: Path, description: Description, fresh: Mapping[str, bytes]) -> list[str]:
    """Metadata and coordinates that were damaged and are back, from the same study's files as
    `fresh` again.

    Raises
    ------
    InputError : a file that the study does not have, or one that was changed and cannot be made
    again as it was.

    >>> import tempfile
    >>> layout = StoreLayout(("run",), (5,), (2,), {"epds": ((), (), "<f8")})
    >>> written = Description({}, layout, {"run/c/0": digest_of(b"0 1 2 3 4")})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     restore_metadata(Path(folder), written, {"run/c/0": b"0 1 2 3 4"})
    ['run/c/0']
    """
    # The store lists its files itself; only the study's own are made again.
    foreign = sorted(set(description.files) ^ set(fresh))
    if foreign:
        raise InputError(
            f"store {root}: {foreign[0]} is not one of the study's files, or is missing among those"
            " that the store lists",
            remedy="remove the store, or give another {store}",
            arguments={"store": "store="},
        )
    # Another version of zarr may write the same metadata otherwise, but mean no other thing.
    for path in (path for path in fresh if path.endswith(METADATA)):
        data = (
            read_inside(root, path) if description.files[path] != digest_of(fresh[path]) else None
        )
        if (
            data is not None
            and digest_of(data) == description.files[path]
            and not _says_the_same(data, fresh[path])
        ):
            raise InputError(
                f"store {root}: {path} says something else than the study's own would, made by the"
                " versions installed now",
                remedy="give another {store}",
                arguments={"store": "store="},
            )
    wrong = damaged_files(root, description)
    # Nothing is written until every file is known to come back byte for byte.
    for path in wrong:
        if digest_of(fresh[path]) != description.files[path]:
            raise InputError(
                f"store {root}: {path} is missing or was changed, and the versions installed now"
                " would write another",
                remedy="restore the file from a copy, or give another {store}",
                arguments={"store": "store="},
            )
    for path in wrong:
        remove(root, path)
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        write_durably(root / path, fresh[path])
    sync_folders((root / path).parent for path in wrong)
    return wrong


def _says_the_same(data: bytes, fresh: bytes) -> bool:
    """Whether two documents are equal but for how they are written."""
    try:
        return parsed(data) == parsed(fresh)
    except ValueError:
        return False


def damaged_files(root: Path, description: Description) -> list[str]:
    """Metadata and coordinates that are not what was written.

    >>> layout = StoreLayout(("run",), (5,), (2,), {"epds": ((), (), "<f8")})
    >>> written = Description({}, layout, {"zarr.json": digest_of(b"{}")})
    >>> damaged_files(Path("an empty folder"), written)
    ['zarr.json']
    """
    return [path for path, expected in description.files.items() if digest(root / path) != expected]


def _examined(root: Path, layout: StoreLayout, number: int) -> tuple[str, tuple[str, ...]]:
    """(status of a block, its files that are not what was written)."""
    try:
        marker = read_marker(root, number)
    except DamageError:
        # A torn marker is damage of its block, not of the store.
        marker = None
    # A marker vouches for all the arrays that its status calls for, and no others.
    if marker is None or set(marker.sha256) != set(arrays_of(marker.status, layout)):
        return "", (marker_file(number),)
    files = {
        layout.chunk_file(array, number): expected for array, expected in marker.sha256.items()
    }
    return marker.status, tuple(
        file for file, expected in files.items() if digest(root / file) != expected
    )


def arrays_of(status: str, layout: StoreLayout) -> tuple[str, ...]:
    """The arrays of which a block has chunks: a failed one has only what says so.

    >>> layout = StoreLayout(("run",), (5,), (2,), {"epds": ((), (), "<f8")})
    >>> arrays_of("done", layout), arrays_of("failed", layout)
    (('epds', 'status', 'reason'), ('status', 'reason'))
    """
    return layout.arrays if status == DONE_MARK else (STATUS, REASON)


def damage_words(root: Path, files: Sequence[str], damaged: Sequence[int]) -> str:
    """Both kinds of damage in a sentence each.

    >>> damage_words(Path("sweep.zarr"), files=[], damaged=[3, 4])
    'store sweep.zarr: 2 blocks were torn or damaged and will be computed again: 3, 4'
    """
    sentences = []
    if damaged:
        numbers = ", ".join(map(str, damaged[:10])) + (" ..." if len(damaged) > 10 else "")
        sentences.append(
            f"{len(damaged)} blocks were torn or damaged and will be computed again: {numbers}"
        )
    if files:
        sentences.append(
            f"{len(files)} files of metadata were damaged and are written anew:"
            f" {', '.join(files[:10])}"
        )
    return f"store {root}: " + "; ".join(sentences)
