"""The command line, as somebody types it: what it prints, what it leaves behind,
and its exit code.
"""

from __future__ import annotations

import errno
import importlib
import os
import re
import signal
import subprocess
import sys
import time
import tomllib
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xarray as xr

from oxysim.cli.command import parser
from oxysim.cli.main import main
from oxysim.families import Dyad
from oxysim.simulation.results.result import Result
from oxysim.simulation.scipy_engine import Solver
from oxysim.simulation.simulate import simulate
from oxysim.studies import read_study
from oxysim.sweeps import runner
from oxysim.sweeps.store import store_files
from oxysim.sweeps.store.zarr_store import ZarrStore
from tests.support.troublesome import interruptible

ROOT = Path(__file__).resolve().parents[2]
STUDY = """\
title = "Doses"
duration = "2 h"
start = "09:00"
tolerance = 1e-3
routine = "empty day"
outcomes = ["caregiver.plasma_oxytocin: maximum", "caregiver.epds: final"]
store = "doses.zarr"
block_size = 2
workers = 1

[interventions]
spray = "24 IU intranasal at 10:00"

[design]
kind = "grid"

[design.axes]
"spray.dose" = ["8 IU", "24 IU"]
"caregiver.oxytocin.plasma_half_life" = ["3 min", "4 min"]
"""
# each value is legal alone; ten minutes that begin every eight overlap
FAILING = """\
duration = "2 h"
start = "09:00"
tolerance = 1e-3
routine = "empty day"
outcomes = "caregiver.epds: final"
workers = 1
interventions.talk = "affectionate talk 5 min every 30 min at 09:00"
design.kind = "grid"
design.axes."talk.minutes" = ["5 min", "10 min"]
design.axes."talk.every" = ["8 min", "30 min"]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with a study in it, in which the commands are given."""
    (tmp_path / "doses.toml").write_text(STUDY, encoding="utf-8")
    (tmp_path / "failing.toml").write_text(FAILING, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _environment() -> dict[str, str]:
    path = os.pathsep.join(filter(None, [str(ROOT / "src"), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": path}


def _command(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "oxysim", *arguments]
    return subprocess.run(command, env=_environment(), capture_output=True, text=True)


# ------------------------------------------------------------------------------ help
@pytest.mark.parametrize("verb", ["describe", "simulate", "sweep", "resume", "verify"])
def test_the_help_of_each_verb_has_a_legal_example(
    verb: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main([verb, "--help"])
    assert caught.value.code == 0
    text = capsys.readouterr().out
    assert "exit codes:" in text
    example, *_ = re.findall(rf"^  oxysim ({verb} .*)$", text, re.MULTILINE)
    parser().parse_args([word.strip("'") for word in re.findall(r"'[^']*'|\S+", example)])


@pytest.mark.parametrize(
    "verb", ["", "describe", "simulate", "sweep", "resume", "verify", "trial", "evidence"]
)
def test_help_stands_in_a_terminal_of_80_columns(
    verb: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        main([verb, "--help"] if verb else ["--help"])
    text = capsys.readouterr().out
    assert max(len(line) for line in text.splitlines()) < 80
    # nothing else can be resumed
    assert ("'oxysim resume' goes on" in text) is (verb in ("", "sweep", "resume"))
    assert "  130  interrupted" in text and "  0    finished" in text


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "the following arguments are required: VERB"),
        (["swep", "x.toml"], "invalid choice: 'swep'"),
        (["sweep"], "STUDY"),
        (
            ["sweep", "x.toml", "--workers", "0"],
            "--workers: expected a whole number of at least 1; found '0'",
        ),
        (["sweep", "x.toml", "--seed", "-1"], "--seed"),
        (
            ["sweep", "x.toml", "--max-time", "2"],
            "--max-time: expected a number with a unit of time",
        ),
        (["sweep", "x.toml", "--engine", "fast"], "invalid choice: 'fast'"),
        (["sweep", "x.toml", "--work", "2"], "unrecognized arguments: --work"),
    ],
)
def test_wrong_options_are_exit_2(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert words in capsys.readouterr().err


def test_errors_are_one_line_and_exit_2(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "wrong.toml").write_text(STUDY.replace("spray.dose", "spray.doze"), encoding="utf-8")
    for arguments, words in (
        (["sweep", "wrong.toml"], 'wrong.toml:18: design.axes."spray.doze": unknown field'),
        (["describe", "none.toml"], "none.toml: expected a text file; there is no such file"),
        (["resume", "none.zarr"], "there is no store of a sweep"),
        (["resume", "failing.toml"], "it names no store"),
        (["sweep", "failing.toml"], "nowhere to put the results"),
        (["sweep", "doses.toml", "--out", "none/x.nc"], "there is no"),
        (["simulate", "doses.toml", "--out", "."], "this is a folder"),
    ):
        assert main(arguments) == 2, arguments
        printed = capsys.readouterr()
        assert printed.out == ""
        assert (
            printed.err.startswith("oxysim: ")
            and printed.err.count("\n") == 1
            and words in printed.err
        ), printed.err
    assert sorted(file.name for file in folder.iterdir()) == [
        "doses.toml",
        "failing.toml",
        "wrong.toml",
    ]


def test_an_error_that_is_ours_to_mend_is_not_swallowed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("oxysim.cli.simulate_verb.simulate", broken)
    with pytest.raises(ZeroDivisionError):
        main(["simulate", "doses.toml"])


# -------------------------------------------------------------------------- describe
def test_describe_says_what_will_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", "doses.toml"]) == 0
    text = capsys.readouterr().out
    for words in (
        "Doses (doses.toml)", "One dyad (mother and infant; infant aged 5 months at the start), "
                              "for 2 h from 09:00.",
        "spray: 24 IU intranasal at 10:00", "  10:00 to 10:01  nasal spray 24 IU (mother: nasal "
                                            "spray)",
        "spray.dose (2: 8 IU, 24 IU)", "4 runs of 2 h", "caregiver.plasma_oxytocin: maximum",
        "relative tolerance 0.001", "doses.zarr (new)",
    ):  # fmt: skip
        assert words in text, words
    assert re.search(
        r"Cost\n  4 runs in 2 blocks on 1 worker in about [\d.]+ s; about .* of memory, at most",
        text,
    )
    assert sorted(file.name for file in folder.iterdir()) == ["doses.toml", "failing.toml"]


def test_describe_without_a_pilot_runs_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        sys.modules["oxysim.sweeps.cost_estimate"],
        "compute",
        lambda _: pytest.fail("a run was made"),
    )
    assert (
        main(["describe", "doses.toml", "--no-pilot", "--workers", "2", "--methods", "--seed", "9"])
        == 0
    )
    text = capsys.readouterr().out
    assert "4 runs in 2 blocks on 2 workers; about" in text
    assert "keyed by the seed 9" in text and "clinical advice" in text


# -------------------------------------------------------------------------- simulate
def test_simulate_runs_the_study_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "doses.toml", "--out", "one.nc", "--methods"]) == 0
    text = capsys.readouterr().out
    study = read_study("doses.toml").study
    options = {
        "start": "09:00",
        "save": "5 min",
        "solver": Solver(rtol=1e-3),
        "engine": study.engine_meant,
    }
    same = simulate(Dyad(), study.schedule, "2 h", **options)
    peak = float(same.peak("caregiver.plasma_oxytocin").item())
    row = re.search(r"caregiver.plasma_oxytocin: maximum +([\d.]+) +pg/mL", text)
    assert row is not None and float(row[1]) == pytest.approx(peak, rel=1e-4)
    assert "A grid" not in text and "simulated for 2 h from 09:00" in text
    loaded = Result.load("one.nc")
    np.testing.assert_array_equal(
        loaded["caregiver.plasma_oxytocin"], same["caregiver.plasma_oxytocin"]
    )
    assert sorted(file.name for file in folder.iterdir()) == [
        "doses.toml",
        "failing.toml",
        "one.nc",
    ]


def test_simulate_tells_of_a_population(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = STUDY.replace("[interventions]", "[population]\nn = 3\nseed = 1\n[interventions]")
    (folder / "several.toml").write_text(
        text.replace('"caregiver.epds: final"', '"caregiver.epds: mean every 1 h"')
    )
    assert main(["simulate", "several.toml"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].split() == ["outcome", "from", "mean", "lowest", "highest", "unit"]
    hours = [line.split() for line in lines if "caregiver.epds: hourly mean" in line]
    assert [(words[3], words[-1]) for words in hours] == [("09:00", "EPDS"), ("10:00", "EPDS")]
    assert main(["simulate", "several.toml", "--quiet"]) == 0
    assert capsys.readouterr().out == ""


# -------------------------------------------------------------- sweep, stop, resume
def test_what_would_not_fit_is_refused_before_it_runs(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    axes = (
        '"spray.dose" = { from = "1 IU", to = "90 IU", count = 20000 }\nseed = { from = 1, to ='
        " 20000, count = 20000 }"
    )
    huge = (
        STUDY[: STUDY.index('"spray.dose"')]
        + axes
        + '\n"infant.oxytocin.touch" = { from = 0.1, to = 2, count = 20000 }'
    )
    (folder / "huge.toml").write_text(huge, encoding="utf-8")
    assert main(["sweep", "huge.toml"]) == 2
    printed = capsys.readouterr().err
    assert (
        "8000000000000 runs" in printed
        and "are free" in printed
        and "go on with --force" in printed
    )
    assert not (folder / "doses.zarr").exists()


def _values(path: Path) -> xr.Dataset:
    with xr.open_zarr(path) as dataset:
        return dataset.load()


def test_a_sweep_is_stopped_and_resumed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", "doses.toml", "--out", "whole.zarr"]) == 0
    assert "Doses: 4 of 4 runs finished; whole.zarr" in capsys.readouterr().out
    assert main(["sweep", "doses.toml", "--max-time", "0.001 s"]) == 4
    assert "runs not made; go on with: oxysim resume doses.zarr" in capsys.readouterr().err
    assert main(["sweep", "doses.toml", "--seed", "8"]) == 2
    printed = capsys.readouterr().err
    assert "seed: 0 -> 8" in printed and "give another --out" in printed
    (folder / "doses.toml").unlink()  # the store keeps what it needs
    assert main(["resume", "doses.zarr", "--methods"]) == 0
    printed = capsys.readouterr()
    assert (
        "of 2 blocks are done" in printed.out
        and "Of 4 runs 4 finished and none failed." in printed.out
    )
    assert main(["resume", "doses.zarr", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    xr.testing.assert_identical(
        _values(folder / "whole.zarr").drop_attrs(), _values(folder / "doses.zarr").drop_attrs()
    )
    assert _values(folder / "doses.zarr")["status"].values.tolist() == [[1, 1], [1, 1]]


def test_a_sweep_into_one_file_needs_no_store(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sweep", "failing.toml", "--out", "all.nc"]) == 3
    printed = capsys.readouterr()
    assert "3 of 4 runs finished" in printed.out
    assert "1 of 4 runs failed: " in printed.err and "overlap" in printed.err
    assert "talk.minutes = 10 min, talk.every = 8 min" in printed.err
    with xr.open_dataset("all.nc", engine="scipy") as loaded:
        assert loaded["status"].values.tolist() == [[1, 1], [2, 1]]
        assert np.isnan(loaded["caregiver.epds: final"].values).tolist() == [
            [False, False],
            [True, False],
        ]
        assert loaded["talk.minutes"].attrs["units"] == "min"


@pytest.mark.parametrize(
    ("axis", "name", "values"),
    [
        ("axes.seed = [1, 1099511627776]", "seed", [1, 2**40]),
        ("axes.spray.at = ['10:00', '09:30']", "spray.at", ["10:00", "09:30"]),
        ("axes.spray.blinded = [true, false]", "spray.blinded", [True, False]),
        ('axes."reward -> depression" = [0.0, 1.0]', "reward -> depression", [0, 1]),
    ],
)
@pytest.mark.parametrize("kind", ["grid", "zip"])
def test_axes_of_every_kind_reach_the_file(
    folder: Path, kind: str, axis: str, name: str, values: list[Any]
) -> None:
    head = STUDY[: STUDY.index("[design]")]
    (folder / "axis.toml").write_text(
        f'{head}[design]\nkind = "{kind}"\n{axis}\n', encoding="utf-8"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error", xr.SerializationWarning)
        assert main(["sweep", "axis.toml", "--out", "axis.nc", "--quiet"]) == 0
    with xr.open_dataset("axis.nc", engine="scipy") as loaded:
        assert loaded[name].values.tolist() == values
        assert loaded["status"].values.tolist() == [1, 1]


def test_a_store_in_use_is_exit_5(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    read = read_study("doses.toml")
    with ZarrStore("doses.zarr") as store:
        store.begin(read.study, (1, 2), source=read.source)
        assert main(["sweep", "doses.toml"]) == 5
        assert f"process {os.getpid()} on" in capsys.readouterr().err
        assert main(["resume", "doses.zarr"]) == 5
    assert main(["resume", "doses.zarr"]) == 0


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_refuses_is_exit_5(
    folder: Path, number: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(source: Any, target: Any) -> None:
        raise OSError(number, os.strerror(number), str(target))

    with monkeypatch.context() as patch:
        patch.setattr(store_files.os, "replace", refuse)
        assert main(["sweep", "doses.toml"]) == 5
        assert main(["simulate", "doses.toml", "--out", "one.nc"]) == 5
    printed = capsys.readouterr().err
    assert printed.count(os.strerror(number)) >= 1 and "Traceback" not in printed
    assert not (folder / "one.nc").exists() and not list(folder.glob("*.part"))
    assert main(["sweep", "doses.toml"]) == 0


def test_an_interruption_is_exit_130_and_says_how_to_go_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks: list[int] = []

    def interrupted(block: Any, attempt: int) -> Any:
        blocks.append(block.number)
        if len(blocks) > 1:
            raise KeyboardInterrupt
        return runner.compute(block)

    with monkeypatch.context() as patch:
        patch.setattr(runner, "_computed", interrupted)
        assert main(["sweep", "doses.toml"]) == 130
    printed = capsys.readouterr().err
    assert (
        "1 of 2 blocks are done" in printed
        and "oxysim resume doses.zarr" in printed
        and printed.count("\n") == 1
    )
    assert main(["resume", "doses.zarr"]) == 0


def test_a_damaged_chunk_is_said_in_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sweep", "doses.toml"]) == 0
    chunk = next(path for path in (folder / "doses.zarr" / "status").rglob("c*") if path.is_file())
    chunk.write_bytes(chunk.read_bytes()[:-1] + b"\x00")
    capsys.readouterr()
    assert main(["resume", "doses.zarr"]) == 0
    printed = capsys.readouterr().err
    assert (
        printed.startswith("oxysim: store ")
        and "computed again" in printed
        and printed.count("\n") == 1
    )


# ------------------------------------------------------------------ as a real command
def test_the_command_is_installed_by_its_name() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        scripts = tomllib.load(file)["project"]["scripts"]
    module, _, name = scripts["oxysim"].partition(":")
    assert getattr(importlib.import_module(module), name) is main


def test_the_command_itself(folder: Path) -> None:
    done = _command("sweep", "doses.toml")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "Doses: 4 of 4 runs finished; doses.zarr\n"


@pytest.mark.long
def test_who_reads_our_output_may_stop_reading(folder: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "oxysim", "describe", "doses.toml", "--no-pilot"],
        env=_environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as running:  # fmt: skip
        assert running.stdout is not None and running.stderr is not None
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(60) == 0


@pytest.mark.long
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm_stop_a_real_sweep_and_resume_goes_on(
    folder: Path, sent: signal.Signals
) -> None:
    many = STUDY.replace('["8 IU", "24 IU"]', '{ from = "1 IU", to = "40 IU", count = 20 }')
    (folder / "many.toml").write_text(many, encoding="utf-8")
    for workers in ("1", "2"):
        command = [
            sys.executable,
            "-m",
            "oxysim",
            "sweep",
            "many.toml",
            "--workers",
            workers,
            "--out",
            f"{workers}.zarr",
        ]
        # a session of its own, so that the signal reaches the command and its workers, as Ctrl-C
        # does
        with interruptible():
            running = subprocess.Popen(
                command,
                env=_environment(),
                text=True,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        until = time.monotonic() + 60
        while (
            not (folder / f"{workers}.zarr" / "blocks" / "0.json").exists()
            and time.monotonic() < until
        ):
            time.sleep(0.05)
        os.killpg(running.pid, sent)
        _, printed = running.communicate(timeout=60)
        assert running.returncode == 130, printed
        assert f"oxysim resume {workers}.zarr" in printed and "Traceback" not in printed
        assert main(["resume", f"{workers}.zarr", "--workers", workers]) == 0
    first, second = _values(folder / "1.zarr"), _values(folder / "2.zarr")
    assert (first["status"] == 1).all()
    xr.testing.assert_allclose(first, second, rtol=1e-2)


@pytest.mark.long
def test_a_sweep_on_a_dask_cluster(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None
    ) as cluster:
        assert main(["sweep", "doses.toml", "--scheduler", cluster.scheduler_address]) == 0
    assert (_values(folder / "doses.zarr")["status"] == 1).all()
    assert main(["sweep", "doses.toml", "--scheduler", "nowhere"]) == 2
    assert "no Dask scheduler answers" in capsys.readouterr().err
