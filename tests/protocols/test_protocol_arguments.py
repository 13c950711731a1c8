"""No argument of a published protocol changes nothing without a word, and none
ends in a raw error.
"""

from __future__ import annotations

from typing import Any

import pytest

import oxysim as ox
from oxysim import protocols
from oxysim.cohorts.cross_sectional_measures import Measure
from oxysim.errors import InputError, OxysimError, UnknownNameError
from oxysim.interventions.daily_life import ordinary_life
from oxysim.population import Population

DYADS = ox.Dyad(infant_age="5 months").repeat(12)
GIVEN = {  # protocol -> the argument by which those who take part are given
    "spray_crossover": "mothers",
    "spray_mind_mindedness": "mothers",
    "skin_to_skin_session": "triads",
    "daily_skin_to_skin": "mothers",
    "infant_massage": "mothers",
    "mind_mindedness_coaching": "mothers",
    "social_preference": "mice",
    "stressor_and_comfort": "children",
    "spray_kinetics": "adults",
    "intravenous_bolus": "adults",
    "single_feed": "mothers",
    "psychological_treatment": "mothers",
}


@pytest.mark.parametrize("name", GIVEN)
def test_what_says_whom_to_draw_is_refused_where_families_are_given(name: str) -> None:
    protocol, argument = getattr(protocols, name), GIVEN[name]
    with pytest.raises(
        InputError, match=f"{argument}, pool: {argument} are given, so pool can say nothing"
    ):
        protocol(**{argument: DYADS}, pool=12)
    with pytest.raises(InputError, match=f"{argument}, population: give one of the two"):
        protocol(**{argument: DYADS}, population=Population.named())


@pytest.mark.parametrize(
    "name", ["daily_skin_to_skin", "infant_massage", "psychological_treatment"]
)
def test_criteria_of_entry_are_refused_where_mothers_are_given(name: str) -> None:
    with pytest.raises(
        InputError, match="mothers, entry: mothers are given, so entry can say nothing"
    ):
        getattr(protocols, name)(mothers=DYADS, entry=["epds >= 10"])


def test_parents_who_take_no_part_are_refused() -> None:
    play = protocols.play_session
    with pytest.raises(
        InputError, match=r"parents: expected groups that take part \(fathers\); found 'mothers'"
    ):
        play(parents={"mothers": DYADS}, sizes={"fathers": 12})
    with pytest.raises(
        UnknownNameError, match="unknown group 'mother' in parents; nearest: 'mothers'"
    ):
        play(parents={"mother": DYADS})
    with pytest.raises(InputError, match="mothers, pool: mothers are given"):
        play(parents={"mothers": DYADS}, sizes={"mothers": 12}, pool=20)


def test_a_day_that_nobody_is_visited_on_is_refused() -> None:
    asked = [Measure("epds", age="1 d"), Measure("sensitivity", age="1 d")]
    with pytest.raises(InputError, match="day: no measure or condition is read at the visit"):
        protocols.cross_section(asked, age="1 d", n=2, pool=4, day=ordinary_life())


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("play_session", {"sizes": 3}, "sizes: expected a mapping"),
    ("play_session", {"sizes": {"mothers": "many"}}, "sizes, mothers: expected a whole number"),
    ("play_session", {"sizes": {"mothers": 12.5}}, "sizes, mothers: expected a whole number"),
    ("play_session", {"parents": 3}, "parents: expected a mapping"),
    ("play_session", {"parents": {"mothers": 3}}, "mothers: expected a Dyad or a Family"),
    ("stressor_and_comfort", {"sizes": 3}, "sizes: expected at least two arms"),
    (
        "stressor_and_comfort",
        {"sizes": {"contact": "x", "voice": 2}, "children": DYADS},
        "n: expected a whole number",
    ),
    (
        "spray_crossover",
        {"crying": "no", "mothers": DYADS},
        "crying: expected True or False; found 'no'",
    ),
    ("spray_crossover", {"pool": "many"}, "pool: expected a whole number"),
    ("spray_crossover", {"n": None}, "n: expected a whole number"),
    (
        "daily_skin_to_skin",
        {"visits": 3, "mothers": DYADS},
        "visits: expected a list of times after enrolment",
    ),
    (
        "daily_skin_to_skin",
        {"visits": "2 weeks", "mothers": DYADS},
        "visits: expected a list of times",
    ),
    ("daily_skin_to_skin", {"visits": [], "mothers": DYADS}, "visits: expected a list of times"),
    ("daily_skin_to_skin", {"visits": [3], "mothers": DYADS}, "visits, entry 1"),
    ("daily_skin_to_skin", {"entry": 3}, "3"),
    (
        "psychological_treatment",
        {"later": "6 months", "mothers": DYADS},
        "later: expected a list of times",
    ),
    ("psychological_treatment", {"later": 3, "mothers": DYADS}, "later: expected a list of times"),
    (
        "psychological_treatment",
        {"sessions": "x", "mothers": DYADS},
        "sessions: expected a whole number",
    ),
    ("social_preference", {"genotypes": 3}, "genotypes: expected a list of genotypes"),
    ("social_preference", {"genotypes": [["wild type"]]}, "genotypes, entry 1"),
    ("spray_kinetics", {"doses": 3}, "doses: expected a list of doses"),
    ("spray_kinetics", {"doses": [3]}, "dose"),
    ("spray_kinetics", {"n_saliva": "x", "adults": DYADS}, "n: expected a whole number"),
    ("skin_to_skin_session", {"ward_stress": "much"}, "ward_stress"),
    (
        "stressor_and_comfort",
        {"intensity": "much", "children": DYADS, "sizes": {"voice": 2, "nothing": 2}},
        "much",
    ),
    ("single_feed", {"pulse": 3}, "pulse"),
    ("intravenous_bolus", {"dose": 2}, "dose"),
    ("cross_section", {"groups": 3}, "groups"),
    ("cross_section", {"targets": 3}, "targets"),
    ("cross_section", {"measures": 3}, "measures"),
    ("birth_cohort", {"krol_n": "x", "n": 40}, "krol_n|n: expected a whole number"),
]


@pytest.mark.parametrize(
    ("name", "arguments", "message"), WRONG, ids=[f"{n} {a}"[:60] for n, a, _ in WRONG]
)
def test_a_wrong_argument_is_named(name: str, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(OxysimError, match=message):
        getattr(protocols, name)(**arguments)
