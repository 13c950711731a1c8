"""The bookkeeping of a store: one description of the study, and one marker for each finished or
failed block.

Nothing here holds a time or a process, so a resumed store equals an uninterrupted one bit for bit.
Each document carries a digest of itself, and what it says is checked before anything is made of it:
a store may come from anywhere.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oxysim.errors import InputError
from oxysim.sweeps.store.legal_metadata import (
    checked_digest,
    checked_flag,
    checked_layout,
    checked_mapping,
    checked_names,
    checked_paths,
    checked_text,
)
from oxysim.sweeps.store.store_files import (
    PART,
    DamageError,
    digest_of,
    disk_refusal,
    parsed,
    read_inside,
    write_durably,
)
from oxysim.sweeps.store.writer_lock import HOLDER_FILE, LOCK_FILE
from oxysim.sweeps.store.zarr_layout import BOOKKEEPING, StoreLayout

# A number of the format alone: the library has its own, in the study's identity.
FORMAT, VERSION = "oxysim sweep", 2
DESCRIPTION = "study.json"
DONE_MARK, FAILED_MARK = "done", "failed"
# under this key a document holds the digest of all its other entries
_SEAL = "sha256_of_the_rest"


@dataclass(frozen=True)
class Description:
    """What a store holds.

    Attributes
    ----------
    identity : part of the study -> canonical text.
    layout : how its runs are cut into blocks.
    files : path of each metadata and coordinate file -> SHA-256.
    spaced : coordinates that the file format cannot mark as such.
    source : the text of the study file, where there is one.
    complete : False while a store is being made.

    >>> layout = StoreLayout(("run",), (5,), (2,), {"epds": ((), (), "<f8")})
    >>> Description({"seed": "0"}, layout, files={}).complete
    True
    """

    identity: Mapping[str, str]
    layout: StoreLayout
    files: Mapping[str, str]
    spaced: tuple[str, ...] = ()
    source: str | None = None
    complete: bool = True


@dataclass(frozen=True)
class Marker:
    """One block: "done" or "failed", the reason of a failure, and array -> SHA-256 of its chunk
    file.

    >>> Marker(FAILED_MARK, reason="took longer than 60 s").sha256
    {}
    """

    status: str
    sha256: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""


def write_description(root: Path, description: Description) -> None:
    """Write the description; the caller settles the folder.

    >>> import tempfile
    >>> layout = StoreLayout(("run",), (5,), (2,), {"epds": ((), (), "<f8")})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     (Path(folder) / BOOKKEEPING).mkdir()
    ...     write_description(Path(folder), Description({"seed": "0"}, layout, files={}))
    ...     os.listdir(Path(folder) / BOOKKEEPING)
    ['study.json']
    """
    layout = description.layout
    document = {
        "format": FORMAT,
        "version": VERSION,
        "complete": description.complete,
        "identity": dict(description.identity),
        "dims": layout.dims,
        "shape": layout.shape,
        "block_shape": layout.block_shape,
        "outcomes": layout.outcomes,
        "files": dict(description.files),
        "spaced": description.spaced,
        "source": description.source,
    }
    write_durably(root / BOOKKEEPING / DESCRIPTION, _sealed(document))


def read_description(root: Path) -> Description | None:
    """The description of the store at `root`; None where there is none.

    Raises
    ------
    DamageError : it is not what was written, or nothing that a store can be. InputError : it is a
        link, or of a format that this version does not know. StoreError : it cannot be read.

    >>> import tempfile
    >>> layout = StoreLayout(("run",), (5,), (2,), {"epds": ((), (), "<f8")})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     (Path(folder) / BOOKKEEPING).mkdir()
    ...     write_description(Path(folder), Description({"seed": "0"}, layout, files={}))
    ...     read_description(Path(folder)).identity
    {'seed': '0'}
    """
    name = f"{BOOKKEEPING}/{DESCRIPTION}"
    try:
        data = read_inside(root, name)
    except OSError as error:
        raise disk_refusal(
            f"store {root}: its description could not be read", error, "Nothing was changed"
        ) from error
    if data is None:
        return None
    try:
        # Another version is named before a digest is checked that it may make otherwise.
        document = parsed(data)
        is_ours = document.get("format") == FORMAT
        if is_ours and document.get("version") != VERSION:
            raise InputError(
                f"store {root}: expected format {VERSION}; found "
                f"{str(document.get('version'))[:20]!r};"
                " a store of another version can be read with xarray.open_zarr, and resumed with"
                " that version only"
            )
        if not is_ours or not _is_whole(document):
            raise ValueError
        return Description(
            checked_mapping(document["identity"]),
            checked_layout(document),
            checked_paths(document["files"]),
            checked_names(document["spaced"]),
            None if document["source"] is None else checked_text(document["source"]),
            checked_flag(document["complete"]),
        )
    # What is wrong was said already.
    except InputError:
        raise
    # A document from elsewhere may lack entries, have others in their place, nest without end.
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError):
        raise _damaged(root / name) from None


def write_marker(root: Path, number: int, marker: Marker) -> None:
    """Write the marker of a block; the caller settles the folder.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     (Path(folder) / BOOKKEEPING).mkdir()
    ...     write_marker(Path(folder), 7, Marker(DONE_MARK))
    ...     os.listdir(Path(folder) / BOOKKEEPING)
    ['7.json']
    """
    document: dict[str, Any] = {"status": marker.status, "sha256": dict(marker.sha256)}
    # Finished blocks have no reason, so that equal results are equal bytes.
    if marker.status == FAILED_MARK:
        document["reason"] = marker.reason
    write_durably(root / marker_file(number), _sealed(document))


def marker_file(number: int) -> str:
    """Where the marker of a block lies inside the store.

    >>> marker_file(7)
    'blocks/7.json'
    """
    return f"{BOOKKEEPING}/{number}.json"


def read_marker(root: Path, number: int) -> Marker | None:
    """The marker of a block; None where there is none.

    Raises
    ------
    DamageError : it is not what was written. InputError : it is a link. OSError : it cannot be
    read.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     (Path(folder) / BOOKKEEPING).mkdir()
    ...     write_marker(Path(folder), 7, Marker(FAILED_MARK, reason="took longer than 60 s"))
    ...     read_marker(Path(folder), 7).reason, read_marker(Path(folder), 8)
    ('took longer than 60 s', None)
    """
    data = read_inside(root, marker_file(number))
    if data is None:
        return None
    try:
        document = parsed(data)
        if not _is_whole(document) or document["status"] not in (DONE_MARK, FAILED_MARK):
            raise ValueError
        digests = {
            name: checked_digest(digest)
            for name, digest in checked_mapping(document["sha256"]).items()
        }
        return Marker(document["status"], digests, checked_text(document.get("reason", "")))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        raise DamageError(f"store {root}: the marker {marker_file(number)} is damaged") from None


def read_markers(root: Path) -> Iterator[tuple[int, Marker | None]]:
    """Each block that has a marker, in no order; None for a marker that is damaged.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     (Path(folder) / BOOKKEEPING).mkdir()
    ...     write_marker(Path(folder), 7, Marker(DONE_MARK))
    ...     (Path(folder) / marker_file(8)).write_text("torn") and None
    ...     sorted((number, marker is None) for number, marker in read_markers(Path(folder)))
    [(7, False), (8, True)]
    """
    for number in marker_numbers(root):
        try:
            yield number, read_marker(root, number)
        except DamageError:
            yield number, None


def marker_numbers(root: Path) -> list[int]:
    """The numbers of all blocks that have a marker, in no order.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     (Path(folder) / BOOKKEEPING).mkdir()
    ...     write_marker(Path(folder), 7, Marker(DONE_MARK))
    ...     marker_numbers(Path(folder))
    [7]
    """
    try:
        names = [Path(name) for name in os.listdir(root / BOOKKEEPING)]
    except (FileNotFoundError, NotADirectoryError):
        return []
    # Digits of other scripts are decimal too: not as a sweep writes them.
    stems = [
        path.stem
        for path in names
        if path.suffix == ".json" and path.stem.isascii() and path.stem.isdecimal()
    ]
    # "007" is no name that a sweep writes.
    return [int(stem) for stem in stems if stem == str(int(stem))]


def known_numbers(root: Path, layout: StoreLayout) -> list[int]:
    """The same, ascending, all of them blocks of the study.

    Raises
    ------
    InputError : a marker of a block that the study does not have.

    >>> import tempfile
    >>> layout = StoreLayout(("run",), (5,), (2,), {"epds": ((), (), "<f8")})
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     (Path(folder) / BOOKKEEPING).mkdir()
    ...     write_marker(Path(folder), 7, Marker(DONE_MARK))
    ...     known_numbers(Path(folder), layout)
    Traceback (most recent call last):
    ...
    oxysim.errors.InputError: ...its study has blocks 0 to 2, but there is a marker 7.json; ...
    """
    numbers = sorted(marker_numbers(root))
    # The largest tells it for all.
    if numbers and numbers[-1] >= layout.n_blocks:
        raise InputError(
            f"store {root}: its study has blocks 0 to {layout.n_blocks - 1}, but there is a marker"
            f" {numbers[-1]}.json; remove what was copied into {root / BOOKKEEPING}"
        )
    return numbers


def is_only_ours(root: Path) -> bool:
    """Whether a folder without a description holds nothing but what the first moments of a store
    leave behind.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     empty = is_only_ours(Path(folder))
    ...     (Path(folder) / "diary.txt").touch()
    ...     empty, is_only_ours(Path(folder))
    (True, False)
    """
    if any(
        path.name != BOOKKEEPING or path.is_symlink() or not path.is_dir()
        for path in root.iterdir()
    ):
        return False
    # A killed first start leaves at most a lock, a note and half a description.
    inside = root / BOOKKEEPING
    names = {LOCK_FILE, HOLDER_FILE, HOLDER_FILE + PART, DESCRIPTION + PART}
    return not inside.exists() or all(path.name in names for path in inside.iterdir())


def _sealed(document: Mapping[str, Any]) -> bytes:
    """A document with the digest of itself."""
    return _json({**document, _SEAL: digest_of(_json(document))})


def _is_whole(document: Mapping[str, Any]) -> bool:
    """Whether a document is the one of which its digest was made."""
    rest = {name: value for name, value in document.items() if name != _SEAL}
    return document.get(_SEAL) == digest_of(_json(rest))


def _damaged(path: Path) -> DamageError:
    return DamageError(
        f"{path}: the store's description is damaged, so its blocks cannot be trusted; restore the"
        " file from a copy, or remove the store and run the sweep again"
    )


def _json(document: Mapping[str, Any]) -> bytes:
    # Sorted, so that equal documents have equal digests.
    return (json.dumps(document, sort_keys=True, indent=1) + "\n").encode()
