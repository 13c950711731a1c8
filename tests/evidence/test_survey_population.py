"""Simulated mothers answer a survey in every age class, are fitted on one half of it, scored and
drawn on the other.
"""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest

from oxysim import units
from oxysim.cohorts.follow_up import follow
from oxysim.ensembles import Ensemble
from oxysim.errors import InputError
from oxysim.evidence.surveys.distance import compare_survey
from oxysim.evidence.surveys.simulated_respondents import (
    respondents_of,
    simulate_respondents,
)
from oxysim.evidence.surveys.survey_data import (
    AGE,
    CLASSES,
    ITEMS,
    TOTAL,
    WHOLE,
    Survey,
    read_survey,
)
from oxysim.evidence.surveys.survey_priors import (
    RespondentRows,
    mean_label,
    survey_population,
    survey_priors,
    variation,
    variation_label,
)
from oxysim.evidence.surveys.survey_score import FIT, held_half, score_survey
from oxysim.plots.evidence.survey_figure import survey_panels
from oxysim.population import Population
from tests.support.made_up_survey import SIZES, forms, simulated

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "forms.csv"
    forms(SIZES).to_csv(path, index=False)
    return path


@pytest.fixture
def survey(path: Path) -> Survey:
    return read_survey(path)


# --------------------------------------------------------------------------------------
# simulated forms
def test_a_mother_answers_the_same_whoever_else_is_asked() -> None:
    community = Population.named("community")
    many, some = (
        simulate_respondents(community, 7, seed=4),
        simulate_respondents(community, 3, seed=4, first=2),
    )
    assert (
        many.population == "community"
        and many.fingerprint == community.fingerprint
        and many.lost == 0
    )
    for name in CLASSES:
        assert np.array_equal(many.totals[name][2:5], some.totals[name])
        assert ((many.totals[name] >= 0) & (many.totals[name] % 1 == 0)).all()
    assert not np.array_equal(
        many.totals["3-6"], simulate_respondents(community, 7, seed=5).totals["3-6"]
    )


def test_each_mother_is_read_inside_the_class_at_an_age_of_her_own() -> None:
    """On a course that counts the months, the reading tells the age: as many old as young, none
    outside the class.
    """
    cohort = follow(Population.named("community"), 24, until="12 months", seed=2)
    months = cohort.times / units.MONTH
    dated = replace(cohort, values={**cohort.values, "mother.epds": np.tile(2 * months, (24, 1))})
    ages = [_expected(dated, name) for name in CLASSES]
    for (low, high), age_class in zip(CLASSES.values(), ages, strict=True):
        assert low <= age_class.min() < low + 0.8 and high - 0.8 < age_class.max() <= high
        # a line between two weeks is no reading of a course
        possible = 2 * months[(months >= low) & (months <= high)]
        assert np.isin(age_class, possible / 2).all() and len(set(age_class)) > len(possible) / 2
        assert age_class.mean() == pytest.approx((low + high) / 2, abs=0.5)  # SD of the mean 0.18
    assert abs(np.corrcoef(ages[0], ages[1])[0, 1]) < 0.6


def _expected(cohort: Any, age_class: str) -> Any:
    """Ages of reading, from forms without noise and rounding on a course of two points a month."""
    from oxysim.evidence.surveys import simulated_respondents as module

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "read", lambda _, values, *rest: _Column(values))
        return respondents_of(cohort).totals[age_class] / 2


class _Column:
    def __init__(self, values: Any) -> None:
        self.values = np.asarray(values)[:, None]


def test_a_cohort_that_ends_early_or_failed_is_refused() -> None:
    young = follow(Population.named("community"), 2, until="2 months", seed=2)
    with pytest.raises(
        InputError,
        match=r"one age that was followed from 3 to 12 months; it was followed from 0\.0 to 2\.0",
    ):
        respondents_of(young)
    lost = {number: "no step was small enough" for number in young.who.numbers}
    with pytest.raises(
        InputError, match="none of 2 simulated mothers came through; the first: no step"
    ):
        respondents_of(replace(young, reasons=lost))


# --------------------------------------------------------------------------------------
# what an ensemble is conditioned on
def test_figures_are_those_of_the_half_inside_their_intervals(survey: Survey) -> None:
    table = survey_priors(survey, half_seed=5)
    half, _ = survey.halves(5)
    rows = {row.finding: row for row in table.rows}
    assert list(rows) == [
        label(name) for name in CLASSES for label in (mean_label, variation_label)
    ]
    for name in CLASSES:
        totals = half.forms.loc[half.forms[AGE] == name, TOTAL].to_numpy(dtype=float)
        mean, spread = rows[mean_label(name)], rows[variation_label(name)]
        assert (mean.low or 0) < totals.mean() < (mean.high or 0)
        # 95 % of a mean of independent forms, which resampling strays from by a few percent
        width = 2 * 1.96 * totals.std(ddof=1) / np.sqrt(len(totals))
        assert (mean.high or 0) - (mean.low or 0) == pytest.approx(width, rel=0.12)
        assert (spread.low or 0) < totals.std(ddof=1) / totals.mean() < (spread.high or 0)
    few = Survey(forms({"3-6": 12}), "made up", "")
    with pytest.raises(InputError, match="made up, first half, seed 5: forms at 3-6 months"):
        survey_priors(few, half_seed=5)


def test_mean_and_variation_of_a_gamma_distribution_are_independent() -> None:
    """Why these two figures (Hwang & Hu 1999); mean and standard deviation are not."""
    samples = np.random.default_rng(2).gamma(1.5, 4.0, size=(20_000, 70))
    means = samples.mean(axis=1)
    assert abs(np.corrcoef(means, variation(samples))[0, 1]) < 0.03
    assert np.corrcoef(means, samples.std(axis=1, ddof=1))[0, 1] > 0.5


def test_nothing_of_the_held_half_is_read(tmp_path: Path) -> None:
    """With every form of the held half at 30 points the figures are the same; with one of the other
    half they are not.
    """
    survey = _written(tmp_path / "made_up.csv", 60)
    table = survey.forms.assign(participant=survey.forms["participant"].astype(str))

    def rows_of(changed: list[str]) -> Any:
        other = table.copy()
        other.loc[other["participant"].isin(changed), [*ITEMS, TOTAL]] = [3] * 10 + [30]
        other.to_csv(tmp_path / "other.csv", index=False)
        return survey_priors(read_survey(tmp_path / "other.csv"), half_seed=5).rows

    first, second = (half.forms["participant"].tolist() for half in survey.halves(5))
    assert rows_of([]) == rows_of(second) != rows_of(first[:1])


def _written(path: Path, n: int) -> Survey:
    forms({name: n for name in CLASSES}).to_csv(path, index=False)
    return read_survey(path)


def test_a_candidate_answers_as_its_mothers_do() -> None:
    community = Population.named("community")
    figures = RespondentRows(24)(community, seed=4)
    totals = simulate_respondents(community, 24, seed=4).totals
    for name in CLASSES:
        assert figures[mean_label(name)] == totals[name].mean()
        expected = np.std(totals[name], ddof=1) / np.mean(totals[name])
        assert figures[variation_label(name)] == pytest.approx(expected)
    # moods that are remembered for another time are lived, not only written down
    brief = community.replace(daily_life={"mood_time": 0.5})
    assert RespondentRows(24)(brief, seed=4) != figures
    with pytest.raises(InputError, match="n: expected a whole number of at least 20"):
        RespondentRows(5)


def test_the_population_is_the_most_central_member_with_its_record(
    survey: Survey, tmp_path: Path
) -> None:
    members = Ensemble.from_priors(survey_priors(survey, half_seed=5), 7, seed=1)
    population = survey_population(members, survey, half_seed=5)
    assert population.fingerprint == members.most_central().fingerprint
    assert population.daily_life == members.most_central().daily_life
    record = population.provenance[FIT]
    assert record["sha256"] == survey.sha256 and record["half_seed"] == 5
    assert record["forms"] == len(survey.halves(5)[0])
    population.to_file(tmp_path / "survey.toml")
    again = Population.from_file(tmp_path / "survey.toml")
    assert again.fingerprint == population.fingerprint and again.provenance[FIT] == record
    with pytest.raises(InputError, match="expected one that was conditioned on the figures of"):
        survey_population(members, survey, half_seed=6)


# --------------------------------------------------------------------------------------
# score
def test_the_held_half_is_the_one_that_the_record_leaves(survey: Survey) -> None:
    community = Population.named("community")
    record = {"half_seed": 11, "mothers": 500, "sha256": survey.sha256}
    fitted = community.replace(name="survey", provenance={FIT: record})
    first, second, number = held_half(survey, fitted)
    assert number == 500 and (first.portion, second.portion) == (
        "first half, seed 11",
        "second half, seed 11",
    )
    assert held_half(survey, community, 11)[1].forms.equals(second.forms)
    with pytest.raises(
        InputError, match="'community' has no record of a fit to a survey.*half_seed="
    ):
        held_half(survey, community)
    with pytest.raises(InputError, match="'survey_fit' in its provenance has no 'mothers'"):
        held_half(
            survey, community.replace(provenance={FIT: {"half_seed": 11, "sha256": survey.sha256}})
        )
    with pytest.raises(InputError, match="has its own, 11; leave it out"):
        held_half(survey, fitted, 12)
    with pytest.raises(InputError, match="was fitted to another file"):
        held_half(replace(survey, sha256="0" * 64), fitted)


def test_the_packaged_population_says_what_it_was_fitted_to(survey: Survey) -> None:
    packaged = Population.named("survey")
    record = packaged.provenance[FIT]
    assert (
        record["forms"] == 205
        and len(record["sha256"]) == 64
        and record["fitted_to"].startswith("first half")
    )
    assert packaged.fingerprint != Population.named("community").fingerprint
    with pytest.raises(
        InputError, match="forms.csv: population 'survey' was fitted to another file"
    ):
        score_survey(survey)


def test_a_score_judges_s1_and_s2_by_their_intervals(survey: Survey) -> None:
    score = score_survey(survey, Population.named("community"), n=40, half_seed=3, seed=6, draws=50)
    assert len(score.simulated) == 40 and score.half.portion == "second half, seed 3"
    figures = score.figures.set_index("target")
    assert list(figures.index) == ["S1", "S2"] and (figures["replications"] == 10).all()
    for target, name in (("S1", "mean"), ("S2", "share_13")):
        row = figures.loc[target]
        assert row["simulated"] == pytest.approx(score.table.loc[WHOLE, f"{name}_simulated"])
        assert row["agrees"] == ("yes" if row["low"] <= row["simulated"] <= row["high"] else "no")
    assert score.table["between_halves"].notna().all()
    study = score.study()
    assert "Zenodo" in study.report() or "zenodo" in study.report()
    assert "Wasserstein distance, 9-12 months" in study.design
    assert study.readings["epds at 3-6 months | simulated"].shape == (1, 40)
    with pytest.raises(InputError, match="n: expected a whole number of at least 10"):
        score_survey(survey, Population.named("community"), n=9, half_seed=3)


# --------------------------------------------------------------------------------------
# figure, scripts
@pytest.mark.parametrize("width", [1, 2, 3])
def test_the_figure_shows_all_forms_and_all_mothers(survey: Survey, width: int) -> None:
    respondents = simulated()
    axes = survey_panels(
        survey, respondents, compare_survey(survey, respondents, draws=20), width=width, draws=50
    )
    assert len(axes) == 3
    for ax, name in zip(axes, CLASSES, strict=True):
        assert f"n = {SIZES[name]}" in ax.get_title(loc="left") and "distance" in ax.get_title(
            loc="left"
        )
        bars, band = (patch.get_data() for patch in ax.patches)
        widths = np.diff(bars.edges)
        assert (bars.values * widths).sum() == pytest.approx(100)
        assert (band.baseline <= bars.values).all() and (bars.values <= band.values).all()
        line = next(line for line in ax.lines if line.get_label() == "simulated mothers")
        assert np.sum(np.asarray(line.get_ydata()) * widths) == pytest.approx(100)
        assert ax.get_ylim()[0] == 0 and ax.get_ylim()[1] > max(band.values)
    plt.close(axes[0].figure)


def test_a_figure_of_nothing_is_refused(survey: Survey) -> None:
    respondents = simulated(n=100)
    table = compare_survey(survey, respondents, draws=5)
    with pytest.raises(InputError, match="width"):
        survey_panels(survey, respondents, table, width=0)
    with pytest.raises(InputError, match="'6-9'"):
        survey_panels(survey, respondents, table.drop(index="6-9"))
    with pytest.raises(InputError, match="fig"):
        survey_panels(survey, respondents, table, "a figure")


def run(script: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / script), *options]
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=580, check=False
    )


@pytest.mark.parametrize(
    ("script", "options"),
    # the packaged population is not replaced unasked, which is said first
    [
        ("examples/survey_against_simulation.py", []),
        ("scripts/survey_population.py", ["--out", "new.toml"]),
    ],
)
def test_the_scripts_say_what_they_need(
    script: str,
    options: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    first = ["priors"] if options else []
    monkeypatch.setattr(sys, "argv", [script, *first])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(ROOT / script), run_name="__main__")
    assert ended.value.code == 2 and "required: path" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", [script, *first, "nowhere.csv", *options])
    with pytest.raises(SystemExit, match="nowhere.csv: expected the survey, a CSV file"):
        runpy.run_path(str(ROOT / script), run_name="__main__")


@pytest.mark.long
def test_ensemble_and_example_run_from_end_to_end(path: Path) -> None:
    folder = path.parent
    half = ("--half-seed", "8")

    priors = ("priors", str(path), "--out", "mine.priors.toml")
    done = run("scripts/survey_population.py", folder, *priors, *half)
    assert done.returncode == 0, done.stderr

    model = "oxysim.evidence.surveys.survey_priors:RespondentRows"
    build = ("--name", "survey", "--priors", "mine.priors.toml", "--small", model, "--full", model)
    sizes = ("--quick", "--size-small-dyads", "40", "--size-full-dyads", "60", "--out", "mine.toml")
    done = run("scripts/build_ensemble.py", folder, *build, *sizes)
    assert done.returncode == 0, done.stderr

    central = ("population", str(path), "--ensemble", "mine.toml", "--out", "survey.toml")
    done = run("scripts/survey_population.py", folder, *central, *half)
    assert done.returncode == 0, done.stderr
    fitted = Population.from_file(folder / "survey.toml")
    assert fitted.provenance[FIT]["half_seed"] == 8 and fitted.provenance[FIT]["mothers"] == 60

    against = (str(path), "--quick", "--population", "survey.toml")
    done = run("examples/survey_against_simulation.py", folder, *against)
    assert done.returncode == 0, done.stderr
    assert "second half, seed 8: 55 mothers" in done.stdout
    assert re.search(r"200 simulated mothers", done.stdout)
    assert (folder / "figures" / "survey_against_simulation.png").stat().st_size > 10_000
