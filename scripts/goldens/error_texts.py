"""Every error text and warning of the library that the tests of wrong calls meet.

A pytest plugin (``-p goldens.error_texts``) records each error of oxysim that is made while a test
runs. Tests are chosen by what they do, not by where they stand: those whose function, or a helper
of its module that it calls, names ``raises``, ``faults``, ``warns`` or a refusal. Cases that
Hypothesis draws are left out: which these are hangs on the test's own name. Folders, addresses and
numbers of processes are written alike, and so is what was found: it is the test's value, and how a
value is shown has tests of its own.
"""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import oxysim as ox
from goldens.formats import Files

ROOT = Path(__file__).resolve().parents[2]
ASKS = re.compile(r"raises|faults|warns|refus|wrong", re.IGNORECASE)
ADDRESS = re.compile(r" at 0x[0-9a-f]+")
NORMAL = [
    (re.compile(r"\S*/pytest-of-[^/\s]+/pytest-\d+/[^/\s'\"]+"), "FOLDER"),
    (re.compile(re.escape(str(ROOT))), "ROOT"),
    (re.compile(re.escape(tempfile.gettempdir()) + r"/[^/\s'\"]+"), "FOLDER"),
    (ADDRESS, ""),
    (re.compile(r"\b(process|pid) \d+"), r"\1 N"),
    (re.compile(r"\b[\d.]+ [kMGT]?B are free"), "N B are free"),
    (
        re.compile(r"\boxysim(?:\.[a-z_]\w*)+\.(?=[A-Za-z_])"),
        "",
    ),  # a class of the library prints with its module
    (re.compile(r"\b[0-9a-f]{64}\b"), "DIGEST"),
    (re.compile(r"(FOLDER/[^\s:,]*)(:|, line )\d+"), r"\1\2N"),
    (re.compile(r"(?<=; found ).*?(?=; [a-z]|\n|$)"), "..."),
]
"""What differs between two runs of one code, names a module that may move, or stands in hundreds of
else equal texts (lines of spoilt files, wrong values): (pattern, what is written)."""
_OUT = "OXYSIM_ERROR_TEXTS"


def collect() -> Files:
    """Run the tests that ask for errors, in a process of its own, and return what was recorded."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "errors.txt"
        paths = [str(ROOT / "src"), str(ROOT / "scripts"), os.environ.get("PYTHONPATH", "")]
        env = {
            **os.environ,
            _OUT: str(out),
            "PYTHONPATH": os.pathsep.join(filter(None, paths)),
            "PYTHONHASHSEED": "0",
        }
        plugins = ["-p", "goldens.error_texts", "-p", "no:cacheprovider", "-p", "no:randomly"]
        command = [sys.executable, "-m", "pytest", "-q", *plugins, "--no-header", "tests"]
        done = subprocess.run(command, cwd=ROOT, env=env, check=False, stdout=sys.stderr)
        if done.returncode not in (0, 1):  # 1: some test failed, what it met stands all the same
            raise RuntimeError(f"pytest ended with {done.returncode}")
        return {"error_texts.txt": out.read_text(encoding="utf-8")}


# ------------------------------------------------------------------------------ the plugin
_MADE: list[BaseException] = []
_TEXTS: set[str] = set()


def _base() -> type[BaseException]:
    """The class of all errors of the library: not at the door, so an error is made and asked."""
    try:
        ox.NasalSpray(object())
    except Exception as error:  # noqa: BLE001 - whatever it is, its classes are asked
        ours = [kind for kind in type(error).__mro__ if kind.__module__.startswith("oxysim")]
    return ours[-1]


def pytest_configure() -> None:
    """From here on every error of the library that is made is remembered."""
    if not os.environ.get(_OUT):
        return
    kind: Any = _base()
    made = kind.__init__

    def remembered(self: BaseException, *arguments: Any, **options: Any) -> None:
        made(self, *arguments, **options)
        _MADE.append(self)

    kind.__init__ = remembered


def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    """Keep the tests that ask for an error."""
    if os.environ.get(_OUT):
        asking = [item for item in items if _asks(item)]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(asking)])
        items[:] = asking


def _asks(item: Any) -> bool:
    function = getattr(item, "function", None)
    if (
        function is None
        or getattr(function, "is_hypothesis_test", False)
        or "golden" in item.module.__name__
    ):
        return False
    source = _source(function)
    helpers = [
        _source(value)
        for name, value in vars(item.module).items()
        if inspect.isfunction(value)
        and value.__module__ == item.module.__name__
        and f"{name}(" in source
    ]
    return any(ASKS.search(text) for text in (source, *helpers))


def _source(function: Any) -> str:
    """The text of a function; empty for one that some program wrote."""
    try:
        return inspect.getsource(function)
    except OSError:
        return ""


def pytest_runtest_teardown() -> None:
    """The sentences of what was made; asked for at the end, when an error has its whole text."""
    for error in _MADE:
        _TEXTS.add(f"{type(error).__name__}: {_normal(str(error))}")
    _MADE.clear()


def pytest_warning_recorded(warning_message: Any) -> None:
    """A warning of the library, that a test did not catch."""
    kind = warning_message.category
    if os.environ.get(_OUT) and kind.__module__.startswith("oxysim"):
        _TEXTS.add(f"{kind.__name__}: {_normal(str(warning_message.message))}")


def pytest_sessionfinish() -> None:
    """The file, sorted, one text a line."""
    if os.environ.get(_OUT):
        Path(os.environ[_OUT]).write_text(
            "".join(f"{text}\n" for text in sorted(_TEXTS)), encoding="utf-8"
        )


def _normal(text: str) -> str:
    if ADDRESS.search(text):  # which names are near to an address changes with the address
        text = text.partition("; nearest: ")[0]
    for pattern, plain in NORMAL:
        text = pattern.sub(plain, text)
    return text.encode("unicode_escape").decode().replace("\\xb5", "µ")
