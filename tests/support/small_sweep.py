"""A small sweep for the tests of the store: a study described and blocks computed at once, without
a simulation.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from oxysim.sweeps.store.zarr_store import ZarrStore

DOSES = (8.0, 24.0, 40.0)
SIZES = {"spray.dose": 3, "run": 5}
BLOCK = (1, 2)
N_BLOCKS = 9
ALL = list(range(N_BLOCKS))
FINAL, WEEKLY = "caregiver.epds: final", "caregiver.cortisol: weekly mean"


@dataclass(frozen=True)
class SmallStudy:
    """Three doses by five runs, two outcomes, one of them with weeks of its own."""

    parts: Mapping[str, str] = field(default_factory=dict)

    def identity(self) -> Mapping[str, str]:
        usual = {
            "design": json.dumps({"spray.dose": DOSES, "edge": ["reward -> depression"]}),
            "outcomes": json.dumps([FINAL, WEEKLY]),
            "seed": "0",
            "who": json.dumps(
                {"role": "mother", "parameters": {"caregiver.oxytocin.plasma_half_life": 4.0}}
            ),
        }
        return {**usual, **self.parts}

    def template(self) -> xr.Dataset:
        dims, shape = tuple(SIZES), tuple(SIZES.values())
        outcomes = {
            FINAL: (
                dims,
                np.broadcast_to(np.nan, shape),
                {"long_name": "EPDS at the end", "units": "points"},
            ),
            WEEKLY: ((*dims, "week"), np.broadcast_to(np.nan, (*shape, 4)), {"units": "nmol/L"}),
        }
        coords = {
            "spray.dose": ("spray.dose", np.array(DOSES), {"units": "IU"}),
            "axis": ("run", ["base", "edge", "edge", "seed", "seed"]),
            "reward -> depression": ("run", np.linspace(0, 1, 5)),
            "week": ("week", np.array([7.0, 14.0, 21.0, 28.0]), {"units": "d"}),
        }
        return xr.Dataset(outcomes, coords, {"provenance": json.dumps({"oxysim": "0"})})


@dataclass(frozen=True)
class Block:
    """What a computed block hands to the store."""

    values: Mapping[str, Any]
    status: Any
    reason: Any


def computed(number: int) -> Block:
    """The results of a block, as different as they can be from those of any other; the first run of
    block 4 failed.
    """
    shape = (1, 1 if number % 3 == 2 else 2)
    final = number + np.arange(shape[1]).reshape(shape) / 8
    weekly = final[..., None] + 100 * np.arange(4.0)
    status, reason = np.ones(shape, dtype=np.uint8), np.full(shape, "", dtype=object)
    if number == 4:
        final[0, 0], weekly[0, 0], status[0, 0], reason[0, 0] = (
            np.nan,
            np.nan,
            2,
            "step limit at spray.dose = 24 IU, µ",
        )
    return Block({FINAL: final, WEEKLY: weekly}, status, reason)


@contextmanager
def opened(
    path: Path, study: Any = None, block: tuple[int, ...] = BLOCK, **options: Any
) -> Iterator[ZarrStore]:
    """The store at `path`, begun or resumed."""
    with ZarrStore(path) as store:
        store.begin(study or SmallStudy(), block, **options)
        yield store


def fill(path: Path, numbers: list[int] | None = None, study: Any = None) -> list[int]:
    """Write what is pending (or `numbers`); the numbers of the blocks computed."""
    with opened(path, study) as store:
        blocks = store.pending() if numbers is None else numbers
        for number in blocks:
            store.write(number, computed(number))
    return blocks


def tree(path: Path) -> dict[str, bytes]:
    """Every file under `path`."""
    return {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()}
