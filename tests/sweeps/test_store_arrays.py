"""The arrays of a store by themselves: shapes and fills in the metadata, chunks without a number in
them, and which templates cannot be stored.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

pytest.importorskip("zarr")

from oxysim.errors import InputError  # noqa: E402
from oxysim.sweeps.store.zarr_layout import (
    METADATA,
    ChunkWriter,
    _as_plain_strings,
    folder_name,
    layout_of,
    metadata_files,
    spaced,
)

NAME = "caregiver.epds: daily"


def template(**coordinates: object) -> xr.Dataset:
    """3 x 5 runs of one outcome on four days and of one single number."""
    return xr.Dataset(
        {
            NAME: (("dose", "dyad", "day"), np.full((3, 5, 4), np.nan)),
            "bond": (("dose", "dyad"), np.zeros((3, 5))),
        },
        coords={"dose": [0.0, 8.0, 24.0], "dyad": np.arange(5), **coordinates},
    )


def test_an_arrays_own_dimensions_stand_behind_those_of_the_runs() -> None:
    layout = layout_of(template(), (2, 3))
    files = metadata_files(template(), layout)
    for name, own_dims, fill in (
        (NAME, (4,), "NaN"),
        ("bond", (), "NaN"),
        ("status", (), 0),
        ("reason", (), ""),
    ):
        metadata = json.loads(files[f"{folder_name(name)}/{METADATA}"])
        assert tuple(metadata["shape"]) == (3, 5, *own_dims)
        assert tuple(metadata["chunk_grid"]["configuration"]["chunk_shape"]) == (2, 3, *own_dims)
        assert metadata["fill_value"] == fill
        assert metadata["dimension_names"] == ["dose", "dyad", *(["day"] if own_dims else [])]


def test_a_chunk_of_nothing_but_the_fill_is_written_and_read_back() -> None:
    """A finished block has a file of every array, or its digest could not be checked."""
    layout = layout_of(template(), (2, 3))
    files = metadata_files(template(), layout)
    writer = ChunkWriter(
        layout, {name: files[f"{folder_name(name)}/{METADATA}"] for name in layout.arrays}
    )
    for number in range(layout.n_blocks):
        extent = layout.extent(number)
        nothing = {
            NAME: np.full((*extent, 4), np.nan), "bond": np.full(extent, np.nan),
            "status": np.zeros(extent, np.uint8), "reason": np.full(extent, "", dtype=object),
        }  # fmt: skip
        assert set(writer.encode(number, nothing)) == set(layout.arrays)


def test_blocks_at_the_border_are_smaller_and_none_lies_beyond() -> None:
    layout = layout_of(template(), (2, 3))
    assert layout.grid == (2, 2)
    assert [layout.extent(n) for n in range(4)] == [(2, 3), (2, 2), (1, 3), (1, 2)]
    covered = np.zeros((3, 5), int)
    for number in range(layout.n_blocks):
        covered[layout.region(number)] += 1
    assert (covered == 1).all()
    for number in (-1, 4):
        with pytest.raises(InputError, match="a number from 0 to 3"):
            layout.position(number)


@pytest.mark.parametrize("sizes", [(0, 1), (1, 0), (4, 1), (1, 6), (1, 1, 1), (1, 1, 5)])
def test_a_block_of_no_or_too_many_runs_is_refused(sizes: tuple[int, ...]) -> None:
    with pytest.raises(
        InputError, match=r"sizes from 1 to those of the runs|dimensions that begin with"
    ):
        layout_of(template(), sizes)
    for legal in ((1, 1), (3, 5)):
        assert layout_of(template(), legal).block_shape == legal


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: xr.Dataset({"status": ("dyad", np.zeros(3))}), "at least one outcome"),
        (lambda: xr.Dataset({"reason": ("dyad", np.zeros(3))}), "at least one outcome"),
        (lambda: template().assign(n=(("dose", "dyad"), np.zeros((3, 5), int))), "floating-point"),
        (
            lambda: template().assign(n=(("dyad", "dose"), np.zeros((5, 3)))),
            "dimensions that begin with",
        ),
    ],
)
def test_a_template_that_cannot_be_stored_is_refused(
    wrong: Callable[[], xr.Dataset], words: str
) -> None:
    dataset = wrong()
    with pytest.raises(InputError, match=words):
        layout_of(dataset, (1,) * min(2, len(dataset.sizes)))


def test_statuses_and_reasons_of_the_template_are_no_outcomes() -> None:
    more = template().assign(
        status=(("dose", "dyad"), np.zeros((3, 5), np.uint8)),
        reason=(("dose", "dyad"), np.full((3, 5), "")),
    )
    assert set(layout_of(more, (1, 1)).outcomes) == {NAME, "bond"}


def test_coordinates_with_a_space_are_marked_unless_they_are_dimensions() -> None:
    more = template(**{"infant age": ("dose", [1.0, 2.0, 3.0]), "age": ("dose", [1.0, 2.0, 3.0])})
    more = more.rename({"dose": "spray dose"})
    assert spaced(more) == ["infant age"]


def test_texts_become_strings_of_any_length_and_numbers_stay() -> None:
    texts = np.array(["a", "long one", ""])
    more = template(
        fixed=("dose", texts),
        objects=("dose", texts.astype(object)),
        flags=("dose", [True, False, True]),
    )
    plain = _as_plain_strings(more)
    for name in ("fixed", "objects"):
        assert plain[name].dtype == object and plain[name].values.tolist() == texts.tolist()
    for name in ("dose", "dyad", "flags"):
        assert plain[name].dtype == more[name].dtype
    for values in (np.array([b"a", b"b", b"c"]), np.array(["a", 1, None], dtype=object)):
        with pytest.raises(InputError, match="'odd': expected numbers or texts"):
            _as_plain_strings(template(odd=("dose", values)))
