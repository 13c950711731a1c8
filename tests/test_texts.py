"""What objects print as: one short paragraph, a table in a notebook, everything escaped."""

from __future__ import annotations

import doctest
import re

import numpy as np
import pandas as pd
import pytest

import oxysim as ox
from oxysim import texts
from oxysim.loop.bifurcation.branches import Diagram
from oxysim.loop.bifurcation.continuation import continue_branch
from oxysim.loop.bifurcation.hysteresis import Hysteresis
from oxysim.loop.uncertainty.elasticities import Elasticities
from oxysim.measures import INSTRUMENTS, MeasurementNoise
from oxysim.schedule.bouts import Window
from oxysim.simulation.results.outcomes import outcome
from oxysim.sweeps import Axis, Range, grid, latin_hypercube, one_at_a_time

DAY = ox.Routine.typical()
SPRAY = ox.NasalSpray("24 IU", at="10:00")
THINGS = {
    "routine": DAY,
    "household": ox.Routine.household(("mother", "father")),
    "schedule": DAY + SPRAY + ox.DailyLife(),
    "long schedule": sum(
        (ox.NasalSpray("24 IU", at="10:00", day=f"day {k}") for k in range(1, 300)), start=DAY
    ),
    "spray": SPRAY,
    "feed": ox.Feed("07:00", "20 min"),
    "axis": Axis("spray.dose", [f"{k} IU" for k in range(1, 2000)]),
    "range": Range("1 IU", "24 IU"),
    "grid": grid({"spray.dose": [f"{k} IU" for k in range(1, 2000)], "seed": list(range(1000))}),
    "hypercube": latin_hypercube({"caregiver.depression.loop_gain": (0.5, 2.0)}, 1000, seed=1),
    "one at a time": one_at_a_time({"caregiver.depression.loop_gain": [0.5, 2.0]}),
    "study": ox.Study(
        ox.Dyad(),
        "3 h",
        grid({"spray.dose": ["8 IU", "24 IU"]}),
        interventions={"spray": SPRAY},
        outcomes=["caregiver.warmth: mean"],
    ),
    "solver": ox.Solver(rtol=1e-8),
    "result": ox.simulate(ox.Dyad(), DAY + SPRAY, "3 h"),
    "result of many": ox.simulate(
        ox.population.sample(3, seed=1), DAY, "1 h", variables=["caregiver.epds"]
    ),
    "outcome": outcome("caregiver.cortisol: maximum from 10:00 to 14:00"),
    "instrument": INSTRUMENTS["urine_oxytocin"],
    "noise": MeasurementNoise("additive", 0.5),
    "realised day": (DAY + SPRAY).realise(0.0, 1440.0),
    "window": Window(0.0, 1440.0),
}
INTERVENTIONS = {
    "Breastfeed": ox.interventions.Breastfeed(at="10:00"),
    "Breastfeeding": ox.interventions.Breastfeeding(),
    "SkinToSkin": ox.SkinToSkin("60 min daily at 11:00 from day 1 to day 35"),
    "Antidepressant": ox.interventions.Antidepressant(),
    "DailyLife": ox.DailyLife(),
    "ReceptorKnockout": ox.interventions.ReceptorKnockout(),
}


@pytest.mark.parametrize("name", THINGS)
def test_a_thing_prints_as_one_short_paragraph_and_shows_as_a_table(name: str) -> None:
    text, table = repr(THINGS[name]), THINGS[name]._repr_html_()
    assert 10 < len(text) <= texts.LONGEST_TEXT and str(THINGS[name])
    assert "object at 0x" not in text and "array(" not in text
    assert table.startswith("<table>") and table.endswith("</table>") and len(table) < 20_000


@pytest.mark.parametrize("name", INTERVENTIONS)
def test_an_intervention_prints_as_its_text_form(name: str) -> None:
    intervention = INTERVENTIONS[name]
    assert repr(intervention) == str(intervention) == intervention.text()
    assert ox.interventions.parse(repr(intervention)) == intervention


def test_the_words_of_the_chief_objects() -> None:
    assert repr(SPRAY) == "24 IU intranasal at 10:00"
    assert repr(DAY + SPRAY) == "Schedule: typical day of a mother; with 24 IU intranasal at 10:00."
    assert repr(ox.Routine.empty()) == "Routine: nothing happens."
    assert (
        repr(ox.Feed("07:00", "20 min", mode="bottle"))
        == "Feed(('07:00',), '20 min', mode='bottle')"
    )
    assert repr(ox.Solver(rtol=1e-8)) == "Solver(rtol=1e-08)"
    assert (
        repr(grid({"spray.dose": ["8 IU", "24 IU"]}))
        == "Design: grid, 2 runs; spray.dose at 8 IU and 24 IU."
    )
    assert (
        repr(THINGS["study"])
        == "Study: 1 dyad for 3 h from 08:00; with 24 IU intranasal at 10:00; design grid, 2 runs;"
        " spray.dose at 8 IU and 24 IU; runs 2; kept caregiver.warmth: mean; seed 0."
    )


def test_ages_stand_in_the_unit_in_which_people_say_them() -> None:
    assert (
        ox.Play("10:00", "20 min", from_age="91 d", until_age="12 months").describe()
        == "Play (caregiver) for 20 min at 10:00 every day from 13 weeks until 12 months."
    )
    assert texts.age_text(92 * 1440.0) == "3 months" and texts.age_text(1440.0) == "1 day"


def test_everything_in_a_table_is_escaped() -> None:
    wicked = "<script>alert(1)</script>"
    table = texts.html_table([(wicked, wicked)], (wicked, "b"), caption=wicked)
    assert "<script" not in table and table.count("&lt;script&gt;") == 4


def test_a_long_table_counts_what_it_leaves_out() -> None:
    assert "and 940 more" in texts.html_table([(k, k) for k in range(1000)])


def test_a_half_made_object_has_a_text_too() -> None:
    for kind in (ox.NasalSpray, ox.Routine, ox.Study, ox.Feed):
        assert isinstance(repr(object.__new__(kind)), str)


def test_the_examples_in_the_texts_hold() -> None:
    outcome = doctest.testmod(texts)
    assert outcome.attempted > 5 and not outcome.failed


def test_an_array_never_prints_as_a_wall() -> None:
    class Wide(texts.Described):
        def facts(self) -> tuple[str, list[tuple[str, object]]]:
            return "Wide", [("values", np.arange(10_000.0))] * 50

    assert len(repr(Wide())) <= texts.LONGEST_TEXT


@pytest.fixture(scope="module")
def people() -> dict[str, object]:
    """One object of each kind that users meet beside schedules and designs, some of them large."""
    community = ox.Population.named("community")
    arms = {"placebo": ox.Placebo(at="10:00"), "spray": SPRAY}
    ends = [ox.Endpoint("warmth", "150 min")]
    large = ox.Trial(community.sample(300, seed=1), ox.Parallel(arms), ends, day=ox.Routine.empty())
    small = ox.Trial(community.sample(6, seed=1), ox.Parallel(arms), ends, day=ox.Routine.empty())
    return {
        "dyad": ox.Dyad(),
        "symptomatic dyad": ox.Dyad.symptomatic("6 weeks"),
        "ensemble": large.who,
        "family": ox.Family(("mother", "father")),
        "population": community,
        "trial": large,
        "members": ox.population.Members(community, 200),
        "result": ox.simulate(ox.Dyad(), DAY, "1 h"),
        "trial result": small.run(4, 3),
        "pool": small.pool,
        "parallel": ox.Parallel(arms),
        "endpoint": ends[0],
        "crossover": ox.Crossover(arms, period="4 h", washout="7 d"),
        "visit": ox.Visit("6 weeks"),
        "power": ox.power(small, n=[4, 6], replications=3),
        "outcome": THINGS["study"].outcomes[0],
        "selection": community.select(2, at="1 d", seed=1)[1],
        "instrument": ox.measures.INSTRUMENTS["epds"],
        "cohort": ox.cohorts.follow(community, 2, until="2 d", seed=1),
        "blocks": ox.trials.Blocked(),
        "drop-out": ox.trials.Dropout(monthly=0.1),
        "adherence": ox.trials.Adherence(missed=0.2),
    }


def test_everything_that_users_meet_has_a_short_text_and_a_table(people: dict[str, object]) -> None:
    for name, shown_object in people.items():
        assert (
            3 < len(repr(shown_object)) <= texts.LONGEST_TEXT
            and len(str(shown_object)) <= 4 * texts.LONGEST_TEXT
        ), name
        assert "object at 0x" not in repr(shown_object) and "array(" not in repr(shown_object), name
        assert len(shown_object._repr_html_()) < 60_000, name  # type: ignore[attr-defined]


def test_a_pure_number_of_the_loop_prints_without_a_unit() -> None:
    values = np.array([1.0, 2.0])
    swept = Hysteresis(
        "caregiver.depression.loop_gain",
        ("caregiver.depression",),
        values,
        values[None],
        values[None],
        np.ones((2, 2), bool),
        "1",
    )
    drawn = Diagram(
        "caregiver.depression.loop_gain",
        ("caregiver.depression",),
        (continue_branch(lambda x, p: p - x, [1.0], 1.0, low=1, high=2),),
        1.0,
        "1",
    )
    slopes = Elasticities(
        "caregiver.bond: final", "1", 0.5, pd.DataFrame({"input": ["a"], "elasticity": [1.0]})
    )
    for figures in (swept, drawn, slopes):
        assert not re.search(r"\d 1\b", repr(figures)), repr(figures)
