"""Machine code kept on disk between processes, and never believed when it was damaged.

Numba keeps the code of a function beside the file that the function came from and reads it back
unchecked: a file that was cut short ends in a raw exception for ever, a changed one in a crash or
in wrong numbers. So every file has its SHA-256 in a list beside it (the seal). What is not as its
seal says is removed and compiled again; the generated source is never executed from the disk at
all. Several processes may do all this at once: files are replaced whole, and the worst that can
happen is that one of them compiles what another has compiled already.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import hashlib
import importlib.util
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import platformdirs

from oxysim.errors import InputError

PLACE = "OXYSIM_CACHE_DIR"
_SEAL = ".sha256"
# bytes; a seal has a line of about 150 for each file, and one shape has a few files
_LARGEST_SEAL = 1024 * 1024


def module_of(name: str, source: str) -> ModuleType:
    """The module `source`, whose functions Numba keeps compiled under `name` in :func:`folder`.

    Parameters
    ----------
    name : holds a digest of all that the code depends on, so that other code has another name.
    source : the module's text.

    Raises
    ------
    InputError : a file of the cache is damaged and can be neither replaced nor removed; it names
    the folder.

    >>> import tempfile
    >>> from unittest import mock
    >>> with tempfile.TemporaryDirectory() as cache, mock.patch.dict(os.environ, {PLACE: cache}):
    ...     module_of("oxysim_example", "def doubled(x): return 2 * x").doubled(21)
    42
    """
    cache = folder()
    path = cache / f"{name}.py"
    try:
        # Numba also keys its code by this file's size and time, so it is written only then
        if text_of_small_file(path) != source:
            _remove_code(cache, name)
            write_whole(path, source)
        elif not _is_sealed(cache, name):
            _remove_code(cache, name)
    except OSError as error:
        raise InputError(
            what=f"compiled code in {cache}",
            expected="files that can be replaced",
            found=str(error),
            remedy=f"empty that folder, or name another one in the environment variable {PLACE}",
            key=(PLACE,),
        ) from error
    spec = importlib.util.spec_from_loader(name, loader=None, origin=str(path))
    assert spec is not None  # a spec is made for any name
    module = importlib.util.module_from_spec(spec)
    module.__file__ = str(path)
    sys.modules[name] = module
    exec(compile(source, str(path), "exec"), module.__dict__)
    return module


def note_digests(name: str, function: Any) -> None:
    """Note the digests of what Numba has written for `function` of the module `name`, if it
    compiled anything new.

    To be called after the function was: that is when Numba compiles. What cannot be noted is
    compiled again by the next process.

    >>> from types import SimpleNamespace
    >>> nothing_new = SimpleNamespace(stats=SimpleNamespace(cache_misses={}, cache_path=""))
    >>> note_digests("oxysim_example", nothing_new)  # nothing compiled: nothing written
    """
    compiled = sum(function.stats.cache_misses.values())
    if compiled > _sealed.get(name, 0):
        _sealed[name] = compiled
        cache = Path(function.stats.cache_path)
        with contextlib.suppress(OSError):
            lines = [f"{_digest(path)}  {path.name}" for path in _code_files(cache, name)]
            write_whole(folder() / f"{name}{_SEAL}", "\n".join(lines))


_sealed: dict[str, int] = {}  # module -> how many compilations of this process its seal knows of


@functools.cache
def folder() -> Path:
    """Where compiled code is kept: OXYSIM_CACHE_DIR, else the user's cache folder, else a temporary
    one that goes with the process.

    >>> folder().is_dir()
    True
    """
    named = os.environ.get(PLACE)
    preferred = (
        Path(named) if named else Path(platformdirs.user_cache_dir("oxysim", appauthor=False))
    )
    try:
        preferred.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=preferred):
            return preferred
    except OSError:
        temporary = tempfile.mkdtemp(prefix="oxysim-")
        atexit.register(shutil.rmtree, temporary, ignore_errors=True)
        return Path(temporary)


def _code_files(cache: Path, name: str) -> Iterator[Path]:
    """Numba's index (.nbi) and code (.nbc) files for the module `name`, wherever below `cache` it
    keeps them.
    """
    return (path for path in sorted(cache.rglob(f"{name}.*")) if path.suffix in (".nbi", ".nbc"))


def _is_sealed(cache: Path, name: str) -> bool:
    """Whether every file of compiled code is there as it was written."""
    noted = dict(
        line.split("  ", 1)[::-1]
        for line in text_of_small_file(cache / f"{name}{_SEAL}").splitlines()
        if "  " in line
    )
    return {path.name: _digest(path) for path in _code_files(_numba_folder(cache), name)} == noted


def _remove_code(cache: Path, name: str) -> None:
    for path in _code_files(_numba_folder(cache), name):
        with contextlib.suppress(FileNotFoundError):  # another process was faster
            path.unlink()


def _numba_folder(cache: Path) -> Path:
    """Where Numba keeps the code of files in `cache`: below it, or below NUMBA_CACHE_DIR."""
    import numba

    return Path(numba.config.CACHE_DIR) if numba.config.CACHE_DIR else cache


def text_of_small_file(path: Path) -> str:
    """A small text file's content; empty where there is none or it is none.

    >>> text_of_small_file(Path("no such file"))
    ''
    """
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST_SEAL).decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:  # a folder in the file's place, or removed meanwhile
        return ""


def write_whole(path: Path, text: str) -> None:
    """Write a file whole: another process may be writing the same.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as place:
    ...     write_whole(Path(place) / "code.py", "x = 1")
    ...     (Path(place) / "code.py").read_text()
    'x = 1'
    """
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        unfinished.write_text(text, encoding="utf-8", newline="\n")
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
