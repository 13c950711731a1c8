"""Rescue: thresholds, shares and fates of made-up courses by hand, bad questions, and one small map
by simulation.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import oxysim as ox
from oxysim.errors import InputError, OxysimError, ScheduleError, UnknownNameError
from oxysim.families import Dyad
from oxysim.interventions import Antidepressant, DailyLife, SocialSupport
from oxysim.interventions.treatment import Coaching
from oxysim.loop.treatment.dose_map import FATES
from oxysim.loop.treatment.rescue import Rescue
from oxysim.plots.loop.rescue_map import rescue_map
from oxysim.population.members import Members
from oxysim.sweeps.axes import linspace
from tests.support.rescue_maps import (
    COACHING,
    COMMUNITY,
    CONTACT,
    COURSE,
    DOSES,
    ILL,
    MINUTES,
    SPRAY,
    WELL,
    course,
    made_up,
    question,
)
from tests.support.wrong_calls import faults


def test_the_four_fates_are_told_apart() -> None:
    courses = [course(16, 15, 16), course(16, 9, 16), course(16, 14, 6), course(16, 9, 6)]
    rescue = made_up(courses, ILL, {COURSE: linspace("1 weeks", "4 weeks", 4)})
    assert [FATES[i] for i in rescue.fate.values] == ["neither", "relapse", "late", "lasting"]
    assert rescue.rescued.values.tolist() == [False, False, True, True]
    assert "relapse (below 13 when it stopped) in 1, none in 1." in rescue.report()


def test_a_recovery_that_was_lost_in_between_is_told() -> None:
    courses = [[16, 16, 9, 15, 9, 6, 6, 6], WELL, ILL, [16, 9, 15, 9, 9, 9, 14, 16]]
    rescue = made_up(courses, ILL, {COURSE: linspace("1 weeks", "4 weeks", 4)})
    assert rescue.wavering.values.tolist() == [True, False, False, True]
    assert [FATES[i] for i in rescue.fate.values] == ["lasting", "lasting", "neither", "neither"]
    assert "2 of them changed sides of 13 more than once after treatment" in rescue.report()
    assert len(repr(rescue)) < 1500
    assert "changing sides more than once 2" in repr(rescue)
    assert faults(rescue.threshold, {"along": COURSE}) == []


def test_who_recovers_untreated_is_not_rescued() -> None:
    doses = {COURSE: linspace("1 weeks", "2 weeks", 2)}
    rescue = made_up([[WELL, WELL, ILL], [WELL, WELL, WELL]], [ILL, WELL, ILL], doses)
    assert rescue.in_need.values.tolist() == [True, False, True]
    np.testing.assert_allclose(rescue.share, [1 / 2, 1.0])
    report = rescue.report()
    assert "Without treatment 2 of 3 dyads do not recover." in report
    # the third dyad's runs are no rescue
    assert "Of 4 treated runs of those: lasting recovery in 3" in report
    assert "Rescued are 50 to 100 % of those in need" in report


def test_the_effect_of_stopping_is_what_a_study_that_ends_with_treatment_would_miss() -> None:
    back, late = course(16, 9, 16), course(16, 14, 6)
    rescue = made_up(
        [[back, WELL], [back, late]], [ILL, ILL], {COURSE: linspace("1 weeks", "2 weeks", 2)}
    )
    np.testing.assert_allclose(rescue.share_at_stop, [1.0, 0.5])
    np.testing.assert_allclose(rescue.share, [0.5, 0.5])
    assert (
        "Rescued are 50 % of those in need; when treatment stops, up to 100 % are"
        in rescue.report()
    )
    # whoever would have been well in that week anyway is no gain
    rescue = made_up(
        [[back, WELL], [back, late]], [back, ILL], {COURSE: linspace("1 weeks", "2 weeks", 2)}
    )
    np.testing.assert_allclose(rescue.share_at_stop, [0.5, 0.0])


def test_where_nobody_is_in_need_there_is_no_share() -> None:
    rescue = made_up([WELL, WELL], WELL, {COURSE: linspace("1 weeks", "2 weeks", 2)})
    with pytest.raises(InputError, match="nobody is at or above EPDS 13"):
        _ = rescue.share


def test_what_moves_or_lingers_is_not_decided() -> None:
    rising, lingering, near = [16.0, 16, 1, 2, 3, 4, 5, 6], course(16, 9, 9), course(16, 14, 14)
    rescue = made_up(
        [rising, lingering, near, WELL, ILL], ILL, {COURSE: linspace("1 weeks", "5 weeks", 5)}
    )
    assert rescue.moving.values.tolist() == [True, False, False, False, False]
    assert rescue.undecided.values.tolist() == [True, True, True, False, False]
    assert "Not decided yet are 3 (2 of them below 13)" in rescue.report()
    # of several dyads each is held against its own runs
    doses = {COURSE: linspace("1 weeks", "2 weeks", 2)}
    two = made_up([[lingering, ILL], [lingering, WELL]], [lingering, ILL], doses)
    assert not two.undecided.values.any()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.booleans(), min_size=2, max_size=9))
def test_the_threshold_lies_below_everything_that_rescues(rescues: list[bool]) -> None:
    n = len(rescues)
    rescue = made_up(
        [WELL if rescued else ILL for rescued in rescues],
        ILL,
        {COURSE: linspace("1 weeks", f"{n} weeks", n)},
    )
    result = rescue.threshold(COURSE)
    least, below = float(result["least"]), float(result["below"])
    if not rescues[-1]:
        assert np.isnan(least) and below == n
    else:
        assert all(rescues[int(least) - 1 :]) and (np.isnan(below) or not rescues[int(below) - 1])
        assert least == 1 if np.isnan(below) else least - below == 1
    assert bool(result["monotone"]) == (rescues == sorted(rescues)) and bool(result["settled"])


def test_a_threshold_that_hangs_on_undecided_runs_is_not_settled() -> None:
    climbing, falling = [16.0, 16, 5, 6, 7, 8, 9, 10], [16.0, 16, 15, 15, 15, 15, 15, 14]
    doses = {COURSE: linspace("1 weeks", "3 weeks", 3)}
    for courses, least, sure, settled in (
        ([ILL, climbing, WELL], 2, 3, False),  # it may end above
        ([falling, WELL, WELL], 2, 2, False),  # it may end below
        ([climbing, ILL, WELL], 3, 3, True),  # whatever becomes of it
        ([ILL, WELL, climbing], 2, np.nan, False),
    ):
        threshold = made_up(courses, ILL, doses).threshold(COURSE)
        assert (float(threshold["least"]), bool(threshold["settled"])) == (least, settled)
        np.testing.assert_array_equal(threshold["sure"], sure)


def test_a_threshold_for_each_value_of_the_other_dose() -> None:
    doses = {MINUTES: linspace("30 min", "90 min", 3), COURSE: linspace("1 weeks", "2 weeks", 2)}
    rescue = made_up([[ILL, ILL], [ILL, WELL], [WELL, WELL]], ILL, doses)
    by_course, by_minutes = rescue.threshold(COURSE), rescue.threshold(MINUTES)
    np.testing.assert_array_equal(by_course["least"], [np.nan, 2, 1])
    np.testing.assert_array_equal(by_minutes["least"], [90, 60])
    np.testing.assert_array_equal(by_minutes["below"], [60, 30])
    assert (by_minutes["least"].attrs["units"], by_course["least"].attrs["units"]) == (
        "min",
        "weeks",
    )
    with pytest.raises(UnknownNameError, match=COURSE):
        rescue.threshold("skin_to_skin.corse")
    with pytest.raises(InputError, match="share"):
        rescue.threshold(COURSE, share=0)


def test_the_map_draws_the_threshold_and_rings_for_relapses() -> None:
    doses = {MINUTES: linspace("30 min", "150 min", 5), COURSE: linspace("1 weeks", "5 weeks", 5)}
    back = course(16, 9, 16)
    runs = [[WELL if minutes + weeks > 3 else ILL for weeks in range(5)] for minutes in range(5)]
    runs[1][0] = back
    ax = rescue_map(made_up(runs, ILL, doses), COURSE)
    assert "course" in ax.get_xlabel() and "weeks" in ax.get_xlabel() and "min" in ax.get_ylabel()
    (rings,) = [line for line in ax.lines if line.get_label() == "_fell"]
    assert rings.get_xydata().tolist() == [[1.0, 60.0]]
    assert [float(text.get_text()) for text in ax.texts] == [13.0]
    plt.close(ax.figure)


def test_the_map_of_a_population_shows_shares() -> None:
    doses = {MINUTES: linspace("30 min", "60 min", 2), COURSE: linspace("1 weeks", "2 weeks", 2)}
    rescue = made_up([[[ILL, ILL], [ILL, WELL]], [[WELL, ILL], [WELL, WELL]]], [ILL, ILL], doses)
    ax = rescue_map(rescue)
    assert "2 dyads in need" in ax.figure.axes[-1].get_ylabel()
    np.testing.assert_allclose(np.sort(ax.collections[0].get_array().ravel()), [0, 0.5, 0.5, 1])
    plt.close(ax.figure)
    with pytest.raises(InputError, match="expected two axes"):
        rescue_map(made_up([ILL, WELL], ILL, {COURSE: linspace("1 weeks", "2 weeks", 2)}))


def test_treatment_ends_with_its_last_session() -> None:
    stops = question().stops
    np.testing.assert_array_equal(stops[MINUTES], [30, 120])
    # one hour from 11:00; a course of a week holds seven sessions, the first on the first day
    assert float(stops.sel({}).isel({MINUTES: 0, COURSE: 0})) == pytest.approx(6 + 11.5 / 24)
    assert float(stops.isel({MINUTES: 1, COURSE: 1})) == pytest.approx(34 + 13 / 24)


def test_sessions_and_a_start_may_be_doses() -> None:
    coaching = {"coaching": Coaching(sessions=4)}
    doses = {"coaching.sessions": [2, 6], "coaching.start": ["5 weeks", "10 weeks"]}
    asked = question(Dyad.symptomatic("3 weeks"), doses, coaching, followed="6 weeks")
    days = asked.stops.values
    np.testing.assert_allclose(np.diff(days, axis=0), 28)
    np.testing.assert_allclose(np.diff(days, axis=1), 35)
    assert asked.study.dims == {"coaching.sessions": 2, "coaching.start": 2}


def test_the_untreated_differ_in_numbers_of_the_dyad_only() -> None:
    asked = question(
        doses={**DOSES, "caregiver.depression.loop_gain": [1.5, 2.0]},
        background={"life": DailyLife()},
    )
    assert asked.untreated.dims == {"caregiver.depression.loop_gain": 2}
    assert list(asked.untreated.interventions) == ["life"]
    assert asked.untreated.duration == asked.study.duration == "31 weeks"


def test_the_untreated_have_every_background_that_the_treated_have() -> None:
    asked = question(
        doses={**DOSES, "life.mood_time": ["2 weeks", "5 weeks"]}, background={"life": DailyLife()}
    )
    assert asked.untreated.dims == {"life.mood_time": 2}
    assert asked.untreated.bound[0].axis.values.tolist() == [2, 5]


def test_many_dyads_share_the_days_of_a_dose(monkeypatch: pytest.MonkeyPatch) -> None:
    """Laying out months of a dose's days costs as much as running a dyad over them."""
    asked = question(
        Dyad.symptomatic("2 weeks").repeat(300),
        {MINUTES: ["30 min", "60 min"], COURSE: ["1 weeks"]},
    )
    cost = asked.estimate(pilot=False, workers=2)
    assert (cost.block_shape, cost.blocks, cost.workers, cost.runs) == ((1, 1, 256), 4, 2, 600)
    assert cost.seconds is None
    # the user's own size, the sweep's shape
    assert asked.estimate(pilot=False, block_size=2).block_shape == (2, 1, 1)
    alone = question(Dyad.symptomatic("2 weeks")).estimate(pilot=False)
    assert alone.block_shape == (2, 2)


def test_a_rescue_with_a_time_out_counts_a_worker_s_start_as_a_sweep_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All 600 runs of a quarter of a second, or two rounds of 256; and four seconds of starting."""
    monkeypatch.setattr("oxysim.sweeps.cost_estimate._pilot", lambda *_: 0.25)
    doses = {MINUTES: ["30 min", "60 min"], COURSE: ["1 weeks"]}
    rescue = question(Dyad.symptomatic("2 weeks").repeat(300), doses)
    assert rescue.estimate(workers=1).seconds == 600 * 0.25
    assert rescue.estimate(workers=1, timeout="10 min").seconds == 600 * 0.25 + 4.0
    assert rescue.estimate(workers=2).seconds == 512 * 0.25 + 4.0


WRONG: list[tuple[Any, type[OxysimError], str]] = [
    (
        lambda: question(
            treatment={"skin_to_skin": ox.SkinToSkin("60 min daily at 11:00")},
            doses={MINUTES: ["30 min"]},
        ),
        InputError,
        "give it a course",
    ),
    (
        lambda: question(treatment={"help": SocialSupport(1.0)}, doses={"help.level": [1.0, 2.0]}),
        InputError,
        "course",
    ),
    (
        lambda: question(doses={"caregiver.depression.loop_gain": [1.0, 2.0]}),
        InputError,
        "skin_to_skin.minutes",
    ),
    (lambda: question(doses={"skin_to_skin.minute": ["30 min"]}), UnknownNameError, MINUTES),
    (
        lambda: question(doses={"spray.dose": ["24 IU"]}),
        UnknownNameError,
        "unknown intervention 'spray' in the axis 'spray.dose'; nearest: 'skin_to_skin'",
    ),
    (
        lambda: question(doses={**DOSES, "skin_to_skn.gaze": [0.1]}),
        UnknownNameError,
        "nearest: 'skin_to_skin'",
    ),
    (
        lambda: question(doses={**DOSES, "caregiver.depression.lop_gain": [1.0]}),
        UnknownNameError,
        "loop_gain",
    ),
    (
        lambda: question(doses={**DOSES, "infant_age": ["2 weeks"]}),
        InputError,
        "ask once for each age",
    ),
    (
        lambda: question(doses={MINUTES: ["-30 min", "30 min"]}),
        OxysimError,
        "axis 'skin_to_skin.minutes', value 1 of 2 (-30 min)",
    ),
    (
        lambda: question(doses={"spray.dose": ["24 IU", "-8 IU"]}, treatment=SPRAY),
        OxysimError,
        "value 2 of 2 (-8 IU)",
    ),
    (
        lambda: question(doses={"spray.course": ["-1 weeks"]}, treatment=SPRAY),
        OxysimError,
        "value 1 of 1 (-1 weeks)",
    ),
    (
        lambda: question(doses={"coaching.sessions": [4, -1]}, treatment=COACHING),
        OxysimError,
        "at least one session",
    ),
    (
        lambda: question(doses={"coaching.sessions": [1.5]}, treatment=COACHING),
        InputError,
        "whole number; found 1.5",
    ),
    (
        lambda: question(doses={"coaching.start": ["1 weeks", "5 weeks"]}, treatment=COACHING),
        InputError,
        "before the runs do (the infants are 14 d old then)",
    ),
    (
        lambda: question(doses={"coaching.start": ["5 weeks", "150 weeks"]}, treatment=COACHING),
        InputError,
        "26 weeks later the infant would be 41.4 months old",
    ),
    (lambda: question(COMMUNITY), InputError, "Members(population, n, seed); found a Population"),
    (
        lambda: question(treatment=ox.SkinToSkin("60 min daily at 11:00 for 5 weeks")),
        InputError,
        "expected names and",
    ),
    (lambda: question(background=DailyLife()), InputError, "background: expected names and"),
    (lambda: question(doses={MINUTES: []}), InputError, "at least one value"),
    (lambda: question(doses={MINUTES: ["0 min", "30 min"]}), OxysimError, "value 1 of 2"),
    (lambda: question(followed="2 weeks"), InputError, "at least 6 weeks"),
    (lambda: question(cut_off=31), InputError, "between 0 and 30"),
    (lambda: question(cut_off=True), InputError, "between 0 and 30"),
    (lambda: question(background=CONTACT), InputError, "among the interventions too"),
    (
        lambda: question(Members(COMMUNITY, 3, infant_age=("2 weeks", "9 weeks"))),
        InputError,
        "infants of one age",
    ),
    (lambda: question().run(store=3), InputError, "path of a folder"),
]


@pytest.mark.parametrize(("wrong", "kind", "words"), WRONG)
def test_wrong_questions_are_named(wrong: Any, kind: type[OxysimError], words: str) -> None:
    with pytest.raises(kind) as caught:
        wrong()
    assert words in str(caught.value)


def test_what_never_happens_is_refused() -> None:
    late = {"skin_to_skin": ox.SkinToSkin("60 min daily at 11:00", start="day 2", stop="day 5")}
    with pytest.raises(ScheduleError):
        question(Dyad.symptomatic("3 months"), {MINUTES: ["30 min"]}, late)


DRUG_COURSE = "antidepressant.course"


@pytest.fixture(scope="module")
def quick() -> Rescue:
    # contact saturates, and alone lifts nobody out of a strong loop
    return question(doses={DRUG_COURSE: ["1 weeks", "8 weeks"]}, followed="6 weeks", treatment={
        "antidepressant": Antidepressant(1.5, course="5 weeks")})  # fmt: skip


def test_a_course_that_is_long_enough_rescues_and_a_resumed_store_gives_the_same(
    quick: Rescue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("zarr")
    rescue = quick.run(store=tmp_path / "rescue", progress=False, workers=1)
    assert rescue.rescued.values.tolist() == [False, True]
    assert float(rescue.threshold(DRUG_COURSE)["least"]) == 8
    assert float(rescue.without) > 15

    def refuse(*_: Any) -> None:
        pytest.fail("a run was made again")

    monkeypatch.setattr("oxysim.sweeps.runner._computed", refuse)
    again = quick.run(store=tmp_path / "rescue", progress=False, workers=1)
    np.testing.assert_array_equal(again.at_end, rescue.at_end)


def test_failed_runs_are_refused_with_their_number(quick: Rescue) -> None:
    impossible = replace(quick, solver=ox.Solver(rtol=1e-10, max_evaluations=100))
    with pytest.raises(InputError, match=r"1 of 1 untreated runs failed \(.*evaluations"):
        impossible.run(progress=False, workers=1)
