"""What stops a run from outside: SIGTERM (a batch system, a shutdown) is heard as Ctrl-C is.

Nothing but the standard library is imported here, so that the command line can ask for it before
anything else.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

STOPPED = 130
"""The exit code of a command that was interrupted: 128 and the number of SIGINT, as shells count.
"""

_HEARD = (signal.SIGINT, signal.SIGTERM)
_Handler = Callable[[int, FrameType | None], object]


@contextmanager
def terminable() -> Iterator[None]:
    """Within, SIGTERM raises ``KeyboardInterrupt``, unless whoever runs this process has other
    plans for it.

    Without effect outside the main thread, where Python handles no signals.

    >>> with terminable():
    ...     pass
    """
    with _handled(_raise, (signal.SIGTERM,)):
        yield


@contextmanager
def ending_at_once() -> Iterator[None]:
    """Within, SIGINT and SIGTERM end the process with one line: while packages are imported nothing
    is to be kept, and an interruption raised inside an import comes out as whatever error the
    package makes of it.

    >>> with ending_at_once():
    ...     import json  # an interruption here would end the process with one line
    """
    with _handled(_end, _HEARD):
        yield


@contextmanager
def deaf_children() -> Iterator[None]:
    """Processes begun within leave SIGINT and SIGTERM to their parent from their first moment: a
    terminal and a batch system send them to the whole group, and only the parent knows what to
    keep.

    >>> import subprocess
    >>> import sys
    >>> with deaf_children():
    ...     child = subprocess.Popen([sys.executable, "-c", ""])
    >>> child.wait()
    0
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows has no masks and no such groups
        yield
        return
    # a new process inherits the mask: there is no moment at which it would hear a signal
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _handled(handler: _Handler, numbers: tuple[signal.Signals, ...]) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    # another handler, or an ignored signal, is somebody's wish
    usual = (signal.SIG_DFL, signal.default_int_handler)
    before = {number: signal.getsignal(number) for number in numbers}
    taken = [number for number in numbers if before[number] in usual]
    for number in taken:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number in taken:
            signal.signal(number, before[number])


def _raise(number: int, _: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _end(number: int, _: FrameType | None) -> NoReturn:
    # no Python ending: exit handlers of half-imported packages fail with errors of their own
    os.write(2, b"oxysim: interrupted\n")
    os._exit(STOPPED)
