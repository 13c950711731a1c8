"""A survey against simulated mothers: read strictly, halved by a seed, fitted on one half, scored on the other.

The survey in here is made up; the real one is not part of the repository.
"""

from __future__ import annotations

import re
import runpy
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance

from oxysim import units
from oxysim.errors import InputError, OxysimError, UnknownNameError
from oxysim.evidence import survey_fit as fit_module
from oxysim.evidence.averaged_cohort import dyad_offsets
from oxysim.evidence.survey import AGE, CITATION, CLASSES, COLUMNS, ITEMS, POINTS, TOTAL, WHOLE, Survey, read_survey
from oxysim.evidence.survey_distance import bootstrap, compare, comparison_text, distance
from oxysim.evidence.survey_fit import Search, fit_survey, survey_targets, tenth_means
from oxysim.evidence.survey_score import FIT, held_half, score_survey
from oxysim.evidence.surveyed import Surveyed, survey_population, surveyed, surveyed_on_average
from oxysim.plots.survey import survey_panels
from oxysim.population import Population
from oxysim.trials.following import follow

ROOT = Path(__file__).parent.parent
SIZES = {"3-6": 47, "6-9": 33, "9-12": 30}
SET_POINT = "caregiver.depression.set_point"


def forms(sizes: dict[str, int], chance: float = 0.3, seed: int = 1) -> pd.DataFrame:
    """Made-up forms: mothers differ in their level, each item is a binomial count of it."""
    luck = np.random.default_rng(seed)
    ages = np.repeat(list(sizes), list(sizes.values()))
    level = luck.beta(4 * chance, 4 * (1 - chance), len(ages))
    items = luck.binomial(3, level[:, None], (len(ages), len(ITEMS)))
    table = pd.DataFrame(items, columns=list(ITEMS))
    table.insert(0, "participant", np.arange(1, len(ages) + 1))
    table.insert(1, AGE, ages)
    table[TOTAL] = items.sum(axis=1)
    return table[list(COLUMNS)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "forms.csv"
    forms(SIZES).to_csv(place, index=False)
    return place


@pytest.fixture
def survey(path: Path) -> Survey:
    return read_survey(path)


def simulated(shares: Any = None, n: int = 2000, seed: int = 3) -> Surveyed:
    """Mothers whose totals come from given shares, or from a stretch of binomials."""
    luck = np.random.default_rng(seed)
    level = luck.beta(1.2, 2.8, n)
    totals = {name: luck.binomial(30, level).astype(float) for name in CLASSES}
    if shares is not None:
        totals = {name: luck.choice(POINTS, n, p=shares).astype(float) for name in CLASSES}
    return Surveyed(totals, "made up", "", seed)


# ---------------------------------------------------------------------------------------------------------- reading
def test_a_survey_is_what_the_file_says(path: Path, survey: Survey) -> None:
    table = pd.read_csv(path)
    assert len(survey) == 110 and survey.name == "forms.csv" and survey.classes == tuple(CLASSES)
    for name in CLASSES:
        own = table.loc[table[AGE] == name, TOTAL]
        assert survey.mean()[name] == pytest.approx(own.mean())
        assert survey.shares(13)[name] == pytest.approx((own >= 13).mean())
        assert np.array_equal(np.repeat(POINTS, survey.counts(name)), np.sort(own))
    assert survey.mean()[WHOLE] == pytest.approx(table[TOTAL].mean())
    assert survey.shares(0)[WHOLE] == 1 and survey.shares(31)[WHOLE] == 0
    assert "10.5281/zenodo.5070945" in CITATION and "1625" in CITATION


def test_a_byte_order_mark_and_blanks_do_no_harm(path: Path, survey: Survey) -> None:
    text = path.read_text().replace("3-6,", " 3-6 ,")
    path.write_text("\ufeff" + text, encoding="utf-8")
    pd.testing.assert_frame_equal(read_survey(path).forms, survey.forms)
    assert read_survey(path).sha256 != survey.sha256


def change(column: str, value: object, row: int = 2) -> Callable[[pd.DataFrame], pd.DataFrame]:
    def changed(table: pd.DataFrame) -> pd.DataFrame:
        table = table.astype(object)
        table.loc[row, column] = value
        return table

    return changed


WRONG: list[tuple[Callable[[pd.DataFrame], pd.DataFrame], list[str]]] = [
    (change("epds_4", 4), ["line 4", "column epds_4", "0 to 3", "'4'"]),
    (change("epds_4", -1), ["line 4", "column epds_4", "'-1'"]),
    (change("epds_4", 1.5), ["line 4", "column epds_4", "'1.5'"]),
    (change("epds_4", ""), ["line 4", "column epds_4", "''"]),
    (change("epds_4", "²"), ["line 4", "column epds_4"]),
    (change(TOTAL, 31), ["line 4", f"column {TOTAL}", "0 to 30"]),
    (change(TOTAL, 29, row=9), ["line 11", f"column {TOTAL}", "the items' sum", "found 29"]),
    (change(AGE, "3-5"), ["line 4", f"column {AGE}", "'3-5'", "'3-6'", "'6-9'", "'9-12'"]),
    (change("participant", ""), ["line 4", "column participant", "found nothing"]),
    (change("participant", 1), ["line 4", "column participant", "'1' stands in line 2"]),
    (lambda t: t.drop(columns="epds_7"), ["missing: epds_7"]),
    (lambda t: t.rename(columns={"epds_7": "epds7"}), ["unknown column 'epds7'", "'epds_7'"]),
    (lambda t: t.assign(site="a"), ["unknown column 'site'"]),
    (lambda t: t.iloc[:0], ["at least one completed form"]),
]


@pytest.mark.parametrize(("wrong", "said"), WRONG, ids=[text[-1] for _, text in WRONG])
def test_a_wrong_file_is_refused_by_line_and_column(path: Path, wrong: Any, said: list[str]) -> None:
    wrong(forms(SIZES)).to_csv(path, index=False)
    with pytest.raises(OxysimError) as error:
        read_survey(path)
    assert all(words in str(error.value) for words in ["forms.csv", *said]), str(error.value)


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere.csv: expected the survey"):
        read_survey(tmp_path / "nowhere.csv")
    for content, said in ((b"\xff\xfe", "UTF-8"), (b"", "missing: participant"), (b",".join([b"a", b"a"]), "'a'")):
        (tmp_path / "odd.csv").write_bytes(content)
        with pytest.raises(OxysimError, match=said):
            read_survey(tmp_path / "odd.csv")
    short = ",".join(COLUMNS) + "\n1,3-6,0,0\n"
    (tmp_path / "odd.csv").write_text(short)
    with pytest.raises(InputError, match="line 2: expected 13 cells"):
        read_survey(tmp_path / "odd.csv")


def test_an_age_class_that_is_not_there_is_named(survey: Survey) -> None:
    with pytest.raises(UnknownNameError, match="'3-9'"):
        survey.counts("3-9")


# ----------------------------------------------------------------------------------------------------------- halves
@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(st.sampled_from(list(CLASSES)), st.integers(2, 12), min_size=1),
    st.integers(0, 2**40),
    st.integers(0, 99),
)
def test_halves_are_even_in_every_class_and_keep_everybody(sizes: dict[str, int], seed: int, order: int) -> None:
    whole = Survey(forms(sizes, seed=order), "made up", "")
    first, second = whole.halves(seed)
    assert abs(len(first) - len(second)) <= 1
    for name in whole.classes:
        assert abs(int(first.counts(name).sum()) - int(second.counts(name).sum())) <= 1
        assert np.array_equal(first.counts(name) + second.counts(name), whole.counts(name))
    assert not set(first.forms["participant"]) & set(second.forms["participant"])
    shuffled = replace(whole, forms=whole.forms.sample(frac=1, random_state=order))
    assert set(shuffled.halves(seed)[0].forms["participant"]) == set(first.forms["participant"])


def test_halves_are_random(survey: Survey) -> None:
    people = [frozenset(survey.halves(seed)[0].forms["participant"]) for seed in range(30)]
    assert len(set(people)) == 30
    often = pd.Series([who for one in people for who in one]).value_counts()
    assert len(often) == len(survey) and often.between(4, 26).all()  # 15 expected, SD 2.7
    assert survey.halves(7)[1].part == "second half, seed 7"


def test_bad_halves_are_refused() -> None:
    alone = Survey(forms({"3-6": 4, "6-9": 1}), "made up", "")
    with pytest.raises(InputError, match="'6-9': expected at least 2 mothers to halve"):
        alone.halves(1)
    with pytest.raises(InputError, match="seed"):
        alone.halves(-1)


# --------------------------------------------------------------------------------------------------------- distance
@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=20), st.lists(st.integers(0, 30), min_size=1, max_size=20))
def test_the_distance_over_points_is_that_of_the_forms(first: list[int], second: list[int]) -> None:
    shares = [np.bincount(one, minlength=31) / len(one) for one in (first, second)]
    assert distance(*shares) == pytest.approx(wasserstein_distance(first, second), abs=1e-9)


def test_likeness_and_a_shift_are_told_apart(survey: Survey) -> None:
    same = simulated(survey.counts(WHOLE) / len(survey), n=40_000)
    moved = replace(same, totals={name: np.minimum(own + 4, 30) for name, own in same.totals.items()})
    near, far = (compare(survey, one, draws=400) for one in (same, moved))
    assert list(near.index) == [*CLASSES, WHOLE] and near.loc[WHOLE, "n"] == len(survey)
    assert near.loc[WHOLE, "distance"] < 0.1  # the mixture over classes is the survey's own
    assert (near["distance"] < near["expected_high"]).all() and near["between_halves"].isna().all()
    assert far.loc[WHOLE, "distance_low"] > far.loc[WHOLE, "expected_high"]
    assert far.loc[WHOLE, "distance"] == pytest.approx(4, abs=0.4)
    for name in ("mean", "sd", "share_10", "share_13"):
        assert (near[f"{name}_low"] <= near[name]).all() and (near[name] <= near[f"{name}_high"]).all()
        assert near.loc[WHOLE, f"{name}_simulated"] == pytest.approx(near.loc[WHOLE, name], rel=0.1)
    assert near.loc["3-6", "mean"] == pytest.approx(survey.mean()["3-6"])
    assert "by sampling alone" in comparison_text(near) and "between the halves" not in comparison_text(near)


def test_all_ages_are_mixed_as_the_survey_is() -> None:
    """Classes that differ: all together weigh them by the survey's forms, not by the simulated ones."""
    apart = Surveyed({"3-6": np.zeros(50), "6-9": np.full(50, 10.0), "9-12": np.full(50, 30.0)}, "", "", 0)
    table = compare(Survey(forms(SIZES), "made up", ""), apart, draws=5)
    assert table.loc[WHOLE, "mean_simulated"] == pytest.approx((33 * 10 + 30 * 30) / 110)
    assert table.loc[WHOLE, "share_13_simulated"] == pytest.approx(30 / 110)
    assert table.loc["6-9", "sd_simulated"] == 0
    with pytest.raises(InputError, match="sizes="):
        apart.shares(WHOLE)
    with pytest.raises(UnknownNameError, match="'6-9'"):
        apart.shares("6-8")


def test_sampling_alone_is_what_surveys_of_simulated_mothers_show() -> None:
    """Of 200 surveys drawn from the very population, about 97.5 % stay below the upper end, around the mean."""
    truth = simulated(n=30_000)
    luck = np.random.default_rng(5)
    table = compare(_drawn_from(truth, luck), truth, draws=2000)
    found = []
    for _ in range(200):
        one = _drawn_from(truth, luck)
        found.append(distance(one.counts("6-9").astype(float), truth.shares("6-9")))
    assert np.mean(found) == pytest.approx(table.loc["6-9", "expected"], rel=0.1)
    assert 0.93 <= np.mean(np.array(found) <= table.loc["6-9", "expected_high"]) <= 1


def _drawn_from(truth: Surveyed, luck: np.random.Generator) -> Survey:
    table = forms(SIZES)
    table[TOTAL] = [int(luck.choice(truth.totals[name])) for name in table[AGE]]
    return Survey(table, "drawn", "")


def test_the_bootstrap_of_a_mean_agrees_with_theory(survey: Survey) -> None:
    resampled = bootstrap(survey, 4000, 1)
    means = resampled["3-6"] @ POINTS / SIZES["3-6"]
    own = np.repeat(POINTS, survey.counts("3-6"))
    assert means.std() == pytest.approx(own.std() / np.sqrt(len(own)), rel=0.06)
    assert np.array_equal(resampled[WHOLE], sum(resampled[name] for name in CLASSES))
    again, other = bootstrap(survey, 50, 1), bootstrap(survey, 50, 2)
    assert np.array_equal(again["3-6"], bootstrap(survey, 50, 1)["3-6"])
    assert not np.array_equal(again["3-6"], other["3-6"])


# -------------------------------------------------------------------------------------------------- simulated forms
def test_a_mother_answers_the_same_whoever_else_is_asked() -> None:
    community = Population.named("community")
    many, some = survey_population(community, 7, seed=4), survey_population(community, 3, seed=4, first=2)
    assert many.population == "community" and many.fingerprint == community.fingerprint and many.lost == 0
    for name in CLASSES:
        assert np.array_equal(many.totals[name][2:5], some.totals[name])
        assert ((many.totals[name] >= 0) & (many.totals[name] % 1 == 0)).all()
    assert not np.array_equal(many.totals["3-6"], survey_population(community, 7, seed=5).totals["3-6"])


def test_each_mother_is_read_inside_the_class_at_an_age_of_her_own() -> None:
    """On a course that counts the months, the reading tells the age: as many old as young, none outside the class."""
    cohort = follow(Population.named("community"), 24, until="12 months", seed=2)
    months = cohort.times / units.MONTH
    told = replace(cohort, values={**cohort.values, "mother.epds": np.tile(2 * months, (24, 1))})
    ages = [_expected(told, name) for name in CLASSES]
    for (low, high), own in zip(CLASSES.values(), ages, strict=True):
        assert low <= own.min() < low + 0.8 and high - 0.8 < own.max() <= high
        assert len(set(own)) == 24
        assert own.mean() == pytest.approx((low + high) / 2, abs=0.5)  # SD of the mean 0.18
    assert abs(np.corrcoef(ages[0], ages[1])[0, 1]) < 0.6


def _expected(cohort: Any, age_class: str) -> Any:
    """Ages of reading, from forms without noise and rounding on a course of two points a month."""
    from oxysim.evidence import surveyed as module

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "read", lambda _, values, *rest: _Column(values))
        return surveyed(cohort).totals[age_class] / 2


class _Column:
    def __init__(self, values: Any) -> None:
        self.values = np.asarray(values)[:, None]


@pytest.mark.long
def test_averaged_days_are_near_the_full_model() -> None:
    """Near enough for a search that is then corrected: the same mothers, other daily lives."""
    community, n = Population.named("community"), 300
    full = survey_population(community, n, seed=3)
    average = surveyed_on_average(community, dyad_offsets(community, n, seed=3), seed=3)
    assert average.population == "community" and len(average) == n
    for name in CLASSES:
        assert average.totals[name].mean() == pytest.approx(full.totals[name].mean(), abs=2)
        assert np.corrcoef(average.totals[name], full.totals[name])[0, 1] > 0.3


def test_a_cohort_that_ends_early_or_failed_is_refused() -> None:
    young = follow(Population.named("community"), 2, until="2 months", seed=2)
    with pytest.raises(
        InputError, match=r"one age that was followed from 3 to 12 months; it was followed from 0\.0 to 2\.0"
    ):
        surveyed(young)
    lost = {number: "no step was small enough" for number in young.who.dyads or ()}
    with pytest.raises(InputError, match="none of 2 simulated mothers came through; the first: no step"):
        surveyed(replace(young, reasons=lost))


# -------------------------------------------------------------------------------------------------------------- fit
@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=80))
def test_tenths_average_to_the_mean_and_ascend(totals: list[int]) -> None:
    means = tenth_means(np.bincount(totals, minlength=31) / len(totals))
    assert means.mean() == pytest.approx(np.mean(totals), abs=1e-9)
    assert (np.diff(means) > -1e-9).all()
    sixty = np.sort(np.resize(totals, 60))
    assert tenth_means(np.bincount(sixty, minlength=31) / 60) == pytest.approx(sixty.reshape(10, 6).mean(axis=1))


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Mothers who answer their own set point, which spares the simulation."""

    def answered(population: Population, n: int, *, seed: int, **_: Any) -> Surveyed:
        level = population.sample(n, seed=seed).value("mother.depression.set_point")
        luck = np.random.default_rng(seed)
        totals = {name: np.clip(np.round(level + luck.normal(0, 1.8, n)), 0, 30) for name in CLASSES}
        return Surveyed(totals, population.name, population.fingerprint, seed)

    def off_by_one(population: Population, offsets: Any, *, seed: int) -> Surveyed:
        """Averaged days that make everybody a point too high."""
        found = answered(population, len(offsets), seed=seed)
        return replace(found, totals={name: np.minimum(own + 1, 30) for name, own in found.totals.items()})

    monkeypatch.setattr(fit_module, "survey_population", answered)
    monkeypatch.setattr(fit_module, "surveyed_on_average", off_by_one)
    monkeypatch.setattr(fit_module, "dyad_offsets", lambda population, n, *, seed: np.zeros((n, 4)))


def _written(path: Path, truth: Population, n: int) -> Survey:
    """A survey of mothers who answer their own set points."""
    table = forms({name: n for name in CLASSES})
    level = truth.sample(3 * n, seed=77).value("mother.depression.set_point")
    totals = np.clip(np.round(level + np.random.default_rng(9).normal(0, 1.8, 3 * n)), 0, 30).astype(int)
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
    said: list[str] = []
    search = Search(free=fit_module.FREE[:2], evaluations=24, mothers=2000, rounds=2, seed=1)
    found = fit_survey(survey, community, half_seed=5, search=search, say=said.append)
    fitted = found.population
    assert fitted.trait(SET_POINT).centre == pytest.approx(8.0, rel=0.05)
    assert fitted.trait(SET_POINT).spread == pytest.approx(0.6, rel=0.1)
    assert len(said) == found.evaluations + 2 and found.objective < found.rounds[0]["full_model_objective"]
    assert found.objective == pytest.approx(np.square(list(found.misses.values())).sum() / 2)
    assert found.free[f"{SET_POINT}: centre"] == (community.trait(SET_POINT).centre, fitted.trait(SET_POINT).centre)
    record = fitted.provenance[FIT]
    assert record["sha256"] == survey.sha256 and record["half_seed"] == 5 and record["mothers"] == 2000
    assert record["forms"] == 900 and fitted.provenance["citation"] == CITATION
    chance = fitted.provenance["objective_by_sampling_alone"]
    assert chance["from"] < chance["median"] < chance["to"] and found.objective < chance["to"]
    assert len(fitted.provenance["rounds"][0]["starts"]) == 2 and fitted.provenance["evaluations"] == found.evaluations
    fitted.to_file(tmp_path / "survey.toml")
    again = Population.from_file(tmp_path / "survey.toml")
    assert again.fingerprint == fitted.fingerprint and again.provenance[FIT] == record


@pytest.mark.usefixtures("at_once")
def test_nothing_of_the_held_half_is_fitted(tmp_path: Path) -> None:
    """With every form of the held half at 30 points the fit is the same; with one of the other half it is not."""
    survey = _written(tmp_path / "made_up.csv", Population.named("community"), 60)
    table = survey.forms.assign(participant=survey.forms["participant"].astype(str))

    def fitted_to(changed: list[str]) -> str:
        other = table.copy()
        other.loc[other["participant"].isin(changed), [*ITEMS, TOTAL]] = [3] * 10 + [30]
        other.to_csv(tmp_path / "other.csv", index=False)
        search = Search(free=fit_module.FREE[:1], starts=({},), evaluations=6, mothers=200, rounds=1, seed=1)
        return fit_survey(read_survey(tmp_path / "other.csv"), half_seed=5, search=search).population.fingerprint

    fitted, held = (half.forms["participant"].tolist() for half in survey.halves(5))
    assert fitted_to([]) == fitted_to(held) != fitted_to(fitted)


def test_what_is_fitted_are_tenths_in_points(survey: Survey) -> None:
    found = survey_targets(survey)
    assert len(found) == 30 and all(one.use == "survey" for one in found.values())
    middle = [(one.low or 0) / 2 + (one.high or 0) / 2 for one in found.values()]
    assert np.mean(middle[:10]) == pytest.approx(survey.mean()["3-6"])
    few = Survey(forms({"3-6": 9}), "made up", "", "first half")
    with pytest.raises(InputError, match="made up, first half: forms at 3-6 months"):
        survey_targets(few)


# ------------------------------------------------------------------------------------------------------------ score
def test_the_held_half_is_the_one_that_the_record_leaves(survey: Survey) -> None:
    community = Population.named("community")
    record = {"half_seed": 11, "mothers": 500, "sha256": survey.sha256}
    fitted = community.replace(name="survey", provenance={FIT: record})
    first, held, number = held_half(survey, fitted)
    assert number == 500 and (first.part, held.part) == ("first half, seed 11", "second half, seed 11")
    assert held_half(survey, community, 11)[1].forms.equals(held.forms)
    with pytest.raises(InputError, match="'community' has no record of a fit to a survey.*half_seed="):
        held_half(survey, community)
    with pytest.raises(InputError, match="has its own, 11; leave it out"):
        held_half(survey, fitted, 12)
    with pytest.raises(InputError, match="was fitted to another file"):
        held_half(replace(survey, sha256="0" * 64), fitted)


def test_a_score_judges_s1_and_s2_by_their_intervals(survey: Survey) -> None:
    score = score_survey(survey, Population.named("community"), n=40, half_seed=3, seed=6, draws=50)
    assert len(score.simulated) == 40 and score.held.part == "second half, seed 3"
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


# --------------------------------------------------------------------------------------------------- figure, scripts
@pytest.mark.parametrize("width", [1, 2, 3])
def test_the_figure_shows_all_forms_and_all_mothers(survey: Survey, width: int) -> None:
    one = simulated()
    axes = survey_panels(survey, one, compare(survey, one, draws=20), width=width, draws=50)
    assert len(axes) == 3
    for ax, name in zip(axes, CLASSES, strict=True):
        assert f"n = {SIZES[name]}" in ax.get_title(loc="left") and "distance" in ax.get_title(loc="left")
        band, bars = (patch.get_data() for patch in ax.patches)
        widths = np.diff(bars.edges)
        assert (bars.values * widths).sum() == pytest.approx(100)
        assert (band.baseline <= bars.values).all() and (bars.values <= band.values).all()
        line = next(line for line in ax.lines if line.get_label() == "simulated mothers")
        assert np.sum(np.asarray(line.get_ydata()) * widths) == pytest.approx(100)
        assert ax.get_ylim()[0] == 0 and ax.get_ylim()[1] > max(band.values)
    plt.close(axes[0].figure)


def test_a_figure_of_nothing_is_refused(survey: Survey) -> None:
    one = simulated(n=100)
    table = compare(survey, one, draws=5)
    with pytest.raises(InputError, match="width"):
        survey_panels(survey, one, table, width=0)
    with pytest.raises(InputError, match="'6-9'"):
        survey_panels(survey, one, table.drop(index="6-9"))
    with pytest.raises(InputError, match="fig"):
        survey_panels(survey, one, table, "a figure")


def run(script: str, folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / script), *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=580, check=False)


@pytest.mark.parametrize("script", ["examples/survey_against_simulation.py", "scripts/calibrate_survey.py"])
def test_the_scripts_say_what_they_need(
    script: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [script])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(ROOT / script), run_name="__main__")
    assert ended.value.code == 2 and "required: path" in capsys.readouterr().err
    monkeypatch.setattr(sys, "argv", [script, "nowhere.csv"])
    with pytest.raises(SystemExit, match="nowhere.csv: expected the survey, a CSV file"):
        runpy.run_path(str(ROOT / script), run_name="__main__")


@pytest.mark.long
def test_fit_and_example_run_from_end_to_end(path: Path) -> None:
    folder = path.parent
    options = ("--mothers", "30", "--evaluations", "8", "--rounds", "1", "--out", "survey.toml", "--half-seed", "8")
    done = run("scripts/calibrate_survey.py", folder, str(path), *options)
    assert done.returncode == 0, done.stderr
    fitted = Population.from_file(folder / "survey.toml")
    assert fitted.provenance[FIT]["half_seed"] == 8 and fitted.fingerprint in done.stdout
    done = run("examples/survey_against_simulation.py", folder, str(path), "--quick", "--population", "survey.toml")
    assert done.returncode == 0, done.stderr
    assert "second half, seed 8: 55 mothers" in done.stdout and re.search(r"200 simulated mothers", done.stdout)
    assert (folder / "figures" / "survey_against_simulation.png").stat().st_size > 10_000
