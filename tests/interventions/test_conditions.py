"""Conditions of entry: one grammar, joined by "and" or in a list, at every place where a condition
can stand.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from oxysim.cohorts.cohort import Cohort
from oxysim.cohorts.cross_sectional_measures import Measure
from oxysim.cohorts.follow_up import follow
from oxysim.errors import InputError, OxysimError, UnknownNameError
from oxysim.population import Attribute, Members, Population
from oxysim.population.criteria import read_criteria
from oxysim.protocols import cross_section

LOOP = "caregiver.depression.loop_gain"
SPELT = [
    "epds >= 6 and preterm",
    ["epds >= 6", "preterm"],
    ("preterm", "epds >= 6"),
    ["preterm AND epds>=6"],
]


@pytest.fixture(scope="module")
def people() -> Population:
    """The community, in which every second infant is born preterm."""
    known = Population.named("community")
    return known.replace(attributes=(Attribute("preterm", 0.5), *known.attributes[1:]))


@pytest.fixture(scope="module")
def cohort(people: Population) -> Cohort:
    return follow(people, 80, until="9 days", seed=3)


@pytest.mark.parametrize("spelt", SPELT)
def test_entry_asks_for_every_condition(people: Population, spelt: Any) -> None:
    """Against each condition by itself: who enters by both is who would enter by either."""
    who, report = people.select(6, spelt, at="2 d", seed=1)
    more, _ = people.select(40, "epds >= 6", at="2 d", seed=1)
    has = people.having(range(max(more.numbers) + 1), seed=1)["preterm"]
    assert list(who.numbers) == [number for number in more.numbers if has[number]][:6]
    assert set(report.criteria) == {"epds >= 6", "preterm"}


def _sizes(study: Any) -> dict[str, int]:
    """Group -> how many of the pool belong to it, as the design says."""
    return {
        name: int(count)
        for count, name in re.findall(r"\d+ of (\d+) (\w+)", study.design["participants"])
    }


@pytest.mark.parametrize("spelt", [f"{LOOP} > 0.6 and preterm", [f"{LOOP} > 0.6", "preterm"]])
def test_groups_of_a_cross_section_ask_for_every_condition(
    cohort: Cohort, people: Population, spelt: Any
) -> None:
    has = people.having(cohort.who.numbers, seed=3)["preterm"]
    strong = cohort.who.value(LOOP) > 0.6
    entry = {"a": spelt, "b": [f"{LOOP} <= 0.6", "not preterm"]}
    study = cross_section(
        [Measure("epds", age="1 week")], age="1 week", n=8, cohort=cohort, groups=entry
    )
    assert _sizes(study) == {"a": int((strong & has).sum()), "b": int((~strong & ~has).sum())}
    assert _sizes(study)["a"] < int(strong.sum())  # the first condition alone would take these


def test_a_group_by_a_form_and_an_attribute(cohort: Cohort, people: Population) -> None:
    """The issue's own input: both conditions hold, whichever comes first, and the form is the same
    for both ends.
    """
    has = people.having(cohort.who.numbers, seed=3)["preterm"]
    sizes = [
        _sizes(cross_section(["epds"], age="1 week", n=4, cohort=cohort, groups={"a": spelt}))["a"]
        for spelt in (
            ["epds >= 7"],
            ["epds >= 7", "preterm"],
            "preterm and epds >= 7",
            ["epds >= 7", "not preterm"],
        )
    ]
    assert sizes[1] == sizes[2] < min(sizes[0], int(has.sum()))
    assert sizes[1] + sizes[3] == sizes[0]


def test_members_take_joined_conditions(people: Population) -> None:
    entering = Members(people, 3, seed=1, wanted="epds >= 6 and preterm", at="2 d")
    listed = Members(people, 3, seed=1, wanted=["epds >= 6", "preterm"], at="2 d")
    assert list(entering.dyads) == list(listed.dyads)
    assert "epds >= 6 and preterm" in entering.describe()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("epds >= 10 or preterm", "joined by 'and' alone"),
        ("epds >= 10, preterm", "joined by 'and' alone"),
        ("epds >= 10 and", "expected a condition"),
        ("and preterm", "expected a condition"),
        ("epds >= 10 and pretrem", "'preterm'"),
        ("epdss >= 10 and preterm", "'epds'"),
        ("epds", "compare it with a number"),
        ("6 <= epds", "a number on the right"),
        ("epds >= 1_0", "a number on the right"),
        ("epds >= \u0661\u0660", "a number on the right"),
        ("epds >= 31", "scale of 'epds'"),
        ("epds >= 0", "scale of 'epds'"),
        ("epds < 6 and epds > 12", "nobody can meet"),
        (["epds >= 13", "epds < 13"], "nobody can meet"),
        (["preterm", "not preterm"], "nobody can meet"),
        ([f"{LOOP} > 2", f"{LOOP} < 1"], "nobody can meet"),
        ("", "expected a condition"),
        (3, "or a list"),
        (None, "or a list"),
        ([3], "a condition"),
        (["epds >= 13", ["preterm"]], "a condition"),
        ({"epds": 13}, "or a list"),
    ],
)
def test_what_is_no_condition_is_refused_with_the_nearest_names(text: Any, expected: str) -> None:
    with pytest.raises(OxysimError, match=re.escape(expected)):
        read_criteria(text, ["preterm", "bottle-fed"])


def test_conditions_that_touch_can_hold_together() -> None:
    assert len(read_criteria(["epds >= 13", "epds <= 13"], ())) == 2
    assert len(read_criteria("epds > 12 and epds < 13", ())) == 2
    assert read_criteria([], ()) == ()


def test_a_group_without_a_condition_or_of_unknown_attributes_is_refused(cohort: Cohort) -> None:
    with pytest.raises(InputError, match="group 'a'"):
        cross_section(["epds"], age="1 week", n=8, cohort=cohort, groups={"a": []})
    with pytest.raises(UnknownNameError, match="preterm"):
        cross_section(
            ["epds"], age="1 week", n=8, cohort=cohort, groups={"a": "epds >= 10 and pretem"}
        )


def test_the_pieces_of_a_joined_text_are_those_of_a_list() -> None:
    joined = read_criteria("epds >= 6 and epds <= 12 and not preterm", ["preterm"])
    assert joined == read_criteria(["epds >= 6", "epds <= 12", "not preterm"], ["preterm"])
    values = np.array([5.0, 6.0, 12.0, 13.0])
    met = np.all([one.holds(values) for one in joined[:2]], axis=0)
    assert met.tolist() == [False, True, True, False]
