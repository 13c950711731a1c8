"""What ``oxysim --help`` and the help of every verb print, at a fixed width."""

from __future__ import annotations

import contextlib
import io
import os
import re
import runpy
import sys
from unittest import mock

from goldens.formats import Files

WIDTH = {"COLUMNS": "100", "NO_COLOR": "1"}
"""argparse breaks lines at the terminal's width, and colours them from Python 3.14 on."""


def collect() -> Files:
    """The help of the command and of each verb that it lists."""
    main = _printed("--help")
    verbs = re.findall(r"^    (\w+) {2,}", main, flags=re.MULTILINE)
    texts = {"": main, **{verb: _printed(verb, "--help") for verb in verbs}}
    return {
        "help.txt": "".join(f"$ oxysim {verb} --help\n{text}\n" for verb, text in texts.items())
    }


def _printed(*arguments: str) -> str:
    """What the command line prints; in this process, as another would load the library again."""
    out = io.StringIO()
    with mock.patch.dict(os.environ, WIDTH), mock.patch.object(sys, "argv", ["oxysim", *arguments]):
        with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit):
            runpy.run_module("oxysim", run_name="__main__", alter_sys=False)
    return out.getvalue()
