"""The schedule: exact edges, combination by the channels' rules, limits by age and weekday, bad
input.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oxysim.errors import InputError, OxysimError, ScheduleError, UnitError, UnknownNameError
from oxysim.interventions import SkinToSkin
from oxysim.model.inputs import CAREGIVER_CHANNELS, INFANT_CHANNELS, channel, combined_level
from oxysim.schedule import (
    Absence,
    Bouts,
    Feed,
    Play,
    Routine,
    Schedule,
    Sleep,
    Talk,
    Together,
    Touch,
    Window,
    as_schedule,
)
from oxysim.schedule.realised import realised_from

DAY = 1440.0
CAREGIVER = list(CAREGIVER_CHANNELS)
INFANT = list(INFANT_CHANNELS)


def level(realised, member, name, times):
    column = (INFANT if member == "infant" else CAREGIVER).index(name)
    return realised.inputs_at(member, times)[..., column]


def source(member, name, value, *spans):
    starts, stops = np.array(spans, dtype=float).reshape(-1, 2).T
    return Bouts(f"{name} {value}", "routine", member, starts, stops, ((name, value),))


def starts_of(realised, label):
    return [bout.start for bout in realised.bouts if bout.label == label]


# --- exact edges
# --------------------------------------------------------------------------------------


def test_nothing_happens_is_one_segment_at_rest():
    realised = Schedule().realise(480, 840)
    assert realised.edges.tolist() == [480.0, 840.0]
    assert realised.levels["mother"].tolist() == [[row.rest for row in CAREGIVER_CHANNELS.values()]]
    assert realised.levels["infant"].tolist() == [[row.rest for row in INFANT_CHANNELS.values()]]
    assert realised.bouts == ()


def test_four_minute_input_at_900_is_an_exact_interval():
    realised = as_schedule(Routine(Together("15:00", "4 min", intensity=1.0))).realise(0, 1440)
    assert realised.edges.tolist() == [0.0, 900.0, 904.0, 1440.0]
    column = CAREGIVER.index("partner_contact")
    assert realised.levels["mother"][:, column].tolist() == [0.0, 1.0, 0.0]
    assert level(
        realised, "mother", "partner_contact", [899.9, 900.0, 903.9, 904.0, 1440.0]
    ).tolist() == [
        0,
        1,
        1,
        0,
        0,
    ]


def test_edges_closer_than_the_tolerance_are_one_edge():
    window = Window(0, 100)
    near = realised_from(
        [source("mother", "talk", 0.5, (10, 20)), source("mother", "gaze", 0.5, (20 + 5e-7, 30))],
        window,
    )
    assert near.edges.tolist() == [0.0, 10.0, 20.0, 30.0, 100.0]
    apart = realised_from(
        [source("mother", "talk", 0.5, (10, 20)), source("mother", "gaze", 0.5, (20 + 5e-6, 30))],
        window,
    )
    assert apart.edges.tolist() == [0.0, 10.0, 20.0, 20.0 + 5e-6, 30.0, 100.0]


def test_gap_and_bout_shorter_than_the_tolerance_vanish():
    window = Window(0, 100)
    gap = realised_from([source("mother", "talk", 0.5, (10, 20), (20 + 5e-7, 30))], window)
    assert gap.edges.tolist() == [0.0, 10.0, 30.0, 100.0]
    assert realised_from(
        [source("mother", "talk", 0.5, (10, 10 + 5e-7))], window
    ).edges.tolist() == [
        0.0,
        100.0,
    ]


def test_edge_next_to_the_window_keeps_the_windows_own_edges():
    realised = realised_from([source("mother", "talk", 0.5, (5e-7, 100 - 5e-7))], Window(0, 100))
    assert realised.edges.tolist() == [0.0, 100.0]
    assert level(realised, "mother", "talk", 50) == 0.5


def test_no_edge_where_nothing_changes():
    sources = [source("mother", "gaze", 0.5, (10, 40)), source("mother", "gaze", 0.2, (20, 30))]
    assert realised_from(sources, Window(0, 50)).edges.tolist() == [0.0, 10.0, 40.0, 50.0]


def test_bout_over_midnight_is_one_bout_and_is_cut_by_the_window():
    routine = as_schedule(Routine(Sleep("19:30", "11 h")))
    whole = routine.realise(0, 2 * DAY)
    assert [(b.start, b.stop) for b in whole.bouts] == [
        (0.0, 390.0),
        (1170.0, 1830.0),
        (2610.0, 2880.0),
    ]
    part = routine.realise(DAY, DAY + 480)
    assert part.edges.tolist() == [1440.0, 1830.0, 1920.0]
    assert level(part, "infant", "asleep", [1440.0, 1830.0]).tolist() == [1.0, 0.0]


# --- combination
# --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("member", "name", "values", "expected"),
    [
        ("mother", "stressor", (1.0, 2.0), 3.0),
        ("mother", "gaze", (0.7, 0.2), 0.7),
        ("mother", "breastfeeding_share", (0.5, 0.5), 0.25),
        ("infant", "ambient_stress", (3.0, 2.0), 2.0),
    ],
)
def test_each_rule_combines_what_overlaps(member, name, values, expected):
    first, second = (source(member, name, value, (10, 30)) for value in values)
    realised = realised_from([first, second], Window(0, 40))
    assert level(realised, member, name, [20, 35]).tolist() == [
        expected,
        channel(member, name).rest,
    ]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["stressor", "gaze", "presence"]),
            st.integers(0, 4),
            st.integers(0, 40),
            st.integers(1, 20),
        ),
        max_size=8,
    )
)
def test_laid_out_levels_equal_the_channels_own_rule(bouts):
    spans = [(name, quarter / 4, start, start + length) for name, quarter, start, length in bouts]
    realised = realised_from(
        [source("mother", name, value, (a, b)) for name, value, a, b in spans], Window(0, 60)
    )
    assert np.all(np.diff(realised.edges) > 1e-6)
    for moment in np.arange(0.5, 60):
        for name in ("stressor", "gaze", "presence"):
            given_levels = [
                value for other, value, a, b in spans if other == name and a < moment < b
            ]
            assert level(realised, "mother", name, moment) == combined_level(
                channel("mother", name), given_levels
            )


def test_sources_that_leave_the_legal_range_together_are_an_error():
    sources = [
        source("infant", "stressor", 6.0, (10, 30)),
        source("infant", "stressor", 6.0, (20, 40)),
    ]
    with pytest.raises(InputError, match=r"infant.*stressor must lie in \[0, 10\]"):
        realised_from(sources, Window(0, 60))


def test_a_level_leaves_nothing_behind_when_its_bout_ends():
    sources = [
        source("mother", "stressor", value, (10 * i, 10 * i + 15))
        for i, value in enumerate((0.1, 0.2, 0.7))
    ]
    assert level(realised_from(sources, Window(0, 60)), "mother", "stressor", 59) == 0.0


def test_sleep_of_the_routine_is_interrupted_by_what_needs_it_awake():
    awake = Bouts(
        "play",
        "intervention",
        "infant",
        np.array([20.0, 28.0]),
        np.array([30.0, 40.0]),
        (),
        ("asleep",),
    )
    realised = realised_from([source("infant", "asleep", 1.0, (10, 60)), awake], Window(0, 100))
    assert [(b.label, b.start, b.stop) for b in realised.bouts] == [
        ("asleep 1.0", 10, 20),
        ("asleep 1.0", 40, 60),
    ]
    assert realised.edges.tolist() == [0.0, 10.0, 20.0, 40.0, 60.0, 100.0]


def test_father_is_not_away_during_skin_to_skin():
    routine = Routine(Absence("08:30", "8 h"))
    realised = (routine + SkinToSkin("60 min", at="11:00")).realise(0, DAY)
    assert level(realised, "mother", "presence", [600, 660, 719, 720, 991]).tolist() == [
        0,
        1,
        1,
        0,
        1,
    ]


# --- members, table, sentences
# --------------------------------------------------------------------------------------


def test_caregiver_is_the_first_and_real_names_work():
    routine = Routine(
        (Talk("10:00", "20 min"), Play("11:00", "15 min", by="father", stimulation=0.65))
    )
    realised = as_schedule(routine).realise(480, 800, caregivers=("anna", "father"))
    assert set(realised.levels) == {"anna", "father", "infant"}
    assert level(realised, "anna", "talk", 610) == 0.45
    assert level(realised, "father", "stimulating_play", 670) == 0.65
    assert level(realised, "anna", "stimulating_play", 670) == 0.0


def test_unknown_caregiver_is_an_error_with_the_nearest():
    with pytest.raises(UnknownNameError, match="'fater'.*'father'"):
        as_schedule(Routine(Talk("10:00", "20 min", by="fater"))).realise(
            0, 100, caregivers=("mother", "father")
        )


def test_feeds_write_by_their_mode():
    breast = dict(Feed("07:00", "20 min").writes)
    assert dict(breast["caregiver"]) == {"affectionate_touch": 0.3, "gaze": 0.2, "suckling": 1.0}
    assert dict(breast["infant"]) == {"feeding": 1.0}
    bottle = dict(Feed("07:00", "20 min", mode="bottle", by="father").writes)
    assert dict(bottle["father"]) == {"affectionate_touch": 0.3, "gaze": 0.2}


def test_absence_without_distress_does_not_reach_the_infant():
    assert dict(Absence("09:00", "2 h").writes) == {"caregiver": (("presence", 0.0),)}
    assert dict(Absence("09:00", "2 h", distress=0.5).writes)["infant"] == (("separation", 0.5),)


def test_table_holds_one_row_a_bout_and_channel():
    table = as_schedule(Routine(Talk("23:50", "20 min"))).realise(DAY, 2 * DAY + 60).to_pandas()
    expected = [
        "label",
        "kind",
        "member",
        "start_day",
        "start_clock",
        "stop_clock",
        "minutes",
        "channel",
        "level",
    ]
    assert list(table.columns) == expected
    assert table.values.tolist() == [
        ["talk", "routine", "mother", 2, "00:00", "00:10", 10.0, "talk", 0.45],
        ["talk", "routine", "mother", 2, "00:00", "00:10", 10.0, "gaze", 0.4],
        ["talk", "routine", "mother", 2, "23:50", "00:10", 20.0, "talk", 0.45],
        ["talk", "routine", "mother", 2, "23:50", "00:10", 20.0, "gaze", 0.4],
    ]


def test_sentences():
    play = Play(
        ["10:00", "16:00"],
        "15 min",
        by="father",
        days=("Sat", "Sun"),
        from_age="3 months",
        jitter="10 min",
    )
    assert (
        play.describe()
        == "Play (father) for 15 min at 10:00, 16:00 on Sat, Sun from 3 months, jittered by 10 min."
    )
    assert Sleep("19:30", "11 h").describe() == "Infant sleep for 11 h at 19:30 every day."
    assert Routine.empty().describe() == "Nothing happens by routine."


def test_inputs_outside_the_window_or_family_are_errors():
    realised = Schedule().realise(0, 100)
    with pytest.raises(InputError, match=r"\[0, 100\]"):
        realised.inputs_at("mother", [50, 101])
    with pytest.raises(UnknownNameError, match="father"):
        realised.inputs_at("father", 50)


@pytest.mark.parametrize(
    "window", [(100, 100), (100, 50), (-10, 50), (0, float("nan")), (0, float("inf"))]
)
def test_impossible_windows(window):
    with pytest.raises(ScheduleError, match="window"):
        Schedule().realise(*window)


@pytest.mark.parametrize("names", [(), ("infant",), ("caregiver",), ("anna", "anna")])
def test_impossible_families(names):
    with pytest.raises(InputError, match="caregivers"):
        Schedule().realise(0, 100, caregivers=names)


# --- weekdays and ages
# --------------------------------------------------------------------------------------


def test_weekdays_hang_on_the_day_of_birth():
    # born on a Friday: the first Saturday is day 2, and weekly from there
    routine = Routine(Talk("10:00", "20 min", days=("Sat",)), born_on="Friday")
    days = [start // DAY for start in starts_of(as_schedule(routine).realise(0, 21 * DAY), "talk")]
    assert days == [1, 8, 15]


def test_ages_limit_where_bouts_begin():
    routine = Routine(Talk("10:00", "20 min", from_age="day 3", until_age="5 d"))
    starts = starts_of(as_schedule(routine).realise(0, 10 * DAY), "talk")
    assert starts == [2 * DAY + 600, 3 * DAY + 600, 4 * DAY + 600]


# --- bad activities
# --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Talk("10:00", 20), UnitError, "found 20"),
        (lambda: Talk("10:00", "20"), UnitError, "'20'"),
        (lambda: Talk("10:00", "0 min"), UnitError, "positive"),
        (lambda: Talk("10:00", "0.1 s"), ScheduleError, "one second"),
        (lambda: Talk("10:00", "25 h"), ScheduleError, "at most 24 h"),
        (lambda: Talk("10.00", "20 min"), UnitError, "clock time"),
        (lambda: Talk(600, "20 min"), UnitError, "clock time"),
        (lambda: Talk((), "20 min"), ScheduleError, "at is empty"),
        (lambda: Talk("10:00", "20 min", intensity=1.5), InputError, r"talk must lie in \[0, 1\]"),
        (lambda: Talk("10:00", "20 min", days=("Mom",)), UnknownNameError, "Mon"),
        (lambda: Talk("10:00", "20 min", days=()), ScheduleError, "days is empty"),
        (lambda: Talk("10:00", "20 min", jitter=5), UnitError, "jitter"),
        (
            lambda: Talk("10:00", "20 min", from_age="3 months", until_age="day 5"),
            ScheduleError,
            "later than",
        ),
        (lambda: Talk("10:00", "20 min", from_age="day 0"), ScheduleError, "day 1"),
        (lambda: Talk("10:00", "20 min", by="infant"), ScheduleError, "caregiver"),
        (lambda: Feed("10:00", "20 min", mode="brest"), UnknownNameError, "'breast'"),
        (
            lambda: Sleep("10:00", "20 min", of="father"),
            UnknownNameError,
            "sleep, of .father.; nearest: .infant.",
        ),
        (lambda: Routine.typical("mum"), UnknownNameError, "'mother'"),
        (lambda: Routine.typical(feeding="cup"), UnknownNameError, "'breast'"),
        (lambda: Routine(("play",)), ScheduleError, "expected activities"),
        (lambda: Routine(born_on="Mo"), UnknownNameError, "day of the week"),
        (lambda: as_schedule("spray"), ScheduleError, "'spray'"),
    ],
)
def test_bad_activities_are_errors_that_say_why(make, error, message):
    with pytest.raises(error, match=message) as raised:
        make()
    assert isinstance(raised.value, OxysimError)


# --- adding up
# --------------------------------------------------------------------------------------


def test_any_order_of_addition_gives_the_same_levels():
    talk, skin = Routine(Talk("10:00", "20 min")), SkinToSkin("60 min", at="10:10")
    other = Routine(Touch("12:00", "20 min"))
    first, second, third = talk + skin + other, skin + (talk + other), talk + (other + skin)
    for schedule in (second, third):
        a, b = first.realise(480, 900), schedule.realise(480, 900)
        assert np.array_equal(a.edges, b.edges)
        assert np.array_equal(a.levels["mother"], b.levels["mother"])
    assert isinstance(skin + skin, Schedule) and (skin + skin).routine == Routine.empty()


def test_adding_something_else_is_an_error():
    with pytest.raises(ScheduleError, match="found 3"):
        Routine() + 3
    with pytest.raises(ScheduleError, match="a text is read by oxysim.interventions.parse"):
        SkinToSkin("60 min", at="10:00") + "spray"
    with pytest.raises(TypeError):
        Routine() + object()
