"""One writer at a time: a lock that the operating system drops when its process ends, however it
ends.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
from pathlib import Path
from typing import Any

from oxysim.errors import InputError, require_extra, shown
from oxysim.sweeps.store.store_files import parsed, read_inside, require_own, write_durably

LOCK_FILE = "writer.lock"
HOLDER_FILE = "writer.json"  # who writes; the lock file itself stays empty
LARGEST_NOTE = 1000  # characters: the name of a host and the number of a process


class StoreInUseError(InputError):
    """Another process is writing to the store.

    >>> raise StoreInUseError("a.zarr: process 12 on lab is writing to it")
    Traceback (most recent call last):
    ...
    oxysim.sweeps.store.writer_lock.StoreInUseError: a.zarr: process 12 on lab is writing to it
    """


class WriterLock:
    """The right to write to the store whose bookkeeping lies in `folder`.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     first, second = WriterLock(Path(folder)), WriterLock(Path(folder))
    ...     first.acquire()
    ...     try:
    ...         second.acquire()
    ...     except StoreInUseError:
    ...         print(first.held, second.held)
    ...     first.release()
    True False
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock: Any = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._lock is not None

    def acquire(self) -> None:
        """Take the lock at once.

        Raises
        ------
        StoreInUseError : another writer holds it. OSError : the folder cannot be written.
        """
        filelock: Any = require_extra("filelock", "store")
        require_own(self._folder, LOCK_FILE)  # it is opened for writing, in place
        # A lock of the thread would look free to a thread that closes the store for another.
        lock = filelock.FileLock(str(self._folder / LOCK_FILE), thread_local=False)
        # Without waiting: a sweep may write for days.
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout:
            raise StoreInUseError(
                f"store {self._folder.parent}: {self._holder()} is writing to it",
                remedy="wait until that run has ended, or give another {store}",
                arguments={"store": "store="},
            ) from None
        # From here on the right to write is held; the note only tells others who has it.
        self._lock = lock
        holder = json.dumps({"host": socket.gethostname(), "pid": os.getpid()}, sort_keys=True)
        write_durably(self._folder / HOLDER_FILE, holder.encode())

    def release(self) -> None:
        """Give the lock back; without effect where it is not held."""
        if self._lock is None:
            return
        # the note is a courtesy; a disk gone read-only must not keep the lock
        with contextlib.suppress(OSError):
            (self._folder / HOLDER_FILE).unlink(missing_ok=True)
        self._lock.release()
        self._lock = None

    def _holder(self) -> str:
        """The writer in words, from the note that it left."""
        # The note may be half gone, or anybody's: what it cannot tell is left unsaid.
        try:
            note = parsed(read_inside(self._folder, HOLDER_FILE, LARGEST_NOTE) or b"")
            host = shown(note["host"] if isinstance(note["host"], str) else None, LARGEST_NOTE)[
                1:-1
            ]
            return f"process {int(note['pid'])} on {host}"
        except (OSError, ValueError, KeyError, TypeError, OverflowError):
            return "another process"
