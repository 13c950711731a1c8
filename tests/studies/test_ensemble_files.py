"""Study and trial files about an ensemble."""

from __future__ import annotations

from pathlib import Path

import pytest

from oxysim.cli.main import main
from oxysim.ensembles import Ensemble
from oxysim.errors import OxysimError
from oxysim.population import Members
from oxysim.studies.study_file import read_study
from oxysim.studies.trial_file import read_trial
from tests.support.toy_ensembles import toy_ensemble

TRIAL = """
dyad = { ensemble = "mine.toml", n = 6, infant_age = "2 weeks" }
seed = 1
[trial]
design = "parallel"
n = 6
replications = 5
power = [4, 6]
members = 2
arms = { nothing = "", spray = "24 IU intranasal at 10:00" }
endpoints = [{ instrument = "saliva_oxytocin", at = "3 h" }]
"""


@pytest.fixture
def trial_file(tmp_path: Path) -> Path:
    """A trial file beside the two files of an ensemble."""
    toy_ensemble(4).to_file(tmp_path / "mine.toml")
    file = tmp_path / "spray.toml"
    file.write_text(TRIAL, encoding="utf-8")
    return file


def test_a_trial_file_asks_the_members_of_an_ensemble(
    trial_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read = read_trial(trial_file)
    assert read.over_ensemble and read.members == 2
    expected = read.ensemble_trial().run(6, 5, 1, progress=False).effects()["median"].iloc[0]
    table = trial_file.with_name("effects.csv")
    figure = trial_file.with_name("assurance.png")
    options = ["--csv", str(table), "--figure", str(figure)]
    assert main(["trial", str(trial_file), *options]) == 0
    assert figure.stat().st_size > 1000
    printed = capsys.readouterr().out
    assert "in each of 2 members" in printed and "Assurance:" in printed
    assert repr(float(expected)) in table.read_text(encoding="utf-8")


def test_a_study_file_takes_an_ensemble(trial_file: Path) -> None:
    file = trial_file.with_name("study.toml")
    file.write_text(
        'duration = "1 d"\noutcomes = ["caregiver.epds: mean"]\n'
        'dyad = { ensemble = "mine.toml", n = 2 }\n[design]\nkind = "grid"\n'
        "axes = { member = [0, 3] }\n",
        encoding="utf-8",
    )
    who = read_study(file).study.who
    assert isinstance(who, Members) and isinstance(who.population, Ensemble)
    assert list(who.others) == ["0", "3"]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('ensemble = "mine.toml"', 'ensemble = "nobody"', "unknown ensemble 'nobody'"),
        ('ensemble = "mine.toml"', 'ensemble = "absent.toml"', "absent.toml"),
        ('ensemble = "mine.toml"', "ensemble = 3", "ensemble"),
        ("n = 6, infant", 'population = "community", n = 6, infant', "not both"),
        ("n = 6, infant", "parameters = { infant.oxytocin.plasma_basal = 3 }, n = 6, infant",
         "values of its own"),
        ("members = 2", "members = 5", "members"),
        ('ensemble = "mine.toml"', 'population = "community"', "only an ensemble has members"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_place(
    trial_file: Path, before: str, after: str, words: str
) -> None:
    trial_file.write_text(TRIAL.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(OxysimError, match=words) as error:
        read_trial(trial_file)
    assert "spray.toml" in str(error.value)
