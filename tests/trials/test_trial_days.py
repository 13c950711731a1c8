"""Days in the arms of a trial: counted from enrolment or from birth, and never without saying
which.
"""

from __future__ import annotations

import numpy as np
import pytest

import oxysim as ox
from oxysim import interventions
from oxysim.errors import InputError, ScheduleError
from oxysim.families import Dyad, Family
from oxysim.interventions import NasalSpray, Placebo, Weaning
from oxysim.population import sample
from oxysim.schedule import Routine
from oxysim.schedule.bouts import Window
from oxysim.trials import Crossover, Endpoint, Parallel, Trial

EPDS = Endpoint("epds", "2 d")
OXYTOCIN = Endpoint("plasma_oxytocin", "4 d")


@pytest.fixture(scope="module")
def family() -> Family:
    return sample(4, seed=5, infant_age="2 months")


def test_an_arm_on_trial_days_counts_from_enrolment_at_every_age() -> None:
    # two clocks: visits count from enrolment, days from birth unless they say otherwise
    mixed = sample(4, seed=2, infant_age=("3 months", "9 months"))
    contact = interventions.parse(
        "skin-to-skin 60 min daily at 10:00 from trial day 2 to trial day 3"
    )
    trial = Trial(
        mixed,
        Parallel({"usual care": None, "contact": contact}),
        OXYTOCIN,
        duration="4 d",
        save="30 min",
    )
    assert len(set(mixed.ages().tolist())) > 1
    assert trial.pool.sessions["contact"].tolist() == [[2, 2, 0]] * 4
    usual, in_trial = (
        trial.pool.results[arm]["caregiver.plasma_oxytocin"] for arm in trial.design.names
    )
    difference = np.abs(in_trial - usual)
    first = 1440.0 + 600.0  # 10:00 of trial day 2
    # before it only the solver's steps differ, within it contact raises oxytocin in every dyad
    assert float(difference.sel(time=slice(0, first)).max()) < 1e-4
    assert (difference.sel(time=first + 60, method="nearest") > 0.1).all()


def test_trial_days_count_from_each_period_of_a_crossover(family: Family) -> None:
    spray = NasalSpray("24 IU", at="10:00", day="trial day 1")
    design = Crossover({"placebo": Placebo(at="10:00"), "oxytocin": spray}, "6 h", "2 d")
    trial = Trial(family, design, Endpoint("warmth", "165 min"))
    assert all((values[:, 0] == 2).all() for values in trial.pool.sessions.values())


@pytest.mark.parametrize(
    "text",
    [
        "skin-to-skin 60 min daily at 10:00 from trial day 1 to trial day 35",
        "massage 15 min at 10:00 on trial day 3",
        "massage 15 min daily at 10:00 first on infant day 36 to trial day 9",
    ],
)
def test_trial_days_read_back_as_they_are_written(text: str) -> None:
    read_back = interventions.parse(text)
    assert read_back.text() == text and interventions.parse(read_back.text()) == read_back
    Parallel({"usual care": None, "treatment": read_back})


def test_the_infants_day_and_the_plain_one_are_the_same_moment() -> None:
    window = Window(30 * 1440.0, 60 * 1440.0)
    plain, infant = (
        interventions.parse(
            f"massage 15 min daily at 10:00 from {word}day 36 to {word}day 40"
        ).bouts(window)
        for word in ("", "infant ")
    )
    assert np.array_equal(plain[0].starts, infant[0].starts) and len(plain[0]) == 5


CLOCKLESS = [
    ("massage 15 min daily at 10:00 from day 3 to trial day 9", "start: expected 'trial day 3'"),
    (
        "massage 15 min at 10:00 on day 36",
        "day: expected 'trial day 36', counted from enrolment, or 'infant day 36'",
    ),
    ("massage 15 min daily at 10:00 to 6 weeks of age", "stop: expected 'trial day 43'"),
]


@pytest.mark.parametrize(("text", "message"), CLOCKLESS)
def test_a_day_of_an_arm_says_by_which_clock_it_is_counted(text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Parallel({"usual care": None, "massage": interventions.parse(text)})


def test_a_trial_day_outside_a_trial_is_refused() -> None:
    massage = interventions.parse("massage 15 min at 10:00 on trial day 3")
    with pytest.raises(
        ScheduleError,
        match="'trial day 3' is counted from enrolment, and this is no arm of a trial",
    ):
        ox.simulate(Dyad(), Routine.typical() + massage, "5 d")
    with pytest.raises(ScheduleError, match="the first day of a trial is 'trial day 1'"):
        interventions.parse("massage 15 min at 10:00 on trial day 0")
    with pytest.raises(ScheduleError, match="from enrolment in a trial"):
        Weaning(from_age="trial day 3", to_age="9 months")
