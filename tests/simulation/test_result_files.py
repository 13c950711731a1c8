"""Saved results: every changed byte is refused, and a file that lies with a right digest ends in a
clear error.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from oxysim.errors import InputError
from oxysim.families import Dyad
from oxysim.interventions import NasalSpray
from oxysim.schedule import Routine
from oxysim.simulation.results import result_file
from oxysim.simulation.results.result import Result
from oxysim.simulation.simulate import simulate


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    result = simulate(
        Dyad().repeat(2), Routine.typical() + NasalSpray("24 IU", at="08:10"), "30 min"
    )
    return result.save(tmp_path_factory.mktemp("saved") / "result.nc")


def _changed(content: bytes, rng: np.random.Generator) -> bytes:
    """One of the ways in which a file comes to harm: a bit, a byte, a run of bytes, its end, its
    order.
    """
    kind, at = rng.integers(6), int(rng.integers(len(content)))
    if kind == 0:
        return content[:at] + bytes([content[at] ^ (1 << int(rng.integers(8)))]) + content[at + 1 :]
    if kind == 1:
        return content[:at] + rng.bytes(int(rng.integers(1, 40))) + content[at:]
    if kind == 2:
        return content[:at]
    if kind == 3:
        return content[:at] + content[at + int(rng.integers(1, 100)) :]
    if kind == 4:
        return content[:at] + b"\xff" * 4 + content[at + 4 :]  # sizes stand in four bytes each
    return content + rng.bytes(8)


def _refuses_changes(saved: Path, folder: Path, n: int, seed: int) -> None:
    content, rng = saved.read_bytes(), np.random.default_rng(seed)
    for _ in range(n):
        changed = _changed(content, rng)
        if changed == content:
            continue
        folder.write_bytes(changed)
        with pytest.raises(InputError, match="Result.save|digest"):
            Result.load(folder)


def _survives_lies(saved: Path, folder: Path, n: int, seed: int) -> int:
    """Files whose header was changed and whose digest fits again: how many were refused; none ends
    in another way.
    """
    content, rng, refused = saved.read_bytes(), np.random.default_rng(seed), 0
    names = [
        name.encode()
        for name in ("dyad", "time", "status", "reason", "infant_age", "provenance", "schedule")
    ]
    spots = [at for name in names for at in (content.find(name),) if at >= 0] + [4, 8, 16, 24, 32]
    for _ in range(n):
        changed = bytearray(content)
        at = int(rng.choice(spots)) + int(rng.integers(-8, 40))
        changed[max(at, 3) : max(at, 3) + 4] = rng.choice(
            [b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", rng.bytes(4)]
        )
        folder.write_bytes(bytes(changed))
        try:
            result_file.write_digest(folder)
            Result.load(folder)
        except InputError:
            refused += 1
    return refused


def test_every_changed_file_is_refused(saved: Path, tmp_path: Path) -> None:
    _refuses_changes(saved, tmp_path / "changed.nc", 150, 1)


def test_a_lie_under_a_right_digest_is_no_traceback(saved: Path, tmp_path: Path) -> None:
    assert _survives_lies(saved, tmp_path / "lie.nc", 40, 2) > 20


@pytest.mark.long
def test_many_changed_result_files(saved: Path, tmp_path: Path) -> None:
    _refuses_changes(saved, tmp_path / "changed.nc", 1500, 3)
    assert _survives_lies(saved, tmp_path / "lie.nc", 500, 4) > 250


@pytest.mark.parametrize(
    ("attribute", "text"),
    [
        ("provenance", "[" * 100_000 + "]" * 100_000),  # deeper than the interpreter goes
        ("provenance", "{}"),
        ("provenance", "null"),
        ("provenance", '{"caregivers": '),
        ("schedule", "[]"),
        ("schedule", '{"dyad": [1], "start": [1, 2]}'),
    ],
)
def test_a_lie_in_a_text_is_named(attribute: str, text: str, saved: Path, tmp_path: Path) -> None:
    with xr.open_dataset(saved, engine="scipy") as file:
        dataset = file.load()
    dataset.attrs[attribute] = text
    dataset.attrs["digest"] = result_file.MARK + "0" * 64
    path = tmp_path / "lie.nc"
    dataset.to_netcdf(path, engine="scipy", format="NETCDF3_64BIT")
    result_file.write_digest(path)
    with pytest.raises(InputError, match="written by Result.save"):
        Result.load(path)


def test_nothing_is_saved_where_there_is_no_folder(saved: Path, tmp_path: Path) -> None:
    result = Result.load(saved)
    with pytest.raises(InputError, match="make .* first"):
        result.save(tmp_path / "absent" / "result.nc")
    with pytest.raises(InputError, match="the folder"):
        result.save(tmp_path)
    with pytest.raises(InputError, match="the path of a file"):
        result.save(3)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="Result.save"):
        Result.load(3)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_a_name_that_looks_like_the_digest_is_refused_when_saving(
    saved: Path, tmp_path: Path
) -> None:
    result = Result.load(saved)
    named = Result(result.dataset, result.schedule, {**result.provenance, "note": result_file.MARK})
    with pytest.raises(InputError, match="marks the file's digest"):
        named.save(tmp_path / "result.nc")
    assert not list(tmp_path.iterdir())


def test_a_saved_result_is_plain_netcdf(saved: Path) -> None:
    with xr.open_dataset(saved, engine="scipy") as file:
        assert json.loads(file.attrs["provenance"])["caregivers"] == ["mother"]
        assert file["mother.cortisol"].sizes == {"dyad": 2, "time": 7}
