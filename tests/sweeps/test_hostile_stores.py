"""Hostile and damaged stores: no traceback, nothing outside opened, written or removed, and what
resumes is sound.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib
import pytest
from matplotlib import pyplot as plt

pytest.importorskip("zarr")
pytest.importorskip("filelock")
matplotlib.use("Agg")

from oxysim import plots  # noqa: E402
from oxysim.cli.main import main  # noqa: E402
from oxysim.errors import OxysimError  # noqa: E402
from oxysim.studies import read_study  # noqa: E402
from oxysim.sweeps import open_sweep, runner, sweep, verify  # noqa: E402
from oxysim.sweeps.store.zarr_store import ZarrStore, open_study  # noqa: E402
from tests.support.hostile_stores import WAYS, mutated, surroundings, tree  # noqa: E402

STUDY = """\
duration = "10 min"
tolerance = 1e-2
engine = "scipy"
routine = "empty day"
outcomes = ["caregiver.epds: final", "caregiver.plasma_oxytocin: maximum"]
workers = 1
block_size = 1
store = "s.zarr"
design.kind = "grid"
design.axes.seed = [0, 1, 2, 3]
"""
CODES = {0, 2, 3, 4, 5, 6}


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a study and its store, of which the last block is missing; never written to."""
    folder = tmp_path_factory.mktemp("begun")
    (folder / "s.toml").write_text(STUDY, encoding="utf-8")
    read = read_study(folder / "s.toml")
    with ZarrStore(folder / "s.zarr") as store:
        store.begin(read.study, (1,), source=read.source)
        for number in range(3):
            store.write(number, runner.compute(read.study.block(number, (1,))))
    return folder


# ------------------------------------------------------------------------------------------ what is
# opened is watched
WATCHED_EVENTS = frozenset(
    "open os.listdir os.scandir os.remove os.rename os.rmdir os.mkdir os.link os.symlink"
    " os.truncate os.chmod shutil.rmtree".split()
)
_seen: list[tuple[str, str]] = []
_watched: list[bool] = []


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _watched and event in WATCHED_EVENTS:
        for path in arguments[:2]:
            if isinstance(path, str | bytes | os.PathLike):
                _seen.append((event, os.path.realpath(os.fsdecode(path))))


sys.addaudithook(_hook)  # for the rest of the process; it records only while it is asked to


@contextmanager
def watched() -> Iterator[list[tuple[str, str]]]:
    """What is opened, listed, made or removed meanwhile, links followed to their end."""
    _seen.clear()
    _watched.append(True)
    try:
        yield _seen
    finally:
        _watched.clear()


def _plot(store: Path) -> None:
    figure = plots.sweep_line(open_sweep(store), "caregiver.epds: final", x="seed").figure
    plt.close(figure)


ACTIONS: dict[str, Callable[[Path], Any]] = {
    "open_sweep": lambda folder: open_sweep(folder / "s.zarr").load(),
    "verify": lambda folder: str(verify(folder / "s.zarr")),
    "open_study": lambda folder: str(open_study(folder / "s.zarr")),
    "plot": lambda folder: _plot(folder / "s.zarr"),
    "block_shape": lambda folder: ZarrStore(folder / "s.zarr").block_shape,
    "oxysim verify": lambda folder: main(["verify", str(folder / "s.zarr")]),
    "oxysim describe": lambda folder: main(["describe", str(folder / "s.toml"), "--no-pilot"]),
    "oxysim resume": lambda folder: main(["resume", str(folder / "s.zarr"), "--quiet"]),
    "oxysim sweep": lambda folder: main(["sweep", str(folder / "s.toml"), "--quiet"]),
    "sweep": (
        lambda folder: sweep(
            read_study(folder / "s.toml").study, store=folder / "s.zarr", workers=1, progress=False
        ).load()
    ),
}


def _attempt(folder: Path, attempt: str) -> Any:
    """What comes of an action: an exit code, or None where it was refused as it should be."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ACTIONS[attempt](folder)
    except OxysimError as error:
        assert str(error)
        return None


def _hurt(begun: Path, tmp_path: Path, seed: int) -> None:
    folder = tmp_path / f"case{seed}"
    shutil.copytree(begun, folder)
    surroundings(folder)
    case = mutated(folder / "s.zarr", folder, seed)
    inside, allowed = str(folder / "s.zarr"), {str(folder), str(folder / "s.toml")}
    before = {
        path: content for path, content in tree(folder).items() if not path.startswith(inside)
    }
    names = list(ACTIONS)
    random.Random(seed).shuffle(names)
    for attempt in names:
        with watched() as seen:
            try:
                outcome = _attempt(folder, attempt)
            except Exception as error:
                raise AssertionError(
                    f"{case}: {attempt} ended in {type(error).__name__}: {error}"
                ) from error
        if attempt.startswith("oxysim "):
            assert outcome in CODES, (case, attempt, outcome)
        around = [
            (event, path)
            for event, path in seen
            if path.startswith(str(folder)) and path not in allowed
        ]
        outside = [
            file for file in around if file[1] != inside and not file[1].startswith(inside + os.sep)
        ]
        assert not outside, (case, attempt, outside)
        after = {
            path: content for path, content in tree(folder).items() if not path.startswith(inside)
        }
        assert after == before, (case, attempt)
    if _attempt(folder, "oxysim resume") == 0:
        assert verify(folder / "s.zarr").sound and not verify(folder / "s.zarr").again, case
        assert (open_sweep(folder / "s.zarr")["status"] == 1).all(), case
    shutil.rmtree(folder)


@pytest.mark.parametrize("seed", range(2 * len(WAYS)))
def test_forty_hostile_stores_do_no_harm(begun: Path, tmp_path: Path, seed: int) -> None:
    _hurt(begun, tmp_path, seed)


@pytest.mark.long
@pytest.mark.parametrize("way", range(len(WAYS)))
def test_five_hundred_hostile_stores_do_no_harm(begun: Path, tmp_path: Path, way: int) -> None:
    for seed in range(1000 + way, 1000 + way + 25 * len(WAYS), len(WAYS)):
        _hurt(begun, tmp_path, seed)


def test_the_watch_sees_what_goes_outside(tmp_path: Path) -> None:
    (tmp_path / "canary").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "canary")
    with watched() as seen:
        (tmp_path / "link").read_text()
    assert ("open", str(tmp_path / "canary")) in seen
