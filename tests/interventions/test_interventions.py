"""Interventions: what each writes, when, its sentence, and the errors for what cannot be."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from oxysim.errors import InputError, OxysimError, ScheduleError, UnitError, UnknownNameError
from oxysim.interventions import (
    INTERVENTIONS,
    AffectionateTalk,
    AmbientStress,
    Antidepressant,
    Breastfeed,
    Breastfeeding,
    Coaching,
    Crying,
    IntravenousBolus,
    LifeEvents,
    Massage,
    NasalSpray,
    PartnerContact,
    Placebo,
    PlaySession,
    PsychologicalTreatment,
    ReceptorKnockout,
    RemoteVoice,
    Separation,
    SkinToSkin,
    SocialSupport,
    StillFace,
    Stressor,
    Weaning,
    Work,
)
from oxysim.model.inputs import CAREGIVER_CHANNELS, INFANT_CHANNELS
from oxysim.schedule import Intervention, Routine, Sleep, as_schedule

DAY = 1440.0
MORNING = (480.0, 840.0)  # 08:00 to 14:00 on the day of birth


def level(realised, member, name, times):
    column = list(INFANT_CHANNELS if member == "infant" else CAREGIVER_CHANNELS).index(name)
    return realised.inputs_at(member, times)[..., column]


def starts(item, start, stop, label=None):
    """The starts of the bouts, each once, as (day number from 1, clock hour)."""
    bouts = as_schedule(item).realise(start, stop).bouts
    moments = sorted({b.start for b in bouts if label is None or b.label == label})
    return [(int(m // DAY) + 1, m % DAY / 60) for m in moments]


# --- what each writes
# --------------------------------------------------------------------------------------

EACH = [
    (PartnerContact("30 min", at="10:00"), {("mother", "partner_contact"): 1.0}),
    (IntravenousBolus("2 IU", "2 min", at="10:00"), {("mother", "intravenous"): 1.0}),
    (SkinToSkin("60 min", at="10:00"), {("mother", "skin_contact"): 1.0, ("mother", "gaze"): 0.2}),
    (
        Massage("15 min", at="10:00"),
        {("mother", "massage"): 1.0, ("mother", "talk"): 0.2, ("mother", "gaze"): 0.3},
    ),
    (
        Breastfeed("20 min", at="10:00"),
        {
            ("mother", "suckling"): 1.0,
            ("mother", "affectionate_touch"): 0.3,
            ("mother", "gaze"): 0.2,
            ("infant", "feeding"): 1.0,
        },
    ),
    (AffectionateTalk("30 min", at="10:00"), {("mother", "talk"): 0.8, ("mother", "gaze"): 0.5}),
    (
        PlaySession("15 min", at="10:00", affection=0.0, stimulation=0.9, talk=0.1),
        {("mother", "stimulating_play"): 0.9, ("mother", "talk"): 0.1, ("mother", "gaze"): 0.6},
    ),
    (RemoteVoice("15 min", at="10:00"), {("mother", "remote_voice"): 1.0}),
    (Coaching(), {("mother", "coaching"): 1.0}),
    (PsychologicalTreatment(), {("mother", "therapy"): 1.0}),
    (Crying("10 min", at="10:00"), {("infant", "crying"): 1.0}),
    (StillFace(at="10:00"), {("mother", "responsiveness"): 0.0, ("infant", "still_face"): 1.0}),
    (
        Separation("30 min", at="10:00"),
        {("mother", "presence"): 0.0, ("infant", "separation"): 1.0},
    ),
    (
        Work("30 min", at="10:00"),
        {("mother", "presence"): 0.0, ("mother", "holding_in_mind"): 0.1},
    ),
    (Stressor("5 min", at="10:00", intensity=2.0), {("infant", "stressor"): 2.0}),
    (Stressor("5 min", at="10:00", of="caregiver"), {("mother", "stressor"): 1.0}),
    (Antidepressant(1.5), {("mother", "antidepressant"): 1.5}),
    (SocialSupport(), {("mother", "support"): 1.0}),
    (AmbientStress(2.0), {("infant", "ambient_stress"): 2.0}),
    (LifeEvents(3.0), {("mother", "stress_noise"): 3.0}),
    (ReceptorKnockout(), {("mother", "accumbens_receptors"): 0.0}),
    (ReceptorKnockout("all", remaining=0.5), {("mother", "receptors"): 0.5}),
    (ReceptorKnockout("all", of="infant"), {("infant", "receptors"): 0.0}),
]


@pytest.mark.parametrize(("item", "expected"), EACH, ids=lambda value: getattr(value, "label", ""))
def test_writes_these_channels_and_no_other(item, expected):
    realised = as_schedule(item).realise(*MORNING)
    for member, table in (("mother", CAREGIVER_CHANNELS), ("infant", INFANT_CHANNELS)):
        for name, row in table.items():
            assert level(realised, member, name, 601) == expected.get((member, name), row.rest), (
                member,
                name,
            )
    assert {bout.kind for bout in realised.bouts} == {"intervention"}
    assert {bout.label for bout in realised.bouts} == {item.label}


def test_every_intervention_is_listed_and_says_one_sentence():
    assert len(INTERVENTIONS) == 26
    assert {type(item).__name__ for item, _ in EACH} | {
        "NasalSpray",
        "Placebo",
        "Breastfeeding",
        "DailyCrying",
        "DailyLife",
        "Weaning",
    } == set(INTERVENTIONS)
    for item, _ in EACH:
        sentence = item.describe()
        assert sentence[0].isupper() and sentence.endswith(".") and "\n" not in sentence
        assert isinstance(item, Intervention) and hash(item) == hash(dataclasses.replace(item))


def test_spray_gives_exactly_its_dose_and_three_hours_of_belief():
    realised = as_schedule(NasalSpray("24 IU", "2 min", at="10:00")).realise(*MORNING)
    assert realised.edges.tolist() == [480.0, 600.0, 602.0, 780.0, 840.0]
    assert level(realised, "mother", "nasal_spray", [601, 603]).tolist() == [12.0, 0.0]
    assert level(realised, "mother", "expectancy", [599, 601, 779, 781]).tolist() == [
        0.0,
        0.5,
        0.5,
        0.0,
    ]


def test_doses_in_another_unit():
    assert NasalSpray("40.32 ug", at="10:00").international_units == pytest.approx(24.0)


def test_blinded_arms_differ_by_the_drug_alone():
    spray = as_schedule(NasalSpray("24 IU", at="10:00")).realise(*MORNING)
    placebo = as_schedule(Placebo(at="10:00")).realise(*MORNING)
    times = np.arange(480, 840, 0.5)
    differs = spray.inputs_at("mother", times) != placebo.inputs_at("mother", times)
    # nasal_spray is the first channel
    assert np.array_equal(np.flatnonzero(differs.any(axis=0)), [0])
    open_spray = as_schedule(NasalSpray("24 IU", at="10:00", blinded=False)).realise(*MORNING)
    assert level(open_spray, "mother", "expectancy", 700) == 1.0
    assert as_schedule(Placebo(at="10:00", blinded=False)).realise(*MORNING).edges.tolist() == [
        480.0,
        840.0,
    ]


def test_belief_of_a_dose_before_the_window_reaches_into_it():
    daily = NasalSpray("24 IU", at="07:00", repeat="daily", start="day 1")
    realised = as_schedule(daily).realise(DAY + 480, 2 * DAY + 480)
    assert level(realised, "mother", "expectancy", [DAY + 599, DAY + 601]).tolist() == [0.5, 0.0]


def test_pulses_of_a_single_feed():
    realised = as_schedule(Breastfeed("20 min", at="10:00", pulses=True)).realise(*MORNING)
    suckling = level(
        realised,
        "mother",
        "suckling",
        [594.9, 595.1, 599.9, 600.1, 600.6, 602.1, 612.1, 614.1, 618.1],
    )
    # a pulse of 30 s carries the release of the 2 min until the next
    assert suckling.tolist() == [0.0, 0.15, 0.15, 4.0, 0.0, 4.0, 0.0, 4.0, 4.0]
    pulses = [b for b in realised.bouts if b.levels == (("suckling", 4.0),)]
    assert [b.start - 600 for b in pulses] == [0, 2, 4, 6, 8, 10, 14, 18]
    assert [b.stop - b.start for b in pulses] == pytest.approx([0.5] * 8)
    assert level(realised, "infant", "feeding", [595.1, 611.0]).tolist() == [0.0, 1.0]


def test_an_infants_stressor_is_nobodys():
    with pytest.raises(ScheduleError, match="reaches the infant"):
        Crying("10 min", at="10:00", by="father")


def test_weaning_falls_to_zero_in_equal_steps():
    realised = as_schedule(Weaning("day 11", "day 15", 4)).realise(0, 20 * DAY)
    share = level(
        realised,
        "mother",
        "breastfeeding_share",
        np.array([10.5, 11.5, 12.5, 13.5, 14.5, 19.5]) * DAY,
    )
    assert share.tolist() == [1.0, 0.75, 0.5, 0.25, 0.0, 0.0]
    late = as_schedule(Weaning("day 11", "day 15", 4)).realise(30 * DAY, 31 * DAY)
    assert level(late, "mother", "breastfeeding_share", 30.5 * DAY) == 0.0


def test_later_ambient_stress_replaces_the_earlier():
    both = AmbientStress(3.0) + AmbientStress(0.0, start="day 3")
    realised = as_schedule(both).realise(0, 5 * DAY)
    assert level(realised, "infant", "ambient_stress", [DAY, 3 * DAY]).tolist() == [3.0, 0.0]
    other = as_schedule(AmbientStress(0.0, start="day 3") + AmbientStress(3.0)).realise(0, 5 * DAY)
    assert level(other, "infant", "ambient_stress", [DAY, 3 * DAY]).tolist() == [3.0, 3.0]


def test_play_wakes_the_infant_but_skin_to_skin_does_not():
    nap = Routine(Sleep("09:30", "2 h"))
    played = (nap + PlaySession("15 min", at="10:00")).realise(*MORNING)
    assert level(played, "infant", "asleep", [599, 601, 616]).tolist() == [1.0, 0.0, 1.0]
    held = (nap + SkinToSkin("60 min", at="10:00")).realise(*MORNING)
    assert level(held, "infant", "asleep", [599, 601, 616]).tolist() == [1.0, 1.0, 1.0]


def test_by_names_the_caregiver():
    item = SkinToSkin("60 min", at="10:00", by="father")
    realised = as_schedule(item).realise(*MORNING, caregivers=("mother", "father"))
    assert level(realised, "father", "skin_contact", 630) == 1.0
    assert level(realised, "mother", "skin_contact", 630) == 0.0
    with pytest.raises(UnknownNameError, match="'father' in 'skin-to-skin contact'"):
        as_schedule(item).realise(*MORNING)


def test_a_short_bout_inside_a_long_one_ends_no_interruption_early():
    """Sleep that begins within the long one waits for its end, whatever else began and ended
    before.
    """
    nap = Routine(Sleep("10:30", "60 min"))
    both = nap + Massage("60 min", at="10:00") + AffectionateTalk("10 min", at="10:05")
    realised = as_schedule(both).realise(*MORNING)
    assert level(realised, "infant", "asleep", [631, 659, 661, 689, 691]).tolist() == [
        0.0,
        0.0,
        1.0,
        1.0,
        0.0,
    ]


# --- when
# --------------------------------------------------------------------------------------


def test_once_is_the_first_day_of_the_window_that_holds_the_clock_time():
    assert starts(Crying("10 min", at=["07:00", "10:00"]), 480, 480 + DAY) == [(1, 10.0), (2, 7.0)]
    assert starts(Crying("10 min", at="10:00"), 480 + 30 * DAY, 480 + 33 * DAY) == [(31, 10.0)]


def test_on_a_stated_day():
    item = Crying("10 min", at="10:00", day="day 36")
    assert starts(item, 0, 60 * DAY) == [(36, 10.0)]
    assert starts(Crying("10 min", at="10:00", day="5 weeks"), 0, 60 * DAY) == [(36, 10.0)]
    with pytest.raises(
        ScheduleError, match=r"day 1 08:00 to day 1 14:00.*day 36 10:00.*change its day"
    ):
        as_schedule(item).realise(*MORNING)


def test_daily_from_day_to_day_includes_the_last():
    item = Crying("10 min", at="10:00", repeat="daily", start="day 2", stop="day 4")
    assert starts(item, 0, 10 * DAY) == [(2, 10.0), (3, 10.0), (4, 10.0)]


def test_sentence_form_equals_the_options():
    text = SkinToSkin("60 min daily at 11:00 from day 1 to day 35")
    assert text == SkinToSkin("60 min", at=("11:00",), repeat="daily", start="day 1", stop="day 35")
    weekdays = Massage("15 min daily at 10:00 and 16:00 on Mon, Thu until 6 weeks")
    assert (weekdays.at, weekdays.days, weekdays.stop) == (
        ("10:00", "16:00"),
        ("Mon", "Thu"),
        "6 weeks",
    )
    spray = NasalSpray("24 IU at 08:00 on day 3")
    assert (spray.dose, spray.at, spray.day) == ("24 IU", ("08:00",), "day 3")
    assert spray.describe() == "Nasal spray 24 IU (caregiver) for 1 min at 08:00 once on day 3."
    assert (
        text.describe()
        == "Skin-to-skin contact (caregiver) for 1 h at 11:00 every day from day 1 to day 35."
    )


def test_every_n_hours_counts_from_the_first():
    item = NasalSpray("24 IU", at="10:00", every="12 h", expectancy=0.0, stop="day 2")
    assert starts(item, 480, 5 * DAY) == [(1, 10.0), (1, 22.0), (2, 10.0), (2, 22.0)]


def test_days_on_and_off():
    item = Crying("10 min", at="10:00", repeat="daily", cycle=(2, 1), start="day 2")
    assert [day for day, _ in starts(item, 0, 8 * DAY)] == [2, 3, 5, 6, 8]
    item = Crying("10 min", at="10:00", every="12 h", cycle=(1, 2))
    assert starts(item, 0, 5 * DAY) == [(1, 10.0), (1, 22.0), (4, 10.0), (4, 22.0)]


def test_weekdays():
    item = Crying("10 min", at="10:00", repeat="daily", days=("Tue", "Sun"))
    assert [day for day, _ in starts(item, 0, 9 * DAY)] == [2, 7, 9]  # day 1 is a Monday


def test_weekly_sessions_are_counted_from_the_start_not_the_window():
    item = Coaching(sessions=3, start="day 3")
    assert [day for day, _ in starts(item, 0, 40 * DAY)] == [3, 10, 17]
    assert [day for day, _ in starts(item, 9 * DAY, 40 * DAY)] == [10, 17]


def test_daily_bout_that_began_before_the_window_is_cut():
    realised = as_schedule(SkinToSkin("60 min", at="07:30", repeat="daily")).realise(480, 480 + DAY)
    assert [(b.start, b.stop) for b in realised.bouts] == [(480.0, 510.0), (1890.0, 1920.0)]


def test_breastfeeding_several_times_a_day():
    assert starts(Breastfeeding("20 min", times=4), 0, DAY) == [
        (1, 1.0),
        (1, 7.0),
        (1, 13.0),
        (1, 19.0),
    ]
    assert [clock for _, clock in starts(Breastfeeding(at="10:00"), 0, 2 * DAY)] == [10.0, 10.0]


def test_continuous_from_start_to_stop():
    realised = as_schedule(Antidepressant(1.0, start="day 3", stop="day 4")).realise(0, 10 * DAY)
    assert realised.edges.tolist() == [0.0, 2 * DAY, 4 * DAY, 10 * DAY]
    with pytest.raises(ScheduleError, match=r"from day 30, which is outside the simulated window"):
        as_schedule(Antidepressant(1.0, start="day 30")).realise(*MORNING)


def test_life_events_add_up_while_they_last():
    both = LifeEvents(3.0, start="day 3", course="2 d") + LifeEvents(
        1.5, start="day 4", stop="day 6"
    )
    realised = as_schedule(both).realise(0, 10 * DAY)
    assert realised.edges.tolist() == [0.0, 2 * DAY, 3 * DAY, 4 * DAY, 6 * DAY, 10 * DAY]
    burden = level(realised, "mother", "stress_noise", np.array([1.0, 2.5, 3.5, 5.0, 7.0]) * DAY)
    assert burden.tolist() == [0.0, 3.0, 4.5, 1.5, 0.0]
    with pytest.raises(
        InputError, match=r"the sources together: stress_noise must lie in \[-20, 20\]"
    ):
        as_schedule(LifeEvents(12.0) + LifeEvents(9.0)).realise(*MORNING)


def test_whoever_works_at_night_is_awake_then_and_sleeps_by_day():
    """A typical day lets its caregiver sleep from 22:30 to 06:45 and be with the infant."""
    shift = Work("9 h", at="21:30", repeat="daily", sleep_after="6 h")
    assert shift.parts()[1].after == 10 * 60  # an hour after the shift
    night = as_schedule(Routine.typical() + shift).realise(200 * DAY, 202 * DAY)
    # 22:00, 03:00, 06:00: at work; 07:00: on the way home; 08:00 and 13:00: asleep; 14:00: at home
    hours = 201 * DAY + 60 * np.array([-2, 3, 6, 7, 8, 13, 14])
    assert level(night, "mother", "presence", hours).tolist() == [0, 0, 0, 1, 0, 0, 1]
    assert level(night, "mother", "asleep", hours).tolist() == [0, 0, 0, 0, 1, 1, 0]
    usual = as_schedule(Routine.typical()).realise(200 * DAY, 202 * DAY)
    assert level(usual, "mother", "asleep", hours).tolist() == [0, 1, 1, 0, 0, 0, 0]


def test_bouts_of_one_intervention_may_touch_but_not_overlap():
    assert len(starts(SkinToSkin("30 min", at="10:00", every="30 min"), *MORNING)) == 8
    with pytest.raises(ScheduleError, match="begin 30 min apart overlap"):
        as_schedule(SkinToSkin("60 min", at="10:00", every="30 min")).realise(*MORNING)
    both = SkinToSkin("60 min", at="10:00") + SkinToSkin("60 min", at="10:30")
    assert as_schedule(both).realise(*MORNING).edges.tolist() == [480.0, 600.0, 690.0, 840.0]


# --- errors
# --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: NasalSpray(24, at="10:00"), UnitError, "dose"),
        (lambda: NasalSpray("24", at="10:00"), UnitError, "24 IU"),
        (lambda: NasalSpray("24 min", at="10:00"), UnitError, "not a unit of dose"),
        (
            lambda: NasalSpray("400 IU", at="10:00"),
            ScheduleError,
            "at most at 100 IU; found '400 IU'",
        ),
        (lambda: NasalSpray("-24 IU", at="10:00"), ScheduleError, "above 0"),
        (lambda: NasalSpray("0 IU", at="10:00"), ScheduleError, "above 0"),
        (lambda: NasalSpray("24 IU"), ScheduleError, "which time of day"),
        (lambda: NasalSpray("24 IU", at=10), UnitError, "clock time"),
        (lambda: NasalSpray("24 IU", at="25:00"), UnitError, "not a time of day"),
        (
            lambda: NasalSpray("100 IU", "1 s", at="10:00"),
            InputError,
            r"nasal_spray must lie in \[0, 1000\]",
        ),
        (lambda: NasalSpray("24 IU", at="10:00", expectancy=2), InputError, "expectancy"),
        (lambda: IntravenousBolus("41 IU", at="10:00"), ScheduleError, "at most at 40 IU"),
        (lambda: Crying(10, at="10:45"), UnitError, "found 10"),
        (lambda: Crying("10 min", at="10:45", intensity=1.1), InputError, "crying"),
        (lambda: Crying("10 min", at="10:45", intensity=0.0), ScheduleError, "does nothing"),
        (lambda: Crying("10 min", at="10:45", by="infant"), ScheduleError, "names a caregiver"),
        (lambda: Crying("10 min", at="10:45", repeat="dayly"), UnknownNameError, "'daily'"),
        (lambda: Crying("10 min", at="10:45", day="day 0"), ScheduleError, "day 1"),
        (
            lambda: Crying("10 min", at="10:45", start="day 5", stop="day 4"),
            ScheduleError,
            "must be later",
        ),
        (
            lambda: Crying("10 min", at="10:45", start="6 weeks", stop="6 weeks"),
            ScheduleError,
            "must be later",
        ),
        (
            lambda: Crying("10 min", at="10:45", start="day 5", day="day 6"),
            ScheduleError,
            "not both",
        ),
        (
            lambda: Crying("10 min", at="10:45", repeat="daily", every="12 h"),
            ScheduleError,
            "not both",
        ),
        (
            lambda: Crying("10 min", at=("10:45", "11:45"), every="12 h"),
            ScheduleError,
            "one clock time",
        ),
        (lambda: Crying("10 min", at="10:45", every=12), UnitError, "every"),
        (lambda: Crying("10 min", at="10:45", days=("Mon",)), ScheduleError, "repeat='daily'"),
        (
            lambda: Crying("10 min", at="10:45", repeat="daily", cycle=(0, 2)),
            ScheduleError,
            "days on",
        ),
        (
            lambda: Crying("10 min", at="10:45", repeat="daily", days=("Mo",)),
            UnknownNameError,
            "Mon",
        ),
        (lambda: Crying("10 min daily at 10:45", at="10:45"), ScheduleError, "given twice"),
        (lambda: Crying("10 min daily at"), UnitError, "clock time.*found the end"),
        (lambda: Crying("daily at 10:45"), UnitError, "minutes"),
        (lambda: Coaching(sessions=0), ScheduleError, "at least one session"),
        (lambda: Antidepressant(1.0, at="10:00"), ScheduleError, "leave out at"),
        (lambda: Antidepressant(0.0), ScheduleError, "does nothing"),
        (lambda: Antidepressant("20 mg"), InputError, "antidepressant"),
        (lambda: SocialSupport(6.0), InputError, "support"),
        (lambda: LifeEvents(0.0), ScheduleError, "does nothing"),
        (
            lambda: LifeEvents(-2.0),
            ScheduleError,
            "a level above 0, in standard deviations of daily life; found -2.0",
        ),
        (lambda: LifeEvents(21.0), InputError, r"stress_noise must lie in \[-20, 20\]"),
        (lambda: LifeEvents(3.0, at="10:00"), ScheduleError, "leave out at"),
        (lambda: Weaning("6 months", "5 months"), ScheduleError, "must be later"),
        (lambda: Weaning("5 months", "6 months", 0), ScheduleError, "steps"),
        (lambda: Weaning("5 months", "6 months", start="day 1"), ScheduleError, "leave out start"),
        (lambda: Breastfeeding("20 min", times=0), ScheduleError, "times"),
        (lambda: Breastfeeding("20 min", times=4, at="10:00"), ScheduleError, "not both"),
        (
            lambda: Breastfeed("20 min", at="10:00", pulses=True, pulse="2 min"),
            ScheduleError,
            "10 to 45 s",
        ),
        (lambda: Stressor("5 min", at="10:00", of="baby"), UnknownNameError, "'infant'"),
        (lambda: ReceptorKnockout("brain"), UnknownNameError, "'accumbens'"),
        (lambda: ReceptorKnockout(of="infant"), ScheduleError, "where='all'"),
        (lambda: ReceptorKnockout("all", remaining=1.0), ScheduleError, "does nothing"),
    ],
)
def test_bad_interventions_are_errors_that_say_why(make, error, message):
    with pytest.raises(error, match=message) as raised:
        make()
    assert isinstance(raised.value, OxysimError)


@pytest.mark.parametrize(
    "item",
    [
        Crying("10 min", at="07:00"),
        Crying("10 min", at="10:00", start="day 3"),
        Crying("10 min", at="10:00", repeat="daily", days=("Tue",)),
        Coaching(start="day 3"),
        Weaning("5 months", "6 months"),
        SocialSupport(start="day 2"),
    ],
    ids=lambda item: item.label,
)
def test_nothing_outside_the_window_is_silently_ignored(item):
    with pytest.raises(ScheduleError, match=r"simulated window \(day 1 08:00 to day 1 14:00\)"):
        as_schedule(item).realise(*MORNING)
