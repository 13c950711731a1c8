"""A sweep of 200 runs into a store: its files, what they say of themselves, the numbers in them."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any

import oxysim as ox
from goldens.formats import Files, arrays, as_json
from oxysim.sweeps import grid, open_sweep

_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
_CHANGING = {"versions", "oxysim", "model_sha256", "date", "written", "source"}


def study() -> Any:
    """Ten strengths of the loop by twenty doses, five days, three outcomes."""
    return ox.Study(
        ox.Dyad.symptomatic(),
        "5 d",
        grid(
            {
                "caregiver.depression.loop_gain": [0.5 + 0.18 * step for step in range(10)],
                "spray.dose": [f"{dose} IU" for dose in range(4, 44, 2)],
            }
        ),
        interventions={"spray": ox.NasalSpray("24 IU daily at 10:00")},
        outcomes=[
            "caregiver.epds: final",
            "caregiver.cortisol: daily mean",
            "infant.cortisol: maximum",
        ],
        engine="compiled",
    )


def collect() -> Files:
    """Names of files, metadata without digests and versions, values."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "sweep.zarr"
        ox.sweep(study(), store=place, workers=1, block_size=64, progress=False)
        names = sorted(str(path.relative_to(place)) for path in place.rglob("*") if path.is_file())
        metadata = {
            name: _plain(json.loads((place / name).read_text(encoding="utf-8")))
            for name in names
            if name.endswith(".json")
        }
        with open_sweep(place) as data:
            values = {str(name): data[name].values for name in sorted(map(str, data.variables))}
    return {
        "sweep_files.txt": "\n".join(names) + "\n",
        "sweep_metadata.json": as_json(metadata),
        **arrays("sweep", {"sweep": values}),
    }


def _plain(value: Any) -> Any:
    """Metadata without versions and digests; texts that hold JSON are opened."""
    if isinstance(value, dict):
        return {key: "..." if key in _CHANGING else _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, str) and value[:1] in "{[":
        try:
            return _plain(json.loads(value))
        except ValueError:
            pass
    return _DIGEST.sub("DIGEST", value) if isinstance(value, str) else value
