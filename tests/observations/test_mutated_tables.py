"""Tables made wrong at random: a clear error, or the reading that a plain look at them gives."""

from __future__ import annotations

import csv
import io
import math
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from oxysim.errors import OxysimError
from oxysim.observations import Observations, read_forms, read_samples
from tests.support.mutated_tables import mutated_table

PIGS = Path(__file__).parent / "data" / "pigs_saliva_hormones.csv"
SAMPLES = "\n".join(PIGS.read_text(encoding="utf-8").split("\n")[:30])
LONG = """person,member,date,clock,analyte,value,unit,occasion
007,mother,2024-03-01,08:00,saliva_oxytocin,12.5,pg/mL,visit 1
007,mother,2024-03-01,08:00,salivary_cortisol,9.25,nmol/L,visit 1
007,infant,2024-03-01,08:05,salivary_cortisol,4.5,nmol/L,visit 1
007,mother,2024-03-08,08:00,saliva_oxytocin,<5,pg/mL,visit 2
08,mother,2024-03-02,14:30,saliva_oxytocin,30,pg/mL,visit 1
08,mother,2024-03-02,14:30,salivary_cortisol,QNS,nmol/L,visit 1
"""
FORMS = (
    "person,age [weeks]," + ",".join(f"epds_{number}" for number in range(1, 11)) + ",epds_total\n"
    "a,6,0,1,2,3,0,1,2,3,0,1,13\na,12,1,1,1,1,1,1,1,1,1,1,10\nb,6,3,3,3,3,3,3,3,3,3,3,30\n"
)
WIDE_COLUMNS: dict[str, Any] = {
    "columns": {"person": "uniq.id", "clock": "time", "occasion": "testday"},
    "analytes": {"oxyt_pgml": "saliva_oxytocin", "cort_ngml": "salivary_cortisol"},
    "units": {"oxyt_pgml": "pg/mL", "cort_ngml": "ng/mL", "age": "d"},
    "ignore": "others",
}
# of the table's analytes and units, to the unit of the observations
FACTORS = {"oxyt_pgml": 1.0, "cort_ngml": 2.759, "epds_total": 1.0}


def read_wide(path: Path) -> Observations:
    return read_samples(path, **WIDE_COLUMNS)


def require_wide(rows: list[dict[str, str]], some: Observations) -> None:
    """Every value of the file is in the observations, and nothing else."""
    columns = {"saliva_oxytocin": "oxyt_pgml", "salivary_cortisol": "cort_ngml"}
    cells = [
        (row["uniq.id"].strip(), row[column], FACTORS[column])
        for row in rows
        for column in rows[0]
        if column in columns.values()
    ]
    require_cells(cells, some)


def require_long(rows: list[dict[str, str]], some: Observations) -> None:
    cells = []
    for row in rows:
        # a unit that the mutation wrote may be another one of the same hormone
        cortisol = row["analyte"].strip() == "salivary_cortisol"
        factors = {"nmol/L": 1.0} if cortisol else {"pg/mL": 1.0}
        cells.append((row["person"].strip(), row["value"], factors[row["unit"].strip()]))
    require_cells(cells, some)


def require_forms(rows: list[dict[str, str]], some: Observations) -> None:
    items = [f"epds_{number}" for number in range(1, 11)]
    cells = []
    for row in rows:
        has_items = all(item in row for item in items)
        total = row.get("epds_total", "").strip()
        added = str(sum(float(row[item]) for item in items)) if has_items else total
        if has_items and total not in ("", "NA", "None"):
            assert float(added) == float(total)
        cells.append((row["person"].strip(), added, 1.0))
    require_cells(cells, some)


def require_cells(cells: list[tuple[str, str, float]], some: Observations) -> None:
    """The same persons and numbers in the same order; a limit where the cell has one."""
    assert len(cells) == len(some)
    for (person, cell, factor), row in zip(cells, some.table.itertuples(), strict=True):
        text = cell.strip()
        assert row.person == person
        if limited := re.fullmatch(r"[<>] ?(.+)", text):
            assert row.limit == pytest.approx(float(limited[1]) * factor)
        elif re.fullmatch(r"[-+0-9.eE]+", text) and text != ".":
            assert row.value == pytest.approx(float(text) * factor)
        else:
            assert row.censored == "missing" and math.isnan(row.value), text


Check = Callable[[list[dict[str, str]], Observations], None]
KINDS: dict[str, tuple[str, Callable[[Path], Observations], Check]] = {
    "wide.csv": (SAMPLES, read_wide, require_wide),
    "long.csv": (LONG, read_samples, require_long),
    "forms.csv": (FORMS, read_forms, require_forms),
}


def survive(kind: str, seeds: range, folder: Path) -> int:
    """How many of the mutated files were accepted; each of them means what it says."""
    text, reader, check = KINDS[kind]
    accepted = 0
    file = folder / kind
    for seed in seeds:
        file.write_bytes(mutated_table(text, random.Random(f"{kind}, {seed}")))
        try:
            some = reader(file)
        except OxysimError as error:
            message = str(error)
            assert "\n" not in message and len(message) < 2000, (seed, message)
            assert kind in message, (seed, message)
            continue
        accepted += 1
        rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8-sig"), newline="")))
        try:
            check(rows, some)
        except (AssertionError, KeyError, ValueError) as error:
            raise AssertionError(f"{kind}, seed {seed}: {error!r}") from error
    return accepted


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_table_is_refused_or_means_what_it_says(kind: str, tmp_path: Path) -> None:
    # a cell that is another number, a row left out or moved: legal
    assert 0 < survive(kind, range(60), tmp_path) < 60


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_thousands_of_wrong_tables(kind: str, tmp_path: Path) -> None:
    assert survive(kind, range(1000, 4000), tmp_path) > 100
