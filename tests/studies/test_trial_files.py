"""Trial files and ``oxysim trial``: what they mean, what is printed and written, what a careless
file is told.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oxysim.cli.main import main
from oxysim.errors import InputError
from oxysim.interventions import DailyLife, SkinToSkin
from oxysim.population import Members, Population
from oxysim.schedule import Routine
from oxysim.studies import read_study, read_trial
from oxysim.studies.trial_description import describe_trial
from oxysim.trials.plan.adherence import Adherence
from oxysim.trials.plan.allocation import Simple, Stratified
from oxysim.trials.plan.blinding import Blinded, Open
from oxysim.trials.plan.dropout import Dropout
from oxysim.trials.plan.endpoints import Endpoint
from oxysim.trials.plan.trial_design import Crossover, Factorial, Parallel
from oxysim.trials.plan.visits import Visit
from oxysim.trials.trial import Trial
from tests.support.mutated_studies import TRIALS, mutated

ROOT = Path(__file__).resolve().parents[2]
PEOPLE = Population.named("community")
TRIAL = """\
title = "Contact"
seed = 3
[dyad]
population = "community"
n = 16
infant_age = "6 weeks"
[interventions]
life = "daily-life noise"
[trial]
design = "parallel"
n = 8
replications = 20
visits = ["2 d", { time = "4 d", at = "10:00", window = "1 h" }]
[trial.arms]
"usual care" = ""
contact = "skin-to-skin 60 min daily at 11:00"
[[trial.endpoints]]
instrument = "epds"
at = "4 d"
kind = "change"
name = "change of EPDS"
[[trial.endpoints]]
instrument = "sensitivity"
at = "2 d"
"""
ODD = (
    "3",
    "-1",
    "1e400",
    "nan",
    "true",
    '""',
    '"x"',
    "[]",
    "{}",
    '[1, "a"]',
    "[[]]",
    "{ a = 1 }",
    '"5"',
    "0.5",
    '"-3 d"',
    '"0 d"',
    '"1000 years"',
    "999999999999",
    "[{}]",
    '["", ""]',
    '{ kind = "x" }',
    '"08:00"',
)


def _file(folder: Path, *changes: tuple[str, str], more: str = "") -> Path:
    text = TRIAL
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / "trial.toml"
    path.write_text(text + more, encoding="utf-8")
    return path


# ------------------------------------------------------------------- what a file means
def test_a_file_says_what_python_says(tmp_path: Path) -> None:
    read = read_trial(_file(tmp_path))
    families = PEOPLE.sample(16, seed=3, infant_age="6 weeks")
    day = PEOPLE.schedules(Routine.typical() + DailyLife(), families.numbers, seed=3)
    same = Trial(
        families, Parallel({"usual care": None, "contact": SkinToSkin("60 min daily at 11:00")}),
        [Endpoint("epds", "4 d", "change", name="change of EPDS"), Endpoint("sensitivity", "2 d")],
        visits=[Visit("2 d"), Visit("4 d", window="1 h", at="10:00")], day=day, life=3,
    ).run(8, 20, 3)  # fmt: skip
    result = read.trial().run(read.n, read.replications, read.seed)
    for endpoint in same.trial.endpoints:
        for arm, values in same.readings(endpoint.name).items():
            np.testing.assert_array_equal(result.readings(endpoint.name)[arm], values)
    assert read.title == "Contact"


def test_the_seed_of_the_command_line_stands_in_place_of_the_files(tmp_path: Path) -> None:
    read = read_trial(_file(tmp_path), seed=9)
    assert isinstance(read.who, Members)
    assert (read.seed, read.plan.life, read.who.seed) == (9, 9, 9)


def test_every_part_is_read(tmp_path: Path) -> None:
    more = (
        'entry = "epds >= 4"\npower = [4, 8]\nblinding = "open"\nallocation = { kind ='
        ' "stratified", by = "epds", cuts = [8], size = 4 }\nadherence = { missed = 0.1, shortened'
        " = 0.2, to = 0.6 }\ndropout = { monthly = 0.1, per_point = 1.2 }\n"
    )
    plan = read_trial(
        _file(tmp_path, ('design = "parallel"\n', f'design = "parallel"\nratio = [2, 2]\n{more}'))
    ).plan
    assert plan.entry == ("epds >= 4",)
    assert plan.blinding == Open()
    assert plan.adherence == Adherence(0.1, 0.2, 0.6)
    assert plan.dropout == Dropout(0.1, 1.2)
    assert isinstance(plan.allocation, Stratified)
    assert (plan.allocation.by, plan.allocation.cuts, plan.allocation.size) == ("epds", (8,), 4)
    assert plan.design.shares == (2, 2)


def test_crossover_and_factorial_files(tmp_path: Path) -> None:
    keys = (
        'design = "crossover"\nperiod = "5 d"\nwashout = "2 d"\nsequences = [["contact", "usual'
        ' care"]]\n'
    )
    text = f'{keys}allocation = "simple"\nblinding = {{ kind = "blinded", expectancy = 0.3 }}\n'
    plan = read_trial(_file(tmp_path, ('design = "parallel"\n', text))).plan
    assert isinstance(plan.design, Crossover)
    assert [course.arms for course in plan.design.courses] == [("contact", "usual care")]
    assert (plan.allocation, plan.blinding) == (Simple(), Blinded(0.3))
    factors = ('"usual care" = ""\n', '"massage" = "massage 15 min daily at 12:00"\n')
    plan = read_trial(
        _file(tmp_path, ('design = "parallel"\n', 'design = "factorial"\n'), factors)
    ).plan
    assert isinstance(plan.design, Factorial)
    assert plan.design.names == ("usual care", "massage", "contact", "massage + contact")


def test_nobody_is_screened_by_reading_or_describing(tmp_path: Path) -> None:
    read = read_trial(
        _file(tmp_path, ('infant_age = "6 weeks"', 'select = "epds >= 8"\nat = "2 weeks"'))
    )
    text = describe_trial(read)
    assert isinstance(read.who, Members) and not read.who.screened
    assert "16 dyads (mother and infant; infant aged 0.5 months" in text
    assert "who met epds >= 8 at 2 weeks" in text
    assert "usual care: nothing beside the day" in text
    assert "contact: skin-to-skin 60 min daily at 11:00" in text
    assert (
        "change of EPDS (primary): change of epds of the caregiver from the baseline to 4 d, in"
        " EPDS" in text
    )
    assert "sensitivity of the caregiver at 2 d, in rating" in text
    assert "20 trials of n = 8, seed 3" in text
    assert "baseline, 2 d, 4 d (± 1 h); followed for 4.12 days from 08:00" in text


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("area", "area under epds of the caregiver from the baseline to 4 d, in EPDS d"),
        ("response (40 %)", "falls by at least 40 % from the baseline to 4 d"),
        ("remission (< 8)", "share with epds of the caregiver below 8 at 4 d"),
        (
            "time to remission (< 8)",
            "days until epds of the caregiver is below 8, at visits to 4 d",
        ),
    ],
)
def test_every_kind_of_endpoint_has_its_words(tmp_path: Path, kind: str, words: str) -> None:
    assert words in describe_trial(
        read_trial(_file(tmp_path, ('kind = "change"', f'kind = "{kind}"')))
    )


@pytest.mark.parametrize("option", [["--engine", "scipy"], ["--workers", "2"], ["--methods"]])
def test_what_means_nothing_for_a_trial_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: list[str]
) -> None:
    assert main(["describe", str(_file(tmp_path)), *option]) == 2
    printed = capsys.readouterr()
    assert (
        f"{option[0]}: has no meaning for a file with [trial]; leave it out" in printed.err
        and not printed.out
    )


@pytest.mark.long
def test_a_screened_pool_is_that_of_the_population(tmp_path: Path) -> None:
    entry = ('infant_age = "6 weeks"', 'select = "epds >= 6"\nat = "5 d"')
    trial = read_trial(_file(tmp_path, entry)).trial()
    families, report = PEOPLE.select(16, "epds >= 6", at="5 d", seed=3)
    assert (trial.who.dyads, trial.selection) == (families.dyads, report)


@pytest.mark.parametrize(
    "file", sorted((ROOT / "examples" / "studies").glob("trial_*.toml")), ids=lambda file: file.stem
)
def test_every_example_is_legal(file: Path) -> None:
    read = read_trial(file)
    assert read.power and len(read.who) >= 2 * read.n  # a pool several times as large as a trial


def test_without_visits_an_endpoint_names_its_time(tmp_path: Path) -> None:
    none = ('visits = ["2 d", { time = "4 d", at = "10:00", window = "1 h" }]', "")
    assert [visit.name for visit in read_trial(_file(tmp_path, none)).plan.visits] == [
        "baseline",
        "4 d",
        "2 d",
    ]
    with pytest.raises(
        InputError, match=r"trial.toml:19: trial\.endpoints\.1\.at: visit, time: expected a number"
    ):
        read_trial(_file(tmp_path, none, ('at = "4 d"', 'at = "later"')))


@given(
    line=st.integers(0, TRIAL.count("\n") - 1), value=st.sampled_from(ODD), kind=st.integers(0, 2)
)
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_is_written_is_read_or_refused_with_its_place(
    tmp_path: Path, line: int, value: str, kind: int
) -> None:
    lines = TRIAL.splitlines()
    key, equals, _ = lines[line].partition("=")
    lines[line] = (
        f"{key}= {value}"
        if equals and kind == 0
        else ""
        if kind == 1
        else f"{key[:-2]}x {equals} {value}"
    )
    path = tmp_path / "odd.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    try:
        read_trial(path)
    except InputError as error:
        assert str(error).startswith(f"{path}:")


def _try_mutated(folder: Path, seeds: range) -> dict[str, int]:
    """How many mutated trial files were still legal, and how many errors had file, line and key."""
    counts = {"legal": 0, "placed": 0, "refused": 0}
    path = folder / "trial.toml"
    for seed in seeds:
        content, _, mutation = mutated(seed, TRIALS)
        path.write_bytes(content)
        try:
            describe_trial(read_trial(path))
            counts["legal"] += 1
        except InputError as error:
            text = str(error).replace(f"{folder}/", "")
            assert text.startswith("trial.toml"), (seed, mutation, text)
            counts["refused"] += 1
            counts["placed"] += text.removeprefix("trial.toml:")[0].isdigit()
        assert [file.name for file in folder.iterdir()] == ["trial.toml"], (seed, mutation)
    return counts


def test_mutated_trials_are_refused_or_legal(tmp_path: Path) -> None:
    for text in TRIALS:
        (tmp_path / "trial.toml").write_text(text, encoding="utf-8")
        read_trial(tmp_path / "trial.toml")
    counts = _try_mutated(tmp_path, range(60))
    assert counts["legal"] > 2
    assert counts["placed"] > 0.9 * counts["refused"]


@pytest.mark.long
def test_three_thousand_mutated_trials_are_refused_or_legal(tmp_path: Path) -> None:
    counts = _try_mutated(tmp_path, range(3000))
    assert counts["placed"] > 0.95 * counts["refused"]


# --------------------------------------------------------------------- the command line
def test_the_command_prints_and_writes_what_was_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _file(tmp_path, ("n = 8\n", "n = 8\npower = [4, 8, 16]\n"))
    assert main(["trial", "trial.toml", "--csv", "effects.csv", "--figure", "trial.png"]) == 0
    printed = capsys.readouterr().out
    for text in (
        "Contact", "design: parallel arms: usual "
                   "care, contact", "contact: analysed", "change of EPDS",
        "True effects on change of EPDS in the pool", "Power: change of EPDS",
    ):  # fmt: skip
        assert text in printed
    table = pd.read_csv("effects.csv")
    assert table["endpoint"].tolist() == ["change of EPDS", "sensitivity value at 2 d"]
    assert (table["replications"] == 20).all()
    assert (tmp_path / "trial.png").stat().st_size > 10_000
    assert main(["trial", "trial.toml", "--quiet", "--csv", "again.csv"]) == 0
    assert capsys.readouterr().out == ""
    assert Path("again.csv").read_bytes() == Path("effects.csv").read_bytes()
    assert main(["trial", "trial.toml", "--n", "4", "--replications", "5", "--seed", "4"]) == 0
    assert "5 trials of n = 4" in capsys.readouterr().out


def test_a_short_washout_is_said_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = 'design = "crossover"\nperiod = "5 d"\n'
    loud = "skin-to-skin 4 h daily at 11:00"
    path = _file(
        tmp_path, ('design = "parallel"\n', keys), ("skin-to-skin 60 min daily at 11:00", loud)
    )
    assert main(["trial", str(path), "--quiet"]) == 0
    line, *further = capsys.readouterr().err.splitlines()
    assert line.startswith("oxysim: ") and "washout" in line
    assert all(warning.startswith("oxysim: ") for warning in further)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["trial", "trial.toml", "--n", "17"], "--n: the pool holds 16 dyads; found 17"),
        (
            ["trial", "trial.toml", "--figure", "trial.txt"],
            "expected a name that ends in .png, .pdf, .svg",
        ),
        (
            ["trial", "trial.toml", "--csv", "no/effects.csv"],
            "expected an existing folder around it",
        ),
        (["trial", "missing.toml"], "there is no such file"),
        (["sweep", "trial.toml"], "trial.toml:9: trial: a trial is run with 'oxysim trial'"),
    ],
)
def test_the_command_refuses_before_it_runs(
    arguments: list[str],
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    _file(tmp_path)
    assert main(arguments) == 2
    assert words in capsys.readouterr().err


def test_describe_knows_trials(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["describe", str(_file(tmp_path))]) == 0
    assert "parallel arms: usual care, contact" in capsys.readouterr().out


def test_the_two_kinds_of_files_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text(
        'duration = "1 d"\noutcomes = ["caregiver.epds: final"]\n', encoding="utf-8"
    )
    with pytest.raises(
        InputError, match=r"\[trial\] is missing; a study without one is run with 'oxysim sweep'"
    ):
        read_trial(tmp_path / "study.toml")
    with pytest.raises(InputError, match="a trial is run with 'oxysim trial'"):
        read_study(_file(tmp_path))


# ----------------------------------------------------------------- where an error stands
WRONG = [
    (
        'design = "parallel"',
        'design = "paralel"',
        "trial.toml:10: trial.design: unknown design 'paralel'; nearest",
    ),
    (
        'design = "parallel"',
        'design = "parallel"\nperiod = "5 d"',
        "trial.toml:11: trial.period: unknown key 'period'",
    ),
    ('design = "parallel"', 'design = "crossover"', "trial.toml:9: trial: 'period' is missing"),
    (
        'design = "parallel"',
        'design = "parallel"\nratio = [1]',
        "trial.toml:11: trial.ratio: expected 2 whole numbers",
    ),
    ('design = "parallel"', 'design = "parallel"\nratio = [1, 0.5]', "trial.toml:11: trial.ratio"),
    ('design = "parallel"', 'design = "crossover"\nperiod = "5"', "trial.toml:11: trial.period"),
    ("n = 16", "n = 1", "trial.toml:3: dyad: a trial draws its participants from a pool"),
    (
        "n = 8",
        "n = 8\npower = [4, 40]",
        "trial.toml:12: trial.power.2: expected whole numbers from 2 to 16",
    ),
    (
        "n = 8",
        "n = 17",
        "trial.toml:11: trial.n: expected at most 16, the dyads of the pool; found 17",
    ),
    (
        "replications = 20",
        "replications = 0",
        "trial.toml:12: trial.replications: expected a whole number from 1",
    ),
    ("replications = 20", 'duration = "4"', "trial.toml:12: trial.duration"),
    (
        "replications = 20",
        'duration = "2 d"',
        "trial.toml:13: trial.visits.2: visit '4 d' may fall after the end",
    ),
    ("replications = 20", 'entry = "epd >= 3"', "trial.toml:12: trial.entry"),
    (
        "replications = 20",
        'allocation = "block"',
        "trial.toml:12: trial.allocation.kind: unknown kind of allocation",
    ),
    (
        "replications = 20",
        'allocation = { kind = "blocked", size = 0 }',
        "trial.toml:12: trial.allocation.size",
    ),
    (
        "replications = 20",
        'allocation = { kind = "stratified", by = "epds" }',
        "trial.toml:12: trial.allocation",
    ),
    (
        "replications = 20",
        'allocation = { kind = "stratified", by = "epd", cuts = [3] }',
        "trial.toml:12: trial.allo",
    ),
    (
        "replications = 20",
        'blinding = { kind = "open", active = 2 }',
        "trial.toml:12: trial.blinding.active",
    ),
    ("replications = 20", "adherence = { missed = 1.0 }", "trial.toml:12: trial.adherence.missed"),
    (
        "replications = 20",
        "adherence = { mised = 0.1 }",
        "trial.toml:12: trial.adherence.mised: unknown key 'mised'",
    ),
    ("replications = 20", "dropout = { monthly = -0.1 }", "trial.toml:12: trial.dropout.monthly"),
    ('"2 d", {', '"4 d", {', "trial.toml:13: trial.visits: two are called '4 d'"),
    ('"2 d", {', '"2", {', "trial.toml:13: trial.visits.1"),
    ('window = "1 h"', 'window = "3"', "trial.toml:13: trial.visits.2.window"),
    ('window = "1 h"', 'windw = "3 h"', "trial.toml:13: trial.visits.2.windw: unknown key 'windw'"),
    ('"usual care" = ""', "", "trial.toml:14: trial.arms: expected at least two to compare"),
    ('"usual care" = ""', "usual = 3", "trial.toml:15: trial.arms.usual: expected a sentence"),
    (
        '"usual care" = ""',
        '"usual" = "skin-to-skin 60 min daily at 11:00"',
        "trial.toml:15: trial.arms.usual: arms",
    ),
    ("60 min daily at 11:00", "60 daily at 11:00", "trial.toml:16: trial.arms.contact"),
    (
        "60 min daily at 11:00",
        "60 min daily at 11:00; daily-life noise",
        "trial.toml:16: trial.arms.contact: arm",
    ),
    (
        'instrument = "epds"',
        'instrument = "epd"',
        "trial.toml:18: trial.endpoints.1.instrument: unknown instrument",
    ),
    ('instrument = "epds"', "", "'instrument' is missing"),
    (
        'at = "4 d"\nkind',
        'at = "5 d"\nkind',
        "trial.toml:17: trial.endpoints.1: unknown visit '5 d'",
    ),
    (
        'kind = "change"',
        'kind = "chnge"',
        "trial.toml:20: trial.endpoints.1.kind: unknown kind of endpoint 'chnge'",
    ),
    ('kind = "change"', 'member = "infant"', "trial.toml:20: trial.endpoints.1.member"),
    (
        'kind = "change"',
        'target = "C66"',
        "trial.toml:20: trial.endpoints.1.target: unknown published finding 'C66'",
    ),
    (
        'kind = "change"',
        'expected = "upp"',
        "trial.toml:20: trial.endpoints.1.expected: unknown expectation 'upp'",
    ),
    (
        'kind = "change"',
        "primary = 1",
        "trial.toml:20: trial.endpoints.1.primary: expected true or false; found 1",
    ),
    ("seed = 3", 'start = "25:00"', "trial.toml:2: start: '25:00' is not a time of day"),
    (
        'title = "Contact"',
        'outcomes = ["caregiver.epds: final"]',
        "trial.toml:1: outcomes: unknown key 'outcomes'",
    ),
]


@pytest.mark.parametrize(("old", "new", "words"), WRONG, ids=[f"{new[:40]}" for _, new, _ in WRONG])
def test_a_careless_file_is_told_where(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        read_trial(_file(tmp_path, (old, new)))
    assert words in str(caught.value).replace(f"{tmp_path}/", "")
