"""Forms of the EPDS: items or totals, left-out items by a named rule, ages, repeats."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from oxysim.errors import OxysimError
from oxysim.evidence.surveys.survey_data import read_survey
from oxysim.observations import Observations, read_forms
from tests.support.made_up_survey import SIZES, forms

Read = Callable[..., Observations]
ITEMS = ",".join(f"epds_{number}" for number in range(1, 11))


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """A reader of a text as a file."""

    def read_text(text: str, **arguments: Any) -> Observations:
        path = tmp_path / "forms.csv"
        path.write_text(text, encoding="utf-8")
        return read_forms(path, **arguments)

    return read_text


def row(answers: str, person: str = "a", age: str = "6 weeks") -> str:
    """A file of one form; `answers` has one character an item, "-" for one that is left out."""
    cells = ",".join("" if answer == "-" else answer for answer in answers)
    return f"person,age,{ITEMS}\n{person},{age},{cells}\n"


def test_a_survey_reads_as_by_its_own_reader(tmp_path: Path) -> None:
    path = tmp_path / "survey.csv"
    forms(SIZES).to_csv(path, index=False)
    survey = read_survey(path).forms
    columns = {"person": "participant", "age": "infant_age_months"}
    some = read_forms(path, columns=columns, units={"infant_age_months": "months"})
    assert some.persons == tuple(survey["participant"])
    assert some.table["value"].tolist() == survey["epds_total"].tolist()
    classes = [f"{name} months" for name in survey["infant_age_months"]]
    assert some.table["occasion"].tolist() == classes
    assert len(some.report.changes) == len(survey) and some.table["age"].isna().all()


def test_items_are_added_up(read: Read) -> None:
    some = read(row("0123012301"))
    assert some.table["value"].tolist() == [13.0] and some.table["age"].tolist() == [42.0]
    assert some.table[["analyte", "unit", "member"]].to_numpy().tolist() == [
        ["epds", "EPDS", "mother"]
    ]
    # 3 - answer for items 3 and 5 to 10, as the paper form is printed
    printed = read(row("0123012301"), reverse=(3, 5, 6, 7, 8, 9, 10)).table["value"]
    assert printed.tolist() == [0 + 1 + (3 - 2) + 3 + 3 + 2 + 1 + 0 + 3 + 2]
    # answers from 1 to 4
    assert read(row("1234123412"), lowest=1).table["value"].tolist() == [13.0]


def test_items_that_are_left_out_need_a_rule(read: Read) -> None:
    text = row("11111111--")
    with pytest.raises(OxysimError, match="line 2, column epds_9.*missing_items='open'"):
        read(text)
    left_open = read(text, missing_items="open")
    assert left_open.table["censored"].tolist() == ["missing"]
    prorated = read(text, missing_items="prorate")
    assert prorated.table["value"].tolist() == [10.0]
    assert prorated.report.changes[0].why == "prorated: the mean of 8 answered items times 10"
    seven = read(row("1111112---"), missing_items="prorate")
    assert seven.table["censored"].tolist() == ["missing"]
    assert "fewer than 8 answered" in seven.report.changes[0].why
    few = read(row("1111112---"), missing_items="prorate", least_items=7)
    assert few.table["value"].tolist() == [pytest.approx(8 / 7 * 10)]


def test_the_file_s_own_total_has_to_be_possible(read: Read) -> None:
    text = f"person,age,{ITEMS},epds_total\na,6 weeks,{'1,' * 9},{{}}\n"
    assert read(text.format(11), missing_items="total").table["value"].tolist() == [11.0]
    for total in (8, 13):
        with pytest.raises(OxysimError, match=r"from 9 to 12, with items 10 left out"):
            read(text.format(total), missing_items="total")
    assert read(text.format(""), missing_items="total").table["censored"].tolist() == ["missing"]
    with pytest.raises(OxysimError, match="a column with the total"):
        read(row("111111111-"), missing_items="total")


def test_a_total_beside_items_is_their_sum(read: Read) -> None:
    text = f"person,age,{ITEMS},epds_total\na,6 weeks,{'1,' * 10}{{}}\n"
    assert read(text.format(10)).report.changes == ()
    with pytest.raises(OxysimError, match="column epds_total: expected the items' sum, 10.*11"):
        read(text.format(11))
    computed = read(text.format(""))
    assert computed.table["value"].tolist() == [10.0]
    assert "the items' sum is taken" in computed.report.changes[0].why


def test_totals_alone_and_missing_ones(read: Read) -> None:
    some = read("person,occasion,epds\na,visit 1,9.0\na,visit 2,NA\nb,visit 1,30\n")
    np.testing.assert_array_equal(some.table["value"], [9.0, math.nan, 30.0])
    assert some.table["occasion"].tolist() == ["visit 1", "visit 2", "visit 1"]
    assert some.report.to_pandas()[["line", "why"]].to_numpy().tolist() == [
        [3, "epds: missing ('NA')"]
    ]


def test_repeated_forms_in_rows_or_columns_say_the_same(read: Read) -> None:
    rows = read("person,age,epds\na,6 weeks,9\na,3 months,4\nb,6 weeks,13\nb,3 months,\n").table
    columns = read(
        "person,epds_6w,epds_3m\na,9,4\nb,13,\n",
        totals={"epds_6w": "6 weeks", "epds_3m": "3 months"},
    ).table
    for column in ("person", "age", "value", "censored"):
        np.testing.assert_array_equal(rows[column], columns[column])
    visits = read("person,t1,t2\na,9,4\n", totals={"t1": "before", "t2": "after"}).table
    assert visits["occasion"].tolist() == ["before", "after"] and visits["age"].isna().all()


def test_dates_and_dates_of_birth(read: Read) -> None:
    text = "person,date,birth,epds\na,2024-03-01,2024-01-19,9\na,2024-03-15,2024-01-19,4\n"
    some = read(text).table
    assert some["age"].tolist() == [42.0, 56.0] and some["day"].tolist() == [0, 14]


def test_classes_of_age_may_stand_for_their_middle(read: Read) -> None:
    text = "person,age [months],epds\na,3-6,9\nb,12+,4\n"
    some = read(text, class_ages="middle").table
    assert some["age"][0] == pytest.approx(4.5 * 30.4375) and math.isnan(some["age"][1])
    assert some["occasion"].tolist() == ["3-6 months", "12+ months"]


def test_other_questionnaires_by_their_totals(read: Read) -> None:
    some = read("person,age,total\na,6 weeks,44\n", questionnaire="bonding").table
    assert some[["analyte", "unit", "value"]].to_numpy().tolist() == [["bonding", "points", 44.0]]
    with pytest.raises(OxysimError, match="from 20 to 80; found '19'"):
        read("person,age,total\na,6 weeks,19\n", questionnaire="state_anxiety")
    with pytest.raises(OxysimError, match="a questionnaire with a scale"):
        read("person,age,total\na,6 weeks,19\n", questionnaire="saliva_oxytocin")


WRONG: list[tuple[str, dict[str, Any], list[str]]] = [
    (row("0123012304"), {}, ["line 2, column epds_10", "0 to 3", "lowest=1"]),
    (row("012301230x"), {}, ["line 2, column epds_10", "'x'"]),
    (row("0" * 10).replace("epds_7", "item_7"), {}, ["missing: epds_7"]),
    (row("0" * 10, person=""), {}, ["line 2, column person"]),
    (row("0" * 10, age="6"), {}, ["line 2, column age", "units={'age': 'weeks'}"]),
    (row("0" * 10, age="6-3 months"), {}, ["line 2, column age", "'3-6'"]),
    ("person,epds\na,9\n", {}, ["'age' or 'date'"]),
    ("person,age,epds\na,6 weeks,31\n", {}, ["line 2, column epds", "0 to 30"]),
    ("person,age,epds\na,6 weeks,9.5\n", {}, ["line 2, column epds", "'9.5'"]),
    ("person,age,epds\na,6 weeks,-99\n", {}, ["line 2, column epds", "'-99'"]),
    ("person,age,epds\na,6 weeks,9\na,6 weeks,9\n", {}, ["line 3", "line 2", "doubled='drop'"]),
    ("person,age,epds,site\na,6 weeks,9,x\n", {}, ["'site'", "ignore=('site',)"]),
    ("person,age\na,6 weeks\n", {}, ["a column 'total'"]),
    ("person,t1,epds\na,9,9\n", {"totals": {"t1": "before"}}, ["a form a column"]),
    ("person,t1\na,9\n", {"totals": {"t2": "before"}}, ["unknown column 't2'"]),
    (row("0" * 10), {"items": ("epds_1", "epds_2")}, ["10 different columns"]),
    (row("0" * 10), {"questionnaire": "bonding"}, ["a total of bonding, not items"]),
    (row("0" * 10), {"units": {"agee": "weeks"}}, ["unknown column 'agee' of units"]),
    (row("0" * 10), {"reverse": (11,)}, ["reverse", "from 1 to 10"]),
    ("person,age,epds\na,6 weeks,9\n", {"lowest": 1}, ["lowest: expected a file with items"]),
    (row("0" * 10), {"missing_items": "mean"}, ["'mean'"]),
]


@pytest.mark.parametrize(("text", "arguments", "words"), WRONG, ids=[str(w) for *_, w in WRONG])
def test_a_wrong_form_is_refused_with_its_place_and_a_remedy(
    read: Read, text: str, arguments: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(OxysimError) as error:
        read(text, **arguments)
    message = str(error.value)
    assert all(word in message for word in words) and "\n" not in message, message
