"""The scoreboard over an ensemble: members, medians and scores made by hand, a run that is ended,
and what is refused.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from oxysim.cli.main import main
from oxysim.ensembles import Ensemble, PriorTable
from oxysim.errors import InputError
from oxysim.evidence import EnsembleScoreboard, ensemble_scoreboard
from oxysim.evidence.board.shared_cohorts import RunSettings
from oxysim.evidence.ensemble_board import kept_answers
from oxysim.evidence.ensemble_board.chosen_members import chosen_evenly
from oxysim.evidence.ensemble_board.ensemble_scoreboard import COLUMNS
from oxysim.evidence.ensemble_board.forecast_scores import (
    brier,
    crps,
    forecast_table,
    mixture_interval,
    published_number,
    skill,
)
from oxysim.evidence.ensemble_board.kept_answers import (
    KeptAnswers,
    add_answers,
    read_answers,
    settings_key,
)
from oxysim.evidence.ensemble_board.members_over_findings import over_members
from oxysim.evidence.population_answers import FindingAnswer, PopulationTask, asked_findings
from oxysim.findings.answer_rules import AnswerPart
from oxysim.findings.published import Target, target
from oxysim.interventions.daily_life import ordinary_life
from oxysim.population import Population

EQUAL = np.full(5, 0.2)


def made_up(rule: str = "number", figure: str = "4", *, name: str = "X1", **fields: Any) -> Target:
    """A finding that nobody published, of use `check`."""
    values = {
        "id": name, "use": "check", "quantity": "q", "figure": figure, "low": 3.0, "high": 5.0,
        "unit": "pg/mL", "population": "p", "n": None, "protocol": 12, "rule": rule,
        "interval_from": "assumed", "source": "nobody", "status": "made up",
    }  # fmt: skip
    return Target(**(values | fields))


def answers(*values: float, error: float = 0.01, **fields: Any) -> list[FindingAnswer]:
    """A member's answer each."""
    part = AnswerPart("row", "mean", "", False, 0.0, error, 0.0, 9.0, 6, 50)
    return [FindingAnswer((part._replace(mean=value, **fields),)) for value in values]


# which members
def test_members_are_chosen_evenly_by_weight_and_each_structure_by_its_share() -> None:
    weights = np.array([0.4] + [0.1] * 4 + [0.05] * 4)
    chosen = chosen_evenly(weights, 5)
    assert chosen.weights.sum() == pytest.approx(1.0)
    # the first weighs two steps of a fifth
    assert chosen.numbers[0] == 0 and chosen.weights[0] == pytest.approx(0.4)
    # parts of the whole are met within one step
    assert abs(chosen.weights[chosen.numbers >= 5].sum() - 0.2) <= 0.2
    everybody = chosen_evenly(weights, 20)
    assert everybody.numbers.tolist() == list(range(9))
    assert everybody.weights.tolist() == weights.tolist()


# over members
def test_the_median_is_judged_with_its_own_error_and_members_as_if_known() -> None:
    over = over_members(made_up(), answers(3.5, 3.9, 4.0, 4.1, 5.6), EQUAL)
    assert over.prediction is not None
    assert over.prediction.median == pytest.approx(4.0, abs=0.01)
    assert over.share_holding == pytest.approx(0.8)
    # the spread of five members leaves their median known too badly for a rule of a tenth
    assert "Monte Carlo standard error" in over.verdict.why and not over.verdict.holds
    many = over_members(made_up(), answers(*[3.5, 3.9, 4.0, 4.1, 5.6] * 20), np.full(100, 0.01))
    assert many.verdict.holds


def test_the_spread_of_the_draws_is_no_spread_between_populations() -> None:
    draw = np.random.default_rng(4)
    values = 4.0 + draw.standard_normal(200)
    over = over_members(made_up(), answers(*values, error=1.0), np.full(200, 1 / 200))
    assert over.prediction is not None
    low, high = over.prediction.interval
    # all of it is noise: the interval between populations is far narrower than 3.3 deviations
    assert high - low < 1.0
    assert over.share_holding > 0.95 and over.verdict.holds


def test_a_sign_is_judged_by_the_members_median_of_what_its_rule_reads() -> None:
    sign = made_up("sign", "up", low=None, high=None, unit="sign")
    shares = {"expected": "up", "is_effect": True, "statistic": "dz or d", "share_up": 0.95}
    strong = answers(0.5, 0.6, 0.7, share_significant=0.8, **shares)
    weak = answers(0.1, 0.1, share_significant=0.1, **shares)
    over = over_members(sign, [*strong, *weak], EQUAL)
    assert over.verdict.holds and over.share_holding == pytest.approx(0.6)
    # three show it in 80 % of studies, two in 10 %
    assert over.share_of_studies == pytest.approx((3 * 0.8 + 2 * 0.1) / 5)


def test_members_that_cannot_answer_are_left_out_and_counted() -> None:
    silent = FindingAnswer((), "group 'PND' has too few members", 3)
    over = over_members(made_up(), [*answers(4.0, 4.0, 4.0, 4.0), silent], EQUAL)
    assert (over.answering, over.lost, over.share_holding) == (4, 3, 1.0)
    nobody = over_members(made_up(), [silent] * 5, EQUAL)
    assert nobody.prediction is None and "too few members" in nobody.verdict.why


def test_one_study_alone_has_no_error_and_takes_that_of_the_others() -> None:
    members = [*answers(4.0, 4.2, 3.8, 4.1), *answers(3.9, error=math.nan)]
    over = over_members(made_up(), members, EQUAL)
    assert over.prediction is not None
    assert over.prediction.monte_carlo == pytest.approx(0.01)


# scores
@pytest.mark.parametrize("error", [0.5, 2.0])
@pytest.mark.parametrize("observed", [-3.0, 0.2, 6.0])
def test_crps_is_the_integral_of_its_definition(error: float, observed: float) -> None:
    values, weights = np.array([-1.0, 0.5, 4.0]), np.array([0.2, 0.5, 0.3])

    def squared(x: float) -> float:
        below = float(weights @ norm.cdf((x - values) / error))
        return (below - float(x >= observed)) ** 2

    parts = [quad(squared, *ends, limit=200)[0] for ends in ((-40, observed), (observed, 40))]
    assert crps(values, weights, error, observed) == pytest.approx(sum(parts), rel=1e-6)


def test_crps_of_members_alone_is_that_of_a_finite_ensemble() -> None:
    """|x - y| on average, less half of the mean distance of two members (Gneiting & Raftery)."""
    draw = np.random.default_rng(1)
    values, weights = draw.normal(size=30), np.full(30, 1 / 30)
    apart = np.abs(np.subtract.outer(values, values)).mean() / 2
    expected = np.abs(values - 0.7).mean() - apart
    assert crps(values, weights, 0.0, 0.7) == pytest.approx(expected)


def test_crps_is_least_on_average_for_the_truth() -> None:
    """Proper: a forecast that is too wide, too narrow or beside the truth scores worse."""
    # evenly spread over a standard normal distribution, in place of draws
    found = norm.ppf((np.arange(200) + 0.5) / 200)

    def mean_score(centre: float, spread: float) -> float:
        return float(np.mean([crps(np.array([centre]), np.ones(1), spread, y) for y in found]))

    truth = mean_score(0.0, 1.0)
    assert truth < min(mean_score(0.0, 2.0), mean_score(0.0, 0.4), mean_score(0.8, 1.0))


def test_intervals_of_a_mixture_cover_what_they_say() -> None:
    draw = np.random.default_rng(8)
    values, weights = np.array([0.0, 3.0]), np.array([0.75, 0.25])
    low, high = mixture_interval(values, weights, 0.5)
    found = draw.choice(values, size=40_000, p=weights) + 0.5 * draw.standard_normal(40_000)
    assert np.mean(found < low) == pytest.approx(0.05, abs=0.005)
    assert np.mean(found > high) == pytest.approx(0.05, abs=0.005)


def test_a_published_number_is_its_figure_or_the_middle_of_its_interval() -> None:
    assert published_number(made_up(figure="3.6")) == pytest.approx((3.6, 1 / 1.96))
    assert published_number(made_up(figure="positive")) == pytest.approx((4.0, 1 / 1.96))
    null = made_up("null", "none", low=-0.3, high=0.3, unit="d")
    assert published_number(null) == pytest.approx((0.0, 0.3 / 1.96))
    assert published_number(made_up("sign", "up", low=None, high=None)) is None


def test_forecasts_are_scored_against_the_naive_one() -> None:
    number, sign = made_up(), made_up("sign", "up", name="X2", low=None, high=None)
    way = {"expected": "up", "is_effect": True, "share_up": 0.9}
    members = {
        "X1": over_members(number, answers(3.8, 3.9, 4.0, 4.1, 4.2), EQUAL),
        "X2": over_members(sign, answers(*EQUAL, share_significant=0.9, **way), EQUAL),
    }
    naive = {
        "X1": over_members(number, answers(0.0, 2.0, 5.0, 8.0, 11.0), EQUAL),
        "X2": over_members(sign, answers(*EQUAL, share_significant=0.5, **way), EQUAL),
    }
    table = forecast_table({"X1": number, "X2": sign}, members, naive).set_index("id")
    assert table["score"].tolist() == ["CRPS", "Brier"]
    assert table.loc["X1", "covers"] == "yes" and table.loc["X1", "skill"] > 0.5
    assert table.loc["X2", "of_members"] == pytest.approx(brier(0.9, happened=True))
    assert table.loc["X2", "skill"] == pytest.approx(1 - 0.01 / 0.25)
    assert math.isnan(skill(0.1, 0.0))
    far = forecast_table(
        {"X1": number}, {"X1": over_members(number, answers(*[9.0] * 5), EQUAL)}, naive
    )
    assert far["covers"].tolist() == ["no"]


# what is kept
def test_ended_work_goes_on_and_half_a_line_is_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "members.jsonl"
    asked: list[tuple[str, ...]] = []

    def answered(tasks: list[PopulationTask], workers: int) -> Any:
        for task in tasks:
            asked.append(tuple(finding.id for finding in task.findings))
            if len(asked) == 3:
                raise KeyboardInterrupt
            found = answers(1.0, share_up=math.nan)[0]
            yield task.key, {finding.id: found for finding in task.findings}

    monkeypatch.setattr(kept_answers, "asked_populations", answered)
    people = Population.named("community")
    settings = [RunSettings(people, seed) for seed in range(4)]
    findings = {"C12": target("C12"), "C15": target("C15")}
    with pytest.raises(KeyboardInterrupt):
        KeptAnswers(file, 1, False).of(settings, findings, "members")
    # work that was killed while it wrote
    with file.open("a") as text:
        text.write('{"key": "half')
    kept = KeptAnswers(file, 1, False).of(settings, findings, "members")
    assert [sorted(answer) for answer in kept] == [["C12", "C15"]] * 4
    assert len(asked) == 3 + 2 and len(read_answers(file)) == 4
    # another finding is asked alone, and what is missing in an answer is missing when it is read
    KeptAnswers(file, 1, False).of(settings[:1], findings | {"C16": target("C16")}, "members")
    assert asked[-1] == ("C16",)
    read = read_answers(file)[settings_key(settings[0])]
    assert sorted(read) == ["C12", "C15", "C16"]
    assert math.isnan(read["C12"].parts[0].share_up)


def test_a_key_holds_for_one_population_one_day_and_one_set_of_sizes() -> None:
    people = Population.named("community")
    first = RunSettings(people, 1)
    others = [
        RunSettings(people, 2),
        RunSettings(people, 1, quick=True),
        RunSettings(people, 1, small_cohort=900),
        RunSettings(people, 1, cut=("bond -> depression",)),
        RunSettings(people.replace(correlations=()), 1),
    ]
    keys = {settings_key(settings) for settings in (first, *others)}
    assert len(keys) == 6 and settings_key(RunSettings(people, 1)) == settings_key(first)


@pytest.mark.parametrize("line", ["{}", "[1]", '{"key": "a", "answers": {"C12": [[[1]], "", 0]}}'])
def test_a_file_of_other_things_is_refused(tmp_path: Path, line: str) -> None:
    file = tmp_path / "members.jsonl"
    file.write_text(line + "\n")
    with pytest.raises(InputError, match=r"members\.jsonl:1: expected a population's key"):
        read_answers(file)
    add_answers(tmp_path / "other.jsonl", "a", {"C12": answers(1.0)[0]})
    assert list(read_answers(tmp_path / "other.jsonl")) == ["a"]


# check rows, and other choices
def test_findings_of_use_check_are_asked_on_request_alone() -> None:
    usual = asked_findings(None, None, score_check=False)
    assert {finding.use for finding in usual.values()} == {"input", "fit", "built_in"}
    with_check = asked_findings(None, None, score_check=True)
    assert {finding.use for finding in with_check.values()} - {"check"} == {
        "input", "fit", "built_in"
    }  # fmt: skip
    for choice in ({"use": "check", "ids": None}, {"use": None, "ids": ["C12", "H10a"]}):
        with pytest.raises(InputError, match="may be looked at once only"):
            asked_findings(**choice, score_check=False)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="the survey has a population of its own"):
        asked_findings(["survey"], None, score_check=True)


def test_members_have_their_own_daily_life_and_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[RunSettings] = []

    def answered(tasks: list[PopulationTask], workers: int) -> Any:
        for task in tasks:
            seen.append(task.settings)
            yield task.key, {finding.id: answers(4.0)[0] for finding in task.findings}

    monkeypatch.setattr(kept_answers, "asked_populations", answered)
    prior = Ensemble.from_priors(PriorTable.named("community"), 8, seed=1)
    board = ensemble_scoreboard(prior, members=4, ids=["C12", "VA2"], workers=1, progress=False)
    assert len({settings.seed for settings in seen}) == 4
    # no day is given, so that the cohorts' days have each member's own memories of moods
    assert {settings.day for settings in seen} == {None}
    days = [settings.population.schedules(ordinary_life(), [0], seed=1) for settings in seen]
    lasting = [day.noise.mood_time for day in days]  # type: ignore[union-attr]
    expected = [1440 * settings.population.daily_life["mood_time"] for settings in seen]
    assert lasting == pytest.approx(expected) and len(set(lasting)) == 4
    table = board.table.set_index("id")
    assert table["holds"].tolist() == ["yes", "no"] and table["members"].tolist() == [4, 4]
    assert table.loc["VA2", "trait_or_edge"] and not table.loc["C12", "trait_or_edge"]
    assert board.mostly_failing["id"].tolist() == ["VA2"]
    assert len(board.scores) == 0
    # a sentence, or a line that says that there is none yet
    assert "(no sentence yet" in board.markdown() and "- **VA2** (fit;" in board.markdown()


def test_a_board_says_what_it_is_in_text_page_and_file(tmp_path: Path) -> None:
    row = dict.fromkeys(COLUMNS, "x") | {
        "id": "X1", "use": "own", "low": 3.0, "high": 5.0, "median": 4.0, "median_error": 0.1,
        "interval_low": 3.5, "interval_high": 4.5, "monte_carlo": 0.05, "holds": "yes",
        "share_holding": 0.875, "members": 8, "lost": 0, "trait_or_edge": "edge",
    }  # fmt: skip
    scores = pd.DataFrame(
        [
            {"id": "X1", "score": "CRPS", "published": 4.0, "median": 4.1, "low": 3.0, "high": 5.0,
            "covers": "yes", "of_members": 0.2, "of_priors": 0.8, "skill": 0.75}
        ]
    )  # fmt: skip
    board = EnsembleScoreboard(pd.DataFrame([row]), scores, {"seed": "0"})
    for words in (board.text(), board.markdown()):
        assert "the median holds in 1 of 1" in words
        assert "3.50 to 4.50" in words and "88%" in words and "edge" in words
        assert "90 % intervals cover 1 of 1 published numbers" in words
        assert "(mean share of the score saved: 75%)" in words
    board.to_csv(tmp_path / "board.csv")
    assert pd.read_csv(tmp_path / "board.csv", comment="#")["share_holding"].tolist() == [0.875]


def test_options_of_one_board_say_nothing_of_the_other(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for options, message in (
        (["--members", "3"], "--members: it says nothing without --ensemble"),
        (["--check"], "--check: it says nothing without --ensemble"),
        (["--ensemble", "x.toml", "--quick"], "--quick: it says nothing with --ensemble"),
        (["--ensemble", "nobody"], "unknown ensemble 'nobody'"),
    ):
        assert main(["evidence", *options]) != 0
        assert message in capsys.readouterr().err
