"""Families: what was a dyad stays one, nothing is dropped unsaid, numbers are numbers, and texts
are short.
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import oxysim as ox
from oxysim.errors import InputError, OxysimError, UnknownNameError
from oxysim.families import Family, combine
from oxysim.per_dyad import depth
from oxysim.population import Attribute, Correlation, Members, Population, Trait, draw, sample

LOOP = "caregiver.depression.loop_gain"
COMMUNITY = Population.named("community")


@pytest.mark.parametrize(
    "change",
    [
        lambda dyad: dyad.with_parameters({LOOP: 1.2}),
        lambda dyad: dyad.with_start({"caregiver.depression": 8.0}),
        lambda dyad: dyad.replace(infant_age="6 weeks"),
        lambda dyad: dyad.replace(dyads=[7]),
        lambda dyad: dyad.repeat(3),
        lambda dyad: dyad.repeat(3).take([0, 2]),
        lambda dyad: dyad.take(np.array([True])),
        lambda dyad: combine([dyad, dyad]),
    ],
)
def test_what_was_a_dyad_stays_a_dyad(change: Callable[[ox.Dyad], Family]) -> None:
    assert type(change(ox.Dyad.symptomatic())) is ox.Dyad
    assert type(change(Family(("father",)))) is Family


def test_a_dyad_with_another_caregiver_is_a_family() -> None:
    assert type(ox.Dyad().replace(caregivers=("mother", "father"))) is Family


def test_replacing_parameters_drops_no_trait_unsaid() -> None:
    families = COMMUNITY.sample(3, seed=1)
    with pytest.raises(InputError, match="would be dropped; change some with with_parameters"):
        families.replace(parameters={LOOP: 1.0})
    with pytest.raises(InputError, match="with_start"):
        ox.Dyad.symptomatic().replace(start={"caregiver.depression": 8.0})
    with pytest.raises(InputError, match="no home"):
        ox.Dyad.symptomatic().replace(caregivers=("father",))
    with pytest.raises(UnknownNameError, match="'infant_age'"):
        families.replace(infant_agee="6 weeks")
    changed = families.with_parameters({LOOP: 1.0})
    assert changed.parameters.keys() == families.parameters.keys()
    assert np.array_equal(
        changed.value("caregiver.depression.set_point"),
        families.value("caregiver.depression.set_point"),
    )
    whole = {name: families.value(name) for name in families.parameters}
    assert families.replace(parameters={**whole, LOOP: 1.0}).value(LOOP) == 1.0


NUMBERS: list[Any] = [
    [-1],
    [0, -3],
    [1.0],
    [1.5, 2.5],
    [2, 2],
    [True],
    ["1"],
    "12",
    3,
    {1: 2},
    np.array([1.5]),
    [2**63],
]


@pytest.mark.parametrize("numbers", NUMBERS)
@pytest.mark.parametrize(
    "take",
    [
        lambda numbers: Family(dyads=numbers),
        lambda numbers: Family().replace(dyads=numbers),
        lambda numbers: COMMUNITY.draw(numbers, seed=1),
        lambda numbers: COMMUNITY.having(numbers, seed=1),
        lambda numbers: draw(numbers, seed=1),
    ],
)
def test_numbers_of_dyads_are_whole_different_and_not_negative(
    take: Callable[[Any], Any], numbers: Any
) -> None:
    with pytest.raises(InputError, match="dyads"):
        take(numbers)


def test_numbers_may_be_arrays_ranges_and_lists() -> None:
    for numbers in ([3, 1], np.array([3, 1]), range(1, 4, 2), (3, 1)):
        assert set(COMMUNITY.draw(numbers, seed=1).dyads or ()) == {1, 3}


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Family(roles="mother"),
        lambda: Family(caregivers=3),
        lambda: Family(caregivers=("aunt",)),
        lambda: Family(origin=3),
        lambda: Family(parameters=[LOOP]),
        lambda: Family(parameters={LOOP: [[1.0], [1.0, 2.0]]}),
        lambda: Family(start={"caregiver.depression": [[1.0], [1.0, 2.0]]}),
        lambda: ox.Dyad().repeat("3"),
        lambda: ox.Dyad().repeat(10**12),
        lambda: ox.Dyad().take(-1),
        lambda: ox.Dyad().take([True, False]),
        lambda: ox.Dyad().take("0"),
        lambda: ox.Dyad().take([[0], [0, 0]]),
        lambda: Population(3),
        lambda: Population("x", traits=3),
        lambda: Population("x", traits=("caregiver.depression.set_point",)),
        lambda: Population("x", values=3),
        lambda: Population("x", meaning=5),
        lambda: Population("x", correlations=[("a", "b", 0.3)]),
        lambda: Population("x", provenance="mine"),
        lambda: COMMUNITY.replace(trait=()),
        lambda: COMMUNITY.with_trait(LOOP, centr=1.0),
        lambda: COMMUNITY.with_values(3),
        lambda: COMMUNITY.sample("3", seed=0),
        lambda: COMMUNITY.sample(3, seed=0.5),
        lambda: COMMUNITY.to_file("no such folder/x.toml"),
        lambda: COMMUNITY.plausible(0, seed=1),
        lambda: Attribute("a", 0.5, shifts=3),
        lambda: Attribute("a", 0.5, shifts=(("infant.stress.ambient_load",),)),
        lambda: Attribute("a", 0.5, shifts=(("infant.stress.ambient_load", "1"),)),
        lambda: Attribute("a", 0.5, shifts={"infant.stress.ambient_load": 1e9}),
        lambda: Attribute("a", "half"),
        lambda: Attribute(3, 0.5),
        lambda: Attribute("a", 0.5, interventions=3),
        lambda: Trait(3, "normal", 1.0, 1.0),
        lambda: Trait(LOOP, 3, 1.0, 1.0),
        lambda: Trait(LOOP, "normal", "1", 1.0),
        lambda: Trait(LOOP, "normal", 1.0, True),
        lambda: Correlation(1, 2, 0.3),
        lambda: Correlation("a", "b", "0.3"),
        lambda: Members(3),
        lambda: Members(COMMUNITY, others=3),
        lambda: Members(COMMUNITY, n=2.5),
        lambda: sample(3, seed=0, fixed=3),
        lambda: sample(3, seed=0, varied=[3]),
        lambda: sample(3, seed=0, varied=3),
    ],
)
def test_what_cannot_be_meets_an_error_of_the_library(wrong: Callable[[], Any]) -> None:
    with pytest.raises(OxysimError):
        wrong()


def test_shifts_are_pairs_or_a_mapping() -> None:
    as_pairs: Any = (("x", 1),)
    pairs, mapping = (Attribute("a", 0.5, shifts) for shifts in (as_pairs, {"x": 1.0}))
    assert pairs == mapping
    assert pairs.shifts == (("x", 1.0),)


@pytest.mark.parametrize(
    "thing",
    [
        ox.Dyad(), ox.Dyad.symptomatic(), Family(("mother", "father")),
        COMMUNITY.sample(300, seed=1), COMMUNITY,
        COMMUNITY.traits[0], COMMUNITY.correlations[0], COMMUNITY.attributes[0],
        Members(COMMUNITY, 1_000_000),
        Members(COMMUNITY, 3, wanted="epds >= 13 and preterm"), sample(200, seed=0),
    ],
    ids=lambda thing: type(thing).__name__,
)  # fmt: skip
def test_each_prints_as_a_short_paragraph_and_shows_as_a_table(thing: Any) -> None:
    assert 10 < len(repr(thing)) <= 1500
    assert "<table>" in thing._repr_html_()
    assert "object at 0x" not in repr(thing)


def test_ages_are_said_in_days_weeks_and_months() -> None:
    assert "infant of 4 days" in repr(ox.Dyad(infant_age="4 d"))
    assert "infant of 6 weeks" in repr(ox.Dyad(infant_age="6 weeks"))


def test_a_range_longer_than_memory_is_refused_before_it_is_an_array() -> None:
    with pytest.raises(InputError, match="age: expected at most 10000000 values, one a dyad"):
        depth(range(10**13), "age")


# ------------------------------------------------------------------------------- nothing changes
@pytest.mark.parametrize(
    "change",
    [
        lambda dyad: dyad.parameters.update({"mother.bond.usual_bond": 7.0}),
        lambda dyad: dyad.parameters.__setitem__("mother.bond.usual_bond", 7.0),
        lambda dyad: dyad.start.pop("mother.depression"),
        lambda dyad: dyad.start.clear(),
        lambda dyad: dyad.roles.setdefault("mother", "father"),
    ],
)
def test_the_values_of_a_family_do_not_change(change: Callable[[ox.Dyad], Any]) -> None:
    with pytest.raises(InputError, match="make a copy with with_parameters"):
        change(ox.Dyad.symptomatic())


def test_arrays_of_a_family_are_its_own_and_read_only() -> None:
    values = np.array([1.0, 2.0])
    dyads = ox.Dyad(parameters={LOOP: values})
    values[0] = 9.0
    assert dyads.parameters["mother.depression.loop_gain"].tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="read-only"):
        dyads.take([0, 1]).parameters["mother.depression.loop_gain"][0] = 9.0


def test_a_named_dyad_is_made_once_and_travels_without_what_it_remembers() -> None:
    dyad = ox.Dyad.symptomatic("6 weeks")
    assert ox.Dyad.symptomatic("6 weeks") is dyad
    assert ox.Dyad.symptomatic(["6 weeks", "7 weeks"]) is not ox.Dyad.symptomatic("7 weeks")

    # tables are remembered by edges and position, and are those of a family that remembers none
    edges = {"reward -> depression": 0.0}
    assert dyad.resolved(edges) is dyad.resolved(dict(edges))
    assert dyad.resolved(edges) != dyad.resolved()
    fresh = pickle.loads(pickle.dumps(dyad))
    assert "_remembered" not in vars(fresh)
    assert fresh.resolved(edges) == dyad.resolved(edges)
    assert fresh.parameters == dyad.parameters
    assert copy.deepcopy(dyad).start == dyad.start
