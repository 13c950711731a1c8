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
from hypothesis import given, settings
from hypothesis import strategies as st

from oxysim import units
from oxysim.cohorts.follow_up import follow
from oxysim.errors import InputError
from oxysim.evidence.calibration.averaged_cohort import dyad_offsets
from oxysim.evidence.surveys import survey_fit as fit_module
from oxysim.evidence.surveys.distance import compare_survey
from oxysim.evidence.surveys.simulated_respondents import (
    SimulatedRespondents,
    averaged_respondents,
    respondents_of,
    simulate_respondents,
)
from oxysim.evidence.surveys.survey_data import (
    CITATION,
    CLASSES,
    ITEMS,
    TOTAL,
    WHOLE,
    Survey,
    read_survey,
)
from oxysim.evidence.surveys.survey_fit import Search, fit_survey, survey_targets, tenth_means
from oxysim.evidence.surveys.survey_score import FIT, held_half, score_survey
from oxysim.plots.evidence.survey_figure import survey_panels
from oxysim.population import Population
from tests.support.made_up_survey import SIZES, forms, simulated

ROOT = Path(__file__).parents[2]
SET_POINT = "caregiver.depression.set_point"


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


@pytest.mark.long
def test_averaged_days_are_near_the_full_model() -> None:
    """Near enough for a search that is then corrected: the same mothers, other daily lives."""
    community, n = Population.named("community"), 300
    full = simulate_respondents(community, n, seed=3)
    average = averaged_respondents(community, dyad_offsets(community, n, seed=3), seed=3)
    assert average.population == "community" and len(average) == n
    for name in CLASSES:
        assert average.totals[name].mean() == pytest.approx(full.totals[name].mean(), abs=2)
        assert np.corrcoef(average.totals[name], full.totals[name])[0, 1] > 0.3


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
# fit
@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=80))
def test_tenths_average_to_the_mean_and_ascend(totals: list[int]) -> None:
    means = tenth_means(np.bincount(totals, minlength=31) / len(totals))
    assert means.mean() == pytest.approx(np.mean(totals), abs=1e-9)
    assert (np.diff(means) > -1e-9).all()
    sixty = np.sort(np.resize(totals, 60))
    assert tenth_means(np.bincount(sixty, minlength=31) / 60) == pytest.approx(
        sixty.reshape(10, 6).mean(axis=1)
    )


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mothers who answer their own set point, which spares the simulation."""

    def answered(population: Population, n: int, *, seed: int, **_: Any) -> SimulatedRespondents:
        level = population.sample(n, seed=seed).value("mother.depression.set_point")
        luck = np.random.default_rng(seed)
        totals = {
            name: np.clip(np.round(level + luck.normal(0, 1.8, n)), 0, 30) for name in CLASSES
        }
        return SimulatedRespondents(totals, population.name, population.fingerprint, seed)

    def off_by_one(population: Population, offsets: Any, *, seed: int) -> SimulatedRespondents:
        """Averaged days that make everybody a point too high."""
        respondents = answered(population, len(offsets), seed=seed)
        return replace(
            respondents,
            totals={
                name: np.minimum(values + 1, 30) for name, values in respondents.totals.items()
            },
        )

    monkeypatch.setattr(fit_module, "simulate_respondents", answered)
    monkeypatch.setattr(fit_module, "averaged_respondents", off_by_one)
    monkeypatch.setattr(fit_module, "dyad_offsets", lambda population, n, *, seed: np.zeros((n, 4)))


def _written(path: Path, truth: Population, n: int) -> Survey:
    """A survey of mothers who answer their own set points."""
    table = forms({name: n for name in CLASSES})
    level = truth.sample(3 * n, seed=77).value("mother.depression.set_point")
    totals = np.clip(
        np.round(level + np.random.default_rng(9).normal(0, 1.8, 3 * n)), 0, 30
    ).astype(int)
    for k in range(len(ITEMS)):
        table[ITEMS[k]] = np.clip(totals - 3 * k, 0, 3)
    table[TOTAL] = totals
    table.to_csv(path, index=False)
    return read_survey(path)


@pytest.mark.usefixtures("at_once")
def test_the_fit_finds_the_population_that_answered(tmp_path: Path) -> None:
    community = Population.named("community")
    truth = community.with_trait(SET_POINT, centre=8.0, spread=0.6)
    survey = _written(tmp_path / "made_up.csv", truth, 600)
    lines: list[str] = []
    search = Search(free=fit_module.FREE[:2], evaluations=24, mothers=2000, rounds=2, seed=1)
    fit = fit_survey(survey, community, half_seed=5, search=search, say=lines.append)
    fitted = fit.population
    assert fitted.trait(SET_POINT).centre == pytest.approx(8.0, rel=0.05)
    assert fitted.trait(SET_POINT).spread == pytest.approx(0.6, rel=0.1)
    assert (
        len(lines) == fit.evaluations + 2 and fit.objective < fit.rounds[0]["full_model_objective"]
    )
    assert fit.objective == pytest.approx(np.square(list(fit.misses.values())).sum() / 2)
    assert fit.free[f"{SET_POINT}: centre"] == (
        community.trait(SET_POINT).centre,
        fitted.trait(SET_POINT).centre,
    )
    record = fitted.provenance[FIT]
    assert (
        record["sha256"] == survey.sha256 and record["half_seed"] == 5 and record["mothers"] == 2000
    )
    assert record["forms"] == 900 and fitted.provenance["citation"] == CITATION
    chance = fitted.provenance["objective_by_sampling_alone"]
    assert chance["from"] < chance["median"] < chance["to"] and fit.objective < chance["to"]
    assert (
        len(fitted.provenance["rounds"][0]["starts"]) == 2
        and fitted.provenance["evaluations"] == fit.evaluations
    )
    fitted.to_file(tmp_path / "survey.toml")
    again = Population.from_file(tmp_path / "survey.toml")
    assert again.fingerprint == fitted.fingerprint and again.provenance[FIT] == record


@pytest.mark.usefixtures("at_once")
def test_nothing_of_the_held_half_is_fitted(tmp_path: Path) -> None:
    """With every form of the held half at 30 points the fit is the same; with one of the other half
    it is not.
    """
    survey = _written(tmp_path / "made_up.csv", Population.named("community"), 60)
    table = survey.forms.assign(participant=survey.forms["participant"].astype(str))

    def fitted_to(changed: list[str]) -> str:
        other = table.copy()
        other.loc[other["participant"].isin(changed), [*ITEMS, TOTAL]] = [3] * 10 + [30]
        other.to_csv(tmp_path / "other.csv", index=False)
        search = Search(
            free=fit_module.FREE[:1], starts=({},), evaluations=6, mothers=200, rounds=1, seed=1
        )
        return fit_survey(
            read_survey(tmp_path / "other.csv"), half_seed=5, search=search
        ).population.fingerprint

    fitted, second_half = (half.forms["participant"].tolist() for half in survey.halves(5))
    assert fitted_to([]) == fitted_to(second_half) != fitted_to(fitted)


def test_what_is_fitted_are_tenths_in_points(survey: Survey) -> None:
    findings = survey_targets(survey)
    assert len(findings) == 30 and all(row.use == "survey" for row in findings.values())
    middle = [(row.low or 0) / 2 + (row.high or 0) / 2 for row in findings.values()]
    assert np.mean(middle[:10]) == pytest.approx(survey.mean()["3-6"])
    few = Survey(forms({"3-6": 9}), "made up", "", "first half")
    with pytest.raises(InputError, match="made up, first half: forms at 3-6 months"):
        survey_targets(few)


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
    assert (
        packaged.provenance["objective"] < packaged.provenance["objective_by_sampling_alone"]["to"]
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
        ("scripts/calibrate_survey.py", ["--out", "new.toml"]),
    ],
)
def test_the_scripts_say_what_they_need(
    script: str,
    options: list[str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", [script])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(ROOT / script), run_name="__main__")
    assert ended.value.code == 2 and "required: path" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", [script, "nowhere.csv", *options])
    with pytest.raises(SystemExit, match="nowhere.csv: expected the survey, a CSV file"):
        runpy.run_path(str(ROOT / script), run_name="__main__")


@pytest.mark.long
def test_fit_and_example_run_from_end_to_end(path: Path) -> None:
    folder = path.parent
    options = (
        "--mothers",
        "30",
        "--evaluations",
        "8",
        "--rounds",
        "1",
        "--out",
        "survey.toml",
        "--half-seed",
        "8",
    )
    done = run("scripts/calibrate_survey.py", folder, str(path), *options)
    assert done.returncode == 0, done.stderr
    fitted = Population.from_file(folder / "survey.toml")
    assert fitted.provenance[FIT]["half_seed"] == 8 and fitted.fingerprint in done.stdout
    done = run(
        "examples/survey_against_simulation.py",
        folder,
        str(path),
        "--quick",
        "--population",
        "survey.toml",
    )
    assert done.returncode == 0, done.stderr
    assert "second half, seed 8: 55 mothers" in done.stdout and re.search(
        r"200 simulated mothers", done.stdout
    )
    assert (folder / "figures" / "survey_against_simulation.png").stat().st_size > 10_000
