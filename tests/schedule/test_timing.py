"""When a bout begins: every option of `Timing`, against moments counted by hand.

Days are written as "day 3" (the third, which begins 2 x 1440 min after birth), so the expected
minutes are (number - 1) x 1440 + the minutes after midnight.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from oxysim.errors import InputError, OxysimError, ScheduleError, UnitError, UnknownNameError
from oxysim.schedule.bouts import Window
from oxysim.schedule.timing import Timing

DAY = 1440.0
WEDNESDAY = 2


def _moments(
    options: dict[str, Any],
    window: tuple[float, float],
    length: float = 10.0,
    lasts: float = 0.0,
    **birth: Any,
) -> list[float]:
    days = Window(window[0] * DAY, window[1] * DAY, **birth)
    return [float(t) for t in Timing("massage", **options).moments(days, length, lasts)]


def _on(days: list[float], clock: float = 600.0) -> list[float]:
    """`clock` minutes after midnight on each of the days, counted from 0."""
    return [day * DAY + clock for day in days]


@pytest.mark.parametrize(
    ("options", "window", "expected"),
    [
        # once: on its day, or the first time that its clock comes round in the window
        ({"at": "10:00"}, (5, 6), _on([5])),
        ({"at": "10:00"}, (5 + 11 / 24, 7), _on([6])),
        ({"at": "10:00"}, (5 + 10 / 24, 7), _on([5])),
        ({"at": "10:00", "day": "day 3"}, (0, 6), _on([2])),
        ({"at": ("20:00", "08:00"), "day": "day 3"}, (0, 6), [2 * DAY + 480, 2 * DAY + 1200]),
        ({"at": "10:00", "start": "day 4"}, (0, 9), _on([3])),
        ({"at": "10:00", "start": "day 4", "stop": "day 4"}, (0, 9), _on([3])),
        # repeated
        ({"at": "10:00", "repeat": "daily"}, (0, 3), _on([0, 1, 2])),
        (
            {"at": ("20:00", "08:00"), "repeat": "daily"},
            (1, 3),
            [DAY + 480, DAY + 1200, 2 * DAY + 480, 2 * DAY + 1200],
        ),
        ({"at": "10:00", "repeat": "weekly"}, (0, 21), _on([0, 7, 14])),
        ({"at": "10:00", "repeat": "weekly", "day": "day 3"}, (0, 21), _on([2, 9, 16])),
        (
            {"at": "09:00", "every": "12 h", "day": "day 2", "course": "2 d"},
            (0, 9),
            [DAY + 540, DAY + 1260, 2 * DAY + 540, 2 * DAY + 1260],
        ),
        ({"at": "09:00", "every": "36 h"}, (0, 4), [540.0, 540 + 2160.0, 540 + 4320.0]),
        # until when
        ({"at": "10:00", "repeat": "daily", "stop": "day 3"}, (0, 9), _on([0, 1, 2])),
        (
            {"at": "10:00", "repeat": "daily", "start": "day 2", "stop": "day 3"},
            (0, 9),
            _on([1, 2]),
        ),
        (
            {"at": "10:00", "repeat": "daily", "start": "day 2", "course": "3 d"},
            (0, 9),
            _on([1, 2, 3]),
        ),
        ({"at": "10:00", "repeat": "daily", "course": "2 d"}, (4.5, 9), _on([5, 6])),
        ({"at": "10:00", "repeat": "daily", "sessions": 3}, (2, 9), _on([2, 3, 4])),
        ({"at": "10:00", "repeat": "daily", "day": "day 2", "sessions": 3}, (2, 9), _on([2, 3])),
        # on some days; a dyad whose infant was born on a Wednesday has its first Monday on day 6
        ({"at": "10:00", "repeat": "daily", "days": ("Mon", "Wed")}, (0, 14), _on([0, 5, 7, 12])),
        (
            {"at": "10:00", "every": "24 h", "days": ("Mon", "Tue", "Wed", "Thu", "Fri")},
            (0, 7),
            _on([0, 1, 2, 5, 6]),
        ),
        (
            {"at": "10:00", "repeat": "daily", "cycle": (5, 2)},
            (0, 14),
            _on([0, 1, 2, 3, 4, 7, 8, 9, 10, 11]),
        ),
        (
            {"at": "10:00", "repeat": "daily", "cycle": (1, 2), "start": "day 3"},
            (0, 9),
            _on([2, 5, 8]),
        ),
        ({"at": "10:00", "repeat": "daily", "cycle": (1, 2), "day": "day 2"}, (2, 9), _on([4, 7])),
        (
            {"at": "10:00", "every": "24 h", "cycle": (2, 1), "start": "day 2"},
            (0, 7),
            _on([1, 2, 4, 5]),
        ),
    ],
)
def test_bouts_begin_at(
    options: dict[str, Any], window: tuple[float, float], expected: list[float]
) -> None:
    assert _moments(options, window, born_on=WEDNESDAY) == pytest.approx(expected, abs=1e-9)


def test_a_bout_that_began_before_the_window_and_goes_on_is_one_of_it() -> None:
    late = {"at": "23:30", "repeat": "daily"}
    window = (1 + 15 / 1440, 2)  # from 00:15: a bout of 60 min from 23:30 on has 15 min left
    assert _moments(late, window, length=60) == [1410.0, DAY + 1410]
    assert _moments(late, window, length=45) == [DAY + 1410]  # over as the window begins
    assert _moments({**late, "day": "day 1"}, window, length=60) == [1410.0, DAY + 1410]
    # one that has a beginning of its own in the window has no bout before
    assert _moments({**late, "start": "day 2"}, window, length=60) == [DAY + 1410]


def test_a_session_that_goes_on_as_the_window_begins_is_the_first_of_their_number() -> None:
    late = {"at": "23:30", "repeat": "daily", "sessions": 2}
    window = (1 + 15 / 1440, 4)
    assert _moments(late, window, length=60) == [1410.0, DAY + 1410]
    assert _moments(late, window, length=45) == [DAY + 1410, 2 * DAY + 1410]


def test_what_limits_the_days_holds_together_with_when_it_stops() -> None:
    daily = {"at": "10:00", "repeat": "daily"}
    on_mondays = {**daily, "days": ("Mon", "Wed"), "stop": "day 8"}
    assert _moments(on_mondays, (0, 14), born_on=WEDNESDAY) == _on([0, 5, 7])
    assert _moments({**daily, "cycle": (1, 2), "stop": "day 5"}, (0, 14)) == _on([0, 3])
    # a course is counted from its start, not from the first bout: 34 h after midnight is 10:00
    assert _moments({**daily, "start": "day 2", "course": "34 h"}, (0, 9)) == _on([1])
    assert _moments({**daily, "start": "day 2", "course": "35 h"}, (0, 9)) == _on([1, 2])


def test_days_on_which_it_may_happen_do_not_lengthen_it() -> None:
    """The day after the stop is one of its weekdays and a day on of its cycle."""
    daily = {"at": "10:00", "repeat": "daily", "stop": "day 2"}
    every_day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    assert _moments({**daily, "days": every_day}, (0, 9)) == _on([0, 1])
    assert _moments({**daily, "cycle": (5, 2)}, (0, 9)) == _on([0, 1])


def test_a_bout_at_midnight_belongs_to_the_day_that_begins() -> None:
    at_midnight = {"at": "00:00", "repeat": "daily", "days": ("Thu",)}
    assert _moments(at_midnight, (0, 9), born_on=WEDNESDAY) == _on([1, 8], clock=0.0)


def test_a_cycle_is_counted_from_the_day_of_its_start() -> None:
    # begun at noon of day 3, after that day's bout: day 3 is the day on, days 4 and 5 are off
    cycle = {"at": "10:00", "repeat": "daily", "cycle": (1, 2), "start": "2.5 d"}
    assert _moments(cycle, (0, 9)) == _on([5, 8])
    # counted from the first bout instead, where an interval says so
    assert _moments({**cycle, "repeat": "once", "every": "24 h"}, (0, 9)) == _on([3, 6])


def test_midnight_of_the_day_of_birth_can_hold_a_bout() -> None:
    assert _moments({"at": "00:00", "repeat": "daily"}, (0, 2)) == [0.0, DAY]


def test_none_begins_before_birth() -> None:
    assert _moments({"at": "23:30", "repeat": "daily"}, (0, 1), length=60) == [1410.0]


def test_a_bout_whose_consequences_reach_into_the_window_comes_with_the_others() -> None:
    daily = {"at": "10:00", "repeat": "daily", "day": "day 1"}
    assert _moments(daily, (1, 2), length=10) == _on([1])
    assert _moments(daily, (1, 2), length=10, lasts=14 * 60 + 1) == _on([0, 1])
    assert _moments(daily, (1, 2), length=10, lasts=14 * 60) == _on([1])  # over at midnight


def test_a_trial_day_is_counted_from_the_day_of_enrolment() -> None:
    assert _moments({"at": "10:00", "day": "trial day 2"}, (30, 60), enrolled=40 * DAY) == _on([41])
    course = {"at": "10:00", "repeat": "daily", "start": "trial day 1", "stop": "trial day 3"}
    assert _moments(course, (30, 60), enrolled=40 * DAY) == _on([40, 41, 42])
    # lengths and consequences count there as anywhere
    stretch = {"at": "10:00", "repeat": "daily", "start": "trial day 1"}
    overnight = {"length": 10.0, "lasts": 14 * 60 + 1.0, "enrolled": 40 * DAY}
    assert _moments(stretch, (41, 42), **overnight) == _on([40, 41])
    with pytest.raises(ScheduleError, match="'trial day 2' is counted from enrolment"):
        _moments({"at": "10:00", "day": "trial day 2"}, (30, 60))


def test_a_bout_of_a_trial_day_keeps_its_length() -> None:
    # enrolled at noon of day 3, of which 10:00 is over by then: begun 10 min before the window
    once = {"at": "10:00", "day": "trial day 1"}
    window = (2 + 610 / DAY, 4)
    assert _moments(once, window, length=15, enrolled=2.5 * DAY) == _on([2])
    with pytest.raises(ScheduleError, match="no moment of it lies in the simulated window"):
        _moments(once, window, length=5, enrolled=2.5 * DAY)


def test_an_end_is_no_part_of_what_ends_there() -> None:
    once = {"at": "10:00"}
    for options, window in (
        ({**once, "stop": "10 h"}, (0.0, 1.0)),  # its own stop
        ({**once, "day": "day 1"}, (0.0, 600 / DAY)),  # the window's
    ):
        with pytest.raises(ScheduleError, match="no moment of it lies in the simulated window"):
            _moments(options, window)


def test_what_has_no_length_and_no_consequences_is_over_at_once() -> None:
    twice = {"at": ("09:59", "10:00"), "day": "day 1"}
    assert Timing("massage", **twice).moments(Window(599.5, DAY), 0.0).tolist() == [600.0]
    with pytest.raises(InputError, match="length"):
        Timing("massage", **twice).moments(Window(0.0, DAY), -1.0)
    with pytest.raises(InputError, match="lasts"):
        Timing("massage", **twice).moments(Window(0.0, DAY), 1.0, lasts=-1.0)


def test_bouts_may_touch_but_not_overlap() -> None:
    half_hourly = {"at": "10:00", "every": "30 min", "sessions": 3}
    assert _moments(half_hourly, (0, 1), length=30) == [600.0, 630.0, 660.0]
    with pytest.raises(ScheduleError, match="bouts of 31 min that begin 30 min apart overlap"):
        _moments(half_hourly, (0, 1), length=31)
    twice = {"at": ("10:00", "10:20"), "day": "day 1"}
    assert _moments(twice, (0, 1), length=20) == [600.0, 620.0]
    with pytest.raises(ScheduleError, match="bouts of 21 min that begin 20 min apart overlap"):
        _moments(twice, (0, 1), length=21)
    single = {"at": "10:00", "day": "day 1"}
    assert _moments(single, (0, 2), length=1000) == [600.0]  # one alone overlaps nothing


def test_one_that_never_falls_into_the_window_is_refused_with_its_first_moment() -> None:
    with pytest.raises(ScheduleError, match=r"at 10:00 once on day 9, first on day 9 10:00"):
        _moments({"at": "10:00", "day": "day 9"}, (0, 5))
    with pytest.raises(ScheduleError, match="no moment of it lies in the simulated window"):
        _moments({"at": "10:00", "day": "day 1"}, (600 / 1440, 1), length=0)


@pytest.mark.parametrize(
    ("options", "window", "expected"),
    [
        ({}, (2, 9), (2, 9)),
        ({"start": "day 4"}, (2, 9), (3, 9)),
        ({"start": "day 1"}, (2, 9), (2, 9)),
        ({"stop": "day 4"}, (2, 9), (2, 4)),  # the day of the stop included
        ({"start": "day 4", "stop": "day 6"}, (2, 9), (3, 6)),
        ({"start": "day 4", "course": "36 h"}, (2, 9), (3, 4.5)),
        ({"course": "36 h"}, (2, 9), (2, 3.5)),  # without a start: from that of the window
        ({"start": "day 1", "course": "2 d"}, (1.5, 9), (1.5, 2)),
        ({"start": "day 4", "course": "30 d"}, (2, 9), (3, 9)),
    ],
)
def test_something_continuous_is_in_force(
    options: dict[str, Any], window: tuple[float, float], expected: tuple[float, float]
) -> None:
    days = Window(window[0] * DAY, window[1] * DAY)
    span = Timing("medication", **options).span(days)
    np.testing.assert_allclose(span, np.array(expected) * DAY, rtol=0, atol=1e-9)


def test_the_span_of_a_trial_day_needs_a_trial() -> None:
    timing = Timing("medication", start="trial day 3")
    assert timing.span(Window(30 * DAY, 60 * DAY, enrolled=40 * DAY)) == (42 * DAY, 60 * DAY)
    with pytest.raises(ScheduleError, match="counted from enrolment"):
        timing.span(Window(30 * DAY, 60 * DAY))


@pytest.mark.parametrize("options", [{"start": "day 9"}, {"stop": "day 2"}, {"start": "day 6"}])
def test_one_that_is_in_force_outside_the_window_alone_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(ScheduleError, match="outside the simulated window"):
        Timing("medication", **options).span(Window(2 * DAY, 5 * DAY))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "all the time"),
        ({"at": "10:00"}, "at 10:00 once"),
        ({"at": ("20:00", "08:00"), "repeat": "daily"}, "at 08:00, 20:00 every day"),
        ({"at": "10:00", "repeat": "weekly", "day": "day 3"}, "at 10:00 every week from day 3"),
        ({"at": "10:00", "day": "day 3"}, "at 10:00 once on day 3"),
        ({"at": "10:00", "day": "trial day 3"}, "at 10:00 once on trial day 3"),
        (
            {"at": "10:00", "every": "12 h", "day": "day 3"},
            "at 10:00 and then every 12 h from day 3",
        ),
        (
            {"at": "10:00", "repeat": "daily", "days": ("Mon", "Fri")},
            "at 10:00 every day on Mon, Fri",
        ),
        (
            {"at": "10:00", "repeat": "daily", "cycle": (5, 2), "sessions": 4},
            "at 10:00 every day (5 days on, 2 days off) for 4 sessions",
        ),
        (
            {"at": "10:00", "repeat": "daily", "start": "day 2", "stop": "day 6"},
            "at 10:00 every day from day 2 to day 6",
        ),
        ({"start": "day 2", "course": "10 d"}, "from day 2 for 10 d"),
    ],
)
def test_it_says_when(options: dict[str, Any], words: str) -> None:
    assert Timing("massage", **options).describe() == words


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"start": "day 5", "stop": "day 4"}, "must be later than start"),
        ({"start": "5 d", "stop": "5 d"}, "must be later than start"),
        ({"stop": "0 d"}, "must be later than start"),
        ({"at": "10:00", "day": "day 2", "start": "day 1"}, "not both"),
        ({"at": "10:00", "day": "day 5", "stop": "day 4"}, "must be later than day"),
        ({"at": "10:00", "every": "12 h", "repeat": "daily"}, "not both"),
        ({"at": ("10:00", "11:00"), "every": "12 h"}, "every counts from one clock time"),
        ({"at": "10:00", "days": ("Mon",)}, "days and cycle go with"),
        ({"at": "10:00", "cycle": (5, 2)}, "days and cycle go with"),
        ({"at": "10:00", "repeat": "weekly", "cycle": (5, 2)}, "days and cycle go with"),
        ({"at": "10:00", "repeat": "daily", "cycle": (0, 2)}, "cycle is"),
        ({"at": "10:00", "repeat": "daily", "cycle": (5, -1)}, "cycle is"),
        ({"at": "10:00", "repeat": "daily", "cycle": (5, 2, 1)}, "cycle is"),
        ({"at": "10:00", "repeat": "daily", "cycle": [5, 2]}, "cycle is"),
        ({"at": "10:00", "repeat": "daily", "cycle": (True, 2)}, "cycle is"),
        ({"at": "10:00", "repeat": "daily", "sessions": 0}, "at least one session"),
        ({"at": "10:00", "repeat": "daily", "sessions": True}, "at least one session"),
        ({"course": "2 d", "stop": "day 4"}, "either course"),
        ({"at": "10:00", "course": "2 d"}, "it happens once"),
    ],
)
def test_options_that_contradict_each_other_are_refused(options: dict[str, Any], why: str) -> None:
    with pytest.raises(ScheduleError, match=why):
        Timing("massage", **options)


@pytest.mark.parametrize(
    "options",
    [
        {"start": "day 5", "stop": "day 5"},
        {"at": "10:00", "day": "day 5", "stop": "day 5"},
        {"at": "10:00", "every": "12 h", "cycle": (1, 0)},
        {"at": "10:00", "every": "12 h", "days": ("Mon",), "course": "9 d"},
        {"at": "10:00", "repeat": "weekly", "course": "9 d"},
        {"at": "10:00", "repeat": "daily", "sessions": 1},
        # an age and a trial day are compared once the infant's age at enrolment is known
        {"at": "10:00", "repeat": "daily", "start": "day 60", "stop": "trial day 5"},
        {"at": "10:00", "day": "day 60", "stop": "trial day 5"},
    ],
)
def test_options_that_agree_are_taken(options: dict[str, Any]) -> None:
    Timing("massage", **options)


def test_options_that_cannot_be_read_are_refused_at_once() -> None:
    with pytest.raises(UnknownNameError, match="repeat"):
        Timing("massage", at="10:00", repeat="hourly")
    with pytest.raises(UnitError, match="at"):
        Timing("massage", at="25:00")
    with pytest.raises(OxysimError, match="start"):
        Timing("massage", start="some day")
