"""What a schedule refuses: a bout that begins when a day has ended, absurd lengths, truth values as
levels.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import oxysim as ox
from oxysim.errors import InputError, OxysimError, ScheduleError, UnitError
from oxysim.interventions import (
    AmbientStress,
    Antidepressant,
    Crying,
    IntravenousBolus,
    Massage,
    NasalSpray,
    Placebo,
    PlaySession,
    SkinToSkin,
    SocialSupport,
    StillFace,
    Stressor,
    parse_schedule,
)
from oxysim.schedule import Feed, Play, Routine, Sleep, Talk
from oxysim.trials.plan.visits import Visit
from oxysim.units import clock

BEGINS = [
    lambda: Feed("24:00", "20 min", from_age="day 5"),
    lambda: Feed(("07:00", "24:00"), "20 min", until_age="day 5"),
    lambda: Talk("24:00", "20 min", days="Mon"),
    lambda: Sleep("24:00", "6 h"),
    lambda: SkinToSkin("60 min", at="24:00", day="day 3"),
    lambda: SkinToSkin("60 min", at="24:00:00", repeat="daily", days="Mon"),
    lambda: SkinToSkin("60 min daily at 24:00 on Mon"),
    lambda: NasalSpray("24 IU at 24:00 on day 3"),
    lambda: parse_schedule("typical day of a mother; skin-to-skin 60 min daily at 24:00"),
    lambda: Visit("4 weeks", at="24:00").minutes(0.0),
    lambda: ox.simulate(ox.Dyad(), Routine.typical(), "1 h", start="24:00"),
    lambda: ox.Study(ox.Dyad(), "1 h", start="24:00", outcomes=["caregiver.epds: final"]),
]


@pytest.mark.parametrize("build", BEGINS)
def test_nothing_begins_at_the_end_of_a_day(build: Callable[[], Any]) -> None:
    """Whether it would belong to the weekday, age or day that ends or to the next one: nobody could
    tell.
    """
    with pytest.raises(OxysimError, match="00:00"):
        build()


def test_the_end_of_a_day_is_still_a_time_at_which_something_may_end() -> None:
    assert clock("24:00") == 1440.0
    with pytest.raises(UnitError):
        clock("24:00", begins=True)


@pytest.mark.parametrize(
    ("build", "limit"),
    [
        (lambda: NasalSpray("24 IU", "1000001 min", at="10:00"), "at most 1 h"),
        (lambda: parse_schedule("24 IU intranasal over 1000001 min at 10:00"), "at most 1 h"),
        (lambda: Placebo("2 h", at="10:00").length, None),
        (lambda: IntravenousBolus("2 IU", "1000001 min", at="10:00"), "at most 1 d"),
        (lambda: Massage("1000001 min", at="10:00"), "at most 31 d"),
        (lambda: Crying("40 d", at="10:00"), "at most 31 d"),
        (lambda: Play("10:00", "20 min", jitter="30 h"), "at most 12 h"),
        (lambda: Routine.typical(jitter="30 h"), "at most 12 h"),
        (lambda: parse_schedule("typical day of a mother, jitter 30 h"), "at most 12 h"),
    ],
)
def test_absurd_lengths_meet_a_limit_that_is_said(
    build: Callable[[], Any], limit: str | None
) -> None:
    if limit is None:
        build()
        return
    with pytest.raises(ScheduleError, match=limit):
        build()


@pytest.mark.parametrize(
    "build",
    [
        lambda level: Crying("10 min", at="10:00", intensity=level),
        lambda level: Massage("10 min", at="10:00", intensity=level),
        lambda level: Massage("10 min", at="10:00", talk=level),
        lambda level: StillFace(at="10:00", distress=level),
        lambda level: Stressor("10 min", at="10:00", intensity=level),
        lambda level: AmbientStress(level),
        lambda level: Antidepressant(level),
        lambda level: SocialSupport(level),
        lambda level: PlaySession("10 min", at="10:00", affection=level),
        lambda level: NasalSpray("24 IU", at="10:00", expectancy=level),
        lambda level: Feed("10:00", "20 min", intensity=level),
        lambda level: Play("10:00", "20 min", talk=level),
    ],
)
@pytest.mark.parametrize("level", [True, False, "1", None, [1.0]])
def test_a_level_is_a_number(build: Callable[[Any], Any], level: Any) -> None:
    with pytest.raises(OxysimError):
        build(level)


@pytest.mark.parametrize("kind", [NasalSpray, Placebo])
def test_blinding_is_true_or_false(kind: Any) -> None:
    amount = ("24 IU",) if kind is NasalSpray else ()
    with pytest.raises(InputError, match="True or False"):
        kind(*amount, at="10:00", blinded="no")
