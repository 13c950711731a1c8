"""The command line writes over nothing unasked, and under no name that stands for
another format.
"""

from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from oxysim.cli.command import parser
from oxysim.cli.evidence_verb import _paths as evidence_paths
from oxysim.cli.main import main
from oxysim.cli.trial_verb import _paths as trial_paths
from oxysim.cli.verb_options import writing
from oxysim.errors import InputError
from oxysim.sweeps import open_sweep, verify

STUDY = """\
duration = "20 min"
tolerance = 1e-3
routine = "empty day"
outcomes = ["caregiver.epds: final", "caregiver.cortisol: time above 400 nmol/L"]
workers = 1
design.kind = "grid"
design.axes.seed = [0, 1]
"""
MINE = "what I have"
ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "s.toml").write_text(STUDY, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("verb", ["simulate", "sweep"])
def test_a_file_that_exists_is_kept_unless_asked(
    verb: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "x.nc").write_text(MINE)
    (folder / "x.nc.part").write_text(MINE)  # a name that writing used for itself
    assert main([verb, "s.toml", "--out", "x.nc", "--quiet"]) == 2
    assert "--out x.nc: there is such a file already" in capsys.readouterr().err
    assert (folder / "x.nc").read_text() == MINE
    assert main([verb, "s.toml", "--out", "x.nc", "--quiet", "--overwrite"]) == 0
    assert (folder / "x.nc").read_bytes()[:3] == b"CDF" and (
        folder / "x.nc.part"
    ).read_text() == MINE
    assert verify(folder / "x.nc").sound


def test_a_link_is_a_file_that_exists(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "x.nc").symlink_to(folder / "elsewhere.nc")
    assert main(["sweep", "s.toml", "--out", "x.nc", "--quiet"]) == 2
    assert "there is such a file already" in capsys.readouterr().err
    assert not (folder / "elsewhere.nc").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["sweep", "s.toml", "--out", "x.csv"],
            "expected the name of a folder, such as 'sweep.zarr'",
        ),
        (["sweep", "s.toml", "--out", "x.json"], "found one that ends in '.json'"),
        (
            ["simulate", "s.toml", "--out", "x.csv"],
            "expected a name that ends in .nc; found '.csv'",
        ),
        (
            ["simulate", "s.toml", "--out", "x"],
            "expected a name that ends in .nc; found 'no ending'",
        ),
    ],
)
def test_a_name_of_another_format_is_refused(
    arguments: list[str], words: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert words in capsys.readouterr().err
    assert [path.name for path in folder.iterdir()] == ["s.toml"]


@pytest.mark.parametrize(
    ("paths", "option", "name"),
    [
        (trial_paths, "csv", "x.csv"),
        (trial_paths, "figure", "x.png"),
        (evidence_paths, "csv", "x.csv"),
        (evidence_paths, "figure", "x.pdf"),
        (evidence_paths, "docs", "x.md"),
    ],
)
def test_every_verb_that_writes_asks(paths: Any, option: str, name: str, folder: Path) -> None:
    nothing = {"csv": None, "figure": None, "docs": None, "overwrite": False}
    assert paths(SimpleNamespace(**{**nothing, option: name})) == {option: Path(name)}
    (folder / name).write_text(MINE)
    with pytest.raises(InputError, match=f"--{option} {name}: there is such a file already"):
        paths(SimpleNamespace(**{**nothing, option: name}))
    assert paths(SimpleNamespace(**{**nothing, option: name, "overwrite": True})) == {
        option: Path(name)
    }
    with pytest.raises(InputError, match="expected a name that ends in"):
        paths(SimpleNamespace(**{**nothing, option: "x.nc"}))


@pytest.mark.parametrize(
    ("script", "arguments", "option"),
    [
        ("scripts/survey_population.py", ["priors", "survey.csv"], "--out"),
        ("scripts/build_ensemble.py", [], "--out"),
        ("benchmarks/engines.py", [], "--csv"),
    ],
)
def test_a_script_that_takes_long_asks_before_it_begins(
    script: str, arguments: list[str], option: str, folder: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    (folder / "x.txt").write_text(MINE)
    monkeypatch.setattr("sys.argv", [script, *arguments, option, "x.txt"])
    monkeypatch.syspath_prepend(str((ROOT / script).parent))
    with pytest.raises(SystemExit) as caught:
        runpy.run_path(str(ROOT / script), run_name="__main__")
    assert caught.value.code == 2
    assert f"{option} x.txt: there is such a file already" in capsys.readouterr().err
    assert (folder / "x.txt").read_text() == MINE


def test_the_script_that_redraws_figures_may_replace_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[list[str]] = []
    monkeypatch.setattr("subprocess.run", lambda command, **_: ran.append(command))
    runpy.run_path(str(ROOT / "scripts" / "update_figures.py"))["scoreboard"]()
    options = parser().parse_args(ran[0][3:])
    assert ran[0][1:3] == ["-m", "oxysim"] and Path(options.figure).exists()
    assert evidence_paths(options) == {"figure": Path(options.figure)}


def test_what_breaks_while_it_is_written_leaves_nothing(folder: Path) -> None:
    (folder / "x.nc").write_text(MINE)
    with pytest.raises(ZeroDivisionError), writing(folder / "x.nc") as temporary:
        temporary.write_text("half")
        raise ZeroDivisionError
    assert sorted(path.name for path in folder.iterdir()) == ["s.toml", "x.nc"]
    assert (folder / "x.nc").read_text() == MINE


def test_a_netcdf_file_of_a_sweep_carries_a_digest_and_the_texts_of_its_outcomes(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sweep", "s.toml", "--out", "x.nc", "--quiet"]) == 0
    dataset = open_sweep(folder / "x.nc")
    assert {"caregiver.epds: final", "caregiver.cortisol: time above 400"} <= set(dataset.data_vars)
    assert main(["verify", "x.nc"]) == 0
    assert capsys.readouterr().out == f"{folder / 'x.nc'}: sound\n"
    whole = (folder / "x.nc").read_bytes()
    for at in range(3, len(whole), len(whole) // 40):
        (folder / "x.nc").write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        # 2: the mark of the digest itself was hit
        assert main(["verify", "x.nc", "--quiet"]) in (2, 6), at
        with pytest.raises(InputError):
            open_sweep(folder / "x.nc")


@pytest.mark.parametrize(
    "name", ["x" * 300, "x" * 300 + ".csv", "x" * 300 + ".nc", "a\0.nc", "", "round"]
)
@pytest.mark.parametrize("verb", ["sweep", "simulate", "verify", "resume"])
def test_a_name_that_no_file_can_have_is_refused_before_anything_runs(
    verb: str, name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "round").symlink_to(folder / "round")
    arguments = [verb, name] if verb in ("verify", "resume") else [verb, "s.toml", "--out", name]
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and printed.err.startswith("oxysim: ") and printed.err.count("\n") == 1
    assert sorted(path.name for path in folder.iterdir()) == ["round", "s.toml"]
