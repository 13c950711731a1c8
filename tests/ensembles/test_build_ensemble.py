"""The script that builds an ensemble: stages, going on, the same answer from two seeds."""

from __future__ import annotations

import dataclasses
import runpy
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w

from oxysim.ensembles import Ensemble, Prediction
from oxysim.ensembles.predictions import effective_size
from oxysim.ensembles.prior_file import plain_entries
from oxysim.population import Population
from tests.support.linear_truths import table, toy_forward

pytest.importorskip("emcee")
ROOT = next(p for p in Path(__file__).resolve().parents if (p / "pyproject.toml").exists())
TOY = table()
LEFT = {"calls": 10**9}
QUICK = ("--quick", "--size-steps", 40)


def ending_forward(population: Population, *, seed: int) -> dict[str, float]:
    """The toy, until it has been called so often; then as if somebody pressed Ctrl-C."""
    LEFT["calls"] -= 1
    if LEFT["calls"] < 0:
        raise KeyboardInterrupt
    return toy_forward(population, seed=seed)


def shifted_forward(population: Population, *, seed: int) -> dict[str, float]:
    """A full model that reads a third of a point more in C1a."""
    figures = toy_forward(population, seed=seed)
    return {**figures, "C1a": figures["C1a"] + 0.3}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    TOY.base.to_file(tmp_path / "base.toml")
    text = tomli_w.dumps({"name": "toy", "base": "base.toml", **plain_entries(TOY)})
    (tmp_path / "toy.priors.toml").write_text(text)
    return tmp_path


def _build(
    folder: Path, monkeypatch: pytest.MonkeyPatch, out: str, *options: Any, work: str = "work"
) -> Ensemble:
    forward = f"{__name__}:ending_forward"
    arguments = [
        *("--priors", folder / "toy.priors.toml", "--work", folder / work, "--name", "toy"),
        *("--out", folder / out, "--small", forward, "--full", forward, *options),
    ]
    monkeypatch.setattr(sys, "argv", ["build_ensemble.py", *map(str, arguments)])
    runpy.run_path(str(ROOT / "scripts/build_ensemble.py"), run_name="__main__")
    return Ensemble.from_file(folder / out)


def _compared(folder: Path, monkeypatch: pytest.MonkeyPatch, *names: str) -> Any:
    """The exit status of the script that compares two ensembles."""
    files = [str(folder / name) for name in names]
    monkeypatch.setattr(sys, "argv", ["compare_ensembles.py", *files])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(ROOT / "scripts/compare_ensembles.py"), run_name="__main__")
    return ended.value.code


def test_it_goes_on_where_it_was_ended_to_the_same_bytes(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = _build(folder, monkeypatch, "whole.toml", *QUICK, work="work1")
    calls = 0
    # in the design, in the second wave, in the confirmation
    for at_most in (30, 36, 38):
        monkeypatch.setitem(LEFT, "calls", at_most)
        with pytest.raises(KeyboardInterrupt):
            _build(folder, monkeypatch, "parts.toml", *QUICK, work="work2")
        calls += at_most
    monkeypatch.setitem(LEFT, "calls", 10**9)
    _build(folder, monkeypatch, "parts.toml", *QUICK, work="work2")
    assert (folder / "parts.toml").read_bytes() == (folder / "whole.toml").read_bytes()
    assert (folder / "parts.csv").read_bytes() == (folder / "whole.csv").read_bytes()
    # nothing that was run is run again: two models at three seeds, and the stages of two structures
    assert 10**9 - LEFT["calls"] + calls <= 2 * 3 + 48 + 8 + 8 + 2 * 12 + 20
    assert len(whole) == 20
    assert whole.record["seeds"]["confirmed"] != whole.record["seeds"]["stages"]
    assert "full runs add" in capsys.readouterr().out
    assert _compared(folder, monkeypatch, "whole.toml", "parts.toml") == 0
    assert capsys.readouterr().out.count("within 2 errors: 100%") == 2


def test_ensembles_that_differ_are_told_by_how_much(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Members whose every level lies ten of its spreads higher."""
    first = _build(folder, monkeypatch, "first.toml", *QUICK, "--truths", 2)
    assert first.record["coverage"]["predicted"] == ["C6"]
    assert 0.0 <= first.record["coverage"]["quantities"] <= 1.0
    values = first.values.copy()
    levels = [k for k, prior in enumerate(TOY.priors) if prior.distribution == "lognormal"]
    spread = np.log(values[:, levels]).std(axis=0)
    # pressed to an end of their range, which no draw may leave
    highest = np.array([TOY.priors[k].high for k in levels])
    values[:, levels] = np.minimum(values[:, levels] * np.exp(10 * spread), highest)
    dataclasses.replace(first, values=values).to_file(folder / "second.toml")
    capsys.readouterr()
    assert _compared(folder, monkeypatch, "first.toml", "second.toml") == 1
    text = capsys.readouterr().out
    shares = [line for line in text.splitlines() if line.startswith("within 2 errors")]
    # of five quantities the levels moved, and no figure
    assert shares[0].startswith(f"within 2 errors: {1 - len(levels) / 5:.0%}")
    assert shares[1].startswith("within 2 errors: 100%")


def test_runs_of_other_settings_are_not_taken_for_these(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _build(folder, monkeypatch, "first.toml", *QUICK)
    for options in (["--seed", 1], ["--size-design", 41]):
        with pytest.raises(SystemExit, match="its runs are of other"):
            _build(folder, monkeypatch, "second.toml", *QUICK, *options)
    # a finding that nothing may be conditioned on is refused before anything runs
    text = (folder / "toy.priors.toml").read_text()
    (folder / "toy.priors.toml").write_text(text.replace('"C1a"', '"C12"'))
    with pytest.raises(SystemExit, match="may be conditioned"):
        _build(folder, monkeypatch, "third.toml", *QUICK, work="other")


@pytest.mark.long
def test_two_runs_agree_and_the_full_model_corrects_the_averaged_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The third run's averaged days are the full model itself: it has nothing to correct."""
    sizes = ["--size-design", 120, "--size-wave", 60, "--size-members", 150, "--size-steps", 600]
    sizes += ["--full", f"{__name__}:shifted_forward", "--size-full-runs", 30]
    exact = ["--small", f"{__name__}:shifted_forward"]
    first, *others = (
        _build(folder, monkeypatch, f"{k}.toml", *sizes, *further, "--seed", k, work=f"work{k}")
        for k, further in ((1, ()), (2, ()), (3, exact))
    )
    assert effective_size(first.weights) > 100
    for other in others:
        for column in range(4):
            _require_agreement(
                Prediction(np.log(first.values[:, [column]]), first.weights),
                Prediction(np.log(other.values[:, [column]]), other.weights),
            )
        # the draws of a run are the same for all its candidates, and other than those of the next
        for column, shared in enumerate(first.errors.monte_carlo):
            _require_agreement(
                Prediction(first.figures[:, [column]], first.weights),
                Prediction(other.figures[:, [column]], other.weights),
                np.sqrt(2) * shared,
            )


def _require_agreement(first: Prediction, second: Prediction, further: float = 0.0) -> None:
    """Medians within three of their standard errors."""
    error = float(np.linalg.norm([first.median_error, second.median_error, further]))
    assert abs(first.median - second.median) < 3 * error
