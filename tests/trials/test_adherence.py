"""Sessions that are missed or cut short."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from oxysim.interventions import (
    Antidepressant,
    SkinToSkin,
)
from oxysim.schedule import Routine
from oxysim.schedule.bouts import Window
from oxysim.trials.plan.adherence import Adherence, AsAdministered
from oxysim.trials.trial import Trial
from tests.support.small_trials import DAY, MASSAGE


def _window(days: int, dyad: int = 0) -> Window:
    return Window(8 * 60.0, days * DAY, ("mother",), 0, 0, dyad)


@given(
    missed=st.floats(0, 0.6),
    shortened=st.floats(0, 1),
    to=st.floats(0.1, 0.9),
    seed=st.integers(0, 50),
)
@settings(max_examples=25, deadline=None)
def test_sessions_are_missed_and_cut_short_at_their_rates(
    missed: float, shortened: float, to: float, seed: int
) -> None:
    rule = Adherence(missed, shortened, to)
    sessions_of = [
        AsAdministered(MASSAGE, adherence=rule, seed=seed, dyad=dyad, draw_key="massage")
        for dyad in range(30)
    ]
    bouts = [sessions.bouts(_window(40, dyad))[0] for dyad, sessions in enumerate(sessions_of)]
    minutes = np.concatenate([bout.stops - bout.starts for bout in bouts])
    total = 30 * 40
    assert abs(len(minutes) / total - (1 - missed)) < 5 * np.sqrt(0.25 / total)
    assert np.isclose(minutes, 15).sum() + np.isclose(minutes, 15 * to).sum() == len(minutes)
    assert abs(np.mean(minutes < 14.9) - shortened) < 5 * np.sqrt(0.25 / len(minutes))
    planned, attended, cut = np.sum(
        [sessions.attendance(_window(40)) for sessions in sessions_of], axis=0
    )
    assert (planned, attended, cut) == (total, len(minutes), np.sum(minutes < 14.9))


def test_earlier_sessions_do_not_hang_on_later_ones_nor_on_the_arm() -> None:
    rule = Adherence(0.5)
    session = AsAdministered(MASSAGE, adherence=rule, seed=3, dyad=7, draw_key="massage")
    short, long = (session.bouts(_window(days))[0].starts for days in (10, 30))
    assert np.array_equal(short, long[long < 10 * DAY])
    second = replace(session, dyad=8).bouts(_window(30))[0].starts
    assert not np.array_equal(long, second)


def test_of_a_continuous_intervention_days_are_missed() -> None:
    session = AsAdministered(
        Antidepressant(1.0), adherence=Adherence(0.25, 0.5), seed=1, dyad=1, draw_key="drug"
    )
    (bouts,) = session.bouts(Window(0.0, 400 * DAY))
    assert np.allclose(bouts.stops - bouts.starts, DAY)
    assert 0.65 < len(bouts) / 400 < 0.85
    assert session.attendance(Window(0.0, 400 * DAY)) == (400, len(bouts), 0)


def test_what_belongs_to_the_day_is_not_missed(two: Trial) -> None:
    trial = replace(
        two,
        adherence=Adherence(missed=0.5),
        day=Routine.typical() + SkinToSkin("30 min daily at 15:00"),
    )
    sessions = trial.run(20, 2).sessions()
    assert sessions.loc["usual care", "planned"] == 0
    assert sessions.loc["massage", "planned"] == 2
    assert 0.5 < sessions.loc["massage", "attended"] < 1.5
