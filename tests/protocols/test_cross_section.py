"""The cross-section (protocol 14): correlations, groups, and what it measures."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from oxysim.cohorts.cohort import Cohort
from oxysim.cohorts.cross_sectional_measures import Measure, measures_of
from oxysim.cohorts.follow_up import follow
from oxysim.errors import InputError, UnitError, UnknownNameError
from oxysim.population import Population
from oxysim.protocols import (
    PROTOCOLS,
    caesarean,
    cross_section,
    depression_and_sensitivity,
    mind_mindedness,
)
from oxysim.streams import stream
from tests.support.small_cohorts import constant_cohort


def test_ages_over_a_range_are_those_of_days_that_were_kept(newborns: Cohort) -> None:
    study = cross_section(
        ["epds", "salivary_cortisol"], age=("2 weeks", "5 weeks"), n=10, cohort=newborns
    )
    assert np.isfinite(study.readings["epds"]).all()
    with pytest.raises(InputError, match=" min to 16 d, between two times that it kept"):
        cross_section(["salivary_cortisol", "epds"], age=("15.2 d", "16 d"), n=10, cohort=newborns)


# cross-section
def test_a_cross_section_finds_the_correlation_that_noise_leaves() -> None:
    n = 20_000
    epds, second = stream(5, 0, "test of a cross-section").normal(size=(2, n))
    r = -0.6
    sensitivity = 5 + 1.0 * (r * epds + np.sqrt(1 - r * r) * second)
    cohort = constant_cohort(mother__epds=15 + 2.5 * epds, mother__sensitivity=sensitivity)
    asked = [Measure("epds", age="10 weeks"), Measure("sensitivity", age="20 weeks")]
    study = cross_section(asked, n=100, cohort=cohort)
    noise = np.sqrt(2.5**2 / (2.5**2 + 1.8**2 + 1 / 12)) * np.sqrt(1 / (1 + 0.7**2 + 0.5**2))
    row = study.effects.iloc[0]
    assert row["replications"] == n / 100 and row["outcome"] == "sensitivity at 20 weeks"
    assert row["dz"] == pytest.approx(r * noise, abs=4 * row["dz_se"])
    assert "nobody in two of them" in study.design["replications"]


def test_groups_are_halves_of_each_study_and_differ_as_they_should() -> None:
    epds = np.repeat([2.0, 20.0], 400)
    cohort = constant_cohort(mother__epds=epds, mother__sensitivity=np.repeat([6.0, 5.0], 400))
    gain = np.repeat([0.6, 1.8], 400)
    cohort = Cohort(
        cohort.who.with_parameters({"caregiver.depression.loop_gain": gain}),
        cohort.times,
        cohort.values,
        cohort.schedule,
        0,
        {},
    )
    entry = {
        "strong": "caregiver.depression.loop_gain > 1",
        "weak": "caregiver.depression.loop_gain < 1",
    }
    asked = [Measure("epds", age="10 weeks"), Measure("sensitivity", age="10 weeks")]
    study = cross_section(asked, n=41, cohort=cohort, groups=entry)
    assert study.readings["epds at 10 weeks"].shape == (19, 41)  # 21 strong and 20 weak, 19 times
    assert (study.readings["epds at 10 weeks"][:, :21] > 10).all()
    contrast = study.effects.set_index(["outcome", "contrast"]).loc[
        ("sensitivity at 10 weeks", "strong - weak")
    ]
    assert contrast["difference"] == pytest.approx(-1, abs=4 * contrast["difference_se"])
    assert contrast["share_up"] < 0.1


def test_groups_by_a_form_and_what_is_read_on_a_day() -> None:
    cohort = follow(Population.named("community"), 60, until="14 weeks", seed=6)
    entry = {"high": "epds >= 8", "low": "epds < 8"}
    asked = ["epds", "infant.saliva_oxytocin", Measure("salivary_cortisol", at=("09:00", "09:30"))]
    study = cross_section(asked, age=("10 weeks", "13 weeks"), n=16, cohort=cohort, groups=entry)
    high, low = study.readings["epds"][:, :8], study.readings["epds"][:, 8:]
    assert high.mean() > low.mean() + 4 and high.min() < 8  # the form of entry is another one
    again = cross_section(asked, age=("10 weeks", "13 weeks"), n=16, cohort=cohort, groups=entry)
    assert all(
        np.array_equal(values, again.readings[key]) for key, values in study.readings.items()
    )
    assert set(study.readings) == {"epds", "infant saliva_oxytocin", "salivary_cortisol"}
    assert len(study.effects) == 3 + 3 and "epds" in study.report()


def test_every_measure_is_in_the_matrix() -> None:
    cohort = follow(None, 16, until="1 week", seed=6)
    study = cross_section(age="1 week", n=8, cohort=cohort)
    assert (
        len(study.effects) == 7 * 6 / 2
        and len(study.figures) == 0
        and PROTOCOLS[14] is cross_section
    )
    assert study.effects["dz"].between(-1, 1).all()


@pytest.mark.long
def test_published_cross_sections_name_their_findings() -> None:
    cohort = follow(Population.named("community"), 300, until="9 months", at=["3 months"], seed=1)
    study = mind_mindedness(n=16, cohort=cohort)
    assert study.figures["target"].tolist() == ["C11"] and set(study.effects["target"]) == {
        "LB1",
        "",
    }
    assert "8 of " in study.design["participants"] and "PND" in study.design["participants"]
    assert caesarean(n=30, cohort=cohort).figures["target"].tolist() == ["C8a", "C8b"]
    assert depression_and_sensitivity(n=30, cohort=cohort).figures["target"].tolist() == ["C9"]


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"measures": ["epd"]}, UnknownNameError, "epds"),
        ({"measures": "epds"}, InputError, "expected a list"),
        ({"measures": []}, InputError, "found none"),
        ({"measures": ["epds", "epds"]}, InputError, "'epds' twice"),
        ({"measures": ["infant.epds"]}, InputError, "measures the caregiver"),
        ({"measures": ["epds", 3]}, InputError, "expected a name"),
        (
            {"groups": {"a": "epds >= 5", "b": "epds >= 7"}},
            InputError,
            "meet the conditions of both 'a' and 'b'",
        ),
        ({"groups": {"a": "epds >= 29"}}, InputError, "group 'a': 0 dyads of the pool"),
        ({"groups": {"a": "epdss >= 5"}}, UnknownNameError, "epds"),
        ({"targets": {("epds", "sensitivity"): "C99"}}, UnknownNameError, "C99"),
        ({"targets": {("epds", "sensitivty"): "C9"}}, UnknownNameError, "sensitivity"),
        ({"n": 3}, InputError, "n: expected a whole number of at least 4"),
        ({"n": 30}, InputError, "fewer than the 30 of one study"),
        ({"replications": 0}, InputError, "replications"),
        ({"age": ("3 weeks", "1 week")}, InputError, "lower end first"),
        ({"age": "3 months"}, InputError, r"found 3\.0 months"),
        ({"seed": 9}, InputError, "followed with seed 4; found 9"),
        ({"pool": 90}, InputError, "pool can say nothing"),
        ({"measures": ["urine_oxytocin", Measure("epds", at="00:10")], "age": "1 week"}, None, ""),
        ({"measures": [Measure("urine_oxytocin", at="01:00")]}, InputError, "before 00:00"),
    ],
)
def test_cross_sections_that_cannot_be_are_refused(
    newborns: Cohort, arguments: dict[str, Any], error: type[Exception] | None, message: str
) -> None:
    options = {
        "measures": ["epds", "sensitivity"],
        "age": "3 weeks",
        "n": 10,
        "cohort": newborns,
        **arguments,
    }
    if error is None:
        assert len(cross_section(**options).effects) == 1
        return
    with pytest.raises(error, match=message):
        cross_section(**options)


def test_measures_that_cannot_be_are_refused() -> None:
    with pytest.raises(InputError, match="moves within hours"):
        Measure("saliva_oxytocin", age="3 months")
    with pytest.raises(UnknownNameError, match="'infant'"):
        Measure("epds", "infnt")
    with pytest.raises(UnitError, match="clock time"):
        Measure("epds", at="noon")
    with pytest.raises(InputError, match="a clock time or a pair"):
        Measure("epds", at=("10:00", "09:00"))
    chosen = measures_of(["methylation", Measure("epds", age="3 months")])
    assert [measured.label for measured in chosen] == ["infant methylation", "epds at 3 months"]
