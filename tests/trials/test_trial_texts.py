"""What a published protocol hands over prints as one short paragraph, and as a short table in a
notebook.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import oxysim as ox
from oxysim import texts
from oxysim.cohorts.cross_sectional_measures import Measure
from oxysim.protocols.enrolment import Enrolled, Recruitment, trial_pool
from oxysim.texts import LONGEST_TEXT
from oxysim.trials.participant_groups import groups
from oxysim.trials.reporting.figure_table import figure_row, figure_table
from oxysim.trials.reporting.protocol_report import ProtocolReport
from oxysim.trials.reporting.replicated_effects import paired
from oxysim.trials.reporting.table_of_effects import effect_row, effect_table

DRAWS = np.arange(40.0).reshape(4, 10) % 7


def study(outcomes: int) -> ProtocolReport:
    """A study of so many outcomes, whose numbers are of no matter here."""
    rows = [
        effect_row(
            paired(DRAWS, DRAWS[:, ::-1] + 1),
            outcome=f"outcome {k}",
            contrast="a - b",
            unit="EPDS",
            expected="up",
        )
        for k in range(outcomes)
    ]
    figures = [
        figure_row([1.0, 2.0], n=3, quantity=f"quantity {k}", unit="min") for k in range(outcomes)
    ]
    design = {"participants": "<b>ten</b>", **{f"key {k}": "words " * 90 for k in range(outcomes)}}
    return ProtocolReport(
        "A trial " + "of many words " * 20,
        "Does it help? " * 50,
        design,
        effect_table(rows),
        {},
        {},
        ("A sentence. " * 40,) * 30,
        figure_table(figures),
    )


THINGS: dict[str, Any] = {
    "study": study(3),
    "study of 200 outcomes": study(200),
    "groups": groups(5000, 40, 1000, 0),
    "measure": Measure("epds", age="8 weeks"),
    "measure over hours": Measure("engaged_care", at=("09:00", "11:00")),
    "enrolled, given": trial_pool(
        Recruitment(ox.Dyad().repeat(6)), infant_age="6 weeks", n=4, seed=0, default_pool=10
    ),
    "enrolled, drawn": trial_pool(
        Recruitment(pool=4), infant_age=("3 months", "6 months"), n=4, seed=0, default_pool=10
    ),
    "enrolled, in many words": Enrolled(
        ox.Dyad().repeat(3), [ox.DailyLife()] * 3, None, "<i>found</i> " * 900
    ),
}


@pytest.mark.parametrize("name", THINGS)
def test_it_prints_short_and_shows_as_a_short_table(name: str) -> None:
    text, table = repr(THINGS[name]), THINGS[name]._repr_html_()
    assert 10 < len(text) <= LONGEST_TEXT
    assert "array(" not in text and "object at 0x" not in text and "\n" not in text
    assert table.startswith("<table>") and len(table) <= LONGEST_TEXT
    assert "<b>" not in table and "<i>" not in table  # what a user writes is escaped


def test_the_words_of_each() -> None:
    assert repr(THINGS["groups"]) == "Groups: 1000 replications of n = 40."
    assert repr(THINGS["measure"]) == "Measure('epds', age='8 weeks')"
    user_pool = "Enrolled: 6 dyads; from 6 mothers given by the user; living one day for all."
    assert repr(THINGS["enrolled, given"]) == user_pool
    assert repr(THINGS["study"]).startswith("Protocol report 'A trial of many words")
    assert "outcome 0, outcome 1 and outcome 2" in repr(THINGS["study"])
    assert texts.LONGEST_TEXT == 1500
