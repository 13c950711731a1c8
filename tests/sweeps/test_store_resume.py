"""A store that was hurt: nothing torn is trusted, and no refusing disk and no kill costs a finished
block.
"""

from __future__ import annotations

import errno
import os
import random
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

pytest.importorskip("zarr")
pytest.importorskip("filelock")

from oxysim.errors import InputError, MissingExtraError, OxysimError  # noqa: E402
from oxysim.sweeps.store import (
    journal,
    repair,  # noqa: E402
    store_files,
)
from oxysim.sweeps.store import zarr_store as module  # noqa: E402
from oxysim.sweeps.store.repair import DamageWarning  # noqa: E402
from oxysim.sweeps.store.store_files import StoreError  # noqa: E402
from oxysim.sweeps.store.zarr_store import ZarrStore, open_study  # noqa: E402
from tests.support.kill_and_resume import Driver, whole_sweep  # noqa: E402
from tests.support.small_sweep import (  # noqa: E402
    ALL,
    FINAL,
    WEEKLY,
    SmallStudy,
    computed,
    fill,
    opened,
    tree,
)  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An uninterrupted store; never written to."""
    path = tmp_path_factory.mktemp("whole") / "sweep.zarr"
    assert fill(path) == ALL
    return path


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "copy.zarr"))


# ---- torn and damaged files


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-3])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("damage", [_truncate, _flip, Path.unlink])
@pytest.mark.parametrize(
    "file", [f"{FINAL}/c.1.0", f"{WEEKLY}/c.1.0.0", "status/c.1.0", "reason/c.1.0", "blocks/3.json"]
)
def test_a_damaged_block_is_found_said_and_done_again(
    copy: Path, whole: Path, file: str, damage: Callable[[Path], None]
) -> None:
    damage(copy / file)
    lost_marker = damage is Path.unlink and file.startswith("blocks")
    with warnings.catch_warnings(record=True) as printed:
        warnings.simplefilter("always")
        with opened(copy) as store:
            assert store.pending() == [3]
            assert np.isnan(store.dataset()[FINAL].values[1, :2]).all()  # readable meanwhile
    messages = [str(message.message) for message in printed if message.category is DamageWarning]
    assert len(messages) == (0 if lost_marker else 1)  # a block without a marker was never finished
    assert all(
        "1 blocks were torn or damaged and will be computed again: 3" in text for text in messages
    )
    assert fill(copy) == [3]
    assert tree(copy) == tree(whole)


@pytest.mark.parametrize("damage", [_truncate, _flip, Path.unlink])
@pytest.mark.parametrize(
    "file", ["zarr.json", f"{FINAL}/zarr.json", "spray.dose/c/0", "blocks/zarr.json"]
)
def test_damaged_metadata_is_written_anew(
    copy: Path, whole: Path, file: str, damage: Callable[[Path], None]
) -> None:
    damage(copy / file)
    with (
        pytest.warns(DamageWarning, match=f"1 files of metadata .*: {file}"),
        opened(copy) as store,
    ):
        assert store.pending() == []
    assert tree(copy) == tree(whole)


def test_a_marker_of_no_block_is_refused(copy: Path) -> None:
    shutil.copy(copy / "blocks" / "3.json", copy / "blocks" / "9.json")
    with (
        pytest.raises(InputError, match=r"blocks 0 to 8, but there is a marker 9\.json"),
        opened(copy),
    ):
        pass


# ---- the disk refuses


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "may not do that"),
        (errno.EIO, "cause"),
    ],
)
@pytest.mark.parametrize("at", [0, 3, 4])
def test_a_disk_that_refuses_leaves_a_store_that_resumes(
    tmp_path: Path, whole: Path, monkeypatch: pytest.MonkeyPatch, number: int, advice: str, at: int
) -> None:
    path = tmp_path / "s.zarr"
    seams: list[tuple[Any, str]] = [(store_files.os, "fsync"), (store_files.os, "replace")]
    owner, name = seams[at % 2]
    real, calls = getattr(owner, name), 0

    def refuse(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls > at:
            raise OSError(number, os.strerror(number))
        return real(*arguments)

    with opened(path) as store:
        store.write(0, computed(0))
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, refuse)
            with pytest.raises(
                StoreError,
                match=rf"block 1 could not .*{advice}.*1 of 9 blocks are finished and safe",
            ) as e:
                store.write(1, computed(1))
        assert e.value.errno == number
        assert isinstance(e.value, OSError) and isinstance(e.value, OxysimError)
        assert store.pending() == ALL[1:]
        assert not list(path.rglob("*.part"))
    assert fill(path) == ALL[1:]
    assert tree(path) == tree(whole)


def test_a_disk_that_is_full_while_a_file_is_written(
    tmp_path: Path, whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        def __init__(self, path: Path, mode: str) -> None:
            self.file = open(path, mode)

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None:
            self.file.close()

        def write(self, data: bytes) -> None:
            self.file.write(data[:2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with opened(path := tmp_path / "s.zarr") as store, monkeypatch.context() as patch:
        patch.setattr(store_files, "open", Full, raising=False)
        with pytest.raises(StoreError, match="the disk is full; free some space"):
            store.write(0, computed(0))
    assert not list(path.rglob("*.part"))
    assert fill(path) == ALL
    assert tree(path) == tree(whole)


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_a_folder_that_cannot_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, "mkdir", refuse)
        with (
            pytest.raises(StoreError, match=r"could not be made.*No block was run"),
            opened(tmp_path / "s.zarr"),
        ):
            pass
    assert fill(tmp_path / "s.zarr") == ALL


def test_a_store_that_may_not_be_read(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> bytes:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", refuse)
        for reading in (fill, open_study, lambda path: ZarrStore(path).block_shape):
            with pytest.raises(
                StoreError, match=r"could not be read: .*this user may not .*Nothing was changed"
            ):
                reading(copy)
    assert fill(copy) == []


# ---- stopped anywhere


class PowerCut(BaseException):
    """Nothing of the library catches this."""


@contextmanager
def power_cut(monkeypatch: pytest.MonkeyPatch, at: int) -> Iterator[list[int]]:
    """The `at`-th stage of writing files is the last: before, half, whole but not
    renamed, renamed.
    """
    done = [0]

    def write_in_stages(path: Path, data: bytes) -> None:
        unfinished = path.with_name(path.name + store_files.PART)
        for stage in range(4):
            if stage == 1:
                unfinished.write_bytes(data[: len(data) // 2])
            elif stage == 2:
                unfinished.write_bytes(data)
            elif stage == 3:
                os.replace(unfinished, path)
            if done[0] == at:
                raise PowerCut
            done[0] += 1

    with monkeypatch.context() as patch:
        for writer in (module, journal, repair):
            patch.setattr(writer, "write_durably", write_in_stages)
        yield done


@pytest.mark.parametrize("stride", [11, pytest.param(1, marks=pytest.mark.long)])
def test_stopped_at_any_stage_of_any_file_it_resumes_to_the_same_bytes(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stride: int
) -> None:
    def first_blocks(path: Path) -> None:
        with opened(path, source=None) as store:
            for number in range(2):
                store.write(number, computed(number))

    stages = 0
    for at in range(0, 10_000, stride):
        path = tmp_path / f"{at}.zarr"
        try:
            with power_cut(monkeypatch, at):
                first_blocks(path)
        except PowerCut:
            stages += 1
        else:
            break
        loaded = {number for number, _ in journal.read_markers(path)} if path.exists() else set()
        assert set(fill(path)) == set(ALL) - loaded
        assert tree(path) == tree(whole)
        shutil.rmtree(path)
    # the description twice and the files of two blocks, at four stages
    assert stages * stride > 4 * (2 + 2 * 5)


def test_a_half_made_store_of_another_study_is_begun_anew(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Other(SmallStudy):
        def template(self) -> xr.Dataset:
            return super().template().rename({FINAL: "caregiver.bond: final", "axis": "which"})

    path = tmp_path / "s.zarr"
    with power_cut(monkeypatch, 60), pytest.raises(PowerCut), opened(path, Other()):
        pass
    assert (path / "caregiver.bond: final").exists()
    fill(path)
    assert tree(path) == tree(whole)
    assert not (path / "caregiver.bond: final").exists()


def test_a_name_too_long_for_the_disk_spoils_nothing(whole: Path, tmp_path: Path) -> None:
    class Long(SmallStudy):
        def template(self) -> xr.Dataset:
            return super().template().rename({FINAL: "x" * 300})

    path = tmp_path / "s.zarr"
    with pytest.raises(
        StoreError, match="name is too long for this file system; use shorter names"
    ):
        fill(path, study=Long())
    fill(path)
    assert tree(path) == tree(whole)


def test_without_the_extra_the_error_names_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for missing in ("zarr", "filelock"):
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, missing, None)
            with pytest.raises(
                MissingExtraError,
                match=rf"{missing} is not installed.*pip install 'oxysim\[store\]'",
            ):
                ZarrStore(tmp_path / "s.zarr")


# ---- killed, by a real signal, at random moments


@pytest.mark.long
def test_killed_at_thirty_random_moments_the_store_is_the_same_bit_for_bit(tmp_path: Path) -> None:
    reference = tmp_path / "reference.zarr"
    whole_sweep(reference)
    rng = random.Random(3)
    moments: list[str] = []
    rounds = 0
    while len(moments) < 30:
        rounds += 1
        path = tmp_path / f"{rounds}.zarr"
        finished: set[int] = set()
        ended = False
        while not ended:
            with Driver(path) as driver:
                kind, remaining = rng.choice(
                    [("compute", 3), ("kept", 3), ("write", 60), ("write", 200)]
                )
                remaining = rng.randint(1, remaining) if len(moments) < 30 else sys.maxsize
                while remaining and not ended:
                    line = driver.step()
                    ended = line == "end"
                    remaining -= line.startswith(
                        ("torn", "fsync", "replace") if kind == "write" else kind
                    )
                driver.kill()
            again = {int(line.split()[1]) for line in driver.lines if line.startswith("compute")}
            assert not again & finished, "a finished block was computed again"
            finished = (
                {number for number, _ in journal.read_markers(path)} if path.exists() else set()
            )
            if not ended:
                moments.append(driver.lines[-1].split()[0])
        assert tree(path) == tree(reference)
    # in a block, in a write, between
    assert {"compute", "torn", "fsync", "replace", "kept"} <= set(moments)
