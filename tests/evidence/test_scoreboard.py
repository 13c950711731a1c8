"""The scoreboard: rules on numbers made by hand, findings read strictly, answers, runs that fail,
what is written.
"""

from __future__ import annotations

import dataclasses
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from oxysim.cli.main import main
from oxysim.errors import InputError, UnknownNameError
from oxysim.evidence import read_targets, scoreboard, targets
from oxysim.evidence.board import report, run_protocols, shared_cohorts
from oxysim.evidence.board.answers import (
    EffectKey,
    FigureKey,
    Tables,
    _widened,
    answer,
    decisive_row,
    joint_verdict,
)
from oxysim.evidence.board.assumed_share import PATHS, assumed_share
from oxysim.evidence.board.finding_selection import answering_run, select_findings
from oxysim.evidence.board.protocol_runs import RUNS, path_of
from oxysim.evidence.board.run_row import Run
from oxysim.evidence.board.scoreboard_table import COLUMNS, Scoreboard
from oxysim.evidence.board.shared_cohorts import RunSettings
from oxysim.findings.published import Target
from oxysim.model import registry
from oxysim.population import Population
from oxysim.protocols import PROTOCOLS
from oxysim.trials.reporting.figure_table import figure_row, figure_table
from oxysim.trials.reporting.replicated_effects import paired
from oxysim.trials.reporting.table_of_effects import effect_row, effect_table
from tests.support.own_findings import ROW, written

FAST = ["C12", "C15", "C16", "D1", "F1", "SZ1"]  # a second or two in a quick run


def test_every_finding_is_answered_by_a_run_of_its_protocol() -> None:
    runs = {name: answering_run(target_row)[0] for name, target_row in targets().items()}
    assert [name for name, run in runs.items() if run is None] == []
    for name, run in runs.items():
        assert run is None or run.protocol == targets()[name].protocol, name
    answered = [name for run in RUNS.values() for name in run.answers]
    assert len(set(answered)) == len(answered) == 83, "answered twice"
    assert {run.protocol for run in RUNS.values()} <= set(PROTOCOLS)


def test_every_path_names_parameters_that_exist() -> None:
    for run in RUNS.values():
        assert 0 <= assumed_share(run.path) <= 1, run.name
        for name in run.answers:
            assert set(parameters_on(path_of(name, run))) <= set(parameters_on(run.path)), name
    assert set(PATHS) <= set(targets())
    with pytest.raises(UnknownNameError, match=r"nearest: 'caregiver\.oxytocin'"):
        assumed_share(["caregiver.oxytocine"])


def test_a_path_of_measured_parameters_is_0_and_groups_are_weighed_by_their_size() -> None:
    of_caregiver, of_infant = (
        assumed_share(["caregiver.oxytocin"]),
        assumed_share(["infant.stress"]),
    )
    both = assumed_share(["caregiver.oxytocin", "infant.stress"])
    assert min(of_caregiver, of_infant) <= both <= max(of_caregiver, of_infant)
    assert (
        assumed_share(["caregiver.oxytocin", "caregiver.oxytocin.plasma_half_life"]) == of_caregiver
    )
    assert assumed_share(["caregiver.oxytocin.plasma_half_life"]) == 0
    assert registry.parameters()["caregiver.oxytocin.plasma_half_life"].status == "measured"


def test_own_findings_are_read(tmp_path: Path) -> None:
    finding_read = read_targets(written(tmp_path, ROW))["mine"]
    assert (finding_read.low, finding_read.high, finding_read.n, finding_read.protocol) == (
        3.0,
        5.0,
        6,
        12,
    )
    run, places = answering_run(finding_read)
    assert run is not None and run.name == "intravenous bolus"
    assert places == (FigureKey("plasma half-life after an IV bolus"),)


def test_the_example_of_own_findings_is_answered() -> None:
    example = Path(__file__).parents[2] / "examples" / "own_findings.csv"
    findings = select_findings("own", None, example)
    assert [answering_run(row)[0].name for row in findings.values()] == [
        "single feed",
        "spray kinetics",
    ]  # type: ignore[union-attr]
    # in full: of 10 women about six studies in ten find it, and thirty quick studies may show four
    board = scoreboard(ids=["anticipation"], extra=example, workers=1, progress=False)
    assert board.counts() == {"own": (1, 1)}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"answer": ""}, "expected the row of the protocol's tables that answers it"),
        ({"id": "C12"}, "id: is that of a packaged finding"),
        (
            {"protocol": "14"},
            "run: expected the name of one run of protocol 14; there are: 'caesarean'",
        ),
        (
            {"run": "intravenous bolos"},
            "unknown run of a protocol 'intravenous bolos'; nearest: 'intravenous bolus'",
        ),
        ({"run": "single feed"}, "'single feed' is of protocol 13, not of 12"),
    ],
)
def test_an_own_finding_that_nothing_answers_is_refused(
    tmp_path: Path, change: dict[str, str], message: str
) -> None:
    path = written(tmp_path, {**ROW, "run": "", **change})
    with pytest.raises(InputError) as error:
        select_findings(None, None, path)
    assert message in str(error.value) and str(path) in str(error.value)


# what is answered
def finding(
    rule: str,
    figure: str = "4",
    low: float | None = 3.0,
    high: float | None = 5.0,
    unit: str = "pg/mL",
) -> Target:
    return Target(
        id="T",
        use="own",
        quantity="q",
        figure=figure,
        low=low,
        high=high,
        unit=unit,
        population="p",
        n=None,
        protocol=1,
        rule=rule,
        interval_from="",
        source="s",
        status="seen",
    )


def tables(*rows: dict[str, Any], pool: int = 0) -> Tables:
    effects, figures = (
        [row for row in rows if ("outcome" in row) is is_effect] for is_effect in (True, False)
    )
    return Tables(effect_table(effects), figure_table(figures), {}, (), pool, {}, 0.0)


def figure(values: Any, quantity: str = "q", n: int = 10) -> dict[str, Any]:
    return {**figure_row(values, n=n, quantity=quantity, unit="pg/mL"), "target": "T"}


def effect(
    shift: float, expected: str = "up", outcome: str = "x", spread: float = 1.0
) -> dict[str, Any]:
    noise = spread * np.random.Generator(np.random.Philox(key=4)).standard_normal((40, 30))
    row = effect_row(
        paired(np.zeros_like(noise), noise + shift),
        outcome=outcome,
        contrast="b - a",
        unit="1",
        expected=expected,
    )  # type: ignore[arg-type]
    return {**row, "target": "T"}


def test_a_number_comes_from_the_figures_where_the_protocol_has_them() -> None:
    (row,) = answer(finding("number"), tables(figure([3.9, 4.1]), effect(9.0)))
    assert row.mean == pytest.approx(4.0) and row.standard_error == pytest.approx(0.1)
    assert row.verdict.holds and row.replications == 2


def test_a_number_of_an_effect_is_the_difference_or_the_standardised_one_by_its_unit() -> None:
    tables_left = tables(effect(4.0, spread=2.0))
    (raw,) = answer(finding("number"), tables_left)
    (standardised,) = answer(finding("number", unit="SMD"), tables_left)
    assert raw.mean == pytest.approx(4.0, abs=0.2)
    assert standardised.mean == pytest.approx(2.0, abs=0.2)
    assert raw.standard_error == pytest.approx(tables_left.effects["difference_se"].iloc[0])


def test_every_row_that_is_marked_has_to_hold_and_the_one_that_fails_is_shown() -> None:
    parts = answer(finding("number"), tables(figure([4.0, 4.0]), figure([7.0, 7.0], "other")))
    assert [row.verdict.holds for row in parts] == [True, False]
    assert not joint_verdict(parts).holds and "other: 7 lies above" in joint_verdict(parts).why
    assert decisive_row(parts).mean == 7.0


@pytest.mark.parametrize(
    ("figure_", "shift", "holds"),
    [("up", 2.0, True), ("down", 2.0, False), ("down", -2.0, True), ("up", 0.0, False)],
)
def test_a_sign_is_that_of_the_finding_whatever_the_table_expected(
    figure_: str, shift: float, holds: bool
) -> None:
    (row,) = answer(
        finding("sign", figure_, None, None, "sign"), tables(effect(shift, "prediction"))
    )
    assert row.verdict.holds is holds


def test_a_sign_in_words_needs_rows_that_say_what_they_expect() -> None:
    words = finding("sign", "stays", None, None, "sign")
    tables_left = tables(effect(2.0, "prediction"), effect(0.0, "prediction", "y"))
    with pytest.raises(
        InputError, match="figure: expected 'up' or 'down'; 'x, b - a' makes no claim"
    ):
        answer(words, tables_left)
    parts = answer(
        words, tables_left, [EffectKey("x", "b - a", "up"), EffectKey("y", "b - a", "none")]
    )
    assert [row.verdict.holds for row in parts] == [True, True]


def test_thirds_are_found_by_the_outcome() -> None:
    both = finding("up / none", "up / none", None, None, "sign")
    top, bottom = (
        effect(2.0, outcome="mothers, top third of a"),
        effect(0.0, "none", "mothers, bottom third of a"),
    )
    unrelated = effect(5.0, "none", "mothers, change by b")
    assert joint_verdict(answer(both, tables(top, bottom, unrelated))).holds
    assert not joint_verdict(
        answer(both, tables(bottom | {"outcome": "top third"}, bottom, unrelated))
    ).holds
    with pytest.raises(InputError, match="expected one row of the bottom third; found 0"):
        answer(both, tables(top, unrelated))


def test_likeness_is_shown_by_the_row_of_likeness_and_judged_with_the_signs_beside_it() -> None:
    likeness = finding("similar", "similar", -0.3, 0.3, "SD")
    good = tables(effect(2.0, "up"), effect(0.0, "similar", "both"))
    assert (
        joint_verdict(answer(likeness, good)).holds
        and decisive_row(answer(likeness, good)).label == "both, b - a"
    )
    assert not joint_verdict(
        answer(likeness, tables(effect(0.0, "up"), effect(0.0, "similar", "both")))
    ).holds


def test_a_count_is_within_the_central_80_percent() -> None:
    values = np.repeat(np.arange(10.0), 10)
    for published, holds in (("0 of 9", False), ("1 of 9", True), ("8", True), ("9 of 9", False)):
        (row,) = answer(finding("count", published, None, None, "count"), tables(figure(values)))
        assert row.verdict.holds is holds, published


def test_rows_that_are_not_there_are_named() -> None:
    tables_left = tables(figure([4.0, 4.0]), effect(1.0))
    with pytest.raises(UnknownNameError, match="unknown quantity 'Q'.*nearest: 'q'"):
        answer(finding("number"), tables_left, [FigureKey("Q")])
    with pytest.raises(
        UnknownNameError, match="unknown contrast 'a - b' of outcome 'x'; nearest: 'b - a'"
    ):
        answer(finding("number"), tables_left, [EffectKey("x", "a - b")])
    with pytest.raises(InputError, match="no row marked T"):
        answer(finding("number"), tables())
    with pytest.raises(InputError, match="needs a row of effects; found a figure, 'q'"):
        answer(finding("null", "none", -1.0, 1.0), tables_left, [FigureKey("q")])
    with pytest.raises(InputError, match="needs a row of figures; found an effect"):
        answer(finding("count", "3"), tables_left, [EffectKey("x", "b - a")])


# end to end
@pytest.fixture(scope="module")
def board() -> Scoreboard:
    return scoreboard(quick=True, ids=[*FAST, "S1"], workers=1, progress=False)


def test_a_quick_scoreboard_end_to_end(board: Scoreboard) -> None:
    assert list(board.table.columns) == list(COLUMNS)
    assert sorted(board.table["id"]) == sorted([*FAST, "S1"])
    ran = board.table[board.table["use"] != "survey"]
    assert (
        set(ran["holds"]) <= {"yes", "no"}
        and ran["simulated"].notna().all()
        and ran["why"].str.len().gt(0).all()
    )
    assert ran["holds"].eq("yes").sum() >= 5, board.text()
    assert board.table["parameter_set"].nunique() == 1
    assert Population.named().fingerprint in board.header["parameter set"]
    for name, row in ran.set_index("id").iterrows():
        assert row["published"] == targets()[str(name)].figure


def test_rows_of_the_survey_are_listed_when_its_file_is_not_given(board: Scoreboard) -> None:
    row = board.table.set_index("id").loc["S1"]
    assert row["holds"] == "not run" and "give --survey PATH" in row["why"]
    assert board.counts()["survey"] == (0, 1)


def test_blocks_have_counts_and_no_total(board: Scoreboard) -> None:
    written_ = board.text()
    for use, (good, rows) in board.counts().items():
        assert f"{report.BLOCKS[use]}: {good} of {rows} hold" in written_
    together = sum(good for good, _ in board.counts().values()), len(board.table)
    assert f"{together[0]} of {together[1]}" not in written_
    assert "of all" not in written_ and "total" not in written_.lower()


@pytest.mark.long
def test_the_same_in_processes_and_in_another_order(board: Scoreboard) -> None:
    again = scoreboard(quick=True, ids=["F1", "C12", "C15"], workers=2, progress=False)
    first = board.table.set_index("id").loc[again.table["id"]]
    pd.testing.assert_frame_equal(first, again.table.set_index("id"))


def test_another_seed_gives_other_numbers() -> None:
    first, second = (
        scoreboard(quick=True, ids=["C12"], seed=seed, workers=1, progress=False).table
        for seed in (0, 1)
    )
    assert first["simulated"].iloc[0] != second["simulated"].iloc[0]


def test_a_population_of_ones_own_is_named_and_answers(board: Scoreboard) -> None:
    slow = Population.named().with_values({"caregiver.oxytocin.plasma_half_life": 9.0})
    found = scoreboard(
        quick=True, ids=["C12"], population=slow, workers=1, progress=False
    ).table.iloc[0]
    before = board.table.set_index("id").loc["C12"]
    assert found["simulated"] > 1.5 * before["simulated"] and found["holds"] == "no"
    assert found["parameter_set"] != before["parameter_set"]


def test_own_findings_are_run_beside_the_packaged_ones(tmp_path: Path) -> None:
    board = scoreboard(
        quick=True, ids=["mine", "C12"], extra=written(tmp_path, ROW), workers=1, progress=False
    )  # fmt: skip
    rows = board.table.set_index("id")
    assert rows.loc["mine", "simulated"] == rows.loc["C12", "simulated"]
    assert board.counts() == {"input": (1, 1), "own": (1, 1)}
    # refused, not left as not run
    wrong = written(tmp_path, ROW, {**ROW, "id": "wrong", "answer": "plasma half-life"})
    with pytest.raises(InputError, match="row 'wrong': unknown quantity 'plasma half-life'"):
        scoreboard(quick=True, ids=["mine", "C12"], extra=wrong, workers=1, progress=False)


def test_a_run_that_fails_leaves_its_reason_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(_: object) -> Any:
        raise InputError("the pool holds nobody")

    replaced = {
        **RUNS,
        "intravenous bolus": dataclasses.replace(RUNS["intravenous bolus"], execute=broken),
    }
    monkeypatch.setattr(run_protocols, "run_named", replaced.__getitem__)
    board = scoreboard(
        quick=True, ids=["C12", "C15", "C16"], workers=1, progress=False
    ).table.set_index("id")
    assert board["holds"].to_dict() == {"C12": "not run", "C15": "not run", "C16": "yes"}
    assert board.loc["C12", "why"] == "protocol 12 failed: the pool holds nobody"
    assert math.isnan(board.loc["C12", "simulated"])


def test_runs_that_share_a_cohort_go_together_and_the_costliest_begin_first() -> None:
    def run(name: str, cost: float, together: str = "") -> Run:
        return Run(name, 8, RUNS["birth cohort"].execute, {}, (), together=together, cost=cost)

    runs = [run("a", 3), run("b", 2, "c"), run("d", 4, "c"), run("e", 5), run("f", 7, "g")]
    assert run_protocols._tasks(runs, quick=False) == [["f"], ["b", "d"], ["e"], ["a"]]
    assert run_protocols._tasks(runs, quick=True) == [["b", "d", "f"], ["e"], ["a"]]


@pytest.mark.parametrize(
    ("given_", "message"),
    [
        ({"ids": ["C7"]}, "unknown published finding 'C7'; nearest"),
        ({"ids": "C7a"}, "ids: expected a list of ids"),
        ({"use": "fitted"}, "unknown use 'fitted'; nearest: 'fit'"),
        ({"use": "input", "ids": ["C7a"]}, "no finding is of the use input and among the ids"),
        ({"ids": []}, "among the ids"),
        ({"seed": -1}, "seed: expected an integer"),
        ({"workers": 0}, "workers: expected a whole number"),
        ({"survey": "nowhere.csv"}, "survey: expected the survey's CSV file"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_runs(
    given_: dict[str, Any], message: str
) -> None:
    with pytest.raises((InputError, UnknownNameError), match=message):
        scoreboard(quick=True, **given_)


# on paper
def test_csv_carries_the_header_and_every_row(board: Scoreboard, tmp_path: Path) -> None:
    board.to_csv(tmp_path / "board.csv")
    lines = (tmp_path / "board.csv").read_text(encoding="utf-8").splitlines()
    assert any(line.startswith("# parameter set: ") for line in lines)
    table = pd.read_csv(tmp_path / "board.csv", comment="#")
    assert table["id"].tolist() == board.table["id"].tolist()
    np.testing.assert_allclose(table["simulated"], board.table["simulated"].astype(float))


def test_the_page_says_what_fails_and_why_and_has_no_date(board: Scoreboard) -> None:
    page = board.markdown()
    rows = [line for line in page.splitlines() if line.startswith("| ")]
    assert len({line.count("|") - line.count("\\|") for line in rows}) == 1, (
        "rows of different lengths"
    )
    assert (
        "## What fails and why" in page and "**S1** (survey;" in page.partition("## What fails")[2]
    )
    assert board.header["parameter set"] in page
    assert "### Intravenous bolus" in page and "2 IU into a vein" in page
    assert not re.search(r"\b20\d\d-\d\d-\d\d\b", page)


def test_notes_explain_findings_that_exist() -> None:
    assert set(report.notes()) <= set(targets())
    assert all(note.strip() for note in report.notes().values())


def test_the_command_writes_what_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = {
        option: tmp_path / f"board.{end}"
        for option, end in (("csv", "csv"), ("figure", "png"), ("docs", "md"))
    }
    options = [
        argument for option, path in names.items() for argument in (f"--{option}", str(path))
    ]
    assert main(["evidence", "--quick", "--ids", "C12,C15", "--workers", "1", *options]) == 0
    shown_ = capsys.readouterr().out
    assert "Set a parameter (input): 2 of 2 hold" in shown_
    assert names["figure"].read_bytes().startswith(b"\x89PNG")
    assert names["csv"].stat().st_size and "# Scoreboard" in names["docs"].read_text(
        encoding="utf-8"
    )
    assert main(["evidence", "--quick", "--ids", "C12", "--quiet", "--workers", "1"]) == 0
    assert capsys.readouterr().out == ""


def test_the_command_ends_with_3_and_says_why_where_a_finding_was_not_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: Any) -> None:
        raise InputError("nobody came")

    monkeypatch.setattr("oxysim.evidence.board.run_protocols._run", fail)
    assert main(["evidence", "--quick", "--ids", "C12", "--workers", "1", "--quiet"]) == 3
    output = capsys.readouterr().err
    assert (
        "1 of 1 findings were not run:" in output
        and "C12: protocol 12 failed: nobody came" in output
    )


def test_a_row_that_nothing_can_answer_is_refused_before_anything_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        "oxysim.evidence.board.run_protocols._run", lambda *_: pytest.fail("a run started")
    )
    path = written(tmp_path, {**ROW, "answer": "nothing"})
    assert (
        main(
            [
                "evidence",
                "--quick",
                "--add",
                str(path),
                "--ids",
                "mine,C12",
                "--workers",
                "1",
                "--quiet",
            ]
        )
        == 2
    )
    assert "unknown quantity 'nothing'" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--ids", "C7"], "unknown published finding 'C7'"),
        (["--ids", "C7a,,C7b"], "--ids: expected ids separated by commas"),
        (["--figure", "board.gif"], "--figure board.gif: expected a name that ends in .png"),
        (["--csv", "no/where/board.csv"], "--csv no/where/board.csv: expected an existing folder"),
        (["--population", "comunity"], "nearest: 'community'"),
        (["--add", "no.csv"], "no.csv: expected a CSV file of findings"),
    ],
)
def test_the_command_refuses_before_anything_runs(
    options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evidence", "--quick", *options]) == 2
    assert message in capsys.readouterr().err


def test_the_figure_has_a_panel_a_block_and_tells_what_holds(board: Scoreboard) -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from oxysim.plots.evidence.scoreboard_figure import scoreboard as draw

    fig = draw(board)
    titles = [ax.get_title(loc="left") for ax in fig.axes]
    assert len(titles) == len(board.counts())
    for title, (good, rows) in zip(titles, board.counts().values(), strict=True):
        assert f"{good} of {rows} hold" in title
    labels = [label.get_text() for ax in fig.axes for label in ax.get_yticklabels()]
    assert [label.split()[0] for label in labels] == board.table["id"].tolist()
    with pytest.raises(InputError, match="expected at least one finding"):
        draw(board.table.iloc[:0])
    with pytest.raises(InputError, match="missing columns: holds"):
        draw(board.table.drop(columns="holds"))


@pytest.mark.long
def test_rows_that_runs_name_are_in_their_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    # findings of use "check" are among them: what is simulated is neither shown nor held against
    # anything
    monkeypatch.setattr(shared_cohorts, "QUICK", 120)
    shared = shared_cohorts.SharedCohorts(RunSettings(Population.named(), seed=3, quick=True))
    missing = []
    for run in RUNS.values():
        if any(run.answers.values()):
            study = run.execute(shared)
            for name, places in run.answers.items():
                for key in places:
                    table = study.effects if isinstance(key, EffectKey) else study.figures
                    rows = table[(table[list(key._fields[:2])] == list(key[:2])).all(axis=1)]
                    if (
                        len(rows) != 1
                        or not np.isfinite(
                            rows["dz" if isinstance(key, EffectKey) else "simulated"]
                        ).all()
                    ):
                        missing.append(name)
    assert not missing


@pytest.mark.long
def test_a_quick_scoreboard_of_every_block_but_the_check_runs_through() -> None:
    board = scoreboard(quick=True, use=["input", "fit", "built_in"], progress=False)
    assert board.table["holds"].isin(["yes", "no"]).all(), board.text()
    # each finding of these uses has its row
    uses = [finding.use for finding in targets().values()]
    assert {use: rows for use, (_, rows) in board.counts().items()} == {
        use: uses.count(use) for use in ("input", "fit", "built_in")
    }


def parameters_on(path: tuple[str, ...]) -> list[str]:
    rows = registry.parameters()
    return [
        name for name in rows for entry in path if name == entry or name.rpartition(".")[0] == entry
    ]


def test_more_participants_than_the_pool_has_are_the_whole_pool() -> None:
    assert (
        _widened(568, 50, 101)
        == _widened(101, 50, 101)
        == pytest.approx(((1 + 100 * 49 / 101) * 101) ** 0.5)
    )
