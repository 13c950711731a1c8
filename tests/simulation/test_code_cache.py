"""Compiled code on disk: whatever happens to its files, the next process gets right numbers, or is
told the folder.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from oxysim.errors import InputError
from oxysim.simulation import code_cache

numba = pytest.importorskip("numba")

NAME = "oxysim_tried"
SOURCE = "from numba import njit\n\n@njit(cache=True)\ndef carry(x):\n    return 3.0 * x + 0.5\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty cache folder of this test's own."""
    monkeypatch.setenv(code_cache.PLACE, str(tmp_path))
    code_cache.folder.cache_clear()
    yield tmp_path
    code_cache.folder.cache_clear()
    sys.modules.pop(NAME, None)


def _use() -> tuple[float, int]:
    """What a process does: fetch the function, call it, seal. The answer, and how often it had to
    compile.
    """
    code_cache._sealed.pop(NAME, None)
    function = code_cache.module_of(NAME, SOURCE).carry
    answer = function(2.0)
    code_cache.note_digests(NAME, function)
    return answer, sum(function.stats.cache_misses.values())


def _flip(content: bytes) -> bytes:
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "cut short": lambda content: content[: len(content) // 2],
    "one bit": _flip,
    "another program's": lambda content: b"\x00\xff not code" * 20,
}


def test_what_was_compiled_is_used_again(folder: Path) -> None:
    assert _use() == (6.5, 1)
    assert _use() == (6.5, 0)


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("file", ["*.nbi", "*.nbc", "*.py", "*.sha256"])
def test_a_damaged_file_is_made_again(file: str, damage: str, folder: Path) -> None:
    _use()
    (path,) = folder.rglob(file)
    path.write_bytes(DAMAGE[damage](path.read_bytes()))
    assert _use()[0] == 6.5
    assert _use() == (6.5, 0)  # and is whole again


@pytest.mark.parametrize("file", ["*.nbi", "*.nbc", "*.py", "*.sha256"])
def test_a_missing_file_is_made_again(file: str, folder: Path) -> None:
    _use()
    (path,) = folder.rglob(file)
    path.unlink()
    assert _use()[0] == 6.5
    assert _use() == (6.5, 0)


@pytest.mark.parametrize("file", ["*.nbi", "*.py"])
def test_what_cannot_be_replaced_is_named_with_its_folder(file: str, folder: Path) -> None:
    _use()
    (path,) = folder.rglob(file)
    path.unlink()
    (path / "inside").mkdir(parents=True)  # a folder in the file's place
    with pytest.raises(InputError, match=code_cache.PLACE) as refused:
        _use()
    assert str(folder) in str(refused.value)


def test_a_cache_that_cannot_be_a_folder_is_replaced_by_a_temporary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv(code_cache.PLACE, str(tmp_path / "file"))
    code_cache.folder.cache_clear()
    assert _use()[0] == 6.5
    assert code_cache.folder() != tmp_path / "file"
    code_cache.folder.cache_clear()


PROGRAM = (
    "import oxysim as ox\n"
    "r = ox.simulate(ox.Dyad(), ox.Routine.typical(), '1 h', engine='compiled')\n"
    "print(repr(float(r['caregiver.cortisol'].values[0, -1])))\n"
)


def _simulated(folder: Path) -> str:
    environment = {**os.environ, code_cache.PLACE: str(folder)}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.long
def test_a_simulation_survives_every_damage_to_its_code(tmp_path: Path) -> None:
    whole = _simulated(tmp_path)
    for file in ("*.nbi", "*.nbc", "*.py"):
        for damage in ("cut short", "one bit"):
            (path,) = tmp_path.rglob(file)
            path.write_bytes(DAMAGE[damage](path.read_bytes()))
            assert _simulated(tmp_path) == whole, (file, damage)


@pytest.mark.long
def test_processes_that_compile_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: _simulated(tmp_path), range(3)))
    assert len({*answers, _simulated(tmp_path)}) == 1
