"""Nothing damaged is read as a number: by the library, by plain xarray as far as zarr lets us, and
by verify.
"""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

pytest.importorskip("zarr")
pytest.importorskip("filelock")

from oxysim.cli.main import main  # noqa: E402
from oxysim.errors import InputError, OxysimError  # noqa: E402
from oxysim.sweeps import DamageError, open_sweep, verify  # noqa: E402
from oxysim.sweeps.store import zarr_layout as arrays_of_stores  # noqa: E402
from oxysim.sweeps.store.zarr_layout import layout_of  # noqa: E402
from tests.support.small_sweep import ALL, FINAL, WEEKLY, SmallStudy, computed, fill, opened, tree  # noqa: E402

FLIPS = 120
ARRAYS = (FINAL, WEEKLY, "status", "reason")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An uninterrupted store; never written to."""
    path = tmp_path_factory.mktemp("whole") / "sweep.zarr"
    assert fill(path) == ALL
    return path


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "copy.zarr"))


def _flips(store: Path, pattern: str, count: int) -> list[tuple[Path, int]]:
    """Bits of files, drawn evenly over files: (file, number of the bit)."""
    rng = random.Random(5)
    files = sorted(path for path in store.glob(pattern) if path.is_file())
    return [
        (file, rng.randrange(8 * file.stat().st_size))
        for file in (rng.choice(files) for _ in range(count))
    ]


def _flipped(file: Path, bit: int) -> None:
    data = bytearray(file.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    file.write_bytes(data)


# ---- every bit of a chunk


def test_every_flipped_bit_of_a_chunk_is_noticed_by_the_library_and_by_plain_xarray(
    copy: Path,
) -> None:
    for file, bit in _flips(copy, "*/c.*", FLIPS):
        before = file.read_bytes()
        _flipped(file, bit)
        array = file.parent.name
        with pytest.raises(DamageError, match="was changed or damaged; .*oxysim verify"):
            open_sweep(copy)[array].load()
        with pytest.raises(ValueError, match="checksum"):
            xr.open_zarr(copy)[array].load()
        file.write_bytes(before)
    assert open_sweep(copy).load().equals(open_sweep(copy).load())


def test_every_flipped_bit_of_a_coordinate_is_noticed_by_both(copy: Path) -> None:
    for file, bit in _flips(copy, "*/c/*", 20):
        before = file.read_bytes()
        _flipped(file, bit)
        with pytest.raises(DamageError, match="was changed or damaged"):
            open_sweep(copy).load()
        with pytest.raises(ValueError, match="checksum"):
            xr.open_zarr(copy).load()
        file.write_bytes(before)


@pytest.mark.parametrize("pattern", ["**/zarr.json", "blocks/*.json"])
def test_every_flipped_bit_of_metadata_and_markers_is_noticed_by_the_library(
    copy: Path, pattern: str
) -> None:
    for file, bit in _flips(copy, pattern, 60):
        before = file.read_bytes()
        _flipped(file, bit)
        if json_means_the_same(before, file.read_bytes()):  # a blank that became another one
            file.write_bytes(before)
            continue
        with pytest.raises(OxysimError):
            open_sweep(copy).load()
        try:
            assert not verify(copy).sound, (file, bit)
        except DamageError:
            assert file.name == "study.json"
        file.write_bytes(before)


def json_means_the_same(first: bytes, second: bytes) -> bool:
    try:
        return bool(json.loads(first) == json.loads(second))
    except ValueError:
        return False


# ---- what is gone


@pytest.mark.parametrize("array", ARRAYS)
def test_a_deleted_chunk_is_no_missing_value(copy: Path, array: str) -> None:
    layout = layout_of(SmallStudy().template(), (1, 2))
    (copy / layout.chunk_file(array, 4)).unlink()
    with pytest.raises(DamageError, match=r"block 4: .* is missing"):
        open_sweep(copy)[array].load()
    other_arrays = [name for name in ARRAYS if name != array]
    assert open_sweep(copy)[other_arrays].load().sizes["run"] == 5  # the rest can be read


def test_a_chunk_without_a_marker_is_not_done(copy: Path) -> None:
    (copy / "blocks" / "0.json").unlink()
    dataset = open_sweep(copy).load()
    assert (
        dataset["status"].values[0, :2].tolist() == [0, 0]
        and np.isnan(dataset[FINAL].values[0, :2]).all()
    )
    assert verify(copy).missing == (0,)


def test_what_is_read_while_another_writes_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "s.zarr"
    with opened(path) as store:
        growing = open_sweep(path)
        for number in ALL:
            store.write(number, computed(number))
            assert int((growing["status"] != 0).sum()) == sum(
                computed(n).status.size for n in range(number + 1)
            )


def test_results_are_pickled_and_read_in_parallel(whole: Path) -> None:
    import pickle

    dataset = pickle.loads(pickle.dumps(open_sweep(whole)))
    assert dataset.load().equals(open_sweep(whole).load())


# ---- verify


def test_verify_says_what_is_damaged_and_what_resume_will_do(
    copy: Path, whole: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", str(copy)]) == 0
    assert (
        capsys.readouterr().out
        == f"{copy}: sound; 9 of 9 blocks whole, 0 damaged, 0 failed, 0 not made\n"
    )
    (copy / FINAL / "c.1.0").write_bytes(b"x")
    (copy / "reason" / "c.1.1").unlink()
    (copy / "blocks" / "8.json").unlink()
    (copy / "week" / "zarr.json").unlink()
    before = tree(copy)
    verification = verify(copy)
    assert verification.damaged == {3: (f"{FINAL}/c.1.0",), 4: ("reason/c.1.1",)}
    assert (verification.missing, verification.failed, verification.files) == (
        (8,),
        (),
        ("week/zarr.json",),
    )
    assert (
        verification.done == (0, 1, 2, 5, 6, 7)
        and verification.again == (3, 4, 8)
        and not verification.sound
    )
    assert main(["verify", str(copy)]) == 6
    out = capsys.readouterr().out
    assert "damaged; 6 of 9 blocks whole, 2 damaged, 0 failed, 1 not made" in out
    assert (
        f"block 3: {FINAL}/c.1.0" in out and "'oxysim resume' will compute 3 blocks: 3-4, 8" in out
    )
    assert main(["verify", str(copy), "--quiet"]) == 6 and capsys.readouterr().out == ""
    assert tree(copy) == before
    with pytest.warns(UserWarning, match="2 blocks were torn or damaged"):
        assert fill(copy) == [3, 4, 8]
    assert tree(copy) == tree(whole) and verify(copy).sound


def test_verify_of_a_store_that_lost_its_description(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (copy / "blocks" / "study.json").write_bytes(b"{")
    assert main(["verify", str(copy)]) == 6
    assert "the store's description is damaged" in capsys.readouterr().err
    assert main(["verify", str(copy.parent / "none")]) == 2
    assert "there is no store of a sweep" in capsys.readouterr().err


def test_verify_does_not_call_failed_blocks_damage(tmp_path: Path) -> None:
    with opened(tmp_path / "s.zarr") as store:
        store.write(0, computed(0))
        store.fail(3, "the worker died twice")
    verification = verify(tmp_path / "s.zarr")
    assert (
        verification.sound
        and verification.failed == (3,)
        and verification.again == tuple(range(1, 9))
    )


# ---- names that are believed


@pytest.mark.parametrize(
    "path", ["../v/f.txt", "{outside}/v/f.txt", "status/../../v/f.txt", "v/../../v/f.txt"]
)
@pytest.mark.parametrize("digest", ["0", None])
def test_a_listed_file_outside_is_neither_read_nor_removed(
    tmp_path: Path, path: str, digest: str | None
) -> None:
    outside = tmp_path / "v" / "f.txt"
    outside.parent.mkdir()
    outside.write_text("mine")
    store = tmp_path / "s.zarr"
    (store / "blocks").mkdir(parents=True)
    description = {
        "format": "oxysim sweep",
        "version": 2,
        "complete": False,
        "identity": {},
        "dims": [],
        "shape": [],
        "block_shape": [],
        "outcomes": {},
        "files": {path.format(outside=tmp_path): digest},
        "spaced": [],
        "source": None,
    }
    (store / "blocks" / "study.json").write_text(json.dumps(description))
    with pytest.raises(InputError, match="description is damaged"):
        fill(store)
    assert outside.read_text() == "mine"


def test_links_are_refused_by_name(copy: Path, tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    canary.write_text("mine")
    for name in (
        "blocks/writer.json",
        "blocks/writer.lock",
        "blocks/study.json.part",
        "status/c.0.1",
        "extra",
    ):
        before = (copy / name).read_bytes() if (copy / name).exists() else None
        (copy / name).unlink(missing_ok=True)
        (copy / name).symlink_to(canary)
        for action in (fill, verify, open_sweep):
            with pytest.raises(InputError, match=f"found '{name}', a symbolic link"):
                action(copy)
        (copy / name).unlink()
        if before is not None:
            (copy / name).write_bytes(before)
    assert canary.read_text() == "mine"
    os.link(canary, copy / "blocks" / "writer.lock.2")
    (copy / "blocks" / "writer.lock").unlink(missing_ok=True)
    os.link(canary, copy / "blocks" / "writer.lock")
    with pytest.raises(InputError, match="writer.lock', a link to another file"):
        fill(copy)
    assert canary.read_text() == "mine"


def test_a_user_s_own_files_in_a_half_made_store_are_left_alone(tmp_path: Path) -> None:
    store = tmp_path / "s.zarr"
    (store / "blocks").mkdir(parents=True)
    (store / "thesis.part").write_text("mine")
    with pytest.raises(
        InputError, match="not empty and not the store of a sweep .*blocks, thesis.part"
    ):
        fill(store)
    assert (store / "thesis.part").read_text() == "mine"


def test_more_blocks_than_a_store_can_have_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(arrays_of_stores, "LARGEST_BLOCKS", 8)
    with pytest.raises(
        InputError,
        match=r"block_size: expected at most 8 blocks in a store; found 9 of \(1, 2\) runs",
    ):
        fill(tmp_path / "s.zarr")
    assert not (tmp_path / "s.zarr").exists()


@pytest.mark.parametrize("depth", [300, 3000])
def test_an_identity_that_is_nested_beyond_reason_is_another_study(
    tmp_path: Path, depth: int
) -> None:
    nested = "[" * depth + "]" * depth
    fill(tmp_path / "s.zarr", [0], SmallStudy({"who": nested}))
    with pytest.raises(InputError, match="holds another study; what changed:\n  who: ") as refused:
        fill(tmp_path / "s.zarr", [0])
    assert len(str(refused.value)) < 1000


@pytest.mark.parametrize(
    "source", ["[" * 3000, "[]", '{"file": 1}', '{"file": "x", "text": 3, "tables": {}}', "\0"]
)
def test_a_store_s_study_file_that_is_none_is_said_so(
    tmp_path: Path, source: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with opened(tmp_path / "s.zarr", source=source) as store:
        store.write(0, computed(0))
    assert main(["resume", str(tmp_path / "s.zarr")]) == 2
    assert "the store's copy of the study file is damaged" in capsys.readouterr().err
