"""``oxysim read`` and ``oxysim new``: a template is written, read as its own comment says, and
written in the tidy form.
"""

from __future__ import annotations

import shlex
from pathlib import Path

import pandas as pd
import pytest

from oxysim.cli.exits import Exit
from oxysim.cli.main import main
from oxysim.cli.read_verb import READERS, reader_arguments
from oxysim.errors import OxysimError
from oxysim.observations.templates import TEMPLATES, template

DIARY = "day,start,end,activity\n1,05:00,06:00,nap\n1,05:00,06:00,nap\n2,07:00,,bottle\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "log.csv").write_text(DIARY, encoding="utf-8")
    return tmp_path


def _command(text: str) -> list[str]:
    """The command that a template's comment ends with, as a shell reads it."""
    comments = [line.removeprefix("#").strip() for line in text.splitlines() if line[:1] == "#"]
    begins = next(n for n, line in enumerate(comments) if line.startswith("oxysim read"))
    return shlex.split(" ".join(line.removesuffix("\\") for line in comments[begins:]))[1:]


@pytest.mark.parametrize("kind", TEMPLATES)
def test_a_template_reads_back_as_its_comment_says(
    folder: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    command = _command(template(kind))
    assert main(["new", "data", kind, "--out", command[1]]) == Exit.FINISHED
    assert (folder / command[1]).read_text(encoding="utf-8") == template(kind)
    assert main([*command, "--out", "tidy.csv"]) == Exit.FINISHED
    out = capsys.readouterr().out
    rows = [line for line in template(kind).splitlines() if line[:1] != "#"][1:]
    assert f"{command[1]}, read as" in out
    assert f"{len(rows)} rows in the file, {len(rows)} kept, 0 dropped." in out
    # a wide table has several values a row
    assert len(pd.read_csv(folder / "tidy.csv")) >= len(rows)
    assert set(pd.read_csv(folder / "tidy.csv")["line"]) <= set(range(2, 100))


@pytest.mark.parametrize("kind", TEMPLATES)
def test_a_template_is_printed(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "data", kind]) == Exit.FINISHED
    assert capsys.readouterr().out == template(kind)


def test_every_kind_of_file_has_a_template() -> None:
    assert set(TEMPLATES) == set(READERS)


def test_a_decision_is_an_option(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    read = ["read", "log.csv", "--as", "diary"]
    assert main(read) == Exit.BAD_INPUT
    error = capsys.readouterr().err
    assert "log.csv, line 3" in error
    assert "doubled='drop'" in error
    decisions = ["--option", "doubled=drop", "--option", "missing_end.bottle=10 min"]
    assert main([*read, *decisions]) == Exit.FINISHED
    out = capsys.readouterr().out.splitlines()
    assert out == [
        "log.csv, read as diary: 3 rows in the file, 2 kept, 1 dropped.",
        "Changed, 1: bottle has no end: taken as 10 min, as asked for",
        "  line 4: bottle from day 2 07:00 without an end",
        "Dropped, 1: stands twice; the first is kept",
        "  line 3: sleep from day 1 05:00 to day 1 06:00 (beside line 2)",
    ]
    assert main([*read, *decisions, "--quiet"]) == Exit.FINISHED
    assert capsys.readouterr().out == ""


def test_nothing_is_written_over(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (folder / "log.csv").read_bytes()
    assert main(["new", "data", "diary", "--out", "log.csv"]) == Exit.BAD_INPUT
    assert main(["read", "log.csv", "--as", "diary", "--out", "log.csv"]) == Exit.BAD_INPUT
    assert (folder / "log.csv").read_bytes() == before
    assert main(["new", "data", "diary", "--out", "log.txt"]) == Exit.BAD_INPUT
    assert "expected a name that ends in .csv" in capsys.readouterr().err
    assert main(["new", "data", "diary", "--out", "log.csv", "--overwrite"]) == Exit.FINISHED


def test_parquet(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Written where its library is installed; else the command that installs it is named."""
    command = ["read", "log.csv", "--as", "diary", "--option", "doubled=drop", "--out", "a.parquet"]
    code = main([*command, "--option", "missing_end=usual"])
    try:
        import pyarrow  # noqa: F401 - whether it is there
    except ImportError:
        assert code == Exit.BAD_INPUT
        assert "pip install 'oxysim[parquet]'" in capsys.readouterr().err
        assert not (folder / "a.parquet").exists()
        return
    # too few bottles to say what is usual
    assert code == Exit.BAD_INPUT
    assert main([*command, "--option", "missing_end=instant"]) == Exit.FINISHED
    assert pd.read_parquet(folder / "a.parquet")["minutes"].tolist() == [60.0, 1.0]


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["doubled"], "expected NAME=VALUE"),
        (["=drop"], "expected NAME=VALUE"),
        (["missing_end.=drop"], "expected NAME=VALUE"),
        (["doubleds=drop"], "unknown option 'doubleds' of this kind of file; nearest: 'doubled'"),
        (["first_day=two"], "expected a whole number; found 'two'"),
        (["lengths=clocks", "lengths.sleep=clocks"], "this is said twice"),
        (["lengths.sleep=clocks", "lengths=clocks"], "this is said twice"),
        (["lengths.sleep=clocks", "lengths.sleep=minutes"], "this is said twice"),
    ],
)
def test_options_that_cannot_be(texts: list[str], words: str) -> None:
    with pytest.raises(OxysimError) as caught:
        reader_arguments(READERS["diary"], texts)
    assert words in str(caught.value)


def test_an_option_is_of_the_type_of_its_argument() -> None:
    texts = ["reverse=3", "reverse=5", "lowest=1", "missing=-99", "ignore=others"]
    assert reader_arguments(READERS["epds"], texts) == {
        "reverse": (3, 5),
        "lowest": 1,
        "missing": ("-99",),
        "ignore": "others",
    }
    assert reader_arguments(READERS["saliva"], ["same_day=true"]) == {"same_day": True}
    with pytest.raises(OxysimError, match="expected true or false"):
        reader_arguments(READERS["saliva"], ["same_day=yes"])


def test_saliva_is_not_read_as_plasma(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "data", "saliva", "--out", "saliva.csv"]) == Exit.FINISHED
    limits = ["--option", "limits.saliva_oxytocin=1 pg/mL"]
    assert main(["read", "saliva.csv", "--as", "plasma", *limits]) == Exit.BAD_INPUT
    error = capsys.readouterr().err
    assert "expected analytes of plasma" in error
    assert "saliva_oxytocin, of saliva" in error


def test_an_option_said_again_is_a_list() -> None:
    texts = ["ignore=mood", "ignore=notes", "ignore=room", "columns.start=Start = begin"]
    assert reader_arguments(READERS["diary"], texts) == {
        "ignore": ("mood", "notes", "room"),
        "columns": {"start": "Start = begin"},
    }
