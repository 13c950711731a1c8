"""A survey is read strictly and halved by a seed; how far another distribution is from it, and by
chance alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance

from oxysim.errors import InputError, OxysimError, UnknownNameError
from oxysim.evidence.surveys.distance import bootstrap, compare_survey, comparison_text, distance
from oxysim.evidence.surveys.simulated_respondents import SimulatedRespondents
from oxysim.evidence.surveys.survey_data import (
    AGE,
    CITATION,
    CLASSES,
    COLUMNS,
    POINTS,
    TOTAL,
    WHOLE,
    Survey,
    read_survey,
)
from tests.support.made_up_survey import SIZES, forms, simulated


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "forms.csv"
    forms(SIZES).to_csv(path, index=False)
    return path


@pytest.fixture
def survey(path: Path) -> Survey:
    return read_survey(path)


# --------------------------------------------------------------------------------------
# reading
def test_a_survey_is_what_the_file_says(path: Path, survey: Survey) -> None:
    table = pd.read_csv(path)
    assert len(survey) == 110 and survey.name == "forms.csv" and survey.classes == tuple(CLASSES)
    for name in CLASSES:
        class_totals = table.loc[table[AGE] == name, TOTAL]
        assert survey.mean()[name] == pytest.approx(class_totals.mean())
        assert survey.shares(13)[name] == pytest.approx((class_totals >= 13).mean())
        assert np.array_equal(np.repeat(POINTS, survey.counts(name)), np.sort(class_totals))
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


@pytest.mark.parametrize(("wrong", "messages"), WRONG, ids=[text[-1] for _, text in WRONG])
def test_a_wrong_file_is_refused_by_line_and_column(
    path: Path, wrong: Any, messages: list[str]
) -> None:
    wrong(forms(SIZES)).to_csv(path, index=False)
    with pytest.raises(OxysimError) as error:
        read_survey(path)
    assert all(words in str(error.value) for words in ["forms.csv", *messages]), str(error.value)


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere.csv: expected the survey"):
        read_survey(tmp_path / "nowhere.csv")
    for content, message in (
        (b"\xff\xfe", "UTF-8"),
        (b"", "missing: participant"),
        (b",".join([b"a", b"a"]), "'a'"),
    ):
        (tmp_path / "odd.csv").write_bytes(content)
        with pytest.raises(OxysimError, match=message):
            read_survey(tmp_path / "odd.csv")
    short = ",".join(COLUMNS) + "\n1,3-6,0,0\n"
    (tmp_path / "odd.csv").write_text(short)
    with pytest.raises(InputError, match="line 2: expected 13 cells"):
        read_survey(tmp_path / "odd.csv")


def test_an_age_class_that_is_not_there_is_named(survey: Survey) -> None:
    with pytest.raises(UnknownNameError, match="'3-9'"):
        survey.counts("3-9")


# --------------------------------------------------------------------------------------
# halves
@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(st.sampled_from(list(CLASSES)), st.integers(2, 12), min_size=1),
    st.integers(0, 2**40),
    st.integers(0, 99),
)
def test_halves_are_even_in_every_class_and_keep_everybody(
    sizes: dict[str, int], seed: int, order: int
) -> None:
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
    often = pd.Series(
        [participant for half_people in people for participant in half_people]
    ).value_counts()
    assert len(often) == len(survey) and often.between(4, 26).all()  # 15 expected, SD 2.7
    assert survey.halves(7)[1].portion == "second half, seed 7"


def test_bad_halves_are_refused() -> None:
    alone = Survey(forms({"3-6": 4, "6-9": 1}), "made up", "")
    with pytest.raises(InputError, match="'6-9': expected at least 2 mothers to halve"):
        alone.halves(1)
    with pytest.raises(InputError, match="seed"):
        alone.halves(-1)


# --------------------------------------------------------------------------------------
# distance
@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=20),
    st.lists(st.integers(0, 30), min_size=1, max_size=20),
)
def test_the_distance_over_points_is_that_of_the_forms(first: list[int], second: list[int]) -> None:
    shares = [np.bincount(totals, minlength=31) / len(totals) for totals in (first, second)]
    assert distance(*shares) == pytest.approx(wasserstein_distance(first, second), abs=1e-9)


def test_likeness_and_a_shift_are_told_apart(survey: Survey) -> None:
    same = simulated(survey.counts(WHOLE) / len(survey), n=40_000)
    moved = replace(
        same, totals={name: np.minimum(values + 4, 30) for name, values in same.totals.items()}
    )
    near, far = (compare_survey(survey, respondents, draws=400) for respondents in (same, moved))
    assert list(near.index) == [*CLASSES, WHOLE] and near.loc[WHOLE, "n"] == len(survey)
    assert near.loc[WHOLE, "distance"] < 0.1  # the mixture over classes is the survey's own
    assert (near["distance"] < near["expected_high"]).all() and near["between_halves"].isna().all()
    assert far.loc[WHOLE, "distance_low"] > far.loc[WHOLE, "expected_high"]
    assert far.loc[WHOLE, "distance"] == pytest.approx(4, abs=0.4)
    for name in ("mean", "sd", "share_10", "share_13"):
        assert (near[f"{name}_low"] <= near[name]).all() and (
            near[name] <= near[f"{name}_high"]
        ).all()
        assert near.loc[WHOLE, f"{name}_simulated"] == pytest.approx(near.loc[WHOLE, name], rel=0.1)
    assert near.loc["3-6", "mean"] == pytest.approx(survey.mean()["3-6"])
    assert "by sampling alone" in comparison_text(
        near
    ) and "between the halves" not in comparison_text(near)


def test_all_ages_are_mixed_as_the_survey_is() -> None:
    """Classes that differ: all together weigh them by the survey's forms, not by the simulated
    ones.
    """
    by_class = SimulatedRespondents(
        {"3-6": np.zeros(50), "6-9": np.full(50, 10.0), "9-12": np.full(50, 30.0)}, "", "", 0
    )
    table = compare_survey(Survey(forms(SIZES), "made up", ""), by_class, draws=5)
    assert table.loc[WHOLE, "mean_simulated"] == pytest.approx((33 * 10 + 30 * 30) / 110)
    assert table.loc[WHOLE, "share_13_simulated"] == pytest.approx(30 / 110)
    assert table.loc["6-9", "sd_simulated"] == 0
    with pytest.raises(InputError, match="sizes="):
        by_class.shares(WHOLE)
    with pytest.raises(UnknownNameError, match="'6-9'"):
        by_class.shares("6-8")


def test_sampling_alone_is_what_surveys_of_simulated_mothers_show() -> None:
    """Of 200 surveys drawn from the very population, about 97.5 % stay below the upper end, around
    the mean.
    """
    truth = simulated(n=30_000)
    luck = np.random.default_rng(5)
    table = compare_survey(_drawn_from(truth, luck), truth, draws=2000)
    distances = []
    for _ in range(200):
        drawn = _drawn_from(truth, luck)
        distances.append(distance(drawn.counts("6-9").astype(float), truth.shares("6-9")))
    assert np.mean(distances) == pytest.approx(table.loc["6-9", "expected"], rel=0.1)
    assert 0.93 <= np.mean(np.array(distances) <= table.loc["6-9", "expected_high"]) <= 1


def _drawn_from(truth: SimulatedRespondents, luck: np.random.Generator) -> Survey:
    table = forms(SIZES)
    table[TOTAL] = [int(luck.choice(truth.totals[name])) for name in table[AGE]]
    return Survey(table, "drawn", "")


def test_the_bootstrap_of_a_mean_agrees_with_theory(survey: Survey) -> None:
    resampled = bootstrap(survey, 4000, 1)
    means = resampled["3-6"] @ POINTS / SIZES["3-6"]
    points = np.repeat(POINTS, survey.counts("3-6"))
    assert means.std() == pytest.approx(points.std() / np.sqrt(len(points)), rel=0.06)
    assert np.array_equal(resampled[WHOLE], sum(resampled[name] for name in CLASSES))
    again, second = bootstrap(survey, 50, 1), bootstrap(survey, 50, 2)
    assert np.array_equal(again["3-6"], bootstrap(survey, 50, 1)["3-6"])
    assert not np.array_equal(again["3-6"], second["3-6"])
