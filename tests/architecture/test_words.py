"""Words of the field: what people write is understood, or answered with what they mean."""

from __future__ import annotations

import doctest
from collections.abc import Callable
from typing import Any

import pytest

import oxysim as ox
from oxysim import synonyms, units
from oxysim.errors import OxysimError, ScheduleError, UnitError, UnknownNameError
from oxysim.interventions import parse, parse_schedule

EMPTY = ox.Routine.empty()
LATE = {
    "10 am": 600,
    "10 AM": 600,
    "2:30 pm": 870,
    "12 am": 0,
    "12 pm": 720,
    "11:59 p.m.": 1439,
    "1pm": 780,
    "2:30:30 pm": 870.5,
}


@pytest.mark.parametrize("text", LATE)
def test_clock_times_of_twelve_hours_are_understood(text: str) -> None:
    assert units.clock(text) == LATE[text]


@pytest.mark.parametrize(
    "text", ["0 am", "13 pm", "10:75 am", "am", "10 xm", "24 pm", "2:30:70 pm"]
)
def test_clock_times_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(UnitError, match="time of day"):
        units.clock(text)


def test_clock_times_of_twelve_hours_stand_in_sentences_and_options() -> None:
    plain = parse("24 IU intranasal at 10:00, 14:30")
    assert parse("24 IU intranasal at 10 am, 2:30 pm") == plain
    assert parse("24 IU intranasal at 10 am and 2:30 PM") == plain
    assert ox.NasalSpray("24 IU", at=("10 am", "2:30 pm")) == plain
    assert plain.text() == "24 IU intranasal at 10:00, 14:30"
    assert parse_schedule("feed 20 min at 7 am, 11 am") == parse_schedule(
        "feed 20 min at 07:00, 11:00"
    )
    with pytest.raises(UnitError, match="hours run from 1 to 12"):
        parse("24 IU intranasal at 13 pm")


def test_kangaroo_care_is_skin_to_skin_contact() -> None:
    assert parse("kangaroo care 60 min daily at 10:00") == ox.SkinToSkin(
        "60 min", at="10:00", repeat="daily"
    )


COMMAS: list[Callable[[], Any]] = [
    lambda: ox.NasalSpray("24,5 IU", at="10:00"),
    lambda: parse("24,5 IU intranasal at 10:00"),
    lambda: ox.SkinToSkin("60,5 min", at="10:00"),
    lambda: parse("massage 15 min intensity 0,8 at 10:00"),
    lambda: ox.simulate(ox.Dyad(), EMPTY, "1,5 h"),
    lambda: ox.Dyad(infant_age="5,5 months"),
]


@pytest.mark.parametrize("number", range(len(COMMAS)))
def test_a_decimal_comma_is_named_as_such(number: int) -> None:
    with pytest.raises(UnitError, match=r"decimal comma; write '\d+\.\d"):
        COMMAS[number]()


def test_two_clock_times_without_a_space_between_them_are_no_decimal_comma() -> None:
    assert parse("24 IU intranasal at 10:00,14:00") == parse("24 IU intranasal at 10:00, 14:00")


@pytest.mark.parametrize(
    ("dose", "iu"),
    [("24 mg", 24e3 / 1.68), ("1 mg", 1e3 / 1.68), ("9000 ug", 9000 / 1.68), ("200000 mIU", 200.0)],
)
def test_a_dose_in_another_unit_is_refused_with_its_conversion(dose: str, iu: float) -> None:
    for refused in (
        lambda: ox.NasalSpray(dose, at="10:00"),
        lambda: parse(f"{dose} intranasal at 10:00"),
    ):
        with pytest.raises(ScheduleError, match=rf"found '{dose}' \({iu:.5g} IU\)"):
            refused()


@pytest.mark.parametrize(
    ("written", "meant"),
    [("24 iu", "'IU'"), ("24 units", "'IU'"), ("24 mcg", "'ug'"), ("24 UI", "'IU'")],
)
def test_a_unit_of_dose_in_another_spelling_is_answered_with_the_one_used_here(
    written: str, meant: str
) -> None:
    with pytest.raises(UnitError, match=f"is written {meant} here"):
        ox.NasalSpray(written, at="10:00")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("90 mins", "'min'"),
        ("2 hrs", "'h'"),
        ("6 wks", "'weeks'"),
        ("5 m", "'min' or 'months'"),
        ("5 mos", "'months'"),
    ],
)
def test_a_unit_of_time_in_another_spelling_is_answered_with_the_one_used_here(
    written: str, meant: str
) -> None:
    with pytest.raises(UnitError, match=f"is written {meant} here"):
        units.duration(written)


@pytest.fixture(scope="module")
def result() -> ox.Result:
    return ox.simulate(ox.Dyad(), EMPTY, "1 h")


VARIABLES = [
    ("PPD", "mother.epds"),
    ("postpartum depression", "mother.epds"),
    ("OT", "mother.saliva_oxytocin"),
    ("salivary oxytocin", "mother.saliva_oxytocin"),
    ("infant.stress hormone", "infant.cortisol"),
    ("heart beat", "mother.heart_rate"),
]
INSTRUMENTS = [
    ("PPD", "epds"),
    ("OT", "saliva_oxytocin"),
    ("STAI", "state_anxiety"),
    ("bonding questionnaire", "bonding"),
    ("mind-mindedness", "appropriate_comments"),
    ("edinburgh", "epds"),
]
SENTENCES = [
    ("babywearing 60 min at 10:00", "skin-to-skin"), ("nursing 20 min at 10:00", "breastfeeding"),
    ("CBT 60 min weekly", "psychological treatment"), ("sertraline 1 dose", "antidepressant"),
    ("vaccination 2 min at 10:00", "stressor"), ("24 IU spray at 10:00", "nasal spray"),
]  # fmt: skip


def first_offered(error: OxysimError) -> str:
    """The first name that a message offers."""
    return str(error).partition("nearest: ")[2].partition(",")[0].strip("'")


@pytest.mark.parametrize(("said", "meant"), VARIABLES)
def test_a_variable_in_the_words_of_the_field_is_answered_with_the_one_meant(
    said: str, meant: str, result: ox.Result
) -> None:
    with pytest.raises(UnknownNameError) as caught:
        result[said]
    assert first_offered(caught.value) == meant


@pytest.mark.parametrize(("said", "meant"), INSTRUMENTS)
def test_an_instrument_in_the_words_of_the_field_is_answered_with_the_one_meant(
    said: str, meant: str, result: ox.Result
) -> None:
    for ask in (lambda: ox.measure(result, said, at="08:30"), lambda: ox.Endpoint(said, "6 weeks")):
        with pytest.raises(UnknownNameError) as caught:
            ask()
        assert first_offered(caught.value) == meant


@pytest.mark.parametrize(("said", "meant"), SENTENCES)
def test_an_intervention_in_the_words_of_the_field_is_answered_with_the_one_meant(
    said: str, meant: str
) -> None:
    with pytest.raises(UnknownNameError) as caught:
        parse(said)
    assert first_offered(caught.value.args[0].split("\n")[0]) == meant


ELSEWHERE: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: ox.Dyad(parameters={"mother.cortisol half-life": 60}),
        "mother.stress.cortisol_half_life",
    ),
    (lambda: ox.simulate(ox.Dyad(), EMPTY, "1 h", cut=["bonding -> PPD"]), "bond -> depression"),
    (lambda: ox.outcomes(ox.Dyad(), EMPTY, "1 h", ["caregiver.PPD: final"]), "caregiver.epds"),
    (lambda: ox.outcomes(ox.Dyad(), EMPTY, "1 h", ["caregiver.epds: average"]), "mean"),
    (lambda: ox.Solver("rk4"), "RK45"),
    (lambda: ox.Family(("mom", "dad")), "mother"),
    (lambda: ox.Routine.typical("dad"), "father"),
]


@pytest.mark.parametrize("number", range(len(ELSEWHERE)))
def test_a_synonym_comes_before_spelling_wherever_names_are_looked_up(number: int) -> None:
    ask, meant = ELSEWHERE[number]
    with pytest.raises(UnknownNameError) as caught:
        ask()
    assert first_offered(caught.value) == meant


def test_the_door_answers_a_missing_name_with_the_nearest() -> None:
    with pytest.raises(AttributeError, match="'SkinToSkin'"):
        _ = ox.KangarooCare
    assert not hasattr(ox, "kangaroo")


def test_every_synonym_leads_somewhere() -> None:
    """A row whose names do not exist would be dead: each leads to a name of the package."""
    interventions = ox.interventions.INTERVENTIONS
    variables = ox.simulate(ox.Dyad(), EMPTY, "10 min").variables
    names = [
        *ox.parameter_table()["name"],
        *ox.edge_table()["name"],
        *ox.measures.INSTRUMENTS,
        *interventions,
    ]
    names += [noun for kind in interventions.values() for noun in kind.form.nouns]
    names += [
        *variables,
        "mother",
        "father",
        "caregiver",
        "infant",
        "mean",
        "maximum",
        "minimum",
        "area",
        "final",
    ]
    names += ["latin_hypercube", "RK45", "BDF", "compiled", "bottle feed"]
    for said, meant in synonyms.SYNONYMS:
        first = synonyms._words(synonyms.nearest(said[0], names, 1)[0])
        assert any(f" {synonyms._words(one)} " in f" {first} " for one in meant), said


def test_the_examples_in_the_texts_hold() -> None:
    for module in (synonyms, units):
        found = doctest.testmod(module)
        assert found.attempted and not found.failed
