"""Files that are whole or not there: temporary file, fsync, rename; and what is said when a disk
refuses.

A power cut or a kill leaves either the file as it was or the new one, never half of one. Temporary
files end in ``.part``; one writer at a time (see ``lock``) means that whatever ends so at the start
of a run is a left-over.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import stat
from collections.abc import Iterable
from pathlib import Path

from oxysim.errors import OxysimError

PART = ".part"

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
    """

    def __init__(self, message: str, number: int | None = None) -> None:
        super().__init__(message)
        self.errno = number


def disk_refusal(what: str, error: OSError, afterwards: str) -> StoreError:
    """The error for a disk that refused: what was being done, the system's reason, what to do, what
    is safe.
    """
    reason = error.strerror or str(error)
    advice = _ADVICE.get(error.errno or 0, "see to the cause")
    return StoreError(f"{what}: {reason}; {advice}. {afterwards}", error.errno)


def write_durably(path: Path, data: bytes) -> None:
    """Write `data` to `path`, whole or not at all; the name is durable once :func:`sync_folders` was
    called on the folder.
    """
    part = path.with_name(path.name + PART)
    part.unlink(missing_ok=True)  # a left-over, which may be anything; it is not written through
    try:
        with open(part, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)


def sync_folders(folders: Iterable[Path]) -> None:
    """Make renames and removals in `folders` durable."""
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
    """SHA-256 of a plain file in hexadecimal; None where there is none. A link is not followed."""
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            return None
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (FileNotFoundError, NotADirectoryError):
        return None


def digest_of(data: bytes) -> str:
    """SHA-256 of bytes in hexadecimal."""
    return hashlib.sha256(data).hexdigest()
