"""Non-compartmental figures of observations: which samples make a curve, when it begins, and what
careless samples are told.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import oxysim as ox
from oxysim.errors import OxysimError
from oxysim.observations import Observations
from oxysim.statistics.kinetics.sampled_curves import CensoringRule


def samples(**columns: Any) -> Observations:
    """Cortisol, unless it is said otherwise."""
    usual = {"person": "01", "analyte": "salivary_cortisol", "unit": "nmol/L"}
    return Observations.from_table(pd.DataFrame({**usual, **columns}), "saliva.csv")


def test_each_person_member_analyte_and_occasion_is_a_curve() -> None:
    table = pd.DataFrame({
        "person": ["01"] * 4 + ["007"] * 2 + ["01"] * 2,
        "member": ["mother"] * 2 + ["infant"] * 2 + ["mother"] * 4,
        "analyte": ["salivary_cortisol"] * 6 + ["saliva_oxytocin"] * 2,
        "unit": ["nmol/L"] * 6 + ["pg/mL"] * 2,
        "occasion": ["before"] * 6 + ["after"] * 2,
        # in another order than that of time
        "minutes": [30.0, 0.0, 0.0, 10.0, 5.0, 25.0, 0.0, 60.0],
        "value": [4.0, 8.0, 1.0, 3.0, 2.0, 2.0, 10.0, 20.0],
    })  # fmt: skip
    figures = ox.noncompartmental(Observations.from_table(table))
    named = figures[["person", "member", "analyte", "occasion"]].values.tolist()
    assert named == [
        ["01", "mother", "salivary_cortisol", "before"],
        ["01", "infant", "salivary_cortisol", "before"],
        ["007", "mother", "salivary_cortisol", "before"],
        ["01", "mother", "saliva_oxytocin", "after"],
    ]
    # trapezoids by hand
    assert figures["area"].tolist() == [180.0, 20.0, 40.0, 900.0]
    assert figures["peak_time"].tolist() == [0.0, 10.0, 5.0, 60.0]
    assert figures["unit"].tolist() == ["nmol/L"] * 3 + ["pg/mL"]
    assert ox.noncompartmental(Observations.from_table(table), "saliva_oxytocin")[
        "area"
    ].tolist() == [900]


def test_a_day_is_a_curve_of_its_own_where_it_is_named() -> None:
    days = samples(
        day=[0, 0, 1, 1], clock=[480.0, 510.0, 480.0, 540.0],
        minutes=[480.0, 510.0, 1920.0, 1980.0], value=[4.0, 8.0, 6.0, 6.0],
    )  # fmt: skip
    figures = ox.noncompartmental(days, per=["person", "analyte", "day"])
    assert figures["area"].tolist() == [180.0, 360.0] and figures["day"].tolist() == [0, 1]
    assert figures["peak_time"].tolist() == [510.0, 480.0]
    assert len(ox.noncompartmental(days)) == 1


def test_times_count_from_each_persons_dose() -> None:
    """C0 exp(-k t) after a bolus at 10:00 and at 11:00: half-life 10 min, volume dose/C0."""
    t = np.array([5.0, 10.0, 20.0, 40.0])
    level = 50.0 * 0.5 ** (t / 10)
    both = Observations.from_table(
        pd.DataFrame({
            "person": ["a"] * 4 + ["b"] * 4, "analyte": "plasma_oxytocin", "unit": "pg/mL",
            "minutes": [*(600 + t), *(660 + t)], "value": [*level, *(2 * level)],
        })
    )  # fmt: skip
    options: dict[str, Any] = {"route": "bolus", "method": "linear up, log down"}
    figures = ox.noncompartmental(
        both, dose={"a": 100.0, "b": 400.0}, dose_time={"a": "10:00", "b": 660.0}, **options
    )
    assert figures["peak_time"].tolist() == [5.0, 5.0]
    np.testing.assert_allclose(figures["half_life"], 10.0)
    np.testing.assert_allclose(figures["volume"], [2.0, 4.0])
    np.testing.assert_allclose(figures["residence_time"], 10 / np.log(2))
    hours = ox.noncompartmental(both.of("plasma_oxytocin"), dose_time={"a": "10:00", "b": "11:00"},
                                time_unit="h", **options)  # fmt: skip
    np.testing.assert_allclose(hours["half_life"], 1 / 6)
    np.testing.assert_allclose(hours["area_extrapolated"], figures["area_extrapolated"] / 60)
    assert hours.attrs["units"]["area"] == "pg/mL h" and hours.attrs["units"]["half_life"] == "h"


def test_censored_samples_follow_the_rule_and_missing_ones_are_left_out() -> None:
    table = samples(
        minutes=[0.0, 10.0, 20.0, 30.0], value=[np.nan, 4.0, np.nan, 2.0],
        censored=["below", "", "missing", ""], limit=[1.0, np.nan, np.nan, np.nan],
    )  # fmt: skip
    assert ox.noncompartmental(table)["area"].item() == 20 + 60
    half = ox.noncompartmental(table, rule=CensoringRule(before="half"))
    assert half["area"].item() == 22.5 + 60


def test_a_clock_is_the_time_where_no_day_is_known() -> None:
    figures = ox.noncompartmental(samples(clock=[480.0, 510.0], value=[4.0, 8.0]))
    assert figures["area"].item() == 180.0


GOOD: dict[str, Any] = {"minutes": [0.0, 10.0, 20.0], "value": [1.0, 4.0, 2.0]}


@pytest.mark.parametrize(
    ("columns", "options", "match"),
    [
        (
            {"minutes": [0.0, 10.0, 10.0]},
            {},
            r"saliva.csv, lines 2 and 3: .*2 samples of '01' at once",
        ),
        (
            {"minutes": [0.0, np.nan, 10.0]},
            {},
            "saliva.csv, line 2: expected a time of every sample",
        ),
        ({"value": [np.nan] * 3}, {}, "saliva.csv: expected at least one sample"),
        ({}, {"analyte": "cortisol"}, "unknown analyte 'cortisol' in saliva.csv"),
        ({}, {"per": ["analyte"]}, "per: expected 'person' among them"),
        ({}, {"per": ["person", "analyte", "line"]}, "unknown per 'line'"),
        ({}, {"time_unit": "s"}, "unknown time_unit 's'"),
        ({}, {"route": "bolus"}, "dose_time: expected both route and dose_time"),
        ({}, {"dose_time": 0.0}, "route: expected both route and dose_time"),
        ({}, {"route": "bolus", "dose_time": {"02": 0.0}}, "unknown person '02' in saliva.csv"),
        ({}, {"route": "bolus", "dose_time": {}}, "dose_time: .* found none for '01'"),
        ({}, {"route": "bolus", "dose_time": "10"}, "dose_time"),
        ({}, {"route": "bolus", "dose_time": 0.0, "dose": "24 IU"}, "dose: expected"),
        ({}, {"dose": 3.0}, "route: expected"),
    ],
)
def test_careless_samples_and_arguments_are_told(
    columns: dict[str, Any], options: dict[str, Any], match: str
) -> None:
    with pytest.raises(OxysimError, match=match):
        ox.noncompartmental(samples(**{**GOOD, **columns}), **options)


def test_observations_alone_are_taken() -> None:
    with pytest.raises(OxysimError, match="observations: expected Observations"):
        ox.noncompartmental(pd.DataFrame(GOOD))  # type: ignore[arg-type]
