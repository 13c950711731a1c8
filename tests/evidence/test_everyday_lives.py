"""Face validity as a machine: labels, units, the reference against itself, causes by experiment.

What the model is to answer stands in tests/evidence/test_face_validity.py.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import oxysim as ox
from oxysim.errors import InputError, ScheduleError, UnitError, UnknownNameError
from oxysim.evidence import FaceValidity, Life, after_selection, face_validity
from oxysim.evidence.lives.courses import FamilyDay, Setting, daily_epds
from oxysim.evidence.lives.everyday import REFERENCE, contact_doses, everyday_lives
from oxysim.evidence.lives.verdicts import BOUND, Shift, change_row, week_mean
from oxysim.interventions import Crying, LifeEvents, SocialSupport
from oxysim.measures.cut_offs import EPDS_HIGHEST
from oxysim.schedule import Absence, Routine, as_schedule

WEEKS = ["week_1", "week_2", "week_4", "week_8", "week_24"]
DAY = Routine.typical()


@pytest.fixture(scope="module")
def found() -> FaceValidity:
    """Every life, once for all tests."""
    return face_validity()


@pytest.fixture(scope="module")
def burdened() -> FaceValidity:
    """Lives whose verdict follows from what is written into them, whatever the model."""
    strong, weak = LifeEvents(4.0), LifeEvents(0.1)
    support = SocialSupport(2.0)
    return face_validity(
        lives=[
            Life("events as a load", DAY, {"events": strong, "less": weak}, ("events",)),
            Life("events as no load", DAY, {"events": strong, "less": weak}),
            Life("events beside a load", DAY, {"events": strong, "crying": _cries()}, ("crying",)),
            Life("support as a load", DAY, {"support": support}, ("support",)),
            Life("a day of its own", DAY + strong),
            Life("events instead", DAY + strong, instead={"events": DAY}, loads=("events",)),
        ]
    )


def _cries() -> Crying:
    return Crying("1 min", at="10:00", repeat="daily", intensity=0.01)


def test_every_life_is_a_row_for_each_whose_epds_is_read(found: FaceValidity) -> None:
    titles = [life.title for life in everyday_lives()]
    assert len(set(titles)) == len(titles)
    pairs = [(life.title, who) for life in everyday_lives() for who in life.reads]
    assert list(zip(found.lives["life"], found.lives["caregiver"], strict=True)) == pairs
    assert found.doses["life"].tolist() == [life.title for life in contact_doses()]
    asked = " ".join(titles)
    for word in ("2 h", "4 h", "8 h", "lone father", "grandmother", "bottle", "night", "two child"):
        assert word in asked, word
    assert [*WEEKS, "shift", "largest_shift"] == found.lives.columns[2:9].tolist()


def test_scores_lie_on_the_scale_and_a_shift_is_that_from_the_reference(
    found: FaceValidity,
) -> None:
    for table in (found.lives, found.doses):
        assert table[WEEKS].to_numpy().min() > 0 and table[WEEKS].to_numpy().max() < EPDS_HIGHEST
        away = table["week_24"] - found.lives["week_24"].iloc[0]
        np.testing.assert_allclose(table["shift"], away, atol=1e-9)
        np.testing.assert_array_equal(table["within"], table["shift"].abs() <= BOUND)


def test_the_reference_mother_is_at_no_distance_from_herself(found: FaceValidity) -> None:
    row = found.lives.iloc[0]
    assert row["life"] == REFERENCE
    assert row["shift"] == row["largest_shift"] == 0.0
    assert row["holds"] and row["cause"] == ""


def test_a_life_without_its_inputs_is_the_day_itself(found: FaceValidity) -> None:
    """A mother alone without her one input is the reference mother, to the bit."""
    alone = {life.title for life in everyday_lives() if life.caregivers == ("mother",)}
    one = found.inputs[found.inputs["life"].isin(alone)]
    one = one[one.groupby("life")["input"].transform("count") == 1]
    assert len(one) >= 5
    assert (one["shift_without"] == 0.0).all()
    np.testing.assert_allclose(
        found.inputs["due_to_it"], found.inputs["shift"] - found.inputs["shift_without"]
    )


def test_the_same_question_has_the_same_answer(found: FaceValidity) -> None:
    """Nothing is random, and a life does not depend on the others that are asked for."""
    some = [everyday_lives()[k] for k in (6, 2)]
    again = face_validity(lives=some).lives.set_index("life")
    whole = found.lives.set_index("life")
    for life in some:
        pd.testing.assert_series_equal(again.loc[life.title], whole.loc[life.title])
    assert face_validity(lives=some).text() == face_validity(lives=some).text()


def test_the_verdict_names_the_input_that_causes_a_shift(burdened: FaceValidity) -> None:
    rows = burdened.lives.set_index("life")
    load = rows.loc["events as a load"]
    assert load["shift"] > BOUND and load["holds"] and load["cause"] == "events"
    assert abs(load["shift_without_cause"]) < BOUND and "the load: events" in load["why"]

    blamed = rows.loc["events as no load"]
    assert not blamed["holds"] and blamed["why"] == "events is no load"
    assert not rows.loc["events beside a load", "holds"]
    assert rows.loc["events beside a load", "cause"] == "events"

    # a load may explain a burden, never a gain
    gain = rows.loc["support as a load"]
    assert gain["shift"] < 0
    assert gain["within"] or ("lowers" in gain["why"] and not gain["holds"])
    assert rows.loc["a day of its own", "cause"] == "the day itself"
    assert rows.loc["events instead", "holds"] and rows.loc["events instead", "cause"] == "events"
    assert set(burdened.failing["life"]) >= {"events as no load", "a day of its own"}


def test_a_change_holds_where_it_hurts_first_and_passes() -> None:
    """The rule on courses made by hand: a day apart from the reference by so much."""
    life = Life("away", DAY, {"absence": Routine((Absence("09:00", "4 h"),))})
    usual = np.full(168, 5.0)
    days = np.arange(168.0)
    hurt = np.exp(-days / 20)
    for shift, holds in (
        (hurt, True),
        (0.01 * hurt, False),
        (days / 168, False),
        (-hurt, False),
        (0.1 * hurt, True),
    ):
        row = change_row(life, "mother", _Courses(usual + shift), usual)  # type: ignore[arg-type]
        assert row["holds"] is holds, row["why"]
        assert bool(row["why"]) is not holds


class _Courses:
    def __init__(self, epds: np.ndarray) -> None:
        self.epds = epds

    def of(self, life: Life, day: object) -> dict[str, np.ndarray]:
        return dict.fromkeys(life.caregivers, self.epds)


def test_weeks_and_shifts_by_hand() -> None:
    course = np.arange(168.0)
    assert week_mean(course, 1) == 3.0 and week_mean(course, 24) == 164.0
    shift = Shift(5.0 - course / 10, np.full(168, 5.0))
    assert shift.rest == pytest.approx(-16.4) and shift.largest == pytest.approx(-2.7)


def test_daily_means_are_those_of_the_full_model() -> None:
    """Eight values a day against the exact daily mean that `outcomes` takes."""
    day = as_schedule(DAY + Routine((Absence("09:00", "4 h"),)))
    daily = daily_epds([FamilyDay(("mother",), day)], Setting())[0]["mother"]
    exact = ox.outcomes(
        ox.Dyad(), day, "2 weeks", ["caregiver.epds: mean"], start="08:00", progress=False
    )
    assert daily[:14].mean() == pytest.approx(exact["caregiver.epds: mean"].item(), abs=0.01)


def test_people_and_edges_can_be_others() -> None:
    away = everyday_lives()[7]
    usual = face_validity(lives=[away]).lives
    whole = usual["shift"].iloc[1]
    cut = face_validity(lives=[away], cut="reward -> depression").lives["shift"].iloc[1]
    assert cut != whole
    slow = face_validity(
        lives=[], parameters={"caregiver.depression.set_point": 7.0}, infant_age="3 months"
    )
    assert slow.lives["week_24"].iloc[0] > usual["week_24"].iloc[0]
    assert "3 months" in slow.header["infant"] and "set_point" in slow.header["people"]


def test_the_page_holds_every_row_and_no_date(found: FaceValidity) -> None:
    page = found.markdown()
    for title in (*found.lives["life"], *found.doses["life"]):
        assert f"| {title} |" in page
    assert page.endswith("|\n") and page.count("\n\n\n") == 0
    assert f"{int(found.lives['holds'].sum())} of {len(found.lives)} hold" in page
    assert "Everyday lives" in found.text()


def test_whoever_is_selected_reads_at_least_the_cut_off() -> None:
    table = after_selection(n=60, cut_off=8.0, weeks=(2, 4), seed=3, progress=False)
    assert table["week"].tolist() == [2, 4]
    first = table.iloc[0]
    assert first["selected_read"] >= 8.0 and 0 < first["n_selected"] < first["n"] == 60
    assert first["selected"] > first["everybody"]
    page = face_validity(lives=[]).markdown(table)
    assert "read at least\n8 on the EPDS at week 2" in page
    again = after_selection(n=60, cut_off=8.0, weeks=(2, 4), seed=3, progress=False)
    pd.testing.assert_frame_equal(table, again)
    other = after_selection(n=60, cut_off=8.0, weeks=(2, 4), seed=4, progress=False)
    assert not table.equals(other)


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (lambda: Life("", DAY), InputError, "title"),
        (lambda: Life("a", "typical"), ScheduleError, "schedule"),
        (lambda: Life("a", DAY, {"b": DAY}, instead={"b": DAY}), InputError, "instead"),
        (lambda: Life("a", DAY, {"night": DAY}, ("nigght",)), UnknownNameError, "night"),
        (lambda: Life("a", DAY, reads=("father",)), UnknownNameError, "father"),
        (lambda: Life("a", DAY, caregivers=()), InputError, "caregivers"),
        (lambda: Life("a", DAY, 3), InputError, "inputs"),
        (lambda: face_validity(lives=[DAY]), InputError, "entry 1"),
        (lambda: face_validity(lives=[], cut="reward"), UnknownNameError, "reward"),
        (lambda: face_validity(lives=[], infant_age="5"), UnitError, "infant_age"),
        (lambda: face_validity(lives=[]).markdown("x"), InputError, "selection"),
        (lambda: after_selection(n=1), InputError, "n"),
        (lambda: after_selection(weeks=(4, 2)), InputError, "increasing"),
        (lambda: after_selection(weeks=()), InputError, "weeks"),
        (lambda: after_selection(weeks=(80,)), InputError, "weeks"),
        (lambda: after_selection(cut_off=31), InputError, "cut_off"),
        (
            lambda: after_selection(n=2, cut_off=30, weeks=(1,), progress=False),
            InputError,
            "one of 2 reads at week 1",
        ),
    ],
)
def test_what_cannot_be_is_refused(wrong, error, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error, match=message):
        wrong()
