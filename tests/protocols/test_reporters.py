"""A form about the infant is read of its reporter wherever instruments read: of a result, in a
session's groups, of a cohort, at a trial's visit and at a screening.
"""

from __future__ import annotations

import numpy as np
import pytest

from oxysim import measure, simulate
from oxysim.cohorts import follow
from oxysim.families import Dyad, combine
from oxysim.interventions import Massage
from oxysim.measures import read
from oxysim.population import Population
from oxysim.schedule import Routine
from oxysim.trials import Endpoint, Parallel, Trial, Visit
from oxysim.trials.participant_groups import groups
from oxysim.units import DAY, MONTH

FORM = "reported_temperament"


def _expected(irritability: float, epds: float, age: float) -> float:
    """By the instrument's own table: what the two say at that age, without noise."""
    return float(read(FORM, [[irritability], [epds], [age]], [0]).values[0, 0])


def test_of_a_result_and_in_the_groups_of_a_session() -> None:
    dyads = combine([Dyad(infant_age="3 months"), Dyad.symptomatic(infant_age="3 months")])
    dyads = dyads.replace(dyads=(0, 1))
    result = simulate(dyads, Routine.typical(), "2 h", start="09:00", save="30 min")
    values = [
        result.at(name, "10:00").values[:, 0] for name in ("infant.irritability", "mother.epds")
    ]
    # the first day begins at a midnight, so the infant may be some hours older or younger
    age = float(result.dataset["infant_age"].values[0]) + 600
    assert abs(age - 3 * MONTH - 600) < DAY
    by_hand = [_expected(*pair, age) for pair in zip(*values, strict=True)]
    found = measure(result, FORM, "infant", at="10:00", noise=False).values[:, 0]
    np.testing.assert_allclose(found, by_hand, rtol=1e-9)
    # a mother of 20 points reports a more difficult infant than one of 5
    assert found[1] > found[0] + 0.5
    # forty studies of the two: noise has an SD of .5, their mean one of .08
    studies = groups(2, 2, 40, seed=1)
    drawn = studies.read(result, FORM, "10:00", member="infant", seed=1)
    means = [drawn[studies.position == dyad].mean() for dyad in (0, 1)]
    np.testing.assert_allclose(means, found, atol=0.32)


def test_a_diary_of_several_variables_over_hours_is_read_as_a_series() -> None:
    result = simulate(
        Dyad().repeat(2), Routine.typical(), "20 h", start="00:00", save="1 h",
        variables=["mother.mood", "mother.arousal"],
    )  # fmt: skip
    taking_part = groups(2, 2, 1, seed=1)
    series = taking_part.series(result, "momentary_mood", [600.0, 1080.0], seed=1)
    means = [
        result.means_before(f"mother.{name}", np.array([600.0, 1080.0]), 480.0)
        for name in ("mood", "arousal")
    ]
    calm = read("momentary_mood", means, [0, 1], [600.0, 1080.0]).values
    assert series.shape == (1, 2, 2) and np.abs(series[0] - calm).max() < 5 * 8


def test_of_a_cohort_at_a_trial_and_at_a_screening() -> None:
    cohort = follow(n=2, until="3 d", every="1 d", progress=False)
    found = cohort.readings(FORM, "2 d", member="infant", noise=False)
    values = [cohort.value(name, "2 d") for name in ("infant.irritability", "mother.epds")]
    by_hand = [_expected(*pair, 2 * DAY) for pair in zip(*values, strict=True)]
    np.testing.assert_allclose(found, by_hand, rtol=1e-9)

    trial = Trial(
        Dyad(infant_age="2 weeks").repeat(4),
        Parallel({"care": None, "massage": Massage("15 min", at="10:00", repeat="daily")}),
        [Endpoint(FORM, "2 d", member="infant")],
        visits=[Visit("2 d", at="10:00")],
    )
    # of each arm those who were allocated to it
    assert np.isfinite(trial.run(4, 2, 1).readings()["massage"]).any()
    chosen, _ = Population.named().select(2, [f"{FORM} > 1"], at="2 d", seed=1)
    assert len(chosen) == 2
    with pytest.raises(Exception, match="infant"):
        Endpoint(FORM, "2 d", member="caregiver")
