"""Face validity: everyday lives rest where anybody would expect them to.

Bounds are stated here and nowhere fitted; docs/face_validity.md has the figures.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from oxysim.evidence import FaceValidity, Life, after_selection, face_validity
from oxysim.evidence.lives.everyday import everyday_lives
from oxysim.interventions import Massage, PartnerContact, SkinToSkin
from oxysim.schedule import Absence, Routine
from oxysim.units import clock_text

# half a community's standard deviation, 4.7 points (C1c)
BOUND = 2.5
# a quarter of it: what E11 and E12 count as no effect
NONE = 0.25 * 4.7
ROWS = [(life.title, who) for life in everyday_lives() for who in life.reads]
CHANGES = [life.title for life in everyday_lives() if life.changes_the_day]


@pytest.fixture(scope="module")
def found() -> FaceValidity:
    return face_validity()


@pytest.mark.parametrize(("title", "who"), ROWS, ids=lambda value: str(value))
def test_a_life_rests_near_the_reference_unless_its_load_is_the_cause(
    found: FaceValidity, title: str, who: str
) -> None:
    lives = found.lives.set_index(["life", "caregiver"])
    row = lives.loc[(title, who)]
    assert abs(row["shift"]) <= BOUND or "the load" in row["why"], row.to_dict()
    assert row["holds"]


@pytest.mark.parametrize("title", CHANGES)
def test_whose_day_changes_is_hurt_at_first_and_adapts(found: FaceValidity, title: str) -> None:
    row = found.changes.set_index("life").loc[title]
    assert row["hurt"] and row["adapts"], row.to_dict()


def test_more_hours_away_hurt_more_at_first(found: FaceValidity) -> None:
    changes = found.changes.set_index("life")["worst_shift"]
    two, four, eight = (
        changes[f"away {hours} h a day, somebody familiar with the infant"] for hours in (2, 4, 8)
    )
    assert two < four < eight


def test_a_load_is_felt_and_two_children_are_more_than_one(found: FaceValidity) -> None:
    shift = found.lives.set_index("life")["shift"]
    one = shift["an infant that cries as diaries have it"]
    assert 0 < one < shift["two children's crying"]
    nights = found.lives.set_index(["life", "caregiver"])["shift"]
    assert nights["mother works nights, father at home", "mother"] > -0.5


def test_contact_does_no_harm_and_an_hour_little(found: FaceValidity) -> None:
    """Published: 30, 60 and 120 min no effect and no dose-response (E11, E12), many hours a
    relative risk of .76 [.59, .96] for probable depression (E13), which is .02 to .27 SD.
    """
    shift = found.doses["shift"].to_numpy()
    assert len(shift) == 4
    assert (np.abs(shift[:3]) <= NONE).all()
    # more contact is never worse by more than a tenth of a point
    assert (np.diff(shift) <= 0.1).all() and (shift <= 0.1).all()
    assert -0.6 * 4.7 <= shift[3] <= -0.02 * 4.7
    # contact saturates within the day: eight hours are not eight times one
    assert abs(shift[3]) < 8 * abs(shift[1])


def test_an_effect_of_contact_grows_no_more_once_it_is_there(found: FaceValidity) -> None:
    """Effects are there by the eighth week and not several times larger after half a year."""
    eight = found.doses.iloc[3]
    reference = found.lives.iloc[0]
    first = eight["week_8"] - reference["week_8"]
    assert abs(eight["shift"]) <= 2 * abs(first)


def _falls(table: pd.DataFrame) -> None:
    epds = table.set_index("week")["selected"]
    error = table["selected_se"].max()
    weeks = epds.index.to_list()
    # never above the selection again, and well below it at the end
    assert (epds[weeks[1:]] < epds[weeks[0]]).all(), epds.to_dict()
    assert epds[weeks[-1]] < epds[weeks[0]] - 2 * error, epds.to_dict()
    # but for what chance does, each visit is at most as high as the one before
    assert (epds.diff().dropna() <= error).all(), epds.to_dict()


def test_usual_care_after_selection_falls() -> None:
    _falls(after_selection(n=200, weeks=(2, 4, 8, 26), seed=1, progress=False))


@pytest.mark.long
def test_usual_care_after_selection_falls_for_a_year() -> None:
    table = after_selection(n=2000, seed=11, progress=False)
    _falls(table)
    # nobody else gets worse meanwhile: it is the selected who come back
    assert np.ptp(table["everybody"]) < 1.0


@pytest.mark.long
def test_any_routine_that_a_user_may_write_rests_near_the_reference() -> None:
    """Forty days at random, none with a load: hours away, extra contact, feeding, company."""
    lives = [_random_life(number) for number in range(40)]
    found = face_validity(lives=lives).lives
    outside = found[found["shift"].abs() > BOUND]
    assert outside.empty, outside[["life", "shift"]].to_string()


def _random_life(number: int) -> Life:
    draw = np.random.default_rng([number, 75])
    role = ("mother", "father", "other")[draw.integers(3)]
    feeding = ("breast", "bottle")[draw.integers(2)]
    day = Routine.typical(role, feeding, infant_care=True)
    words = [role, feeding]
    for start in (8 * 60, 13 * 60):
        if draw.random() < 0.6:
            begins, hours = start + 15 * draw.integers(8), 0.5 * draw.integers(1, 9)
            absence = Absence(clock_text(float(begins)), f"{hours} h")
            day = day + Routine((absence,))
            words.append(f"away {hours} h from {clock_text(float(begins))}")
    inputs = {}
    if draw.random() < 0.4:
        minutes = int(15 * draw.integers(1, 9))
        inputs["contact"] = SkinToSkin(f"{minutes} min", at="18:30", repeat="daily")
        words.append(f"skin {minutes} min")
    if draw.random() < 0.4:
        inputs["massage"] = Massage("15 min", at="09:45", repeat="daily")
        words.append("massage")
    if draw.random() < 0.4:
        inputs["company"] = PartnerContact("2 h", at="20:00", repeat="daily")
        words.append("company")
    return Life(f"{number}: {', '.join(words)}", day, inputs, caregivers=(role,))
