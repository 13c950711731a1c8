"""Files of a store: written whole or not at all, read by names that are known, never through a
link.

Writing: temporary file, fsync, rename. A power cut or a kill leaves either the file as it was or
the new one, never half of one. Temporary files end in ``.part``; one writer at a time
(``writer_lock``) means that whatever ends so at the start of a run is a left-over.

Reading: a store may come from anywhere. What it says of itself is believed only where it could be
so; what is in it is a folder or a plain file. Whoever changes a store while it is being read can
still deceive this; nothing here guards against a second process with the right to write.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import stat
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from oxysim.errors import InputError, OxysimError, shown

# The ending of a file that is being written.
PART = ".part"

# What a user can do, by the system's number of the refusal.
_ADVICE = {
    errno.ENOSPC: "the disk is full; free some space",
    errno.EDQUOT: "your disk quota is used up; free some space",
    errno.EROFS: (
        "the file system is read-only; make it writable, or copy the store to a place that is"
    ),
    errno.EACCES: (
        "this user may not do that; change the permissions, or copy the store to another place"
    ),
    errno.EPERM: (
        "this user may not do that; change the permissions, or copy the store to another place"
    ),
    errno.ENAMETOOLONG: (
        "a name is too long for this file system; use shorter names of axes, outcomes or folders"
    ),
}


class StoreError(OxysimError, OSError):
    """The disk refused (full, read-only, no permission ...); what was finished before is safe.

    The message says what failed, how much is finished and how to go on; ``errno`` is the system's
    number.

    >>> StoreError("block 3 could not be written", errno.ENOSPC).errno == errno.ENOSPC
    True
    """

    def __init__(self, message: str, number: int | None = None) -> None:
        super().__init__(message)
        self.errno = number


def disk_refusal(task: str, error: OSError, afterwards: str) -> StoreError:
    """The error for a disk that refused: what was being done, the system's reason, what to do, what
    is safe.

    >>> print(disk_refusal("block 3", OSError(errno.ENOSPC, "no space left"), "3 blocks are safe"))
    block 3: no space left; the disk is full; free some space. 3 blocks are safe
    """
    reason = error.strerror or str(error)
    advice = _ADVICE.get(error.errno or 0, "see to the cause")
    return StoreError(f"{task}: {reason}; {advice}. {afterwards}", error.errno)


def write_durably(path: Path, data: bytes) -> None:
    """Write `data` to `path`, whole or not at all; the name is durable once :func:`sync_folders`
    was called on the folder.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_durably(Path(folder) / "marker.json", b"{}")
    ...     os.listdir(folder)
    ['marker.json']
    """
    temporary = path.with_name(path.name + PART)
    # A left-over may be anything, a link too: it is taken away, not written through.
    temporary.unlink(missing_ok=True)
    try:
        with open(temporary, "wb") as file:
            file.write(data)
            file.flush()
            # The bytes must be on disk before the name is: a rename may overtake them.
            os.fsync(file.fileno())
        # In one step: whoever reads sees the old file or the new one.
        os.replace(temporary, path)
    # The error on the way here, if any, is the one to tell.
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def sync_folders(folders: Iterable[Path]) -> None:
    """Make renames and removals in `folders` durable.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     sync_folders([Path(folder)])
    """
    # Windows cannot open a folder to synchronise it, and writes its entries through
    if os.name == "nt":
        return
    for folder in dict.fromkeys(folders):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def digest(path: Path) -> str | None:
    """SHA-256 of a plain file in hexadecimal; None where there is none. A link is not followed.

    >>> digest(Path("never_written.json")) is None
    True
    """
    try:
        # lstat looks at a link itself, not at where it leads.
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return None
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return None


def digest_of(data: bytes) -> str:
    """SHA-256 of bytes in hexadecimal.

    >>> digest_of(b"")[:8]
    'e3b0c442'
    """
    return hashlib.sha256(data).hexdigest()


# -------------------------------------------------------------------- reading
LARGEST_DOCUMENT = 64 * 1024 * 1024
"""Bytes of a store's description or of one marker: a design of ten million rows is told by a
digest, a table that came with a study file has at most a few MB.
"""


class DamageError(InputError):
    """A file of a store is not what was written there.

    >>> raise DamageError("store sweep.zarr: c.0 was changed or damaged")
    Traceback (most recent call last):
    ...
    oxysim.sweeps.store.store_files.DamageError: store sweep.zarr: c.0 was changed or damaged
    """


def require_plain(root: Path) -> None:
    """Refuse a store with links or special files in it; `root` itself is resolved.

    Raises
    ------
    InputError : the first of them, by name. OSError : a folder cannot be read.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     os.symlink("elsewhere", Path(folder) / "c.0")
    ...     require_plain(Path(folder))
    Traceback (most recent call last):
    ...
    oxysim.errors.InputError: store ...: expected nothing but files and folders of its own; found
    'c.0', a symbolic link; ...
    """
    # Not os.walk, which lists links and special files among the plain ones.
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

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     (Path(folder) / "writer.lock").touch()
    ...     os.link(Path(folder) / "writer.lock", Path(folder) / "second name")
    ...     require_own(Path(folder), "writer.lock")
    Traceback (most recent call last):
    ...
    oxysim.errors.InputError: store ...; found 'writer.lock', a link to another file; ...
    """
    path = root / name
    # A second name of a file looks like the first; only the count of its names tells.
    if os.path.lexists(path) and (
        not stat.S_ISREG((status := os.lstat(path)).st_mode) or status.st_nlink > 1
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

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_durably(Path(folder) / "0.json", b"{}")
    ...     read_inside(Path(folder), "0.json"), read_inside(Path(folder), "1.json")
    (b'{}', None)
    """
    path = root
    for folder in PurePosixPath(name).parts:
        path = path / folder
        try:
            mode = os.lstat(path).st_mode
        except (FileNotFoundError, NotADirectoryError):
            return None
        # Each folder on the way, too: a link in the middle leads out as well.
        if stat.S_ISLNK(mode):
            raise _refused(root, path, "a symbolic link")
    if not stat.S_ISREG(mode):
        raise _refused(root, path, "no file")
    # Looked at before it is read: whatever has this name must not fill the memory.
    if (size := path.stat().st_size) > largest:
        raise DamageError(f"store {root}: {name}: expected at most {largest} bytes; found {size}")
    return path.read_bytes()


def parsed(data: bytes) -> dict[str, Any]:
    """A JSON document that is a mapping.

    Raises
    ------
    ValueError : it is none, not UTF-8, nested beyond reason, or holds a number beyond reason.

    >>> parsed(b'{"status": "done"}')
    {'status': 'done'}
    """
    try:
        document = json.loads(data)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(document, dict):
        raise ValueError("no mapping")
    return document


def remove(root: Path, name: str) -> None:
    """Take away a file of the store, where it is there.

    Raises
    ------
    InputError : it is no file. OSError : it cannot be taken away.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_durably(Path(folder) / "0.json", b"{}")
    ...     remove(Path(folder), "0.json")
    ...     os.listdir(folder)
    []
    """
    path = root / name
    # A folder may hold somebody's work.
    if path.is_dir() and not path.is_symlink():
        raise _refused(root, path, "a folder where a file should be")
    path.unlink(missing_ok=True)


def _refused(root: Path, path: Path, kind: str) -> InputError:
    inside = shown(str(path.relative_to(root)))
    return InputError(
        f"store {root}: expected nothing but files and folders of its own; found {inside}, {kind};"
        " remove it, or copy the store without links"
    )
