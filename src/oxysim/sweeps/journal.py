"""The bookkeeping of a store: one description of the study, and one marker for each finished or failed block.

Nothing here holds a time or a process, so a resumed store equals an uninterrupted one bit for bit.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oxysim.errors import InputError
from oxysim.sweeps.arrays import BOOKKEEPING, Layout
from oxysim.sweeps.durable import PART, put, refused
from oxysim.sweeps.lock import HOLDER_FILE, LOCK_FILE

FORMAT, VERSION = "oxysim sweep", 1
DESCRIPTION = "study.json"
DONE_MARK, FAILED_MARK = "done", "failed"


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
    """

    identity: Mapping[str, str]
    layout: Layout
    files: Mapping[str, str]
    spaced: tuple[str, ...] = ()
    source: str | None = None
    complete: bool = True


@dataclass(frozen=True)
class Marker:
    """One block: "done" or "failed", the reason of a failure, and array -> SHA-256 of its chunk file."""

    status: str
    sha256: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""


def write_description(root: Path, description: Description) -> None:
    """Write the description; the caller settles the folder."""
    layout = description.layout
    put(
        root / BOOKKEEPING / DESCRIPTION,
        _json(
            {
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
        ),
    )


def read_description(root: Path) -> Description | None:
    """The description of the store at `root`; None where there is none.

    Raises
    ------
    InputError : it is damaged, or of a format that this version does not know. StoreError : it cannot be read.
    """
    path = root / BOOKKEEPING / DESCRIPTION
    try:
        held = json.loads(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise refused(f"store {root}: its description could not be read", error, "Nothing was changed") from error
    except ValueError:
        raise _damaged(path) from None
    if not isinstance(held, dict) or held.get("format") != FORMAT:
        raise _damaged(path)
    if held.get("version") != VERSION:
        raise InputError(f"store {root}: expected format {VERSION}; found {held.get('version')!r}; update oxysim")
    try:
        outcomes = {name: (tuple(d), tuple(s), str(kind)) for name, (d, s, kind) in held["outcomes"].items()}
        layout = Layout(tuple(held["dims"]), tuple(held["shape"]), tuple(held["block_shape"]), outcomes)
        rest = {"source": held["source"], "complete": held["complete"]}
        return Description(held["identity"], layout, held["files"], tuple(held["spaced"]), **rest)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise _damaged(path) from None


def write_marker(root: Path, number: int, marker: Marker) -> None:
    """Write the marker of a block; the caller settles the folder."""
    held: dict[str, Any] = {"status": marker.status, "sha256": dict(marker.sha256)}
    if marker.status == FAILED_MARK:
        held["reason"] = marker.reason
    put(marker_file(root, number), _json(held))


def marker_file(root: Path, number: int) -> Path:
    """Where the marker of a block lies."""
    return root / BOOKKEEPING / f"{number}.json"


def read_markers(root: Path) -> Iterator[tuple[int, Marker | None]]:
    """Each block that has a marker, in no order; None for a marker that cannot be read."""
    for path in (root / BOOKKEEPING).glob("*.json"):
        if path.stem.isascii() and path.stem.isdecimal() and path.name == f"{int(path.stem)}.json":
            yield int(path.stem), _marker(path)


def _marker(path: Path) -> Marker | None:
    try:
        held = json.loads(path.read_bytes())
        marker = Marker(str(held["status"]), dict(held["sha256"]), str(held.get("reason", "")))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return marker if marker.status in (DONE_MARK, FAILED_MARK) else None


def is_only_ours(root: Path) -> bool:
    """Whether a folder without a description holds nothing but what the first moments of a store leave behind."""
    if any(path.name != BOOKKEEPING or not path.is_dir() for path in root.iterdir()):
        return False
    inside = root / BOOKKEEPING
    return not inside.exists() or all(
        path.name in (LOCK_FILE, HOLDER_FILE) or path.suffix == PART for path in inside.iterdir()
    )


def _damaged(path: Path) -> InputError:
    return InputError(
        f"{path}: the store's description is damaged, so its blocks cannot be trusted; restore the file from a copy, "
        "or remove the store and run the sweep again"
    )


def _json(held: Mapping[str, Any]) -> bytes:
    return (json.dumps(held, sort_keys=True, indent=1) + "\n").encode()
