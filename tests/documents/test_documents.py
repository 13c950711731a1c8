"""Every text file that a user gives goes through one reader: hostile and damaged ones end in one
line each.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from oxysim.documents import DocumentError, parse_document, parse_rows
from oxysim.errors import InputError, OxysimError
from oxysim.evidence.surveys.survey_data import read_survey
from oxysim.findings.published import read_targets
from oxysim.population import Population
from oxysim.studies import read_study
from oxysim.studies.trial_file import read_trial
from oxysim.sweeps.sweep_design import table

TRAIT = (
    "[[trait]]\nname = 'caregiver.depression.set_point'\ndistribution = 'normal'\nspread = 1.0\n"
)
POPULATIONS = [
    ("name = 3", "mine.toml:1: name: expected a name, as text; found 3"),
    ("name = ''", "mine.toml:1: name: expected a text of one line"),
    ("name = 'x'\nmeaning = 5", "mine.toml:2: meaning: expected a text; found 5"),
    ("name = 'x'\nprovenance = 5", "mine.toml:2: provenance: expected a table"),
    (f"name = 'x'\na = {'[' * 3000}{']' * 3000}", "mine.toml:2: "),
    (f"name = 'x'\n[values]\n'caregiver.depression.loop_gain' = {'9' * 400}", "mine.toml:3: "),
    ("name = 'x'\n[values]\n'caregiver.depression.loop_gain' = nan", "mine.toml:3: "),
    (
        "name = 'x'\n[values]\n'caregiver.depression.loop_gain' = true",
        "expected a number; found true",
    ),
    (
        f"name = 'x'\n{TRAIT.replace(chr(39) + 'normal' + chr(39), '[1, 2]')}",
        "trait.1.distribution: expected",
    ),
    (
        f"name = 'x'\n{TRAIT.replace('1.0', chr(39) + 'wide' + chr(39))}",
        "mine.toml:5: trait.1.spread: expected a number",
    ),
    (
        f"name = 'x'\n{TRAIT.replace('1.0', 'inf')}",
        "mine.toml:5: trait.1.spread: expected a finite number",
    ),
    ("name = 'x'\ntrait = 5", "mine.toml:2: trait: expected [[trait]] sections; found 5"),
    ("name = 'x'\ntrait = [5]", "mine.toml:2: trait.1: expected [[trait]] sections; found 5"),
    (
        "name = 'x'\n[[attribute]]\nname = 'a'\nshare = '1'",
        "mine.toml:4: attribute.1.share: expected a share",
    ),
    (
        "name = 'x'\n[[attribute]]\nname = 'a'\nshare = 0.5\nshifts = 3",
        "attribute.1.shifts: expected a table",
    ),
    ("name = 'x'\n[[attribute]]\nname = 5\nshare = 0.5", "attribute.1.name: expected a name"),
    ("name = 'x'\n[[correlation]]\nbetween = [1, 2]\nr = 0.1", "correlation.1.between.1: expected"),
    ("name = 'x'\n[[correlation]]\nbetween = ['a', 'b']\nr = nan", "mine.toml:2: correlation.1"),
    ("name = 'x'\n[other]\na = 1", "mine.toml:2: other: unknown entry 'other'"),
]


def _refused(read: Callable[[Any], object], file: Path, content: str | bytes) -> str:
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(OxysimError) as caught:
        read(file)
    text = str(caught.value)
    assert "\n" not in text and len(text) < 1500
    return text


@pytest.mark.parametrize(
    ("text", "message"), POPULATIONS, ids=[message for _, message in POPULATIONS]
)
def test_a_hostile_population_is_told_where(tmp_path: Path, text: str, message: str) -> None:
    assert message in _refused(Population.from_file, tmp_path / "mine.toml", text)


READERS: list[tuple[str, Callable[[Any], object]]] = [
    ("x.toml", Population.from_file),
    ("x.toml", read_study),
    ("x.toml", read_trial),
    ("x.csv", read_targets),
    ("x.csv", read_survey),
    ("x.csv", table),
]
BYTES = {
    "not UTF-8": b"name = '\xff\xfe'\n",
    "zero bytes": b"\x00" * 64,
    "empty": b"",
    "an endless line": b"a" * 200_000,
    "an archive": b"PK\x03\x04" + bytes(range(256)) * 4,
    "quotes": b'"' * 1001,
    "commas": b"," * 50_000 + b"\n" + b"," * 50_000,
}


@pytest.mark.parametrize("content", BYTES)
@pytest.mark.parametrize(("name", "read"), READERS, ids=[read.__name__ for _, read in READERS])
def test_what_is_no_text_of_the_kind_is_refused_by_every_reader(
    name: str, read: Callable[[Any], object], content: str, tmp_path: Path
) -> None:
    assert name in _refused(read, tmp_path / name, BYTES[content])


@pytest.mark.parametrize(("name", "read"), READERS, ids=[read.__name__ for _, read in READERS])
def test_every_reader_names_what_is_no_file(
    name: str, read: Callable[[Any], object], tmp_path: Path
) -> None:
    for path, words in ((tmp_path / name, "there is no such file"), (tmp_path, "it is a folder")):
        with pytest.raises(InputError, match=words):
            read(path)
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / ("a" * 5000))


def test_at_the_command_line_too(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(
        f"name = 'x'\na = {'[' * 3000}{']' * 3000}", encoding="utf-8"
    )
    (tmp_path / "mine.csv").write_bytes(b"\xff\xfe")
    for options in (
        ["--population", "mine.toml"],
        ["--add", "mine.csv"],
        ["--survey", "mine.csv", "--use", "survey"],
    ):
        command = [sys.executable, "-m", "oxysim", "evidence", "--quick", *options]
        done = subprocess.run(command, cwd=tmp_path, env=os.environ, capture_output=True, text=True)
        assert done.returncode != 0 and "Traceback" not in done.stderr, done.stderr
        assert done.stderr.startswith(f"oxysim: {options[1]}"), done.stderr


def test_an_error_keeps_its_parts_and_counts_entries_from_one() -> None:
    section = parse_document("a = [1, 'two']\n[[b]]\n[[b]]\nc = 1", "x.toml")
    with pytest.raises(DocumentError) as caught:
        section.texts("a", "texts")
    assert caught.value.key == ("a", "1") and str(caught.value).startswith("x.toml:1: a.1: ")
    second = section.entries("b", "tables")[1]
    with pytest.raises(DocumentError) as caught, second.reading():
        raise InputError(
            what="thing", expected="more", found="less", remedy="add", key=("c", "elsewhere")
        )
    error = caught.value
    assert (error.what, error.expected, error.found, error.remedy) == (
        "thing",
        "more",
        "less",
        "add",
    )
    assert error.key == ("b", "2", "c") and str(error).startswith("x.toml:4: b.2.c: ")


def test_a_table_has_its_lines() -> None:
    rows = parse_rows('a,b\r\n"x\r\ny", 2\n\n3,4\n', "t.csv")
    assert list(rows) == [(3, {"a": "x\r\ny", "b": "2"}), (5, {"a": "3", "b": "4"})]
    with pytest.raises(
        InputError, match=r"t.csv, line 2: expected 1 cells, as many as the header has; found 2"
    ):
        parse_rows("a\n1,2\n", "t.csv")
    with pytest.raises(
        InputError, match="line 2, cell 1: expected a text without control characters"
    ):
        parse_rows("a\n\x1b[31m\n", "t.csv")
