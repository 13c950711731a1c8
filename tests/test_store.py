"""The store: what is in it is what was written, nothing finished is lost, nothing torn is trusted, one writes."""

from __future__ import annotations

import errno
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("zarr")
pytest.importorskip("filelock")

from kill_and_resume import BLOCK, FINAL, N_BLOCKS, WEEKLY, Block, SmallStudy, computed  # noqa: E402
from oxysim.errors import InputError, OxysimError  # noqa: E402
from oxysim.sweeps import durable, journal, repair  # noqa: E402
from oxysim.sweeps import store as module  # noqa: E402
from oxysim.sweeps.arrays import layout_of  # noqa: E402
from oxysim.sweeps.durable import StoreError  # noqa: E402
from oxysim.sweeps.repair import DamageWarning  # noqa: E402
from oxysim.sweeps.store import ZarrStore, open_study  # noqa: E402

DRIVER = Path(__file__).with_name("kill_and_resume.py")
ALL = list(range(N_BLOCKS))


@contextmanager
def opened(path: Path, study: Any = None, block: tuple[int, ...] = BLOCK, **options: Any) -> Iterator[ZarrStore]:
    with ZarrStore(path) as store:
        store.begin(study or SmallStudy(), block, **options)
        yield store


def fill(path: Path, numbers: list[int] | None = None) -> list[int]:
    """Write what is pending (or `numbers`); the numbers of the blocks computed."""
    with opened(path) as store:
        wanted = store.pending() if numbers is None else numbers
        for number in wanted:
            store.write(number, computed(number))
    return wanted


def tree(path: Path) -> dict[str, bytes]:
    return {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An uninterrupted store; never written to."""
    path = tmp_path_factory.mktemp("whole") / "sweep.zarr"
    assert fill(path) == ALL
    return path


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "copy.zarr"))


# ---- what is in it


def test_plain_open_zarr_shows_what_was_written_with_names_units_and_axes(whole: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = xr.open_zarr(whole).load()
    assert found[FINAL].dims == ("spray.dose", "run")
    assert found[WEEKLY].dims == ("spray.dose", "run", "week")
    assert found[FINAL].attrs == {"long_name": "EPDS at the end", "units": "points"}
    assert found["spray.dose"].attrs["units"] == "IU"
    assert found["spray.dose"].values.tolist() == [8, 24, 40]
    assert found["axis"].values.tolist() == ["base", "edge", "edge", "seed", "seed"]
    assert "axis" in found.coords
    assert json.loads(found.attrs["provenance"]) == {"oxysim": "0"}
    assert found["week"].dtype == np.float64  # not decoded as a date
    layout = layout_of(SmallStudy().template(), BLOCK)
    for number in ALL:
        block, region = computed(number), layout.region(number)
        np.testing.assert_array_equal(found[FINAL].values[region], block.values[FINAL])
        np.testing.assert_array_equal(found[WEEKLY].values[region], block.values[WEEKLY])
        np.testing.assert_array_equal(found["status"].values[region], block.status)
        assert found["reason"].values[region].tolist() == block.reason.tolist()


def test_a_coordinate_with_a_space_is_a_coordinate_again(whole: Path) -> None:
    found = ZarrStore(whole).dataset()
    assert "reward -> depression" in found.coords
    assert found["reward -> depression"].values.tolist() == [0, 0.25, 0.5, 0.75, 1]


def test_what_is_not_done_reads_as_missing(tmp_path: Path) -> None:
    path = tmp_path / "part.zarr"
    fill(path, [0])
    found = xr.open_zarr(path).load()
    assert found["status"].values.tolist() == [[1, 1, 0, 0, 0]] + 2 * [[0] * 5]
    assert np.isnan(found[FINAL].values[1:]).all()
    assert found["reason"].values[2, 4] == ""


def test_no_pickle_and_no_objects_on_disk(whole: Path) -> None:
    kinds = {json.loads(data)["data_type"] for name, data in tree(whole).items() if name.count("/") and _is_array(data)}
    assert kinds == {"float64", "uint8", "string"}


def _is_array(data: bytes) -> bool:
    return data[:1] == b"{" and json.loads(data).get("node_type") == "array"


def test_a_block_is_one_chunk_of_each_array(whole: Path) -> None:
    for array in (FINAL, WEEKLY, "status", "reason"):
        assert len([p for p in (whole / array).iterdir() if p.name.startswith("c")]) == N_BLOCKS


def test_without_consolidated_metadata_it_opens_too(whole: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert FINAL in xr.open_zarr(whole, consolidated=False)


def test_a_single_run_without_dimensions(tmp_path: Path) -> None:
    class One:
        def identity(self) -> dict[str, str]:
            return {"seed": "0"}

        def template(self) -> xr.Dataset:
            return xr.Dataset({"epds": ((), np.float64(np.nan), {"units": "points"})})

    with opened(tmp_path / "one.zarr", One(), ()) as store:
        assert store.pending() == [0]
        store.write(0, Block({"epds": np.array(7.5)}, np.array(1), np.array("")))
        assert store.pending() == []
        assert float(store.dataset()["epds"]) == 7.5


@settings(max_examples=8, deadline=None)
@given(order=st.permutations(ALL), cut=st.integers(0, N_BLOCKS))
def test_no_byte_depends_on_the_order_of_writing_or_on_stops(
    whole: Path, tmp_path_factory: pytest.TempPathFactory, order: list[int], cut: int
) -> None:
    path = tmp_path_factory.mktemp("order") / "sweep.zarr"
    fill(path, order[:cut])
    with opened(path) as store:
        assert store.pending() == sorted(order[cut:])
        for number in order[cut:]:
            store.write(number, computed(number))
    assert tree(path) == tree(whole)


def test_long_and_odd_reasons_are_kept(tmp_path: Path) -> None:
    odd = "step limit: " + "µ" * 5000 + "\udcff"
    with opened(tmp_path / "s.zarr") as store:
        store.fail(0, odd)
        found = store.dataset()["reason"].values[0, 0]
    assert found == odd.replace("\udcff", "\\udcff")


# ---- failed blocks


def test_a_failed_block_is_recorded_and_done_again(tmp_path: Path, whole: Path) -> None:
    path = tmp_path / "s.zarr"
    with opened(path) as store:
        store.write(0, computed(0))
        store.fail(3, "the worker died twice")
        assert store.pending() == ALL[1:]
    found = xr.open_zarr(path).load()
    assert found["status"].values[1].tolist() == [2, 2, 0, 0, 0]
    assert found["reason"].values[1, 0] == "the worker died twice"
    assert open_study(path).failed == {3: "the worker died twice"}
    assert fill(path) == ALL[1:]
    assert tree(path) == tree(whole)


def test_a_finished_block_cannot_fail(copy: Path) -> None:
    with opened(copy) as store, pytest.raises(InputError, match="block 5 is finished"):
        store.fail(5, "late")


# ---- the same study only


CHANGES: list[tuple[dict[str, str], str]] = [
    ({"seed": "1"}, r"seed: 0 -> 1"),
    ({"design": json.dumps({"spray.dose": [8, 24, 48], "edge": ["reward -> depression"]})},
     r"design: spray\.dose: \[8\.0, 24\.0, 40\.0\] -> \[8, 24, 48\]"),
    ({"who": json.dumps({"role": "mother", "parameters": {"caregiver.oxytocin.plasma_half_life": 5.0}})},
     r"who: parameters\.caregiver\.oxytocin\.plasma_half_life: 4\.0 -> 5\.0"),
    ({"who": json.dumps({"role": "mother", "parameters": {}})}, r"half_life: 4\.0 -> absent"),
    ({"version": '"0.2.0"'}, r'version: absent -> "0\.2\.0"'),
]  # fmt: skip


@pytest.mark.parametrize(("parts", "message"), CHANGES)
def test_a_changed_study_is_refused_and_the_part_named(copy: Path, parts: dict[str, str], message: str) -> None:
    before = tree(copy)
    with pytest.raises(InputError, match=message) as refused, opened(copy, SmallStudy(parts)):
        pass
    assert len([line for line in str(refused.value).splitlines() if line.startswith("  ")]) == 1
    assert tree(copy) == before


def test_another_block_shape_is_refused_and_the_stored_one_can_be_asked_for(copy: Path) -> None:
    with pytest.raises(InputError, match=r"block shape: \[1, 2\] -> \[3, 5\]"), opened(copy, block=(3, 5)):
        pass
    assert ZarrStore(copy).block_shape == BLOCK
    assert ZarrStore(copy.parent / "new.zarr").block_shape is None


def test_blocks_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    good = computed(0)
    wrong: list[tuple[Block, str]] = [
        (Block({FINAL: good.values[FINAL]}, good.status, good.reason), "expected outcomes"),
        (Block({**good.values, FINAL: np.zeros((2, 2))}, good.status, good.reason), r"\(1, 2\); found \(2, 2\)"),
        (Block({**good.values, FINAL: np.full((1, 2), "a")}, good.status, good.reason), "expected numbers"),
        (Block(good.values, np.zeros((1, 2)), good.reason), "status: expected 1"),
        (Block(good.values, good.status, np.array([""])), "reason: expected shape"),
    ]
    with opened(tmp_path / "s.zarr") as store:
        for block, message in wrong:
            with pytest.raises(InputError, match=message):
                store.write(0, block)
        with pytest.raises(InputError, match="from 0 to 8; found 9"):
            store.write(9, good)
        assert store.pending() == ALL
    with pytest.raises(InputError, match="call begin"):
        store.write(0, good)


def test_names_that_no_store_can_hold() -> None:
    for name in ("a/b", "blocks", ".hidden", "line\nbreak"):
        with pytest.raises(InputError, match="cannot be a folder of the store"):
            layout_of(xr.Dataset({name: ("x", np.zeros(2))}), (1,))
    with pytest.raises(InputError, match="axis 'status'"):
        layout_of(xr.Dataset({"epds": ("status", np.zeros(2))}), (1,))


# ---- where a store may lie


def test_places_where_no_store_can_be(tmp_path: Path, copy: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "thesis.tex").write_text("x")
    cases: list[tuple[Any, str]] = [
        (tmp_path / "file", "this is a file"),
        (tmp_path / "folder", r"not empty and not the store of a sweep \(it holds thesis.tex\)"),
        (tmp_path / "nowhere" / "s.zarr", "make it first"),
        (copy / "inner.zarr", "lies inside the store"),
        (copy / FINAL / "inner.zarr", "lies inside the store"),
        ("s3://bucket/s.zarr", "local folder"),
        ("", "expected the path"),
        (3, "expected the path"),
        ("a\0b", "local folder"),
    ]
    for path, message in cases:
        with pytest.raises(InputError, match=message), opened(path):
            pass
    assert (tmp_path / "folder" / "thesis.tex").read_text() == "x"
    assert sorted(p.name for p in (tmp_path / "folder").iterdir()) == ["thesis.tex"]


def test_an_empty_folder_becomes_a_store(tmp_path: Path, whole: Path) -> None:
    assert fill(tmp_path) == ALL
    assert tree(tmp_path) == tree(whole)


def test_reading_what_is_not_a_store(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no store of a sweep"):
        ZarrStore(tmp_path / "no.zarr").dataset()
    with pytest.raises(InputError, match="no store of a sweep"):
        open_study(tmp_path)


def test_a_store_that_lost_its_description_is_not_overwritten(copy: Path) -> None:
    (copy / "blocks" / "study.json").unlink()
    with pytest.raises(InputError, match="holds 9 blocks"), opened(copy):
        pass
    (copy / "blocks" / "study.json").write_text("{")
    with pytest.raises(InputError, match="description is damaged"), opened(copy):
        pass
    assert len(list((copy / FINAL).glob("c.*"))) == N_BLOCKS


# ---- one writer


def test_a_second_writer_is_refused_and_the_first_named(tmp_path: Path) -> None:
    path = tmp_path / "s.zarr"
    with Driver(path) as first:
        first.until(lambda line: line.startswith("compute 1"))
        with pytest.raises(InputError, match=rf"process {first.pid} on .* is writing"), opened(path):
            pass
        assert xr.open_zarr(path)["status"].values[0, 0] == 1  # reading needs no lock
        first.kill()
    with opened(path) as store:  # the lock died with its process
        assert store.pending() == ALL[1:]
        with pytest.raises(InputError, match=rf"process {os.getpid()} on"), opened(path):
            pass


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
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        with opened(copy) as store:
            assert store.pending() == [3]
            assert np.isnan(store.dataset()[FINAL].values[1, :2]).all()  # readable meanwhile
    messages = [str(one.message) for one in said if one.category is DamageWarning]
    assert len(messages) == (0 if lost_marker else 1)  # a block without a marker was never finished
    assert all("1 blocks were torn or damaged and will be computed again: 3" in one for one in messages)
    assert fill(copy) == [3]
    assert tree(copy) == tree(whole)


@pytest.mark.parametrize("damage", [_truncate, _flip, Path.unlink])
@pytest.mark.parametrize("file", ["zarr.json", f"{FINAL}/zarr.json", "spray.dose/c/0", "blocks/zarr.json"])
def test_damaged_metadata_is_written_anew(copy: Path, whole: Path, file: str, damage: Callable[[Path], None]) -> None:
    damage(copy / file)
    with pytest.warns(DamageWarning, match=f"1 files of metadata .*: {file}"), opened(copy) as store:
        assert store.pending() == []
    assert tree(copy) == tree(whole)


def test_a_marker_of_no_block_is_refused(copy: Path) -> None:
    shutil.copy(copy / "blocks" / "3.json", copy / "blocks" / "9.json")
    with pytest.raises(InputError, match=r"blocks 0 to 8, but there is a marker 9\.json"), opened(copy):
        pass


# ---- the disk refuses


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "may not write"),
        (errno.EIO, "cause"),
    ],
)
@pytest.mark.parametrize("at", range(0, 5))
def test_a_disk_that_refuses_leaves_a_store_that_resumes(
    tmp_path: Path, whole: Path, monkeypatch: pytest.MonkeyPatch, number: int, advice: str, at: int
) -> None:
    path = tmp_path / "s.zarr"
    seams: list[tuple[Any, str]] = [(durable.os, "fsync"), (durable.os, "replace")]
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
                StoreError, match=rf"block 1 could not .*{advice}.*1 of 9 blocks are finished and safe"
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
        patch.setattr(durable, "open", Full, raising=False)
        with pytest.raises(StoreError, match="the disk is full; free some space"):
            store.write(0, computed(0))
    assert not list(path.rglob("*.part"))
    assert fill(path) == ALL
    assert tree(path) == tree(whole)


@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_a_folder_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, "mkdir", refuse)
        with pytest.raises(StoreError, match=r"could not be made.*No block was run"), opened(tmp_path / "s.zarr"):
            pass
    assert fill(tmp_path / "s.zarr") == ALL


# ---- stopped anywhere


class PowerCut(BaseException):
    """Nothing of the library catches this."""


@contextmanager
def power_cut(monkeypatch: pytest.MonkeyPatch, at: int) -> Iterator[list[int]]:
    """The `at`-th stage of writing files is the last: before, half, whole but not renamed, renamed."""
    done = [0]

    def put(path: Path, data: bytes) -> None:
        part = path.with_name(path.name + durable.PART)
        for stage in range(4):
            if stage == 1:
                part.write_bytes(data[: len(data) // 2])
            elif stage == 2:
                part.write_bytes(data)
            elif stage == 3:
                os.replace(part, path)
            if done[0] == at:
                raise PowerCut
            done[0] += 1

    with monkeypatch.context() as patch:
        for place in (module, journal, repair):
            patch.setattr(place, "put", put)
        yield done


@pytest.mark.parametrize("every", [11, pytest.param(1, marks=pytest.mark.long)])
def test_stopped_at_any_stage_of_any_file_it_resumes_to_the_same_bytes(
    whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: int
) -> None:
    def first_blocks(path: Path) -> None:
        with opened(path, source=None) as store:
            for number in range(2):
                store.write(number, computed(number))

    stages = 0
    for at in range(0, 10_000, every):
        path = tmp_path / f"{at}.zarr"
        try:
            with power_cut(monkeypatch, at):
                first_blocks(path)
        except PowerCut:
            stages += 1
        else:
            break
        kept = {number for number, _ in journal.read_markers(path)} if path.exists() else set()
        assert set(fill(path)) == set(ALL) - kept
        assert tree(path) == tree(whole)
        shutil.rmtree(path)
    assert stages * every > 4 * (2 + 2 * 5)  # the description twice and the files of two blocks, at four stages


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


# ---- what a resumed run needs


def test_open_study_tells_source_identity_and_progress(tmp_path: Path) -> None:
    path = tmp_path / "s.zarr"
    with opened(path, source='seed = 0\nwho = "Dyad"\n') as store:
        store.write(2, computed(2))
        store.fail(5, "hung")
        found = open_study(path)  # while another writes
    assert found.source == 'seed = 0\nwho = "Dyad"\n'
    assert found.identity == dict(SmallStudy().identity())
    assert (found.n_blocks, found.done, found.failed, found.block_shape) == (9, (2,), {5: "hung"}, BLOCK)
    assert found.missing == (0, 1, 3, 4, 6, 7, 8)
    assert str(found) == f"{path}: 1 of 9 blocks done, 1 failed, 7 missing"


# ---- killed, by a real signal, at random moments


class Driver:
    """`kill_and_resume.py` as a process that goes on step by step."""

    def __init__(self, path: Path) -> None:
        command = [sys.executable, str(DRIVER), str(path)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.lines: list[str] = []

    @property
    def pid(self) -> int:
        return self._process.pid

    def step(self) -> str:
        """The next line; the process then waits."""
        assert self._process.stdin and self._process.stdout
        if self.lines:
            self._process.stdin.write("\n")
            self._process.stdin.flush()
        line = self._process.stdout.readline().strip()
        assert line, f"the driver ended by itself after {self.lines[-3:]}"
        self.lines.append(line)
        return line

    def until(self, wanted: Callable[[str], bool]) -> str:
        while not wanted(line := self.step()):
            pass
        return line

    def kill(self) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def __enter__(self) -> Driver:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()


@pytest.mark.long
def test_killed_at_thirty_random_moments_the_store_is_the_same_bit_for_bit(tmp_path: Path) -> None:
    reference = tmp_path / "reference.zarr"
    with opened(reference, source="[study]\n") as store:
        for number in store.pending():
            store.write(number, computed(number))
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
                last = rng.randint(1, 120) if len(moments) < 30 else sys.maxsize
                while len(driver.lines) < last and not ended:
                    ended = driver.step() == "end"
                driver.kill()
            again = {int(line.split()[1]) for line in driver.lines if line.startswith("compute")}
            assert not again & finished, "a finished block was computed again"
            finished = {number for number, _ in journal.read_markers(path)} if path.exists() else set()
            if not ended:
                moments.append(driver.lines[-1].split()[0])
        assert tree(path) == tree(reference)
    assert {"compute", "torn", "fsync", "replace", "kept"} <= set(moments)
