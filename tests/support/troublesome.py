"""An intervention that makes trouble where it is computed: it hangs, dies or breaks, for tests of
how sweeps bear it.

In the process that wrote the study it is harmless, so that studies can be checked there.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from oxysim.schedule import Bouts, Intervention, SchedulePart, Window


@dataclass(frozen=True)
class Trouble(Intervention):
    """Does what it is told when its bouts are asked for outside the process `home`.

    Parameters
    ----------
    what : "nothing", "hang" (for `seconds`), "die" (SIGKILL), "exit", "break" (an unexpected
        error).
    log : a folder; each time it acts, a file is added there. With `once`, it acts the first time
        only.
    home : number of the process in which it stays quiet; 0 for none.
    """

    what: str = "nothing"
    log: str = field(default="", kw_only=True)
    once: bool = field(default=False, kw_only=True)
    home: int = field(default=0, kw_only=True)
    seconds: float = field(default=60.0, kw_only=True)

    continuous: ClassVar[bool] = True
    may_be_inert: ClassVar[bool] = True
    amount: ClassVar[str] = ""

    @property
    def label(self) -> str:
        return "trouble"

    def parts(self) -> tuple[SchedulePart, ...]:
        return ()

    def bouts(self, window: Window) -> Sequence[Bouts]:
        """No bouts, and the trouble."""
        if os.getpid() != self.home and self.what != "nothing":
            self._act()
        return ()

    def _act(self) -> None:
        folder = Path(self.log)
        before = list(folder.iterdir())
        (folder / f"{self.what}-{len(before)}-{os.getpid()}").touch()
        if self.once and before:
            return
        if self.what == "hang":
            time.sleep(self.seconds)
        elif self.what == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        elif self.what == "exit":
            os._exit(7)
        elif self.what == "break":
            raise ZeroDivisionError("nobody expected this")


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Ctrl-C is heard, also where the tests run in the background of a shell that
    has it ignored.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
