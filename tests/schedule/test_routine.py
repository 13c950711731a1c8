"""The routine: who may not sleep when, the typical day, and jitter that keeps the order."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oxysim.errors import ScheduleError
from oxysim.model.inputs import CAREGIVER_CHANNELS, INFANT_CHANNELS
from oxysim.schedule import (
    STAGES,
    Feed,
    Play,
    Routine,
    Sleep,
    Talk,
    Together,
    Touch,
    Window,
    as_schedule,
    stage,
)
from oxysim.schedule.jitter import limits
from oxysim.schedule.typical import typical_activities

DAY = 1440.0
CAREGIVER = list(CAREGIVER_CHANNELS)
INFANT = list(INFANT_CHANNELS)


def level(realised, member, name, times):
    column = (INFANT if member == "infant" else CAREGIVER).index(name)
    return realised.inputs_at(member, times)[..., column]


def starts_of(realised, label):
    return [bout.start for bout in realised.bouts if bout.label == label]


# --- exclusion
# --------------------------------------------------------------------------------------


def test_sleep_and_waking_play_exclude_each_other():
    with pytest.raises(
        ScheduleError, match=r"infant sleep \(day \d+ 13:00.*play by caregiver.*overlap by 10 min"
    ):
        Routine((Sleep("13:00", "90 min"), Play("14:20", "15 min")))
    with pytest.raises(ScheduleError, match="talk needs the father awake"):
        Routine(
            (
                Sleep("22:00", "8 h", of="caregiver", by="father"),
                Talk("05:30", "20 min", by="father"),
            )
        )


def test_exclusion_holds_over_midnight_and_only_where_both_apply():
    with pytest.raises(ScheduleError, match="overlap by 20 min"):
        Routine((Sleep("19:30", "11 h"), Talk("06:00", "20 min", days=("Tue",))))
    Routine(
        (Sleep("19:30", "11 h", until_age="day 91"), Talk("06:00", "20 min", from_age="day 92"))
    )
    Routine((Sleep("13:00", "2 h", days=("Mon",)), Talk("13:00", "2 h", days=("Tue",))))


def test_touch_feed_and_another_sleeper_do_not_exclude():
    Routine((Sleep("13:00", "2 h"), Touch("13:00", "2 h"), Feed("13:30", "20 min")))
    Routine((Sleep("13:00", "2 h", of="caregiver"), Play("13:00", "30 min", by="father")))
    Routine((Sleep("13:00", "60 min"), Play("14:00", "15 min")))  # they touch but do not overlap


# --- the typical day
# --------------------------------------------------------------------------------------


def test_stage_boundaries():
    assert STAGES == (0, 91, 183, 365)
    assert [stage(day * DAY) for day in (0, 90.99, 91, 182, 183, 364, 365, 540)] == [
        0,
        0,
        1,
        1,
        2,
        2,
        3,
        3,
    ]


@pytest.mark.parametrize(
    ("day", "feeds", "minutes"), [(10, 8, 25), (120, 6, 20), (250, 5, 15), (450, 3, 10)]
)
def test_typical_feeds_by_stage(day, feeds, minutes):
    realised = as_schedule(Routine.typical()).realise(day * DAY, (day + 1) * DAY)
    bouts = [b for b in realised.bouts if b.label == "breastfeed" and b.member == "mother"]
    assert len(bouts) == feeds
    assert {b.stop - b.start for b in bouts} == {minutes}


@pytest.mark.parametrize("day", [10, 91, 120, 183, 250, 365, 450])
def test_typical_day_is_plausible(day):
    family = Routine.typical() + Routine.typical("father", by="father")
    realised = as_schedule(family).realise(
        day * DAY, (day + 1) * DAY, caregivers=("mother", "father")
    )
    lengths = np.diff(realised.edges)

    def minutes(member, name):
        return lengths @ (level(realised, member, name, realised.edges[:-1]) > 0)

    waking = level(realised, "mother", "talk", realised.edges[:-1]) > 0
    assert not np.any(waking & (level(realised, "infant", "asleep", realised.edges[:-1]) > 0))
    assert 12.5 * 60 <= minutes("infant", "asleep") <= 17 * 60
    assert 6.5 * 60 <= minutes("mother", "asleep") <= 9 * 60
    assert minutes("mother", "partner_contact") == 60
    assert minutes("father", "presence") == DAY - 510
    assert minutes("father", "stimulating_play") in (30, 40)
    assert 18 <= len({(b.label, b.start) for b in realised.bouts if b.member != "father"}) <= 32


def test_father_alone_brings_the_infants_care():
    alone = as_schedule(Routine.typical("father", infant_care=True)).realise(
        0, DAY, caregivers=("father",)
    )
    labels = {bout.label for bout in alone.bouts}
    assert {"bottle feed", "infant sleep"} <= labels
    assert not {"breastfeed", "absence"} & labels
    assert not {"bottle feed", "infant sleep"} & {
        a.label
        for a in typical_activities("father", "breast", None, "caregiver", infant_care=False)
    }


def test_a_long_window_is_realised_whole():
    realised = as_schedule(Routine.typical()).realise(0, 540 * DAY)
    assert realised.n_segments > 10_000
    days = {int(bout.start // DAY) for bout in realised.bouts}
    assert days >= set(range(540))


# --- jitter
# --------------------------------------------------------------------------------------


def test_limits_are_just_under_half_of_the_free_gap():
    # gaps: 20 min between the first two; the last two overlap, their starts are 10 min apart
    back, forward = limits(np.array([0.0, 30.0, 40.0]), np.array([10.0, 60.0, 50.0]))
    assert forward == pytest.approx(0.499 * np.array([20.0, 10.0, 1440.0]))
    assert back == pytest.approx(0.499 * np.array([1440.0, 20.0, 10.0]))


def test_no_jitter_is_shared_and_ignores_the_seed():
    plain = as_schedule(Routine.typical())
    assert not plain.has_jitter
    assert np.array_equal(plain.edges(0, DAY, seed=1), plain.edges(0, DAY, seed=2))
    moved = as_schedule(Routine.typical(jitter="10 min"))
    assert moved.has_jitter
    assert not np.array_equal(moved.edges(0, DAY, dyad=1), moved.edges(0, DAY, dyad=2))
    assert np.array_equal(moved.edges(0, DAY, seed=3, dyad=1), moved.edges(0, DAY, seed=3, dyad=1))


def test_lonely_activity_shifts_with_the_stated_spread():
    routine = as_schedule(Routine(Talk("12:00", "20 min", jitter="10 min")))
    shift = np.array(starts_of(routine.realise(0, 400 * DAY), "talk")) % DAY - 720
    assert abs(shift.mean()) < 4 * 10 / 20  # four standard errors at n = 400
    assert shift.std() == pytest.approx(10, rel=0.15)


def test_longer_window_or_another_start_changes_no_draw():
    schedule = as_schedule(Routine.typical(jitter="10 min"))
    whole = [(b.label, b.member, b.start, b.stop) for b in schedule.realise(0, 30 * DAY).bouts]
    part = [
        (b.label, b.member, b.start, b.stop) for b in schedule.realise(10 * DAY, 12 * DAY).bouts
    ]
    inside = [b for b in whole if b[2] > 10 * DAY and b[3] < 12 * DAY]
    assert inside == [b for b in part if b[2] > 10 * DAY and b[3] < 12 * DAY]
    assert len(inside) > 50


def test_another_activity_changes_no_draw():
    talk = Talk(("12:00", "15:00"), "20 min", jitter="10 min")
    far = Together("03:00", "20 min", jitter="10 min")  # too far off to limit the talk's shift
    alone = starts_of(as_schedule(Routine(talk)).realise(0, 20 * DAY), "talk")
    assert starts_of(
        as_schedule(Routine((far, talk))).realise(0, 20 * DAY), "talk"
    ) == pytest.approx(alone, abs=0.02)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_jitter_keeps_the_order_and_creates_no_overlap(data):
    times = data.draw(
        st.lists(
            st.tuples(st.integers(0, 143), st.integers(1, 12)), min_size=2, max_size=7, unique=True
        )
    )
    spread = data.draw(st.sampled_from(["1 min", "30 min", "5 h"]))
    kinds = [Touch, Together, Feed]
    activities = [
        kinds[i % 3](f"{10 * t // 60:02d}:{10 * t % 60:02d}", f"{10 * n} min", jitter=spread)
        for i, (t, n) in enumerate(times)
    ]
    routine = Routine(tuple(activities))
    window = Window(DAY, 4 * DAY, seed=data.draw(st.integers(0, 99)))
    still = Routine(tuple(type(a)(a.at, a.minutes) for a in activities)).bouts(window)
    moved = routine.bouts(window)
    a, b = (np.concatenate([one.starts for one in bouts]) for bouts in (still, moved))
    c, d = (np.concatenate([one.stops for one in bouts]) for bouts in (still, moved))
    inner = (a > DAY) & (a < 4 * DAY)
    a, b, c, d = a[inner], b[inner], c[inner], d[inner]
    assert np.all((b[:, None] < b[None, :])[a[:, None] < a[None, :]])
    apart = c[:, None] <= a[None, :]
    assert np.all((d[:, None] <= b[None, :] + 1e-9)[apart])
