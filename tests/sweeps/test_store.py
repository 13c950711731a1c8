"""The store: what is in it is what was written, nothing finished is lost, nothing torn is trusted,
one writes.
"""

from __future__ import annotations

import json
import os
import shutil
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("zarr")
pytest.importorskip("filelock")

from oxysim.errors import InputError  # noqa: E402
from oxysim.sweeps.blocks import compute  # noqa: E402
from oxysim.sweeps.store.zarr_layout import layout_of  # noqa: E402
from oxysim.sweeps.store.zarr_store import ZarrStore, open_study  # noqa: E402
from tests.support.kill_and_resume import Driver, study, whole_sweep  # noqa: E402
from tests.support.small_sweep import (  # noqa: E402
    ALL,
    BLOCK,
    FINAL,
    N_BLOCKS,
    WEEKLY,
    Block,
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


# ---- what is in it


def test_plain_open_zarr_shows_what_was_written_with_names_units_and_axes(whole: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dataset = xr.open_zarr(whole).load()
    assert dataset[FINAL].dims == ("spray.dose", "run")
    assert dataset[WEEKLY].dims == ("spray.dose", "run", "week")
    assert dataset[FINAL].attrs == {"long_name": "EPDS at the end", "units": "points"}
    assert dataset["spray.dose"].attrs["units"] == "IU"
    assert dataset["spray.dose"].values.tolist() == [8, 24, 40]
    assert dataset["axis"].values.tolist() == ["base", "edge", "edge", "seed", "seed"]
    assert "axis" in dataset.coords
    assert json.loads(dataset.attrs["provenance"]) == {"oxysim": "0"}
    assert dataset["week"].dtype == np.float64  # not decoded as a date
    layout = layout_of(SmallStudy().template(), BLOCK)
    for number in ALL:
        block, region = computed(number), layout.region(number)
        np.testing.assert_array_equal(dataset[FINAL].values[region], block.values[FINAL])
        np.testing.assert_array_equal(dataset[WEEKLY].values[region], block.values[WEEKLY])
        np.testing.assert_array_equal(dataset["status"].values[region], block.status)
        assert dataset["reason"].values[region].tolist() == block.reason.tolist()


def test_a_coordinate_with_a_space_is_a_coordinate_again(whole: Path) -> None:
    dataset = ZarrStore(whole).dataset()
    assert "reward -> depression" in dataset.coords
    assert dataset["reward -> depression"].values.tolist() == [0, 0.25, 0.5, 0.75, 1]


def test_what_is_not_done_reads_as_missing(tmp_path: Path) -> None:
    path = tmp_path / "part.zarr"
    fill(path, [0])
    dataset = xr.open_zarr(path).load()
    assert dataset["status"].values.tolist() == [[1, 1, 0, 0, 0]] + 2 * [[0] * 5]
    assert np.isnan(dataset[FINAL].values[1:]).all()
    assert dataset["reason"].values[2, 4] == ""


def test_no_pickle_and_no_objects_on_disk(whole: Path) -> None:
    kinds = {
        json.loads(data)["data_type"]
        for name, data in tree(whole).items()
        if name.count("/") and _is_array(data)
    }
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
        dataset = store.dataset()["reason"].values[0, 0]
    assert dataset == odd.replace("\udcff", "\\udcff")


# ---- failed blocks


def test_a_failed_block_is_recorded_and_done_again(tmp_path: Path, whole: Path) -> None:
    path = tmp_path / "s.zarr"
    with opened(path) as store:
        store.write(0, computed(0))
        store.fail(3, "the worker died twice")
        assert store.pending() == ALL[1:]
    dataset = xr.open_zarr(path).load()
    assert dataset["status"].values[1].tolist() == [2, 2, 0, 0, 0]
    assert dataset["reason"].values[1, 0] == "the worker died twice"
    assert open_study(path).failed == {3: "the worker died twice"}
    assert fill(path) == ALL[1:]
    assert tree(path) == tree(whole)


def test_a_finished_block_cannot_fail(copy: Path) -> None:
    with opened(copy) as store, pytest.raises(InputError, match="block 5 is finished"):
        store.fail(5, "late")


# ---- the same study only


CHANGES: list[tuple[dict[str, str], str]] = [
    ({"seed": "1"}, r"seed: 0 -> 1"),
    (
        {"design": json.dumps({"spray.dose": [8, 24, 48], "edge": ["reward -> depression"]})},
        r"design: spray\.dose: \[8\.0, 24\.0, 40\.0\] -> \[8, 24, 48\]",
    ),
    (
        {
            "who": json.dumps(
                {"role": "mother", "parameters": {"caregiver.oxytocin.plasma_half_life": 5.0}}
            )
        },
        r"who: parameters\.caregiver\.oxytocin\.plasma_half_life: 4\.0 -> 5\.0",
    ),
    ({"who": json.dumps({"role": "mother", "parameters": {}})}, r"half_life: 4\.0 -> absent"),
    ({"version": '"0.2.0"'}, r'version: absent -> "0\.2\.0"'),
]


@pytest.mark.parametrize(("parts", "message"), CHANGES)
def test_a_changed_study_is_refused_and_the_part_named(
    copy: Path, parts: dict[str, str], message: str
) -> None:
    before = tree(copy)
    with pytest.raises(InputError, match=message) as refused, opened(copy, SmallStudy(parts)):
        pass
    assert len([line for line in str(refused.value).splitlines() if line.startswith("  ")]) == 1
    assert tree(copy) == before


def test_a_design_of_other_dimensions_is_refused_by_its_name_not_by_its_blocks(copy: Path) -> None:
    class More(SmallStudy):
        def template(self) -> xr.Dataset:
            return super().template().expand_dims("seed")

    with pytest.raises(InputError, match="holds another study; what changed:\n  design: "):
        fill(copy, study=More({"design": json.dumps({"seed": [1]})}))


def test_another_block_shape_is_refused_and_the_stored_one_can_be_asked_for(copy: Path) -> None:
    with (
        pytest.raises(InputError, match=r"block shape: \[1, 2\] -> \[3, 5\]"),
        opened(copy, block=(3, 5)),
    ):
        pass
    assert ZarrStore(copy).block_shape == BLOCK
    assert ZarrStore(copy.parent / "new.zarr").block_shape is None


def test_blocks_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    good = computed(0)
    wrong: list[tuple[Block, str]] = [
        (Block({FINAL: good.values[FINAL]}, good.status, good.reason), "expected outcomes"),
        (
            Block({**good.values, FINAL: np.zeros((2, 2))}, good.status, good.reason),
            r"\(1, 2\); found \(2, 2\)",
        ),
        (
            Block({**good.values, FINAL: np.full((1, 2), "a")}, good.status, good.reason),
            "expected numbers",
        ),
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
    for name in ("blocks", ".hidden", "line\nbreak"):
        with pytest.raises(InputError, match="cannot be a folder of the store"):
            layout_of(xr.Dataset({name: ("x", np.zeros(2))}), (1,))
    with pytest.raises(InputError, match="cannot be a folder of the store"):
        layout_of(xr.Dataset({"epds": ("a/b", np.zeros(2))}), (1,))
    with pytest.raises(InputError, match="would share a folder"):
        layout_of(xr.Dataset({name: ("x", np.zeros(2)) for name in ("a/b", "a per b")}), (1,))
    with pytest.raises(InputError, match="axis 'status'"):
        layout_of(xr.Dataset({"epds": ("status", np.zeros(2))}), (1,))


def test_an_outcome_with_a_slash_is_found_under_its_own_text(tmp_path: Path) -> None:
    above = "caregiver.cortisol: time above 400 nmol/L"

    class Slashed(SmallStudy):
        def template(self) -> xr.Dataset:
            return super().template().rename({FINAL: above})

    block = computed(0)
    with opened(tmp_path / "s.zarr", Slashed()) as store:
        store.write(
            0,
            Block(
                {above: block.values[FINAL], WEEKLY: block.values[WEEKLY]},
                block.status,
                block.reason,
            ),
        )
        np.testing.assert_array_equal(store.dataset()[above].values[:1, :2], block.values[FINAL])
    assert (tmp_path / "s.zarr" / "caregiver.cortisol: time above 400 nmol per L").is_dir()


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
        with pytest.raises(InputError, match=rf"process {first.pid} on .* is writing"):
            whole_sweep(path)
        assert xr.open_zarr(path)["status"].values[0, 0] == 1  # reading needs no lock
        first.kill()
    with opened(path, study(), (1, 1)) as store:  # the lock died with its process
        assert store.pending() == ALL[1:]
        with pytest.raises(InputError, match=rf"process {os.getpid()} on"):
            whole_sweep(path)


# ---- with the library's own studies


def test_a_real_study_reads_back_as_it_was_described_and_computed(tmp_path: Path) -> None:
    real_study, path, block = study(), tmp_path / "real.zarr", (1, 3)
    results = {number: compute(real_study.block(number, block)) for number in range(3)}
    with opened(path, real_study, block) as store:
        for number in store.pending():
            store.write(number, results[number])
    with opened(path, study(), block) as store:  # an equal study, described anew
        assert store.pending() == []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dataset = xr.open_zarr(path).load()
    template = real_study.template()
    assert set(dataset.variables) == set(template.variables)
    for name, described in template.variables.items():
        assert dataset[name].dims == described.dims
        assert dataset[name].attrs == described.attrs
    for name in template.coords:
        np.testing.assert_array_equal(dataset[name], template[name])
    for number, result in results.items():
        for name, values in result.values.items():
            np.testing.assert_array_equal(dataset[name].values[number], values[0])
    assert (dataset["status"] == 1).all()
    peak = dataset["caregiver.plasma_oxytocin: maximum"].values[:, 0]
    assert peak[0] < peak[1] < peak[2]  # more spray, more oxytocin


# ---- what a resumed run needs


def test_open_study_tells_source_identity_and_progress(tmp_path: Path) -> None:
    path = tmp_path / "s.zarr"
    with opened(path, source='seed = 0\nwho = "Dyad"\n') as store:
        store.write(2, computed(2))
        store.fail(5, "hung")
        stored = open_study(path)  # while another writes
    assert stored.source == 'seed = 0\nwho = "Dyad"\n'
    assert stored.identity == dict(SmallStudy().identity())
    assert (stored.n_blocks, stored.done, stored.failed, stored.block_shape) == (
        9,
        (2,),
        {5: "hung"},
        BLOCK,
    )
    assert stored.missing == (0, 1, 3, 4, 6, 7, 8)
    assert str(stored) == f"{path}: 1 of 9 blocks done, 1 failed, 7 missing"
