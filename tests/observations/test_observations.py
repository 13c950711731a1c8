"""The form of observations holds what it says, and refuses what contradicts itself."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from oxysim import observations
from oxysim.errors import InputError, OxysimError, UnitError, UnknownNameError
from oxysim.observations import Observations, ReadingReport
from oxysim.observations.observation_form import COLUMNS


def table(**columns: Any) -> pd.DataFrame:
    """Four samples of two persons, of which one is missing."""
    usual: dict[str, Any] = {
        "person": ["007", "007", "08", "08"],
        "analyte": ["saliva_oxytocin", "salivary_cortisol"] * 2,
        "clock": [480.0, 480.0, 510.0, 510.0],
        "value": [12.0, 9.5, math.nan, 7.25],
        "unit": ["pg/mL", "nmol/L"] * 2,
    }
    return pd.DataFrame(usual | columns)


def test_the_form_has_every_column_in_order_and_keeps_identifiers_as_texts() -> None:
    form = Observations.from_table(table()).to_pandas()
    assert tuple(form.columns) == COLUMNS
    assert form["person"].tolist() == ["007", "007", "08", "08"]
    assert form["member"].tolist() == ["mother"] * 4
    assert form["censored"].tolist() == ["", "", "missing", ""]
    assert form["line"].tolist() == [1, 2, 3, 4]
    assert form["day"].isna().all() and str(form["day"].dtype) == "Int64"
    assert form["value"].tolist()[:2] == [12.0, 9.5]


def test_parts_of_it_are_asked_by_name() -> None:
    some = Observations.from_table(table(member=["mother", "infant"] * 2), "visits")
    assert some.persons == ("007", "08") and some.members == ("mother", "infant")
    assert some.analytes == ("saliva_oxytocin", "salivary_cortisol")
    oxytocin = some.of("saliva_oxytocin")
    assert oxytocin.table["line"].tolist() == [1, 3] and oxytocin.members == ("mother",)
    assert oxytocin.drop_missing().persons == ("007",)
    assert len(some.of(["salivary_cortisol", "saliva_oxytocin"])) == 4
    assert some.require_units() == {"saliva_oxytocin": "pg/mL", "salivary_cortisol": "nmol/L"}
    with pytest.raises(UnknownNameError, match="'saliva_oxytocin'"):
        some.of("salvia_oxytocin")


def test_values_come_in_the_instrument_s_unit_and_the_report_says_so() -> None:
    # 362.46 g/mol of cortisol: 1 ug/dL = 10 ng/mL = 27.59 nmol/L
    written = table(unit=["ng/L", "ug/dL"] * 2, value=[12.0, 0.5, math.nan, 1.0])
    some = Observations.from_table(written)
    assert some.of("salivary_cortisol").table["value"].to_numpy() == pytest.approx([13.795, 27.59])
    assert some.of("saliva_oxytocin").table["value"].tolist()[0] == 12.0
    reasons = [change.why for change in some.report.changes]
    assert len(reasons) == 1 and "ug/dL to nmol/L" in reasons[0] and "27.59" in reasons[0]
    nanograms = Observations.from_table(table(unit=["pmol/L", "ng/ml"] * 2))
    # oxytocin weighs 1007.2 g/mol, cortisol 362.46
    assert nanograms.table["value"].tolist()[0] == pytest.approx(12 * 1.0072)
    assert nanograms.table["value"].tolist()[1] == pytest.approx(9.5 / 362.46 * 1000, rel=1e-3)


def test_a_limit_is_converted_like_a_value() -> None:
    written = table(
        unit=["pg/mL", "ug/dL"] * 2,
        value=[12.0, math.nan, 3.0, 1.0],
        censored=["", "below", "", ""],
        limit=[math.nan, 0.1, math.nan, math.nan],
    )
    assert Observations.from_table(written).table["limit"][1] == pytest.approx(2.759)


def test_a_user_s_own_analyte_keeps_its_unit() -> None:
    own = table(analyte="alpha_amylase", unit="U/mL")
    some = Observations.from_table(own)
    assert some.require_units() == {"alpha_amylase": "U/mL"} and not some.report.changes
    without = Observations.from_table(table(analyte="alpha_amylase", unit=""))
    with pytest.raises(InputError, match="a unit for every analyte; found none for alpha_amylase"):
        without.require_units()


NAN4 = [math.nan] * 4
WRONG: list[tuple[dict[str, Any], type[OxysimError], list[str]]] = [
    ({"person": [7, 7, 8, 8]}, InputError, ["row 1", "person", "a text", "7"]),
    ({"person": ["a", " ", "b", "b"]}, InputError, ["row 2", "person", "not empty"]),
    ({"value": ["12", "9", "3", "1"]}, InputError, ["row 1", "value", "'12'"]),
    ({"value": [1.0, True, 2.0, 3.0]}, InputError, ["row 2", "value", "True"]),
    ({"value": [1.0, math.inf, 2.0, 3.0]}, InputError, ["row 2", "value", "finite"]),
    ({"clock": [0.0, 1440.0, 5.0, 6.0]}, InputError, ["row 2", "clock", "below 1440"]),
    ({"day": [0.0, 1.5, 2.0, 3.0]}, InputError, ["row 2", "day", "whole number"]),
    ({"censored": ["", "", "blq", ""]}, InputError, ["row 3", "censored", "'below'"]),
    ({"censored": ["", "", "", ""]}, InputError, ["row 3", "value", "nothing is censored"]),
    ({"censored": ["below", "", "missing", ""]}, InputError, ["row 1", "limit"]),
    ({"censored": ["missing", "", "missing", ""]}, InputError, ["row 1", "value", "missing"]),
    ({"limit": [5.0, *NAN4[1:]]}, InputError, ["row 1", "limit", "without a limit"]),
    ({"unit": ["pg/mL", "nmol/L", "ng/mL", "nmol/L"]}, InputError, ["saliva_oxytocin", "one unit"]),
    ({"unit": ["nmol/L", "nmol/L"] * 2}, UnitError, ["saliva_oxytocin", "'pg/mL'", "'nmol/L'"]),
    ({"valeu": NAN4}, UnknownNameError, ["'valeu'", "'value'"]),
]


@pytest.mark.parametrize(("columns", "kind", "words"), WRONG, ids=[str(w) for _, _, w in WRONG])
def test_what_contradicts_itself_is_refused_by_row_and_column(
    columns: dict[str, Any], kind: type[OxysimError], words: list[str]
) -> None:
    with pytest.raises(kind) as error:
        Observations.from_table(table(**columns), "visits")
    assert all(word in str(error.value) for word in ["visits", *words]), str(error.value)


@pytest.mark.parametrize("column", ["person", "analyte", "value", "unit", "clock"])
def test_a_column_that_is_needed_is_named(column: str) -> None:
    with pytest.raises(InputError, match=f"{column!r}|no column of a time"):
        Observations.from_table(table().drop(columns=column))


def test_the_form_itself_is_taken_whole_or_not_at_all() -> None:
    some = Observations.from_table(table())
    again = Observations(some.to_pandas(), some.report, "again")
    pd.testing.assert_frame_equal(again.table, some.table)
    with pytest.raises(InputError, match="no column 'occasion'.*from_table"):
        Observations(some.to_pandas().drop(columns="occasion"), some.report, "less")
    other = some.to_pandas()
    other["unit"] = other["unit"].replace("nmol/L", "ug/dL")
    with pytest.raises(InputError, match="the unit of the instrument"):
        Observations(other, some.report, "other units")


def test_what_is_handed_out_and_in_is_a_copy() -> None:
    some = Observations.from_table(table())
    out = some.to_pandas()
    out["value"] = 0.0
    inside = some.to_pandas()
    kept = Observations(inside, some.report, "again")
    inside["value"] = 0.0
    assert some.table["value"][0] == kept.table["value"][0] == 12.0


def test_it_says_what_it_holds() -> None:
    text = repr(Observations.from_table(table(), "visits"))
    for words in ("persons 2 (007 and 08)", "2 values, 1 missing, 12 to 12 pg/mL", "7.25 to 9.5"):
        assert words in text
    assert "<td>007</td>" in Observations.from_table(table())._repr_html_()


def test_an_empty_form_is_one() -> None:
    some = Observations.from_table(table()).of("saliva_oxytocin")
    none = Observations(some.table.iloc[:0], some.report, "nobody")
    assert len(none) == 0 and none.persons == () and none.require_units() == {}


# --------------------------------------------------------------------------------------
# reports
def test_a_report_accounts_for_every_row() -> None:
    drops = [(4, "row", "stands twice"), (9, "row", "stands twice"), (9, "row", "no clock")]
    report = ReadingReport("saliva.csv", "samples", 9, 7, [(3, "cortisol 'NA'", "missing")], drops)
    assert str(report).split("\n") == [
        "saliva.csv, read as samples: 9 rows in the file, 7 kept, 2 dropped.",
        "Changed, 1: missing",
        "  line 3: cortisol 'NA'",
        "Dropped, 2: stands twice",
        "  lines 4 and 9",
        "Dropped, 1: no clock",
        "  line 9: row",
    ]
    rows = report.to_pandas()
    assert (
        rows["line"].tolist() == [3, 4, 9, 9] and rows["dropped"].tolist() == [False] + [True] * 3
    )
    with pytest.raises(InputError, match="add up to 9.*8 kept and 2 dropped"):
        ReadingReport("saliva.csv", "samples", 9, 8, (), drops)


def test_many_lines_are_shortened_in_print_and_whole_in_the_table() -> None:
    changes = [(line, "cortisol ''", "missing") for line in range(2, 125)]
    report = ReadingReport("saliva.csv", "samples", 200, 200, changes)
    assert str(report).endswith("lines 2, 3, 4, 5, 6, 7, 8, 9 and 115 more")
    assert report.to_pandas()["line"].tolist() == list(range(2, 125))


@pytest.mark.parametrize("change", [(0, "a", "b"), (1, "a", ""), (1, "a"), "abc", (1.0, "a", "b")])
def test_a_change_has_a_line_a_thing_and_a_reason(change: Any) -> None:
    with pytest.raises(InputError):
        ReadingReport("saliva.csv", "samples", 1, 1, [change])


def test_the_door_hands_out_the_forms() -> None:
    assert observations.Observations is Observations
    assert np.dtype(Observations.from_table(table()).table["value"].dtype) == np.float64
