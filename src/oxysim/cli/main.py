"""The command ``oxysim``: what must stand before everything else is imported, which takes a second
or two.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from oxysim.interruption import ending_at_once, terminable


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line `arguments` (default: those of the process) and return the exit code.

    Ctrl-C and SIGTERM end it with one line and exit code 130, at whatever moment they come.

    >>> main(["--version"])
    oxysim ...
    0
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    # answered at once: the library behind the verbs takes a second or two to load
    if words == ["--version"]:
        from importlib import metadata

        print(f"oxysim {metadata.version('oxysim')}")
        return 0
    with ending_at_once():
        from oxysim.cli.command import run
    with terminable():
        return run(words)
