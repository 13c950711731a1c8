"""Sums of schedules: routines and interventions add up in any order, and nothing is lost."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

import oxysim as ox
from oxysim.errors import ScheduleError
from oxysim.model.inputs import INFANT_CHANNELS
from oxysim.schedule import Routine, Schedule

MORNING = Routine((ox.Feed("08:00", "20 min"),))
EVENING = Routine((ox.Play("18:00", "20 min"),))
SPRAY, SKIN = ox.NasalSpray("24 IU", at="10:00"), ox.SkinToSkin("60 min", at="11:00")
ALONE: dict[str, Any] = {
    "routine": MORNING, "intervention": SPRAY, "schedule": EVENING + SKIN,
    "schedule without a day": Schedule(interventions=(ox.Massage("15 min", at="14:00"),)),
}  # fmt: skip


def parts(one: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Activities and interventions of anything that can stand in a sum."""
    whole = ox.schedule.as_schedule(one)
    return whole.routine.activities, whole.interventions


@pytest.mark.parametrize(("first", "second"), list(itertools.permutations(ALONE, 2)))
def test_a_sum_holds_what_both_hold_in_their_order(first: str, second: str) -> None:
    one, other = ALONE[first], ALONE[second]
    activities, interventions = parts(one + other)
    assert activities == parts(one)[0] + parts(other)[0]
    assert interventions == parts(one)[1] + parts(other)[1]


def test_two_schedules_add_up_to_one_that_does_both() -> None:
    both = (MORNING + SPRAY) + (EVENING + SKIN)
    assert both == Schedule(MORNING + EVENING, (SPRAY, SKIN))
    assert both.text().splitlines() == [
        "feed 20 min breast-fed at 08:00", "play 20 min at 18:00", "24 IU intranasal at 10:00",
        "skin-to-skin 60 min at 11:00",
    ]  # fmt: skip
    labels = {bout.label for bout in both.realise(0.0, 1440.0).bouts}
    assert labels == {"breastfeed", "play", "nasal spray 24 IU", "skin-to-skin contact"}


def test_adding_schedules_in_another_grouping_gives_the_same_day() -> None:
    a, b, c = (
        MORNING + SPRAY,
        EVENING + SKIN,
        Schedule(interventions=(ox.Massage("15 min", at="14:00"),)),
    )
    assert (a + b) + c == a + (b + c)
    one, other = (two.realise(0.0, 1440.0) for two in (a + b, b + a))
    for member in one.levels:
        np.testing.assert_array_equal(one.levels[member], other.levels[member])


def test_the_later_schedule_replaces_where_the_channel_is_replaced() -> None:
    calm, loud = (
        Schedule(interventions=(ox.interventions.AmbientStress(level),)) for level in (0.5, 2.0)
    )

    def level(schedule: Schedule) -> float:
        column = list(INFANT_CHANNELS).index("ambient_stress")
        return float(schedule.realise(0.0, 60.0).levels["infant"][0, column])

    assert (level(calm + loud), level(loud + calm)) == (2.0, 0.5)


def test_two_daily_lives_or_two_weekdays_of_birth_cannot_be_added() -> None:
    with pytest.raises(ScheduleError, match="one daily life"):
        _ = (MORNING + ox.DailyLife()) + (EVENING + ox.DailyLife())
    with pytest.raises(ScheduleError, match="two weekdays"):
        _ = (MORNING + SPRAY) + (Routine(EVENING.activities, "Friday") + SKIN)


@pytest.mark.parametrize("other", ["24 IU intranasal at 10:00", 3, None, [SKIN], ox.Dyad()])
def test_what_is_no_schedule_is_not_added(other: Any) -> None:
    for one in (MORNING, SPRAY, MORNING + SPRAY):
        for wrong in (lambda one=one: one + other, lambda one=one: other + one):
            with pytest.raises(
                ScheduleError if not isinstance(other, ox.Dyad) else TypeError, match=r"\+"
            ):
                wrong()


def test_a_sum_of_a_list_says_what_it_lacks() -> None:
    assert sum((SPRAY, SKIN), start=MORNING) == Schedule(MORNING, (SPRAY, SKIN))
    with pytest.raises(ScheduleError, match="start=Routine.empty"):
        sum((SPRAY, SKIN))
