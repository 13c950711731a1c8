"""The typical day of mothers, fathers and other caregivers, in four stages of the infant's age.

The clock times are modelling assumptions: a plausible family's day, with feeds that grow rarer and
naps that merge. Play differs by role (affectionate in mothers, stimulating in fathers), as in
Feldman et al. 2010.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from oxysim import checks
from oxysim.errors import unknown_name
from oxysim.schedule.activities import Absence, Activity, Feed, Play, Sleep, Talk, Together, Touch
from oxysim.units import DAY, clock, clock_text

# birth, three months, six months and a year, at each of which feeds or naps change
STAGES = (0, 91, 183, 365)
"""The first day (age in days) of each of the four stages of the typical day."""


def stage(age_minutes: float) -> int:
    """The stage (0 to 3) of the typical day at an infant age in minutes.

    >>> stage(0.0), stage(100 * DAY)
    (0, 1)
    """
    # an age before birth has no typical day
    checks.number(age_minutes, "age", 0.0)
    return max(0, sum(age_minutes >= first * DAY for first in STAGES) - 1)


class _Day(NamedTuple):
    """One stage's day: clock times, with one length for each kind of bout; sleep as (from, to)."""

    feeds: tuple[str, ...]
    feed: str
    night: tuple[str, str]
    naps: tuple[tuple[str, str], ...]
    caregiver_night: tuple[str, str]
    play: tuple[str, ...]
    play_length: str
    talk: tuple[str, ...]
    touch: tuple[str, ...]
    touch_length: str
    evening_play: tuple[str, ...]


_DAYS = (
    _Day(
        # under three months: eight feeds, three of them at night
        feeds=("01:00", "04:00", "07:00", "10:00", "13:00", "16:00", "19:00", "22:00"),
        feed="25 min",
        night=("20:00", "06:30"),
        naps=(("08:15", "09:45"), ("11:15", "12:50"), ("14:15", "15:50")),
        caregiver_night=("22:30", "06:30"),
        play=("07:45", "10:45", "16:45"),
        play_length="15 min",
        talk=("07:00", "13:00", "16:00", "19:00"),
        touch=("08:30", "14:30"),
        touch_length="60 min",
        evening_play=("17:30", "18:30"),
    ),
    _Day(
        # from three months: two feeds at night
        feeds=("03:00", "07:00", "10:30", "14:00", "17:30", "21:40"),
        feed="20 min",
        night=("19:30", "06:45"),
        naps=(("08:45", "10:00"), ("12:00", "13:30"), ("15:45", "17:00")),
        caregiver_night=("22:30", "06:45"),
        play=("07:45", "11:00", "18:15"),
        play_length="15 min",
        talk=("07:00", "10:30", "14:00", "17:30"),
        touch=("12:15", "15:50"),
        touch_length="60 min",
        evening_play=("18:35", "19:05"),
    ),
    _Day(
        # from six months: nights without a feed, shorter feeds beside other food
        feeds=("07:00", "10:30", "14:00", "17:00", "19:15"),
        feed="15 min",
        night=("19:45", "06:45"),
        naps=(("09:00", "10:15"), ("12:30", "14:00"), ("15:45", "16:30")),
        caregiver_night=("22:30", "06:45"),
        play=("07:45", "11:00", "14:45", "18:00"),
        play_length="15 min",
        talk=("07:00", "11:30", "14:15", "17:15"),
        touch=("08:05", "18:20"),
        touch_length="50 min",
        evening_play=("17:30", "18:30"),
    ),
    _Day(
        # from a year: three feeds and one nap
        feeds=("07:00", "12:00", "18:30"),
        feed="10 min",
        night=("19:45", "06:45"),
        naps=(("12:45", "14:45"),),
        caregiver_night=("22:30", "06:45"),
        play=("07:45", "10:15", "15:15", "17:30"),
        play_length="20 min",
        talk=("07:00", "10:35", "15:35", "18:40"),
        touch=("08:15", "16:30"),
        touch_length="50 min",
        evening_play=("18:00", "19:10"),
    ),
)

# Intensities of play by role: affectionate in mothers, stimulating in fathers
# (Feldman et al. 2010).
# others lie between the two (assumed)
_PLAY: dict[str, dict[str, Any]] = {
    "mother": {"affection": 0.5, "stimulation": 0.3},
    "father": {"affection": 0.25, "stimulation": 0.65},
    "other": {"affection": 0.4, "stimulation": 0.4},
}


def typical_activities(
    role: str, feeding: str, jitter: Any, by: str, *, infant_care: bool
) -> tuple[Activity, ...]:
    """The activities of the typical day over all stages; see `Routine.typical`.

    Raises
    ------
    UnknownNameError : no such role or way of feeding.

    >>> len(typical_activities("mother", "breast", None, "caregiver", infant_care=True)) > 50
    True
    """
    if role not in _PLAY:
        raise unknown_name("role", role, _PLAY)
    checks.choice(feeding, "way of feeding", ("breast", "bottle"))
    # only a mother breast-feeds
    mode = feeding if role == "mother" else "bottle"
    activities: list[Activity] = []
    # stage by stage, so that the text form knows a typical day by its first activities
    for number, day in enumerate(_DAYS):
        # the first stage has no beginning and the last no end
        ages = {
            "from_age": None if number == 0 else f"{STAGES[number]} d",
            "until_age": f"{STAGES[number + 1]} d" if number + 1 < len(STAGES) else None,
            "by": by,
        }
        if infant_care:
            activities += _infant_care(day, ages, jitter, mode)
        if infant_care or role == "mother":
            activities += _whole_day(day, ages, jitter, role)
        else:
            activities += _working_day(day, ages, jitter, role)
    return tuple(activities)


def _infant_care(day: _Day, ages: dict[str, Any], jitter: Any, mode: Any) -> list[Activity]:
    """The feeds, and the infant's sleep between them."""
    blocks = [piece for block in (day.night, *day.naps) for piece in _between_feeds(block, day)]
    feeds = Feed(day.feeds, day.feed, mode=mode, jitter=jitter, **ages)
    return [feeds, *(Sleep(at, minutes, **ages) for at, minutes in blocks)]


def _whole_day(day: _Day, ages: dict[str, Any], jitter: Any, role: str) -> list[Activity]:
    """The day of the caregiver who is with the infant all day and gets up at night to feed."""
    blocks = _between_feeds(day.caregiver_night, day)
    return [
        Play(day.play, day.play_length, jitter=jitter, **_PLAY[role], **ages),
        Talk(day.talk, "30 min", jitter=jitter, **ages),
        Touch(day.touch, day.touch_length, jitter=jitter, **ages),
        Together("20:30", "60 min", jitter=jitter, **ages),
        *(Sleep(at, minutes, of="caregiver", **ages) for at, minutes in blocks),
    ]


def _working_day(day: _Day, ages: dict[str, Any], jitter: Any, role: str) -> list[Activity]:
    """The day of a caregiver who is away in working hours, every day alike."""
    return [
        # working hours with the way there and back
        Absence("08:30", "8.5 h", holding_in_mind=0.1, **ages),
        Play(day.evening_play, day.play_length, jitter=jitter, **_PLAY[role], **ages),
        Talk(("07:25", "17:05"), "20 min", intensity=0.4, jitter=jitter, **ages),
        Touch(("08:00", "19:30"), "25 min", intensity=0.4, jitter=jitter, **ages),
        Together("20:30", "60 min", jitter=jitter, **ages),
        Sleep("23:00", "7.5 h", of="caregiver", **ages),
    ]


def _between_feeds(block: tuple[str, str], day: _Day) -> list[tuple[str, str]]:
    """A stretch of sleep, cut where a feed falls into it: (clock time, length) of each piece.

    It is cut at midnight too, so that each day is whole where one stage gives way to the next.
    """
    start, stop = clock(block[0]), clock(block[1])
    stop += DAY if stop < start else 0
    feed = float(day.feed.removesuffix(" min"))
    # a night passes midnight, so that the feeds of the next day fall into it too
    feeds = [(clock(time) + shift, feed) for time in day.feeds for shift in (0.0, DAY)]
    cuts = [*feeds, (DAY, 0.0)]
    pieces, asleep_from = [], start
    for time, pause in sorted(cut for cut in cuts if start <= cut[0] < stop):
        if time > asleep_from:
            pieces.append((asleep_from, time))
        asleep_from = time + pause
    if stop > asleep_from:
        pieces.append((asleep_from, stop))
    return [(clock_text(begin % DAY), f"{end - begin:g} min") for begin, end in pieces]
