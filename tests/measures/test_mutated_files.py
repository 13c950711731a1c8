"""Mutated files of plates and of instruments: an error of oxysim's own that names the file, or a
reading that can be used; nothing else.
"""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from oxysim.errors import OxysimError
from oxysim.measures import read, read_instruments, read_plate
from tests.support.mutated_tables import WRONG_CELLS, mutated_table

PLATE = (
    "well,kind,sample,concentration,density,dilution\n"
    + "".join(
        f"A{i},standard,S{i},{x:g},{0.2 + 1.8 / (1 + x / 40):.4f},\n"
        for i, x in enumerate((0, 4, 12, 37, 110, 330))
    )
    + "B1,blank,B,,2.01,\nB2,blank,B,,1.99,\nC1,sample,P1,,1.1,2\nC2,sample,P1,,1.12,2\n"
)
ROWS = (
    "instrument,like,unit,noise,sample_noise,floor_noise,lloq,uloq,note\n"
    "kit,saliva_oxytocin,pg/mL,proportional,0.1,2,14.5,404,plate of May\n"
    "form,epds,,additive,1.5,,,,\n"
)
TABLES = """[kit]
like = "saliva_oxytocin"
unit = "pmol/L"
lloq = 14.5
uloq = 404
noise = { kind = "proportional", occasion = 0.3, sample = 0.1, floor = 2.0 }

[diluted]
like = "kit"
window = "1 h"
steady = false
"""


def _mutated_toml(draw: random.Random) -> bytes:
    """The document with a few characters, values or lines changed."""
    lines = TABLES.split("\n")
    for _ in range(draw.choice((1, 1, 2, 3))):
        at = draw.randrange(len(lines))
        kind = draw.randrange(4)
        if kind == 0 and "=" in lines[at]:
            value = draw.choice((*WRONG_CELLS, '"x"', "true", "[1]", "{ a = 1 }", "1e9", "nan"))
            lines[at] = f"{lines[at].partition('=')[0]}= {value}"
        elif kind == 1:
            lines.insert(draw.randrange(len(lines)), lines[at])
        elif kind == 2:
            del lines[at]
            lines = lines or [""]
        else:
            cut = draw.randrange(len(lines[at]) + 1)
            lines[at] = lines[at][:cut] + draw.choice(WRONG_CELLS) + lines[at][cut:]
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def _ask(kind: str, number: int, folder: Path) -> bool:
    """Whether the mutated file was read; what was read has to be usable."""
    draw = random.Random(f"{kind} {number}")
    file = folder / {"plate": "plate.csv", "rows": "assays.csv", "tables": "assays.toml"}[kind]
    if kind == "tables":
        file.write_bytes(_mutated_toml(draw))
    else:
        file.write_bytes(mutated_table(PLATE if kind == "plate" else ROWS, draw))
    try:
        if kind == "plate":
            plate = read_plate(file, unit="pg/mL")
            table = plate.read_samples(plate.curve())
            values = table["value"].dropna()
            assert (values > 0).all() and np.isfinite(values).all()
            assert isinstance(table, pd.DataFrame)
        else:
            for tool in read_instruments(file).values():
                reading = read(tool, np.full(3, 7.0), range(3))
                assert np.isfinite(reading.values).all()
    except OxysimError as error:
        message = str(error)
        assert message and "\n" not in message and len(message) < 2000
        return False
    return True


@pytest.mark.parametrize("kind", ["plate", "rows", "tables"])
def test_a_mutated_file_is_refused_or_read(kind: str, tmp_path: Path) -> None:
    read_well = sum(_ask(kind, number, tmp_path) for number in range(120))
    # both happen: a file that is always refused proves nothing of reading
    assert 5 < read_well < 115


@pytest.mark.long
@pytest.mark.parametrize("kind", ["plate", "rows", "tables"])
def test_three_thousand_mutated_files_are_refused_or_read(kind: str, tmp_path: Path) -> None:
    read_well = sum(_ask(kind, number, tmp_path) for number in range(120, 3120))
    assert 100 < read_well < 2900
