"""Files inside a store: read by names that are known, never through a link, never larger than they
can be.

A store may come from anywhere. What it says of itself is believed only where it could be so; what
is in it is a folder or a plain file. Whoever changes a store while it is being read can still
deceive this; nothing here guards against a second process with the right to write.
"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path, PurePosixPath
from typing import Any

from oxysim.errors import InputError, shown

LARGEST_DOCUMENT = 64 * 1024 * 1024
"""Bytes of a store's description or of one marker: a design of ten million rows is told by a
digest, a table that came with a study file has at most a few MB.
"""


class DamageError(InputError):
    """A file of a store is not what was written there."""


def require_plain(root: Path) -> None:
    """Refuse a store with links or special files in it; `root` itself is resolved.

    Raises
    ------
    InputError : the first of them, by name. OSError : a folder cannot be read.
    """
    folders = [root]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_symlink():
                    raise _refused(root, Path(entry.path), "a symbolic link")
                if entry.is_dir(follow_symlinks=False):
                    folders.append(Path(entry.path))
                elif not entry.is_file(follow_symlinks=False):
                    raise _refused(root, Path(entry.path), "neither a file nor a folder")


def require_own(root: Path, name: str) -> None:
    """Refuse a file that has another name besides the one in the store: what is opened for writing
    would change it.

    Raises
    ------
    InputError : it has. OSError : it cannot be looked at.
    """
    path = root / name
    if os.path.lexists(path) and (
        not stat.S_ISREG((own := os.lstat(path)).st_mode) or own.st_nlink > 1
    ):
        raise _refused(root, path, "a link to another file")


def read_inside(root: Path, name: str, largest: int = LARGEST_DOCUMENT) -> bytes | None:
    """The bytes of a file of the store; None where there is none.

    Parameters
    ----------
    name : known from the study, with "/" between folders.

    Raises
    ------
    InputError : a link, no plain file, or one that is larger than it can be. OSError : it cannot be
    read.
    """
    path = root
    for part in PurePosixPath(name).parts:
        path = path / part
        try:
            mode = os.lstat(path).st_mode
        except (FileNotFoundError, NotADirectoryError):
            return None
        if stat.S_ISLNK(mode):
            raise _refused(root, path, "a symbolic link")
    if not stat.S_ISREG(mode):
        raise _refused(root, path, "no file")
    if (size := path.stat().st_size) > largest:
        raise DamageError(f"store {root}: {name}: expected at most {largest} bytes; found {size}")
    return path.read_bytes()


def parsed(data: bytes) -> dict[str, Any]:
    """A JSON document that is a mapping.

    Raises
    ------
    ValueError : it is none, not UTF-8, nested beyond reason, or holds a number beyond reason.
    """
    try:
        held = json.loads(data)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(held, dict):
        raise ValueError("no mapping")
    return held


def remove(root: Path, name: str) -> None:
    """Take away a file of the store, where it is there.

    Raises
    ------
    InputError : it is no file. OSError : it cannot be taken away.
    """
    path = root / name
    if path.is_dir() and not path.is_symlink():
        raise _refused(root, path, "a folder where a file should be")
    path.unlink(missing_ok=True)


def _refused(root: Path, path: Path, found: str) -> InputError:
    inside = shown(str(path.relative_to(root)))
    return InputError(
        f"store {root}: expected nothing but files and folders of its own; found {inside}, {found};"
        " remove it, or copy the store without links"
    )
