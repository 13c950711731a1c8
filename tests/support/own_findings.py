"""A file of a user's own findings, for tests."""

from __future__ import annotations

import csv
from pathlib import Path

ROW = {
    "id": "mine",
    "use": "own",
    "quantity": "half-life",
    "figure": "4",
    "low": "3",
    "high": "5",
    "unit": "min",
    "population": "adults",
    "n": "6",
    "protocol": "12",
    "rule": "number",
    "interval_from": "",
    "source": "me",
    "status": "seen",
    "answer": "plasma half-life after an IV bolus",
}


def written(folder: Path, *rows: dict[str, str]) -> Path:
    path = folder / "mine.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path
